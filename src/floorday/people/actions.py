"""What people do about people: sign in and out, join, leave, be given roles.

Sign-in (SECURITY.md): a six-digit code by mail, the link second; fifteen minutes, once, the newest only, five
tries; the same answer for unknown addresses. What is stored is a keyed hash.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.db.text import Line, MailAddress, Prose, Text, Title, ZoneName
from floorday.errors import BadInput, Forbidden, NotFound, Refused, TooMany
from floorday.mail import outbox
from floorday.people import moves, queries
from floorday.people.access import Act, Actor, Granting, Profile, Role, can
from floorday.people.tables import Alias, Assists, Department, Grant, Person, Session, SignInCode, Team
from floorday.render import tokens
from floorday.render.words import gettext as _
from floorday.web.session import new_token

CODE_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
CODES_PER_ADDRESS = 5
CODES_PER_NETWORK = 40
TEAM_SCOPED = frozenset({Role.LEAD, Role.MEMBER})
DEPARTMENT_SCOPED = frozenset({Role.OWNER, Role.HEAD_OF_DEPARTMENT})


class Phone(Text):
    """A telephone number as people write it."""

    __slots__ = ()
    longest = 40


Days = Annotated[int, Meta(ge=0, le=365)]


class SignedIn(Struct, frozen=True):
    """A new session: the cookie's value (never stored) and whose it is."""

    token: str
    person: UUID


# --- sign-in -------------------------------------------------------------------------------------------------


