"""The rows behind a figure: as they were when the month was sent, or as they are counted now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.errors import NotFound
from floorday.people.access import Actor, What, visible
from floorday.render import refs
from floorday.render.sheets import Sheet, link, moment, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _
from floorday.summaries import figures, queries, words
from floorday.summaries.figures import COMPANY
from floorday.summaries.pages import shared
from floorday.summaries.pages.shared import Asked, Named, Shown
from floorday.summaries.queries import KeptLine
from floorday.summaries.words import Number
from floorday.web import sheets, show

PAGE = 200
"""So many rows stand on one page."""


@get("/{month:str}/{name:str}")
async def rows_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], name: FromPath[str],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Open the rows behind one of the company's figures."""
    shared.may_read(actor, COMPANY)
    return await _rows(request, actor, Named(COMPANY), month, name, now=now)


@get([f"/{cut}/{{subject_id:uuid}}/{{month:str}}/{{name:str}}" for cut in shared.CUTS])
async def cut_rows_page(
    request: Asked, actor: NamedDependency[Actor], subject_id: FromPath[UUID], month: FromPath[str],
    name: FromPath[str], now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Open the rows behind a figure of a team, a manager or a department."""
    whose = await shared.named(actor, shared.cut_of(request), subject_id)
    return await _rows(request, actor, whose, month, name, now=now)


class Row(Struct, frozen=True):
    """A row behind a figure; `part` says that it was counted, not only in the whole."""

    part: bool
    kind: str
    thing: UUID
    title: str = ""
    number: int | None = None
    team: UUID | None = None
    team_name: str = ""
    manager: UUID | None = None
    manager_name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str = ""

    @property
    def href(self) -> str:
        """Say where it is opened."""
        return f"/bookings/{self.thing}" if self.kind == "day" else f"/issues/{self.thing}"


class Behind(Struct, frozen=True):
    """A figure, and the ids or lines behind it: those counted first, then those in the whole alone."""

    figure: Number
    kind: str
    entries: list[tuple[bool, Any]]
    sent: bool


async def _rows(request: Asked, actor: Actor, whose: Named, month: str, name: str, *, now: datetime) -> Shown:
    labels = words.figure_words()
    if name not in labels or name in words.CLOSED:
        raise NotFound(_("There is no such figure."))
    found = await _behind(whose, month, name, now=now)
    if form := sheets.asked(request):
        sheet = _sheet(_("%(figure)s %(month)s", figure=labels[name], month=month))
        every, _hidden = await _opened(actor, whose, found, found.entries)
        return await sheets.download(form, sheet, every)
    page = _page_asked(request, len(found.entries))
    rows, others = await _opened(actor, whose, found, found.entries[(page - 1) * PAGE : page * PAGE])
    here = f"{whose.path}/{month}"
    return show(
        request, "summaries/rows.html", month_title=words.month_words(month), title=labels[name], back=here,
        whose=whose, figure=words.said(found.figure), meaning=words.meanings()[name], sent=found.sent, others=others,
        counted=[row for row in rows if row.part], missing=[row for row in rows if not row.part],
        empty=not found.entries,
        newer=f"{here}/{name}?page={page - 1}" if page > 1 else "",
        older=f"{here}/{name}?page={page + 1}" if page * PAGE < len(found.entries) else "",
    )  # fmt: skip


def _page_asked(request: Asked, rows: int) -> int:
    said = request.query_params.get("page", "1")
    page = int(said) if said.isdecimal() and len(said) < 7 else 0
    if page < 1 or (page - 1) * PAGE >= max(rows, 1):
        raise NotFound(_("This list has no such page."))
    return page


async def _behind(whose: Named, month: str, name: str, *, now: datetime) -> Behind:
    if (sent := await queries.frozen(whose.subject, month)) is not None:
        kept = await queries.behind(sent.id, name)
        entries = _entries(kept.counted, kept.among) if kept else []
        return Behind(sent.numbers()[name], kept.kind if kept else "issue", entries, sent=True)
    answer = shared.begun((await shared.counted(whose.subject, (month,), now=now)).months[0])
    figure = answer.figures[name]
    return Behind(figures.numbers(answer)[name], figure.kind, _entries(figure.rows, figure.among), sent=False)


def _entries(counted: Sequence[Any], among: Sequence[Any]) -> list[tuple[bool, Any]]:
    part = set(counted)
    return [(True, one) for one in counted] + [(False, one) for one in among if one not in part]


async def _opened(
    actor: Actor, whose: Named, found: Behind, entries: Sequence[tuple[bool, Any]]
) -> tuple[list[Row], int]:
    """Show rows as far as this reader's own lists would show them, and count the others."""
    rows = await (_kept if found.sent else _counted)(found.kind, entries)
    if found.kind == "day":
        mine = visible(actor, What.BOOKINGS)
        seen = [row for row in rows if mine.all or row.team in mine.teams or row.manager in mine.persons]
    else:
        hidden = await queries.hidden(actor, lambda: [row.thing for row in rows])
        # Which team an issue is of stays with those who see all of them, and with the team.
        whole = visible(actor, What.ISSUES).all or whose.subject.cut == "team"
        seen = [
            row if whole else Row(row.part, row.kind, row.thing, row.title, row.number)
            for row in rows if row.thing not in hidden
        ]  # fmt: skip
    return seen, len(entries) - len(seen)


async def _kept(_kind: str, entries: Sequence[tuple[bool, Any]]) -> list[Row]:
    lines = await queries.kept_lines([one for _part, one in entries])
    return [_from_line(part, lines[one]) for part, one in entries if one in lines]


def _from_line(part: bool, line: KeptLine) -> Row:
    return Row(
        part, line.kind, line.thing, line.title, line.number, line.team, line.team_name, line.manager,
        line.manager_name, line.starts_at, line.ends_at, line.zone,
    )  # fmt: skip


async def _counted(kind: str, entries: Sequence[tuple[bool, Any]]) -> list[Row]:
    ids = list(dict.fromkeys(id for _part, id in entries))
    found: dict[Any, Row] = {}
    if kind == "day":
        for day in await queries.day_lines(ids):
            found[queries.raw(day.id)] = Row(
                False, kind, day.id, "", None, day.team, day.team_name, day.manager, day.manager_name, day.starts_at,
                day.ends_at, day.zone)  # fmt: skip
    else:
        for issue in await queries.issue_lines(ids):
            found[queries.raw(issue.id)] = Row(
                False, kind, issue.id, issue.title, issue.number, issue.team, issue.team_name)
    return [_as(part, found[id]) for part, id in entries if id in found]


def _as(part: bool, row: Row) -> Row:
    return Row(
        part, row.kind, row.thing, row.title, row.number, row.team, row.team_name, row.manager, row.manager_name,
        row.starts_at, row.ends_at, row.zone,
    )  # fmt: skip


def _sheet(name: str) -> Sheet[Row]:
    return Sheet(name=name, zone=settings().zone, columns=(
        text(_("Counted"), lambda row: _("in the part") if row.part else _("in the whole alone")),
        text(_("Issue"), lambda row: refs.ref(row.number) if row.number is not None else ""),
        text(_("Title"), lambda row: row.title),
        text(_("Manager"), lambda row: row.manager_name or None), text(_("Team"), lambda row: row.team_name),
        moment(_("Starts"), lambda row: row.starts_at), moment(_("Ends"), lambda row: row.ends_at),
        text(_("Time zone there"), lambda row: row.zone or None),
        link(_("Link"), lambda row: address(row.href)),
    ))  # fmt: skip
