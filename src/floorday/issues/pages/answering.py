"""The pages without an account: where a vendor answers, and where an owner says yes or no to what a vendor said.

Opening one changes nothing, because mail scanners open links; only its pressed buttons act.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import Prose
from floorday.errors import BadInput, NotFound, Refused
from floorday.issues import queries, rules
from floorday.issues.actions import vendors
from floorday.issues.actions.steps import today as the_day
from floorday.issues.actions.vendors import Asked as Words
from floorday.issues.actions.vendors import Said
from floorday.issues.pages import beside
from floorday.issues.queries import HandOverRow, WordRow
from floorday.issues.references import Address, Reference
from floorday.issues.rules import Resolution, Turn
from floorday.issues.vendors import Fate, Says
from floorday.people import queries as people
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import speaking
from floorday.web import LETTER_PAGE, blank, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class AnswerFields(Struct, frozen=True):
    """What a vendor says; which of the words counts, `says` tells."""

    says: Says
    for_date: date | None = None
    with_date: Words = Words("")
    word: Words = Words("")
    done: Words = Words("")
    because: Words = Words("")
    reference: Reference = Reference("")
    url: Address = Address("")


class WordFields(Struct, frozen=True):
    """What becomes of a vendor's word."""

    goes_on: Literal["yes", "no"]
    said: Prose = Prose("")
    how: Resolution = Resolution.EVERYBODY


def _gone() -> NotFound:
    return NotFound(_("This link is no longer valid. The matter was taken back, or a newer letter has another link."))


@get("/vendor/{token:str}", opt={LETTER_PAGE: True})
async def vendor_answer_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show a vendor what was asked of them, and what they can say."""
    return await _show(request, token, now=now)


@post("/vendor/{token:str}", opt={LETTER_PAGE: True})
async def vendor_answer(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take what a vendor says, because somebody pressed a button."""
    held = await _held(token, now=now)
    with speaking(held.language):
        try:
            wanted = await read_form(request, AnswerFields)
            text = {Says.DATE: wanted.with_date, Says.WORD: wanted.word, Says.FIXED: wanted.done,
                    Says.CANNOT: wanted.because}.get(wanted.says, "")  # fmt: skip
            said = Said(says=wanted.says, text=text, for_date=wanted.for_date, reference=wanted.reference,
                        url=wanted.url)  # fmt: skip
            await vendors.say_by_token(token, said, now=now)
        except (BadInput, Refused) as wrong:
            return await _show_again(request, token, wrong, now=now)
        return redirect(f"/vendor/{token}", say=_thanks(wanted.says, held))


def _thanks(says: Says, held: HandOverRow) -> str:
    if says is Says.ACKNOWLEDGED:
        return _("Thank you. %(owner)s sees that you have it.", owner=held.owner_name or settings().company)
    return _("Thank you. It is with %(owner)s now.", owner=held.owner_name or settings().company)


async def _show_again(request: Asked, token: str, wrong: BadInput | Refused, *, now: datetime) -> Shown:
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    errors = {name: sentence for name, sentence in fields.items() if name != WHOLE}
    refused = "" if errors else wrong.sentence
    return await _show(request, token, now=now, status=wrong.status, form=Form(values, errors), refused=refused)


async def _held(token: str, *, now: datetime) -> HandOverRow:
    held = await queries.vendor_link(token, now=now)
    if held is None:
        raise _gone()
    return held


async def _show(
    request: Asked, token: str, *, now: datetime, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    held = await _held(token, now=now)
    said = await queries.said_by_vendor(held.id)
    typed = form or blank()
    with speaking(held.language):
        return show(
            request, "vendors/answer.html", status=status, token=token, form=typed, refused=refused, held=held,
            title=held.title, ref=refs.ref(held.number), kind=rules.say_kind(held.kind), company=settings().company,
            asker=held.owner_name or settings().company, closed=held.turn is Turn.CLOSED,
            today=the_day(now).isoformat(),
            said=[_own(word, held) for word in reversed(said)], open=str(typed.value("says")),
        )  # fmt: skip


def _own(word: WordRow, held: HandOverRow) -> dict[str, str]:
    return {"what": beside.what(word, own=True), "text": word.text, "when": when.moment(word.at, held.zone)}


# --- the owner's yes ---------------------------------------------------------------------------------------------


@get("/vendor-word/{token:str}", opt={LETTER_PAGE: True})
async def vendor_word_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show the owner what the vendor said."""
    return await _show_word(request, token, now=now)


@post("/vendor-word/{token:str}", opt={LETTER_PAGE: True})
async def settle_vendor_word(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the owner's yes or no, because somebody pressed a button."""
    await _word(token, now=now)
    try:
        wanted = await read_form(request, WordFields)
        text = wanted.said if "said" in await request.form() else None
        await vendors.settle_by_token(
            token, yes=wanted.goes_on == "yes", text=text, how=wanted.how, now=now)
    except (BadInput, Refused) as wrong:
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = wrong.fields if isinstance(wrong, BadInput) else {}
        form = Form(values, {name: sentence for name, sentence in fields.items() if name != WHOLE})
        return await _show_word(request, token, now=now, status=wrong.status, form=form, refused=wrong.sentence)
    said = _("Passed on. Everybody who raised it is told.")
    return redirect(f"/vendor-word/{token}",
                    say=said if wanted.goes_on == "yes" else _("Put aside. Nobody else hears it."))  # fmt: skip


async def _word(token: str, *, now: datetime) -> tuple[WordRow, str]:
    found = await queries.vendor_word_link(token, now=now)
    reader = await people.reader(found[0].person) if found else None
    if found is None or reader is None:
        raise _gone()
    return found[1], reader.name


async def _show_word(
    request: Asked, token: str, *, now: datetime, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    word, reader = await _word(token, now=now)
    row = await queries.issue(None, word.issue)
    return show(
        request, "vendors/word.html", status=status, token=token, refused=refused, reader=reader, title=row.title,
        ref=refs.ref(row.number), word=beside.asked(word, typed=form), waits=word.fate is Fate.WAITS,
        standing=beside.fate(word.fate),
    )  # fmt: skip


handlers = [vendor_answer_page, vendor_answer, vendor_word_page, settle_vendor_word]
