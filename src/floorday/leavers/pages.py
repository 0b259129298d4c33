"""The doors for those who leave: hand over and let go, welcome back, erase."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line, Title
from floorday.errors import BadInput
from floorday.leavers import actions, queries, rules
from floorday.leavers.actions import Erasure
from floorday.leavers.queries import Hanging
from floorday.leavers.queries import Line as Happened
from floorday.leavers.rules import Kind, Thing
from floorday.people.access import Act, Actor, can
from floorday.people.pages import role_name
from floorday.people.pages.shared import found_person, only_keepers
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import again, blank, read_form, redirect, show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class LeavingForm(Struct, frozen=True):
    """Who takes what over, each as `kind/thing/to`, and what those read whose day is cancelled."""

    goes: list[Line] = []
    reason: Line = Line("")


class Group(Struct, frozen=True):
    """Things of one kind and scope: one choice for all of them, and one for each where there are several."""

    title: str
    help: str
    all_name: str
    all: list[tuple[str, str]]
    rows: list[tuple[Thing, str, list[tuple[str, str]]]]
    proposed: str


@get("/settings/people/gone")
async def gone_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List those who left."""
    only_keepers(actor)
    return show(request, "leavers/gone.html", rows=await queries.gone())


@get("/settings/people/{person_id:uuid}/leaving")
async def leaving_page(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show what hangs on somebody, with a proposal who takes each thing over."""
    only_keepers(actor)
    return _show_leaving(request, await actions.proposal(actor, person_id, now=now), blank())


def _show_leaving(request: Asked, hanging: Hanging, form: Form, *, status: int = 200) -> Shown:
    return show(
        request, "leavers/leaving.html", status=status, card=hanging.card, form=form, groups=_groups(hanging),
        days=hanging.days, assistants=hanging.assistants, ends=_ends(hanging),
        tells=bool(hanging.days) or any(thing.kind is Kind.HOSTS for thing in hanging.things),
        roles=[f"{role_name(role)}, {place}" if place else role_name(role) for role, place in hanging.roles],
        chosen=set(form.values.get("goes") or ()),
    )  # fmt: skip


def _groups(hanging: Hanging) -> list[Group]:
    found: dict[tuple[Kind, UUID | None], list[Thing]] = {}
    for thing in hanging.things:
        found.setdefault((thing.kind, thing.scope), []).append(thing)
    return [_group(kind, scope, things) for (kind, scope), things in found.items()]


def _group(kind: Kind, scope: UUID | None, things: list[Thing]) -> Group:
    title, helps = _words(kind, things[0].scope_name)
    one = things[0] if len(things) == 1 else None
    key = rules.field(kind, one.id if one else scope)
    for_all = {value: label for thing in things for value, label in _options(thing, key)}
    proposals = {thing.proposal for thing in things}
    return Group(
        title=title, help=helps, all_name=key, all=list(for_all.items()),
        rows=[(thing, rules.field(kind, thing.id), _options(thing, rules.field(kind, thing.id))) for thing in things],
        proposed=f"{key}/{proposals.pop()}" if len(proposals) == 1 else "",
    )  # fmt: skip


def _options(thing: Thing, key: str) -> list[tuple[str, str]]:
    found = [(f"{key}/{taker.person}", taker.name) for taker in thing.takers]
    instead = {rules.NOBODY: _open(thing.kind), rules.WITHDRAW: _("Withdraw the shift, cancel its days")}
    return [*found, *((f"{key}/{one}", instead[one]) for one in thing.instead)]


def _open(kind: Kind) -> str:
    return _("No host yet") if kind is Kind.HOSTS else _("Nobody for the time being")


def _words(kind: Kind, scope: str) -> tuple[str, str]:
    match kind:
        case Kind.HOSTS:
            return (_("Hosts shifts of %(team)s", team=scope),
                    _("The new host and the managers who come are told."))  # fmt: skip
        case Kind.OWNS if scope:
            return (_("Owns issues of %(department)s", department=scope),
                    _("The new owner and those who raised it are told."))  # fmt: skip
        case Kind.OWNS:
            return _("Owns issues"), _("The new owner and those who raised it are told.")
        case Kind.SPONSORS:
            return _("Sponsors issues"), _("The new sponsor is told; a decision that waits is asked of them.")
        case Kind.DEFAULT_HOST:
            return _("Usual host of %(team)s", team=scope), ""
        case Kind.LEADS:
            return _("Leads %(team)s", team=scope), _("Whoever you choose becomes team lead.")
        case Kind.HEADS:
            return _("Heads %(department)s", department=scope), _("Whoever you choose becomes head of department.")
        case Kind.ASSISTS:
            return _("Answers for managers"), _("Whoever you choose may answer for them from now on.")


def _ends(hanging: Hanging) -> list[str]:
    """Say in words what ends without anybody taking it over."""
    n = hanging.counts
    words = [
        (n["sessions"], ngettext("%(n)s browser is signed out", "%(n)s browsers are signed out", n["sessions"])),
        (n["tokens"], ngettext("%(n)s token of the API ends", "%(n)s tokens of the API end", n["tokens"])),
        (n["devices"], ngettext("%(n)s screen or desk is shut", "%(n)s screens and desks are shut", n["devices"])),
        (n["links"], ngettext("%(n)s link in a letter stops working", "%(n)s links in letters stop working",
                              n["links"])),
        (n["verdicts"], ngettext("%(n)s verdict is no longer asked of them",
                                 "%(n)s verdicts are no longer asked of them", n["verdicts"])),
    ]  # fmt: skip
    return [said % {"n": count} for count, said in words if count]


@post("/settings/people/{person_id:uuid}/leaving")
async def leave(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Hand everything over, and let them go."""
    only_keepers(actor)
    hanging = await actions.proposal(actor, person_id, now=now)
    try:
        form = await read_form(request, LeavingForm)
        hands = [hand for one in form.goes if (hand := rules.read(one)) is not None]
        done = await actions.leave(actor, person_id, hands, reason=form.reason, now=now)
    except BadInput as wrong:
        typed = await request.form()
        values = {"goes": [str(one) for one in typed.getall("goes", [])], "reason": str(typed.get("reason", ""))}
        return _show_leaving(
            request, hanging, again(BadInput(wrong.sentence, fields=wrong.fields, values=values)), status=422)
    said = _("%(name)s has left. %(handed)s handed over, %(cancelled)s cancelled.", name=done.name,
             handed=ngettext("%(n)s thing is", "%(n)s things are", done.handed, n=done.handed),
             cancelled=ngettext("%(n)s day is", "%(n)s days are", done.cancelled, n=done.cancelled))  # fmt: skip
    return redirect(f"/settings/people/{person_id}/gone", say=said)


@get("/settings/people/{person_id:uuid}/gone")
async def leaver_page(request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Shown:
    """Show somebody who left: what became of them, and the two things that can be done."""
    only_keepers(actor)
    card = await found_person(person_id)
    if card.left_at is None:
        return redirect(f"/settings/people/{person_id}")
    lines = await queries.lines(person_id)
    erased = next((line for line in lines if line.what == "erased"), None)
    return show(
        request, "leavers/leaver.html", card=card, erased=erased, may_erase=rules.may_erase(actor, person_id),
        may_return=rules.may(actor, person_id, ()), gives_out=rules.may_give_out(actor, person_id),
        history=[{"who": line.by_name or _("The clock"), "text": _said(line), "at": line.at} for line in lines],
        look=[_place(one) for one in erased.told.get("look", ())] if erased else [],
    )  # fmt: skip


def _said(line: Happened) -> str:
    told = line.told
    match line.what:
        case "left":
            return _("let them go: %(handed)s handed over, %(cancelled)s days cancelled, %(open)s left open",
                     handed=told.get("handed", 0), cancelled=told.get("cancelled", 0), open=told.get("open", 0))
        case "back":
            return _("welcomed them back")
        case "given out":
            return _("was given everything that is kept of them")
        case _:
            return _("erased them: %(letters)s letters, %(mails)s mails, %(texts)s texts",
                     letters=told.get("letters", 0), mails=told.get("mails", 0), texts=told.get("texts", 0))


PLACES = {
    "hand_over": "/issues/", "issue_reference": "/issues/",
    "note": "/issues/", "issue": "/issues/", "issue_event": "/issues/", "booking": "/bookings/",
    "booking_event": "/bookings/", "booking_proposal": "/bookings/", "shift": "/shifts/", "team": "/settings/teams/",
    "department": "/settings/departments/", "statement": "/settings/teams/", "agreement": "/settings/teams/",
    "measure": "/measures/", "measure_event": "/measures/", "summary_line": "/issues/",
    "public_line": "/issues/", "join_suggestion": "/issues/",
}  # fmt: skip


def _where(where: str) -> str:
    match where:
        case "note":
            return _("A note")
        case "issue" | "issue_event" | "hand_over" | "issue_reference" | "join_suggestion":
            return _("An issue")
        case "booking" | "booking_event" | "booking_proposal":
            return _("A day")
        case "shift":
            return _("A shift")
        case "team":
            return _("A team")
        case "statement" | "agreement":
            return _("A team's picture of good service")
        case "measure" | "measure_event":
            return _("A measure")
        case "department":
            return _("A department")
        case "invitation":
            return _("An invitation")
        case "summary" | "summary_month" | "correction":
            return _("What was said to a month's summary")
        case "summary_line" | "public_line":
            return _("An issue, as a month's summary or a team's public page shows it")
        case _:
            return _("A story") if where == "story" else _("The opening of a month's stories")


def _place(said: str) -> tuple[str, str]:
    """Turn `table/id` into words and a path ("" where there is no page of its own)."""
    where, _slash, thing = said.partition("/")
    return _where(where), f"{PLACES[where]}{thing}" if where in PLACES and thing != "None" else ""


@post("/settings/people/{person_id:uuid}/return")
async def come_back(actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Let somebody sign in again."""
    only_keepers(actor)
    name = await actions.come_back(actor, person_id, now=now)
    said = _("%(name)s can sign in again. Give them a role next: those of before are gone.", name=name)
    return redirect(f"/settings/people/{person_id}", say=said)


class ErasureForm(Struct, frozen=True):
    """The name of whoever is erased, typed by hand."""

    name: Title


class ContactFields(Struct, frozen=True):
    """The address that is forgotten, typed by hand."""

    address: Line


@post("/settings/vendors/{vendor_id:uuid}/contact/erasure")
async def forget_contact(
    request: Asked, actor: NamedDependency[Actor], vendor_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Forget whom a vendor was written to by."""
    only_keepers(actor)
    wanted = await read_form(request, ContactFields)
    await actions.forget_contact(actor, vendor_id, typed=wanted.address, now=now)
    return redirect(f"/settings/vendors/{vendor_id}", say=_("Forgotten. What they said stays, without the name."))


@get("/settings/people/{person_id:uuid}/erasure")
async def erasure_page(request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Shown:
    """Say what erasing somebody means, and what only a person can look at."""
    only_keepers(actor)
    return _show_erasure(request, actor, await actions.erasure(actor, person_id), blank())


def _show_erasure(request: Asked, actor: Actor, erasure: Erasure, form: Form, *, status: int = 200) -> Shown:
    reads = can(actor, Act.SEE_LETTERS)
    hits = [(*_place(f"{hit.where}/{hit.thing}"), hit.text[:200] if reads else "") for hit in erasure.hits]
    return show(request, "leavers/erasure.html", status=status, card=erasure.card, refused=erasure.refused, hits=hits,
                form=form)  # fmt: skip


@post("/settings/people/{person_id:uuid}/erasure")
async def erase(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Erase somebody, for good."""
    only_keepers(actor)
    try:
        form = await read_form(request, ErasureForm)
        stand = await actions.erase(actor, person_id, typed=form.name, now=now)
    except BadInput as wrong:
        return _show_erasure(request, actor, await actions.erasure(actor, person_id), again(wrong), status=422)
    said = _("Erased. “%(name)s” stands there now.", name=stand.name)
    return redirect(f"/settings/people/{person_id}/gone", say=said)


router = Router(
    path="/",
    route_handlers=[gone_page, leaving_page, leave, leaver_page, come_back, erasure_page, erase, forget_contact],
)
