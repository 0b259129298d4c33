"""Words are folded the same wherever they come from, and are found in the text as it was written."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday.db.folding import MARK, fold, holds, places, read, together


@pytest.mark.parametrize(("written", "folded"), [
    ("Straße", "strasse"), ("STRASSE", "strasse"), ("ẞ", "ss"), ("Café", "cafe"), ("Cafe\u0301", "cafe"),
    ("İstanbul", "istanbul"), ("ISPARTA", "isparta"), ("ısı", "isi"), ("Ørsted", "orsted"), ("Łódź", "lodz"),
    ("e-mail, again!", "e mail again"), ("ﬃ", "ffi"), ("東京は", "東 京 は"), ("한국어", "한국어"),
    ("ЙОГУРТ", "иогурт"),
    ("Ｆｕｌｌ", "full"), ("\ud800 \ue000 \x00", ""), ("refund's 150", "refund s 150"),
])  # fmt: skip
def test_a_word_is_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_what_is_typed_is_understood() -> None:
    said = read('refund "gift card" -late -"e mail" wai')
    assert said.wanted == (("refund",), ("gift", "card"), ("wai",))
    assert said.unwanted == (("late",), ("e", "mail"))
    assert said.begun
    assert not read('"wait"').begun
    assert not read("a").begun
    assert read('- "" *').wanted == ()


def test_words_are_found_where_they_were_written() -> None:
    text = "Die Straße: Refunds über 150 wait, Cafe\u0301"
    assert [text[start:end] for start, end in places(text, read("cafe strasse uber wai"))] == [
        "Straße", "über", "wait", "Cafe\u0301"]
    assert [text[start:end] for start, end in places(text, read("strasse wai"))] == ["Straße", "wait"]
    assert holds(text, read("strasse cafe 150 wai"))
    assert not holds(text, read("wai strasse"))
    assert not holds(text, read('"strasse uber"'))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_folded_once_and_any_search_is_one_for_sqlite(text: str, typed: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert MARK not in fold(text)
    words = read(typed)
    assert all(0 <= start < end <= len(text) for start, end in places(text, words))
    if words.wanted:
        with sqlite3.connect(":memory:") as lite:
            lite.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize=\"unicode61 remove_diacritics 2"
                         " categories 'L* N* Co Mc Cn'\", prefix='2 3')")
            lite.execute("INSERT INTO t (x) VALUES (?)", [together([text, "end"])])
            assert lite.execute("SELECT COUNT(*) FROM t WHERE t MATCH ?", [words.lite()]).fetchone()[0] in {0, 1}
