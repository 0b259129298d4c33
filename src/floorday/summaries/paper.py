"""A month as a document: what the page tells, on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, to_builtins

from floorday import documents
from floorday.config import settings
from floorday.render import chart as charts
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import language
from floorday.summaries import words
from floorday.summaries.account import Account, Seen, account
from floorday.summaries.figures import Cut
from floorday.summaries.queries import Corrected, Frozen

PDF = "application/pdf"

PRINTED = charts.Frame(width=720, height=250, size=12)
IN_A_LETTER = charts.Frame(width=552, height=290, size=16)
MONTHS_IN_A_LETTER = 6


class Mark(Struct, frozen=True):
    """What stands on top: that it is preliminary, or that it was corrected."""

    title: str
    text: str = ""
    lines: tuple[str, ...] = ()


async def pdf(
    cut: Cut, sent: Frozen, seen: Seen, *, corrections: Sequence[Corrected] = (), preliminary: str = ""
) -> bytes:
    """Set a month in the language that is spoken. Raise Busy where that took more than it may.

    The same month told to somebody who may see the same gives the same bytes.
    """
    return await documents.made(paper(cut, sent, seen, corrections, preliminary))


def enclosed(cut: Cut, sent: Frozen, seen: Seen) -> dict[str, Any]:
    """Say what a letter encloses as the month's document, in its reader's language."""
    job = paper(cut, sent, seen, (), "")
    return {"name": f"{job.data['heading']} {sent.month}.pdf", "job": to_builtins(job)}


def picture(drawn: charts.Chart) -> dict[str, Any]:
    """Say what a letter shows of a month's chart: fewer months, in letters that a phone can show."""
    svg = charts.columns(drawn.last(MONTHS_IN_A_LETTER), IN_A_LETTER, inks=charts.PRINTED)
    return {"job": to_builtins(documents.picture(str(svg), width=IN_A_LETTER.width))}


def paper(
    cut: Cut, sent: Frozen, seen: Seen, corrections: Sequence[Corrected], preliminary: str
) -> documents.Job:
    """Say what is to be set."""
    made = account(cut, sent, seen)
    data = _data(made, sent, corrections, preliminary)
    pictures = {"chart": str(charts.columns(made.chart, PRINTED, inks=charts.PRINTED))} if made.chart else {}
    return documents.paper(
        "summary", data, title=f"{data['heading']}, {made.title}", language=language(), by=settings().company,
        at=sent.frozen_at, pictures=pictures)  # fmt: skip


def _data(
    made: Account, sent: Frozen, corrections: Sequence[Corrected], preliminary: str
) -> dict[str, Any]:
    marks = [Mark(preliminary)] if preliminary else []
    marks += [
        Mark(_("Corrected on %(day)s", day=when.day(one.at, sent.zone)), f"{one.because} ({one.by_name})",
             tuple(words.restated(line) for line in one.told))
        for one in corrections
    ]  # fmt: skip
    told = sent.words()
    as_sent = "" if preliminary else _("As it was sent on %(day)s.", day=when.day(sent.frozen_at, sent.zone))
    return {
        "kicker": _("Monthly follow-up, %(month)s", month=made.title),
        "heading": _("What the floor told us") if made.cut == "company" else made.whose,
        "lead": made.lead, "marks": [to_builtins(mark) for mark in marks],
        "comment": [line for line in made.comment.split("\n") if line.strip()],
        "commented_name": made.commented_name, "five": [to_builtins(one) for one in made.five],
        "compared": _("Compared with %(month)s as it was known then.", month=made.before) if made.before else "",
        "chart": _chart(made.chart), "sections": [to_builtins(one) for one in made.sections],
        "all": _figures({} if made.empty else sent.numbers(), told.was, told.year_was),
        "foot": " · ".join(filter(None, (settings().company, made.whose, made.title, as_sent))),
        "note": _("Months run in %(zone)s. On its page every figure opens the rows it was counted from. A rate of fewer"
                  " than five shows its counts and no percentage. Nothing here ranks people.",
                  zone=when.zone_words(sent.zone)),
    }  # fmt: skip


def _chart(drawn: charts.Chart | None) -> dict[str, Any] | None:
    if drawn is None:
        return None
    return {
        "title": drawn.title, "told": drawn.told, "corner": drawn.corner, "series": [one.label for one in drawn.series],
        "rows": [[label, cells, drawn.short[at]] for at, (label, cells) in enumerate(charts.rows(drawn))],
    }  # fmt: skip


def _figures(
    numbers: Mapping[str, words.Number], was: Mapping[str, words.Number], year: Mapping[str, words.Number]
) -> dict[str, Any]:
    labels = words.figure_words()
    return {
        "title": _("All figures"), "number": _("Figure"), "of": _("Counts"), "change": _("Change"),
        "groups": [
            {"title": title, "rows": [
                [labels[name], words.said(numbers[name]), words.of(numbers[name]),
                 words.changed(name, numbers[name], was.get(name), year.get(name))[0]]
                for name in names]}
            for title, names in words.groups() if numbers
        ],
    }  # fmt: skip
