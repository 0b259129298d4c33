"""The verbs of those who follow an issue up: coordinator, owner and department, sponsor."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, structs

from floorday.config import settings
from floorday.db import transaction
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import moves, queries, rules
from floorday.issues.actions import suggested
from floorday.issues.actions.steps import Before, before, may, record, take, today
from floorday.issues.actions.whole import come_apart, come_back, put_back
from floorday.issues.masks import mask
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Kind, Resolution
from floorday.issues.tables import Issue
from floorday.mail import outbox
from floorday.people import moves as people
from floorday.people.access import Act, Actor, Role
from floorday.render.words import gettext as _


async def assign(
    actor: Actor, issue_id: UUID, *, department: UUID, owner: UUID | None = None, now: datetime,
) -> IssueRow:  # fmt: skip
    """Hand an issue to a department, and name who fixes it there; that is what those who raised it hear."""
    async with transaction():
        row = await may(actor, Act.ASSIGN, issue_id, no=_("The coordinator or the department does that."))
        await people.still_here(owner)
        if department not in await queries.departments():
            raise NotFound(_("There is no such department."))
        if owner is not None and all(person.id != owner for person in await queries.owners(department)):
            raise BadInput(_("The owner is somebody of the department."),
                           fields={"owner": _("The owner is somebody of the department.")})
        decision = rules.assign(row.facts(), department=department, owner=owner)
        return await take(row, decision, actor=actor, now=now, undoable=True,
                          values={Issue.department: department, Issue.owner: owner})


async def sponsor(actor: Actor, issue_id: UUID, person: UUID, *, now: datetime) -> IssueRow:
    """Name the manager who answers for an issue. A manager may take it on, too."""
    async with transaction():
        row = await queries.issue(actor, issue_id)
        takes_it_on = person == actor.person and actor.has(Role.MANAGER) and row.whole
        if not takes_it_on and not row.can(actor, Act.ASSIGN):
            raise Forbidden(_("The coordinator or the department asks a sponsor; a manager can offer to be it."))
        await people.still_here(person)
        if all(manager.id != person for manager in await queries.sponsors()):
            raise BadInput(_("The sponsor is a manager."), fields={"sponsor": _("The sponsor is a manager.")})
        return await take(row, rules.sponsor(row.facts(), person), actor=actor, now=now, undoable=True,
                          values={Issue.sponsor: person})


async def promise(
    actor: Actor, issue_id: UUID, for_date: date, because: str = "", *, now: datetime, together: bool = False
) -> IssueRow:  # fmt: skip
    """Give a date by which it is fixed; another one moves it. `together`: with others, in one letter."""
    async with transaction():
        row = await may(actor, Act.PROMISE, issue_id, no=_("The owner and the department do that."))
        decision = rules.promise(row.facts(), for_date, because=because, today=today(now))
        return await take(row, decision, actor=actor, now=now, text=because, undoable=True, together=together,
                          values={Issue.promised_for: for_date})


async def update(actor: Actor, issue_id: UUID, text: str, *, now: datetime) -> IssueRow:
    """Give a word to everybody who raised it."""
    async with transaction():
        row = await may(actor, Act.UPDATE, issue_id, no=_("The owner and the department do that."))
        return await take(row, rules.update(row.facts(), text), actor=actor, now=now, text=text)


async def ask(actor: Actor, issue_id: UUID, question: str, *, now: datetime) -> IssueRow:
    """Ask the sponsor for a yes or a no."""
    async with transaction():
        row = await may(actor, Act.ASK, issue_id, no=_("The owner and the department do that."))
        return await take(row, rules.ask(row.facts(), question), actor=actor, now=now, text=question,
                          values={Issue.question: question})


async def decide(actor: Actor, issue_id: UUID, *, yes: bool, because: str = "", now: datetime) -> IssueRow:
    """Answer the question, yes or no."""
    async with transaction():
        row = await may(actor, Act.DECIDE, issue_id, no=_("The sponsor decides that."))
        return await take(row, rules.decide(row.facts(), yes=yes, because=because), actor=actor, now=now, text=because,
                          values={Issue.question: ""})


async def resolve(actor: Actor, issue_id: UUID, how: Resolution, done: str, *, now: datetime) -> IssueRow:
    """Say what was done, or why it cannot be done; those who raised it are asked, or told."""
    async with transaction():
        row = await may(actor, Act.RESOLVE, issue_id, no=_("The owner and the department do that."))
        return await take(row, rules.resolve(row.facts(), how, done), actor=actor, now=now, text=done, undoable=True,
                          values={Issue.resolution: how.value, Issue.done: done, Issue.question: "",
                                  Issue.resolved_by: actor.person, Issue.resolved_at: now})


async def decline(actor: Actor, issue_id: UUID, because: str, *, now: datetime) -> IssueRow:
    """Say that nothing will be done, and why."""
    async with transaction():
        row = await may(actor, Act.DECLINE, issue_id, no=_("The coordinator does that."))
        return await take(row, rules.decline(row.facts(), because), actor=actor, now=now, text=because, undoable=True,
                          values={Issue.done: because, Issue.question: ""})


async def snooze(actor: Actor, issue_id: UUID, until: date, *, now: datetime) -> IssueRow:
    """Put an issue aside until a date."""
    async with transaction():
        row = await may(actor, Act.SNOOZE, issue_id, no=_("The coordinator does that."))
        return await take(row, rules.snooze(row.facts(), until, today=today(now)), actor=actor, now=now, undoable=True,
                          values={Issue.snoozed_until: until})


async def wake(actor: Actor, issue_id: UUID, *, now: datetime) -> IssueRow:
    """Take up again what was put aside."""
    async with transaction():
        row = await may(actor, Act.SNOOZE, issue_id, no=_("The coordinator does that."))
        return await take(row, rules.wake(row.facts()), actor=actor, now=now, values={Issue.snoozed_until: None})


async def join(actor: Actor, issue_id: UUID, into: UUID, *, now: datetime) -> IssueRow:
    """Make one issue part of another; gives the one that stays."""
    async with transaction():
        row = await may(actor, Act.JOIN, issue_id, no=_("The coordinator or the team's lead joins issues."))
        await queries.issue(actor, into)
        target = await queries.issue(None, into)
        decision = structs.replace(rules.join(row.facts(), target.facts()), says=rules.asleep(row.facts()))
        # Both are held, in one order, so that two joins the other way round cannot make a circle.
        for one in sorted((row, target), key=lambda held: held.id):
            if one is row:
                await take(row, decision, actor=actor, now=now, other=target, undoable=True,
                           values={Issue.joined_into: into, Issue.question: ""})
            else:
                await moves.save(target, {Issue.raised_at: min(row.raised_at, target.raised_at), **_about(row, target)})
        await moves.carry_along(row.id, into)
        await suggested.settle_joined(actor, now=now)
        await moves.fold_due()
        return await queries.issue(actor, into)


def _about(part: IssueRow, whole: IssueRow) -> dict[Any, Any]:
    """Let the whole point at the statement and the measure that its part points at, where it points at none."""
    found: dict[Any, Any] = {}
    if whole.picture is None and part.picture is not None and part.team == whole.team:
        found[Issue.picture] = part.picture
    if whole.measure is None and part.measure is not None and whole.kind is Kind.MEASURE_CONFLICT:
        found[Issue.measure] = part.measure
    return found


async def retitle(actor: Actor, issue_id: UUID, title: str, kind: Kind, *, now: datetime) -> IssueRow:
    """Say better what gets fixed, and what kind of thing it is."""
    async with transaction():
        row = await _triages(actor, issue_id)
        words = mask(title.strip(), zone=row.team_zone)
        if not words:
            raise BadInput(_("Say what gets fixed."), fields={"title": _("Say what gets fixed.")})
        if (words, kind) != (row.title, row.kind):
            await moves.save(row, {Issue.title: words, Issue.kind: kind.value, Issue.changed_at: now})
            await moves.fold_due()
            await record(issue_id, "retitled", actor=actor, now=now, text=row.title if words != row.title else "",
                         undo=before(row, [], (Issue.title, Issue.kind)))
        return await queries.issue(actor, issue_id)


async def match(actor: Actor, issue_id: UUID, external_id: str | None, *, now: datetime) -> IssueRow:
    """Keep what another program calls an issue; None takes it away."""
    async with transaction():
        row = await may(actor, Act.MATCH, issue_id, no=_("The coordinator and the department do that."))
        if external_id != row.external_id:
            await moves.match(row, external_id, now=now)
            await record(issue_id, "matched", actor=actor, now=now, text=external_id or "")
        return await queries.issue(actor, issue_id)


async def restrict(actor: Actor, issue_id: UUID, *, restricted: bool, now: datetime) -> IssueRow:
    """Keep an issue's face from those who have nothing to do with it, or show it again."""
    async with transaction():
        row = await may(actor, Act.ASSIGN, issue_id, no=_("The coordinator or the department does that."))
        if restricted != row.restricted:
            await moves.save(row, {Issue.restricted: restricted, Issue.changed_at: now})
            await record(issue_id, "restricted" if restricted else "unrestricted", actor=actor, now=now,
                         undo=before(row, [], (Issue.restricted,)))
        return await queries.issue(actor, issue_id)


