"""What hangs on somebody, and what became of those who left."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings.rules import HOLDING, State
from floorday.bookings.tables import Booking, Shift
from floorday.db import dialect, run_sql
from floorday.issues.rules import Turn
from floorday.issues.tables import Issue
from floorday.leavers import rules
from floorday.leavers.rules import Peer, Place
from floorday.leavers.tables import PersonEvent
from floorday.mail.tables import InboundMail
from floorday.people import access
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Role, can
from floorday.people.queries import Card
from floorday.people.tables import Grant, Person
from floorday.render import when
from floorday.render.refs import ref
from floorday.render.words import gettext as _


class Day(Struct, frozen=True, kw_only=True):
    """A day to come on which they would be the manager; without a date where it is postponed."""

    id: UUID
    team_name: str
    state: State
    starts_at: datetime
    ends_at: datetime
    zone: str

    @property
    def title(self) -> str:
        """Say which day."""
        if self.state is State.POSTPONED:
            return _("%(team)s, no date yet", team=self.team_name)
        return f"{self.team_name}, {when.stretch(self.starts_at, self.ends_at, self.zone)}"


class Hanging(Struct, frozen=True, kw_only=True):
    """Everything that hangs on somebody: what others take over, what is cancelled, what ends.

    `counts` are of what ends without anybody taking it: sessions, tokens, links in letters, answers still asked.
    """

    card: Card
    roles: tuple[tuple[Role, str], ...]
    things: tuple[rules.Thing, ...]
    days: tuple[Day, ...]
    assistants: tuple[str, ...]
    counts: dict[str, int]
    holders: frozenset[tuple[UUID, Role]]


class Line(Struct, frozen=True, kw_only=True):
    """One line of what became of a person."""

    at: datetime
    what: str
    by_name: str | None
    told: dict[str, Any]


async def hanging(actor: Actor, card: Card, *, now: datetime) -> Hanging:
    """List what hangs on somebody; an issue that this reader may not see even by its face goes without its title."""
    peers = await _peers()
    counts, hosted, managers, assistants = await _small(card.id, now=now)
    shifts, issues = await _shifts(card.id, now=now), await _issues(actor, card.id)
    facts = rules.Facts(
        person=card.id, peers=peers, shifts=shifts, issues=await _last_managers(issues, but=card.id),
        hosted=hosted, managers=managers,
    )  # fmt: skip
    return Hanging(
        card=card, things=tuple(rules.things(facts)), days=tuple(await _days(card.id, now=now)),
        roles=tuple((peer.role, peer.team_name or peer.department_name or "") for peer in peers
                    if peer.person == card.id),
        assistants=assistants, counts=counts, holders=frozenset((peer.person, peer.role) for peer in peers),
    )  # fmt: skip


async def _peers() -> list[Peer]:
    """List everybody who is here, a row for each role, by name."""
    rows = await Grant.select(
        Grant.person, Grant.person._.name.as_alias("name"), Grant.role, Grant.team,
        Grant.team._.name.as_alias("team_name"), Grant.department,
        Grant.department._.name.as_alias("department_name"),
    ).where(Grant.person._.left_at.is_null()).order_by(Grant.person._.name, Grant.person, Grant.role)  # fmt: skip
    return msgspec.convert(rows, list[Peer])


async def roles_of(person: UUID) -> list[Role]:
    """List somebody's roles."""
    return [Role(row["role"]) for row in await Grant.select(Grant.role).where(Grant.person == person)]


async def _shifts(host: UUID, *, now: datetime) -> list[rules.Shift]:
    rows = await Shift.select(
        Shift.id, Shift.team, Shift.team._.name.as_alias("team_name"), Shift.starts_at, Shift.ends_at, Shift.zone,
        Shift.taken.as_alias("booked"), Shift.team._.default_host.as_alias("default_host"),
    ).where(Shift.host == host, Shift.starts_at > now, Shift.withdrawn_at.is_null()).order_by(
        Shift.starts_at, Shift.id)  # fmt: skip
    return [
        rules.Shift(
            id=row["id"], team=row["team"], team_name=row["team_name"], booked=row["booked"],
            default_host=row["default_host"], title=when.stretch(row["starts_at"], row["ends_at"], row["zone"]),
        )
        for row in rows
    ]  # fmt: skip


