"""The company that is measured, as a history file: `python -m tests.bench.company 10000 > history.jsonl`.

The same number of issues gives the same file. Forty teams, twenty departments, 1,000 persons; a day for every 20
issues, a story for every 50; one issue in 50 is part of the one before it, one in 20 is still open.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

TEAMS, DEPARTMENTS, PERSONS = 40, 20, 1000
JOINED = 50
"""One issue of so many is part of the one before it."""

FIRST = datetime(2023, 1, 2, 8, tzinfo=UTC)
LAST = datetime(2026, 6, 30, 17, tzinfo=UTC)
MONTH = "2026-05"
"""A month in the middle of things, for the company's summary."""

SENT = "2026-03"
"""Another, which is frozen before it is looked at."""

THINGS = ("refund form", "address", "invoice", "password", "ticket", "parcel", "printer", "headset", "discount",
          "contract", "callback", "order")  # fmt: skip
TROUBLES = ("asks for the same number twice", "loses what was typed", "needs a second login", "is a day late",
            "shows the wrong customer", "cannot be undone", "waits for a batch at night", "has no search")  # fmt: skip


def lines(issues: int) -> Iterator[dict[str, Any]]:
    """Make the records one by one."""
    luck = random.Random(issues)
    yield {"format": "floorday-history/1", "zone": "Europe/London"}
    for n in range(TEAMS):
        yield {"type": "team", "id": f"t{n}", "name": f"Team {n}", "site": f"Site {n % 7}", "zone": "Europe/London",
               "picture": ["A refund takes one call", "Nobody asks twice"]}  # fmt: skip
    for n in range(DEPARTMENTS):
        yield {"type": "department", "id": f"d{n}", "name": f"Department {n}",
               "charter": {"acknowledge_days": 2, "word_days": 10, "fix_days": 30}}  # fmt: skip
    for n in range(PERSONS):
        yield person(n)
    for n in range(issues // 20):
        yield day(n, luck)
    for n in range(issues):
        yield issue(n, luck, days=issues // 20)
    for n in range(issues // 50):
        yield {"type": "story", "id": f"s{n}", "at": moment(luck).isoformat(), "team": f"t{n % TEAMS}",
               "hero": f"p{n % PERSONS}", "text": "Stayed on the line until it was solved."}  # fmt: skip


def person(n: int) -> dict[str, Any]:
    """Make one in five a manager and one in five an owner; the others belong to a team."""
    role = ("manager", "owner", "member", "member", "member")[n % 5]
    scope = {"owner": {"department": f"d{n // 5 % DEPARTMENTS}"}, "member": {"team": f"t{n % TEAMS}"}}.get(role, {})
    return {"type": "person", "id": f"p{n}", "name": f"Person {n}", "email": f"p{n}@floor.example",
            "zone": "Europe/London", "roles": [role], **scope}  # fmt: skip


def moment(luck: random.Random) -> datetime:
    """Choose a moment of the history."""
    return FIRST + timedelta(seconds=luck.randrange(int((LAST - FIRST).total_seconds())))


def day(n: int, luck: random.Random) -> dict[str, Any]:
    """Make a day: most were held, some declined, moved away or missed."""
    start = FIRST + timedelta(days=n % 1270, hours=n % 6)
    end, asked = start + timedelta(hours=6), start - timedelta(days=luck.randrange(5, 30))
    told = luck.choices(("held", "declined", "cancelled", "missed"), (85, 8, 5, 2))[0]
    events = [{"at": asked.isoformat(), "what": "invited"}]
    if told != "declined":
        events.append({"at": (asked + timedelta(days=1)).isoformat(), "what": "accepted"})
    late = end if told in {"held", "missed"} else asked + timedelta(days=2)
    return {"type": "day", "id": f"y{n}", "manager": f"p{n % 200 * 5}", "team": f"t{n % TEAMS}",
            "start": start.isoformat(), "end": end.isoformat(),
            "events": [*events, {"at": late.isoformat(), "what": told}]}  # fmt: skip


def issue(n: int, luck: random.Random, *, days: int) -> dict[str, Any]:
    """Make an issue: one to four notes, an owner, a promise, a resolution and a verdict; an open one stops short."""
    at, fixer = moment(luck), luck.randrange(200) * 5 + 1
    reporters = [f"p{one}" for one in luck.sample(range(PERSONS), luck.choices((1, 2, 3, 4), (50, 30, 15, 5))[0])]
    notes = [{"at": (at + timedelta(minutes=90 * late)).isoformat(), "reporter": who, "stream": stream,
              "text": f"The {THINGS[n % 12]} {TROUBLES[n % 8]}; the customer of case {n} had to wait."}
             for late, (who, stream) in enumerate(
                 zip(reporters, ("staff told", "customer said") * 2, strict=False))]  # fmt: skip
    fixed = at + timedelta(days=luck.randrange(3, 60))
    life = [
        {"at": at + timedelta(hours=8), "what": "acknowledged"},
        {"at": at + timedelta(hours=30), "what": "promised", "for": f"{fixed + timedelta(days=2):%Y-%m-%d}"},
        {"at": at + timedelta(hours=60), "what": "updated", "text": "Found it; the change is being tested."},
        {"at": fixed, "what": "resolved", "as": "here", "text": "It is asked once now, in both systems."},
        {"at": fixed + timedelta(days=1), "what": "verdict", "reporter": reporters[0], "says": "fixed"},
    ]
    reached = luck.randrange(len(life)) if luck.random() < 0.05 else len(life)
    if n % JOINED == JOINED - 1:
        life, reached = [{"at": at + timedelta(hours=8), "what": "joined", "into": f"i{n - 1}"}], 1
    return {
        "type": "issue", "id": f"i{n}", "title": f"The {THINGS[n % 12]} {TROUBLES[n // 12 % 8]} (case {n})",
        "kind": luck.choice(("glitch", "red tape", "hand-off", "workspace")), "team": f"t{n % TEAMS}", "notes": notes,
        "events": [event | {"at": event["at"].isoformat()} for event in life[:reached]],
        **({"department": f"d{fixer // 5 % DEPARTMENTS}", "owner": f"p{fixer}"} if reached else {}),
        **({"day": f"y{n % days}"} if days and n % 3 == 0 else {}),
    }  # fmt: skip


if __name__ == "__main__":
    for line in lines(int(sys.argv[1])):
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
