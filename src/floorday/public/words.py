"""What a team's public page says, in words; page and poster take it from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from floorday.public.rules import MOST, Line, Written
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext


class Said(Struct, frozen=True, kw_only=True):
    """A public page, ready to be shown."""

    team: str
    site: str
    counts: list[tuple[str, str]]
    fixed: list[tuple[str, str]]
    promised: list[tuple[str, str, bool]]
    on: str
    few: bool


def told(*, team: str, site: str, written: Written, titles: Mapping[UUID, str]) -> Said:
    """Say in words what a page tells."""
    fixed, promised = written.listed(titles)
    return Said(
        team=team, site=site, on=when.day(written.on), few=not written.counted,
        counts=_counts(written) if written.counted else [],
        fixed=[(line.title, month_of(line)) for line in fixed[:MOST]],
        promised=[(line.title, day_of(line), line.late) for line in promised[:MOST]],
    )  # fmt: skip


def month_of(line: Line) -> str:
    """Say in which month it was fixed."""
    return when.month(date.fromisoformat(f"{line.month}-15"))


def day_of(line: Line) -> str:
    """Say for which day it is promised."""
    day = when.day(line.promised) if line.promised else ""
    return _("promised for %(day)s, and late", day=day) if line.late else _("promised for %(day)s", day=day)


def _counts(written: Written) -> list[tuple[str, str]]:
    found = [
        (written.said, ngettext("thing was said", "things were said", written.said)),
        (written.fixed, ngettext("of them is fixed", "of them are fixed", written.fixed)),
        (written.confirmed, ngettext("was confirmed by the team", "were confirmed by the team", written.confirmed)),
        (written.promised, ngettext("is promised with a date", "are promised with a date", written.promised)),
        (written.cannot, ngettext("cannot be done, and the team was told why",
                                  "cannot be done, and the team was told why", written.cannot)),
    ]  # fmt: skip
    return [(str(count), words) for count, words in found if count or words == found[0][1]]
