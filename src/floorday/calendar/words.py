"""What a person wrote in a mail: their newest words without what they quote and sign with, and the pictures they add.

Read apart, as every mail is (`floorday.apart`); a mail of this kind may be as large as `MAIL_LONGEST`.
"""

from __future__ import annotations

import html
import re

import msgspec
from msgspec import Struct

from floorday.apart import Apart
from floorday.calendar import mime
from floorday.calendar.facts import Incoming
from floorday.calendar.mime import Part, TooMuch

MAIL_LONGEST = 12 * 1024 * 1024
LANGUAGES = ["en", "de"]
MOST_PICTURES = 3
SMALLEST_PICTURE = 4096
"""Bytes; what is smaller is a logo in a signature."""

_SIGNED = re.compile(
    r"(?im)^(?:-- ?$|(?:kind|best|warm|many)?[ ]?(?:regards|wishes)\b.{0,3}$|cheers,?$|many thanks,?$|thanks,?$"
    r"|(?:mit )?(?:freundlichen|besten|herzlichen|viele[nr]?|liebe[nr]?|schöne[nr]?) gr(?:ü|ue)(?:ß|ss)e?n?\b.{0,12}$"
    r"|(?:beste|viele|liebe|herzliche|schöne) gr(?:ü|ue)(?:ß|ss)e\b.{0,12}$|mfg,?$|lg,?$|vg,?$"
    r"|(?:sent|gesendet|von meinem) (?:from|von|iphone|samsung).{0,60}$)"
)
_MARKUP = re.compile(
    r"(?is)<(style|script|head)\b.*?</\1\s*>|<blockquote\b.*?</blockquote\s*>|<div class=\"gmail_quote.*"
)
_LINES = re.compile(r"(?i)<br\b[^<>]*>|</(?:p|div|li|tr|h[1-6])\s*>")


class Words(Struct, frozen=True):
    """A mail's facts, the newest words in it, and its pictures as they came. `refused` is in the facts."""

    incoming: Incoming
    text: str = ""
    pictures: tuple[bytes, ...] = ()


def understood(raw: bytes) -> bytes:
    """Read a mail, and give a `Words` as bytes."""
    return msgspec.msgpack.encode(heard(raw))


def heard(raw: bytes) -> Words:
    """Read a mail. Never raises: what cannot be read is said in the result."""
    from floorday.calendar.reply import read  # here alone: what reads foreign bytes is not in the process that asks

    try:
        _head, parts = mime.split(raw, longest=MAIL_LONGEST)
        # The facts of a mail that is large for its pictures stand in its head.
        incoming = read(raw) if len(raw) <= mime.LONGEST_MAIL else read(_head_of(raw))
        return Words(incoming, newest(_text(parts)), _pictures(parts))
    except TooMuch as cap:
        return Words(Incoming(refused=str(cap)))
    except Exception:  # any surprise in foreign bytes ends as a mail for a person
        return Words(Incoming(refused="unreadable"))


def newest(text: str) -> str:
    """Give what somebody wrote last, without the mails below it and without how they sign."""
    from mailparser_reply import EmailReplyParser

    text = text.replace("\r\n", "\n").strip()
    found = EmailReplyParser(languages=LANGUAGES).parse_reply(text) or ""
    signed = _SIGNED.search(found)
    if signed is not None and found[: signed.start()].strip():
        found = found[: signed.start()]
    return "\n".join(line for line in found.splitlines() if not line.startswith(">")).strip()


def _head_of(raw: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", raw[: mime.LONGEST_HEAD + 4], maxsplit=1)[0] + b"\r\n\r\n"


def _text(parts: list[Part]) -> str:
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.kind == kind:
                words = mime.text(part.decoded()[: 64 * 1024], part.param("charset"))
                if kind == "text/html":
                    words = _LINES.sub("\n", _MARKUP.sub(" ", words))
                    words = html.unescape(re.sub(r"<[^<>]*>", "", words))
                if words := mime.unprintable_out(words).strip():
                    return words
    return ""


def _pictures(parts: list[Part]) -> tuple[bytes, ...]:
    found = [part.decoded() for part in parts if part.kind.startswith("image/") and part.kind != "image/svg+xml"]
    return tuple(one for one in found if len(one) >= SMALLEST_PICTURE)[:MOST_PICTURES]


_mails = Apart("floorday.calendar.words:understood", cpu_seconds=3, memory=384 * 1024 * 1024)


def hear_apart(raw: bytes) -> Words:
    """Read a mail as `heard` does, in a process with limits. Blocks; raise OSError when no process can be started."""
    answer = _mails.ask(raw or b"\n")
    return msgspec.msgpack.decode(answer, type=Words) if answer else Words(Incoming(refused="too-much-work"))


def close() -> None:
    """End the process, if one was started here."""
    _mails.close()
