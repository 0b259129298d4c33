"""The verbs: propose, order, agree, say better, retire, bring back; and take a whole picture over from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.db import transaction
from floorday.db.text import Line
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues.masks import mask
from floorday.people.access import Act, Actor, OfTeam, can
from floorday.people.queries import Place
from floorday.people.tables import Agreement, Statement
from floorday.pictures import moves, queries, rules
from floorday.pictures.queries import Picture
from floorday.render.words import gettext as _


class AgreementForm(Struct, frozen=True, kw_only=True):
    """What a team agreed on: which statements, on which day, and in whose round."""

    statements: list[UUID]
    agreed_on: date
    agreed_by: Line


class PictureForm(Struct, frozen=True, kw_only=True):
    """A whole picture: its statements in their order, when the team agreed, and in whose round."""

    statements: list[Line]
    agreed_on: date
    agreed_by: Line


def reads(actor: Actor) -> None:
    """Raise Forbidden to whoever has no role in the programme."""
    if not can(actor, Act.SEE_PLACE):
        raise Forbidden(_("Ask the coordinator for a role in the programme first."))


async def kept(actor: Actor, team: UUID) -> Picture:
    """Give the picture of a team that somebody keeps, held until the transaction ends."""
    reads(actor)
    await moves.hold(team)
    found = await queries.picture(team)
    if found.team.closed_at is not None:
        raise NotFound(_("There is no such team."))
    if not can(actor, Act.KEEP_PICTURE, OfTeam(team)):
        raise Forbidden(_("A team's picture is kept by its lead and the coordinator."))
    return found


def _today(team: Place, now: datetime) -> date:
    return now.astimezone(ZoneInfo(team.zone)).date()


async def propose(actor: Actor, team: UUID, text: str, *, now: datetime) -> UUID:
    """Propose a statement; it becomes part of the picture when the team agrees."""
    async with transaction():
        found = await kept(actor, team)
        words = _masked(text, found.team)
        there = {line.text for line in found.lines if line.retired_on is None}
        rules.propose(words, there=there, proposed=len(found.proposed))
        row = Statement(team=team, text=words, place=_last(found) + 1, proposed_by=actor.person, proposed_at=now)
        await moves.insert(row)
    return row.id


def _masked(text: str, team: Place) -> str:
    return mask(" ".join(text.split()), zone=team.zone)[: Line.longest]


def _last(found: Picture) -> int:
    return max((line.place for line in found.lines), default=0)


async def move(actor: Actor, team: UUID, statement: UUID, *, up: bool) -> None:
    """Move a statement up or down among those that stand."""
    async with transaction():
        found = await kept(actor, team)
        line = found.line(statement)
        if not line.stands:
            raise Refused(_("Only what the team agreed on has an order."))
        await moves.order(rules.moved([one.id for one in found.standing], statement, up=up))


async def reword(actor: Actor, team: UUID, statement: UUID, text: str) -> None:
    """Say a statement better, so that it means the same; it stays what the team agreed on."""
    async with transaction():
        found = await kept(actor, team)
        line, words = found.line(statement), _masked(text, found.team)
        if words != line.text:
            there = {one.text for one in found.lines if one.retired_on is None}
            rules.propose(words, there=there, proposed=0)
            await moves.reword(statement, was=line.text, text=words)


async def retire(actor: Actor, team: UUID, statement: UUID, *, now: datetime) -> str:
    """Take a statement out of the picture, or a proposal back; what points at it goes on pointing. Gives its words."""
    async with transaction():
        found = await kept(actor, team)
        line = found.line(statement)
        await moves.retire([statement], on=_today(found.team, now), by=actor.person)
    return line.text


async def bring_back(actor: Actor, team: UUID, statement: UUID) -> str:
    """Let a retired statement stand again, where there is room for it. Gives its words."""
    async with transaction():
        found = await kept(actor, team)
        line = found.line(statement)
        if line.agreement is not None and len(found.standing) >= rules.MOST:
            raise Refused(_("A picture has at most %(most)s statements. Retire another one first.", most=rules.MOST))
        await moves.bring_back(statement, place=_last(found) + 1)
    return line.text


async def agree(actor: Actor, team: UUID, form: AgreementForm, *, now: datetime) -> int:
    """Note what the team agreed on: these statements, and no others; gives how many they are.

    Of what is proposed and not among them nothing changes.
    """
    async with transaction():
        found = await kept(actor, team)
        wanted = set(form.statements)
        for one in wanted:
            if found.line(one).retired_on is not None:
                wrong = _("One of these was retired just now. Choose again.")
                raise BadInput(wrong, fields={"statements": wrong})
        today = _today(found.team, now)
        rules.agree(len(wanted), form.agreed_on, form.agreed_by, today=today, last=_last_agreed(found))
        agreement = await _agreed(actor, found, form.agreed_on, form.agreed_by, now=now)
        await moves.begin(wanted, agreement)
        await moves.retire([line.id for line in found.standing if line.id not in wanted],
                           on=form.agreed_on, by=actor.person)
        await moves.order([line.id for line in found.lines if line.id in wanted])
    return len(wanted)


def _last_agreed(found: Picture) -> date | None:
    """Give the day of the last agreement that somebody noted."""
    return next((one.agreed_on for one in found.agreements if one.agreed_by), None)


async def _agreed(actor: Actor, found: Picture, on: date, by: str, *, now: datetime) -> UUID:
    row = Agreement(team=found.team.id, agreed_on=on, agreed_by=mask(by, zone=found.team.zone)[: Line.longest],
                    noted_by=actor.person, noted_at=now)
    await moves.agreed(row)
    return row.id


async def keep(actor: Actor, team: UUID, form: PictureForm, *, now: datetime) -> None:
    """Say a team's whole picture, as it was agreed on; words that stand already stay. Twice is done once."""
    async with transaction():
        found = await kept(actor, team)
        words = list(dict.fromkeys(_masked(one, found.team) for one in form.statements if one.strip()))
        said_by = mask(form.agreed_by, zone=found.team.zone)[: Line.longest]
        last = found.last
        same = last is not None and (last.agreed_on, last.agreed_by) == (form.agreed_on, said_by)
        if same and words == [line.text for line in found.standing]:
            return
        rules.agree(len(words), form.agreed_on, form.agreed_by, today=_today(found.team, now),
                    last=_last_agreed(found))  # fmt: skip
        agreement = await _agreed(actor, found, form.agreed_on, form.agreed_by, now=now)
        await _renew(found, words, agreement, on=form.agreed_on, by=actor.person, now=now)


