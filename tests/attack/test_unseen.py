"""What somebody may not see changes no byte of what they get.

A world; everything that a reader can ask for, taken byte for byte with all its headers (pages, the API's lists and
single things, searches and what they offer, downloads, and what is refused, too); then things happen that are not for
this reader; then all of it is taken again. Apart from these stand the numbers that are for everybody: the company's
month, and how far the issues are numbered.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from floorday import config
from floorday.bookings import actions as bookings
from floorday.bookings.queries import seen
from floorday.bookings.rules import Answer, Partstat
from floorday.db.text import Title
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import told
from floorday.issues.rules import Effort, Naming, Resolution, Stream, Verdict
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.mail.tables import InboundMail, Letter
from floorday.people import actions as people
from floorday.people.access import DeviceKind, Grant, Role, Scope
from floorday.people.actions import TokenForm
from floorday.people.tables import Alias, Assists, Person
from floorday.people.tables import Grant as GrantRow
from tests.attack.test_matrix import a_person
from tests.attack.unseen import DAYS, FAR, READERS, Do, Looker, World, looker, make_world, noticed, raised
from tests.attack.unseen_acts import NEWER, NEWER_SEEN
from tests.cast import a_shift
from tests.site import whole_app


@pytest.fixture
async def world(database: object, monkeypatch: pytest.MonkeyPatch) -> World:
    return await make_world(monkeypatch)


# --- what happens ----------------------------------------------------------------------------------------------


async def says_more(world: World) -> None:
    await raised(world.actors["mia"], world.moves, f"And again {uuid4().hex}", issue=world.issues["moves"])


async def says_more_in_billing(world: World) -> None:
    await raised(world.actors["fay"], world.cast.billing, f"And again {uuid4().hex}", issue=world.issues["billing"])


async def raises_what_is_restricted(world: World) -> None:
    issue = await raised(world.actors["mia"], world.moves, f"A secret waits {uuid4().hex}")
    await issues.restrict(world.cast.eva, issue, restricted=True, now=config.now())


async def works_on_what_is_restricted(world: World) -> None:
    now, hal, issue = config.now(), world.actors["hal"], await raised(
        world.actors["mia"], world.moves, f"A secret runs {uuid4().hex}")  # fmt: skip
    await issues.restrict(world.cast.eva, issue, restricted=True, now=now)
    await issues.assign(world.cast.eva, issue, department=world.legal, owner=hal.person, now=now)
    await issues.promise(hal, issue, (now + timedelta(days=1)).date(), now=now)
    await issues.update(hal, issue, "We look at it", now=now)
    await issues.sponsor(world.cast.eva, issue, world.cast.max.person, now=now)
    await issues.ask(hal, issue, "May we?", now=now)
    await issues.decide(world.cast.max, issue, yes=True, because="", now=now)
    await issues.resolve(hal, issue, Resolution.HERE, "Done", now=now)
    await issues.verdict(world.actors["mia"], issue, Verdict.FIXED, now=now)


async def words_of_the_restricted_change(world: World) -> None:
    title = Title(f"Secret {uuid4().hex}")
    await Issue.update({Issue.title: title}).where(Issue.id == world.issues["secret"])


async def corrects_a_note(world: World) -> None:
    row = await Note.select(Note.id).where(Note.issue == world.issues["moves"]).first()
    assert row is not None
    await issues.correct_note(world.actors["mia"], row["id"], f"Better said {uuid4().hex}", now=config.now())


async def the_owner_works(world: World) -> None:
    """Do what stands on no face: who owns and sponsors it, what it costs, a word to those who raised it."""
    now, issue = config.now(), world.issues["moves"]
    for name in ("hew", "hal"):
        owner = world.actors[name].person
        await issues.assign(world.cast.eva, issue, department=world.legal, owner=owner, now=now)
    await issues.sponsor(world.cast.eva, issue, world.cast.max.person, now=now)
    await issues.measure(world.actors["hal"], issue, minutes_per_case=1 + uuid4().int % 9, cases_per_month=4,
                         effort=Effort.SMALL, reputation=uuid4().int % 5, now=now)  # fmt: skip
    await issues.update(world.actors["hal"], issue, f"We look at it {uuid4().hex}", now=now)


async def somebody_else_hides_the_name(world: World) -> None:
    """Let it have been the other of two who raised it behind a hidden name: rows and letters as if it always was."""
    one, other = world.cast.ben, world.actors["bea"]
    row = await Note.select(Note.reporter).where(
        (Note.issue == world.issues["behind"]) & (Note.naming == Naming.HIDDEN.value)).first()
    assert row is not None
    was, now_is = (one, other) if row["reporter"] == one.person else (other, one)
    issue = world.issues["behind"]
    for column in (Note.reporter, Note.written_by):
        await Note.update({column: now_is.person}).where((Note.issue == issue) & (column == was.person))
    for column in (IssueEvent.by, IssueEvent.reporter):
        await IssueEvent.update({column: now_is.person}).where((IssueEvent.issue == issue) & (column == was.person))
    await Letter.update({
        Letter.person: now_is.person, Letter.to_name: now_is.name, Letter.to_address: now_is.email,
    }).where((Letter.about == issue) & (Letter.person == was.person))  # fmt: skip


async def a_day_far_away(world: World) -> None:
    now, leo = config.now(), world.actors["leo"]
    shift = await a_shift(world.cast, now=now, days=next(DAYS), team=world.moves,
                          host=world.actors["mia"].person)  # fmt: skip
    day = await bookings.invite(leo, shift=shift.id, manager=world.cast.max.person, why=f"Come {uuid4().hex}",
                                doing="", hope="", now=now)  # fmt: skip
    answer = Answer(partstat=Partstat.ACCEPTED, sequence=day.sequence)
    await bookings.answer(world.cast.max, day.id, answer, now=now)


async def a_day_far_away_ends(world: World) -> None:
    now, leo = config.now(), world.actors["leo"]
    shift = await a_shift(world.cast, now=now, days=next(DAYS), team=world.moves)
    day = await bookings.invite(leo, shift=shift.id, manager=world.cast.max.person, why="Come", doing="", hope="",
                                now=now)  # fmt: skip
    await bookings.cancel(leo, day.id, reason=f"Ill {uuid4().hex}", now=now)
    await bookings.withdraw_shift(leo, shift.id, reason="Ill", now=now)


async def good_news_far_away(world: World) -> None:
    form = NoteForm(text=Said(f"Well done {uuid4().hex}"), stream=Stream.GOOD_NEWS, team=world.moves)
    await issues.note(world.actors["mia"], form, now=config.now())


async def an_anonymous_note_far_away(world: World) -> None:
    row = NoteForm(text=Said(f"Unsaid {uuid4().hex}"), stream=Stream.GOOD_NEWS, team=world.moves,
                   naming=Naming.ANONYMOUS)  # fmt: skip
    await issues.note(world.actors["mia"], row, now=config.now())


async def others_sign_in(world: World) -> None:
    for name in ("max", "mia", "hal", "nora", "ada"):
        await people.open_session(world.actors[name].person, now=config.now(), browser=uuid4().hex)
    form = TokenForm(Title(uuid4().hex), ["read"], 30)
    await people.create_token(world.cast.max, form, now=config.now())
    await people.ask_code(world.cast.max.email, network=uuid4().hex, now=config.now())


async def another_screen(world: World) -> None:
    for name in ("leo", "eva"):
        await people.open_device(world.actors[name], world.moves, DeviceKind.SCREEN, uuid4().hex, now=config.now())
    await people.set_pin(world.actors["mia"], f"{uuid4().int % 10_000:04}", now=config.now())


async def another_address(world: World) -> None:
    await Alias.insert(Alias(person=world.cast.max.person, email=f"{uuid4().hex}@x.example", created_at=config.now()))
    await Person.update({Person.phone: uuid4().hex[:8], Person.job_title: uuid4().hex}).where(
        Person.id.is_in([world.actors["nora"].person, world.actors["mia"].person]))


async def somebody_joins(world: World) -> None:
    new = await a_person(uuid4().hex, Grant(Role.MEMBER, team=world.moves))
    await GrantRow.insert(GrantRow(person=new.person, role=Role.ADMIN.value, granted_at=config.now()))
    await Assists.insert(Assists(assistant=new.person, manager=world.cast.max.person, since=config.now()))


async def a_mail_waits(world: World) -> None:
    await InboundMail.insert(InboundMail(
        door="lmtp", received_at=config.now(), outcome="needs-human", read_at=config.now(),
        content=f"From: ann@floorday.example\r\nSubject: {uuid4()}\r\n\r\nHi".encode()))  # fmt: skip


async def a_letter_fails(world: World) -> None:
    await Letter.update({Letter.failed_at: config.now(), Letter.server_words: uuid4().hex}).where(
        Letter.person.is_in([world.cast.max.person, world.actors["mia"].person]))


async def the_manager_speaks(world: World) -> None:
    """An assistant sees days and letters, and no issue of the manager's."""
    issue = await raised(world.cast.ann, world.cast.billing, f"I saw {uuid4().hex}")
    await issues.sponsor(world.cast.eva, issue, world.cast.ann.person, now=config.now())
    await raised(world.cast.ann, world.cast.billing, f"On the day {uuid4().hex}", day=world.days["own"])


