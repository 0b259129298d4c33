"""Notes and issues for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from floorday.db.text import Line, Prose, Title
from floorday.errors import Forbidden, NotFound
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import FROM_THE_FLOOR, EventRow, Filters, IssueRow, NoteRow, Opened
from floorday.issues.rules import Effort, Ending, Kind, Naming, Resolution, Stage, Stream, Turn, Verdict
from floorday.people.access import Act, Actor, Door, can
from floorday.render.words import gettext as _
from floorday.web.api import Page, Paged, answer, api_router, keep_nothing, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]
Cost = Annotated[float, Meta(ge=0, le=1_000_000)]


class Issue(Struct, frozen=True, kw_only=True):
    """What gets fixed. Where `whole` is false you see its face alone, and the rest is null."""

    id: UUID
    number: int
    ref: str
    title: str
    kind: Kind
    stage: Stage
    turn: Turn
    ending: Ending
    department: UUID | None
    department_name: str | None
    promised_for: date | None
    met_by: int
    raised_at: datetime
    whole: bool
    mine: bool
    team: UUID | None = None
    team_name: str | None = None
    owner: UUID | None = None
    owner_name: str | None = None
    sponsor: UUID | None = None
    sponsor_name: str | None = None
    day: UUID | None = None
    last_word_at: datetime | None = None
    question: str | None = None
    snoozed_until: date | None = None
    joined_into: UUID | None = None
    minutes_per_case: float | None = None
    cases_per_month: float | None = None
    effort: Effort | None = None
    restricted: bool | None = None
    external_id: str | None = None


class Note(Struct, frozen=True, kw_only=True):
    """What was said. `name` is null where it is not for you; of such a note no more than the day is told."""

    id: UUID
    issue: UUID | None
    team: UUID
    team_name: str
    day: UUID | None
    stream: Stream
    text: str
    naming: Naming
    name: str | None
    mine: bool
    at: datetime
    withdrawn_at: datetime | None


class Step(Struct, frozen=True, kw_only=True):
    """A line of an issue's history. Where `by_name` is null no more than the day is told."""

    at: datetime
    what: str
    says: str
    text: str
    for_date: date | None
    by: UUID | None
    by_name: str | None
    door: Door | None
    round: int


class Resolved(Struct, frozen=True, kw_only=True):
    """What was done; it stands until somebody says that it is not fixed."""

    how: Resolution
    done: str
    at: datetime | None


class OpenedIssue(Issue, frozen=True, kw_only=True):
    """An issue with what was said and what happened, oldest first; of a face these are empty."""

    notes: list[Note]
    promises: list[Step]
    updates: list[Step]
    decisions: list[Step]
    resolution: Resolved | None
    verdicts: list[Step]
    history: list[Step]


class Noted(Struct, frozen=True):
    """What became of a note. `follow_up` is an anonymous reporter's code, told this once."""

    note: UUID
    issue: UUID | None
    follow_up: str | None


class IssueQuery(Paged, frozen=True, kw_only=True):
    """Which issues to list; by team, owner, sponsor, day or external id only those that you see whole."""

    turn: Turn | None = None
    ending: Literal["confirmed", "unconfirmed", "cannot", "declined", "joined"] | None = None
    kind: Kind | None = None
    team: UUID | None = None
    department: UUID | None = None
    owner: UUID | None = None
    sponsor: UUID | None = None
    day: UUID | None = None
    external_id: Line | None = None
    closed: bool | None = None
    snoozed: bool | None = None
    mine: bool = False
    q: Line | None = None


class NoteQuery(Paged, frozen=True, kw_only=True):
    """Which notes to list."""

    issue: UUID | None = None
    day: UUID | None = None
    team: UUID | None = None
    stream: Stream | None = None
    mine: bool = False
    withdrawn: bool = False


class MeToo(Struct, frozen=True, kw_only=True):
    """What somebody who meets it too says."""

    text: Said
    stream: Stream
    team: UUID | None = None
    naming: Naming = Naming.NAMED


class Correction(Struct, frozen=True):
    """An own note, said better."""

    text: Said


class OwnerFields(Struct, frozen=True):
    """Which department fixes it, and who there, where somebody is named already."""

    department: UUID
    owner: UUID | None = None


class SponsorFields(Struct, frozen=True):
    """Who answers for it."""

    sponsor: UUID


