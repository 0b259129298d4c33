"""What a team calls good service, and the measures that get in its way, as people see and change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.house import Browser


def test_a_team_agrees_again_and_its_issues_say_so(open_browser: Callable[..., Browser]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    aoife = open_browser("Aoife Kavanagh")
    page = aoife.page
    aoife.go("/today")
    aoife.look_twice("today-lead", axe)
    page.get_by_role("link", name="What better service looks like in Moves").click()
    page.get_by_text("ask the team whether it still holds").wait_for()
    aoife.look_twice("picture-old", axe)
    page.get_by_label("A statement").fill("The new home has light on the first evening.")
    page.get_by_role("button", name="Propose it").click()
    page.get_by_text("Proposed. It counts when the team agrees.").wait_for()
    page.get_by_label("By whom").fill("Team meeting")
    page.get_by_role("button", name="Note the agreement").click()
    page.get_by_text("Agreed: 4 statements.").wait_for()
    aoife.look_twice("picture", axe)
    aoife.go("/today")
    assert not page.get_by_role("link", name="What better service looks like in Moves").count()
    aoife.go("/notes/new")
    page.locator("details.more summary").first.click()
    page.get_by_role("radio", name="The new home has light on the first evening.").check()
    aoife.look_twice("note", axe)
    assert aoife.wrong == []


def test_a_measure_is_found_reviewed_and_opened(open_browser: Callable[..., Browser]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    henrik = open_browser("Henrik Sjöberg")
    page = henrik.page
    henrik.go("/today")
    henrik.look_twice("today-head", axe)
    page.get_by_role("link", name="Review the measure “Jobs closed within two days”").click()
    page.get_by_role("button", name="Note the review").wait_for()
    henrik.look_twice("review", axe)
    page.get_by_role("radio", name="Kept").check()
    page.get_by_label("Why").fill("The new contract pays for warm houses; until then it stays")
    page.get_by_role("button", name="Note the review").click()
    page.get_by_text("Noted. The next review is due on").wait_for()
    assert henrik.wrong == []

    maya = open_browser("Maya Lindqvist")
    page = maya.page
    maya.go("/issues")
    maya.look_twice("board", axe)
    page.get_by_role("link", name="Measures", exact=True).click()
    page.get_by_role("link", name="Average handling time").wait_for()
    maya.look_twice("measures", axe)
    page.get_by_role("link", name="Average handling time").click()
    page.get_by_role("link", name="Handling time counts against us when we ring a customer back").click()
    page.get_by_role("link", name="Average handling time").wait_for()
    maya.look_twice("issue", axe)
    maya.go("/measures/new")
    maya.look_twice("new", axe)
    assert maya.wrong == []
