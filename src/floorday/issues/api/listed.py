"""Issues for programs: which there are, and each with all that happened."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.db.text import AskedId, Line
from floorday.errors import Forbidden
from floorday.issues import queries
from floorday.issues.api.shown import Issue, OpenedIssue, show_issue, show_opened
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.references import Reference
from floorday.issues.rules import Effort, Ending, Kind, Turn
from floorday.issues.worth import UNSAID, Gain, Reputation
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.web.api import Page, Paged, Piece, answer, paged_pieces, piece, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class IssueQuery(Paged, frozen=True, kw_only=True):
    """Which issues to list; by what no face tells (team, owner, effort ...) only those that you see whole.

    `effort=unsaid`: nobody has said how hard it is. `reputation`: the name is touched at least so much.
    """

    turn: Turn | None = None
    ending: Literal["confirmed", "unconfirmed", "cannot", "declined", "joined"] | None = None
    kind: Kind | None = None
    team: UUID | None = None
    department: UUID | None = None
    owner: UUID | None = None
    sponsor: UUID | None = None
    day: UUID | None = None
    picture: UUID | None = None
    measure: UUID | None = None
    external_id: AskedId | None = None
    reference: Reference | None = None
    vendor: UUID | None = None
    effort: Literal["unsaid", "small", "medium", "large"] | None = None
    gain: Gain | None = None
    reputation: Reputation | None = None
    closed: bool | None = None
    snoozed: bool | None = None
    mine: bool = False
    q: Line | None = None


@get("/issues", opt=tells("issues", Page[Issue], asks=IssueQuery))
async def list_issues(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the issues you may see, by number; joined ones only where they are asked for."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    asked = read_query(request, IssueQuery)
    rows = await queries.shown(actor, Filters(
        after=asked.cursor.number() if asked.cursor else None, limit=asked.limit + 1, order="number",
        turn=asked.turn, ending=Ending(asked.ending) if asked.ending else None, kind=asked.kind, team=asked.team,
        department=asked.department, owner=asked.owner, sponsor=asked.sponsor, day=asked.day,
        picture=asked.picture, measure=asked.measure,
        external_id=asked.external_id, reference=asked.reference, vendor=asked.vendor,
        closed=asked.closed, snoozed=asked.snoozed, mine=asked.mine,
        words=asked.q or "", gain=asked.gain, reputation=asked.reputation,
        effort=Effort("" if asked.effort == UNSAID else asked.effort) if asked.effort else None,
    ))  # fmt: skip
    return paged_pieces(request, asked, rows, key=_number, piece=issue_piece)


def _number(shown: queries.Shown) -> int:
    return shown.row.number


def issue_piece(shown: queries.Shown) -> Piece:
    """Give an issue as JSON, which is made once for all who see it so."""
    return shown.once("json", _json)


def _json(row: IssueRow) -> Piece:
    return piece(show_issue(row))


@get("/issues/{issue_id:uuid}", opt=tells("issues", OpenedIssue))
async def see_issue(actor: NamedDependency[Actor], issue_id: FromPath[UUID]) -> Shown:
    """Show an issue: promises, updates, decisions, resolution, verdicts and all that happened; or its face."""
    return answer(show_opened(await queries.opened(actor, issue_id)))


handlers = [list_issues, see_issue]
