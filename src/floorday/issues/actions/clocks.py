"""What time causes: the worker asks `issues/clocks.py` once a working day, and tells each person in one letter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from msgspec import structs

from floorday import workdays
from floorday.config import settings
from floorday.db import transaction
from floorday.issues import clocks, moves, queries
from floorday.issues.actions import telling
from floorday.issues.actions.steps import record
from floorday.issues.clocks import Deed, Due, Facts, Rung
from floorday.issues.queries import Watched
from floorday.mail import outbox
from floorday.mail.journal import Journal, mark
from floorday.people import queries as people
from floorday.people.queries import Reader
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext, speaking

MOST = 20
"""So many issues stand in one letter; of more it gives the number, and the list."""

STRONGEST = (Deed.DECIDE, Deed.PROMISE_PASSED, Deed.WORD, Deed.TAKE, Deed.PROMISE_SOON)
"""Where several things wait with one issue, the button is that of the first of these."""

Owed = tuple[Watched, Due]


async def mornings(*, now: datetime, journal: Journal | None = None) -> int:
    """Do, once each working day, what time has caused; returns how many letters that made.

    Whatever was done stays done if this is cut short; the rest is found when it is asked again. What somebody was told
    before the database went back to an older copy of itself stands in the `journal`, and is kept as told.
    """
    zone = settings().zone
    local = now.astimezone(ZoneInfo(zone))
    if local.time() < clocks.MORNING or not workdays.is_workday(local.date()):
        return 0
    if not await queries.is_new_morning(local.date()):
        return 0
    if journal is not None:
        await journal.look()
    persons: dict[UUID, list[Owed]] = defaultdict(list)
    floor: list[Owed] = []
    async for batch in queries.watched(now=now, zone=zone):
        for one in batch:
            for found in _due(one.facts, journal, now=now, zone=zone):
                if found.rung is Rung.FLOOR:
                    floor.append((one, found))
                for person in found.persons:
                    persons[person].append((one, found))
    letters = 0
    for person, owed in persons.items():
        letters += await _tell_person(person, owed, journal, now=now)
    for one, found in floor:
        letters += await _tell_floor(one, found, now=now)
    await moves.morning_done(local.date())
    return letters


def _due(facts: Facts, journal: Journal | None, *, now: datetime, zone: str) -> list[Due]:
    """Say what is owed. What the journal knows counts as done on its day, so that the next rung follows."""
    found = fresh = clocks.due(facts, now=now, zone=zone)
    while journal is not None and fresh:
        known = {one.key: min(at.values()) for one in fresh if (at := _told(one, journal))}
        if not known:
            break
        days = {key: at.astimezone(ZoneInfo(zone)).date() for key, at in known.items()}
        facts = structs.replace(facts, done={**facts.done, **days})
        seen = {one.key for one in found}
        fresh = [one for one in clocks.due(facts, now=now, zone=zone) if one.key not in seen]
        found = [*found, *fresh]
    return found


def _told(found: Due, journal: Journal) -> dict[UUID, datetime]:
    return journal.known(mark(_deed(found, person)) for person in found.persons)


async def _tell_person(person: UUID, owed: Sequence[Owed], journal: Journal | None, *, now: datetime) -> int:
    """Tell somebody in one letter what waits for them, except what has changed since it was read."""
    reader = await people.reader(person)
    if reader is None:
        return 0
    owed = sorted(owed, key=lambda pair: (pair[0].facts.last_word_at, pair[0].number))
    left = journal.known(mark(_deed(found, person)) for _one, found in owed) if journal else {}
    async with transaction():
        still = await queries.unchanged([one for one, _due in owed])
        told: list[Owed] = []
        again: dict[datetime, list[Owed]] = defaultdict(list)
        for one, found in owed:
            if one.facts.id not in still:
                continue
            at = left.get(mark(_deed(found, person)))
            told_now = await moves.add_deed(
                found, issue=one.facts.id, person=person, now=at or now, left_before=at is not None)
            if told_now.added:
                (told if at is None else again[at]).append((one, found))
            if told_now.first and found.rung is not Rung.COORDINATOR and found.deed is not Deed.PROMISE_SOON:
                what = "reminded" if found.rung is Rung.OWNER else "escalated"
                await record(one.facts.id, what, actor=None, now=at or now, says=found.rung.value)
        for at, before in again.items():    # their links have to work in this database, too
            await _post(before, reader, now=now, left=at)
        if told:
            await _post(told, reader, now=now)
    return 1 if told else 0


async def _post(told: Sequence[Owed], reader: Reader, *, now: datetime, left: datetime | None = None) -> None:
    deeds = sorted(found.key for _one, found in told)
    key = f"waits_for_you:{uuid5(NAMESPACE_URL, ' '.join(deeds))}:{reader.id}"
    await outbox.post(
        "waits_for_you", to=reader.email, to_name=reader.name, person=reader.id, about=reader.id, about_kind="person",
        facts=_facts(told, reader), key=key, now=now, at_once=True, deed=key, left=left,
        tells=[mark(_deed(found, reader.id)) for _one, found in told],
    )  # fmt: skip


def _deed(found: Due, person: UUID) -> str:
    return f"{found.key}:{person}"


def _facts(told: Sequence[Owed], reader: Reader) -> dict[str, Any]:
    """Freeze what the letter says of each issue, and the one button that each has."""
    links: dict[str, Any] = {"list": {"path": "/issues?mine=1"}}
    items: list[dict[str, str]] = []
    waiting: dict[UUID, list[Owed]] = defaultdict(list)
    for one, found in told:
        waiting[one.facts.id].append((one, found))
    with speaking(reader.language):
        for place, owed in enumerate(list(waiting.values())[:MOST]):
            one, found = min(owed, key=lambda pair: STRONGEST.index(pair[1].deed))
            links[f"act{place}"] = _link(one, found, reader)
            items.append({
                "ref": refs.ref(one.number), "title": one.title, "says": " ".join(say(due, one) for _one, due in owed),
                "act": f"act{place}", "button": _button(found),
            })  # fmt: skip
    return {"language": reader.language, "items": items, "more": max(len(waiting) - MOST, 0), "count": len(waiting),
            "links": links}  # fmt: skip


def _link(one: Watched, found: Due, reader: Reader) -> dict[str, Any]:
    issue = str(one.facts.id)
    if found.deed is Deed.DECIDE and found.rung is Rung.SPONSOR:
        return {"purpose": queries.DECISION, "about": issue, "generation": one.version, "person": str(reader.id),
                "path": "/decision/{token}"}  # fmt: skip
    if found.deed in {Deed.WORD, Deed.PROMISE_PASSED}:
        return {"purpose": f"{queries.WORD}.{reader.id.hex}", "about": issue, "person": str(reader.id),
                "path": "/word/{token}"}  # fmt: skip
    return {"path": f"/issues/{issue}"}


def _button(found: Due) -> str:
    match found.deed:
        case Deed.WORD | Deed.PROMISE_PASSED:
            return _("Give a word")
        case Deed.DECIDE:
            return _("Say yes or no")
        case Deed.TAKE:
            return _("Name who fixes it")
        case _:
            return _("Look at it")


def say(found: Due, one: Watched) -> str:
    """Say in a sentence what waits."""
    days = found.days
    match found.deed:
        case Deed.TAKE:
            return ngettext("Nobody has taken it for %(n)s working day.",
                            "Nobody has taken it for %(n)s working days.", days, n=days)
        case Deed.WORD:
            return ngettext("Those who raised it have heard nothing for %(n)s working day.",
                            "Those who raised it have heard nothing for %(n)s working days.", days, n=days)
        case Deed.PROMISE_SOON if one.promised_for is not None:
            return _("It is promised for %(day)s. If that will not hold, say so before; then it is moved, not broken.",
                     day=when.day(one.promised_for))
        case Deed.PROMISE_PASSED if one.promised_for is not None:
            return _("It was promised for %(day)s, and nobody has said what comes next.",
                     day=when.day(one.promised_for))
        case _:
            return ngettext("A decision has been waited for for %(n)s working day.",
                            "A decision has been waited for for %(n)s working days.", days, n=days)


async def _tell_floor(one: Watched, found: Due, *, now: datetime) -> int:
    """Tell those who raised it, each once: that a date has passed, or (for verdicts) to say whether it is fixed."""
    issue = await queries.issue(None, one.facts.id)
    readers = await queries.reporters(issue.id)
    if found.deed is not Deed.DATE_PASSED:
        heard = await queries.heard_verdicts(issue.id, issue.round) if found.deed is Deed.VERDICT else set[UUID]()
        readers = [reader for reader in readers if reader.id not in heard | {issue.resolved_by}]
    letters = 0
    cause = uuid5(NAMESPACE_URL, found.key)
    # A round of verdicts in an older copy of the database may be about something else that was done.
    said = "" if found.deed is Deed.DATE_PASSED else f":{issue.resolved_at}"
    for reader in readers:
        async with transaction():
            if one.facts.id not in await queries.unchanged([one]):
                return letters
            if (await moves.add_deed(found, issue=issue.id, person=reader.id, now=now)).added:
                await telling.tell_by_clock(
                    issue, clocks.FLOOR_LETTERS[found.deed], cause=cause, reader=reader, now=now,
                    deed=f"{_deed(found, reader.id)}{said}")
                letters += 1
    return letters
