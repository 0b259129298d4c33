"""Ferncastle: its past brought in as a history file, its last ten weeks lived through the same actions as a real
company's, with a clock that is set.

    prepare   what `floorday demo` calls before it serves: the schema, and the company where there is nobody yet
    build     the company alone

It is built in one transaction: either all of it is there or nothing. Letters of the past are written and sent by the
outbox itself, to a carrier that keeps nothing, so that the Mailbox has a past and nothing leaves again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from floorday import db, worker
from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import MailAddress, Prose
from floorday.demo import (
    agreements,
    cast,
    costs,
    crowd,
    following,
    outside,
    past,
    raising,
    slips,
    suggested,
    told,
    visits,
)
from floorday.demo.stage import Company, Scene, form_of
from floorday.demo.workdays import Workdays
from floorday.errors import DeliveryFailed
from floorday.history import actions as history
from floorday.leavers import actions as leavers
from floorday.leavers.rules import Hand, Kind
from floorday.mail import outbox
from floorday.mail.outbox import Parcel
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.access import Actor, DeviceKind, Role
from floorday.people.actions import PersonForm, TeamForm
from floorday.retention import actions as retention
from floorday.summaries import actions as summaries
from floorday.summaries import queries as months
from floorday.workdays import nth as nth_workday

FOUNDED = -58
LEFT = -9
BEGAN = 11
"""The month in which floorday began, in the year that was brought in; what lies before it was never sent."""
A_BATCH = 100
ON_TOP = (
    "Thank you to the teams who had us in. What you told us most often is being fixed first; where we cannot, we"
    " say why."
)
"""What the head of service says to the month that was sent last."""


async def prepare(now: datetime) -> bool:
    """Bring the database up to date, and build the company where there is nobody; says whether it was built."""
    await db.migrate()
    await db.open_pools()
    try:
        return await build(now)
    finally:
        await db.close_pools()


async def build(now: datetime, *, sent: bool = True) -> bool:
    """Build the company as it stands at `now`; a database that holds people is left alone.

    Without `sent`, in a quarter of the time, no month is sent that was over before the present weeks.
    """
    workdays = Workdays(now, cast.LONDON)
    async with transaction():
        if await people_queries.anybody():
            return False
        company = await _founded(workdays, workdays.moment(FOUNDED, "10:00", cast.LONDON))
        for scene in _scenes(company, workdays):
            await scene.act(scene.at)
            await _send(scene.at)
    await summaries.fold()  # as the worker does beside it, so that no month reads the whole past again
    if sent:
        await _sent_before(workdays)
    await _months(company, workdays)
    return True


# --- the people ------------------------------------------------------------------------------------------------


async def _founded(workdays: Workdays, now: datetime) -> Company:
    """Make everybody, bring in what lies behind them, and give them their roles."""
    first = cast.EVERYBODY[cast.FIRST]
    ids = {cast.FIRST: await people.first_person(first.name, cast.address(cast.FIRST), zone=first.zone, now=now)}
    keeper = await _actor(ids[cast.FIRST])
    for key, one in cast.EVERYBODY.items():
        form = form_of(PersonForm, name=one.name, email=cast.address(key), job_title=one.job_title, zone=one.zone)
        if key in ids:
            await people.change_person(keeper, ids[key], form, now=now)
        else:
            ids[key] = await people.add_person(keeper, form, now=now)
    teams, departments = await _brought(workdays, now)
    for key, role, team, department in _roles():
        await people.give_role(
            keeper, ids[key], role, team=teams.get(team), department=departments.get(department), now=now)
    for crew in cast.TEAMS:
        await people.change_team(keeper, teams[crew.name], _team(crew, host=ids[crew.members[0]]))
    for assistant, managers in cast.ASSISTS.items():
        for manager in managers:
            await people.add_assistant(keeper, ids[assistant], ids[manager], now=now)
    await _only_admin(ids, now)
    first = cast.TEAMS[0]
    for kind, where in ((DeviceKind.SCREEN, "Floor 3, beside the coffee"), (DeviceKind.DESK, "Desk 4, by the window")):
        await people.open_device(await _actor(ids[first.lead]), teams[first.name], kind, where, now=now)
    return Company({key: await _actor(person) for key, person in ids.items()}, teams, departments, {}, {}, {})


async def _brought(workdays: Workdays, now: datetime) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Bring in the past with its teams, departments and everybody who is not of the cast; gives the ids by name."""
    found = history.read(past.lines(workdays, now), now=workdays.now)
    await history.bring_in(found, now=now)
    keeper = await people_queries.by_address(MailAddress(cast.address(cast.FIRST)))
    assert keeper is not None
    for one in crowd.EVERYBODY:
        card = await people_queries.by_address(MailAddress(crowd.address(one)))
        assert card is not None
        form = form_of(PersonForm, name=one.name, email=crowd.address(one), job_title=one.job_title, zone=cast.LONDON)
        await people.change_person(await _actor(keeper.id), card.id, form, now=now)
    return (
        {team.name: team.id for team in await people_queries.teams()},
        {department.name: department.id for department in await people_queries.departments()},
    )  # fmt: skip


