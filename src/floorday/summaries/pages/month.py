"""A month as a page: as it was sent, or counted as long as it was not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.config import settings
from floorday.errors import BadInput
from floorday.issues import queries as issues
from floorday.issues.rules import say
from floorday.people.access import Act, Actor, can
from floorday.render import chart as charts
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.summaries import account, actions, figures, queries, rules, words
from floorday.summaries.figures import COMPANY, Pulse
from floorday.summaries.figures.window import local_date
from floorday.summaries.pages import shared
from floorday.summaries.pages.shared import Asked, Named, Shown
from floorday.summaries.queries import Frozen
from floorday.summaries.words import Number
from floorday.web import redirect, show

PDF = "pdf"
"""What `?as=` asks for where the month is wanted as a document."""


@get("/")
async def newest(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Open the running month."""
    shared.may_read(actor, COMPANY)
    return redirect(f"/summary/{now.astimezone(shared.zone()):%Y-%m}")


@get("/{month:str}")
async def month_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Tell the company's month."""
    shared.may_read(actor, COMPANY)
    return await _month(request, actor, Named(COMPANY), month, now=now)


@get([f"/{cut}/{{subject_id:uuid}}/{{month:str}}" for cut in shared.CUTS])
async def cut_page(
    request: Asked, actor: NamedDependency[Actor], subject_id: FromPath[UUID], month: FromPath[str],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Tell the month of a team, a manager or a department."""
    return await _month(request, actor, await shared.named(actor, shared.cut_of(request), subject_id), month, now=now)


async def _month(request: Asked, actor: Actor, whose: Named, month: str, *, now: datetime) -> Shown:
    printed = request.query_params.get("as")
    if printed not in {None, "", PDF}:
        raise BadInput(_("A month can be had as pdf. The rows behind each figure can be had as csv or as xlsx."))
    try:
        previous = rules.month_before(month)
    except ValueError:
        raise shared.no_month() from None
    if printed:
        content = await actions.paper_of(actor, whose.subject, whose.name, month, now=now)
        return shared.pdf(content, whose, month)
    found = await queries.frozen_or_before(whose.subject, month)
    sent = found.month
    if sent is not None and sent.month == month:
        return await _as_sent(request, actor, whose, sent, now=now)
    before = shared.month_before(month, now=now)
    last, sent = sent, sent if before and sent and sent.month == previous else None  # one that runs is not compared
    wanted = (month, before) if before and sent is None else (month,)
    known = {one.month: one for one in last.words().year} if last is not None else {}
    unknown = tuple(name for name in rules.twelve_before(month)[1:] if name not in known and name != before)
    told = await shared.counted(
        whose.subject, wanted, pulses=unknown if found.few else (), now=now, rows=False)
    answer = shared.begun(told.months[0])
    was = sent.numbers() if sent is not None else _numbers(told.months[1]) if len(wanted) > 1 else {}
    first = rules.word(local_date(told.first, shared.zone()).replace(day=1)) if told.first else ""
    numbers = figures.numbers(answer)
    known |= {one.month: one for one in told.pulses}
    return show(
        request, "summaries/month.html", **_around(actor, whose, month, now=now), complete=answer.complete, sent=None,
        groups=groups(f"{whose.path}/{month}", numbers, was), chart=_chart(month, numbers, was, known),
        empty=figures.is_empty(answer),
        hard=await _hard_ones(actor, whose, month), nothing=account.nothing(), began=first if first > month else "",
    )  # fmt: skip


def _chart(
    month: str, numbers: Mapping[str, Number], was: Mapping[str, Number], known: dict[str, Pulse]
) -> charts.Chart | None:
    """Draw a month that was not sent beside what is known of those before it, from the first with anything in it."""
    if was:
        before = rules.month_before(month)
        known.setdefault(before, figures.pulse_of(before, was))
    known[month] = figures.pulse_of(month, numbers)
    first = rules.twelve_before(month)[1:2] or [month]
    year = [known[name] for name in sorted(known) if first[0] <= name <= month]
    while year and not year[0]:
        del year[0]
    together = year and year[0].month == rules.word(figures.months_on(rules.first_of(month), 1 - len(year)))
    return account.year_chart(year) if together else None


async def _hard_ones(actor: Actor, whose: Named, month: str) -> list[dict[str, Any]]:
    """Name the large issues that the company keeps in sight in a month, as they stand now for this reader."""
    if whose.subject != COMPANY:
        return []
    return [
        {"href": f"/issues/{one.row.id}", "title": one.row.title, "standing": say(one.row.stage),
         "ref": refs.ref(one.row.number), "sponsor": one.row.sponsor_name or ""}
        for one in await issues.hard_ones(actor, month)
    ]  # fmt: skip


def _numbers(month: figures.Month | None) -> Mapping[str, Number]:
    """Give the figures to compare with: none of a month in which there was nothing yet."""
    return {} if month is None or figures.is_empty(month) else figures.numbers(month)


async def _as_sent(request: Asked, actor: Actor, whose: Named, sent: Frozen, *, now: datetime) -> Shown:
    """Show what was sent; everything about it is the same for ever, but for what may not be told any more."""
    seen = await actions.seen_by(actor, sent)
    corrections = tuple(await queries.corrections(sent.id)) if sent.corrections else ()

    def draw() -> dict[str, Any]:
        told = sent.words()
        return {
            "told": account.account(whose.subject.cut, sent, seen),
            "groups": groups(f"{whose.path}/{sent.month}", sent.numbers(), told.was, told.year_was),
            "corrections": [
                {"at": when.day(one.at, sent.zone), "by": one.by_name, "because": one.because,
                 "told": [words.restated(line) for line in one.told]}
                for one in corrections
            ],
        }  # fmt: skip

    return show(
        request, "summaries/month.html", **_around(actor, whose, sent.month, now=now), complete=True, sent=sent,
        drawn_by=(whose, sent, seen, corrections), draw=draw,
        hard=await _hard_ones(actor, whose, sent.month) if sent.hard else [],
    )  # fmt: skip


def _around(actor: Actor, whose: Named, month: str, *, now: datetime) -> dict[str, Any]:
    """Say what stands around the figures: whose month it is, and the months beside it."""
    first = rules.first_of(month)
    after = rules.word(figures.months_on(first, 1))
    running = rules.word(local_date(now, shared.zone()).replace(day=1))
    return {
        "whose": whose, "month": month, "title": words.month_words(month),
        "subject_name": words.subject_words(whose.subject.cut, whose.name),
        "before_month": rules.month_before(month), "after_month": after if after <= running else "",
        "month_words": words.month_words, "zone": settings().zone, "steers": can(actor, Act.SEND_SUMMARY),
    }  # fmt: skip


def groups(
    path: str, numbers: Mapping[str, Number], was: Mapping[str, Number], year: Mapping[str, Number] | None = None
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Put the figures in the order they are told."""
    then = year or {}
    return [
        (title, [_shown(path, name, numbers[name], was.get(name), then.get(name)) for name in names])
        for title, names in words.groups()
    ]


def _shown(path: str, name: str, figure: Number, before: Number | None, year: Number | None) -> dict[str, Any]:
    change, tone = words.changed(name, figure, before, year)
    return {
        "label": words.figure_words()[name],
        "figure": words.said(figure),
        "of": words.of(figure),
        "href": f"{path}/{name}" if words.opens(name, figure) else "",
        "change": change,
        "tone": tone,
    }
