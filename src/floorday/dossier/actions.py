"""Everything that is kept of a person, given out as one file."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import transaction
from floorday.dossier import queries
from floorday.dossier.queries import Section
from floorday.errors import Forbidden, NotFound, Refused
from floorday.issues import queries as issues
from floorday.leavers import moves as leaver_moves
from floorday.leavers import queries as leavers
from floorday.leavers import rules
from floorday.people import queries as people
from floorday.people.access import Actor
from floorday.people.queries import Card
from floorday.render import when
from floorday.render.pages import page
from floorday.render.tokens import mask_tokens
from floorday.render.words import gettext as _


class File(Struct, frozen=True):
    """A ZIP with a name."""

    name: str
    content: bytes


async def give_out(actor: Actor, person_id: UUID, *, now: datetime) -> File:
    """Collect what is kept of a person: for themselves, or for a coordinator whom they asked; that is written down."""
    card = await people.person(person_id)
    if card is None:
        raise NotFound(_("There is no such person."))
    if not rules.may_give_out(actor, person_id):
        raise Forbidden(_("It holds notes and letters, so only they themselves and a coordinator can have it."))
    if await leavers.erased(person_id):
        raise Refused(_("They were erased; nothing is kept of them."))
    sections = [Section(one.name, one.title, [_masked(row) for row in one.rows])
                for one in await queries.everything(card)]  # fmt: skip
    if actor.person != person_id:
        async with transaction():
            await leaver_moves.record(person_id, "given out", actor=actor, now=now, told={})
    readable = page("dossier/file.html", card=card, tables=[_table(one, card.zone) for one in sections], at=now,
                    moment=when.moment(now, card.zone))  # fmt: skip
    pictures = await issues.own_photos(person_id)
    content = await asyncio.to_thread(_zipped, card, sections, readable, pictures, now)
    return File(f"floorday-{now:%Y-%m-%d}.zip", content)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    """Hide tokens, wherever they may stand."""
    return {key: mask_tokens(value) if isinstance(value, str) else value for key, value in row.items()}


def _table(section: Section, zone: str) -> tuple[str, list[str], list[list[str]]]:
    """Give a section as it is read: its title, its columns, its cells."""
    columns = list(section.rows[0]) if section.rows else []
    cells = [[_cell(row[column], zone) for column in columns] for row in section.rows]
    return section.title, [column.replace("_", " ") for column in columns], cells


def _cell(value: Any, zone: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else ""
        case datetime():
            return when.moment(value, zone)
        case _:
            return str(value)


def _zipped(
    card: Card, sections: list[Section], readable: str, pictures: list[tuple[str, bytes]], now: datetime
) -> bytes:
    whole = {"person": str(card.id), "given_out_at": now, **{one.name: one.rows for one in sections}}
    said = msgspec.json.format(msgspec.json.encode(whole), indent=2)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("data.json", said)
        out.writestr("read-me.html", readable)
        for name, picture in pictures:
            out.writestr(f"photos/{name}", picture)
    return held.getvalue()
