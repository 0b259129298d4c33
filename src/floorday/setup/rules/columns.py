"""Which columns a sheet may have, by whatever name people give them."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from msgspec import Struct

from floorday.errors import BadInput
from floorday.people.access import Role
from floorday.render.words import gettext as _
from floorday.setup.rules.files import Row, Sheet


class Subject(StrEnum):
    """What a sheet lists; in this order they build on each other."""

    DEPARTMENTS = "departments"
    TEAMS = "teams"
    PEOPLE = "people"


class Column(Struct, frozen=True):
    """A column: what it is called in the example, and what else it may be called (folded)."""

    name: str
    label: str
    also: tuple[str, ...] = ()


def columns(subject: Subject) -> tuple[Column, ...]:
    """List the columns of a sheet in the order of the example."""
    external = Column("external_id", _("External ID"), (
        "externalid", "employeeid", "employeenumber", "staffid", "staffnumber", "personnelnumber", "hrid"))  # fmt: skip
    zone = Column("zone", _("Time zone"), ("timezone", "zone", "tz"))
    match subject:
        case Subject.PEOPLE:
            return (
                Column("name", _("Name"), ("name", "fullname", "displayname", "person", "employee")),
                Column("first_name", _("First name"), ("firstname", "givenname", "forename")),
                Column("last_name", _("Last name"), ("lastname", "surname", "familyname")),
                Column("email", _("Address"), ("email", "mail", "emailaddress", "mailaddress", "workemail", "address")),
                Column("job_title", _("Job title"), ("jobtitle", "title", "position", "job")),
                Column("phone", _("Phone"), ("phone", "phonenumber", "telephone", "tel", "mobile", "mobilephone")),
                zone,
                Column("language", _("Language"), ("language", "lang")),
                external,
                Column("member_of", _("Member of"), ("memberof", "team", "teams", "memberofteam")),
                Column("lead_of", _("Lead of"),
                       ("leadof", "leads", "teamlead", "teamleader", "teamleadof", "leadofteam")),
                Column("owner_in", _("Owner in"), ("ownerin", "ownerof", "ownerfor", "department", "departments")),
                Column("head_of", _("Head of"), ("headof", "heads", "headofdepartment", "departmenthead")),
                Column("roles", _("Roles"), ("roles", "role")),
                Column("assistant_of", _("Assistant of"), ("assistantof", "assistantto", "assistantfor", "assists")),
                Column("aliases", _("Other addresses"), (
                    "otheraddresses", "furtheraddresses", "otheremails", "aliases", "alias", "emailaliases")),
            )  # fmt: skip
        case Subject.TEAMS:
            return (
                Column("name", _("Name"), ("name", "team", "teamname")),
                Column("site", _("Site"), ("site", "location", "city", "office")),
                Column("place", _("Place"), ("place", "where", "address", "floor")),
                zone,
                Column("default_host", _("Usual host"), ("usualhost", "defaulthost", "host")),
                Column("picture", _("Picture of good service"), ("pictureofgoodservice", "picture")),
                external,
            )
        case Subject.DEPARTMENTS:
            return (
                Column("name", _("Name"), ("name", "department", "departmentname")),
                Column("acknowledge_days", _("Acknowledges in (working days)"), (
                    "acknowledgesinworkingdays", "acknowledgesin", "acknowledgedays", "acknowledgein", "acknowledge")),
                Column("word_days", _("A word every (working days)"), (
                    "awordeveryworkingdays", "awordevery", "worddays", "wordevery", "word")),
                Column("fix_days", _("Fixes in (working days)"), (
                    "fixesinworkingdays", "fixesin", "fixdays", "fixin", "fix")),
                external,
            )  # fmt: skip


def examples(subject: Subject) -> tuple[dict[str, str], ...]:
    """Give two rows for each kind of sheet; those of people name the teams and departments of the others."""
    match subject:
        case Subject.PEOPLE:
            return (
                {"name": "Ann Archer", "email": "ann.archer@company.example", "job_title": "Chief operating officer",
                 "phone": "+44 113 496 0001", "zone": "Europe/London", "language": "en", "external_id": "1001",
                 "roles": "Manager"},
                {"name": "Ben Adeyemi", "email": "ben.adeyemi@company.example", "job_title": "Team lead",
                 "zone": "Europe/London", "language": "en", "external_id": "1002", "member_of": "Billing; Claims",
                 "lead_of": "Billing", "aliases": "b.adeyemi@company.example"},
            )  # fmt: skip
        case Subject.TEAMS:
            return (
                {"name": "Billing", "site": "Leeds", "place": "Leeds, floor 3", "zone": "Europe/London",
                 "picture": "A refund takes one call", "external_id": "T-1"},
                {"name": "Claims", "site": "Lisbon", "place": "Rua Nova 7", "zone": "Europe/Lisbon",
                 "external_id": "T-2"},
            )  # fmt: skip
        case Subject.DEPARTMENTS:
            return (
                {"name": "IT", "acknowledge_days": "2", "word_days": "10", "fix_days": "30", "external_id": "D-1"},
                {"name": "Legal", "acknowledge_days": "5", "word_days": "10", "fix_days": "60", "external_id": "D-2"},
            )


def roles() -> dict[str, Role]:
    """Give the words (folded) by which a sheet may call a role."""
    return {
        "manager": Role.MANAGER, "coordinator": Role.COORDINATOR, "assistant": Role.ASSISTANT,
        "headofservice": Role.HEAD_OF_SERVICE, "headofcustomerservice": Role.HEAD_OF_SERVICE,
        "admin": Role.ADMIN, "administrator": Role.ADMIN,
        "lead": Role.LEAD, "teamlead": Role.LEAD, "teamleader": Role.LEAD,
        "member": Role.MEMBER, "teammember": Role.MEMBER,
        "owner": Role.OWNER, "head": Role.HEAD_OF_DEPARTMENT, "headofdepartment": Role.HEAD_OF_DEPARTMENT,
    }  # fmt: skip


class Found(Struct, frozen=True):
    """A sheet whose columns are understood: where each of ours stands, and which names mean nothing here."""

    place: dict[str, int]
    unknown: tuple[str, ...]
    sheet: Sheet

    def cell(self, row: Row, name: str) -> str:
        """Give what a row says in a column of ours; nothing where the sheet lacks it."""
        at = self.place.get(name, -1)
        return row.cells[at] if 0 <= at < len(row.cells) else ""

    def heading(self, name: str) -> str:
        """Give what the sheet itself calls a column of ours."""
        return self.sheet.header[self.place[name]]


def knows(subject: Subject, name: str) -> bool:
    """Say whether a column of this name means something."""
    return fold(name) in {other for column in columns(subject) for other in column.also}


def find(subject: Subject, sheet: Sheet) -> Found:
    """Find our columns in a sheet; raise BadInput for those that are needed and missing, or there twice."""
    ours = {other: column for column in columns(subject) for other in column.also}
    place: dict[str, int] = {}
    unknown: list[str] = []
    for at, heading in enumerate(sheet.header):
        column = ours.get(fold(heading))
        if column is None:
            unknown += [heading] if heading else []
        elif column.name in place:
            raise BadInput(
                _("The columns %(one)s and %(other)s mean the same. Keep one of them."),
                one=sheet.header[place[column.name]], other=heading,
            )  # fmt: skip
        else:
            place[column.name] = at
    _needed(subject, place, sheet)
    return Found(place, tuple(unknown), sheet)


def _needed(subject: Subject, place: dict[str, int], sheet: Sheet) -> None:
    missing: list[str] = []
    if "name" not in place and not {"first_name", "last_name"} <= place.keys():
        missing.append(_("Name"))
    if subject is Subject.PEOPLE and "email" not in place:
        missing.append(_("Address"))
    if missing:
        there = ", ".join(name[:40] for name in sheet.header[:20] if name)
        raise BadInput(
            _("Columns are missing: %(missing)s. The first row has to name them; it says: %(there)s."),
            missing=", ".join(missing), there=there,
        )  # fmt: skip


def fold(name: str) -> str:
    """Bring the name of a column or role into one form: case, accents, blanks and signs do not count."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", name[:200]).casefold()))
