"""The world in which nobody notices what is not for them, and the readers who ask for everything in it.

What happens meanwhile stands in test_unseen.py and unseen_acts.py.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute

from floorday import config
from floorday.bookings import actions as bookings
from floorday.db.text import MailAddress, Prose, Title
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said, reporting, vendors
from floorday.issues.photos import Photograph
from floorday.issues.rules import Naming, Resolution, Stream
from floorday.issues.tables import Note
from floorday.mail.tables import InboundMail, Letter
from floorday.measures import actions as measures
from floorday.measures.actions import MeasureForm
from floorday.people import actions as people
from floorday.people import queries as found
from floorday.people.access import Actor, DeviceKind, Grant, Role
from floorday.people.actions import TokenForm
from floorday.people.tables import Department, Team
from floorday.public import actions as public
from floorday.render import tokens
from floorday.setup import actions as setup
from floorday.setup.rules.columns import Subject
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm, newsletters
from floorday.stories.queries import StoryRow
from tests.attack.test_matrix import a_person
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.doors.house import BASE
from tests.site import form_keys

FAR = ["ann", "dan", "fay", "ines", "gus", "screen", "desk", "nobody"]
"""A manager, her assistant, Billing's member, the lead of Claims, an owner in IT, Billing's wall and desk, nobody."""

READERS = [*FAR, "hana", "ada"]
"""And two who see much: the head of service, who sees no hidden name, and the admin, who sees faces of issues alone."""

ASIDE = re.compile(r"^/(api/v1/summaries/company|summary)\b")
"""The company's counts are for whoever reads them, whatever they are counted from."""

CHANGING = re.compile(r'name="(?:csrf|once)" value="[^"]*"|proof=[\w-]+|\?v=\w+')

NEW_EACH_TIME = {"set-cookie", "date"}

ASKS = [
    "/issues?view=list", "/issues?view=closed", "/issues?q=wait", "/issues?view=list&q=secret",
    "/shifts?team={team_id}", "/rota?team={team_id}", "/invitations/new?manager={person_id}",
    "/api/v1/issues?q=secret", "/api/v1/issues?order=quiet", "/api/v1/issues?closed=true", "/api/v1/issues?limit=1",
    "/api/v1/notes?mine=true", "/api/v1/notes?limit=1", "/api/v1/bookings?limit=1",
    "/issues?view=list&order=hours", "/issues?view=list&effort=small", "/issues?view=list&gain=unsaid",
    "/issues?view=list&quick=only", "/api/v1/issues?effort=small", "/api/v1/issues?gain=little", "/friction?as=csv",
    "/issues?as=csv", "/issues?view=list&as=csv", "/shifts?as=csv", "/rota?as=csv",
    "/issues?view=list&as=xlsx", "/good-news?as=csv", "/stories?as=csv", "/measures?as=csv",
    "/measures/{measure_id}?as=csv", "/departments/{department_id}?as=csv", "/settings/vendors?as=csv",
    "/days/{booking_id}/notes?as=csv",
    "/bookings/hosting?as=csv", "/inbox?as=csv", "/settings/people?as=csv",
    "/search?q=secret", "/search?q=wait", "/issues?view=list&page=2", "/issues?view=mine", "/issues?view=dates",
    "/triage?what=waits", "/stories/new?team={team_id}", "/notes/new?day={booking_id}", "/issues/worth?as=csv",
    "/summary/{month}/issues_raised?as=csv", "/summary/team/{subject_id}/{month}/days_due?as=csv",
    "/api/v1/search?q=secret", "/api/v1/search?q=wait", "/api/v1/issues/similar?text=Requests+wait",
    "/api/v1/promises?limit=1", "/api/v1/promises?state=standing", "/api/v1/updates?limit=1",
    "/api/v1/decisions?limit=1",
    "/api/v1/verdicts?limit=1", "/api/v1/stories?limit=1", "/api/v1/people?limit=1", "/api/v1/teams?limit=1",
    "/api/v1/shifts?limit=1", "/api/v1/invitations?limit=1", "/api/v1/proposals?limit=1", "/api/v1/measures?limit=1",
    "/api/v1/issues?limit=1&order=quiet", "/api/v1/people?external_id=X-1", "/api/v1/issues?external_id=X-1",
    "POST /notes/similar?text=Requests+wait", "POST /notes/similar?text=A+secret+waits&part=on",
    "POST /desk/similar?text=Requests+wait", "POST /follow?code=unknown",
    "POST /issues/{issue_id}/verdicts?says=perhaps", "POST /issues/{issue_id}/notes?text=",
    "POST /stories/{story_id}/thanks?thanks=", "POST /stories/drafts/{draft_id}?text=",
]  # fmt: skip
"""Searches, narrowed lists, every page of long ones, downloads, and forms that ask or are refused."""

