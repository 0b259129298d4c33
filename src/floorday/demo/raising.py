"""Notes beside the plots: one with a photo, one by mail, one that names somebody and waits for the coordinator."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from io import BytesIO

from PIL import Image, ImageDraw

from floorday.db.text import Title
from floorday.demo import cast
from floorday.demo.stage import Company, Scene
from floorday.demo.workdays import Workdays
from floorday.inbox import actions as inbox
from floorday.issues import actions as issues
from floorday.issues.actions import reporting
from floorday.issues.photos import LONGEST, Photograph
from floorday.issues.rules import Kind, Stream
from floorday.mail import inbound

DAY = -2


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Let a member of the first team photograph a screen, another one write a mail, a third one name a colleague."""
    crew = cast.TEAMS[0]
    team = company.teams[crew.name]

    async def photographed(at: datetime) -> None:
        form = issues.NoteForm(
            text=issues.Said.parse("The order screen hides the last column, on every desk by the window"),
            stream=Stream.STAFF_TOLD, team=team, kind=Kind.WORKSPACE,
            idea=issues.Said.parse("Put the total in front"),
            fixed_like=issues.Said.parse("The total is seen without scrolling"), known_before=False,
        )  # fmt: skip
        await issues.note(company.actors[crew.members[1]], form, now=at, pictures=[a_screen()])

    async def wrote(at: datetime) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = cast.address(crew.members[-1]), issues.address_of(team)
        mail["Subject"], mail["Message-ID"] = "The headsets hiss after noon", "<headsets@mail.example>"
        mail.set_content(
            "Since the new firmware three of us hiss after lunch. A customer left her number,\n"
            "020 7946 0018, to hear it back.\n\nKind regards\n"
            "\nOn Monday your lead wrote:\n> Tell me what gets in the way.\n")
        key = await inbound.keep(mail.as_bytes(), door="lmtp", envelope_from=cast.address(crew.members[-1]),
                                 envelope_to=issues.address_of(team), now=at)  # fmt: skip
        kept = await inbound.found(key)
        await inbox.receive(kept, await inbox.read(kept), now=at)

    async def named(at: datetime) -> None:
        who = company.actors[crew.members[1]]
        form = issues.NoteForm(
            text=issues.Said.parse(
                f"{who.name} types each meter number three times on the late shift, because the form forgets it"),
            stream=Stream.STAFF_TOLD, team=team, kind=Kind.GLITCH,
            title=Title.parse("The form forgets the meter number"),
        )  # fmt: skip
        noted = await issues.note(company.actors[crew.members[-1]], form, now=at)
        await reporting.report_note(who, noted.note, "It is right, but please without my name.",
                                    now=at + timedelta(minutes=12))  # fmt: skip

    return [Scene(workdays.moment(DAY, "11:20", crew.zone), photographed),
            Scene(workdays.moment(DAY, "12:10", crew.zone), named),
            Scene(workdays.moment(DAY, "13:40", crew.zone), wrote)]  # fmt: skip


def a_screen() -> Photograph:
    """Draw a screen as a phone would photograph it."""
    seen = Image.new("RGB", (1200, 800), "#28323c")
    pen = ImageDraw.Draw(seen)
    pen.rectangle((90, 70, 1110, 650), fill="#f4f6f8", outline="#10161c", width=14)
    pen.rectangle((480, 650, 720, 740), fill="#10161c")
    for line in range(7):
        top = 130 + line * 68
        for place, wide in ((130, 260), (430, 180), (650, 220), (910, 240)):
            pen.rectangle((place, top, min(place + wide, 1096), top + 26), fill="#8fa3b5" if line else "#33567a")
    pen.rectangle((910, 110, 1096, 630), outline="#c2410c", width=8)
    written = BytesIO()
    seen.save(written, "JPEG", quality=80)
    assert max(seen.size) <= LONGEST
    return Photograph(written.getvalue(), *seen.size)
