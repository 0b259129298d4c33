"""Ferncastle's last ten weeks, lived through the same actions as a real company's, with a clock that is set.

    prepare   what `floorday demo` calls before it serves: the schema, and the company where there is nobody yet
    build     the company alone

It is built in one transaction: either all of it is there or nothing. Letters of the past are written and sent by the
outbox itself, to a carrier that keeps nothing, so that the Mailbox has a past and nothing leaves again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from floorday import db, worker
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.rules import Answer, Partstat
from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import dec_hook
from floorday.demo import cast, days
from floorday.demo.days import Day
from floorday.demo.workdays import Workdays
from floorday.errors import DeliveryFailed
from floorday.mail import outbox
from floorday.mail.outbox import Parcel
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.access import Actor, Door, Role
from floorday.people.actions import DepartmentForm, PersonForm, TeamForm

T = TypeVar("T", bound=Struct)

FOUNDED = -58
OFFERED = -8
LAST_START = "14:00"
BEFORE = timedelta(minutes=50)
"""How long before an invitation or a move its shift is offered."""
A_BATCH = 100


class Company(Struct):
    """Who and what has been made so far, by the keys of the demo's texts."""

    actors: dict[str, Actor]
    teams: dict[str, UUID]
    departments: dict[str, UUID]
    bookings: dict[str, UUID]

    def person(self, key: str) -> UUID:
        """Give somebody's id."""
        return self.actors[key].person


class Scene(Struct):
    """Something that happens at a moment. `order` keeps those of one moment in their order."""

    at: datetime
    order: int
    act: Callable[[datetime], Awaitable[object]]


async def prepare(now: datetime) -> bool:
    """Bring the database up to date, and build the company where there is nobody; says whether it was built."""
    await db.migrate()
    await db.open_pools()
    try:
        return await build(now)
    finally:
        await db.close_pools()


async def build(now: datetime) -> bool:
    """Build the company as it stands at `now`; a database that holds people is left alone."""
    workdays = Workdays(now, cast.LONDON)
    async with transaction():
        if await people_queries.anybody():
            return False
        company = await _founded(workdays.moment(FOUNDED, "10:00", cast.LONDON))
        for scene in sorted(_scenes(company, workdays), key=lambda one: (one.at, one.order)):
            await scene.act(scene.at)
            await _send(scene.at)
    return True


# --- the people ------------------------------------------------------------------------------------------------


async def _founded(now: datetime) -> Company:
    """Make everybody, and give them their roles."""
    first = cast.EVERYBODY[cast.FIRST]
    ids = {cast.FIRST: await people.first_person(first.name, cast.address(cast.FIRST), zone=first.zone, now=now)}
    keeper = await _actor(ids[cast.FIRST])
    for key, one in cast.EVERYBODY.items():
        form = _form(PersonForm, name=one.name, email=cast.address(key), job_title=one.job_title, zone=one.zone)
        if key in ids:
            await people.change_person(keeper, ids[key], form, now=now)
        else:
            ids[key] = await people.add_person(keeper, form, now=now)
    teams = {
        crew.name: await people.add_team(keeper, _form(
            TeamForm, name=crew.name, site=crew.site, place=crew.place, zone=crew.zone,
            default_host=ids[crew.members[0]], picture=crew.picture), now=now)
        for crew in cast.TEAMS
    }  # fmt: skip
    departments = {
        bureau.name: await people.add_department(keeper, _form(
            DepartmentForm, name=bureau.name, acknowledge_days=bureau.charter[0], word_days=bureau.charter[1],
            fix_days=bureau.charter[2]), now=now)
        for bureau in cast.DEPARTMENTS
    }  # fmt: skip
    for key, role, team, department in _roles():
        await people.give_role(
            keeper, ids[key], role, team=teams.get(team), department=departments.get(department), now=now)
    for assistant, managers in cast.ASSISTS.items():
        for manager in managers:
            await people.add_assistant(keeper, ids[assistant], ids[manager], now=now)
    await _only_admin(ids, now)
    return Company({key: await _actor(person) for key, person in ids.items()}, teams, departments, {})


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


def _form(kind: type[T], **said: Any) -> T:
    """Fill a form as a page does, with every field checked."""
    return msgspec.convert(said, kind, dec_hook=dec_hook)


async def _actor(person: UUID) -> Actor:
    found = await people_queries.actor(person)
    assert found is not None
    return found


# --- the ten weeks ---------------------------------------------------------------------------------------------


def _scenes(company: Company, workdays: Workdays) -> list[Scene]:
    scenes = [scene for day in days.DAYS for scene in _Visit(company, workdays, day).scenes()]
    scenes += _free_shifts(company, workdays)
    scenes += _mornings(workdays)
    for order, scene in enumerate(scenes):
        scene.order = order
    return [scene for scene in scenes if scene.at < workdays.now]


def _mornings(workdays: Workdays) -> list[Scene]:
    """Let the worker's clocks run once a morning, so that nothing falls due all at once."""

    async def morning(at: datetime) -> None:
        await bookings.remind_unanswered(now=at)
        await worker.run_clocks(now=lambda: at)

    return [Scene(workdays.moment(day, "07:30", cast.LONDON), 0, morning) for day in range(FOUNDED, 1)]


