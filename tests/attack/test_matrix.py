"""Every door by everybody: the table below says what each is answered, and is read against docs/access.md.

The table is written by hand and never made from the program. A route that it lacks fails; those for programs have
their own in tests/api. Each row is asked from the
same world: what a request has changed is put back before the next. 303 did it, 409 and 422 were let in and found
nothing to do or something missing, 403 is visible and forbidden, 404 is not there for this person, 401 and the way to
the sign-in page (shown as "in") ask who it is.
"""

# A row of the table stays one line.
# ruff: noqa: E501

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from floorday import config, db
from floorday.bookings import actions as bookings
from floorday.bookings.queries import BookingRow
from floorday.db.text import MailAddress, Prose, Title
from floorday.issues import actions as issues
from floorday.issues import queries as issue_queries
from floorday.issues.actions import NoteForm, Said, reporting, suggesting, vendors
from floorday.issues.photos import Photograph
from floorday.issues.places import digest_of
from floorday.issues.rules import Resolution, Stream, Verdict
from floorday.mail import tokens as mail_tokens
from floorday.mail.tables import InboundMail, Letter
from floorday.measures import actions as measures
from floorday.measures.actions import MeasureForm
from floorday.people import access
from floorday.people import actions as people
from floorday.people import queries as found
from floorday.people.access import Actor, DeviceKind, Grant, Role
from floorday.people.actions import TokenForm
from floorday.people.tables import Alias, Assists, Department, Person, Session
from floorday.people.tables import Grant as GrantRow
from floorday.pictures import actions as pictures
from floorday.public import actions as public
from floorday.render import tokens
from floorday.setup import actions as setup
from floorday.setup.rules.columns import Subject
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm, newsletters
from floorday.stories.actions.newsletters import Choice
from floorday.stories.rules import Consent
from floorday.stories.tables import Newsletter, Story
from floorday.summaries import actions as summaries
from floorday.summaries import queries as sent_months
from floorday.summaries.figures import COMPANY
from floorday.summaries.tables import SummaryMonth, SummaryReader
from floorday.web.api import SCOPES
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.doors.house import Caller, caller
from tests.site import whole_app

FORM = "application/x-www-form-urlencoded"
PHOTO = Photograph(b"a photo", 8, 8)

WHO = "eva ben fay bea ines cleo ann max dan dov gus ike hed hal hana ada nora nobody screen desk"
"""Coordinator; Billing's lead, its member who hosts and raised the issues, another member; Claims' lead and member; the
day's manager, another one; the assistant of each; the issues' owner, another owner and the head of IT, an owner in
Legal; head of service, admin, somebody without a role, nobody signed in; Billing's wall screen, which brings its key as
whatever one can bring (link, cookie, bearer), and Billing's desk."""

