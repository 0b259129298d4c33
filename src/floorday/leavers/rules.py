"""Who takes over what hangs on somebody who leaves. Pure: it is given what there is, and says who could take it.

Nothing may point at nobody afterwards: an issue they own or sponsor goes to somebody who may own or sponsor it, or the
leaving is refused. What a team can do without for a while (a host of a day, a lead) may be left open, and then says so.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.errors import BadInput, Refused
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Act, Actor, Granting, Profile, Role, can
from floorday.render.words import gettext as _

NOBODY, WITHDRAW = "nobody", "withdraw"
"""What may be chosen in place of a person: leave it open; take the shift back and cancel the days on it."""

KEPT_UP = (Role.ADMIN, Role.COORDINATOR)
"""Of these there is always one left."""


class Kind(StrEnum):
    """How something hangs on somebody."""

    HOSTS = "hosts"
    OWNS = "owns"
    SPONSORS = "sponsors"
    DEFAULT_HOST = "default-host"
    LEADS = "leads"
    HEADS = "heads"
    ASSISTS = "assists"


class Peer(Struct, frozen=True, kw_only=True):
    """Somebody who is here, with one of their roles."""

    person: UUID
    name: str
    role: Role
    team: UUID | None = None
    team_name: str | None = None
    department: UUID | None = None
    department_name: str | None = None


class Shift(Struct, frozen=True, kw_only=True):
    """A shift to come that they host."""

    id: UUID
    team: UUID
    team_name: str
    title: str
    booked: int
    default_host: UUID | None = None


class Issue(Struct, frozen=True, kw_only=True):
    """An open issue that they own or sponsor. `last_manager` was on that team's floor last, of all but them."""

    id: UUID
    title: str
    team: UUID
    department: UUID | None
    department_name: str | None
    owner: UUID | None
    sponsor: UUID | None
    waits: bool = False
    asked: bool = False
    last_manager: UUID | None = None


class Place(Struct, frozen=True):
    """A team whose default host they are, or a manager for whom they answer (`id` is the manager's)."""

    id: UUID
    name: str


class Facts(Struct, frozen=True, kw_only=True):
    """Everything that hangs on somebody, and everybody who could take it."""

    person: UUID
    peers: Sequence[Peer] = ()
    shifts: Sequence[Shift] = ()
    issues: Sequence[Issue] = ()
    hosted: Sequence[Place] = ()
    managers: Sequence[Place] = ()


class Taker(Struct, frozen=True):
    """Somebody who could take something over; `department` is the one in which they would own an issue."""

    person: UUID
    name: str
    department: UUID | None = None


class Thing(Struct, frozen=True, kw_only=True):
    """One thing that hangs on them: what it is, who could take it, and who is proposed ("" for nobody to propose).

    `scope` groups things of a kind: the team, the department (None where there is none). `instead` is what may be
    chosen in place of a person.
    """

    kind: Kind
    id: UUID
    scope: UUID | None
    scope_name: str
    title: str
    note: str = ""
    takers: tuple[Taker, ...] = ()
    instead: tuple[str, ...] = ()
    proposal: str = ""

    def taker(self, person: str) -> Taker | None:
        """Find one of those who could take it."""
        return next((one for one in self.takers if str(one.person) == person), None)


class Hand(Struct, frozen=True):
    """A choice: this thing, or everything of this kind in this scope (None: of this kind), goes to `to`."""

    kind: Kind
    id: UUID | None
    to: str


class Given(Struct, frozen=True):
    """A thing and who takes it: a person, or what was chosen instead."""

    thing: Thing
    taker: Taker | None
    instead: str = ""


def may(actor: Actor, person: UUID, roles: Iterable[Role]) -> bool:
    """Say whether somebody may let a person leave, or come back: who may take away every role that ends with it."""
    keeps = person != actor.person and can(actor, Act.EDIT_PEOPLE, Profile(person))
    return keeps and all(can(actor, Act.GRANT, Granting(person, role)) for role in roles)


def may_give_out(actor: Actor, person: UUID) -> bool:
    """Say whether somebody may be given all that is kept of a person: they, or who sees notes and letters too."""
    return person == actor.person or (can(actor, Act.EDIT_PEOPLE) and can(actor, Act.SEE_LETTERS))


