"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from msgspec import Struct

from floorday.db import (
    FOREIGN_KEY,
    Engine,
    Insert,
    Statement,
    ahead,
    current,
    dialect,
    folding,
    run_sql,
    together,
    transaction,
    uuid7,
    violated,
)
from floorday.errors import BadInput, Busy, NotFound, Raced, Refused
from floorday.issues import numbers, tables
from floorday.issues.blots import Blot, pack
from floorday.issues.clocks import Due
from floorday.issues.queries import IssueRow, Saved, TeamRow
from floorday.issues.queries.persons import TEAM, the_team
from floorday.issues.tables import (
    ClockDeed,
    HandOver,
    HardOne,
    Issue,
    IssueEvent,
    IssueReference,
    IssueWords,
    Note,
    Photo,
    SavedSearch,
    Vendor,
    VendorWord,
)
from floorday.issues.vendors import Fate, Says
from floorday.people.moves import one_external_id
from floorday.render.words import gettext as _

_NUMBER = {
    "sqlite": Statement("UPDATE counter SET value = value + 1 WHERE name = 'issue' RETURNING value"),
    "postgres": Statement("SELECT nextval('issue_number') AS value"),
}
_NUMBERED = Statement(f"SELECT team.*, nextval('issue_number') AS value FROM ({TEAM.sql}) team")  # noqa: S608 - own words
_ISSUE, _NOTE, _EVENT, _PHOTO = Insert(Issue), Insert(Note), Insert(IssueEvent), Insert(Photo)
_WORDS = Insert(IssueWords)
_SAID = Statement("UPDATE issue_words SET whole = whole || {} WHERE number = {}")

PART = 200
"""As many issues as are folded anew in one go."""


async def next_number(team: UUID) -> tuple[TeamRow, int]:
    """Take the next public number that is not kept back, for an issue of a team that is not closed.

    PostgreSQL does not give the number to another issue if this one is not saved.
    """
    if dialect() == "postgres":
        [found] = await ahead(_NUMBERED.of(team))
        row, given = the_team(found), found
    else:
        found, given = await together(TEAM.of(team), _NUMBER["sqlite"].of())
        row = the_team(found)
    number, salt = given[0]["value"], await _salt()
    while numbers.kept_back(number, salt):
        [given] = await ahead(_NUMBER[dialect()].of())
        number = given[0]["value"]
    return row, number


_salts: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()


async def _salt() -> int:
    engine = current()
    if engine not in _salts:
        _salts[engine] = (await run_sql("SELECT value FROM counter WHERE name = 'holes'"))[0]["value"]
    return _salts[engine]


async def unnamed_number(day: datetime) -> int:
    """Take a public number that tells nothing of when on its day (which begins at `day`) an issue was raised."""
    if dialect() == "postgres":  # two at once would choose the same; SQLite has one writer
        await run_sql("SELECT value FROM counter WHERE name = 'holes' FOR UPDATE")
    salt, last, below = await _salt(), 0, 2**31 - 1
    while last == 0:
        rows = await run_sql(
            "SELECT number FROM issue WHERE raised_at < {} AND number < {} ORDER BY number DESC LIMIT 64", day, below)
        openly = numbers.openly([row["number"] for row in rows], salt)
        if openly or not rows:
            last = openly[0] if openly else 1
        else:
            below = rows[-1]["number"]
    for step in range(1, 1000):
        ahead = numbers.FIRST * 2 * (step - 1)
        rows = await run_sql("SELECT number FROM issue WHERE number >= {} AND number <= {}",
                             max(last - numbers.BACK, 1), last + ahead)
        free = numbers.window(last, salt, {row["number"] for row in rows}, ahead=ahead)
        if len(free) >= numbers.ENOUGH:
            return numbers.choose(free)
    raise Busy(_("No number is free just now. Try again in a minute."))


def add_issue(**values: Any) -> None:
    """Write a new issue with what follows in the transaction."""
    _ISSUE.later(**values)


def add_note(**values: Any) -> None:
    """Write a new note with what follows in the transaction."""
    _NOTE.later(**values)


def add_photo(**values: Any) -> None:
    """Write a photo of a note with what follows in the transaction."""
    _PHOTO.later(**values)


async def forget_photos(note: UUID) -> None:
    """Take away the photos of a note."""
    await Photo.delete().where(Photo.note == note)


