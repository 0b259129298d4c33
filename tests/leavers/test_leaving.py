"""Somebody leaves: nothing points at nobody, nothing lets them in, and everybody it touches is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from floorday import db
from floorday.bookings import actions as booking_actions
from floorday.bookings import queries as bookings
from floorday.bookings.rules import State
from floorday.bookings.tables import Shift
from floorday.db.text import Title
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.errors import BadInput, FloordayError, Forbidden, NotFound, Refused
from floorday.inbox import queries as inbox_queries
from floorday.issues import actions as issues
from floorday.issues import queries as issue_queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Ending, Resolution, Stream, Turn, Verdict
from floorday.issues.tables import IssueEvent
from floorday.leavers import actions, queries, rules
from floorday.leavers.rules import NOBODY, WITHDRAW, Hand, Kind
from floorday.mail.tables import Letter, MailToken
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.access import Actor, Grant, Role
from floorday.people.actions import TokenForm
from floorday.people.tables import ApiToken, Assists, Person, Session, SignInCode, Team
from floorday.people.tables import Grant as GrantRow
from floorday.render import tokens
from floorday.web.session import digest
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast
from tests.inbox.door import delivered, posted

SOON = timedelta(seconds=30)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def somebody(name: str, *grants: Grant) -> Actor:
    row = Person(name=name, email=f"{name.split(maxsplit=1)[0].lower()}@floorday.example", created_at=NOW)
    await Person.insert(row)
    for one in grants:
        await GrantRow.insert(GrantRow(person=row.id, role=one.role.value, team=one.team, department=one.department,
                                       granted_at=NOW))  # fmt: skip
    return Actor(person=row.id, name=name, email=row.email, grants=frozenset(grants))


async def an_issue(cast: Cast, *, sponsor: Actor | None = None) -> UUID:
    noted = await issues.note(cast.fay, NoteForm(text=Said("It is slow"), stream=Stream.STAFF_TOLD, team=cast.billing),
                              now=NOW)  # fmt: skip
    assert noted.issue is not None
    await issues.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.sponsor(cast.eva, noted.issue, (sponsor or cast.ann).person, now=NOW)
    return noted.issue


async def letters(about: UUID) -> set[tuple[str, str]]:
    rows = await Letter.select(Letter.name, Letter.to_address).where(Letter.about == about)
    return {(row["name"], row["to_address"].partition("@")[0]) for row in rows}


async def pointing_at(person: UUID) -> dict[str, int]:
    """Count what is still to be done by somebody."""
    found = {
        "shifts": "SELECT COUNT(*) AS n FROM shift WHERE host = {} AND starts_at > '2026-11-02'"
                  " AND withdrawn_at IS NULL",
        "days": "SELECT COUNT(*) AS n FROM booking WHERE manager = {} AND state IN"
                " ('invited', 'tentative', 'accepted', 'postponed') AND starts_at > '2026-11-02'",
        "owned": "SELECT COUNT(*) AS n FROM issue WHERE owner = {}"
                 " AND turn IN ('needs owner', 'being fixed', 'needs decision')",
        "sponsored": "SELECT COUNT(*) AS n FROM issue WHERE sponsor = {} AND turn <> 'closed'",
        "hosts": "SELECT COUNT(*) AS n FROM team WHERE default_host = {}",
        "roles": "SELECT COUNT(*) AS n FROM grants WHERE person = {}",
        "assists": "SELECT COUNT(*) AS n FROM assists WHERE assistant = {}",
        "assisted": "SELECT COUNT(*) AS n FROM assists WHERE manager = {}",
        "sessions": "SELECT COUNT(*) AS n FROM session WHERE person = {} AND ended_at IS NULL",
        "tokens": "SELECT COUNT(*) AS n FROM api_token WHERE person = {} AND revoked_at IS NULL",
        "links": "SELECT COUNT(*) AS n FROM mail_token WHERE person = {} AND revoked_at IS NULL",
    }  # fmt: skip
    return {name: int((await db.run_sql(sql, person))[0]["n"]) for name, sql in found.items()}


NOTHING = dict.fromkeys(
    ["shifts", "days", "owned", "sponsored", "hosts", "roles", "assists", "assisted", "sessions", "tokens", "links"], 0)


async def test_a_manager_s_days_are_cancelled_and_everybody_on_them_is_told(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    other = await a_booking(cast, shift=await a_shift(cast, days=40))
    issue = await an_issue(cast)
    made = await people.create_token(cast.ann, TokenForm(Title("x"), ["read"], 30), now=NOW)
    opened = await people.open_session(cast.ann.person, now=NOW)
    await people.ask_code(cast.ann.email, network="", now=NOW)
    done = await actions.leave(cast.eva, cast.ann.person, [], now=NOW, reason="Ann moves to another company.")
    assert (done.cancelled, done.handed) == (2, 1)
    for one in (booking, other):
        row = await bookings.booking(one.id)
        assert (row.state, row.reason) == (State.CANCELLED, "Ann moves to another company.")
        assert row.sequence == one.sequence + 1
    told = await letters(booking.id)
    assert {("booking_cancelled", "ann"), ("booking_cancelled", "dan"), ("place_freed", "fay")} <= told
    cancel = await Letter.select(Letter.event).where(Letter.about == booking.id, Letter.name == "booking_cancelled",
                                                     Letter.to_address == cast.ann.email).first()  # fmt: skip
    assert cancel is not None
    assert '"CANCEL"' in cancel["event"]
    assert (await issue_queries.issue(None, issue)).sponsor == cast.max.person
    assert ("sponsor_named", "max") in await letters(issue)
    assert await pointing_at(cast.ann.person) == NOTHING
    assert await people.load_session(digest(opened.token), now=NOW) is None
    assert await people.load_bearer(digest(made.secret), now=NOW) is None
    assert await bookings.answer_pass(tokens.make("answer", booking.id), now=NOW) is None
    card = await people_queries.person(cast.ann.person)
    assert card is not None
    assert (card.name, card.left_at) == ("Ann Archer", NOW)


async def test_an_owner_s_issues_go_to_somebody_of_the_department_with_a_line_and_letters(cast: Cast) -> None:
    hal = await somebody("Hal Hood", Grant(Role.OWNER, department=cast.it))
    first, second = await an_issue(cast), await an_issue(cast)
    ida = await somebody("Ida Inn", Grant(Role.HEAD_OF_DEPARTMENT, department=cast.it))
    await actions.leave(cast.eva, cast.gus.person, [Hand(Kind.OWNS, second, str(hal.person))], now=NOW)
    assert (await issue_queries.issue(None, first)).owner == ida.person
    assert (await issue_queries.issue(None, second)).owner == hal.person
    assert {("owner_named", "hal"), ("issue_taken", "fay")} <= await letters(second)
    last = await IssueEvent.select(IssueEvent.what, IssueEvent.by).where(IssueEvent.issue == second).order_by(
        IssueEvent.id, ascending=False).first()
    assert last == {"what": "acknowledged", "by": cast.eva.person}
    assert await pointing_at(cast.gus.person) == NOTHING


async def test_nobody_leaves_while_something_would_point_at_nobody(cast: Cast) -> None:
    issue = await an_issue(cast)
    with pytest.raises(BadInput) as alone:
        await actions.leave(cast.eva, cast.gus.person, [], now=NOW)
    assert list(alone.value.fields) == [f"owns/{issue}"]
    assert (await people_queries.person(cast.gus.person)).left_at is None  # type: ignore[union-attr]
    assert (await pointing_at(cast.gus.person))["roles"] == 1


async def test_who_is_chosen_must_be_able_to_take_it(cast: Cast) -> None:
    issue = await an_issue(cast)
    for wrong in (cast.cleo, cast.gus, cast.ann):
        with pytest.raises(BadInput):
            await actions.leave(cast.eva, cast.ann.person, [Hand(Kind.SPONSORS, issue, str(wrong.person))], now=NOW)
    shift = await a_shift(cast)
    for wrong in (cast.cleo, cast.fay):
        with pytest.raises(BadInput):
            await actions.leave(cast.eva, cast.fay.person, [Hand(Kind.HOSTS, shift.id, str(wrong.person))], now=NOW)
    assert (await bookings.shift(shift.id)).host == cast.fay.person


async def test_hosted_shifts_get_another_host_none_or_are_withdrawn(cast: Cast) -> None:
    handed, left_open, withdrawn = [await a_shift(cast, days=days) for days in (20, 21, 22)]
    told = [await a_booking(cast, shift=shift, accepted=True) for shift in (handed, withdrawn)]
    await Team.update({Team.default_host: cast.fay.person}).where(Team.id == cast.billing)
    await actions.leave(cast.ada, cast.fay.person, [
        Hand(Kind.HOSTS, left_open.id, NOBODY), Hand(Kind.HOSTS, withdrawn.id, WITHDRAW)], now=NOW)  # fmt: skip
    assert (await bookings.shift(handed.id)).host == cast.ben.person
    assert (await bookings.shift(left_open.id)).host is None
    assert (await bookings.shift(withdrawn.id)).withdrawn_at == NOW
    assert [(await bookings.booking(one.id)).state for one in told] == [State.ACCEPTED, State.CANCELLED]
    assert {("booking_changed", "ann"), ("day_confirmed", "ben")} <= await letters(told[0].id)
    assert ("booking_cancelled", "ann") in await letters(told[1].id)
    team = await people_queries.team(cast.billing)
    assert team is not None
    assert team.default_host == cast.ben.person
    assert await pointing_at(cast.fay.person) == NOTHING


async def test_a_shift_that_has_begun_keeps_its_host(cast: Cast) -> None:
    shift = await a_shift(cast, days=1)
    hanging = await actions.proposal(cast.eva, cast.fay.person, now=shift.starts_at + timedelta(minutes=1))
    assert [thing.kind for thing in hanging.things] == [Kind.DEFAULT_HOST]


async def test_a_lead_a_head_and_an_assistant_may_be_followed(cast: Cast) -> None:
    await actions.leave(cast.eva, cast.ben.person, [Hand(Kind.LEADS, cast.billing, str(cast.fay.person))], now=NOW)
    assert Role.LEAD in {held.role for held in await people_queries.grants(cast.fay.person)}
    roy = await somebody("Roy Reed", Grant(Role.ASSISTANT))
    await actions.leave(cast.eva, cast.dan.person, [Hand(Kind.ASSISTS, None, str(roy.person))], now=NOW)
    assert [pair.assistant for pair in await people_queries.pairs(manager=cast.ann.person)] == [roy.person]


async def test_an_assistant_whose_manager_leaves_signs_in_anew(cast: Cast) -> None:
    opened = await people.open_session(cast.dan.person, now=NOW)
    await actions.leave(cast.eva, cast.ann.person, [], now=NOW)
    assert await people.load_session(digest(opened.token), now=NOW) is None
    assert await people_queries.pairs(assistant=cast.dan.person) == []


@pytest.mark.parametrize("who", ["ben", "fay", "cleo", "ann", "dan", "gus", "hana"])
async def test_only_those_who_keep_people_let_somebody_go(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        await actions.leave(cast.everybody()[who], cast.max.person, [], now=NOW)


async def test_a_coordinator_lets_no_admin_and_no_coordinator_go_and_nobody_themselves(cast: Cast) -> None:
    other = await somebody("Olga Orr", Grant(Role.COORDINATOR))
    for who, whom in ((cast.eva, cast.ada), (cast.eva, other), (cast.eva, cast.hana), (cast.eva, cast.eva),
                      (cast.ada, cast.ada)):  # fmt: skip
        with pytest.raises(Forbidden):
            await actions.leave(who, whom.person, [], now=NOW)
    await actions.leave(cast.ada, other.person, [], now=NOW)


async def test_the_last_coordinator_and_the_last_admin_stay(cast: Cast) -> None:
    with pytest.raises(Refused, match="only coordinator"):
        await actions.leave(cast.ada, cast.eva.person, [], now=NOW)
    second = await somebody("Zoe Zorn", Grant(Role.ADMIN))
    await actions.leave(cast.ada, second.person, [], now=NOW)


async def test_two_admins_who_let_each_other_go_do_not_leave_nobody(cast: Cast) -> None:
    second = await somebody("Zoe Zorn", Grant(Role.ADMIN))
    done = await asyncio.gather(
        actions.leave(cast.ada, second.person, [], now=NOW), actions.leave(second, cast.ada.person, [], now=NOW),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(isinstance(one, FloordayError) for one in done) == 1, done
    left = await GrantRow.count().where(GrantRow.role == "admin", GrantRow.person._.left_at.is_null())
    assert left == 1


async def test_whoever_left_is_answered_like_a_stranger(cast: Cast) -> None:
    await people.ask_code(cast.max.email, network="", now=NOW)
    row = await people_queries.newest_code(cast.max.email)
    assert row is not None
    await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    with pytest.raises(NotFound):
        await people.sign_in_by_link(tokens.make("sign-in", row["id"]), now=NOW)
    with pytest.raises(BadInput):
        await people.sign_in(cast.max.email, tokens.digits("sign-in-code", row["id"]), now=NOW)
    before = await Letter.count()
    assert await people.ask_code(cast.max.email, network="", now=NOW) is None
    assert await Letter.count() == before


async def test_pickers_pass_over_those_who_left(cast: Cast) -> None:
    shift = await a_shift(cast)
    await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    await actions.leave(cast.eva, cast.fay.person, [], now=NOW)
    assert cast.max.person not in {one.id for one in await bookings.managers()}
    assert cast.max.person not in {one.id for one in await issue_queries.sponsors()}
    assert cast.fay.person not in {one.id for one in (await bookings.hosts({cast.billing}))[cast.billing]}
    assert cast.max.person not in {one.id for one in await people_queries.people()}
    with pytest.raises(Refused):
        await a_booking(cast, manager=cast.max, shift=shift)


async def test_open_verdicts_are_asked_of_the_others_and_else_silence_closes_them(cast: Cast) -> None:
    issue = await an_issue(cast)
    row = await issues.resolve(cast.gus, issue, Resolution.HERE, "Done", now=NOW)
    await actions.leave(cast.eva, cast.fay.person, [], now=NOW)
    token = tokens.make(f"verdict.{cast.fay.person.hex}", issue, generation=row.round)
    with pytest.raises(NotFound):
        await issues.verdict_by_token(token, Verdict.FIXED, now=NOW)
    await issues.close_unconfirmed(now=NOW + timedelta(days=15))
    assert (await issue_queries.issue(None, issue)).ending is Ending.UNCONFIRMED


async def test_what_comes_back_to_somebody_who_left_needs_an_owner(cast: Cast) -> None:
    issue = await an_issue(cast)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Done", now=NOW)
    await issues.verdict(cast.fay, issue, Verdict.FIXED, now=NOW)
    await actions.leave(cast.eva, cast.gus.person, [], now=NOW)
    await actions.leave(cast.eva, cast.ann.person, [], now=NOW)
    rests = await issue_queries.issue(cast.eva, issue)
    assert (rests.owner_name, rests.sponsor_name) == ("Gus Grant", "Ann Archer")
    back = await issues.again(cast.fay, issue, "It is slow again", now=NOW)
    assert (back.turn, back.owner, back.sponsor) == (Turn.NEEDS_OWNER, None, None)


async def test_a_decision_that_waits_is_asked_of_the_new_sponsor(cast: Cast) -> None:
    issue = await an_issue(cast)
    await issues.ask(cast.gus, issue, "May we?", now=NOW)
    hanging = await actions.proposal(cast.eva, cast.ann.person, now=NOW)
    assert [thing.note for thing in hanging.things] == ["a decision is asked of them"]
    await actions.leave(cast.eva, cast.ann.person, [], now=NOW)
    assert ("decision_asked", "max") in await letters(issue)


async def test_the_sponsor_proposed_was_on_that_floor_last(cast: Cast) -> None:
    early = await somebody("Abe Ash", Grant(Role.MANAGER))
    await a_booking(cast, manager=cast.max, accepted=True)
    issue = await an_issue(cast)
    (thing,) = (await actions.proposal(cast.eva, cast.ann.person, now=NOW)).things
    assert [taker.person for taker in thing.takers] == [early.person, cast.max.person]
    assert (thing.id, thing.proposal) == (issue, str(cast.max.person))


async def test_an_admin_sees_no_title_of_a_restricted_issue(cast: Cast) -> None:
    issue = await an_issue(cast)
    await issues.restrict(cast.eva, issue, restricted=True, now=NOW)
    (thing,) = (await actions.proposal(cast.ada, cast.ann.person, now=NOW)).things
    assert thing.title == "A restricted issue"
    (thing,) = (await actions.proposal(cast.eva, cast.ann.person, now=NOW)).things
    assert thing.title.endswith("It is slow")


async def test_who_is_back_signs_in_again_and_has_no_role(cast: Cast) -> None:
    await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    with pytest.raises(Refused):
        await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    assert await actions.come_back(cast.eva, cast.max.person, now=NOW) == "Max Moor"
    await people.ask_code(cast.max.email, network="", now=NOW)
    row = await people_queries.newest_code(cast.max.email)
    assert row is not None
    signed_in = await people.sign_in(cast.max.email, tokens.digits("sign-in-code", row["id"]), now=NOW)
    found = await people.load_session(digest(signed_in.token), now=NOW)
    assert found is not None
    assert found.grants == frozenset()
    with pytest.raises(Refused):
        await actions.come_back(cast.eva, cast.max.person, now=NOW)
    assert [line.what for line in await queries.lines(cast.max.person)] == ["left", "back"]


async def test_nobody_comes_back_to_an_address_that_is_another_s(cast: Cast) -> None:
    await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    await people.add_alias(cast.eva, cast.ann.person, cast.max.email, now=NOW)
    with pytest.raises(Refused, match="Ann Archer"):
        await actions.come_back(cast.eva, cast.max.person, now=NOW)


async def test_a_refused_leaving_changes_nothing(cast: Cast) -> None:
    """The first half of it has happened when the second is refused, and is taken back with it."""
    shift = await a_shift(cast, days=30)
    booking = await a_booking(cast, accepted=True)
    await an_issue(cast)
    opened = await people.open_session(cast.ann.person, now=NOW)
    await actions.leave(cast.eva, cast.max.person, [], now=NOW)
    before = await counts()
    with pytest.raises(BadInput):
        await actions.leave(cast.eva, cast.ann.person, [], now=NOW)
    assert await counts() == before
    assert (await bookings.booking(booking.id)).state is State.ACCEPTED
    assert await people.load_session(digest(opened.token), now=NOW) is not None
    assert (await bookings.shift(shift.id)).host == cast.fay.person


async def counts() -> list[int]:
    tables: list[Any] = [Letter, IssueEvent, GrantRow, Assists, Session, ApiToken, MailToken, SignInCode, Shift]
    return [await table.count() for table in tables]


def test_nobody_and_everything_is_chosen_by_kind_scope_or_thing() -> None:
    assert rules.read("") is None
    assert rules.read("owns/all/x") == Hand(Kind.OWNS, None, "x")
    for broken in ("owns", "owns/x/y", "eats/all/x"):
        with pytest.raises(BadInput):
            rules.read(broken)


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("address", [b"ann@", b"a.archer@"])
async def test_mail_of_somebody_who_left_waits_with_the_reason(cast: Cast, address: bytes, left: bool) -> None:
    booking = await a_booking(cast)
    (raw,) = await delivered(NOW + SOON)
    if left:
        await actions.leave(cast.eva, cast.ann.person, [], now=NOW + SOON)
    reply = clients.reply(raw, Answer.ACCEPTED, Client.APPLE, now=NOW + SOON)
    sent = reply.replace(b"From: Ann Archer <ann@", b"From: Ann Archer <" + address)
    assert await posted(sent, now=NOW + 2 * SOON) == ("needs-human" if left else "update-partstat")
    assert (await bookings.booking(booking.id)).state is (State.CANCELLED if left else State.ACCEPTED)
    reasons = [row.reason for row in await inbox_queries.waiting()]
    assert reasons == (["It comes from Ann Archer, who has left. Nothing was changed."] if left else [])


async def test_automatic_mail_in_the_name_of_somebody_who_left_is_automatic_mail(cast: Cast) -> None:
    """Whose address stands in a machine's mail says nothing."""
    await a_booking(cast)
    (raw,) = await delivered(NOW + SOON)
    await actions.leave(cast.eva, cast.ann.person, [], now=NOW + SOON)
    away = (b"From: Ann Archer <ann@floorday.example>\r\nTo: day@floorday.example\r\nSubject: Away\r\n"
            b"Auto-Submitted: auto-replied\r\nMessage-ID: <away@x>\r\n\r\nI am away.\r\n")  # fmt: skip
    assert raw
    assert await posted(away, now=NOW + 2 * SOON) == "ignored-auto-reply"


