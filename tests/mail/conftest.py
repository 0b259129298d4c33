"""Letters of the tests' own, so that mail is tried without any noun."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, FileSystemLoader

from floorday.render import pages

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def _greeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the tests a letter of their own beside the product's."""
    monkeypatch.setattr(pages.letter_env, "loader", ChoiceLoader([
        pages.letter_env.loader, FileSystemLoader(TEMPLATES)]))
