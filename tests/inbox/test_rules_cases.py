"""Every case of tests/mail, from bytes to outcome, each named by its client and quirk."""

from __future__ import annotations

import time

import pytest
from msgspec.structs import replace

from floorday.calendar.reply import read
from floorday.inbox.rules import LastAnswer, Outcome, decide
from tests.inbox import case


def judged(name: str, raw: bytes | None = None) -> Outcome:
    incoming = read(case.mail(name) if raw is None else raw)
    return decide(
        incoming, case.before(name), now=case.NOW, envelope_to=case.VALUES["ORGANIZER"],
        trusted_authserv_id=case.VALUES["AUTHSERV"])


def test_all_53_cases_are_here() -> None:
    assert len(case.CASES) == 53


@pytest.mark.parametrize("name", case.CASES)
def test_case(name: str) -> None:
    expected = case.CASES[name]["expected"]
    began = time.process_time()
    outcome = judged(name)
    assert time.process_time() - began < 1
    assert outcome.name == expected["action"]
    assert outcome.reason
    assert not outcome.more
    if "reason" in expected:
        assert outcome.code == expected["reason"]
    if outcome.name == "update-partstat":
        assert outcome.partstat == expected["partstat_after"]
        assert outcome.booking == case.VALUES["UID"]
        assert outcome.sequence == int(case.VALUES["SEQ"])
        assert outcome.dtstamp is not None
        assert outcome.dtstamp <= case.NOW
        assert outcome.acts_as in {"manager", case.VALUES["ATTENDEE_ALIAS"]}
    if "comment" in expected:
        assert outcome.comment == expected["comment"][:2000]
    if "proposed" in expected:
        proposed = expected["proposed"]
        assert (outcome.starts, outcome.ends) == (case.moment(proposed["start"]), case.moment(proposed["end"]))
        assert outcome.partstat == proposed["partstat_hint"]


def test_063_a_mislabelled_charset_keeps_what_can_be_read_of_the_comment_in_06() -> None:
    assert judged("063-latin1-mislabelled").comment == "Leider schon vergeben, grüße"


def test_104_then_019_a_stamp_from_the_future_does_not_pin_the_answer_in_16() -> None:
    first = judged("104-future-dtstamp-pins-answer")
    assert first.dtstamp == case.NOW
    known = case.known(state="accepted", last=LastAnswer(first.sequence or 0, first.dtstamp, first.partstat, "x"))
    later = case.mail("019-gmail-change-of-mind", DTSTAMP_LATER="20261125T080000Z", DTSTAMP="20261125T080000Z")
    second = decide(
        read(later), known, now=case.NOW.replace(day=25), trusted_authserv_id=case.VALUES["AUTHSERV"])
    assert (second.name, second.partstat) == ("update-partstat", "DECLINED")


def test_100_then_a_counter_in_the_same_zone_is_read_by_the_worlds_zone_in_07() -> None:
    judged("100-vtimezone-cache-poisoning")
    name = "007-exchange-counter-decline-no-vtimezone"
    berlin = case.template(name).replace("Eastern Standard Time", "W. Europe Standard Time")
    outcome = judged(name, case.BINDER.bind(berlin.replace("America/New_York", "Europe/Berlin"), case.VALUES))
    assert outcome.name == "counter-proposal"
    assert outcome.starts == case.moment("@@PROP_START_UTC@@")


def test_051_the_other_managers_line_does_not_act_for_them_either_in_18() -> None:
    name = "051-reply-two-attendees-not-delegation"
    known = case.before(name)
    theirs = replace(known, bookings=(case.booking(manager=case.VALUES["OTHER_ATTENDEE"], aliases=()),))
    outcome = decide(read(case.mail(name)), theirs, now=case.NOW, trusted_authserv_id=case.VALUES["AUTHSERV"])
    assert outcome.name == "rejected-sender-mismatch"
