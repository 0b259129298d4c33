"""Search and similar issues: what is found by whom, and that nobody finds a word that they may not read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec import structs

from floorday import db
from floorday.db import folding
from floorday.issues import actions, moves, pages, queries
from floorday.issues.actions import Named, NoteForm, Said, SearchForm
from floorday.issues.queries import Filters, IssueRow, Search
from floorday.issues.rules import Kind, Naming, Resolution, Stream, Turn, Verdict
from floorday.issues.tables import Note
from floorday.people.access import Actor
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_agreement import Floor
from tests.site import Site

MOST = 8



@pytest.fixture
async def cast(database: object) -> Cast:
    del database
    return await make_cast()


@pytest.fixture
def site(database: object) -> Site:
    del database
    return Site(pages.router, clock=NOW)


async def noted(
    cast: Cast, text: str, *, by: Actor | None = None, into: IssueRow | None = None, **more: Any
) -> IssueRow:
    by = by or cast.fay
    team = more.pop("team", cast.claims if by in {cast.cleo, cast.ines} else cast.billing)
    done = await actions.note(by, NoteForm(
        text=Said(text), stream=more.pop("stream", Stream.STAFF_TOLD), team=team, issue=into.id if into else None,
        **more,
    ), now=NOW)  # fmt: skip
    assert done.issue is not None
    return await queries.issue(None, done.issue)


async def found(actor: Actor, typed: str, **filters: Any) -> list[str]:
    """Search, and again as if there were very many issues."""
    wanted = Search(words=folding.read(typed), filters=Filters(
        closed=filters.pop("closed", None), joined=True, **{
            name: filters.pop(name) for name in list(filters) if name in Filters.__struct_fields__}), **filters)
    few = await queries.search(actor, wanted)
    with pytest.MonkeyPatch.context() as patched:
        module = sys.modules["floorday.issues.queries.search"]
        patched.setattr(module, "NEAR", 2)
        many = await queries.search(actor, wanted)
        for limit, most_own in ((1, 100), (2, 100), (1, 0)):
            patched.setattr(module, "MOST_OWN", most_own)
            first = await queries.search(actor, structs.replace(wanted, limit=limit))
            assert [hit.shown.row.number for hit in first] == [hit.shown.row.number for hit in few[:limit]]
    assert [(hit.shown.row, hit.said) for hit in few] == [(hit.shown.row, hit.said) for hit in many]
    return [hit.shown.row.title for hit in few]


async def test_words_are_found_however_they_are_written(cast: Cast) -> None:
    texts = ("Die Straße fehlt im Formular", "Café orders from İstanbul wait", "東京の注文が遅い")
    for text in (*texts, "Refunds wait for a batch"):
        await noted(cast, text)
    for typed, title in (
        ("STRASSE", "Die Straße fehlt im Formular"), ("cafe istanbul", "Café orders from İstanbul wait"),
        ("東京", "東京の注文が遅い"), ("refund", "Refunds wait for a batch"),
        ('"wait for a"', "Refunds wait for a batch"),
        ("wait -istanbul", "Refunds wait for a batch"), ("batch ref", "Refunds wait for a batch"),
    ):  # fmt: skip
        assert await found(cast.eva, typed) == [title], typed
        assert await found(cast.cleo, typed) == [title], typed
    for typed in ('"for wait"', "ref batch", "refunds -batch", "nowhere", "-wait"):
        assert await found(cast.eva, typed) == [], typed


async def test_words_of_title_and_notes_count_together_for_those_who_may_read_them(cast: Cast) -> None:
    row = await noted(cast, "Refunds wait")
    await noted(cast, "The zebra crossing form is on paper", by=cast.ben, into=row)
    for actor, hits in ((cast.eva, 1), (cast.fay, 1), (cast.hana, 1), (cast.cleo, 0), (cast.max, 0), (cast.ada, 0)):
        assert len(await found(actor, "refunds zebra")) == hits, actor.name
        assert len(await found(actor, "zebra")) == hits, actor.name
        assert len(await found(actor, "refunds")) == 1, actor.name
        assert len(await found(actor, "refunds -zebra")) == 1 - hits, actor.name
    assert await found(cast.eva, '"refunds wait the zebra"') == []  # no phrase reaches from one text into the next
    hits = await queries.search(cast.fay, Search(words=folding.read("zebra")))
    assert hits[0].said == ["The zebra crossing form is on paper"]


async def test_filters_narrow_and_those_that_tell_more_find_only_what_is_seen_whole(cast: Cast) -> None:
    ours = await noted(cast, "Refunds wait", kind=Kind.RED_TAPE)
    theirs = await noted(cast, "Refunds wait in Claims", by=cast.cleo, stream=Stream.CUSTOMER_SAID)
    await actions.assign(cast.eva, ours.id, department=cast.it, owner=cast.gus.person, now=NOW)
    assert await found(cast.eva, "refunds", team=cast.claims) == [theirs.title]
    assert await found(cast.eva, "refunds", kind=Kind.RED_TAPE) == [ours.title]
    assert await found(cast.eva, "refunds", owner=cast.gus.person) == [ours.title]
    assert await found(cast.eva, "refunds", turn=Turn.NEEDS_OWNER) == [theirs.title]
    assert await found(cast.eva, "refunds", stream=Stream.CUSTOMER_SAID) == [theirs.title]
    assert await found(cast.eva, "refunds", since=NOW.replace(year=2027)) == []
    assert await found(cast.eva, "refunds", until=NOW.replace(year=2027)) == [theirs.title, ours.title]
    assert await found(cast.fay, "refunds", team=cast.claims) == []
    assert await found(cast.fay, "refunds", stream=Stream.CUSTOMER_SAID) == []
    assert await found(cast.max, "refunds", owner=cast.gus.person) == []
    assert await found(cast.fay, "", department=cast.it) == [ours.title]


async def test_what_is_joined_declined_closed_withdrawn_corrected_or_retitled_is_found_as_it_is(cast: Cast) -> None:
    stays, joins = await noted(cast, "Refunds wait"), await noted(cast, "Payback is slow")
    await actions.join(cast.eva, joins.id, stays.id, now=NOW)
    assert await found(cast.eva, "payback") == ["Payback is slow", "Refunds wait"]  # its note belongs to the other now
    assert await found(cast.eva, "payback", closed=True) == ["Payback is slow"]
    declined = await noted(cast, "Printers hum")
    await actions.decline(cast.eva, declined.id, "They do.", now=NOW)
    assert await found(cast.eva, "printers", closed=False) == []
    assert await found(cast.eva, "printers", closed=True) == ["Printers hum"]
    await actions.retitle(cast.eva, stays.id, "Payouts wait", Kind.OTHER, now=NOW)
    assert await found(cast.cleo, "refunds") == []
    assert await found(cast.cleo, "payouts") == ["Payouts wait"]
    note = (await Note.select(Note.id).where(Note.issue == declined.id).first())["id"]
    await actions.correct_note(cast.fay, note, "Screens hum", now=NOW)
    assert await found(cast.fay, "screens") == ["Printers hum"]
    await actions.withdraw_note(cast.fay, note, now=NOW)
    assert await found(cast.eva, "screens") == []
    # Whoever changes a text past our actions takes it out of the index with that, and the worker puts it back.
    await db.run_sql("UPDATE issue SET title = {} WHERE id = {}", "Zebra", stays.id)
    assert await found(cast.eva, "payouts") == []
    assert await actions.fold_due() == 1
    assert await found(cast.eva, "zebra") == ["Zebra"]


@pytest.mark.parametrize("seed", [3, 8])
async def test_whatever_happens_what_is_looked_for_is_what_is_there(cast: Cast, seed: int) -> None:
    await Floor(cast, seed).live()
    kept = await db.run_sql("SELECT number, face, whole, due FROM issue_words ORDER BY number")
    assert len(kept) > 5
    assert not any(row["due"] for row in kept)
    await db.run_sql("UPDATE issue_words SET face = '', whole = '', due = TRUE")
    while await moves_fold():
        pass
    anew = await db.run_sql("SELECT number, face, whole, due FROM issue_words ORDER BY number")

    def words(row: dict[str, Any]) -> Any:
        return row["number"], row["face"], sorted(row["whole"].split())

    assert [words(row) for row in kept] == [words(row) for row in anew]


async def moves_fold() -> int:
    async with db.transaction():
        return await moves.fold_due()


# --- nothing hidden can be probed --------------------------------------------------------------------------------

PROBES = ("zebra", "zeb", "refunds zebra", "refunds -zebra", "wait -zebra", '"zebra crossing"', "zebra crossing slow")
OUTSIDERS = ("cleo", "max", "ada", "gus", "ines")


async def seen_by(site: Site, cast: Cast) -> dict[tuple[str, str], str]:
    answers: dict[tuple[str, str], str] = {}
    for name in OUTSIDERS:
        visitor = await site.visitor(getattr(cast, name))
        for probe in PROBES:
            for path in (f"/search?q={probe}", f"/search?q={probe}&turn=open", f"/search?q={probe}&before=3"):
                page = (await visitor.get(path)).text
                answers[name, path] = re.sub(r'(name="(csrf|once)" value=")[^"]+', r"\1", page)
            answers[name, "similar " + probe] = repr(
                [(one.shown.row.number, one.score) for one in await queries.similar(getattr(cast, name), probe)])
    return answers


@pytest.mark.parametrize("where", ["restricted title", "note of another team", "note withdrawn"])
async def test_a_hidden_word_changes_nothing_of_what_others_are_shown(cast: Cast, site: Site, where: str) -> None:
    for text in ("Refunds wait", "Refunds crossing borders are slow", "Waiting rooms are full"):
        row = await noted(cast, text)
    if where == "restricted title":
        row = await noted(cast, "Plain words")
        await actions.restrict(cast.eva, row.id, restricted=True, now=NOW)
        change = "UPDATE issue SET title = {} WHERE id = {}"
        key = row.id
    else:
        done = await actions.note(cast.ben, NoteForm(
            text=Said("Plain words"), stream=Stream.STAFF_TOLD, team=cast.billing, issue=row.id), now=NOW)
        if where == "note withdrawn":
            await actions.withdraw_note(cast.ben, done.note, now=NOW)
        change, key = "UPDATE note SET text = {} WHERE id = {}", done.note
    before = await seen_by(site, cast)
    await db.run_sql(change, "Refunds wait at the zebra crossing, slow", key)
    await actions.fold_due()
    assert await seen_by(site, cast) == before
    inside = await found(cast.eva, "zebra")  # the word is there for whoever may read it
    assert bool(inside) is (where != "note withdrawn")


async def test_names_of_anonymous_and_hidden_reporters_are_nowhere_in_what_is_looked_for(cast: Cast) -> None:
    for naming in (Naming.HIDDEN, Naming.ANONYMOUS):
        await noted(cast, "Refunds wait", naming=naming)
    for actor in (cast.eva, cast.ben, cast.cleo):
        assert await found(actor, "finch") == []


# --- any text ----------------------------------------------------------------------------------------------------

NASTY = (
    "'", '"', '" OR 1=1', "a* OR b", "NEAR(a b)", "title:x", "{face} : a", "a:*", "!a & b", "<->", "\\", "%", "()", "-",
    "a AND NOT", "^a", "\x00", "İ" * 300, "﷽ ﷺ", "🦓", "a" * 5000, "- - -", "--", "; DROP TABLE note",
)  # fmt: skip


async def test_any_text_is_answered(cast: Cast, site: Site) -> None:
    await noted(cast, "Refunds wait")
    visitor = await site.visitor(cast.fay)

    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.sampled_from(NASTY), st.text(max_size=60)))
    def collected(text: str) -> None:
        texts.append(text)

    texts: list[str] = list(NASTY)
    collected()
    for text in texts:
        raw = text.encode("utf-8", "ignore").decode()
        answer = await visitor.client.get("/search", params={"q": raw, "since": raw, "team": raw, "before": raw})
        assert answer.status_code == 200, repr(text)
        assert isinstance(await queries.search(cast.fay, Search(words=folding.read(text))), list)
        assert isinstance(await queries.similar(cast.fay, text), list)


async def test_what_was_found_is_marked_and_nothing_else_is_markup(cast: Cast, site: Site) -> None:
    await noted(cast, "<b>Refunds</b> & <mark>waits</mark>")
    page = (await (await site.visitor(cast.fay)).get("/search?q=refunds")).text
    assert "&lt;b&gt;<mark>Refunds</mark>&lt;/b&gt; &amp; &lt;mark&gt;waits&lt;/mark&gt;" in page


async def test_a_search_takes_as_many_queries_for_three_as_for_one(
    cast: Cast, site: Site, queries: Callable[[], Any]
) -> None:
    for who in (cast.eva, cast.cleo):
        visitor, counts = await site.visitor(who), list[int]()
        for more in (1, 2):
            for _ in range(more):
                row = await noted(cast, "Refunds wait")
                await noted(cast, "The zebra form", by=cast.ben, into=row)
            await visitor.get("/search?q=refunds")
            with queries() as seen:
                assert (await visitor.get("/search?q=refunds+z")).status_code == 200
                counts.append(len(seen))
            with queries() as seen:
                assert (await visitor.get("/search?q=refunds")).status_code == 200
                counts.append(len(seen))
        assert max(counts) <= MOST
        assert counts[:2] == counts[2:]


# --- pages -------------------------------------------------------------------------------------------------------


async def test_pages_of_many_hits_follow_each_other(cast: Cast, site: Site) -> None:
    for _ in range(27):
        await noted(cast, "Refunds wait")
    visitor = await site.visitor(cast.fay)
    page = (await visitor.get("/search?q=refunds")).text
    assert page.count("<li data-row") == 25
    assert "The newest 25 of more" in page
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    assert (await visitor.get(older[1].replace("&amp;", "&"))).text.count("<li data-row") == 2
    assert "FD-3" in (await visitor.get("/search?q=fd-3")).text
    assert "Nothing found" in (await visitor.get("/search?q=zebra")).text
    assert "Say at least one word" in (await visitor.get("/search?q=-zebra")).text
    assert "somebody may have met it" in (await visitor.get("/search")).text


async def test_a_search_is_kept_under_a_name_by_its_reader_alone(cast: Cast, site: Site) -> None:
    fay, ben = await site.visitor(cast.fay), await site.visitor(cast.ben)
    page = "/search?q=refunds&turn=open"
    done = await fay.post(page, "/search/saved", name="Slow refunds", query="q=refunds&turn=open&evil=1")
    assert done.headers["location"] == "/search?q=refunds&turn=open"
    assert "Slow refunds" in (await fay.get("/search")).text
    assert "Slow refunds" not in (await ben.get("/search")).text
    kept = await queries.searches(cast.fay)
    path = f"/search/saved/{kept[0].id}/deletion"
    assert (await ben.post("/search?q=a", path)).status_code == 404
    gone = await fay.post(page, path)
    assert gone.status_code == 303
    undo = re.search(r'action="(/search/saved\?[^"]+)"', (await fay.get("/search")).text)
    assert undo is not None
    await fay.post(page, undo[1].replace("&amp;", "&"))
    assert [(one.name, one.query) for one in await queries.searches(cast.fay)] == [
        ("Slow refunds", "q=refunds&turn=open")]
    await actions.save_search(cast.fay, SearchForm(name=Named("Slow refunds"), query="q=b"), now=NOW)
    assert [one.query for one in await queries.searches(cast.fay)] == ["q=b"]
    await actions.forget_searches(cast.fay.person)
    assert await queries.searches(cast.fay) == []


# --- similar -----------------------------------------------------------------------------------------------------


async def test_what_is_alike_is_found_across_teams_by_faces_alone(cast: Cast) -> None:
    row = await noted(cast, "Refunds over 150 wait for a weekly batch")
    other = await noted(cast, "The scanner jams", by=cast.cleo)
    await noted(cast, "Zebra stripes", by=cast.ben, into=other)
    secret = await noted(cast, "Refund batch of the board")
    await actions.restrict(cast.eva, secret.id, restricted=True, now=NOW)
    for actor in (cast.cleo, cast.max):
        alike = await queries.similar(actor, "refund waits for the batch")
        assert [one.shown.row.id for one in alike] == [row.id]
        assert await queries.similar(actor, "zebra stripes") == []
    assert {one.shown.row.id for one in await queries.similar(cast.eva, "refund waits for the batch")} == {
        row.id, secret.id}
    part = await noted(cast, "Weekly payouts are late")
    await actions.join(cast.eva, part.id, row.id, now=NOW)
    assert [one.shown.row.id for one in await queries.similar(cast.max, "payouts late weekly")] == [row.id]


async def test_me_too_adds_the_line_to_the_issue_and_can_be_undone(cast: Cast, site: Site) -> None:
    row = await noted(cast, "Refunds over 150 wait for a weekly batch")
    cleo = await site.visitor(cast.cleo)
    fields = {"text": "Refunds wait in Claims, too",
              "stream": "staff told", "naming": "named", "team": str(cast.claims)}
    part = await cleo.post("/notes/new", "/notes/similar", part="1", text=fields["text"])
    assert part.status_code == 200
    assert f'formaction="/issues/{row.id}/notes"' in part.text
    assert "<html" not in part.text
    whole = await cleo.post("/notes/new", "/notes/similar", **fields)
    assert f'action="/issues/{row.id}/notes"' in whole.text
    assert 'value="Refunds wait in Claims, too"' in whole.text
    assert len(await queries.board(cast.eva)) == 1
    done = await cleo.post("/notes/new", f"/issues/{row.id}/notes", **fields)
    assert done.headers["location"] == f"/issues/{row.id}"
    assert (await queries.issue(cast.eva, row.id)).met_by == 2
    undo = re.search(r'action="(/notes/[^"]+/withdrawal)"', (await cleo.get(f"/issues/{row.id}")).text)
    assert undo is not None
    await cleo.post("/notes/new", undo[1])
    assert (await queries.issue(cast.eva, row.id)).met_by == 1


async def test_a_closed_issue_is_alike_and_comes_back(cast: Cast, site: Site) -> None:
    row = await noted(cast, "Refunds over 150 wait for a weekly batch")
    await actions.assign(cast.eva, row.id, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.resolve(cast.gus, row.id, Resolution.EVERYBODY, "Daily now.", now=NOW)
    await actions.verdict(cast.fay, row.id, Verdict.FIXED, now=NOW)
    part = await (await site.visitor(cast.cleo)).post(
        "/notes/new", "/notes/similar", part="1", text="refunds wait for the weekly batch")
    assert "It is back" in part.text

