"""The commands. Each reads the settings, calls into the house, and says what came of it in a sentence."""

# pyright: reportUnknownMemberType=false
# click's decorators are generic over what they decorate, and rich-click leaves that open.

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from uuid import UUID

import asyncpg
import rich_click as click

from floorday import config, db, server
from floorday.db.text import MailAddress, Title
from floorday.errors import Busy, FloordayError, Misconfigured, NotFound, Refused
from floorday.history import actions as history
from floorday.mail import inbound
from floorday.people import actions as people
from floorday.people import queries as persons
from floorday.people.access import Actor, Door
from floorday.render.tokens import link
from floorday.setup import actions as setup
from floorday.web.api import SCOPES

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime
    from typing import Any

    from floorday import doctor
    from floorday.history.rules import History

T = TypeVar("T")

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


HOST = click.option("--host", help="Address to listen on, instead of the setting host.")
PORT = click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of the setting port.")


@cli.command()
@HOST
@PORT
def run(host: str | None, port: int | None) -> None:
    """Do everything in one process: pages, letters, replies, reminders."""
    chosen = config.listening(config.settings(), host, port)
    migrate_apart()
    server.serve(server.PAGES_AND_WORKER, host=chosen.host, port=chosen.port, log_level=chosen.log_level)


@cli.command()
@HOST
@PORT
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="How many share the work.")
def serve(host: str | None, port: int | None, processes: int) -> None:
    """Serve the pages. `floorday worker` belongs beside it."""
    chosen = config.listening(config.settings(), host, port)
    migrate_apart()
    server.serve(host=chosen.host, port=chosen.port, log_level=chosen.log_level, processes=processes)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
def demo(port: int) -> None:
    """Try floorday with an example company. Nothing leaves this machine, and none of your settings is used."""
    from floorday.demo import environment

    environment.enter(os.environ, port=port)
    config.settings.cache_clear()  # ids ask the clock while tables are imported, so they were read already
    from floorday.demo.company import prepare

    chosen = config.settings()
    click.echo("Looking after the example company ...")
    asyncio.run(prepare(config.now()))
    click.echo(f"Open {chosen.base_url} (Ctrl+C ends it; it is kept in var/demo.sqlite).")
    server.serve(server.PAGES_AND_WORKER, host=chosen.host, port=chosen.port, log_level=chosen.log_level)


@cli.command()
def worker() -> None:
    """Send letters, take replies, do what falls due. Several may run at once."""
    logging.basicConfig(level=config.settings().log_level.upper(), format="%(levelname)s: %(message)s")
    asyncio.run(working())


@cli.command()
@click.option("--from", "sender", default="", help="The envelope's sender, as the mail server knows it.")
@click.option("--to", "recipient", required=True, help="The envelope's recipient.")
def receive(sender: str, recipient: str) -> None:
    """Keep one mail from standard input, for mail servers that pipe; the worker reads it.

    Leaves with 75 when the mail server has to try again.
    """
    raw = sys.stdin.buffer.read(inbound.MAIL_LIMIT + 1)
    if len(raw) > inbound.MAIL_LIMIT:
        raise Refused("This mail is too big.")
    try:
        keep = inbound.keep(raw, door="pipe", envelope_from=sender, envelope_to=recipient, now=config.now())
        asyncio.run(connected(keep))
    except Exception as error:  # whatever it is, the mail server still has the mail
        click.echo(f"The mail could not be kept: {error.__cause__ or error}.", err=True)
        sys.exit(os.EX_TEMPFAIL)


@cli.command()
@click.argument("address")
@click.option("--name", default="", help="The name of the very first person.")
def login(address: str, name: str) -> None:
    """Print a link that signs ADDRESS in: the way back when mail does not work, and the first way in.

    Where there is nobody yet, ADDRESS becomes the first coordinator and admin.
    """
    try:
        email, called = MailAddress.parse(address), Title.parse(name or address.partition("@")[0])
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    path = asyncio.run(connected(_sign_in(email, called)))
    click.echo(f"Open this link and press the button, within 15 minutes:\n{link(path)}")


