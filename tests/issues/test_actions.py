"""The verbs of an issue against both databases: what is saved, who is told, what is refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from floorday.db.text import Title
from floorday.errors import BadInput, DeliveryFailed, Forbidden, NotFound, Raced, Refused
from floorday.issues import actions, queries, rules
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.rules import Ending, Kind, Naming, Resolution, Stage, Stream, Turn, Verdict
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.mail import outbox
from floorday.mail.outbox import Parcel
from floorday.mail.tables import Letter
from floorday.people.access import Actor, Door
from floorday.people.tables import Person
from tests.cast import NOW, Cast, a_booking, make_cast

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 2)
FRIDAY, NEXT_WEEK = date(2026, 11, 6), date(2026, 11, 9)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def raised(cast: Cast, by: Actor | None = None, *, text: str = "Refunds wait for a weekly batch.",
                 now: datetime = NOW, naming: Naming = Naming.NAMED) -> IssueRow:
    """Let somebody (Fay) raise an issue of Billing."""
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming), now=now)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def me_too(by: Actor, issue: IssueRow, *, text: str = "With us too.", naming: Naming = Naming.NAMED,
                 now: datetime = NOW) -> actions.Noted:
    return await actions.note(
        by, NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, issue=issue.id, naming=naming), now=now)


async def owned(cast: Cast, by: Actor | None = None, *, now: datetime = NOW) -> IssueRow:
    issue = await raised(cast, by, now=now)
    return await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=now)


async def resolved(cast: Cast, by: Actor | None = None, *, now: datetime = NOW) -> IssueRow:
    issue = await owned(cast, by, now=now)
    return await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "The batch runs daily.", now=now)


async def letters(issue: IssueRow) -> list[tuple[str, str]]:
    """Give who was sent what about an issue, but for the thanks."""
    rows = await Letter.select(Letter.name, Letter.to_name).where(
        Letter.about == issue.id, Letter.taken_back_at.is_null(), Letter.name != "note_thanks")
    return sorted((row["name"], row["to_name"].split()[0]) for row in rows)


async def words(issue: IssueRow, actor: Actor) -> list[str]:
    return [line.what for line in await queries.history(actor, await queries.issue(actor, issue.id))]


class Postbag:
    """A mail server that takes everything, and keeps what it took."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncIterator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            self.letters.append((parcel.name, message_from_bytes(parcel.raw, policy=policy.default)))
            yield parcel, None


async def post_all(*, now: datetime) -> dict[tuple[str, str], str]:
    """Let every waiting letter leave; give their texts by name and first name of the reader."""
    bag = Postbag()
    while done := await outbox.deliver(sender=bag, calendar_part=lambda event: b"", now=now, limit=50):
        assert not done.put_off, [letter.server_words for letter in await outbox.troubled()]
    found: dict[tuple[str, str], str] = {}
    for name, letter in bag.letters:
        parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
        found[name, str(letter["to"]).strip('"').split()[0]] = "\n".join([str(letter["subject"]), *parts])
    return found


async def token(kind: str, name: str, reader: str, *, now: datetime) -> str:
    found = re.search(rf"/{kind}/([a-z2-7]+)", (await post_all(now=now))[name, reader])
    assert found is not None
    return found[1]


# --- raising


async def test_a_note_opens_an_issue_and_its_reporter_is_thanked(cast: Cast) -> None:
    first, second = await raised(cast), await raised(cast, cast.ann)
    assert (first.number, second.number) == (1, 2)
    assert (first.title, first.stage, first.met_by) == ("Refunds wait for a weekly batch.", Stage.NEEDS_OWNER, 1)
    assert first.raised_at == first.last_word_at == NOW
    thanks = await Letter.select(Letter.to_name).where(Letter.name == "note_thanks").order_by(Letter.to_name)
    assert [row["to_name"] for row in thanks] == ["Ann Archer", "Fay Finch"]


async def test_forty_who_speak_at_once_get_forty_numbers(cast: Cast) -> None:
    issues = await asyncio.gather(*[raised(cast, text=f"Thing {n}") for n in range(40)])
    assert sorted(issue.number for issue in issues) == list(range(1, 41))


async def test_what_customers_gave_away_is_masked_before_it_is_stored(cast: Cast) -> None:
    issue = await raised(
        cast, text="Ms Ray (ray@example.com, 020 7946 0018) paid with 4111 1111 1111 1111 on 2026-11-01")
    note = await Note.objects().get(Note.issue == issue.id)
    assert note is not None
    assert note.text == "Ms Ray ([mail address], [phone number]) paid with [card number] on 2026-11-01"
    assert issue.title == note.text


