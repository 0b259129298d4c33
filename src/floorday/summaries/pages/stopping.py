"""The link at the end of a letter: a page with a button; a mail program posts there without asking (RFC 8058)."""

from __future__ import annotations

from datetime import datetime

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.errors import NotFound
from floorday.render.words import gettext as _
from floorday.summaries import actions
from floorday.summaries.figures import Cut
from floorday.summaries.pages.shared import Asked, Shown
from floorday.web import LETTER_PAGE, NO_TOKEN, show


def _what(cut: Cut) -> str:
    return {
        "company": _("The company's month"),
        "team": _("Your team's month"),
        "manager": _("The month of your own days and issues"),
        "department": _("Your department's month"),
    }[cut]


@get("/unsubscribe/{token:str}", opt={LETTER_PAGE: True})
async def unsubscribe_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show a button; opening the link changes nothing."""
    found = await actions.subscribed(token, now=now)
    if found is None:
        raise _gone()
    return show(request, "summaries/unsubscribe.html", token=token, what=_what(found.cut),
                stopped=found.stopped_at is not None)


@post("/unsubscribe/{token:str}", opt={LETTER_PAGE: True, NO_TOKEN: True}, status_code=200)
async def unsubscribe(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Send no more of this kind of summary; once or often is the same."""
    cut = await actions.stop(token, now=now)
    if cut is None:
        raise _gone()
    return show(request, "summaries/unsubscribe.html", token=token, what=_what(cut), stopped=True)


def _gone() -> NotFound:
    return NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))
