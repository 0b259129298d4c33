"""A tiny app with every part of a page, so that the web can be tried without any noun of the product."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from jinja2 import ChoiceLoader, FileSystemLoader
from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from floorday.db.text import Line, Prose
from floorday.errors import BadInput, Forbidden, Refused, TooMany
from floorday.render import pages
from floorday.web import (
    LETTER_FRAME,
    LETTER_PAGE,
    NO_TOKEN,
    Frame,
    NavItem,
    again,
    app_parts,
    begin,
    blank,
    end,
    new_token,
    read_form,
    redirect,
    session_of,
    show,
)

GALLERY = Path(__file__).parent / "gallery"
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)

SECTIONS = [("board", "Board"), ("day", "My day"), ("form", "Form"), ("pieces", "Pieces")]


class Ann(Struct):
    """A manager who is signed in."""

    name: str = "Ann Nyberg"
    language: str = "en"


class Note(Struct):
    """A note as the gallery's form takes it."""

    title: Line
    people: Annotated[int, Meta(ge=1, le=12)]
    kind: str = ""
    body: Prose = Prose("")
    teams: list[str] = []
    at: datetime | None = None
    urgent: bool = False


class Memory:
    """Sessions, form keys and notes, kept while the app runs."""

    def __init__(self) -> None:
        self.sessions: dict[str, Ann] = {}
        self.keys: dict[str, str] = {}
        self.notes: list[Note] = []
        self.taken_back = 0

    async def load(self, hashed: str, now: datetime) -> Ann | None:
        return self.sessions.get(hashed)

    async def claim(self, key: str, now: datetime) -> str | None:
        if key in self.keys:
            return self.keys[key]
        self.keys[key] = ""
        return None

    async def settle(self, key: str, went_to: str) -> None:
        self.keys[key] = went_to

    async def forget(self, key: str) -> None:
        self.keys.pop(key, None)


def frame_of(actor: Any) -> Frame:
    return Frame(
        nav=(
            NavItem("My day", "/parts/day", "calendar"),
            NavItem("Board", "/parts/board", "list", count=28),
            NavItem("Form", "/parts/form", "square-pen"),
            NavItem("Pieces", "/parts/pieces", "chart-column", tab=False),
        ),
        name=actor.name,
        title="Chief financial officer",
    )


def card(ref: str, title: str, **rest: Any) -> dict[str, Any]:
    plain = {
        "ref": ref,
        "href": f"/issues/{ref}",
        "title": title,
        "place": "Billing, Leeds",
        "days": 9,
        "age": "9 days",
        "overdue": False,
        "next": "",
        "tone": "",
        "owner": "",
        "met_by": "Met by 1",
    }
    return plain | rest


BOARD: dict[str, Any] = {
    "cards": {
        "unowned": [
            card("FD-231", "Agents retype the case number into three screens", act="Find an owner", act_href="#"),
            card(
                "FD-235",
                "Knowledge search ignores the letter å",
                days=1,
                age="1 day",
                act="Find an owner",
                act_href="#",
                place="Digital, Oslo",
            ),
        ],
        "fixing": [
            card(
                "FD-198",
                "Moved-house form asks for the same address twice",
                days=31,
                age="31 days",
                next="Next: two-screen form goes live 2 December",
                owner="L. Brandt",
                met_by="Met by 3",
            ),
            card(
                "FD-184",
                "Complaint letters print one at a time",
                days=58,
                age="58 days",
                overdue=True,
                next="Quiet for 16 days",
                tone="quiet",
                owner="S. Ito",
                place="Letters, Cork",
            ),
        ],
        "deciding": [
            card(
                "FD-102",
                "Refunds over €150 wait for a weekly batch",
                days=118,
                age="118 days",
                overdue=True,
                next="Accept the bank fee for a daily run?",
                tone="me",
                owner="P. Lindqvist",
                met_by="Met by 4",
            ),
            card(
                "FD-176",
                "Two systems ask for the same identity check",
                days=63,
                age="63 days",
                overdue=True,
                next="Board: fund single sign-on in the 2027 plan?",
                tone="ask",
                owner="A. Haddad",
                place="Networks, Malmö and Gothenburg",
            ),
        ],
        "telling": [
            card(
                "FD-214",
                "Meter PIN reset needs a second-line ticket",
                days=None,
                age="in 12 days",
                next="Agents do it themselves since 20 Nov",
                tone="told",
                owner="M. Okafor",
            )
        ],
    },
}
DAY: dict[str, Any] = {
    "plan": [
        {"clock": "09:00", "what": "Meet Fatima at reception", "line": "Badge is ready", "state": "past"},
        {"clock": "10:30", "what": "Take calls with Fatima", "line": "She drives, you talk", "state": "now"},
        {"clock": "12:00", "what": "Lunch with the team", "state": ""},
        {"clock": "14:30", "what": "Write up and thank the team", "line": "15 minutes, then done", "state": ""},
    ],
    "starts": datetime(2026, 11, 24, 9, tzinfo=UTC),
    "ends": datetime(2026, 11, 24, 15, tzinfo=UTC),
}
PIECES: dict[str, Any] = {
    "entries": [
        {
            "who": "Karin",
            "text": "said",
            "body": "The batch runs on Thursdays.\nNobody knows why.",
            "at": NOW - timedelta(days=118),
            "door": "page",
        },
        {"who": "Finance", "text": "promised 2 December.", "at": NOW - timedelta(days=3), "tone": "done"},
        {"who": "Nobody", "text": "has said a word for 16 days.", "at": NOW, "tone": "hot"},
        {"who": "You", "text": "are asked to decide.", "at": NOW, "tone": "you"},
    ],
    "entries_now": NOW,
}


