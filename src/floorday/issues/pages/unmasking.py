"""The page behind the thanks for a note: what was masked in it, and a way to say that it was none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line
from floorday.errors import BadInput, Refused
from floorday.issues import masks
from floorday.issues.actions import unmasking
from floorday.issues.pages.letters import typed_again
from floorday.issues.places import Place
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, read_form, redirect, show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class NoneFields(Struct, frozen=True):
    """What stood at a place, in a note that its writer has read (`seen`)."""

    place: int
    words: Line
    seen: str


@get("/unmask/{token:str}", opt={LETTER_PAGE: True})
async def masked_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show what was masked; nothing is put back by opening it."""
    return await _show(request, token, now=now)


@post("/unmask/{token:str}", opt={LETTER_PAGE: True})
async def say_none(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Put back what was none, because its writer has said it again and pressed the button."""
    await unmasking.masked_in(token, now=now)
    try:
        wanted = await read_form(request, NoneFields)
        await unmasking.say_none(token, wanted.place, wanted.words, seen=wanted.seen, now=now)
    except (BadInput, Refused) as wrong:
        form, refused = await typed_again(request, wrong)
        return await _show(request, token, now=now, status=wrong.status, form=form, refused=refused)
    return redirect(f"/unmask/{token}", say=_("It is put back, and stands in the note as you said it."))


async def _show(
    request: Asked, token: str, *, now: datetime, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    found = await unmasking.masked_in(token, now=now)
    typed = form or Form()
    return show(
        request, "issues/unmask.html", status=status, token=token, refused=refused, reader=found.reader,
        title=found.issue.title, ref=refs.ref(found.issue.number), seen=found.seen, text=found.note.text,
        places=[{"number": number, "what": masks.say(one.what), "where": _where(one), "before": one.before,
                 "after": one.after, "form": typed if typed.value("place") == str(number) else Form()}
                for number, one in enumerate(found.places)],
    )  # fmt: skip


def _where(one: Place) -> str:
    return {
        "text": _("In what was said"), "title": _("In the title"), "idea": _("In the idea"),
        "fixed_like": _("In what fixed would look like"),
    }[one.field]  # fmt: skip


handlers = [masked_page, say_none]
