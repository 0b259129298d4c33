"""What a department has kept and missed of its charter. Pure: lines of history in, what they come to out.

Everything counts in working days and in dates of the programme's zone. A case counts on the day on which it was
decided: the day somebody did in time what was promised, or the first day on which it was too late. What can still be
done in time counts nowhere yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday import workdays
from floorday.issues.clocks import Charter
from floorday.issues.rules import WORDS, Happened, Resolution, Verdict

DAY = timedelta(days=1)


class Part(StrEnum):
    """What a charter promises."""

    ACKNOWLEDGE = "acknowledge"
    WORD = "word"
    FIX = "fix"


class Judged(Struct, frozen=True):
    """One part of the charter on one issue: kept or missed, decided on which day, and how many working days it took.

    Of what is still not done `days` are those until today.
    """

    part: Part
    kept: bool
    on: date
    days: int


class Period(Struct, frozen=True):
    """From one date to another, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Say whether a date is in it."""
        return self.first <= day <= self.last


def judge(
    lines: Sequence[Happened], *, raised: datetime, charter: Charter, period: Period, today: date, zone: str
) -> list[Judged]:  # fmt: skip
    """Say what became in a period of each part that the charter promises, of one issue's lines in order of time."""
    view = _View(lines, raised, today, zone)
    found = [
        view.within(Part.ACKNOWLEDGE, charter.acknowledge_days, view.taken()),
        view.fixed(charter.fix_days),
    ]  # fmt: skip
    judged = [one for one in found if one is not None and period.holds(one.on)]
    word = view.words(charter.word_days, period)
    return [*judged, word] if word is not None else judged


class _View:
    def __init__(self, lines: Sequence[Happened], raised: datetime, today: date, zone: str) -> None:
        self.lines, self.today, self.place = lines, today, ZoneInfo(zone)
        self.raised = self.day(raised)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.place).date()

    def taken(self) -> date | None:
        """Say when somebody took it, or answered at once."""
        said = [line.at for line in self.lines if line.what in {"acknowledged", "resolved", "declined"}]
        return self.day(said[0]) if said else None

    def within(self, part: Part, allowed: int, done: date | None) -> Judged | None:
        if not allowed:
            return None
        due = workdays.after(self.raised, allowed)
        days = workdays.between(self.raised, done or self.today)
        if done is not None and done <= due:
            return Judged(part, kept=True, on=done, days=days)
        return Judged(part, kept=False, on=due + DAY, days=days) if self.today > due else None

    def fixed(self, allowed: int) -> Judged | None:
        """Judge the resolution that stands; what was refused in time is neither kept nor missed."""
        done: date | None = None
        refused: date | None = None
        for line in self.lines:
            if line.what == "declined" or (line.what == "resolved" and line.says == Resolution.CANNOT.value):
                done, refused = None, self.day(line.at)
            elif line.what == "resolved":
                done, refused = self.day(line.at), None
            elif _reopens(line):
                done, refused = None, None
        if refused is not None and allowed and refused <= workdays.after(self.raised, allowed):
            return None
        return self.within(Part.FIX, allowed, done)

    def words(self, allowed: int, period: Period) -> Judged | None:
        """Judge the longest silence that was over, or too long, in a period; None where none was."""
        if not allowed:
            return None
        missed: Judged | None = None
        kept: Judged | None = None
        for begun, ended, asleep in self._silences():
            until = ended or self.today
            days = workdays.between(begun, until) - asleep
            late = workdays.after(begun, allowed + asleep) + DAY
            if days > allowed and late <= period.last and until >= period.first:
                one = Judged(Part.WORD, kept=False, on=max(late, period.first), days=days)
                missed = one if missed is None or one.days > missed.days else missed
            elif days <= allowed and ended is not None and period.holds(ended):
                one = Judged(Part.WORD, kept=True, on=ended, days=days)
                kept = one if kept is None or one.days > kept.days else kept
        return missed or kept

    def _silences(self) -> list[tuple[date, date | None, int]]:
        """List from which word to which (None: still none), and how many working days of that it slept."""
        found: list[tuple[date, date | None, int]] = []
        since: date | None = self.raised
        slept: date | None = None
        asleep = 0
        for line in self.lines:
            day = self.day(line.at)
            if line.what == "snoozed":
                slept = slept or day
                continue
            if slept is not None and (line.what == "woken" or line.what in WORDS):
                asleep, slept = asleep + workdays.between(slept, day), None
            if line.what in WORDS or _reopens(line):
                if since is not None:
                    found.append((since, day, asleep))
                since = None if line.what in {"resolved", "declined"} else day
                asleep = 0
        if since is not None:
            asleep += workdays.between(slept, self.today) if slept is not None else 0
            found.append((since, None, asleep))
        return found


def _reopens(line: Happened) -> bool:
    return line.what in {"reopened", "returned"} or (line.what == "verdict" and line.says != Verdict.FIXED.value)
