"""What comes in goes out again: the same facts, in the same order where order decides."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floorday import db
from floorday.bookings.tables import Booking
from floorday.errors import FloordayError
from floorday.history import actions, rules
from floorday.history.form import Day, Issue, Postponed
from floorday.issues import actions as live
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Kind, Resolution, Stream, Verdict
from floorday.issues.tables import Issue as IssueRow
from floorday.people.tables import Grant, Person
from floorday.summaries import queries
from floorday.summaries.figures import COMPANY, numbers
from tests.cast import NOW as MONDAY
from tests.cast import a_booking, make_cast
from tests.history.files import FOLDER, bring_in, gave_out
from tests.history.test_projection import VERBS
from tests.history.test_rules import GROUND, NOW, day, department, event, file, issue, note, person, story, team

LATER = datetime(2027, 6, 1, tzinfo=UTC)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def facts(lines: list[bytes]) -> list[Any]:
    """Say what a file says, without what says nothing: the order of lines, zones of instants, defaults written out."""
    history, faults = rules.read(lines)
    assert faults == []
    found = [plain(one.is_) for records in history.all().values() for one in records]
    return sorted(found, key=lambda each: json.dumps(each, sort_keys=True))


def plain(record: Any) -> dict[str, Any]:
    if isinstance(record, Issue):
        notes = [msgspec.structs.replace(each, name=each.naming) for each in rules.in_order(record.notes)]
        notes.sort(key=lambda each: (each.at, each.reporter or "", each.text))
        record = msgspec.structs.replace(record, notes=tuple(notes), events=tuple(rules.in_order(record.events)))
    if isinstance(record, Day):
        record = msgspec.structs.replace(record, events=tuple(new_times(record)))
    made = msgspec.to_builtins(record, builtin_types=(datetime,), enc_hook=str)
    return utc(made)


def new_times(record: Day) -> list[Any]:
    """Leave out the time of a postponement that is the one known already."""
    known, told = (record.start, record.end), list[Any]()
    for each in rules.in_order(record.events):
        one: Any = each
        if isinstance(each, Postponed) and (each.start, each.end) == known:
            one = msgspec.structs.replace(each, start=None, end=None)
        elif isinstance(each, Postponed) and each.start and each.end:
            known = (each.start, each.end)
        told.append(one)
    return told


def utc(value: Any) -> Any:
    match value:
        case dict():
            return {key: utc(part) for key, part in value.items() if part is not None}
        case list() | tuple():
            return [utc(part) for part in value]
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value


@pytest.mark.parametrize("name", ["demo_year", "open-1"])
async def test_a_known_history_comes_back_as_it_was(database: db.Engine, name: str) -> None:
    lines = (FOLDER / f"{name}.history.jsonl").read_bytes().splitlines()
    await bring_in(lines, now=LATER)
    assert facts(await gave_out(now=LATER)) == facts(lines)


# --- any small history -------------------------------------------------------------------------------------------

moments = st.integers(0, 60 * 24 * 200).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
zones = st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns")])
texts = st.text(st.characters(codec="utf-8", categories=("L", "Zs", "P")), max_size=30).map(str.strip)


@st.composite
def instants(draw: st.DrawFn, since: datetime = BEGAN) -> str:
    return max(draw(moments), since).astimezone(draw(zones)).isoformat()


@st.composite
def days(draw: st.DrawFn, id: str) -> dict[str, Any]:
    events: list[dict[str, Any]] = []
    for what in draw(st.lists(st.sampled_from(
        ["invited", "accepted", "tentative", "declined", "postponed", "cancelled", "held", "missed"]), max_size=5)):
        one = event(what, at=draw(instants()))
        if what == "postponed" and draw(st.booleans()):
            new = draw(moments)
            one |= {"start": new.isoformat(), "end": (new + timedelta(hours=4)).isoformat()}
        events.append(one)
    return day(*events, id=id, **({"host": "ben"} if draw(st.booleans()) else {}))


@st.composite
def issues(draw: st.DrawFn, id: str, into: str | None) -> dict[str, Any]:
    notes = [note(at=draw(instants()), reporter=draw(st.sampled_from(["ann", "ben", None])), text=draw(texts),
                  stream=draw(st.sampled_from(Stream)).value) for _ in range(draw(st.integers(1, 3)))]  # fmt: skip
    notes.append(note(at=BEGAN.isoformat(), name=draw(st.sampled_from(["named", "hidden"]))))
    last = max(datetime.fromisoformat(each["at"]) for each in notes)
    events = [draw(st.one_of(
        st.builds(lambda at, what, text: event(what, at=at, because=text), instants(),
                  st.sampled_from(["reopened", "declined"]), texts),
        st.builds(lambda at, text: event("updated", at=at, text=text), instants(), texts),
        st.builds(lambda at, what: event(what, at=at), instants(), st.sampled_from(["acknowledged", "asked"])),
        st.builds(lambda at, yes: event("decided", at=at, yes=yes), instants(), st.booleans()),
        st.builds(lambda at, on: event("promised", at=at, **{"for": f"2027-0{on}-01"}), instants(), st.integers(1, 3)),
        st.builds(lambda at, how, text: event("resolved", at=at, text=text, **{"as": how}), instants(),
                  st.sampled_from(["workaround", "here", "everybody", "cannot"]), texts),
        st.builds(lambda at, says, who: event("verdict", at=at, says=says, reporter=who), instants(last),
                  st.sampled_from(["fixed", "partly", "not"]), st.just("ann")),
        st.builds(lambda at, who: event("returned", at=at, reporter=who, team="t2"), instants(),
                  st.sampled_from(["ann", "ben"])),
    )) for _ in range(draw(st.integers(0, 6)))]  # fmt: skip
    if into is not None:
        end = max([BEGAN, *(datetime.fromisoformat(each["at"]) for each in events)])
        events.append(event("joined", at=(end + timedelta(minutes=draw(st.integers(0, 9)))).isoformat(), into=into))
    more: dict[str, Any] = {"kind": draw(st.sampled_from(Kind)).value}
    for name, values in {
        "department": ["d1"], "owner": ["ann"], "sponsor": ["ben"], "day": ["y0"], "minutes_per_case": [0, 2.5, 7],
        "cases_per_month": [12, 0.125], "effort": ["small", "large"], "known_before": [True, False],
    }.items():  # fmt: skip
        if draw(st.booleans()):
            more[name] = draw(st.sampled_from(values))
    return issue(*events, id=id, title=draw(texts) or "Untitled", notes=notes, **more)


@st.composite
def histories(draw: st.DrawFn) -> list[bytes]:
    count = draw(st.integers(1, 4))
    lines = [*GROUND, team(id="t2", name=draw(texts.filter(lambda name: name not in {"", "Leeds"})), picture=["Calm"]),
             department(id="d2", name="Post", charter={"acknowledge_days": 0, "word_days": 3, "fix_days": 9}),
             person(id="dan", email="dan@floor.example", roles=["assistant"], assists=["ann", "ben"])]  # fmt: skip
    lines += [draw(days(f"y{number}")) for number in range(draw(st.integers(1, 3)))]
    for number in range(count):
        into = f"i{draw(st.integers(0, number - 1))}" if number and draw(st.booleans()) else None
        lines.append(draw(issues(f"i{number}", into)))
    thanks = {"customer_words": "Thanks", "by": "ann"} if draw(st.booleans()) else {}
    lines += [story(id="s1", at=draw(instants()), hero=draw(st.sampled_from(["ben", "Bo of the desk"])),
                    text=draw(texts), **thanks)]  # fmt: skip
    return file(*draw(st.permutations(lines)))


async def fresh(template: Path, where: Path) -> db.Engine:
    shutil.copyfile(template, where)
    engine = db.make_engine(f"sqlite:///{where}", readers=1)
    db.bind(engine)
    await db.open_pools()
    return engine


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=histories())
def test_any_history_comes_back_as_it_was(sqlite_template: Path, tmp_path: Path, lines: list[bytes]) -> None:
    async def there_and_back() -> None:
        engine = await fresh(sqlite_template, tmp_path / "one.sqlite")
        await bring_in(lines, now=NOW)
        out, first = await gave_out(now=NOW), await figures()
        await engine.close_connection_pool()
        assert facts(out) == facts(lines)
        engine = await fresh(sqlite_template, tmp_path / "two.sqlite")
        await bring_in(out, now=NOW)
        assert await figures() == first
        assert sorted(await gave_out(now=NOW)) == sorted(out)
        await engine.close_connection_pool()
        for side in list(tmp_path.glob("*.sqlite*")):  # noqa: ASYNC240
            side.unlink()

    asyncio.run(there_and_back())


async def figures() -> list[Any]:
    """Give the company's figures of some months, with names instead of ids."""
    texts = ("2026-03", "2026-05", "2026-09", "2026-11")
    answers = (await queries.counted(COMPANY, texts, now=NOW, zone=ZoneInfo("Europe/Berlin"))).months
    return [numbers(answer) for answer in answers if answer is not None]


