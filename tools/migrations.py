"""Fail when a table changed and no migration says so.

Build a database from the migrations alone, then compare: what the migrations remember of the tables with the tables as
they are written now, and the database's columns with both.

python tools/migrations.py
"""

from __future__ import annotations

import asyncio
import io
import os
import sqlite3
import sys
import tempfile
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piccolo.conf.apps import AppConfig


async def forgotten(app: AppConfig) -> list[str]:
    """List what `piccolo migrations new --auto` would have to write."""
    from piccolo.apps.migrations.commands.new import AutoMigrationManager

    with redirect_stdout(io.StringIO()):
        changes = await AutoMigrationManager(auto_input="y").get_alter_statements(app_config=app)
    return [" ".join(statement.split()) for change in changes for statement in change.statements]


def missing(app: AppConfig, database: Path) -> list[str]:
    """List the columns that a table has here and not in the database, and the other way round."""
    lines: list[str] = []
    with closing(sqlite3.connect(database)) as connection:
        for table in app.table_classes:
            name = table._meta.tablename
            built = {row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')}
            written = {column._meta.db_column_name for column in table._meta.columns}
            lines += [f"{name}.{column} is in no migration." for column in sorted(written - built)]
            lines += [f"{name}.{column} is in the database and in no table." for column in sorted(built - written)]
    return lines


async def main(folder: Path) -> list[str]:
    """Build the database, then compare."""
    database = folder / "floorday.sqlite"
    os.environ["PICCOLO_CONF"] = "floorday.config"
    os.environ["FLOORDAY_DATABASE"] = f"sqlite:///{database}"

    from floorday import db
    from floorday.piccolo_app import APP_CONFIG

    await db.migrate()
    if not APP_CONFIG.table_classes:
        return ["There is no table at all."]
    return await forgotten(APP_CONFIG) + missing(APP_CONFIG, database)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as here:
        lines = asyncio.run(main(Path(here)))
    if lines:
        sys.exit("\n".join(["Tables changed without a migration:", *lines]))
    print("Every table is what its migrations made it.")
