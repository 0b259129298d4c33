"""Good stories: told, read, thanked for; and the page on which a hero says where theirs may be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.db.text import Line, Prose
from floorday.errors import BadInput, FloordayError, Forbidden, NotFound, Refused
from floorday.issues import queries as issues
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Role, Story, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.stories import actions, queries, rules
from floorday.stories.actions import StoryForm, Telling
from floorday.stories.pages import newsletters, sheets
from floorday.stories.queries import StoryRow, Wanted
from floorday.stories.rules import THANKS_WITHIN, Consent
from floorday.web import LETTER_PAGE, read_form, redirect, show
from floorday.web import sheets as downloads
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

PAGE = 20
MOST_ADDRESSES = 3
"""Addresses for praise of so many teams stand on the page; whoever tells stories of more writes to the programme's."""

TOLD_WITHIN = timedelta(days=366)
"""So long after a day with a team its manager may tell of it without saying which day."""

OTHER = "other"
"""What the list of heroes says for somebody who is not in it."""


class Told(Struct, frozen=True, kw_only=True):
    """A story as a browser sends it: `hero` is a person's id, or OTHER with the name beside it."""

    text: Prose
    team: UUID | None = None
    hero: str = ""
    hero_name: Line = Line("")
    customer_words: Prose = Prose("")
    customer: Line = Line("")
    day: UUID | None = None
    issue: UUID | None = None
    picture: UUID | None = None
    fixed_by: Line = Line("")
    idea_by: UUID | None = None
    agreed: bool = False

    @property
    def person(self) -> UUID | None:
        """Give the hero, if it is somebody of the list."""
        if self.hero in {"", OTHER}:
            return None
        try:
            return UUID(self.hero)
        except ValueError as error:
            wrong = _("Choose one of the list.")
            raise BadInput(wrong, fields={"hero": wrong}) from error

    def what(self) -> dict[str, Any]:
        """Give what is told, as any door does."""
        return {"text": self.text, "hero": self.person, "hero_name": "" if self.person else self.hero_name,
                "customer_words": self.customer_words, "customer": self.customer, "picture": self.picture,
                "fixed_by": self.fixed_by, "idea_by": self.idea_by}  # fmt: skip


class ThanksFields(Struct, frozen=True):
    """The words of a thank-you; `said` is that they were said in person."""

    thanks: Prose = Prose("")
    said: bool = False


class ConsentFields(Struct, frozen=True):
    """Where the hero lets it be told."""

    consent: Consent


def _card(row: StoryRow, actor: Actor, *, now: datetime) -> dict[str, Any]:
    open_until = row.at + THANKS_WITHIN
    return {
        "id": row.id, "hero": row.hero_said, "team": row.team_name, "text": row.text, "words": row.customer_words,
        "customer": row.customer, "picture": row.picture_text or "", "picture_href": f"/teams/{row.team}/picture",
        "day": when.day(row.at, actor.zone), "by": row.by_name or "",
        "issue": refs.ref(row.issue_number) if row.issue_number else "", "issue_id": row.issue,
        "issue_title": row.issue_title or "", "consent": rules.say(row.consent), "thanks": row.thanks,
        "thanked": _("Thanked by %(name)s", name=row.thanked_by_name) if row.thanked_by_name else _("Thanked"),
        "is_thanked": row.thanked_at is not None, "until": when.moment(open_until, actor.zone, actor.zone),
        "late": row.thanked_at is None and now >= open_until, "mine": row.hero == actor.person,
        "may_thank": row.thanked_at is None and row.hero != actor.person and can(actor, Act.THANK, row.thing()),
        "may_change": can(actor, Act.CHANGE_STORY, row.thing()),
    }  # fmt: skip


def _reads(actor: Actor) -> None:
    if not actor.grants or actor.only_assists:
        raise Forbidden(_("Stories are for those who take part in the programme."))


def _may_tell(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR, Role.MANAGER, *TEAM_ROLES)


