"""The list of stories as a file: which columns it has. They hold what the list on the page says, and no more."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from floorday.config import settings
from floorday.render import refs
from floorday.render.sheets import Sheet, day, link, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _
from floorday.stories import rules
from floorday.stories.queries import StoryRow


def stories() -> Sheet[StoryRow]:
    """Give the columns of the stories that somebody may read; days are those of the programme's zone."""
    zone = ZoneInfo(settings().zone)
    return Sheet(name=_("Stories"), zone=zone.key, columns=(
        day(_("Day"), lambda row: row.at.astimezone(zone).date()), text(_("Team"), lambda row: row.team_name),
        text(_("Hero"), lambda row: row.hero_said), text(_("What happened"), lambda row: row.text),
        text(_("In the customer's words"), lambda row: row.customer_words),
        text(_("Customer"), lambda row: row.customer),
        text(_("Told by"), lambda row: row.by_name), text(_("Good service"), lambda row: row.picture_text),
        text(_("Who fixed it"), lambda row: row.fixed_by), text(_("May be told"), lambda row: rules.say(row.consent)),
        day(_("Thanked on"), lambda row: row.thanked_at and row.thanked_at.astimezone(zone).date()),
        text(_("Thanked by"), lambda row: row.thanked_by_name), text(_("Thank-you"), lambda row: row.thanks),
        text(_("Issue"), lambda row: refs.ref(row.issue_number) if row.issue_number else ""),
        link(_("Link"), lambda row: address(f"/stories/{row.id}")),
    ))  # fmt: skip
