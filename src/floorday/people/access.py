"""Who may do what: two pure questions, asked by every door.

`can(actor, act, thing)` answers for one thing; `visible(actor, what)` gives the scope that `queries.py` turns
into a filter, so that a list never holds what its page would refuse. Deny by default: an act that no line below
allows is not allowed. The table these lines follow is in docs/access.md.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Role(StrEnum):
    """What a person may be; several at once are ordinary."""

    COORDINATOR = "coordinator"
    LEAD = "lead"
    MEMBER = "member"
    MANAGER = "manager"
    ASSISTANT = "assistant"
    OWNER = "owner"
    HEAD_OF_DEPARTMENT = "head_of_department"
    HEAD_OF_SERVICE = "head_of_service"
    ADMIN = "admin"


class Door(StrEnum):
    """Through which door an act came; it stands in the history."""

    PAGE = "page"
    LETTER = "letter"
    CALENDAR = "calendar"
    API = "api"
    MAIL = "mail"
    CLI = "cli"
    CLOCK = "clock"
    DESK = "desk"


class DeviceKind(StrEnum):
    """What stands in a team's room without being a person."""

    SCREEN = "screen"
    DESK = "desk"


class Act(StrEnum):
    """The verbs that somebody may or may not do."""

    SEE_PLACE = "see team or department"
    SEE_SHIFT = "see shift"
    OFFER_SHIFT = "offer shift"
    INVITE = "invite"
    SEE_BOOKING = "see booking"
    ANSWER = "answer"
    MOVE = "move"
    CANCEL = "cancel"
    RELAY = "take an answer out of a mail"
    SETTLE = "settle a proposed time"
    SEE_BRIEF = "see brief"
    READ_BACK = "read back"
    HOLD = "hold"
    RAISE = "raise"
    SEE_FACE = "see face"
    SEE_ISSUE = "see issue"
    SEE_HIDDEN_NAME = "see hidden name"
    ASSIGN = "assign"
    JOIN = "join"
    SUGGEST = "suggest joining"
    SETTLE_SUGGESTIONS = "settle what leads suggest"
    DECLINE = "decline"
    SNOOZE = "snooze"
    PROMISE = "promise"
    UPDATE = "update"
    ASK = "ask"
    RESOLVE = "resolve"
    DECIDE = "decide"
    VERDICT = "verdict"
    QUESTION = "ask who raised it"
    REPLY = "answer what is asked of who raised it"
    SEE_STORY = "see story"
    TELL_STORY = "tell story"
    CHANGE_STORY = "change story"
    THANK = "thank"
    MATCH = "say what another program calls it"
    TRIAGE = "triage"
    SAY_COST = "say what it costs"
    PICK_HARD_ONE = "pick the hard ones of a month"
    REFER = "say what another tracker calls it"
    HAND_OUT = "hand to a vendor"
    SEE_VENDORS = "see vendors"
    KEEP_VENDORS = "keep vendors"
    SEE_SUMMARY = "see summary"
    SEND_SUMMARY = "hold, send and correct summaries"
    COMMENT_SUMMARY = "say something to a summary"
    SEE_INBOX = "see inbox"
    SEE_LETTERS = "see letters"
    KEEP_NOTES = "look after notes that name somebody"
    EDIT_PEOPLE = "edit people"
    EDIT_TEAM = "edit team"
    EDIT_DEPARTMENT = "edit department"
    GRANT = "grant"
    SEE_TEAM_DAY = "see team's day"
    KEEP_PICTURE = "keep a team's picture of good service"
    POINT = "say which statement of the picture it is about"
    SEE_MEASURES = "see measures"
    KEEP_MEASURES = "keep measures, and say which issue is about one"
    REVIEW_MEASURE = "review a measure"
    OPEN_DEVICE = "open screen or desk"
    KEEP_DEVICES = "see and end screens and desks"
    LEND_NAME = "let somebody of the team pick their name"
    READ_NEWSLETTER = "read the stories of a month"
    KEEP_NEWSLETTER = "put the stories of a month together"
    KEEP_STATUS = "keep a team's public page"


class Grant(Struct, frozen=True):
    """A role, with the team or department it is for."""

    role: Role
    team: UUID | None = None
    department: UUID | None = None


