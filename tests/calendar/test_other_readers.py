"""Readers that nobody here wrote find nothing to say about any object of a full turn, and show the right hour."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject

from tests.calendar.turn import Left

FLOOR = ZoneInfo("Europe/London")
HERE = Path(__file__).parent


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {' and '.join(missing)}")


def output(*words: str) -> str:
    return subprocess.run(words, capture_output=True, check=True, text=True).stdout


def has_libical() -> bool:
    """Say whether a program around libical can be compiled here."""
    if shutil.which("gcc") is None or shutil.which("pkg-config") is None:
        return False
    return subprocess.run(["pkg-config", "--exists", "libical"], check=False).returncode == 0


libical = pytest.mark.skipif(not has_libical(), reason="needs gcc, pkg-config and libical-dev")


@pytest.fixture(scope="module")
def icalcheck(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The little program around libical, compiled."""
    program = str(tmp_path_factory.mktemp("icalcheck") / "icalcheck")
    flags = output("pkg-config", "--cflags", "--libs", "libical").split()
    output("gcc", str(HERE / "icalcheck.c"), "-o", program, *flags)
    return program


def findings(program: str, raws: list[bytes], folder: Path) -> str:
    paths: list[str] = []
    for place, raw in enumerate(raws):
        path = folder / f"{place:02}.ics"
        path.write_bytes(raw)
        paths.append(str(path))
    return output(program, *paths)


SAYS_NONE = "Expected 0 instances of the property and got 1"


def faultless(turn: list[Left]) -> list[bytes]:
    """The objects in which libical finds nothing; see below for the others."""
    return [left.ics for left in turn if left.method != "DECLINECOUNTER"]


@libical
def test_libical_finds_nothing(turn: list[Left], icalcheck: str, tmp_path: Path) -> None:
    assert findings(icalcheck, faultless(turn), tmp_path) == ""


@libical
def test_libical_finds_no_more_in_a_refused_proposal_than_its_own_table(
    turn: list[Left], icalcheck: str, tmp_path: Path
) -> None:
    """libical's table (3.0.16) wants no SEQUENCE and no ATTENDEE there. A client that proposed needs both (OB-60)."""
    (refused,) = [left.ics for left in turn if left.method == "DECLINECOUNTER"]
    said = findings(icalcheck, [refused], tmp_path)
    assert sorted(re.findall(rf"restrictions for (\w+) property. {SAYS_NONE}", said)) == ["ATTENDEE", "SEQUENCE"]
    assert said.count("X-LIC-ERROR;") == 2


@libical
@pytest.mark.parametrize(("right", "wrong"), [
    (rb"(?m)^SEQUENCE:.*\r\n", b""), (rb"(?m)^DTSTAMP:.*\r\n", b""), (rb"(?m)^UID:.*\r\n", b""),
    (rb"(?m)^ORGANIZER(.*\r\n)( .*\r\n)*", b""),
    (rb"(?m)^STATUS:CONFIRMED", b"STATUS:CANCELLED"),
])  # fmt: skip
def test_libical_would_have_found_it(
    turn: list[Left], icalcheck: str, tmp_path: Path, right: bytes, wrong: bytes
) -> None:
    spoilt = [re.sub(right, wrong, ics) for ics in faultless(turn)]
    assert spoilt != faultless(turn)
    assert findings(icalcheck, spoilt, tmp_path) != ""


def test_vobject_finds_nothing_and_reads_the_same_hour(turn: list[Left]) -> None:
    for left in turn:
        calendar = vobject.readOne(left.ics.decode("utf-8"))
        calendar.validate(raiseException=True)
        event = calendar.vevent
        assert event.uid.value == left.booking.uid
        assert calendar.method.value == left.method
        if left.method == "DECLINECOUNTER":
            continue
        assert event.dtstart.value == left.booking.starts_at
        assert event.dtend.value == left.booking.ends_at


def test_ics_finds_nothing_and_reads_the_same_hour(turn: list[Left]) -> None:
    for left in turn:
        (event,) = ics.Calendar(left.ics.decode("utf-8")).events
        if left.method == "DECLINECOUNTER":
            continue
        assert event.begin.datetime == left.booking.starts_at
        assert event.end.datetime == left.booking.ends_at
        assert event.uid == left.booking.uid


class Khal:
    """khal with one calendar of its own."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "khal.conf"
        (folder / "calendar").mkdir()
        self.config.write_text(
            f"[calendars]\n[[floor]]\npath = {folder / 'calendar'}\ntype = calendar\n"
            "[locale]\nlocal_timezone = Europe/London\ndefault_timezone = Europe/London\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"[default]\ndefault_calendar = floor\n[sqlite]\npath = {folder / 'khal.db'}\n", "utf-8")  # fmt: skip

    def run(self, *words: str) -> str:
        return output("khal", "-c", str(self.config), *words)

    def takes(self, left: Left, folder: Path) -> None:
        path = folder / "one.ics"
        path.write_bytes(left.ics)
        self.run("import", "--batch", str(path))

    def shows(self) -> list[str]:
        shape = "{start-date} {start-time}-{end-time} {title} [{status}]"
        told = self.run("list", "--format", shape, "2026-11-01", "60d")
        return [line for line in told.splitlines() if "Day on the floor" in line]


def expected(left: Left) -> str:
    starts, ends = (moment.astimezone(FLOOR) for moment in (left.booking.starts_at, left.booking.ends_at))
    return f"{starts:%Y-%m-%d %H:%M}-{ends:%H:%M} {left.card.summary}"


@needs("khal")
def test_khal_shows_the_right_hour_moves_it_and_takes_it_away(turn: list[Left], tmp_path: Path) -> None:
    khal = Khal(tmp_path)
    for left in turn:
        if left.uid != turn[0].uid or left.method == "DECLINECOUNTER":
            continue
        khal.takes(left, tmp_path)
        shown = khal.shows()
        assert len(shown) == 1, (left.step, shown)
        assert shown[0].startswith(expected(left)), left.step
        # khal keeps a cancelled event and says so; a calendar that follows RFC 5546 takes it away.
        assert ("CANCELLED" in shown[0]) == (left.method == "CANCEL"), (left.step, shown)


@needs("calcurse")
def test_calcurse_shows_the_right_hour(turn: list[Left], tmp_path: Path) -> None:
    for place, left in enumerate(turn):
        if left.method == "DECLINECOUNTER":
            continue  # nothing that a calendar shows
        folder = tmp_path / str(place)
        folder.mkdir()
        path = folder / "one.ics"
        path.write_bytes(left.ics)
        run = functools.partial(
            subprocess.run, capture_output=True, check=True, text=True,
            env={"TZ": "Europe/London", "HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                 "TMPDIR": str(folder)})  # fmt: skip
        run(["calcurse", "-D", str(folder / "data"), "-i", str(path)])
        starts = left.booking.starts_at.astimezone(FLOOR)
        told = run(["calcurse", "-D", str(folder / "data"), "-Q", "--from", f"{starts:%m/%d/%Y}", "--days", "1"]).stdout
        assert f"{starts:%H:%M} -> {left.booking.ends_at.astimezone(FLOOR):%H:%M}" in told, (left.step, told)
        assert left.card.summary in told
