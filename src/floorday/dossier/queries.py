"""Everything that is kept of one person, as that person may see it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.bookings.tables import Booking, BookingEvent, Invitation, Proposal, Shift
from floorday.db import run_sql
from floorday.issues import queries as issues
from floorday.issues.queries import Filters
from floorday.issues.tables import IssueEvent, JoinSuggestion, MeasureEvent, Note, NoteReport, SavedSearch
from floorday.leavers.tables import PersonEvent
from floorday.mail import letters
from floorday.mail.tables import InboundMail, Letter
from floorday.people import queries as people
from floorday.people.access import Actor
from floorday.people.queries import Card
from floorday.people.tables import Agreement, ApiToken, Device, Grant, Person, Pin, Session, SignInCode, Statement
from floorday.public.tables import PublicLine, PublicPage
from floorday.render.refs import ref
from floorday.render.words import gettext as _
from floorday.stories.tables import Newsletter, Story

EVERY = 100_000

Rows = list[dict[str, Any]]


class Section(Struct, frozen=True):
    """One kind of what is kept: its name in the file, its title, and its rows, all with the same keys."""

    name: str
    title: str
    rows: Rows


async def everything(card: Card) -> list[Section]:
    """Collect what is kept of a person.

    Of others there is only what the person sees in floorday today: no reporter's name, no other's words, and of an
    issue that they no longer see, its number alone.
    """
    person = card.id
    actor = await people.actor(person) or Actor(person=person, name=card.name, email=card.email, zone=card.zone)
    seen = await _issues(actor)
    return [
        Section("profile", _("Who you are"), await _profile(person)),
        Section("addresses", _("Further addresses"), [{"email": row["email"]} for row in await people.aliases(person)]),
        Section("roles", _("Roles"), await _roles(person)),
        Section("assistants", _("Who answers for whom"), await _assistants(person)),
        Section("sessions", _("Where you were signed in"), await _sessions(person)),
        Section("sign_in_codes", _("Codes asked for"), await _codes(card)),
        Section("tokens", _("Tokens of the API"), await _tokens(person)),
        Section("devices", _("Screens and desks you opened"), await _devices(person)),
        Section("pin", _("Your PIN at the desk (its hash is kept)"), await _pin(person)),
        Section("days", _("Your days on the floor"), await _days(person)),
        Section("answers", _("What you did with days"), await _answers(person)),
        Section("proposed", _("Other times you proposed"), await _proposed(person)),
        Section("hosted", _("Shifts you host or offered"), await _hosted(person)),
        Section("invitations", _("Invitations you wrote"), await _invitations(person)),
        Section("notes", _("What you said"), await _notes(person)),
        Section("reported", _("Notes you said name somebody"), await _reported(person)),
        Section("suggested", _("Issues you suggested to join"), await _suggested(person)),
        Section("searches", _("The searches you have named"), await _searches(person)),
        Section("issues", _("Issues you raised, own or sponsor"), list(seen.values())),
        Section("verdicts", _("Verdicts you gave"), await _verdicts(person, seen)),
        Section("history", _("What you did with issues"), await _history(person, seen)),
        Section("stories", _("Good news you told, or are in"), await _stories(person)),
        Section("story ideas", _("Good news that says the idea was yours"), await _story_ideas(person)),
        Section("newsletters", _("The stories of a month that you put together or sent"), await _newsletters(person)),
        Section("pictures", _("What you did with a team's picture of good service"), await _pictures(person)),
        Section("public", _("What you showed to everybody on a team's public page"), await _public(person)),
        Section("measures", _("What you did with measures"), await _measures(person)),
        Section("summaries", _("Summaries that are sent to you, and what you did with them"), await _summaries(person)),
        Section("letters", _("Letters to you"), await _letters(person)),
        Section("mails", _("Mails from you"), await _mails(card)),
        Section("what_became", _("Leaving and coming back"), await _became(person)),
    ]


async def _profile(person: UUID) -> Rows:
    return await Person.select(
        Person.name, Person.email, Person.job_title, Person.phone, Person.zone, Person.language, Person.external_id,
        Person.created_at, Person.left_at,
    ).where(Person.id == person)  # fmt: skip


async def _roles(person: UUID) -> Rows:
    return await Grant.select(
        Grant.role, Grant.team._.name.as_alias("team"), Grant.department._.name.as_alias("department"),
        Grant.granted_at,
    ).where(Grant.person == person).order_by(Grant.granted_at, Grant.id)  # fmt: skip


async def _assistants(person: UUID) -> Rows:
    pairs = [*await people.pairs(assistant=person), *await people.pairs(manager=person)]
    named = await people.persons({one for pair in pairs for one in (pair.assistant, pair.manager)})
    return [{"assistant": named[pair.assistant].name, "manager": named[pair.manager].name} for pair in pairs]


async def _sessions(person: UUID) -> Rows:
    return (
        await Session.select(Session.began_at, Session.seen_at, Session.expires_at, Session.ended_at, Session.browser)
        .where(Session.person == person)
        .order_by(Session.began_at, Session.id)
    )


async def _codes(card: Card) -> Rows:
    return (
        await SignInCode.select(SignInCode.email, SignInCode.asked_at, SignInCode.used_at, SignInCode.network)
        .where(SignInCode.person == card.id)
        .order_by(SignInCode.asked_at, SignInCode.id)
    )


async def _tokens(person: UUID) -> Rows:
    return await ApiToken.select(
        ApiToken.name, ApiToken.scopes, ApiToken.created_at, ApiToken.expires_at, ApiToken.last_used_at,
        ApiToken.revoked_at,
    ).where(ApiToken.person == person).order_by(ApiToken.created_at, ApiToken.id)  # fmt: skip


async def _devices(person: UUID) -> Rows:
    return await Device.select(
        Device.name, Device.kind, Device.team._.name.as_alias("team"), Device.opened_at, Device.expires_at,
        Device.ended_at,
    ).where(Device.opened_by == person).order_by(Device.opened_at, Device.id)  # fmt: skip


async def _pin(person: UUID) -> Rows:
    return await Pin.select(Pin.set_at).where(Pin.person == person)


async def _days(person: UUID) -> Rows:
    return await Booking.select(
        Booking.id, Booking.shift._.team._.name.as_alias("team"), Booking.starts_at, Booking.ends_at, Booking.zone,
        Booking.place, Booking.state, Booking.answer, Booking.answered_at, Booking.comment, Booking.reason,
        Booking.booked_at,
    ).where(Booking.manager == person).order_by(Booking.starts_at, Booking.id)  # fmt: skip


async def _answers(person: UUID) -> Rows:
    by: Any = BookingEvent.by == person
    return await BookingEvent.select(
        BookingEvent.booking.as_alias("day"), BookingEvent.at, BookingEvent.what, BookingEvent.door, BookingEvent.text,
    ).where(by | (BookingEvent.on_behalf_of == person)).order_by(BookingEvent.at, BookingEvent.id)  # fmt: skip


async def _proposed(person: UUID) -> Rows:
    return await Proposal.select(
        Proposal.booking.as_alias("day"), Proposal.made_at, Proposal.starts_at, Proposal.ends_at, Proposal.comment,
        Proposal.state, Proposal.settled_at, Proposal.words,
    ).where(Proposal.booking._.manager == person).order_by(Proposal.made_at, Proposal.id)  # fmt: skip


async def _hosted(person: UUID) -> Rows:
    return await Shift.select(
        Shift.team._.name.as_alias("team"), Shift.starts_at, Shift.ends_at, Shift.zone, Shift.place, Shift.withdrawn_at,
    ).where((Shift.host == person) | (Shift.offered_by == person)).order_by(Shift.starts_at, Shift.id)  # fmt: skip


async def _invitations(person: UUID) -> Rows:
    return await Invitation.select(
        Invitation.team._.name.as_alias("team"), Invitation.written_at, Invitation.why, Invitation.doing,
        Invitation.hope,
    ).where(Invitation.written_by == person).order_by(Invitation.written_at, Invitation.id)  # fmt: skip


async def _notes(person: UUID) -> Rows:
    """List the own notes, also with the name hidden; of anonymous ones nobody knows whose they are."""
    rows = await Note.select(
        Note.id, Note.restricted, Note.at, Note.team._.name.as_alias("team"), Note.stream, Note.text, Note.naming,
        Note.issue._.number.as_alias("issue"), Note.withdrawn_at, Note.idea, Note.fixed_like, Note.picture,
    ).where(Note.reporter == person).order_by(Note.at, Note.id)  # fmt: skip
    kept = await issues.reported.kept_words([row["id"] for row in rows if row["restricted"]])
    return [
        {key: value for key, value in (row | kept.get(row["id"], {})).items() if key not in {"id", "restricted"}}
        | {"issue": ref(row["issue"]) if row["issue"] else ""}
        for row in rows
    ]


async def _reported(person: UUID) -> Rows:
    """List what somebody said of others' notes; the notes themselves are theirs who wrote them."""
    return await NoteReport.select(NoteReport.at, NoteReport.word).where(NoteReport.by == person).order_by(
        NoteReport.at, NoteReport.id)


