"""A list as CSV and as XLSX: what is written is what is read back, and nothing of it is ever calculated."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from floorday.render.sheets import (
    Form,
    Sheet,
    day,
    guarded,
    link,
    looks_like_formula,
    moment,
    number,
    text,
    unguarded,
    writer,
)

AT = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
SHEET: Sheet[dict[str, Any]] = Sheet(name="Shifts", zone="Europe/Stockholm", columns=(
    text("Team", lambda row: row.get("team")), number("Seats", lambda row: row.get("seats")),
    day("Raised", lambda row: row.get("raised")), moment("Starts", lambda row: row.get("starts")),
    link("Link", lambda row: row.get("link")),
))  # fmt: skip

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\ufeff=1", "\u200b=1", "\xa0+1", "＝1+1", "＋1",
    "－1", "＠a", "﹦1", "−1", "'=1", "''=1", "'  =cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")",
    "#REF!", "#N/A", "=", "-",
]  # fmt: skip
"""What a spreadsheet might calculate, or take for an error."""

ORDINARY = ["Refunds", "a=b", "it's", "'quoted'", "", "'", "1-2", "100 %", 'say "no", twice', "two\nlines",
            "Čeština ☕ 💬"]  # fmt: skip


def made(form: Form, *rows: dict[str, Any], sheet: Sheet[dict[str, Any]] = SHEET) -> bytes:
    out = io.BytesIO()
    file = writer(form, sheet, out, at=AT)
    file.add(rows)
    file.finish()
    return out.getvalue()


def as_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_page(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


FULL = {"team": "Billing", "seats": 2, "raised": date(2026, 11, 1), "link": "http://127.0.0.1:8000/shifts/1",
        "starts": datetime(2026, 7, 1, 7, 0, 59, tzinfo=UTC)}  # fmt: skip


def test_csv_is_what_excel_and_rfc_4180_expect() -> None:
    content = made(Form.CSV, FULL, {"team": 'a "b", c', "seats": -1.5})
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == (
        "Team,Seats,Raised,Starts (Europe/Stockholm),Link\r\n"
        "Billing,2,2026-11-01,2026-07-01 09:00,http://127.0.0.1:8000/shifts/1\r\n"
        '"a ""b"", c",-1.5,,,\r\n'
    )


def test_xlsx_holds_real_numbers_dates_and_times() -> None:
    page = as_page(made(Form.XLSX, FULL, {"seats": -1.5}))
    heads, first, second = page.iter_rows()
    assert [cell.value for cell in heads] == ["Team", "Seats", "Raised", "Starts (Europe/Stockholm)", "Link"]
    assert [cell.value for cell in first] == [
        "Billing", 2, datetime(2026, 11, 1), datetime(2026, 7, 1, 9, 0), FULL["link"]]  # noqa: DTZ001 - Excel knows no zones
    assert [cell.data_type for cell in first] == ["s", "n", "d", "d", "s"]
    assert [first[2].number_format, first[3].number_format] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    assert [cell.value for cell in second] == [None, -1.5, None, None, None]
    assert all(cell.font.b for cell in heads)
    assert not any(cell.font.b for cell in first)
    assert (page.freeze_panes, page.auto_filter.ref, page.title) == ("A2", "A1:E3", "Shifts")
    assert page.column_dimensions["A"].width > 20


@pytest.mark.parametrize("said", HOSTILE)
def test_what_looks_like_a_formula_stays_text(said: str) -> None:
    written = as_csv(made(Form.CSV, {"team": said}))[1][0]
    assert written.lstrip(" \ufeff\u200b\xa0")[:1] not in set("=+-@\t\r\n＝＋－＠﹦−")
    assert unguarded(written) == said
    cell = as_page(made(Form.XLSX, {"team": said}))["A2"]
    assert (cell.value, cell.data_type) == (said.replace("\r", "\n"), "s")
    content = zipfile.ZipFile(io.BytesIO(made(Form.XLSX, {"team": said})))
    assert b"<f>" not in content.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("said", ORDINARY)
def test_what_does_not_is_left_as_it_is(said: str) -> None:
    assert as_csv(made(Form.CSV, {"team": said}))[1][0] == said
    assert (as_page(made(Form.XLSX, {"team": said}))["A2"].value or "") == said


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n ＝\ufeffab"), st.characters())))
def test_the_apostrophe_is_taken_back_exactly(said: str) -> None:
    assert unguarded(guarded(said)) == said
    assert not looks_like_formula(said) or guarded(said).startswith("'")


def test_a_guarded_text_is_not_a_formula_when_excel_edits_it() -> None:
    page = as_page(made(Form.XLSX, {"team": "=1"}, {"team": "one"}))
    assert (page["A2"].quotePrefix, page["A3"].quotePrefix) == (True, False)


def test_what_no_form_can_hold_is_left_out() -> None:
    rows = {"team": "a\x00b\x0bc\ud800d\uffff", "seats": float("nan")}
    assert as_csv(made(Form.CSV, rows))[1][:2] == ["abc?d", ""]
    assert [cell.value for cell in as_page(made(Form.XLSX, rows))[2]][:2] == ["abc?d", None]


def test_excel_gets_no_longer_text_and_no_earlier_date_than_it_takes() -> None:
    page = as_page(made(Form.XLSX, {"team": "x" * 40_000, "raised": date(1850, 3, 1)}))
    assert len(page["A2"].value) == 32_767
    assert page["C2"].value == "1850-03-01"


def test_an_empty_list_has_its_headings() -> None:
    assert len(as_csv(made(Form.CSV))) == 1
    page = as_page(made(Form.XLSX))
    assert (page.max_row, page.auto_filter.ref) == (1, "A1:E1")


@pytest.mark.parametrize(("name", "title"), [
    ("Notes: [Ann] / Billing?", "Notes Ann  Billing"), ("'x'", "x"), ("", "floorday"), ("n" * 40, "n" * 31),
])  # fmt: skip
def test_a_page_of_the_workbook_has_a_name_that_excel_takes(name: str, title: str) -> None:
    sheet = Sheet(name=name, zone="UTC", columns=SHEET.columns)
    assert as_page(made(Form.XLSX, sheet=sheet)).title == title


@pytest.mark.parametrize("form", Form)
def test_the_same_rows_give_the_same_bytes(form: Form) -> None:
    assert made(form, FULL) == made(form, FULL)


def test_a_workbook_refers_to_nothing_outside() -> None:
    content = zipfile.ZipFile(io.BytesIO(made(Form.XLSX, FULL)))
    assert not [name for name in content.namelist() if "external" in name.lower() or "vba" in name.lower()]
    assert b'TargetMode="External"' not in b"".join(content.read(name) for name in content.namelist())


def test_a_file_given_up_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = writer(Form.XLSX, SHEET, io.BytesIO(), at=AT)
    file.add([FULL])
    assert list(tmp_path.iterdir())
    file.give_up()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", Form)
def test_memory_does_not_grow_with_the_rows(form: Form, tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        with (tmp_path / str(rows)).open("wb") as out:
            tracemalloc.start()
            file = writer(form, SHEET, out, at=AT)
            for _ in range(rows // 100):
                file.add([FULL] * 100)
            file.finish()
            reached = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return reached

    peak(100)  # what is only made once
    assert peak(5_000) < peak(500) + 300_000
