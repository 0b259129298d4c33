"""What the letters about a month say: facts frozen as they stand, in each reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import to_builtins

from floorday.config import settings
from floorday.mail import outbox
from floorday.mail.inline import inline
from floorday.people import queries as people
from floorday.people.access import Role
from floorday.render import pages, tokens, when
from floorday.render.words import speaking
from floorday.summaries import moves, queries, words
from floorday.summaries.figures import Subject
from floorday.summaries.queries import Frozen, MonthRow, Restated, TopicLine

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


def page_of(subject: Subject, month: str) -> str:
    """Give the page of a month."""
    return f"/summary/{month}" if subject.id is None else f"/summary/{subject.cut}/{subject.id}/{month}"


async def send(sent: Frozen, subject: Subject, reader: Reader, person: UUID, *, now: datetime, again: str = "") -> None:
    """Post a month to one reader; `again` makes it one letter more."""
    hidden = await _hidden(person, sent)
    key = f"summary:{sent.key}:{sent.month}:{person}{again}"
    await outbox.post(
        "summary", to=reader.email, to_name=reader.name, person=person, about=sent.id, about_kind="summary",
        facts=_facts(sent, subject, reader, hidden) | {"links": await _links(sent, subject, person)},
        key=key, now=now, at_once=True, deed="" if again else key,
    )  # fmt: skip


def shown(sent: Frozen, subject: Subject, reader: Reader) -> str:
    """Write a month's letter as HTML, to be looked at; its links lead nowhere from there."""
    facts = _facts(sent, subject, reader, frozenset())
    links = {"page": tokens.link(page_of(subject, sent.month)), UNSUBSCRIBE: tokens.link("/summaries")}
    with speaking(reader.language):
        context: dict[str, Any] = {name: fact for name, fact in facts.items() if name != "language"} | {
            "company": settings().company, "to_name": reader.name, "links": links}
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
        "page": {"path": page_of(subject, sent.month)},
        UNSUBSCRIBE: {"purpose": UNSUBSCRIBE, "about": str(reader), "person": str(person),
                      "path": "/unsubscribe/{token}"},
    }  # fmt: skip


async def _hidden(person: UUID, sent: Frozen) -> frozenset[UUID]:
    """Say which of the issues told of this reader's own lists would not show."""
    actor = await people.actor(person)
    return await queries.hidden(actor, sent.topics) if actor is not None else frozenset(sent.topics())


def _head(sent: Frozen, subject: Subject, reader: Reader) -> dict[str, Any]:
    return {
        "language": reader.language, "cut": subject.cut, "month": words.month_words(sent.month),
        "subject_name": words.subject_words(subject.cut, sent.name),
    }  # fmt: skip


def _facts(sent: Frozen, subject: Subject, reader: Reader, hidden: frozenset[UUID]) -> dict[str, Any]:
    """Freeze everything the letter says."""
    told = sent.words()
    with speaking(reader.language):
        return _head(sent, subject, reader) | {
            "five": to_builtins(words.five(subject.cut, sent.numbers(), told.was)),
            "before": words.month_words(told.before) if told.before else "",
            "fixed": _topics(told.fixed, hidden), "decisions": _topics(told.decisions, hidden),
            "returned": _topics(told.returned, hidden),
            "restated": [words.restated(line) for line in told.restated],
            "comment": sent.comment, "commented_name": sent.commented_name, "zone": when.zone_words(sent.zone),
        }  # fmt: skip


def _topics(lines: Iterable[TopicLine], hidden: frozenset[UUID]) -> list[dict[str, Any]]:
    return [
        {"number": line.number, "title": line.title, "department": line.department, "days": line.days,
         "times": line.times}
        for line in lines if line.id not in hidden
    ]  # fmt: skip
