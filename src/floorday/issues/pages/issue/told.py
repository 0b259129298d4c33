"""What was said of an issue, what happened, and to whom it was told, as its page shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from floorday.issues import queries
from floorday.issues.pages import words
from floorday.issues.queries import FROM_THE_FLOOR, EventRow, IssueRow, LetterRow, NoteRow, Opened
from floorday.people.access import Actor, Door
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.web.forms import Form

TO_ROLES = frozenset({"owner_named", "sponsor_named", "decision_asked"})
"""Letters to the owner or the sponsor as such: whether they also raised it does not show."""


def note_of(note: NoteRow, row: IssueRow, actor: Actor, typed: Form, *, failed: str) -> dict[str, Any]:
    """Say a note; an own one with the buttons that correct and withdraw it."""
    own, again = note.mine and note.withdrawn_at is None, failed == str(note.id)
    return {
        "id": note.id, "text": note.text, "stream": words.stream(note.stream), "who": words.who(note),
        "when": words.said_on(note, actor.zone), "withdrawn": note.withdrawn_at is not None,
        "idea": note.idea, "fixed_like": note.fixed_like, "picture": note.picture, "photos": note.photos,
        "withdraw": f"/notes/{note.id}/withdrawal" if own else "",
        "correct": f"/issues/{row.id}/notes/{note.id}/correction" if own else "", "open": again,
        "typed": typed.value("correction") if again else note.text, "shut": note.shut, "restricted": note.restricted,
        "asked": note.asked or "", "back": f"/issues/{row.id}",
        "report": "" if note.mine or note.shut or note.withdrawn_at else f"/notes/{note.id}/reports",
    }  # fmt: skip


def line_of(line: EventRow, row: IssueRow, actor: Actor) -> dict[str, Any]:
    """Say a line of history; of somebody whose name is not shown the day is enough, the minute might tell who."""
    text, zone = words.happened(line.what, line.says), row.team_zone
    if line.what == "corrected" and not line.text:
        text = _("corrected a note")
    if line.for_date is not None:
        text = _("%(what)s: %(day)s", what=text, day=when.day(line.for_date))
    if line.vendor and line.what in {"vendor asked", "vendor back"}:
        text = {"vendor asked": _("handed it to %(vendor)s", vendor=line.vendor),
                "vendor back": _("took it back from %(vendor)s", vendor=line.vendor)}[line.what]  # fmt: skip
    through = (line.through or "") if line.what == "vendor said" and line.door is Door.LETTER else ""
    secret = not line.by_name and line.what in FROM_THE_FLOOR
    return {
        "who": line.by_name or words.unnamed(line.what), "text": text, "body": line.text,
        "at": when.machine(line.at) if not secret else "", "tone": words.tone(line.what, line.says),
        "when": when.day(line.at, zone) if secret else when.moment(line.at, zone, actor.zone),
        "door": words.door(line.door, address=through),
    }  # fmt: skip


async def letters(found: Opened, actor: Actor) -> list[dict[str, Any]]:
    """List the letters, those of one occasion together, the newest first.

    They were written in the order of names, so those to hidden ones stand last: their place tells nothing.
    """
    groups: dict[tuple[str, datetime], dict[str, Any]] = {}
    written = await queries.letters(found.issue.id)
    for letter in sorted(written, key=lambda one: (-one.created_at.timestamp(), _secret(one, found))):
        group = groups.setdefault((letter.name, letter.created_at), {
            "what": words.letter(letter.name), "people": [],
            "when": when.moment(letter.created_at, found.issue.team_zone, actor.zone),
        })  # fmt: skip
        group["people"].append(_told(letter, found))
    return list(groups.values())


def _secret(letter: LetterRow, found: Opened) -> bool:
    return letter.person in found.hidden and letter.name not in TO_ROLES


def _told(letter: LetterRow, found: Opened) -> dict[str, str]:
    """Say to whom a letter went, and what became of it; a name that is hidden stays so."""
    secret = _secret(letter, found)
    fate, tone = _("leaves in a moment"), "wait"
    if letter.failed_at is not None:
        fate, tone = _("did not arrive"), "hot"
    elif letter.left_before is not None:
        fate, tone = _("left already, before the database was restored"), "done"
    elif letter.sent_at is not None:
        fate, tone = _("sent"), "done"
    elif letter.server_words:
        fate, tone = _("trying again"), "wait"
    name = _("somebody who hides the name") if secret else letter.to_name
    role = _role(letter, found.issue, secret=secret)
    return {"who": _("%(name)s, %(role)s", name=name, role=role) if role else name, "fate": fate, "tone": tone,
            "server_words": "" if secret else letter.server_words}  # fmt: skip


def _role(letter: LetterRow, row: IssueRow, *, secret: bool) -> str:
    """Say as what somebody was told: many a sponsor has raised it, too."""
    if letter.name in TO_ROLES:
        return _("the owner") if letter.name == "owner_named" else _("the sponsor")
    if secret or letter.person in row.reporters:
        return _("who raised it")
    return _("the owner") if letter.person is not None and letter.person == row.owner else ""
