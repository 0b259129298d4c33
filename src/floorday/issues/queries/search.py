"""Issues by words: of their faces for everybody, of all that was said for whoever sees an issue whole.

The two are asked of two indexes, each with what its reader may see, so that a word that somebody may not read changes
nothing of what they are shown: not which issues, not how many, not their order, which is by number, the newest first.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import Statement, dialect, folding, run_sql
from floorday.db.folding import Words
from floorday.issues.queries import asked, kept
from floorday.issues.queries.asked import Condition
from floorday.issues.queries.kept import KEY, Shown
from floorday.issues.queries.rows import Filters
from floorday.issues.rules import Stream
from floorday.people.access import Actor, What

SHOWN = 25
NOTES = "notes"
LONGEST_KEPT = 2000
"""What was said of an issue is kept beside it up to so many letters; a note that changes raises the issue's stamp."""

NEAR = 2000
"""So many of the newest issues PostgreSQL looks at before it asks its index of words."""

MANY = 300
"""Of words that so many issues hold SQLite reads somebody's own issues instead."""

SAID = 2
"""So many notes are shown of an issue that they have found."""


Spans = list[tuple[int, int]]


class Search(Struct, frozen=True, kw_only=True):
    """What is looked for. `number` is an issue's own, if the words are one; `since` and `until` when it was raised.

    `reference` is what was typed, where it may be what another tracker calls an issue.
    """

    words: Words = Words()
    number: int | None = None
    reference: str = ""
    filters: Filters = Filters(closed=None, joined=True)
    stream: Stream | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = SHOWN


class Hit(Struct, frozen=True):
    """An issue that was found, and the notes that hold some of the words where its title does not hold all of them."""

    shown: Shown
    said: list[str] = []
    spans: list[Spans] = []
    """Where the words stand in each of these notes."""


class Saved(Struct, frozen=True):
    """A search that its reader has named."""

    id: UUID
    name: str
    query: str


async def search(actor: Actor, wanted: Search) -> list[Hit]:
    """Find issues, the newest first, at most as many as the limit says; in at most four queries beside what is new."""
    condition, narrow = _narrowed(actor, wanted)
    if wanted.words.unwanted and not wanted.words.wanted and wanted.number is None:
        return []
    whole = asked.seen(actor, What.ISSUES)
    parts: list[Condition] = []
    if not wanted.words.wanted:
        may = whole if narrow else asked.seen(actor, What.FACES)
        parts.append(_all(_both(condition, may), wanted))
    else:
        least = 0
        if whole is not None and not narrow:
            faces = _both(condition, asked.seen(actor, What.FACES))
            if wanted.words.unwanted:  # of what is seen whole, the whole says whether such a word stands in it
                faces &= Condition(f"({whole.sql}) IS NOT TRUE", whole.args)
            numbers = await _faces(faces, wanted)
            parts.append(_few(faces & asked.among("i.number", numbers), wanted))
            least = numbers[-1] if len(numbers) == wanted.limit else 0  # older ones are on no page with these
        own = whole is not None or wanted.filters.owner is not None
        parts.append(await _whole(_both(condition, whole), wanted, least=least, own=own))
    if wanted.number is not None and wanted.words.wanted:
        own_number = _both(condition, whole if narrow else asked.seen(actor, What.FACES))
        parts.append(_few(own_number & Condition("i.number = {}", (wanted.number,)), wanted))
    if wanted.reference and wanted.words.wanted:
        parts.append(_few(_both(condition & asked.referred(wanted.reference), whole), wanted))
    sql = parts[0].sql
    if len(parts) > 1:
        each = " UNION ".join(f"SELECT * FROM ({part.sql}) AS part{n}" for n, part in enumerate(parts))  # noqa: S608
        sql = f"SELECT * FROM ({each}) AS found ORDER BY number DESC LIMIT {{}}"  # noqa: S608 - own words
    args = [arg for part in parts for arg in part.args] + ([wanted.limit] if len(parts) > 1 else [])
    shown = await kept.selected(actor, Statement(sql), tuple(args))
    said = await _said([one for one in shown if one.row.whole and not _titled(one, wanted.words)], wanted.words)
    return [Hit(one, *said.get(one.row.number, ([], []))) for one in shown]


