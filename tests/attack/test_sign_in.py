"""At the door: guessing at once, asking at once, and codes that have outlived what they stood for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from floorday.db.text import Language, MailAddress, Title
from floorday.errors import BadInput, FloordayError, NotFound, TooMany
from floorday.mail.tables import Letter
from floorday.people import access, actions, queries
from floorday.people.access import Act, can
from floorday.people.actions import PersonForm
from floorday.people.tables import SignInCode
from floorday.render import tokens
from tests.cast import NOW, Cast, a_booking, make_cast


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def the_code(email: str) -> str:
    row = await queries.newest_code(email)
    assert row is not None
    return tokens.digits("sign-in-code", row["id"])


async def outcome(email: str, code: str) -> type[Exception] | None:
    try:
        await actions.sign_in(email, code, now=NOW)
    except FloordayError as error:
        return type(error)
    return None


async def test_guesses_made_at_once_are_counted_like_guesses_made_one_by_one(cast: Cast) -> None:
    await actions.ask_code(cast.ann.email, network="a", now=NOW)
    right = await the_code(cast.ann.email)
    wrong = [f"{number:06d}" for number in range(40) if f"{number:06d}" != right]
    assert set(await asyncio.gather(*(outcome(cast.ann.email, code) for code in wrong))) == {BadInput}
    row = await queries.newest_code(cast.ann.email)
    assert row is not None
    assert row["tries"] == actions.CODE_TRIES
    assert await outcome(cast.ann.email, right) is BadInput


async def test_the_fifth_guess_may_be_the_right_one(cast: Cast) -> None:
    await actions.ask_code(cast.ann.email, network="a", now=NOW)
    right = await the_code(cast.ann.email)
    for _again in range(actions.CODE_TRIES - 1):
        assert await outcome(cast.ann.email, "x") is BadInput
    assert await outcome(cast.ann.email, right) is None


async def test_codes_asked_for_at_once_are_counted_like_codes_asked_for_one_by_one(cast: Cast) -> None:
    async def ask() -> bool:
        try:
            await actions.ask_code(cast.ann.email, network="a", now=NOW)
        except TooMany:
            return False
        return True

    assert sum(await asyncio.gather(*(ask() for _once in range(30)))) == actions.CODES_PER_ADDRESS
    assert await Letter.count().where(Letter.name == "sign_in_code") == actions.CODES_PER_ADDRESS


async def test_a_code_sent_to_an_address_given_up_since_opens_nothing(cast: Cast) -> None:
    await actions.ask_code(cast.ann.email, network="a", now=NOW)
    code, row = await the_code(cast.ann.email), await SignInCode.select(SignInCode.id).first()
    assert row is not None
    form = PersonForm(name=Title(cast.ann.name), email=MailAddress("new@floorday.example"), language=Language("en"))
    await actions.change_person(cast.eva, cast.ann.person, form, now=NOW)
    assert await outcome(cast.ann.email, code) is BadInput
    with pytest.raises(NotFound):
        await actions.sign_in_by_link(tokens.make("sign-in", row["id"]), now=NOW + timedelta(minutes=1))


async def test_an_assistant_whose_role_is_taken_away_answers_for_nobody(cast: Cast) -> None:
    booking = await a_booking(cast)
    dan = await queries.actor(cast.dan.person)
    assert dan is not None
    assert can(dan, Act.ANSWER, booking.thing())
    held = next(one for one in await queries.grants(cast.dan.person))
    await actions.take_role(cast.ada, held.id, now=NOW)
    after = await queries.actor(cast.dan.person)
    assert after is not None
    assert (after.assists, can(after, Act.SEE_BOOKING, booking.thing())) == (frozenset(), False)


async def test_who_is_no_manager_any_more_sees_the_own_day_and_changes_nothing(cast: Cast) -> None:
    booking = await a_booking(cast)
    held = next(one for one in await queries.grants(cast.ann.person))
    await actions.take_role(cast.ada, held.id, now=NOW)
    ann = await queries.actor(cast.ann.person)
    assert ann is not None
    acts = (Act.ANSWER, Act.MOVE, Act.CANCEL, Act.RAISE, Act.SEE_BRIEF)
    assert [act for act in acts if can(ann, act, booking.thing())] == []
    assert can(ann, Act.SEE_BOOKING, booking.thing())


async def test_who_is_no_owner_any_more_reads_the_issue_and_changes_nothing(cast: Cast) -> None:
    gus = await queries.actor(cast.gus.person)
    assert gus is not None
    issue = access.Issue(team=cast.billing, department=cast.it, owner=cast.gus.person)
    acts = (Act.ASSIGN, Act.PROMISE, Act.UPDATE, Act.RESOLVE, Act.ASK)
    assert [act for act in acts if can(gus, act, issue)] == list(acts)
    await actions.take_role(cast.ada, (await queries.grants(cast.gus.person))[0].id, now=NOW)
    gus = await queries.actor(cast.gus.person)
    assert gus is not None
    assert [act for act in acts if can(gus, act, issue)] == []
    assert can(gus, Act.SEE_ISSUE, issue)