def not_the_last(person: UUID, holders: Collection[tuple[UUID, Role]]) -> None:
    """Refuse to let go of the last admin or the last coordinator."""
    for role in KEPT_UP:
        held = {who for who, what in holders if what is role}
        if held == {person}:
            if role is Role.ADMIN:
                raise Refused(_("They are the only admin. Make somebody else an admin first."))
            raise Refused(_("They are the only coordinator. Make somebody else a coordinator first."))


def things(facts: Facts) -> list[Thing]:
    """List what hangs on them, each with who could take it over and who is proposed."""
    others = [peer for peer in facts.peers if peer.person != facts.person]
    own = [peer for peer in facts.peers if peer.person == facts.person]
    found = [_shift(shift, others) for shift in facts.shifts]
    found += [_owned(issue, others) for issue in facts.issues if issue.owner == facts.person]
    found += [_sponsored(issue, others) for issue in facts.issues if issue.sponsor == facts.person]
    found += [_default_host(team, others) for team in facts.hosted]
    found += [_led(peer, others) for peer in own if peer.role is Role.LEAD]
    found += [_headed(peer, others) for peer in own if peer.role is Role.HEAD_OF_DEPARTMENT]
    found += [_assisted(manager, others) for manager in facts.managers]
    return found


def _people(peers: Iterable[Peer], *, department: UUID | None = None, named: bool = False) -> tuple[Taker, ...]:
    """Give each person once, in the order they come; with `named`, with their department beside the name."""
    found: dict[UUID, Taker] = {}
    for peer in peers:
        name = f"{peer.name}, {peer.department_name}" if named and peer.department != department else peer.name
        found.setdefault(peer.person, Taker(peer.person, name, peer.department))
    return tuple(found.values())


def _of_team(team: UUID | None, peers: Sequence[Peer]) -> list[Peer]:
    return [peer for peer in peers if peer.role in TEAM_ROLES and peer.team == team]


def _first(takers: Sequence[Taker], *wanted: UUID | None) -> str:
    """Propose the first of those wanted who is among the takers, else the first taker."""
    by_id = {taker.person for taker in takers}
    chosen = next((one for one in wanted if one in by_id), takers[0].person if takers else None)
    return str(chosen) if chosen else ""


def _shift(shift: Shift, others: Sequence[Peer]) -> Thing:
    team = _of_team(shift.team, others)
    takers = _people(team)
    lead = next((peer.person for peer in team if peer.role is Role.LEAD), None)
    booked = _("nobody is booked yet") if not shift.booked else _("a manager comes") if shift.booked == 1 else _(
        "%(n)s managers come", n=shift.booked)
    return Thing(
        kind=Kind.HOSTS, id=shift.id, scope=shift.team, scope_name=shift.team_name, title=shift.title, note=booked,
        takers=takers, instead=(NOBODY, WITHDRAW), proposal=_first(takers, shift.default_host, lead) or NOBODY,
    )  # fmt: skip


def _owned(issue: Issue, others: Sequence[Peer]) -> Thing:
    fixers = [peer for peer in others if peer.role in DEPARTMENT_ROLES and peer.person != issue.sponsor]
    near = [peer for peer in fixers if peer.department == issue.department]
    far = [peer for peer in fixers if peer.department != issue.department]
    head = next((peer.person for peer in near if peer.role is Role.HEAD_OF_DEPARTMENT), None)
    takers = _people([*near, *far], department=issue.department, named=True)
    return Thing(
        kind=Kind.OWNS, id=issue.id, scope=issue.department, scope_name=issue.department_name or "", title=issue.title,
        note=_("a date is promised") if issue.waits else "", takers=takers,
        proposal=_first(_people(near), head) or _first(takers),
    )  # fmt: skip


def _sponsored(issue: Issue, others: Sequence[Peer]) -> Thing:
    takers = _people(peer for peer in others if peer.role is Role.MANAGER and peer.person != issue.owner)
    return Thing(
        kind=Kind.SPONSORS, id=issue.id, scope=None, scope_name="", title=issue.title,
        note=_("a decision is asked of them") if issue.asked else "", takers=takers,
        proposal=_first(takers, issue.last_manager),
    )  # fmt: skip


