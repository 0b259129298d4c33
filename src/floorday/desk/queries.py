"""What a wall screen and a desk show of their team: days and the faces of issues, and never more than that.

No text that anybody wrote is read here but an issue's title, a story whose hero lets it be told, and at the desk what
all who raised an issue are asked: not why a manager was asked, not a note, not what a sponsor decides. What one of
those who raised it is asked is read by that one alone.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings.rules import HOLDING, State
from floorday.bookings.tables import Booking
from floorday.db import run_sql
from floorday.desk.rules import LATELY, Talked
from floorday.issues.queries import ONE, Alike, Asked, Put, issue, put, put_question, similar
from floorday.issues.rules import Ending, Kind, Naming, Stage, Turn
from floorday.issues.tables import Issue, Note
from floorday.people.access import Act, Actor, Device, Grant, Role, What, can, visible
from floorday.people.access import Issue as Thing
from floorday.stories.rules import Consent
from floorday.stories.tables import Story

MOST = 60


class Day(Struct, frozen=True):
    """Who comes, when, and who sits with them."""

    manager: UUID
    manager_name: str
    host_name: str | None
    state: State
    starts_at: datetime
    ends_at: datetime
    zone: str


class Face(Struct, frozen=True):
    """What everybody may know of an open issue."""

    id: UUID
    number: int
    title: str
    kind: Kind
    department_name: str | None
    turn: Turn
    ending: Ending
    promised_for: date | None
    raised_at: datetime
    asks_since: datetime | None

    @property
    def stage(self) -> Stage:
        """Say in one word where it stands."""
        return Stage.of(self.turn, self.ending)


async def days(device: Device, *, since: datetime) -> list[Day]:
    """List the days of a device's team that are not over at a moment and still count, soonest first."""
    teams = sorted(visible(device, What.BOOKINGS).teams)
    rows = (
        await Booking.select(
            Booking.manager, Booking.manager._.name.as_alias("manager_name"),
            Booking.shift._.host._.name.as_alias("host_name"), Booking.state, Booking.starts_at,
            Booking.ends_at, Booking.zone,
        )
        .where(
            Booking.shift._.team.is_in(teams), Booking.ends_at > since,
            Booking.state.is_in(sorted(HOLDING | {State.HELD})),
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST)
    )  # fmt: skip
    return msgspec.convert(rows, list[Day])


_FACE = (
    Issue.id, Issue.number, Issue.title, Issue.kind, Issue.department._.name.as_alias("department_name"), Issue.turn,
    Issue.ending, Issue.promised_for, Issue.raised_at, Issue.asks_since, Issue.team, Issue.restricted,
)  # fmt: skip


async def faces(device: Device) -> list[Face]:
    """List the faces of the open issues of a device's team that nobody restricted, those promised soonest first."""
    teams = sorted(visible(device, What.FACES).faces)
    rows = (
        await Issue.select(*_FACE)
        .where(Issue.team.is_in(teams), Issue.restricted.eq(False), Issue.turn != Turn.CLOSED.value)
        .order_by(Issue.raised_at, Issue.number)
        .limit(MOST)
    )
    found = [_face(row) for row in rows if _seen(device, row)]
    return sorted(found, key=lambda one: (one.promised_for or date.max, one.raised_at, one.number))


ALIKE = 5


async def known(device: Device, text: str) -> list[Alike]:
    """Find which issues of a device's team a line may already be about: the faces that the device shows."""
    anybody = Actor(person=device.id, name="", email="", grants=frozenset({Grant(Role.MEMBER, team=device.team)}))
    found = await similar(anybody, text, limit=4 * ALIKE)
    return [one for one in found if one.shown.row.whole and can(device, Act.SEE_FACE, one.shown.row.thing())][:ALIKE]


async def face(device: Device, issue_id: UUID) -> Face | None:
    """Find the face of one issue, if it is for this device."""
    row = await Issue.select(*_FACE).where(Issue.id == issue_id).first()
    return _face(row) if row and _seen(device, row) else None


def _seen(device: Device, row: dict[str, Any]) -> bool:
    return can(device, Act.SEE_FACE, Thing(team=row["team"], restricted=row["restricted"]))


def _face(row: dict[str, Any]) -> Face:
    return msgspec.convert({name: row[name] for name in Face.__struct_fields__}, Face)


async def said_openly(issue_id: UUID, person: UUID) -> bool:
    """Say whether somebody raised an issue, or one joined into it, and hides the name in none of these notes."""
    parts = Issue.select(Issue.id).where((Issue.id == issue_id) | (Issue.joined_into == issue_id))
    rows = await Note.select(Note.naming).where(
        Note.issue.is_in(parts), Note.reporter == person, Note.withdrawn_at.is_null()
    )
    return bool(rows) and all(row["naming"] == Naming.NAMED.value for row in rows)


class Question(Struct, frozen=True):
    """What those who raised an issue are asked; what `one` of them is asked is not for the room."""

    asked: Asked

    @property
    def one(self) -> bool:
        """Say whether one of them alone is asked."""
        return self.asked.says == ONE

    def put(self) -> Put:
        """Show it to those who may read it."""
        return put(self.asked, mine=False, answered=False)


async def question(issue_id: UUID) -> Question | None:
    """Find what those who raised an issue are asked."""
    asked = await put_question(await issue(None, issue_id))
    return Question(asked) if asked is not None else None


_TALKED = """
SELECT i.id, i.number, i.title, d.name AS department_name, i.turn, i.ending, i.raised_at, i.resolved_at,
       i.promised_for, i.sponsor,
       (SELECT MAX(e.at) FROM issue_event e WHERE e.issue = i.id AND e.at >= {}
           AND (e.what IN ('reopened', 'returned') OR (e.what = 'verdict' AND e.says IN ('partly', 'not')))) AS back_at
  FROM issue i LEFT JOIN department d ON d.id = i.department
 WHERE i.team = {} AND i.restricted = {} AND i.joined_into IS NULL AND (i.turn <> 'closed' OR i.resolved_at >= {})
"""


async def talked(device: Device, *, now: datetime) -> list[Talked]:
    """List the faces of a team's issues that are open or were fixed lately, and that nobody restricted."""
    found: list[Talked] = []
    for team in sorted(visible(device, What.FACES).faces):
        rows = await run_sql(_TALKED, now - LATELY, team, False, now - LATELY)
        found += [msgspec.convert(row, Talked, strict=False) for row in rows]
    return found


class Told(Struct, frozen=True):
    """A story as a team's room may read it."""

    hero: str
    text: str


async def story(device: Device) -> Told | None:
    """Find the newest story of a team that its hero lets be told, in the team or further."""
    row = (
        await Story.select(Story.hero._.name.as_alias("person_name"), Story.hero_name, Story.text)
        .where(Story.team == device.team, Story.withdrawn_at.is_null(),
               Story.consent.is_in([Consent.TEAM.value, Consent.COMPANY.value]))
        .order_by(Story.at, Story.id, ascending=False)
        .first()
    )  # fmt: skip
    return Told(row["person_name"] or row["hero_name"], row["text"]) if row else None
