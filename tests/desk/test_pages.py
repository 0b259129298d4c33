"""What hangs on a team's wall and stands on its desk: what it shows, what it takes, and when it stops."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from floorday import config, server
from floorday.db import run_sql
from floorday.issues import actions as issues
from floorday.issues import queries as issue_queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Resolution, Stream, Turn
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.access import Actor, DeviceKind, Door
from tests.cast import Cast, a_booking, make_cast
from tests.doors.house import Caller, caller, contents
from tests.site import whole_app

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def key_of(cast: Cast, kind: DeviceKind = DeviceKind.SCREEN) -> str:
    return (await people.open_device(cast.ben, cast.billing, kind, "Floor 3", now=config.now())).key


async def at_desk(cast: Cast) -> Caller:
    visitor = await caller(whole_app(), None)
    visitor.client.cookies.set("floorday-desk", await key_of(cast, DeviceKind.DESK))
    return visitor


async def raised(actor: Actor, team: UUID, text: str, naming: Naming = Naming.NAMED) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team, naming=naming)
    noted = await issues.note(actor, form, now=config.now())
    assert noted.issue is not None
    return noted.issue


async def resolved(cast: Cast, issue: UUID) -> None:
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=config.now())
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Runs daily", now=config.now())


async def test_the_wall_shows_who_comes_and_what_is_open_and_no_word_more(cast: Cast) -> None:
    now = config.now()
    await a_booking(cast, now=now, accepted=True)
    issue = await raised(cast.fay, cast.billing, "Refunds wait", Naming.HIDDEN)
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=now)
    await issues.promise(cast.gus, issue, (now + timedelta(days=3)).date(), now=now)
    secret = await raised(cast.fay, cast.billing, "Payroll shows salaries")
    await issues.restrict(cast.eva, secret, restricted=True, now=now)
    await raised(cast.cleo, cast.claims, "Claims wait for scans")
    visitor = await caller(whole_app(), None)
    page = await visitor.get(f"/screen/{await key_of(cast)}")
    shown = [word in page.text for word in ("Ann Archer", "Fay Finch", "Refunds wait", "IT", "promised for")]
    assert shown == [True] * 5
    hidden = ("Payroll", "Claims", "weekly batch", "One refund rule less", "Gus Grant", "<form", "csrf", 'href="/')
    assert [word for word in hidden if word in page.text.replace('href="/static', "")] == []


async def test_hours_are_by_the_teams_clock(cast: Cast) -> None:
    booking = await a_booking(cast, now=config.now(), accepted=True)
    page = await (await caller(whole_app(), cast.ann)).get(f"/screen/{await key_of(cast)}")
    assert f"{booking.starts_at:%H}" == "09"  # winter: London's hour is UTC's, Ann's in Stockholm is not
    assert "09:00–15:00" in page.text
    assert "10:00" not in page.text.split('id="open"')[0].split('id="comes"')[1]


async def test_the_walls_page_is_kept_nowhere_and_refers_to_nobody(cast: Cast) -> None:
    page = await (await caller(whole_app(), None)).get(f"/screen/{await key_of(cast)}")
    said = [page.headers[name] for name in ("cache-control", "referrer-policy", "x-robots-tag")]
    assert said == ["no-store", "no-referrer", "noindex, nofollow"]
    assert "set-cookie" not in page.headers


async def test_the_key_of_a_wall_stands_in_no_log(cast: Cast) -> None:
    key = await key_of(cast)
    line = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d',
                             ("127.0.0.1:1", "GET", f"/screen/{key}", "1.1", 200), None)  # fmt: skip
    assert server.Masked().filter(line)
    assert key not in line.getMessage()
    assert "/screen/…" in line.getMessage()


async def test_the_link_is_shown_once_and_its_end_darkens_the_wall(cast: Cast) -> None:
    app, page = whole_app(), f"/settings/teams/{cast.billing}/screens"
    ben, wall = await caller(app, cast.ben), await caller(app, None)
    made = await ben.post(page, b"wall=By+the+coffee", FORM)
    found = re.search(r"/screen/([a-z2-7]{32})", made.text)
    assert found
    assert made.headers["cache-control"] == "no-store"
    assert (await wall.get(f"/screen/{found[1]}")).status_code == 200
    listed = await ben.get(page)
    assert "By the coffee" in listed.text
    assert found[1] not in listed.text
    end = re.search(r'action="(/settings/screens/[^"]+/end)"', listed.text)
    assert end
    assert (await ben.post(end[1], b"", FORM)).headers["location"] == page
    assert (await wall.get(f"/screen/{found[1]}")).status_code == 404


async def test_a_place_without_a_name_is_asked_again(cast: Cast) -> None:
    ben = await caller(whole_app(), cast.ben)
    for kind, field in (("screens", "wall"), ("desks", "desk")):
        sent = await ben.post(f"/settings/teams/{cast.billing}/{kind}", f"{field}=".encode(), FORM)
        assert sent.status_code == 422
        assert f'href="#f-{field}"' in sent.text


async def test_a_computer_becomes_the_desk_and_nobody_is_signed_in_there(cast: Cast) -> None:
    ben = await caller(whole_app(), cast.ben)
    sent = await ben.post(f"/settings/teams/{cast.billing}/desks", b"desk=Desk+4", FORM)
    assert (sent.status_code, sent.headers["location"]) == (303, "/desk")
    assert "floorday-desk" in ben.client.cookies
    assert (await ben.get("/desk")).status_code == 200
    assert (await ben.get("/settings")).headers["location"].startswith("/sign-in")


async def test_a_note_at_the_desk_says_so_and_can_be_taken_back_there(cast: Cast) -> None:
    visitor = await at_desk(cast)
    sent = await visitor.post(
        "/desk/notes", f"person={cast.fay.person}&text=Labels+print+twice&stream=staff+told".encode(), FORM
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/desk")
    page = await visitor.get("/desk")
    assert "Saved for Fay Finch" in page.text
    row = (await run_sql("SELECT id, issue FROM note"))[0]
    lines = await issue_queries.history(cast.ben, await issue_queries.issue(cast.ben, UUID(str(row["issue"]))))
    assert [(line.by_name, line.door) for line in lines] == [("Fay Finch", Door.DESK)]
    seen = await (await caller(whole_app(), cast.ben)).get(f"/issues/{row['issue']}")
    assert "at the team&#39;s desk" in seen.text
    undo = re.search(r'action="(/desk/notes/[^"]+)"', page.text)
    assert undo
    wrong = await visitor.post(undo[1].partition("?")[0] + "?proof=x", b"", FORM)
    assert wrong.status_code == 404
    assert (await visitor.post(undo[1].replace("&amp;", "&"), b"", FORM)).status_code == 303
    assert (await run_sql("SELECT withdrawn_at FROM note"))[0]["withdrawn_at"] is not None


async def test_an_anonymous_note_at_the_desk_keeps_no_name_and_no_desk(cast: Cast) -> None:
    visitor = await at_desk(cast)
    sent = await visitor.post(
        "/desk/notes", f"person={cast.fay.person}&text=Rota+unfair&stream=staff+told&naming=anonymous".encode(), FORM
    )
    assert sent.status_code == 200
    assert re.search(r"\w{4}-\w{4}-\w{4}", sent.text)
    kept = "\n".join([str(await run_sql(f"SELECT * FROM {table}")) for table in ("note", "issue_event", "letter")])
    assert str(cast.fay.person) not in kept
    assert "desk" not in kept


async def verdict(visitor: Caller, issue: UUID, person: UUID, pin: str = "") -> int:
    said = f"person={person}&pin={pin}&says=fixed"
    return (await visitor.post(f"/desk/issues/{issue}/verdicts", said.encode(), FORM)).status_code


async def test_a_verdict_at_the_desk_is_the_reporters(cast: Cast) -> None:
    visitor, issue = await at_desk(cast), await raised(cast.fay, cast.billing, "Refunds wait")
    await resolved(cast, issue)
    assert await verdict(visitor, issue, cast.ben.person) == 403
    assert await verdict(visitor, issue, cast.fay.person) == 303
    row = await issue_queries.issue(cast.ben, issue)
    assert row.turn is Turn.CLOSED
    last = (await issue_queries.history(cast.ben, row))[-1]
    assert (last.what, last.by_name, last.door) == ("verdict", "Fay Finch", Door.DESK)


async def test_nobody_learns_at_the_desk_whose_name_is_hidden(cast: Cast) -> None:
    """Without a PIN the answer is the same for who raised it behind a hidden name and for who did not."""
    visitor, issue = await at_desk(cast), await raised(cast.fay, cast.billing, "Refunds wait", Naming.HIDDEN)
    await resolved(cast, issue)
    before = await contents()
    answers = [await visitor.post(f"/desk/issues/{issue}/verdicts", f"person={who.person}&says=fixed".encode(), FORM)
               for who in (cast.fay, cast.ben)]  # fmt: skip
    bare = [re.sub(r'value="[^"]*"|<option[^>]*>', "", one.text) for one in answers]
    assert [one.status_code for one in answers] == [403, 403]
    assert bare[0] == bare[1]
    assert await contents() == before
    await people.set_pin(cast.fay, "24681", now=config.now())
    assert await verdict(visitor, issue, cast.fay.person, "1111") == 422
    assert await verdict(visitor, issue, cast.fay.person, "24681") == 303


async def test_a_pin_stands_in_no_answer(cast: Cast) -> None:
    visitor = await at_desk(cast)
    await people.set_pin(cast.fay, "24681", now=config.now())
    sent = await visitor.post("/desk/notes", f"person={cast.fay.person}&pin=13579&text=x&stream=staff+told".encode(),
                              FORM)  # fmt: skip
    assert sent.status_code == 422
    assert "13579" not in sent.text
    assert "This PIN does not fit this name." in sent.text


async def test_the_desk_shows_no_other_teams_issue_and_no_restricted_one(cast: Cast) -> None:
    visitor = await at_desk(cast)
    secret, other = (await raised(cast.fay, cast.billing, "Payroll"), await raised(cast.cleo, cast.claims, "Scans"))
    await issues.restrict(cast.eva, secret, restricted=True, now=config.now())
    for issue in (secret, other):
        await resolved(cast, issue)
        assert (await visitor.get(f"/desk/issues/{issue}")).status_code == 404
    assert await verdict(visitor, secret, cast.fay.person) == 404
    assert await verdict(visitor, other, cast.fay.person) == 404


@pytest.mark.parametrize("path", ["/screen/{key}", "/desk", "/desk/notes/new", "/desk/issues/{issue}"])
async def test_few_queries_however_many_rows(cast: Cast, queries: Callable[[], Any], path: str) -> None:
    visitor, key, counts = await at_desk(cast), await key_of(cast), list[int]()
    for round in range(2):
        for number in range(1 + 2 * round):
            issue = await raised(cast.fay, cast.billing, f"Refunds wait {round} {number}")
            await a_booking(cast, now=config.now(), days=10 + 5 * round + number)
        await visitor.get(path.format(key=key, issue=issue))
        with queries() as seen:
            assert (await visitor.get(path.format(key=key, issue=issue))).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


async def test_ones_own_pin_is_set_and_taken_away_and_never_by_an_empty_form(cast: Cast) -> None:
    fay = await caller(whole_app(), cast.fay)
    seen: list[tuple[int, bool]] = []
    for said in (b"pin=24681", b"", b"pin=", b"pin=12", b"remove=yes"):
        sent = await fay.post("/settings/pin", said, FORM)
        seen.append((sent.status_code, await people_queries.pin(cast.fay.person) is not None))
    assert seen == [(303, True), (422, True), (422, True), (422, True), (303, False)]


async def test_what_a_desk_masks_is_shown_first_and_no_draft_is_kept_there(cast: Cast) -> None:
    visitor = await at_desk(cast)
    assert "data-draft" not in (await visitor.get("/desk/notes/new")).text
    said = f"person={cast.fay.person}&text=Card+4111+1111+1111+1111&stream=staff+told"
    asked = await visitor.post("/desk/notes", said.encode(), FORM)
    assert asked.status_code == 422
    assert "<mark>4111 1111 1111 1111</mark>" in asked.text
    assert await run_sql("SELECT id FROM note") == []
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', asked.text)
    assert seen
    assert (await visitor.post("/desk/notes", f"{said}&seen={seen[1]}".encode(), FORM)).status_code == 303
    assert [row["text"] for row in await run_sql("SELECT text FROM note")] == ["Card [card number]"]
