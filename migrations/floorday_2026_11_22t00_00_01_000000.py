"""What the database itself forbids, and the indexes that lists need; the same sentences on both databases
but for one: a manager in two places is refused by a trigger on SQLite, by an exclusion constraint on PostgreSQL."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T00:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Guards and indexes"

BOTH = (
    'CREATE UNIQUE INDEX person_email_once ON person (email)',
    'CREATE UNIQUE INDEX person_external_id_once ON person (external_id) WHERE external_id IS NOT NULL',
    'CREATE UNIQUE INDEX alias_email_once ON alias (email)',
    'CREATE UNIQUE INDEX team_name_once ON team (name)',
    'CREATE UNIQUE INDEX team_external_id_once ON team (external_id) WHERE external_id IS NOT NULL',
    'CREATE UNIQUE INDEX department_name_once ON department (name)',
    'CREATE UNIQUE INDEX department_external_id_once ON department (external_id) WHERE external_id IS NOT NULL',
    "CREATE UNIQUE INDEX grants_once ON grants (person, role, COALESCE(team, '00000000-0000-0000-0000-000000000000'), COALESCE(department, '00000000-0000-0000-0000-000000000000'))",
    'CREATE UNIQUE INDEX assists_once ON assists (assistant, manager)',
    'CREATE UNIQUE INDEX api_token_hash ON api_token (hash)',
    'CREATE UNIQUE INDEX idempotency_key_once ON idempotency_key (key)',
    "CREATE UNIQUE INDEX booking_live_once ON booking (manager, shift) WHERE state IN ('invited', 'tentative', 'accepted')",
    'CREATE INDEX booking_state_start ON booking (state, starts_at)',
    'CREATE UNIQUE INDEX booking_external_id_once ON booking (external_id) WHERE external_id IS NOT NULL',
    'CREATE INDEX issue_joined_into ON issue (joined_into) WHERE joined_into IS NOT NULL',
    'CREATE INDEX issue_turn_raised ON issue (turn, raised_at)',
    'CREATE INDEX issue_event_issue_at ON issue_event (issue, at)',
    'CREATE UNIQUE INDEX issue_external_id_once ON issue (external_id) WHERE external_id IS NOT NULL',
    "INSERT INTO counter (name, value) VALUES ('issue', 0)",
    'CREATE UNIQUE INDEX story_external_id_once ON story (external_id) WHERE external_id IS NOT NULL',
    'CREATE UNIQUE INDEX letter_one_per_key ON letter (key) WHERE taken_back_at IS NULL',
    'CREATE INDEX letter_waiting ON letter (next_try_at, id) WHERE sent_at IS NULL AND failed_at IS NULL AND taken_back_at IS NULL',
    'CREATE INDEX letter_about ON letter (about, id)',
    'CREATE INDEX letter_by_message_id ON letter (message_id) WHERE message_id IS NOT NULL',
    'CREATE INDEX letter_unwiped ON letter (sent_at) WHERE content IS NOT NULL',
    "CREATE UNIQUE INDEX inbound_mail_applied_once ON inbound_mail (message_id) WHERE applied AND message_id <> ''",
    'CREATE INDEX inbound_mail_unread ON inbound_mail (received_at, id) WHERE read_at IS NULL',
    'CREATE INDEX inbound_mail_outcome ON inbound_mail (outcome, received_at)',
    'CREATE INDEX inbound_mail_about ON inbound_mail (about) WHERE about IS NOT NULL',
    'CREATE UNIQUE INDEX mail_token_hash ON mail_token (hash)',
)

SQLITE = (
    "CREATE TRIGGER booking_one_place_insert BEFORE INSERT ON booking WHEN NOT NEW.past AND NEW.state IN ('invited', 'tentative', 'accepted') AND EXISTS (SELECT 1 FROM booking b WHERE b.manager = NEW.manager AND b.id <> NEW.id AND NOT b.past AND b.state IN ('invited', 'tentative', 'accepted') AND b.starts_at < NEW.ends_at AND NEW.starts_at < b.ends_at) BEGIN SELECT RAISE(ABORT, 'booking_one_place'); END",
    "CREATE TRIGGER booking_one_place_update BEFORE UPDATE ON booking WHEN NOT NEW.past AND NEW.state IN ('invited', 'tentative', 'accepted') AND EXISTS (SELECT 1 FROM booking b WHERE b.manager = NEW.manager AND b.id <> NEW.id AND NOT b.past AND b.state IN ('invited', 'tentative', 'accepted') AND b.starts_at < NEW.ends_at AND NEW.starts_at < b.ends_at) BEGIN SELECT RAISE(ABORT, 'booking_one_place'); END",
)

POSTGRES = (
    'CREATE TYPE uuidrange AS RANGE (subtype = uuid)',
    "ALTER TABLE booking ADD CONSTRAINT booking_one_place EXCLUDE USING gist (uuidrange(manager, manager, '[]') WITH &&, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (NOT past AND state IN ('invited', 'tentative', 'accepted'))",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*BOTH, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
