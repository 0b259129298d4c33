"""The page of a team's picture of good service: what stands and what points at it, what is proposed, what stood."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import Line
from floorday.errors import BadInput, Refused
from floorday.people.access import Act, Actor, OfTeam, What, can, visible
from floorday.pictures import actions, queries, rules
from floorday.pictures.actions import AgreementForm
from floorday.pictures.queries import Agreed, Picture, Pointing
from floorday.pictures.queries import Line as Statement
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class ProposalFields(Struct, frozen=True):
    """The words of a statement."""

    text: Line


class WordsFields(Struct, frozen=True):
    """The better words of a statement."""

    words: Line


class PlaceFields(Struct, frozen=True):
    """Which way a statement moves."""

    move: Literal["up", "down"]


class Row(Struct, frozen=True):
    """A statement as the page shows it; `points` says what points at it, each with what opens that."""

    line: Statement
    about: str = ""
    points: list[tuple[str, str]] = []


@get("/teams/{team_id:uuid}/picture")
async def picture_page(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a team's picture, or how it stood on a day."""
    return await _show(request, actor, team_id, now=now)


async def _show(
    request: Asked, actor: Actor, team_id: UUID, *, now: datetime, status: int = 200, form: Form | None = None,
    failed: UUID | None = None,
) -> Shown:  # fmt: skip
    actions.reads(actor)
    found = await queries.picture(team_id)
    on = _date(request.query_params.get("on", ""))
    keeps = can(actor, Act.KEEP_PICTURE, OfTeam(team_id)) and found.team.closed_at is None and on is None
    today = now.astimezone(ZoneInfo(found.team.zone)).date()
    scope = visible(actor, What.ISSUES)
    counts: dict[UUID, Pointing] | None = None
    year, begins = this_year(now)
    if (scope.all or team_id in scope.teams) and on is None:
        counts = await queries.counts(actor, [line.id for line in found.lines if not line.proposed], since=begins)
    agreed = [line for line in found.lines if line.stood(on)] if on else found.standing
    candidates = [*found.standing, *found.proposed]
    typed = form or Form()
    agreement = Form({"statements": [str(line.id) for line in candidates], "agreed_on": today.isoformat(),
                      **typed.values}, typed.errors)  # fmt: skip
    return show(
        request, "pictures/picture.html", status=status, team=found.team, keeps=keeps, on=on, form=typed,
        agreement=agreement, labels=_labels(), failed=failed, lead=_lead(found, on, today),
        few=rules.few(len(agreed)) if keeps else "", standing=[_row(line, counts, year) for line in agreed],
        proposed=[Row(line, _proposal(line)) for line in found.proposed] if on is None else [],
        retired=[_row(line, counts, year, _retired(line)) for line in found.retired] if on is None else [],
        versions=[(_agreed(one), f"/teams/{team_id}/picture?on={one.agreed_on}", one.agreed_on == on)
                  for one in found.agreements],
        choices=[(str(line.id), line.text, "" if line.stands else _("proposed")) for line in candidates],
        today=today.isoformat(),
        back=_back(actor, team_id), counted=counts is not None,
        chosen=on.isoformat() if on else "", most=rules.MOST,
    )  # fmt: skip


def this_year(now: datetime) -> tuple[int, datetime]:
    """Give the year, and when it begins, in the programme's zone."""
    zone = ZoneInfo(settings().zone)
    year = now.astimezone(zone).year
    return year, datetime.combine(date(year, 1, 1), time(), zone).astimezone(UTC)


