"""Issues by words: of their faces for everybody, of all that was said for whoever sees an issue whole.

The two are asked of two indexes, each with what its reader may see, so that a word that somebody may not read changes
nothing of what they are shown: not which issues, not how many, not their order, which is by number, the newest first.

What filters ask stands in both indexes, too, and in that of whole issues who sees them (`issues/tags.py`), so that what
cannot be meant is left out where the words are found; what is left is asked for each filter and for access once more.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from floorday.db import Engine, Statement, current, dialect, folding, run_sql
from floorday.db.folding import Spans, Words
from floorday.issues import tags
from floorday.issues.queries import asked, kept
from floorday.issues.queries.asked import Condition
from floorday.issues.queries.kept import KEY, Shown
from floorday.issues.queries.rows import Filters
from floorday.issues.rules import Stream
from floorday.people.access import Actor, What, visible

SHOWN = 25
NOTES = "notes"
LONGEST_KEPT = 2000
"""What was said of an issue is kept beside it up to so many letters; a note that changes raises the issue's stamp."""

NEAR = 2000
"""So many of the newest issues PostgreSQL looks at before it asks its index of words."""

MOST_READERS = 500
"""Of so many readers the named searches are kept in a process."""

MOST_OWN = 100
"""So many of a reader's own issues are looked through by their texts."""

NO_NUMBER = 1 << 40
"""No issue has so high a number."""

FACES = "faces"
"""What the first part of a statement is called."""

SAID = 2
"""So many notes are shown of an issue that they have found."""


MARKED = f"{KEY}, (SELECT value FROM counter WHERE name = 'searches') AS mark"  # noqa: S608 - own words

NOTHING_SAID: tuple[list[str], list[Spans]] = ([], [])


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


class Hit(Struct, frozen=True, gc=False):
    """An issue that was found, and the notes that hold some of the words where its title does not hold all of them."""

    shown: Shown
    marks: Spans = []
    """Where the words stand in its title."""
    said: list[str] = []
    spans: list[Spans] = []
    """Where they stand in each of these notes."""


class Saved(Struct, frozen=True):
    """A search that its reader has named."""

    id: UUID
    name: str
    query: str


async def search(actor: Actor, wanted: Search) -> list[Hit]:
    """Find issues, the newest first, at most as many as the limit says; in one query beside what is new."""
    return (await searched(actor, wanted))[0]


async def searched(actor: Actor, wanted: Search) -> tuple[list[Hit], int | None]:
    """Find them, and give the number of named searches with them, where any is found."""
    if wanted.words.unwanted and not wanted.words.wanted and wanted.number is None:
        return [], None
    parts = _parts(actor, wanted)
    sql = parts[0].sql
    if len(parts) > 1:
        names = [FACES, *(f"part{n}" for n in range(1, len(parts)))]
        first = ", ".join(f"{name} AS MATERIALIZED ({part.sql})" for name, part in zip(names, parts, strict=True))
        each = " UNION ".join(f"SELECT * FROM {name}" for name in names)  # noqa: S608 - own words
        sql = f"WITH {first} SELECT * FROM ({each}) AS found ORDER BY number DESC LIMIT {{}}"  # noqa: S608 - own words
    args = [arg for part in parts for arg in part.args] + ([wanted.limit] if len(parts) > 1 else [])
    found = await kept.marked(actor, Statement(sql), tuple(args))
    find = folding.finder(wanted.words)
    titles = [find(one.row.title) for _, one in found]
    said = await _said(
        [one for (_, one), (_, holds) in zip(found, titles, strict=True) if one.row.whole and not holds], wanted.words)
    hits = [
        Hit(one, marks, *said.get(one.row.number, NOTHING_SAID))
        for (_, one), (marks, _) in zip(found, titles, strict=True)
    ]  # fmt: skip
    return hits, found[0][0] if found else None


