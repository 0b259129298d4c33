"""What time causes for an issue. Pure: `due(facts, now=...)` says what is owed now, and to whom; the worker asks it.

Everything counts in dates of the programme's zone and in working days, and is said at the beginning of a working day:
no letter comes at night, on a Sunday, or twice because a clock went back. A deed carries a key, which holds what it is
about (the last word, the promised date, the round of verdicts): the same deed has the same key on every worker, and
after the database has gone back to an older copy of itself.

Silence climbs a ladder: the owner first, then the head of the department, the sponsor, the head of service. Each rung
is climbed once for one silence, a pause after the one before was told, however long the worker has slept. Any word
to those who raised it begins a new silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday import workdays
from floorday.config import settings
from floorday.issues.rules import Resolution, Stage

MORNING = time(8)
"""Nobody is told anything by a clock before this hour, in the programme's zone."""

PAUSE = 3
"""Working days between one rung of a ladder and the next."""

NOTICE = 2
"""So many working days before its date a promise is called to mind."""

WORD_DAYS = 10
"""Working days that an issue may go without a word where its department has no charter."""

ACKNOWLEDGE_DAYS = 3
"""Working days in which somebody takes an issue, where no charter says it."""

ASKED_AGAIN_AFTER = timedelta(days=30)
"""After that long "fixed here" is asked once more: what one team got round may be back."""

VERDICT_REMINDER_AFTER = timedelta(days=7)
"""After that long those who have not said whether it is fixed are asked once more."""


def quiet_before(word_days: int | None, *, now: datetime, zone: str) -> datetime:
    """Say for which issues nobody has heard a word for longer than allowed: those whose last word lies before this.

    Of a department whose charter says `word_days` (none: the usual), in the days in which the ladder counts.
    """
    said = settings()
    return _quiet_before(word_days or WORD_DAYS, now.astimezone(ZoneInfo(zone)).date(), zone, said.holidays,
                         said.days_off)


@lru_cache(maxsize=256)
def _quiet_before(allowed: int, today: date, zone: str, _holidays: str, _days_off: str) -> datetime:
    # A board asks it of each card; which days are none depends on the settings named here.
    day = workdays.after(today + timedelta(days=1), -(allowed + 1))
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def silent_days(last_word_at: datetime, *, now: datetime, zone: str) -> int:
    """Count the working days since a word, as the ladder does."""
    place = ZoneInfo(zone)
    return workdays.between(last_word_at.astimezone(place).date(), now.astimezone(place).date())


class Deed(StrEnum):
    """What a clock causes."""

    TAKE = "take"
    WORD = "word"
    PROMISE_SOON = "promise soon"
    PROMISE_PASSED = "promise passed"
    DATE_PASSED = "date passed"
    DECIDE = "decide"
    VERDICT = "verdict"
    STILL_FIXED = "still fixed"


FLOOR_LETTERS = {
    Deed.DATE_PASSED: "date_passed", Deed.VERDICT: "verdict_reminder", Deed.STILL_FIXED: "still_fixed",
}  # fmt: skip
"""The letters to those who raised it, by the name of their templates; all others are told in *waits_for_you*."""


class Rung(StrEnum):
    """Who is told, in the order in which silence climbs; the floor is those who raised it."""

    COORDINATOR = "coordinator"
    OWNER = "owner"
    HEAD = "head"
    SPONSOR = "sponsor"
    SERVICE = "service"
    FLOOR = "floor"


class Charter(Struct, frozen=True, kw_only=True):
    """What a department promises its internal customers, in working days; 0 where it promises nothing."""

    acknowledge_days: int = 0
    word_days: int = 0
    fix_days: int = 0