def _narrowed(actor: Actor, wanted: Search) -> tuple[Condition, bool]:
    """Say what the filters ask, and whether they tell what only those know who see an issue whole."""
    filters = wanted.filters
    found = asked.narrowed(actor, filters)
    if wanted.stream is not None:
        # Asked of each issue: half of all have such a note. What was said of a part counts for the whole.
        said = "n.stream = {} AND n.withdrawn_at IS NULL"
        found &= Condition(
            f"((i.joined_into IS NULL AND EXISTS (SELECT 1 FROM note n WHERE n.issue = i.id AND {said}))"  # noqa: S608
            f" OR EXISTS (SELECT 1 FROM issue p JOIN note n ON n.issue = p.id WHERE p.joined_into = i.id AND {said}))",
            (wanted.stream.value, wanted.stream.value))  # fmt: skip
    if wanted.since is not None:
        found &= Condition("i.raised_at >= {}", (wanted.since,))
    if wanted.until is not None:
        found &= Condition("i.raised_at < {}", (wanted.until,))
    return found, wanted.stream is not None or asked.tells(filters)


async def _faces(where: Condition, wanted: Search) -> list[int]:
    """Give the numbers of the newest issues whose faces hold the words."""
    found = _found("face", where, wanted)
    return [row["number"] for row in await run_sql(found.sql, *found.args)]


async def _whole(where: Condition, wanted: Search, *, least: int, own: bool) -> Condition:
    """Select issues that hold the words as a whole, from a number on.

    Where many hold them, but few are somebody's `own`, it is those that SQLite reads. Which way is taken depends on
    words that a reader may not read, but what is found does not.
    """
    if not own or dialect() == "postgres":
        return _found("whole", where, wanted, least=least)
    matches, typed = match("whole", wanted.words)
    between, numbers = _between("whole_index.rowid", wanted, least)
    many = await run_sql(
        f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM whole_index WHERE {matches}{between} LIMIT {MANY})",  # noqa: S608
        typed, *numbers,
    )  # fmt: skip
    if many[0]["n"] < MANY:
        return _found("whole", where, wanted, least=least)
    between, numbers = _between("+i.number", wanted, least)
    needles, without = folding.needles(wanted.words)
    tests = ["instr(' ' || w.whole || ' ', {}) > 0"] * len(needles)
    tests += ["instr(' ' || w.whole || ' ', {}) = 0"] * len(without)
    return Condition(
        f"SELECT {KEY} FROM issue i CROSS JOIN issue_words w ON w.number = i.number"  # noqa: S608 - own words
        f" WHERE {where.sql}{between} AND {' AND '.join(tests)} ORDER BY i.number + 0 DESC LIMIT {{}}",
        (*where.args, *numbers, *needles, *without, wanted.limit),
    )


def _between(column: str, wanted: Search, least: int = 0) -> tuple[str, tuple[int, ...]]:
    """Say from which number on, and before which."""
    ways = [(f" AND {column} >= {{}}", least)] if least else []
    if wanted.before is not None:
        ways.append((f" AND {column} < {{}}", wanted.before))
    return "".join(sql for sql, _ in ways), tuple(number for _, number in ways)


def _both(condition: Condition, may: Condition | None) -> Condition:
    return condition if may is None else condition & may


def _all(where: Condition, wanted: Search) -> Condition:
    between, numbers = _between("i.number", wanted)
    return Condition(
        f"SELECT {KEY} FROM issue i WHERE {where.sql}{between} ORDER BY i.number DESC LIMIT {{}}",  # noqa: S608
        (*where.args, *numbers, wanted.limit),
    )


def _few(where: Condition, wanted: Search) -> Condition:
    """Select what an index finds; in an order that none gives, so that none is walked through for its sake."""
    between, numbers = _between("i.number", wanted)
    return Condition(
        f"SELECT {KEY} FROM issue i WHERE {where.sql}{between} ORDER BY i.number + 0 DESC LIMIT {{}}",  # noqa: S608
        (*where.args, *numbers, wanted.limit),
    )


def _found(column: str, where: Condition, wanted: Search, *, least: int = 0) -> Condition:
    """Select by an index of words: `face` or `whole`."""
    matches, typed = match(column, wanted.words)
    if dialect() == "postgres":
        return _newest_first(matches, typed, where, wanted, least=least)
    # In this order, so that the newest come first and the rest is not read.
    index = f"{column}_index"
    between, numbers = _between(f"{index}.rowid", wanted, least)
    return Condition(
        f"SELECT {KEY} FROM {index} CROSS JOIN issue i ON i.number = {index}.rowid"  # noqa: S608 - own words
        f" WHERE {matches}{between} AND {where.sql} ORDER BY {index}.rowid DESC LIMIT {{}}",
        (typed, *numbers, *where.args, wanted.limit),
    )


