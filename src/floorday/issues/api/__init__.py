"""Notes and issues for programs."""

from floorday.issues.api import lines, listed, notes, pointing, search, steps
from floorday.web.api import api_router

router = api_router([
    *notes.handlers, *listed.handlers, *lines.handlers, *search.handlers, *steps.handlers, *pointing.handlers,
])  # fmt: skip
