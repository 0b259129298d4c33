"""Months as they were sent: one small read for what is told, another for the lines behind a figure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from floorday.db import Engine, Statement, current, run_sql
from floorday.issues.queries.asked import seen
from floorday.people.access import Actor, What
from floorday.summaries.figures import Pulse, Subject
from floorday.summaries.queries.past import among, raw
from floorday.summaries.rules import unpacked


class TopicLine(Struct, frozen=True):
    """An issue as page and letter tell of it: its face alone. `days` it was open, `times` it came back or was met."""

    id: UUID
    number: int
    title: str
    department: str = ""
    days: int = 0
    times: int = 0


class Cause(Struct, frozen=True):
    """Why a figure is another one now: what happened to which issue ("" for said late), and when.

    Of a `day` it is when and with which team.
    """

    issue: UUID | None = None
    number: int | None = None
    what: str = ""
    at: datetime | None = None
    team: str = ""


class Restated(Struct, frozen=True):
    """A figure of a month that was sent: what was said then, and what it is now."""

    month: str
    name: str
    said: int
    now: int
    because: tuple[Cause, ...] = ()


class Red(Struct, frozen=True):
    """What did not go as it should: a promise broken, no word, not to be fixed. Why is said in the event `word`."""

    kind: Literal["broken", "silent", "cannot", "declined"]
    line: TopicLine
    word: UUID | None = None


class Came(Struct, frozen=True):
    """Who came to which team, and on how many days."""

    manager: str
    team: str
    days: int = 1


class Visited(Struct, frozen=True):
    """Who came on how many days in each of some months; of a manager's own month which team they came to."""

    name: str
    days: tuple[int, ...]


class Told(Struct, frozen=True):
    """What page and letter tell beside the figures.

    `was` are the numbers of the month `before`, and `year_was` those of the month a year before (`year_before`), as
    they were known; `year` are the months up to this one, for the chart. `visits` are the days of `visit_months`.
    """

    before: str = ""
    was: dict[str, dict[str, Any]] = {}
    year_before: str = ""
    year_was: dict[str, dict[str, Any]] = {}
    year: tuple[Pulse, ...] = ()
    fixed: tuple[TopicLine, ...] = ()
    decisions: tuple[TopicLine, ...] = ()
    returned: tuple[TopicLine, ...] = ()
    restated: tuple[Restated, ...] = ()
    reds: tuple[Red, ...] = ()
    quick: tuple[TopicLine, ...] = ()
    hard: tuple[TopicLine, ...] = ()
    stories: tuple[UUID, ...] = ()
    came: tuple[Came, ...] = ()
    visit_months: tuple[str, ...] = ()
    visits: tuple[Visited, ...] = ()
    empty: bool = False

    def every(self) -> Iterator[TopicLine]:
        """Name every issue that is told of."""
        yield from (*self.fixed, *self.decisions, *self.returned, *self.quick, *self.hard)
        yield from (red.line for red in self.reds)


class Frozen(Struct, frozen=True):
    """A subject's month as it was sent; `figures` and `told` are JSON as they are kept."""

    id: UUID
    month: str
    key: str
    name: str
    zone: str
    frozen_at: datetime
    figures: str
    told: str
    comment: str
    commented_name: str
    corrections: int
    hard: int = 0
    """How many hard ones are kept in sight in this month."""

    def numbers(self) -> dict[str, dict[str, Any]]:
        """Read the figures."""
        return msgspec.json.decode(self.figures, type=dict[str, dict[str, Any]])

    def words(self) -> Told:
        """Read what is told beside them."""
        return _told(self.told)

    def topics(self) -> list[UUID]:
        """Name the issues that are told of."""
        return [line.id for line in self.words().every()]


@lru_cache(maxsize=64)
def _told(text: str) -> Told:
    return msgspec.json.decode(text, type=Told)


class Corrected(Struct, frozen=True):
    """A notice about a month that was sent."""

    at: datetime
    by_name: str
    because: str
    told: tuple[Restated, ...]


class KeptLine(Struct, frozen=True):
    """What is shown behind a figure of an issue, a day or a story, as it stood when the month was sent."""

    id: int
    kind: str
    thing: UUID
    number: int | None
    title: str
    team: UUID
    team_name: str
    manager: UUID | None
    manager_name: str
    starts_at: datetime | None
    ends_at: datetime | None
    zone: str


