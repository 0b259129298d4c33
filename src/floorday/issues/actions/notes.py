"""Notes: what is said opens an issue, or adds itself to one; anonymously if the reporter wants it so."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct, structs

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.db.text import Line, Text, Title
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.issues import masks, moves, queries, rules
from floorday.issues.actions import rewording, telling
from floorday.issues.actions.steps import From, cut_to_day, may, record, take
from floorday.issues.actions.steps import unnamed as unnamed_origin
from floorday.issues.masks import Piece
from floorday.issues.photos import Photograph
from floorday.issues.places import places, said_to_be_none
from floorday.issues.queries import FollowUp, IssueRow, TeamRow, Written
from floorday.issues.rules import ANSWERABLE, Cost, Effort, Ending, Kind, Naming, Stage, Stream, Turn
from floorday.issues.worth import Reputation
from floorday.people import access
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Role, can
from floorday.render import tokens
from floorday.render.words import gettext as _


class Said(Text):
    """One thing said, in a line of up to 500 characters."""

    __slots__ = ()
    longest = 500


class More(Struct, kw_only=True):
    """What may be said beside the line itself, all of it optional.

    `fixed_like` is what fixed would look like, `picture` the statement of the team's picture that it is about. What a
    case costs, how it touches the company's name (0-4), and whether it was known through another channel before, are
    kept where the note opens an issue.
    `spared` is what would be masked but is no customer's, as it stands in the text.
    """

    idea: Said | None = None
    fixed_like: Said | None = None
    picture: UUID | None = None
    known_before: bool | None = None
    minutes_per_case: Cost | None = None
    cases_per_month: Cost | None = None
    reputation: Reputation | None = None
    spared: list[Line] = []


class NoteForm(More, kw_only=True):
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
    """What became of a note: the issue it belongs to (none for good news), and an anonymous reporter's code.

    `masked` says of what kind each thing was that was masked, in order.
    """

    issue: UUID | None
    note: UUID
    follow_up: str | None
    masked: list[str] = []


class WouldMask(BadInput):
    """Something would be masked, and whoever writes is to see it first; nothing has been kept. `pieces` by field."""

    def __init__(self, pieces: dict[str, list[Piece]]) -> None:
        super().__init__(_("Look at what is masked before this is kept."))
        self.pieces = pieces


async def note(
    actor: Actor, form: NoteForm, *, now: datetime, pictures: Sequence[Photograph] = (), ask: str | None = None
) -> Noted:
    """Keep what was said, and open an issue for it or add it to one; a closed one it brings back.

    `ask` is the digest of what its writer has seen as masked (`masks.digest_of`): where something else would be,
    nothing is kept; raise WouldMask. None asks nobody.
    """
    if not can(actor, Act.RAISE):
        raise Forbidden(_("Ask the coordinator for a role in the programme first."))
    async with transaction():
        joins = await may(actor, Act.RAISE, form.issue) if form.issue else None
        if joins is not None and joins.joined_into is not None:
            joins = await queries.issue(None, joins.joined_into)
        day = await _day(actor, form)
        wanted = _team(form, joins, day)
        form, masked = await _masked(form, wanted, ask=ask)
        text = form.text
        unnamed = form.naming is Naming.ANONYMOUS
        closed = joins is not None and joins.turn is Turn.CLOSED and form.stream is not Stream.GOOD_NEWS
        if not closed:
            rules.raise_note(form.stream, text, joins.facts() if joins else None)
        opened, number = joins is None and form.stream is not Stream.GOOD_NEWS, 0
        if opened:
            team, number = await _numbered(wanted, now, unnamed=unnamed)
        else:
            team = await queries.team(wanted)
        at = _when(now, team, joins) if unnamed else now
        pointed = await _pointed(form, team.id)
        row = _open(form, text, team, day, number=number, at=at) if opened else joins
        code = _new_code() if unnamed else None
        written = uuid7() if form.naming is Naming.NAMED else uuid4()
        moves.add_note(
            id=written, issue=row.id if row else None, team=team.id, day=form.day, stream=form.stream.value, text=text,
            naming=form.naming.value, reporter=None if unnamed else actor.person,
            written_by=None if unnamed else actor.person, follow_up=digest(code) if code else None, at=at,
            idea=form.idea or "", fixed_like=form.fixed_like or "", picture=pointed[: Line.longest],
        )  # fmt: skip
        for place, one in enumerate(pictures, start=1):
            moves.add_photo(note=written, place=place, width=one.width, height=one.height, content=one.content)
        if row is not None:
            await _found_by(row, form, text, opened=opened, unnamed=unnamed)
            if not opened:
                await moves.point(row, form.picture, team=team.id)
        if row is not None:
            origin = None
            if unnamed:
                origin = await unnamed_origin(row.id, now, team.zone) if closed else From(at=at)
            if closed:
                await _bring_back(actor, row, text, origin, now=now)
            await record(row.id, "raised" if opened else "noted", actor=actor, now=now, origin=origin)
            if not unnamed:
                said = {"text": text, "title": form.title or "" if opened else "", "idea": form.idea or "",
                        "fixed_like": form.fixed_like or ""}  # fmt: skip
                await telling.thank(row, actor, note=written, text=text, masked=places(said) if masked else (), now=now)
    return Noted(row.id if row else None, written, code, masked)


async def _found_by(row: IssueRow, form: NoteForm, text: str, *, opened: bool, unnamed: bool) -> None:
    """Let an issue be found by what was said; where it stands among the notes of others must not tell when it came."""
    texts = [one for one in (text, form.idea, form.fixed_like) if one]
    if opened:
        moves.add_words(row.number, row.title, *texts)
    elif unnamed:
        await moves.say_anew(row.number)
        await moves.fold_due()
    else:
        moves.add_said(row.number, *texts)


async def _numbered(team_id: UUID, now: datetime, *, unnamed: bool) -> tuple[TeamRow, int]:
    """Give a new issue its public number; that of an anonymous one lies anywhere among those of weeks."""
    if not unnamed:
        return await moves.next_number(team_id)
    team = await queries.team(team_id)
    return team, await moves.unnamed_number(cut_to_day(now, team.zone))


async def _masked(form: NoteForm, team: UUID, *, ask: str | None) -> tuple[NoteForm, list[str]]:
    """Mask all that is said, as numbers are dialled where the team sits; give the kinds of what was masked, too."""
    said = {"text": form.text.strip(), "title": (form.title or "").strip(), "idea": (form.idea or "").strip(),
            "fixed_like": (form.fixed_like or "").strip()}  # fmt: skip
    if not any(masks.suspicious(words) for words in said.values()):
        return structs.replace(form, text=Said(said["text"])), []
    zone = (await queries.team(team)).zone
    cut = {name: masks.pieces(words, zone=zone, spared=form.spared) for name, words in said.items()}
    kinds = [piece.what for pieces in cut.values() for piece in pieces if piece.what]
    if kinds and ask is not None and ask != masks.digest_of(cut.values()):
        raise WouldMask({name: pieces for name, pieces in cut.items() if any(piece.what for piece in pieces)})
    kept = {name: masks.mask(words, zone=zone, spared=form.spared) for name, words in said.items()}
    return structs.replace(
        form, text=Said(_cut(kept["text"], Said.longest)), title=Title(_cut(kept["title"], Title.longest)) or None,
        idea=Said(_cut(kept["idea"], Said.longest)), fixed_like=Said(_cut(kept["fixed_like"], Said.longest)),
    ), kinds  # fmt: skip


async def _pointed(form: NoteForm, team: UUID) -> str:
    """Give the words of the statement that a note is about; "" where it is about none."""
    if form.picture is None:
        return ""
    found = next((one.text for one in await people.statements(team) if one.id == form.picture), None)
    if found is None:
        wrong = _("The team's picture has no such statement any more. Choose another one, or none.")
        raise BadInput(wrong, fields={"picture": wrong})
    return found


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
        title=(form.title or "").strip() or as_title(text), kind=form.kind, team=team.id,
        team_name=team.name, team_zone=team.zone, day=form.day, day_manager=day.manager if day else None,
        department=None, department_name=None, owner=None, owner_name=None, sponsor=None, sponsor_name=None,
        turn=Turn.NEEDS_OWNER, ending=Ending.NONE, raised_at=at, last_word_at=at, promised_for=None, question="",
        resolution="", done="", resolved_by=None, resolved_at=None, round=0, snoozed_until=None, joined_into=None,
        minutes_per_case=form.minutes_per_case, cases_per_month=form.cases_per_month, picture=form.picture,
        effort=Effort.UNKNOWN, reputation=form.reputation, restricted=False, version=0, changed_at=at,
    )  # fmt: skip
    moves.add_issue(
        id=row.id, number=row.number, title=row.title, kind=row.kind.value, team=row.team, day=row.day,
        turn=row.turn.value, ending=row.ending.value, raised_at=at, last_word_at=at, changed_at=at,
        minutes_per_case=form.minutes_per_case, cases_per_month=form.cases_per_month, known_before=form.known_before,
        picture=form.picture, reputation=form.reputation,
    )  # fmt: skip
    return row


def as_title(text: str) -> str:
    """Make a title of what was said."""
    return _cut(" ".join(text.split()), Title.longest)


def _cut(text: str, longest: int) -> str:
    """Shorten a text, where that is needed, after a word."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0][: longest - 1] + "…"


