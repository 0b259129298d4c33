"""Take a mail apart without trusting it: caps first, then flat and bounded reading on bytes.

The standard parsers recurse into nesting and spend seconds on long address headers, so the tree is cut up here:
header blocks go through `email` with the compat32 policy, once each is known to be small; bodies are only ever split.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from quopri import decodestring

from msgspec import Struct

LONGEST_MAIL = 1024 * 1024
DEEPEST = 20
MOST_PARTS = 100
LONGEST_HEAD = 128 * 1024
"""Bytes of a header block; long trace headers are common, so this is generous."""
LONGEST_HEADER = 4096
"""Bytes of one header that is read; a From or Content-Type over it is refused, others are cut."""
MOST_HEADERS = 1000

MIND = frozenset({
    b"from", b"content-type", b"content-transfer-encoding", b"return-path", b"auto-submitted", b"message-id",
})
"""Headers that must be whole: one of these over the cap refuses the mail."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(rb"\r?\n(?=[ \t])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TEXT_CODECS = re.compile(
    r"(ascii|us-ascii|utf-?8|utf-?16(-?[lb]e)?|utf-?32(-?[lb]e)?|iso-?8859-\d+|latin-?\d+|cp\d+|windows-\d+|koi8-[rut]|"
    r"big5(hkscs)?|gb2312|gbk|gb18030|shift_?jis|euc-?(jp|kr)|iso-?2022-[a-z]+(-\d)?|mac-?[a-z]+)"
)


class TooMuch(Exception):
    """A cap was passed; the code says which."""


class Part(Struct, frozen=True):
    """A leaf of the mail. `choice` numbers the multipart/alternative it stands in, 0 for none."""

    head: Message
    kind: str
    body: bytes
    choice: int = 0

    def param(self, name: str) -> str:
        """Return a parameter of its Content-Type, "" when absent."""
        found = self.head.get_param(name)
        if isinstance(found, tuple):
            found = found[2]
        return shown(found) if isinstance(found, str) else ""

    def decoded(self) -> bytes:
        """Undo the transfer encoding; truncated or dirty base64 gives what can be read of it."""
        encoding = str(self.head.get("Content-Transfer-Encoding", "")).strip().lower()
        if encoding == "base64":
            return unbase64(self.body)
        return decodestring(self.body) if encoding == "quoted-printable" else self.body


def split(raw: bytes, *, longest: int = LONGEST_MAIL) -> tuple[Message, list[Part]]:
    """Cut a mail into its head and its leaves. Raises TooMuch when it passes a cap."""
    if len(raw) > longest:
        raise TooMuch("too-large")
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    head, body = _head(raw)
    parts: list[Part] = []
    _walk(head, body, parts, depth=0, choice=0, choices=[0])
    return head, parts


def _walk(head: Message, body: bytes, parts: list[Part], *, depth: int, choice: int, choices: list[int]) -> None:
    kind = head.get_content_type()
    boundary = head.get_boundary("")
    if not kind.startswith("multipart/") or not boundary:
        if len(parts) >= MOST_PARTS:
            raise TooMuch("too-many-parts")
        parts.append(Part(head, kind, body, choice))
        return
    if depth >= DEEPEST:
        raise TooMuch("too-deep")
    if kind == "multipart/alternative":
        choices[0] += 1
        choice = choices[0]
    for inner in _pieces(body, boundary.encode("utf-8", "surrogateescape")):
        inner_head, inner_body = _head(inner)
        _walk(inner_head, inner_body, parts, depth=depth + 1, choice=choice, choices=choices)


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what stands between the boundary lines; a missing last one is forgiven."""
    line = re.compile(rb"(?:^|\n)--" + re.escape(boundary) + rb"(--)?[ \t]*\r?(?=\n|$)")
    start: int | None = None
    for count, found in enumerate(line.finditer(body)):
        if count > MOST_PARTS:
            raise TooMuch("too-many-parts")
        if start is not None:
            yield body[start:found.start()].removesuffix(b"\r")
        start = None if found[1] else found.end() + 1
        if found[1]:
            return
    if start is not None:
        yield body[start:]


def _head(raw: bytes) -> tuple[Message, bytes]:
    """Read a header block and return what follows it."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return Message(compat32), raw.partition(b"\n")[2]
    found = _HEAD_END.search(raw, 0, LONGEST_HEAD + 4)
    if found is None and len(raw) > LONGEST_HEAD:
        raise TooMuch("header-too-long")
    block, body = (raw[:found.start()], raw[found.end():]) if found else (raw, b"")
    lines = _FOLDED.sub(b"", block).replace(b"\r\n", b"\n").replace(b"\r", b" ").split(b"\n")
    if len(lines) > MOST_HEADERS:
        raise TooMuch("header-too-long")
    kept: list[bytes] = []
    for line in lines:
        name, colon, _ = line.partition(b":")
        if not colon:
            continue
        if len(line) > LONGEST_HEADER and name.strip().lower() in MIND:
            raise TooMuch("header-too-long")
        kept.append(line[:LONGEST_HEADER])
    return BytesHeaderParser(policy=compat32).parsebytes(b"\n".join(kept) + b"\n\n"), body


def unbase64(body: bytes) -> bytes:
    """Decode base64 as far as it goes."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    letters = letters[:len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def header(head: Message, name: str, *, longest: int = 1000) -> str:
    """Return a header as one line of readable text; encoded words are decoded."""
    value = head.get(name)
    return "" if value is None else shown(readable(str(value)))[:longest]


def readable(value: str) -> str:
    """Decode encoded words (RFC 2047); what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        pieces = decode_header(value)
    except (ValueError, binascii.Error, UnicodeError):
        return value
    words: list[str] = []
    for piece, charset in pieces:
        words.append(piece if isinstance(piece, str) else text(piece, charset or "us-ascii"))
    return "".join(words)


def shown(words: str) -> str:
    """Make one clean line of it."""
    return " ".join(_CONTROL.sub(" ", words).split())


def unprintable_out(words: str) -> str:
    """Take out control characters, keep line ends and tabs."""
    return _CONTROL.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))


def text(data: bytes, charset: str) -> str:
    """Decode bytes: byte order marks first, then UTF-8, then what was declared, then Windows-1252 (IN-06)."""
    wide = _wide(data, charset)
    if wide is not None:
        return wide
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    name = charset.strip().strip("'\"").lower().replace("_", "-")
    if _TEXT_CODECS.fullmatch(name):
        try:
            return codecs.decode(data, name)
        except (LookupError, UnicodeError):
            pass
    return data.decode("cp1252", "replace")


def _wide(data: bytes, charset: str) -> str | None:
    """Decode UTF-16, told by its mark, its label, or by a NUL beside the first ASCII letter."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    if data[:1] and data[:1] != b"\x00" and data[1:2] == b"\x00":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\x00" and data[1:2] not in {b"", b"\x00"}:
        return data.decode("utf-16-be", "replace")
    return data.decode("utf-16-be", "replace") if charset.strip().lower() in {"utf-16be", "utf-16-be"} else None
