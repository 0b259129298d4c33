"""Every read of teams' public pages."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.mail.tokens import find
from floorday.public.rules import LATELY, YEAR, Heard, Written
from floorday.public.tables import PublicPage

STATUS = "status"
"""The purpose of the address of a team's page; it is about the page."""


class Page(Struct, frozen=True, kw_only=True):
    """A team's page, with the name of whoever put it on."""

    id: UUID
    team: UUID
    team_name: str
    site: str
    zone: str
    closed_at: datetime | None
    generation: int
    on_at: datetime | None
    on_by_name: str | None
    written_at: datetime
    said: str

    @property
    def is_on(self) -> bool:
        """Say whether anybody may read it."""
        return self.on_at is not None and self.closed_at is None

    def written(self) -> Written:
        """Give what it tells."""
        return msgspec.json.decode(self.said, type=Written)


_PAGE = (
    *PublicPage.all_columns(), PublicPage.team._.name.as_alias("team_name"), PublicPage.team._.site.as_alias("site"),
    PublicPage.team._.zone.as_alias("zone"), PublicPage.team._.closed_at.as_alias("closed_at"),
    PublicPage.on_by._.name.as_alias("on_by_name"),
)  # fmt: skip


async def page(team: UUID) -> Page | None:
    """Find a team's page, on or off."""
    row = await PublicPage.select(*_PAGE).where(PublicPage.team == team).first()
    return msgspec.convert(row, Page) if row else None


async def opened(token: str, *, now: datetime) -> Page | None:
    """Find the page that an address opens: none once it is off, renewed, or its team closed."""
    found = await find(STATUS, token, now)
    row = await PublicPage.select(*_PAGE).where(PublicPage.id == found.about).first() if found else None
    opened = msgspec.convert(row, Page) if row else None
    return opened if opened is not None and opened.is_on else None


async def due(*, now: datetime) -> list[Page]:
    """List the pages that are on, for the clock."""
    rows = await PublicPage.select(*_PAGE).where(
        PublicPage.on_at.is_not_null(), PublicPage.written_at < now, PublicPage.team._.closed_at.is_null()
    ).order_by(PublicPage.id)  # fmt: skip
    return msgspec.convert(rows, list[Page])


_FIRST = (
    "FROM note n WHERE n.issue = i.id AND n.withdrawn_at IS NULL"
    " AND (n.naming <> 'anonymous' OR i.watched_from IS NOT NULL)"
    " ORDER BY n.at, CASE n.naming WHEN 'named' THEN 0 ELSE 1 END, n.id LIMIT 1"
)
"""The first note that was not anonymous: of these the day alone is kept, so they seem to come before others of it.

At one moment the one under a name comes first: whether an issue was raised so, its id tells (`rules.openly`).
Of what a file brought, the first of all: there the id does not tell how it was raised.
"""
_HEARD = (
    "SELECT i.id, i.title, i.turn, i.ending, i.raised_at, i.resolved_at, i.promised_for, i.restricted,"  # noqa: S608 - own words
    f" (SELECT n.naming {_FIRST}) AS naming, (SELECT n.restricted {_FIRST}) AS kept_back"
    " FROM issue i WHERE i.team = {} AND i.joined_into IS NULL AND (i.raised_at >= {} OR i.resolved_at >= {}"
    " OR i.turn IN ('being fixed', 'needs decision'))"
)


async def heard(team: UUID, *, now: datetime) -> list[Heard]:
    """List the issues of a team of which its page may speak."""
    rows = await run_sql(_HEARD, team, now - YEAR, now - LATELY)
    return [_heard(row) for row in rows]


def _heard(row: dict[str, Any]) -> Heard:
    flags = {"restricted": bool(row["restricted"]), "kept_back": bool(row["kept_back"])}
    return msgspec.convert(row | flags, Heard, strict=False)


_TITLES = (
    "SELECT l.issue, l.title, i.title AS now_title, i.restricted FROM public_line l JOIN issue i ON i.id = l.issue"
    " WHERE l.page = {}"
)


class Agreed(Struct, frozen=True):
    """An issue that may be listed under a title; `stands` while the title is still this and nobody restricted it."""

    issue: UUID
    title: str
    stands: bool


async def lines(page: UUID) -> list[Agreed]:
    """List what a team agreed to show."""
    rows = await run_sql(_TITLES, page)
    return [
        Agreed(msgspec.convert(row["issue"], UUID, strict=False), row["title"],
               row["title"] == row["now_title"] and not row["restricted"])
        for row in rows
    ]  # fmt: skip


