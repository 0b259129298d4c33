"""What a sheet would do: which rows are new, changed, the same, and why each other one cannot be taken."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from msgspec import Struct, field

from floorday.db.text import Text, ZoneName
from floorday.people import access
from floorday.people.access import Role
from floorday.render.words import gettext as _
from floorday.setup.rules import files
from floorday.setup.rules.columns import Found, Subject
from floorday.setup.rules.files import Row

T = TypeVar("T", bound=Text)
P = TypeVar("P", "KnownTeam", "KnownDepartment")
Ref = UUID | int
"""A person: one who is here by id, one who is new by the number of their row."""

Values = Mapping[str, str | int | UUID | None]
"""Columns of a row in the database."""

SUGGESTIONS = 50
"""For how many unknown names similar ones are looked for: the rest of such a file is wrong for the same reason."""


class Known(Struct, frozen=True, kw_only=True):
    """A person who is here, or was."""

    id: UUID
    name: str
    email: str
    job_title: str = ""
    phone: str = ""
    zone: str = ""
    language: str = ""
    external_id: str | None = None
    gone: bool = False


class KnownTeam(Struct, frozen=True, kw_only=True):
    """A team that is here, or was."""

    id: UUID
    name: str
    site: str = ""
    place: str = ""
    zone: str = ""
    default_host: UUID | None = None
    picture: str = ""
    external_id: str | None = None
    gone: bool = False


class KnownDepartment(Struct, frozen=True, kw_only=True):
    """A department that is here, or was."""

    id: UUID
    name: str
    acknowledge_days: int = 0
    word_days: int = 0
    fix_days: int = 0
    external_id: str | None = None
    gone: bool = False


class Here(Struct, frozen=True, kw_only=True):
    """Who and what is here at the moment; `zone` is the programme's."""

    zone: str
    people: tuple[Known, ...] = ()
    aliases: dict[str, UUID] = {}
    grants: dict[UUID, frozenset[access.Grant]] = {}
    pairs: frozenset[tuple[UUID, UUID]] = frozenset()
    teams: tuple[KnownTeam, ...] = ()
    departments: tuple[KnownDepartment, ...] = ()


class Fault(Struct, frozen=True, order=True):
    """Why a row cannot be taken: which cell, what stands there, what to do."""

    row: int
    column: str
    value: str
    sentence: str


class Note(Struct, frozen=True, order=True):
    """Something that is left out, or that somebody may not expect, of a row that can be taken."""

    row: int
    sentence: str


class Change(Struct, frozen=True):
    """A field and what becomes of it."""

    label: str
    before: str
    after: str


class Gain(Struct, frozen=True):
    """A role that somebody gets; `scope` is the name of its team or department."""

    role: Role
    team: UUID | None = None
    department: UUID | None = None
    scope: str = ""

    @property
    def grant(self) -> access.Grant:
        """Give it as access knows it."""
        return access.Grant(self.role, self.team, self.department)


