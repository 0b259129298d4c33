"""What `floorday doctor` looks at: every setting with its source, and whether what it names works.

Looking leaves every letter and every row as it is. Each finding says in a sentence how things are, and what to do
where something is to be done.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import stat
import tomllib
from contextlib import closing, suppress
from enum import StrEnum
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import asyncpg
import dns.asyncresolver
import dns.exception
import dns.resolver
from msgspec import Struct, structs

import floorday
from floorday import config, db
from floorday.clock import system
from floorday.db.migrating import known_migrations, migrations_folder, migrations_run
from floorday.errors import Busy, FloordayError
from floorday.mail import imap, outbox, smtp
from floorday.mail.journal import Journal
from floorday.retention import actions as retention
from floorday.retention import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from floorday.config import Settings

SECRETS = frozenset({"secret_key", "smtp_password", "imap_password"})
LITTLE_SPACE = 500 * 1024**2
NO_SPACE = 50 * 1024**2
ANSWER_SECONDS = 3.0
UNUSABLE = (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, FloordayError)
CLOCKS_DIFFER = 5.0
GOOGLE = (".google.com", ".googlemail.com")


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


class Finding(Struct, frozen=True):
    """One thing that was looked at: how it is, and what to do about it."""

    level: Level
    about: str
    says: str
    todo: str = ""


class Chosen(Struct, frozen=True):
    """One setting as it is in force, fit to be shown, and where it comes from."""

    name: str
    value: str
    source: str


def chosen(settings: Settings, env: Mapping[str, str]) -> list[Chosen]:
    """List every setting with its source; secrets are never shown."""
    path = Path(env.get(config.WHERE) or "floorday.toml")
    in_file = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found: list[Chosen] = []
    for name in structs.asdict(settings):
        source = "default"
        if name in in_file:
            source = str(path)
        if (key := config.PREFIX + name.upper()) in env:
            source = key
        if name == "secret_key" and source == "default":
            source = str((file_of(settings) or Path()).with_suffix(".key"))
        found.append(Chosen(name, _shown(name, getattr(settings, name)), source))
    return found


async def examine(settings: Settings, *, now: datetime) -> list[Finding]:
    """Look at everything that these settings name."""
    looked = await asyncio.gather(
        database(settings),
        letters(settings),
        lmtp(settings),
        mailbox(settings),
        http(settings),
        names(settings),
    )
    return [
        *looked[0],
        *storage(settings),
        zones(settings, now=now),
        clock(settings, now),
        *looked[1],
        *sent(settings),
        *looked[2],
        *looked[3],
        sender_proof(settings),
        *looked[5],
        *looked[4],
        *addresses(settings),
    ]


async def database(settings: Settings, *, clock: Callable[[], datetime] = config.now) -> list[Finding]:
    """Reach the database, compare its schema with the migrations, and try to write without leaving a trace."""
    if (path := file_of(settings)) and not path.exists():
        return [Finding(Level.WARNING, "database", "There is no database yet.", "floorday migrate makes it.")]
    db.bind(db.make_engine(settings.database, readers=1, gate_timeout=5, pgbouncer=settings.pgbouncer))
    try:
        await db.open_pools()
        try:
            schema = await _schema()
            kept = [await _kept(settings, now=clock()), *await _before()] if schema.level is Level.OK else []
            return [await _reached(), schema, await _writable(), *kept, *await _its_clock(settings, clock)]
        finally:
            await db.close_pools()
    except UNUSABLE as error:
        says = f"It cannot be used: {_words(error)}."
        return [Finding(Level.WRONG, "database", says, "Look at the setting database.")]


def file_of(settings: Settings) -> Path | None:
    """Give the file of an SQLite database; None where the database is a server."""
    return Path(config.sqlite_path(settings.database)) if settings.database.startswith("sqlite:") else None


async def _reached() -> Finding:
    name, ask = {
        "sqlite": ("SQLite", "SELECT sqlite_version() AS v"),
        "postgres": ("PostgreSQL", "SELECT current_setting('server_version') AS v"),
    }[db.dialect()]
    rows = await db.run_sql(ask)
    return Finding(Level.OK, "database", f"{name} {rows[0]['v']} answers.")


async def _schema() -> Finding:
    ran = await migrations_run()
    known = known_migrations(migrations_folder())
    if newer := ran - known:
        says = f"The database is newer than this program ({len(newer)} migrations it does not know)."
        return Finding(Level.WRONG, "schema", says, "Install the newer floorday again, or restore a backup.")
    if waiting := known - ran:
        return Finding(Level.WARNING, "schema", f"{len(waiting)} migrations wait.", "floorday migrate runs them.")
    return Finding(Level.OK, "schema", f"All {len(known)} migrations have run.")


async def _kept(settings: Settings, *, now: datetime) -> Finding:
    """Count what the worker is due to wipe, and see whether it does."""
    found = await retention.waiting(rules.due(settings, now))
    says = ", ".join(f"{count} {rules.say(kind)}" for kind, count in found.items() if count)
    if not says:
        return Finding(Level.OK, "retention", "Nothing is kept longer than the settings say.")
    if any((await retention.waiting(rules.due(settings, now - rules.LATE))).values()):
        says = f"These were due to be wiped more than a day ago: {says}."
        return Finding(Level.WARNING, "retention", says, "floorday worker wipes them; see that it runs.")
    return Finding(Level.OK, "retention", f"Due to be wiped by the worker: {says}.")


class _Enough(Exception):
    """Leave the transaction without saving."""


async def _before() -> list[Finding]:
    """Say whether the database has gone back to an older copy of itself, and what was not sent again."""
    count, last = await outbox.left_before()
    if not count or last is None:
        return []
    says = (f"It went back to an older copy: {count:,} letters had left before and were not sent again, "
            f"the last noticed on {last:%Y-%m-%d %H:%M} UTC.")
    return [Finding(Level.OK, "what has left", says)]


async def _writable() -> Finding:
    with suppress(_Enough):
        async with db.transaction():
            await db.run_sql("CREATE TABLE floorday_doctor (id INTEGER)")
            raise _Enough
    return Finding(Level.OK, "database", "It can be written.")


async def _its_clock(settings: Settings, clock: Callable[[], datetime]) -> list[Finding]:
    if db.dialect() == "sqlite" or settings.clock:
        return []
    rows = await db.run_sql("SELECT extract(epoch FROM clock_timestamp())::float8 AS t")
    apart = abs(rows[0]["t"] - clock().timestamp())
    if apart > CLOCKS_DIFFER:
        says = f"This machine's clock and the database's are {apart:.0f} seconds apart."
        return [Finding(Level.WRONG, "clock", says, "Let both take the time from the same servers (NTP).")]
    return []


def storage(settings: Settings) -> list[Finding]:
    """See whether there is room, and whether others on this machine can read what is theirs to ask for only."""
    found: list[Finding] = []
    if path := file_of(settings):
        path = path.absolute()
        folder = next(place for place in path.parents if place.exists())
        free = shutil.disk_usage(folder).free
        level = Level.WRONG if free < NO_SPACE else Level.WARNING if free < LITTLE_SPACE else Level.OK
        todo = "" if level is Level.OK else "Make room, or move the database."
        found.append(Finding(level, "disk", f"{free // 1024**2:,} MB are free in {folder}.", todo))
        if path.exists() and open_to_others(path):
            todo = f"chmod 700 {path.parent}"
            found.append(Finding(Level.WARNING, "database", "Others on this machine can read it.", todo))
    file = Path(os.environ.get(config.WHERE) or "floorday.toml").absolute()
    if file.exists() and open_to_others(file) and SECRETS & set(tomllib.loads(file.read_text("utf-8"))):
        says = f"{file} holds secrets, and others on this machine can read it."
        found.append(Finding(Level.WRONG, "settings", says, f"chmod 600 {file}"))
    return found


def open_to_others(path: Path) -> bool:
    """Tell whether somebody else on this machine may read a file: its own mode, and every folder above it."""
    if not path.stat().st_mode & stat.S_IROTH:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)


def zones(settings: Settings, *, now: datetime) -> Finding:
    """See whether the rules of time zones are there and not too old."""
    offset = now.astimezone(ZoneInfo(settings.zone)).strftime("%z")
    rules = version("tzdata")
    says = f"{settings.zone} is {offset[:3]}:{offset[3:]} from UTC now; rules of {rules}."
    if int(rules.split(".")[0]) < now.year - 1:
        return Finding(Level.WARNING, "zones", says, "Governments change them: pip install --upgrade tzdata.")
    return Finding(Level.OK, "zones", says)


def clock(settings: Settings, now: datetime) -> Finding:
    """See whether the clock can be right at all."""
    if settings.clock:
        says = f"It is set: {now:%Y-%m-%d %H:%M} UTC, while this machine says {system():%Y-%m-%d %H:%M}."
        return Finding(Level.WARNING, "clock", says, "Take the setting clock away where people work with this.")
    written = max(path.stat().st_mtime for path in Path(floorday.__file__).parent.glob("*.py"))
    says = f"It is {now:%Y-%m-%d %H:%M} UTC."
    if now.timestamp() < written - 60:
        says += " That is before this program was installed."
        return Finding(Level.WRONG, "clock", says, "Set the clock, or let it take the time from a server (NTP).")
    return Finding(Level.OK, "clock", says)


async def letters(settings: Settings) -> list[Finding]:
    """Talk to the mail server as far as a letter would, or say where letters go without one."""
    if not settings.smtp_host:
        says = f"Letters are not sent; they are kept as files in {settings.mail_folder}."
        return [Finding(Level.WARNING, "letters", says, "To send them, set smtp_host.")]
    found: list[Finding] = []
    try:
        said = await smtp.Sender(settings, timeout=10).check()
    except FloordayError as error:
        todo = "Look at smtp_host, smtp_port, smtp_security, smtp_user and smtp_password."
        found.append(Finding(Level.WRONG, "letters", _words(error), todo))
    else:
        says = f"{settings.smtp_host}:{settings.smtp_port} would take letters: {said[0]}"
        found.append(Finding(Level.OK, "letters", says))
    if settings.smtp_security == "none" and settings.smtp_user and not loopback(settings.smtp_host):
        says = "The password of the mail server travels unencrypted."
        found.append(Finding(Level.WARNING, "letters", says, 'Set smtp_security = "starttls" or "tls".'))
    if settings.mail_from.endswith(".example"):
        says = f"Letters come from {settings.mail_from}, which is nobody's address."
        found.append(Finding(Level.WRONG, "letters", says, "Set mail_from to an address of yours."))
    return found


def sent(settings: Settings) -> list[Finding]:
    """See whether what has left is kept beside the database, so that an older copy of it sends nothing twice."""
    kept, about = Journal(settings.sent_folder), "what has left"
    if trouble := kept.trouble():
        says = f"{trouble} Letters leave, but a database that goes back to an older copy would send some twice."
        todo = "Let whoever runs floorday write in the folder, or set sent_folder to another one."
        return [Finding(Level.WRONG, about, says, todo)]
    if not (known := kept.count()):
        says = f"Nothing is kept in {kept.folder} yet; it begins with the next letter."
        return [Finding(Level.OK, about, says)]
    return [Finding(Level.OK, about, f"{known:,} letters and reminders are known to have left, in {kept.folder}.")]


async def lmtp(settings: Settings) -> list[Finding]:
    """See whether replies can come in."""
    doors = [address for address in (settings.lmtp_listen, settings.smtp_listen) if address]
    if not doors:
        if settings.imap_host:
            return []
        todo = "Set lmtp_listen, or imap_host to have a mailbox read."
        return [Finding(Level.WARNING, "replies", "lmtp_listen is off: no reply comes in by mail.", todo)]
    return [await _mail_door(address) for address in doors]


async def _mail_door(address: str) -> Finding:
    host, _, port = address.rpartition(":")
    heard = await greeting(host, int(port))
    if heard is None:
        return _free("replies", host, int(port), "floorday worker")
    if heard.startswith("220"):
        return Finding(Level.OK, "replies", f"{address} takes mail: {heard}")
    return Finding(Level.WRONG, "replies", f"Something else answers on {address}.", "Stop it, or choose another port.")


async def mailbox(settings: Settings) -> list[Finding]:
    """Sign in to the mailbox as the worker does, and count what it would take over; nothing there is changed."""
    if not settings.imap_host:
        return []
    box = imap.Mailbox(settings, timeout=10)
    try:
        await asyncio.to_thread(box.open)
        count = len(await asyncio.to_thread(box.waiting, 0))
    except (*imap.UNUSABLE, FloordayError) as error:
        todo = "Look at imap_host, imap_port, imap_security, imap_user, imap_password and imap_folder."
        return [Finding(Level.WRONG, "mailbox", f"It cannot be read: {_words(error)}.", todo)]
    finally:
        box.close()
    found = [Finding(Level.OK, "mailbox", f"{box.name} can be read; {count} mails lie in it.")]
    if settings.imap_security == "none" and not loopback(settings.imap_host):
        says = "The password of the mailbox travels unencrypted."
        found.append(Finding(Level.WARNING, "mailbox", says, 'Set imap_security = "tls" or "starttls".'))
    return found


def sender_proof(settings: Settings) -> Finding:
    """Say by what an answer from a calendar is believed."""
    if settings.trusted_authserv_id:
        also = " and its own reply address" if settings.sender_proof == "both" else ""
        says = f"An answer needs dmarc=pass of {settings.trusted_authserv_id}{also}."
        return Finding(Level.OK, "sender proof", says)
    if settings.sender_proof == "both":
        says = 'sender_proof is "both", but no trusted_authserv_id is set: every answer waits for a person.'
        return Finding(Level.WRONG, "sender proof", says, "Set trusted_authserv_id, or sender_proof to auto.")
    says = "An answer is believed because it came to its booking's own address."
    todo = "If your mail server checks DMARC, name it in trusted_authserv_id: that is the better proof."
    return Finding(Level.WARNING if settings.smtp_host else Level.OK, "sender proof", says, todo)


async def names(settings: Settings, *, resolver: dns.asyncresolver.Resolver | None = None) -> list[Finding]:
    """See what other mail servers find out about the domains that letters come from (OB-01b, OB-12)."""
    if not settings.smtp_host:
        return []
    domains = dict.fromkeys([settings.mail_domain, settings.mail_from.rpartition("@")[2]])
    try:
        ask = resolver or dns.asyncresolver.Resolver()
        ask.lifetime = ANSWER_SECONDS
        looked = [finding for domain in domains for finding in await _domain(domain, ask)]
    except (dns.exception.DNSException, OSError) as error:
        says = f"The name servers could not be asked about {', '.join(domains)}: {_words(error)}."
        return [Finding(Level.WARNING, "domain", says, "Look at this machine's name server, then ask again.")]
    says = "Whether letters are signed (DKIM) cannot be asked for: only the mail server knows under which name."
    todo = "Send yourself a letter, and look for dkim=pass and dmarc=pass in its Authentication-Results."
    return [*looked, Finding(Level.OK, "domain", says, todo)]


async def _domain(domain: str, ask: dns.asyncresolver.Resolver) -> list[Finding]:
    servers = [words.split()[-1].rstrip(".").lower() for words in await _records(domain, "MX", ask)]
    spf = [words for words in await _records(domain, "TXT", ask) if words.lower().startswith("v=spf1")]
    # A domain without a policy of its own goes by its parent's (RFC 7489 6.6.3).
    asked = [f"_dmarc.{domain}", *([f"_dmarc.{domain.partition('.')[2]}"] if domain.count(".") > 1 else [])]
    told = [words for name in asked for words in await _records(name, "TXT", ask)]
    dmarc = [words for words in told if words.lower().startswith("v=dmarc1")]
    found: list[Finding] = []
    if not servers:
        says = f"No mail server is named for {domain}: no reply can come back."
        found.append(Finding(Level.WRONG, "domain", says, f"Let an MX record of {domain} name your mail server."))
    elif any(server.endswith(GOOGLE) for server in servers):
        says = f"The mail of {domain} lies at Google. People with a Google calendar then send no answer by mail."
        todo = "Give mail_domain another server, such as reply.YOUR-DOMAIN with LMTP."
        found.append(Finding(Level.WARNING, "domain", says, todo))
    if len(spf) != 1:
        says = f"{domain} says in {len(spf)} SPF records which servers send for it; it has to be one."
        found.append(Finding(Level.WARNING, "domain", says, f'Add one TXT record: {domain} "v=spf1 mx -all".'))
    if not dmarc:
        says = f"{domain} has no DMARC record: big receivers put its invitations aside."
        todo = f'Add a TXT record: _dmarc.{domain} "v=DMARC1; p=none", and later p=reject.'
        found.append(Finding(Level.WARNING, "domain", says, todo))
    return found or [Finding(Level.OK, "domain", f"{domain} has a mail server, SPF and DMARC.")]


async def _records(name: str, kind: str, ask: dns.asyncresolver.Resolver) -> list[str]:
    try:
        answer = await ask.resolve(name, kind)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text() for record in answer]


async def http(settings: Settings) -> list[Finding]:
    """See whether the page's port is taken or free."""
    if await greeting(settings.host, settings.port, ask=b"HEAD / HTTP/1.0\r\n\r\n") is None:
        return [_free("pages", settings.host, settings.port, "floorday serve")]
    return [Finding(Level.OK, "pages", f"A server answers on {settings.host}:{settings.port}.")]