async def _issues(actor: Actor, person: UUID) -> list[rules.Issue]:
    """List the issues that somebody still has to fix or to answer for.

    What waits for verdicts, or is closed, keeps its owner's name; should it come back, it needs a new one.
    """
    owned: Any = (Issue.owner == person) & Issue.turn.not_in([Turn.CLOSED.value, Turn.TELL_FLOOR.value])
    sponsored: Any = (Issue.sponsor == person) & (Issue.turn != Turn.CLOSED.value)
    rows = await Issue.select(
        Issue.id, Issue.number, Issue.title, Issue.team, Issue.department,
        Issue.department._.name.as_alias("department_name"), Issue.owner, Issue.sponsor, Issue.turn,
        Issue.promised_for, Issue.restricted, Issue.day._.manager.as_alias("day_manager"),
    ).where(owned | sponsored).order_by(Issue.number)  # fmt: skip
    found: list[rules.Issue] = []
    for row in rows:
        thing = access.Issue(
            team=row["team"], department=row["department"], owner=row["owner"], sponsor=row["sponsor"],
            day_manager=row["day_manager"], restricted=row["restricted"],
        )  # fmt: skip
        shown = can(actor, Act.SEE_FACE, thing)
        found.append(rules.Issue(
            id=row["id"], title=f"{ref(row['number'])} {row['title']}" if shown else _("A restricted issue"),
            team=row["team"], department=row["department"], department_name=row["department_name"],
            owner=row["owner"], sponsor=row["sponsor"], waits=row["promised_for"] is not None,
            asked=row["turn"] == Turn.NEEDS_DECISION.value,
        ))  # fmt: skip
    return found


async def _last_managers(issues: list[rules.Issue], *, but: UUID) -> list[rules.Issue]:
    """Say of each sponsored issue which other manager was on its team's floor last."""
    teams = sorted({issue.team for issue in issues if issue.sponsor == but})
    if not teams:
        return issues
    rows = await Booking.select(Booking.shift._.team.as_alias("team"), Booking.manager).where(
        Booking.shift._.team.is_in(teams), Booking.manager != but,
        Booking.state.is_in([State.HELD.value, *sorted(HOLDING)]),
    ).order_by(Booking.starts_at)  # fmt: skip
    last = {row["team"]: row["manager"] for row in rows}
    return [msgspec.structs.replace(issue, last_manager=last.get(issue.team)) for issue in issues]


async def _days(manager: UUID, *, now: datetime) -> list[Day]:
    dated: Any = Booking.state.is_in(sorted(HOLDING)) & (Booking.starts_at > now)
    rows = await Booking.select(
        Booking.id, Booking.shift._.team._.name.as_alias("team_name"), Booking.state, Booking.starts_at,
        Booking.ends_at, Booking.zone,
    ).where(Booking.manager == manager, dated | (Booking.state == State.POSTPONED.value)).order_by(
        Booking.starts_at, Booking.id)  # fmt: skip
    return msgspec.convert(rows, list[Day])


_SMALL = """
SELECT 'host' AS what, CAST(id AS TEXT) AS id, name, 0 AS n FROM team WHERE default_host = {} AND closed_at IS NULL
UNION ALL SELECT 'manager', CAST(p.id AS TEXT), p.name, 0 FROM assists a JOIN person p ON p.id = a.manager
    WHERE a.assistant = {} AND p.left_at IS NULL
UNION ALL SELECT 'assistant', CAST(p.id AS TEXT), p.name, 0 FROM assists a JOIN person p ON p.id = a.assistant
    WHERE a.manager = {} AND p.left_at IS NULL
UNION ALL SELECT 'sessions', '', '', COUNT(*) FROM session WHERE person = {} AND ended_at IS NULL AND expires_at > {}
UNION ALL SELECT 'tokens', '', '', COUNT(*) FROM api_token WHERE person = {} AND revoked_at IS NULL AND expires_at > {}
UNION ALL SELECT 'devices', '', '', COUNT(*) FROM device WHERE opened_by = {} AND ended_at IS NULL AND expires_at > {}
UNION ALL SELECT 'links', '', '', COUNT(*) FROM mail_token WHERE person = {} AND revoked_at IS NULL
UNION ALL SELECT 'verdicts', '', '', COUNT(DISTINCT i.id) FROM note n JOIN issue i ON i.id = n.issue
    WHERE n.reporter = {} AND n.withdrawn_at IS NULL AND i.turn = 'tell the floor'
ORDER BY 3, 2
"""


