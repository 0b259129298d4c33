"""Which buttons fit a mail: over every outcome, and each thing that opens or closes one."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from floorday.inbox.rules import MENDABLE, WAITS, Case, Choice, Name, choices

OUTCOMES = get_args(Name)
WHOLE: dict[str, Any] = {"about": True, "answers": True, "moves": True, "proposal_open": True}


def deeds(outcome: str, **facts: Any) -> list[str]:
    return [" ".join(filter(None, (one.deed, one.value))) for one in choices(Case(outcome=outcome, **facts))]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_words_alone(outcome: str) -> None:
    three = ["answer accepted", "answer tentative", "answer declined", "propose", "dismiss"]
    expected = {
        "needs-human": three, "rejected-unknown-attendee": three, "ignored-stale": three,
        "rejected-sender-mismatch": three, "counter-proposal": ["accept", "refuse", "dismiss"],
        "delegation-needs-human": ["delegation", "dismiss"],
    }  # fmt: skip
    assert deeds(outcome, **WHOLE) == expected.get(outcome, [])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_calendar_answer_has_one_button(outcome: str) -> None:
    found = deeds(outcome, **WHOLE, calendar=True, partstat="DECLINED")
    assert [one for one in found if one.startswith("answer")] == (["answer declined"] if outcome in MENDABLE else [])
    assert "propose" not in found


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_about_no_day_of_ours_it_can_only_be_put_aside(outcome: str) -> None:
    expected = {"delegation-needs-human": ["delegation", "dismiss"]}
    assert deeds(outcome, stranger="x@y.example") == expected.get(outcome, ["dismiss"] if outcome in WAITS else [])


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize(("decision", "facts", "expected"), [
    ("put aside", {}, ["take-up"]), ("answered", {"undoable": True}, ["undo"]), ("answered", {}, []),
    ("accepted", {"undoable": True}, ["undo"]), ("refused", {"undoable": True}, ["undo"]),
    ("alias", {"undoable": True}, ["alias-there"]), ("assistant", {}, ["assistant-there"]),
    ("proposed", {}, ["take-up"]), ("settled", {"undoable": True}, []), ("replaced", {"undoable": True}, []),
])  # fmt: skip
def test_what_was_decided_offers_only_its_way_back(
    outcome: str, decision: str, facts: dict[str, bool], expected: list[str]
) -> None:
    assert deeds(outcome, **WHOLE, stranger="x@y.example", decision=decision, **facts) == expected


def test_a_mail_that_is_not_read_yet_offers_nothing() -> None:
    assert deeds("", **WHOLE) == []


def test_an_address_of_nobody_comes_first() -> None:
    found = deeds("rejected-unknown-attendee", **WHOLE, calendar=True, partstat="accepted", stranger="a@home.example")
    assert found == ["alias a@home.example", "answer accepted", "dismiss"]


@pytest.mark.parametrize(("ours", "deed"), [(True, "assistant"), (False, "stranger")])
def test_who_answers_for_the_manager(ours: bool, deed: str) -> None:
    found = deeds("needs-human", **WHOLE, calendar=True, partstat="TENTATIVE", deputy="d@x.example",
                  deputy_is_ours=ours)
    assert found == [f"{deed} d@x.example", "answer tentative", "dismiss"]


def test_what_the_day_no_longer_takes_is_not_offered() -> None:
    assert deeds("needs-human", about=True) == ["dismiss"]
    assert deeds("needs-human", about=True, moves=True, counter=True, calendar=True) == ["propose", "dismiss"]
    assert deeds("needs-human", **WHOLE, calendar=True, partstat="DELEGATED") == ["dismiss"]
    assert deeds("counter-proposal", about=True) == ["dismiss"]


def test_a_proposal_is_never_taken_for_an_answer() -> None:
    found = choices(Case(outcome="needs-human", **WHOLE, calendar=True, counter=True, partstat="TENTATIVE"))
    assert found == (Choice("propose"), Choice("dismiss"))
