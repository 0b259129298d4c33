"""Guarded writes about those who leave, inside the caller's transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from floorday.bookings.tables import Booking, BookingEvent, Proposal
from floorday.db import dialect, run_sql
from floorday.errors import Raced
from floorday.leavers.rules import Stand
from floorday.leavers.tables import PersonEvent
from floorday.mail.tables import InboundMail, Letter, LetterWish, MailToken
from floorday.people.access import Actor, Door
from floorday.people.tables import Alias, ApiToken, Assists, Grant, Person, Session, SignInCode
from floorday.render.words import gettext as _

LEAVING = 20_261_124
"""The lock under which people leave."""


async def in_turn(person: UUID) -> None:
    """Let those who leave wait for each other, so that two who let each other go do not leave nobody behind.

    Whatever is being given to this person at the same moment is waited for too, and so is found here.
    """
    if dialect() == "postgres":  # SQLite has one writer, and needs nothing
        await run_sql("SELECT pg_advisory_xact_lock({}) IS NULL AS held", LEAVING)
        await run_sql("SELECT id FROM person WHERE id = {} FOR UPDATE", person)


async def leave(person: UUID, *, now: datetime) -> None:
    """Note that somebody left, once."""
    left = await Person.update({Person.left_at: now}).where(Person.id == person, Person.left_at.is_null()).returning(
        Person.id)
    if not left:
        raise Raced(_("They have left already."))


async def come_back(person: UUID) -> None:
    """Note that somebody is here again."""
    back = await Person.update({Person.left_at: None}).where(
        Person.id == person, Person.left_at.is_not_null()).returning(Person.id)
    if not back:
        raise Raced(_("They are here already."))


async def end_roles(person: UUID) -> list[UUID]:
    """End every role of a person and every assisting, by them and for them; gives the assistants who lost a manager."""
    await Grant.delete().where(Grant.person == person)
    pairs = await Assists.delete().where((Assists.assistant == person) | (Assists.manager == person)).returning(
        Assists.assistant)
    return sorted({pair["assistant"] for pair in pairs} - {person})


async def end_links(person: UUID, *, now: datetime) -> None:
    """Let no link, address or code that was sent to a person do anything any more."""
    await MailToken.update({MailToken.revoked_at: now}).where(
        MailToken.person == person, MailToken.revoked_at.is_null())
    await SignInCode.update({SignInCode.used_at: now}).where(
        SignInCode.person == person, SignInCode.used_at.is_null())


async def record(person: UUID, what: str, *, actor: Actor | None, now: datetime, told: dict[str, Any]) -> None:
    """Write down what became of a person; counts, never what it was."""
    await PersonEvent.insert(PersonEvent(
        person=person, at=now, what=what, by=actor.person if actor else None,
        door=(actor.door if actor else Door.CLOCK).value, told=msgspec.json.encode(told).decode(),
    ))  # fmt: skip


# --- erasing -----------------------------------------------------------------------------------------------------


async def erase_person(person: UUID, stand: Stand, *, zone: str) -> None:
    """Put the stand-in in a person's place; everything that points at them goes on pointing there."""
    await Person.update({
        Person.name: stand.name, Person.email: stand.address, Person.job_title: "", Person.phone: "",
        Person.zone: zone, Person.language: "en", Person.external_id: None,
    }).where(Person.id == person)  # fmt: skip


async def drop_photos(person: UUID) -> int:
    """Take away the photos of somebody's own notes; returns how many there were."""
    gone = await run_sql(
        "DELETE FROM photo WHERE note IN (SELECT id FROM note WHERE reporter = {}) RETURNING id", person)
    return len(gone)


