"""What becomes of a lead's suggestion, and how the lead hears of it; inside the caller's transaction.

Joining two issues settles what was suggested of them, whoever joins them and wherever; undoing that opens it again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.issues import moves, queries
from floorday.issues.actions.telling import UNASKED
from floorday.issues.queries import suggestions
from floorday.issues.queries.suggestions import APART, JOINED, Suggestion
from floorday.mail import outbox
from floorday.people import queries as people
from floorday.people.access import Actor, Role

LETTER = "suggestion_settled"


async def settle_joined(actor: Actor, *, now: datetime) -> None:
    """Settle what waits of issues that are one by now, and tell whoever suggested it."""
    for one in await suggestions.become_one():
        await moves.settle_suggestion(one.id, JOINED, actor.person, now=now)
        await _tell(one, actor, outcome=JOINED, because="", now=now)


async def open_again(*, at: datetime, by: UUID, now: datetime) -> None:
    """Let wait again what a join at a moment, undone just now, had settled."""
    for one in await suggestions.come_apart(at, by):
        await reopen(one, now=now)


async def settle_apart(actor: Actor, found: Suggestion, because: str, *, now: datetime) -> None:
    """Say that the two stay two, and why."""
    await moves.settle_suggestion(found.id, APART, actor.person, because=because, now=now)
    await _tell(found, actor, outcome=APART, because=because, now=now)


async def reopen(found: Suggestion, *, now: datetime) -> None:
    """Let a settled suggestion wait again; its letter does not leave."""
    await moves.reopen_suggestion(found.id)
    if found.settled_at is not None:
        await outbox.take_back(about=found.meant, keys=[_key(found.id, found.settled_at)], now=now)


def _key(suggestion: UUID, settled_at: datetime) -> str:
    return f"{LETTER}:{suggestion}:{settled_at.timestamp():.6f}"


async def _tell(found: Suggestion, actor: Actor, *, outcome: str, because: str, now: datetime) -> None:
    """Tell whoever suggested it, as long as they lead the team; no word of the other issue but its number leaves."""
    leads = await people.with_role(Role.LEAD, team=found.team)
    reader = next((one for one in leads if one.id == found.by and one.id != actor.person), None)
    if reader is None:
        return
    own = await queries.issue(None, found.meant)
    whole = await queries.issue(None, found.issue)
    await outbox.post(
        LETTER, to=reader.email, to_name=reader.name, person=reader.id, about=own.id, about_kind="issue",
        facts={
            "language": reader.language, "reader": reader.name, "number": found.number, "title": own.title,
            "other_number": found.other_number, "whole_number": whole.number, "outcome": outcome, "because": because,
            "by": actor.name, "links": {"page": {"path": f"/issues/{own.id}"}},
        },
        key=_key(found.id, now), now=now, at_once=actor.door in UNASKED,
    )  # fmt: skip
