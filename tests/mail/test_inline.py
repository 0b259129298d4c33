"""Letters wear the site's colours."""

from __future__ import annotations

from floorday.mail.inline import read_palette

SHEET = """
/* tokens */
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f5f2, #16181b);
  --accent: light-dark(oklch(0.5 0.1 250), rgb(10, 20, 30));
  --space: 4px;
}
:root { --ground: never; }
"""


def test_tokens_are_read_by_day_and_by_night():
    day, night = read_palette(SHEET)
    assert day == {"ground": "#f6f5f2", "accent": "oklch(0.5 0.1 250)", "space": "4px"}
    assert night == {"ground": "#16181b", "accent": "rgb(10, 20, 30)", "space": "4px"}


def test_a_missing_sheet_has_no_tokens():
    assert read_palette("") == ({}, {})
