"""What an issue is about beside itself: a statement of its team's picture, and the measure it is a conflict with."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.db import transaction
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import moves, queries
from floorday.issues.actions.steps import may, record
from floorday.issues.queries import IssueRow, pointing
from floorday.issues.rules import Kind
from floorday.issues.tables import Issue
from floorday.people import queries as people
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _


async def point(actor: Actor, issue_id: UUID, statement: UUID | None, *, now: datetime) -> IssueRow:
    """Say which statement of its team's picture an issue is about, or that it is about none."""
    async with transaction():
        row = await may(actor, Act.POINT, issue_id, no=_("The team's lead or the coordinator says that."))
        if statement == row.picture:
            return row
        words = ""
        if statement is not None and row.team is not None:
            found = next((one for one in await people.statements(row.team) if one.id == statement), None)
            if found is None:
                wrong = _("The team's picture has no such statement any more. Choose another one, or none.")
                raise BadInput(wrong, fields={"picture": wrong})
            words = found.text
        await moves.save(row, {Issue.picture: statement, Issue.changed_at: now})
        await record(issue_id, "pointed", actor=actor, now=now, text=words)
        return await queries.issue(actor, issue_id)


async def file_under(actor: Actor, issue_id: UUID, measure: UUID | None, *, now: datetime) -> IssueRow:
    """Say with which measure an issue is a conflict, or take that back."""
    async with transaction():
        row = await may(actor, Act.SEE_ISSUE, issue_id)
        if not can(actor, Act.KEEP_MEASURES):
            raise Forbidden(_("The coordinator and the head of customer service keep the measures."))
        if measure == row.measure:
            return row
        name = ""
        if measure is not None:
            if row.kind is not Kind.MEASURE_CONFLICT:
                raise Refused(_("Only a measure conflict belongs to a measure. Change the kind of the issue first."))
            found = next((one for one in await pointing.measures() if one.id == measure), None)
            if found is None:
                wrong = _("This measure is not in the register any more. Choose another one.")
                raise BadInput(wrong, fields={"conflict": wrong})
            name = found.name
        await moves.save(row, {Issue.measure: measure, Issue.changed_at: now})
        await record(issue_id, "filed", actor=actor, now=now, text=name)
        return await queries.issue(actor, issue_id)