class Facts(Struct, frozen=True, kw_only=True):
    """What the clocks ask of an issue.

    `watched_from`: when it was brought in, if it was; before that nobody could have been told. `promised_at` is when
    the standing date was last said, `asked_at` when the decision was asked for. `done` has the deeds of this issue
    that were done, by key, with their date.
    """

    id: UUID
    stage: Stage
    last_word_at: datetime
    snoozed_until: date | None = None
    watched_from: datetime | None = None
    charter: Charter = Charter()
    promised_for: date | None = None
    promised_at: datetime | None = None
    asked_at: datetime | None = None
    resolution: str = ""
    resolved_at: datetime | None = None
    round: int = 0
    owner: UUID | None = None
    heads: tuple[UUID, ...] = ()
    sponsor: UUID | None = None
    service: tuple[UUID, ...] = ()
    coordinators: tuple[UUID, ...] = ()
    done: Mapping[str, date] = {}


class Due(Struct, frozen=True):
    """A deed that is owed now. `days`: working days without a word, or over the date, or since it was asked.

    Whom the floor's deeds go to is for the caller to find: those who raised it, and (for verdicts) have not answered.
    """

    deed: Deed
    rung: Rung
    key: str
    persons: tuple[UUID, ...] = ()
    days: int = 0


def due(facts: Facts, *, now: datetime, zone: str) -> list[Due]:
    """Say what an issue causes now by the clock alone, and has not caused yet.

    `now` is in UTC, `zone` the programme's. Nothing outside the working day, and nothing while the issue is put aside.
    """
    local = now.astimezone(ZoneInfo(zone))
    today = local.date()
    if local.time() < MORNING or not workdays.is_workday(today):
        return []
    if facts.snoozed_until is not None and facts.snoozed_until > today:
        return []
    view = _View(facts, zone, today, now)
    match facts.stage:
        case Stage.NEEDS_OWNER:
            found = [*view.untaken(), *view.passed()]
        case Stage.BEING_FIXED:
            found = [*view.soon(), *view.passed(), *view.silence()]
        case Stage.NEEDS_DECISION:
            found = [*view.soon(), *view.passed(), *view.silence(), *view.undecided()]
        case Stage.TELL_FLOOR | Stage.CONFIRMED | Stage.UNCONFIRMED:
            found = view.verdicts()
        case _:
            found = []
    return [one for one in found if one.key not in facts.done]


