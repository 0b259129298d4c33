"""Documents to print and to pass on: tagged PDF for everybody (PDF/UA-1), and pictures for letters.

    content = await documents.pdf("summary", data, title=..., language="en", by="Northwind", at=frozen_at,
                                  pictures={"chart": svg})

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
from typing import Any

import msgspec

from floorday.documents.press import Job, Made, press
from floorday.errors import Busy
from floorday.render.words import gettext as _

log = logging.getLogger(__name__)

MOST_KEPT = 24 * 1024 * 1024
"""So many bytes of documents a process keeps: a month that was sent is asked for by many."""

_kept: OrderedDict[bytes, bytes] = OrderedDict()
_asks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")


async def pdf(
    template: str, data: Mapping[str, Any], *, title: str, language: str, by: str, at: datetime,
    pictures: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """Set a document. Raise Busy where that took more than it may."""
    said = {**data, "title": title, "language": language, "by": by}
    return await _made(Job(template=template, form="pdf", at=int(at.timestamp()), data=said, pictures=pictures or {}))


async def png(svg: str, *, width: int, scale: float = 2.0) -> bytes:
    """Draw an SVG picture `width` pixels wide, `scale` times as fine, on what the picture itself brings."""
    data = {"width": width, "title": "", "language": "en", "by": ""}
    return await _made(
        Job(template="picture", form="png", at=0, data=data, pictures={"picture": svg}, ppi=72 * scale))


async def _made(job: Job) -> bytes:
    raw = msgspec.msgpack.encode(job, order="deterministic")
    key = sha256(raw).digest()
    if (known := _kept.get(key)) is not None:
        _kept.move_to_end(key)
        return known
    try:
        answer = await asyncio.get_running_loop().run_in_executor(_asks, press.ask, raw)
    except OSError as error:
        raise Busy(_("The document cannot be made just now. Try again in a minute; the page says the same.")) from error
    if not answer:
        log.error("A document (%s) took more time or memory than it may.", job.template)
        raise Busy(_("The document cannot be made just now. Try again in a minute; the page says the same."))
    made = msgspec.msgpack.decode(answer, type=Made)
    if made.wrong:
        raise RuntimeError(f"The template {job.template} cannot be set: {made.wrong}")
    _keep(key, made.content)
    return made.content


def _keep(key: bytes, content: bytes) -> None:
    _kept[key] = content
    while sum(map(len, _kept.values())) > MOST_KEPT:
        _kept.popitem(last=False)


def forget() -> None:
    """Keep no document that was made."""
    _kept.clear()


def close() -> None:
    """End the process that sets documents, if one was started here; the next document starts another."""
    press.close()
