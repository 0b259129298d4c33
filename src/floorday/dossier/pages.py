"""The doors to what is kept of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.dossier import actions
from floorday.people.access import Actor
from floorday.people.pages.shared import only_keepers
from floorday.web import read_form


class Nothing(Struct, frozen=True):
    """A form of one button."""


def _file(file: actions.File) -> Response[bytes]:
    return Response(file.content, media_type="application/zip", headers={
        "content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store",
    })  # fmt: skip


@get("/settings/data")
async def own_data(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[bytes]:
    """Give somebody everything that is kept of them."""
    return _file(await actions.give_out(actor, actor.person, now=now))


@post("/settings/people/{person_id:uuid}/data", status_code=200)
async def data_of_another(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], person_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Response[bytes]:  # fmt: skip
    """Give a coordinator everything that is kept of somebody who asked for it."""
    only_keepers(actor)
    await read_form(request, Nothing)
    return _file(await actions.give_out(actor, person_id, now=now))


router = Router(path="/", route_handlers=[own_data, data_of_another])