class Behind(Struct, frozen=True):
    """The numbers of the lines that were counted, and of those in the whole."""

    kind: str
    counted: list[int]
    among: list[int]


_COLUMNS = (
    "s.id, s.month, s.key, s.name, s.zone, s.frozen_at, s.figures, s.told, s.comment, s.commented_name,"
    " (SELECT COUNT(*) FROM correction c WHERE c.summary = s.id) AS corrections,"
    " (SELECT COUNT(*) FROM hard_one h WHERE h.month = s.month) AS hard"
)
_ONE = Statement(f"SELECT {_COLUMNS} FROM summary s WHERE s.key = {{}} AND s.month = {{}}")  # noqa: S608 - own words


def key_of(subject: Subject) -> str:
    """Name a subject as the API does."""
    return subject.cut if subject.id is None else f"{subject.cut}/{subject.id}"


async def frozen(subject: Subject, month: str) -> Frozen | None:
    """Find a month as it was sent; None where it has not been."""
    rows = await _ONE(key_of(subject), month)
    return Frozen(**rows[0]) if rows else None


_EITHER = Statement(
    "SELECT top.number AS issues, s.id, (SELECT COUNT(*) FROM correction c WHERE c.summary = s.id) AS corrections,"
    " (SELECT COUNT(*) FROM hard_one h WHERE h.month = s.month) AS hard,"
    " (SELECT value FROM counter WHERE name = 'names') AS names"
    " FROM (SELECT MAX(number) AS number FROM issue) AS top LEFT JOIN"
    " (SELECT id, month FROM summary WHERE key = {} AND month <= {} ORDER BY month DESC LIMIT 1) AS s ON TRUE"
)

MOST_KEPT = 50
_kept: WeakKeyDictionary[Engine, OrderedDict[tuple[Any, ...], Frozen]] = WeakKeyDictionary()


FEW = 3_000
"""Of so many issues a chart is counted where its months were never sent, while somebody waits for the page."""


class Sent(Struct, frozen=True):
    """A month that was sent, if there is one; and whether there are `few` issues."""

    month: Frozen | None
    few: bool


async def frozen_or_before(subject: Subject, month: str) -> Sent:
    """Find a month as it was sent, or, where it has not been, the last one before it that was.

    What a process has read of it holds as long as it was not corrected, and nobody was erased since (`names`).
    """
    row = (await _EITHER(key_of(subject), month))[0]
    issues, *key = row.values()
    return Sent(await _kept_or_read(tuple(key)) if row["id"] else None, (issues or 0) <= FEW)


async def _kept_or_read(key: tuple[Any, ...]) -> Frozen | None:
    engine = current()
    if engine.mine() is not None:
        return await frozen_by_id(key[0])
    kept = _kept.setdefault(engine, OrderedDict())
    found = kept.get(key)
    if found is None:
        found = await frozen_by_id(key[0])
        if found is None:
            return None
        kept[key] = found
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    else:
        kept.move_to_end(key)
    return found


async def frozen_by_id(summary: UUID) -> Frozen | None:
    """Find it by its id."""
    rows = await run_sql(f"SELECT {_COLUMNS} FROM summary s WHERE s.id = {{}}", summary)  # noqa: S608 - own words
    return Frozen(**rows[0]) if rows else None


async def frozen_of(month: str) -> list[Frozen]:
    """List everything that was sent of a month: the company first, then by name."""
    rows = await run_sql(
        f"SELECT {_COLUMNS} FROM summary s WHERE s.month = {{}}"  # noqa: S608 - own words
        " ORDER BY CASE WHEN s.key = 'company' THEN 0 ELSE 1 END, s.name, s.key", month)
    return [Frozen(**row) for row in rows]


async def frozen_among(subject: Subject, months: Sequence[str]) -> list[Frozen]:
    """List those of some months that were sent, oldest first."""
    if not months:
        return []
    places = ", ".join(["{}"] * len(months))
    rows = await run_sql(
        f"SELECT {_COLUMNS} FROM summary s WHERE s.key = {{}} AND s.month IN ({places}) ORDER BY s.month",  # noqa: S608 - own words
        key_of(subject), *months)
    return [Frozen(**row) for row in rows]


