"""Giving what was raised its place: one issue at a time out of the queue, or many in one go.

Each verb is that of an issue's page, with its history and its letters. Here it is seen to that an issue still waits as
it was shown, and that of many each is done, or said why not, by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from uuid import UUID

from msgspec import Struct

from floorday.db import transaction
from floorday.errors import BadInput, FloordayError, Forbidden, NotFound, Raced, Refused
from floorday.issues import moves, queries, rules
from floorday.issues.actions import asking, following
from floorday.issues.actions.dates import FARTHEST, NewDate, new_date
from floorday.issues.actions.steps import today
from floorday.issues.queries import IssueRow
from floorday.issues.queries.triage import several, waits
from floorday.issues.rules import Ending, Kind, Stage, Turn
from floorday.mail import outbox
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _

MOST = 200
"""As many issues are done in one go."""


class Hand(Struct, frozen=True):
    """Give it to a department, and to somebody there."""

    department: UUID
    owner: UUID | None = None


class Sponsor(Struct, frozen=True):
    """Name who answers for it."""

    person: UUID


class Join(Struct, frozen=True):
    """Make it part of another one."""

    into: UUID


class Decline(Struct, frozen=True):
    """Say that nothing will be done, and why."""

    because: str


class Snooze(Struct, frozen=True):
    """Put it aside until a day."""

    until: date


class Sort(Struct, frozen=True):
    """Say of which kind it is; with a title, say that better, too."""

    kind: Kind
    title: str | None = None


class Restrict(Struct, frozen=True):
    """Keep its face to those who are in it, or show it again."""

    restricted: bool


class Promise(Struct, frozen=True):
    """Give it another date, or move the one it has by working days."""

    dates: NewDate
    because: str = ""


class Ask(Struct, frozen=True):
    """Ask those who raised it one thing."""

    text: str


Placing = Hand | Sponsor | Join | Decline | Snooze | Sort | Restrict | Promise | Ask


class Outcome(Struct, frozen=True):
    """What became of one of many: done, or why not (`status` as the issue's own page would answer)."""

    row: IssueRow | None
    done: bool
    why: str = ""
    status: int = 200


async def place(actor: Actor, issue_id: UUID, wanted: Placing, *, now: datetime) -> IssueRow:
    """Do to an issue what is wanted."""
    match wanted:
        case Hand(department, owner):
            return await following.assign(actor, issue_id, department=department, owner=owner, now=now)
        case Sponsor(person):
            return await following.sponsor(actor, issue_id, person, now=now)
        case Join(into):
            return await following.join(actor, issue_id, into, now=now)
        case Decline(because):
            return await following.decline(actor, issue_id, because, now=now)
        case Snooze(until):
            return await following.snooze(actor, issue_id, until, now=now)
        case Sort(kind, title):
            if title is None:
                title = (await queries.issue(actor, issue_id)).title
            return await following.retitle(actor, issue_id, title, kind, now=now)
        case Restrict(restricted):
            return await following.restrict(actor, issue_id, restricted=restricted, now=now)
        case Promise(dates, because):
            day = new_date(await queries.issue(actor, issue_id), dates)
            return await following.promise(actor, issue_id, day, because, now=now, together=True)
        case Ask(text):
            return await asking.question(actor, issue_id, text, now=now)


async def out_of_queue(actor: Actor, shown: IssueRow, wanted: Placing, *, now: datetime) -> IssueRow:
    """Place an issue that still waits as it was shown, or raise Raced."""
    async with transaction():
        row = await still_waits(actor, shown.id, department=shown.department)
        after = await place(actor, row.id, wanted, now=now)
        if after.id == row.id and after.version > row.version + 1:  # between the two reads; nothing of it is kept
            raise Raced(_("Somebody else has just changed this issue. Look at it again, then decide."))
        return after


async def still_waits(actor: Actor, issue_id: UUID, *, department: UUID | None) -> IssueRow:
    """Find an issue that waits as it was shown; hidden is NotFound, another's Forbidden, placed already Raced."""
    row = await queries.issue(actor, issue_id)
    if not row.whole or not can(actor, Act.TRIAGE, row.thing()):
        raise Forbidden(_("The coordinator, the team's lead or the department gives it its place."))
    if not waits(row, actor) or row.department != department:
        raise Raced(where(row))
    return row


def where(row: IssueRow) -> str:
    """Say where an issue is, to somebody who was about to give it a place."""
    if row.snoozed_until is not None:
        return _("Somebody else has put it to sleep.")
    match row.stage:
        case Stage.NEEDS_OWNER if row.department_name:
            return _("Somebody else has handed it to %(department)s.", department=row.department_name)
        case Stage.NEEDS_OWNER:
            return _("Somebody else has taken it back.")
        case Stage.BEING_FIXED if row.owner_name:
            return _("Somebody else was faster: %(name)s has it.", name=row.owner_name)
        case stage:
            return _("Somebody else was faster: %(how)s.", how=rules.say(stage).lower())


# --- many at once ------------------------------------------------------------------------------------------------


async def place_all(
    actor: Actor, wanted: Placing, *, now: datetime, numbers: Sequence[int] = (), ids: Sequence[UUID] = (),
    clock: Callable[[], float] = monotonic,
) -> list[Outcome]:  # fmt: skip
    """Do the same to many issues, each in a transaction of its own, in the order of their naming.

    The time that Undo has begins for all when the last is done (by this `clock`, in seconds), and their letters wait
    for that. News of dates leaves as one letter to each of those who raised them.
    """
    asked, began = list(dict.fromkeys(numbers or ids)), clock()
    may(actor, len(asked))
    if isinstance(wanted, Promise) and not wanted.because.strip():
        raise BadInput(_("Say why; those who raised it read the reason."),
                       fields={"because": _("Say why; those who raised it read the reason.")})
    rows = {row.number if numbers else row.id: row for row in await several(actor, numbers=numbers, ids=ids)}
    with outbox.holding() as held:
        outcomes = [await _one(actor, rows.get(one), wanted, now=now) for one in asked]
    ended = now + timedelta(seconds=clock() - began)
    done = [one.row.id for one in outcomes if one.done and one.row]
    async with transaction():
        await moves.undo_from(ended, done, by=actor.person, since=now)
        await outbox.release(held, now=ended)
    return outcomes


def allowed(actor: Actor) -> None:
    """Refuse what is nobody else's to do to many at once."""
    if not can(actor, Act.TRIAGE):
        raise Forbidden(_("Coordinators, team leads and departments change several issues at once."))


def may(actor: Actor, many: int) -> None:
    """Refuse what is nobody else's to do to many at once, none, and too many."""
    allowed(actor)
    if not many:
        raise BadInput(_("Choose at least one issue."), fields={"issues": _("Choose at least one issue.")})
    if many > MOST:
        wrong = _("At most %(most)s at once; these are %(n)s.", most=MOST, n=many)
        raise BadInput(wrong, fields={"issues": wrong})


async def _one(actor: Actor, row: IssueRow | None, wanted: Placing, *, now: datetime) -> Outcome:
    try:
        if row is None:
            raise NotFound(_("There is no such issue."))
        _changes(row, wanted)
        await place(actor, row.id, wanted, now=now)
    except FloordayError as no:
        sentence = next(iter(no.fields.values()), no.sentence) if isinstance(no, BadInput) else no.sentence
        return Outcome(row, done=False, why=sentence, status=no.status)
    return Outcome(row, done=True)


def _changes(row: IssueRow, wanted: Placing) -> None:
    """Refuse what is so already: nothing would be kept, and there would be nothing to undo."""
    match wanted:
        case Hand(department, owner):
            same = (row.department, row.owner) == (department, owner)
        case Sponsor(person):
            same = row.sponsor == person
        case Sort(kind, None):
            same = row.kind is kind
        case Promise(dates):
            same = row.promised_for is not None and row.promised_for == dates.day
        case _:
            same = False
    if same and row.whole:
        raise Refused(_("It is so already."))


async def undo_all(actor: Actor, ids: Sequence[UUID], *, now: datetime) -> list[Outcome]:
    """Take back the last step of each of these issues, where it can be."""
    asked = list(dict.fromkeys(ids))
    may(actor, len(asked))
    outcomes: list[Outcome] = []
    for one in asked:
        try:
            outcomes.append(Outcome(await following.undo(actor, one, now=now), done=True))
        except FloordayError as no:
            rows = await several(actor, ids=[one])
            outcomes.append(Outcome(rows[0] if rows else None, done=False, why=no.sentence, status=no.status))
    return outcomes


def why_not(row: IssueRow, actor: Actor, act: str, *, now: datetime) -> str:
    """Say, without doing it, why this cannot be done to an issue, whatever is chosen beside; "" where it can be."""
    mine = {
        "hand": (Act.ASSIGN, _("The coordinator or the department does that.")),
        "sponsor": (Act.ASSIGN, _("The coordinator or the department asks a sponsor; a manager can offer to be it.")),
        "join": (Act.JOIN, _("The coordinator or the team's lead joins issues.")),
        "decline": (Act.DECLINE, _("The coordinator does that.")),
        "snooze": (Act.SNOOZE, _("The coordinator does that.")),
        "promise": (Act.PROMISE, _("The owner and the department do that.")),
    }
    if act == "kind":
        allowed = row.can(actor, Act.ASSIGN) or row.can(actor, Act.JOIN)
        return "" if allowed else _("The coordinator, the team's lead or the department does that.")
    which, no = mine[act]
    if not row.can(actor, which):
        return no
    facts, day = row.facts(), today(now)
    try:
        match act:
            case "hand":
                rules.assign(facts, department=row.department or row.id, owner=facts.owner)
            case "sponsor":
                rules.sponsor(facts, row.id)
            case "join":
                rules.join(facts, rules.Issue(turn=Turn.NEEDS_OWNER, ending=Ending.NONE))
            case "promise":
                rules.promise(facts, day + timedelta(days=FARTHEST), because="-", today=day)
            case "decline":
                rules.decline(facts, "-")
            case _:
                rules.snooze(facts, day + timedelta(days=1), today=day)
    except Refused as refused:
        return refused.sentence
    return ""
