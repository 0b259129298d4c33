"""A month told to one reader, the same on the page, in the letter and in the document: numbers, chart, sections.

Each kind of summary has its own order: what its readers act on comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from floorday.render import refs
from floorday.render.chart import Chart, Series, highest
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.summaries import words
from floorday.summaries.figures import Cut, Pulse
from floorday.summaries.queries import Came, Frozen, Quoted, Red, Told, TopicLine
from floorday.summaries.words import Five, Number

ORDER: dict[Cut, tuple[str, ...]] = {
    "company": ("restated", "decisions", "reds", "fixed", "returned", "promises", "friction", "stories", "came",
                "quick", "hard"),
    "team": ("restated", "fixed", "returned", "decisions", "stories", "came", "reds", "promises", "quick", "friction"),
    "manager": ("restated", "decisions", "reds", "came", "fixed", "returned", "stories", "promises", "quick"),
    "department": ("restated", "decisions", "reds", "promises", "returned", "quick", "friction", "fixed"),
}  # fmt: skip

FRICTION = 6
"""So many pairs are told; the figures have all."""


class Item(Struct, frozen=True):
    """One line of a section: what it is, words beside it, a quotation. `issue` is what it opens.

    `cells` say the same in the columns of its section (`Section.heads`).
    """

    text: str
    ref: str = ""
    soft: str = ""
    quote: str = ""
    issue: UUID | None = None
    cells: tuple[str, ...] = ()


class Grid(Struct, frozen=True):
    """Who came in which months: how many days, by name. `soft` says where they went in the last of them."""

    corner: str
    months: tuple[str, ...]
    short: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], str], ...]


class Section(Struct, frozen=True):
    """Lines under a heading; on paper in columns where they have `heads`. A `grid` stands for the lines that it has."""

    key: str
    heading: str
    items: tuple[Item, ...]
    about: str = ""
    heads: tuple[str, ...] = ()
    grid: Grid | None = None


class Account(Struct, frozen=True):
    """A month, told. `marks` says that it is preliminary, or was corrected."""

    cut: Cut
    month: str
    title: str
    whose: str
    lead: str
    five: tuple[Five, ...]
    chart: Chart | None
    sections: tuple[Section, ...]
    before: str
    comment: str
    commented_name: str
    empty: bool


class Seen(Struct, frozen=True):
    """What a reader may be told: `hidden` issues not at all, of `veiled` ones the face alone; words as `quoted`."""

    hidden: frozenset[UUID] = frozenset()
    veiled: frozenset[UUID] = frozenset()
    quoted: tuple[tuple[UUID, Quoted], ...] = ()


def account(cut: Cut, sent: Frozen, seen: Seen) -> Account:
    """Tell a month in the language that is spoken."""
    told, numbers = sent.words(), sent.numbers()
    made = _Sections(cut, told, numbers, seen)
    return Account(
        cut=cut, month=sent.month, title=words.month_words(sent.month), whose=words.subject_words(cut, sent.name),
        lead=lead(cut, told, numbers),
        five=() if told.empty else tuple(words.five(cut, numbers, told.was, told.year_was)),
        chart=None if told.empty else year_chart(told.year), sections=tuple(made.all()),
        before=words.month_words(told.before) if told.before else "", comment=sent.comment,
        commented_name=sent.commented_name, empty=told.empty,
    )  # fmt: skip


# --- in one sentence or two ----------------------------------------------------------------------------------------


def lead(cut: Cut, told: Told, numbers: Mapping[str, Number]) -> str:
    """Say the month in two sentences."""
    if told.empty:
        return nothing()
    return " ".join(filter(None, (_days(cut, numbers), _issues(numbers))))


def nothing() -> str:
    """Say that a month has nothing in it, and what fills one."""
    return _("Nothing happened in this month: no day was due, nothing was raised, and nothing stood open. A month fills"
             " when a team invites a manager, and when somebody notes what gets in the way.")  # fmt: skip


def _days(cut: Cut, numbers: Mapping[str, Number]) -> str:
    due, held = numbers["days_due"]["value"], numbers["days_held"]["value"]
    if cut == "department":
        return ""
    if not due:
        return _("No day was due.")
    if not held:
        return ngettext("No day was held; %(n)s was due.", "No day was held; %(n)s were due.", due)
    return ngettext("%(held)s of %(n)s day due was held.", "%(held)s of %(n)s days due were held.", due, held=held)


def _issues(numbers: Mapping[str, Number]) -> str:
    raised, fixed = numbers["issues_raised"]["value"], numbers["issues_said_fixed"]["value"]
    if not raised and not fixed:
        return _("Nothing was raised, and nothing was said fixed.")
    first = ngettext("%(n)s issue was raised", "%(n)s issues were raised", raised)
    second = ngettext("%(n)s was said fixed", "%(n)s were said fixed", fixed)
    first, second = first if raised else _("No issue was raised"), second if fixed else _("none was said fixed")
    confirmed = numbers["issues_confirmed"]["value"]
    third = ngettext("the floor confirmed %(n)s", "the floor confirmed %(n)s", confirmed) if confirmed else ""
    parts = _("%(first)s, %(second)s", first=first, second=second)
    return _("%(parts)s; %(third)s.", parts=parts, third=third) if third else f"{parts}."


# --- the chart -----------------------------------------------------------------------------------------------------


def year_chart(year: Sequence[Pulse]) -> Chart | None:
    """Draw the months up to this one; a single month makes no chart."""
    if len(year) < 2:
        return None
    raised, fixed, still = ([getattr(one, name) for one in year] for name in ("raised", "fixed", "open"))
    labels = tuple(words.month_words(one.month) for one in year)
    (most, at), (most_fixed, at_fixed) = highest(raised), highest(fixed)
    told = _(
        "From %(first)s to %(last)s. Raised a month: at most %(most)s (%(at)s), %(raised)s in the last."
        " Said fixed: at most %(most_fixed)s (%(at_fixed)s), %(fixed)s in the last. Open at the end: %(open)s.",
        first=labels[0], last=labels[-1], most=most, at=labels[at], raised=raised[-1], most_fixed=most_fixed,
        at_fixed=labels[at_fixed], fixed=fixed[-1], open=still[-1],
    )  # fmt: skip
    return Chart(
        name="year", title=_("Raised, said fixed and still open, by month"), told=told, labels=labels,
        short=words.short_months([one.month for one in year]), corner=_("Month"),
        series=(
            Series(_("Raised"), tuple(raised), "hollow"), Series(_("Said fixed"), tuple(fixed), "filled"),
            Series(_("Open at the end"), tuple(still), "line"),
        ),
    )  # fmt: skip


# --- sections ------------------------------------------------------------------------------------------------------


class _Sections:
    def __init__(self, cut: Cut, told: Told, numbers: Mapping[str, Number], seen: Seen) -> None:
        self.cut: Cut = cut
        self.told, self.numbers, self.seen = told, numbers, seen
        self.quoted = dict(seen.quoted)

    def all(self) -> Iterable[Section]:
        """Give those that have something to say, in their order."""
        for key in ORDER[self.cut]:
            made: Section = getattr(self, key)()
            if made.items or made.grid:
                yield replace(made, key=key)

    def _open(self, lines: Iterable[TopicLine]) -> list[TopicLine]:
        return [line for line in lines if line.id not in self.seen.hidden]

    def restated(self) -> Section:
        lines = tuple(Item(words.restated(line)) for line in self.told.restated)
        return Section("", _("What earlier months said, and what it is now"), lines)

    def fixed(self) -> Section:
        lines = self._open(self.told.fixed)
        return Section("", _("You told us, and it is fixed"), tuple(
            _celled(_topic(line, ngettext("after %(n)s day", "after %(n)s days", line.days)), line, _days_long(line))
            for line in lines), self._more(lines), heads=_heads(_("Fixed after")))  # fmt: skip

    def decisions(self) -> Section:
        lines = self._open(self.told.decisions)
        heading = _("Needs a decision") if self.cut in {"team", "department"} else _("Needs a decision from you")
        return Section("", heading, tuple(
            _topic(line, _open_for(line),
                   ngettext("noted %(n)s time", "noted %(n)s times", line.times) if line.times else "")
            for line in lines))  # fmt: skip

    def returned(self) -> Section:
        lines = self._open(self.told.returned)
        return Section("", _("Came back"), tuple(
            _celled(_topic(line, ngettext("came back once", "came back %(n)s times", line.times)), line,
                    ngettext("once", "%(n)s times", line.times))
            for line in lines), heads=_heads(_("How often")))  # fmt: skip

    def reds(self) -> Section:
        items = [Item(one) for one in _days_lost(self.numbers)]
        reds = [red for red in self.told.reds if red.line.id not in self.seen.hidden]
        items += map(self._red, reds)
        silent = self.numbers["silent"]["value"] - sum(red.kind == "silent" for red in reds)
        more = (
            ngettext("%(n)s more open issue has been without a word for too long.",
                     "%(n)s more open issues have been without a word for too long.", silent)
            if silent > 0 and items else ""
        )  # fmt: skip
        return Section("", _("What did not go well, and why"), tuple(items), more)

    def _red(self, red: Red) -> Item:
        kind = {
            "broken": _("a promised date passed without a word"), "silent": _("without a word for too long"),
            "cannot": _("cannot be fixed"), "declined": _("declined"),
        }[red.kind]  # fmt: skip
        why = self.quoted.get(red.word) if red.word and red.line.id not in self.seen.veiled else None
        ended = red.kind in {"cannot", "declined"}
        made = _topic(red.line, kind, "" if ended else _open_for(red.line))
        soft = _("%(about)s · the last word was:", about=made.soft) if why and not ended else made.soft
        return replace(made, soft=soft, quote=why.text if why else "")

    def _more(self, lines: Sequence[TopicLine]) -> str:
        more = self.numbers["issues_said_fixed"]["value"] - len(lines)
        return ngettext("%(n)s more was said fixed.", "%(n)s more were said fixed.", more) if more > 0 else ""

    def promises(self) -> Section:
        number = {name: figure["value"] for name, figure in self.numbers.items()}
        kept, moved, broken = (number[f"promises_{name}"] for name in ("kept", "moved", "broken"))
        lines: list[str] = []
        if kept or moved or broken:
            lines.append(_("Promises for this month: %(kept)s kept, %(moved)s moved with notice, %(broken)s broken.",
                           kept=kept, moved=moved, broken=broken))  # fmt: skip
        if number["silent"]:
            lines.append(ngettext(
                "%(n)s open issue has been without a word for too long.",
                "%(n)s open issues have been without a word for too long.", number["silent"]))  # fmt: skip
        told = self.numbers["feedback_rate"]
        if told["denominator"]:
            beside = words.said(told) if told["denominator"] >= words.SMALLEST_DENOMINATOR else ""
            said = words.of(told, always=True)
            lines.append(_("Of those who had raised something that was still alive, %(said)s heard a word%(rate)s.",
                           said=said, rate=f" ({beside})" if beside else ""))  # fmt: skip
        if hours := round(number["hours_lost"] or 0):
            stated = self.numbers["hours_lost"].get("stated", 0)
            lines.append(ngettext(
                "Open issues cost %(hours)s hours a month, by the one that says so.",
                "Open issues cost %(hours)s hours a month, by the %(n)s that say so.", stated,
                hours=f"{hours:,}"))  # fmt: skip
        return Section("", _("Promises, silence, feedback, hours lost"), tuple(map(Item, lines)))

    def friction(self) -> Section:
        pairs = self.numbers["friction"]["value"]
        items = tuple(
            Item(_("%(department)s and %(team)s", department=department, team=one["team"]),
                 soft=ngettext("%(n)s open", "%(n)s open", one["value"]),
                 cells=(department, one["team"], f"{one['value']:,}"))
            for one in pairs[:FRICTION] for department in [one["department"] or _("No department yet")])  # fmt: skip
        more = len(pairs) - len(items)
        about = ngettext("%(n)s more pair has open issues.", "%(n)s more pairs have open issues.", more) if more else ""
        return Section("", _("Where it grates: open issues between department and team"), items, about,
                       heads=(_("Department"), _("Team"), _("Open")))  # fmt: skip

    def stories(self) -> Section:
        known = [self.quoted[id] for id in self.told.stories if id in self.quoted]
        return Section("", _("Heard on the floor"), tuple(
            Item(_("%(hero)s, %(team)s", hero=one.hero, team=one.place), quote=one.text) for one in known))  # fmt: skip

    def came(self) -> Section:
        heading = _("Your days") if self.cut == "manager" else _("Who came")
        items = tuple(_visits(self.cut, self.told.came))
        grid = _grid(self.cut, self.told, {one.text: one.soft for one in items})
        about = ""
        if grid is not None:
            first, last = grid.months[0], grid.months[-1]
            about = _("Days held from %(first)s to %(last)s, in order of the names. A dash is a month without one.",
                      first=first, last=last)  # fmt: skip
        return Section("", heading, items, about, grid=grid)

    def quick(self) -> Section:
        lines = [line for line in self._open(self.told.quick) if line.id not in self.seen.veiled]
        return Section("", _("Quick wins: little effort, worth doing"), tuple(
            _celled(_topic(line, _open_for(line)), line, _days_long(line)) for line in lines),
            heads=_heads(_("Open for")))  # fmt: skip

    def hard(self) -> Section:
        return Section("", _("Two hard ones, kept in sight"), tuple(
            _celled(_topic(line, _open_for(line)), line, _days_long(line)) for line in self._open(self.told.hard)),
            heads=_heads(_("Open for")))  # fmt: skip


def _heads(measure: str) -> tuple[str, ...]:
    return _("Issue"), _("What it is about"), _("Department"), measure


def _celled(item: Item, line: TopicLine, measure: str) -> Item:
    return replace(item, cells=(item.ref, item.text, line.department or _("no department yet"), measure))


def _days_long(line: TopicLine) -> str:
    return ngettext("%(n)s day", "%(n)s days", line.days) if line.days else _("less than a day")


def _grid(cut: Cut, told: Told, places: Mapping[str, str]) -> Grid | None:
    """Put who came in rows by name, from the first month on in which anybody did; one month alone makes no grid."""
    first = next((at for at in range(len(told.visit_months)) if any(one.days[at] for one in told.visits)), None)
    if first is None or first > len(told.visit_months) - 2:
        return None
    months = told.visit_months[first:]
    return Grid(
        _("Team") if cut == "manager" else _("Name"),
        tuple(map(words.month_words, months)), words.short_months(months),
        tuple((one.name, one.days[first:], places.get(one.name, "")) for one in told.visits),
    )  # fmt: skip


def _topic(line: TopicLine, *beside: str) -> Item:
    soft = " · ".join(filter(None, (*beside, line.department or _("no department yet"))))
    return Item(line.title, refs.ref(line.number), soft, issue=line.id)


def _open_for(line: TopicLine) -> str:
    if not line.days:
        return _("open less than a day")
    return ngettext("open %(n)s day", "open %(n)s days", line.days)


def _days_lost(numbers: Mapping[str, Number]) -> Iterable[str]:
    missed, postponed, cancelled = (numbers[f"days_{name}"]["value"] for name in ("missed", "postponed", "cancelled"))
    if missed:
        yield ngettext("%(n)s day was missed: nobody came.", "%(n)s days were missed: nobody came.", missed)
    if postponed:
        yield ngettext("%(n)s day waits for a new date.", "%(n)s days wait for a new date.", postponed)
    if cancelled:
        yield ngettext("%(n)s day was called off.", "%(n)s days were called off.", cancelled)


def _visits(cut: Cut, came: Sequence[Came]) -> Iterable[Item]:
    """Name each once, with all they came to, in order of their names."""
    by: dict[str, list[str]] = {}
    for one in came:
        name, place = (one.team, "") if cut == "manager" else (one.manager, "" if cut == "team" else one.team)
        days = ngettext("%(n)s day", "%(n)s days", one.days) if one.days > 1 else ""
        by.setdefault(name, []).append(" ".join(filter(None, (place, f"({days})" if place and days else days))))
    for name, places in by.items():
        yield Item(name, soft=", ".join(filter(None, places)))
