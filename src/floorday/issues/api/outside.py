"""For programs: the vendors, what is with them and what they said, and what other trackers call an issue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, convert, to_builtins

from floorday.db.text import Prose
from floorday.errors import Forbidden
from floorday.issues import queries
from floorday.issues.actions import references, vendors
from floorday.issues.actions.references import ReferenceForm
from floorday.issues.actions.vendors import HandOutForm, VendorForm
from floorday.issues.queries import VendorRow, WordRow
from floorday.issues.references import Pattern, Reference, Tracked
from floorday.issues.rules import Resolution
from floorday.issues.vendors import Fate, Says
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.web.api import Nothing, Page, Paged, answer, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class Vendor(VendorRow, frozen=True, kw_only=True):
    """A firm outside that fixes things for a department. `speaks`: what they say goes on without the owner's yes."""


class VendorQuery(Paged, frozen=True, kw_only=True):
    """Which vendors to list."""

    department: UUID | None = None
    ended: bool | None = None


class VendorWord(Struct, frozen=True, kw_only=True):
    """What a vendor said, and what became of it."""

    id: UUID
    at: datetime
    kind: Says
    text: str
    for_date: date | None
    fate: Fate


class WithVendor(Struct, frozen=True, kw_only=True):
    """With whom an issue is, since when, what they were sent, and what they said, oldest first; null: with nobody."""

    vendor: UUID | None = None
    vendor_name: str | None = None
    since: datetime | None = None
    acknowledged_at: datetime | None = None
    title: str | None = None
    words: str | None = None
    fixed_like: str | None = None
    said: list[VendorWord] = []


class References(Struct, frozen=True):
    """What other trackers call an issue, with links."""

    references: list[Tracked]


class ReferenceQuery(Struct, frozen=True):
    """What another tracker calls it."""

    reference: Reference


class TakenFields(Struct, frozen=True, kw_only=True):
    """What those who raised it read, where it is not the vendor's own words; and how it was fixed."""

    text: Prose | None = None
    how: Resolution = Resolution.EVERYBODY


class PatternFields(Struct, frozen=True):
    """How a department's tracker makes a link: an address with {ref} in it; empty for none."""

    link_pattern: Pattern = Pattern("")


# --- vendors -----------------------------------------------------------------------------------------------------


def _only_theirs(actor: Actor) -> None:
    if not can(actor, Act.SEE_VENDORS):
        raise Forbidden(_("Vendors are for the departments, a coordinator or an admin."))


@get("/vendors", opt=tells("people", Page[Vendor], asks=VendorQuery))
async def list_vendors(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the vendors of your departments, or all."""
    _only_theirs(actor)
    wanted = read_query(request, VendorQuery)
    rows = await queries.vendors(
        actor, after=wanted.cursor.id() if wanted.cursor else None, limit=wanted.limit + 1,
        department=wanted.department, ended=wanted.ended,
    )  # fmt: skip
    return answer(paged(request, wanted, rows, key=_id, show=_vendor))


def _id(row: VendorRow) -> UUID:
    return row.id


def _vendor(row: VendorRow) -> Vendor:
    return convert(to_builtins(row), Vendor)


@get("/vendors/{vendor_id:uuid}", opt=tells("people", Vendor))
async def show_vendor(actor: NamedDependency[Actor], vendor_id: FromPath[UUID]) -> Shown:
    """Show a vendor."""
    _only_theirs(actor)
    return answer(_vendor(await queries.vendor(actor, vendor_id)))


@post("/vendors", opt=tells("people", Vendor, takes=VendorForm, status=201))
async def add_vendor(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add a vendor."""
    vendor = await vendors.add_vendor(actor, await read_json(request, VendorForm), now=now)
    return answer(_vendor(await queries.vendor(actor, vendor)), status=201, location=f"/vendors/{vendor}")


@post("/vendors/{vendor_id:uuid}", opt=tells("people", Vendor, takes=VendorForm))
async def change_vendor(request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID]) -> Shown:
    """Say anew what is said of a vendor."""
    _only_theirs(actor)
    await vendors.change_vendor(actor, vendor_id, await read_json(request, VendorForm))
    return answer(_vendor(await queries.vendor(actor, vendor_id)))


