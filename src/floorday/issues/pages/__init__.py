"""The pages of notes and issues, and those that a letter's link or a follow-up code opens."""

from litestar import Router

from floorday.issues.pages import board, giving, issue, letters, notes, search, triage

router = Router(
    path="/", route_handlers=[*board.handlers, *issue.handlers, *notes.handlers, *letters.handlers, *giving.handlers,
                             *search.handlers, *triage.handlers],
)
