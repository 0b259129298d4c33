"""Settings: what an installation may choose, read from FLOORDAY_* over floorday.toml.

The environment wins over the file, the file over the default. A key nobody knows, or a
value nobody can use, stops the program at once and says which key it was and what a right
one looks like. `now()` is the one clock: nothing else asks what time it is.

Piccolo looks here for `DB` and `APP_REGISTRY`; both are made when first asked for, so that
reading a setting never opens a database.
"""

from __future__ import annotations

import difflib
import os
import secrets
import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, structs

from floorday import clock
from floorday.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from piccolo.conf.apps import AppRegistry
    from piccolo.engine.base import Engine

    DB: Engine[Any]
    APP_REGISTRY: AppRegistry

PREFIX = "FLOORDAY_"
WHERE = "FLOORDAY_CONFIG"
SHORTEST_SECRET = 32
SECRETS = {"secret_key", "smtp_password", "imap_password", "database"}


class Settings(Struct, frozen=True, kw_only=True):
    """Everything an installation may choose, with defaults that run on a laptop."""

    database: str = "sqlite:///var/floorday.sqlite"
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    secret_key: str = ""
    zone: str = "Europe/London"
    holidays: str = ""
    days_off: str = ""
    summary_hour: int = 7
    company: str = "Our company"
    document_fonts: str = ""
    mail_from: str = "floorday@floorday.example"
    mail_domain: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    mail_folder: str = "var/letters"
    sent_folder: str = "var/sent"
    lmtp_listen: str = "127.0.0.1:8024"
    smtp_listen: str = ""
    imap_host: str = ""
    imap_port: int = 993
    imap_user: str = ""
    imap_password: str = ""
    imap_security: Literal["none", "starttls", "tls"] = "tls"
    imap_folder: str = "INBOX"
    trusted_authserv_id: str = ""
    sender_proof: Literal["auto", "both"] = "auto"
    undo_seconds: int = 10
    demo: bool = False
    clock: str = ""
    readers: int = 3
    pool_size: int = 10
    gate_timeout: float = 15.0
    pgbouncer: bool = False
    session_days: int = 30
    letter_bytes_days: int = 14
    sent_days: int = 90
    mail_days: int = 90
    sign_in_days: int = 30
    request_days: int = 2
    token_days: int = 90
    leaver_days: int = 0
    photo_days: int = 365
    picture_months: int = 12
    measure_months: int = 12
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def __repr__(self) -> str:
        """Show no secret, for what is shown ends in a log."""
        told = {name: "..." if name in SECRETS and value else value for name, value in structs.asdict(self).items()}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in told.items())})"


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Give the time in UTC; the one clock, which the setting `clock` may have set."""
    return EPOCH + timedelta(microseconds=(clock.nanoseconds() + _ahead()) // 1000)


def nanoseconds() -> int:
    """Give the time of the one clock since 1970, for ids that sort by it.

    Tables try the defaults of their columns while they are imported; no setting has to be right for that.
    """
    return clock.nanoseconds() + (_ahead() if settings.cache_info().currsize else 0)


def _ahead() -> int:
    chosen = settings()
    return clock.ahead(chosen.clock, chosen.zone, beside(chosen, ".clock")) if chosen.clock else 0


def beside(chosen: Settings, suffix: str) -> Path:
    """Name a file that is kept beside the database, or in `var` where that is a server."""
    database = chosen.database if chosen.database.startswith("sqlite:") else Settings().database
    return Path(sqlite_path(database)).absolute().with_suffix(suffix)


@cache
def settings() -> Settings:
    """Read the settings once, and make the server's own key where the database is a file."""
    named = os.environ.get(WHERE)
    found = load(os.environ, Path(named) if named else Path("floorday.toml"), must_exist=bool(named))
    found = found if zone_is_chosen() else structs.replace(found, zone=_kept_zone(found) or found.zone)
    return found if found.secret_key else structs.replace(found, secret_key=kept_secret(found))


