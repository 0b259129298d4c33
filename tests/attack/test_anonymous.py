"""Two worlds that differ only in when on its day, or by whom, something anonymous was said: not one byte differs.

A world is made, a day passes in it, and what was said without a name falls early or late, from one person or another.
Chance and ids are given by the test, one stream to each act, so that the same acts draw the same whenever they come.
Then all that is stored is compared, and all that every role can get: pages, the API, downloads, the history as a file.
What others do on the same issue on that day freezes how it stood; so nobody else steps on those that are answered here.
"""

from __future__ import annotations

import io
import logging
import os
import random
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from floorday import config
from floorday.db import dialect, ids, run_sql
from floorday.history import actions as history
from floorday.issues import actions as issues
from floorday.issues import moves
from floorday.issues.actions import NoteForm, Said, reporting
from floorday.issues.actions import notes as noting
from floorday.issues.actions import steps as stepping
from floorday.issues.photos import Photograph
from floorday.issues.queries import kept
from floorday.issues.rules import Naming, Resolution, Stream, Verdict
from floorday.people import actions as people
from floorday.people.access import Actor
from floorday.people.actions import TokenForm
from floorday.piccolo_app import APP_CONFIG
from tests.attack.unseen import Looker, World, differing, every_path
from tests.cast import Cast, make_cast
from tests.doors.house import BASE
from tests.site import whole_app

MIDNIGHT = datetime.fromisoformat("2026-11-18T00:00:00+00:00")
"""The day in Leeds, where Billing is."""

READERS = ["eva", "ben", "fay", "ines", "gus", "hana", "ada", "ann", "dan", "nobody"]

ASIDE = {"session", "form_key", "api_token", "device", "migration"}
"""How the test itself signed in."""


class Chance:
    """What is drawn, by the act that draws it; and what time it is."""

    def __init__(self) -> None:
        self.at = MIDNIGHT
        self.stream = random.Random(0)
        self.ticks = 0

    def enter(self, act: str, at: datetime) -> None:
        self.at, self.stream, self.ticks = at, random.Random(act), 0

    def now(self) -> datetime:
        return self.at

    def bytes(self, size: int) -> bytes:
        return self.stream.randbytes(size)

    def bits(self, count: int) -> int:
        return self.stream.getrandbits(count)

    def nanoseconds(self) -> int:
        self.ticks += 1_000
        return int(self.at.timestamp() * 1e9) + self.ticks


@pytest.fixture
def chance(monkeypatch: pytest.MonkeyPatch) -> Chance:
    drawn = Chance()
    monkeypatch.setattr(os, "urandom", drawn.bytes)
    monkeypatch.setattr(random, "_urandom", drawn.bytes)
    monkeypatch.setattr(ids, "config", SimpleNamespace(nanoseconds=drawn.nanoseconds))
    monkeypatch.setattr(ids, "secrets", SimpleNamespace(randbits=drawn.bits))
    for where in ("config", "web.pages", "web.session", "web.sheets"):
        monkeypatch.setattr(f"floorday.{where}.now", drawn.now)
    return drawn


class Day(NamedTuple):
    """A world on its day: what stands there, and the codes of those without a name."""

    cast: Cast
    there: dict[str, UUID]
    codes: dict[str, str]


Act = Callable[[Day, datetime], Awaitable[None]]


async def said(
    by: Actor, cast: Cast, text: str, now: datetime, *, issue: UUID | None = None, naming: Naming = Naming.NAMED,
    stream: Stream = Stream.STAFF_TOLD, pictures: Any = (),
) -> issues.Noted:  # fmt: skip
    form = NoteForm(text=Said(text), stream=stream, team=cast.billing, issue=issue, naming=naming)
    return await issues.note(by, form, now=now, pictures=pictures)


async def the_days_before(chance: Chance) -> Day:
    """Make a world: issues that are open, told of and closed, one of each raised without a name."""
    chance.enter("world", MIDNIGHT - timedelta(days=3))
    cast = await make_cast(chance.at)
    there: dict[str, UUID] = {}
    codes: dict[str, str] = {}
    for hours, name in enumerate(("open", "told", "closed", "asked", *(f"old {n}" for n in range(70)))):
        now = MIDNIGHT - timedelta(days=2) + timedelta(minutes=10 * hours)
        chance.enter(name, now)
        first = await said(cast.fay, cast, f"Requests wait: {name}", now)
        assert first.issue is not None
        there[name] = first.issue
        if name.startswith("old"):
            continue
        unnamed = await said(cast.ben, cast, f"With us as well: {name}", now, issue=first.issue,
                             naming=Naming.ANONYMOUS)  # fmt: skip
        assert unnamed.follow_up is not None
        codes[name] = unnamed.follow_up
        await issues.assign(cast.eva, first.issue, department=cast.it, owner=cast.gus.person, now=now)
        if name in {"told", "closed"}:
            await issues.resolve(cast.gus, first.issue, Resolution.HERE, "It runs daily", now=now)
        if name == "closed":
            await issues.verdict(cast.fay, first.issue, Verdict.FIXED, now=now)
    return Day(cast, there, codes)


