"""A note that names a colleague: anybody who reads it may say so, and a coordinator puts it right.

Only coordinators do, not the team's lead: the lead may be whom it names, and what was said before stays with the
coordinators. Words that are taken out are gone from every row that others read; what was said stands in `note_act`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.db import transaction
from floorday.db.text import Line, Title
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import blots, masks, moves, queries
from floorday.issues.actions.following import restrict
from floorday.issues.actions.rewording import end, put_back, standing
from floorday.issues.actions.steps import record
from floorday.issues.blots import Blot
from floorday.issues.queries import reported as found
from floorday.issues.queries.rows import Written
from floorday.mail import outbox
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Role, can
from floorday.render.words import gettext as _

MOST_WORDS = 20


async def report_note(actor: Actor, note_id: UUID, word: str = "", *, now: datetime) -> UUID:
    """Say that a note names somebody; the coordinators are told, and nobody else."""
    async with transaction():
        rows = await queries.listed_notes(actor, only=note_id, withdrawn=False)
        if not rows or rows[0].shut:
            raise NotFound(_("There is no such note."))
        note = rows[0]
        if note.mine:
            raise Refused(_("This note is your own. Say it better, or withdraw it."))
        if await found.has_reported(note_id, actor.person):
            raise Refused(_("You have said so already. The coordinator looks at it."))
        kept = Line(blots.cut(masks.mask(Line.parse(word), zone=note.team_zone), Line.longest)) if word.strip() else ""
        report = await moves.add_report(note_id, actor.person, str(kept), now=now)
        for one in await people.with_role(Role.COORDINATOR):
            if one.id != actor.person:
                await _post("note_reported", one, note_id, f"{report}", {
                    "team": note.team_name, "number": note.issue_number or 0,
                    "links": {"page": {"path": f"/notes/{note_id}/reported"}}}, now=now)  # fmt: skip
        return report


async def take_report_back(actor: Actor, note_id: UUID, *, now: datetime) -> None:
    """Take an own report back, as long as nothing was done about it."""
    async with transaction():
        report = await moves.forget_report(note_id, actor.person)
        if report is None:
            raise NotFound(_("There is no report of yours that waits."))
        told = await people.with_role(Role.COORDINATOR)
        await outbox.take_back(about=note_id, keys=[f"note_reported:{report}:{one.id}" for one in told], now=now)


async def _post(name: str, to: Any, note: UUID, cause: str, facts: dict[str, Any], *, now: datetime) -> None:
    """Post a letter about a note; its facts hold no word of it."""
    await outbox.post(
        name, to=to.email, to_name=to.name, person=to.id, about=note, about_kind="note",
        facts={"language": to.language, "reader": to.name, **facts}, key=f"{name}:{cause}:{to.id}", now=now,
    )  # fmt: skip


async def reported_note(actor: Actor, note_id: UUID) -> Written:
    """Find a note that was reported, with what it says, for a coordinator."""
    _coordinates(actor)
    written = await queries.note(note_id)
    if not await found.reports(note_id) and not await found.note_acts(note_id):
        raise NotFound(_("Nobody has reported this note."))
    return written


def _coordinates(actor: Actor) -> None:
    if not can(actor, Act.KEEP_NOTES):
        raise Forbidden(_("The coordinator looks after notes that name somebody."))


async def ask_correction(actor: Actor, note_id: UUID, word: str, *, now: datetime) -> None:
    """Ask whoever wrote a note to say it without the name."""
    async with transaction():
        written = await reported_note(actor, note_id)
        _stands(written)
        if not found.may_be_asked(written.naming, written.reporter):
            raise Refused(_("Nobody knows who wrote it. Mask the words, or restrict the note."))
        if written.issue is None:
            raise Refused(_("Good news cannot be said anew. Mask the words, or restrict the note."))
        who = await people.reader(written.reporter)
        if who is None:
            raise Refused(_("Whoever wrote it has left. Mask the words, or restrict the note."))
        text = masks.mask(Line.parse(word), zone=written.team_zone)
        if not text:
            raise BadInput(_("Say what to change."), fields={"word": _("Say what to change.")})
        await end(await standing(note_id, "asked"), now=now)
        act = await moves.add_note_act(note_id, "asked", actor.person, text=text, now=now)
        row = await queries.issue(None, written.issue)
        await _post("note_correction_asked", who, note_id, f"{act}", {
            "number": row.number, "word": text, "links": {"page": {"path": f"/issues/{written.issue}"}}},
            now=now)  # fmt: skip


async def mask_words(actor: Actor, note_id: UUID, words: Sequence[str], *, now: datetime) -> None:
    """Put "[a colleague]" for words of a note, wherever they stand in it and in its issue; opens a restricted one."""
    async with transaction():
        written = await reported_note(actor, note_id)
        _stands(written)
        if written.restricted:
            await _open(written, now=now)
        wanted = list(dict.fromkeys(" ".join(one.split()) for one in words if one.strip()))[:MOST_WORDS]
        places = await found.places(note_id, written.issue)
        own = " ".join(text for table, _column, _row, text in places if table == "note")
        if not wanted:
            raise _wrong("words", _("Choose the words that name somebody."))
        for word in wanted:
            if not blots.stands(word, own):
                raise _wrong("words", _("“%(word)s” does not stand in this note.", word=word))
        taken = [one for place in places if (one := blots.rewritten(place, lambda text: blots.masked(text, wanted)))]
        await moves.blot_all(taken)
        act = await moves.add_note_act(note_id, "masked", actor.person, kept=taken, now=now)
        await _settled(actor, written, act, "note masked", now=now)


async def restrict_note(actor: Actor, note_id: UUID, *, title: str = "", now: datetime) -> None:
    """Keep what a note says to coordinators and its own reporter, and take it out of whatever repeats it.

    `title` is the issue's new one where the old one repeats the note.
    """
    async with transaction():
        written = await reported_note(actor, note_id)
        if written.restricted:
            raise Refused(_("This note is restricted already."))
        better = masks.mask(Title.parse(title), zone=written.team_zone) if title.strip() else _("A restricted note")
        taken = [one for place in await found.places(note_id, written.issue)
                 if (one := _shut(place, written, better))]  # fmt: skip
        await moves.blot_all(taken)
        await moves.shut_note(note_id, restricted=True)
        act = await moves.add_note_act(note_id, "restricted", actor.person, kept=taken, now=now)
        await _settled(actor, written, act, "note restricted", now=now)


def _shut(place: tuple[str, str, UUID, str], written: Written, title: str) -> Blot | None:
    """Say what becomes of a text when a note is restricted: its own words go, and so does what repeats them."""
    table, column, row, text = place
    if table == "note":
        return Blot(table, row, column, text, _("[restricted note]") if column == "text" else "")
    if (table, column) == ("issue_event", "undo"):
        # How an issue stood before a step may hold its old title, and what stood there cannot come back by itself.
        return Blot(table, row, column, text, "") if _repeated(text, written) else None
    if (table, column) == ("issue", "title"):
        return Blot(table, row, column, text, title) if blots.repeats(text, written.text) else None
    if table == "letter":
        return blots.rewritten(place, lambda said: title if blots.repeats(said, written.text) else said)
    return Blot(table, row, column, text, "") if blots.repeats(text, written.text) else None


def _repeated(undo: str, written: Written) -> bool:
    return written.text[:40] in undo


async def open_note(actor: Actor, note_id: UUID, *, now: datetime) -> None:
    """Let everybody read a restricted note again who could before."""
    async with transaction():
        written = await reported_note(actor, note_id)
        if not written.restricted:
            raise Refused(_("This note is not restricted."))
        await _open(written, now=now)
        await _in_history(actor, written, "note opened", now=now)


async def _open(written: Written, *, now: datetime) -> None:
    act = await standing(written.id, "restricted")
    await moves.shut_note(written.id, restricted=False)
    await put_back(act)
    await end(act, now=now)


async def restrict_issue_of(actor: Actor, note_id: UUID, *, now: datetime) -> None:
    """Restrict the issue that a note belongs to."""
    async with transaction():
        written = await reported_note(actor, note_id)
        if written.issue is None:
            raise Refused(_("This note belongs to no issue. Mask the words, or restrict the note."))
        row = await queries.issue(None, written.issue)
        about = row.joined_into or row.id
        if (await queries.issue(None, about)).restricted:
            raise Refused(_("This issue is restricted already."))
        await restrict(actor, about, restricted=True, now=now)
        act = await moves.add_note_act(note_id, "issue restricted", actor.person, text=str(about), now=now)
        await moves.settle_reports(note_id, act)


async def dismiss_report(actor: Actor, note_id: UUID, because: str, *, now: datetime) -> None:
    """Say why a note stays as it is."""
    async with transaction():
        written = await reported_note(actor, note_id)
        text = masks.mask(Line.parse(because), zone=written.team_zone)
        if not text:
            raise _wrong("because", _("Say why it stays as it is."))
        if all(one.act for one in await found.reports(note_id)):
            raise Refused(_("Nothing waits here any more."))
        act = await moves.add_note_act(note_id, "dismissed", actor.person, text=text, now=now)
        await moves.settle_reports(note_id, act)


async def undo_note_act(actor: Actor, note_id: UUID, *, now: datetime) -> None:
    """Take back what was done last with a note; what it said before is said again, and its report is open."""
    async with transaction():
        written = await reported_note(actor, note_id)
        acts = [one for one in await found.note_acts(note_id) if one.taken_back_at is None and one.what != "corrected"]
        if not acts:
            raise Refused(_("There is nothing to undo here any more."))
        last = acts[-1]
        match last.what:
            case "restricted":
                await _open(written, now=now)
                await _in_history(actor, written, "note opened", now=now)
                return
            case "masked":
                await put_back(last)
                await _in_history(actor, written, "note unmasked", now=now)
            case "issue restricted":
                row = await queries.issue(None, UUID(last.text))
                if row.restricted:
                    await restrict(actor, row.id, restricted=False, now=now)
            case "asked":
                await outbox.take_back(about=note_id, keys=[f"note_correction_asked:{last.id}:{written.reporter}"],
                                       now=now)  # fmt: skip
            case _:
                pass
        await end(last, now=now)


async def _settled(actor: Actor, written: Written, act: UUID, what: str, *, now: datetime) -> None:
    await moves.settle_reports(written.id, act)
    await moves.fold_due()
    await _in_history(actor, written, what, now=now)


async def _in_history(actor: Actor, written: Written, what: str, *, now: datetime) -> None:
    if written.issue is not None:
        await record(written.issue, what, actor=actor, now=now)


def _stands(written: Written) -> None:
    if written.withdrawn_at is not None:
        raise Refused(_("This note has been withdrawn."))


def _wrong(field: str, sentence: str) -> BadInput:
    return BadInput(sentence, fields={field: sentence})
