"""A vendor: a firm outside that is asked by letter, says that it has it, and gives a date that waits for the owner."""

from __future__ import annotations

from datetime import datetime

from floorday.db.text import MailAddress, Title
from floorday.demo import cast
from floorday.demo.stage import Company, Scene
from floorday.demo.workdays import Workdays
from floorday.issues import queries
from floorday.issues.actions import references, vendors
from floorday.issues.actions.references import ReferenceForm
from floorday.issues.actions.vendors import Asked, HandOutForm, Like, Said, VendorForm
from floorday.issues.references import Pattern, Reference
from floorday.issues.vendors import Says
from floorday.people.access import Door

TITLE = "Call notes are cut at 255 characters without a warning"
OWNER, HEAD = "cleo.fontaine", "victor.hale"
TOLD, HAVE_IT, DATED = -6, -5, -1


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Let IT deal with a vendor, hand them one issue, and hear from them by two ways."""

    async def kept(at: datetime) -> None:
        head, it = company.actors[HEAD], company.departments[cast.IT]
        await vendors.set_link_pattern(head, it, Pattern("https://tracker.ferncastle.example/browse/{ref}"))
        for name, contact, address, speaks in (
            ("Quillmark Software", "Odile Marchand", "odile.marchand@quillmark.example", False),
            ("Brightline Telephony", "", "service@brightline.example", True),
        ):
            await vendors.add_vendor(head, VendorForm(
                name=Title(name), contact_name=Title(contact), email=MailAddress(address), department=it, speaks=speaks,
            ), now=at)  # fmt: skip

    async def asked(at: datetime) -> None:
        owner, issue = company.actors[OWNER], company.issues[TITLE]
        [firm] = [one for one in await queries.vendors(owner) if one.name == "Quillmark Software"]
        await references.refer(owner, issue, Reference("DESK-1182"), ReferenceForm(), now=at)
        await vendors.hand_out(owner, issue, HandOutForm(
            vendor=firm.id,
            words=Asked("The note field of your desk tool takes 255 characters and drops the rest without a word.\n"
                        "Please let it take 4,000, or say at least how many are left."),
            fixed_like=Like("A note of a page is saved as it was written"),
        ), now=at)  # fmt: skip

    async def said(at: datetime, said: Said) -> None:
        held = await queries.with_vendor(company.issues[TITLE])
        assert held is not None
        await vendors.say(held, said, door=Door.LETTER, now=at)

    zone, by_when = cast.LONDON, workdays.date(12)
    words = "It is in the release that we ship on that day."
    return [
        Scene(workdays.moment(TOLD, "09:00", zone), kept),
        Scene(workdays.moment(TOLD, "14:10", zone), asked),
        Scene(workdays.moment(HAVE_IT, "08:40", zone), lambda at: said(at, Said(says=Says.ACKNOWLEDGED))),
        Scene(workdays.moment(HAVE_IT, "08:42", zone), lambda at: said(at, Said(
            says=Says.REFERENCE, reference=Reference("QM-40917")))),
        Scene(workdays.moment(DATED, "15:25", zone), lambda at: said(at, Said(
            says=Says.DATE, for_date=by_when, text=words))),
    ]  # fmt: skip
