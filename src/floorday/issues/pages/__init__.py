"""The pages of notes and issues, and those that a letter's link or a follow-up code opens."""

from litestar import Router

from floorday.issues.pages import (
    answering,
    asked,
    board,
    bulk,
    charters,
    friction,
    giving,
    issue,
    letters,
    notes,
    outside,
    reported,
    search,
    suggesting,
    triage,
    unmasking,
    vendors,
    worth,
)

router = Router(
    path="/", route_handlers=[
        *worth.handlers, *friction.handlers, *charters.handlers,
        *asked.handlers, *board.handlers, *issue.handlers, *notes.handlers, *letters.handlers, *giving.handlers,
        *reported.handlers,
        *search.handlers, *suggesting.handlers,
        *triage.handlers, *bulk.handlers, *outside.handlers, *vendors.handlers, *answering.handlers,
        *unmasking.handlers,
    ],
)  # fmt: skip
