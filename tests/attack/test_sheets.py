"""The lists as files: nothing in them is calculated, and nobody finds in a file what the page keeps from them."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec import Struct
from openpyxl import load_workbook

from floorday import config
from floorday.bookings.tables import Booking, Shift
from floorday.db.text import Prose
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Stream
from floorday.issues.tables import Issue, Note
from floorday.mail.tables import InboundMail, Letter
from floorday.people.access import Actor
from floorday.people.tables import Department, Person, Team
from floorday.render.sheets import guarded, looks_like_formula, unguarded
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm
from floorday.stories.tables import Story
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.doors.house import Caller, caller, contents
from tests.site import whole_app

MOST_QUERIES = 8


class World(Struct):
    """Everything that a list can show, once."""

    cast: Cast
    booking: UUID
    month: str

    def path(self, of: str) -> str:
        return of.format(booking=self.booking, month=self.month)


LISTS = {
    "/settings/people": {"Name", "Job title", "Phone", "Member of", "Lead of", "Owner in"},
    "/settings/teams": {"Team", "Site", "Place", "Usual host"},
    "/settings/departments": {"Department"},
    "/shifts": {"Team", "Place", "Host", "Who comes"},
    "/rota?month={month}": {"Team", "Place", "Manager", "Host", "Letter that did not arrive"},
    "/bookings/hosting": {"Manager", "Team", "Place"},
    "/issues?view=list": {"Title", "Team", "Department", "Owner"},
    "/good-news": {"Team", "Note", "From"},
    "/days/{booking}/notes": {"Team", "Note", "From"},
    "/stories": {"Team", "Hero", "What happened", "In the customer's words", "Customer", "Told by", "Who fixed it"},
    "/inbox?view=all": {"From", "Subject", "Why"},
    "/inbox/letters": {"To", "The mail server's words"},
    "/summary/{month}/days_due": {"Manager", "Team"},
    "/summary/{month}/issues_raised": {"Title", "Team"},
}
"""Every list, and those of its columns whose words people write."""

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\tx", "\r=1", " =cmd|' /C calc'!A0", "\ufeff@x", "'=1"]


async def world() -> World:
    now = config.now().replace(microsecond=0)
    cast = await make_cast(now)
    booking = await a_booking(cast, now=now, accepted=True, days=3)
    await a_shift(cast, now=now, days=4, team=cast.claims, host=cast.cleo.person)
    for text, stream, day in (("Refunds wait", Stream.STAFF_TOLD, booking.id), ("Fay shone", Stream.GOOD_NEWS, None)):
        form = NoteForm(text=Said(text), stream=stream, day=day, team=None if day else cast.billing)
        noted = await issues.note(cast.fay, form, now=now)
        if noted.issue is not None:
            await issues.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=now)
    await told(cast, "She rang back before the line closed.")
    await InboundMail.insert(InboundMail(
        door="cli", received_at=now, outcome="needs-human", read_at=now, content=b"", subject="Re: your day",
        sender="ann@floorday.example", reason="Two answers in one mail"))  # fmt: skip
    await Letter.update({Letter.failed_at: now, Letter.server_words: "550 no such user"}).where(
        Letter.about == booking.id)  # fmt: skip
    return World(cast, booking.id, f"{booking.starts_at:%Y-%m}")


async def told(cast: Cast, text: str) -> None:
    form = StoryForm(text=Prose(text), team=cast.billing, hero=cast.fay.person)
    await stories.tell(cast.ben, form, now=config.now())


async def spoil(there: World, said: str) -> None:
    """Let every text that people write be this; two teams have never one name."""
    await Team.update({Team.name: said}).where(Team.id == there.cast.billing)
    for table, columns in (
        (Person, (Person.name, Person.job_title, Person.phone)), (Team, (Team.site, Team.place)),
        (Department, (Department.name,)), (Shift, (Shift.place,)), (Booking, (Booking.place,)), (Issue, (Issue.title,)),
        (Note, (Note.text,)), (InboundMail, (InboundMail.sender, InboundMail.subject, InboundMail.reason)),
        (Letter, (Letter.to_name, Letter.server_words)),
        (Story, (Story.text, Story.customer_words, Story.customer, Story.fixed_by)),
    ):  # fmt: skip
        await table.update(dict.fromkeys(columns, said), force=True)


async def get(visitor: Caller, path: str, form: str) -> httpx.Response:
    return await visitor.get(f"{path}{'&' if '?' in path else '?'}as={form}")


def as_csv(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def as_page(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    heads, *rows = load_workbook(io.BytesIO(answer.content)).active.iter_rows()
    return [dict(zip([cell.value for cell in heads], row, strict=True)) for row in rows]


@pytest.mark.parametrize("said", HOSTILE)
async def test_no_field_of_any_list_is_ever_calculated(database: object, said: str) -> None:
    there = await world()
    await spoil(there, said)
    app = whole_app()
    eva, fay = await caller(app, there.cast.eva), await caller(app, there.cast.fay)
    for of, columns in LISTS.items():
        visitor, path = fay if of == "/bookings/hosting" else eva, there.path(of)
        rows = as_csv(await get(visitor, path, "csv"))
        written = {name for row in rows for name, cell in row.items() if cell == guarded(said)}
        assert written == columns, of
        cells = [cell for row in rows for cell in row.values()]
        assert not [cell for cell in cells if looks_like_formula(cell) and cell == unguarded(cell)]
        page = as_page(await get(visitor, path, "xlsx"))
        assert {cell.data_type for row in page for cell in row.values()} <= {"s", "n", "d"}, of
        found = {name for row in page for name, cell in row.items() if cell.value == said.replace("\r", "\n")}
        assert found == columns, of


# --- who finds what

COMPARED = {"Name", "Address", "Team", "Site", "Usual host", "Department", "Host", "Who comes", "Manager", "Number",
            "Issue", "Title", "Owner", "Note", "From", "Subject", "Why", "To", "The mail server's words",
            "Letter that did not arrive"}  # fmt: skip
"""Columns whose words stand on the page of the list itself; phone and language stand on each person's own."""


