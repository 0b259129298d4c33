"""The page behind a letter's *Give a word*: what those who raised an issue hear, written without signing in.

Opening it changes nothing, because mail scanners open links; only its pressed button acts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Prose
from floorday.errors import BadInput, NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.pages import words
from floorday.issues.queries import Face
from floorday.issues.rules import Turn
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class GivenFields(Struct, frozen=True):
    """A word: that there is no news yet, and why; or the news."""

    text: Prose
    news: Literal["none", "some"] = "none"


@get("/word/{token:str}", opt={LETTER_PAGE: True})
async def word_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show what waits for a word, and the form."""
    return await _show(request, await _held(token, now=now), token)


@post("/word/{token:str}", opt={LETTER_PAGE: True})
async def give_word(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Tell those who raised it, because somebody pressed the button."""
    face = await _held(token, now=now)
    try:
        given = await read_form(request, GivenFields)
        await actions.word_by_token(token, given.text, news=given.news == "some", now=now)
    except (BadInput, Refused) as wrong:
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = wrong.fields if isinstance(wrong, BadInput) else {}
        errors = {name: sentence for name, sentence in fields.items() if name != WHOLE}
        refused = "" if errors else wrong.sentence
        return await _show(request, face, token, status=wrong.status, form=Form(values, errors), refused=refused)
    return redirect(f"/word/{token}", say=_("Told to everybody who raised it. Thank you."))


async def _held(token: str, *, now: datetime) -> Face:
    face = await queries.word_pass(token, now)
    if face is None:
        raise NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))
    return face


async def _show(
    request: Asked, face: Face, token: str, *, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    last = await queries.last_word(face.id)
    return show(
        request, "issues/word.html", status=status, token=token, form=form or Form({"news": "none"}), refused=refused,
        title=face.title, ref=refs.ref(face.number), reader=face.person, asks=face.turn is not Turn.CLOSED,
        promised=when.day(face.promised_for) if face.promised_for else "",
        last=None if last is None else {
            "who": last.by_name or words.unnamed(last.what), "text": words.happened(last.what, last.says),
            "body": last.text, "when": when.day(last.at, face.zone),
        },
    )  # fmt: skip


handlers = (word_page, give_word)
