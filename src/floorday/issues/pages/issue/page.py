"""An issue: whose turn it is, the one next step for its reader, what was said and what happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.issues import queries, rules, worth
from floorday.issues.actions.steps import today as the_day
from floorday.issues.pages import words
from floorday.issues.pages.beside import outside
from floorday.issues.pages.issue import put, suggested
from floorday.issues.pages.issue.told import letters, line_of, note_of, unnamed
from floorday.issues.pages.notes import likely_stream
from floorday.issues.pages.steps import asks, next_step, overdue_days, possible, step_words
from floorday.issues.queries import IssueRow, pointing
from floorday.issues.rules import Naming, Resolution, Stage, Turn
from floorday.people import queries as people
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Act, Actor, Role
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


@get("/issues/{issue_id:uuid}")
async def issue_page(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show an issue, or its face alone."""
    return await show_issue(request, actor, issue_id, now=now)


async def show_issue(
    request: Asked, actor: Actor, issue_id: UUID, *, now: datetime, status: int = 200, form: Form | None = None,
    failed: str = "", refused: str = "",
) -> Shown:  # fmt: skip
    """Show an issue; after a refused step (`failed`) with its reason and what was typed."""
    found = await queries.opened(actor, issue_id)
    row, today = found.issue, the_day(now)
    steps = possible(found, actor) + put.possible(found, actor)
    first = next_step(found, steps, today=today)
    fixers = await queries.fixers() if {"owner", "sponsor"} & set(steps) else []
    teams = await _teams(actor) if "note" in steps else []
    typed = form or Form()
    return show(
        request, "issues/issue.html", status=status, id=row.id, zone=row.team_zone or actor.zone,
        today=today.isoformat(),
        form=Form({**_filled(row, actor, today), **typed.values}, typed.errors), refused=refused, labels=labels(),
        face=_face(row, today), first=first, first_label=step_words(first, row) if first else "",
        mine=asks(row, actor, today=today),
        rest=[(name, step_words(name, row), name == failed) for name in steps if name != first],
        waiting=_waiting(row, actor), whole=row.whole, facts=_facts(row, now=now, today=today),
        notes=[note_of(note, row, actor, typed, failed=failed) | put.beside(note, found, actor, failed=failed)
               for note in found.notes],
        put=put.put_of(found, actor), waits=put.waits(found),
        history=[line_of(line, row, actor) for line in found.history],
        letters=await letters(found, actor, now=now) if row.whole else [],
        untold=unnamed(found), owners=_owners(fixers, row, actor),
        sponsors=[(one.person, one.name) for one in fixers if one.department is None],
        takes=_takes(row, actor) if "owner" in steps else "", resolutions=words.resolution_chips(),
        streams=words.stream_options(good_news=False), teams=teams, namings=words.naming_chips(),
        points=await _points(row, steps), outside=await outside(row, actor, form=typed, failed=failed),
        kinds=words.kind_options(), efforts=words.effort_options(), touches=words.reputation_chips(),
        judges=row.whole and row.can(actor, Act.ASSIGN), suggested=await suggested.of_issue(row, actor),
    )  # fmt: skip


