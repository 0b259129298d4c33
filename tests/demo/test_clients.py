"""The four calendar programs: whatever an invitation says, their answers can be read by programs we did not write."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from html import unescape
from typing import Any

import icalendar
import pytest

from floorday.calendar import invite
from floorday.calendar import reply as our_reader
from floorday.demo import clients
from floorday.demo.clients import Answer, Client

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
REPLY_TO = "day+mfrggzdfmztwq2lknnwg23tpobyxe43u@floorday.example"
NAMES = [
    "Ann Archer", 'Sean "Shay" O\'Leary', "Weiß, Jürgen", "Nguyễn; Thị: Mai", "Siobhán Ní Bhriain", "王秀英 (Xiuying)",
    "Åsa Östergård-Lindqvist of the Very Long Job Title That Needs Folding, more than once; truly",
]  # fmt: skip
COMMENTS = [
    "", "Happy to come.", "Two things:\nno call at nine;\r\nand a desk, please\\thanks.", 'She said "yes" & <b>no</b>',
    "Gärna! 👍",
]  # fmt: skip
ZONES = ["Europe/London", "Europe/Stockholm", "Europe/Dublin", "America/New_York", "Pacific/Auckland", "UTC"]


def delivered(name: str = "Ann Archer", *, sequence: int = 0, zone: str = "Europe/London", **parts: Any) -> bytes:
    """Write an invitation as it lies in a mailbox."""
    event = invite.Event(
        method=parts.pop("method", "REQUEST"), uid="0195f0aa@floorday.example", sequence=sequence, dtstamp=NOW,
        organizer=REPLY_TO, organizer_name="Ferncastle", attendee="ann.archer@ferncastle.example", attendee_name=name,
        starts=datetime(2026, 12, 8, 9, tzinfo=UTC), ends=datetime(2026, 12, 8, 15, tzinfo=UTC), zone=zone,
        summary="Day on the floor with Billing, Leeds; second floor", location="Leeds, 2nd floor",
        description="One\n\nTwo; three",
        **parts,
    )  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"] = REPLY_TO, "ann.archer@ferncastle.example"
    mail["Message-ID"] = "<letter.1@floorday.example>"
    mail["Subject"] = "Come and sit with us"
    mail.set_content("Text")
    mail.add_alternative("<p>Text</p>", subtype="html")
    mail.add_alternative(invite.render(event), maintype="text", subtype="calendar", params={"method": event.method})
    return mail.as_bytes()


def calendar_parts(raw: bytes) -> list[Any]:
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert not list(mail.defects)
    parts = [part for part in mail.walk() if part.get_content_type() in {"text/calendar", "application/ics"}]
    return [icalendar.Calendar.from_ical(part.get_payload(decode=True)) for part in parts]


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_keeps_uid_sequence_and_attendee(client: Client, answer: Answer, name: str) -> None:
    for calendar in (parts := calendar_parts(clients.reply(delivered(name, sequence=3), answer, client, now=NOW))):
        (event,) = calendar.walk("VEVENT")
        assert not event.errors
        assert (calendar["METHOD"], str(event["UID"]), event["SEQUENCE"]) == ("REPLY", "0195f0aa@floorday.example", 3)
        assert str(event["ATTENDEE"]).lower() == "mailto:ann.archer@ferncastle.example"
        assert event["ATTENDEE"].params["PARTSTAT"] == answer
        assert event["ATTENDEE"].params["CN"] == name.replace('"', "'")
        assert event.decoded("DTSTAMP") == NOW
        if client is not Client.EXCHANGE:
            assert event.decoded("DTSTART").astimezone(UTC) == datetime(2026, 12, 8, 9, tzinfo=UTC)
    assert len(parts) == (2 if client is Client.GMAIL else 1)


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_comes_from_the_one_invited_and_goes_to_the_organizer(client: Client, name: str) -> None:
    raw = clients.reply(delivered(name), Answer.ACCEPTED, client, now=NOW)
    mail = email.message_from_bytes(raw, policy=policy.default)
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name.replace('"', "'"), "ann.archer@ferncastle.example")
    assert [to.addr_spec for to in mail["To"].addresses] == [REPLY_TO]
    assert mail["In-Reply-To"] == "<letter.1@floorday.example>"
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_is_one_property_whatever_it_holds(client: Client, comment: str) -> None:
    raw = clients.reply(delivered(), Answer.DECLINED, client, now=NOW, comment=comment)
    (event, *_more) = [event for calendar in calendar_parts(raw) for event in calendar.walk("VEVENT")]
    if client is Client.GMAIL:
        said = unescape(str(event["ATTENDEE"].params.get("X-RESPONSE-COMMENT", "")))
        assert said == " ".join(comment.splitlines())
    else:
        said = str(event.get("COMMENT", ""))
        assert said.rstrip("\n") == comment.replace("\r\n", "\n")


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("comment", COMMENTS[1:4])
def test_our_own_reader_understands_each(client: Client, answer: Answer, name: str, comment: str) -> None:
    incoming = our_reader.read(clients.reply(delivered(name, sequence=2), answer, client, now=NOW, comment=comment))
    said = {
        (one.method, one.uids, one.sequence, one.attendees[0].address, one.attendees[0].partstat.upper())
        for one in incoming.calendars
    }
    assert said == {("REPLY", ("0195f0aa@floorday.example",), 2, "ann.archer@ferncastle.example", answer.value)}
    assert incoming.sender == "ann.archer@ferncastle.example"
    assert not incoming.automatic
    assert not [problem for one in incoming.calendars for problem in one.problems]


@pytest.mark.parametrize("zone", ZONES)
def test_exchange_writes_the_hour_in_a_zone_it_declares(zone: str) -> None:
    raw = clients.reply(delivered(zone=zone), Answer.ACCEPTED, Client.EXCHANGE, now=NOW)
    (one,) = our_reader.read(raw).calendars
    assert (one.starts, one.ends) == (datetime(2026, 12, 8, 9, tzinfo=UTC), datetime(2026, 12, 8, 15, tzinfo=UTC))


@pytest.mark.parametrize("client", Client)
def test_no_line_of_a_calendar_is_longer_than_75_octets(client: Client) -> None:
    raw = clients.reply(delivered(NAMES[-1]), Answer.ACCEPTED, client, now=NOW, comment="ö" * 300)
    mail = email.message_from_bytes(raw, policy=policy.default)
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            assert max(len(line) for line in part.get_payload(decode=True).splitlines()) <= 75


@pytest.mark.parametrize("client", clients.PROPOSE)
@pytest.mark.parametrize("comment", COMMENTS)
def test_another_time_is_proposed_and_understood(client: Client, comment: str) -> None:
    starts, ends = datetime(2026, 12, 9, 10, tzinfo=UTC), datetime(2026, 12, 9, 16, tzinfo=UTC)
    raw = clients.propose(delivered(NAMES[3], sequence=1), starts, ends, client, now=NOW, comment=comment)
    incoming = our_reader.read(raw)
    (said, *_copies) = incoming.calendars
    assert (said.method, said.starts, said.ends, said.sequence) == ("COUNTER", starts, ends, 1)
    assert said.attendees[0].address == "ann.archer@ferncastle.example"
    assert not said.problems
    if comment:
        assert said.comment.split()[0] == comment.split(maxsplit=1)[0]


def test_thunderbird_and_apple_propose_no_other_time() -> None:
    for client in set(Client) - set(clients.PROPOSE):
        with pytest.raises(ValueError, match="cannot propose"):
            clients.propose(delivered(), NOW, NOW, client, now=NOW)


@pytest.mark.parametrize("client", Client)
def test_the_program_can_be_told_from_its_answer(client: Client) -> None:
    assert clients.program_of(clients.reply(delivered(), Answer.TENTATIVE, client, now=NOW)) is client


def test_a_mail_that_is_no_answer_comes_from_no_program() -> None:
    assert clients.program_of(b"Subject: Hello\r\n\r\nHello\r\n") is None


def test_there_is_nothing_to_answer_in_a_cancellation() -> None:
    with pytest.raises(ValueError, match="no invitation"):
        clients.reply(delivered(method="CANCEL", sequence=1), Answer.ACCEPTED, Client.APPLE, now=NOW)


def test_a_letter_is_read_as_a_mail_program_shows_it() -> None:
    letter = clients.read(delivered("Weiß, Jürgen", zone="Europe/Stockholm", sequence=1))
    assert (letter.subject, letter.text.strip(), letter.html.strip()) == ("Come and sit with us", "Text", "<p>Text</p>")
    card = letter.card
    assert card is not None
    assert (card.zone, card.sequence, card.attendee_name, card.asks) == ("Europe/Stockholm", 1, "Weiß, Jürgen", True)
    assert card.starts_at == datetime(2026, 12, 8, 9, tzinfo=UTC)
    assert card.location == "Leeds, 2nd floor"
