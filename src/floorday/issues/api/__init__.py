"""Notes and issues for programs."""

from floorday.issues.api import (
    bulk,
    charters,
    lines,
    listed,
    notes,
    outside,
    parting,
    photos,
    pointing,
    reported,
    search,
    searches,
    sponsoring,
    steps,
    suggesting,
    told,
    weighing,
)
from floorday.web.api import api_router

router = api_router([
    *weighing.handlers, *bulk.handlers, *notes.handlers, *reported.handlers, *photos.handlers, *listed.handlers,
    *lines.handlers, *search.handlers, *searches.handlers, *steps.handlers,
    *outside.handlers, *parting.handlers, *pointing.handlers, *sponsoring.handlers, *suggesting.handlers,
    *charters.handlers, *told.handlers,
])  # fmt: skip
