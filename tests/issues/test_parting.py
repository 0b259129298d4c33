"""An issue is split from the one it was joined into, a note is taken out, those who raised it are asked one thing."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from floorday.db import folding
from floorday.errors import Forbidden, NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.queries import IssueRow, Search
from floorday.issues.rules import Naming, Resolution, Stage, Verdict
from floorday.people.access import Door
from floorday.people.tables import Person
from floorday.stories.tables import Story
from floorday.summaries import figures
from floorday.summaries import queries as summaries
from tests.cast import NOW, Cast, make_cast, through
from tests.issues.test_actions import FRIDAY, letters, me_too, owned, post_all, raised, resolved, token, words

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=2)
SOON = timedelta(seconds=5)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def now_is(issue: IssueRow) -> IssueRow:
    return await queries.issue(None, issue.id)


async def found(cast: Cast, word: str) -> set[int]:
    hits = await queries.search(cast.eva, Search(words=folding.read(word)))
    return {hit.shown.row.number for hit in hits}


# --- split


async def test_a_split_issue_stands_where_it_stood_with_all_that_is_its_own(cast: Cast) -> None:
    one = await owned(cast)
    await actions.promise(cast.gus, one.id, FRIDAY, now=NOW)
    whole = await raised(cast, cast.cleo, text="Claims get lost", now=NOW + HOUR)
    await actions.join(cast.eva, one.id, whole.id, now=NOW + 2 * HOUR)
    assert (await now_is(whole)).raised_at == NOW
    back = await actions.split(cast.eva, one.id, now=LATER)
    assert (back.stage, back.owner, back.department) == (Stage.BEING_FIXED, cast.gus.person, cast.it)
    assert (back.promised_for, back.joined_into, back.met_by) == (FRIDAY, None, 1)
    other = await now_is(whole)
    assert (other.met_by, other.raised_at) == (1, NOW + HOUR)
    assert ("issue_split", "Fay") in await letters(one)
    assert (await words(one, cast.eva))[-2:] == ["joined", "split"]
    assert (await words(whole, cast.eva))[-1] == "split off"
    assert await found(cast, "weekly") == {one.number}
    assert await found(cast, "lost") == {whole.number}
    assert "It is another thing, so it is followed by itself again" in (
        await post_all(now=LATER + HOUR))["issue_split", "Fay"]


@pytest.mark.parametrize("stage", ["needs decision", "tell the floor", "asleep"])
async def test_it_goes_back_to_a_decision_to_the_floor_or_to_sleep(cast: Cast, stage: str) -> None:
    one, whole = await owned(cast), await raised(cast, cast.cleo, text="Claims get lost")
    if stage == "needs decision":
        await actions.sponsor(cast.eva, one.id, cast.ann.person, now=NOW)
        await actions.ask(cast.gus, one.id, "May refunds skip the batch?", now=NOW)
    elif stage == "tell the floor":
        await actions.resolve(cast.gus, one.id, Resolution.HERE, "Daily now.", now=NOW)
    else:
        await actions.snooze(cast.eva, one.id, FRIDAY, now=NOW)
    before = await now_is(one)
    await actions.join(cast.eva, one.id, whole.id, now=NOW + HOUR)
    back = await actions.split(cast.eva, one.id, now=NOW + 2 * HOUR)
    for name in ("stage", "question", "snoozed_until", "done", "resolved_by", "round", "last_word_at", "sponsor"):
        assert getattr(back, name) == getattr(before, name), name
    if stage == "tell the floor":
        assert (await actions.verdict(cast.fay, one.id, Verdict.FIXED, now=LATER)).stage is Stage.CONFIRMED


async def test_whose_owner_has_left_meanwhile_needs_one(cast: Cast) -> None:
    one, whole = await owned(cast), await raised(cast, cast.cleo, text="Claims get lost")
    await actions.join(cast.eva, one.id, whole.id, now=NOW)
    await Person.update({Person.left_at: NOW}).where(Person.id == cast.gus.person)
    back = await actions.split(cast.eva, one.id, now=LATER)
    assert (back.stage, back.owner) == (Stage.NEEDS_OWNER, None)


async def test_out_of_a_chain_each_takes_along_what_it_brought(cast: Cast) -> None:
    a, b, c = [await raised(cast, who, text=text) for who, text in (
        (cast.fay, "Alpha"), (cast.cleo, "Beta"), (cast.ann, "Gamma"))]  # fmt: skip
    await actions.join(cast.eva, a.id, b.id, now=NOW)
    await actions.join(cast.eva, b.id, c.id, now=NOW)
    assert (await now_is(c)).met_by == 3
    await actions.split(cast.eva, b.id, now=LATER)
    assert [(await now_is(one)).joined_into for one in (a, b, c)] == [b.id, None, None]
    assert [(await now_is(one)).met_by for one in (b, c)] == [2, 1]
    assert {("issue_split", "Fay"), ("issue_split", "Cleo")} <= set(await letters(b))
    assert await found(cast, "Alpha") == {a.number, b.number}
    await actions.join(cast.eva, b.id, c.id, now=LATER + HOUR)
    await actions.split(cast.eva, a.id, now=LATER + 2 * HOUR)
    assert [(await now_is(one)).joined_into for one in (a, b, c)] == [None, c.id, None]
    assert (await words(c, cast.eva)).count("split off") == 2


async def test_what_was_said_of_the_whole_stays_there_also_when_it_is_closed(cast: Cast) -> None:
    one, whole = await raised(cast, text="Alpha"), await owned(cast, cast.cleo)
    await actions.join(cast.eva, one.id, whole.id, now=NOW)
    there = await me_too(cast.ann, one, text="Seen on my day", now=NOW)
    await actions.resolve(cast.gus, whole.id, Resolution.HERE, "Done.", now=NOW)
    await actions.verdict(cast.fay, whole.id, Verdict.FIXED, now=NOW)
    back = await actions.split(cast.eva, one.id, now=LATER)
    assert (back.stage, back.met_by) == (Stage.NEEDS_OWNER, 1)
    closed = await now_is(whole)
    assert (closed.stage, closed.met_by) == (Stage.CONFIRMED, 2)
    assert there.note in {note.id for note in await queries.notes(cast.eva, closed)}


async def test_a_join_and_a_split_are_undone_until_their_letters_leave(cast: Cast) -> None:
    a, b, whole = await raised(cast, text="Alpha"), await raised(cast, cast.cleo, text="Beta"), await raised(
        cast, cast.ann, text="Gamma")  # fmt: skip
    await actions.join(cast.eva, a.id, b.id, now=NOW)
    await actions.join(cast.eva, b.id, whole.id, now=LATER)
    await actions.undo(cast.eva, b.id, now=LATER + SOON)
    assert [(await now_is(one)).joined_into for one in (a, b, whole)] == [b.id, None, None]
    assert "issue_joined" not in {name for name, _who in await letters(b)}
    await actions.join(cast.eva, b.id, whole.id, now=LATER)
    await actions.split(cast.eva, b.id, now=LATER + HOUR)
    await actions.undo(cast.eva, b.id, now=LATER + HOUR + SOON)
    assert [(await now_is(one)).joined_into for one in (a, b, whole)] == [whole.id, whole.id, None]
    assert (await now_is(whole)).met_by == 3
    assert "issue_split" not in {name for name, _who in await letters(b)}
    assert "split off" not in await words(whole, cast.eva)
    with pytest.raises(Refused):
        await actions.undo(cast.eva, b.id, now=LATER + 2 * HOUR)


async def test_the_lead_of_its_team_splits_and_nobody_else(cast: Cast) -> None:
    one, whole = await raised(cast), await raised(cast, cast.cleo)
    await actions.join(cast.eva, one.id, whole.id, now=NOW)
    for who in (cast.fay, cast.gus, cast.ines, cast.hana):
        with pytest.raises(Forbidden):
            await actions.split(who, one.id, now=NOW)
    assert (await actions.split(cast.ben, one.id, now=NOW)).stage is Stage.NEEDS_OWNER
    with pytest.raises(Refused, match="part of no other"):
        await actions.split(cast.ben, one.id, now=NOW)


async def test_whoever_hides_the_name_stays_hidden_where_they_spoke(cast: Cast) -> None:
    """Fay's hidden note leaves; what she said of the whole stays, and names her to nobody."""
    one, whole = await raised(cast, naming=Naming.HIDDEN), await owned(cast, cast.cleo)
    await actions.join(cast.eva, one.id, whole.id, now=NOW)
    await actions.resolve(cast.gus, whole.id, Resolution.HERE, "Done.", now=NOW)
    await actions.verdict(cast.fay, whole.id, Verdict.NOT, "Still so.", now=NOW)
    await actions.split(cast.eva, one.id, now=LATER)
    for reader in (cast.gus, cast.hana, cast.cleo):
        seen = await queries.opened(reader, whole.id)
        assert cast.fay.person in seen.hidden
        assert "Fay Finch" not in {line.by_name for line in seen.history}
        assert "Fay Finch" not in {line.by_name for line in await queries.history(reader, seen.issue)}
        listed = await queries.listed_events(reader, queries.Wanted(what="verdict"))
        assert "Fay Finch" not in {line.by_name for line in listed}
    assert "Fay Finch" in {line.by_name for line in (await queries.opened(cast.eva, whole.id)).history}


