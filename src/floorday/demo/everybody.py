"""Everybody of the demo, put where a newcomer looks for them: who runs it, managers, assistants, teams, departments."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.demo.mailbox import Owner
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Role
from floorday.people.tables import Grant
from floorday.render.words import gettext as _

RUNS = (Role.COORDINATOR, Role.HEAD_OF_SERVICE, Role.ADMIN)
FIRST_IN_A_GROUP = (*RUNS, Role.LEAD, Role.HEAD_OF_DEPARTMENT)


class Somebody(Struct, frozen=True, kw_only=True):
    """Somebody with a mailbox: what they are here, in a word. Nobody signs in as one from `outside`."""

    id: UUID
    name: str
    email: str
    about: str
    letters: int
    outside: bool = False

    def fits(self, said: str) -> bool:
        """Say whether every word of what is looked for stands somewhere in what is known of them."""
        known = f"{self.name} {self.email} {self.about}".casefold()
        return all(word in known for word in said.casefold().split())


class Group(Struct, frozen=True):
    """Those who stand together under a title."""

    title: str
    people: list[Somebody]


def role_words() -> dict[Role, str]:
    """Say what somebody with a role is."""
    return {
        Role.COORDINATOR: _("coordinator"), Role.HEAD_OF_SERVICE: _("head of service"), Role.ADMIN: _("admin"),
        Role.MANAGER: _("manager"), Role.ASSISTANT: _("assistant"), Role.LEAD: _("team lead"),
        Role.MEMBER: _("team member"), Role.HEAD_OF_DEPARTMENT: _("head of department"), Role.OWNER: _("owner"),
    }  # fmt: skip


async def groups(owners: Sequence[Owner]) -> list[Group]:
    """Put everybody into one group: those who run the programme first, those outside last."""
    held: dict[UUID, list[dict[str, Any]]] = {}
    for row in await Grant.select(
        Grant.person, Grant.role, Grant.team._.name.as_alias("team"), Grant.department._.name.as_alias("department")
    ):
        held.setdefault(row["person"], []).append(row)
    words = role_words()
    placed: dict[tuple[int, str], list[tuple[int, str, Somebody]]] = {}
    for owner in owners:
        grants = sorted(held.get(owner.id, ()), key=lambda row: list(words).index(Role(row["role"])))
        place = _outside() if owner.outside else _place(grants)
        known = dict.fromkeys(part for row in grants for part in (
            words[Role(row["role"])], row["team"], row["department"])
            if part and part.casefold() not in owner.job_title.casefold())  # fmt: skip
        about = " · ".join(part for part in (owner.job_title, ", ".join(known)) if part)
        first = 0 if grants and Role(grants[0]["role"]) in FIRST_IN_A_GROUP else 1
        placed.setdefault(place, []).append((first, owner.name, Somebody(
            id=owner.id, name=owner.name, email=owner.email, about=about, letters=owner.letters,
            outside=owner.outside)))  # fmt: skip
    return [
        Group(title, [one for _first, _name, one in sorted(placed[order, title], key=lambda entry: entry[:2])])
        for order, title in sorted(placed)
    ]  # fmt: skip


def _place(grants: Sequence[dict[str, Any]]) -> tuple[int, str]:
    """Say in which group somebody stands, by the first of their roles."""
    if not grants:
        return 5, _("Without a role")
    first = grants[0]
    match Role(first["role"]):
        case role if role in RUNS:
            return 0, _("Who run the programme")
        case Role.MANAGER:
            return 1, _("Managers")
        case Role.ASSISTANT:
            return 2, _("Assistants")
        case role if role in TEAM_ROLES:
            return 3, _("Team %(name)s", name=first["team"])
        case role if role in DEPARTMENT_ROLES:
            return 4, _("Department %(name)s", name=first["department"])
        case _:
            return 5, _("Without a role")


def _outside() -> tuple[int, str]:
    return 6, _("Outside: whom vendors are written to by")


def found(everybody: Sequence[Group], said: str) -> list[Group]:
    """Narrow the groups to those whom the words fit; all of them where nothing is looked for."""
    if not said.strip():
        return list(everybody)
    narrowed = [Group(one.title, [who for who in one.people if who.fits(said)]) for one in everybody]
    return [one for one in narrowed if one.people]
