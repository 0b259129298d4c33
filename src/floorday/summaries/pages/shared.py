"""What the pages of months have in common: whose month, who may read it, the month before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response
from msgspec import Struct

from floorday.config import settings
from floorday.errors import Forbidden, NotFound
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Role, can
from floorday.people.access import Subject as Thing
from floorday.render.words import gettext as _
from floorday.summaries import figures, queries, rules, words
from floorday.summaries.figures import Cut, Month, Subject
from floorday.summaries.queries import Counted
from floorday.web.sheets import disposition

Asked = Request[Any, Any, Any]
Shown = Response[Any]


def zone() -> ZoneInfo:
    """Give the programme's zone."""
    return ZoneInfo(settings().zone)


class Named(Struct, frozen=True):
    """A subject and its name; the company has none."""

    subject: Subject
    name: str = ""

    @property
    def path(self) -> str:
        """Give what stands before a month in the address."""
        return "/summary" if self.subject.id is None else f"/summary/{self.subject.cut}/{self.subject.id}"


def pdf(content: bytes | None, whose: Named, month: str) -> Response[bytes]:
    """Answer with a document, named after whose month it is."""
    if content is None:
        raise NotFound(_("This month has not begun."))
    name = _("%(whose)s %(month)s", whose=words.subject_words(whose.subject.cut, whose.name), month=month)
    return Response(content, media_type="application/pdf", headers={
        "content-disposition": disposition(name, "pdf"), "cache-control": "no-store"})  # fmt: skip


def may_read(actor: Actor, subject: Subject) -> None:
    """Refuse whoever a summary is not for."""
    thing = Thing() if subject.id is None else Thing(**{subject.cut: subject.id})
    if not can(actor, Act.SEE_SUMMARY, thing):
        if subject.id is None:
            raise Forbidden(
                _("The company's summary is for managers, the coordinator and the head of customer service."))
        raise Forbidden(_("This summary is for those whose month it is, the coordinator and the head of service."))


CUTS: tuple[Cut, ...] = ("team", "manager", "department")


def cut_of(request: Asked) -> Cut:
    """Read from the address which kind of summary is asked for."""
    said = request.scope["path"].split("/")[2]
    return next(cut for cut in CUTS if cut == said)


async def named(actor: Actor, cut: Cut, id: UUID) -> Named:
    """Find whose month is asked for, after asking whether it may be read."""
    subject = Subject(cut, id)
    may_read(actor, subject)
    match subject.cut:
        case "team":
            found = await people.team(id)
        case "department":
            found = await people.department(id)
        case _:
            held = any(one.role is Role.MANAGER for one in await people.grants(id))
            found = await people.person(id) if held else None
    if found is None:
        raise NotFound(_("There is no such summary."))
    return Named(subject, found.name)


async def counted(
    subject: Subject, wanted: tuple[str, ...], *, pulses: tuple[str, ...] = (), now: datetime, rows: bool = True
) -> Counted:
    """Count months that were not sent; NotFound where one of them is none."""
    try:
        return await queries.counted(subject, wanted, pulses=pulses, now=now, zone=zone(), rows=rows)
    except ValueError:
        raise no_month() from None


def no_month() -> NotFound:
    """Say what a month looks like."""
    return NotFound(_("A month looks like 2026-11."))


def begun(answer: Month | None) -> Month:
    """Give a month that has begun."""
    if answer is None:
        raise NotFound(_("This month has not begun."))
    return answer


def month_before(month: str, *, now: datetime) -> str | None:
    """Name the month to compare with, if this one is over."""
    try:
        edges = figures.window(month, now=now, zone=zone())
        if edges is None or not edges.complete:
            return None
        before = rules.month_before(month)
        return before if figures.window(before, now=now, zone=zone()) else None
    except ValueError:
        return None
