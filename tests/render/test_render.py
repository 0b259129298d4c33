"""Words, tokens and templates that pages and letters share."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from jinja2 import DictLoader, UndefinedError

from floorday import config
from floorday.render import pages, tokens, words
from floorday.render.words import gettext as _
from floorday.render.words import ngettext, pgettext, speaking

KEY = "k" * 40
ABOUT = UUID("01939b6c-5f00-7000-8000-000000000001")


def test_a_sentence_fills_its_named_parts():
    assert _("%(name)s is coming.", name="Ann") == "Ann is coming."
    assert _("100 % sure") == "100 % sure"
    assert [ngettext("%(n)s day", "%(n)s days", n) for n in (1, 2)] == ["1 day", "2 days"]
    assert pgettext("month", "May") == "May"


def test_a_language_is_spoken_inside_its_block_only():
    with speaking("sv"):
        assert words.language() == "sv"
        with speaking(""):
            assert words.language() == "en"
        assert _("Hello") == "Hello"  # no catalogue: the words of the source
    assert words.language() == "en"


def test_a_token_is_the_same_again_and_another_for_everything_else():
    token = tokens.make("answer", ABOUT, key=KEY)
    assert re.fullmatch(r"[a-z2-7]{32}", token)
    assert tokens.make("answer", ABOUT, key=KEY) == token
    others = {
        tokens.make("verdict", ABOUT, key=KEY),
        tokens.make("answer", UUID(int=2), key=KEY),
        tokens.make("answer", ABOUT, generation=1, key=KEY),
        tokens.make("answer", ABOUT, key="other" * 9),
    }
    assert len(others | {token}) == 5


def test_a_token_comes_back_in_any_case():
    token = tokens.make("reply", ABOUT, key=KEY)
    assert tokens.digest(token) == tokens.digest(f" {token.upper()} ")
    assert re.fullmatch(r"[0-9a-f]{64}", tokens.digest(token))


def test_a_link_begins_with_our_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLOORDAY_BASE_URL", "https://floorday.example.org/")
    config.settings.cache_clear()
    assert tokens.link("/answer/x") == "https://floorday.example.org/answer/x"
    config.settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "letters"), [("Karin Nyberg", "KN"), ("Prince", "P"), ("Ana María de la Cruz", "AC"), ("", ""), ("—", "")]
)
def test_initials_are_first_and_last(name: str, letters: str):
    assert pages.initials(name) == letters


def test_an_icon_is_silent_unless_it_has_a_name():
    assert 'aria-hidden="true"' in pages.icon("bell")
    named = pages.icon("bell", '"><script>')
    assert 'role="img"' in named
    assert "<script>" not in named


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    held: dict[str, str] = {}
    for one in (pages.env, pages.letter_env):
        monkeypatch.setattr(one, "loader", DictLoader(held))
        monkeypatch.setattr(one, "cache", None)
    return held


def test_pages_and_the_html_of_letters_are_escaped_and_text_is_not(written: dict[str, str]):
    written |= {"a.html": "<p>{{ name }}</p>", "a.txt": "Dear {{ name }}"}
    assert pages.page("a.html", name="<b>") == "<p>&lt;b&gt;</p>"
    assert pages.letter("a.html", name="<b>") == "<p>&lt;b&gt;</p>"
    assert pages.letter("a.txt", name="<b> & Co") == "Dear <b> & Co"


def test_a_name_that_is_missing_is_loud(written: dict[str, str]):
    written["a.html"] = "{{ nobody }}"
    with pytest.raises(UndefinedError):
        pages.page("a.html")


def test_templates_translate_with_parts_and_escape_them(written: dict[str, str]):
    written["a.html"] = (
        "{{ _('%(name)s is here', name=name) }}|{% trans n=2 %}one{% pluralize %}{{ n }} of them{% endtrans %}"
    )
    assert pages.page("a.html", name="<i>") == "&lt;i&gt; is here|2 of them"
