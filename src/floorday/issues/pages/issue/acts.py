"""What one can do on an issue's page; where that is refused, the page shows why beside what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.errors import BadInput, NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm
from floorday.issues.fields import (
    QuestionFields,
    ResolutionFields,
    SnoozeFields,
    SponsorFields,
    TitleFields,
    UpdateFields,
)
from floorday.issues.pages import words
from floorday.issues.pages.issue.forms import (
    AgainFields,
    CorrectionFields,
    DecisionFields,
    DeclineFields,
    JoinFields,
    MeasureFields,
    OwnerFields,
    PromiseFields,
    RestrictionFields,
    VerdictFields,
)
from floorday.issues.pages.issue.page import show_issue
from floorday.issues.pages.notes import Captured, code_page
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Resolution
from floorday.people.access import Actor
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.web import read_form, redirect
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


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

    return await done(request, actor, issue_id, act, "owner", now=now, undo=True)


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

    return await done(request, actor, issue_id, act, "sponsor", now=now, undo=True)


@post("/issues/{issue_id:uuid}/promises")
async def promise(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a date."""

    async def act() -> str:
        wanted = await read_form(request, PromiseFields)
        await actions.promise(actor, issue_id, wanted.promised_for, wanted.promise_because, now=now)
        return _("Promised for %(day)s. Everybody who raised it is told.", day=when.day(wanted.promised_for))

    return await done(request, actor, issue_id, act, "promise", now=now, undo=True)


