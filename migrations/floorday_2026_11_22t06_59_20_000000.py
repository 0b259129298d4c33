from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from floorday.db.ids import uuid7
from piccolo.columns.base import OnDelete
from piccolo.columns.base import OnUpdate
from piccolo.columns.column_types import ForeignKey
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.column_types import UUID
from piccolo.columns.column_types import Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table


class Issue(Table, tablename="issue", schema=None):
    id = UUID(
        default=uuid7,
        null=False,
        primary_key=True,
        unique=False,
        index=False,
        index_method=IndexMethod.btree,
        choices=None,
        db_column_name=None,
        secret=False,
    )


class Person(Table, tablename="person", schema=None):
    id = UUID(
        default=uuid7,
        null=False,
        primary_key=True,
        unique=False,
        index=False,
        index_method=IndexMethod.btree,
        choices=None,
        db_column_name=None,
        secret=False,
    )


ID = "2026-11-22T06:59:20:000000"
VERSION = "1.38.0"
DESCRIPTION = "What clocks have told whom"


def column(name, kind, *, table="ClockDeed", tablename="clock_deed", index=False, primary_key=False, **more):
    """Describe a column as the migration manager wants it."""
    return {
        "table_class_name": table, "tablename": tablename, "column_name": name, "db_column_name": name,
        "column_class_name": kind.__name__, "column_class": kind, "schema": None,
        "params": {"null": False, "primary_key": primary_key, "unique": False, "index": index,
                   "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False,
                   **more},
    }


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    manager.add_table(class_name="ClockDeed", tablename="clock_deed", schema=None, columns=None)
    key = {"on_delete": OnDelete.restrict, "on_update": OnUpdate.cascade, "target_column": None}
    for described in (
        column("id", UUID, default=uuid7, primary_key=True),
        column("key", Varchar, length=200, default=""),
        column("issue", ForeignKey, index=True, references=Issue, default=None, **key),
        column("person", ForeignKey, index=True, references=Person, default=None, **key),
        column("deed", Varchar, length=16, default=""),
        column("rung", Varchar, length=12, default=""),
        column("at", Timestamptz, default=TimestamptzNow()),
        column("watched_from", Timestamptz, table="Issue", tablename="issue", default=None, null=True),
    ):
        manager.add_column(**described)
    return manager
