"""What was joined and split again, or taken out, as a history file can say it: as never joined.

The form knows no split. So the joining that a split took back is left out; so is a verdict by somebody who was a
reporter through an issue or a note that has gone elsewhere since, for whoever reads the file would refuse it. What
happened before the first note that is left seems to have happened with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

Row = dict[str, Any]
Parts = Mapping[UUID, Sequence[tuple[UUID, datetime]]]
"""By issue, what is joined into it still, and since when."""

MOVED = frozenset({"split off", "taken out"})


def never_joined(events: Sequence[Row]) -> list[Row]:
    """Leave out each joining that was taken back by a split."""
    splits = [place for place, each in enumerate(events) if each["what"] == "split"]
    last = splits[-1] if splits else -1
    return [each for place, each in enumerate(events) if each["what"] != "joined" or place > last]


def left(events: Sequence[Row], notes: Mapping[UUID, Sequence[Row]], issue: UUID, parts: Parts) -> list[Row]:
    """Give the events of an issue from which something has gone, as far as those tell who are with it still."""
    since = _reporters(issue, notes, parts)
    first = min(note["at"] for note in notes[issue])
    told: list[Row] = []
    for each in events:
        who = each["reporter"]
        if each["what"] == "verdict" and (who not in since or since[who] > each["at"]):
            continue
        at = max(each["at"], first)
        if each["what"] == "promised" and each["at"] < first and each["for_date"] <= at.date():
            continue
        if each["what"] == "returned":
            since.setdefault(who, at)
        told.append({**each, "at": at})
    return told


def _reporters(issue: UUID, notes: Mapping[UUID, Sequence[Row]], parts: Parts) -> dict[UUID | None, datetime]:
    """Say since when each person (None: somebody anonymous) has been a reporter, by a note that is with it."""
    since: dict[UUID | None, datetime] = {}
    waiting: list[tuple[UUID, datetime | None]] = [(issue, None)]
    for one, joined in waiting:
        for note in notes.get(one, ()):
            at = note["at"] if joined is None else max(note["at"], joined)
            since[note["reporter"]] = min(at, since.get(note["reporter"], at))
        waiting += [(part, at if joined is None else max(at, joined)) for part, at in parts.get(one, ())]
    return since