def _free_shifts(company: Company, workdays: Workdays) -> list[Scene]:
    def offered(team: str, day: int, starts: str, ends: str) -> Callable[[datetime], Awaitable[object]]:
        crew = _crew(team)
        form = _form(
            bookings.ShiftForm,
            starts=workdays.local(day, starts), ends=workdays.local(day, ends), host=company.person(crew.members[1]),
            plan=days.PLAN)
        return lambda at: bookings.offer_shift(company.actors[crew.lead], company.teams[team], form, now=at)

    at = workdays.moment(OFFERED, "15:20", cast.LONDON)
    return [Scene(at + timedelta(minutes=n), 0, offered(*free)) for n, free in enumerate(days.FREE)]


class _Visit:
    """One of `days`: offered, invited to, answered, and what became of it."""

    def __init__(self, company: Company, workdays: Workdays, day: Day) -> None:
        self.company, self.workdays, self.day = company, workdays, day
        self.crew = _crew(day.team)
        self.number = days.DAYS.index(day)
        self.shift: UUID | None = None

    def scenes(self) -> list[Scene]:
        """Lay out what happens, in its order."""
        invited = self._at(self.day.invited, "10:00") + timedelta(minutes=7 * (self.number % 8))
        scenes = [Scene(invited - BEFORE, 0, self._offer(self.on)), Scene(invited, 0, self._invite)]
        for step in self.day.steps:
            at = self._at(step.day, step.clock)
            if step.do is days.Do.MOVE:
                scenes.append(Scene(at - BEFORE, 0, self._offer(step.to)))
            scenes.append(Scene(at, 0, self._does(step)))
        return scenes

    @property
    def on(self) -> int:
        """Give the day of the visit: the one that is today is tomorrow's when today is nearly over."""
        over = self.workdays.moment(0, LAST_START, self.crew.zone) <= self.workdays.now
        return self.day.day + int(self.day.key == days.TODAY and over)

    def _at(self, day: int, clock: str) -> datetime:
        return self.workdays.moment(day, clock, self.crew.zone)

    def _offer(self, on: int) -> Callable[[datetime], Awaitable[object]]:
        host = next((step.by for step in self.day.steps if step.by in self.crew.members), self.crew.members[0])
        form = _form(
            bookings.ShiftForm,
            starts=self.workdays.local(on, self.day.starts), ends=self.workdays.local(on, self.day.ends),
            host=self.company.person(host), plan=days.PLAN,
        )  # fmt: skip

        async def offer(at: datetime) -> None:
            lead = self.company.actors[self.crew.lead]
            self.shift = (await bookings.offer_shift(lead, self.company.teams[self.day.team], form, now=at)).id

        return offer

    async def _invite(self, at: datetime) -> None:
        assert self.shift is not None
        booking = await bookings.invite(
            self.company.actors[self.crew.lead], shift=self.shift, manager=self.company.person(self.day.manager),
            why=self.day.why, doing=self.day.doing, hope=self.day.hope, now=at,
        )  # fmt: skip
        self.company.bookings[self.day.key] = booking.id

    def _does(self, step: days.Step) -> Callable[[datetime], Awaitable[object]]:
        actor = self.company.actors[step.by]
        if step.calendar:
            actor = structs.replace(actor, door=Door.CALENDAR)

        async def does(at: datetime) -> object:
            booking = self.company.bookings[self.day.key]
            match step.do:
                case days.Do.ACCEPT:
                    return await self._answer(actor, Partstat.ACCEPTED, step.word, at)
                case days.Do.MAYBE:
                    return await self._answer(actor, Partstat.TENTATIVE, step.word, at)
                case days.Do.DECLINE:
                    return await self._answer(actor, Partstat.DECLINED, step.word, at)
                case days.Do.MOVE:
                    return await bookings.move(actor, booking, shift=self.shift, now=at)
                case days.Do.POSTPONE:
                    return await bookings.postpone(actor, booking, reason=step.word, now=at)
                case days.Do.CANCEL:
                    return await bookings.cancel(actor, booking, reason=step.word, now=at)
                case days.Do.HOLD:
                    return await bookings.hold(actor, booking, now=at)
                case days.Do.MISS:
                    return await bookings.miss(actor, booking, now=at)
                case days.Do.READ_BACK:
                    return await bookings.read_back(actor, booking, now=at)

        return does

    async def _answer(self, actor: Actor, partstat: Partstat, word: str, at: datetime) -> object:
        booking = self.company.bookings[self.day.key]
        sequence = (await booking_queries.booking(booking)).sequence
        return await bookings.answer(actor, booking, Answer(partstat=partstat, sequence=sequence, comment=word), now=at)


def _crew(team: str) -> cast.Crew:
    return next(crew for crew in cast.TEAMS if crew.name == team)


# --- letters ---------------------------------------------------------------------------------------------------


class _Nowhere:
    """A carrier that takes every letter and keeps none: what has left stands in the outbox."""

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            yield parcel, None


async def _send(at: datetime) -> None:
    """Let every letter that is due by now leave, at its time."""
    leaving = at + timedelta(seconds=settings().undo_seconds + 1)
    while await outbox.deliver(
        sender=_Nowhere(), calendar_part=worker.calendar_part, now=leaving, limit=A_BATCH
    ):
        pass
