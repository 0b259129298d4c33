"""What a program and a form send alike, whatever door it comes through."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from floorday.db.text import Prose, Title
from floorday.issues.rules import Kind, Resolution


class SponsorFields(Struct, frozen=True):
    """Who answers for it."""

    sponsor: UUID


class UpdateFields(Struct, frozen=True):
    """A word to everybody who raised it."""

    update: Prose


class QuestionFields(Struct, frozen=True):
    """What the sponsor is asked."""

    question: Prose


class ResolutionFields(Struct, frozen=True):
    """What was done."""

    how: Resolution
    done: Prose


class SnoozeFields(Struct, frozen=True):
    """Until when it sleeps."""

    until: date


class TitleFields(Struct, frozen=True):
    """What gets fixed, and of which kind it is."""

    title: Title
    kind: Kind