async def _bring_back(actor: Actor, row: IssueRow, text: str, origin: From | None, *, now: datetime) -> None:
    """Let a note on a closed issue reopen it; nobody knows whether an anonymous one is the first of its reporter."""
    reports = origin is None and actor.person in row.reporters
    decision = rules.again(row.facts(cannots=await queries.cannots(row.id)), text, reports=reports)
    await take(row, decision, actor=actor, now=now, text=text, origin=origin or From(reporter=actor.person))


async def note_by_mail(
    actor: Actor, team: UUID, text: str, *, title: str, now: datetime, pictures: Sequence[Photograph] = ()
) -> Noted:
    """Keep what somebody of a team wrote in a mail, on one line; the rest of a long one stays in the mail."""
    form = NoteForm(
        text=Said.parse(_cut(" ".join(text.split()), Said.longest)), stream=Stream.STAFF_TOLD, team=team,
        title=Title.parse(_cut(" ".join(title.split()), Title.longest)) if title else None,
    )  # fmt: skip
    return await note(actor, form, now=now, pictures=pictures)


NOTES_AT = "notes+"


def address_of(team: UUID) -> str:
    """Give a team's own address for notes by mail: nobody can guess it, and it stays as long as the server's key."""
    return f"{NOTES_AT}{tokens.make('notes', team)}@{settings().mail_domain}"