class _View:
    """An issue on one day."""

    def __init__(self, facts: Facts, zone: str, today: date, now: datetime) -> None:
        self.facts, self.zone, self.today, self.now = facts, zone, today, now
        since = max(facts.last_word_at, facts.watched_from or facts.last_word_at)
        self.last_word, self.since = self._date(facts.last_word_at), self._date(since)

    def _date(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _key(self, deed: Deed, about: object, rung: Rung) -> str:
        return f"{deed}:{self.facts.id}:{about}:{rung}"

    @property
    def overdue(self) -> bool:
        """Say whether a promised date has gone by without a word since."""
        promised, brought = self.facts.promised_for, self.facts.watched_from
        if promised is None or promised >= self.today or (brought and promised < self._date(brought)):
            return False
        return self.last_word <= promised

    def soon(self) -> list[Due]:
        """Call a promise to mind before its date, unless it was given within the notice itself."""
        facts = self.facts
        if facts.promised_for is None or facts.owner is None or facts.promised_at is None:
            return []
        from_day = workdays.after(facts.promised_for, -NOTICE)
        if not from_day <= self.today <= facts.promised_for or self._date(facts.promised_at) >= from_day:
            return []
        key = self._key(Deed.PROMISE_SOON, facts.promised_for, Rung.OWNER)
        days = workdays.between(self.today, facts.promised_for)
        return [Due(Deed.PROMISE_SOON, Rung.OWNER, key, (facts.owner,), days)]

    def passed(self) -> list[Due]:
        """Tell the floor that a date has gone by, and let the ladder begin."""
        facts = self.facts
        if not self.overdue or facts.promised_for is None:
            return []
        key = self._key(Deed.DATE_PASSED, facts.promised_for, Rung.FLOOR)
        floor = Due(Deed.DATE_PASSED, Rung.FLOOR, key, days=workdays.between(facts.promised_for, self.today))
        if facts.stage is Stage.NEEDS_OWNER:
            return [floor]
        return [floor, *self._climb(Deed.PROMISE_PASSED, facts.promised_for, 0, self._fixing())]

    def silence(self) -> list[Due]:
        """Ask for a word where the charter's days have gone by; a date that has passed asks for it already."""
        if self.overdue:
            return []
        allowed = self.facts.charter.word_days or WORD_DAYS  # as `quiet_before` says
        return self._climb(Deed.WORD, self.since, allowed, self._fixing(), self.facts.last_word_at)

    def untaken(self) -> list[Due]:
        """Ask for an owner, of the department's head or (where no department has it) of the coordinator."""
        facts = self.facts
        allowed = facts.charter.acknowledge_days or ACKNOWLEDGE_DAYS
        first = [(Rung.HEAD, facts.heads)] if facts.heads else [(Rung.COORDINATOR, facts.coordinators)]
        ladder = [*first, (Rung.SPONSOR, _one(facts.sponsor)), (Rung.SERVICE, facts.service)]
        return self._climb(Deed.TAKE, self.since, allowed, ladder, facts.last_word_at)

    def undecided(self) -> list[Due]:
        """Remind the sponsor of a decision, then tell the head of service, who may decide it."""
        facts = self.facts
        if facts.asked_at is None:
            return []
        asked = self._date(max(facts.asked_at, facts.watched_from or facts.asked_at))
        ladder = [(Rung.SPONSOR, _one(facts.sponsor)), (Rung.SERVICE, facts.service)]
        return self._climb(Deed.DECIDE, asked, PAUSE, ladder, facts.asked_at)

    def verdicts(self) -> list[Due]:
        """Ask those who have not said whether it is fixed once more; and all of them a month after "fixed here"."""
        facts = self.facts
        if facts.resolved_at is None or (facts.watched_from is not None and facts.resolved_at <= facts.watched_from):
            return []
        past = self.now - facts.resolved_at
        if facts.stage is Stage.TELL_FLOOR and past >= VERDICT_REMINDER_AFTER:
            return [Due(Deed.VERDICT, Rung.FLOOR, self._key(Deed.VERDICT, facts.round, Rung.FLOOR), days=past.days)]
        if facts.stage is not Stage.TELL_FLOOR and facts.resolution == Resolution.HERE and past >= ASKED_AGAIN_AFTER:
            key = self._key(Deed.STILL_FIXED, facts.round, Rung.FLOOR)
            return [Due(Deed.STILL_FIXED, Rung.FLOOR, key, days=past.days)]
        return []

    def _fixing(self) -> list[tuple[Rung, tuple[UUID, ...]]]:
        facts = self.facts
        return [(Rung.OWNER, _one(facts.owner)), (Rung.HEAD, facts.heads),
                (Rung.SPONSOR, _one(facts.sponsor)), (Rung.SERVICE, facts.service)]  # fmt: skip

    def _climb(
        self, deed: Deed, since: date, allowed: int, ladder: list[tuple[Rung, tuple[UUID, ...]]], about: object = None,
    ) -> list[Due]:  # fmt: skip
        """Give the next rung, if it is time for it; rungs where nobody new stands are left out."""
        days = workdays.between(since, self.today)
        if days <= allowed:
            return []
        about = since if about is None else _moment(about)
        told: set[UUID] = set()
        open_rungs: list[tuple[Rung, tuple[UUID, ...]]] = []
        last: date | None = None
        for rung, persons in ladder:
            if (done := self.facts.done.get(self._key(deed, about, rung))) is not None:
                last = done if last is None else max(last, done)
                open_rungs = []
            elif fresh := tuple(person for person in persons if person not in told):
                open_rungs.append((rung, fresh))
            told |= set(persons)
        if not open_rungs or (last is not None and workdays.between(last, self.today) < PAUSE):
            return []
        rung, persons = open_rungs[0]
        return [Due(deed, rung, self._key(deed, about, rung), persons, days)]


def _moment(about: object) -> str:
    return about.astimezone(UTC).isoformat() if isinstance(about, datetime) else str(about)


def _one(person: UUID | None) -> tuple[UUID, ...]:
    return () if person is None else (person,)
