"""The screen on a team's wall and the computer that is its desk. Both look; the desk takes notes and verdicts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.bookings.rules import State
from floorday.bookings.rules import say as say_state
from floorday.db.text import Line
from floorday.desk import actions, huddle, queries
from floorday.desk.doors import Asked, Shown, at_desk
from floorday.desk.queries import Day, Face
from floorday.errors import BadInput, Busy, FloordayError, Forbidden, NotFound, Refused, TooMany
from floorday.issues.actions import Said
from floorday.issues.pages import words
from floorday.issues.pages.notes import Captured, again, asked, code_page, labels, photographs, statements
from floorday.issues.queries import Alike, Put
from floorday.issues.rules import Naming, Stream, Turn, Verdict
from floorday.issues.rules import say as say_stage
from floorday.people import actions as people_actions
from floorday.people import queries as people
from floorday.people.access import Act, Device, DeviceKind, OfTeam, can
from floorday.people.queries import Place
from floorday.pictures import queries as pictures
from floorday.pictures.pages import points_words, this_year
from floorday.pictures.queries import Pointing
from floorday.render import when
from floorday.render.refs import ref
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, Form, read_form, redirect, show

SOON = timedelta(days=14)
NEXT_DAYS = 6
MOST_LINES = {"asks": 2, "promised": 3, "open": 5}
"""As many issues as can be read across a room; what is open fills up to that many lines in all."""


class NoteFields(Captured, kw_only=True):
    """A note at the desk, and whose it is."""

    person: UUID
    pin: Line = Line("")


class VerdictFields(Struct, frozen=True, kw_only=True):
    """A verdict at the desk, and whose it is."""

    person: UUID
    pin: Line = Line("")
    says: Verdict
    verdict_because: Said = Said("")


class ReadFields(Struct, frozen=True, kw_only=True):
    """Who wants to read what they are asked."""

    person: UUID
    pin: Line = Line("")


class AnswerFields(Struct, frozen=True, kw_only=True):
    """An answer at the desk to a question that was read, and whose it is."""

    person: UUID
    pin: Line = Line("")
    answer: Said
    to: UUID | None = None


class DayLine(Struct, frozen=True):
    """A day as the room sees it."""

    who: str
    host: str
    day: str
    hours: str
    status: str
    sure: bool
    now: bool


class IssueLine(Struct, frozen=True):
    """An issue as the room sees it."""

    face: Face
    ref: str
    status: str
    late: bool
    promised: str


class TeamDay(Struct, frozen=True):
    """What a team sees together: who comes today and next, what was promised, what is open, what it should say."""

    team: Place
    said_at: str
    today: str
    here: list[DayLine]
    next: list[DayLine]
    promised: list[IssueLine]
    open: list[IssueLine]
    asks: list[IssueLine]
    asked: list[IssueLine]
    """Where those who raised it are asked something, all of them or one."""
    picture: list[tuple[str, str]]
    """What the team calls good service, each statement with what points at it."""


async def team_day(device: Device, *, now: datetime) -> TeamDay:
    """Gather the day of a device's team, by its own clock."""
    team = await people.team(device.team)
    if team is None or not can(device, Act.SEE_TEAM_DAY, OfTeam(team.id)):
        raise NotFound(_("There is no such team."))
    zone = ZoneInfo(team.zone)
    today = now.astimezone(zone).date()
    days = await queries.days(device, since=datetime.combine(today, time(), zone))
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    lines = [_issue(one, today) for one in await queries.faces(device)]
    asks = [one for one in lines if one.face.turn is Turn.TELL_FLOOR]
    promised = [one for one in lines if _is_due(one.face, today)]
    return TeamDay(
        team=team, said_at=when.clock(now, team.zone, named=False), today=when.day(now, team.zone),
        here=[_day(one, now) for one in days if one.starts_at < tomorrow],
        next=[_day(one, now) for one in days if one.starts_at >= tomorrow and one.state is not State.HELD][:NEXT_DAYS],
        picture=await _picture(device, now=now),
        asked=[one for one in lines if one.face.asks_since is not None],
        promised=promised, asks=asks, open=[one for one in lines if one not in promised and one not in asks],
    )  # fmt: skip


async def _picture(device: Device, *, now: datetime) -> list[tuple[str, str]]:
    lines = await people.statements(device.team)
    _the_year, since = this_year(now)
    counts = await pictures.counts_on_the_wall(device, [one.id for one in lines], since=since)
    return [(one.text, points_words(counts.get(one.id, Pointing()))) for one in lines]


def _is_due(face: Face, today: date) -> bool:
    due = face.promised_for is not None and face.promised_for <= today + SOON
    return due and face.turn in {Turn.BEING_FIXED, Turn.NEEDS_DECISION}


