"""An issue: whose turn it is, the one next step for its reader, what was said and what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from floorday.db.text import Prose, Title
from floorday.errors import BadInput, NotFound, Refused
from floorday.issues import actions, queries, rules
from floorday.issues.actions import NoteForm
from floorday.issues.actions.steps import today as the_day
from floorday.issues.pages import words
from floorday.issues.pages.notes import Captured, code_page, likely_stream
from floorday.issues.pages.steps import asks, next_step, overdue_days, possible, step_words
from floorday.issues.queries import FROM_THE_FLOOR, EventRow, IssueRow, LetterRow, NoteRow, Opened
from floorday.issues.rules import Effort, Kind, Naming, Resolution, Stage, Turn, Verdict
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Actor, Role
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

TO_ROLES = frozenset({"owner_named", "sponsor_named", "decision_asked"})
"""Letters to the owner or the sponsor as such: whether they also raised it does not show."""


# --- what the forms send ---------------------------------------------------------------------------------------


class OwnerFields(Struct, frozen=True):
    """Who fixes it: a department, and a person of it where one is named already ("department/person")."""

    owner: str


class SponsorFields(Struct, frozen=True):
    """Who answers for it."""

    sponsor: UUID


class PromiseFields(Struct, frozen=True):
    """By when it is fixed."""

    promised_for: date
    promise_because: Prose = Prose("")


class UpdateFields(Struct, frozen=True):
    """A word to everybody who raised it."""

    update: Prose


class QuestionFields(Struct, frozen=True):
    """What the sponsor is asked."""

    question: Prose


class DecisionFields(Struct, frozen=True):
    """Yes, or no because."""

    decision: Literal["yes", "no"]
    decision_because: Prose = Prose("")


class ResolutionFields(Struct, frozen=True):
    """What was done."""

    how: Resolution
    done: Prose


class VerdictFields(Struct, frozen=True):
    """What a reporter says of it."""

    says: Verdict
    verdict_because: Prose = Prose("")


class CorrectionFields(Struct, frozen=True):
    """An own note, said better."""

    correction: actions.Said


class AgainFields(Struct, frozen=True):
    """What it is now."""

    again: Prose


class DeclineFields(Struct, frozen=True):
    """Why not."""

    decline_because: Prose


class SnoozeFields(Struct, frozen=True):
    """Until when it sleeps."""

    until: date


class JoinFields(Struct, frozen=True):
    """The number of the issue it joins."""

    into: str


class TitleFields(Struct, frozen=True):
    """What gets fixed, and of which kind it is."""

    title: Title
    kind: Kind


class MeasureFields(Struct, frozen=True):
    """What it costs."""

    minutes: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    cases: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    effort: Effort = Effort.UNKNOWN


class RestrictionFields(Struct, frozen=True):
    """Whether only those who are in it see it."""

    restricted: bool = False


# --- the page --------------------------------------------------------------------------------------------------


@get("/issues/{issue_id:uuid}")
async def issue_page(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show an issue, or its face alone."""
    return await _show(request, actor, issue_id, now=now)


