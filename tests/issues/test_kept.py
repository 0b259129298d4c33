"""What is kept between requests never differs from what is read anew, whoever looks, whatever has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from floorday import db
from floorday.db.text import enc_hook
from floorday.errors import FloordayError
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.actions.steps import today
from floorday.issues.api.listed import issue_piece
from floorday.issues.api.shown import show_issue
from floorday.issues.pages import cards
from floorday.issues.pages.steps import asks, quiet_days
from floorday.issues.queries import Filters, IssueRow, kept
from floorday.issues.rules import Effort, Kind, Naming, Stream
from floorday.issues.tables import Issue, Note
from floorday.people.access import Actor
from floorday.people.tables import Department, Person, Team
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.issues.test_agreement import Floor

pytestmark = pytest.mark.usefixtures("database")

FILTERS = (
    Filters(order="number", closed=None), Filters(), Filters(mine=True, closed=None), Filters(closed=True),
    Filters(words="hurts"), Filters(snoozed=True),
)  # fmt: skip
CARDS = 2


@pytest.fixture
async def cast(database: object) -> Cast:
    del database
    return await make_cast()


async def same(cast: Cast, now: datetime) -> None:
    """Compare, for everybody who may see issues, what is kept with what is read anew."""
    for name, who in cast.everybody().items():
        if who.only_assists:
            continue
        for filters in (*FILTERS, Filters(team=cast.billing), Filters(department=cast.it)):
            fresh = await queries.board(who, filters)
            shown = await queries.shown(who, filters)
            assert [one.row for one in shown] == fresh, (name, filters)
            assert [issue_piece(one).json for one in shown] == [
                msgspec.json.encode(show_issue(row), enc_hook=enc_hook) for row in fresh], (name, filters)
        await same_board(who, now)


async def same_board(who: Actor, now: datetime) -> None:
    """Compare the board's numbers and first cards with those that are counted from all rows."""
    rows, day = await queries.board(who, Filters()), today(now)
    chosen: dict[str, Callable[[IssueRow], bool]] = {
        "open": lambda _: True, "mine": lambda row: row.mine or asks(row, who, today=day),
        "quiet": lambda row: quiet_days(row, now) > 0,
    }  # fmt: skip
    for view, wanted in chosen.items():
        found, places = await queries.turns(who, Filters(), view, now=now, today=day, cards=CARDS)
        numbers = [sum(test(row) for row in rows) for test in chosen.values()]
        assert [found.open, found.mine, found.quiet] == numbers, who.name
        assert found.asleep == sum(row.snoozed_until is not None for row in rows)
        for turn, lane in found.lanes.items():
            awake = [row for row in rows if row.turn is turn and row.snoozed_until is None and wanted(row)]
            assert (lane.count, lane.quiet) == (len(awake), sum(quiet_days(row, now) > 0 for row in awake))
            assert lane.oldest == min((row.raised_at for row in awake), default=None)

            def place(row: IssueRow) -> tuple[bool, datetime, int]:
                return not asks(row, who, today=day), row.raised_at, row.number

            first = sorted((one.row for one in lane.shown), key=place)[:CARDS]
            assert first == sorted(awake, key=place)[:CARDS], (who.name, view, turn)
            for one in lane.shown:
                stands = cards.standing(one.row, who, now=now, today=day)
                assert cards.card(one, stands) == cards.card(kept.Shown(one.row), stands)
        assert places.departments == await queries.departments()
        assert places.teams == await queries.teams()


