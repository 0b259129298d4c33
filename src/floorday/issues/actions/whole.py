"""An issue leaves the one that it is part of, or comes back to it; inside the caller's transaction."""

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
