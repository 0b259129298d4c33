"""Everything that is kept of a person, and nothing of others that they may not see."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from floorday.bookings import actions as bookings
from floorday.dossier import actions, pages
from floorday.dossier.actions import File
from floorday.errors import Forbidden, Refused
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said, suggesting
from floorday.issues.rules import Naming, Resolution, Stream, Verdict
from floorday.leavers import actions as leavers
from floorday.leavers import queries as leaver_queries
from floorday.mail.tables import MailToken
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.people.tables import Person
from floorday.render import tokens
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.inbox.door import delivered
from tests.leavers.test_erasing import lived_through
from tests.leavers.test_leaving import an_issue
from tests.site import Site


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


def data(file: File) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(file.content)) as held:
        assert sorted(held.namelist()) == ["data.json", "read-me.html"]
        return msgspec.json.decode(held.read("data.json"))


def readable(file: File) -> str:
    with zipfile.ZipFile(io.BytesIO(file.content)) as held:
        return held.read("read-me.html").decode()


async def test_everything_of_a_manager_is_in_it(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    later = booking.starts_at + timedelta(days=1)
    await bookings.propose(
        cast.ann, booking.id, starts=later, ends=later + timedelta(hours=3), comment="Better for me", now=NOW)
    await an_issue(cast)
    await people.open_session(cast.ann.person, now=NOW, browser="Safari")
    await people.ask_code(cast.ann.email, network="10.0.0.0", now=NOW)
    await issues.note(cast.ann, NoteForm(text=Said("Refunds <b>wait</b>"), stream=Stream.MANAGER_SAW,
                                         team=cast.billing, naming=Naming.HIDDEN), now=NOW)  # fmt: skip
    file = await actions.give_out(cast.ann, cast.ann.person, now=NOW)
    held = data(file)
    assert held["profile"][0]["email"] == "ann@floorday.example"
    assert held["addresses"] == [{"email": "a.archer@floorday.example"}]
    assert [row["role"] for row in held["roles"]] == ["manager"]
    assert held["assistants"] == [{"assistant": "Dan Dahl", "manager": "Ann Archer"}]
    assert held["sessions"][0]["browser"] == "Safari"
    assert [(row["team"], row["state"]) for row in held["days"]] == [("Billing", "accepted")]
    assert [(row["what"], row["door"]) for row in held["answers"]] == [("accepted", "page"), ("proposed", "page")]
    assert [(row["comment"], row["state"]) for row in held["proposed"]] == [("Better for me", "open")]
    assert [(row["text"], row["naming"]) for row in held["notes"]] == [("Refunds <b>wait</b>", "hidden")]
    assert [(row["raised"], row["sponsor"]) for row in held["issues"]] == [(False, True), (True, False)]
    subjects = {row["letter"]: row["subject"] for row in held["letters"]}
    assert "Billing" in subjects["invitation"]
    assert set(subjects) == {"invitation", "answer_taken", "sponsor_named", "sign_in_code", "note_thanks"}
    shown = readable(file)
    assert "Refunds &lt;b&gt;wait&lt;/b&gt;" in shown
    assert "Safari" in shown


async def test_what_an_owner_and_a_reporter_did_is_in_it(cast: Cast) -> None:
    issue = await an_issue(cast)
    await issues.update(cast.gus, issue, "We look at it", now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Done", now=NOW)
    await issues.verdict(cast.fay, issue, Verdict.FIXED, now=NOW)
    gus, fay = [data(await actions.give_out(who, who.person, now=NOW)) for who in (cast.gus, cast.fay)]
    assert [(row["issue"], row["own"]) for row in gus["issues"]] == [("FD-1", True)]
    assert [row["what"] for row in gus["history"]] == ["updated", "resolved"]
    assert gus["verdicts"] == []
    assert [(row["issue"], row["says"]) for row in fay["verdicts"]] == [("FD-1", "fixed")]
    assert [row["what"] for row in fay["history"]] == ["raised", "verdict"]


async def test_what_a_lead_suggested_is_in_it(cast: Cast) -> None:
    ours = await issues.note(cast.fay, NoteForm(text=Said("It waits"), stream=Stream.STAFF_TOLD, team=cast.billing),
                             now=NOW)  # fmt: skip
    theirs = await issues.note(cast.cleo, NoteForm(text=Said("It is late"), stream=Stream.STAFF_TOLD,
                                                   team=cast.claims), now=NOW)  # fmt: skip
    assert ours.issue is not None
    assert theirs.issue is not None
    one = await suggesting.suggest(cast.ben, ours.issue, theirs.issue, "One cause", now=NOW)
    await suggesting.refuse_suggestion(cast.eva, one.id, "Two", now=NOW)
    (line,) = data(await actions.give_out(cast.ben, cast.ben.person, now=NOW))["suggested"]
    assert (line["issue"], line["other"], line["word"], line["because"]) == ("FD-1", "FD-2", "One cause", "Two")


async def test_nothing_of_others_is_in_it_that_they_may_not_see(cast: Cast) -> None:
    """A hidden name, another's note, the title of an issue that is restricted since: the control sees them."""
    issue = await an_issue(cast)
    secret = "Only Fay and Eva know"
    await issues.note(cast.fay, NoteForm(text=Said(secret), stream=Stream.STAFF_TOLD, issue=issue,
                                         naming=Naming.HIDDEN), now=NOW)  # fmt: skip
    await issues.note(cast.max, NoteForm(text=Said("Me too"), stream=Stream.MANAGER_SAW, issue=issue), now=NOW)
    anonymous = await issues.note(cast.max, NoteForm(text=Said("Nobody said this"), stream=Stream.MANAGER_SAW,
                                                     team=cast.claims, naming=Naming.ANONYMOUS), now=NOW)  # fmt: skip
    for who in (cast.ann, cast.gus, cast.max):
        file = await actions.give_out(who, who.person, now=NOW)
        said = str(data(file)) + readable(file)
        assert secret not in said
        assert "Fay" not in said
        assert "Nobody said this" not in said
        assert str(anonymous.note) not in said
    own = await actions.give_out(cast.fay, cast.fay.person, now=NOW)
    assert secret in str(data(own))
    other = await issues.note(cast.ines, NoteForm(text=Said("Claims wait"), stream=Stream.STAFF_TOLD,
                                                  team=cast.claims), now=NOW)  # fmt: skip
    assert other.issue is not None
    await issues.join(cast.eva, other.issue, issue, now=NOW)
    assert "Claims wait" not in str(data(await actions.give_out(cast.ann, cast.ann.person, now=NOW)))