async def _small(
    person: UUID, *, now: datetime
) -> tuple[dict[str, int], list[Place], list[Place], tuple[str, ...]]:
    """Give in one query what is only counted, the teams they usually host, and whom they and who answers for them."""
    rows = await run_sql(_SMALL, *([person] * 4), now, person, now, person, now, person, person)
    counts = {row["what"]: int(row["n"]) for row in rows if row["what"] not in {"host", "manager", "assistant"}}
    hosted = [Place(UUID(row["id"]), row["name"]) for row in rows if row["what"] == "host"]
    managers = [Place(UUID(row["id"]), row["name"]) for row in rows if row["what"] == "manager"]
    return counts, hosted, managers, tuple(row["name"] for row in rows if row["what"] == "assistant")


# --- what became of them -----------------------------------------------------------------------------------------


async def lines(person: UUID) -> list[Line]:
    """List what became of a person, oldest first."""
    rows = (
        await PersonEvent.select(
            PersonEvent.at, PersonEvent.what, PersonEvent.by._.name.as_alias("by_name"), PersonEvent.told
        )
        .where(PersonEvent.person == person)
        .order_by(PersonEvent.at, PersonEvent.id)
    )
    return msgspec.convert([{**row, "told": msgspec.json.decode(row["told"])} for row in rows], list[Line])


async def erased(person: UUID) -> bool:
    """Say whether somebody was erased."""
    return await PersonEvent.exists().where(PersonEvent.person == person, PersonEvent.what == "erased")


async def gone(*, limit: int = 500) -> list[tuple[Card, bool]]:
    """List those who left, who left last first, and whether they were erased."""
    ids = [row["id"] for row in await Person.select(Person.id).where(Person.left_at.is_not_null()).order_by(
        Person.left_at, Person.id, ascending=False).limit(limit)]  # fmt: skip
    cards = await people.persons(set(ids))
    rows = await PersonEvent.select(PersonEvent.person).where(PersonEvent.what == "erased")
    wiped = {row["person"] for row in rows}
    return [(cards[one], one in wiped) for one in ids]


async def address_taken(card: Card) -> str:
    """Name who has a leaver's address by now; "" where nobody has."""
    owner = await people.by_address(card.email)
    return owner.name if owner is not None and owner.id != card.id else ""


async def left_longer(before: datetime, *, limit: int) -> list[UUID]:
    """List those who left before a moment and are not erased yet, who left first first."""
    wiped = PersonEvent.select(PersonEvent.person).where(PersonEvent.what == "erased")
    rows = (
        await Person.select(Person.id)
        .where(Person.left_at.is_not_null(), Person.left_at < before, Person.id.not_in(wiped))
        .order_by(Person.left_at, Person.id)
        .limit(limit)
    )
    return [row["id"] for row in rows]


async def names(persons: Collection[UUID]) -> dict[UUID, str]:
    """Name persons by id."""
    return {one: card.name for one, card in (await people.persons(frozenset(persons))).items()}


# --- erasing -----------------------------------------------------------------------------------------------------

