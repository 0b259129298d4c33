"""Pictures and measures around their own pages: the rows of before, Today, the desk, lists as files, the dossier."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from floorday import config
from floorday.db import run_sql
from floorday.db.text import Title
from floorday.dossier import queries as dossier
from floorday.errors import BadInput
from floorday.issues import actions as issues
from floorday.issues import pages as issue_pages
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Kind, Stream
from floorday.issues.tables import Issue, Note
from floorday.leavers import queries as leavers
from floorday.measures import actions as measures
from floorday.measures.actions import MeasureForm
from floorday.people import queries as people
from floorday.people.access import DeviceKind
from floorday.people.actions import open_device
from floorday.people.tables import Agreement, Statement, Team
from floorday.piccolo_app import migrations_folder
from floorday.pictures import actions
from floorday.pictures import queries as reads
from floorday.render.months import months_later
from floorday.today import pages as today
from tests.cast import Cast, a_booking, a_picture, make_cast
from tests.site import Site


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(config.now())


async def raised(cast: Cast, text: str, picture: UUID | None = None, kind: Kind = Kind.OTHER) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, picture=picture, kind=kind)
    issue = (await issues.note(cast.fay, form, now=config.now())).issue
    assert issue is not None
    return issue


# --- what was stored before


def the_migration() -> ModuleType:
    file = Path(migrations_folder()) / "floorday_2026_11_22t06_55_37_000000.py"
    spec = importlib.util.spec_from_file_location("out_of_text", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_text_becomes_statements_and_nothing_is_lost(cast: Cast) -> None:
    """As it stood before: lines in the team's row, the words of one in a note."""
    kept, gone, other = await raised(cast, "One"), await raised(cast, "Two"), await raised(cast, "Three")
    await run_sql("UPDATE issue SET picture = NULL")
    await Statement.delete(force=True)
    await Agreement.delete(force=True)
    long = "A line that is " + "very " * 60 + "long"
    await Team.update({Team.picture: f"- A refund takes one call\n\n• Nobody waits\n{long}\nNobody waits"}).where(
        Team.id == cast.billing)
    for issue, words in ((kept, "Nobody waits"), (gone, "What we said last year")):
        await Note.update({Note.picture: words}).where(Note.issue == issue)
    await the_migration()._backfill()
    assert [one.text for one in await people.statements(cast.billing)] == [
        "A refund takes one call", "Nobody waits", long]  # fmt: skip
    found = await reads.picture(cast.billing)
    assert [(one.text, one.retired_on is not None) for one in found.retired] == [("What we said last year", True)]
    points = {row["id"]: row["picture"] for row in await Issue.select(Issue.id, Issue.picture)}
    by_text = {line.text: line.id for line in found.lines}
    assert points == {kept: by_text["Nobody waits"], gone: by_text["What we said last year"], other: None}
    row = await Team.select(Team.picture).where(Team.id == cast.billing).first()
    assert row == {"picture": ""}
    assert [(one.team, one.agreed_by) for one in found.agreements] == [(cast.billing, "")]


# --- Today