async def test_a_file_holds_nothing_that_the_page_does_not_show(database: object) -> None:
    there = await world()
    secret = await raised(there.cast.cleo, there.cast.claims, "Payroll shows salaries")
    await issues.restrict(there.cast.eva, secret, restricted=True, now=config.now())
    app = whole_app()
    files = 0
    for name, actor in there.cast.everybody().items():
        visitor = await caller(app, actor)
        for of in LISTS:
            path = there.path(of)
            page = await visitor.get(path)
            answers = [await get(visitor, path, form) for form in ("csv", "xlsx")]
            assert {answer.status_code for answer in answers} == {page.status_code}, (name, path)
            if page.status_code != 200:
                continue
            files += 1
            shown = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))
            for column, cell in [pair for row in as_csv(answers[0]) for pair in row.items()]:
                own = cell == actor.name and "you" in shown
                there_too = own or all(part in shown for part in cell.split(", "))
                assert column not in COMPARED or there_too, (name, of, cell)
    assert files > 60


async def raised(actor: Actor, team: UUID, text: str, naming: Naming = Naming.NAMED) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team, naming=naming)
    noted = await issues.note(actor, form, now=config.now())
    assert noted.issue is not None
    return noted.issue


async def test_a_restricted_issue_is_in_no_file_of_those_who_may_not_see_it(database: object) -> None:
    there = await world()
    secret = await raised(there.cast.fay, there.cast.billing, "Payroll shows salaries")
    await issues.restrict(there.cast.eva, secret, restricted=True, now=config.now())
    app, found = whole_app(), dict[str, set[str]]()
    for name in ("eva", "ben", "cleo", "ann", "gus", "hana", "ada"):
        visitor = await caller(app, getattr(there.cast, name))
        for path in ("/issues?view=list", "/issues?q=payroll", f"/summary/{there.month}/issues_raised"):
            answer = await get(visitor, path, "csv")
            if "Payroll" in answer.text:
                found.setdefault(path.partition("?")[0].partition("/2")[0], set()).add(name)
    assert found == {"/issues": {"eva", "ben", "hana"}, "/summary": {"eva", "hana"}}


