"""Frozen facts become the bytes of a letter (OUTBOUND rules of iMIP: RFC 6047, RFC 3834, RFC 2047).

The same row always gives the same bytes. Facts are plain JSON and become the names a template uses.
`facts["links"]` names what a reader may open:

    {"answer": {"purpose": "answer", "about": "<uuid>", "generation": 0, "path": "/answer/{token}"},
     "page": {"path": "/bookings/<uuid>"}}

In a template `links.answer` is the whole address. The token is made here, so a stored letter that has not left
holds none in clear. The same goes for addresses: `day+{reply}@floorday.example` as sender, reply address
or organizer takes the token of the link named `reply`. `facts["language"]`, when given, is the letter's language.
"""

# Piccolo types nullable columns as never null.
# pyright: reportUnnecessaryComparison=false

from __future__ import annotations

import contextlib
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from jinja2 import UndefinedError

from floorday import documents
from floorday.config import settings
from floorday.errors import Busy
from floorday.mail.inline import inline
from floorday.mail.tables import Letter
from floorday.render import pages, tokens
from floorday.render.words import speaking

CalendarPart: TypeAlias = Callable[[dict[str, Any]], bytes]

CRLF = policy.compat32.clone(linesep="\r\n", max_line_length=200)     # a folded link or type helps nobody
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
PLAIN_NAME = re.compile(r"[A-Za-z0-9 ]+")
METHOD = re.compile(rb"^METHOD:([A-Z]+)\r$", re.MULTILINE)
SLOT = re.compile(r"\{([a-z_]+)\}")


class Link(msgspec.Struct):
    """What a reader may open: a path of ours, and the token that stands in it."""

    path: str = ""
    purpose: str = ""
    about: UUID | None = None
    generation: int = 0
    person: UUID | None = None
    expires_at: datetime | None = None

    def token(self) -> str:
        """Make the token, always the same for the same purpose, thing and generation."""
        if not self.purpose or self.about is None:
            return ""
        return tokens.make(self.purpose, self.about, generation=self.generation)

    def address(self) -> str:
        """Give the whole address, with the token where the path says so, else at its end."""
        token = self.token()
        if not token:
            return tokens.link(self.path)
        path = self.path if "{token}" in self.path else self.path.rstrip("/") + "/{token}"
        return tokens.link(path.replace("{token}", token))


def links_of(facts: dict[str, Any]) -> dict[str, Link]:
    """Read the links of a letter's facts."""
    return msgspec.convert(facts.get("links", {}), dict[str, Link])


class Code(msgspec.Struct):
    """Six digits in a letter, made when it is written, so that the outbox never holds them."""

    purpose: str
    about: UUID


def codes_of(facts: dict[str, Any]) -> dict[str, Code]:
    """Read the codes of a letter's facts."""
    return msgspec.convert(facts.get("codes", {}), dict[str, Code])


class Enclosed(msgspec.Struct):
    """What goes with a letter: a picture in its text, or, with a file's name, a document beside it."""

    job: documents.Job
    name: str = ""


ENCLOSED = "enclosed"
"""Under this name the facts say what goes with a letter; it is made when the letter is written."""


def enclosed_of(facts: dict[str, Any]) -> dict[str, Enclosed]:
    """Read what goes with a letter."""
    return msgspec.convert(facts.get(ENCLOSED, {}), dict[str, Enclosed])


def message_id(letter: UUID) -> str:
    """Give the Message-ID a letter has from its first to its last try."""
    return f"<letter.{letter.hex}@{settings().mail_domain}>"


def letter_of(words: str) -> UUID | None:
    """Tell which of our letters a Message-ID names."""
    found = re.fullmatch(r"<?letter\.([0-9a-f]{32})@(.+?)>?", words.strip(), re.IGNORECASE)
    if found is None or found[2].lower() != settings().mail_domain.lower():
        return None
    return UUID(found[1])


def sender_address(row: Letter) -> str:
    """Give the address a letter comes from, which is also where a bounce goes."""
    return _filled(row.from_address or settings().mail_from, links_of(msgspec.json.decode(row.facts)))


