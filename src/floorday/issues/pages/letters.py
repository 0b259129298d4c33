"""The pages that a letter's link or a follow-up code opens: a verdict in two taps, a decision, an anonymous note.

Opening one changes nothing, because mail scanners open links; only its pressed buttons act. A wrong link and one
that is no longer anybody's look the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.errors import BadInput, NotFound, Refused
from floorday.issues import actions, queries, rules
from floorday.issues.pages import words
from floorday.issues.pages.issue.forms import AgainFields, DecisionFields, VerdictFields
from floorday.issues.queries import Face, FollowUp, Heard
from floorday.issues.rules import ANSWERABLE, Resolution, Stage, Turn, Verdict
from floorday.people import queries as people
from floorday.people.access import Door
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class CodeFields(Struct, frozen=True):
    """The code that was shown once."""

    code: str


class WordFields(Struct, frozen=True):
    """A word from somebody without a name."""

    text: actions.Said


def _gone() -> NotFound:
    return NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))


async def typed_again(request: Asked, wrong: BadInput | Refused) -> tuple[Form, str]:
    """Keep what was typed, with each field's sentence, or the one about the whole."""
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    errors = {name: sentence for name, sentence in fields.items() if name != WHOLE}
    return Form(values, errors), "" if errors else wrong.sentence


# --- verdict ---------------------------------------------------------------------------------------------------


@get("/verdict/{token:str}", opt={LETTER_PAGE: True})
async def verdict_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show what was done, and the three answers."""
    return await _show_verdict(request, token, now=now)


@post("/verdict/{token:str}", opt={LETTER_PAGE: True})
async def give_verdict(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the verdict, because somebody pressed a button."""
    await _held_verdict(token, now=now)
    try:
        wanted = await read_form(request, VerdictFields)
        await actions.verdict_by_token(token, wanted.says, wanted.verdict_because, now=now)
    except (BadInput, Refused) as wrong:
        form, refused = await typed_again(request, wrong)
        return await _show_verdict(request, token, now=now, status=wrong.status, form=form, refused=refused)
    return redirect(f"/verdict/{token}", say=words.thanks(wanted.says))


