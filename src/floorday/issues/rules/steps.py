"""The whole life of an issue as data: each step, where it begins and leads to, and what follows."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.errors import Refused
from floorday.issues.rules.words import ANSWERABLE, CLOSED, OPEN, Ending, Letter, Stage, Turn, Verb
from floorday.render.words import gettext as _


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


def possible(issue: Issue) -> frozenset[Verb]:
    """Give the steps that fit an issue now; which of them are somebody's to take is for access to say."""
    return frozenset(row.verb for row in TRANSITIONS if row.before is issue.stage)


QUIET = frozenset({
    Verb.NOTE, Verb.HAND, Verb.SPONSOR, Verb.SNOOZE, Verb.TAKE_OUT, Verb.QUESTION, Verb.UNASK,
})  # fmt: skip
"""These let an issue sleep on."""


def step(verb: Verb, issue: Issue, *, before_any: bool = False) -> Decision:
    """Look a step up, or say why there is none."""
    row = _STEPS.get((verb, None if before_any else issue.stage))
    if row is None:
        raise Refused(_why_not(verb, issue.stage))
    after = Stage.NEEDS_OWNER if row.unowned and issue.owner is None else row.after
    return Decision(
        turn=after.turn, ending=after.ending, event=row.event, letters=row.letters, round=issue.round,
        word=row.event in WORDS,
        wakes=issue.snoozed_until is not None and verb not in QUIET,
    )  # fmt: skip


def changed(decision: Decision, **changes: object) -> Decision:
    """Give the same decision with some of its fields otherwise."""
    return msgspec.structs.replace(decision, **changes)


def unchanged(issue: Issue) -> Decision:
    """Decide that nothing happens: the issue stays where it is, and its history keeps no line."""
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
