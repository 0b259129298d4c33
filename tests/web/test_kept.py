"""What is kept of pages is never shown to anybody for whom it would not be drawn just so, and does not pile up."""

from __future__ import annotations

import itertools
import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from floorday.render import pages, words
from floorday.web import Frame, NavItem
from floorday.web.static import static

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PLACES = (NavItem("Issues", "/issues", "list-checks"), NavItem("Inbox", "/inbox", "inbox", count=3, tab=False),
          NavItem("People", "/settings/people", "users", tab=False))  # fmt: skip
FRAMES = (
    None, Frame(nav=PLACES, name="Eva Ek", title="Coordinator"), Frame(nav=PLACES, name="Eva Ek", title="Manager"),
    Frame(nav=PLACES[:1], name="Max Moor", title="Manager"), Frame(nav=PLACES, name="<b>Max</b> & Moor", title=""),
    Frame(nav=(PLACES[0], NavItem("Inbox", "/inbox", "inbox", count=4, tab=False)), name="Eva Ek", title="Coordinator"),
)  # fmt: skip
PATHS = ("/issues", "/issues/01a2", "/inbox", "/issuesandmore", "/", "/settings/people/new")


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_kept", type(pages._kept)())
    monkeypatch.setattr(pages, "_holed", type(pages._holed)())


def forget() -> None:
    pages._kept.clear()
    pages._holed.clear()


def drawn(frame: Frame | None, path: str, token: str) -> str:
    around: dict[str, Any] = {
        "actor": None, "frame": frame, "path": path, "static": static, "now": NOW, "moment_of": lambda: NOW,
        "downloads": list, "csrf": lambda: f"csrf-{token}", "once": itertools.count().__next__, "flash": None,
    }  # fmt: skip
    problem = {"title": "Gone", "status": 404, "sentence": "It is gone.", "fields": {}}
    return pages.page("errors/error.html", **around, problem=problem)


def test_everybody_gets_the_page_that_would_be_drawn_for_them_alone() -> None:
    asked = list(itertools.product(FRAMES, PATHS, ("en", "de"), ("one", "two")))
    alone: dict[Any, str] = {}
    for frame, path, language, token in asked:
        forget()
        with words.speaking(language):
            alone[frame, path, language, token] = drawn(frame, path, token)
    forget()
    luck = random.Random(7)
    for _ in range(3):
        luck.shuffle(asked)
        for frame, path, language, token in asked:
            with words.speaking(language):
                assert drawn(frame, path, token) == alone[frame, path, language, token]
    assert len(set(alone.values())) > len(FRAMES) * 4


def test_no_token_is_kept() -> None:
    for token in ("one", "two"):
        page = drawn(FRAMES[1], "/issues", token)
        assert set(re.findall(r'name="csrf" value="([^"]*)"', page)) == {f"csrf-{token}"}
    held = [*pages._kept.values(), *("".join(piece.texts) for piece in pages._holed.values())]
    assert held
    assert not [piece for piece in held if re.search(r'name="(csrf|once)" value="[^"]', piece)]
    assert pages._holed
    assert {name for piece in pages._holed.values() for name in piece.names} >= {"csrf", "once", "main"}


def test_a_hole_takes_what_is_given_and_no_text_makes_one() -> None:
    piece = pages.Holed(f"<p>{pages.hole('words')}</p>{pages.hole('rest')}<b>")
    assert piece.filled(words="a\x02rest\x02b") == ["<p>a\x02rest\x02b</p>", "<b>"]
    assert piece.filled(words="", rest="c") == ["<p></p>c<b>"]
    with pytest.raises(LookupError):  # outside a page there is no token to fill in
        pages.Holed(pages.hole("csrf")).filled()


def test_what_is_kept_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_HOLED", 5)
    for n in range(20):
        assert f"Nobody {n}" in drawn(Frame(nav=PLACES, name=f"Nobody {n}"), "/issues", "one")
    assert len(pages._holed) == 5
