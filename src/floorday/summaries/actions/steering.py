"""The verbs of those who answer for what is sent: hold, release, send now, say something to it, correct, send again."""

# pyright: reportUnknownMemberType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.db.text import Prose
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues.masks import mask
from floorday.mail import tokens
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.summaries import moves, queries, rules
from floorday.summaries.actions import freezing, telling
from floorday.summaries.figures import COMPANY, Cut, Subject
from floorday.summaries.figures.window import local_date
from floorday.summaries.queries import Frozen, Restated, Subscription
from floorday.summaries.rules import Stage
from floorday.summaries.tables import SummaryMonth


def may_send(actor: Actor) -> None:
    """Refuse whoever does not answer for what is sent."""
    if not can(actor, Act.SEND_SUMMARY):
        raise Forbidden(_("The coordinator and the head of service hold, send and correct summaries."))


async def stage_of(month: str, *, now: datetime) -> Stage:
    """Say where a month stands; NotFound where it is none or has not begun."""
    zone = ZoneInfo(settings().zone)
    try:
        begun = rules.first_of(month) <= local_date(now, zone)
    except ValueError:
        begun = False
    if not begun:
        raise NotFound(_("There is no such month yet."))
    row = await queries.way(month)
    return rules.stage(row.way() if row else None, running=not rules.over(month, now=now, zone=zone))


async def hold(actor: Actor, month: str, because: Prose, *, now: datetime) -> None:
    """Keep a month from leaving until it is released."""
    may_send(actor)
    async with transaction():
        rules.may_change(await stage_of(month, now=now))
        if not because:
            raise BadInput(_("Say why it is held."), fields={"because": _("Say why it is held.")})
        await moves.change(month, {
            SummaryMonth.held_at: now, SummaryMonth.held_by: actor.person,
            SummaryMonth.held_because: mask(because, zone=settings().zone), SummaryMonth.asked_at: None,
        })  # fmt: skip


async def release(actor: Actor, month: str, *, now: datetime) -> None:
    """Let a month leave at its time, or with the worker's next look where that has come."""
    may_send(actor)
    async with transaction():
        stage = await stage_of(month, now=now)
        rules.may_change(stage)
        if stage is not Stage.HELD:
            raise Refused(_("This month is not held."))
        await moves.change(month, _FREE)


_FREE = {SummaryMonth.held_at: None, SummaryMonth.held_by: None, SummaryMonth.held_because: ""}


async def send_now(actor: Actor, month: str, *, now: datetime) -> None:
    """Let a month leave before its time; it cannot be taken back."""
    may_send(actor)
    async with transaction():
        rules.may_change(await stage_of(month, now=now))
        await moves.change(month, _FREE | {SummaryMonth.asked_at: now, SummaryMonth.asked_by: actor.person})


async def comment(actor: Actor, month: str, text: Prose, *, now: datetime) -> str:
    """Say something that stands on top of every summary of a month, its pages and its letters; "" takes it away.

    Gives it as it is kept, customers' data masked.
    """
    if not can(actor, Act.COMMENT_SUMMARY):
        raise Forbidden(_("The head of service says something to a summary."))
    async with transaction():
        rules.may_change(await stage_of(month, now=now))
        kept = mask(text, zone=settings().zone)
        await moves.change(month, {
            SummaryMonth.comment: kept, SummaryMonth.commented_at: now if kept else None,
            SummaryMonth.commented_by: actor.person if kept else None,
        })  # fmt: skip
        return kept


async def letter_before(actor: Actor, month: str, *, now: datetime) -> str:
    """Write the company's letter as it would be sent now, for whoever answers for it."""
    may_send(actor)
    if await stage_of(month, now=now) is Stage.RUNNING:
        raise Refused(_("This month is still running. Its letter can be looked at once it is over."))
    sent = await freezing.preliminary(COMPANY, "", month, now=now)
    assert sent is not None
    return await telling.shown(sent, COMPANY, actor)


async def subscribed(token: str, *, now: datetime) -> Subscription | None:
    """Find what the link of a letter would stop; None for no such link."""
    found = await tokens.find(telling.UNSUBSCRIBE, token, now)
    return await queries.subscription(found.about) if found is not None else None


# --- afterwards ----------------------------------------------------------------------------------------------------


async def what_changed(actor: Actor, sent: Frozen, subject: Subject, *, now: datetime) -> list[Restated]:
    """Count a sent month once more: what it said, and what it is now."""
    may_send(actor)
    zone = ZoneInfo(sent.zone)
    running = rules.word(local_date(now, zone).replace(day=1))
    taken = await queries.taken(subject, running, earlier=[sent.month], now=now, zone=zone)
    return await freezing.changes(taken, sent) if taken is not None else []


async def correct(actor: Actor, subject: Subject, month: str, because: Prose, *, now: datetime) -> int:
    """Tell everybody who was sent a month what it says now, and why; returns how many. The month stays as sent."""
    may_send(actor)
    sent = await queries.frozen(subject, month)
    if sent is None:
        raise NotFound(_("This month has not been sent, so there is nothing to correct."))
    if not because:
        raise BadInput(_("Say why it is corrected."), fields={"because": _("Say why it is corrected.")})
    lines = await what_changed(actor, sent, subject, now=now)
    correction, why = uuid7(), mask(because, zone=settings().zone)
    async with transaction():
        await moves.correct(
            id=correction, summary=sent.id, at=now, by=actor.person, by_name=actor.name, because=why,
            told=msgspec.json.encode(lines).decode())
        received = await queries.receivers(sent.id)
        for reader in received:
            await telling.correct(
                sent, subject, reader, reader.person, because=why, by=actor.name, lines=lines, correction=correction,
                now=now)
    return len(received)


async def resend(actor: Actor, subject: Subject, month: str, person: UUID, *, now: datetime) -> str:
    """Send a month once more to one of those whose summary it is; gives their name."""
    may_send(actor)
    async with transaction():
        sent = await queries.frozen(subject, month)
        if sent is None:
            raise NotFound(_("This month has not been sent yet."))
        reader = next((one for one in await queries.readers(subject) if one.id == person), None)
        if reader is None:
            raise BadInput(_("Pick somebody whose summary this is."),
                           fields={"person": _("Pick somebody whose summary this is.")})
        await telling.send(sent, subject, reader, reader.id, now=now, again=f":{uuid7()}")
        return reader.name


async def stop(token: str, *, now: datetime) -> Cut | None:
    """Send somebody no more of a kind of summary, by the link of a letter; gives the kind, None for no such link."""
    async with transaction():
        one = await subscribed(token, now=now)
        if one is None:
            return None
        await moves.stop(one.id, now=now)
        return one.cut


async def stop_mine(actor: Actor, cut: Cut, *, now: datetime) -> None:
    """Send somebody no more of a kind of summary."""
    async with transaction():
        await moves.stop(await moves.reads(actor.person, cut), now=now)


async def go_on(actor: Actor, cut: Cut) -> None:
    """Send somebody a kind of summary again."""
    async with transaction():
        await moves.go_on(actor.person, cut)
