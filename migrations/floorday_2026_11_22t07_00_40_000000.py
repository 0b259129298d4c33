"""The question that those who raised an issue are asked, and since when nobody has answered it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID, Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T07:00:40:000000"
VERSION = "1.38.0"
DESCRIPTION = "What those who raised an issue are asked"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="floorday", description=DESCRIPTION
    )

    for name, kind, of in (("asks", "UUID", UUID), ("asks_since", "Timestamptz", Timestamptz)):
        manager.add_column(
            table_class_name="Issue",
            tablename="issue",
            column_name=name,
            db_column_name=name,
            column_class_name=kind,
            column_class=of,
            params={
                "default": None,
                "null": True,
                "primary_key": False,
                "unique": False,
                "index": False,
                "index_method": IndexMethod.btree,
                "choices": None,
                "db_column_name": None,
                "secret": False,
            },
            schema=None,
        )

    return manager
