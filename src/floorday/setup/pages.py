"""Import from spreadsheets: upload, look at what would happen, then import it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.errors import BadInput, NotFound, Raced
from floorday.people.access import Actor
from floorday.people.pages import role_name
from floorday.people.pages.shared import only_keepers, settings_tabs
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.setup import actions, queries
from floorday.setup.rules import columns, files
from floorday.setup.rules.columns import Subject
from floorday.setup.rules.plans import Plan, Step
from floorday.web import again, blank, read_form, redirect, show
from floorday.web.forms import Form
from floorday.web.sheets import disposition

Asked = Request[Any, Any, Any]
Shown = Response[Any]

MOST_SHOWN = 200
"""How many rows of a kind a page shows; the file of bad rows has them all."""


@get("/settings/import")
async def import_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Show the three sheets in the order in which they build on each other."""
    only_keepers(actor)
    return await _show_start(request, actor, {})


async def _show_start(request: Asked, actor: Actor, forms: dict[Subject, Form], *, status: int = 200) -> Shown:
    counts = await queries.counts()
    here = {subject: count - (subject is Subject.PEOPLE) for subject, count in counts.items()}  # beside the reader
    return show(
        request,
        "setup/start.html",
        status=status,
        tabs=settings_tabs(""),
        wrong=next(iter(forms.values()), blank()),
        labels={subject.value: subject_name(subject) for subject in Subject},
        next=next((subject for subject, count in here.items() if not count), None),
        steps=[_card(subject, counts[subject], forms.get(subject, blank())) for subject in Subject],
        latest=[(one, subject_name(one.subject)) for one in await queries.latest(actor.person)],
        most=files.MOST_ROWS,
    )


def _card(subject: Subject, count: int, form: Form) -> dict[str, Any]:
    told = {
        Subject.DEPARTMENTS: (
            _("Who fixes things, and how soon they promise a word."),
            ngettext("%(n)s department is here", "%(n)s departments are here", count),
        ),
        Subject.TEAMS: (
            _("Who invites, where they sit, in which time zone."),
            ngettext("%(n)s team is here", "%(n)s teams are here", count),
        ),
        Subject.PEOPLE: (
            _("Managers, their assistants, the teams, and who fixes things in the departments, with their roles."),
            ngettext("%(n)s person is here", "%(n)s people are here", count),
        ),
    }  # fmt: skip
    about, here = told[subject]
    return {
        "subject": subject.value, "name": subject_name(subject), "about": about, "form": form,
        "here": here if count else _("None here yet"), "columns": [one.label for one in columns.columns(subject)],
    }  # fmt: skip


def subject_name(subject: Subject) -> str:
    """Say what a sheet lists."""
    return {
        Subject.DEPARTMENTS: _("Departments"), Subject.TEAMS: _("Teams"), Subject.PEOPLE: _("People"),
    }[subject]  # fmt: skip


@get("/settings/import/example/{name:str}")
async def example(actor: NamedDependency[Actor], name: FromPath[str]) -> Shown:
    """Give a sheet to begin with: every column, and two rows."""
    only_keepers(actor)
    if name not in {subject.value for subject in Subject}:
        raise NotFound(_("There is no such example."))
    subject = Subject(name)
    left_out = {"first_name", "last_name"}  # where there is one name, nobody needs its parts
    ours = [column for column in columns.columns(subject) if column.name not in left_out]
    rows = [[row.get(column.name, "") for column in ours] for row in columns.examples(subject)]
    return _file(files.write([column.label for column in ours], rows), subject_name(subject))


def _file(content: bytes, name: str) -> Shown:
    headers = {"content-disposition": disposition(name, "csv"), "cache-control": "no-store"}
    return Response(content, media_type="text/csv", headers=headers)


class Upload(Struct, frozen=True):
    """Which sheet is uploaded; the file's field is named for it."""

    what: Subject
    departments: UploadFile | None = None
    teams: UploadFile | None = None
    people: UploadFile | None = None

    @property
    def file(self) -> UploadFile | None:
        """Give the file."""
        match self.what:
            case Subject.DEPARTMENTS:
                return self.departments
            case Subject.TEAMS:
                return self.teams
            case Subject.PEOPLE:
                return self.people


