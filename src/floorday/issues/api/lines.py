"""Promises, updates, decisions and verdicts for programs, across all issues that one sees whole."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from floorday.config import settings
from floorday.errors import Forbidden
from floorday.issues import queries
from floorday.issues.api.shown import show_step
from floorday.issues.queries import Listed, Place, Wanted
from floorday.issues.rules import PromiseState, Verdict
from floorday.people.access import Act, Actor, Door, can
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web.api import Page, Paged, answer, paged, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]
Moment = Annotated[datetime, Meta(tz=True)]


class Promise(Struct, frozen=True, kw_only=True):
    """A date that was given, and what became of it.

    `standing` until its date is over, in the programme's zone; then `kept`, `moved` or `broken`, as the figures count.
    """

    id: UUID
    issue: UUID
    ref: str
    promised_for: date
    because: str
    state: PromiseState
    at: datetime
    by: UUID | None
    by_name: str | None
    door: Door | None


class Update(Struct, frozen=True, kw_only=True):
    """A word to everybody who raised the issue."""

    id: UUID
    issue: UUID
    ref: str
    update: str
    at: datetime
    by: UUID | None
    by_name: str | None
    door: Door | None


class Decision(Struct, frozen=True, kw_only=True):
    """What the sponsor said."""

    id: UUID
    issue: UUID
    ref: str
    decision: str
    because: str
    at: datetime
    by: UUID | None
    by_name: str | None
    door: Door | None


class GivenVerdict(Struct, frozen=True, kw_only=True):
    """What a reporter said of a resolution; `round` counts the resolutions of the issue.

    Where `by_name` is null no more than the day is told.
    """

    issue: UUID
    ref: str
    says: Verdict
    because: str
    round: int
    at: datetime
    by: UUID | None
    by_name: str | None
    door: Door | None


class LinesQuery(Paged, frozen=True, kw_only=True):
    """Of which issues."""

    issue: UUID | None = None
    team: UUID | None = None
    department: UUID | None = None


class PromiseQuery(LinesQuery, frozen=True, kw_only=True):
    """Which promises to list: for dates from `due_from` on, and before `due_before`."""

    state: PromiseState | None = None
    due_from: date | None = None
    due_before: date | None = None


class UpdateQuery(LinesQuery, frozen=True, kw_only=True):
    """Which updates to list: given at `since` or later, and before `until`."""

    since: Moment | None = None
    until: Moment | None = None


class DecisionQuery(UpdateQuery, frozen=True, kw_only=True):
    """Which decisions to list: made at `since` or later, and before `until`."""

    decision: Literal["yes", "no"] | None = None


class VerdictQuery(LinesQuery, frozen=True, kw_only=True):
    """Which verdicts to list; not by time, which would tell when somebody spoke whose name is hidden."""

    says: Verdict | None = None


def _wanted(actor: Actor, asked: LinesQuery, what: str, **narrowed: Any) -> Wanted:
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    after = Place(*asked.cursor.place()) if asked.cursor else Place()
    return Wanted(what=what, after=after, limit=asked.limit + 1, issue=asked.issue, team=asked.team,
                  department=asked.department, **narrowed)  # fmt: skip


def _place(row: Listed) -> str:
    return f"{row.place.number}.{row.place.given}"


def _said(row: Listed) -> dict[str, Any]:
    step = show_step(row, row.team_zone)
    return {"issue": row.issue, "ref": refs.ref(row.number), "at": step.at, "by": step.by, "by_name": step.by_name,
            "door": step.door}  # fmt: skip


def _promise(row: Listed) -> Promise:
    return Promise(id=row.id, promised_for=row.for_date or date.min, because=row.text, state=row.state, **_said(row))


@get("/promises", opt=tells("issues", Page[Promise], asks=PromiseQuery))
async def list_promises(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List the dates that were promised, by issue, and what became of them."""
    asked = read_query(request, PromiseQuery)
    wanted = _wanted(actor, asked, "promised", due_from=asked.due_from, due_before=asked.due_before)
    rows = await queries.listed_promises(actor, wanted, state=asked.state, zone=ZoneInfo(settings().zone), now=now)
    return answer(paged(request, asked, rows, key=_place, show=_promise))


def _update(row: Listed) -> Update:
    return Update(id=row.id, update=row.text, **_said(row))


@get("/updates", opt=tells("issues", Page[Update], asks=UpdateQuery))
async def list_updates(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the words that were given to those who raised something, by issue."""
    asked = read_query(request, UpdateQuery)
    wanted = _wanted(actor, asked, "updated", since=asked.since, until=asked.until)
    return answer(paged(request, asked, await queries.listed_events(actor, wanted), key=_place, show=_update))


def _decision(row: Listed) -> Decision:
    return Decision(id=row.id, decision=row.says, because=row.text, **_said(row))


@get("/decisions", opt=tells("issues", Page[Decision], asks=DecisionQuery))
async def list_decisions(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List what was decided, by issue."""
    asked = read_query(request, DecisionQuery)
    wanted = _wanted(actor, asked, "decided", since=asked.since, until=asked.until, says=asked.decision)
    return answer(paged(request, asked, await queries.listed_events(actor, wanted), key=_place, show=_decision))


def _verdict(row: Listed) -> GivenVerdict:
    return GivenVerdict(says=Verdict(row.says), because=row.text, round=row.round, **_said(row))


@get("/verdicts", opt=tells("issues", Page[GivenVerdict], asks=VerdictQuery))
async def list_verdicts(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List what reporters said of what was done, by issue."""
    asked = read_query(request, VerdictQuery)
    wanted = _wanted(actor, asked, "verdict", says=asked.says and asked.says.value)
    return answer(paged(request, asked, await queries.listed_events(actor, wanted), key=_place, show=_verdict))


handlers = [list_promises, list_updates, list_decisions, list_verdicts]
