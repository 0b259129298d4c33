"""Wall screens and desks: a key shown once, over with the role, the person, the team or a press of a button; PINs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from floorday import config
from floorday.db import run_sql
from floorday.errors import BadInput, Forbidden, NotFound, TooMany
from floorday.people import access, queries
from floorday.people import actions as people
from floorday.people.access import Act, Actor, DeviceKind, Door, OfTeam, Role, What, can, visible
from floorday.people.tables import Device, Grant, Person, Pin, Team
from floorday.web import digest
from tests.cast import Cast, make_cast

SCREEN, DESK = DeviceKind.SCREEN, DeviceKind.DESK


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def opened(actor: Actor, team: UUID, kind: DeviceKind = SCREEN) -> people.Opened:
    return await people.open_device(actor, team, kind, "Floor 3", now=config.now())


async def loaded(made: people.Opened, kind: DeviceKind = SCREEN) -> access.Device | None:
    return await people.load_device(made.key, kind, now=config.now())


async def test_a_key_has_160_bits_and_only_its_hash_is_kept(cast: Cast) -> None:
    made = await opened(cast.ben, cast.billing)
    assert len(made.key) == 32
    assert set(made.key) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert made.key not in str(await run_sql("SELECT * FROM device"))
    assert await loaded(made) == access.Device(made.id, SCREEN, cast.billing)


async def test_a_screens_key_is_no_desks_and_a_made_up_one_is_nothing(cast: Cast) -> None:
    made = await opened(cast.ben, cast.billing)
    assert await loaded(made, DESK) is None
    assert await people.load_device("a" * 32, SCREEN, now=config.now()) is None


async def test_when_it_was_used_is_kept_to_the_hour_and_written_once_an_hour(cast: Cast) -> None:
    made = await opened(cast.ben, cast.billing)
    await loaded(made)
    row = (await queries.devices(cast.billing, now=config.now()))[0]
    assert row.last_used_at == config.now().replace(minute=0, second=0, microsecond=0)
    await Device.update({Device.last_used_at: row.last_used_at + timedelta(minutes=1)}).where(Device.id == made.id)
    await loaded(made)
    again = (await queries.devices(cast.billing, now=config.now()))[0]
    assert again.last_used_at == row.last_used_at + timedelta(minutes=1)


@pytest.mark.parametrize("kind", [SCREEN, DESK])
async def test_a_role_taken_from_who_opened_it_ends_it(cast: Cast, kind: DeviceKind) -> None:
    made, other = await opened(cast.ben, cast.billing, kind), await opened(cast.eva, cast.billing, kind)
    held = (await queries.grants(cast.ben.person))[0]
    await people.take_role(cast.ada, held.id, now=config.now())
    assert await loaded(made, kind) is None
    assert await loaded(other, kind) is not None
    assert [one.id for one in await queries.devices(cast.billing, now=config.now())] == [other.id]


@pytest.mark.parametrize("kind", [SCREEN, DESK])
async def test_it_ends_with_its_team_with_its_keeper_and_on_its_day(cast: Cast, kind: DeviceKind) -> None:
    made = await opened(cast.ben, cast.billing, kind)
    await Team.update({Team.closed_at: config.now()}).where(Team.id == cast.billing)
    assert await loaded(made, kind) is None
    await Team.update({Team.closed_at: None}).where(Team.id == cast.billing)
    assert await loaded(made, kind) is not None
    await Person.update({Person.left_at: config.now()}).where(Person.id == cast.ben.person)
    assert await loaded(made, kind) is None
    await Person.update({Person.left_at: None}).where(Person.id == cast.ben.person)
    assert await people.load_device(made.key, kind, now=made.expires_at) is None


async def test_whoever_keeps_it_ends_it_once(cast: Cast) -> None:
    made = await opened(cast.ben, cast.billing)
    for stranger in (cast.ines, cast.fay, cast.ann):
        with pytest.raises(NotFound):
            await people.end_device(stranger, made.id, now=config.now())
    await people.end_device(cast.eva, made.id, now=config.now())
    assert await loaded(made) is None
    with pytest.raises(NotFound):
        await people.end_device(cast.eva, made.id, now=config.now())


@pytest.mark.parametrize("who", ["ines", "fay", "cleo", "ann", "dan", "gus", "hana", "ada"])
async def test_nobody_else_opens_one(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        await opened(cast.everybody()[who], cast.billing)


async def test_a_desk_ends_the_session_that_opened_it(cast: Cast) -> None:
    now = config.now()
    signed_in = await people.open_session(cast.ben.person, now=now)
    ben = await people.load_session(digest(signed_in.token), now=now)
    assert ben is not None
    await people.open_device(ben, cast.billing, DESK, "Desk 4", now=now)
    assert await people.load_session(digest(signed_in.token), now=now) is None


@pytest.mark.parametrize("kind", [SCREEN, DESK])
def test_a_device_may_look_at_its_team_and_nothing_else(kind: DeviceKind) -> None:
    own, other, who = UUID(int=1), UUID(int=2), UUID(int=3)
    device = access.Device(UUID(int=9), kind, own)
    things = [
        None, access.Shift(own), access.Subject(), access.Subject(team=own), access.Profile(who),
        access.Granting(who, Role.MEMBER), *(access.Booking(team, who, who) for team in (own, other)),
        *(access.Issue(team, restricted=hidden) for team in (own, other) for hidden in (False, True)),
        OfTeam(own), OfTeam(other),
    ]  # fmt: skip
    allowed = {(act, thing) for act in Act for thing in things if can(device, act, thing)}
    looks = {
        (Act.SEE_TEAM_DAY, OfTeam(own)), (Act.SEE_BOOKING, access.Booking(own, who, who)),
        (Act.SEE_FACE, access.Issue(own)),
    }  # fmt: skip
    assert allowed == looks | ({(Act.LEND_NAME, OfTeam(own))} if kind is DESK else set())
    assert visible(device, What.ISSUES) == visible(device, What.SHIFTS) == access.Scope()


@pytest.mark.parametrize("role", list(Role))
def test_at_the_desk_nobody_does_more_than_speak(role: Role) -> None:
    team = UUID(int=1)
    actor = Actor(UUID(int=3), "X", "x@floorday.example", door=Door.DESK,
                  grants=frozenset({access.Grant(role, team=team, department=UUID(int=2))}))  # fmt: skip
    issue = access.Issue(team, UUID(int=2), actor.person, actor.person, actor.person, frozenset({actor.person}))
    things = [None, issue, access.Shift(team, actor.person), access.Booking(team, actor.person, actor.person)]
    may = {act for act in Act for thing in things if can(actor, act, thing)}
    assert may <= {Act.RAISE, Act.VERDICT, Act.REPLY, Act.SEE_FACE, Act.SEE_ISSUE}


# --- picking a name --------------------------------------------------------------------------------------------


async def a_desk(cast: Cast) -> access.Device:
    found = await loaded(await opened(cast.ben, cast.billing, DESK), DESK)
    assert found is not None
    return found


async def test_those_of_the_team_pick_their_name_and_are_no_more_than_that_there(cast: Cast) -> None:
    await Grant.insert(Grant(person=cast.fay.person, role=Role.COORDINATOR.value, granted_at=config.now()))
    desk = await a_desk(cast)
    assert [card.name for card in await people.members(desk)] == ["Ben Baker", "Fay Finch"]
    picked = await people.pick(desk, cast.fay.person, "", now=config.now())
    assert picked.actor.door is Door.DESK
    assert picked.actor.grants == frozenset({access.Grant(Role.MEMBER, team=cast.billing)})
    assert not picked.proven


async def test_nobody_else_is_picked(cast: Cast) -> None:
    desk = await a_desk(cast)
    await Person.update({Person.left_at: config.now()}).where(Person.id == cast.fay.person)
    for stranger in (cast.cleo, cast.eva, cast.ann, cast.fay):
        with pytest.raises(BadInput, match="Pick your name"):
            await people.pick(desk, stranger.person, "", now=config.now())


async def test_a_screen_lends_no_name(cast: Cast) -> None:
    screen = await loaded(await opened(cast.ben, cast.billing))
    assert screen is not None
    with pytest.raises(Forbidden):
        await people.pick(screen, cast.fay.person, "", now=config.now())


async def test_a_pin_is_asked_for_and_kept_as_a_slow_hash(cast: Cast) -> None:
    now, desk = config.now(), await a_desk(cast)
    await people.set_pin(cast.fay, "24681", now=now)
    assert "24681" not in str(await run_sql("SELECT * FROM pin"))
    for wrong in ("", "24680", "2468"):
        with pytest.raises(BadInput):
            await people.pick(desk, cast.fay.person, wrong, now=now)
    assert (await people.pick(desk, cast.fay.person, " 24681 ", now=now)).proven
    await people.set_pin(cast.fay, "", now=now)
    assert not (await people.pick(desk, cast.fay.person, "", now=now)).proven


async def test_two_with_one_pin_have_different_hashes(cast: Cast) -> None:
    for who in (cast.fay, cast.ben):
        await people.set_pin(who, "1234", now=config.now())
    hashes = {row["hash"] for row in await Pin.select(Pin.hash)}
    assert len(hashes) == 2


async def test_after_five_wrong_pins_the_right_one_waits_a_quarter_of_an_hour(cast: Cast) -> None:
    now, desk = config.now(), await a_desk(cast)
    await people.set_pin(cast.fay, "24681", now=now)
    for _try in range(people.PIN_TRIES):
        with pytest.raises(BadInput):
            await people.pick(desk, cast.fay.person, "0000", now=now)
    with pytest.raises(TooMany):
        await people.pick(desk, cast.fay.person, "24681", now=now + timedelta(minutes=14))
    assert (await people.pick(desk, cast.fay.person, "24681", now=now + timedelta(minutes=16))).proven
    assert not (await people.pick(desk, cast.ben.person, "", now=now)).proven  # nobody else waits


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "١٢٣٤", "-123"])
async def test_a_pin_has_four_to_eight_digits(cast: Cast, pin: str) -> None:
    with pytest.raises(BadInput):
        await people.set_pin(cast.fay, pin, now=config.now())
    assert await queries.pin(cast.fay.person) is None
