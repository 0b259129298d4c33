"""What the letters about a month say: facts frozen as they stand, in each reader's language."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import to_builtins
from msgspec.structs import replace

from floorday import documents
from floorday.config import settings
from floorday.mail import letters, outbox
from floorday.mail.inline import inline
from floorday.people import queries as people
from floorday.people.access import Actor, Role, What
from floorday.render import pages, tokens, when
from floorday.render.chart import Chart, rows
from floorday.render.words import gettext as _
from floorday.render.words import speaking
from floorday.summaries import account, moves, paper, queries, words
from floorday.summaries.account import Section, Seen
from floorday.summaries.actions import freezing
from floorday.summaries.figures import Subject
from floorday.summaries.queries import Frozen, MonthRow, Restated

UNSUBSCRIBE = "unsubscribe"
"""The purpose of the token with which a reader stops a kind of summary."""


class Reader(Protocol):
    """Who gets a letter."""

    @property
    def name(self) -> str:
        """Give their name."""
        ...

    @property
    def email(self) -> str:
        """Give their address."""
        ...

    @property
    def language(self) -> str:
        """Give their language."""
        ...


async def paper_of(actor: Actor, subject: Subject, name: str, month: str, *, now: datetime) -> bytes | None:
    """Give a month as a PDF: as it was sent, else as it stands and marked so; None where it has not begun.

    Raises ValueError when it is no month.
    """
    if (sent := await queries.frozen(subject, month)) is not None:
        corrections = await queries.corrections(sent.id) if sent.corrections else []
        return await paper.pdf(subject.cut, sent, await seen_by(actor, sent), corrections=corrections)
    made = await freezing.preliminary(subject, name, month, now=now)
    if made is None:
        return None
    said = _("Preliminary: counted on %(day)s, and not sent.", day=when.moment(now, made.zone))
    return await paper.pdf(subject.cut, made, await seen_by(actor, made), preliminary=said)


def page_of(subject: Subject, month: str) -> str:
    """Give the page of a month."""
    return f"/summary/{month}" if subject.id is None else f"/summary/{subject.cut}/{subject.id}/{month}"


async def send(sent: Frozen, subject: Subject, reader: Reader, person: UUID, *, now: datetime, again: str = "") -> None:
    """Post a month to one reader; `again` makes it one letter more."""
    actor = await people.actor(person)
    seen = await seen_by(actor, sent) if actor is not None else Seen(hidden=frozenset(sent.topics()))
    key = f"summary:{sent.key}:{sent.month}:{person}{again}"
    await outbox.post(
        "summary", to=reader.email, to_name=reader.name, person=person, about=sent.id, about_kind="summary",
        facts=_facts(sent, subject, reader, seen) | {"links": await _links(sent, subject, person)},
        key=key, now=now, at_once=True, deed="" if again else key,
    )  # fmt: skip


async def shown(sent: Frozen, subject: Subject, actor: Actor) -> str:
    """Write a month's letter as HTML, to be looked at; its links lead nowhere from there."""
    facts = _facts(sent, subject, actor, await seen_by(actor, sent))
    links = {"page": tokens.link(page_of(subject, sent.month)), UNSUBSCRIBE: tokens.link("/summaries"),
             "paper": tokens.link(f"{page_of(subject, sent.month)}?as=pdf")}  # fmt: skip
    pictures = {
        name: f"data:image/png;base64,{b64encode(await documents.made(one.job)).decode()}"
        for name, one in letters.enclosed_of(facts).items() if not one.name
    }  # fmt: skip
    with speaking(actor.language):
        context: dict[str, Any] = {name: fact for name, fact in facts.items() if name != "language"} | {
            "company": settings().company, "to_name": actor.name, "links": links, "enclosed": pictures}
        subject_line = pages.letter("letters/summary/subject.txt", **context).strip()
        return inline(pages.letter("letters/summary/body.html", subject=subject_line, **context))


async def correct(
    sent: Frozen, subject: Subject, reader: Reader, person: UUID, *, because: str, by: str, lines: Sequence[Restated],
    correction: UUID, now: datetime,
) -> None:  # fmt: skip
    """Tell somebody who was sent a month what is otherwise now."""
    with speaking(reader.language):
        facts = _head(sent, subject, reader) | {
            "because": because, "by": by, "sent": when.day(sent.frozen_at, sent.zone),
            "restated": [words.restated(line) for line in lines],
        }  # fmt: skip
    await outbox.post(
        "summary_correction", to=reader.email, to_name=reader.name, person=person, about=sent.id,
        about_kind="summary", facts=facts | {"links": await _links(sent, subject, person)},
        key=f"summary_correction:{correction}:{person}", now=now,
    )  # fmt: skip


