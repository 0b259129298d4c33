"""What was said and done about an issue: notes, history, letters."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from floorday.db import run_sql
from floorday.errors import NotFound
from floorday.issues.queries.asked import Condition, among, either
from floorday.issues.queries.listed import BACK_AT, ISSUES, as_seen, days_between, seen_whole
from floorday.issues.queries.parts import MOVED, left_elsewhere
from floorday.issues.queries.persons import day_of
from floorday.issues.queries.puts import put_to
from floorday.issues.queries.reported import kept_words
from floorday.issues.queries.rows import PAGE, Back, EventRow, IssueRow, Last, LetterRow, NoteRow, Opened, Written
from floorday.issues.rules import Naming, Resolution, Stream, Turn, Verdict
from floorday.issues.tables import Issue, IssueEvent, Photo
from floorday.people.access import Act, Actor, Role, What, can, visible
from floorday.render.words import gettext as _

NOTES = """
SELECT n.id, n.issue, i.number AS issue_number, n.team, t.name AS team_name, t.zone AS team_zone, n.day, n.stream,
       n.text, n.naming, n.reporter, p.name AS reporter_name, n.at, n.withdrawn_at, n.idea, n.fixed_like, n.picture,
       n.restricted, (SELECT COUNT(*) FROM photo f WHERE f.note = n.id) AS photos,
       (SELECT MAX(a.text) FROM note_act a
         WHERE a.note = n.id AND a.what = 'asked' AND a.taken_back_at IS NULL) AS asked
  FROM note n
  JOIN team t ON t.id = n.team
  LEFT JOIN issue i ON i.id = n.issue
  LEFT JOIN person p ON p.id = n.reporter
"""
LINES = """
SELECT e.id, e.issue, e.at, e.what, e."by", e.door, e.text, e.for_date, e.says, e.other, e.round, e.reporter, e.note,
       COALESCE(p.name, CASE WHEN e.what = 'vendor said' THEN
           v.name || CASE WHEN h.contact_name = '' THEN '' ELSE ' (' || h.contact_name || ')' END END) AS by_name,
       v.name AS vendor, h.email AS through, CASE WHEN e.what = 'returned' THEN BACK_AT END AS team_name
  FROM issue_event e
  LEFT JOIN person p ON p.id = e."by"
  LEFT JOIN hand_over h ON h.id = e.other AND e.what LIKE 'vendor %'
  LEFT JOIN vendor v ON v.id = h.vendor
""".replace("BACK_AT", BACK_AT)


def _of_issue(column: str, issue_id: UUID) -> Condition:
    """Say that something belongs to an issue or to one that was joined into it; both databases go by indexes."""
    return Condition(
        f"{column} IN (SELECT w.id FROM issue w WHERE w.id = {{}} OR w.joined_into = {{}})",  # noqa: S608 - own words
        (issue_id, issue_id),
    )


def shown_name(note: Written, actor: Actor) -> str:
    """Give the name beside a note as this reader may see it; "" where it is not for them, or nobody knows it."""
    if note.naming is Naming.ANONYMOUS or note.reporter is None:
        return ""
    if note.naming is Naming.HIDDEN and note.reporter != actor.person and not actor.has(Role.COORDINATOR):
        return ""
    return note.reporter_name or ""


async def notes(actor: Actor, row: IssueRow) -> list[NoteRow]:
    """List what was said about an issue, joined ones included; nothing to whoever sees its face alone."""
    if not row.whole:
        return []
    return await _shown(await _notes(_of_issue("n.issue", row.id)), actor)


async def good_news(actor: Actor, *, limit: int = PAGE, before: NoteRow | None = None) -> list[NoteRow]:
    """List the good news of the teams that somebody may read, newest first, and the own; it goes on after a note."""
    condition = Condition("n.stream = {}", (Stream.GOOD_NEWS.value,))
    if not visible(actor, What.ISSUES).all:
        condition &= either(Condition("n.reporter = {}", (actor.person,)), *_theirs(actor))
    if before is not None:
        condition &= Condition("(n.at < {} OR (n.at = {} AND n.id < {}))", (before.at, before.at, before.id))
    return await _shown(await _notes(condition, newest=limit), actor)


async def listed_notes(
    actor: Actor, *, only: UUID | None = None, after: UUID | None = None, limit: int = 1, issue: UUID | None = None,
    day: UUID | None = None, team: UUID | None = None, stream: Stream | None = None, mine: bool = False,
    withdrawn: bool = True,
) -> list[NoteRow]:  # fmt: skip
    """List by id the notes that somebody may read: the own, those of issues seen whole, good news of the own teams."""
    wanted = Condition("n.withdrawn_at IS NULL" if not withdrawn else "1 = 1")
    for column, value in (
        ("id", only), ("issue", issue), ("day", day), ("team", team), ("stream", stream and stream.value),
        ("reporter", actor.person if mine else None),
    ):  # fmt: skip
        if value is not None:
            wanted &= Condition(f"n.{column} = {{}}", (value,))
    if after is not None:
        wanted &= Condition("n.id > {}", (after,))
    if (whole := seen_whole(actor)) is not None:
        good = Condition("n.stream = {}", (Stream.GOOD_NEWS.value,))
        wanted &= either(
            Condition("n.reporter = {}", (actor.person,)), whole,
            Condition(f"i.joined_into IN (SELECT i.id FROM issue i WHERE {whole.sql})", whole.args),  # noqa: S608
            good & either(*_theirs(actor)),
        )  # fmt: skip
    rows = await run_sql(f"{NOTES} WHERE {wanted.sql} ORDER BY n.id LIMIT {{}}", *wanted.args, limit)
    return await _shown(rows, actor)


def _theirs(actor: Actor) -> list[Condition]:
    """Say that a note comes from a day of the reader's, or from a team of theirs."""
    days = Condition("n.day IN (SELECT b.id FROM booking b WHERE b.manager = {})", (actor.person,))
    teams = visible(actor, What.ISSUES).teams
    return [days, among("n.team", sorted(teams))] if teams else [days]


