"""What may happen to an issue, and what follows from it. Pure: no database, no clock of its own.

`TRANSITIONS` is the whole life of an issue as data: the rules below look every step up in it, and docs/states.md
is printed from it, so the page cannot say anything else than the program does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from floorday.errors import Refused
from floorday.render.words import gettext as _


class Kind(StrEnum):
    """What gets in the way."""

    GLITCH = "glitch"
    RED_TAPE = "red tape"
    HAND_OFF = "hand-off"
    PRODUCT = "product"
    KNOWLEDGE = "knowledge"
    WORKSPACE = "workspace"
    STAFFING = "staffing"
    MEASURE_CONFLICT = "measure conflict"
    OTHER = "other"


class Stream(StrEnum):
    """Who said or saw it."""

    MANAGER_SAW = "manager saw"
    STAFF_TOLD = "staff told"
    CUSTOMER_SAID = "customer said"
    GOOD_NEWS = "good news"


class Naming(StrEnum):
    """How a reporter wants to be known."""

    NAMED = "named"
    HIDDEN = "hidden"
    ANONYMOUS = "anonymous"


class Turn(StrEnum):
    """Whose turn it is; nothing else is a state of an issue."""

    NEEDS_OWNER = "needs owner"
    BEING_FIXED = "being fixed"
    NEEDS_DECISION = "needs decision"
    TELL_FLOOR = "tell the floor"
    CLOSED = "closed"


class Ending(StrEnum):
    """How a closed issue ended; NONE while it is open."""

    NONE = ""
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    CANNOT = "cannot"
    DECLINED = "declined"
    JOINED = "joined"


class Resolution(StrEnum):
    """What was done."""

    WORKAROUND = "workaround"
    HERE = "here"
    EVERYBODY = "everybody"
    CANNOT = "cannot"


class Verdict(StrEnum):
    """What a reporter says of a resolution."""

    FIXED = "fixed"
    PARTLY = "partly"
    NOT = "not"


class PromiseState(StrEnum):
    """What became of a date that was promised."""

    STANDING = "standing"
    KEPT = "kept"
    MOVED = "moved"
    BROKEN = "broken"
    SAID_AGAIN = "said again"


class Effort(StrEnum):
    """How hard it is to fix, as the owner sees it."""

    UNKNOWN = ""
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Stage(StrEnum):
    """Turn and ending in one word: where an issue stands."""

    NEEDS_OWNER = "needs owner"
    BEING_FIXED = "being fixed"
    NEEDS_DECISION = "needs decision"
    TELL_FLOOR = "tell the floor"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    CANNOT = "cannot"
    DECLINED = "declined"
    JOINED = "joined"

    @classmethod
    def of(cls, turn: Turn, ending: Ending) -> Stage:
        """Say both in one word."""
        return cls(ending.value if turn is Turn.CLOSED else turn.value)

    @property
    def turn(self) -> Turn:
        """Say whose turn it is."""
        return Turn.CLOSED if self in CLOSED else Turn(self.value)

    @property
    def ending(self) -> Ending:
        """Say how it ended, if it did."""
        return Ending(self.value) if self in CLOSED else Ending.NONE


OPEN = (Stage.NEEDS_OWNER, Stage.BEING_FIXED, Stage.NEEDS_DECISION)
"""In these stages somebody has still to fix it."""

CLOSED = (Stage.CONFIRMED, Stage.UNCONFIRMED, Stage.CANNOT, Stage.DECLINED, Stage.JOINED)

ANSWERABLE = (Stage.TELL_FLOOR, Stage.UNCONFIRMED, Stage.CONFIRMED)
"""In these stages reporters may say what they think of what was done."""

SILENCE = timedelta(days=14)
"""After so long without a verdict a resolution is unconfirmed (14 times 24 hours); silence is never a yes."""

Cost = Annotated[float, Meta(ge=0, le=1_000_000)]


RETURNS_TOLD = 3
"""At so many returns the head of service is told: somebody has to look for the cause."""


class Verb(StrEnum):
    """What is done to an issue."""

    RAISE = "raise"
    NOTE = "me too"
    HAND = "hand over"
    ASSIGN = "assign"
    SPONSOR = "sponsor"
    PROMISE = "promise"
    UPDATE = "update"
    ASK = "ask"
    DECIDE = "decide"
    RESOLVE = "resolve"
    CANNOT = "cannot"
    FIXED = "say fixed"
    NOT_FIXED = "say partly or not"
    UNCONFIRM = "hear nothing"
    AGAIN = "again"
    RETURN = "return"
    DECLINE = "decline"
    SNOOZE = "snooze"
    WAKE = "wake"
    JOIN = "join"
    SPLIT = "split"
    TAKE_OUT = "take out"
    QUESTION = "ask the floor"
    ANSWER = "answer"
    UNASK = "take the question back"


class Letter(StrEnum):
    """The letters that follow from a step, by the name of their templates."""

    NOTE_THANKS = "note_thanks"
    TAKEN = "issue_taken"
    PROMISED = "issue_promised"
    DELAYED = "issue_delayed"
    UPDATED = "issue_updated"
    DECLINED = "issue_declined"
    JOINED = "issue_joined"
    DECISION_MADE = "decision_made"
    VERDICT_ASKED = "verdict_asked"
    REOPENED = "issue_reopened"
    CONFIRMED = "issue_confirmed"
    CANNOT = "issue_cannot"
    OWNER_NAMED = "owner_named"
    SPONSOR_NAMED = "sponsor_named"
    DECISION_ASKED = "decision_asked"
    SPLIT = "issue_split"
    TAKEN_OUT = "note_taken_out"
    QUESTION = "note_question"
    ANSWERED = "note_answered"


class Transition(Struct, frozen=True):
    """One step: from which stage (None: there is no issue yet) to which, the word in the history, the letters.

    `unowned` marks the steps that lead to *needs owner* instead where nobody owns the issue, `back` the one that leads
    to where the issue stood before, as its history tells.
    """

    verb: Verb
    before: Stage | None
    after: Stage
    event: str
    letters: tuple[Letter, ...] = ()
    unowned: bool = False
    back: bool = False


def _staying(verb: Verb, event: str, stages: tuple[Stage, ...], *letters: Letter) -> list[Transition]:
    return [Transition(verb, stage, stage, event, letters) for stage in stages]


def _reopening(verb: Verb, event: str, stages: tuple[Stage, ...]) -> list[Transition]:
    return [Transition(verb, stage, Stage.BEING_FIXED, event, (Letter.REOPENED,), unowned=True) for stage in stages]


TRANSITIONS: tuple[Transition, ...] = (
    Transition(Verb.RAISE, None, Stage.NEEDS_OWNER, "raised", (Letter.NOTE_THANKS,)),
    *_staying(Verb.NOTE, "noted", (*OPEN, Stage.TELL_FLOOR), Letter.NOTE_THANKS),
    *_staying(Verb.HAND, "handed over", OPEN),
    *(Transition(Verb.ASSIGN, was, Stage.BEING_FIXED if was is Stage.NEEDS_OWNER else was, "acknowledged",
                 (Letter.OWNER_NAMED, Letter.TAKEN)) for was in OPEN),
    *_staying(Verb.SPONSOR, "sponsored", (*OPEN, Stage.TELL_FLOOR), Letter.SPONSOR_NAMED),
    *_staying(Verb.PROMISE, "promised", (Stage.BEING_FIXED, Stage.NEEDS_DECISION), Letter.PROMISED),
    *_staying(Verb.UPDATE, "updated", (*OPEN, Stage.TELL_FLOOR), Letter.UPDATED),
    *(Transition(Verb.ASK, was, Stage.NEEDS_DECISION, "asked", (Letter.DECISION_ASKED,)) for was in OPEN),
    Transition(Verb.DECIDE, Stage.NEEDS_DECISION, Stage.BEING_FIXED, "decided", (Letter.DECISION_MADE,), unowned=True),
    *(Transition(Verb.RESOLVE, was, Stage.TELL_FLOOR, "resolved", (Letter.VERDICT_ASKED,)) for was in OPEN),
    *(Transition(Verb.CANNOT, was, Stage.CANNOT, "resolved", (Letter.CANNOT,)) for was in OPEN),
    *(Transition(Verb.FIXED, was, Stage.CONFIRMED, "verdict", (Letter.CONFIRMED,))
      for was in (Stage.TELL_FLOOR, Stage.UNCONFIRMED)),
    Transition(Verb.FIXED, Stage.CONFIRMED, Stage.CONFIRMED, "verdict"),
    *_reopening(Verb.NOT_FIXED, "verdict", ANSWERABLE),
    Transition(Verb.UNCONFIRM, Stage.TELL_FLOOR, Stage.UNCONFIRMED, "unconfirmed"),
    *_reopening(Verb.AGAIN, "reopened", (Stage.CONFIRMED, Stage.UNCONFIRMED, Stage.CANNOT, Stage.DECLINED)),
    *_reopening(Verb.RETURN, "returned", (Stage.CONFIRMED, Stage.UNCONFIRMED, Stage.CANNOT, Stage.DECLINED)),
    *(Transition(Verb.DECLINE, was, Stage.DECLINED, "declined", (Letter.DECLINED,)) for was in OPEN),
    *_staying(Verb.SNOOZE, "snoozed", OPEN),
    *_staying(Verb.WAKE, "woken", OPEN),
    *(Transition(Verb.JOIN, was, Stage.JOINED, "joined", (Letter.JOINED,)) for was in (*OPEN, Stage.TELL_FLOOR)),
    Transition(Verb.SPLIT, Stage.JOINED, Stage.NEEDS_OWNER, "split", (Letter.SPLIT,), back=True),
    Transition(Verb.TAKE_OUT, None, Stage.NEEDS_OWNER, "taken out", (Letter.TAKEN_OUT,)),
    *_staying(Verb.TAKE_OUT, "taken out", tuple(Stage)),
    *_staying(Verb.QUESTION, "asked the floor", OPEN, Letter.QUESTION),
    *_staying(Verb.ANSWER, "answered", OPEN, Letter.ANSWERED),
    *_staying(Verb.UNASK, "unasked", OPEN),
)
"""Every step there is. A promise for a later date goes out as *issue_delayed* instead of *issue_promised*."""

_STEPS = {(row.verb, row.before): row for row in TRANSITIONS}
WORDS = frozenset({"acknowledged", "promised", "updated", "decided", "resolved", "declined", "reopened", "returned"})
"""What those who raised an issue hear; a verdict that reopens is one more."""


class Issue(Struct, frozen=True, kw_only=True):
    """What the rules ask of an issue.

    `cannots`: how often it was resolved as *cannot*. `asks` is the question that those who raised it are asked, `waits`
    whether nobody has answered it yet.
    """

    id: UUID | None = None
    turn: Turn = Turn.NEEDS_OWNER
    ending: Ending = Ending.NONE
    owner: UUID | None = None
    department: UUID | None = None
    sponsor: UUID | None = None
    promised_for: date | None = None
    snoozed_until: date | None = None
    resolution: str = ""
    resolved_by: UUID | None = None
    resolved_at: datetime | None = None
    round: int = 0
    cannots: int = 0
    asks: UUID | None = None
    waits: bool = False

    @property
    def stage(self) -> Stage:
        """Say in one word where it stands."""
        return Stage.of(self.turn, self.ending)


class Decision(Struct, frozen=True, kw_only=True):
    """Where an issue goes, the word its history keeps ("": nothing is kept), and what follows.

    `round` is the resolution's count after this step; `forgets_resolution` and `forgets_promise` say what is no
    longer so.
    """

    turn: Turn
    ending: Ending
    event: str
    letters: tuple[Letter, ...] = ()
    says: str = ""
    for_date: date | None = None
    round: int = 0
    word: bool = False
    wakes: bool = False
    forgets_resolution: bool = False
    forgets_promise: bool = False

    @property
    def stage(self) -> Stage:
        """Say in one word where it will stand."""
        return Stage.of(self.turn, self.ending)


def raise_note(stream: Stream, text: str, issue: Issue | None = None) -> Decision | None:
    """Take a note: it opens an issue, or adds itself to one that is not closed. Good news opens none (None)."""
    if not text.strip():
        raise Refused(_("Write what was said or seen, in one line."))
    if stream is Stream.GOOD_NEWS:
        if issue is not None:
            raise Refused(_("Good news is not about an issue. Write it down by itself."))
        return None
    if issue is None:
        return _step(Verb.RAISE, Issue(), before_any=True)
    return _step(Verb.NOTE, issue)


def assign(issue: Issue, *, department: UUID | None, owner: UUID | None) -> Decision:
    """Hand an issue to a department, or name who fixes it there. The same again changes nothing."""
    if department is None:
        raise Refused(_("Choose the department that fixes it."))
    if (department, owner) == (issue.department, issue.owner):
        _step(Verb.HAND, issue)
        return _unchanged(issue)
    if owner is None:
        if issue.owner is not None:
            raise Refused(_("This issue has an owner. Name another one, so that it never belongs to nobody."))
        return _step(Verb.HAND, issue)
    if owner == issue.sponsor:
        raise Refused(_("This person sponsors the issue. The owner fixes it, the sponsor answers for it: two people."))
    return _step(Verb.ASSIGN, issue)


def sponsor(issue: Issue, person: UUID) -> Decision:
    """Name the manager who answers for an issue; who sponsors a decision that waits is asked at once."""
    decision = _step(Verb.SPONSOR, issue)
    if person == issue.sponsor:
        return _unchanged(issue)
    if person == issue.owner:
        raise Refused(_("The owner fixes it, the sponsor answers for it: these are two people."))
    if issue.turn is Turn.NEEDS_DECISION:
        return _with(decision, letters=(Letter.DECISION_ASKED,))
    return decision


def promise(issue: Issue, for_date: date, *, because: str, today: date) -> Decision:
    """Give a date. Another one before the first is over moves the promise, with a reason; after that it was broken."""
    if issue.turn is Turn.NEEDS_OWNER:
        raise Refused(_("Somebody has to own this issue before a date can be promised."))
    decision = _step(Verb.PROMISE, issue)
    if for_date < today:
        raise Refused(_("That date is past. Promise one that is still to come."))
    if for_date == issue.promised_for:
        return _unchanged(issue)
    if issue.promised_for is not None and issue.promised_for >= today and not because.strip():
        raise Refused(_("A date was promised already. Say why it moves; those who raised it read the reason."))
    later = issue.promised_for is not None and for_date > issue.promised_for
    return _with(decision, for_date=for_date, letters=(Letter.DELAYED,) if later else (Letter.PROMISED,))


def update(issue: Issue, text: str) -> Decision:
    """Give a word to everybody who raised it; "no news yet" counts."""
    if not text.strip():
        raise Refused(_("Write a word. \"No news yet\" counts too."))
    return _step(Verb.UPDATE, issue)


def ask(issue: Issue, question: str) -> Decision:
    """Ask the sponsor for a yes or a no."""
    if not question.strip():
        raise Refused(_("Write the question, so that it can be answered with yes or no."))
    decision = _step(Verb.ASK, issue)
    if issue.sponsor is None:
        raise Refused(_("Nobody sponsors this issue yet. Name the manager who answers for it first."))
    return decision


def decide(issue: Issue, *, yes: bool, because: str) -> Decision:
    """Answer the question. A no needs its reason."""
    if issue.turn is not Turn.NEEDS_DECISION:
        raise Refused(_("No decision is waited for here any more."))
    if not yes and not because.strip():
        raise Refused(_("Say why not; those who raised it read the reason."))
    return _with(_step(Verb.DECIDE, issue), says="yes" if yes else "no")


def resolve(issue: Issue, how: Resolution, done: str) -> Decision:
    """Say what was done. *Cannot* closes at once, with its reason; anything else waits for those who raised it."""
    if how is Resolution.CANNOT:
        if not done.strip():
            raise Refused(_("Say why it cannot be fixed; those who raised it read the reason."))
        return _with(_step(Verb.CANNOT, issue), says=how.value, round=issue.round + 1, forgets_promise=True)
    if not done.strip():
        raise Refused(_("Say what was done, so that those who raised it can look."))
    return _with(_step(Verb.RESOLVE, issue), says=how.value, round=issue.round + 1)


def verdict(
    issue: Issue, says: Verdict, *, because: str, reporter: UUID | None, before: Verdict | None = None,
) -> Decision:  # fmt: skip
    """Take what a reporter (None: an anonymous one) says of the standing resolution.

    One *fixed* confirms, also after the silence; *partly* and *not* reopen, also what another reporter has confirmed.
    `before` is what the same reporter said of the same resolution: saying it again changes nothing.
    """
    verb = Verb.FIXED if says is Verdict.FIXED else Verb.NOT_FIXED
    decision = _step(verb, issue)
    if reporter is not None and reporter == issue.resolved_by:
        raise Refused(_("You said that it is fixed, so somebody else has to confirm it."))
    if says is not Verdict.FIXED and not because.strip():
        raise Refused(_("Say what is still wrong; whoever fixes it needs to know."))
    if says is before and says is Verdict.FIXED:
        return _unchanged(issue)
    reopens = says is not Verdict.FIXED
    return _with(decision, says=says.value, word=reopens, forgets_resolution=reopens)


def unconfirm(issue: Issue, *, now: datetime) -> Decision:
    """Close what nobody has said a word about for a fortnight, as unconfirmed."""
    decision = _step(Verb.UNCONFIRM, issue)
    if issue.resolved_at is None or now - issue.resolved_at < SILENCE:
        raise Refused(_("Those who raised it have 14 days to say whether it is fixed."))
    return decision


def again(issue: Issue, text: str, *, reports: bool) -> Decision:
    """Bring a closed issue back: by somebody who raised it, or (a return) by anybody else who meets it."""
    if not text.strip():
        raise Refused(_("Say what happened again."))
    decision = _step(Verb.AGAIN if reports else Verb.RETURN, issue)
    if reports and issue.ending is Ending.CANNOT and issue.cannots > 1:
        raise Refused(_("This was asked again once, and answered. Talk to the coordinator about it."))
    return _with(decision, forgets_resolution=True)


def decline(issue: Issue, because: str) -> Decision:
    """Say that nothing will be done, and why."""
    decision = _step(Verb.DECLINE, issue)
    if not because.strip():
        raise Refused(_("Say why; those who raised it read the reason."))
    return _with(decision, forgets_promise=True)


def snooze(issue: Issue, until: date, *, today: date) -> Decision:
    """Put an issue aside until a date."""
    decision = _step(Verb.SNOOZE, issue)
    if until <= today:
        raise Refused(_("Choose a date that is still to come."))
    return _with(decision, for_date=until)


def wake(issue: Issue) -> Decision:
    """Take up again what was put aside."""
    decision = _step(Verb.WAKE, issue)
    return decision if issue.snoozed_until is not None else _unchanged(issue)


def join(issue: Issue, into: Issue) -> Decision:
    """Make one issue part of another. Both histories stay, and whoever raised the one has raised the other."""
    decision = _step(Verb.JOIN, issue)
    if issue.id == into.id:
        raise Refused(_("An issue cannot be joined into itself."))
    if into.stage is Stage.JOINED:
        raise Refused(_("That issue is itself part of another one. Join into that one."))
    if into.turn is Turn.CLOSED:
        raise Refused(_("That issue is closed. Say there that it happened again, then join."))
    return decision


AWAKE = "awake"


def asleep(issue: Issue) -> str:
    """Say of an issue that is joined until when it sleeps, for `stood` to read: what has no minute does not tell it."""
    return issue.snoozed_until.isoformat() if issue.snoozed_until is not None else AWAKE


class Stood(Struct, frozen=True):
    """How an issue stood, as far as joining it into another one forgets that."""

    stage: Stage
    question: str = ""
    snoozed_until: date | None = None


def split(issue: Issue, stood: Stood) -> Decision:
    """Take an issue out of the one that it was joined into; it stands again where it stood before."""
    if issue.stage is not Stage.JOINED:
        raise Refused(_("This issue is part of no other one, so there is nothing to split."))
    return _with(_step(Verb.SPLIT, issue), turn=stood.stage.turn, ending=stood.stage.ending)


def take_out(issue: Issue | None, *, withdrawn: bool = False, alone: bool = False) -> Decision:
    """Take a note out of an issue that it does not belong to; it becomes one of its own (None).

    `alone` says that no other note would stay.
    """
    if issue is None:
        return _step(Verb.TAKE_OUT, Issue(), before_any=True)
    if withdrawn:
        raise Refused(_("This note has been withdrawn, so there is nothing to take out."))
    if alone and issue.stage is Stage.JOINED:
        raise Refused(_("This is the only note of what was joined here. Split that issue instead."))
    if alone:
        raise Refused(_("This is the only note of its issue, so it has its own already."))
    return _step(Verb.TAKE_OUT, issue)


def question(issue: Issue, text: str) -> Decision:
    """Ask those who raised it, or one of them, one thing; another one has to wait for the answer."""
    if not text.strip():
        raise Refused(_("Write the question, in a sentence or two."))
    decision = _step(Verb.QUESTION, issue)
    if issue.waits:
        raise Refused(_("One question waits for its answer already. Take it back first, or wait."))
    return decision


def answer(issue: Issue, text: str, *, asked: bool, answered: bool) -> Decision:
    """Answer what is asked of those who raised it; once, and only who was `asked`."""
    if issue.asks is None or issue.stage not in OPEN:
        raise Refused(_("Nothing is asked here any more. Thank you all the same."))
    if not asked:
        raise Refused(_("This question was put to somebody else."))
    if answered:
        raise Refused(_("You have answered this question already. Thank you."))
    if not text.strip():
        raise Refused(_("Write your answer first. \"I do not know\" is one, too."))
    return _step(Verb.ANSWER, issue)


def unask(issue: Issue) -> Decision:
    """Take a question to those who raised it back; answers that came stay in the history."""
    decision = _step(Verb.UNASK, issue)
    return decision if issue.asks is not None else _unchanged(issue)


def withdraw_note(*, mine: bool, withdrawn: bool) -> None:
    """Take back an own note; nobody else's."""
    if not mine:
        raise Refused(_("Only who wrote a note can withdraw it."))
    if withdrawn:
        raise Refused(_("This note has been withdrawn already."))