TABLE = """
GET /                                                     | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303  in  in  in
GET /answer/{token}                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /answer/{token}                                      | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
POST /answer/{token}/date                                 | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /bookings/hosting                                     | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
GET /bookings/hosting?as=csv                              | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
GET /bookings/hosting?as=xlsx                             | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
GET /bookings/{booking_id}                                | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404  in  in  in
POST /bookings/{booking_id}/again                         | 303 303 303 303 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/answer                        | 403 403 403 403 404 404 303 404 303 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/cancellation                  | 303 303 403 403 404 404 303 404 303 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/held                          | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/missed                        | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/move                          | 303 303 403 403 404 404 303 404 303 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/postponement                  | 303 303 403 403 404 404 303 404 303 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/proposals/{proposal_id}/acceptance | 303 303 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/proposals/{proposal_id}/refusal | 303 303 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/read-back                     | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/reminder                      | 409 409 409 409 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/undo                          | 409 409 409 409 404 404 409 404 409 404 404 404 404 404 409 409 404 401 401 401
GET /days/{booking_id}/notes                              | 200 200 200 200 404 404 200 404 403 404 404 404 404 404 200 403 404  in  in  in
GET /days/{booking_id}/notes?as=csv                       | 200 200 200 200 404 404 200 404 403 404 404 404 404 404 200 403 404  in  in  in
GET /days/{booking_id}/notes?as=xlsx                      | 200 200 200 200 404 404 200 404 403 404 404 404 404 404 200 403 404  in  in  in
POST /days/{booking_id}/notes                             | 303 303 303 303 404 404 303 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /days/{booking_id}/notes/read-back                   | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
GET /decision/{token}                                     | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /decision/{token}                                    | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /demo                                                 | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /demo                                                | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET /departments/{department_id}                         | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /departments/{department_id}?as=csv                  | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /departments/{department_id}?as=xlsx                 | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /desk                                                 | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200
GET /desk/huddle                                          | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200
GET /desk/issues/{issue_id}                               | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200
GET /desk/issues/{issue_id} restricted                    | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /desk/issues/{issue_id}/verdicts                     | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 303
POST /desk/issues/{issue_id}/asked                        | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200
POST /desk/issues/{issue_id}/answers                      | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 303
POST /desk/issues/{issue_id}/notes                        | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 303
POST /desk/issues/{issue_id}/notes restricted             | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /desk/notes                                          | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 303
GET /desk/notes/new                                       | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200
POST /desk/notes/{note_id}/withdrawal                     | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /desk/similar                                        | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200
GET /follow                                               | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /follow                                              | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /follow/verdict                                      | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /follow/word                                         | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /follow/answer                                       | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET /friction                                             | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /friction?as=csv                                      | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /friction?as=xlsx                                     | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /good-news                                            | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /good-news?as=csv                                     | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /good-news?as=xlsx                                    | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /hard-ones                                            | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
POST /hard-ones/{month}/exchanges                         | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
POST /hard-ones/{month}/picks                             | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
GET /health/live                                          | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /health/ready                                         | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /inbox                                                | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /inbox?as=csv                                         | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /inbox?as=xlsx                                        | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /inbox/letters                                        | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /inbox/letters?as=csv                                 | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /inbox/letters?as=xlsx                                | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
POST /inbox/letters/{letter_id}/again                     | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /inbox/{mail_id}                                      | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
POST /inbox/{mail_id}/acceptance                          | 404 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/alias                               | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/answer                              | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/assistant                           | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/dismissal                           | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/proposal                            | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/refusal                             | 404 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/undo                                | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /invitations                                         | 303 303 303 303 404 404 404 404 404 404 404 404 404 404 403 403 404 401 401 401
GET /invitations/new                                      | 200 200 200 200 200 200 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /issues                                               | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /issues?as=csv                                        | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /issues?as=xlsx                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /issues/bulk                                          | 200 200 403 403 200 403 403 403 403 403 200 200 200 200 403 403 403  in  in  in
POST /issues/bulk                                         | 200 200 403 403 200 403 403 403 403 403 200 200 200 200 403 403 403 401 401 401
POST /issues/bulk/undo                                    | 200 200 403 403 200 403 403 403 403 403 200 200 200 200 403 403 403 401 401 401
GET /issues/worth                                         | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /issues/{issue_id}                                    | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404  in  in  in
GET /issues/{issue_id} restricted                         | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404  in  in  in
POST /issues/{issue_id}/answers                           | 403 403 303 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/conflict                          | 303 403 403 403 403 403 403 403 404 404 403 403 403 403 303 403 404 401 401 401
POST /issues/{issue_id}/calls                             | 403 403 403 403 403 403 303 403 404 404 403 403 403 403 303 403 404 401 401 401
POST /issues/{issue_id}/decisions                         | 403 403 403 403 403 403 303 403 404 404 403 403 403 403 303 403 404 401 401 401
POST /issues/{issue_id}/decline                           | 303 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/join                              | 303 303 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/measure                           | 303 303 303 303 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/notes                             | 303 303 303 303 303 303 303 303 404 404 303 303 303 303 303 403 403 401 401 401
POST /issues/{issue_id}/notes restricted                  | 303 303 303 303 404 404 303 404 404 404 303 303 303 404 303 403 403 401 401 401
POST /issues/{issue_id}/notes/{note_id}/correction        | 409 404 303 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /issues/{issue_id}/notes/{note_id}/issue             | 303 303 403 403 404 404 403 404 404 404 403 403 403 404 403 404 404 401 401 401
POST /issues/{issue_id}/owner                             | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/picture                           | 303 303 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/promises                          | 403 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/questions                         | 403 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/reporter-questions                | 303 303 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/reporter-questions/withdrawal     | 303 303 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/references                        | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/references/removal                | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/resolution                        | 403 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/restriction                       | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/returns                           | 303 303 303 303 303 303 303 303 404 404 303 303 303 303 303 303 404 401 401 401
POST /issues/{issue_id}/snooze                            | 303 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/split                             | 303 303 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/sponsor                           | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/suggestions                       | 403 303 403 403 303 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/title                             | 303 303 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/undo                              | 409 409 409 409 403 403 409 403 404 404 409 409 409 403 409 403 404 401 401 401
POST /issues/{issue_id}/updates                           | 403 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
GET /issues/{issue_id}/vendor                             | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404  in  in  in
POST /issues/{issue_id}/vendor                            | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/vendor/return                     | 403 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/vendor/words/{word_id}            | 403 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /issues/{issue_id}/verdicts                          | 403 403 303 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/wake                              | 303 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
GET /mailbox                                              | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /mailbox/letters/{letter}                             | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /mailbox/letters/{letter}/answer                     | 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422
GET /mailbox/letters/{letter}/html                        | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /mailbox/letters/{letter}/proposal                   | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET /mailbox/{person}                                     | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /measures                                             | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /measures?as=csv                                      | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /measures?as=xlsx                                     | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /measures/new                                         | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
POST /measures/new                                        | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 403 401 401 401
GET /measures/{measure_id}                                | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /measures/{measure_id}?as=csv                         | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /measures/{measure_id}?as=xlsx                        | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
POST /measures/{measure_id}                               | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 403 401 401 401
POST /measures/{measure_id}/retirement                    | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 403 401 401 401
POST /measures/{measure_id}/return                        | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 403 401 401 401
POST /measures/{measure_id}/reviews                       | 303 403 403 403 403 403 403 403 403 403 403 403 303 403 303 403 403 401 401 401
GET /notes/new                                            | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 403  in  in  in
POST /notes/new                                           | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 403 403 401 401 401
POST /notes/{note_id}/correction-request                  | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/dismissal                           | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/issue-restriction                   | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/masking                             | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /notes/{note_id}/photos/{place}                       | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404  in  in  in
GET /notes/{note_id}/reported                             | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
POST /notes/{note_id}/reported/undo                       | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/reports                             | 303 303 303 303 404 404 303 404 404 404 303 303 303 404 303 404 404 401 401 401
POST /notes/{note_id}/reports/withdrawal                  | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 303 404 404 401 401 401
POST /notes/{note_id}/restriction                         | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /notes/reported                                       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
POST /notes/similar                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 403 401 401 401
POST /notes/{note_id}/withdrawal                          | 409 404 303 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /rota                                                 | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403  in  in  in
GET /rota?as=csv                                          | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403  in  in  in
GET /rota?as=xlsx                                         | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403  in  in  in
GET /screen/{token}/huddle                                | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /screen/{token}                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /search                                               | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
POST /search/saved                                        | 303 303 303 303 303 303 303 303 403 403 303 303 303 303 303 303 403 401 401 401
POST /search/saved/{search_id}/deletion                   | 303 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /settings                                             | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
POST /settings                                            | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 401 401 401
POST /settings/letters                                    | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 401 401 401
POST /settings/assists/{pair_id}/end                      | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
GET /settings/data                                        | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
GET /settings/departments                                 | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/departments?as=csv                          | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/departments?as=xlsx                         | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/departments/new                             | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/departments/new                            | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
GET /settings/departments/{department_id}                 | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/departments/{department_id}                | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/departments/{department_id}/tracker        | 303 403 403 403 403 403 403 403 403 403 403 403 303 403 403 303 403 401 401 401
GET /settings/import                                      | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/import                                     | 422 403 403 403 403 403 403 403 403 403 403 403 403 403 403 422 403 401 401 401
GET /settings/import/example/{name}                       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/import/{sheet_id}                           | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 403  in  in  in
POST /settings/import/{sheet_id}                          | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 403 401 401 401
GET /settings/import/{sheet_id}/bad-rows                  | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 403  in  in  in
POST /settings/import/{sheet_id}/undo                     | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 403 401 401 401
GET /settings/people                                      | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/people?as=csv                               | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/people?as=xlsx                              | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/people/gone                                 | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/people/new                                  | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/people/new                                 | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
GET /settings/people/{person_id}                          | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/people/{person_id}                         | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/people/{person_id}/aliases                 | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/people/{person_id}/aliases/{alias_id}/drop | 303 403 403 403 403 403 403 303 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/people/{person_id}/assists                 | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/people/{person_id}/data                    | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /settings/people/{person_id}/gone                     | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403  in  in  in
GET /settings/people/{person_id}/leaving                  | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/people/{person_id}/leaving                 | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/people/{person_id}/return                  | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 401 401 401
GET /settings/people/{person_id}/erasure                  | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/people/{person_id}/erasure                 | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 401 401 401
POST /settings/people/{person_id}/roles                   | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/people/{person_id}/roles admin             | 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/pin                                        | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 401 401 401
POST /settings/roles/{grant_id}/take                      | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/screens/{device_id}/end                    | 303 303 404 404 404 404 404 404 404 404 404 404 404 404 404 303 404 401 401 401
POST /settings/sessions/{session_id}/end                  | 404 404 404 404 404 404 303 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /settings/teams                                       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/teams?as=csv                                | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/teams?as=xlsx                               | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
GET /settings/teams/new                                   | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/teams/new                                  | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
GET /settings/teams/{team_id}                             | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403  in  in  in
POST /settings/teams/{team_id}                            | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 401 401 401
POST /settings/teams/{team_id}/desks                      | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
GET /settings/teams/{team_id}/screens                     | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 404  in  in  in
POST /settings/teams/{team_id}/screens                    | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
GET /settings/teams/{team_id}/status                      | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404  in  in  in
POST /settings/teams/{team_id}/status                     | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
POST /settings/teams/{team_id}/status/renewal             | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
POST /settings/teams/{team_id}/status/off                 | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
GET /settings/tokens                                      | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
POST /settings/tokens                                     | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
POST /settings/tokens/{token_id}/revocation               | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /settings/vendors                                     | 200 403 403 403 403 403 403 403 403 403 200 200 200 200 403 200 403  in  in  in
GET /settings/vendors?as=csv                              | 200 403 403 403 403 403 403 403 403 403 200 200 200 200 403 200 403  in  in  in
GET /settings/vendors?as=xlsx                             | 200 403 403 403 403 403 403 403 403 403 200 200 200 200 403 200 403  in  in  in
GET /settings/vendors/new                                 | 200 403 403 403 403 403 403 403 403 403 403 403 200 403 403 200 403  in  in  in
POST /settings/vendors/new                                | 303 403 403 403 403 403 403 403 403 403 403 403 303 403 403 303 403 401 401 401
GET /settings/vendors/{vendor_id}                         | 200 403 403 403 403 403 403 403 403 403 200 200 200 404 403 200 403  in  in  in
POST /settings/vendors/{vendor_id}                        | 303 403 403 403 403 403 403 403 403 403 403 403 303 403 403 303 403 401 401 401
POST /settings/vendors/{vendor_id}/contact/erasure        | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 401 401 401
POST /settings/vendors/{vendor_id}/end                    | 303 403 403 403 403 403 403 403 403 403 403 403 303 403 403 303 403 401 401 401
POST /settings/vendors/{vendor_id}/return                 | 303 403 403 403 403 403 403 403 403 403 403 403 303 403 403 303 403 401 401 401
GET /shifts                                               | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403  in  in  in
GET /shifts?as=csv                                        | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403  in  in  in
GET /shifts?as=xlsx                                       | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403  in  in  in
POST /shifts                                              | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /shifts/new                                           | 200 200 403 403 200 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /shifts/{shift_id}                                    | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404  in  in  in
POST /shifts/{shift_id}                                   | 303 303 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /shifts/{shift_id}/withdrawal                        | 303 303 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
GET /sign-in                                              | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 200 200 200
POST /sign-in                                             | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /sign-in/code                                        | 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422
GET /sign-in/link/{token}                                 | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /sign-in/link/{token}                                | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
POST /sign-out                                            | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET /stories                                              | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /stories?as=csv                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /stories?as=xlsx                                      | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
POST /stories                                             | 303 303 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /stories/new                                          | 200 200 200 200 200 200 200 200 403 403 403 403 403 403 403 403 403  in  in  in
GET /stories/drafts/{draft_id}                            | 200 200 200 200 404 404 200 404 404 404 404 404 404 404 404 404 404  in  in  in
POST /stories/drafts/{draft_id}                           | 303 303 303 303 404 404 303 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /stories/drafts/{draft_id}/aside                     | 303 303 303 303 404 404 303 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /stories/drafts/{draft_id}/back                      | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /stories/newsletters                                  | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
GET /stories/newsletters/{month}                          | 200 404 404 404 404 404 404 404 403 403 404 404 404 404 404 404 403  in  in  in
GET /stories/newsletters/{month} sent                     | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403  in  in  in
POST /stories/newsletters/{month}                         | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /stories/newsletters/{month}/edit                     | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
GET /stories/newsletters/{month}/letter                   | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
POST /stories/newsletters/{month}/sending                 | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /stories/newsletters/{month}/undo                    | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /stories/{story_id}                                   | 200 200 200 200 404 404 200 404 404 404 404 404 404 404 200 404 404  in  in  in
POST /stories/{story_id}                                  | 303 303 403 403 404 404 403 404 404 404 404 404 404 404 403 404 404 401 401 401
POST /stories/{story_id}/consent                          | 403 403 303 403 404 404 403 404 404 404 404 404 404 404 403 404 404 401 401 401
GET /stories/{story_id}/edit                              | 200 200 403 403 404 404 403 404 404 404 404 404 404 404 403 404 404  in  in  in
POST /stories/{story_id}/thanks                           | 303 303 403 403 404 404 303 404 404 404 404 404 404 404 303 404 404 401 401 401
POST /stories/{story_id}/withdrawal                       | 303 303 403 403 404 404 403 404 404 404 404 404 404 404 403 404 404 401 401 401
GET /status/{token}                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
GET /story/{token}                                        | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /story/{token}                                       | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /summary                                              | 303 403 403 403 403 403 303 303 403 403 403 403 403 403 303 403 403  in  in  in
GET /summary/{month}                                      | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/{month}?as=pdf                               | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/{month}/{name}                               | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/{month}/{name}?as=csv                        | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/{month}/{name}?as=xlsx                       | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/team/{subject_id}/{month} team               | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/team/{subject_id}/{month}?as=pdf team        | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/team/{subject_id}/{month}/{name} team        | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/team/{subject_id}/{month}/{name}?as=csv team | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/team/{subject_id}/{month}/{name}?as=xlsx team | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/manager/{subject_id}/{month} manager         | 200 403 403 403 403 403 403 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/manager/{subject_id}/{month}/{name} manager  | 200 403 403 403 403 403 403 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/manager/{subject_id}/{month}/{name}?as=csv manager | 200 403 403 403 403 403 403 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/manager/{subject_id}/{month}/{name}?as=xlsx manager | 200 403 403 403 403 403 403 200 403 403 403 403 403 403 200 403 403  in  in  in
GET /summary/department/{subject_id}/{month} department   | 200 403 403 403 403 403 403 403 403 403 200 200 200 403 200 403 403  in  in  in
GET /summary/department/{subject_id}/{month}/{name} department | 200 403 403 403 403 403 403 403 403 403 200 200 200 403 200 403 403  in  in  in
GET /summary/department/{subject_id}/{month}/{name}?as=csv department | 200 403 403 403 403 403 403 403 403 403 200 200 200 403 200 403 403  in  in  in
GET /summary/department/{subject_id}/{month}/{name}?as=xlsx department | 200 403 403 403 403 403 403 403 403 403 200 200 200 403 200 403 403  in  in  in
GET /summaries                                            | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 403 403  in  in  in
POST /summaries/letters                                   | 303 403 403 403 403 403 303 303 403 403 403 403 403 403 303 403 403 401 401 401
GET /summaries/{month}                                    | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
GET /summaries/{month}/letter                             | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
POST /summaries/{month}/comment                           | 403 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
POST /summaries/{month}/hold                              | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
POST /summaries/{month}/release                           | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
GET /summaries/{month}/sending                            | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403  in  in  in
POST /summaries/{month}/sending                           | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
GET /summaries/{month}/sent/{summary_id}                  | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403  in  in  in
POST /summaries/{month}/sent/{summary_id}/corrections     | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 403 401 401 401
POST /summaries/{month}/sent/{summary_id}/letters         | 303 403 403 403 403 403 403 403 403 403 403 403 403 403 303 403 403 401 401 401
GET /unsubscribe/{token}                                  | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /unsubscribe/{token}                                 | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
GET /teams/{team_id}/huddle                               | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 404  in  in  in
GET /teams/{team_id}/poster                               | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 404  in  in  in
GET /teams/{team_id}/picture                              | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403  in  in  in
POST /teams/{team_id}/picture/agreements                  | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /teams/{team_id}/picture/statements                  | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /teams/{team_id}/picture/statements/{statement_id}/place | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /teams/{team_id}/picture/statements/{statement_id}/retirement | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /teams/{team_id}/picture/statements/{statement_id}/return | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /teams/{team_id}/picture/statements/{statement_id}/words | 303 303 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /today                                                | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200  in  in  in
GET /today/brief/{booking_id}                             | 200 200 200 404 404 404 200 404 200 404 404 404 404 404 404 404 404  in  in  in
GET /triage/suggestions                                   | 200 200 403 403 200 403 403 403 403 403 403 403 403 403 403 403 403  in  in  in
POST /triage/suggestions/{suggestion_id}/acceptance       | 303 403 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /triage/suggestions/{suggestion_id}/refusal          | 303 403 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /triage/suggestions/{suggestion_id}/undo             | 409 403 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /triage/suggestions/{suggestion_id}/withdrawal       | 403 303 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /triage                                               | 200 200 403 403 200 403 403 403 403 403 200 200 200 200 403 403 403  in  in  in
POST /triage/{issue_id}/decline                           | 303 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /triage/{issue_id}/join                              | 303 303 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /triage/{issue_id}/owner                             | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /triage/{issue_id}/question                          | 303 303 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /triage/{issue_id}/restriction                       | 303 403 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /triage/{issue_id}/snooze                            | 303 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /triage/{issue_id}/title                             | 303 303 403 403 403 403 403 403 404 404 303 303 303 403 403 403 404 401 401 401
POST /triage/{issue_id}/undo                              | 303 303 403 403 403 403 403 403 403 403 303 303 303 403 403 403 403 401 401 401
GET /unmask/{token}                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /unmask/{token}                                      | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /question/{token}                                     | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /question/{token}                                    | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /vendor/{token}                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /vendor/{token}                                      | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /vendor-word/{token}                                  | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /vendor-word/{token}                                 | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /verdict/{token}                                      | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /verdict/{token}                                     | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
POST /verdict/{token}/again                               | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /wishes/{token}                                       | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /wishes/{token}                                      | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
GET /word/{token}                                         | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 404 200
POST /word/{token}                                        | 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 404 303
GET /api/v1/bookings                                      | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
GET /api/v1/bookings/{booking_id}                         | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404 401 401 401
GET /api/v1/inbox                                         | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /api/v1/inbox/{mail_id}                               | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /api/v1/invitations                                   | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
GET /api/v1/invitations/{invitation_id}                   | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404 401 401 401
GET /api/v1/issues                                        | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /api/v1/issues/{issue_id}                             | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404 401 401 401
GET /api/v1/issues/{issue_id} restricted                  | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404 401 401 401
GET /api/v1/letters                                       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /api/v1/letters/{letter_id}                           | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /api/v1/notes                                         | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
GET /api/v1/notes/{note_id}                               | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404 401 401 401
GET /api/v1/openapi.json                                  | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /api/v1/people                                        | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
GET /api/v1/people/{person_id}                            | 200 404 404 404 404 404 404 200 404 404 404 404 404 404 404 200 404 401 401 401
GET /api/v1/proposals                                     | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
GET /api/v1/shifts                                        | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
GET /api/v1/shifts/{shift_id}                             | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404 401 401 401
GET /api/v1/summaries/company/{month}                     | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403 401 401 401
GET /api/v1/summaries/department/{department_id}/{month}  | 200 403 403 403 403 403 403 403 403 403 200 200 200 403 200 403 403 401 401 401
GET /api/v1/summaries/manager/{person_id}/{month}         | 200 403 403 403 403 403 403 200 403 403 403 403 403 403 200 403 403 401 401 401
GET /api/v1/summaries/team/{team_id}/{month}              | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403 401 401 401
"""

