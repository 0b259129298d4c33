"""Who is told what about an issue: facts frozen as they stand, in each reader's language and zone.

No letter names a reporter: some of them hide their name, and a list of the others would tell who.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.config import settings
from floorday.issues import queries
from floorday.issues.clocks import FLOOR_LETTERS, Deed
from floorday.issues.masks import say as say_masked
from floorday.issues.places import Place
from floorday.issues.queries import FROM_THE_FLOOR, IssueRow, Reader, Reporter
from floorday.issues.rules import Letter
from floorday.mail import daily, outbox, wishes
from floorday.mail.wishes import Pace
from floorday.people.access import Actor, Door
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import speaking

UNASKED = frozenset({Door.CALENDAR, Door.MAIL, Door.CLOCK, Door.CLI})
"""What comes through these doors has no Undo, so its letters leave at once."""

ASKS_VERDICT = frozenset({Letter.VERDICT_ASKED, FLOOR_LETTERS[Deed.VERDICT], FLOOR_LETTERS[Deed.STILL_FIXED]})
"""These carry the reporter's own link to say whether it is fixed."""

ASKS_OWNER = frozenset({Letter.REOPENED, Letter.DECISION_MADE})
"""What is news to those who raised it asks something of whoever fixes it."""

TO_OWNER = frozenset({Letter.OWNER_NAMED})
TO_SPONSOR = frozenset({Letter.SPONSOR_NAMED, Letter.DECISION_ASKED})
TO_BOTH = frozenset({Letter.REOPENED, Letter.CONFIRMED, Letter.DECISION_MADE})
"""These go to the owner as well as to those who raised it."""


UNMASKED_FOR = timedelta(days=30)
"""So long whoever wrote a note can say through a letter that what was masked was none."""

REPLIES_AT = "issue+"
REPLIES = "said"
"""Where letters about an issue are replied to, and the purpose of the token in that address: `said.<person>`."""


def reply_link(issue: UUID, reader: UUID) -> dict[str, Any]:
    """Give the token that stands in the address a reader replies to."""
    return {"purpose": f"{REPLIES}.{reader.hex}", "about": str(issue), "person": str(reader)}


def reply_address() -> str:
    """Give that address, with a place for its token."""
    return f"{REPLIES_AT}{{reply}}@{settings().mail_domain}"


class Occasion(Struct, frozen=True, kw_only=True):
    """What happened: the line of history it stands in, who did it, the words that go with it, and how it was before.

    `links` stand in its letters beside those of all.

    Nobody is told but those `among` whom it is (None: everybody); `question` is what was asked of the floor. The
    letters of a `timeless` one tell nothing of when it happened. `together`: they become one letter to each reader with
    those of all other steps whose Undo ends in that moment.
    """

    event: UUID
    actor: Actor | None
    now: datetime
    event_word: str
    before: IssueRow
    text: str = ""
    says: str = ""
    for_date: date | None = None
    other: IssueRow | None = None
    among: frozenset[UUID] | None = None
    timeless: bool = False
    question: str = ""
    links: dict[str, Any] = {}
    together: bool = False


async def tell(issue: IssueRow, letters: Sequence[Letter], occasion: Occasion) -> list[str]:
    """Post the letters that follow from a step, one to a person and none to who did it; returns their keys.

    News is gathered for its readers, or left out, as each of them wishes.
    """
    keys: list[str] = []
    told = {occasion.actor.person} if occasion.actor else set[UUID]()
    for letter in letters:
        for person in await _readers(issue, letter, occasion):
            if person.id not in told and (occasion.among is None or person.id in occasion.among):
                told.add(person.id)
                keys.append(await _post(issue, letter, occasion, person))
    return [one for one in keys if one]


