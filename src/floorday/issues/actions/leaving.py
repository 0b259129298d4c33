"""What becomes of issues when somebody leaves; inside the transaction of their leaving, which has asked who may."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.issues import queries, rules
from floorday.issues.actions.steps import take
from floorday.issues.tables import Issue
from floorday.people.access import Actor


async def hand_owned(actor: Actor, issue_id: UUID, *, department: UUID, owner: UUID, now: datetime) -> None:
    """Give an issue another owner, as `assign` does: the new one and those who raised it are told."""
    row = await queries.issue(None, issue_id)
    await take(row, rules.assign(row.facts(), department=department, owner=owner), actor=actor, now=now,
               values={Issue.department: department, Issue.owner: owner})


async def hand_sponsored(actor: Actor, issue_id: UUID, sponsor: UUID, *, now: datetime) -> None:
    """Give an issue another sponsor, as `sponsor` does; a decision that waits is asked of them at once."""
    row = await queries.issue(None, issue_id)
    await take(row, rules.sponsor(row.facts(), sponsor), actor=actor, now=now, values={Issue.sponsor: sponsor})
