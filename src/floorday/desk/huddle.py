"""The huddle card: one page for a stand-up in front of the wall, on the screen, at the desk, or printed on A5.

It says the same at every door, so that it may hang in the room: days, faces of issues that nobody restricted, a story
whose hero lets it be told. No note, and no name of who raised something.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.bookings.rules import State
from floorday.bookings.rules import say as say_state
from floorday.desk import queries, rules
from floorday.desk.doors import Asked, Shown, at_desk
from floorday.desk.queries import Day, Told
from floorday.desk.rules import MOST, Talked
from floorday.errors import Forbidden, NotFound
from floorday.people import actions as people_actions
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Device, DeviceKind, OfTeam, can
from floorday.people.queries import Place
from floorday.render import when
from floorday.render.refs import ref
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, show


class Visit(Struct, frozen=True):
    """Who comes today, or next."""

    who: str
    host: str
    when: str
    status: str
    sure: bool
    today: bool


class Item(Struct, frozen=True):
    """An issue on the card."""

    ref: str
    title: str
    line: str


class Card(Struct, frozen=True, kw_only=True):
    """Everything that stands on it."""

    team: Place
    today: str
    said_at: str
    visits: list[Visit]
    fixed: list[Item]
    verdicts: list[Item]
    back: list[Item]
    more: dict[str, int]
    question: str
    asked: str
    story: Told | None


async def card(device: Device, *, now: datetime) -> Card:
    """Put the card of a team together, by its own clock."""
    team = await people.team(device.team)
    if team is None or team.closed_at is not None or not can(device, Act.SEE_TEAM_DAY, OfTeam(team.id)):
        raise NotFound(_("There is no such team."))
    zone = ZoneInfo(team.zone)
    today = now.astimezone(zone).date()
    days = await queries.days(device, since=datetime.combine(today, time(), zone))
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    here = [one for one in days if one.starts_at < tomorrow]
    comes = here or [one for one in days if one.state is not State.HELD][:1]
    talked = await queries.talked(device, now=now)
    parts = rules.sort(talked, now=now)
    picture = [one.text for one in await people.statements(team.id)]
    asked = comes[0] if comes else None
    question = rules.question(talked, manager=asked.manager if asked else None, picture=picture, today=today, now=now)
    return Card(
        team=team, today=when.day(now, team.zone), said_at=when.clock(now, team.zone, named=False),
        visits=[_visit(one, today=one in here) for one in comes],
        fixed=[_item(one, _done(one, team.zone)) for one in parts.fixed[:MOST]],
        verdicts=[_item(one, _done(one, team.zone)) for one in parts.verdicts[:MOST]],
        back=[_item(one, one.department_name or "") for one in parts.back[:MOST]],
        more={name: max(0, len(getattr(parts, name)) - MOST) for name in ("fixed", "verdicts", "back")},
        question=question, asked=asked.manager_name if asked else "", story=await queries.story(device),
    )  # fmt: skip


def _visit(row: Day, *, today: bool) -> Visit:
    hours = f"{when.clock(row.starts_at, row.zone, named=False)}–{when.clock(row.ends_at, row.zone, named=False)}"
    return Visit(
        who=row.manager_name, host=row.host_name or "",
        when=hours if today else f"{when.short_day(row.starts_at, row.zone)}, {hours}",
        status=say_state(row.state), sure=row.state in {State.ACCEPTED, State.HELD}, today=today,
    )  # fmt: skip


def _item(row: Talked, line: str) -> Item:
    return Item(ref=ref(row.number), title=row.title, line=line)


def _done(row: Talked, zone: str) -> str:
    since = when.short_day(row.resolved_at, zone) if row.resolved_at else ""
    return _("%(department)s, %(day)s", department=row.department_name, day=since) if row.department_name else since


@get("/screen/{token:str}/huddle", opt={LETTER_PAGE: True})
async def on_the_wall(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show the card on a team's wall, with the key of its screen."""
    device = await people_actions.load_device(token, DeviceKind.SCREEN, now=now)
    if device is None:
        raise NotFound(_("This link shows nothing any more. The team's lead makes a new one under Settings."))
    return show(request, "desk/huddle_wall.html", card=await card(device, now=now))


@get("/desk/huddle", opt={LETTER_PAGE: True})
async def at_the_desk(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Show the card at a team's desk."""
    device = await at_desk(request, now=now)
    return show(request, "desk/huddle.html", card=await card(device, now=now), back="/desk", here="/desk")


@get("/teams/{team_id:uuid}/huddle")
async def for_the_team(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show the card to the team itself, the coordinator and the head of service: what the team's wall shows."""
    if not can(actor, Act.SEE_PLACE):
        raise NotFound(_("There is no such team."))
    if not can(actor, Act.SEE_TEAM_DAY, OfTeam(team_id)):
        raise Forbidden(_("A team's huddle card is for the team itself."))
    wall = Device(id=team_id, kind=DeviceKind.SCREEN, team=team_id)
    return show(request, "desk/huddle.html", card=await card(wall, now=now), back="/today", here="/today")


handlers = [on_the_wall, at_the_desk, for_the_team]