async def greeting(host: str, port: int, *, ask: bytes = b"") -> str | None:
    """Give the first line that a server says; None where there is none, and nothing where it stays silent."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return None
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            writer.write(ask)
            return (await reader.readline()).decode(errors="replace").strip()
    except (OSError, TimeoutError, ValueError):
        return ""
    finally:
        writer.close()


def _free(about: str, host: str, port: int, who: str) -> Finding:
    try:
        with closing(socket.create_server((host.strip("[]"), port), family=_family(host))):
            return Finding(Level.OK, about, f"{host}:{port} is free; {who} will listen there.")
    except OSError as error:
        says = f"Nobody can listen on {host}:{port}: {error.strerror}."
        return Finding(Level.WRONG, about, says, "Choose an address of this machine and a port above 1023.")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def addresses(settings: Settings) -> list[Finding]:
    """See whether links in letters lead here, and travel safely."""
    parts = urlsplit(settings.base_url)
    here = loopback(parts.hostname or "")
    if parts.scheme == "http" and not here:
        says = f"{settings.base_url} is not encrypted: sign-in codes and notes can be read on the way."
        return [Finding(Level.WARNING, "base_url", says, "Put a proxy with https before it and set base_url to it.")]
    if here and settings.smtp_host:
        says = f"Links in letters lead to {settings.base_url}, the reader's own machine."
        return [Finding(Level.WRONG, "base_url", says, "Set base_url to the address that people type.")]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if here and port != settings.port and loopback(settings.host):
        says = f"Links in letters lead to {settings.base_url}; the pages are on port {settings.port} of this machine."
        todo = f"Set base_url to http://{settings.host}:{settings.port}, unless a proxy stands there."
        return [Finding(Level.WARNING, "base_url", says, todo)]
    return [Finding(Level.OK, "base_url", f"Links in letters lead to {settings.base_url}.")]


def loopback(host: str) -> bool:
    """Tell whether a host is this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _shown(name: str, value: object) -> str:
    if name in SECRETS:
        return "(hidden)" if value else ""
    if name == "database" and "@" in str(value):
        parts = urlsplit(str(value))
        user, _, _ = parts.netloc.partition("@")[0].partition(":")
        return urlunsplit(parts._replace(netloc=f"{user}:(hidden)@{parts.netloc.rpartition('@')[2]}"))
    return str(value)


def _words(error: BaseException) -> str:
    if isinstance(error, Busy) and error.__cause__:
        error = error.__cause__
    return (str(error) or type(error).__name__).rstrip(".")
