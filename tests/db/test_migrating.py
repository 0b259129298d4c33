"""The schema comes up to date once, whoever starts first, and each step whole or not at all."""

from __future__ import annotations

import ast
import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from floorday import config, db, piccolo_app
from floorday.piccolo_app import APP_CONFIG, migrations_folder

MIGRATE = """
import asyncio, sys
from floorday import db
db.bind(db.make_engine(sys.argv[1]))
asyncio.run(db.migrate())
"""
STEP = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from floorday.db import run_sql
ID = "{id}"
VERSION = "1.38.0"
DESCRIPTION = ""
async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    async def run():
        await run_sql("CREATE TABLE {table} (id integer)")
        await run_sql("{then}")
    manager.add_raw(run)
    return manager
"""


@pytest.fixture(params=["sqlite", "postgres"])
async def empty_url(request, tmp_path):
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite"
        return
    cluster = request.getfixturevalue("postgres_cluster")
    name = f"e_{uuid4().hex}"
    admin = await asyncpg.connect(cluster)
    await admin.execute(f"CREATE DATABASE {name}")
    yield cluster.replace("/postgres?", f"/{name}?")
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """A folder for migrations of the test's own; give each a name that is new to this process."""
    folder = tmp_path / "steps"
    folder.mkdir()
    monkeypatch.setattr(APP_CONFIG, "migrations_folder_path", folder)
    run = uuid4().hex

    def write(number: int, table: str, then: str) -> str:
        step = f"step_{run}_{number}"
        (folder / f"{step}.py").write_text(STEP.format(id=step, table=table, then=then))
        return step

    return write


def test_processes_that_start_together_all_succeed(empty_url):
    others = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", MIGRATE, empty_url], env=os.environ,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for other in others:
        out, err = other.communicate(timeout=60)
        assert (other.returncode, out, err) == (0, "", "")

    async def ran() -> list[str]:
        db.bind(db.make_engine(empty_url))
        return [row["name"] for row in await db.run_sql("SELECT name FROM migration ORDER BY name")]

    there = sorted(path for path in migrations_folder().glob("floorday_*.py"))
    names = asyncio.run(ran())
    assert len(names) == len(set(names)) == len(there)


async def test_migrating_again_changes_nothing_and_says_nothing(database, capsys):
    before = await db.run_sql("SELECT * FROM migration ORDER BY id")
    path = list(sys.path)
    await db.migrate()
    assert await db.run_sql("SELECT * FROM migration ORDER BY id") == before
    assert capsys.readouterr() == ("", "")
    assert sys.path == path


async def test_never_inside_a_transaction(database):
    async with db.transaction():
        with pytest.raises(RuntimeError, match="inside a transaction"):
            await db.migrate()


async def test_a_failed_step_leaves_nothing_of_itself(empty_url, steps):
    db.bind(db.make_engine(empty_url))
    first = steps(1, "one", "INSERT INTO one VALUES (1)")
    steps(2, "two", "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(Exception, match="nowhere"):
        await db.migrate()
    assert [row["name"] for row in await db.run_sql("SELECT name FROM migration")] == [first]
    assert await db.run_sql("SELECT * FROM one") == [{"id": 1}]
    with suppress(Exception):
        await db.run_sql("SELECT * FROM two")
        pytest.fail("half of the failed step was kept")


async def test_a_step_whose_note_cannot_be_kept_is_undone(empty_url, steps):
    db.bind(db.make_engine(empty_url))
    steps(1, "one", "DROP TABLE migration")
    with pytest.raises(Exception, match="migration"):
        await db.migrate()
    assert await db.run_sql("SELECT name FROM migration") == []
    with suppress(Exception):
        await db.run_sql("SELECT * FROM one")
        pytest.fail("the step was kept without its note")


async def test_every_table_is_made_by_the_migrations(database):
    assert APP_CONFIG.table_classes
    for table in APP_CONFIG.table_classes:
        assert isinstance(await table.select().limit(1), list)
        assert table._meta.db is database


async def test_the_migrations_and_the_tables_say_the_same():
    wanted = await AutoMigrationManager(auto_input="n").get_alter_statements(APP_CONFIG)
    assert [line for part in wanted for line in part.statements] == []


def test_what_the_tables_forbid_is_forbidden_by_a_migration_in_the_same_words():
    guards = {
        sentence
        for table in APP_CONFIG.table_classes for name, sentences in vars(sys.modules[table.__module__]).items()
        if name.startswith("GUARDS") for sentence in sentences
    }  # fmt: skip
    written = {
        node.value
        for file in Path(migrations_folder()).glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }  # fmt: skip
    assert len(guards) > 20
    assert guards - written == set()


def test_the_one_app_is_registered():
    assert config.APP_REGISTRY.get_app_config("floorday") is APP_CONFIG
    assert Path(piccolo_app.APP_CONFIG.migrations_folder_path).is_dir()
    assert {f"floorday.{name}.tables" for name in piccolo_app.SLICES} >= {
        table.__module__ for table in APP_CONFIG.table_classes
    }


async def test_piccolo_finds_the_bound_engine(database):
    assert config.DB is database
    assert db.current() is database