# --- what somebody without a name does; whoever they are ----------------------------------------------------------


def unnamed_acts(who: str) -> dict[str, Act]:
    """Say what somebody without a name may do on a day."""

    def by(day: Day) -> Actor:
        return day.cast.everybody()[who]

    async def raises(day: Day, now: datetime) -> None:
        await said(by(day), day.cast, "The printer hums", now, naming=Naming.ANONYMOUS,
                   pictures=[Photograph(b"a photo", 8, 8)])  # fmt: skip

    async def raises_more(day: Day, now: datetime) -> None:
        await said(by(day), day.cast, "The chairs squeak", now, naming=Naming.ANONYMOUS)

    async def meets_it_too(day: Day, now: datetime) -> None:
        await said(by(day), day.cast, "Here it waits as well", now, issue=day.there["open"], naming=Naming.ANONYMOUS)

    async def brings_it_back(day: Day, now: datetime) -> None:
        await said(by(day), day.cast, "It waits again", now, issue=day.there["closed"], naming=Naming.ANONYMOUS)

    async def praises(day: Day, now: datetime) -> None:
        await said(by(day), day.cast, "A kind word", now, naming=Naming.ANONYMOUS, stream=Stream.GOOD_NEWS)

    async def says_not_fixed(day: Day, now: datetime) -> None:
        await issues.verdict_by_code(day.codes["told"], Verdict.NOT, "Only half of it", now=now)

    async def adds_a_word(day: Day, now: datetime) -> None:
        await issues.word_by_code(day.codes["asked"], "It is worse on Mondays", now=now)

    return {act.__name__: act for act in (
        raises, raises_more, meets_it_too, brings_it_back, praises, says_not_fixed, adds_a_word)}  # fmt: skip


async def named_acts(day: Day, hour: int, now: datetime) -> None:
    """Let happen what happens at an hour of the day, by people with names."""
    cast, there = day.cast, day.there
    match hour:
        case 9:
            await said(cast.fay, cast, "The lift is stuck", now)
            await said(cast.ben, cast, "Chairs squeak in Claims", now, issue=there["open"])
        case 11:
            await issues.update(cast.gus, there["asked"], "We look at it", now=now)
            await issues.update(cast.gus, there["open"], "No news yet", now=now)
        case 13:
            await said(cast.fay, cast, "Phones drop calls", now, naming=Naming.HIDDEN)
            await issues.promise(cast.gus, there["open"], (now + timedelta(days=5)).date(), now=now)
        case 15:
            await issues.sponsor(cast.eva, there["open"], cast.ann.person, now=now)
            await said(cast.ben, cast, "Nobody rings back", now, issue=there["asked"])
        case _:
            await said(cast.ben, cast, "The heating is off", now)


HOURS = (9, 11, 13, 15, 17)


async def a_world(chance: Chance, slots: dict[str, int], who: str) -> Day:
    """Let the day pass; each act without a name comes so many slots into it (0: before all, 5: after all)."""
    await emptied()
    day = await the_days_before(chance)
    acts = unnamed_acts(who)
    for slot, hour in enumerate((*HOURS, None)):
        for place, (name, act) in enumerate(acts.items()):
            if slots[name] == slot:
                now = MIDNIGHT + timedelta(hours=8 + 2 * slot, minutes=7 * place)
                chance.enter(name, now)
                await act(day, now)
        if hour is not None:
            now = MIDNIGHT + timedelta(hours=hour)
            chance.enter(f"at {hour}", now)
            await named_acts(day, hour, now)
    chance.enter("later", MIDNIGHT + timedelta(days=2, hours=10))
    await issues.fold_due()
    return day


_at_first: dict[str, int] = {}


async def emptied() -> None:
    """Empty every table, and count from the beginning."""
    counters = await run_sql("SELECT name, value FROM counter")
    _at_first.update({row["name"]: row["value"] for row in counters if row["name"] == "holes"})
    names = [table._meta.tablename for table in APP_CONFIG.table_classes if table._meta.tablename != "counter"]
    if dialect() == "postgres":
        await run_sql("TRUNCATE {} CASCADE".format(", ".join(f'"{name}"' for name in names)))
        await run_sql("ALTER SEQUENCE issue_number RESTART")
    else:
        await run_sql("UPDATE issue SET joined_into = NULL")
        while names:
            left = []
            for name in names:
                try:
                    await run_sql(f'DELETE FROM "{name}"')
                except Exception:  # another table still points here
                    left.append(name)
            assert len(left) < len(names), left
            names = left
    await run_sql("UPDATE counter SET value = 0 WHERE name <> 'holes'")
    kept._kept.clear()


