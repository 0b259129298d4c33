"""Notes: what is said opens an issue, or adds itself to one; anonymously if the reporter wants it so."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.db.text import Text, Title
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.issues import moves, queries, rules
from floorday.issues.actions import telling
from floorday.issues.actions.steps import From, cut_to_day, may, record, take
from floorday.issues.actions.steps import unnamed as unnamed_origin
from floorday.issues.queries import FollowUp, IssueRow, TeamRow, Written
from floorday.issues.rules import ANSWERABLE, Effort, Ending, Kind, Naming, Stage, Stream, Turn
from floorday.people import access
from floorday.people.access import Act, Actor, Role, can
from floorday.render.words import gettext as _


class Said(Text):
    """One thing said, in a line of up to 500 characters."""

    __slots__ = ()
    longest = 500


class NoteForm(Struct, kw_only=True):
    """What somebody says. `issue` is the one it joins ("me too"), `day` the booking it comes from."""

    text: Said
    stream: Stream
    team: UUID | None = None
    day: UUID | None = None
    issue: UUID | None = None
    naming: Naming = Naming.NAMED
    kind: Kind = Kind.OTHER
    title: Title | None = None


class Noted(Struct, frozen=True):
    """What became of a note: the issue it belongs to (none for good news), and an anonymous reporter's code."""

    issue: UUID | None
    note: UUID
    follow_up: str | None


async def note(actor: Actor, form: NoteForm, *, now: datetime) -> Noted:
    """Keep what was said, and open an issue for it or add it to one; a closed one it brings back."""
    if not can(actor, Act.RAISE):
        raise Forbidden(_("Ask the coordinator for a role in the programme first."))
    text = rules.mask_customers(form.text.strip())
    async with transaction():
        joins = await may(actor, Act.RAISE, form.issue) if form.issue else None
        if joins is not None and joins.joined_into is not None:
            joins = await queries.issue(None, joins.joined_into)
        day = await _day(actor, form)
        wanted = _team(form, joins, day)
        unnamed = form.naming is Naming.ANONYMOUS
        closed = joins is not None and joins.turn is Turn.CLOSED and form.stream is not Stream.GOOD_NEWS
        if not closed:
            rules.raise_note(form.stream, text, joins.facts() if joins else None)
        opened, number = joins is None and form.stream is not Stream.GOOD_NEWS, 0
        if opened:
            team, number = await moves.next_number(wanted)
        else:
            team = await queries.team(wanted)
        at = _when(now, team, joins) if unnamed else now
        row = _open(form, text, team, day, number=number, at=at) if opened else joins
        code = _new_code() if unnamed else None
        written = uuid7() if form.naming is Naming.NAMED else uuid4()
        moves.add_note(
            id=written, issue=row.id if row else None, team=team.id, day=form.day, stream=form.stream.value, text=text,
            naming=form.naming.value, reporter=None if unnamed else actor.person,
            written_by=None if unnamed else actor.person, follow_up=digest(code) if code else None, at=at,
        )  # fmt: skip
        if row is not None:
            origin = None
            if unnamed:
                origin = await unnamed_origin(row.id, now, team.zone) if closed else From(at=at)
            if closed:
                await _bring_back(actor, row, text, origin, now=now)
            await record(row.id, "raised" if opened else "noted", actor=actor, now=now, origin=origin)
            if not unnamed:
                await telling.thank(row, actor, note=written, text=text, now=now)
    return Noted(row.id if row else None, written, code)


async def _day(actor: Actor, form: NoteForm) -> access.Booking | None:
    """Find the day that a note comes from."""
    if form.day is None:
        return None
    day = await queries.day_of(form.day)
    if not can(actor, Act.SEE_BOOKING, day):
        raise NotFound(_("There is no such day."))
    if not can(actor, Act.RAISE, day):
        raise Forbidden(_("Notes of a day are written by those who were there and by the team."))
    return day


def _team(form: NoteForm, joins: IssueRow | None, day: access.Booking | None) -> UUID:
    """Find the team a note is about: its day's, or the one chosen."""
    wanted = day.team if day else form.team or (joins.team if joins else None)
    if wanted is None:
        raise BadInput(_("Choose the team it is about."), fields={"team": _("Choose the team it is about.")})
    return wanted


def _when(now: datetime, team: TeamRow, joins: IssueRow | None) -> datetime:
    """Cut the time of an anonymous note to the day; on an issue it never seems to come before the first note."""
    day = cut_to_day(now, team.zone)
    return day if joins is None else max(day, joins.raised_at)