FIELDS: dict[str, dict[str, str]] = {
    "POST /answer/{token}": {"answer": "tentative", "sequence": "0"},
    "POST /answer/{token}/date": {"shift": "{other_shift}"},
    "POST /bookings/{booking_id}/answer": {"answer": "tentative", "sequence": "0"},
    "POST /bookings/{booking_id}/cancellation": {"reason": "Ill"},
    "POST /bookings/{booking_id}/move": {"shift": "{other_shift}"},
    "POST /bookings/{booking_id}/postponement": {"reason": "Ill"},
    "POST /bookings/{booking_id}/proposals/{proposal_id}/refusal": {"words": "We are closed then"},
    "POST /days/{booking_id}/notes": {"text": "It is slow", "stream": "staff told"},
    "POST /decision/{token}": {"decision": "yes"},
    "POST /desk/issues/{issue_id}/verdicts": {"person": "{fay}", "says": "fixed"},
    "POST /desk/issues/{issue_id}/notes": {"person": "{fay}", "text": "Here too", "stream": "staff told"},
    "POST /desk/similar": {"text": "It is slow"},
    "POST /desk/notes": {"person": "{fay}", "text": "It is slow", "stream": "staff told"},
    "POST /demo": {"person": "{person_id}"},
    "POST /follow": {"code": "{code}"},
    "POST /follow/verdict": {"code": "{code}", "says": "fixed"},
    "POST /desk/issues/{issue_id}/asked": {"person": "{fay}"},
    "POST /desk/issues/{issue_id}/answers": {"person": "{fay}", "answer": "At the first desk"},
    "POST /follow/answer": {"code": "{code}", "answer": "At the first desk"},
    "POST /issues/{issue_id}/answers": {"answer": "At the first desk"},
    "POST /issues/{issue_id}/reporter-questions": {"ask_floor": "At which desk?"},
    "POST /question/{token}": {"answer": "At the first desk"},
    "POST /unmask/{token}": {"place": "0", "words": "020 7946 0018", "seen": "{seen}"},
    "POST /follow/word": {"code": "{code}", "text": "Still so"},
    "POST /stories": {"text": "Fay stayed", "hero": "other", "hero_name": "Fay", "team": "{team_id}"},
    "POST /stories/drafts/{draft_id}": {"text": "Fay stayed", "hero": "other", "hero_name": "Fay"},
    "POST /stories/newsletters/{month}": {"opening": "A good month", "story": "{story_id}", "place": "1"},
    "POST /stories/newsletters/{month}/sending": {"read": "on"},
    "POST /stories/{story_id}": {"text": "Fay stayed", "hero": "other", "hero_name": "Fay"},
    "POST /stories/{story_id}/consent": {"consent": "team"},
    "POST /stories/{story_id}/thanks": {"thanks": "Thank you"},
    "POST /story/{token}": {"consent": "team"},
    "POST /settings/letters": {"news": "daily"},
    "POST /wishes/{token}": {"news": "daily"},
    "POST /word/{token}": {"text": "Soon", "news": "some"},
    "POST /inbox/{mail_id}/alias": {"address": "ann@home.example"},
    "POST /inbox/{mail_id}/answer": {"answer": "accepted"},
    "POST /inbox/{mail_id}/assistant": {"address": "max@floorday.example"},
    "POST /inbox/{mail_id}/proposal": {"starts": "{day}T09:00", "ends": "{day}T12:00"},
    "POST /invitations": {"shift": "{other_shift}", "manager": "{person_id}", "why": "Please come"},
    "POST /issues/bulk": {"act": "kind", "sort": "product", "issue": "1"},
    "POST /issues/bulk/undo": {"of": "{issue_id}"},
    "POST /hard-ones/{month}/exchanges": {"issue": "{issue_id}", "out": "{issue_id}", "because": "It is stuck"},
    "POST /hard-ones/{month}/picks": {"issue": "{issue_id}"},
    "POST /issues/{issue_id}/calls": {"call": "Called them"},
    "POST /issues/{issue_id}/decisions": {"decision": "yes"},
    "POST /issues/{issue_id}/decline": {"decline_because": "No"},
    "POST /issues/{issue_id}/join": {"into": "{into}"},
    "POST /issues/{issue_id}/measure": {"minutes": "3", "cases": "4"},
    "POST /issues/{issue_id}/notes": {"text": "Here too", "stream": "staff told", "team": "{team_id}"},
    "POST /issues/{issue_id}/notes/{note_id}/correction": {"correction": "Better said"},
    "POST /issues/{issue_id}/owner": {"owner": "{department_id}/{gus}"},
    "POST /issues/{issue_id}/promises": {"promised_for": "{day}"},
    "POST /issues/{issue_id}/questions": {"question": "May we?"},
    "POST /issues/{issue_id}/references": {"reference": "JIRA-1"},
    "POST /issues/{issue_id}/references/removal": {"reference": "JIRA-1"},
    "POST /issues/{issue_id}/vendor": {"vendor": "{vendor_id}", "words": "Look at it"},
    "POST /issues/{issue_id}/vendor/words/{word_id}": {"goes_on": "yes"},
    "POST /issues/{issue_id}/resolution": {"how": "here", "done": "Done"},
    "POST /issues/{issue_id}/restriction": {"restricted": "on"},
    "POST /issues/{issue_id}/returns": {"again": "Again"},
    "POST /issues/{issue_id}/snooze": {"until": "{day}"},
    "POST /issues/{issue_id}/sponsor": {"sponsor": "{person_id}"},
    "POST /issues/{issue_id}/title": {"title": "Better", "kind": "other"},
    "POST /issues/{issue_id}/updates": {"update": "We look at it"},
    "POST /issues/{issue_id}/verdicts": {"says": "fixed"},
    "POST /measures/new": {"name": "Calls an hour", "department": "{department_id}", "punishes": "Listening"},
    "POST /measures/{measure_id}": {"name": "Handling time", "department": "{department_id}", "punishes": "Ringing back"},
    "POST /measures/{measure_id}/reviews": {"outcome": "kept", "because": "It holds", "reviewed_on": "{today}"},
    "POST /issues/{issue_id}/picture": {"picture": "{statement_id}"},
    "POST /teams/{team_id}/picture/agreements": {"statements": "{statement_id}", "agreed_on": "{today}", "agreed_by": "All"},
    "POST /teams/{team_id}/picture/statements": {"text": "Nobody waits"},
    "POST /teams/{team_id}/picture/statements/{statement_id}/place": {"move": "up"},
    "POST /teams/{team_id}/picture/statements/{statement_id}/words": {"words": "Better said"},
    "POST /notes/new": {"text": "It is slow", "stream": "staff told", "team": "{team_id}"},
    "POST /notes/similar": {"text": "It is slow"},
    "POST /notes/{note_id}/correction-request": {"word": "Leave the name out"},
    "POST /notes/{note_id}/dismissal": {"because": "It is no name"},
    "POST /notes/{note_id}/masking": {"words": "About"},
    "POST /notes/{note_id}/restriction": {"restricted": "on"},
    "POST /search/saved": {"name": "Slow", "query": "q=slow"},
    "POST /settings": {"name": "Me", "email": "{me}"},
    "POST /settings/departments/new": {"name": "Tax"},
    "POST /settings/departments/{department_id}": {"name": "IT"},
    "POST /settings/pin": {"pin": "2468"},
    "POST /settings/teams/{team_id}/desks": {"desk": "Desk 4"},
    "POST /settings/teams/{team_id}/screens": {"wall": "By the coffee"},
    "POST /settings/import": {"what": "people"},
    "POST /settings/import/{sheet_id}": {"shown": "{shown}"},
    "POST /settings/people/new": {"name": "New", "email": "new@floorday.example"},
    "POST /settings/people/{person_id}": {"name": "Max Moor", "email": "max@floorday.example"},
    "POST /settings/people/{person_id}/aliases": {"email": "m@floorday.example"},
    "POST /settings/people/{person_id}/assists": {"manager": "{ann}"},
    "POST /settings/people/{person_id}/erasure": {"name": "Max Moor"},
    "POST /settings/people/{person_id}/roles": {"role": "member", "team": "{team_id}"},
    "POST /settings/people/{person_id}/roles admin": {"role": "admin"},
    "POST /settings/teams/new": {"name": "Refunds"},
    "POST /settings/teams/{team_id}": {"name": "Billing"},
    "POST /settings/tokens": {"name": "Calendar", "verbs": "read", "days": "30"},
    "POST /shifts": {"team": "{team_id}", "day": "{day}", "begins": "09:00", "ends": "12:00"},
    "POST /shifts/{shift_id}": {"team": "{team_id}", "day": "{day}", "begins": "09:00", "ends": "12:00"},
    "POST /shifts/{shift_id}/withdrawal": {"reason": "Ill"},
    "POST /sign-in": {"email": "ann@floorday.example"},
    "POST /sign-in/code": {"email": "ann@floorday.example", "code": "000000"},
    "POST /issues/{issue_id}/suggestions": {"same": "{claims}", "same_word": "The same batch"},
    "POST /triage/suggestions/{suggestion_id}/refusal": {"because": "Two things"},
    "POST /triage/{issue_id}/decline": {"because": "No", "was": "{department_id}"},
    "POST /triage/{issue_id}/join": {"into": "{into}", "was": "{department_id}"},
    "POST /triage/{issue_id}/owner": {"whom": "IT: Gus Grant", "was": "{department_id}"},
    "POST /triage/{issue_id}/question": {"question": "Since when?", "was": "{department_id}"},
    "POST /triage/{issue_id}/restriction": {"restricted": "on", "was": "{department_id}"},
    "POST /triage/{issue_id}/snooze": {"until": "{day}", "was": "{department_id}"},
    "POST /triage/{issue_id}/title": {"title": "Better", "sort": "other", "was": "{department_id}"},
    "POST /settings/teams/{team_id}/status": {"looked": "on"},
    "POST /summaries/letters": {"cut": "company", "letters": "no"},
    "POST /summaries/{month}/comment": {"comment": "Thank you"},
    "POST /summaries/{month}/hold": {"because": "Leeds is missing"},
    "POST /summaries/{month}/sent/{summary_id}/corrections": {"because": "Leeds was missing"},
    "POST /summaries/{month}/sent/{summary_id}/letters": {"person": "{person_id}"},
    "POST /settings/departments/{department_id}/tracker": {"link_pattern": ""},
    "POST /settings/vendors/new": {"name": "New", "email": "new@firm.example", "department": "{department_id}", "zone": "Europe/London"},
    "POST /settings/vendors/{vendor_id}/contact/erasure": {"address": "pia@nexa.example"},
    "POST /settings/vendors/{vendor_id}": {"name": "Nexa", "email": "pia@nexa.example", "department": "{department_id}", "zone": "Europe/London"},
    "POST /vendor/{token}": {"says": "word", "word": "Half way"},
    "POST /vendor-word/{token}": {"goes_on": "yes"},
    "POST /verdict/{token}": {"says": "fixed"},
    "POST /verdict/{token}/again": {"again": "Again"},
}
"""What a good form holds."""


