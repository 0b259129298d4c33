"""The Inbox: which mails wait for a person, what became of the others, and which letters could not be delivered."""

# pyright: reportUnnecessaryComparison=false
# (Piccolo types a nullable column as if it always held a value.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from floorday.bookings import queries as bookings
from floorday.config import settings
from floorday.errors import Forbidden
from floorday.inbox import actions, queries
from floorday.mail import inbound, outbox
from floorday.people import queries as people
from floorday.people.access import Act, Actor, can
from floorday.render.sheets import Sheet, link, moment, number, text
from floorday.render.tokens import link as address
from floorday.render.tokens import mask_tokens
from floorday.render.words import gettext as _
from floorday.web import redirect, sheets, show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

LAST_PAGE = 100_000


@get("/")
async def inbox_page(
    request: Asked, actor: NamedDependency[Actor], view: FromQuery[str] = "waiting", page: FromQuery[int] = 0
) -> Shown:
    """List the mails that wait, or all."""
    _only_coordinators(actor)
    if form := sheets.asked(request):
        every = queries.every(waits=view != "all")
        return await sheets.download(form, _mails(_("Inbox")), every)
    page = min(max(page, 0), LAST_PAGE)
    rows = await (queries.everything(page=page) if view == "all" else queries.waiting(page=page))
    return show(
        request,
        "inbox/list.html",
        rows=[(row, outcome_words(row.outcome)) for row in rows],
        view=view,
        tabs=await _tabs(view),
        before=f"/inbox?view={view}&page={page - 1}" if page and view == "all" else "",
        after=f"/inbox?view={view}&page={page + 1}" if len(rows) == queries.PAGE else "",
    )


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


async def _tabs(current: str) -> list[dict[str, Any]]:
    failed = len(await outbox.troubled())
    waits = await queries.count_waiting()
    return [
        {"label": _("Waits for you"), "href": "/inbox", "current": current == "waiting", "count": waits},
        {"label": _("All mails"), "href": "/inbox?view=all", "current": current == "all"},
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
    _only_coordinators(actor)
    mail = await inbound.found(mail_id)
    incoming = await actions.read(mail)
    booking = None
    if mail.about is not None:
        booking = await bookings.booking(mail.about)
    decider = await people.person(mail.decided_by) if mail.decided_by else None
    return show(
        request,
        "inbox/mail.html",
        mail=mail,
        words=mask_tokens(incoming.text),
        to=mask_tokens(mail.envelope_to),
        outcome=outcome_words(mail.outcome),
        booking=booking,
        decider=decider,
        waits=mail.outcome in queries.WAITS and mail.decided_at is None,
        proposal=await bookings.proposal_of_mail(mail_id) if mail.decided_at is None else None,
    )


@post("/{mail_id:uuid}/dismissal")
async def dismiss(actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Say that a mail needs nothing more."""
    await actions.dismiss(actor, mail_id, now=now)
    return redirect("/inbox", say=_("Put aside. The mail is kept under All mails."))


@post("/{mail_id:uuid}/acceptance")
async def accept(actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Move the day to the proposed time."""
    booking = await actions.accept_proposal(actor, mail_id, now=now)
    return redirect(f"/bookings/{booking}", say=_("Moved to the proposed time."), undo=f"/bookings/{booking}/undo")


@post("/{mail_id:uuid}/refusal")
async def refuse(actor: NamedDependency[Actor], mail_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Leave the day where it is."""
    booking = await actions.refuse_proposal(actor, mail_id, now=now)
    return redirect(f"/bookings/{booking}", say=_("The day stays as it is; their calendar is told."))


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
    }.get(outcome, outcome)


def _only_coordinators(actor: Actor) -> None:
    if not can(actor, Act.SEE_INBOX):
        raise Forbidden(_("This is for a coordinator."))


router = Router(
    path="/inbox",
    route_handlers=[inbox_page, mail_page, dismiss, accept, refuse, letters_page, send_again],
)
