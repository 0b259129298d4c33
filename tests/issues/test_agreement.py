"""Where an issue stands is kept beside its history, and must say what the figures count from that history."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from floorday.errors import FloordayError
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.actions.steps import today
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.rules import ANSWERABLE, OPEN, Naming, Resolution, Stage, Stream, Verdict
from floorday.people.access import Actor
from floorday.summaries.queries.history import raw
from tests.cast import NOW, Cast, make_cast
from tests.summaries.everything import everything

STEPS = 120


class Floor:
    """Everybody doing anything to any issue, in an order that a seed gives."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.pick, self.now = cast, random.Random(seed), NOW
        self.codes: list[str] = []
        self.seen = set[str]()

    async def live(self) -> None:
        """Do things, some of which are refused."""
        await self.raise_it()
        for _ in range(STEPS):
            self.now += timedelta(hours=self.pick.choice([1, 3, 9, 30, 80]))
            rows = await self.board()
            verb = self.pick.choice([
                self.raise_it, self.me_too, self.assign, self.promise, self.update, self.ask, self.decide, self.resolve,
                self.resolve, self.verdict, self.verdict, self.by_code, self.again, self.decline, self.snooze,
                self.join, self.undo_resolution,
            ])  # fmt: skip
            try:
                await verb(self.pick.choice(rows))
            except FloordayError:
                continue
            await actions.close_unconfirmed(now=self.now)
            await self.compare()

    async def compare(self) -> None:
        """Count from the history, and look at the board."""
        rows = await queries.board(self.cast.eva, Filters(closed=None))
        cases = (await everything()).cases(self.now + timedelta(seconds=30))
        assert {case.id: (case.state, case.raised, case.last_word) for case in cases} == {
            raw(row.id): (said(row), row.raised_at, row.last_word_at) for row in rows}
        self.seen |= {case.state for case in cases}

    async def raise_it(self, _row: IssueRow | None = None) -> None:
        noted = await actions.note(self.anybody(), NoteForm(
            text=Said("It hurts."), stream=Stream.STAFF_TOLD, team=self.cast.billing, naming=self.naming(),
        ), now=self.now)  # fmt: skip
        self.codes += [noted.follow_up] if noted.follow_up else []

    async def me_too(self, row: IssueRow) -> None:
        await actions.note(self.anybody(), NoteForm(
            text=Said("Here too."), stream=Stream.STAFF_TOLD, team=self.cast.billing, issue=row.id,
            naming=self.naming(),
        ), now=self.now)  # fmt: skip

    async def assign(self, row: IssueRow) -> None:
        await actions.assign(
            self.cast.eva, row.id, department=self.cast.it, owner=self.cast.gus.person, now=self.now)

    async def promise(self, row: IssueRow) -> None:
        day = today(self.now) + timedelta(days=self.pick.randrange(9))
        await actions.promise(self.cast.gus, row.id, day, "Later", now=self.now)

    async def update(self, row: IssueRow) -> None:
        await actions.update(self.cast.gus, row.id, "No news yet.", now=self.now)

    async def ask(self, row: IssueRow) -> None:
        await actions.sponsor(self.cast.eva, row.id, self.cast.ann.person, now=self.now)
        await actions.ask(self.cast.gus, row.id, "May we?", now=self.now)

    async def decide(self, row: IssueRow) -> None:
        await actions.decide(self.cast.ann, row.id, yes=self.pick.random() < 0.5, because="So.", now=self.now)

    async def resolve(self, row: IssueRow) -> None:
        if row.owner is None:
            await self.assign(row)
        how = self.pick.choice([*Resolution, Resolution.EVERYBODY, Resolution.HERE])
        await actions.resolve(self.cast.gus, row.id, how, "Done.", now=self.now)

    async def undo_resolution(self, row: IssueRow) -> None:
        await self.resolve(row)
        await actions.undo(self.cast.gus, row.id, now=self.now + timedelta(seconds=3))

    async def verdict(self, row: IssueRow) -> None:
        rows = await self.board()
        row = self.pick.choice([one for one in rows if one.stage in ANSWERABLE] or [row])
        who = [one for one in self.people() if one.person in row.reporters]
        says = self.pick.choice([*Verdict, Verdict.FIXED])
        await actions.verdict(self.pick.choice(who or self.people()), row.id, says, "So.", now=self.now)

    async def by_code(self, _row: IssueRow) -> None:
        code = self.pick.choice(self.codes or ["none"])
        await actions.verdict_by_code(code, self.pick.choice(list(Verdict)), "So.", now=self.now)

    async def again(self, row: IssueRow) -> None:
        await actions.again(self.anybody(), row.id, "Again.", now=self.now)

    async def decline(self, row: IssueRow) -> None:
        await actions.decline(self.cast.eva, row.id, "No.", now=self.now)

    async def snooze(self, row: IssueRow) -> None:
        await actions.snooze(self.cast.eva, row.id, today(self.now) + timedelta(days=2), now=self.now)

    async def join(self, row: IssueRow) -> None:
        others = await self.board()
        if self.pick.random() < 0.1:
            await actions.join(self.cast.eva, row.id, self.pick.choice(others).id, now=self.now)

    async def board(self) -> list[IssueRow]:
        """List all issues by number, so that a seed always makes the same choices."""
        return sorted(await queries.board(self.cast.eva, Filters(closed=None)), key=lambda row: row.number)

    def people(self) -> list[Actor]:
        return [self.cast.fay, self.cast.ben, self.cast.max]

    def anybody(self) -> Actor:
        return self.pick.choice(self.people())

    def naming(self) -> Naming:
        return self.pick.choice([Naming.NAMED, Naming.NAMED, Naming.HIDDEN, Naming.ANONYMOUS])


def said(row: IssueRow) -> str:
    """Say where an issue stands in the figures' words."""
    if row.stage in OPEN:
        return "open"
    return "waiting" if row.stage is Stage.TELL_FLOOR else row.stage.value


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_the_board_shows_is_what_the_history_counts(database: object, seed: int) -> None:
    floor = Floor(await make_cast(), seed)
    await floor.live()
    assert floor.seen == {"open", "waiting", "confirmed", "unconfirmed", "cannot", "declined"}
