from floorday.config import APP_REGISTRY as APP_REGISTRY
from floorday.config import DB as DB
