"""Today: each person's first page. And the brief: what one should know before a day."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import HOLDING, State
from floorday.bookings.rules import say as say_state
from floorday.config import settings
from floorday.errors import NotFound
from floorday.issues.actions.steps import today as the_day
from floorday.issues.queries import triage
from floorday.issues.rules import Stage, Turn
from floorday.issues.rules import say as say_stage
from floorday.measures import queries as measures
from floorday.people import queries as people
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Act, Actor, Role, can
from floorday.pictures import queries as pictures
from floorday.pictures.rules import is_old
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.today import queries
from floorday.today.queries import Line, leaving
from floorday.web import show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

LOOK_AHEAD = timedelta(days=60)
LOOK_BACK = timedelta(days=3)
"""How long a day that is over, and of which nobody has said what became of it, still asks."""


class DayCard(Struct, frozen=True):
    """A day as a first page shows it."""

    row: BookingRow
    here_now: bool
    asks: bool
    words: str
    notes: bool


@get("/today")
async def today(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show what this day asks of the reader, then what is under way."""
    goes = {actor.person, *actor.assists} if actor.has(Role.MANAGER) else set(actor.assists)
    own = await bookings.next_days(goes, now=now)
    hosted = await bookings.hosted_days(actor.person, since=now - LOOK_BACK, until=now + LOOK_AHEAD)
    team = await _team_days(actor, now=now)
    raised = await queries.raised(actor.person) if can(actor, Act.RAISE) else []
    sponsored = await queries.sponsored(actor.person, f"{the_day(now):%Y-%m}") if actor.has(Role.MANAGER) else []
    left = await leaving.left_without(actor.person, now=now) if actor.has(Role.MANAGER) else []
    owned = await queries.owned(actor.person) if actor.has(*DEPARTMENT_ROLES) else []
    return show(
        request,
        "today/today.html",
        title=_greeting(actor, now),
        days=[_card(row, actor, now) for row in own],
        hosted=[_card(row, actor, now) for row in hosted if _still_asks(row, now)],
        desk=_desk(await queries.desk()) if can(actor, Act.SEE_INBOX) else await _waiting(actor),
        proposals=[bookings.look(row, actor, now=now) for row in await bookings.to_settle(actor)],
        team_days=[_card(row, actor, now) for row in team if row.host != actor.person],
        raised=[_raised(line) for line in raised],
        sponsored=[_owed(line) for line in sponsored],
        left=left,
        all_left=await leaving.all_left_without(now=now) if actor.has(Role.COORDINATOR) else [],
        owned=[_next_step(line, now.date()) for line in owned],
        reviews=await _reviews(actor, now=now),
        may_raise=can(actor, Act.RAISE),
        goes=bool(goes),
        of_a_team=bool(actor.teams(*TEAM_ROLES)),
        huddles=sorted(str(team) for team in actor.teams(*TEAM_ROLES)),
        founding=can(actor, Act.EDIT_TEAM) and not await people.teams(),
    )


async def _team_days(actor: Actor, *, now: datetime) -> list[BookingRow]:
    teams = actor.teams(*TEAM_ROLES)
    if not teams:
        return []
    rows = await bookings.bookings(actor, since=now, until=now + LOOK_AHEAD, states=HOLDING)
    return [row for row in rows if row.team in teams]


def _desk(waits: queries.Desk) -> list[dict[str, Any]]:
    """Name what waits for a coordinator, each with the page that settles it."""
    found = [
        (waits.mails, ngettext("One mail needs a person", "%(n)s mails need a person", waits.mails), "/inbox"),
        (waits.letters, ngettext("One letter did not arrive", "%(n)s letters did not arrive", waits.letters),
         "/inbox/letters"),
        (waits.reported, ngettext("One note is said to name somebody", "%(n)s notes are said to name somebody",
                                  waits.reported), "/notes/reported"),
        (waits.unplaced, ngettext("One issue waits for a place", "%(n)s issues wait for a place", waits.unplaced),
         "/triage"),
        (waits.suggested, ngettext("A lead suggests to join two issues", "Leads suggest to join issues, %(n)s times",
                                   waits.suggested), "/triage/suggestions"),
    ]  # fmt: skip
    return [{"words": words, "href": href} for count, words, href in found if count]


async def _waiting(actor: Actor) -> list[dict[str, Any]] | None:
    """Say to a team's lead and to a department how much waits for a place with them; nothing where nothing does."""
    waits = (await triage.counts(actor)).waiting if can(actor, Act.TRIAGE) else 0
    said = ngettext("One issue waits for a place", "%(n)s issues wait for a place", waits)
    return [{"words": said, "href": "/triage"}] if waits else None


