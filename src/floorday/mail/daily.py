"""One letter a day: what was gathered for somebody leaves together, at four in the afternoon of a working day.

A letter that is to be gathered is a row like any other, which waits (`daily`). When its time has come the rows of one
reader become one letter, and say so (`bundle`). One alone leaves as itself. What one act causes for many issues waits
in the same way, for no longer than its Undo, so that nobody gets a letter for each.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from floorday import workdays
from floorday.config import settings
from floorday.db import run_sql, transaction
from floorday.mail import letters, outbox, wishes
from floorday.mail.journal import Journal
from floorday.mail.tables import Letter

HOUR = time(16)
MOST = 40
"""So many pieces of news stand in one letter; of more it gives the number."""

DATES = frozenset({"issue_promised", "issue_delayed"})
"""Of these alone one letter is made that says the reason once."""

DUE = """
SELECT DISTINCT to_address FROM letter
 WHERE daily AND next_try_at <= {} AND sent_at IS NULL AND failed_at IS NULL AND taken_back_at IS NULL
"""


def leaves_at(now: datetime, zone: str, *, earliest: timedelta) -> datetime:
    """Give the next moment at which gathered letters leave in a reader's zone, no sooner than `earliest` from now."""
    place = ZoneInfo(zone)
    day = (now + earliest).astimezone(place).date()
    while True:
        moment = datetime.combine(day, HOUR, place).astimezone(UTC)
        if workdays.is_workday(day) and moment >= now + earliest:
            return moment
        day = workdays.after(day, 1)


async def gather(*, now: datetime, journal: Journal | None = None) -> int:
    """Make one letter for each reader of what has waited until now; returns how many readers had news.

    What the `journal` knows to have left in such a letter is not told again.
    """
    waiting = await run_sql(DUE, now)
    if waiting and journal is not None:
        await journal.look()
    for row in waiting:
        async with transaction():
            await _bundled(row["to_address"], journal, now=now)
    return len(waiting)


async def _bundled(address: str, journal: Journal | None, *, now: datetime) -> None:
    """Take the rows of one reader, which only one worker can, and let them leave together."""
    rows = await Letter.update({Letter.daily: False, Letter.sent_at: now}).where(
        Letter.to_address == address, Letter.daily.eq(True), Letter.next_try_at <= now, Letter.sent_at.is_null(),
        Letter.failed_at.is_null(), Letter.taken_back_at.is_null(),
    ).returning(*Letter.all_columns())  # fmt: skip
    left = journal.known(row["id"] for row in rows) if journal else {}
    for letter, at in left.items():
        await Letter.update({Letter.sent_at: at, Letter.left_before: now}).where(Letter.id == letter)
    fresh = (Letter(**row) for row in rows if row["id"] not in left)
    news = sorted(fresh, key=lambda one: (one.created_at, one.id))
    if len(news) == 1:
        await Letter.update({Letter.sent_at: None, Letter.next_try_at: now, Letter.leaves_at: now}).where(
            Letter.id == news[0].id)
    elif news:
        bundle = await _post(news, now=now)
        await Letter.update({Letter.bundle: bundle}).where(Letter.id.is_in([one.id for one in news]))
        outbox.wake()


async def _post(news: Sequence[Letter], *, now: datetime) -> UUID:
    last = news[-1]
    person: UUID = last.person or last.about
    facts: list[dict[str, Any]] = [msgspec.json.decode(one.facts) for one in news]
    links: dict[str, Any] = {
        f"news{place}": letters.links_of(said).get("page", letters.Link(path="/"))
        for place, said in enumerate(facts[:MOST])
    }
    items = [
        {"subject": letters.subject(one), "text": str(said.get("text", "")), "page": f"news{place}",
         **{name: said.get(name, "") for name in ("number", "title", "was", "promised")}}
        for place, (one, said) in enumerate(zip(news[:MOST], facts, strict=False))
    ]
    dates = all(one.name in DATES for one in news)
    links["unsubscribe"] = wishes_link(person, wishes.Kind.PROMISES if dates else wishes.Kind.NEWS)
    reasons = {str(said.get("text", "")) for said in facts}
    name = "dates_changed" if dates else "daily_news"
    return await outbox.post(
        name, to=last.to_address, to_name=last.to_name, person=person, about=person, about_kind="person",
        facts={"language": facts[-1].get("language", ""), "items": items, "count": len(news),
               "more": max(len(news) - MOST, 0), "zone": settings().zone, "links": links,
               "because": reasons.pop() if len(reasons) == 1 else ""},
        key=f"{name}:{last.id}", now=now, at_once=True, deed=f"{name}:{last.id}", tells=[one.id for one in news],
    )  # fmt: skip


def wishes_link(person: UUID, kind: wishes.Kind) -> dict[str, Any]:
    """Give the link by which a reader says how often letters of this kind come; a POST there stops them."""
    return {"purpose": wishes.WISHES, "about": str(person), "person": str(person),
            "path": f"/wishes/{{token}}?kind={kind}"}  # fmt: skip
