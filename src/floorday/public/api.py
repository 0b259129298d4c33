"""A team's public page for programs: how it stands, what may be listed, putting it on and off."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs

from floorday.people.access import Actor
from floorday.public import actions
from floorday.public.actions import Offered
from floorday.public.rules import Written
from floorday.web.api import Nothing, answer, api_router, read_json, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class StatusCounts(Struct, frozen=True):
    """The counts of twelve months."""

    said: int
    fixed: int
    confirmed: int
    promised: int
    cannot: int


class StatusLine(Struct, frozen=True, kw_only=True):
    """An issue that may be listed: fixed in a month, or promised for a day. It is `listed` if somebody agreed to that.

    One whose title `names` somebody cannot be listed.
    """

    issue: UUID
    title: str
    fixed_in: str | None
    promised_for: date | None
    listed: bool
    names: bool


class TeamStatus(Struct, frozen=True, kw_only=True):
    """A team's public page; `counts` is null where so few things were said that behind a number stand persons."""

    team: UUID
    on: bool
    on_at: datetime | None
    on_by_name: str | None
    written_at: datetime | None
    counts: StatusCounts | None
    offered: list[StatusLine]


class TeamStatusAddress(TeamStatus, frozen=True, kw_only=True):
    """The same with the page's address, null while it is off: whoever has that reads the page."""

    address: str | None


class TeamStatusForm(Struct, frozen=True, kw_only=True):
    """Which issues are listed, all of them anew; and, for a page that is off, that somebody looked at what it shows."""

    issues: list[UUID] = []
    looked: bool = False


def _counts(written: Written) -> StatusCounts | None:
    if not written.counted:
        return None
    return StatusCounts(written.said, written.fixed, written.confirmed, written.promised, written.cannot)


def _line(one: Offered) -> StatusLine:
    return StatusLine(
        issue=one.line.issue, title=one.line.title, fixed_in=one.line.month or None, promised_for=one.line.promised,
        listed=one.agreed, names=one.names)  # fmt: skip


async def _status(actor: Actor, team_id: UUID, *, now: datetime) -> TeamStatusAddress:
    seen = await actions.look(actor, team_id, now=now)
    page = seen.page if seen.page is not None and seen.page.is_on else None
    return TeamStatusAddress(
        team=team_id, on=page is not None, on_at=page.on_at if page else None,
        on_by_name=page.on_by_name if page else None, written_at=page.written_at if page else None,
        counts=_counts(page.written() if page else seen.would), offered=[_line(one) for one in seen.offered],
        address=actions.address(page) if page else None,
    )  # fmt: skip


async def _without_address(actor: Actor, team_id: UUID, *, now: datetime) -> Answer:
    """Answer an act: answers to acts may be kept for a while, and an address stands nowhere in clear."""
    told = structs.asdict(await _status(actor, team_id, now=now))
    return answer(TeamStatus(**{name: told[name] for name in TeamStatus.__struct_fields__}))


@get("/teams/{team_id:uuid}/status", opt=tells("people", TeamStatusAddress))
async def show_status(
    actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Show how a team's public page stands and what it may list, to whoever keeps it."""
    return answer(await _status(actor, team_id, now=now))


@post("/teams/{team_id:uuid}/status", opt=tells("people", TeamStatus, takes=TeamStatusForm))
async def put_status_on(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Put a team's public page on, or write it anew, with these issues listed."""
    said = await read_json(request, TeamStatusForm)
    await actions.put_on(actor, team_id, said.issues, looked=said.looked, now=now)
    return await _without_address(actor, team_id, now=now)


@post("/teams/{team_id:uuid}/status/renewal", opt=tells("people", TeamStatus, takes=Nothing))
async def renew_status(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Give a team's public page another address; the old one opens nothing any more."""
    await read_json(request, Nothing)
    await actions.renew(actor, team_id, now=now)
    return await _without_address(actor, team_id, now=now)


@post("/teams/{team_id:uuid}/status/off", opt=tells("people", TeamStatus, takes=Nothing))
async def put_status_off(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Put a team's public page off; its address opens nothing."""
    await read_json(request, Nothing)
    await actions.put_off(actor, team_id, now=now)
    return await _without_address(actor, team_id, now=now)


router = api_router([show_status, put_status_on, renew_status, put_status_off])
