"""Documents are set in a process of their own, with limits: what people wrote harms nobody, and no page waits.

The template is one of ours and never changes; everything that is said in it comes as data, so nothing that somebody
wrote is read as anything but words.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from floorday.apart import Apart
from floorday.config import settings
from floorday.documents import fonts
from floorday.render.pages import TEMPLATES

CPU_SECONDS = 5
MEMORY = 512 * 1024 * 1024

MORE_FONTS = "MORE_FONTS"
"""What the process knows of our settings: the folder with more fonts."""

PLACE = TEMPLATES / "documents"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be set. `at` (seconds since 1970, UTC) is when it says that it was made; `pictures` are SVG."""

    template: str
    form: Literal["pdf", "png"]
    at: int
    data: Mapping[str, Any]
    pictures: Mapping[str, str] = {}
    ppi: float = 144


class Made(msgspec.Struct, frozen=True):
    """The document, or what is wrong with it."""

    content: bytes = b""
    wrong: str = ""


def made(raw: bytes) -> bytes:
    """Set one document: a `Job` in, a `Made` out, both msgpack."""
    if not raw:
        _ready()  # fonts lie where they are read; each document starts its own threads, after the fork
        return b""
    return msgspec.msgpack.encode(_set(msgspec.msgpack.decode(raw, type=Job)))


def _ready() -> tuple[Any, str]:
    """Give the fonts, and the folder where more of them lie than come along."""
    more = os.environ.get(MORE_FONTS, "")
    return _fonts(more), more


@cache
def _fonts(more: str) -> Any:
    os.environ["RAYON_NUM_THREADS"] = "1"
    import typst

    fonts.covered(more)
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(fonts.folder()), *([more] if more else [])])  # fmt: skip


def _set(job: Job) -> Made:
    compiler, told = _asked(job)
    import typst

    try:
        content = compiler.compile(
            format=job.form, sys_inputs=told, timestamp=job.at, ppi=job.ppi,
            pdf_standards=["ua-1"] if job.form == "pdf" else [])  # fmt: skip
    except typst.TypstError as error:
        return Made(wrong=f"{error.message} {error.diagnostic}"[:2000])
    return Made(content if isinstance(content, bytes) else b"", "" if isinstance(content, bytes) else "Several pages.")


def pages(job: Job, *, ppi: float = 100) -> list[bytes]:
    """Draw the sheets of a document as PNG, in this process: for pictures of one, not for what anybody wrote."""
    compiler, told = _asked(job)
    drawn = compiler.compile(format="png", sys_inputs=told, timestamp=job.at, ppi=ppi)
    return [drawn] if isinstance(drawn, bytes) else drawn


def _asked(job: Job) -> tuple[Any, dict[str, str]]:
    known, more = _ready()
    import typst

    told = {f"picture-{name}": fonts.printable(svg, breaks=False, more=more) for name, svg in job.pictures.items()}
    data = {**_printable(job.data, more), "lacks": _lacks(job.data, more)}
    told["data"] = json.dumps(data, ensure_ascii=False)
    return typst.Compiler(str(PLACE / f"{job.template}.typ"), root=str(PLACE), font_paths=known), told


def _printable(said: Any, more: str) -> Any:
    match said:
        case str():
            return fonts.printable(said, more=more)
        case dict():
            return {name: _printable(one, more) for name, one in said.items()}  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            return [_printable(one, more) for one in said]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return said


def _lacks(said: Any, more: str) -> bool:
    """Say whether a sign of anything that is said cannot be printed."""
    match said:
        case str():
            return fonts.lacks(said, more=more)
        case dict():
            return any(_lacks(one, more) for one in said.values())  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            return any(_lacks(one, more) for one in said)  # pyright: ignore[reportUnknownVariableType]
        case _:
            return False


press = Apart("floorday.documents.press:made", cpu_seconds=CPU_SECONDS, memory=MEMORY,
              told=lambda: {MORE_FONTS: settings().document_fonts})  # fmt: skip
