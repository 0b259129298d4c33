"""`floorday setup` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.test_importing import DEPARTMENTS, PEOPLE, TEAMS
from tests.test_frame_cli import floorday

FILES = ("--departments", "d.csv", "--teams", "t.csv", "--people", "p.csv")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with three files and a database in which there is only the first admin."""
    for name, text in (("d.csv", DEPARTMENTS), ("t.csv", TEAMS), ("p.csv", PEOPLE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert floorday("login", "ada@x.example", cwd=tmp_path).returncode == 0
    return tmp_path


def test_three_files_are_looked_at_then_written_then_the_same(company: Path) -> None:
    looked = floorday("setup", "ada@x.example", *FILES, cwd=company)
    assert (looked.returncode, looked.stdout.splitlines()) == (0, [
        "d.csv: 2 new, 0 changed, 0 the same.", "t.csv: 2 new, 0 changed, 0 the same.",
        "p.csv: 6 new, 0 changed, 0 the same.", "Nothing is written yet: the same with --write does it."])
    assert "Columns that mean nothing here: Colour." in looked.stderr
    written = floorday("setup", "ada@x.example", *FILES, "--write", cwd=company)
    assert written.stdout.splitlines()[-1] == "Written."
    (company / "d.csv").write_text("name,fix days\nIT,20\n")
    again = floorday("setup", "ada@x.example", *FILES, cwd=company)
    assert again.stdout.splitlines()[:4] == [
        "d.csv: 0 new, 1 changed, 0 the same.", "  Row 2, IT: Fixes in (working days): 30 -> 20",
        "t.csv: 0 new, 0 changed, 2 the same.", "p.csv: 0 new, 0 changed, 6 the same."]
    assert floorday("login", "fay@x.example", cwd=company).returncode == 0


def test_every_bad_row_is_printed_and_nothing_is_written(company: Path) -> None:
    (company / "p.csv").write_text("name,mail\nAl,nonsense\n,b@x.example\n")
    refused = floorday("setup", "ada@x.example", *FILES, "--write", cwd=company)
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "  Row 2, mail: This is not a mail address. It looks like ann@example.com.", "  Row 3, name: Fill in the name.",
        "Nothing was written. Mend these rows and run it again."]
    assert "2 new" in floorday("setup", "ada@x.example", "--teams", "t.csv", cwd=company).stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ada@x.example",), "Name at least one file"),
        (("who@x.example", "--teams", "t.csv"), "Nobody here has this address."),
        (("ada@x.example", "--people", "t.csv"), "People: Columns are missing: Name, Address."),
        (("ada@x.example", "--teams", "none.csv"), "does not exist"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(company: Path, words: tuple[str, ...], says: str) -> None:
    refused = floorday("setup", *words, cwd=company)
    assert refused.returncode == 2
    assert says in " ".join(refused.stderr.replace("│", " ").split())
    assert "Traceback" not in refused.stderr