class PromiseFields(Struct, frozen=True):
    """By when it is fixed; a date moved needs its why."""

    promised_for: date
    because: Prose = Prose("")


class UpdateFields(Struct, frozen=True):
    """A word to everybody who raised it."""

    update: Prose


class QuestionFields(Struct, frozen=True):
    """What the sponsor is asked."""

    question: Prose


class DecisionFields(Struct, frozen=True):
    """Yes, or no because."""

    decision: Literal["yes", "no"]
    because: Prose = Prose("")


class ResolutionFields(Struct, frozen=True):
    """What was done."""

    how: Resolution
    done: Prose


class VerdictFields(Struct, frozen=True):
    """What a reporter says of it."""

    says: Verdict
    because: Prose = Prose("")


class TextFields(Struct, frozen=True):
    """In words."""

    text: Prose


class BecauseFields(Struct, frozen=True):
    """Why."""

    because: Prose


class SnoozeFields(Struct, frozen=True):
    """Until when it sleeps."""

    until: date


class JoinFields(Struct, frozen=True):
    """The issue it becomes part of."""

    into: UUID


class TitleFields(Struct, frozen=True):
    """What gets fixed, and of which kind it is."""

    title: Title
    kind: Kind


class MeasureFields(Struct, frozen=True):
    """What it costs."""

    minutes_per_case: Cost | None = None
    cases_per_month: Cost | None = None
    effort: Effort = Effort.UNKNOWN


class RestrictionFields(Struct, frozen=True):
    """Whether only those who are in it see it."""

    restricted: bool


class Nothing(Struct, frozen=True):
    """There is nothing to say beside the act itself."""


# --- how they are shown ------------------------------------------------------------------------------------------


def _issue(row: IssueRow) -> Issue:
    return Issue(**_facts(row))


def _facts(row: IssueRow) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(row, name) for name in (
        "id", "number", "title", "kind", "stage", "turn", "ending", "department", "department_name", "promised_for",
        "met_by", "raised_at", "whole", "mine",
    )} | {"ref": f"FD-{row.number}"}  # fmt: skip
    if not row.whole:
        return facts
    return facts | {name: getattr(row, name) for name in (
        "team", "team_name", "owner", "owner_name", "sponsor", "sponsor_name", "day", "last_word_at", "question",
        "snoozed_until", "joined_into", "minutes_per_case", "cases_per_month", "effort", "restricted", "external_id",
    )}  # fmt: skip


def _note(row: NoteRow) -> Note:
    kept = {name: getattr(row, name) for name in Note.__struct_fields__ if name not in {"name", "at"}}
    nameless = not row.name and not row.mine
    at = _day(row.at, row.team_zone) if nameless else row.at
    if nameless and row.withdrawn_at is not None:
        kept["withdrawn_at"] = _day(row.withdrawn_at, row.team_zone)
    return Note(**kept, name=row.name or None, at=at)


def _day(at: datetime, zone: str) -> datetime:
    """Give the beginning of the day: the minute might tell who it was."""
    return at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _step(line: EventRow, zone: str) -> Step:
    secret = not line.by_name and line.what in FROM_THE_FLOOR
    return Step(
        at=_day(line.at, zone) if secret else line.at, what=line.what, says=line.says, text=line.text,
        for_date=line.for_date, by=line.by, by_name=line.by_name or None, door=None if secret else line.door,
        round=line.round,
    )  # fmt: skip


def _opened(found: Opened) -> OpenedIssue:
    row = found.issue
    steps = [_step(line, row.team_zone or "UTC") for line in found.history]
    told = {what: [step for step in steps if step.what == what] for what in (
        "promised", "updated", "decided", "verdict")}  # fmt: skip
    resolution = None
    if row.whole and row.resolution:
        resolution = Resolved(how=Resolution(row.resolution), done=row.done, at=row.resolved_at)
    return OpenedIssue(
        **_facts(row), notes=[_note(note) for note in found.notes], promises=told["promised"],
        updates=told["updated"], decisions=told["decided"], resolution=resolution, verdicts=told["verdict"],
        history=steps,
    )  # fmt: skip


async def _after(actor: Actor, issue_id: UUID) -> Shown:
    """Show an issue after a step; whoever gave it out of their hands may see nothing of it any more."""
    try:
        return answer(_opened(await queries.opened(actor, issue_id)))
    except NotFound:
        return Response(None, status_code=204)


