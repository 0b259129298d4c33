"""A note that names a colleague: who may say so, what a coordinator does with it, and that its words are gone then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from floorday.db import folding, run_sql
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said, reporting
from floorday.issues.photos import Photograph
from floorday.issues.queries import Search, reported
from floorday.issues.rules import Naming, Stream
from floorday.issues.tables import NoteReport
from floorday.leavers import queries as leavers
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from tests.cast import NOW, Cast, make_cast

LATER = NOW + timedelta(minutes=5)
TEXT = "Gus Grant in Billing never picks up"


class Told(NamedTuple):
    """A note of Fay's that names Gus, and its issue."""

    cast: Cast
    note: UUID
    issue: UUID


@pytest.fixture
async def told(database: object) -> Told:
    cast = await make_cast()
    noted = await say(cast.fay, cast, idea=Said("Ask Gus to swap"), pictures=[Photograph(b"a photo", 8, 8)])
    assert noted.issue is not None
    return Told(cast, noted.note, noted.issue)


async def say(
    by: Actor, cast: Cast, *, issue: UUID | None = None, text: str = TEXT, naming: Naming = Naming.NAMED,
    pictures: Any = (), **more: Any,
) -> actions.Noted:  # fmt: skip
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, issue=issue, naming=naming, **more)
    return await actions.note(by, form, now=NOW, pictures=pictures)


async def read_by(actor: Actor, told: Told) -> str:
    """Give all that somebody reads of the issue: rows, notes, history, search, suggestions."""
    found = await queries.opened(actor, told.issue)
    words = queries.search(actor, Search(words=folding.read("gus")))
    alike = await queries.similar(actor, TEXT)
    return repr((found.issue, found.notes, found.history, [one.shown.row for one in await words],
                 [one.shown.row for one in alike]))  # fmt: skip


def has(read: str, word: str = "gus") -> bool:
    """Say whether a word was read; Gus owns nothing here."""
    return word in read.casefold()


async def rows_with(word: str) -> set[str]:
    """Name the tables in whose texts a word stands, but for those of persons themselves."""
    found = set[str]()
    for table, columns in (await leavers.text_columns()).items():
        if table not in {"person", "person_alias", "sign_in_code"}:
            match = " OR ".join(f'LOWER("{column.name}") LIKE {{}}' for column in columns)
            if await run_sql(f'SELECT 1 AS one FROM "{table}" WHERE {match}', *[f"%{word}%"] * len(columns)):
                found.add(table)
    return found


async def test_who_reads_a_note_may_report_it_and_only_coordinators_hear_of_it(told: Told) -> None:
    await reporting.report_note(told.cast.ben, told.note, "It is about Gus", now=LATER)
    letters = await Letter.select(Letter.to_name, Letter.facts).where(Letter.name == "note_reported")
    assert [row["to_name"] for row in letters] == ["Eva Ek"]
    assert "gus" not in letters[0]["facts"].casefold()
    assert "Ben" not in letters[0]["facts"]
    assert [(one.by_name, one.word) for one in await reported.reports(told.note)] == [("Ben Baker", "It is about Gus")]
    for actor in (told.cast.ben, told.cast.fay, told.cast.hana):
        assert not has(repr((await queries.opened(actor, told.issue)).history), "report")
        with pytest.raises(Forbidden):
            await reporting.reported_note(actor, told.note)


async def test_who_does_not_read_it_their_own_and_twice(told: Told) -> None:
    with pytest.raises(NotFound):
        await reporting.report_note(told.cast.ines, told.note, now=LATER)
    with pytest.raises(Refused, match="own"):
        await reporting.report_note(told.cast.fay, told.note, now=LATER)
    await reporting.report_note(told.cast.ben, told.note, now=LATER)
    with pytest.raises(Refused, match="already"):
        await reporting.report_note(told.cast.ben, told.note, now=LATER)
    assert await NoteReport.count() == 1


async def test_masked_words_are_gone_for_everybody_and_come_back_with_undo(told: Told) -> None:
    cast = told.cast
    await actions.retitle(cast.eva, told.issue, "Gus again", (await queries.issue(None, told.issue)).kind, now=NOW)
    await reporting.report_note(cast.ben, told.note, now=LATER)
    readers = (cast.ben, cast.fay, cast.hana, cast.eva)
    assert all([has(await read_by(one, told)) for one in readers]), "the control: the name is there to be read"
    before = [await read_by(one, told) for one in readers]
    await reporting.mask_words(cast.eva, told.note, ["gus grant", "Gus"], now=LATER)
    for one in readers:
        assert not has(await read_by(one, told))
    note = (await queries.opened(cast.ben, told.issue)).notes[0]
    assert (note.text, note.idea) == ("[a colleague] in Billing never picks up", "Ask [a colleague] to swap")
    assert await rows_with("gus") == {"note_act"}
    assert [one.act for one in await reported.reports(told.note)] == ["masked"]
    assert (await reported.note_acts(told.note))[-1].before == TEXT
    await reporting.undo_note_act(cast.eva, told.note, now=LATER)
    for one, was in zip(readers, before, strict=True):
        assert has(await read_by(one, told))
        assert len(await read_by(one, told)) >= len(was)
    assert [one.act for one in await reported.reports(told.note)] == [None]