def correct_note(text: str, *, mine: bool, withdrawn: bool) -> None:
    """Say an own note better; nobody else's."""
    if not mine:
        raise Refused(_("Only who wrote a note can correct it."))
    if withdrawn:
        raise Refused(_("This note has been withdrawn already."))
    if not text.strip():
        raise Refused(_("Write what was said or seen, or withdraw the note."))


def undo(*, mine: bool, at: datetime, now: datetime, seconds: int) -> None:
    """Take back an own step while its letters wait."""
    if not mine or now - at > timedelta(seconds=seconds):
        raise Refused(_("There is nothing to undo here any more."))


def possible(issue: Issue) -> frozenset[Verb]:
    """Give the steps that fit an issue now; which of them are somebody's to take is for access to say."""
    return frozenset(row.verb for row in TRANSITIONS if row.before is issue.stage)


class Happened(Struct, frozen=True):
    """A line of an issue's history, as far as it tells what became of a promise."""

    at: datetime
    what: str
    says: str = ""
    for_date: date | None = None
    text: str = ""


def stood(lines: Sequence[Happened], *, owned: bool, today: date) -> Stood:
    """Say how an issue stands after these lines of its history, in order of time, however it has been joined since.

    The lines tell it, so that it is the same for what was brought in from a file. The last may be the joining itself,
    which says until when it slept. `owned` is whether its owner is still here: else it *needs an owner*.
    """
    stage, asked, until = Stage.NEEDS_OWNER, "", _slept(lines)
    for line in lines:
        match line.what:
            case "asked" if stage in OPEN:
                stage, asked = Stage.NEEDS_DECISION, line.text
            case "decided" if stage in OPEN:
                stage = Stage.BEING_FIXED
            case "resolved":
                stage = Stage.CANNOT if line.says == Resolution.CANNOT.value else Stage.TELL_FLOOR
            case "verdict" if line.says == Verdict.FIXED.value:
                stage = Stage.CONFIRMED if stage in ANSWERABLE else stage
            case "verdict" | "reopened" | "returned" if stage not in OPEN:
                stage = Stage.BEING_FIXED
            case "unconfirmed":
                stage = Stage.UNCONFIRMED
            case "declined":
                stage = Stage.DECLINED
            case _:
                pass
    if stage in {Stage.NEEDS_OWNER, Stage.BEING_FIXED}:
        stage = Stage.BEING_FIXED if owned else Stage.NEEDS_OWNER
    return Stood(
        stage, question=asked if stage is Stage.NEEDS_DECISION else "",
        snoozed_until=until if until is not None and until > today and stage in OPEN else None,
    )  # fmt: skip


