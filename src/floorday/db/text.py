"""Text that can be trusted: bounded, composed, without what breaks databases, letters and screens.

`Line.parse(raw)` gives a Line or raises ValueError with a sentence for the person who typed.
As the type of a Struct's field it is checked on the way in, through `dec_hook`.

What is taken out quietly: blanks around the text, and the kind of line ending. What is
refused: control characters, U+0000, lone surrogates, and characters that turn the writing
direction without turning it back. Marks that Hebrew, Arabic or emoji need (U+200C to U+200F,
isolates and embeddings that are closed again) stay, for names are written with them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST_RAW = 4
LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
UNSEEN = {"Cc", "Cf", "Cn", "Zl", "Zp", "Zs"}
TAG = re.compile("[a-z]{2,3}(?:-[A-Za-z0-9]{2,7})?")
LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
ADDRESS = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{LABEL}(?:\.{LABEL})*")
OPENS = {"\u202a", "\u202b", "\u202d", "\u202e"}
CLOSES = "\u202c"
ISOLATES = {"\u2066", "\u2067", "\u2068"}
ISOLATES_END = "\u2069"


class Text(str):
    """Bounded text; `longest` counts code points, as PostgreSQL does."""

    __slots__ = ()

    longest: ClassVar[int] = 200
    shortest: ClassVar[int] = 0
    multiline: ClassVar[bool] = False

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check what was typed and bring it into the one form that is stored."""
        if type(raw) is cls:
            return raw
        # Composing never shortens text to a quarter, so nothing long is worked on for nothing.
        if len(raw) > cls.longest * LONGEST_RAW + 100:
            raise ValueError(cls.too_long(len(raw)))
        if any("\ud800" <= letter <= "\udfff" for letter in raw):
            raise ValueError("This text is broken: half of a character is missing.")
        text = unicodedata.normalize("NFC", LINE_ENDS.sub("\n", raw)).strip()
        for letter in text:
            if unicodedata.category(letter) == "Cc" and not (cls.multiline and letter in "\n\t"):
                raise ValueError(
                    "This has to stay on one line." if letter == "\n"
                    else f"This text holds a character that cannot be shown (U+{ord(letter):04X})."
                )
        for line in text.split("\n"):
            if not _turned_back(line):
                raise ValueError("This text turns the writing direction and does not turn it back.")
        if text and all(unicodedata.category(letter) in UNSEEN for letter in text):
            raise ValueError("There is nothing to see in this text.")
        if len(text) > cls.longest:
            raise ValueError(cls.too_long(len(text)))
        return cls(text)

    @classmethod
    def too_long(cls, length: int) -> str:
        """Say by how much."""
        return f"This is {length} characters long; {cls.longest} is the most."


class Line(Text):
    """A line of up to 200 characters."""

    __slots__ = ()


class ExternalId(Text):
    """What another program calls something of ours: a line of 1 to 200 characters."""

    __slots__ = ()
    shortest = 1

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check that it says anything; to have none is null."""
        text = super().parse(raw)
        if not text:
            raise ValueError("Give the id that your program uses, or null for none.")
        return text


class AskedId(Text):
    """An external id as somebody asks for it: as they wrote it, for a history file may spell it otherwise.

    Look for any of its `spellings()`.
    """

    __slots__ = ()
    shortest = 1

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check it, and leave it as it is."""
        ExternalId.parse(raw)
        return cls(raw)


class Title(Text):
    """A title of up to 120 characters."""

    __slots__ = ()
    longest = 120


class Prose(Text):
    """Several lines of up to 4,000 characters."""

    __slots__ = ()
    longest = 4000
    multiline = True


class MailAddress(Text):
    """A mail address in lower case and plain ASCII, as every mail server takes it; quoted local parts are refused."""

    __slots__ = ()
    longest = 254

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check an address: one @, a plain local part of up to 64 characters, a host name after it."""
        text = super().parse(raw).lower()
        if not ADDRESS.fullmatch(text):
            raise ValueError("This is not a mail address. It looks like ann@example.com.")
        return cls(text)


class Language(Text):
    """A language by its tag, such as en or pt-BR; everything that is said to somebody is looked up by it."""

    __slots__ = ()
    longest = 11

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check that it is a tag, and nothing that stands for a folder or a programme."""
        text = super().parse(raw)
        if not TAG.fullmatch(text):
            raise ValueError("This is not a language. It looks like en.")
        return cls(text)


class ZoneName(Text):
    """The IANA name of a time zone, such as Europe/London."""

    __slots__ = ()
    longest = 64

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check that the zone is known here."""
        text = super().parse(raw)
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{text} is not a time zone we know. It looks like Europe/London.") from None
        return text


def spellings(asked: str) -> list[str]:
    """Give an external id as it was asked for, and as it is kept where it came through the API."""
    return list(dict.fromkeys((str(asked), str(ExternalId.parse(str(asked))))))


def dec_hook(kind: type[Any], value: Any) -> Any:
    """Let msgspec make our texts: `msgspec.convert(form, Form, dec_hook=dec_hook)`."""
    if issubclass(kind, Text):
        if not isinstance(value, str):
            raise ValueError("This has to be text.")
        return kind.parse(value)
    raise NotImplementedError(f"There is no way to make {kind!r}.")


def enc_hook(value: Any) -> Any:
    """Let msgspec write our texts, which it does not take for strings: `msgspec.json.encode(x, enc_hook=enc_hook)`."""
    if isinstance(value, Text):
        return str(value)
    raise NotImplementedError(f"There is no way to write {value!r}.")


def _turned_back(line: str) -> bool:
    """Tell whether every turn of direction in the line is closed in it (UAX 9, 3.1)."""
    embeddings = isolates = 0
    for letter in line:
        if letter in OPENS:
            embeddings += 1
        elif letter == CLOSES:
            embeddings -= 1
        elif letter in ISOLATES:
            isolates += 1
        elif letter == ISOLATES_END:
            isolates -= 1
        if embeddings < 0 or isolates < 0:
            return False
    return embeddings == isolates == 0