@post("/issues/{issue_id:uuid}/owner")
async def assign(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say who fixes it."""

    async def act() -> str:
        department, owner = _fixer((await read_form(request, OwnerFields)).owner)
        row = await actions.assign(actor, issue_id, department=department, owner=owner, now=now)
        if row.owner_name:
            return _("%(name)s has it now.", name=row.owner_name)
        return _("%(department)s has it now and names an owner.", department=row.department_name)

    return await _done(request, actor, issue_id, act, "owner", now=now)


def _fixer(chosen: str) -> tuple[UUID, UUID | None]:
    """Read "department/person", or "department/" where the department is to name its owner."""
    department, _slash, person = chosen.partition("/")
    try:
        return UUID(department), UUID(person) if person else None
    except ValueError:
        wrong = _("Please choose one of the list.")
        raise BadInput(wrong, fields={"owner": wrong}, values={"owner": chosen}) from None


@post("/issues/{issue_id:uuid}/sponsor")
async def sponsor(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say who answers for it."""

    async def act() -> str:
        wanted = await read_form(request, SponsorFields)
        row = await actions.sponsor(actor, issue_id, wanted.sponsor, now=now)
        return _("%(name)s sponsors it.", name=row.sponsor_name)

    return await _done(request, actor, issue_id, act, "sponsor", now=now)


@post("/issues/{issue_id:uuid}/promises")
async def promise(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a date."""

    async def act() -> str:
        wanted = await read_form(request, PromiseFields)
        await actions.promise(actor, issue_id, wanted.promised_for, wanted.promise_because, now=now)
        return _("Promised for %(day)s. Everybody who raised it is told.", day=when.day(wanted.promised_for))

    return await _done(request, actor, issue_id, act, "promise", now=now)


@post("/issues/{issue_id:uuid}/updates")
async def update(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a word to everybody who raised it."""

    async def act() -> str:
        wanted = await read_form(request, UpdateFields)
        await actions.update(actor, issue_id, wanted.update, now=now)
        return _("The update goes to everybody who raised it.")

    return await _done(request, actor, issue_id, act, "update", now=now)


@post("/issues/{issue_id:uuid}/questions")
async def ask(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask the sponsor for a yes or a no."""

    async def act() -> str:
        wanted = await read_form(request, QuestionFields)
        row = await actions.ask(actor, issue_id, wanted.question, now=now)
        return _("%(name)s is asked.", name=row.sponsor_name)

    return await _done(request, actor, issue_id, act, "question", now=now)


@post("/issues/{issue_id:uuid}/decisions")
async def decide(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Decide."""

    async def act() -> str:
        wanted = await read_form(request, DecisionFields)
        await actions.decide(
            actor, issue_id, yes=wanted.decision == "yes", because=wanted.decision_because, now=now)
        return _("Decided. The owner and everybody who raised it are told.")

    return await _done(request, actor, issue_id, act, "decision", now=now)


@post("/issues/{issue_id:uuid}/resolution")
async def resolve(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what was done."""

    async def act() -> str:
        wanted = await read_form(request, ResolutionFields)
        await actions.resolve(actor, issue_id, wanted.how, wanted.done, now=now)
        if wanted.how is Resolution.CANNOT:
            return _("Closed. Everybody who raised it reads why.")
        return _("Everybody who raised it is asked whether it is fixed.")

    return await _done(request, actor, issue_id, act, "resolution", now=now, undo=True)


@post("/issues/{issue_id:uuid}/verdicts")
async def give_verdict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say whether it is fixed."""

    async def act() -> str:
        wanted = await read_form(request, VerdictFields)
        await actions.verdict(actor, issue_id, wanted.says, wanted.verdict_because, now=now)
        return thanks(wanted.says)

    return await _done(request, actor, issue_id, act, "verdict", now=now)


def thanks(says: Verdict) -> str:
    """Thank for a verdict, and say what follows."""
    if says is Verdict.FIXED:
        return _("Thank you. It counts as confirmed.")
    return _("Thank you. It is open again, and those who fix it read why.")


@post("/issues/{issue_id:uuid}/notes")
async def me_too(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Meet it too."""
    code = ""

    async def act() -> str:
        nonlocal code
        wanted = await read_form(request, Captured)
        noted = await actions.note(actor, NoteForm(
            text=wanted.text, stream=wanted.stream, team=wanted.team, issue=issue_id, naming=wanted.naming,
        ), now=now)  # fmt: skip
        code = noted.follow_up or ""
        return _("Noted. You are told what becomes of it.")

    answer = await _done(request, actor, issue_id, act, "note", now=now)
    return code_page(request, code, more=f"/issues/{issue_id}") if code else answer


@post("/issues/{issue_id:uuid}/notes/{note_id:uuid}/correction")
async def correct_note(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], note_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Say an own note better."""

    async def act() -> str:
        wanted = await read_form(request, CorrectionFields)
        await actions.correct_note(actor, note_id, wanted.correction, now=now)
        return _("Corrected. How it was said before stands in the history.")

    return await _done(request, actor, issue_id, act, str(note_id), now=now)


@post("/issues/{issue_id:uuid}/returns")
async def again(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that it is back."""

    async def act() -> str:
        wanted = await read_form(request, AgainFields)
        await actions.again(actor, issue_id, wanted.again, now=now)
        return _("It is open again.")

    return await _done(request, actor, issue_id, act, "return", now=now)


@post("/issues/{issue_id:uuid}/decline")
async def decline(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say why it will not be done."""

    async def act() -> str:
        wanted = await read_form(request, DeclineFields)
        await actions.decline(actor, issue_id, wanted.decline_because, now=now)
        return _("Declined. Everybody who raised it reads why.")

    return await _done(request, actor, issue_id, act, "decline", now=now, undo=True)


@post("/issues/{issue_id:uuid}/snooze")
async def snooze(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put it to sleep until a day."""

    async def act() -> str:
        wanted = await read_form(request, SnoozeFields)
        await actions.snooze(actor, issue_id, wanted.until, now=now)
        return _("It sleeps until %(day)s.", day=when.day(wanted.until))

    return await _done(request, actor, issue_id, act, "snooze", now=now, undo=True)


@post("/issues/{issue_id:uuid}/wake")
async def wake(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it up again."""

    async def act() -> str:
        await actions.wake(actor, issue_id, now=now)
        return _("It is awake.")

    return await _done(request, actor, issue_id, act, "wake", now=now)


@post("/issues/{issue_id:uuid}/join")
async def join(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make it part of another one."""

    async def act() -> str:
        wanted = await read_form(request, JoinFields)
        other = await _numbered(actor, wanted.into)
        await actions.join(actor, issue_id, other.id, now=now)
        return _("Joined into %(ref)s. Its reporters went along.", ref=words.ref(other.number))

    return await _done(request, actor, issue_id, act, "join", now=now)


async def _numbered(actor: Actor, said: str) -> IssueRow:
    """Find the issue that a person names by its number."""
    number = said.strip().upper().removeprefix("FD").strip("-–# ")
    try:
        if not (number.isdecimal() and len(number) < 9):
            raise NotFound("")
        return await queries.by_number(actor, int(number))
    except NotFound:
        wrong = _("There is no issue with this number. It looks like FD-102.")
        raise BadInput(wrong, fields={"into": wrong}) from None


@post("/issues/{issue_id:uuid}/title")
async def retitle(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say better what gets fixed."""

    async def act() -> str:
        wanted = await read_form(request, TitleFields)
        await actions.retitle(actor, issue_id, wanted.title, wanted.kind, now=now)
        return _("Saved.")

    return await _done(request, actor, issue_id, act, "title", now=now)


@post("/issues/{issue_id:uuid}/measure")
async def measure(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what it costs."""

    async def act() -> str:
        wanted = await read_form(request, MeasureFields)
        await actions.measure(actor, issue_id, minutes_per_case=wanted.minutes, cases_per_month=wanted.cases,
                              effort=wanted.effort, now=now)
        return _("Saved.")

    return await _done(request, actor, issue_id, act, "measure", now=now)


@post("/issues/{issue_id:uuid}/restriction")
async def restrict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep it to those who are in it, or open it again."""

    async def act() -> str:
        wanted = await read_form(request, RestrictionFields)
        await actions.restrict(actor, issue_id, restricted=wanted.restricted, now=now)
        return _("Only those who are in it see it now.") if wanted.restricted else _("Everybody sees what gets fixed.")

    return await _done(request, actor, issue_id, act, "restrict", now=now)


@post("/issues/{issue_id:uuid}/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, as long as its letters have not left."""

    async def act() -> str:
        await actions.undo(actor, issue_id, now=now)
        return _("Undone. No letter has left.")

    return await _done(request, actor, issue_id, act, "", now=now)


async def _done(
    request: Asked, actor: Actor, issue_id: UUID, act: Callable[[], Awaitable[str]], step: str, *, now: datetime,
    undo: bool = False,
) -> Shown:  # fmt: skip
    """Act, then go back to the issue with a word; where that is refused, show it with the reason and what was typed."""
    try:
        said = await act()
    except (BadInput, Refused) as refused:
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = refused.fields if isinstance(refused, BadInput) else {}
        form = Form(values=values, errors={name: text for name, text in fields.items() if name != WHOLE})
        return await _show(request, actor, issue_id, now=now, status=refused.status, form=form, failed=step,
                           refused="" if form.errors else fields.get(WHOLE, refused.sentence))
    page = f"/issues/{issue_id}"
    return redirect(page, say=said, undo=f"{page}/undo" if undo else None)


async def _show(
    request: Asked, actor: Actor, issue_id: UUID, *, now: datetime, status: int = 200, form: Form | None = None,
    failed: str = "", refused: str = "",
) -> Shown:  # fmt: skip
    found = await queries.opened(actor, issue_id)
    row, today = found.issue, the_day(now)
    steps = possible(found, actor)
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
        notes=[_note(note, row, actor, typed, failed=failed) for note in found.notes],
        history=[_line(line, row, actor) for line in found.history],
        letters=await _letters(found, actor) if row.whole else [], owners=_owners(fixers, row, actor),
        sponsors=[(one.person, one.name) for one in fixers if one.department is None],
        takes=_takes(row, actor) if "owner" in steps else "", resolutions=words.resolution_chips(),
        streams=words.stream_options(good_news=False), teams=teams, namings=words.naming_chips(),
        kinds=words.kind_options(), efforts=words.effort_options(),
    )  # fmt: skip


# --- what the page shows ---------------------------------------------------------------------------------------


def labels() -> dict[str, str]:
    """Name the fields of the page's forms."""
    return {
        "owner": _("Owner"), "sponsor": _("Sponsor"), "promised_for": _("Fixed by"), "promise_because": _("Why"),
        "update": _("Update"), "question": _("Question"), "decision": _("Decision"), "decision_because": _("Because"),
        "how": _("What was done"), "done": _("In one or two sentences"), "says": _("Verdict"),
        "verdict_because": _("What is still missing?"), "again": _("What is it now?"),
        "decline_because": _("Why not?"), "until": _("Sleep until"), "into": _("The issue it joins"),
        "title": _("Title"), "kind": _("Kind"), "minutes": _("Minutes a case"), "cases": _("Cases a month"),
        "effort": _("Effort"), "text": _("What happens with you?"),
        "stream": _("Who said or saw it"), "team": _("Team"), "naming": _("Your name"), "correction": _("Your note"),
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
        "stream": likely_stream(actor).value, "effort": row.effort.value,
        "minutes": _plain(row.minutes_per_case), "cases": _plain(row.cases_per_month),
        "owner": f"{row.department}/{row.owner or ''}" if row.department else "", "sponsor": row.sponsor or "",
        "promised_for": promised.isoformat() if promised else "",
    }  # fmt: skip


def _face(row: IssueRow, today: date) -> dict[str, Any]:
    late = overdue_days(row, today)
    answer_title = words.resolution(Resolution(row.resolution)) if row.resolution else _("Why it is declined")
    place = row.team_name or row.department_name or rules.say_kind(row.kind)
    return {
        "ref": words.ref(row.number), "title": row.title, "lead": f"{words.ref(row.number)} · {place}",
        "standing": rules.say(row.stage), "done": row.stage is Stage.CONFIRMED, "promised": row.promised_for,
        "overdue": ngettext("%(n)s day overdue", "%(n)s days overdue", late) if late else "",
        "snoozed": _("sleeps until %(day)s", day=when.short_day(row.snoozed_until)) if row.snoozed_until else "",
        "restricted": row.restricted, "joined": f"/issues/{row.joined_into}" if row.joined_into else "",
        "question": row.question if row.turn is Turn.NEEDS_DECISION else "",
        "answer": row.done, "answer_title": answer_title,
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
    if row.whole and row.minutes_per_case and row.cases_per_month:
        hours = round(row.minutes_per_case * row.cases_per_month / 60)
        lost = _("%(hours)s a month (%(minutes)s minutes in %(cases)s cases)", hours=hours,
                 minutes=f"{row.minutes_per_case:g}", cases=f"{row.cases_per_month:g}")  # fmt: skip
        facts.append((_("Hours lost"), lost, False))
    return facts


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


def _note(note: NoteRow, row: IssueRow, actor: Actor, typed: Form, *, failed: str) -> dict[str, Any]:
    own, again = note.mine and note.withdrawn_at is None, failed == str(note.id)
    return {
        "id": note.id, "text": note.text, "stream": words.stream(note.stream), "who": words.who(note),
        "when": words.said_on(note, actor.zone), "withdrawn": note.withdrawn_at is not None,
        "withdraw": f"/notes/{note.id}/withdrawal" if own else "",
        "correct": f"/issues/{row.id}/notes/{note.id}/correction" if own else "", "open": again,
        "typed": typed.value("correction") if again else note.text,
    }  # fmt: skip


def _line(line: EventRow, row: IssueRow, actor: Actor) -> dict[str, Any]:
    """Say a line of history; of somebody whose name is not shown the day is enough, the minute might tell who."""
    text, zone = words.happened(line.what, line.says), row.team_zone
    if line.for_date is not None:
        text = _("%(what)s: %(day)s", what=text, day=when.day(line.for_date))
    secret = not line.by_name and line.what in FROM_THE_FLOOR
    return {
        "who": line.by_name or words.unnamed(line.what), "text": text, "body": line.text,
        "at": when.machine(line.at) if not secret else "", "tone": words.tone(line.what, line.says),
        "when": when.day(line.at, zone) if secret else when.moment(line.at, zone, actor.zone),
        "door": words.door(line.door),
    }  # fmt: skip


async def _letters(found: Opened, actor: Actor) -> list[dict[str, Any]]:
    """List the letters, those of one occasion together, the newest first.

    They were written in the order of names, so those to hidden ones stand last: their place tells nothing.
    """
    groups: dict[tuple[str, datetime], dict[str, Any]] = {}
    letters = await queries.letters(found.issue.id)
    for letter in sorted(letters, key=lambda one: (-one.created_at.timestamp(), _secret(one, found))):
        group = groups.setdefault((letter.name, letter.created_at), {
            "what": words.letter(letter.name), "people": [],
            "when": when.moment(letter.created_at, found.issue.team_zone, actor.zone),
        })  # fmt: skip
        group["people"].append(_told(letter, found))
    return list(groups.values())


def _secret(letter: LetterRow, found: Opened) -> bool:
    return letter.person in found.hidden and letter.name not in TO_ROLES


def _told(letter: LetterRow, found: Opened) -> dict[str, str]:
    """Say to whom a letter went, and what became of it; a name that is hidden stays so."""
    secret = _secret(letter, found)
    fate, tone = _("leaves in a moment"), "wait"
    if letter.failed_at is not None:
        fate, tone = _("did not arrive"), "hot"
    elif letter.sent_at is not None:
        fate, tone = _("sent"), "done"
    elif letter.server_words:
        fate, tone = _("trying again"), "wait"
    name = _("somebody who hides the name") if secret else letter.to_name
    role = _role(letter, found.issue, secret=secret)
    return {"who": _("%(name)s, %(role)s", name=name, role=role) if role else name, "fate": fate, "tone": tone,
            "server_words": "" if secret else letter.server_words}  # fmt: skip


def _role(letter: LetterRow, row: IssueRow, *, secret: bool) -> str:
    """Say as what somebody was told: many a sponsor has raised it, too."""
    if letter.name in TO_ROLES:
        return _("the owner") if letter.name == "owner_named" else _("the sponsor")
    if secret or letter.person in row.reporters:
        return _("who raised it")
    return _("the owner") if letter.person is not None and letter.person == row.owner else ""


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


handlers = [
    issue_page, assign, sponsor, promise, update, ask, decide, resolve, give_verdict, me_too, correct_note, again,
    decline, snooze, wake, join, retitle, measure, restrict, undo,
]  # fmt: skip
