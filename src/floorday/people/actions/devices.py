"""Wall screens and team desks: a key that stands for a team, and the PIN that a person may set for the desk.

A screen may look. A desk may look, and takes notes and verdicts from whoever of the team picks their name there.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Title
from floorday.errors import BadInput, Forbidden, NotFound, Refused, TooMany
from floorday.people import access, moves, queries
from floorday.people.access import TEAM_ROLES, Act, Actor, DeviceKind, Door, OfTeam, can
from floorday.people.actions import steps
from floorday.people.queries import OpenDevice, Place
from floorday.people.tables import Device, Pin
from floorday.render import tokens
from floorday.render.words import gettext as _

LIFE = timedelta(days=366)
MOST = 20
PIN_TRIES = 5
PIN_WAIT = timedelta(minutes=15)
PIN_LENGTHS = range(4, 9)


class Opened(Struct, frozen=True):
    """A new screen or desk: `key` is given now and never again."""

    id: UUID
    key: str
    expires_at: datetime


class Picked(Struct, frozen=True):
    """Who picked their name at a desk; `proven` when they typed their PIN."""

    actor: Actor
    proven: bool


async def keeps_devices(actor: Actor, team_id: UUID) -> Place:
    """Find a team whose screens and desks somebody keeps; NotFound to whoever is shown no team."""
    team = await queries.team(team_id) if can(actor, Act.SEE_PLACE) else None
    if team is None or team.closed_at is not None:
        raise NotFound(_("There is no such team."))
    allowed = can(actor, Act.KEEP_DEVICES, OfTeam(team_id))
    steps.must(allowed, _("A team's screens and desk are kept by its lead and the coordinator."))
    return team


async def open_device(actor: Actor, team_id: UUID, kind: DeviceKind, name: str, *, now: datetime) -> Opened:
    """Make the key of a wall screen, or of a computer that becomes the team's desk (and ends the session at hand).

    Whoever sits at a desk must not find somebody signed in there.
    """
    async with transaction():
        await keeps_devices(actor, team_id)
        allowed = can(actor, Act.OPEN_DEVICE, OfTeam(team_id))
        steps.must(allowed, _("The team's lead or the coordinator opens a screen or a desk."))
        name = Title.parse(name)
        if not name:
            where = _("Say where it stands.")
            raise BadInput(where, fields={"name": where})
        if len(await queries.devices(team_id, now=now)) >= MOST:
            raise Refused(_("This team has %(n)s screens and desks already. End one that is no longer used."), n=MOST)
        key = base64.b32encode(secrets.token_bytes(tokens.SHOWN * 5 // 8)).decode().lower()
        row = Device(
            hash=tokens.digest(key), kind=kind.value, team=team_id, name=name, opened_by=actor.person, opened_at=now,
            expires_at=now + LIFE,
        )  # fmt: skip
        await moves.insert(row)
        if kind is DeviceKind.DESK and actor.session is not None:
            await moves.end_session(actor.session, person_id=actor.person, now=now)
    return Opened(row.id, key, row.expires_at)


async def end_device(actor: Actor, device_id: UUID, *, now: datetime) -> OpenDevice:
    """End a screen or desk; its key opens nothing any more."""
    async with transaction():
        found = await queries.device(device_id, now=now)
        if found is None or not can(actor, Act.KEEP_DEVICES, OfTeam(found.team)):
            raise NotFound(_("This screen or desk is over already."))
        await moves.end_device(device_id, now=now)
    return found


async def load_device(key: str, kind: DeviceKind, *, now: datetime) -> access.Device | None:
    """Say what a key stands for; when it was used is kept to the hour."""
    found = await queries.device_by_key(tokens.digest(key), kind, now=now)
    if found is None:
        return None
    hour = now.replace(minute=0, second=0, microsecond=0)
    if found.last_used_at is None or found.last_used_at < hour:
        await moves.touch_device(found.id, now=hour)
    return access.Device(found.id, found.kind, found.team)


async def members(device: access.Device) -> list[queries.Card]:
    """List whose names may be picked at a desk: who is of its team and has not left."""
    if not can(device, Act.LEND_NAME, OfTeam(device.team)):
        raise Forbidden(_("Nobody picks a name here."))
    return await queries.with_role(*TEAM_ROLES, team=device.team)


async def pick(device: access.Device, person_id: UUID, pin: str, *, now: datetime) -> Picked:
    """Take somebody of the team at their word, or at their PIN where they set one.

    They act for this team alone, whatever else they are, and only by what a desk may do.
    """
    if all(card.id != person_id for card in await members(device)):
        unknown = _("Pick your name.")
        raise BadInput(unknown, fields={"person": unknown})
    hashed = await queries.pin(person_id)
    if hashed is not None:
        await _pin_fits(person_id, pin, hashed, now=now)
    found = await queries.actor(person_id, door=Door.DESK)
    if found is None:
        raise NotFound(_("There is no such person."))
    held = frozenset(one for one in found.grants if one.team == device.team)
    at_desk = Actor(person=found.person, name=found.name, email=found.email, zone=found.zone, language=found.language,
                    grants=held, door=Door.DESK)  # fmt: skip
    return Picked(at_desk, proven=hashed is not None)


async def _pin_fits(person_id: UUID, pin: str, hashed: str, *, now: datetime) -> None:
    if not pin.strip():
        missing = _("Type your PIN.")
        raise BadInput(missing, fields={"pin": missing})
    if not await moves.count_pin_try(person_id, most=PIN_TRIES, since=now - PIN_WAIT, now=now):
        raise TooMany(_("Too many wrong PINs for this name. Please wait a quarter of an hour."), after=900)
    salt, _dollar, kept = hashed.partition("$")
    if not hmac.compare_digest(kept, await _slow_hash(pin, person_id, salt)):
        wrong = _("This PIN does not fit this name.")
        raise BadInput(wrong, fields={"pin": wrong})
    await moves.pin_was_right(person_id)


async def set_pin(actor: Actor, pin: str, *, now: datetime) -> None:
    """Set one's own PIN for the team's desk; an empty one takes it away."""
    digits = pin.strip()
    if digits and not (digits.isascii() and digits.isdecimal() and len(digits) in PIN_LENGTHS):
        wrong = _("A PIN has four to eight digits.")
        raise BadInput(wrong, fields={"pin": wrong})
    salt = secrets.token_hex(16)
    hashed = f"{salt}${await _slow_hash(digits, actor.person, salt)}" if digits else ""
    async with transaction():
        await moves.drop_pin(actor.person)
        if digits:
            await moves.insert(Pin(person=actor.person, hash=hashed, set_at=now))


async def _slow_hash(pin: str, person_id: UUID, salt: str) -> str:
    """Hash a PIN with the server's key and scrypt, beside the event loop: there are too few PINs for a fast hash."""
    keyed = hmac.new(settings().secret_key.encode(), f"pin|{person_id}|{pin.strip()}".encode(), hashlib.sha256).digest()
    made = await asyncio.to_thread(
        hashlib.scrypt, keyed, salt=bytes.fromhex(salt), n=2**14, r=8, p=1, maxmem=2**26, dklen=32
    )
    return made.hex()
