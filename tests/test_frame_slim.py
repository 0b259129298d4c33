"""What a server has no use for is not in its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

UNUSED = {"black", "openpyxl", "pydantic", "pydantic_core", "piccolo.conf.apps"}
"""Piccolo's commands bring the first, Litestar takes pydantic because it is there, workbooks need the other."""

SERVE = """
import sys
from floorday import cli
from floorday.app import create_working_app
cli.migrate_apart()
cli.migrate_apart()
create_working_app()
import floorday.worker
print(*sorted(sys.modules))
"""


def test_a_server_loads_nothing_that_it_has_no_use_for(tmp_path: Path) -> None:
    env = {**os.environ, "FLOORDAY_DATABASE": f"sqlite:///{tmp_path}/new.sqlite", "FLOORDAY_CONFIG": os.devnull}
    done = subprocess.run([sys.executable, "-c", SERVE], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "floorday.issues.actions" in loaded
    assert not loaded & UNUSED
    assert (tmp_path / "new.sqlite").exists()
