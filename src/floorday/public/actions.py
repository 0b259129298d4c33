"""The verbs: look at what a team's page would tell, put it on, give it another address, put it off; and its week."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import transaction
from floorday.errors import Forbidden, NotFound, Refused
from floorday.issues import queries as issues
from floorday.mail import tokens
from floorday.people import queries as people
from floorday.people.access import Act, Actor, OfTeam, can
from floorday.people.queries import Place
from floorday.public import moves, queries, rules
from floorday.public.queries import STATUS, Page
from floorday.public.rules import Line, Written
from floorday.public.tables import PublicLine, PublicPage
from floorday.render import tokens as making
from floorday.render.words import gettext as _


class Offered(Struct, frozen=True, kw_only=True):
    """An issue that may be listed; `names` says that its title holds somebody's name, `agreed` that it is listed."""

    line: Line
    names: bool
    agreed: bool


class Look(Struct, frozen=True, kw_only=True):
    """What a team's page would tell if it were written now, and how it stands."""

    team: Place
    page: Page | None
    would: Written
    offered: list[Offered]


async def keeps(actor: Actor, team_id: UUID) -> Place:
    """Find a team whose public page somebody keeps; NotFound to whoever is shown no team."""
    team = await people.team(team_id) if can(actor, Act.SEE_PLACE) else None
    if team is None or team.closed_at is not None:
        raise NotFound(_("There is no such team."))
    if not can(actor, Act.KEEP_STATUS, OfTeam(team_id)):
        raise Forbidden(_("A team's public page is kept by its lead and the coordinator."))
    return team


async def look(actor: Actor, team_id: UUID, *, now: datetime) -> Look:
    """Say what a team's page would tell now, for whoever keeps it."""
    team = await keeps(actor, team_id)
    return await _look(team, now=now)


async def _look(team: Place, *, now: datetime) -> Look:
    page = await queries.page(team.id)
    listed = {one.issue for one in await queries.lines(page.id) if one.stands} if page else set[UUID]()
    would = rules.write(await queries.heard(team.id, now=now), zone=team.zone, now=now)
    names = await issues.named_in("\n".join(line.title for line in would.lines)) if would.lines else []
    offered = [
        Offered(line=line, names=any(name.lower() in line.title.lower() for name in names), agreed=line.issue in listed)
        for line in would.lines
    ]  # fmt: skip
    return Look(team=team, page=page, would=would, offered=offered)


async def put_on(actor: Actor, team_id: UUID, agreed: Collection[UUID], *, looked: bool, now: datetime) -> Page:
    """Put a team's page on, or write it anew, with these issues listed.

    A page that was off gets another address: who had the old one is not let in again by accident.
    """
    async with transaction():
        team = await keeps(actor, team_id)
        await moves.hold(team_id)
        seen = await _look(team, now=now)
        rules.agreed(agreed, {one.line.issue: one.names for one in seen.offered})
        if seen.page is not None and seen.page.is_on:
            page = seen.page.id
        else:
            rules.looked(looked)
            page = await _opened(actor, team_id, seen.page, now=now)
        by_id = {one.line.issue: one.line.title for one in seen.offered}
        await moves.agree(page, [
            PublicLine(page=page, issue=one, title=by_id[one], agreed_by=actor.person, agreed_at=now)
            for one in dict.fromkeys(agreed)
        ])  # fmt: skip
        await moves.write(page, _packed(seen.would), now=now)
        return await _page(team_id)


async def _opened(actor: Actor, team_id: UUID, page: Page | None, *, now: datetime) -> UUID:
    opened = page.id if page else await moves.insert(PublicPage(team=team_id, written_at=now))
    generation = page.generation + 1 if page else 0
    await moves.put_on(opened, by=actor.person, generation=generation, now=now)
    await tokens.grant(STATUS, opened, generation=generation, now=now)
    return opened


def _packed(said: Written) -> str:
    """Pack what a page tells, without the titles: these are read, and checked again, where it is shown."""
    bare = [msgspec.structs.replace(line, title="") for line in said.lines]
    return msgspec.json.encode(msgspec.structs.replace(said, lines=tuple(bare))).decode()


async def _page(team: UUID) -> Page:
    page = await queries.page(team)
    if page is None or not page.is_on:
        raise Refused(_("This team's page is off."))
    return page


async def renew(actor: Actor, team_id: UUID, *, now: datetime) -> Page:
    """Give a team's page another address; the old one opens nothing any more."""
    async with transaction():
        await keeps(actor, team_id)
        await moves.hold(team_id)
        page = await _page(team_id)
        await moves.renew(page.id, generation=page.generation + 1)
        await tokens.grant(STATUS, page.id, generation=page.generation + 1, now=now)
        return await _page(team_id)


async def put_off(actor: Actor, team_id: UUID, *, now: datetime) -> None:
    """Put a team's page off; its address opens nothing any more."""
    async with transaction():
        await keeps(actor, team_id)
        await moves.hold(team_id)
        page = await _page(team_id)
        await moves.put_off(page.id)
        await tokens.revoke(STATUS, page.id, now=now)


async def shown(actor: Actor, team_id: UUID) -> Page:
    """Find the page that a team shows, for whoever sees its day; Refused while it is off."""
    team = await people.team(team_id) if can(actor, Act.SEE_PLACE) else None
    if team is None or team.closed_at is not None:
        raise NotFound(_("There is no such team."))
    if not can(actor, Act.SEE_TEAM_DAY, OfTeam(team_id)):
        raise Forbidden(_("A team's poster is for the team itself."))
    page = await queries.page(team_id)
    if page is None or not page.is_on:
        raise Refused(_("The poster shows what the team's public page shows. Its lead puts that page on first."))
    return page


def address(page: Page) -> str:
    """Give the address under which everybody reads a page that is on."""
    return making.link(f"/status/{making.make(STATUS, page.id, generation=page.generation)}")


async def write_due(*, now: datetime) -> int:
    """Write each page anew that was not written in this week; returns how many.

    Two workers may do so at one moment: the first to write is the one that did.
    """
    written = 0
    for page in await queries.due(now=now):
        if page.written_at < rules.monday(now, page.zone):
            said = rules.write(await queries.heard(page.team, now=now), zone=page.zone, now=now)
            async with transaction():
                written += await moves.write_once(page, _packed(said), now=now)
    return written