def _slept(lines: Sequence[Happened]) -> date | None:
    """Say until when an issue sleeps after these lines; None: it is awake."""
    until: date | None = None
    for line in lines:
        if line.what == "snoozed":
            until = line.for_date
        elif line.what == "joined" and line.says:
            until = None if line.says == AWAKE else date.fromisoformat(line.says)
        elif line.what in _WAKING:
            until = None
    return until


def promise_state(
    lines: Sequence[Happened], place: int, *, deadline: datetime, now: datetime
) -> PromiseState:
    """Say what became of the promise at this place of a history that stands in order of time.

    `deadline` is the first instant of the next date. Kept: something was done by then and stands. Moved: another
    date, a refusal, or that it goes on as part of another issue was told by then (and not split since). The last
    saying of a date counts.
    """
    due = lines[place].for_date
    told = [line for line in lines[place + 1 :] if line.at < deadline]
    if any(line.what == "promised" and line.for_date == due for line in told):
        return PromiseState.SAID_AGAIN
    stands = _stands(lines[: place + 1], "")
    stands = _stands(told, stands)
    if stands == "done":
        return PromiseState.KEPT
    apart = max((line.at for line in lines if line.what == "split"), default=None)
    joined = any(line.what == "joined" and (apart is None or line.at > apart) for line in told)
    if joined or stands == "cannot" or any(line.what in {"promised", "declined"} for line in told):
        return PromiseState.MOVED
    return PromiseState.BROKEN if now >= deadline else PromiseState.STANDING


