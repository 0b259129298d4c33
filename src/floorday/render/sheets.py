"""Lists as files: CSV and Excel's XLSX, row by row, in memory that does not grow with their number.

A list says once what its columns are; both forms are written from that.

    Sheet(name=_("Shifts"), zone=settings().zone, columns=(
        moment(_("Starts"), lambda row: row.starts_at), text(_("Team"), lambda row: row.team_name), ...))

Nothing in a cell is ever a formula. In a CSV a text that a spreadsheet would take for one gets an apostrophe in front,
as OWASP advises; `unguarded` takes it away again, exactly. In an XLSX it is a cell of type text and stays as it is.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
# (openpyxl says nothing of its types; its writer is asked to tidy up after a file that is given up.)

from __future__ import annotations

import csv
import io
import math
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

if TYPE_CHECKING:
    from openpyxl.styles import Font

Row = TypeVar("Row")
Cell = str | int | float | date | datetime | None


class Form(StrEnum):
    """The forms a list can be had in."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """Name the form as HTTP does; texts are in UTF-8."""
        if self is Form.CSV:
            return "text/csv"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Kind(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    LINK = "link"


class Column(Struct, Generic[Row], frozen=True):
    """A column: its heading, how a row's cell is found, and of which kind it is."""

    heading: str
    value: Callable[[Row], Cell]
    kind: Kind


class Sheet(Struct, Generic[Row], frozen=True, kw_only=True):
    """A list: what it is called, its columns, and the IANA zone in which its times are written."""

    name: str
    columns: tuple[Column[Row], ...]
    zone: str

    def headings(self) -> list[str]:
        """Give the first line; a time's heading names the zone."""
        return [f"{one.heading} ({self.zone})" if one.kind is Kind.TIME else one.heading for one in self.columns]

    def cells(self, row: Row) -> list[Cell]:
        """Give a row's cells, times to the minute in the sheet's zone."""
        there = ZoneInfo(self.zone)
        return [_plain(column.value(row), column.kind, there) for column in self.columns]


def text(heading: str, value: Callable[[Row], str | None]) -> Column[Row]:
    """Make a column of words, whoever wrote them."""
    return Column(heading, value, Kind.TEXT)


def number(heading: str, value: Callable[[Row], float | None]) -> Column[Row]:
    """Make a column to count with."""
    return Column(heading, value, Kind.NUMBER)


def day(heading: str, value: Callable[[Row], date | None]) -> Column[Row]:
    """Make a column of dates; a datetime is the date it names, in its own zone."""
    return Column(heading, value, Kind.DATE)


def moment(heading: str, value: Callable[[Row], datetime | None]) -> Column[Row]:
    """Make a column of aware times."""
    return Column(heading, value, Kind.TIME)


def link(heading: str, value: Callable[[Row], str | None]) -> Column[Row]:
    """Make a column of whole addresses, written as text."""
    return Column(heading, value, Kind.LINK)


NEVER = frozenset("\ufffe\uffff")
"""No signs to XML."""


def _plain(value: Cell, kind: Kind, there: ZoneInfo) -> Cell:
    match kind:
        case Kind.TEXT | Kind.LINK:
            return _clean(str(value)) if value is not None else ""
        case Kind.NUMBER:
            return None if isinstance(value, float) and not math.isfinite(value) else value
        case Kind.DATE:
            return value.date() if isinstance(value, datetime) else value
        case Kind.TIME:
            if not isinstance(value, datetime):
                return None
            return value.astimezone(there).replace(tzinfo=None, second=0, microsecond=0)


def _clean(said: str) -> str:
    """Leave out what neither form can hold: halves of characters, and controls other than tab and line ends."""
    if said.isprintable():
        return said
    whole = said.encode("utf-8", "replace").decode()
    return "".join(sign for sign in whole if sign in "\t\n\r" or not _never(sign))


def _never(sign: str) -> bool:
    return sign in NEVER or unicodedata.category(sign) == "Cc"


# --- no formulas -----------------------------------------------------------------------------------------------

FIRST_SIGNS = frozenset("=+-@−")
UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cf", "Cc"})


def looks_like_formula(said: str) -> bool:
    """Say whether a spreadsheet might calculate a text.

    It might when the first sign that can be seen is = + - @, also as a wide or small variant, and when a tab or line
    end stands before everything. Apostrophes are looked past, so that what is guarded once would be guarded again.
    """
    for sign in said:
        if sign in "\t\r\n":
            return True
        if sign != "'" and unicodedata.category(sign) not in UNSEEN:
            return bool(FIRST_SIGNS.intersection(unicodedata.normalize("NFKC", sign)[:1]))
    return False


def guarded(said: str) -> str:
    """Put an apostrophe before a text that a spreadsheet might calculate."""
    return f"'{said}" if looks_like_formula(said) else said


def unguarded(said: str) -> str:
    """Take back what `guarded` did, and nothing else: every text comes back as it was."""
    return said[1:] if said.startswith("'") and looks_like_formula(said[1:]) else said


# --- CSV -------------------------------------------------------------------------------------------------------


