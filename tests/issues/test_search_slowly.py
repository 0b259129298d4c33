"""What is found is what somebody finds who reads every issue one by one; and the letters of filters are kept right."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from floorday import db
from floorday.db import folding
from floorday.errors import FloordayError
from floorday.issues import actions, queries, tags
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import Filters, IssueRow, Search
from floorday.issues.rules import Kind, Naming, Stream, Turn
from floorday.people.access import Act, Actor, can
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.issues.test_agreement import Floor

WORDS = ("refund", "refunds", "zebra", "form", "wait")
TYPED = ("refund", "zebra", "form wait", '"zebra form"', "refund -zebra", "wait -form", "ref", "", "FD-7", "form FD-3")
READERS = ("eva", "hana", "fay", "ben", "cleo", "gus", "max", "ann", "ada")
MOMENTS = tuple(NOW - timedelta(days=days) for days in (0, 20, 45, 400, 3000, 30000))


class Told(Struct):
    """An issue with all that was said of it, and by whom, as the tables have it."""

    row: IssueRow
    texts: list[str]
    streams: set[str]
    persons: set[UUID]


async def everything() -> list[Told]:
    """Read every issue with its notes and those of its parts, without any index of words."""
    found: list[Told] = []
    for issue in await db.run_sql("SELECT id, number, joined_into FROM issue ORDER BY number DESC"):
        row = await queries.issue(None, as_uuid(issue["id"]))
        parts = await db.run_sql("SELECT id FROM issue WHERE joined_into = {}", row.id)
        notes: list[Any] = []
        persons = {row.owner, row.sponsor, row.day_manager}
        for one in (row.id, *(as_uuid(part["id"]) for part in parts)):
            notes += await db.run_sql(
                "SELECT text, idea, fixed_like, stream, reporter FROM note WHERE issue = {}"
                " AND withdrawn_at IS NULL ORDER BY at, id", one)
            back = await db.run_sql(
                "SELECT reporter FROM issue_event WHERE issue = {} AND what = 'returned'", one)
            persons |= {as_uuid(line["reporter"]) for line in (*notes, *back) if line["reporter"]}
        texts = [text for note in notes for text in (note["text"], note["idea"], note["fixed_like"]) if text]
        found.append(Told(row, [row.title, *texts], {note["stream"] for note in notes}, persons - {None}))
    return found


def as_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


async def live(cast: Cast, seed: int, steps: int = 40) -> None:
    """Let things happen through the actions, and past them."""
    floor, luck = Floor(cast, seed), random.Random(seed)
    say = iter(range(10**6))

    async def raise_it(row: IssueRow | None = None) -> None:
        who, team = luck.choice([(cast.fay, cast.billing), (cast.ben, cast.billing), (cast.cleo, cast.claims)])
        await actions.note(who, NoteForm(
            text=Said(" ".join([*luck.choices(WORDS, k=3), str(next(say))])), stream=luck.choice(list(Stream)[:3]),
            team=team, naming=luck.choice(list(Naming)), kind=luck.choice(list(Kind)[:3]),
            issue=row.id if row else None,
        ), now=floor.now)  # fmt: skip

    async def split(row: IssueRow) -> None:
        await actions.split(cast.eva, row.id, now=floor.now)

    async def withdraw(row: IssueRow) -> None:
        notes = await db.run_sql("SELECT id FROM note WHERE issue = {} AND reporter = {}", row.id, cast.fay.person)
        for note in notes:
            await actions.withdraw_note(cast.fay, as_uuid(note["id"]), now=floor.now)

    async def past_the_actions(row: IssueRow) -> None:
        column, value = luck.choice([
            ("restricted", True), ("raised_at", luck.choice(MOMENTS)), ("department", cast.it),
            ("owner", cast.max.person), ("owner", None), ("sponsor", cast.ann.person), ("team", cast.claims),
            ("kind", "staffing"),
        ])  # fmt: skip
        await db.run_sql(f"UPDATE issue SET {column} = {{}} WHERE id = {{}}", value, row.id)

    await raise_it()
    for _ in range(steps):
        floor.now += timedelta(hours=luck.choice([1, 30]))
        rows = await floor.board()
        verb = luck.choice([
            raise_it, raise_it, raise_it, raise_it, floor.assign, floor.resolve, floor.verdict, floor.again, floor.join,
            floor.undo_resolution, floor.decline, split, withdraw, past_the_actions, past_the_actions,
        ])  # fmt: skip
        try:
            await verb(*([] if verb is raise_it and luck.random() < 0.7 else [luck.choice(rows)]))
        except FloordayError:
            continue
    for _ in range(3):
        await raise_it()
    *parts, whole = [row for row in await floor.board() if row.turn is Turn.NEEDS_OWNER][-3:]
    for part in parts:
        await actions.join(cast.eva, part.id, whole.id, now=floor.now)
    day = await a_booking(cast, manager=cast.max)
    await db.run_sql("UPDATE issue SET day = {} WHERE number < 4", day.id)
    await db.run_sql("UPDATE booking SET manager = {} WHERE id = {}", cast.ann.person, day.id)
    await actions.fold_due()


def letters(told: Told) -> set[str]:
    """Say anew which letters an issue has."""
    row = told.row
    things = {row.team, row.department, row.picture, row.measure} - {None} | told.persons
    shut = row.turn is Turn.CLOSED
    words = {"closed"} if shut else {"open", row.turn.value}
    at = row.raised_at.astimezone(UTC)
    months = (at.year - 1900) * 12 + at.month - 1
    return {chr(tags.BLOCKS + row.number // tags.BLOCK)} | {tags.of_id(one) for one in things if one is not None} | {
        letter for word in words | told.streams | {row.kind.value} if (letter := tags.of_word(word))
    } | {
        chr(base + months // part) for base, part in (
            (tags.MONTHS, 1), (tags.YEARS, 12), (tags.DECADES, 120), (tags.CENTURIES, 1200))
    }  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_database_keeps_the_letters_whatever_happens(database: object, seed: int) -> None:
    await live(await make_cast(), seed)
    kept = {row["number"]: row["tags"] for row in await db.run_sql("SELECT number, tags FROM issue_words")}
    all_of = await everything()
    assert len(all_of) > 5
    assert any(one.row.joined_into for one in all_of)
    assert {one.row.number: letters(one) for one in all_of} == {
        number: set(said) - {" ", ","} for number, said in kept.items()}


# --- reading all of it -------------------------------------------------------------------------------------------


def holds(texts: list[str], wanted: Search) -> bool:
    """Say whether each phrase stands in one of the texts, and none that must not."""
    said = [f" {folding.fold(text)} " for text in texts]
    phrases = [f" {' '.join(phrase)} " for phrase in wanted.words.wanted]
    if wanted.words.begun:
        phrases[-1] = phrases[-1].rstrip()
    without = [f" {' '.join(phrase)} " for phrase in wanted.words.unwanted]
    return all(any(one in text for text in said) for one in phrases) and not any(
        one in text for one in without for text in said)


def passes(told: Told, wanted: Search) -> bool:
    row, asks = told.row, wanted.filters
    same = ("team", "department", "owner", "kind", "turn")
    return (
        all(getattr(asks, name) in {None, getattr(row, name)} for name in same)
        and (asks.closed is None or asks.closed == (row.turn is Turn.CLOSED))
        and (wanted.since is None or row.raised_at >= wanted.since)
        and (wanted.until is None or row.raised_at < wanted.until)
        and (wanted.before is None or row.number < wanted.before)
    )


def slowly(actor: Actor, all_of: list[Told], wanted: Search) -> list[int]:
    """Find by reading everything."""
    narrow = any((wanted.stream, wanted.filters.team, wanted.filters.owner))
    if wanted.words.unwanted and not wanted.words.wanted:
        return []
    found: list[int] = []
    for told in all_of:
        row = told.row
        whole = can(actor, Act.SEE_ISSUE, row.thing())
        if not (whole or (not narrow and can(actor, Act.SEE_FACE, row.thing()))) or not passes(told, wanted):
            continue
        # What was said of a part counts for the whole that it is part of.
        own = told.streams if row.joined_into is None else set[str]()
        if wanted.stream is not None and wanted.stream.value not in own:
            continue
        if holds(told.texts if whole else [row.title], wanted) or (
            wanted.words.wanted and wanted.number == row.number):
            found.append(row.number)
    return found[: wanted.limit]


QUESTIONS = st.tuples(
    st.sampled_from(READERS), st.sampled_from(TYPED),
    st.fixed_dictionaries({}, optional={
        "closed": st.booleans(), "turn": st.sampled_from([Turn.NEEDS_OWNER, Turn.BEING_FIXED, Turn.TELL_FLOOR]),
        "team": st.sampled_from(["billing", "claims"]), "department": st.just("it"),
        "owner": st.sampled_from(["gus", "max", "fay"]), "kind": st.sampled_from(list(Kind)[:4]),
        "stream": st.sampled_from(list(Stream)), "since": st.sampled_from(MOMENTS), "until": st.sampled_from(MOMENTS),
        "before": st.integers(2, 140), "limit": st.integers(1, 4),
    }),
)  # fmt: skip


def question(cast: Cast, typed: str, said: dict[str, Any]) -> Search:
    asks = dict(said)
    named = {name: getattr(cast, asks.pop(name)) for name in ("team", "department", "owner") if name in asks}
    named = {name: value.person if isinstance(value, Actor) else value for name, value in named.items()}
    closed, turn = asks.pop("closed", None), asks.pop("turn", None)
    filters = Filters(
        joined=True, closed=closed if turn is None else None, turn=turn, kind=asks.pop("kind", None), **named)
    number = int(typed.rpartition("FD-")[2]) if typed.startswith("FD-") else None
    return Search(words=folding.read(typed), number=number, filters=filters, **asks)


@pytest.mark.parametrize("near", [2, 2000])
async def test_what_is_found_is_what_stands_there(
    database: object, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["floorday.issues.queries.search"], "NEAR", near)
    cast = await make_cast()
    await live(cast, near)
    all_of = await everything()
    asked: list[tuple[str, str, dict[str, Any]]] = []

    @hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(QUESTIONS)
    def collected(one: tuple[str, str, dict[str, Any]]) -> None:
        asked.append(one)

    collected()
    hits = 0
    for name, typed, said in asked:
        actor, wanted = getattr(cast, name), question(cast, typed, said)
        found = [hit.shown.row.number for hit in await queries.search(actor, wanted)]
        assert found == slowly(actor, all_of, wanted), (name, typed, said)
        hits += len(found)
    assert hits > 20


async def test_searches_beyond_the_ends_of_time_find_what_is_there(database: object) -> None:
    cast = await make_cast()
    await actions.note(cast.fay, NoteForm(text=Said("refund"), stream=Stream.STAFF_TOLD, team=cast.billing), now=NOW)
    all_of = await everything()
    far = (datetime(1, 1, 1, tzinfo=UTC), datetime(1850, 5, 1, tzinfo=UTC), NOW, datetime(2500, 5, 1, tzinfo=UTC),
           datetime(9999, 12, 31, tzinfo=UTC))  # fmt: skip
    for since in (None, *far):
        for until in (None, *far):
            wanted = Search(words=folding.read("refund"), since=since, until=until)
            assert [hit.shown.row.number for hit in await queries.search(cast.eva, wanted)] == slowly(
                cast.eva, all_of, wanted), (since, until)
            assert len(tags.between(since, until)) < 45


async def test_one_query_finds_whoever_asks(database: object, queries: Any) -> None:
    """A reader who sees some of it whole asks both indexes in one statement."""
    from floorday.issues.queries import search

    cast = await make_cast()
    for text in ("refund one", "refund two"):
        await actions.note(cast.fay, NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing), now=NOW)
    wanted = Search(words=folding.read("refund"))
    for actor in (cast.eva, cast.fay, cast.cleo, cast.gus):
        for asks in (wanted, structs.replace(wanted, filters=Filters(closed=None, joined=True, team=cast.billing))):
            await search(actor, asks)
            with queries() as seen:
                await search(actor, asks)
            assert len(seen) == 1