async def test_a_face_brings_no_team_and_no_owner_into_the_file(database: object) -> None:
    there = await world()
    rows = {}
    for name in ("ben", "cleo"):
        visitor = await caller(whole_app(), getattr(there.cast, name))
        [rows[name]] = as_csv(await get(visitor, "/issues?view=list", "csv"))
    assert (rows["ben"]["Team"], rows["ben"]["Owner"]) == ("Billing", "Gus Grant")
    assert (rows["cleo"]["Team"], rows["cleo"]["Owner"]) == ("", "")
    assert rows["ben"]["Title"] == rows["cleo"]["Title"] == "Refunds wait"


async def test_hidden_names_and_times_of_notes_stay_out(database: object) -> None:
    there = await world()
    for naming in Naming:
        form = NoteForm(text=Said(f"Well done, {naming}"), stream=Stream.GOOD_NEWS, day=there.booking, naming=naming)
        await issues.note(there.cast.fay, form, now=config.now())
    app = whole_app()
    said: dict[str, dict[str, str]] = {}
    for name in ("eva", "ben", "fay"):
        for path in ("/good-news", f"/days/{there.booking}/notes"):
            rows = as_csv(await get(await caller(app, getattr(there.cast, name)), path, "csv"))
            said[name] = {row["Note"].removeprefix("Well done, "): row["From"] for row in rows if "Well" in row["Note"]}
            assert not [cell for row in rows for cell in row.values() if re.search(r"\d\d:\d\d", cell)]
            assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["Day"]) for row in rows)
    assert said == {
        "eva": {"named": "Fay Finch", "hidden": "Fay Finch (name hidden)", "anonymous": "anonymous"},
        "ben": {"named": "Fay Finch", "hidden": "name hidden", "anonymous": "anonymous"},
        "fay": {"named": "Fay Finch", "hidden": "name hidden", "anonymous": "anonymous"},
    }


async def test_no_token_stands_in_a_file(database: object) -> None:
    there = await world()
    token = "a" * 32
    address = f"day+{token}@floorday.example"
    await InboundMail.update({InboundMail.sender: address, InboundMail.subject: address}, force=True)
    await Letter.update({Letter.server_words: f"550 {address}"}, force=True)
    eva = await caller(whole_app(), there.cast.eva)
    for path in ("/inbox?view=all", "/inbox/letters", f"/rota?month={there.month}"):
        answer = await get(eva, path, "csv")
        assert "day+" in answer.text, path
        assert token not in answer.text, path


# --- all of it, and how much it costs

MANY = 1_203
"""More than two batches, and more than any page shows."""


async def many(cast: Cast) -> None:
    """Write many rows of one moment, so that only their ids tell them apart."""
    now = config.now().replace(microsecond=0)
    for start in range(0, MANY, 401):
        numbers = range(start + 1, start + 402)
        await Shift.insert(*[Shift(
            team=cast.billing, place=f"Floor {n}", starts_at=now + timedelta(days=3),
            ends_at=now + timedelta(days=3, hours=1), zone="Europe/London", offered_at=now) for n in numbers])
        await Issue.insert(*[Issue(
            number=n, title=f"Issue {n}", kind="other", team=cast.billing, raised_at=now, last_word_at=now,
            changed_at=now) for n in numbers])  # fmt: skip
        await Note.insert(*[Note(
            team=cast.billing, text=f"Well {n}", stream=Stream.GOOD_NEWS.value, naming=Naming.NAMED.value,
            reporter=cast.fay.person, at=now) for n in numbers])  # fmt: skip
        await InboundMail.insert(*[InboundMail(
            door="cli", received_at=now, outcome="needs-human", subject=f"Mail {n}") for n in numbers])  # fmt: skip
        await Letter.insert(*[Letter(
            key=f"k{n}", name="invitation", to_address=f"p{n}@floorday.example", to_name=f"P {n}", about=cast.billing,
            about_kind="team", created_at=now, leaves_at=now, next_try_at=now, failed_at=now) for n in numbers])


