"""Issues by words: of their faces for everybody, of all that was said for whoever sees an issue whole.

The two are asked of two indexes, each with what its reader may see, so that a word that somebody may not read changes
nothing of what they are shown: not which issues, not how many, not their order, which is by number, the newest first.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import islice
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

SAID = 2
"""So many notes are shown of an issue that they have found."""


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


class Saved(Struct, frozen=True):
    """A search that its reader has named."""

    id: UUID
    name: str
    query: str


async def search(actor: Actor, wanted: Search) -> list[Hit]:
    """Find issues, the newest first, at most as many as the limit says; in two queries beside reading what is new."""
    condition, narrow = _narrowed(actor, wanted)
    if wanted.words.unwanted and not wanted.words.wanted and wanted.number is None:
        return []
    whole = asked.seen(actor, What.ISSUES)
    parts: list[Condition] = []
    if not wanted.words.wanted:
        may = whole if narrow else asked.seen(actor, What.FACES)
        parts.append(_all(_both(condition, may), wanted))
    elif whole is None:
        parts.append(_found("whole", condition, wanted))
    else:
        parts.append(_found("whole", condition & whole, wanted))
        if not narrow:
            faces = _both(condition, asked.seen(actor, What.FACES))
            if wanted.words.unwanted:  # of what is seen whole, the whole says whether such a word stands in it
                faces &= Condition(f"({whole.sql}) IS NOT TRUE", whole.args)
            parts.append(_found("face", faces, wanted))
    if wanted.number is not None and wanted.words.wanted:
        own = _both(condition, whole if narrow else asked.seen(actor, What.FACES))
        parts.append(_few(own & Condition("i.number = {}", (wanted.number,)), wanted))
    if wanted.reference and wanted.words.wanted:
        parts.append(_few(_both(condition & asked.referred(wanted.reference), whole), wanted))
    sql = parts[0].sql
    if len(parts) > 1:
        each = " UNION ".join(f"SELECT * FROM ({part.sql}) AS part{n}" for n, part in enumerate(parts))  # noqa: S608
        sql = f"SELECT * FROM ({each}) AS found ORDER BY number DESC LIMIT {{}}"  # noqa: S608 - own words
    args = [arg for part in parts for arg in part.args] + ([wanted.limit] if len(parts) > 1 else [])
    shown = await kept.selected(actor, Statement(sql), tuple(args))
    said = await _said([one for one in shown if one.row.whole and not _titled(one, wanted.words)], wanted.words)
    return [Hit(one, said.get(one.row.number, [])) for one in shown]


def _narrowed(actor: Actor, wanted: Search) -> tuple[Condition, bool]:
    """Say what the filters ask, and whether they tell what only those know who see an issue whole."""
    filters = wanted.filters
    found = asked.narrowed(actor, filters)
    if wanted.stream is not None:
        found &= Condition(
            "i.id IN (SELECT COALESCE(p.joined_into, p.id) FROM note n JOIN issue p ON p.id = n.issue"
            " WHERE n.stream = {} AND n.withdrawn_at IS NULL)", (wanted.stream.value,))  # fmt: skip
    if wanted.since is not None:
        found &= Condition("i.raised_at >= {}", (wanted.since,))
    if wanted.until is not None:
        found &= Condition("i.raised_at < {}", (wanted.until,))
    if wanted.before is not None:
        found &= Condition("i.number < {}", (wanted.before,))
    return found, wanted.stream is not None or asked.tells(filters)


def _both(condition: Condition, may: Condition | None) -> Condition:
    return condition if may is None else condition & may


def _all(where: Condition, wanted: Search) -> Condition:
    return Condition(
        f"SELECT {KEY} FROM issue i WHERE {where.sql} ORDER BY i.number DESC LIMIT {{}}",  # noqa: S608 - own words
        (*where.args, wanted.limit),
    )


def _few(where: Condition, wanted: Search) -> Condition:
    """Select what an index finds; in an order that none gives, so that none is walked through for its sake."""
    return Condition(
        f"SELECT {KEY} FROM issue i WHERE {where.sql} ORDER BY i.number + 0 DESC LIMIT {{}}",  # noqa: S608 - own words
        (*where.args, wanted.limit),
    )


def _found(column: str, where: Condition, wanted: Search) -> Condition:
    """Select by an index of words: `face` or `whole`."""
    matches, typed = match(column, wanted.words)
    if dialect() == "postgres":
        source, order = "issue_words w JOIN issue i ON i.number = w.number", "i.number"
    else:
        # In this order, so that the newest come first and the rest is not read.
        source, order = f"{column}_index CROSS JOIN issue i ON i.number = {column}_index.rowid", f"{column}_index.rowid"
    return Condition(
        f"SELECT {KEY} FROM {source} WHERE {matches} AND {where.sql} ORDER BY {order} DESC LIMIT {{}}",  # noqa: S608
        (typed, *where.args, wanted.limit),
    )


def match(column: str, words: Words) -> tuple[str, str]:
    """Say that an index holds words, and give its argument."""
    if dialect() == "postgres":
        return f"w.{column}_lexemes @@ CAST(CAST({{}} AS TEXT) AS tsquery)", words.postgres()
    return f"{column}_index MATCH {{}}", words.lite()


def _titled(shown: Shown, words: Words) -> bool:
    """Say whether a title holds all the words."""
    return folding.held(shown.once("folded", lambda row: folding.fold(row.title)), words)


async def _said(shown: list[Shown], words: Words) -> dict[int, list[str]]:
    """Give the notes of issues in which some of the words stand; those are seen whole."""
    if not shown or not words.wanted:
        return {}
    notes = {one.row.number: one.made.get(NOTES) for one in shown}
    if missing := [one for one in shown if notes[one.row.number] is None]:
        read = await _notes([one.row.id for one in missing])
        for one in missing:
            found = notes[one.row.number] = read.get(str(one.row.id), ())
            if sum(map(len, found)) <= LONGEST_KEPT:
                one.keep(NOTES, found)
    return {
        number: list(islice((text for text in texts or () if folding.places(text, words)), SAID))
        for number, texts in notes.items()
    }  # fmt: skip


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
