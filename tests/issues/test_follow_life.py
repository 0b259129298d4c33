"""Following an issue until the floor says it is fixed, in any order, beside a model that knows PRODUCT's words alone.

Nothing is confirmed without a verdict of somebody who raised it, nobody who raised it is left untold, and every state
is reached and left. Time passes with the clocks running. A hole made on purpose is seen.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

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
from msgspec import structs

from floorday import db
from floorday.db import run_sql
from floorday.errors import Refused
from floorday.issues import actions, queries, rules
from floorday.issues.actions import NoteForm, Said, floor, telling
from floorday.issues.rules import Ending, Resolution, Stage, Stream, Turn, Verdict
from floorday.mail import daily
from tests.cast import NOW, Cast, make_cast

OPEN = {Stage.NEEDS_OWNER, Stage.BEING_FIXED, Stage.NEEDS_DECISION}
DONE = {Stage.TELL_FLOOR, Stage.UNCONFIRMED, Stage.CONFIRMED}
RESTS = {Stage.CONFIRMED, Stage.UNCONFIRMED, Stage.CANNOT, Stage.DECLINED}
FLOOR = ("fay", "ben", "max", "cleo")
COUNTED = ("verdict_asked", "issue_cannot", "issue_declined", "issue_reopened", "issue_confirmed", "decision_made")
WHO = st.sampled_from(FLOOR)


class Following(RuleBasedStateMachine):
    """One issue, those who meet it, and those who fix it."""

    loop: asyncio.AbstractEventLoop
    cast: Cast
    steps: set[tuple[Stage, Stage]]

    def run(self, act: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await act

        return self.loop.run_until_complete(done())

    def tick(self) -> Any:
        self.now += timedelta(minutes=1)
        return self.now

    def goes(self, stage: Stage) -> None:
        self.steps.add((self.stage, stage))
        self.stage = stage

    def tell(self, letter: str, *, by: str = "", owner: bool = False) -> None:
        readers = self.reporters | ({"gus"} if owner and self.owned else set())
        self.told.update((letter, reader) for reader in readers - {by})

    @initialize()
    def raised(self) -> None:
        self.run(empty())
        self.now, self.stage, self.owned, self.cannots = NOW, Stage.NEEDS_OWNER, False, 0
        self.reporters, self.said, self.told = {"fay"}, dict[str, Verdict](), Counter[tuple[str, str]]()
        self.resolved_at = NOW
        noted = self.run(actions.note(self.cast.fay, NoteForm(
            text=Said("Refunds wait."), stream=Stream.STAFF_TOLD, team=self.cast.billing), now=self.now))
        self.issue: UUID = noted.issue
        self.run(actions.sponsor(self.cast.eva, self.issue, self.cast.ann.person, now=self.now))

    # --- the floor

    @precondition(lambda self: self.stage in OPEN | {Stage.TELL_FLOOR})
    @rule(who=WHO)
    def me_too(self, who: str) -> None:
        self.run(actions.note(getattr(self.cast, who), NoteForm(
            text=Said("With us too."), stream=Stream.STAFF_TOLD, team=self.cast.billing if who != "cleo" else None,
            issue=self.issue), now=self.tick()))
        self.reporters.add(who)

    @precondition(lambda self: self.stage in DONE)
    @rule(who=WHO, says=st.sampled_from(list(Verdict)))
    def verdict(self, who: str, says: Verdict) -> None:
        if who not in self.reporters or (says is Verdict.FIXED and self.said.get(who) is says):
            return
        self.run(actions.verdict(getattr(self.cast, who), self.issue, says, "Still so.", now=self.tick()))
        self.said[who] = says
        if says is Verdict.FIXED:
            if self.stage is not Stage.CONFIRMED:
                self.tell("issue_confirmed", by=who, owner=True)
            self.goes(Stage.CONFIRMED)
        else:
            self.back(who)

    @precondition(lambda self: self.stage in RESTS)
    @rule(who=WHO)
    def again(self, who: str) -> None:
        act = actions.again(getattr(self.cast, who), self.issue, "It is back.", now=self.tick())
        if who in self.reporters and self.stage is Stage.CANNOT and self.cannots > 1:
            with pytest.raises(Refused, match="asked again once"):
                self.run(act)
            return
        self.run(act)
        self.reporters.add(who)
        self.back(who)

    def back(self, who: str) -> None:
        self.said.clear()
        self.tell("issue_reopened", by=who, owner=True)
        self.goes(Stage.BEING_FIXED if self.owned else Stage.NEEDS_OWNER)

    # --- those who fix it

    @precondition(lambda self: self.stage in OPEN and not self.owned)
    @rule()
    def take(self) -> None:
        self.run(actions.assign(self.cast.eva, self.issue, department=self.cast.it, owner=self.cast.gus.person,
                                now=self.tick()))  # fmt: skip
        self.owned = True
        self.goes(Stage.BEING_FIXED if self.stage is Stage.NEEDS_OWNER else self.stage)

    @precondition(lambda self: self.stage in OPEN and self.owned)
    @rule(how=st.sampled_from([*Resolution, Resolution.HERE]))
    def resolve(self, how: Resolution) -> None:
        self.run(actions.resolve(self.cast.gus, self.issue, how, "Done.", now=self.tick()))
        self.resolved_at, self.said = self.now, {}
        cannot = how is Resolution.CANNOT
        self.cannots += cannot
        self.tell("issue_cannot" if cannot else "verdict_asked", by="gus")
        self.goes(Stage.CANNOT if cannot else Stage.TELL_FLOOR)

    @precondition(lambda self: self.stage in OPEN and self.owned)
    @rule()
    def ask(self) -> None:
        self.run(actions.ask(self.cast.gus, self.issue, "May we?", now=self.tick()))
        self.goes(Stage.NEEDS_DECISION)

    @precondition(lambda self: self.stage is Stage.NEEDS_DECISION)
    @rule(yes=st.booleans())
    def decide(self, yes: bool) -> None:
        self.run(actions.decide(self.cast.ann, self.issue, yes=yes, because="So.", now=self.tick()))
        self.tell("decision_made", by="ann", owner=True)
        self.goes(Stage.BEING_FIXED)

    @precondition(lambda self: self.stage in OPEN)
    @rule()
    def decline(self) -> None:
        self.run(actions.decline(self.cast.eva, self.issue, "Not ours.", now=self.tick()))
        self.tell("issue_declined", by="eva")
        self.goes(Stage.DECLINED)

    # --- time

    @rule(days=st.sampled_from([1, 8, 15]))
    def time_passes(self, days: int) -> None:
        for _day in range(days):
            self.now = (self.now + timedelta(days=1)).replace(hour=9, minute=0)
            self.run(floor.close_unconfirmed(now=self.now))
            self.run(actions.mornings(now=self.now))
            self.run(daily.gather(now=self.now))
            if self.stage is Stage.TELL_FLOOR and self.now - self.resolved_at >= timedelta(days=14):
                self.goes(Stage.UNCONFIRMED)

    # --- what has to be so

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        row = self.run(queries.issue(None, self.issue))
        assert row.stage is self.stage
        if row.stage is Stage.CONFIRMED:
            said = self.run(run_sql(
                "SELECT COUNT(*) AS n FROM issue_event WHERE issue = {} AND what = 'verdict' AND says = 'fixed'"
                " AND round = {} AND reporter IS NOT NULL", self.issue, row.round))  # fmt: skip
            assert said[0]["n"] >= 1
            assert Verdict.FIXED in self.said.values()

    @invariant()
    def whoever_raised_it_was_told(self) -> None:
        letters = "SELECT name, person FROM letter WHERE about = {} AND taken_back_at IS NULL"
        rows = self.run(run_sql(letters, self.issue))
        names = {actor.person: name for name, actor in self.cast.everybody().items()}
        told = Counter((row["name"], names[uuid(row["person"])]) for row in rows if row["name"] in COUNTED)
        assert told == +self.told


def uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


async def empty() -> None:
    """Take away the issue, and what hangs on it."""
    for table in ("clock_deed", "issue_event", "note", "mail_token", "letter", "issue"):
        await run_sql(f"DELETE FROM {table}")
    await run_sql("UPDATE counter SET value = 0 WHERE name = 'mornings'")


@contextmanager
def company(url: str) -> Iterator[type[Following]]:
    """Give a company in which an issue may be followed."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    db.bind(db.make_engine(url, gate_timeout=10))
    try:
        loop.run_until_complete(db.open_pools())
        made = loop.run_until_complete(make_cast())
        yield type("Following", (Following,), {"loop": loop, "cast": made, "steps": set()})
        loop.run_until_complete(db.close_pools())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def follow(url: str, *, examples: int = 40, steps: int = 30) -> set[tuple[Stage, Stage]]:
    """Follow some issues; give every step that was taken from one state to another."""
    with company(url) as machine:
        run_state_machine_as_test(machine, settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False))  # fmt: skip
        return machine.steps


def test_until_the_floor_says_that_it_is_fixed(database_url: str) -> None:
    steps = follow(database_url)
    moved = {(before, after) for before, after in steps if before is not after}
    states = set(Stage) - {Stage.JOINED}
    assert {after for _before, after in moved} == states
    assert {before for before, _after in moved} == states


async def nobody(*_given: Any, **_named: Any) -> list[Any]:
    """Name nobody where somebody has to be told."""
    return []


def silence_is_a_yes(patch: pytest.MonkeyPatch) -> None:
    """Let a fortnight's silence confirm."""
    right = rules.unconfirm
    patch.setattr(floor.rules, "unconfirm", lambda *given, **named: structs.replace(
        right(*given, **named), turn=Turn.CLOSED, ending=Ending.CONFIRMED))  # fmt: skip


@pytest.mark.parametrize("hole", ["silence is a yes", "nobody hears"])
def test_a_hole_is_seen(sqlite_url: str, hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if hole == "nobody hears":
        monkeypatch.setattr(telling.queries, "reporters", nobody)
    else:
        silence_is_a_yes(monkeypatch)
    with pytest.raises(AssertionError):
        follow(sqlite_url)
