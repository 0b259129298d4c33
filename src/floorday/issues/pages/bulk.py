"""Several issues at once: look first at what will happen to which, then do it, and read what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct, field, structs

from floorday.db.text import Prose
from floorday.errors import BadInput, Refused
from floorday.issues import queries
from floorday.issues.actions import triage as placing
from floorday.issues.actions.steps import today as the_day
from floorday.issues.actions.triage import MOST, Outcome, Placing
from floorday.issues.pages import dates, words
from floorday.issues.pages.triage import (
    KEPT,
    ReasonFields,
    acts_of,
    asks_of,
    named,
    number_of,
    numbered,
    query_of,
    ready_sentences,
    reason,
    whom,
)
from floorday.issues.queries import IssueRow
from floorday.issues.queries import triage as waiting
from floorday.issues.rules import Kind
from floorday.people.access import Actor
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import own_path, read_form, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class BulkFields(Struct, frozen=True):
    """What is to happen to which issues (by their numbers), and what goes with it."""

    act: Literal["hand", "sponsor", "join", "decline", "snooze", "kind", "promise"]
    issue: list[str] = field(default_factory=list[str])
    whom: str = ""
    sponsor: UUID | None = None
    into: str = ""
    because: Prose = Prose("")
    ready: Prose = Prose("")
    until: date | None = None
    sort: Kind | None = None
    for_date: date | None = None
    later: int | None = None
    back: str = ""


class UndoFields(Struct, frozen=True):
    """Whose last step is taken back."""

    of: list[UUID] = field(default_factory=list[UUID])
    back: str = ""


class Look(Struct, frozen=True):
    """An issue on the page that is looked at first."""

    number: int
    ref: str
    title: str
    href: str
    about: str
    why: str = ""
    becomes: str = ""
    tone: str = ""


@get("/issues/bulk")
async def look_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show what will happen to which issues, and which cannot be changed so, and why."""
    placing.allowed(actor)
    asked = request.query_params
    act = asked.get("act", "")
    total = 0
    if asked.get("all") == "on":
        of = Form({name: asked.get(f"of_{name}", "").strip()[:100] for name in KEPT})
        numbers, total = await waiting.numbers(actor, asks_of(of), most=MOST, now=now)
    else:
        chosen = [number for said in asked.getall("issue", []) if (number := number_of(said)) is not None]
        numbers = list(dict.fromkeys(chosen))
        total = len(numbers)
    back = _back(asked.get("back", ""), Form({name: asked.get(f"of_{name}", "").strip()[:100] for name in KEPT}))
    return await _show(request, actor, act, numbers[:MOST], total=total, now=now, back=back, said=asked)


def _back(said: str, of: Form) -> str:
    """Say where to go back to: a page of issues, or the queue."""
    if said and own_path(said) and said.startswith(("/issues", "/triage")):
        return said
    query = query_of(of)
    return f"/triage?{query}" if query else "/triage"


async def _show(
    request: Asked, actor: Actor, act: str, numbers: Sequence[int], *, total: int, now: datetime, back: str,
    form: Form | None = None, status: int = 200, said: Mapping[str, str] | None = None,
) -> Shown:  # fmt: skip
    mine = dict(acts_of(actor))
    act = act if act in mine else next(iter(mine))
    rows = await waiting.several(actor, numbers=numbers)
    looks = [_look(row, placing.why_not(row, actor, act, now=now)) for row in rows]
    day, options, sponsors = the_day(now), list[waiting.Option](), list[tuple[UUID, str]]()
    if act == "hand":
        options = waiting.theirs(await waiting.options(), actor)
    elif act == "sponsor":
        sponsors = [(one.id, one.name) for one in await queries.sponsors()]
    choice = None
    if act == "promise":
        choice = dates.read(said if said is not None else (form or Form()).values, today=day)
        looks, choice = await _with_dates(rows, looks, actor, choice, today=day)
    fine = [look for look in looks if not look.why]
    return show(
        request, "issues/bulk.html", status=status, act=act, title=_title(act, len(fine)), what=_what(act), back=back,
        fine=fine, cannot=[look for look in looks if look.why], gone=len(numbers) - len(rows),
        more=_more(total, len(numbers)), form=form or Form(), whom=[name for name, _one in named(options)],
        sponsors=sponsors, kinds=words.kind_options(), ready=ready_sentences(), acts=acts_of(actor), numbers=numbers,
        after_today=(day + timedelta(days=1)).isoformat(), today=day.isoformat(), labels=_labels(), button=mine[act],
        choice=choice,
    )  # fmt: skip


