"""Importing people, teams and departments: what is new, changed, the same, wrong; all or nothing; and back again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from floorday.bookings import actions as bookings
from floorday.bookings.actions import ShiftForm
from floorday.bookings.rules import State
from floorday.db import run_sql
from floorday.errors import BadInput, Forbidden, NotFound, Raced, Refused
from floorday.mail.tables import Letter
from floorday.people import actions as people
from floorday.people import queries
from floorday.people.access import Actor, Grant, Role
from floorday.people.tables import Alias, Assists, Person, Session, Team
from floorday.people.tables import Grant as GrantRow
from floorday.setup import actions
from floorday.setup.actions import Look
from floorday.setup.rules import files
from floorday.setup.rules.columns import Subject
from floorday.setup.rules.plans import Plan
from floorday.setup.tables import SheetImport
from tests.cast import NOW, Cast, a_booking, make_cast

DEPARTMENTS = """\
Department;Acknowledges in (working days);fix days;External ID
IT;2;30;D-1
Légal;5;60;D-2
"""
TEAMS = """\
TEAM,Site,Place,time-zone,External_ID
Billing,Leeds,"Leeds, floor 3",europe/london,T-1
Claims,Lisbon,Rua Nova 7,Europe/Lisbon,T-2
"""
PEOPLE = """\
E-Mail,Full name,Job title,Phone,Member of,Lead of,Owner in,Head of,Roles,Assistant of,Other addresses,Staff ID,Colour
ANN@x.example,Ann Archer,COO,+44 113 496 0001,,,,,Manager,,a.archer@x.example,1,red
dan@x.example,Dan Dahl,,,,,,,,ann@x.example,,2,
ben@x.example,Ben Baker,,,Claims,billing,,,,,,3,
fay@x.example,Fay Finch,,,Billing; Claims,,,,,,,4,
gus@x.example,Gus Grant,,,,,IT,légal,,,,5,
maya@x.example,Maya Lind,,,,,,,"Coordinator, Head of service",,,6,
"""


@pytest.fixture
async def admin(database: object) -> Actor:
    """A company in which there is nobody but the first admin."""
    first = await people.first_person("Ada Abel", "ada@x.example", zone="Europe/London", now=NOW)
    found = await queries.actor(first)
    assert found is not None
    return found


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def uploaded(actor: Actor, subject: Subject, text: str, *, encoding: str = "utf-8") -> UUID:
    return await actions.upload(actor, subject, f"{subject}.csv", text.encode(encoding), now=NOW)


async def looked(actor: Actor, subject: Subject, text: str) -> Plan:
    seen = await actions.look(actor, await uploaded(actor, subject, text))
    assert seen.plan is not None
    return seen.plan


async def imported(actor: Actor, subject: Subject, text: str) -> UUID:
    sheet = await uploaded(actor, subject, text)
    await actions.bring_in(actor, sheet, shown=digest(await actions.look(actor, sheet)), now=NOW)
    return sheet


def digest(seen: Look) -> str:
    assert seen.plan is not None
    assert seen.plan.faults == ()
    return seen.plan.digest


def faults(plan: Plan) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.sentence) for fault in plan.faults]


async def found_company(admin: Actor) -> None:
    for subject, text in ((Subject.DEPARTMENTS, DEPARTMENTS), (Subject.TEAMS, TEAMS), (Subject.PEOPLE, PEOPLE)):
        await imported(admin, subject, text)


async def actor_by(email: str) -> Actor:
    card = await queries.by_address(email)
    assert card is not None
    found = await queries.actor(card.id)
    assert found is not None
    return found


async def everything() -> list[list[dict[str, object]]]:
    tables = ("person", "alias", "grants", "assists", "team", "department", "letter")
    return [await run_sql(f'SELECT * FROM "{table}" ORDER BY id') for table in tables]


# --- from three files to a company -----------------------------------------------------------------------------


async def test_three_files_make_a_company_that_somebody_books_a_day_in(admin: Actor) -> None:
    await found_company(admin)
    teams = {team.name: team for team in await queries.teams()}
    assert {name: (team.site, team.place, team.zone) for name, team in teams.items()} == {
        "Billing": ("Leeds", "Leeds, floor 3", "Europe/London"), "Claims": ("Lisbon", "Rua Nova 7", "Europe/Lisbon")}
    offices = {office.name: office for office in await queries.departments()}
    assert {(o.name, o.acknowledge_days, o.word_days, o.fix_days) for o in offices.values()} == {
        ("IT", 2, 0, 30), ("Légal", 5, 0, 60)}
    ann, ben, dan, fay, gus, maya = [
        await actor_by(f"{name}@x.example") for name in ("ann", "ben", "dan", "fay", "gus", "maya")]
    billing, claims = teams["Billing"].id, teams["Claims"].id
    assert ann.grants == {Grant(Role.MANAGER)}
    assert (dan.grants, dan.assists) == ({Grant(Role.ASSISTANT)}, {ann.person})
    assert ben.grants == {Grant(Role.MEMBER, team=claims), Grant(Role.LEAD, team=billing)}
    assert fay.grants == {Grant(Role.MEMBER, team=claims), Grant(Role.MEMBER, team=billing)}
    assert gus.grants == {Grant(Role.OWNER, department=offices["IT"].id),
                          Grant(Role.HEAD_OF_DEPARTMENT, department=offices["Légal"].id)}
    assert maya.grants == {Grant(Role.COORDINATOR), Grant(Role.HEAD_OF_SERVICE)}
    assert await queries.addresses(ann.person) == ["ann@x.example", "a.archer@x.example"]
    assert (ben.zone, fay.zone) == ("Europe/Lisbon", "Europe/London")  # of their first team
    assert await Letter.count() == 0

    await people.ask_code("ben@x.example", network="", now=NOW)
    assert await Letter.count() == 1
    at = NOW + timedelta(days=22)
    shift = await bookings.offer_shift(
        ben, billing, ShiftForm(starts=at, ends=at + timedelta(hours=6), host=fay.person, seats=1), now=NOW)
    booking = await bookings.invite(ben, shift=shift.id, manager=ann.person, why="Refunds wait.", now=NOW)
    assert booking.state is State.INVITED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
async def test_the_encoding_makes_no_difference(admin: Actor, encoding: str) -> None:
    sheet = await uploaded(admin, Subject.DEPARTMENTS, DEPARTMENTS, encoding=encoding)
    seen = await actions.look(admin, sheet)
    assert seen.plan is not None
    assert [step.name for step in seen.plan.new] == ["IT", "Légal"]


async def test_the_same_files_again_change_nothing(admin: Actor) -> None:
    await found_company(admin)
    before = await everything()
    for subject, text in ((Subject.DEPARTMENTS, DEPARTMENTS), (Subject.TEAMS, TEAMS), (Subject.PEOPLE, PEOPLE)):
        sheet = await uploaded(admin, subject, text)
        plan = (await actions.look(admin, sheet)).plan
        assert plan is not None
        assert (plan.new, plan.changed, plan.faults) == ((), (), ())
        assert plan.same == text.count("\n") - 1
        with pytest.raises(Refused, match="here already"):
            await actions.bring_in(admin, sheet, shown=plan.digest, now=NOW)
    assert await everything() == before


async def test_letters_of_a_name_count_as_equal_however_they_are_composed(admin: Actor) -> None:
    await found_company(admin)
    again = await looked(admin, Subject.DEPARTMENTS, "name\nLe\u0301GAL \n it\n")
    assert (again.same, again.new, again.changed) == (2, (), ())
    someone = await looked(admin, Subject.PEOPLE, "name,mail,department\nZoe\u0308 Z,zoe@x.example,le\u0301gal\n")
    assert someone.new[0].values["name"] == "Zo\u00eb Z"
    assert [gain.scope for gain in someone.new[0].gains] == ["Légal"]


async def test_unknown_columns_are_named_and_kept_out(admin: Actor) -> None:
    assert (await looked(admin, Subject.PEOPLE, "name,mail,Colour,Size\nAl,al@x.example,red,9\n")).unknown == (
        "Colour", "Size")


async def test_what_looks_like_a_formula_is_text(admin: Actor) -> None:
    await imported(admin, Subject.PEOPLE, "name,mail,phone,title\n=1+1,al@x.example,'+44 20,@home\n")
    al = await queries.by_address("al@x.example")
    assert al is not None
    assert (al.name, al.phone, al.job_title) == ("=1+1", "+44 20", "@home")


async def test_first_and_last_names_make_a_name(admin: Actor) -> None:
    plan = await looked(admin, Subject.PEOPLE, "Surname,First name,mail\nArcher,Ann,ann@x.example\n")
    assert plan.new[0].name == "Ann Archer"


async def test_a_role_may_stand_beside_its_team_or_within_the_role(admin: Actor) -> None:
    await found_company(admin)
    plan = await looked(admin, Subject.PEOPLE, (
        "name,mail,team,role,department\n"
        "Al,al@x.example,Billing,Team lead,\n"
        "Bo,bo@x.example,,\"Team lead, Billing; Manager; Owner, IT\",\n"
        "Cy,cy@x.example,\"Billing, Claims\",,IT\n"
        "Di,di@x.example,,Head of department,IT\n"
    ))  # fmt: skip
    assert plan.faults == ()
    assert [[(gain.role.value, gain.scope) for gain in step.gains] for step in plan.new] == [
        [("lead", "Billing")],
        [("manager", ""), ("lead", "Billing"), ("owner", "IT")],
        [("member", "Billing"), ("member", "Claims"), ("owner", "IT")],
        [("head_of_department", "IT")],
    ]


# --- who is meant ----------------------------------------------------------------------------------------------


async def test_people_are_found_by_external_id_then_by_any_of_their_addresses(admin: Actor) -> None:
    await found_company(admin)
    plan = await looked(admin, Subject.PEOPLE, (
        "name,mail,employee id,title\n"
        "Ann A. Archer,ann.archer@x.example,1,\n"
        "Ben Baker,BEN@X.example,,Lead\n"
        "Fay Finch,fay@x.example,4,\n"
    ))  # fmt: skip
    assert [[(c.label, c.before, c.after) for c in step.changes] for step in plan.changed] == [
        [("Name", "Ann Archer", "Ann A. Archer"), ("Address", "ann@x.example", "ann.archer@x.example")],
        [("Job title", "", "Lead")],
    ]
    assert plan.same == 1
    by_alias = await looked(admin, Subject.PEOPLE, "name,mail\nAnn Archer,A.Archer@x.example\n")
    assert (by_alias.same, by_alias.new, by_alias.changed) == (1, (), ())


async def test_an_empty_cell_and_a_missing_role_leave_things_as_they_are(admin: Actor) -> None:
    await found_company(admin)
    before = await everything()
    plan = await looked(admin, Subject.PEOPLE, (
        "name,mail,title,phone,roles,team,assistant of,other addresses,external id\nAnn Archer,ann@x.example,,,,,,,\n"))
    assert (plan.same, plan.changed) == (1, ())
    await imported(admin, Subject.PEOPLE, "name,mail,roles\nAnn Archer,ann@x.example,coordinator\n")
    ann = await actor_by("ann@x.example")
    assert ann.grants == {Grant(Role.MANAGER), Grant(Role.COORDINATOR)}
    after = await everything()
    assert [len(rows) for rows in after] == [len(rows) + (place == 2) for place, rows in enumerate(before)]


async def test_a_new_address_signs_somebody_out_and_is_said_before(admin: Actor) -> None:
    await found_company(admin)
    ann = await actor_by("ann@x.example")
    await people.open_session(ann.person, now=NOW)
    text = "name,mail,external id\nAnn Archer,new@x.example,1\n"
    assert "signed out" in (await looked(admin, Subject.PEOPLE, text)).notes[0].sentence
    await imported(admin, Subject.PEOPLE, text)
    assert (await actor_by("new@x.example")).person == ann.person
    assert await Session.count().where(Session.ended_at.is_null()) == 0


async def test_who_comes_to_another_team_stays_in_the_own_one_and_that_is_said_before(admin: Actor) -> None:
    await found_company(admin)
    moved = await looked(admin, Subject.PEOPLE, "name,address,team\nBen Baker,ben@x.example,Claims\n")
    assert moved.notes == ()
    moves = "name,address,member of,owner in\nGus Grant,gus@x.example,{},{}\n"
    plan = await looked(admin, Subject.PEOPLE, moves.format("Billing", "Légal"))
    assert [note.sentence.partition(":")[0] for note in plan.notes] == ["Gus Grant stays in IT as well"]
    both = await looked(admin, Subject.PEOPLE, moves.format("Billing", "it; légal"))
    assert both.notes == ()


async def test_teams_and_departments_are_found_by_external_id_then_by_name(admin: Actor) -> None:
    await found_company(admin)
    plan = await looked(admin, Subject.TEAMS, "name,site,external id\nInvoices,Leeds,T-1\nCLAIMS,Porto,\n")
    assert [[(c.label, c.before, c.after) for c in step.changes] for step in plan.changed] == [
        [("Name", "Billing", "Invoices")], [("Site", "Lisbon", "Porto")]]
    await imported(admin, Subject.TEAMS, "name,site,external id\nInvoices,Leeds,T-1\nCLAIMS,Porto,\n")
    assert [team.name for team in await queries.teams()] == ["Claims", "Invoices"]


async def test_a_usual_host_who_is_not_of_the_team_yet_is_left_out_and_said(admin: Actor) -> None:
    text = "team,host\nBilling,Fay Finch\n"
    first = await looked(admin, Subject.TEAMS, text)
    assert (len(first.new), "again when the people are here" in first.notes[0].sentence) == (1, True)
    await found_company(admin)
    for host in ("Fay Finch", "fay@x.example", "4"):
        plan = await looked(admin, Subject.TEAMS, f"team,host\nBilling,{host}\n")
        assert [(c.label, c.before, c.after) for c in plan.changed[0].changes] == [("Usual host", "", "Fay Finch")]
    sheet = await imported(admin, Subject.TEAMS, text)
    assert (await looked(admin, Subject.TEAMS, text)).same == 1
    await actions.undo(admin, sheet, now=NOW)
    assert [team.default_host for team in await queries.teams()] == [None, None]


# --- what cannot be taken --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "text", "says"),
    [
        (Subject.PEOPLE, "name,colour\nAl,red\n", "missing: Address. The first row has to name them; it says: name,"),
        (Subject.PEOPLE, "first name,mail\nAl,al@x.example\n", "missing: Name"),
        (Subject.PEOPLE, "colour\nred\n", "missing: Name, Address"),
        (Subject.TEAMS, "site\nLeeds\n", "missing: Name"),
        (Subject.PEOPLE, "name,mail,E-mail\nAl,a@x.example,b@x.example\n", "mail and E-mail mean the same"),
        (Subject.PEOPLE, "name,mail\n", "none below it"),
        (Subject.PEOPLE, "%PDF-1.7 something", "missing: Name, Address"),
    ],
)
async def test_a_file_that_cannot_be_understood_is_refused_at_once(
    admin: Actor, subject: Subject, text: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says.replace("(", r"\(")):
        await uploaded(admin, subject, text)
    assert await SheetImport.count() == 0


BAD_PEOPLE = [
    ("name,mail\n,al@x.example", "name", "Fill in the name."),
    ("first name,last name,mail\n,,al@x.example", "last name", "Fill in the name."),
    ("name,mail\nAl,", "mail", "Fill in the address."),
    ("name,mail\nAl,al at x", "mail", "This is not a mail address. It looks like ann@example.com."),
    ("name,mail\nAl,al@x.example,more", "", "This row has more cells than there are columns."),
    (f"name,mail\n{'x' * 121},al@x.example", "name", "This is 121 characters long; 120 is the most."),
    ("name,mail\nA\u202el,al@x.example", "name", "turns the writing direction"),
    ("name,mail,zone\nAl,al@x.example,London", "zone", "not a time zone we know. It looks like Europe/London. Did you "
     "mean Europe/London?"),
    ("name,mail,zone\nAl,al@x.example,Europe/Berlinn", "zone", "Did you mean Europe/Berlin"),
    ("name,mail,language\nAl,al@x.example,Klingon!", "language", "This is not a language."),
    ("name,mail,role\nAl,al@x.example,Boss", "role", "Boss is not a role here. There are: manager, coordinator"),
    ("name,mail,role\nAl,al@x.example,Team lead", "role", "Say of which team"),
    ("name,mail,role\nAl,al@x.example,Owner", "role", "Say of which department"),
    ("name,mail,role\nAl,al@x.example,\"Team lead, Bling\"", "role", "no team Bling"),
    ("name,mail,team\nAl,al@x.example,Biling", "team", "There is no team Biling. Import the teams first, or correct "
     "the name. Did you mean Billing?"),
    ("name,mail,head of\nAl,al@x.example,Law", "head of", "There is no department Law."),
    ("name,mail,assistant of\nAl,al@x.example,Anne Archer", "assistant of", "nobody with the address or name Anne "
     "Archer, here or in this file. Did you mean Ann Archer?"),
    ("name,mail,assistant of\nAl,al@x.example,Ben Baker", "assistant of", "Ben Baker is not a manager."),
    ("name,mail,assistant of,role\nAl,al@x.example,al@x.example,manager", "assistant of", "Nobody assists themselves."),
    ("name,mail\nAl,al@x.example\nBo,AL@x.example", "mail", "Row 2 has this address too."),
    ("name,mail,aliases\nAl,al@x.example,\nBo,b@x.example,al@x.example", "aliases", "Row 2 has the address"),
    ("name,mail,aliases\nAl,al@x.example,ben@x.example", "aliases", "ben@x.example already belongs to Ben Baker."),
    ("name,mail,aliases\nAl,al@x.example,nonsense", "aliases", "nonsense: This is not a mail address."),
    ("name,mail,staff id\nAl,al@x.example,9\nBo,bo@x.example,9", "staff id", "Row 2 has this external ID too."),
    ("name,mail,staff id\nAnn,ann@x.example,\nAnn,neu@x.example,1", "mail", "Row 2 is about Ann Archer too."),
    ("name,mail,staff id\nAl,ann@x.example,3", "mail", "address is Ann Archer's, but the external ID is Ben Baker's."),
    ("name,mail,staff id\nAnn,ann@x.example,77", "staff id", "Ann Archer has the external ID 1 here."),
    ("name,mail\nLeo,leo@x.example", "mail", "Leo Left was here with this address or external ID and has left."),
    ("name,mail,team\nAl,al@x.example,Shut", "team", "Shut was closed."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "says"), BAD_PEOPLE)
async def test_a_bad_row_of_people_says_what_to_do(admin: Actor, text: str, column: str, says: str) -> None:
    await found_company(admin)
    await Person.insert(Person(name="Leo Left", email="leo@x.example", created_at=NOW, left_at=NOW))
    await Team.insert(Team(name="Shut", created_at=NOW, closed_at=NOW))
    before = await everything()
    sheet = await uploaded(admin, Subject.PEOPLE, text)
    plan = (await actions.look(admin, sheet)).plan
    assert plan is not None
    assert [(fault.column, says in fault.sentence) for fault in plan.faults] == [(column, True)], plan.faults
    assert plan.faults[0].row == text.count("\n") + 1
    with pytest.raises(Refused):
        await actions.bring_in(admin, sheet, shown=plan.digest, now=NOW)
    assert await everything() == before


@pytest.mark.parametrize(
    ("subject", "text", "column", "says"),
    [
        (Subject.TEAMS, "team,site\n,Leeds", "team", "Fill in the name."),
        (Subject.TEAMS, "team\nBilling\nBILLING", "team", "Row 2 says the same."),
        (Subject.TEAMS, "team,external id\nOne,9\nTwo,9", "external id", "Row 2 says the same."),
        (Subject.TEAMS, "team,external id\nOne,T-1\nBilling,", "team", "Row 2 says the same."),
        (Subject.TEAMS, "team,external id\nBilling,T-2", "team", "Billing is here already, with another external ID."),
        (Subject.TEAMS, "team,external id\nBilling,T-9", "external id", "Billing has the external ID T-1 here."),
        (Subject.TEAMS, "team,zone\nNew,Mars", "zone", "not a time zone we know"),
        (Subject.TEAMS, "team\nShut", "team", "Shut was closed."),
        (Subject.DEPARTMENTS, "department,fix days\nTax,soon", "fix days", "whole number from 0 to 365"),
        (Subject.DEPARTMENTS, "department,fix days\nTax,366", "fix days", "whole number from 0 to 365"),
        (Subject.DEPARTMENTS, "department,fix days\nTax,²", "fix days", "whole number from 0 to 365"),
    ],
)
async def test_a_bad_row_of_places_says_what_to_do(
    admin: Actor, subject: Subject, text: str, column: str, says: str
) -> None:
    await found_company(admin)
    await Team.insert(Team(name="Shut", created_at=NOW, closed_at=NOW))
    plan = await looked(admin, subject, text)
    assert [(fault.column, says in fault.sentence) for fault in plan.faults] == [(column, True)], plan.faults


async def test_every_bad_row_is_told_at_once_and_given_back_as_a_file(admin: Actor) -> None:
    await found_company(admin)
    text = ("name,mail,zone,team,note\nAl,nonsense,Mars,Bling,=1\nBo,bo@x.example,,,\n,cy@x.example,,,x\n"
            "Di,di@x.example,Venus,Bling,\n")  # fmt: skip
    sheet = await uploaded(admin, Subject.PEOPLE, text)
    plan = (await actions.look(admin, sheet)).plan
    assert plan is not None
    assert [(row, column) for row, column, _said in faults(plan)] == [
        (2, "mail"), (4, "name"), (5, "team"), (5, "zone")]
    assert plan.bad_rows == 3
    back = files.read(await actions.bad_rows(admin, sheet), knows=lambda _name: True)
    assert back.header == ("name", "mail", "zone", "team", "note", "What is wrong")
    assert [row.cells[:5] for row in back.rows] == [
        ("Al", "nonsense", "Mars", "Bling", "=1"), ("", "cy@x.example", "", "", "x"),
        ("Di", "di@x.example", "Venus", "Bling", "")]
    assert "mail: This is not a mail address." in back.rows[0].cells[5]
    assert "'=1" in (await actions.bad_rows(admin, sheet)).decode("utf-8-sig")


# --- who may ---------------------------------------------------------------------------------------------------


async def test_only_who_keeps_people_imports(cast: Cast) -> None:
    for name, actor in cast.everybody().items():
        if name not in {"eva", "ada"}:
            for subject in Subject:
                with pytest.raises(Forbidden):
                    await uploaded(actor, subject, "name,mail\nAl,al@x.example\n")
    assert await SheetImport.count() == 0


async def test_an_upload_is_for_whoever_made_it(cast: Cast) -> None:
    sheet = await uploaded(cast.eva, Subject.PEOPLE, "name,mail\nAl,al@x.example\n")
    shown = digest(await actions.look(cast.eva, sheet))
    with pytest.raises(NotFound):
        await actions.look(cast.ada, sheet)
    with pytest.raises(NotFound):
        await actions.bring_in(cast.ada, sheet, shown=shown, now=NOW)
    with pytest.raises(NotFound):
        await actions.undo(cast.ada, sheet, now=NOW)


@pytest.mark.parametrize("role", ["admin", "coordinator", "head of service"])
async def test_a_coordinator_gives_no_high_role_by_a_file(cast: Cast, role: str) -> None:
    plan = await looked(cast.eva, Subject.PEOPLE, f"name,mail,role\nAl,al@x.example,{role}\n")
    assert faults(plan) == [
        (2, "role", "Only an admin gives this role. Ask one to import this file, or take the role out.")]
    assert (await looked(cast.ada, Subject.PEOPLE, f"name,mail,role\nAl,al@x.example,{role}\n")).faults == ()


@pytest.mark.parametrize("column", ["role,manager", "team,Billing", "department,IT", "assistant of,Ann Archer"])
async def test_nobody_promotes_themselves_by_a_file(cast: Cast, column: str) -> None:
    heading, said = column.split(",")
    for actor in (cast.eva, cast.ada):
        plan = await looked(actor, Subject.PEOPLE, f"name,mail,{heading}\n{actor.name},{actor.email},{said}\n")
        assert ["nobody gives a role to themselves" in fault.sentence for fault in plan.faults] == [True]
    own = await looked(cast.ada, Subject.PEOPLE, f"name,mail,role\n{cast.ada.name},{cast.ada.email},admin\n")
    assert (own.same, own.faults) == (1, ())


async def test_only_an_admin_changes_an_admins_address_by_a_file(cast: Cast) -> None:
    for high in (cast.ada, cast.hana):
        await Person.update({Person.external_id: high.name}).where(Person.id == high.person)
        text = f"name,mail,external id\n{high.name},mine@x.example,{high.name}\n"
        plan = await looked(cast.eva, Subject.PEOPLE, text)
        assert faults(plan) == [(2, "mail", "Only an admin changes this person's address.")]
        assert (await looked(cast.ada, Subject.PEOPLE, text)).faults == ()


async def test_a_role_that_is_lost_meanwhile_imports_nothing(cast: Cast) -> None:
    sheet = await uploaded(cast.eva, Subject.PEOPLE, "name,mail\nAl,al@x.example\n")
    shown = digest(await actions.look(cast.eva, sheet))
    nobody = Actor(person=cast.eva.person, name="Eva", email=cast.eva.email)
    with pytest.raises(Forbidden):
        await actions.bring_in(nobody, sheet, shown=shown, now=NOW)
    assert await queries.by_address("al@x.example") is None


# --- what was shown is what is done ----------------------------------------------------------------------------


async def test_what_has_changed_since_it_was_shown_is_shown_again(cast: Cast) -> None:
    sheet = await uploaded(cast.eva, Subject.PEOPLE, "name,mail,title\nMax Moor,max@floorday.example,CFO\n")
    shown = digest(await actions.look(cast.eva, sheet))
    await Person.update({Person.job_title: "CTO"}).where(Person.id == cast.max.person)
    before = await everything()
    with pytest.raises(Raced, match="has changed since this was shown"):
        await actions.bring_in(cast.eva, sheet, shown=shown, now=NOW)
    assert await everything() == before
    again = digest(await actions.look(cast.eva, sheet))
    assert again != shown
    await actions.bring_in(cast.eva, sheet, shown=again, now=NOW)
    with pytest.raises(Refused, match="imported already"):
        await actions.bring_in(cast.eva, sheet, shown=again, now=NOW)


async def test_the_same_people_come_in_once_though_two_press_the_button(cast: Cast) -> None:
    sheets = [await uploaded(actor, Subject.PEOPLE, "name,mail\nAl,al@x.example\n") for actor in (cast.eva, cast.ada)]
    shown = digest(await actions.look(cast.eva, sheets[0]))
    await actions.bring_in(cast.eva, sheets[0], shown=shown, now=NOW)
    with pytest.raises(Raced):
        await actions.bring_in(cast.ada, sheets[1], shown=shown, now=NOW)
    assert await Person.count().where(Person.email == "al@x.example") == 1


async def test_an_upload_is_kept_for_a_day_and_until_the_next_one(cast: Cast) -> None:
    first = await uploaded(cast.eva, Subject.PEOPLE, "name,mail\nAl,al@x.example\n")
    other = await uploaded(cast.eva, Subject.TEAMS, "name\nRefunds\n")
    second = await uploaded(cast.eva, Subject.PEOPLE, "name,mail\nBo,bo@x.example\n")
    with pytest.raises(NotFound):
        await actions.look(cast.eva, first)
    await actions.forget_old(now=NOW + timedelta(hours=23))
    assert await SheetImport.count() == 2
    await actions.forget_old(now=NOW + timedelta(hours=25))
    for sheet in (other, second):
        with pytest.raises(NotFound, match="Upload it again"):
            await actions.look(cast.eva, sheet)


# --- and back again --------------------------------------------------------------------------------------------


async def test_an_import_can_be_undone_whole(cast: Cast) -> None:
    before = await everything()
    text = ("name,mail,title,role,assistant of,aliases,external id,team\n"
            "Max Moor,max@floorday.example,CFO,,,mm@x.example,M-1,Claims\n"
            "Al,al@x.example,,manager,,,,\n"
            "Bo,bo@x.example,,,\"al@x.example, Ann Archer\",,,\n")  # fmt: skip
    await people.open_session(cast.max.person, now=NOW)
    sheet = await imported(cast.eva, Subject.PEOPLE, text)
    assert await everything() != before
    await actions.undo(cast.eva, sheet, now=NOW)
    assert await everything() == before
    assert await Session.count().where(Session.ended_at.is_null()) == 0  # a role was taken away again
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.eva, sheet, now=NOW)
    seen = await actions.look(cast.eva, sheet)
    assert (seen.plan, seen.kept.sheet, seen.kept.undone_at) == (None, "", NOW)


async def test_what_is_in_use_or_changed_since_is_not_undone(cast: Cast) -> None:
    people_sheet = await imported(cast.eva, Subject.PEOPLE, "name,mail,role\nAl,al@x.example,manager\n")
    team_sheet = await imported(cast.eva, Subject.TEAMS, "name,site\nRefunds,Leeds\nClaims,Porto\n")
    await imported(cast.eva, Subject.PEOPLE, "name,mail,team\nBo,bo@x.example,Refunds\n")
    al = await actor_by("al@x.example")
    await a_booking(cast, manager=al)
    await Team.update({Team.site: "Faro"}).where(Team.name == "Claims")
    before = await everything()
    for sheet, says in ((people_sheet, "in use already"), (team_sheet, "has changed one of them since")):
        with pytest.raises(Refused, match=says):
            await actions.undo(cast.eva, sheet, now=NOW)
    await Team.update({Team.site: "Porto"}).where(Team.name == "Claims")
    with pytest.raises(Refused, match="in use already"):
        await actions.undo(cast.eva, team_sheet, now=NOW)
    await Team.update({Team.site: "Faro"}).where(Team.name == "Claims")
    assert await everything() == before
    with pytest.raises(Refused, match="a day has gone by"):
        await actions.undo(cast.eva, people_sheet, now=NOW + timedelta(days=1))


# --- many, and from the command line ---------------------------------------------------------------------------


async def test_three_sheets_at_once_are_looked_at_and_then_written(admin: Actor) -> None:
    teams = TEAMS.replace("External_ID", "External_ID,Host").replace("T-1", "T-1,Fay Finch").replace("T-2", "T-2,")
    sheets = [(Subject.PEOPLE, PEOPLE.encode()), (Subject.TEAMS, teams.encode()),
              (Subject.DEPARTMENTS, DEPARTMENTS.encode())]
    before = await everything()
    plans = await actions.set_up(admin, sheets, write=False, now=NOW)
    assert [(plan.subject.value, len(plan.new)) for plan in plans] == [("departments", 2), ("teams", 2), ("people", 6)]
    assert [plan.notes for plan in plans] == [(), (), ()]
    assert await everything() == before
    await actions.set_up(admin, sheets, write=True, now=NOW)
    billing = next(team for team in await queries.teams() if team.name == "Billing")
    assert billing.default_host == (await actor_by("fay@x.example")).person
    after = await everything()
    again = await actions.set_up(admin, sheets, write=True, now=NOW)
    assert [(plan.new, plan.changed) for plan in again] == [((), ()), ((), ()), ((), ())]
    assert await everything() == after


async def test_one_bad_row_of_three_sheets_writes_none_of_them(admin: Actor) -> None:
    sheets = [(Subject.TEAMS, TEAMS.encode()), (Subject.PEOPLE, b"name,mail,team\nAl,al@x.example,Bling\n")]
    before = await everything()
    plans = await actions.set_up(admin, sheets, write=True, now=NOW)
    assert [len(plan.faults) for plan in plans] == [0, 1]
    assert await everything() == before


async def test_five_thousand_people_come_in_at_once(admin: Actor) -> None:
    await found_company(admin)
    rows = "".join(
        f"P {n},p{n}@x.example,Agent,+44 {n},E{n},{'Claims' if n % 2 else 'Billing'},{'' if n % 9 else 'manager'}\n"
        for n in range(5000)
    )
    sheet = await uploaded(admin, Subject.PEOPLE, "name,mail,title,phone,external id,team,role\n" + rows)
    plan = await actions.bring_in(admin, sheet, shown=digest(await actions.look(admin, sheet)), now=NOW)
    assert len(plan.new) == 5000
    assert await Person.count() == 5007
    assert await GrantRow.count().where(GrantRow.role == "member") == 5000 + 3
    assert await Assists.count() + await Alias.count() == 2
