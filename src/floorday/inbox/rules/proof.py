"""Whether a mail can be read at all, and whether somebody confirms who sent it (IN-13)."""

from __future__ import annotations

from floorday.calendar.facts import Incoming
from floorday.inbox.rules.facts import Outcome
from floorday.render.words import gettext as _


def refused(code: str) -> Outcome:
    """Refuse a mail that could not be read, with the reason."""
    sentences = {
        "too-large": _("The mail is too large for an answer from a calendar."),
        "too-deep": _("The mail is nested too deeply to be read."),
        "too-many-parts": _("The mail has too many parts to be read."),
        "header-too-long": _("The mail's header is too long to be read."),
        "too-much-work": _("Reading the mail took more time or memory than a mail may have."),
    }
    return Outcome("malformed-rejected", code, sentences.get(code) or _("The mail could not be read."))


def forged() -> Outcome:
    """Refuse a mail of whose sender the trusted server says that it is somebody else."""
    return Outcome(
        "rejected-unauthenticated", "dmarc-fail", _("The mail server says that the sender's address is forged."))


def authentication(incoming: Incoming, trusted_authserv_id: str) -> str:
    """Return what the trusted server says of the sender: "pass", "fail" or "" (IN-13).

    A header of any other id is no more than text that the sender could have written.
    """
    trusted = trusted_authserv_id.strip().lower()
    if not trusted:
        return ""
    said = [check for check in incoming.checks if check.server == trusted and check.dmarc]
    if any(check.dmarc == "fail" for check in said):
        return "fail"
    domain = incoming.sender.rpartition("@")[2]
    good = all(check.dmarc == "pass" and check.domain in {"", domain} for check in said)
    return "pass" if said and good else ""