async def day_notes(actor: Actor, booking: UUID) -> list[NoteRow]:
    """List what was said on a day; whoever may see the day's brief reads it, anybody else the own."""
    thing = await day_of(booking)
    condition = Condition("n.day = {}", (booking,))
    whole = actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE) or can(actor, Act.RAISE, thing)
    if not whole:
        condition &= Condition("n.reporter = {}", (actor.person,))
    return await _shown(await _notes(condition), actor)


async def note(note_id: UUID) -> Written:
    """Find a note as it is stored."""
    rows = await _notes(Condition("n.id = {}", (note_id,)))
    if not rows:
        raise NotFound(_("There is no such note."))
    return msgspec.convert(rows[0], Written)


async def photo(actor: Actor, note_id: UUID, place: int) -> bytes:
    """Give a photo of a note that somebody may read and that is not withdrawn, or raise NotFound."""
    rows = await listed_notes(actor, only=note_id, withdrawn=False)
    wanted = Photo.select(Photo.content).where(Photo.note == note_id, Photo.place == place).first()
    found = await wanted if rows and not rows[0].shut else None
    if found is None:
        raise NotFound(_("There is no such photo."))
    return bytes(found["content"])


async def count_photos(note_id: UUID) -> int:
    """Count the photos of a note."""
    return await Photo.count().where(Photo.note == note_id)


async def own_photos(person: UUID) -> list[tuple[str, bytes]]:
    """Give the photos of somebody's own notes, each with a name that says the day of its note and its place."""
    rows = await Photo.select(Photo.content, Photo.place, Photo.note._.at.as_alias("at")).where(
        Photo.note._.reporter == person).order_by(Photo.note._.at, Photo.note, Photo.place)  # fmt: skip
    return [
        (f"{n:04}-{row['at']:%Y-%m-%d}-{row['place']}.jpg", bytes(row["content"]))
        for n, row in enumerate(rows, start=1)
    ]


async def _notes(condition: Condition, *, newest: int | None = None) -> list[dict[str, Any]]:
    if newest is None:
        return await run_sql(f"{NOTES} WHERE {condition.sql} ORDER BY n.at, n.id", *condition.args)
    return await run_sql(
        f"{NOTES} WHERE {condition.sql} ORDER BY n.at DESC, n.id DESC LIMIT {{}}", *condition.args, newest)


async def _shown(raw: list[dict[str, Any]], actor: Actor) -> list[NoteRow]:
    """Show notes; what a restricted one says is for its reporter and for coordinators alone."""
    closed = {row["id"] for row in raw if row["restricted"]}
    reads = {row["id"] for row in raw if row["id"] in closed and (
        actor.has(Role.COORDINATOR) or row["reporter"] == actor.person)}  # fmt: skip
    kept = await kept_words(reads)
    return [_note(row, actor, kept.get(row["id"]), shut=row["id"] in closed - reads) for row in raw]


def _note(row: dict[str, Any], actor: Actor, kept: dict[str, str] | None, *, shut: bool) -> NoteRow:
    mine = row["reporter"] is not None and row["reporter"] == actor.person
    asked = row["asked"] if mine else None
    if shut:
        return msgspec.convert({**row, "name": "", "mine": False, "photos": 0, "asked": None, "shut": True,
                                "restricted": True}, NoteRow)  # fmt: skip
    name = shown_name(msgspec.convert(row, Written), actor)
    return msgspec.convert({**row, **(kept or {}), "name": name, "mine": mine, "asked": asked,
                            "restricted": bool(row["restricted"])}, NoteRow)  # fmt: skip


