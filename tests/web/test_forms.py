"""Forms: every field's error at once, what was typed is kept, and posting twice acts once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from litestar.datastructures import FormMultiDict
from litestar.testing import TestClient
from msgspec import Meta, Struct

from floorday.db.text import Line, Prose
from floorday.errors import BadInput
from floorday.web import again, blank, in_zone
from floorday.web.forms import parse
from tests.web.conftest import Browser
from tests.web.shop import Memory


class Kind(StrEnum):
    GLITCH = "glitch"
    RED_TAPE = "red_tape"


class Everything(Struct):
    title: Line
    seats: Annotated[int, Meta(ge=1, le=12)]
    kind: Kind = Kind.GLITCH
    body: Prose | None = None
    who: UUID | None = None
    teams: list[UUID] = []
    starts: datetime | None = None
    on: date | None = None
    at: time | None = None
    loud: bool = False
    plain: str = "as it was"

    def __post_init__(self) -> None:
        if self.loud and self.seats > 10:
            raise ValueError("A loud shift has at most ten seats.")


def read(zone: str | None = None, **fields: Any) -> Everything:
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    return parse(Everything, FormMultiDict(pairs), zone=zone)


A = UUID(int=1)
B = UUID(int=2)


def test_a_whole_form_is_read():
    assert read(
        title="  A shift ", seats=" 3", kind="red_tape", body="one\r\ntwo", who=str(A), teams=[str(A), str(B)],
        starts="2026-11-24T09:00", on="2026-11-24", at="09:30", loud="on", plain="x\r\ny", csrf="ignored",
        zone="Europe/Stockholm",
    ) == Everything(
        title=Line("A shift"), seats=3, kind=Kind.RED_TAPE, body=Prose("one\ntwo"), who=A, teams=[A, B],
        starts=datetime(2026, 11, 24, 8, tzinfo=UTC), on=date(2026, 11, 24), at=time(9, 30), loud=True, plain="x\ny",
    )  # fmt: skip


def test_one_box_of_a_list_is_a_list_and_empty_fields_keep_their_default():
    got = read(title="x", seats="1", teams=str(A), body="  ", kind="", starts="")
    assert (got.teams, got.body, got.kind, got.starts, got.loud, got.plain) == (
        [A], None, Kind.GLITCH, None, False, "as it was")  # fmt: skip


def test_all_errors_come_at_once_and_what_was_typed_is_kept():
    with pytest.raises(BadInput) as wrong:
        read(title=" ", seats="40", kind="other", who="me", teams=["a", str(B)], starts="soon", on="24.11.2026",
             at="25:00", body="kept")  # fmt: skip
    assert wrong.value.fields == {
        "title": "Please fill this in.",
        "seats": "12 or less, please.",
        "kind": "Please choose one of the list.",
        "who": "Please choose one of the list.",
        "teams": "Please choose one of the list.",
        "starts": "Please give a date and a time.",
        "on": "Please give a date, like 2026-11-24.",
        "at": "Please give a time, like 09:30.",
    }
    form = again(wrong.value)
    assert (form.value("body"), form.value("seats"), form.chosen("teams", str(B))) == ("kept", "40", True)
    assert form.error("title") == "Please fill this in."


@pytest.mark.parametrize(
    ("seats", "says"),
    [("0", "1 or more, please."), ("x", "Please give a whole number."), ("1.5", "Please give a whole number."),
     ("9" * 5000, None), ("", "Please fill this in.")],
    ids=["small", "word", "fraction", "endless", "empty"],
)  # fmt: skip
def test_a_number_that_is_none_is_said_in_words(seats: str, says: str | None):
    with pytest.raises(BadInput) as wrong:
        read(title="x", seats=seats)
    told = wrong.value.fields["seats"]
    assert told == says if says else "`" not in told


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\x1bb"], ids=["nul", "bell", "escape"])
def test_a_sign_that_a_database_cannot_keep_is_refused_in_any_text(text: str):
    with pytest.raises(BadInput) as wrong:
        read(title=text, seats="1", plain=text, body=text)
    assert set(wrong.value.fields) == {"title", "plain", "body"}


def test_a_rule_across_fields_speaks_for_the_whole_form():
    with pytest.raises(BadInput) as wrong:
        read(title="x", seats="11", loud="on")
    assert wrong.value.fields == {"__all__": "A loud shift has at most ten seats."}


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2026-07-01T09:00", "Europe/London", "2026-07-01T08:00"),
        ("2026-11-24T09:00", "Europe/London", "2026-11-24T09:00"),
        ("2026-10-25T01:30", "Europe/London", "2026-10-25T00:30"),  # comes twice: the first is meant
        ("2026-11-24T09:00", "Australia/Lord_Howe", "2026-11-23T22:00"),
        ("2026-11-24T09:00", "America/New_York", "2026-11-24T14:00"),
    ],
)
def test_a_local_time_is_taken_to_utc(local: str, zone: str, utc: str):
    assert in_zone(datetime.fromisoformat(local), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_hour_that_is_left_out_is_refused():
    with pytest.raises(BadInput) as wrong:
        read(title="x", seats="1", starts="2026-03-29T01:30", zone="Europe/London")
    assert wrong.value.fields["starts"].startswith("The clocks go forward that night")


def test_a_first_form_shows_what_is_known():
    form = blank(seats=3, starts=datetime(2026, 11, 24, 9), loud=True)  # noqa: DTZ001
    assert (form.value("seats"), form.value("starts"), form.ticked("loud"), form.value("title")) == (
        "3", "2026-11-24T09:00", True, "")  # fmt: skip


def test_the_page_comes_back_with_every_error_and_every_word(ann: Browser):
    page = ann.post("/notes", title=" ", people="40", body="<script>it broke", kind="red_tape", teams="b")
    assert page.status_code == 422
    assert "2 things need another look" in page.text
    assert "Title: Please fill this in." in page.text
    assert "How many people?: 12 or less, please." in page.text
    assert "&lt;script&gt;it broke</textarea>" in page.text
    assert 'value="red_tape" checked' in page.text
    assert 'value="b" checked' in page.text
    assert 'value="40"' in page.text


def test_a_form_posted_twice_acts_once_and_goes_to_the_same_place(ann: Browser, client: TestClient, memory: Memory):
    sent = ann.hidden("/parts/form") | {"title": "x", "people": "1"}
    first, second = client.post("/notes", data=sent), client.post("/notes", data=sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"] == "/parts/form"
    assert len(memory.notes) == 1
    assert "Already done." in client.get("/parts/form").text


def test_another_key_is_another_act(ann: Browser, memory: Memory):
    ann.post("/notes", title="x", people="1")
    ann.post("/notes", title="x", people="1")
    assert len(memory.notes) == 2


@pytest.mark.parametrize("title", [" ", "refuse"])
def test_a_form_that_was_refused_can_be_put_right_and_sent_again(
    ann: Browser, client: TestClient, memory: Memory, title: str
):
    sent = ann.hidden("/parts/form") | {"people": "1"}
    assert client.post("/notes", data=sent | {"title": title}).status_code in {409, 422}
    assert client.post("/notes", data=sent | {"title": "x"}).status_code == 303
    assert len(memory.notes) == 1


def test_a_key_that_never_finished_is_not_called_done(
    ann: Browser, client: TestClient, memory: Memory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("floorday.web.once.PATIENCE", (0.001,))
    sent = ann.hidden("/parts/form") | {"title": "x", "people": "1"}
    client.post("/notes", data=sent)
    for key in memory.keys:
        memory.keys[key] = ""
    answer = client.post("/notes", data=sent)
    assert answer.status_code == 409
    assert "Look whether it has arrived" in answer.text


def test_a_word_is_said_once_with_its_way_back(ann: Browser, client: TestClient, memory: Memory):
    ann.hidden("/parts/form")
    ann.post("/notes", title="x", people="1")
    page = client.get("/parts/form").text
    assert "Note saved." in page
    assert 'action="/notes/undo"' in page
    assert "Note saved." not in client.get("/parts/form").text


def test_a_form_with_a_file_is_guarded_and_read_like_any_other(ann: Browser, client: TestClient, memory: Memory):
    files = {"file": ("people.csv", b"a,b")}
    assert client.post("/notes", data={"title": "x", "people": "1"}, files=files).status_code == 403
    sent = ann.hidden("/parts/form") | {"title": "Å", "people": "1"}
    assert client.post("/notes", data=sent, files=files).status_code == 303
    assert [note.title for note in memory.notes] == ["Å"]


def test_a_file_where_words_are_asked_is_refused_with_a_sentence(ann: Browser, client: TestClient):
    sent = ann.hidden("/parts/form") | {"people": "1"}
    answer = client.post("/notes", data=sent, files={"title": ("a.txt", b"x")})
    assert answer.status_code == 422
    assert "Please type this instead of sending a file." in answer.text
