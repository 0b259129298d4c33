"""Columns that carry their own check, on both databases.

Piccolo adds a table's `Check(...)` by ALTER TABLE, which SQLite cannot do; a check inside the
column's own words works in CREATE TABLE and ADD COLUMN on both. Migrations import these
classes by name: do not move them.
"""

from __future__ import annotations

from typing import Any

from piccolo.columns import Integer


class CheckedInteger(Integer):
    """A whole number with a rule: `CheckedInteger(0, check="taken >= 0")`.

    The constraint is called `<table>_<column>_check`, which `violated` gives back.
    """

    def __init__(self, default: Any = 0, check: str | None = None, **kwargs: Any) -> None:
        self.check = check
        # Among the parameters, so that a migration can make the column again.
        super().__init__(default=default, check=check, **kwargs)  # pyright: ignore[reportCallIssue]  # any parameter is kept

    @property
    def column_type(self) -> str:
        """Be a plain integer to the database."""
        return "INTEGER"

    @property
    def ddl(self) -> str:
        """Say the rule where the column is said."""
        if not self.check:
            return super().ddl
        table = self._meta.table._meta.tablename  # pyright: ignore[reportPrivateUsage]  # Piccolo's own place for it
        name = f"{table}_{self._meta.db_column_name}_check"
        return f'{super().ddl} CONSTRAINT "{name}" CHECK ({self.check})'
