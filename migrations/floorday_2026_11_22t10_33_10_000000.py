from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T10:33:10:000000"
VERSION = "1.38.0"
DESCRIPTION = "Praise that came by mail is a draft of a story"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    manager.add_column(
        table_class_name="Story", tablename="story", column_name="drafted_at", db_column_name="drafted_at",
        column_class_name="Timestamptz", column_class=Timestamptz, schema=None,
        params={"default": None, "null": True, "primary_key": False, "unique": False, "index": False,
                "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False},
    )
    return manager