def _look(row: IssueRow, why: str) -> Look:
    place = [refs.ref(row.number), *([row.team_name] if row.team_name else []),
             *([row.department_name] if row.department_name else []),
             *([row.owner_name] if row.owner_name else [])]  # fmt: skip
    return Look(row.number, refs.ref(row.number), row.title, f"/issues/{row.id}", " · ".join(place), why)


async def _with_dates(
    rows: Sequence[IssueRow], looks: Sequence[Look], actor: Actor, choice: dates.Choice, *, today: date
) -> tuple[list[Look], dates.Choice]:  # fmt: skip
    """Say beside each issue what the chosen dates do to it, or (nothing is chosen yet) which date stands."""
    chosen, found = choice.dates, list[Look]()
    if chosen is None:
        both = zip(rows, looks, strict=True)
        return [structs.replace(look, becomes=dates.standing(row)) for row, look in both], choice
    whys = [look.why or dates.why_not(row, chosen, today=today) for row, look in zip(rows, looks, strict=True)]
    can = [row for row, why in zip(rows, whys, strict=True) if not why]
    lines, letters = await dates.what_becomes(can, actor, chosen, today=today)
    for row, look, why in zip(rows, looks, whys, strict=True):
        line, tone = ("", "") if why else lines[row.id]
        found.append(structs.replace(look, why=why, becomes=line, tone=tone))
    return found, structs.replace(choice, letters=letters)


def _more(total: int, shown: int) -> str:
    if total <= shown:
        return ""
    return _("These are the first %(n)s of %(total)s. Come back for the rest when they are done.", n=shown, total=total)


def _title(act: str, n: int) -> str:
    match act:
        case "hand":
            return ngettext("Hand over one issue", "Hand over %(n)s issues", n)
        case "sponsor":
            return ngettext("Name the sponsor of one issue", "Name the sponsor of %(n)s issues", n)
        case "join":
            return ngettext("Join one issue into another", "Join %(n)s issues into one", n)
        case "decline":
            return ngettext("Decline one issue", "Decline %(n)s issues", n)
        case "snooze":
            return ngettext("Let one issue sleep", "Let %(n)s issues sleep", n)
        case "promise":
            return ngettext("Change the date of one issue", "Change the dates of %(n)s issues", n)
        case _:
            return ngettext("Set the kind of one issue", "Set the kind of %(n)s issues", n)


def _what(act: str) -> str:
    """Say what will happen to each."""
    return {
        "hand": _("Each goes to whom you choose. With an owner it is being fixed, and the owner and everybody who"
                  " raised it get a letter; a department alone gets none and names its owner."),
        "sponsor": _("The sponsor gets a letter about each."),
        "join": _("Each becomes part of the one you name, with its notes and reporters, who get a letter. Both"
                  " histories stay."),
        "decline": _("Each is closed as declined. Everybody who raised one reads the reason in a letter."),
        "snooze": _("Each sleeps until that day. Nobody gets a letter."),
        "kind": _("Nobody gets a letter. The history keeps it."),
        "promise": _("Those who raised them are told at once, with your reason, in one letter each."),
    }[act]  # fmt: skip


