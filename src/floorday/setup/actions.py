"""The verbs of an import: upload a sheet, look at what it would do, import it, undo that.

What is shown is worked out anew each time from the sheet and from what is here; the button carries the digest of what
was shown, so that nothing else is done. An import writes everything or nothing, sends nobody a letter, and takes
nothing away: an empty cell leaves things as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from piccolo.table import Table

from floorday.db import transaction, uuid7
from floorday.errors import BadInput, Forbidden, NotFound, Raced, Refused
from floorday.people import moves as people_moves
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Granting, Role, can
from floorday.people.tables import Agreement, Alias, Assists, Department, Grant, Person, Statement, Team
from floorday.pictures import actions as pictures
from floorday.render.words import gettext as _
from floorday.setup import moves, queries
from floorday.setup.queries import Kept
from floorday.setup.rules import columns, files
from floorday.setup.rules.columns import Found, Subject
from floorday.setup.rules.persons import plan_people
from floorday.setup.rules.places import plan_departments, plan_teams
from floorday.setup.rules.plans import Here, Plan, Step, with_faults
from floorday.setup.tables import SheetImport

__all__ = [
    "Look", "Plan", "Subject", "Written", "bad_rows", "bring_in", "forget_old", "look", "set_up", "undo", "upload",
]

KEPT_FOR = timedelta(days=1)
"""How long an upload waits to be imported, and an import can be undone."""

ACTS = {
    Subject.DEPARTMENTS: Act.EDIT_DEPARTMENT, Subject.TEAMS: Act.EDIT_TEAM, Subject.PEOPLE: Act.EDIT_PEOPLE,
}  # fmt: skip
TABLES: dict[Subject, type[Table]] = {
    Subject.DEPARTMENTS: Department, Subject.TEAMS: Team, Subject.PEOPLE: Person,
}  # fmt: skip

PICTURE = "picture"
"""A team's picture of good service, which has rows of its own."""


class Written(Struct):
    """What an import wrote, so that it can be undone; roles as (grant, person, role)."""

    rows: list[UUID] = []
    grants: list[tuple[UUID, UUID, Role]] = []
    aliases: list[UUID] = []
    assists: list[UUID] = []
    changes: list[tuple[UUID, dict[str, Any], dict[str, Any]]] = []


class Look(Struct, frozen=True):
    """An upload with what it would do; where it was imported, what it did (`wrote`) instead."""

    kept: Kept
    found: Found | None = None
    plan: Plan | None = None
    wrote: Written | None = None

    @property
    def undo_until(self) -> datetime:
        """Say until when an import can be undone."""
        return self.kept.created_at + KEPT_FOR


def must(actor: Actor, subject: Subject) -> None:
    """Raise Forbidden unless this actor may import such a sheet."""
    if not can(actor, ACTS[subject]):
        raise Forbidden(_("This is for a coordinator or an admin."))


def _understood(subject: Subject, raw: bytes) -> Found:
    return columns.find(subject, files.read(raw, knows=lambda name: columns.knows(subject, name)))


async def upload(actor: Actor, subject: Subject, file: str, raw: bytes, *, now: datetime) -> UUID:
    """Keep a sheet for a day, to be looked at and imported; raise BadInput where it cannot be read."""
    must(actor, subject)
    found = await asyncio.to_thread(_understood, subject, raw)
    if not found.sheet.rows:
        raise BadInput(_("There is a row with the names of the columns, and none below it."))
    sheet = msgspec.json.encode(found.sheet).decode()
    row = SheetImport(person=actor.person, subject=subject.value, file=file[-200:], sheet=sheet, created_at=now)
    async with transaction():
        await moves.keep(row)
    return row.id


async def look(actor: Actor, sheet_id: UUID) -> Look:
    """Say what an upload of one's own would do at this moment, or what it did."""
    kept = await _own(actor, sheet_id)
    if kept.done_at is not None:
        wrote = msgspec.json.decode(kept.wrote, type=Written) if kept.wrote else None
        return Look(kept, wrote=wrote)
    found, plan = await _planned(actor, kept)
    return Look(kept, found, plan)


async def _own(actor: Actor, sheet_id: UUID) -> Kept:
    kept = await queries.kept(sheet_id)
    if kept is None or kept.person != actor.person:
        raise NotFound(_("This upload is no longer here: it is kept for a day, until the next one. Upload it again."))
    must(actor, kept.subject)
    return kept


