"""What may happen to an issue: tables of cases, and whole lives in any order."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import structs

from floorday.errors import Refused
from floorday.issues import rules
from floorday.issues.rules import (
    ANSWERABLE,
    CLOSED,
    OPEN,
    SILENCE,
    TRANSITIONS,
    Decision,
    Ending,
    Happened,
    Issue,
    Letter,
    PromiseState,
    Resolution,
    Stage,
    Stood,
    Stream,
    Turn,
    Verb,
    Verdict,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY, TOMORROW, NEXT_WEEK = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 9)
ANN, BEN, GUS, IT = (UUID(int=number) for number in range(1, 5))


def issue(stage: Stage = Stage.BEING_FIXED, **changes: Any) -> Issue:
    owner = None if stage is Stage.NEEDS_OWNER else GUS
    done = {"resolution": "here", "resolved_by": GUS, "resolved_at": NOW, "round": 1} if stage in ANSWERABLE else {}
    return Issue(**{"id": UUID(int=99), "turn": stage.turn, "ending": stage.ending, "owner": owner, "department": IT,
                    **done, **changes})


# --- the table of steps


def test_every_step_is_there_once_and_every_verb_and_stage_is_used() -> None:
    keys = [(row.verb, row.before) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))
    assert {row.verb for row in TRANSITIONS} == set(Verb)
    assert {row.after for row in TRANSITIONS} == set(Stage)


def test_a_joined_issue_can_but_be_split_or_give_a_note_away() -> None:
    assert {row.verb for row in TRANSITIONS if row.before is Stage.JOINED} == {Verb.SPLIT, Verb.TAKE_OUT}
    assert rules.possible(issue(Stage.JOINED)) == {Verb.SPLIT, Verb.TAKE_OUT}


def test_nothing_is_confirmed_but_by_a_reporters_fixed() -> None:
    leading = {row.verb for row in TRANSITIONS if row.after is Stage.CONFIRMED and row.before is not row.after}
    assert leading == {Verb.FIXED}
    assert {row.before for row in TRANSITIONS if row.verb is Verb.FIXED} == set(ANSWERABLE)


def test_turn_and_ending_say_the_same_as_the_stage() -> None:
    for stage in Stage:
        assert (stage.turn is Turn.CLOSED) == (stage in CLOSED) == (stage.ending is not Ending.NONE)
        assert issue(stage).stage is stage


def attempts(given: Issue) -> dict[Verb, Any]:
    """Try every verb with everything right but, perhaps, the stage."""
    other = structs.replace(issue(Stage.BEING_FIXED), id=UUID(int=7))
    sponsored = structs.replace(given, sponsor=ANN)
    return {
        Verb.NOTE: lambda: rules.raise_note(Stream.STAFF_TOLD, "Us too", given),
        Verb.HAND: lambda: rules.assign(structs.replace(given, owner=None, department=None), department=IT, owner=None),
        Verb.ASSIGN: lambda: rules.assign(given, department=IT, owner=BEN),
        Verb.SPONSOR: lambda: rules.sponsor(given, ANN),
        Verb.PROMISE: lambda: rules.promise(given, TOMORROW, because="", today=TODAY),
        Verb.UPDATE: lambda: rules.update(given, "No news yet"),
        Verb.ASK: lambda: rules.ask(sponsored, "May we?"),
        Verb.DECIDE: lambda: rules.decide(given, yes=True, because=""),
        Verb.RESOLVE: lambda: rules.resolve(given, Resolution.HERE, "Done"),
        Verb.CANNOT: lambda: rules.resolve(given, Resolution.CANNOT, "The law"),
        Verb.FIXED: lambda: rules.verdict(given, Verdict.FIXED, because="", reporter=ANN),
        Verb.NOT_FIXED: lambda: rules.verdict(given, Verdict.NOT, because="It waits", reporter=ANN),
        Verb.UNCONFIRM: lambda: rules.unconfirm(given, now=NOW + SILENCE),
        Verb.AGAIN: lambda: rules.again(given, "Again", reports=True),
        Verb.RETURN: lambda: rules.again(given, "Again", reports=False),
        Verb.DECLINE: lambda: rules.decline(given, "No"),
        Verb.SNOOZE: lambda: rules.snooze(given, NEXT_WEEK, today=TODAY),
        Verb.WAKE: lambda: rules.wake(structs.replace(given, snoozed_until=NEXT_WEEK)),
        Verb.JOIN: lambda: rules.join(given, other),
        Verb.SPLIT: lambda: rules.split(given, Stood(Stage.NEEDS_OWNER)),
        Verb.TAKE_OUT: lambda: rules.take_out(given),
        Verb.QUESTION: lambda: rules.question(given, "At which desk?"),
        Verb.ANSWER: lambda: rules.answer(structs.replace(given, asks=ANN), "At all", asked=True, answered=False),
        Verb.UNASK: lambda: rules.unask(structs.replace(given, asks=ANN)),
    }


@pytest.mark.parametrize(("stage", "verb"), [
    pytest.param(stage, verb, id=f"{verb} when {stage}")
    for stage, verb in product(Stage, Verb) if verb is not Verb.RAISE
])
def test_a_step_is_taken_exactly_where_the_table_has_it(stage: Stage, verb: Verb) -> None:
    row = next((row for row in TRANSITIONS if (row.verb, row.before) == (verb, stage)), None)
    attempt = attempts(issue(stage))[verb]
    if row is None:
        with pytest.raises(Refused):
            attempt()
        return
    decision: Decision = attempt()
    assert decision.stage in {row.after, Stage.NEEDS_OWNER} if row.unowned else decision.stage is row.after
    assert decision.event == row.event


# --- notes


@pytest.mark.parametrize(("stream", "text", "given", "sentence"), [
    (Stream.STAFF_TOLD, "  ", None, "what was said"),
    (Stream.GOOD_NEWS, "Well done", issue(), "not about an issue"),
    (Stream.STAFF_TOLD, "Us too", issue(Stage.CONFIRMED), "closed"),
    (Stream.STAFF_TOLD, "Us too", issue(Stage.JOINED), "part of another"),
])
def test_a_note_that_belongs_nowhere_is_refused(
    stream: Stream, text: str, given: Issue | None, sentence: str,
) -> None:  # fmt: skip
    with pytest.raises(Refused, match=sentence):
        rules.raise_note(stream, text, given)


def test_a_note_opens_an_issue_but_good_news_does_not() -> None:
    opened = rules.raise_note(Stream.CUSTOMER_SAID, "It waits")
    assert opened is not None
    assert (opened.stage, opened.event) == (Stage.NEEDS_OWNER, "raised")
    assert rules.raise_note(Stream.GOOD_NEWS, "Well done") is None


# --- owner, sponsor, promise


def test_the_same_owner_or_sponsor_again_changes_nothing() -> None:
    assert rules.assign(issue(), department=IT, owner=GUS).event == ""
    assert rules.sponsor(issue(sponsor=ANN), ANN).event == ""


def test_an_issue_with_an_owner_never_belongs_to_nobody() -> None:
    with pytest.raises(Refused, match="never belongs to nobody"):
        rules.assign(issue(), department=UUID(int=50), owner=None)


def test_who_sponsors_an_issue_is_not_made_its_owner() -> None:
    with pytest.raises(Refused, match="two people"):
        rules.assign(issue(Stage.BEING_FIXED, sponsor=ANN), department=IT, owner=ANN)


def test_owner_and_sponsor_are_two_people() -> None:
    with pytest.raises(Refused, match="two people"):
        rules.sponsor(issue(), GUS)


PROMISES = [
    # promised before, for, because -> event, letters, or the sentence
    (None, TODAY, "", "promised", (Letter.PROMISED,)),
    (None, TODAY - timedelta(days=1), "", "", "past"),
    (TOMORROW, TOMORROW, "", "", ()),
    (TOMORROW, NEXT_WEEK, " ", "", "why it moves"),
    (TOMORROW, NEXT_WEEK, "Late", "promised", (Letter.DELAYED,)),
    (NEXT_WEEK, TOMORROW, "", "", "why it moves"),
    (NEXT_WEEK, TOMORROW, "Early", "promised", (Letter.PROMISED,)),
    (TODAY, TOMORROW, "", "", "why it moves"),
    (TODAY - timedelta(days=1), TOMORROW, "", "promised", (Letter.DELAYED,)),
]


@pytest.mark.parametrize(("was", "to", "because", "event", "follows"), PROMISES)
def test_a_promise_is_given_moved_or_broken(
    was: date | None, to: date, because: str, event: str, follows: Any,
) -> None:  # fmt: skip
    given = issue(promised_for=was)
    if isinstance(follows, str):
        with pytest.raises(Refused, match=follows):
            rules.promise(given, to, because=because, today=TODAY)
        return
    decision = rules.promise(given, to, because=because, today=TODAY)
    assert (decision.event, decision.letters) == (event, follows)
    assert decision.for_date == (to if event else None)


def test_nobody_promises_what_nobody_owns() -> None:
    with pytest.raises(Refused, match="own this issue"):
        rules.promise(issue(Stage.NEEDS_OWNER), TOMORROW, because="", today=TODAY)


# --- decisions, resolutions


def test_a_decision_goes_back_to_whoever_fixes_it() -> None:
    waiting = issue(Stage.NEEDS_DECISION)
    assert rules.decide(waiting, yes=True, because="").stage is Stage.BEING_FIXED
    assert rules.decide(structs.replace(waiting, owner=None), yes=False, because="No").stage is Stage.NEEDS_OWNER
    with pytest.raises(Refused, match="why not"):
        rules.decide(waiting, yes=False, because="")


@pytest.mark.parametrize(("how", "stage", "letters"), [
    (Resolution.WORKAROUND, Stage.TELL_FLOOR, (Letter.VERDICT_ASKED,)),
    (Resolution.HERE, Stage.TELL_FLOOR, (Letter.VERDICT_ASKED,)),
    (Resolution.EVERYBODY, Stage.TELL_FLOOR, (Letter.VERDICT_ASKED,)),
    (Resolution.CANNOT, Stage.CANNOT, (Letter.CANNOT,)),
])
def test_a_resolution_waits_for_verdicts_but_cannot_does_not(
    how: Resolution, stage: Stage, letters: tuple[Letter, ...],
) -> None:  # fmt: skip
    decision = rules.resolve(issue(round=2), how, "Words")
    assert (decision.stage, decision.letters, decision.round, decision.says) == (stage, letters, 3, how.value)
    with pytest.raises(Refused, match="Say"):
        rules.resolve(issue(), how, "  ")


# --- verdicts


@pytest.mark.parametrize("stage", ANSWERABLE)
@pytest.mark.parametrize("says", Verdict)
def test_one_fixed_confirms_and_one_doubt_reopens(stage: Stage, says: Verdict) -> None:
    decision = rules.verdict(issue(stage), says, because="It waits", reporter=ANN)
    fixed = says is Verdict.FIXED
    assert decision.stage is (Stage.CONFIRMED if fixed else Stage.BEING_FIXED)
    assert decision.forgets_resolution == decision.word == (not fixed)
    assert (decision.event, decision.says) == ("verdict", says.value)


def test_a_doubt_says_what_is_still_wrong() -> None:
    with pytest.raises(Refused, match="still wrong"):
        rules.verdict(issue(Stage.TELL_FLOOR), Verdict.PARTLY, because=" ", reporter=ANN)


@pytest.mark.parametrize("says", Verdict)
def test_the_resolver_gives_no_verdict(says: Verdict) -> None:
    with pytest.raises(Refused, match="somebody else has to confirm"):
        rules.verdict(issue(Stage.TELL_FLOOR), says, because="It waits", reporter=GUS)


def test_fixed_said_twice_is_said_once() -> None:
    again = rules.verdict(issue(Stage.CONFIRMED), Verdict.FIXED, because="", reporter=ANN, before=Verdict.FIXED)
    assert (again.event, again.stage) == ("", Stage.CONFIRMED)


@pytest.mark.parametrize(("waited", "due"), [
    (SILENCE - timedelta(microseconds=1), False), (SILENCE, True), (SILENCE + timedelta(days=9), True)])
def test_a_fortnight_of_silence_is_unconfirmed(waited: timedelta, due: bool) -> None:
    given = issue(Stage.TELL_FLOOR)
    if due:
        decision = rules.unconfirm(given, now=NOW + waited)
        assert (decision.stage, decision.letters, decision.word) == (Stage.UNCONFIRMED, (), False)
    else:
        with pytest.raises(Refused, match="14 days"):
            rules.unconfirm(given, now=NOW + waited)


# --- again


@pytest.mark.parametrize(("stage", "reports", "cannots", "event"), [
    (Stage.CONFIRMED, True, 0, "reopened"), (Stage.CONFIRMED, False, 0, "returned"),
    (Stage.UNCONFIRMED, True, 0, "reopened"), (Stage.DECLINED, False, 0, "returned"),
    (Stage.CANNOT, True, 1, "reopened"), (Stage.CANNOT, True, 2, None), (Stage.CANNOT, False, 2, "returned"),
    (Stage.JOINED, True, 0, None), (Stage.TELL_FLOOR, True, 0, None), (Stage.BEING_FIXED, False, 0, None),
])
def test_again_reopens_what_is_closed(stage: Stage, reports: bool, cannots: int, event: str | None) -> None:
    given = issue(stage, cannots=cannots)
    if event is None:
        with pytest.raises(Refused):
            rules.again(given, "Again", reports=reports)
        return
    decision = rules.again(given, "Again", reports=reports)
    assert (decision.event, decision.stage, decision.word) == (event, Stage.BEING_FIXED, True)
    assert decision.letters == (Letter.REOPENED,)
    assert rules.again(structs.replace(given, owner=None), "x", reports=reports).stage is Stage.NEEDS_OWNER


# --- snoozing, joining, undoing


def test_what_is_done_wakes_what_sleeps_but_me_too_does_not() -> None:
    asleep = issue(snoozed_until=NEXT_WEEK)
    assert rules.update(asleep, "News").wakes
    assert rules.wake(asleep).wakes
    assert rules.wake(issue()).event == ""
    noted = rules.raise_note(Stream.STAFF_TOLD, "Us too", asleep)
    assert noted is not None
    assert not noted.wakes
    with pytest.raises(Refused, match="still to come"):
        rules.snooze(issue(), TODAY, today=TODAY)


@pytest.mark.parametrize(("into", "sentence"), [
    (issue(), "into itself"),
    (issue(Stage.JOINED, id=UUID(int=7)), "itself part of another"),
    (issue(Stage.CONFIRMED, id=UUID(int=7)), "closed"),
])
def test_an_issue_joins_only_what_is_alive_and_another(into: Issue, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rules.join(issue(), into)


@pytest.mark.parametrize(("mine", "after", "fits"), [(True, 10, True), (True, 11, False), (False, 1, False)])
def test_an_own_step_is_undone_for_some_seconds(mine: bool, after: int, fits: bool) -> None:
    expected = nullcontext() if fits else pytest.raises(Refused, match="nothing to undo")
    with expected:
        rules.undo(mine=mine, at=NOW, now=NOW + timedelta(seconds=after), seconds=10)


# --- whole lives


class Life(RuleBasedStateMachine):
    """An issue to which anything is done in any order, with its history kept beside as a list of words.

    Whether it stands confirmed is worked out from the history alone, as the figures do, and must agree.
    """

    @initialize()
    def begin(self) -> None:
        self.issue = issue(Stage.NEEDS_OWNER, sponsor=BEN)
        self.told: list[tuple[str, str]] = []
        self.now = NOW

    def step(self, decide: Any, **values: Any) -> None:
        try:
            decision: Decision = decide()
        except Refused:
            return
        if not decision.event:
            return
        changes: dict[str, Any] = {"turn": decision.turn, "ending": decision.ending, "round": decision.round}
        if decision.forgets_resolution:
            changes |= {"resolution": "", "resolved_by": None, "resolved_at": None}
        if decision.forgets_promise:
            changes["promised_for"] = None
        self.issue = structs.replace(self.issue, **{**changes, **values})
        self.told.append((decision.event, decision.says))

    @rule(days=st.integers(0, 15))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(owner=st.sampled_from([GUS, ANN]))
    def assign(self, owner: UUID) -> None:
        self.step(lambda: rules.assign(self.issue, department=IT, owner=owner), owner=owner)

    @rule(days=st.integers(-1, 20), because=st.sampled_from(["", "Late"]))
    def promise(self, days: int, because: str) -> None:
        day = self.now.date() + timedelta(days=days)
        self.step(lambda: rules.promise(self.issue, day, because=because, today=self.now.date()), promised_for=day)

    @rule(yes=st.booleans())
    def ask_and_decide(self, yes: bool) -> None:
        self.step(lambda: rules.ask(self.issue, "May we?"))
        self.step(lambda: rules.decide(self.issue, yes=yes, because="So"))

    @rule(how=st.sampled_from(Resolution), by=st.sampled_from([GUS, ANN]))
    def resolve(self, how: Resolution, by: UUID) -> None:
        self.step(lambda: rules.resolve(self.issue, how, "Done"), resolution=how.value, resolved_by=by,
                  resolved_at=self.now)

    @rule(says=st.sampled_from(Verdict), reporter=st.sampled_from([ANN, BEN, None]))
    def verdict(self, says: Verdict, reporter: UUID | None) -> None:
        self.step(lambda: rules.verdict(self.issue, says, because="So", reporter=reporter))

    @rule()
    def hear_nothing(self) -> None:
        self.step(lambda: rules.unconfirm(self.issue, now=self.now))

    @rule(reports=st.booleans())
    def again(self, reports: bool) -> None:
        self.step(lambda: rules.again(self.issue, "Again", reports=reports))

    @rule()
    def decline(self) -> None:
        self.step(lambda: rules.decline(self.issue, "No"))

    @rule()
    @precondition(lambda self: len(self.told) > 12)
    def join(self) -> None:
        self.step(lambda: rules.join(self.issue, issue(id=UUID(int=7))))

    @invariant()
    def nothing_is_confirmed_without_a_fixed_after_the_standing_resolution(self) -> None:
        confirmed = False
        for event, says in self.told:
            if event == "verdict" and says == "fixed":
                confirmed = True
            elif event in {"resolved", "declined", "reopened", "returned", "joined"} or event == "verdict":
                confirmed = False
        assert (self.issue.stage is Stage.CONFIRMED) == confirmed

    @invariant()
    def what_stands_resolved_says_how_and_by_whom(self) -> None:
        stage = self.issue.stage
        if stage in ANSWERABLE or stage is Stage.CANNOT:
            assert self.issue.resolution
            assert self.issue.resolved_at is not None
        if stage in OPEN:
            assert not self.issue.resolution
            assert self.issue.resolved_by is None

    @invariant()
    def whose_turn_it_is_has_somebody_whose_turn_it_is(self) -> None:
        if self.issue.stage is Stage.BEING_FIXED:
            assert self.issue.owner is not None

    @invariant()
    def rounds_are_counted(self) -> None:
        assert self.issue.round == sum(event == "resolved" for event, _says in self.told)


TestLife = Life.TestCase


# --- splitting, taking out, asking


def happened(*lines: str) -> list[Happened]:
    """Read lines such as "resolved here" into a history, a day apart."""
    told: list[Happened] = []
    for day, line in enumerate(lines):
        what, _, rest = line.partition(": ")
        told.append(Happened(at=NOW + timedelta(days=day), what=what, says=rest, text="May we?",
                             for_date=NEXT_WEEK if what == "snoozed" else None))
    return told


@pytest.mark.parametrize(("lines", "owned", "stood"), [
    ([], False, Stood(Stage.NEEDS_OWNER)),
    (["raised", "acknowledged"], True, Stood(Stage.BEING_FIXED)),
    (["raised", "acknowledged"], False, Stood(Stage.NEEDS_OWNER)),
    (["acknowledged", "asked"], True, Stood(Stage.NEEDS_DECISION, question="May we?")),
    (["acknowledged", "asked", "decided: yes"], True, Stood(Stage.BEING_FIXED)),
    (["asked", "decided: no"], False, Stood(Stage.NEEDS_OWNER)),
    (["acknowledged", "resolved: here"], True, Stood(Stage.TELL_FLOOR)),
    (["resolved: here", "verdict: not"], True, Stood(Stage.BEING_FIXED)),
    (["resolved: here", "verdict: fixed"], True, Stood(Stage.CONFIRMED)),
    (["resolved: here", "unconfirmed"], True, Stood(Stage.UNCONFIRMED)),
    (["resolved: cannot", "verdict: fixed"], True, Stood(Stage.CANNOT)),
    (["declined", "returned"], False, Stood(Stage.NEEDS_OWNER)),
    (["declined"], False, Stood(Stage.DECLINED)),
    (["snoozed"], False, Stood(Stage.NEEDS_OWNER, snoozed_until=NEXT_WEEK)),
    (["snoozed", "noted", "asked the floor"], False, Stood(Stage.NEEDS_OWNER, snoozed_until=NEXT_WEEK)),
    (["snoozed", "woken"], False, Stood(Stage.NEEDS_OWNER)),
    (["snoozed", "answered"], False, Stood(Stage.NEEDS_OWNER)),
    (["snoozed", "joined", "split"], False, Stood(Stage.NEEDS_OWNER, snoozed_until=NEXT_WEEK)),
    (["answered", "snoozed", "joined: awake"], False, Stood(Stage.NEEDS_OWNER)),
    (["joined: 2026-11-09"], False, Stood(Stage.NEEDS_OWNER, snoozed_until=NEXT_WEEK)),
])
def test_how_an_issue_stood_is_told_by_its_history(lines: list[str], owned: bool, stood: Stood) -> None:
    assert rules.stood(happened(*lines), owned=owned, today=TODAY) == stood


def test_it_does_not_sleep_on_till_a_day_that_is_over() -> None:
    assert rules.stood(happened("snoozed"), owned=False, today=NEXT_WEEK) == Stood(Stage.NEEDS_OWNER)


def test_one_question_at_a_time_and_one_answer_each() -> None:
    asked = structs.replace(issue(Stage.BEING_FIXED), asks=ANN, waits=True)
    with pytest.raises(Refused, match="waits for its answer"):
        rules.question(asked, "And where?")
    assert rules.question(structs.replace(asked, waits=False), "And where?").letters == (Letter.QUESTION,)
    with pytest.raises(Refused, match="somebody else"):
        rules.answer(asked, "Here", asked=False, answered=False)
    with pytest.raises(Refused, match="already"):
        rules.answer(asked, "Here", asked=True, answered=True)
    with pytest.raises(Refused, match="Write your answer"):
        rules.answer(asked, " ", asked=True, answered=False)
    with pytest.raises(Refused, match="Nothing is asked"):
        rules.answer(issue(Stage.BEING_FIXED), "Here", asked=True, answered=False)


def test_an_answer_wakes_and_a_question_does_not() -> None:
    asleep = structs.replace(issue(Stage.BEING_FIXED), snoozed_until=NEXT_WEEK, asks=ANN)
    assert rules.answer(asleep, "Here", asked=True, answered=False).wakes
    assert not rules.question(asleep, "Where?").wakes


def test_a_note_is_taken_out_only_where_another_stays() -> None:
    assert rules.take_out(None).stage is Stage.NEEDS_OWNER
    with pytest.raises(Refused, match="its own already"):
        rules.take_out(issue(), alone=True)
    with pytest.raises(Refused, match="Split that issue"):
        rules.take_out(issue(Stage.JOINED), alone=True)
    with pytest.raises(Refused, match="withdrawn"):
        rules.take_out(issue(), withdrawn=True)


def test_a_promise_that_was_split_off_again_was_not_moved_by_the_join() -> None:
    lines = [Happened(at=NOW, what="promised", for_date=TODAY), Happened(at=NOW, what="joined")]
    states = [rules.promise_state(told, 0, deadline=NOW + timedelta(days=1), now=NOW + timedelta(days=9))
              for told in (lines, [*lines, Happened(at=NOW + timedelta(days=3), what="split")])]  # fmt: skip
    assert states == [PromiseState.MOVED, PromiseState.BROKEN]
