"""Mails that come in: kept first, read later.

    keep            raw bytes stored and synced, before the sender is told 250
    claim_waiting   by lease, for the reader; a reader that is killed loses its mail to the next
    settle          what became of it

Nothing here understands a mail. The few words for the Inbox page are taken from the bounded head alone, and
when even that fails they stay empty.
"""

# Piccolo's queries are typed without the row.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from typing import Any
from uuid import UUID

from floorday.config import now as clock
from floorday.db import dialect, run_sql, transaction, uuid7, violated
from floorday.errors import NotFound, Raced, Refused
from floorday.mail.tables import InboundMail
from floorday.render.words import gettext as _

MAIL_LIMIT = 12 * 1_048_576
"""Octets of any mail that is kept: a note may bring pictures. What an answer may have, its reader knows."""

LEASE = timedelta(minutes=2)
MOST_READS = 5
HEAD_LIMIT = 65_536
VALUE_LIMIT = 2_000

APPLIES = frozenset({
    "update-partstat", "counter-proposal", "refresh-resend", "applied", "note-opened", "vendor-word", "word-kept",
    "story-drafted",
})  # fmt: skip
"""Outcomes that changed something: one mail per Message-ID may have one."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


# ---- keeping

async def keep(raw: bytes, *, door: str, envelope_from: str, envelope_to: str, now: datetime) -> UUID:
    """Store a mail as it came; when this returns it is committed and on the disk."""
    head = raw[:HEAD_LIMIT].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    mail = InboundMail(
        id=uuid7(), content=raw, door=door, received_at=now,
        envelope_from=_clean(envelope_from, 320), envelope_to=_clean(envelope_to, 320),
        message_id=message_id(raw), sender=_clean(_header(head, b"from"), 320),
        subject=_clean(_header(head, b"subject"), 300),
    )
    async with transaction(durable=True):
        await InboundMail.insert(mail)
    return mail.id


def message_id(raw: bytes) -> str:
    """Give the Message-ID as it is stored of a mail."""
    return _clean(_header(raw[:HEAD_LIMIT].replace(b"\r\n", b"\n").partition(b"\n\n")[0], b"message-id"), 255)


def _header(head: bytes, name: bytes) -> str:
    """Read one header for showing: unfolded, bounded, decoded as far as it can be."""
    found = re.search(rb"^" + name + rb":[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", head, re.IGNORECASE | re.MULTILINE)
    if found is None:
        return ""
    told = found[1][:VALUE_LIMIT].decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(told)))
    except Exception:  # a header for showing is not worth a lost mail
        return told


def _clean(words: str, longest: int) -> str:
    return " ".join(CONTROL.sub(" ", words).split())[:longest]


# ---- reading

async def claim_waiting(limit: int = 10, *, now: datetime | None = None, lease: timedelta = LEASE) -> list[InboundMail]:
    """Take unread mails, oldest first. One that killed its reader again and again is left to a person."""
    moment = now or clock()
    await run_sql(
        "UPDATE inbound_mail SET read_at = {}, lease_until = NULL, outcome = 'needs-human', reason = {} "
        "WHERE read_at IS NULL AND attempts >= {} AND lease_until < {}",
        moment, _("Reading this mail stopped the reader several times."), MOST_READS, moment)
    waits = ("SELECT id FROM inbound_mail WHERE read_at IS NULL AND (lease_until IS NULL OR lease_until < {}) "
             "ORDER BY received_at, id LIMIT {}")
    chosen = f"= ANY(ARRAY({waits} FOR UPDATE SKIP LOCKED))" if dialect() == "postgres" else f"IN ({waits})"
    claimed = await run_sql(
        f"UPDATE inbound_mail SET lease_until = {{}}, attempts = attempts + 1 WHERE id {chosen} RETURNING id",  # noqa: S608 - own words
        moment + lease, moment, limit)
    if not claimed:
        return []
    ids = [row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in claimed]
    return await InboundMail.objects().where(InboundMail.id.is_in(ids)).order_by(
        InboundMail.received_at, InboundMail.id)


waiting = claim_waiting


async def settle(mail: UUID, *, outcome: str, reason: str = "", about: UUID | None = None,
                 now: datetime | None = None, applied: bool | None = None) -> None:
    """Record what became of a mail, in the transaction that does it.

    Raise Raced when it is settled already, or when another mail with its Message-ID has been applied: the whole
    transaction is then undone.
    """
    changes = outcome in APPLIES if applied is None else applied
    done: list[Any] = []
    try:
        async with transaction():
            done = await InboundMail.update({
                InboundMail.outcome: outcome, InboundMail.reason: reason, InboundMail.about: about,
                InboundMail.read_at: now or clock(), InboundMail.lease_until: None, InboundMail.applied: changes,
            }).where(InboundMail.id == mail, InboundMail.read_at.is_null()).returning(InboundMail.id)
    except Exception as error:
        if violated(error) == "inbound_mail_applied_once":
            raise Raced(_("Another mail with the same Message-ID has been applied.")) from error
        raise
    if not done:
        raise Raced(_("This mail has been settled already."))


async def put_off(mail: UUID, *, until: datetime) -> None:
    """Leave a mail unread for a while, after an error that was not the mail's."""
    await InboundMail.update({InboundMail.lease_until: until}).where(
        InboundMail.id == mail, InboundMail.read_at.is_null())


