"""What another tracker calls an issue: JIRA-123, INC0012345; and where it stands there. Pure."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from floorday.db.text import Text
from floorday.render.words import gettext as _

MOST = 5
"""So many references an issue may have."""

SLOT = "{ref}"
SHORTEST_PREFIX = 3
"""Fewer letters of a reference find too much."""

_HOST_LONGEST = 253


class Reference(Text):
    """What another tracker calls it, in one line of up to 80 characters."""

    __slots__ = ()
    longest = 80


class Label(Text):
    """What a reference is called among people."""

    __slots__ = ()
    longest = 60


class Address(Text):
    """A link to another program: http or https, with a host, without a user's name or password in it."""

    __slots__ = ()
    longest = 500

    @classmethod
    def parse(cls, raw: str) -> Address:
        """Read a link; raise ValueError with a sentence where it is none that people may be led to."""
        said = super().parse(raw)
        if said:
            check(said)
        return said


class Tracked(Struct, frozen=True):
    """A reference as lists show it."""

    text: str
    url: str = ""
    label: str = ""

    @property
    def host(self) -> str:
        """Say where the link leads, in letters that nobody can mistake."""
        return host(self.url)


def fold(text: str) -> str:
    """Give what a reference is found by: capitals, blanks and the width of letters do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(plain.split())[:200]


def host(url: str) -> str:
    """Give the host of a link as plain letters ("" of none): a name in other letters as it goes over the wire."""
    name = (urlsplit(url).hostname or "") if url else ""
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return ""


def check(url: str) -> None:
    """Raise ValueError with a sentence where a link is not one that people may be led to."""
    if any(not sign.isprintable() or sign.isspace() or sign in "\\<>\"'`" for sign in url):
        raise ValueError(_("A link has no blanks and none of these in it: \\ < > \" ' `"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_("This is no link. It looks like https://tracker.example/browse/JIRA-123.")) from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError(_("A link begins with https:// (or http://)."))
    if "@" in parts.netloc:
        raise ValueError(_("A link holds no name and no password. Take out what stands before the @."))
    found = host(url)
    if not found or len(found) > _HOST_LONGEST or found.startswith((".", "-")) or ".." in found or port == 0:
        raise ValueError(_("This is no link. It looks like https://tracker.example/browse/JIRA-123."))


class Pattern(Text):
    """How a department's tracker makes a link of a reference: an https address with `{ref}` in its path or query."""

    __slots__ = ()
    longest = 300

    @classmethod
    def parse(cls, raw: str) -> Pattern:
        """Read a pattern; raise ValueError with a sentence where it makes no good link."""
        said = super().parse(raw)
        if not said:
            return said
        if said.count(SLOT) != 1 or "{" in said.replace(SLOT, "") or "}" in said.replace(SLOT, ""):
            raise ValueError(_("Write {ref} once, where the reference comes: https://tracker.example/browse/{ref}"))
        check(said.replace(SLOT, "x"))
        if host(said.replace(SLOT, "x")) != host(said.replace(SLOT, "y")):
            raise ValueError(_("The reference comes after the host, not in it: https://tracker.example/browse/{ref}"))
        return said


def linked(pattern: str, text: str) -> str:
    """Make the link of a reference by a department's pattern; "" without one, or where it would be too long."""
    if not pattern:
        return ""
    made = pattern.replace(SLOT, quote(text, safe=""))
    return made if len(made) <= Address.longest else ""


def read(kept: str) -> list[Tracked]:
    """Read what is kept beside an issue."""
    return msgspec.json.decode(kept, type=list[Tracked]) if kept else []


def write(tracked: list[Tracked]) -> str:
    """Write what is kept beside an issue."""
    return msgspec.json.encode(tracked).decode() if tracked else ""
