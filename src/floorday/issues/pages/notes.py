"""Notes: one line with the thumb, from anywhere or on the day; and the list that is read back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct, field

from floorday.bookings import actions as booking_actions
from floorday.bookings import queries as bookings
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import HOLDING, State
from floorday.errors import BadInput, Busy, FloordayError, Forbidden, NotFound, Refused
from floorday.issues import actions, photos, queries
from floorday.issues.actions import More, NoteForm, Said, WouldMask
from floorday.issues.masks import digest_of
from floorday.issues.pages import sheets, words
from floorday.issues.photos import Photograph
from floorday.issues.queries import NoteRow
from floorday.issues.rules import Kind, Naming, Stream
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Role, can
from floorday.render import refs, tokens, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import LETTER_PAGE, own_path, read_form, redirect, show
from floorday.web import sheets as downloads
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class Captured(More, kw_only=True):
    """A note as a browser sends it. `seen` is the digest of what was shown as masked (`masks.digest`)."""

    text: Said
    stream: Stream
    naming: Naming = Naming.NAMED
    kind: Kind = Kind.OTHER
    team: UUID | None = None
    day: UUID | None = None
    unknown: bool = False
    photos: list[UploadFile] = field(default_factory=list[UploadFile])
    seen: str = ""

    def form(self, day: UUID | None, team: UUID | None = None) -> NoteForm:
        """Give it as any door does."""
        return NoteForm(
            text=self.text, stream=self.stream, team=team or self.team, day=day, naming=self.naming, kind=self.kind,
            idea=self.idea, fixed_like=self.fixed_like, picture=self.picture,
            known_before=False if self.unknown else None, minutes_per_case=self.minutes_per_case,
            cases_per_month=self.cases_per_month, reputation=self.reputation, spared=self.spared,
        )  # fmt: skip


async def photographs(sent: list[UploadFile]) -> list[Photograph]:
    """Write anew what came as photos; raise BadInput for what is none."""
    photos.check_count(len(sent))
    return [await asyncio.to_thread(photos.remake, await one.read(photos.HEAVIEST + 1)) for one in sent]


def asked(wrong: Exception) -> dict[str, Any]:
    """Say what would be masked, for `notes.capture`; nothing where that is not what was wrong."""
    held = list(wrong.pieces.values()) if isinstance(wrong, WouldMask) else []
    return {"masked": held, "seen": digest_of(held)}


MOST_PICTURED = 60
"""So many teams' pictures stand in one form at most."""


class BackFields(Struct, frozen=True):
    """Where the button stood."""

    back: str = ""


def likely_stream(actor: Actor) -> Stream:
    """Guess who said or saw what this person writes down: a manager sees, staff are told."""
    return Stream.MANAGER_SAW if actor.has(Role.MANAGER) and not actor.teams(*TEAM_ROLES) else Stream.STAFF_TOLD


# --- from anywhere ---------------------------------------------------------------------------------------------


@get("/notes/new")
async def new_note_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], stream: FromQuery[str] = ""
) -> Shown:
    """Ask for one line; what can be guessed is chosen already."""
    likely = stream if stream in set(Stream) else likely_stream(actor).value
    day = await _day_now(actor, now=now)
    form = Form({"stream": likely, "naming": Naming.NAMED.value, "day": str(day.id) if day else ""})
    return await _show_new(request, actor, form, now=now)


