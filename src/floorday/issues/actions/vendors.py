"""Vendors: kept by a department, handed an issue, heard, and taken at their word by the owner.

The owner inside stays the owner. What a vendor says is written down as theirs; to those who raised the issue it goes
as the owner's word, once the owner has said yes, or at once from a vendor that speaks for us.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.db.text import Language, MailAddress, Text, Title, ZoneName
from floorday.errors import BadInput, Forbidden, NotFound, Raced, Refused
from floorday.issues import moves, queries, rules, vendors
from floorday.issues.actions import following
from floorday.issues.actions.references import ReferenceForm, keep_reference
from floorday.issues.actions.steps import may, take, today
from floorday.issues.masks import mask
from floorday.issues.queries import HandOverRow, IssueRow, VendorRow, WordRow
from floorday.issues.references import Address, Pattern, Reference
from floorday.issues.rules import Resolution, Turn
from floorday.issues.tables import Issue, Vendor
from floorday.issues.vendors import Fate, Says
from floorday.mail import letters, outbox, tokens
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Door, OfDepartment, can
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import speaking

REPLIES_AT = "vendor+"
MOST_WORDS = 100
"""So much a vendor can say of one issue."""


class Asked(Text):
    """What a vendor is asked, in up to 2,000 characters."""

    __slots__ = ()
    longest = 2000
    multiline = True


class Like(Text):
    """What fixed would look like, in up to 500 characters."""

    __slots__ = ()
    longest = 500


class VendorForm(Struct, frozen=True, kw_only=True):
    """What is said of a vendor; with `speaks` what they say goes on without the owner's yes."""

    name: Title
    contact_name: Title = Title("")
    email: MailAddress
    department: UUID
    language: Language = Language("en")
    zone: ZoneName | None = None
    speaks: bool = False


class HandOutForm(Struct, frozen=True, kw_only=True):
    """Which vendor is asked, in whose words: these alone leave the house."""

    vendor: UUID
    words: Asked
    fixed_like: Like = Like("")


class Draft(Struct, frozen=True, kw_only=True):
    """A letter as it would leave: to whom, its subject, all of its text, and what stands for just this."""

    vendor: VendorRow
    title: str
    words: str
    fixed_like: str
    subject: str
    text: str
    digest: str


class Said(Struct, frozen=True, kw_only=True):
    """What a vendor says, of whatever kind."""

    says: Says
    text: str = ""
    for_date: date | None = None
    reference: Reference = Reference("")
    url: Address = Address("")


# --- the firms ---------------------------------------------------------------------------------------------------


async def add_vendor(actor: Actor, form: VendorForm, *, now: datetime) -> UUID:
    """Add a vendor of a department."""
    _keeps(actor, form.department)
    async with transaction():
        if form.department not in await queries.departments():
            wrong = _("There is no such department.")
            raise BadInput(wrong, fields={"department": wrong})
        return await moves.add_vendor(**_values(form), created_at=now)


async def change_vendor(actor: Actor, vendor_id: UUID, form: VendorForm) -> None:
    """Change a vendor; what is with them stays with them, and the address that it was sent to stays in the history."""
    async with transaction():
        row = await queries.vendor(actor, vendor_id)
        _keeps(actor, row.department)
        if form.department != row.department and (row.issues or form.department not in await queries.departments()):
            wrong = _("Take back what is with them first, then give them to another department.")
            raise BadInput(wrong, fields={"department": wrong})
        _keeps(actor, form.department)
        await moves.change_vendor(vendor_id, _values(form))


async def end_vendor(actor: Actor, vendor_id: UUID, *, now: datetime) -> int:
    """Stop dealing with a vendor; what is with them is taken back in the same moment. Returns how much that was."""
    async with transaction():
        row = await queries.vendor(actor, vendor_id)
        _keeps(actor, row.department)
        if row.ended_at is not None:
            return 0
        held = await queries.with_them(vendor_id)
        for one in held:
            await _taken_back(await queries.issue(None, one.issue), one, actor=actor, now=now)
        await moves.change_vendor(vendor_id, {Vendor.ended_at: now})
        return len(held)


async def resume_vendor(actor: Actor, vendor_id: UUID) -> None:
    """Deal with a vendor again; what was taken back stays so."""
    async with transaction():
        row = await queries.vendor(actor, vendor_id)
        _keeps(actor, row.department)
        await moves.change_vendor(vendor_id, {Vendor.ended_at: None})


async def set_link_pattern(actor: Actor, department: UUID, pattern: Pattern) -> None:
    """Say how a department's tracker makes a link of a reference; links that are there already stay as they are."""
    _keeps(actor, department)
    async with transaction():
        if department not in await queries.departments():
            raise NotFound(_("There is no such department."))
        await moves.set_link_pattern(department, pattern)


