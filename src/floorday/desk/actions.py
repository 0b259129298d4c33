"""What a desk may do: take a note, and a verdict, from whoever of the team picks their name there.

Without a PIN a name is only somebody's word for it. So a verdict without one is taken only from a reporter whose name
everybody knows: nobody learns at the desk who raised something behind a hidden name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from floorday.desk import queries
from floorday.desk.queries import Question
from floorday.errors import Forbidden, NotFound
from floorday.issues import actions as issues
from floorday.issues import queries as issue_queries
from floorday.issues.actions import Noted, NoteForm
from floorday.issues.photos import Photograph
from floorday.issues.queries import Put
from floorday.issues.rules import Verdict
from floorday.people import actions as people
from floorday.people import queries as persons
from floorday.people.access import Device, Door
from floorday.people.actions import Picked
from floorday.render.words import gettext as _
from floorday.web import secrets

UNDO = timedelta(minutes=10)


class Kept(Struct, frozen=True):
    """What became of a note at the desk, and the proof that takes it back there."""

    noted: Noted
    name: str
    proof: str


async def note(
    device: Device, person: UUID, pin: str, form: NoteForm, *, now: datetime, pictures: Sequence[Photograph] = (),
    ask: str | None = None, issue: UUID | None = None,
) -> Kept:  # fmt: skip
    """Keep what somebody of the team says at its desk, of an issue that the desk shows or of a new one.

    `form` is of the desk's team.
    """
    if issue is not None and await queries.face(device, issue) is None:
        raise NotFound(_("There is no such issue."))
    who = (await people.pick(device, person, pin, now=now)).actor
    said = structs.replace(form, team=device.team, day=None, issue=issue)
    noted = await issues.note(who, said, now=now, pictures=pictures, ask=ask)
    return Kept(noted, who.name, _proof(device, noted.note))


def _proof(device: Device, note_id: UUID) -> str:
    return secrets.mac("desk-note", f"{device.id}|{note_id}")


async def take_back(device: Device, note_id: UUID, proof: str, *, now: datetime) -> None:
    """Withdraw a note at the desk where it was just written."""
    gone = NotFound(_("This note can no longer be taken back here. Its writer can, on the own page."))
    if not secrets.same(proof, _proof(device, note_id)):
        raise gone
    written = await issue_queries.note(note_id)
    who = await persons.actor(written.reporter, door=Door.DESK) if written.reporter else None
    if who is None or written.at < now - UNDO:
        raise gone
    await issues.withdraw_note(who, note_id, now=now)


async def verdict(
    device: Device, issue_id: UUID, person: UUID, pin: str, says: Verdict, because: str, *, now: datetime
) -> str:
    """Take a verdict at the desk, and give the name it stands under."""
    if await queries.face(device, issue_id) is None:
        raise NotFound(_("There is no such issue."))
    picked = await people.pick(device, person, pin, now=now)
    if not picked.proven and not await queries.said_openly(issue_id, person):
        raise Forbidden(_("Those who raised it say whether it is fixed."))
    await issues.verdict(picked.actor, issue_id, says, because, now=now)
    return picked.actor.name


async def read(device: Device, issue_id: UUID, person: UUID, pin: str, *, now: datetime) -> Put:
    """Give what one of those who raised an issue is asked, to that one alone; nobody else learns more than that."""
    asked = await _asked(device, issue_id)
    picked = await people.pick(device, person, pin, now=now)
    await _for(asked, picked)
    return asked.put()


async def answer(
    device: Device, issue_id: UUID, person: UUID, pin: str, text: str, to: UUID | None, *, now: datetime
) -> str:
    """Take the answer of somebody who raised it at the desk, and give the name it stands under."""
    asked = await _asked(device, issue_id)
    picked = await people.pick(device, person, pin, now=now)
    await _for(asked, picked)
    if not picked.proven and not await queries.said_openly(issue_id, person):
        raise Forbidden(_("Those who raised it answer that."))
    await issues.answer(picked.actor, issue_id, text, now=now, to=to)
    return picked.actor.name


async def _asked(device: Device, issue_id: UUID) -> Question:
    asked = await queries.question(issue_id) if await queries.face(device, issue_id) is not None else None
    if asked is None:
        raise NotFound(_("Nothing is asked here any more."))
    return asked


async def _for(asked: Question, picked: Picked) -> None:
    """Refuse a question to one to everybody else; whoever hides the name is believed with a PIN alone."""
    who = picked.actor.person
    if asked.one and not (asked.asked.to(person=who) and (
            picked.proven or await queries.said_openly(asked.asked.issue, who))):  # fmt: skip
        raise Forbidden(_("You are asked nothing here."))
