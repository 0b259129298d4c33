"""The one Piccolo app: every table, and where the migrations are."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

import floorday

SLICES = ("people", "mail", "bookings", "issues", "stories", "setup", "leavers")


def migrations_folder() -> Path:
    """Find the migrations: inside an installed package, else at the top of the working copy."""
    package = Path(floorday.__file__).parent
    packed = package / "_migrations"
    return packed if packed.is_dir() else package.parents[1] / "migrations"


def tables() -> list[str]:
    """Name every slice's module of tables."""
    return [name for slice_ in SLICES if find_spec(name := f"floorday.{slice_}.tables")]


APP_CONFIG = AppConfig(
    app_name="floorday",
    migrations_folder_path=migrations_folder(),
    table_classes=table_finder(tables(), exclude_imported=True),
)