def subject(row: Letter) -> str:
    """Write a letter's subject once more, to be shown: without codes and tokens, and "" once its facts are wiped."""
    facts: dict[str, Any] = msgspec.json.decode(row.facts)
    if not facts:
        return ""
    with contextlib.suppress(UndefinedError):  # a letter of an older floorday, whose template has changed
        return _words(row, facts, {name: Link() for name in links_of(facts)}, shown=True)[0]
    return ""


def drafted(name: str, *, to_name: str, facts: dict[str, Any]) -> tuple[str, str]:
    """Write the subject and the text of a letter that nobody has posted, just as it would leave; links are hidden."""
    row = Letter(name=name, to_name=to_name)
    page = msgspec.json.decode(msgspec.json.encode({"links": {}, **facts}, enc_hook=str))
    shown = {"page": Link(path=f"/{name.partition('_')[0]}/{tokens.HIDDEN}"), "reply": Link()}
    subject, text, _html = _words(row, page, shown)
    return subject, text


def render(row: Letter, calendar_part: CalendarPart) -> bytes:
    """Write a letter: text and HTML, and for an event the calendar part twice (alternative last, and attached)."""
    facts: dict[str, Any] = msgspec.json.decode(row.facts)
    links = links_of(facts)
    sender = _filled(row.from_address or settings().mail_from, links)
    subject, text, html = _words(row, facts, links)
    body: Message = MIMEMultipart("alternative", boundary=_boundary(row, "a"), policy=CRLF)
    body.attach(_text(text, "plain"))
    body.attach(_with_pictures(_text(html, "html"), row, facts))
    if row.event is None:
        return _with_head(_with_papers(body, row, facts), row, subject, sender, links).as_bytes(policy=CRLF)
    event: dict[str, Any] = msgspec.json.decode(row.event)
    event["organizer"] = sender     # the address that answers come back to is the one the letter comes from
    calendar = calendar_part(event)
    body.attach(_calendar(calendar))
    whole: Message = MIMEMultipart("mixed", boundary=_boundary(row, "m"), policy=CRLF)
    whole.attach(body)
    whole.attach(_attached(calendar))
    return _with_head(whole, row, subject, sender, links).as_bytes(policy=CRLF)


def _words(
    row: Letter, facts: dict[str, Any], links: dict[str, Link], *, shown: bool = False
) -> tuple[str, str, str]:
    """Fill the three templates of a letter: its subject, its text, its HTML with all styles inlined.

    With `shown` only the subject is written, and codes are hidden.
    """
    context: dict[str, Any] = {
        "company": settings().company, "to_name": row.to_name, "base_url": settings().base_url,
        **{name: fact for name, fact in facts.items() if name != "language"},   # templates ask language() for it
        **{name: tokens.HIDDEN if shown else tokens.digits(code.purpose, code.about)
           for name, code in codes_of(facts).items()},
        "facts": facts, "links": {name: link.address() for name, link in links.items()},
        ENCLOSED: {name: f"cid:{_content_id(row, name)}" for name in enclosed_of(facts)},
    }
    folder = f"letters/{row.name}"
    with speaking(facts.get("language", "")):
        context["subject"] = subject = one_line(pages.letter(f"{folder}/subject.txt", **context))
        if shown:
            return subject, "", ""
        text = pages.letter(f"{folder}/body.txt", **context)
        html = pages.letter(f"{folder}/body.html", **context)
    return subject, text.strip() + "\n", inline(html)


