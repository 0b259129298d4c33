"""Somebody leaves: everything that hangs on them is handed over, and they are let go, in one transaction.

What is asked of them as a reporter is asked of the others who raised it; where there is nobody else, the fortnight
without a word closes it as unconfirmed, as it does for everybody's silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from floorday.bookings import actions as bookings
from floorday.db import transaction
from floorday.errors import Forbidden, NotFound, Refused
from floorday.issues import actions as issues
from floorday.leavers import moves, queries, rules
from floorday.leavers.queries import Hanging
from floorday.leavers.rules import Given, Hand, Kind
from floorday.people import moves as people_moves
from floorday.people import queries as people
from floorday.people.access import Actor, Role
from floorday.people.queries import Card
from floorday.people.tables import Assists, Grant, Team
from floorday.render.words import gettext as _


class Left(Struct, frozen=True, kw_only=True):
    """What became of it: how many days were cancelled, and how many things have somebody else now."""

    name: str
    left_at: datetime
    cancelled: int
    handed: int
    open: int


async def proposal(actor: Actor, person_id: UUID, *, now: datetime) -> Hanging:
    """Show what hangs on somebody who is here, with who could take it over; for those who may let them leave."""
    card = await _card(person_id)
    hanging = await queries.hanging(actor, card, now=now)
    _may(actor, hanging)
    if card.left_at is not None:
        raise Refused(_("They have left already."))
    return hanging


async def _card(person_id: UUID) -> Card:
    card = await people.person(person_id)
    if card is None:
        raise NotFound(_("There is no such person."))
    return card


def _may(actor: Actor, hanging: Hanging) -> None:
    if rules.may(actor, hanging.card.id, [role for role, _place in hanging.roles]):
        return
    if actor.person == hanging.card.id:
        raise Forbidden(_("Nobody lets themselves go. Ask another admin or coordinator."))
    raise Forbidden(_("Their roles are not yours to take away. Ask an admin."))


async def leave(
    actor: Actor, person_id: UUID, hands: Sequence[Hand], *, now: datetime, reason: str = "",
) -> Left:  # fmt: skip
    """Let somebody go: hand everything over as chosen (else as proposed), and end whatever let them in.

    The managers' days are cancelled with `reason`, and everybody on them is told. Raise BadInput where something would
    be left with nobody.
    """
    async with transaction():
        await moves.in_turn(person_id)
        actor = await _still(actor)
        hanging = await proposal(actor, person_id, now=now)
        rules.not_the_last(person_id, hanging.holders)
        given = rules.settle(hanging.things, hands)
        words = reason.strip() or _("%(name)s is no longer part of the programme.", name=hanging.card.name)
        for day in hanging.days:
            await bookings.call_off(actor, day.id, reason=words, now=now)
        cancelled = len(hanging.days)
        for one in given:
            cancelled += await _hand(actor, hanging.card, one, reason=words, now=now)
        await _let_go(person_id, now=now)
        done = Left(
            name=hanging.card.name, left_at=now, cancelled=cancelled,
            handed=sum(one.taker is not None for one in given), open=sum(one.instead == rules.NOBODY for one in given),
        )  # fmt: skip
        told = {"cancelled": done.cancelled, "handed": done.handed, "open": done.open}
        await moves.record(person_id, "left", actor=actor, now=now, told=told)
    return done


async def _still(actor: Actor) -> Actor:
    """Look again at who does it: they may have been let go while they waited."""
    found = await people.actor(actor.person, door=actor.door)
    if found is None:
        raise Forbidden(_("You have left yourself in the meantime."))
    return structs.replace(found, session=actor.session)


async def _hand(actor: Actor, leaver: Card, given: Given, *, reason: str, now: datetime) -> int:
    """Hand one thing over; returns how many days were cancelled by it."""
    thing, taker = given.thing, given.taker
    match thing.kind:
        case Kind.HOSTS if given.instead == rules.WITHDRAW:
            return await bookings.take_back_shift(actor, thing.id, reason=reason, now=now)
        case Kind.HOSTS:
            await bookings.hand_shift(actor, thing.id, taker.person if taker else None, now=now)
        case Kind.OWNS if taker is not None and taker.department is not None:
            await issues.hand_owned(actor, thing.id, department=taker.department, owner=taker.person, now=now)
        case Kind.SPONSORS if taker is not None:
            await issues.hand_sponsored(actor, thing.id, taker.person, now=now)
        case Kind.DEFAULT_HOST:
            await people_moves.change_team(thing.id, {Team.default_host: taker.person if taker else None})
        case Kind.LEADS if taker is not None:
            await _promote(actor, taker.person, Role.LEAD, now=now, team=thing.id)
        case Kind.HEADS if taker is not None:
            await _promote(actor, taker.person, Role.HEAD_OF_DEPARTMENT, now=now, department=thing.id)
        case Kind.ASSISTS if taker is not None:
            if all(pair.manager != thing.id for pair in await people.pairs(assistant=taker.person)):
                await people_moves.insert(Assists(assistant=taker.person, manager=thing.id, since=now))
        case _:
            pass
    return 0


async def _promote(
    actor: Actor, person: UUID, role: Role, *, now: datetime, team: UUID | None = None, department: UUID | None = None,
) -> None:  # fmt: skip
    await people_moves.insert(Grant(
        person=person, role=role, team=team, department=department, granted_at=now, granted_by=actor.person))


async def _let_go(person_id: UUID, *, now: datetime) -> None:
    """End everything that lets somebody in; assistants who lose a manager by it sign in anew."""
    await moves.leave(person_id, now=now)
    for assistant in await moves.end_roles(person_id):
        await people_moves.end_sessions(assistant, now=now)
    await people_moves.end_sessions(person_id, now=now)
    await people_moves.end_devices(person_id, now=now)
    await people_moves.drop_pin(person_id)
    await moves.end_links(person_id, now=now)


async def come_back(actor: Actor, person_id: UUID, *, now: datetime) -> str:
    """Let somebody sign in again who had left; their roles they are given anew. Gives their name."""
    async with transaction():
        await moves.in_turn(person_id)
        actor = await _still(actor)
        card = await _card(person_id)
        if not rules.may(actor, person_id, await queries.roles_of(person_id)):
            raise Forbidden(_("This is for a coordinator or an admin."))
        refused = rules.why_not_back(
            left_at=card.left_at, erased=await queries.erased(person_id), taken_by=await queries.address_taken(card)
        )
        if refused:
            raise Refused(refused)
        await moves.come_back(person_id)
        await moves.record(person_id, "back", actor=actor, now=now, told={})
    return card.name
