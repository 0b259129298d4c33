"""The same answer in other bytes stays the same answer."""

from __future__ import annotations

import base64
import email
import quopri
import re
from email import policy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from floorday.calendar.reply import read
from floorday.inbox.rules import Outcome, decide
from tests.inbox import case

STEADY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = [
    name for name, one in case.CASES.items()
    if one["expected"]["action"] in {
        "update-partstat", "counter-proposal", "ignored-stale", "needs-human", "refresh-resend"}
]


def judged(name: str, raw: bytes) -> Outcome:
    return decide(
        read(raw), case.before(name), now=case.NOW, envelope_to=case.VALUES["ORGANIZER"],
        trusted_authserv_id=case.VALUES["AUTHSERV"])


def shuffled_case(data: DataObject, words: str) -> str:
    return "".join(sign.upper() if data.draw(st.booleans()) else sign.lower() for sign in words)


def other_head(data: DataObject, head: bytes) -> bytes:
    """Another order of headers, other capitals, other folds."""
    fields = re.split(rb"\r\n(?![ \t])", head)
    trust = [field for field in fields if field.lower().startswith(b"authentication-results")]
    rest = data.draw(st.permutations([field for field in fields if field not in trust and field]))
    written: list[bytes] = []
    for field in [*trust, *rest]:
        name, _, value = field.partition(b":")
        words = value.strip(b" ").split(b" ")
        glue = data.draw(st.sampled_from([b" ", b"\r\n ", b"\r\n\t"]))
        folded = glue.join(words) if b'"' not in value else b" ".join(words)
        written.append(shuffled_case(data, name.decode()).encode() + b": " + folded)
    return b"\r\n".join(written)


