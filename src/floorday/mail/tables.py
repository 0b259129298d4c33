"""Letters that leave, mails that come in, and the tokens that stand in letters.

`about` is the plain id of a thing in another slice, never a foreign key: a letter outlives what it is about.
"""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.db import uuid7


class Letter(Table, tablename="letter"):
    """One outgoing e-mail: its frozen facts, its bytes once written, and what became of it.

    A letter is waiting until one of `sent_at`, `failed_at`, `taken_back_at` is set. `server_words` is
    what the last try was answered. `content` is its bytes, wiped some days after it has left. `daily` waits to be
    gathered with others into one letter, and `bundle` is that letter once it has been (`mail/daily.py`).

    `tells`: the marks of several deeds that it tells of at once (`mail/journal.py`), as JSON. `left_before`: when this
    database learned that it had left already, at `sent_at`. `again_at`: when somebody asked to send it once more.
    """

    id = UUID(primary_key=True, default=uuid7)
    key = Varchar(length=200)
    name = Varchar(length=80)
    to_address = Varchar(length=254)
    to_name = Varchar(length=200, default="")
    person = UUID(null=True, default=None, index=True)
    about = UUID()
    about_kind = Varchar(length=40)
    facts = Text(default="{}")
    event = Text(null=True, default=None)
    from_address = Varchar(length=320, default="")
    reply_to = Varchar(length=320, default="")
    thread = UUID(null=True, default=None)
    created_at = Timestamptz()
    leaves_at = Timestamptz()
    lease_until = Timestamptz(null=True, default=None)
    attempts = Integer(default=0)
    next_try_at = Timestamptz()
    content = Bytea(null=True, default=None)
    message_id = Varchar(length=255, null=True, default=None)
    rendered_at = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    failed_at = Timestamptz(null=True, default=None)
    server_words = Text(default="")
    taken_back_at = Timestamptz(null=True, default=None)
    wiped_at = Timestamptz(null=True, default=None)
    daily = Boolean(default=False)
    bundle = UUID(null=True, default=None)
    tells = Text(default="")
    left_before = Timestamptz(null=True, default=None)
    again_at = Timestamptz(null=True, default=None)


class LetterWish(Table, tablename="letter_wish"):
    """How often somebody wants letters of a kind (`mail/wishes.py`)."""

    id = UUID(primary_key=True, default=uuid7)
    person = UUID()
    kind = Varchar(length=12)
    pace = Varchar(length=12)
    at = Timestamptz()


class InboundMail(Table, tablename="inbound_mail"):
    """A mail as it came, stored before it was understood, and what became of it.

    `outcome` is what the machine made of it, `decision` what a person settled it by.
    """

    id = UUID(primary_key=True, default=uuid7)
    content = Bytea(null=True, default=None)
    door = Varchar(length=20)
    envelope_from = Varchar(length=320, default="")
    envelope_to = Varchar(length=320, default="")
    received_at = Timestamptz()
    message_id = Varchar(length=255, default="")
    sender = Varchar(length=320, default="")
    subject = Varchar(length=300, default="")
    lease_until = Timestamptz(null=True, default=None)
    attempts = Integer(default=0)
    read_at = Timestamptz(null=True, default=None)
    outcome = Varchar(length=40, default="")
    applied = Boolean(default=False)
    reason = Text(default="")
    about = UUID(null=True, default=None)
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    decision = Varchar(length=20, default="")


class ImapPlace(Table, tablename="imap_place"):
    """How far a mailbox was read: every UID up to `uid`, under this UIDVALIDITY.

    Mails up to `known_until` may have been taken over under an older numbering.
    """

    id = UUID(primary_key=True, default=uuid7)
    mailbox = Varchar(length=600)
    validity = BigInt()
    uid = BigInt(default=0)
    known_until = BigInt(default=0)


class MailToken(Table, tablename="mail_token"):
    """What a token in a letter may do, by its hash; the token itself is never stored."""

    id = UUID(primary_key=True, default=uuid7)
    hash = Varchar(length=64)
    purpose = Varchar(length=40)
    about = UUID(index=True)
    person = UUID(null=True, default=None, index=True)
    generation = Integer(default=0)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)


GUARDS: list[str] = [
    # A letter taken back frees its key: what is done again after an Undo is told again.
    "CREATE UNIQUE INDEX letter_one_per_key ON letter (key) WHERE taken_back_at IS NULL",
    "CREATE INDEX letter_waiting ON letter (next_try_at, id) "
    "WHERE sent_at IS NULL AND failed_at IS NULL AND taken_back_at IS NULL",
    "CREATE INDEX letter_about ON letter (about, id)",
    "CREATE INDEX letter_by_message_id ON letter (message_id) WHERE message_id IS NOT NULL",
    "CREATE INDEX letter_unwiped ON letter (sent_at) WHERE content IS NOT NULL",
    "CREATE UNIQUE INDEX inbound_mail_applied_once ON inbound_mail (message_id) "
    "WHERE applied AND message_id <> ''",
    "CREATE INDEX inbound_mail_unread ON inbound_mail (received_at, id) WHERE read_at IS NULL",
    "CREATE INDEX inbound_mail_outcome ON inbound_mail (outcome, received_at)",
    "CREATE INDEX inbound_mail_about ON inbound_mail (about) WHERE about IS NOT NULL",
    "CREATE UNIQUE INDEX letter_wish_once ON letter_wish (person, kind)",
    "CREATE INDEX letter_left_before ON letter (left_before) WHERE left_before IS NOT NULL",
    "CREATE INDEX letter_daily ON letter (next_try_at, to_address) WHERE daily",
    "CREATE UNIQUE INDEX mail_token_hash ON mail_token (hash)",
]
