"""The two commands as they are typed, on the example of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.history.test_rules import GROUND, HEADER, file, issue, story
from tests.test_frame_cli import floorday

DOCS = Path(__file__).parent.parent.parent / "docs" / "history.md"


@pytest.fixture(scope="module")
def example() -> str:
    found = re.search(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_example_comes_in_and_goes_out(tmp_path: Path, example: str) -> None:
    (tmp_path / "past.jsonl").write_text(example, encoding="utf-8")
    brought = floorday("import", "past.jsonl", cwd=tmp_path)
    assert brought.stdout == (
        "Brought in: teams 1, departments 1, persons 2, days 1, issues 1, stories 1.\n")
    assert brought.returncode == 0
    printed = floorday("export", cwd=tmp_path)
    named = floorday("export", "all.jsonl", cwd=tmp_path)
    assert (printed.returncode, named.returncode, named.stdout) == (0, 0, "")
    assert (tmp_path / "all.jsonl").read_text(encoding="utf-8") == printed.stdout
    assert (tmp_path / "all.jsonl").stat().st_mode & 0o777 == 0o600
    assert len(printed.stdout.splitlines()) == len(example.splitlines())
    again = floorday("import", "all.jsonl", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.count("An earlier import has brought this") == len(example.splitlines()) - 1


def test_every_wrong_line_is_printed_and_nothing_comes_in(tmp_path: Path) -> None:
    lines = file(*GROUND, issue(notes=[]), story(team="100%s"), header=HEADER)
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(lines))
    refused = floorday("import", "past.jsonl", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines() == [
        "Line 6: An issue has at least one note.", "Line 7: There is no team with this id in the file: 100%s."]
    assert len(floorday("export", cwd=tmp_path).stdout.splitlines()) == 1


def test_a_programme_that_begins_with_its_past_is_in_the_zone_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(file(*GROUND)))
    brought = floorday("import", "past.jsonl", cwd=tmp_path)
    assert "The programme's zone is Europe/Berlin from now on" in brought.stdout
    assert '"zone":"Europe/Berlin"' in floorday("export", cwd=tmp_path).stdout
    assert '"zone":"Asia/Tokyo"' in floorday("export", cwd=tmp_path, zone="Asia/Tokyo").stdout
    (tmp_path / "more.jsonl").write_bytes(b"\n".join(file(header=HEADER | {"zone": "Asia/Tokyo"})))
    assert "the setting zone is Europe/Berlin" in floorday("import", "more.jsonl", cwd=tmp_path).stderr


def test_a_kept_zone_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "floorday.zone").write_text("Mars/Base")
    refused = floorday("export", cwd=tmp_path)
    assert refused.returncode != 0
    assert "floorday.zone: 'Mars/Base' is not the name of a time zone" in refused.stderr


def test_another_zone_than_the_settings_is_said(tmp_path: Path) -> None:
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(file(*GROUND)))
    brought = floorday("import", "past.jsonl", cwd=tmp_path, zone="Europe/London")
    assert "Europe/Berlin" in brought.stderr
    assert brought.returncode == 0
