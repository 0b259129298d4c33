"""Everybody's mailbox, as their mail and calendar programs would show it.

What lies here are the bytes that a mail server took (or a folder, in the demo). An answer is written from those bytes
by `clients`, and handed to the LMTP door as a mail server would: nothing here calls an action.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnnecessaryComparison=false
# (Piccolo's columns are typed Any, and its nullable columns as never null.)

from __future__ import annotations

import asyncio
import math
import re
import smtplib
from collections.abc import Sequence
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.calendar import invite
from floorday.config import settings
from floorday.db import run_sql
from floorday.demo import clients
from floorday.demo.clients import Answer, Card, Client
from floorday.errors import NotFound, Refused
from floorday.mail import letters
from floorday.mail.tables import InboundMail, Letter
from floorday.people import queries as people
from floorday.render.words import gettext as _

SHOWN = 60
PATIENCE = 4.0
LOOK_AGAIN = 0.1


class Owner(Struct, frozen=True):
    """Whose mailbox it is, and how many letters lie in it; `outside` are those whom vendors are written to by."""

    id: UUID
    name: str
    email: str
    job_title: str
    letters: int
    outside: bool = False


class Line(Struct, frozen=True):
    """A letter in the list. One that has not left yet says in how many seconds it does."""

    id: UUID
    subject: str
    sender: str
    at: datetime
    leaves_in: int | None
    calendar: str


class Event(Struct, frozen=True):
    """What the calendar program made of a letter: `word` says what it did there, `newest` that it still counts."""

    card: Card
    word: str
    was: Card | None
    newest: bool


class Posted(Struct, frozen=True):
    """An answer that was posted from here, and what became of it."""

    id: UUID
    subject: str
    at: datetime
    program: Client | None
    read: bool
    outcome: str
    reason: str


class Opened(Struct, frozen=True):
    """A letter on the table."""

    id: UUID
    person: people.Card
    subject: str
    sender: str
    receiver: str
    sent_at: datetime
    text: str
    html: str
    raw: bytes
    event: Event | None
    posted: list[Posted]
    stands: str


# --- reading ---------------------------------------------------------------------------------------------------


async def owners() -> list[Owner]:
    """List everybody who is here, by name."""
    rows = await run_sql(
        "SELECT COALESCE(l.person, v.id) AS person, COUNT(*) AS n FROM letter l"
        " LEFT JOIN vendor v ON v.email = l.to_address AND l.person IS NULL"
        " WHERE l.sent_at IS NOT NULL AND l.bundle IS NULL GROUP BY COALESCE(l.person, v.id)")
    counts = {str(row["person"]): int(row["n"]) for row in rows}
    return [
        Owner(card.id, card.name, card.email, card.job_title, counts.get(str(card.id), 0), outside)
        for cards, outside in ((await people.people(), False), (await _contacts(), True)) for card in cards
    ]


async def _contacts(only: UUID | None = None) -> list[people.Card]:
    """List whom the vendors outside are written to by, as if they were persons; each has a mailbox, too."""
    rows = await run_sql(
        "SELECT id, name, contact_name, email, zone, language FROM vendor WHERE email <> '' ORDER BY name")
    return [
        people.Card(id=one, name=row["contact_name"] or row["name"], email=row["email"], job_title=row["name"],
                    phone="", zone=row["zone"], language=row["language"])
        for row in rows if (one := UUID(str(row["id"]))) and only in {None, one}
    ]  # fmt: skip


async def owner(person_id: UUID) -> people.Card:
    """Find whose mailbox this is."""
    card = await people.person(person_id)
    if card is None:
        card = next(iter(await _contacts(person_id)), None)
    if card is None:
        raise NotFound(_("Nobody has this mailbox."))
    return card


async def lines(person_id: UUID, *, now: datetime) -> list[Line]:
    """List a person's letters, newest first; those about to leave stand on top."""
    outside = [card.email for card in await _contacts(person_id)]
    theirs = Letter.person.is_null() & (Letter.to_address == outside[0]) if outside else Letter.person == person_id
    rows = await Letter.objects().where(
        theirs, Letter.taken_back_at.is_null(), Letter.failed_at.is_null(), Letter.bundle.is_null(),
        Letter.daily.eq(False),
    ).order_by(Letter.created_at, Letter.id, ascending=False).limit(SHOWN)  # fmt: skip
    return [_line(row, now=now) for row in rows]


