"""What a program and a form send alike, whatever door it comes through."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from floorday.db.text import Prose, Title
from floorday.issues.rules import Kind, Resolution
from floorday.render.words import gettext as _


class SponsorFields(Struct, frozen=True):
    """Who answers for it."""

    sponsor: UUID


class UpdateFields(Struct, frozen=True):
    """A word to everybody who raised it."""

    update: Prose


class QuestionFields(Struct, frozen=True):
    """What the sponsor is asked, and the price of each answer as far as it is known."""

    question: Prose
    yes_price: Prose = Prose("")
    no_price: Prose = Prose("")

    def whole(self) -> str:
        """Give the question with its prices, a line for each, as the sponsor and everybody in it reads it."""
        prices = ((_("A yes costs: %(price)s"), self.yes_price), (_("A no costs: %(price)s"), self.no_price))
        return "\n".join([self.question, *(line % {"price": price} for line, price in prices if price)])


class ResolutionFields(Struct, frozen=True):
    """What was done, and what was learnt from it."""

    how: Resolution
    done: Prose
    learnt: Prose = Prose("")

    def whole(self) -> str:
        """Give both as those who raised it read them."""
        return f"{self.done}\n{_('What we learnt: %(words)s', words=self.learnt)}" if self.learnt else self.done


class SnoozeFields(Struct, frozen=True):
    """Until when it sleeps."""

    until: date


class TitleFields(Struct, frozen=True):
    """What gets fixed, and of which kind it is."""

    title: Title
    kind: Kind
