"""The two things that an issue may be about beside itself, said on its page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.errors import BadInput, Refused
from floorday.issues import actions
from floorday.issues.pages.issue.page import show_issue
from floorday.people.access import Actor
from floorday.render.words import gettext as _
from floorday.web import read_form, redirect
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class PictureFields(Struct, frozen=True):
    """The statement of the team's picture; none takes it away."""

    picture: UUID | None = None


class ConflictFields(Struct, frozen=True):
    """The measure; none takes it away."""

    conflict: UUID | None = None


@post("/issues/{issue_id:uuid}/picture")
async def point(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say which statement of the team's picture it is about."""
    try:
        wanted = await read_form(request, PictureFields)
        await actions.point(actor, issue_id, wanted.picture, now=now)
    except (BadInput, Refused) as wrong:
        return await _again(request, actor, issue_id, wrong, "picture", now=now)
    return redirect(f"/issues/{issue_id}", say=_("Saved."))


@post("/issues/{issue_id:uuid}/conflict")
async def file_under(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say with which measure it is a conflict."""
    try:
        wanted = await read_form(request, ConflictFields)
        await actions.file_under(actor, issue_id, wanted.conflict, now=now)
    except (BadInput, Refused) as wrong:
        return await _again(request, actor, issue_id, wrong, "conflict", now=now)
    return redirect(f"/issues/{issue_id}", say=_("Saved."))


async def _again(
    request: Asked, actor: Actor, issue_id: UUID, wrong: BadInput | Refused, step: str, *, now: datetime
) -> Shown:
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    form = Form(values=values, errors={name: text for name, text in fields.items() if name != WHOLE})
    return await show_issue(request, actor, issue_id, now=now, status=wrong.status, form=form, failed=step,
                            refused="" if form.errors else wrong.sentence)


handlers = [point, file_under]
