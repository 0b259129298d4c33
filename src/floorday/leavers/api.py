"""Leaving for programs, such as those that hear from the staff register who goes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from floorday.db.text import Line
from floorday.errors import NotFound
from floorday.leavers import actions
from floorday.leavers.rules import Hand, Kind
from floorday.people.access import Act, Actor, Profile, can
from floorday.render.words import gettext as _
from floorday.web.api import answer, api_router, read_json, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class Candidate(Struct, frozen=True, kw_only=True):
    """Somebody who could take a thing over."""

    id: UUID
    name: str


class Hanging(Struct, frozen=True, kw_only=True):
    """What hangs on a person: `scope` is its team or department, `proposal` a person's id or one of `instead`."""

    kind: Kind
    id: UUID
    scope: UUID | None
    title: str
    note: str
    candidates: list[Candidate]
    instead: list[str]
    proposal: str | None


class CancelledDay(Struct, frozen=True, kw_only=True):
    """A day of theirs that is cancelled when they leave."""

    id: UUID
    state: str


class Leaving(Struct, frozen=True, kw_only=True):
    """What hangs on a person."""

    person: UUID
    things: list[Hanging]
    days: list[CancelledDay]


class HandFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes a thing: its id, that of its scope, or none for all of the kind; `to` is a person, nobody, withdraw."""

    kind: Kind
    id: UUID | None = None
    to: Line


class LeavingFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Choices other than the proposal, and what those read whose day is cancelled."""

    hands: Annotated[list[HandFields], Meta(max_length=1000)] = []
    reason: Line = Line("")


class Left(Struct, frozen=True, kw_only=True):
    """What became of it."""

    person: UUID
    left_at: datetime
    handed: int
    cancelled: int
    open: int


def _may_see(actor: Actor, person_id: UUID) -> None:
    if not can(actor, Act.EDIT_PEOPLE, Profile(person_id)):
        raise NotFound(_("There is no such person."))


@get("/people/{person_id:uuid}/leaving", opt=tells("people", Leaving, refuses=True))
async def show_leaving(
    actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Show what hangs on a person, with who could take it over and who is proposed."""
    _may_see(actor, person_id)
    hanging = await actions.proposal(actor, person_id, now=now)
    return answer(Leaving(
        person=person_id,
        things=[
            Hanging(kind=thing.kind, id=thing.id, scope=thing.scope, title=thing.title, note=thing.note,
                    candidates=[Candidate(id=one.person, name=one.name) for one in thing.takers],
                    instead=list(thing.instead), proposal=thing.proposal or None)
            for thing in hanging.things
        ],
        days=[CancelledDay(id=day.id, state=day.state.value) for day in hanging.days],
    ))  # fmt: skip


@post("/people/{person_id:uuid}/leaving", opt=tells("people", Left, takes=LeavingFields))
async def leave(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Let a person go: everything goes to whom you say, else to who is proposed; their days are cancelled."""
    _may_see(actor, person_id)
    wanted = await read_json(request, LeavingFields)
    hands = [Hand(one.kind, one.id, one.to) for one in wanted.hands]
    done = await actions.leave(actor, person_id, hands, reason=wanted.reason, now=now)
    return answer(Left(person=person_id, left_at=done.left_at, handed=done.handed, cancelled=done.cancelled,
                       open=done.open))  # fmt: skip


router = api_router([show_leaving, leave])