@post("/issues/{issue_id:uuid}/updates")
async def update(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a word to everybody who raised it."""

    async def act() -> str:
        wanted = await read_form(request, UpdateFields)
        await actions.update(actor, issue_id, wanted.update, now=now)
        return _("The update goes to everybody who raised it.")

    return await done(request, actor, issue_id, act, "update", now=now)


@post("/issues/{issue_id:uuid}/questions")
async def ask(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask the sponsor for a yes or a no."""

    async def act() -> str:
        wanted = await read_form(request, QuestionFields)
        row = await actions.ask(actor, issue_id, wanted.whole(), now=now)
        return _("%(name)s is asked.", name=row.sponsor_name)

    return await done(request, actor, issue_id, act, "question", now=now)


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

    return await done(request, actor, issue_id, act, "decision", now=now)


@post("/issues/{issue_id:uuid}/resolution")
async def resolve(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what was done."""

    async def act() -> str:
        wanted = await read_form(request, ResolutionFields)
        await actions.resolve(actor, issue_id, wanted.how, wanted.whole(), now=now)
        if wanted.how is Resolution.CANNOT:
            return _("Closed. Everybody who raised it reads why.")
        return _("Everybody who raised it is asked whether it is fixed.")

    return await done(request, actor, issue_id, act, "resolution", now=now, undo=True)


@post("/issues/{issue_id:uuid}/verdicts")
async def give_verdict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say whether it is fixed."""

    async def act() -> str:
        wanted = await read_form(request, VerdictFields)
        await actions.verdict(actor, issue_id, wanted.says, wanted.verdict_because, now=now)
        return words.thanks(wanted.says)

    return await done(request, actor, issue_id, act, "verdict", now=now)


@post("/issues/{issue_id:uuid}/notes")
async def me_too(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Meet it too."""
    code = undo = ""

    async def act() -> str:
        nonlocal code, undo
        wanted = await read_form(request, Captured)
        noted = await actions.note(actor, NoteForm(
            text=wanted.text, stream=wanted.stream, team=wanted.team, issue=issue_id, naming=wanted.naming,
        ), now=now)  # fmt: skip
        code, undo = noted.follow_up or "", f"/notes/{noted.note}/withdrawal"
        return _("Noted. You are told what becomes of it.")

    answer = await done(request, actor, issue_id, act, "note", now=now, undo=lambda: undo)
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

    return await done(request, actor, issue_id, act, str(note_id), now=now)


@post("/issues/{issue_id:uuid}/returns")
async def again(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that it is back."""

    async def act() -> str:
        wanted = await read_form(request, AgainFields)
        await actions.again(actor, issue_id, wanted.again, now=now)
        return _("It is open again.")

    return await done(request, actor, issue_id, act, "return", now=now)


@post("/issues/{issue_id:uuid}/decline")
async def decline(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say why it will not be done."""

    async def act() -> str:
        wanted = await read_form(request, DeclineFields)
        await actions.decline(actor, issue_id, wanted.decline_because, now=now)
        return _("Declined. Everybody who raised it reads why.")

    return await done(request, actor, issue_id, act, "decline", now=now, undo=True)


@post("/issues/{issue_id:uuid}/snooze")
async def snooze(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put it to sleep until a day."""

    async def act() -> str:
        wanted = await read_form(request, SnoozeFields)
        await actions.snooze(actor, issue_id, wanted.until, now=now)
        return _("It sleeps until %(day)s.", day=when.day(wanted.until))

    return await done(request, actor, issue_id, act, "snooze", now=now, undo=True)


@post("/issues/{issue_id:uuid}/wake")
async def wake(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it up again."""

    async def act() -> str:
        await actions.wake(actor, issue_id, now=now)
        return _("It is awake.")

    return await done(request, actor, issue_id, act, "wake", now=now)


@post("/issues/{issue_id:uuid}/join")
async def join(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make it part of another one."""

    async def act() -> str:
        wanted = await read_form(request, JoinFields)
        other = await _numbered(actor, wanted.into)
        await actions.join(actor, issue_id, other.id, now=now)
        return _("Joined into %(ref)s. Its reporters went along.", ref=refs.ref(other.number))

    return await done(request, actor, issue_id, act, "join", now=now, undo=True)


async def _numbered(actor: Actor, said: str) -> IssueRow:
    """Find the issue that a person names by its number."""
    number = refs.read(said)
    try:
        if number is None:
            raise NotFound("")
        return await queries.by_number(actor, number)
    except NotFound:
        wrong = _("There is no issue with this number. It looks like %(ref)s.", ref=refs.EXAMPLE)
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

    return await done(request, actor, issue_id, act, "title", now=now, undo=True)


@post("/issues/{issue_id:uuid}/measure")
async def measure(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what it costs."""

    async def act() -> str:
        wanted = await read_form(request, MeasureFields)
        effort, reputation = wanted.chosen()
        await actions.measure(actor, issue_id, minutes_per_case=wanted.minutes, cases_per_month=wanted.cases,
                              effort=effort, reputation=reputation, now=now)
        return _("Saved. The history keeps what was said before.")

    return await done(request, actor, issue_id, act, "measure", now=now, undo=True)


@post("/issues/{issue_id:uuid}/restriction")
async def restrict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep it to those who are in it, or open it again."""

    async def act() -> str:
        wanted = await read_form(request, RestrictionFields)
        await actions.restrict(actor, issue_id, restricted=wanted.restricted, now=now)
        return _("Only those who are in it see it now.") if wanted.restricted else _("Everybody sees what gets fixed.")

    return await done(request, actor, issue_id, act, "restrict", now=now, undo=True)


@post("/issues/{issue_id:uuid}/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, as long as its letters have not left."""

    stands = issue_id

    async def act() -> str:
        nonlocal stands
        stands = (await actions.undo(actor, issue_id, now=now)).id
        return _("Undone. No letter has left.")

    return await done(request, actor, issue_id, act, "", now=now, page=lambda: stands)


async def done(
    request: Asked, actor: Actor, issue_id: UUID, act: Callable[[], Awaitable[str]],
    step: str | Callable[[], str], *, now: datetime, undo: bool | Callable[[], str] = False,
    page: Callable[[], UUID] | None = None,
) -> Shown:  # fmt: skip
    """Act, then go back to the issue with a word; where that is refused, show it with the reason and what was typed."""
    try:
        said = await act()
    except (BadInput, Refused) as refused:
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = refused.fields if isinstance(refused, BadInput) else {}
        form = Form(values=values, errors={name: text for name, text in fields.items() if name != WHOLE})
        failed = step() if callable(step) else step
        return await show_issue(request, actor, issue_id, now=now, status=refused.status, form=form, failed=failed,
                           refused="" if form.errors else fields.get(WHOLE, refused.sentence))
    shown = f"/issues/{page() if page else issue_id}"
    back = undo() if callable(undo) else f"{shown}/undo" if undo else None
    return redirect(shown, say=said, undo=back)


handlers = [
    assign, sponsor, promise, update, ask, decide, resolve, give_verdict, me_too, correct_note, again, decline, snooze,
    wake, join, retitle, measure, restrict, undo,
]  # fmt: skip
