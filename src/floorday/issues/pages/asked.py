"""The page behind a letter that asks who raised an issue one thing, and the answer of somebody without a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.errors import BadInput, Refused
from floorday.issues import actions
from floorday.issues.pages.issue.parting import AnswerFields
from floorday.issues.pages.letters import CodeFields, show_followed, show_refused, typed_again
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, read_form, redirect, show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


@get("/question/{token:str}", opt={LETTER_PAGE: True})
async def question_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show the question; nothing is answered by opening it."""
    return await _show(request, token, now=now)


@post("/question/{token:str}", opt={LETTER_PAGE: True})
async def give_answer(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the answer, because somebody pressed a button."""
    await actions.question_page(token, now=now)
    try:
        wanted = await read_form(request, AnswerFields)
        await actions.answer_by_token(token, wanted.answer, now=now)
    except (BadInput, Refused) as wrong:
        form, refused = await typed_again(request, wrong)
        return await _show(request, token, now=now, status=wrong.status, form=form, refused=refused)
    return redirect(f"/question/{token}", say=_("Thank you. Your answer goes to whoever asked."))


async def _show(
    request: Asked, token: str, *, now: datetime, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    row, put, reader = await actions.question_page(token, now=now)
    return show(
        request, "issues/question.html", status=status, token=token, form=form or Form(), refused=refused,
        title=row.title, ref=refs.ref(row.number), question=put.text, reader=reader, asks=put.mine,
        standing=_("You have answered it. Thank you.") if put.answered else _("No answer is waited for here any more."),
    )  # fmt: skip


@post("/follow/answer", opt={LETTER_PAGE: True})
async def follow_answer(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Take the answer of somebody without a name."""
    code = (await read_form(request, CodeFields)).code
    try:
        wanted = await read_form(request, AnswerFields)
        found = await actions.answer_by_code(code, wanted.answer, now=now)
    except (BadInput, Refused) as wrong:
        return await show_refused(request, code, wrong, now=now)
    return show_followed(request, code, found, said=_("Thank you. Whoever asked reads it as anonymous."))


handlers = [question_page, give_answer, follow_answer]
