"""Where something was masked in a text that is kept, and that text with what stood there. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from floorday.issues import masks
from floorday.issues.masks import Found, Secret

BESIDE = 30
"""So many characters of what stands before and after are said, to know the place by."""


class Place(Struct, frozen=True):
    """One place where something is masked: in which field, from where to where, and what stands beside it."""

    field: str
    start: int
    end: int
    what: Secret
    before: str
    after: str


def places(texts: Mapping[str, str]) -> list[Place]:
    """Find what is masked in some texts, by field, in their order."""
    signs = {masks.sign(what): what for what in Secret}
    either = re.compile("|".join(map(re.escape, signs)))
    return [
        Place(field, one.start(), one.end(), signs[one[0]], *_beside(text, one.start(), one.end()))
        for field, text in texts.items() for one in either.finditer(text)
    ]  # fmt: skip


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    before, after = text[max(start - BESIDE, 0) : start], text[end : end + BESIDE]
    if start > BESIDE:
        before = "… " + before.partition(" ")[2]
    if end + BESIDE < len(text):
        after = after.rpartition(" ")[0] + " …"
    return before, after


def digest_of(texts: Iterable[str]) -> str:
    """Name texts as they were read, so that what has changed since is noticed."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def restored(text: str, place: Place, words: str, *, zone: str) -> str:
    """Put words where something was masked; they alone are no customer's, beside what the text says already."""
    whole = text[: place.start] + words + text[place.end :]
    # What is found may reach further than what was put there: a number goes on in the next word.
    reach = (place.start, place.start + len(words))
    spared = {one.words for one in masks.find(whole, zone=zone) if _within(one, reach)}
    return masks.mask(whole, zone=zone, spared=spared | said_to_be_none(text, zone=zone))


def _within(one: Found, reach: tuple[int, int]) -> bool:
    return reach[0] <= one.start and one.end <= reach[1]


def said_to_be_none(text: str, *, zone: str) -> set[str]:
    """List what a kept text holds that would be masked: its writer has said of each that it is none."""
    return {one.words for one in masks.find(text, zone=zone)}
