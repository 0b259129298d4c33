"""Letters leave from a table, so that a letter is as committed as the change that caused it.

    post        inside the causing transaction: the facts are frozen, the key makes it one letter
    take_back   Undo, as long as nobody has begun to send it
    deliver     claim by lease, write and keep the bytes, then send them, then record the answer

A worker may be killed at any point. Before the bytes are kept nothing has left; after that every try sends
the same bytes under the same Message-ID; a copy is sent only where the server's answer was lost.
What has left is kept beside the database, too (`mail.journal`): an older copy of the database, put back, sends none
of it again. What time causes is posted as a `deed`, whose name makes the letter's id.
Letters with a calendar part about the same thing to the same address leave one after the other, so that no
cancellation overtakes its invitation.
"""

# Piccolo's queries are typed without the row, and its nullable columns as never null.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnnecessaryComparison=false

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Generator, Iterable, Sequence
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from floorday.config import settings
from floorday.db import BATCH, Insert, batches, current, dialect, run_sql, transaction, uuid7
from floorday.errors import Busy, DeliveryFailed
from floorday.mail import letters, tokens
from floorday.mail.journal import Journal, mark
from floorday.mail.letters import CalendarPart, Link
from floorday.mail.tables import Letter

LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
MOST_TRIES = 60

DUE = """SELECT l.id FROM letter l
    WHERE l.sent_at IS NULL AND l.failed_at IS NULL AND l.taken_back_at IS NULL
    AND NOT l.daily AND l.next_try_at <= {} AND (l.lease_until IS NULL OR l.lease_until < {})
    AND (l.event IS NULL OR NOT EXISTS (SELECT 1 FROM letter e
        WHERE e.about = l.about AND e.to_address = l.to_address AND e.event IS NOT NULL
        AND e.sent_at IS NULL AND e.failed_at IS NULL AND e.taken_back_at IS NULL
        AND (e.created_at < l.created_at OR (e.created_at = l.created_at AND e.id < l.id))))
    ORDER BY l.next_try_at, l.id LIMIT {}"""


class Parcel(msgspec.Struct, frozen=True):
    """A letter as it goes to a mail server."""

    id: UUID
    name: str
    sender: str
    to: str
    raw: bytes


class Delivered(msgspec.Struct):
    """What became of one batch."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    lost: int = 0
    """Claimed here, and taken over by somebody else before it was sent."""
    before: int = 0
    """Had left already, which this database did not know."""

    def __bool__(self) -> bool:
        return bool(self.sent or self.put_off or self.failed or self.lost or self.before)


class Carrier(Protocol):
    """Somebody who takes parcels, and says of each whether it was taken."""

    def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        """Send a batch in one session."""
        ...


# ---- writing

HOLD = timedelta(minutes=5)
"""So long the letters of many steps wait at most for the last of them; a process that died lets them leave then."""

_held: ContextVar[list[UUID] | None] = ContextVar("held", default=None)


@contextmanager
def holding() -> Generator[list[UUID]]:
    """Keep the letters that Undo can take back until `release` says since when; gives their ids as they are posted."""
    held: list[UUID] = []
    before = _held.set(held)
    try:
        yield held
    finally:
        _held.reset(before)


async def release(held: Sequence[UUID], *, now: datetime) -> None:
    """Let letters that were held leave when Undo's time is over, counted from now."""
    leaves_at = now + timedelta(seconds=settings().undo_seconds)
    for place in range(0, len(held), BATCH):
        await Letter.update({Letter.leaves_at: leaves_at, Letter.next_try_at: leaves_at}).where(
            Letter.id.is_in(list(held[place : place + BATCH])), Letter.sent_at.is_null(), Letter.failed_at.is_null(),
            Letter.lease_until.is_null(), Letter.attempts == 0)


def undo_lasts() -> timedelta:
    """Say how long a letter waits for Undo at most."""
    return timedelta(seconds=settings().undo_seconds) + (HOLD if _held.get() is not None else timedelta())