async def a_person(name: str, *grants: Grant) -> Actor:
    row = Person(name=name, email=f"{name.lower()}@floorday.example", zone="Europe/London", created_at=config.now())
    await Person.insert(row)
    for one in grants:
        await GrantRow.insert(GrantRow(
            person=row.id, role=one.role.value, team=one.team, department=one.department, granted_at=config.now()))
    return Actor(person=row.id, name=name, email=row.email, grants=frozenset(grants))


class World:
    """Somebody for each column and something for each name in a path."""

    def __init__(self, cast: Cast, actors: dict[str, Actor | None], ids: dict[str, str]) -> None:
        self.cast, self.actors, self.ids = cast, actors, ids

    def id_of(self, name: str, route: str, which: str) -> str:
        """Give the thing that a route is asked about; a word after the path names another one."""
        for key in (f"{name} {which}", f"{name} {route.rsplit('/', 1)[-1]}", f"{name} {route.split('/')[1]}", name):
            if key in self.ids:
                return self.ids[key]
        return str(uuid4())


async def make_world() -> World:
    now = config.now()
    cast = await make_cast(now)
    legal = Department(name="Legal", created_at=now)
    await Department.insert(legal)
    hal = await a_person("Hal", Grant(Role.OWNER, department=legal.id))
    nora = await a_person("Nora")
    bea = await a_person("Bea", Grant(Role.MEMBER, team=cast.billing))
    dov = await a_person("Dov", Grant(Role.ASSISTANT))
    ike = await a_person("Ike", Grant(Role.OWNER, department=cast.it))
    hed = await a_person("Hed", Grant(Role.HEAD_OF_DEPARTMENT, department=cast.it))
    await Assists.insert(Assists(assistant=dov.person, manager=cast.max.person, since=now))
    actors: dict[str, Actor | None] = {
        **cast.everybody(), "hal": hal, "nora": nora, "bea": bea, "dov": dov, "ike": ike, "hed": hed, "nobody": None,
        "screen": None, "desk": None,
    }  # fmt: skip
    screen, desk, old = [
        await people.open_device(cast.ben, cast.billing, kind, "Floor 3", now=now)
        for kind in (DeviceKind.SCREEN, DeviceKind.DESK, DeviceKind.SCREEN)
    ]
    booking = await a_booking(cast, now=now, accepted=True)
    other = await a_shift(cast, now=now, days=30)
    later = booking.starts_at + timedelta(days=1)
    proposal = await bookings.propose(
        cast.ann, booking.id, starts=later, ends=later + timedelta(hours=3), comment="Better for me", now=now)
    ids = {
        "booking_id": str(booking.id), "proposal_id": str(proposal), "shift_id": str(booking.shift), "other_shift": str(other.id),
        "person_id": str(cast.max.person), "person": str(cast.max.person), "ann": str(cast.ann.person),
        "gus": str(cast.gus.person), "fay": str(cast.fay.person), "team_id": str(cast.billing), "department_id": str(cast.it),
        "month": f"{now:%Y-%m}", "name": "days_due", "day": f"{now + timedelta(days=40):%Y-%m-%d}",
        "token answer": tokens.make("answer", booking.id), "token screen": screen.key, "key screen": screen.key,
        "key desk": desk.key, "device_id": str(old.id), "bearer screen": screen.key, "bearer desk": desk.key,
    }  # fmt: skip
    await add_issues(cast, ids)
    booking_row = {"invitation": booking.invitation}
    alias = Alias(person=cast.max.person, email="other@floorday.example", created_at=now)
    await Alias.insert(alias)
    mail = InboundMail(door="cli", received_at=now, outcome="needs-human", read_at=now, content=b"Subject: x\r\n\r\nHi")
    await InboundMail.insert(mail)
    await add_mails(booking, ids)
    letter = await Letter.select(Letter.id, Letter.about).where(Letter.event.is_not_null()).first()
    assert letter is not None
    await Letter.update({Letter.failed_at: now}).where(Letter.id == letter["id"])
    await people.ask_code(cast.max.email, network="", now=now)
    code = await found.newest_code(cast.max.email)
    assert code is not None
    ids |= {
        "alias_id": str(alias.id), "mail_id": str(mail.id), "letter_id": str(letter["id"]),
        "token link": tokens.make("sign-in", code["id"]), "token sign-in": tokens.make("sign-in", code["id"]),
        "grant_id": str((await found.grants(cast.fay.person))[0].id), "pair_id": str((await found.pairs())[0].id),
        "letter": str(letter["id"]), "invitation_id": str(booking_row["invitation"]), "name settings": "people",
    }  # fmt: skip
    await add_sheets(cast, ids)
    page = await public.put_on(cast.ben, cast.billing, [], looked=True, now=now)
    ids["token status"] = tokens.make("status", page.id, generation=page.generation)
    await add_measures(cast, ids)
    await add_months(cast, ids)
    return World(cast, actors, ids)