async def test_good_news_opens_no_issue(cast: Cast) -> None:
    noted = await actions.note(cast.fay, NoteForm(
        text=Said("Ben stayed late for a blind customer."), stream=Stream.GOOD_NEWS, team=cast.billing), now=NOW)
    assert noted.issue is None
    assert await Issue.count() == await IssueEvent.count() == await Letter.count() == 0
    assert [(note.text, note.name, note.mine) for note in await queries.good_news(cast.ben)] == [
        ("Ben stayed late for a blind customer.", "Fay Finch", False)]
    assert await queries.good_news(cast.cleo) == []


async def test_a_note_names_its_team_or_its_day(cast: Cast) -> None:
    with pytest.raises(BadInput, match="team"):
        await actions.note(cast.fay, NoteForm(text=Said("Slow."), stream=Stream.STAFF_TOLD), now=NOW)
    day = await a_booking(cast, accepted=True)
    noted = await actions.note(cast.ann, NoteForm(
        text=Said("Four screens for one refund."), stream=Stream.MANAGER_SAW, day=day.id), now=NOW)
    assert noted.issue is not None
    issue = await queries.issue(cast.ann, noted.issue)
    assert (issue.team_name, issue.day_manager) == ("Billing", cast.ann.person)
    assert [note.text for note in await queries.day_notes(cast.fay, day.id)] == ["Four screens for one refund."]
    assert await queries.day_notes(cast.cleo, day.id) == []
    with pytest.raises(NotFound):
        await actions.note(cast.cleo, NoteForm(text=Said("Me."), stream=Stream.STAFF_TOLD, day=day.id), now=NOW)


async def test_an_assistant_and_the_admin_raise_as_their_roles_allow(cast: Cast) -> None:
    assert (await raised(cast, cast.dan)).met_by == 1
    with pytest.raises(Forbidden):
        await raised(cast, cast.ada)


async def test_me_too_counts_itself_and_tells_the_new_reporter_from_then_on(cast: Cast) -> None:
    issue = await owned(cast)
    await me_too(cast.cleo, issue)
    await me_too(cast.cleo, issue, text="And again.")
    await me_too(cast.ines, issue, naming=Naming.ANONYMOUS)
    assert (await queries.issue(None, issue.id)).met_by == 3
    await actions.update(cast.gus, issue.id, "No news yet.", now=NOW + HOUR)
    assert await letters(issue) == [
        ("issue_taken", "Fay"), ("issue_updated", "Cleo"), ("issue_updated", "Fay"), ("owner_named", "Gus")]


# --- following up