def _open(
    form: NoteForm, text: str, team: TeamRow, day: access.Booking | None, *, number: int, at: datetime
) -> IssueRow:
    """Open an issue; one that a note without a name opens has an id that tells no time."""
    row = IssueRow(
        id=uuid7() if form.naming is Naming.NAMED else uuid4(), number=number,
        title=rules.mask_customers((form.title or "").strip()) or _as_title(text), kind=form.kind, team=team.id,
        team_name=team.name, team_zone=team.zone, day=form.day, day_manager=day.manager if day else None,
        department=None, department_name=None, owner=None, owner_name=None, sponsor=None, sponsor_name=None,
        turn=Turn.NEEDS_OWNER, ending=Ending.NONE, raised_at=at, last_word_at=at, promised_for=None, question="",
        resolution="", done="", resolved_by=None, resolved_at=None, round=0, snoozed_until=None, joined_into=None,
        minutes_per_case=None, cases_per_month=None, effort=Effort.UNKNOWN, restricted=False, version=0, changed_at=at,
    )  # fmt: skip
    moves.add_issue(
        id=row.id, number=row.number, title=row.title, kind=row.kind.value, team=row.team, day=row.day,
        turn=row.turn.value, ending=row.ending.value, raised_at=at, last_word_at=at, changed_at=at,
    )  # fmt: skip
    return row


def _as_title(text: str) -> str:
    if len(text) <= Title.longest:
        return text
    return text[: Title.longest - 1].rsplit(" ", 1)[0][: Title.longest - 1] + "…"


async def _bring_back(actor: Actor, row: IssueRow, text: str, origin: From | None, *, now: datetime) -> None:
    """Let a note on a closed issue reopen it; nobody knows whether an anonymous one is the first of its reporter."""
    reports = origin is None and actor.person in row.reporters
    decision = rules.again(row.facts(cannots=await queries.cannots(row.id)), text, reports=reports)
    await take(row, decision, actor=actor, now=now, text=text, origin=origin or From(reporter=actor.person))


async def withdraw_note(actor: Actor, note_id: UUID, *, now: datetime) -> None:
    """Take back an own note; that it was there stays in the history."""
    async with transaction():
        written = await queries.note(note_id)
        if written.reporter != actor.person and not actor.has(Role.COORDINATOR):
            raise NotFound(_("There is no such note."))
        rules.withdraw_note(mine=written.reporter == actor.person, withdrawn=written.withdrawn_at is not None)
        await moves.withdraw(note_id, now=now)
        if written.issue is not None:
            await record(written.issue, "withdrawn", actor=actor, now=now)
            await telling.unthank(written.issue, actor, note=note_id, now=now)


async def correct_note(actor: Actor, note_id: UUID, text: str, *, now: datetime) -> None:
    """Say an own note better; how it was said before stays in the history."""
    words = rules.mask_customers(Said.parse(text))
    async with transaction():
        written = await queries.note(note_id)
        if written.reporter != actor.person and not actor.has(Role.COORDINATOR):
            raise NotFound(_("There is no such note."))
        rules.correct_note(words, mine=written.reporter == actor.person, withdrawn=written.withdrawn_at is not None)
        if words == written.text:
            return
        await moves.correct(note_id, was=written.text, text=words)
        if written.issue is not None:
            await record(written.issue, "corrected", actor=actor, now=now, text=written.text)


# --- follow-up codes ---------------------------------------------------------------------------------------------


def _new_code() -> str:
    """Make a code that a person can write down: twelve letters and digits in groups of four."""
    raw = base64.b32encode(secrets.token_bytes(10)).decode().lower()[:12]
    return "-".join(raw[place : place + 4] for place in (0, 4, 8))


def digest(code: str) -> str:
    """Hash a code as it was typed with the server's key; blanks, hyphens and case do not count."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hmac.new(settings().secret_key.encode(), f"follow-up|{plain}".encode(), hashlib.sha256).hexdigest()


async def by_code(code: str) -> Written:
    """Find the note that a code opens."""
    found = await queries.by_code(digest(code))
    if found is None:
        raise NotFound(_("No note belongs to this code. Look at it again: twelve letters and digits."))
    return found


async def follow_up(code: str, *, now: datetime) -> FollowUp:
    """Give an anonymous reporter what became of the note."""
    written = await by_code(code)
    if written.issue is None:
        return FollowUp(note=written.id, text=written.text, at=written.at, number=None, title="", turn=None,
                        ending=Ending.NONE, promised_for=None, resolution="", done="", asks_verdict=False, words=[])
    own = row = await queries.issue(None, written.issue)
    if own.joined_into is not None:
        row = await queries.issue(None, own.joined_into)
    return FollowUp(
        note=written.id, text=written.text, at=written.at, number=row.number, title=row.title, turn=row.turn,
        ending=row.ending, promised_for=row.promised_for, resolution=row.resolution, done=row.done,
        asks_verdict=row.stage in ANSWERABLE and row.stage is not Stage.CONFIRMED,
        words=await queries.heard({own.id, row.id}),
    )  # fmt: skip
