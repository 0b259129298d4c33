"""The pages of an import: upload, look, import, undo; and the ways in for somebody new."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from floorday import config
from floorday.people import actions as people
from floorday.people import pages as people_pages
from floorday.people import queries as found
from floorday.people.tables import Person, Team
from floorday.rota import pages as rota
from floorday.setup import pages
from floorday.setup.rules import files
from floorday.setup.rules.columns import Subject
from floorday.today import pages as today
from tests.cast import Cast, make_cast
from tests.site import BASE, Site, Visitor

PEOPLE = "Name,Address,Roles\nAl Adams,al@x.example,Manager\nMax Moor,max@floorday.example,Manager\n"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router, people_pages.router, today.router, rota.router)


async def upload(visitor: Visitor, what: str, content: bytes, name: str = "staff.csv") -> httpx.Response:
    """Choose a file on the page and send it, as a browser does."""
    seen = await visitor.client.get("/settings/import")
    hidden = {field: value[1] for field in ("csrf", "once")
              if (value := re.search(rf'name="{field}" value="([^"]+)"', seen.text))}  # fmt: skip
    return await visitor.client.post("/settings/import", data=hidden | {"what": what},
                                     files={what: (name, content, "text/csv")}, headers={"origin": BASE})  # fmt: skip


async def preview(visitor: Visitor, what: str, text: str) -> tuple[str, str]:
    sent = await upload(visitor, what, text.encode())
    assert sent.status_code == 303, sent.text
    where = sent.headers["location"]
    return where, (await visitor.get(where)).text


def shown(page: str) -> str:
    digest = re.search(r'name="shown" value="(\w+)"', page)
    assert digest
    return digest[1]


async def test_a_sheet_is_looked_at_imported_and_undone(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    where, page = await preview(eva, "people", PEOPLE.replace("Max Moor", "Max More"))
    assert "Import these 2 people" in page
    assert re.search(r"<del>Max Moor</del>\s*<ins>Max More</ins>", page)
    assert "al@x.example" in page
    assert await Person.count().where(Person.name == "Al Adams") == 0
    done = await eva.post(where, where, shown=shown(page))
    assert (done.status_code, done.headers["location"]) == (303, where)
    after = await eva.get(where)
    assert "Imported: 1 new, 1 changed." in after.text
    assert "Undo the import" in after.text
    assert "staff.csv" in (await eva.get("/settings/import")).text
    undone = await eva.post(where, f"{where}/undo")
    assert (undone.status_code, undone.headers["location"]) == (303, "/settings/people")
    assert "as it was before the import" in (await eva.get("/settings/people")).text
    assert await Person.count().where(Person.name.is_in(["Al Adams", "Max More"])) == 0
    assert "taken back" in (await eva.get(where)).text


async def test_bad_rows_are_shown_at_once_with_no_button_and_as_a_file(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    where, page = await preview(eva, "people", PEOPLE + "Bo,nonsense,\nDi,di@x.example,Boss\n,cy@x.example,\n")
    assert "name=\"shown\"" not in page
    assert "Nothing is imported while a row is wrong." in page
    for said in ("This is not a mail address.", "Fill in the name.", "Boss is not a role here."):
        assert said in page
    back = await eva.get(f"{where}/bad-rows")
    assert back.headers["content-disposition"].startswith('attachment; filename="Rows to mend.csv"')
    assert files.read(back.content, knows=bool).header == ("Name", "Address", "Roles", "What is wrong")


async def test_what_changed_meanwhile_is_shown_again(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    where, page = await preview(eva, "people", PEOPLE.replace("Max Moor", "Max More"))
    await Person.update({Person.name: "Maximilian"}).where(Person.id == cast.max.person)
    again = await eva.post(where, where, shown=shown(page))
    assert again.status_code == 409
    assert "Something has changed since this was shown." in again.text
    assert "<del>Maximilian</del>" in again.text
    assert shown(again.text) != shown(page)
    assert (await eva.post(where, where, shown=shown(again.text))).status_code == 303


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b"\x00\x01\x02", "This is not a table that can be read here."),
        (b"%PDF-1.7", "Columns are missing: Name, Address."),
        (b"PK\x03\x04", "This workbook cannot be read."),
        (b"<script>alert(1)</script>", "&lt;script&gt;"),
        (b"name,address\n", "none below it"),
    ],
)
async def test_a_file_that_is_no_table_is_refused_at_its_field(
    cast: Cast, site: Site, content: bytes, says: str
) -> None:
    answer = await upload(await site.visitor(cast.eva), "people", content)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'id="f-people-error"' in answer.text
    assert "<script>alert" not in answer.text


async def test_no_file_is_asked_for(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    answer = await eva.post("/settings/import", "/settings/import", what="teams")
    assert (answer.status_code, "Choose a file first." in answer.text) == (422, True)


async def test_the_examples_come_in_as_they_are_in_their_order(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    for subject in Subject:
        given = await eva.get(f"/settings/import/example/{subject}")
        assert given.headers["content-type"] == "text/csv; charset=utf-8"
        sheet = files.read(given.content, knows=bool)
        assert (len(sheet.rows), len(sheet.header) > 4) == (2, True)
        where = (await upload(eva, subject, given.content)).headers["location"]
        page = (await eva.get(where)).text
        assert "Rows to mend" not in page
        assert (await eva.post(where, where, shown=shown(page))).status_code == 303
    for place, said in (("departments", "Legal"), ("teams", "Lisbon"), ("people", "Team lead, Billing")):
        assert said in (await eva.get(f"/settings/{place}")).text


@pytest.mark.parametrize("what", ["people", "teams", "departments"])
async def test_a_list_that_was_downloaded_changes_nothing(cast: Cast, site: Site, what: str) -> None:
    eva = await site.visitor(cast.eva)
    for form in ("csv", "xlsx"):
        given = await eva.get(f"/settings/{what}?as={form}")
        assert given.status_code == 200
        where = (await upload(eva, what, given.content)).headers["location"]
        page = (await eva.get(where)).text
        assert "Everything in this file is here already." in page, page
        assert "Link" in page


async def test_an_excel_workbook_comes_in_too(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    given = await eva.get("/settings/people?as=xlsx")
    await Person.update({Person.name: "Somebody"}).where(Person.id == cast.max.person)
    page = (await eva.get((await upload(eva, "people", given.content)).headers["location"])).text
    assert re.search(r"<del>Somebody</del>\s*<ins>Max Moor</ins>", page)


async def test_the_lists_lead_to_the_import(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    for place in ("people", "teams", "departments"):
        assert 'href="/settings/import"' in (await eva.get(f"/settings/{place}")).text


async def test_somebody_new_is_led_to_the_import(database: object, site: Site) -> None:
    first = await people.first_person("Eva Ek", "eva@floorday.example", zone="Europe/London", now=config.now())
    eva = await site.visitor(await found.actor(first))
    for page in ("/today", "/rota"):
        assert 'href="/settings/import"' in (await eva.get(page)).text
    start = await eva.get("/settings/import")
    assert start.text.count("None here yet") == 2
    await Team.insert(Team(name="Billing", created_at=config.now()))
    for page in ("/today", "/rota"):
        assert 'href="/settings/import"' not in (await eva.get(page)).text


async def test_whoever_does_not_keep_people_is_not_led_there(database: object, site: Site, cast: Cast) -> None:
    await Team.update({Team.closed_at: config.now()}, force=True)
    assert 'href="/settings/import"' not in (await (await site.visitor(cast.ann)).get("/today")).text
    assert 'href="/settings/import"' in (await (await site.visitor(cast.ada)).get("/today")).text


@pytest.mark.parametrize("many", [1, 3])
async def test_no_page_takes_more_than_eight_queries(
    cast: Cast, site: Site, queries: Callable[[], Any], many: int
) -> None:
    eva = await site.visitor(cast.eva)
    people_rows = "".join(f"P{n},p{n}@x.example,Billing,ann@floorday.example\n" for n in range(many))
    sheets = {
        "departments": "name\n" + "".join(f"D{n}\n" for n in range(many)),
        "teams": "name,host\nBilling,Fay Finch\n" + "".join(f"T{n},\n" for n in range(many)),
        "people": "name,address,team,assistant of\n" + people_rows,
    }
    for what, text in sheets.items():
        where, page = await preview(eva, what, text)
        for path in ("/settings/import", where):
            with queries() as seen:
                assert (await eva.get(path)).status_code == 200
            assert len(seen) <= 8, seen
            assert not [sql for sql in seen if not sql.lstrip().upper().startswith(("SELECT", "WITH"))]
        await eva.post(where, where, shown=shown(page))
        with queries() as seen:
            assert (await eva.get(where)).status_code == 200
        assert len(seen) <= 8, seen
