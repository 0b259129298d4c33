"""The vendors of the departments: who they are, whom to write to, and whether they speak for us."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.errors import BadInput, Forbidden
from floorday.issues import queries
from floorday.issues.actions import vendors
from floorday.issues.actions.vendors import VendorForm
from floorday.issues.queries import VendorRow
from floorday.issues.references import Pattern
from floorday.people.access import Act, Actor, OfDepartment, can
from floorday.people.pages.shared import settings_tabs, zone_options
from floorday.people.queries import departments
from floorday.render import refs, when
from floorday.render.sheets import Sheet, link, number, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import again, blank, read_form, redirect, show
from floorday.web import sheets as downloads
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


EXAMPLE = "https://tracker.example/browse/{ref}"


class PatternFields(Struct, frozen=True):
    """How a tracker makes a link of a reference."""

    link_pattern: Pattern = Pattern("")


def _only_theirs(actor: Actor, act: Act) -> None:
    if not can(actor, act):
        raise Forbidden(_("Vendors are for the departments, a coordinator or an admin."))


@get("/settings/vendors")
async def vendors_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the vendors that the reader's departments deal with, or all."""
    _only_theirs(actor, Act.SEE_VENDORS)
    if form := downloads.asked(request):
        return await downloads.download(form, _sheet(), await queries.vendors(actor))
    return await _show_list(request, actor)


async def _show_list(
    request: Asked, actor: Actor, *, form: Form | None = None, failed: UUID | None = None, status: int = 200
) -> Shown:
    patterns = await queries.link_patterns()
    kept = [one for one in patterns if can(actor, Act.KEEP_VENDORS, OfDepartment(one.id))]
    return show(
        request, "vendors/list.html", status=status, rows=await queries.vendors(actor),
        adds=can(actor, Act.KEEP_VENDORS), example=EXAMPLE, form=form or blank(),
        trackers=[(one, form if one.id == failed and form else blank(link_pattern=one.link_pattern)) for one in kept],
        tabs=settings_tabs("vendors") if can(actor, Act.EDIT_DEPARTMENT) else [],
    )  # fmt: skip


def _sheet() -> Sheet[VendorRow]:
    """Give the columns of the vendors."""
    return Sheet(name=_("Vendors"), zone=settings().zone, columns=(
        text(_("Vendor"), lambda row: row.name), text(_("Department"), lambda row: row.department_name),
        text(_("Whom to write to"), lambda row: row.contact_name), text(_("Address"), lambda row: row.email),
        text(_("Language"), lambda row: row.language), text(_("Time zone"), lambda row: row.zone),
        text(_("Speaks for us"), lambda row: _("yes") if row.speaks else _("no")),
        number(_("Issues with them"), lambda row: row.issues),
        link(_("Link"), lambda row: address(f"/settings/vendors/{row.id}")),
    ))  # fmt: skip


@post("/settings/departments/{department_id:uuid}/tracker")
async def set_pattern(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Shown:
    """Say how a department's own tracker makes a link of a reference."""
    _only_theirs(actor, Act.KEEP_VENDORS)
    try:
        wanted = await read_form(request, PatternFields)
        await vendors.set_link_pattern(actor, department_id, wanted.link_pattern)
    except BadInput as wrong:
        return await _show_list(request, actor, form=again(wrong), failed=department_id, status=422)
    said = _("Whoever types a reference alone gets the link with it now.") if wanted.link_pattern else _("Saved.")
    return redirect("/settings/vendors", say=said)


@get("/settings/vendors/new")
async def new_vendor_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask which vendor is new."""
    _only_theirs(actor, Act.KEEP_VENDORS)
    return await _show_vendor(request, actor, blank(zone=settings().zone, language="en"), row=None)


@post("/settings/vendors/new")
async def add_vendor(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add a vendor."""
    _only_theirs(actor, Act.KEEP_VENDORS)
    try:
        form = await read_form(request, VendorForm)
        vendor = await vendors.add_vendor(actor, form, now=now)
    except BadInput as wrong:
        return await _show_vendor(request, actor, again(wrong), row=None, status=422)
    return redirect(f"/settings/vendors/{vendor}", say=_("%(name)s can be asked now.", name=form.name))


@get("/settings/vendors/{vendor_id:uuid}")
async def vendor_page(request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID]) -> Shown:
    """Show a vendor, and what is with them."""
    _only_theirs(actor, Act.SEE_VENDORS)
    row = await queries.vendor(actor, vendor_id)
    form = blank(
        name=row.name, contact_name=row.contact_name, email=row.email, department=str(row.department),
        language=row.language, zone=row.zone, speaks="on" if row.speaks else "",
    )  # fmt: skip
    return await _show_vendor(request, actor, form, row=row)


@post("/settings/vendors/{vendor_id:uuid}")
async def change_vendor(request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID]) -> Shown:
    """Save a vendor."""
    _only_theirs(actor, Act.KEEP_VENDORS)
    row = await queries.vendor(actor, vendor_id)
    try:
        await vendors.change_vendor(actor, vendor_id, await read_form(request, VendorForm))
    except BadInput as wrong:
        return await _show_vendor(request, actor, again(wrong), row=row, status=422)
    return redirect(f"/settings/vendors/{vendor_id}", say=_("Saved."))


@post("/settings/vendors/{vendor_id:uuid}/end")
async def end_vendor(
    request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Stop dealing with a vendor."""
    del request
    _only_theirs(actor, Act.KEEP_VENDORS)
    count = await vendors.end_vendor(actor, vendor_id, now=now)
    said = ngettext("One issue was taken back.", "%(n)s issues were taken back.", count) if count else ""
    return redirect("/settings/vendors", say=_("Nobody is asked there any more. %(said)s", said=said).strip(),
                    undo=f"/settings/vendors/{vendor_id}/return")  # fmt: skip


@post("/settings/vendors/{vendor_id:uuid}/return")
async def resume_vendor(request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID]) -> Shown:
    """Deal with a vendor again."""
    del request
    _only_theirs(actor, Act.KEEP_VENDORS)
    await vendors.resume_vendor(actor, vendor_id)
    return redirect(f"/settings/vendors/{vendor_id}", say=_("They can be asked again. What was taken back stays so."))


async def _show_vendor(
    request: Asked, actor: Actor, form: Form, *, row: VendorRow | None, status: int = 200
) -> Shown:
    held = await queries.with_them(row.id) if row else []
    offices = [
        (str(one.id), one.name) for one in await departments()
        if can(actor, Act.KEEP_VENDORS, OfDepartment(one.id)) or (row is not None and one.id == row.department)
    ]  # fmt: skip
    return show(
        request, "vendors/vendor.html", status=status, form=form, row=row, offices=offices, zones=zone_options(),
        forgets=can(actor, Act.EDIT_PEOPLE),
        keeps=row is None or can(actor, Act.KEEP_VENDORS, OfDepartment(row.department)),
        held=[{"href": f"/issues/{one.issue}", "ref": refs.ref(one.number), "title": one.title,
               "since": _("since %(day)s", day=when.day(one.since, one.zone))} for one in held],
    )  # fmt: skip


handlers = [
    vendors_page, new_vendor_page, add_vendor, vendor_page, change_vendor, end_vendor, resume_vendor,
    set_pattern,
]  # fmt: skip
