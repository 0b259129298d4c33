"""One question to those who raised an issue: put, taken back, answered; nobody is revealed by it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from floorday.db import transaction, uuid7
from floorday.errors import NotFound, Refused
from floorday.issues import queries, rules
from floorday.issues.actions import notes, telling
from floorday.issues.actions.floor import told_by
from floorday.issues.actions.steps import From, may, take, unnamed
from floorday.issues.masks import mask
from floorday.issues.queries import ONE, Asked, FollowUp, IssueRow, Put
from floorday.issues.rules import Letter, Naming
from floorday.issues.tables import Issue
from floorday.mail import outbox
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Door, Role
from floorday.render.words import gettext as _


async def question(
    actor: Actor, issue_id: UUID, text: str, *, now: datetime, reporter: UUID | None = None, note: UUID | None = None
) -> IssueRow:
    """Ask those who raised an issue one thing, or one of them alone: a reporter whose name is known, or a note's.

    The next question takes the place of one that somebody has answered; one without an answer has to be taken back.
    """
    async with transaction():
        row = await may(actor, Act.QUESTION, issue_id,
                        no=_("The coordinator, the team's lead and the department ask those who raised it."))
        words = mask(notes.Said.parse(text), zone=row.team_zone)
        decision = rules.question(row.facts(), words)
        whom = await _whom(actor, row, reporter=reporter, note=note)
        event = uuid7()
        return await take(
            row, structs.replace(decision, says=ONE if whom.one else ""), actor=actor, now=now, text=words,
            origin=whom.origin, event=event, among=whom.among, undoable=True,
            values={Issue.asks: event, Issue.asks_since: now},
        )  # fmt: skip


class _Whom(Struct, frozen=True, kw_only=True):
    """Who is asked: everybody who raised it, or `one`; `among` are those with a name, who get a letter."""

    one: bool
    origin: From | None
    among: frozenset[UUID]


async def _whom(actor: Actor, row: IssueRow, *, reporter: UUID | None, note: UUID | None) -> _Whom:
    here = {one.id: one.hidden for one in await queries.reporters(row.id)}
    nobody = Refused(_("Whoever is to be asked is not here any more, so nobody would answer."))
    if note is not None:
        written = await queries.note(note)
        parts = {row.id, *await queries.tree(row.id)}
        if written.issue not in parts:
            raise NotFound(_("There is no such note."))
        if written.withdrawn_at is not None:
            raise Refused(_("This note has been withdrawn. Ask about another one."))
        if written.naming is Naming.ANONYMOUS:
            return _Whom(one=True, origin=From(note=note), among=frozenset())
        who = written.reporter
        if who is None or who not in here:
            raise nobody
        if who == actor.person:
            raise Refused(_("This note is your own; there is nobody to ask."))
        return _Whom(one=True, origin=From(reporter=who, note=note), among=frozenset({who}))
    if reporter is not None:
        # Who may not know a hidden name is told the same as of somebody who raised nothing.
        if reporter not in here or (here[reporter] and not actor.has(Role.COORDINATOR)):
            raise NotFound(_("Nobody of this name raised this issue."))
        if reporter == actor.person:
            raise Refused(_("You raised this yourself; there is nobody to ask."))
        return _Whom(one=True, origin=From(reporter=reporter), among=frozenset({reporter}))
    among = frozenset(here) - {actor.person}
    if not among and row.met_by == len(row.reporters):
        raise nobody
    return _Whom(one=False, origin=None, among=among)


async def withdraw_question(actor: Actor, issue_id: UUID, *, now: datetime) -> IssueRow:
    """Take a question back; letters that have not left stay here, and answers that came stay in the history."""
    async with transaction():
        row = await may(actor, Act.QUESTION, issue_id,
                        no=_("The coordinator, the team's lead and the department ask those who raised it."))
        decision = rules.unask(row.facts())
        if row.asks is not None:
            keys = [telling.key(Letter.QUESTION, row.asks, one.id) for one in await queries.reporters(row.id)]
            await outbox.take_back(about=issue_id, keys=keys, now=now)
        return await take(row, decision, actor=actor, now=now, about=row.asks,
                          values={Issue.asks: None, Issue.asks_since: None})


async def answer(actor: Actor, issue_id: UUID, text: str, *, now: datetime, to: UUID | None = None) -> IssueRow:
    """Answer what those who raised an issue are asked; `to` is the question that was read, if one is named."""
    async with transaction():
        row = await may(actor, Act.REPLY, issue_id, no=_("Those who raised it answer that."))
        asked = await queries.put_question(row)
        own = asked is not None and asked.by != actor.person and asked.to(person=actor.person)
        done = asked is not None and await queries.has_answered(asked, person=actor.person)
        return await _answer(row, asked, text, actor=actor, origin=From(reporter=actor.person), own=own, done=done,
                             zone=row.team_zone, to=to, now=now)


async def _answer(
    row: IssueRow, asked: Asked | None, text: str, *, actor: Actor | None, origin: From, own: bool, done: bool,
    zone: str, to: UUID | None, now: datetime,
) -> IssueRow:  # fmt: skip
    facts = row.facts() if to is None or to == row.asks else structs.replace(row.facts(), asks=None)
    words = mask(notes.Said.parse(text), zone=zone)
    decision = rules.answer(facts, words, asked=own, answered=done)
    asker = await queries.reader(asked.by) if asked is not None else None
    whom = asker.id if asker is not None else row.owner
    return await take(
        row, decision, actor=actor, now=now, text=words, origin=origin, about=row.asks, values={Issue.asks_since: None},
        among=frozenset({whom} if whom is not None else set[UUID]()), question=asked.text if asked is not None else "",
    )  # fmt: skip


async def answer_by_token(token: str, text: str, *, now: datetime) -> IssueRow:
    """Take an answer through the link of a letter."""
    held, question_put = await _held(token, now=now)
    return await answer(held, question_put.issue, text, now=now, to=question_put.id)


async def question_page(token: str, *, now: datetime) -> tuple[IssueRow, Put, str]:
    """Give the issue, the question and the reader's name behind a link; whoever raised it no more has none."""
    held, asked = await _held(token, now=now)
    row = await queries.issue(None, asked.issue)
    done = await queries.has_answered(asked, person=held.person)
    mine = row.asks == asked.id and not done and asked.to(person=held.person)
    return row, queries.put(asked, mine=mine, answered=done), held.name


async def _held(token: str, *, now: datetime) -> tuple[Actor, Asked]:
    gone = NotFound(_("This link is no longer valid. A newer letter may have come since; look for that."))
    link = await queries.question_link(token, now=now)
    asked = await queries.question_of(link.issue) if link is not None else None
    who = await people.actor(link.person) if link is not None else None
    if link is None or asked is None or who is None:
        raise gone
    if who.person not in (await queries.issue(None, asked.issue)).reporters:
        raise gone
    return structs.replace(who, door=Door.LETTER), asked


async def answer_by_code(code: str, text: str, *, now: datetime) -> FollowUp:
    """Take the answer of an anonymous reporter; nothing of who or when is kept but the day."""
    async with transaction():
        written, row, zone = await told_by(code)
        asked = await queries.put_question(row)
        own = asked is not None and asked.to(note=written)
        done = asked is not None and await queries.has_answered(asked, note=written)
        origin = await unnamed(row.id, now, zone, note=written)
        await _answer(row, asked, text, actor=None, origin=origin, own=own, done=done, zone=zone, to=None, now=now)
    return await notes.follow_up(code, now=now)
