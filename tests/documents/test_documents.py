"""Documents are set apart from everything else, with fonts that come along, and are the same bytes every time."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from floorday import documents
from floorday.apart import Apart
from floorday.documents import fonts
from floorday.errors import Busy

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#fff"/>'
    '<rect width="20" height="20" fill="#a63a17"/><text x="22" y="12" font-size="8">語</text></svg>'
)


async def test_a_picture_is_as_large_as_asked_and_has_the_same_bytes_each_time():
    first = await documents.png(PICTURE, width=40)
    documents.forget()
    assert await documents.png(PICTURE, width=40) == first
    seen = Image.open(BytesIO(first)).convert("RGB")
    assert seen.size == (80, 40)
    assert seen.getpixel((5, 5)) == (0xA6, 0x3A, 0x17)


async def test_what_is_no_picture_is_a_mistake_of_ours_and_says_which():
    with pytest.raises(RuntimeError, match="picture cannot be set"):
        await documents.png("<p>", width=40)


async def test_over_a_limit_nobody_gets_a_document_and_is_told_what_to_do(monkeypatch):
    small = Apart("floorday.documents.press:made", cpu_seconds=5, memory=16 * 1024 * 1024)
    monkeypatch.setattr(documents, "press", small)
    try:
        with pytest.raises(Busy, match="the page says the same"):
            await documents.png(PICTURE, width=41)
    finally:
        small.close()


def test_the_fonts_write_what_people_write():
    for words in ("Größe, Łódź, naïve", "Ωμέγα", "Привет", "שלום", "مرحبا", "สวัสดี", "₹ € – “ ” → ✓ ☎"):
        assert fonts.printable(words) == words


def test_what_no_font_has_is_a_box_and_what_shows_nothing_goes():
    assert fonts.printable("日本😀 A\u202eB\ufe0f\x07C\u2028D") == "□□□ AB C D"


def test_a_very_long_word_may_break():
    told = fonts.printable("short " + "x" * 60)
    assert told.replace("\u200b", "") == "short " + "x" * 60
    assert max(map(len, told.replace("\u200b", " ").split())) <= fonts.LONGEST_WORD


@given(st.text())
@settings(max_examples=50)
def test_nothing_is_left_that_cannot_be_printed(words: str):
    assert set(fonts.printable(words)) <= fonts.covered() | {"\n", " ", "\u200b"}
