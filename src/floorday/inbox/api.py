"""Mails that came in, and letters that left, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from floorday.bookings.rules import Partstat
from floorday.db.text import Line, MailAddress, Prose, Text
from floorday.errors import Forbidden, NotFound
from floorday.inbox import actions, queries
from floorday.inbox.rules import Name
from floorday.mail import inbound, outbox
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.web.api import (
    Nothing,
    Page,
    Paged,
    answer,
    api_router,
    at_moment,
    paged,
    read_json,
    read_query,
    read_raw,
    tells,
)
from floorday.web.api.telling import MAIL

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class MessageId(Text):
    """The Message-ID of a mail, with its angle brackets."""

    __slots__ = ()
    longest = 255


class Mail(Struct, frozen=True, kw_only=True):
    """A mail that came in. `outcome` is empty until it is read; `booking` is what it is about, where that is known.

    `decision` is what a person settled it by: "put aside", "answered", "accepted", "refused", "replaced", "alias",
    "assistant", "proposed", "settled"; empty while nobody has.
    """

    id: UUID
    message_id: str
    sender: str
    subject: str
    door: str
    received_at: datetime
    outcome: Name | Literal[""]
    reason: str
    booking: UUID | None
    waits: bool
    decided_by: UUID | None
    decided_at: datetime | None
    decision: str


class Letter(Struct, frozen=True, kw_only=True):
    """A letter, without its content. `server_words` is what the mail server answered the last try."""

    id: UUID
    name: str
    to_name: str
    to_address: str
    person: UUID | None
    about: UUID
    about_kind: str
    created_at: datetime
    fate: Literal["waiting", "trying", "sent", "failed", "taken back"]
    attempts: int
    message_id: str | None
    sent_at: datetime | None
    failed_at: datetime | None
    server_words: str


class MailQuery(Paged, frozen=True, kw_only=True):
    """Which mails to list."""

    outcome: Name | None = None
    message_id: MessageId | None = None
    booking: UUID | None = None
    waits: bool | None = None


class EnvelopeQuery(Struct, frozen=True, kw_only=True):
    """The envelope, where it is known; the sender's is not taken as a proof."""

    sender: MailAddress | None = None
    recipient: MailAddress | None = None


class MailAnswer(Struct, frozen=True, kw_only=True):
    """The answer that stands in a mail."""

    answer: Partstat


class MailAddressFields(Struct, frozen=True, kw_only=True):
    """An address that stands in a mail."""

    address: MailAddress


class MailTime(Struct, frozen=True, kw_only=True):
    """A time that somebody proposes in words."""

    starts_at: Annotated[datetime, Meta(tz=True)]
    ends_at: Annotated[datetime, Meta(tz=True)]
    comment: Prose = Prose("")


class MailWords(Struct, frozen=True, kw_only=True):
    """A word to the manager."""

    words: Prose = Prose("")


class LetterQuery(Paged, frozen=True, kw_only=True):
    """Which letters to list."""

    about: UUID | None = None
    person: UUID | None = None
    name: Line | None = None
    fate: Literal["waiting", "sent", "failed", "taken back"] | None = None


def _mail(row: queries.Listed) -> Mail:
    kept: dict[str, Any] = {name: getattr(row, name) for name in Mail.__struct_fields__ if name not in {
        "booking", "waits"}}  # fmt: skip
    waits = row.outcome in queries.WAITS and row.decided_at is None
    return Mail(**kept, booking=row.about, waits=waits)


def _mail_id(row: queries.Listed) -> UUID:
    return row.id


