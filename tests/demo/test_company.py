"""The built company: everything the programme knows is in it, and everybody has something to do."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from floorday import config
from floorday.bookings import queries as bookings
from floorday.bookings.rules import State
from floorday.db import run_sql, transaction
from floorday.demo import cast, company, costs, crowd, days, plots
from floorday.demo.workdays import Workdays
from floorday.issues.rules import Naming, Stage, Stream, Turn
from floorday.leavers import queries as leavers
from floorday.people import queries as people_queries
from floorday.people.access import Role
from floorday.retention import actions as retention
from floorday.retention.rules import due
from floorday.summaries import queries as summaries
from floorday.summaries.figures import COMPANY
from floorday.today import queries as today
from tests.demo.conftest import NOW, bound, person

NEW = "external_id IS NULL"
"""Of what was not brought in with the past: the present weeks."""
OTHERWISE = ("a photo", "a mail", "a colleague")
"""How the notes came that are in no plot."""
MET_TOO = 1
"""What a manager added to an issue on her day."""


async def counted(column: str, table: str, where: str = "1 = 1") -> Counter[str]:
    rows = await run_sql(f"SELECT {column} AS what, COUNT(*) AS n FROM {table} WHERE {where} GROUP BY {column}")
    return Counter({row["what"]: int(row["n"]) for row in rows})


async def test_everybody_of_the_cast_is_there_once(looked_at: None) -> None:
    people = await people_queries.people()
    here = {*cast.EVERYBODY, *(one.key for one in crowd.EVERYBODY)} - {cast.LEAVER}
    assert sorted(card.email for card in people) == sorted(cast.address(key) for key in here)
    assert all(card.job_title for card in people)
    (left,) = await leavers.gone()
    assert left[0].email == cast.address(cast.LEAVER)
    assert await run_sql("SELECT id FROM issue WHERE owner = {}", left[0].id) == []
    assert len(await people_queries.teams()) == 6
    assert len(await people_queries.departments()) == 10
    held = await counted("role", "grants")
    assert (held["manager"], held["assistant"], held["coordinator"], held["admin"]) == (20, 9, 1, 1)
    assert set(held) == {role.value for role in Role}


async def test_days_stand_in_every_state(looked_at: None) -> None:
    states = await counted("state", "booking", NEW)
    assert set(states) == {state.value for state in State}
    assert sum(states.values()) == len(days.DAYS)
    assert states["held"] == 12


async def test_one_day_is_today(looked_at: None) -> None:
    (row,) = await run_sql(
        "SELECT b.state, b.starts_at FROM booking b JOIN person p ON p.id = b.manager"
        " WHERE p.email = 'ann.archer@ferncastle.example' AND b.starts_at < {} AND b.ends_at > {}", NOW, NOW)
    assert row["state"] == "accepted"


async def test_seats_are_what_they_say(looked_at: None) -> None:
    rows = await run_sql(
        "SELECT s.taken, (SELECT COUNT(*) FROM booking b WHERE b.shift = s.id"
        " AND b.state IN ('invited', 'tentative', 'accepted', 'held', 'missed')) AS booked FROM shift s")
    assert [row for row in rows if row["taken"] != row["booked"]] == []
    assert sum(1 for row in rows if not row["taken"]) >= len(days.FREE)


async def test_issues_stand_in_every_stage(looked_at: None) -> None:
    rows = await run_sql(f"SELECT turn, ending FROM issue WHERE {NEW}")
    assert len(rows) == len(plots.PLOTS) + len(OTHERWISE)
    stages = {row["ending"] if row["turn"] == Turn.CLOSED else row["turn"] for row in rows}
    assert stages == {stage.value for stage in Stage}


async def test_notes_come_in_every_stream_and_under_every_naming(looked_at: None) -> None:
    assert set(await counted("stream", "note")) == {stream.value for stream in Stream}
    namings = await counted("naming", "note", f"issue IS NULL OR issue IN (SELECT id FROM issue WHERE {NEW})")
    assert set(namings) == {naming.value for naming in Naming}
    of_plots = sum(len(plot.said) for plot in plots.PLOTS)
    assert sum(namings.values()) == of_plots + len(plots.GOOD_NEWS) + len(OTHERWISE) + MET_TOO
    unnamed = await run_sql("SELECT reporter, written_by FROM note WHERE naming = 'anonymous'")
    assert all(row["reporter"] is None and row["written_by"] is None for row in unnamed)


async def test_a_note_came_with_a_photo_and_one_by_mail(looked_at: None) -> None:
    rows = await run_sql("SELECT n.text FROM note n JOIN photo f ON f.note = n.id")
    assert ["order screen" in row["text"] for row in rows] == [True]
    [mailed] = await run_sql("SELECT text FROM note WHERE text LIKE {}", "Since the new firmware%")
    assert mailed["text"].endswith("left her number, [phone number], to hear it back.")


async def test_everything_that_can_happen_to_an_issue_has_happened(looked_at: None) -> None:
    happened = await counted("what", "issue_event")
    wanted = {
        "raised", "noted", "acknowledged", "sponsored", "promised", "updated", "asked", "decided", "resolved",
        "verdict", "returned", "declined", "joined", "snoozed", "unconfirmed", "measured",
    }  # fmt: skip
    assert wanted - set(happened) == set()
    said = await counted("says", "issue_event")
    assert {"fixed", "partly", "not", "yes", "workaround", "here", "everybody", "cannot"} - set(said) == set()


async def test_invoicing_hands_on_eighteen_things_and_two_hard_ones_are_picked(looked_at: None) -> None:
    rows = await run_sql(
        "SELECT i.minutes_per_case, i.effort FROM issue i JOIN department d ON d.id = i.department"
        " WHERE d.name = 'Invoicing' AND i.kind = 'hand-off' AND i.ending <> 'joined'"
        " AND i.external_id IS NULL")
    assert len(rows) == 18
    assert {row["effort"] for row in rows} == {"small", "medium", "large"}
    hard = await run_sql("SELECT i.title, i.sponsor FROM hard_one h JOIN issue i ON i.id = h.issue ORDER BY h.place")
    assert [row["title"] for row in hard] == [costs.PICKED[0], costs.PICKED[2]]
    assert all(row["sponsor"] for row in hard)
    [gone] = await run_sql("SELECT text FROM issue_event WHERE what = 'let go'")
    assert gone["text"].startswith("The two tools become one")


async def test_promises_are_kept_moved_and_broken(looked_at: None) -> None:
    rows = await run_sql("SELECT issue, at, for_date FROM issue_event WHERE what = 'promised' ORDER BY at")
    moved = [(one, two) for one in rows for two in rows if one["issue"] == two["issue"] and one["at"] < two["at"]]
    assert any(str(two["at"])[:10] <= str(one["for_date"]) < str(two["for_date"]) for one, two in moved)
    resolved = {row["issue"]: row["resolved_at"] for row in await run_sql(
        "SELECT id AS issue, resolved_at FROM issue WHERE resolved_at IS NOT NULL")}
    kept = [row for row in rows if str(resolved.get(row["issue"], "9"))[:10] <= str(row["for_date"])]
    assert len(kept) >= 8
    broken = await run_sql(
        "SELECT id FROM issue WHERE turn = 'being fixed' AND promised_for < {}", NOW.date())
    assert len(broken) == 2


async def test_everybody_who_works_with_it_has_something_today(looked_at: None) -> None:
    """What `today` shows, role by role; coordinator, heads and admin begin elsewhere."""
    idle: list[str] = []
    owners = [key for one in cast.DEPARTMENTS for key in one.owners if key != cast.LEAVER]
    for key in [*cast.MANAGERS, *cast.ASSISTANTS, *cast.FLOOR, *owners]:
        actor = await people_queries.actor(await person(key))
        assert actor is not None
        goes = {actor.person, *actor.assists} if actor.has(Role.MANAGER) else set(actor.assists)
        something = [
            *await bookings.next_days(goes, now=NOW),
            *await bookings.hosted_days(actor.person, since=NOW, until=NOW + timedelta(days=60)),
            *(await today.raised(actor.person) if not actor.only_assists else []),
            *await today.sponsored(actor.person),
            *await today.owned(actor.person),
        ]
        if not something:
            idle.append(key)
    assert idle == []


async def test_answers_of_the_past_came_by_mail_and_two_wait_for_a_person(looked_at: None) -> None:
    outcomes = await counted("outcome", "inbound_mail")
    steps = [step for day in days.DAYS for step in day.steps if step.calendar]
    assert outcomes == {"update-partstat": len(steps), "counter-proposal": 1, "needs-human": 1, "note-opened": 1}


async def test_hosts_expect_the_manager_who_is_there_now(looked_at: None) -> None:
    hosted = await bookings.hosted_days(await person("fatima.begum"), since=NOW, until=NOW + timedelta(days=1))
    assert [(day.manager_name, day.state) for day in hosted] == [("Ann Archer", State.ACCEPTED)]
    asked = await today.sponsored(await person("ann.archer"))
    assert any(line.turn is Turn.NEEDS_DECISION for line in asked)


async def test_no_letter_is_left_to_leave_and_each_left_in_its_time(looked_at: None) -> None:
    rows = await run_sql("SELECT name, created_at, leaves_at, sent_at, failed_at, server_words FROM letter")
    assert len(rows) > 100
    assert [row["name"] for row in rows if row["sent_at"] is None or row["failed_at"] or row["server_words"]] == []
    assert await run_sql("SELECT name FROM letter WHERE sent_at > {}", NOW + timedelta(minutes=1)) == []


@pytest.fixture
async def looked_back(seen_file: Path, demo: object) -> AsyncIterator[None]:
    async with bound(f"sqlite:///{seen_file}"):
        yield


async def test_the_last_december_was_sent_and_the_next_month_said_what_had_changed(looked_back: None) -> None:
    december, january = [await summaries.frozen(COMPANY, month) for month in ("2025-12", "2026-01")]
    assert december is not None
    assert january is not None
    figures = december.numbers()
    rates = [(figures[name]["numerator"], figures[name]["denominator"]) for name in ("confirmed_rate", "answered_rate")]
    assert rates == [(118, 252), (128, 173)]
    assert [figures[name]["value"] for name in ("days_held", "issues_raised", "issues_open")] == [3, 18, 89]
    told = {(line.name, line.said, line.now) for line in january.words().restated}
    assert told == {("days_held", 3, 4), ("days_postponed", 1, 0), ("issues_confirmed", 11, 9)}
    sent = [row.month for row in await summaries.ways() if row.sent_at]
    assert sent == [f"2025-{month}" for month in (11, 12)] + [f"2026-{month:02}" for month in range(1, 11)]


async def test_nothing_is_due_when_it_opens(looked_back: None) -> None:
    """No letter of old, nothing that is kept too long, no silence that would climb in one go."""
    assert await run_sql("SELECT id FROM letter WHERE sent_at IS NULL") == []
    assert not any((await retention.waiting(due(config.settings(), NOW))).values())
    silent = await run_sql(
        "SELECT id FROM issue WHERE external_id IS NOT NULL AND turn = 'being fixed' AND last_word_at < {}",
        NOW - timedelta(days=7))
    assert silent == []


async def test_nothing_in_the_texts_is_too_long_or_said_twice() -> None:
    titles = [plot.title for plot in plots.PLOTS]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 120
    said = [note.text for plot in plots.PLOTS for note in plot.said]
    assert len(set(said)) == len(said)
    assert all(len(text) <= 200 and "\n" not in text for text in said)
    keys = set(cast.EVERYBODY)
    assert {note.by for plot in plots.PLOTS for note in plot.said} - keys == {""}
    assert {step.by for plot in plots.PLOTS for step in plot.steps} <= keys
    assert {plot.visit for plot in plots.PLOTS} <= {"", *(day.key for day in days.DAYS)}


async def test_building_twice_changes_nothing(lived: None) -> None:
    before = await run_sql("SELECT COUNT(*) AS n FROM letter")
    assert not await company.build(NOW)
    assert await run_sql("SELECT COUNT(*) AS n FROM letter") == before


async def told() -> list[tuple[object, ...]]:
    """Give what happened, without the ids, and without the numbers: those of anonymous notes are drawn by lot."""
    queries = [
        "SELECT p.email, b.state, b.starts_at, b.changed_at FROM booking b JOIN person p ON p.id = b.manager",
        "SELECT name, to_address, created_at, leaves_at FROM letter",
        "SELECT what, at, door, text FROM booking_event",
        "SELECT title, turn, ending, raised_at, promised_for, last_word_at FROM issue",
        "SELECT what, at, door, text, for_date, says FROM issue_event",
        "SELECT stream, text, naming, at FROM note",
    ]
    rows = [row for query in queries for row in sorted(await run_sql(query), key=str)]
    return [tuple(_to_the_minute(value) for value in row.values()) for row in rows]


def _to_the_minute(value: object) -> object:
    """Leave out what several at once take one after the other."""
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


async def test_the_same_moment_makes_the_same_company(sqlite_template: Path, tmp_path: Path, demo: object) -> None:
    stories: list[list[tuple[object, ...]]] = []
    for name in ("one", "other"):
        copy = tmp_path / f"{name}.sqlite"
        shutil.copyfile(sqlite_template, copy)
        async with bound(f"sqlite:///{copy}"):
            assert await company.build(NOW, sent=False)
            stories.append(await told())
    assert stories[0] == stories[1]


@pytest.mark.parametrize(
    ("now", "first", "before"),
    [
        ("2026-11-25T10:00", "2026-11-25", "2026-11-24"),
        ("2026-11-28T10:00", "2026-11-30", "2026-11-27"),
        ("2026-11-30T00:05", "2026-11-30", "2026-11-27"),
        ("2027-01-01T23:59", "2027-01-01", "2026-12-31"),
    ],
)
def test_working_days_are_counted_around_today(now: str, first: str, before: str) -> None:
    moment = NOW.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/London"))
    workdays = Workdays(moment, "Europe/London")
    assert [workdays.date(day).isoformat() for day in (0, -1)] == [first, before]
    assert workdays.date(-5) == workdays.date(0) - timedelta(days=7)
    assert workdays.moment(0, "09:00", "Europe/Stockholm").hour == 8


@pytest.mark.parametrize(
    "hours", [-34, 8.5, 84, 110.25, 24 * 120], ids=lambda hours: f"{hours}h"
)
async def test_the_company_can_be_built_on_any_day_at_any_hour(sqlite_url: str, demo: object, hours: float) -> None:
    now = NOW + timedelta(hours=hours)
    async with bound(sqlite_url):
        async with transaction():
            assert await company.build(now, sent=False)
        states = await counted("state", "booking")
        (ahead,) = await run_sql(
            "SELECT COUNT(*) AS n FROM booking WHERE state = 'accepted' AND ends_at > {} AND starts_at < {}",
            now, now + timedelta(days=4))
    assert set(states) == {state.value for state in State}
    assert ahead["n"] >= 1