@get("/stories")
async def stories_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], team: FromQuery[str] = "",
    waiting: FromQuery[bool] = False, before: FromQuery[str] = "", picture: FromQuery[str] = "",
) -> Shown:  # fmt: skip
    """Show the stories that somebody may read, newest first."""
    _reads(actor)
    wanted = Wanted(
        limit=PAGE + 1, team=_uuid(team), thanked=False if waiting else None, before=_place(before),
        picture=_uuid(picture),
    )  # fmt: skip
    if form := downloads.asked(request):
        return await downloads.download(form, sheets.stories(), queries.every(actor, wanted))
    rows = await queries.newest(actor, wanted)
    more = f"{rows[PAGE - 1].at.isoformat()}|{rows[PAGE - 1].id}" if len(rows) > PAGE else ""
    first = not (before or team or waiting or picture)
    drafts = [_draft_card(one, actor) for one in await queries.drafts(actor)] if first else []
    writes = [one for one in await issues.teams() if actions.may_write(actor, one.id)] if first else []
    return show(
        request, "stories/list.html", drafts=drafts, more=more, team=team,
        cards=[_card(row, actor, now=now) for row in rows[:PAGE]],
        waiting=waiting, picture=picture, first=not before, may_tell=_may_tell(actor),
        teams=[(str(one.id), one.name) for one in await issues.teams()], form=Form({"team": team}),
        addresses=[(one.name, actions.thanks_address(one.id)) for one in writes[:MOST_ADDRESSES]],
        anybodys=actions.thanks_address(),
    )  # fmt: skip


def _draft_card(row: StoryRow, actor: Actor) -> dict[str, Any]:
    return {"id": row.id, "hero": row.hero_said, "team": row.team_name, "text": row.text, "by": row.by_name or "",
            "day": when.day(row.at, actor.zone), "words": row.customer_words, "customer": row.customer}  # fmt: skip


@get("/stories/drafts/{draft_id:uuid}")
async def draft_page(request: Asked, actor: NamedDependency[Actor], draft_id: FromPath[UUID]) -> Shown:
    """Show what came by mail in the form of a story, to be looked at and told."""
    row = await queries.draft(actor, draft_id)
    return await _form_page(request, actor, Form({
        "text": row.text, "team": str(row.team), "hero": str(row.hero or ""), "customer": row.customer,
        "customer_words": row.customer_words,
    }), draft=row)  # fmt: skip


@post("/stories/drafts/{draft_id:uuid}")
async def tell_draft(
    request: Asked, actor: NamedDependency[Actor], draft_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Tell it."""
    row = await queries.draft(actor, draft_id)
    try:
        said = await read_form(request, Told)
        await actions.tell_draft(actor, draft_id, Telling(**said.what()), agreed=said.agreed, now=now)
    except (BadInput, Refused) as wrong:
        return await _form_page(request, actor, await _kept(request, wrong), status=wrong.status, draft=row)
    return redirect(f"/stories/{draft_id}", say=_("Told."), undo=f"/stories/{draft_id}/withdrawal")


@post("/stories/drafts/{draft_id:uuid}/aside")
async def put_aside(
    actor: NamedDependency[Actor], draft_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Let it be no story."""
    await actions.put_aside(actor, draft_id, now=now)
    return redirect("/stories", say=_("Put aside."), undo=f"/stories/drafts/{draft_id}/back")


@post("/stories/drafts/{draft_id:uuid}/back")
async def take_up(actor: NamedDependency[Actor], draft_id: FromPath[UUID]) -> Shown:
    """Take it up again."""
    await actions.take_up(actor, draft_id)
    return redirect(f"/stories/drafts/{draft_id}", say=_("It waits to be told again."))


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw) if raw else None
    except ValueError:
        return None


def _place(raw: str) -> tuple[datetime, UUID] | None:
    at, _bar, last = raw.partition("|")
    try:
        found = datetime.fromisoformat(at.replace(" ", "+"))
        return (found, UUID(last)) if found.tzinfo else None
    except ValueError:
        return None


@get("/stories/new")
async def new_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], day: FromQuery[str] = "",
    team: FromQuery[str] = "", issue: FromQuery[str] = "",
) -> Shown:  # fmt: skip
    """Ask what happened; from a day or an issue, with what is known of it. Else a manager's last day there counts."""
    of, on = _uuid(team), _uuid(day)
    if of and on is None and actor.has(Role.MANAGER) and not can(actor, Act.TELL_STORY, Story(team=of)):
        spent = await bookings.last_day(actor.person, after=now - TOLD_WITHIN, now=now, team=of)
        on = spent.id if spent else None
    form = await _prefilled(actor, day=on, team=of, issue=_uuid(issue))
    return await _form_page(request, actor, form)


async def _prefilled(actor: Actor, *, day: UUID | None, team: UUID | None, issue: UUID | None) -> Form:
    values: dict[str, str] = {"team": str(team) if team else ""}
    if day is not None:
        booking = await bookings.booking(day)
        if not can(actor, Act.SEE_BOOKING, booking.thing()):
            raise NotFound(_("There is no such day."))
        values |= {"day": str(day), "team": str(booking.team)}
    if issue is not None:
        row = await issues.issue(actor, issue)
        if row.whole:
            credit = [_("%(ref)s: %(title)s.", ref=refs.ref(row.number), title=row.title.rstrip(".")), row.done]
            fixed = ", ".join(one for one in (row.owner_name, row.department_name) if one)
            values |= {"issue": str(issue), "team": str(row.team), "text": " ".join(line for line in credit if line),
                       "hero": str(row.owner or ""), "fixed_by": fixed,
                       "idea_by": str(next(iter(await queries.ideas(row)), ""))}  # fmt: skip
    return Form(values)


