from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from enum import Enum
from floorday.db.ids import uuid7
from piccolo.columns.base import OnDelete
from piccolo.columns.base import OnUpdate
from piccolo.columns.column_types import ForeignKey
from piccolo.columns.column_types import Text
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.column_types import UUID
from piccolo.columns.column_types import Varchar
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


ID = "2026-11-22T07:20:10:000000"
VERSION = "1.38.0"
DESCRIPTION = "Where a story may be told, how its hero was thanked, which issue was fixed in it"


def column(name, kind, **more):
    """Describe a column of a story as the migration manager wants it."""
    return {
        "table_class_name": "Story", "tablename": "story", "column_name": name, "db_column_name": name,
        "column_class_name": kind.__name__, "column_class": kind, "schema": None,
        "params": {"null": False, "primary_key": False, "unique": False, "index": False,
                   "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False,
                   **more},
    }


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    key = {"on_delete": OnDelete.restrict, "on_update": OnUpdate.cascade, "target_column": None,
           "default": None, "null": True}
    for described in (
        column("customer", Varchar, length=40, default=""),
        column("consent", Varchar, length=8, default="",
               choices=Enum("Consent", {"UNSAID": "", "TEAM": "team", "COMPANY": "company"})),
        column("consent_at", Timestamptz, default=None, null=True),
        column("issue", ForeignKey, references=Issue, **key),
        column("thanks", Text, default=""),
        column("thanked_by", ForeignKey, references=Person, **key),
        column("withdrawn_at", Timestamptz, default=None, null=True),
    ):
        manager.add_column(**described)
    return manager
