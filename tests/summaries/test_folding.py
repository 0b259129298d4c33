"""What is folded changes no answer: folded or not, in part, of old, or gone, whatever rewrites the past."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from floorday import db
from floorday.db import uuid7
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.people.tables import Department, Person, Team
from floorday.summaries import actions, figures, moves, queries
from floorday.summaries.actions import folding
from floorday.summaries.figures import COMPANY, History, Ledger, Month, Subject
from floorday.summaries.queries import past
from tests.history.files import bring_in
from tests.summaries.everything import everything
from tests.summaries.long_history import lines
from tests.summaries.test_known_answers import close

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 9, 14, 12, tzinfo=UTC)
LAST = datetime(2026, 9, 1, tzinfo=UTC)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MONTHS = ("2025-03", "2025-05", "2025-07", "2025-09", "2025-11", "2026-01", "2026-03", "2027-09")
WORDS = ("acknowledged", "promised", "updated", "asked", "decided", "resolved", "resolved", "resolved", "verdict",
         "verdict", "verdict", "reopened", "returned", "declined", "split", "joined", "joined", "joined",
         "noted")  # fmt: skip
ISSUES, CHANGES = 14, 16


def short_history(seed: int) -> list[bytes]:
    """Make few issues within a year and a half, and no days."""
    luck, made = random.Random(seed), []
    for line in map(json.loads, lines(seed, issues=ISSUES)):
        if line.get("type") not in {"day", "story"}:
            ago = luck.randrange(1100) * timedelta(days=1)
            made.append(json.dumps(line | _moved(line, ago)).encode())
    return made


def _moved(line: dict[str, Any], ago: timedelta) -> dict[str, Any]:
    """Let what happened long ago happen within the time that is looked at, in the same order."""
    if line.get("type") != "issue":
        return {}
    first = min(datetime.fromisoformat(note["at"]) for note in line["notes"])
    start = FIRST + ago / 3

    def later(at: str) -> str:
        return (start + (datetime.fromisoformat(at) - first) / 4).isoformat()

    return {
        "notes": [note | {"at": later(note["at"])} for note in line["notes"]],
        "events": [
            event | {"at": later(event["at"])} | (
                {"for": (date.fromisoformat(later(event["at"])[:10]) + timedelta(days=ago.days % 50)).isoformat()}
                if "for" in event else {})
            for event in line["events"] if event["what"] != "joined"
        ],
    }  # fmt: skip


class Rewriting:
    """Changes to notes and events of every kind, by chance."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)

    async def once(self) -> str:
        """Change something."""
        kinds = (self.happens, self.happens, self.happens, self.joins, self.joins, self.changes_event, self.goes,
                 self.moves_note, self.says, self.forgets, self.ends)  # fmt: skip
        kind = self.luck.choice(kinds)
        await kind()
        return kind.__name__

    async def one(self, table: Any) -> Any:
        rows = await table.select(table.id).order_by(table.id)
        return self.luck.choice(rows)["id"]

    def at(self) -> datetime:
        return FIRST + timedelta(seconds=self.luck.randrange(int((LAST - FIRST).total_seconds())))

    async def happens(self, what: str = "") -> None:
        what, at = what or self.luck.choice(WORDS), self.at()
        says = {"resolved": ("here", "here", "cannot"), "verdict": ("fixed", "fixed", "partly", "not")}.get(what, ("",))
        reporter = await self.one(Person) if what in {"verdict", "returned"} else None
        await IssueEvent.insert(IssueEvent(
            issue=await self.one(Issue), at=at, what=what, door="page", says=self.luck.choice(says), reporter=reporter,
            for_date=at.date() + timedelta(days=self.luck.randrange(60)) if what == "promised" else None,
            other=await self.one(Issue) if what == "joined" else None))  # fmt: skip

    async def joins(self) -> None:
        await self.happens("joined")

    async def changes_event(self) -> None:
        value = self.luck.choice(({IssueEvent.at: self.at()}, {IssueEvent.what: "undone"}, {IssueEvent.what: "joined"},
                                  {IssueEvent.what: "resolved", IssueEvent.says: "here"}, {IssueEvent.other: None},
                                  {IssueEvent.issue: await self.one(Issue)}, {IssueEvent.for_date: self.at().date()},
                                  {IssueEvent.other: await self.one(Issue)}))  # fmt: skip
        await IssueEvent.update(value).where(IssueEvent.id == await self.one(IssueEvent))

    async def goes(self) -> None:
        await IssueEvent.delete().where(IssueEvent.id == await self.one(IssueEvent))

    async def moves_note(self) -> None:
        value = self.luck.choice(({Note.issue: await self.one(Issue)}, {Note.at: self.at()}, {Note.reporter: None},
                                  {Note.reporter: await self.one(Person)}))  # fmt: skip
        await Note.update(value).where(Note.id == await self.one(Note))

    async def says(self) -> None:
        team = await Team.select(Team.id).order_by(Team.id).first()
        await Note.insert(Note(
            issue=await self.one(Issue), team=team["id"], stream="staff told", text="It waits.",
            naming="named", at=self.at(), reporter=self.luck.choice((None, await self.one(Person)))))  # fmt: skip

    async def forgets(self) -> None:
        await Note.delete().where(Note.id == await self.one(Note))

    async def ends(self) -> None:
        """Undo an issue altogether, as a split that is taken back does."""
        gone = await self.one(Issue)
        await IssueEvent.delete().where(IssueEvent.issue == gone)
        await Note.update({Note.issue: await self.one(Issue)}).where(Note.issue == gone)
        await Note.delete().where(Note.issue == gone)
        await Issue.delete().where(Issue.id == gone)

    async def folds(self) -> None:
        """Fold all, some, or none of it; or lose some of what was folded."""
        match self.luck.randrange(6):
            case 0 | 1:
                await actions.fold()
            case 2:
                await actions.fold(most=1)
            case 3:
                await db.run_sql(f"DELETE FROM issue_fold WHERE number % 3 = {self.luck.randrange(3)}")
            case 4:
                await db.run_sql(f"UPDATE issue_fold SET turn = turn + 1 WHERE number % 3 = {self.luck.randrange(3)}")
            case _:
                pass