async def ask_code(email: str, *, network: str, now: datetime, printed: bool = False) -> str | None:
    """Send a code to an address, if somebody is there; the answer never tells.

    With `printed` (the server's own terminal) no letter leaves, and the path of the link is given back: asking for the
    address on the page would make a newer code.
    """
    email = email.strip().lower()
    async with transaction():
        if not printed:
            await _not_too_often(email, network, now=now)
        who = await queries.by_address(email)
        row_id = uuid7()
        code = tokens.digits("sign-in-code", row_id)
        link = tokens.make("sign-in", row_id)
        await moves.insert(
            SignInCode(
                id=row_id, email=email, person=who.id if who else None, code_hash=_code_hash(row_id, code),
                link_hash=tokens.digest(link), network=network, asked_at=now, expires_at=now + CODE_LIFE,
            )
        )  # fmt: skip
        if printed:
            return f"/sign-in/link/{link}" if who else None
        if who is not None:
            await outbox.post(
                "sign_in_code",
                to=who.email,
                to_name=who.name,
                person=who.id,
                about=row_id,
                about_kind="sign_in",
                facts={
                    "name": who.name,
                    "codes": {"code": {"purpose": "sign-in-code", "about": str(row_id)}},
                    "minutes": int(CODE_LIFE.total_seconds() // 60),
                    "links": {"sign_in": {"purpose": "sign-in", "about": str(row_id), "generation": 0,
                                          "path": "/sign-in/link/{token}"}},
                },
                key=f"sign_in_code:{row_id}",
                now=now,
                at_once=True,
            )  # fmt: skip
    return None


async def _not_too_often(email: str, network: str, *, now: datetime) -> None:
    by_address, by_network = await queries.asked_since(now - CODE_LIFE, email=email, network=network)
    if by_address >= CODES_PER_ADDRESS or by_network >= CODES_PER_NETWORK:
        raise TooMany(_("Too many codes were asked for. Please wait a quarter of an hour."), after=900)


def _code_hash(row_id: UUID, code: str) -> str:
    return tokens.digest(tokens.make(f"code:{code}", row_id))


async def sign_in(email: str, code: str, *, now: datetime, browser: str = "") -> SignedIn:
    """Take the newest code sent to an address; wrong, old and used ones get the same sentence."""
    email, code = email.strip().lower(), "".join(code.split())
    async with transaction():
        row = await queries.newest_code(email)
        good = (
            _usable(row, now=now) and hmac.compare_digest(row["code_hash"], _code_hash(row["id"], code))
            if row
            else False
        )
        if row and not good:
            await moves.count_try(row["id"])
        if row and good:
            return await _enter(row, now=now, browser=browser)
    raise BadInput(_wrong_code(), fields={"code": _wrong_code()}, values={"email": email})


def _wrong_code() -> str:
    return _("This code does not fit, or it is older than 15 minutes. Ask for a new one.")


def _usable(row: dict[str, Any], *, now: datetime) -> bool:
    return (
        row["person"] is not None
        and row["used_at"] is None
        and row["tries"] < CODE_TRIES
        and row["asked_at"] <= now < row["expires_at"]
    )


async def sign_in_by_link(link: str, *, now: datetime, browser: str = "") -> SignedIn:
    """Take the link of the newest code; only a pressed button comes here."""
    async with transaction():
        row = await queries.code_by_link(tokens.digest(link))
        if row and _usable(row, now=now):
            newest = await queries.newest_code(row["email"])
            if newest and newest["id"] == row["id"]:
                return await _enter(row, now=now, browser=browser)
    raise NotFound(_("This link was used, or it is older than 15 minutes. Ask for a new code."))


async def _enter(row: dict[str, Any], *, now: datetime, browser: str) -> SignedIn:
    if not await moves.use_code(row["id"], now=now):
        raise BadInput(_wrong_code(), fields={"code": _wrong_code()})
    return await open_session(row["person"], now=now, browser=browser)


async def open_session(person_id: UUID, *, now: datetime, browser: str = "", demo: bool = False) -> SignedIn:
    """Open a session for a person who has proven who they are (or picked a name in the demo)."""
    token, hashed = new_token()
    async with transaction():
        await moves.insert(
            Session(
                hash=hashed, person=person_id, began_at=now, seen_at=now,
                expires_at=now + timedelta(days=settings().session_days), browser=browser[:200], demo=demo,
            )
        )  # fmt: skip
    return SignedIn(token, person_id)


async def load_session(hashed: str, *, now: datetime) -> Actor | None:
    """Say who a session's cookie stands for; when it was used is kept to the hour."""
    found = await queries.actor_by_session(hashed, now=now)
    if found is None:
        return None
    actor, seen_at = found
    if actor.session is not None and now - seen_at > timedelta(hours=1):
        await moves.touch_session(actor.session, now=now)
    return actor


async def sign_out(actor: Actor, *, now: datetime) -> None:
    """End the session at hand."""
    if actor.session is not None:
        await moves.end_session(actor.session, person_id=actor.person, now=now)


async def end_session(actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End another of one's own sessions."""
    if not await moves.end_session(session_id, person_id=actor.person, now=now):
        raise NotFound(_("This session is over already."))


async def first_person(name: str, email: str, *, zone: str, now: datetime) -> UUID:
    """Make the first person, who runs everything, while there is nobody yet. Called on the server only."""
    async with transaction():
        if await queries.anybody():
            raise Refused(_("There are people already; ask one of them to add you."))
        person = Person(name=name, email=email.lower(), zone=zone, created_at=now)
        await moves.insert(person)
        for role in (Role.ADMIN, Role.COORDINATOR):
            await moves.insert(Grant(person=person.id, role=role, granted_at=now))
    return person.id


# --- persons ---------------------------------------------------------------------------------------------------


class PersonForm(Struct, frozen=True):
    """What is said of a person."""

    name: Title
    email: MailAddress
    job_title: Title = Title("")
    phone: Phone = Phone("")
    zone: ZoneName | None = None
    language: str = "en"


async def add_person(actor: Actor, form: PersonForm, *, now: datetime) -> UUID:
    """Add somebody; roles come after."""
    _must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        await _address_is_free(form.email)
        person = Person(
            name=form.name, email=form.email, job_title=form.job_title, phone=form.phone,
            zone=form.zone or settings().zone, language=form.language, created_at=now,
        )  # fmt: skip
        await moves.insert(person)
    return person.id


async def change_person(actor: Actor, person_id: UUID, form: PersonForm, *, now: datetime) -> None:
    """Change somebody, or oneself. The address is what signs in: only those who keep people change it."""
    async with transaction():
        before = await _person(person_id)
        _must(can(actor, Act.EDIT_PEOPLE, Profile(person_id)))
        if form.email != before.email:
            _must(can(actor, Act.EDIT_PEOPLE), _("Ask a coordinator to change the address you sign in with."))
            if person_id != actor.person and not actor.has(Role.ADMIN):
                high = any(held.role in {Role.ADMIN, Role.HEAD_OF_SERVICE} for held in await queries.grants(person_id))
                _must(not high, _("Only an admin changes this person's address."))
            await _address_is_free(form.email, but=person_id)
        await moves.change_person(
            person_id,
            {
                "name": form.name, "email": form.email, "job_title": form.job_title, "phone": form.phone,
                "zone": form.zone or before.zone, "language": form.language,
            },
        )  # fmt: skip
        if form.email != before.email:
            await moves.end_sessions(person_id, now=now)


async def _address_is_free(email: str, *, but: UUID | None = None) -> None:
    owner = await queries.by_address(email)
    if owner is not None and owner.id != but:
        taken = _("This address already belongs to somebody.")
        raise BadInput(taken, fields={"email": taken})


async def add_alias(actor: Actor, person_id: UUID, email: str, *, now: datetime) -> None:
    """Take a further address from which this person's mail may come."""
    _must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        await _person(person_id)
        await _address_is_free(email)
        await moves.insert(Alias(person=person_id, email=email, created_at=now))


async def drop_alias(actor: Actor, person_id: UUID, alias_id: UUID) -> None:
    """Forget a further address."""
    _must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        if not await moves.drop_alias(alias_id, person_id):
            raise NotFound(_("This address was forgotten already."))


# --- roles -----------------------------------------------------------------------------------------------------


async def give_role(
    actor: Actor,
    person_id: UUID,
    role: Role,
    *,
    team: UUID | None = None,
    department: UUID | None = None,
    now: datetime,
) -> None:
    """Give a role, for a team or a department where the role has a scope."""
    _must(can(actor, Act.GRANT, Granting(person_id, role)), _("You may not give this role."))
    _scope_fits(role, team, department)
    async with transaction():
        await _person(person_id)
        if team is not None and await queries.team(team) is None:
            raise BadInput(_("Pick a team."), fields={"team": _("Pick a team.")})
        if department is not None and await queries.department(department) is None:
            raise BadInput(_("Pick a department."), fields={"department": _("Pick a department.")})
        await moves.insert(
            Grant(
                person=person_id, role=role, team=team, department=department, granted_at=now, granted_by=actor.person
            )
        )


def _scope_fits(role: Role, team: UUID | None, department: UUID | None) -> None:
    if role in TEAM_SCOPED and team is None:
        missing = _("Pick the team this is for.")
        raise BadInput(missing, fields={"team": missing})
    if role in DEPARTMENT_SCOPED and department is None:
        raise BadInput(
            _("Pick the department this is for."), fields={"department": _("Pick the department this is for.")}
        )
    if (team is not None and role not in TEAM_SCOPED) or (department is not None and role not in DEPARTMENT_SCOPED):
        raise BadInput(_("This role is for the whole company; leave team and department empty."))


async def take_role(actor: Actor, grant_id: UUID, *, now: datetime) -> None:
    """Take a role away; every session of that person ends with it."""
    async with transaction():
        held = await queries.grant(grant_id)
        if held is None:
            raise NotFound(_("This role was taken away already."))
        _must(can(actor, Act.GRANT, Granting(held.person, held.role)), _("You may not take this role away."))
        await moves.drop_grant(grant_id)
        await moves.end_sessions(held.person, now=now)


async def add_assistant(actor: Actor, assistant: UUID, manager: UUID, *, now: datetime) -> None:
    """Let somebody answer for a manager."""
    _must(can(actor, Act.EDIT_PEOPLE))
    if assistant == manager:
        raise BadInput(_("Nobody assists themselves."), fields={"manager": _("Nobody assists themselves.")})
    async with transaction():
        await _person(assistant)
        await _person(manager)
        await moves.insert(Assists(assistant=assistant, manager=manager, since=now))
        roles = {held.role for held in await queries.grants(assistant)}
        if Role.ASSISTANT not in roles:
            await moves.insert(Grant(person=assistant, role=Role.ASSISTANT, granted_at=now, granted_by=actor.person))


async def drop_assistant(actor: Actor, pair_id: UUID, *, now: datetime) -> None:
    """End that; the assistant's sessions end with it."""
    _must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        for pair in await queries.pairs():
            if pair.id == pair_id:
                await moves.drop_assists(pair_id)
                await moves.end_sessions(pair.assistant, now=now)
                return
    raise NotFound(_("They no longer assist this manager."))


# --- teams and departments -------------------------------------------------------------------------------------


class TeamForm(Struct, frozen=True):
    """What is said of a team."""

    name: Title
    site: Title = Title("")
    place: Line = Line("")
    zone: ZoneName | None = None
    default_host: UUID | None = None
    picture: Prose = Prose("")


async def add_team(actor: Actor, form: TeamForm, *, now: datetime) -> UUID:
    """Add a team."""
    _must(can(actor, Act.EDIT_TEAM))
    async with transaction():
        team = Team(
            name=form.name, site=form.site, place=form.place, zone=form.zone or settings().zone,
            default_host=form.default_host, picture=form.picture, created_at=now,
        )  # fmt: skip
        await moves.insert(team)
    return team.id


async def change_team(actor: Actor, team_id: UUID, form: TeamForm) -> None:
    """Change a team; shifts already offered keep the zone and place they were offered with."""
    _must(can(actor, Act.EDIT_TEAM))
    async with transaction():
        if await queries.team(team_id) is None:
            raise NotFound(_("There is no such team."))
        await moves.change_team(
            team_id,
            {
                "name": form.name, "site": form.site, "place": form.place, "zone": form.zone or settings().zone,
                "default_host": form.default_host, "picture": form.picture,
            },
        )  # fmt: skip


class DepartmentForm(Struct, frozen=True):
    """What is said of a department; the charter's numbers are working days, 0 for none yet."""

    name: Title
    acknowledge_days: Days = 0
    word_days: Days = 0
    fix_days: Days = 0


async def add_department(actor: Actor, form: DepartmentForm, *, now: datetime) -> UUID:
    """Add a department."""
    _must(can(actor, Act.EDIT_DEPARTMENT))
    async with transaction():
        department = Department(
            name=form.name, acknowledge_days=form.acknowledge_days, word_days=form.word_days, fix_days=form.fix_days,
            created_at=now,
        )  # fmt: skip
        await moves.insert(department)
    return department.id


async def change_department(actor: Actor, department_id: UUID, form: DepartmentForm) -> None:
    """Change a department."""
    _must(can(actor, Act.EDIT_DEPARTMENT))
    async with transaction():
        if await queries.department(department_id) is None:
            raise NotFound(_("There is no such department."))
        await moves.change_department(
            department_id,
            {
                "name": form.name, "acknowledge_days": form.acknowledge_days, "word_days": form.word_days,
                "fix_days": form.fix_days,
            },
        )  # fmt: skip


# --- shared ----------------------------------------------------------------------------------------------------


class FormKeys:
    """The keys of posted forms, kept in the database, so that a form posted twice acts once."""

    async def claim(self, key: str, now: datetime) -> str | None:
        """Keep a key; one that is kept already says where its post went ("" while it runs)."""
        return await moves.claim_form(key, now=now)

    async def settle(self, key: str, went_to: str) -> None:
        """Keep where the post of this key went."""
        await moves.settle_form(key, went_to)

    async def forget(self, key: str) -> None:
        """Give a key back: its post changed nothing."""
        await moves.forget_form(key)


async def forget_old_forms(*, now: datetime) -> None:
    """Forget form keys after two days; the worker calls it."""
    await moves.forget_old_forms(now - timedelta(days=2))


async def _person(person_id: UUID) -> queries.Card:
    found = await queries.person(person_id)
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _must(allowed: bool, sentence: str | None = None) -> None:
    if not allowed:
        raise Forbidden(sentence or _("This is for a coordinator or an admin."))
