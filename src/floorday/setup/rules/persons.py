"""What a sheet of people would do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from floorday.db.text import Language, Line, MailAddress, Title
from floorday.people import access
from floorday.people.access import Act, Actor, Granting, Role, can
from floorday.people.rules import Phone, may_change_address
from floorday.render.words import gettext as _
from floorday.setup.rules.columns import Found, Subject, columns, roles
from floorday.setup.rules.columns import fold as fold_word
from floorday.setup.rules.files import Row
from floorday.setup.rules.plans import (
    Gain,
    Here,
    Known,
    KnownDepartment,
    KnownTeam,
    Note,
    Plan,
    Reading,
    Ref,
    Step,
    Values,
    by_names,
    differences,
    fold,
    plan,
)

NOBODY = UUID(int=0)
"""Stands for somebody who is not here yet, where access asks who it is."""

SCOPED = access.TEAM_ROLES + access.DEPARTMENT_ROLES

PARTS = re.compile(r"[;|\n]")


class _Person(Struct):
    """A row that says whom it is about; `known` is that person where they are here."""

    row: Row
    name: str
    email: str
    external_id: str
    known: Known | None = None

    @property
    def ref(self) -> Ref:
        """Give them as steps name them."""
        return self.known.id if self.known else self.row.number

    @property
    def id(self) -> UUID:
        """Give them as access asks for them."""
        return self.known.id if self.known else NOBODY


def plan_people(found: Found, here: Here, actor: Actor) -> Plan:
    """Say what a sheet of people would do, if this actor imported it."""
    reading = Reading(found)
    addresses = _Addresses(here)
    rows = [one for row in found.sheet.rows if (one := _whom(reading, row, addresses)) is not None]
    others = {one.row.number: _others(reading, one, addresses) for one in rows}
    roles = _Roles(reading, here, actor)
    gains = {one.row.number: roles.gains(one) for one in rows}
    helped = _Helped(reading, here, rows, gains)
    steps = list[Step]()
    for one in rows:
        managers = helped.managers(one)
        gained = gains[one.row.number]
        if managers and not roles.holds(one, Role.ASSISTANT) and all(g.role is not Role.ASSISTANT for g in gained):
            gained = gained + roles.given(one, "assistant_of", [Gain(Role.ASSISTANT)])
        steps.append(_step(reading, one, here, actor, gained, others[one.row.number], managers))
    return plan(Subject.PEOPLE, reading, steps)


class _Addresses:
    """Whose each address and external ID is, here and in the rows read so far."""

    def __init__(self, here: Here) -> None:
        people = {person.id: person for person in here.people}
        self.owner = {email: people[owner] for email, owner in here.aliases.items() if owner in people}
        self.owner |= {person.email: person for person in here.people}
        self.by_id = {person.external_id: person for person in here.people if person.external_id}
        self.row_of: dict[str, int] = {}
        self.row_with: dict[str, int] = {}
        self.row_about: dict[UUID, int] = {}


def _whom(reading: Reading, row: Row, addresses: _Addresses) -> _Person | None:
    """Say whom a row is about, by external ID, else by address; None where that cannot be said."""
    whole, before = reading.whole(row), len(reading.faults)
    name, email = _name(reading, row), reading.text(row, "email", MailAddress)
    if not reading.found.cell(row, "email"):
        reading.wrong(row, "email", _("Fill in the address."))
    external = str(reading.text(row, "external_id", Line) or "")
    if not whole or email is None or name is None or len(reading.faults) > before:
        return None
    one = _Person(row, name, str(email), external)
    with_id, with_address = addresses.by_id.get(external) if external else None, addresses.owner.get(one.email)
    one.known = with_id or with_address
    sentence, column = "", "email"
    if (first := addresses.row_of.setdefault(one.email, row.number)) != row.number:
        sentence = _("Row %(row)s has this address too. Keep one of the two.", row=first)
    elif external and (first := addresses.row_with.setdefault(external, row.number)) != row.number:
        sentence = _("Row %(row)s has this external ID too. Each person has their own.", row=first)
        column = "external_id"
    elif one.known and (first := addresses.row_about.setdefault(one.known.id, row.number)) != row.number:
        sentence = _("Row %(row)s is about %(name)s too. Keep one of the two.", row=first, name=one.known.name)
    elif one.known and one.known.gone:
        sentence = _("%(name)s was here with this address or external ID and has left. Take the row out, or bring them "
                     "back first, under People, Those who left.", name=one.known.name)  # fmt: skip
    elif with_id and with_address and with_id.id != with_address.id:
        sentence = _("This address is %(one)s's, but the external ID is %(other)s's. Correct one of the two.",
                     one=with_address.name, other=with_id.name)  # fmt: skip
    elif one.known and external and one.known.external_id and one.known.external_id != external:
        sentence = _("%(name)s has the external ID %(id)s here. Correct it in this row.",
                     name=one.known.name, id=one.known.external_id)  # fmt: skip
        column = "external_id"
    if sentence:
        reading.wrong(row, column, sentence)
        return None
    return one


def _name(reading: Reading, row: Row) -> str | None:
    found = reading.found
    if found.cell(row, "name"):
        name = reading.text(row, "name", Title)
        return None if name is None else str(name)
    parts = " ".join(filter(None, [found.cell(row, "first_name"), found.cell(row, "last_name")]))
    column = "name" if "name" in found.place else "last_name"
    if not parts:
        reading.wrong(row, column, _("Fill in the name."))
        return None
    try:
        return str(Title.parse(parts))
    except ValueError as error:
        reading.wrong(row, column, str(error))
        return None


def _others(reading: Reading, one: _Person, addresses: _Addresses) -> tuple[str, ...]:
    """Read the further addresses of a person, as far as they are new."""
    new = list[str]()
    for part in re.split(r"[;,|\s]+", reading.found.cell(one.row, "aliases")):
        if not part:
            continue
        try:
            email = str(MailAddress.parse(part))
        except ValueError as error:
            reading.wrong(one.row, "aliases", f"{part[:100]}: {error}")
            continue
        owner = addresses.owner.get(email)
        first = addresses.row_of.setdefault(email, one.row.number)
        if first != one.row.number:
            reading.wrong(one.row, "aliases", _("Row %(row)s has the address %(email)s too. Keep one of the two.",
                                                row=first, email=email))  # fmt: skip
        elif owner is not None and (one.known is None or owner.id != one.known.id):
            reading.wrong(one.row, "aliases", _("%(email)s already belongs to %(name)s. Take it out of this row.",
                                                email=email, name=owner.name))  # fmt: skip
        elif owner is None and email != one.email and email not in new:
            new.append(email)
    return tuple(new)


class _Roles:
    """Which roles the rows give, and whether this actor may give them."""

    def __init__(self, reading: Reading, here: Here, actor: Actor) -> None:
        self.reading, self.here, self.actor = reading, here, actor
        self.words = roles()
        self.teams, self.offices = by_names(here.teams), by_names(here.departments)
        self.team_names = tuple(team.name for team in here.teams if not team.gone)
        self.office_names = tuple(office.name for office in here.departments if not office.gone)

    def holds(self, one: _Person, role: Role) -> bool:
        """Say whether somebody has a role of the whole company already."""
        return access.Grant(role) in self.held(one)

    def held(self, one: _Person) -> frozenset[access.Grant]:
        """Give what somebody is already."""
        return self.here.grants.get(one.known.id, frozenset()) if one.known else frozenset()

    def gains(self, one: _Person) -> tuple[Gain, ...]:
        """Read what a row makes of somebody, beyond what they are already."""
        found, wanted = self.reading.found, dict[str, list[Gain]]()
        words, named = self._words(one)
        leads = Role.LEAD in words and not found.cell(one.row, "lead_of")
        heads = Role.HEAD_OF_DEPARTMENT in words and not found.cell(one.row, "head_of")
        scoped = {
            "member_of": Role.LEAD if leads else Role.MEMBER, "lead_of": Role.LEAD,
            "owner_in": Role.HEAD_OF_DEPARTMENT if heads else Role.OWNER, "head_of": Role.HEAD_OF_DEPARTMENT,
        }  # fmt: skip
        for column, role in scoped.items():
            teams = column in {"member_of", "lead_of"}
            places = self._places(one.row, column, teams=teams)
            wanted[column] = [
                Gain(role, place.id if teams else None, None if teams else place.id, place.name) for place in places
            ]
        whole = {Role.MANAGER, Role.COORDINATOR, Role.HEAD_OF_SERVICE, Role.ADMIN, Role.ASSISTANT}
        wanted["roles"] = [Gain(role) for role in words if role in whole] + named
        self._places_named(one, words)
        return tuple(gain for column, gains in wanted.items() for gain in self.given(one, column, gains))

    def _words(self, one: _Person) -> tuple[list[Role], list[Gain]]:
        """Read the column of roles: words such as `Manager`, and such as `Team lead, Billing` that name their place."""
        words, named = list[Role](), list[Gain]()
        for part in filter(str.strip, re.split(r"[;|\n·]", self.reading.found.cell(one.row, "roles"))):
            pieces = [self.words.get(fold_word(piece)) for piece in part.split(",")]
            if None not in pieces:
                words += [role for role in pieces if role is not None]
            elif (role := pieces[0]) is not None and role in SCOPED:
                named += self._named(one.row, role, part.partition(",")[2].strip())
            else:
                known = _("manager, coordinator, head of service, admin, assistant, team lead, team member, owner, "
                          "head of department")
                self.reading.wrong(one.row, "roles", _("%(role)s is not a role here. There are: %(known)s.",
                                                       role=part.strip()[:60], known=known))  # fmt: skip
        return words, named

    def _named(self, row: Row, role: Role, name: str) -> list[Gain]:
        teams = role in access.TEAM_ROLES
        place = (self.teams if teams else self.offices).get(self._key(name, teams=teams))
        if place is None or place.gone:
            self._no_such(row, "roles", name, closed=place is not None, teams=teams)
            return []
        return [Gain(role, place.id if teams else None, None if teams else place.id, place.name)]

    def _places_named(self, one: _Person, words: list[Role]) -> None:
        """See that a role of a team or department comes with one."""
        cell = self.reading.found.cell
        teams = cell(one.row, "member_of") or cell(one.row, "lead_of")
        offices = cell(one.row, "owner_in") or cell(one.row, "head_of")
        if not teams and {Role.LEAD, Role.MEMBER} & {*words}:
            self.reading.wrong(one.row, "roles", _("Say of which team, in a column Member of or Lead of."))
        if not offices and {Role.OWNER, Role.HEAD_OF_DEPARTMENT} & {*words}:
            self.reading.wrong(one.row, "roles", _("Say of which department, in a column Owner in or Head of."))

    def _places(self, row: Row, column: str, *, teams: bool) -> list[KnownTeam] | list[KnownDepartment]:
        by_name = self.teams if teams else self.offices
        cell = self.reading.found.cell(row, column)
        parts = [cell] if self._key(cell, teams=teams) in by_name else PARTS.split(cell)
        places = list[KnownTeam | KnownDepartment]()
        for part in filter(str.strip, parts):
            pieces = part.split(",")
            known = all(self._key(piece, teams=teams) in by_name for piece in pieces)
            for name in pieces if known and self._key(part, teams=teams) not in by_name else [part]:
                place = by_name.get(self._key(name, teams=teams))
                if place is None or place.gone:
                    self._no_such(row, column, name.strip(), closed=place is not None, teams=teams)
                elif place not in places:
                    places.append(place)
        return places  # pyright: ignore[reportReturnType]  # of one kind, as by_name is

    def _key(self, name: str, *, teams: bool) -> str:
        """Give the name itself where it is one, else its folded form."""
        exact = unicodedata.normalize("NFC", name).strip()
        return exact if exact in (self.teams if teams else self.offices) else fold(name)

    def _no_such(self, row: Row, column: str, name: str, *, closed: bool, teams: bool) -> None:
        if closed:
            said = _("%(name)s was closed. Name another one, or leave the cell empty.", name=name[:100])
        elif teams:
            said = _("There is no team %(name)s. Import the teams first, or correct the name.", name=name[:100])
            said += self.reading.similar(name, self.team_names)
        else:
            said = _("There is no department %(name)s. Import the departments first, or correct the name.",
                     name=name[:100])  # fmt: skip
            said += self.reading.similar(name, self.office_names)
        self.reading.wrong(row, column, said)

    def given(self, one: _Person, column: str, gains: Iterable[Gain]) -> tuple[Gain, ...]:
        """Keep what is new; what this actor may not give is a fault."""
        held, new = self.held(one), list[Gain]()
        for gain in gains:
            if gain.grant in held or gain in new:
                continue
            if can(self.actor, Act.GRANT, Granting(one.id, gain.role)):
                new.append(gain)
            elif one.id == self.actor.person:
                self.reading.wrong(one.row, column, _(
                    "This is your own row, and nobody gives a role to themselves. Take it out; somebody else can give "
                    "it to you."))  # fmt: skip
            else:
                self.reading.wrong(one.row, column, _(
                    "Only an admin gives this role. Ask one to import this file, or take the role out."))
        return tuple(new)


class _Helped:
    """Whom the rows say somebody assists: a manager who is here or in the same sheet."""

    def __init__(self, reading: Reading, here: Here, rows: list[_Person], gains: dict[int, tuple[Gain, ...]]) -> None:
        self.reading, self.here = reading, here
        self.by: dict[str, dict[Ref, str]] = {}
        manager = access.Grant(Role.MANAGER)
        self.managers_here: set[Ref] = {person for person, held in here.grants.items() if manager in held}
        for person in here.people:
            if not person.gone:
                self._add(person.id, person.name, person.email, person.external_id)
        emails = {person.id: person for person in here.people}
        for email, owner in here.aliases.items():
            if owner in emails and not emails[owner].gone:
                self.by.setdefault(email, {})[owner] = emails[owner].name
        for one in rows:
            self._add(one.ref, one.name, one.email, one.external_id)
            if any(gain.role is Role.MANAGER for gain in gains[one.row.number]):
                self.managers_here.add(one.ref)
        self.names = tuple({name for refs in self.by.values() for name in refs.values()})
        taken, cell = {one.row.number for one in rows}, reading.found.cell
        spoilt = [row for row in reading.found.sheet.rows if row.number not in taken]
        self.spoilt = {fold(cell(row, column)) for row in spoilt for column in ("name", "email", "external_id")}

    def _add(self, ref: Ref, name: str, email: str, external: str | None) -> None:
        for key in {email, fold(name), *filter(None, [external])}:
            self.by.setdefault(key, {})[ref] = name

    def managers(self, one: _Person) -> tuple[tuple[Ref, str], ...]:
        """Find the managers whom a row names and whom this person does not assist yet."""
        cell = self.reading.found.cell(one.row, "assistant_of")
        new = dict[Ref, str]()
        for part in filter(str.strip, [cell] if fold(cell) in self.by else re.split(r"[;,|\n]", cell)):
            words = part.strip()
            found = self.by.get(words) or self.by.get(words.lower()) or self.by.get(fold(words)) or {}
            if len(found) != 1:
                self._unclear(one.row, words, several=bool(found))
                continue
            ref, name = next(iter(found.items()))
            if ref == one.ref:
                self.reading.wrong(one.row, "assistant_of", _("Nobody assists themselves."))
            elif one.known and (one.known.id, ref) in self.here.pairs:
                continue
            elif ref not in self.managers_here:
                self.reading.wrong(one.row, "assistant_of", _(
                    "%(name)s is not a manager. Give them that role in this file, or name somebody else.",
                    name=name))  # fmt: skip
            else:
                new[ref] = name
        return tuple(new.items())

    def _unclear(self, row: Row, words: str, *, several: bool) -> None:
        if fold(words) in self.spoilt:
            return  # that row has its own fault; once it is mended, this one is right
        if several:
            said = _("Several people are called %(name)s. Give the address.", name=words[:100])
        else:
            said = _("There is nobody with the address or name %(name)s, here or in this file.", name=words[:100])
            said += self.reading.similar(words, self.names)
        self.reading.wrong(row, "assistant_of", said)


def _step(
    reading: Reading, one: _Person, here: Here, actor: Actor, gains: tuple[Gain, ...], aliases: tuple[str, ...],
    managers: tuple[tuple[Ref, str], ...],
) -> Step:  # fmt: skip
    """Put together what a row does to somebody."""
    row, known = one.row, one.known
    own_alias = known is not None and here.aliases.get(one.email) == known.id
    wanted: Values = {
        "name": one.name, "email": None if own_alias else one.email,
        "job_title": _text(reading.text(row, "job_title", Title)), "phone": _text(reading.text(row, "phone", Phone)),
        "zone": reading.zone(row), "language": _text(_language(reading, row)), "external_id": one.external_id or None,
    }  # fmt: skip
    if known is None:
        blank = {"job_title": "", "phone": "", "zone": _zone_of(gains, here), "language": "en"}
        values = blank | {field: value for field, value in wanted.items() if value is not None}
        return Step(row=row.number, name=one.name, about=one.email, values=values, gains=gains, aliases=aliases,
                    managers=managers)  # fmt: skip
    labels = {column.name: column.label for column in columns(Subject.PEOPLE)}
    values, before, changes = differences(known, wanted, labels)
    if "email" in values:
        roles = [grant.role for grant in here.grants.get(known.id, ())]
        if not may_change_address(actor, known.id, roles):
            reading.wrong(row, "email", _("Only an admin changes this person's address."))
        said = _("%(name)s signs in with the new address from now on, and is signed out.", name=known.name)
        reading.notes.append(Note(row.number, said))
    if stays := _stays(reading, row, here.grants.get(known.id, frozenset()), here, gains):
        said = _("%(name)s stays in %(places)s as well: an import takes nobody out. Take that role away on their page.",
                 name=known.name, places=", ".join(stays))  # fmt: skip
        reading.notes.append(Note(row.number, said))
    return Step(row=row.number, name=known.name, about=known.email, id=known.id, values=values, before=before,
                changes=changes, gains=gains, aliases=aliases, managers=managers)  # fmt: skip


def _stays(
    reading: Reading, row: Row, held: frozenset[access.Grant], here: Here, gains: tuple[Gain, ...]
) -> list[str]:
    """Name where somebody who comes to another team or department is already, unless their row says so, too."""
    said = fold(" ".join(reading.found.cell(row, column) for column in ("member_of", "lead_of", "owner_in", "head_of")))
    stays = set[str]()
    if any(gain.team for gain in gains):
        stays |= {one.name for one in here.teams if one.id in {grant.team for grant in held}}
    if any(gain.department for gain in gains):
        stays |= {one.name for one in here.departments if one.id in {grant.department for grant in held}}
    return sorted(name for name in stays if fold(name) not in said)


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _language(reading: Reading, row: Row) -> Language | None:
    cell = reading.found.cell(row, "language").replace("_", "-")
    first, dash, rest = cell.partition("-")
    try:
        return Language.parse(first.lower() + dash + rest) if cell else None
    except ValueError as error:
        reading.wrong(row, "language", str(error))
        return None


def _zone_of(gains: tuple[Gain, ...], here: Here) -> str:
    """Give the zone of somebody new whose row names none: their team's, else the programme's."""
    zones = {team.id: team.zone for team in here.teams}
    return next((zones[gain.team] for gain in gains if gain.team is not None), here.zone)