async def test_figures_count_what_was_split_by_itself_again(cast: Cast) -> None:
    async def month(name: str, now: datetime) -> dict[str, object]:
        counted = (await summaries.counted(
            figures.COMPANY, [name], now=now, zone=ZoneInfo("Europe/London"))).months[0]  # fmt: skip
        assert counted is not None
        return {each: figure.value for each, figure in counted.figures.items()}

    one, whole = await raised(cast), await raised(cast, cast.cleo)
    await actions.join(cast.eva, one.id, whole.id, now=NOW)
    december, january = datetime(2026, 12, 2, tzinfo=NOW.tzinfo), datetime(2027, 1, 2, tzinfo=NOW.tzinfo)
    assert (await month("2026-11", december))["issues_raised"] == 1
    await actions.split(cast.eva, one.id, now=december)
    assert (await month("2026-11", january))["issues_raised"] == 1, "it was joined when the month ended"
    assert (await month("2026-12", january))["issues_open"] == 2


# --- take out


async def test_a_note_becomes_an_issue_of_its_own_and_its_reporter_is_told(cast: Cast) -> None:
    issue = await owned(cast)
    wrong = await me_too(cast.cleo, issue, text="The lift is slow", now=NOW + HOUR)
    new = await actions.take_out(cast.ben, wrong.note, now=LATER)
    assert (new.title, new.stage, new.raised_at, new.met_by) == (
        "The lift is slow", Stage.NEEDS_OWNER, NOW + HOUR, 1)  # fmt: skip
    assert await letters(new) == [("note_taken_out", "Cleo")]
    assert (await now_is(issue)).met_by == 1
    assert await found(cast, "lift") == {new.number}
    assert "taken out" in await words(issue, cast.eva)
    for note in (wrong.note, (await queries.notes(cast.eva, await now_is(issue)))[0].id):
        with pytest.raises(Refused, match="its own already"):
            await actions.take_out(cast.eva, note, now=LATER)


