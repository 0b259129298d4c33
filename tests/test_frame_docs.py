"""The documents tell the truth, and the check of them notices when they do not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import docs, skipped

ROOT = Path(__file__).resolve().parent.parent


def page(tmp_path: Path, text: str) -> Path:
    (tmp_path / "other.md").write_text("# Other things\n\n## A heading, here\n")
    made = tmp_path / "page.md"
    made.write_text(text)
    return made


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[there](other.md)", 0),
        ("[there](other.md#a-heading-here)", 0),
        ("[gone](gone.md)", 1),
        ("[gone](other.md#gone)", 1),
        ("[elsewhere](https://example.com/gone)", 0),
        ("![picture](pictures/gone.png)", 1),
    ],
)
def test_a_link_leads_somewhere(tmp_path: Path, text: str, count: int):
    assert len(docs.dead_links(page(tmp_path, text))) == count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("`make run`", []),
        ("```sh\nmake dance  # now\n```", ["page.md: there is no `make dance`."]),
        ("`floorday dance`", ["page.md: there is no `floorday dance`."]),
        ("`floorday serve --processes 4`", []),
        ("We make dances, and floorday dances.", []),
    ],
)
def test_a_command_exists(tmp_path: Path, text: str, said: list[str]):
    assert docs.unknown_commands(page(tmp_path, text), targets={"run"}, commands={"serve"}) == said


def test_a_skipped_test_is_named_with_its_reason(tmp_path: Path):
    two = "import pytest\n\ndef test_a(): pass\n\ndef test_b(): pytest.skip('no swan')\n"
    (tmp_path / "test_one.py").write_text(two)
    results = tmp_path / "results.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={results}", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTEST_ADDOPTS": ""}, check=True, capture_output=True)
    assert (skipped.ran(results), skipped.skipped(results)) == (2, ["test_one.test_b: no swan"])


def test_no_lock_file_names_an_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "index" not in text


def test_the_lock_files_agree_and_every_package_has_its_hashes():
    def pins(name: str) -> dict[str, str]:
        blocks = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
        assert all("--hash=sha256:" in block for block in blocks)
        return {block.split("==")[0]: block for block in blocks}

    runs, develops = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runs.items() <= develops.items()
    assert "pytest" not in runs