async def test_no_link_and_no_code_that_works_is_in_it(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    await people.ask_code(cast.ann.email, network="", now=NOW)
    await delivered(NOW + timedelta(minutes=1))
    row = await people_queries.newest_code(cast.ann.email)
    assert row is not None
    assert await MailToken.count() > 1
    file = await actions.give_out(cast.ann, cast.ann.person, now=NOW)
    said = str(data(file)) + readable(file)
    made = [tokens.make("answer", booking.id), tokens.make("reply", booking.id), tokens.make("sign-in", row["id"])]
    for secret in (*made, tokens.digits("sign-in-code", row["id"]), row["code_hash"], row["link_hash"]):
        assert secret not in said


async def test_of_another_only_a_coordinator_has_it_and_it_is_written_down(cast: Cast) -> None:
    for who in (cast.ada, cast.hana, cast.ben, cast.dan, cast.max):
        with pytest.raises(Forbidden):
            await actions.give_out(who, cast.ann.person, now=NOW)
    assert await leaver_queries.lines(cast.ann.person) == []
    await actions.give_out(cast.ann, cast.ann.person, now=NOW)
    assert await leaver_queries.lines(cast.ann.person) == []
    await actions.give_out(cast.eva, cast.ann.person, now=NOW)
    assert [(line.what, line.by_name) for line in await leaver_queries.lines(cast.ann.person)] == [
        ("given out", "Eva Ek")]  # fmt: skip


async def test_also_of_somebody_who_left_and_of_nobody_who_was_erased(cast: Cast) -> None:
    await lived_through(cast)
    file = await actions.give_out(cast.eva, cast.ann.person, now=NOW)
    held = data(file)
    assert held["mails"][0]["subject"] == "About the day"
    assert held["issues"] != []
    await leavers.erase(cast.eva, cast.ann.person, typed="Ann Archer", now=NOW + timedelta(days=2))
    with pytest.raises(Refused):
        await actions.give_out(cast.eva, cast.ann.person, now=NOW)


async def test_it_comes_as_a_file_that_nobody_keeps(cast: Cast) -> None:
    site = Site(pages.router, clock=NOW)
    ann = await site.visitor(cast.ann)
    got = await ann.get("/settings/data")
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"] == 'attachment; filename="floorday-2026-11-02.zip"'
    assert got.headers["cache-control"] == "no-store"
    assert zipfile.is_zipfile(io.BytesIO(got.content))
    assert (await Person.select(Person.name).where(Person.id == cast.ann.person).first()) is not None
