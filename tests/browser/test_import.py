"""A coordinator brings people in from a spreadsheet: mend, look, import, undo; narrow and wide, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.house import Browser

PEOPLE = """\
Name;E-mail;Role;Team;Assistant of;Favourite colour
Ida Iversen;ida.iversen@ferncastle.example;Manager;;;green
Jon Jansen;jon.jansen@ferncastle.example;Team lead;Billing;;
Kim Kaur;kim.kaur@ferncastle.example;;;ida.iversen@ferncastle.example;
Ann B. Archer;ann.archer@ferncastle.example;Manager;;;
"""
BAD = PEOPLE.replace("Billing", "Biling").replace("kim.kaur@ferncastle.example", "kim.kaur")


def test_people_come_in_from_a_spreadsheet_and_go_again(open_browser: Callable[..., Browser], tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    maya = open_browser("Maya Lindqvist")
    page = maya.page
    maya.go("/settings/people")
    page.get_by_role("link", name="Import", exact=True).click()
    maya.look_twice("start", axe)
    people = page.get_by_role("region", name="3. People")

    (tmp_path / "staff.csv").write_bytes(b"\x00\x01")
    upload(people, tmp_path / "staff.csv")
    page.get_by_role("link", name="People: This is not a table that can be read here.").wait_for()
    maya.look_twice("refused", axe)
    maya.wrong.clear()  # the browser itself reports the 422

    (tmp_path / "staff.csv").write_text(BAD, encoding="cp1252")
    upload(page.get_by_role("region", name="3. People"), tmp_path / "staff.csv")
    page.get_by_text("Nothing is imported while a row is wrong.").wait_for()
    assert page.get_by_text("Did you mean Billing?").is_visible()
    assert page.get_by_role("button", name="Import these").count() == 0
    maya.look_twice("bad", axe)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these rows").click()
    assert download.value.suggested_filename == "Rows to mend.csv"
    mended = download.value.path().read_text(encoding="utf-8-sig")
    assert "What is wrong" in mended.splitlines()[0]

    page.get_by_role("link", name="Upload the mended file").click()
    (tmp_path / "staff.csv").write_text(PEOPLE, encoding="cp1252")
    upload(page.get_by_role("region", name="3. People"), tmp_path / "staff.csv")
    page.get_by_role("button", name="Import these 4 people").wait_for()
    assert page.get_by_text("These columns mean nothing here and are left out: Favourite colour.").is_visible()
    maya.look_twice("look", axe)
    page.get_by_role("button", name="Import these 4 people").click()
    page.get_by_text("Imported: 3 new, 1 changed.").wait_for()
    maya.look_twice("done", axe)
    maya.go("/settings/people?q=Ida")
    assert page.get_by_role("link", name="Ida Iversen").is_visible()

    page.go_back()
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_text("Undone: everything is as it was before the import.").wait_for()
    maya.go("/settings/people?q=Ida")
    assert page.get_by_role("link", name="Ida Iversen").count() == 0

    maya.go("/settings/import")
    (tmp_path / "same.csv").write_text("Name,Address\nAnn Archer,ann.archer@ferncastle.example\n")
    upload(page.get_by_role("region", name="3. People"), tmp_path / "same.csv")
    page.get_by_text("Everything in this file is here already.").wait_for()
    maya.look_twice("same", axe)
    assert maya.wrong == []
    maya.context.close()


def upload(card: Any, file: Path) -> None:
    card.get_by_label("File").set_input_files(file)
    card.get_by_role("button", name="Preview").click()
