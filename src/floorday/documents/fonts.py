"""The fonts of documents: out of a package, so that every machine prints the same; more from a folder, if it is named.

The package carries them as bytes and typst reads files, so they are put once into a folder of this user's own. Fonts
for Chinese, Japanese, Korean and emoji are large (56 MB with Debian), so they do not come along: `document_fonts` names
a folder with them. The machine's own fonts are never looked for.
"""

from __future__ import annotations

import functools
import os
import stat
import struct
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pymupdf_fonts

FILES = {"FiraGO-Regular.ttf": "figo", "FiraGO-Bold.ttf": "figbo", "NotoSansSymbols2-Regular.ttf": "symbol2"}
MISSING = "□"
"""Stands for a sign that none of the fonts has, and is explained; a PDF for everybody (PDF/UA) leaves no hole."""

ENDINGS = frozenset({".otf", ".otc", ".ttf", ".ttc"})

OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Would turn round what stands beside them."""

LONGEST_WORD = 24
"""A longer run without a space may break anywhere."""


def _contents() -> dict[str, bytes]:
    made = cast("dict[str, Any]", pymupdf_fonts.fontbuffers)
    return {name: bytes(made[key]()) for name, key in FILES.items()}


@functools.cache
def folder() -> Path:
    """Give the folder in which the fonts lie. It is written once for a user and a version of the package."""
    contents = _contents()
    known = sha256(b"".join(contents.values())).hexdigest()[:16]
    place = Path(tempfile.gettempdir()) / f"floorday-fonts-{os.getuid()}-{known}"
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        place = Path(tempfile.mkdtemp(prefix="floorday-fonts-"))  # somebody else was there first
    for name, content in contents.items():
        target = place / name
        if not target.is_file() or target.read_bytes() != content:
            draft = place / f".{name}.{os.getpid()}"
            draft.write_bytes(content)
            draft.replace(target)
    return place


# --- which signs they have -----------------------------------------------------------------------------------------


@functools.cache
def covered(more: str = "") -> frozenset[str]:
    """Say which signs can be printed, upright and bold; `more` names a folder with further fonts."""
    if more:
        return covered().union(*map(_signs_of, found(more)))
    signs = {name: frozenset(_signs(content)) for name, content in _contents().items()}
    return (signs["FiraGO-Regular.ttf"] & signs["FiraGO-Bold.ttf"]) | signs["NotoSansSymbols2-Regular.ttf"]


def found(more: str) -> list[Path]:
    """List the font files in a folder and those below it."""
    return sorted(one for one in Path(more).rglob("*") if one.suffix.lower() in ENDINGS and one.is_file())


def _signs_of(file: Path) -> set[str]:
    """Read which signs a font has that somebody put there; none where it is broken."""
    try:
        return set(_signs(file.read_bytes()))
    except (OSError, LookupError, struct.error):
        return set()


def _signs(font: bytes) -> Iterator[str]:
    """Read a font's table of characters (OpenType `cmap`, formats 4 and 12); of a collection that of its first font."""
    head = _numbers(font, ">I", 12)[0] if font[:4] == b"ttcf" else 0
    count = _numbers(font, ">H", head + 4)[0]
    first = head + 12
    tables = {font[at : at + 4]: _numbers(font, ">I", at + 8)[0] for at in range(first, first + 16 * count, 16)}
    start = tables[b"cmap"]
    for at in range(start + 4, start + 4 + 8 * _numbers(font, ">H", start + 2)[0], 8):
        platform, _encoding, offset = _numbers(font, ">HHI", at)
        if platform not in {0, 3}:
            continue
        table = start + offset
        match _numbers(font, ">H", table)[0]:
            case 4:
                yield from _segments(font, table)
            case 12:
                for group in range(_numbers(font, ">I", table + 12)[0]):
                    first, last, _glyph = _numbers(font, ">III", table + 16 + 12 * group)
                    yield from map(chr, range(first, last + 1))
            case _:
                pass


def _segments(font: bytes, table: int) -> Iterator[str]:
    double = _numbers(font, ">H", table + 6)[0]
    many = f">{double // 2}H"
    lasts, firsts = _numbers(font, many, table + 14), _numbers(font, many, table + 16 + double)
    deltas, ranges = _numbers(font, many, table + 16 + 2 * double), table + 16 + 3 * double
    for at, (first, last, delta) in enumerate(zip(firsts, lasts, deltas, strict=True)):
        here = ranges + 2 * at
        offset = _numbers(font, ">H", here)[0]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta if offset == 0 else _numbers(font, ">H", here + offset + 2 * (code - first))[0]
            if glyph & 0xFFFF:
                yield chr(code)


def _numbers(font: bytes, shape: str, at: int) -> tuple[int, ...]:
    return struct.unpack_from(shape, font, at)


def printable(words: str, *, breaks: bool = True, more: str = "") -> str:
    """Give words as they can be printed: what no font has becomes a box, and a very long word may break."""
    if words.isascii() and words.isprintable():
        seen = words
    else:
        signs = covered(more)
        seen = "".join(_printed(sign, signs) for sign in unicodedata.normalize("NFC", words))
    return " ".join(map(_breaking, seen.split(" "))) if breaks else seen


def _printed(sign: str, signs: frozenset[str]) -> str:
    if sign == "\n" or " " <= sign <= "~":
        return sign
    kind = unicodedata.category(sign)
    if kind in {"Cc", "Zs", "Zl", "Zp"}:
        return sign if sign == "\u00a0" else " "
    if sign in signs and sign not in OVERRIDES:
        return sign
    if kind == "Cf" or "\ufe00" <= sign <= "\ufe0f" or sign >= "\U000e0000":
        return ""  # says how others are shown, and shows nothing itself
    return MISSING


def lacks(words: str, *, more: str = "") -> bool:
    """Say whether a sign of these words cannot be printed."""
    return printable(words, breaks=False, more=more).count(MISSING) > words.count(MISSING)


def _breaking(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    return "\u200b".join(word[at : at + 12] for at in range(0, len(word), 12))