PROSE = (
    ("note", "text", "issue"), ("issue", "title", "id"), ("issue", "question", "id"), ("issue", "done", "id"),
    ("issue_event", "text", "issue"), ("invitation", "why", "id"), ("invitation", "doing", "id"),
    ("invitation", "hope", "id"), ("shift", "plan", "id"), ("shift", "place", "id"), ("booking", "reason", "id"),
    ("booking", "comment", "id"), ("booking", "place", "id"), ("booking_event", "text", "booking"),
    ("booking_proposal", "comment", "booking"), ("booking_proposal", "words", "booking"),
    ("story", "hero_name", "id"), ("story", "text", "id"), ("story", "customer_words", "id"),
    ("story", "customer", "id"), ("story", "thanks", "id"), ("story", "fixed_by", "id"),
    ("statement", "text", "team"), ("agreement", "agreed_by", "team"), ("measure", "name", "id"),
    ("measure", "measures", "id"), ("measure", "target", "id"), ("measure", "punishes", "id"),
    ("measure", "examples", "id"), ("measure", "because", "id"), ("measure_event", "text", "measure"),
    ("team", "name", "id"), ("team", "place", "id"), ("department", "name", "id"),
    ("hand_over", "title", "issue"), ("hand_over", "words", "issue"), ("hand_over", "fixed_like", "issue"),
    ("issue_reference", "text", "issue"), ("issue_reference", "label", "issue"),
    ("summary_month", "comment", "id"), ("summary_month", "held_because", "id"), ("summary", "comment", "id"),
    ("correction", "because", "summary"), ("summary_line", "title", "thing"), ("public_line", "title", "issue"),
    ("newsletter", "opening", "id"), ("join_suggestion", "word", "issue"), ("join_suggestion", "because", "issue"),
)  # fmt: skip
"""What people write: table, column, and the column that names the thing to open."""

SHOWN = 300


class Hit(Struct, frozen=True):
    """A text in which a part of somebody's name stands."""

    where: str
    thing: UUID | None
    text: str


class Column(Struct, frozen=True):
    """A column that holds text; `longest` is None where there is no end."""

    name: str
    longest: int | None


async def traces(card: Card) -> rules.Traces:
    """Say by what somebody can be found."""
    return rules.Traces(name=card.name, addresses=tuple(await people.addresses(card.id)), phone=card.phone)


async def hits(found: rules.Traces) -> list[Hit]:
    """List, in one query, the texts of others in which a part of somebody's name stands as a word."""
    words = found.words
    if not words:
        return []
    parts: list[str] = []
    args: list[str] = []
    at = "STRPOS" if dialect() == "postgres" else "INSTR"
    for table, column, thing in PROSE:
        # SQLite lowers ASCII alone, so a word is looked for as it is written, too.
        match = " OR ".join([f"{at}(LOWER({column}), {{}}) > 0 OR {at}({column}, {{}}) > 0"] * len(words))
        parts.append(f"SELECT '{table}' AS place, CAST({thing} AS TEXT) AS thing, {column} AS text FROM {table}"  # noqa: S608 - own words
                     f" WHERE {column} <> '' AND ({match})")  # fmt: skip
        for word in words:
            args += [word.lower(), word]
    rows = await run_sql(f"{' UNION ALL '.join(parts)} LIMIT {SHOWN * 4}", *args)
    known = [
        Hit(row["place"], UUID(row["thing"]) if row["thing"] else None, row["text"])
        for row in rows
        if rules.mentions(row["text"], found)
    ]  # fmt: skip
    return list(dict.fromkeys(known))[:SHOWN]


async def text_columns() -> dict[str, list[Column]]:
    """Give every column of every table that holds text, so that no table to come is forgotten."""
    if dialect() == "postgres":
        rows = await run_sql(
            "SELECT table_name AS place, column_name AS name, character_maximum_length AS longest"
            " FROM information_schema.columns JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " AND data_type IN ('text', 'character varying') ORDER BY table_name, ordinal_position"
        )
    else:
        rows = await run_sql(
            "SELECT m.name AS place, c.name AS name, c.type AS longest FROM sqlite_master m"
            " JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            " AND (c.type LIKE 'VARCHAR%' OR c.type = 'TEXT') ORDER BY m.name, c.cid"
        )
    found: dict[str, list[Column]] = {}
    for row in rows:
        digits = "".join(letter for letter in str(row["longest"] or "") if letter.isdigit())
        found.setdefault(row["place"], []).append(Column(row["name"], int(digits) if digits else None))
    return found


async def rows_with(table: str, columns: list[Column], literal: Collection[str]) -> list[dict[str, Any]]:
    """Find the rows of a table in which one of these stands, in any case as far as ASCII goes."""
    at = "STRPOS" if dialect() == "postgres" else "INSTR"
    match = " OR ".join(
        f'{at}("{column.name}", {{}}) > 0 OR {at}(LOWER("{column.name}"), {{}}) > 0'
        for column in columns for _one in literal
    )  # fmt: skip
    args = [word for _column in columns for one in literal for word in (one, one.lower())]
    names = ", ".join(f'"{column.name}"' for column in columns)
    return await run_sql(f'SELECT id AS row_id, {names} FROM "{table}" WHERE {match}', *args)  # noqa: S608 - own words