NOBODY = ["screen", "desk", "nobody"]
ACTS: dict[Do, list[str]] = {
    somebody_else_hides_the_name: READERS,
    a_mail_waits: READERS,
    others_sign_in: [*FAR, "hana"],
    another_screen: [*FAR, "hana"],
    somebody_joins: [*FAR, "hana"],
    says_more: [*FAR, "ada"],
    raises_what_is_restricted: [*FAR, "ada"],
    works_on_what_is_restricted: FAR,
    words_of_the_restricted_change: [*FAR, "ada"],
    corrects_a_note: [*FAR, "ada"],
    the_owner_works: FAR,
    good_news_far_away: [*FAR, "ada"],
    an_anonymous_note_far_away: [*FAR, "ada"],
    a_day_far_away: FAR,
    a_day_far_away_ends: FAR,
    another_address: FAR,
    a_letter_fails: FAR,
    says_more_in_billing: ["dan", "ines", "ada", *NOBODY],
    the_manager_speaks: ["dan", "nobody"],
    **NEWER,
}
"""What may happen, and who must not notice. What somebody answers for an admin may count: it is handed over one day."""


@pytest.mark.parametrize("reader", READERS)
async def test_of_all_that_is_not_for_them_nobody_notices_anything(world: World, reader: str) -> None:
    opens = {"screen": 1, "desk": 3, "nobody": 5, "dan": 15}.get(reader, 30)
    acts = [act for act, unseen in ACTS.items() if reader in unseen]
    assert await noticed(await looker(world, whole_app(), reader), world, acts, opens=opens) == []


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(reader=st.sampled_from(READERS), data=st.data())
async def test_in_whatever_order_it_happens(world: World, reader: str, data: st.DataObject) -> None:
    unseen = [act for act, by in ACTS.items() if reader in by]
    acts = data.draw(st.lists(st.sampled_from(unseen), min_size=1, max_size=5))
    assert await noticed(await looker(world, whole_app(), reader), world, acts) == []


