"""A clock that is set: one for every process, on this machine alone, and nothing asks the system's around it."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import floorday
from floorday import clock, config, db, doctor, worker
from floorday.app import create_app
from floorday.commands import cli
from floorday.config import load
from floorday.db.text import MailAddress, Title
from floorday.demo import environment
from floorday.errors import Misconfigured
from floorday.mail import outbox, smtp
from floorday.people import actions as people
from floorday.people import queries as persons
from tests.api.house import Program

SET = datetime.now(UTC).replace(year=datetime.now(UTC).year + 5, month=3, day=10, hour=9)
"""Far from any present moment, whenever these tests run."""
WRITTEN = f"{SET:%Y-%m-%dT%H:%M:%SZ}"
SOURCE = Path(floorday.__file__).parent


# --- the setting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("written", "zone", "means"), [
    ("2027-01-15", "UTC", "2027-01-15T00:00:00+00:00"),
    ("2027-07-15T09:30", "Europe/Berlin", "2027-07-15T07:30:00+00:00"),
    ("2027-07-15T09:30:00-03:30", "Europe/Berlin", "2027-07-15T13:00:00+00:00"),
    ("2027-01-15T09:00Z", "Asia/Tokyo", "2027-01-15T09:00:00+00:00"),
])  # fmt: skip
def test_it_is_a_date_or_a_moment_in_the_zone_of_the_programme(written: str, zone: str, means: str) -> None:
    assert clock.moment(written, zone).isoformat() == means
    assert load({"FLOORDAY_CLOCK": written}).clock == written


@pytest.mark.parametrize("written", ["2027", "tomorrow", "1970-01-01", "9999-12-31", "2027-13-01"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(Misconfigured, match="For example: 2027-01-15T09:00") as refused:
        load({"FLOORDAY_CLOCK": written})
    assert refused.value.key == "FLOORDAY_CLOCK"


@pytest.mark.parametrize(("key", "value"), [
    ("host", "0.0.0.0"), ("host", "::"), ("base_url", "https://floorday.example.com"), ("base_url", "http://10.0.0.4"),
    ("lmtp_listen", "0.0.0.0:8024"), ("smtp_listen", "192.0.2.1:8025"), ("smtp_host", "mail.example.com"),
    ("imap_host", "mail.example.com"),
])  # fmt: skip
def test_it_is_refused_where_others_would_meet_it(key: str, value: str) -> None:
    told = {f"FLOORDAY_{key.upper()}": value, "FLOORDAY_IMAP_USER": "us", "FLOORDAY_CLOCK": WRITTEN}
    with pytest.raises(Misconfigured, match=f"on this machine alone, and {key} is {re.escape(value)}") as refused:
        load(told)
    assert refused.value.key == "FLOORDAY_CLOCK"
    assert load(told | {"FLOORDAY_CLOCK": ""}), "without it, nothing is wrong"


def test_this_machine_has_several_names() -> None:
    here = {"HOST": "localhost", "BASE_URL": "http://[::1]:8000", "LMTP_LISTEN": "127.0.0.9:24", "SMTP_HOST": "::1"}
    assert load({f"FLOORDAY_{key}": value for key, value in here.items()} | {"FLOORDAY_CLOCK": WRITTEN}).clock


# --- one clock for all -----------------------------------------------------------------------------------------


def elsewhere(file: Path, written: str = WRITTEN) -> int:
    """Ask as another process would, which has not asked yet."""
    clock.ahead.cache_clear()
    return clock.ahead(written, "UTC", file)


def test_who_comes_later_does_not_begin_anew(tmp_path: Path) -> None:
    file = tmp_path / "floorday.clock"
    first = elsewhere(file)
    assert abs(clock.nanoseconds() + first - SET.timestamp() * 1e9) < 60e9
    assert elsewhere(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    other = elsewhere(file, "2027-01-15")
    assert elsewhere(file, "2027-01-15") == other
    assert elsewhere(file) < first, "back at the moment that is set"
    file.write_text("nonsense")
    assert elsewhere(file) < first


def test_a_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be used"):
        elsewhere(tmp_path / "file" / "floorday.clock")


# --- every command ---------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installation whose clock is set, with its commands."""
    (tmp_path / "var").mkdir()
    file = tmp_path / "var/floorday.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOORDAY_DATABASE", f"sqlite:///{file}")
    monkeypatch.setenv("FLOORDAY_CLOCK", WRITTEN)
    monkeypatch.setenv("FLOORDAY_LMTP_LISTEN", "")
    config.settings.cache_clear()
    db.bind(db.make_engine(f"sqlite:///{file}"))
    yield tmp_path
    config.settings.cache_clear()