@STEADY
@given(data=st.data())
def test_header_order_capitals_folds_and_line_ends_do_not_matter(data: DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    raw = case.mail(name)
    head, _, body = raw.partition(b"\r\n\r\n")
    mutated = other_head(data, head) + b"\r\n\r\n" + body
    if data.draw(st.booleans()):
        mutated = mutated.replace(b"\r\n", b"\n")
    assert judged(name, mutated) == judged(name, raw)


def folded(data: DataObject, line: bytes) -> bytes:
    pieces: list[bytes] = []
    while line:
        width = data.draw(st.integers(1, 120))
        pieces.append(line[:width])
        line = line[width:]
    return data.draw(st.sampled_from([b"\r\n ", b"\r\n\t", b"\n "])).join(pieces)


ANSWER = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
UID:{UID}
DTSTAMP:{DTSTAMP}
SEQUENCE:{SEQ}
ATTENDEE;PARTSTAT=DECLINED;CN="Über, Mara":mailto:{ATTENDEE}
COMMENT:Grüße – ich kann nicht, leider\\; später\\, vielleicht
END:VEVENT
END:VCALENDAR"""
HEAD = """Authentication-Results: {AUTHSERV}; dmarc=pass
From: "Lindqvist, Mara" <{ATTENDEE}>
To: {ORGANIZER}
Message-ID: <{MSGID}>
Content-Type: text/calendar; method=REPLY; charset={charset}
Content-Transfer-Encoding: {encoding}
"""


@STEADY
@given(data=st.data())
def test_folds_charsets_encodings_and_capitals_of_the_calendar_do_not_matter(data: DataObject) -> None:
    values: dict[str, Any] = case.VALUES
    charset = data.draw(st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]))
    lines: list[bytes] = []
    for line in ANSWER.format(**values).split("\n"):
        name, sign, rest = re.match(r"([A-Z]+)([:;])(.*)", line).groups()       # type: ignore[union-attr]
        lines.append((shuffled_case(data, name) + sign + rest).encode("utf-8" if "utf" in charset else charset))
    if "16" in charset:
        body = b"\r\n".join(lines).decode().encode(charset)
    else:
        body = b"\r\n".join(folded(data, line) for line in lines)
        if charset == "utf-8" and data.draw(st.booleans()):
            body = b"\xef\xbb\xbf" + body
    encoding = data.draw(st.sampled_from(["base64", "quoted-printable", "8bit"]))
    if "16" in charset:
        encoding = "base64"
    body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring, "8bit": bytes}[encoding](body)
    label = data.draw(st.sampled_from([charset, "x-no-such", "rot13", "us-ascii"]))
    raw = HEAD.format(**values, charset=label, encoding=encoding).encode() + b"\n" + body
    outcome = decide(read(raw), case.known(), now=case.NOW, trusted_authserv_id=values["AUTHSERV"])
    assert (outcome.name, outcome.partstat) == ("update-partstat", "DECLINED")
    assert outcome.comment == "Grüße – ich kann nicht, leider; später, vielleicht"


@STEADY
@given(name=st.sampled_from(NAMES), cut=st.floats(0, 1))
def test_a_mail_cut_short_is_never_another_answer(name: str, cut: float) -> None:
    raw = case.mail(name)
    whole, part = judged(name, raw), judged(name, raw[: int(len(raw) * cut)])
    assert part.name != "update-partstat" or (part.partstat, part.sequence) == (whole.partstat, whole.sequence)


@STEADY
@given(name=st.sampled_from(NAMES), data=st.data())
def test_flipped_bytes_never_raise(name: str, data: DataObject) -> None:
    raw = bytearray(case.mail(name))
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    outcome = judged(name, bytes(raw))
    assert outcome.reason
    assert outcome.partstat == outcome.partstat.upper()


def encoded(data: DataObject, content: bytes) -> tuple[str, bytes]:
    """Another transfer encoding of the same content."""
    encoding = data.draw(st.sampled_from(["base64", "quoted-printable"]))
    if encoding == "base64":
        return encoding, base64.encodebytes(content).replace(b"\n", b"\r\n")
    # Quoted line ends, so that those of the content stay what they are.
    pieces = re.findall(rb"(?s).{1,20}", content)
    return encoding, b"=\r\n".join(b"".join(b"=%02X" % octet for octet in piece) for piece in pieces) + b"\r\n"


def refolded(data: DataObject, content: bytes) -> bytes:
    """The same lines folded elsewhere, also inside a character."""
    lines = re.sub(rb"\r?\n[ \t]", b"", content).split(b"\r\n")
    return b"\r\n".join(folded(data, line) for line in lines)


def wrapped(data: DataObject, head: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    """One multipart/mixed more around a part, with other parts before and behind it that say nothing."""
    edge = b"=_" + str(data.draw(st.integers(0, 10**9))).encode()
    silent = [b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=", b"\r\n"]
    parts = [
        *data.draw(st.lists(st.sampled_from(silent), max_size=2)), b"\r\n".join(head) + b"\r\n\r\n" + body,
        *data.draw(st.lists(st.sampled_from(silent), max_size=2)),
    ]  # fmt: skip
    inside = b"".join(b"\r\n--" + edge + b"\r\n" + part for part in parts)
    return [b'Content-Type: multipart/mixed; boundary="' + edge + b'"'], inside + b"\r\n--" + edge + b"--\r\n"


def leaves_written_anew(data: DataObject, raw: bytes) -> bytes:
    mail = email.message_from_bytes(raw, policy=policy.compat32.clone(linesep="\r\n", max_line_length=0))
    for part in mail.walk():
        if part.is_multipart() or part.get_content_type() not in {"text/calendar", "application/ics"}:
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or len(content) > 64_000:
            continue
        if b"\0" not in content:
            content = refolded(data, content)
        encoding, body = encoded(data, content)
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = encoding
        part.set_payload(body.decode("ascii"))
    return mail.as_bytes()


ABOUT_PARTS = re.compile(rb"(?i)content-|mime-version")
SHAPE_MATTERS = {"085-delivery-status-bounce"}
"""A report is one by the type of the whole mail (RFC 3462); inside another it is an attachment."""


@STEADY
@given(name=st.sampled_from(sorted(set(case.CASES) - SHAPE_MATTERS)), data=st.data())
def test_nesting_encoding_and_folding_of_any_case_do_not_matter(name: str, data: DataObject) -> None:
    raw = case.mail(name)
    before = judged(name, raw)
    if len(raw) < 512_000:
        raw = leaves_written_anew(data, raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    about = [field for field in fields if ABOUT_PARTS.match(field)]
    outer = [field for field in fields if not ABOUT_PARTS.match(field)]
    for _layer in range(data.draw(st.integers(0, 4))):
        about, body = wrapped(data, about, body)
    mutated = b"\r\n".join([*outer, b"MIME-Version: 1.0", *about]) + b"\r\n\r\n" + body
    assert judged(name, mutated) == before
