"""Whole lives of several issues at once, in any order, on both databases, beside a model that counts by itself.

No note is lost, no reporter is forgotten, no join makes a circle, what is found is what is shown, and the running
month's figures are those of the model. A hole made on purpose is seen.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from floorday import db
from floorday.config import settings as configured
from floorday.db import folding, run_sql
from floorday.errors import NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said, parting, telling, whole
from floorday.issues.queries import Filters, Search
from floorday.issues.rules import Naming, Stage, Stream
from floorday.people.access import Actor
from floorday.summaries import figures
from floorday.summaries import queries as summaries
from tests.cast import NOW, Cast, make_cast

ANY = st.integers(min_value=0, max_value=10_000)
NAMINGS = st.sampled_from([Naming.NAMED, Naming.NAMED, Naming.HIDDEN, Naming.ANONYMOUS])
SPEAKERS = ("fay", "cleo", "ben", "ann")
FLOOR = {"issue_joined", "issue_split", "issue_declined", "issue_reopened", "issue_taken", "note_taken_out",
         "note_question", "note_answered"}  # fmt: skip
"""The letters of which the model keeps count: to whom, about what."""


class MyNote:
    def __init__(self, text: str, naming: Naming, who: UUID | None, code: str, issue: UUID) -> None:
        self.text, self.naming, self.who, self.code, self.issue = text, naming, who, code, issue
        self.stands = True


class MyIssue:
    def __init__(self) -> None:
        self.parent: UUID | None = None
        self.owned = self.declined = self.hidden = False
        self.asleep: date | None = None
        self.returned: set[UUID] = set()
        self.question: UUID | None = None
        self.waits = False
        self.one: MyNote | None = None
        self.answered: set[object] = set()


class Life(RuleBasedStateMachine):
    """What coordinator and floor do to the issues of a company."""

    loop: asyncio.AbstractEventLoop
    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.notes: dict[UUID, MyNote] = {}
        self.issues: dict[UUID, MyIssue] = {}
        self.told: Counter[tuple[str, UUID, UUID]] = Counter()
        self.run(empty())

    # --- what the model knows

    def run(self, act: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await act

        return self.loop.run_until_complete(done())

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def root(self, issue: UUID) -> UUID:
        while (parent := self.issues[issue].parent) is not None:
            issue = parent
        return issue

    def group(self, root: UUID) -> list[UUID]:
        """List an issue and all that was joined into it, whatever is above it."""
        found = [root]
        for one in found:
            found += [id for id, issue in self.issues.items() if issue.parent == one]
        return found

    def roots(self, *, declined: bool | None = None) -> list[UUID]:
        return [id for id, one in self.issues.items() if one.parent is None and declined in {None, one.declined}]

    def standing(self, root: UUID) -> list[MyNote]:
        group = self.group(root)
        return [note for note in self.notes.values() if note.issue in group and note.stands]

    def reporters(self, root: UUID) -> set[UUID]:
        persons = {note.who for note in self.standing(root) if note.who is not None}
        return persons.union(*(self.issues[one].returned for one in self.group(root)))

    def tell(self, letter: str, about: UUID, whom: set[UUID], *, by: Actor | None) -> None:
        for person in whom - ({by.person} if by else set()):
            self.told[letter, about, person] += 1

    def forget_question(self, issue: UUID) -> None:
        one = self.issues[issue]
        one.question, one.waits, one.one = None, False, None

    def stage(self, one: MyIssue) -> Stage:
        if one.parent is not None:
            return Stage.JOINED
        if one.declined:
            return Stage.DECLINED
        return Stage.BEING_FIXED if one.owned else Stage.NEEDS_OWNER

    @staticmethod
    def pick(many: list[Any], at: int) -> Any:
        return many[at % len(many)]

    # --- what the floor does

    @initialize()
    def begin(self) -> None:
        for at, (who, naming) in enumerate(zip(("fay", "cleo", "ben", "ann", "fay"), (
            Naming.NAMED, Naming.HIDDEN, Naming.ANONYMOUS, Naming.NAMED, Naming.HIDDEN), strict=True)):  # fmt: skip
            self.say(who, naming, at, at == 4)

    @rule(who=st.sampled_from(SPEAKERS), naming=NAMINGS, at=ANY, too=st.booleans())
    def say(self, who: str, naming: Naming, at: int, too: bool) -> None:
        actor, now = getattr(self.cast, who), self.tick()
        word = f"thing{len(self.notes)}x"
        joins = self.pick(list(self.issues), at) if too and self.issues else None
        act = actions.note(actor, NoteForm(
            text=Said(f"The {word} waits again"), stream=Stream.STAFF_TOLD, issue=joins, naming=naming,
            team=self.cast.billing), now=now)  # fmt: skip
        if joins is not None and not self.sees(actor, joins):
            self.unknown(act)
            return
        noted = self.run(act)
        unnamed = naming is Naming.ANONYMOUS
        if joins is None:
            self.issues[noted.issue] = MyIssue()
        root = self.root(noted.issue)
        assert noted.issue == root, "a note goes to the issue that is followed"
        one = self.issues[root]
        reported = actor.person in self.reporters(root) and not unnamed
        person = None if unnamed else actor.person
        self.notes[noted.note] = MyNote(f"The {word} waits again", naming, person, noted.follow_up or "", root)
        if one.declined:
            one.declined = False
            if not reported and person is not None:
                one.returned.add(person)
            owner = {self.cast.gus.person} if one.owned else set[UUID]()
            self.tell("issue_reopened", root, self.reporters(root) | owner, by=None if unnamed else actor)

    @precondition(lambda self: any(note.who for note in self.notes.values()))
    @rule(at=ANY)
    def withdraw(self, at: int) -> None:
        id, note = self.pick([(id, note) for id, note in self.notes.items() if note.who is not None], at)
        act = actions.withdraw_note(self.speaker(note), id, now=self.tick())
        if note.stands:
            self.run(act)
            note.stands = False
        else:
            self.refused(act)

    @precondition(lambda self: self.roots(declined=True))
    @rule(who=st.sampled_from(SPEAKERS), at=ANY)
    def again(self, who: str, at: int) -> None:
        actor, root = getattr(self.cast, who), self.pick(self.roots(declined=True), at)
        one, act = self.issues[root], actions.again(actor, root, "It is back.", now=self.tick())
        if not self.sees(actor, root):
            self.unknown(act)
            return
        self.run(act)
        one.declined = False
        if actor.person not in self.reporters(root):
            one.returned.add(actor.person)
        owner = {self.cast.gus.person} if one.owned else set[UUID]()
        self.tell("issue_reopened", root, self.reporters(root) | owner, by=actor)

    @precondition(lambda self: any(one.question for one in self.issues.values()))
    @rule(at=ANY, by=ANY)
    def answer(self, at: int, by: int) -> None:
        root = self.pick([id for id, one in self.issues.items() if one.question], at)
        one, standing = self.issues[root], self.standing(root)
        if not standing:
            return
        note = self.pick(standing, by)
        key: object = note.who or note.code
        if note.who is None:
            act: Coroutine[Any, Any, Any] = actions.answer_by_code(note.code, "By the door.", now=self.tick())
        else:
            act = actions.answer(self.speaker(note), root, "By the door.", now=self.tick())
        asked = one.one is None or (one.one.who == note.who if note.who else one.one is note)
        if not asked or key in one.answered:
            self.refused(act)
            return
        self.run(act)
        one.answered.add(key)
        one.waits, one.asleep = False, None
        self.tell("note_answered", root, {self.cast.eva.person}, by=None)

    # --- what the coordinator does

    @precondition(lambda self: len(self.roots()) > 1)
    @rule(first=ANY, second=ANY, undone=st.booleans())
    def join(self, first: int, second: int, undone: bool) -> None:
        one, other = self.pick(self.roots(), first), self.pick(self.roots(), second)
        act = actions.join(self.cast.eva, one, other, now=self.tick())
        if one == other or self.issues[one].declined or self.issues[other].declined:
            self.refused(act)
            return
        self.run(act)
        if undone:
            self.run(actions.undo(self.cast.eva, one, now=self.now + timedelta(seconds=5)))
            return
        self.tell("issue_joined", one, self.reporters(one), by=self.cast.eva)
        self.issues[one].parent = other
        self.forget_question(one)

    @precondition(lambda self: len(self.roots(declined=False)) > 2)
    @rule(at=ANY)
    def chain(self, at: int) -> None:
        many = self.roots(declined=False)
        first, second, third = (many[(at + place) % len(many)] for place in range(3))
        for one, other in ((first, second), (second, third)):
            self.run(actions.join(self.cast.eva, one, other, now=self.tick()))
            self.tell("issue_joined", one, self.reporters(one), by=self.cast.eva)
            self.issues[one].parent = other
            self.forget_question(one)

    @precondition(lambda self: any(one.parent for one in self.issues.values()))
    @rule(at=ANY)
    def join_its_own_part(self, at: int) -> None:
        part = self.pick([id for id, one in self.issues.items() if one.parent], at)
        self.refused(actions.join(self.cast.eva, self.root(part), part, now=self.tick()))

    @precondition(lambda self: any(one.parent for one in self.issues.values()))
    @rule(at=ANY, undone=st.booleans())
    def split(self, at: int, undone: bool) -> None:
        part = self.pick([id for id, one in self.issues.items() if one.parent], at)
        self.run(actions.split(self.cast.eva, part, now=self.tick()))
        if undone:
            self.run(actions.undo(self.cast.eva, part, now=self.now + timedelta(seconds=5)))
            return
        self.issues[part].parent = None
        self.tell("issue_split", part, self.reporters(part), by=self.cast.eva)

    @precondition(lambda self: self.notes)
    @rule(at=ANY, undone=st.booleans())
    def take_out(self, at: int, undone: bool) -> None:
        id, note = self.pick(list(self.notes.items()), at)
        beside = [one for one in self.notes.values() if one.issue == note.issue and one.stands and one is not note]
        act = actions.take_out(self.cast.eva, id, now=self.tick())
        if not note.stands or not beside:
            self.refused(act)
            return
        new = self.run(act)
        if undone:
            back = self.run(actions.undo(self.cast.eva, new.id, now=self.now + timedelta(seconds=5)))
            assert back.id == note.issue
            return
        self.issues[new.id] = MyIssue()
        self.issues[new.id].hidden = self.issues[note.issue].hidden
        note.issue = new.id
        self.tell("note_taken_out", new.id, {note.who} if note.who else set(), by=self.cast.eva)

    @precondition(lambda self: self.roots(declined=False))
    @rule(at=ANY)
    def decline(self, at: int) -> None:
        root = self.pick(self.roots(declined=False), at)
        self.run(actions.decline(self.cast.eva, root, "The law.", now=self.tick()))
        self.issues[root].declined, self.issues[root].asleep = True, None
        self.forget_question(root)
        self.tell("issue_declined", root, self.reporters(root), by=self.cast.eva)

    @precondition(lambda self: self.roots(declined=False))
    @rule(at=ANY)
    def assign(self, at: int) -> None:
        root = self.pick(self.roots(declined=False), at)
        one = self.issues[root]
        self.run(actions.assign(
            self.cast.eva, root, department=self.cast.it, owner=self.cast.gus.person, now=self.tick()))
        if not one.owned:
            one.owned, one.asleep = True, None
            self.tell("issue_taken", root, self.reporters(root), by=self.cast.eva)

    @precondition(lambda self: self.roots(declined=False))
    @rule(at=ANY, days=st.integers(1, 9))
    def snooze(self, at: int, days: int) -> None:
        root, until = self.pick(self.roots(declined=False), at), self.now.date() + timedelta(days=days)
        self.run(actions.snooze(self.cast.eva, root, until, now=self.tick()))
        self.issues[root].asleep = until

    @precondition(lambda self: any(one.asleep and not one.parent for one in self.issues.values()))
    @rule(at=ANY)
    def wake(self, at: int) -> None:
        root = self.pick([id for id, one in self.issues.items() if one.asleep and not one.parent], at)
        self.run(actions.wake(self.cast.eva, root, now=self.tick()))
        self.issues[root].asleep = None

    @precondition(lambda self: self.roots())
    @rule(at=ANY, undone=st.booleans())
    def hide(self, at: int, undone: bool) -> None:
        """Keep its face to those who are in it, or show it again."""
        root = self.pick([one for one in self.roots() if len(self.standing(one)) > 1] or self.roots(), at)
        one = self.issues[root]
        self.run(actions.restrict(self.cast.eva, root, restricted=not one.hidden, now=self.tick()))
        if undone:
            self.run(actions.undo(self.cast.eva, root, now=self.now + timedelta(seconds=5)))
            return
        one.hidden = not one.hidden

    @precondition(lambda self: self.roots(declined=False))
    @rule(at=ANY, of=ANY, one_alone=st.booleans())
    def question(self, at: int, of: int, one_alone: bool) -> None:
        root = self.pick(self.roots(declined=False), at)
        one, standing = self.issues[root], self.standing(root)
        note = self.pick(standing, of) if one_alone and standing else None
        id = next((id for id, each in self.notes.items() if each is note), None)
        act = actions.question(self.cast.eva, root, "Which desk?", now=self.tick(), note=id)
        anybody = self.reporters(root) or any(each.who is None for each in standing)
        if one.waits or not anybody:
            self.refused(act)
            return
        one.question, one.waits, one.one, one.answered = self.run(act).asks, True, note, set()
        whom = self.reporters(root) if note is None else {note.who} if note.who else set[UUID]()
        self.tell("note_question", root, whom, by=self.cast.eva)

    @precondition(lambda self: any(one.question for one in self.issues.values()))
    @rule(at=ANY)
    def take_question_back(self, at: int) -> None:
        root = self.pick([id for id, one in self.issues.items() if one.question], at)
        question = self.issues[root].question
        self.run(actions.withdraw_question(self.cast.eva, root, now=self.tick()))
        self.forget_question(root)
        still = {person for letter, about, person in self.told if (letter, about) == ("note_question", root)}
        gone = self.run(run_sql(
            "SELECT person FROM letter WHERE name = 'note_question' AND taken_back_at IS NOT NULL AND key LIKE {}",
            f"%{question}%"))  # fmt: skip
        for person in {uuid(row["person"]) for row in gone} & still:
            self.told["note_question", root, person] -= 1

    # --- what must be so at any time

    def speaker(self, note: MyNote) -> Actor:
        return next(getattr(self.cast, name) for name in SPEAKERS if getattr(self.cast, name).person == note.who)

    def refused(self, act: Coroutine[Any, Any, Any]) -> None:
        with pytest.raises(Refused):
            self.run(act)

    def sees(self, actor: Actor, issue: UUID) -> bool:
        """Ask the list whether somebody sees an issue; only what is restricted is kept from any but its reporters."""
        if issue in {row.id for row in self.run(queries.board(actor, Filters(closed=None, joined=True)))}:
            return True
        assert self.issues[issue].hidden
        assert actor.person not in self.reporters(issue)
        return False

    def unknown(self, act: Coroutine[Any, Any, Any]) -> None:
        with pytest.raises(NotFound):
            self.run(act)

    @invariant()
    def no_note_is_lost(self) -> None:
        rows = self.run(run_sql("SELECT id, issue, text, withdrawn_at FROM note"))
        kept = {uuid(row["id"]): (uuid(row["issue"]), row["text"], row["withdrawn_at"] is None) for row in rows}
        assert kept == {id: (note.issue, note.text, note.stands) for id, note in self.notes.items()}

    @invariant()
    def every_issue_stands_where_it_should(self) -> None:
        shown = self.run(queries.board(self.cast.eva, Filters(closed=None, joined=True)))
        assert {row.id for row in shown} == set(self.issues)
        for row in shown:
            one = self.issues[row.id]
            root = self.root(row.id)
            assert row.joined_into == (None if root == row.id else root), "one step from the issue that is followed"
            assert row.stage is self.stage(one)
            past = [line.what for line in self.run(queries.past(row.id))] if row.snoozed_until != one.asleep else []
            assert row.snoozed_until == (None if one.parent else one.asleep), past
            assert (row.asks, row.asks_since is not None) == (one.question, one.waits)
            said = [note for note in self.standing(row.id) if note.who is None]
            assert row.reporters == self.reporters(row.id) or row.joined_into is not None
            if row.joined_into is None:
                assert row.met_by == len(self.reporters(row.id)) + len(said)

    @invariant()
    def nobody_is_forgotten_and_nobody_is_told_twice(self) -> None:
        rows = self.run(run_sql("SELECT name, about, person FROM letter WHERE taken_back_at IS NULL"))
        told = Counter((row["name"], uuid(row["about"]), uuid(row["person"])) for row in rows if row["name"] in FLOOR)
        assert told == +self.told

    def teardown(self) -> None:
        if self.issues:
            self.what_is_found_is_what_is_shown()
            self.the_month_is_that_of_the_model()
            self.what_is_hidden_stays_hidden()

    def what_is_hidden_stays_hidden(self) -> None:
        """To somebody who is in none of it: no restricted face; to the head of service: no name that is hidden."""
        faces = self.run(queries.board(self.cast.ada, Filters(closed=None, joined=True)))
        assert {row.id for row in faces} == {id for id, one in self.issues.items() if not one.hidden}
        for root in self.roots():
            for note in self.run(queries.opened(self.cast.hana, root)).notes:
                said = self.notes[note.id]
                assert bool(note.name) == (said.naming is Naming.NAMED), (note.name, said.naming)

    def what_is_found_is_what_is_shown(self) -> None:
        titles = {uuid(row["id"]): row["title"] for row in self.run(run_sql("SELECT id, title FROM issue"))}
        for note in self.notes.values():
            hits = self.run(queries.search(self.cast.eva, Search(words=folding.read(note.text.split()[1]))))
            holds = {note.issue, self.root(note.issue)} if note.stands else set[UUID]()
            titled = {id for id, title in titles.items() if title == note.text}
            found = {hit.shown.row.id for hit in hits}
            assert found == holds | titled, note.text
        for root in self.roots():
            opened = self.run(queries.opened(self.cast.eva, root))
            group = self.group(root)
            assert {one.id for one in opened.notes} == {id for id, one in self.notes.items() if one.issue in group}

    def the_month_is_that_of_the_model(self) -> None:
        zone = ZoneInfo(configured().zone)
        counted = self.run(summaries.counted(
            figures.COMPANY, ["2026-11"], now=self.now + timedelta(days=2), zone=zone)).months[0]  # fmt: skip
        assert counted is not None
        got = {name: (figure.numerator, figure.denominator, figure.value) for name, figure in counted.figures.items()}
        roots = [id for id in self.roots() if any(note.issue in self.group(id) for note in self.notes.values())]
        declined = sum(self.issues[id].declined for id in roots)
        assert got["issues_raised"][2] == len(roots)
        assert got["issues_declined"][2] == declined
        assert got["issues_open"][2] == len(roots) - declined
        reporters = sum(len(self.ever(id)) for id in roots)
        assert got["met_by"][:2] == (reporters, len(roots))

    def ever(self, root: UUID) -> set[object]:
        """Name all who ever wrote a note on an issue, or brought it back itself; figures count withdrawn notes, too."""
        group = self.group(root)
        said: set[object] = {note.who or note.code for note in self.notes.values() if note.issue in group}
        return said | self.issues[root].returned


def uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


async def empty() -> None:
    """Take away all issues, and what hangs on them."""
    await run_sql("UPDATE issue SET joined_into = NULL")
    for table in ("issue_event", "photo", "note", "mail_token", "letter", "issue"):
        await run_sql(f"DELETE FROM {table}")
    await run_sql("UPDATE counter SET value = value + 1 WHERE name = 'names'")  # what lists keep is not of this life


@contextmanager
def living(url: str) -> Iterator[type[Life]]:
    """Give a company whose issues may live, in a database that has nothing else."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    db.bind(db.make_engine(url, gate_timeout=10))
    try:
        loop.run_until_complete(db.open_pools())
        made = loop.run_until_complete(make_cast())
        yield type("Life", (Life,), {"loop": loop, "cast": made})
        loop.run_until_complete(db.close_pools())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def life(url: str, *, examples: int, steps: int) -> None:
    """Live some lives; what fails is shown as it was lived, for to live it shorter would take minutes."""
    with living(url) as machine:
        run_state_machine_as_test(machine, settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False))  # fmt: skip


