"""Write a big history file: `python -m tests.bench.history 100000 > history.jsonl`."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST = datetime(2023, 1, 2, 8, tzinfo=UTC)
SPAN = timedelta(days=1000)


def lines(issues: int, *, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Make a programme of 40 teams, a day for every 20 issues, a story for every 50."""
    luck = random.Random(seed)
    yield {"format": "floorday-history/1", "zone": "Europe/London"}
    for number in range(40):
        yield {"type": "team", "id": f"t{number}", "name": f"Team {number}", "site": "Leeds", "zone": "Europe/London"}
    for number in range(20):
        yield {"type": "department", "id": f"d{number}", "name": f"Department {number}"}
    for number in range(1000):
        role = ("manager", "owner", "member", "member", "member")[number % 5]
        scope = {"owner": {"department": f"d{number % 20}"}, "member": {"team": f"t{number % 40}"}}.get(role, {})
        yield {"type": "person", "id": f"p{number}", "name": f"Person {number}", "email": f"p{number}@floor.example",
               "zone": "Europe/London", "roles": [role], **scope}  # fmt: skip
    for number in range(issues // 20):
        yield day(number, luck)
    for number in range(issues):
        yield issue(number, luck)
    for number in range(issues // 50):
        yield {"type": "story", "id": f"s{number}", "at": moment(luck).isoformat(), "team": f"t{number % 40}",
               "hero": f"p{number % 1000}", "text": "Stayed on the line until it was solved"}  # fmt: skip


def moment(luck: random.Random) -> datetime:
    return FIRST + timedelta(seconds=luck.randrange(int(SPAN.total_seconds())))


def day(number: int, luck: random.Random) -> dict[str, Any]:
    start = FIRST + timedelta(days=number % 900, hours=number % 8)
    end, asked = start + timedelta(hours=6), start - timedelta(days=luck.randrange(5, 30))
    events = [{"at": asked.isoformat(), "what": "invited"},
              {"at": (asked + timedelta(days=1)).isoformat(), "what": "accepted"},
              {"at": end.isoformat(), "what": "held"}]  # fmt: skip
    return {"type": "day", "id": f"y{number}", "manager": f"p{number % 200 * 5}", "team": f"t{number % 40}",
            "start": start.isoformat(), "end": end.isoformat(), "events": events}  # fmt: skip


def issue(number: int, luck: random.Random) -> dict[str, Any]:
    at, reporter = moment(luck), f"p{number % 1000}"
    notes = [{"at": at.isoformat(), "reporter": reporter, "stream": "staff told",
              "text": f"The screen asks for case {number} twice before it goes on"}]  # fmt: skip
    notes += [{"at": (at + timedelta(days=1)).isoformat(), "reporter": f"p{luck.randrange(1000)}",
               "stream": "customer said", "text": "Asked for the same again"}] * luck.randrange(3)  # fmt: skip
    fixed = at + timedelta(days=luck.randrange(1, 60))
    events = [{"at": (at + timedelta(hours=5)).isoformat(), "what": "acknowledged"},
              {"at": (at + timedelta(hours=6)).isoformat(), "what": "updated", "text": "We look at it this week"},
              {"at": fixed.isoformat(), "what": "resolved", "as": "here", "text": "It asks once now"},
              {"at": (fixed + timedelta(days=1)).isoformat(), "what": "verdict", "reporter": reporter,
               "says": luck.choice(["fixed", "fixed", "partly"])}]  # fmt: skip
    return {"type": "issue", "id": f"i{number}", "title": f"Case {number} is asked for twice", "kind": "glitch",
            "team": f"t{number % 40}", "department": f"d{number % 20}", "notes": notes,
            "events": events[: luck.randrange(1, 5)]}  # fmt: skip


if __name__ == "__main__":
    for line in lines(int(sys.argv[1])):
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