FOLLOWED = 4
"""As many further pages of a list in pages of one are asked for, by the address that each page gives."""

DAYS = itertools.count(40)
"""In how many days from now the next far day is: nobody is in two places."""

Do = Callable[["World"], Awaitable[None]]


class World(NamedTuple):
    """Billing and IT, Claims, and far away from every reader: Moves, Legal, and Max who goes there."""

    cast: Cast
    moves: UUID
    legal: UUID
    actors: dict[str, Actor]
    ids: dict[str, list[str]]
    issues: dict[str, UUID]
    days: dict[str, UUID]
    more: dict[str, UUID]


async def raised(actor: Actor, team: UUID, text: str, *, issue: UUID | None = None, **more: Any) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team, issue=issue, **more)
    noted = await issues.note(actor, form, now=config.now())
    assert noted.issue is not None
    return noted.issue


async def make_world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Stop the clock, for how long ago something was is no news; and fill the bound database."""
    at = config.now().replace(minute=30, second=0, microsecond=0)
    for where in ("config", "web.pages", "web.session", "web.sheets"):
        monkeypatch.setattr(f"floorday.{where}.now", lambda: at)
    cast = await make_cast(at)
    moves = Team(name="Moves", zone="Europe/London", created_at=at)
    legal = Department(name="Legal", created_at=at)
    await Team.insert(moves)
    await Department.insert(legal)
    actors = {
        **cast.everybody(),
        "hal": await a_person("Hal", Grant(Role.OWNER, department=legal.id)),
        "hew": await a_person("Hew", Grant(Role.OWNER, department=legal.id)),
        "leo": await a_person("Leo", Grant(Role.LEAD, team=moves.id)),
        "mia": await a_person("Mia", Grant(Role.MEMBER, team=moves.id)),
        "bea": await a_person("Bea", Grant(Role.MEMBER, team=cast.billing)),
        "nora": await a_person("Nora"),
        "dov": await a_person("Dov", Grant(Role.ASSISTANT)),
    }
    there: dict[str, UUID] = {}
    for name, who, team, department, owner in (
        ("billing", "fay", cast.billing, cast.it, "gus"), ("behind", "bea", cast.billing, cast.it, "gus"),
        ("claims", "cleo", cast.claims, cast.it, "gus"), ("moves", "mia", moves.id, legal.id, "hal"),
        ("secret", "mia", moves.id, legal.id, "hal"), ("told", "mia", moves.id, legal.id, "hal"),
    ):  # fmt: skip
        naming = Naming.HIDDEN if name == "behind" else Naming.NAMED
        there[name] = await raised(actors[who], team, f"Requests wait: {name}", naming=naming)
        await issues.assign(cast.eva, there[name], department=department, owner=actors[owner].person, now=at)
    await raised(actors["fay"], cast.billing, "Here too", issue=there["behind"])
    for name in ("secret", "told"):
        await issues.restrict(cast.eva, there[name], restricted=True, now=at)
    await issues.sponsor(cast.eva, there["billing"], cast.ann.person, now=at)
    await issues.promise(cast.gus, there["billing"], (at + timedelta(days=4)).date(), now=at)
    await issues.resolve(cast.gus, there["behind"], Resolution.HERE, "It runs daily now", now=at)
    day = await a_booking(cast, now=at, accepted=True)
    shift = await a_shift(cast, now=at, days=9, team=moves.id, host=actors["mia"].person)
    other = await bookings.invite(actors["leo"], shift=shift.id, manager=cast.max.person, why="Please come",
                                  doing="", hope="", now=at)  # fmt: skip
    screen, desk = [(await people.open_device(cast.ben, cast.billing, kind, "Floor 3", now=at)).key
                    for kind in (DeviceKind.SCREEN, DeviceKind.DESK)]  # fmt: skip
    letters = [str(row["id"]) for row in await Letter.select(Letter.id).order_by(Letter.id).limit(2)]
    mail = InboundMail(door="cli", received_at=at, outcome="needs-human", read_at=at, content=b"Subject: x\r\n\r\nHi")
    await InboundMail.insert(mail)
    ids = {
        "issue_id": [str(one) for one in there.values()], "booking_id": [str(day.id), str(other.id)],
        "shift_id": [str(day.shift), str(shift.id)], "invitation_id": [str(day.invitation), str(other.invitation)],
        "person_id": [str(cast.ann.person), str(cast.max.person)], "team_id": [str(cast.billing), str(moves.id)],
        "department_id": [str(cast.it), str(legal.id)], "letter_id": letters, "mail_id": [str(mail.id)],
        "note_id": [str(row["id"]) for row in await Note.select(Note.id).order_by(Note.id)],
        "month": [f"{at:%Y-%m}"], "pair_id": [str((await found.pairs())[0].id)], "name": ["days_due", "people"],
        "token": [screen, tokens.make("answer", day.id),
                  tokens.make(f"verdict.{actors['bea'].person.hex}", there["behind"], generation=1)],
    }  # fmt: skip
    days = {"own": day.id, "far": other.id}
    there_now = World(cast, moves.id, legal.id, actors, ids | {"desk": [desk]}, there, days, {})
    await furnish(there_now, at)
    return there_now


async def furnish(world: World, at: datetime) -> None:
    """Add what later doors show: stories, praise that waits, vendors, measures, public pages, photos, uploads."""
    cast, actors, ids, far = world.cast, world.actors, world.ids, world.issues["moves"]
    said: list[StoryRow] = []
    for name, team, hero, day in (
        ("fay", cast.billing, cast.fay, world.days["own"]), ("leo", world.moves, actors["mia"], None),
    ):  # fmt: skip
        form = StoryForm(text=Prose("They stayed until it was solved."), team=team, hero=hero.person, day=day)
        said.append(await stories.tell(actors[name], form, now=at))
    drafts = [await stories.keep_praise(one, team, "Well done", "She stayed.", now=at)
              for one, team in ((cast.ben, cast.billing), (actors["leo"], world.moves))]  # fmt: skip
    vendor: list[UUID] = []
    for name, department in (("Nexa", cast.it), ("Lex", world.legal)):
        form = vendors.VendorForm(name=Title(name), email=MailAddress(f"{name}@firm.example"), department=department)
        vendor.append(await vendors.add_vendor(cast.eva, form, now=at))
    measure = await measures.open_measure(
        cast.eva, MeasureForm(name=Title("Handling time"), department=cast.it, punishes=Said("Ringing back")), now=at)
    page = await public.put_on(cast.ben, cast.billing, [], looked=True, now=at)
    text = b"name,address\nAl,al@floorday.example\n"
    sheet = await setup.upload(cast.eva, Subject.PEOPLE, "people.csv", text, now=at)
    kept = issues.SearchForm(name=issues.Named("Slow"), query="q=slow")
    search = await issues.save_search(cast.max, kept, now=at)
    seen = NoteForm(text=Said("A photo of it"), stream=Stream.STAFF_TOLD, team=world.moves, issue=far)
    noted = await issues.note(actors["mia"], seen, now=at, pictures=[Photograph(b"a photo", 8, 8)])
    shut = await issues.note(actors["mia"], NoteForm(
        text=Said("It was Lou"), stream=Stream.STAFF_TOLD, team=world.moves, issue=far), now=at)  # fmt: skip
    await reporting.report_note(cast.eva, shut.note, now=at)
    await reporting.restrict_note(cast.eva, shut.note, now=at)
    await newsletters.keep(cast.eva, f"{at:%Y-%m}", Prose("A good month"), [], now=at)
    closed = await raised(actors["mia"], world.moves, "Requests wait: closed")
    await issues.assign(cast.eva, closed, department=world.legal, owner=actors["hal"].person, now=at)
    await issues.restrict(cast.eva, closed, restricted=True, now=at)
    world.more.update({"shut": shut.note, "lex": vendor[1], "closed": closed})
    ids["note_id"] += [str(noted.note), str(shut.note)]
    ids |= {
        "story_id": [str(one.id) for one in said], "draft_id": [str(one.id) for one in drafts], "place": ["1"],
        "vendor_id": [str(one) for one in vendor], "measure_id": [str(measure)], "sheet_id": [str(sheet)],
        "search_id": [str(search)], "subject_id": [*ids["team_id"], *ids["person_id"], *ids["department_id"]],
    }  # fmt: skip
    ids["token"].append(tokens.make("status", page.id, generation=page.generation))
    ids["issue_id"].append(str(closed))

# --- what one gets ---------------------------------------------------------------------------------------------


class Looker:
    """A reader with everything that they can bring, asking for everything that there is."""

    def __init__(self, client: httpx.AsyncClient, bearer: dict[str, str], paths: list[str], csrf: str = "") -> None:
        self.client, self.bearer, self.paths, self.csrf = client, bearer, paths, csrf

    async def everything(self) -> dict[str, str]:
        """Take every answer, refusals too, without what is new each time."""
        got: dict[str, str] = {}
        for path in self.paths:
            answer = await self.ask(path)
            got[path] = taken(answer)
            for _page in range(FOLLOWED if "limit=1" in path and answer.status_code == 200 else 0):
                if not (after := answer.json()["next"]):
                    break
                answer = await self.ask(after)
                got[path] += "\n" + taken(answer)
        return got

    async def ask(self, path: str) -> httpx.Response:
        """Ask for a page, or send a form, written as `POST /path?fields`."""
        if not path.startswith("POST "):
            return await self.client.get(path, headers=self.bearer if path.startswith("/api/") else {})
        to, _mark, fields = path.removeprefix("POST ").partition("?")
        headers = {"origin": BASE, "content-type": "application/x-www-form-urlencoded", "x-csrf-token": self.csrf}
        return await self.client.post(to, content=fields, headers=headers)


def taken(answer: httpx.Response) -> str:
    """Write an answer down: status, every header but the cookies set, and what it holds."""
    heads = sorted(f"{name}: {value}" for name, value in answer.headers.items() if name not in NEW_EACH_TIME)
    body = CHANGING.sub("", unpacked(answer.content).decode("utf-8", "replace"))
    return "\n".join([str(answer.status_code), *heads, body])


def unpacked(content: bytes) -> bytes:
    """Give what is in a ZIP file, without when it was packed."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return b"\n".join(name.encode() + b"\n" + packed.read(name) for name in packed.namelist())