@cli.command("import")
@click.argument("file", type=click.File("rb"))
def bring_in(file: BinaryIO) -> None:
    """Bring in the history of a programme from FILE (- for standard input); docs/history.md tells its form.

    All of it comes in, or nothing: every line that is wrong is named. No letter is sent.
    """
    now = config.now()
    brought = asyncio.run(connected(_bring_in(history.read(file, now=now), now)))
    click.echo(
        f"Brought in: teams {brought.teams}, departments {brought.departments}, persons {brought.persons}, "
        f"days {brought.days}, issues {brought.issues}, stories {brought.stories}."
    )
    if brought.zone == config.settings().zone:
        return
    if brought.first and not config.zone_is_chosen():
        config.keep_zone(brought.zone)
        click.echo(f"The programme's zone is {brought.zone} from now on, as no setting names another: months begin and "
                   "end by it. A server that runs takes it when it starts again.")
    else:
        click.echo(f"The file is of a programme in {brought.zone}, and the setting zone is {config.settings().zone}: "
                   "months begin and end by the setting.", err=True)


async def _bring_in(found: History, now: datetime) -> history.Brought:
    count = sum(len(records) for records in found.all().values())
    with click.progressbar(length=count, label="Bringing in", file=sys.stderr) as bar:
        return await history.bring_in(found, now=now, progress=bar.update)


@cli.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="-")
def give_out(file: Path) -> None:
    """Write everything into FILE, in the form that import reads; standard output where none is named."""
    if str(file) == "-":
        asyncio.run(connected(_give_out(sys.stdout.buffer)))
        return
    part = file.with_name(f"{file.name}.part")
    # It holds people's names and words, so it is for nobody else.
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        asyncio.run(connected(_give_out(target)))
    part.replace(file)


async def _give_out(target: BinaryIO) -> None:
    async for line in history.give_out(now=config.now()):
        target.write(line)
    target.flush()


SHEET = click.Path(exists=True, dir_okay=False, path_type=Path)


@cli.command("setup")
@click.argument("address")
@click.option("--departments", type=SHEET, help="CSV or XLSX of the departments.")
@click.option("--teams", type=SHEET, help="CSV or XLSX of the teams.")
@click.option("--people", "persons_file", type=SHEET, help="CSV or XLSX of the people.")
@click.option("--write", is_flag=True, help="Write it. Without this, only say what would happen.")
def set_up(
    address: str, departments: Path | None, teams: Path | None, persons_file: Path | None, write: bool
) -> None:
    """Bring departments, teams and people in from spreadsheets, in the name of the person with ADDRESS.

    Says first what would happen, and every row that is wrong. All of it comes in, or nothing; docs/setup.md tells the
    columns. Leaves with 2 if any row is wrong.
    """
    given = {setup.Subject.DEPARTMENTS: departments, setup.Subject.TEAMS: teams, setup.Subject.PEOPLE: persons_file}
    files = {subject: file for subject, file in given.items() if file is not None}
    if not files:
        raise click.UsageError("Name at least one file: --departments, --teams or --people.")
    plans = asyncio.run(connected(_set_up(address, files, write=write)))
    wrong = sum(plan.bad_rows for plan in plans)
    for plan in plans:
        _tell_plan(plan, files[plan.subject].name)
    if wrong:
        click.echo("Nothing was written. Mend these rows and run it again.", err=True)
        sys.exit(2)
    click.echo("Written." if write else "Nothing is written yet: the same with --write does it.")


async def _set_up(address: str, files: dict[setup.Subject, Path], *, write: bool) -> list[setup.Plan]:
    sheets = [(subject, file.read_bytes()) for subject, file in files.items()]
    return await setup.set_up(await _somebody(address), sheets, write=write, now=config.now())


def _tell_plan(plan: setup.Plan, name: str) -> None:
    click.echo(f"{name}: {len(plan.new)} new, {len(plan.changed)} changed, {plan.same} the same.")
    for step in plan.changed:
        for change in step.changes:
            click.echo(f"  Row {step.row}, {step.name}: {change.label}: {change.before or '-'} -> {change.after}")
    if plan.unknown:
        click.echo(f"  Columns that mean nothing here: {', '.join(plan.unknown)}.", err=True)
    for note in plan.notes:
        click.echo(f"  Row {note.row}: {note.sentence}", err=True)
    for fault in plan.faults:
        click.echo(f"  Row {fault.row}{f', {fault.column}' if fault.column else ''}: {fault.sentence}", err=True)