async def whole() -> Ledger:
    """Tell all of it from notes and events."""
    teams = tuple([figures.Team(queries.raw(row["id"]), row["name"]) for row in await Team.select(Team.id, Team.name)])
    departments = tuple([
        figures.Department(queries.raw(row["id"]), row["name"], row["word_days"] or None)
        for row in await Department.select(Department.id, Department.name, Department.word_days)])  # fmt: skip
    issues = tuple(trail.issue for trail in (await everything()).trails.values())
    return Ledger(History(teams, departments, (), issues))


def rows_of(answer: Month) -> dict[str, Any]:
    """Give which rows stand behind each figure; of persons how many."""
    return {
        name: (len(one.rows), len(one.among)) if one.kind == "person" else (sorted(one.rows), sorted(one.among))
        for name, one in answer.figures.items()
    } | {cohort.month: sorted(cohort.raised) for cohort in answer.cohorts}  # fmt: skip


async def subjects() -> list[Subject]:
    found = [COMPANY]
    for cut, table in (("team", Team), ("manager", Person), ("department", Department)):
        row = await table.select(table.id).where(table.external_id.like("%1")).first()
        found.append(Subject(cut, row["id"]))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_rewrites_the_past_figures_are_those_of_all_of_it(database: db.Engine, seed: int) -> None:
    await bring_in(short_history(seed), now=NOW)
    rewriting, asked = Rewriting(seed), await subjects()
    done: list[str] = []
    for change in range(CHANGES):
        done.append(await rewriting.once())
        await rewriting.folds()
        everything_told = await whole()
        months = rewriting.luck.sample(MONTHS, 3)
        subject = asked[0] if change % 2 else rewriting.luck.choice(asked)
        mine = subject if subject.id is None else Subject(subject.cut, queries.raw(subject.id))
        answers = (await queries.counted(subject, months, now=NOW, zone=BERLIN)).months
        bare = (await queries.counted(subject, months, now=NOW, zone=BERLIN, rows=False)).months
        for text, answer, lean in zip(months, answers, bare, strict=True):
            expected = figures.month(everything_told, mine, text, now=NOW, zone=BERLIN)
            assert expected is not None
            assert answer is not None
            assert lean is not None
            assert figures.numbers(answer) == close(figures.numbers(expected)), (text, subject, done)
            assert rows_of(answer) == rows_of(expected), (text, subject, done)
            assert figures.numbers(lean) == close(figures.numbers(expected)), (text, subject, done)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_year_of_a_month_is_counted_as_from_all_of_it(database: db.Engine, seed: int) -> None:
    """Its chart, the months beside it, and those that are counted again."""
    await bring_in(short_history(seed + 10), now=NOW)
    rewriting = Rewriting(seed)
    for _ in range(20):
        await rewriting.once()
    await actions.fold()
    for _ in range(4):
        await rewriting.once()
    told = await whole()
    pulses, earlier = ("2025-10", "2026-01", "2026-05"), ("2025-11", "2026-04", "2026-06")
    taken = await queries.taken(
        COMPANY, "2026-07", beside=("2025-07", "2026-03"), pulses=pulses, earlier=earlier, now=NOW, zone=BERLIN)
    assert taken is not None
    for text, answer in (("2026-07", taken.month), *taken.others.items()):
        expected = figures.month(told, COMPANY, text, now=NOW, zone=BERLIN)
        assert expected is not None
        assert figures.numbers(answer) == close(figures.numbers(expected))
        assert rows_of(answer) == rows_of(expected)
    edges = {text: figures.window(text, now=NOW, zone=BERLIN) for text in (*pulses, *earlier)}
    assert taken.pulses == {text: figures.pulse(told, COMPANY, edges[text]) for text in pulses}  # type: ignore[arg-type]
    for text in earlier:
        again = figures.recounted(told, COMPANY, edges[text], taken.month.ends)  # type: ignore[arg-type]
        assert {name: sorted(one.rows) for name, one in taken.recounts[text].items()} == {
            name: sorted(one.rows) for name, one in again.items()}


