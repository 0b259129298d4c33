from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.column_types import Text
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T10:08:16:000000"
VERSION = "1.38.0"
DESCRIPTION = "A letter that had left before an older copy of the database was put back says so"


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
    for described in (
        column("Letter", "letter", "tells", Text, default=""),
        column("Letter", "letter", "left_before", Timestamptz, default=None, null=True),
        column("Letter", "letter", "again_at", Timestamptz, default=None, null=True),
        column("ClockDeed", "clock_deed", "left_before", Boolean, default=False),
    ):
        manager.add_column(**described)
    return manager