class Actor(Struct, frozen=True):
    """Somebody at a door. `assists` are the managers for whom an assistant may answer."""

    person: UUID
    name: str
    email: str
    zone: str = "Europe/London"
    language: str = "en"
    grants: frozenset[Grant] = frozenset()
    assists: frozenset[UUID] = frozenset()
    door: Door = Door.PAGE
    session: UUID | None = None

    def has(self, *roles: Role) -> bool:
        """Say whether any of the roles is held, whatever its scope."""
        return any(grant.role in roles for grant in self.grants)

    def teams(self, *roles: Role) -> frozenset[UUID]:
        """Give the teams in which one of the roles is held."""
        return frozenset(g.team for g in self.grants if g.role in roles and g.team is not None)

    def departments(self, *roles: Role) -> frozenset[UUID]:
        """Give the departments in which one of the roles is held."""
        return frozenset(g.department for g in self.grants if g.role in roles and g.department is not None)

    @property
    def only_assists(self) -> bool:
        """Say whether this is an assistant and nothing more."""
        return bool(self.grants) and all(grant.role is Role.ASSISTANT for grant in self.grants)


class Device(Struct, frozen=True):
    """A wall screen or a team's desk at a door: it stands for a team, and for nobody in it."""

    id: UUID
    kind: DeviceKind
    team: UUID


class OfTeam(Struct, frozen=True):
    """What a team has in common: its day, its screens and desks."""

    team: UUID


class OfDepartment(Struct, frozen=True):
    """What belongs to a department: the measures that it sets, the vendors that fix things for it."""

    department: UUID


class Shift(Struct, frozen=True):
    """What access asks of a shift."""

    team: UUID
    host: UUID | None = None
    managers: frozenset[UUID] = frozenset()


class Booking(Struct, frozen=True):
    """What access asks of a booking."""

    team: UUID
    manager: UUID
    host: UUID | None = None


class Issue(Struct, frozen=True):
    """What access asks of an issue. `reporters` are persons; `day_manager` is whose day it came from."""

    team: UUID
    department: UUID | None = None
    owner: UUID | None = None
    sponsor: UUID | None = None
    day_manager: UUID | None = None
    reporters: frozenset[UUID] = frozenset()
    restricted: bool = False


class Story(Struct, frozen=True):
    """What access asks of a story; `by` told it, `day_manager` is whose day it came from."""

    team: UUID
    hero: UUID | None = None
    by: UUID | None = None
    day_manager: UUID | None = None


class Subject(Struct, frozen=True):
    """Whose summary: none of the four is the company's."""

    team: UUID | None = None
    manager: UUID | None = None
    department: UUID | None = None


class Granting(Struct, frozen=True):
    """A role about to be given to, or taken from, somebody."""

    person: UUID
    role: Role


class Profile(Struct, frozen=True):
    """A person about to be seen or changed by somebody."""

    person: UUID


Thing = Shift | Booking | Issue | Story | Subject | Granting | Profile | OfTeam | OfDepartment | None

TEAM_ROLES = (Role.LEAD, Role.MEMBER)
DEPARTMENT_ROLES = (Role.OWNER, Role.HEAD_OF_DEPARTMENT)
_HIGH = frozenset({Role.ADMIN, Role.COORDINATOR, Role.HEAD_OF_SERVICE})
_AT_THE_DESK = frozenset({Act.RAISE, Act.VERDICT, Act.REPLY, Act.SEE_FACE, Act.SEE_ISSUE})


def can(actor: Actor | Device, act: Act, thing: Thing = None) -> bool:
    """Say whether this person (or screen, or desk) may do this to that thing."""
    if isinstance(actor, Device):
        return _at_a_device(actor, act, thing)
    if actor.door is Door.DESK and act not in _AT_THE_DESK:
        return False
    match thing:
        case OfTeam():
            return _with_team(actor, act, thing)
        case OfDepartment():
            return _with_department(actor, act, thing)
        case Shift():
            return _with_shift(actor, act, thing)
        case Booking():
            return _with_booking(actor, act, thing)
        case Issue():
            return _with_issue(actor, act, thing)
        case Story():
            return _with_story(actor, act, thing)
        case Subject():
            return act is Act.SEE_SUMMARY and _reads(actor, thing)
        case Granting():
            return act is Act.GRANT and _grants(actor, thing)
        case Profile():
            return act is Act.EDIT_PEOPLE and (_keeps_people(actor) or thing.person == actor.person)
        case None:
            return _at_all(actor, act)


