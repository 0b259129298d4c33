"""A long, awkward history made by chance: most of it came to rest long before the months that are asked for."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST = datetime(2023, 1, 1, 9, tzinfo=UTC)
LAST = datetime(2026, 8, 1, tzinfo=UTC)
TEAMS, DEPARTMENTS, PERSONS = 3, 2, 8
LIVES = (
    (), ("acknowledged",), ("promised", "resolved", "fixed"), ("resolved", "fixed"), ("resolved",),
    ("promised", "updated", "resolved", "not", "promised", "resolved", "fixed"), ("cannot",), ("cannot", "fixed"),
    ("cannot", "not"), ("declined",), ("declined", "fixed"), ("declined", "reopened", "resolved", "fixed"),
    ("resolved", "declined"), ("declined", "resolved"), ("fixed",), ("fixed", "resolved"), ("resolved", "cannot"),
    ("resolved", "fixed", "returned"), ("resolved", "fixed", "returned", "resolved", "fixed"), ("returned",),
    ("resolved", "cannot", "fixed"), ("cannot", "resolved", "fixed", "fixed"), ("asked", "decided", "resolved"),
    ("promised", "resolved", "fixed"), ("promised", "cannot"),
    ("resolved", "partly"), ("reopened", "resolved"), ("promised", "promised"), ("resolved", "updated", "fixed"),
)  # fmt: skip


def lines(seed: int, *, issues: int) -> list[bytes]:
    """Make the file; the same seed gives the same."""
    return [json.dumps(line).encode() for line in _records(random.Random(seed), issues)]


def _records(luck: random.Random, issues: int) -> Iterator[dict[str, Any]]:
    yield {"format": "floorday-history/1", "zone": "Europe/Berlin"}
    for n in range(TEAMS):
        yield {"type": "team", "id": f"t{n}", "name": f"Team {n}", "site": "Here", "zone": "Europe/Berlin"}
    for n in range(DEPARTMENTS):
        charter = {"charter": {"acknowledge_days": 2, "word_days": 5, "fix_days": 30}} if n else {}
        yield {"type": "department", "id": f"d{n}", "name": f"Department {n}", **charter}
    for n in range(PERSONS):
        yield {"type": "person", "id": f"p{n}", "name": f"Person {n}", "email": f"p{n}@floor.example",
               "zone": "Europe/Berlin", "roles": ["manager"]}  # fmt: skip
    for n in range(issues // 4):
        yield _day(n, luck)
    joined = {n: luck.randrange(n + 1, issues) for n in range(issues - 1) if luck.random() < 0.1}
    for n in range(issues):
        yield _issue(n, luck, into=joined.get(n))
    for n in range(issues // 8):
        at = _moment(luck)
        yield {"type": "story", "id": f"s{n}", "at": at.isoformat(), "team": f"t{luck.randrange(TEAMS)}", "hero": "Mo",
               "text": "Stayed until it was solved.", "day": f"y{luck.randrange(issues // 4)}",
               "thanked_at": (at + timedelta(hours=luck.choice((1, 72, 73)))).isoformat()}  # fmt: skip


def _moment(luck: random.Random) -> datetime:
    """Choose a moment: some on the very edge of a month, some with parts of a second."""
    at = FIRST + timedelta(seconds=luck.randrange(int((LAST - FIRST).total_seconds())))
    edge = datetime(at.year, at.month, 1, tzinfo=UTC) - timedelta(hours=luck.choice((1, 2)))
    return luck.choice((at, at, at + timedelta(microseconds=luck.randrange(1_000_000)), max(edge, FIRST)))


def _later(at: datetime, luck: random.Random) -> datetime:
    """Go on by nothing, hours, days or months."""
    return at + timedelta(hours=luck.choice((0, 0, 5, 30, 200, 336, 337, 900, 4000, 15000)) * luck.random())


def _day(n: int, luck: random.Random) -> dict[str, Any]:
    first = start = _moment(luck)
    asked = start - timedelta(days=20)
    events: list[dict[str, Any]] = [{"at": asked.isoformat(), "what": "invited"}]
    for what in luck.choice((("accepted", "held"), ("accepted", "moved", "accepted", "held"), ("declined",),
                             ("accepted", "cancelled"), ("accepted", "postponed"), ("accepted", "moved"))):  # fmt: skip
        asked += timedelta(hours=luck.randrange(50))
        if what == "moved":
            start += timedelta(days=luck.choice((1, 30, 60)))
            end = start + timedelta(hours=6)
            events.append({"at": asked.isoformat(), "what": "postponed", "start": start.isoformat(),
                           "end": end.isoformat()})  # fmt: skip
            events.append({"at": asked.isoformat(), "what": "invited"})
        else:
            at = start + timedelta(hours=6) if what == "held" else asked
            events.append({"at": at.isoformat(), "what": what})
    return {"type": "day", "id": f"y{n}", "manager": f"p{luck.randrange(PERSONS)}", "team": f"t{luck.randrange(TEAMS)}",
            "start": first.isoformat(), "end": (first + timedelta(hours=6)).isoformat(), "events": events}  # fmt: skip


def _issue(n: int, luck: random.Random, *, into: int | None) -> dict[str, Any]:
    raised = at = _moment(luck)
    reporters = luck.sample(range(PERSONS), luck.randrange(1, 4))
    notes = [{"at": raised.isoformat(), "reporter": f"p{reporters[0]}", "stream": "staff told", "text": "It waits."}]
    notes += [{"at": _later(raised, luck).isoformat(), "reporter": luck.choice((f"p{who}", None)),
               "stream": "customer said", "text": "It waits."} for who in reporters[1:]]  # fmt: skip
    events: list[dict[str, Any]] = []
    for word in luck.choice(LIVES) + luck.choice(((), (), luck.choice(LIVES))):
        at = _later(at, luck)
        events.append({"at": at.isoformat(), **_event(word, at, f"p{reporters[0]}", luck)})
    if into is not None:
        events.append({"at": _later(at, luck).isoformat(), "what": "joined", "into": f"i{into}"})
    numbers = {"minutes_per_case": 6, "cases_per_month": 100} if luck.random() < 0.5 else {}
    return {
        "type": "issue", "id": f"i{n}", "title": f"Issue {n}", "kind": "glitch", "team": f"t{luck.randrange(TEAMS)}",
        "notes": notes, "events": events, **numbers,
        **({"department": f"d{luck.randrange(DEPARTMENTS)}"} if luck.random() < 0.7 else {}),
        **({"sponsor": f"p{luck.randrange(PERSONS)}"} if luck.random() < 0.4 else {}),
    }  # fmt: skip


def _event(word: str, at: datetime, reporter: str, luck: random.Random) -> dict[str, Any]:
    match word:
        case "resolved" | "cannot":
            return {"what": "resolved", "as": luck.choice(("here", "everybody", "workaround")) if word == "resolved"
                    else "cannot", "text": "Done."}  # fmt: skip
        case "fixed" | "partly" | "not":
            return {"what": "verdict", "reporter": reporter, "says": word}
        case "promised":
            return {"what": word, "for": f"{at + timedelta(days=luck.choice((2, 20, 90, 400, 700))):%Y-%m-%d}"}
        case "returned":
            return {"what": word, "reporter": reporter, "team": f"t{luck.randrange(TEAMS)}"}
        case "updated":
            return {"what": word, "text": "We look."}
        case "decided":
            return {"what": word, "yes": True}
        case "declined" | "reopened":
            return {"what": word, "because": "So."}
        case _:
            return {"what": word}