def _line(row: Letter, *, now: datetime) -> Line:
    arrived = row.sent_at is not None
    if not arrived and row.rendered_at is None:
        row.rendered_at = now
    head = BytesHeaderParser(policy=policy.default).parsebytes(delivered(row))
    sender = head["From"].addresses[0].display_name if head["From"] is not None else ""
    method = msgspec.json.decode(row.event).get("method", "") if row.event else ""
    left = None if arrived else max(0, math.ceil((row.next_try_at - now).total_seconds()))
    return Line(row.id, str(head["Subject"] or ""), sender, row.sent_at or row.created_at, left, method)


def delivered(row: Letter) -> bytes:
    """Give the bytes that were delivered; the server forgets them after some days, a mailbox does not."""
    return row.content if row.content is not None else letters.render(row, calendar_part)


def calendar_part(event: dict[str, Any]) -> bytes:
    """Write a letter's calendar part again, from its frozen facts."""
    return invite.render(msgspec.convert(event, invite.Event))


async def opened(letter_id: UUID) -> Opened:
    """Open a letter that has arrived."""
    row = await _arrived(letter_id)
    outside = [card for card in await _contacts() if card.email == row.to_address]
    if row.person is None and not outside:
        raise NotFound(_("There is no such letter."))
    person = outside[0] if row.person is None else await owner(row.person)
    raw = delivered(row)
    letter = clients.read(raw)
    event = None if letter.card is None else _event(letter.card, await _talk(row))
    return Opened(
        id=row.id, person=person, subject=letter.subject, sender=letter.sender, receiver=row.to_address,
        sent_at=row.sent_at, text=letter.text, html=letter.html, raw=raw, event=event,
        posted=[] if event is None else await _posted(event.card, person.email),
        stands=await _stands(row) if event is not None else "",
    )  # fmt: skip


async def _arrived(letter_id: UUID) -> Letter:
    row = await Letter.objects().where(Letter.id == letter_id).first()
    if row is None or row.taken_back_at is not None or row.bundle is not None:
        raise NotFound(_("There is no such letter."))
    if row.sent_at is None:
        raise NotFound(_("This letter has not left yet. Wait a few seconds, then look again."))
    return row


async def _talk(row: Letter) -> list[Card]:
    """Give everything this calendar was told about the same thing, in the order of RFC 5546 2.1.5."""
    rows: Sequence[Letter] = await Letter.objects().where(
        Letter.about == row.about, Letter.to_address == row.to_address, Letter.event.is_not_null(),
        Letter.sent_at.is_not_null(),
    )  # fmt: skip
    cards = [card for one in rows if (card := clients.read(delivered(one)).card) is not None]
    return sorted(cards, key=lambda card: (card.sequence, card.stamp))


def _event(card: Card, talk: list[Card]) -> Event:
    told = [one for one in talk if one.uid == card.uid and one.method in {"REQUEST", "CANCEL"}]
    place = next((at for at, one in enumerate(told) if one.message_id == card.message_id), None)
    before = told[place - 1] if place else None
    newest = bool(told) and told[-1].message_id == card.message_id
    if card.method == "CANCEL":
        return Event(card, _("Cancelled"), None, newest)
    if card.method != "REQUEST":
        return Event(card, _("The time you proposed was not taken"), None, newest)
    if before is None:
        return Event(card, _("Invitation"), None, newest)
    if (before.starts_at, before.ends_at) != (card.starts_at, card.ends_at):
        return Event(card, _("Moved"), before, newest)
    return Event(card, _("Updated"), None, newest)


async def _posted(card: Card, email: str) -> list[Posted]:
    rows = await InboundMail.select(
        InboundMail.id, InboundMail.subject, InboundMail.sender, InboundMail.received_at, InboundMail.content,
        InboundMail.read_at, InboundMail.outcome, InboundMail.reason,
    ).where(InboundMail.envelope_to == card.organizer).order_by(
        InboundMail.received_at, InboundMail.id, ascending=False).limit(20)  # fmt: skip
    return [
        Posted(
            row["id"], row["subject"], row["received_at"], clients.program_of(row["content"] or b""),
            row["read_at"] is not None, row["outcome"], row["reason"],
        )
        for row in rows if email in row["sender"].lower()
    ]  # fmt: skip


