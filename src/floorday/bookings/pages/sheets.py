"""Shifts and days as files: which columns the lists have."""

from __future__ import annotations

from floorday.bookings import rules
from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.config import settings
from floorday.render.sheets import Sheet, link, moment, number, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _


def shifts() -> Sheet[tuple[ShiftRow, list[BookingRow]]]:
    """Give the columns of the shifts on offer, each with those who are booked on it."""
    return Sheet(name=_("Shifts"), zone=settings().zone, columns=(
        moment(_("Starts"), lambda row: row[0].starts_at), moment(_("Ends"), lambda row: row[0].ends_at),
        text(_("Time zone there"), lambda row: row[0].zone), text(_("Team"), lambda row: row[0].team_name),
        text(_("Place"), lambda row: row[0].place), text(_("Host"), lambda row: row[0].host_name),
        number(_("Seats"), lambda row: row[0].seats), number(_("Free"), lambda row: row[0].free),
        text(_("Who comes"), lambda row: ", ".join(day.manager_name for day in row[1])),
        link(_("Link"), lambda row: address(f"/shifts/{row[0].id}")),
    ))  # fmt: skip


def hosting() -> Sheet[BookingRow]:
    """Give the columns of the days that somebody hosts."""
    return Sheet(name=_("Days I host"), zone=settings().zone, columns=(
        moment(_("Starts"), lambda row: row.starts_at), moment(_("Ends"), lambda row: row.ends_at),
        text(_("Time zone there"), lambda row: row.zone), text(_("Manager"), lambda row: row.manager_name),
        text(_("Team"), lambda row: row.team_name), text(_("Place"), lambda row: row.place),
        text(_("State"), lambda row: rules.say(row.state)), link(_("Link"), lambda row: address(f"/bookings/{row.id}")),
    ))  # fmt: skip
