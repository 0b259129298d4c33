"""The huddle card: the same at the wall, at the desk and for the team; what it asks, and what it never says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from floorday.db.text import Prose
from floorday.desk import pages, rules
from floorday.desk.rules import Talked
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Ending, Naming, Resolution, Stream, Turn, Verdict
from floorday.people import actions as people
from floorday.people.access import DeviceKind
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm
from floorday.stories.rules import Consent
from tests.cast import Cast, a_booking, make_cast
from tests.site import Site

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: str) -> Site:
    return Site(pages.router, clock=NOW)


async def raised(cast: Cast, text: str, naming: Naming = Naming.NAMED) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming)
    issue = (await issues.note(cast.fay, form, now=NOW)).issue
    assert issue is not None
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    return issue


async def told(cast: Cast, text: str, consent: Consent) -> None:
    story = await stories.tell(cast.ben, StoryForm(text=Prose(text), team=cast.billing, hero=cast.fay.person), now=NOW)
    if consent is not Consent.UNSAID:
        await stories.consent(cast.fay, story.id, consent, now=NOW)


async def lived(cast: Cast) -> None:
    """Let one issue be fixed, one wait for a verdict, one come back, one be restricted."""
    done, waits, back = [await raised(cast, text) for text in ("Refunds run", "Forms ask twice", "Maps lag")]
    for issue in (done, waits, back):
        await issues.resolve(cast.gus, issue, Resolution.HERE, "Told nobody this", now=NOW)
    await issues.verdict(cast.fay, done, Verdict.FIXED, now=NOW)
    await issues.verdict(cast.fay, back, Verdict.NOT, "It still lags for me", now=NOW)
    secret = await raised(cast, "Payroll shows salaries")
    await issues.restrict(cast.eva, secret, restricted=True, now=NOW)


def part(page: str, name: str) -> str:
    return page.split(f'id="{name}"')[1].split("</section>", maxsplit=1)[0]


async def test_it_says_the_same_at_every_door(site: Site, cast: Cast) -> None:
    await lived(cast)
    await a_booking(cast, now=NOW, accepted=True)
    await told(cast, "Fay stayed until it was solved", Consent.TEAM)
    wall = (await people.open_device(cast.ben, cast.billing, DeviceKind.SCREEN, "Wall", now=NOW)).key
    desk = await site.visitor()
    desk.client.cookies.set(
        "floorday-desk", (await people.open_device(cast.ben, cast.billing, DeviceKind.DESK, "Desk", now=NOW)).key)
    asked = [
        await (await site.visitor()).get(f"/screen/{wall}/huddle"), await desk.get("/desk/huddle"),
        await (await site.visitor(cast.fay)).get(f"/teams/{cast.billing}/huddle"),
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 200]
    for answer in asked:
        page = answer.text
        assert "Forms ask twice" in part(page, "verdicts")
        assert "Maps lag" in part(page, "back")
        assert "Refunds run" in part(page, "fixed")
        assert "Fay stayed until it was solved" in part(page, "story")
        assert "Ann Archer" in part(page, "visit")
        assert "Ann Archer" in part(page, "question")
        assert "“Maps lag” came back. What did we miss?" in page
        for kept in ("Payroll", "Told nobody", "It still lags", "Gus Grant", "weekly batch"):
            assert kept not in page
    assert "set-cookie" not in asked[0].headers


async def test_a_story_stands_there_only_where_its_hero_lets_it_be_told(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    await told(cast, "Fay has not said yet", Consent.UNSAID)
    assert "Fay has not said yet" not in (await fay.get(f"/teams/{cast.billing}/huddle")).text
    await told(cast, "Fay lets this be told", Consent.COMPANY)
    assert "Fay lets this be told" in (await fay.get(f"/teams/{cast.billing}/huddle")).text


async def test_it_is_for_the_team_its_coordinator_and_the_head_of_service(site: Site, cast: Cast) -> None:
    for who, answer in ((cast.ben, 200), (cast.eva, 200), (cast.hana, 200), (cast.cleo, 403), (cast.ann, 403)):
        asked = await (await site.visitor(who)).get(f"/teams/{cast.billing}/huddle")
        assert asked.status_code == answer, who.name
    assert (await (await site.visitor(cast.eva)).get(f"/teams/{uuid4()}/huddle")).status_code == 404


async def test_an_empty_card_says_what_to_do(site: Site, cast: Cast) -> None:
    page = (await (await site.visitor(cast.ben)).get(f"/teams/{cast.billing}/huddle")).text
    for words in ("No day is booked.", "Nothing waits for us.", "Nothing came back", "A refund takes one call"):
        assert words in page


@pytest.mark.parametrize("many", [1, 6])
async def test_however_much_there_is_it_takes_few_queries(site: Site, cast: Cast, queries: Queries, many: int) -> None:
    for place in range(many):
        issue = await raised(cast, f"Slow at desk {place}")
        await issues.resolve(cast.gus, issue, Resolution.HERE, "Done", now=NOW)
    ben = await site.visitor(cast.ben)
    with queries() as seen:
        page = (await ben.get(f"/teams/{cast.billing}/huddle")).text
    assert len(seen) <= 8, seen
    assert ("and 2 more" in page) == (many == 6)


# --- the one question ------------------------------------------------------------------------------------------

MANAGER = uuid4()


def talked(title: str, **changed: object) -> Talked:
    known = Talked(
        id=uuid4(), number=1, title=title, department_name="IT", turn=Turn.BEING_FIXED, ending=Ending.NONE,
        raised_at=NOW - timedelta(days=30), resolved_at=None, promised_for=None, sponsor=None, back_at=None,
    )  # fmt: skip
    return structs.replace(known, **changed)


ASKED = [
    (talked("own", turn=Turn.NEEDS_DECISION, sponsor=MANAGER), "“own” waits for your yes or no"),
    (talked("other", turn=Turn.NEEDS_DECISION, sponsor=uuid4()), "“other” waits for a decision"),
    (talked("late", promised_for=date(2026, 11, 24)), "The date of “late” has passed"),
    (talked("nobody's", turn=Turn.NEEDS_OWNER), "Nobody has “nobody's” yet"),
    (talked("back", back_at=NOW - timedelta(days=1)), "“back” came back"),
]
"""What only the manager can move stands first."""


@pytest.mark.parametrize("first", range(len(ASKED) + 1))
def test_the_question_is_about_what_the_manager_can_move(first: int) -> None:
    left = [one for one, _words in ASKED[first:]]
    left += [talked("in time", promised_for=date(2026, 11, 25)), talked("long ago", back_at=NOW - timedelta(days=15))]
    said = rules.question(left, manager=MANAGER, picture=["One call"], today=NOW.date(), now=NOW)
    assert said.startswith(ASKED[first][1] if first < len(ASKED) else "We call this good service: “One call”")
    assert rules.question([], manager=None, picture=[], today=NOW.date(), now=NOW).startswith("What got in the way")