def add_event(values: dict[str, Any]) -> None:
    """Write a line of history with what follows in the transaction."""
    _EVENT.later(**values)


async def save(issue: IssueRow, values: dict[Any, Any]) -> None:
    """Change an issue that still stands as it was read; else somebody was faster."""
    saved = await Issue.update({**values, Issue.version: issue.version + 1}).where(
        Issue.id == issue.id, Issue.version == issue.version).returning(Issue.id)
    if not saved:
        raise Raced(_("Somebody else has just changed this issue. Look at it again, then decide."))


async def point(issue: IssueRow, statement: UUID | None, *, team: UUID) -> None:
    """Let an issue that points at no statement point at one of its own team."""
    if statement is not None and issue.picture is None and issue.team == team:
        await Issue.update({Issue.picture: statement}).where(Issue.id == issue.id, Issue.picture.is_null())


async def match(issue: IssueRow, external_id: str | None, *, now: datetime) -> None:
    """Keep what another program calls an issue that still stands as it was read."""
    async with one_external_id():
        await save(issue, {Issue.external_id: external_id, Issue.changed_at: now})


async def carry_along(issue: UUID, into: UUID) -> None:
    """Let what was joined into an issue go with it, so that a join is never more than one step long."""
    await Issue.update({Issue.joined_into: into}).where(Issue.joined_into == issue)


class Deeded(Struct, frozen=True):
    """Whether a deed of a clock was written just now, and whether this person is the first to be told of it."""

    added: bool
    first: bool


_DEED = Insert(ClockDeed, "ON CONFLICT DO NOTHING RETURNING id")


async def add_deed(
    found: Due, *, issue: UUID, person: UUID, now: datetime, left_before: bool = False
) -> Deeded:
    """Keep what a clock is about to tell a person, or (`left_before`) had told them at a moment, once."""
    before = await run_sql("SELECT COUNT(*) AS told FROM clock_deed WHERE key = {}", found.key)
    added = await _DEED(key=found.key, issue=issue, person=person, deed=found.deed.value, rung=found.rung.value, at=now,
                        left_before=left_before)
    return Deeded(added=bool(added), first=bool(added) and before[0]["told"] == 0)


async def morning_done(day: date) -> None:
    """Keep that all clocks have been asked on a day."""
    await run_sql("UPDATE counter SET value = {} WHERE name = 'mornings' AND value < {}", day.toordinal(),
                  day.toordinal())


async def hold(*issues: UUID) -> None:
    """Keep issues from everybody else until the transaction ends, in one order whoever asks for them."""
    if dialect() == "postgres":
        among = ", ".join(["{}"] * len(issues))
        await run_sql(f"SELECT id FROM issue WHERE id IN ({among}) ORDER BY id FOR UPDATE", *issues)  # noqa: S608


async def bring(parts: list[UUID], *, into: UUID) -> None:
    """Let parts of one issue be parts of another."""
    if parts:
        await Issue.update({Issue.joined_into: into}).where(Issue.id.is_in(parts))


async def never_split_off(issue: UUID, *, at: datetime) -> None:
    """Say of the lines that tell of a split at a moment that it was undone, wherever they stand."""
    await IssueEvent.update({IssueEvent.what: "undone", IssueEvent.text: "split off"}).where(
        IssueEvent.what == "split off", IssueEvent.other == issue, IssueEvent.at == at)


async def move_note(note: UUID, *, was: UUID, into: UUID) -> None:
    """Let a note that stands with one issue stand with another."""
    moved = await Note.update({Note.issue: into}).where(
        Note.id == note, Note.issue == was, Note.withdrawn_at.is_null()).returning(Note.id)
    if not moved:
        raise Raced(_("This note has just been changed. Look at it again."))


async def move_notes(was: UUID, *, into: UUID) -> None:
    """Let all notes of one issue stand with another."""
    await Note.update({Note.issue: into}).where(Note.issue == was)


async def never_taken_out(issue: UUID, new: UUID) -> None:
    """Say in an issue's history that a note was taken out of it and put back."""
    await IssueEvent.update({IssueEvent.what: "undone", IssueEvent.text: "taken out", IssueEvent.other: None}).where(
        IssueEvent.issue == issue, IssueEvent.what == "taken out", IssueEvent.other == new)