FROM_THE_FLOOR = frozenset({
    "raised", "noted", "verdict", "reopened", "returned", "withdrawn", "corrected", "word", "answered",
})  # fmt: skip


"""Lines that reporters cause: a hidden reporter stays hidden in them."""


async def history(actor: Actor, row: IssueRow) -> list[EventRow]:
    """List what happened to an issue and to those joined into it, oldest first."""
    if not row.whole:
        return []
    own = _of_issue("n.issue", row.id)
    noted = await run_sql(
        f"SELECT n.reporter, n.naming FROM note n WHERE n.reporter IS NOT NULL AND {own.sql}",  # noqa: S608 - own words
        *own.args,
    )
    lines = await _lines(row.id)
    hidden = await _hidden(row.id, noted, lines, actor)
    return [msgspec.convert(_unnamed(line, hidden), EventRow) for line in _once(lines, row.id)]


async def _lines(issue_id: UUID) -> list[dict[str, Any]]:
    own = _of_issue("e.issue", issue_id)
    lines = await run_sql(f"{LINES} WHERE {own.sql} ORDER BY e.at, e.id", *own.args)
    ended: dict[Any, datetime] = {}
    for line in lines:
        if line["what"] in {"resolved", "declined"}:
            ended[line["issue"]] = line["at"]
        elif line["what"] in {"reopened", "returned"}:
            line["days"] = days_between(ended.get(line["issue"]), line["at"])
    return lines


def _backs(lines: list[dict[str, Any]], issue_id: UUID) -> tuple[Back, ...]:
    return tuple(
        Back(line["at"], line["days"], line["team_name"] or "")
        for line in lines if line["what"] == "returned" and line["issue"] == issue_id
    )  # fmt: skip


async def _hidden(
    issue_id: UUID, notes: list[dict[str, Any]], lines: list[dict[str, Any]], actor: Actor
) -> frozenset[UUID]:
    """Say whose names stay with the coordinator; a note withdrawn, or gone elsewhere, does not give its name away."""
    if actor.has(Role.COORDINATOR):
        return frozenset()
    hidden = {note["reporter"] for note in notes if note["naming"] == Naming.HIDDEN.value}
    if any(line["what"] in MOVED for line in lines):
        hidden |= {person for _, person in await left_elsewhere([issue_id])}
    return frozenset(hidden) - {actor.person}


def _once(lines: list[dict[str, Any]], issue_id: UUID) -> list[dict[str, Any]]:
    """Leave out that a part has lost a part of its own: the whole has lost it in the same moment, and says so."""
    return [line for line in lines if line["what"] != "split off" or line["issue"] == issue_id]


async def opened(actor: Actor, issue_id: UUID) -> Opened:
    """Find an issue with everything that stands on its page, in three queries (four where notes have left it)."""
    found = await run_sql(f"{ISSUES} WHERE i.id = {{}}", issue_id)
    if not found:
        raise NotFound(_("There is no such issue."))
    noted = await _notes(_of_issue("n.issue", issue_id))
    lines = await _lines(issue_id)
    met = [note["reporter"] for note in noted if note["withdrawn_at"] is None]
    met += [line["reporter"] for line in lines if line["what"] == "returned" and line["reporter"] is not None]
    persons = frozenset(met) - {None}
    row = structs.replace(msgspec.convert(found[0], IssueRow), met_by=len(persons) + met.count(None), reporters=persons,
                          backs=_backs(lines, issue_id))
    row = as_seen(row, actor)
    if not row.whole:
        return Opened(issue=row)
    hidden = await _hidden(issue_id, noted, lines, actor)
    own = [
        line["says"]
        for line in lines
        if line["what"] == "verdict"
        and line["issue"] == issue_id
        and line["round"] == row.round
        and line["reporter"] == actor.person
    ]
    return Opened(
        issue=row, notes=await _shown(noted, actor), hidden=hidden, said=Verdict(own[-1]) if own else None,
        history=[msgspec.convert(_unnamed(line, hidden), EventRow) for line in _once(lines, issue_id)],
        put=put_to(row, lines, actor),
        cannots=sum(line["issue"] == issue_id and line["what"] == "resolved"
                    and line["says"] == Resolution.CANNOT.value for line in lines),
    )  # fmt: skip


_FATE = (
    "COALESCE(l.failed_at, b.failed_at) AS failed_at,"
    " CASE WHEN b.id IS NULL THEN l.sent_at ELSE b.sent_at END AS sent_at,"
    " COALESCE(b.server_words, l.server_words, '') AS server_words, COALESCE(b.leaves_at, l.leaves_at) AS leaves_at"
)
_BEFORE = "COALESCE(l.left_before, b.left_before"


