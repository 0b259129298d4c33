"""Mail addresses as people and calendars write them, brought into one form that can be compared (IN-11)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

LONGEST = 254

_SHAPE = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]+@[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]+")


def normal(address: str) -> str:
    """Bring a bare address into its one form: lower case, NFC, domain in IDNA. "" when it is none."""
    address = unicodedata.normalize("NFC", address.strip()).lower()
    if len(address) > LONGEST or not _SHAPE.fullmatch(address):
        return ""
    local, _, domain = address.rpartition("@")
    domain = domain.rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return f"{local}@{domain}" if domain else ""


def from_calendar(value: str) -> str:
    """Read a calendar address: `mailto:` in any case, percent-encoded or not. "" when it is no mail address."""
    value = value.strip()[:2048]
    scheme, colon, rest = value.partition(":")
    if not colon or scheme.strip().lower() != "mailto":
        return ""
    return normal(unquote(rest.partition("?")[0]))


def same(one: str, other: str) -> bool:
    """Tell whether `one` is `other` or a sub-address of it (`ann+calendar@` of `ann@`). Both in their normal form."""
    if not one or not other:
        return False
    if one == other:
        return True
    local, _, domain = one.rpartition("@")
    base, plus, _ = local.partition("+")
    return bool(plus and base) and f"{base}@{domain}" == other


def mailboxes(header: str, *, most: int = 100) -> tuple[list[tuple[str, str]], bool]:  # noqa: PLR0912 - one scanner
    """Read an address header: pairs of name and address, and whether it was all understood.

    One pass over the characters, so a long header costs its length and no more. An address that a lenient reader
    would have to guess is left out and the second value is False.
    """
    found: list[tuple[str, str]] = []
    clear = True
    name: list[str] = []
    angle: list[str] | None = None
    closed = quoted = escaped = False
    depth = 0
    for sign in header + ",":
        if escaped:
            escaped = False
            (name if not depth else []).append(sign)
        elif sign == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = sign != '"'
            if quoted and angle is None:
                name.append(sign)
        elif sign == "(" or depth:
            depth += {"(": 1, ")": -1}.get(sign, 0)
        elif sign == '"':
            quoted = True
            clear = clear and angle is None
        elif sign == "<":
            clear = clear and angle is None
            angle = []
        elif sign == ">" and angle is not None and not closed:
            closed = True
        elif sign == ",":
            clear = _take(found, name, angle, closed=closed) and clear
            name, angle, closed = [], None, False
            if len(found) >= most:
                return found, False
        elif angle is not None and not closed:
            angle.append(sign)
        else:
            clear = clear and not (closed and not sign.isspace())
            name.append(sign)
    return found, clear and not (quoted or depth)


def _take(found: list[tuple[str, str]], name: list[str], angle: list[str] | None, *, closed: bool) -> bool:
    words = "".join(name).strip()
    if angle is None and not words:
        return True
    address = normal("".join(angle) if angle is not None else words)
    if address:
        found.append((words if angle is not None else "", address))
    return bool(address) and (angle is None or closed)