def _team(crew: cast.Crew, host: UUID | None = None) -> TeamForm:
    return form_of(TeamForm, name=crew.name, site=crew.site, place=crew.place, zone=crew.zone, default_host=host)


def _roles() -> list[tuple[str, Role, str, str]]:
    """List who gets which role, for which team or department."""
    wanted = [(cast.COORDINATOR, Role.COORDINATOR, "", ""), (cast.HEAD_OF_SERVICE, Role.HEAD_OF_SERVICE, "", "")]
    wanted += [(key, Role.MANAGER, "", "") for key in cast.MANAGERS]
    for crew in cast.TEAMS:
        wanted.append((crew.lead, Role.LEAD, crew.name, ""))
        wanted += [(key, Role.MEMBER, crew.name, "") for key in crew.members]
    for bureau in cast.DEPARTMENTS:
        wanted.append((bureau.head, Role.HEAD_OF_DEPARTMENT, "", bureau.name))
        wanted += [(key, Role.OWNER, "", bureau.name) for key in bureau.owners]
    return wanted


async def _only_admin(ids: dict[str, UUID], now: datetime) -> None:
    """Leave the first person nothing but the keys: a second admin takes the coordinator's role, and is none after."""
    first, second = ids[cast.FIRST], ids[cast.HEAD_OF_SERVICE]
    await people.give_role(await _actor(first), second, Role.ADMIN, now=now)
    for giver, loser, role in ((second, first, Role.COORDINATOR), (first, second, Role.ADMIN)):
        (held,) = [one for one in await people_queries.grants(loser) if one.role is role]
        await people.take_role(await _actor(giver), held.id, now=now)


async def _actor(person: UUID) -> Actor:
    found = await people_queries.actor(person)
    assert found is not None
    return found


def _scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Put everything that has happened by now in its order; a sort keeps that of one moment."""
    scenes = [*visits.scenes(company, workdays), *following.scenes(company, workdays), *_mornings(workdays),
              *raising.scenes(company, workdays), *outside.scenes(company, workdays), *costs.scenes(company, workdays),
              *agreements.scenes(company, workdays), *told.scenes(company, workdays), *slips.scenes(company, workdays),
              *suggested.scenes(company, workdays)]
    scenes.append(Scene(workdays.moment(LEFT, "16:30", cast.LONDON), lambda at: _leaves(company, at)))
    return sorted((scene for scene in scenes if scene.at < workdays.now), key=lambda scene: scene.at)


async def _leaves(company: Company, at: datetime) -> None:
    """Let somebody go, and hand over what hangs on them."""
    hands = [Hand(Kind.OWNS, None, str(company.person(cast.SUCCESSOR)))]
    await leavers.leave(company.actors[cast.COORDINATOR], company.person(cast.LEAVER), hands, now=at)


def _mornings(workdays: Workdays) -> list[Scene]:
    """Let the clocks run in the morning and when the news of the day leaves, so that nothing falls due all at once."""

    async def morning(at: datetime) -> None:
        await worker.run_clocks(now=lambda: at)

    return [Scene(workdays.moment(day, clock, cast.LONDON), morning)
            for day in range(FOUNDED, 1) for clock in ("08:30", "16:30")]  # fmt: skip


# --- months ----------------------------------------------------------------------------------------------------


async def _sent_before(workdays: Workdays) -> None:
    """Let floorday begin in the autumn of the year that was brought in, and send every month from then on."""
    founded = workdays.moment(FOUNDED, "07:30", cast.LONDON)
    first = date(past.year_of(founded), BEGAN, 1)
    while True:
        for nth in (1, 3):
            day = nth_workday(first, nth)
            at = datetime.combine(day, time(7, 30), ZoneInfo(cast.LONDON)).astimezone(UTC)
            if at >= founded:
                return
            await summaries.run(now=at)
            await _send(at)
            await retention.sweep(now=at)
        first = (first + timedelta(days=31)).replace(day=1)


async def _months(company: Company, workdays: Workdays) -> None:
    """Let the months that are over leave on their days, as the worker would have sent them.

    A count reads what is committed, so this comes after the company is there.
    """
    last = f"{workdays.now.replace(day=1) - timedelta(days=1):%Y-%m}"
    for day in range(FOUNDED, 1):
        at = workdays.moment(day, "07:30", cast.LONDON)
        if at >= workdays.now:
            break
        await summaries.run(now=at)
        for row in await months.ways():
            if row.month == last and row.previewed_at and not row.begun_at and not row.comment:
                await summaries.comment(company.actors[cast.HEAD_OF_SERVICE], last, Prose(ON_TOP), now=at)
        await _send(at)
    await retention.sweep(now=workdays.now)


# --- letters ---------------------------------------------------------------------------------------------------


class _Nowhere:
    """A carrier that takes every letter and keeps none: what has left stands in the outbox."""

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            yield parcel, None


async def _send(at: datetime) -> None:
    """Let every letter that is due by now leave, at its time, and commit that once."""
    leaving = at + timedelta(seconds=settings().undo_seconds + 1)
    async with transaction():
        while await outbox.deliver(
            sender=_Nowhere(), calendar_part=worker.calendar_part, now=leaving, limit=A_BATCH
        ):
            pass
