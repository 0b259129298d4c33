"""What an issue's page says of a question to those who raised it, and what one may do with somebody's note."""

from __future__ import annotations

from typing import Any

from floorday.issues import rules
from floorday.issues.queries import NoteRow, Opened
from floorday.issues.rules import Naming, Verb
from floorday.people.access import Act, Actor, Role
from floorday.render import refs, when
from floorday.render.words import gettext as _


def possible(found: Opened, actor: Actor) -> list[str]:
    """List the steps of these that fit an issue now and are this reader's to take."""
    row = found.issue
    fits = rules.possible(row.facts())
    steps = ["ask floor"] if Verb.QUESTION in fits and row.can(actor, Act.QUESTION) and not row.asks_since else []
    return steps + (["split"] if Verb.SPLIT in fits and row.can(actor, Act.JOIN) else [])


def put_of(found: Opened, actor: Actor) -> dict[str, Any] | None:
    """Say what those who raised an issue are asked, since when, and what the reader may do about it."""
    put, row = found.put, found.issue
    if put is None:
        return None
    day = when.day(put.at, row.team_zone)
    by = put.by_name or _("Somebody")
    said = _("%(name)s asks one of those who raised it, since %(day)s.", name=by, day=day) if put.one else _(
        "%(name)s asks those who raised it, since %(day)s.", name=by, day=day)  # fmt: skip
    return {
        "id": put.id, "text": put.text, "said": said, "mine": put.mine, "answered": put.answered,
        "answers": put.mine and not put.answered,
        "takes_back": f"/issues/{row.id}/reporter-questions/withdrawal" if row.can(actor, Act.QUESTION) else "",
    }  # fmt: skip


def waits(found: Opened) -> str:
    """Say that an issue waits for an answer, and since when; "" where it waits for none."""
    since = found.issue.asks_since
    return _("waits for an answer of the reporter since %(day)s", day=when.short_day(since)) if since else ""


def beside(note: NoteRow, found: Opened, actor: Actor, *, failed: str) -> dict[str, Any]:
    """Say what the reader may do with a note: take it out, ask who wrote it, split the issue that it came with."""
    row = found.issue
    came = note.issue is not None and note.issue != row.id
    splits = came and (actor.has(Role.COORDINATOR) or note.team in actor.teams(Role.LEAD))
    stands = note.withdrawn_at is None and not note.shut
    others = sum(one.issue == note.issue and one.id != note.id and one.withdrawn_at is None for one in found.notes)
    takes_out = stands and not note.restricted and others > 0 and row.can(actor, Act.JOIN)
    asks = stands and not note.mine and "ask floor" in possible(found, actor)
    return {
        "take_out": f"/issues/{row.id}/notes/{note.id}/issue" if takes_out else "",
        "ask": f"/issues/{row.id}/reporter-questions" if asks else "",
        "came_with": f"/issues/{note.issue}" if came else "",
        "came_ref": refs.ref(note.issue_number) if came and note.issue_number else "",
        "split": f"/issues/{note.issue}/split" if splits else "",
        "by_code": note.naming is Naming.ANONYMOUS, "failed": failed == f"of {note.id}",
    }  # fmt: skip
