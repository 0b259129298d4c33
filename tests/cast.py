"""The named cast of the tests: who they are, what they may do, and the two teams they belong to.

    cast = await make_cast(now)
    await actions.invite(cast.ben, shift=..., manager=cast.ann.person, ...)

| who | what |
|---|---|
| Ann | a manager, in Stockholm |
| Ben | lead of Billing, in Leeds |
| Cleo | an outsider: a member of the other team, Claims, in Lisbon |
| Dan | Ann's assistant |
| Eva | the coordinator |
| Fay | a member of Billing, who hosts |
| Gus | owner in IT |
| Hana | head of service |
| Max | another manager |
| Ines | lead of Claims |
| Ada | the admin |
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from msgspec import Struct, structs

from floorday.bookings import actions
from floorday.bookings.actions import ShiftForm
from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.bookings.rules import Answer, Partstat
from floorday.mail.tables import LetterWish
from floorday.mail.wishes import Kind, Pace
from floorday.people.access import Actor, Door, Grant, Role
from floorday.people.tables import Agreement, Alias, Assists, Department, Person, Statement, Team
from floorday.people.tables import Grant as GrantRow

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday morning on which most tests begin."""


class Cast(Struct):
    """Actors by name, and the ids of the teams and the department."""

    ann: Actor
    ben: Actor
    cleo: Actor
    dan: Actor
    eva: Actor
    fay: Actor
    gus: Actor
    hana: Actor
    max: Actor
    ines: Actor
    ada: Actor
    billing: UUID
    claims: UUID
    it: UUID

    def everybody(self) -> dict[str, Actor]:
        """Give all actors by name."""
        return {name: value for name in self.__struct_fields__ if isinstance(value := getattr(self, name), Actor)}


async def make_cast(now: datetime = NOW) -> Cast:
    """Write the cast into the bound database."""
    since = now - timedelta(days=90)
    billing = Team(name="Billing", site="Leeds", place="Leeds, floor 3", zone="Europe/London", created_at=since)
    claims = Team(name="Claims", site="Lisbon", place="Rua Nova 7", zone="Europe/Lisbon", created_at=since)
    it = Department(name="IT", acknowledge_days=2, word_days=10, fix_days=30, created_at=since)
    await Team.insert(billing, claims)
    await Department.insert(it)
    await a_picture(billing.id, "A refund takes one call", on=since.date())

    async def person(name: str, zone: str, *grants: Grant) -> Actor:
        first = name.split(maxsplit=1)[0].lower()
        row = Person(name=name, email=f"{first}@floorday.example", zone=zone, created_at=since)
        await Person.insert(row)
        for grant in grants:
            await GrantRow.insert(GrantRow(
                person=row.id, role=grant.role.value, team=grant.team, department=grant.department, granted_at=since))
        return Actor(person=row.id, name=name, email=row.email, zone=zone, grants=frozenset(grants))

    ann = await person("Ann Archer", "Europe/Stockholm", Grant(Role.MANAGER))
    ben = await person("Ben Baker", "Europe/London", Grant(Role.LEAD, team=billing.id))
    cleo = await person("Cleo Costa", "Europe/Lisbon", Grant(Role.MEMBER, team=claims.id))
    dan = await person("Dan Dahl", "Europe/Stockholm", Grant(Role.ASSISTANT))
    eva = await person("Eva Ek", "Europe/London", Grant(Role.COORDINATOR))
    fay = await person("Fay Finch", "Europe/London", Grant(Role.MEMBER, team=billing.id))
    gus = await person("Gus Grant", "Europe/London", Grant(Role.OWNER, department=it.id))
    hana = await person("Hana Holm", "Europe/London", Grant(Role.HEAD_OF_SERVICE))
    other = await person("Max Moor", "Europe/London", Grant(Role.MANAGER))
    ines = await person("Ines Ito", "Europe/Lisbon", Grant(Role.LEAD, team=claims.id))
    ada = await person("Ada Abel", "Europe/London", Grant(Role.ADMIN))
    await Assists.insert(Assists(assistant=dan.person, manager=ann.person, since=since))
    await Alias.insert(Alias(person=ann.person, email="a.archer@floorday.example", created_at=since))
    await Team.update({Team.default_host: fay.person}).where(Team.id == billing.id)
    for wisher in (ann, ben, cleo, dan, eva, fay, gus, hana, other, ines, ada):
        # Most tests look at each letter by itself; that news is gathered has its own (tests/mail/test_daily.py).
        await LetterWish.insert(LetterWish(
            person=wisher.person, kind=Kind.NEWS.value, pace=Pace.AT_ONCE.value, at=since))  # fmt: skip
    dan = structs.replace(dan, assists=frozenset({ann.person}))
    return Cast(ann=ann, ben=ben, cleo=cleo, dan=dan, eva=eva, fay=fay, gus=gus, hana=hana, max=other, ines=ines,
                ada=ada, billing=billing.id, claims=claims.id, it=it.id)


async def a_picture(team: UUID, *texts: str, on: date, by: str = "Team meeting") -> list[UUID]:
    """Let a team have agreed on its picture of good service, and give the ids of the statements."""
    at = datetime.combine(on, time(12), UTC)
    agreement = Agreement(team=team, agreed_on=on, agreed_by=by, noted_at=at)
    await Agreement.insert(agreement)
    rows = [Statement(team=team, text=text, place=place, proposed_at=at, agreement=agreement.id)
            for place, text in enumerate(texts, start=1)]  # fmt: skip
    await Statement.insert(*rows)
    return [row.id for row in rows]


def through(actor: Actor, door: Door) -> Actor:
    """Give the same person at another door."""
    return structs.replace(actor, door=door)


async def a_shift(
    cast: Cast, *, now: datetime = NOW, days: int = 22, at: int = 9, hours: int = 6, seats: int = 1,
    team: UUID | None = None, host: UUID | None = None,
) -> ShiftRow:  # fmt: skip
    """Offer a shift of Billing (hosted by Fay) or of another team, so many days from now, at a full hour UTC."""
    team = team or cast.billing
    day = (now + timedelta(days=days)).replace(hour=at, minute=0, second=0, microsecond=0)
    return await actions.offer_shift(cast.eva, team, ShiftForm(
        starts=day, ends=day + timedelta(hours=hours), host=host or (cast.fay.person if team == cast.billing else None),
        seats=seats, plan="Listen, then take calls.",
    ), now=now)  # fmt: skip


async def a_booking(
    cast: Cast, *, now: datetime = NOW, manager: Actor | None = None, shift: ShiftRow | None = None,
    accepted: bool = False, days: int = 22,
) -> BookingRow:  # fmt: skip
    """Invite Ann (or another manager) to a shift, and let her accept where asked."""
    shift = shift or await a_shift(cast, now=now, days=days)
    inviter = cast.ben if shift.team == cast.billing else cast.ines
    manager = manager or cast.ann
    booking = await actions.invite(
        inviter, shift=shift.id, manager=manager.person, why="Refunds wait for a weekly batch.",
        doing="Take calls with Fay.", hope="One refund rule less.", now=now,
    )  # fmt: skip
    if accepted:
        booking, _ = await actions.answer(
            manager, booking.id, Answer(partstat=Partstat.ACCEPTED, sequence=booking.sequence), now=now)
    return booking