class Csv(Generic[Row]):
    """Write a sheet as RFC 4180 says, in UTF-8 with a byte order mark, as Excel wants it."""

    def __init__(self, sheet: Sheet[Row], out: IO[bytes]) -> None:
        self._sheet = sheet
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow([guarded(_clean(heading)) for heading in sheet.headings()])

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        self._csv.writerows([_written(cell) for cell in self._sheet.cells(row)] for row in rows)

    def finish(self) -> None:
        """Hand over the last bytes; the file stays open."""
        self._text.detach()

    give_up = finish


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}" if cell.year > 999 else cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case float():
            return f"{cell:.15g}"
        case _:
            return str(cell)


# --- XLSX ------------------------------------------------------------------------------------------------------

WIDTHS = {Kind.TEXT: 28, Kind.NUMBER: 10, Kind.DATE: 12, Kind.TIME: 18, Kind.LINK: 36}
WIDEST = 60
LONGEST = 32_767
"""The most characters that Excel takes in a cell."""

FIRST_YEAR = 1900
"""Excel knows no date before."""

DATES = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm"}
PIECE = 64 * 1024
EARLIEST = (1980, 1, 1, 0, 0, 0)


class Xlsx(Generic[Row]):
    """Write a sheet as a workbook of one page: bold headings that stay in view, a filter over each column.

    The same rows give the same bytes; `at` is the time that stands in the file as that of its making.
    """

    def __init__(self, sheet: Sheet[Row], out: IO[bytes], *, at: datetime) -> None:
        # openpyxl is big: who never asks for a workbook never has it in memory.
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._sheet, self._out, self._rows, self._new_cell = sheet, out, 1, WriteOnlyCell
        self._book: Any = Workbook(write_only=True)
        self._book.properties.creator = "floorday"
        self._book.properties.created = self._book.properties.modified = at.astimezone(UTC).replace(tzinfo=None)
        self._page: Any = self._book.create_sheet(_title(sheet.name))
        self._page.freeze_panes = "A2"
        headings = sheet.headings()
        for index, (column, heading) in enumerate(zip(sheet.columns, headings, strict=True), 1):
            width = min(max(WIDTHS[column.kind], len(heading) + 4), WIDEST)
            self._page.column_dimensions[get_column_letter(index)].width = width
        bold = Font(bold=True)
        self._page.append([self._text(_clean(heading), font=bold) for heading in headings])

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        for row in rows:
            self._page.append([self._cell(cell) for cell in self._sheet.cells(row)])
            self._rows += 1

    def finish(self) -> None:
        """Put the file together; it stays open."""
        from openpyxl.utils import get_column_letter
        from openpyxl.writer.excel import ExcelWriter

        self._page.auto_filter.ref = f"A1:{get_column_letter(len(self._sheet.columns))}{self._rows}"
        with _Archive(self._out, "w", zipfile.ZIP_DEFLATED) as archive:
            ExcelWriter(self._book, archive).save()

    def give_up(self) -> None:
        """Leave nothing of an unfinished file behind."""
        if not self._page.closed:
            self._page.close()
            self._page._writer.cleanup()

    def _cell(self, cell: Cell) -> Any:
        match cell:
            case "":
                return None
            case str():
                # A text that begins so would else be taken for a formula or an error value.
                return self._text(cell) if cell[:1] in {"=", "#"} or looks_like_formula(cell) else _fitting(cell)
            case date() if cell.year < FIRST_YEAR:
                return _written(cell)
            case datetime() | date():
                dated: Any = self._new_cell(self._page)
                dated.value = cell
                dated.number_format = DATES[type(cell)]
                return dated
            case _:
                return cell

    def _text(self, said: str, *, font: Font | None = None) -> Any:
        """Make a cell that is text whatever it begins with, and stays so when somebody edits it."""
        cell: Any = self._new_cell(self._page)
        cell.value = _fitting(said)
        cell.data_type = "s"
        cell.quotePrefix = looks_like_formula(said)
        if font is not None:
            cell.font = font
        return cell


def _fitting(said: str) -> str:
    lines = said.replace("\r\n", "\n").replace("\r", "\n")
    return lines if len(lines) <= LONGEST else lines[: LONGEST - 1] + "…"


def _title(name: str) -> str:
    """Make a name that Excel takes for a page."""
    kept = "".join(sign for sign in _clean(name) if sign not in "[]:*?/\\\t\n\r")
    return kept.strip("' ")[:31].strip("' ") or "floorday"


class _Archive(zipfile.ZipFile):
    """A ZIP whose entries carry no time, so that equal files are equal."""

    def writestr(
        self, zinfo_or_arcname: Any, data: Any, compress_type: int | None = None, compresslevel: int | None = None
    ) -> None:
        entry = zipfile.ZipInfo(zinfo_or_arcname, EARLIEST)
        entry.compress_type, entry.external_attr = self.compression, 0o600 << 16
        super().writestr(entry, data)

    def write(
        self, filename: Any, arcname: Any = None, compress_type: int | None = None, compresslevel: int | None = None
    ) -> None:
        entry = zipfile.ZipInfo(arcname or filename, EARLIEST)
        entry.compress_type, entry.external_attr = self.compression, 0o600 << 16
        with open(filename, "rb") as source, self.open(entry, "w", force_zip64=True) as target:
            while piece := source.read(PIECE):
                target.write(piece)


def writer(form: Form, sheet: Sheet[Row], out: IO[bytes], *, at: datetime) -> Csv[Row] | Xlsx[Row]:
    """Begin a file in one of the forms."""
    return Csv(sheet, out) if form is Form.CSV else Xlsx(sheet, out, at=at)