async def never_opened(issue: UUID) -> None:
    """Let an issue never have been, with its history; refuse it where anything points at it by now."""
    try:
        async with transaction():
            await IssueEvent.delete().where(IssueEvent.issue == issue)
            await Issue.delete().where(Issue.id == issue)
    except Exception as error:
        if violated(error) != FOREIGN_KEY:
            raise
        raise Refused(_("Something belongs to the new issue by now. Join it here again instead.")) from error


async def withdraw(note: UUID, *, now: datetime) -> None:
    """Mark a note as withdrawn, once."""
    gone = await Note.update({Note.withdrawn_at: now}).where(
        Note.id == note, Note.withdrawn_at.is_null()).returning(Note.id)
    if not gone:
        raise Raced(_("This note has been withdrawn already."))


async def correct(note: UUID, *, was: str, text: str) -> None:
    """Write a note anew that still stands as it was read."""
    saved = await Note.update({Note.text: text}).where(
        Note.id == note, Note.text == was, Note.withdrawn_at.is_null()).returning(Note.id)
    if not saved:
        raise Raced(_("This note has just been changed. Look at it again."))


async def blot(found: Blot) -> bool:
    """Write a text anew that still says what it said; tells whether it did."""
    column = f'"{found.column}"'
    done = await run_sql(
        f'UPDATE "{found.table}" SET {column} = {{}} WHERE id = {{}} AND {column} = {{}} RETURNING id',  # noqa: S608
        found.now, found.id, found.was,
    )  # fmt: skip
    return bool(done)


async def blot_all(found: list[Blot]) -> None:
    """Write texts anew that still say what they said; else somebody was faster."""
    for one in found:
        if not await blot(one):
            raise Raced(_("This note has just been changed. Look at it again."))


async def shut_note(note: UUID, *, restricted: bool) -> None:
    """Restrict a note that is not, or the other way round."""
    done = await Note.update({Note.restricted: restricted}).where(
        Note.id == note, Note.restricted.eq(not restricted)).returning(Note.id)
    if not done:
        raise Raced(_("This note has just been changed. Look at it again."))


async def add_report(note: UUID, person: UUID, word: str, *, now: datetime) -> UUID:
    """Keep who said that a note names somebody."""
    row = tables.NoteReport(note=note, by=person, at=now, word=word)
    await tables.NoteReport.insert(row)
    return row.id


async def forget_report(note: UUID, person: UUID) -> UUID | None:
    """Forget an own report that nothing was done about yet."""
    gone = await tables.NoteReport.delete().where(
        tables.NoteReport.note == note, tables.NoteReport.by == person, tables.NoteReport.act.is_null()
    ).returning(tables.NoteReport.id)  # fmt: skip
    return gone[0]["id"] if gone else None


async def add_note_act(
    note: UUID, what: str, by: UUID, *, text: str = "", kept: list[Blot] | None = None, now: datetime
) -> UUID:
    """Keep what was done with a note, and what was said before."""
    row = tables.NoteAct(note=note, at=now, by=by, what=what, text=text, kept=pack(kept) if kept else "")
    await tables.NoteAct.insert(row)
    return row.id


async def settle_reports(note: UUID, act: UUID) -> None:
    """Say of the open reports of a note what settled them."""
    await tables.NoteReport.update({tables.NoteReport.act: act}).where(
        tables.NoteReport.note == note, tables.NoteReport.act.is_null())


async def take_act_back(act: UUID, *, now: datetime) -> None:
    """Take back what was done with a note, once; what it settled is open again."""
    done = await tables.NoteAct.update({tables.NoteAct.taken_back_at: now}).where(
        tables.NoteAct.id == act, tables.NoteAct.taken_back_at.is_null()).returning(tables.NoteAct.id)
    if not done:
        raise Raced(_("This has already been undone."))
    await tables.NoteReport.update({tables.NoteReport.act: None}).where(tables.NoteReport.act == act)


async def keep_better(act: UUID, kept: list[Blot]) -> None:
    """Keep other words of a restricted note."""
    await tables.NoteAct.update({tables.NoteAct.kept: pack(kept)}).where(tables.NoteAct.id == act)


async def undone(event: UUID, text: str) -> None:
    """Say of a line of history that it was undone, so that no figure counts it; raise Raced the second time."""
    gone = await IssueEvent.update({IssueEvent.what: "undone", IssueEvent.text: text, IssueEvent.undo: ""}).where(
        IssueEvent.id == event, IssueEvent.undo != "").returning(IssueEvent.id)
    if not gone:
        raise Raced(_("This has already been undone."))


