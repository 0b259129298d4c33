"""Who was told of an issue, and praise that waits: for programs as on the pages, and no name that is hidden."""

from __future__ import annotations

from uuid import UUID

from floorday import config
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Resolution, Stream
from floorday.stories import actions as stories
from tests.api.house import program
from tests.cast import Cast
from tests.site import whole_app


async def an_issue(cast: Cast) -> UUID:
    now = config.now()
    form = NoteForm(text=Said("Refunds wait"), stream=Stream.STAFF_TOLD, team=cast.billing)
    noted = await issues.note(cast.fay, form, now=now)
    assert noted.issue is not None
    hidden = NoteForm(text=Said("Here too"), stream=Stream.STAFF_TOLD, team=cast.billing, issue=noted.issue,
                      naming=Naming.HIDDEN)  # fmt: skip
    await issues.note(cast.ben, hidden, now=now)
    await issues.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=now)
    await issues.resolve(cast.gus, noted.issue, Resolution.HERE, "It runs daily now.", now=now)
    return noted.issue


async def test_who_was_told_is_said_without_the_names_that_are_hidden(cast: Cast) -> None:
    issue, app = await an_issue(cast), whole_app()
    told = {name: (await (await program(getattr(cast, name), app=app)).get(f"/issues/{issue}/letters")).json()["items"]
            for name in ("eva", "gus", "max")}  # fmt: skip
    asked = {name: [one for one in told[name] if one["about"] == "verdict_asked"] for name in told}
    assert [one["name"] for one in asked["eva"]] == ["Ben Baker", "Fay Finch"]
    assert [(one["name"], one["person"], one["leaves_at"]) for one in asked["gus"]][1] == (None, None, None)
    assert [one["name"] for one in asked["gus"]] == ["Fay Finch", None]
    assert str(cast.ben.person) not in str(told["gus"])
    assert told["max"] == []
    assert {one["fate"] for one in told["eva"]} <= {"leaves in a moment", "leaves later"}


async def test_praise_that_waits_is_told_put_aside_and_taken_up_again(cast: Cast) -> None:
    now = config.now()
    drafts = [await stories.keep_praise(cast.ben, cast.billing, "Well done", text, now=now)
              for text in ("She stayed.", "And again.")]  # fmt: skip
    ben, cleo = await program(cast.ben), await program(cast.cleo)
    assert (await cleo.get("/stories/drafts")).json() == {"items": []}
    assert (await cleo.post(f"/stories/drafts/{drafts[0].id}", text="Mine", hero_name="Cleo")).status_code == 404
    waits = (await ben.get("/stories/drafts")).json()["items"]
    assert [one["text"] for one in waits] == ["She stayed.", "And again."]
    told = await ben.post(f"/stories/drafts/{drafts[0].id}", text="Fay stayed late.", hero=str(cast.fay.person))
    assert (told.status_code, told.json()["hero_name"]) == (200, "Fay Finch")
    assert (await ben.get(f"/stories/{drafts[0].id}")).status_code == 200
    assert (await ben.post(f"/stories/drafts/{drafts[1].id}/aside")).status_code == 200
    assert (await ben.get("/stories/drafts")).json() == {"items": []}
    back = await ben.post(f"/stories/drafts/{drafts[1].id}/back")
    assert (back.status_code, back.json()["text"]) == (200, "And again.")
