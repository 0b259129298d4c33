"""Somebody who left is erased: a stand-in takes their place, so that everything counted goes on counting the same.

What is theirs goes: addresses, profile, sessions, tokens, what letters to them said, their mails, what they wrote with
an answer. The whole name, an address and the telephone number are replaced wherever they stand. Parts of the name in
what others wrote are listed for a person, since nobody else can tell whether it is they.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from email import message_from_bytes, policy
from uuid import UUID

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction
from floorday.errors import Forbidden, NotFound, Refused
from floorday.issues import actions as issues
from floorday.leavers import moves, queries, rules
from floorday.leavers.queries import Hit
from floorday.leavers.rules import Stand, Traces
from floorday.people import moves as people_moves
from floorday.people import queries as people
from floorday.people.access import Actor
from floorday.people.queries import Card
from floorday.render.words import gettext as _

PROSE = frozenset((table, column) for table, column, _thing in queries.PROSE)
WITHOUT_ROWS_OF_PEOPLE = frozenset({"migration", "counter", "issue_words"})
AT_ONCE = 20
KEPT_HITS = 100


class Erasure(Struct, frozen=True, kw_only=True):
    """What is to be erased: who, why it cannot be now ("" where it can), and what a person has to look at."""

    card: Card
    refused: str
    hits: list[Hit]


async def erasure(actor: Actor, person_id: UUID) -> Erasure:
    """Show what erasing somebody means, for those who may."""
    card = await people.person(person_id)
    if card is None:
        raise NotFound(_("There is no such person."))
    if not rules.may_erase(actor, person_id):
        raise Forbidden(_("This is for a coordinator or an admin, and nobody erases themselves."))
    found = await queries.traces(card)
    refused = await _refused(card, found)
    left = [] if refused else await queries.hits(found)
    stand = rules.stand_in(0)
    hits = [hit for hit in left if rules.mentions(rules.scrubbed(hit.text, found, stand, prose=True), found)]
    return Erasure(card=card, refused=refused, hits=hits)


async def _refused(card: Card, found: Traces) -> str:
    return rules.why_not_erased(
        left_at=card.left_at, erased=await queries.erased(card.id),
        waiting=len(await queries.letters_naming(found, card.id, waiting=True)),
    )  # fmt: skip


async def erase(actor: Actor | None, person_id: UUID, *, typed: str, now: datetime) -> Stand:
    """Erase somebody who left, for good; nobody (None) is the clock. `typed` is the name as the reader typed it."""
    async with transaction():
        await moves.in_turn(person_id)
        card = await people.person(person_id)
        if card is None:
            raise NotFound(_("There is no such person."))
        if actor is not None and not rules.may_erase(actor, person_id):
            raise Forbidden(_("This is for a coordinator or an admin, and nobody erases themselves."))
        found = await queries.traces(card)
        if refused := await _refused(card, found):
            raise Refused(refused)
        rules.typed_right(card.name, typed)
        stand = rules.stand_in(await queries.erased_so_far() + 1)
        told = await _erased(card, found, stand, now=now)
        look = [f"{hit.where}/{hit.thing}" for hit in await queries.hits(found)]
        await moves.record(person_id, "erased", actor=actor, now=now, told=told | {
            "look": list(dict.fromkeys(look))[:KEPT_HITS]})  # fmt: skip
    return stand


async def _erased(card: Card, found: Traces, stand: Stand, *, now: datetime) -> dict[str, int]:
    """Erase in every table; returns how much of each kind there was."""
    told = await moves.drop_keys(card.id, found.addresses)
    await people_moves.drop_pin(card.id)
    told["photos"] = await moves.drop_photos(card.id)
    told["letters"] = await moves.scrub_letters(card.id, found.addresses, stand, now=now)
    told["mails"] = await _mails(found, person=card.id, now=now)
    await moves.scrub_answers(card.id)
    await moves.erase_person(card.id, stand, zone=settings().zone)
    await issues.forget_searches(card.id)
    told["texts"] = await _rewritten(found, stand)
    await issues.fold_due()
    return told


async def _mails(found: Traces, *, person: UUID, now: datetime) -> int:
    """Forget the letters to others and the mails in which somebody is named, and those that they wrote."""
    await moves.wipe_letters(await queries.letters_naming(found, person, waiting=False), now=now)
    naming = {mail async for mail in _mails_naming(found)} | {*await queries.mails_from(found.addresses)}
    return await moves.scrub_mails(person, naming, now=now)


async def everywhere(found: Traces, stand: Stand, *, person: UUID, now: datetime) -> int:
    """Put a stand-in in the place of somebody who is nobody of ours, wherever they stand; returns in how many texts."""
    await _mails(found, person=person, now=now)
    count = await _rewritten(found, stand)
    await issues.fold_due()
    return count


async def _mails_naming(found: Traces) -> AsyncGenerator[UUID]:
    """Give the raw mails in which somebody is named, however a mail program wrote it."""
    after: UUID | None = None
    while kept := await queries.mails_kept(after=after, limit=AT_ONCE):
        for mail, raw in kept:
            if any(one.casefold() in _readable(raw) for one in found.literal):
                yield mail
        after = kept[-1][0]


def _readable(raw: bytes) -> str:
    """Give everything that can be read in a mail: as it came, its head and its parts decoded."""
    mail = message_from_bytes(raw, policy=policy.default)
    said = [raw.decode("utf-8", "replace")]
    for part in mail.walk():
        said += [str(value) for value in part.values()]
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            charset = part.get_content_charset("utf-8")
            said.append(content.decode(charset if _known(charset) else "utf-8", "replace"))
    return "\n".join(said).casefold()


def _known(charset: str) -> bool:
    try:
        "".encode(charset)
    except (LookupError, ValueError):
        return False
    return True


async def _rewritten(found: Traces, stand: Stand) -> int:
    """Put the stand-in into every text of every table in which the name, an address or the number stands."""
    count = 0
    for table, columns in (await queries.text_columns()).items():
        if table in WITHOUT_ROWS_OF_PEOPLE:
            continue
        longest = {column.name: column.longest for column in columns}
        for row in await queries.rows_with(table, columns, found.literal):
            values: dict[str, str] = {}
            for name, most in longest.items():
                text = row[name]
                if text is None:
                    continue
                new = rules.scrubbed(text, found, stand, prose=(table, name) in PROSE)[:most]
                if new != text:
                    values[name] = new
            if values:
                await moves.rewrite(table, row["row_id"], values)
                count += 1
    return count


async def erase_due(*, before: datetime, now: datetime, limit: int = 5) -> int:
    """Erase those who left before a moment; the worker calls it where the settings say so. Returns how many."""
    count = 0
    for person in await queries.left_longer(before, limit=limit):
        card = await people.person(person)
        if card is None:
            continue
        try:
            await erase(None, person, typed=card.name, now=now)
        except Refused:  # a letter that names them waits, so they wait until the next time
            continue
        count += 1
    return count
