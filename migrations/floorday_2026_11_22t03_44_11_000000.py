"""What else a list shows of an issue has changed: a number that rises."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Integer

ID = "2026-11-22T03:44:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "The stamp of an issue"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    manager.add_column(
        table_class_name="Issue", tablename="issue", column_name="stamp", db_column_name="stamp",
        column_class_name="Integer", column_class=Integer,
        params={"default": 0, "null": False, "primary_key": False, "unique": False, "index": False,
                "choices": None, "db_column_name": None, "secret": False},
        schema=None,
    )
    return manager
