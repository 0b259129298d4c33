"""The cases of tests/mail as a test needs them: bytes of the mail, what we know before, what should come of it."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from floorday.inbox.rules import Known, KnownBooking, LastAnswer

FOLDER = Path(__file__).resolve().parents[1] / "mail"
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
START = datetime(2026, 12, 8, 8, 0, tzinfo=UTC)
END = START + timedelta(hours=4)


def _binder() -> Any:
    spec = importlib.util.spec_from_file_location("floorday_tests_bind", FOLDER / "bind.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BINDER = _binder()
CASES: dict[str, dict[str, Any]] = {
    case["name"]: case for case in json.loads((FOLDER / "cases.json").read_text("utf-8"))["cases"]
}
VALUES: dict[str, Any] = BINDER.default_values(start=START, end=END)


def template(name: str) -> str:
    return (FOLDER / CASES[name]["file"]).read_text("utf-8").rstrip("\n")


def mail(name: str, **values: Any) -> bytes:
    return BINDER.bind(template(name), {**VALUES, **values})


def filled(words: str) -> str:
    return BINDER._sub(words, VALUES)


def stamp(words: str) -> datetime:
    return datetime.strptime(words, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def moment(words: str) -> datetime:
    return stamp(filled(words))


def booking(**changes: Any) -> KnownBooking:
    facts: dict[str, Any] = {
        "uid": VALUES["UID"], "state": "invited", "sequence": int(VALUES["SEQ"]), "starts_at": START, "ends_at": END,
        "manager": VALUES["ATTENDEE"], "aliases": (VALUES["ATTENDEE_ALIAS"],), "sent": (VALUES["INVITE_MSGID"],),
    }
    return KnownBooking(**{**facts, **changes})


def known(**changes: Any) -> Known:
    return Known(bookings=(booking(**changes),), ours=(VALUES["ORGANIZER"],), letters=(VALUES["INVITE_MSGID"],))


def before(name: str) -> Known:
    """What the database holds before the case's mail comes."""
    state = CASES[name]["state_before"]
    last = state["last_reply"]
    said = {"ACCEPTED": "accepted", "NEEDS-ACTION": "invited", "DECLINED": "declined"}[state["partstat"]]
    stored = None if last is None else LastAnswer(
        int(filled(last["sequence"])), moment(last["dtstamp"]), state["partstat"])
    first = known(
        state="cancelled" if state["status"] == "cancelled" else said,
        aliases=tuple(filled(alias) for alias in state["aliases"]),
        assistants=tuple(filled(one) for one in state["assistants"]),
        last=stored,
    )
    second = state.get("second_booking")
    if second is None:
        return first
    other = booking(
        uid=filled(second["uid"]), manager=filled(second["attendee"]), sequence=int(filled(second["sequence"])))
    return Known(bookings=(*first.bookings, other), ours=first.ours, letters=first.letters)
