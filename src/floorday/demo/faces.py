"""Who one can be in the demo: one face for each role, and what it is like to be them."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from floorday.people import queries as people
from floorday.people.access import Role
from floorday.render.words import gettext as _

START = (Role.COORDINATOR, Role.MANAGER, Role.ASSISTANT, Role.LEAD, Role.OWNER, Role.HEAD_OF_SERVICE)
"""Whom a newcomer is shown first."""

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
    """Somebody to be: what they are called in the programme, a sentence of what they see and can do, one of their mail.

    A newcomer begins with those of `start`.
    """

    person: UUID
    name: str
    job_title: str
    role: str
    sentence: str
    letters: str
    start: bool


async def faces() -> list[Face]:
    """Give one person of each role; a role that nobody has is left out."""
    found: list[Face] = []
    for role, (called, sentence, letters) in _words().items():
        cards = await people.with_role(role)
        if cards:
            chosen = next((card for card in cards if card.email.startswith(f"{PREFERRED[role]}@")), cards[0])
            found.append(Face(chosen.id, chosen.name, chosen.job_title, called, sentence, letters, role in START))
    return found


def _words() -> dict[Role, tuple[str, str, str]]:
    return {
        Role.COORDINATOR: (
            _("Coordinator"),
            _("Runs the programme: the gaps, the triage of new issues, mail that a machine could not decide, and "
              "people."),
            _("What failed to leave, answers nobody could read, and the month before it is sent."),
        ),
        Role.MANAGER: (
            _("Manager"),
            _("Answers invitations, sees the next day on the floor, notes what gets in the way, and says yes or no "
              "where a decision waits for the sponsor."),
            _("Invitations that the calendar understands: accept, decline or propose another time right here."),
        ),
        Role.ASSISTANT: (
            _("Assistant"),
            _("Answers and moves days on a manager's behalf; sees dates and letters, and none of the issues."),
            _("The manager's dates to pick from, without an account."),
        ),
        Role.LEAD: (
            _("Team lead"),
            _("Offers shifts, invites managers in the team's own words, says held or missed, and follows the team's "
              "issues."),
            _("Who accepted, moved or comes tomorrow, and the team's month."),
        ),
        Role.OWNER: (
            _("Owner"),
            _("Fixes issues: gives a promise, writes updates to everybody who raised it, asks for a decision, says "
              "what was done."),
            _("What is theirs to fix, and reminders with one button each; a reply becomes an update."),
        ),
        Role.HEAD_OF_SERVICE: (
            _("Head of service"),
            _("Reads the month's summary, opens the rows behind each figure, and decides where no sponsor has."),
            _("The company's month with its chart, and the whole of it as a PDF."),
        ),
        Role.MEMBER: (
            _("Team member and host"),
            _("Hosts a manager, reads the notes back, raises an issue in one line, and says whether a fix has reached "
              "the floor."),
            _("What became of what they raised, and the question whether it is fixed."),
        ),
        Role.HEAD_OF_DEPARTMENT: (
            _("Head of department"),
            _("Sees the department's issues against its charter, and hands them to owners."),
            _("What nobody has taken yet, and the department's month."),
        ),
        Role.ADMIN: (
            _("Admin"),
            _("Keeps people, roles and settings; sees the face of issues and never who raised them."),
            _("The stories of the month."),
        ),
    }
