"""A team's poster, "You said, we did": what its public page says, on one sheet of A4, with the way to the page."""

from __future__ import annotations

import io

import segno

from floorday import documents
from floorday.config import settings
from floorday.public import actions
from floorday.public.queries import Page
from floorday.public.words import Said
from floorday.render.words import gettext as _
from floorday.render.words import language

FIXED, PROMISED, COUNTS = 5, 2, 3
"""So much is read while walking by."""


async def pdf(page: Page, said: Said) -> bytes:
    """Set the poster of a page that is on. The same page gives the same bytes."""
    address = actions.address(page)
    return await documents.pdf("poster", {
        "head": _("You said, we did"), "team": f"{said.team} · {said.site}" if said.site else said.team,
        "counts": said.counts[:COUNTS], "fixed_title": _("Fixed"), "fixed": said.fixed[:FIXED],
        "promised_title": _("Promised"), "promised": [(title, when) for title, when, _late in said.promised[:PROMISED]],
        "empty": _("First fixes appear here."), "scan": _("How it stands now: point your phone here."),
        "foot": _("As of %(day)s. No names here, and none there.", day=said.on), "address": address,
        "alt": _("QR code of the address %(address)s", address=address),
    }, title=_("You said, we did: %(team)s", team=said.team), language=language(), by=settings().company,
       at=page.written_at, pictures={"qr": square(address)})  # fmt: skip


def square(address: str) -> str:
    """Draw an address as a QR code, dark on white, with the quiet edge that readers need (ISO/IEC 18004)."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, border=4, dark="#15202b", light="#ffffff", omitsize=True)
    return drawn.getvalue().decode()
