"""A team's lead says that two issues are the same, one of them the team's own; a coordinator joins them, or says why
not.

A lead joins the own team's issues into another one. Another team's issue is not theirs to join, and of it they see the
face alone, so they cannot know what was said there; a coordinator looks at both.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Line
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import moves, queries, rules
from floorday.issues.actions import following, suggested
from floorday.issues.masks import mask
from floorday.issues.queries import IssueRow, suggestions
from floorday.issues.queries.suggestions import JOINED, Suggestion
from floorday.issues.rules import Turn
from floorday.people.access import Act, Actor, can
from floorday.render import refs
from floorday.render.words import gettext as _


async def suggest(actor: Actor, issue_id: UUID, other_id: UUID, word: str = "", *, now: datetime) -> Suggestion:
    """Say that two issues are the same; one of them, whichever is named first, is of a team that the actor leads."""
    async with transaction():
        one, two = await queries.issue(actor, issue_id), await queries.issue(actor, other_id)
        if can(actor, Act.SETTLE_SUGGESTIONS):
            raise Forbidden(_("You join issues yourself; only a team's lead has to suggest it."))
        if not can(actor, Act.SUGGEST):
            raise Forbidden(_("The lead of a team whose issue it is suggests that. Tell yours."))
        own, other = (one, two) if one.can(actor, Act.SUGGEST) else (two, one)
        _fits(own, other)
        if not own.can(actor, Act.SUGGEST):
            raise _wrong(_("One of the two has to be your team's."))
        if await suggestions.same(own.id, other.id):
            raise Refused(_("This has been suggested already. The coordinator looks at it."))
        kept = mask(str(Line.parse(word)), zone=own.team_zone)[: Line.longest] if word.strip() else ""
        id = await moves.add_suggestion(own.id, other.id, actor.person, kept, now=now)
        found = await suggestions.suggestion(None, id)
        assert found is not None
        return found


def _fits(own: IssueRow, other: IssueRow) -> None:
    if own.id == other.id:
        raise _wrong(_("This is the same issue. Say which other one it is."))
    if own.joined_into is not None or other.joined_into is not None:
        raise Refused(_("One of the two is already part of another issue. Suggest that one."))
    for one in (own, other):
        if one.turn is Turn.CLOSED:
            raise Refused(_("%(ref)s is closed. If it is back, say so on its page.", ref=refs.ref(one.number)))


def _wrong(sentence: str) -> BadInput:
    return BadInput(sentence, fields={"same": sentence})


async def take_suggestion_back(actor: Actor, id: UUID, *, now: datetime) -> Suggestion:
    """Take an own suggestion back, as long as it waits."""
    async with transaction():
        found = await _readable(actor, id)
        if found.by != actor.person:
            raise Forbidden(_("Whoever suggested it takes it back; a coordinator settles it."))
        if found.outcome:
            raise Refused(_("The coordinator has settled it already."))
        await moves.forget_suggestion(id, actor.person)
        return found


async def accept_suggestion(actor: Actor, id: UUID, *, into: UUID | None = None, now: datetime) -> IssueRow:
    """Join the two; `into` is the one that stays (None: the one that was raised first). Gives it."""
    async with transaction():
        found = await _settles(actor, id)
        one, two = await queries.issue(None, found.issue), await queries.issue(None, found.other)
        stays, goes = sorted((one, two), key=lambda row: row.number)
        if into is not None:
            if into not in {one.id, two.id}:
                raise BadInput(_("Choose one of the two."), fields={"into": _("Choose one of the two.")})
            stays, goes = (one, two) if into == one.id else (two, one)
        return await following.join(actor, goes.id, stays.id, now=now)


async def refuse_suggestion(actor: Actor, id: UUID, because: str, *, now: datetime) -> Suggestion:
    """Say that the two stay two, and why; whoever suggested it reads the reason."""
    async with transaction():
        found = await _settles(actor, id)
        text = mask(str(Line.parse(because)), zone=found.team_zone)[: Line.longest] if because.strip() else ""
        if not text:
            wrong = _("Say why; whoever suggested it reads the reason.")
            raise BadInput(wrong, fields={"because": wrong})
        await suggested.settle_apart(actor, found, text, now=now)
        return found


async def undo_suggestion(actor: Actor, id: UUID, *, now: datetime) -> Suggestion:
    """Take back how a suggestion was settled, until its letters leave, by whoever settled it."""
    async with transaction():
        found = await _readable(actor, id)
        if not can(actor, Act.SETTLE_SUGGESTIONS):
            raise Forbidden(_("The coordinator settles what leads suggest."))
        if found.settled_at is None:
            raise Refused(_("There is nothing to undo here any more."))
        rules.undo(mine=found.settled_by == actor.person, at=found.settled_at, now=now,
                   seconds=settings().undo_seconds)  # fmt: skip
        if found.outcome == JOINED:
            part = await suggestions.joined_then(found)
            if part is None:
                raise Refused(_("There is nothing to undo here any more."))
            await following.undo(actor, part, now=now)
        else:
            await suggested.reopen(found, now=now)
        return found


async def _readable(actor: Actor, id: UUID) -> Suggestion:
    found = await suggestions.suggestion(actor, id)
    if found is None:
        if not suggestions.reads(actor):
            raise Forbidden(_("Team leads suggest what to join, and the coordinator settles it."))
        raise NotFound(_("There is no such suggestion."))
    return found


async def _settles(actor: Actor, id: UUID) -> Suggestion:
    found = await _readable(actor, id)
    if not can(actor, Act.SETTLE_SUGGESTIONS):
        raise Forbidden(_("The coordinator settles what leads suggest."))
    if found.outcome:
        raise Refused(_("This is settled already."))
    return found
