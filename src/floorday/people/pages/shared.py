"""What the pages about people share: words for roles, zones to choose, who may keep the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from litestar import Request, Response

from floorday.errors import Forbidden, NotFound
from floorday.people import queries
from floorday.people.access import Act, Actor, Role, can
from floorday.render.words import gettext as _

Asked = Request[Any, Any, Any]
Shown = Response[Any]


def settings_tabs(current: str) -> list[dict[str, Any]]:
    """Give the tabs of the settings that those who keep people see."""
    places = [("people", _("People")), ("teams", _("Teams")), ("departments", _("Departments")),
              ("vendors", _("Vendors"))]
    return [{"label": label, "href": f"/settings/{name}", "current": name == current} for name, label in places]


def zone_options() -> list[tuple[str, str]]:
    """Give the IANA zones that people live in, for a select."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if zone.startswith(areas)] + [
        ("UTC", "UTC")
    ]


def role_name(role: Role) -> str:
    """Say a role in the reader's words."""
    return {
        Role.COORDINATOR: _("Coordinator"),
        Role.LEAD: _("Team lead"),
        Role.MEMBER: _("Team member"),
        Role.MANAGER: _("Manager"),
        Role.ASSISTANT: _("Assistant"),
        Role.OWNER: _("Owner"),
        Role.HEAD_OF_DEPARTMENT: _("Head of department"),
        Role.HEAD_OF_SERVICE: _("Head of customer service"),
        Role.ADMIN: _("Admin"),
    }[role]


def role_words(held: queries.Held) -> str:
    """Say a role with its team or department."""
    scope = held.team_name or held.department_name
    return f"{role_name(held.role)}, {scope}" if scope else role_name(held.role)


def said(card: queries.Card) -> dict[str, Any]:
    """Give what a form says of somebody."""
    return {
        "name": card.name, "email": card.email, "job_title": card.job_title, "phone": card.phone, "zone": card.zone,
        "language": card.language,
    }  # fmt: skip


def keeps(actor: Actor) -> bool:
    """Say whether this person keeps the others."""
    return can(actor, Act.EDIT_PEOPLE)


def only_keepers(actor: Actor) -> None:
    """Raise Forbidden for everybody else."""
    if not keeps(actor):
        raise Forbidden(_("This is for a coordinator or an admin."))


async def found_person(person_id: UUID) -> queries.Card:
    """Find somebody, or raise NotFound."""
    card = await queries.person(person_id)
    if card is None:
        raise NotFound(_("There is no such person."))
    return card


async def found_team(team_id: UUID) -> queries.Place:
    """Find a team, or raise NotFound."""
    team = await queries.team(team_id)
    if team is None:
        raise NotFound(_("There is no such team."))
    return team


async def found_office(department_id: UUID) -> queries.Office:
    """Find a department, or raise NotFound."""
    office = await queries.department(department_id)
    if office is None:
        raise NotFound(_("There is no such department."))
    return office
