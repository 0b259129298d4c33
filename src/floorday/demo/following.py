"""The issues of the demo, as scenes: said on the floor, owned, promised, told, fixed, and judged by the floor."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from floorday.db.text import Title
from floorday.demo import cast, costs, days, plots
from floorday.demo.plots import Do, Plot
from floorday.demo.stage import Act, Company, Scene, crew
from floorday.demo.workdays import Workdays
from floorday.issues import actions as issues
from floorday.issues.rules import Stream
from floorday.people.access import Actor, Door

MORNING = "09:20"


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Lay out every issue, and the good news."""
    followed = [scene for plot in plots.PLOTS for scene in _Matter(company, workdays, plot).scenes()]
    return followed + [_good_news(company, workdays, *news) for news in plots.GOOD_NEWS]


def _good_news(company: Company, workdays: Workdays, day: int, team: str, by: str, text: str) -> Scene:
    form = issues.NoteForm(text=issues.Said.parse(text), stream=Stream.GOOD_NEWS, team=company.teams[team])
    return Scene(
        workdays.moment(day, "15:45", crew(team).zone), lambda at: issues.note(company.actors[by], form, now=at))


class _Matter:
    """One of `plots`, from its first note on."""

    def __init__(self, company: Company, workdays: Workdays, plot: Plot) -> None:
        self.company, self.workdays, self.plot = company, workdays, plot
        self.number = plots.PLOTS.index(plot)
        self.reporters = {note.by for note in plot.said}

    def scenes(self) -> list[Scene]:
        """Lay out what is said and done in its order, the later of one day some minutes after the earlier."""
        acts: list[tuple[int, Act]] = [(note.day, self._say(note)) for note in self.plot.said]
        acts += [(step.day, self._does(step)) for step in self.plot.steps]
        acts.sort(key=lambda one: one[0])
        first = timedelta(minutes=self.number * 37 % 300)
        return [
            Scene(self._moment(day) + first + timedelta(minutes=11 * place), act)
            for place, (day, act) in enumerate(acts)
        ]

    def _moment(self, day: int) -> datetime:
        return self.workdays.moment(day, MORNING, crew(self.plot.team).zone)

    @property
    def issue(self) -> UUID:
        return self.company.issues[self.plot.title]

    def _say(self, note: plots.Said) -> Act:
        visit = next((day for day in days.DAYS if day.key == self.plot.visit), None)
        on_visit = visit is not None and note.day in {visit.day, *(step.to for step in visit.steps if step.to)}
        by = note.by or crew(self.plot.team).members[-1]

        async def say(at: datetime) -> None:
            noted = await issues.note(self.company.actors[by], issues.NoteForm(
                text=issues.Said.parse(note.text), stream=note.stream, naming=note.naming, kind=self.plot.kind,
                team=self.company.teams[self.plot.team], issue=self.company.issues.get(self.plot.title),
                day=self.company.bookings[self.plot.visit] if on_visit else None, title=Title.parse(self.plot.title),
                idea=issues.Said.parse(note.idea) if note.idea else None,
            ), now=at)  # fmt: skip
            assert noted.issue is not None
            self.company.issues[self.plot.title] = noted.issue

        return say

    def _does(self, step: plots.Step) -> Act:
        async def does(at: datetime) -> object:
            return await self._do(step, self.company.actors[step.by], at)

        return does

    async def _do(self, step: plots.Step, actor: Actor, at: datetime) -> object:
        match step.do:
            case Do.TAKE:
                return await self._take(step, actor, at)
            case Do.SPONSOR:
                asks = actor if step.by in self.reporters else self.company.actors[cast.COORDINATOR]
                return await issues.sponsor(asks, self.issue, actor.person, now=at)
            case Do.PROMISE:
                return await issues.promise(actor, self.issue, self.workdays.date(step.to), step.text, now=at)
            case Do.UPDATE:
                return await issues.update(actor, self.issue, step.text, now=at)
            case Do.ASK:
                return await issues.ask(actor, self.issue, step.text, now=at)
            case Do.DECIDE:
                return await issues.decide(actor, self.issue, yes=True, because=step.text, now=at)
            case Do.RESOLVE:
                return await issues.resolve(actor, self.issue, step.how, step.text, now=at)
            case Do.VERDICT:
                through = actor if step.text else structs.replace(actor, door=Door.LETTER)
                return await issues.verdict(through, self.issue, step.says, step.text, now=at)
            case Do.AGAIN:
                return await issues.again(actor, self.issue, step.text, now=at)
            case Do.JOIN | Do.QUESTION:
                return await self._sorts(step, actor, at)
            case Do.DECLINE:
                return await issues.decline(actor, self.issue, step.text, now=at)
            case Do.SNOOZE:
                return await issues.snooze(actor, self.issue, self.workdays.date(step.to), now=at)

    async def _sorts(self, step: plots.Step, actor: Actor, at: datetime) -> object:
        """Make it part of another, or ask those who raised it."""
        if step.do is Do.JOIN:
            return await issues.join(actor, self.issue, self.company.issues[step.other], now=at)
        return await issues.question(actor, self.issue, step.text, now=at)

    async def _take(self, step: plots.Step, actor: Actor, at: datetime) -> None:
        """Find an owner, and state what it costs where that is known."""
        department, owner = self.company.departments[step.text], self.company.person(step.other)
        await issues.assign(actor, self.issue, department=department, owner=owner, now=at)
        effort, reputation = costs.JUDGED.get(self.plot.title, (self.plot.effort, None))
        if self.plot.cases or effort:
            await issues.measure(
                actor, self.issue, minutes_per_case=self.plot.minutes or None, cases_per_month=self.plot.cases or None,
                effort=effort, reputation=reputation, now=at)
