# A mail of the table stays one line.
# ruff: noqa: E501
"""The newest words of a mail: what programs quote below them, and how people sign, is no part of a note."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from floorday.calendar import words

SAID = "Refunds wait for a weekly batch."
GESAGT = "Die Rückerstattung wartet eine Woche."

REPLIES = {
    "plain": (SAID, SAID),
    "gmail-en": (f"{SAID}\n\nOn Tue, 24 Nov 2026 at 09:12, Ben Ode <ben@example.com> wrote:\n\n> How is it going?\n> Ben\n", SAID),
    "gmail-en-folded": (f"{SAID}\n\nOn Tue, 24 Nov 2026 at 09:12, Ben Ode\n<ben@example.com> wrote:\n> How is it?\n", SAID),
    "apple-en": (f"{SAID}\n\nSent from my iPhone\n\n> On 24 Nov 2026, at 09:12, Ben Ode <ben@example.com> wrote:\n> \n> Hi\n", SAID),
    "outlook-en": (f"{SAID}\n\nKind regards\nFay Moss\nBilling\n\n________________________________\nFrom: Ben Ode <ben@example.com>\n"
                   "Sent: Tuesday, November 24, 2026 9:12 AM\nTo: Fay Moss <fay@example.com>\nSubject: Notes\n\nHow is it?\n", SAID),
    "signature-dashes": (f"{SAID}\n\n-- \nFay Moss\nBilling, Leeds\n020 7946 0018\n", SAID),
    "thanks": (f"{SAID}\n\nThanks,\nFay\n", SAID),
    "regards": (f"{SAID}\n\nBest regards,\nFay Moss\n", SAID),
    "gmail-de": (f"{GESAGT}\n\nAm Di., 24. Nov. 2026 um 09:12 Uhr schrieb Ben Ode <ben@example.com>:\n\n> Wie läuft es?\n", GESAGT),
    "apple-de": (f"{GESAGT}\n\nVon meinem iPhone gesendet\n\n> Am 24.11.2026 um 09:12 schrieb Ben Ode <ben@example.com>:\n> \n> Hallo\n", GESAGT),
    "outlook-de": (f"{GESAGT}\n\nMit freundlichen Grüßen\nFay Moss\n\n________________________________\nVon: Ben Ode <ben@example.com>\n"
                   "Gesendet: Dienstag, 24. November 2026 09:12\nAn: Fay Moss <fay@example.com>\nBetreff: Notizen\n\nWie läuft es?\n", GESAGT),
    "gruesse-de": (f"{GESAGT}\n\nViele Grüße\nFay\n", GESAGT),
    "thunderbird-de": (f"{GESAGT}\n\nAm 24.11.26 um 09:12 schrieb Ben Ode:\n> Wie läuft es?\n", GESAGT),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    words.close()


@pytest.mark.parametrize("name", list(REPLIES))
def test_quoted_mails_and_signatures_are_cut(name: str) -> None:
    raw, kept = REPLIES[name]
    assert words.newest(raw) == kept


def test_words_that_only_look_like_a_signature_stay() -> None:
    assert words.newest("Thanks to the new form it works.\nBest wishes cards wait a month.") == (
        "Thanks to the new form it works.\nBest wishes cards wait a month.")


def test_a_large_mail_gives_its_words_and_its_pictures_apart() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Fay <fay@example.com>", "notes+abc@floorday.example", "Chair"
    mail.set_content(SAID)
    for size in (2_000_000, 100, 5000):
        mail.add_attachment(b"\xff" * size, maintype="image", subtype="jpeg", filename="home.jpg")
    heard = words.hear_apart(mail.as_bytes())
    assert (heard.incoming.sender, heard.incoming.refused) == ("fay@example.com", "")
    assert (heard.text, [len(one) for one in heard.pictures]) == (SAID, [2_000_000, 5000])


def test_html_alone_is_read_without_its_markup() -> None:
    mail = EmailMessage()
    mail.set_content(f"<p>{SAID}</p><blockquote>Old</blockquote>", subtype="html")
    assert words.heard(mail.as_bytes()).text == SAID


def test_bytes_that_are_no_mail_are_answered_too() -> None:
    for raw in (b"", b"\x00" * 100, b"\xff" * 100_000):
        assert isinstance(words.hear_apart(raw), words.Words)
