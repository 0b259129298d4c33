"""Print docs/states.md from the tables of steps in the rules, so that the page cannot say anything else than they do.

python tools/states.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from floorday.bookings import rules as bookings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HEAD = """# The states, step by step

Written by `tools/states.py` from the rules themselves; `make check` fails when this page is not what it writes.
"""

BOOKINGS = """## A booking

Where a cell is empty, the rules refuse the step with a sentence. A step that leaves the state as it is may still be
an answer, a later one, or one that came twice.
"""

FOLLOWS = """### What follows from each step

*Seat*: what becomes of the seat and of the manager's time. *Sequence*: whether the calendar event's SEQUENCE goes up,
which makes every older answer void.
"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table."""
    lines = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def steps_of_bookings() -> str:
    """Show from where to where each verb leads."""
    to = {(row.before, row.verb): row.after.value for row in bookings.TRANSITIONS}
    verbs = list(bookings.Verb)
    rows = [
        [f"**{before.value}**" if before else "*none yet*", *(to.get((before, verb), "") for verb in verbs)]
        for before in (None, *bookings.State)
    ]
    return table(["", *(verb.value for verb in verbs)], rows)


def what_follows() -> str:
    """Show seat, sequence and letters, with the states that are treated alike in one line."""
    verbs, states = list(bookings.Verb), list(bookings.State)
    alike: dict[tuple[str, ...], list[str]] = {}
    for row in sorted(bookings.TRANSITIONS, key=lambda row: (verbs.index(row.verb), row.before or "", row.after)):
        letters = ", ".join(f"*{letter.value}*" for letter in row.letters)
        key = (row.verb.value, row.after.value, row.seat.value, "+ 1" if row.step else "", letters)
        alike.setdefault(key, []).append(row.before.value if row.before else "none yet")
    rows = [(key[0], ", ".join(sorted(before, key=order(states))), *key[1:]) for key, before in alike.items()]
    return table(["step", "from", "to", "seat", "sequence", "letters"], rows)


def order(states: list[bookings.State]) -> Callable[[str], int]:
    """Sort as the rules do."""
    places = {state.value: place for place, state in enumerate(states)}
    return lambda name: places.get(name, -1)


def page() -> str:
    """Write the whole page."""
    return "\n".join([HEAD, BOOKINGS, steps_of_bookings(), FOLLOWS, what_follows()])


if __name__ == "__main__":
    print(page(), end="")
