"""The pages of shifts, invitations, days and answers: what they show, to whom, and what their buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from floorday import config
from floorday.bookings import actions, pages, queries
from floorday.bookings.rules import State
from floorday.mail.tables import Letter
from floorday.render import tokens
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.site import Site, form_keys

MOST = 8


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, clock=now)


def link(booking: Any, assistant: Any = None) -> str:
    return f"/answer/{tokens.make(queries.purpose_for(assistant), booking.id)}"


# --- inviting


async def test_a_lead_offers_a_shift_and_invites_on_two_short_forms(site: Site, cast: Cast, now: datetime) -> None:
    ben = await site.visitor(cast.ben)
    day = (now + timedelta(days=20)).date().isoformat()
    offered = await ben.post("/shifts/new", "/shifts", team=str(cast.billing), day=day, begins="09:00", ends="15:00",
                             seats="1", host=str(cast.fay.person))
    assert (offered.status_code, offered.headers["location"]) == (303, "/shifts"), offered.text
    form = await ben.get("/invitations/new")
    shift = re.search(r'<option value="([0-9a-f-]{36})" selected>', form.text)
    assert shift, "the next free shift is chosen already"
    sent = await ben.post("/invitations/new", "/invitations", manager=str(cast.ann.person), shift=shift[1],
                          why="Refunds wait.")
    assert sent.status_code == 303, sent.text
    page = await ben.get(sent.headers["location"])
    assert "Ann Archer is invited." in page.text
    assert f'action="{sent.headers["location"]}/undo"' in page.text
    undone = await ben.post(sent.headers["location"], f"{sent.headers['location']}/undo")
    assert undone.status_code == 303
    assert await Letter.count().where(Letter.taken_back_at.is_null()) == 0


async def test_the_form_of_an_invitation_puts_first_who_has_not_been(site: Site, cast: Cast, now: datetime) -> None:
    past = now - timedelta(days=40)
    held = await a_booking(cast, now=past, shift=await a_shift(cast, now=past, days=2), accepted=True)
    await actions.hold(cast.fay, held.id, now=held.ends_at)
    await a_shift(cast, now=now)
    page = (await (await site.visitor(cast.ben)).get("/invitations/new")).text
    assert page.index("Max Moor (has not been yet)") < page.index("Ann Archer (last: ")


async def test_an_invitation_without_words_shows_what_is_missing_and_keeps_the_rest(
    site: Site, cast: Cast, now: datetime
) -> None:
    shift = await a_shift(cast, now=now)
    answer = await (await site.visitor(cast.ben)).post(
        "/invitations/new", "/invitations", manager=str(cast.ann.person), shift=str(shift.id), doing="Take calls")
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert "Take calls" in answer.text


async def test_a_taken_seat_is_said_on_the_form(site: Site, cast: Cast, now: datetime) -> None:
    shift = await a_shift(cast, now=now)
    await a_shift(cast, now=now, days=30)
    ben = await site.visitor(cast.ben)
    await a_booking(cast, now=now, shift=shift)
    answer = await ben.post("/invitations/new", "/invitations", manager=str(cast.max.person), shift=str(shift.id),
                            why="Come")
    assert answer.status_code == 409
    assert "The last seat of this shift is taken. Choose another date." in answer.text


async def test_an_hour_that_the_clocks_leave_out_is_refused_on_the_form(site: Site, cast: Cast) -> None:
    ben = await site.visitor(cast.ben)
    answer = await ben.post("/shifts/new", "/shifts", team=str(cast.billing), day="2030-03-31", begins="01:30",
                            ends="08:00", seats="1")
    assert answer.status_code == 409
    assert "01:30 does not exist on Sunday 31 March 2030 in London time" in answer.text
    assert "The next time is 02:00." in answer.text


@pytest.mark.parametrize("fields", [
    {"day": "soon"}, {"begins": "25:00"}, {"seats": "many"}, {"host": "Fay"}, {"team": "Billing"},
    {"place": "x" * 201}, {"plan": "a\x00b"}, {"seats": "9" * 30},
])
async def test_whatever_is_typed_is_answered_with_a_sentence(site: Site, cast: Cast, fields: dict[str, str]) -> None:
    ben = await site.visitor(cast.ben)
    good = {"team": str(cast.billing), "day": "2030-03-01", "begins": "09:00", "ends": "15:00", "seats": "1"}
    answer = await ben.post("/shifts/new", "/shifts", **(good | fields))
    assert answer.status_code in {400, 409, 422}, answer.text
    assert await queries.shifts(cast.ben, since=config.now()) == []


# --- changing a shift


async def test_a_changed_shift_is_shown_as_changed(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    ben = await site.visitor(cast.ben)
    page = f"/shifts/{booking.shift}"
    changed = await ben.post(page, page, team=str(cast.billing), day=booking.starts_at.date().isoformat(),
                             begins="10:00", ends="16:00", seats="2", place="Leeds, floor 9")
    assert changed.status_code == 303, changed.text
    after = await queries.booking(booking.id)
    assert (after.state, after.sequence, after.place) == (State.INVITED, 1, "Leeds, floor 9")


async def test_a_shift_with_a_guest_is_not_withdrawn_without_a_reason(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    ben = await site.visitor(cast.ben)
    page = f"/shifts/{booking.shift}"
    refused = await ben.post(page, f"{page}/withdrawal")
    assert refused.status_code == 409
    assert "Write a reason" in refused.text
    gone = await ben.post(page, f"{page}/withdrawal", reason="The floor is closed")
    assert gone.status_code == 303
    assert (await queries.booking(booking.id)).state is State.CANCELLED


# --- a day


async def test_a_day_shows_the_buttons_that_fit_its_reader(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    page = f"/bookings/{booking.id}"
    expected = {
        "ann": {"/answer", "/postponement", "/cancellation"}, "dan": {"/answer", "/postponement", "/cancellation"},
        "ben": {"/postponement", "/cancellation", "/reminder"}, "eva": {"/postponement", "/cancellation", "/reminder"},
        "fay": {"/reminder"}, "hana": set(), "ada": set(),
    }
    for who, buttons in expected.items():
        seen = await (await site.visitor(getattr(cast, who))).get(page)
        assert seen.status_code == 200, who
        assert set(re.findall(rf'action="{page}(/[a-z-]+)"', seen.text)) == buttons, who
    for who in ("cleo", "gus", "max", "ines"):
        assert (await (await site.visitor(getattr(cast, who))).get(page)).status_code == 404, who


async def test_on_the_day_the_host_reads_back_and_says_held_on_the_phone(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    page = f"/bookings/{booking.id}"
    fay = await site.visitor(cast.fay)
    assert f'action="{page}/held"' not in (await fay.get("/bookings/hosting")).text
    site.clock = booking.starts_at + timedelta(hours=5)
    hosting = (await fay.get("/bookings/hosting")).text
    assert {f"{page}/held", f"{page}/missed", f"{page}/read-back"} <= set(re.findall(r'action="([^"]+)"', hosting))
    assert (await fay.post("/bookings/hosting", f"{page}/read-back")).status_code == 303
    assert (await fay.post("/bookings/hosting", f"{page}/held")).status_code == 303
    after = await queries.booking(booking.id)
    assert (after.state, after.read_back_at) == (State.HELD, site.clock)


async def test_a_failed_letter_is_shown_with_the_servers_words(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    await Letter.update({Letter.failed_at: now, Letter.server_words: "550 No such user <here>"}).where(
        Letter.about == booking.id, Letter.to_name == "Ann Archer")
    page = (await (await site.visitor(cast.ben)).get(f"/bookings/{booking.id}")).text
    assert "did not arrive" in page
    assert "550 No such user &lt;here&gt;" in page
    assert "550" not in (await (await site.visitor(cast.hana)).get(f"/bookings/{booking.id}")).text


async def test_a_cancellation_needs_a_reason_and_is_undone_from_the_next_page(
    site: Site, cast: Cast, now: datetime
) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    ben, page = await site.visitor(cast.ben), f"/bookings/{booking.id}"
    assert (await ben.post(page, f"{page}/cancellation")).status_code == 409
    assert (await ben.post(page, f"{page}/cancellation", reason="Wrong row")).status_code == 303
    assert f'action="{page}/undo"' in (await ben.get(page)).text
    assert (await ben.post(page, f"{page}/undo")).status_code == 303
    assert (await queries.booking(booking.id)).state is State.ACCEPTED


async def test_a_day_is_moved_to_another_date_of_the_team(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    other = await a_shift(cast, now=now, days=25)
    dan, page = await site.visitor(cast.dan), f"/bookings/{booking.id}"
    assert (await dan.post(page, f"{page}/move", shift=str(other.id))).status_code == 303
    after = await queries.booking(booking.id)
    assert (after.state, after.shift) == (State.ACCEPTED, other.id)
    assert "Dan Dahl, on behalf of Ann Archer," in (await dan.get(page)).text


async def test_whoever_may_not_act_is_told_so(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    page = f"/bookings/{booking.id}"
    hana, cleo = await site.visitor(cast.hana), await site.visitor(cast.cleo)
    assert (await hana.post("/shifts", f"{page}/cancellation", reason="x")).status_code == 403
    assert (await cleo.post("/invitations/new", f"{page}/cancellation", reason="x")).status_code in {403, 404}
    assert (await queries.booking(booking.id)).state is State.INVITED


# --- answering without an account


@pytest.mark.parametrize(("pressed", "state"), [
    ("accepted", State.ACCEPTED), ("tentative", State.TENTATIVE), ("declined", State.DECLINED)])
async def test_a_manager_answers_with_one_button_and_no_account(
    site: Site, cast: Cast, now: datetime, pressed: str, state: State
) -> None:
    booking = await a_booking(cast, now=now)
    nobody = await site.visitor()
    done = await nobody.post(link(booking), link(booking), answer=pressed, sequence="0", comment="See you")
    assert (done.status_code, done.headers["location"]) == (303, link(booking)), done.text
    after = await queries.booking(booking.id)
    assert (after.state, after.comment) == (state, "See you")
    assert "Thank you. Noted:" in (await nobody.get(link(booking))).text


async def test_opening_a_link_changes_nothing(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    nobody = await site.visitor()
    for query in ("", "?answer=accepted", "?answer=declined&sequence=0"):
        seen = await nobody.get(link(booking) + query)
        assert seen.status_code == 200
        assert seen.headers["cache-control"] == "no-store"
        assert seen.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in seen.headers["x-robots-tag"]
    assert await queries.booking(booking.id) == booking


async def test_an_assistant_answers_through_the_link_sent_to_him(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    path, nobody = link(booking, cast.dan.person), await site.visitor()
    page = (await nobody.get(path)).text
    assert "You are Dan Dahl and answer on behalf of Ann Archer." in page
    assert (await nobody.post(path, path, answer="accepted", sequence="0")).status_code == 303
    history = (await (await site.visitor(cast.ben)).get(f"/bookings/{booking.id}")).text
    assert "Dan Dahl, on behalf of Ann Archer," in history
    assert "through the link sent to dan@floorday.example" in history


async def test_an_assistant_picks_another_date_without_an_account(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    other = await a_shift(cast, now=now, days=25)
    path, nobody = link(booking, cast.dan.person), await site.visitor()
    assert (await nobody.post(path, f"{path}/date", shift=str(other.id))).status_code == 303
    after = await queries.booking(booking.id)
    assert (after.state, after.starts_at, after.sequence) == (State.ACCEPTED, other.starts_at, 1)


async def test_a_link_in_capitals_still_opens(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    path = f"/answer/{tokens.make(queries.purpose_for(None), booking.id).upper()}"
    assert (await (await site.visitor()).get(path)).status_code == 200


async def test_an_assistant_who_no_longer_assists_holds_a_dead_link(site: Site, cast: Cast, now: datetime) -> None:
    from floorday.people.tables import Assists

    booking = await a_booking(cast, now=now)
    await Assists.delete().where(Assists.assistant == cast.dan.person)
    assert (await (await site.visitor()).get(link(booking, cast.dan.person))).status_code == 404


async def test_a_wrong_link_looks_the_same_whatever_is_wrong(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    nobody = await site.visitor()
    wrong = [await nobody.get(path) for path in (
        "/answer/" + "a" * 32, "/answer/x", link(booking)[:-1], f"/answer/{tokens.make('reply', booking.id)}")]
    assert {answer.status_code for answer in wrong} == {404}

    def shape(answer: Any) -> str:
        return re.sub(r"answer/[a-z0-9]+|value=\"[^\"]+\"", "", answer.text)

    assert len({shape(answer) for answer in wrong}) == 1


async def test_after_the_start_the_page_says_so_and_takes_nothing(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    nobody = await site.visitor()
    before = await nobody.get(link(booking))
    site.clock = booking.starts_at
    assert "The shift has started" in (await nobody.get(link(booking))).text
    late = await nobody.client.post(
        link(booking), data={**form_keys(before.text), "answer": "accepted", "sequence": "0"})
    assert late.status_code == 409
    assert (await queries.booking(booking.id)).state is State.INVITED


async def test_a_page_opened_before_the_date_moved_is_refused(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now)
    await actions.move(cast.ben, booking.id, shift=(await a_shift(cast, now=now, days=25)).id, now=now)
    late = await (await site.visitor()).post(link(booking), link(booking), answer="accepted", sequence="0")
    assert late.status_code == 409
    assert "The date has changed since this page was opened" in late.text


@pytest.mark.parametrize("fields", [{}, {"answer": "perhaps", "sequence": "0"}, {"answer": "accepted", "sequence": "x"},
                                    {"answer": "accepted", "sequence": "0", "comment": "a\x00b"}])
async def test_a_broken_answer_is_shown_the_page_again(
    site: Site, cast: Cast, now: datetime, fields: dict[str, str]
) -> None:
    booking = await a_booking(cast, now=now)
    answer = await (await site.visitor()).post(link(booking), link(booking), **fields)
    assert answer.status_code in {400, 422}
    assert (await queries.booking(booking.id)).state is State.INVITED


# --- empty states, and how many queries a list takes


@pytest.mark.parametrize(("who", "path", "sentence"), [
    ("ben", "/shifts", "No shift is on offer. Offer one"), ("fay", "/shifts", "When a team offers one"),
    ("fay", "/bookings/hosting", "You host nobody"), ("ben", "/invitations/new", "There is no free shift"),
])
async def test_an_empty_page_says_what_to_do(site: Site, cast: Cast, who: str, path: str, sentence: str) -> None:
    seen = await (await site.visitor(getattr(cast, who))).get(path)
    assert seen.status_code == 200
    assert sentence in seen.text


@pytest.mark.parametrize("path", ["/shifts", "/invitations/new", "/bookings/hosting"])
async def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(
    site: Site, cast: Cast, now: datetime, path: str, queries: Callable[[], Any]
) -> None:
    fay = await site.visitor(cast.fay)
    counts: list[int] = []
    for rows in (1, 3):
        while len(await actions_seen(cast)) < rows:
            await a_booking(cast, now=now, shift=await a_shift(
                cast, now=now, days=20 + 2 * len(await actions_seen(cast)), seats=2))
        with queries() as seen:
            assert (await fay.get(path)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST


async def actions_seen(cast: Cast) -> list[Any]:
    return await queries.bookings(cast.eva)


async def test_a_day_takes_as_many_queries_however_much_happened(
    site: Site, cast: Cast, now: datetime, queries: Callable[[], Any]
) -> None:
    booking = await a_booking(cast, now=now)
    ben, page = await site.visitor(cast.ben), f"/bookings/{booking.id}"
    counts: list[int] = []
    for days in (25, 27):
        with queries() as seen:
            assert (await ben.get(page)).status_code == 200
        counts.append(len(seen))
        await actions.move(cast.ben, booking.id, shift=(await a_shift(cast, now=now, days=days)).id, now=now)
    assert counts[0] == counts[1] <= MOST