@pytest.mark.parametrize(("path", "column"), [
    ("/shifts", "Place"), ("/issues", "Title"), ("/issues?view=list&q=issue", "Title"), ("/good-news", "Note"),
    ("/inbox", "Subject"), ("/inbox?view=all&page=3", "Subject"), ("/inbox/letters", "To"),
])  # fmt: skip
async def test_a_file_holds_every_row_once(database: object, path: str, column: str) -> None:
    cast = await make_cast(config.now())
    await many(cast)
    rows = as_csv(await get(await caller(whole_app(), cast.eva), path, "csv"))
    assert (len(rows), len({row[column] for row in rows})) == (MANY, MANY)


async def test_filters_search_and_view_of_the_page_are_those_of_the_file(database: object) -> None:
    there = await world()
    await raised(there.cast.cleo, there.cast.claims, "Scans are slow")
    eva = await caller(whole_app(), there.cast.eva)
    told = {path: [row["Title"] for row in as_csv(await get(eva, path, "csv"))] for path in (
        "/issues", "/issues?view=list&turn=needs+owner", f"/issues?team={there.cast.claims}",
        f"/issues?department={there.cast.it}", "/issues?q=SCANS", "/issues?q=FD-1", "/issues?view=closed",
        "/issues?view=mine")}  # fmt: skip
    assert list(told.values()) == [
        ["Refunds wait", "Scans are slow"], ["Scans are slow"], ["Scans are slow"], ["Refunds wait"],
        ["Scans are slow"], ["Refunds wait"], [], ["Scans are slow"],
    ]  # fmt: skip
    people = [row["Name"] for row in as_csv(await get(eva, "/settings/people?q=archer", "csv"))]
    assert people == ["Ann Archer"]


@pytest.mark.parametrize("of", LISTS)
async def test_a_file_costs_few_queries_whatever_it_holds(
    database: object, queries: Callable[[], AbstractContextManager[list[str]]], of: str
) -> None:
    there = await world()
    visitor = await caller(whole_app(), there.cast.fay if of == "/bookings/hosting" else there.cast.eva)
    path = there.path(of)
    with queries() as first:
        few = len(as_csv(await get(visitor, path, "csv")))
    await more(there)
    with queries() as then:
        rows = len(as_csv(await get(visitor, path, "csv")))
    assert rows > few
    assert len(then) == len(first) <= MOST_QUERIES


async def more(there: World) -> None:
    """Add three rows to every list."""
    cast, now = there.cast, config.now().replace(microsecond=0)
    since = {"created_at": now}
    for n in range(3):
        await Person.insert(Person(name=f"New {n}", email=f"new{n}@floorday.example", **since))
        await Team.insert(Team(name=f"Team {n}", **since))
        await Department.insert(Department(name=f"Office {n}", **since))
        shift = await a_shift(cast, now=now, days=3, at=(n * 3 + 10) % 24, hours=1)
        await a_booking(cast, now=now, manager=cast.max, shift=shift, accepted=True)
        await raised(cast.fay, cast.billing, f"Slow {n}")
        for stream in (Stream.GOOD_NEWS, Stream.CUSTOMER_SAID):
            form = NoteForm(text=Said(f"Said {n}"), stream=stream, day=there.booking)
            await issues.note(cast.fay, form, now=now)
        await told(cast, f"Done {n}")
        await InboundMail.insert(InboundMail(door="cli", received_at=now, outcome="needs-human"))
    await Letter.update({Letter.failed_at: now}, force=True)


async def test_taking_a_list_along_changes_nothing(database: object) -> None:
    there = await world()
    eva = await caller(whole_app(), there.cast.eva)
    before = await contents()
    for of in LISTS:
        for form in ("csv", "xlsx"):
            assert (await get(eva, there.path(of), form)).status_code == 200
    assert await contents() == before


async def test_an_empty_list_is_a_file_of_headings(database: object) -> None:
    cast = await make_cast(config.now())
    eva = await caller(whole_app(), cast.eva)
    for path in ("/shifts", "/rota", "/issues", "/good-news", "/stories", "/inbox", "/inbox/letters",
                 "/bookings/hosting"):
        answer = await get(eva, path, "csv")
        assert answer.content.count(b"\r\n") == 1, path
        assert as_page(await get(eva, path, "xlsx")) == [], path