def _keeps(actor: Actor, department: UUID) -> None:
    if not can(actor, Act.KEEP_VENDORS, OfDepartment(department)):
        raise Forbidden(_("The head of the department, a coordinator or an admin does that."))


def _values(form: VendorForm) -> dict[str, Any]:
    return {
        "name": form.name, "contact_name": form.contact_name, "email": form.email, "department": form.department,
        "language": form.language, "zone": form.zone or settings().zone, "speaks": form.speaks,
    }  # fmt: skip


# --- handing over ------------------------------------------------------------------------------------------------


async def draft(actor: Actor, issue_id: UUID, form: HandOutForm) -> Draft:
    """Write the letter to a vendor without sending it, just as it would leave; its links are not shown."""
    return await _drafted(actor, await _to_hand_out(actor, issue_id), form)


async def hand_out(
    actor: Actor, issue_id: UUID, form: HandOutForm, *, now: datetime, seen: str | None = None
) -> IssueRow:
    """Hand an issue to a vendor by a letter; whoever had it before can say nothing more. The owner stays the owner.

    `seen` is the digest of the draft that was looked at; raise Raced where another letter would leave. None asks
    nobody.
    """
    async with transaction():
        row = await _to_hand_out(actor, issue_id)
        found = await _drafted(actor, row, form)
        if seen is not None and seen != found.digest:
            raise Raced(_("The letter would not be the one you have seen. Look at it again."))
        before = await queries.with_vendor(issue_id)
        if before is not None:
            await _taken_back(row, before, actor=actor, now=now, told=before.vendor != form.vendor)
            row = await queries.issue(None, issue_id)
        over = await moves.hand_over(
            issue=issue_id, vendor=found.vendor.id, contact_name=found.vendor.contact_name, email=found.vendor.email,
            title=found.title, words=found.words, fixed_like=found.fixed_like, by=actor.person, since=now,
        )  # fmt: skip
        await moves.save(row, {Issue.vendor: found.vendor.id, Issue.vendor_since: now, Issue.vendor_says: "",
                               Issue.vendor_date: None, Issue.changed_at: now})  # fmt: skip
        _write(issue_id, "vendor asked", over, by=actor.person, door=actor.door, now=now, text=_all_of(found))
        await outbox.post(
            "vendor_asked", to=found.vendor.email, to_name=found.vendor.contact_name or found.vendor.name, person=None,
            about=issue_id, about_kind="issue", key=f"vendor_asked:{over}", now=now,
            reply_to=f"{REPLIES_AT}{{reply}}@{settings().mail_domain}",
            facts=_facts(row, found.vendor, found) | {"links": {
                "page": {"purpose": "vendor", "about": str(over), "path": "/vendor/{token}"},
                "reply": {"purpose": "vendor-reply", "about": str(over)},
            }},
        )  # fmt: skip
        return await queries.issue(actor, issue_id)


async def hand_back(actor: Actor, issue_id: UUID, *, now: datetime) -> IssueRow:
    """Take an issue back from its vendor: their link and their address for replies are over at once."""
    async with transaction():
        row = await may(actor, Act.HAND_OUT, issue_id, no=_("The owner and the department do that."))
        held = await queries.with_vendor(issue_id)
        if held is None:
            raise Refused(_("No vendor has it."))
        await _taken_back(row, held, actor=actor, now=now)
        return await queries.issue(actor, issue_id)


async def _to_hand_out(actor: Actor, issue_id: UUID) -> IssueRow:
    row = await may(actor, Act.HAND_OUT, issue_id, no=_("The owner and the department do that."))
    if row.turn in {Turn.TELL_FLOOR, Turn.CLOSED}:
        raise Refused(_("It is not being fixed any more, so there is nothing to hand to a vendor."))
    if row.owner is None or row.owner_left_at is not None:
        raise Refused(_("Name its owner first. A vendor fixes it, and somebody of ours answers for that."))
    return row


