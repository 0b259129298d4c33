"""The Inbox: which mails wait for a person, what became of the others, and which letters could not be delivered."""

# pyright: reportUnnecessaryComparison=false
# (Piccolo types a nullable column as if it always held a value.)

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import Partstat
from floorday.config import settings
from floorday.db.text import MailAddress, Prose
from floorday.errors import BadInput, Forbidden, Refused
from floorday.inbox import actions, queries, rules
from floorday.inbox.rules import Name
from floorday.mail import inbound, outbox
from floorday.mail.tables import InboundMail
from floorday.people import queries as people
from floorday.people.access import Act, Actor, can
from floorday.render.sheets import Sheet, link, moment, number, text
from floorday.render.tokens import link as address
from floorday.render.tokens import mask_tokens
from floorday.render.words import gettext as _
from floorday.web import Form, again, blank, read_form, redirect, sheets, show
from floorday.web.errors import wants_json

Asked = Request[Any, Any, Any]
Shown = Response[Any]

LAST_PAGE = 100_000


class AnswerFields(Struct, frozen=True):
    """The answer that stands in a mail."""

    answer: Partstat


class AddressFields(Struct, frozen=True):
    """An address that stands in a mail."""

    address: MailAddress


class TimeFields(Struct, frozen=True):
    """A time that somebody proposes in words, by the floor's clock."""

    starts: datetime
    ends: datetime
    comment: Prose = Prose("")


class WordsFields(Struct, frozen=True):
    """A word to the manager."""

    words: Prose = Prose("")


@get("/")
async def inbox_page(
    request: Asked, actor: NamedDependency[Actor], view: FromQuery[str] = "waiting", page: FromQuery[int] = 0,
    outcome: FromQuery[str] = "",
) -> Shown:  # fmt: skip
    """List the mails that wait, or all, or those of which one thing became."""
    _only_coordinators(actor)
    outcome = outcome if view == "all" and outcome in get_args(Name) else ""
    if form := sheets.asked(request):
        every = queries.every(waits=view != "all", outcome=outcome)
        return await sheets.download(form, _mails(_("Inbox")), every)
    page = min(max(page, 0), LAST_PAGE)
    rows = await (queries.everything(page=page, outcome=outcome) if view == "all" else queries.waiting(page=page))
    counts = await queries.counts()
    here = f"/inbox?view={view}" + (f"&outcome={outcome}" if outcome else "")
    return show(
        request, "inbox/list.html", rows=[(row, outcome_words(row.outcome), decision_words(row)) for row in rows],
        view=view, tabs=await _tabs(view, counts), kinds=_kinds(counts, outcome) if view == "all" else [],
        before=f"{here}&page={page - 1}" if page and view == "all" else "",
        after=f"{here}&page={page + 1}" if len(rows) == queries.PAGE else "", outcome=outcome,
    )  # fmt: skip


def _kinds(counts: queries.Counts, chosen: str) -> list[dict[str, Any]]:
    """Give the outcomes there are, with how many mails each has."""
    every = {"label": _("All"), "href": "/inbox?view=all", "current": not chosen, "count": counts.all}
    return [every] + [
        {"label": outcome_words(one), "href": f"/inbox?view=all&outcome={one}", "current": one == chosen, "count": many}
        for one, many in counts.by_outcome.items() if one
    ]


def _mails(name: str) -> Sheet[queries.Row]:
    """Give the columns of the mails; a token in an address opens something and stays out of every file."""
    return Sheet(name=name, zone=settings().zone, columns=(
        moment(_("Received"), lambda row: row.received_at), text(_("From"), lambda row: mask_tokens(row.sender)),
        text(_("Subject"), lambda row: mask_tokens(row.subject)),
        text(_("What became of it"), lambda row: outcome_words(row.outcome)),
        text(_("Why"), lambda row: mask_tokens(row.reason)), moment(_("Decided"), lambda row: row.decided_at),
        link(_("Link"), lambda row: address(f"/inbox/{row.id}")),
    ))  # fmt: skip


def _letters() -> Sheet[outbox.Sent]:
    return Sheet(name=_("Letters not delivered"), zone=settings().zone, columns=(
        moment(_("Written"), lambda row: row.created_at), text(_("To"), lambda row: row.to_name),
        text(_("Address"), lambda row: row.to_address), text(_("Letter"), lambda row: row.name.replace("_", " ")),
        text(_("The mail server's words"), lambda row: mask_tokens(row.server_words)),
        text(_("State"), lambda row: _("not delivered") if row.failed_at else _("still trying")),
        number(_("Tries"), lambda row: row.attempts),
        link(_("Link"), lambda row: address(f"/bookings/{row.about}") if row.about_kind == "booking" else ""),
    ))  # fmt: skip


