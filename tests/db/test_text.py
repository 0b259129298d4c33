"""Text is bounded, composed, and holds nothing that breaks databases, letters or screens."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct

from floorday.db import text
from floorday.db.text import Line, MailAddress, Prose, Text, Title, ZoneName
from tests.db.things import Thing, add, names

# Everything a string of Python can hold, and what makes trouble more often than chance would.
ANYTHING = st.text(
    st.one_of(
        st.characters(categories=["L", "M", "N", "P", "S", "Z", "C"]),
        st.sampled_from("\x00\x1b\x7f\x85\r\n\t\u2028\u2029\u202e\u202c\u2066\u2069\u200d\ud800\udfff\u0301e "),
    ),
    max_size=250,
)


def parsed(kind: type[Text], raw: str) -> tuple[Text | None, str]:
    try:
        return kind.parse(raw), ""
    except ValueError as error:
        return None, str(error)


@given(raw=ANYTHING, kind=st.sampled_from([Line, Title, Prose]))
@example(raw="e\u0301", kind=Line)
@example(raw="\u0958" * 200, kind=Line)
@example(raw="\u202eabc", kind=Line)
def test_what_is_taken_can_be_trusted(raw: str, kind: type[Text]):
    taken, refusal = parsed(kind, raw)
    if taken is None:
        assert refusal.endswith(".")
        assert refusal.isprintable()
        return
    assert type(taken) is kind
    assert len(taken) <= kind.longest
    assert unicodedata.is_normalized("NFC", taken)
    assert taken == taken.strip()
    taken.encode("utf-8")
    controls = {letter for letter in taken if unicodedata.category(letter) == "Cc"}
    assert controls <= ({"\n", "\t"} if kind.multiline else set())
    if not kind.multiline:
        assert len(taken.splitlines()) <= 1
    assert kind.parse(str(taken)) == taken


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=200))
def test_letters_and_digits_are_always_taken(raw: str):
    # Composing may lengthen text (U+0958), so the bound is tested on what is stored.
    composed = unicodedata.normalize("NFC", raw)
    if len(composed) <= Line.longest:
        assert Line.parse(raw) == composed


@pytest.mark.parametrize("raw", [
    "O'Brien & Söhne <Ltd>", "李小龍",
    "ابن سينا", "ירושלים 2026", "👩🏽‍🔧 fixes it", "n\u0303", "Zoë\u200f", "50% {x} %(y)s",
    "\u2067מאה\u2069 first", "a\u202bab\u202cb",
])
def test_names_and_words_of_every_script_are_taken(raw):
    assert Line.parse(raw) == unicodedata.normalize("NFC", raw)


@pytest.mark.parametrize(("raw", "words"), [
    ("a\x00b", "U+0000"), ("a\x1bb", "U+001B"), ("a\x85b", "U+0085"), ("a\x7fb", "U+007F"), ("a\tb", "U+0009"),
    ("a\nb", "one line"), ("a\rb", "one line"), ("a\r\nb", "one line"), ("a\u2028b", "one line"),
    ("a\ud800b", "half of a character"), ("safe\u202egpj.exe", "direction"), ("\u2066a", "direction"),
    ("a\u202c", "direction"), ("a" * 201, "201 characters long; 200 is the most"), ("a" * 1_000_000, "1000000"),
])
def test_what_a_line_refuses(raw, words):
    with pytest.raises(ValueError, match="(?s)" + words.replace("+", r"\+")):
        Line.parse(raw)


def test_prose_keeps_its_lines_and_tabs():
    assert Prose.parse("  one\r\ntwo\rthree\u2028\tfour\n\n") == "one\ntwo\nthree\n\tfour"


def test_a_direction_must_be_turned_back_on_its_own_line():
    with pytest.raises(ValueError, match="direction"):
        Prose.parse("one\u202e\ntwo\u202c")


def test_length_is_counted_in_code_points_once_composed():
    assert len(Line.parse("e\u0301" * 200)) == 200
    assert len(Line.parse("\U0001f600" * 200)) == 200
    with pytest.raises(ValueError, match="201"):
        Line.parse("\u00e9" * 201)


@pytest.mark.parametrize("raw", ["Ann@Example.COM", " ann@example.com ", "a.b+c@sub.example.co.uk", "x@localhost",
                                 "o'brien@xn--bcher-kva.example"])
def test_these_are_addresses(raw):
    assert MailAddress.parse(raw) == raw.strip().lower()


@pytest.mark.parametrize("raw", [
    "", "ann", "@example.com", "ann@", "a@b@c", "a b@example.com", "ann@example..com", "ann@-example.com",
    "ann@example.com.", "Ann <ann@example.com>", "ann@exam_ple.com", "ann@[127.0.0.1]", '"a b"@example.com',
    "ann@example.com\n", "a" * 65 + "@example.com", "änn@example.com", "a@example.com,b@example.com",
    "ann@example.com\nBcc: all@example.com", "a" * 60 + "@" + "b." * 100 + "example",
])
def test_these_are_none(raw):
    if raw == "ann@example.com\n":
        assert MailAddress.parse(raw) == "ann@example.com"
        return
    with pytest.raises(ValueError, match=r"not a mail address|characters long|one line"):
        MailAddress.parse(raw)


@given(ANYTHING)
def test_an_address_never_holds_what_would_break_a_header(raw: str):
    try:
        taken = MailAddress.parse(raw + "@example.com")
    except ValueError:
        return
    assert taken.isascii()
    assert taken.isprintable()
    assert not set(taken) & set('<>()[],;:"\\ ')


@pytest.mark.parametrize("raw", ["Europe/London", "UTC", " Asia/Kolkata "])
def test_these_are_zones(raw):
    assert ZoneName.parse(raw) == raw.strip()


@pytest.mark.parametrize("raw", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "Europe/London\x00"])
def test_these_are_no_zones(raw):
    with pytest.raises(ValueError, match=r"time zone|U\+0000"):
        ZoneName.parse(raw)


class Form(Struct):
    name: Line
    words: Prose | None = None
    zones: list[ZoneName] = []


def test_msgspec_makes_texts_and_says_which_field_is_wrong():
    form = msgspec.convert({"name": " Ann ", "zones": ["UTC"]}, Form, dec_hook=text.dec_hook)
    assert form == Form(name=Line("Ann"), zones=[ZoneName("UTC")])
    assert type(form.name) is Line
    written = msgspec.json.encode(form, enc_hook=text.enc_hook)
    assert written == b'{"name":"Ann","words":null,"zones":["UTC"]}'
    assert msgspec.json.decode(written, type=Form, dec_hook=text.dec_hook) == form
    with pytest.raises(NotImplementedError):
        text.enc_hook(object())
    with pytest.raises(msgspec.ValidationError, match=r"one line.*\$\.name"):
        msgspec.json.decode(b'{"name": "a\\nb"}', type=Form, dec_hook=text.dec_hook)
    with pytest.raises(msgspec.ValidationError, match=r"has to be text.*\$\.name"):
        msgspec.json.decode(b'{"name": 3}', type=Form, dec_hook=text.dec_hook)


async def test_what_is_taken_is_stored_and_found_on_both_databases(things):
    for raw in ("e\u0301", "'; DROP TABLE thing; --", "{} %s {0}", "👩🏽‍🔧", "ابن"):
        await add(Line.parse(raw))
        assert len(await Thing.select(Thing.id).where(Thing.name == Line.parse(raw))) == 1
    assert "é" in await names()