async def letters_naming(found: rules.Traces, person: UUID, *, waiting: bool) -> list[UUID]:
    """List the letters to others that name somebody and whose bytes are kept: those that wait, or the others."""
    at = "STRPOS" if dialect() == "postgres" else "INSTR"
    match = " OR ".join([f"{at}(facts, {{}}) > 0 OR {at}(COALESCE(event, ''), {{}}) > 0"] * len(found.literal))
    state = "sent_at IS NULL AND failed_at IS NULL AND taken_back_at IS NULL"
    rows = await run_sql(
        f"SELECT id FROM letter WHERE content IS NOT NULL AND (person IS NULL OR person <> {{}})"  # noqa: S608 - own words
        f" AND {'' if waiting else 'NOT '}({state}) AND ({match})",
        person, *[one for literal in found.literal for one in (literal, literal)],
    )  # fmt: skip
    return [row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in rows]


async def mails_kept(*, after: UUID | None, limit: int) -> list[tuple[UUID, bytes]]:
    """Give the raw mails that are kept, some at a time."""
    query = InboundMail.select(InboundMail.id, InboundMail.content).where(InboundMail.content.is_not_null())
    if after is not None:
        query = query.where(InboundMail.id > after)
    rows = await query.order_by(InboundMail.id).limit(limit)
    return [(row["id"], bytes(row["content"])) for row in rows]


async def mails_from(addresses: Collection[str]) -> list[UUID]:
    """List the mails that came from one of these addresses, whose bytes may be wiped already."""
    at = "STRPOS" if dialect() == "postgres" else "INSTR"
    match = " OR ".join([f"{at}(LOWER(sender), {{}}) > 0 OR LOWER(envelope_from) = {{}}"] * len(addresses))
    rows = await run_sql(
        f"SELECT id FROM inbound_mail WHERE {match}",  # noqa: S608 - own words
        *[one.lower() for address in addresses for one in (address, address)],
    )
    return [row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in rows]


async def erased_so_far() -> int:
    """Count those who were erased."""
    return await PersonEvent.count().where(PersonEvent.what == "erased")


# --- whom vendors are written to by ------------------------------------------------------------------------------


class Contact(Struct, frozen=True):
    """Whom a vendor is or was written to by; `stands` while a letter may still go there."""

    name: str
    email: str
    stands: bool


async def contacts(vendor: UUID) -> list[Contact]:
    """List by whom a vendor is or was written to; empty where there is no such vendor."""
    rows = await run_sql(
        "SELECT v.contact_name AS name, v.email, CASE WHEN v.ended_at IS NULL THEN 1 ELSE 0 END AS stands FROM vendor v"
        " WHERE v.id = {} UNION SELECT h.contact_name, h.email, CASE WHEN h.ended_at IS NULL THEN 1 ELSE 0 END"
        " FROM hand_over h WHERE h.vendor = {}",
        vendor, vendor,
    )  # fmt: skip
    return [Contact(row["name"], row["email"], bool(row["stands"])) for row in rows]


async def contacts_over(before: datetime, *, limit: int) -> list[tuple[UUID, str]]:
    """List the addresses of vendors that ended before a moment and are not forgotten."""
    rows = await run_sql(
        "SELECT id, email FROM vendor WHERE ended_at < {} AND email <> '' AND email NOT LIKE '%@erased.invalid'"
        " ORDER BY ended_at LIMIT {}",
        before, limit,
    )  # fmt: skip
    return [(row["id"] if isinstance(row["id"], UUID) else UUID(row["id"]), row["email"]) for row in rows]


async def waits_for(address: str) -> bool:
    """Say whether a letter to an address has not left yet."""
    rows = await run_sql(
        "SELECT id FROM letter WHERE to_address = {} AND sent_at IS NULL AND failed_at IS NULL"
        " AND taken_back_at IS NULL LIMIT 1",
        address,
    )  # fmt: skip
    return bool(rows)
