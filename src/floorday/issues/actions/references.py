"""What other trackers call an issue: said, and taken away, by those who fix it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.db import transaction, uuid7
from floorday.errors import BadInput, Refused
from floorday.issues import masks, moves, queries, references
from floorday.issues.actions.steps import may, record
from floorday.issues.masks import Secret
from floorday.issues.queries import IssueRow, OwnReference
from floorday.issues.references import Address, Label, Reference, Tracked
from floorday.issues.tables import Issue
from floorday.people.access import Act, Actor
from floorday.render.words import gettext as _


class ReferenceForm(Struct, frozen=True, kw_only=True):
    """What another tracker calls it. Without a link the department's pattern makes one."""

    url: Address = Address("")
    label: Label = Label("")


async def refer(actor: Actor, issue_id: UUID, text: Reference, form: ReferenceForm, *, now: datetime) -> IssueRow:
    """Say what another tracker calls an issue; said again, its link and label are changed, and nothing else."""
    async with transaction():
        row = await may(actor, Act.REFER, issue_id, no=_("The coordinator, the owner and the department do that."))
        if await keep_reference(row, text, form, by=actor.person, vendor=None, now=now):
            await record(issue_id, "referred", actor=actor, now=now, text=text)
        return await queries.issue(actor, issue_id)


async def unrefer(actor: Actor, issue_id: UUID, text: str, *, now: datetime) -> OwnReference | None:
    """Take a reference away, and give what it was; where there is none (any more), nothing is changed."""
    async with transaction():
        row = await may(actor, Act.REFER, issue_id, no=_("The coordinator, the owner and the department do that."))
        there = await queries.references_of(issue_id)
        gone = next((one for one in there if references.fold(one.text) == references.fold(text)), None)
        if gone is None:
            return None
        await moves.save(row, _beside([one for one in there if one is not gone]) | {Issue.changed_at: now})
        await moves.drop_reference(gone.id)
        await record(issue_id, "unreferred", actor=actor, now=now, text=gone.text)
        return gone


async def keep_reference(
    row: IssueRow, text: Reference, form: ReferenceForm, *, by: UUID | None, vendor: UUID | None, now: datetime
) -> bool:
    """Keep a reference inside the caller's transaction; False where it stands there just so already."""
    if not references.fold(text):
        wrong = _("Write what the other tracker calls it, such as JIRA-123.")
        raise BadInput(wrong, fields={"reference": wrong})
    if any(one.what in {Secret.CARD, Secret.ACCOUNT, Secret.MAIL} for one in masks.find(text, zone=row.team_zone)):
        wrong = _("This looks like a customer's card, account or address, and is not kept.")
        raise BadInput(wrong, fields={"reference": wrong})
    label = Label(masks.mask(form.label, zone=row.team_zone)[: Label.longest])
    there = await queries.references_of(row.id)
    same = next((one for one in there if references.fold(one.text) == references.fold(text)), None)
    url = form.url
    if not url and vendor is None:  # a vendor's own reference is none of our tracker's
        url = Address(references.linked(await queries.link_pattern(row.department), text))
    new = OwnReference(id=same.id if same else uuid7(), text=text, url=url, label=label)
    if same == new:
        return False
    if same is None and len(there) >= references.MOST:
        raise Refused(_("Five references are the most. Take one away first."))
    # The issue's version is raised with each, so that two at one moment are not both the fifth.
    await moves.save(row, _beside([*(new if one is same else one for one in there), *([] if same else [new])]) | {
        Issue.changed_at: now})  # fmt: skip
    if same is None:
        await moves.add_reference(id=new.id, issue=row.id, text=text, folded=references.fold(text), url=url,
                                  label=label, added_by=by, vendor=vendor, added_at=now)  # fmt: skip
    else:
        await moves.change_reference(same.id, text=text, url=url, label=label)
    return True


def _beside(kept: list[OwnReference]) -> dict[Any, Any]:
    """Give what stands beside the issue, for lists."""
    return {Issue.tracked: references.write([Tracked(str(one.text), str(one.url), str(one.label)) for one in kept])}