async def test_a_note_taken_out_is_put_back_until_its_letter_leaves(cast: Cast) -> None:
    issue = await owned(cast)
    wrong = await me_too(cast.cleo, issue, text="The lift is slow", now=NOW + HOUR)
    before = await now_is(issue)
    new = await actions.take_out(cast.ben, wrong.note, now=LATER)
    with pytest.raises((Refused, NotFound)):
        await actions.undo(cast.eva, new.id, now=LATER + SOON)
    back = await actions.undo(cast.ben, new.id, now=LATER + SOON)
    assert (back.id, back.raised_at, back.met_by, back.stage, back.owner) == (
        issue.id, before.raised_at, before.met_by, before.stage, before.owner)  # fmt: skip
    assert await letters(new) == []
    assert await found(cast, "lift") == {issue.number}
    assert (await words(issue, cast.eva))[-1] == "undone"
    with pytest.raises(NotFound):
        await queries.issue(None, new.id)
    again = await actions.take_out(cast.ben, wrong.note, now=LATER + HOUR)
    assert again.number > new.number
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.ben, again.id, now=LATER + 2 * HOUR)


async def test_what_has_come_to_the_new_issue_since_is_not_lost_by_undo(cast: Cast) -> None:
    issue = await owned(cast)
    wrong = await me_too(cast.cleo, issue, text="The lift is slow")
    new = await actions.take_out(cast.ben, wrong.note, now=LATER)
    await me_too(cast.fay, new, text="Here, too", now=LATER + SOON)
    with pytest.raises(Refused):
        await actions.undo(cast.ben, new.id, now=LATER + SOON)
    assert (await now_is(new)).met_by == 2
    again = await actions.take_out(cast.ben, (await queries.notes(cast.eva, await now_is(new)))[0].id, now=LATER + HOUR)
    await Story.insert(Story(team=cast.billing, hero_name="Cleo", text="Took the stairs", at=LATER, issue=again.id))
    with pytest.raises(Refused, match="belongs to the new issue"):
        await actions.undo(cast.ben, again.id, now=LATER + HOUR + SOON)
    assert [name for name, _who in await letters(again)] == ["note_taken_out"]


