"""What customers gave away is masked before anything is stored: cards, bank accounts, mail addresses, phones.

    find       what a text holds of them, and where
    mask       the text as it may be stored

A card has the right check digit and stands in a card's groups; an account has the right check digits (ISO 7064);
a phone number is one in the country of the team's zone, or begins with a plus. Dates, times, prices and numbers that
are called an order, a ticket or the like are left alone. What somebody says is none (`spared`, as it stands in the
text) is left as well.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.core import get_global
from msgspec import Struct

from floorday.config import settings
from floorday.render.words import gettext as _

if TYPE_CHECKING:
    from phonenumbers import PhoneNumberMatch

# The dialling plans of the world are loaded with the first text: a server that starts does not wait for them.

CARD_LONGEST = 19
ACCOUNT_LONGEST, ACCOUNT_SHORTEST = 34, 15
MOST_SPARED = 20


class Secret(StrEnum):
    """What kind of thing a customer gave away."""

    CARD = "card"
    ACCOUNT = "account"
    MAIL = "mail"
    PHONE = "phone"


class Found(Struct, frozen=True):
    """Something to mask: from where to where, and how it stands there."""

    start: int
    end: int
    what: Secret
    words: str


class Piece(Struct, frozen=True):
    """A piece of a text for showing; `what` is "" where nothing is masked."""

    words: str
    what: str = ""


_MAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,24}\b")
_ACCOUNT = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,}", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\w+])\d{3,19}(?:[ \u00a0\u2009\u202f\u2010-\u2013-]\d{1,19})*(?!\w)")
_GROUPS = frozenset({(4, 4, 4, 4), (4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5), (6, 13), (8, 8)})
_HARMLESS = re.compile(
    r"(?<![\d./:-])\d{4}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?![\d/-])"              # 2026-11-22
    r"|(?<![\d./:-])(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\1(?:\d{4}|\d{2})(?![\d/-]|\.\d)"
    r"|(?<![\d.:])(?:[01]?\d|2[0-4])[:.][0-5]\d(?::[0-5]\d)?(?![\d:]|\.\d)"                         # 09:30, 9.30
    r"|(?:[£$€¥]|\b(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN)\b)[ \u00a0]?\d[\d.,'\u00a0]*"
    r"|(?<![\w.,])\d[\d.,'\u00a0]*[ \u00a0]?(?:[£$€¥]|(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN|kr)\b)"
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:\b(?:orders?|order[- ]id|tickets?|cases?|refs?|references?|invoices?|items?|articles?|parcels?|tracking"
    r"|contracts?"
    r"|customers?|accounts?|serials?|version|build|sku|id|bestellung(?:en)?|auftr[aä]ge?|rechnung(?:en)?|artikel|vorgang"
    r"|ticket|kunden?|vertrag|sendung|(?:bestell|auftrags|rechnungs|artikel|vorgangs|ticket|kunden|vertrags|sendungs)-?"
    r"(?:nummer|nr))\b\.?|#)"
    r"(?:[ :.#=-]|no\b|nos\b|nr\b|number\b|numbers\b|nummer\b|is\b|ist\b)*$",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:phone|telephone|tel|mobile|mob|cell|call(?:ed|s)?|ring|rang|text(?:ed)?|sms|whatsapp|fax|telefon|handy|mobil"
    r"|anruf(?:en)?|rückruf|rufnummer)\b[.: -]*"
    r"(?:(?:back|me|her|him|them|on|at|no|number|nummer|nr|unter|is|ist)\b[.: -]*)*$",
    re.IGNORECASE,
)


def mask(text: str, *, zone: str = "", spared: Collection[str] = ()) -> str:
    """Give the text as it may be stored. `zone` (IANA) says in which country a number without a plus is dialled."""
    cut = pieces(text, zone=zone, spared=spared)
    return "".join(sign(Secret(piece.what)) if piece.what else piece.words for piece in cut)


def pieces(text: str, *, zone: str = "", spared: Collection[str] = ()) -> list[Piece]:
    """Cut a text into what stays and what is masked."""
    cut: list[Piece] = []
    place = 0
    for one in find(text, zone=zone, spared=spared):
        cut += [Piece(text[place : one.start]), Piece(one.words, one.what.value)]
        place = one.end
    return [piece for piece in [*cut, Piece(text[place:])] if piece.words]


def find(text: str, *, zone: str = "", spared: Collection[str] = ()) -> list[Found]:
    """Find what a text holds of its customers, in order, without what was said to be none."""
    if not suspicious(text):
        return []
    found: list[Found] = []
    left = text
    for what, places in ((Secret.MAIL, _mails), (Secret.ACCOUNT, _accounts), (Secret.CARD, _cards)):
        for start, end in places(left):
            found.append(Found(start, end, what, text[start:end]))
        left = _without(left, found)
    left = _HARMLESS.sub(lambda one: "\N{MIDDLE DOT}" * len(one[0]), left)
    found += [Found(start, end, Secret.PHONE, text[start:end]) for start, end in _phones(left, zone)]
    return [one for one in sorted(found, key=lambda one: one.start) if one.words not in spared]


def digest_of(shown: Iterable[Sequence[Piece]]) -> str:
    """Name what is masked in some texts, so that a form can say which of it its writer has seen."""
    held = "\0".join(piece.words for pieces in shown for piece in pieces if piece.what)
    return hashlib.sha256(held.encode()).hexdigest()[:16] if held else ""


def suspicious(text: str) -> bool:
    """Say cheaply whether a closer look is worth it."""
    return "@" in text or sum(letter.isdigit() for letter in text) > 6


def say(what: Secret) -> str:
    """Name what was masked to a reader."""
    return {
        Secret.CARD: _("card number"), Secret.ACCOUNT: _("bank account"), Secret.MAIL: _("mail address"),
        Secret.PHONE: _("phone number"),
    }[what]  # fmt: skip


def sign(what: Secret) -> str:
    """Give what stands in a text where something was masked."""
    return {
        Secret.CARD: _("[card number]"), Secret.ACCOUNT: _("[bank account]"), Secret.MAIL: _("[mail address]"),
        Secret.PHONE: _("[phone number]"),
    }[what]  # fmt: skip


def _without(text: str, found: list[Found]) -> str:
    """Blank what was found already, so that nothing is found twice and all places stay."""
    for one in found:
        text = text[: one.start] + "\N{MIDDLE DOT}" * (one.end - one.start) + text[one.end :]
    return text


def _mails(text: str) -> Iterator[tuple[int, int]]:
    return (one.span() for one in _MAIL.finditer(text))


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    """Find bank accounts; words that follow one are not taken for a part of it."""
    place = 0
    while one := _ACCOUNT.search(text, place):
        place = one.start() + 2
        for end in range(one.end(), one.start() + ACCOUNT_SHORTEST - 1, -1):
            if (end < len(text) and text[end].isalnum()) or not text[end - 1].isalnum():
                continue
            plain = "".join(letter for letter in text[one.start() : end] if letter.isalnum()).upper()
            if ACCOUNT_SHORTEST <= len(plain) <= ACCOUNT_LONGEST and plain.isascii() and _is_account(plain):
                yield one.start(), end
                place = end
                break


def _is_account(plain: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for run in _DIGITS.finditer(text):
        groups = [(run.start() + one.start(), run.start() + one.end()) for one in re.finditer(r"\d+", run[0])]
        first = 0
        while first < len(groups):
            last = next((last for last in range(len(groups), first, -1) if _is_card(text, groups[first:last])), None)
            if last is not None:
                yield groups[first][0], groups[last - 1][1]
            first = last or first + 1


def _is_card(text: str, groups: list[tuple[int, int]]) -> bool:
    """Say whether these groups of digits are a card: its length, its grouping, its issuer, its check digit."""
    lengths = tuple(end - start for start, end in groups)
    if not 13 <= sum(lengths) <= CARD_LONGEST or (len(lengths) > 1 and lengths not in _GROUPS):
        return False
    digits = [int(letter) for start, end in groups for letter in text[start:end]]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return digits[0] in {2, 3, 4, 5, 6} and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _phones(text: str, zone: str) -> Iterator[tuple[int, int]]:
    from phonenumbers import Leniency, PhoneNumberMatcher

    region = country(zone or settings().zone)
    for one in PhoneNumberMatcher(text, region, leniency=Leniency.POSSIBLE, max_tries=200):
        if _is_phone(one, text[max(one.start - 40, 0) : one.start]):
            yield one.start, one.end


def _is_phone(one: PhoneNumberMatch, before: str) -> bool:
    if one.raw_string.startswith("+") or _CALLED.search(before):
        return True
    if _NUMBERED.search(before):
        return False
    from phonenumbers import is_valid_number

    parted = any(not letter.isdigit() for letter in one.raw_string)
    if is_valid_number(one.number):
        return parted or one.raw_string.startswith("0")
    # Ranges kept for films and not given out are numbers of nobody, but look like somebody's.
    return parted and one.raw_string.startswith("0") and sum(letter.isdigit() for letter in one.raw_string) > 9


@lru_cache(maxsize=600)
def country(zone: str) -> str | None:
    """Give the country of a zone (ISO 3166, two letters); none for UTC and the like."""
    from phonenumbers import SUPPORTED_REGIONS

    found = get_global("zone_territories").get(zone)
    return found if found and found in SUPPORTED_REGIONS else None
