"""What an issue's page offers to its sponsor."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Prose
from floorday.issues import actions
from floorday.issues.pages.issue.acts import done
from floorday.people.access import Actor
from floorday.render.words import gettext as _
from floorday.web import read_form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class CallFields(Struct, frozen=True):
    """Whom the sponsor called, and what comes of it."""

    call: Prose


@post("/issues/{issue_id:uuid}/calls")
async def unblock(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Write down the call that unblocks it."""

    async def act() -> str:
        await actions.unblock(actor, issue_id, (await read_form(request, CallFields)).call, now=now)
        return _("Written down. Whoever fixes it reads it at once.")

    return await done(request, actor, issue_id, act, "call", now=now)


handlers = [unblock]
