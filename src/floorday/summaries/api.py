"""The figures of a month for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Raw, Struct

from floorday.config import settings
from floorday.errors import Forbidden, NotFound
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Subject, can
from floorday.render.words import gettext as _
from floorday.summaries import actions, figures, paper, queries
from floorday.web.api import answer, api_router, tells

Answer = Response[bytes]
Asked = Request[Any, Any, Any]
NOBODY = UUID(int=0)
"""What an id stands for that is nobody's: who may not read is told no more than that."""
MONTH = {"month": "^[0-9]{4}-(0[1-9]|1[0-2])$"}


class Summary(Struct, frozen=True, kw_only=True):
    """A month's figures. `complete` says that the month is over; `frozen_at` is null until it was sent.

    Each figure is `{value}` or `{numerator, denominator, value}`.
    """

    subject: str
    month: str
    zone: str
    complete: bool
    frozen_at: datetime | None
    figures: dict[str, dict[str, Any]]


@get("/summaries/company/{month:str}", opt=tells("summaries", Summary, patterns=MONTH))
async def company_summary(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Answer:
    """Give the company's month: as it was sent, or counted as long as it was not; as a PDF where that is accepted."""
    _may_read(actor, Subject())
    return await _summary(request, actor, Named(figures.COMPANY), month, now=now)


@get("/summaries/team/{team_id:str}/{month:str}", opt=tells("summaries", Summary, patterns=MONTH))
async def team_summary(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[str], month: FromPath[str],
    now: NamedDependency[datetime],
) -> Answer:  # fmt: skip
    """Count a team's month; the team is named by its id, or by its `external_id`."""
    team = await people.known_as("team", team_id) or NOBODY
    _may_read(actor, Subject(team=team))
    if (found := await people.team(team)) is None:
        raise NotFound(_("There is no such team."))
    return await _summary(request, actor, Named(figures.Subject("team", team), found.name), month, now=now)


@get("/summaries/manager/{person_id:str}/{month:str}", opt=tells("summaries", Summary, patterns=MONTH))
async def manager_summary(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[str], month: FromPath[str],
    now: NamedDependency[datetime],
) -> Answer:  # fmt: skip
    """Count a manager's month: own days, issues sponsored; by the manager's id or `external_id`."""
    person = await people.known_as("person", person_id) or NOBODY
    _may_read(actor, Subject(manager=person))
    found = await people.person(person)
    if found is None or not await queries.has_months(person):
        raise NotFound(_("There is no such manager."))
    return await _summary(request, actor, Named(figures.Subject("manager", person), found.name), month, now=now)


@get("/summaries/department/{department_id:str}/{month:str}", opt=tells("summaries", Summary, patterns=MONTH))
async def department_summary(
    request: Asked, actor: NamedDependency[Actor], department_id: FromPath[str], month: FromPath[str],
    now: NamedDependency[datetime],
) -> Answer:  # fmt: skip
    """Count a department's month; the department is named by its id, or by its `external_id`."""
    department = await people.known_as("department", department_id) or NOBODY
    _may_read(actor, Subject(department=department))
    if (found := await people.department(department)) is None:
        raise NotFound(_("There is no such department."))
    return await _summary(
        request, actor, Named(figures.Subject("department", department), found.name), month, now=now)


def _may_read(actor: Actor, subject: Subject) -> None:
    if not can(actor, Act.SEE_SUMMARY, subject):
        raise Forbidden(_("This summary is for those whose month it is, the coordinator and the head of service."))


async def _summary(request: Asked, actor: Actor, whose: Named, month: str, *, now: datetime) -> Answer:
    subject = whose.subject
    if request.headers.get("accept", "").split(";")[0].strip() == paper.PDF:
        return await _paper(actor, whose, month, now=now)
    if (sent := await queries.frozen(subject, month)) is not None:
        as_sent: Any = Raw(sent.figures.encode())
        return answer(Summary(
            subject=sent.key, month=sent.month, zone=sent.zone, complete=True, frozen_at=sent.frozen_at,
            figures=as_sent,
        ))  # fmt: skip
    try:
        told = await queries.counted(subject, (month,), now=now, zone=ZoneInfo(settings().zone), rows=False)
    except ValueError:
        raise NotFound(_("A month looks like 2026-11.")) from None
    found = told.months[0]
    if found is None:
        raise NotFound(_("This month has not begun."))
    return answer(Summary(
        subject=queries.key_of(subject), month=found.month, zone=found.zone, complete=found.complete, frozen_at=None,
        figures=figures.numbers(found),
    ))  # fmt: skip


async def _paper(actor: Actor, whose: Named, month: str, *, now: datetime) -> Answer:
    try:
        found = await actions.paper_of(actor, whose.subject, whose.name, month, now=now)
    except ValueError:
        raise NotFound(_("A month looks like 2026-11.")) from None
    if found is None:
        raise NotFound(_("This month has not begun."))
    return Response(found, media_type=paper.PDF, headers={"cache-control": "no-store"})


class Named(Struct, frozen=True):
    """A subject and its name."""

    subject: figures.Subject
    name: str = ""


router = api_router([company_summary, team_summary, manager_summary, department_summary])