def _default_host(team: Place, others: Sequence[Peer]) -> Thing:
    takers = _people(_of_team(team.id, others))
    return Thing(kind=Kind.DEFAULT_HOST, id=team.id, scope=team.id, scope_name=team.name, title=team.name,
                 takers=takers, instead=(NOBODY,), proposal=_first(takers) or NOBODY)  # fmt: skip


def _led(own: Peer, others: Sequence[Peer]) -> Thing:
    team = _of_team(own.team, others)
    led = any(peer.role is Role.LEAD for peer in team)
    assert own.team is not None
    return Thing(kind=Kind.LEADS, id=own.team, scope=own.team, scope_name=own.team_name or "",
                 title=own.team_name or "", note=_("somebody else leads it too") if led else "",
                 takers=_people(peer for peer in team if peer.role is Role.MEMBER), instead=(NOBODY,),
                 proposal=NOBODY)  # fmt: skip


def _headed(own: Peer, others: Sequence[Peer]) -> Thing:
    theirs = [peer for peer in others if peer.role in DEPARTMENT_ROLES and peer.department == own.department]
    headed = any(peer.role is Role.HEAD_OF_DEPARTMENT for peer in theirs)
    assert own.department is not None
    return Thing(kind=Kind.HEADS, id=own.department, scope=own.department, scope_name=own.department_name or "",
                 title=own.department_name or "", note=_("somebody else heads it too") if headed else "",
                 takers=_people(peer for peer in theirs if peer.role is Role.OWNER), instead=(NOBODY,),
                 proposal=NOBODY)  # fmt: skip


def _assisted(manager: Place, others: Sequence[Peer]) -> Thing:
    takers = _people(peer for peer in others if peer.role is Role.ASSISTANT and peer.person != manager.id)
    return Thing(kind=Kind.ASSISTS, id=manager.id, scope=None, scope_name="", title=manager.name, takers=takers,
                 instead=(NOBODY,), proposal=NOBODY)  # fmt: skip


def settle(found: Sequence[Thing], hands: Sequence[Hand]) -> list[Given]:
    """Say who takes each thing: who was chosen for it, else for all of its kind and scope, else who is proposed.

    Raise BadInput with a sentence for each thing that nobody takes, or that the one chosen cannot take.
    """
    chosen = {(hand.kind, hand.id): hand.to for hand in hands}
    given: list[Given] = []
    wrong: dict[str, str] = {}
    for thing in found:
        own = chosen.get((thing.kind, thing.id))
        to = own or chosen.get((thing.kind, thing.scope)) or chosen.get((thing.kind, None)) or thing.proposal
        if to in thing.instead:
            given.append(Given(thing, None, to))
        elif (taker := thing.taker(to)) is not None:
            given.append(Given(thing, taker))
        else:
            wrong[field(thing.kind, thing.id)] = _nobody_takes(thing, to)
    if wrong:
        raise BadInput(next(iter(wrong.values())), fields=wrong)
    return given


def field(kind: Kind, thing: UUID | None) -> str:
    """Name the field in which it is chosen who takes something."""
    return f"{kind}/{thing or 'all'}"


def _nobody_takes(thing: Thing, to: str) -> str:
    if to:
        return _("Whoever you chose for “%(thing)s” cannot take it. Choose one of those listed.", thing=thing.title)
    if thing.kind is Kind.OWNS:
        return _("Nobody can own “%(thing)s”. Give somebody the role of an owner first.", thing=thing.title)
    return _("Nobody can sponsor “%(thing)s”. Make somebody else a manager first.", thing=thing.title)


def read(choice: str) -> Hand | None:
    """Read a choice as a form sends it, `kind/thing/to`; None for the empty one."""
    if not choice:
        return None
    kind, _slash, rest = choice.partition("/")
    thing, _slash, to = rest.partition("/")
    try:
        return Hand(Kind(kind), None if thing == "all" else UUID(thing), to)
    except ValueError:
        raise BadInput(_("This choice cannot be read. Load the page again.")) from None


def why_not_back(*, left_at: datetime | None, erased: bool, taken_by: str) -> str:
    """Say why somebody cannot come back; nothing where they can."""
    if left_at is None:
        return _("They are here.")
    if erased:
        return _("They were erased. Add them as somebody new.")
    if taken_by:
        return _("Their address belongs to %(name)s by now. Change that first.", name=taken_by)
    return ""


