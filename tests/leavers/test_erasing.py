"""Erased for good: no table holds the name or the address, and every figure is what it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from floorday import db, worker
from floorday.db.text import Title
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Stream
from floorday.leavers import actions, queries, rules
from floorday.leavers.rules import Traces, scrubbed, stand_in
from floorday.mail import inbound
from floorday.mail.tables import InboundMail, Letter
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.actions import TokenForm
from floorday.people.tables import Department, IdempotencyKey, Person, Team
from floorday.stories.tables import Story
from floorday.summaries import queries as summaries
from floorday.summaries.figures import Subject, numbers
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast
from tests.history.files import FOLDER, bring_in
from tests.inbox.door import delivered
from tests.leavers.test_leaving import an_issue

LATER = NOW + timedelta(hours=1)
NEEDLES = ("ann archer", "ann@floorday.example", "a.archer@floorday.example", "+44 20 7946 0123", "chief operating",
           "hr-4711", "safari of ann")  # fmt: skip


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def grep(needles: tuple[str, ...] = NEEDLES) -> set[str]:
    """Look through every column of every table, whatever it is called; mails and letters are decoded."""
    if db.dialect() == "postgres":
        named = await db.run_sql(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
    else:
        named = await db.run_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    found: set[str] = set()
    for table in (row["name"] for row in named):
        for row in await db.run_sql(f'SELECT * FROM "{table}"'):
            for column, value in row.items():
                text = said(value).casefold()
                found |= {f"{table}.{column}" for needle in needles if needle in text}
    return found


def said(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        mail = message_from_bytes(bytes(value), policy=policy.default)
        parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
        return "\n".join([bytes(value).decode("utf-8", "replace"), str(mail), *(
            part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))])  # fmt: skip
    return "" if value is None else str(value)


def a_mail(sender: str, text: str, *, encoding: str = "quoted-printable") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "day@floorday.example", "About the day"
    mail["Message-ID"] = f"<{abs(hash(text))}@somewhere.example>"
    mail.set_content(text, cte=encoding)
    return mail.as_bytes()


async def lived_through(cast: Cast) -> None:
    """Let Ann do everything that leaves a trace: a day, answers, issues, letters, mails, sessions, tokens."""
    await Person.update({Person.phone: "+44 20 7946 0123", Person.job_title: "Chief operating officer",
                         Person.external_id: "HR-4711"}).where(Person.id == cast.ann.person)  # fmt: skip
    booking = await a_booking(cast, accepted=True)
    moved = await a_booking(cast, shift=await a_shift(cast, days=30))
    await an_issue(cast)
    noted = await issues.note(cast.fay, NoteForm(text=Said("Ann Archer waited with us for an hour"),
                                                 stream=Stream.STAFF_TOLD, day=booking.id), now=NOW)  # fmt: skip
    assert noted.issue is not None
    await issues.note(cast.ann, NoteForm(text=Said("Refunds wait"), stream=Stream.MANAGER_SAW, team=cast.billing,
                                         naming=Naming.HIDDEN), now=NOW)  # fmt: skip
    await issues.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.update(cast.gus, noted.issue, "I asked Ann Archer (ANN@floorday.example), she knows.", now=NOW)
    await Story.insert(Story(team=cast.billing, hero=cast.ann.person, hero_name="Ann Archer", text="x", at=NOW))
    await people.open_session(cast.ann.person, now=NOW, browser="Safari of Ann")
    await people.create_token(cast.ann, TokenForm(Title("Ann Archer's sheet"), ["read"], 30), now=NOW)
    await people.ask_code(cast.ann.email, network="", now=NOW)
    await IdempotencyKey.insert(IdempotencyKey(key="k", answer='{"name":"Ann Archer","n":[1,"ann@floorday.example"]}',
                                               at=NOW))  # fmt: skip
    for raw in (a_mail("Ann Archer <ann@floorday.example>", "I come"),
                a_mail("Max Moor <max@floorday.example>", "Ann Archer is ill, ask a.archer@floorday.example",
                       encoding="base64")):  # fmt: skip
        await inbound.keep(raw, door="lmtp", envelope_from="ann@floorday.example", envelope_to="day@x", now=NOW)
    await worker.read_mails(now=lambda: NOW)
    await delivered(NOW + timedelta(minutes=1))
    await actions.leave(cast.eva, cast.ann.person, [], now=LATER, reason="Ann Archer moves on.")
    await delivered(LATER + timedelta(minutes=1))
    await Letter.update({Letter.failed_at: LATER, Letter.server_words: "550 <Ann@floorday.example> gone"}).where(
        Letter.about == moved.id)


HELD_IN = {
    "person.name", "person.email", "person.phone", "person.job_title", "person.external_id", "alias.email",
    "session.browser", "api_token.name", "sign_in_code.email", "letter.to_name", "letter.to_address", "letter.facts",
    "letter.event", "letter.content", "letter.server_words", "inbound_mail.content", "inbound_mail.sender",
    "inbound_mail.envelope_from", "note.text", "issue_event.text", "booking.reason", "booking_event.text",
    "idempotency_key.answer", "issue.title", "story.hero_name",
}  # fmt: skip


async def test_no_table_holds_the_name_or_an_address_afterwards(cast: Cast) -> None:
    """The control: before it is looked for, and found, in each of these columns."""
    await lived_through(cast)
    found = await grep()
    assert found >= HELD_IN, HELD_IN - found
    stand = await actions.erase(cast.eva, cast.ann.person, typed="Ann Archer", now=LATER + timedelta(days=1))
    assert await grep() == set()
    card = await people_queries.person(cast.ann.person)
    assert card is not None
    assert (card.name, card.email, card.phone, card.job_title) == (stand.name, stand.address, "", "")
    (kept,) = await IdempotencyKey.select(IdempotencyKey.answer)
    assert kept["answer"] == '{"name":"Somebody who left (1)","n":[1,"erased-1@erased.invalid"]}'
    left, line = await queries.lines(cast.ann.person)
    assert (left.what, line.what) == ("left", "erased")
    assert line.told["letters"] > 3
    assert line.told["mails"] == 2


async def test_others_are_left_alone(cast: Cast) -> None:
    await lived_through(cast)
    before = await grep(("max@floorday.example", "gus grant", "fay finch"))
    letters = await Letter.count()
    mails = await InboundMail.count()
    await actions.erase(cast.eva, cast.ann.person, typed="Ann Archer", now=LATER + timedelta(days=1))
    gone = {"inbound_mail.content", "inbound_mail.sender", "letter.event"}  # Max writes about Ann; her host was Fay
    assert before - await grep(("max@floorday.example", "gus grant", "fay finch")) <= gone
    assert (await Letter.count(), await InboundMail.count()) == (letters, mails)


async def test_each_has_a_stand_in_of_their_own(cast: Cast) -> None:
    for n, who in enumerate((cast.max, cast.cleo), 1):
        await actions.leave(cast.eva, who.person, [], now=NOW)
        stand = await actions.erase(cast.eva, who.person, typed=who.name, now=NOW)
        assert stand == stand_in(n)
    with pytest.raises(Refused, match="erased already"):
        await actions.erase(cast.eva, cast.max.person, typed=stand_in(1).name, now=NOW)
    with pytest.raises(Refused, match="somebody new"):
        await actions.come_back(cast.eva, cast.max.person, now=NOW)


async def test_nobody_who_is_here_is_erased_and_nobody_by_a_slip(cast: Cast) -> None:
    with pytest.raises(Refused, match="still here"):
        await actions.erase(cast.eva, cast.max.person, typed="Max Moor", now=NOW)
    await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    for typed in ("", "Max", "Max Moore"):
        with pytest.raises(BadInput):
            await actions.erase(cast.eva, cast.max.person, typed=typed, now=NOW)
    for who in (cast.ben, cast.hana, cast.gus):
        with pytest.raises(Forbidden):
            await actions.erase(who, cast.max.person, typed="Max Moor", now=NOW)
    assert await grep(("max moor",))


async def test_a_letter_that_is_on_its_way_is_waited_for(cast: Cast) -> None:
    """Its bytes are kept and must not change between two tries, so whom it names cannot be taken out of it."""
    await a_booking(cast, manager=cast.max, accepted=True)
    await delivered(NOW + timedelta(minutes=1))
    await actions.leave(cast.eva, cast.max.person, [], now=LATER)
    await Letter.update({Letter.content: b"Max Moor", Letter.sent_at: None}).where(
        Letter.to_address == cast.fay.email, Letter.name == "place_freed")
    with pytest.raises(Refused, match="have not left yet"):
        await actions.erase(cast.eva, cast.max.person, typed="Max Moor", now=LATER)
    await Letter.update({Letter.sent_at: LATER}).where(Letter.sent_at.is_null())
    await actions.erase(cast.eva, cast.max.person, typed="Max Moor", now=LATER)


async def test_parts_of_the_name_are_listed_for_a_person(cast: Cast) -> None:
    for text in ("Ann was here", "Annual leave is slow", "Ask ARCHER", "Ann Archer said so"):
        await issues.note(cast.fay, NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing), now=NOW)
    await actions.leave(cast.eva, cast.ann.person, [], now=NOW)
    erasure = await actions.erasure(cast.eva, cast.ann.person)
    assert {hit.text for hit in erasure.hits if hit.where == "note"} == {"Ann was here", "Ask ARCHER"}
    await actions.erase(cast.eva, cast.ann.person, typed="ann archer", now=NOW)
    (_left, line) = await queries.lines(cast.ann.person)
    assert {place.partition("/")[0] for place in line.told["look"]} == {"note", "issue"}
    assert "archer" not in str(line.told).casefold()


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Ann Archer, Ann Archery", "Somebody who left (7), Ann Archery"),
        ("ask ANN@x.example or joann@x.example", "ask erased-7@erased.invalid or joann@x.example"),
        ('{"a":"\\nAnn Archer","b":["x","ann@x.example"]}',
         '{"a":"\\nSomebody who left (7)","b":["x","erased-7@erased.invalid"]}'),
        ("call 020 7946 0123", "call –"),
        ("Ann and Archer", "Ann and Archer"),
    ],
)  # fmt: skip
def test_what_is_put_in_the_place_of_a_name(text: str, becomes: str) -> None:
    traces = Traces(name="Ann Archer", addresses=("ann@x.example",), phone="020 7946 0123")
    assert scrubbed(text, traces, stand_in(7), prose=True) == becomes


def test_a_name_of_one_word_stays_in_prose_and_goes_elsewhere() -> None:
    traces = Traces(name="Will", addresses=())
    assert scrubbed("Will it be fixed?", traces, stand_in(7), prose=True) == "Will it be fixed?"
    assert scrubbed('{"by":"Will"}', traces, stand_in(7), prose=False) == '{"by":"Somebody who left (7)"}'
    assert rules.mentions("will it be fixed?", traces)


async def figures(subjects: list[Subject]) -> list[dict[str, dict[str, Any]] | None]:
    """Count every month of the two years that the file tells of, for each of these."""
    months = tuple(f"{year}-{month:02}" for year in (2025, 2026, 2027) for month in range(1, 13))
    zone, found = ZoneInfo("Europe/London"), []
    for subject in subjects:
        counted = (await summaries.counted(subject, months, now=AFTERWARDS, zone=zone)).months
        found += [None if month is None else numbers(month) for month in counted]
    return found


AFTERWARDS = datetime(2027, 6, 1, tzinfo=UTC)


async def test_every_month_s_figures_are_the_same_before_and_after(database: db.Engine) -> None:
    await bring_in((FOLDER / "demo_year.history.jsonl").read_bytes().splitlines(), now=AFTERWARDS)
    somebody = await Person.select(Person.id, Person.name).order_by(Person.id)
    subjects = [Subject("company", None)]
    subjects += [Subject("team", row["id"]) for row in await Team.select(Team.id)]
    subjects += [Subject("department", row["id"]) for row in await Department.select(Department.id)]
    subjects += [Subject("manager", row["id"]) for row in somebody[::3]]
    before = await figures(subjects)
    assert sum(month is not None for month in before) > 100
    await Person.update({Person.left_at: AFTERWARDS}, force=True)
    for n, person in enumerate(somebody[::3], 1):
        assert await actions.erase(None, person["id"], typed=person["name"], now=AFTERWARDS) == stand_in(n)
    assert await figures(subjects) == before
