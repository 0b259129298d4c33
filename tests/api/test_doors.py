"""Every noun at the API: what each reader gets of it, page by page, and how it is refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from floorday import config
from floorday.db.text import Title
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Kind, Naming, Resolution, Stream
from floorday.mail import inbound
from floorday.people.access import Actor
from floorday.summaries.figures import NAMES
from tests.api.house import program
from tests.cast import Cast, a_booking, a_shift
from tests.site import whole_app

LISTS = ("people", "teams", "departments", "shifts", "invitations", "bookings", "notes", "issues")


async def raised(cast: Cast, by: Actor, *, naming: Naming = Naming.NAMED, text: str = "The till freezes") -> Any:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming,
                    kind=Kind.GLITCH, title=Title("Till freezes"))  # fmt: skip
    return await issues.note(by, form, now=config.now())


async def test_every_list_holds_what_its_single_says(cast: Cast) -> None:
    eva = await program(cast.eva)
    await a_booking(cast, now=config.now(), accepted=True)
    await raised(cast, cast.ben)
    for noun in (*LISTS, "letters"):
        listed = await eva.every(f"/{noun}")
        assert listed, noun
        single = (await eva.get(f"/{noun}/{listed[0]['id']}")).json()
        assert {name: single[name] for name in listed[0]} == listed[0]


async def test_what_is_not_there_is_404_for_every_noun(cast: Cast) -> None:
    eva = await program(cast.eva)
    for noun in (*LISTS, "letters", "inbox"):
        answer = await eva.get(f"/{noun}/{uuid4()}")
        assert (answer.status_code, answer.json()["status"]) == (404, 404), noun
        assert answer.headers["content-type"] == "application/problem+json"


async def test_each_sees_the_days_that_are_theirs(cast: Cast) -> None:
    app, now = whole_app(), config.now()
    day = await a_booking(cast, now=now, accepted=True)
    sees = {"ann": True, "ben": True, "fay": True, "dan": True, "eva": True, "hana": True, "ada": True,
            "cleo": False, "max": False, "ines": False}  # fmt: skip
    for name, seen in sees.items():
        asks = await program(cast.everybody()[name], app=app)
        assert [one["id"] for one in await asks.every("/bookings")] == ([str(day.id)] if seen else []), name
        assert (await asks.get(f"/bookings/{day.id}")).status_code == (200 if seen else 404), name
        assert [one["id"] for one in await asks.every("/shifts")] == ([str(day.shift)] if seen else []), name
        assert (await asks.get(f"/invitations/{day.invitation}")).status_code == (200 if seen else 404), name
    gus = await program(cast.gus, app=app)
    lists = [(await gus.get(f"/{noun}")).status_code for noun in ("shifts", "bookings", "invitations")]
    assert lists == [403, 403, 403]


async def test_people_are_listed_for_those_who_keep_them_and_oneself(cast: Cast) -> None:
    app = whole_app()
    for name, count in {"eva": 11, "ada": 11, "ben": 1, "hana": 1}.items():
        asks = await program(cast.everybody()[name], app=app)
        assert len(await asks.every("/people?limit=3")) == count, name
    ben = await program(cast.ben, app=app)
    assert (await ben.get(f"/people/{cast.eva.person}")).status_code == 404


async def test_whoever_sees_the_face_alone_gets_no_team_name_or_word(cast: Cast) -> None:
    app = whole_app()
    noted = await raised(cast, cast.ben, text="Fay says the till of Mr Smith freezes")
    cleo, ben = await program(cast.cleo, app=app), await program(cast.ben, app=app)
    for answer in (await cleo.get("/issues"), await cleo.get(f"/issues/{noted.issue}"), await cleo.get("/notes")):
        assert answer.status_code == 200
        for secret in ("Billing", str(cast.billing), "Ben", str(cast.ben.person), "Smith"):
            assert secret not in answer.text
    face = (await cleo.get(f"/issues/{noted.issue}")).json()
    assert (face["whole"], face["title"], face["met_by"], face["history"]) == (False, "Till freezes", 1, [])
    own = (await ben.get(f"/issues/{noted.issue}")).json()
    assert (own["whole"], own["team_name"], own["notes"][0]["name"]) == (True, "Billing", cast.ben.name)
    assert (await cleo.every(f"/issues?team={cast.billing}")) == []
    assert (await cleo.get(f"/notes/{noted.note}")).status_code == 404


async def test_hidden_and_anonymous_names_stay_where_they_are(cast: Cast) -> None:
    app = whole_app()
    hidden = await raised(cast, cast.fay, naming=Naming.HIDDEN)
    unnamed = await raised(cast, cast.fay, naming=Naming.ANONYMOUS)
    ben, eva = await program(cast.ben, app=app), await program(cast.eva, app=app)
    for noted in (hidden, unnamed):
        for path in (f"/issues/{noted.issue}", f"/notes/{noted.note}", "/notes", "/issues"):
            answer = await ben.get(path)
            assert answer.status_code == 200
            assert "Fay" not in answer.text
            assert str(cast.fay.person) not in answer.text
    note = (await ben.get(f"/notes/{hidden.note}")).json()
    assert (note["name"], note["at"][11:]) == (None, "00:00:00Z")
    assert (await eva.get(f"/notes/{hidden.note}")).json()["name"] == cast.fay.name
    assert (await eva.get(f"/notes/{unnamed.note}")).json()["name"] is None


async def test_assistants_get_no_issue(cast: Cast) -> None:
    dan = await program(cast.dan)
    noted = await raised(cast, cast.ann)
    assert (await dan.get("/issues")).status_code == 403
    assert (await dan.get(f"/issues/{noted.issue}")).status_code == 404
    assert await dan.every("/notes") == []


@pytest.mark.parametrize("noun", ["shifts", "issues", "notes", "people", "letters"])
async def test_a_list_is_read_page_by_page_without_gap_or_twin(cast: Cast, noun: str) -> None:
    eva = await program(cast.eva)
    for day in range(1, 6):
        await a_booking(cast, now=config.now(), days=20 + day)
        await raised(cast, cast.ben, text=f"Thing {day}")
    whole = (await eva.get(f"/{noun}?limit=100")).json()["items"]
    assert len(whole) >= 5
    assert await eva.every(f"/{noun}?limit=2") == whole
    first = (await eva.get(f"/{noun}?limit=2")).json()
    assert len(first["items"]) == 2
    assert first["next"].startswith(f"/api/v1/{noun}?limit=2&cursor=")


async def test_a_list_costs_the_same_however_long_it_is(cast: Cast, queries: Any) -> None:
    eva = await program(cast.eva)
    await a_booking(cast, now=config.now(), days=20)
    await raised(cast, cast.ben)
    await eva.get("/teams")  # the first use in an hour is written down
    costs: dict[str, list[int]] = {noun: [] for noun in (*LISTS, "letters")}
    for round_ in range(2):
        for noun, cost in costs.items():
            with queries() as seen:
                assert (await eva.get(f"/{noun}?limit=100")).status_code == 200
            cost.append(len(seen))
        for day in range(1, 4):
            await a_booking(cast, now=config.now(), days=20 + 10 * round_ + day)
            await raised(cast, cast.fay, text=f"Thing {day}")
    assert {noun: cost for noun, cost in costs.items() if cost[0] != cost[1]} == {}


async def test_lists_are_narrowed(cast: Cast) -> None:
    eva = await program(cast.eva)
    day = await a_booking(cast, now=config.now(), accepted=True)
    other = await a_shift(cast, now=config.now(), team=cast.claims, days=30)
    noted = await raised(cast, cast.ben)
    found = {
        f"/bookings?state=accepted&manager={cast.ann.person}": 1, "/bookings?state=held": 0,
        f"/bookings?team={cast.claims}": 0, f"/shifts?team={cast.claims}": 1, "/shifts?free=true": 1,
        f"/shifts?since={day.ends_at:%Y-%m-%dT%H:%M:%SZ}": 1, f"/invitations?shift={day.shift}": 1,
        "/issues?turn=needs%20owner": 1, "/issues?closed=true": 0, "/issues?q=till": 1, "/issues?kind=product": 0,
        f"/issues?team={cast.billing}": 1, f"/notes?issue={noted.issue}": 1, "/notes?mine=true": 0,
        "/people?email=ann@floorday.example": 1, "/people?role=manager": 2, f"/people?team={cast.billing}": 2,
        "/teams?external_id=none": 0, f"/letters?about={day.id}&fate=failed": 0, "/issues?external_id=x": 0,
    }  # fmt: skip
    assert {path: len(await eva.every(path)) for path in found} == found
    assert str(other.id) in (await eva.get("/shifts?free=true")).text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/issues?limit=101", ["limit"]),
        ("/issues?limit=x&kind=y&colour=red", ["colour", "kind", "limit"]),
        ("/issues?cursor=%21%21", ["cursor"]),
        ("/issues?cursor=YWJj", ["cursor"]),
        ("/shifts?cursor=MTAy", ["cursor"]),
        ("/shifts?since=2026-11-01T00:00:00", ["since"]),
        ("/shifts?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z", ["since", "until"]),
        ("/people?email=nobody", ["email"]),
        ("/bookings?team=1&team=2", ["team"]),
        ("/issues?q=%00", ["q"]),
    ],
)
async def test_a_question_that_is_wrong_is_told_field_by_field(cast: Cast, path: str, fields: list[str]) -> None:
    eva = await program(cast.eva)
    answer = await eva.get(path)
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.json()["errors"]) == fields


async def test_every_wrong_field_of_a_body_is_told_at_once(cast: Cast) -> None:
    eva = await program(cast.eva)
    answer = await eva.post("/shifts", team="x", starts_at="soon", seats=0, host=7, colour="red", place="a\u0000b")
    assert answer.status_code == 422
    told = {error["field"]: error["detail"] for error in answer.json()["errors"]}
    assert sorted(told) == ["colour", "ends_at", "host", "place", "seats", "starts_at", "team"]
    assert all("Expected" not in sentence and "Invalid" not in sentence for sentence in told.values())


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[" * 100_000, "application/json", 400), (b'{"name": ', "application/json", 400),
        (b'"\xff\xfe"', "application/json", 400), (b"[]", "application/json", 422), (b"7", "application/json", 422),
        (b"name=x", "application/x-www-form-urlencoded", 415), (b"x", "text/plain", 415),
        (b'{"name": "\\ud800"}', "application/json", 400), (b"x" * 11_000_000, "application/json", 413),
    ],
)  # fmt: skip
async def test_nonsense_is_a_problem_with_a_sentence(cast: Cast, content: bytes, kind: str, status: int) -> None:
    eva = await program(cast.eva)
    answer = await eva.client.post("/teams", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 10


async def test_nothing_new_is_304(cast: Cast) -> None:
    eva = await program(cast.eva)
    first = await eva.get("/teams")
    again = await eva.get("/teams", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await eva.post("/teams", name="Fraud")
    assert (await eva.get("/teams", **{"if-none-match": first.headers["etag"]})).status_code == 200


# --- summaries ---------------------------------------------------------------------------------------------------


async def test_a_summary_gives_every_figure(cast: Cast) -> None:
    await raised(cast, cast.ben)
    hana = await program(cast.hana)
    month = f"{config.now():%Y-%m}"
    for subject in ("company", f"team/{cast.billing}", f"manager/{cast.ann.person}", f"department/{cast.it}"):
        answer = (await hana.get(f"/summaries/{subject}/{month}")).json()
        assert list(answer) == ["subject", "month", "zone", "complete", "frozen_at", "figures"]
        assert (answer["subject"], answer["month"], answer["frozen_at"]) == (subject, month, None)
        assert tuple(answer["figures"]) == NAMES
        paper = await hana.get(f"/summaries/{subject}/{month}", accept="application/pdf")
        assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    company = (await hana.get(f"/summaries/company/{month}")).json()["figures"]
    assert company["issues_raised"] == {"value": 1}
    assert company["confirmed_rate"] == {"numerator": 0, "denominator": 1, "value": 0.0}


async def test_a_summary_is_for_those_whose_month_it_is(cast: Cast) -> None:
    app, month = whole_app(), f"{config.now():%Y-%m}"
    own = {"ann": {"company", "manager"}, "ben": {"team"}, "gus": {"department"}, "cleo": set[str](),
           "eva": {"company", "team", "manager", "department"}, "ada": set[str](), "dan": set[str]()}  # fmt: skip
    subjects = {"company": "company", "team": f"team/{cast.billing}", "manager": f"manager/{cast.ann.person}",
                "department": f"department/{cast.it}"}  # fmt: skip
    for name, theirs in own.items():
        asks = await program(cast.everybody()[name], app=app)
        for subject, path in subjects.items():
            status = (await asks.get(f"/summaries/{path}/{month}")).status_code
            assert status == (200 if subject in theirs else 403), (name, subject)


@pytest.mark.parametrize("path", ["company/2026-13", "company/abcd", "company/2999-01", f"team/{UUID(int=7)}/2026-01"])
async def test_a_summary_that_is_none_is_not_there(cast: Cast, path: str) -> None:
    eva = await program(cast.eva)
    assert (await eva.get(f"/summaries/{path}")).status_code == 404


# --- the inbox -----------------------------------------------------------------------------------------------------


async def test_a_raw_mail_is_kept_read_and_told(cast: Cast) -> None:
    eva = await program(cast.eva)
    raw = b"From: Zoe <zoe@elsewhere.example>\r\nTo: day@x.example\r\nMessage-ID: <1@x>\r\nSubject: Hello\r\n\r\nHi\r\n"
    mail = {"content-type": "message/rfc822"}
    sent = await eva.client.post("/inbox?sender=zoe@elsewhere.example", content=raw, headers=mail)
    assert sent.status_code == 201
    told = sent.json()
    assert (told["message_id"], told["subject"], told["booking"], told["door"]) == ("<1@x>", "Hello", None, "api")
    assert told["outcome"]
    assert told["reason"]
    assert (await eva.get(sent.headers["location"])).json() == told
    assert await eva.every("/inbox?message_id=%3C1%40x%3E") == [told]
    assert await eva.every("/inbox?outcome=update-partstat") == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "message/rfc822", 422), (b"x" * (inbound.MAIL_LIMIT + 1), "message/rfc822", 422),
        (b"Subject: x", "text/plain", 415),
    ],
)  # fmt: skip
async def test_what_is_no_mail_is_refused(cast: Cast, content: bytes, kind: str, status: int) -> None:
    eva = await program(cast.eva)
    assert (await eva.client.post("/inbox", content=content, headers={"content-type": kind})).status_code == status
    assert await eva.every("/inbox") == []


async def test_the_inbox_is_for_coordinators(cast: Cast) -> None:
    app = whole_app()
    for name in ("ann", "ben", "dan", "gus", "hana", "ada"):
        asks = await program(cast.everybody()[name], app=app)
        assert (await asks.get("/inbox")).status_code == 403, name
        assert (await asks.get("/letters")).status_code == 403, name
        sent = await asks.client.post("/inbox", content=b"Subject: x", headers={"content-type": "message/rfc822"})
        assert sent.status_code == 403, name


# --- acts ----------------------------------------------------------------------------------------------------------


async def test_one_day_through_the_api(cast: Cast) -> None:
    app = whole_app()
    ben, ann, fay = [await program(one, app=app) for one in (cast.ben, cast.ann, cast.fay)]
    shifts = [(await ben.post("/shifts", team=str(cast.billing), starts_at=f"2027-03-0{day}T09:00:00Z",
                              ends_at=f"2027-03-0{day}T15:00:00Z", host=str(cast.fay.person))) for day in (1, 2)]
    assert [one.status_code for one in shifts] == [201, 201]
    first, second = [one.json()["id"] for one in shifts]
    invited = await ben.post("/invitations", manager=str(cast.ann.person), shift=first, why="Refunds wait.")
    assert invited.status_code == 201
    day = invited.json()["booking"]
    assert (await fay.post(f"/bookings/{day}/answer", answer="accepted", sequence=0)).status_code == 403
    said = await ann.post(f"/bookings/{day}/answer", answer="accepted", sequence=0, comment="Gladly")
    assert (said.status_code, said.json()["state"], said.json()["comment"]) == (200, "accepted", "Gladly")
    moved = (await ben.post(f"/bookings/{day}/move", shift=second)).json()
    assert (moved["state"], moved["shift"], moved["sequence"]) == ("invited", second, 1)
    assert (await ben.post(f"/bookings/{day}/undo")).json()["shift"] == first
    assert (await ben.post(f"/bookings/{day}/held")).status_code == 409
    off = (await ben.post(f"/bookings/{day}/cancellation", reason="Flu")).json()
    assert (off["state"], off["reason"]) == ("cancelled", "Flu")
    lines = (await ann.get(f"/bookings/{day}")).json()["history"]
    assert {line["door"] for line in lines} == {"api"}
    assert lines[-1]["by_name"] == cast.ben.name


async def test_one_issue_through_the_api(cast: Cast) -> None:
    app = whole_app()
    ben, eva, gus, fay = [await program(one, app=app) for one in (cast.ben, cast.eva, cast.gus, cast.fay)]
    noted = await ben.post("/notes", text="The till freezes", stream="staff told", team=str(cast.billing),
                           kind="glitch")  # fmt: skip
    assert noted.status_code == 201
    issue = f"/issues/{noted.json()['issue']}"
    assert (await fay.post(f"{issue}/notes", text="Mine too", stream="staff told")).status_code == 201
    await eva.post(f"{issue}/owner", department=str(cast.it), owner=str(cast.gus.person))
    await eva.post(f"{issue}/sponsor", sponsor=str(cast.ann.person))
    assert (await ben.post(f"{issue}/promises", promised_for="2027-03-01")).status_code == 403
    promised = (await gus.post(f"{issue}/promises", promised_for="2027-03-01")).json()
    assert [step["for_date"] for step in promised["promises"]] == ["2027-03-01"]
    assert len((await gus.post(f"{issue}/updates", update="Under way")).json()["updates"]) == 1
    assert (await gus.post(f"{issue}/questions", question="May we?")).json()["turn"] == "needs decision"
    ann = await program(cast.ann, app=app)
    assert (await ann.post(f"{issue}/decisions", decision="yes")).json()["decisions"][0]["says"] == "yes"
    done = (await gus.post(f"{issue}/resolution", how="everybody", done="New tills")).json()
    assert (done["turn"], done["resolution"]["how"]) == ("tell the floor", Resolution.EVERYBODY.value)
    assert (await gus.post(f"{issue}/verdicts", says="fixed")).status_code == 403
    closed = (await fay.post(f"{issue}/verdicts", says="fixed")).json()
    assert (closed["stage"], closed["verdicts"][0]["by_name"]) == ("confirmed", cast.fay.name)
    assert (await ben.post(f"{issue}/returns", text="It froze again")).json()["turn"] != "closed"


async def test_an_owner_who_gives_a_restricted_issue_away_is_answered(cast: Cast) -> None:
    app = whole_app()
    eva, gus, ada = [await program(one, app=app) for one in (cast.eva, cast.gus, cast.ada)]
    other = (await ada.post("/departments", name="Legal")).json()["id"]
    noted = await raised(cast, cast.ben)
    await eva.post(f"/issues/{noted.issue}/owner", department=str(cast.it))
    await eva.post(f"/issues/{noted.issue}/restriction", restricted=True)
    assert (await gus.post(f"/issues/{noted.issue}/owner", department=other)).status_code == 204
    assert (await gus.get(f"/issues/{noted.issue}")).status_code == 404


# --- once ----------------------------------------------------------------------------------------------------------

KEY = {"idempotency-key": "7c1f"}


async def test_the_same_request_with_a_key_acts_once_and_is_answered_the_same(cast: Cast) -> None:
    eva = await program(cast.eva)
    first, again = [await eva.post("/teams", KEY, name="Fraud") for _ in range(2)]
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert [one["name"] for one in await eva.every("/teams")].count("Fraud") == 1


async def test_another_request_with_the_same_key_is_refused(cast: Cast) -> None:
    eva = await program(cast.eva)
    await eva.post("/teams", KEY, name="Fraud")
    for path in ("/teams", "/departments"):
        answer = await eva.post(path, KEY, name="Legal")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert "Legal" not in (await eva.get("/teams")).text


async def test_a_key_is_its_owners_alone(cast: Cast) -> None:
    app = whole_app()
    eva, ada = await program(cast.eva, app=app), await program(cast.ada, app=app)
    assert (await eva.post("/teams", KEY, name="Fraud")).status_code == 201
    assert (await ada.post("/teams", KEY, name="Legal")).status_code == 201


async def test_a_refused_request_gives_its_key_back(cast: Cast) -> None:
    eva = await program(cast.eva)
    assert (await eva.post("/teams", KEY, name="Billing")).status_code == 422
    assert (await eva.post("/teams", KEY, name="Fraud")).status_code == 201


async def test_of_an_anonymous_note_no_answer_is_kept(cast: Cast) -> None:
    from floorday.db import run_sql

    fay = await program(cast.fay)
    said: dict[str, Any] = {"text": "It is cold", "stream": "staff told", "team": str(cast.billing),
                            "naming": "anonymous"}  # fmt: skip
    first = await fay.post("/notes", KEY, **said)
    assert first.json()["follow_up"]
    again = await fay.post("/notes", KEY, **said)
    assert again.status_code == 409
    kept = (await run_sql("SELECT * FROM idempotency_key"))[0]
    assert (kept["asked"], kept["answer"], kept["location"]) == ("", "", "")
    assert len(await fay.every(f"/issues?team={cast.billing}")) == 1
