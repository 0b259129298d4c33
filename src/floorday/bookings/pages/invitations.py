"""Invitations: one screen, under a minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from floorday.bookings import actions, queries
from floorday.db.text import Prose
from floorday.errors import BadInput, Forbidden, Refused
from floorday.people.access import Act, Actor, can
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show
from floorday.web.errors import wants_json
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class InvitationFields(Struct, frozen=True, kw_only=True):
    """Who is asked, to which date, in which words."""

    manager: UUID
    shift: UUID
    why: Prose
    doing: Prose = Prose("")
    hope: Prose = Prose("")


@get("/invitations/new")
async def new_invitation_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime],
    shift: FromQuery[UUID | None] = None, manager: FromQuery[UUID | None] = None,
) -> Shown:  # fmt: skip
    """Ask whom, when and why: the next free shift is chosen already."""
    return await _show(request, actor, blank(shift=shift or "", manager=manager or ""), now=now)


@post("/invitations")
async def invite(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Invite; the letter leaves in a few seconds, and until then it can be undone."""
    try:
        wanted = await read_form(request, InvitationFields)
        booking = await actions.invite(
            actor, shift=wanted.shift, manager=wanted.manager, why=wanted.why, doing=wanted.doing, hope=wanted.hope,
            now=now,
        )  # fmt: skip
    except (BadInput, Refused) as wrong:
        if wants_json(request):
            raise
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = wrong.fields if isinstance(wrong, BadInput) and wrong.fields else {WHOLE: wrong.sentence}
        return await _show(request, actor, again(BadInput(wrong.sentence, fields=fields, values=values)), now=now,
                           status=wrong.status)
    return redirect(f"/bookings/{booking.id}", say=_("%(name)s is invited.", name=booking.manager_name),
                    undo=f"/bookings/{booking.id}/undo")


async def _show(request: Asked, actor: Actor, form: Form, *, now: datetime, status: int = 200) -> Shown:
    if not can(actor, Act.INVITE):
        raise Forbidden(_("Teams and the coordinator invite."))
    free = [row for row in await queries.shifts(actor, since=now)
            if row.free and row.starts_at > now and can(actor, Act.INVITE, row.thing())]
    managers = await queries.managers()
    last = await queries.last_days([manager.id for manager in managers])
    managers.sort(key=lambda manager: (manager.id in last, last.get(manager.id, now), manager.name))
    chosen = form if form.values.get("shift") or not free else Form({**form.values, "shift": free[0].id}, form.errors)
    return show(request, "invitations/new.html", status=status, form=chosen, free=[
        (row.id, _("%(when)s, %(team)s, %(place)s", when=when.stretch(row.starts_at, row.ends_at, row.zone),
                   team=row.team_name, place=row.place)) for row in free
    ], managers=[(manager.id, _last(manager, last.get(manager.id))) for manager in managers],
        offers=can(actor, Act.OFFER_SHIFT))  # fmt: skip


def _last(manager: queries.Reader, day: datetime | None) -> str:
    """Say when a manager was last here, so that the one who has not been is asked first."""
    if day is None:
        return _("%(name)s (has not been yet)", name=manager.name)
    return _("%(name)s (last: %(day)s)", name=manager.name, day=when.month(day, manager.zone))


handlers = [new_invitation_page, invite]