# --- what live actions have left -----------------------------------------------------------------------------------


async def test_what_was_done_here_goes_out_and_comes_in_again_with_the_same_figures(
    database: db.Engine, sqlite_url: str
) -> None:
    cast, now = await make_cast(), MONDAY
    await a_booking(cast, accepted=True, days=10)
    for verbs in (VERBS[:2], VERBS[:8], VERBS[:11], VERBS[:13], VERBS):
        form = NoteForm(text=Said("Slow"), stream=Stream.STAFF_TOLD, team=cast.billing)
        noted = await live.note(cast.fay, form, now=now)
        for verb in verbs:
            now += timedelta(minutes=7)
            with suppress(FloordayError):
                await verb(cast, noted.issue or UUID(int=0), now)
    lines, first = await gave_out(now=NOW), await figures()
    other = db.make_engine(sqlite_url.replace("floorday.sqlite", "other.sqlite"))
    db.bind(other)
    await db.migrate()
    await db.open_pools()
    await bring_in(lines, now=NOW)
    assert await figures() == first
    assert facts(await gave_out(now=NOW)) == facts(lines)
    await other.close_connection_pool()


# --- what is here already --------------------------------------------------------------------------------------------


async def test_what_was_split_or_taken_out_goes_out_as_never_joined(database: db.Engine, sqlite_url: str) -> None:
    cast = await make_cast()

    async def say(who: Any, text: str, at: datetime, issue: UUID | None = None) -> live.Noted:
        return await live.note(who, NoteForm(
            text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, issue=issue), now=at)  # fmt: skip

    hour = timedelta(hours=1)
    one, whole = await say(cast.fay, "Alpha", MONDAY), await say(cast.cleo, "Beta", MONDAY)
    await live.assign(cast.eva, whole.issue, department=cast.it, owner=cast.gus.person, now=MONDAY + hour)
    await live.join(cast.eva, one.issue, whole.issue, now=MONDAY + 2 * hour)
    await live.resolve(cast.gus, whole.issue, Resolution.HERE, "Done", now=MONDAY + 3 * hour)
    await live.verdict(cast.fay, whole.issue, Verdict.FIXED, now=MONDAY + 4 * hour)
    await say(cast.ann, "Gamma", MONDAY + 5 * hour, whole.issue)
    await live.split(cast.eva, one.issue, now=MONDAY + 6 * hour)
    await live.take_out(cast.eva, whole.note, now=MONDAY + 7 * hour)
    lines = await gave_out(now=NOW)
    told = [line for line in map(json.loads, lines) if line.get("type") == "issue"]
    assert sorted(([each["text"] for each in line["notes"]], [each["what"] for each in line["events"]])
                  for line in told) == [
        (["Alpha"], []), (["Beta"], []), (["Gamma"], ["acknowledged", "resolved", "returned"])]  # fmt: skip
    other = db.make_engine(sqlite_url.replace("floorday.sqlite", "other.sqlite"))
    db.bind(other)
    await db.migrate()
    await db.open_pools()
    await bring_in(lines, now=NOW)
    assert facts(await gave_out(now=NOW)) == facts(lines)
    await other.close_connection_pool()


