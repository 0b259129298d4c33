"""What was said of an issue, what happened, and to whom it was told, as its page shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from floorday.issues import queries
from floorday.issues.pages import words
from floorday.issues.queries import FROM_THE_FLOOR, EventRow, IssueRow, LetterRow, NoteRow, Opened
from floorday.issues.queries.fates import TO_ROLES, LetterFate, by_occasion, fate, is_secret
from floorday.issues.rules import Naming
from floorday.people.access import Actor, Door
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web.forms import Form


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
    if line.what in {"returned", "reopened"} and (since := words.back(line.days, line.team_name or "")):
        text = _("%(what)s, %(since)s", what=text, since=since)
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


async def letters(found: Opened, actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """List the letters and reminders, those of one occasion together, the newest first."""
    groups: dict[tuple[str, datetime], dict[str, Any]] = {}
    written = await queries.letters(found.issue.id)
    for letter in by_occasion(written, found):
        kind = f"{letter.name} {letter.deed} {letter.rung}"
        group = groups.setdefault((kind, letter.created_at), {
            "what": words.reminded(letter.deed, letter.rung) if letter.deed else words.letter(letter.name),
            "people": [],
            "when": when.moment(letter.created_at, found.issue.team_zone, actor.zone),
        })  # fmt: skip
        group["people"].append(_told(letter, found, now, actor))
    return list(groups.values())


def unnamed(found: Opened) -> str:
    """Say how those hear of it to whom no letter goes: nobody knows who they are."""
    n = sum(note.naming is Naming.ANONYMOUS and note.withdrawn_at is None for note in found.notes)
    if not n:
        return ""
    return ngettext("Who raised it without a name gets no letter, and reads it with the note's code or at the desk.",
                    "%(n)s raised it without a name: they get no letter, and read it with the note's code or at the"
                    " desk.", n)  # fmt: skip


def _told(letter: LetterRow, found: Opened, now: datetime, actor: Actor) -> dict[str, str]:
    """Say to whom a letter went, and what became of it; a name that is hidden stays so."""
    secret, became = is_secret(letter, found), fate(letter, now=now)
    said, tone = _fates()[became]
    if became is LetterFate.LATER and letter.leaves_at is not None and not secret:
        # Those in whose letter of the day it stands, and when that leaves, is told of nobody who hides the name.
        said = _("leaves %(moment)s", moment=when.moment(letter.leaves_at, found.issue.team_zone or actor.zone))
    name = _("somebody who hides the name") if secret else letter.to_name
    role = _role(letter, found.issue, secret=secret)
    return {"who": _("%(name)s, %(role)s", name=name, role=role) if role else name, "fate": said, "tone": tone,
            "server_words": "" if secret else letter.server_words}  # fmt: skip


def _fates() -> dict[LetterFate, tuple[str, str]]:
    return {
        LetterFate.SOON: (_("leaves in a moment"), "wait"), LetterFate.SENT: (_("sent"), "done"),
        LetterFate.LATER: (_("leaves in the letter of the day"), "wait"), LetterFate.AGAIN: (_("trying again"), "wait"),
        LetterFate.FAILED: (_("did not arrive"), "hot"), LetterFate.TOLD: (_("told"), ""),
        LetterFate.LEFT_BEFORE: (_("left already, before the database was restored"), "done"),
    }  # fmt: skip


def _role(letter: LetterRow, row: IssueRow, *, secret: bool) -> str:
    """Say as what somebody was told: many a sponsor has raised it, too."""
    if letter.deed:
        return words.rung(letter.rung)
    if letter.name in TO_ROLES:
        return _("the owner") if letter.name == "owner_named" else _("the sponsor")
    if secret or letter.person in row.reporters:
        return _("who raised it")
    return _("the owner") if letter.person is not None and letter.person == row.owner else ""
