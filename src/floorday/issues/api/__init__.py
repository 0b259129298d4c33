"""Notes and issues for programs."""

from floorday.issues.api import (
    bulk,
    lines,
    listed,
    notes,
    outside,
    parting,
    pointing,
    reported,
    search,
    sponsoring,
    steps,
    weighing,
)
from floorday.web.api import api_router

router = api_router([
    *weighing.handlers,
    *bulk.handlers, *notes.handlers, *reported.handlers, *listed.handlers, *lines.handlers, *search.handlers, *steps.handlers,
    *outside.handlers, *parting.handlers, *pointing.handlers, *sponsoring.handlers,
])  # fmt: skip
