"""One's own tokens for the API: made, shown once, revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from floorday.db.text import Title
from floorday.errors import BadInput, Refused
from floorday.people import actions, queries
from floorday.people.access import Actor
from floorday.people.actions import LIFE_DAYS, TokenForm
from floorday.people.pages.shared import Asked, Shown
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show
from floorday.web.api import AREAS
from floorday.web.forms import WHOLE, Form


class TokenFields(Struct, frozen=True):
    """What a token is for; without areas it is for all of them."""

    name: Title
    verbs: list[str]
    areas: list[str] = []
    days: Annotated[int, Meta(ge=1, le=366)] = 90


@get("/settings/tokens")
async def tokens_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List one's own tokens."""
    return await _show(request, actor, blank(verbs=["read"], days=90), now=now)


@post("/settings/tokens")
async def create_token(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Make a token and show it, this once: it must not stand in an address or a cookie."""
    try:
        fields = await read_form(request, TokenFields)
        scopes = [f"{verb}:{area}" for verb in fields.verbs for area in fields.areas] or fields.verbs
        known = [one for one in scopes if one != "write:summaries"]
        made = await actions.create_token(actor, TokenForm(fields.name, known, fields.days), now=now)
    except BadInput as wrong:
        fields_wrong = {("verbs" if name == "scopes" else name): text for name, text in wrong.fields.items()}
        return await _show(request, actor, again(BadInput(wrong.sentence, fields=fields_wrong, values=(
            wrong.values or await _typed(request)))), now=now, status=422)  # fmt: skip
    except Refused as refused:
        form = Form(values=await _typed(request), errors={WHOLE: refused.sentence})
        return await _show(request, actor, form, now=now, status=refused.status)
    return await _show(request, actor, blank(verbs=["read"], days=90), now=now, made=made)


async def _typed(request: Asked) -> dict[str, Any]:
    form = await request.form()
    return {name: form.getall(name) if name in {"verbs", "areas"} else form.get(name) for name in form}


async def _show(
    request: Asked, actor: Actor, form: Form, *, now: datetime, status: int = 200, made: actions.Made | None = None
) -> Shown:
    return show(
        request, "people/tokens.html", status=status, form=form, made=made, headers={"cache-control": "no-store"},
        tokens=await queries.tokens(actor.person, now=now),
        verbs=[("read", _("Read"), _("lists and single things")), ("write", _("Write"), _("everything you may do"))],
        areas=[(area, _area(area), "") for area in AREAS],
        lives=[(days, _("%(n)s days", n=days)) for days in LIFE_DAYS],
    )  # fmt: skip


def _area(area: str) -> str:
    return {
        "people": _("People"), "bookings": _("Shifts and days"), "issues": _("Notes and issues"),
        "summaries": _("Summaries"), "letters": _("Letters"), "inbox": _("Inbox"),
    }[area]  # fmt: skip


@post("/settings/tokens/{token_id:uuid}/revocation")
async def revoke_token(
    actor: NamedDependency[Actor], token_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """End a token."""
    await actions.revoke_token(actor, token_id, now=now)
    return redirect("/settings/tokens", say=_("Revoked. Whatever used it is shut out from now on."))
