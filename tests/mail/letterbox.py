"""What tests of letters share: a letter, its calendar part, and a way to post and send it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from floorday.config import Settings
from floorday.db import transaction, uuid7
from floorday.mail import outbox
from floorday.mail.smtp import Sender

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=11)


def facts(about: UUID, title: str = "Your day with the Leeds team") -> dict[str, Any]:
    return {"title": title, "links": {
        "answer": {"purpose": "answer", "about": str(about), "generation": 0, "path": "/answer/{token}"},
        "reply": {"purpose": "reply", "about": str(about), "generation": 0},
    }}


def event(about: UUID, *, method: str = "REQUEST", attendee: str = "ann@company.example") -> dict[str, Any]:
    return {"method": method, "uid": f"{about}@floorday.example", "sequence": 0, "attendee": attendee,
            "summary": "A day on the floor – Zoë's team"}


def calendar_part(told: dict[str, Any]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//floorday//test//EN", f"METHOD:{told['method']}",
             "BEGIN:VEVENT", f"UID:{told['uid']}", "DTSTAMP:20261124T120000Z", "DTSTART:20261201T090000Z",
             "DTEND:20261201T150000Z", f"SEQUENCE:{told['sequence']}",
             f"ORGANIZER;CN=floorday:mailto:{told['organizer']}",
             f"ATTENDEE:mailto:{told['attendee']}", f"SUMMARY:{told['summary']}", "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


async def post(about: UUID | None = None, *, to: str = "ann@company.example", to_name: str = "Ann Arden",
               key: str | None = None, now: datetime = NOON, **more: Any) -> UUID:
    about = about or uuid7()
    async with transaction():
        return await outbox.post(
            "greeting", to=to, to_name=to_name, person=None, about=about, about_kind="booking",
            facts=more.pop("facts", None) or facts(about), key=key or f"greeting:{uuid7()}", now=now, **more)


async def invite(about: UUID, **more: Any) -> UUID:
    told = event(about, method=more.pop("method", "REQUEST"))
    return await post(about, event=told, from_address="day+{reply}@floorday.example", **more)


def sender(port: int, **more: Any) -> Sender:
    how: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none",
                           "mail_domain": "floorday.example"}
    how |= {name: more.pop(name) for name in list(more) if name.startswith("smtp_")}
    return Sender(Settings(**how), timeout=more.pop("timeout", 5.0), **more)


async def deliver(port: int, *, now: datetime = LATER, limit: int = 20, **more: Any) -> outbox.Delivered:
    return await outbox.deliver(sender=sender(port, **more), calendar_part=calendar_part, now=now, limit=limit)