def _with_head(message: Message, row: Letter, subject: str, sender: str, links: dict[str, Link]) -> Message:
    if row.rendered_at is None:
        raise ValueError("A letter's date must be set before it is written.")
    head = {
        "From": mailbox(settings().company, sender),
        "To": mailbox(row.to_name, row.to_address),
        "Subject": unstructured(subject),
        "Date": format_datetime(row.rendered_at),
        "Message-ID": message_id(row.id),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if row.event is None and row.reply_to:
        head["Reply-To"] = one_line(_filled(row.reply_to, links))
    if row.thread is not None and row.thread != row.id:
        head["In-Reply-To"] = head["References"] = message_id(row.thread)
    if row.event is None and "unsubscribe" in links:
        head["List-Unsubscribe"] = f"<{links['unsubscribe'].address()}>"
        head["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: a POST there, without a question
    for name, value in head.items():
        message[name] = value
    return message


def one_line(words: str) -> str:
    """Make one line of what was typed: no CR, LF, NUL or other control character reaches a header."""
    return " ".join(CONTROL.sub(" ", words).split())


def unstructured(words: str) -> str:
    """Write a subject: plain where it is ASCII, else in encoded words of at most 75 characters."""
    words = one_line(words)
    return words if words.isascii() and "=?" not in words else Header(words, "utf-8", maxlinelen=75).encode()


def mailbox(name: str, address: str) -> str:
    """Write `name <address>`: anything but letters, digits and spaces in a name becomes encoded words."""
    name, address = one_line(name), one_line(address)
    if address.count("@") != 1 or re.search(r'[\s<>,;:"()\[\]\\]', address):
        raise ValueError("This is not one mail address.")
    if not name:
        return address
    safe = name if PLAIN_NAME.fullmatch(name) else Header(name, "utf-8", maxlinelen=75).encode()
    return f"{safe} <{address}>"


def _filled(address: str, links: dict[str, Link]) -> str:
    return SLOT.sub(lambda found: links[found[1]].token(), address)


def _boundary(row: Letter, part: str) -> str:
    return f"=_{part}_{row.id.hex}"     # "=_" stands in neither base64 nor quoted-printable


def _text(words: str, kind: str) -> Message:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return MIMEText("\n".join(words.splitlines()) + "\n", kind, charset, policy=CRLF)  # pyright: ignore[reportArgumentType] - takes a Charset too


def _content_id(row: Letter, name: str) -> str:
    return f"{name}.{row.id.hex}@{settings().mail_domain}"


def _with_pictures(html: Message, row: Letter, facts: dict[str, Any]) -> Message:
    """Put the pictures that the HTML shows beside it (RFC 2387)."""
    pictures = {name: one for name, one in enclosed_of(facts).items() if not one.name}
    if not pictures:
        return html
    whole: Message = MIMEMultipart("related", boundary=_boundary(row, "r"), type="text/html", policy=CRLF)
    whole.attach(html)
    for name, one in pictures.items():
        part = _encoded(documents.made_here(one.job), "image/png")
        part["Content-ID"] = f"<{_content_id(row, name)}>"
        part["Content-Disposition"] = f'inline; filename="{name}.png"'
        whole.attach(part)
    return whole


def _with_papers(body: Message, row: Letter, facts: dict[str, Any]) -> Message:
    papers = [one for one in enclosed_of(facts).values() if one.name]
    if not papers:
        return body
    whole: Message = MIMEMultipart("mixed", boundary=_boundary(row, "m"), policy=CRLF)
    whole.attach(body)
    for one in papers:
        try:
            content = documents.made_here(one.job)
        except Busy:  # the letter says where it is to be had, and nobody shall wait for it
            continue
        part = _encoded(content, "application/pdf")
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", one_line(one.name)))
        whole.attach(part)
    return whole


def _calendar(calendar: bytes) -> Message:
    """Write the part that calendars act on; its method is the one in its body (RFC 6047 2.4)."""
    method = METHOD.search(calendar)
    if method is None:
        raise ValueError("The calendar part has no METHOD.")
    return _encoded(calendar, f"text/calendar; charset=UTF-8; method={method[1].decode()}; component=VEVENT")


def _attached(calendar: bytes) -> Message:
    part = _encoded(calendar, 'application/ics; name="invite.ics"')
    part["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return part


def _encoded(content: bytes, content_type: str) -> Message:
    part = Message(policy=CRLF)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = "base64"
    encoded = b64encode(content).decode()
    part.set_payload("\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76)) + "\n")
    return part