async def _points(row: IssueRow, steps: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Give what an issue may be said to be about, by the steps that its reader may take."""
    said = {str(row.picture): row.picture_text or ""} if row.picture else {}
    if "picture" in steps and row.team is not None:
        said = {str(one.id): one.text for one in await people.statements(row.team)} | said
    measures = await pointing.measures() if "conflict" in steps else []
    return {"statements": list(said.items()),
            "measures": [(str(one.id), f"{one.name} ({one.department_name})") for one in measures]}  # fmt: skip


def labels() -> dict[str, str]:
    """Name the fields of the page's forms."""
    return {
        "owner": _("Owner"), "sponsor": _("Sponsor"), "promised_for": _("Fixed by"), "promise_because": _("Why"),
        "update": _("Update"), "question": _("Question"), "decision": _("Decision"), "decision_because": _("Because"),
        "how": _("What was done"), "done": _("In one or two sentences"), "says": _("Verdict"),
        "verdict_because": _("What is still missing?"), "again": _("What is it now?"),
        "decline_because": _("Why not?"), "until": _("Sleep until"), "into": _("The issue it joins"),
        "title": _("Title"), "kind": _("Kind"), "minutes": _("Minutes a case"), "cases": _("Cases a month"),
        "effort": _("Effort"), "reputation": _("Our name"), "text": _("What happens with you?"),
        "stream": _("Who said or saw it"), "team": _("Team"), "naming": _("Your name"), "correction": _("Your note"),
        "ask_floor": _("Your question"), "answer": _("Your answer"),
        "same": _("The same as"), "same_word": _("How you can tell"),
        "picture": _("Good service"), "conflict": _("Measure"), "reference": _("Reference"), "url": _("Link"),
    }  # fmt: skip


async def _teams(actor: Actor) -> list[tuple[UUID, str]]:
    """List the teams for which somebody of several may speak; of one team it is that one."""
    own = actor.teams(*TEAM_ROLES)
    if len(own) < 2:
        return [(team, "") for team in own]
    return [(team.id, team.name) for team in await queries.teams() if team.id in own]


def _filled(row: IssueRow, actor: Actor, today: date) -> dict[str, Any]:
    promised = row.promised_for if row.promised_for is not None and row.promised_for >= today else None
    return {
        "title": row.title, "kind": row.kind.value, "naming": Naming.NAMED.value,
        "stream": likely_stream(actor).value, "effort": row.effort.value or worth.UNSAID,
        "reputation": worth.UNSAID if row.reputation is None else str(row.reputation),
        "minutes": _plain(row.minutes_per_case), "cases": _plain(row.cases_per_month),
        "owner": f"{row.department}/{row.owner or ''}" if row.department else "", "sponsor": row.sponsor or "",
        "promised_for": promised.isoformat() if promised else "",
        "picture": str(row.picture or ""), "conflict": str(row.measure or ""),
    }  # fmt: skip


def _face(row: IssueRow, today: date) -> dict[str, Any]:
    late = overdue_days(row, today)
    answer_title = words.resolution(Resolution(row.resolution)) if row.resolution else _("Why it is declined")
    place = row.team_name or row.department_name or rules.say_kind(row.kind)
    return {
        "ref": refs.ref(row.number), "title": row.title, "lead": f"{refs.ref(row.number)} · {place}",
        "standing": rules.say(row.stage), "done": row.stage is Stage.CONFIRMED, "promised": row.promised_for,
        "overdue": ngettext("%(n)s day overdue", "%(n)s days overdue", late) if late else "",
        "snoozed": _("sleeps until %(day)s", day=when.short_day(row.snoozed_until)) if row.snoozed_until else "",
        "back": words.came_back(row.returns) if row.returns else "",
        "restricted": row.restricted, "joined": f"/issues/{row.joined_into}" if row.joined_into else "",
        "question": row.question if row.turn is Turn.NEEDS_DECISION else "",
        "answer": row.done, "answer_title": answer_title,
        "picture": row.picture_text or "", "picture_href": f"/teams/{row.team}/picture",
        "measure": row.measure_name or "", "measure_href": f"/measures/{row.measure}",
    }  # fmt: skip


def _facts(row: IssueRow, *, now: datetime, today: date) -> list[tuple[str, str, bool]]:
    """List the facts as (word, what, whether it is overdue)."""
    nobody = _("nobody yet")
    facts = [(_("Kind"), rules.say_kind(row.kind), False)]
    if row.whole:
        facts.append((_("Team"), row.team_name, False))
    facts.append((_("Department"), row.department_name or _("none yet"), False))
    if row.whole:
        facts += [(_("Owner"), row.owner_name or nobody, False), (_("Sponsor"), row.sponsor_name or nobody, False)]
    if row.promised_for is not None:
        facts.append((_("Promised for"), when.day(row.promised_for), overdue_days(row, today) > 0))
    if row.turn is not Turn.CLOSED:
        facts.append((_("Open for"), when.days(max((now - row.raised_at).days, 0)), False))
    facts.append((_("Met by"), str(row.met_by), False))
    if row.backs:
        facts.append((_("Came back"), words.backs(row) or str(row.returns), False))
    return facts + [(word, said, False) for word, said in _costs(row)] if row.whole else facts


def _costs(row: IssueRow) -> list[tuple[str, str]]:
    """Say what it costs, how hard it is to fix, and what that would bring."""
    lost = _("not said yet")
    if row.hours is not None:
        lost = _("%(hours)s (%(minutes)s minutes in %(cases)s cases)", hours=worth.say_hours(row.hours),
                 minutes=_plain(row.minutes_per_case), cases=_plain(row.cases_per_month))  # fmt: skip
    brings = _("%(gain)s. %(why)s", gain=worth.say_gain(row.worth.gain), why=worth.why(row.worth))
    costs = [(_("Hours lost"), lost), (_("Effort"), worth.say_effort(row.effort)), (_("Gain"), brings)]
    if row.reputation is not None:
        costs.append((_("Our name"), worth.say_reputation(row.reputation)))
    return costs


def _plain(number: float | None) -> str:
    """Write a number as people do, 5 and not 5.0."""
    return "" if number is None else f"{number:.15g}"


def _waiting(row: IssueRow, actor: Actor) -> str:
    """Say whose turn it is where it is not the reader's."""
    if row.snoozed_until is not None:
        return _("It sleeps until %(day)s.", day=when.day(row.snoozed_until))
    match row.turn:
        case Turn.NEEDS_OWNER:
            return _("The coordinator or the department finds an owner.")
        case Turn.BEING_FIXED if row.promised_for is not None:
            return _("%(owner)s fixes it, promised for %(day)s.", owner=row.owner_name or _("The owner"),
                     day=when.day(row.promised_for))  # fmt: skip
        case Turn.BEING_FIXED:
            return _("%(owner)s has it and gives a date next.", owner=row.owner_name or _("The owner"))
        case Turn.NEEDS_DECISION:
            return _("%(sponsor)s says yes or no.", sponsor=row.sponsor_name or _("The sponsor"))
        case Turn.TELL_FLOOR if row.resolved_by == actor.person:
            return _("You said what was done. Those who raised it say whether it is fixed.")
        case Turn.TELL_FLOOR:
            return _("Those who raised it say whether it is fixed.")
        case Turn.CLOSED:
            return _("It is closed: %(how)s.", how=rules.say(row.stage).lower())


def _owners(fixers: list[queries.Fixer], row: IssueRow, actor: Actor) -> list[tuple[str, str]]:
    """List who may fix it, department by department; the coordinator may leave it to the department to name one."""
    options: list[tuple[str, str]] = []
    named = set[UUID]()
    coordinates = actor.has(Role.COORDINATOR)
    for one in fixers:
        if one.department is None or not (coordinates or one.department == row.department):
            continue
        if one.department not in named and row.owner is None:
            options.append((f"{one.department}/", _("%(department)s (names an owner)", department=one.department_name)))
        named.add(one.department)
        options.append((f"{one.department}/{one.person}", _("%(department)s: %(name)s", department=one.department_name,
                                                            name=one.name)))  # fmt: skip
    return options


def _takes(row: IssueRow, actor: Actor) -> str:
    """Give what one press of "I take it" sends, where the reader belongs to the department."""
    theirs = row.department in actor.departments(*DEPARTMENT_ROLES)
    return f"{row.department}/{actor.person}" if theirs and not row.i_own else ""
