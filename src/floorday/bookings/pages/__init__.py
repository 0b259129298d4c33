"""The pages of shifts, invitations and bookings, and the one that a letter's link opens."""

from litestar import Router

from floorday.bookings.pages import answers, days, invitations, shifts

router = Router(
    path="/", route_handlers=[*shifts.handlers, *invitations.handlers, *days.handlers, *answers.handlers]
)