def _at_a_device(device: Device, act: Act, thing: Thing) -> bool:
    match thing:
        case OfTeam():
            lends = device.kind is DeviceKind.DESK and act is Act.LEND_NAME
            return thing.team == device.team and (lends or act is Act.SEE_TEAM_DAY)
        case Booking():
            return act is Act.SEE_BOOKING and thing.team == device.team
        case Issue():
            return act is Act.SEE_FACE and thing.team == device.team and not thing.restricted
        case _:
            return False


def _with_team(actor: Actor, act: Act, thing: OfTeam) -> bool:
    runs = actor.has(Role.COORDINATOR) or thing.team in actor.teams(Role.LEAD)
    match act:
        case Act.OPEN_DEVICE | Act.KEEP_PICTURE | Act.KEEP_STATUS:
            return runs
        case Act.KEEP_DEVICES:
            return runs or actor.has(Role.ADMIN)
        case Act.SEE_TEAM_DAY:
            return runs or thing.team in actor.teams(Role.MEMBER) or actor.has(Role.HEAD_OF_SERVICE)
        case _:
            return False


def _with_department(actor: Actor, act: Act, thing: OfDepartment) -> bool:
    heads = thing.department in actor.departments(Role.HEAD_OF_DEPARTMENT)
    match act:
        case Act.REVIEW_MEASURE:
            return heads or _keeps_measures(actor)
        case Act.SEE_VENDORS:
            return _keeps_people(actor) or thing.department in actor.departments(*DEPARTMENT_ROLES)
        case Act.KEEP_VENDORS:
            return heads or _keeps_people(actor)
        case _:
            return False


def _with_shift(actor: Actor, act: Act, shift: Shift) -> bool:
    if actor.has(Role.COORDINATOR):
        return act in {Act.SEE_SHIFT, Act.OFFER_SHIFT, Act.INVITE}
    match act:
        case Act.SEE_SHIFT:
            mine = visible(actor, What.SHIFTS).persons & shift.managers
            return (
                shift.team in actor.teams(*TEAM_ROLES)
                or bool(mine)
                or shift.host == actor.person
                or actor.has(Role.HEAD_OF_SERVICE, Role.ADMIN)
            )
        case Act.OFFER_SHIFT:
            return shift.team in actor.teams(Role.LEAD)
        case Act.INVITE:
            return shift.team in actor.teams(*TEAM_ROLES)
        case _:
            return False


def _with_booking(actor: Actor, act: Act, booking: Booking) -> bool:
    runs = actor.has(Role.COORDINATOR) or booking.team in actor.teams(Role.LEAD)
    hosts = runs or (booking.host == actor.person and booking.team in actor.teams(Role.MEMBER))
    goes = _goes(actor, booking.manager)
    match act:
        case Act.SEE_BOOKING:
            sees = booking.team in actor.teams(Role.MEMBER) or actor.has(Role.HEAD_OF_SERVICE, Role.ADMIN)
            return hosts or goes or sees or actor.person in {booking.manager, booking.host}
        case Act.ANSWER:
            return goes
        case Act.MOVE | Act.CANCEL:
            return runs or goes
        case Act.MATCH | Act.SETTLE:
            return runs
        case Act.RELAY:
            return actor.has(Role.COORDINATOR)
        case Act.SEE_BRIEF:
            return hosts or goes
        case Act.READ_BACK | Act.HOLD:
            return hosts
        case Act.INVITE:
            return runs or booking.team in actor.teams(Role.MEMBER)
        case Act.RAISE:
            own = actor.person == booking.manager and actor.has(Role.MANAGER)
            return hosts or own or booking.team in actor.teams(Role.MEMBER)
        case _:
            return False


def _goes(actor: Actor, manager: UUID) -> bool:
    """Say whether a day is the actor's own, as its manager or as their assistant, while they are that."""
    own = actor.person == manager and actor.has(Role.MANAGER)
    return own or (manager in actor.assists and actor.has(Role.ASSISTANT))


