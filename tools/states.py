"""Print docs/states.md from the tables of steps in the rules, so that the page cannot say anything else than they do.

python tools/states.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from floorday.bookings import rules as bookings
from floorday.issues import rules as issues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

HEAD = """# The states, step by step

Written by `tools/states.py` from the rules themselves; `make check` fails when this page is not what it writes. Down
the side stands what is done, across the top where the thing stands when it is done, and in the cell where it stands
afterwards. Where a cell is empty, the rules refuse the step with a sentence.
"""

BOOKINGS = """## A booking

An answer that leaves the state as it is may still be a later one, or one that came twice.
"""

BOOKING_STEPS = """### What follows for a booking

*Seat*: what becomes of the seat and of the manager's time. *Sequence*: whether the calendar event's SEQUENCE goes up,
which makes every older answer void.
"""

ISSUES = """## An issue

*Confirmed*, *unconfirmed*, *cannot*, *declined* and *joined* are the five ways to be closed. A star marks steps that
lead to *needs owner* where nobody owns the issue. Whoever splits an issue from the one that it was joined into has it
where it stood before (*as before*). *Take out*: the note is one of this issue; what it opens is *none yet*.
"""

ISSUE_STEPS = """### What follows for an issue
"""

NONE_YET = "none yet"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def matrix(transitions: Iterable[Any], verbs: type[StrEnum], states: type[StrEnum]) -> str:
    """Show from where to where each verb leads."""
    to = {(row.verb, row.before): leads(row) for row in transitions}
    rows = [[f"**{verb.value}**", *(to.get((verb, before), "") for before in (None, *states))] for verb in verbs]
    return table(["", f"*{NONE_YET}*", *(state.value for state in states)], rows)


def leads(row: Any) -> str:
    """Say where a step leads."""
    if getattr(row, "back", False):
        return "*as before*"
    return row.after.value + (" \\*" if getattr(row, "unowned", False) else "")


def follows(
    transitions: Iterable[Any], verbs: type[StrEnum], states: type[StrEnum], columns: dict[str, Callable[[Any], str]]
) -> str:
    """Show what follows from each step, with the states that are treated alike in one line."""
    alike: dict[tuple[str, ...], list[str]] = {}
    places = {state.value: place for place, state in enumerate(states)} | {NONE_YET: -1}
    for row in transitions:
        key = (row.verb.value, *(show(row) for show in columns.values()))
        alike.setdefault(key, []).append(row.before.value if row.before else NONE_YET)
    order = [verb.value for verb in verbs]
    rows = [(verb, sorted(before, key=places.__getitem__), *rest) for (verb, *rest), before in alike.items()]
    rows.sort(key=lambda row: (order.index(row[0]), places[row[1][0]]))
    return table(["step", "from", *columns], [(verb, ", ".join(before), *rest) for verb, before, *rest in rows])


def letters(row: Any) -> str:
    """Name the letters that follow."""
    return ", ".join(f"*{letter.value}*" for letter in row.letters)


def page() -> str:
    """Write the whole page."""
    of_a_booking = (bookings.TRANSITIONS, bookings.Verb, bookings.State)
    of_an_issue = (issues.TRANSITIONS, issues.Verb, issues.Stage)
    booking_columns = {
        "to": lambda row: row.after.value,
        "seat": lambda row: row.seat.value,
        "sequence": lambda row: "+ 1" if row.step else "",
        "letters": letters,
    }
    issue_columns = {"word in the history": lambda row: row.event, "letters": letters}
    return "\n".join([
        HEAD,
        BOOKINGS, matrix(*of_a_booking),
        BOOKING_STEPS, follows(*of_a_booking, booking_columns),
        ISSUES, matrix(*of_an_issue),
        ISSUE_STEPS, follows(*of_an_issue, issue_columns),
    ])  # fmt: skip


if __name__ == "__main__":
    print(page(), end="")
