"""What has been made so far, and what happens when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db.text import dec_hook
from floorday.demo import cast
from floorday.people.access import Actor

T = TypeVar("T", bound=Struct)
Act: TypeAlias = Callable[[datetime], Awaitable[object]]


class Company(Struct):
    """Who and what has been made so far, by the keys of the demo's texts."""

    actors: dict[str, Actor]
    teams: dict[str, UUID]
    departments: dict[str, UUID]
    bookings: dict[str, UUID]
    issues: dict[str, UUID]
    measures: dict[str, UUID]

    def person(self, key: str) -> UUID:
        """Give somebody's id."""
        return self.actors[key].person


class Scene(Struct):
    """Something that happens at a moment."""

    at: datetime
    act: Act


def crew(team: str) -> cast.Crew:
    """Find a team of the cast."""
    return next(one for one in cast.TEAMS if one.name == team)


def form_of(kind: type[T], **said: Any) -> T:
    """Fill a form as a page does, with every field checked."""
    return msgspec.convert(said, kind, dec_hook=dec_hook)