@get("/parts/{name:str}")
async def part(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
    return show(request, f"{name}.html", form=blank(people=2, kind="glitch"), **BOARD, **DAY, **PIECES)


@get("/parts/form/wrong")
async def wrong_form(request: Request[Any, Any, Any]) -> Response[str]:
    form = again(
        BadInput(
            "x",
            fields={"title": "Please fill this in.", "people": "12 or less, please."},
            values={"people": "40", "body": "what was typed", "kind": "glitch"},
        )
    )
    return show(request, "form.html", status=422, form=form)


@post("/notes")
async def take_note(request: Request[Any, Any, Any], memory: NamedDependency[Memory]) -> Response[Any]:
    try:
        note = await read_form(request, Note, zone="Europe/London")
    except BadInput as wrong:
        return show(request, "form.html", status=422, form=again(wrong))
    if note.title == "refuse":
        raise Refused("This cannot be done %(day)s.", day="today")
    memory.notes.append(note)
    return redirect("/parts/form", say="Note saved.", undo="/notes/undo")


@post("/notes/undo")
async def undo_note(memory: NamedDependency[Memory]) -> Response[Any]:
    memory.taken_back += 1
    return redirect("/parts/form", say="Taken back.")


@post("/sign-in")
async def sign_in(memory: NamedDependency[Memory]) -> Response[Any]:
    token, hashed = new_token()
    memory.sessions[hashed] = Ann()
    answer = redirect("/parts/day", say="Welcome.")
    begin(answer, token)
    return answer


@post("/sign-out")
async def sign_out(request: Request[Any, Any, Any], memory: NamedDependency[Memory]) -> Response[Any]:
    memory.sessions.pop(session_of(request) or "", None)
    answer = redirect("/door")
    end(answer)
    return answer


@get("/door")
async def door(request: Request[Any, Any, Any]) -> Response[str]:
    return show(request, "door.html", form=blank())


@get("/mine")
async def mine(actor: NamedDependency[Any]) -> str:
    return f"mine: {actor.name}"


@get("/letter/{token:str}", opt={LETTER_PAGE: True})
async def letter_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    return show(request, "door.html", form=blank())


@post("/letter/{token:str}", opt={LETTER_PAGE: True})
async def letter_answer(token: FromPath[str]) -> Response[Any]:
    return redirect("/door", say="Thank you.")


@get("/letter-body")
async def letter_body() -> Response[str]:
    return Response(
        '<p style="color:#0b6658;font-family:sans-serif">Dear Ann, the day is confirmed.</p>',
        media_type="text/html",
        headers=LETTER_FRAME,
    )


@post("/unsubscribe", opt={NO_TOKEN: True})
async def unsubscribe() -> str:
    return "done"


@post("/api/v1/echo")
async def echo(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
    return data


@get("/tagged")
async def tagged() -> Response[str]:
    return Response("the same as ever", media_type="text/plain", headers={"etag": '"ever"'})


@get("/broken/{how:str}")
async def broken(how: FromPath[str]) -> str:
    raise {
        "forbidden": Forbidden("That is for a coordinator."),
        "slow": TooMany("Too many codes.", after=90),
        "teapot": HTTPException("Short and stout", status_code=418),
    }.get(how) or RuntimeError("canary-4711")


def make_app(memory: Memory) -> Litestar:
    """Wire the gallery as app.py wires the product."""
    pages.env.loader = ChoiceLoader([FileSystemLoader(pages.TEMPLATES), FileSystemLoader(GALLERY)])
    parts = app_parts(load=memory.load, frame_of=frame_of, keys=memory)
    return Litestar(
        route_handlers=[
            part,
            wrong_form,
            take_note,
            undo_note,
            sign_in,
            sign_out,
            door,
            mine,
            letter_page,
            letter_answer,
            letter_body,
            unsubscribe,
            echo,
            tagged,
            broken,
            *parts.route_handlers,
        ],
        middleware=list(parts.middleware),
        exception_handlers=parts.exception_handlers,
        dependencies={**parts.dependencies, "memory": Provide(lambda: memory, sync_to_thread=False)},
        before_send=list(parts.before_send),
        request_max_body_size=parts.request_max_body_size,
        openapi_config=None,
    )
