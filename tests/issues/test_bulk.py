"""Several issues at once: looked at first, done one by one, said of each what became of it, and taken back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from floorday import config
from floorday.db.text import Title
from floorday.errors import BadInput, Forbidden
from floorday.issues import actions, api, pages, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.actions import triage as placing
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Kind, Stage, Stream
from floorday.mail.tables import Letter
from floorday.people import actions as people
from floorday.people.access import Actor
from floorday.people.actions import TokenForm
from tests.cast import Cast, make_cast
from tests.site import Site, Visitor, whole_app

MOST = 8


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, api.router, clock=now)


async def raised(cast: Cast, now: datetime, text: str, *, by: Actor | None = None) -> IssueRow:
    who = by or cast.fay
    noted = await actions.note(who, NoteForm(
        text=Said(text), stream=Stream.STAFF_TOLD, team=cast.claims if who is cast.cleo else cast.billing), now=now)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def letters(name: str) -> int:
    return await Letter.count().where(Letter.name == name, Letter.taken_back_at.is_null())


async def change(who: Visitor, rows: list[IssueRow], act: str, **typed: Any) -> str:
    """Look at it first, then do it."""
    look = "/issues/bulk?act=" + act + "".join(f"&issue={row.number}" for row in rows)
    answer = await who.post(look, "/issues/bulk", act=act, issue=[str(row.number) for row in rows], **typed)
    assert answer.status_code == 200, answer.text
    return answer.text


def told(seen: str, title: str) -> list[str]:
    """Give the issues below a heading."""
    found = re.search(rf"<h2[^>]*>{title}</h2>(.*?)</section>", seen, re.DOTALL)
    return re.findall(r'<a href="/issues/[^"]*">([^<]*)</a>', found[1]) if found else []


async def test_it_is_looked_at_first_and_nothing_has_happened_yet(
    site: Site, cast: Cast, now: datetime, queries: Any
) -> None:
    rows = [await raised(cast, now, f"Number {n}") for n in range(12)]
    done = rows[0]
    await actions.decline(cast.eva, done.id, "No.", now=now)
    eva = await site.visitor(cast.eva)
    with queries() as seen:
        page = (await eva.get("/issues/bulk?act=decline" + "".join(f"&issue={row.number}" for row in rows))).text
    assert len(seen) <= MOST
    assert "Decline 11 issues" in page
    assert "Everybody who raised one reads the reason in a letter." in page
    assert told(page, "These 11") == [f"Number {n}" for n in range(1, 12)]
    assert told(page, "This one cannot be changed so, and stays as it is") == ["Number 0"]
    assert "This issue is closed." in page
    assert await letters("issue_declined") == 1, "of the one declined before"


async def test_each_is_done_by_itself_and_what_was_not_says_why(site: Site, cast: Cast, now: datetime) -> None:
    rows = [await raised(cast, now, f"Number {n}") for n in range(4)]
    eva = await site.visitor(cast.eva)
    look = "/issues/bulk?act=decline" + "".join(f"&issue={row.number}" for row in rows)
    await eva.get(look)
    await actions.assign(
        cast.eva, rows[1].id, department=cast.it, owner=cast.gus.person, now=now - timedelta(minutes=1))
    await actions.decline(cast.eva, rows[2].id, "Somebody was faster.", now=now)
    seen = await change(eva, rows, "decline", because="We have decided to leave it.")
    assert "3 done, 1 not" in seen
    assert told(seen, "Done") == ["Number 0", "Number 1", "Number 3"]
    assert told(seen, "Not, and why") == ["Number 2"]
    assert "This issue is closed." in seen
    for row in rows:
        found = await queries.issue(None, row.id)
        assert found.stage is Stage.DECLINED
        assert found.done == ("Somebody was faster." if row is rows[2] else "We have decided to leave it.")
        history = [line.what for line in await queries.history(cast.eva, found)]
        assert history.count("declined") == 1
    assert await letters("issue_declined") == 4
    ids = re.findall(r'name="of" value="([^"]+)"', seen)
    assert ids == [str(row.id) for row in rows if row is not rows[2]]
    back = await eva.post("/triage", "/issues/bulk/undo", of=ids)
    assert "3 taken back" in back.text
    assert await letters("issue_declined") == 1
    assert (await queries.issue(None, rows[1].id)).owner == cast.gus.person
    again = await eva.post("/triage", "/issues/bulk/undo", of=ids)
    assert "0 taken back, 3 not" in again.text
    assert "There is nothing to undo here any more." in again.text


@pytest.mark.parametrize(("act", "typed"), [
    ("hand", {"whom": "gus"}), ("sponsor", {"sponsor": "{ann}"}), ("join", {"into": "FD-1"}),
    ("snooze", {"until": "{day}"}), ("kind", {"sort": "product"}),
])  # fmt: skip
async def test_every_act_is_done_to_all_and_can_be_taken_back(
    site: Site, cast: Cast, now: datetime, act: str, typed: dict[str, str]
) -> None:
    rows = [await raised(cast, now, f"Number {n}") for n in range(3)]
    typed = {name: value.format(ann=cast.ann.person, day=now.date() + timedelta(9)) for name, value in typed.items()}
    eva = await site.visitor(cast.eva)
    seen = await change(eva, rows, act, **typed)
    assert ("2 done, 1 not" if act == "join" else "3 done") in seen
    assert ("An issue cannot be joined into itself." in seen) is (act == "join")
    after = [await queries.issue(None, row.id) for row in rows]
    match act:
        case "hand":
            assert {(row.department, row.owner) for row in after} == {(cast.it, cast.gus.person)}
        case "sponsor":
            assert {row.sponsor for row in after} == {cast.ann.person}
        case "join":
            assert [row.joined_into for row in after] == [None, rows[0].id, rows[0].id]
        case "snooze":
            assert {row.snoozed_until for row in after} == {now.date() + timedelta(9)}
        case _:
            assert {row.kind for row in after} == {Kind.PRODUCT}
    twice = await change(eva, rows, act, **typed)
    if act in {"hand", "sponsor", "kind"}:
        assert "0 done, 3 not" in twice
        assert "It is so already." in twice
    of = re.findall(r'name="of" value="([^"]+)"', seen if act != "snooze" else twice)
    back = await eva.post("/triage", "/issues/bulk/undo", of=of)
    assert f"{len(of)} taken back" in back.text
    if act != "snooze":
        assert {(await queries.issue(None, row.id)).stage for row in rows} == {Stage.NEEDS_OWNER}


async def test_all_of_a_list_is_honest_about_how_many(
    site: Site, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        await raised(cast, now - timedelta(minutes=9 - n), f"Number {n}")
    await raised(cast, now, "Of Claims", by=cast.cleo)
    eva = await site.visitor(cast.eva)
    seen = (await eva.get(f"/issues/bulk?act=kind&all=on&of_team={cast.billing}")).text
    assert told(seen, "These 7") == [f"Number {n}" for n in range(7)]
    monkeypatch.setattr(pages.bulk, "MOST", 5)
    seen = (await eva.get("/issues/bulk?act=kind&all=on&of_order=newest")).text
    assert "These are the first 5 of 8." in seen
    assert told(seen, "These 5")[0] == "Of Claims"


async def test_the_list_of_issues_has_boxes_for_whoever_may_change_several(
    site: Site, cast: Cast, now: datetime
) -> None:
    row = await raised(cast, now, "Number 1")
    box = f'<input type="checkbox" name="issue" value="FD-{row.number}">'
    for who, acts in ((cast.eva, 6), (cast.ben, 2), (cast.gus, 4), (cast.fay, 0), (cast.ann, 0), (cast.hana, 0)):
        seen = (await (await site.visitor(who)).get("/issues?view=list&kind=other")).text
        form = re.search(r'<form action="/issues/bulk".*?</form>', seen, re.DOTALL)
        assert (form is not None) is (acts > 0), who.name
        if form is not None:
            assert box in form[0]
            assert form[0].count("<option") == acts
            assert 'name="back" value="/issues?view=list&amp;kind=other"' in form[0]
    look = (await (await site.visitor(cast.eva)).get(f"/issues/bulk?act=kind&issue=FD-{row.number}&back=//x")).text
    assert told(look, "This one") == ["Number 1"]
    assert 'name="back" value="/triage"' in look, "nobody is led elsewhere"


async def test_nobody_does_to_many_what_they_may_not_do_to_one(site: Site, cast: Cast, now: datetime) -> None:
    mine, theirs = await raised(cast, now, "Of Billing"), await raised(cast, now, "Of Claims", by=cast.cleo)
    await actions.restrict(cast.eva, theirs.id, restricted=True, now=now)
    ben = await site.visitor(cast.ben)
    look = (await ben.get(f"/issues/bulk?act=decline&issue={mine.number}&issue={theirs.number}&issue=999")).text
    assert "Join" in look, "what a lead may not do is not offered, whatever the address says"
    assert "2 of those you named are not there for you." in look
    answer = await ben.post("/triage", "/issues/bulk", act="decline", because="No.", issue=[
        str(mine.number), str(theirs.number)])  # fmt: skip
    assert "0 done, 2 not" in answer.text
    assert "The coordinator does that." in answer.text
    assert "There is no such issue." in answer.text
    assert "Of Claims" not in answer.text
    assert (await queries.issue(None, mine.id)).stage is Stage.NEEDS_OWNER
    with pytest.raises(Forbidden):
        await placing.place_all(cast.fay, placing.Sort(Kind.PRODUCT), numbers=[mine.number], now=now)


async def test_what_lacks_is_asked_for_again(site: Site, cast: Cast, now: datetime) -> None:
    row = await raised(cast, now, "Number 1")
    eva = await site.visitor(cast.eva)
    for act, typed, said in (
        ("decline", {}, "Please fill this in."), ("hand", {"whom": "zebra"}, "nobody of that name"),
        ("join", {"into": "FD-99"}, "There is no issue with this number"), ("snooze", {"until": "x"}, "give a date"),
        ("kind", {}, "Please fill this in."), ("sponsor", {"sponsor": "x"}, "choose one of the list"),
    ):  # fmt: skip
        answer = await eva.post("/triage", "/issues/bulk", act=act, issue=str(row.number), **typed)
        assert answer.status_code == 422, act
        assert said in answer.text, act
        assert "Number 1" in answer.text
    none = await eva.post("/triage", "/issues/bulk", act="kind", sort="product")
    assert none.status_code == 422
    assert "Choose at least one issue." in none.text
    with pytest.raises(BadInput, match="At most 200"):
        await placing.place_all(cast.eva, placing.Sort(Kind.PRODUCT), numbers=list(range(1, 202)), now=now)


# --- programs


async def test_a_program_is_told_of_each_what_became_of_it_and_a_second_call_changes_nothing(
    cast: Cast, now: datetime
) -> None:
    rows = [await raised(cast, now, f"Number {n}") for n in range(3)]
    await actions.decline(cast.eva, rows[2].id, "No.", now=now)
    token = await people.create_token(cast.eva, TokenForm(name=Title("All"), scopes=["write:issues"]), now=now)
    unknown = str(uuid4())
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=whole_app()), base_url="http://127.0.0.1:8000")
    client.headers["authorization"] = f"Bearer {token.secret}"
    body = {"act": "hand", "department": str(cast.it), "owner": str(cast.gus.person),
            "issues": [*(str(row.id) for row in rows), unknown]}  # fmt: skip
    first = await client.post("/api/v1/issues/bulk", json=body, headers={"idempotency-key": "one"})
    assert first.status_code == 200, first.text
    said = first.json()
    assert (said["changed"], said["refused"]) == (2, 2)
    assert [(one["changed"], one["status"], one["why"]) for one in said["items"]] == [
        (True, 200, None), (True, 200, None), (False, 409, "This issue is closed."),
        (False, 404, "There is no such issue."),
    ]  # fmt: skip
    assert [one["ref"] for one in said["items"]] == [*(f"FD-{row.number}" for row in rows), None]
    assert (await client.post("/api/v1/issues/bulk", json=body, headers={"idempotency-key": "one"})).json() == said
    assert await letters("owner_named") == 2
    for wrong in ({"act": "snooze"}, {"act": "snooze", "until": "2026-11-30", "issues": []}, {"act": "x"}):
        answer = await client.post("/api/v1/issues/bulk", json={"issues": [str(rows[0].id)]} | wrong)
        assert answer.status_code == 422, wrong
