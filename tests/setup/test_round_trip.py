"""What the lists give out as files comes in again as it is, whatever people and places are called."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from floorday.db.text import Title
from floorday.people import access
from floorday.people.access import Actor, Role
from floorday.people.pages import sheets
from floorday.people.queries import Card, Held, Office, Place
from floorday.render.sheets import Form, Sheet, writer
from floorday.setup.rules import columns, files
from floorday.setup.rules.columns import Found, Subject
from floorday.setup.rules.persons import plan_people
from floorday.setup.rules.places import plan_departments, plan_teams
from floorday.setup.rules.plans import Here, Known, KnownDepartment, KnownTeam, Plan

AT = datetime(2026, 11, 2, tzinfo=UTC)
SPACE = UUID(int=7)


def is_a_title(text: str) -> bool:
    """Say whether a name could be stored; `;` and `|` stand between several places in one cell."""
    try:
        return Title.parse(text) == text and bool(text) and not {*";|·"} & {*text}
    except ValueError:
        return False


TITLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("=+-@',\""),
                min_size=1, max_size=9).map(lambda text: text.strip()).filter(is_a_title)  # fmt: skip
NAMES = st.lists(TITLE, min_size=1, max_size=3, unique=True)


def given_out(sheet: Sheet, rows: list, form: Form, subject: Subject) -> Found:
    out = io.BytesIO()
    made = writer(form, sheet, out, at=AT)
    made.add(rows)
    made.finish()
    return columns.find(subject, files.read(out.getvalue(), knows=lambda name: columns.knows(subject, name)))


def nothing_happens(plan: Plan, rows: int) -> None:
    assert (plan.faults, plan.new, plan.changed, plan.same) == ((), (), (), rows)


@settings(deadline=None)
@given(NAMES, TITLE, st.sampled_from(Form))
def test_teams_come_in_as_they_went_out(names: list[str], said: str, form: Form) -> None:
    known = tuple(
        KnownTeam(id=uuid5(SPACE, name), name=name, site=said, place=said, zone="Europe/Paris") for name in names)
    rows = [(Place(one.id, one.name, one.site, one.place, one.zone, None, ""), None) for one in known]
    nothing_happens(plan_teams(given_out(sheets.teams(), rows, form, Subject.TEAMS), Here(zone="UTC", teams=known)),
                    len(known))  # fmt: skip


@settings(deadline=None)
@given(NAMES, st.integers(0, 365), st.sampled_from(Form))
def test_departments_come_in_as_they_went_out(names: list[str], days: int, form: Form) -> None:
    known = tuple(KnownDepartment(id=uuid5(SPACE, name), name=name, fix_days=days, word_days=days) for name in names)
    rows = [Office(one.id, one.name, 0, days, days) for one in known]
    found = given_out(sheets.departments(), rows, form, Subject.DEPARTMENTS)
    nothing_happens(plan_departments(found, Here(zone="UTC", departments=known)), len(known))


@settings(deadline=None)
@given(NAMES, NAMES, NAMES, TITLE, st.sampled_from(Form), st.sets(st.sampled_from(Role)))
def test_people_come_in_as_they_went_out(
    names: list[str], teams: list[str], offices: list[str], said: str, form: Form, roles: set[Role]
) -> None:
    here_teams = tuple(KnownTeam(id=uuid5(SPACE, name), name=name) for name in teams)
    here_offices = tuple(KnownDepartment(id=uuid5(SPACE, name), name=name) for name in offices)
    held: list[Held] = []
    for role in sorted(roles):
        if role in access.TEAM_ROLES:
            held += [Held(one.id, SPACE, role, one.id, one.name, None, None) for one in here_teams]
        elif role in access.DEPARTMENT_ROLES:
            held += [Held(one.id, SPACE, role, None, None, one.id, one.name) for one in here_offices]
        else:
            held.append(Held(SPACE, SPACE, role, None, None, None, None))
    grants = frozenset(access.Grant(one.role, one.team, one.department) for one in held)
    people = tuple(
        Known(id=uuid5(SPACE, name), name=name, email=f"p{n}@x.example", job_title=said, phone=said, zone="Asia/Tokyo",
              language="pt-BR") for n, name in enumerate(names)
    )  # fmt: skip
    rows = [
        (Card(one.id, one.name, one.email, one.job_title, one.phone, one.zone, one.language), held) for one in people]
    here = Here(zone="UTC", people=people, teams=here_teams, departments=here_offices,
                grants={one.id: grants for one in people})  # fmt: skip
    actor = Actor(person=people[0].id, name="", email="")  # who may give nothing need give nothing
    nothing_happens(plan_people(given_out(sheets.people(), rows, form, Subject.PEOPLE), here, actor), len(people))
