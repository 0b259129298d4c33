"""Who is who: persons, what they may do, where they belong, and how they sign in.

Membership is a grant: a team's member or lead, a department's owner or head holds a `Grant` with that
scope, so that one question ("which grants?") answers both who belongs and who may.
"""

from __future__ import annotations

from uuid import uuid4

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.db import uuid7
from floorday.people.access import DeviceKind, Role


class Person(Table, tablename="person"):
    """Somebody with an address, a zone and a language; `left_at` says that they are gone."""

    id = UUID(primary_key=True, default=uuid7)
    name = Varchar(length=120)
    email = Varchar(length=254)
    job_title = Varchar(length=120, default="")
    phone = Varchar(length=40, default="")
    zone = Varchar(length=64, default="Europe/London")
    language = Varchar(length=16, default="en")
    external_id = Varchar(length=200, null=True, default=None)
    created_at = Timestamptz()
    left_at = Timestamptz(null=True, default=None)


class Alias(Table, tablename="alias"):
    """Another address from which a person's mail may come."""

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    email = Varchar(length=254)
    created_at = Timestamptz()


class Team(Table, tablename="team"):
    """A customer-service team: where it sits, its zone, who usually hosts.

    `picture` is empty: what stood there has become statements.
    """

    id = UUID(primary_key=True, default=uuid7)
    name = Varchar(length=120)
    site = Varchar(length=120, default="")
    place = Varchar(length=200, default="")
    zone = Varchar(length=64, default="Europe/London")
    default_host = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    picture = Text(default="")
    external_id = Varchar(length=200, null=True, default=None)
    created_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)


class Department(Table, tablename="department"):
    """Who fixes things; the three numbers are its charter, in working days (0: no charter yet).

    `link_pattern` makes an address of a reference in its own tracker: `{ref}` stands where the reference comes.
    """

    id = UUID(primary_key=True, default=uuid7)
    name = Varchar(length=120)
    acknowledge_days = Integer(default=0)
    word_days = Integer(default=0)
    fix_days = Integer(default=0)
    link_pattern = Varchar(length=300, default="")
    external_id = Varchar(length=200, null=True, default=None)
    created_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)


class Agreement(Table, tablename="agreement"):
    """That a team agreed on its picture of good service: on which day, and in whose round ("team meeting").

    Where `agreed_by` is empty the words came in from elsewhere, and nobody has noted who agreed on them.
    """

    id = UUID(primary_key=True, default=uuid7)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    agreed_on = Date()
    agreed_by = Varchar(length=200, default="")
    noted_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    noted_at = Timestamptz()


class Statement(Table, tablename="statement"):
    """One line of a team's picture of good service: proposed, then part of it since an agreement, then retired.

    It stays when it is retired, for issues and stories point at it.
    """

    id = UUID(primary_key=True, default=uuid7)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    text = Text()
    place = Integer(default=0)
    proposed_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    proposed_at = Timestamptz()
    agreement = ForeignKey(references=Agreement, null=True, default=None, on_delete=OnDelete.restrict)
    retired_on = Date(null=True, default=None)
    retired_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)