def _parts(actor: Actor, wanted: Search) -> list[Condition]:
    """Select by words of the faces and of what is seen whole, by an issue's own number, and by references."""
    condition, narrow = _narrowed(actor, wanted)
    whole = asked.seen(actor, What.ISSUES, few=True)
    faces = whole if narrow else asked.seen(actor, What.FACES, few=True)
    letters = _letters(wanted, whole=whole is None or narrow)
    own = [] if whole is None else [_own(actor)]
    parts: list[Condition] = []
    if whole is None or narrow:
        parts.append(_found("whole", _both(condition, whole), wanted, letters + own))
    else:
        seen = _both(condition, faces)
        if wanted.words.unwanted:  # of what is seen whole, the whole says whether such a word stands in it
            seen &= Condition(f"({whole.sql}) IS NOT TRUE", whole.args)
        parts.append(_found("face", seen, wanted, letters))
        if wanted.words.wanted:
            parts.append(_found("whole", _both(condition, whole), wanted, letters + own, after=FACES))
    if wanted.number is not None and wanted.words.wanted:
        parts.append(_few(_both(condition, faces) & Condition("i.number = {}", (wanted.number,)), wanted))
    if wanted.reference and wanted.words.wanted:
        parts.append(_few(_both(condition & asked.referred(wanted.reference), whole), wanted))
    return parts


class Letters(NamedTuple):
    """Letters of which an issue has one; `few` says whether that leaves out most issues."""

    any_of: str
    few: bool = True


def _letters(wanted: Search, *, whole: bool) -> list[Letters]:
    """Say in letters what the filters ask, as far as letters tell; of faces alone what a face tells."""
    filters = wanted.filters
    said = [
        (filters.turn, True), ("closed" if filters.closed else "open" if filters.closed is False else None, True),
        (filters.kind, False), (wanted.stream if whole else None, False),
    ]  # fmt: skip
    found = [
        Letters(letter, few and said != "closed") for said, few in said
        if said is not None and (letter := tags.of_word(str(said)))
    ]  # fmt: skip
    things = [filters.department, filters.measure]
    if whole:
        things += [filters.team, filters.owner, filters.picture]
    found += [Letters(tags.of_id(one)) for one in things if one is not None]
    if wanted.since is not None or wanted.until is not None:
        found.append(Letters(tags.between(wanted.since, wanted.until)))
    return found


def _own(actor: Actor) -> Letters:
    """Say in letters what a reader sees whole, who does not see all of it."""
    scope = visible(actor, What.ISSUES)
    return Letters(tags.of_ids({*scope.teams, *scope.departments, actor.person}))


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


def _between(column: str, wanted: Search) -> Condition:
    """Say before which number."""
    return Condition("1 = 1") if wanted.before is None else Condition(f"{column} < {{}}", (wanted.before,))


def _both(condition: Condition, may: Condition | None) -> Condition:
    return condition if may is None else condition & may


def _few(where: Condition, wanted: Search) -> Condition:
    """Select what an index finds; in an order that none gives, so that none is walked through for its sake."""
    where &= _between("i.number", wanted)
    return Condition(
        f"SELECT {MARKED} FROM issue i WHERE {where.sql} ORDER BY i.number + 0 DESC LIMIT {{}}",  # noqa: S608
        (*where.args, wanted.limit),
    )


def _found(column: str, where: Condition, wanted: Search, letters: list[Letters], *, after: str = "") -> Condition:
    """Select by an index of words and letters, `face` or `whole`; where nothing is asked of it, by number alone.

    Where the part before it, `after`, has found as many as are wanted, only what is newer than the last of these can
    be on a page with them.
    """
    matches = _match(column, wanted.words, letters)
    if matches is None:
        where &= _between("i.number", wanted)
        return Condition(
            f"SELECT {MARKED} FROM issue i WHERE {where.sql} ORDER BY i.number DESC LIMIT {{}}",  # noqa: S608
            (*where.args, wanted.limit),
        )
    if dialect() == "postgres":
        rare = any(one.few for one in letters)
        return _by_index(matches, where, wanted) if rare else _newest_first(matches, where, wanted)
    # In this order, so that the newest come first and the rest is not read.
    index = f"{column}_index"
    if after:
        return _after(after, column, where, wanted, letters)
    all_of = matches & _between(f"{index}.rowid", wanted) & where
    return Condition(
        f"SELECT {MARKED} FROM {index} CROSS JOIN issue i ON i.number = {index}.rowid"  # noqa: S608 - own words
        f" WHERE {all_of.sql} ORDER BY {index}.rowid DESC LIMIT {{}}",
        (*all_of.args, wanted.limit),
    )