async def undo_from(at: datetime, issues: Collection[UUID], *, by: UUID, since: datetime) -> None:
    """Let the time in which somebody may take back what they did to these issues begin when the last was done."""
    if issues:
        await IssueEvent.update({IssueEvent.undo_from: at}).where(
            IssueEvent.issue.is_in(list(issues)), IssueEvent.by == by, IssueEvent.at >= since, IssueEvent.undo != "")


# --- what is looked for ------------------------------------------------------------------------------------------


def add_words(number: int, title: str, *texts: str) -> None:
    """Let a new issue be found, by its title and by its first notes."""
    _WORDS.later(number=number, face=folding.fold(title), whole=folding.together((title, *texts)))


def add_said(number: int, *texts: str) -> None:
    """Let an issue be found by one more note, which whoever sees it whole may read."""
    # Also where it is due to be folded: whoever folds it at this moment may not see the note yet.
    _SAID.later("".join(f" {folding.MARK} {folding.fold(text)}" for text in texts), number)


async def say_anew(number: int) -> None:
    """Let an issue be folded anew, in the order in which its notes stand: an appended one would tell when it came."""
    await run_sql("UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number = {}", number)


async def fold_due(*, limit: int = PART) -> int:
    """Fold anew what has changed, some of it at a time, and never the same by two; returns how many issues."""
    locked = " FOR UPDATE SKIP LOCKED" if dialect() == "postgres" else ""
    due = [row["number"] for row in await run_sql(
        f"SELECT number FROM issue_words WHERE due ORDER BY number LIMIT {{}}{locked}", limit)]  # fmt: skip  # noqa: S608
    if not due:
        return 0
    fresh = await _folded(due)
    await run_sql(
        f"{_fresh(len(due))} UPDATE issue_words SET face = fresh.face, whole = fresh.whole, due = FALSE FROM fresh"  # noqa: S608
        " WHERE issue_words.number = fresh.number",
        *fresh,
    )  # fmt: skip
    return len(due)


async def fold_new(given: Sequence[int]) -> None:
    """Let issues be found that have no words yet, with all that was said of them; inside the caller's transaction.

    Their words and letters are written once. Until then there is nothing of theirs that a note could make anew.
    """
    tagged, source = ("", "")
    if dialect() == "postgres":  # SQLite does it with a trigger, and its indexes take them from there
        tagged, source = ", tags", " JOIN issue_tags t ON t.number = fresh.number"
    for first in range(0, len(given), PART):
        part = given[first : first + PART]
        await run_sql(
            f"{_fresh(len(part))} INSERT INTO issue_words (number, face, whole, due{tagged})"  # noqa: S608 - own words
            f" SELECT fresh.number, face, whole, FALSE{tagged} FROM fresh{source}",
            *await _folded(part),
        )  # fmt: skip


def _fresh(count: int) -> str:
    """Begin a statement over so many numbers, each with its face and its whole text."""
    values = ", ".join(["(CAST({} AS INTEGER), CAST({} AS TEXT), CAST({} AS TEXT))"] * count)
    return f"WITH fresh(number, face, whole) AS (VALUES {values})"


async def _folded(wanted: Sequence[int]) -> list[Any]:
    """Give of each issue number, face and whole text, folded, one after the other."""
    among = ", ".join(["{}"] * len(wanted))
    texts = {row["number"]: [row["title"]] for row in await run_sql(
        f"SELECT number, title FROM issue WHERE number IN ({among})", *wanted)}  # fmt: skip  # noqa: S608
    for row in await run_sql(
        "SELECT w.number, n.text, n.at, n.id, n.idea, n.fixed_like FROM issue w"  # noqa: S608 - own words
        f" JOIN note n ON n.issue = w.id WHERE w.number IN ({among}) AND n.withdrawn_at IS NULL UNION ALL"
        " SELECT w.number, n.text, n.at, n.id, n.idea, n.fixed_like FROM issue w JOIN issue p ON p.joined_into = w.id"
        f" JOIN note n ON n.issue = p.id WHERE w.number IN ({among}) AND n.withdrawn_at IS NULL ORDER BY 1, 3, 4",
        *wanted, *wanted,
    ):  # fmt: skip
        texts[row["number"]] += [one for one in (row["text"], row["idea"], row["fixed_like"]) if one]
    return [one for number, said in texts.items() for one in (number, folding.fold(said[0]), folding.together(said))]


