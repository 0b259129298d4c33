"""Words taken out of a note and of whatever repeats it, and what stood there before. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import folding
from floorday.render.words import gettext as _

LONGEST = {"text": 500, "idea": 500, "fixed_like": 500, "title": 120}
"""How long a text may be where it is bounded; events and letters are not."""

SAID = frozenset({"title", "text", "question", "done", "other_title"})
"""What holds words in JSON; the rest are names of those who fix it, links, days."""

AS_JSON = frozenset({("issue_event", "undo"), ("letter", "facts")})


class Blot(Struct, frozen=True):
    """One text that was written anew: in which row, what it was, what it is now."""

    table: str
    id: UUID
    column: str
    was: str
    now: str


def masked(text: str, words: Sequence[str]) -> str:
    """Put "[a colleague]" where one of these words stands, in any case, as a word of its own."""
    return _found(words).sub(lambda _one: _("[a colleague]"), text)


def stands(word: str, text: str) -> bool:
    """Say whether a word stands in a text as a word of its own."""
    return bool(word.strip()) and _found([word]).search(text) is not None


def _found(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted((one.strip() for one in words), key=len, reverse=True)
    either = "|".join(r"\s+".join(map(re.escape, one.split())) for one in longest_first)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


def repeats(said: str, text: str) -> bool:
    """Say whether one of two texts is the other, or its beginning, whatever the case and the accents."""
    one, other = folding.fold(said.rstrip("…. ")), folding.fold(text.rstrip("…. "))
    return bool(one) and bool(other) and (one.startswith(other) or other.startswith(one))


def cut(text: str, longest: int) -> str:
    """Shorten a text, where that is needed, after a word."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0][: longest - 1] + "…"


def rewritten(place: tuple[str, str, UUID, str], change: Callable[[str], str]) -> Blot | None:
    """Change the text of a place (table, column, id, text); None where nothing changes."""
    table, column, row, text = place
    if (table, column) in AS_JSON:
        new = msgspec.json.encode(_walked(msgspec.json.decode(text), change)).decode() if text else text
    else:
        new = change(text)
        new = cut(new, LONGEST.get(column, len(new)))
    return Blot(table, row, column, text, new) if new != text else None


def _walked(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case dict():
            told = cast("dict[str, Any]", value)
            return {key: _walked(one, change) if key in SAID else one for key, one in told.items()}
        case _:
            return value


def pack(blots: Sequence[Blot]) -> str:
    """Write blots for keeping."""
    return msgspec.json.encode(list(blots)).decode()


def unpack(kept: str) -> list[Blot]:
    """Read what was kept."""
    return msgspec.json.decode(kept, type=list[Blot]) if kept else []