def _with_issue(actor: Actor, act: Act, issue: Issue) -> bool:
    coordinates = actor.has(Role.COORDINATOR)
    leads = issue.team in actor.teams(Role.LEAD)
    reports = actor.person in issue.reporters
    fixes = (issue.owner == actor.person and actor.has(*DEPARTMENT_ROLES)) or (
        issue.department is not None and issue.department in actor.departments(*DEPARTMENT_ROLES)
    )
    whole = (
        coordinates
        or reports
        or fixes
        or issue.team in actor.teams(*TEAM_ROLES)
        or actor.has(Role.HEAD_OF_SERVICE)
        or actor.person in {issue.owner, issue.sponsor, issue.day_manager}
    )
    match act:
        case Act.SEE_ISSUE:
            return whole
        case Act.SEE_FACE:
            return whole or (not issue.restricted and _sees_faces(actor))
        case Act.SEE_HIDDEN_NAME | Act.DECLINE | Act.SNOOZE:
            return coordinates
        case Act.JOIN | Act.POINT | Act.SUGGEST:
            return leads or (coordinates and act is not Act.SUGGEST)
        case Act.ASSIGN | Act.MATCH | Act.REFER:
            return coordinates or fixes
        case Act.PROMISE | Act.UPDATE | Act.RESOLVE | Act.ASK | Act.HAND_OUT:
            return fixes
        case Act.DECIDE:
            return actor.has(Role.HEAD_OF_SERVICE) or (issue.sponsor == actor.person and actor.has(Role.MANAGER))
        case Act.QUESTION:
            return coordinates or leads or fixes
        case Act.VERDICT | Act.REPLY:
            return reports
        case Act.TRIAGE:
            return coordinates or leads or issue.department in actor.departments(*DEPARTMENT_ROLES)
        case Act.RAISE:
            return _raises(actor) and (whole or (not issue.restricted and _sees_faces(actor)))
        case _:
            meets = reports or issue.team in actor.teams(*TEAM_ROLES)
            return act is Act.SAY_COST and (coordinates or fixes or meets)


def _with_story(actor: Actor, act: Act, story: Story) -> bool:
    runs = actor.has(Role.COORDINATOR) or story.team in actor.teams(Role.LEAD)
    of_team = story.team in actor.teams(*TEAM_ROLES)
    came = story.day_manager == actor.person and actor.has(Role.MANAGER)
    match act:
        case Act.SEE_STORY:
            theirs = actor.person in {story.hero, story.by, story.day_manager}
            return runs or of_team or theirs or actor.has(Role.HEAD_OF_SERVICE)
        case Act.TELL_STORY:
            return runs or of_team or came
        case Act.CHANGE_STORY:
            return runs or (story.by == actor.person and (of_team or came))
        case Act.THANK:
            return runs or came or actor.has(Role.HEAD_OF_SERVICE)
        case Act.MATCH:
            return runs
        case _:
            return False


def _sees_faces(actor: Actor) -> bool:
    return bool(actor.grants) and not actor.only_assists


def _raises(actor: Actor) -> bool:
    return any(grant.role is not Role.ADMIN for grant in actor.grants)


def _reads(actor: Actor, subject: Subject) -> bool:
    if actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE):
        return True
    if subject.team is not None:
        return subject.team in actor.teams(*TEAM_ROLES)
    if subject.department is not None:
        return subject.department in actor.departments(*DEPARTMENT_ROLES)
    if subject.manager is not None:
        return subject.manager == actor.person
    return actor.has(Role.MANAGER)


def _keeps_measures(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE)


def _keeps_people(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR, Role.ADMIN)


def _grants(actor: Actor, granting: Granting) -> bool:
    if actor.has(Role.ADMIN):
        return granting.person != actor.person
    return actor.has(Role.COORDINATOR) and granting.role not in _HIGH and granting.person != actor.person


