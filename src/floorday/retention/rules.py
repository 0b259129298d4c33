"""What is kept for how long. Pure: from the settings and the clock to the moments before which things are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from floorday.config import Settings
from floorday.render.words import gettext as _


class Kept(StrEnum):
    """What is wiped some days after it has served."""

    LETTERS = "letters"
    MAILS = "mails"
    CODES = "codes"
    SESSIONS = "sessions"
    ANSWERS = "answers"
    FORMS = "forms"
    TOKENS = "tokens"
    LINKS = "links"
    LEAVERS = "leavers"
    PHOTOS = "photos"


SETTING = {
    Kept.LETTERS: "letter_bytes_days", Kept.MAILS: "mail_days", Kept.CODES: "sign_in_days",
    Kept.SESSIONS: "sign_in_days", Kept.ANSWERS: "request_days", Kept.FORMS: "request_days",
    Kept.TOKENS: "token_days", Kept.LINKS: "token_days", Kept.LEAVERS: "leaver_days",
    Kept.PHOTOS: "photo_days",
}  # fmt: skip
"""The setting that says after how many days; 0 keeps it for good, where that may be."""

LATE = timedelta(days=1)
"""So long after it was due, whatever is still there says that no worker runs."""


class Due(Struct, frozen=True):
    """One kind, and the moment: what had served before it is due."""

    kind: Kept
    before: datetime


def due(settings: Settings, now: datetime) -> tuple[Due, ...]:
    """Say of every kind that is not kept for good from which moment back it is due."""
    days = {kind: int(getattr(settings, name)) for kind, name in SETTING.items()}
    return tuple(Due(kind, now - timedelta(days=some)) for kind, some in days.items() if some)


def say(kind: Kept) -> str:
    """Name a kind to a reader."""
    return {
        Kept.LETTERS: _("the bytes of letters that have left"), Kept.MAILS: _("raw mails that were dealt with"),
        Kept.CODES: _("sign-in codes"), Kept.SESSIONS: _("sessions that are over"),
        Kept.ANSWERS: _("answers to programs"), Kept.FORMS: _("keys of posted forms"),
        Kept.TOKENS: _("tokens of the API that are over"), Kept.LINKS: _("links in letters that are over"),
        Kept.LEAVERS: _("persons who left"), Kept.PHOTOS: _("photos of notes whose issue is closed"),
    }[kind]  # fmt: skip