async def test_what_changes_while_it_is_folded_is_not_kept_as_it_was(database: db.Engine) -> None:
    await bring_in(short_history(5), now=NOW)
    await db.run_sql("DELETE FROM issue_fold")
    async with db.reading() as stream:
        due = await past.due(stream)
        issues = [issue for ids in due.parted() for issue in await past.told(stream, ids)]
    rows, tales = folding._folded(issues, due)
    number = rows[0][0]
    changed = next(UUID(str(id)) for id, one in due.numbers.items() if one == number)
    await IssueEvent.insert(IssueEvent(issue=changed, at=NOW, what="declined", door="page"))
    async with db.transaction():
        assert not await moves.keep_folds(rows, tales)
    async with db.reading() as stream:
        assert number in (await past.due(stream)).turns
    assert await actions.fold() >= 1
    assert figures.numbers((await queries.counted(COMPANY, ("2027-09",), now=NOW, zone=BERLIN)).months[0])[  # type: ignore[arg-type]
        "issues_declined"] == figures.numbers(figures.month(  # type: ignore[arg-type]
            await whole(), COMPANY, "2027-09", now=NOW, zone=BERLIN))["issues_declined"]  # fmt: skip


async def test_no_person_stands_in_what_is_folded(database: db.Engine) -> None:
    await bring_in(short_history(6), now=NOW)
    persons = [row["id"] for row in await Person.select(Person.id)]
    assert persons
    tales = [bytes(row["tale"]) for row in await db.run_sql("SELECT tale FROM issue_tale")]
    assert len(tales) == ISSUES
    assert not [one for one in persons for tale in tales if str(one).encode() in tale or one.bytes in tale]
    assert uuid7() not in persons
