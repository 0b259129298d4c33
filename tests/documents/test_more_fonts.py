"""A sign that no font has is explained where it is missing; a folder with more fonts brings it."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pymupdf_fonts
import pytest
from pypdf import PdfReader

from floorday import config, documents
from floorday.documents import Job, fonts

CLEF = "\U0001d11e"
"""A sign for music: what comes along does not have it, a font beside it in the package does."""
SAID = "□ stands for a sign that the fonts of this document lack."


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Give a folder with one more font in a folder below, something else, and a font that is broken."""
    made: Any = pymupdf_fonts.fontbuffers
    (tmp_path / "noto").mkdir()
    (tmp_path / "noto" / "NotoMusic-Regular.TTF").write_bytes(bytes(made["music"]()))
    (tmp_path / "broken.otf").write_bytes(b"\0\1\0\0 no font")
    (tmp_path / "README").write_text("fonts")
    return tmp_path


def month(*lines: str) -> Job:
    section = {"key": "fixed", "heading": "Heading", "about": "", "items": [
        {"text": one, "ref": "", "soft": "", "quote": "", "issue": None} for one in lines]}  # fmt: skip
    data: dict[str, Any] = {
        "kicker": "k", "heading": "h", "lead": "l", "marks": [], "comment": [], "commented_name": "", "five": [],
        "compared": "", "chart": None, "sections": [section], "all": {"groups": []}, "foot": "f", "note": "n",
    }  # fmt: skip
    return documents.paper("summary", data, title="t", language="en", by="", at=config.now())


def made(job: Job) -> str:
    """Set it in a process of its own, with the settings that there are now."""
    content = documents.made_here(job)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Any:
    def choose(folder: Path | None) -> None:
        monkeypatch.setenv("FLOORDAY_DOCUMENT_FONTS", str(folder or ""))
        config.settings.cache_clear()
        documents.close()
        documents.forget()

    yield choose
    monkeypatch.undo()
    config.settings.cache_clear()
    documents.close()
    documents.forget()


def test_a_sign_that_no_font_has_is_explained(chosen: Any) -> None:
    chosen(None)
    assert f"{fonts.MISSING} Ito" in made(month("語 Ito"))
    assert SAID in made(month("語 Ito"))
    assert SAID not in made(month("Ito", f"somebody's own {fonts.MISSING}"))


def test_more_fonts_bring_more_signs(chosen: Any, music: Path) -> None:
    assert fonts.lacks(CLEF)
    assert not fonts.lacks(CLEF, more=str(music))
    chosen(music)
    said = made(month(f"{CLEF} Ito"))
    assert CLEF in said
    assert SAID not in said
    assert SAID in made(month(f"{CLEF} 語"))


def test_the_same_fonts_give_the_same_bytes(chosen: Any, music: Path) -> None:
    job = month(f"{CLEF} Ito")
    chosen(music)
    first = documents.made_here(job)
    chosen(music)
    assert documents.made_here(job) == first


def test_a_collection_says_what_its_first_font_has() -> None:
    made: Any = pymupdf_fonts.fontbuffers
    font = bytearray(made["music"]())
    head = struct.pack(">4sHHII", b"ttcf", 1, 0, 1, 16)
    for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16):  # tables are found from the file's begin
        struct.pack_into(">I", font, at + 8, struct.unpack_from(">I", font, at + 8)[0] + len(head))
    assert CLEF in set(fonts._signs(head + bytes(font)))  # pyright: ignore[reportPrivateUsage]


def test_a_folder_that_is_not_there_is_no_setting() -> None:
    with pytest.raises(config.Misconfigured, match="There is no such folder"):
        config.load({"FLOORDAY_DOCUMENT_FONTS": "/nowhere/at/all"})
