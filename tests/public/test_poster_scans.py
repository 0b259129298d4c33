"""The code on a poster scans: the sheet is shown as a reader of PDF shows it, and the code read as a phone does."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp

from floorday.public import actions, pages, poster
from tests.cast import Cast, make_cast
from tests.public.test_poster import fixed

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(NOW)


def seen(sheet: bytes, *, dpi: int) -> list[bytes]:
    """Show a sheet in grey, so many dots an inch; row by row, a byte for each dot."""
    document = pypdfium2.PdfDocument(sheet)
    shown = document[0].render(scale=dpi / 72, grayscale=True)
    dots = bytes(shown.buffer)
    rows = [dots[first : first + shown.width] for first in range(0, shown.stride * shown.height, shown.stride)]
    document.close()
    return rows


def codes(sheet: bytes, *, dpi: int) -> list[zxingcpp.Barcode]:
    """Read every code on a sheet, from a picture of so many dots an inch."""
    rows = seen(sheet, dpi=dpi)
    return zxingcpp.read_barcodes(memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0]))))


@pytest.mark.parametrize("listed", [0, 8])
async def test_a_phone_reads_the_address_of_the_page(cast: Cast, listed: int) -> None:
    ids = [await fixed(cast, f"{one} {'Refunds wait for a weekly batch that nobody may start ' * 3}"[:120])
           for one in range(listed)]  # fmt: skip
    page = await actions.put_on(cast.ben, cast.billing, ids, looked=True, now=NOW)
    sheet = await poster.pdf(page, await pages.read(page))
    for dpi in (60, 150):  # from some steps away, and close by
        (code,) = codes(sheet, dpi=dpi)
        assert (code.format, code.text) == (zxingcpp.BarcodeFormat.QRCode, actions.address(page))


async def test_the_code_is_large_enough_and_nothing_touches_the_edge(cast: Cast) -> None:
    page = await actions.put_on(cast.ben, cast.billing, [await fixed(cast, "The till is slow")], looked=True, now=NOW)
    sheet = await poster.pdf(page, await pages.read(page))
    (code,) = codes(sheet, dpi=72)
    across = code.position.top_right.x - code.position.top_left.x
    assert across / 72 * 25.4 >= 28, "millimetres, so that a phone reads it from an arm's length"
    rows = seen(sheet, dpi=72)
    assert (len(rows[0]), len(rows)) == (596, 842), "A4, in points"
    margin, tape = round(10 / 25.4 * 72), round(7 / 25.4 * 72) + 1
    assert min(min(row[margin:-margin]) for row in rows) < 100, "something is printed"
    below = rows[tape:]
    edges = {dot for row in below for dot in row[:margin] + row[-margin:]}
    edges |= {dot for row in below[: margin - tape] + below[-margin:] for dot in row}
    assert edges == {255}, "under the tape, which may be cut, a printer leaves a centimetre white"
    assert min(dot for row in rows[:tape] for dot in row) > 190, "no word stands on the tape"
