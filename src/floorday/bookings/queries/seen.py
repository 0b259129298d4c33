"""Who may see which shift and booking, as conditions of a read."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from typing import Any

from floorday.bookings.queries.rows import Wanted
from floorday.bookings.tables import Booking, Shift
from floorday.people.access import Actor, What, visible


def between(table: Any, wanted: Wanted) -> list[Any]:
    """Turn what a list is asked for into conditions on a table with times: after which id, since and until when."""
    found: list[Any] = []
    if wanted.after is not None:
        found.append(table.id > wanted.after)
    if wanted.since is not None:
        found.append(table.ends_at > wanted.since)
    if wanted.until is not None:
        found.append(table.starts_at < wanted.until)
    return found


def shifts_seen(actor: Actor) -> Any:
    """Turn a reader's scope into a filter, None for all: of their teams, that they host, they or theirs are on."""
    scope = visible(actor, What.SHIFTS)
    if scope.all:
        return None
    mine = Booking.select(Booking.shift).where(Booking.manager.is_in(sorted(scope.persons)))
    seen: Any = (Shift.host == actor.person) | Shift.id.is_in(mine)
    return seen | Shift.team.is_in(sorted(scope.teams)) if scope.teams else seen


def bookings_seen(actor: Actor) -> Any:
    """Turn a reader's scope into a filter: bookings of their teams, that they host, of their managers; None is all."""
    scope = visible(actor, What.BOOKINGS)
    if scope.all:
        return None
    seen: Any = (Booking.shift._.host == actor.person) | Booking.manager.is_in(sorted(scope.persons))
    return seen | Booking.shift._.team.is_in(sorted(scope.teams)) if scope.teams else seen
