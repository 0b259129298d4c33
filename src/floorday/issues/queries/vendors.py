"""Vendors, what is with them, and what they said; and what the links sent to them stand for."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import dialect, run_sql
from floorday.errors import NotFound
from floorday.issues.queries.links import held_token
from floorday.issues.queries.rows import Pass
from floorday.issues.rules import Ending, Kind, Turn
from floorday.issues.tables import HandOver, IssueReference, VendorWord
from floorday.issues.vendors import Fate, Says
from floorday.people.access import DEPARTMENT_ROLES, Act, Actor, Door, can
from floorday.render.words import gettext as _

LINK, REPLY, WORD = "vendor", "vendor-reply", "vendor-word"
"""The purposes of a vendor's page, of the address for their replies, and of the owner's yes to what they said."""


class VendorRow(Struct, frozen=True, kw_only=True):
    """A firm outside, with the department that deals with it; `issues` are those that are with it now."""

    id: UUID
    name: str
    contact_name: str
    email: str
    language: str
    zone: str
    department: UUID
    department_name: str
    speaks: bool
    created_at: datetime
    ended_at: datetime | None
    issues: int


class HandOverRow(Struct, frozen=True, kw_only=True):
    """An issue with a vendor: what was sent and to whom, and as much of the issue as its page without account needs."""

    id: UUID
    issue: UUID
    vendor: UUID
    vendor_name: str
    speaks: bool
    contact_name: str
    email: str
    language: str
    zone: str
    title: str
    words: str
    fixed_like: str
    since: datetime
    generation: int
    acknowledged_at: datetime | None
    ended_at: datetime | None
    number: int
    kind: Kind
    turn: Turn
    ending: Ending
    department_name: str
    owner_name: str

    @property
    def said_by(self) -> str:
        """Name the firm, and who speaks there."""
        return f"{self.vendor_name} ({self.contact_name})" if self.contact_name else self.vendor_name


class WordRow(Struct, frozen=True, kw_only=True):
    """What a vendor said, and what became of it."""

    id: UUID
    hand_over: UUID
    issue: UUID
    vendor_name: str
    contact_name: str
    at: datetime
    kind: Says
    text: str
    for_date: date | None
    fate: Fate
    door: Door


class OwnReference(Struct, frozen=True, kw_only=True):
    """A reference as it is stored."""

    id: UUID
    text: str
    url: str
    label: str


_VENDORS = """
SELECT v.id, v.name, v.contact_name, v.email, v.language, v.zone, v.department, d.name AS department_name, v.speaks,
       v.created_at, v.ended_at,
       (SELECT COUNT(*) FROM issue i WHERE i.vendor = v.id AND i.turn <> 'closed') AS issues
  FROM vendor v JOIN department d ON d.id = v.department
"""
_HAND_OVERS = """
SELECT h.id, h.issue, h.vendor, v.name AS vendor_name, v.speaks, h.contact_name, h.email, v.language, v.zone, h.title,
       h.words, h.fixed_like, h.since, h.generation, h.acknowledged_at, h.ended_at, i.number, i.kind, i.turn, i.ending,
       COALESCE(d.name, '') AS department_name, COALESCE(o.name, '') AS owner_name
  FROM hand_over h
  JOIN vendor v ON v.id = h.vendor
  JOIN issue i ON i.id = h.issue
  LEFT JOIN department d ON d.id = i.department
  LEFT JOIN person o ON o.id = i.owner
"""
_SAID = """
SELECT w.id, w.hand_over, h.issue, v.name AS vendor_name, h.contact_name, w.at, w.kind, w.text, w.for_date, w.fate,
       w.door
  FROM vendor_word w JOIN hand_over h ON h.id = w.hand_over JOIN vendor v ON v.id = h.vendor