async def test_an_owner_is_named_and_those_who_raised_it_hear_who(cast: Cast) -> None:
    issue = await owned(cast)
    assert (issue.stage, issue.owner_name, issue.department_name) == (Stage.BEING_FIXED, "Gus Grant", "IT")
    assert await letters(issue) == [("issue_taken", "Fay"), ("owner_named", "Gus")]
    assert await words(issue, cast.fay) == ["raised", "acknowledged"]
    with pytest.raises(BadInput, match="somebody of the department"):
        await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.fay.person, now=NOW)
    with pytest.raises(Forbidden):
        await actions.assign(cast.fay, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    with pytest.raises(NotFound):
        await actions.assign(cast.eva, issue.id, department=uuid4(), now=NOW)


async def test_a_department_without_an_owner_is_no_answer_yet(cast: Cast) -> None:
    issue = await raised(cast)
    handed = await actions.assign(cast.eva, issue.id, department=cast.it, now=NOW)
    assert (handed.stage, handed.department_name) == (Stage.NEEDS_OWNER, "IT")
    assert await letters(issue) == []
    taken = await actions.assign(cast.gus, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    assert (taken.stage, await letters(issue)) == (Stage.BEING_FIXED, [("issue_taken", "Fay")])


async def test_a_promise_is_given_moved_with_a_reason_and_said_again_in_vain(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.promise(cast.gus, issue.id, FRIDAY, now=NOW)
    await actions.promise(cast.gus, issue.id, FRIDAY, now=NOW + HOUR)
    with pytest.raises(Refused, match="Say why it moves"):
        await actions.promise(cast.gus, issue.id, NEXT_WEEK, now=NOW + HOUR)
    moved = await actions.promise(cast.gus, issue.id, NEXT_WEEK, "The supplier is late.", now=NOW + HOUR)
    assert moved.promised_for == NEXT_WEEK
    rows = await IssueEvent.select(IssueEvent.for_date, IssueEvent.text).where(
        IssueEvent.issue == issue.id, IssueEvent.what == "promised").order_by(IssueEvent.at)
    assert [(row["for_date"], row["text"]) for row in rows] == [(FRIDAY, ""), (NEXT_WEEK, "The supplier is late.")]
    told = await post_all(now=NOW + 2 * HOUR)
    assert "Friday 6 November 2026" in told["issue_promised", "Fay"]
    assert "promised for Friday 6 November 2026. The new date is Monday 9 November 2026" in told["issue_delayed", "Fay"]
    assert "The supplier is late." in told["issue_delayed", "Fay"]


async def test_the_day_of_a_promise_is_the_programmes(cast: Cast) -> None:
    issue = await owned(cast)
    late = datetime(2026, 11, 2, 23, 59, tzinfo=UTC)
    with pytest.raises(Refused, match="past"):
        await actions.promise(cast.gus, issue.id, TODAY, now=late + timedelta(minutes=2))
    assert (await actions.promise(cast.gus, issue.id, TODAY, now=late)).promised_for == TODAY


async def test_a_sponsor_decides_on_the_page_or_through_the_letter(cast: Cast) -> None:
    issue = await owned(cast)
    with pytest.raises(Refused, match="Nobody sponsors"):
        await actions.ask(cast.gus, issue.id, "May refunds skip the batch?", now=NOW)
    await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=NOW)
    asked = await actions.ask(cast.gus, issue.id, "May refunds skip the batch?", now=NOW)
    assert asked.stage is Stage.NEEDS_DECISION
    held = await token("decision", "decision_asked", "Ann", now=NOW + HOUR)
    page = await queries.decision_pass(held, NOW + HOUR)
    assert page is not None
    assert (page.question, page.person) == ("May refunds skip the batch?", "Ann Archer")
    with pytest.raises(Refused, match="why not"):
        await actions.decide_by_token(held, yes=False, now=NOW + HOUR)
    decided = await actions.decide_by_token(held, yes=False, because="Audit forbids it.", now=NOW + HOUR)
    assert (decided.stage, decided.question) == (Stage.BEING_FIXED, "")
    line = (await queries.history(cast.eva, decided))[-1]
    assert (line.what, line.says, line.by_name, line.door) == ("decided", "no", "Ann Archer", Door.LETTER)
    with pytest.raises(Refused, match="No decision"):
        await actions.decide_by_token(held, yes=True, now=NOW + HOUR)
    told = await post_all(now=NOW + 2 * HOUR)
    assert {key for key in told if key[0] == "decision_made"} == {("decision_made", "Fay"), ("decision_made", "Gus")}
    assert "Audit forbids it." in told["decision_made", "Fay"]
    assert "May refunds skip the batch?" in told["decision_made", "Fay"]


async def test_a_new_sponsor_is_asked_and_the_old_link_dies(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=NOW)
    await actions.ask(cast.gus, issue.id, "May we?", now=NOW)
    old = await token("decision", "decision_asked", "Ann", now=NOW + HOUR)
    await actions.sponsor(cast.eva, issue.id, cast.max.person, now=NOW + HOUR)
    new = await token("decision", "decision_asked", "Max", now=NOW + 2 * HOUR)
    assert await queries.decision_pass(old, NOW + 2 * HOUR) is None
    with pytest.raises(NotFound, match="no longer valid"):
        await actions.decide_by_token(old, yes=True, now=NOW + 2 * HOUR)
    assert (await actions.decide_by_token(new, yes=True, now=NOW + 2 * HOUR)).stage is Stage.BEING_FIXED


async def test_a_manager_takes_an_issue_of_an_own_day_on_and_nobody_elses(cast: Cast) -> None:
    issue = await raised(cast, cast.ann)
    assert (await actions.sponsor(cast.ann, issue.id, cast.ann.person, now=NOW)).sponsor_name == "Ann Archer"
    with pytest.raises(Forbidden):
        await actions.sponsor(cast.ann, issue.id, cast.max.person, now=NOW)
    with pytest.raises(Forbidden):
        await actions.sponsor(cast.max, issue.id, cast.max.person, now=NOW)
    with pytest.raises(BadInput, match="manager"):
        await actions.sponsor(cast.eva, issue.id, cast.fay.person, now=NOW)


async def test_a_declined_issue_tells_why_and_may_be_asked_again(cast: Cast) -> None:
    issue = await raised(cast)
    with pytest.raises(Refused, match="why"):
        await actions.decline(cast.eva, issue.id, " ", now=NOW)
    with pytest.raises(Forbidden):
        await actions.decline(cast.ben, issue.id, "No.", now=NOW)
    declined = await actions.decline(cast.eva, issue.id, "The law wants it so.", now=NOW)
    assert (declined.turn, declined.ending) == (Turn.CLOSED, Ending.DECLINED)
    assert "The law wants it so." in (await post_all(now=NOW + HOUR))["issue_declined", "Fay"]
    again = await actions.again(cast.fay, issue.id, "The law changed.", now=NOW + HOUR)
    assert (again.stage, await words(issue, cast.fay)) == (Stage.NEEDS_OWNER, ["raised", "declined", "reopened"])


async def test_a_snoozed_issue_sleeps_until_something_is_done(cast: Cast) -> None:
    issue = await owned(cast)
    snoozed = await actions.snooze(cast.eva, issue.id, FRIDAY, now=NOW)
    assert (snoozed.snoozed_until, snoozed.stage) == (FRIDAY, Stage.BEING_FIXED)
    assert [row.id for row in await queries.board(cast.eva, Filters(snoozed=True))] == [issue.id]
    assert (await actions.wake(cast.eva, issue.id, now=NOW)).snoozed_until is None
    await actions.snooze(cast.eva, issue.id, FRIDAY, now=NOW)
    assert (await actions.update(cast.gus, issue.id, "It comes.", now=NOW)).snoozed_until is None


async def test_a_title_is_said_better_and_the_old_one_stays_in_the_history(cast: Cast) -> None:
    issue = await raised(cast)
    better = await actions.retitle(cast.ben, issue.id, "Refunds go out daily", Kind.RED_TAPE, now=NOW)
    assert (better.title, better.kind) == ("Refunds go out daily", Kind.RED_TAPE)
    assert (await queries.history(cast.ben, better))[-1].text == "Refunds wait for a weekly batch."
    with pytest.raises(Forbidden):
        await actions.retitle(cast.cleo, issue.id, "Mine", Kind.OTHER, now=NOW)


# --- undo


@pytest.mark.parametrize("verb", ["decline", "snooze", "resolve"])
async def test_a_step_is_undone_while_its_letters_wait(cast: Cast, verb: str) -> None:
    issue = await actions.promise(cast.gus, (await owned(cast)).id, FRIDAY, now=NOW)
    told = await letters(issue)
    later = NOW + HOUR
    by = cast.gus if verb == "resolve" else cast.eva
    match verb:
        case "decline":
            await actions.decline(by, issue.id, "No.", now=later)
        case "snooze":
            await actions.snooze(by, issue.id, NEXT_WEEK, now=later)
        case _:
            await actions.resolve(by, issue.id, Resolution.HERE, "Done.", now=later)
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.fay, issue.id, now=later)
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(by, issue.id, now=later + timedelta(seconds=11))
    await actions.undo(by, issue.id, now=later + timedelta(seconds=5))
    back = await queries.issue(None, issue.id)
    assert structs.replace(back, version=0, changed_at=NOW) == structs.replace(issue, version=0, changed_at=NOW)
    assert await letters(issue) == told
    assert await words(issue, cast.eva) == ["raised", "acknowledged", "promised", "undone"]
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(by, issue.id, now=later + timedelta(seconds=6))


async def test_a_resolution_undone_is_said_again_and_asked_again(cast: Cast) -> None:
    issue = await resolved(cast)
    await actions.undo(cast.gus, issue.id, now=NOW)
    await actions.resolve(cast.gus, issue.id, Resolution.HERE, "Here at least.", now=NOW + HOUR)
    held = await token("verdict", "verdict_asked", "Fay", now=NOW + 2 * HOUR)
    assert (await actions.verdict_by_token(held, Verdict.FIXED, now=NOW + 2 * HOUR)).stage is Stage.CONFIRMED


async def test_a_step_whose_letter_has_left_is_not_undone(cast: Cast) -> None:
    issue = await resolved(cast)
    await Letter.update({Letter.attempts: 1, Letter.sent_at: NOW}).where(Letter.name == "verdict_asked")
    with pytest.raises(Refused, match="already left"):
        await actions.undo(cast.gus, issue.id, now=NOW + timedelta(seconds=5))
    assert (await queries.issue(None, issue.id)).stage is Stage.TELL_FLOOR
    assert (await words(issue, cast.eva))[-1] == "resolved"


# --- verdicts


async def test_one_fixed_through_the_letter_confirms(cast: Cast) -> None:
    issue = await resolved(cast)
    assert (issue.stage, issue.resolved_at, issue.round) == (Stage.TELL_FLOOR, NOW, 1)
    held = await token("verdict", "verdict_asked", "Fay", now=NOW + HOUR)
    page = await queries.verdict_pass(held.upper(), NOW + HOUR)
    assert page is not None
    assert (page.done, page.person, page.number) == ("The batch runs daily.", "Fay Finch", 1)
    confirmed = await actions.verdict_by_token(held, Verdict.FIXED, now=NOW + HOUR)
    assert confirmed.stage is Stage.CONFIRMED
    assert ("issue_confirmed", "Gus") in await letters(issue)
    assert ("issue_confirmed", "Fay") not in await letters(issue)
    line = (await queries.history(cast.eva, confirmed))[-1]
    assert (line.what, line.says, line.by_name, line.door) == ("verdict", "fixed", "Fay Finch", Door.LETTER)
    events = len(await words(issue, cast.eva))
    assert (await actions.verdict_by_token(held, Verdict.FIXED, now=NOW + HOUR)).stage is Stage.CONFIRMED
    assert len(await words(issue, cast.eva)) == events


async def test_not_fixed_of_another_reopens_what_one_has_confirmed(cast: Cast) -> None:
    issue = await owned(cast)
    await me_too(cast.cleo, issue)
    await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "Daily.", now=NOW)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + HOUR)
    with pytest.raises(Refused, match="still wrong"):
        await actions.verdict(cast.cleo, issue.id, Verdict.PARTLY, now=NOW + 2 * HOUR)
    await actions.verdict(cast.cleo, issue.id, Verdict.PARTLY, "Not in Lisbon.", now=NOW + 2 * HOUR)
    again = await queries.issue(None, issue.id)
    assert (again.stage, again.done, again.resolved_by, again.last_word_at) == (
        Stage.BEING_FIXED, "", None, NOW + 2 * HOUR)
    told = await post_all(now=NOW + 3 * HOUR)
    assert {key[1] for key in told if key[0] == "issue_reopened"} == {"Fay", "Gus"}
    assert "Not in Lisbon." in told["issue_reopened", "Gus"]


