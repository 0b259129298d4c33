"""The doctor sees what is wrong, says what to do, and shows no secret."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from msgspec import structs

from floorday import db, doctor
from floorday.config import Settings, load
from floorday.doctor import Finding, Level

NOW = datetime.now(UTC)


def levels(findings: list[Finding]) -> list[tuple[Level, str]]:
    return [(finding.level, finding.about) for finding in findings]


async def test_a_migrated_database_is_reached_whole_and_written(database_url: str):
    found = await doctor.database(structs.replace(Settings(), database=database_url))
    assert levels(found) == [
        (Level.OK, "database"), (Level.OK, "schema"), (Level.OK, "database"), (Level.OK, "retention")]


async def test_looking_leaves_no_table_behind(database_url: str):
    await doctor.database(structs.replace(Settings(), database=database_url))
    with pytest.raises(Exception, match="floorday_doctor"):
        await db.run_sql("SELECT * FROM floorday_doctor")


async def test_an_empty_database_waits_for_its_migrations(tmp_path: Path):
    (tmp_path / "floorday.sqlite").touch()
    found = await doctor.database(Settings(database=f"sqlite:///{tmp_path}/floorday.sqlite"))
    assert (Level.WARNING, "schema") in levels(found)
    assert "migrate" in found[1].todo


async def test_a_database_newer_than_the_program_is_wrong(sqlite_url: str):
    settings = structs.replace(Settings(), database=sqlite_url)
    db.bind(db.make_engine(sqlite_url))
    await db.run_sql("INSERT INTO migration (name, app_name, ran_on) VALUES ({}, 'floorday', {})", "2999-01-01", NOW)
    found = await doctor.database(settings)
    assert (Level.WRONG, "schema") in levels(found)
    assert "1 migrations it does not know" in found[1].says


async def test_a_file_that_is_no_database_is_wrong(tmp_path: Path):
    (tmp_path / "floorday.sqlite").write_text("It is a shopping list, and a long one at that. " * 40)
    found = await doctor.database(Settings(database=f"sqlite:///{tmp_path}/floorday.sqlite"))
    assert levels(found) == [(Level.WRONG, "database")]


async def test_a_database_that_nobody_answers_for_is_wrong():
    url = f"postgresql://floorday:hush@127.0.0.1:{unused()}/floorday"
    found = await doctor.database(structs.replace(Settings(), database=url))
    assert levels(found) == [(Level.WRONG, "database")]
    assert "Connect call failed" in found[0].says
    assert "hush" not in found[0].says


async def test_no_database_yet_is_said_and_none_is_made(tmp_path: Path):
    found = await doctor.database(Settings(database=f"sqlite:///{tmp_path}/floorday.sqlite"))
    assert levels(found) == [(Level.WARNING, "database")]
    assert os.listdir(tmp_path) == []


async def test_the_databases_clock_is_compared(postgres_url: str):
    settings = structs.replace(Settings(), database=postgres_url)
    found = await doctor.database(settings, clock=lambda: datetime.now(UTC) - timedelta(minutes=2))
    assert (Level.WRONG, "clock") in levels(found)


def test_a_database_that_others_can_read_is_a_warning():
    with TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        folder = Path(outer, "var")
        folder.mkdir(mode=0o700)
        (folder / "floorday.sqlite").touch(mode=0o644)
        settings = Settings(database=f"sqlite:///{folder}/floorday.sqlite")
        assert levels(doctor.storage(settings)) == [(Level.OK, "disk")]
        folder.chmod(0o755)
        assert levels(doctor.storage(settings)) == [(Level.OK, "disk"), (Level.WARNING, "database")]


def test_a_clock_before_the_program_was_written_is_wrong():
    assert doctor.clock(Settings(), datetime.fromtimestamp(time.time() + 1, UTC)).level is Level.OK
    assert doctor.clock(Settings(), datetime(2020, 1, 1, tzinfo=UTC)).level is Level.WRONG


def test_rules_of_zones_grow_old():
    assert doctor.zones(Settings(zone="Asia/Kathmandu"), now=NOW).says.startswith("Asia/Kathmandu is +05:45 from UTC")
    assert doctor.zones(Settings(), now=datetime(2035, 6, 1, tzinfo=UTC)).level is Level.WARNING


class Taker:
    """A mail server's hooks; it takes everything."""


