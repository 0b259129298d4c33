"""The pages on which one splits, takes out, asks and answers: what stands there for whom, what is kept on errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest

from floorday import config
from floorday.issues import actions, pages, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Naming, Stage, Stream
from floorday.people import actions as people
from floorday.people.access import Actor, DeviceKind, Door
from floorday.render import tokens
from tests.cast import Cast, make_cast
from tests.doors.house import Caller, caller
from tests.site import BASE, Site, form_keys, whole_app

Count = Callable[[], AbstractContextManager[list[str]]]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, clock=now)


async def raised(cast: Cast, by: Actor, text: str, now: datetime, naming: Naming = Naming.NAMED) -> IssueRow:
    noted = await actions.note(by, NoteForm(
        text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming), now=now)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def test_the_page_leads_to_the_split_and_says_what_came_of_it(site: Site, cast: Cast, now: datetime) -> None:
    part, whole = await raised(cast, cast.fay, "Alpha", now), await raised(cast, cast.cleo, "Beta", now)
    await actions.join(cast.eva, part.id, whole.id, now=now)
    eva, page = await site.visitor(cast.eva), f"/issues/{whole.id}"
    seen = (await eva.get(page)).text
    assert f'action="/issues/{part.id}/split"' in seen
    assert f"FD-{part.number}" in seen
    assert "/split" not in (await (await site.visitor(cast.fay)).get(page)).text
    done = await eva.post(page, f"/issues/{part.id}/split")
    assert done.status_code == 303
    after = (await eva.get(done.headers["location"])).text
    assert "is followed by itself again: needs an owner" in after
    assert f"/issues/{part.id}/undo" in after
    assert "split it: it is followed by itself again" in after
    assert "split another issue off it" in (await eva.get(page)).text
    assert "This issue is part of no other one" in (await eva.post(page, f"/issues/{part.id}/split")).text


async def test_a_note_is_taken_out_by_its_button(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now)
    wrong = await actions.note(cast.cleo, NoteForm(
        text=Said("The lift is slow"), stream=Stream.STAFF_TOLD, issue=issue.id), now=now)
    ben, page = await site.visitor(cast.ben), f"/issues/{issue.id}"
    assert (await ben.get(page)).text.count("/issue\"") == 2
    done = await ben.post(page, f"{page}/notes/{wrong.note}/issue")
    assert done.status_code == 303
    seen = (await ben.get(page)).text
    assert "The note is FD-" in seen
    new = (await queries.note(wrong.note)).issue
    assert new != issue.id
    assert f'action="/issues/{new}/undo"' in seen
    back = await ben.post(page, f"/issues/{new}/undo")
    assert (back.status_code, back.headers["location"]) == (303, page)
    seen = (await ben.get(page)).text
    assert "Undone. No letter has left." in seen
    assert "The lift is slow" in seen
    assert (await ben.get(f"/issues/{new}")).status_code == 404


async def test_what_was_typed_stays_where_a_question_is_refused(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=now)
    gus, page = await site.visitor(cast.gus), f"/issues/{issue.id}"
    assert (await gus.post(page, f"{page}/reporter-questions", ask_floor="At which desk?")).status_code == 303
    seen = (await gus.get(page)).text
    assert "waits for an answer of the reporter since" in seen
    assert "Take the question back" in seen
    assert 'name="ask_floor"' not in seen, "one question at a time"
    again = await gus.post(page, f"{page}/reporter-questions", ask_floor="And since when?")
    assert (again.status_code, "waits for its answer already" in again.text) == (409, True)
    fay = await site.visitor(cast.fay)
    empty = await fay.post(page, f"{page}/answers", answer="")
    assert empty.status_code == 422
    assert "A question to you" in empty.text
    assert (await fay.post(page, f"{page}/answers", answer="By the door")).status_code == 303
    assert "waits for an answer" not in (await gus.get(page)).text
    assert "By the door" in (await gus.get(page)).text


async def test_an_older_question_is_not_answered_by_what_was_meant_for_it(
    site: Site, cast: Cast, now: datetime
) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now)
    first = await actions.question(cast.eva, issue.id, "At which desk?", now=now)
    await actions.withdraw_question(cast.eva, issue.id, now=now)
    await actions.question(cast.eva, issue.id, "Since when?", now=now)
    fay, page = await site.visitor(cast.fay), f"/issues/{issue.id}"
    said = form_keys((await fay.get(page)).text) | {"answer": "The first desk", "to": str(first.asks)}
    answer = await fay.client.post(f"{page}/answers", data=said, headers={"origin": BASE})
    assert (answer.status_code, "Nothing is asked here any more" in answer.text) == (409, True)
    assert "The first desk" in answer.text


async def test_the_link_of_a_letter_shows_and_takes_one_answer(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now, Naming.HIDDEN)
    put = (await actions.question(cast.eva, issue.id, "At which desk?", now=now)).asks
    assert put is not None
    where = f"/question/{tokens.make(f'asked.{cast.fay.person.hex}', put)}"
    nobody = await site.visitor()
    page = await nobody.get(where)
    assert page.headers["cache-control"] == "no-store"
    assert "At which desk?" in page.text
    assert (await queries.issue(None, issue.id)).asks_since is not None, "opening it changes nothing"
    empty = await nobody.post(where, where, answer=" ")
    assert empty.status_code == 422
    assert (await nobody.post(where, where, answer="By the door")).status_code == 303
    assert "You have answered it" in (await nobody.get(where)).text
    assert (await nobody.get(where[:-1] + ("b" if where[-1] == "a" else "a"))).status_code == 404


async def test_pages_ask_the_database_little(site: Site, cast: Cast, now: datetime, queries: Count) -> None:
    whole = await raised(cast, cast.cleo, "Beta", now)
    for number in range(6):
        part = await raised(cast, cast.fay, f"Alpha {number}", now, Naming.HIDDEN)
        await actions.join(cast.eva, part.id, whole.id, now=now)
        if number % 2:
            await actions.split(cast.eva, part.id, now=now)
    put = (await actions.question(cast.ben, whole.id, "At which desk?", now=now)).asks
    assert put is not None
    for who, path in ((cast.ben, f"/issues/{whole.id}"), (cast.gus, f"/issues/{whole.id}"),
                      (None, f"/question/{tokens.make(f'asked.{cast.fay.person.hex}', put)}")):  # fmt: skip
        visitor = await site.visitor(who)
        await visitor.get(path)
        with queries() as seen:
            assert (await visitor.get(path)).status_code == 200
        assert len(seen) <= 8, (path, seen)


async def test_at_the_desk_all_are_asked_and_a_hidden_one_needs_the_pin(cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now, Naming.HIDDEN)
    await actions.note(cast.ben, NoteForm(text=Said("Me too"), stream=Stream.STAFF_TOLD, issue=issue.id), now=now)
    put = await actions.question(cast.eva, issue.id, "At which desk?", now=now)
    desk, page = await at_the_desk(cast, now), f"/desk/issues/{issue.id}"
    seen = (await desk.get(page)).text
    assert "At which desk?" in seen
    assert re.search(r'name="to" value="' + str(put.asks), seen)
    hidden = await desk.post(f"{page}/answers", f"person={cast.fay.person}&answer=Here".encode(), FORM)
    assert hidden.status_code == 403
    stranger = await desk.post(f"{page}/answers", f"person={cast.cleo.person}&answer=Here".encode(), FORM)
    assert stranger.status_code in {403, 404, 422}
    named = await desk.post(f"{page}/answers", f"person={cast.ben.person}&answer=Here".encode(), FORM)
    assert named.status_code == 303
    row = await queries.issue(None, issue.id)
    assert (row.stage, row.asks_since) == (Stage.NEEDS_OWNER, None)


async def at_the_desk(cast: Cast, now: datetime) -> Caller:
    desk = await caller(whole_app(), None)
    desk.client.cookies.set("floorday-desk", (await people.open_device(
        cast.ben, cast.billing, DeviceKind.DESK, "Floor 3", now=now)).key)
    return desk


async def test_what_one_is_asked_is_read_and_answered_at_the_desk_by_that_one_alone(cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now)
    other = await actions.note(cast.ben, NoteForm(text=Said("Me too"), stream=Stream.STAFF_TOLD, issue=issue.id),
                               now=now)  # fmt: skip
    first = next(one.id for one in await queries.notes(cast.eva, issue) if one.id != other.note)
    put = await actions.question(cast.eva, issue.id, "And to you alone?", now=now, note=first)
    desk, page = await at_the_desk(cast, now), f"/desk/issues/{issue.id}"
    assert page in (await desk.get("/desk")).text, "the day leads to it"
    seen = (await desk.get(page)).text
    assert "One of those who raised it is asked something" in seen
    assert "And to you alone?" not in seen
    for who in (cast.ben, cast.cleo):  # another reporter, and somebody of another team
        refused = await desk.post(f"{page}/asked", f"person={who.person}".encode(), FORM)
        assert refused.status_code in {403, 404, 422}, who.name
        assert "And to you alone?" not in refused.text
        answer = await desk.post(f"{page}/answers", f"person={who.person}&answer=Here".encode(), FORM)
        assert answer.status_code in {403, 404, 422}, who.name
    shown = await desk.post(f"{page}/asked", f"person={cast.fay.person}".encode(), FORM)
    assert (shown.status_code, "And to you alone?" in shown.text) == (200, True)
    assert f'value="{cast.fay.person}" selected' in shown.text
    empty = await desk.post(f"{page}/answers", f"person={cast.fay.person}&answer=".encode(), FORM)
    assert (empty.status_code, "And to you alone?" in empty.text) == (422, True)
    said = await desk.post(f"{page}/answers", f"person={cast.fay.person}&answer=Here&to={put.asks}".encode(), FORM)
    assert said.status_code == 303
    lines = await queries.history(cast.eva, await queries.issue(None, issue.id))
    assert [(line.what, line.by, line.door) for line in lines][-1] == ("answered", cast.fay.person, Door.DESK)
    assert page not in (await desk.get("/desk")).text


async def test_whoever_hides_the_name_reads_it_at_the_desk_with_the_pin_alone(cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now, Naming.HIDDEN)
    note = (await queries.notes(cast.eva, issue))[0].id
    await actions.question(cast.eva, issue.id, "And to you alone?", now=now, note=note)
    desk, page = await at_the_desk(cast, now), f"/desk/issues/{issue.id}"
    hidden = await desk.post(f"{page}/asked", f"person={cast.fay.person}".encode(), FORM)
    stranger = await desk.post(f"{page}/asked", f"person={cast.ben.person}".encode(), FORM)
    assert hidden.status_code == stranger.status_code == 403
    for answer in (hidden, stranger):
        assert "You are asked nothing here." in answer.text
    await people.set_pin(cast.fay, "2718", now=now)
    wrong = await desk.post(f"{page}/asked", f"person={cast.fay.person}&pin=2719".encode(), FORM)
    assert (wrong.status_code, "And to you alone?" in wrong.text) == (422, False)
    right = await desk.post(f"{page}/asked", f"person={cast.fay.person}&pin=2718".encode(), FORM)
    assert (right.status_code, "And to you alone?" in right.text) == (200, True)
    assert "2718" not in right.text
    answer = await desk.post(f"{page}/answers", f"person={cast.fay.person}&pin=2718&answer=Here".encode(), FORM)
    assert answer.status_code == 303


async def test_what_an_anonymous_reporter_is_asked_is_nobodys_at_the_desk(cast: Cast, now: datetime) -> None:
    issue = await raised(cast, cast.fay, "Alpha", now, Naming.ANONYMOUS)
    note = (await queries.notes(cast.eva, issue))[0].id
    await actions.question(cast.eva, issue.id, "And to you alone?", now=now, note=note)
    await people.set_pin(cast.fay, "2718", now=now)
    desk, page = await at_the_desk(cast, now), f"/desk/issues/{issue.id}"
    assert "I have a code" in (await desk.get(page)).text
    for pin in ("2718", ""):
        tried = await desk.post(f"{page}/asked", f"person={cast.fay.person}&pin={pin}".encode(), FORM)
        assert tried.status_code in {403, 422}
        assert "And to you alone?" not in tried.text
