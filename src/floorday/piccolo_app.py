"""The one Piccolo app: every table, and where the migrations are."""

from __future__ import annotations

from importlib.util import find_spec

from piccolo.conf.apps import AppConfig, table_finder

from floorday.db.migrating import migrations_folder

SLICES = ("people", "mail", "bookings", "issues", "public", "stories", "setup", "leavers", "summaries")


def tables() -> list[str]:
    """Name every slice's module of tables."""
    return [name for slice_ in SLICES if find_spec(name := f"floorday.{slice_}.tables")]


APP_CONFIG = AppConfig(
    app_name="floorday",
    migrations_folder_path=migrations_folder(),
    table_classes=table_finder(tables(), exclude_imported=True),
)
