"""What lies behind the present weeks: the year with known answers as the last one, and the months since in its rhythm.

It is written as a history file is, and brought in as one. Until the year is over nothing of it is added to; afterwards
what was left open is fixed, declined or still worked on, two confirmed issues come back, and a day that was put off is
made up for, so that the next month has something to say of the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from floorday.demo import cast, crowd, tales, year
from floorday.demo.workdays import FRIDAY, Workdays
from floorday.demo.year import Raised, Visit

ZONE = ZoneInfo(cast.LONDON)
STARTS, ENDS = time(9), time(16)
INVITED = 30
"""An invitation goes out so many days before."""
OPEN_IN = 7
"""One in so many issues that nobody fixed in time is open today."""
PRAISED = 10
"""On so many of the year's days a colleague was praised; the other stories are told without one."""
STORIES = 26
CAME_BACK = 2
Line = dict[str, Any]


def year_of(founded: datetime) -> int:
    """Say which year it was: the last one, or the one before while the present weeks began in the last."""
    return founded.astimezone(ZONE).year - 1


def lines(workdays: Workdays, founded: datetime) -> list[bytes]:
    """Write the past of a company whose present weeks began at `founded`, as it is known now."""
    return [msgspec.json.encode(line) for line in _Past(workdays, founded).told()]


def on(visit: Visit, in_year: int) -> date:
    """Give the date of a visit in a year: the same, or the nearest working day of its month."""
    day = date(in_year, visit.month, visit.day)
    if day.weekday() <= FRIDAY:
        return day
    nearest = sorted((day + timedelta(days=step) for step in (-2, -1, 1, 2)), key=lambda one: abs(one - day))
    return next(one for one in nearest if one.weekday() <= FRIDAY and one.month == visit.month)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


class Turn(Struct, frozen=True):
    """How a year differs from the one that is written down: other teams, managers and departments meet."""

    team: int = 0
    manager: int = 0
    department: int = 0


