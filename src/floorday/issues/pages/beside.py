"""How an issue's page shows what is outside the house: references in other trackers, and the vendor that it is with."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from floorday.issues import queries, references
from floorday.issues.pages import words
from floorday.issues.queries import IssueRow, WordRow
from floorday.issues.rules import Resolution, Turn
from floorday.issues.vendors import Fate, Says
from floorday.people.access import Act, Actor
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.web.forms import Form


class Outside(Struct, frozen=True, kw_only=True):
    """What the page shows: `asks` are words of the vendor that wait for the reader, `said` all others, newest first."""

    tracked: list[references.Tracked]
    refers: bool
    more_fit: bool
    hands_out: bool
    vendor: str = ""
    since: str = ""
    contact: str = ""
    acknowledged: str = ""
    asks: list[dict[str, Any]] = []
    said: list[dict[str, str]] = []
    open: str = ""


async def outside(row: IssueRow, actor: Actor, *, form: Form, failed: str) -> Outside:
    """Read what is outside, in one query more where a vendor has it."""
    tracked = row.references
    shown = Outside(
        tracked=tracked, refers=row.can(actor, Act.REFER), more_fit=len(tracked) < references.MOST, open=failed,
        hands_out=row.can(actor, Act.HAND_OUT) and row.turn not in {Turn.TELL_FLOOR, Turn.CLOSED, Turn.NEEDS_OWNER},
    )  # fmt: skip
    if row.vendor is None or not row.whole:
        return shown
    held, said = await queries.outside(row.id)
    if held is None:
        return shown
    zone = row.team_zone or actor.zone
    settles = row.can(actor, Act.UPDATE)
    waiting = [word for word in said if word.fate is Fate.WAITS] if settles else []
    return Outside(
        tracked=tracked, refers=shown.refers, more_fit=shown.more_fit, hands_out=shown.hands_out, open=failed,
        vendor=held.vendor_name, since=when.day(held.since, zone), contact=held.contact_name,
        acknowledged=when.day(held.acknowledged_at, zone) if held.acknowledged_at else "",
        asks=[asked(word, typed=form if failed == str(word.id) else None) for word in waiting],
        said=[_line(word, zone) for word in reversed(said) if word not in waiting],
    )  # fmt: skip


def asked(word: WordRow, *, typed: Form | None = None) -> dict[str, Any]:
    """Say what a vendor's word asks of the owner, and how the button is called."""
    day = when.day(word.for_date) if word.for_date else ""
    match word.kind:
        case Says.DATE:
            title, yes = _("%(vendor)s says %(day)s. Promise it?", vendor=word.vendor_name, day=day), _("Promise it")
            label = _("What those who raised it read with it")
        case Says.FIXED:
            title, yes = _("%(vendor)s says that it is fixed.", vendor=word.vendor_name), _("Ask the floor")
            label = _("What was done")
        case Says.CANNOT:
            title = _("%(vendor)s says that it cannot be fixed.", vendor=word.vendor_name)
            yes, label = _("Close it as that"), _("Why; those who raised it read it")
        case _:
            title, yes = _("%(vendor)s writes:", vendor=word.vendor_name), _("Pass it on")
            label = _("What those who raised it read")
    chosen = Resolution.CANNOT if word.kind is Says.CANNOT else Resolution.EVERYBODY
    return {
        "id": str(word.id), "title": title, "yes": yes, "label": label, "fixed": word.kind is Says.FIXED,
        "form": typed or Form({"said": word.text, "how": chosen.value}),
        "how": [(value, text) for value, text, _line in words.resolution_chips() if value != Resolution.CANNOT.value],
    }  # fmt: skip


def _line(word: WordRow, zone: str) -> dict[str, str]:
    return {"what": what(word), "text": word.text, "when": when.day(word.at, zone), "fate": fate(word.fate),
            "tone": "done" if word.fate is Fate.PASSED else "wait" if word.fate is Fate.WAITS else ""}  # fmt: skip


def what(word: WordRow, *, own: bool = False) -> str:
    """Say in a few words what a vendor said; to the vendor with `own`."""
    day = when.day(word.for_date) if word.for_date else ""
    if own and word.kind in {Says.ACKNOWLEDGED, Says.REFERENCE}:
        return _("You have it") if word.kind is Says.ACKNOWLEDGED else _("Your reference")
    return {
        Says.ACKNOWLEDGED: _("They have it"), Says.DATE: _("Fixed by %(day)s", day=day), Says.WORD: _("A word"),
        Says.FIXED: _("It is fixed"), Says.CANNOT: _("It cannot be fixed"), Says.REFERENCE: _("Their reference"),
    }[word.kind]  # fmt: skip


def fate(of: Fate) -> str:
    """Say what became of it."""
    return {
        Fate.KEPT: "", Fate.WAITS: _("waits for the owner"), Fate.PASSED: _("passed on"), Fate.ASIDE: _("put aside"),
        Fate.OVERTAKEN: _("said anew since"),
    }[of]  # fmt: skip
