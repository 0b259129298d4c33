"""Notes and issues for programs."""

from floorday.issues.api import listed, notes, steps
from floorday.web.api import api_router

router = api_router([*notes.handlers, *listed.handlers, *steps.handlers])