async def _renew(
    found: Picture, words: Sequence[str], agreement: UUID, *, on: date, by: UUID | None, now: datetime
) -> None:
    standing = [(line.id, line.text) for line in found.standing]
    proposed = [(line.id, line.text) for line in found.proposed]
    plan = rules.renew([*standing, *[one for one in proposed if one[1] in words]], words)
    new = [Statement(team=found.team.id, text=text, proposed_by=by, proposed_at=now, agreement=agreement)
           for one, text in plan.order if one is None]  # fmt: skip
    await moves.insert(*new)
    made = {row.text: row.id for row in new}
    order = [one or made[text] for one, text in plan.order]
    await moves.begin({one for one, _text in proposed if one in order}, agreement)
    await moves.retire(plan.retire, on=on, by=by)
    await moves.order(order)


async def take_over(team: UUID, words: Sequence[str], *, by: UUID | None, now: datetime) -> None:
    """Bring a picture in, however long; who agreed on it, and when, is not known. No rights are asked."""
    await moves.hold(team)
    found = await queries.picture(team)
    if list(words) == [line.text for line in found.standing]:
        return
    on = _today(found.team, now)
    row = Agreement(team=team, agreed_on=on, noted_by=by, noted_at=now)
    await moves.agreed(row)
    await _renew(found, words, row.id, on=on, by=by, now=now)