class Step(Struct, frozen=True, kw_only=True):
    """What a row does: `values` are written where it is new, and instead of `before` where `id` is here already."""

    row: int
    name: str
    about: str = ""
    id: UUID | None = None
    values: Values = {}
    before: Values = {}
    changes: tuple[Change, ...] = ()
    gains: tuple[Gain, ...] = ()
    aliases: tuple[str, ...] = ()
    managers: tuple[tuple[Ref, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Say whether the row changes nothing."""
        return self.id is not None and not (self.values or self.gains or self.aliases or self.managers)


class Plan(Struct, frozen=True, kw_only=True):
    """What the whole sheet does. With one fault it does nothing."""

    subject: Subject
    new: tuple[Step, ...] = ()
    changed: tuple[Step, ...] = ()
    same: int = 0
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Give everything that would be written."""
        return self.new + self.changed

    @property
    def bad_rows(self) -> int:
        """Count the rows that cannot be taken."""
        return len({fault.row for fault in self.faults})

    @property
    def digest(self) -> str:
        """Tell this plan from any other: what was shown is what is done."""
        return hashlib.sha256(msgspec.json.encode([self.subject, self.steps])).hexdigest()


def plan(subject: Subject, reading: Reading, steps: Iterable[Step]) -> Plan:
    """Sort the steps of a sheet."""
    steps = list(steps)
    return Plan(
        subject=subject,
        new=tuple(step for step in steps if step.id is None),
        changed=tuple(step for step in steps if step.id is not None and not step.empty),
        same=sum(step.empty for step in steps),
        faults=tuple(sorted(reading.faults)),
        notes=tuple(sorted(reading.notes)),
        unknown=reading.found.unknown,
    )


class Reading(Struct):
    """A sheet being read: its cells as our types, and what is wrong so far."""

    found: Found
    faults: list[Fault] = field(default_factory=list[Fault])
    notes: list[Note] = field(default_factory=list[Note])
    asked: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])

    def wrong(self, row: Row, name: str, sentence: str) -> None:
        """Note what is wrong with a cell, by what the sheet calls its column."""
        column = self.found.heading(name) if name in self.found.place else ""
        self.faults.append(Fault(row.number, column, self.found.cell(row, name)[:200], sentence))

    def text(self, row: Row, name: str, kind: type[T]) -> T | None:
        """Read a cell; None where it is empty, which leaves things as they are, or where it is wrong."""
        cell = self.found.cell(row, name)
        if not cell:
            return None
        try:
            return kind.parse(cell)
        except ValueError as error:
            self.wrong(row, name, str(error))
            return None

    def zone(self, row: Row, name: str = "zone") -> str | None:
        """Read a time zone, however it is spelled."""
        cell = self.found.cell(row, name)
        if not cell:
            return None
        try:
            return str(ZoneName.parse(_zones().get(cell.replace(" ", "_").casefold(), cell)))
        except ValueError as error:
            self.wrong(row, name, str(error) + _did_you_mean(_like_a_zone(cell)))
            return None

    def whole(self, row: Row) -> bool:
        """Say whether a row ends where its columns do."""
        if len(row.cells) <= len(self.found.sheet.header):
            return True
        said = _("This row has more cells than there are columns. Put text with a comma in it into quotation marks.")
        self.faults.append(Fault(row.number, "", " | ".join(row.cells[len(self.found.sheet.header) :])[:200], said))
        return False

    def similar(self, words: str, names: tuple[str, ...]) -> str:
        """Say which of the names are like these words, as the end of a sentence."""
        key = (words, id(names))
        if key not in self.asked:
            by_fold = {fold(name): name for name in names}
            close = get_close_matches(fold(words), by_fold, 3, 0.6) if len(self.asked) < SUGGESTIONS else []
            self.asked[key] = _did_you_mean([by_fold[one] for one in close])
        return self.asked[key]


def _did_you_mean(names: list[str]) -> str:
    return " " + _("Did you mean %(names)s?", names=_(" or ").join(names)) if names else ""


def fold(name: str) -> str:
    """Bring a name into the form in which two are compared: composed, without case, blanks as one."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def by_names(places: Iterable[P]) -> dict[str, P]:
    """Give places by their exact names, and by the folded name where only one is called so."""
    exact = {place.name: place for place in places}
    folded: dict[str, list[P]] = {}
    for place in exact.values():
        folded.setdefault(fold(place.name), []).append(place)
    return {name: same[0] for name, same in folded.items() if len(same) == 1} | exact


@lru_cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones()}


def _like_a_zone(cell: str) -> list[str]:
    """Find zones by their city, then by their whole name."""
    wanted = cell.strip().replace(" ", "_").casefold()
    by_city = sorted(zone for key, zone in _zones().items() if "/" in key and key.rpartition("/")[2] == wanted)
    close = get_close_matches(wanted, _zones(), 2, 0.7)
    return by_city[:3] or [_zones()[key] for key in close]


class Matched(Struct, frozen=True):
    """Which one a row is about: one that is here (`id`), a new one (neither), or why that cannot be said."""

    id: UUID | None = None
    column: str = ""
    wrong: str = ""


def differences(
    known: Struct, wanted: Values, labels: dict[str, str],
    say: Callable[[str, object], str] = lambda _name, value: "" if value is None else str(value),
) -> tuple[Values, Values, tuple[Change, ...]]:  # fmt: skip
    """Compare what is here with what a row says: what to write, what that replaces, and both in words."""
    values = {name: value for name, value in wanted.items() if value is not None and value != getattr(known, name)}
    before = {name: getattr(known, name) for name in values}
    changes = tuple(
        Change(labels.get(name, name), say(name, before[name]), say(name, value)) for name, value in values.items()
    )
    return values, before, changes


def with_faults(plan: Plan, found: Found) -> bytes:
    """Write the rows that cannot be taken as a CSV file, with what is wrong in a last column."""
    reasons: dict[int, list[str]] = {}
    for fault in plan.faults:
        said = f"{fault.column}: {fault.sentence}" if fault.column else fault.sentence
        reasons.setdefault(fault.row, []).append(said)
    width = len(found.sheet.header)
    rows = [
        [*(row.cells + ("",) * width)[:width], " ".join(reasons[row.number])]
        for row in found.sheet.rows if row.number in reasons
    ]  # fmt: skip
    return files.write([*found.sheet.header, _("What is wrong")], rows)
