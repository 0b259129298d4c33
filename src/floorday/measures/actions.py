"""The verbs of the register: open a measure, describe it better, review it, retire it, bring it back."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Line, Prose, Title
from floorday.errors import BadInput, Forbidden
from floorday.issues import actions as issues
from floorday.issues.actions import Said
from floorday.issues.masks import mask
from floorday.issues.tables import Measure, MeasureEvent
from floorday.measures import moves, queries, rules
from floorday.measures.rules import Outcome
from floorday.people import access
from floorday.people import queries as people
from floorday.people.access import Act, Actor, can
from floorday.render.months import months_later
from floorday.render.words import gettext as _


class MeasureForm(Struct, frozen=True, kw_only=True):
    """What is said of a measure: who sets it, what it measures, its target, and which right action it punishes."""

    name: Title
    department: UUID
    punishes: Said
    measures: Said = Said("")
    target: Line = Line("")
    examples: Prose = Prose("")


class ReviewForm(Struct, frozen=True, kw_only=True):
    """What a review decided, why, and on which day."""

    outcome: Outcome
    because: Said
    reviewed_on: date


def reads(actor: Actor) -> None:
    """Raise Forbidden to whoever does not read the register."""
    if not can(actor, Act.SEE_MEASURES):
        raise Forbidden(_("Measures are for those who work in the programme. Assistants see days and letters."))


def keeps(actor: Actor) -> None:
    """Raise Forbidden to whoever does not keep the register."""
    reads(actor)
    if not can(actor, Act.KEEP_MEASURES):
        raise Forbidden(_("The coordinator and the head of customer service keep the register."))


def today(now: datetime) -> date:
    """Say which day it is in the programme's zone."""
    return now.astimezone(ZoneInfo(settings().zone)).date()


def next_review(on: date) -> date:
    """Say when a measure that was looked at on a day has to be looked at again."""
    return months_later(on, settings().measure_months)


async def _described(form: MeasureForm, *, before: UUID | None = None) -> dict[str, Any]:
    """Check what is said of a measure, and mask it."""
    rules.described(form.name, form.punishes)
    office = await people.department(form.department)
    if office is None or (office.closed_at is not None and office.id != before):
        wrong = _("Choose the department that sets it.")
        raise BadInput(wrong, fields={"department": wrong})
    zone = settings().zone
    said = {"name": (form.name, Title.longest), "measures": (form.measures, Said.longest),
            "target": (form.target, Line.longest), "punishes": (form.punishes, Said.longest),
            "examples": (form.examples, Prose.longest)}  # fmt: skip
    masked = {name: mask(text.strip(), zone=zone)[:longest] for name, (text, longest) in said.items()}
    return {**masked, "department": form.department}


async def open_measure(actor: Actor, form: MeasureForm, *, now: datetime, issue: UUID | None = None) -> UUID:
    """Put a measure into the register; `issue` is the conflict that it was opened for."""
    keeps(actor)
    async with transaction():
        said = await _described(form)
        row = Measure(**said, opened_by=actor.person, opened_at=now, review_due=next_review(today(now)))
        await moves.insert(row)
        await _record(row.id, "opened", actor, now=now)
        if issue is not None:
            await issues.file_under(actor, issue, row.id, now=now)
    return row.id


async def change(actor: Actor, measure_id: UUID, form: MeasureForm, *, now: datetime) -> None:
    """Describe a measure better; how it was described stays in its history."""
    keeps(actor)
    async with transaction():
        row = await queries.measure(measure_id)
        said = await _described(form, before=row.department)
        before = {name: getattr(row, name) for name in said}
        if said == before:
            return
        await moves.save(row, {getattr(Measure, name): value for name, value in said.items()})
        was = "; ".join(str(before[name]) for name in ("name", "measures", "target", "punishes", "examples")
                        if said[name] != before[name] and before[name])  # fmt: skip
        await _record(measure_id, "changed", actor, now=now, text=was)


async def review(actor: Actor, measure_id: UUID, form: ReviewForm, *, now: datetime) -> None:
    """Say what a review decided: kept or changed is looked at again in its time, dropped is retired."""
    reads(actor)
    async with transaction():
        row = await queries.measure(measure_id)
        if not can(actor, Act.REVIEW_MEASURE, access.OfDepartment(row.department)):
            raise Forbidden(_("The head of the department that sets it reviews it, or the coordinator."))
        because = mask(form.because.strip(), zone=settings().zone)[: Said.longest]
        rules.review(form.reviewed_on, because, today=today(now), last=row.reviewed_on, retired=row.retired)
        dropped = form.outcome is Outcome.DROPPED
        await moves.save(row, {
            Measure.reviewed_on: form.reviewed_on, Measure.reviewed_by: actor.person,
            Measure.outcome: form.outcome.value, Measure.because: because,
            Measure.review_due: None if dropped else next_review(form.reviewed_on),
            Measure.retired_at: now if dropped else None,
        })  # fmt: skip
        await _record(measure_id, "reviewed", actor, now=now, text=because, says=form.outcome.value,
                      for_date=form.reviewed_on)  # fmt: skip


async def retire(actor: Actor, measure_id: UUID, *, now: datetime) -> None:
    """Take a measure out of the register; what points at it goes on pointing."""
    keeps(actor)
    async with transaction():
        row = await queries.measure(measure_id)
        rules.retire(retired=row.retired)
        await moves.save(row, {Measure.retired_at: now, Measure.review_due: None})
        await _record(measure_id, "retired", actor, now=now)


async def bring_back(actor: Actor, measure_id: UUID, *, now: datetime) -> None:
    """Put a retired measure back; it is to be reviewed as if it had never been out."""
    keeps(actor)
    async with transaction():
        row = await queries.measure(measure_id)
        rules.bring_back(retired=row.retired)
        since = row.reviewed_on or today(row.opened_at)
        await moves.save(row, {Measure.retired_at: None, Measure.review_due: next_review(since)})
        await _record(measure_id, "brought back", actor, now=now)


async def _record(
    measure: UUID, what: str, actor: Actor, *, now: datetime, text: str = "", says: str = "",
    for_date: date | None = None,
) -> None:  # fmt: skip
    await moves.record(MeasureEvent(
        measure=measure, at=now, what=what, by=actor.person, door=actor.door.value, text=text, says=says,
        for_date=for_date,
    ))  # fmt: skip
