"""What is restricted or hidden shows on no page beside its own, not even by its place in a list."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from floorday import config
from floorday.errors import NotFound
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Resolution, Stream
from floorday.people.access import Actor
from tests.cast import Cast, a_booking, make_cast
from tests.doors.house import caller
from tests.site import whole_app


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def raised(
    actor: Actor, team: UUID, text: str, *, issue: UUID | None = None, naming: Naming = Naming.NAMED
) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team, issue=issue, naming=naming)
    noted = await issues.note(actor, form, now=config.now())
    assert noted.issue is not None
    return noted.issue


async def test_the_brief_keeps_what_is_restricted_from_the_visitor(cast: Cast) -> None:
    booking = await a_booking(cast, now=config.now(), accepted=True)
    secret = await raised(cast.fay, cast.billing, "Payroll shows salaries")
    await raised(cast.fay, cast.billing, "The printer jams")
    await issues.restrict(cast.eva, secret, restricted=True, now=config.now())
    app, path = whole_app(), f"/today/brief/{booking.id}"
    seen = {name: (await (await caller(app, getattr(cast, name))).get(path)).text for name in ("ann", "fay", "eva")}
    assert [name for name, page in seen.items() if "Payroll shows salaries" in page] == ["fay", "eva"]
    assert [name for name, page in seen.items() if "The printer jams" in page] == ["ann", "fay", "eva"]


async def test_the_brief_tells_the_team_no_more_of_other_teams_issues_than_their_faces(cast: Cast) -> None:
    now = config.now()
    booking = await a_booking(cast, now=now, accepted=True)
    asked, secret = [await raised(cast.cleo, cast.claims, text) for text in ("Claims wait for scans", "A claim leaks")]
    for issue in (asked, secret):
        await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=now)
        await issues.sponsor(cast.eva, issue, cast.ann.person, now=now)
        await issues.ask(cast.gus, issue, "May we spend 9,000 on scanners?", now=now)
    await issues.restrict(cast.eva, secret, restricted=True, now=now)
    app, path = whole_app(), f"/today/brief/{booking.id}"
    host, own = [(await (await caller(app, one)).get(path)).text for one in (cast.fay, cast.ann)]
    assert ("Claims wait for scans" in host, "9,000" in host, "A claim leaks" in host) == (True, False, False)
    assert ("Claims wait for scans" in own, "9,000" in own, "A claim leaks" in own) == (True, True, True)


async def test_the_place_of_a_letter_does_not_tell_whose_name_is_hidden(cast: Cast) -> None:
    """Ben's letter was written before Fay's and after Ann's; on the page it stands last."""
    now = config.now()
    await a_booking(cast, now=now, accepted=True)
    issue = await raised(cast.fay, cast.billing, "Refunds wait")
    await raised(cast.ben, cast.billing, "Here too", issue=issue, naming=Naming.HIDDEN)
    await raised(cast.ann, cast.billing, "I saw it", issue=issue)
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=now)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "It runs daily now.", now=now + timedelta(minutes=1))
    page = (await (await caller(whole_app(), cast.gus)).get(f"/issues/{issue}")).text
    asked = re.findall(r'<p class="small">([^<]*), who raised it', page)
    assert asked[:3] in (["Ann Archer", "Fay Finch", "somebody who hides the name"],
                         ["Fay Finch", "Ann Archer", "somebody who hides the name"])  # fmt: skip
    assert "Ben Baker" not in page


async def test_a_day_that_one_may_not_see_is_not_there_to_note_on(cast: Cast) -> None:
    booking = await a_booking(cast, now=config.now(), accepted=True)
    for day in (booking.id, uuid4()):
        form = NoteForm(text=Said("I was there"), stream=Stream.STAFF_TOLD, day=day)
        with pytest.raises(NotFound, match="no such day"):
            await issues.note(cast.cleo, form, now=config.now())


@pytest.mark.parametrize("naming", [Naming.HIDDEN, Naming.ANONYMOUS])
async def test_the_id_of_a_note_without_a_name_tells_no_minute(cast: Cast, naming: Naming) -> None:
    form = NoteForm(text=Said("Slow"), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming)
    noted = await issues.note(cast.fay, form, now=config.now())
    assert noted.issue is not None
    assert (noted.note.version, noted.issue.version) == (4, 4)
