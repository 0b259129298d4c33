"""Documents to print and to pass on: tagged PDF for everybody (PDF/UA-1), and pictures for letters.

    content = await documents.pdf("summary", data, title=..., language="en", by="Northwind", at=frozen_at,
                                  pictures={"chart": svg})

A `Job` says what is to be made (`paper`, `picture`); it is plain data and goes to JSON and back.

`data` becomes JSON, which the template `templates/documents/summary.typ` reads as `d` (with `title`, `language` and
`by`); `pictures` are SVG, shown by `picture("chart", alt: ...)`. The same words at the same `at` give the same bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any

import msgspec

from floorday.documents.press import Job, Made, press
from floorday.errors import Busy
from floorday.render.words import gettext as _

__all__ = ["Job", "close", "forget", "made", "made_here", "paper", "pdf", "picture", "png", "press"]

log = logging.getLogger(__name__)

MOST_KEPT = 24 * 1024 * 1024
"""So many bytes of documents a process keeps: a month that was sent is asked for by many."""

_kept: OrderedDict[bytes, bytes] = OrderedDict()
_keeping = Lock()
_asks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")


async def pdf(
    template: str, data: Mapping[str, Any], *, title: str, language: str, by: str, at: datetime,
    pictures: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """Set a document. Raise Busy where that took more than it may."""
    return await made(paper(template, data, title=title, language=language, by=by, at=at, pictures=pictures))


async def png(svg: str, *, width: int, scale: float = 2.0) -> bytes:
    """Draw an SVG picture `width` pixels wide, `scale` times as fine, on what the picture itself brings."""
    return await made(picture(svg, width=width, scale=scale))


def paper(
    template: str, data: Mapping[str, Any], *, title: str, language: str, by: str, at: datetime,
    pictures: Mapping[str, str] | None = None,
) -> Job:  # fmt: skip
    """Say what is to be set as a PDF."""
    lacking = _("□ stands for a sign that the fonts of this document lack. On screens and in letters it is shown.")
    said = {**data, "title": title, "language": language, "by": by, "lacking": lacking}
    return Job(template=template, form="pdf", at=int(at.timestamp()), data=said, pictures=pictures or {})


def picture(svg: str, *, width: int, scale: float = 2.0) -> Job:
    """Say what is to be drawn as a PNG."""
    data = {"width": width, "title": "", "language": "en", "by": ""}
    return Job(template="picture", form="png", at=0, data=data, pictures={"picture": svg}, ppi=72 * scale)


async def made(job: Job) -> bytes:
    """Make it, beside the event loop. Raise Busy where that took more than it may."""
    raw = _raw(job)
    if (known := _known(raw)) is not None:
        return known
    return await asyncio.get_running_loop().run_in_executor(_asks, _made, job.template, raw)


def made_here(job: Job) -> bytes:
    """Make it, and wait. Raise Busy where that took more than it may."""
    raw = _raw(job)
    known = _known(raw)
    return _made(job.template, raw) if known is None else known


def _raw(job: Job) -> bytes:
    return msgspec.msgpack.encode(job, order="deterministic")


def _made(template: str, raw: bytes) -> bytes:
    busy = Busy(_("The document cannot be made just now. Try again in a minute; the page says the same."))
    if (known := _known(raw)) is not None:  # made for somebody else while this one waited
        return known
    try:
        answer = press.ask(raw)
    except OSError as error:
        raise busy from error
    if not answer:
        log.error("A document (%s) took more time or memory than it may.", template)
        raise busy
    told = msgspec.msgpack.decode(answer, type=Made)
    if told.wrong:
        raise RuntimeError(f"The template {template} cannot be set: {told.wrong}")
    _keep(raw, told.content)
    return told.content


def _known(raw: bytes) -> bytes | None:
    key = sha256(raw).digest()
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(raw: bytes, content: bytes) -> None:
    with _keeping:
        _kept[sha256(raw).digest()] = content
        while sum(map(len, _kept.values())) > MOST_KEPT:
            _kept.popitem(last=False)


def forget() -> None:
    """Keep no document that was made."""
    with _keeping:
        _kept.clear()


def close() -> None:
    """End the process that sets documents, if one was started here; the next document starts another."""
    press.close()