class Watched(Floor):
    """Everybody doing anything, and everybody looking after each step."""

    async def compare(self) -> None:
        await self.something_else()
        await same(self.cast, self.now)

    async def something_else(self) -> None:
        """Do one of the things that change what lists show beside the life of an issue."""
        rows = await self.board()
        row, cast, now = self.pick.choice(rows), self.cast, self.now
        number = self.pick.randrange(10**6)
        try:
            match self.pick.randrange(9):
                case 0:
                    await actions.restrict(cast.eva, row.id, restricted=not row.restricted, now=now)
                case 1:
                    await actions.retitle(cast.eva, row.id, f"It hurts {number}", Kind.GLITCH, now=now)
                case 2:
                    await actions.measure(
                        cast.eva, row.id, minutes_per_case=number, cases_per_month=1, effort=Effort.SMALL, now=now)
                case 3:
                    for who in self.people():
                        if note := await Note.select(Note.id).where(
                                Note.withdrawn_at.is_null(), Note.reporter == who.person).first():  # fmt: skip
                            await actions.withdraw_note(who, note["id"], now=now)
                case 4:
                    await Person.update({Person.name: f"Gus {number}"}).where(Person.id == cast.gus.person)
                case 5:
                    await Team.update({Team.name: f"Billing {number}"}).where(Team.id == cast.billing)
                case 6:
                    await Department.update({Department.name: f"IT {number}", Department.word_days: number % 9}).where(
                        Department.id == cast.it)
                case 7:
                    left = now if number % 2 else None
                    await Person.update({Person.left_at: left}).where(Person.id == cast.ann.person)
                case _:
                    await actions.wake(cast.eva, row.id, now=now)
        except FloordayError:
            pass


@pytest.mark.parametrize("seed", [4, 5])
async def test_after_any_step_everybody_sees_what_is_so(cast: Cast, seed: int) -> None:
    floor = Watched(cast, seed)
    await floor.raise_it()
    for _ in range(25):
        floor.now += timedelta(hours=floor.pick.choice([1, 9, 30, 80]))
        verb = floor.pick.choice([
            floor.raise_it, floor.me_too, floor.assign, floor.promise, floor.update, floor.ask, floor.decide,
            floor.resolve, floor.verdict, floor.by_code, floor.again, floor.decline, floor.snooze, floor.join,
            floor.undo_resolution,
        ])  # fmt: skip
        try:
            await verb(floor.pick.choice(await floor.board()))
        except FloordayError:
            continue
        await floor.compare()


async def raised(cast: Cast, who: Actor, *, naming: Naming = Naming.NAMED, issue: Any = None) -> IssueRow:
    noted = await actions.note(who, NoteForm(
        text=Said("It hurts."), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming, issue=issue), now=NOW)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def only(who: Actor, number: int) -> IssueRow | None:
    shown = await queries.shown(who, Filters(closed=None))
    return next((one.row for one in shown if one.row.number == number), None)


async def test_a_part_that_goes_along_is_counted_where_it_is_now(cast: Cast) -> None:
    part, middle, whole = [await raised(cast, who) for who in (cast.fay, cast.ben, cast.max)]
    await actions.join(cast.eva, part.id, middle.id, now=NOW)
    assert (await only(cast.eva, middle.number) or part).met_by == 2
    await same(cast, NOW)
    await actions.join(cast.eva, middle.id, whole.id, now=NOW)
    assert (await only(cast.eva, whole.number) or part).met_by == 3
    await same(cast, NOW)


async def test_whoever_is_shut_out_sees_it_no_more_at_once(cast: Cast) -> None:
    issue = await raised(cast, cast.fay)
    assert await only(cast.cleo, issue.number) is not None
    await actions.restrict(cast.eva, issue.id, restricted=True, now=NOW)
    assert await only(cast.cleo, issue.number) is None
    assert await only(cast.fay, issue.number) is not None


async def test_what_one_reader_made_visible_for_themselves_no_other_gets(cast: Cast) -> None:
    issue = await raised(cast, cast.fay)
    await same(cast, NOW)
    whole, face = await only(cast.eva, issue.number), await only(cast.cleo, issue.number)
    assert whole is not None
    assert face is not None
    assert (whole.team_name, face.team_name, face.reporters) == ("Billing", "", frozenset())


