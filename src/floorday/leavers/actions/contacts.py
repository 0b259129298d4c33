"""Whom we wrote to at a vendor is forgotten: nobody of ours, yet a name and an address that stand in many places."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from floorday.db import transaction
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.leavers import moves, queries
from floorday.leavers.actions.erasing import everywhere
from floorday.leavers.rules import Stand, Traces
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _


async def forget_contact(actor: Actor | None, vendor: UUID, *, typed: str, now: datetime) -> int:
    """Forget an address that a vendor was written to by, and whose it was; nobody (None) is the clock.

    `typed` is the address. Returns in how many texts it stood. What the vendor said stays, without the name.
    """
    if actor is not None and not can(actor, Act.EDIT_PEOPLE):
        raise Forbidden(_("This is for a coordinator or an admin."))
    address = typed.strip().lower()
    async with transaction():
        known = await queries.contacts(vendor)
        if not known:
            raise NotFound(_("There is no such vendor."))
        theirs = [one for one in known if one.email == address]
        if not theirs:
            wrong = _("This vendor was not written to by this address.")
            raise BadInput(wrong, fields={"address": wrong}, values={"address": typed})
        if any(one.stands for one in theirs):
            raise Refused(_("They are still written to. Name another contact first, or stop dealing with the vendor."))
        count = 0
        nobody, stand = uuid4(), Stand(_("Somebody at a vendor"), f"erased-{vendor.hex[-12:]}@erased.invalid")
        for name in sorted({one.name for one in theirs}):
            found = Traces(name=name or address, addresses=(address,))
            if await queries.waits_for(address) or await queries.letters_naming(found, nobody, waiting=True):
                raise Refused(_("A letter to them has not left yet. Try again in a minute."))
            await moves.scrub_letters(nobody, (address,), stand, now=now)  # while they can be told by the address
            count += await everywhere(found, stand, person=nobody, now=now)
        return count


async def forget_due(*, before: datetime, now: datetime, limit: int = 5) -> int:
    """Forget the contacts of vendors that ended before a moment; the worker calls it where the settings say so."""
    count = 0
    for vendor, address in await queries.contacts_over(before, limit=limit):
        await forget_contact(None, vendor, typed=address, now=now)
        count += 1
    return count
