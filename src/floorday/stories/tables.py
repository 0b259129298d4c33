"""Good stories, about somebody of a team."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.bookings.tables import Booking
from floorday.db import uuid7
from floorday.issues.tables import Issue
from floorday.people.tables import Person, Statement, Team
from floorday.stories.rules import Consent


class Story(Table, tablename="story"):
    """What somebody did well. The hero is a person we know (`hero`), or only a name (`hero_name`).

    `customer` is the first name of whoever said `customer_words`, `issue` the one that was fixed in it, `consent` what
    the hero says about where it may be told. `thanks` are the words that they were thanked with, `picture` the
    statement of the team's picture of good service that it shows. `fixed_by` says in words who fixed what it is about,
    `idea_by` whose idea that was: a reporter of `issue` who told it under their name.

    A story that came by mail is a draft until somebody tells it: `drafted_at` says when it came, and it is withdrawn
    from that very moment, so that no list, count or export knows of it.
    """

    id = UUID(primary_key=True, default=uuid7)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    hero = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    hero_name = Varchar(length=200, default="")
    text = Text()
    customer_words = Text(default="")
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    day = ForeignKey(references=Booking, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    thanked_at = Timestamptz(null=True, default=None)
    external_id = Varchar(length=200, null=True, default=None)
    customer = Varchar(length=40, default="")
    consent = Varchar(length=8, choices=Consent, default=Consent.UNSAID)
    consent_at = Timestamptz(null=True, default=None)
    issue = ForeignKey(references=Issue, null=True, default=None, on_delete=OnDelete.restrict)
    thanks = Text(default="")
    thanked_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    withdrawn_at = Timestamptz(null=True, default=None)
    drafted_at = Timestamptz(null=True, default=None)
    picture = ForeignKey(references=Statement, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    fixed_by = Varchar(length=200, default="")
    idea_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)


class Newsletter(Table, tablename="newsletter"):
    """The stories of a month as they are put together, and since `sent_at` as they were sent; once for each month.

    `opening` are the coordinator's words on top.
    """

    id = UUID(primary_key=True, default=uuid7)
    month = Varchar(length=7)
    opening = Text(default="")
    kept_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    kept_at = Timestamptz()
    sent_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    sent_at = Timestamptz(null=True, default=None)


class NewsletterStory(Table, tablename="newsletter_story"):
    """A story in a newsletter, in its place; with `credit`, who fixed it and whose idea it was are named."""

    id = UUID(primary_key=True, default=uuid7)
    newsletter = ForeignKey(references=Newsletter, null=False, on_delete=OnDelete.restrict, index=True)
    story = ForeignKey(references=Story, null=False, on_delete=OnDelete.restrict)
    place = Integer(default=0)
    credit = Boolean(default=False)


GUARDS = (
    "CREATE UNIQUE INDEX newsletter_once ON newsletter (month)",
    "CREATE UNIQUE INDEX newsletter_story_once ON newsletter_story (story)",
    "CREATE UNIQUE INDEX story_external_id_once ON story (external_id) WHERE external_id IS NOT NULL",
    "CREATE INDEX story_draft ON story (drafted_at) WHERE drafted_at IS NOT NULL",
)
"""What a migration runs, the same on both databases."""