# --- hard ones ---------------------------------------------------------------------------------------------------

_TAKEN = frozenset({"hard_one_place_once", "hard_one_issue_once"})


async def pick(month: str, place: int, issue: UUID, *, by: UUID, now: datetime) -> None:
    """Keep an issue in sight for a month, at a place that is still free."""
    try:
        await HardOne.insert(HardOne(month=month, place=place, issue=issue, picked_by=by, picked_at=now))
    except Exception as error:
        if violated(error) not in _TAKEN:
            raise
        raise Raced(_("Somebody else has just picked one for this month. Look at the page again.")) from error


async def exchange(month: str, out: UUID, issue: UUID, *, by: UUID, now: datetime) -> None:
    """Put another issue at the place of one that is still picked for a month."""
    try:
        done = await HardOne.update({
            HardOne.issue: issue, HardOne.picked_by: by, HardOne.picked_at: now,
        }).where(HardOne.month == month, HardOne.issue == out).returning(HardOne.id)  # fmt: skip
    except Exception as error:
        if violated(error) not in _TAKEN:
            raise
        done = []
    if not done:
        raise Raced(_("Somebody else has just exchanged one of this month. Look at the page again."))


# --- searches that have a name -----------------------------------------------------------------------------------


async def save_search(person: UUID, name: str, query: str, *, now: datetime) -> UUID:
    """Keep a search under a name, instead of one that had it."""
    rows = await run_sql(
        "INSERT INTO saved_search (id, person, name, query, created_at) VALUES ({}, {}, {}, {}, {})"
        " ON CONFLICT (person, name) DO UPDATE SET query = EXCLUDED.query RETURNING id",
        uuid7(), person, name, query, now,
    )  # fmt: skip
    found = rows[0]["id"]
    return found if isinstance(found, UUID) else UUID(found)


async def delete_search(person: UUID, search: UUID) -> Saved:
    """Forget an own search, and give what it was."""
    gone = await SavedSearch.delete().where(SavedSearch.id == search, SavedSearch.person == person).returning(
        SavedSearch.id, SavedSearch.name, SavedSearch.query)
    if not gone:
        raise NotFound(_("There is no such search."))
    return Saved(search, gone[0]["name"], gone[0]["query"])


async def forget_searches(person: UUID) -> None:
    """Forget all searches of somebody."""
    await SavedSearch.delete().where(SavedSearch.person == person)


# --- what other trackers call an issue, and who fixes it outside ------------------------------------------------


async def add_reference(**values: Any) -> None:
    """Write a reference of an issue."""
    await IssueReference.insert(IssueReference(**values))


async def change_reference(reference: UUID, *, text: str, url: str, label: str) -> None:
    """Say of a reference anew how it is written, where it leads and what people call it."""
    await IssueReference.update(
        {IssueReference.text: text, IssueReference.url: url, IssueReference.label: label},
    ).where(IssueReference.id == reference)  # fmt: skip


async def drop_reference(reference: UUID) -> None:
    """Take a reference away."""
    await IssueReference.delete().where(IssueReference.id == reference)


async def add_vendor(**values: Any) -> UUID:
    """Write a new vendor; a name is a department's once."""
    row = Vendor(**values)
    async with _one_vendor():
        await Vendor.insert(row)
    return row.id


async def change_vendor(vendor: UUID, values: dict[Any, Any]) -> None:
    """Change a vendor."""
    async with _one_vendor():
        await Vendor.update(values).where(Vendor.id == vendor)


@asynccontextmanager
async def _one_vendor() -> AsyncGenerator[None]:
    try:
        async with transaction():
            yield
    except Exception as error:
        if violated(error) == "vendor_named_once":
            taken = _("The department deals with a vendor of this name already.")
            raise BadInput(taken, fields={"name": taken}) from error
        raise


async def hand_over(**values: Any) -> UUID:
    """Write that an issue is with a vendor from now on."""
    row = HandOver(**values)
    await HandOver.insert(row)
    return row.id


