"""A team's picture of good service for programs: which statements stand, or stood on a day; the whole said anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.people.access import Actor
from floorday.pictures import actions, queries
from floorday.pictures.actions import PictureForm
from floorday.web.api import answer, api_router, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class PictureStatement(Struct, frozen=True):
    """A line of a picture: part of it since `agreed_on`, until `retired_on`."""

    id: UUID
    text: str
    agreed_on: date | None
    retired_on: date | None


class Proposed(Struct, frozen=True):
    """A line that waits for the team's word."""

    id: UUID
    text: str


class Picture(Struct, frozen=True):
    """What better service looks like in a team, in its order. `agreed_by` is "" where nobody has noted who agreed."""

    team: UUID
    agreed_on: date | None
    agreed_by: str
    statements: list[PictureStatement]
    proposed: list[Proposed]
    retired: list[PictureStatement]


class PictureQuery(Struct, frozen=True):
    """As it stood on a day; left out: as it stands."""

    on: date | None = None


async def _shown(actor: Actor, team_id: UUID, on: date | None) -> Picture:
    actions.reads(actor)
    found = await queries.picture(team_id)
    stood = found.standing if on is None else [line for line in found.lines if line.stood(on)]
    agreed = next((one for one in found.agreements if on is None or one.agreed_on <= on), None)
    return Picture(
        team=team_id, agreed_on=agreed.agreed_on if agreed else None, agreed_by=agreed.agreed_by if agreed else "",
        statements=[_line(line) for line in stood],
        proposed=[Proposed(line.id, line.text) for line in found.proposed] if on is None else [],
        retired=[_line(line) for line in found.retired if line.agreement is not None] if on is None else [],
    )  # fmt: skip


def _line(line: queries.Line) -> PictureStatement:
    return PictureStatement(line.id, line.text, line.agreed_on, line.retired_on)


@get("/teams/{team_id:uuid}/picture", opt=tells("people", Picture, asks=PictureQuery))
async def show_picture(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Answer:
    """Show a team's picture of good service."""
    return answer(await _shown(actor, team_id, read_query(request, PictureQuery).on))


@put("/teams/{team_id:uuid}/picture", opt=tells("people", Picture, takes=PictureForm))
async def keep_picture(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Say a team's whole picture anew: words that stand already stay, the rest retires; sent twice, it is done once."""
    await actions.keep(actor, team_id, await read_json(request, PictureForm), now=now)
    return answer(await _shown(actor, team_id, None))


router = api_router([show_picture, keep_picture])