async def stored() -> dict[str, list[str]]:
    """Take every row of every table."""
    found: dict[str, list[str]] = {}
    for table in APP_CONFIG.table_classes:
        name = table._meta.tablename
        if name not in ASIDE:
            found[name] = sorted(repr(sorted(row.items())) for row in await run_sql(f'SELECT * FROM "{name}"'))
    return found


def unlike(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    """Say of each table that differs the first rows that do."""
    found: dict[str, tuple[str, str]] = {}
    for name, rows in one.items():
        gone, new = [row for row in rows if row not in other[name]], [row for row in other[name] if row not in rows]
        if gone or new:
            found[name] = (gone[0] if gone else "", new[0] if new else "")
    return found


EARLY = dict.fromkeys(unnamed_acts("fay"), 0)
LATE = dict.fromkeys(unnamed_acts("fay"), 5)


@pytest.mark.parametrize("second", ["late", "another"])
async def test_all_rows_are_the_same_whenever_and_whoever_it_was(
    database: object, chance: Chance, second: str
) -> None:
    await a_world(chance, EARLY, "fay")
    one = await stored()
    await a_world(chance, LATE if second == "late" else EARLY, "fay" if second == "late" else "cleo")
    assert unlike(one, await stored()) == {}
    assert any("The printer hums" in row for row in one["note"]), "the control: there is something to be seen"


@settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_in_whatever_order_it_happens(database: object, chance: Chance, data: st.DataObject) -> None:
    """Two that raise one after the other on one day may have each other's number; nothing else moves."""
    order = data.draw(st.fixed_dictionaries({name: st.integers(0, 5) for name in EARLY}))
    order["raises_more"] = max(order["raises"], order["raises_more"])
    await a_world(chance, EARLY, "fay")
    one = await stored()
    await a_world(chance, order, data.draw(st.sampled_from(["fay", "ben", "cleo", "ines"])))
    assert unlike(one, await stored()) == {}


async def taken(chance: Chance, day: Day, reader: str) -> dict[str, str]:
    """Take all that a reader can get two days later."""
    chance.enter(f"reader {reader}", MIDNIGHT + timedelta(days=2, hours=10))
    for keys in ("session", "api_token"):  # of the taking before this one
        await run_sql(f'DELETE FROM "{keys}"')
    app = whole_app()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url=BASE)
    bearer: dict[str, str] = {}
    if reader != "nobody":
        actor = day.cast.everybody()[reader]
        client.cookies.set("floorday", (await people.open_session(actor.person, now=chance.at)).token)
        made = await people.create_token(actor, TokenForm("All", ["read"], 30), now=chance.at)
        bearer = {"authorization": f"Bearer {made.secret}"}
    known: dict[str, list[str]] = {}
    for name, table in (("issue_id", "issue"), ("note_id", "note"), ("letter_id", "letter"), ("person_id", "person"),
                        ("team_id", "team"), ("department_id", "department")):  # fmt: skip
        rows = await run_sql(f'SELECT id FROM "{table}"')
        known[name] = sorted(str(row["id"]) for row in rows)[-12:]
    newest = sorted(str(row["id"]) for row in await run_sql(
        "SELECT id FROM issue WHERE title IN ('The printer hums', 'The chairs squeak', 'The lift is stuck')"))
    known["issue_id"] = [*newest, *(str(day.there[name]) for name in ("open", "told", "closed", "asked"))]
    known |= {"month": [f"{MIDNIGHT:%Y-%m}"], "place": ["1"]}
    paths = [one for one in every_path(app, World(day.cast, uuid4(), uuid4(), {}, known, {}, {}, {}))
             if not re.search(r"/(screen|desk|answer|verdict|decision|sign-in)\b", one)]  # fmt: skip
    for first in ("/api/v1/teams", "/issues"):
        await client.get(first, headers=bearer if first.startswith("/api/") else {})
    extra = ["/issues?view=list&order=newest", "/api/v1/notes?limit=200", "/api/v1/issues?order=newest&limit=100",
             "/search?q=waits", "/search?q=printer", "/issues?as=csv&view=list", "/api/v1/search?q=waits"]  # fmt: skip
    chance.enter(f"reading {reader}", MIDNIGHT + timedelta(days=2, hours=10))
    return await Looker(client, bearer, [*paths, *extra]).everything()