def test_in_any_order_nothing_and_nobody_is_lost(database_url: str) -> None:
    life(database_url, examples=14, steps=28)


async def nothing(*_given: Any, **_named: Any) -> None:
    """Do nothing where something has to be done."""


async def nobody(*_given: Any, **_named: Any) -> list[Any]:
    """Name nobody where somebody has to be told."""
    return []


HOLES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "parts stay behind": lambda patch: patch.setattr(whole.moves, "bring", nothing),
    "words are not folded anew": lambda patch: patch.setattr(parting.moves, "fold_due", nothing),
    "nobody hears": lambda patch: patch.setattr(telling.queries, "reporters", nobody),
}


def one_life(url: str) -> None:
    """Live one life that meets every hole, step by step: what chance finds differs with what is loaded beside it."""
    with living(url) as machine:
        one = machine()
        for step in (one.begin, lambda: one.chain(0), lambda: one.split(1, False), lambda: one.withdraw(0)):
            step()
            one.no_note_is_lost()
            one.every_issue_stands_where_it_should()
            one.nobody_is_forgotten_and_nobody_is_told_twice()
        one.teardown()


def test_one_life_without_a_hole(sqlite_url: str) -> None:
    one_life(sqlite_url)


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_is_seen(sqlite_url: str, hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    HOLES[hole](monkeypatch)
    with pytest.raises(AssertionError):
        one_life(sqlite_url)