async def team_at(address: str) -> UUID | None:
    """Find the team whose note address this is; None where it is nobody's, or the team is closed."""
    given = address.strip().lower()
    return next((row.id for row in await queries.teams() if hmac.compare_digest(address_of(row.id), given)), None)


async def withdraw_note(actor: Actor, note_id: UUID, *, now: datetime) -> None:
    """Take back an own note; that it was there stays in the history."""
    async with transaction():
        written = await queries.note(note_id)
        if written.reporter != actor.person and not actor.has(Role.COORDINATOR):
            raise NotFound(_("There is no such note."))
        rules.withdraw_note(mine=written.reporter == actor.person, withdrawn=written.withdrawn_at is not None)
        await moves.withdraw(note_id, now=now)
        await moves.forget_photos(note_id)
        await moves.fold_due()
        if written.issue is not None:
            await record(written.issue, "withdrawn", actor=actor, now=now)
            await telling.unthank(written.issue, actor, note=note_id, now=now)


async def correct_note(actor: Actor, note_id: UUID, text: str, *, now: datetime) -> None:
    """Say an own note better; how it was said before stays in the history."""
    async with transaction():
        written = await queries.note(note_id)
        spared = said_to_be_none(written.text, zone=written.team_zone)
        words = _cut(masks.mask(Said.parse(text), zone=written.team_zone, spared=spared), Said.longest)
        if written.reporter != actor.person and not actor.has(Role.COORDINATOR):
            raise NotFound(_("There is no such note."))
        rules.correct_note(words, mine=written.reporter == actor.person, withdrawn=written.withdrawn_at is not None)
        if words == written.text or await rewording.corrects(actor, written, words, now=now):
            return
        await moves.correct(note_id, was=written.text, text=words)
        await moves.fold_due()
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
    if written.restricted:
        kept = await queries.reported.kept_words([written.id])
        written = structs.replace(written, text=kept.get(written.id, {}).get("text", written.text))
    if written.issue is None:
        return FollowUp(note=written.id, text=written.text, at=written.at, number=None, title="", turn=None,
                        ending=Ending.NONE, promised_for=None, resolution="", done="", asks_verdict=False, words=[])
    own = row = await queries.issue(None, written.issue)
    if own.joined_into is not None:
        row = await queries.issue(None, own.joined_into)
    asked = await queries.put_question(row)
    put = None
    if asked is not None and asked.to(note=written.id):
        done = await queries.has_answered(asked, note=written.id)
        put = queries.put(asked, mine=not done, answered=done)
    return FollowUp(
        note=written.id, text=written.text, at=written.at, number=row.number, title=row.title, turn=row.turn,
        ending=row.ending, promised_for=row.promised_for, resolution=row.resolution, done=row.done,
        asks_verdict=row.stage in ANSWERABLE and row.stage is not Stage.CONFIRMED,
        words=await queries.heard({own.id, row.id}, note=written.id), put=put,
    )  # fmt: skip