async def test_what_is_undone_was_never_kept(cast: Cast) -> None:
    issue = await raised(cast, cast.fay)
    await same(cast, NOW)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await actions.retitle(cast.eva, issue.id, "Never so", Kind.GLITCH, now=NOW)
            assert (await only(cast.eva, issue.number) or issue).title == "Never so"
            raise ZeroDivisionError
    assert (await only(cast.eva, issue.number) or issue).title == issue.title
    await actions.retitle(cast.eva, issue.id, "Now so", Kind.GLITCH, now=NOW)
    assert (await only(cast.eva, issue.number) or issue).title == "Now so"


@pytest.mark.parametrize("change", [
    "UPDATE issue SET title = 'By hand'", "UPDATE issue SET day = NULL", "UPDATE issue SET restricted = {true}",
    "UPDATE note SET withdrawn_at = '2026-11-02 09:00:00+00:00'", "UPDATE note SET reporter = NULL",
    "UPDATE team SET name = name || ' by hand', zone = 'UTC'",
    "UPDATE department SET name = 'By hand', closed_at = created_at",
    "UPDATE person SET name = name || ' by hand'", "UPDATE booking SET manager = (SELECT id FROM person WHERE {max})",
    "DELETE FROM note",
])  # fmt: skip
async def test_what_is_changed_by_hand_is_seen(cast: Cast, change: str) -> None:
    booking = await a_booking(cast, accepted=True)
    issue = await raised(cast, cast.fay)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    await Issue.update({Issue.day: booking.id}).where(Issue.id == issue.id)
    await same(cast, NOW)
    await db.run_sql(change.replace("{true}", "1 = 1" if db.dialect() == "postgres" else "1").replace(
        "{max}", "name = 'Max Moor'"))  # fmt: skip
    await same(cast, NOW)


async def test_no_more_is_kept_than_there_is_room_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    issues = [await raised(cast, cast.fay) for _ in range(5)]
    shown = await queries.shown(cast.eva, Filters(order="number"))
    assert [one.row.number for one in shown] == [issue.number for issue in issues]
    assert kept.held() == 3


async def test_what_stands_in_many_issues_is_held_once_and_does_not_pile_up(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(kept, "_same", {})
    for _ in range(2):
        await raised(cast, cast.fay)
    one, other = [one.row for one in await queries.shown(cast.eva, Filters(order="number"))]
    assert (one.team, one.team_name, one.reporters) == (cast.billing, "Billing", {cast.fay.person})
    assert one.team is other.team
    assert one.team_name is other.team_name
    assert next(iter(one.reporters)) is next(iter(other.reporters))
    held = len(kept._same)
    monkeypatch.setattr(kept, "MOST_SAME", held)
    for n in range(5):
        await Team.update({Team.name: f"Billing {n}"}).where(Team.id == cast.billing)
        await same(cast, NOW)
        assert len(kept._same) <= 2 * held


async def test_it_is_the_same_with_many_who_met_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FEW", 1)
    issue = await raised(cast, cast.fay)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    await raised(cast, cast.ben, issue=issue.id)
    await same(cast, NOW)
    assert [(await only(who, issue.number) or issue).i_reported for who in (cast.fay, cast.ben, cast.gus)] == [
        True, True, False]  # fmt: skip


async def test_what_was_made_for_other_days_does_not_pile_up(cast: Cast) -> None:
    await raised(cast, cast.fay)
    (one,) = await queries.shown(cast.eva, Filters())
    for day in range(60):
        now = NOW + timedelta(days=day)
        assert "Find an owner" in cards.card(one, cards.standing(one.row, cast.eva, now=now, today=today(now)))
    assert len(one.made) <= kept.MOST_MADE


async def test_a_list_that_is_known_takes_one_query(cast: Cast, queries: Callable[[], Any]) -> None:
    from floorday.issues.queries import shown

    for _ in range(3):
        await raised(cast, cast.fay)
    await shown(cast.eva, Filters())
    with queries() as seen:
        await shown(cast.eva, Filters())
    assert len(seen) == 1
    await raised(cast, cast.fay)
    with queries() as seen:
        await shown(cast.eva, Filters())
    assert len(seen) == 3