async def test_today_asks_lead_and_head_to_look_again(
    cast: Cast, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    site, day = Site(today.router), config.now().date()
    ines = await site.visitor(cast.ines)
    assert "What should be looked at again" not in (await ines.get("/today")).text
    await a_picture(cast.claims, "A claim takes a day", on=months_later(day, -12) - timedelta(days=2))
    page = (await ines.get("/today")).text
    assert "What better service looks like in Claims" in page
    assert "Does it still hold?" in page
    assert "What better service looks like" not in (await (await site.visitor(cast.cleo)).get("/today")).text
    form = MeasureForm(name=Title("Handling time"), department=cast.it, punishes=Said("Ringing back"))
    for number in range(12):
        named = MeasureForm(name=Title(f"Handling time {number}"), department=form.department, punishes=form.punishes)
        await measures.open_measure(cast.eva, named, now=config.now() - timedelta(days=500))
    for actor in (cast.eva, cast.hana):
        visitor = await site.visitor(actor)
        with queries() as seen:
            assert "Review the measure “Handling time 3”" in (await visitor.get("/today")).text
        assert len(seen) <= 8, seen
    assert "Review the measure" not in (await (await site.visitor(cast.gus)).get("/today")).text


async def test_the_brief_and_the_wall_say_what_the_team_calls_good_service(cast: Cast) -> None:
    from floorday.desk import pages as desk

    booking = await a_booking(cast, now=config.now(), accepted=True)
    (one,) = await people.statements(cast.billing)
    issue = await raised(cast, "Refunds wait", one.id)
    brief = (await (await Site(today.router).visitor(cast.ann)).get(f"/today/brief/{booking.id}")).text
    assert "What this team calls good service" in brief
    assert "A refund takes one call" in brief
    opened = await open_device(cast.ben, cast.billing, DeviceKind.SCREEN, Title("Wall"), now=config.now())
    wall = await Site(desk.router).visitor()
    page = (await wall.get(f"/screen/{opened.key}")).text
    assert "A refund takes one call" in page
    assert "1 issue this year" in page
    await issues.restrict(cast.eva, issue, restricted=True, now=config.now())
    page = (await wall.get(f"/screen/{opened.key}")).text
    assert "A refund takes one call" in page
    assert "this year" not in page


# --- on the issue, and in the file of the list


async def test_the_lead_says_on_the_issue_which_good_service_it_is_about(cast: Cast) -> None:
    site = Site(issue_pages.router)
    ben, cleo = await site.visitor(cast.ben), await site.visitor(cast.cleo)
    (one,) = await people.statements(cast.billing)
    issue = await raised(cast, "Refunds wait")
    sent = await ben.post(f"/issues/{issue}", f"/issues/{issue}/picture", picture=str(one.id))
    assert sent.status_code == 303, sent.text
    page = (await ben.get(f"/issues/{issue}")).text
    assert "said which good service it is about" in page
    assert f"/teams/{cast.billing}/picture" in page
    assert "A refund takes one call" not in (await cleo.get(f"/issues/{issue}")).text
    assert "A refund takes one call" in (await ben.get("/issues?as=csv")).text
    assert "A refund takes one call" not in (await cleo.get("/issues?as=csv")).text
    (other,) = await a_picture(cast.claims, "A claim takes a day", on=config.now().date())
    assert (await ben.post(f"/issues/{issue}", f"/issues/{issue}/picture", picture=str(other))).status_code == 422
    assert (await ben.post(f"/issues/{issue}", f"/issues/{issue}/picture", picture="")).status_code == 303
    row = await Issue.select(Issue.picture).where(Issue.id == issue).first()
    assert row == {"picture": None}


async def test_what_is_joined_brings_its_statement_along(cast: Cast) -> None:
    (one,) = await people.statements(cast.billing)
    part, whole = await raised(cast, "Refunds wait", one.id), await raised(cast, "Refunds are slow")
    await issues.join(cast.eva, part, whole, now=config.now())
    row = await Issue.select(Issue.picture).where(Issue.id == whole).first()
    assert row == {"picture": one.id}


# --- persons


async def test_who_proposed_agreed_and_reviewed_is_in_their_own_file_and_found_for_erasure(cast: Cast) -> None:
    now = config.now()
    made = await actions.propose(cast.ben, cast.billing, "As Gus Grant does it", now=now)
    await actions.agree(cast.ben, cast.billing, actions.AgreementForm(
        statements=[made], agreed_on=now.date(), agreed_by=actions.Line("Ben Baker's round")), now=now)  # fmt: skip
    await measures.open_measure(cast.eva, MeasureForm(
        name=Title("Handling time"), department=cast.it, punishes=Said("What Gus Grant does")), now=now)  # fmt: skip
    (ben,) = (await people.persons({cast.ben.person})).values()
    sections = {section.name: section.rows for section in await dossier.everything(ben)}
    assert {row["what"] for row in sections["pictures"]} == {"proposed", "retired", "noted an agreement"}
    (eva,) = (await people.persons({cast.eva.person})).values()
    rows = {section.name: section.rows for section in await dossier.everything(eva)}["measures"]
    assert [(row["measure"], row["what"]) for row in rows] == [("Handling time", "opened")]
    (gus,) = (await people.persons({cast.gus.person})).values()
    found = {hit.where for hit in await leavers.hits(await leavers.traces(gus))}
    assert {"statement", "measure"} <= found
    assert "agreement" in {hit.where for hit in await leavers.hits(await leavers.traces(ben))}


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2026-01-31", 1, "2026-02-28"), ("2024-02-29", 12, "2025-02-28"), ("2026-11-22", 12, "2027-11-22"),
     ("2026-12-01", 1, "2027-01-01"), ("2026-03-31", -1, "2026-02-28")],
)  # fmt: skip
def test_months_end_where_they_end(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


async def test_a_note_names_a_statement_that_stands(cast: Cast) -> None:
    made = await actions.propose(cast.ben, cast.billing, "Only proposed", now=config.now())
    with pytest.raises(BadInput):
        await raised(cast, "Refunds wait", made)