async def test_a_link_of_an_older_resolution_is_dead(cast: Cast) -> None:
    issue = await resolved(cast)
    old = await token("verdict", "verdict_asked", "Fay", now=NOW + HOUR)
    await actions.verdict_by_token(old, Verdict.NOT, "Still weekly.", now=NOW + HOUR)
    await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "Now daily.", now=NOW + 2 * HOUR)
    assert await queries.verdict_pass(old, NOW + 3 * HOUR) is None
    with pytest.raises(NotFound):
        await actions.verdict_by_token(old, Verdict.FIXED, now=NOW + 3 * HOUR)
    new = await token("verdict", "verdict_asked", "Fay", now=NOW + 3 * HOUR)
    assert new != old
    assert (await actions.verdict_by_token(new, Verdict.FIXED, now=NOW + 3 * HOUR)).stage is Stage.CONFIRMED


async def test_whoever_resolved_it_is_not_asked_and_cannot_confirm(cast: Cast) -> None:
    issue = await resolved(cast, cast.gus)
    assert await letters(issue) == [("owner_named", "Gus")]
    with pytest.raises(Refused, match="somebody else has to confirm"):
        await actions.verdict(cast.gus, issue.id, Verdict.FIXED, now=NOW)
    with pytest.raises(Forbidden, match="raised it"):
        await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW)


