"""Fail when a test was skipped: `.ci/run` has installed every program that a test could miss.

python tools/skipped.py RESULTS.xml
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as ET


def skipped(results: Path) -> list[str]:
    """Name every test of a JUnit report that did not run, with its reason."""
    lines: list[str] = []
    for case in ET.parse(results).iter("testcase"):  # noqa: S314 - our own pytest wrote it a moment ago
        lines += [f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}" for skip in case.iter("skipped")]
    return lines


def ran(results: Path) -> int:
    """Count the tests in the report."""
    return sum(1 for _ in ET.parse(results).iter("testcase"))  # noqa: S314


if __name__ == "__main__":
    report = Path(sys.argv[1])
    lines = skipped(report)
    if not ran(report):
        sys.exit("No test ran at all.")
    if lines:
        sys.exit("\n".join([f"{len(lines)} tests were skipped, and none may be here:", *lines]))
    print("Every test ran; none was skipped.")