async def add_months(cast: Cast, ids: dict[str, str]) -> None:
    """Send the month before this one, as a worker does, to the company's readers."""
    now = config.now()
    month = f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
    before = now.replace(day=1) - timedelta(days=40)
    await SummaryMonth.insert(SummaryMonth(month=f"{before:%Y-%m}", before_us=before))
    await summaries.send(month, now=now)
    sent = await sent_months.frozen(COMPANY, month)
    (reader,) = await SummaryReader.select(SummaryReader.id).where(
        SummaryReader.person == cast.max.person, SummaryReader.cut == "company")
    assert sent is not None
    ids |= {
        "month summaries": month, "summary_id": str(sent.id),
        "token unsubscribe": tokens.make("unsubscribe", reader["id"]),
        "subject_id team": str(cast.billing), "subject_id manager": str(cast.max.person),
        "subject_id department": str(cast.it),
    }  # fmt: skip


async def add_measures(cast: Cast, ids: dict[str, str]) -> None:
    """Put two measures into the register and retire one; let Billing's picture have a retired statement, too."""
    now = config.now()
    for which, name in (("", "Handling time"), (" return", "Calls a day")):
        form = MeasureForm(name=Title(name), department=cast.it, punishes=Said("Ringing back"))
        ids[f"measure_id{which}"] = str(await measures.open_measure(cast.eva, form, now=now))
    await measures.retire(cast.eva, UUID(ids["measure_id return"]), now=now)
    ids["statement_id"] = str((await found.statements(cast.billing))[0].id)
    gone = await pictures.propose(cast.ben, cast.billing, "One call is enough", now=now)
    await pictures.retire(cast.ben, cast.billing, gone, now=now)
    ids |= {"statement_id return": str(gone), "today": f"{now:%Y-%m-%d}"}


