"""What a lead suggests to join: one of her team's issues, and one of another team's, of which she sees the face."""

from __future__ import annotations

from datetime import datetime

from floorday.demo import cast
from floorday.demo.stage import Company, Scene
from floorday.demo.workdays import Workdays
from floorday.issues.actions import suggesting

DAY = -1
LEAD = "astrid.holm"
OURS = "We cannot see whether a fault was closed from afar"
THEIRS = "Jobs count as closed although a part is on order"
WORD = "The same mark in the field tool, seen from both sides: it says closed as soon as somebody looked at it."


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Let the lead say so, and the coordinator find it in the morning."""

    async def suggests(at: datetime) -> None:
        await suggesting.suggest(company.actors[LEAD], company.issues[OURS], company.issues[THEIRS], WORD, now=at)

    return [Scene(workdays.moment(DAY, "15:20", cast.STOCKHOLM), suggests)]