async def _tabs(current: str, counts: queries.Counts | None = None) -> list[dict[str, Any]]:
    failed = len(await outbox.troubled())
    counts = counts or await queries.counts()
    return [
        {"label": _("Waits for you"), "href": "/inbox", "current": current == "waiting", "count": counts.waits},
        {"label": _("All mails"), "href": "/inbox?view=all", "current": current == "all", "count": counts.all},
        {
            "label": _("Letters not delivered"),
            "href": "/inbox/letters",
            "current": current == "letters",
            "count": failed,
        },
    ]


@get("/{mail_id:uuid}")
async def mail_page(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a mail as text, what became of it and why, and the buttons that fit."""
    return await _show(request, actor, mail_id, now=now)


async def _show(
    request: Asked, actor: Actor, mail_id: UUID, *, now: datetime, form: Form | None = None, status: int = 200,
    wrong: str = "",
) -> Shown:  # fmt: skip
    _only_coordinators(actor)
    mail = await inbound.found(mail_id)
    incoming = await actions.read(mail)
    seen = await queries.seen(mail, incoming, actor, now=now)
    decider = await people.person(mail.decided_by) if mail.decided_by else None
    said, booking = seen.said, seen.booking
    return show(
        request, "inbox/mail.html", status=status, mail=mail, words=mask_tokens(incoming.text), wrong=wrong,
        to=mask_tokens(mail.envelope_to), outcome=outcome_words(mail.outcome), booking=booking, decider=decider,
        waits=mail.outcome in queries.WAITS and mail.decided_at is None, seen=seen,
        choices=rules.choices(seen.case), decision=decision_words(mail), answers=answer_words(),
        proposal=bookings.look(seen.proposal, actor, now=now) if seen.proposal else None,
        form=form or _times(said, booking), left=mail.content is None,
    )  # fmt: skip


def _times(said: rules.Said, booking: BookingRow | None) -> Form:
    """Begin with the time that stands in the mail; else with the day's own."""
    if booking is None:
        return blank()
    starts, ends = said.starts or booking.starts_at, said.ends
    ends = ends or starts + (booking.ends_at - booking.starts_at)
    there = ZoneInfo(booking.zone)
    try:
        local = [at.astimezone(there).replace(tzinfo=None, second=0, microsecond=0) for at in (starts, ends)]
    except OverflowError:
        return blank(comment=said.comment)
    return blank(starts=f"{local[0]:%Y-%m-%dT%H:%M}", ends=f"{local[1]:%Y-%m-%dT%H:%M}", comment=said.comment)


def answer_words() -> dict[str, str]:
    """Say each answer as a button does."""
    return {"accepted": _("Take it as yes"), "tentative": _("Take it as maybe"), "declined": _("Take it as no")}


@post("/{mail_id:uuid}/answer")
async def take_answer(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the answer that stands in a mail, on behalf of the manager."""

    async def act() -> str:
        wanted = await read_form(request, AnswerFields)
        mail = await actions.read(await inbound.found(mail_id))
        comment = rules.said(mail).comment
        await actions.take_answer(actor, mail_id, wanted.answer, comment=comment, now=now)
        return _("Taken, on the manager's behalf. The history of the day names this mail.")

    return await _done(request, actor, mail_id, act, now=now, undo=True)


@post("/{mail_id:uuid}/alias")
async def take_alias(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Register an address as the manager's own, and judge the mail again."""

    async def act() -> str:
        wanted = await read_form(request, AddressFields)
        outcome = await actions.take_alias(actor, mail_id, wanted.address, now=now)
        return _("The address is registered. Of this mail: %(reason)s", reason=outcome.reason)

    return await _done(request, actor, mail_id, act, now=now)


@post("/{mail_id:uuid}/assistant")
async def take_assistant(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Let somebody answer for the manager, and judge the mail again."""

    async def act() -> str:
        wanted = await read_form(request, AddressFields)
        outcome = await actions.take_assistant(actor, mail_id, wanted.address, now=now)
        return _("They answer for the manager now. Of this mail: %(reason)s", reason=outcome.reason)

    return await _done(request, actor, mail_id, act, now=now)


@post("/{mail_id:uuid}/proposal")
async def pass_on(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make the time that somebody wrote a proposal like any other."""

    async def act() -> str:
        wanted = await read_form(request, TimeFields)
        await actions.pass_on(
            actor, mail_id, starts=wanted.starts, ends=wanted.ends, comment=wanted.comment, now=now)
        return _("Passed on. The team's lead finds it on the rota and on the day.")

    return await _done(request, actor, mail_id, act, now=now, undo=True)


@post("/{mail_id:uuid}/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Let a mail wait again, and take back what it had led to."""

    async def act() -> str:
        await actions.undo(actor, mail_id, now=now)
        return _("Taken up again.")

    return await _done(request, actor, mail_id, act, now=now)


async def _done(
    request: Asked, actor: Actor, mail_id: UUID, act: Callable[[], Awaitable[str]], *, now: datetime,
    undo: bool = False,
) -> Shown:  # fmt: skip
    """Act, then go back to the mail with a word; where that is refused, show the mail with the reason."""
    try:
        said = await act()
    except (BadInput, Refused) as refused:
        if wants_json(request):
            raise
        form = again(refused) if isinstance(refused, BadInput) and "starts" in refused.values else None
        return await _show(
            request, actor, mail_id, now=now, status=refused.status, form=form, wrong="" if form else refused.sentence)
    return redirect(f"/inbox/{mail_id}", say=said, undo=f"/inbox/{mail_id}/undo" if undo else None)


@post("/{mail_id:uuid}/dismissal")
async def dismiss(actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Say that a mail needs nothing more."""
    await actions.dismiss(actor, mail_id, now=now)
    return redirect("/inbox", undo=f"/inbox/{mail_id}/undo", say=_("Put aside. The mail is kept under All mails."))


@post("/{mail_id:uuid}/acceptance")
async def accept(actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Move the day to the proposed time."""
    booking = await actions.accept_proposal(actor, mail_id, now=now)
    return redirect(f"/bookings/{booking}", say=_("Moved to the proposed time."), undo=f"/bookings/{booking}/undo")


@post("/{mail_id:uuid}/refusal")
async def refuse(
    request: Asked, actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Leave the day where it is, and tell the manager's calendar."""
    wanted = await read_form(request, WordsFields)
    booking = await actions.refuse_proposal(actor, mail_id, words=wanted.words, now=now)
    said = _("The day stays as it is; their calendar is told.")
    return redirect(f"/bookings/{booking}", say=said, undo=f"/bookings/{booking}/undo")


@get("/letters")
async def letters_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the letters that could not be delivered, with the mail server's words."""
    _only_coordinators(actor)
    if form := sheets.asked(request):
        return await sheets.download(form, _letters(), outbox.every_troubled())
    return show(request, "inbox/letters.html", rows=await outbox.troubled(), tabs=await _tabs("letters"))


@post("/letters/{letter_id:uuid}/again")
async def send_again(actor: NamedDependency[Actor], letter_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Try a letter once more."""
    await actions.send_again(actor, letter_id, now=now)
    return redirect("/inbox/letters", say=_("The letter is tried again now."))


def outcome_words(outcome: str) -> str:
    """Say what became of a mail."""
    return {
        "": _("Not read yet"),
        "update-partstat": _("Answer taken"),
        "counter-proposal": _("Another time proposed"),
        "delegation-needs-human": _("Wants to send somebody else"),
        "refresh-resend": _("Invitation sent again"),
        "needs-human": _("Needs a person"),
        "malformed-rejected": _("Cannot be read"),
        "rejected-unknown-uid": _("About no booking of ours"),
        "rejected-unknown-attendee": _("From an address that is not invited"),
        "rejected-unauthenticated": _("Sender's address is forged"),
        "rejected-sender-mismatch": _("Sent by somebody else"),
        "rejected-wrong-method": _("Not an answer"),
        "ignored-stale": _("To an older invitation"),
        "ignored-duplicate": _("Came twice"),
        "ignored-auto-reply": _("Automatic reply"),
        "ignored-cancelled": _("Day no longer open"),
        "ignored-no-answer": _("Holds no answer"),
        "ignored-own-message": _("A letter of ours that came back"),
        "bounce-recorded": _("Could not be delivered"),
        "note-opened": _("A note was opened"),
        "story-drafted": _("Praise was kept, to be told as a story"),
        "vendor-word": _("A vendor's word was kept"),
        "word-kept": _("A reply was kept with its issue"),
    }.get(outcome, outcome)


def decision_words(row: queries.Row | InboundMail) -> str:
    """Say what a person decided about a mail; nothing while nobody has."""
    if row.decided_at is None:
        return ""
    return {
        "put aside": _("Put aside"), "answered": _("Taken as an answer"), "accepted": _("The day was moved"),
        "refused": _("The day was kept"), "replaced": _("A newer proposal took its place"),
        "alias": _("The address was registered"), "assistant": _("The assistant was registered"),
        "proposed": _("Passed on as a proposal"),
    }.get(row.decision, _("Settled"))  # fmt: skip


def _only_coordinators(actor: Actor) -> None:
    if not can(actor, Act.SEE_INBOX):
        raise Forbidden(_("This is for a coordinator."))


router = Router(
    path="/inbox",
    route_handlers=[
        inbox_page, mail_page, take_answer, take_alias, take_assistant, pass_on, undo, dismiss, accept, refuse,
        letters_page, send_again,
    ],
)
