"""The pages of people: signing in with a code, one's own settings, and who keeps whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import pytest

from floorday import config
from floorday.mail import letters
from floorday.mail.tables import Letter
from floorday.people import pages, queries
from tests.cast import Cast, make_cast
from tests.site import Site, form_keys


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router)


async def code_for(email: str) -> str:
    newest = await Letter.objects().where(Letter.to_address == email).order_by(Letter.id, ascending=False).first()
    assert newest is not None
    newest.rendered_at = config.now()
    mail = message_from_bytes(letters.render(newest, lambda _event: b""), policy=policy.default)
    found = re.search(r"\b(\d{6})\b", mail.get_body(("plain",)).get_content())
    assert found
    return found[1]


async def test_a_code_by_mail_opens_the_door(cast: Cast, site: Site) -> None:
    nobody = await site.visitor()
    asked = await nobody.post("/sign-in?next=/issues", "/sign-in", email="ANN@floorday.example ", next="/issues")
    assert asked.status_code == 200
    assert "on its way" in asked.text
    code = await code_for("ann@floorday.example")
    entered = await nobody.post("/sign-in", "/sign-in/code", email="ann@floorday.example", code=code, next="/issues")
    assert (entered.status_code, entered.headers["location"]) == (303, "/issues")
    own = await nobody.get("/settings")
    assert own.status_code == 200
    assert "Ann Archer" in own.text


async def test_the_door_says_the_same_to_somebody_unknown(cast: Cast, site: Site) -> None:
    nobody = await site.visitor()
    known = await nobody.post("/sign-in", "/sign-in", email="ann@floorday.example")
    unknown = await nobody.post("/sign-in", "/sign-in", email="who@floorday.example")

    def bare(text: str) -> str:
        return re.sub(r'value="[^"]*"|\w+@floorday\.example', "", text)

    assert bare(known.text) == bare(unknown.text)


async def test_a_wrong_code_says_so_and_keeps_the_address(cast: Cast, site: Site) -> None:
    nobody = await site.visitor()
    await nobody.post("/sign-in", "/sign-in", email="ann@floorday.example")
    wrong = await nobody.post("/sign-in", "/sign-in/code", email="ann@floorday.example", code="nonsense")
    assert wrong.status_code == 422
    assert 'value="ann@floorday.example"' in wrong.text
    assert "does not fit" in wrong.text


async def test_a_link_that_was_only_opened_has_done_nothing(cast: Cast, site: Site) -> None:
    nobody = await site.visitor()
    await nobody.post("/sign-in", "/sign-in", email="ann@floorday.example")
    newest = await Letter.objects().where(Letter.to_address == "ann@floorday.example").first()
    assert newest is not None
    newest.rendered_at = config.now()
    raw = message_from_bytes(letters.render(newest, lambda _event: b""), policy=policy.default)
    link = re.search(r"/sign-in/link/\w+", raw.get_body(("plain",)).get_content())
    assert link
    opened = [await nobody.get(link[0]) for _ in range(3)]
    assert {page.status_code for page in opened} == {200}
    assert "no-store" in opened[0].headers["cache-control"]
    assert (await nobody.get("/settings")).status_code == 303
    pressed = await nobody.post(link[0], link[0])
    assert pressed.status_code == 303
    assert (await nobody.get("/settings")).status_code == 200


async def test_sign_in_never_sends_one_to_another_site(cast: Cast, site: Site) -> None:
    nobody = await site.visitor()
    await nobody.post("/sign-in", "/sign-in", email="ann@floorday.example")
    code = await code_for("ann@floorday.example")
    entered = await nobody.post(
        "/sign-in", "/sign-in/code", email="ann@floorday.example", code=code, next="//evil.example/x"
    )  # fmt: skip
    assert entered.headers["location"] == "/"


async def test_a_person_is_added_given_a_role_and_let_go(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    added = await eva.post(
        "/settings/people/new", "/settings/people/new", name="Ola Nord", email="ola@floorday.example",
        zone="Europe/Stockholm",
    )  # fmt: skip
    assert added.status_code == 303
    page = added.headers["location"]
    given = await eva.post(page, f"{page}/roles", role="member", team=str(cast.billing), department=str(cast.it))
    assert given.status_code == 303
    shown = await eva.get(page)
    assert "Team member, Billing" in shown.text
    take = re.search(r'action="(/settings/roles/[^"]+/take)"', shown.text)
    assert take
    assert (await eva.post(page, take[1])).headers["location"] == page
    assert "Team member, Billing" not in (await eva.get(page)).text


async def test_what_was_typed_stays_when_a_field_is_wrong(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    wrong = await eva.post(
        "/settings/people/new", "/settings/people/new", name="Ola Nord", email="not an address", zone="Mars/Olympus"
    )  # fmt: skip
    assert wrong.status_code == 422
    assert 'value="Ola Nord"' in wrong.text
    assert "not a mail address" in wrong.text
    assert "not a time zone" in wrong.text


@pytest.mark.parametrize(
    "path",
    ["/settings/people", "/settings/people/new", "/settings/teams", "/settings/departments", "/settings/teams/new"],
)
async def test_keeping_people_is_for_coordinators_and_admins(cast: Cast, site: Site, path: str) -> None:
    seen = {name: (await (await site.visitor(actor)).get(path)).status_code for name, actor in cast.everybody().items()}
    assert {name for name, status in seen.items() if status == 200} == {"eva", "ada"}
    assert {status for name, status in seen.items() if name not in {"eva", "ada"}} == {403}


async def test_a_form_posted_twice_adds_one_person(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    seen = await eva.get("/settings/people/new")
    form = {**form_keys(seen.text), "name": "Ola Nord", "email": "ola@floorday.example", "zone": "Europe/London"}
    first = await eva.client.post("/settings/people/new", data=form, headers={"origin": "http://127.0.0.1:8000"})
    second = await eva.client.post("/settings/people/new", data=form, headers={"origin": "http://127.0.0.1:8000"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert len([card for card in await queries.people() if card.name == "Ola Nord"]) == 1


PAGES: list[Callable[[Cast], str]] = [
    lambda _cast: "/settings",
    lambda _cast: "/settings/people",
    lambda cast: f"/settings/people/{cast.ann.person}",
    lambda _cast: "/settings/teams",
    lambda cast: f"/settings/teams/{cast.billing}",
    lambda _cast: "/settings/departments",
    lambda cast: f"/settings/departments/{cast.it}",
]


@pytest.mark.parametrize("page", PAGES)
async def test_no_page_takes_more_than_eight_queries(
    cast: Cast, site: Site, page: Callable[[Cast], str], queries: Any
) -> None:
    ada = await site.visitor(cast.ada)
    await ada.get(page(cast))
    with queries() as seen:
        answer = await ada.get(page(cast))
    assert answer.status_code == 200
    assert len(seen) <= 8, "\n".join(map(str, seen))