async def show_before(month: MonthRow, *, sends_at: datetime, zone: str, now: datetime) -> None:
    """Tell the coordinators and the head of service that a month can be looked at before it leaves."""
    heads = {card.id for card in await people.with_role(Role.HEAD_OF_SERVICE)}
    for card in await people.with_role(Role.COORDINATOR, Role.HEAD_OF_SERVICE):
        with speaking(card.language):
            facts: dict[str, Any] = {
                "language": card.language, "month": words.month_words(month.month),
                "sends": when.moment(sends_at, zone), "head": card.id in heads,
                "links": {"page": {"path": f"/summaries/{month.month}"}},
            }  # fmt: skip
        key = f"summary_preview:{month.month}:{card.id}"
        await outbox.post(
            "summary_preview", to=card.email, to_name=card.name, person=card.id, about=month.id,
            about_kind="summary_month", facts=facts, key=key, now=now, at_once=True, deed=key,
        )  # fmt: skip


async def _links(sent: Frozen, subject: Subject, person: UUID) -> dict[str, Any]:
    reader = await moves.reads(person, subject.cut)
    return {
        "page": {"path": page_of(subject, sent.month)}, "paper": {"path": f"{page_of(subject, sent.month)}?as=pdf"},
        UNSUBSCRIBE: {"purpose": UNSUBSCRIBE, "about": str(reader), "person": str(person),
                      "path": "/unsubscribe/{token}"},
    }  # fmt: skip


async def seen_by(actor: Actor, sent: Frozen) -> Seen:
    """Say what of a month a reader may be told: as their own lists would, and as words may be told now."""
    told = sent.words()

    def whole() -> list[UUID]:
        return [*(red.line.id for red in told.reds), *(line.id for line in told.quick)]

    return Seen(
        hidden=await queries.hidden(actor, sent.topics), veiled=await queries.hidden(actor, whole, What.ISSUES),
        quoted=tuple((await queries.quoted(sent)).items()))  # fmt: skip


def _head(sent: Frozen, subject: Subject, reader: Reader) -> dict[str, Any]:
    return {
        "language": reader.language, "cut": subject.cut, "month": words.month_words(sent.month),
        "subject_name": words.subject_words(subject.cut, sent.name),
    }  # fmt: skip


def _facts(sent: Frozen, subject: Subject, reader: Reader, seen: Seen) -> dict[str, Any]:
    """Freeze everything the letter says, and what goes with it: the chart, and the company's whole document."""
    with speaking(reader.language):
        made = account.account(subject.cut, sent, seen)
        enclosed: dict[str, Any] = {}
        if made.chart is not None:
            enclosed["chart"] = paper.picture(made.chart)
        if subject.id is None:
            enclosed["paper"] = paper.enclosed(subject.cut, sent, seen)
        return _head(sent, subject, reader) | {
            "lead": made.lead, "five": to_builtins(made.five), "before": made.before, "chart": _numbers(made.chart),
            "sections": [to_builtins(_shorter(one)) | {"more": _left_out(one)} for one in made.sections],
            "comment": sent.comment, "commented_name": sent.commented_name, "zone": when.zone_words(sent.zone),
            letters.ENCLOSED: enclosed,
        }  # fmt: skip


MOST = 6
"""So many lines of a section a letter has; the page has all."""

MOST_NAMES = 12
"""So many names a letter's table of who came has; where there are more, it says who came in the month itself."""


def _shorter(one: Section) -> Section:
    grid = one.grid if one.grid and len(one.grid.rows) <= MOST_NAMES else None
    return replace(one, items=one.items[:MOST], grid=grid, about=one.about if grid or not one.grid else "")


def _left_out(one: Section) -> int:
    return 0 if _shorter(one).grid else max(0, len(one.items) - MOST)


def _numbers(drawn: Chart | None) -> dict[str, Any] | None:
    if drawn is None:
        return None
    last = drawn.last(paper.MONTHS_IN_A_LETTER)
    return {"title": drawn.title, "told": drawn.told, "corner": drawn.corner,
            "series": [one.label for one in drawn.series], "rows": rows(last)}  # fmt: skip
