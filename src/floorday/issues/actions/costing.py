"""What an issue costs: stated by the floor that loses the time, and by those who fix it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from floorday.db import transaction
from floorday.errors import BadInput, Forbidden
from floorday.issues import moves, queries, worth
from floorday.issues.actions.steps import before, may, record
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Effort
from floorday.issues.tables import Issue
from floorday.people.access import Act, Actor
from floorday.render.words import gettext as _


class Stated(Struct, frozen=True, kw_only=True):
    """What is stated of an issue's cost."""

    minutes_per_case: float | None
    cases_per_month: float | None
    effort: Effort
    reputation: int | None

    def words(self) -> str:
        """Say it, "" where nothing is stated."""
        said: list[str] = []
        if self.minutes_per_case is not None:
            said.append(_("%(n)s minutes a case", n=f"{self.minutes_per_case:g}"))
        if self.cases_per_month is not None:
            said.append(_("%(n)s cases a month", n=f"{self.cases_per_month:g}"))
        if self.effort is not Effort.UNKNOWN:
            said.append(_("effort: %(effort)s", effort=worth.say_effort(self.effort).lower()))
        if self.reputation is not None:
            said.append(_("our name: %(touched)s", touched=worth.say_reputation(self.reputation).lower()))
        return ", ".join(said)


async def measure(
    actor: Actor, issue_id: UUID, *, minutes_per_case: float | None, cases_per_month: float | None,
    effort: Effort | None = None, reputation: int | UnsetType | None = UNSET, now: datetime,
) -> IssueRow:  # fmt: skip
    """State what an issue costs; effort and reputation stay as they are where they are left out.

    The history keeps what was stated before.
    """
    async with transaction():
        row = await may(actor, Act.SAY_COST, issue_id, no=_(
            "The team that meets it, whoever raised it, the coordinator and the department say what it costs."))
        if any(number is not None and not 0 <= number <= 1_000_000 for number in (minutes_per_case, cases_per_month)):
            raise BadInput(_("Give numbers from 0 to a million."))
        was = Stated(minutes_per_case=row.minutes_per_case, cases_per_month=row.cases_per_month, effort=row.effort,
                     reputation=row.reputation)  # fmt: skip
        to = Stated(
            minutes_per_case=minutes_per_case, cases_per_month=cases_per_month,
            effort=was.effort if effort is None else effort,
            reputation=was.reputation if reputation is UNSET else reputation,
        )  # fmt: skip
        if (to.effort, to.reputation) != (was.effort, was.reputation) and not row.can(actor, Act.ASSIGN):
            raise Forbidden(_(
                "How hard it is to fix and how our name is touched is for the coordinator and the department to say."))
        if to == was:
            return await queries.issue(actor, issue_id)
        values: dict[Any, Any] = {
            Issue.minutes_per_case: to.minutes_per_case, Issue.cases_per_month: to.cases_per_month,
            Issue.effort: to.effort.value, Issue.reputation: to.reputation,
        }  # fmt: skip
        await moves.save(row, {**values, Issue.changed_at: now})
        await record(issue_id, "measured", actor=actor, now=now, text=_told(was, to), undo=before(row, [], values))
        return await queries.issue(actor, issue_id)


def _told(was: Stated, to: Stated) -> str:
    said = to.words() or _("nothing any more")
    return _("Now: %(said)s. Before: %(was)s.", said=said, was=was.words()) if was.words() else f"{said}."
