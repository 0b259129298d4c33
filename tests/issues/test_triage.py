"""Giving what was raised its place: taken back while letters wait, one at a time or many in one go."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec import structs

from floorday.errors import Forbidden, Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Kind, Naming, Stage, Stream
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from floorday.people.tables import Department, Person
from tests.cast import NOW, Cast, make_cast

FRIDAY = date(2026, 11, 6)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def raised(cast: Cast, text: str = "Refunds wait for a weekly batch.", *, by: Actor | None = None,
                 team: UUID | None = None) -> IssueRow:  # fmt: skip
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said(text), stream=Stream.STAFF_TOLD, team=team or cast.billing, naming=Naming.NAMED), now=NOW)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def waiting_letters(issue: IssueRow) -> list[str]:
    rows = await Letter.select(Letter.name).where(Letter.about == issue.id, Letter.taken_back_at.is_null())
    return sorted(row["name"] for row in rows)


def as_it_was(row: IssueRow) -> IssueRow:
    return structs.replace(row, version=0, changed_at=NOW)


# --- undo


@pytest.mark.parametrize("verb", ["hand over", "assign", "assign anew", "sponsor", "retitle", "restrict"])
async def test_a_place_given_is_taken_back_with_its_letters(cast: Cast, verb: str) -> None:
    issue = await raised(cast)
    if verb == "assign anew":
        ike = Person(name="Ike", email="ike@floorday.example", zone="Europe/London", created_at=NOW)
        await Person.insert(ike)
        issue = await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    told = await waiting_letters(issue)
    match verb:
        case "hand over":
            await actions.assign(cast.eva, issue.id, department=cast.it, now=LATER)
        case "assign":
            await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=LATER)
        case "assign anew" | "sponsor":
            await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=LATER)
        case "retitle":
            await actions.retitle(cast.eva, issue.id, "Refunds go out daily", Kind.RED_TAPE, now=LATER)
        case _:
            await actions.restrict(cast.eva, issue.id, restricted=True, now=LATER)
    assert as_it_was(await queries.issue(None, issue.id)) != as_it_was(issue)
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.fay, issue.id, now=LATER)
    await actions.undo(cast.eva, issue.id, now=LATER + timedelta(seconds=5))
    assert as_it_was(await queries.issue(None, issue.id)) == as_it_was(issue)
    assert await waiting_letters(issue) == told
    assert (await queries.history(cast.eva, issue))[-1].what == "undone"
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.eva, issue.id, now=LATER + timedelta(seconds=6))


async def test_what_was_given_away_is_taken_back_by_whoever_gave_it(cast: Cast) -> None:
    legal = Department(name="Legal", created_at=NOW)
    await Department.insert(legal)
    issue = await raised(cast)
    await actions.assign(cast.eva, issue.id, department=cast.it, now=NOW)
    await actions.restrict(cast.gus, issue.id, restricted=True, now=NOW)
    await actions.assign(cast.gus, issue.id, department=legal.id, now=LATER)
    back = await actions.undo(cast.gus, issue.id, now=LATER)
    assert (back.department, back.restricted, back.stage) == (cast.it, True, Stage.NEEDS_OWNER)


async def test_who_has_left_in_between_gets_nothing_back(cast: Cast) -> None:
    issue = await raised(cast)
    await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=NOW)
    await actions.sponsor(cast.eva, issue.id, cast.max.person, now=LATER)
    await Person.update({Person.left_at: LATER}).where(Person.id == cast.ann.person)
    with pytest.raises(Refused, match="have left"):
        await actions.undo(cast.eva, issue.id, now=LATER)
    assert (await queries.issue(None, issue.id)).sponsor == cast.max.person


async def test_nobody_undoes_what_they_may_not_see(cast: Cast) -> None:
    issue = await raised(cast)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    with pytest.raises(Forbidden):
        await actions.undo(cast.cleo, issue.id, now=NOW)