async def test_cannot_closes_at_once_and_is_asked_again_once(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.resolve(cast.gus, issue.id, Resolution.CANNOT, "The bank wants it so.", now=NOW)
    closed = await queries.issue(None, issue.id)
    assert (closed.stage, closed.promised_for) == (Stage.CANNOT, None)
    told = await post_all(now=NOW + HOUR)
    assert "The bank wants it so." in told["issue_cannot", "Fay"]
    assert not [key for key in told if key[0] == "verdict_asked"]
    with pytest.raises(Refused, match="nothing to confirm"):
        await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + HOUR)
    assert (await actions.again(cast.fay, issue.id, "Ask them once more.", now=NOW + HOUR)).stage is Stage.BEING_FIXED
    await actions.resolve(cast.gus, issue.id, Resolution.CANNOT, "They said no again.", now=NOW + 2 * HOUR)
    with pytest.raises(Refused, match="asked again once"):
        await actions.again(cast.fay, issue.id, "And again.", now=NOW + 3 * HOUR)
    assert (await actions.again(cast.cleo, issue.id, "Us too.", now=NOW + 3 * HOUR)).stage is Stage.BEING_FIXED


async def test_silence_is_never_a_yes_and_a_late_yes_is_one(cast: Cast) -> None:
    issue = await resolved(cast)
    assert await actions.close_unconfirmed(now=NOW + timedelta(days=14) - timedelta(seconds=1)) == 0
    due = NOW + timedelta(days=14)
    assert await actions.close_unconfirmed(now=due) == 1
    assert await actions.close_unconfirmed(now=due) == 0
    assert (await queries.issue(None, issue.id)).stage is Stage.UNCONFIRMED
    late = await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=due + HOUR)
    assert late.stage is Stage.CONFIRMED


async def test_again_by_a_reporter_reopens_and_by_anybody_else_is_a_return(cast: Cast) -> None:
    issue = await resolved(cast)
    with pytest.raises(Refused, match="being asked"):
        await actions.again(cast.cleo, issue.id, "Here too.", now=NOW)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + HOUR)
    back = await actions.again(cast.cleo, issue.id, "It is back in Lisbon.", now=NOW + 2 * HOUR)
    assert (back.stage, back.met_by) == (Stage.BEING_FIXED, 2)
    line = await IssueEvent.objects().get(IssueEvent.what == "returned")
    assert line is not None
    assert (line.reporter, line.text) == (cast.cleo.person, "It is back in Lisbon.")
    assert (await queries.issue(cast.cleo, issue.id)).whole, "who brings it back is a reporter from then on"
    assert ("issue_reopened", "Gus") in await letters(issue)