async def test_words_have_to_stand_in_the_note_as_words(told: Told) -> None:
    await reporting.report_note(told.cast.ben, told.note, now=LATER)
    for words in ([], ["  "], ["Gu"], ["Fay"]):
        with pytest.raises(BadInput):
            await reporting.mask_words(told.cast.eva, told.note, words, now=LATER)
    assert (await queries.note(told.note)).text == TEXT


async def test_a_letter_that_has_not_left_says_it_masked(told: Told) -> None:
    cast = told.cast
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await actions.assign(cast.eva, told.issue, department=cast.it, owner=cast.gus.person, now=LATER)
    waiting = await Letter.select(Letter.facts).where(Letter.about == told.issue)
    assert any(has(row["facts"], "gus grant") for row in waiting), "the control"
    await reporting.mask_words(cast.eva, told.note, ["Gus Grant", "Gus"], now=LATER)
    for row in await Letter.select(Letter.facts).where(Letter.about == told.issue):
        assert "picks up" in row["facts"]
        assert not has(row["facts"].replace('"owner":"Gus Grant"', "").replace('"reader":"Gus Grant"', ""), "gus")


async def test_a_restricted_note_is_read_by_its_reporter_and_coordinators_alone(told: Told) -> None:
    cast = told.cast
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await reporting.restrict_note(cast.eva, told.note, now=LATER)
    for one in (cast.ben, cast.hana):
        assert not has(await read_by(one, told))
        note = (await queries.opened(one, told.issue)).notes[0]
        assert (note.shut, note.name, note.photos, note.text) == (True, "", 0, "[restricted note]")
        with pytest.raises(NotFound):
            await queries.photo(one, told.note, 1)
        with pytest.raises(NotFound):
            await reporting.report_note(one, told.note, now=LATER)
    for one in (cast.fay, cast.eva):
        note = (await queries.opened(one, told.issue)).notes[0]
        assert (note.shut, note.restricted, note.text, note.idea) == (False, True, TEXT, "Ask Gus to swap")
        assert await queries.photo(one, told.note, 1) == b"a photo"
    assert (await queries.issue(cast.ben, told.issue)).title == "A restricted note"
    assert await rows_with("gus") == {"note_act"}
    await reporting.open_note(cast.eva, told.note, now=LATER)
    assert (await queries.opened(cast.ben, told.issue)).notes[0].text == TEXT
    assert (await queries.issue(cast.ben, told.issue)).title == TEXT


async def test_a_restricted_note_is_corrected_by_its_reporter_and_masked_open(told: Told) -> None:
    cast = told.cast
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await reporting.restrict_note(cast.eva, told.note, title="Billing cannot be reached", now=LATER)
    await actions.correct_note(cast.fay, told.note, "Gus in Billing is never there", now=LATER)
    assert not has(await read_by(cast.ben, told))
    assert (await queries.opened(cast.fay, told.issue)).notes[0].text == "Gus in Billing is never there"
    await reporting.mask_words(cast.eva, told.note, ["Gus"], now=LATER)
    note = (await queries.opened(cast.ben, told.issue)).notes[0]
    assert (note.shut, note.text) == (False, "[a colleague] in Billing is never there")
    assert not has(await read_by(cast.ben, told))


async def test_its_reporter_is_asked_and_what_was_said_before_is_the_coordinators_alone(told: Told) -> None:
    cast = told.cast
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await reporting.ask_correction(cast.eva, told.note, "Leave the name out", now=LATER)
    letters = await Letter.select(Letter.to_name).where(Letter.name == "note_correction_asked")
    assert [row["to_name"] for row in letters] == ["Fay Finch"]
    assert (await queries.opened(cast.fay, told.issue)).notes[0].asked == "Leave the name out"
    assert (await queries.opened(cast.ben, told.issue)).notes[0].asked is None
    await actions.correct_note(cast.fay, told.note, "Nobody in Billing picks up", now=LATER)
    assert (await queries.opened(cast.fay, told.issue)).notes[0].asked is None
    found = await queries.opened(cast.ben, told.issue)
    assert (found.notes[0].text, found.issue.title) == ("Nobody in Billing picks up", "Nobody in Billing picks up")
    assert "gus grant" not in repr((found.history, found.notes, found.issue)).casefold()
    assert [one.before for one in await reported.note_acts(told.note) if one.what == "corrected"] == [TEXT]
    (row,) = await reported.reported()
    assert (row.open, row.asked, row.corrected) == (1, False, True)


