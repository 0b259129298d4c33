"""Working days around today, as moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FRIDAY = 4


class Workdays:
    """Counts from today, or from the next working day where today is none: -1 is the last one before."""

    def __init__(self, now: datetime, zone: str) -> None:
        self.now = now
        today = now.astimezone(ZoneInfo(zone)).date()
        self.today = today if today.weekday() <= FRIDAY else _next(today, 1)

    def date(self, day: int) -> date:
        """Give the date of a working day."""
        found = self.today
        for _day in range(abs(day)):
            found = _next(found, 1 if day > 0 else -1)
        return found

    def local(self, day: int, clock: str) -> datetime:
        """Give a time as the clocks of a place show it."""
        return datetime.combine(self.date(day), time.fromisoformat(clock))

    def moment(self, day: int, clock: str, zone: str) -> datetime:
        """Give a time in UTC."""
        return self.local(day, clock).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _next(day: date, step: int) -> date:
    day += timedelta(days=step)
    while day.weekday() > FRIDAY:
        day += timedelta(days=step)
    return day
