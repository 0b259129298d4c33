"""Text as it is looked for: words in lower case without accents, the same on both databases.

Each letter is folded by itself, so a word that was found can be shown in the text as it was written. Turkish letters
meet their Latin ones, ß meets ss, and each letter of Chinese and Japanese is a word of its own.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

LONGEST = 64
"""Longer words are told apart by their beginning."""

MOST = 8
"""So many words or phrases of a search are looked for, and so many left out."""

MARK = "\ue000"
"""Stands between texts that are kept together, so that no phrase reaches from one into the next; no word holds it."""

_LIKE = {"ı": "i", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
_ALONE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORDS = re.compile(r'(-?)(?:"([^"]*)("?)|(\S+))')


class _Letters(dict[int, str]):
    """What each letter is folded to, found when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _letter(chr(code))
        return folded


def _letter(letter: str) -> str:
    if unicodedata.category(letter) in {"Co", "Cs"}:
        return " "
    korean = "\uac00" <= letter <= "\ud7af"  # a syllable is one letter, none with marks
    found = ""
    for one in letter if korean else _apart(_apart(letter).casefold()):
        kind = unicodedata.category(one)
        if kind == "Mn":
            continue
        small = _LIKE.get(one, one)
        if _ALONE.match(small):
            found += f" {small} "
        else:
            found += small if small.isalnum() or kind == "Mc" else " "
    return found


def _apart(letters: str) -> str:
    return unicodedata.normalize("NFKD", letters)


_FOLDED = _Letters()


def fold(text: str) -> str:
    """Give the words of a text, with one blank between them."""
    return " ".join(word[:LONGEST] for word in text.translate(_FOLDED).split())


def together(texts: Iterable[str]) -> str:
    """Give the words of several texts, kept apart."""
    return f" {MARK} ".join(fold(text) for text in texts)


class Words(Struct, frozen=True, cache_hash=True):
    """What a search says: phrases of one word or more, all of which are to be there, and those that must not.

    The last one of the first may be the beginning of a word, where `begun` says so.
    """

    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[tuple[str, ...], ...] = ()
    begun: bool = False

    def lite(self) -> str:
        """Say it to SQLite's FTS5. Words hold letters and digits alone, so nothing in them is syntax."""
        said = [f'"{" ".join(phrase)}"' for phrase in self.wanted]
        if self.begun:
            said[-1] += " *"
        without = " OR ".join(f'"{" ".join(phrase)}"' for phrase in self.unwanted)
        return f"({' AND '.join(said)})" + (f" NOT ({without})" if without else "")

    def postgres(self) -> str:
        """Say it as PostgreSQL's tsquery."""
        said = ["(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in self.wanted]
        if self.begun:
            said[-1] = said[-1].removesuffix(")") + ":*)"
        without = ["!(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in self.unwanted]
        return " & ".join(said + without)


def read(typed: str) -> Words:
    """Understand what somebody typed: words, "phrases in quotes", -without. Anything can be typed."""
    wanted: list[tuple[str, ...]] = []
    unwanted: list[tuple[str, ...]] = []
    begun = False
    for minus, quoted, _closed, word in _WORDS.findall(typed):
        phrase = tuple(fold(quoted or word).split())
        if not phrase:
            continue
        if minus:
            unwanted.append(phrase)
            continue
        wanted.append(phrase)
        # Of one letter nearly every word begins.
        begun = bool(word) and len(phrase[-1]) > 1 and not _ALONE.match(phrase[-1])
    cut = begun and len(wanted) <= MOST
    return Words(tuple(wanted[:MOST]), tuple(unwanted[:MOST]), cut)


Spans = list[tuple[int, int]]
"""Where words stand in a text: each from the first letter to behind the last."""


def places(text: str, words: Words) -> Spans:
    """Give where the wanted words stand in a text as it was written."""
    return finder(words)(text)[0]


@functools.lru_cache(maxsize=256)
def finder(words: Words) -> Callable[[str], tuple[Spans, bool]]:
    """Give what tells where the wanted words stand in a text, and whether it holds all of them."""
    alone = _alone(words)
    if not alone:
        return lambda text: (_slowly(text, words), held(fold(text), words))

    def find(text: str) -> tuple[Spans, bool]:
        if not text.isascii():
            return _slowly(text, words), held(fold(text), words)
        small, holds = text.lower(), True
        spans: Spans = []
        for word, begun in alone:
            start = small.find(word)
            before = len(spans)
            while start >= 0:
                end = start + len(word)
                if start == 0 or not small[start - 1].isalnum():
                    if begun:
                        while small[end : end + 1].isalnum():
                            end += 1
                        spans.append((start, end))
                    elif not small[end : end + 1].isalnum():
                        spans.append((start, end))
                start = small.find(word, end)
            if len(spans) == before:
                holds = False
        return (sorted(set(spans)) if len(spans) > 1 else spans), holds

    return find


def _slowly(text: str, words: Words) -> Spans:
    tokens = list(_tokens(text))
    marked = [False] * len(tokens)
    for n, phrase in enumerate(words.wanted):
        begun = words.begun and n == len(words.wanted) - 1
        for first in range(len(tokens) - len(phrase) + 1):
            found = tokens[first : first + len(phrase)]
            whole, last = phrase[:-1], found[-1][0]
            if tuple(token[0] for token in found[:-1]) == whole and (
                last.startswith(phrase[-1]) if begun else last == phrase[-1]
            ):
                marked[first : first + len(phrase)] = [True] * len(phrase)
    spans: Spans = []
    for (_word, start, end), here in zip(tokens, marked, strict=True):
        if here and spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif here:
            spans.append((start, end))
    return spans


def _alone(words: Words) -> tuple[tuple[str, bool], ...]:
    """Give single words, and whether each is only begun; nothing where a phrase is among them, or one that was cut."""
    if any(len(phrase) != 1 or len(phrase[0]) >= LONGEST for phrase in words.wanted):
        return ()
    last = len(words.wanted) - 1
    return tuple((word, words.begun and n == last) for n, word in enumerate(phrase[0] for phrase in words.wanted))


def holds(text: str, words: Words) -> bool:
    """Say whether all that is wanted stands in a text."""
    return held(fold(text), words)


def held(folded: str, words: Words) -> bool:
    """Say the same of a text that is folded already."""
    said = f" {folded} "
    return all(one in said for one in needles(words)[0])


@functools.lru_cache(maxsize=256)
def needles(words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give what has to stand in a folded text that has a blank before and behind it, and what must not."""
    last = len(words.wanted) - 1
    wanted = tuple(
        f" {' '.join(phrase)}{'' if words.begun and n == last else ' '}" for n, phrase in enumerate(words.wanted))
    return wanted, tuple(f" {' '.join(phrase)} " for phrase in words.unwanted)


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Give each word as it is folded, and where it stands."""
    word, start, end = "", 0, 0
    for place, letter in enumerate(text):
        folded = _FOLDED[ord(letter)]
        if not folded:
            end = place + 1 if word else end
            continue
        for one in folded:
            if one == " ":
                if word:
                    yield word[:LONGEST], start, end
                word = ""
            else:
                start = start if word else place
                word, end = word + one, place + 1
    if word:
        yield word[:LONGEST], start, end