async def tell_by_clock(
    issue: IssueRow, letter: str, *, cause: UUID, deed: str, reader: Reporter, now: datetime
) -> str:
    """Tell one of those who raised it what time has caused; the same cause again is the same letter.

    `deed` names it in any copy of the database.
    """
    occasion = Occasion(event=cause, actor=None, now=now, event_word="", before=issue)
    return await _post(issue, letter, occasion, reader, fresh=False, deed=deed)


async def sponsor_called(issue: IssueRow, actor: Actor, text: str, *, event: UUID, now: datetime) -> None:
    """Tell whoever fixes it which call its sponsor made."""
    owner = await queries.reader(issue.owner)
    if owner is not None and owner.id != actor.person:
        occasion = Occasion(event=event, actor=actor, now=now, text=text, event_word="unblocked", before=issue)
        await _post(issue, "sponsor_called", occasion, owner)


async def came_back(issue: IssueRow, text: str, *, event: UUID, now: datetime) -> None:
    """Tell the heads of service, and the sponsor, of what comes back again and again."""
    occasion = Occasion(event=event, actor=None, now=now, text=text, event_word="returned", before=issue)
    heads = await queries.heads_of_service()
    sponsor = await queries.reader(issue.sponsor)
    for reader in {one.id: one for one in (*heads, *([sponsor] if sponsor else []))}.values():
        await _post(issue, "returned_again", occasion, reader)


async def floor_said(issue: IssueRow, actor: Actor, text: str, *, event: UUID, now: datetime) -> None:
    """Tell whoever fixes it what somebody from the floor wrote; no name of the floor is in it."""
    owner = await queries.reader(issue.owner)
    if owner is not None and owner.id != actor.person:
        occasion = Occasion(event=event, actor=actor, now=now, text=text, event_word="word", before=issue)
        await _post(issue, "floor_said", occasion, owner)


async def thank(
    issue: IssueRow, actor: Actor, *, note: UUID, text: str, now: datetime, masked: Sequence[Place] = ()
) -> str:
    """Tell somebody that their own note has arrived, what was masked in it, and where to see what becomes of it.

    What was masked is said by its kind and place, with a link behind which its writer says that it was none.
    """
    me = Reader(id=actor.person, name=actor.name, email=actor.email, zone=actor.zone, language=actor.language)
    if masked:
        with speaking(actor.language):
            text += "\n\n" + "\n".join([_("Masked before it was kept:"), *(say_place(one) for one in masked)])
    links = {"unmask": {"purpose": f"{queries.UNMASK}.{me.id.hex}", "about": str(note), "person": str(me.id),
                        "path": "/unmask/{token}", "expires_at": now + UNMASKED_FOR}} if masked else {}  # fmt: skip
    occasion = Occasion(event=note, actor=actor, now=now, text=text, event_word="noted", before=issue, links=links)
    return await _post(issue, Letter.NOTE_THANKS, occasion, me)


def say_place(one: Place) -> str:
    """Say what was masked, and where."""
    where = {"title": _("in the title"), "idea": _("in the idea"), "fixed_like": _("in what fixed would look like")}
    beside = f"\N{LEFT DOUBLE QUOTATION MARK}{one.before}[…]{one.after}\N{RIGHT DOUBLE QUOTATION MARK}"
    said = _("%(what)s: %(beside)s", what=say_masked(one.what), beside=beside)
    return _("%(said)s (%(where)s)", said=said, where=where[one.field]) if one.field in where else said


async def unthank(issue: UUID, actor: Actor, *, note: UUID, now: datetime) -> None:
    """Keep the thanks for a note that was withdrawn before they left."""
    await outbox.take_back(about=issue, keys=[key(Letter.NOTE_THANKS, note, actor.person)], now=now)


