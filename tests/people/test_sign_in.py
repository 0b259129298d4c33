"""Signing in: by the newest code, once, within a quarter of an hour; the door tells nobody who is inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from floorday.db import run_sql
from floorday.errors import BadInput, NotFound, TooMany
from floorday.mail import letters
from floorday.mail.tables import Letter
from floorday.people import actions, queries
from floorday.people.access import Role
from floorday.people.tables import Grant, Person
from floorday.render import tokens
from floorday.web.session import digest

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
NETWORK = "192.0.2.7"


@pytest.fixture
async def ann(database: object) -> Person:
    person = Person(name="Ann Archer", email="ann@floorday.example", created_at=NOW)
    await Person.insert(person)
    await Grant.insert(Grant(person=person.id, role=Role.MANAGER, granted_at=NOW))
    return person


async def code_sent(email: str = "ann@floorday.example") -> str:
    """Read the code out of the newest letter, written as it leaves."""
    newest = await Letter.objects().where(Letter.to_address == email).order_by(Letter.id, ascending=False).first()
    assert newest is not None
    newest.rendered_at = NOW
    mail = message_from_bytes(letters.render(newest, lambda _event: b""), policy=policy.default)
    found = re.search(r"\b(\d{6})\b", mail.get_body(("plain",)).get_content())
    assert found
    return found[1]


async def ask(email: str = "ann@floorday.example", *, at: datetime = NOW) -> None:
    await actions.ask_code(email, network=NETWORK, now=at)


async def test_the_code_in_the_letter_signs_in(ann: Person) -> None:
    await ask()
    signed_in = await actions.sign_in(" Ann@Floorday.Example ", await code_sent(), now=NOW)
    actor = await actions.load_session(digest(signed_in.token), now=NOW)
    assert actor is not None
    assert (actor.person, actor.has(Role.MANAGER)) == (ann.id, True)


async def test_a_code_typed_with_a_blank_is_taken(ann: Person) -> None:
    await ask()
    code = await code_sent()
    assert await actions.sign_in(ann.email, f"{code[:3]} {code[3:]}", now=NOW)


async def test_a_code_works_once(ann: Person) -> None:
    await ask()
    code = await code_sent()
    await actions.sign_in(ann.email, code, now=NOW)
    with pytest.raises(BadInput):
        await actions.sign_in(ann.email, code, now=NOW)


async def test_only_the_newest_code_works(ann: Person) -> None:
    await ask()
    old = await code_sent()
    await ask(at=NOW + timedelta(seconds=1))
    new = await code_sent()
    if old != new:
        with pytest.raises(BadInput):
            await actions.sign_in(ann.email, old, now=NOW + timedelta(seconds=2))
    assert await actions.sign_in(ann.email, new, now=NOW + timedelta(seconds=2))


async def test_after_fifteen_minutes_a_code_is_too_old(ann: Person) -> None:
    await ask()
    with pytest.raises(BadInput, match="15 minutes"):
        await actions.sign_in(ann.email, await code_sent(), now=NOW + timedelta(minutes=15))


async def test_five_wrong_codes_spend_the_right_one(ann: Person) -> None:
    await ask()
    code = await code_sent()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(actions.CODE_TRIES):
        with pytest.raises(BadInput):
            await actions.sign_in(ann.email, wrong, now=NOW)
    with pytest.raises(BadInput):
        await actions.sign_in(ann.email, code, now=NOW)


async def test_an_unknown_address_gets_the_same_answer_and_no_letter(ann: Person) -> None:
    assert await actions.ask_code("nobody@floorday.example", network=NETWORK, now=NOW) is None
    assert await run_sql("SELECT id FROM letter") == []
    with pytest.raises(BadInput) as unknown:
        await actions.sign_in("nobody@floorday.example", "123456", now=NOW)
    await ask()
    code = await code_sent()
    with pytest.raises(BadInput) as known:
        await actions.sign_in(ann.email, f"{(int(code) + 1) % 1_000_000:06d}", now=NOW)
    assert str(unknown.value) == str(known.value)


async def test_asking_too_often_is_slowed_down(ann: Person) -> None:
    for _ in range(actions.CODES_PER_ADDRESS):
        await ask()
    with pytest.raises(TooMany):
        await ask()
    await ask(at=NOW + timedelta(minutes=16))


async def test_the_link_of_the_newest_code_signs_in_once(ann: Person) -> None:
    await ask()
    row = await queries.newest_code(ann.email)
    assert row is not None
    link = tokens.make("sign-in", row["id"])
    await actions.sign_in_by_link(link.upper(), now=NOW)
    with pytest.raises(NotFound):
        await actions.sign_in_by_link(link, now=NOW)


async def test_somebody_who_left_is_let_in_no_more(ann: Person) -> None:
    signed_in = await actions.open_session(ann.id, now=NOW)
    await Person.update({Person.left_at: NOW}).where(Person.id == ann.id)
    assert await actions.load_session(digest(signed_in.token), now=NOW) is None


async def test_signing_out_ends_the_session(ann: Person) -> None:
    signed_in = await actions.open_session(ann.id, now=NOW)
    actor = await actions.load_session(digest(signed_in.token), now=NOW)
    assert actor is not None
    await actions.sign_out(actor, now=NOW)
    assert await actions.load_session(digest(signed_in.token), now=NOW) is None


async def test_neither_code_nor_session_is_stored_in_clear(ann: Person) -> None:
    await ask()
    code = await code_sent()
    signed_in = await actions.sign_in(ann.email, code, now=NOW)
    stored = "".join([str(await run_sql(f"SELECT * FROM {table}")) for table in ("sign_in_code", "session", "letter")])
    assert signed_in.token not in stored
    assert not re.search(rf"['\"]{code}['\"]", stored)
