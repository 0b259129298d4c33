"""Whom a vendor was written to by is forgotten wherever they stand, and nobody by a slip."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floorday import worker
from floorday.db import run_sql
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import queries as issues
from floorday.issues.actions import vendors
from floorday.issues.actions.vendors import Said
from floorday.issues.vendors import Says
from floorday.leavers import actions, queries
from floorday.mail import outbox
from tests.cast import NOW, Cast, make_cast
from tests.inbox.door import Keeping, posted
from tests.issues.test_vendor_pages import a_reply
from tests.issues.test_vendors import with_vendor

LATER = NOW + timedelta(hours=1)
ADDRESS = "pia@nexa.example"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def left_of(*words: str) -> list[str]:
    """Name every column of every table, and every mail and letter, in which one of these stands."""
    found: list[str] = []
    for table, columns in (await queries.text_columns()).items():
        for row in await run_sql(f'SELECT * FROM "{table}"'):
            found += [f"{table}.{column.name}" for column in columns
                      if any(word.lower() in str(row[column.name] or "").lower() for word in words)]  # fmt: skip
    for table in ("letter", "inbound_mail"):
        for row in await run_sql(f"SELECT content FROM {table} WHERE content IS NOT NULL"):
            raw = bytes(row["content"]).decode("utf-8", "replace").lower()
            found += [table for word in words if word.lower() in raw]
    return found


async def test_name_and_address_go_from_every_table_once_they_are_written_to_no_more(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    row = await issues.issue(cast.gus, issue)
    assert row.vendor is not None
    await outbox.deliver(sender=Keeping(), calendar_part=worker.calendar_part, now=LATER, limit=50)
    await vendors.say_by_token(token, Said(says=Says.WORD, text="Ask Pia Nexa"), now=LATER)
    assert await posted(await a_reply(issue), now=LATER, sender=ADDRESS) == "vendor-word"
    assert len(await left_of("Pia Nexa", ADDRESS)) > 5  # the control
    with pytest.raises(Refused):
        await actions.forget_contact(cast.eva, row.vendor, typed=ADDRESS, now=LATER)
    await vendors.end_vendor(cast.eva, row.vendor, now=LATER)
    with pytest.raises(Refused):  # the letter that says so has not left
        await actions.forget_contact(cast.eva, row.vendor, typed=ADDRESS, now=LATER)
    await outbox.deliver(sender=Keeping(), calendar_part=worker.calendar_part, now=LATER + timedelta(1), limit=50)
    for who in (cast.gus, cast.fay, cast.hana):
        with pytest.raises(Forbidden):
            await actions.forget_contact(who, row.vendor, typed=ADDRESS, now=LATER)
    with pytest.raises(BadInput):
        await actions.forget_contact(cast.eva, row.vendor, typed="else@nexa.example", now=LATER)
    with pytest.raises(NotFound):
        await actions.forget_contact(cast.eva, issue, typed=ADDRESS, now=LATER)
    await actions.forget_contact(cast.eva, row.vendor, typed=ADDRESS, now=LATER)
    assert await left_of("Pia Nexa", ADDRESS) == []
    said = [line.by_name for line in (await issues.opened(cast.gus, issue)).history if line.what == "vendor said"]
    assert set(said) == {"Nexa Print (Somebody at a vendor)"}


async def test_the_clock_forgets_those_of_vendors_long_ended(cast: Cast) -> None:
    issue, _token = await with_vendor(cast)
    row = await issues.issue(cast.gus, issue)
    assert row.vendor is not None
    await vendors.end_vendor(cast.eva, row.vendor, now=LATER)
    await outbox.deliver(sender=Keeping(), calendar_part=worker.calendar_part, now=LATER + timedelta(1), limit=50)
    assert await actions.forget_due(before=LATER, now=LATER) == 0
    assert await actions.forget_due(before=LATER + timedelta(1), now=LATER) == 1
    assert await actions.forget_due(before=LATER + timedelta(1), now=LATER) == 0
    assert await left_of(ADDRESS) == []