async def _readers(issue: IssueRow, letter: Letter, occasion: Occasion) -> Sequence[Reader | Reporter]:
    if letter is Letter.ANSWERED:
        asked = [await queries.reader(person) for person in occasion.among or ()]
        return [one for one in asked if one is not None]
    if letter in TO_OWNER | TO_SPONSOR:
        one = await queries.reader(issue.owner if letter in TO_OWNER else issue.sponsor)
        return [one] if one else []
    floor: list[Reader | Reporter] = [*await queries.reporters(issue.id)]
    if letter in TO_BOTH and (owner := await queries.reader(issue.owner)):
        floor.append(owner)
    return floor


async def _post(
    issue: IssueRow, letter: str, occasion: Occasion, reader: Reader | Reporter, *, fresh: bool = True,
    deed: str = "",
) -> str:
    kind = wishes.Kind.ASKS if letter in ASKS_OWNER and reader.id == issue.owner else wishes.kind_of(letter)
    pace = await wishes.pace(reader.id, kind)
    if pace is Pace.NEVER:
        return ""
    own = key(letter, occasion.event, reader.id)
    page = occasion.other.id if letter is Letter.JOINED and occasion.other else issue.id
    links: dict[str, Any] = {"page": {"path": f"/issues/{page}"}, "reply": reply_link(issue.id, reader.id),
                             **occasion.links}
    if kind is not wishes.Kind.ASKS:
        links["unsubscribe"] = daily.wishes_link(reader.id, kind)
    if letter in ASKS_VERDICT:
        links["verdict"] = {"purpose": queries.purpose_for(reader.id), "about": str(issue.id),
                            "generation": issue.round, "person": str(reader.id), "path": "/verdict/{token}"}
    if letter is Letter.QUESTION:
        links["question"] = {"purpose": queries.question_for(reader.id), "about": str(occasion.event),
                             "person": str(reader.id), "path": "/question/{token}"}
    if letter is Letter.DECISION_ASKED:
        links["decision"] = {"purpose": queries.DECISION, "about": str(issue.id), "generation": issue.version,
                             "person": str(reader.id), "path": "/decision/{token}"}
    await outbox.post(
        str(letter), to=reader.email, to_name=reader.name, person=reader.id, about=issue.id, about_kind="issue",
        facts=_facts(issue, occasion, reader) | {"links": links}, key=own, now=occasion.now, reply_to=reply_address(),
        at_once=occasion.actor is None or occasion.actor.door in UNASKED, fresh=fresh,
        timeless=occasion.timeless, deed=deed,
        leaves_at=_gathered(occasion.now, reader.zone) if pace is Pace.DAILY else None,
        gathers=occasion.together,
    )  # fmt: skip
    return own


def _gathered(now: datetime, zone: str) -> datetime:
    """Say when news leaves with all other news of the day, and no sooner than it can no longer be undone."""
    return daily.leaves_at(now, zone, earliest=outbox.undo_lasts())


def key(letter: str, cause: UUID, reader: UUID) -> str:
    """Name a letter to somebody by what has caused it."""
    return f"{letter}:{cause}:{reader}"


def _facts(issue: IssueRow, occasion: Occasion, reader: Reader | Reporter) -> dict[str, Any]:
    """Freeze everything the letter says."""
    other, actor = occasion.other, occasion.actor
    named = actor is not None and occasion.event_word not in FROM_THE_FLOOR
    with speaking(reader.language):
        return {
            "language": reader.language,
            "reader": reader.name,
            "for_owner": reader.id == issue.owner,
            "number": issue.number,
            "title": issue.title,
            "team": issue.team_name,
            "department": issue.department_name or "",
            "owner": issue.owner_name or "",
            "promised": when.day(issue.promised_for) if issue.promised_for else "",
            "was": when.day(occasion.before.promised_for) if occasion.before.promised_for else "",
            "question": occasion.question or occasion.before.question or issue.question,
            "how": issue.resolution,
            "done": issue.done or occasion.before.done,
            "says": occasion.says,
            "text": occasion.text,
            "by": actor.name if actor is not None and named else settings().company,
            "other_number": other.number if other else None,
            "other_title": other.title if other else "",
        }
