"""What the verbs about people share."""

from __future__ import annotations

from uuid import UUID

from floorday.errors import Forbidden, NotFound
from floorday.people import queries
from floorday.render.words import gettext as _


async def person(person_id: UUID) -> queries.Card:
    """Find somebody, or raise NotFound."""
    found = await queries.person(person_id)
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def must(allowed: bool, sentence: str | None = None) -> None:
    """Raise Forbidden unless it is allowed."""
    if not allowed:
        raise Forbidden(sentence or _("This is for a coordinator or an admin."))
