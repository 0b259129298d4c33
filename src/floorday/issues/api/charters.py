"""What a department has kept and missed of its charter, for programs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.issues.actions.steps import today as the_day
from floorday.issues.charters import Part, Period
from floorday.issues.clocks import Charter
from floorday.issues.queries.charters import Case, charter_cases
from floorday.people import queries as people
from floorday.people.access import Act, Actor, can
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web.api import answer, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]
USUAL = timedelta(days=89)
LONGEST = timedelta(days=3 * 366)


class CharterQuery(Struct, frozen=True, kw_only=True):
    """From which day to which, in the programme's zone; the last 90 days where none is said."""

    first: date | None = None
    last: date | None = None


class CharterItem(Struct, frozen=True):
    """An issue: kept or missed, `decided_on` which day, after how many working days (until today where not yet)."""

    issue: UUID
    ref: str
    kept: bool
    decided_on: date
    working_days: int


class CharterPart(Struct, frozen=True):
    """One part: promised within how many working days (null: not promised), and what was kept and missed of it."""

    part: Part
    promised_days: int | None
    kept: int
    missed: int
    items: list[CharterItem]


class CharterAnswer(Struct, frozen=True):
    """What a department kept and missed, of the issues that you see whole."""

    department: UUID
    name: str
    first: date
    last: date
    parts: list[CharterPart]


@get("/departments/{department_id:uuid}/charter", opt=tells("issues", CharterAnswer, asks=CharterQuery))
async def show_charter(
    request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Count what was kept and missed of a charter in a period."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    office = await people.department(department_id)
    if office is None:
        raise NotFound(_("There is no such department."))
    today, said = the_day(now), read_query(request, CharterQuery)
    last = min(said.last or today, today)
    first = said.first or last - USUAL
    if first > last or last - first > LONGEST:
        wrong = _("The first day comes before the last, and not three years before.")
        raise BadInput(wrong, fields={"first": wrong})
    charter = Charter(acknowledge_days=office.acknowledge_days, word_days=office.word_days, fix_days=office.fix_days)
    cases = await charter_cases(actor, office.id, charter, Period(first, last), today=today, zone=settings().zone)
    promised = {Part.ACKNOWLEDGE: charter.acknowledge_days, Part.WORD: charter.word_days, Part.FIX: charter.fix_days}
    parts = [_part(part, days, [one for one in cases if one.judged.part is part]) for part, days in promised.items()]
    return answer(CharterAnswer(office.id, office.name, first, last, parts))


def _part(part: Part, days: int, cases: list[Case]) -> CharterPart:
    kept = sum(one.judged.kept for one in cases)
    return CharterPart(part, days or None, kept, len(cases) - kept, [
        CharterItem(one.issue, refs.ref(one.number), one.judged.kept, one.judged.on, one.judged.days) for one in cases
    ])  # fmt: skip


handlers = [show_charter]
