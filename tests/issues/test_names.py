"""Whoever hides the name, or gives none, stays so: in every list, letter, row and time that is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from floorday.db import run_sql
from floorday.errors import NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.rules import Naming, Resolution, Stage, Stream, Verdict
from floorday.issues.tables import IssueEvent, Note
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from tests.cast import NOW, Cast, make_cast
from tests.summaries.everything import everything

HOUR = timedelta(hours=1)
DAY = datetime(2026, 11, 2, tzinfo=UTC)
"""The day on which everything happens begins at midnight in Leeds, where Billing is."""


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def said(by: Actor, naming: Naming, *, cast: Cast, issue: Any = None, now: datetime = NOW) -> actions.Noted:
    return await actions.note(by, NoteForm(
        text=Said("Refunds wait."), stream=Stream.STAFF_TOLD, team=cast.billing, issue=issue, naming=naming), now=now)


async def whole_life(cast: Cast, issue: Any, reporter: Actor) -> None:
    """Let everything happen to an issue that its reporter takes part in, and that others are told of."""
    await actions.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.resolve(cast.gus, issue, Resolution.HERE, "Done.", now=NOW)
    await actions.verdict(reporter, issue, Verdict.PARTLY, "Half of it.", now=NOW + HOUR)
    await actions.resolve(cast.gus, issue, Resolution.HERE, "Done.", now=NOW + HOUR)
    await actions.verdict(reporter, issue, Verdict.FIXED, now=NOW + 2 * HOUR)
    await actions.again(reporter, issue, "It is back.", now=NOW + 3 * HOUR)


async def everything_read(actor: Actor, issue: Any) -> bytes:
    """Give all that the reads of issues tell somebody, as one piece of text."""
    row = await queries.issue(actor, issue)
    read: list[Any] = [
        msgspec.structs.replace(row, reporters=frozenset()), await queries.board(actor, Filters(closed=None)),
        await queries.notes(actor, row), await queries.history(actor, row), await queries.good_news(actor),
        await queries.board(actor, Filters(words="refunds", closed=None)),
    ]
    read[1] = read[5] = [msgspec.structs.replace(one, reporters=frozenset()) for one in read[1]]
    return msgspec.json.encode(read)


async def test_a_hidden_name_is_read_by_the_coordinator_and_its_owner_alone(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.HIDDEN, cast=cast)
    await whole_life(cast, noted.issue, cast.fay)
    knows = set[str]()
    for name, actor in cast.everybody().items():
        if name == "dan":
            continue
        read = await everything_read(actor, noted.issue)
        if b"Fay Finch" in read or str(cast.fay.person).encode() in read:
            knows.add(name)
    assert knows == {"eva", "fay"}
    assert b"Fay Finch" in await everything_read(cast.eva, noted.issue), "the control: there is a name to be seen"


async def test_a_hidden_name_stays_hidden_after_the_note_is_withdrawn_and_its_writer_has_left(cast: Cast) -> None:
    from floorday.people.tables import Person

    noted = await said(cast.fay, Naming.HIDDEN, cast=cast)
    await said(cast.cleo, Naming.NAMED, cast=cast, issue=noted.issue)
    await actions.withdraw_note(cast.fay, noted.note, now=NOW)
    await Person.update({Person.left_at: NOW}).where(Person.id == cast.fay.person)
    read = await everything_read(cast.ben, noted.issue)
    assert b"Cleo Costa" in read
    assert b"Fay Finch" not in read


async def test_a_hidden_name_stays_hidden_when_its_issue_is_joined(cast: Cast) -> None:
    one, other = await said(cast.cleo, Naming.NAMED, cast=cast), await said(cast.fay, Naming.HIDDEN, cast=cast)
    await actions.join(cast.eva, other.issue, one.issue, now=NOW)
    await whole_life(cast, one.issue, cast.fay)
    read = await everything_read(cast.ben, one.issue)
    assert b"Cleo Costa" in read
    assert b"Fay Finch" not in read


async def test_an_owner_who_hides_as_a_reporter_is_named_in_what_the_owner_does(cast: Cast) -> None:
    noted = await said(cast.gus, Naming.HIDDEN, cast=cast)
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.update(cast.gus, noted.issue, "I look into it.", now=NOW)
    row = await queries.issue(cast.ben, noted.issue)
    assert [(line.what, line.by_name) for line in await queries.history(cast.ben, row)] == [
        ("raised", ""), ("acknowledged", "Eva Ek"), ("updated", "Gus Grant")]


async def test_no_letter_to_somebody_else_names_who_raised_it(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.HIDDEN, cast=cast)
    await said(cast.cleo, Naming.NAMED, cast=cast, issue=noted.issue)
    await whole_life(cast, noted.issue, cast.fay)
    rows = await Letter.select(Letter.facts, Letter.to_name, Letter.name)
    told = {row["to_name"] for row in rows}
    assert {"Cleo Costa", "Fay Finch", "Gus Grant"} <= told, "the control: hidden reporters get their letters"
    for row in rows:
        for actor in (cast.fay, cast.cleo):
            if row["to_name"] != actor.name:
                assert actor.name not in row["facts"], row["name"]
                assert str(actor.person) not in row["facts"], row["name"]


async def stored(needles: tuple[str, ...]) -> list[str]:
    """Search every column of every row about issues and letters for what must not be there."""
    found: list[str] = []
    for table in ("issue", "note", "issue_event", "letter", "mail_token"):
        for row in await run_sql(f"SELECT * FROM {table}"):
            plain = " ".join(str(value).replace("-", "").lower() for value in row.values())
            found += [f"{table}: {needle}" for needle in needles if needle.replace("-", "").lower() in plain]
    return found


async def test_nothing_stored_tells_who_an_anonymous_reporter_is_or_when_it_was(cast: Cast) -> None:
    moment = datetime(2026, 11, 2, 14, 37, 42, 123456, tzinfo=UTC)
    noted = await said(cast.fay, Naming.ANONYMOUS, cast=cast, now=moment)
    assert noted.follow_up is not None
    await actions.word_by_code(noted.follow_up, "It also hits Claims.", now=moment + HOUR)
    assert await stored((str(cast.fay.person), cast.fay.email, cast.fay.name, noted.follow_up)) == []
    row = await queries.issue(None, noted.issue)
    assert row.raised_at == row.last_word_at == row.changed_at == DAY
    note = await Note.objects().get(Note.id == noted.note)
    assert note is not None
    assert (note.at, note.reporter, note.written_by) == (DAY, None, None)
    for line in await IssueEvent.objects():
        assert line.by is None
        assert line.reporter is None
        assert line.at - DAY < timedelta(seconds=1), "nothing but the day, and the order"
        assert line.id.version == 4, "an id that tells no time"
    assert noted.note.version == row.id.version == 4
    named = await said(cast.fay, Naming.NAMED, cast=cast, now=moment)
    assert await stored((str(cast.fay.person),)) != [], "the control: a named note is found"
    assert named.note.version == 7
    assert named.follow_up is None


async def test_the_day_of_an_anonymous_note_is_the_floors(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.ANONYMOUS, cast=cast, now=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert (await queries.issue(None, noted.issue)).raised_at == datetime(2026, 7, 1, 23, 0, tzinfo=UTC)


async def test_a_code_reads_answers_and_gives_the_verdict(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.ANONYMOUS, cast=cast)
    code = noted.follow_up
    assert code is not None
    assert len(code) == 14
    fresh = await actions.follow_up(code.upper().replace("-", " "), now=NOW)
    assert (fresh.text, fresh.asks_verdict, fresh.words) == ("Refunds wait.", False, [])
    assert fresh.number == (await queries.issue(None, noted.issue)).number
    with pytest.raises(Refused, match="Nothing has been fixed"):
        await actions.verdict_by_code(code, Verdict.FIXED, now=NOW)
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.resolve(cast.gus, noted.issue, Resolution.HERE, "Done.", now=NOW)
    assert (await actions.follow_up(code, now=NOW)).asks_verdict
    await actions.verdict_by_code(code, Verdict.NOT, "Still waits.", now=NOW + HOUR)
    assert (await queries.issue(None, noted.issue)).stage is Stage.BEING_FIXED
    await actions.resolve(cast.gus, noted.issue, Resolution.HERE, "Done now.", now=NOW + 2 * HOUR)
    after = await actions.verdict_by_code(code, Verdict.FIXED, now=NOW + 3 * HOUR)
    told = ["acknowledged", "resolved", "verdict", "resolved", "verdict"]
    assert [word.what for word in after.words] == told, "with what the code itself has said"
    assert [(word.says, word.text) for word in after.words if word.what == "verdict"] == [
        ("not", "Still waits."), ("fixed", "")]
    assert (await queries.issue(None, noted.issue)).stage is Stage.CONFIRMED
    row = await queries.issue(cast.ben, noted.issue)
    verdicts = [line for line in await queries.history(cast.ben, row) if line.what == "verdict"]
    assert [(line.says, line.by, line.by_name) for line in verdicts] == [("not", None, ""), ("fixed", None, "")]
    with pytest.raises(NotFound, match="No note belongs"):
        await actions.follow_up("aaaa-bbbb-cccc", now=NOW)


async def test_an_anonymous_verdict_counts_in_the_figures_after_its_resolution(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.ANONYMOUS, cast=cast)
    assert noted.follow_up is not None
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.resolve(cast.gus, noted.issue, Resolution.HERE, "Done.", now=NOW + HOUR)
    await actions.verdict_by_code(noted.follow_up, Verdict.FIXED, now=NOW + 2 * HOUR)
    (trail,) = (await everything()).trails.values()
    assert [step.event.what for step in trail.steps] == ["acknowledged", "resolved", "verdict"]


async def test_an_anonymous_note_on_a_closed_issue_is_a_return_of_nobody(cast: Cast) -> None:
    issue = await opened_and_declined(cast)
    await said(cast.fay, Naming.ANONYMOUS, cast=cast, issue=issue.id, now=NOW + HOUR)
    back = await queries.issue(None, issue.id)
    assert (back.stage, back.met_by) == (Stage.NEEDS_OWNER, 2)
    line = await IssueEvent.objects().get(IssueEvent.what == "returned")
    assert line is not None
    assert (line.by, line.reporter, line.note) == (None, None, None)
    assert line.at < NOW + HOUR


async def test_letters_that_an_anonymous_reporter_causes_do_not_tell_the_hour(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.ANONYMOUS, cast=cast)
    assert noted.follow_up is not None
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.resolve(cast.gus, noted.issue, Resolution.HERE, "Done.", now=NOW)
    await actions.verdict_by_code(noted.follow_up, Verdict.NOT, "Still waits.", now=NOW + 5 * HOUR)
    letter = await Letter.objects().get(Letter.name == "issue_reopened")
    assert letter is not None
    assert letter.to_name == "Gus Grant"
    assert letter.created_at == letter.leaves_at == DAY + timedelta(days=1)


async def opened_and_declined(cast: Cast) -> IssueRow:
    noted = await said(cast.cleo, Naming.NAMED, cast=cast)
    return await actions.decline(cast.eva, noted.issue, "No.", now=NOW)


async def test_a_code_follows_a_joined_issue(cast: Cast) -> None:
    noted = await said(cast.fay, Naming.ANONYMOUS, cast=cast)
    other = await said(cast.cleo, Naming.NAMED, cast=cast)
    assert noted.follow_up is not None
    await actions.join(cast.eva, noted.issue, other.issue, now=NOW)
    await actions.assign(cast.eva, other.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    seen = await actions.follow_up(noted.follow_up, now=NOW)
    assert (seen.number, [word.what for word in seen.words]) == (1, ["joined", "acknowledged"])


async def test_a_code_of_good_news_reads_it_and_no_more(cast: Cast) -> None:
    noted = await actions.note(cast.fay, NoteForm(
        text=Said("Well done, Ben."), stream=Stream.GOOD_NEWS, team=cast.billing, naming=Naming.ANONYMOUS), now=NOW)
    assert noted.follow_up is not None
    assert (await actions.follow_up(noted.follow_up, now=NOW)).text == "Well done, Ben."
    with pytest.raises(Refused, match="nothing to follow"):
        await actions.word_by_code(noted.follow_up, "Hello", now=NOW)