async def test_the_first_note_leaves_an_issue_as_old_as_the_next(cast: Cast) -> None:
    issue = await raised(cast)
    await me_too(cast.cleo, issue, now=NOW + HOUR)
    first = (await queries.notes(cast.eva, issue))[0]
    new = await actions.take_out(cast.eva, first.id, now=LATER)
    assert (await now_is(issue)).raised_at == NOW + HOUR
    assert (await actions.undo(cast.eva, new.id, now=LATER + SOON)).raised_at == NOW


async def test_an_anonymous_note_is_followed_where_it_has_gone(cast: Cast) -> None:
    issue = await raised(cast)
    wrong = await me_too(cast.cleo, issue, text="The lift is slow", naming=Naming.ANONYMOUS)
    new = await actions.take_out(cast.eva, wrong.note, now=LATER)
    followed = await actions.follow_up(wrong.follow_up or "", now=LATER)
    assert (followed.number, [line.what for line in followed.words]) == (new.number, ["taken out"])
    assert await letters(new) == []


async def test_only_who_may_join_takes_a_note_out(cast: Cast) -> None:
    issue = await raised(cast)
    wrong = (await me_too(cast.fay, issue)).note
    for who, error in ((cast.gus, NotFound), (cast.fay, Forbidden), (cast.hana, Forbidden)):
        with pytest.raises(error):
            await actions.take_out(who, wrong, now=LATER)


# --- one question


async def test_those_who_raised_it_are_asked_and_answer_once_each(cast: Cast) -> None:
    issue = await owned(cast)
    await me_too(cast.cleo, issue)
    asked = await actions.question(cast.gus, issue.id, "Which desk? Call 020 7946 0018", now=LATER)
    assert asked.asks_since == LATER
    assert (await words(issue, cast.eva))[-1] == "asked the floor"
    with pytest.raises(Refused, match="waits for its answer"):
        await actions.question(cast.eva, issue.id, "And when?", now=LATER)
    link = await token("question", "note_question", "Fay", now=LATER + HOUR)
    row, put, name = await actions.question_page(link, now=LATER)
    assert (row.id, put.text, put.mine, name) == (issue.id, "Which desk? Call [phone number]", True, "Fay Finch")
    answered = await actions.answer_by_token(link, "The first, mail a@b.example", now=LATER)
    assert answered.asks_since is None
    line = (await queries.history(cast.eva, answered))[-1]
    assert (line.what, line.text, line.by_name, line.door) == (
        "answered", "The first, mail [mail address]", "Fay Finch", Door.LETTER)
    with pytest.raises(Refused, match="already"):
        await actions.answer_by_token(link, "Again", now=LATER)
    await actions.answer(cast.cleo, issue.id, "All of them", now=LATER)
    told = await post_all(now=LATER + HOUR)
    assert "Which desk?" in told["note_answered", "Gus"]
    assert "Fay" not in told["note_answered", "Gus"]
    assert (await actions.question(cast.eva, issue.id, "And when?", now=LATER)).asks != asked.asks
    with pytest.raises(Refused, match="Nothing is asked"):
        await actions.answer_by_token(link, "Late", now=LATER)


async def test_one_of_them_alone_is_asked_without_being_named(cast: Cast) -> None:
    issue = await owned(cast, cast.cleo)
    hidden = await me_too(cast.fay, issue, naming=Naming.HIDDEN)
    with pytest.raises(NotFound, match="Nobody of this name"):
        await actions.question(cast.gus, issue.id, "Where?", now=LATER, reporter=cast.fay.person)
    with pytest.raises(NotFound, match="Nobody of this name"):
        await actions.question(cast.gus, issue.id, "Where?", now=LATER, reporter=cast.max.person)
    await actions.question(cast.gus, issue.id, "Where?", now=LATER, note=hidden.note)
    assert [who for name, who in await letters(issue) if name == "note_question"] == ["Fay"]
    with pytest.raises(Refused, match="somebody else"):
        await actions.answer(cast.cleo, issue.id, "Here", now=LATER)
    await actions.answer(cast.fay, issue.id, "Here", now=LATER)
    for reader in (cast.gus, cast.hana, cast.cleo):
        seen = await queries.opened(reader, issue.id)
        assert "Fay Finch" not in {line.by_name for line in seen.history}
        assert seen.history[-1].text == "Here"
    assert "Fay" not in (await post_all(now=LATER + HOUR))["note_answered", "Gus"]