async def test_who_is_here_already_gets_the_files_roles_and_keeps_the_name(database: db.Engine) -> None:
    cast = await make_cast()
    lines = file(*GROUND, person(id="gus", email=cast.gus.email, name="Another Gus", roles=["manager", "admin"]))
    await bring_in(lines, now=NOW)
    row = await Person.select().where(Person.id == cast.gus.person).first()
    assert (row["name"], row["external_id"]) == ("Gus Grant", "gus")
    roles = await Grant.select(Grant.role).where(Grant.person == cast.gus.person)
    assert sorted(each["role"] for each in roles) == ["admin", "manager", "owner"]


async def test_a_day_put_off_before_anything_else_keeps_its_first_time(database: db.Engine) -> None:
    lines = file(*GROUND, day(event("postponed", start="2026-12-01T09:00:00Z", end="2026-12-01T10:00:00Z")))
    await bring_in(lines, now=NOW)
    assert facts(await gave_out(now=NOW)) == facts(lines)


async def test_nothing_is_written_where_anything_is_wrong(database: db.Engine) -> None:
    await bring_in(file(team()), now=NOW)
    with pytest.raises(actions.BadHistory):
        await bring_in(file(team(id="t2"), person(), department(), issue(team="t2")), now=NOW)
    assert await IssueRow.count() == 0
    assert await Person.count() == 0


async def test_numbers_follow_the_order_of_raising(database: db.Engine) -> None:
    at = ["2026-05-01T10:00:00Z", "2026-03-01T10:00:00Z", "2026-04-01T10:00:00Z"]
    await bring_in(file(*GROUND, *(issue(id=f"i{n}", notes=[note(at=each)]) for n, each in enumerate(at))), now=NOW)
    rows = await IssueRow.select(IssueRow.number, IssueRow.external_id).order_by(IssueRow.number)
    assert [(row["number"], row["external_id"]) for row in rows] == [(1, "i1"), (2, "i2"), (3, "i0")]


async def test_two_days_that_were_at_one_time_come_in_and_one_to_come_still_keeps_its_manager(
    database: db.Engine,
) -> None:
    ahead = {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T15:00:00Z"}
    days = (day(event("accepted")), day(event("accepted"), id="y2"), day(event("accepted"), id="y3", **ahead),
            day(event("declined"), id="y4"))  # fmt: skip
    await bring_in(file(*GROUND, *days), now=NOW)
    assert sorted(row["past"] for row in await Booking.select(Booking.past)) == [False, True, True, True]
    rows = {row["external_id"]: row for row in await Booking.select()}
    twice = {**rows["y3"], "id": db.uuid7(), "uid": "twice", "external_id": None, "shift": rows["y4"]["shift"]}
    with pytest.raises(Exception, match="booking_one_place"):
        await Booking.insert(Booking(**twice))
