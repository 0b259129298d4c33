"""What teams wrote as text becomes statements; each issue points at the one that its first note named.

Nobody has noted who agreed on these words and when, so they count from the day the team was added. What a note named
and the team's picture no longer holds becomes a retired statement.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql, uuid7

ID = "2026-11-22T06:55:37:000000"
VERSION = "1.38.0"
DESCRIPTION = "Statements out of text"

BOTH = (
    "CREATE INDEX issue_picture ON issue (picture) WHERE picture IS NOT NULL",
    "CREATE INDEX issue_measure ON issue (measure) WHERE measure IS NOT NULL",
    "CREATE UNIQUE INDEX measure_named_once ON measure (department, name) WHERE retired_at IS NULL",
)
SQLITE = (
    "CREATE TRIGGER measure_update_names AFTER UPDATE OF name ON measure"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER statement_update_names AFTER UPDATE OF text ON statement"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
POSTGRES = (
    "CREATE TRIGGER measure_update_names AFTER UPDATE OF name ON measure"
    " FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
    "CREATE TRIGGER statement_update_names AFTER UPDATE OF text ON statement"
    " FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)

NAMED = 200
"""So many characters of a line a note could name."""


async def _agreement(team: UUID, at: datetime) -> UUID:
    agreement = uuid7()
    await run_sql(
        "INSERT INTO agreement (id, team, agreed_on, agreed_by, noted_by, noted_at) VALUES ({}, {}, {}, '', NULL, {})",
        agreement, team, at.date(), at)  # fmt: skip
    return agreement


async def _statement(
    team: UUID, text: str, place: int, agreement: UUID, at: datetime, retired_on: date | None = None
) -> UUID:
    statement = uuid7()
    await run_sql(
        "INSERT INTO statement (id, team, text, place, proposed_by, proposed_at, agreement, retired_on, retired_by)"
        " VALUES ({}, {}, {}, {}, NULL, {}, {}, {}, NULL)",
        statement, team, text, place, at, agreement, retired_on)  # fmt: skip
    return statement


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


async def _backfill() -> None:
    agreements: dict[UUID, UUID] = {}
    statements: dict[tuple[UUID, str], UUID] = {}
    since: dict[UUID, datetime] = {}
    for row in await run_sql("SELECT id, picture, created_at FROM team ORDER BY id"):
        team, at = UUID(str(row["id"])), _moment(row["created_at"])
        since[team] = at
        lines = [line.strip(" -•") for line in row["picture"].splitlines()]
        for place, line in enumerate(dict.fromkeys(line for line in lines if line), start=1):
            if team not in agreements:
                agreements[team] = await _agreement(team, at)
            made = await _statement(team, line, place, agreements[team], at)
            statements.setdefault((team, line[:NAMED]), made)
    await run_sql("UPDATE team SET picture = '' WHERE picture <> ''")
    today = datetime.now(UTC).date()
    done = set[UUID]()
    for row in await run_sql(
        "SELECT i.id, i.team, n.picture FROM note n JOIN issue i ON i.id = n.issue"
        " WHERE n.picture <> '' AND n.withdrawn_at IS NULL AND n.team = i.team ORDER BY n.at, n.id"
    ):
        issue, team = UUID(str(row["id"])), UUID(str(row["team"]))
        if issue in done:
            continue
        done.add(issue)
        if team not in agreements:
            agreements[team] = await _agreement(team, since[team])
        if (team, row["picture"]) not in statements:
            statements[team, row["picture"]] = await _statement(
                team, row["picture"], 0, agreements[team], since[team], today)
        await run_sql("UPDATE issue SET picture = {} WHERE id = {}", statements[team, row["picture"]], issue)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*BOTH, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)
        await _backfill()

    manager.add_raw(run)
    return manager