async def _suggested(person: UUID) -> Rows:
    """List which two were meant, by number, what was said with it, and what became of it."""
    rows = await JoinSuggestion.select(
        JoinSuggestion.at, JoinSuggestion.issue._.number.as_alias("issue"),
        JoinSuggestion.other._.number.as_alias("other"), JoinSuggestion.word, JoinSuggestion.outcome,
        JoinSuggestion.because,
    ).where(JoinSuggestion.by == person).order_by(JoinSuggestion.at, JoinSuggestion.id)  # fmt: skip
    return [{**row, "issue": ref(row["issue"]), "other": ref(row["other"])} for row in rows]


async def _searches(person: UUID) -> Rows:
    return await SavedSearch.select(SavedSearch.name, SavedSearch.query, SavedSearch.created_at).where(
        SavedSearch.person == person).order_by(SavedSearch.name, SavedSearch.id)


async def _summaries(person: UUID) -> Rows:
    """Collect which kinds are sent, and every month that a person held, sent, spoke to or corrected."""
    return await run_sql(
        "SELECT 'gets' AS what, r.cut AS summary, '' AS month, '' AS text, r.stopped_at AS at FROM summary_reader r"
        " WHERE r.person = {} UNION ALL"
        " SELECT 'holds', 'all', m.month, m.held_because, m.held_at FROM summary_month m WHERE m.held_by = {} UNION ALL"
        " SELECT 'sent', 'all', m.month, '', m.asked_at FROM summary_month m WHERE m.asked_by = {} UNION ALL"
        " SELECT 'said', 'all', m.month, m.comment, m.commented_at FROM summary_month m WHERE m.commented_by = {}"
        " UNION ALL SELECT 'corrected', s.key, s.month, c.because, c.at FROM correction c"
        ' JOIN summary s ON s.id = c.summary WHERE c."by" = {}', *[person] * 5)  # fmt: skip


