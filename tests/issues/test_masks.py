"""What customers gave away, told from what only looks like it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorday.issues.masks import Piece, country, find, mask, pieces

LONDON, BERLIN, NEW_YORK, PARIS = "Europe/London", "Europe/Berlin", "America/New_York", "Europe/Paris"

GIVEN_AWAY = [
    (LONDON, "Write to jo.ray+x@mail.example.co.uk.", "Write to [mail address]."),
    (LONDON, "Paid with 4111111111111111 twice", "Paid with [card number] twice"),
    (LONDON, "Card 4111-1111-1111-1111 was charged", "Card [card number] was charged"),
    (LONDON, "Card 4111 1111 1111 1111, order 77", "Card [card number], order 77"),
    (LONDON, "Amex 3782 822463 10005 ok", "Amex [card number] ok"),
    (LONDON, "12345 4111 1111 1111 1111 77", "12345 [card number] 77"),
    (LONDON, "IBAN GB82 WEST 1234 5698 7654 32 please", "IBAN [bank account] please"),
    (LONDON, "iban de89370400440532013000.", "iban [bank account]."),
    (LONDON, "Call +44 (0)20 7946 0018 back", "Call [phone number] back"),
    (LONDON, "Call 07700 900123", "Call [phone number]"),
    (LONDON, "0044 20 7946 0018 rang twice", "[phone number] rang twice"),
    (LONDON, "ray@example.com, 020 7946 0018", "[mail address], [phone number]"),
    (BERLIN, "Rückruf unter 030 901820 bitte", "Rückruf unter [phone number] bitte"),
    (BERLIN, "0151/23456789 geht nicht", "[phone number] geht nicht"),
    (BERLIN, "Handy 015123456789", "Handy [phone number]"),
    (NEW_YORK, "(212) 555-0123 is busy", "[phone number] is busy"),
    (NEW_YORK, "call 6502530000", "call [phone number]"),
    (PARIS, "le 01.42.68.53.00", "le [phone number]"),
]

NEAR_MISSES = [
    (LONDON, "On 2026-11-02 and 02/11/2026 the 3 systems took 15 minutes"),
    (LONDON, "Error 500123 in build 1.2.3, 20 000 cases"),
    (LONDON, "order 4471234567890 late"),
    (LONDON, "Order 4111111111111112 is no card: its check digit is wrong"),
    (LONDON, "ticket #02079460958 was closed"),
    (LONDON, "case no. 020 7946 0958"),
    (LONDON, "2026-11-22 10:30 to 2026-11-23 11:00"),
    (LONDON, "open 09:00-17:30, 18:00-20:00"),
    (LONDON, "£1,200.00 or 1.234.567,00 EUR"),
    (LONDON, "servers 10.0.0.1 and 192.168.100.200"),
    (LONDON, "waits 20 30 40 50 60 70 min"),
    (LONDON, "parcel 1Z999AA10123456784"),
    (LONDON, "version 12.0.4.1 build 20261122"),
    (LONDON, "1000000 cases in 2025, 10-14 days, 2024/2025"),
    (LONDON, "GB82 WEST 1234 is not a whole account"),
    (LONDON, "room 0412, extension 4456, SW1A 1AA"),
    (LONDON, "@billing says 2@5.00 each"),
    (BERLIN, "Auftrag 0151 23456789"),
    (BERLIN, "Bestellnummer: 030 901820"),
    (BERLIN, "Kunde 4711 0815, um 14.30 Uhr am 01.12.2026"),
    (BERLIN, "1.200,50 € und 10115 Berlin"),
    (NEW_YORK, "6502530000 units"),
    (NEW_YORK, "SKU 650-253-0000"),
    (NEW_YORK, "11/22/2026 9:30 am, $1,000,000"),
    (PARIS, "le 01.02.2026 à 10h30"),
]


@pytest.mark.parametrize(("zone", "raw", "kept"), GIVEN_AWAY)
def test_what_customers_gave_away_is_masked(zone: str, raw: str, kept: str) -> None:
    assert mask(raw, zone=zone) == kept


@pytest.mark.parametrize(("zone", "raw"), NEAR_MISSES)
def test_what_only_looks_like_it_stays(zone: str, raw: str) -> None:
    assert mask(raw, zone=zone) == raw


def test_what_somebody_says_is_none_stays_and_nothing_else_does() -> None:
    raw = "020 7946 0018 is our own line, 020 7946 0019 is hers"
    assert mask(raw, zone=LONDON, spared=["020 7946 0018"]) == "020 7946 0018 is our own line, [phone number] is hers"


def test_the_pieces_make_the_text_again() -> None:
    raw = "Ms Ray (ray@example.com) waits"
    assert pieces(raw) == [Piece("Ms Ray ("), Piece("ray@example.com", "mail"), Piece(") waits")]


def test_the_country_is_that_of_the_zone() -> None:
    assert (country(BERLIN), country(NEW_YORK), country("UTC")) == ("DE", "US", None)


@given(st.text(alphabet="0123456789 -./+()@abGBDEx€:", max_size=80), st.sampled_from([LONDON, BERLIN, NEW_YORK, "UTC"]))
@settings(max_examples=200, deadline=None)
def test_any_text_is_cut_without_loss_and_masked_once(raw: str, zone: str) -> None:
    assert "".join(piece.words for piece in pieces(raw, zone=zone)) == raw
    held = find(raw, zone=zone)
    assert all(raw[one.start : one.end] == one.words for one in held)
    assert all(one.end <= after.start for one, after in pairwise(held))