def every_path(app: Any, world: World) -> list[str]:
    routes = {route.path_format for route in app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods}
    wanted = [route for route in sorted(routes) if not route.startswith(("/static", "/sign-in", "/api/v1/docs"))]
    paths: list[str] = []
    for path in [*wanted, *ASKS]:
        if ASIDE.match(path) or path == "/api/v1/openapi.json":
            continue
        if not (name := re.search(r"\{(\w+)\}", path)):
            paths.append(path)
        else:
            filled = [path.replace(f"{{{name[1]}}}", one) for one in world.ids.get(name[1], [str(uuid4())])]
            paths += [re.sub(r"\{(\w+)\}", lambda rest: world.ids.get(rest[1], [str(uuid4())])[0], one)
                      for one in filled]  # fmt: skip
    return paths


async def looker(world: World, app: Any, name: str) -> Looker:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url=BASE)
    bearer: dict[str, str] = {}
    if name == "desk":
        client.cookies.set("floorday-desk", world.ids["desk"][0])
    elif name in world.actors:
        actor = world.actors[name]
        client.cookies.set("floorday", (await people.open_session(actor.person, now=config.now())).token)
        made = await people.create_token(actor, TokenForm(Title("All"), ["read"], 30), now=config.now())
        bearer = {"authorization": f"Bearer {made.secret}"}
    opens = f"/status/{world.ids['token'][-1]}"
    paths = [path for path in every_path(app, world) if not path.startswith("/status/") or path == opens]
    if name == "screen":
        paths = [path for path in paths if path.startswith("/screen/")]
    elif name == "desk":
        paths = [path for path in paths if path.removeprefix("POST ").startswith("/desk")]
    else:
        held = ("/screen/",) if name == "nobody" else ("/screen/", "/desk", "/answer/", "/verdict/")
        paths = [path for path in paths if not path.startswith(held)]
    for first in ("/api/v1/teams", *paths[:1]):  # when a key was last used is written at its first use
        await client.get(first, headers=bearer if first.startswith("/api/") else {})
    known = form_keys((await client.get("/sign-in")).text) or form_keys((await client.get("/settings")).text)
    return Looker(client, bearer, paths, known.get("csrf", ""))


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Say where two takings differ, with the first line that does."""
    told: list[str] = []
    for path, one in before.items():
        pairs = zip(one.splitlines(), after[path].splitlines(), strict=False)
        if one != after[path]:
            told.append(f"{path}: {next(((a[:300], b[:300]) for a, b in pairs if a != b), 'longer or shorter')}")
    return told


async def noticed(there: Looker, world: World, acts: list[Do], *, opens: int = 0) -> list[str]:
    """Say what a reader notices of some acts, having opened as many pages as that at least."""
    before = await there.everything()
    assert [path for path, answer in before.items() if answer.startswith("5")] == []
    assert sum(answer.startswith("200") for answer in before.values()) >= opens
    for act in acts:
        await act(world)
    return differing(before, await there.everything())