# --- erasing -----------------------------------------------------------------------------------------------------

SHORTEST_WORD = 3
SHORTEST_NUMBER = 6
"""Fewer letters of a name, or digits of a telephone number, are found everywhere and mean nobody."""

_BEFORE, _AFTER = r"(?<![\w.+-])", r"(?![\w-])"


class Traces(Struct, frozen=True, kw_only=True):
    """By what somebody can be found in what was written: the whole name, their addresses, their telephone number."""

    name: str
    addresses: tuple[str, ...]
    phone: str = ""

    @property
    def literal(self) -> tuple[str, ...]:
        """Give what to look for as it stands, also as JSON writes it."""
        said = [self.name, *self.addresses, *([self.phone] if self._number else [])]
        return tuple(dict.fromkeys([*said, *(msgspec.json.encode(one).decode()[1:-1] for one in said)]))

    @property
    def _number(self) -> bool:
        return sum(letter.isdigit() for letter in self.phone) >= SHORTEST_NUMBER

    @property
    def words(self) -> tuple[str, ...]:
        """Give the parts of the name that are long enough to look for."""
        found = re.findall(r"[^\W\d_]+", self.name)
        return tuple(dict.fromkeys(word for word in found if len(word) >= SHORTEST_WORD))


class Stand(Struct, frozen=True):
    """What stands in somebody's place once they are erased; the number never changes and is nobody else's."""

    name: str
    address: str


def stand_in(number: int) -> Stand:
    """Make what stands in the place of the n-th who is erased."""
    return Stand(_("Somebody who left (%(n)s)", n=number), f"erased-{number}@erased.invalid")


def scrubbed(text: str, traces: Traces, stand: Stand, *, prose: bool) -> str:
    """Put the stand-in in the place of a whole name, an address and a telephone number.

    In prose that people wrote (`prose`) a name of one word stays, for it may be anybody's, or no name at all. JSON
    stays JSON.
    """
    if text[:1] in {"{", "["}:
        with contextlib.suppress(msgspec.DecodeError):
            kept = _walked(msgspec.json.decode(text), traces, stand, prose=prose)
            return msgspec.json.encode(kept).decode()
    return _plain(text, traces, stand, prose=prose)


def _walked(value: Any, traces: Traces, stand: Stand, *, prose: bool) -> Any:
    if isinstance(value, str):
        return _plain(value, traces, stand, prose=prose)
    if isinstance(value, list):
        return [_walked(one, traces, stand, prose=prose) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return {key: _walked(one, traces, stand, prose=prose) for key, one in held.items()}
    return value


def _plain(text: str, traces: Traces, stand: Stand, *, prose: bool) -> str:
    for address in traces.addresses:
        text = re.sub(f"{_BEFORE}{re.escape(address)}{_AFTER}", stand.address, text, flags=re.IGNORECASE)
    if not prose or " " in traces.name:
        text = re.sub(rf"(?<!\w){re.escape(traces.name)}(?!\w)", lambda _found: stand.name, text)
    if sum(letter.isdigit() for letter in traces.phone) >= SHORTEST_NUMBER:
        text = text.replace(traces.phone, "–")
    return text


def mentions(text: str, traces: Traces) -> bool:
    """Say whether a part of the name stands in a text as a word of its own; whether it is they, a person must see."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in traces.words)


def may_erase(actor: Actor, person: UUID) -> bool:
    """Say whether somebody may erase a person."""
    return person != actor.person and can(actor, Act.EDIT_PEOPLE, Profile(person))


def why_not_erased(*, left_at: datetime | None, erased: bool, waiting: int) -> str:
    """Say why somebody cannot be erased now; nothing where they can. `waiting` are letters that name them."""
    if left_at is None:
        return _("They are still here. Say first that they leave, so that their work is handed over.")
    if erased:
        return _("They were erased already.")
    if waiting:
        return _("Letters that name them have not left yet. Try again in a minute, or see which ones in the Inbox.")
    return ""


def typed_right(name: str, typed: str) -> None:
    """Refuse to erase unless the whole name was typed."""
    if " ".join(typed.split()).casefold() != " ".join(name.split()).casefold():
        sentence = _("Type the whole name as it stands above: %(name)s.", name=name)
        raise BadInput(sentence, fields={"name": sentence}, values={"name": typed})