@post("/notes/new")
async def new_note(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Keep the note, then show what it has become."""
    try:
        wanted = await read_form(request, Captured)
        noted = await actions.note(actor, wanted.form(wanted.day), now=now, ask=wanted.seen,
                                   pictures=await photographs(wanted.photos))  # fmt: skip
    except (BadInput, Refused, Busy) as wrong:
        form = await again(request, wrong)
        return await _show_new(request, actor, form, now=now, status=wrong.status, wrong=wrong)
    if noted.follow_up:
        return code_page(request, noted.follow_up, more="/notes/new")
    undo = f"/notes/{noted.note}/withdrawal"
    if noted.issue is None:
        return redirect("/good-news", say=_("Saved under good news."), undo=undo)
    row = await queries.issue(actor, noted.issue)
    said = _("Saved as %(ref)s. You are told what becomes of it.", ref=refs.ref(row.number))
    return redirect(f"/issues/{noted.issue}", say=said, undo=undo)


async def again(request: Asked, wrong: FloordayError) -> Form:
    """Keep what was typed, with the sentence of each field."""
    sent = await request.form()
    values: dict[str, Any] = {name: value for name, value in sent.items() if isinstance(value, str)}
    values["spared"] = [one for one in sent.getall("spared", []) if isinstance(one, str)]
    if isinstance(wrong, WouldMask):
        return Form(values)
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    return Form(values, fields or {WHOLE: wrong.sentence})


async def _show_new(
    request: Asked, actor: Actor, form: Form, *, now: datetime, status: int = 200, wrong: Exception | None = None
) -> Shown:
    if not can(actor, Act.RAISE):
        raise Forbidden(_("Ask the coordinator for a role in the programme first."))
    day, teams = await _day_now(actor, now=now), await _teams(actor)
    pictured = await _pictured(teams) if day is None and len(teams) > 1 else []
    return show(
        request, "notes/new.html", status=status, form=form, pictured=pictured, teams=teams, day=day,
        draft=f"{actor.person}/notes/new",
        days=[(day.id, _("%(team)s, today", team=day.team_name))] if day else [], labels=labels(),
        streams=words.stream_options(), kinds=words.kind_chips(), namings=words.naming_chips(),
        touches=words.reputation_chips(),
        statements=await statements(day.team if day else teams[0][0] if len(teams) == 1 else None),
        by_mail=actions.address_of(next(iter(own))) if len(own := actor.teams(*TEAM_ROLES)) == 1 else "",
        **asked(wrong or Exception()),
    )  # fmt: skip


async def _day_now(actor: Actor, *, now: datetime) -> BookingRow | None:
    """Find the manager's day that is on now: what is noted comes from there."""
    if not actor.has(Role.MANAGER):
        return None
    days = await bookings.next_days({actor.person}, now=now)
    return next((day for day in days if day.starts_at.astimezone(ZoneInfo(day.zone)).date()
                 == now.astimezone(ZoneInfo(day.zone)).date() and day.state in HOLDING), None)  # fmt: skip


async def _teams(actor: Actor) -> list[tuple[UUID, str]]:
    own = actor.teams(*TEAM_ROLES)
    return [(team.id, team.name) for team in await queries.teams() if not own or team.id in own]


class Pictured(Struct, frozen=True):
    """A team with the statements of its picture, for a form in which the team is chosen."""

    id: str
    name: str
    statements: list[tuple[str, str]]


async def _pictured(teams: list[tuple[UUID, str]]) -> list[Pictured]:
    """Give the pictures of the teams that one may choose; scripts show that of the chosen one alone."""
    told: dict[UUID, list[tuple[str, str]]] = {}
    for one in await people.statements_of({team for team, _name in teams}):
        told.setdefault(one.team, []).append((str(one.id), one.text))
    return [Pictured(str(team), name, told[team]) for team, name in teams if team in told][:MOST_PICTURED]


async def statements(team: UUID | None) -> list[tuple[str, str]]:
    """Give the statements of a team's picture of good service, to choose one."""
    return [(str(one.id), one.text) for one in await people.statements(team)] if team else []


def labels() -> dict[str, str]:
    """Name the fields of a note."""
    return {"text": _("What got in the way, or went well?"), "stream": _("Who said or saw it"), "team": _("Team"),
            "naming": _("Your name"), "kind": _("Kind"), "idea": _("Your own idea"), "photos": _("Photos"),
            "fixed_like": _("What would \"fixed\" look like?"), "picture": _("Picture of good service"),
            "minutes_per_case": _("Minutes a case"), "cases_per_month": _("Cases a month"), "reputation": _("Our name"),
            "day": _("For the day")}  # fmt: skip


def code_page(request: Asked, code: str, *, more: str) -> Shown:
    """Show an anonymous reporter the code, this once: it must not stand in an address or a cookie."""
    return show(request, "notes/saved.html", code=code, again=more, follow=tokens.link("/follow"),
                headers={"cache-control": "no-store"})  # fmt: skip


@post("/notes/{note_id:uuid}/withdrawal")
async def withdraw_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own note back, and go where the button stood, if that is still there for this reader."""
    back = (await read_form(request, BackFields)).back
    written = await queries.note(note_id)
    await actions.withdraw_note(actor, note_id, now=now)
    try:
        seen = f"/issues/{(await queries.issue(actor, written.issue)).id}" if written.issue else "/good-news"
    except NotFound:
        seen = "/issues"
    there = back if own_path(back) and not back.startswith("/issues/") else seen
    return redirect(there, say=_("Your note is withdrawn."))


@get("/good-news")
async def good_news_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List what went well."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Good news is for those who work in the programme."))
    if form := downloads.asked(request):
        return await downloads.download(form, sheets.notes(_("Good news")), _good_news(actor))
    rows = [row for row in await queries.good_news(actor) if row.withdrawn_at is None]
    return show(request, "issues/good_news.html", may_raise=can(actor, Act.RAISE),
                lines=[_line(row, actor) for row in rows])  # fmt: skip


async def _good_news(actor: Actor) -> AsyncGenerator[list[NoteRow]]:
    async for some in queries.every_good_news(actor):
        yield [row for row in some if row.withdrawn_at is None]


# --- on the day ------------------------------------------------------------------------------------------------


@get("/days/{booking_id:uuid}/notes")
async def day_page(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Catch what is said on a day, and list it."""
    booking = await _seen(actor, booking_id)
    if wanted := downloads.asked(request):
        name = _("Notes %(manager)s %(team)s %(day)s", manager=booking.manager_name, team=booking.team_name,
                 day=f"{booking.starts_at.astimezone(ZoneInfo(booking.zone)):%Y-%m-%d}")  # fmt: skip
        said = await _said(actor, booking)
        return await downloads.download(wanted, sheets.notes(name), said)
    form = Form({"stream": likely_stream(actor).value, "naming": Naming.NAMED.value})
    return await _show_day(request, actor, booking, form, now=now)


@post("/days/{booking_id:uuid}/notes")
async def day_note(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep a line of the day, then ask for the next."""
    booking = await _seen(actor, booking_id)
    try:
        wanted = await read_form(request, Captured)
        noted = await actions.note(actor, wanted.form(booking_id), now=now, ask=wanted.seen,
                                   pictures=await photographs(wanted.photos))  # fmt: skip
    except (BadInput, Refused, Busy) as wrong:
        form = await again(request, wrong)
        return await _show_day(request, actor, booking, form, now=now, status=wrong.status, wrong=wrong)
    page = f"/days/{booking_id}/notes"
    if noted.follow_up:
        return code_page(request, noted.follow_up, more=page)
    said = _("Saved under good news.")
    if noted.issue is not None:
        said = _("Saved as %(ref)s.", ref=refs.ref((await queries.issue(actor, noted.issue)).number))
    return redirect(page, say=said, undo=f"/notes/{noted.note}/withdrawal")


@post("/days/{booking_id:uuid}/notes/read-back")
async def read_back(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Note that the team found the list right."""
    booking = await _seen(actor, booking_id)
    try:
        await booking_actions.read_back(actor, booking_id, now=now)
    except Refused as wrong:
        return await _show_day(request, actor, booking, Form(), now=now, status=wrong.status, refused=wrong.sentence)
    return redirect(f"/days/{booking_id}/notes", say=_("Noted: the list is right."))


async def _seen(actor: Actor, booking_id: UUID) -> BookingRow:
    """Find a day whose notes this reader may write or read."""
    booking = await bookings.booking(booking_id)
    if not can(actor, Act.SEE_BOOKING, booking.thing()):
        raise NotFound(_("There is no such day."))
    if not (can(actor, Act.RAISE, booking.thing()) or actor.has(Role.HEAD_OF_SERVICE)):
        raise Forbidden(_("Notes of a day are written by those who were there and by the team."))
    return booking


async def _said(actor: Actor, booking: BookingRow) -> list[NoteRow]:
    return [row for row in await queries.day_notes(actor, booking.id) if row.withdrawn_at is None]


async def _show_day(
    request: Asked, actor: Actor, booking: BookingRow, form: Form, *, now: datetime, status: int = 200,
    refused: str = "", wrong: Exception | None = None,
) -> Shown:  # fmt: skip
    rows = await _said(actor, booking)
    groups = [(words.stream(stream), [_line(row, actor) for row in rows if row.stream is stream]) for stream in Stream]
    reads_back = (
        can(actor, Act.READ_BACK, booking.thing()) and bool(rows) and now >= booking.starts_at
        and booking.state in HOLDING | {State.HELD}
    )  # fmt: skip
    said = when.moment(booking.read_back_at, booking.zone, actor.zone) if booking.read_back_at else ""
    return show(
        request, "notes/day.html", status=status, form=form, refused=refused, labels=labels(), booking=booking.id,
        own=f"/days/{booking.id}/notes", lead=_("%(manager)s with %(team)s, %(day)s", manager=booking.manager_name,
                                                team=booking.team_name, day=when.day(booking.starts_at, booking.zone)),
        streams=words.stream_options(), kinds=words.kind_chips(), namings=words.naming_chips(),
        touches=words.reputation_chips(),
        writes=can(actor, Act.RAISE, booking.thing()), reads_back=reads_back, read_back=said,
        count=ngettext("%(n)s note", "%(n)s notes", len(rows)), groups=[pair for pair in groups if pair[1]],
        statements=await statements(booking.team), draft=f"{actor.person}/days/{booking.id}",
        **asked(wrong or Exception()),
    )  # fmt: skip


def beside(row: NoteRow) -> dict[str, Any]:
    """Give what a note says beside its line, for `notes.beside`."""
    return {"idea": row.idea, "fixed_like": row.fixed_like, "picture": row.picture, "photos": row.photos}


@get("/notes/{note_id:uuid}/photos/{place:int}", opt={LETTER_PAGE: True})
async def photo(actor: NamedDependency[Actor], note_id: FromPath[UUID], place: FromPath[int]) -> Response[bytes]:
    """Show a photo to whoever may read its note; no browser keeps it."""
    return Response(
        await queries.photo(actor, note_id, place), media_type="image/jpeg",
        headers={"content-disposition": f'inline; filename="photo-{place}.jpg"', "cache-control": "no-store",
                 "x-content-type-options": "nosniff"},
    )  # fmt: skip


def _line(row: NoteRow, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id, "text": _("A note here is restricted.") if row.shut else row.text,
        "team": row.team_name, "who": words.who(row),
        "when": words.said_on(row, actor.zone), "href": f"/issues/{row.issue}" if row.issue else "",
        "ref": refs.ref(row.issue_number) if row.issue_number else "",
        "withdraw": f"/notes/{row.id}/withdrawal" if row.mine else "", **beside(row),
    }  # fmt: skip


handlers = [new_note_page, new_note, withdraw_note, photo, good_news_page, day_page, day_note, read_back]
