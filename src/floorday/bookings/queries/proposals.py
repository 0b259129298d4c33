"""Times that somebody proposed instead, and whether they can still be taken."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings import rules
from floorday.bookings.queries.rows import LIVE, ProposalRow
from floorday.db import run_sql
from floorday.errors import NotFound
from floorday.people import access
from floorday.people.access import Actor, Role, What, visible
from floorday.render.words import gettext as _

_PROPOSAL = f"""
    SELECT p.id, p.booking, p.mail, p.state, p.starts_at, p.ends_at, p.comment, p.partstat, p.sequence, p.stamp,
           p.made_at, b.manager, m.name AS manager_name, s.team, t.name AS team_name, s.host, h.name AS host_name,
           b.zone, b.starts_at AS was_starts_at, b.ends_at AS was_ends_at, b.sequence AS day_sequence,
           b.state AS day_state,
           (SELECT COUNT(*) FROM booking o WHERE o.manager = b.manager AND o.id <> b.id AND NOT o.past
            AND o.state IN ({", ".join(f"'{state}'" for state in LIVE)})
            AND o.starts_at < p.ends_at AND p.starts_at < o.ends_at) AS away,
           (SELECT COUNT(*) FROM shift o WHERE o.host = s.host AND o.id <> s.id AND o.withdrawn_at IS NULL
            AND o.taken > 0 AND o.starts_at < p.ends_at AND p.starts_at < o.ends_at) AS hosting,
           (SELECT COUNT(*) FROM shift o WHERE o.team = s.team AND o.starts_at = p.starts_at
            AND o.ends_at = p.ends_at AND o.withdrawn_at IS NULL AND o.taken < o.seats) AS free
    FROM booking_proposal p JOIN booking b ON b.id = p.booking JOIN shift s ON s.id = b.shift
    JOIN team t ON t.id = s.team JOIN person m ON m.id = b.manager LEFT JOIN person h ON h.id = s.host
"""  # noqa: S608 - own words


class Proposed(Struct, frozen=True):
    """A proposed time as a reader meets it: why it can no longer be taken, what to think of, whether it is theirs."""

    row: ProposalRow
    stale: str
    away: str
    hints: tuple[str, ...]
    settles: bool


def look(row: ProposalRow, actor: Actor, *, now: datetime) -> Proposed:
    """Say of a proposed time what stands in its way; which other day its manager has is nobody else's business."""
    away = _("%(manager)s already has another day at that time.", manager=row.manager_name) if row.away else ""
    hints = [_("%(team)s has a free shift at exactly that time.", team=row.team_name) if row.free
             else _("A new shift will be offered at that time.")]
    if row.hosting and not row.free:
        hints.append(_("%(host)s hosts another shift then.", host=row.host_name or ""))
    hints.append(rules.why_unlikely(row.offer()))
    return Proposed(row, rules.why_stale(row.offer(), now=now), away, tuple(filter(None, hints)),
                    access.can(actor, access.Act.SETTLE, row.thing()))


async def proposal(proposal_id: UUID) -> ProposalRow:
    """Find a proposed time, or raise NotFound."""
    found = await _proposals("p.id = {}", proposal_id)
    if not found:
        raise NotFound(_("There is no such proposal."))
    return found[0]


async def proposal_of_mail(mail: UUID) -> ProposalRow | None:
    """Find the newest proposed time that a mail brought."""
    found = await _proposals("p.mail = {} ORDER BY p.id DESC LIMIT 1", mail)
    return found[0] if found else None


async def open_proposals(bookings: Collection[UUID]) -> dict[UUID, ProposalRow]:
    """Give by booking the time that its manager proposed and nobody has settled."""
    if not bookings:
        return {}
    ids = sorted(bookings)
    found = await _proposals(f"p.state = 'open' AND p.booking IN ({', '.join('{}' for _one in ids)})", *ids)
    return {row.booking: row for row in found}


async def to_settle(actor: Actor, *, limit: int = 50) -> list[ProposalRow]:
    """List the open proposals that are a person's to settle, the oldest first."""
    if actor.has(Role.COORDINATOR):
        return await _proposals("p.state = 'open' ORDER BY p.id LIMIT {}", limit)
    teams = sorted(actor.teams(Role.LEAD))
    if not teams:
        return []
    marks = ", ".join("{}" for _one in teams)
    return await _proposals(f"p.state = 'open' AND s.team IN ({marks}) ORDER BY p.id LIMIT {{}}", *teams, limit)


async def listed_proposals(
    actor: Actor, *, after: UUID | None, limit: int, booking: UUID | None = None
) -> list[ProposalRow]:
    """List by id the open proposals for the days that a reader may see."""
    where, args = ["p.state = 'open'"], list[Any]()
    scope = visible(actor, What.BOOKINGS)
    if not scope.all:
        seen, teams = ["s.host = {}"], sorted(scope.teams)
        args.append(actor.person)
        for column, ids in (("b.manager", sorted(scope.persons)), ("s.team", teams)):
            if ids:
                seen.append(f"{column} IN ({', '.join('{}' for _one in ids)})")
                args += ids
        where.append(f"({' OR '.join(seen)})")
    for condition, value in (("p.id > {}", after), ("p.booking = {}", booking)):
        if value is not None:
            where.append(condition)
            args.append(value)
    return await _proposals(f"{' AND '.join(where)} ORDER BY p.id LIMIT {{}}", *args, limit)


async def _proposals(where: str, *args: Any) -> list[ProposalRow]:
    return msgspec.convert(await run_sql(f"{_PROPOSAL} WHERE {where}", *args), list[ProposalRow])
