"""Looking for issues, for programs: by words, and by what a line says."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from floorday.db import folding
from floorday.db.text import Line
from floorday.errors import Forbidden
from floorday.issues import queries
from floorday.issues.actions import Said
from floorday.issues.api.listed import issue_piece
from floorday.issues.api.shown import Issue, show_issue
from floorday.issues.queries import Alike, Filters, Hit, Search
from floorday.issues.rules import Kind, Stream, Turn
from floorday.people.access import Act, Actor, can
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web.api import Page, Paged, Piece, answer, paged_pieces, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class SearchQuery(Paged, frozen=True, kw_only=True):
    """What to look for; by team, owner or stream only among what you see whole. Times are of when it was raised."""

    q: Line = Line("")
    turn: Turn | None = None
    closed: bool | None = None
    kind: Kind | None = None
    team: UUID | None = None
    department: UUID | None = None
    owner: UUID | None = None
    picture: UUID | None = None
    measure: UUID | None = None
    stream: Stream | None = None
    since: datetime | None = None
    until: datetime | None = None


class SimilarQuery(Struct, frozen=True, kw_only=True):
    """The line that somebody is about to say."""

    text: Said
    limit: Annotated[int, Meta(ge=1, le=50)] = 5


class Mark(Struct, frozen=True):
    """Where a word stands: its first character, and the one behind its last."""

    start: int
    end: int


class Marked(Struct, frozen=True):
    """A text, and where the words stand in it."""

    text: str
    marks: list[Mark]


class FoundIssue(Struct, frozen=True):
    """An issue that was found; `said` are notes that hold some of the words, where its title does not hold all."""

    issue: Issue
    title: Marked
    said: list[Marked]


class _Why(Struct, frozen=True):
    """What a `FoundIssue` says beside the issue."""

    title: Marked
    said: list[Marked]


class SimilarIssue(Struct, frozen=True):
    """An issue that a line may already be about, and how alike their words are, of 100."""

    issue: Issue
    alike: float


class SimilarIssues(Struct, frozen=True):
    """The most alike first."""

    items: list[SimilarIssue]


def _may(actor: Actor) -> None:
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))


@get("/search", opt=tells("issues", Page[FoundIssue], asks=SearchQuery))
async def search_issues(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Find issues by words, "phrases" and -words, the newest first; of the last word its beginning is enough."""
    _may(actor)
    asked = read_query(request, SearchQuery)
    found = folding.read(asked.q)
    hits = await queries.search(actor, Search(
        words=found, number=refs.read(asked.q), reference=asked.q, stream=asked.stream, since=asked.since,
        until=asked.until,
        filters=Filters(
            turn=asked.turn, closed=asked.closed, kind=asked.kind, team=asked.team, department=asked.department,
            owner=asked.owner, picture=asked.picture, measure=asked.measure, joined=True,
        ),
        before=asked.cursor.number() if asked.cursor else None, limit=asked.limit + 1,
    ))  # fmt: skip
    return paged_pieces(request, asked, hits, key=_number, piece=_piece)


def _number(hit: Hit) -> int:
    return hit.shown.row.number


def _piece(hit: Hit) -> Piece:
    """Put a `FoundIssue` together; the issue itself is JSON already."""
    issue, title = issue_piece(hit.shown), hit.shown.row.title
    said = [_marked(text, spans) for text, spans in zip(hit.said, hit.spans, strict=True)]
    why = msgspec.json.encode(_Why(_marked(title, hit.marks), said))
    return Piece(b'{"issue":' + issue.json + b"," + why[1:], issue.digest + why)


def _marked(text: str, spans: list[tuple[int, int]]) -> Marked:
    return Marked(text, [Mark(start, end) for start, end in spans])


@get("/issues/similar", opt=tells("issues", SimilarIssues, asks=SimilarQuery))
async def similar_issues(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Find what a line may already be about, by the faces of issues, open and closed, of all teams."""
    _may(actor)
    asked = read_query(request, SimilarQuery)
    return answer(SimilarIssues([_alike(one) for one in await queries.similar(actor, asked.text, limit=asked.limit)]))


def _alike(one: Alike) -> SimilarIssue:
    return SimilarIssue(show_issue(one.shown.row), round(one.score, 1))


handlers = [search_issues, similar_issues]
