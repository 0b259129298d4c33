"""Tables as spreadsheets write them: bytes to cells, and cells to bytes.

CSV in UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs, with any line end; or a workbook (.xlsx), of
which the first sheet counts. A cell is text, whatever it looks like. The sentences say what to do about a file that
cannot be read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from msgspec import Struct

from floorday.errors import BadInput
from floorday.render.sheets import guarded, unguarded
from floorday.render.words import gettext as _

MOST_BYTES = 5_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 60
MOST_UNPACKED = 60_000_000
"""A workbook is a packed folder; this is the most that it may hold."""

SEPARATORS = ",;\t"
WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

class Row(Struct, frozen=True):
    """A row by the number that the spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


class Sheet(Struct, frozen=True):
    """The names of the columns, and every row below that is not empty."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read(raw: bytes, *, knows: Callable[[str], bool]) -> Sheet:
    """Read a file; `knows` says which names of columns mean something, which tells how its cells are separated."""
    if len(raw) > MOST_BYTES:
        raise BadInput(_("This file has %(mb)s MB; %(most)s MB is the most. Split it into several."),
                       mb=round(len(raw) / 1_000_000, 1), most=MOST_BYTES // 1_000_000)  # fmt: skip
    if raw.startswith(OLD_WORKBOOK):
        raise BadInput(_("This is a workbook of the old kind (.xls). Save it as .xlsx or as CSV."))
    records = _workbook(raw) if raw.startswith(WORKBOOK) else _records(_text(raw), knows)
    return _sheet(records)


def _sheet(records: Iterable[Sequence[str]]) -> Sheet:
    """Take the first row that says anything for the header, and number the others as a spreadsheet does."""
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, record in enumerate(records, start=1):
        cells = tuple(unguarded(cell.strip()) for cell in record)
        while cells and not cells[-1]:
            cells = cells[:-1]
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise BadInput(_("Row %(row)s has more than %(most)s columns. Keep those that are needed."),
                           row=number, most=MOST_COLUMNS)  # fmt: skip
        if not header:
            header = cells
        elif len(rows) == MOST_ROWS:
            raise BadInput(_("This file has more than %(most)s rows. Split it into several."), most=MOST_ROWS)
        else:
            rows.append(Row(number, cells))
    if not header:
        raise BadInput(_("This file is empty. Its first row names the columns; the example shows how."))
    return Sheet(header, tuple(rows))


def _text(raw: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return _decoded(raw, encoding)
    start = raw[:400]
    if b"\0" in start:  # half of each Latin letter in UTF-16 is zero, on one side
        return _decoded(raw, "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be")
    try:
        return _decoded(raw, "utf-8")
    except BadInput:
        return _decoded(raw, "cp1252")


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if any(ord(letter) < 32 and letter not in "\t\n\r\f\v" for letter in text):
        raise BadInput(_("This is not a table that can be read here. Save it as CSV (UTF-8) or as .xlsx."))
    return text


def _records(text: str, knows: Callable[[str], bool]) -> Iterator[Sequence[str]]:
    told = re.match(r"sep=(.)\r?\n", text)  # what some spreadsheets write above the header
    if told:
        separator, text = told[1], "\n" + text[told.end() :]
    else:
        separator = max(SEPARATORS, key=lambda one: sum(knows(name) for name in _first(text, one)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BadInput(
                _("From line %(line)s on the file cannot be read: a quotation mark is opened and not closed there, or "
                  "stands inside a cell. Double it (\"\") inside a cell."), line=reader.line_num) from None  # fmt: skip


def _first(text: str, separator: str) -> Sequence[str]:
    try:
        return next(filter(any, csv.reader(io.StringIO(text, newline=""), delimiter=separator)), ())
    except csv.Error:
        return ()


def _workbook(raw: bytes) -> list[Sequence[str]]:
    """Read the first sheet that is to be seen."""
    import openpyxl  # big, and hardly ever asked for

    try:
        _harmless(raw)
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
        sheet.reset_dimensions()  # what the file says of its own size is not believed
        rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
        return [[_cell(value) for value in row] if any(value is not None for value in row) else () for row in rows]
    except BadInput:
        raise
    except Exception as error:  # there are many ways in which a workbook can be broken
        raise BadInput(_("This workbook cannot be read. Save it as CSV (UTF-8) and upload that.")) from error


def _harmless(raw: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        parts = packed.infolist()
        if "[Content_Types].xml" not in packed.namelist():
            raise BadInput(_("This is a packed file, but not a workbook. Save the table as .xlsx or as CSV."))
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise BadInput(_("This workbook is too big. Save the one sheet as CSV."))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with packed.open(part) as opened:
                    if b"<!" in opened.read(1000):
                        raise BadInput(_("This workbook cannot be read. Save it as CSV (UTF-8) and upload that."))


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write CSV that every spreadsheet opens rightly: UTF-8 with its mark, and no cell taken for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in chain([header], rows))
    return out.getvalue().encode("utf-8-sig")