async def decide(mail: UUID, *, outcome: str, by: UUID, now: datetime, reason: str = "",
                 applied: bool = False, decision: str = "put aside", about: UUID | None = None) -> None:
    """Record what a person decided about a mail that waited for one; once."""
    values: dict[Any, Any] = {InboundMail.outcome: outcome, InboundMail.decided_by: by, InboundMail.decided_at: now,
                              InboundMail.applied: applied, InboundMail.decision: decision}
    if reason:
        values[InboundMail.reason] = reason
    if about is not None:
        values[InboundMail.about] = about
    done: list[Any] = []
    try:
        async with transaction():
            done = await InboundMail.update(values).where(
                InboundMail.id == mail, InboundMail.read_at.is_not_null(), InboundMail.decided_at.is_null(),
            ).returning(InboundMail.id)
    except Exception as error:
        if violated(error) == "inbound_mail_applied_once":
            raise Refused(_("Another copy of this mail has been applied already. Put this one aside.")) from error
        raise
    if not done:
        raise Raced(_("Somebody else has decided about this mail."))


async def decide_for(mail: UUID, *, decision: str, by: UUID | None, now: datetime) -> None:
    """Note on a mail, where it is still there, that what it brought was settled elsewhere."""
    await InboundMail.update({
        InboundMail.decided_by: by, InboundMail.decided_at: now, InboundMail.decision: decision,
    }).where(InboundMail.id == mail, InboundMail.decided_at.is_null())


async def judge_again(mail: UUID, *, outcome: str, reason: str, about: UUID | None, applied: bool) -> None:
    """Record what a mail that nobody has decided about was found to be when it was read once more."""
    done: list[Any] = []
    try:
        async with transaction():
            done = await InboundMail.update({
                InboundMail.outcome: outcome, InboundMail.reason: reason, InboundMail.about: about,
                InboundMail.applied: applied,
            }).where(InboundMail.id == mail, InboundMail.read_at.is_not_null(), InboundMail.decided_at.is_null(),
                     ).returning(InboundMail.id)
    except Exception as error:
        if violated(error) == "inbound_mail_applied_once":
            raise Refused(_("Another copy of this mail has been applied already. Put this one aside.")) from error
        raise
    if not done:
        raise Raced(_("Somebody else has decided about this mail."))


async def reopen(mail: UUID) -> bool:
    """Let a mail wait again that a person had decided about; False where nobody had, or it is gone."""
    row = await InboundMail.select(InboundMail.outcome).where(
        InboundMail.id == mail, InboundMail.decided_at.is_not_null()).first()
    if row is None:
        return False
    await InboundMail.update({
        InboundMail.decided_by: None, InboundMail.decided_at: None, InboundMail.decision: "",
        InboundMail.applied: row["outcome"] in APPLIES,
    }).where(InboundMail.id == mail, InboundMail.decided_at.is_not_null())
    return True


async def found(mail: UUID) -> InboundMail:
    """Find one mail, with its bytes."""
    row = await InboundMail.objects().where(InboundMail.id == mail).first()
    if row is None:
        raise NotFound(_("There is no such mail."))
    return row