@post("/settings/import")
async def upload(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Keep a sheet, then show what it would do."""
    only_keepers(actor)
    form = await read_form(request, Upload)
    try:
        if form.file is None:
            raise BadInput(_("Choose a file first."))
        raw = await form.file.read()
        sheet = await actions.upload(actor, form.what, form.file.filename or "", raw, now=now)
    except BadInput as wrong:
        said = again(BadInput(wrong.sentence, fields={form.what.value: wrong.sentence}))
        return await _show_start(request, actor, {form.what: said}, status=422)
    return redirect(f"/settings/import/{sheet}")


@get("/settings/import/{sheet_id:uuid}")
async def sheet_page(request: Asked, actor: NamedDependency[Actor], sheet_id: FromPath[UUID]) -> Shown:
    """Show what a sheet would do, every bad row at once; or, where it was imported, what it did."""
    only_keepers(actor)
    return await _show_sheet(request, await actions.look(actor, sheet_id))


async def _show_sheet(request: Asked, seen: actions.Look, *, raced: str = "") -> Shown:
    name = subject_name(seen.kept.subject)
    if seen.plan is None:
        return show(request, "setup/done.html", seen=seen, name=name, subject=seen.kept.subject.value)
    plan = seen.plan
    return show(
        request,
        "setup/look.html",
        status=409 if raced else 200,
        raced=raced,
        seen=seen,
        plan=plan,
        name=name,
        most=MOST_SHOWN,
        button=_button(plan),
        faults=plan.faults[:MOST_SHOWN],
        new=[(step, _says(plan.subject, step), _becomes(step)) for step in plan.new[:MOST_SHOWN]],
        changed=[(step, _becomes(step)) for step in plan.changed[:MOST_SHOWN]],
        unknown=", ".join(column[:40] for column in plan.unknown[:20]),
    )


def _button(plan: Plan) -> str:
    count = len(plan.steps)
    match plan.subject:
        case Subject.DEPARTMENTS:
            return ngettext("Import this department", "Import these %(n)s departments", count)
        case Subject.TEAMS:
            return ngettext("Import this team", "Import these %(n)s teams", count)
        case Subject.PEOPLE:
            return ngettext("Import this person", "Import these %(n)s people", count)


def _says(subject: Subject, step: Step) -> str:
    """Say what the columns tell of a new one, so that a wrong column is seen before it is written."""
    elsewhere = {"name", "email", "default_host", "language"}
    told = [column for column in columns.columns(subject) if column.name not in elsewhere]
    return " · ".join(f"{column.label}: {value}" for column in told if (value := step.values.get(column.name)))


def _becomes(step: Step) -> list[str]:
    """Say what somebody is made by their row, beside what the columns say of them."""
    said = [f"{role_name(one.role)}, {one.scope}" if one.scope else role_name(one.role) for one in step.gains]
    said += [_("Assists %(name)s", name=name) for _ref, name in step.managers]
    return said + [_("Mail from %(email)s counts as theirs", email=email) for email in step.aliases]


@get("/settings/import/{sheet_id:uuid}/bad-rows")
async def bad_rows(actor: NamedDependency[Actor], sheet_id: FromPath[UUID]) -> Shown:
    """Give the bad rows as a file, each with what is wrong."""
    only_keepers(actor)
    return _file(await actions.bad_rows(actor, sheet_id), _("Rows to mend"))


class Confirmation(Struct, frozen=True):
    """Which plan was shown."""

    shown: str


@post("/settings/import/{sheet_id:uuid}")
async def bring_in(
    request: Asked, actor: NamedDependency[Actor], sheet_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Import what was shown; where something has changed since, show it again."""
    only_keepers(actor)
    form = await read_form(request, Confirmation)
    try:
        plan = await actions.bring_in(actor, sheet_id, shown=form.shown, now=now)
    except Raced as raced:
        return await _show_sheet(request, await actions.look(actor, sheet_id), raced=raced.sentence)
    return redirect(f"/settings/import/{sheet_id}", say=_said(plan), undo=f"/settings/import/{sheet_id}/undo")


def _said(plan: Plan) -> str:
    new, changed = len(plan.new), len(plan.changed)
    if not changed:
        return ngettext("Imported: one is new.", "Imported: %(n)s are new.", new)
    if not new:
        return ngettext("Imported: one has changed.", "Imported: %(n)s have changed.", changed)
    return _("Imported: %(new)s new, %(changed)s changed.", new=new, changed=changed)


@post("/settings/import/{sheet_id:uuid}/undo")
async def undo(actor: NamedDependency[Actor], sheet_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Take back what an import wrote."""
    only_keepers(actor)
    kept = await actions.undo(actor, sheet_id, now=now)
    return redirect(f"/settings/{kept.subject.value}", say=_("Undone: everything is as it was before the import."))


router = Router(path="/", route_handlers=[import_page, example, upload, sheet_page, bad_rows, bring_in, undo])