"""


async def vendors(
    actor: Actor, *, only: UUID | None = None, after: UUID | None = None, limit: int | None = None,
    department: UUID | None = None, ended: bool | None = None,
) -> list[VendorRow]:  # fmt: skip
    """List the vendors that somebody may see: all, or those of the own departments; by name, after an id by id."""
    where, args = ["1 = 1"], list[object]()
    if not can(actor, Act.EDIT_DEPARTMENT):
        own = sorted(actor.departments(*DEPARTMENT_ROLES))
        if not own:
            return []
        where.append(f"v.department IN ({', '.join(['{}'] * len(own))})")
        args += own
    for column, value in (("id", only), ("department", department)):
        if value is not None:
            where.append(f"v.{column} = {{}}")
            args.append(value)
    if ended is not None:
        where.append(f"v.ended_at IS {'NOT ' if ended else ''}NULL")
    if after is not None:
        where.append("v.id > {}")
        args.append(after)
    order = f"v.id LIMIT {limit:d}" if limit is not None else "v.ended_at IS NOT NULL, LOWER(v.name), v.id"
    sql = f"{_VENDORS} WHERE {' AND '.join(where)} ORDER BY {order}"
    return msgspec.convert(await run_sql(sql, *args), list[VendorRow])


async def vendor(actor: Actor, vendor_id: UUID) -> VendorRow:
    """Find a vendor that somebody may see; hidden is NotFound."""
    found = await vendors(actor, only=vendor_id)
    if not found:
        raise NotFound(_("There is no such vendor."))
    return found[0]


async def hand_over(hand_over_id: UUID) -> HandOverRow | None:
    """Find a handing over, also one that is over."""
    rows = await run_sql(f"{_HAND_OVERS} WHERE h.id = {{}}", hand_over_id)
    return msgspec.convert(rows[0], HandOverRow) if rows else None


async def with_vendor(issue_id: UUID) -> HandOverRow | None:
    """Find with whom an issue is now."""
    rows = await run_sql(f"{_HAND_OVERS} WHERE h.issue = {{}} AND h.ended_at IS NULL", issue_id)
    return msgspec.convert(rows[0], HandOverRow) if rows else None


async def with_them(vendor_id: UUID) -> list[HandOverRow]:
    """List what is with a vendor now, the oldest first."""
    rows = await run_sql(
        f"{_HAND_OVERS} WHERE h.vendor = {{}} AND h.ended_at IS NULL ORDER BY h.since, h.id", vendor_id)
    return msgspec.convert(rows, list[HandOverRow])


async def said_by_vendor(hand_over_id: UUID) -> list[WordRow]:
    """List what was said while an issue was with a vendor, oldest first."""
    rows = await run_sql(f"{_SAID} WHERE w.hand_over = {{}} ORDER BY w.at, w.id", hand_over_id)
    return msgspec.convert(rows, list[WordRow])


async def vendor_word(word_id: UUID) -> WordRow | None:
    """Find one thing that a vendor said."""
    rows = await run_sql(f"{_SAID} WHERE w.id = {{}}", word_id)
    return msgspec.convert(rows[0], WordRow) if rows else None


async def waiting_words(issue_id: UUID) -> list[WordRow]:
    """List what a vendor said of an issue that waits for its owner, oldest first."""
    rows = await run_sql(
        f"{_SAID} WHERE h.issue = {{}} AND h.ended_at IS NULL AND w.fate = 'waits' ORDER BY w.at, w.id", issue_id)
    return msgspec.convert(rows, list[WordRow])


async def count_words(hand_over_id: UUID) -> int:
    """Count what was said while an issue was with a vendor."""
    return await VendorWord.count().where(VendorWord.hand_over == hand_over_id)


async def references_of(issue_id: UUID) -> list[OwnReference]:
    """List what other trackers call an issue, in the order they were added."""
    rows = await IssueReference.select(
        IssueReference.id, IssueReference.text, IssueReference.url, IssueReference.label,
    ).where(IssueReference.issue == issue_id).order_by(IssueReference.added_at, IssueReference.id)  # fmt: skip
    return msgspec.convert(rows, list[OwnReference])


async def link_pattern(department: UUID | None) -> str:
    """Give how a department's tracker makes a link of a reference; "" where nobody has said."""
    if department is None:
        return ""
    rows = await run_sql("SELECT link_pattern FROM department WHERE id = {}", department)
    return rows[0]["link_pattern"] if rows else ""


class Tracker(Struct, frozen=True, kw_only=True):
    """A department, and how its own tracker makes a link of a reference."""

    id: UUID
    name: str
    link_pattern: str


async def link_patterns() -> list[Tracker]:
    """List the departments with how their trackers make links, by name."""
    rows = await run_sql("SELECT id, name, link_pattern FROM department WHERE closed_at IS NULL ORDER BY name")
    return msgspec.convert(rows, list[Tracker])


async def named_in(text: str) -> list[str]:
    """List the whole names of people of ours that stand in a text, the longest first."""
    at = "STRPOS" if dialect() == "postgres" else "INSTR"
    rows = await run_sql(
        f"SELECT DISTINCT name FROM person WHERE {at}({{}}, name) > 0 OR {at}({{}}, LOWER(name)) > 0",  # noqa: S608
        text, text.lower(),
    )  # fmt: skip
    return sorted((row["name"] for row in rows if row["name"].strip()), key=lambda name: (-len(name), name))


async def vendor_link(token: str, *, now: datetime) -> HandOverRow | None:
    """Find what a vendor's link stands for; nothing when it is unknown, revoked, or the issue was taken back."""
    return await _held(token, LINK, now)


async def vendor_reply(token: str, *, now: datetime) -> HandOverRow | None:
    """Find what an address for a vendor's replies stands for, as a link."""
    return await _held(token, REPLY, now)


async def _held(token: str, purpose: str, now: datetime) -> HandOverRow | None:
    row = await held_token(token, purpose, now)
    if row is None:
        return None
    found = await hand_over(row["about"])
    if found is None or found.ended_at is not None or found.generation != row["generation"]:
        return None
    return found


async def vendor_word_link(token: str, *, now: datetime) -> tuple[Pass, WordRow] | None:
    """Find what the button in an owner's letter stands for; nothing when another one owns the issue now."""
    row = await held_token(token, WORD, now)
    word = await vendor_word(row["about"]) if row else None
    if row is None or row["person"] is None or word is None:
        return None
    rows = await run_sql("SELECT i.owner FROM issue i WHERE i.id = {}", word.issue)
    over = await HandOver.exists().where((HandOver.id == word.hand_over) & HandOver.ended_at.is_not_null())
    if over or not rows or str(rows[0]["owner"]) != str(row["person"]):
        return None
    return Pass(word.issue, row["person"]), word


async def outside(issue_id: UUID) -> tuple[HandOverRow | None, list[WordRow]]:
    """Find with whom an issue is now and what they said, oldest first; in one query for the page."""
    rows = await run_sql(
        "SELECT h.*, w.id AS word_id, w.at, w.kind AS says, w.text, w.for_date, w.fate, w.door"  # noqa: S608 - own words
        f" FROM ({_HAND_OVERS} WHERE h.issue = {{}} AND h.ended_at IS NULL) AS h"
        " LEFT JOIN vendor_word w ON w.hand_over = h.id ORDER BY w.at, w.id",
        issue_id,
    )  # fmt: skip
    if not rows:
        return None, []
    held = msgspec.convert(rows[0], HandOverRow)
    said = [
        msgspec.convert({**row, "id": row["word_id"], "hand_over": held.id, "kind": row["says"]}, WordRow)
        for row in rows if row["word_id"] is not None
    ]  # fmt: skip
    return held, said
