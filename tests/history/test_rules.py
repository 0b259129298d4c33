"""Every reason to refuse a history file, and what is no reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from floorday.history import actions, rules
from floorday.history.rules import Fault

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER: dict[str, Any] = {"format": "floorday-history/1", "zone": "Europe/Berlin"}


def team(**other: Any) -> dict[str, Any]:
    return {"type": "team", "id": "t1", "name": "Leeds", "site": "Leeds", "zone": "Europe/London", **other}


def department(**other: Any) -> dict[str, Any]:
    return {"type": "department", "id": "d1", "name": "Billing", **other}


def person(**other: Any) -> dict[str, Any]:
    return {"type": "person", "id": "ann", "name": "Ann", "email": "ann@floor.example", "zone": "Europe/London",
            "roles": ["manager"], **other}  # fmt: skip


def day(*events: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"type": "day", "id": "y1", "manager": "ann", "team": "t1", "start": "2026-10-01T09:00:00+01:00",
            "end": "2026-10-01T15:00:00+01:00", "events": list(events), **other}  # fmt: skip


def note(**other: Any) -> dict[str, Any]:
    return {"at": "2026-10-01T10:00:00Z", "reporter": "ann", "stream": "manager saw", "text": "Twice", **other}


def issue(*events: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"type": "issue", "id": "i1", "title": "Asked twice", "kind": "glitch", "team": "t1", "notes": [note()],
            "events": list(events), **other}  # fmt: skip


def story(**other: Any) -> dict[str, Any]:
    return {"type": "story", "id": "s1", "at": "2026-10-01T10:00:00Z", "team": "t1", "hero": "Ben",
            "text": "Stayed on the line", **other}  # fmt: skip


def event(what: str, at: str = "2026-10-02T10:00:00Z", **other: Any) -> dict[str, Any]:
    return {"at": at, "what": what, **other}


def file(*lines: dict[str, Any], header: dict[str, Any] = HEADER) -> list[bytes]:
    return [json.dumps(line).encode() for line in (header, *lines)]


GROUND = (team(), person(), department(), person(id="ben", email="ben@floor.example", roles=["member"], team="t1"))


def faults(*lines: bytes | dict[str, Any], now: datetime = NOW) -> list[Fault]:
    raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    try:
        actions.read(raw, now=now)
    except actions.BadHistory as refused:
        return refused.faults
    return []


GOOD: list[tuple[Any, ...]] = [
    (),
    (day(event("invited"), event("accepted"), event("postponed")),),
    (day(event("postponed", start="2026-12-01T09:00:00Z", end="2026-12-01T10:00:00Z")),),
    (day(start="2026-12-01T09:00:00Z", end="2026-12-01T10:00:00Z"),),
    (issue(event("promised", **{"for": "2026-10-02"})),),
    (issue(event("promised", at="2026-10-02T22:30:00Z", **{"for": "2026-10-03"})),),
    (issue(event("verdict", reporter="ann", says="fixed")),),
    (issue(event("verdict", at="2026-10-01T10:00:00Z", reporter="ann", says="fixed")),),
    (issue(event("returned", reporter="ben", team="t1"), event("verdict", reporter="ben", says="not")),),
    (issue(event("verdict", reporter=None, says="fixed"), notes=[note(reporter=None)]),),
    (issue(event("joined", into="i2"), notes=[note(), note(at="2026-11-01T10:00:00Z")]), issue(id="i2")),
    (issue(event("joined", into="i2"), notes=[note(reporter="ben")]),
     issue(event("verdict", reporter="ben", says="fixed"), id="i2")),
    (issue(event("joined", into="i2")), issue(event("joined", into="i3"), id="i2"), issue(id="i3")),
    (story(), story(id="s2", hero="ann", by="ben", thanked_at="2026-10-04T10:00:00Z")),
    (day(event("accepted")), day(event("accepted"), id="y2")),
    (issue(notes=[note(name="hidden")], minutes_per_case=2.5, cases_per_month=10, effort="small", known_before=True),),
]  # fmt: skip


@pytest.mark.parametrize("lines", GOOD)
def test_a_file_of_the_form_is_taken(lines: tuple[Any, ...]) -> None:
    assert faults(HEADER, *GROUND, *lines) == []


BAD: list[tuple[str, Any, str]] = [
    ("no JSON", b"{", "truncated"),
    ("not UTF-8", b'{"type": "story", "id": "\xff"}', "UTF-8"),
    ("another type", {"type": "visit", "id": "v1"}, "visit"),
    ("a field missing", {key: value for key, value in story().items() if key != "hero"}, "hero"),
    ("a field too many", story(mood="good"), "mood"),
    ("a field too many in an event", issue(event("acknowledged", by="ann")), "by"),
    ("a move without its end", day(event("postponed", start="2026-12-01T09:00:00Z")), "both"),
    ("a new time that is no postponement", day(event("invited", start="2026-12-01T09:00:00Z")), "start"),
    ("a time without offset", story(at="2026-10-01T10:00:00"), "timezone"),
    ("a number for a time", story(at=1700000000), "datetime"),
    ("a word for an event", issue(event("snoozed")), "snoozed"),
    ("a word for a kind", issue(kind="bug"), "bug"),
    ("a word for a role", person(id="cleo", email="c@floor.example", roles=["boss"]), "boss"),
    ("a zone", team(id="t2", name="York", zone="Mars/Base"), "Mars"),
    ("an address", person(id="cleo", email="nobody"), "email"),
    ("an id twice", story(id="s1"), ""),
    ("an unknown team", issue(team="t9"), "t9"),
    ("an unknown department", issue(department="d9"), "d9"),
    ("an unknown owner", issue(owner="zed"), "zed"),
    ("an unknown sponsor", issue(sponsor="zed"), "zed"),
    ("an unknown day", issue(day="y9"), "y9"),
    ("an unknown reporter", issue(notes=[note(reporter="zed")]), "zed"),
    ("an unknown manager", day(manager="zed"), "zed"),
    ("an unknown host", day(host="zed"), "zed"),
    ("somebody assisted who is not there", person(id="cleo", email="c@floor.example", assists=["zed"]), "zed"),
    ("an unknown author of a story", story(by="zed"), "zed"),
    ("no notes", issue(notes=[]), "at least one note"),
    ("anonymous with a reporter", issue(notes=[note(name="anonymous")]), "anonymous"),
    ("named without one", issue(notes=[note(reporter=None, name="named")]), "anonymous"),
    ("hidden without one", issue(notes=[note(reporter=None, name="hidden")]), "anonymous"),
    ("an event before the first note", issue(event("acknowledged", at="2026-10-01T09:59:59Z")), "first note"),
    ("a verdict by a stranger", issue(event("verdict", reporter="ben", says="fixed")), "no reporter"),
    ("a verdict by nobody", issue(event("verdict", reporter=None, says="fixed")), "no reporter"),
    ("a verdict before the own note",
     issue(event("verdict", reporter="ben", says="fixed"),
           notes=[note(), note(reporter="ben", at="2026-10-03T10:00:00Z")]), "no reporter"),
    ("a verdict before the own return",
     issue(event("verdict", reporter="ben", says="not"), event("returned", reporter="ben", team="t1")), "no reporter"),
    ("a promise for a past date", issue(event("promised", **{"for": "2026-10-01"})), "past"),
    ("a promise past in the programme's zone",
     issue(event("promised", at="2026-10-02T22:30:00Z", **{"for": "2026-10-02"})), "past"),
    ("joined into itself", issue(event("joined", into="i1")), "itself"),
    ("joined into nothing", issue(event("joined", into="i9")), "i9"),
    ("joined twice", issue(event("joined", into="j1"), event("joined", into="j1")), "after it was joined"),
    ("an event after joining", issue(event("joined", into="j1"), event("updated", text="On")), "after it was joined"),
    ("a note to come", issue(notes=[note(at="2026-11-22T12:00:01Z")]), "to come"),
    ("an event to come", issue(event("acknowledged", at="2026-12-01T10:00:00Z")), "to come"),
    ("a day's event to come", day(event("invited", at="2026-12-01T10:00:00Z")), "to come"),
    ("a story to come", story(at="2026-12-01T10:00:00Z"), "to come"),
    ("thanks to come", story(thanked_at="2026-12-01T10:00:00Z"), "to come"),
    ("a day that ends before it starts", day(end="2026-10-01T08:00:00+01:00"), "ends before"),
    ("a year out of reach", story(at="0001-01-01T00:00:00+05:00"), "reach"),
    ("a negative number", issue(minutes_per_case=-1), "minutes_per_case"),
    ("a charter of nothing", department(id="d2", name="Post", charter={"acknowledge_days": 1}), "word_days"),
    ("a deep line", b"[" * 100_000, ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_line_that_is_wrong_is_named_with_its_reason(line: Any, words: str) -> None:
    found = faults(HEADER, *GROUND, issue(id="j1"), story(), line)
    ours = [fault for fault in found if fault.line == 8]
    assert ours
    assert {fault.line for fault in found} == {8}
    assert words in " ".join(fault.reason for fault in ours)


@pytest.mark.parametrize("other", [
    team(name="York"), team(id="t2"), department(name="Post"), department(id="d2"), person(email="other@floor.example"),
    person(id="other"), person(id="other", email="ANN@floor.example"),
])  # fmt: skip
def test_an_id_a_name_or_an_address_stands_once(other: dict[str, Any]) -> None:
    assert [fault.line for fault in faults(HEADER, *GROUND, other)] == [6]


@pytest.mark.parametrize("header", [
    b"", b"{}", {"format": "floorday-history/2", "zone": "Europe/London"}, {"format": "floorday-history/1"},
    {"format": "floorday-history/1", "zone": "Europe/Atlantis"}, {**HEADER, "made_by": "us"}, team(),
])  # fmt: skip
def test_the_first_line_names_form_and_zone(header: Any) -> None:
    assert [fault.line for fault in faults(header, *GROUND)] == [1]


def test_an_empty_file_is_refused() -> None:
    assert [fault.line for fault in faults()] == [1]


def test_a_mark_of_utf_8_and_empty_lines_at_the_end_are_no_fault() -> None:
    first, *others = file(*GROUND)
    assert faults(b"\xef\xbb\xbf" + first + b"\r\n", *others, b"\n", b"  \r\n") == []


def test_an_empty_line_between_others_is_named() -> None:
    first, second, *others = file(*GROUND)
    assert faults(first, b"\n", second, b"", *others) == [
        Fault(2, "This line is empty."), Fault(4, "This line is empty.")]  # fmt: skip
    assert faults(b"\n", b"") == [Fault(1, "The file is empty.")]


def test_an_offset_has_its_colon_and_words_that_look_like_a_time_are_words() -> None:
    looks = "2026-10-01T10:00:00+0100"
    lines = file(*GROUND, issue(notes=[note(at=looks)]), issue(id="i2", title=looks))
    (fault,) = faults(*lines)
    assert (fault.line, fault.reason) == (6, "This is no time of RFC 3339: 2026-10-01T10:00:00+0100.")


def test_every_issue_of_a_circle_is_named_and_none_that_only_leads_into_it() -> None:
    lines = [issue(event("joined", into=into), id=id) for id, into in (("a", "b"), ("b", "c"), ("c", "a"), ("x", "a"))]
    circle = [Fault(line, "It is joined in a circle.") for line in (6, 7, 8)]
    assert faults(HEADER, *GROUND, *lines) == circle


def test_every_fault_stands_in_the_sentence_with_its_line() -> None:
    with pytest.raises(actions.BadHistory) as refused:
        actions.read(file(*GROUND, issue(team="t9", notes=[])), now=NOW)
    assert refused.value.sentence.splitlines() == [
        "Line 6: An issue has at least one note.", "Line 6: There is no team with this id in the file: t9."]


def test_all_wrong_lines_are_told_at_once_and_what_refers_to_one_is_not() -> None:
    broken = {key: value for key, value in person(id="cleo", email="c@floor.example").items() if key != "zone"}
    found = faults(HEADER, *GROUND, broken, day(manager="cleo"), story(team="t9"), issue(notes=[]))
    assert [fault.line for fault in found] == [6, 8, 9]


def test_days_to_come_leave_a_manager_in_one_place_and_days_that_are_over_are_taken_as_recorded() -> None:
    ahead = {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T15:00:00Z"}
    two = [day(event("accepted"), **ahead), day(event("invited"), id="y2", **ahead)]
    assert [fault.line for fault in faults(HEADER, *GROUND, *two)] == [7]
    two[1] = day(event("declined"), id="y2", **ahead)
    assert faults(HEADER, *GROUND, *two) == []


def test_what_is_here_already_is_in_the_way() -> None:
    history = actions.read(file(*GROUND, story()), now=NOW)
    ann = uuid4()
    cases: list[tuple[rules.Here, list[int]]] = [
        (rules.Here(), []),
        (rules.Here(ids={"story": {"s1"}, "team": {"t1"}}), [2, 6]),
        (rules.Here(ids={"person": {"t1"}}), []),
        (rules.Here(teams={"Leeds"}), [2]),
        (rules.Here(departments={"Billing"}), [4]),
        (rules.Here(persons={"ann@floor.example": (ann, None)}), []),
        (rules.Here(persons={"ann@floor.example": (ann, "a-7")}), [3]),
        (rules.Here(aliases={"ann@floor.example"}), [3]),
    ]
    for here, lines in cases:
        assert [fault.line for fault in rules.meet(history, here, now=NOW)] == lines


def test_a_day_to_come_does_not_overlap_one_that_is_here() -> None:
    start, end = datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 15, tzinfo=UTC)
    ahead = day(event("accepted"), start=start.isoformat(), end=end.isoformat())
    history = actions.read(file(*GROUND, ahead), now=NOW)
    for stretch, lines in (((end, end + (end - start)), []), ((start, end), [6])):
        here = rules.Here(busy={"ann@floor.example": [stretch]})
        assert [fault.line for fault in rules.meet(history, here, now=NOW)] == lines
