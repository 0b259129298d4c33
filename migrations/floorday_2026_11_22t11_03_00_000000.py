from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Text
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-22T11:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Letters for what filters ask of an issue"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)
    manager.add_column(
        table_class_name="IssueWords", tablename="issue_words", column_name="tags", db_column_name="tags",
        column_class_name="Text", column_class=Text, schema=None,
        params={
            "default": None, "null": True, "primary_key": False, "unique": False, "index": False,
            "index_method": IndexMethod.btree, "choices": None, "db_column_name": None, "secret": False,
        },
    )
    return manager
