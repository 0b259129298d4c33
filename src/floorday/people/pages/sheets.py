"""People, teams and departments as files: which columns the lists have."""

from __future__ import annotations

from floorday.config import settings
from floorday.people.access import Role
from floorday.people.actions import DEPARTMENT_SCOPED, TEAM_SCOPED
from floorday.people.pages.shared import role_name
from floorday.people.queries import Card, Held, Office, Place
from floorday.render.sheets import Sheet, link, number, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _


def people() -> Sheet[tuple[Card, list[Held]]]:
    """Give the columns of the people, each with what they are; an import understands them as they stand."""
    return Sheet(name=_("People"), zone=settings().zone, columns=(
        text(_("Name"), lambda row: row[0].name), text(_("Address"), lambda row: row[0].email),
        text(_("Job title"), lambda row: row[0].job_title), text(_("Phone"), lambda row: row[0].phone),
        text(_("Time zone"), lambda row: row[0].zone), text(_("Language"), lambda row: row[0].language),
        text(_("Member of"), lambda row: _places(row[1], Role.MEMBER)),
        text(_("Lead of"), lambda row: _places(row[1], Role.LEAD)),
        text(_("Owner in"), lambda row: _places(row[1], Role.OWNER)),
        text(_("Head of"), lambda row: _places(row[1], Role.HEAD_OF_DEPARTMENT)),
        text(_("Roles"), _roles), link(_("Link"), lambda row: address(f"/settings/people/{row[0].id}")),
    ))  # fmt: skip


def _places(grants: list[Held], role: Role) -> str:
    return "; ".join(sorted(held.team_name or held.department_name or "" for held in grants if held.role is role))


def _roles(row: tuple[Card, list[Held]]) -> str:
    """Name the roles that are for no team and no department."""
    return "; ".join(sorted(
        role_name(held.role) for held in row[1] if held.role not in TEAM_SCOPED | DEPARTMENT_SCOPED
    ))  # fmt: skip


def teams() -> Sheet[tuple[Place, Card | None]]:
    """Give the columns of the teams, each with its usual host."""
    return Sheet(name=_("Teams"), zone=settings().zone, columns=(
        text(_("Team"), lambda row: row[0].name), text(_("Site"), lambda row: row[0].site),
        text(_("Place"), lambda row: row[0].place), text(_("Time zone"), lambda row: row[0].zone),
        text(_("Usual host"), lambda row: row[1].name if row[1] else ""),
        link(_("Link"), lambda row: address(f"/settings/teams/{row[0].id}")),
    ))  # fmt: skip


def departments() -> Sheet[Office]:
    """Give the columns of the departments, with what they promise in working days; 0 is no promise, and empty."""
    return Sheet(name=_("Departments"), zone=settings().zone, columns=(
        text(_("Department"), lambda row: row.name),
        number(_("Acknowledges in (working days)"), lambda row: row.acknowledge_days or None),
        number(_("A word every (working days)"), lambda row: row.word_days or None),
        number(_("Fixes in (working days)"), lambda row: row.fix_days or None),
        link(_("Link"), lambda row: address(f"/settings/departments/{row.id}")),
    ))  # fmt: skip
