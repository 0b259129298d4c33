from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from floorday.db.ids import uuid7
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.column_types import Boolean, ForeignKey, Integer, Text, Timestamptz, UUID, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "2026-11-22T10:45:10:000000"
VERSION = "1.38.0"
DESCRIPTION = "The stories of a month, put together and sent once"


class Newsletter(Table, tablename="newsletter", schema=None):
    id = UUID(default=uuid7, primary_key=True)


class Person(Table, tablename="person", schema=None):
    id = UUID(default=uuid7, primary_key=True)


class Story(Table, tablename="story", schema=None):
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
    letter, told = ("Newsletter", "newsletter"), ("NewsletterStory", "newsletter_story")
    nobody = {"default": None, "null": True}
    manager.add_table(class_name=letter[0], tablename=letter[1], schema=None, columns=None)
    manager.add_table(class_name=told[0], tablename=told[1], schema=None, columns=None)
    for described in (
        column(*letter, "id", UUID, default=uuid7, primary_key=True),
        column(*letter, "month", Varchar, length=7, default=""),
        column(*letter, "opening", Text, default=""),
        column(*letter, "kept_by", ForeignKey, **points_at(Person, index=True, **nobody)),
        column(*letter, "kept_at", Timestamptz, default=TimestamptzNow()),
        column(*letter, "sent_by", ForeignKey, **points_at(Person, index=True, **nobody)),
        column(*letter, "sent_at", Timestamptz, **nobody),
        column(*told, "id", UUID, default=uuid7, primary_key=True),
        column(*told, "newsletter", ForeignKey, **points_at(Newsletter, index=True)),
        column(*told, "story", ForeignKey, **points_at(Story)),
        column(*told, "place", Integer, default=0),
        column(*told, "credit", Boolean, default=False),
    ):
        manager.add_column(**described)
    return manager
