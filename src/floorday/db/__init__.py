"""The database: the engine, transactions, the schema, ids, text that can be trusted."""

import os

# Piccolo asks this for the engine of any table that has none yet.
os.environ.setdefault("PICCOLO_CONF", "floorday.config")

from floorday.db.batches import BATCH, batches
from floorday.db.binding import (
    Engine,
    bind,
    close_pools,
    current,
    dialect,
    make_engine,
    open_pools,
    transaction,
)
from floorday.db.ids import uuid7
from floorday.db.migrating import migrate, up_to_date
from floorday.db.statements import Insert, Statement, ahead, run_sql, together
from floorday.db.streams import Stream, reading
from floorday.db.violations import FOREIGN_KEY, violated

__all__ = [
    "BATCH",
    "FOREIGN_KEY",
    "Engine",
    "Insert",
    "Statement",
    "Stream",
    "ahead",
    "batches",
    "bind",
    "close_pools",
    "current",
    "dialect",
    "make_engine",
    "migrate",
    "open_pools",
    "reading",
    "run_sql",
    "together",
    "transaction",
    "up_to_date",
    "uuid7",
    "violated",
]