async def test_nobody_can_be_asked_of_an_anonymous_note_and_its_code_still_reads_it(told: Told) -> None:
    cast = told.cast
    noted = await say(cast.cleo, cast, naming=Naming.ANONYMOUS)
    assert noted.follow_up
    await reporting.report_note(cast.ben, noted.note, now=LATER)
    with pytest.raises(Refused, match="Nobody knows"):
        await reporting.ask_correction(cast.eva, noted.note, "Better", now=LATER)
    await reporting.restrict_note(cast.eva, noted.note, now=LATER)
    assert (await actions.follow_up(noted.follow_up, now=LATER)).text == TEXT
    assert not has(repr(await queries.opened(cast.ben, noted.issue or told.issue)))


async def test_a_report_is_dismissed_with_a_reason_and_comes_back(told: Told) -> None:
    cast = told.cast
    await reporting.report_note(cast.ben, told.note, now=LATER)
    with pytest.raises(BadInput):
        await reporting.dismiss_report(cast.eva, told.note, " ", now=LATER)
    await reporting.dismiss_report(cast.eva, told.note, "A customer of that name", now=LATER)
    assert [row.open for row in await reported.reported()] == [0]
    with pytest.raises(Refused):
        await reporting.dismiss_report(cast.eva, told.note, "Again", now=LATER)
    await reporting.undo_note_act(cast.eva, told.note, now=LATER)
    assert [row.open for row in await reported.reported()] == [1]
    with pytest.raises(Refused):
        await reporting.undo_note_act(cast.eva, told.note, now=LATER)


async def test_its_issue_is_restricted_and_opened_with_undo(told: Told) -> None:
    cast = told.cast
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await reporting.restrict_issue_of(cast.eva, told.note, now=LATER)
    with pytest.raises(NotFound):
        await queries.issue(cast.ines, told.issue)
    await reporting.undo_note_act(cast.eva, told.note, now=LATER)
    assert (await queries.issue(cast.ines, told.issue)).number


@pytest.mark.parametrize("name", ["ben", "fay", "gus", "hana", "ada", "ann"])
async def test_nobody_else_does_any_of_it(told: Told, name: str) -> None:
    await reporting.report_note(told.cast.hana, told.note, now=LATER)
    actor, now, note = told.cast.everybody()[name], LATER, told.note
    for act in (
        reporting.ask_correction(actor, note, "x", now=now), reporting.mask_words(actor, note, ["Gus"], now=now),
        reporting.restrict_note(actor, note, now=now), reporting.open_note(actor, note, now=now),
        reporting.restrict_issue_of(actor, note, now=now), reporting.dismiss_report(actor, note, "x", now=now),
        reporting.undo_note_act(actor, note, now=now),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await act
    assert (await queries.note(told.note)).text == TEXT


async def test_a_joined_issue_forgets_the_words_too(told: Told) -> None:
    cast = told.cast
    other = await say(cast.cleo, cast, text="The line is busy")
    await actions.join(cast.eva, told.issue, other.issue or told.issue, now=NOW)
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await reporting.mask_words(cast.eva, told.note, ["Gus Grant", "Gus"], now=LATER)
    assert not await run_sql("SELECT number FROM issue_words WHERE whole LIKE '%gus%' OR face LIKE '%gus%'")
    assert await rows_with("gus") == {"note_act"}




async def test_an_idea_is_found_by_those_who_may_read_it_until_it_is_masked(told: Told) -> None:
    cast, words = told.cast, Search(words=folding.read("swap"))
    assert [one.said for one in await queries.search(cast.ben, words)] == [["Ask Gus to swap"]]
    assert await queries.search(cast.ines, words) == []
    await say(cast.cleo, cast, issue=told.issue, text="Here too", fixed_like=Said("Somebody answers in a minute"))
    assert await queries.search(cast.ben, Search(words=folding.read("minute")))
    await reporting.report_note(cast.ben, told.note, now=LATER)
    await reporting.mask_words(cast.eva, told.note, ["swap"], now=LATER)
    assert await queries.search(cast.ben, words) == []
    assert await queries.search(cast.ben, Search(words=folding.read("minute"))), "what else was said is still found"