async def _drafted(actor: Actor, row: IssueRow, form: HandOutForm) -> Draft:
    found = next((one for one in await queries.vendors(actor, only=form.vendor, ended=False)), None)
    if found is None or found.department != row.department or not found.email:
        wrong = _("Choose a vendor that the department deals with.")
        raise BadInput(wrong, fields={"vendor": wrong})
    words = await _safe(form.words, row, actor)
    if not words:
        wrong = _("Say what is to be fixed, in your words: nothing else of the issue leaves the house.")
        raise BadInput(wrong, fields={"words": wrong})
    made = Draft(vendor=found, title=await _safe(row.title, row, actor), words=words, subject="", text="", digest="",
                 fixed_like=await _safe(form.fixed_like, row, actor))  # fmt: skip
    subject, text = letters.drafted("vendor_asked", to_name=found.contact_name or found.name,
                                    facts=_facts(row, found, made))  # fmt: skip
    kept = f"{found.id}|{found.email}|{subject}|{text}"
    return structs.replace(made, subject=subject, text=text, digest=hashlib.sha256(kept.encode()).hexdigest()[:32])


async def _safe(text: str, row: IssueRow, actor: Actor) -> str:
    """Mask what customers gave away, and the whole names of all our people but of who writes and who owns it."""
    text = mask(text.strip(), zone=row.team_zone)
    for name in await queries.named_in(text):
        if name not in {actor.name, row.owner_name}:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _("[name]"), text, flags=re.IGNORECASE)
    return text


def _all_of(found: Draft) -> str:
    return f"{found.words}\n\n{found.fixed_like}" if found.fixed_like else found.words


def _facts(row: IssueRow, vendor: VendorRow, found: Draft) -> dict[str, Any]:
    """Freeze everything that the letter says; of the issue no more than its number, title, kind, owner, department."""
    with speaking(vendor.language):
        return {
            "language": vendor.language, "number": row.number, "title": found.title, "kind": rules.say_kind(row.kind),
            "words": found.words, "fixed_like": found.fixed_like, "owner": row.owner_name or "",
            "department": row.department_name or "",
        }  # fmt: skip


async def _taken_back(
    row: IssueRow, held: HandOverRow, *, actor: Actor | None, now: datetime, told: bool = True
) -> None:
    """End a handing over with its links; a letter that has not left stays here, else the vendor is told."""
    await moves.take_back(held.id, by=actor.person if actor else None, now=now)
    await tokens.revoke("vendor", held.id, now=now)
    await tokens.revoke("vendor-reply", held.id, now=now)
    await moves.save(row, {Issue.vendor: None, Issue.vendor_since: None, Issue.vendor_says: "",
                           Issue.vendor_date: None, Issue.changed_at: now})  # fmt: skip
    _write(held.issue, "vendor back", held.id, by=actor.person if actor else None,
           door=actor.door if actor else Door.CLOCK, now=now)  # fmt: skip
    kept_here = await outbox.take_back(about=held.issue, keys=[f"vendor_asked:{held.id}"], now=now)
    if told and not kept_here and held.email:
        with speaking(held.language):
            facts = {"language": held.language, "number": held.number, "title": held.title, "owner": held.owner_name,
                     "department": held.department_name}  # fmt: skip
        await outbox.post("vendor_released", to=held.email, to_name=held.contact_name or held.vendor_name, person=None,
                          about=held.issue, about_kind="issue", facts=facts, key=f"vendor_released:{held.id}",
                          now=now)  # fmt: skip


def _write(
    issue_id: UUID, what: str, over: UUID, *, by: UUID | None, door: Door, now: datetime, text: str = "",
    says: str = "", for_date: date | None = None,
) -> None:  # fmt: skip
    """Write a line of history about a vendor."""
    moves.add_event({
        "id": uuid7(), "issue": issue_id, "at": now, "what": what, "by": by, "door": door.value, "text": text,
        "for_date": for_date, "says": says, "reporter": None, "note": None, "other": over, "round": 0, "undo": "",
    })  # fmt: skip


# --- what the vendor says ----------------------------------------------------------------------------------------


async def say_by_token(token: str, said: Said, *, now: datetime) -> Fate:
    """Take what a vendor says on the page behind their link."""
    held = await queries.vendor_link(token, now=now)
    if held is None:
        raise NotFound(_("This link is no longer valid. The matter was taken back, or a newer link was sent."))
    return await say(held, said, door=Door.LETTER, now=now)


async def say(held: HandOverRow, said: Said, *, door: Door, now: datetime) -> Fate:
    """Write down what a vendor says of an issue that is with them, and ask the owner, or pass it on."""
    async with transaction():
        row = await queries.issue(None, held.issue)
        vendors.check(said.says, text=said.text, for_date=said.for_date, today=today(now),
                      closed=row.turn is Turn.CLOSED)  # fmt: skip
        text = mask(Asked.parse(said.text), zone=row.team_zone)
        said = structs.replace(said, text=text, for_date=said.for_date if said.says is Says.DATE else None)
        if await _said_before(held, said):
            return Fate.KEPT
        if await queries.count_words(held.id) >= MOST_WORDS:
            raise Refused(_("That is a lot of words. Please write to the owner directly."))
        if said.says is Says.REFERENCE:
            form = ReferenceForm(url=said.url)
            if not await keep_reference(row, said.reference, form, by=None, vendor=held.vendor, now=now):
                return Fate.KEPT
            said = structs.replace(said, text=str(said.reference))
            row = await queries.issue(None, held.issue)
        await moves.acknowledge(held.id, now=now)
        return await _heard(row, held, said, door=door, now=now)


