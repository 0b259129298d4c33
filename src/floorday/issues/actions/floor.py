"""The verbs of the floor: what those who raised an issue say of it, signed in, by a letter's link, or by a code."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from msgspec import structs

from floorday.db import transaction
from floorday.errors import NotFound, Raced, Refused
from floorday.issues import queries, rules
from floorday.issues.actions import notes, telling
from floorday.issues.actions.following import decide
from floorday.issues.actions.steps import From, may, record, take, today, unnamed
from floorday.issues.masks import mask
from floorday.issues.queries import FollowUp, IssueRow, Pass
from floorday.issues.rules import SILENCE, Verdict
from floorday.issues.tables import Issue
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Door, Role
from floorday.render.words import gettext as _


async def verdict(actor: Actor, issue_id: UUID, says: Verdict, because: str = "", *, now: datetime) -> IssueRow:
    """Say whether it is fixed: fixed confirms, partly or not reopens."""
    async with transaction():
        row = await may(actor, Act.VERDICT, issue_id, no=_("Those who raised it say whether it is fixed."))
        before = await queries.said(row.id, round=row.round, reporter=actor.person)
        because = mask(because, zone=row.team_zone)
        decision = rules.verdict(row.facts(), says, because=because, reporter=actor.person, before=before)
        return await take(row, decision, actor=actor, now=now, text=because, origin=From(reporter=actor.person))


async def again(actor: Actor, issue_id: UUID, text: str, *, now: datetime) -> IssueRow:
    """Say that a closed issue has come back. From somebody who never raised it, it is a return."""
    async with transaction():
        row = await may(actor, Act.RAISE, issue_id)
        return await bring_back(actor, row, mask(text, zone=row.team_zone), now=now)


async def bring_back(actor: Actor, row: IssueRow, text: str, *, now: datetime) -> IssueRow:
    """Reopen a closed issue in somebody's words, inside the caller's transaction."""
    reports = actor.person in row.reporters
    facts = row.facts(cannots=await queries.cannots(row.id))
    decision = rules.again(facts, text, reports=reports)
    after = await take(row, decision, actor=actor, now=now, text=text, origin=From(reporter=actor.person),
                       about=_met_at(actor, row) if decision.event == "returned" else None)
    if decision.event == "returned" and len(times := await queries.returns(row.id)) == rules.RETURNS_TOLD:
        await telling.came_back(after, text, event=uuid5(row.id, f"{len(times)}"), now=now)
    return after


def _met_at(actor: Actor, row: IssueRow) -> UUID | None:
    """Say in which team somebody has met it again: the issue's own where they belong to it, else theirs."""
    theirs = actor.teams(*TEAM_ROLES)
    return row.team if row.team in theirs else min(theirs, default=None)


async def verdict_by_token(token: str, says: Verdict, because: str = "", *, now: datetime) -> IssueRow:
    """Take a verdict through the link of a letter."""
    actor, held = await _holder(await queries.verdict_link(token, now=now))
    return await verdict(actor, held.issue, says, because, now=now)


async def decide_by_token(token: str, *, yes: bool, because: str = "", now: datetime) -> IssueRow:
    """Take a sponsor's decision through the link of a letter."""
    actor, held = await _holder(await queries.decision_link(token, now=now))
    return await decide(actor, held.issue, yes=yes, because=because, now=now)


async def word_by_token(token: str, text: str, *, news: bool, now: datetime) -> IssueRow:
    """Give a word to those who raised it through the link of a letter, as whoever silence has come to.

    Owner and department may always; the sponsor, a coordinator and the head of service because they were told.
    Without `news` the text says why there is none yet.
    """
    actor, held = await _holder(await queries.word_link(token, now=now))
    async with transaction():
        row = await queries.issue(None, held.issue)
        told = actor.person == row.sponsor or actor.has(Role.HEAD_OF_SERVICE, Role.COORDINATOR)
        if not (row.can(actor, Act.UPDATE) or told):
            raise Refused(_("This issue is with somebody else by now. Nothing waits for you here."))
        text = mask(text, zone=row.team_zone)
        if not news:
            text = _("No news yet, because: %(why)s", why=text)
        return await take(row, rules.update(row.facts(), text), actor=actor, now=now, text=text)


async def _holder(held: Pass | None) -> tuple[Actor, Pass]:
    found = await people.actor(held.person) if held else None
    if held is None or found is None:
        raise NotFound(_("This link is no longer valid. A newer letter may have come since; look for that."))
    return structs.replace(found, door=Door.LETTER), held


async def verdict_by_code(code: str, says: Verdict, because: str = "", *, now: datetime) -> FollowUp:
    """Take the verdict of an anonymous reporter; nothing of who or when is kept but the day."""
    async with transaction():
        written, row, zone = await told_by(code)
        because = mask(because, zone=zone)
        before = await queries.said(row.id, round=row.round, note=written)
        decision = rules.verdict(row.facts(), says, because=because, reporter=None, before=before)
        origin = await unnamed(row.id, now, zone, note=written)
        await take(row, decision, actor=None, now=now, text=because, origin=origin)
    return await notes.follow_up(code, now=now)


async def word_by_code(code: str, text: str, *, now: datetime) -> FollowUp:
    """Take a word of an anonymous reporter into the history."""
    async with transaction():
        written, row, zone = await told_by(code)
        text = mask(notes.Said.parse(text), zone=zone)
        if not text:
            raise Refused(_("Write a word first."))
        origin = await unnamed(row.id, now, zone, note=written, since=(await queries.note(written)).at)
        await record(row.id, "word", actor=None, now=now, text=text, origin=origin)
    return await notes.follow_up(code, now=now)


async def told_by(code: str) -> tuple[UUID, IssueRow, str]:
    """Find the note, the issue it now belongs to, and the floor's zone."""
    written = await notes.by_code(code)
    if written.issue is None:
        raise Refused(_("Good news is kept as it is; there is nothing to follow."))
    row = await queries.issue(None, written.issue)
    if row.joined_into is not None:
        row = await queries.issue(None, row.joined_into)
    return written.id, row, written.team_zone


async def close_unconfirmed(*, now: datetime) -> int:
    """Close, as unconfirmed, what nobody has said a word about for a fortnight; returns how many."""
    closed = 0
    for issue_id in await queries.silent_since(now - SILENCE):
        try:
            async with transaction():
                row = await queries.issue(None, issue_id)
                await take(row, rules.unconfirm(row.facts(), now=now), actor=None, now=now)
        except (Raced, Refused):  # a verdict came in this moment, and that is better
            continue
        closed += 1
    return closed


async def wake_due(*, now: datetime) -> int:
    """Take up again what was put aside until today; returns how many."""
    woken = 0
    for issue_id in await queries.asleep_until(today(now)):
        try:
            async with transaction():
                row = await queries.issue(None, issue_id)
                await take(row, rules.wake(row.facts()), actor=None, now=now, values={Issue.snoozed_until: None})
        except (Raced, Refused):  # somebody took it up, or closed it, in this moment
            continue
        woken += 1
    return woken