def types(*words: str, typed: bytes | None = None) -> Result:
    done = CliRunner().invoke(cli, words, input=typed)
    assert done.exit_code == 0, (words, done.output, done.exception)
    return done


HISTORY = [
    {"format": "floorday-history/1", "zone": "Europe/London"},
    {"type": "team", "id": "t", "name": "Billing", "site": "Leeds", "zone": "Europe/London"},
    {"type": "person", "id": "p", "name": "Pat", "email": "pat@ours.test", "zone": "UTC", "roles": ["member"],
     "team": "t"},
    {"type": "person", "id": "m", "name": "May", "email": "may@ours.test", "zone": "UTC", "roles": ["manager"]},
    {"type": "issue", "id": "i", "title": "It is slow", "kind": "glitch", "team": "t", "events": [],
     "notes": [{"at": f"{SET - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}", "reporter": "p", "stream": "staff told",
                "text": "It is slow"}]},
]  # fmt: skip
SHEET = "name,acknowledge_days\nIT,3\n"
MAIL = b"From: pat@ours.test\nMessage-ID: <1@ours.test>\n\nHello\n"
STAYING = {"run", "serve", "worker", "demo"}
"""Commands that go on until told to end; what each of them does then is called here as it calls it."""


def near(written: str) -> bool:
    """Say whether a moment belongs to the clock that is set, and not to the machine's."""
    return abs(datetime.fromisoformat(written) - SET) < timedelta(days=800)


def test_every_command_that_ends_obeys_it(here: Path) -> None:
    done = set[str]()

    def doing(*words: str, typed: bytes | None = None) -> Result:
        done.add(words[0])
        return types(*words, typed=typed)

    doing("migrate")
    doing("login", "ann@ours.test")
    (here / "past.jsonl").write_text("\n".join(map(json.dumps, HISTORY)))
    assert "issues 1" in doing("import", "past.jsonl").output, "what is future for the machine is past here"
    assert len(doing("export").stdout.splitlines()) >= len(HISTORY)
    (here / "departments.csv").write_text(SHEET)
    doing("setup", "ann@ours.test", "--departments", "departments.csv", "--write")
    doing("receive", "--to", "floor@reply.test", typed=MAIL)
    made = doing("token", "create", "ann@ours.test", "--name", "Wall", "--days", "9")
    assert f"until {SET + timedelta(days=9):%Y-%m-%d}" in made.stderr
    assert "Wall" in types("token", "list", "ann@ours.test").output, "it has not ended by this clock"
    assert f"It is set: {SET:%Y-%m-%d}" in doing("doctor").output
    assert done | STAYING == set(cli.commands)
    assert moments(here) > 9


def moments(folder: Path) -> int:
    """Look at every moment that the database holds; returns how many there are."""
    seen = 0
    with closing(sqlite3.connect(folder / "var/floorday.sqlite")) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in set(tables) - {"migration"}:
            columns = [name for _, name, kind, *_ in base.execute(f"PRAGMA table_info({table})")
                       if kind.lower().startswith("timestamp")]
            for column in columns:
                for (value,) in base.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                    assert near(value), f"{table}.{column}: {value}"
                    seen += 1
    return seen


async def test_every_server_obeys_it(here: Path) -> None:
    """The application and the worker, as `run`, `serve` and `worker` start them."""
    await db.migrate()
    await db.open_pools()
    try:
        await people.first_person(Title("Ann"), MailAddress("ann@ours.test"), zone="UTC", now=config.now())
        path = await people.ask_code(MailAddress("ann@ours.test"), network="", now=config.now())
        assert path is None, "the letter has the link"
        ann = await persons.by_address("ann@ours.test")
        assert ann is not None
        actor = await persons.actor(ann.id)
        assert actor is not None
        token = await people.create_token(
            actor, people.TokenForm(Title("Wall"), ["read", "write"], 9), now=config.now())
        asks = Program(create_app(), token.secret)
        month = f"{SET:%Y-%m}"
        assert (await asks.get(f"/summaries/company/{month}")).json()["complete"] is False
        assert (await asks.get(f"/summaries/company/{SET.year + 1}-01")).status_code == 404
        await worker.run_clocks()
        sent = await outbox.deliver(
            sender=smtp.carrier(config.settings()), calendar_part=worker.calendar_part,
            now=config.now() + timedelta(minutes=1), limit=9)
        assert sent
    finally:
        await db.close_pools()
    (letter,) = (here / "var/letters").glob("**/*.eml")
    assert f" {SET.year} " in next(line for line in letter.read_text().splitlines() if line.startswith("Date: "))
    assert moments(here) > 4


