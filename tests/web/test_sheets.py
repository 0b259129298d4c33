"""How a list is offered and sent as a file, whatever it holds."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from floorday import config
from floorday.db import BATCH, batches
from floorday.errors import Refused
from floorday.people import pages as people
from floorday.render.sheets import Form, Sheet, text
from floorday.web import sheets
from tests.cast import make_cast
from tests.site import Site

WORDS: Sheet[str] = Sheet(name="Words", zone="Europe/London", columns=(text("Word", lambda row: row),))


async def sent(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer.iterator])


async def pieces(*some: list[str]) -> AsyncGenerator[list[str]]:
    for piece in some:
        yield piece


async def test_a_file_says_what_it_is_and_how_long(database: object) -> None:
    cast = await make_cast(config.now())
    eva = await Site(people.router).visitor(cast.eva)
    today = f"{config.now():%Y-%m-%d}"
    for form, kind in (("csv", "text/csv; charset=utf-8"), ("xlsx", Form.XLSX.media_type)):
        answer = await eva.get(f"/settings/people?as={form}")
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"] == (
            f"attachment; filename=\"People {today}.{form}\"; filename*=UTF-8''People%20{today}.{form}")  # fmt: skip
        assert int(answer.headers["content-length"]) == len(answer.content) > 100
        assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_another_form_is_refused_with_those_there_are(database: object) -> None:
    cast = await make_cast(config.now())
    answer = await (await Site(people.router).visitor(cast.eva)).get("/settings/people?as=pdf")
    assert answer.status_code == 422
    assert "A list can be had as csv or as xlsx." in answer.text


async def test_the_links_under_a_list_keep_what_it_is_narrowed_to(database: object) -> None:
    cast = await make_cast(config.now())
    page = (await (await Site(people.router).visitor(cast.eva)).get("/settings/people?q=%C3%A9+%26b&page=3&view=")).text
    assert re.findall(r'href="([^"]*as=[^"]*)" aria-label="([^"]*)">(\w+)', page) == [
        ("/settings/people?q=%C3%A9+%26b&amp;as=csv", "Download as CSV", "CSV"),
        ("/settings/people?q=%C3%A9+%26b&amp;as=xlsx", "Download for Excel", "Excel"),
    ]


@pytest.mark.parametrize(("stem", "name"), [
    ("Notes Ann", "Notes Ann.csv"), ("Équipe Ä", "Équipe Ä.csv"), ("../../etc/passwd", "etc passwd.csv"),
    ("", "list.csv"),
    ("...", "list.csv"), ('a"; filename="b.exe', "a filename= b.exe.csv"), ("x\r\nSet-Cookie: y", "x Set-Cookie y.csv"),
    ("\u202efdp.exe", "fdp.exe.csv"), ("C:\\a|b?*", "C a b.csv"), ("\ud800", "list.csv"),
    ("n" * 300, "n" * 100 + ".csv"),
    ("日本", "日本.csv"), ("=cmd", "=cmd.csv"), (".hidden", "hidden.csv"), ("-rf", "rf.csv"), ("%2e%2e", "2e 2e.csv"),
])  # fmt: skip
def test_a_file_has_a_name_that_is_safe_in_headers_and_folders(stem: str, name: str) -> None:
    said = sheets.disposition(stem, "csv")
    found = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9 ._=()-]+\.csv)\"; filename\*=UTF-8''([\w.%~-]+)", said)
    assert found, said
    assert unquote(found[2]) == name.replace("\ud800", "")
    assert not found[1].startswith((".", "-", " "))


@pytest.mark.parametrize("form", Form)
async def test_too_many_rows_are_refused_with_what_to_do(form: Form, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    some = ["a"] * 3
    assert await sent(await sheets.download(form, WORDS, pieces(some, some), most=6))
    with pytest.raises(Refused, match="more than 5 rows"):
        await sheets.download(form, WORDS, pieces(some, some), most=5)
    with pytest.raises(Refused, match="more than 5 rows"):
        await sheets.download(form, WORDS, some * 2, most=5)
    assert not os.listdir(tmp_path), "nothing of a file that was given up stays"


async def test_rows_are_written_beside_the_event_loop() -> None:
    seen: set[str] = set()

    def where(row: str) -> str:
        seen.add(threading.current_thread().name)
        return row

    sheet: Sheet[str] = Sheet(name="Words", zone="UTC", columns=(text("Word", where),))
    await sent(await sheets.download(Form.XLSX, sheet, ["a", "b"]))
    assert seen
    assert all(name.startswith("sheets") for name in seen)


async def test_pages_are_answered_while_a_large_file_is_written() -> None:
    longest = 0.0
    loop = asyncio.get_running_loop()
    writing = asyncio.create_task(sheets.download(Form.XLSX, WORDS, ["word"] * 30_000))
    while not writing.done():
        began = loop.time()
        await asyncio.sleep(0.005)
        longest = max(longest, loop.time() - began)
    assert await sent(await writing)
    assert longest < 1, "the loop never waited for the file as a whole"


async def test_a_request_that_is_given_up_ends_its_writing_first(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    writing = asyncio.create_task(sheets.download(Form.XLSX, WORDS, pieces(*[["word"] * 1000] * 50)))
    await asyncio.sleep(0.05)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
async def test_batches_give_every_row_once(count: int) -> None:
    rows = list(range(count))

    async def read(last: int | None) -> list[int]:
        start = 0 if last is None else last + 1
        return rows[start : start + BATCH]

    found = [some async for some in batches(read)]
    assert [row for some in found for row in some] == rows
    assert all(0 < len(some) <= BATCH for some in found)
