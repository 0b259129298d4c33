"""The one place that knows every slice, for what time causes: letters leave, mails are read, silences end.

Several workers may run beside each other on one PostgreSQL: letters and mails are claimed by lease, and each clock's
deed is keyed, so that it is done once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from floorday.bookings import actions as bookings
from floorday.calendar import invite
from floorday.config import now as clock
from floorday.config import settings
from floorday.errors import Busy, DeliveryFailed, Misconfigured
from floorday.inbox import actions as inbox
from floorday.issues import actions as issues
from floorday.mail import daily, doors, imap, inbound, journal, outbox, smtp
from floorday.mail.journal import Journal
from floorday.public import actions as public
from floorday.retention import actions as retention
from floorday.setup import actions as setup
from floorday.stories import actions as stories
from floorday.summaries import actions as summaries

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
CLOCK_SECONDS = 60.0
SWEEP_SECONDS = 900.0
FOLDED = 3000
BATCH = 20
PATIENCE = timedelta(minutes=1)
MAIL_DOORS = {"lmtp_listen": doors.LmtpServer, "smtp_listen": doors.SmtpServer}


def calendar_part(event: dict[str, Any]) -> bytes:
    """Write the calendar object of a letter from its frozen facts."""
    return invite.render(msgspec.convert(event, invite.Event))


async def work(
    stop: asyncio.Event, *, now: Callable[[], datetime] = clock, ready: asyncio.Event | None = None
) -> None:
    """Do what time causes until told to stop; an error in one kind of work does not stop the others.

    `ready` is set once mail can come in. Raise Misconfigured where the port for it is taken.
    """
    arrived = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        for name, kind in MAIL_DOORS.items():
            if not (address := getattr(settings(), name)):
                continue
            try:
                await stack.enter_async_context(_door(kind, address, arrived))
            except OSError as error:
                taken = f"Mail cannot come in at {address}: {error.strerror or error}."
                other = "127.0.0.1:8025, or nothing to take no mail"
                raise Misconfigured(name, taken, example=other) from error
        if ready is not None:
            ready.set()
        await asyncio.gather(
            _again(stop, "letters", lambda: send_letters(now=now)),
            _again(stop, "mails", lambda: read_mails(now=now), woken=arrived),
            # A wake is for letters alone: whoever else took it would let a sign-in code wait.
            _mailbox(stop, arrived, now=now),
            _again(stop, "clocks", lambda: run_clocks(now=now), woken=asyncio.Event(), pause=CLOCK_SECONDS),
            _again(stop, "months", lambda: send_months(now=now), woken=asyncio.Event(), pause=CLOCK_SECONDS),
            _again(stop, "figures", fold_pasts, woken=asyncio.Event(), pause=CLOCK_SECONDS),
            _again(stop, "retention", lambda: sweep(now=now), woken=asyncio.Event(), pause=SWEEP_SECONDS),
        )


def _door(kind: type[doors.LmtpServer], address: str, arrived: asyncio.Event) -> doors.LmtpServer:
    host, _colon, port = address.rpartition(":")

    async def keep(raw: bytes, *, door: str, envelope_from: str, envelope_to: str, now: datetime) -> UUID:
        kept = await inbound.keep(raw, door=door, envelope_from=envelope_from, envelope_to=envelope_to, now=now)
        arrived.set()
        return kept

    return kind(keep, host.strip("[]"), int(port), accepts=is_ours)


async def _mailbox(stop: asyncio.Event, arrived: asyncio.Event, *, now: Callable[[], datetime]) -> None:
    """Read the mailbox of the settings, if there is one; connect again whenever the connection breaks."""
    while settings().imap_host and not stop.is_set():
        mailbox = imap.Mailbox(settings())
        try:
            await asyncio.to_thread(mailbox.open)
            while not stop.is_set():
                if await imap.collect(mailbox, clock=now):
                    arrived.set()
                await _listen(mailbox, stop)
        except DeliveryFailed as error:
            log.warning("The mailbox cannot be read, and is tried again: %s", error)
        except imap.UNUSABLE as error:
            log.info("The connection to the mailbox ended (%s); it is made again.", error)
        except Exception:
            log.exception("Reading the mailbox failed and will be tried again.")
        finally:
            mailbox.close()
        await _rest(stop, asyncio.Event(), imap.POLL_SECONDS)


async def _listen(mailbox: imap.Mailbox, stop: asyncio.Event) -> None:
    """Wait until the mailbox may have something new."""
    if not await asyncio.to_thread(mailbox.idle):
        await _rest(stop, asyncio.Event(), imap.POLL_SECONDS)
        return
    heard = False
    for _second in range(imap.IDLE_SECONDS):
        heard = heard or await asyncio.to_thread(mailbox.told, POLL_SECONDS)
        if heard or stop.is_set():
            break
    await asyncio.to_thread(mailbox.awake)


def is_ours(address: str) -> bool:
    """Say whether mail to this address is for us."""
    known = {settings().mail_domain.lower(), settings().mail_from.rpartition("@")[2].lower()}
    return address.rpartition("@")[2].lower() in known


async def _again(
    stop: asyncio.Event,
    name: str,
    once: Callable[[], Awaitable[bool]],
    *,
    woken: asyncio.Event | None = None,
    pause: float = POLL_SECONDS,
) -> None:
    while not stop.is_set():
        try:
            busy = await once()
        except Busy as error:
            log.info("%s wait: %s", name, error)
            busy = False
        except Exception:
            log.exception("Work on %s failed and will be tried again.", name)
            busy = False
        if not busy:
            await _rest(stop, woken, pause)


async def _rest(stop: asyncio.Event, woken: asyncio.Event | None, pause: float) -> None:
    sleepers: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait())]
    sleepers.append(asyncio.create_task(woken.wait() if woken is not None else outbox.wait(pause)))
    _done, left = await asyncio.wait(sleepers, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
    for sleeper in left:
        sleeper.cancel()
    if woken is not None:
        woken.clear()


def kept() -> Journal:
    """Give the journal of what has left, which stands beside the database."""
    return journal.of(settings().sent_folder)


async def send_letters(*, now: Callable[[], datetime] = clock) -> bool:
    """Send one batch of letters; say whether there was anything to send."""
    done = await outbox.deliver(
        sender=smtp.carrier(settings()), calendar_part=calendar_part, now=now(), limit=BATCH, journal=kept()
    )  # fmt: skip
    return bool(done)


async def read_mails(*, now: Callable[[], datetime] = clock) -> bool:
    """Read one batch of stored mails, oldest first; say whether there were any.

    While one is being judged, the next is already taken apart in the process that does so.
    """
    mails = await inbound.claim_waiting(BATCH, now=now())
    ahead = [asyncio.create_task(inbox.read(mail)) for mail in mails[:1]]
    for place, mail in enumerate(mails):
        reading = ahead.pop()
        ahead += [asyncio.create_task(inbox.read(after)) for after in mails[place + 1 : place + 2]]
        try:
            await inbox.receive(mail, await reading, now=now())
        except Exception:
            log.exception("Mail %s could not be read now; it is kept and tried again.", mail.id)
            await inbound.put_off(mail.id, until=now() + PATIENCE)
    return bool(mails)


async def run_clocks(*, now: Callable[[], datetime] = clock) -> bool:
    """Do what falls due by the clock alone."""
    await bookings.remind_unanswered(now=now())
    await daily.gather(now=now(), journal=kept())
    await issues.close_unconfirmed(now=now())
    await issues.wake_due(now=now())
    await issues.mornings(now=now(), journal=kept())
    await issues.fold_due()
    await stories.remind(now=now())
    await public.write_due(now=now())
    await setup.forget_old(now=now())
    return False


async def send_months(*, now: Callable[[], datetime] = clock) -> bool:
    """Show a month that is over to the coordinator, and send it when its time has come."""
    return bool(await summaries.run(now=now()))


async def fold_pasts() -> bool:
    """Fold some of what has happened to issues, for whoever counts a month; say whether there was anything."""
    return bool(await summaries.fold(most=FOLDED))


async def sweep(*, now: Callable[[], datetime] = clock) -> bool:
    """Wipe what has been kept for as long as the settings say."""
    if done := await retention.sweep(now=now()):
        log.info("Wiped: %s.", ", ".join(f"{count} {kind}" for kind, count in done.items()))
    long_ago = now() - timedelta(days=settings().sent_days)
    await asyncio.to_thread(kept().forget, before=long_ago.date())
    return False
