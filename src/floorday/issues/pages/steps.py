"""Which step comes next, and whose it is. Pure: no reads, no page."""

from __future__ import annotations

from datetime import date, datetime

from floorday.config import settings
from floorday.issues import clocks, rules
from floorday.issues.queries import IssueRow, Opened
from floorday.issues.rules import Kind, Stage, Turn, Verb, Verdict
from floorday.people.access import Act, Actor, Role, can
from floorday.render.words import gettext as _

_VERBS = (
    ("verdict", Verb.NOT_FIXED, Act.VERDICT), ("decision", Verb.DECIDE, Act.DECIDE),
    ("owner", Verb.HAND, Act.ASSIGN), ("promise", Verb.PROMISE, Act.PROMISE),
    ("resolution", Verb.RESOLVE, Act.RESOLVE), ("update", Verb.UPDATE, Act.UPDATE),
    ("question", Verb.ASK, Act.ASK), ("sponsor", Verb.SPONSOR, Act.ASSIGN), ("note", Verb.NOTE, Act.RAISE),
    ("return", Verb.RETURN, Act.RAISE), ("join", Verb.JOIN, Act.JOIN), ("snooze", Verb.SNOOZE, Act.SNOOZE),
    ("decline", Verb.DECLINE, Act.DECLINE),
)  # fmt: skip


def possible(found: Opened, actor: Actor) -> list[str]:
    """List the steps that fit the issue now and are this reader's to take, the most telling first."""
    row = found.issue
    fits = rules.possible(row.facts(cannots=found.cannots))
    steps = [name for name, verb, act in _VERBS if verb in fits and row.can(actor, act)]
    if "verdict" in steps and (row.resolved_by == actor.person or found.said is Verdict.FIXED):
        steps.remove("verdict")
    if "question" in steps and row.sponsor is None:
        steps.remove("question")
    if row.snoozed_until is not None:
        steps = ["wake" if name == "snooze" else name for name in steps]
    if row.whole and Verb.SPONSOR in fits and actor.has(Role.MANAGER) and not (row.i_sponsor or row.i_own):
        steps.append("my sponsor")
    if row.turn is not Turn.CLOSED and row.whole and row.can(actor, Act.DECIDE):
        steps.append("call")
    if row.whole and row.can(actor, Act.SAY_COST) and row.stage is not Stage.JOINED:
        steps.append("measure")
    if row.whole and (row.can(actor, Act.ASSIGN) or row.can(actor, Act.JOIN)) and row.stage is not Stage.JOINED:
        steps.append("title")
    if row.whole and row.stage is not Stage.JOINED:
        steps += ["picture"] if row.can(actor, Act.POINT) else []
        steps += ["conflict"] if row.kind is Kind.MEASURE_CONFLICT and can(actor, Act.KEEP_MEASURES) else []
    if row.can(actor, Act.ASSIGN):
        steps.append("restrict")
    return steps + (["suggest"] if _suggests(row, actor) else [])


def _suggests(row: IssueRow, actor: Actor) -> bool:
    """Say whether a lead may say of an issue that it is the same as another one: of an own one, or of a face."""
    if row.turn is Turn.CLOSED or can(actor, Act.SETTLE_SUGGESTIONS):
        return False
    return can(actor, Act.SUGGEST) if not (row.whole and row.team in actor.teams(Role.LEAD)) else True


def next_step(found: Opened, steps: list[str], *, today: date) -> str:
    """Choose the one step that comes first for this reader ("": somebody else's turn)."""
    row = found.issue
    wanted = ""
    match row.turn:
        case _ if row.snoozed_until is not None:
            return ""
        case Turn.TELL_FLOOR if found.said is None:
            wanted = "verdict"
        case Turn.NEEDS_DECISION:
            wanted = "decision"
        case Turn.NEEDS_OWNER:
            wanted = "owner"
        case Turn.BEING_FIXED if row.i_own:
            wanted = "resolution" if row.promised_for is not None and row.promised_for >= today else "promise"
        case _:
            wanted = ""
    if wanted not in steps and not row.whole:
        wanted = "note"
    return wanted if wanted in steps else ""


def asks(row: IssueRow, actor: Actor, *, today: date) -> bool:
    """Say whether an issue waits for its reader."""
    if row.snoozed_until is not None or not row.whole:
        return False
    match row.turn:
        case Turn.NEEDS_OWNER:
            return row.can(actor, Act.ASSIGN)
        case Turn.BEING_FIXED:
            return row.i_own and (row.promised_for is None or row.promised_for < today or row.vendor_says != "")
        case Turn.NEEDS_DECISION:
            return row.can(actor, Act.DECIDE) and (row.i_sponsor or row.sponsor is None)
        case Turn.TELL_FLOOR:
            return row.i_reported and row.resolved_by != actor.person
        case Turn.CLOSED:
            return False


def overdue_days(row: IssueRow, today: date) -> int:
    """Count the days since a promise was broken; they stop where something was done."""
    if row.promised_for is None or row.turn in {Turn.TELL_FLOOR, Turn.CLOSED}:
        return 0
    return max((today - row.promised_for).days, 0)


def quiet_days(row: IssueRow, now: datetime) -> int:
    """Count the working days without a word, where they are more than the department's charter allows; else 0."""
    if row.turn not in {Turn.BEING_FIXED, Turn.NEEDS_DECISION} or row.snoozed_until is not None:
        return 0
    zone = settings().zone
    if row.last_word_at >= clocks.quiet_before(row.word_days, now=now, zone=zone):
        return 0
    return clocks.silent_days(row.last_word_at, now=now, zone=zone)


def step_words(name: str, row: IssueRow) -> str:
    """Head a step's form."""
    match name:
        case "promise":
            return _("By when is it fixed?") if row.promised_for is None else _("Move the date")
        case "owner":
            return _("Who fixes it?") if row.owner is None else _("Give it to somebody else")
        case "sponsor":
            return _("Name a sponsor") if row.sponsor is None else _("Name another sponsor")
        case _:
            return {
                "verdict": _("Is it fixed where you are?"), "decision": _("Yes or no?"),
                "resolution": _("Is it done? Tell the floor"), "my sponsor": _("Sponsor it"),
                "update": _("Give an update"), "question": _("Ask the sponsor to decide"),
                "note": _("Do you meet it too?"), "return": _("Is it back?"), "decline": _("Decline it"),
                "snooze": _("Let it sleep until a day"), "wake": _("It sleeps"), "measure": _("Say what it costs"),
                "call": _("I can unblock this"),
                "split": _("It is another thing: split it"), "ask floor": _("Ask those who raised it"),
                "suggest": _("It is the same as another one"),
                "join": _("Join it into another issue"), "title": _("Change title and kind"),
                "restrict": _("Who may see it"), "picture": _("Which good service it is about"),
                "conflict": _("Which measure it is a conflict with"),
            }[name]  # fmt: skip
