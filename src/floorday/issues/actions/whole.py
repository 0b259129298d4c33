"""An issue, or a note, leaves what it is part of, or comes back to it; inside the caller's transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.errors import Refused
from floorday.issues import moves, queries
from floorday.issues.queries import IssueRow
from floorday.issues.tables import Issue
from floorday.render.words import gettext as _


async def come_apart(row: IssueRow) -> tuple[IssueRow, list[UUID]]:
    """Let an issue leave the one that it is part of, with what it brought; the issue itself is the caller's to save.

    Gives the one that it leaves, and all that it was part of on the way there.
    """
    if row.joined_into is None:
        raise Refused(_("This issue is part of no other one, so there is nothing to split."))
    await moves.hold(row.id, row.joined_into)
    whole = await queries.issue(None, row.joined_into)
    tree = await queries.tree(whole.id)
    along = queries.brought(tree, row.id)
    raised_at = await queries.raised(whole.id, without=[row.id, *along])
    await moves.save(whole, {Issue.raised_at: raised_at or whole.raised_at})
    await moves.bring(along, into=row.id)
    return whole, queries.above(tree, row.id) or [whole.id]


async def come_back(row: IssueRow, whole_id: UUID, *, at: datetime) -> UUID:
    """Let an issue that was split at a moment be part of the other one again, or of what that is part of by now."""
    whole = await queries.issue(None, whole_id)
    if whole.joined_into is not None:
        whole = await queries.issue(None, whole.joined_into)
    if whole.id == row.id:
        raise Refused(_("The other issue has been joined into this one meanwhile. Go on from here instead."))
    await moves.hold(row.id, whole.id)
    await moves.save(whole, {Issue.raised_at: min(row.raised_at, whole.raised_at)})
    await moves.carry_along(row.id, whole.id)
    await moves.never_split_off(row.id, at=at)
    return whole.id


async def put_back(new: IssueRow, *, was: UUID, now: datetime) -> IssueRow:
    """Let a note that was just taken out stand where it stood; the issue that was made of it has never been.

    Its number is given to no other. The note alone is left there: whatever else came since has a line of its own.
    """
    row = await queries.issue(None, was)
    await moves.hold(row.id, new.id)
    await moves.move_notes(new.id, into=row.id)
    await moves.never_taken_out(row.id, new.id)
    await moves.never_opened(new.id)
    await raised_again(row, now=now)
    await moves.fold_due()
    return await queries.issue(None, row.id)


async def raised_again(row: IssueRow, *, now: datetime) -> None:
    """Let an issue, and what it is part of, be as old as the earliest note that is left."""
    held = [row] if row.joined_into is None else [row, await queries.issue(None, row.joined_into)]
    for one in held:
        raised_at = await queries.raised(one.id)
        await moves.save(one, {Issue.raised_at: raised_at or one.raised_at, Issue.changed_at: now})
