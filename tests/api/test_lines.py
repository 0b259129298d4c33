"""Promises, updates, decisions and verdicts across issues: who reads which, page by page, and what became of a date."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from floorday import config
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import Wanted
from floorday.issues.rules import Ending, Naming, PromiseState, Resolution, Stream, Verdict
from floorday.issues.tables import Issue
from floorday.people.access import Actor, Grant, Role
from tests.api.house import program
from tests.cast import Cast
from tests.history.files import FOLDER, bring_in
from tests.site import whole_app
from tests.summaries.history_file import expected

DAY = timedelta(days=1)
NOUNS = ("promises", "updates", "decisions", "verdicts")


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


async def owned(
    cast: Cast, at: datetime, *, naming: Naming = Naming.NAMED, team: UUID | None = None, by: Actor | None = None
) -> UUID:
    """Let Fay (or another) raise an issue that Gus owns and Ann sponsors."""
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said("Refunds wait"), stream=Stream.STAFF_TOLD, team=team or cast.billing, naming=naming), now=at)
    assert noted.issue is not None
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=at)
    await actions.sponsor(cast.eva, noted.issue, cast.ann.person, now=at)
    return noted.issue


async def told_all(cast: Cast, at: datetime, *, naming: Naming = Naming.NAMED) -> UUID:
    """Let everything happen to an issue once."""
    issue = await owned(cast, at, naming=naming)
    await actions.promise(cast.gus, issue, (at + 30 * DAY).date(), now=at)
    await actions.update(cast.gus, issue, "Parts are ordered.", now=at)
    await actions.ask(cast.gus, issue, "May we?", now=at)
    await actions.decide(cast.ann, issue, yes=True, because="Do it.", now=at)
    await actions.resolve(cast.gus, issue, Resolution.EVERYBODY, "Daily now.", now=at)
    await actions.verdict(cast.fay, issue, Verdict.PARTLY, "Not on Sundays.", now=at)
    return issue


async def test_each_line_says_what_was_said_and_by_whom(cast: Cast, now: datetime) -> None:
    issue = await told_all(cast, now - DAY)
    eva = await program(cast.eva)
    (promise,), (update,), (decision,), (verdict,) = [await eva.every(f"/{noun}") for noun in NOUNS]
    assert {one["issue"] for one in (promise, update, decision, verdict)} == {str(issue)}
    assert (promise["state"], promise["by_name"], promise["ref"]) == ("standing", "Gus Grant", "FD-1")
    assert promise["promised_for"] == f"{now - DAY + 30 * DAY:%Y-%m-%d}"
    assert (update["update"], decision["decision"], decision["because"]) == ("Parts are ordered.", "yes", "Do it.")
    assert (verdict["says"], verdict["because"], verdict["by_name"]) == ("partly", "Not on Sundays.", "Fay Finch")
    assert "id" not in verdict


READERS = {"eva": True, "hana": True, "fay": True, "ben": True, "gus": True, "ann": True, "cleo": False, "ines": False,
           "max": False, "ada": False}  # fmt: skip


async def test_a_line_is_for_those_who_see_its_issue_whole(cast: Cast, now: datetime) -> None:
    app = whole_app()
    issue = await told_all(cast, now)
    for name, sees in READERS.items():
        asks = await program(cast.everybody()[name], app=app)
        for noun in NOUNS:
            for narrowed in ("", f"?issue={issue}"):
                assert len(await asks.every(f"/{noun}{narrowed}")) == sees, (name, noun)
        assert (await asks.get(f"/issues/{issue}")).json()["whole"] is sees, name
    dan = await program(cast.dan, app=app)
    assert {(await dan.get(f"/{noun}")).status_code for noun in NOUNS} == {403}


async def test_lines_of_a_joined_issue_are_read_by_readers_of_the_other(cast: Cast, now: datetime) -> None:
    first = await owned(cast, now)
    other = await owned(cast, now, team=cast.claims, by=cast.cleo)
    await actions.update(cast.gus, first, "One.", now=now)
    cleo = await program(cast.cleo)
    assert await cleo.every("/updates") == []
    await actions.join(cast.eva, first, other, now=now)
    assert [one["update"] for one in await cleo.every("/updates")] == ["One."]


@pytest.mark.parametrize("naming", [Naming.HIDDEN, Naming.NAMED])
async def test_a_hidden_name_and_its_minute_stand_in_no_verdict(cast: Cast, now: datetime, naming: Naming) -> None:
    await told_all(cast, now - timedelta(hours=1), naming=naming)
    shown: dict[str, Any] = {}
    for name in ("eva", "fay", "gus", "hana", "ben"):
        asks = await program(cast.everybody()[name])
        shown[name] = (await asks.every("/verdicts"))[0]
    hidden = naming is Naming.HIDDEN
    nameless = {name for name, one in shown.items() if one["by_name"] is None}
    assert nameless == ({"gus", "hana", "ben"} if hidden else set())
    zone = ZoneInfo("Europe/London")
    for name, one in shown.items():
        at = datetime.fromisoformat(one["at"]).astimezone(zone)
        secret = hidden and name not in {"eva", "fay"}
        assert not secret or (at.hour, at.minute, at.second) == (0, 0, 0), name
        assert (one["by"], one["door"]) == (None, None) if secret else (str(cast.fay.person), "page")


async def test_no_cursor_tells_the_minute(cast: Cast, now: datetime) -> None:
    import base64

    for _ in range(2):
        await told_all(cast, now, naming=Naming.HIDDEN)
    gus = await program(cast.gus)
    for noun in NOUNS:
        following = (await gus.get(f"/{noun}?limit=1")).json()["next"]
        mark = following.rpartition("cursor=")[2]
        assert base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)) == b"1.1"


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_list_is_read_page_by_page_without_gap_or_twin(cast: Cast, now: datetime, noun: str) -> None:
    for _ in range(3):
        issue = await told_all(cast, now)
        await actions.promise(cast.gus, issue, (now + 40 * DAY).date(), "Later.", now=now)
        await actions.update(cast.gus, issue, "Still.", now=now)
        await actions.ask(cast.gus, issue, "And?", now=now)
        await actions.decide(cast.ann, issue, yes=False, because="No.", now=now)
        await actions.resolve(cast.gus, issue, Resolution.HERE, "Now.", now=now)
        await actions.verdict(cast.fay, issue, Verdict.FIXED, "", now=now)
    eva = await program(cast.eva)
    whole = (await eva.get(f"/{noun}?limit=100")).json()["items"]
    assert len(whole) == 6
    for limit in (1, 2, 4, 5):
        assert await eva.every(f"/{noun}?limit={limit}") == whole


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_list_costs_the_same_however_long_it_is(cast: Cast, now: datetime, queries: Any, noun: str) -> None:
    hana = await program(cast.hana)
    await hana.get(f"/{noun}")
    counts: list[int] = []
    for many in (1, 4):
        for _ in range(many):
            await told_all(cast, now, naming=Naming.HIDDEN)
        with queries() as seen:
            assert (await hana.get(f"/{noun}")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


async def test_lists_are_narrowed(cast: Cast, now: datetime) -> None:
    one, other = await told_all(cast, now - 10 * DAY), await owned(cast, now, team=cast.claims, by=cast.cleo)
    await actions.update(cast.gus, other, "New.", now=now)
    eva = await program(cast.eva)
    moment = f"{now - DAY:%Y-%m-%dT%H:%M:%SZ}"
    due = f"{now + 20 * DAY:%Y-%m-%d}"
    for asked, count in {
        f"/updates?issue={one}": 1, f"/updates?team={cast.claims}": 1, f"/updates?department={cast.it}": 2,
        f"/updates?since={moment}": 1, f"/updates?until={moment}": 1, f"/updates?team={cast.it}": 0,
        f"/promises?due_before={due}": 0, f"/promises?due_from={due}": 1, "/promises?state=standing": 1,
        "/promises?state=broken": 0, "/decisions?decision=yes": 1, "/decisions?decision=no": 0,
        "/verdicts?says=partly": 1, "/verdicts?says=fixed": 0,
    }.items():  # fmt: skip
        assert len(await eva.every(asked)) == count, asked
    for wrong in ("/verdicts?since=2026-01-01T00:00:00Z", "/promises?state=late", "/updates?cursor=MQ", "/updates?a=b"):
        assert (await eva.get(wrong)).status_code == 422, wrong


async def test_what_became_of_a_date(cast: Cast, now: datetime) -> None:
    """Each in its own issue; told to the day in the programme's zone."""
    begun = now - 40 * DAY
    soon, later, never = [(begun + days * DAY).date() for days in (10, 20, 90)]

    async def state_of(*steps: Any) -> list[str]:
        issue = await owned(cast, begun)
        for step in steps:
            await step(issue)
        return [one["state"] for one in await eva.every(f"/promises?issue={issue}")]

    def promised(day: date, after: int = 0) -> Any:
        return lambda issue: actions.promise(cast.gus, issue, day, "Later." if after else "", now=begun + after * DAY)

    def done(how: Resolution, after: int) -> Any:
        return lambda issue: actions.resolve(cast.gus, issue, how, "So.", now=begun + after * DAY)

    def partly(after: int) -> Any:
        return lambda issue: actions.verdict(cast.fay, issue, Verdict.PARTLY, "No.", now=begun + after * DAY)

    def declined(after: int) -> Any:
        return lambda issue: actions.decline(cast.eva, issue, "No.", now=begun + after * DAY)

    eva = await program(cast.eva)
    assert await state_of(promised(never)) == ["standing"]
    assert await state_of(promised(soon)) == ["broken"]
    assert await state_of(promised(soon), done(Resolution.HERE, 5)) == ["kept"]
    assert await state_of(promised(soon), done(Resolution.HERE, 15)) == ["broken"]
    assert await state_of(promised(soon), done(Resolution.HERE, 5), partly(6)) == ["broken"]
    assert await state_of(promised(soon), done(Resolution.HERE, 5), partly(15)) == ["kept"]
    assert await state_of(promised(soon), done(Resolution.CANNOT, 5)) == ["moved"]
    assert await state_of(promised(soon), declined(5)) == ["moved"]
    assert await state_of(promised(soon), promised(later, 5)) == ["moved", "broken"]
    assert await state_of(promised(soon), promised(later, 15)) == ["broken", "broken"]
    assert await state_of(promised(soon), promised(never, 5), promised(soon, 6)) == ["said again", "moved", "broken"]


