"""Where Piccolo's own commands look for the database and the tables."""

from floorday.config import APP_REGISTRY as APP_REGISTRY
from floorday.config import DB as DB