# --- notes -------------------------------------------------------------------------------------------------------


def _note_id(row: NoteRow) -> UUID:
    return row.id


@get("/notes", opt=tells("issues", Page[Note], asks=NoteQuery))
async def list_notes(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the notes you may read."""
    asked = read_query(request, NoteQuery)
    rows = await queries.listed_notes(
        actor, after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, issue=asked.issue,
        day=asked.day, team=asked.team, stream=asked.stream, mine=asked.mine, withdrawn=asked.withdrawn,
    )  # fmt: skip
    return answer(paged(request, asked, rows, key=_note_id, show=_note))


@get("/notes/{note_id:uuid}", opt=tells("issues", Note))
async def show_note(actor: NamedDependency[Actor], note_id: FromPath[UUID]) -> Shown:
    """Show a note."""
    return answer(_note(await _seen_note(actor, note_id)))


async def _seen_note(actor: Actor, note_id: UUID) -> NoteRow:
    rows = await queries.listed_notes(actor, only=note_id)
    if not rows:
        raise NotFound(_("There is no such note."))
    return rows[0]


@post("/notes", opt=tells("issues", Noted, takes=NoteForm, status=201))
async def add_note(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Note what got in the way, or went well; it opens an issue, or adds itself to one."""
    return await _noted(request, actor, await read_json(request, NoteForm), now=now)


async def _noted(request: Asked, actor: Actor, form: NoteForm, *, now: datetime) -> Shown:
    if form.naming is Naming.ANONYMOUS:
        keep_nothing(request)
    noted = await actions.note(actor, form, now=now)
    return answer(Noted(noted.note, noted.issue, noted.follow_up), status=201, location=f"/notes/{noted.note}")


@post("/notes/{note_id:uuid}/correction", opt=tells("issues", Note, takes=Correction))
async def correct_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say an own note better; how it was said before stays in the history."""
    said = await read_json(request, Correction)
    await actions.correct_note(actor, note_id, said.text, now=now)
    return answer(_note(await _seen_note(actor, note_id)))


@post("/notes/{note_id:uuid}/withdrawal", opt=tells("issues", Note, takes=Nothing))
async def withdraw_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own note back."""
    await read_json(request, Nothing)
    await actions.withdraw_note(actor, note_id, now=now)
    return answer(_note(await _seen_note(actor, note_id)))


# --- issues ------------------------------------------------------------------------------------------------------


@get("/issues", opt=tells("issues", Page[Issue], asks=IssueQuery))
async def list_issues(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the issues you may see, by number; joined ones only where they are asked for."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    asked = read_query(request, IssueQuery)
    rows = await queries.board(actor, Filters(
        after=asked.cursor.number() if asked.cursor else None, limit=asked.limit + 1, order="number",
        turn=asked.turn, ending=Ending(asked.ending) if asked.ending else None, kind=asked.kind, team=asked.team,
        department=asked.department, owner=asked.owner, sponsor=asked.sponsor, day=asked.day,
        external_id=asked.external_id, closed=asked.closed, snoozed=asked.snoozed, mine=asked.mine,
        words=asked.q or "",
    ))  # fmt: skip
    return answer(paged(request, asked, rows, key=_number, show=_issue))


def _number(row: IssueRow) -> int:
    return row.number


@get("/issues/{issue_id:uuid}", opt=tells("issues", OpenedIssue))
async def show_issue(actor: NamedDependency[Actor], issue_id: FromPath[UUID]) -> Shown:
    """Show an issue: promises, updates, decisions, resolution, verdicts and all that happened; or its face."""
    return answer(_opened(await queries.opened(actor, issue_id)))


@post("/issues/{issue_id:uuid}/notes", opt=tells("issues", Noted, takes=MeToo, status=201))
async def meet_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Meet it too; on a closed issue that brings it back."""
    said = await read_json(request, MeToo)
    form = NoteForm(text=said.text, stream=said.stream, team=said.team, issue=issue_id, naming=said.naming)
    return await _noted(request, actor, form, now=now)


@post("/issues/{issue_id:uuid}/owner", opt=tells("issues", OpenedIssue, takes=OwnerFields))
async def assign_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say which department fixes it, and who there."""
    said = await read_json(request, OwnerFields)
    await actions.assign(actor, issue_id, department=said.department, owner=said.owner, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/sponsor", opt=tells("issues", OpenedIssue, takes=SponsorFields))
async def sponsor_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say which manager answers for it."""
    said = await read_json(request, SponsorFields)
    await actions.sponsor(actor, issue_id, said.sponsor, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/promises", opt=tells("issues", OpenedIssue, takes=PromiseFields))
async def promise(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Promise a date, or move it."""
    said = await read_json(request, PromiseFields)
    await actions.promise(actor, issue_id, said.promised_for, said.because, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/updates", opt=tells("issues", OpenedIssue, takes=UpdateFields))
async def give_update(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a word to everybody who raised it."""
    said = await read_json(request, UpdateFields)
    await actions.update(actor, issue_id, said.update, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/questions", opt=tells("issues", OpenedIssue, takes=QuestionFields))
async def ask_sponsor(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask the sponsor for a yes or a no."""
    said = await read_json(request, QuestionFields)
    await actions.ask(actor, issue_id, said.question, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/decisions", opt=tells("issues", OpenedIssue, takes=DecisionFields))
async def decide(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Decide what was asked."""
    said = await read_json(request, DecisionFields)
    await actions.decide(actor, issue_id, yes=said.decision == "yes", because=said.because, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/resolution", opt=tells("issues", OpenedIssue, takes=ResolutionFields))
async def resolve(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what was done, or why it cannot be done."""
    said = await read_json(request, ResolutionFields)
    await actions.resolve(actor, issue_id, said.how, said.done, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/verdicts", opt=tells("issues", OpenedIssue, takes=VerdictFields))
async def give_verdict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say whether it is fixed."""
    said = await read_json(request, VerdictFields)
    await actions.verdict(actor, issue_id, said.says, said.because, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/returns", opt=tells("issues", OpenedIssue, takes=TextFields))
async def bring_back(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that a closed issue is back."""
    said = await read_json(request, TextFields)
    await actions.again(actor, issue_id, said.text, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/decline", opt=tells("issues", OpenedIssue, takes=BecauseFields))
async def decline_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that nothing will be done, and why."""
    said = await read_json(request, BecauseFields)
    await actions.decline(actor, issue_id, said.because, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/snooze", opt=tells("issues", OpenedIssue, takes=SnoozeFields))
async def snooze_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put it to sleep until a day."""
    said = await read_json(request, SnoozeFields)
    await actions.snooze(actor, issue_id, said.until, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/wake", opt=tells("issues", OpenedIssue, takes=Nothing))
async def wake_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it up again."""
    await read_json(request, Nothing)
    await actions.wake(actor, issue_id, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/title", opt=tells("issues", OpenedIssue, takes=TitleFields))
async def retitle_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say better what gets fixed."""
    said = await read_json(request, TitleFields)
    await actions.retitle(actor, issue_id, said.title, said.kind, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/measure", opt=tells("issues", OpenedIssue, takes=MeasureFields))
async def measure_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what it costs."""
    said = await read_json(request, MeasureFields)
    await actions.measure(
        actor, issue_id, minutes_per_case=said.minutes_per_case, cases_per_month=said.cases_per_month,
        effort=said.effort, now=now,
    )  # fmt: skip
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/restriction", opt=tells("issues", OpenedIssue, takes=RestrictionFields))
async def restrict_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep its face to those who are in it, or show it again."""
    said = await read_json(request, RestrictionFields)
    await actions.restrict(actor, issue_id, restricted=said.restricted, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/undo", opt=tells("issues", OpenedIssue, takes=Nothing))
async def undo_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, as long as its letters have not left."""
    await read_json(request, Nothing)
    await actions.undo(actor, issue_id, now=now)
    return await _after(actor, issue_id)


@post("/issues/{issue_id:uuid}/join", opt=tells("issues", OpenedIssue, takes=JoinFields))
async def join_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make it part of another one, which is answered."""
    said = await read_json(request, JoinFields)
    await actions.join(actor, issue_id, said.into, now=now)
    return await _after(actor, said.into)


router = api_router([
    list_notes, show_note, add_note, correct_note, withdraw_note, list_issues, show_issue, meet_issue,
    assign_issue, sponsor_issue, promise, give_update, ask_sponsor, decide, resolve, give_verdict, bring_back,
    decline_issue, snooze_issue, wake_issue, retitle_issue, measure_issue, restrict_issue, undo_issue, join_issue,
])  # fmt: skip