async def post(name: str, *, to: str, to_name: str, person: UUID | None, about: UUID, about_kind: str,
               facts: dict[str, Any], key: str, now: datetime, at_once: bool = False,
               event: dict[str, Any] | None = None, reply_to: str | None = None,
               from_address: str | None = None, fresh: bool = False, timeless: bool = False,
               leaves_at: datetime | None = None, gathers: bool = False, deed: str = "", tells: Collection[UUID] = (),
               left: datetime | None = None) -> UUID:
    """Post a letter in the causing transaction; the same key again is the same letter.

    It leaves after the time that Undo has, or at once. Tokens of its links are granted here. A `fresh` key holds an id
    made in this transaction, so nobody is asked whether it is there: the letter is written with what follows. The id of
    a `timeless` one tells nothing of when it was written. With `leaves_at` it waits until then, to be gathered with
    others to the same reader (`mail.daily`), and with `gathers` only as long as Undo can take it back.

    `deed` names what time has caused, in words that any copy of the database would choose, and makes the letter's id;
    `tells` are the marks of what it tells of. One that has `left` before this database knew of it is kept and not sent.
    """
    if current().mine() is None:
        raise RuntimeError("A letter is posted inside the transaction that causes it.")
    letter = mark(deed) if deed else uuid4() if timeless else uuid7()
    daily = gathers or leaves_at is not None
    if leaves_at is None:
        leaves_at = now if at_once else now + undo_lasts()
        if not at_once and (held := _held.get()) is not None:
            held.append(letter)
    values: dict[str, Any] = {
        "id": letter, "key": key, "name": name, "to_address": to, "to_name": to_name, "person": person, "about": about,
        "about_kind": about_kind, "facts": _frozen(facts), "event": None if event is None else _frozen(event),
        "from_address": from_address or "", "reply_to": reply_to or "", "created_at": now,
        "thread": (about, to, now - timedelta(hours=25) if timeless else now),
        "leaves_at": leaves_at, "next_try_at": leaves_at, "daily": daily,
        "tells": _frozen_marks(tells), "sent_at": left, "left_before": None if left is None else now,
    }
    if fresh and not deed:
        _FRESH.later(**values)
    elif not await _ONCE(**values):
        first = await Letter.select(Letter.id).where(Letter.key == key, Letter.taken_back_at.is_null()).first()
        if first is not None:
            return first["id"]
        values["id"] = letter = uuid7()     # one of the same name was taken back, and this is another
        await _ONCE(**values)
    for link in _links(facts):
        if link.purpose and link.about is not None:
            tokens.grant_later(link.purpose, link.about, person=link.person or person, generation=link.generation,
                               expires_at=link.expires_at, now=now, timeless=timeless)
    if at_once and not daily:
        wake()
    return letter


# The first letter about a thing to an address is the one that later ones answer (References).
# A timeless one comes at the end of its day, and answers what was there before it: neither tells which came first.
_THREAD = ("(SELECT id FROM letter WHERE about = {} AND to_address = {} AND created_at <= {} AND taken_back_at IS NULL"
           " ORDER BY created_at, id LIMIT 1)")
_FRESH = Insert(Letter, thread=_THREAD)
_ONCE = Insert(Letter, "ON CONFLICT DO NOTHING RETURNING id", thread=_THREAD)


def _links(facts: dict[str, Any]) -> Iterable[Link]:
    return letters.links_of({"links": msgspec.json.decode(_frozen(facts.get("links", {})))}).values()


def _frozen_marks(marks: Collection[UUID]) -> str:
    return msgspec.json.encode(list(marks)).decode() if marks else ""


def _frozen(facts: dict[str, Any]) -> str:
    return msgspec.json.encode(facts, enc_hook=_plain).decode()