async def _said_before(held: HandOverRow, said: Said) -> bool:
    """Say whether just this was said already: acknowledged once, or the same again while it waits."""
    if said.says is Says.ACKNOWLEDGED:
        return held.acknowledged_at is not None
    return any(
        (one.kind, one.text, one.for_date) == (said.says, said.text, said.for_date)
        for one in await queries.waiting_words(held.issue)
    )


async def _heard(row: IssueRow, held: HandOverRow, said: Said, *, door: Door, now: datetime) -> Fate:
    fate = vendors.fate(said.says, speaks=held.speaks)
    _write(row.id, "vendor said", held.id, by=None, door=door, now=now, text=said.text, says=said.says.value,
           for_date=said.for_date)  # fmt: skip
    await moves.overtake(held.id, vendors.overtakes(said.says), now=now)
    if fate is Fate.PASSED and not await _passed_on(row, held, said, now=now):
        fate = Fate.WAITS
    word = await moves.add_vendor_word(
        hand_over=held.id, at=now, kind=said.says.value, text=said.text, for_date=said.for_date, fate=fate.value,
        door=door.value, settled_at=None if fate is Fate.WAITS else now,
    )  # fmt: skip
    await _beside(row.id, now=now)
    if fate in {Fate.WAITS, Fate.PASSED}:
        await _tell_owner(row, held, said, word, fate, now=now)
    return fate


async def _passed_on(row: IssueRow, held: HandOverRow, said: Said, *, now: datetime) -> bool:
    """Take the step that the words of a vendor who speaks for us are; False where no such step fits the issue."""
    words = _("%(vendor)s: %(words)s", vendor=held.vendor_name, words=said.text) if said.text else ""
    facts = row.facts(cannots=await queries.cannots(row.id))
    values: dict[Any, Any] = {}
    try:
        match said.says:
            case Says.DATE if said.for_date is not None:
                because = words or _("%(vendor)s gives this date.", vendor=held.vendor_name)
                decision = rules.promise(facts, said.for_date, because=because, today=today(now))
                values = {Issue.promised_for: said.for_date}
                words = because
            case Says.WORD:
                decision = rules.update(facts, words)
            case Says.FIXED | Says.CANNOT:
                how = Resolution.EVERYBODY if said.says is Says.FIXED else Resolution.CANNOT
                decision = rules.resolve(facts, how, words)
                values = {Issue.resolution: how.value, Issue.done: words, Issue.question: "",
                          Issue.resolved_by: None, Issue.resolved_at: now}  # fmt: skip
            case _:
                return False
    except (Refused, BadInput):
        return False
    await take(row, decision, actor=None, now=now, text=words, values=values)
    return True


async def _beside(issue_id: UUID, *, now: datetime) -> None:
    """Keep beside the issue what of a vendor's words waits for the owner: the newest."""
    waits = await queries.waiting_words(issue_id)
    newest = waits[-1] if waits else None
    row = await queries.issue(None, issue_id)
    says, for_date = (newest.kind.value, newest.for_date) if newest else ("", None)
    if (row.vendor_says, row.vendor_date) != (says, for_date):
        await moves.save(row, {Issue.vendor_says: says, Issue.vendor_date: for_date, Issue.changed_at: now})


async def _tell_owner(
    row: IssueRow, held: HandOverRow, said: Said, word: UUID, fate: Fate, *, now: datetime
) -> None:
    reader = await people.reader(row.owner)
    if reader is None:
        return
    links: dict[str, Any] = {"page": {"path": f"/issues/{row.id}"}}
    if fate is Fate.WAITS:
        links["confirm"] = {"purpose": "vendor-word", "about": str(word), "person": str(reader.id),
                            "path": "/vendor-word/{token}"}  # fmt: skip
    with speaking(reader.language):
        facts = {
            "language": reader.language, "number": row.number, "title": row.title, "vendor": held.said_by,
            "says": said.says.value, "text": said.text, "passed": fate is Fate.PASSED, "links": links,
            "date": when.day(said.for_date) if said.for_date else "", "department": row.department_name or "",
            "owner": "", "promised": when.day(row.promised_for) if row.promised_for else "",
        }  # fmt: skip
    await outbox.post("vendor_said", to=reader.email, to_name=reader.name, person=reader.id, about=row.id,
                      about_kind="issue", facts=facts, key=f"vendor_said:{word}", now=now, at_once=True)  # fmt: skip