async def _planned(actor: Actor, kept: Kept) -> tuple[Found, Plan]:
    here = await queries.here(kept.subject)

    def work() -> tuple[Found, Plan]:
        found = columns.find(kept.subject, msgspec.json.decode(kept.sheet, type=files.Sheet))
        return found, _plan(actor, found, kept.subject, here)

    return await asyncio.to_thread(work)


def _plan(actor: Actor, found: Found, subject: Subject, here: Here) -> Plan:
    match subject:
        case Subject.DEPARTMENTS:
            return plan_departments(found, here)
        case Subject.TEAMS:
            return plan_teams(found, here)
        case Subject.PEOPLE:
            return plan_people(found, here, actor)


async def bad_rows(actor: Actor, sheet_id: UUID) -> bytes:
    """Give the rows that cannot be taken as a CSV file, each with what is wrong."""
    seen = await look(actor, sheet_id)
    if seen.plan is None or seen.found is None or not seen.plan.faults:
        raise NotFound(_("Nothing is wrong with this file."))
    return with_faults(seen.plan, seen.found)


async def bring_in(actor: Actor, sheet_id: UUID, *, shown: str, now: datetime) -> Plan:
    """Import what was shown: all of it, or nothing."""
    async with transaction():
        kept = await _own(actor, sheet_id)
        if not await moves.claim(sheet_id, now=now):
            raise Refused(_("This file was imported already."))
        _found, plan = await _planned(actor, kept)
        if plan.faults:
            raise Refused(_("Some rows cannot be taken. Mend them in the file and upload it again."))
        if plan.digest != shown:
            raise Raced(_("Something has changed since this was shown. Look at it again; nothing was imported."))
        if not plan.steps:
            raise Refused(_("Everything in this file is here already."))
        wrote = await _write(actor, plan, now=now)
        await moves.settle(sheet_id, msgspec.json.encode(wrote).decode())
    return plan


async def _write(actor: Actor, plan: Plan, *, now: datetime) -> Written:
    table, wrote = TABLES[plan.subject], Written()
    ids = {step.row: uuid7() for step in plan.new}
    new = list[Table]()
    for step in plan.new:
        values: dict[str, Any] = {"id": ids[step.row], "created_at": now, **_of_row(step.values)}
        new.append(table(**values))
    await moves.insert(new)
    wrote.rows = list(ids.values())
    for step in plan.changed:
        if step.id is not None and step.values:
            if own := _of_row(step.values):
                await moves.change(table, step.id, {**own}, before=_of_row(step.before))
            wrote.changes.append((step.id, dict(step.before), dict(step.values)))
    for step in plan.steps:
        if words := step.values.get(PICTURE):
            team = _person(step, ids)
            await pictures.take_over(team, str(words).splitlines(), by=actor.person, now=now)
    if plan.subject is Subject.PEOPLE:
        await _belong(actor, plan, ids, wrote, now=now)
    return wrote