async def _issues(actor: Actor) -> dict[UUID, dict[str, Any]]:
    """Give by id the issues that a person raised, owns or sponsors, as their own list shows them."""
    rows = await issues.board(actor, Filters(mine=True, closed=None, order="number", limit=EVERY))
    return {
        row.id: {
            "issue": ref(row.number), "title": row.title, "kind": row.kind.value, "stage": row.stage.value,
            "raised": row.i_reported, "own": row.i_own, "sponsor": row.i_sponsor, "raised_at": row.raised_at,
            "promised_for": row.promised_for,
        }
        for row in rows
    }  # fmt: skip


def _titled(row: dict[str, Any], seen: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    known = seen.get(row.pop("about"))
    return {"issue": ref(row.pop("number")), "title": known["title"] if known else "", **row}


async def _verdicts(person: UUID, seen: dict[UUID, dict[str, Any]]) -> Rows:
    rows = await IssueEvent.select(
        IssueEvent.issue.as_alias("about"), IssueEvent.issue._.number.as_alias("number"), IssueEvent.at,
        IssueEvent.says, IssueEvent.text, IssueEvent.door,
    ).where(IssueEvent.what == "verdict", IssueEvent.reporter == person).order_by(
        IssueEvent.at, IssueEvent.id)  # fmt: skip
    return [_titled(row, seen) for row in rows]


async def _history(person: UUID, seen: dict[UUID, dict[str, Any]]) -> Rows:
    by: Any = IssueEvent.by == person
    rows = await IssueEvent.select(
        IssueEvent.issue.as_alias("about"), IssueEvent.issue._.number.as_alias("number"), IssueEvent.at,
        IssueEvent.what, IssueEvent.says, IssueEvent.text, IssueEvent.for_date, IssueEvent.door,
    ).where(by | (IssueEvent.on_behalf_of == person)).order_by(IssueEvent.at, IssueEvent.id)  # fmt: skip
    return [_titled(row, seen) for row in rows]


async def _stories(person: UUID) -> Rows:
    return await Story.select(
        Story.at, Story.team._.name.as_alias("team"), Story.hero_name, Story.text, Story.customer_words,
        Story.customer, Story.consent, Story.thanks, Story.thanked_at, Story.fixed_by,
    ).where((Story.by == person) | (Story.hero == person)).order_by(Story.at, Story.id)  # fmt: skip


async def _story_ideas(person: UUID) -> Rows:
    return await Story.select(
        Story.at, Story.team._.name.as_alias("team"), Story.issue._.number.as_alias("number"),
    ).where(Story.idea_by == person).order_by(Story.at, Story.id)  # fmt: skip


async def _newsletters(person: UUID) -> Rows:
    return await Newsletter.select(
        Newsletter.month, Newsletter.opening, Newsletter.kept_at, Newsletter.sent_at,
    ).where((Newsletter.kept_by == person) | (Newsletter.sent_by == person)).order_by(Newsletter.month)  # fmt: skip


async def _pictures(person: UUID) -> Rows:
    """List the statements somebody proposed or retired, and the agreements they noted."""
    said = await Statement.select(
        Statement.team._.name.as_alias("team"), Statement.text, Statement.proposed_at, Statement.proposed_by,
        Statement.retired_on, Statement.retired_by,
    ).where((Statement.proposed_by == person) | (Statement.retired_by == person)).order_by(
        Statement.proposed_at, Statement.id)  # fmt: skip
    noted = await Agreement.select(
        Agreement.team._.name.as_alias("team"), Agreement.agreed_on, Agreement.agreed_by, Agreement.noted_at,
    ).where(Agreement.noted_by == person).order_by(Agreement.noted_at, Agreement.id)  # fmt: skip
    rows: Rows = []
    for row in said:
        if row["proposed_by"] == person:
            rows.append({"team": row["team"], "what": "proposed", "text": row["text"], "at": row["proposed_at"]})
        if row["retired_by"] == person:
            rows.append({"team": row["team"], "what": "retired", "text": row["text"], "at": row["retired_on"]})
    return rows + [{"team": row["team"], "what": "noted an agreement", "text": f"{row['agreed_on']} {row['agreed_by']}",
                    "at": row["noted_at"]} for row in noted]  # fmt: skip


async def _public(person: UUID) -> Rows:
    """List the public pages somebody put on, and the issues they agreed to show there."""
    on = await PublicPage.select(PublicPage.team._.name.as_alias("team"), PublicPage.on_at).where(
        PublicPage.on_by == person).order_by(PublicPage.on_at, PublicPage.id)
    lines = await PublicLine.select(
        PublicLine.page._.team._.name.as_alias("team"), PublicLine.title, PublicLine.agreed_at,
    ).where(PublicLine.agreed_by == person).order_by(PublicLine.agreed_at, PublicLine.id)  # fmt: skip
    rows: Rows = [{"team": row["team"], "what": "put on", "title": "", "at": row["on_at"]} for row in on]
    return rows + [{"team": row["team"], "what": "agreed", "title": row["title"], "at": row["agreed_at"]}
                   for row in lines]  # fmt: skip


async def _measures(person: UUID) -> Rows:
    """List what somebody did with the register of measures; a review is a line of its history."""
    return await MeasureEvent.select(
        MeasureEvent.measure._.name.as_alias("measure"), MeasureEvent.at, MeasureEvent.what, MeasureEvent.says,
        MeasureEvent.text, MeasureEvent.for_date, MeasureEvent.door,
    ).where(MeasureEvent.by == person).order_by(MeasureEvent.at, MeasureEvent.id)  # fmt: skip


async def _letters(person: UUID) -> Rows:
    """List the letters to somebody: what they were about and when, never a link or a code of theirs."""
    rows = await Letter.objects().where(Letter.person == person).order_by(Letter.created_at, Letter.id)
    return [
        {"letter": row.name, "subject": letters.subject(row), "to": row.to_address, "written_at": row.created_at,
         "sent_at": row.sent_at, "failed_at": row.failed_at, "taken_back_at": row.taken_back_at}
        for row in rows
    ]  # fmt: skip


async def _mails(card: Card) -> Rows:
    addresses = await people.addresses(card.id)
    rows = await InboundMail.select(
        InboundMail.received_at, InboundMail.sender, InboundMail.subject, InboundMail.outcome, InboundMail.reason,
        InboundMail.envelope_from,
    ).where(InboundMail.envelope_from.is_in(addresses)).order_by(InboundMail.received_at, InboundMail.id)  # fmt: skip
    return [{key: value for key, value in row.items() if key != "envelope_from"} for row in rows]


async def _became(person: UUID) -> Rows:
    return (
        await PersonEvent.select(PersonEvent.at, PersonEvent.what)
        .where(PersonEvent.person == person)
        .order_by(PersonEvent.at, PersonEvent.id)
    )
