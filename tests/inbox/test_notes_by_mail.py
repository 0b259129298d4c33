"""A note by mail: from somebody of the team to the team's own address, and from nobody else."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from PIL import Image

from floorday import worker
from floorday.db import run_sql
from floorday.issues import actions as issues
from floorday.issues.tables import Issue, Note, Photo
from floorday.mail import outbox
from tests.cast import NOW, Cast, make_cast
from tests.inbox.door import Keeping, posted

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


def a_photo() -> bytes:
    drawn = BytesIO()
    Image.effect_noise((300, 200), 80).save(drawn, "JPEG")
    return drawn.getvalue()


def a_mail(
    cast: Cast, *, sender: str = "", to: str = "", subject: str = "Refunds wait", text: str = "", photo: bool = False,
    message_id: str = "<note-1@mail.example>", **headers: str,
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"] = sender or cast.fay.email, to or issues.address_of(cast.billing)
    mail["Subject"], mail["Message-ID"] = subject, message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    said = "They wait for a weekly batch.\nCall 020 7946 0018.\n\n-- \nFay\n\nOn Tue, Ben wrote:\n> Old\n"
    mail.set_content(text or said)
    if photo:
        mail.add_attachment(a_photo(), maintype="image", subtype="jpeg", filename="my-home.jpg")
    return mail.as_bytes()


async def reason() -> str:
    rows = await run_sql("SELECT reason FROM inbound_mail ORDER BY received_at DESC, id DESC")
    return str(rows[0]["reason"])


async def test_a_mail_opens_a_note_with_its_photo_and_is_thanked_for(cast: Cast) -> None:
    assert await posted(a_mail(cast, photo=True), now=LATER) == "note-opened"
    [note] = await Note.select()
    assert note["text"] == "They wait for a weekly batch. Call [phone number]."
    assert (note["team"], note["reporter"]) == (cast.billing, cast.fay.person)
    [issue] = await Issue.select()
    assert issue["title"] == "Refunds wait"
    [photo] = await Photo.select()
    assert (photo["note"], photo["width"], photo["height"]) == (note["id"], 300, 200)
    assert "has raised FD-" in await reason()
    box = Keeping()
    await outbox.deliver(sender=box, calendar_part=worker.calendar_part, now=LATER, limit=50)
    thanks = b"".join(box.raw).decode()
    assert "FD-" in thanks
    assert "Masked before it was kept:" in thanks
    assert "/unmask/" in thanks
    assert "7946" not in thanks


async def test_the_same_mail_twice_opens_one_note(cast: Cast) -> None:
    assert await posted(a_mail(cast), now=LATER) == "note-opened"
    assert await posted(a_mail(cast), now=LATER) == "ignored-duplicate"
    assert await Note.count() == 1


@pytest.mark.parametrize(("who", "code"), [("cleo", "not of the team"), ("nobody", "Nobody of ours")])
async def test_who_is_not_of_the_team_waits_for_a_person(cast: Cast, who: str, code: str) -> None:
    sender = cast.cleo.email if who == "cleo" else "somebody@else.example"
    assert await posted(a_mail(cast, sender=sender), now=LATER) == "needs-human"
    assert code in await reason()
    assert not await Note.count()


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated"}])
async def test_an_automatic_mail_never_opens_one(cast: Cast, headers: dict[str, str]) -> None:
    assert await posted(a_mail(cast, **headers), now=LATER) == "ignored-auto-reply"
    assert await posted(a_mail(cast, message_id="<n2@mail.example>"), now=LATER, sender="") == "ignored-auto-reply"
    assert not await Note.count()


async def test_a_list_a_wrong_address_and_no_words_wait(cast: Cast) -> None:
    assert await posted(a_mail(cast, List_Id="<team.example>"), now=LATER) == "needs-human"
    guessed = f"notes+{'a' * 26}@{issues.address_of(cast.billing).partition('@')[2]}"
    assert await posted(a_mail(cast, to=guessed, message_id="<n3@mail.example>"), now=LATER) == "needs-human"
    assert await posted(a_mail(cast, subject="", text="> only old words\n", message_id="<n4@mail.example>"),
                        now=LATER) == "needs-human"  # fmt: skip
    assert not await Note.count()


async def test_a_picture_that_is_none_takes_nothing_from_the_words(cast: Cast) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = cast.fay.email, issues.address_of(cast.billing), "<n5@mail.example>"
    mail.set_content("The chair is broken")
    mail.add_attachment(b"no photo" * 1000, maintype="image", subtype="png", filename="x.png")
    assert await posted(mail.as_bytes(), now=LATER) == "note-opened"
    assert (await Note.count(), await Photo.count()) == (1, 0)
