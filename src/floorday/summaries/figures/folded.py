"""An issue's past folded: all that a month needs to know of it that begins after the last thing that happened to it.

    rows = folded(ledger)      # of every issue of the ledger; whatever was ever joined must be whole in it
    one = still(row, ...)      # as it is seen at the end of such a month

Beside it a *tale*, the past itself, packed, for a month in which something did happen: notes and events, but no
person; those who spoke are numbered within what was ever joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from floorday.summaries.figures.facts import Id, Issue, IssueEvent, Note
from floorday.summaries.figures.ledger import (
    Ledger,
    Standing,
    State,
    Trail,
    joined,
    last_of_chain,
    stands,
)
from floorday.summaries.figures.seen import MICRO, Micros, Seen, Spell, micros
from floorday.summaries.figures.word import ALIVE

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""After all that can be told."""


STANDINGS: tuple[Standing, ...] = ("open", "resolved", "cannot", "declined")
"""How an issue can stand; folded rows bear the place of the word."""


class Folded(Struct, frozen=True, gc=False):
    """One issue folded.

    `part` names all that were ever joined to one another, by one of them; `begun` and `last` are of all of these: when
    the first was raised, and when anything last happened or one of them was raised. `whole` is the issue that it has
    become part of in the end, itself where it stands for itself, and the rest (as `ledger.Case` and `ledger.Step` have
    it) is of those that do. `raised` and `begun` are None without any note.
    """

    id: Id
    part: Id
    alone: bool
    whole: Id
    begun: Micros | None
    last: Micros | None
    raised: Micros | None
    standing: Standing
    since: Micros | None
    said: Micros | None
    answer: Micros | None
    fixed: Micros | None
    word: Micros | None
    returned: bool


def folded(ledger: Ledger) -> list[Folded]:
    """Fold every issue of a history, or of a part of it."""
    parts: dict[Id, list[Id]] = {}
    for id, part in together(ledger.trails).items():
        parts.setdefault(part, []).append(id)
    into = joined(ledger.trails, NEVER)
    cases = {case.id: case for case in ledger.cases(NEVER)}
    found: list[Folded] = []
    for part, ids in parts.items():
        trails = [ledger.trails[id] for id in ids]
        firsts = [trail.notes[0].at for trail in trails if trail.notes]
        lasts = [*firsts, *(trail.steps[-1].at for trail in trails if trail.steps)]
        for id in ids:
            trail, case = ledger.trails[id], cases.get(id)
            last = trail.steps[-1] if trail.steps else None
            found.append(Folded(
                id, part, len(ids) == 1, last_of_chain(id, into),
                begun=micros(min(firsts)) if firsts else None,
                last=micros(max(lasts)) if lasts else None,
                raised=micros(case.raised) if case else None,
                standing=last.standing if last else "open",
                since=micros(last.since[0]) if last else None,
                said=micros(trail.said[0]) if trail.said else None,
                answer=micros(trail.answer[0]) if trail.answer else None,
                fixed=micros(last.fixed[0]) if last and last.fixed else None,
                word=micros(case.last_word) if case else None,
                returned=any(step.event.what == "returned" for step in trail.steps),
            ))  # fmt: skip
    return found


def together(trails: Mapping[Id, Trail]) -> dict[Id, Id]:
    """Name all that were ever joined by one of them: a split one still tells of the other."""
    pairs = ((id, into) for id, t in trails.items() for _at, into in t.joins if into is not None and into in trails)
    return groups(trails, pairs)


def groups(ids: Iterable[Id], pairs: Iterable[tuple[Id, Id]]) -> dict[Id, Id]:
    """Name what hangs together by one of each group."""
    of: dict[Id, Id] = {id: id for id in ids}

    def end(id: Id) -> Id:
        while of[id] != id:
            of[id] = of[of[id]]
            id = of[id]
        return id

    for one, other in pairs:
        of[end(one)] = end(other)
    return {id: end(id) for id in of}


# --- as it is seen ----------------------------------------------------------------------------------------------


def state_of(standing: Standing, since: Micros | None, fixed: Any, at: Micros) -> State:
    """Say how an issue stands at an instant after the last thing that happened to it."""
    waited = timedelta(0) if since is None else (at - since) * MICRO
    return stands(standing, fixed=fixed is not None, waited=waited)


def is_alive(standing: Standing, since: Micros | None, fixed: Any, spell: Spell) -> bool:
    """Say whether it is open or waiting at some time of a month that begins after that."""
    return state_of(standing, since, fixed, spell.start) in ALIVE


def still(
    id: Id, state: State, raised: Micros, since: Micros | None, said: Micros | None, answer: Micros | None,
    fixed: Micros | None,
) -> Seen:  # fmt: skip
    """Give a closed issue as it is seen at the end of a month that begins after the last thing that happened to it."""
    if said == since:  # as most are: then it is one number in memory
        said = since
    return Seen(id, None, None, state, raised, said, answer is not None, fixed if state == "confirmed" else None, since)


# --- tales ------------------------------------------------------------------------------------------------------


class _Note(Note, frozen=True, gc=False, array_like=True):
    """A note as a tale has it."""


class _Event(IssueEvent, frozen=True, gc=False, array_like=True):
    """An event as a tale has it."""


_PACKED = msgspec.msgpack.Encoder()
_TOLD = msgspec.msgpack.Decoder(tuple[tuple[_Note, ...], tuple[_Event, ...]])


def packed(issue: Issue, numbers: dict[Id, int]) -> bytes:
    """Pack what was said and done, without persons: each is a number from 1 on.

    Give the same `numbers` for all that was ever joined to one another, for who met them is counted together.
    """

    def number(person: Id | None) -> int | None:
        return None if person is None else numbers.setdefault(person, len(numbers) + 1)

    notes = tuple(_Note(note.at, number(note.reporter)) for note in issue.notes)
    back = (number(event.reporter) if event.what == "returned" else None for event in issue.events)
    events = tuple(map(_event, issue.events, back))
    return _PACKED.encode((notes, events))


def _event(event: IssueEvent, reporter: int | None) -> _Event:
    into = None if event.into is None else str(event.into)
    return _Event(event.at, event.what, event.due, event.how, event.says, reporter, into)


def unpacked(tale: bytes) -> tuple[tuple[Note, ...], tuple[IssueEvent, ...]]:
    """Read a tale; what was joined names the other issue by text."""
    return _TOLD.decode(tale)
