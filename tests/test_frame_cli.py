"""What is typed: a sentence for what is wrong, no traceback, and an exit code that scripts can use."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

NOBODY_THERE = "postgresql://nobody@127.0.0.1:9/none"


def floorday(*words: str, cwd: Path, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a folder of its own and with these settings alone."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("FLOORDAY_")}
    env |= {f"FLOORDAY_{key.upper()}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "floorday", *words]
    return subprocess.run(
        command, cwd=cwd, env=env, input=typed, check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"prot": "8000"}, "FLOORDAY_PROT: There is no such setting. For example: FLOORDAY_PORT\n"),
        ({"zone": "Europe/Atlantis"}, "'Europe/Atlantis' is not the name of a time zone"),
        ({"database": "mysql://there"}, "neither an SQLite file nor a PostgreSQL database"),
        ({"database": NOBODY_THERE, "secret_key": "k" * 40}, "Connect call failed"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, settings: dict[str, str], sentence: str):
    done = floorday("migrate", cwd=tmp_path, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_migrate_may_be_said_twice(tmp_path: Path):
    first, second = floorday("migrate", cwd=tmp_path), floorday("migrate", cwd=tmp_path)
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout == "The database is up to date.\n"


def test_the_doctor_leaves_with_one_when_something_is_wrong(tmp_path: Path):
    done = floorday("doctor", cwd=tmp_path, lmtp_listen="192.0.2.1:8024")
    assert done.returncode == 1
    assert "wrong    replies       Nobody can listen on 192.0.2.1:8024" in done.stdout


def test_the_doctor_is_content_with_a_fresh_database(tmp_path: Path):
    floorday("migrate", cwd=tmp_path)
    done = floorday("doctor", cwd=tmp_path, lmtp_listen="")
    assert done.returncode == 0, done.stdout
    assert "ok       schema        All " in done.stdout


def test_the_doctor_tells_a_setting_that_cannot_be_read(tmp_path: Path):
    done = floorday("doctor", cwd=tmp_path, port="eighty")
    assert (done.returncode, done.stderr) == (1, "")
    assert "wrong    settings FLOORDAY_PORT: 'eighty' is not a number." in done.stdout


def test_a_command_nobody_knows_is_refused(tmp_path: Path):
    assert floorday("dance", cwd=tmp_path).returncode == 2


def test_every_command_says_what_it_does(tmp_path: Path):
    from floorday.commands import cli

    for name, command in cli.commands.items():
        assert command.help, name
        assert floorday(name, "--help", cwd=tmp_path).returncode == 0


def test_the_first_who_logs_in_runs_everything_and_the_next_is_nobody(tmp_path: Path):
    first, again = (floorday("login", "Ann@Ours.test", cwd=tmp_path) for _ in range(2))
    for done in (first, again):
        said, address = done.stdout.splitlines()
        assert said == "Open this link and press the button, within 15 minutes:"
        assert address.startswith("http://127.0.0.1:8000/sign-in/link/")
    assert first.stdout != again.stdout
    stranger = floorday("login", "ben@ours.test", cwd=tmp_path)
    assert (stranger.returncode, stranger.stdout) == (2, "")
    assert stranger.stderr.startswith("Nobody here has this address.")
    with closing(sqlite3.connect(tmp_path / "var/floorday.sqlite")) as connection:
        assert connection.execute("SELECT name, email FROM person").fetchall() == [("Ann", "ann@ours.test")]
        assert connection.execute("SELECT count(*) FROM letter").fetchone() == (0,)


def test_a_piped_mail_is_kept_as_it_came(tmp_path: Path):
    mail = "From: ann@ours.test\nMessage-ID: <1@ours.test>\n\nHello\n"
    done = floorday("receive", "--from", "ann@ours.test", "--to", "floor@reply.test", cwd=tmp_path, typed=mail)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with closing(sqlite3.connect(tmp_path / "var/floorday.sqlite")) as connection:
        (row,) = connection.execute("SELECT content, envelope_to, door, read_at FROM inbound_mail").fetchall()
    assert row == (mail.encode(), "floor@reply.test", "pipe", None)


def test_a_piped_mail_that_cannot_be_kept_is_for_later(tmp_path: Path):
    done = floorday("receive", "--to", "floor@reply.test", cwd=tmp_path, database=NOBODY_THERE, secret_key="k" * 40)
    assert (done.returncode, done.stdout) == (os.EX_TEMPFAIL, "")
    assert done.stderr.startswith("The mail could not be kept: ")
