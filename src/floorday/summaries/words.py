"""Figures in words: their names, what they mean, how they changed, and what is told of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from msgspec import Struct

from floorday.config import settings
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import language, ngettext
from floorday.summaries.figures import Cut
from floorday.summaries.queries import Cause, Restated

Number = Mapping[str, Any]
"""A figure as the API answers it."""

SMALLEST_DENOMINATOR = 5
"""Under this a rate shows its counts and no percentage."""

SMALLEST_WHOLE = 10
"""From here on no tenths are told."""

TOGETHER = "\u00a0"
"""A space at which no line is broken."""


def said(figure: Number) -> str:
    """Say a figure: a count, or a percentage where enough stands behind it."""
    value, whole = figure["value"], figure.get("denominator")
    if value is None or whole == 0:
        return "–"
    if whole is None:
        return counted(value)
    if whole < SMALLEST_DENOMINATOR:
        return of(figure, always=True)
    return f"{100 * value:.0f}{TOGETHER}%"


def counted(value: float) -> str:
    """Say a number as a person would: thousands apart, and a tenth only where that is much of it."""
    return f"{value:,.0f}" if value >= SMALLEST_WHOLE or value == int(value) else f"{value:.1f}"


def of(figure: Number, *, always: bool = False) -> str:
    """Say of how many, beside a percentage."""
    whole = figure.get("denominator")
    if whole is None or (whole < SMALLEST_DENOMINATOR and not always):
        return ""
    return _("%(part)s of %(whole)s", part=f"{figure['numerator']:,}", whole=f"{whole:,}")


CLOSED = frozenset({"feedback_rate", "stories", "thanked_in_72h"})
"""Figures whose rows are persons, some of whom hide their name, or stories, which go as far as their hero lets them."""


def opens(name: str, figure: Number) -> bool:
    """Say whether any row stands behind a figure that can be opened."""
    return name not in CLOSED and bool(figure.get("denominator") or figure["value"])


LESS_IS_BETTER = frozenset(
    {"days_missed", "days_postponed", "days_cancelled", "days_unsettled", "issues_reopened", "returns",
     "issues_open", "issues_unconfirmed", "promises_broken", "promises_moved", "silent", "time_to_fix_median",
     "hours_lost"}
)  # fmt: skip
MEASURED = frozenset({"time_to_fix_median", "time_to_fix_p90", "hours_lost"})
"""Days and hours, of which there is less; of all else there are fewer."""
NEITHER = frozenset({"days_due", "issues_raised", "issues_waiting", "issues_cannot", "issues_declined"})


def changed(name: str, figure: Number, before: Number | None, year: Number | None = None) -> tuple[str, str]:
    """Say in words how a count changed on the month before, and on the year; and whether the first is good."""
    on_month, tone = _changed(name, figure, before)
    difference = _difference(figure, year)
    if difference is None:
        return on_month, tone
    if difference == 0:
        on_year = _("as a year before")
    elif difference > 0:
        on_year = ngettext("%(n)s more than a year before", "%(n)s more than a year before", difference)
    elif name in MEASURED:
        on_year = ngettext("%(n)s less than a year before", "%(n)s less than a year before", -difference)
    else:
        on_year = ngettext("%(n)s fewer than a year before", "%(n)s fewer than a year before", -difference)
    return (_("%(month)s; %(year)s", month=on_month, year=on_year) if on_month else on_year), tone


def _difference(figure: Number, before: Number | None) -> int | None:
    if before is None or "denominator" in figure or figure["value"] is None or before["value"] is None:
        return None
    return round(figure["value"]) - round(before["value"])


def _changed(name: str, figure: Number, before: Number | None) -> tuple[str, str]:
    difference = _difference(figure, before)
    if difference is None:
        return "", ""
    if difference == 0:
        return _("as the month before"), ""
    better = (difference < 0) == (name in LESS_IS_BETTER)
    tone = "" if name in NEITHER else ("good" if better else "bad")
    if difference > 0:
        told = ngettext("%(n)s more than the month before", "%(n)s more than the month before", difference)
    elif name in MEASURED:
        told = ngettext("%(n)s less than the month before", "%(n)s less than the month before", -difference)
    else:
        told = ngettext("%(n)s fewer than the month before", "%(n)s fewer than the month before", -difference)
    worth = {"good": _("better"), "bad": _("worse")}.get(tone)
    return (_("%(change)s: %(worth)s", change=told, worth=worth) if worth else told), tone


def figure_words() -> dict[str, str]:
    """Name the figures."""
    return {
        "days_due": _("Days due"),
        "days_held": _("Held"),
        "compliance": _("Held of those due"),
        "days_missed": _("Missed"),
        "days_postponed": _("Postponed"),
        "days_cancelled": _("Cancelled"),
        "days_unsettled": _("Not settled yet"),
        "issues_raised": _("Raised"),
        "issues_said_fixed": _("Said fixed"),
        "issues_confirmed": _("Confirmed by the floor"),
        "issues_reopened": _("Reopened"),
        "returns": _("Came back"),
        "confirmed_rate": _("Confirmed, of all ever raised"),
        "issues_open": _("Open"),
        "issues_waiting": _("Wait for the floor's word"),
        "issues_unconfirmed": _("Closed without a word"),
        "issues_closed_confirmed": _("Closed, confirmed"),
        "issues_cannot": _("Cannot be fixed"),
        "issues_declined": _("Declined"),
        "promises_kept": _("Kept"),
        "promises_moved": _("Moved with notice"),
        "promises_broken": _("Broken"),
        "answered_rate": _("Answered, of those said fixed"),
        "time_to_fix_median": _("Days until half are fixed"),
        "silent": _("Without a word for too long"),
        "hours_lost": _("Hours lost a month"),
        "feedback_rate": _("Heard a word, of those waiting"),
        "stories": _("Stories"),
        "thanked_in_72h": _("Thanked within three days"),
    }


def meanings() -> dict[str, str]:
    """Say exactly what each figure counts."""
    return {
        "days_due": _("Days that were ever accepted and whose start, as it stood then, falls in this month."),
        "days_held": _("Of the days due, those that were held."),
        "compliance": _("Days held, of the days due. A postponed day is neither held nor cancelled."),
        "days_missed": _("Of the days due, those to which the manager did not come."),
        "days_postponed": _("Of the days due, those that wait for a new date."),
        "days_cancelled": _("Of the days due, those that were called off."),
        "days_unsettled": _("Of the days due, those of which nobody has said yet what became of them."),
        "issues_raised": _("Issues whose first note came in this month. Joined issues count once."),
        "issues_said_fixed": _("Issues that their owner said for the first time to be fixed, in this month."),
        "issues_confirmed": _("Issues that a reporter confirmed in this month and that still stand confirmed."),
        "issues_reopened": _("Issues that came open again in this month."),
        "returns": _("Times the same problem was met again after it had been closed."),
        "confirmed_rate": _("Issues that stand confirmed, of all that were ever raised. Silence is never a yes."),
        "issues_open": _("Issues that stand open at the end of the month."),
        "issues_waiting": _("Said to be fixed less than 14 days ago; no reporter has answered yet."),
        "issues_unconfirmed": _("Said to be fixed at least 14 days ago; no reporter has answered."),
        "issues_closed_confirmed": _("A reporter has said that it is fixed."),
        "issues_cannot": _("The owner has said why it cannot be fixed."),
        "issues_declined": _("Declined at triage, with a reason."),
        "promises_kept": _("Promises for a date in this month that is over, with a resolution standing by then."),
        "promises_moved": _("Promises for which a new date, or an end, was told before the date."),
        "promises_broken": _("Promises whose date passed without either."),
        "answered_rate": _("Issues that got a verdict after they were said to be fixed, of all that were."),
        "time_to_fix_median": _("Of the issues raised in twelve months; those still open count too (Kaplan-Meier)."),
        "silent": _("Open issues on which nobody has said a word for longer than the department's charter allows."),
        "hours_lost": _("Minutes a case times cases a month, of the open issues for which both are stated."),
        "feedback_rate": _("Of those who raised something that was open or waiting, those who were told something."),
        "stories": _("Good stories that happened in this month."),
        "thanked_in_72h": _("Of these, those whose hero was thanked within three days."),
    }


FIVE: dict[Cut, tuple[str, ...]] = {
    "company": ("days_held", "issues_raised", "issues_said_fixed", "time_to_fix_median", "issues_open"),
    "team": ("issues_said_fixed", "issues_confirmed", "issues_waiting", "issues_open", "days_held"),
    "manager": ("days_held", "issues_open", "issues_said_fixed", "issues_reopened", "promises_broken"),
    "department": ("issues_open", "issues_said_fixed", "promises_kept", "promises_broken", "silent"),
}
"""The numbers that a letter begins with, in each reader's own order of interest."""