async def _triages(actor: Actor, issue_id: UUID) -> IssueRow:
    row = await queries.issue(actor, issue_id)
    if not (row.can(actor, Act.ASSIGN) or row.can(actor, Act.JOIN)):
        raise Forbidden(_("The coordinator, the team's lead or the department does that."))
    return row


async def undo(actor: Actor, issue_id: UUID, *, now: datetime) -> IssueRow:
    """Take back the last step, where it can be: until its letters leave, by whoever took it.

    Gives the issue as it stands then; of a note that was taken out, the one where it stands again.
    """
    async with transaction():
        last = await queries.last_step(issue_id)
        if last is None or not last.undo or last.by != actor.person:
            await may(actor, Act.SEE_ISSUE, issue_id)
            raise Refused(_("There is nothing to undo here any more."))
        row = await queries.issue(None, issue_id)  # also of what its own step has given out of their hands
        rules.undo(mine=last.by == actor.person, at=last.undo_from or last.at, now=now,
                   seconds=settings().undo_seconds)
        was = msgspec.json.decode(last.undo, type=Before)
        await moves.undone(last.id, last.what)
        if len(await outbox.take_back(about=issue_id, keys=was.keys, now=now)) < len(was.keys):
            raise Refused(_("The letter has already left. Go on from here instead; that tells everybody."))
        if last.what == "taken out" and last.other is not None:
            return await put_back(row, was=last.other, now=now)
        for person, stands in ((was.owner, row.owner), (was.sponsor, row.sponsor)):
            if isinstance(person, UUID) and person != stands:
                await people.still_here(person)
        back: dict[Any, Any] = {getattr(Issue, name): getattr(value, "value", value)
                                for name, value in msgspec.structs.asdict(was).items()
                                if name != "keys" and value is not UNSET}  # fmt: skip
        if last.what == "joined":
            await come_apart(row)
        elif last.what == "split" and last.other is not None:
            back[Issue.joined_into] = await come_back(row, last.other, at=last.at)
        await moves.save(row, {**back, Issue.changed_at: now})
        if last.what == "joined":
            await suggested.open_again(at=last.at, by=actor.person, now=now)
        await moves.fold_due()
        return await queries.issue(None, issue_id)