class Grant(Table, tablename="grants"):
    """A role of a person, for a team or a department where the role has a scope."""

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(length=24, choices=Role)
    team = ForeignKey(references=Team, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    department = ForeignKey(references=Department, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    granted_at = Timestamptz()
    granted_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)


class Assists(Table, tablename="assists"):
    """An assistant who may answer and pick dates for a manager."""

    id = UUID(primary_key=True, default=uuid7)
    assistant = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    manager = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    since = Timestamptz()


class SignInCode(Table, tablename="sign_in_code"):
    """A code asked for at the door; the row exists for unknown addresses too, so that both take the same time."""

    id = UUID(primary_key=True, default=uuid7)
    email = Varchar(length=254, index=True)
    person = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    code_hash = Varchar(length=64)
    link_hash = Varchar(length=64, index=True)
    network = Varchar(length=64, default="")
    asked_at = Timestamptz()
    expires_at = Timestamptz()
    tries = Integer(default=0)
    used_at = Timestamptz(null=True, default=None)


class Session(Table, tablename="session"):
    """A signed-in browser; only the hash of its cookie is kept."""

    id = UUID(primary_key=True, default=uuid7)
    hash = Varchar(length=64, unique=True)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    began_at = Timestamptz()
    seen_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    browser = Varchar(length=200, default="")
    demo = Boolean(default=False)


class FormKey(Table, tablename="form_key"):
    """A form that was posted, so that posting it twice acts once."""

    id = UUID(primary_key=True, default=uuid7)
    key = Varchar(length=80, unique=True)
    went_to = Varchar(length=300, default="")
    at = Timestamptz()


class ApiToken(Table, tablename="api_token"):
    """A key to the API that somebody made for themselves: shown once, its hash kept; `last_used_at` is to the hour."""

    id = UUID(primary_key=True, default=uuid7)
    hash = Varchar(length=64)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=120)
    scopes = Varchar(length=300)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    last_used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class Device(Table, tablename="device"):
    """A wall screen's link, or a computer that is a team's desk; only the hash of its key is kept.

    It stands for a team. `opened_by` is who answers for it: it ends with any role of theirs. `last_used_at` is to
    the hour.
    """

    id = UUID(primary_key=True, default=uuid7)
    hash = Varchar(length=64)
    kind = Varchar(length=8, choices=DeviceKind)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=120)
    opened_by = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    opened_at = Timestamptz()
    expires_at = Timestamptz()
    last_used_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class Pin(Table, tablename="pin"):
    """What somebody types at the team's desk behind their name: a slow hash, and how often it was guessed wrong."""

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    hash = Varchar(length=120)
    set_at = Timestamptz()
    tries = Integer(default=0)
    tried_at = Timestamptz(null=True, default=None)


class IdempotencyKey(Table, tablename="idempotency_key"):
    """A request to the API that must act once: what was asked (as a hash), and the answer it got.

    `status` is 0 while it runs. Of an anonymous note neither is kept, and of when no more than the day.
    """

    id = UUID(primary_key=True, default=uuid4)
    key = Varchar(length=64)
    asked = Varchar(length=64, default="")
    status = Integer(default=0)
    location = Varchar(length=300, default="")
    answer = Text(default="")
    at = Timestamptz()


GUARDS = (
    "CREATE UNIQUE INDEX person_email_once ON person (email)",
    "CREATE UNIQUE INDEX person_external_id_once ON person (external_id) WHERE external_id IS NOT NULL",
    "CREATE UNIQUE INDEX alias_email_once ON alias (email)",
    "CREATE UNIQUE INDEX team_name_once ON team (name)",
    "CREATE UNIQUE INDEX team_external_id_once ON team (external_id) WHERE external_id IS NOT NULL",
    "CREATE UNIQUE INDEX department_name_once ON department (name)",
    "CREATE UNIQUE INDEX department_external_id_once ON department (external_id) WHERE external_id IS NOT NULL",
    "CREATE UNIQUE INDEX grants_once ON grants (person, role,"
    " COALESCE(team, '00000000-0000-0000-0000-000000000000'),"
    " COALESCE(department, '00000000-0000-0000-0000-000000000000'))",
    "CREATE UNIQUE INDEX assists_once ON assists (assistant, manager)",
    "CREATE UNIQUE INDEX api_token_hash ON api_token (hash)",
    "CREATE UNIQUE INDEX idempotency_key_once ON idempotency_key (key)",
    "CREATE UNIQUE INDEX device_hash_once ON device (hash)",
    "CREATE UNIQUE INDEX pin_person_once ON pin (person)",
)
"""What the database itself forbids, on both; a migration says each in the same words."""
