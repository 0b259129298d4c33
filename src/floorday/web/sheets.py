"""Lists to take along: the rows of a page as a file, at the page's own address with `?as=csv` or `?as=xlsx`.

The page's handler offers it after it has decided who may look, so a file is never for anybody whom the page refuses:

    if form := sheets.asked(request):
        return await sheets.download(form, shift_sheet(), queries.every_shift(actor, since=now))
"""

from __future__ import annotations

import asyncio
import contextvars
import tempfile
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.response import Stream

from floorday.config import now
from floorday.errors import BadInput, Refused
from floorday.render.sheets import Form, Sheet, writer
from floorday.render.words import gettext as _

Row = TypeVar("Row")
Made = TypeVar("Made")

ASKED = "as"
MOST = 100_000
"""The most rows of a file."""

IN_MEMORY = 1 << 20
PIECE = 64 * 1024
NO_NAME = frozenset("\\/:*?\"<>|%;'`$&")
LEFT_OUT = frozenset({ASKED, "page"})
WRITERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sheets")
"""Files are written beside the event loop, two at once: pages go first."""


def asked(request: Request[Any, Any, Any]) -> Form | None:
    """Say in which form the list is wanted; None is the page itself."""
    wanted = request.query_params.get(ASKED)
    if not wanted:
        return None
    try:
        return Form(wanted)
    except ValueError:
        raise BadInput(_("A list can be had as csv or as xlsx.")) from None


def offers(request: Request[Any, Any, Any]) -> list[tuple[str, str, str]]:
    """Give the links that stand under a list: a word, what it means in full, and where it goes.

    What the list is narrowed to stays in the address; which page of it is shown does not.
    """
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in LEFT_OUT and value]
    path = quote(request.scope["path"])
    said = [(Form.CSV, _("CSV"), _("Download as CSV")), (Form.XLSX, _("Excel"), _("Download for Excel"))]
    return [(word, meant, f"{path}?{urlencode([*kept, (ASKED, form.value)])}") for form, word, meant in said]


async def download(
    form: Form, sheet: Sheet[Row], rows: Iterable[Row] | AsyncIterable[list[Row]], *, most: int = MOST
) -> Stream:
    """Write every row to a file, then send it; more than `most` rows are Refused.

    The file lies in memory while it is small, else where the system keeps what has no name.
    """
    out: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    try:
        at = now()
        made = await _beside(lambda: writer(form, sheet, out, at=at))
        written = 0
        try:
            async for some in _pieces(rows):
                written += len(some)
                if written > most:
                    raise Refused(_too_many(most))
                await _beside(lambda some=some: made.add(some))
            await _beside(made.finish)
        except BaseException:
            made.give_up()
            raise
        size = out.tell()
        out.seek(0)
    except BaseException:
        out.close()
        raise
    name = f"{sheet.name} {at.astimezone(ZoneInfo(sheet.zone)):%Y-%m-%d}"
    headers = {
        "content-disposition": disposition(name, form.value), "content-length": str(size), "cache-control": "no-store",
    }  # fmt: skip
    return Stream(_sent(out), media_type=form.media_type, headers=headers)


def disposition(stem: str, ending: str) -> str:
    """Offer a file to be kept under this name (RFC 6266): in ASCII for old readers, then as it is.

    What a file system, a shell or a header may take for something else is left out; no name comes out hidden or empty.
    """
    whole = stem.encode("utf-8", "replace").decode()
    kept = "".join(" " if sign in NO_NAME or unicodedata.category(sign)[0] in "CZ" else sign for sign in whole)
    name = " ".join(kept.split()).strip(" .-")[:100].rstrip(" .") or "list"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip(" .-") or "list"
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(f'{name}.{ending}', safe='')}"


def _too_many(most: int) -> str:
    return _("This list has more than %(n)s rows. Narrow it on the page, by team, month or kind, and download the"
             " parts; `floorday export` on the server gives out everything.", n=f"{most:,}")  # fmt: skip


async def _pieces(rows: Iterable[Row] | AsyncIterable[list[Row]]) -> AsyncGenerator[list[Row]]:
    if isinstance(rows, AsyncIterable):
        async for some in rows:
            yield some
    else:
        yield list(rows)


async def _beside(work: Callable[[], Made]) -> Made:
    """Do something in a writer's thread, in the request's language; it has ended when this returns, come what may."""
    spoken = contextvars.copy_context()
    working = asyncio.get_running_loop().run_in_executor(WRITERS, lambda: spoken.run(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait({working})
        raise


async def _sent(out: IO[bytes]) -> AsyncGenerator[bytes]:
    with out:
        while piece := out.read(PIECE):
            yield piece