async def test_me_too_on_a_closed_issue_brings_it_back(cast: Cast) -> None:
    issue = await resolved(cast)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + HOUR)
    await me_too(cast.cleo, issue, now=NOW + 2 * HOUR)
    assert (await queries.issue(None, issue.id)).stage is Stage.BEING_FIXED
    assert (await words(issue, cast.eva))[-2:] == ["returned", "noted"]


# --- joins


async def test_a_joined_issue_brings_its_notes_history_and_reporters_along(cast: Cast) -> None:
    one, other = await raised(cast), await raised(cast, cast.cleo, now=NOW + HOUR)
    kept = await actions.join(cast.eva, other.id, one.id, now=NOW + 2 * HOUR)
    assert (kept.id, kept.met_by, kept.raised_at) == (one.id, 2, NOW)
    assert (await queries.issue(None, other.id)).ending is Ending.JOINED
    assert {note.name for note in await queries.notes(cast.eva, kept)} == {"Fay Finch", "Cleo Costa"}
    assert await words(one, cast.eva) == ["raised", "raised", "joined"]
    assert (await queries.issue(cast.cleo, one.id)).whole
    assert [row.id for row in await queries.board(cast.cleo, Filters(mine=True))] == [one.id]
    assert await letters(other) == [("issue_joined", "Cleo")]
    await actions.assign(cast.eva, one.id, department=cast.it, owner=cast.gus.person, now=NOW + 3 * HOUR)
    await actions.resolve(cast.gus, one.id, Resolution.HERE, "Done.", now=NOW + 3 * HOUR)
    assert ("verdict_asked", "Cleo") in await letters(one)
    assert (await actions.verdict(cast.cleo, one.id, Verdict.FIXED, now=NOW + 4 * HOUR)).stage is Stage.CONFIRMED
    with pytest.raises(Refused, match="part of another"):
        await actions.decline(cast.eva, other.id, "No.", now=NOW)


async def test_a_chain_of_joins_ends_in_one_issue(cast: Cast) -> None:
    one, two, three = await raised(cast), await raised(cast, cast.cleo), await raised(cast, cast.ann)
    await actions.join(cast.eva, three.id, two.id, now=NOW)
    kept = await actions.join(cast.eva, two.id, one.id, now=NOW + HOUR)
    assert kept.met_by == 3
    assert (await queries.issue(None, three.id)).joined_into == one.id
    with pytest.raises(Refused, match="part of another"):
        await actions.join(cast.eva, one.id, two.id, now=NOW)
    with pytest.raises(Refused, match="into itself"):
        await actions.join(cast.eva, one.id, one.id, now=NOW)


async def test_two_joins_the_other_way_round_make_no_circle(cast: Cast) -> None:
    for _round in range(5):
        one, other = await raised(cast), await raised(cast)
        outcomes = await asyncio.gather(
            actions.join(cast.eva, one.id, other.id, now=NOW), actions.join(cast.eva, other.id, one.id, now=NOW),
            return_exceptions=True)
        assert len([outcome for outcome in outcomes if isinstance(outcome, IssueRow)]) == 1, outcomes
        assert {type(outcome) for outcome in outcomes} <= {IssueRow, Raced, Refused}
        endings = [(await queries.issue(None, row.id)).ending for row in (one, other)]
        assert sorted(endings) == [Ending.NONE, Ending.JOINED]


async def test_a_lead_joins_the_own_teams_issues_and_no_others(cast: Cast) -> None:
    one, other = await raised(cast), await raised(cast)
    with pytest.raises(Forbidden):
        await actions.join(cast.ines, other.id, one.id, now=NOW)
    assert (await actions.join(cast.ben, other.id, one.id, now=NOW)).id == one.id


# --- races


async def test_of_two_who_decide_at_once_one_is_told_to_look_again(cast: Cast) -> None:
    issue = await owned(cast)
    outcomes = await asyncio.gather(
        actions.decline(cast.eva, issue.id, "No.", now=NOW),
        actions.resolve(cast.gus, issue.id, Resolution.HERE, "Done.", now=NOW), return_exceptions=True)
    done = [outcome for outcome in outcomes if isinstance(outcome, IssueRow)]
    assert len(done) == 1, outcomes
    assert {type(outcome) for outcome in outcomes} <= {IssueRow, Raced, Refused}
    closing = [word for word in await words(issue, cast.eva) if word in {"declined", "resolved"}]
    assert len(closing) == 1


async def test_what_was_read_before_somebody_elses_change_is_not_written(cast: Cast) -> None:
    from floorday.db import transaction
    from floorday.issues import moves

    stale = await owned(cast)
    await actions.update(cast.gus, stale.id, "News.", now=NOW)
    with pytest.raises(Raced):
        async with transaction():
            await moves.save(stale, {Issue.title: "Mine"})
    assert (await queries.issue(None, stale.id)).title == stale.title


