"""A month is shown to the coordinator, sent once to its readers, and stays as it was sent."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import msgspec
import pytest

from floorday import db
from floorday.db.text import Prose
from floorday.dossier import queries as dossier
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Resolution, Stream, Verdict
from floorday.leavers import actions as leavers
from floorday.mail.tables import Letter
from floorday.people import queries as people
from floorday.summaries import actions, queries
from floorday.summaries.figures import COMPANY, Subject
from floorday.summaries.rules import Stage
from floorday.summaries.tables import Summary, SummaryLine, SummaryMonth, SummaryReader
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.inbox.door import delivered

# NOW is Monday 2 November 2026. October is before us; November is previewed on 1 December, and leaves on the 3rd.
PREVIEW = datetime(2026, 12, 1, 7, tzinfo=UTC)
SENT = datetime(2026, 12, 3, 7, tzinfo=UTC)
JANUARY = datetime(2027, 1, 6, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def cast(database: db.Engine) -> Cast:
    return await make_cast()


async def raised(cast: Cast, text: str, *, at: datetime = NOW) -> UUID:
    issue = (await issues.note(
        cast.fay, NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing), now=at)).issue
    assert issue is not None
    return issue


async def confirmed(cast: Cast, text: str, *, at: datetime = NOW) -> UUID:
    issue = await raised(cast, text, at=at)
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=at)
    await issues.resolve(cast.gus, issue, Resolution.EVERYBODY, "It does now.", now=at + timedelta(days=3))
    await issues.verdict(cast.fay, issue, Verdict.FIXED, "", now=at + timedelta(days=4))
    return issue


async def november(cast: Cast) -> UUID:
    """Let a November pass: the clock has looked, two issues, one of them confirmed."""
    await raised(cast, "The form asks twice for the number.")
    issue = await confirmed(cast, "The refund screen forgets the case number.")
    await actions.run(now=NOW + MINUTE)
    return issue


async def letters(name: str = "summary") -> list[dict[str, Any]]:
    return await Letter.select(Letter.to_name, Letter.key, Letter.about, Letter.person, Letter.facts).where(
        Letter.name == name).order_by(Letter.to_name, Letter.key)


async def company(month: str = "2026-11") -> dict[str, Any]:
    found = await queries.frozen(COMPANY, month)
    assert found is not None
    return {name: figure["value"] for name, figure in found.numbers().items()}


async def test_the_calendar_of_a_month(cast: Cast) -> None:
    await november(cast)
    assert await actions.run(now=PREVIEW - MINUTE) == 0
    assert not await letters("summary_preview")
    await actions.run(now=PREVIEW)
    assert [row["to_name"] for row in await letters("summary_preview")] == ["Eva Ek", "Hana Holm"]
    assert await actions.run(now=SENT - MINUTE) == 0
    assert await actions.run(now=SENT) > 0
    names = {row["to_name"] for row in await letters()}
    assert names == {"Eva Ek", "Hana Holm", "Ann Archer", "Max Moor", "Ben Baker", "Fay Finch", "Gus Grant"}
    assert await Summary.count().where(Summary.month == "2026-10") == 0, "what was before floorday is never sent"
    before = len(await letters())
    for later in (SENT + MINUTE, SENT + timedelta(days=20)):
        assert await actions.run(now=later) == 0
    assert len(await letters()) == before


async def test_who_gets_which_cut(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    got = {(row["key"].split(":")[1].partition("/")[0], row["to_name"]) for row in await letters()}
    assert got == {
        ("company", "Eva Ek"), ("company", "Hana Holm"), ("company", "Ann Archer"), ("company", "Max Moor"),
        ("team", "Ben Baker"), ("team", "Fay Finch"), ("department", "Gus Grant"),
    }, "nobody gets a team's or a manager's month in which nothing was"  # fmt: skip
    keys = {row["key"] for row in await Summary.select(Summary.key)}
    assert keys == {"company", f"team/{cast.billing}", f"team/{cast.claims}", f"department/{cast.it}",
                    f"manager/{cast.ann.person}", f"manager/{cast.max.person}"}  # fmt: skip


async def test_a_month_stays_as_it_was_sent_whatever_happens(cast: Cast) -> None:
    issue = await november(cast)
    await actions.run(now=SENT)
    before = await queries.frozen(COMPANY, "2026-11")
    rows = await queries.things(before.id, "issues_confirmed") if before else []
    assert (await company())["issues_confirmed"] == 1
    await issues.again(cast.fay, issue, "It forgets it again.", now=SENT + timedelta(days=1))
    await raised(cast, "Something else.", at=NOW + timedelta(days=2))
    assert await queries.frozen(COMPANY, "2026-11") == before
    assert before is not None
    assert await queries.things(before.id, "issues_confirmed") == rows == [queries.raw(issue)]


async def test_what_is_frozen_is_what_was_counted(cast: Cast) -> None:
    await november(cast)
    booking = await a_booking(cast, accepted=True, days=10)
    made = await actions.draft(COMPANY, "2026-11", now=SENT)
    await actions.run(now=SENT)
    sent = await queries.frozen(COMPANY, "2026-11")
    assert sent is not None
    assert made is not None
    assert sent.numbers() == msgspec.json.decode(msgspec.json.encode(made.numbers()))
    for name, figure in made.month.figures.items():
        if figure.kind != "person":
            behind = await queries.behind(sent.id, name)
            lines = await queries.kept_lines(behind.counted + behind.among if behind else [])
            assert [queries.raw(lines[one].thing) for one in (behind.counted if behind else [])] == list(figure.rows)
            assert [queries.raw(lines[one].thing) for one in (behind.among if behind else [])] == list(figure.among)
    (day,) = await SummaryLine.select().where(SummaryLine.kind == "day")
    assert (day["thing"], day["manager_name"], day["team_name"]) == (booking.id, "Ann Archer", "Billing")
    assert await SummaryLine.count().where(SummaryLine.kind == "issue") == 2, "said once, however many months count it"


async def test_the_next_month_says_what_changed_since(cast: Cast) -> None:
    issue = await november(cast)
    await actions.run(now=SENT)
    await issues.again(cast.fay, issue, "It forgets it again.", now=SENT + timedelta(days=1))
    await actions.run(now=JANUARY)
    december = await queries.frozen(COMPANY, "2026-12")
    assert december is not None
    (line,) = [one for one in december.words().restated if one.name == "issues_confirmed"]
    assert (line.month, line.said, line.now) == ("2026-11", 1, 0)
    assert [(one.issue, one.what, one.at) for one in line.because] == [
        (issue, "reopened", SENT + timedelta(days=1))]
    assert december.words().before == "2026-11"
    (hana,) = [row for row in await letters() if row["to_name"] == "Hana Holm" and ":2026-12:" in row["key"]]
    (first, *_) = msgspec.json.decode(hana["facts"])["sections"]
    said = "November 2026 said 1 for “Confirmed by the floor”, it is 0 now: FD-2 reopened on 4 Dec 2026."
    assert said in [line["text"] for line in first["items"]]
    await actions.run(now=JANUARY + timedelta(days=31))
    again = await queries.frozen(COMPANY, "2027-01")
    assert again is not None
    assert again.words().restated == (), "what has been told is not told again"


async def test_a_month_that_is_held_waits(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=PREVIEW)
    with pytest.raises(BadInput):
        await actions.hold(cast.eva, "2026-11", Prose(""), now=PREVIEW)
    await actions.hold(cast.eva, "2026-11", Prose("The day of Leeds is missing."), now=PREVIEW)
    assert await actions.stage_of("2026-11", now=PREVIEW) is Stage.HELD
    assert await actions.run(now=SENT + timedelta(days=9)) == 0
    await actions.release(cast.hana, "2026-11", now=SENT + timedelta(days=10))
    assert await actions.run(now=SENT + timedelta(days=10)) > 0
    assert await actions.stage_of("2026-11", now=SENT + timedelta(days=10)) is Stage.SENT
    for act in (actions.release, actions.send_now):
        with pytest.raises(Refused):
            await act(cast.eva, "2026-11", now=SENT + timedelta(days=11))


async def test_a_month_can_leave_before_its_time_but_not_before_it_is_over(cast: Cast) -> None:
    await november(cast)
    with pytest.raises(Refused, match="still running"):
        await actions.send_now(cast.eva, "2026-11", now=NOW + timedelta(days=3))
    await actions.send_now(cast.eva, "2026-11", now=PREVIEW - MINUTE)
    assert await actions.run(now=PREVIEW - MINUTE) > 0
    with pytest.raises(NotFound):
        await actions.send_now(cast.eva, "2027-03", now=PREVIEW)
    with pytest.raises(Refused, match="before floorday"):
        await actions.send_now(cast.eva, "2026-10", now=PREVIEW)


@pytest.mark.parametrize("who", ["ann", "ben", "cleo", "dan", "fay", "gus", "ada"])
async def test_only_those_who_answer_for_it_steer(cast: Cast, who: str) -> None:
    await november(cast)
    actor = cast.everybody()[who]
    for attempt in (
        actions.hold(actor, "2026-11", Prose("No"), now=PREVIEW), actions.release(actor, "2026-11", now=PREVIEW),
        actions.send_now(actor, "2026-11", now=PREVIEW), actions.comment(actor, "2026-11", Prose("Hi"), now=PREVIEW),
        actions.correct(actor, COMPANY, "2026-11", Prose("x"), now=PREVIEW),
        actions.resend(actor, COMPANY, "2026-11", cast.ann.person, now=PREVIEW),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await attempt


async def test_what_the_head_of_service_says_stands_on_top(cast: Cast) -> None:
    await november(cast)
    with pytest.raises(Forbidden):
        await actions.comment(cast.eva, "2026-11", Prose("Well done"), now=PREVIEW)
    await actions.comment(cast.hana, "2026-11", Prose("Well done. Call 4111 1111 1111 1111."), now=PREVIEW)
    await actions.run(now=SENT)
    sent = await queries.frozen(Subject("team", cast.billing), "2026-11")
    assert sent is not None
    assert sent.comment.startswith("Well done.")
    assert "4111" not in sent.comment
    assert sent.commented_name == "Hana Holm"
    with pytest.raises(Refused):
        await actions.comment(cast.hana, "2026-11", Prose("Late"), now=SENT + MINUTE)
    await delivered(SENT + MINUTE)
    (raw,) = await Letter.select(Letter.content).where(Letter.to_name == "Fay Finch", Letter.name == "summary")
    mail = message_from_bytes(bytes(raw["content"]), policy=policy.default)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "> Well done." in text
    assert "Said fixed: 1" in text
    assert "FD-2 The refund screen forgets the case number" in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(mail["List-Unsubscribe"]).startswith("<http://127.0.0.1:8000/unsubscribe/")


async def test_two_workers_at_one_moment_send_it_once(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=PREVIEW)
    await asyncio.gather(*(actions.run(now=SENT) for _ in range(4)))
    await actions.run(now=SENT)
    rows = await letters()
    assert len({row["key"] for row in rows}) == len(rows)
    assert {row["about"] for row in rows} <= {row["id"] for row in await Summary.select(Summary.id)}
    assert await Summary.count() == 6
    assert len(await letters("summary_preview")) == 2


async def test_a_worker_that_was_killed_in_between_goes_on(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    before = {row["key"] for row in await letters()}
    gone = await Summary.select(Summary.id).where(Summary.key != "company")
    await db.run_sql("DELETE FROM summary_rows")
    await Summary.delete().where(Summary.id.is_in([row["id"] for row in gone]))
    await Letter.delete().where(Letter.about.is_in([row["id"] for row in gone]))
    await SummaryMonth.update({SummaryMonth.sent_at: None}).where(SummaryMonth.month == "2026-11")
    assert await actions.run(now=SENT + timedelta(hours=1)) == 5
    assert {row["key"] for row in await letters()} == before
    assert len({row["frozen_at"] for row in await Summary.select(Summary.frozen_at)}) == 1


async def test_an_older_copy_of_the_months_sends_nothing_that_the_outbox_knows(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    before = {row["key"] for row in await letters()}
    for table in ("summary_rows", "summary"):
        await db.run_sql(f"DELETE FROM {table}")
    await SummaryMonth.delete().where(SummaryMonth.month == "2026-11")
    assert await actions.run(now=SENT + timedelta(days=2)) > 0
    assert {row["key"] for row in await letters()} == before
    assert len(await letters("summary_preview")) == 2


async def test_a_worker_that_stood_still_catches_up_in_order(cast: Cast) -> None:
    await november(cast)
    await confirmed(cast, "The printer asks for a code.", at=NOW + timedelta(days=35))
    await actions.run(now=datetime(2027, 2, 20, tzinfo=UTC))
    rows = await Summary.select(Summary.month).where(Summary.key == "company").order_by(Summary.id)
    assert [row["month"] for row in rows] == ["2026-11", "2026-12", "2027-01"]
    december = await queries.frozen(COMPANY, "2026-12")
    assert december is not None
    assert december.words().was["issues_raised"]["value"] == 2


async def test_what_was_brought_in_freezes_no_month(cast: Cast) -> None:
    await confirmed(cast, "An old thing.", at=NOW - timedelta(days=200))
    await actions.run(now=NOW)
    await actions.run(now=NOW + timedelta(days=10))
    assert await Summary.count() == 0
    assert not await letters("summary_preview")


async def test_an_installation_in_which_nothing_ever_happened_begins_no_month(cast: Cast) -> None:
    await actions.run(now=NOW - timedelta(days=400))
    assert await SummaryMonth.count() == 0


async def test_who_stopped_a_kind_of_summary_gets_no_more_of_it(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    (ann,) = [row for row in await letters() if row["to_name"] == "Ann Archer"]
    links = msgspec.json.decode(ann["facts"])["links"]["unsubscribe"]
    (reader,) = await SummaryReader.select().where(SummaryReader.id == UUID(links["about"]))
    assert (reader["person"], reader["cut"]) == (cast.ann.person, "company")
    await actions.stop_mine(cast.ann, "company", now=SENT)
    await actions.run(now=JANUARY)
    assert {row["to_name"] for row in await letters() if ":2026-12:" in row["key"]} & {"Ann Archer", "Max Moor"} == {
        "Max Moor"}
    await actions.go_on(cast.ann, "company")
    assert not next(one for one in await queries.readers(COMPANY) if one.id == cast.ann.person).stopped


async def test_a_month_is_sent_once_more_to_one_of_its_readers(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    before = len(await letters())
    assert await actions.resend(cast.eva, COMPANY, "2026-11", cast.ann.person, now=JANUARY) == "Ann Archer"
    assert len(await letters()) == before + 1
    with pytest.raises(BadInput):
        await actions.resend(cast.eva, COMPANY, "2026-11", cast.gus.person, now=JANUARY)
    with pytest.raises(NotFound):
        await actions.resend(cast.eva, COMPANY, "2026-12", cast.ann.person, now=JANUARY)


async def test_a_correction_tells_those_who_were_sent_it_and_changes_nothing(cast: Cast) -> None:
    issue = await november(cast)
    await actions.run(now=SENT)
    sent = await queries.frozen(COMPANY, "2026-11")
    await issues.again(cast.fay, issue, "It forgets it again.", now=SENT + timedelta(days=1))
    later = SENT + timedelta(days=2)
    assert await actions.correct(cast.eva, COMPANY, "2026-11", Prose("It was reopened."), now=later) == 4
    told = await letters("summary_correction")
    assert [row["to_name"] for row in told] == ["Ann Archer", "Eva Ek", "Hana Holm", "Max Moor"]
    facts = msgspec.json.decode(told[0]["facts"])
    assert facts["because"] == "It was reopened."
    assert any("it is 0 now: FD-2 reopened on 4 Dec 2026." in line for line in facts["restated"])
    assert sent is not None
    (notice,) = await queries.corrections(sent.id)
    assert (notice.by_name, notice.because) == ("Eva Ek", "It was reopened.")
    after = await queries.frozen(COMPANY, "2026-11")
    assert after is not None
    assert (after.figures, after.told, after.corrections) == (sent.figures, sent.told, 1)
    await delivered(SENT + timedelta(days=3))


async def test_somebody_who_is_erased_stands_in_no_month_and_no_figure_changes(cast: Cast) -> None:
    await november(cast)
    await a_booking(cast, accepted=True, days=10)
    await actions.hold(cast.eva, "2026-11", Prose("Ask Ann Archer."), now=PREVIEW)
    await actions.release(cast.eva, "2026-11", now=PREVIEW)
    await actions.comment(cast.hana, "2026-11", Prose("Ann Archer was in Leeds."), now=PREVIEW)
    await actions.run(now=SENT)
    await actions.correct(cast.eva, COMPANY, "2026-11", Prose("Ann Archer came later."), now=SENT)
    await delivered(SENT + timedelta(days=1))
    tables = ("summary_month", "summary", "summary_line", "correction")

    async def naming() -> set[str]:
        return {table for table in tables for row in await db.run_sql(f"SELECT * FROM {table}")
                if "ann archer" in str(row).casefold()}  # fmt: skip

    assert await naming() == set(tables)
    sent = await queries.frozen(COMPANY, "2026-11")
    await leavers.leave(cast.eva, cast.ann.person, [], now=SENT + timedelta(days=2))
    await delivered(SENT + timedelta(days=3))
    await leavers.erase(cast.eva, cast.ann.person, typed="Ann Archer", now=SENT + timedelta(days=4))
    assert await naming() == set()
    after = await queries.frozen(COMPANY, "2026-11")
    assert sent is not None
    assert after is not None
    assert after.figures == sent.figures
    assert await queries.things(after.id, "days_due") == await queries.things(sent.id, "days_due") != []


async def test_what_is_kept_of_a_person_says_what_they_did_with_months(cast: Cast) -> None:
    await november(cast)
    await actions.comment(cast.hana, "2026-11", Prose("Well done."), now=PREVIEW)
    await actions.run(now=SENT)
    await actions.correct(cast.hana, COMPANY, "2026-11", Prose("It was reopened."), now=SENT)
    card = await people.person(cast.hana.person)
    assert card is not None
    (section,) = [one for one in await dossier.everything(card) if one.name == "summaries"]
    assert {(row["what"], row["summary"], row["text"]) for row in section.rows} == {
        ("gets", "company", ""), ("said", "all", "Well done."), ("corrected", "company", "It was reopened.")}


SEND = """
import asyncio, sys
from datetime import datetime
from floorday import db, worker
from floorday.config import settings