def _labels() -> dict[str, str]:
    return {"whom": _("Who fixes it"), "into": _("The issue they join"), "because": _("Why not?"),
            "until": _("Sleep until"), "sponsor": _("Sponsor"), "sort": _("Kind"),
            "for_date": _("One day for all"), "later": _("Working days later")}  # fmt: skip


# --- acts --------------------------------------------------------------------------------------------------------


@post("/issues/bulk")
async def change(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Do it to each, and show what became of it."""
    placing.allowed(actor)
    typed = await request.form()
    numbers = [number for said in typed.getall("issue", []) if (number := number_of(str(said))) is not None]
    back = _back(str(typed.get("back", "")), Form())
    try:
        sent = await read_form(request, BulkFields)
        placing.may(actor, len(dict.fromkeys(numbers)))
        wanted = await _wanted(actor, sent)
        outcomes = await placing.place_all(actor, wanted, numbers=numbers, now=now)
    except (BadInput, Refused) as no:
        fields = no.fields if isinstance(no, BadInput) else {}
        values = {name: value for name, value in typed.items() if isinstance(value, str)}
        form = Form(values, {WHOLE if name == "issues" else name: said for name, said in fields.items()}
                    or {WHOLE: no.sentence})  # fmt: skip
        return await _show(request, actor, values.get("act", ""), numbers[:MOST], total=len(numbers), now=now,
                           back=back, form=form, status=no.status)  # fmt: skip
    await waiting.recount(actor)
    return _told(request, outcomes, back=back, undo=[one.row.id for one in outcomes if one.done and one.row])


async def _wanted(actor: Actor, sent: BulkFields) -> Placing:
    """Read what goes with the act; raise BadInput where it lacks."""
    match sent.act:
        case "hand":
            one = whom(sent.whom, waiting.theirs(await waiting.options(), actor), actor)
            return placing.Hand(one.id, one.person)
        case "sponsor" if sent.sponsor is not None:
            return placing.Sponsor(sent.sponsor)
        case "join":
            return placing.Join((await numbered(actor, sent.into)).id)
        case "decline" if why := reason(ReasonFields(sent.because, sent.ready)):
            return placing.Decline(why)
        case "snooze" if sent.until is not None:
            return placing.Snooze(sent.until)
        case "kind" if sent.sort is not None:
            return placing.Sort(sent.sort)
        case "promise":
            return placing.Promise(dates.wanted(sent.for_date, sent.later), sent.because)
        case act:
            name = {"sponsor": "sponsor", "decline": "because", "snooze": "until"}.get(act, "sort")
            raise BadInput(_("Please fill this in."), fields={name: _("Please fill this in.")})


@post("/issues/bulk/undo")
async def take_back(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Take back the last step of each, where its letters have not left."""
    placing.allowed(actor)
    sent = await read_form(request, UndoFields)
    outcomes = await placing.undo_all(actor, sent.of, now=now)
    await waiting.recount(actor)
    return _told(request, outcomes, back=_back(sent.back, Form()), undo=[], undone=True)


def _told(
    request: Asked, outcomes: Sequence[Outcome], *, back: str, undo: Sequence[UUID], undone: bool = False
) -> Shown:  # fmt: skip
    done = [one for one in outcomes if one.done]
    failed = [one for one in outcomes if not one.done]
    if undone:
        said = ngettext("%(n)s taken back", "%(n)s taken back", len(done))
    else:
        said = ngettext("%(n)s done", "%(n)s done", len(done))
    title = said if not failed else _("%(done)s, %(n)s not", done=said, n=len(failed))
    # Whoever sends the form twice goes on from there (`web/once.py`).
    return show(
        request, "issues/bulked.html", headers={"location": back}, title=title, undone=undone, undo=undo, back=back,
        done=[_look(one.row, "") for one in done if one.row],
        failed=[_look(one.row, one.why) if one.row else Look(0, "", _("Not there"), "", "", one.why)
                for one in failed],
    )  # fmt: skip


handlers = [look_page, change, take_back]