async def test_a_code_reads_the_question_and_answers_it(cast: Cast) -> None:
    issue = await owned(cast)
    unnamed = await me_too(cast.cleo, issue, naming=Naming.ANONYMOUS)
    code = unnamed.follow_up or ""
    await actions.question(cast.gus, issue.id, "Which desk?", now=LATER, note=unnamed.note)
    assert "note_question" not in {name for name, _who in await letters(issue)}
    followed = await actions.follow_up(code, now=LATER)
    assert followed.put is not None
    assert (followed.put.text, followed.put.mine) == ("Which desk?", True)
    after = await actions.answer_by_code(code, "By the door", now=LATER)
    assert after.put is not None
    assert after.put.answered
    with pytest.raises(Refused, match="already"):
        await actions.answer_by_code(code, "Again", now=LATER)
    line = (await queries.history(cast.eva, await now_is(issue)))[-1]
    assert (line.what, line.by, line.text) == ("answered", None, "By the door")


async def test_a_question_is_taken_back_and_what_waits_with_it(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.question(cast.eva, issue.id, "Which desk?", now=LATER)
    back = await actions.withdraw_question(cast.gus, issue.id, now=LATER + SOON)
    assert (back.asks, back.asks_since) == (None, None)
    assert "note_question" not in {name for name, _who in await letters(issue)}
    with pytest.raises(Refused, match="Nothing is asked"):
        await actions.answer(cast.fay, issue.id, "Here", now=LATER)
    await actions.question(cast.eva, issue.id, "Which desk?", now=LATER + HOUR)
    undone = await actions.undo(cast.eva, issue.id, now=LATER + HOUR + SOON)
    assert (undone.asks, undone.asks_since) == (None, None)


async def test_whoever_withdrew_the_note_is_not_asked_any_more(cast: Cast) -> None:
    issue = await owned(cast)
    await me_too(cast.cleo, issue)
    await actions.question(cast.eva, issue.id, "Which desk?", now=LATER)
    link = await token("question", "note_question", "Fay", now=LATER + HOUR)
    own = next(note for note in await queries.notes(cast.fay, issue) if note.mine)
    await actions.withdraw_note(cast.fay, own.id, now=LATER)
    with pytest.raises(NotFound):
        await actions.answer_by_token(link, "Here", now=LATER)


@pytest.mark.parametrize("who", ["fay", "ann", "hana"])
async def test_only_those_who_triage_or_fix_ask(cast: Cast, who: str) -> None:
    issue = await resolved(cast) if who == "nobody" else await owned(cast)
    with pytest.raises(Forbidden):
        await actions.question(getattr(cast, who), issue.id, "Which desk?", now=LATER)


async def test_what_closes_an_issue_ends_its_question(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.question(cast.eva, issue.id, "Which desk?", now=LATER)
    closed = await actions.decline(cast.eva, issue.id, "The law.", now=LATER)
    assert (closed.asks, closed.asks_since) == (None, None)
    undone = await actions.undo(cast.eva, issue.id, now=LATER + SOON)
    assert undone.asks_since == LATER


async def test_at_the_desk_a_named_reporter_answers(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.question(cast.eva, issue.id, "Which desk?", now=LATER)
    await actions.answer(through(cast.fay, Door.DESK), issue.id, "The first", now=LATER)
    assert (await queries.history(cast.eva, await now_is(issue)))[-1].door is Door.DESK


async def test_a_note_taken_out_of_a_restricted_issue_is_as_little_seen(cast: Cast) -> None:
    one = await owned(cast)
    wrong = await me_too(cast.cleo, one, text="Claims get lost", now=NOW)
    await actions.restrict(cast.eva, one.id, restricted=True, now=NOW + HOUR)
    new = await actions.take_out(cast.eva, wrong.note, now=LATER)
    assert new.restricted
    with pytest.raises(NotFound):
        await queries.issue(cast.ada, new.id)