def _stands(lines: Sequence[Happened], stands: str) -> str:
    """Say which answer stands after these lines: "done", "cannot", "declined" or none."""
    for line in lines:
        match line.what:
            case "resolved":
                stands = "cannot" if line.says == Resolution.CANNOT.value else "done"
            case "declined":
                stands = "declined"
            case "reopened" | "returned":
                stands = ""
            case "verdict" if line.says != Verdict.FIXED.value and stands != "declined":
                stands = ""
            case _:
                pass
    return stands


def say(stage: Stage) -> str:
    """Name a stage to a reader."""
    return {
        Stage.NEEDS_OWNER: _("Needs an owner"), Stage.BEING_FIXED: _("Being fixed"),
        Stage.NEEDS_DECISION: _("Needs a decision"), Stage.TELL_FLOOR: _("Fixed, tell the floor"),
        Stage.CONFIRMED: _("Confirmed"), Stage.UNCONFIRMED: _("Unconfirmed"), Stage.CANNOT: _("Cannot be fixed"),
        Stage.DECLINED: _("Declined"), Stage.JOINED: _("Joined"),
    }[stage]  # fmt: skip


def say_kind(kind: Kind) -> str:
    """Name a kind to a reader."""
    return {
        Kind.GLITCH: _("Glitch"), Kind.RED_TAPE: _("Red tape"), Kind.HAND_OFF: _("Hand-off"),
        Kind.PRODUCT: _("Product"), Kind.KNOWLEDGE: _("Knowledge"), Kind.WORKSPACE: _("Workspace"),
        Kind.STAFFING: _("Staffing"), Kind.MEASURE_CONFLICT: _("Measure conflict"), Kind.OTHER: _("Other"),
    }[kind]  # fmt: skip


