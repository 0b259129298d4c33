"""What of an issue is outside the house, on its page: what other trackers call it, and the vendor that it is with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Prose
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import queries
from floorday.issues.actions import references, vendors
from floorday.issues.actions.references import ReferenceForm
from floorday.issues.actions.vendors import Asked as AskedWords
from floorday.issues.actions.vendors import HandOutForm, Like
from floorday.issues.pages.issue.page import show_issue
from floorday.issues.queries import IssueRow
from floorday.issues.references import Address, Label, Reference
from floorday.issues.rules import Resolution
from floorday.people.access import Act, Actor, OfDepartment, can
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class ReferenceFields(Struct, frozen=True):
    """What another tracker calls it."""

    reference: Reference
    url: Address = Address("")
    label: Label = Label("")


class RemovalFields(Struct, frozen=True):
    """Which reference goes."""

    reference: Reference


class HandOutFields(Struct, frozen=True):
    """Whom to ask, and in which words; `seen` is the letter that was looked at ("": none yet, or write on)."""

    vendor: UUID
    words: AskedWords
    fixed_like: Like = Like("")
    seen: str = ""
    write: bool = False


class WordFields(Struct, frozen=True):
    """What becomes of a vendor's word."""

    goes_on: Literal["yes", "no"]
    said: Prose = Prose("")
    how: Resolution = Resolution.EVERYBODY


@post("/issues/{issue_id:uuid}/references")
async def refer(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what another tracker calls it."""

    async def act() -> str:
        asked = request.query_params  # an Undo says it there
        if "reference" in asked:
            fields = ReferenceFields(Reference.parse(asked["reference"]), Address.parse(asked.get("url", "")),
                                     Label.parse(asked.get("label", "")))  # fmt: skip
        else:
            fields = await read_form(request, ReferenceFields)
        await references.refer(actor, issue_id, fields.reference, ReferenceForm(url=fields.url, label=fields.label),
                               now=now)  # fmt: skip
        return _("Kept. It is found by “%(reference)s” now.", reference=fields.reference)

    return await _done(request, actor, issue_id, act, "references", now=now)


@post("/issues/{issue_id:uuid}/references/removal")
async def unrefer(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a reference away."""
    undo = ""

    async def act() -> str:
        nonlocal undo
        wanted = await read_form(request, RemovalFields)
        gone = await references.unrefer(actor, issue_id, wanted.reference, now=now)
        if gone is None:
            return _("It has no such reference any more.")
        back = [("reference", gone.text), ("url", gone.url), ("label", gone.label)]
        undo = f"/issues/{issue_id}/references?{urlencode(back)}"
        return _("“%(reference)s” is taken away.", reference=gone.text)

    return await _done(request, actor, issue_id, act, "references", now=now, undo=lambda: undo)


@get("/issues/{issue_id:uuid}/vendor")
async def hand_out_page(request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID]) -> Shown:
    """Ask which vendor is to fix it, and in which words they are asked."""
    row = await _theirs(actor, issue_id)
    return await _show_form(request, actor, row, blank(vendor=str(row.vendor or ""), words="", fixed_like=""))


@post("/issues/{issue_id:uuid}/vendor")
async def hand_out(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show the letter as it would leave; once it was seen, send it."""
    row = await _theirs(actor, issue_id)
    try:
        fields = await read_form(request, HandOutFields)
        wanted = HandOutForm(vendor=fields.vendor, words=fields.words, fixed_like=fields.fixed_like)
        if fields.write:
            typed = {"vendor": str(fields.vendor), "words": fields.words, "fixed_like": fields.fixed_like}
            return await _show_form(request, actor, row, blank(**typed))
        found = await vendors.draft(actor, issue_id, wanted)
        if fields.seen != found.digest:
            return show(request, "vendors/draft.html", row=row, draft=found, form=wanted, ref=refs.ref(row.number),
                        changed=bool(fields.seen))  # fmt: skip
        after = await vendors.hand_out(actor, issue_id, wanted, seen=fields.seen, now=now)
    except BadInput as wrong:
        return await _show_form(request, actor, row, again(wrong), status=422)
    except Refused as refused:
        return await _show_form(request, actor, row, blank(), status=409, refused=refused.sentence)
    return redirect(f"/issues/{issue_id}", say=_("%(vendor)s is asked. You stay its owner.", vendor=after.vendor_name),
                    undo=f"/issues/{issue_id}/vendor/return")  # fmt: skip


async def _theirs(actor: Actor, issue_id: UUID) -> IssueRow:
    row = await queries.issue(actor, issue_id)
    if not row.can(actor, Act.HAND_OUT):
        raise Forbidden(_("The owner and the department hand an issue to a vendor."))
    return row


async def _show_form(
    request: Asked, actor: Actor, row: IssueRow, form: Form, *, status: int = 200, refused: str = ""
) -> Shown:
    there = await queries.vendors(actor, department=row.department, ended=False) if row.department else []
    return show(
        request, "vendors/hand_out.html", status=status, row=row, form=form, refused=refused, ref=refs.ref(row.number),
        vendors=[(one.id, one.name) for one in there if one.email],
        keeps=row.department is not None and can(actor, Act.KEEP_VENDORS, OfDepartment(row.department)),
        labels={"vendor": _("Vendor"), "words": _("What is to be fixed"),
                "fixed_like": _("What fixed would look like")},
    )  # fmt: skip


@post("/issues/{issue_id:uuid}/vendor/return")
async def hand_back(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it back."""

    async def act() -> str:
        await vendors.hand_back(actor, issue_id, now=now)
        return _("It is with you alone again; the vendor's link opens nothing any more.")

    return await _done(request, actor, issue_id, act, "vendor", now=now)


@post("/issues/{issue_id:uuid}/vendor/words/{word_id:uuid}")
async def settle(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], word_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Pass on what the vendor said, or put it aside."""

    async def act() -> str:
        wanted = await read_form(request, WordFields)
        if wanted.goes_on == "no":
            await vendors.put_aside(actor, issue_id, word_id, now=now)
            return _("Put aside. Nobody else hears it.")
        text = wanted.said if "said" in await request.form() else None
        await vendors.take_at_word(actor, issue_id, word_id, text=text, how=wanted.how, now=now)
        return _("Passed on. Everybody who raised it is told.")

    return await _done(request, actor, issue_id, act, str(word_id), now=now)


async def _done(
    request: Asked, actor: Actor, issue_id: UUID, act: Callable[[], Awaitable[str]], step: str, *, now: datetime,
    undo: Callable[[], str] | None = None,
) -> Shown:  # fmt: skip
    """Act, then go back to the issue with a word; where that is refused, show it with the reason and what was typed."""
    try:
        said = await act()
    except (BadInput, Refused) as refused:
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = refused.fields if isinstance(refused, BadInput) else {}
        form = Form(values=values, errors={name: text for name, text in fields.items() if name != WHOLE})
        return await show_issue(request, actor, issue_id, now=now, status=refused.status, form=form, failed=step,
                                refused="" if form.errors else fields.get(WHOLE, refused.sentence))  # fmt: skip
    return redirect(f"/issues/{issue_id}", say=said, undo=(undo() or None) if undo else None)


handlers = [refer, unrefer, hand_out_page, hand_out, hand_back, settle]
