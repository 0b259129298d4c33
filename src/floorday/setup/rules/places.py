"""What a sheet of teams or of departments would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from floorday.db.text import Line, Prose, Title
from floorday.people.access import TEAM_ROLES
from floorday.people.rules import MOST_DAYS
from floorday.pictures import rules
from floorday.render.words import gettext as _
from floorday.setup.rules.columns import Found, Subject, columns
from floorday.setup.rules.files import Row
from floorday.setup.rules.plans import (
    Here,
    Known,
    KnownDepartment,
    KnownTeam,
    Note,
    Plan,
    Reading,
    Step,
    Values,
    differences,
    fold,
    plan,
)

Place = KnownTeam | KnownDepartment
P = TypeVar("P", KnownTeam, KnownDepartment)
CHARTER = ("acknowledge_days", "word_days", "fix_days")


def plan_teams(found: Found, here: Here) -> Plan:
    """Say what a sheet of teams would do."""
    reading = Reading(found)
    hosts = _Hosts(here)
    steps = list[Step]()
    for row, name, known in _matched(reading, here.teams):
        external = reading.text(row, "external_id", Line)
        wanted: Values = {
            "name": _kept(name, known, external), "site": _text(reading.text(row, "site", Title)),
            "place": _text(reading.text(row, "place", Line)), "zone": reading.zone(row),
            "default_host": hosts.host(reading, row, known), "picture": _picture(reading.text(row, "picture", Prose)),
            "external_id": _text(external),
        }  # fmt: skip
        if known is None:
            blank = {"site": "", "place": "", "zone": here.zone, "picture": ""}
            values = blank | {field: value for field, value in wanted.items() if value is not None}
            steps.append(Step(row=row.number, name=name, about=str(values["site"]), values=values))
        else:
            values, before, changes = differences(known, wanted, _labels(Subject.TEAMS), hosts.say)
            steps.append(Step(row=row.number, name=known.name, about=known.site, id=known.id, values=values,
                              before=before, changes=changes))  # fmt: skip
    return plan(Subject.TEAMS, reading, steps)


def _picture(said: str | None) -> str | None:
    """Give the statements of a cell one a line, without bullets; None leaves what is here."""
    return "\n".join(rules.lines(said)) or None if said else None


def plan_departments(found: Found, here: Here) -> Plan:
    """Say what a sheet of departments would do."""
    reading = Reading(found)
    steps = list[Step]()
    for row, name, known in _matched(reading, here.departments):
        external = reading.text(row, "external_id", Line)
        days = {field: _days(reading, row, field) for field in CHARTER}
        wanted: Values = {
            "name": _kept(name, known, external), **days, "external_id": _text(external)}
        if known is None:
            values = dict.fromkeys(CHARTER, 0) | {field: value for field, value in wanted.items() if value is not None}
            steps.append(Step(row=row.number, name=name, values=values))
        else:
            values, before, changes = differences(known, wanted, _labels(Subject.DEPARTMENTS))
            steps.append(Step(row=row.number, name=known.name, id=known.id, values=values, before=before,
                              changes=changes))  # fmt: skip
    return plan(Subject.DEPARTMENTS, reading, steps)


def _labels(subject: Subject) -> dict[str, str]:
    return {column.name: column.label for column in columns(subject)}


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _kept(name: str, known: Place | None, external: str | None) -> str:
    """Give the name to write: one that is known by its name keeps it as it is spelled here."""
    by_id = known is not None and external is not None and known.external_id == external
    return name if known is None or by_id else known.name


def _matched(reading: Reading, places: Sequence[P]) -> Iterator[tuple[Row, str, P | None]]:
    """Go through the rows that can be understood so far, each with the one it is about."""
    by_id = {place.external_id: place for place in places if place.external_id}
    by_fold = {fold(place.name): place for place in places}
    by_name = {place.name: place for place in places}
    names: dict[str, int] = {}
    folded: dict[str, int] = {}
    ids: dict[str, int] = {}
    seen: dict[UUID, int] = {}
    for row in reading.found.sheet.rows:
        if not reading.whole(row):
            continue
        if not reading.found.cell(row, "name"):
            reading.wrong(row, "name", _("Fill in the name."))
            continue
        name = reading.text(row, "name", Title)
        if name is None:
            continue
        external = reading.found.cell(row, "external_id")
        if not (_once(reading, row, "name", str(name), names) and _once(reading, row, "external_id", external, ids)):
            continue
        named = by_name.get(name) or by_fold.get(fold(name))
        known = by_id.get(external) or named
        if known is None:
            if _once(reading, row, "name", fold(name), folded):
                yield row, str(name), None
        elif _fits(reading, row, known, named, external) and _once(reading, row, "name", known.id, seen):
            yield row, str(name), known


def _once(reading: Reading, row: Row, field: str, key: str | UUID, seen: dict[str, int] | dict[UUID, int]) -> bool:
    first = seen.setdefault(key, row.number) if key else row.number  # pyright: ignore[reportArgumentType]
    if first != row.number:
        reading.wrong(row, field, _("Row %(row)s says the same. Keep one of the two.", row=first))
    return first == row.number


def _fits(reading: Reading, row: Row, known: Place, named: Place | None, external: str) -> bool:
    """Say whether id and name of a row agree on which one is meant."""
    if known.gone:
        closed = _("%(name)s was closed. Take the row out, or give it another name.", name=known.name)
        reading.wrong(row, "name", closed)
        return False
    if named is not None and named.id != known.id:
        reading.wrong(row, "name", _("%(name)s is here already, with another external ID.", name=named.name))
        return False
    if external and known.external_id and known.external_id != external:
        reading.wrong(row, "external_id", _("%(name)s has the external ID %(id)s here. Correct it in this row.",
                                            name=known.name, id=known.external_id))  # fmt: skip
        return False
    return True


def _days(reading: Reading, row: Row, field: str) -> int | None:
    cell = reading.found.cell(row, field)
    if not cell:
        return None
    if cell.isascii() and cell.isdigit() and int(cell[:9]) <= MOST_DAYS:
        return int(cell)
    reading.wrong(row, field, _("Give working days as a whole number from 0 to %(most)s; 0 is for none yet.",
                                most=MOST_DAYS))  # fmt: skip
    return None


class _Hosts:
    """The people among whom a team's usual host is found, by address, external ID or name."""

    def __init__(self, here: Here) -> None:
        self.here = here
        there = [person for person in here.people if not person.gone]
        self.names = {person.id: person.name for person in here.people}
        self.by: dict[str, list[Known]] = {}
        for person in there:
            for key in {person.email, fold(person.name), *filter(None, [person.external_id])}:
                self.by.setdefault(key, []).append(person)
        for email, owner in here.aliases.items():
            self.by.setdefault(email, []).extend(person for person in there if person.id == owner)

    def say(self, name: str, value: object) -> str:
        """Say a host by name."""
        return self.names.get(value, "") if isinstance(value, UUID) else "" if value is None else str(value)

    def host(self, reading: Reading, row: Row, team: Place | None) -> UUID | None:
        """Find the host that a row names. One who is not of the team yet is left out, and that is said."""
        cell = reading.found.cell(row, "default_host")
        if not cell:
            return None
        found = self.by.get(cell) or self.by.get(fold(cell)) or []
        usual = team.default_host if isinstance(team, KnownTeam) else None
        if any(person.id == usual for person in found):
            return usual
        if len(found) > 1:
            reading.wrong(row, "default_host", _("Several people are called so. Give the address."))
        elif found and team is not None and any(
            grant.role in TEAM_ROLES and grant.team == team.id for grant in self.here.grants.get(found[0].id, ())
        ):
            return found[0].id
        else:
            reading.notes.append(Note(row.number, _(
                "%(name)s is not of this team yet, so its usual host stays as it is. Import this file again when the "
                "people are here.", name=cell[:100])))  # fmt: skip
        return None