# --- what the owner makes of it ----------------------------------------------------------------------------------


async def take_at_word(
    actor: Actor, issue_id: UUID, word_id: UUID, *, now: datetime, text: str | None = None,
    how: Resolution = Resolution.EVERYBODY,
) -> IssueRow:  # fmt: skip
    """Say yes to what a vendor said: it becomes the owner's promise, update or resolution. `text` is said instead.

    None says the vendor's own words; "" says none with a date, and is refused with anything else.
    """
    async with transaction():
        word = await _waiting(actor, issue_id, word_id)
        said = word.text if text is None else mask(text, zone="")
        match word.kind:
            case Says.DATE if word.for_date is not None:
                await following.promise(actor, issue_id, word.for_date, said, now=now)
            case Says.WORD:
                await following.update(actor, issue_id, said, now=now)
            case Says.FIXED:
                if how is Resolution.CANNOT:
                    raise BadInput(_("Please choose one of the list."))
                await following.resolve(actor, issue_id, how, said, now=now)
            case Says.CANNOT:
                await following.resolve(actor, issue_id, Resolution.CANNOT, said, now=now)
            case _:
                raise Refused(_("There is nothing to pass on."))
        await moves.settle_word(word_id, Fate.PASSED, by=actor.person, now=now)
        await _beside(issue_id, now=now)
        return await queries.issue(actor, issue_id)


async def put_aside(actor: Actor, issue_id: UUID, word_id: UUID, *, now: datetime) -> IssueRow:
    """Let what a vendor said go no further; nobody is told, and it stays in the history."""
    async with transaction():
        word = await _waiting(actor, issue_id, word_id)
        await moves.settle_word(word_id, Fate.ASIDE, by=actor.person, now=now)
        _write(issue_id, "vendor aside", word.hand_over, by=actor.person, door=actor.door, now=now)
        await _beside(issue_id, now=now)
        return await queries.issue(actor, issue_id)


async def _waiting(actor: Actor, issue_id: UUID, word_id: UUID) -> WordRow:
    row = await may(actor, Act.UPDATE, issue_id, no=_("The owner and the department do that."))
    word = await queries.vendor_word(word_id)
    if word is None or word.issue != row.id:
        raise NotFound(_("No vendor has said that."))
    if word.fate is not Fate.WAITS:
        raise Raced(_("This waits for nobody any more. Look at the issue again."))
    return word


async def settle_by_token(
    token: str, *, yes: bool, now: datetime, text: str | None = None, how: Resolution = Resolution.EVERYBODY
) -> None:
    """Say yes or no to what a vendor said, by the button of a letter."""
    found = await queries.vendor_word_link(token, now=now)
    actor = await people.actor(found[0].person, door=Door.LETTER) if found else None
    if found is None or actor is None:
        raise NotFound(_("This link is no longer valid. A newer letter may have come since; look for that."))
    held, word = found
    if yes:
        await take_at_word(actor, held.issue, word.id, now=now, text=text, how=how)
    else:
        await put_aside(actor, held.issue, word.id, now=now)


# --- by mail -----------------------------------------------------------------------------------------------------


async def replied_at(address: str, *, now: datetime) -> HandOverRow | None:
    """Find the handing over whose own address for replies this is, while it lasts."""
    local, _at, domain = address.strip().lower().rpartition("@")
    if not local.startswith(REPLIES_AT) or domain != settings().mail_domain.lower():
        return None
    return await queries.vendor_reply(local.removeprefix(REPLIES_AT), now=now)


async def word_by_mail(held: HandOverRow, text: str, *, now: datetime) -> Fate:
    """Take the newest words of a vendor's mail; the rest of a long one stays in the mail."""
    words = text.strip()
    words = words if len(words) <= Asked.longest else words[: Asked.longest - 1].rstrip() + "…"
    return await say(held, Said(says=Says.WORD, text=Asked.parse(words)), door=Door.MAIL, now=now)


__all__ = [
    "REPLIES_AT", "Asked", "Draft", "HandOutForm", "Like", "Said", "VendorForm", "add_vendor",
    "change_vendor", "draft", "end_vendor", "hand_back", "hand_out", "put_aside", "replied_at", "resume_vendor", "say",
    "say_by_token", "set_link_pattern", "settle_by_token", "take_at_word", "word_by_mail",
]
