"""What a person may do about a mail that waits for them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from floorday.calendar.facts import Incoming
from floorday.inbox.rules.facts import ANSWERS, GATEWAYS, Name

Deed: TypeAlias = Literal[
    "answer", "alias", "assistant", "stranger", "accept", "refuse", "propose", "delegation", "dismiss", "take-up",
    "undo", "alias-there", "assistant-there",
]
"""What a page offers about a mail; "stranger", "delegation" and the last two are a sentence and no button."""

WAITS: tuple[Name, ...] = (
    "needs-human", "counter-proposal", "delegation-needs-human", "rejected-unknown-attendee", "ignored-stale")
"""Outcomes that a person should look at; the others are kept to be looked up."""

MENDABLE = frozenset({"needs-human", "rejected-unknown-attendee", "rejected-sender-mismatch", "ignored-stale"})
"""A person who reads such a mail may know better than the machine; of a forged or broken one nobody does."""


class Case(Struct, frozen=True, kw_only=True):
    """What decides which buttons fit a mail.

    `stranger` is an address in it that is nobody's of ours where the manager's should stand, `deputy` one that answers
    for the manager without being registered, `deputy_is_ours` whether that is somebody of ours. `answers` and `moves`
    say what the day still takes, `proposal_open` that the time it proposed waits, `undoable` that its step was the
    last one and its letters wait, by this reader.
    """

    outcome: str
    decision: str = ""
    about: bool = False
    answers: bool = False
    moves: bool = False
    calendar: bool = False
    counter: bool = False
    partstat: str = ""
    stranger: str = ""
    deputy: str = ""
    deputy_is_ours: bool = False
    proposal_open: bool = False
    undoable: bool = False


class Choice(Struct, frozen=True):
    """Something to do about a mail: `value` is the answer, or the address."""

    deed: Deed
    value: str = ""


def choices(case: Case) -> tuple[Choice, ...]:
    """Say what a person may do about a mail: only what fits, the likeliest first."""
    if not case.outcome:
        return ()
    if case.decision:
        return _decided(case)
    found: list[Choice] = []
    if case.outcome == "counter-proposal" and case.proposal_open:
        found += [Choice("accept"), Choice("refuse")]
    if case.outcome == "delegation-needs-human":
        found.append(Choice("delegation"))
    if case.outcome in MENDABLE and case.about:
        found += _known_better(case)
    if case.outcome in WAITS or found:
        found.append(Choice("dismiss"))
    return tuple(found)


def _decided(case: Case) -> tuple[Choice, ...]:
    match case.decision:
        case "put aside":
            return (Choice("take-up"),)
        case "proposed":
            return (Choice("take-up"),) if case.proposal_open else ()
        case "answered" | "accepted" | "refused":
            return (Choice("undo"),) if case.undoable else ()
        case "alias":
            return (Choice("alias-there"),)
        case "assistant":
            return (Choice("assistant-there"),)
        case _:
            return ()


def _known_better(case: Case) -> list[Choice]:
    found: list[Choice] = []
    if case.stranger:
        found.append(Choice("alias", case.stranger))
    if case.deputy:
        found.append(Choice("assistant" if case.deputy_is_ours else "stranger", case.deputy))
    if case.answers and not case.counter:
        said = case.partstat.upper()
        if said in ANSWERS:
            found.append(Choice("answer", said.lower()))
        elif not case.calendar:
            found += [Choice("answer", one) for one in ("accepted", "tentative", "declined")]
    if case.moves and (case.counter or not case.calendar):
        found.append(Choice("propose"))
    return found


class Said(Struct, frozen=True):
    """What the calendar part of a mail says, as far as a person may make something of it."""

    method: str = ""
    partstat: str = ""
    comment: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    addresses: tuple[str, ...] = ()
    """Those that stand where the manager's should: of the answer, then of the sender."""
    deputy: str = ""


def said(incoming: Incoming) -> Said:
    """Take out of a mail what a person needs to decide; nothing is believed by that.

    Only a mail with one attendee line says an answer: of several nobody knows whose it is.
    """
    sender = incoming.sender
    personal = not incoming.listed and not sender.partition("@")[0].startswith(GATEWAYS)
    itip = next((one for one in incoming.calendars if one.method in {"REPLY", "COUNTER"}), None)
    if itip is None:
        return Said(comment="")
    line = itip.attendees[0] if len({(one.address, one.partstat) for one in itip.attendees}) == 1 else None
    addresses = tuple(dict.fromkeys(filter(None, (line.address if line else "", sender if personal else ""))))
    return Said(
        method=itip.method, partstat=line.partstat if line else "",
        comment=itip.comment or (line.comment if line else ""),
        starts=itip.starts if itip.method == "COUNTER" else None, ends=itip.ends if itip.method == "COUNTER" else None,
        addresses=addresses, deputy=line.sent_by if line else "")
