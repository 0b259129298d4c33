from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from floorday.db.ids import uuid7
from piccolo.columns.column_types import Boolean
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.column_types import UUID
from piccolo.columns.column_types import Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T07:36:10:000000"
VERSION = "1.38.0"
DESCRIPTION = "News is gathered into one letter a day, as each reader wishes"


def column(table, tablename, name, kind, **more):
    """Describe a column as the migration manager wants it."""
    return {
        "table_class_name": table, "tablename": tablename, "column_name": name, "db_column_name": name,
        "column_class_name": kind.__name__, "column_class": kind, "schema": None,
        "params": {"null": False, "primary_key": False, "unique": False, "index": False,
                   "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False,
                   **more},
    }


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    manager.add_table(class_name="LetterWish", tablename="letter_wish", schema=None, columns=None)
    wish = ("LetterWish", "letter_wish")
    for described in (
        column(*wish, "id", UUID, default=uuid7, primary_key=True),
        column(*wish, "person", UUID, default=UUID4()),
        column(*wish, "kind", Varchar, length=12, default=""),
        column(*wish, "pace", Varchar, length=12, default=""),
        column(*wish, "at", Timestamptz, default=TimestamptzNow()),
        column("Letter", "letter", "daily", Boolean, default=False),
        column("Letter", "letter", "bundle", UUID, default=None, null=True),
    ):
        manager.add_column(**described)
    return manager
