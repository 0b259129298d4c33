"""A team's page for everybody: off until it is put on, listed one by one, and nothing in it leads to a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from floorday import config
from floorday.errors import BadInput, Refused
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Ending, Kind, Naming, Resolution, Stream, Turn, Verdict
from floorday.people.access import Actor
from floorday.people.tables import Team
from floorday.public import actions, pages, queries, rules
from floorday.public.rules import Heard
from floorday.web.throttle import Throttle
from tests.cast import Cast, make_cast
from tests.site import Site, Visitor

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
"""A Wednesday."""

Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: str) -> Site:
    return Site(pages.router, clock=NOW)


def own(cast: Cast) -> str:
    return f"/settings/teams/{cast.billing}/status"


async def raised(actor: Actor, cast: Cast, text: str, naming: Naming = Naming.NAMED, issue: UUID | None = None) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming, issue=issue)
    found = (await issues.note(actor, form, now=NOW)).issue
    assert found is not None
    return found


async def fixed(cast: Cast, text: str, *, by: Actor | None = None, verdict: bool = False) -> UUID:
    issue = await raised(by or cast.fay, cast, text)
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Done by Gus", now=NOW)
    if verdict:
        await issues.verdict(by or cast.fay, issue, Verdict.FIXED, now=NOW)
    return issue


async def promised(cast: Cast, text: str, days: int = 20) -> UUID:
    issue = await raised(cast.fay, cast, text)
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    day = (NOW + timedelta(days=days)).date()
    await issues.promise(cast.gus, issue, day, now=NOW)
    return issue


async def put_on(cast: Cast, *listed: UUID) -> str:
    page = await actions.put_on(cast.ben, cast.billing, listed, looked=True, now=NOW)
    return actions.address(page).removeprefix(config.settings().base_url)


async def body(site: Site, path: str) -> str:
    answer = await (await site.visitor()).get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_it_is_off_until_its_lead_has_looked_and_puts_it_on(site: Site, cast: Cast) -> None:
    done, waits = await fixed(cast, "The till is slow"), await promised(cast, "The form asks twice")
    ben = await site.visitor(cast.ben)
    page = (await ben.get(own(cast))).text
    assert "Off. Nobody outside can read it." in page
    assert "The till is slow" in page
    assert await queries.page(cast.billing) is None
    sent = await ben.post(own(cast), own(cast), issues=[str(done)])
    assert sent.status_code == 422
    assert "Look at what it will show" in sent.text
    assert await queries.page(cast.billing) is None
    sent = await ben.post(own(cast), own(cast), issues=[str(done)], looked="on")
    assert sent.status_code == 303
    page = (await ben.get(own(cast))).text
    found = re.search(r"/status/[a-z2-7]{32}", page)
    assert found is not None
    shown = await body(site, found[0])
    assert "The till is slow" in shown
    assert "The form asks twice" not in shown
    await ben.post(own(cast), own(cast), issues=[str(done), str(waits)])
    shown = await body(site, found[0])
    assert "The form asks twice" in shown
    assert "promised for" in shown


async def test_it_is_kept_by_lead_and_coordinator_alone(site: Site, cast: Cast) -> None:
    for who, answers in ((cast.ben, 200), (cast.eva, 200), (cast.fay, 403), (cast.ines, 403), (cast.hana, 403)):
        visitor = await site.visitor(who)
        assert (await visitor.get(own(cast))).status_code == answers, who.name


async def test_anybody_reads_the_same_bytes_without_a_cookie(site: Site, cast: Cast) -> None:
    path = await put_on(cast, await fixed(cast, "The till is slow"))
    nobody, stale = await site.visitor(), await site.visitor()
    stale.client.cookies.set("floorday", "x" * 43)
    readers = (nobody, stale, await site.visitor(cast.ben), await site.visitor(cast.dan))
    answers = [await one.get(path) for one in readers]
    first = answers[0]
    assert {answer.content for answer in answers} == {first.content}
    for answer in answers:
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"].startswith("public, max-age=")
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["referrer-policy"] == "no-referrer"
    again = await nobody.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "<form" not in first.text


async def test_nobody_s_name_and_no_number_stands_in_it(site: Site, cast: Cast) -> None:
    path = await put_on(cast, await fixed(cast, "The till is slow", verdict=True), await promised(cast, "Asked twice"))
    for _more in range(rules.FEW):
        await fixed(cast, f"Something else {uuid4().hex[:4]}")
    await actions.put_on(cast.ben, cast.billing, [], looked=False, now=NOW)
    shown = await body(site, path)
    for somebody in cast.everybody().values():
        for word in (*somebody.name.split(), somebody.email):
            assert not re.search(rf"\b{re.escape(word)}\b", shown), word
    assert "FD-" not in shown
    assert "IT" not in re.findall(r"\w+", shown)
    assert "were confirmed" in shown or "was confirmed" in shown
    assert "Done by" not in shown


async def test_what_is_said_without_a_name_or_with_it_hidden_changes_no_byte(site: Site, cast: Cast) -> None:
    named = [await fixed(cast, f"The till is slow at desk {one}") for one in range(rules.FEW)]
    path = await put_on(cast, *named)
    before, would = await body(site, path), (await actions.look(cast.ben, cast.billing, now=NOW)).would
    await raised(cast.fay, cast, "Nobody dares to say this", Naming.ANONYMOUS)
    await raised(cast.fay, cast, "The lead must not know who", Naming.HIDDEN)
    await raised(cast.ben, cast, "Here too", Naming.ANONYMOUS, issue=named[0])
    await raised(cast.ben, cast, "And here", Naming.HIDDEN, issue=named[1])
    closed = await raised(cast.fay, cast, "Not for everybody")
    await issues.restrict(cast.eva, closed, restricted=True, now=NOW)
    assert (await actions.look(cast.ben, cast.billing, now=NOW)).would == would
    await actions.put_on(cast.ben, cast.billing, named, looked=False, now=NOW)
    assert await body(site, path) == before
    # The control: said under a name, it counts.
    await raised(cast.fay, cast, "Said openly")
    assert (await actions.look(cast.ben, cast.billing, now=NOW)).would.said == would.said + 1


async def test_a_line_goes_at_once_when_its_title_changes_or_somebody_restricts_it(site: Site, cast: Cast) -> None:
    one, other = await fixed(cast, "The till is slow"), await fixed(cast, "The form asks twice")
    path = await put_on(cast, one, other)
    await issues.restrict(cast.eva, one, restricted=True, now=NOW)
    await issues.retitle(cast.eva, other, "The form of the Smiths asks twice", Kind.OTHER, now=NOW)
    shown = await body(site, path)
    assert "till" not in shown
    assert "form" not in shown
    assert "First fixes appear here." in shown


async def test_another_address_ends_the_old_one_and_so_does_putting_it_off(site: Site, cast: Cast) -> None:
    first = await put_on(cast)
    page = await actions.renew(cast.eva, cast.billing, now=NOW)
    second = actions.address(page).removeprefix(config.settings().base_url)
    nobody = await site.visitor()
    assert [(await nobody.get(path)).status_code for path in (first, second)] == [404, 200]
    await actions.put_off(cast.ben, cast.billing, now=NOW)
    gone = await nobody.get(second)
    wrong = await nobody.get("/status/" + "a" * 32)
    assert gone.status_code == wrong.status_code == 404
    assert re.sub(r"[a-z2-7]{32}", "", gone.text) == re.sub(r"[a-z2-7]{32}", "", wrong.text)
    third = await put_on(cast)
    assert [(await nobody.get(path)).status_code for path in (first, second, third)] == [404, 404, 200]
    await Team.update({Team.closed_at: NOW}).where(Team.id == cast.billing)
    assert (await nobody.get(third)).status_code == 404
    with pytest.raises(Refused, match="off"):
        await actions.put_off(cast.ines, cast.claims, now=NOW)


async def test_a_title_that_holds_a_name_cannot_be_listed(site: Site, cast: Cast) -> None:
    issue = await fixed(cast, "Max Moor waits for the till")
    page = (await (await site.visitor(cast.ben)).get(own(cast))).text
    assert "The title holds somebody's name" in page
    with pytest.raises(BadInput, match="name in it"):
        await put_on(cast, issue)
    with pytest.raises(Refused, match="no longer be listed"):
        await put_on(cast, uuid4())
    hidden = await raised(cast.fay, cast, "Kept back", Naming.HIDDEN)
    with pytest.raises(Refused, match="no longer be listed"):
        await put_on(cast, hidden)


async def test_the_clock_writes_it_anew_once_a_week(cast: Cast) -> None:
    await put_on(cast)
    await fixed(cast, "The till is slow")
    first = await queries.page(cast.billing)
    assert first is not None
    assert first.written().said == 0
    assert await actions.write_due(now=NOW) == 0
    later = rules.monday(NOW, "Europe/London") + timedelta(days=7, minutes=1)
    assert await actions.write_due(now=later) == 1
    assert await actions.write_due(now=later) == 0
    page = await queries.page(cast.billing)
    assert page is not None
    assert page.written().said == 1
    await actions.put_off(cast.ben, cast.billing, now=NOW)
    assert await actions.write_due(now=later + timedelta(days=7)) == 0


@pytest.mark.parametrize("many", [1, 12])
async def test_however_much_there_is_it_takes_few_queries(site: Site, cast: Cast, queries: Queries, many: int) -> None:
    path = await put_on(cast, *[await fixed(cast, f"The till is slow at desk {one}") for one in range(many)])
    ben, nobody = await site.visitor(cast.ben), await site.visitor()
    for visitor, page, most in ((ben, own(cast), 8), (nobody, path, 3)):
        with queries() as seen:
            assert (await visitor.get(page)).status_code == 200
        assert len(seen) <= most, seen


# --- what is told, without a database --------------------------------------------------------------------------

OPENED = UUID("01934f00-0000-7000-8000-000000000001")


def heard(title: str = "The till is slow", **changed: object) -> Heard:
    known = Heard(
        id=OPENED, title=title, turn=Turn.BEING_FIXED, ending=Ending.NONE, raised_at=NOW - timedelta(days=30),
        resolved_at=None, promised_for=None, restricted=False, naming="named", kept_back=False,
    )  # fmt: skip
    return structs.replace(known, **changed)


@pytest.mark.parametrize("changed", [
    {"id": uuid4()}, {"naming": "hidden"}, {"naming": None}, {"restricted": True}, {"kept_back": True},
    {"ending": Ending.JOINED, "turn": Turn.CLOSED}, {"ending": Ending.DECLINED, "turn": Turn.CLOSED},
    {"raised_at": NOW - timedelta(days=366)},
])  # fmt: skip
def test_what_does_not_count(changed: dict[str, object]) -> None:
    assert rules.write([heard()], zone="Europe/London", now=NOW).said == 1
    assert rules.write([heard(**changed)], zone="Europe/London", now=NOW).said == 0


def test_lines_stand_by_title_and_tell_the_month_alone() -> None:
    rows = [
        heard(title, id=UUID(int=OPENED.int + place), turn=Turn.TELL_FLOOR, resolved_at=NOW - timedelta(days=days))
        for place, (title, days) in enumerate([("b", 1), ("C", 40), ("a", 3), ("long ago", 100)])
    ]
    written = rules.write(rows, zone="Europe/London", now=NOW)
    done, _promised = written.listed({row.id: row.title for row in rows})
    assert [(line.title, line.month) for line in done] == [("a", "2026-11"), ("b", "2026-11"), ("C", "2026-10")]
    assert written.fixed == 4
    assert not written.counted


def test_a_date_that_has_passed_is_said_to_be_late() -> None:
    rows = [heard(promised_for=date(2026, 11, 24)), heard(id=UUID(int=OPENED.int + 1), promised_for=date(2026, 11, 25))]
    lines = rules.write(rows, zone="Europe/London", now=NOW).lines
    assert [(line.promised, line.late) for line in lines] == [(date(2026, 11, 24), True), (date(2026, 11, 25), False)]


@pytest.mark.parametrize(("now", "zone", "first"), [
    (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "Europe/London", "2026-11-16T00:00:00+00:00"),
    (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "Europe/Stockholm", "2026-11-23T00:00:00+01:00"),
    (datetime(2026, 3, 29, 12, 0, tzinfo=UTC), "Europe/London", "2026-03-23T00:00:00+00:00"),
    (datetime(2026, 3, 30, 0, 0, tzinfo=UTC), "Europe/London", "2026-03-30T00:00:00+01:00"),
])  # fmt: skip
def test_a_week_begins_on_the_team_s_monday(now: datetime, zone: str, first: str) -> None:
    assert rules.monday(now, zone).isoformat() == first


async def test_a_door_that_is_opened_too_often_answers_429(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = await put_on(cast)
    monkeypatch.setattr(pages, "OPENED", Throttle(most=2, file=tmp_path / "opened"))
    nobody: Visitor = await site.visitor()
    assert [(await nobody.get(path)).status_code for _time in range(3)] == [200, 200, 429]
