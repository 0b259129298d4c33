"""How often a page that anybody may open is opened from one place: counted in memory, in each process for itself.

A page like that changes nothing when it is read, so there is no row to count in. What is held is small: who came in
this minute, and no more than so many of them.
"""

from __future__ import annotations

from typing import Any

from litestar import Request

from floorday.errors import TooMany
from floorday.render.words import gettext as _

MINUTE = 60
MOST_PLACES = 10_000


class Throttle:
    """So many times a minute from one network address."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute = 0
        self._came: dict[str, int] = {}

    def count(self, request: Request[Any, Any, Any], *, seconds: float) -> None:
        """Count somebody who comes at this second; raise TooMany where they came too often in this minute."""
        self.count_place(request.client.host if request.client else "", seconds=seconds)

    def count_place(self, place: str, *, seconds: float) -> None:
        """Do the same for a network address."""
        minute = int(seconds // MINUTE)
        if minute != self._minute or len(self._came) >= MOST_PLACES:
            self._minute, self._came = minute, {}
        self._came[place] = self._came.get(place, 0) + 1
        if self._came[place] > self.most:
            raise TooMany(_("This was opened very often in the last minute. Please wait a little."), after=MINUTE)
