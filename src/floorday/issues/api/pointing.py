"""What an issue is about beside itself, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.issues import actions, queries
from floorday.issues.api.shown import OpenedIssue, show_opened
from floorday.people.access import Actor
from floorday.web.api import answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class PictureOfIssue(Struct, frozen=True):
    """The statement of the team's picture of good service that it is about; null takes it away."""

    picture: UUID | None


class MeasureOfIssue(Struct, frozen=True):
    """The measure that a measure conflict is with; null takes it away."""

    measure: UUID | None


@post("/issues/{issue_id:uuid}/picture", opt=tells("issues", OpenedIssue, takes=PictureOfIssue))
async def point_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say which statement of its team's picture it is about."""
    said = await read_json(request, PictureOfIssue)
    await actions.point(actor, issue_id, said.picture, now=now)
    return answer(show_opened(await queries.opened(actor, issue_id)))


@post("/issues/{issue_id:uuid}/conflict", opt=tells("issues", OpenedIssue, takes=MeasureOfIssue))
async def file_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say with which measure it is a conflict."""
    said = await read_json(request, MeasureOfIssue)
    await actions.file_under(actor, issue_id, said.measure, now=now)
    return answer(show_opened(await queries.opened(actor, issue_id)))


handlers = [point_issue, file_issue]
