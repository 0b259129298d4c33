from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from floorday.db.ids import uuid7
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.column_types import ForeignKey, Integer, Text, Timestamptz, UUID, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "2026-11-22T10:07:34:000000"
VERSION = "1.38.0"
DESCRIPTION = "Teams' public pages, and what each agreed to list there"


class Issue(Table, tablename="issue", schema=None):
    id = UUID(default=uuid7, primary_key=True)


class Person(Table, tablename="person", schema=None):
    id = UUID(default=uuid7, primary_key=True)


class Team(Table, tablename="team", schema=None):
    id = UUID(default=uuid7, primary_key=True)


class PublicPage(Table, tablename="public_page", schema=None):
    id = UUID(default=uuid7, primary_key=True)


def column(table, tablename, name, kind, **more):
    """Describe a column as the migration manager wants it."""
    return {
        "table_class_name": table, "tablename": tablename, "column_name": name, "db_column_name": name,
        "column_class_name": kind.__name__, "column_class": kind, "schema": None,
        "params": {"null": False, "primary_key": False, "unique": False, "index": False,
                   "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False,
                   **more},
    }


def points_at(table, **more):
    """Describe what a column that points at another table is given."""
    return {"references": table, "on_delete": OnDelete.restrict, "on_update": OnUpdate.cascade, "target_column": None,
            **more}


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    page, line = ("PublicPage", "public_page"), ("PublicLine", "public_line")
    nobody = {"default": None, "null": True}
    manager.add_table(class_name=page[0], tablename=page[1], schema=None, columns=None)
    manager.add_table(class_name=line[0], tablename=line[1], schema=None, columns=None)
    for described in (
        column(*page, "id", UUID, default=uuid7, primary_key=True),
        column(*page, "team", ForeignKey, **points_at(Team)),
        column(*page, "generation", Integer, default=0),
        column(*page, "on_at", Timestamptz, **nobody),
        column(*page, "on_by", ForeignKey, **points_at(Person, index=True, **nobody)),
        column(*page, "written_at", Timestamptz, default=TimestamptzNow()),
        column(*page, "said", Text, default=""),
        column(*line, "id", UUID, default=uuid7, primary_key=True),
        column(*line, "page", ForeignKey, **points_at(PublicPage, index=True)),
        column(*line, "issue", ForeignKey, **points_at(Issue)),
        column(*line, "title", Varchar, length=120, default=""),
        column(*line, "agreed_by", ForeignKey, **points_at(Person, index=True, **nobody)),
        column(*line, "agreed_at", Timestamptz, default=TimestamptzNow()),
    ):
        manager.add_column(**described)
    return manager