def _newest_first(matches: str, typed: str, where: Condition, wanted: Search, *, least: int) -> Condition:
    """Look at the newest issues one by one, and where these are not enough, at all that PostgreSQL's index gives.

    Its index of words knows no order, and its planner, which does not know the words, would walk through all issues in
    search of a word that stands nowhere.
    """
    between, numbers = _between("w.number", wanted, least)
    newest = Condition("(SELECT MAX(number) FROM issue_words)")
    first = newest if wanted.before is None else Condition("CAST({} AS INTEGER)", (wanted.before,))
    near = (
        f"SELECT {KEY} FROM issue_words w JOIN issue i ON i.number = w.number"  # noqa: S608 - own words
        f" WHERE w.number > {first.sql} - {NEAR}{between} AND {matches} AND {where.sql}"
        " ORDER BY w.number DESC LIMIT {}"
    )
    rest = (
        f"SELECT w.number FROM issue_words w WHERE {matches}{between} AND w.number <= {first.sql} - {NEAR}"  # noqa: S608
        " AND (SELECT COUNT(*) FROM near) < {}"
    )
    return Condition(
        f"WITH near AS MATERIALIZED ({near}), far AS MATERIALIZED ({rest})"  # noqa: S608 - own words
        f" SELECT * FROM near UNION ALL SELECT {KEY} FROM far JOIN issue i ON i.number = far.number WHERE {where.sql}"
        " ORDER BY number DESC LIMIT {}",
        (*first.args, *numbers, typed, *where.args, wanted.limit,
         typed, *numbers, *first.args, wanted.limit, *where.args, wanted.limit),
    )  # fmt: skip


def match(column: str, words: Words) -> tuple[str, str]:
    """Say that an index holds words, and give its argument."""
    if dialect() == "postgres":
        return f"w.{column}_lexemes @@ CAST(CAST({{}} AS TEXT) AS tsquery)", words.postgres()
    return f"{column}_index MATCH {{}}", words.lite()


def _titled(shown: Shown, words: Words) -> bool:
    """Say whether a title holds all the words."""
    return folding.held(shown.once("folded", lambda row: folding.fold(row.title)), words)


async def _said(shown: list[Shown], words: Words) -> dict[int, tuple[list[str], list[Spans]]]:
    """Give the notes of issues in which some of the words stand, and where they do; those issues are seen whole."""
    if not shown or not words.wanted:
        return {}
    notes = {one.row.number: one.made.get(NOTES) for one in shown}
    if missing := [one for one in shown if notes[one.row.number] is None]:
        read = await _notes([one.row.id for one in missing])
        for one in missing:
            found = notes[one.row.number] = read.get(str(one.row.id), ())
            if sum(map(len, found)) <= LONGEST_KEPT:
                one.keep(NOTES, found)
    return {number: _holding(texts or (), words) for number, texts in notes.items()}


def _holding(texts: tuple[str, ...], words: Words) -> tuple[list[str], list[Spans]]:
    """Give the first texts in which some of the words stand, and where they do."""
    said: list[str] = []
    where: list[Spans] = []
    for text in texts:
        if spans := folding.places(text, words):
            said.append(text)
            where.append(spans)
            if len(said) == SAID:
                break
    return said, where


async def _notes(issues: list[UUID]) -> dict[str, tuple[str, ...]]:
    """Read what was said of issues and of what is part of them, the first first, by the issues' ids."""
    own, parts = asked.among("n.issue", issues), asked.among("p.joined_into", issues)
    rows = await run_sql(
        "SELECT n.issue, n.text, n.at, n.id, n.idea, n.fixed_like FROM note n"  # noqa: S608 - own words
        f" WHERE n.withdrawn_at IS NULL AND {own.sql} UNION ALL"
        " SELECT p.joined_into AS issue, n.text, n.at, n.id, n.idea, n.fixed_like"
        " FROM issue p JOIN note n ON n.issue = p.id"
        f" WHERE n.withdrawn_at IS NULL AND {parts.sql} ORDER BY 3, 4",
        *own.args, *parts.args,
    )  # fmt: skip
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for row in rows:
        found[str(row["issue"])] += tuple(one for one in (row["text"], row["idea"], row["fixed_like"]) if one)
    return found


# --- searches that have a name -----------------------------------------------------------------------------------

SEARCHES = Statement("SELECT s.id, s.name, s.query FROM saved_search s WHERE s.person = {} ORDER BY s.name, s.id")


async def searches(actor: Actor) -> list[Saved]:
    """List the searches that somebody has named, by name."""
    return msgspec.convert(await SEARCHES(actor.person), list[Saved])


async def count_searches(actor: Actor) -> int:
    """Count the searches that somebody has named."""
    return len(await searches(actor))


async def is_search(actor: Actor, name: str) -> bool:
    """Say whether somebody has a search of this name."""
    return any(one.name == name for one in await searches(actor))


async def is_due() -> bool:
    """Say whether something is to be folded anew."""
    rows: list[Any] = await run_sql("SELECT 1 AS one FROM issue_words WHERE due LIMIT 1")
    return bool(rows)