async def main():
    db.bind(db.make_engine(settings().database))
    await db.open_pools()
    print("ready", flush=True)
    sys.stdin.readline()
    await worker.send_months(now=lambda: datetime.fromisoformat(sys.argv[1]))
    await db.close_pools()

asyncio.run(main())
"""


async def test_two_processes_at_one_moment_send_it_once(cast: Cast, database_url: str) -> None:
    """A tick apart and with clocks that differ by a minute, as two machines have them."""
    await november(cast)
    await actions.run(now=PREVIEW)
    told = {key: value for key, value in os.environ.items() if key != "FLOORDAY_DATABASE"}
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SEND, at.isoformat(), env=told | {"FLOORDAY_DATABASE": database_url},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        for at in (SENT, SENT + MINUTE)
    ]  # fmt: skip
    for one in workers:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    await asyncio.gather(*(one.communicate(b"go\n") for one in workers))
    await actions.run(now=SENT + MINUTE)
    rows = await letters()
    assert len(rows) == 7
    assert len({row["key"] for row in rows}) == 7
    assert await Summary.count() == 6
    assert len({row["frozen_at"] for row in await Summary.select(Summary.frozen_at)}) == 1
    assert await SummaryMonth.count().where(SummaryMonth.sent_at.is_not_null()) == 1