def load(env: Mapping[str, str], toml_path: Path | None = None, *, must_exist: bool = False) -> Settings:
    """Put the settings together from an environment and a file; touch nothing else.

    Raise Misconfigured with the key as the reader wrote it.
    """
    chosen = _from_file(toml_path, must_exist=must_exist) | _from_environment(env)
    for name, check in CHECKS.items():
        if name in chosen:
            key, value = chosen[name]
            if wrong := check(value):
                raise Misconfigured(key, wrong, example=_example(name))
    given = Settings(**{name: value for name, (_, value) in chosen.items()})
    if not given.mail_domain:
        given = structs.replace(given, mail_domain=given.mail_from.rpartition("@")[2])
    return _agreed(given, {name: key for name, (key, _) in chosen.items()})


def zone_is_chosen() -> bool:
    """Say whether environment or file name the programme's zone."""
    path = Path(os.environ.get(WHERE) or "floorday.toml")
    return "zone" in _from_file(path, must_exist=False) | _from_environment(os.environ)


def keep_zone(zone: str) -> None:
    """Keep the zone that the programme's past came with, for as long as no setting names one."""
    place = beside(settings(), ".zone")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{zone}\n", encoding="utf-8")
    settings.cache_clear()


def _kept_zone(chosen: Settings) -> str:
    """Read the zone that is kept beside the database, where there is one."""
    place = beside(chosen, ".zone")
    try:
        kept = place.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if wrong := _zone(kept):
        raise Misconfigured("zone", f"{place}: {wrong}", example=_example("zone"))
    return kept


def kept_secret(chosen: Settings) -> str:
    """Read the key kept beside the SQLite database, or make it: 0600, written whole or not at all."""
    place = Path(sqlite_path(chosen.database)).with_suffix(".key")
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
        try:
            os.link(fresh, place)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    if place.stat().st_mode & 0o077:
        raise Misconfigured("secret_key", f"Others on this machine can read {place}.", example=f"chmod 600 {place}")
    kept = place.read_text().strip()
    if len(kept) < SHORTEST_SECRET:
        raise Misconfigured("secret_key", f"{place} is empty or cut short; restore it, or delete it to start anew "
                            "(which ends every session and link).", example=_example("secret_key"))
    return kept


def sqlite_path(url: str) -> str:
    """Take the file's path out of a sqlite:/// address."""
    return url.removeprefix("sqlite:///")


def __getattr__(name: str) -> Any:
    if name == "DB":
        from floorday import db

        return db.current()
    if name == "APP_REGISTRY":
        return _registry()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _registry() -> AppRegistry:
    from piccolo.conf.apps import AppRegistry

    return AppRegistry(apps=["floorday.piccolo_app"])


# Where settings come from. Each maps a field to (the key as it was written, its value).

TYPES = get_type_hints(Settings)
EXAMPLES = {
    "database": "sqlite:///var/floorday.sqlite, or postgresql://floorday@db.example.com/floorday",
    "base_url": "https://floorday.example.com",
    "secret_key": "the words printed by: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
    "zone": "Europe/London",
    "holidays": "GB-ENG",
    "days_off": "2026-12-24, 2026-12-31",
    "clock": clock.EXAMPLE,
    "document_fonts": "/usr/share/fonts/opentype/noto",
    "mail_from": "floorday@example.com",
    "mail_domain": "reply.example.com",
    "trusted_authserv_id": "mx.example.com",
    "smtp_host": "mail.example.com",
    "imap_host": "mail.example.com",
    "imap_user": "floorday@example.com",
}