async def drop_keys(person: UUID, addresses: Collection[str]) -> dict[str, int]:
    """Forget every address, session, token, code and PIN of a person; says how many of each."""
    counts = {
        "aliases": len(await Alias.delete().where(Alias.person == person).returning(Alias.id)),
        "sessions": len(await Session.delete().where(Session.person == person).returning(Session.id)),
        "wishes": len(await LetterWish.delete().where(LetterWish.person == person).returning(LetterWish.id)),
        "tokens": len(await ApiToken.delete().where(ApiToken.person == person).returning(ApiToken.id)),
        "links": len(await MailToken.delete().where(MailToken.person == person).returning(MailToken.id)),
    }
    codes = (SignInCode.person == person) | SignInCode.email.is_in(sorted(addresses))
    counts["codes"] = len(await SignInCode.delete().where(codes).returning(SignInCode.id))
    return counts


async def scrub_letters(person: UUID, addresses: Collection[str], stand: Stand, *, now: datetime) -> int:
    """Forget what letters to a person said, and to where; that there were letters stays. Those that wait stay here."""
    theirs = (Letter.person == person) | Letter.to_address.is_in(sorted(addresses))
    done = await Letter.update({
        Letter.to_address: stand.address, Letter.to_name: stand.name, Letter.facts: "{}", Letter.event: None,
        Letter.content: None, Letter.server_words: "", Letter.reply_to: "", Letter.wiped_at: now,
    }).where(theirs).returning(Letter.id)  # fmt: skip
    await Letter.update({Letter.taken_back_at: now}).where(
        Letter.person == person, Letter.sent_at.is_null(), Letter.failed_at.is_null(), Letter.taken_back_at.is_null())
    return len(done)


async def wipe_letters(letters: Collection[UUID], *, now: datetime) -> None:
    """Forget the bytes of these letters."""
    if letters:
        await Letter.update({Letter.content: None, Letter.wiped_at: now}).where(Letter.id.is_in(sorted(letters)))


async def scrub_mails(person: UUID, also: Collection[UUID], *, now: datetime) -> int:
    """Forget the mails about a person's days, and these others; that a mail came stays."""
    days = Booking.select(Booking.id).where(Booking.manager == person)
    wanted: Any = InboundMail.about.is_in(days)
    if also:
        wanted = wanted | InboundMail.id.is_in(sorted(also))
    unread = InboundMail.read_at.is_null()
    await InboundMail.update({
        InboundMail.read_at: now, InboundMail.lease_until: None, InboundMail.outcome: "needs-human",
        InboundMail.reason: _("Its sender was erased before it was read."),
    }).where(wanted, unread)  # fmt: skip
    done = await InboundMail.update({
        InboundMail.content: None, InboundMail.sender: "", InboundMail.envelope_from: "", InboundMail.envelope_to: "",
        InboundMail.subject: "", InboundMail.message_id: "",
    }).where(wanted).returning(InboundMail.id)  # fmt: skip
    return len(done)


async def scrub_answers(person: UUID) -> None:
    """Forget why somebody could not come, and what else they wrote with an answer: it is theirs alone."""
    erased = _("Erased.")
    theirs = Booking.manager == person
    await Booking.update({Booking.comment: ""}).where(theirs)
    await Booking.update({Booking.reason: erased}).where(theirs, Booking.reason != "")
    await Proposal.update({Proposal.comment: "", Proposal.words: ""}).where(
        Proposal.booking.is_in(Booking.select(Booking.id).where(theirs)))
    said = (BookingEvent.by == person) | (BookingEvent.on_behalf_of == person)
    await BookingEvent.update({BookingEvent.text: erased}).where(said, BookingEvent.text != "")
    await BookingEvent.update({BookingEvent.undo: ""}).where(
        BookingEvent.booking.is_in(Booking.select(Booking.id).where(theirs)))


async def rewrite(table: str, row: Any, values: dict[str, str]) -> None:
    """Write some texts of a row anew."""
    sets = ", ".join(f'"{column}" = {{}}' for column in values)
    await run_sql(f'UPDATE "{table}" SET {sets} WHERE id = {{}}', *values.values(), row)  # noqa: S608 - own words
