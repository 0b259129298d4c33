"""Read a history file into the figures' facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from floorday.summaries.figures import Day, Department, History, Issue, Story, Team

FOLDER = Path(__file__).parent.parent / "figures"

KINDS = {"team": Team, "department": Department, "day": Day, "issue": Issue, "story": Story}


def read(name: str) -> tuple[History, ZoneInfo]:
    header, *lines = (FOLDER / f"{name}.history.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for line in map(json.loads, lines):
        kind = line.pop("type")
        if kind in KINDS:
            found[kind].append(fact(kind, line))
    history = History(*(tuple(found[kind]) for kind in ("team", "department", "day", "issue", "story")))
    return history, ZoneInfo(json.loads(header)["zone"])


def fact(kind: str, line: dict[str, Any]) -> Any:
    if kind == "department":
        line["word_days"] = line.pop("charter", {}).get("word_days")
    return msgspec.convert(line, KINDS[kind])


def expected(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.expected.json").read_text(encoding="utf-8"))
