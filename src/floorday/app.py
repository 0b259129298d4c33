"""The one place that knows every slice: it puts their doors into one HTTP application."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get
from litestar.di import NamedDependency

from floorday import db
from floorday.bookings import api as bookings_api
from floorday.bookings import pages as bookings
from floorday.config import settings
from floorday.desk import pages as desk
from floorday.dossier import pages as dossier
from floorday.inbox import api as inbox_api
from floorday.inbox import pages as inbox
from floorday.issues import api as issues_api
from floorday.issues import pages as issues
from floorday.issues.queries import triage
from floorday.leavers import api as leavers_api
from floorday.leavers import pages as leavers
from floorday.measures import api as measures_api
from floorday.measures import pages as measures
from floorday.people import actions as people_actions
from floorday.people import api as people_api
from floorday.people import pages as people
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Act, Actor, Role, Subject, can
from floorday.people.queries import Bearer
from floorday.pictures import api as pictures_api
from floorday.pictures import pages as pictures
from floorday.public import api as public_api
from floorday.public import pages as public
from floorday.render.words import gettext as _
from floorday.render.words import language
from floorday.rota import pages as rota
from floorday.setup import pages as setup
from floorday.stories import api as stories_api
from floorday.stories import pages as stories
from floorday.summaries import api as summaries_api
from floorday.summaries import pages as summaries
from floorday.today import pages as today
from floorday.web import Frame, NavItem, app_parts, redirect
from floorday.web.api import docs_router
from floorday.web.application import Application


def create_app(*, working: bool = False) -> Litestar:
    """Make the application; with `working` the worker runs in the same process (one command does it all)."""
    parts = app_parts(
        load=_load, frame_of=frame_of, keys=people_actions.FormKeys(), load_bearer=_load_bearer,
        requests=people_actions.Requests(),
    )  # fmt: skip
    return Application(
        route_handlers=[*routers(), *parts.route_handlers],
        middleware=list(parts.middleware),
        exception_handlers=parts.exception_handlers,
        dependencies=parts.dependencies,
        before_send=list(parts.before_send),
        request_max_body_size=parts.request_max_body_size,
        lifespan=[_worked if working else _pooled],
        openapi_config=None,
    )


def routers() -> list[Any]:
    """List every door of every slice; the demo's are there in the demo alone."""
    doors: list[Any] = [
        home,
        live,
        ready,
        people.router,
        setup.router,
        bookings.router,
        issues.router,
        rota.router,
        stories.router,
        today.router,
        desk.router,
        summaries.router,
        pictures.router,
        public.router,
        measures.router,
        inbox.router,
        leavers.router,
        dossier.router,
        people_api.router,
        leavers_api.router,
        bookings_api.router,
        issues_api.router,
        stories_api.router,
        pictures_api.router,
        public_api.router,
        measures_api.router,
        summaries_api.router,
        inbox_api.router,
        docs_router(url=settings().base_url),
    ]
    if settings().demo:
        from floorday.demo import pages as demo_pages

        doors.append(demo_pages.router)
    return doors


async def _load(hashed: str, now: datetime) -> Actor | None:
    actor = await people_actions.load_session(hashed, now=now)
    if actor is not None:
        await triage.look(actor)
    return actor


async def _load_bearer(hashed: str, now: datetime) -> Bearer | None:
    return await people_actions.load_bearer(hashed, now=now)


@asynccontextmanager
async def _pooled(_app: Litestar) -> AsyncGenerator[None]:
    await db.open_pools()
    try:
        yield
    finally:
        await db.close_pools()


@asynccontextmanager
async def _worked(app: Litestar) -> AsyncGenerator[None]:
    from floorday import worker

    async with _pooled(app):
        stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(worker.work(stop, ready=ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if running.done():
            await running  # it could not begin, and says why
        try:
            yield
        finally:
            stop.set()
            with contextlib.suppress(asyncio.CancelledError):
                await running


def frame_of(actor: Actor) -> Frame:
    """Say what stands around this reader's pages: the places they may go to, in the order of their day."""
    return _frame(actor, language(), settings().demo, triage.known(actor))


@functools.lru_cache(maxsize=256)
def _frame(actor: Actor, spoken: str, demo: bool, waits: int | None) -> Frame:
    del spoken  # part of the key: the words below are in it
    places = [
        (True, NavItem(_("Today"), "/today", "sun")),
        (can(actor, Act.SEE_FACE), NavItem(_("Issues"), "/issues", "list-checks")),
        (can(actor, Act.TRIAGE), NavItem(_("Triage"), "/triage", "signpost", count=waits)),
        (can(actor, Act.RAISE), NavItem(_("Note"), "/notes/new", "pencil")),
        (can(actor, Act.SEE_BOOKING), NavItem(_("Rota"), "/rota", "calendar-days")),
        (can(actor, Act.INVITE), NavItem(_("Shifts"), "/shifts", "door-open", tab=False)),
        (can(actor, Act.SEE_FACE), NavItem(_("Stories"), "/stories", "smile", tab=False)),
        (can(actor, Act.SEE_SUMMARY, Subject()), NavItem(_("Summary"), "/summary", "chart-column", tab=False)),
        (
            not can(actor, Act.SEE_SUMMARY, Subject()) and actor.has(*TEAM_ROLES, *DEPARTMENT_ROLES),
            NavItem(_("Summary"), "/summaries", "chart-column", tab=False),
        ),
        (can(actor, Act.SEE_INBOX), NavItem(_("Inbox"), "/inbox", "inbox", tab=False)),
        (can(actor, Act.EDIT_PEOPLE), NavItem(_("People"), "/settings/people", "users", tab=False)),
        (demo, NavItem(_("Mailbox"), "/mailbox", "mail", tab=False)),
    ]
    return Frame(nav=tuple(item for seen, item in places if seen), name=actor.name, title=_title(actor))


def _title(actor: Actor) -> str:
    first = next((role for role in Role if actor.has(role)), None)
    return people.role_name(first) if first else ""


@get("/", name="home")
async def home(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Send everybody to the page their day starts with."""
    if actor.has(Role.COORDINATOR):
        return redirect("/rota")
    if actor.has(Role.OWNER, Role.HEAD_OF_DEPARTMENT) and not actor.has(Role.MANAGER):
        return redirect("/issues?view=mine")
    return redirect("/today")


@get("/health/live", media_type=MediaType.TEXT)
async def live() -> str:
    """Say that the process answers."""
    return "alive"


@get("/health/ready", media_type=MediaType.TEXT)
async def ready() -> str:
    """Say that the database answers, too."""
    await db.run_sql("SELECT 1 AS one")
    return "ready"