async def _stands(row: Letter) -> str:
    """Say how the day stands, once the answers have been read."""
    if row.about_kind != "booking":
        return ""
    try:
        return (await bookings.booking(row.about)).state.value
    except NotFound:
        return ""


async def usual(person: people.Card) -> Client:
    """Tell which program a person answers from: the one used last, else one that goes with the name."""
    rows = await InboundMail.select(InboundMail.content).where(
        InboundMail.sender.like(f"%{person.email}%"), InboundMail.content.is_not_null(),
    ).order_by(InboundMail.received_at, InboundMail.id, ascending=False).limit(1)  # fmt: skip
    last = clients.program_of(rows[0]["content"]) if rows else None
    return last or list(Client)[sum(person.email.encode()) % len(Client)]


async def newest_request(about: UUID, person: UUID) -> bytes:
    """Give the newest letter in a mailbox that asks for an answer about a thing."""
    rows: Sequence[Letter] = await Letter.objects().where(
        Letter.about == about, Letter.person == person, Letter.event.is_not_null(), Letter.sent_at.is_not_null(),
    ).order_by(Letter.created_at, Letter.id, ascending=False)  # fmt: skip
    for row in rows:
        if msgspec.json.decode(row.event or "{}").get("method") == "REQUEST":
            return delivered(row)
    raise NotFound(_("There is no such letter."))


# --- answering -------------------------------------------------------------------------------------------------


async def answer(letter_id: UUID, said: Answer, client: Client, *, comment: str, now: datetime) -> bool:
    """Post an answer as a calendar program does, and wait a little for it to be read; says whether it was."""
    row = await _arrived(letter_id)
    return await _post(clients.reply(delivered(row), said, client, now=now, comment=comment))


async def propose(
    letter_id: UUID, starts_at: datetime, ends_at: datetime, client: Client, *, comment: str, now: datetime
) -> bool:
    """Post another time, as the programs do that can; says whether it has been read."""
    if client not in clients.PROPOSE:
        raise Refused(_("%(program)s cannot propose another time. Choose another program."), program=client.value)
    if ends_at <= starts_at:
        raise Refused(_("The time you propose ends before it starts."))
    row = await _arrived(letter_id)
    return await _post(clients.propose(delivered(row), starts_at, ends_at, client, now=now, comment=comment))


async def _post(raw: bytes) -> bool:
    await asyncio.to_thread(_deliver, raw, *clients.envelope(raw))
    return await _read(clients.message_id(raw))


def _deliver(raw: bytes, sender: str, receiver: str) -> None:
    """Hand a mail to the door, as the mail server beside us does."""
    host, _colon, port = settings().lmtp_listen.rpartition(":")
    closed = _("The door for incoming mail is closed. Is the worker running, and is lmtp_listen set?")
    if not host:
        raise Refused(closed)
    try:
        with smtplib.LMTP(host, int(port), local_hostname="localhost") as door:
            door.sendmail(sender, [receiver], raw, mail_options=["BODY=8BITMIME"])
    except smtplib.SMTPException as error:
        raise Refused(_("The door for incoming mail did not take it: %(words)s"), words=str(error)) from error
    except OSError as error:
        raise Refused(closed) from error


async def _read(message_id: str) -> bool:
    for _again in range(int(PATIENCE / LOOK_AGAIN)):
        if await InboundMail.exists().where(InboundMail.message_id == message_id, InboundMail.read_at.is_not_null()):
            return True
        await asyncio.sleep(LOOK_AGAIN)
    return False


# --- showing ---------------------------------------------------------------------------------------------------


def in_a_frame(html: str) -> str:
    """Let the links of a letter open beside it, as in a mail program."""
    beside = '<base target="_blank">'
    if re.search(r"<head[^>]*>", html):
        return re.sub(r"(<head[^>]*>)", lambda found: found[1] + beside, html, count=1)
    return beside + html
