"""The register of measures for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.measures import actions, queries
from floorday.measures.actions import MeasureForm, ReviewForm
from floorday.measures.rules import Outcome, State
from floorday.people.access import Actor
from floorday.web.api import Nothing, Page, Paged, answer, api_router, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class Measure(Struct, frozen=True, kw_only=True):
    """A target that punishes the right action, with its last review.

    `issues` are those whose face you see; `hours_lost` a month and `teams` are of those that you see whole.
    """

    id: UUID
    name: str
    department: UUID
    department_name: str
    measures: str
    target: str
    punishes: str
    examples: str
    opened_at: datetime
    reviewed_on: date | None
    reviewed_by_name: str | None
    outcome: Outcome | None
    because: str
    review_due: date | None
    retired_at: datetime | None
    issues: int
    hours_lost: float
    teams: int


class Review(Struct, frozen=True, kw_only=True):
    """What one review decided."""

    reviewed_on: date
    by_name: str | None
    outcome: Outcome
    because: str


class OpenedMeasure(Measure, frozen=True, kw_only=True):
    """A measure with its reviews, the newest first."""

    reviews: list[Review]


class MeasureQuery(Paged, frozen=True, kw_only=True):
    """Which measures to list; left out, `state` is all of them."""

    state: State | None = None
    department: UUID | None = None


def _facts(row: queries.Measure) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in Measure.__struct_fields__ if name not in {"outcome", "hours_lost"}}
    return same | {"outcome": row.last_outcome(), "hours_lost": round(row.hours, 2)}


def _shown(row: queries.Measure) -> Measure:
    return Measure(**_facts(row))


def _id(row: queries.Measure) -> UUID:
    return row.id


async def _opened(actor: Actor, measure_id: UUID, *, now: datetime) -> OpenedMeasure:
    row = await queries.with_caused(actor, await queries.measure(measure_id))
    reviews = [
        Review(reviewed_on=line.for_date, by_name=line.by_name, outcome=Outcome(line.says), because=line.text)
        for line in await queries.history(measure_id) if line.what == "reviewed" and line.for_date is not None
    ]  # fmt: skip
    return OpenedMeasure(**_facts(row), reviews=reviews)


@get("/measures", opt=tells("issues", Page[Measure], asks=MeasureQuery))
async def list_measures(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """List the measures of the register."""
    actions.reads(actor)
    asked = read_query(request, MeasureQuery)
    rows = await queries.measures(actor, queries.Wanted(
        state=asked.state, department=asked.department, after=asked.cursor.id() if asked.cursor else None,
        limit=asked.limit + 1,
    ), today=actions.today(now), by_id=True)  # fmt: skip
    return answer(paged(request, asked, rows, key=_id, show=_shown))


@get("/measures/{measure_id:uuid}", opt=tells("issues", OpenedMeasure))
async def show_measure(
    actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Show a measure with its reviews."""
    actions.reads(actor)
    return answer(await _opened(actor, measure_id, now=now))


@post("/measures", opt=tells("issues", OpenedMeasure, takes=MeasureForm, status=201))
async def open_measure(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Put a measure into the register."""
    made = await actions.open_measure(actor, await read_json(request, MeasureForm), now=now)
    return answer(await _opened(actor, made, now=now), status=201, location=f"/measures/{made}")


@post("/measures/{measure_id:uuid}", opt=tells("issues", OpenedMeasure, takes=MeasureForm))
async def change_measure(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Describe a measure better."""
    await actions.change(actor, measure_id, await read_json(request, MeasureForm), now=now)
    return answer(await _opened(actor, measure_id, now=now))


@post("/measures/{measure_id:uuid}/reviews", opt=tells("issues", OpenedMeasure, takes=ReviewForm))
async def review_measure(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Say what a review decided."""
    await actions.review(actor, measure_id, await read_json(request, ReviewForm), now=now)
    return answer(await _opened(actor, measure_id, now=now))


@post("/measures/{measure_id:uuid}/retirement", opt=tells("issues", OpenedMeasure, takes=Nothing))
async def retire_measure(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Take a measure out of the register."""
    await read_json(request, Nothing)
    await actions.retire(actor, measure_id, now=now)
    return answer(await _opened(actor, measure_id, now=now))


@post("/measures/{measure_id:uuid}/return", opt=tells("issues", OpenedMeasure, takes=Nothing))
async def bring_measure_back(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Put a retired measure back."""
    await read_json(request, Nothing)
    await actions.bring_back(actor, measure_id, now=now)
    return answer(await _opened(actor, measure_id, now=now))


router = api_router([
    list_measures, show_measure, open_measure, change_measure, review_measure, retire_measure, bring_measure_back,
])
