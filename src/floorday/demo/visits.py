"""The days of the demo, as scenes: offered, invited to, answered, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from floorday import worker
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.rules import Answer, Partstat
from floorday.demo import cast, clients, days, mailbox
from floorday.demo.days import Day
from floorday.demo.stage import Act, Company, Scene, crew, form_of
from floorday.demo.workdays import Workdays
from floorday.mail import inbound
from floorday.people.access import Actor

OFFERED = -8
LAST_START = "14:00"
"""A shift that is today moves to the next working day when it is later than this."""
BEFORE = timedelta(minutes=50)
"""How long before an invitation or a move its shift is offered."""


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Lay out every day, and the shifts that nobody has yet."""
    visited = [scene for day in days.DAYS for scene in _Visit(company, workdays, day).scenes()]
    return visited + _free_shifts(company, workdays)


def _free_shifts(company: Company, workdays: Workdays) -> list[Scene]:
    def offered(team: str, day: int, starts: str, ends: str) -> Act:
        hosts = crew(team)
        form = form_of(
            bookings.ShiftForm,
            starts=workdays.local(day, starts), ends=workdays.local(day, ends), host=company.person(hosts.members[1]),
            plan=days.PLAN)
        return lambda at: bookings.offer_shift(company.actors[hosts.lead], company.teams[team], form, now=at)

    at = workdays.moment(OFFERED, "15:20", cast.LONDON)
    return [Scene(at + timedelta(minutes=n), offered(*free)) for n, free in enumerate(days.FREE)]


class _Visit:
    """One of `days`: offered, invited to, answered, and what became of it."""

    def __init__(self, company: Company, workdays: Workdays, day: Day) -> None:
        self.company, self.workdays, self.day = company, workdays, day
        self.crew = crew(day.team)
        self.number = days.DAYS.index(day)
        self.shift: UUID | None = None

    def scenes(self) -> list[Scene]:
        """Lay out what happens, in its order."""
        invited = self._at(self.day.invited, "10:00") + timedelta(minutes=7 * (self.number % 8))
        scenes = [Scene(invited - BEFORE, self._offer(self.on)), Scene(invited, self._invite)]
        for step in self.day.steps:
            at = self._at(step.day, step.clock)
            if step.do is days.Do.MOVE:
                scenes.append(Scene(at - BEFORE, self._offer(step.to)))
            scenes.append(Scene(at, self._does(step)))
        return scenes

    @property
    def on(self) -> int:
        """Give the day of the visit: the one that is today is tomorrow's when today is nearly over."""
        over = self.workdays.moment(0, LAST_START, self.crew.zone) <= self.workdays.now
        return self.day.day + int(self.day.key == days.TODAY and over)

    def _at(self, day: int, clock: str) -> datetime:
        return self.workdays.moment(day, clock, self.crew.zone)

    def _offer(self, on: int) -> Act:
        host = next((step.by for step in self.day.steps if step.by in self.crew.members), self.crew.members[0])
        form = form_of(
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

    def _does(self, step: days.Step) -> Act:
        actor = self.company.actors[step.by]

        async def does(at: datetime) -> object:
            booking = self.company.bookings[self.day.key]
            if step.calendar or step.do in {days.Do.PROPOSE, days.Do.WRITE}:
                return await self._mail(step, actor, at)
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
                case days.Do.PROPOSE | days.Do.WRITE:
                    raise ValueError("That is done by mail.")

        return does

    async def _answer(self, actor: Actor, partstat: Partstat, word: str, at: datetime) -> object:
        booking = self.company.bookings[self.day.key]
        sequence = (await booking_queries.booking(booking)).sequence
        return await bookings.answer(actor, booking, Answer(partstat=partstat, sequence=sequence, comment=word), now=at)

    async def _mail(self, step: days.Step, actor: Actor, at: datetime) -> None:
        """Let the manager's program write a mail from the letter, and let it be read like any other."""
        letter = await mailbox.newest_request(self.company.bookings[self.day.key], actor.person)
        program = await mailbox.usual(await mailbox.owner(actor.person))
        match step.do:
            case days.Do.PROPOSE:
                starts, ends = (
                    self.workdays.moment(step.to, clock, self.crew.zone) for clock in (self.day.starts, self.day.ends))
                raw = clients.propose(letter, starts, ends, clients.Client.EXCHANGE, now=at, comment=step.word)
            case days.Do.WRITE:
                raw = clients.write(letter, step.word, now=at)
            case _:
                raw = clients.reply(letter, _PRESSED[step.do], program, now=at, comment=step.word)
        sender, receiver = clients.envelope(raw)
        await inbound.keep(raw, door="lmtp", envelope_from=sender, envelope_to=receiver, now=at)
        await worker.read_mails(now=lambda: at)


_PRESSED = {
    days.Do.ACCEPT: clients.Answer.ACCEPTED,
    days.Do.MAYBE: clients.Answer.TENTATIVE,
    days.Do.DECLINE: clients.Answer.DECLINED,
}
