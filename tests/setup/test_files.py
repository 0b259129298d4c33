"""Tables as spreadsheets write them: every encoding, separator and line end, workbooks, and what is no table at all."""

from __future__ import annotations

import csv
import io
import string
import time
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday.errors import BadInput
from floorday.setup.rules import columns, files
from floorday.setup.rules.columns import Subject
from floorday.setup.rules.files import Row, Sheet

TABLE = 'Name,E-mail,Job title\r\n"Šárka, Ünlü",sarka@x.example,"Head of\r\nservice"\r\n'


def knows(name: str) -> bool:
    return columns.knows(Subject.PEOPLE, name)


def read(raw: bytes) -> Sheet:
    return files.read(raw, knows=knows)


def refusal(raw: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        read(raw)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_table_reads_the_same_however_it_was_saved(encoding: str, separator: str, end: str) -> None:
    lines = [["Name", "E-mail", "Job title"], [f'"Šárka{separator} Ünlü"', "sarka@x.example", f'"Head of{end}service"']]
    text = end.join(separator.join(cells) for cells in lines) + end
    sheet = read(text.encode(encoding))
    assert sheet.header == ("Name", "E-mail", "Job title")
    (row,) = sheet.rows
    assert row.number == 2
    assert row.cells[:2] == (f"Šárka{separator} Ünlü", "sarka@x.example")
    assert row.cells[2].split() == ["Head", "of", "service"]


def test_windows_writes_its_own_code_page() -> None:
    sheet = read("Name;E-mail\r\nJürgen Weiß – München €;j@x.example\r\n".encode("cp1252"))
    assert sheet.rows == (Row(2, ("Jürgen Weiß – München €", "j@x.example")),)


def test_a_line_that_names_the_separator_is_no_header() -> None:
    sheet = read(b"sep=;\r\nName;E-mail\r\nAnn;a@x.example\r\n")
    assert (sheet.header, sheet.rows) == (("Name", "E-mail"), (Row(3, ("Ann", "a@x.example")),))


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    sheet = read(b'\nName,E-mail\n"Ann\nArcher",a@x.example\n,\n\nBen,b@x.example\n')
    assert sheet.header == ("Name", "E-mail")
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(3, "Ann\nArcher"), (6, "Ben")]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" , ,\n", "empty"),
        (b"\x00\x01\x02\x03\x04", "not a table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"PK\x03\x04 and then nothing", "workbook cannot be read"),
        (b'Name,E-mail\n"Ann,a@x.example\nBen,b@x.example\n', "quotation mark"),
        (b'Name,E-mail\n"Ann" Archer,a@x.example\n', "quotation mark"),
        (b"Name\n" + b"x" * 5_000_001, "5 MB is the most"),
        (b"Name\n" + b"a\n" * 10_001, "10000 rows"),
        (b"Name\n" + b",".join([b"a"] * 61), "60 columns"),
        (b"Name,E-mail\n" + b"x" * 200_000 + b",a\n", "cannot be read"),
        ("Name\nŁ".encode("utf-16-le")[:-1] + b"", "not a table"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(raw: bytes, says: str) -> None:
    assert says in refusal(raw)


def workbook(*rows: list[Any], title: str = "People") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_reads_as_text() -> None:
    raw = workbook(["Name", "E-mail", "Phone", "External ID"], ["Ann", "a@x.example", 441134960001, 12.0], [],
                   ["Ben", None, True, date(2026, 11, 2)])  # fmt: skip
    sheet = read(raw)
    assert sheet.header == ("Name", "E-mail", "Phone", "External ID")
    assert [row.cells for row in sheet.rows] == [
        ("Ann", "a@x.example", "441134960001", "12"), ("Ben", "", "yes", "2026-11-02")]
    assert [row.number for row in sheet.rows] == [2, 4]


def test_the_first_sheet_that_is_seen_counts() -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("Shown")
    shown.append(["Name"])
    shown.append(["Ann"])
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).rows == (Row(2, ("Ann",)),)


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in parts.items():
            folder.writestr(name, content)
    return out.getvalue()


def test_a_packed_file_that_is_no_workbook_or_too_much_of_one_is_refused() -> None:
    assert "not a workbook" in refusal(packed({"notes.txt": b"hello"}))
    assert "too big" in refusal(packed({"[Content_Types].xml": b"", "xl/a.xml": b"0" * 60_000_001}))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert "cannot be read" in refusal(packed({"[Content_Types].xml": bomb}))
    assert "cannot be read" in refusal(packed({"[Content_Types].xml": b"<Types/>"}))


def test_a_workbook_that_lies_about_its_size_costs_no_more_than_its_rows() -> None:
    raw = workbook(["Name"], ["Ann"])
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        parts = {name: folder.read(name) for name in folder.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b'ref="A1:A2"' in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"').replace(
        b"</sheetData>", b'<row r="1048576"><c r="C1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>')
    began = time.process_time()
    assert read(packed(parts)).rows == (Row(2, ("Ann",)), Row(1_048_576, ("", "", "x")))
    assert time.process_time() - began < 10


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t=+-@'\",;")
CELL = st.text(LETTERS, max_size=12).map(str.strip)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6))
def test_what_is_written_is_read_again_and_nothing_is_a_formula(rows: list[list[str]]) -> None:
    raw = files.write(["Name", "E-mail", "Phone"], rows)
    sheet = read(raw)
    kept = [tuple(cells) for cells in rows if any(cells)]
    assert [(*row.cells, "", "", "")[:3] for row in sheet.rows] == kept
    for record in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in record)


@given(st.binary(max_size=300) | st.text(string.printable, max_size=200).map(str.encode))
def test_whatever_bytes_come_they_are_a_table_or_refused_with_a_sentence(raw: bytes) -> None:
    try:
        found = read(raw)
    except BadInput as refused:
        said = str(refused)
    else:
        said = f"a table of {len(found.header)} columns"
    assert len(said) > 15
