"""Persons: who is here, and from where their mail may come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Language, MailAddress, Title, ZoneName
from floorday.errors import BadInput, NotFound, Refused
from floorday.people import moves, queries
from floorday.people.access import Act, Actor, Profile, Role, can
from floorday.people.actions import steps
from floorday.people.rules import Phone, may_change_address
from floorday.people.tables import Alias, Grant, Person
from floorday.render.words import gettext as _


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


class PersonForm(Struct, frozen=True):
    """What is said of a person."""

    name: Title
    email: MailAddress
    job_title: Title = Title("")
    phone: Phone = Phone("")
    zone: ZoneName | None = None
    language: Language = Language("en")


async def add_person(actor: Actor, form: PersonForm, *, now: datetime) -> UUID:
    """Add somebody; roles come after."""
    steps.must(can(actor, Act.EDIT_PEOPLE))
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
        before = await steps.person(person_id)
        await moves.still_here(person_id)
        steps.must(can(actor, Act.EDIT_PEOPLE, Profile(person_id)))
        if form.email != before.email:
            steps.must(can(actor, Act.EDIT_PEOPLE), _("Ask a coordinator to change the address you sign in with."))
            roles = [held.role for held in await queries.grants(person_id)]
            may = may_change_address(actor, person_id, roles)
            steps.must(may, _("Only an admin changes this person's address."))
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
    """Take a further address from which this person's mail may come; of oneself, or by those who keep people."""
    steps.must(can(actor, Act.EDIT_PEOPLE, Profile(person_id)))
    async with transaction():
        await steps.person(person_id)
        await moves.still_here(person_id)
        await _address_is_free(email)
        await moves.insert(Alias(person=person_id, email=email, created_at=now))


async def drop_alias(actor: Actor, person_id: UUID, alias_id: UUID) -> None:
    """Forget a further address; of oneself, or by those who keep people."""
    steps.must(can(actor, Act.EDIT_PEOPLE, Profile(person_id)))
    async with transaction():
        if not await moves.drop_alias(alias_id, person_id):
            raise NotFound(_("This address was forgotten already."))