def test_a_server_that_would_listen_elsewhere_is_refused(here: Path) -> None:
    for command in ("run", "serve"):
        done = CliRunner().invoke(cli, [command, "--host", "0.0.0.0"])
        assert done.exit_code == 2
        assert "on this machine alone, and host is 0.0.0.0" in done.stderr


def test_the_demo_keeps_the_clock_and_nothing_else(tmp_path: Path) -> None:
    for env in ({"FLOORDAY_CLOCK": WRITTEN}, {"FLOORDAY_CONFIG": str(tmp_path / "ours.toml")}):
        (tmp_path / "ours.toml").write_text(f'clock = "{WRITTEN}"\nzone = "Asia/Tokyo"\nnot_known = 1\n')
        environment.enter(env)
        assert env["FLOORDAY_CLOCK"] == WRITTEN
        assert load(env).zone == "Europe/London"
    env = {"FLOORDAY_CONFIG": str(tmp_path / "none.toml")}
    environment.enter(env)
    assert "FLOORDAY_CLOCK" not in env


async def test_the_doctor_says_so(here: Path) -> None:
    found = doctor.clock(config.settings(), config.now())
    assert found.level is doctor.Level.WARNING
    assert f"It is set: {SET:%Y-%m-%d}" in found.says
    assert f"{datetime.now(UTC):%Y}" in found.says


# --- nothing around it -----------------------------------------------------------------------------------------

ASKS = {
    "now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "ctime", "strftime_now", "formatdate",
    "make_msgid", "clock_gettime",
}  # fmt: skip
OWNERS = {"datetime", "date", "time", "dt", "utils", "email", "calendar"}
"""Whose names they are; `now()` of our own clock is asked from `config`."""
MAY = {
    "clock.py": "the one place that asks the machine",
    "doctor.py": "compares the database's clock with ours",
}
IN_SQL = re.compile(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp|localtimestamp|'now')", re.IGNORECASE)


def asked(tree: ast.AST) -> list[str]:
    """Find where a module asks what time it is: by the names of modules, by names taken from them, in SQL."""
    found = list[str]()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner in OWNERS and name in ASKS:
                found.append(f"{owner}.{name}")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=owner), attr=name)) if (
                owner in {"datetime", "date", "utils"} and name in ASKS
            ):
                found.append(f"{owner}.{name}")
            case ast.ImportFrom(module="time" | "email.utils", names=names):
                found += [one.name for one in names if one.name in ASKS]
            case ast.Constant(value=str(text)) if IN_SQL.search(text) and re.match(r"\s*[A-Z]{4,}|.*\(", text):
                found.append(text)
            case _:
                pass
    return found


@pytest.mark.parametrize("text", [
    "datetime.now(UTC)", "dt.datetime.now()", "date.today()", "time.time()", "from time import time_ns",
    "run('SELECT now()')", "run('UPDATE x SET at = CURRENT_TIMESTAMP')", "email.utils.formatdate()",
])  # fmt: skip
def test_whoever_asks_is_seen(text: str) -> None:
    assert asked(ast.parse(text))


@pytest.mark.parametrize("text", ["config.now()", "now()", "time.monotonic()", "'It is now (nearly) done'", "time(9)"])
def test_whoever_asks_ours_or_measures_is_not(text: str) -> None:
    assert not asked(ast.parse(text))


def test_no_code_asks_the_machine_around_the_one_clock() -> None:
    around = {str(file.relative_to(SOURCE)): found for file in sorted(SOURCE.rglob("*.py"))
              if (found := asked(ast.parse(file.read_text(encoding="utf-8"))))}
    assert around.keys() == MAY.keys(), around
