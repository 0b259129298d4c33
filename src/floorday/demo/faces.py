"""Who one can be in the demo: one face for each role, and what it is like to be them."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from floorday.people import queries as people
from floorday.people.access import Role
from floorday.people.queries import Card
from floorday.render.words import gettext as _

PREFERRED = {
    Role.MANAGER: "ann.archer",
    Role.ASSISTANT: "noor.haddad",
    Role.LEAD: "ben.adeyemi",
    Role.MEMBER: "fatima.begum",
    Role.COORDINATOR: "maya.lindqvist",
    Role.OWNER: "cleo.fontaine",
    Role.HEAD_OF_DEPARTMENT: "victor.hale",
    Role.HEAD_OF_SERVICE: "ruth.calloway",
    Role.ADMIN: "sam.whitlock",
}
"""The one of several who is shown, by the beginning of the address."""


class Face(Struct, frozen=True):
    """Somebody to be: what they are called in the programme, and a sentence of what they see and can do."""

    person: UUID
    name: str
    job_title: str
    role: str
    sentence: str


async def faces() -> list[Face]:
    """Give one person of each role; a role that nobody has is left out."""
    found: list[Face] = []
    for role, (called, sentence) in _words().items():
        cards = await people.with_role(role)
        if cards:
            chosen = next((card for card in cards if card.email.startswith(f"{PREFERRED[role]}@")), cards[0])
            found.append(_face(chosen, called, sentence))
    return found


def _face(card: Card, called: str, sentence: str) -> Face:
    return Face(card.id, card.name, card.job_title, called, sentence)


def _words() -> dict[Role, tuple[str, str]]:
    return {
        Role.MANAGER: (
            _("Manager"),
            _("Answers invitations, sees the next day on the floor, notes what gets in the way, and says yes or no "
              "where a decision waits for the sponsor."),
        ),
        Role.ASSISTANT: (
            _("Assistant"),
            _("Answers and moves days on a manager's behalf; sees dates and letters, and none of the issues."),
        ),
        Role.LEAD: (
            _("Team lead"),
            _("Offers shifts, invites managers in the team's own words, says held or missed, and follows the team's "
              "issues."),
        ),
        Role.MEMBER: (
            _("Team member and host"),
            _("Hosts a manager, reads the notes back, raises an issue in one line, and says whether a fix has reached "
              "the floor."),
        ),
        Role.COORDINATOR: (
            _("Coordinator"),
            _("Runs the programme: the gaps, the triage of new issues, mail that a machine could not decide, and "
              "people."),
        ),
        Role.OWNER: (
            _("Owner"),
            _("Fixes issues: gives a promise, writes updates to everybody who raised it, asks for a decision, says "
              "what was done."),
        ),
        Role.HEAD_OF_DEPARTMENT: (
            _("Head of department"),
            _("Sees the department's issues against its charter, and hands them to owners."),
        ),
        Role.HEAD_OF_SERVICE: (
            _("Head of service"),
            _("Reads the month's summary, opens the rows behind each figure, and decides where no sponsor has."),
        ),
        Role.ADMIN: (
            _("Admin"),
            _("Keeps people, roles and settings; sees the face of issues and never who raised them."),
        ),
    }