@post("/vendors/{vendor_id:uuid}/end", opt=tells("people", Vendor, takes=Nothing))
async def end_vendor(
    request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Stop dealing with a vendor; what is with them is taken back."""
    _only_theirs(actor)
    await read_json(request, Nothing)
    await vendors.end_vendor(actor, vendor_id, now=now)
    return answer(_vendor(await queries.vendor(actor, vendor_id)))


@post("/vendors/{vendor_id:uuid}/return", opt=tells("people", Vendor, takes=Nothing))
async def resume_vendor(request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID]) -> Shown:
    """Deal with a vendor again."""
    _only_theirs(actor)
    await read_json(request, Nothing)
    await vendors.resume_vendor(actor, vendor_id)
    return answer(_vendor(await queries.vendor(actor, vendor_id)))


@post("/departments/{department_id:uuid}/tracker", opt=tells("people", PatternFields, takes=PatternFields))
async def set_pattern(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Shown:
    """Say how a department's own tracker makes a link of a reference."""
    wanted = await read_json(request, PatternFields)
    await vendors.set_link_pattern(actor, department_id, wanted.link_pattern)
    return answer(wanted)


# --- an issue with a vendor --------------------------------------------------------------------------------------


@get("/issues/{issue_id:uuid}/vendor", opt=tells("issues", WithVendor))
async def see_vendor(actor: NamedDependency[Actor], issue_id: FromPath[UUID]) -> Shown:
    """Show with whom an issue is and what they said; of a face nothing."""
    return await _with_vendor(actor, issue_id)


async def _with_vendor(actor: Actor, issue_id: UUID) -> Shown:
    row = await queries.issue(actor, issue_id)
    held, said = await queries.outside(issue_id) if row.whole else (None, [])
    if held is None:
        return answer(WithVendor())
    return answer(WithVendor(
        vendor=held.vendor, vendor_name=held.vendor_name, since=held.since, acknowledged_at=held.acknowledged_at,
        title=held.title, words=held.words, fixed_like=held.fixed_like, said=[_word(word) for word in said],
    ))  # fmt: skip


def _word(word: WordRow) -> VendorWord:
    return VendorWord(**{name: getattr(word, name) for name in VendorWord.__struct_fields__})


@post("/issues/{issue_id:uuid}/vendor", opt=tells("issues", WithVendor, takes=HandOutForm))
async def hand_out(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Hand an issue to a vendor by a letter; only what you write here leaves, with title, kind and number."""
    await vendors.hand_out(actor, issue_id, await read_json(request, HandOutForm), now=now)
    return await _with_vendor(actor, issue_id)


@post("/issues/{issue_id:uuid}/vendor/return", opt=tells("issues", WithVendor, takes=Nothing))
async def hand_back(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an issue back from its vendor."""
    await read_json(request, Nothing)
    await vendors.hand_back(actor, issue_id, now=now)
    return await _with_vendor(actor, issue_id)


@post("/issues/{issue_id:uuid}/vendor/words/{word_id:uuid}/acceptance",
      opt=tells("issues", WithVendor, takes=TakenFields))
async def take_word(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], word_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Pass on what a vendor said: it becomes the owner's promise, update or resolution."""
    said = await read_json(request, TakenFields)
    await vendors.take_at_word(actor, issue_id, word_id, text=said.text, how=said.how, now=now)
    return await _with_vendor(actor, issue_id)


@post("/issues/{issue_id:uuid}/vendor/words/{word_id:uuid}/refusal", opt=tells("issues", WithVendor, takes=Nothing))
async def put_word_aside(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], word_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Put what a vendor said aside; nobody else hears it."""
    await read_json(request, Nothing)
    await vendors.put_aside(actor, issue_id, word_id, now=now)
    return await _with_vendor(actor, issue_id)


# --- references --------------------------------------------------------------------------------------------------


@get("/issues/{issue_id:uuid}/references", opt=tells("issues", References))
async def see_references(actor: NamedDependency[Actor], issue_id: FromPath[UUID]) -> Shown:
    """Show what other trackers call an issue; of a face nothing."""
    return answer(References((await queries.issue(actor, issue_id)).references))


@put("/issues/{issue_id:uuid}/references", opt=tells("issues", References, takes=ReferenceForm, asks=ReferenceQuery))
async def keep_reference(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what another tracker calls an issue; sent twice, it is done once."""
    wanted = read_query(request, ReferenceQuery)
    row = await references.refer(actor, issue_id, wanted.reference, await read_json(request, ReferenceForm), now=now)
    return answer(References(row.references))


@delete("/issues/{issue_id:uuid}/references", opt=tells("issues", References, asks=ReferenceQuery), status_code=200)
async def drop_reference(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a reference away; where there is none (any more), nothing changes."""
    wanted = read_query(request, ReferenceQuery)
    await references.unrefer(actor, issue_id, wanted.reference, now=now)
    return answer(References((await queries.issue(actor, issue_id)).references))


handlers = [
    list_vendors, show_vendor, add_vendor, change_vendor, end_vendor, resume_vendor, set_pattern, see_vendor, hand_out,
    hand_back, take_word, put_word_aside, see_references, keep_reference, drop_reference,
]  # fmt: skip
