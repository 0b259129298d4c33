"""What is taken first and what is kept in sight, for programs; and the friction between departments and teams."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from floorday.config import settings
from floorday.db.text import Line
from floorday.errors import Forbidden
from floorday.issues import actions, queries
from floorday.issues.actions.steps import today
from floorday.issues.api.shown import Issue, show_issue
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.web.api import answer, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]
Month = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]


class HardQuery(Struct, frozen=True, kw_only=True):
    """Which month; the running one where none is said."""

    month: Month | None = None


class HardOnes(Struct, frozen=True):
    """The large issues that are kept in sight for a month, two at most."""

    month: str
    items: list[Issue]


class Pick(Struct, frozen=True):
    """Which issue is kept in sight, and for which month: the running one or the next."""

    month: Month
    issue: UUID


class Exchange(Struct, frozen=True):
    """Which issue is kept in sight instead of which, and why."""

    month: Month
    issue: UUID
    out: UUID
    because: Line


class FrictionLink(Struct, frozen=True, kw_only=True):
    """What one department (null: none has it yet) still owes one team, of the issues that you see whole.

    `hours_lost` are those of a month, of the `stated` issues that state them; `median_days` is the age in the middle,
    null where nothing is open; `broken` counts the promises broken in the last twelve months, in `broken_issues`.
    """

    department: UUID | None
    department_name: str | None
    team: UUID
    team_name: str
    open: int
    stated: int
    hours_lost: float
    median_days: int | None
    silent: int
    broken: int
    broken_issues: int


class Friction(Struct, frozen=True):
    """From department to team, most open issues first; `open` is their sum."""

    open: int
    items: list[FrictionLink]


def _see(actor: Actor) -> None:
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))


@get("/hard-ones", opt=tells("issues", HardOnes, asks=HardQuery))
async def list_hard_ones(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List the hard ones of a month."""
    _see(actor)
    month = read_query(request, HardQuery).month or f"{today(now):%Y-%m}"
    return await _hard_ones(actor, month)


async def _hard_ones(actor: Actor, month: str) -> Shown:
    return answer(HardOnes(month, [show_issue(one.row) for one in await queries.hard_ones(actor, month)]))


@post("/hard-ones", opt=tells("issues", HardOnes, takes=Pick))
async def pick_hard_one(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Keep a large issue in sight for a month; the third is refused."""
    said = await read_json(request, Pick)
    await actions.pick_hard_one(actor, said.month, said.issue, now=now)
    return await _hard_ones(actor, said.month)


@post("/hard-ones/exchange", opt=tells("issues", HardOnes, takes=Exchange))
async def exchange_hard_one(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Keep another one in sight; the history of the one that goes says why."""
    said = await read_json(request, Exchange)
    await actions.exchange_hard_one(actor, said.month, said.issue, out=said.out, because=said.because, now=now)
    return await _hard_ones(actor, said.month)


@get("/friction", opt=tells("issues", Friction))
async def friction(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Count what each department still owes each team."""
    _see(actor)
    links = await queries.friction(actor, now=now, zone=ZoneInfo(settings().zone))
    return answer(Friction(sum(one.n for one in links), [
        FrictionLink(
            department=one.department, department_name=one.department_name, team=one.team, team_name=one.team_name,
            open=one.n, stated=one.stated, hours_lost=round(one.hours, 2),
            median_days=(now - one.median).days if one.median else None, silent=one.silent, broken=one.broken,
            broken_issues=one.broken_issues,
        )
        for one in links
    ]))  # fmt: skip


handlers = [list_hard_ones, pick_hard_one, exchange_hard_one, friction]
