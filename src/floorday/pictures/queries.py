"""Every read of pictures: what stands, what stood, what is proposed, and what points at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.errors import NotFound
from floorday.issues.queries import pointing
from floorday.people import queries as people
from floorday.people.access import Actor, Device, What, visible
from floorday.people.queries import Place
from floorday.render.words import gettext as _
from floorday.stories import queries as stories


class Line(Struct, frozen=True, kw_only=True):
    """A statement: part of the picture since `agreed_on` (None: proposed), retired on a day or not."""

    id: UUID
    team: UUID
    text: str
    place: int
    proposed_at: datetime
    proposed_by_name: str | None
    agreement: UUID | None
    agreed_on: date | None
    agreed_by: str | None
    retired_on: date | None

    @property
    def stands(self) -> bool:
        """Say whether it is part of the picture."""
        return self.agreement is not None and self.retired_on is None

    @property
    def proposed(self) -> bool:
        """Say whether it waits for the team's word."""
        return self.agreement is None and self.retired_on is None

    def stood(self, on: date) -> bool:
        """Say whether it was part of the picture on a day."""
        begun = self.agreed_on is not None and self.agreed_on <= on
        return begun and (self.retired_on is None or self.retired_on > on)


class Agreed(Struct, frozen=True, kw_only=True):
    """An agreement; `agreed_by` is "" where nobody has noted who agreed."""

    id: UUID
    team: UUID
    agreed_on: date
    agreed_by: str
    noted_by_name: str | None
    noted_at: datetime


class Picture(Struct, frozen=True, kw_only=True):
    """A team's picture with its past, the latest agreement first."""

    team: Place
    lines: list[Line]
    agreements: list[Agreed]

    @property
    def standing(self) -> list[Line]:
        """Give the statements that stand, in their order."""
        return [line for line in self.lines if line.stands]

    @property
    def proposed(self) -> list[Line]:
        """Give those that wait for the team's word."""
        return [line for line in self.lines if line.proposed]

    @property
    def retired(self) -> list[Line]:
        """Give those that are retired, the latest first."""
        gone = [line for line in self.lines if line.retired_on is not None]
        return sorted(gone, key=lambda line: (line.retired_on or date.max, line.place), reverse=True)

    @property
    def last(self) -> Agreed | None:
        """Give the latest agreement."""
        return self.agreements[0] if self.agreements else None

    def line(self, statement: UUID) -> Line:
        """Find a statement of this team, or raise NotFound."""
        found = next((line for line in self.lines if line.id == statement), None)
        if found is None:
            raise NotFound(_("There is no such statement."))
        return found


_LINES = """
SELECT s.id, s.team, s.text, s.place, s.proposed_at, p.name AS proposed_by_name, s.agreement, a.agreed_on, a.agreed_by,
       s.retired_on
  FROM statement s LEFT JOIN agreement a ON a.id = s.agreement LEFT JOIN person p ON p.id = s.proposed_by
 WHERE s.team = {} ORDER BY s.place, s.proposed_at, s.id
"""
_AGREEMENTS = """
SELECT a.id, a.team, a.agreed_on, a.agreed_by, p.name AS noted_by_name, a.noted_at
  FROM agreement a LEFT JOIN person p ON p.id = a.noted_by
 WHERE a.team = {} ORDER BY a.agreed_on DESC, a.noted_at DESC, a.id DESC
"""


async def picture(team_id: UUID) -> Picture:
    """Give the picture of a team, in three queries."""
    team = await people.team(team_id)
    if team is None:
        raise NotFound(_("There is no such team."))
    return Picture(
        team=team, lines=msgspec.convert(await run_sql(_LINES, team_id), list[Line]),
        agreements=msgspec.convert(await run_sql(_AGREEMENTS, team_id), list[Agreed]),
    )  # fmt: skip


class Pointing(Struct, frozen=True):
    """How many issues and stories point at a statement."""

    issues: int = 0
    stories: int = 0


async def counts(actor: Actor, ids: Collection[UUID], *, since: datetime) -> dict[UUID, Pointing]:
    """Count what points at each statement since a moment, as far as a reader sees it whole."""
    if not ids:
        return {}
    of_issues = await pointing.issues_of_pictures(actor, ids, since=since)
    of_stories = await stories.of_pictures(actor, ids, since=since)
    return _together(ids, of_issues, of_stories)


async def counts_on_the_wall(device: Device, ids: Collection[UUID], *, since: datetime) -> dict[UUID, Pointing]:
    """Count for a team's room the issues that nobody has restricted, and the team's stories."""
    if not ids or not visible(device, What.FACES).faces:
        return {}
    return _together(ids, await pointing.open_faces_of_pictures(device, ids, since=since), {})


def _together(ids: Iterable[UUID], issues: dict[UUID, int], told: dict[UUID, int]) -> dict[UUID, Pointing]:
    return {one: Pointing(issues.get(one, 0), told.get(one, 0)) for one in ids}


class Aging(Struct, frozen=True):
    """A team with a picture, and when it last agreed on it; None: nobody has noted when."""

    id: UUID
    name: str
    agreed_on: date | None


async def aging(teams: Collection[UUID]) -> list[Aging]:
    """Say of teams that have a picture when they last agreed on it."""
    if not teams:
        return []
    among: Any = ", ".join(["{}"] * len(teams))
    rows = await run_sql(
        "SELECT t.id, t.name, (SELECT MAX(a.agreed_on) FROM agreement a WHERE a.team = t.id AND a.agreed_by <> '')"  # noqa: S608
        f" AS agreed_on FROM team t WHERE t.id IN ({among}) AND t.closed_at IS NULL AND EXISTS (SELECT 1 FROM statement"
        " s WHERE s.team = t.id AND s.agreement IS NOT NULL AND s.retired_on IS NULL) ORDER BY t.name",
        *sorted(teams),
    )  # fmt: skip
    return msgspec.convert(rows, list[Aging])