# --- who sees what


async def test_the_face_is_for_everybody_and_the_rest_for_those_it_concerns(cast: Cast) -> None:
    issue = await owned(cast)
    whole = {name for name, actor in cast.everybody().items()
             if name != "dan" and (await queries.issue(actor, issue.id)).whole}
    assert whole == {"ben", "fay", "eva", "gus", "hana"}
    face = await queries.issue(cast.max, issue.id)
    assert (face.title, face.department_name, face.met_by) == (issue.title, "IT", 1)
    assert (face.team, face.team_name, face.owner_name, face.reporters, face.done) == (None, "", None, frozenset(), "")
    assert await queries.notes(cast.max, face) == await queries.history(cast.max, face) == []
    with pytest.raises(NotFound):
        await queries.issue(cast.dan, issue.id)
    await actions.restrict(cast.eva, issue.id, restricted=True, now=NOW)
    with pytest.raises(NotFound):
        await queries.issue(cast.max, issue.id)
    assert await queries.board(cast.max) == []
    assert [row.id for row in await queries.board(cast.fay)] == [issue.id]


async def test_a_list_shows_exactly_what_its_pages_show(cast: Cast) -> None:
    issues = [await owned(cast), await raised(cast, cast.cleo), await raised(cast, cast.dan)]
    await actions.restrict(cast.eva, issues[0].id, restricted=True, now=NOW)
    await actions.sponsor(cast.eva, issues[1].id, cast.ann.person, now=NOW)
    await actions.join(cast.eva, issues[2].id, issues[1].id, now=NOW)
    for actor in cast.everybody().values():
        listed = {row.id: row.whole for row in await queries.board(actor)}
        opened: dict[UUID, bool] = {}
        for issue in issues[:2]:
            try:
                opened[issue.id] = (await queries.issue(actor, issue.id)).whole
            except NotFound:
                continue
        assert listed == opened, actor.name


async def test_a_board_narrowed_to_a_team_does_not_tell_whose_team_an_issue_is(cast: Cast) -> None:
    issue = await raised(cast)
    assert [row.id for row in await queries.board(cast.cleo)] == [issue.id]
    assert await queries.board(cast.cleo, Filters(team=cast.billing)) == []
    assert [row.id for row in await queries.board(cast.fay, Filters(team=cast.billing))] == [issue.id]


async def test_a_board_takes_two_queries_whatever_it_holds(cast: Cast, queries: Any) -> None:
    from floorday.issues.queries import board

    counts: list[int] = []
    for _more in range(2):
        await asyncio.gather(*[raised(cast, text=f"Thing {n}") for n in range(3)])
        with queries() as seen:
            await board(cast.cleo)
        counts.append(len(seen))
    assert counts == [2, 2]


async def test_words_and_numbers_find_issues(cast: Cast) -> None:
    issue = await raised(cast, text="Refunds wait 100% of the week.")
    await raised(cast, text="The headset breaks.")
    for said in ("refunds WEEK", "#1", "1", "100%"):
        assert [row.id for row in await queries.board(cast.eva, Filters(words=said, closed=None))] == [issue.id], said
    assert await queries.board(cast.eva, Filters(words="nothing like it", closed=None)) == []


async def test_the_board_is_narrowed_and_ordered(cast: Cast) -> None:
    first = await owned(cast)
    second = await raised(cast, cast.cleo, now=NOW + HOUR)
    await actions.update(cast.gus, first.id, "News.", now=NOW + 2 * HOUR)
    closed = await raised(cast, now=NOW + 2 * HOUR)
    await actions.decline(cast.eva, closed.id, "No.", now=NOW + 2 * HOUR)

    async def found(**narrowed: Any) -> list[int]:
        return [row.number for row in await queries.board(cast.eva, Filters(**narrowed))]

    assert await found() == [first.number, second.number]
    assert await found(order="newest") == [second.number, first.number]
    assert await found(order="quiet") == [second.number, first.number]
    assert await found(turn=Turn.BEING_FIXED) == await found(owner=cast.gus.person) == [first.number]
    assert await found(department=cast.it) == [first.number]
    assert await found(closed=True) == await found(ending=Ending.DECLINED) == [closed.number]
    assert await found(closed=None) == [first.number, second.number, closed.number]
    assert await found(closed=None, kind=Kind.GLITCH) == []


async def test_a_reporter_withdraws_an_own_note_and_nobody_elses(cast: Cast) -> None:
    issue = await raised(cast)
    noted = await me_too(cast.cleo, issue)
    with pytest.raises(NotFound):
        await actions.withdraw_note(cast.fay, noted.note, now=NOW)
    await actions.withdraw_note(cast.cleo, noted.note, now=NOW)
    with pytest.raises(Refused, match="withdrawn already"):
        await actions.withdraw_note(cast.cleo, noted.note, now=NOW)
    assert (await queries.issue(None, issue.id)).met_by == 1
    assert (await words(issue, cast.eva))[-1] == "withdrawn"