_QUIET = frozenset({
    Verb.NOTE, Verb.HAND, Verb.SPONSOR, Verb.SNOOZE, Verb.TAKE_OUT, Verb.QUESTION, Verb.UNASK,
})  # fmt: skip
"""These let an issue sleep on."""

_WAKING = frozenset(row.event for row in TRANSITIONS if row.verb not in _QUIET | {Verb.JOIN, Verb.SPLIT})


def _step(verb: Verb, issue: Issue, *, before_any: bool = False) -> Decision:
    """Look a step up, or say why there is none."""
    row = _STEPS.get((verb, None if before_any else issue.stage))
    if row is None:
        raise Refused(_why_not(verb, issue.stage))
    after = Stage.NEEDS_OWNER if row.unowned and issue.owner is None else row.after
    return Decision(
        turn=after.turn, ending=after.ending, event=row.event, letters=row.letters, round=issue.round,
        word=row.event in WORDS,
        wakes=issue.snoozed_until is not None and verb not in _QUIET,
    )  # fmt: skip


def _with(decision: Decision, **changes: object) -> Decision:
    return msgspec.structs.replace(decision, **changes)


def _unchanged(issue: Issue) -> Decision:
    return Decision(turn=issue.turn, ending=issue.ending, event="", round=issue.round)


def _why_not(verb: Verb, stage: Stage) -> str:
    match stage:
        case Stage.JOINED:
            return _("This issue is part of another one. Go on there.")
        case Stage.TELL_FLOOR if verb in {Verb.AGAIN, Verb.RETURN}:
            return _("Those who raised it are being asked whether it is fixed. If you raised it, answer that.")
        case Stage.TELL_FLOOR:
            return _("This waits for the word of those who raised it.")
        case Stage.CANNOT if verb in {Verb.FIXED, Verb.NOT_FIXED}:
            return _("This could not be fixed, so there is nothing to confirm. You can ask for it again.")
        case _ if stage in CLOSED:
            return _("This issue is closed.")
        case _ if verb in {Verb.FIXED, Verb.NOT_FIXED}:
            return _("Nothing has been fixed yet, so there is nothing to confirm.")
        case _:
            return _("This issue is still open. Say \"me too\" instead.")