@get("/inbox", opt=tells("inbox", Page[Mail], asks=MailQuery))
async def list_mails(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List the mails that came in, and what became of each."""
    _only_coordinators(actor)
    asked = read_query(request, MailQuery)
    rows = await queries.listed(
        after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, outcome=asked.outcome,
        message_id=asked.message_id, booking=asked.booking, waits=asked.waits,
    )  # fmt: skip
    return answer(paged(request, asked, rows, key=_mail_id, show=_mail))


def _only_coordinators(actor: Actor) -> None:
    if not can(actor, Act.SEE_INBOX):
        raise Forbidden(_("This is for a coordinator."))


@get("/inbox/{mail_id:uuid}", opt=tells("inbox", Mail))
async def show_mail(actor: NamedDependency[Actor], mail_id: FromPath[UUID]) -> Answer:
    """Show what became of a mail."""
    _only_coordinators(actor)
    return answer(await _found(mail_id))


async def _found(mail_id: UUID) -> Mail:
    rows = await queries.listed(only=mail_id)
    if not rows:
        raise NotFound(_("There is no such mail."))
    return _mail(rows[0])


@post("/inbox", opt=tells("inbox", Mail, asks=EnvelopeQuery, status=201, body=MAIL),
      request_max_body_size=inbound.MAIL_LIMIT + 1)
async def hand_over_mail(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Hand over a raw mail: it is kept as it came, then read."""
    _only_coordinators(actor)
    envelope = read_query(request, EnvelopeQuery)
    raw = await read_raw(request, most=inbound.MAIL_LIMIT)
    mail_id = await actions.take_in(
        actor, raw, envelope_from=envelope.sender or "", envelope_to=envelope.recipient or "", now=now)
    return answer(await _found(mail_id), status=201, location=f"/inbox/{mail_id}")


@post("/inbox/{mail_id:uuid}/dismissal", opt=tells("inbox", Mail, takes=Nothing))
async def dismiss_mail(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Say that a mail needs nothing more."""
    await read_json(request, Nothing)
    await actions.dismiss(actor, mail_id, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/acceptance", opt=tells("inbox", Mail, takes=Nothing))
async def accept_proposal(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Move the day to the time that a mail proposes."""
    await read_json(request, Nothing)
    await actions.accept_proposal(actor, mail_id, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/refusal", opt=tells("inbox", Mail, takes=MailWords))
async def refuse_proposal(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Leave the day where it is, and tell the manager's calendar."""
    said = await read_json(request, MailWords)
    await actions.refuse_proposal(actor, mail_id, words=said.words, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/answer", opt=tells("inbox", Mail, takes=MailAnswer))
async def take_mail_answer(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Take the answer that a person read in a mail, on behalf of the manager."""
    said = await read_json(request, MailAnswer)
    await actions.take_answer(actor, mail_id, said.answer, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/alias", opt=tells("inbox", Mail, takes=MailAddressFields))
async def take_mail_alias(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Register an address that stands in a mail as the manager's own, and judge the mail again."""
    said = await read_json(request, MailAddressFields)
    await actions.take_alias(actor, mail_id, said.address, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/assistant", opt=tells("inbox", Mail, takes=MailAddressFields))
async def take_mail_assistant(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Let whoever answered for the manager do so from now on, and judge the mail again."""
    said = await read_json(request, MailAddressFields)
    await actions.take_assistant(actor, mail_id, said.address, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/proposal", opt=tells("inbox", Mail, takes=MailTime))
async def pass_mail_on(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Make the time that somebody wrote a proposal like any other."""
    said = await read_json(request, MailTime)
    await actions.pass_on(
        actor, mail_id, starts=said.starts_at, ends=said.ends_at, comment=said.comment, now=now)
    return answer(await _found(mail_id))


@post("/inbox/{mail_id:uuid}/undo", opt=tells("inbox", Mail, takes=Nothing))
async def undo_mail(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Let a mail wait again, and take back what it had led to, as long as the letter has not left."""
    await read_json(request, Nothing)
    await actions.undo(actor, mail_id, now=now)
    return answer(await _found(mail_id))


# --- letters -----------------------------------------------------------------------------------------------------


def _letter(row: outbox.Sent) -> Letter:
    return Letter(**{name: getattr(row, name) for name in Letter.__struct_fields__})


def _letter_place(row: outbox.Sent) -> str:
    return at_moment(row.created_at, row.id)


@get("/letters", opt=tells("letters", Page[Letter], asks=LetterQuery))
async def list_letters(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List the letters and what became of each."""
    _only_readers(actor)
    asked = read_query(request, LetterQuery)
    rows = await outbox.listed(
        after=asked.cursor.moment() if asked.cursor else None, limit=asked.limit + 1, about=asked.about,
        person=asked.person, name=asked.name, fate=asked.fate,
    )  # fmt: skip
    return answer(paged(request, asked, rows, key=_letter_place, show=_letter))


def _only_readers(actor: Actor) -> None:
    if not can(actor, Act.SEE_LETTERS):
        raise Forbidden(_("This is for a coordinator."))


@get("/letters/{letter_id:uuid}", opt=tells("letters", Letter))
async def show_letter(actor: NamedDependency[Actor], letter_id: FromPath[UUID]) -> Answer:
    """Show what became of a letter."""
    _only_readers(actor)
    return answer(await _found_letter(letter_id))


async def _found_letter(letter_id: UUID) -> Letter:
    rows = await outbox.listed(only=letter_id)
    if not rows:
        raise NotFound(_("There is no such letter."))
    return _letter(rows[0])


@post("/letters/{letter_id:uuid}/again", opt=tells("letters", Letter, takes=Nothing))
async def send_letter_again(
    request: Asked, actor: NamedDependency[Actor], letter_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Try a letter once more that had finally failed."""
    await read_json(request, Nothing)
    await actions.send_again(actor, letter_id, now=now)
    return answer(await _found_letter(letter_id))


router = api_router([
    list_mails, show_mail, hand_over_mail, dismiss_mail, accept_proposal, refuse_proposal, list_letters, show_letter,
    send_letter_again, take_mail_answer, take_mail_alias, take_mail_assistant, pass_mail_on, undo_mail,
])  # fmt: skip
