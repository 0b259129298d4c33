"""For programs: who was told of an issue, and what became of each letter."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.issues import queries
from floorday.issues.queries import LetterRow, Opened
from floorday.issues.queries.fates import LetterFate, by_occasion, fate, is_secret
from floorday.people.access import Actor
from floorday.web.api import answer, tells

Shown = Response[Any]


class IssueLetter(Struct, frozen=True, kw_only=True):
    """A letter about an issue; `person` and `name` are null where the name of who got it is hidden from you.

    `about` is the letter's name; of a reminder, `clock` with the `deed` that was due and the `rung` that was told.
    `leaves_at`: when it leaves, where that is not over and its reader's name is not hidden.
    """

    about: str
    deed: str
    rung: str
    at: datetime
    person: UUID | None
    name: str | None
    fate: LetterFate
    leaves_at: datetime | None


class IssueLetters(Struct, frozen=True):
    """Who was told, the newest first."""

    items: list[IssueLetter]


def _letter(letter: LetterRow, found: Opened, *, now: datetime) -> IssueLetter:
    secret, became = is_secret(letter, found), fate(letter, now=now)
    waits = became in {LetterFate.SOON, LetterFate.LATER} and not secret
    return IssueLetter(
        about=letter.name, deed=letter.deed, rung=letter.rung, at=letter.created_at, fate=became,
        person=None if secret else letter.person, name=None if secret else letter.to_name,
        leaves_at=letter.leaves_at if waits else None,
    )  # fmt: skip


@get("/issues/{issue_id:uuid}/letters", opt=tells("issues", IssueLetters))
async def list_issue_letters(
    actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """List who was told of an issue, and what became of each letter, not what it says; of a face nothing."""
    found = await queries.opened(actor, issue_id)
    written = await queries.letters(found.issue.id) if found.issue.whole else []
    return answer(IssueLetters([_letter(one, found, now=now) for one in by_occasion(written, found)]))


handlers = [list_issue_letters]
