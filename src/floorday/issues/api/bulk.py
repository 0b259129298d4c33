"""Several issues at once for programs: the same to each, and what became of each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from floorday.db.text import Prose
from floorday.errors import BadInput
from floorday.issues.actions import triage as placing
from floorday.issues.actions.dates import FARTHEST, NewDate
from floorday.issues.actions.triage import Outcome, Placing
from floorday.issues.rules import Kind
from floorday.people.access import Actor
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web.api import answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class BulkFields(Struct, frozen=True):
    """What to do to which issues, and what goes with it: each act takes the fields it needs, and no other.

    `hand` a `department` (and an `owner`), `sponsor` a `sponsor`, `join` the issue `into` which they go, `decline` a
    `because`, `snooze` a day `until`, `kind` a `kind`, `promise` a day `for_date` for all (or how many working days
    `later` each is done than it was promised for) and a `because`.
    """

    act: Literal["hand", "sponsor", "join", "decline", "snooze", "kind", "promise"]
    issues: Annotated[list[UUID], Meta(min_length=1, max_length=placing.MOST)]
    department: UUID | None = None
    owner: UUID | None = None
    sponsor: UUID | None = None
    into: UUID | None = None
    because: Prose | None = None
    until: date | None = None
    kind: Kind | None = None
    for_date: date | None = None
    later: Annotated[int, Meta(ge=1, le=FARTHEST)] | None = None


class BulkItem(Struct, frozen=True):
    """What became of one; `status` is what its own door would have answered, `why` says why it was not done."""

    issue: UUID
    ref: str | None
    changed: bool
    status: int
    why: str | None


class BulkAnswer(Struct, frozen=True):
    """How many were changed and how many not, and each in the order in which it was named."""

    changed: int
    refused: int
    items: list[BulkItem]


@post("/issues/bulk", opt=tells("issues", BulkAnswer, takes=BulkFields))
async def change_several(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Do the same to up to 200 issues, each by itself: what cannot be done to one is said there."""
    placing.allowed(actor)
    sent = await read_json(request, BulkFields)
    outcomes = await placing.place_all(actor, _wanted(sent), ids=sent.issues, now=now)
    items = [_item(one, found) for one, found in zip(dict.fromkeys(sent.issues), outcomes, strict=True)]
    changed = sum(item.changed for item in items)
    return answer(BulkAnswer(changed, len(items) - changed, items))


def _wanted(sent: BulkFields) -> Placing:
    match sent.act:
        case "hand" if sent.department is not None:
            return placing.Hand(sent.department, sent.owner)
        case "sponsor" if sent.sponsor is not None:
            return placing.Sponsor(sent.sponsor)
        case "join" if sent.into is not None:
            return placing.Join(sent.into)
        case "decline" if sent.because:
            return placing.Decline(sent.because)
        case "snooze" if sent.until is not None:
            return placing.Snooze(sent.until)
        case "kind" if sent.kind is not None:
            return placing.Sort(sent.kind)
        case "promise" if sent.because and (sent.for_date is None) != (sent.later is None):
            return placing.Promise(NewDate(sent.for_date, sent.later or 0), sent.because)
        case act:
            dates = "for_date" if sent.because else "because"
            lacks = {"hand": "department", "sponsor": "sponsor", "join": "into", "decline": "because",
                     "snooze": "until", "kind": "kind", "promise": dates}[act]  # fmt: skip
            raise BadInput(_("Please fill this in."), fields={lacks: _("Please fill this in.")})


def _item(issue: UUID, found: Outcome) -> BulkItem:
    return BulkItem(issue, refs.ref(found.row.number) if found.row else None, found.done, found.status,
                    found.why or None)  # fmt: skip


handlers = [change_several]
