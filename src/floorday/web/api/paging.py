"""Lists in pages: each ends with a cursor from which the next one goes on, whatever is added meanwhile."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response
from msgspec import Meta, Struct

from floorday.db.text import Text
from floorday.errors import BadInput
from floorday.render.words import gettext as _
from floorday.web.api.telling import Piece, ready

T = TypeVar("T")
Row = TypeVar("Row")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(Text):
    """Where a page ended; taken from `next` as it stands."""

    __slots__ = ()
    longest = 80

    def id(self) -> UUID:
        """Give the id it stands for."""
        try:
            return UUID(self._said())
        except ValueError:
            raise _no_cursor() from None

    def number(self) -> int:
        """Give the number it stands for."""
        said = self._said()
        if not (said.isascii() and said.isdecimal() and len(said) < 10):
            raise _no_cursor()
        return int(said)

    def place(self) -> tuple[int, int]:
        """Give the number it stands for, and how many of that number were given already."""
        number, _dot, given = self._said().partition(".")
        if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (number, given)):
            raise _no_cursor()
        return int(number), int(given)

    def moment(self) -> tuple[datetime, UUID]:
        """Give the moment it stands for (UTC), and the id of the last row of that moment."""
        micros, _dot, last = self._said().partition(".")
        if not (micros.isascii() and micros.isdecimal() and len(micros) < 18):
            raise _no_cursor()
        try:
            return EPOCH + timedelta(microseconds=int(micros)), UUID(last)
        except (ValueError, OverflowError):
            raise _no_cursor() from None

    def _said(self) -> str:
        try:
            return base64.urlsafe_b64decode(self + "=" * (-len(self) % 4)).decode("ascii")
        except (binascii.Error, ValueError):
            raise _no_cursor() from None


def at_moment(at: datetime, last: UUID) -> str:
    """Say where a list ends that goes by time, for `Cursor.moment`."""
    return f"{(at - EPOCH) // timedelta(microseconds=1)}.{last}"


def _no_cursor() -> BadInput:
    wrong = _("This is no cursor. Take it from next as it stands.")
    return BadInput(wrong, fields={"cursor": wrong})


class Paged(Struct, frozen=True, kw_only=True):
    """What every list takes."""

    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Page(Struct, Generic[T], frozen=True):
    """A page of a list; `next` is the path of the next one, null on the last."""

    items: list[T]
    next: str | None


def paged(
    request: Request[Any, Any, Any], wanted: Paged, rows: Sequence[Row], *, key: Callable[[Row], UUID | int | str],
    show: Callable[[Row], T],
) -> Page[T]:  # fmt: skip
    """Make a page of rows that were read with one more than its limit."""
    shown = rows[: wanted.limit]
    follows = _next(request, key(shown[-1])) if len(rows) > wanted.limit else None
    return Page([show(row) for row in shown], follows)


def paged_pieces(
    request: Request[Any, Any, Any], wanted: Paged, rows: Sequence[Row], *, key: Callable[[Row], UUID | int],
    piece: Callable[[Row], Piece],
) -> Response[bytes]:  # fmt: skip
    """Answer the same page, put together from items that are JSON already."""
    shown = rows[: wanted.limit]
    follows = _next(request, key(shown[-1])) if len(rows) > wanted.limit else None
    pieces = [piece(row) for row in shown]
    tail = b'],"next":' + msgspec.json.encode(follows) + b"}"
    body = b'{"items":[' + b",".join([one.json for one in pieces]) + tail
    return ready(body, tag=b"".join([one.digest for one in pieces]) + tail)


def _next(request: Request[Any, Any, Any], last: UUID | int | str) -> str:
    mark = base64.urlsafe_b64encode(str(last).encode()).decode().rstrip("=")
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.scope['path']}?{urlencode([*kept, ('cursor', mark)])}"
