"""What was put together wrongly comes apart: an issue is split from another, a note is taken out of one."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from floorday.db import transaction, uuid7
from floorday.errors import NotFound, Refused
from floorday.issues import moves, queries, rules
from floorday.issues.actions import telling
from floorday.issues.actions.notes import as_title
from floorday.issues.actions.steps import before, may, record, take, today
from floorday.issues.actions.whole import come_apart, raised_again
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Naming
from floorday.issues.tables import Issue, Note
from floorday.people.access import Act, Actor
from floorday.render.words import gettext as _


async def split(actor: Actor, issue_id: UUID, *, now: datetime) -> IssueRow:
    """Take an issue out of the one that it was joined into: it stands where it stood before, with what came with it.

    What was said of the other one meanwhile stays there: verdicts, words, and notes that were written there.
    """
    async with transaction():
        row = await may(actor, Act.JOIN, issue_id, no=_("The coordinator or the team's lead splits issues."))
        facts = row.facts()
        lines = await queries.past(issue_id)
        last = max((place for place, line in enumerate(lines) if line.what == "joined"), default=len(lines))
        stood = rules.stood(lines[: last + 1], owned=facts.owner is not None, today=today(now))
        decision = rules.split(facts, stood)
        whole, chain = await come_apart(row)
        after = await take(row, decision, actor=actor, now=now, other=whole, undoable=True, values={
            Issue.joined_into: None, Issue.question: stood.question, Issue.snoozed_until: stood.snoozed_until})
        for one in chain:
            await record(one, "split off", actor=actor, now=now, other=issue_id)
        await moves.fold_due()
        return after


async def take_out(actor: Actor, note_id: UUID, *, now: datetime) -> IssueRow:
    """Make an issue of its own of a note that was wrongly added to one; gives the new one, and tells its reporter."""
    async with transaction():
        written = await queries.note(note_id)
        if written.issue is None:
            raise Refused(_("Good news is kept as it is; there is nothing to take out."))
        if not (await queries.issue(actor, written.issue)).whole:
            raise NotFound(_("There is no such note."))
        row = await may(actor, Act.JOIN, written.issue, no=_("The coordinator or the team's lead takes a note out."))
        if written.restricted:
            raise Refused(_("This note is restricted, because it names somebody. Settle that first, then take it out."))
        alone = await queries.notes_beside(row.id, note_id) == 0
        rules.take_out(row.facts(), withdrawn=written.withdrawn_at is not None, alone=alone)
        opened = rules.take_out(None)
        note = await Note.objects().get(Note.id == note_id)
        assert note is not None
        await moves.hold(row.id)
        _team, number = await moves.next_number(written.team)
        new = uuid7() if written.naming is Naming.NAMED else uuid4()
        moves.add_issue(
            id=new, number=number, title=as_title(written.text), kind=row.kind.value, team=written.team, day=note.day,
            turn=opened.turn.value, ending=opened.ending.value, raised_at=written.at, last_word_at=written.at,
            changed_at=now, restricted=row.restricted,
        )  # fmt: skip
        moves.add_words(number, as_title(written.text), written.text)
        await moves.move_note(note_id, was=row.id, into=new)
        await raised_again(row, now=now)
        await record(row.id, "taken out", actor=actor, now=now, other=new)
        event = uuid7()
        await moves.fold_due()
        after = await queries.issue(None, new)
        whom = frozenset({written.reporter} if written.reporter else set[UUID]())
        occasion = telling.Occasion(event=event, actor=actor, now=now, event_word=opened.event, before=after,
                                    other=row, text=written.text, among=whom)  # fmt: skip
        keys = await telling.tell(after, opened.letters, occasion)
        await record(new, "taken out", actor=actor, now=now, other=row.id, event=event, undo=before(after, keys))
        return after