_RUNS = (Role.COORDINATOR, Role.LEAD)
_HELD_BY: dict[Act, tuple[Role, ...]] = {
    **dict.fromkeys((
        Act.SEE_INBOX, Act.SEE_LETTERS, Act.KEEP_NOTES, Act.KEEP_NEWSLETTER, Act.SETTLE_SUGGESTIONS,
    ), (Role.COORDINATOR,)),
    Act.SUGGEST: (Role.LEAD,),
    **dict.fromkeys((Act.PICK_HARD_ONE, Act.KEEP_MEASURES, Act.SEND_SUMMARY), (Role.COORDINATOR, Role.HEAD_OF_SERVICE)),
    Act.COMMENT_SUMMARY: (Role.HEAD_OF_SERVICE,),
    Act.TRIAGE: (*_RUNS, *DEPARTMENT_ROLES),
    Act.OFFER_SHIFT: _RUNS,
    Act.INVITE: (*_RUNS, Role.MEMBER),
}
"""Who may do what is about nothing in particular, where the role alone tells."""


def _at_all(actor: Actor, act: Act) -> bool:
    match act:
        case Act.SEE_FACE | Act.SEE_MEASURES | Act.READ_NEWSLETTER:
            return _sees_faces(actor)
        case Act.RAISE:
            return _raises(actor)
        case Act.SEE_PLACE:
            return bool(actor.grants)
        case Act.EDIT_PEOPLE | Act.EDIT_TEAM | Act.EDIT_DEPARTMENT | Act.GRANT:
            return _keeps_people(actor)
        case Act.SEE_VENDORS:
            return _keeps_people(actor) or actor.has(*DEPARTMENT_ROLES)
        case Act.KEEP_VENDORS:
            return _keeps_people(actor) or actor.has(Role.HEAD_OF_DEPARTMENT)
        case Act.SEE_BOOKING | Act.SEE_SHIFT:
            return bool(actor.grants) and not all(grant.role in DEPARTMENT_ROLES for grant in actor.grants)
        case _:
            return actor.has(*_HELD_BY.get(act, ()))


class What(StrEnum):
    """What a list shows."""

    SHIFTS = "shifts"
    BOOKINGS = "bookings"
    ISSUES = "issues"
    FACES = "faces"
    STORIES = "stories"
    TRIAGE = "what waits for a place"


class Scope(Struct, frozen=True):
    """What a list may hold: everything, or whatever any one of the other fields lets in.

    `teams` and `departments` let in what is theirs; `persons` are the reader and the managers they assist:
    bookings of these, issues raised, owned or sponsored by the reader, or from their days (`persons` of an issue
    scope is the reader alone). `unrestricted` lets in every issue that nobody restricted, `faces` those of these teams.
    """

    all: bool = False
    teams: frozenset[UUID] = frozenset()
    departments: frozenset[UUID] = frozenset()
    persons: frozenset[UUID] = frozenset()
    unrestricted: bool = False
    faces: frozenset[UUID] = frozenset()


def visible(actor: Actor | Device, what: What) -> Scope:
    """Give what this person's lists may hold; the same answers as `can(..., SEE_...)`, row by row."""
    if isinstance(actor, Device):
        return _seen_by_a_device(actor, what)
    match what:
        case What.SHIFTS | What.BOOKINGS:
            return Scope(
                all=actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE, Role.ADMIN),
                teams=actor.teams(*TEAM_ROLES),
                persons=frozenset({actor.person, *(actor.assists if actor.has(Role.ASSISTANT) else ())}),
            )
        case What.ISSUES | What.FACES:
            return Scope(
                all=actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE),
                teams=actor.teams(*TEAM_ROLES),
                departments=actor.departments(*DEPARTMENT_ROLES),
                persons=frozenset({actor.person}),
                unrestricted=what is What.FACES and _sees_faces(actor),
            )
        case What.STORIES:
            return Scope(
                all=actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE),
                teams=actor.teams(*TEAM_ROLES),
                persons=frozenset({actor.person}),
            )
        case What.TRIAGE:
            return Scope(
                all=actor.has(Role.COORDINATOR), teams=actor.teams(Role.LEAD),
                departments=actor.departments(*DEPARTMENT_ROLES),
            )


def _seen_by_a_device(device: Device, what: What) -> Scope:
    match what:
        case What.BOOKINGS:
            return Scope(teams=frozenset({device.team}))
        case What.FACES:
            return Scope(faces=frozenset({device.team}))
        case What.SHIFTS | What.ISSUES | What.STORIES | What.TRIAGE:
            return Scope()
