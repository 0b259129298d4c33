"""What else a month tells: what went wrong and why, stories, who came, quick wins, the hard ones.

Of words that people wrote only the place is kept; they are read when somebody looks (`quoted`), so that what was taken
back, or may no longer be told, is not told by an old month either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from floorday.db import Statement, run_sql
from floorday.issues.queries.gains import MOST_HOURS, WORTH_DOING
from floorday.summaries.figures import Month, Subject
from floorday.summaries.queries.frozen import Came, Frozen, Red, TopicLine, Visited
from floorday.summaries.queries.past import among, moment, raw

MOST = 5
MOST_CAME = 60

_FACE = "i.id, i.number, i.title, d.name AS department, i.raised_at"
_FROM = "FROM issue i LEFT JOIN department d ON d.id = i.department"
_MINE = {"company": "", "team": " AND i.team = {}", "manager": " AND i.sponsor = {}",
         "department": " AND i.department = {}"}  # fmt: skip
_WORD = (
    "(SELECT CAST(x.id AS text) FROM issue_event x WHERE x.issue = i.id AND x.text <> '' AND x.at < {} AND x.what IN ("
    "'promised', 'updated', 'resolved', 'declined') ORDER BY x.at DESC, x.id DESC LIMIT 1) AS word"
)


class Beside(Struct, frozen=True):
    """It, as it stands when the month is sent."""

    reds: tuple[Red, ...] = ()
    quick: tuple[TopicLine, ...] = ()
    hard: tuple[TopicLine, ...] = ()
    stories: tuple[UUID, ...] = ()
    came: tuple[Came, ...] = ()


async def beside(subject: Subject, month: Month, *, now: datetime) -> Beside:
    """Choose what is told: the oldest of what went wrong, the dearest quick wins, the newest stories."""
    rows = await _issues(subject, month)
    return Beside(
        reds=_reds(rows, month),
        quick=tuple(_line(row, until=now) for row in rows if row["kind"] == "quick"),
        hard=tuple(_line(row, until=now) for row in rows if row["kind"] == "hard"),
        stories=await _stories(subject, month),
        came=await _came(subject, month),
    )


async def _issues(subject: Subject, month: Month) -> list[Any]:
    found, args = list[str](), list[Any]()
    own = [] if subject.id is None else [subject.id]
    for kind in ("promises_broken", "silent"):
        listed, arg = among(list(dict.fromkeys(month.figures[kind].rows)))
        found.append(f"SELECT '{kind}' AS kind, {_FACE}, {_WORD} {_FROM} WHERE i.id IN ({listed})"
                     f" ORDER BY i.raised_at, i.number LIMIT {MOST}")  # fmt: skip
        args += [month.ends, arg]
    for kind, ended in (("issues_cannot", "x.what = 'resolved' AND x.says = 'cannot'"),
                        ("issues_declined", "x.what = 'declined'")):  # fmt: skip
        listed, arg = among(list(dict.fromkeys(month.figures[kind].rows)))
        found.append(f"SELECT '{kind}' AS kind, {_FACE}, {_WORD} {_FROM} WHERE i.id IN ({listed})"  # noqa: S608 - own words
                     f" AND EXISTS (SELECT 1 FROM issue_event x WHERE x.issue = i.id AND {ended} AND x.at >= {{}}"
                     f" AND x.at < {{}}) ORDER BY i.raised_at, i.number LIMIT {MOST}")  # fmt: skip
        args += [month.ends, arg, month.starts, month.ends]
    found.append(f"SELECT 'quick' AS kind, {_FACE}, CAST(NULL AS text) AS word {_FROM} WHERE i.effort = 'small' AND"
                 " i.snoozed_until IS NULL AND i.turn <> 'closed' AND i.turn <> 'tell the floor' AND i.raised_at < {}"
                 f"{_MINE[subject.cut]} AND {WORTH_DOING} ORDER BY {MOST_HOURS} LIMIT {MOST}")  # fmt: skip
    args += [month.ends, *own]
    if subject.id is None:
        found.append(f"SELECT 'hard' AS kind, {_FACE}, CAST(NULL AS text) AS word FROM hard_one h"  # noqa: S608 - own words
                     " JOIN issue own ON own.id = h.issue JOIN issue i ON i.id = COALESCE(own.joined_into, own.id)"
                     " LEFT JOIN department d ON d.id = i.department WHERE h.month = {} ORDER BY h.place")  # fmt: skip
        args.append(month.month)
    parts = (f"SELECT * FROM ({sql}) AS part{at}" for at, sql in enumerate(found))  # noqa: S608 - own words
    return await run_sql(" UNION ALL ".join(parts), *args)


def _line(row: Any, *, until: datetime) -> TopicLine:
    lasted = until - moment(row["raised_at"])
    return TopicLine(_uuid(row["id"]), row["number"], row["title"], row["department"] or "", max(0, lasted.days))


def _reds(rows: Sequence[Any], month: Month) -> tuple[Red, ...]:
    kinds: dict[str, Literal["broken", "silent", "cannot", "declined"]] = {
        "promises_broken": "broken", "silent": "silent", "issues_cannot": "cannot", "issues_declined": "declined"}
    told: dict[UUID, Red] = {}
    for row in rows:
        if (kind := kinds.get(row["kind"])) is not None:
            line = _line(row, until=month.ends)
            told.setdefault(line.id, Red(kind, line, _uuid(row["word"]) if row["word"] else None))
    return tuple(told.values())


async def _stories(subject: Subject, month: Month) -> tuple[UUID, ...]:
    listed, arg = among(list(month.figures["stories"].rows))
    told = " AND s.consent = 'company'" if subject.cut == "company" else ""
    rows = await run_sql(
        f"SELECT s.id FROM story s WHERE s.id IN ({listed}) AND s.withdrawn_at IS NULL{told}"  # noqa: S608 - own words
        f" ORDER BY s.at DESC, s.id LIMIT {MOST}", arg)
    return tuple(_uuid(row["id"]) for row in rows)


async def _came(subject: Subject, month: Month) -> tuple[Came, ...]:
    """Say who came to whom, by name: nobody stands above anybody."""
    listed, arg = among(list(month.figures["days_held"].rows))
    rows = await run_sql(
        "SELECT p.name AS manager, t.name AS team, COUNT(*) AS days FROM booking b JOIN person p ON p.id = b.manager"  # noqa: S608 - own words
        f" JOIN shift s ON s.id = b.shift JOIN team t ON t.id = s.team WHERE b.id IN ({listed})"
        " GROUP BY p.name, t.name", arg)
    found = sorted((Came(row["manager"], row["team"], int(row["days"])) for row in rows),
                   key=lambda one: (one.manager, one.team))  # fmt: skip
    return tuple(found[:MOST_CAME])


async def visits(subject: Subject, held: Mapping[str, Sequence[Any]]) -> tuple[Visited, ...]:
    """Say by name who came on how many of the days held in each of these months: nobody stands above anybody."""
    month_of = {id: at for at, ids in enumerate(held.values()) for id in ids}
    listed, arg = among(list(month_of))
    whose = "t.id, t.name" if subject.cut == "manager" else "p.id, p.name"
    rows = await run_sql(
        f"SELECT b.id AS booking, {whose} FROM booking b JOIN person p ON p.id = b.manager"  # noqa: S608 - own words
        f" JOIN shift s ON s.id = b.shift JOIN team t ON t.id = s.team WHERE b.id IN ({listed})", arg)
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        days = found.setdefault((row["name"], str(row["id"])), [0] * len(held))
        days[month_of[raw(row["booking"])]] += 1
    return tuple(Visited(name, tuple(days)) for (name, _id), days in sorted(found.items()))


# --- words that people wrote ---------------------------------------------------------------------------------------


class Quoted(Struct, frozen=True):
    """What somebody wrote, as it may be told now; of a story who it is about and where."""

    text: str
    hero: str = ""
    place: str = ""


_QUOTED = (
    "SELECT e.id, e.text, '' AS hero, '' AS place FROM issue_event e WHERE e.id IN ({events}) UNION ALL"
    " SELECT s.id, s.text, COALESCE(p.name, s.hero_name) AS hero, t.name AS place FROM story s"
    " JOIN team t ON t.id = s.team LEFT JOIN person p ON p.id = s.hero"
    " WHERE s.id IN ({stories}) AND s.withdrawn_at IS NULL AND ({{}} = 0 OR s.consent = 'company')"
)


async def quoted(sent: Frozen) -> dict[UUID, Quoted]:
    """Read what people wrote of a month's reds and stories; what may not be told is not there."""
    told = sent.words()
    words = [red.word for red in told.reds if red.word is not None]
    if not words and not told.stories:
        return {}
    (events, first), (stories, second) = (among([raw(one) for one in ids]) for ids in (words, told.stories))
    sql = _QUOTED.format(events=events, stories=stories)
    rows = await Statement(sql)(first, second, 1 if sent.key == "company" else 0)
    return {_uuid(row["id"]): Quoted(row["text"], row["hero"], row["place"]) for row in rows}


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
