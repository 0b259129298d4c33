"""Of many that are changed at once, Undo's time begins when the last is done."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T10:01:37:000000"
VERSION = "1.38.0"
DESCRIPTION = "Undo of many begins at their end"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    manager.add_column(
        table_class_name="IssueEvent",
        tablename="issue_event",
        column_name="undo_from",
        db_column_name="undo_from",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None, "null": True, "primary_key": False, "unique": False, "index": False,
            "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False,
        },
        schema=None,
    )
    return manager
