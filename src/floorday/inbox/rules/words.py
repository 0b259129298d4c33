"""What becomes of a mail of words: a note to a team's address, praise, a reply to a letter about an issue."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from floorday.calendar.addresses import normal, same
from floorday.calendar.facts import Incoming
from floorday.inbox.rules.facts import Name, Outcome
from floorday.inbox.rules.proof import authentication, forged, refused
from floorday.render.words import gettext as _


class Writer(Struct, frozen=True):
    """Who the one address in From belongs to: nobody of ours (None), or somebody who is of the team or is not."""

    of_team: bool


def decide_note(
    incoming: Incoming, *, writer: Writer | None, text: str, envelope_to: str | None, address: str,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:
    """Say what becomes of a mail to a team's note address; "note-opened" is for a person of that team, proven (IN-13).

    `address` is the team's own. Where nobody confirms who sent it, that it came to this address is the proof.
    """
    verdict = authentication(incoming, trusted_authserv_id)
    nothing = _("An automatic mail to a note address changes nothing.")
    if settled := _settled(incoming, verdict, envelope_from, nothing):
        return settled
    if not incoming.sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The note came through a mailing list."))
    if writer is None:
        return Outcome("needs-human", "unknown-sender", _("Nobody of ours has this address, so nobody has raised it."))
    if not writer.of_team:
        return Outcome("needs-human", "not-of-the-team", _("Whoever sent it is not of the team of this note address."))
    if (trusted_authserv_id or demand_both) and verdict != "pass":
        return Outcome("needs-human", "no-authentication", _("The mail server did not confirm who sent this note."))
    if envelope_to and normal(envelope_to) != normal(address):
        return Outcome("needs-human", "not-the-note-address", _("The note did not come to the team's own address."))
    if not text.strip():
        return Outcome("needs-human", "no-words", _("The mail has no words of its own to note."))
    return Outcome("note-opened", "note", _("A note was opened."))


def decide_praise(
    incoming: Incoming, *, of_ours: bool, team: bool, secret: bool, text: str, envelope_to: str | None, address: str,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:  # fmt: skip
    """Say what becomes of praise that was mailed; "story-drafted" is for anybody of ours, proven (IN-13).

    `secret`: it came to a team's own address, which nobody can guess and which is proof enough where nobody confirms
    who sent it; to the programme's address anybody can write. `team`: it is clear which team is meant.
    """
    verdict = authentication(incoming, trusted_authserv_id)
    nothing = _("An automatic mail to an address for praise changes nothing.")
    if settled := _settled(incoming, verdict, envelope_from, nothing):
        return settled
    if not incoming.sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The praise came through a mailing list."))
    if not of_ours:
        return Outcome("needs-human", "unknown-sender",
                       _("Praise from somebody who is not of ours. Read it, and tell it as a story if it is one."))
    if (trusted_authserv_id or demand_both or not secret) and verdict != "pass":
        return Outcome("needs-human", "no-authentication",
                       _("The mail server did not confirm who sent this praise; a team's own address asks for less."))
    if secret and envelope_to and normal(envelope_to) != normal(address):
        return Outcome("needs-human", "not-the-address", _("The praise did not come to the team's own address."))
    if not team:
        return Outcome("needs-human", "which-team", _("Nobody can tell which team the praise is for. Please read it."))
    if not text.strip():
        return Outcome("needs-human", "no-words", _("The mail has no words of its own."))
    return Outcome("story-drafted", "praise", _("Praise was kept, to be told as a story."))


def decide_word(
    incoming: Incoming, *, name: Name, theirs: Collection[str] | None, text: str,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:  # fmt: skip
    """Say what becomes of a reply to a letter about an issue; `name` is what it is if proven as theirs (IN-13).

    `theirs` are the addresses of whom the letter went to, None where the address for replies is over. Where nobody
    confirms who sent it, that it came to this address is the proof.
    """
    verdict = authentication(incoming, trusted_authserv_id)
    nothing = _("An automatic mail in answer to a letter changes nothing.")
    if settled := _settled(incoming, verdict, envelope_from, nothing):
        return settled
    if theirs is None:
        return Outcome("needs-human", "address-over",
                       _("It came to an address for replies that is over, or was cut short. Nothing was changed."))
    if not incoming.sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The reply came through a mailing list."))
    if not any(same(incoming.sender, one) for one in theirs):
        return Outcome("needs-human", "not-the-reader",
                       _("Somebody else than the one we wrote to answers this letter. Please read it."))
    if (trusted_authserv_id or demand_both) and verdict != "pass":
        return Outcome("needs-human", "no-authentication", _("The mail server did not confirm who sent this word."))
    if not text.strip():
        return Outcome("needs-human", "no-words", _("The mail has no words of its own."))
    return Outcome(name, name, _("A word was kept with the issue."))


def _settled(incoming: Incoming, verdict: str, envelope_from: str | None, automatic: str) -> Outcome | None:
    """Say what becomes of a mail of words that nobody needs to have written (IN-02), or that is forged (IN-13)."""
    if incoming.refused:
        return refused(incoming.refused)
    if incoming.automatic or envelope_from in {"", "<>"}:
        return Outcome("ignored-auto-reply", incoming.automatic or "null-sender", automatic)
    return forged() if verdict == "fail" else None