@post("/verdict/{token:str}/again", opt={LETTER_PAGE: True})
async def come_back(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Open a closed issue again, in the words of somebody who raised it."""
    face = await _held_verdict(token, now=now)
    holder = await people.actor(face.person_id, door=Door.LETTER)
    if holder is None:
        raise _gone()
    try:
        wanted = await read_form(request, AgainFields)
        await actions.again(holder, face.id, wanted.again, now=now)
    except (BadInput, Refused) as wrong:
        form, refused = await typed_again(request, wrong)
        return await _show_verdict(request, token, now=now, status=wrong.status, form=form, refused=refused)
    return redirect(f"/verdict/{token}", say=_("Thank you. It is open again."))


async def _held_verdict(token: str, *, now: datetime) -> Face:
    face = await queries.verdict_pass(token, now)
    if face is None:
        raise _gone()
    return face


async def _show_verdict(
    request: Asked, token: str, *, now: datetime, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    face = await _held_verdict(token, now=now)
    stage = Stage.of(face.turn, face.ending)
    here = face.resolution == Resolution.HERE and stage is Stage.CONFIRMED  # which is asked again after a month
    return show(
        request, "issues/verdict.html", status=status, token=token, form=form or Form(), refused=refused,
        title=face.title, ref=refs.ref(face.number), done=face.done, reader=face.person,
        done_title=words.resolution(Resolution(face.resolution)) if face.resolution else _("Why it is declined"),
        asks=stage in ANSWERABLE and not (stage is Stage.CONFIRMED and not here), standing=_standing(stage),
        returns=stage in {Stage.CONFIRMED, Stage.CANNOT, Stage.DECLINED} and not here,
    )  # fmt: skip


def _standing(stage: Stage) -> str:
    match stage:
        case Stage.CONFIRMED:
            return _("It is confirmed as fixed. Thank you.")
        case Stage.NEEDS_OWNER | Stage.BEING_FIXED | Stage.NEEDS_DECISION:
            return _("It is open again, and those who fix it have read why. Thank you.")
        case _:
            return _("It is closed: %(how)s.", how=rules.say(stage).lower())


# --- decision --------------------------------------------------------------------------------------------------


@get("/decision/{token:str}", opt={LETTER_PAGE: True})
async def decision_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show the question."""
    return await _show_decision(request, token, now=now)


@post("/decision/{token:str}", opt={LETTER_PAGE: True})
async def decide(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the decision, because somebody pressed a button."""
    await _held_decision(token, now=now)
    try:
        wanted = await read_form(request, DecisionFields)
        yes = wanted.decision == "yes"
        await actions.decide_by_token(token, yes=yes, because=wanted.decision_because, now=now)
    except (BadInput, Refused) as wrong:
        form, refused = await typed_again(request, wrong)
        return await _show_decision(request, token, now=now, status=wrong.status, form=form, refused=refused)
    return redirect(f"/decision/{token}", say=_("Decided. The owner and everybody who raised it are told."))


async def _held_decision(token: str, *, now: datetime) -> Face:
    face = await queries.decision_pass(token, now)
    if face is None:
        raise _gone()
    return face


async def _show_decision(
    request: Asked, token: str, *, now: datetime, status: int = 200, form: Form | None = None, refused: str = ""
) -> Shown:
    face = await _held_decision(token, now=now)
    return show(
        request, "issues/decision.html", status=status, token=token, form=form or Form(), refused=refused,
        title=face.title, ref=refs.ref(face.number), reader=face.person, question=face.question,
        asks=face.turn is Turn.NEEDS_DECISION, standing=_("No decision is waited for here any more."),
    )  # fmt: skip


# --- the follow-up code of an anonymous note -------------------------------------------------------------------


@get("/follow", opt={LETTER_PAGE: True})
async def follow_page(request: Asked) -> Shown:
    """Ask for the code."""
    return show(request, "issues/follow.html", found=None, form=Form())


@post("/follow", opt={LETTER_PAGE: True})
async def follow(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Show what became of the note; the code stands in no address."""
    try:
        code = (await read_form(request, CodeFields)).code
        found = await actions.follow_up(code, now=now)
    except (BadInput, NotFound) as wrong:
        form, refused = Form({}, {}), wrong.sentence
        if isinstance(wrong, BadInput):
            refused = _("Type the code that was shown when you saved the note.")
        typed = {"code": str((await request.form()).get("code", ""))}
        form = Form(typed, {"code": refused})
        return show(request, "issues/follow.html", status=wrong.status, found=None, form=form)
    return show_followed(request, code, found)


@post("/follow/verdict", opt={LETTER_PAGE: True})
async def follow_verdict(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Take the verdict of somebody without a name."""
    code = (await read_form(request, CodeFields)).code
    try:
        wanted = await read_form(request, VerdictFields)
        found = await actions.verdict_by_code(code, wanted.says, wanted.verdict_because, now=now)
    except (BadInput, Refused) as wrong:
        return await show_refused(request, code, wrong, now=now)
    return show_followed(request, code, found, said=words.thanks(wanted.says))


@post("/follow/word", opt={LETTER_PAGE: True})
async def follow_word(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Take a word of somebody without a name."""
    code = (await read_form(request, CodeFields)).code
    try:
        wanted = await read_form(request, WordFields)
        found = await actions.word_by_code(code, wanted.text, now=now)
    except (BadInput, Refused) as wrong:
        return await show_refused(request, code, wrong, now=now)
    return show_followed(request, code, found, said=_("Thank you. Those who fix it read it as anonymous."))


async def show_refused(request: Asked, code: str, wrong: BadInput | Refused, *, now: datetime) -> Shown:
    """Show an anonymous note again with why something was refused, and what was typed."""
    form, refused = await typed_again(request, wrong)
    found = await actions.follow_up(code, now=now)
    return show_followed(request, code, found, status=wrong.status, form=form, refused=refused)


def show_followed(
    request: Asked, code: str, found: FollowUp, *, status: int = 200, form: Form | None = None, refused: str = "",
    said: str = "",
) -> Shown:  # fmt: skip
    """Show an anonymous reporter what became of the note."""
    zone = settings().zone
    standing = rules.say(Stage.of(found.turn, found.ending)) if found.turn else _("Kept as good news")
    facts = [(_("Where it stands"), standing)]
    if found.promised_for is not None:
        facts.append((_("Promised for"), when.day(found.promised_for)))
    return show(
        request, "issues/follow.html", status=status, found=found, code=code, form=form or Form(), refused=refused,
        said=said, title=found.title or _("Good news"), ref=refs.ref(found.number) if found.number else "",
        done=found.done, facts=facts, zone=zone, asks=found.asks_verdict, open=found.number is not None,
        put=found.put, put_on=when.day(found.put.at, zone) if found.put else "",
        done_title=words.resolution(Resolution(found.resolution)) if found.resolution else _("Why it is declined"),
        lines=[(when.day(found.at, zone), _("You wrote"), found.text),
               *((when.day(line.at, zone), _heard(line), line.text) for line in found.words)],
    )  # fmt: skip


def _heard(line: Heard) -> str:
    """Say what was told, without naming anybody, and what was said with the code."""
    if line.what == "verdict":
        return _("You say: %(what)s", what=words.verdict(Verdict(line.says)).lower())
    said = {
        "acknowledged": _("Somebody has it now"), "promised": _("A date was promised"), "updated": _("An update"),
        "decided": _("Decided: yes") if line.says == "yes" else _("Decided: no"),
        "resolved": _("What was done") if line.says != Resolution.CANNOT.value else _("It cannot be fixed"),
        "declined": _("It is declined"), "reopened": _("It is open again"), "returned": _("It came back"),
        "joined": _("It goes on as part of another issue"), "split": _("It is followed by itself again"),
        "taken out": _("Your note has an issue of its own"),
        "word": _("Your word"), "answered": _("Your answer"),
    }.get(line.what, line.what)  # fmt: skip
    return _("%(what)s: %(day)s", what=said, day=when.day(line.for_date)) if line.for_date else said


handlers = [
    verdict_page, give_verdict, come_back, decision_page, decide, follow_page, follow, follow_verdict, follow_word,
]  # fmt: skip
