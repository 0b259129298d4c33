"""No rule of docs/calendar.md without a test that names it, and no test named there that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOC = (TESTS.parent / "docs" / "calendar.md").read_text("utf-8")
NAMES = [
    name for path in sorted(TESTS.rglob("test_*.py"))
    for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
]  # fmt: skip
INBOUND = [f"{number:02}" for number in range(1, 29)]
OUTBOUND = [
    "01", "01b", *[f"{number:02}" for number in range(2, 14)], *map(str, range(20, 26)), *map(str, range(30, 46)),
    *map(str, range(50, 56)), *map(str, range(60, 63)),
]  # fmt: skip


def named(kind: str) -> set[str]:
    """The numbers that stand in the names of tests: `..._in_11_12_...` names two, `..._22_to_25_...` four."""
    found: set[str] = set()
    for name in NAMES:
        for run in re.findall(rf"_{kind}_?((?:\d\d[ab]?_|to_)*\d\d[ab]?)(?=_|$)", name):
            found |= set(run.replace("to_", "").split("_"))
            for first, last in re.findall(r"(\d\d)_to_(\d\d)", run):
                found |= {f"{number:02}" for number in range(int(first), int(last) + 1)}
    return found


@pytest.mark.parametrize("number", INBOUND)
def test_each_inbound_rule_has_its_test(number: str) -> None:
    assert number in named("in")


@pytest.mark.parametrize("number", OUTBOUND)
def test_each_outbound_rule_has_its_test(number: str) -> None:
    assert number in named("ob")


def test_the_tests_that_the_document_names_exist() -> None:
    told = set(re.findall(r"`(test_\w+)`", DOC))
    assert len(told) > 15
    assert told <= set(NAMES)


def test_the_document_names_every_inbound_rule() -> None:
    told = set(re.findall(r"IN-(\d\d)", DOC))
    for first, last in re.findall(r"IN-(\d\d) to IN-(\d\d)", DOC):
        told |= {f"{number:02}" for number in range(int(first), int(last) + 1)}
    assert told >= set(INBOUND)
