"""Which issues: filters and a reader's scope as words of SQL. The issue is `i` in each of them."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from floorday.db import dialect
from floorday.db.text import spellings
from floorday.issues import references
from floorday.issues.queries import gains
from floorday.issues.queries.rows import Filters
from floorday.issues.rules import Ending, Turn
from floorday.people.access import Actor, What, visible

OPEN = "i.turn <> 'closed'"
"""In these words, so that the databases see that the indexes of what is open serve."""


class Condition(NamedTuple):
    """Words of SQL with `{}` for each of their arguments."""

    sql: str
    args: tuple[Any, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        """Say both."""
        return Condition(f"{self.sql} AND {other.sql}", self.args + other.args)


def among(column: str, values: list[Any] | tuple[Any, ...]) -> Condition:
    """Say that a column holds one of these.

    A value may be said twice, so that the texts are few which the databases make ready: 1, 2, 4, 8 ... long.
    """
    if not values:
        return Condition("1 = 0")
    wide = 1 << (len(values) - 1).bit_length()
    places = ", ".join(["{}"] * wide)
    return Condition(f"{column} IN ({places})", (*values, *[values[-1]] * (wide - len(values))))


def either(*conditions: Condition) -> Condition:
    """Say that one of these is so, the first as the cheapest."""
    return Condition(
        f"({' OR '.join(one.sql for one in conditions)})", tuple(arg for one in conditions for arg in one.args))


def narrowed(actor: Actor, wanted: Filters) -> Condition:
    """Say what filters ask, without what their reader may see."""
    found: list[Condition] = []
    for column, value in (
        ("turn", wanted.turn), ("ending", wanted.ending), ("kind", wanted.kind), ("team", wanted.team),
        ("department", wanted.department), ("owner", wanted.owner), ("sponsor", wanted.sponsor), ("day", wanted.day),
        ("picture", wanted.picture), ("measure", wanted.measure),
        ("effort", wanted.effort), ("vendor", wanted.vendor),
    ):  # fmt: skip
        if value is not None:
            found.append(Condition(f"i.{column} = {{}}", (getattr(value, "value", value),)))
    if wanted.external_id is not None:
        ids = spellings(wanted.external_id)
        found.append(Condition(f"i.external_id IN ({', '.join('{}' for _ in ids)})", tuple(ids)))
    found += [referred(wanted.reference)] if wanted.reference is not None else []
    if wanted.turn is not None and wanted.turn is not Turn.CLOSED:
        found.append(Condition(OPEN))
    by_closed = wanted.closed is not None and wanted.turn is None and wanted.ending is None
    if by_closed:
        found.append(Condition("i.turn = 'closed'" if wanted.closed else OPEN))
    # What is open has no ending, and the index of what is open need not tell.
    is_open = (by_closed and not wanted.closed) or wanted.turn not in {None, Turn.CLOSED}
    if wanted.ending is not Ending.JOINED and not wanted.joined and not is_open:
        found.append(Condition("i.ending <> 'joined'"))
    if wanted.snoozed is not None:
        found.append(Condition(f"i.snoozed_until IS {'NOT ' if wanted.snoozed else ''}NULL"))
    if wanted.after is not None:
        found.append(Condition("i.number > {}", (wanted.after,)))
    if wanted.mine:
        found.append(touched(actor.person))
    found += _costing(wanted)
    found += _worded(wanted.words.strip())
    return Condition(" AND ".join(one.sql for one in found) or "1 = 1", tuple(arg for one in found for arg in one.args))


def referred(text: str) -> Condition:
    """Say that another tracker calls it so, or that a reference of it begins so."""
    typed = references.fold(text)
    if len(typed) < references.SHORTEST_PREFIX:
        begins = Condition("r.folded = {}", (typed,))
    elif dialect() == "postgres":
        literal = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        begins = Condition("r.folded LIKE {}", (f"{literal}%",))
    else:
        begins = Condition("r.folded >= {} AND r.folded < {}", (typed, f"{typed}\U0010ffff"))
    return Condition(f"i.id IN (SELECT r.issue FROM issue_reference r WHERE {begins.sql})", begins.args)  # noqa: S608


def _costing(wanted: Filters) -> list[Condition]:
    found: list[Condition] = []
    if wanted.quick:  # in these words, so that the index of quick wins serves
        found.append(Condition(
            "i.effort = 'small' AND i.snoozed_until IS NULL AND i.turn <> 'closed' AND i.turn <> 'tell the floor'"))
    if wanted.unhanded:
        found.append(Condition("i.department IS NULL"))
    if wanted.ids is not None:
        found.append(among("i.id", wanted.ids))
    if wanted.reputation is not None:
        found.append(Condition("i.reputation >= {}", (wanted.reputation,)))
    if wanted.quick:  # the dearest to ask, so the last
        found.append(Condition(gains.WORTH_DOING))
    if wanted.gain is not None:
        found.append(Condition(f"({gains.GAIN}) = {{}}", (wanted.gain.value,)))
    return found


def _worded(words: str) -> list[Condition]:
    number = words.removeprefix("#")
    if number.isdecimal() and len(number) < 9:
        return [Condition("i.number = {}", (int(number),))]
    # SQLite's LIKE knows no case in ASCII and has no ILIKE; PostgreSQL's has an escape unless told otherwise.
    like = "i.title ILIKE {} ESCAPE ''" if dialect() == "postgres" else "i.title LIKE {}"
    return [Condition(like, (f"%{_literal(word)}%",)) for word in words.split()[:8]]


def _literal(word: str) -> str:
    """Let what stands for anything in a LIKE stand for one character at most, the same on both databases."""
    return word.replace("\\", "_").replace("%", "_")


_MET = (
    "SELECT n.issue FROM note n WHERE n.reporter = {} AND n.withdrawn_at IS NULL AND n.issue IS NOT NULL"
    " UNION ALL SELECT e.issue FROM issue_event e WHERE e.what = 'returned' AND e.reporter = {}"
)
MET = (
    f"{_MET} UNION ALL"  # noqa: S608 - own words
    f" SELECT p.joined_into FROM issue p WHERE p.joined_into IS NOT NULL AND p.id IN ({_MET})"
)
"""Select the issues that somebody raised (also as part of another issue) or brought back; see `met_args`."""


def met_args(person: UUID) -> tuple[UUID, ...]:
    """Give the arguments of `MET`."""
    return (person,) * 4


def touched(person: UUID) -> Condition:
    """Say that somebody owns it, sponsors it, raised it or brought it back."""
    return Condition(f"(i.owner = {{}} OR i.sponsor = {{}} OR i.id IN ({MET}))", (person, person, *met_args(person)))


def met(person: UUID) -> Condition:
    """Say the same as `touched`, to be asked of few issues, each by itself."""
    note = "n.reporter = {} AND n.withdrawn_at IS NULL"
    back = "e.what = 'returned' AND e.reporter = {}"
    return Condition(
        "(i.owner = {} OR i.sponsor = {}"  # noqa: S608 - own words
        f" OR EXISTS (SELECT 1 FROM note n WHERE n.issue = i.id AND {note})"
        f" OR EXISTS (SELECT 1 FROM issue_event e WHERE e.issue = i.id AND {back})"
        f" OR EXISTS (SELECT 1 FROM issue p JOIN note n ON n.issue = p.id WHERE p.joined_into = i.id AND {note})"
        f" OR EXISTS (SELECT 1 FROM issue p JOIN issue_event e ON e.issue = p.id"
        f" WHERE p.joined_into = i.id AND {back}))",
        (person,) * 6,
    )


def seen(actor: Actor, what: What, *, few: bool = False) -> Condition | None:
    """Say that a reader may see it; None where that is so of every one. `few`: it is asked of few issues."""
    scope = visible(actor, what)
    if scope.all:
        return None
    ways = [Condition("NOT i.restricted")] if scope.unrestricted else []
    if scope.teams:
        ways.append(among("i.team", sorted(scope.teams)))
    if scope.departments:
        ways.append(among("i.department", sorted(scope.departments)))
    days = Condition("i.day IN (SELECT b.id FROM booking b WHERE b.manager = {})", (actor.person,))
    if few:
        day = Condition("EXISTS (SELECT 1 FROM booking b WHERE b.id = i.day AND b.manager = {})", (actor.person,))
        return either(*ways, day, met(actor.person))
    return either(*ways, days, touched(actor.person))


def tells(wanted: Filters) -> bool:
    """Say whether filters or their order tell what no face does."""
    narrow = (wanted.picture, wanted.team, wanted.owner, wanted.sponsor, wanted.day, wanted.external_id, wanted.effort,
              wanted.gain, wanted.reputation, wanted.reference, wanted.vendor)  # fmt: skip
    return wanted.quick or wanted.order == "hours" or any(field is not None for field in narrow)


def asked(actor: Actor, wanted: Filters) -> Condition:
    """Say what filters ask, as far as their reader may see it.

    Filters that tell what only those know who see an issue whole find only what their reader sees whole; so does an
    order that tells it.
    """
    may = seen(actor, What.ISSUES if tells(wanted) else What.FACES)
    return narrowed(actor, wanted) if may is None else narrowed(actor, wanted) & may
