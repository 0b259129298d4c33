"""One step of an issue: state, history, letters, in this order, inside the caller's transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from floorday.config import settings
from floorday.db import uuid7
from floorday.errors import Forbidden
from floorday.issues import moves, queries
from floorday.issues.actions import telling
from floorday.issues.queries import IssueRow
from floorday.issues.rules import OPEN, Decision, Effort, Ending, Kind, Turn
from floorday.issues.tables import Issue
from floorday.people.access import Act, Actor, Door
from floorday.render.words import gettext as _


class Before(Struct, frozen=True, kw_only=True):
    """How an issue stood before a step that may still be undone, and the letters that must not have left.

    What only some steps change is kept by those alone.
    """

    turn: Turn
    ending: Ending
    last_word_at: datetime
    promised_for: date | None
    snoozed_until: date | None
    question: str
    resolution: str
    done: str
    resolved_by: UUID | None
    resolved_at: datetime | None
    round: int
    keys: list[str]
    joined_into: UUID | UnsetType | None = UNSET
    asks: UUID | UnsetType | None = UNSET
    asks_since: datetime | UnsetType | None = UNSET
    owner: UUID | UnsetType | None = UNSET
    department: UUID | UnsetType | None = UNSET
    sponsor: UUID | UnsetType | None = UNSET
    title: str | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    restricted: bool | UnsetType = UNSET
    minutes_per_case: float | UnsetType | None = UNSET
    cases_per_month: float | UnsetType | None = UNSET
    effort: Effort | UnsetType = UNSET
    reputation: int | UnsetType | None = UNSET


class From(Struct, frozen=True, kw_only=True):
    """Who from the floor a step comes from: a person, or (unnamed) an anonymous note.

    An unnamed one is written down at the beginning of its day, and its letters leave at the end of it, so that
    neither tells the hour.
    """

    reporter: UUID | None = None
    note: UUID | None = None
    at: datetime | None = None
    tells_at: datetime | None = None

    @property
    def unnamed(self) -> bool:
        """Say whether nothing may tell who it was."""
        return self.at is not None


async def may(actor: Actor, act: Act, issue_id: UUID, *, no: str | None = None) -> IssueRow:
    """Load an issue for somebody who may do this to it: hidden is NotFound, visible but not theirs Forbidden."""
    row = await queries.issue(actor, issue_id)
    if not row.can(actor, act):
        raise Forbidden(no or _("This issue is not yours to change. Ask the coordinator."))
    return await queries.issue(None, issue_id) if not row.whole else row


async def take(
    row: IssueRow, decision: Decision, *, actor: Actor | None, now: datetime, values: dict[Any, Any] | None = None,
    text: str = "", other: IssueRow | None = None, origin: From | None = None, undoable: bool = False,
    event: UUID | None = None, about: UUID | None = None, among: frozenset[UUID] | None = None, question: str = "",
    together: bool = False,
) -> IssueRow:  # fmt: skip
    """Take a step that a rule has decided, and give the issue as it now stands; one without a word changes nothing.

    `event` is the id of the line of history, where it is needed before; `about` what that line is about, beside an
    `other` issue. Letters go to those `among` its readers; None: to all of them. `together`: they
    leave when Undo is over, one to a reader, however many steps wait for that moment.
    """
    if not decision.event:
        return row
    at = origin.at if origin and origin.at else now
    changes = {**_changes(decision, row, at), **_without_leavers(row, decision), **(values or {})}
    await moves.save(row, changes)
    after = await queries.issue(None, row.id)
    unnamed = origin is not None and origin.unnamed
    event = event or (uuid4() if unnamed else uuid7())
    tells_at = origin.tells_at if origin and origin.tells_at else now
    occasion = telling.Occasion(event=event, actor=None if unnamed else actor, now=tells_at, text=text, before=row,
                                other=other, says=decision.says, for_date=decision.for_date, event_word=decision.event,
                                among=among, question=question, timeless=unnamed, together=together)
    keys = await telling.tell(after, decision.letters, occasion)
    kept = before(row, keys, changes) if undoable else ""
    moves.add_event(_line(row.id, event, decision, actor=actor, at=at, text=text, origin=origin, undo=kept,
                          other=other.id if other else about))
    return after if decision.event != "returned" else await queries.issue(None, row.id)


def _changes(decision: Decision, row: IssueRow, at: datetime) -> dict[Any, Any]:
    changes: dict[Any, Any] = {
        Issue.turn: decision.turn.value, Issue.ending: decision.ending.value, Issue.round: decision.round,
        Issue.changed_at: max(at, row.changed_at),  # what has no minute does not seem to undo what has one
    }  # fmt: skip
    if decision.word:
        changes[Issue.last_word_at] = max(at, row.last_word_at)
    if decision.wakes:
        changes[Issue.snoozed_until] = None
    if decision.forgets_resolution:
        changes |= {Issue.resolution: "", Issue.done: "", Issue.resolved_by: None, Issue.resolved_at: None}
    if decision.forgets_promise:
        changes[Issue.promised_for] = None
    if decision.stage not in OPEN:
        changes |= {Issue.asks: None, Issue.asks_since: None}
    return changes


def _without_leavers(row: IssueRow, decision: Decision) -> dict[Any, Any]:
    """Let go, when an issue comes back, of whoever has left since; while it rests, their names stay beside it."""
    rests = {Turn.TELL_FLOOR, Turn.CLOSED}
    if row.turn not in rests or decision.turn in rests:
        return {}
    gone = ((Issue.owner, row.owner_left_at), (Issue.sponsor, row.sponsor_left_at))
    return {column: None for column, left_at in gone if left_at is not None}


def _line(
    issue_id: UUID, event: UUID, decision: Decision, *, actor: Actor | None, at: datetime, text: str,
    origin: From | None, undo: str = "", other: UUID | None = None,
) -> dict[str, Any]:  # fmt: skip
    unnamed = origin is not None and origin.unnamed
    return {
        "id": event, "issue": issue_id, "at": at, "what": decision.event,
        "by": None if unnamed or actor is None else actor.person,
        "door": (Door.PAGE if unnamed else actor.door if actor else Door.CLOCK).value, "text": text,
        "for_date": decision.for_date, "says": decision.says, "reporter": origin.reporter if origin else None,
        "note": origin.note if origin else None, "other": other, "round": decision.round, "undo": undo,
    }  # fmt: skip


async def record(
    issue_id: UUID, what: str, *, actor: Actor | None, now: datetime, text: str = "", says: str = "",
    origin: From | None = None, undo: str = "", other: UUID | None = None, event: UUID | None = None,
) -> UUID:  # fmt: skip
    """Write a line of history that changes nothing else; `undo` is what `before` gave, where it can be taken back."""
    unnamed = origin is not None and origin.unnamed
    event = event or (uuid4() if unnamed else uuid7())
    decision = Decision(turn=Turn.NEEDS_OWNER, ending=Ending.NONE, event=what, says=says)
    at = origin.at if origin and origin.at else now
    moves.add_event(_line(issue_id, event, decision, actor=actor, at=at, text=text, origin=origin, undo=undo,
                          other=other))
    return event


def before(row: IssueRow, keys: list[str], changes: Collection[Any] = ()) -> str:
    """Keep how an issue stands before a step that may be undone, and what its `changes` hold; "" where nothing can."""
    if not settings().undo_seconds:
        return ""
    changed = {column._meta.name for column in changes}
    kept = {field.name: getattr(row, field.name) for field in msgspec.structs.fields(Before)
            if field.name != "keys" and (field.required or field.name in changed)}  # fmt: skip
    return msgspec.json.encode(Before(keys=keys, **kept)).decode()


def today(now: datetime) -> date:
    """Say which day it is in the programme's zone."""
    return now.astimezone(ZoneInfo(settings().zone)).date()


def cut_to_day(now: datetime, zone: str) -> datetime:
    """Give the beginning of the day in a zone: all that is kept of when an anonymous reporter wrote."""
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


async def unnamed(
    issue_id: UUID, now: datetime, zone: str, *, note: UUID | None = None, since: datetime | None = None
) -> From:
    """Say of an anonymous act no more than its day, and that it came after what it answers.

    So a verdict never seems to come before the resolution that it is about. What happened beside that on the same day
    tells nothing. `since` is what a mere word comes after: its own note.
    """
    day = cut_to_day(now, zone)
    last = since - timedelta(microseconds=1) if since else await queries.last_event_at(issue_id)
    at = day if last is None or last < day else last + timedelta(microseconds=1)
    return From(note=note, at=at, tells_at=cut_to_day(now + timedelta(days=1), zone))