async def add_mails(booking: BookingRow, ids: dict[str, str]) -> None:
    """Keep a mail about Ann's day for each thing that can be made of one."""
    now = config.now()

    async def mail(name: str, line: str = "", **values: Any) -> None:
        event = ("BEGIN:VCALENDAR", "PRODID:-//X//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{booking.uid}",
                 f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}", line, "END:VEVENT", "END:VCALENDAR", "") if line else ("Yes, please",)
        kind = "text/calendar; method=REPLY" if line else "text/plain"
        head = ("From: somebody@home.example", f"Message-ID: <{name}@home.example>", f"Content-Type: {kind}", "", "")
        row = InboundMail(
            door="cli", received_at=now, read_at=now, outcome="needs-human", about=booking.id,
            content="\r\n".join((*head, *event)).encode(), **values)
        await InboundMail.insert(row)
        ids[f"mail_id {name}"] = str(row.id)

    await mail("answer")
    await mail("proposal")
    await mail("undo", decision="put aside", decided_at=now)
    await mail("alias", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@home.example")
    await mail("assistant", "ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY=\"mailto:max@floorday.example\":mailto:ann@floorday.example")


async def add_sheets(cast: Cast, ids: dict[str, str]) -> None:
    """Upload Eva's sheets: one that is imported, one to import, one with a bad row."""
    now = config.now()

    async def sheet(subject: Subject, text: bytes) -> tuple[UUID, str]:
        uploaded = await setup.upload(cast.eva, subject, "sheet.csv", text, now=now)
        plan = (await setup.look(cast.eva, uploaded)).plan
        assert plan is not None
        return uploaded, plan.digest

    done, shown = await sheet(Subject.DEPARTMENTS, b"name\nTax office\n")
    await setup.bring_in(cast.eva, done, shown=shown, now=now)
    ready, ids["shown"] = await sheet(Subject.PEOPLE, b"name,address\nAl,al@floorday.example\n")
    bad, _shown = await sheet(Subject.TEAMS, b"name,zone\nRefunds,Mars\n")
    kept = issues.SearchForm(name=issues.Named("Slow"), query="q=slow")
    ids["search_id"] = str(await issues.save_search(cast.eva, kept, now=now))
    ids |= {"sheet_id": str(ready), "sheet_id undo": str(done), "sheet_id bad-rows": str(bad)}


async def add_issues(cast: Cast, ids: dict[str, str]) -> None:
    """Raise Billing's issues by Fay, one for each state that a door asks for; all in IT's hands, sponsored by Ann."""
    now = config.now() - timedelta(minutes=1)  # so that nothing of it can be undone any more

    async def issue(name: str) -> UUID:
        noted = await issues.note(cast.fay, NoteForm(text=Said(f"About {name}"), stream=Stream.STAFF_TOLD,
                                                     team=cast.billing), now=now, pictures=[PHOTO])  # fmt: skip
        assert noted.issue is not None
        ids["place"] = "1"
        ids[f"issue_id {name}"], ids["note_id"] = str(noted.issue), str(noted.note)
        await issues.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=now)
        await issues.sponsor(cast.eva, noted.issue, cast.ann.person, now=now)
        return noted.issue

    asked, told, closed = await issue("decisions"), await issue("verdicts"), await issue("returns")
    asleep, restricted = await issue("wake"), await issue("restricted")
    into, part, floor = await issue("into"), await issue("split"), await issue("answers")
    await issues.join(cast.eva, part, into, now=now)
    row = await issues.question(cast.gus, floor, "At which desk?", now=now)
    ids["issue_id asked"] = str(floor)
    ids["token question"] = tokens.make(f"asked.{cast.fay.person.hex}", row.asks or floor)
    ours = await issues.note(cast.fay, NoteForm(
        text=Said("Our line 020 7946 0018 is dead"), stream=Stream.STAFF_TOLD, team=cast.billing), now=now)
    ids["token unmask"] = tokens.make(f"unmask.{cast.fay.person.hex}", ours.note)
    ids["seen"] = digest_of(["Our line [phone number] is dead"])
    two = await issues.note(cast.fay, NoteForm(
        text=Said("The till is slow, too"), stream=Stream.STAFF_TOLD, issue=floor), now=now)
    ids["note_id issue"] = str(two.note)
    outside = await issue("return")
    ids["issue_id"] = str(await issue("it"))
    ids["into"] = str((await issues.measure(cast.eva, into, minutes_per_case=1, cases_per_month=1, now=now)).number)
    waits = await issues.note(cast.fay, NoteForm(
        text=Said("Nobody has it"), stream=Stream.STAFF_TOLD, team=cast.billing), now=now)
    assert waits.issue is not None
    ids["issue_id triage"] = str(waits.issue)
    await issues.assign(cast.eva, waits.issue, department=cast.it, now=now)
    away = await issues.note(cast.cleo, NoteForm(
        text=Said("The till of Claims"), stream=Stream.STAFF_TOLD, team=cast.claims), now=now)
    assert away.issue is not None
    theirs = await issue_queries.issue(None, away.issue)
    ids["claims"], ids["claims_id"] = str(theirs.number), str(theirs.id)
    ids["suggestion_id"] = str((await suggesting.suggest(cast.ben, into, theirs.id, now=now)).id)
    await reporting.report_note(cast.hana, UUID(ids["note_id"]), "It names me", now=now)
    row = await issues.ask(cast.gus, asked, "May we?", now=now)
    ids["token decision"] = tokens.make("decision", asked, generation=row.version)
    story = await stories.tell(cast.ben, StoryForm(
        text=Prose("Fay stayed late."), team=cast.billing, hero=cast.fay.person, day=UUID(ids["booking_id"]),
    ), now=now)  # fmt: skip
    praise = await stories.keep_praise(cast.ann, cast.billing, "Fay was great", "She stayed.", now=now)
    await Story.update({Story.day: UUID(ids["booking_id"])}).where(Story.id == praise.id)  # said of that day
    ids["draft_id"] = str(praise.id)
    await stories.consent(cast.fay, story.id, Consent.COMPANY, now=now)
    for month in (f"{now:%Y-%m}", f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"):
        await newsletters.keep(cast.eva, month, Prose("A good month"), [], now=now)
    await newsletters.keep(cast.eva, f"{now:%Y-%m}", Prose("A good month"), [Choice(story.id, 1)], now=now)
    await Newsletter.update({Newsletter.sent_at: now}).where(Newsletter.month < f"{now:%Y-%m}")
    ids["month sent"] = f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
    ids |= {"story_id": str(story.id), "token story": tokens.make("story", story.id)}
    ids["token wishes"] = await mail_tokens.grant("wishes", cast.gus.person, person=cast.gus.person, now=now)
    ids["token word"] = await mail_tokens.grant(f"word.{cast.gus.person.hex}", into, person=cast.gus.person, now=now)
    row = await issues.resolve(cast.gus, told, Resolution.HERE, "Done", now=now)
    ids["token verdict"] = tokens.make(f"verdict.{cast.fay.person.hex}", told, generation=row.round)
    row = await issues.resolve(cast.gus, closed, Resolution.HERE, "Done", now=now)
    await issues.verdict(cast.fay, closed, Verdict.FIXED, now=now)
    ids["token again"] = tokens.make(f"verdict.{cast.fay.person.hex}", closed, generation=row.round)
    await issues.snooze(cast.eva, asleep, (now + timedelta(days=9)).date(), now=now)
    await issues.restrict(cast.eva, restricted, restricted=True, now=now)
    await add_vendor(cast, outside, ids)


async def add_vendor(cast: Cast, issue: UUID, ids: dict[str, str]) -> None:
    """Hand an issue to a vendor of IT, who gives a word that waits for Gus."""
    now = config.now()
    vendor = await vendors.add_vendor(cast.eva, vendors.VendorForm(
        name=Title("Nexa"), email=MailAddress("pia@nexa.example"), department=cast.it), now=now)  # fmt: skip
    form = vendors.HandOutForm(vendor=vendor, words=vendors.Asked("Look at it"))
    await vendors.hand_out(cast.gus, issue, form, now=now)
    held = await issue_queries.with_vendor(issue)
    assert held is not None
    ids |= {"vendor_id": str(vendor), "token vendor": tokens.make("vendor", held.id)}
    said = vendors.Said(says=vendors.Says.WORD, text="We look at it")
    await vendors.say_by_token(ids["token vendor"], said, now=now)
    [word] = await issue_queries.waiting_words(issue)
    ids |= {"word_id": str(word.id), "token vendor-word": tokens.make("vendor-word", word.id)}
    ids |= {f"issue_id {name}": str(issue) for name in ("{word_id}", "acceptance", "refusal")}


@pytest.fixture
async def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """The demo's pages are there too, so that they stand in the table."""
    monkeypatch.setenv("FLOORDAY_DEMO", "true")
    config.settings.cache_clear()
    db.bind(db.make_engine(sqlite_url))
    await db.open_pools()
    try:
        yield await make_world()
    finally:
        await db.close_pools()
        config.settings.cache_clear()


def table() -> dict[str, list[str]]:
    """Read the table: a door, and what each of `WHO` is answered."""
    rows: dict[str, list[str]] = {}
    for line in filter(None, TABLE.splitlines()):
        door, _bar, answers = line.partition("|")
        rows[door.strip()] = answers.split()
    return rows


def doors(app: Litestar) -> set[str]:
    return {
        f"{method} {route.path_format}" for route in app.routes if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS"}
        if not route.path_format.startswith(("/static", "/api/"))
    }  # fmt: skip


def filled(words: str, world: World, route: str, which: str) -> str:
    for name in {part.split("}")[0] for part in words.split("{")[1:]}:
        words = words.replace(f"{{{name}}}", world.id_of(name, route, which))
    return words


async def ask(visitor: Caller, door: str, world: World, who: str) -> str:
    method, route, which = [*door.split(" "), ""][:3]
    path = route.replace("{token}", world.ids["key screen"]) if who == "screen" else route
    path = filled(path, world, route, which)
    if path.startswith("/api/"):
        secret = world.ids.get(f"bearer {who}")
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        return str((await visitor.client.get(path, headers=headers)).status_code)
    if method == "GET":
        answer = await visitor.get(path)
    else:
        actor = world.actors[who]
        said = FIELDS.get(door) or FIELDS.get(f"{method} {route}", {})
        fields = {name: filled(value, world, route, which) for name, value in said.items()}
        if "{me}" in said.values():
            fields["email"] = actor.email if actor else "x@floorday.example"
        answer = await visitor.post(path, urlencode(fields).encode(), FORM)
    to = answer.headers.get("location", "")
    return "in" if answer.status_code == 303 and to.startswith("/sign-in?") else str(answer.status_code)


def put_back(before: Path, file: Path) -> None:
    with sqlite3.connect(before) as source, sqlite3.connect(file) as target:
        source.backup(target)


async def differing(world: World, file: Path, before: Path, expected: dict[str, list[str]]) -> list[str]:
    """Ask everybody at these doors, and give the rows that are answered otherwise than the table says."""
    app, names = whole_app(), WHO.split()
    visitors = {name: await caller(app, world.actors[name]) for name in names}
    for name, carries in (("screen", ("floorday", "floorday-desk")), ("desk", ("floorday-desk",))):
        for cookie in carries:
            visitors[name].client.cookies.set(cookie, world.ids[f"key {name}"])
    mine = await Session.select(Session.id).where(Session.person == world.cast.ann.person).first()
    assert mine is not None
    world.ids["session_id"] = str(mine["id"])
    for name, actor in world.actors.items():
        if actor is not None:
            form = TokenForm(name=Title("All"), scopes=list(SCOPES))
            world.ids[f"bearer {name}"] = (await people.create_token(actor, form, now=config.now())).secret
    cookies = {name: httpx.Cookies(visitor.client.cookies) for name, visitor in visitors.items()}
    put_back(file, before)
    wrong: list[str] = []
    for door, answers in expected.items():
        said: list[str] = []
        for name in names:
            said.append(await ask(visitors[name], door, world, name))
            visitors[name].client.cookies = httpx.Cookies(cookies[name])
            if door.startswith("POST") and said[-1] in {"200", "303"}:
                put_back(before, file)
        if said != answers:
            wrong.append(f"{door} | {' '.join(said)}")
    return wrong


async def test_every_door_answers_everybody_as_the_table_says(world: World, sqlite_url: str, tmp_path: Path) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    wrong = await differing(world, file, tmp_path / "before.sqlite", table())
    assert not wrong, "\n" + "\n".join(wrong)


HOLES: dict[str, tuple[str, Any, list[str]]] = {
    "everybody goes for every manager": (
        "_goes", lambda *_asked: True,
        ["GET /bookings/{booking_id}", "POST /bookings/{booking_id}/answer", "POST /bookings/{booking_id}/move",
         "GET /today/brief/{booking_id}"],
    ),
    "everybody keeps people": (
        "_keeps_people", lambda *_asked: True,
        ["GET /settings/people", "GET /settings/teams/{team_id}", "POST /settings/assists/{pair_id}/end"],
    ),
    "a screen and a desk may do anything": (
        "_at_a_device", lambda *_asked: True,
        ["GET /desk/issues/{issue_id} restricted"],
    ),
}  # fmt: skip
"""Guards of `access`, each with what stands in its place, and doors whose rows it holds."""


@pytest.mark.parametrize("hole", list(HOLES))
async def test_a_guard_that_is_taken_out_shows_in_its_rows_and_no_other(
    world: World, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hole: str
) -> None:
    guard, instead, held = HOLES[hole]
    file, before, whole = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "before.sqlite", table()
    untouched = ["GET /settings", "GET /issues/{issue_id}", "GET /screen/{token}"]
    asked = {door: whole[door] for door in [*held, *untouched]}
    assert await differing(world, file, before, asked) == []
    monkeypatch.setattr(access, guard, instead)
    wrong = await differing(world, file, before, asked)
    assert [row.partition(" | ")[0] for row in wrong] == held


async def test_no_door_is_missing_in_the_table(world: World) -> None:
    there = {" ".join(door.split(" ")[:2]).partition("?")[0] for door in table()}
    missing = doors(whole_app()) - there
    assert {door for door in missing if "/api/" not in door} == set()  # the API acts through the verbs of the pages
    assert {door for door in there if "/api/" not in door} - doors(whole_app()) == set()
    assert {" ".join(door.split(" ")[:2]) for door in FIELDS} <= there
    assert {len(answers) for answers in table().values()} == {len(WHO.split())}


async def test_no_list_that_may_be_taken_along_is_missing_in_the_table(world: World) -> None:
    """Whatever page gives its list out as a file has a row for each form of it."""
    rows, eva = table(), await caller(whole_app(), world.cast.eva)
    asked = {door for door in rows if door.startswith("GET /") and "?" not in door and "/api/" not in door}
    lists: set[str] = set()
    for door in asked:
        _get, route, which = [*door.split(" "), ""][:3]
        answer = await eva.get(f"{filled(route, world, route, which)}?as=xlsx")
        if "spreadsheet" in answer.headers["content-type"]:
            lists.add(door)
    forms = {_form(door, form) for door in lists for form in ("csv", "xlsx")}
    assert len(lists) >= 20
    assert forms - rows.keys() == set()
    assert {door for door in rows if "?as=csv" in door or "?as=xlsx" in door} - forms == set()


def _form(door: str, form: str) -> str:
    method, route, which = [*door.split(" "), ""][:3]
    return f"{method} {route}?as={form} {which}".strip()


def test_the_docs_say_how_large_the_tables_are() -> None:
    """Doors, rows and answers of both tables: at least what docs/access.md says, and hardly more."""
    from tests.api import test_matrix as programs

    said = Path("docs/access.md").read_text()
    for name, rows in (("pages", table()), ("the API", programs.table())):
        there = {" ".join(door.split(" ")[:2]).partition("?")[0] for door in rows}
        counted = (len(there), len(rows), sum(map(len, rows.values())))
        told = re.search(rf"\| {name} \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|", said)
        assert told is not None, name
        for one, real in zip(told.groups(), counted, strict=True):
            assert real * 0.8 <= int(one.replace(",", "")) <= real, (name, counted)
