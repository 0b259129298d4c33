"""Tokens for the API: made and revoked by whom they stand for, and never more than that person may do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from floorday.db import transaction
from floorday.db.text import Title
from floorday.errors import BadInput, NotFound, Raced, Refused
from floorday.people import moves, queries
from floorday.people.access import Actor
from floorday.people.queries import Bearer
from floorday.people.tables import ApiToken, IdempotencyKey
from floorday.render.words import gettext as _
from floorday.web.api import SCOPES, Answered
from floorday.web.session import digest, new_token

LIFE_DAYS = (30, 90, 365)
MOST = 50
PREFIX = "fd_"


class TokenForm(Struct, frozen=True):
    """What a token is for, what it may do, and for how long."""

    name: Title
    scopes: list[str]
    days: Annotated[int, Meta(ge=1, le=366)] = 90


class Made(Struct, frozen=True):
    """A new token: `secret` is shown now and never again."""

    id: UUID
    secret: str
    expires_at: datetime


async def create_token(actor: Actor, form: TokenForm, *, now: datetime) -> Made:
    """Make a token for oneself."""
    if not form.name:
        raise BadInput(_("Say what it is for."), fields={"name": _("Say what it is for.")})
    scopes = sorted(set(form.scopes))
    if not scopes or not set(scopes) <= set(SCOPES):
        wrong = _("Choose what it may do: %(scopes)s.", scopes=", ".join(SCOPES))
        raise BadInput(wrong, fields={"scopes": wrong})
    secret = PREFIX + new_token()[0]
    async with transaction():
        if len(await queries.tokens(actor.person, now=now)) >= MOST:
            raise Refused(_("You have %(n)s tokens already. Revoke one that is no longer used."), n=MOST)
        row = ApiToken(
            hash=digest(secret), person=actor.person, name=form.name, scopes=" ".join(scopes), created_at=now,
            expires_at=now + timedelta(days=form.days),
        )  # fmt: skip
        await moves.insert(row)
    return Made(row.id, secret, row.expires_at)


async def revoke_token(actor: Actor, token_id: UUID, *, now: datetime) -> None:
    """End one of one's own tokens."""
    if not await moves.revoke_token(token_id, person_id=actor.person, now=now):
        raise NotFound(_("This token is over already."))


async def load_bearer(hashed: str, *, now: datetime) -> Bearer | None:
    """Say who a token stands for; when it was used is kept to the hour."""
    found = await queries.bearer(hashed, now=now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    if found is not None and (found.last_used_at is None or found.last_used_at < hour):
        await moves.touch_token(found.token, now=hour)
    return found


class Requests:
    """The keys of requests that must act once, kept in the database."""

    async def claim(self, key: str, asked: str, now: datetime) -> Answered | None:
        """Keep a key; one that is kept already says what was asked with it and answered (status 0 while it runs)."""
        if await moves.claim_request(IdempotencyKey(key=key, asked=asked, at=now)):
            return None
        row = await queries.request(key)
        if row is None:
            raise Raced(_("The same request failed a moment ago. Send it again."))
        return Answered(row["asked"], row["status"], row["location"], row["answer"])

    async def settle(self, key: str, answered: Answered) -> None:
        """Keep what was answered."""
        await moves.settle_request(
            key, {"status": answered.status, "location": answered.location, "answer": answered.body}
        )  # fmt: skip

    async def blank(self, key: str, now: datetime) -> None:
        """Keep that it was done and nothing else."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        await moves.settle_request(key, {"status": 204, "asked": "", "location": "", "answer": "", "at": day})

    async def forget(self, key: str) -> None:
        """Give a key back: its request changed nothing."""
        await moves.forget_request(key)