def _date(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _back(actor: Actor, team: UUID) -> tuple[str, str]:
    if can(actor, Act.EDIT_TEAM):
        return f"/settings/teams/{team}", _("The team")
    return "/today", _("Today")


def _lead(found: Picture, on: date | None, today: date) -> str:
    """Say how sure the picture is: when it was agreed and by whom."""
    if on is not None:
        return _("As it stood on %(day)s.", day=when.day(on))
    last = found.last
    if last is None or not found.standing:
        return _("Three to five statements of what better service looks like, agreed by the team and dated.")
    if not last.agreed_by:
        return _("Nobody has noted when the team agreed on this.")
    said = _agreed(last)
    if rules.is_old(last.agreed_on, today=today, months=settings().picture_months):
        return _("%(agreed)s. That is a while ago: ask the team whether it still holds.", agreed=said)
    return f"{said}."


def _agreed(one: Agreed) -> str:
    if not one.agreed_by:
        return _("Brought in on %(day)s", day=when.day(one.agreed_on))
    return _("Agreed on %(day)s: %(who)s", day=when.day(one.agreed_on), who=one.agreed_by)


def _row(line: Statement, counts: dict[UUID, Pointing] | None, year: int, about: str = "") -> Row:
    if counts is None:
        return Row(line, about)
    found = counts.get(line.id, Pointing())
    if not found.issues and not found.stories:
        return Row(line, about, [(_("Nothing points at it this year"), "")])
    points: list[tuple[str, str]] = []
    if found.issues:
        query = urlencode({"picture": str(line.id), "since": f"{year}-01-01"})
        said = ngettext("%(n)s issue this year", "%(n)s issues this year", found.issues)
        points += [(said, f"/search?{query}"), (_("on the board"), f"/issues?picture={line.id}")]
    if found.stories:
        said = ngettext("%(n)s story this year", "%(n)s stories this year", found.stories)
        points.append((said, f"/stories?picture={line.id}"))
    return Row(line, about, points)


def points_words(found: Pointing) -> str:
    """Say for a team's room how many issues point at a statement this year; "" for none."""
    return ngettext("%(n)s issue this year", "%(n)s issues this year", found.issues) if found.issues else ""


def _proposal(line: Statement) -> str:
    day = when.day(line.proposed_at)
    if line.proposed_by_name:
        return _("Proposed by %(name)s on %(day)s", name=line.proposed_by_name, day=day)
    return _("Proposed on %(day)s", day=day)


def _retired(line: Statement) -> str:
    gone = when.day(line.retired_on) if line.retired_on else ""
    if line.agreed_on is None:
        return _("Proposed, and taken back on %(day)s", day=gone)
    return _("From %(since)s to %(until)s", since=when.day(line.agreed_on), until=gone)


def _labels() -> dict[str, str]:
    return {"text": _("A statement"), "statements": _("What the team agreed on"), "agreed_on": _("Agreed on"),
            "agreed_by": _("By whom"), "words": _("Better words")}  # fmt: skip


async def _refused(
    request: Asked, actor: Actor, team_id: UUID, wrong: BadInput | Refused, *, now: datetime,
    failed: UUID | None = None,
) -> Shown:  # fmt: skip
    """Show the page with what was typed and why it cannot be."""
    sent = await request.form()
    values: dict[str, Any] = {name: value for name, value in sent.items() if isinstance(value, str)}
    values["statements"] = [one for one in sent.getall("statements", []) if isinstance(one, str)]
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    form = Form(values, fields or {WHOLE: wrong.sentence})
    return await _show(request, actor, team_id, now=now, status=wrong.status, form=form, failed=failed)


@post("/teams/{team_id:uuid}/picture/statements")
async def propose(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Propose a statement."""
    try:
        wanted = await read_form(request, ProposalFields)
        made = await actions.propose(actor, team_id, wanted.text, now=now)
    except (BadInput, Refused) as wrong:
        return await _refused(request, actor, team_id, wrong, now=now)
    return redirect(f"/teams/{team_id}/picture", say=_("Proposed. It counts when the team agrees."),
                    undo=f"/teams/{team_id}/picture/statements/{made}/retirement")  # fmt: skip


@post("/teams/{team_id:uuid}/picture/statements/{statement_id:uuid}/place")
async def move(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], statement_id: FromPath[UUID]
) -> Shown:
    """Move a statement up or down."""
    wanted = await read_form(request, PlaceFields)
    await actions.move(actor, team_id, statement_id, up=wanted.move == "up")
    return redirect(f"/teams/{team_id}/picture", say=_("Moved."))


@post("/teams/{team_id:uuid}/picture/statements/{statement_id:uuid}/words")
async def reword(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], statement_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Say a statement better."""
    try:
        wanted = await read_form(request, WordsFields)
        await actions.reword(actor, team_id, statement_id, wanted.words)
    except (BadInput, Refused) as wrong:
        shown = BadInput(wrong.sentence, fields={"words": wrong.sentence})
        return await _refused(request, actor, team_id, shown, now=now, failed=statement_id)
    return redirect(f"/teams/{team_id}/picture", say=_("Saved."))


@post("/teams/{team_id:uuid}/picture/statements/{statement_id:uuid}/retirement")
async def retire(
    actor: NamedDependency[Actor], team_id: FromPath[UUID], statement_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Retire a statement, or take a proposal back."""
    text = await actions.retire(actor, team_id, statement_id, now=now)
    return redirect(f"/teams/{team_id}/picture", say=_("Retired: “%(text)s”", text=text),
                    undo=f"/teams/{team_id}/picture/statements/{statement_id}/return")  # fmt: skip


@post("/teams/{team_id:uuid}/picture/statements/{statement_id:uuid}/return")
async def bring_back(
    actor: NamedDependency[Actor], team_id: FromPath[UUID], statement_id: FromPath[UUID]
) -> Shown:
    """Let a retired statement stand again."""
    text = await actions.bring_back(actor, team_id, statement_id)
    return redirect(f"/teams/{team_id}/picture", say=_("It stands again: “%(text)s”", text=text))


@post("/teams/{team_id:uuid}/picture/agreements")
async def agree(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Note what the team agreed on."""
    try:
        count = await actions.agree(actor, team_id, await read_form(request, AgreementForm), now=now)
    except (BadInput, Refused) as wrong:
        return await _refused(request, actor, team_id, wrong, now=now)
    said = ngettext("Agreed: %(n)s statement.", "Agreed: %(n)s statements.", count)
    return redirect(f"/teams/{team_id}/picture", say=f"{said} {rules.few(count)}".strip())


router = Router(path="/", route_handlers=[picture_page, propose, move, reword, retire, bring_back, agree])
