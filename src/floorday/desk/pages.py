"""The screen on a team's wall and the computer that is its desk. Both look; the desk takes notes and verdicts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.bookings.rules import State
from floorday.bookings.rules import say as say_state
from floorday.desk import queries
from floorday.desk.queries import Day, Face
from floorday.errors import NotFound
from floorday.issues.rules import Turn
from floorday.issues.rules import say as say_stage
from floorday.people import actions as people_actions
from floorday.people import queries as people
from floorday.people.access import Act, Device, DeviceKind, OfTeam, can
from floorday.people.queries import Place
from floorday.render import when
from floorday.render.refs import ref
from floorday.render.words import gettext as _
from floorday.web import DESK, LETTER_PAGE, carried, show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

SOON = timedelta(days=14)
NEXT_DAYS = 6
MOST_LINES = {"asks": 2, "promised": 3, "open": 5}
"""As many issues as can be read across a room; what is open fills up to that many lines in all."""


class DayLine(Struct, frozen=True):
    """A day as the room sees it."""

    who: str
    host: str
    day: str
    hours: str
    status: str
    sure: bool
    now: bool


class IssueLine(Struct, frozen=True):
    """An issue as the room sees it."""

    face: Face
    ref: str
    status: str
    late: bool
    promised: str


class TeamDay(Struct, frozen=True):
    """What a team sees together: who comes today and next, what was promised, what is open, what it should say."""

    team: Place
    said_at: str
    today: str
    here: list[DayLine]
    next: list[DayLine]
    promised: list[IssueLine]
    open: list[IssueLine]
    asks: list[IssueLine]


async def team_day(device: Device, *, now: datetime) -> TeamDay:
    """Gather the day of a device's team, by its own clock."""
    team = await people.team(device.team)
    if team is None or not can(device, Act.SEE_TEAM_DAY, OfTeam(team.id)):
        raise NotFound(_("There is no such team."))
    zone = ZoneInfo(team.zone)
    today = now.astimezone(zone).date()
    days = await queries.days(device, since=datetime.combine(today, time(), zone))
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    lines = [_issue(one, today) for one in await queries.faces(device)]
    asks = [one for one in lines if one.face.turn is Turn.TELL_FLOOR]
    promised = [one for one in lines if _is_due(one.face, today)]
    return TeamDay(
        team=team, said_at=when.clock(now, team.zone, named=False), today=when.day(now, team.zone),
        here=[_day(one, now) for one in days if one.starts_at < tomorrow],
        next=[_day(one, now) for one in days if one.starts_at >= tomorrow and one.state is not State.HELD][:NEXT_DAYS],
        promised=promised, asks=asks, open=[one for one in lines if one not in promised and one not in asks],
    )  # fmt: skip


def _is_due(face: Face, today: date) -> bool:
    due = face.promised_for is not None and face.promised_for <= today + SOON
    return due and face.turn in {Turn.BEING_FIXED, Turn.NEEDS_DECISION}


def _day(row: Day, now: datetime) -> DayLine:
    hours = f"{when.clock(row.starts_at, row.zone, named=False)}–{when.clock(row.ends_at, row.zone, named=False)}"
    return DayLine(
        who=row.manager_name, host=row.host_name or "", day=when.short_day(row.starts_at, row.zone), hours=hours,
        status=say_state(row.state), sure=row.state in {State.ACCEPTED, State.HELD},
        now=row.starts_at <= now < row.ends_at,
    )  # fmt: skip


def _issue(face: Face, today: date) -> IssueLine:
    promised = None if face.turn is Turn.TELL_FLOOR else face.promised_for
    return IssueLine(
        face=face, ref=ref(face.number), status=say_stage(face.stage), late=promised is not None and promised < today,
        promised=when.short_day(promised) if promised else "",
    )  # fmt: skip


@get("/screen/{token:str}", opt={LETTER_PAGE: True})
async def screen(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show a team's day on its wall."""
    device = await people_actions.load_device(token, DeviceKind.SCREEN, now=now)
    if device is None:
        raise NotFound(_("This link shows nothing any more. The team's lead makes a new one under Settings."))
    day = await team_day(device, now=now)
    asks, promised = day.asks[: MOST_LINES["asks"]], day.promised[: MOST_LINES["promised"]]
    still = day.open[: MOST_LINES["open"] - len(asks) - len(promised)]
    more = len(day.asks) + len(day.promised) + len(day.open) - len(asks) - len(promised) - len(still)
    return show(request, "desk/screen.html", day=day, asks=asks, promised=promised, open=still, more=more)


@get("/desk", opt={LETTER_PAGE: True})
async def desk_page(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Show a team's day at its desk."""
    device = await at_desk(request, now=now)
    return show(request, "desk/desk.html", day=await team_day(device, now=now))


async def at_desk(request: Asked, *, now: datetime) -> Device:
    """Say whose desk this computer is, or raise NotFound."""
    key = carried(request, DESK)
    device = await people_actions.load_device(key, DeviceKind.DESK, now=now) if key else None
    if device is None:
        raise NotFound(_("This computer is no team's desk. The team's lead makes it one under Settings."))
    return device


router = Router(path="/", route_handlers=[screen, desk_page])