def _day(row: Day, now: datetime) -> DayLine:
    hours = f"{when.clock(row.starts_at, row.zone, named=False)}–{when.clock(row.ends_at, row.zone, named=False)}"
    return DayLine(
        who=row.manager_name, host=row.host_name or "", day=when.short_day(row.starts_at, row.zone), hours=hours,
        status=say_state(row.state), sure=row.state in {State.ACCEPTED, State.HELD},
        now=row.starts_at <= now < row.ends_at,
    )  # fmt: skip


def _issue(face: Face, today: date) -> IssueLine:
    promised = None if face.turn is Turn.TELL_FLOOR else face.promised_for
    return IssueLine(
        face=face, ref=ref(face.number), status=say_stage(face.stage), late=promised is not None and promised < today,
        promised=when.short_day(promised) if promised else "",
    )  # fmt: skip


@get("/screen/{token:str}", opt={LETTER_PAGE: True})
async def screen(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show a team's day on its wall."""
    device = await people_actions.load_device(token, DeviceKind.SCREEN, now=now)
    if device is None:
        raise NotFound(_("This link shows nothing any more. The team's lead makes a new one under Settings."))
    day = await team_day(device, now=now)
    asks, promised = day.asks[: MOST_LINES["asks"]], day.promised[: MOST_LINES["promised"]]
    still = day.open[: MOST_LINES["open"] - len(asks) - len(promised)]
    more = len(day.asks) + len(day.promised) + len(day.open) - len(asks) - len(promised) - len(still)
    return show(request, "desk/screen.html", day=day, asks=asks, promised=promised, open=still, more=more)


@get("/desk", opt={LETTER_PAGE: True})
async def desk_page(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Show a team's day at its desk."""
    device = await at_desk(request, now=now)
    return show(request, "desk/desk.html", day=await team_day(device, now=now))


@get("/desk/notes/new", opt={LETTER_PAGE: True})
async def new_note_page(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Ask for a name and a line."""
    device = await at_desk(request, now=now)
    form = Form({"stream": Stream.STAFF_TOLD.value, "naming": Naming.NAMED.value})
    return await _show_note(request, device, form)


@post("/desk/notes", opt={LETTER_PAGE: True})
async def add_note(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Keep what somebody of the team says."""
    return await _keep(request, None, now=now)


@post("/desk/issues/{issue_id:uuid}/notes", opt={LETTER_PAGE: True})
async def me_too(request: Asked, issue_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Add what somebody of the team says to an issue that is known."""
    return await _keep(request, issue_id, now=now)


@post("/desk/similar", opt={LETTER_PAGE: True})
async def similar_page(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Show which of the team's issues a line may already be about; with `part` alone, to be put beside the form."""
    device = await at_desk(request, now=now)
    typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        text = Said.parse(typed.get("text", ""))
    except ValueError as error:
        raise BadInput(str(error), fields={"text": str(error)}) from error
    known = [_known(one) for one in await queries.known(device, text)] if text else []
    if typed.get("part"):
        return show(request, "notes/alike.html", known=known)
    form = Form({name: value for name, value in typed.items() if name not in {"csrf", "once", "part", "pin"}})
    return await _show_note(request, device, form, known=known)


def _known(alike: Alike) -> dict[str, Any]:
    row = alike.shown.row
    closed = row.turn is Turn.CLOSED
    return {"ref": ref(row.number), "href": f"/desk/issues/{row.id}", "title": row.title, "closed": closed,
            "standing": say_stage(row.stage), "met_by": _("Met by %(n)s", n=row.met_by),
            "act": f"/desk/issues/{row.id}/notes"}  # fmt: skip


async def _keep(request: Asked, issue: UUID | None, *, now: datetime) -> Shown:
    device = await at_desk(request, now=now)
    try:
        wanted = await read_form(request, NoteFields)
        kept = await actions.note(device, wanted.person, wanted.pin, wanted.form(None, device.team), now=now,
                                  pictures=await photographs(wanted.photos), ask=wanted.seen, issue=issue)  # fmt: skip
    except (BadInput, Refused, TooMany, Forbidden, Busy) as wrong:
        return await _show_note(request, device, await _again(request, wrong), status=wrong.status, wrong=wrong)
    if kept.noted.follow_up:
        return code_page(request, kept.noted.follow_up, more="/desk/notes/new")
    undo = f"/desk/notes/{kept.noted.note}/withdrawal?proof={kept.proof}"
    return redirect("/desk", say=_("Saved for %(name)s. They are told what becomes of it.", name=kept.name), undo=undo)


@post("/desk/notes/{note_id:uuid}/withdrawal", opt={LETTER_PAGE: True})
async def take_back(
    request: Asked, note_id: FromPath[UUID], now: NamedDependency[datetime], proof: FromQuery[str] = ""
) -> Shown:
    """Take a note back that was just written at this desk."""
    device = await at_desk(request, now=now)
    await actions.take_back(device, note_id, proof, now=now)
    return redirect("/desk", say=_("The note is withdrawn."))


@get("/desk/issues/{issue_id:uuid}", opt={LETTER_PAGE: True})
async def issue_page(request: Asked, issue_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Ask whether an issue is fixed."""
    device = await at_desk(request, now=now)
    return await _show_issue(request, device, issue_id, Form(), now=now)


@post("/desk/issues/{issue_id:uuid}/verdicts", opt={LETTER_PAGE: True})
async def give_verdict(request: Asked, issue_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Take the verdict of somebody who raised it."""
    device = await at_desk(request, now=now)
    try:
        wanted = await read_form(request, VerdictFields)
        name = await actions.verdict(
            device, issue_id, wanted.person, wanted.pin, wanted.says, wanted.verdict_because, now=now
        )
    except (BadInput, Refused, TooMany, Forbidden) as wrong:
        form = await _again(request, wrong)
        return await _show_issue(request, device, issue_id, form, now=now, status=wrong.status)
    return redirect("/desk", say=_("Thank you, %(name)s.", name=name))


@post("/desk/issues/{issue_id:uuid}/asked", opt={LETTER_PAGE: True})
async def read_question(request: Asked, issue_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Show one of those who raised it what that one alone is asked."""
    device = await at_desk(request, now=now)
    try:
        wanted = await read_form(request, ReadFields)
        put = await actions.read(device, issue_id, wanted.person, wanted.pin, now=now)
    except (BadInput, Refused, TooMany, Forbidden) as wrong:
        form = await _again(request, wrong)
        return await _show_issue(request, device, issue_id, form, now=now, status=wrong.status)
    return await _show_issue(request, device, issue_id, Form({"person": str(wanted.person)}), now=now, put=put)


@post("/desk/issues/{issue_id:uuid}/answers", opt={LETTER_PAGE: True})
async def give_answer(request: Asked, issue_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Take the answer of somebody who raised it."""
    device = await at_desk(request, now=now)
    try:
        wanted = await read_form(request, AnswerFields)
        name = await actions.answer(
            device, issue_id, wanted.person, wanted.pin, wanted.answer, wanted.to, now=now
        )
    except (BadInput, Refused, TooMany, Forbidden) as wrong:
        form = await _again(request, wrong)
        put = None if isinstance(wrong, Forbidden | TooMany) else await _read_again(request, device, issue_id, now=now)
        return await _show_issue(request, device, issue_id, form, now=now, status=wrong.status, put=put)
    return redirect("/desk", say=_("Thank you, %(name)s. Your answer goes to whoever asked.", name=name))


async def _read_again(request: Asked, device: Device, issue_id: UUID, *, now: datetime) -> Put | None:
    """Show a question to one once more, beside what was typed, to whoever was shown it."""
    try:
        who = await read_form(request, ReadFields)
        return await actions.read(device, issue_id, who.person, who.pin, now=now)
    except FloordayError:
        return None


async def _again(request: Asked, wrong: FloordayError) -> Form:
    """Keep what was typed, but no PIN, with the sentence of each field."""
    form = await again(request, wrong)
    return Form({name: value for name, value in form.values.items() if name != "pin"}, form.errors)


async def _names(device: Device) -> list[tuple[UUID, str]]:
    return [(card.id, card.name) for card in await people_actions.members(device)]


async def _show_note(
    request: Asked, device: Device, form: Form, *, status: int = 200, wrong: Exception | None = None,
    known: list[dict[str, Any]] | None = None,
) -> Shown:  # fmt: skip
    return show(
        request, "desk/note.html", status=status, form=form, known=known or [], names=await _names(device),
        labels=_labels() | labels(),
        streams=words.stream_options(), kinds=words.kind_chips(), namings=words.naming_chips(),
        touches=words.reputation_chips(),
        statements=await statements(device.team), **asked(wrong or Exception()),
    )  # fmt: skip


async def _show_issue(
    request: Asked, device: Device, issue_id: UUID, form: Form, *, now: datetime, status: int = 200,
    put: Put | None = None,
) -> Shown:  # fmt: skip
    face = await queries.face(device, issue_id)
    team = await people.team(device.team)
    if face is None or team is None:
        raise NotFound(_("There is no such issue."))
    asked = await queries.question(issue_id)
    return show(
        request, "desk/issue.html", status=status, form=form, names=await _names(device), labels=_labels(),
        line=_issue(face, now.astimezone(ZoneInfo(team.zone)).date()), asks=face.turn is Turn.TELL_FLOOR,
        put=put or (asked.put() if asked is not None and not asked.one else None),
        one=put is None and asked is not None and asked.one,
    )  # fmt: skip


def _labels() -> dict[str, str]:
    return {"person": _("Who are you?"), "pin": _("PIN"), "verdict_because": _("What is still missing?"),
            "answer": _("Your answer")}


router = Router(
    path="/",
    route_handlers=[
        screen, desk_page, new_note_page, add_note, me_too, similar_page, take_back, issue_page, give_verdict,
        read_question, give_answer, *huddle.handlers,
    ],
)
