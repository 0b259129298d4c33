"""A photo for a note that is there already."""

from __future__ import annotations

from uuid import UUID

from floorday.db import transaction
from floorday.errors import NotFound
from floorday.issues import moves, photos, queries, rules
from floorday.issues.photos import Photograph
from floorday.people.access import Actor
from floorday.render.words import gettext as _


async def add_photo(actor: Actor, note_id: UUID, picture: Photograph) -> int:
    """Put one more photo beside an own note; gives its place, from 1. Three are the most."""
    async with transaction():
        written = await queries.note(note_id)
        if written.reporter is None or written.reporter != actor.person:
            raise NotFound(_("There is no such note."))
        rules.withdraw_note(mine=True, withdrawn=written.withdrawn_at is not None)
        place = await queries.count_photos(note_id) + 1
        photos.check_count(place)
        moves.add_photo(note=note_id, place=place, width=picture.width, height=picture.height, content=picture.content)
    return place
