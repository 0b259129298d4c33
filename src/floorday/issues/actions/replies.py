"""Replying to a letter about an issue: the owner's answer is an update, that of who raised it a word to the owner.

Each reader of a letter has an address of their own to reply to, as long as the letter's tokens live.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from floorday.config import settings
from floorday.db import transaction
from floorday.errors import NotFound, Refused
from floorday.issues import queries, rules
from floorday.issues.actions import telling
from floorday.issues.actions.steps import From, record, take
from floorday.issues.masks import mask
from floorday.issues.queries import IssueRow, Pass
from floorday.people import queries as people
from floorday.people.access import Act, Door, Role
from floorday.render.words import gettext as _

LONGEST = 1000


async def replied_to(address: str, *, now: datetime) -> Pass | None:
    """Find what an address stands for: which issue, and who replies; nothing where it is unknown or over."""
    local, _at, domain = address.strip().lower().rpartition("@")
    if not local.startswith(telling.REPLIES_AT) or domain != settings().mail_domain.lower():
        return None
    return await queries.reply_pass(local.removeprefix(telling.REPLIES_AT), telling.REPLIES, now=now)


async def reply(held: Pass, text: str, *, now: datetime) -> IssueRow:
    """Take the newest words of a reply; of a long one the beginning, the rest stays in the mail.

    Who may give updates, or was told that a word is waited for, gives one; who raised it writes to whoever fixes it.
    Anybody else is refused with a sentence.
    """
    found = await people.actor(held.person)
    if found is None:
        raise NotFound(_("Whoever this address belongs to has left."))
    actor = structs.replace(found, door=Door.MAIL)
    async with transaction():
        row = await queries.issue(None, held.issue)
        if row.joined_into is not None:
            row = await queries.issue(None, row.joined_into)
        text = mask(text.strip(), zone=row.team_zone)
        text = text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
        told = actor.person == row.sponsor or actor.has(Role.HEAD_OF_SERVICE)
        if row.can(actor, Act.UPDATE) or (told and actor.person not in row.reporters):
            return await take(row, rules.update(row.facts(), text), actor=actor, now=now, text=text)
        if actor.person not in row.reporters:
            raise Refused(_("Only those who raised an issue, or fix it, can answer a letter about it."))
        event = await record(row.id, "word", actor=actor, now=now, text=text, origin=From(reporter=actor.person))
        await telling.floor_said(row, actor, text, event=event, now=now)
        return row