class Five(Struct, frozen=True):
    """One of the numbers that a letter begins with."""

    label: str
    figure: str
    of: str
    change: str
    tone: str


def five(
    cut: Cut, figures: Mapping[str, Number], before: Mapping[str, Number], year: Mapping[str, Number] | None = None
) -> list[Five]:
    """Say the five numbers."""
    labels = figure_words() | _in_letters()
    return [_one(name, labels[name], figures, before.get(name), (year or {}).get(name)) for name in FIVE[cut]]


def _one(
    name: str, label: str, figures: Mapping[str, Number], before: Number | None, year: Number | None
) -> Five:
    figure = figures[name]
    change, tone = changed(name, figure, before, year)
    if name == "days_held":
        due = int(figures["days_due"]["value"])
        beside = ngettext("of %(n)s due", "of %(n)s due", due) if due else _("none was due")
        return Five(_("Days on the floor"), said(figure), beside, change, tone)
    if name == "time_to_fix_median":
        value = figure["value"]
        return Five(label, said(figure), "" if value is None else _("days"), change, tone)
    return Five(label, said(figure), of(figure), change, tone)


def _in_letters() -> dict[str, str]:
    return {"time_to_fix_median": _("Half are fixed within")}


def groups() -> list[tuple[str, tuple[str, ...]]]:
    """Name the figures of a page in the order they are told, by heading."""
    return [
        (_("Days on the floor"), ("days_due", "days_held", "compliance", "days_missed", "days_postponed",
                                  "days_cancelled", "days_unsettled")),
        (_("Raised and fixed"), ("issues_raised", "issues_said_fixed", "issues_confirmed", "issues_reopened",
                                 "returns", "confirmed_rate", "answered_rate", "time_to_fix_median")),
        (_("Where all issues stand"), ("issues_open", "issues_waiting", "issues_unconfirmed",
                                       "issues_closed_confirmed", "issues_cannot", "issues_declined")),
        (_("Promises and silence"), ("promises_kept", "promises_moved", "promises_broken", "silent", "feedback_rate",
                                     "hours_lost")),
        (_("Good news"), ("stories", "thanked_in_72h")),
    ]  # fmt: skip


