"""How often somebody wants which letters. What asks something of them comes at once, whatever they wish.

News of what one raised is gathered: one letter a day (`mail.daily`), unless its reader says otherwise.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from floorday.db import Statement, run_sql, transaction, uuid7
from floorday.mail import tokens
from floorday.mail.tables import LetterWish
from floorday.render.words import gettext as _


class Kind(StrEnum):
    """What a letter is to its reader."""

    ASKS = "asks"
    PROMISES = "promises"
    NEWS = "news"
    STORIES = "stories"


class Pace(StrEnum):
    """How often letters of a kind come."""

    AT_ONCE = "at once"
    DAILY = "daily"
    NEVER = "never"


USUAL = {Kind.PROMISES: Pace.AT_ONCE, Kind.NEWS: Pace.DAILY, Kind.STORIES: Pace.AT_ONCE}
"""How often they come to whoever has not said anything."""

KINDS = {
    **dict.fromkeys((
        "issue_promised", "issue_delayed", "date_passed", "issue_cannot", "issue_declined",
    ), Kind.PROMISES),
    **dict.fromkeys((
        "issue_taken", "issue_updated", "issue_joined", "issue_split", "decision_made", "issue_confirmed",
        "issue_reopened",
    ), Kind.NEWS),
    "newsletter": Kind.STORIES,
}  # fmt: skip
"""Which letters are of which kind, by name; all others ask something, or answer what somebody has just done."""

WISHES = "wishes"
"""The purpose of the link by which somebody says how often letters come; `about` is the person."""

_WISH = Statement("SELECT pace FROM letter_wish WHERE person = {} AND kind = {}")


def kind_of(name: str) -> Kind:
    """Say what a letter of this name is to its reader."""
    return KINDS.get(name, Kind.ASKS)


async def pace(person: UUID, kind: Kind) -> Pace:
    """Say how often somebody wants letters of a kind."""
    if kind is Kind.ASKS:
        return Pace.AT_ONCE
    rows = await _WISH(person, kind.value)
    return Pace(rows[0]["pace"]) if rows else USUAL[kind]


async def wishes(person: UUID) -> dict[Kind, Pace]:
    """Say how often somebody wants each kind of letters."""
    rows = await LetterWish.select(LetterWish.kind, LetterWish.pace).where(LetterWish.person == person)
    return USUAL | {Kind(row["kind"]): Pace(row["pace"]) for row in rows}


async def wish(person: UUID, kind: Kind, how: Pace, *, now: datetime) -> None:
    """Keep how often somebody wants letters of a kind."""
    if kind is Kind.ASKS:
        raise ValueError("What asks something of somebody comes at once.")
    async with transaction():
        await run_sql(
            "INSERT INTO letter_wish (id, person, kind, pace, at) VALUES ({}, {}, {}, {}, {})"
            " ON CONFLICT (person, kind) DO UPDATE SET pace = EXCLUDED.pace, at = EXCLUDED.at",
            uuid7(), person, kind.value, how.value, now,
        )  # fmt: skip


async def unwilling(kind: Kind) -> set[UUID]:
    """Give who wants no letters of a kind."""
    rows = await LetterWish.select(LetterWish.person).where(
        LetterWish.kind == kind.value, LetterWish.pace == Pace.NEVER.value)
    return {row["person"] for row in rows}


async def holder(token: str, *, now: datetime) -> UUID | None:
    """Find whose wishes a link is about; nothing when it is unknown or revoked."""
    found = await tokens.find(WISHES, token, now)
    return found.about if found is not None and found.about == found.person else None


def say_kind(kind: Kind) -> str:
    """Name a kind of letters to their reader."""
    return {
        Kind.ASKS: _("What asks something of you"),
        Kind.PROMISES: _("Dates: promised, moved, passed; and what will not be done"),
        Kind.NEWS: _("News of what you raised"),
        Kind.STORIES: _("Stories of the month"),
    }[kind]


def say(how: Pace) -> str:
    """Name a pace to a reader."""
    return {
        Pace.AT_ONCE: _("At once"), Pace.DAILY: _("In one letter a day"), Pace.NEVER: _("Not by mail"),
    }[how]  # fmt: skip