async def test_nothing_is_given_to_somebody_who_left(cast: Cast) -> None:
    issue, shift = await an_issue(cast, sponsor=cast.max), await a_shift(cast)
    await actions.leave(cast.eva, cast.ann.person, [], now=NOW)
    gone = cast.ann.person
    given = (
        people.give_role(cast.eva, gone, Role.MANAGER, now=NOW),
        people.add_alias(cast.eva, gone, "x@floorday.example", now=NOW),
        people.add_assistant(cast.eva, cast.dan.person, gone, now=NOW), issues.sponsor(cast.eva, issue, gone, now=NOW),
        issues.assign(cast.eva, issue, department=cast.it, owner=gone, now=NOW),
        booking_actions.invite(cast.ben, shift=shift.id, manager=gone, why="Come", now=NOW),
    )  # fmt: skip
    for one in given:
        with pytest.raises(Refused, match="have left"):
            await one


async def test_what_is_given_at_the_same_moment_is_handed_over_or_refused(cast: Cast) -> None:
    """However the two fall, nothing is owned by somebody who left."""
    hal = await somebody("Hal Hood", Grant(Role.OWNER, department=cast.it))
    for _turn in range(5):
        issue = await an_issue(cast)
        ida = await somebody(f"Ida{_turn} Inn", Grant(Role.OWNER, department=cast.it))
        await asyncio.gather(
            issues.assign(cast.eva, issue, department=cast.it, owner=ida.person, now=NOW),
            actions.leave(cast.eva, ida.person, [Hand(Kind.OWNS, None, str(hal.person))], now=NOW),
            return_exceptions=True,
        )  # fmt: skip
        card = await people_queries.person(ida.person)
        assert card is not None
        assert (await issue_queries.issue(None, issue)).owner != ida.person or card.left_at is None
        assert card.left_at == NOW