def _plain(value: Any) -> str:
    """Write checked text (`db.text`) as the plain text it is."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"A letter's facts are plain JSON, and {type(value).__name__} is not.")


async def take_back(*, about: UUID, now: datetime, keys: Collection[str] | None = None) -> list[str]:
    """Take back letters that nobody has begun to send; returns the keys of those that will not leave."""
    query = Letter.update({Letter.taken_back_at: now}).where(
        Letter.about == about, Letter.sent_at.is_null(), Letter.failed_at.is_null(),
        Letter.taken_back_at.is_null(), Letter.lease_until.is_null(), Letter.attempts == 0)
    if keys is not None:
        if not keys:
            return []
        query = query.where(Letter.key.is_in(list(keys)))
    return [row["key"] for row in await query.returning(Letter.key)]


async def under_way(about: UUID) -> bool:
    """Say whether a letter about a thing has left, or is about to: nobody took it back."""
    return await Letter.exists().where(Letter.about == about, Letter.taken_back_at.is_null())


async def again(letter: UUID, *, now: datetime) -> bool:
    """Try a failed letter once more, from the beginning of its patience; same bytes, same Message-ID."""
    return bool(await Letter.update({
        Letter.failed_at: None, Letter.sent_at: None, Letter.attempts: 0, Letter.lease_until: None,
        Letter.leaves_at: now, Letter.next_try_at: now, Letter.again_at: now,
    }).where(Letter.id == letter, Letter.failed_at.is_not_null()).returning(Letter.id))


async def bounced(letter: UUID, *, words: str, now: datetime) -> bool:
    """Record that a letter which had left came back."""
    return bool(await Letter.update({Letter.failed_at: now, Letter.server_words: _short(words)}).where(
        Letter.id == letter, Letter.failed_at.is_null()).returning(Letter.id))


# ---- sending

async def deliver(*, sender: Carrier, calendar_part: CalendarPart, now: datetime, limit: int = 20,
                  lease: timedelta = LEASE, journal: Journal | None = None) -> Delivered:
    """Send one batch in one session and record what became of each letter, in the journal first."""
    begun = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    counts = Delivered()
    rows = await claim(now=now, limit=limit, lease=lease)
    if journal is not None:
        rows = await _not_left(rows, journal, now=now, counts=counts)
    if not rows:
        return counts
    by_id = {row.id: row for row in rows}
    parcels = _ready(rows, calendar_part=calendar_part, clock=clock, lease=lease, counts=counts)
    async with aclosing(sender.send(parcels)) as answers:
        async for parcel, refused in answers:
            if journal is not None and refused is None:
                await journal.add(_marks(by_id[parcel.id]), at=clock())
            await _record(by_id[parcel.id], refused, now=clock(), counts=counts)
    return counts


async def claim(*, now: datetime, limit: int, lease: timedelta = LEASE) -> list[Letter]:
    """Take letters that are due and in nobody's hands; whoever is killed holding one loses it with the lease."""
    chosen = f"= ANY(ARRAY({DUE} FOR UPDATE OF l SKIP LOCKED))" if dialect() == "postgres" else f"IN ({DUE})"
    claimed = await run_sql(
        f"UPDATE letter SET lease_until = {{}}, attempts = attempts + 1 WHERE id {chosen} RETURNING id",  # noqa: S608 - own words
        now + lease, now, now, limit)
    if not claimed:
        return []
    ids = [row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in claimed]
    return await Letter.objects().where(Letter.id.is_in(ids)).order_by(Letter.next_try_at, Letter.id)


async def _not_left(rows: Sequence[Letter], journal: Journal, *, now: datetime, counts: Delivered) -> list[Letter]:
    """Give those that have not left; of the others note when they had."""
    left = await journal.left(row.id for row in rows)
    fresh: list[Letter] = []
    for row in rows:
        at = left.get(row.id)
        if at is None or (row.again_at is not None and row.again_at.replace(microsecond=0) >= at):
            fresh.append(row)
            continue
        # Where its bytes are kept it was on its way from here, and only the server's answer is new.
        await Letter.update({
            Letter.sent_at: at, Letter.lease_until: None, Letter.server_words: "",
            Letter.left_before: now if row.content is None else None,
        }).where(Letter.id == row.id, Letter.lease_until == row.lease_until, Letter.sent_at.is_null())
        counts.before += 1
    return fresh


def _marks(row: Letter) -> list[UUID]:
    return [row.id, *(msgspec.json.decode(row.tells, type=list[UUID]) if row.tells else ())]


async def _written(row: Letter, calendar_part: CalendarPart) -> bytes:
    """Write a letter; one with a picture or a document takes long enough to be written beside the event loop."""
    if letters.ENCLOSED in row.facts:
        return await asyncio.to_thread(letters.render, row, calendar_part)
    return letters.render(row, calendar_part)