def _of_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a team has in rows of their own."""
    return {name: held for name, held in values.items() if name != PICTURE}


async def _belong(actor: Actor, plan: Plan, ids: dict[int, UUID], wrote: Written, *, now: datetime) -> None:
    """Write what persons are beside themselves: roles, further addresses, whom they assist."""
    grants, aliases, assists = list[Grant](), list[Alias](), list[Assists]()
    for step in plan.steps:
        person = _person(step, ids)
        grants += [
            Grant(person=person, role=gain.role.value, team=gain.team, department=gain.department, granted_at=now,
                  granted_by=actor.person)
            for gain in step.gains
        ]  # fmt: skip
        aliases += [Alias(person=person, email=email, created_at=now) for email in step.aliases]
        assists += [
            Assists(assistant=person, manager=ids[ref] if isinstance(ref, int) else ref, since=now)
            for ref, _name in step.managers
        ]  # fmt: skip
    for rows in (grants, aliases, assists):
        await moves.insert(rows)
    wrote.grants = [(one.id, one.person, Role(one.role)) for one in grants]
    wrote.aliases, wrote.assists = [one.id for one in aliases], [one.id for one in assists]
    moved = [step.id for step in plan.changed if step.id is not None and "email" in step.values]
    await moves.end_sessions(moved, now=now)


def _person(step: Step, ids: dict[int, UUID]) -> UUID:
    return step.id if step.id is not None else ids[step.row]


async def undo(actor: Actor, sheet_id: UUID, *, now: datetime) -> Kept:
    """Take back what an import wrote: all of it, or nothing where something of it is in use or was changed since."""
    async with transaction():
        kept = await _own(actor, sheet_id)
        if kept.done_at is None or kept.undone_at is not None or not kept.wrote:
            raise Refused(_("There is nothing to undo."))
        if now >= kept.created_at + KEPT_FOR:
            raise Refused(_("This can no longer be undone; a day has gone by. Change what is wrong by hand."))
        if not await moves.claim_undo(sheet_id, now=now):
            raise Refused(_("This was undone already."))
        wrote = msgspec.json.decode(kept.wrote, type=Written)
        if not all(can(actor, Act.GRANT, Granting(person, role)) for _id, person, role in wrote.grants):
            raise Forbidden(_("Some of these roles are no longer yours to take away. Ask an admin."))
        await _take_back(kept, wrote, now=now)
    return kept


async def _take_back(kept: Kept, wrote: Written, *, now: datetime) -> None:
    table = TABLES[kept.subject]
    await moves.drop(Assists, wrote.assists)
    await moves.drop(Grant, [grant for grant, _person, _role in wrote.grants])
    await moves.drop(Alias, wrote.aliases)
    try:
        for row_id, before, after in wrote.changes:
            if _of_row(after):
                await moves.change(table, row_id, _columns(_of_row(before)), before=_columns(_of_row(after)))
            if PICTURE in after:
                await _picture_back(kept, row_id, before[PICTURE], after[PICTURE], now=now)
    except Raced:
        changed = _("Somebody has changed one of them since. Nothing was undone; change what is wrong by hand.")
        raise Refused(changed) from None
    no_rows: tuple[list[UUID], list[UUID]] = ([], [])
    said = await queries.picture_rows(wrote.rows, since=kept.done_at or now) if table is Team else no_rows
    if said is None:
        raise Refused(_("A team of it has changed its picture of good service since. Nothing was undone."))
    if not (await moves.drop(Statement, said[0]) and await moves.drop(Agreement, said[1])
            and await moves.drop(table, wrote.rows)):  # fmt: skip
        raise Refused(_("Something of it is in use already: somebody has signed in, is booked, or belongs to it. "
                        "Nothing was undone."))  # fmt: skip
    gone = set(wrote.rows)
    touched = {person for _grant, person, _role in wrote.grants} | {
        row_id for row_id, _before, after in wrote.changes if "email" in after}
    await moves.end_sessions(sorted(touched - gone), now=now)
    for person in {person for _grant, person, _role in wrote.grants} - gone:
        await people_moves.end_devices(person, now=now)


async def _picture_back(kept: Kept, team: UUID, before: str, after: str, *, now: datetime) -> None:
    """Let a team's picture say again what it said; Raced where it was changed since."""
    if (await people.pictures()).get(team, []) != after.splitlines():
        raise Raced(_("Somebody has changed one of them since."))
    await pictures.take_over(team, before.splitlines(), by=kept.person, now=now)


def _columns(values: dict[str, Any]) -> dict[Any, Any]:
    """Give values as they were before they became JSON."""
    return {name: UUID(held) if name == "default_host" and held else held for name, held in values.items()}


async def forget_old(*, now: datetime) -> None:
    """Forget uploads after a day; the worker calls it."""
    await moves.forget(now - KEPT_FOR)


class _NotYet(Exception):
    """Ends a transaction of which nothing is to stay."""


async def set_up(
    actor: Actor, sheets: Sequence[tuple[Subject, bytes]], *, write: bool, now: datetime
) -> list[Plan]:
    """Import several sheets in one transaction, each upon what the ones before it wrote; the command line's door.

    Give what each does, up to the first with a bad row; without `write`, or with one, nothing is written.
    """
    found: dict[Subject, Found] = {}
    for subject, raw in sheets:
        must(actor, subject)
        try:
            found[subject] = _understood(subject, raw)
        except BadInput as wrong:
            raise BadInput(f"{subject.value.capitalize()}: {wrong.sentence}") from wrong
    order = [subject for subject in Subject if subject in found]
    if {Subject.TEAMS, Subject.PEOPLE} <= found.keys():
        order.append(Subject.TEAMS)  # once more, for the usual hosts, who were not here before
    plans = dict[Subject, Plan]()
    try:
        async with transaction():
            for subject in order:
                plan = _plan(actor, found[subject], subject, await queries.here(subject))
                plans[subject] = plan if subject not in plans else _both(plans[subject], plan)
                if plan.faults:
                    raise _NotYet
                await _write(actor, plan, now=now)
            if not write:
                raise _NotYet
    except _NotYet:
        pass
    return list(plans.values())


def _both(first: Plan, second: Plan) -> Plan:
    """Tell two turns of one sheet as one: the second only adds hosts."""
    return msgspec.structs.replace(first, notes=second.notes, faults=second.faults)
