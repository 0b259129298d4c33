"""A newcomer finds whom they look for: where to begin, everybody in groups, and a search that needs no script."""

from __future__ import annotations

import html
import re

import pytest

from floorday.demo import everybody, faces, mailbox
from floorday.people import queries as people
from floorday.people.access import Role
from tests.demo.conftest import Browser, person

STARTS = ["Coordinator", "Manager", "Assistant", "Team lead", "Owner", "Head of service"]


def groups(page: str) -> dict[str, int]:
    """Give the titles of the groups, and how many stand in each."""
    said = re.findall(r"<summary>([^<]+) \((\d+)\)</summary>", page)
    return {html.unescape(title): int(count) for title, count in said}


async def test_one_of_each_to_begin_with_in_the_order_of_the_story(looked_at: None) -> None:
    shown = await faces.faces()
    assert [face.role for face in shown if face.start] == STARTS
    assert len(shown) == len(Role)
    assert all(face.sentence and face.letters for face in shown)


@pytest.mark.parametrize("page", ["/mailbox", "/demo"])
async def test_nobody_is_missing_and_nobody_stands_twice(looked_at: None, browser: Browser, page: str) -> None:
    await browser.open(page)
    assert browser.page.index("Start here") < browser.page.index("Everybody")
    found = groups(browser.page)
    inside = len(await people.people())
    outside = found.pop("Outside: whom vendors are written to by", 0)
    assert sum(found.values()) == inside > 150
    assert (outside > 0) == (page == "/mailbox")
    assert list(found)[:3] == ["Who run the programme", "Managers", "Assistants"]
    assert {"Team Billing", "Department IT"} <= set(found)
    ids = [one.id for group in await everybody.groups(await mailbox.owners()) for one in group.people]
    assert len(ids) == len(set(ids)) == inside + len([one for one in await mailbox.owners() if one.outside])


@pytest.mark.parametrize(
    ("words", "finds", "leaves_out"),
    [
        ("ann.archer@", "Ann Archer", "Noor Haddad"), ("HADDAD noor", "Noor Haddad", "Ann Archer"),
        ("billing lead", "Ben Adeyemi", "Fatima Begum"), ("head of service", "Ruth Calloway", "Ann Archer"),
        ("Department&nothing", "Nobody fits these words", "Ann Archer"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["/mailbox", "/demo"])
async def test_a_search_narrows_it(
    looked_at: None, browser: Browser, page: str, words: str, finds: str, leaves_out: str
) -> None:
    answer = await browser.client.get(page, params={"q": words})
    assert answer.status_code == 200
    assert finds in answer.text
    assert leaves_out not in answer.text
    assert "Start here" not in answer.text
    assert f'value="{html.escape(words)}"' in answer.text
    assert f'href="{page}">Show everybody' in answer.text


async def test_who_was_found_can_be_signed_in_as(lived: None, browser: Browser) -> None:
    await browser.open("/demo?q=billing+lead")
    answer = await browser.post("/demo", person=await person("ben.adeyemi"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