async def _ready(rows: Sequence[Letter], *, calendar_part: CalendarPart, clock: Callable[[], datetime],
                 lease: timedelta, counts: Delivered) -> AsyncIterator[Parcel]:
    """Give out each letter whose bytes are kept and whose lease is still ours, at the moment it can be sent."""
    for row in rows:
        if row.content is None:
            row.rendered_at, row.message_id = clock(), letters.message_id(row.id)
            try:
                raw = await _written(row, calendar_part)
            except Exception as error:  # whatever is wrong with one letter, the others leave
                words = f"This letter could not be written: {type(error).__name__}: {error}"
                await _record(row, DeliveryFailed(words, permanent=False), now=clock(), counts=counts)
                continue
        else:
            raw = row.content
        if await _hold(row, raw, until=clock() + lease):
            yield Parcel(id=row.id, name=row.name, sender=letters.sender_address(row), to=row.to_address, raw=raw)
        else:
            counts.lost += 1


async def _hold(row: Letter, raw: bytes, *, until: datetime) -> bool:
    """Keep the bytes and renew the lease in one committed step, before any byte goes out."""
    values: dict[Any, Any] = {Letter.lease_until: until}
    query = Letter.content.is_not_null()
    if row.content is None:
        values |= {Letter.content: raw, Letter.message_id: row.message_id, Letter.rendered_at: row.rendered_at}
        query = Letter.content.is_null()
    held: list[Any] = []
    async with transaction(durable=row.content is None):
        held = await Letter.update(values).where(
            query, Letter.id == row.id, Letter.lease_until == row.lease_until,
            Letter.sent_at.is_null(), Letter.failed_at.is_null()).returning(Letter.id)
    row.lease_until = until
    return bool(held)


async def _record(row: Letter, refused: DeliveryFailed | None, *, now: datetime, counts: Delivered) -> None:
    """Write down what the server said. A busy database is asked again: a letter that left must not leave twice."""
    for pause in (0.05, 0.2, 1.0, 3.0):
        try:
            return await _recorded(row, refused, now=now, counts=counts)
        except Busy:
            await asyncio.sleep(pause)
    return await _recorded(row, refused, now=now, counts=counts)


async def _recorded(row: Letter, refused: DeliveryFailed | None, *, now: datetime, counts: Delivered) -> None:
    if refused is None:
        await Letter.update({Letter.sent_at: now, Letter.lease_until: None, Letter.server_words: ""}).where(
            Letter.id == row.id)
        counts.sent += 1
        return
    final = refused.permanent or row.attempts >= MOST_TRIES or now - row.leaves_at >= GIVE_UP_AFTER
    values: dict[Any, Any] = {Letter.server_words: _short(refused.sentence), Letter.lease_until: None}
    values |= {Letter.failed_at: now} if final else {Letter.next_try_at: now + patience(row.attempts)}
    await Letter.update(values).where(
        Letter.id == row.id, Letter.lease_until == row.lease_until, Letter.sent_at.is_null())
    if final:
        counts.failed += 1
    else:
        counts.put_off += 1


def patience(attempts: int) -> timedelta:
    """Wait longer after each try, up to some hours, and never in step with other letters."""
    doubled = FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 12)
    return min(doubled, LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret


def _short(words: str) -> str:
    return " ".join(words.replace("\x00", " ").split())[:2000]


# ---- waking

_woken: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Event] = WeakKeyDictionary()
COMMIT_TIME = 0.05


def wake() -> None:
    """Tell the worker of this process that a letter is due, a moment later: its transaction has yet to commit."""
    loop = asyncio.get_running_loop()
    loop.call_later(COMMIT_TIME, _event(loop).set)


async def wait(seconds: float) -> None:
    """Rest until a letter is due at once, or the time is up."""
    event = _event(asyncio.get_running_loop())
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        pass
    finally:
        event.clear()


