"""`floorday token`: made, listed and revoked on the server, with its scopes and its day."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from floorday import config, db
from floorday.app import create_app
from floorday.db import run_sql
from floorday.people.tables import ApiToken
from tests.api.house import Program
from tests.cast import make_cast


class Desk:
    """Somebody who types commands on the server, beside the application that is asked with the tokens."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FLOORDAY_")}
        self.env = kept | {"FLOORDAY_DATABASE": url, "FLOORDAY_SECRET_KEY": "k" * 40}

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "floorday", "token", *words], cwd=self.folder, env=self.env,
                              check=False, capture_output=True, text=True, timeout=60)  # fmt: skip

    async def statuses(self, token: str) -> tuple[int, int]:
        """Say how reading bookings and adding a team are answered."""
        asks = Program(create_app(), token)
        read = await asks.get("/bookings")
        return read.status_code, (await asks.post("/teams", name="Fraud")).status_code


@pytest.fixture
async def desk(database_url: str, tmp_path: Path):
    db.bind(db.make_engine(database_url))
    await db.open_pools()
    await make_cast(config.now())
    yield Desk(database_url, tmp_path)
    await db.close_pools()


async def test_a_token_is_made_used_listed_and_revoked(desk: Desk) -> None:
    made = desk.types("create", "eva@floorday.example", "--name", "Wall", "--scope", "read:bookings", "--days", "30")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert re.fullmatch(r"fd_[\w-]{40,}", token), "nothing but the token, so that a script can take it"
    until = f"{config.now() + timedelta(days=30):%Y-%m-%d}"
    assert f"It opens the API until {until} and is not shown again" in made.stderr
    assert token not in str(await run_sql("SELECT * FROM api_token"))
    listed = desk.types("list", "eva@floorday.example")
    assert re.fullmatch(rf"[0-9a-f-]{{36}}  Wall  \[read:bookings\]  until {until}, last used never\n", listed.stdout)
    assert await desk.statuses(token) == (200, 403), "no further than its scope"
    listed = desk.types("list", "eva@floorday.example").stdout
    assert re.search(r"last used \d{4}-\d\d-\d\d \d\dh", listed)
    assert token not in listed
    token_id = listed.split()[0]
    others = desk.types("revoke", "ben@floorday.example", token_id)
    assert (others.returncode, others.stdout) == (2, "")
    assert others.stderr.count("\n") == 1, "a sentence, no traceback"
    assert await desk.statuses(token) == (200, 403)
    gone = desk.types("revoke", "eva@floorday.example", token_id)
    assert (gone.returncode, gone.stdout) == (0, "Revoked.\n")
    assert await desk.statuses(token) == (401, 401)
    assert desk.types("list", "eva@floorday.example").stdout == ""
    assert desk.types("revoke", "eva@floorday.example", token_id).returncode == 2


async def test_it_reads_unless_told_otherwise_and_ends_on_its_day(desk: Desk) -> None:
    plain = desk.types("create", "eva@floorday.example", "--name", "Plain").stdout.strip()
    both = desk.types("create", "eva@floorday.example", "--name", "Both", "--scope", "read", "--scope", "write",
                      "--days", "1").stdout.strip()  # fmt: skip
    assert await desk.statuses(plain) == (200, 403)
    assert await desk.statuses(both) == (200, 201)
    over = config.now() - timedelta(seconds=1)
    await ApiToken.update({ApiToken.expires_at: over}).where(ApiToken.name == "Both")
    assert await desk.statuses(both) == (401, 401)
    assert "Both" not in desk.types("list", "eva@floorday.example").stdout


@pytest.mark.parametrize("words", [
    ("create", "nobody@floorday.example", "--name", "X"), ("create", "eva@floorday.example"),
    ("create", "eva@floorday.example", "--name", "X", "--scope", "delete"),
    ("create", "eva@floorday.example", "--name", "X", "--days", "367"),
    ("create", "eva@floorday.example", "--name", "a\nb"), ("create", "eva@floorday.example", "--name", ""),
    ("list", "nobody@floorday.example"), ("revoke", "eva@floorday.example", "7"),
])  # fmt: skip
async def test_what_is_typed_wrong_makes_no_token(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.types(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert await ApiToken.count() == 0