async def letters(issue_id: UUID) -> list[LetterRow]:
    """List the letters about an issue, reminders among them, and what became of each; no content, no address.

    Oldest first. A reminder stands in its reader's letter of the morning, with those of other issues.
    """
    rows = await run_sql(
        f"SELECT l.id, l.name, l.to_name, l.person, l.created_at, {_FATE}, {_BEFORE}) AS left_before,"  # noqa: S608 - own
        " '' AS deed, '' AS rung"
        " FROM letter l LEFT JOIN letter b ON b.id = l.bundle WHERE l.about = {} AND l.taken_back_at IS NULL UNION ALL"
        f" SELECT c.id, 'clock', p.name, c.person, c.at, {_FATE}, {_BEFORE},"
        " CASE WHEN c.left_before THEN c.at END), c.deed, c.rung FROM clock_deed c"
        " JOIN person p ON p.id = c.person LEFT JOIN letter l ON l.person = c.person AND l.name = 'waits_for_you'"
        " AND l.created_at = c.at LEFT JOIN letter b ON b.id = l.bundle"
        " WHERE c.issue = {} AND c.rung <> 'floor' ORDER BY 5, 1", issue_id, issue_id)
    return msgspec.convert(rows, list[LetterRow])


def _unnamed(line: dict[str, Any], hidden: frozenset[UUID]) -> dict[str, Any]:
    if line["by"] is None and line["what"] == "vendor said":
        return line
    if line["by"] is None or (line["by"] in hidden and line["what"] in FROM_THE_FLOOR):
        return {**line, "by": None, "by_name": ""}
    return line


async def last_step(issue_id: UUID) -> Last | None:
    """Find the last line of an issue's history."""
    rows = await IssueEvent.select(
        IssueEvent.id, IssueEvent.by, IssueEvent.at, IssueEvent.what, IssueEvent.undo, IssueEvent.other,
        IssueEvent.undo_from,
    ).where(IssueEvent.issue == issue_id, IssueEvent.what != "undone").order_by(
        IssueEvent.at, IssueEvent.id, ascending=False).limit(1)  # fmt: skip
    return msgspec.convert(rows[0], Last) if rows else None


BESIDE = frozenset({
    "raised", "noted", "withdrawn", "corrected", "word", "sponsored", "updated", "snoozed", "woken", "retitled",
    "measured", "matched", "restricted", "unrestricted", "note masked", "note restricted", "note opened",
    "note unmasked",
})  # fmt: skip
"""What happens beside the way of an issue: it can stand before or after a verdict."""


async def last_event_at(issue_id: UUID) -> datetime | None:
    """Say when something last happened to an issue that changed whose turn it was, or asked those who raised it."""
    rows = (
        await IssueEvent.select(IssueEvent.at)
        .where(IssueEvent.issue == issue_id, IssueEvent.what.not_in(list(BESIDE)))
        .order_by(IssueEvent.at, IssueEvent.id, ascending=False)
        .limit(1)
    )
    return rows[0]["at"] if rows else None


async def cannots(issue_id: UUID) -> int:
    """Count how often it was said that an issue cannot be fixed."""
    return await IssueEvent.count().where(
        IssueEvent.issue == issue_id, IssueEvent.what == "resolved", IssueEvent.says == Resolution.CANNOT.value
    )


async def said(issue_id: UUID, *, round: int, reporter: UUID | None = None, note: UUID | None = None) -> Verdict | None:
    """Find what a reporter said last of the standing resolution."""
    whose = IssueEvent.note == note if reporter is None else IssueEvent.reporter == reporter
    rows = await IssueEvent.select(IssueEvent.says).where(
        IssueEvent.issue == issue_id, IssueEvent.what == "verdict", IssueEvent.round == round, whose,
    ).order_by(IssueEvent.at, IssueEvent.id, ascending=False).limit(1)  # fmt: skip
    return Verdict(rows[0]["says"]) if rows else None


async def silent_since(before: datetime, *, limit: int = 500) -> list[UUID]:
    """List the issues that have waited for a verdict since a moment or longer."""
    rows = (
        await Issue.select(Issue.id)
        .where(Issue.turn == Turn.TELL_FLOOR.value, Issue.resolved_at <= before)
        .order_by(Issue.resolved_at, Issue.id)
        .limit(limit)
    )
    return [row["id"] for row in rows]


async def asleep_until(day: date, *, limit: int = 500) -> list[UUID]:
    """List the issues that were put aside until a day or an earlier one."""
    rows = (
        await Issue.select(Issue.id)
        .where(Issue.snoozed_until <= day, Issue.turn != Turn.CLOSED.value)
        .order_by(Issue.snoozed_until, Issue.id)
        .limit(limit)
    )
    return [row["id"] for row in rows]
