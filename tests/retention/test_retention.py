"""What has served is wiped on its day and not before; twice, or by two workers at once, is like once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from floorday import config, db, doctor
from floorday.config import Settings, load
from floorday.db.text import Title
from floorday.doctor import Level
from floorday.errors import Misconfigured
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.photos import Photograph
from floorday.issues.rules import Stream
from floorday.issues.tables import Photo
from floorday.leavers import actions as leavers
from floorday.mail import inbound
from floorday.mail.tables import InboundMail, Letter, MailToken
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.actions import TokenForm
from floorday.people.tables import ApiToken, FormKey, IdempotencyKey, Session, SignInCode
from floorday.retention import actions, rules
from floorday.retention.rules import Kept
from floorday.web.session import digest
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.inbox.door import delivered

DAY = timedelta(days=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


@pytest.fixture
def leaver_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOORDAY_LEAVER_DAYS", "365")
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


def test_what_is_due_follows_from_the_settings_and_the_clock_alone() -> None:
    found = {due.kind: due.before for due in rules.due(Settings(), NOW)}
    assert found == {
        Kept.LETTERS: NOW - 14 * DAY, Kept.MAILS: NOW - 90 * DAY, Kept.CODES: NOW - 30 * DAY,
        Kept.SESSIONS: NOW - 30 * DAY, Kept.ANSWERS: NOW - 2 * DAY, Kept.FORMS: NOW - 2 * DAY,
        Kept.TOKENS: NOW - 90 * DAY, Kept.LINKS: NOW - 90 * DAY, Kept.PHOTOS: NOW - 365 * DAY,
    }  # fmt: skip
    also = rules.due(structs.replace(Settings(), leaver_days=30), NOW)
    assert rules.Due(Kept.LEAVERS, NOW - 30 * DAY) in also
    assert set(rules.SETTING) == set(Kept)


@pytest.mark.parametrize(
    ("name", "value"),
    [("mail_days", "0"), ("sign_in_days", "-1"), ("request_days", "a week"), ("token_days", "9999"),
     ("leaver_days", "-2"), ("letter_bytes_days", "0")],
)  # fmt: skip
def test_a_stretch_that_cannot_be_is_refused_with_its_key(name: str, value: str) -> None:
    key = f"FLOORDAY_{name.upper()}"
    with pytest.raises(Misconfigured) as wrong:
        load({key: value})
    assert wrong.value.key == key


async def row(table: Any, condition: Any) -> Any:
    return await table.objects().where(condition).first()


async def test_letters_lose_their_bytes_some_days_after_they_left(cast: Cast) -> None:
    await a_booking(cast)
    await delivered(NOW + timedelta(minutes=1))
    sent = await row(Letter, Letter.name == "invitation")
    assert await actions.sweep(now=sent.sent_at + 14 * DAY) == {}
    later = sent.sent_at + 14 * DAY + timedelta(seconds=1)
    assert (await actions.sweep(now=later))[Kept.LETTERS] >= 1
    kept = await row(Letter, Letter.id == sent.id)
    assert (kept.content, kept.wiped_at, kept.sent_at, kept.facts) == (None, later, sent.sent_at, sent.facts)


async def test_a_letter_that_has_not_left_keeps_its_bytes(cast: Cast) -> None:
    await a_booking(cast)
    await Letter.update({Letter.content: b"kept"}, force=True)
    assert Kept.LETTERS not in await actions.sweep(now=NOW + 400 * DAY)
    await Letter.update({Letter.failed_at: NOW}, force=True)
    assert Kept.LETTERS in await actions.sweep(now=NOW + 400 * DAY)


async def a_mail(outcome: str, *, decided: int | None = None) -> Any:
    mail = InboundMail(door="lmtp", received_at=NOW, read_at=NOW, outcome=outcome, content=b"Subject: x\r\n\r\nHi",
                       sender="Ann <ann@floorday.example>", subject="x", envelope_from="ann@floorday.example",
                       message_id=f"<{outcome}{decided}>",
                       decided_at=None if decided is None else NOW + decided * DAY)  # fmt: skip
    await InboundMail.insert(mail)
    return mail.id


async def test_raw_mails_go_once_they_were_dealt_with(cast: Cast) -> None:
    read = await a_mail("update-partstat")
    decided, waits = await a_mail("needs-human", decided=10), await a_mail("needs-human")
    assert await actions.sweep(now=NOW + 90 * DAY) == {}
    assert await actions.sweep(now=NOW + 91 * DAY) == {Kept.MAILS: 1}
    assert await actions.sweep(now=NOW + 101 * DAY) == {Kept.MAILS: 1}
    gone = await inbound.found(read)
    assert (gone.content, gone.sender, gone.subject, gone.envelope_from) == (None, "", "", "")
    assert (gone.outcome, gone.message_id) == ("update-partstat", "<update-partstatNone>")
    assert (await inbound.found(decided)).content is None
    assert await actions.sweep(now=NOW + 900 * DAY) == {}
    assert (await inbound.found(waits)).content is not None


async def test_codes_and_sessions_go_some_days_after_they_were_over(cast: Cast) -> None:
    await people.ask_code(cast.ann.email, network="", now=NOW)
    lives = await people.open_session(cast.ann.person, now=NOW + 20 * DAY)
    ended = await people.open_session(cast.max.person, now=NOW)
    await Session.update({Session.ended_at: NOW + DAY}).where(Session.hash == digest(ended.token))
    assert await actions.sweep(now=NOW + 30 * DAY) == {}
    assert await actions.sweep(now=NOW + 32 * DAY) == {Kept.CODES: 1, Kept.SESSIONS: 1}
    assert await people.load_session(digest(lives.token), now=NOW + 32 * DAY) is not None
    assert (await SignInCode.count(), await Session.count()) == (0, 1)


async def test_answers_to_programs_and_keys_of_forms_go(cast: Cast) -> None:
    await IdempotencyKey.insert(IdempotencyKey(key="k", answer="{}", at=NOW))
    await FormKey.insert(FormKey(key="f", at=NOW))
    assert await actions.sweep(now=NOW + 2 * DAY) == {}
    assert await actions.sweep(now=NOW + 2 * DAY + timedelta(seconds=1)) == {Kept.ANSWERS: 1, Kept.FORMS: 1}


async def test_tokens_and_links_go_some_days_after_they_were_over(cast: Cast) -> None:
    await people.create_token(cast.max, TokenForm(Title("x"), ["read"], 30), now=NOW)
    lives = await people.create_token(cast.max, TokenForm(Title("y"), ["read"], 365), now=NOW)
    booking = await a_booking(cast)
    await MailToken.update({MailToken.revoked_at: NOW + DAY}).where(MailToken.purpose == "answer")
    before = await MailToken.count().where(MailToken.about == booking.id)
    assert await actions.sweep(now=NOW + 90 * DAY) == {}
    assert await actions.sweep(now=NOW + 92 * DAY) == {Kept.LINKS: 1}
    assert await actions.sweep(now=NOW + 121 * DAY) == {Kept.TOKENS: 1}
    assert await MailToken.count().where(MailToken.about == booking.id) == before - 1
    assert await ApiToken.select(ApiToken.id).output(as_list=True) == [lives.id]


async def test_who_left_is_erased_where_the_settings_say_so(cast: Cast, leaver_days: None) -> None:
    await leavers.leave(cast.eva, cast.max.person, [], now=NOW)
    assert Kept.LEAVERS not in await actions.sweep(now=NOW + 365 * DAY)
    assert (await actions.sweep(now=NOW + 366 * DAY))[Kept.LEAVERS] == 1
    card = await people_queries.person(cast.max.person)
    assert card is not None
    assert card.name == "Somebody who left (1)"
    assert Kept.LEAVERS not in await actions.sweep(now=NOW + 367 * DAY)


async def test_nobody_is_erased_by_the_clock_unless_the_settings_say_so(cast: Cast) -> None:
    await leavers.leave(cast.eva, cast.max.person, [], now=NOW)
    await actions.sweep(now=NOW + 4000 * DAY)
    card = await people_queries.person(cast.max.person)
    assert card is not None
    assert card.name == "Max Moor"


async def forms(n: int) -> None:
    await FormKey.insert(*[FormKey(key=f"f{one}", at=NOW) for one in range(n)])


async def test_it_is_done_some_at_a_time_and_the_rest_next_time(database: db.Engine) -> None:
    await forms(25)
    assert await actions.sweep(now=NOW + 3 * DAY, batch=5, most=3) == {Kept.FORMS: 15}
    assert await actions.sweep(now=NOW + 3 * DAY, batch=5, most=3) == {Kept.FORMS: 10}
    assert await actions.sweep(now=NOW + 3 * DAY, batch=5, most=3) == {}


async def test_two_workers_at_once_wipe_each_row_once(database: db.Engine) -> None:
    await forms(120)
    both = await asyncio.gather(*[actions.sweep(now=NOW + 3 * DAY, batch=10) for _worker in range(2)])
    assert sum(done.get(Kept.FORMS, 0) for done in both) == 120
    assert await FormKey.count() == 0


async def test_the_doctor_says_what_is_due_and_whether_a_worker_runs(database_url: str) -> None:
    chosen = structs.replace(Settings(), database=database_url)

    async def looked(now: Any) -> doctor.Finding:
        (found,) = [one for one in await doctor.database(chosen, clock=lambda: now) if one.about == "retention"]
        return found

    now = config.now()
    db.bind(db.make_engine(database_url))
    await db.open_pools()
    await FormKey.insert(FormKey(key="f", at=now))
    await db.close_pools()
    assert (await looked(now + DAY)).says == "Nothing is kept longer than the settings say."
    soon = await looked(now + 2.5 * DAY)
    assert (soon.level, soon.says) == (Level.OK, "Due to be wiped by the worker: 1 keys of posted forms.")
    late = await looked(now + 4 * DAY)
    assert (late.level, "floorday worker" in late.todo) == (Level.WARNING, True)


async def test_photos_go_a_year_after_their_issue_has_closed(cast: Cast) -> None:
    form = NoteForm(text=Said("The chair is broken"), stream=Stream.STAFF_TOLD, team=cast.billing)
    noted = await issues.note(cast.fay, form, now=NOW, pictures=[Photograph(b"a photo", 8, 8)])
    assert noted.issue is not None
    await actions.sweep(now=NOW + 900 * DAY)
    assert await Photo.count() == 1
    await issues.decline(cast.eva, noted.issue, "A new one comes", now=NOW + DAY)
    await actions.sweep(now=NOW + 300 * DAY)
    assert await Photo.count() == 1
    assert (await actions.sweep(now=NOW + 367 * DAY))[Kept.PHOTOS] == 1
    assert not await Photo.count()
