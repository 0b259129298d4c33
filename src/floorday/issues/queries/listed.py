"""Issues, one or many, as far as their reader may see them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from floorday.bookings.tables import Booking
from floorday.db import dialect
from floorday.errors import NotFound
from floorday.issues.queries.rows import Filters, IssueRow
from floorday.issues.rules import Ending, Turn
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.people.access import Act, Actor, What, can, visible
from floorday.render.words import gettext as _

ISSUE_COLUMNS = (
    Issue.id, Issue.number, Issue.title, Issue.kind, Issue.team, Issue.team._.name.as_alias("team_name"),
    Issue.team._.zone.as_alias("team_zone"),
    Issue.department, Issue.department._.name.as_alias("department_name"),
    Issue.department._.word_days.as_alias("word_days"),
    Issue.owner, Issue.owner._.name.as_alias("owner_name"), Issue.sponsor,
    Issue.sponsor._.name.as_alias("sponsor_name"), Issue.day, Issue.day._.manager.as_alias("day_manager"),
    Issue.turn, Issue.ending, Issue.raised_at, Issue.last_word_at, Issue.promised_for, Issue.question,
    Issue.resolution, Issue.done, Issue.resolved_by, Issue.resolved_at, Issue.round, Issue.snoozed_until,
    Issue.joined_into, Issue.minutes_per_case, Issue.cases_per_month, Issue.effort, Issue.restricted, Issue.version,
    Issue.changed_at, Issue.external_id,
)  # fmt: skip


async def issue(actor: Actor | None, issue_id: UUID) -> IssueRow:
    """Find an issue as somebody may see it; nobody (None) is the clock. Hidden is NotFound."""
    rows = await _counted(await Issue.select(*ISSUE_COLUMNS).where(Issue.id == issue_id))
    if not rows:
        raise NotFound(_("There is no such issue."))
    if actor is None:
        return rows[0]
    return as_seen(rows[0], actor)


async def by_number(actor: Actor, number: int) -> IssueRow:
    """Find an issue by the number that people say."""
    row = await Issue.select(Issue.id).where(Issue.number == number).first()
    if row is None:
        raise NotFound(_("There is no such issue."))
    return await issue(actor, row["id"])


async def board(actor: Actor, filters: Filters | None = None) -> list[IssueRow]:
    """List the issues that somebody may see, joined ones left out unless they are asked for."""
    wanted = filters or Filters()
    query = Issue.select(*ISSUE_COLUMNS)
    for condition in _narrowed(actor, wanted):
        query = query.where(condition)
    narrow = (wanted.team, wanted.owner, wanted.sponsor, wanted.day, wanted.external_id)
    reads_whole = any(field is not None for field in narrow)
    if (seen := _seen(actor, What.ISSUES if reads_whole else What.FACES)) is not None:
        query = query.where(seen)
    match wanted.order:
        case "oldest":
            query = query.order_by(Issue.raised_at, Issue.number)
        case "newest":
            query = query.order_by(Issue.raised_at, Issue.number, ascending=False)
        case "quiet":
            query = query.order_by(Issue.last_word_at, Issue.number)
        case "number":
            query = query.order_by(Issue.number)
    return [as_seen(row, actor) for row in await _counted(await query.limit(wanted.limit))]


def _narrowed(actor: Actor, wanted: Filters) -> list[Any]:
    found: list[Any] = []
    for column, value in (
        (Issue.turn, wanted.turn),
        (Issue.ending, wanted.ending),
        (Issue.kind, wanted.kind),
        (Issue.team, wanted.team),
        (Issue.department, wanted.department),
        (Issue.owner, wanted.owner),
        (Issue.sponsor, wanted.sponsor),
        (Issue.day, wanted.day),
        (Issue.external_id, wanted.external_id),
    ):
        if value is not None:
            found.append(column == getattr(value, "value", value))
    if wanted.ending is not Ending.JOINED:
        found.append(Issue.ending != Ending.JOINED.value)
    if wanted.closed is not None and wanted.turn is None and wanted.ending is None:
        closed = Issue.turn == Turn.CLOSED.value
        found.append(closed if wanted.closed else Issue.turn != Turn.CLOSED.value)
    if wanted.snoozed is not None:
        found.append(Issue.snoozed_until.is_not_null() if wanted.snoozed else Issue.snoozed_until.is_null())
    if wanted.after is not None:
        found.append(Issue.number > wanted.after)
    if wanted.mine:
        found.append(_touches(actor.person))
    if words := wanted.words.strip():
        number = words.removeprefix("#")
        if number.isdecimal() and len(number) < 9:
            found.append(Issue.number == int(number))
        else:
            # SQLite's LIKE knows no case in ASCII and has no ILIKE.
            like = Issue.title.ilike if dialect() == "postgres" else Issue.title.like
            found += [like(f"%{_literal(word)}%") for word in words.split()[:8]]
    return found


def _literal(word: str) -> str:
    """Let what stands for anything in a LIKE stand for one character at most, the same on both databases."""
    return word.replace("\\", "_").replace("%", "_")


def with_parts(ids: Collection[UUID]) -> Any:
    """Select issues and those joined into them; asked so, both databases go by their indexes instead of reading all."""
    wanted = list(ids)
    return Issue.select(Issue.id).where(Issue.id.is_in(wanted) | Issue.joined_into.is_in(wanted))


async def _counted(raw: list[dict[str, Any]]) -> list[IssueRow]:
    """Put beside each issue who met it, in two queries whatever their number."""
    if not raw:
        return []
    ids = [row["id"] for row in raw]
    notes = await Note.select(Note.id, Note.issue, Note.issue._.joined_into.as_alias("into"), Note.reporter).where(
        Note.withdrawn_at.is_null(), Note.issue.is_in(with_parts(ids))
    )
    returns = await IssueEvent.select(
        IssueEvent.issue, IssueEvent.issue._.joined_into.as_alias("into"), IssueEvent.reporter,
    ).where(
        IssueEvent.what == "returned", IssueEvent.reporter.is_not_null(),
        IssueEvent.issue.is_in(with_parts(ids)),
    )  # fmt: skip
    persons: dict[UUID, set[UUID]] = defaultdict(set)
    unnamed: dict[UUID, int] = defaultdict(int)
    for row in (*notes, *returns):
        for one in {row["issue"], row["into"]} - {None}:
            if row["reporter"] is None:
                unnamed[one] += 1
            else:
                persons[one].add(row["reporter"])
    rows = msgspec.convert(raw, list[IssueRow])
    return [
        structs.replace(row, met_by=len(persons[row.id]) + unnamed[row.id], reporters=frozenset(persons[row.id]))
        for row in rows
    ]


def as_seen(row: IssueRow, actor: Actor) -> IssueRow:
    """Leave out what is not for this reader; hidden is NotFound."""
    thing = row.thing()
    if not can(actor, Act.SEE_FACE, thing):
        raise NotFound(_("There is no such issue."))
    row = structs.replace(
        row, i_reported=actor.person in row.reporters, i_own=row.owner == actor.person,
        i_sponsor=row.sponsor == actor.person,
    )  # fmt: skip
    if can(actor, Act.SEE_ISSUE, thing):
        return row
    return structs.replace(
        row, whole=False, team=None, team_name="", team_zone="", owner=None, owner_name=None, sponsor=None,
        sponsor_name=None, day=None, day_manager=None, question="", done="", resolved_by=None,
        reporters=frozenset(), restricted=False, minutes_per_case=None, cases_per_month=None,
        external_id=None,
    )  # fmt: skip


def _touches(person: UUID) -> Any:
    """Filter to what somebody raised (also as part of another issue), brought back, owns or sponsors."""
    noted = Note.select(Note.issue).where(
        Note.reporter == person, Note.withdrawn_at.is_null(), Note.issue.is_not_null()
    )
    returned = IssueEvent.select(IssueEvent.issue).where(IssueEvent.what == "returned", IssueEvent.reporter == person)
    raised: Any = Issue.id.is_in(noted) | Issue.id.is_in(returned)
    joined = Issue.select(Issue.joined_into).where(Issue.joined_into.is_not_null(), raised)
    return raised | Issue.id.is_in(joined) | (Issue.owner == person) | (Issue.sponsor == person)


def seen_whole(actor: Actor) -> Any:
    """Filter to the issues of which somebody sees everything; None for those who see every one."""
    return _seen(actor, What.ISSUES)


def _seen(actor: Actor, what: What) -> Any:
    """Turn a reader's scope into a filter."""
    scope = visible(actor, what)
    if scope.all:
        return None
    days = Booking.select(Booking.id).where(Booking.manager == actor.person)
    seen: Any = _touches(actor.person) | Issue.day.is_in(days)
    if scope.teams:
        seen = seen | Issue.team.is_in(sorted(scope.teams))
    if scope.departments:
        seen = seen | Issue.department.is_in(sorted(scope.departments))
    if scope.unrestricted:
        seen = seen | (Issue.restricted == False)  # noqa: E712 - a column, not a value
    return seen
