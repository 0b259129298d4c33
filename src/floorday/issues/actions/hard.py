"""The two hard ones of a month: picked by the head of service or a coordinator, exchanged with a reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.db import transaction
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import moves, queries, worth
from floorday.issues.actions.steps import record, today
from floorday.issues.masks import mask
from floorday.issues.queries import IssueRow
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _


async def pick_hard_one(actor: Actor, month: str, issue_id: UUID, *, now: datetime) -> IssueRow:
    """Keep an issue in sight for a month ("2026-11"), as one of two."""
    _may(actor)
    async with transaction():
        row = await queries.issue(actor, issue_id)
        taken = await queries.hard_places(month)
        _check(row, month, taken=len(taken), known=issue_id in taken.values(), now=now)
        place = next(one for one in range(1, worth.MOST_HARD + 1) if one not in taken)
        await moves.pick(month, place, issue_id, by=actor.person, now=now)
        await record(issue_id, "picked", actor=actor, now=now, says=month)
        return row


async def exchange_hard_one(
    actor: Actor, month: str, issue_id: UUID, *, out: UUID, because: str, now: datetime
) -> IssueRow:
    """Keep another issue in sight for the rest of a month; the history of the one that goes says why."""
    _may(actor)
    async with transaction():
        row, gone = await queries.issue(actor, issue_id), await queries.issue(actor, out)
        words = mask(because.strip(), zone=gone.team_zone)
        if not words:
            why = _("Say why; the history of the one that goes keeps it.")
            raise BadInput(why, fields={"because": why})
        taken = await queries.hard_places(month)
        if out not in taken.values():
            raise Refused(_("That one is not picked for this month any more. Look at the page again."))
        _check(row, month, taken=len(taken) - 1, known=issue_id in taken.values(), now=now)
        await moves.exchange(month, out, issue_id, by=actor.person, now=now)
        await record(out, "let go", actor=actor, now=now, says=month, text=words)
        await record(issue_id, "picked", actor=actor, now=now, says=month)
        return row


def _may(actor: Actor) -> None:
    if not can(actor, Act.PICK_HARD_ONE):
        raise Forbidden(_("The head of service or a coordinator picks the hard ones of a month."))


def _check(row: IssueRow, month: str, *, taken: int, known: bool, now: datetime) -> None:
    if row.joined_into is not None:
        raise Refused(_("This issue is part of another one. Pick that one."))
    worth.may_pick(
        month, today=today(now), taken=taken, known=known,
        effort=row.effort, turn=row.turn, sponsored=row.sponsor is not None and row.sponsor_left_at is None,
    )  # fmt: skip
