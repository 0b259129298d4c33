"""What else may happen while somebody looks whom it is not for: stories, vendors, what is asked, kept and uploaded."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from floorday import config
from floorday.db.text import MailAddress, Prose, Title
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said, references, reporting, vendors
from floorday.issues.actions.dates import NewDate
from floorday.issues.actions.triage import Promise, place_all
from floorday.issues.photos import Photograph
from floorday.issues.rules import Resolution, Stream, Verdict
from floorday.issues.tables import Note, NoteAct
from floorday.mail.tables import Letter, LetterWish
from floorday.mail.wishes import Kind, Pace
from floorday.people.tables import Person
from floorday.public import actions as public
from floorday.setup import actions as setup
from floorday.setup.rules.columns import Subject
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm, newsletters
from floorday.stories.rules import Consent
from tests.attack.unseen import FAR, READERS, Do, World, raised


async def a_story_far_away(world: World) -> None:
    now, leo, mia = config.now(), world.actors["leo"], world.actors["mia"]
    for text in (f"Good {uuid4().hex}", "Told by mistake"):
        form = StoryForm(text=Prose(text), team=world.moves, hero=mia.person)
        told = await stories.tell(leo, form, now=now)
    await stories.withdraw(leo, told.id, now=now)
    first = await stories.tell(leo, StoryForm(text=Prose("Kept on"), team=world.moves, hero=mia.person), now=now)
    await stories.consent(mia, first.id, Consent.TEAM, now=now)
    await stories.thank(leo, first.id, f"Thank you {uuid4().hex}", now=now)


async def praise_waits_far_away(world: World) -> None:
    now, leo = config.now(), world.actors["leo"]
    await stories.keep_praise(leo, world.moves, "Well done", f"They stayed {uuid4().hex}", now=now)
    gone = await stories.keep_praise(leo, world.moves, "Again", "She stayed.", now=now)
    await stories.put_aside(leo, gone.id, now=now)


async def a_newsletter_is_written(world: World) -> None:
    now = config.now()
    for month in (now, now.replace(day=1) - timedelta(days=1)):
        await newsletters.keep(world.cast.eva, f"{month:%Y-%m}", Prose(f"A month {uuid4().hex}"), [], now=now)


async def a_vendor_far_away(world: World) -> None:
    now, hal, name = config.now(), world.actors["hal"], uuid4().hex
    vendor = await vendors.add_vendor(world.cast.eva, vendors.VendorForm(
        name=Title(name), email=MailAddress(f"{name}@firm.example"), department=world.legal), now=now)  # fmt: skip
    issue = await raised(world.actors["mia"], world.moves, "For the firm", issue=world.more["closed"])
    form = vendors.HandOutForm(vendor=vendor, words=vendors.Asked(f"Look at it {name}"))
    await vendors.hand_out(hal, issue, form, now=now)
    await vendors.hand_back(hal, issue, now=now)
    await vendors.end_vendor(world.cast.eva, vendor, now=now)


async def another_tracker_calls_it_so(world: World) -> None:
    name = references.Reference(f"JIRA-{uuid4().int % 10**9}")
    form = references.ReferenceForm()
    await references.refer(world.actors["hal"], world.more["closed"], name, form, now=config.now())


async def others_keep_searches(world: World) -> None:
    for name in ("max", "leo", "eva"):
        kept = issues.SearchForm(name=issues.Named(f"S {uuid4().hex}"), query="q=wait")
        await issues.save_search(world.actors[name], kept, now=config.now())


async def a_page_for_everybody_far_away(world: World) -> None:
    now, leo = config.now(), world.actors["leo"]
    await public.put_on(leo, world.moves, [], looked=True, now=now)
    await public.renew(leo, world.moves, now=now)


async def those_who_raised_it_are_asked(world: World) -> None:
    now, issue = config.now(), await raised(world.actors["mia"], world.moves, f"It stops {uuid4().hex}")
    await issues.restrict(world.cast.eva, issue, restricted=True, now=now)
    await issues.question(world.actors["leo"], issue, f"At which desk? {uuid4().hex}", now=now)
    await issues.answer(world.actors["mia"], issue, f"At the first {uuid4().hex}", now=now)


async def a_note_is_said_to_name_somebody(world: World) -> None:
    row = await Note.select(Note.id).where(Note.issue == world.issues["moves"]).order_by(Note.id).first()
    assert row is not None
    await reporting.report_note(world.actors["leo"], row["id"], f"It is me {uuid4().hex}", now=config.now())
    await reporting.take_report_back(world.actors["leo"], row["id"], now=config.now())
    await reporting.report_note(world.actors["leo"], row["id"], "It is me", now=config.now())
    await reporting.dismiss_report(world.cast.eva, row["id"], f"No {uuid4().hex}", now=config.now())


async def words_of_a_restricted_note_change(world: World) -> None:
    """Let it have said something else: what it said is kept in what was done to it."""
    row = await NoteAct.select(NoteAct.id, NoteAct.kept).where(NoteAct.note == world.more["shut"]).first()
    assert row is not None
    assert "It was Lou" in row["kept"]
    kept = row["kept"].replace("It was Lou", f"It was Lou {uuid4().hex}")
    await NoteAct.update({NoteAct.kept: kept}).where(NoteAct.id == row["id"])


async def a_photo_far_away(world: World) -> None:
    form = NoteForm(text=Said(f"Look {uuid4().hex}"), stream=Stream.STAFF_TOLD, team=world.moves,
                    issue=world.more["closed"])  # fmt: skip
    await issues.note(world.actors["mia"], form, now=config.now(), pictures=[Photograph(b"another", 8, 8)])


async def dates_of_many_move(world: World) -> None:
    """Promise in bulk, and let it be done and come back."""
    now, hal, mia = config.now(), world.actors["hal"], world.actors["mia"]
    issue = await raised(mia, world.moves, f"Runs late {uuid4().hex}")
    await issues.restrict(world.cast.eva, issue, restricted=True, now=now)
    await issues.assign(world.cast.eva, issue, department=world.legal, owner=hal.person, now=now)
    for days in (3, 5):
        wanted = Promise(NewDate(day=(now + timedelta(days=days)).date()), "The firm is late")
        [done] = await place_all(hal, wanted, now=now, ids=[issue])
        assert done.done, done
    await issues.resolve(hal, issue, Resolution.HERE, "Done", now=now)
    await issues.verdict(mia, issue, Verdict.FIXED, now=now)
    await issues.again(world.actors["leo"], issue, f"It is back {uuid4().hex}", now=now)


async def a_hard_one_of_the_few(world: World) -> None:
    now = config.now()
    issue = await raised(world.actors["mia"], world.moves, f"Hard {uuid4().hex}")
    await issues.restrict(world.cast.eva, issue, restricted=True, now=now)
    await issues.measure(world.cast.eva, issue, minutes_per_case=90, cases_per_month=400, now=now)


async def a_sheet_is_uploaded(world: World) -> None:
    text = f"name,address\nAl,{uuid4().hex}@floorday.example\n".encode()
    await setup.upload(world.cast.eva, Subject.PEOPLE, f"{uuid4().hex}.csv", text, now=config.now())


async def another_program_calls_it_so(world: World) -> None:
    await issues.match(world.actors["hal"], world.more["closed"], f"X-{uuid4().hex}", now=config.now())
    await Person.update({Person.external_id: uuid4().hex}).where(Person.id == world.actors["nora"].person)


async def others_wish_fewer_letters(world: World) -> None:
    row = await LetterWish.select(LetterWish.person).where(
        (LetterWish.person == world.cast.max.person) & (LetterWish.kind == Kind.NEWS.value)).first()
    if row is None:
        await LetterWish.insert(LetterWish(person=world.cast.max.person, kind=Kind.NEWS.value, pace=Pace.DAILY.value))
    await Letter.update({Letter.sent_at: config.now()}).where(Letter.person == world.cast.max.person)


NEWER: dict[Do, list[str]] = {
    a_newsletter_is_written: READERS,
    others_keep_searches: READERS,
    a_note_is_said_to_name_somebody: READERS,
    words_of_a_restricted_note_change: READERS,
    a_sheet_is_uploaded: READERS,
    praise_waits_far_away: READERS,
    others_wish_fewer_letters: READERS,
    a_story_far_away: [*FAR, "ada"],
    a_vendor_far_away: FAR,
    another_tracker_calls_it_so: [*FAR, "ada"],
    a_page_for_everybody_far_away: [*FAR, "ada"],
    those_who_raised_it_are_asked: [*FAR, "ada"],
    a_photo_far_away: [*FAR, "ada"],
    dates_of_many_move: FAR,
    a_hard_one_of_the_few: [*FAR, "ada"],
    another_program_calls_it_so: FAR,
}
"""What may happen, and who must not notice."""

NEWER_SEEN: dict[Do, tuple[str, str]] = {
    a_newsletter_is_written: ("eva", "/stories/newsletters"), others_keep_searches: ("max", "/api/v1/searches"),
    a_note_is_said_to_name_somebody: ("eva", "/notes/reported"), words_of_a_restricted_note_change: ("eva", "/notes/"),
    a_sheet_is_uploaded: ("eva", "/settings/import"), praise_waits_far_away: ("leo", "/stories"),
    others_wish_fewer_letters: ("max", "/settings"), a_story_far_away: ("mia", "/stories"),
    a_vendor_far_away: ("ada", "/settings/vendors"), another_tracker_calls_it_so: ("eva", "/api/v1/issues/"),
    a_page_for_everybody_far_away: ("leo", "/settings/teams/"),
    those_who_raised_it_are_asked: ("mia", "/api/v1/issues"),
    a_photo_far_away: ("leo", "/issues/"), dates_of_many_move: ("hana", "/api/v1/promises"),
    a_hard_one_of_the_few: ("hana", "/issues"), another_program_calls_it_so: ("ada", "/api/v1/people"),
}  # fmt: skip
"""Of each act, somebody who sees it, and where."""
