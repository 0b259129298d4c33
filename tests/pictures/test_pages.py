"""A team's picture of good service: proposed, ordered, agreed on with a day, read as it stood, pointed at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from floorday import config
from floorday.db.text import Line, Prose
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import actions as issues
from floorday.issues import pages as issue_pages
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Stream
from floorday.issues.tables import Issue
from floorday.people import queries as people
from floorday.people.access import Actor
from floorday.people.tables import Statement
from floorday.pictures import actions, pages
from floorday.pictures import queries as reads
from floorday.pictures.actions import AgreementForm, PictureForm
from floorday.stories import actions as stories
from floorday.stories import pages as story_pages
from floorday.stories.actions import StoryForm
from tests.cast import Cast, a_picture, make_cast
from tests.site import Site


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(config.now())


@pytest.fixture
def site(database: str) -> Site:
    return Site(pages.router, issue_pages.router, story_pages.router)


def own(cast: Cast) -> str:
    return f"/teams/{cast.billing}/picture"


async def proposed(cast: Cast, *texts: str) -> list[UUID]:
    now = config.now()
    return [await actions.propose(cast.ben, cast.billing, text, now=now) for text in texts]


async def raised(actor: Actor, cast: Cast, text: str, picture: UUID | None) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, picture=picture)
    issue = (await issues.note(actor, form, now=config.now())).issue
    assert issue is not None
    return issue


def agreement(*ids: UUID, on: date | None = None, by: str = "Team meeting") -> AgreementForm:
    return AgreementForm(statements=list(ids), agreed_on=on or config.now().date(), agreed_by=Line(by))


async def test_a_lead_proposes_and_the_team_agrees(site: Site, cast: Cast) -> None:
    ben = await site.visitor(cast.ben)
    (old,) = await people.statements(cast.billing)
    sent = await ben.post(own(cast), own(cast) + "/statements", text="Nobody waits for a weekly batch")
    assert sent.status_code == 303, sent.text
    (new,) = (await reads.picture(cast.billing)).proposed
    assert [one.text for one in await people.statements(cast.billing)] == ["A refund takes one call"]
    page = (await ben.get(own(cast))).text
    assert "Proposed by Ben Baker" in page
    sent = await ben.post(own(cast), own(cast) + "/agreements", statements=[str(old.id), str(new.id)],
                          agreed_on=config.now().date().isoformat(), agreed_by="Team meeting in week 47")  # fmt: skip
    assert sent.status_code == 303, sent.text
    page = (await ben.get(own(cast))).text
    assert "Team meeting in week 47" in page
    assert "Three to five statements make a picture" in page
    assert [one.text for one in await people.statements(cast.billing)] == [
        "A refund takes one call", "Nobody waits for a weekly batch"]  # fmt: skip


async def test_a_picture_has_at_most_five(site: Site, cast: Cast) -> None:
    ids = await proposed(cast, "One", "Two", "Three", "Four", "Five")
    (old,) = await people.statements(cast.billing)
    ben = await site.visitor(cast.ben)
    sent = await ben.post(own(cast), own(cast) + "/agreements", statements=[str(one) for one in [old.id, *ids]],
                          agreed_on=config.now().date().isoformat(), agreed_by="Team meeting")  # fmt: skip
    assert sent.status_code == 422
    assert "at most 5 statements, and these are 6" in sent.text
    assert await actions.agree(cast.ben, cast.billing, agreement(*ids), now=config.now()) == 5
    assert [one.id for one in await people.statements(cast.billing)] == ids
    with pytest.raises(Refused, match="at most 5"):
        await actions.bring_back(cast.ben, cast.billing, old.id)


async def test_how_it_stood_on_a_day_can_be_read(site: Site, cast: Cast) -> None:
    before = config.now().date() - timedelta(days=1)
    ids = await proposed(cast, "One", "Two", "Three")
    await actions.agree(cast.ben, cast.billing, agreement(*ids), now=config.now())
    fay = await site.visitor(cast.fay)
    page = (await fay.get(own(cast))).text
    assert page.index("One") < page.index("Earlier statements") < page.index("A refund takes one call")
    stood = (await fay.get(f"{own(cast)}?on={before}")).text
    assert "A refund takes one call" in stood
    assert "One" not in stood.replace("One thing", "")
    assert "The team had none on that day." in (await fay.get(f"{own(cast)}?on=2001-01-01")).text
    assert (await fay.get(f"{own(cast)}?on=yesterday")).status_code == 200


async def test_statements_move_retire_and_come_back(site: Site, cast: Cast) -> None:
    one, two, three = await proposed(cast, "One", "Two", "Three")
    await actions.agree(cast.ben, cast.billing, agreement(one, two, three), now=config.now())
    ben = await site.visitor(cast.ben)
    await ben.post(own(cast), f"{own(cast)}/statements/{three}/place", move="up")
    assert [said.text for said in await people.statements(cast.billing)] == ["One", "Three", "Two"]
    await actions.move(cast.ben, cast.billing, one, up=True)
    assert [said.text for said in await people.statements(cast.billing)] == ["One", "Three", "Two"]
    gone = await ben.post(own(cast), f"{own(cast)}/statements/{three}/retirement")
    assert gone.status_code == 303
    assert [said.text for said in await people.statements(cast.billing)] == ["One", "Two"]
    assert (await ben.post(own(cast), f"{own(cast)}/statements/{three}/retirement")).status_code == 409
    await ben.post(own(cast), f"{own(cast)}/statements/{three}/return")
    assert [said.text for said in await people.statements(cast.billing)] == ["One", "Two", "Three"]
    said = await ben.post(own(cast), f"{own(cast)}/statements/{three}/words", words="Two")
    assert said.status_code == 422
    assert "This statement is there already." in said.text
    await ben.post(own(cast), f"{own(cast)}/statements/{three}/words", words="Three, soon")
    assert [said.text for said in await people.statements(cast.billing)] == ["One", "Two", "Three, soon"]


async def test_only_lead_and_coordinator_keep_it(cast: Cast) -> None:
    for actor in (cast.fay, cast.ines, cast.ann, cast.gus, cast.hana, cast.ada, cast.dan):
        with pytest.raises(Forbidden):
            await actions.propose(actor, cast.billing, "Anything", now=config.now())
    assert await actions.propose(cast.eva, cast.billing, "Anything", now=config.now())


@pytest.mark.parametrize(
    ("on", "by", "field"), [(1, "Team", "agreed_on"), (-400, "Team", "agreed_on"), (0, "", "agreed_by")]
)
async def test_an_agreement_has_a_day_and_a_round(cast: Cast, on: int, by: str, field: str) -> None:
    (one,) = await proposed(cast, "One")
    with pytest.raises(BadInput) as wrong:
        await actions.agree(cast.ben, cast.billing, agreement(one, on=config.now().date() + timedelta(days=on), by=by),
                            now=config.now())
    assert field in wrong.value.fields


async def test_numbers_of_customers_are_masked(cast: Cast) -> None:
    (one,) = await proposed(cast, "Nobody mails jo@example.com twice")
    text = await Statement.select(Statement.text).where(Statement.id == one).first()
    assert text is not None
    assert "@" not in text["text"]


# --- what points at it


async def test_an_issue_points_at_a_statement_and_the_page_counts(site: Site, cast: Cast) -> None:
    (one,) = await people.statements(cast.billing)
    issue = await raised(cast.fay, cast, "Refunds wait", one.id)
    await raised(cast.fay, cast, "Letters get lost", None)
    await stories.tell(cast.ben, StoryForm(team=cast.billing, text=Prose("Refunded in one call"), hero=cast.fay.person,
                                           picture=one.id), now=config.now())  # fmt: skip
    fay, cleo = await site.visitor(cast.fay), await site.visitor(cast.cleo)
    page = (await fay.get(own(cast))).text
    assert "1 issue this year" in page
    assert "1 story this year" in page
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
    link, board, told = [one for one in links if "picture=" in one]
    assert board == f"/issues?picture={one.id}"
    assert "Refunded in one call" in (await fay.get(told)).text
    found = (await fay.get(link)).text
    assert "Refunds wait" in found
    assert "Letters get lost" not in found
    assert "this year" not in (await cleo.get(own(cast))).text
    assert "Refunds wait" not in (await cleo.get(f"/search?picture={one.id}")).text
    await issues.restrict(cast.eva, issue, restricted=True, now=config.now())
    assert (await cleo.get(f"/search?picture={one.id}")).status_code == 200


@pytest.mark.parametrize("view", ["open", "mine", "quiet", "list", "closed"])
async def test_the_board_is_narrowed_to_what_a_statement_is_about(
    site: Site, cast: Cast, view: str, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    (one,) = await people.statements(cast.billing)
    issue = await raised(cast.fay, cast, "Refunds wait", one.id)
    other = await raised(cast.fay, cast, "Letters get lost", None)
    if view == "closed":
        for each in (issue, other):
            await issues.decline(cast.eva, each, "No.", now=config.now())
    if view == "quiet":
        old = config.now() - timedelta(days=60)
        for each in (issue, other):
            await issues.assign(cast.eva, each, department=cast.it, owner=cast.gus.person, now=old)
        await Issue.update({Issue.last_word_at: old}, force=True)
    fay, cleo = await site.visitor(cast.fay), await site.visitor(cast.cleo)
    path = f"/issues?view={view}&picture={one.id}"
    for page_is in ("cold", "warm"):
        with queries() as seen:
            page = (await fay.get(path)).text
        assert len(seen) <= 8, "\n".join([page_is, *seen])
    assert "Refunds wait" in page
    assert "Letters get lost" not in page
    assert "Only what is about “A refund takes one call”" in page
    assert f'name="picture" value="{one.id}"' in page, "a filter more does not lose it"
    assert f"view=list&amp;picture={one.id}" in page, "nor does another view"
    assert "Letters get lost" in (await fay.get(f"/issues?view={view}")).text
    await actions.reword(cast.ben, cast.billing, one.id, "One call refunds")
    assert "Only what is about “One call refunds”" in (await fay.get(path)).text
    (new,) = await proposed(cast, "Nobody waits")
    assert "Only what is about “Nobody waits”" in (await fay.get(f"/issues?view={view}&picture={new}")).text
    assert "Refunds wait" not in (await cleo.get(path)).text, "who sees the face alone is not told by a filter"
    sheet = (await fay.get(f"{path}&as=csv")).text
    assert ("Refunds wait" in sheet, "Letters get lost" in sheet) == (True, False)
    for wrong in ("nonsense", "0" * 32):
        assert "Refunds wait" not in (await fay.get(f"/issues?view={view}&picture={wrong}")).text


async def test_a_story_is_told_with_the_statement_it_shows(site: Site, cast: Cast) -> None:
    (one,) = await people.statements(cast.billing)
    ben = await site.visitor(cast.ben)
    assert "A refund takes one call" in (await ben.get("/stories/new")).text
    sent = await ben.post("/stories/new", "/stories", team=str(cast.billing), hero=str(cast.fay.person),
                          text="Refunded while they spoke", picture=str(one.id))  # fmt: skip
    assert sent.status_code == 303, sent.text
    story = sent.headers["location"]
    assert "A refund takes one call" in (await ben.get(story)).text
    await actions.retire(cast.ben, cast.billing, one.id, now=config.now())
    kept = await ben.post(f"{story}/edit", story, hero=str(cast.fay.person), text="Refunded at once",
                          picture=str(one.id))  # fmt: skip
    assert kept.status_code == 303, kept.text
    assert "A refund takes one call" in (await ben.get(story)).text
    await ben.post(f"{story}/edit", story, hero=str(cast.fay.person), text="Refunded at once", picture="")
    assert "A refund takes one call" not in (await ben.get(story)).text


async def test_a_retired_statement_stays_where_an_issue_points_at_it(site: Site, cast: Cast) -> None:
    (one,) = await people.statements(cast.billing)
    issue = await raised(cast.fay, cast, "Refunds wait", one.id)
    await actions.retire(cast.ben, cast.billing, one.id, now=config.now())
    with pytest.raises(BadInput):
        await raised(cast.fay, cast, "Refunds wait again", one.id)
    fay = await site.visitor(cast.fay)
    assert "A refund takes one call" in (await fay.get(f"/issues/{issue}")).text


async def test_me_too_lets_an_issue_point_where_it_pointed_nowhere(cast: Cast) -> None:
    (one,) = await people.statements(cast.billing)
    issue = await raised(cast.fay, cast, "Refunds wait", None)
    form = NoteForm(text=Said("Here too"), stream=Stream.STAFF_TOLD, team=cast.billing, issue=issue, picture=one.id,
                    naming=Naming.ANONYMOUS)  # fmt: skip
    await issues.note(cast.ben, form, now=config.now())
    row = await Issue.select(Issue.picture).where(Issue.id == issue).first()
    assert row == {"picture": one.id}


async def test_a_statement_of_another_team_is_refused(cast: Cast) -> None:
    (other,) = await a_picture(cast.claims, "A claim is answered in a day", on=config.now().date())
    with pytest.raises(BadInput):
        await raised(cast.fay, cast, "Refunds wait", other)


# --- the whole of it, from elsewhere


def whole(*texts: str, on: date | None = None) -> PictureForm:
    said = [Line(one) for one in texts]
    return PictureForm(statements=said, agreed_on=on or config.now().date(), agreed_by=Line("Round"))


async def test_a_whole_picture_keeps_what_is_said_alike(cast: Cast) -> None:
    now = config.now()
    (old,) = await people.statements(cast.billing)
    (idea,) = await proposed(cast, "Two")
    await actions.keep(cast.ben, cast.billing, whole("One", "A refund takes one call", "Two"), now=now)
    stands = await people.statements(cast.billing)
    assert [one.text for one in stands] == ["One", "A refund takes one call", "Two"]
    assert (stands[1].id, stands[2].id) == (old.id, idea)
    await actions.keep(cast.ben, cast.billing, whole("One", "A refund takes one call", "Two"), now=now)
    found = await reads.picture(cast.billing)
    assert len(found.agreements) == 2
    await actions.keep(cast.ben, cast.billing, whole("One"), now=now)
    assert len((await reads.picture(cast.billing)).retired) == 2
    with pytest.raises(BadInput):
        await actions.keep(cast.ben, cast.billing, whole("1", "2", "3", "4", "5", "6"), now=now)


async def test_an_old_agreement_is_told(cast: Cast) -> None:
    assert not [one for one in await reads.aging([cast.billing, cast.claims]) if one.agreed_on is None]
    await a_picture(cast.claims, "One", on=datetime(2020, 1, 1, tzinfo=UTC).date(), by="")
    names = {one.name: one.agreed_on for one in await reads.aging([cast.billing, cast.claims])}
    assert names["Claims"] is None
    assert names["Billing"] is not None


@pytest.mark.parametrize("many", [1, 30])
async def test_the_page_asks_little(
    site: Site, cast: Cast, queries: Callable[[], AbstractContextManager[list[str]]], many: int
) -> None:
    (one,) = await people.statements(cast.billing)
    for n in range(many):
        await raised(cast.fay, cast, f"Refund {n} waits", one.id)
    for on in range(many // 6):
        await a_picture(cast.billing, f"Round {on}", on=config.now().date())
    ben = await site.visitor(cast.ben)
    await ben.get(own(cast))
    with queries() as seen:
        assert (await ben.get(own(cast))).status_code == 200
    assert len(seen) <= 8, seen
