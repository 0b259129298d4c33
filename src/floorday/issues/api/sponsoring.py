"""What a sponsor does, for programs."""

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
from floorday.issues.api.shown import OpenedIssue
from floorday.issues.api.steps import after
from floorday.people.access import Actor
from floorday.web.api import read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[bytes]


class Call(Struct, frozen=True, kw_only=True):
    """Whom the sponsor called, and what comes of it."""

    text: Prose


@post("/issues/{issue_id:uuid}/calls", opt=tells("issues", OpenedIssue, takes=Call))
async def unblock(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Write down, as its sponsor, the call that unblocks an issue."""
    await actions.unblock(actor, issue_id, (await read_json(request, Call)).text, now=now)
    return await after(actor, issue_id)


handlers = [unblock]