async def sent_keys(month: str) -> set[str]:
    """Name the subjects whose month has been sent."""
    return {row["key"] for row in await run_sql("SELECT key FROM summary WHERE month = {}", month)}


async def corrections(summary: UUID) -> list[Corrected]:
    """List the notices about a month, oldest first."""
    rows = await run_sql(
        "SELECT at, by_name, because, told FROM correction WHERE summary = {} ORDER BY at, id", summary)
    return [
        Corrected(row["at"], row["by_name"], row["because"],
                  msgspec.json.decode(row["told"], type=tuple[Restated, ...]))
        for row in rows
    ]  # fmt: skip


# --- behind a figure -----------------------------------------------------------------------------------------------


async def behind(summary: UUID, name: str) -> Behind | None:
    """Find which lines stand behind a figure; None where none were kept of it."""
    rows = await run_sql(
        "SELECT kind, counted, among FROM summary_rows WHERE summary = {} AND name = {}", summary, name)
    if not rows:
        return None
    return Behind(rows[0]["kind"], unpacked(bytes(rows[0]["counted"])), unpacked(bytes(rows[0]["among"])))


async def kept_lines(numbers: Sequence[int]) -> dict[int, KeptLine]:
    """Read lines by their numbers."""
    found: dict[int, KeptLine] = {}
    for first in range(0, len(numbers), _AT_ONCE):
        wanted = ", ".join(str(int(one)) for one in dict.fromkeys(numbers[first : first + _AT_ONCE]))
        rows = await run_sql(
            "SELECT id, kind, thing, number, title, team, team_name, manager, manager_name, starts_at, ends_at, zone"  # noqa: S608 - whole numbers
            f" FROM summary_line WHERE id IN ({wanted})")
        found |= {row["id"]: KeptLine(**row) for row in rows}
    return found


_AT_ONCE = 5000


async def things(summary: UUID, name: str) -> list[Any]:
    """Give the ids behind what was counted of a figure, as `history.raw` gives ids."""
    kept = await behind(summary, name)
    if kept is None:
        return []
    lines = await kept_lines(kept.counted)
    return [raw(lines[one].thing) for one in kept.counted if one in lines]


async def hidden(
    actor: Actor, issues: Callable[[], Iterable[UUID]], what: What = What.FACES
) -> frozenset[UUID]:
    """Say which of these issues this reader's own lists would not show, or (`What.ISSUES`) not as a whole."""
    may = seen(actor, what)
    wanted = [] if may is None else [str(one) for one in dict.fromkeys(issues())]
    if may is None or not wanted:
        return frozenset()
    listed, arg = among([raw(one) for one in wanted])
    # An issue without an owner or sponsor makes it neither true nor false whether that is the reader.
    rows = await run_sql(f"SELECT i.id FROM issue i WHERE i.id IN ({listed}) AND {may.sql} IS NOT TRUE", arg, *may.args)  # noqa: S608 - own words
    return frozenset(row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in rows)


NEWEST = {
    "issue": (
        "FROM issue x JOIN team t ON t.id = x.team",
        "l.title = x.title AND l.team_name = t.name",
    ),
    "day": (
        "FROM booking x JOIN shift s ON s.id = x.shift JOIN team t ON t.id = s.team JOIN person p ON p.id = x.manager",
        "l.manager_name = p.name AND l.team_name = t.name AND l.starts_at = x.starts_at AND l.ends_at = x.ends_at",
    ),
    "story": (
        "FROM story x JOIN team t ON t.id = x.team",
        "l.team_name = t.name AND l.starts_at = x.at",
    ),
}
"""For each kind where its things are, and when a line says what is so."""


async def lines_of(kind: str, ids: Sequence[Any]) -> dict[Any, int]:
    """Give the numbers of the lines that say of these things what is so; none where no line does."""
    source, same = NEWEST[kind]
    listed, arg = among(ids)
    rows = await run_sql(
        f"SELECT x.id, MAX(l.id) AS line {source} JOIN summary_line l ON l.thing = x.id AND {same}"
        f" WHERE x.id IN ({listed}) GROUP BY x.id", arg)
    return {raw(row["id"]): row["line"] for row in rows}