def _after(part: str, column: str, where: Condition, wanted: Search, letters: list[Letters]) -> Condition:
    """Let SQLite select as `_found` does, where a part before it has found as many as a page holds or fewer.

    If it has, a reader's own issues that are newer than all of it are few as a rule: these are taken by their letters
    and their texts are looked through, which takes a third of putting the lists of three words together. Where they
    are many, or the part has found too little, the index of words is asked.
    """
    index, own, matches = f"{column}_index", _match(column, Words(), letters), _match(column, wanted.words, letters)
    assert own is not None
    assert matches is not None
    between = _between(f"{index}.rowid", wanted)
    texts = _in_text(f"w.{column}", wanted.words) & where
    enough = f"(SELECT COUNT(*) >= {{}} FROM {part})"  # noqa: S608 - own words, as all below
    first = f"(SELECT CASE WHEN {enough} THEN MIN(number) ELSE {NO_NUMBER} END FROM {part})"  # noqa: S608
    bound = f"CASE WHEN {enough} THEN {tags.newer(part)} ELSE '' END"
    # What stands in no index is asked where nothing is to be found: whether a row counts, SQLite asks of each row.
    asks = f"CASE WHEN {enough} AND (SELECT COUNT(*) FROM own) <= {MOST_OWN} THEN {{}} ELSE {{}} || {bound} END"  # noqa: S608
    return Condition(
        f"WITH own AS MATERIALIZED (SELECT {index}.rowid AS number FROM {index} WHERE {own.sql}"  # noqa: S608
        f" AND {index}.rowid > {first} AND {between.sql} ORDER BY {index}.rowid DESC LIMIT {MOST_OWN + 1})"
        f" SELECT {MARKED} FROM own CROSS JOIN issue_words w ON w.number = own.number"
        f" CROSS JOIN issue i ON i.number = own.number"
        f" WHERE (SELECT COUNT(*) FROM own) <= {MOST_OWN} AND {texts.sql}"
        f" UNION ALL SELECT * FROM (SELECT {MARKED} FROM {index} CROSS JOIN issue i ON i.number = {index}.rowid"
        f" WHERE {index} MATCH {asks} AND {between.sql} AND {where.sql} ORDER BY {index}.rowid DESC LIMIT {{}})",
        (*own.args, wanted.limit, *between.args, *texts.args,
         wanted.limit, f"{column} : ({tags.NOWHERE})", *matches.args, wanted.limit, *between.args, *where.args,
         wanted.limit),
    )  # fmt: skip


def _in_text(column: str, words: Words) -> Condition:
    """Say that a folded text holds what is wanted and nothing that is not, as the index of words does."""
    there, away = folding.needles(words)
    holds = f"instr(' ' || {column} || ' ', {{}})"
    said = [f"{holds} > 0"] * len(there) + [f"{holds} = 0"] * len(away)
    return Condition(" AND ".join(said), there + away)


def _by_index(matches: Condition, where: Condition, wanted: Search) -> Condition:
    """Take all that PostgreSQL's index gives, which is little."""
    far = matches & _between("w.number", wanted)
    return Condition(
        f"WITH far AS MATERIALIZED (SELECT w.number FROM issue_words w WHERE {far.sql})"  # noqa: S608 - own words
        f" SELECT {MARKED} FROM far JOIN issue i ON i.number = far.number WHERE {where.sql}"
        " ORDER BY i.number DESC LIMIT {}",
        (*far.args, *where.args, wanted.limit),
    )