async def _form_page(
    request: Asked, actor: Actor, form: Form, *, status: int = 200, story: StoryRow | None = None,
    draft: StoryRow | None = None,
) -> Shown:
    """Show the form. Who a team's people are is shown to those alone who may tell of it."""
    if not _may_tell(actor):
        raise Forbidden(_("Stories are told by the team, by who spent a day with it, and by the coordinator."))
    own = actor.teams(*TEAM_ROLES)
    everywhere = actor.has(Role.COORDINATOR, Role.MANAGER)
    teams = [one for one in await issues.teams() if everywhere or one.id in own]
    known_as = story or draft
    only = teams[0].id if len(teams) == 1 else None
    team = _uuid(form.value("team")) or (known_as.team if known_as else only)
    if team is not None and known_as is None:
        await _must_tell(actor, team, _uuid(form.value("day")))
    heroes = [(str(card.id), card.name) for card in await people.with_role(*TEAM_ROLES, team=team)] if team else []
    known = {value for value, _name in heroes}
    who = _uuid(form.value("hero"))
    if who and str(who) not in known and who == await _fixed_or_told(actor, form, known_as):
        heroes += [(str(who), card.name) for card in [await people.person(who)] if card is not None]
    said = {str(story.picture): story.picture_text or ""} if story and story.picture else {}
    if team is not None:
        said = {str(one.id): one.text for one in await people.statements(team)} | said
    issue = await actions.about(actor, story) if story else None
    if story is None and (about := _uuid(form.value("issue"))) is not None:
        issue = await issues.issue(actor, about)
    return show(
        request, "stories/form.html", status=status, statements=list(said.items()),
        ideas=[(str(person), name) for person, name in (await queries.ideas(issue)).items()],
        form=form, heroes=[*heroes, (OTHER, _("Somebody else"))],
        teams=[(str(one.id), one.name) for one in teams], team=str(team or ""), other=OTHER, story=story, draft=draft,
    )  # fmt: skip


async def _must_tell(actor: Actor, team: UUID, day: UUID | None) -> None:
    spent = await bookings.booking(day) if day else None
    came = spent.manager if spent and spent.team == team and can(actor, Act.SEE_BOOKING, spent.thing()) else None
    if not can(actor, Act.TELL_STORY, Story(team=team, by=actor.person, day_manager=came)):
        raise Forbidden(_("Stories are told by the team, by who spent a day with it, and by the coordinator."))


async def _fixed_or_told(actor: Actor, form: Form, known_as: StoryRow | None) -> UUID | None:
    """Say who may be a hero without being of the team: who is told of already, who fixed the issue."""
    if known_as is not None:
        return known_as.hero
    issue = _uuid(form.value("issue"))
    return (await issues.issue(actor, issue)).owner if issue else None


