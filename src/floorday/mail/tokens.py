"""Tokens in letters: granted once, stored as a hash, found again, revoked by a new generation."""

# Piccolo's queries are typed without the row, and its nullable columns as never null.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnnecessaryComparison=false

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from floorday.config import now as clock
from floorday.db import Insert, Statement, transaction, uuid7
from floorday.mail.tables import MailToken
from floorday.render import tokens

_TOKEN = Insert(MailToken, "ON CONFLICT DO NOTHING")
_FOLLOW = Statement("UPDATE mail_token SET revoked_at = {} WHERE purpose = {} AND about = {} AND generation < {}"
                    " AND revoked_at IS NULL")


async def grant(purpose: str, about: UUID, *, person: UUID | None = None, expires_at: datetime | None = None,
                generation: int = 0, now: datetime | None = None) -> str:
    """Let a token act for one purpose on one thing, and return it. Asking again changes nothing.

    Earlier generations of the same purpose and thing stop working.
    """
    async with transaction():
        return grant_later(purpose, about, person=person, expires_at=expires_at, generation=generation, now=now)


def grant_later(purpose: str, about: UUID, *, person: UUID | None = None, expires_at: datetime | None = None,
                generation: int = 0, now: datetime | None = None, timeless: bool = False) -> str:
    """Do the same with what follows in the causing transaction; the row of a `timeless` one tells no time."""
    token = tokens.make(purpose, about, generation=generation)
    moment = now or clock()
    _TOKEN.later(id=uuid4() if timeless else uuid7(), hash=tokens.digest(token), purpose=purpose, about=about,
                 person=person, generation=generation, created_at=moment, expires_at=expires_at)
    if generation:
        _FOLLOW.later(moment, purpose, about, generation)
    return token


async def find(purpose: str, token: str, now: datetime) -> MailToken | None:
    """Find what a token may do: nothing when it is of another purpose, unknown, too old or revoked."""
    found = await MailToken.objects().where(MailToken.hash == tokens.digest(token)).first()
    if found is None or found.purpose != purpose or found.revoked_at is not None:
        return None
    if found.expires_at is not None and found.expires_at <= now:
        return None
    return found


async def use(token: MailToken, now: datetime) -> bool:
    """Use a token that works once; false when it had been used before."""
    return bool(await MailToken.update({MailToken.used_at: now}).where(
        MailToken.id == token.id, MailToken.used_at.is_null()).returning(MailToken.id))


async def revoke(purpose: str, about: UUID, *, person: UUID | None = None, now: datetime | None = None) -> int:
    """Stop all tokens of a purpose on a thing; returns how many worked until now."""
    query = MailToken.update({MailToken.revoked_at: now or clock()}).where(
        MailToken.purpose == purpose, MailToken.about == about, MailToken.revoked_at.is_null())
    if person is not None:
        query = query.where(MailToken.person == person)
    return len(await query.returning(MailToken.id))