def _newest_first(matches: Condition, where: Condition, wanted: Search) -> Condition:
    """Look at the newest issues one by one, and where these are not enough, at all that PostgreSQL's index gives.

    Its index of words knows no order, and its planner, which does not know the words, would walk through all issues in
    search of a word that stands nowhere.
    """
    all_of = matches & _between("w.number", wanted)
    newest = Condition("(SELECT MAX(number) FROM issue_words)")
    first = newest if wanted.before is None else Condition("CAST({} AS INTEGER)", (wanted.before,))
    near = (
        f"SELECT {MARKED} FROM issue_words w JOIN issue i ON i.number = w.number"  # noqa: S608 - own words
        f" WHERE w.number > {first.sql} - {NEAR} AND {all_of.sql} AND {where.sql}"
        " ORDER BY w.number DESC LIMIT {}"
    )
    rest = (
        f"SELECT w.number FROM issue_words w WHERE {all_of.sql} AND w.number <= {first.sql} - {NEAR}"  # noqa: S608
        " AND (SELECT COUNT(*) FROM near) < {}"
    )
    return Condition(
        f"WITH near AS MATERIALIZED ({near}), far AS MATERIALIZED ({rest})"  # noqa: S608 - own words
        f" SELECT * FROM near UNION ALL SELECT {MARKED} FROM far JOIN issue i ON i.number = far.number"
        f" WHERE {where.sql} ORDER BY number DESC LIMIT {{}}",
        (*first.args, *all_of.args, *where.args, wanted.limit,
         *all_of.args, *first.args, wanted.limit, *where.args, wanted.limit),
    )  # fmt: skip


def match(column: str, words: Words) -> tuple[str, str]:
    """Say that an index holds words, and give its argument."""
    found = _match(column, words, [])
    assert found is not None, "Words are looked for where there are some."
    return found.sql, found.args[0]


def _match(column: str, words: Words, letters: list[Letters]) -> Condition | None:
    """Say that an index holds words and letters; None where nothing is asked."""
    if not words.wanted and not letters:
        return None
    if dialect() == "postgres":
        said = [words.postgres()] if words.wanted else []
        said += ["(" + " | ".join(f"'{letter}'" for letter in one.any_of) + ")" for one in letters]
        return Condition(f"w.{column}_lexemes @@ CAST(CAST({{}} AS TEXT) AS tsquery)", (" & ".join(said),))
    said = [f"{column} : ({words.lite()})"] if words.wanted else []
    said += [f"tags : ({' OR '.join(one.any_of)})" for one in letters]
    return Condition(f"{column}_index MATCH {{}}", (" AND ".join(said),))


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
    find = folding.finder(words)
    return {number: _holding(texts or (), find) for number, texts in notes.items()}


def _holding(
    texts: tuple[str, ...], find: Callable[[str], tuple[Spans, bool]]
) -> tuple[list[str], list[Spans]]:
    """Give the first texts in which some of the words stand, and where they do."""
    said: list[str] = []
    where: list[Spans] = []
    for text in texts:
        if spans := find(text)[0]:
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
NUMBERS = Statement("SELECT name, value FROM counter WHERE name IN ('names', 'searches')")

_searches: WeakKeyDictionary[Engine, OrderedDict[UUID, tuple[int, list[Saved]]]] = WeakKeyDictionary()


async def searches(actor: Actor, number: int | None = None) -> list[Saved]:
    """List the searches that somebody has named, by name; `number` is the one of all, for whoever has just read it."""
    engine = current()
    if engine.mine() is not None:
        return msgspec.convert(await SEARCHES(actor.person), list[Saved])
    store = _searches.setdefault(engine, OrderedDict())
    # The number before the searches: what is read later may be newer than it, never older.
    now: int = (await numbers())[1] if number is None else number
    known = store.get(actor.person)
    if known is None or known[0] != now:
        known = store[actor.person] = (now, msgspec.convert(await SEARCHES(actor.person), list[Saved]))
        while len(store) > MOST_READERS:
            store.popitem(last=False)
    return known[1]


async def numbers() -> tuple[int, int]:
    """Give the number of names, and that of named searches."""
    found = {row["name"]: row["value"] for row in await NUMBERS()}
    return found["names"], found["searches"]


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
