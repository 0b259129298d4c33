"""Lists in pages: each ends with a cursor from which the next one goes on, whatever is added meanwhile."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request
from msgspec import Meta, Struct

from floorday.db.text import Text
from floorday.errors import BadInput
from floorday.render.words import gettext as _

T = TypeVar("T")
Row = TypeVar("Row")



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

    def _said(self) -> str:
        try:
            return base64.urlsafe_b64decode(self + "=" * (-len(self) % 4)).decode("ascii")
        except (binascii.Error, ValueError):
            raise _no_cursor() from None


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
    request: Request[Any, Any, Any], wanted: Paged, rows: Sequence[Row], *, key: Callable[[Row], UUID | int],
    show: Callable[[Row], T],
) -> Page[T]:  # fmt: skip
    """Make a page of rows that were read with one more than its limit."""
    shown = rows[: wanted.limit]
    follows: str | None = None
    if len(rows) > wanted.limit:
        mark = base64.urlsafe_b64encode(str(key(shown[-1])).encode()).decode().rstrip("=")
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        follows = f"{request.scope['path']}?{urlencode([*kept, ('cursor', mark)])}"
    return Page([show(row) for row in shown], follows)
