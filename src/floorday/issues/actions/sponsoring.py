"""What a sponsor does beside saying yes or no: the call that unblocks, kept where everybody in it reads it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.db import transaction
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import queries
from floorday.issues.actions import telling
from floorday.issues.actions.steps import record
from floorday.issues.masks import mask
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Turn
from floorday.people.access import Act, Actor
from floorday.render.words import gettext as _


async def unblock(actor: Actor, issue_id: UUID, text: str, *, now: datetime) -> IssueRow:
    """Write down the call that was made; whoever fixes it gets it as a letter. It is no word to those who raised it."""
    async with transaction():
        row = await queries.issue(actor, issue_id)
        if not row.can(actor, Act.DECIDE):
            raise Forbidden(_("The sponsor and the head of service write down what they did to unblock it."))
        if row.turn is Turn.CLOSED:
            raise Refused(_("It is closed; there is nothing to unblock."))
        text = mask(text.strip(), zone=row.team_zone)
        if not text:
            wrong = _("Say whom you called, and what they will do.")
            raise BadInput(wrong, fields={"call": wrong})
        event = await record(row.id, "unblocked", actor=actor, now=now, text=text)
        await telling.sponsor_called(row, actor, text, event=event, now=now)
        return await queries.issue(actor, issue_id)