async def _reviews(actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """Name what its reader should look at again: overdue measures, and pictures whose agreement is old."""
    today = now.astimezone(ZoneInfo(settings().zone)).date()
    found = [
        {"href": f"/measures/{due.id}", "words": _("Review the measure “%(name)s”", name=due.name),
         "about": due.department_name, "status": _("due %(day)s", day=when.short_day(due.review_due)), "late": True}
        for due in await measures.overdue(actor, today=today)
    ]  # fmt: skip
    for team in await pictures.aging(actor.teams(Role.LEAD)):
        if team.agreed_on is not None and not is_old(team.agreed_on, today=today, months=settings().picture_months):
            continue
        about = _("Nobody has noted when the team agreed on it.")
        if team.agreed_on is not None:
            about = _("Agreed on %(day)s. Does it still hold?", day=when.day(team.agreed_on))
        found.append({"href": f"/teams/{team.id}/picture", "about": about, "status": _("ask the team"), "late": False,
                      "words": _("What better service looks like in %(team)s", team=team.name)})  # fmt: skip
    return found


def _greeting(actor: Actor, now: datetime) -> str:
    return _("%(day)s, %(name)s", day=when.day(now, actor.zone), name=actor.name.split()[0])


def _still_asks(row: BookingRow, now: datetime) -> bool:
    return row.ends_at > now or row.state in HOLDING


def _card(row: BookingRow, actor: Actor, now: datetime) -> DayCard:
    runs = row.starts_at <= now < row.ends_at and row.state not in {State.DECLINED, State.CANCELLED}
    goes = row.manager == actor.person or row.manager in actor.assists
    unanswered = goes and row.state is State.INVITED and row.starts_at > now
    unsettled = not goes and row.ends_at <= now and row.state in HOLDING
    notes = (runs or unsettled) and can(actor, Act.RAISE, row.thing())
    return DayCard(row=row, here_now=runs, asks=unanswered or unsettled, words=say_state(row.state), notes=notes)


def _raised(line: Line) -> dict[str, Any]:
    """Say what became of something the reader raised."""
    status, tone = say_stage(line.stage), "wait"
    if line.turn is Turn.CLOSED:
        tone = "done" if line.stage in {Stage.CONFIRMED, Stage.UNCONFIRMED} else ""
    if line.turn is Turn.TELL_FLOOR:
        status, tone = _("Is it fixed?"), "you"
    about = line.done
    if not about and line.promised_for is not None:
        about = _("%(owner)s promised it for %(day)s.", owner=line.owner_name or _("The owner"),
                  day=when.short_day(line.promised_for))  # fmt: skip
    elif not about and line.owner_name:
        about = _("%(owner)s has it.", owner=line.owner_name)
    return {"line": line, "status": status, "tone": tone, "about": about}


def _owed(line: Line) -> dict[str, Any]:
    asked = line.turn is Turn.NEEDS_DECISION
    about = line.question if asked else (_("%(owner)s has it.", owner=line.owner_name) if line.owner_name else "")
    if line.hard:
        about = " ".join(filter(None, (_("One of the two hard ones of this month."), about)))
    return {
        "line": line,
        "status": _("Your turn") if asked else say_stage(line.stage),
        "tone": "you" if asked else "wait",
        "about": about,
    }


def _next_step(line: Line, today: date) -> dict[str, Any]:
    match line.turn:
        case Turn.BEING_FIXED if line.vendor_says == "date" and line.vendor_date is not None:
            about = _("%(vendor)s says %(day)s. Promise it?", vendor=line.vendor_name or "",
                      day=when.short_day(line.vendor_date))  # fmt: skip
            status, tone = _("Your turn"), "you"
        case Turn.BEING_FIXED if line.vendor_says:
            about = _("%(vendor)s has answered. Pass it on?", vendor=line.vendor_name or "")
            status, tone = _("Your turn"), "you"
        case Turn.BEING_FIXED if line.promised_for is None:
            status, tone, about = _("Your turn"), "you", _("Give a date.")
        case Turn.BEING_FIXED if line.promised_for is not None and line.promised_for < today:
            late = (today - line.promised_for).days
            about = ngettext("Promised for yesterday.", "The promise is %(n)s days overdue.", late)
            status, tone = _("Overdue"), "hot"
        case Turn.BEING_FIXED:
            day = when.short_day(line.promised_for) if line.promised_for else ""
            status, tone, about = say_stage(line.stage), "wait", _("Promised for %(day)s.", day=day)
        case Turn.NEEDS_DECISION:
            status, tone, about = say_stage(line.stage), "wait", line.question
        case Turn.TELL_FLOOR:
            status, tone, about = say_stage(line.stage), "wait", _("The floor has been asked.")
        case _:
            status, tone, about = _("Your turn"), "you", _("Take it, or say whose it is.")
    return {"line": line, "status": status, "tone": tone, "about": about}


@get("/today/brief/{booking_id:uuid}")
async def brief(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show where and when, who waits, what this team still waits for and what this manager still owes."""
    row = await bookings.booking(booking_id)
    if not can(actor, Act.SEE_BRIEF, row.thing()):
        raise NotFound(_("There is no such day."))
    host = await people.person(row.host) if row.host else None
    only_assists = actor.person != row.manager and row.manager in actor.assists and not actor.has(Role.COORDINATOR)
    awaited, owed = list[Line](), list[Line]()
    if not only_assists:
        awaited = await queries.awaited_for(actor, row.team)
        owed = await queries.owed_for(actor, row.manager)
    asked = actor.person == row.manager or actor.has(Role.COORDINATOR)
    left = await leaving.left_without(row.manager, now=now) if asked else []
    return show(
        request,
        "today/brief.html",
        row=row,
        host=host,
        words=say_state(row.state),
        picture=await people.statements(row.team),
        awaited=awaited,
        owed=[_owed(line) for line in owed],
        left=[day for day in left if day.booking != row.id or row.ends_at <= now],
        notes=await queries.notes_of_day(row.id),
        only_assists=only_assists,
        own=actor.person == row.manager,
        begun=row.starts_at <= now,
        may_hold=can(actor, Act.HOLD, row.thing()),
        plan=[line.strip() for line in row.plan.splitlines() if line.strip()],
        say_stage=say_stage,
    )


router = Router(path="/", route_handlers=[today, brief])
