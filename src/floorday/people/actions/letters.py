"""How often somebody's letters come, as they say it themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.db import transaction
from floorday.errors import BadInput
from floorday.mail import wishes
from floorday.mail.wishes import Kind, Pace
from floorday.render.words import gettext as _


async def wish_letters(person: UUID, wanted: dict[Kind, Pace], *, now: datetime) -> None:
    """Keep how often letters of these kinds come; what those who wait for a date hear of it always comes by mail."""
    if wanted.get(Kind.PROMISES) is Pace.NEVER:
        wrong = _("A date that moves is told to everybody who waits for it.")
        raise BadInput(wrong, fields={Kind.PROMISES.value: wrong})
    async with transaction():
        for kind, how in wanted.items():
            await wishes.wish(person, kind, how, now=now)
