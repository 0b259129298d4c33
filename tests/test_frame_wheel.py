"""The wheel is whole: installed elsewhere, without the clone, it migrates a database and shows a page."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("FLOORDAY_", "PYTHON"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=clean | env, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, with what is installed here and nothing else."""
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out, cwd=ROOT)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, which borrows the libraries from here."""
    home = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    python = home / "venv/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run(*pip, "--no-index", "--no-deps", wheel, cwd=home)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip()
    Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    where = run(python, "-c", "import floorday; print(floorday.__file__)", cwd=home).strip()
    assert where.startswith(site)
    return home


def test_the_wheel_carries_templates_migrations_and_static_files(wheel: Path):
    carried = set(zipfile.ZipFile(wheel).namelist())
    for kept, packed in (("src/floorday/templates", "templates"), ("migrations", "_migrations"), ("static", "_static")):
        files = [path for path in (ROOT / kept).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert files
        assert {f"floorday/{packed}/{path.relative_to(ROOT / kept).as_posix()}" for path in files} <= carried
    assert not [name for name in carried if name.startswith(("tests", "tools", "docs"))]


def test_installed_elsewhere_it_makes_its_database(elsewhere: Path):
    assert run("venv/bin/floorday", "migrate", cwd=elsewhere) == "The database is up to date.\n"
    assert (elsewhere / "var/floorday.sqlite").exists()
    assert "ok       schema        All " in run("venv/bin/floorday", "doctor", cwd=elsewhere, FLOORDAY_LMTP_LISTEN="")


def test_installed_elsewhere_it_answers_with_a_page(elsewhere: Path):
    run("venv/bin/floorday", "migrate", cwd=elsewhere)
    ask = (
        "from litestar.testing import TestClient\n"
        "from floorday.app import create_app\n"
        "with TestClient(create_app(), base_url='http://127.0.0.1:8000') as client:\n"
        "    page = client.get('/sign-in')\n"
        "    style = client.get('/static/floorday.css')\n"
        "print(page.status_code, '<html' in page.text, style.status_code, len(style.content) > 1000)\n"
    )
    assert run("venv/bin/python", "-c", ask, cwd=elsewhere).split() == ["200", "True", "200", "True"]
