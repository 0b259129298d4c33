"""What was masked in a note and is no customer's is put back, by whoever wrote it, through the letter of thanks.

Nobody has kept it: whoever holds the link has to say it again, so a letter that went astray gives nothing away.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from floorday.db import transaction
from floorday.db.text import Line, Title
from floorday.errors import BadInput, NotFound, Raced, Refused
from floorday.issues import blots, moves, queries
from floorday.issues.actions import rewording
from floorday.issues.actions.steps import record
from floorday.issues.blots import Blot
from floorday.issues.places import Place, digest_of, places, restored
from floorday.issues.queries import IssueRow, Written
from floorday.people import queries as people
from floorday.people.access import Actor, Door
from floorday.render.words import gettext as _


class Masked(Struct, frozen=True):
    """A note with what is masked in it: its texts by field, and a name of how they stand (`seen`)."""

    note: Written
    issue: IssueRow
    reader: str
    texts: dict[str, str]
    places: list[Place]
    seen: str


async def masked_in(token: str, *, now: datetime) -> Masked:
    """Give what is masked in the note behind a link; whoever is no more its reporter has none."""
    return (await _held(token, now=now))[1]


async def say_none(token: str, place: int, words: str, *, seen: str, now: datetime) -> None:
    """Put words at one of the places where something is masked, because they are no customer's.

    `seen` is the name of what its writer has read; where the note says something else by now, nothing is done.
    """
    async with transaction():
        actor, found = await _held(token, now=now)
        if seen != found.seen or not 0 <= place < len(found.places):
            raise Raced(_("The note has been changed meanwhile. Look at it again, then say it once more."))
        at = found.places[place]
        said = Line.parse(words)
        if not said:
            raise BadInput(_("Say what stood there."), fields={"words": _("Say what stood there.")})
        text = found.texts[at.field]
        anew = restored(text, at, said, zone=found.note.team_zone)
        if len(anew) > blots.LONGEST[at.field]:
            wrong = _("The note is too long with it. Leave it masked, or correct the note on the issue's page.")
            raise BadInput(wrong, fields={"words": wrong})
        if at.field == "text" and await rewording.corrects(actor, found.note, anew, now=now):
            return
        title = _titled(found, at, anew)
        on_issue = at.field == "title"
        await moves.blot_all([
            Blot("issue", found.issue.id, "title", text, anew) if on_issue
            else Blot("note", found.note.id, at.field, text, anew),
            *([Blot("issue", found.issue.id, "title", found.issue.title, title)] if title else []),
        ])  # fmt: skip
        await moves.fold_due()
        await record(found.issue.id, "retitled" if on_issue else "corrected", actor=actor, now=now, text=text)


def _titled(found: Masked, at: Place, anew: str) -> str:
    """Give the title that says what the note says, where it repeats the note; "" where it does not."""
    if at.field != "text" or found.issue.title != blots.cut(found.texts["text"], Title.longest):
        return ""
    return blots.cut(anew, Title.longest)


async def _held(token: str, *, now: datetime) -> tuple[Actor, Masked]:
    gone = NotFound(_("This link is no longer valid. You can correct your note on the issue's page."))
    link = await queries.unmask_link(token, now=now)
    who = await people.actor(link.person, door=Door.LETTER) if link else None
    if link is None or who is None:
        raise gone
    note = await queries.note(link.issue)
    if note.reporter != who.person or note.issue is None or note.withdrawn_at is not None:
        raise gone
    if note.restricted:
        raise Refused(_("A coordinator looks at this note just now. Ask them."))
    return who, await _masked(note, note.issue, who)


async def _masked(note: Written, issue_id: UUID, who: Actor) -> Masked:
    issue = await queries.issue(None, issue_id)
    beside = await queries.beside_text(note.id)
    texts = {"text": note.text, "idea": beside.idea, "fixed_like": beside.fixed_like}
    if beside.opened and issue.title != blots.cut(note.text, Title.longest):
        texts["title"] = issue.title
    texts = {name: said for name, said in texts.items() if said}
    return Masked(note, issue, who.name, texts, places(texts), digest_of(texts.values()))


