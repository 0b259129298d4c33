"""What holds about people, whichever door asks. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from floorday.db.text import Text
from floorday.people.access import Actor, Role


class Phone(Text):
    """A telephone number as people write it."""

    __slots__ = ()
    longest = 40


MOST_DAYS = 365
"""The longest a charter's number may be, in working days."""


def may_change_address(actor: Actor, person: UUID, roles: Iterable[Role]) -> bool:
    """Say whether somebody who keeps people may change this one's address: with it goes the way in."""
    if person == actor.person or actor.has(Role.ADMIN):
        return True
    return not any(role in {Role.ADMIN, Role.HEAD_OF_SERVICE} for role in roles)