class _Past:
    def __init__(self, workdays: Workdays, founded: datetime) -> None:
        self.workdays, self.founded = workdays, founded
        self.year = year_of(founded)
        self.now = workdays.now - timedelta(hours=1)
        self.over = _at(date(self.year + 1, 1, 1), time())
        self.taken: set[str] = set()
        self.left = self.back = 0
        self.colleagues = {team: [number for number, at in enumerate(crowd.AT) if at == team] for team in crowd.TEAMS}

    def told(self) -> Iterator[Line]:
        """Give every line of the file."""
        yield {"format": "floorday-history/1", "zone": cast.LONDON}
        yield from self._who()
        for in_year, turn in ((self.year, Turn()), (self.year + 1, Turn(team=2, manager=7, department=3))):
            yield from self._days(in_year, turn)
            yield from self._stories(in_year, turn)

    # --- who -----------------------------------------------------------------------------------------------------

    def _who(self) -> Iterator[Line]:
        crews = {crew.name: crew for crew in cast.TEAMS}
        for name in crowd.TEAMS:
            crew = crews.get(name)
            yield {"type": "team", "id": name, "name": name, "site": crew.site if crew else crowd.SITES[name],
                   "zone": crew.zone if crew else cast.LONDON, "picture": crowd.PICTURES.get(name, ())}  # fmt: skip
        bureaus = {bureau.name: bureau for bureau in cast.DEPARTMENTS}
        for name in crowd.DEPARTMENTS:
            acknowledge, word, fix = bureaus[name].charter if name in bureaus else crowd.CHARTER
            yield {"type": "department", "id": name, "name": name,
                   "charter": {"acknowledge_days": acknowledge, "word_days": word, "fix_days": fix}}  # fmt: skip
        for key in [*cast.MANAGERS, *(owner for bureau in cast.DEPARTMENTS for owner in bureau.owners)]:
            one = cast.EVERYBODY[key]
            yield {"type": "person", "id": key, "name": one.name, "email": cast.address(key), "zone": one.zone,
                   "roles": []}  # fmt: skip
        for one, team in zip(crowd.FLOOR, crowd.AT, strict=True):
            yield _person(one, ["member"], team=team)
        for team, one in crowd.LEADS.items():
            yield _person(one, ["lead"], team=team)
        for one in crowd.MORE_MANAGERS:
            yield _person(one, ["manager"])
        for at, one in enumerate(crowd.MORE_ASSISTANTS):
            yield _person(one, ["assistant"], assists=[other.key for other in crowd.MORE_MANAGERS[2 * at : 2 * at + 2]])
        for department, one in crowd.HEADS.items():
            yield _person(one, ["owner", "head_of_department"], department=department)

    def _owner(self, department: str, number: int) -> str:
        owners = {one.name: [key for key in one.owners if key != cast.LEAVER] for one in cast.DEPARTMENTS}
        return owners[department][number % len(owners[department])] if department in owners else \
            crowd.HEADS[department].key

    # --- days and what was raised on them ------------------------------------------------------------------------

    def _days(self, in_year: int, turn: Turn) -> Iterator[Line]:
        number = 0
        for at, visit in enumerate(year.visits()):
            day, id = on(visit, in_year), f"{in_year}-{at + 1:02}"
            if _at(day, ENDS) >= self.founded:
                continue
            manager = crowd.ALL_MANAGERS[(visit.manager + turn.manager) % len(crowd.ALL_MANAGERS)]
            team = crowd.TEAMS[(visit.team + turn.team) % len(crowd.TEAMS)]
            invited = _at(day - timedelta(days=INVITED), STARTS)
            events: list[Line] = [{"at": invited, "what": "invited"}]
            for what, after in visit.steps:
                then = _at(day, ENDS) if what == "held" else _at(day - timedelta(days=INVITED - after), STARTS)
                events.append({"at": then, "what": what})
            if in_year == self.year and visit.month == 12 and events[-1]["what"] == "postponed":
                events += self._made_up_for()
            events += self._let_go(events[-1]["what"], day, in_year)
            yield {"type": "day", "id": id, "manager": manager, "team": team, "start": _at(day, STARTS),
                   "end": _at(day, ENDS), "events": events}  # fmt: skip
            for raised in visit.raised:
                number += 1
                begun = _at(day, STARTS) + timedelta(minutes=raised.minutes)
                yield self._issue(raised, f"{id}-{raised.minutes}", begun, id, team, manager, turn, number)

    def _made_up_for(self) -> list[Line]:
        """Let the day that was put off in December be held in January, which the manager never had to accept again."""
        day = next(one for one in (date(self.year + 1, 1, 14 + more) for more in range(3)) if one.weekday() <= FRIDAY)
        return [
            {"at": _at(date(self.year + 1, 1, 5), time(10, 20)), "what": "postponed", "start": _at(day, STARTS),
             "end": _at(day, ENDS)},
            {"at": _at(day, ENDS), "what": "held"},
        ]  # fmt: skip

    def _let_go(self, last: str, day: date, in_year: int) -> list[Line]:
        """Take back what never got an answer or another date, so that nobody waits for it, once the year is over."""
        if last not in {"invited", "tentative", "postponed"}:
            return []
        at = self.over + timedelta(days=6, hours=10)
        if in_year > self.year:
            at = _at(day + timedelta(days=20 if last == "postponed" else -1), time(15, 40))
        return [{"at": at, "what": "cancelled"}] if at < self.now else []

    def _issue(
        self, raised: Raised, id: str, begun: datetime, day: str, team: str, manager: str, turn: Turn, number: int
    ) -> Line:
        department = crowd.DEPARTMENTS[(raised.department + turn.department) % len(crowd.DEPARTMENTS)]
        title = tales.titles(raised.kind, self.taken)
        by = [crowd.FLOOR[self._colleague(one, turn)].key for one in raised.by]
        notes = [{"at": begun, "reporter": by[0], "stream": "staff told",
                  "text": f"{title}. {tales.SAID[number % len(tales.SAID)]}"}]  # fmt: skip
        notes += [{"at": begun + timedelta(hours=3), "reporter": one, "stream": "staff told",
                   "text": f"{tales.AGAIN[number % len(tales.AGAIN)]} {title}."} for one in by[1:]]  # fmt: skip
        events = [one for one in self._events(raised, begun, by[0], team) if one["at"] < self.now]
        events += self._since(raised, events, begun, by[0], team)
        line: Line = {
            "type": "issue", "id": id, "title": title, "kind": raised.kind, "team": team, "department": department,
            "owner": self._owner(department, number), "day": day, "known_before": raised.known_before, "notes": notes,
            "events": events,
        }  # fmt: skip
        return line | {"sponsor": manager} if raised.sponsored else line

    def _colleague(self, reporter: int, turn: Turn) -> int:
        """Say who noted it: in another year the one who sits beside them in the team that it was about then."""
        if not turn.team:
            return reporter
        team = crowd.TEAMS[(crowd.TEAMS.index(crowd.AT[reporter]) + turn.team) % len(crowd.TEAMS)]
        there = self.colleagues[team]
        return there[reporter % len(there)]

    def _events(self, raised: Raised, begun: datetime, by: str, team: str) -> Iterator[Line]:
        done = 0
        for event in raised.events:
            line: Line = {"at": begun + timedelta(seconds=event.after), "what": event.what}
            match event.what:
                case "resolved":
                    line |= {"as": "everybody", "text": tales.ONCE_MORE if done else tales.DONE[raised.kind]}
                    done += 1
                case "returned":
                    line |= {"reporter": by, "team": team}
                case "verdict":
                    line |= {"reporter": by, "says": event.says}
                case _:
                    pass
            yield line

    def _since(self, raised: Raised, events: list[Line], begun: datetime, by: str, team: str) -> list[Line]:
        """Say how an issue went on that the year left open, or that came back after it."""
        last: Line = events[-1] if events else {"what": ""}
        if last["what"] == "verdict" and last["says"] == "fixed":
            return self._came_back(last["at"], raised, by, team)
        if last["what"] == "resolved":
            return []
        self.left += 1
        begins = max(begun + timedelta(days=30), self.over + timedelta(days=4))
        if events:
            begins = max(begins, last["at"] + timedelta(days=5))
        at = self._at_work(begins + timedelta(days=self.left * 11 % 190))
        if self.left % OPEN_IN == 0 or at >= self.now - timedelta(days=3):
            return self._still(begun, last["at"] if events else begun)
        match self.left % 9:
            case 0:
                return [{"at": at, "what": "declined", "because": tales.NOT_NOW}]
            case 1:
                return [{"at": at, "what": "resolved", "as": "cannot", "text": tales.CANNOT}]
            case 2:
                how, text = "workaround", tales.AROUND
            case 3:
                how, text = "here", tales.DONE[raised.kind]
            case _:
                how, text = "everybody", tales.DONE[raised.kind]
        told: list[Line] = [{"at": at, "what": "resolved", "as": how, "text": text}]
        if self.left % 4:
            told.append({"at": at + timedelta(hours=26), "what": "verdict", "reporter": by, "says": "fixed"})
        return told

    def _came_back(self, confirmed: datetime, raised: Raised, by: str, team: str) -> list[Line]:
        """Let two that were confirmed in the year's last month come back in the next one, and be done again."""
        if not self.over - timedelta(days=31) <= confirmed < self.over or self.back == CAME_BACK:
            return []
        self.back += 1
        at = self._at_work(self.over + timedelta(days=6 + self.back))
        return [
            {"at": at, "what": "returned", "reporter": by, "team": team},
            {"at": at + timedelta(days=14), "what": "resolved", "as": "everybody", "text": tales.ONCE_MORE},
            {"at": at + timedelta(days=15), "what": "verdict", "reporter": by, "says": "fixed"},
        ]

    def _still(self, begun: datetime, last: datetime) -> list[Line]:
        """Say a word of the last four working days, before any charter asks for one; of every other one a date to come.

        What was said of it still later is word enough.
        """
        at = self.workdays.moment(-1 - self.left % 4, f"{9 + self.left % 7:02}:{self.left * 7 % 60:02}", cast.LONDON)
        at = max(at, begun + timedelta(days=1, minutes=5))
        if at <= last:
            return []
        if self.left % 2:
            return [{"at": at, "what": "updated", "text": tales.STILL[self.left % len(tales.STILL)]}]
        return [{"at": at, "what": "promised", "for": self.workdays.date(4 + self.left % 17)}]

    def _at_work(self, at: datetime) -> datetime:
        """Give the next moment of a working day, between nine and four."""
        day = at.astimezone(ZONE).date()
        while day.weekday() > FRIDAY:
            day += timedelta(days=1)
        return _at(day, time(9 + self.left % 7, self.left * 13 % 60))

    # --- stories -------------------------------------------------------------------------------------------------

    def _stories(self, in_year: int, turn: Turn) -> Iterator[Line]:
        held = [(at, visit) for at, visit in enumerate(year.visits()) if visit.held][:PRAISED]
        told: list[tuple[datetime, str, Line]] = []
        for at, visit in held:
            manager = crowd.ALL_MANAGERS[(visit.manager + turn.manager) % len(crowd.ALL_MANAGERS)]
            team = crowd.TEAMS[(visit.team + turn.team) % len(crowd.TEAMS)]
            told.append((_at(on(visit, in_year), time(11)), team, {"day": f"{in_year}-{at + 1:02}", "by": manager}))
        for number in range(STORIES):
            day = date(in_year, 4, 3) + timedelta(days=9 * number)
            told.append((_at(day, time(13)), crowd.TEAMS[(PRAISED + number) % len(crowd.TEAMS)], {}))
        for number, (at, team, more) in enumerate(told):
            there = self.colleagues[team]
            hero = crowd.FLOOR[there[number * 5 % len(there)]]
            if at < self.founded - timedelta(days=7):
                yield {"type": "story", "id": f"{in_year}-s{number + 1:02}", "at": at, "team": team, "hero": hero.key,
                       "text": f"{hero.name.split()[0]} {tales.HEROES[number % len(tales.HEROES)]}.",
                       "thanked_at": at + timedelta(days=number % 5), **more}  # fmt: skip


def _person(one: crowd.One, roles: list[str], **more: Any) -> Line:
    return {"type": "person", "id": one.key, "name": one.name, "email": crowd.address(one), "zone": cast.LONDON,
            "roles": roles, **more}  # fmt: skip