async def take_back(hand_over: UUID, *, by: UUID | None, now: datetime) -> None:
    """Write that an issue is with a vendor no longer, once, and let nothing wait any more that they said."""
    over = await HandOver.update({HandOver.ended_at: now, HandOver.ended_by: by}).where(
        HandOver.id == hand_over, HandOver.ended_at.is_null()).returning(HandOver.id)
    if not over:
        raise Raced(_("It has just been taken back."))
    await VendorWord.update({VendorWord.fate: Fate.OVERTAKEN.value, VendorWord.settled_at: now}).where(
        VendorWord.hand_over == hand_over, VendorWord.fate == Fate.WAITS.value)


async def acknowledge(hand_over: UUID, *, now: datetime) -> bool:
    """Write that a vendor has it; False where that was said before."""
    return bool(await HandOver.update({HandOver.acknowledged_at: now}).where(
        HandOver.id == hand_over, HandOver.acknowledged_at.is_null()).returning(HandOver.id))


async def add_vendor_word(**values: Any) -> UUID:
    """Write what a vendor said."""
    row = VendorWord(**values)
    await VendorWord.insert(row)
    return row.id


async def overtake(hand_over: UUID, kinds: Collection[Says], *, now: datetime) -> None:
    """Let what waits of these kinds wait no longer, since something newer was said."""
    if kinds:
        await VendorWord.update({VendorWord.fate: Fate.OVERTAKEN.value, VendorWord.settled_at: now}).where(
            VendorWord.hand_over == hand_over, VendorWord.fate == Fate.WAITS.value,
            VendorWord.kind.is_in(sorted(one.value for one in kinds)))


async def settle_word(word: UUID, fate: Fate, *, by: UUID | None, now: datetime) -> None:
    """Write what became of what a vendor said, once."""
    done = await VendorWord.update(
        {VendorWord.fate: fate.value, VendorWord.settled_by: by, VendorWord.settled_at: now},
    ).where(VendorWord.id == word, VendorWord.fate == Fate.WAITS.value).returning(VendorWord.id)  # fmt: skip
    if not done:
        raise Raced(_("This waits for nobody any more. Look at the issue again."))


async def set_link_pattern(department: UUID, pattern: str) -> None:
    """Say how a department's tracker makes a link of a reference."""
    await run_sql("UPDATE department SET link_pattern = {} WHERE id = {}", pattern, department)


async def add_suggestion(issue: UUID, other: UUID, by: UUID, word: str, *, now: datetime) -> UUID:
    """Keep that somebody says two issues are the same; raise Raced where that is said already."""
    row = tables.JoinSuggestion(issue=issue, other=other, by=by, at=now, word=word)
    try:
        async with transaction():
            await tables.JoinSuggestion.insert(row)
    except Exception as error:
        if violated(error) != "join_suggestion_once":
            raise
        raise Raced(_("This has been suggested already. The coordinator looks at it.")) from error
    return row.id


async def settle_suggestion(id: UUID, outcome: str, by: UUID, *, because: str = "", now: datetime) -> None:
    """Say what became of a suggestion that waits; else somebody was faster."""
    done = await tables.JoinSuggestion.update({
        tables.JoinSuggestion.outcome: outcome, tables.JoinSuggestion.because: because,
        tables.JoinSuggestion.settled_by: by, tables.JoinSuggestion.settled_at: now,
    }).where(tables.JoinSuggestion.id == id, tables.JoinSuggestion.outcome == "").returning(tables.JoinSuggestion.id)
    if not done:
        raise Raced(_("Somebody else has just settled this."))


async def reopen_suggestion(id: UUID) -> None:
    """Let a suggestion wait again."""
    await tables.JoinSuggestion.update({
        tables.JoinSuggestion.outcome: "", tables.JoinSuggestion.because: "", tables.JoinSuggestion.settled_by: None,
        tables.JoinSuggestion.settled_at: None,
    }).where(tables.JoinSuggestion.id == id)  # fmt: skip


async def forget_suggestion(id: UUID, by: UUID) -> None:
    """Forget an own suggestion that still waits; else somebody was faster."""
    gone = await tables.JoinSuggestion.delete().where(
        tables.JoinSuggestion.id == id, tables.JoinSuggestion.by == by, tables.JoinSuggestion.outcome == ""
    ).returning(tables.JoinSuggestion.id)  # fmt: skip
    if not gone:
        raise Raced(_("Somebody else has just settled this."))