def month_words(month: str) -> str:
    """Say a month: November 2026."""
    return _month_words(month, language())


@lru_cache(maxsize=1024)
def _month_words(month: str, _language: str) -> str:
    return when.month(date.fromisoformat(f"{month}-15"))


def short_months(months: Sequence[str]) -> tuple[str, ...]:
    """Say months one after the other: a year stands where it begins between them (Nov, Dec, Jan ’27)."""
    days = [date.fromisoformat(f"{month}-15") for month in months]
    return tuple(
        when.short_month(day) + (f"{TOGETHER}’{day:%y}" if day.month == 1 and at else "")
        for at, day in enumerate(days)
    )  # fmt: skip


def subject_words(cut: Cut, name: str) -> str:
    """Say whose month it is."""
    return name or {"company": _("The whole company"), "team": _("A team"), "manager": _("A manager"),
                    "department": _("A department")}[cut]  # fmt: skip


def restated(line: Restated) -> str:
    """Say what a month said and what it is now: March said 12 confirmed, it is 11 now: FD-102 reopened on 4 April."""
    label = figure_words()[line.name]
    sentence = _("%(month)s said %(said)s for “%(figure)s”, it is %(now)s now", month=month_words(line.month),
                 said=line.said, now=line.now, figure=label)  # fmt: skip
    causes = ", ".join(filter(None, map(_cause, line.because)))
    return _("%(sentence)s: %(causes)s.", sentence=sentence, causes=causes) if causes else f"{sentence}."


def _cause(cause: Cause) -> str:
    ref = refs.ref(cause.number) if cause.number is not None else ""
    on = when.short_day(cause.at, settings().zone) if cause.at else ""
    match cause.what:
        case "reopened":
            return _("%(issue)s reopened on %(day)s", issue=ref, day=on)
        case "returned":
            return _("%(issue)s came back on %(day)s", issue=ref, day=on)
        case "joined":
            return _("%(issue)s became part of another on %(day)s", issue=ref, day=on)
        case "day":
            return _("what became of the day with %(team)s on %(day)s was told later", team=cause.team, day=on)
        case _:
            return _("%(issue)s was told of later", issue=ref) if ref else _("told of later")
