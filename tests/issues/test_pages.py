"""The pages of notes and issues: what they show, to whom, and what their buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from floorday import config
from floorday.bookings import actions as booking_actions
from floorday.bookings.tables import Booking
from floorday.db.text import Title
from floorday.issues import actions, clocks, masks, pages, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.actions.steps import today
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Ending, Kind, Naming, Resolution, Stage, Stream, Verdict
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.mail.tables import Letter, MailToken
from floorday.people.access import Actor
from floorday.render import tokens
from tests.cast import Cast, a_booking, make_cast
from tests.site import Site, Visitor

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


async def raised(
    cast: Cast, now: datetime, by: Actor | None = None, *, text: str = "Refunds wait for a weekly batch.",
    naming: Naming = Naming.NAMED, kind: Kind = Kind.OTHER, stream: Stream = Stream.STAFF_TOLD,
) -> IssueRow:
    """Let somebody (Fay) raise an issue of Billing."""
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said(text), stream=stream, team=cast.billing, naming=naming, kind=kind), now=now)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def owned(cast: Cast, now: datetime, **said: Any) -> IssueRow:
    issue = await raised(cast, now, **said)
    return await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=now)


async def resolved(cast: Cast, now: datetime, **said: Any) -> IssueRow:
    issue = await owned(cast, now, **said)
    return await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "The batch runs daily.", now=now)


async def asked(cast: Cast, now: datetime) -> IssueRow:
    issue = await owned(cast, now)
    await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=now)
    return await actions.ask(cast.gus, issue.id, "Accept the bank fee?", now=now)


async def stage(issue: IssueRow) -> Stage:
    return (await queries.issue(None, issue.id)).stage


async def page(site: Site, who: Actor, path: str) -> str:
    seen = await (await site.visitor(who)).get(path)
    assert seen.status_code == 200, seen.text
    return seen.text


def buttons(text: str, path: str) -> set[str]:
    """Give the forms of a page below a path."""
    return set(re.findall(rf'action="{re.escape(path)}(/[a-z/-]+)"', text))


# --- the board


async def test_the_board_has_a_column_for_each_turn_and_says_whose_it_is(
    site: Site, cast: Cast, now: datetime
) -> None:
    await raised(cast, now, text="Sick-day swaps need a paper form")
    await owned(cast, now, text="The form asks twice")
    await asked(cast, now)
    await resolved(cast, now, text="Meter reset needs a ticket")
    seen = await page(site, cast.ann, "/issues")
    for title in ("Needs an owner", "Being fixed", "Needs a decision", "Fixed, tell the floor"):
        assert re.search(rf"<h2[^>]*>{title}</h2>\s*<span class=\"count\">1</span>", seen), title
    assert "4 open." in seen
    assert re.search(r'class="next me">.*?Your turn.*?Accept the bank fee\?', seen, re.DOTALL), "Ann sponsors it"
    assert "Find an owner" not in seen
    assert "Find an owner" in await page(site, cast.eva, "/issues")
    assert re.search(r'class="next me">.*?Your turn.*?Give a date\.', await page(site, cast.gus, "/issues"), re.DOTALL)
    assert re.search(r'class="next me">.*?The batch runs daily', await page(site, cast.fay, "/issues"), re.DOTALL)


async def test_a_card_of_another_team_shows_the_face_alone(site: Site, cast: Cast, now: datetime) -> None:
    await asked(cast, now)
    seen = await page(site, cast.cleo, "/issues")
    assert "Refunds wait for a weekly batch." in seen
    board = seen[seen.index('class="cols"'):]
    assert "IT" in board
    for hidden in ("Billing", "Gus Grant", "Ann Archer", "Accept the bank fee"):
        assert hidden not in board, hidden


async def test_the_views_narrow_the_board(site: Site, cast: Cast, now: datetime) -> None:
    long_ago = now - timedelta(days=40)
    await owned(cast, long_ago, text="Nobody says a word")
    await raised(cast, now, by=cast.ann, text="Ann saw this", kind=Kind.RED_TAPE)
    closed = await resolved(cast, now, text="Done and said so")
    await actions.verdict(cast.fay, closed.id, Verdict.FIXED, "", now=now)
    expected = {
        "": {"Nobody says a word", "Ann saw this"}, "?view=mine": {"Ann saw this"},
        "?view=quiet": {"Nobody says a word"}, "?view=closed": {"Done and said so"},
        "?view=list": {"Nobody says a word", "Ann saw this"}, "?kind=red+tape": {"Ann saw this"},
        "?q=ann": {"Ann saw this"}, "?q=fd-1": {"Nobody says a word"}, f"?department={cast.it}": {"Nobody says a word"},
        f"?team={cast.claims}": set(), "?view=list&turn=needs+owner": {"Ann saw this"},
        "?view=%00&team=x&kind=x&department=x": {"Nobody says a word", "Ann saw this"},
    }
    for query, titles in expected.items():
        seen = await page(site, cast.ann, f"/issues{query}")
        found = {title for title in ("Nobody says a word", "Ann saw this", "Done and said so") if title in seen}
        # what is Billing's own is not Ann's to narrow by team
        assert found == titles, query
    days = clocks.silent_days(long_ago, now=now, zone=config.settings().zone)
    assert f"Quiet for {days} working days" in await page(site, cast.eva, "/issues")
    assert "Nothing fits what you chose." in await page(site, cast.eva, "/issues?q=zebra")


async def test_a_snoozed_issue_sleeps_off_the_board(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    await actions.snooze(cast.eva, issue.id, today(now) + timedelta(days=9), now=now)
    seen = await page(site, cast.eva, "/issues")
    assert "1 open. 1 of them sleeps." in seen
    assert issue.title not in seen
    listed = await page(site, cast.eva, "/issues?view=list")
    assert issue.title in listed
    assert "sleeps until" in listed


async def test_a_column_shows_the_first_and_links_to_the_rest(site: Site, cast: Cast, now: datetime) -> None:
    for number in range(10):
        await raised(cast, now, text=f"Thing {number}")
    seen = await page(site, cast.eva, "/issues")
    assert len(re.findall('class="issue"', seen)) == 8
    assert "Show 2 more" in seen
    more = await page(site, cast.eva, "/issues?view=list&turn=needs+owner")
    assert all(f"Thing {number}" in more for number in range(10))


@pytest.mark.parametrize(("path", "sentence"), [
    ("/issues", "Nothing is open. The next note opens an issue."), ("/issues?view=mine", "Nothing of yours is open"),
    ("/issues?view=quiet", "Nobody waits for a word"), ("/issues?view=closed", "Nothing is closed yet."),
    ("/good-news", "No good news has been noted yet."),
])
async def test_an_empty_page_says_what_to_do(site: Site, cast: Cast, path: str, sentence: str) -> None:
    assert sentence in await page(site, cast.fay, path)


# --- an issue, and who sees what of it


async def test_each_reader_finds_their_own_next_step(site: Site, cast: Cast, now: datetime) -> None:
    new, fixing, deciding, told = (
        await raised(cast, now), await owned(cast, now), await asked(cast, now), await resolved(cast, now))
    expected = [
        (new, cast.eva, "Who fixes it?", "/owner"), (fixing, cast.gus, "By when is it fixed?", "/promises"),
        (deciding, cast.ann, "Yes or no?", "/decisions"), (deciding, cast.hana, "Yes or no?", "/decisions"),
        (told, cast.fay, "Is it fixed where you are?", "/verdicts"), (new, cast.cleo, "Do you meet it too?", "/notes"),
    ]
    for issue, who, words, act in expected:
        seen = await page(site, who, f"/issues/{issue.id}")
        step = re.search(r'<h2 id="next-step">(.*?)</h2>(.*?)</section>', seen, re.DOTALL)
        assert step, (who.name, seen)
        assert (step[1], act in buttons(step[2], f"/issues/{issue.id}")) == (words, True), who.name
    for issue, who, waiting in (
        (new, cast.fay, "The coordinator or the department finds an owner."),
        (fixing, cast.fay, "Gus Grant has it and gives a date next."),
        (deciding, cast.fay, "Ann Archer says yes or no."),
        (told, cast.gus, "You said what was done."),
    ):
        seen = await page(site, who, f"/issues/{issue.id}")
        assert waiting in seen
        assert 'id="next-step"' not in seen


async def test_an_issue_offers_only_what_its_reader_may_do(site: Site, cast: Cast, now: datetime) -> None:
    issue = await owned(cast, now)
    path = f"/issues/{issue.id}"
    owner = {"/owner", "/promises", "/resolution", "/updates", "/sponsor", "/notes", "/measure", "/title",
             "/restriction", "/reporter-questions", "/references"}
    expected = {
        "eva": {"/owner", "/sponsor", "/notes", "/join", "/snooze", "/decline", "/measure", "/title", "/restriction",
                "/reporter-questions", "/picture", "/references"},
        "gus": owner, "fay": {"/notes", "/measure"}, "cleo": {"/notes"},
        "ben": {"/notes", "/join", "/reporter-questions", "/measure", "/title", "/picture", "/suggestions"},
        "ann": {"/notes"}, "hana": {"/notes", "/calls"}, "ada": {"/notes"},
    }
    for who, acts in expected.items():
        assert buttons(await page(site, getattr(cast, who), path), path) == acts, who
    for who in ("dan",):
        assert (await (await site.visitor(getattr(cast, who))).get(path)).status_code == 404


async def test_whoever_is_not_in_it_sees_the_face_alone(site: Site, cast: Cast, now: datetime) -> None:
    issue = await owned(cast, now, text="The form asks twice for the birthday")
    await actions.retitle(cast.eva, issue.id, "One form for movers", Kind.RED_TAPE, now=now)
    await actions.promise(cast.gus, issue.id, today(now) + timedelta(days=3), "Parts are ordered", now=now)
    for who in (cast.cleo, cast.max, cast.ines, cast.ada):
        seen = await page(site, who, f"/issues/{issue.id}")
        assert "One form for movers" in seen
        assert "Promised for" in seen
        for hidden in ("birthday", "Billing", "Gus Grant", "Fay Finch", "Parts are ordered", "What happened"):
            assert hidden not in seen, (who.name, hidden)
    await actions.restrict(cast.eva, issue.id, restricted=True, now=now)
    assert (await (await site.visitor(cast.cleo)).get(f"/issues/{issue.id}")).status_code == 404
    assert "One form for movers" not in await page(site, cast.cleo, "/issues")


async def test_a_hidden_name_stands_nowhere_on_the_page(site: Site, cast: Cast, now: datetime) -> None:
    issue = await resolved(cast, now, naming=Naming.HIDDEN)
    await actions.verdict(cast.fay, issue.id, Verdict.NOT, "Still weekly.", now=now)
    for who in (cast.ben, cast.gus, cast.hana):
        seen = await page(site, who, f"/issues/{issue.id}")
        assert "Fay Finch" not in seen, who.name
        assert "name hidden" in seen
        assert "somebody who hides the name" in seen
        lines = re.findall(r"Somebody from the floor</strong>.*?</li>", seen, re.DOTALL)
        assert lines, who.name
        assert not [line for line in lines if "(London time)" in line], "the minute might tell who"
    assert "Fay Finch" in await page(site, cast.eva, f"/issues/{issue.id}")


async def test_a_withdrawn_note_does_not_give_its_name_away(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now, naming=Naming.HIDDEN)
    note = (await queries.notes(cast.fay, await queries.issue(cast.fay, issue.id)))[0]
    fay = await site.visitor(cast.fay)
    gone = await fay.post(f"/issues/{issue.id}", f"/notes/{note.id}/withdrawal", back=f"/issues/{issue.id}")
    assert (gone.status_code, gone.headers["location"]) == (303, f"/issues/{issue.id}")
    seen = await page(site, cast.ben, f"/issues/{issue.id}")
    assert "A note was withdrawn" in seen
    assert "Fay Finch" not in seen


async def test_a_note_is_corrected_where_it_stands(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    note = (await queries.notes(cast.fay, await queries.issue(cast.fay, issue.id)))[0]
    path, fay = f"/issues/{issue.id}", await site.visitor(cast.fay)
    long = await fay.post(path, f"{path}/notes/{note.id}/correction", correction="z" * 501)
    assert (long.status_code, "500 is the most" in long.text, "zzzz" in long.text) == (422, True, True)
    assert (await fay.post(path, f"{path}/notes/{note.id}/correction", correction="Twice a week.")).status_code == 303
    seen = await page(site, cast.ben, path)
    assert "Twice a week." in seen
    assert "corrected a note; before it said" in seen
    assert f"{note.id}/correction" not in seen, "nobody corrects another's note"


async def test_an_owner_who_hides_as_a_reporter_is_not_told_apart_by_letters(
    site: Site, cast: Cast, now: datetime
) -> None:
    issue = await owned(cast, now)
    await actions.note(cast.gus, NoteForm(
        text=Said("I see it, too"), stream=Stream.STAFF_TOLD, issue=issue.id, naming=Naming.HIDDEN), now=now)
    seen = await page(site, cast.ben, f"/issues/{issue.id}")
    assert "Gus Grant, the owner" in seen
    assert "Gus Grant, who raised it" not in seen
    assert "somebody who hides the name, the owner" not in seen
    assert "Gus Grant</strong> met it too" not in seen
    assert "<strong>Somebody from the floor</strong> met it too" in seen


async def test_a_note_is_withdrawn_by_who_wrote_it_and_nobody_else(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    note = (await queries.notes(cast.fay, await queries.issue(cast.fay, issue.id)))[0]
    for who, status in ((cast.ben, 404), (cast.cleo, 404), (cast.eva, 409)):
        visitor = await site.visitor(who)
        assert (await visitor.post("/notes/new", f"/notes/{note.id}/withdrawal")).status_code == status, who.name
    assert await Note.count().where(Note.withdrawn_at.is_not_null()) == 0


async def test_the_history_names_who_when_and_through_which_door(site: Site, cast: Cast, now: datetime) -> None:
    issue = await resolved(cast, now)
    token = tokens.make(queries.purpose_for(cast.fay.person), issue.id, generation=1)
    nobody = await site.visitor()
    link = f"/verdict/{token}"
    assert (await nobody.post(link, link, says="partly", verdict_because="Only in Leeds")).status_code == 303
    seen = await page(site, cast.eva, f"/issues/{issue.id}")
    assert re.search(r"<strong>Gus Grant</strong> said that it is fixed for everybody", seen)
    assert re.search(r"<strong>Fay Finch</strong> says: partly fixed", seen)
    assert "through a letter" in seen
    assert "Only in Leeds" in seen
    assert "London time" in seen


async def test_who_was_told_is_listed_with_what_became_of_the_letter(site: Site, cast: Cast, now: datetime) -> None:
    issue = await owned(cast, now)
    await Letter.update({Letter.failed_at: now, Letter.server_words: "550 No <such> user"}).where(
        Letter.about == issue.id, Letter.name == "owner_named")
    seen = await page(site, cast.eva, f"/issues/{issue.id}")
    assert "Gus Grant, the owner" in seen
    assert "did not arrive" in seen
    assert "550 No &lt;such&gt; user" in seen
    assert "Fay Finch, who raised it" in seen
    assert "leaves in a moment" in seen


# --- what the forms do


async def test_an_issue_goes_from_a_note_to_confirmed_on_its_page(site: Site, cast: Cast, now: datetime) -> None:
    eva, gus, ann, fay = [await site.visitor(who) for who in (cast.eva, cast.gus, cast.ann, cast.fay)]
    issue = await raised(cast, now)
    path = f"/issues/{issue.id}"

    async def did(who: Visitor, noun: str, **fields: str) -> str:
        answer = await who.post(path, f"{path}/{noun}", **fields)
        assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text
        return (await who.get(path)).text

    assert "Gus Grant has it now." in await did(eva, "owner", owner=f"{cast.it}/{cast.gus.person}")
    assert "Ann Archer sponsors it." in await did(eva, "sponsor", sponsor=str(cast.ann.person))
    day = today(now) + timedelta(days=5)
    assert "Everybody who raised it is told." in await did(gus, "promises", promised_for=day.isoformat())
    assert (await queries.issue(None, issue.id)).promised_for == day
    assert "No news yet." in await did(gus, "updates", update="No news yet.")
    assert "Ann Archer is asked." in await did(gus, "questions", question="Pay the fee?")
    assert "Decided." in await did(ann, "decisions", decision="yes", decision_because="It is worth it.")
    told = await did(gus, "resolution", how="everybody", done="The batch runs daily.")
    assert f'action="{path}/undo"' in told
    assert "Thank you. It counts as confirmed." in await did(fay, "verdicts", says="fixed")
    after = await queries.issue(None, issue.id)
    assert after.stage is Stage.CONFIRMED
    assert "It is open again." in await did(fay, "returns", again="Weekly again since Monday.")
    assert await stage(issue) is Stage.BEING_FIXED
    words = [line.what for line in await queries.history(cast.eva, await queries.issue(cast.eva, issue.id))]
    assert words == ["raised", "acknowledged", "sponsored", "promised", "updated", "asked", "decided", "resolved",
                     "verdict", "reopened"]


async def test_triage_is_done_on_the_page(site: Site, cast: Cast, now: datetime) -> None:
    eva = await site.visitor(cast.eva)
    first, second, third = [await raised(cast, now, text=text) for text in ("One", "Two", "Three")]
    path = f"/issues/{first.id}"
    assert (await eva.post(path, f"{path}/title", title="Better said", kind="glitch")).status_code == 303
    row = await queries.issue(None, first.id)
    assert (row.title, row.kind) == ("Better said", Kind.GLITCH)
    assert (await eva.post(path, f"{path}/measure", minutes="6", cases="400", effort="small")).status_code == 303
    assert "40 hours a month" in (await eva.get(path)).text
    until = (today(now) + timedelta(days=7)).isoformat()
    assert (await eva.post(path, f"{path}/snooze", until=until)).status_code == 303
    assert "It sleeps until" in (await eva.get(path)).text
    assert (await eva.post(path, f"{path}/wake")).status_code == 303
    assert (await queries.issue(None, first.id)).snoozed_until is None
    path = f"/issues/{second.id}"
    assert (await eva.post(path, f"{path}/join", into=f"fd-{first.number}")).status_code == 303
    assert (await queries.issue(None, second.id)).joined_into == first.id
    assert f'href="/issues/{first.id}"' in (await eva.get(path)).text
    path = f"/issues/{third.id}"
    assert (await eva.post(path, f"{path}/decline", decline_because="Not ours to change.")).status_code == 303
    assert (await queries.issue(None, third.id)).ending is Ending.DECLINED
    assert (await eva.post(path, f"{path}/undo")).status_code == 303
    assert await stage(third) is Stage.NEEDS_OWNER


async def test_a_declined_issue_says_why_and_not_that_something_was_done(
    site: Site, cast: Cast, now: datetime
) -> None:
    issue = await raised(cast, now)
    await actions.decline(cast.eva, issue.id, "The law asks for it.", now=now)
    seen = await page(site, cast.fay, f"/issues/{issue.id}")
    assert re.search(r"<h2>Why it is declined</h2>\s*<blockquote class=\"said\"><p>The law asks for it\.", seen)
    assert "What was done" not in seen


async def test_a_sponsor_who_is_no_manager_is_refused_at_the_field(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    path = f"/issues/{issue.id}"
    seen = await (await site.visitor(cast.eva)).post(path, f"{path}/sponsor", sponsor=str(cast.gus.person))
    assert seen.status_code == 422
    assert seen.text.count("The sponsor is a manager.") == 2, "in the summary, and at the field"


async def test_a_manager_takes_an_issue_as_its_sponsor(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now, by=cast.ann)
    path, ann = f"/issues/{issue.id}", await site.visitor(cast.ann)
    assert "I sponsor it" in (await ann.get(path)).text
    assert (await ann.post(path, f"{path}/sponsor", sponsor=str(cast.ann.person))).status_code == 303
    assert (await queries.issue(None, issue.id)).sponsor == cast.ann.person


async def test_a_department_takes_what_was_handed_to_it(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    path = f"/issues/{issue.id}"
    eva, gus = await site.visitor(cast.eva), await site.visitor(cast.gus)
    assert (await eva.post(path, f"{path}/owner", owner=f"{cast.it}/")).status_code == 303
    mine = (await gus.get(path)).text
    assert "I take it" in mine
    assert f'value="{cast.it}/{cast.gus.person}"' in mine
    assert (await gus.post(path, f"{path}/owner", owner=f"{cast.it}/{cast.gus.person}")).status_code == 303
    assert (await queries.issue(None, issue.id)).owner == cast.gus.person


@pytest.mark.parametrize(("step", "fields", "status", "sentence", "kept"), [
    ("gus promises", {"promised_for": "soon", "promise_because": "Parts come"}, 422, "Please give a date",
     "Parts come"),
    ("gus promises", {"promised_for": "2020-01-01", "promise_because": "Parts come"}, 409, "That date is past",
     "Parts come"),
    ("gus updates", {"update": " "}, 422, "Please fill this in.", ""),
    ("gus updates", {"update": "x" * 4001}, 422, "4000 is the most", "xxxx"),
    ("gus resolution", {"how": "magic", "done": "We did it"}, 422, "Please choose one of the list.", "We did it"),
    ("gus owner", {"owner": "nobody"}, 422, "Please choose one of the list.", ""),
    ("eva owner", {"owner": "{it}/{ann}"}, 422, "The owner is somebody of the department.", ""),
    ("eva join", {"into": "the other one"}, 422, "It looks like FD-102.", "the other one"),
    ("eva join", {"into": "FD-99"}, 422, "It looks like FD-102.", "FD-99"),
    ("eva title", {"title": "x" * 121, "kind": "glitch"}, 422, "120 is the most", "xxxx"),
    ("eva snooze", {"until": "2020-01-01"}, 409, "Choose a date that is still to come.", "2020-01-01"),
    ("eva decline", {"decline_because": "a\x00b"}, 422, "", ""),
    ("eva measure", {"minutes": "-1"}, 422, "0 or more", "-1"),
    ("fay notes", {"text": "y" * 501, "stream": "staff told"}, 422, "500 is the most", "yyyy"),
    ("fay notes", {"text": "With me too", "stream": "good news"}, 409, "Good news is not about an issue",
     "With me too"),
])  # fmt: skip
async def test_what_cannot_be_taken_is_said_at_the_form_and_what_was_typed_is_kept(
    site: Site, cast: Cast, now: datetime, step: str, fields: dict[str, str], status: int, sentence: str, kept: str
) -> None:
    issue, (who, noun) = await owned(cast, now), step.split()
    path, visitor = f"/issues/{issue.id}", await site.visitor(getattr(cast, who))
    ids = {"it": cast.it, "ann": cast.ann.person}
    before = await everything()
    answer = await visitor.post(path, f"{path}/{noun}", **{name: text.format(**ids) for name, text in fields.items()})
    assert answer.status_code in {status, 400}, answer.text
    assert sentence in answer.text
    assert kept in answer.text
    assert await everything() == before


async def test_partly_and_no_need_their_reason(site: Site, cast: Cast, now: datetime) -> None:
    told, deciding = await resolved(cast, now), await asked(cast, now)
    fay, ann = await site.visitor(cast.fay), await site.visitor(cast.ann)
    path = f"/issues/{told.id}"
    answer = await fay.post(path, f"{path}/verdicts", says="not")
    assert (answer.status_code, "Say what is still wrong" in answer.text) == (409, True)
    answer = await fay.post(path, f"{path}/verdicts", verdict_because="Hm")
    assert (answer.status_code, "Hm" in answer.text) == (422, True)
    path = f"/issues/{deciding.id}"
    answer = await ann.post(path, f"{path}/decisions", decision="no")
    assert (answer.status_code, "Say why not" in answer.text) == (409, True)
    assert (await stage(told), await stage(deciding)) == (Stage.TELL_FLOOR, Stage.NEEDS_DECISION)


async def test_whoever_may_not_act_is_refused(site: Site, cast: Cast, now: datetime) -> None:
    issue = await owned(cast, now)
    path = f"/issues/{issue.id}"
    tries = [
        (cast.fay, "promises", {"promised_for": "2030-01-01"}), (cast.cleo, "updates", {"update": "Hi"}),
        (cast.ben, "decline", {"decline_because": "No"}), (cast.ada, "owner", {"owner": f"{cast.it}/"}),
        (cast.max, "sponsor", {"sponsor": str(cast.max.person)}),
        (cast.eva, "promises", {"promised_for": "2030-01-01"}),
        (cast.hana, "resolution", {"how": "here", "done": "So"}), (cast.cleo, "title", {"title": "x", "kind": "other"}),
        (cast.gus, "decisions", {"decision": "yes"}), (cast.ben, "snooze", {"until": "2030-01-01"}),
        (cast.fay, "restriction", {"restricted": "on"}), (cast.dan, "updates", {"update": "Hi"}),
    ]  # fmt: skip
    before = await everything()
    for who, noun, fields in tries:
        visitor = await site.visitor(who)
        answer = await visitor.post("/notes/new", f"{path}/{noun}", **fields)
        assert answer.status_code == (404 if who is cast.dan else 403), (who.name, noun, answer.text)
    assert await everything() == before


# --- notes


async def test_a_note_takes_one_line_and_is_followed_from_its_issue(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    form = (await fay.get("/notes/new")).text
    assert re.search(r'name="stream" value="staff told" checked', form)
    assert f'<input type="hidden" name="team" value="{cast.billing}">' in form, "the one team is chosen already"
    assert not re.search(r'name="kind"[^>]*checked', form), "no kind is chosen for anybody"
    saved = await fay.post("/notes/new", "/notes/new", text="Card 4111 1111 1111 1111 is refused", stream="staff told",
                           team=str(cast.billing), naming="named",
                           seen=masks.digest_of([masks.pieces("4111 1111 1111 1111")]))
    assert saved.status_code == 303, saved.text
    row = await queries.issue(cast.fay, UUID(saved.headers["location"].removeprefix("/issues/")))
    assert (row.title, row.kind, row.team) == ("Card [card number] is refused", Kind.OTHER, cast.billing)
    after = (await fay.get(saved.headers["location"])).text
    assert "Saved as FD-1." in after
    undo = re.search(r'action="(/notes/[0-9a-f-]+/withdrawal)"', after)
    assert undo
    assert (await fay.post(saved.headers["location"], undo[1])).status_code == 303
    assert await Note.count().where(Note.withdrawn_at.is_not_null()) == 1


async def test_a_managers_note_comes_from_the_day_that_is_on(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    ann = await site.visitor(cast.ann)
    assert 'name="day"' not in (await ann.get("/notes/new")).text
    site.clock = booking.starts_at + timedelta(hours=1)
    form = (await ann.get("/notes/new")).text
    assert "From your day with Billing" in form
    assert f'<option value="{booking.id}" selected>' in form
    assert re.search(r'name="stream" value="manager saw" checked', form)
    saved = await ann.post("/notes/new", "/notes/new", text="I saw it", stream="manager saw", day=str(booking.id))
    assert saved.status_code == 303, saved.text
    assert (await queries.board(cast.eva))[0].day == booking.id


async def test_an_anonymous_note_gets_its_code_once_and_nothing_tells_who(
    site: Site, cast: Cast, now: datetime
) -> None:
    fay = await site.visitor(cast.fay)
    saved = await fay.post("/notes/new", "/notes/new", text="The target makes us hang up", stream="staff told",
                           team=str(cast.billing), naming="anonymous")
    assert saved.status_code == 200
    assert saved.headers["cache-control"] == "no-store"
    code = re.search(r'<code id="follow-up">([a-z0-9-]+)</code>', saved.text)
    assert code
    row = (await queries.board(cast.eva))[0]
    seen = await page(site, cast.eva, f"/issues/{row.id}")
    assert "anonymous" in seen
    assert "Fay Finch" not in seen
    nobody = await site.visitor()
    opened = await nobody.post("/follow", "/follow", code=code[1].upper().replace("-", " "))
    assert opened.status_code == 200
    assert "The target makes us hang up" in opened.text
    assert code[1] not in str(opened.request.url)


@pytest.mark.parametrize("fields", [
    {"text": ""}, {"text": "x" * 501}, {"stream": "rumour"}, {"naming": "shouted"}, {"team": "Billing"},
    {"kind": "odd"},
    {"day": "today"}, {"text": "a\x07b"},
])
async def test_a_note_that_cannot_be_taken_is_shown_again(site: Site, cast: Cast, fields: dict[str, str]) -> None:
    fay = await site.visitor(cast.fay)
    good = {"text": "Two screens for one case", "stream": "staff told", "team": str(cast.billing), "naming": "hidden"}
    answer = await fay.post("/notes/new", "/notes/new", **(good | fields))
    assert answer.status_code in {400, 422}, answer.text
    if "text" not in fields:
        assert "Two screens for one case" in answer.text
    if "naming" not in fields and answer.status_code == 422:
        assert re.search(r'name="naming" value="hidden" checked', answer.text)
    assert await Note.count() == 0


async def test_good_news_is_listed_by_itself(site: Site, cast: Cast, now: datetime) -> None:
    fay = await site.visitor(cast.fay)
    saved = await fay.post("/notes/new?stream=good+news", "/notes/new", text="Ben stayed late for a caller",
                           stream="good news", team=str(cast.billing), naming="named")
    assert (saved.status_code, saved.headers["location"]) == (303, "/good-news"), saved.text
    for who, listed in ((cast.fay, True), (cast.ben, True), (cast.hana, True), (cast.cleo, False), (cast.gus, False)):
        assert ("Ben stayed late" in await page(site, who, "/good-news")) is listed, who.name
    assert await Issue.count() == 0


async def test_a_day_keeps_its_notes_and_the_host_reads_them_back(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    site.clock = booking.starts_at + timedelta(hours=4)
    path = f"/days/{booking.id}/notes"
    ann, fay = await site.visitor(cast.ann), await site.visitor(cast.fay)
    assert "Nothing yet." in (await fay.get(path)).text
    assert f'action="{path}/read-back"' not in (await fay.get(path)).text, "there is nothing to read back yet"
    for text, stream in (("Two logins for one call", "manager saw"), ("Ben is kind", "good news")):
        saved = await ann.post(path, path, text=text, stream=stream)
        assert (saved.status_code, saved.headers["location"]) == (303, path), saved.text
    seen = (await fay.get(path)).text
    assert seen.index("Manager saw</h3>") < seen.index("Two logins for one call") < seen.index("Good news</h3>")
    assert "2 notes" in seen
    assert "The list is right" in seen
    assert "The list is right" not in (await ann.get(path)).text
    assert (await ann.post(path, f"{path}/read-back")).status_code == 403
    assert (await fay.post(path, f"{path}/read-back")).status_code == 303
    assert "The list was read back to the team" in (await ann.get(path)).text


async def test_the_notes_of_a_day_are_for_those_who_were_there_and_the_team(
    site: Site, cast: Cast, now: datetime
) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    path = f"/days/{booking.id}/notes"
    expected = {"ann": 200, "fay": 200, "ben": 200, "eva": 200, "hana": 200, "dan": 403, "ada": 403, "cleo": 404,
                "gus": 404, "max": 404, "ines": 404}
    for who, status in expected.items():
        visitor = await site.visitor(getattr(cast, who))
        assert (await visitor.get(path)).status_code == status, who
        sent = await visitor.post("/notes/new" if status != 200 else path, path, text="Hi", stream="staff told")
        assert sent.status_code == ({200: 303}.get(status, status) if who != "hana" else 403), who


# --- without an account


async def link(issue: IssueRow, person: Actor) -> str:
    return f"/verdict/{tokens.make(queries.purpose_for(person.person), issue.id, generation=issue.round)}"


@pytest.mark.parametrize(("says", "because", "after"), [
    ("fixed", "", Stage.CONFIRMED), ("partly", "Only in Leeds", Stage.BEING_FIXED), ("not", "No", Stage.BEING_FIXED)])
async def test_a_verdict_takes_two_taps_and_no_account(
    site: Site, cast: Cast, now: datetime, says: str, because: str, after: Stage
) -> None:
    issue = await resolved(cast, now)
    path, nobody = await link(issue, cast.fay), await site.visitor()
    seen = await nobody.get(path)
    assert "The batch runs daily." in seen.text
    assert "You answer as Fay Finch." in seen.text
    done = await nobody.post(path, path, says=says, verdict_because=because)
    assert (done.status_code, done.headers["location"]) == (303, path), done.text
    assert await stage(issue) is after
    assert "Thank you" in (await nobody.get(path)).text


async def test_opening_the_page_of_a_letter_changes_nothing_and_is_not_kept(
    site: Site, cast: Cast, now: datetime
) -> None:
    told, deciding = await resolved(cast, now), await asked(cast, now)
    decision = await decision_link(deciding)
    nobody, before = await site.visitor(), await everything()
    for path in (await link(told, cast.fay), (await link(told, cast.fay)).upper().replace("/VERDICT", "/verdict"),
                 f"{await link(told, cast.fay)}?says=fixed", decision, f"{decision}?decision=yes", "/follow"):
        seen = await nobody.get(path)
        assert seen.status_code == 200, path
        assert seen.headers["cache-control"] == "no-store"
        assert seen.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in seen.headers["x-robots-tag"]
    assert await everything() == before


async def decision_link(issue: IssueRow) -> str:
    row = await MailToken.select(MailToken.generation).where(
        MailToken.purpose == queries.DECISION, MailToken.about == issue.id).first()
    assert row is not None
    return f"/decision/{tokens.make(queries.DECISION, issue.id, generation=row['generation'])}"


async def test_a_sponsor_decides_through_the_link(site: Site, cast: Cast, now: datetime) -> None:
    issue = await asked(cast, now)
    path, nobody = await decision_link(issue), await site.visitor()
    assert "Accept the bank fee?" in (await nobody.get(path)).text
    refused = await nobody.post(path, path, decision="no")
    assert (refused.status_code, "Say why not" in refused.text) == (409, True)
    missing = await nobody.post(path, path, decision_because="Perhaps next year")
    assert (missing.status_code, "Perhaps next year" in missing.text) == (422, True)
    done = await nobody.post(path, path, decision="no", decision_because="Too dear")
    assert done.status_code == 303, done.text
    assert await stage(issue) is Stage.BEING_FIXED
    assert "No decision is waited for here any more." in (await nobody.get(path)).text
    assert (await nobody.post(path, path, decision="yes")).status_code == 403, "there is no form to take a token from"


async def test_a_wrong_link_looks_the_same_whatever_is_wrong(site: Site, cast: Cast, now: datetime) -> None:
    issue = await resolved(cast, now)
    good = await link(issue, cast.fay)
    await actions.verdict(cast.fay, issue.id, Verdict.NOT, "No", now=now)
    await actions.resolve(cast.gus, issue.id, Resolution.HERE, "Now it does.", now=now)
    nobody = await site.visitor()
    decision = good.replace("/verdict", "/decision")
    wrong = [await nobody.get(path) for path in (
        good, "/verdict/x", "/verdict/" + "a" * 32, decision, f"/verdict/{tokens.make('verdict', issue.id)}",
        await link(await queries.issue(None, issue.id), cast.ben))]
    assert {answer.status_code for answer in wrong} == {404}
    assert len({re.sub(r'value="[^"]+"', "", answer.text) for answer in wrong}) == 1


async def test_a_closed_issue_comes_back_through_the_link(site: Site, cast: Cast, now: datetime) -> None:
    issue = await resolved(cast, now)
    path, nobody = await link(issue, cast.fay), await site.visitor()
    await nobody.post(path, path, says="fixed")
    empty = await nobody.post(path, f"{path}/again", again=" ")
    assert empty.status_code == 422
    back = await nobody.post(path, f"{path}/again", again="Weekly again")
    assert back.status_code == 303, back.text
    assert await stage(issue) is Stage.BEING_FIXED


async def test_a_code_opens_the_note_and_takes_a_word_and_the_verdict(site: Site, cast: Cast, now: datetime) -> None:
    noted = await actions.note(cast.fay, NoteForm(
        text=Said("The target makes us hang up"), stream=Stream.STAFF_TOLD, team=cast.billing,
        naming=Naming.ANONYMOUS), now=now)
    assert noted.follow_up
    assert noted.issue
    code, nobody = noted.follow_up, await site.visitor()
    wrong = await nobody.post("/follow", "/follow", code="aaaa-bbbb-cccc")
    assert (wrong.status_code, "aaaa-bbbb-cccc" in wrong.text) == (404, True)
    assert "No note belongs to this code." in wrong.text
    assert (await nobody.post("/follow", "/follow", code="")).status_code == 422
    assert "Needs an owner" in (await nobody.post("/follow", "/follow", code=code)).text
    word = await nobody.post("/follow", "/follow/word", code=code, text="It is worse on Mondays")
    assert (word.status_code, "Thank you." in word.text) == (200, True)
    assert "It is worse on Mondays" in await page(site, cast.eva, f"/issues/{noted.issue}")
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=now)
    await actions.resolve(cast.gus, noted.issue, Resolution.HERE, "The target is gone.", now=now)
    opened = await nobody.post("/follow", "/follow", code=code)
    assert "The target is gone." in opened.text
    assert "Gus Grant" not in opened.text
    refused = await nobody.post("/follow", "/follow/verdict", code=code, says="partly")
    assert (refused.status_code, "Say what is still wrong" in refused.text) == (409, True)
    done = await nobody.post("/follow", "/follow/verdict", code=code, says="fixed")
    assert done.status_code == 200, done.text
    row = await queries.issue(None, noted.issue)
    assert row.ending is Ending.CONFIRMED


# --- reading changes nothing, and costs the same for three as for one


async def everything() -> list[Any]:
    """Give every row that a page of this slice could touch."""
    return [
        await table.select().order_by(table._meta.primary_key)
        for table in (Issue, Note, IssueEvent, Letter, MailToken, Booking)
    ]


async def test_reading_changes_nothing_whoever_reads(site: Site, cast: Cast, now: datetime) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    issues = [await raised(cast, now), await owned(cast, now), await asked(cast, now), await resolved(cast, now)]
    before = await everything()
    paths = ["/issues", "/issues?view=mine", "/issues?view=list", "/issues?view=closed", "/good-news", "/notes/new",
             f"/days/{booking.id}/notes", *(f"/issues/{issue.id}" for issue in issues)]
    for name, who in cast.everybody().items():
        visitor = await site.visitor(who)
        for path in paths:
            assert (await visitor.get(path)).status_code in {200, 403, 404}, (name, path)
    assert await everything() == before


async def test_who_is_not_signed_in_is_sent_to_the_door(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    nobody = await site.visitor()
    for path in ("/issues", f"/issues/{issue.id}", "/notes/new", "/good-news"):
        seen = await nobody.get(path)
        assert (seen.status_code, seen.headers["location"].startswith("/sign-in?next=")) == (303, True)
    for path in ("/issues", "/good-news", "/notes/new"):
        expected = 403 if path != "/notes/new" else 200
        assert (await (await site.visitor(cast.dan)).get(path)).status_code == expected, path


@pytest.mark.parametrize(("who", "path"), [
    ("eva", "/issues"), ("ann", "/issues"), ("fay", "/issues?view=list"), ("gus", "/issues?view=mine"),
    ("eva", "/issues?view=quiet"), ("gus", "/issues?view=quiet"), ("hana", "/issues?view=mine"),
    ("fay", "/good-news"), ("ann", "/notes/new"),
])
async def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(
    site: Site, cast: Cast, now: datetime, who: str, path: str, queries: Callable[[], Any]
) -> None:
    visitor, counts = await site.visitor(getattr(cast, who)), list[int]()
    with queries() as seen:  # before anything is known in this process
        assert (await visitor.get(path)).status_code == 200
    assert len(seen) <= MOST
    for more in (1, 2):
        for _ in range(more):
            await asked(cast, now)
            await raised(cast, now)
            await actions.note(cast.fay, NoteForm(
                text=Said("Good"), stream=Stream.GOOD_NEWS, team=cast.billing), now=now)
        with queries() as seen:
            assert (await visitor.get(path)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST


@pytest.mark.parametrize("who", ["eva", "gus", "fay", "ann", "cleo", "hana"])
async def test_an_issue_takes_as_many_queries_however_much_was_said(
    site: Site, cast: Cast, now: datetime, who: str, queries: Callable[[], Any]
) -> None:
    issue = await asked(cast, now)
    visitor, counts = await site.visitor(getattr(cast, who)), list[int]()
    for more in (1, 2):
        for _ in range(more):
            await actions.note(cast.ben, NoteForm(
                text=Said("Me too"), stream=Stream.STAFF_TOLD, issue=issue.id), now=now)
            await actions.update(cast.gus, issue.id, "No news yet.", now=now)
        with queries() as seen:
            assert (await visitor.get(f"/issues/{issue.id}")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST


async def test_the_notes_of_a_day_take_as_many_queries_for_three_as_for_one(
    site: Site, cast: Cast, now: datetime, queries: Callable[[], Any]
) -> None:
    booking = await a_booking(cast, now=now, accepted=True)
    await booking_actions.hold(cast.fay, booking.id, now=booking.starts_at + timedelta(hours=7))
    visitor, counts = await site.visitor(cast.fay), list[int]()
    for more in (1, 2):
        for _ in range(more):
            await actions.note(cast.fay, NoteForm(
                text=Said("Hm"), stream=Stream.STAFF_TOLD, day=booking.id, title=Title("Hm")), now=now)
        with queries() as seen:
            assert (await visitor.get(f"/days/{booking.id}/notes")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST
