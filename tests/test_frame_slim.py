"""What a server has no use for is not in its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

UNUSED = {
    "black", "openpyxl", "pydantic", "pydantic_core", "piccolo.conf.apps", "holidays", "phonenumbers", "PIL",
    "mailparser_reply", "rapidfuzz", "css_inline", "dns",
}  # fmt: skip
"""Piccolo's commands bring the first, Litestar takes pydantic because it is there; the others are for what comes up:
a workbook, holidays, telephone numbers, a photo, a mail."""

UNUSED_BY_PAGES = {"aiosmtpd", "aiosmtplib", "imap_tools", "icalendar", "floorday.worker", "floorday.demo"}
"""Letters come and go in the worker."""

SERVE = """
import sys
from floorday import commands, server
commands.migrate_apart()
commands.migrate_apart()
server.pages()
print(*sorted(sys.modules))
import floorday.worker
print(*sorted(sys.modules))
"""


def test_a_server_loads_nothing_that_it_has_no_use_for(tmp_path: Path) -> None:
    env = {**os.environ, "FLOORDAY_DATABASE": f"sqlite:///{tmp_path}/new.sqlite", "FLOORDAY_CONFIG": os.devnull}
    done = subprocess.run([sys.executable, "-c", SERVE], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages, worker = (set(line.split()) for line in done.stdout.splitlines())
    assert "floorday.issues.actions" in pages
    assert not pages & (UNUSED | UNUSED_BY_PAGES)
    assert "icalendar" in worker
    assert not worker & UNUSED
    assert (tmp_path / "new.sqlite").exists()
