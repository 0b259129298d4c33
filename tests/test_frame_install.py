"""`make` on a machine that lacks something says in one sentence what to install, and stops."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OLD = "#!/bin/sh\nexit 1\n"
BARE = '#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\n'


def make(tmp_path: Path, python: str | None) -> subprocess.CompletedProcess[str]:
    """Run `make run` in a copy of the frame, where this is the only Python."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "tools"):
        kept = ROOT / name
        (shutil.copytree if kept.is_dir() else shutil.copy)(kept, tmp_path / name)
    chosen = tmp_path / "only-python"
    if python:
        chosen.write_text(python)
        chosen.chmod(0o755)
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}  # these tests may themselves run under make
    env = {name: value for name, value in os.environ.items() if name not in outer} | {"PYTHON": str(chosen)}
    return subprocess.run(["make", "run"], cwd=tmp_path, env=env, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("python", [None, OLD], ids=["none at all", "an old one"])
def test_without_a_python_that_is_new_enough(tmp_path: Path, python: str | None):
    done = make(tmp_path, python)
    assert done.returncode != 0
    assert done.stderr.startswith("floorday needs Python 3.11 or newer: please install it (")
    assert done.stdout == ""


def test_without_the_venv_module(tmp_path: Path):
    done = make(tmp_path, BARE)
    assert done.returncode != 0
    assert done.stderr.startswith("floorday needs Python's venv module: please install it (")
    assert not (tmp_path / ".venv").exists()


def test_an_environment_that_was_not_finished_is_not_believed(tmp_path: Path):
    half = tmp_path / ".venv"
    half.mkdir()
    for name in (".unfinished", "left-over"):
        (half / name).touch()
    (half / ".place").write_text(f"{tmp_path}\n")
    assert make(tmp_path, '#!/bin/sh\n[ "$2" = venv ] && exit 7\nexit 0\n').returncode != 0
    assert not half.exists()