@cli.command()
def migrate() -> None:
    """Bring the database up to date. The server does so too when it starts."""
    asyncio.run(migrated())
    click.echo("The database is up to date.")


@cli.command("doctor")
def examine() -> None:
    """Look at every setting and at what it names, and say what to do. Leaves with 1 if anything is wrong."""
    from floorday import doctor  # with what it asks the network; a server starts without that

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
    colours = {"ok": "green", "warning": "yellow", "wrong": "red"}
    widest = max((len(finding.about) for finding in findings), default=0) + 1
    under = " " * (9 + widest)
    for finding in findings:
        level = click.style(f"{finding.level:<8}", fg=colours[finding.level])
        says = finding.says.replace("\n", "\n" + under)
        click.echo(f"{level} {finding.about:<{widest}}{says}")
        if finding.todo:
            click.echo(under + finding.todo)


def migrate_apart() -> None:
    """Bring the schema up to date, where it is not, in a process of its own: what that takes would stay in memory."""
    if asyncio.run(_up_to_date()):
        return
    done = subprocess.run([sys.executable, "-m", "floorday", "migrate"], stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(done.returncode)


async def _up_to_date() -> bool:
    try:
        return await db.up_to_date()
    finally:
        await db.close_pools()


async def migrated() -> None:
    """Bring the schema up to date."""
    try:
        await db.migrate()
    finally:
        await db.close_pools()


async def connected(work: Coroutine[Any, Any, T]) -> T:
    """Do something with the database, brought up to date."""
    try:
        await db.migrate()
        await db.open_pools()
    except BaseException:
        work.close()
        raise
    try:
        return await work
    finally:
        await db.close_pools()


async def working() -> None:
    """Work until somebody says stop, then finish what is at hand."""
    from floorday.worker import work

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await connected(work(stop))


@cli.group()
def token() -> None:
    """Make, list and revoke tokens for the API, each in the name of a person."""


@token.command("create")
@click.argument("address")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=("read",), show_default=True,
              help="What it may do; several may be given.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="For how many days.")
def create_token(address: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token of the person with ADDRESS, this once."""
    try:
        form = people.TokenForm(Title.parse(name), list(scopes), days)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    made = asyncio.run(connected(_made_for(address, form)))
    click.echo(made.secret)
    click.echo(f"It opens the API until {made.expires_at:%Y-%m-%d} and is not shown again ({made.id}).", err=True)


async def _made_for(address: str, form: people.TokenForm) -> people.Made:
    return await people.create_token(await _somebody(address), form, now=config.now())


async def _somebody(address: str) -> Actor:
    card = await persons.by_address(address)
    found = await persons.actor(card.id, door=Door.CLI) if card else None
    if found is None:
        raise NotFound("Nobody here has this address.")
    return found


@token.command("list")
@click.argument("address")
def list_tokens(address: str) -> None:
    """List the tokens of the person with ADDRESS that still open the API."""
    for held in asyncio.run(connected(_tokens_of(address))):
        used = f"{held.last_used_at:%Y-%m-%d %H}h" if held.last_used_at else "never"
        click.echo(f"{held.id}  {held.name}  [{held.scopes}]  until {held.expires_at:%Y-%m-%d}, last used {used}")


async def _tokens_of(address: str) -> list[persons.OwnToken]:
    return await persons.tokens((await _somebody(address)).person, now=config.now())


@token.command("revoke")
@click.argument("address")
@click.argument("token_id", type=click.UUID)
def revoke_token(address: str, token_id: UUID) -> None:
    """End the token TOKEN_ID of the person with ADDRESS."""
    asyncio.run(connected(_revoked(address, token_id)))
    click.echo("Revoked.")


async def _revoked(address: str, token_id: UUID) -> None:
    await people.revoke_token(await _somebody(address), token_id, now=config.now())


async def _sign_in(email: MailAddress, name: Title) -> str:
    found = await people.ask_code(email, network="", now=config.now(), printed=True)
    if found is None:
        try:
            await people.first_person(name, email, zone=config.settings().zone, now=config.now())
        except Refused:
            raise NotFound("Nobody here has this address. A coordinator can add people under Settings.") from None
        found = await people.ask_code(email, network="", now=config.now(), printed=True)
    return found or ""