async def mail_server(name: str) -> tuple[asyncio.Server, Settings]:
    """Start a mail server without TLS, and give the settings that name it."""
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Taker(), ident=name), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    return server, Settings(smtp_host="127.0.0.1", smtp_port=port, mail_from="floor@ours.test", mail_domain="ours.test")


async def test_a_mail_server_that_answers_is_shown_with_its_greeting():
    server, settings = await mail_server("A mail server")
    async with server:
        found = await doctor.letters(structs.replace(settings, smtp_security="none"))
    assert levels(found) == [(Level.OK, "letters")]
    assert "A mail server" in found[0].says


async def test_a_mail_server_without_tls_is_wrong_when_tls_is_asked_for():
    server, settings = await mail_server("A mail server")
    async with server:
        found = await doctor.letters(structs.replace(settings, smtp_security="starttls"))
    assert levels(found) == [(Level.WRONG, "letters")]
    assert "220" in found[0].says


async def test_a_mail_server_that_is_down_is_wrong():
    settings = Settings(smtp_host="127.0.0.1", smtp_port=unused(), mail_from="floor@ours.test")
    assert levels(await doctor.letters(settings)) == [(Level.WRONG, "letters")]


async def test_letters_in_a_folder_are_a_warning():
    assert levels(await doctor.letters(Settings())) == [(Level.WARNING, "letters")]


async def test_a_free_port_for_replies_is_fine_and_a_foreign_server_is_not():
    port = unused()
    assert levels(await doctor.lmtp(Settings(lmtp_listen=f"127.0.0.1:{port}"))) == [(Level.OK, "replies")]

    async def hello(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(hello, "127.0.0.1", port):
        greeting = b"SSH-2.0-Something\r\n"
        assert levels(await doctor.lmtp(Settings(lmtp_listen=f"127.0.0.1:{port}"))) == [(Level.WRONG, "replies")]
        greeting = b"220 floorday\r\n"
        assert levels(await doctor.lmtp(Settings(lmtp_listen=f"127.0.0.1:{port}"))) == [(Level.OK, "replies")]


async def test_an_address_of_another_machine_cannot_be_listened_on():
    assert levels(await doctor.lmtp(Settings(lmtp_listen="192.0.2.1:8024"))) == [(Level.WRONG, "replies")]


@pytest.mark.parametrize(
    ("base_url", "smtp_host", "level"),
    [
        ("http://127.0.0.1:8000", "", Level.OK),
        ("http://localhost:8000", "", Level.OK),
        ("http://127.0.0.1:8009", "", Level.WARNING),
        ("https://floor.ours.test", "mail.ours.test", Level.OK),
        ("http://floor.ours.test", "", Level.WARNING),
        ("http://127.0.0.1:8000", "mail.ours.test", Level.WRONG),
    ],
)
def test_the_address_in_letters(base_url: str, smtp_host: str, level: Level):
    assert [each.level for each in doctor.addresses(Settings(base_url=base_url, smtp_host=smtp_host))] == [level]


def test_every_setting_is_shown_with_its_source_and_no_secret(tmp_path: Path):
    file = tmp_path / "floorday.toml"
    file.write_text('zone = "Europe/Oslo"\nport = 8100\n')
    env = {
        "FLOORDAY_CONFIG": str(file),
        "FLOORDAY_PORT": "8200",
        "FLOORDAY_DATABASE": "postgresql://floorday:hush-database@db.ours.test:5432/floorday",
        "FLOORDAY_SECRET_KEY": "hush-key" * 8,
        "FLOORDAY_SMTP_PASSWORD": "hush-mail",
    }
    shown = {each.name: each for each in doctor.chosen(load(env, file), env)}
    assert set(shown) == set(Settings.__struct_fields__)
    assert (shown["zone"].value, shown["zone"].source) == ("Europe/Oslo", str(file))
    assert (shown["port"].value, shown["port"].source) == ("8200", "FLOORDAY_PORT")
    assert shown["company"].source == "default"
    assert shown["database"].value == "postgresql://floorday:(hidden)@db.ours.test:5432/floorday"
    assert "hush" not in "".join(each.value for each in shown.values())


def unused() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]