@post("/stories")
async def tell(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Tell a story."""
    try:
        said = await read_form(request, Told)
        if said.team is None:
            raise BadInput(_("Pick a team."), fields={"team": _("Pick a team.")})
        form = StoryForm(team=said.team, day=said.day, issue=said.issue, agreed=said.agreed, **said.what())
        row = await actions.tell(actor, form, now=now)
    except (BadInput, Refused) as wrong:
        return await _form_page(request, actor, await _kept(request, wrong), status=wrong.status)
    return redirect(f"/stories/{row.id}", say=_("Told."), undo=f"/stories/{row.id}/withdrawal")


async def _kept(request: Asked, wrong: FloordayError) -> Form:
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    return Form(values, fields or {"text": wrong.sentence})


@get("/stories/{story_id:uuid}")
async def story_page(
    request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a story; to whoever gives the thanks with a draft of them."""
    return await _show(request, actor, story_id, now=now)


async def _show(
    request: Asked, actor: Actor, story_id: UUID, *, now: datetime, status: int = 200, form: Form | None = None
) -> Shown:
    row = await queries.story(actor, story_id)
    card = _card(row, actor, now=now)
    card["credit"] = rules.credit(row.fixed_by, (await queries.credited([row])).get(row.id, ""))
    draft = await _draft(row, actor) if card["may_thank"] and form is None else ""
    return show(
        request, "stories/story.html", status=status, card=card, form=form or Form({"thanks": draft}),
        has_address=row.hero is not None, chosen=row.consent.value,
        wheres=[(one.value, rules.say(one)) for one in (Consent.COMPANY, Consent.TEAM)],
    )  # fmt: skip


async def _draft(row: StoryRow, actor: Actor) -> str:
    """Draft a thank-you from what is known: the story, the customer's words, what one noted that day."""
    first = row.hero_said.split(maxsplit=1)[0]
    lines = [_("Dear %(name)s,", name=first), "", _("thank you. %(text)s", text=row.text)]
    if row.customer_words:
        who = row.customer or _("a customer")
        lines += ["", _("In the words of %(who)s: “%(words)s”", who=who, words=row.customer_words)]
    if noted := await queries.noted_that_day(row, actor.person):
        day = when.day(row.at.astimezone(ZoneInfo(actor.zone)).date())
        lines += ["", _("On my day with you (%(day)s) I also wrote down: %(text)s", day=day, text=noted[0])]
    return "\n".join([*lines, "", actor.name])


@get("/stories/{story_id:uuid}/edit")
async def edit_page(request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID]) -> Shown:
    """Let a story be told better."""
    row = await queries.story(actor, story_id)
    if not can(actor, Act.CHANGE_STORY, row.thing()):
        raise Forbidden(_("Who told it, the team's lead or the coordinator can."))
    return await _form_page(request, actor, Form({
        "text": row.text, "team": str(row.team), "hero": str(row.hero) if row.hero else OTHER,
        "hero_name": row.hero_name, "customer_words": row.customer_words, "customer": row.customer,
        "picture": str(row.picture or ""), "fixed_by": row.fixed_by, "idea_by": str(row.idea_by or ""),
    }), story=row)  # fmt: skip


@post("/stories/{story_id:uuid}")
async def change(
    request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say a story better."""
    row = await queries.story(actor, story_id)
    try:
        said = await read_form(request, Told)
        await actions.change(actor, story_id, Telling(**said.what()), now=now)
    except (BadInput, Refused) as wrong:
        return await _form_page(request, actor, await _kept(request, wrong), status=wrong.status, story=row)
    return redirect(f"/stories/{story_id}", say=_("Said better."))


@post("/stories/{story_id:uuid}/withdrawal")
async def withdraw(
    actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a story back."""
    await actions.withdraw(actor, story_id, now=now)
    return redirect("/stories", say=_("Taken back. Letters about it that had not left stay here."))


@post("/stories/{story_id:uuid}/thanks")
async def thank(
    request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Thank the hero, in a letter or by saying that it was done in person."""
    await queries.story(actor, story_id)
    try:
        given = await read_form(request, ThanksFields)
        if not given.said and not given.thanks:
            wrong = _("Write a word, or say that you thanked them in person.")
            raise BadInput(wrong, fields={"thanks": wrong})
        row = await actions.thank(actor, story_id, "" if given.said else given.thanks, now=now)
    except (BadInput, Refused) as wrong:
        return await _show(request, actor, story_id, now=now, status=wrong.status, form=await _kept(request, wrong))
    return redirect(f"/stories/{story_id}", say=_("Thanked. %(name)s reads it soon.", name=row.hero_said)
                    if row.thanks and row.hero else _("Thanked."))


@post("/stories/{story_id:uuid}/consent")
async def consent(
    request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say where one's own story may be told."""
    await queries.story(actor, story_id)
    given = await read_form(request, ConsentFields)
    await actions.consent(actor, story_id, given.consent, now=now)
    return redirect(f"/stories/{story_id}", say=rules.say(given.consent) + ".")


@get("/story/{token:str}", opt={LETTER_PAGE: True})
async def consent_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show a hero their story, and ask where it may be told."""
    held = await queries.consent_pass(token, now=now)
    if held is None:
        raise NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))
    row, hero = held
    return show(
        request, "stories/consent.html", token=token, text=row.text, words=row.customer_words, customer=row.customer,
        by=row.by_name or "", hero=hero.name, chosen=row.consent.value, standing=rules.say(row.consent), form=Form(),
    )  # fmt: skip


@post("/story/{token:str}", opt={LETTER_PAGE: True})
async def give_consent(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Keep it, because the hero pressed a button."""
    if await queries.consent_pass(token, now=now) is None:
        raise NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))
    given = await read_form(request, ConsentFields)
    await actions.consent_by_token(token, given.consent, now=now)
    return redirect(f"/story/{token}", say=_("Thank you. You can change it here at any time."))


router = Router(path="/", route_handlers=[
    stories_page, new_page, tell, draft_page, tell_draft, put_aside, take_up, story_page, edit_page, change, withdraw,
    thank, consent, consent_page, give_consent,
    *newsletters.handlers,
])  # fmt: skip