async def test_a_note_taken_back_at_once_is_not_thanked_for(cast: Cast) -> None:
    issue = await raised(cast)
    second = await me_too(cast.ben, issue)
    await actions.withdraw_note(cast.ben, second.note, now=NOW + timedelta(seconds=5))
    rows = await Letter.select(Letter.to_name).where(Letter.name == "note_thanks", Letter.taken_back_at.is_null())
    assert [row["to_name"] for row in rows] == ["Fay Finch"]


async def test_a_reporter_corrects_an_own_note_and_the_old_words_stay_in_the_history(cast: Cast) -> None:
    issue = await raised(cast)
    [note] = await queries.notes(cast.fay, await queries.issue(cast.fay, issue.id))
    with pytest.raises(NotFound):
        await actions.correct_note(cast.ben, note.id, "Mine.", now=NOW)
    with pytest.raises(Refused, match="Only who wrote"):
        await actions.correct_note(cast.eva, note.id, "Mine.", now=NOW)
    await actions.correct_note(cast.fay, note.id, "Refunds wait; ask ray@example.com", now=NOW)
    row = await queries.issue(cast.ben, issue.id)
    assert [note.text for note in await queries.notes(cast.ben, row)] == ["Refunds wait; ask [mail address]"]
    line = (await queries.history(cast.ben, row))[-1]
    assert (line.what, line.text) == ("corrected", "Refunds wait for a weekly batch.")


async def test_what_sleeps_until_a_day_wakes_on_it(cast: Cast) -> None:
    issue = await raised(cast)
    await actions.snooze(cast.eva, issue.id, FRIDAY, now=NOW)
    assert await actions.wake_due(now=NOW + timedelta(days=3)) == 0
    assert await actions.wake_due(now=NOW + timedelta(days=4)) == 1
    assert await actions.wake_due(now=NOW + timedelta(days=4)) == 0
    assert (await queries.issue(None, issue.id)).snoozed_until is None


async def test_who_has_left_gets_no_letters(cast: Cast) -> None:
    issue = await owned(cast)
    await Person.update({Person.left_at: NOW}).where(Person.id == cast.fay.person)
    await actions.update(cast.gus, issue.id, "News.", now=NOW)
    assert ("issue_updated", "Fay") not in await letters(issue)


async def test_every_letter_of_an_issue_can_be_written(cast: Cast) -> None:
    one, other = await raised(cast), await raised(cast, cast.cleo)
    await actions.join(cast.eva, other.id, one.id, now=NOW)
    await actions.sponsor(cast.eva, one.id, cast.ann.person, now=NOW)
    await actions.assign(cast.eva, one.id, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.promise(cast.gus, one.id, FRIDAY, now=NOW)
    await actions.promise(cast.gus, one.id, NEXT_WEEK, "Late.", now=NOW)
    await actions.update(cast.gus, one.id, "News.", now=NOW)
    await actions.ask(cast.gus, one.id, "May we?", now=NOW)
    await actions.decide(cast.ann, one.id, yes=True, now=NOW)
    await actions.resolve(cast.gus, one.id, Resolution.WORKAROUND, "Use the side door.", now=NOW)
    await actions.verdict(cast.fay, one.id, Verdict.FIXED, now=NOW)
    await actions.again(cast.fay, one.id, "Back.", now=NOW)
    await actions.resolve(cast.gus, one.id, Resolution.CANNOT, "No.", now=NOW)
    await actions.again(cast.fay, one.id, "Please.", now=NOW)
    await actions.decline(cast.eva, one.id, "No.", now=NOW)
    await actions.split(cast.eva, other.id, now=NOW)
    await actions.take_out(cast.eva, (await me_too(cast.fay, other)).note, now=NOW)
    await actions.question(cast.eva, other.id, "Which desk?", now=NOW)
    await actions.answer(cast.cleo, other.id, "The first.", now=NOW)
    told = await post_all(now=NOW + HOUR)
    assert {name for name, _reader in told} == {letter.value for letter in rules.Letter}
    for written in told.values():
        assert any(f"FD-{number}" in written for number in (1, 2, 3))
        assert any(f"/{where}/" in written for where in ("issues", "verdict", "decision", "question"))


async def test_a_title_of_its_own_is_taken(cast: Cast) -> None:
    noted = await actions.note(cast.fay, NoteForm(
        text=Said("x" * 500), stream=Stream.CUSTOMER_SAID, team=cast.billing, title=Title("Refunds daily")), now=NOW)
    other = await raised(cast, text="word " * 99)
    assert noted.issue is not None
    assert (await queries.issue(None, noted.issue)).title == "Refunds daily"
    assert len(other.title) <= 120
    assert other.title.endswith("word…")
