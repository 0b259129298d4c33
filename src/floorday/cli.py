"""The commands. Each reads the settings, calls into the house, and says what came of it in a sentence."""

# pyright: reportUnknownMemberType=false
# click's decorators are generic over what they decorate, and rich-click leaves that open.

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from typing import TYPE_CHECKING

import asyncpg
import rich_click as click

from floorday import config, db, doctor, server
from floorday.errors import Busy, FloordayError, Misconfigured

if TYPE_CHECKING:
    from typing import Any

UNREACHABLE = (
    Busy,
    ConnectionError,
    sqlite3.OperationalError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


class Commands(click.RichGroup):
    """Say what is wrong in one sentence and leave with 2, instead of printing a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UNREACHABLE as error:
            click.echo(f"The database does not answer: {error.__cause__ or error}. See `floorday doctor`.", err=True)
        except FloordayError as error:
            click.echo(error.sentence, err=True)
        return ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="floorday")
def cli() -> None:
    """Run a day-on-the-floor programme, and follow each issue until the floor says that it is fixed."""


@cli.command()
@click.option("--host", help="Address to listen on; otherwise the setting host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; otherwise the setting port.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="How many share the work.")
def serve(host: str | None, port: int | None, processes: int) -> None:
    """Serve the pages. `floorday worker` belongs beside it."""
    chosen = config.settings()
    asyncio.run(migrated())
    server.serve(
        host=host or chosen.host, port=port or chosen.port, log_level=chosen.log_level, processes=processes
    )


@cli.command()
def migrate() -> None:
    """Bring the database up to date. The server does so too when it starts."""
    asyncio.run(migrated())
    click.echo("The database is up to date.")


@cli.command("doctor")
def examine() -> None:
    """Look at every setting and at what it names, and say what to do. Leaves with 1 if anything is wrong."""
    try:
        chosen = config.settings()
    except Misconfigured as error:
        tell([doctor.Finding(doctor.Level.WRONG, "settings", error.sentence)])
        sys.exit(1)
    for setting in doctor.chosen(chosen, os.environ):
        click.echo(f"{setting.name:<20}{setting.value:<40} {click.style(setting.source, dim=True)}")
    click.echo()
    findings = asyncio.run(doctor.examine(chosen, now=config.now()))
    tell(findings)
    sys.exit(any(finding.level is doctor.Level.WRONG for finding in findings))


def tell(findings: list[doctor.Finding]) -> None:
    """Print what was found, and under it what to do."""
    colours = {doctor.Level.OK: "green", doctor.Level.WARNING: "yellow", doctor.Level.WRONG: "red"}
    for finding in findings:
        level = click.style(f"{finding.level:<8}", fg=colours[finding.level])
        says = finding.says.replace("\n", "\n" + " " * 18)
        click.echo(f"{level} {finding.about:<9}{says}")
        if finding.todo:
            click.echo(f"{'':18}{finding.todo}")


async def migrated() -> None:
    """Bring the schema up to date."""
    try:
        await db.migrate()
    finally:
        await db.close_pools()


def main() -> None:
    """Run the command that was typed."""
    cli(prog_name="floorday")
