"""A token in a letter does one thing, for a time, until a new one takes its place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floorday.db import uuid7
from floorday.mail import tokens
from floorday.mail.tables import MailToken
from tests.mail.letterbox import NOON

pytestmark = pytest.mark.usefixtures("database")


async def test_a_token_is_found_in_any_case_and_for_its_purpose_only():
    about, person = uuid7(), uuid7()
    token = await tokens.grant("answer", about, person=person, now=NOON)
    found = await tokens.find("answer", token.upper(), NOON)
    assert found is not None
    assert (found.about, found.person) == (about, person)
    assert await tokens.find("verdict", token, NOON) is None
    assert await tokens.find("answer", token[:-1], NOON) is None
    assert await tokens.find("answer", "", NOON) is None
    assert await tokens.find("answer", "\x00\ud800", NOON) is None


async def test_only_the_hash_is_stored():
    token = await tokens.grant("answer", uuid7(), now=NOON)
    assert token not in str(await MailToken.select())


async def test_granting_again_changes_nothing_even_after_revoking():
    about = uuid7()
    token = await tokens.grant("answer", about, now=NOON)
    assert await tokens.grant("answer", about, now=NOON) == token
    assert await MailToken.count() == 1
    assert await tokens.revoke("answer", about, now=NOON) == 1
    await tokens.grant("answer", about, now=NOON)
    assert await tokens.find("answer", token, NOON) is None


async def test_a_token_ends_when_it_was_said_to():
    token = await tokens.grant("answer", uuid7(), expires_at=NOON, now=NOON)
    assert await tokens.find("answer", token, NOON - timedelta(seconds=1)) is not None
    assert await tokens.find("answer", token, NOON) is None


async def test_a_new_generation_revokes_the_old_ones_of_that_thing_alone():
    about, other = uuid7(), uuid7()
    old = await tokens.grant("reply", about, now=NOON)
    else_ = await tokens.grant("reply", other, now=NOON)
    answer = await tokens.grant("answer", about, now=NOON)
    new = await tokens.grant("reply", about, generation=1, now=NOON)
    assert await tokens.find("reply", old, NOON) is None
    for purpose, token in (("reply", new), ("reply", else_), ("answer", answer)):
        assert await tokens.find(purpose, token, NOON) is not None


async def test_a_token_that_works_once_works_once():
    token = await tokens.grant("sign-in", uuid7(), now=NOON)
    found = await tokens.find("sign-in", token, NOON)
    assert found is not None
    assert [await tokens.use(found, NOON), await tokens.use(found, NOON)] == [True, False]