async def test_a_rare_state_is_found_however_far_it_stands(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.lines, "CHUNK", 2)
    for _ in range(5):
        await actions.promise(cast.gus, await owned(cast, now), (now + 5 * DAY).date(), now=now)
    last = await owned(cast, now)
    for _ in range(2):
        await actions.promise(cast.gus, last, (now + 5 * DAY).date(), "Back.", now=now)
        await actions.promise(cast.gus, last, (now + 6 * DAY).date(), "Later.", now=now)
    eva = await program(cast.eva)
    found = await eva.every("/promises?state=moved&limit=1")
    assert [(one["issue"], one["state"], one["promised_for"]) for one in found] == [
        (str(last), "moved", f"{now + 5 * DAY:%Y-%m-%d}")]
    assert len(await eva.every("/promises?state=said%20again&limit=1")) == 2
    assert len(await eva.every("/promises?state=standing&limit=2")) == 6


async def test_states_are_counted_as_the_figures_count_them(database: object) -> None:
    name, at = "open-1", datetime(2027, 6, 1, tzinfo=UTC)
    await bring_in((FOLDER / f"{name}.history.jsonl").read_bytes().splitlines(), now=at)
    known = expected(name)
    reader = Actor(person=UUID(int=7), name="Eva", email="eva@x.example", grants=frozenset({Grant(Role.COORDINATOR)}))
    joined = {row["id"] for row in await Issue.select(Issue.id).where(Issue.ending == Ending.JOINED.value)}
    rows = await queries.listed_promises(reader, Wanted(what="promised", limit=100_000), state=None,
                                         zone=ZoneInfo(known["zone"]), now=at)  # fmt: skip
    counted = Counter((f"{row.for_date:%Y-%m}", row.state) for row in rows if row.issue not in joined)
    assert len({state for _month, state in counted}) > 3
    for month, cuts in known["months"].items():
        for state in (PromiseState.KEPT, PromiseState.MOVED, PromiseState.BROKEN):
            assert counted[month, state] == cuts["company"][f"promises_{state}"]["value"], (month, state)