def _from_environment(env: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    chosen: dict[str, tuple[str, Any]] = {}
    for key, raw in env.items():
        if not key.startswith(PREFIX) or key == WHERE:
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in TYPES or key != key.upper():
            raise _unknown(key, [PREFIX + known.upper() for known in TYPES] + [WHERE])
        chosen[name] = (key, _read(key, name, raw))
    return chosen


def _from_file(path: Path | None, *, must_exist: bool) -> dict[str, tuple[str, Any]]:
    if path is None or not (path.exists() or must_exist):
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured(WHERE, f"There is no file {path}.", example="/etc/floorday.toml") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(WHERE, f"{path} cannot be read: {error}.", example="/etc/floorday.toml") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(str(path), f"This is not TOML: {error}.", example='zone = "Europe/London"') from error
    chosen: dict[str, tuple[str, Any]] = {}
    for name, value in found.items():
        if name not in TYPES:
            raise _unknown(name, list(TYPES))
        chosen[name] = (name, _typed(name, name, value))
    return chosen


def _unknown(key: str, known: list[str]) -> Misconfigured:
    by_folded = {name.upper(): name for name in known}
    near = difflib.get_close_matches(key.upper(), by_folded, n=1, cutoff=0)
    return Misconfigured(key, "There is no such setting.", example=by_folded[near[0]])


def _read(key: str, name: str, raw: str) -> Any:
    """Turn the words of an environment variable into the field's type."""
    wanted, raw = TYPES[name], raw.strip()
    if wanted is bool:
        said = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
        if raw.lower() not in said:
            raise Misconfigured(key, f"{raw!r} is neither yes nor no.", example=f"{key}=true")
        return said[raw.lower()]
    if wanted in (int, float):
        try:
            return _typed(key, name, wanted(raw))
        except ValueError:
            raise Misconfigured(key, f"{raw!r} is not a number.", example=_example(name)) from None
    return _typed(key, name, raw)


def _typed(key: str, name: str, value: Any) -> Any:
    wanted = TYPES[name]
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            words = ", ".join(get_args(wanted))
            raise Misconfigured(key, f"{value!r} is none of: {words}.", example=_example(name))
        return value
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        kind = {str: "words in quotes", int: "a whole number", float: "a number", bool: "true or false"}[wanted]
        told = "This" if name in SECRETS else repr(value)
        raise Misconfigured(key, f"{told} should be {kind}.", example=_example(name))
    return value


def _example(name: str) -> str:
    return EXAMPLES.get(name) or str(getattr(Settings(), name))


# What is wrong with a value, in a sentence; None when it is right.


def _database(url: str) -> str | None:
    if url.startswith("sqlite:///"):
        path = sqlite_path(url)
        if not path or path == ":memory:" or path.endswith("/") or "?" in path:
            return "This names no file; the data is kept in one."
        return None
    if url.startswith(("postgresql://", "postgres://")):
        return None
    return "This is the address of neither an SQLite file nor a PostgreSQL database."


def _web_address(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"This is no web address: {error}."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "This has to begin with http:// or https:// and name a host."
    if parts.query or parts.fragment or parts.username or parts.path not in ("", "/"):
        return "This has to be the plain address, with no path, query or user."
    return None


def _zone(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{name!r} is not the name of a time zone (IANA)."
    return None


def _holidays(place: str) -> str | None:
    if not place:
        return None
    import holidays  # only where they are named

    country, _, part = place.partition("-")
    try:
        holidays.country_holidays(country, subdiv=part or None, years=2026)
    except NotImplementedError:
        return f"The holidays of {place!r} are not known."
    return None


def _days(written: str) -> str | None:
    for one in written.split(","):
        try:
            date.fromisoformat(one.strip() or "2026-01-01")
        except ValueError:
            return f"{one.strip()!r} is not a date (or leave it empty)."
    return None


def _address(raw: str) -> str | None:
    local, _, domain = raw.rpartition("@")
    plain = raw.isascii() and raw.isprintable() and " " not in raw and raw.count("@") == 1
    return None if plain and local and domain else f"{raw!r} is not a mail address."


def _listen(raw: str) -> str | None:
    if not raw:
        return None
    host, _, port = raw.rpartition(":")
    return None if host and port.isdecimal() and 0 < int(port) < 65536 else f"{raw!r} is not host:port (or empty)."


def _domain(raw: str) -> str | None:
    plain = raw.isascii() and not set(raw) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
    return None if plain else f"{raw!r} is not a domain name."


def _between(least: float, most: float) -> Callable[[Any], str | None]:
    return lambda value: None if least <= value <= most else f"{value} is not between {least:g} and {most:g}."


def _secret(key: str) -> str | None:
    return "This is too short to keep a secret." if 0 < len(key) < SHORTEST_SECRET else None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "database": _database,
    "base_url": _web_address,
    "port": _between(1, 65535),
    "smtp_port": _between(1, 65535),
    "imap_port": _between(1, 65535),
    "imap_folder": lambda name: None if name.strip() else "A mailbox has a folder.",
    "secret_key": _secret,
    "zone": _zone,
    "holidays": _holidays,
    "days_off": _days,
    "clock": clock.wrong,
    "summary_hour": _between(0, 23),
    "company": lambda name: None if name.strip() else "A company has a name.",
    "document_fonts": lambda name: None if not name or Path(name).is_dir() else "There is no such folder.",
    "mail_from": _address,
    "mail_domain": _domain,
    "lmtp_listen": _listen,
    "smtp_listen": _listen,
    "undo_seconds": _between(0, 120),
    "readers": _between(1, 32),
    "pool_size": _between(1, 200),
    "gate_timeout": _between(0.1, 120),
    "session_days": _between(1, 400),
    "letter_bytes_days": _between(1, 400),
    "sent_days": _between(31, 4000),
    "sent_folder": lambda name: None if name.strip() else "A folder has a name.",
    "mail_days": _between(1, 4000),
    "sign_in_days": _between(1, 4000),
    "request_days": _between(1, 400),
    "token_days": _between(1, 4000),
    "leaver_days": _between(0, 4000),
    "photo_days": _between(0, 4000),
    "picture_months": _between(0, 120),
    "measure_months": _between(1, 120),
}


def _agreed(given: Settings, keys: Mapping[str, str]) -> Settings:
    """Refuse what is right alone and wrong together."""
    if given.database.startswith("postgres") and not given.secret_key:
        raise Misconfigured(keys.get("secret_key", "secret_key"), "With PostgreSQL several machines share one key, "
                            "so it has to be set.", example=_example("secret_key"))
    if given.imap_host and not given.imap_user:
        raise Misconfigured(keys.get("imap_host", "imap_host"), "A mailbox is read by somebody: imap_user is missing.",
                            example=f"imap_user = {_example('imap_user')}")
    if given.demo and not _loopback(given.host):
        raise Misconfigured(keys.get("demo", "demo"), "The demo lets anyone sign in as anyone, so it runs "
                            f"only on this machine, and host is {given.host}.", example="host = 127.0.0.1")
    if given.clock:
        for name, value, place in _ends(given):
            if value and not _loopback(place):
                raise Misconfigured(keys.get("clock", "clock"), "A clock that is set is for trying things out on this "
                                    f"machine alone, and {name} is {value}.", example=f"{name} on 127.0.0.1")
    return given


def listening(chosen: Settings, host: str | None, port: int | None) -> Settings:
    """Take another place to listen than the settings name, and refuse what they forbid there."""
    other = structs.replace(chosen, host=host or chosen.host, port=port or chosen.port)
    return _agreed(other, {"demo": "--host", "clock": "--host"} if host else {})


def _ends(given: Settings) -> list[tuple[str, str, str]]:
    """Name every place where others would meet this program's time: setting, value, host."""
    return [
        ("host", given.host, given.host),
        ("base_url", given.base_url, urlsplit(given.base_url).hostname or ""),
        *((name, value, value.rpartition(":")[0]) for name, value in (
            ("lmtp_listen", given.lmtp_listen), ("smtp_listen", given.smtp_listen))),
        *((name, value, value) for name, value in (("smtp_host", given.smtp_host), ("imap_host", given.imap_host))),
    ]  # fmt: skip


def _loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
