"""Charts as SVG: one picture for pages, documents and letters, each shown with its numbers as a table.

    drawn = columns(chart, frame)                # in a page: colours by class, so they follow light and dark
    drawn = columns(chart, frame, inks=PRINTED)  # in a document or a letter: the colours written out

Nothing is told by colour alone: columns are hollow or filled, a line has dots, and the last value stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil
from typing import Literal

from markupsafe import Markup
from msgspec import Struct

Look = Literal["hollow", "filled", "line"]


class Series(Struct, frozen=True):
    """One thing that is counted, a value for each label; None where nothing is known."""

    label: str
    values: tuple[int | None, ...]
    look: Look = "filled"


class Chart(Struct, frozen=True):
    """What a chart shows. `told` says in a sentence what can be seen; `name` tells several on one page apart."""

    name: str
    title: str
    told: str
    labels: tuple[str, ...]
    short: tuple[str, ...]
    series: tuple[Series, ...]
    corner: str = ""

    def last(self, count: int) -> Chart:
        """Give the last labels alone."""
        cut = tuple(Series(one.label, one.values[-count:], one.look) for one in self.series)
        return Chart(self.name, self.title, self.told, self.labels[-count:], self.short[-count:], cut, self.corner)


class Inks(Struct, frozen=True):
    """Colours, written out where no style sheet reaches."""

    paper: str = "#ffffff"
    ink: str = "#15202b"
    soft: str = "#4c5a68"
    grid: str = "#d5dce2"
    filled: str = "#0b6658"
    font: str = "FiraGO"


PRINTED = Inks()

NARROW = 6
"""So many labels a phone can show."""


class Frame(Struct, frozen=True):
    """How large a chart is drawn, in its own units; `legend` says what its marks are, inside the picture."""

    width: int = 720
    height: int = 280
    size: int = 12
    legend: bool = True


def columns(chart: Chart, frame: Frame, *, inks: Inks | None = None) -> Markup:
    """Draw columns side by side for each label, and a line over them; labels and the last values in words."""
    return Markup(_Columns(chart, frame, inks).drawn())  # noqa: S704 - every word is escaped where it is put in


def in_page(chart: Chart, *, narrow: bool = False) -> Markup:
    """Draw a chart in a page; `narrow` for a phone, where it shows the last labels in larger letters."""
    if not narrow:
        return columns(chart, Frame(width=960, height=300, size=14))
    return columns(Chart(f"{chart.name}-narrow", chart.title, chart.told, chart.labels, chart.short, chart.series,
                         chart.corner).last(NARROW), Frame(width=400, height=260, size=15))  # fmt: skip


def top_of(highest: int) -> int:
    """Give the end of an axis in four steps that are easy to read."""
    step = ceil(max(highest, 4) / 4)
    if step <= 5:
        return 4 * step
    size = 10 ** (len(str(step)) - 1)
    return 4 * next(round(size * nice) for nice in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * nice >= step)


class _Columns:
    def __init__(self, chart: Chart, frame: Frame, inks: Inks | None) -> None:
        self.chart, self.frame, self.inks = chart, frame, inks
        size = frame.size
        values = [value for one in chart.series for value in one.values if value is not None]
        self.top = top_of(max(values, default=0))
        self.left = size * (0.8 + 0.62 * len(f"{self.top:,}"))
        self.legend = self._legend_lines() if frame.legend else []
        self.right, self.above = size * 0.5, size * (1.4 + 1.5 * len(self.legend))
        self.below = size * 1.9
        self.wide = frame.width - self.left - self.right
        self.high = frame.height - self.above - self.below
        self.step = self.wide / max(len(chart.labels), 1)

    def drawn(self) -> str:
        """Put the parts together."""
        frame, chart = self.frame, self.chart
        title, told = f"chart-{chart.name}-title", f"chart-{chart.name}-told"
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img"'
            f' viewBox="0 0 {frame.width} {frame.height}" aria-labelledby="{title} {told}"'
            f' font-size="{frame.size}"{self._font()}>'
            f'<title id="{title}">{escape(chart.title)}</title><desc id="{told}">{escape(chart.told)}</desc>'
        )
        back = f'<rect width="{frame.width}" height="{frame.height}" fill="{self.inks.paper}"/>' if self.inks else ""
        bars = [one for one in chart.series if one.look != "line"]
        lines = [one for one in chart.series if one.look == "line"]
        return "".join((
            head, back, self._grid(), *(self._bars(one, at, len(bars)) for at, one in enumerate(bars)),
            *map(self._line, lines), self._labels(), self._legend(), "</svg>",
        ))  # fmt: skip

    def _font(self) -> str:
        return f' font-family="{self.inks.font}"' if self.inks else ""

    def _paint(self, kind: str) -> str:
        """Say how a part is painted: by its class in a page, else by its colours."""
        if self.inks is None:
            return f' class="{kind}"'
        inks, thin = self.inks, round(self.frame.size / 8, 1)
        return {
            "grid": f' fill="none" stroke="{inks.grid}" stroke-width="{thin / 1.5:.1f}"',
            "hollow": f' fill="{inks.paper}" stroke="{inks.soft}" stroke-width="{thin}"',
            "filled": f' fill="{inks.filled}" stroke="{inks.filled}" stroke-width="{thin}"',
            "line": f' fill="none" stroke="{inks.ink}" stroke-width="{thin * 1.5:.1f}" stroke-linejoin="round"',
            "dot": f' fill="{inks.ink}"',
            "axis": f' fill="{inks.soft}"',
            "value": f' fill="{inks.ink}" font-weight="700" paint-order="stroke" stroke="{inks.paper}"'
                     f' stroke-width="{thin * 2:.1f}" stroke-linejoin="round"',
        }[kind]

    def _y(self, value: int) -> float:
        return self.above + self.high * (1 - value / self.top)

    def _x(self, place: int) -> float:
        return self.left + self.step * (place + 0.5)

    def _grid(self) -> str:
        lines, words = "", ""
        for part in range(5):
            value = self.top * part // 4
            y = self._y(value)
            lines += f"M{self.left:.1f} {y:.1f}H{self.frame.width - self.right:.1f}"
            at = self.left - self.frame.size * 0.5, y + self.frame.size * 0.35
            words += self._word(f"{value:,}", *at, "axis", "end")
        return f'<path d="{lines}"{self._paint("grid")}/>{words}'

    def _bars(self, one: Series, place: int, beside: int) -> str:
        room = self.step * 0.66 / beside
        wide = min(room * 0.86, self.frame.size * 2.2)
        paths = ""
        for at, value in enumerate(one.values):
            if not value:
                continue
            x = self._x(at) + room * (place - beside / 2 + 0.5) - wide / 2
            y = self._y(value)
            round_ = min(wide / 5, (self.above + self.high - y) / 2)
            base = self.above + self.high
            paths += (
                f'<path d="M{x:.1f} {base:.1f}V{y + round_:.1f}q0 {-round_:.1f} {round_:.1f} {-round_:.1f}'
                f'h{wide - 2 * round_:.1f}q{round_:.1f} 0 {round_:.1f} {round_:.1f}V{base:.1f}z">'
                f"<title>{escape(self.chart.labels[at])}: {value:,} {escape(one.label)}</title></path>"
            )
        return f"<g{self._paint(one.look)}>{paths}</g>"

    def _line(self, one: Series) -> str:
        known = [(self._x(at), self._y(value), value) for at, value in enumerate(one.values) if value is not None]
        if not known:
            return ""
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _value in known)
        size = self.frame.size
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size * 0.28:.1f}"/>' for x, y, _value in known)
        x, y, value = known[-1]
        return (
            f'<path d="{path}"{self._paint("line")}/><g{self._paint("dot")}>{dots}</g>'
            + self._word(f"{value:,}", x, y - size * 0.7, "value")
        )

    def _labels(self) -> str:
        y = self.frame.height - self.frame.size * 0.6
        return "".join(self._word(word, self._x(at), y, "axis") for at, word in enumerate(self.chart.short))

    def _legend_lines(self) -> list[list[Series]]:
        """Put as many names on a line as there is room for."""
        lines: list[list[Series]] = []
        room = 0.0
        for one in self.chart.series:
            wide = self._legend_room(one)
            if not lines or wide > room:
                lines.append([])
                room = self.frame.width
            lines[-1].append(one)
            room -= wide
        return lines

    def _legend_room(self, one: Series) -> float:
        mark = 1.6 if one.look == "line" else 0.8
        return self.frame.size * (mark + 0.5 + sum(map(_wide, one.label)) + 1.5)

    def _legend(self) -> str:
        size = self.frame.size
        return "".join(self._legend_line(line, size * (0.5 + 1.5 * at)) for at, line in enumerate(self.legend))

    def _legend_line(self, line: Sequence[Series], y: float) -> str:
        size, drawn = self.frame.size, ""
        together = sum(map(self._legend_room, line))
        x = self.left if self.left + together <= self.frame.width + size else size / 8
        for one in line:
            if one.look == "line":
                drawn += (
                    f'<path d="M{x:.1f} {y + size * 0.4:.1f}h{size * 1.6:.1f}"{self._paint("line")}/><circle'
                    f' cx="{x + size * 0.8:.1f}" cy="{y + size * 0.4:.1f}" r="{size * 0.28:.1f}"{self._paint("dot")}/>'
                )
                wide = size * 1.6
            else:
                wide = size * 0.8
                square = f'width="{wide:.1f}" height="{wide:.1f}"'
                drawn += f'<rect x="{x:.1f}" y="{y:.1f}" {square}{self._paint(one.look)}/>'
            drawn += self._word(one.label, x + wide + size * 0.5, y + size * 0.78, "value", "start")
            x += self._legend_room(one)
        return drawn

    def _word(self, word: str, x: float, y: float, kind: str, anchor: str = "middle") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{self._paint(kind)}>{escape(word)}</text>'


def _wide(sign: str) -> float:
    """Say how wide a bold sign is, in sizes of its letters: enough for any of the fonts that pages are shown in."""
    return 0.36 if sign in "ijltfrI .,:;'|()" else 0.9 if sign in "mwMW" else 0.68 if sign.isupper() else 0.6


def rows(chart: Chart) -> list[tuple[str, list[str]]]:
    """Give the numbers of a chart as the rows of its table: a label, and a value for each series."""
    return [
        (label, [_said(one.values[at]) for one in chart.series]) for at, label in enumerate(chart.labels)
    ]


def _said(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def highest(values: Sequence[int | None]) -> tuple[int, int]:
    """Give the largest value and the last place where it stands."""
    best = max((value, at) for at, value in enumerate(values) if value is not None)
    return best[0], best[1]
