"""Better words for a note that names somebody, and words put back where they were."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.issues import blots, moves
from floorday.issues.actions.steps import record
from floorday.issues.blots import Blot
from floorday.issues.queries import reported as found
from floorday.issues.queries.reported import NoteActRow
from floorday.issues.queries.rows import Written
from floorday.people.access import Actor


async def corrects(actor: Actor, written: Written, words: str, *, now: datetime) -> bool:
    """Say a restricted or reported note better; what it said stays with the coordinators. False: it is neither."""
    if written.restricted:
        act = await standing(written.id, "restricted")
        kept = blots.unpack(act.kept if act else "")
        was = [one for one in kept if one.table == "note" and one.column == "text"]
        if act is None or not was or was[0].was == words:
            return True
        said = Blot("note", written.id, "text", words, was[0].now)
        await moves.keep_better(act.id, [said if one is was[0] else one for one in kept])
        await moves.add_note_act(written.id, "corrected", actor.person, kept=was, now=now)
    else:
        asked = await standing(written.id, "asked")
        if asked is None and not await found.is_reported(written.id):
            return False
        title = blots.cut(" ".join(words.split()), blots.LONGEST["title"])
        taken = [Blot("note", written.id, "text", written.text, words)]

        def anew(said: str) -> str:
            return title if blots.repeats(said, written.text) else said

        for table, column, row, text in await found.places(written.id, written.issue):
            if (table, column) == ("issue", "title") and blots.repeats(text, written.text):
                taken.append(Blot(table, row, column, text, title))
            elif table == "letter" and (one := blots.rewritten((table, column, row, text), anew)):
                taken.append(one)
        await moves.blot_all(taken)
        await moves.add_note_act(written.id, "corrected", actor.person, kept=taken, now=now)
    await end(await standing(written.id, "asked"), now=now)
    await moves.fold_due()
    if written.issue is not None:
        await record(written.issue, "corrected", actor=actor, now=now)
    return True


async def standing(note_id: UUID, what: str) -> NoteActRow | None:
    """Find the last of such acts with a note that nobody took back."""
    acts = [one for one in await found.note_acts(note_id) if one.what == what and one.taken_back_at is None]
    return acts[-1] if acts else None


async def put_back(act: NoteActRow | None) -> None:
    """Let be said again what was said before, wherever nobody has said something else since."""
    for one in blots.unpack(act.kept) if act else []:
        await moves.blot(Blot(one.table, one.id, one.column, one.now, one.was))
    await moves.fold_due()


async def end(act: NoteActRow | None, *, now: datetime) -> None:
    """Take an act back, if there is one."""
    if act is not None:
        await moves.take_act_back(act.id, now=now)