def _event(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    return _woken.setdefault(loop, asyncio.Event())


# ---- reading

async def letters_about(about: UUID) -> list[Letter]:
    """List the letters about a thing, oldest first."""
    return await _listed(Letter.about == about)


async def troubled(*, limit: int = 200) -> list[Letter]:
    """List letters that failed, and those still trying after an error, newest first."""
    return await _listed(_troubled(), newest=limit)


def every_troubled() -> AsyncGenerator[list[Sent]]:
    """Give in batches all letters that failed or still try after an error, newest first, without their content."""
    async def read(last: Sent | None) -> list[Sent]:
        query = Letter.select(*_SENT).where(_troubled())
        if last is not None:
            query = query.where((Letter.created_at < last.created_at) | (
                (Letter.created_at == last.created_at) & (Letter.id < last.id)))
        return msgspec.convert(
            await query.order_by(Letter.created_at, Letter.id, ascending=False).limit(BATCH), list[Sent])

    return batches(read)


def _troubled() -> Any:
    unsent = (Letter.sent_at.is_null()) & (Letter.taken_back_at.is_null()) & (Letter.server_words != "")
    return (Letter.failed_at.is_not_null()) | unsent


async def find(letter: UUID) -> Letter | None:
    """Find one letter, with its bytes while they are kept."""
    return await Letter.objects().where(Letter.id == letter).first()


async def find_by_message_id(message_ids: Collection[str]) -> Letter | None:
    """Find the letter that a mail answers or bounces, by its In-Reply-To and References."""
    ours = [found for words in message_ids if (found := letters.letter_of(words)) is not None]
    if not ours:
        return None
    return await Letter.objects().where(Letter.id.is_in(ours)).order_by(Letter.id).first()


async def left_before() -> tuple[int, datetime | None]:
    """Count the letters that had left before this database knew of it; and when that was last noticed."""
    rows = await run_sql("SELECT COUNT(*) AS n FROM letter WHERE left_before IS NOT NULL")
    last = await Letter.select(Letter.left_before).where(Letter.left_before.is_not_null()).order_by(
        Letter.left_before, ascending=False).first()
    return int(rows[0]["n"]), last["left_before"] if last else None


async def waiting(*, now: datetime) -> int:
    """Count letters that are due and have not left."""
    return await Letter.count().where(
        Letter.sent_at.is_null(), Letter.failed_at.is_null(), Letter.taken_back_at.is_null(), Letter.next_try_at <= now)


async def _listed(where: Any, *, newest: int | None = None) -> list[Letter]:
    query = Letter.objects().where(where)
    if newest is None:
        return await query.order_by(Letter.created_at, Letter.id)
    return await query.order_by(Letter.created_at, Letter.id, ascending=False).limit(newest)


class Sent(Struct, frozen=True, kw_only=True):
    """What became of a letter, without its content."""

    id: UUID
    name: str
    to_name: str
    to_address: str
    person: UUID | None
    about: UUID
    about_kind: str
    created_at: datetime
    attempts: int
    message_id: str | None
    sent_at: datetime | None
    failed_at: datetime | None
    taken_back_at: datetime | None
    server_words: str
    left_before: datetime | None

    @property
    def fate(self) -> str:
        """Say in a word what became of it."""
        if self.taken_back_at is not None:
            return "taken back"
        if self.failed_at is not None:
            return "failed"
        if self.sent_at is not None:
            return "sent"
        return "trying" if self.server_words else "waiting"


_SENT = tuple(getattr(Letter, field) for field in Sent.__struct_fields__)


async def listed(
    *, only: UUID | None = None, after: tuple[datetime, UUID] | None = None, limit: int = 1, about: UUID | None = None,
    person: UUID | None = None, name: str | None = None, fate: str | None = None,
) -> list[Sent]:
    """List letters in the order in which they were written, those after a moment and an id.

    `fate` is waiting (also when trying), sent, failed or taken back.
    """
    query = Letter.select(*_SENT)
    for column, value in ((Letter.id, only), (Letter.about, about), (Letter.person, person), (Letter.name, name)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        at, last = after
        query = query.where(Letter.created_at >= at, (Letter.created_at > at) | (Letter.id > last))
    ends = {"sent": Letter.sent_at, "failed": Letter.failed_at, "taken back": Letter.taken_back_at}
    if fate is not None:
        for end, column in ends.items():
            if fate == "waiting" or (fate == "sent" and end != "sent"):
                query = query.where(column.is_null())
            elif fate == end:
                query = query.where(column.is_not_null())
    return msgspec.convert(await query.order_by(Letter.created_at, Letter.id).limit(limit), list[Sent])
