"""What has left is kept beside the database, line by line, whatever happens to the lines."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from floorday import doctor
from floorday.config import Settings
from floorday.doctor import Level
from floorday.mail.journal import Journal, mark

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def only(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_deed_has_one_name() -> None:
    assert mark("word:1:owner") == mark("word:1:owner") != mark("word:1:sponsor")
    assert mark("word:1:owner").version == 4


async def test_what_left_is_known_to_whoever_looks_later(tmp_path: Path) -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    journal = Journal(tmp_path / "sent")
    assert await journal.left([one]) == {}
    await journal.add([one, two], at=NOON)
    assert await journal.left([one, three]) == {one: NOON}
    beside = Journal(tmp_path / "sent")
    assert await beside.left([one, two, three]) == {one: NOON, two: NOON}
    await beside.add([three], at=NOON + timedelta(days=40))
    assert await journal.left([three]) == {three: NOON + timedelta(days=40)}, "what another worker writes is read"
    assert len(list((tmp_path / "sent").iterdir())) == 2, "a month, a file"


async def test_the_last_time_counts(tmp_path: Path) -> None:
    one, journal = uuid4(), Journal(tmp_path)
    await journal.add([one], at=NOON + timedelta(days=1))
    await journal.add([one], at=NOON)
    assert await Journal(tmp_path).left([one]) == {one: NOON + timedelta(days=1)}


async def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    journal = Journal(tmp_path)
    await journal.add([one], at=NOON)
    file = only(tmp_path)
    with file.open("ab") as out:
        out.write(f"2026-11-24T12:00:01Z {two.hex[:9]}".encode())
    assert await journal.left([one, two]) == {one: NOON}
    await journal.add([three], at=NOON)
    assert set(await journal.left([one, two, three])) == {one, three}
    assert set(await Journal(tmp_path).left([one, two, three])) == {one, three}


async def test_a_file_that_was_put_back_or_is_rubbish_is_read_anew(tmp_path: Path) -> None:
    one, two, journal = uuid4(), uuid4(), Journal(tmp_path)
    await journal.add([one, two], at=NOON)
    file = only(tmp_path)
    file.write_bytes(b"\x00\xff not a line\n" + file.read_bytes())
    (tmp_path / "2026-10.elsewhere.sent").write_bytes(os.urandom(3000))
    assert set(await Journal(tmp_path).left([one, two])) == {one, two}


async def test_lines_hold_nothing_but_a_moment_and_a_mark(tmp_path: Path) -> None:
    await Journal(tmp_path).add([mark("thanks_due:ann@company.example")], at=NOON)
    file = only(tmp_path)
    moment, name = file.read_text().split()
    assert (moment, len(name)) == ("2026-11-24T12:00:00Z", 32)
    assert file.stat().st_mode & 0o777 in {0o644, 0o600, 0o664}


async def test_months_that_are_over_long_enough_are_cleared_away(tmp_path: Path) -> None:
    journal, old, young = Journal(tmp_path), uuid4(), uuid4()
    await journal.add([old], at=NOON)
    await journal.add([young], at=NOON + timedelta(days=10))
    (tmp_path / "somebody's own.sent").touch()
    assert journal.forget(before=date(2026, 11, 30)) == 0
    assert journal.forget(before=date(2026, 12, 1)) == 1
    assert set(await journal.left([old, young])) == {young}
    assert (tmp_path / "somebody's own.sent").exists()


async def test_what_cannot_be_written_is_kept_in_mind_and_written_later(tmp_path: Path) -> None:
    folder, one, two = tmp_path / "sent", uuid4(), uuid4()
    folder.write_text("A file stands where the folder should be.")
    journal = Journal(folder)
    await journal.add([one], at=NOON)
    assert journal.failed
    assert await journal.left([one]) == {one: NOON}
    folder.unlink()
    await journal.add([two], at=NOON)
    assert not journal.failed
    assert set(await Journal(folder).left([one, two])) == {one, two}


async def test_the_doctor_says_how_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "sent"
    (fresh,) = doctor.sent(Settings(sent_folder=str(folder)))
    assert (fresh.level, fresh.about, folder.exists()) == (Level.OK, "what has left", False)
    await Journal(folder).add([uuid4(), uuid4()], at=NOON)
    (kept,) = doctor.sent(Settings(sent_folder=str(folder)))
    assert kept.level is Level.OK
    assert "2 " in kept.says
    broken = tmp_path / "broken"
    broken.write_text("no folder")
    (found,) = doctor.sent(Settings(sent_folder=str(broken)))
    assert found.level is Level.WRONG
    assert "sent_folder" in found.todo


def told_to_nobody(ask: Callable[[], str]) -> str:
    """Ask as somebody to whom a folder can be closed: nothing is forbidden to root."""
    if os.geteuid() != 0:
        return ask()
    comes, goes = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setuid(65534)
            os.write(goes, ask().encode())
        finally:
            os._exit(0)
    os.close(goes)
    with os.fdopen(comes) as answer:
        os.waitpid(child, 0)
        return answer.read()


def test_the_doctor_finds_a_folder_in_which_nothing_can_be_written() -> None:
    with tempfile.TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o555)

        def ask() -> str:
            (found,) = doctor.sent(Settings(sent_folder=f"{open_to_all}/sent"))
            return f"{found.level.name}: {found.says}"

        assert told_to_nobody(ask).startswith(f"WRONG: Nothing can be written in {open_to_all}.")
        Path(open_to_all).chmod(0o700)
