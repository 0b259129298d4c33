"""The steps of an issue for programs; each answers with the issue as it stands then."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from floorday.db.text import Prose
from floorday.errors import NotFound
from floorday.issues import actions, queries
from floorday.issues.api.shown import OpenedIssue, show_opened
from floorday.issues.fields import (
    QuestionFields,
    ResolutionFields,
    SnoozeFields,
    SponsorFields,
    TitleFields,
    UpdateFields,
)
from floorday.issues.rules import Cost, Effort, Verdict
from floorday.issues.worth import Reputation
from floorday.people.access import Actor
from floorday.web.api import External, Nothing, answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class OwnerFields(Struct, frozen=True):
    """Which department fixes it, and who there, where somebody is named already."""

    department: UUID
    owner: UUID | None = None


class PromiseFields(Struct, frozen=True):
    """By when it is fixed; a date moved needs its why."""

    promised_for: date
    because: Prose = Prose("")


class DecisionFields(Struct, frozen=True):
    """Yes, or no because."""

    decision: Literal["yes", "no"]
    because: Prose = Prose("")


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


class JoinFields(Struct, frozen=True):
    """The issue it becomes part of."""

    into: UUID


class MeasureFields(Struct, frozen=True):
    """What it costs. Effort ("" for not said) and reputation (null for not said) stay as they are where left out."""

    minutes_per_case: Cost | None = None
    cases_per_month: Cost | None = None
    effort: Effort | None = None
    reputation: Reputation | UnsetType | None = UNSET


class RestrictionFields(Struct, frozen=True):
    """Whether only those who are in it see it."""

    restricted: bool


async def after(actor: Actor, issue_id: UUID) -> Shown:
    """Show an issue after a step; whoever gave it out of their hands may see nothing of it any more."""
    try:
        return answer(show_opened(await queries.opened(actor, issue_id)))
    except NotFound:
        return Response(None, status_code=204)


@post("/issues/{issue_id:uuid}/owner", opt=tells("issues", OpenedIssue, takes=OwnerFields))
async def assign_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say which department fixes it, and who there."""
    said = await read_json(request, OwnerFields)
    await actions.assign(actor, issue_id, department=said.department, owner=said.owner, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/sponsor", opt=tells("issues", OpenedIssue, takes=SponsorFields))
async def sponsor_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say which manager answers for it."""
    said = await read_json(request, SponsorFields)
    await actions.sponsor(actor, issue_id, said.sponsor, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/promises", opt=tells("issues", OpenedIssue, takes=PromiseFields))
async def promise(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Promise a date, or move it."""
    said = await read_json(request, PromiseFields)
    await actions.promise(actor, issue_id, said.promised_for, said.because, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/updates", opt=tells("issues", OpenedIssue, takes=UpdateFields))
async def give_update(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a word to everybody who raised it."""
    said = await read_json(request, UpdateFields)
    await actions.update(actor, issue_id, said.update, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/questions", opt=tells("issues", OpenedIssue, takes=QuestionFields))
async def ask_sponsor(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask the sponsor for a yes or a no."""
    said = await read_json(request, QuestionFields)
    await actions.ask(actor, issue_id, said.whole(), now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/decisions", opt=tells("issues", OpenedIssue, takes=DecisionFields))
async def decide(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Decide what was asked."""
    said = await read_json(request, DecisionFields)
    await actions.decide(actor, issue_id, yes=said.decision == "yes", because=said.because, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/resolution", opt=tells("issues", OpenedIssue, takes=ResolutionFields))
async def resolve(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what was done, or why it cannot be done."""
    said = await read_json(request, ResolutionFields)
    await actions.resolve(actor, issue_id, said.how, said.whole(), now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/verdicts", opt=tells("issues", OpenedIssue, takes=VerdictFields))
async def give_verdict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say whether it is fixed."""
    said = await read_json(request, VerdictFields)
    await actions.verdict(actor, issue_id, said.says, said.because, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/returns", opt=tells("issues", OpenedIssue, takes=TextFields))
async def bring_back(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that a closed issue is back."""
    said = await read_json(request, TextFields)
    await actions.again(actor, issue_id, said.text, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/decline", opt=tells("issues", OpenedIssue, takes=BecauseFields))
async def decline_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that nothing will be done, and why."""
    said = await read_json(request, BecauseFields)
    await actions.decline(actor, issue_id, said.because, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/snooze", opt=tells("issues", OpenedIssue, takes=SnoozeFields))
async def snooze_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put it to sleep until a day."""
    said = await read_json(request, SnoozeFields)
    await actions.snooze(actor, issue_id, said.until, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/wake", opt=tells("issues", OpenedIssue, takes=Nothing))
async def wake_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it up again."""
    await read_json(request, Nothing)
    await actions.wake(actor, issue_id, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/title", opt=tells("issues", OpenedIssue, takes=TitleFields))
async def retitle_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say better what gets fixed."""
    said = await read_json(request, TitleFields)
    await actions.retitle(actor, issue_id, said.title, said.kind, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/measure", opt=tells("issues", OpenedIssue, takes=MeasureFields))
async def measure_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what it costs."""
    said = await read_json(request, MeasureFields)
    await actions.measure(
        actor, issue_id, minutes_per_case=said.minutes_per_case, cases_per_month=said.cases_per_month,
        effort=said.effort, reputation=said.reputation, now=now,
    )  # fmt: skip
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/restriction", opt=tells("issues", OpenedIssue, takes=RestrictionFields))
async def restrict_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep its face to those who are in it, or show it again."""
    said = await read_json(request, RestrictionFields)
    await actions.restrict(actor, issue_id, restricted=said.restricted, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/external-id", opt=tells("issues", OpenedIssue, takes=External))
async def match_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what your program calls an issue."""
    said = await read_json(request, External)
    await actions.match(actor, issue_id, said.external_id, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/undo", opt=tells("issues", OpenedIssue, takes=Nothing))
async def undo_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, as long as its letters have not left; a note that was taken out is where it was."""
    await read_json(request, Nothing)
    return await after(actor, (await actions.undo(actor, issue_id, now=now)).id)


@post("/issues/{issue_id:uuid}/join", opt=tells("issues", OpenedIssue, takes=JoinFields))
async def join_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make it part of another one, which is answered."""
    said = await read_json(request, JoinFields)
    await actions.join(actor, issue_id, said.into, now=now)
    return await after(actor, said.into)

handlers = [
    assign_issue, sponsor_issue, promise, give_update, ask_sponsor, decide, resolve, give_verdict, bring_back,
    decline_issue, snooze_issue, wake_issue, retitle_issue, measure_issue, restrict_issue, match_issue,
    undo_issue, join_issue,
]  # fmt: skip
