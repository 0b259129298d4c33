"""Photos of notes, for programs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.issues import photos, queries
from floorday.issues.actions import picturing
from floorday.people.access import Actor
from floorday.web.api import answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]

MOST = photos.HEAVIEST * 4 // 3 + 1000
"""What a photo of the heaviest kind takes in base64."""


class PhotoForm(Struct, frozen=True):
    """A photo: JPEG, PNG, WebP or GIF in base64, up to 9 MB. It may also be sent as it is, as image/*."""

    content: bytes


class Placed(Struct, frozen=True):
    """Where a photo stands among those of its note, from 1, and what size it is kept in."""

    place: int
    width: int
    height: int


class Photo(Struct, frozen=True):
    """A photo as it is kept: JPEG in base64, without where and when it was taken."""

    place: int
    content: bytes


@post("/notes/{note_id:uuid}/photos", opt=tells("issues", Placed, takes=PhotoForm, status=201),
      request_max_body_size=MOST)
async def add_photo(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put one more photo beside an own note; it is written anew."""
    as_it_is = request.content_type[0].startswith("image/")
    raw = await request.body() if as_it_is else (await read_json(request, PhotoForm)).content
    picture = await asyncio.to_thread(photos.remake, raw)
    place = await picturing.add_photo(actor, note_id, picture)
    return answer(Placed(place, picture.width, picture.height), status=201, location=f"/notes/{note_id}/photos/{place}")


@get("/notes/{note_id:uuid}/photos/{place:int}", opt=tells("issues", Photo))
async def see_photo(actor: NamedDependency[Actor], note_id: FromPath[UUID], place: FromPath[int]) -> Shown:
    """Show a photo to whoever may read its note."""
    return answer(Photo(place, await queries.photo(actor, note_id, place)))


handlers = [add_photo, see_photo]
