"""What is looked for: folded anew where a text has changed, and the searches that people have named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from floorday.db import transaction
from floorday.db.text import Line, Text
from floorday.errors import BadInput, Forbidden
from floorday.issues import moves, queries
from floorday.issues.queries import Saved
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _

MOST = 50
"""So many searches a person may name."""


class Named(Text):
    """What a search is called, in up to 60 characters."""

    __slots__ = ()
    longest = 60


class SearchForm(Struct, kw_only=True):
    """A search with its name; `query` is the part of the page's address behind the question mark."""

    name: Named
    query: str


async def fold_due() -> int:
    """Fold anew what has changed and was not folded by whoever changed it; returns how many issues."""
    count = 0
    while await queries.is_due():
        async with transaction():
            some = await moves.fold_due()
        count += some
        if not some:  # another worker is at it
            break
    return count


async def fold_new(numbers: Sequence[int]) -> None:
    """Let issues be found that were just written without their words, inside the transaction that wrote them."""
    await moves.fold_new(numbers)


async def save_search(actor: Actor, form: SearchForm, *, now: datetime) -> UUID:
    """Keep a search under a name; the same name again keeps the newer one."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    name = Line.parse(form.name)
    if not name:
        raise BadInput(_("Give the search a name."), fields={"name": _("Give the search a name.")})
    if len(form.query) > 1000:
        raise BadInput(_("This search is too long to be kept. Take some words out."))
    async with transaction():
        if await queries.count_searches(actor) >= MOST and not await queries.is_search(actor, name):
            raise BadInput(_("You have named fifty searches. Delete one first."))
        return await moves.save_search(actor.person, name, form.query, now=now)


async def delete_search(actor: Actor, search: UUID) -> Saved:
    """Forget an own search and give what it was; somebody else's, or one that is gone, is NotFound."""
    async with transaction():
        return await moves.delete_search(actor.person, search)


async def forget_searches(person: UUID) -> None:
    """Forget all searches of somebody who is erased, inside the caller's transaction."""
    await moves.forget_searches(person)
