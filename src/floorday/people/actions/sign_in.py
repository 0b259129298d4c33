"""Sign in and out (SECURITY.md): a six-digit code by mail, the link second.

Fifteen minutes, once, the newest only, five tries; the same answer for unknown addresses. A keyed hash is stored.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.errors import BadInput, NotFound, TooMany
from floorday.mail import outbox
from floorday.people import moves, queries
from floorday.people.access import Actor
from floorday.people.tables import Session, SignInCode
from floorday.render import tokens
from floorday.render.words import gettext as _
from floorday.web.session import new_token

CODE_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
CODES_PER_ADDRESS = 5
CODES_PER_NETWORK = 40


class SignedIn(Struct, frozen=True):
    """A new session: the cookie's value (never stored) and whose it is."""

    token: str
    person: UUID


async def ask_code(email: str, *, network: str, now: datetime, printed: bool = False) -> str | None:
    """Send a code to an address, if somebody is there; the answer never tells.

    With `printed` (the server's own terminal) no letter leaves, and the path of the link is given back: asking for the
    address on the page would make a newer code.
    """
    email = email.strip().lower()
    async with transaction():
        if not printed:
            await moves.ask_in_turn()
            await _not_too_often(email, network, now=now)
        who = await queries.by_address(email)
        row_id = uuid7()
        code = tokens.digits("sign-in-code", row_id)
        link = tokens.make("sign-in", row_id)
        await moves.insert(
            SignInCode(
                id=row_id, email=email, person=who.id if who else None, code_hash=_code_hash(row_id, code),
                link_hash=tokens.digest(link), network=network, asked_at=now, expires_at=now + CODE_LIFE,
            )
        )  # fmt: skip
        if printed:
            return f"/sign-in/link/{link}" if who else None
        if who is not None:
            await outbox.post(
                "sign_in_code",
                to=who.email,
                to_name=who.name,
                person=who.id,
                about=row_id,
                about_kind="sign_in",
                facts={
                    "name": who.name,
                    "codes": {"code": {"purpose": "sign-in-code", "about": str(row_id)}},
                    "minutes": int(CODE_LIFE.total_seconds() // 60),
                    "links": {"sign_in": {"purpose": "sign-in", "about": str(row_id), "generation": 0,
                                          "path": "/sign-in/link/{token}"}},
                },
                key=f"sign_in_code:{row_id}",
                now=now,
                at_once=True,
            )  # fmt: skip
    return None


async def _not_too_often(email: str, network: str, *, now: datetime) -> None:
    by_address, by_network = await queries.asked_since(now - CODE_LIFE, email=email, network=network)
    if by_address >= CODES_PER_ADDRESS or by_network >= CODES_PER_NETWORK:
        raise TooMany(_("Too many codes were asked for. Please wait a quarter of an hour."), after=900)


def _code_hash(row_id: UUID, code: str) -> str:
    return tokens.digest(tokens.make(f"code:{code}", row_id))


async def sign_in(email: str, code: str, *, now: datetime, browser: str = "") -> SignedIn:
    """Take the newest code sent to an address; wrong, old and used ones get the same sentence."""
    email, code = email.strip().lower(), "".join(code.split())
    async with transaction():
        row = await queries.newest_code(email)
        counted = bool(row) and await moves.count_try(row["id"], most=CODE_TRIES)
        fits = bool(row) and hmac.compare_digest(row["code_hash"], _code_hash(row["id"], code))
        if row and counted and fits and await _usable(row, now=now):
            return await _enter(row, now=now, browser=browser)
    raise BadInput(_wrong_code(), fields={"code": _wrong_code()}, values={"email": email})


def _wrong_code() -> str:
    return _("This code does not fit, or it is older than 15 minutes. Ask for a new one.")


async def _usable(row: dict[str, Any], *, now: datetime) -> bool:
    """Say whether a code still counts; one sent to an address that is no longer its person's does not."""
    if row["person"] is None or row["used_at"] is not None or row["tries"] >= CODE_TRIES:
        return False
    if not row["asked_at"] <= now < row["expires_at"]:
        return False
    owner = await queries.by_address(row["email"])
    return owner is not None and owner.id == row["person"]


async def sign_in_by_link(link: str, *, now: datetime, browser: str = "") -> SignedIn:
    """Take the link of the newest code; only a pressed button comes here."""
    async with transaction():
        row = await queries.code_by_link(tokens.digest(link))
        if row and await _usable(row, now=now):
            newest = await queries.newest_code(row["email"])
            if newest and newest["id"] == row["id"]:
                return await _enter(row, now=now, browser=browser)
    raise NotFound(_("This link was used, or it is older than 15 minutes. Ask for a new code."))


async def _enter(row: dict[str, Any], *, now: datetime, browser: str) -> SignedIn:
    if not await moves.use_code(row["id"], now=now):
        raise BadInput(_wrong_code(), fields={"code": _wrong_code()})
    return await open_session(row["person"], now=now, browser=browser)


async def open_session(person_id: UUID, *, now: datetime, browser: str = "", demo: bool = False) -> SignedIn:
    """Open a session for a person who has proven who they are (or picked a name in the demo)."""
    token, hashed = new_token()
    async with transaction():
        await moves.insert(
            Session(
                hash=hashed, person=person_id, began_at=now, seen_at=now,
                expires_at=now + timedelta(days=settings().session_days), browser=browser[:200], demo=demo,
            )
        )  # fmt: skip
    return SignedIn(token, person_id)


async def load_session(hashed: str, *, now: datetime) -> Actor | None:
    """Say who a session's cookie stands for; when it was used is kept to the hour."""
    found = await queries.actor_by_session(hashed, now=now)
    if found is None:
        return None
    actor, seen_at = found
    if actor.session is not None and now - seen_at > timedelta(hours=1):
        await moves.touch_session(actor.session, now=now)
    return actor


async def sign_out(actor: Actor, *, now: datetime) -> None:
    """End the session at hand."""
    if actor.session is not None:
        await moves.end_session(actor.session, person_id=actor.person, now=now)


async def end_session(actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End another of one's own sessions."""
    if not await moves.end_session(session_id, person_id=actor.person, now=now):
        raise NotFound(_("This session is over already."))


class FormKeys:
    """The keys of posted forms, kept in the database, so that a form posted twice acts once."""

    async def claim(self, key: str, now: datetime) -> str | None:
        """Keep a key; one that is kept already says where its post went ("" while it runs)."""
        return await moves.claim_form(key, now=now)

    async def settle(self, key: str, went_to: str) -> None:
        """Keep where the post of this key went."""
        await moves.settle_form(key, went_to)

    async def forget(self, key: str) -> None:
        """Give a key back: its post changed nothing."""
        await moves.forget_form(key)
