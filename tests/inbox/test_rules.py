"""What a mail may do, rule by rule, on mails written here by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from floorday.calendar.reply import read
from floorday.inbox.rules import Known, LastAnswer, Outcome, decide, wanted
from tests.inbox.case import END, NOW, START, booking, moment

ANN = "ann@managers.example"
PA = "pa@managers.example"
OURS = "day@floorday.example"
REPLY_TO = "day+t0k3n@floorday.example"
SERVER = "mx.floorday.example"
UID = "fd-1@floorday.example"
PASS = f"Authentication-Results: {SERVER}; spf=pass; dmarc=pass (p=none) header.from=managers.example"
STAMP = "20261124T101500Z"

HELD = booking(
    uid=UID, sequence=2, manager="Ann@Managers.example", aliases=("a.lee@other.example",), assistants=(PA,),
    sent=("invite-1@floorday.example",), reply_addresses=(REPLY_TO,))


def event(
    attendee: str | None = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}", *extra: str, uid: str = UID, stamp: str = STAMP,
    sequence: int | None = 2,
) -> list[str]:
    lines = [f"UID:{uid}", f"DTSTAMP:{stamp}", f"ORGANIZER:mailto:{REPLY_TO}", *extra]
    lines += [attendee] if attendee else []
    lines += [] if sequence is None else [f"SEQUENCE:{sequence}"]
    return ["BEGIN:VEVENT", *lines, "END:VEVENT"]


def calendar(*events: list[str], method: str = "REPLY", before: tuple[str, ...] = ()) -> str:
    body = [line for one in events for line in one]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *before, *body, "END:VCALENDAR", ""])


def mail(
    body: str, *, kind: str = "text/calendar; charset=UTF-8; method=REPLY", sender: str = f"Ann Lee <{ANN}>",
    head: tuple[str, ...] = (PASS,), to: str = REPLY_TO, message_id: str = "m1@managers.example",
) -> bytes:
    lines = [
        *head, f"From: {sender}", f"To: {to}", f"Delivered-To: {to}", "Subject: Accepted: your day",
        "Date: Tue, 24 Nov 2026 10:16:00 +0000", f"Message-ID: <{message_id}>", "MIME-Version: 1.0",
        f"Content-Type: {kind}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def judge(raw: bytes, held: Any = HELD, **options: Any) -> Outcome:
    known = Known(bookings=(held,), ours=(OURS,), letters=held.sent)
    return decide(read(raw), known, **{
        "now": NOW, "envelope_to": REPLY_TO, "trusted_authserv_id": SERVER, **options})


def answer(partstat: str = "ACCEPTED", **options: Any) -> bytes:
    return mail(calendar(event(f"ATTENDEE;PARTSTAT={partstat}:mailto:{ANN}", **options)))


def of(outcome: Outcome) -> tuple[str, str]:
    return outcome.name, outcome.code


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE", "Accepted", "declined"])
def test_in_17_an_answer_in_any_case_is_taken(partstat: str) -> None:
    outcome = judge(answer(partstat))
    assert (outcome.name, outcome.partstat, outcome.acts_as) == ("update-partstat", partstat.upper(), "manager")
    assert (outcome.sequence, outcome.dtstamp) == (2, moment(STAMP))


@pytest.mark.parametrize("partstat", ["X-MAYBE", "COMPLETED", "IN-PROCESS"])
def test_in_17_an_answer_that_is_none_of_three_waits_for_a_person(partstat: str) -> None:
    assert of(judge(answer(partstat))) == ("needs-human", "unknown-answer")


def test_in_17_a_line_without_partstat_is_no_answer() -> None:
    assert judge(mail(calendar(event(f"ATTENDEE:mailto:{ANN}")))).name == "ignored-no-answer"


@pytest.mark.parametrize(("head", "code"), [
    ("Auto-Submitted: auto-replied", "auto-submitted"),
    ("Auto-Submitted: auto-generated (by a rule); x=y", "auto-submitted"),
    ("Return-Path: < >", "null-sender"),
    ("Precedence: bulk\r\nX-Auto-Response-Suppress: All", "precedence"),
])
def test_in_02_automatic_mail_changes_nothing(head: str, code: str) -> None:
    raw = mail(calendar(event()), head=(PASS, head))
    assert of(judge(raw)) == ("ignored-auto-reply", code)


def test_in_02_the_null_sender_of_the_envelope_counts_too() -> None:
    assert judge(answer(), envelope_from="").name == "ignored-auto-reply"
    assert judge(answer(), envelope_from=ANN).name == "update-partstat"


@pytest.mark.parametrize("head", ["Auto-Submitted: no", "Precedence: bulk"])
def test_in_02_a_harmless_header_does_not_lose_an_answer(head: str) -> None:
    assert judge(mail(calendar(event()), head=(PASS, head))).name == "update-partstat"


def bounce(action: str, original: str = "invite-1@floorday.example") -> bytes:
    parts = [
        "--b", "Content-Type: text/plain", "", "Sorry.", "--b", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns; mx.managers.example", "", f"Final-Recipient: rfc822;{ANN}", f"Action: {action}",
        "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 no such", "  mailbox here", "", "--b",
        "Content-Type: text/rfc822-headers", "",
        f"Message-ID: <{original}>", f"To: {ANN}", "", "--b--", "",
    ]
    return mail(
        "\r\n".join(parts), kind='multipart/report; report-type=delivery-status; boundary="b"',
        sender="MAILER-DAEMON@mx.managers.example", head=())


def test_in_02_a_failed_delivery_is_recorded_with_the_servers_words() -> None:
    outcome = judge(bounce("failed"))
    assert (outcome.name, outcome.booking) == ("bounce-recorded", UID)
    assert "550 5.1.1 no such mailbox here" in outcome.reason
    report = read(bounce("failed")).bounce
    assert report is not None
    assert report.recipients == (ANN,)


def test_in_02_a_delay_or_a_strangers_bounce_records_nothing() -> None:
    assert judge(bounce("delayed")).name == "ignored-auto-reply"
    assert judge(bounce("failed", "else@elsewhere.example")).name == "ignored-auto-reply"


def test_in_03_our_own_letters_are_dropped() -> None:
    assert judge(mail(calendar(event()), sender="day+other@floorday.example")).name == "ignored-own-message"
    assert judge(mail(calendar(event()), message_id="invite-1@floorday.example")).name == "ignored-own-message"


def both(one: str, other: str, outer: str = "mixed") -> bytes:
    parts = "".join(
        f"--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n{body}\r\n" for body in (one, other)) + "--b--\r\n"
    return mail(parts, kind=f'multipart/{outer}; boundary="b"')


def test_in_04_identical_copies_count_once() -> None:
    outcome = judge(both(calendar(event()), calendar(event())))
    assert (outcome.name, outcome.more) == ("update-partstat", ())


def test_in_04_differing_copies_wait_for_a_person() -> None:
    no = calendar(event(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}"))
    assert of(judge(both(calendar(event()), no, "alternative"))) == ("needs-human", "differing-copies")
    assert of(judge(both(calendar(event()), no))) == ("needs-human", "differing-copies")


def test_in_04_a_choice_between_two_bookings_waits_for_a_person() -> None:
    other = calendar(event(uid="fd-2@floorday.example"))
    assert of(judge(both(calendar(event()), other, "alternative"))) == ("needs-human", "differing-copies")


def test_in_04_parts_about_different_bookings_are_all_processed() -> None:
    other = replace(HELD, uid="fd-2@floorday.example")
    raw = both(calendar(event()), calendar(event(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}", uid=other.uid)))
    outcome = decide(
        read(raw), Known(bookings=(HELD, other), ours=(OURS,)), now=NOW, trusted_authserv_id=SERVER)
    taken = [(one.booking, one.partstat) for one in (outcome, *outcome.more)]
    assert taken == [(UID, "ACCEPTED"), (other.uid, "DECLINED")]


def test_in_05_method_of_the_part_and_of_the_calendar_must_agree() -> None:
    kind = "text/calendar; method=%s"
    assert judge(mail(calendar(event()), kind=kind % "reply")).name == "update-partstat"
    assert of(judge(mail(calendar(event()), kind=kind % "COUNTER"))) == ("malformed-rejected", "method-mismatch")
    assert of(judge(mail(calendar(event()).replace("METHOD:REPLY\r\n", "")))) == ("needs-human", "no-method")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "ADD", "PUBLISH", "DECLINECOUNTER", "X-OWN"])
def test_in_08_methods_of_an_organizer_are_never_applied(method: str) -> None:
    raw = mail(calendar(event(), method=method), kind=f"text/calendar; method={method}")
    assert judge(raw).name == "rejected-wrong-method"


def test_in_09_an_unknown_uid_tells_nothing_about_others() -> None:
    stranger = judge(mail(calendar(event(uid="fd-9@floorday.example"))))
    assert (stranger.name, stranger.booking) == ("rejected-unknown-uid", "")
    assert "fd-9" not in stranger.reason


@pytest.mark.parametrize(("organizer", "name"), [
    (None, "update-partstat"), (f"ORGANIZER:MAILTO:{OURS}", "update-partstat"),
    ("ORGANIZER:mailto:boss@elsewhere.example", "needs-human"), ("ORGANIZER:urn:uuid:1", "needs-human"),
])
def test_in_10_a_missing_organizer_is_fine_and_a_foreign_one_is_not(organizer: str | None, name: str) -> None:
    body = calendar(event()).replace(f"ORGANIZER:mailto:{REPLY_TO}\r\n", f"{organizer}\r\n" if organizer else "")
    assert judge(mail(body)).name == name


@pytest.mark.parametrize("address", [
    "MAILTO:ANN@managers.EXAMPLE", "mailto:ann%40managers.example", "mailto: ann@managers.example ",
    "mailto:ann+calendar@managers.example", "mailto:a.lee@other.example",
])
def test_in_11_the_managers_address_is_known_in_all_its_forms(address: str) -> None:
    assert judge(mail(calendar(event(f"ATTENDEE;PARTSTAT=ACCEPTED:{address}")))).name == "update-partstat"


@pytest.mark.parametrize("address", [
    "mailto:ann@managers.example.evil.example", "mailto:xann@managers.example", "mailto:+ann@managers.example",
    "mailto:ann@managers.examp1e",
])
def test_in_11_12_a_similar_address_is_a_strangers(address: str) -> None:
    assert judge(mail(calendar(event(f"ATTENDEE;PARTSTAT=ACCEPTED:{address}")))).name == "rejected-unknown-attendee"


def test_in_11_a_sub_address_that_is_somebody_elses_is_not_the_managers() -> None:
    raw = mail(calendar(event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann+team@managers.example")))
    assert "ann+team@managers.example" in wanted(read(raw)).addresses
    known = Known(bookings=(HELD,), ours=(OURS,), taken=("ann+team@managers.example",))
    outcome = decide(read(raw), known, now=NOW, trusted_authserv_id=SERVER)
    assert outcome.name == "rejected-unknown-attendee"


@pytest.mark.parametrize(("results", "expected"), [
    (PASS, ("update-partstat", "answered")),
    (PASS.replace("pass (p=none)", "fail"), ("rejected-unauthenticated", "dmarc-fail")),
    (PASS.replace("dmarc=pass", "dmarc=none"), ("needs-human", "no-authentication")),
    (PASS.replace(SERVER, f"evil.{SERVER}"), ("needs-human", "no-authentication")),
    (PASS.replace(SERVER, f"({SERVER}) evil.example"), ("needs-human", "no-authentication")),
    (PASS.replace("dmarc=pass", "x=y (dmarc=pass)"), ("needs-human", "no-authentication")),
    (PASS.replace("dmarc=pass", 'reason="; dmarc=pass"'), ("needs-human", "no-authentication")),
    (PASS.replace("from=managers", "from=evil"), ("needs-human", "no-authentication")),
    (PASS + "\r\n" + PASS.replace("dmarc=pass", "dmarc=fail"), ("rejected-unauthenticated", "dmarc-fail")),
    ("X-Nothing: here", ("needs-human", "no-authentication")),
])
def test_in_13_with_a_trusted_server_its_word_alone_counts(results: str, expected: tuple[str, str]) -> None:
    assert of(judge(mail(calendar(event()), head=(results,)))) == expected


def test_in_13_without_a_trusted_server_the_reply_address_is_the_proof() -> None:
    plain = mail(calendar(event()), head=())
    assert judge(plain, trusted_authserv_id="").name == "update-partstat"
    assert of(judge(plain, trusted_authserv_id="", envelope_to=OURS)) == ("needs-human", "not-the-reply-address")
    assert judge(plain, trusted_authserv_id="", envelope_to=None).name == "update-partstat"
    elsewhere = mail(calendar(event()), head=(), to=OURS)
    assert judge(elsewhere, trusted_authserv_id="", envelope_to=None).name == "needs-human"
    forged = mail(calendar(event()), head=(PASS,), to=OURS)
    assert judge(forged, trusted_authserv_id="", envelope_to=OURS).name == "needs-human"


def test_in_13_both_proofs_can_be_demanded() -> None:
    assert judge(answer(), demand_both=True).name == "update-partstat"
    assert judge(answer(), demand_both=True, envelope_to=OURS).name == "needs-human"
    assert judge(mail(calendar(event()), head=()), demand_both=True).name == "needs-human"
    assert judge(answer(), demand_both=True, trusted_authserv_id="").name == "needs-human"


@pytest.mark.parametrize("trusted", [SERVER, ""])
@pytest.mark.parametrize(("sender", "head", "name"), [
    ("Ben <ben@managers.example>", "X-A: b", "rejected-sender-mismatch"),
    (f"Ben <ben@managers.example>\r\nReply-To: {ANN}\r\nSender: {ANN}", "X-A: b", "rejected-sender-mismatch"),
    (f'"{ANN}" <ben@managers.example>', "X-A: b", "rejected-sender-mismatch"),
    ("Calendar <noreply@managers.example>", "X-A: b", "needs-human"),
    ("List <all@managers.example>", "List-Id: <all.managers.example>", "needs-human"),
    (f"Ann <{ANN}>", "List-Id: <all.managers.example>", "needs-human"),
    (f"Ann <{ANN}>, Ben <ben@managers.example>", "X-A: b", "needs-human"),
    (f"Ann <{ANN}>\r\nFrom: Ben <ben@managers.example>", "X-A: b", "needs-human"),
    (f"ben@managers.example <{ANN}> (", "X-A: b", "needs-human"),
    (f"<ben@managers.example><{ANN}>", "X-A: b", "needs-human"),
    (f"Ann <{ANN}>, rubbish", "X-A: b", "needs-human"),
    (f"Ann <{ANN}> ben", "X-A: b", "needs-human"),
    (f"Ann <{ANN}>\r\nFrom:", "X-A: b", "needs-human"),
    (f"PA <{PA}>", "X-A: b", "needs-human"),
])
def test_in_13_from_somebody_else_nothing_is_applied(trusted: str, sender: str, head: str, name: str) -> None:
    raw = mail(calendar(event()), sender=sender, head=(PASS, head))
    assert judge(raw, trusted_authserv_id=trusted).name == name


def test_in_14_a_registered_assistant_answers_and_is_named() -> None:
    body = calendar(event(f'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:{PA.upper()}":mailto:{ANN}'))
    outcome = judge(mail(body, sender=f"PA <{PA}>"))
    assert (outcome.name, outcome.partstat, outcome.acts_as) == ("update-partstat", "DECLINED", f"assistant:{PA}")
    outcome = judge(mail(body, sender=f"PA <{PA}>"), replace(HELD, assistants=()))
    assert of(outcome) == ("needs-human", "sent-by-not-authorised")
    assert judge(mail(body, sender="x <x@managers.example>")).name == "rejected-sender-mismatch"


def test_in_11_13_an_alias_may_send_and_is_named() -> None:
    outcome = judge(mail(calendar(event()), sender="a.lee@other.example", head=(PASS.replace("managers", "other"),)))
    assert (outcome.name, outcome.acts_as) == ("update-partstat", "a.lee@other.example")


@pytest.mark.parametrize(("sequence", "extra", "expected"), [
    (1, (), ("ignored-stale", "lower-sequence")),
    (None, (), ("ignored-stale", "lower-sequence")),
    (3, (), ("needs-human", "unknown-revision")),
    (0, ("X-MICROSOFT-CDO-APPT-SEQUENCE:2",), ("update-partstat", "answered")),
    (None, ("X-MICROSOFT-CDO-APPT-SEQUENCE:2",), ("update-partstat", "answered")),
    (1, ("X-MICROSOFT-CDO-APPT-SEQUENCE:2",), ("ignored-stale", "lower-sequence")),
])
def test_in_15_the_revision(sequence: int | None, extra: tuple[str, ...], expected: tuple[str, str]) -> None:
    raw = mail(calendar(event(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}", *extra, sequence=sequence)))
    assert of(judge(raw)) == expected


@pytest.mark.parametrize("sequence", ["two", "-1", "99999999999999999999999", "²"])
def test_in_15_a_broken_sequence_is_never_applied(sequence: str) -> None:
    body = calendar(event()).replace("SEQUENCE:2", f"SEQUENCE:{sequence}")
    assert of(judge(mail(body))) == ("malformed-rejected", "broken-property")


@pytest.mark.parametrize(("last", "expected"), [
    (LastAnswer(2, moment(STAMP) - timedelta(hours=1), "DECLINED"), ("update-partstat", "answered")),
    (LastAnswer(2, moment(STAMP) + timedelta(hours=1), "DECLINED"), ("ignored-stale", "older-answer")),
    (LastAnswer(2, moment(STAMP), "ACCEPTED"), ("ignored-duplicate", "duplicate")),
    (LastAnswer(2, moment(STAMP), "DECLINED"), ("needs-human", "same-moment")),
    (LastAnswer(1, moment(STAMP) + timedelta(hours=1), "DECLINED"), ("update-partstat", "answered")),
    (LastAnswer(2, moment(STAMP) - timedelta(hours=1), "DECLINED", "m1@managers.example"),
     ("ignored-duplicate", "duplicate")),
])
def test_in_15_the_newest_answer_counts_once(last: LastAnswer, expected: tuple[str, str]) -> None:
    assert of(judge(answer(), replace(HELD, state="accepted", last=last))) == expected


def test_in_15_every_order_of_five_replies_ends_in_the_same_state() -> None:
    replies = [
        answer(partstat, stamp=f"20261124T10{minute:02}00Z", sequence=sequence)
        for minute, (partstat, sequence) in enumerate([
            ("ACCEPTED", 1), ("TENTATIVE", 2), ("DECLINED", 2), ("ACCEPTED", 2), ("ACCEPTED", 2)])
    ]
    ends = set()
    for order in permutations(replies):
        held = HELD
        for raw in order:
            outcome = judge(raw, held)
            if outcome.name == "update-partstat":
                held = replace(held, last=LastAnswer(outcome.sequence or 0, outcome.dtstamp, outcome.partstat))
        assert held.last is not None
        ends.add((held.last.partstat, held.last.dtstamp))
    assert ends == {("ACCEPTED", datetime(2026, 11, 24, 10, 4, tzinfo=UTC))}


@pytest.mark.parametrize("stamp", ["", "yesterday", "20261399T101500Z", "20261124", "20261124T101500"])
def test_in_16_a_broken_stamp_falls_back_to_the_mails_date(stamp: str) -> None:
    outcome = judge(answer(stamp=stamp))
    assert (outcome.name, outcome.dtstamp) == ("update-partstat", datetime(2026, 11, 24, 10, 16, tzinfo=UTC))


def test_in_16_without_any_date_the_time_of_receipt_counts() -> None:
    raw = answer(stamp="x").replace(b"Date: Tue", b"X-Date: Tue")
    assert judge(raw).dtstamp == NOW


@pytest.mark.parametrize("line", ["RRULE:FREQ=DAILY", "RECURRENCE-ID:20261208T080000Z"])
def test_in_19_a_series_waits_for_a_person(line: str) -> None:
    raw = mail(calendar(event(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}", line)))
    assert of(judge(raw)) == ("needs-human", "recurring")


def test_in_19_a_second_event_with_an_override_waits_for_a_person() -> None:
    override = event(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}", "RECURRENCE-ID:20261208T080000Z")
    assert of(judge(mail(calendar(event(), override)))) == ("needs-human", "recurring")


def test_in_20_a_comment_is_plain_text_and_bounded() -> None:
    line = "COMMENT:" + "x" * 5000 + "\\n"
    assert judge(mail(calendar(event(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}", line)))).comment == "x" * 2000
    line = "COMMENT:Sorry\\, I am away\\n\\nAnn \\; \x07<b>"
    outcome = judge(mail(calendar(event(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}", line))))
    assert outcome.comment == "Sorry, I am away\n\nAnn ; <b>"


def counter(*lines: str, before: tuple[str, ...] = (), sequence: int = 2) -> bytes:
    body = calendar(
        event(f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{ANN}", *lines, sequence=sequence), method="COUNTER", before=before)
    return mail(body, kind="text/calendar; method=COUNTER")


CUSTOM = (
    "BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
)


@pytest.mark.parametrize(("lines", "before", "start"), [
    (("DTSTART:20261209T100000Z", "DTEND:20261209T140000Z"), (), 10),
    (("DTSTART:20261209T100000Z", "DURATION:PT4H"), (), 10),
    (("DTSTART:20261209T100000Z",), (), 10),
    (("DTSTART;TZID=Europe/Berlin:20261209T110000", "DTEND;TZID=Europe/Berlin:20261209T150000"), (), 10),
    (("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261209T110000",), (), 10),
    (("DTSTART;TZID=W. Europe Standard Time:20261209T110000",), (), 10),
    (("DTSTART;TZID=Pacific Standard Time:20261209T020000",), (), 10),
    (("DTSTART;TZID=Customized Time Zone:20261209T110000",), CUSTOM, 10),
    (("DTSTART;TZID=Customized Time Zone:20260809T120000",), CUSTOM, -1),
])
def test_in_07_21_a_counter_keeps_the_proposed_time(
    lines: tuple[str, ...], before: tuple[str, ...], start: int,
) -> None:
    outcome = judge(counter(*lines, before=before))
    assert of(outcome) == ("counter-proposal", "counter")
    expected = datetime(2026, 12, 9, 10, tzinfo=UTC) if start > 0 else datetime(2026, 8, 9, 10, tzinfo=UTC)
    assert (outcome.starts, outcome.ends) == (expected, expected + (END - START))
    assert outcome.partstat == "TENTATIVE"


@pytest.mark.parametrize("name", ["Europe/Berlin", "W. Europe Standard Time"])
def test_in_07_a_mail_cannot_redefine_a_zone_the_world_knows(name: str) -> None:
    mine = tuple(line.replace("Customized Time Zone", name).replace("+0", "-0") for line in CUSTOM)
    outcome = judge(counter(f"DTSTART;TZID={name}:20261209T110000", before=mine))
    assert outcome.starts == datetime(2026, 12, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(("lines", "before", "code"), [
    (("DTSTART:20261209T100000",), (), "unknown-zone"),
    (("DTSTART;TZID=Nowhere:20261209T100000",), (), "unknown-zone"),
    (("DTSTART;TZID=Customized Time Zone:20261209T110000",),
     tuple(line.replace("YEARLY", "SECONDLY") for line in CUSTOM), "unknown-zone"),
    (("DTSTART;VALUE=DATE:20261209",), (), "no-times"),
    ((), (), "no-times"),
    (("DTSTART:20261209T100000Z", "DTEND:20261209T090000Z"), (), "no-times"),
    (("DTSTART:00010101T000000Z", "DTEND:rubbish"), (), "no-times"),
])
def test_in_07_21_a_time_that_is_not_certain_waits_for_a_person(
    lines: tuple[str, ...], before: tuple[str, ...], code: str,
) -> None:
    outcome = judge(counter(*lines, before=before))
    assert of(outcome) == ("needs-human", code)
    assert outcome.starts is None


def test_in_21_a_counter_to_an_older_invitation_is_shown_as_such() -> None:
    outcome = judge(counter("DTSTART:20261209T100000Z", sequence=1))
    assert of(outcome) == ("ignored-stale", "lower-sequence")
    assert outcome.starts == datetime(2026, 12, 9, 10, tzinfo=UTC)


def test_in_22_only_the_manager_is_sent_the_invitation_again() -> None:
    def refresh(attendee: str, sender: str) -> bytes:
        body = calendar(event(f"ATTENDEE:mailto:{attendee}", sequence=None), method="REFRESH")
        return mail(body, kind="text/calendar; method=REFRESH", sender=sender)

    assert judge(refresh(ANN, ANN)).name == "refresh-resend"
    assert judge(refresh(ANN, ANN), replace(HELD, state="cancelled")).name == "refresh-resend"
    assert judge(refresh("x@managers.example", "x@managers.example")).name == "rejected-unknown-attendee"
    assert judge(refresh(ANN, "x@managers.example")).name == "rejected-sender-mismatch"


def test_in_23_delegation_waits_for_the_coordinator() -> None:
    line = f'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:ben@managers.example":mailto:{ANN}'
    assert of(judge(mail(calendar(event(line))))) == ("delegation-needs-human", "delegated")


def test_in_23_a_stand_in_is_held_and_a_forged_one_refused() -> None:
    ben = "ben@managers.example"
    body = calendar(event(f'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:{ANN}":mailto:{ben}'))
    assert of(judge(mail(body, sender=ben))) == ("delegation-needs-human", "unknown-delegate")
    forged = mail(body, sender=ben, head=(PASS.replace("dmarc=pass", "dmarc=fail"),))
    assert of(judge(forged)) == ("rejected-unauthenticated", "dmarc-fail")


@pytest.mark.parametrize(("status", "name"), [
    ("2.0;Success", "update-partstat"), ("2.8;Fine", "update-partstat"), ("3.7;Invalid user", "needs-human"),
    ("5.1;Gone", "needs-human"),
])
def test_in_24_a_request_that_failed_waits_for_a_person(status: str, name: str) -> None:
    raw = mail(calendar(event(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}", f"REQUEST-STATUS:{status}")))
    assert judge(raw).name == name


@pytest.mark.parametrize("state", ["cancelled", "postponed", "held", "missed"])
def test_in_25_a_closed_booking_stays_as_it_is(state: str) -> None:
    assert of(judge(answer(), replace(HELD, state=state))) == ("ignored-cancelled", f"booking-{state}")


def test_in_25_an_answer_after_the_start_changes_nothing() -> None:
    assert of(judge(answer(), now=START)) == ("ignored-cancelled", "booking-past")


def test_in_28_words_alone_are_never_an_answer() -> None:
    raw = mail("Accepted", kind="text/plain").replace(
        b"MIME-Version", b"In-Reply-To: <invite-1@floorday.example>\r\nMIME-Version")
    outcome = judge(raw)
    assert (outcome.name, outcome.code, outcome.booking) == ("needs-human", "no-calendar-part", UID)
    assert judge(mail("Accepted", kind="text/plain")).booking == UID     # by the address it came to
    assert judge(mail("Accepted", kind="text/plain", to=OURS), envelope_to=OURS).booking == ""


@pytest.mark.parametrize(("kind", "code"), [
    ("application/ms-tnef; name=winmail.dat", "winmail"), ("application/pkcs7-mime; name=smime.p7m", "encrypted"),
])
def test_in_28_a_sealed_answer_waits_for_a_person(kind: str, code: str) -> None:
    assert of(judge(mail("AAAA", kind=kind))) == ("needs-human", code)


def test_what_has_to_be_loaded_is_said_by_the_mail() -> None:
    asked = wanted(read(answer()), envelope_to="Day+T0k3n@floorday.example")
    assert asked.uids == (UID,)
    assert asked.message_ids == ("m1@managers.example",)
    assert asked.recipients == (REPLY_TO,)
    assert asked.addresses == (ANN,)
