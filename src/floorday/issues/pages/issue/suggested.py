"""What an issue's page says of what leads suggest to join it with."""

from __future__ import annotations

from typing import Any

from floorday.issues.queries import IssueRow, suggestions
from floorday.issues.queries.suggestions import Said
from floorday.issues.rules import Turn
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.words import gettext as _


async def of_issue(row: IssueRow, actor: Actor) -> list[dict[str, Any]]:
    """List what waits about an issue, for those who read it; of what is closed nothing is asked for."""
    if row.turn is Turn.CLOSED:
        return []
    return [card_of(one, actor) for one in await suggestions.about(actor, row.id)]


def card_of(one: Said, actor: Actor) -> dict[str, Any]:
    """Say who says since when that it is the same as which other one."""
    said = _("%(name)s (%(team)s) suggests it since %(day)s.", name=one.by_name or _("Somebody"), team=one.team_name,
             day=when.day(one.at, one.team_zone))  # fmt: skip
    return {"settles": can(actor, Act.SETTLE_SUGGESTIONS), "word": one.word, "other": refs.ref(one.other), "said": said}