@pytest.mark.parametrize("reader", READERS)
async def test_nobody_gets_a_byte_that_tells_when(database: object, chance: Chance, reader: str) -> None:
    one = await taken(chance, await a_world(chance, EARLY, "fay"), reader)
    other = await taken(chance, await a_world(chance, LATE, "cleo"), reader)
    assert [path for path, answer in one.items() if answer.startswith("5")] == []
    assert sum(answer.startswith("200") for answer in one.values()) >= {"nobody": 2, "dan": 8}.get(reader, 25)
    assert differing(one, other) == []


async def test_the_history_as_a_file_tells_no_more(database: object, chance: Chance) -> None:
    async def file() -> bytes:
        return b"".join([part async for part in history.give_out(now=chance.now())])

    await a_world(chance, EARLY, "fay")
    one = await file()
    await a_world(chance, LATE, "cleo")
    assert await file() == one
    assert b"The printer hums" in one


# --- a leak would be noticed ----------------------------------------------------------------------------------------


async def in_order(_day: datetime) -> int:
    """Number anonymous issues as all others are."""
    return (await moves._NUMBER[dialect()]())[0]["value"]


LEAKS: dict[str, tuple[Any, str, Any]] = {
    "a number in order": (moves, "unnamed_number", in_order),
    "a time to the minute": (noting, "cut_to_day", lambda now, _zone: now),
    "an answer to the minute": (stepping, "cut_to_day", lambda now, _zone: now),
    "an id that tells the time": (noting, "uuid4", ids.uuid7),
    "a line whose id tells the time": (stepping, "uuid4", ids.uuid7),
}


@pytest.mark.parametrize("leak", list(LEAKS))
async def test_a_leak_would_be_noticed(
    database: object, chance: Chance, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    monkeypatch.setattr(*LEAKS[leak])
    await a_world(chance, EARLY, "fay")
    one = await stored()
    await a_world(chance, LATE, "fay")
    assert unlike(one, await stored())


# --- the doors through which it comes ---------------------------------------------------------------------------------


def a_photo() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(drawn, "JPEG", exif=Image.Exif(), comment=b"taken at 09:12 by Fay")
    return drawn.getvalue()


async def test_the_form_leaves_no_row_and_no_line_of_the_log(
    database: object, caplog: pytest.LogCaptureFixture
) -> None:
    now = config.now()
    cast = await make_cast(now)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=whole_app()), base_url=BASE)
    client.cookies.set("floorday", (await people.open_session(cast.fay.person, now=now)).token)
    page = (await client.get("/notes/new")).text
    keys = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("csrf", "once")}  # type: ignore[index]
    fields = {"text": "Said quietly", "stream": "staff told", "naming": "anonymous", "team": str(cast.billing), **keys}
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        got = await client.post("/notes/new", data=fields, files={"photos": ("fay.jpg", a_photo(), "image/jpeg")},
                                headers={"origin": BASE})  # fmt: skip
    assert got.status_code == 200, got.text
    code = re.search(r"\b([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})\b", got.text)
    assert code, "the control: the code is shown, once"
    (key,) = await run_sql("SELECT id, at, went_to FROM form_key")
    assert (key["at"].hour, key["at"].minute, key["went_to"]) == (0, 0, "/")
    assert UUID(str(key["id"])).version == 4
    logged = "\n".join(line.getMessage() for line in caplog.records if not line.name.startswith("httpx"))
    for told in (code[1], "Said quietly", "fay.jpg", str(cast.fay.person), "/notes/new"):
        assert told not in logged
    rows = str([await run_sql(f'SELECT * FROM "{one}"') for one in ("note", "issue", "issue_event", "photo", "letter")])
    assert "Said quietly" in rows
    for told in (str(cast.fay.person), "fay.jpg", "taken at 09:12"):
        assert told not in rows


async def test_a_report_of_a_note_is_for_coordinators_alone(database: object, chance: Chance) -> None:
    day = await a_world(chance, EARLY, "fay")
    (note,) = [UUID(str(row["id"])) for row in await run_sql("SELECT id FROM note WHERE text = 'The lift is stuck'")]
    for reader in ("hana", "gus", "ada", "fay"):
        before = await taken(chance, day, reader)
        chance.enter("report", MIDNIGHT + timedelta(days=1))
        await reporting.report_note(day.cast.ben, note, "It names me", now=chance.at)
        after = await taken(chance, day, reader)
        chance.enter("back", MIDNIGHT + timedelta(days=1))
        await reporting.take_report_back(day.cast.ben, note, now=chance.at)
        both = {path: one for path, one in before.items() if path in after and not path.startswith("/settings")}
        assert differing(both, after) == [], reader