# --- and whoever may see does notice ---------------------------------------------------------------------------

SEEN: dict[Do, tuple[str, str]] = {
    says_more: ("leo", "/issues/"), says_more_in_billing: ("ben", "/issues/"),
    raises_what_is_restricted: ("eva", "/issues"), works_on_what_is_restricted: ("eva", "/issues"),
    words_of_the_restricted_change: ("mia", "/issues/"), corrects_a_note: ("eva", "/issues/"),
    the_owner_works: ("leo", "/issues/"), somebody_else_hides_the_name: ("eva", "/issues/"),
    a_day_far_away: ("max", "/today"), a_day_far_away_ends: ("max", "/api/v1/bookings"),
    good_news_far_away: ("leo", "/good-news"), an_anonymous_note_far_away: ("leo", "/good-news"),
    others_sign_in: ("max", "/settings"), another_screen: ("leo", "/settings/teams/"),
    another_address: ("ada", "/settings/people"), somebody_joins: ("ada", "/settings/people"),
    a_mail_waits: ("eva", "/inbox"), a_letter_fails: ("eva", "/inbox/letters"), the_manager_speaks: ("ann", "/today"),
    **NEWER_SEEN,
}  # fmt: skip
"""Of each act, somebody who sees it, and where."""


async def test_whoever_may_see_it_notices_each_of_these_acts(world: World) -> None:
    assert SEEN.keys() == ACTS.keys()
    app, lookers = whole_app(), dict[str, Looker]()
    for act, (reader, where) in SEEN.items():
        there = lookers.setdefault(reader, await looker(world, app, reader))
        paths = [path for path in there.paths if path.startswith(where)]
        assert await noticed(Looker(there.client, there.bearer, paths), world, [act]), act.__name__


LEAKS: dict[str, tuple[Any, str, Any, str, Do]] = {
    "a list lets in everything": (
        seen, "visible", lambda *_of: Scope(all=True), "fay", a_day_far_away),
    "a face shows the whole": (told, "as_seen", lambda row, _actor: row, "ines", says_more_in_billing),
    "a hidden name is shown": (told, "shown_name", lambda note, _actor: note.reporter_name or "", "gus",
                               somebody_else_hides_the_name),
}  # fmt: skip


@pytest.mark.parametrize("leak", list(LEAKS))
async def test_a_leak_would_be_noticed(world: World, monkeypatch: pytest.MonkeyPatch, leak: str) -> None:
    module, name, open_to_all, reader, act = LEAKS[leak]
    there = await looker(world, whole_app(), reader)
    assert await noticed(there, world, [act]) == []
    monkeypatch.setattr(module, name, open_to_all)
    assert await noticed(there, world, [act])
