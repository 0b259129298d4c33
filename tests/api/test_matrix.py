"""Every door of the API by everybody, with a token for everything: read against docs/access.md.

The table is written by hand and never made from the program; a route that it lacks fails. 200 and 201 did it, 409 and
422 were let in and refused by a rule, 403 is visible and forbidden, 404 is not there for this person.
"""

# A row of the table stays one line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from floorday import config, db
from floorday.bookings.tables import Booking
from floorday.db.text import Prose
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm
from tests.api.house import Program, program
from tests.attack.test_matrix import World, filled, make_world, put_back
from tests.site import whole_app

A_PHOTO = "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
"""The smallest GIF there is."""

WHO = "eva ben fay bea ines cleo ann max dan dov gus ike hed hal hana ada nora nobody screen desk"
"""The same as in the table of the pages; nobody brings no token, the screen and the desk bring their keys as one."""

TABLE = """
GET /assistants                                     | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
POST /assistants                                    | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
GET /assistants/{pair_id}                           | 200 404 404 404 404 404 200 404 200 404 404 404 404 404 404 200 404 401 401 401
POST /assistants/{pair_id}/end                      | 200 404 404 404 404 404 403 404 403 404 404 404 404 404 404 200 404 401 401 401
GET /bookings                                       | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
GET /bookings/{booking_id}                          | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404 401 401 401
POST /bookings/{booking_id}/again                   | 200 200 200 200 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/answer                  | 403 403 403 403 404 404 200 404 200 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/cancellation            | 200 200 403 403 404 404 200 404 200 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/external-id             | 200 200 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/held                    | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/missed                  | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/move                    | 200 200 403 403 404 404 200 404 200 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/postponement            | 200 200 403 403 404 404 200 404 200 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/proposals/{proposal_id}/acceptance | 200 200 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/proposals/{proposal_id}/refusal | 200 200 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/read-back               | 409 409 409 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/reminder                | 409 409 409 409 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /bookings/{booking_id}/undo                    | 409 409 409 409 404 404 409 404 409 404 404 404 404 404 409 409 404 401 401 401
GET /decisions                                      | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /departments                                    | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 401 401 401
POST /departments                                   | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
PUT /departments                                    | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
GET /departments/{department_id}                    | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 401 401 401
POST /departments/{department_id}                   | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 401 401 401
GET /departments/{department_id}/charter            | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
POST /departments/{department_id}/external-id       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 401 401 401
POST /departments/{department_id}/tracker           | 200 403 403 403 403 403 403 403 403 403 403 403 200 403 403 200 403 401 401 401
GET /friction                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /hard-ones                                      | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
POST /hard-ones                                     | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
POST /hard-ones/exchange                            | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 409 403 403 401 401 401
GET /inbox                                          | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox                                         | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /inbox/{mail_id}                                | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/acceptance                    | 404 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/alias                         | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/answer                        | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/assistant                     | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/dismissal                     | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/proposal                      | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/refusal                       | 404 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /inbox/{mail_id}/undo                          | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /invitations                                    | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
POST /invitations                                   | 201 201 201 201 404 404 404 404 404 404 404 404 404 404 403 403 404 401 401 401
GET /invitations/{invitation_id}                    | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404 401 401 401
GET /issues                                         | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /issues/similar                                 | 422 422 422 422 422 422 422 422 403 403 422 422 422 422 422 422 403 401 401 401
GET /issues/{issue_id}                              | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404 401 401 401
GET /issues/{issue_id} restricted                   | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404 401 401 401
POST /issues/{issue_id}/answers                     | 403 403 200 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/bulk                                   | 200 200 403 403 200 403 403 403 403 403 200 200 200 200 403 403 403 401 401 401
POST /issues/{issue_id}/conflict                    | 200 403 403 403 403 403 403 403 404 404 403 403 403 403 200 403 404 401 401 401
POST /issues/{issue_id}/calls                       | 403 403 403 403 403 403 200 403 404 404 403 403 403 403 200 403 404 401 401 401
POST /issues/{issue_id}/decisions                   | 403 403 403 403 403 403 200 403 404 404 403 403 403 403 200 403 404 401 401 401
POST /issues/{issue_id}/decline                     | 200 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/external-id                 | 200 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/join                        | 200 200 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/measure                     | 200 200 200 200 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/notes                       | 201 201 201 201 201 201 201 201 404 404 201 201 201 201 201 403 403 401 401 401
POST /issues/{issue_id}/owner                       | 200 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/picture                     | 200 200 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/promises                    | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/questions                   | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/reporter-questions          | 200 200 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/reporter-questions/withdrawal| 200 200 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
GET /issues/{issue_id}/letters                      | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404 401 401 401
GET /issues/{issue_id}/references                   | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404 401 401 401
PUT /issues/{issue_id}/references                   | 200 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
DELETE /issues/{issue_id}/references                | 200 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/resolution                  | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/restriction                 | 200 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/returns                     | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404 401 401 401
POST /issues/{issue_id}/snooze                      | 200 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/split                       | 200 200 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/sponsor                     | 200 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/suggestions                 | 403 201 403 403 201 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/title                       | 200 200 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/undo                        | 409 409 409 409 403 403 409 403 404 404 409 409 409 403 409 403 404 401 401 401
POST /issues/{issue_id}/updates                     | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
GET /issues/{issue_id}/vendor                       | 200 200 200 200 200 200 200 200 404 404 200 200 200 200 200 200 404 401 401 401
POST /issues/{issue_id}/vendor                      | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/vendor/return               | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/vendor/words/{word_id}/acceptance | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/vendor/words/{word_id}/refusal | 403 403 403 403 403 403 403 403 404 404 200 200 200 403 403 403 404 401 401 401
POST /issues/{issue_id}/verdicts                    | 403 403 200 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
POST /issues/{issue_id}/wake                        | 200 403 403 403 403 403 403 403 404 404 403 403 403 403 403 403 404 401 401 401
GET /letters                                        | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /letters/{letter_id}                            | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /letters/{letter_id}/again                     | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /measures                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
POST /measures                                      | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 403 401 401 401
GET /measures/{measure_id}                          | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
POST /measures/{measure_id}                         | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403 401 401 401
POST /measures/{measure_id}/retirement              | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403 401 401 401
POST /measures/{measure_id}/return                  | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403 401 401 401
POST /measures/{measure_id}/reviews                 | 200 403 403 403 403 403 403 403 403 403 403 403 200 403 200 403 403 401 401 401
GET /notes                                          | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
POST /notes                                         | 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201 403 403 401 401 401
GET /notes/{note_id}                                | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404 401 401 401
POST /notes/{note_id}/correction                    | 409 404 200 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /notes/{note_id}/correction-request            | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/dismissal                     | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/issue                         | 200 200 403 403 404 404 403 404 404 404 403 403 403 404 403 404 404 401 401 401
POST /notes/{note_id}/issue-restriction             | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/masking                       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/photos                        | 404 404 201 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /notes/{note_id}/photos/{place}                 | 200 200 200 200 404 404 200 404 404 404 200 200 200 404 200 404 404 401 401 401
GET /notes/{note_id}/reported                       | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/reported/undo                 | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/reports                       | 201 201 409 201 404 404 201 404 404 404 201 201 201 404 409 404 404 401 401 401
POST /notes/{note_id}/reports/withdrawal            | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 200 404 404 401 401 401
POST /notes/{note_id}/restriction                   | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /notes/reported                                 | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /notes/{note_id}/withdrawal                    | 409 404 200 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /people                                         | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
POST /people                                        | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
PUT /people                                         | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
GET /people/{person_id}                             | 200 404 404 404 404 404 404 200 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}                            | 200 404 404 404 404 404 404 200 404 404 404 404 404 404 404 200 404 401 401 401
GET /people/{person_id}/aliases                     | 200 404 404 404 404 404 404 200 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}/aliases                    | 200 404 404 404 404 404 404 200 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}/aliases/{alias_id}/removal | 200 404 404 404 404 404 404 200 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}/external-id                | 200 404 404 404 404 404 404 403 404 404 404 404 404 404 404 200 404 401 401 401
GET /people/{person_id}/leaving                     | 200 404 404 404 404 404 404 403 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}/leaving                    | 200 404 404 404 404 404 404 403 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}/roles                      | 200 404 404 404 404 404 404 403 404 404 404 404 404 404 404 200 404 401 401 401
POST /people/{person_id}/roles/removal              | 200 404 404 404 404 404 404 403 404 404 404 404 404 404 404 200 404 401 401 401
GET /promises                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /proposals                                      | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
GET /search                                         | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /searches                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
POST /searches                                      | 201 201 201 201 201 201 201 201 403 403 201 201 201 201 201 201 403 401 401 401
POST /searches/{search_id}/deletion                 | 200 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /shifts                                         | 200 200 200 200 200 200 200 200 200 200 403 403 403 403 200 200 403 401 401 401
POST /shifts                                        | 201 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /shifts/{shift_id}                              | 200 200 200 200 404 404 200 404 200 404 404 404 404 404 200 200 404 401 401 401
POST /shifts/{shift_id}                             | 200 200 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
POST /shifts/{shift_id}/withdrawal                  | 200 200 403 403 404 404 403 404 403 404 404 404 404 404 403 403 404 401 401 401
GET /stories                                        | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
POST /stories                                       | 201 201 201 201 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /stories/newsletters                            | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /stories/newsletters/{month}                    | 200 404 404 404 404 404 404 404 403 403 404 404 404 404 404 404 403 401 401 401
GET /stories/newsletters/{month} sent               | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
POST /stories/newsletters/{month}                   | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /stories/newsletters/{month}/choices            | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /stories/newsletters/{month}/sending           | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /stories/newsletters/{month}/undo              | 409 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /stories/drafts                                 | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 401 401 401
GET /stories/drafts/{draft_id}                      | 200 200 200 200 404 404 200 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /stories/drafts/{draft_id}                     | 200 200 200 200 404 404 200 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /stories/drafts/{draft_id}/aside               | 200 200 200 200 404 404 200 404 404 404 404 404 404 404 404 404 404 401 401 401
POST /stories/drafts/{draft_id}/back                | 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 401 401 401
GET /stories/{story_id}                             | 200 200 200 200 404 404 200 404 404 404 404 404 404 404 200 404 404 401 401 401
POST /stories/{story_id}                            | 200 200 403 403 404 404 403 404 404 404 404 404 404 404 403 404 404 401 401 401
POST /stories/{story_id}/external-id                | 200 200 403 403 404 404 403 404 404 404 404 404 404 404 403 404 404 401 401 401
POST /stories/{story_id}/thanks                     | 200 200 403 403 404 404 200 404 404 404 404 404 404 404 200 404 404 401 401 401
GET /suggestions                                    | 200 200 403 403 200 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /suggestions/{suggestion_id}/acceptance        | 200 403 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /suggestions/{suggestion_id}/refusal           | 200 403 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /suggestions/{suggestion_id}/undo              | 409 403 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
POST /suggestions/{suggestion_id}/withdrawal        | 403 200 403 403 404 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /summaries/company/{month}                      | 200 403 403 403 403 403 200 200 403 403 403 403 403 403 200 403 403 401 401 401
GET /summaries/department/{department_id}/{month}   | 200 403 403 403 403 403 403 403 403 403 200 200 200 403 200 403 403 401 401 401
GET /summaries/manager/{person_id}/{month}          | 200 403 403 403 403 403 403 200 403 403 403 403 403 403 200 403 403 401 401 401
GET /summaries/team/{team_id}/{month}               | 200 200 200 200 403 403 403 403 403 403 403 403 403 403 200 403 403 401 401 401
GET /teams                                          | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 401 401 401
POST /teams                                         | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
PUT /teams                                          | 201 403 403 403 403 403 403 403 403 403 403 403 403 403 403 201 403 401 401 401
GET /teams/{team_id}                                | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 401 401 401
POST /teams/{team_id}                               | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 401 401 401
POST /teams/{team_id}/external-id                   | 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 401 401 401
GET /teams/{team_id}/picture                        | 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 403 401 401 401
PUT /teams/{team_id}/picture                        | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403 401 401 401
GET /teams/{team_id}/status                         | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
POST /teams/{team_id}/status                        | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
POST /teams/{team_id}/status/off                    | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
POST /teams/{team_id}/status/renewal                | 200 200 403 403 403 403 403 403 403 403 403 403 403 403 403 403 404 401 401 401
GET /updates                                        | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
GET /vendors                                        | 200 403 403 403 403 403 403 403 403 403 200 200 200 200 403 200 403 401 401 401
POST /vendors                                       | 201 403 403 403 403 403 403 403 403 403 403 403 201 403 403 201 403 401 401 401
GET /vendors/{vendor_id}                            | 200 403 403 403 403 403 403 403 403 403 200 200 200 404 403 200 403 401 401 401
POST /vendors/{vendor_id}                           | 200 403 403 403 403 403 403 403 403 403 403 403 200 404 403 200 403 401 401 401
POST /vendors/{vendor_id}/end                       | 200 403 403 403 403 403 403 403 403 403 403 403 200 404 403 200 403 401 401 401
POST /vendors/{vendor_id}/return                    | 200 403 403 403 403 403 403 403 403 403 403 403 200 404 403 200 403 401 401 401
GET /verdicts                                       | 200 200 200 200 200 200 200 200 403 403 200 200 200 200 200 200 403 401 401 401
"""

SENDS: dict[str, dict[str, Any]] = {
    "/people": {"name": "New", "email": "new@floorday.example"},
    "/people/{person_id}": {"name": "Max Moor", "email": "max@floorday.example"},
    "/people/{person_id}/roles": {"role": "member", "team": "{team_id}"},
    "/people/{person_id}/roles/removal": {"role": "manager"},
    "/teams": {"name": "Refunds"},
    "/teams/{team_id}/picture": {"statements": ["One call"], "agreed_on": "{today}", "agreed_by": "All"},
    "/measures": {"name": "Calls an hour", "department": "{department_id}", "punishes": "Listening"},
    "/measures/{measure_id}": {"name": "Handling time", "department": "{department_id}", "punishes": "Ringing back"},
    "/measures/{measure_id}/reviews": {"outcome": "kept", "because": "It holds", "reviewed_on": "{today}"},
    "/issues/{issue_id}/picture": {"picture": "{statement_id}"},
    "/issues/{issue_id}/conflict": {"measure": None},
    "/teams/{team_id}": {"name": "Billing"},
    "/departments": {"name": "Tax"},
    "/departments/{department_id}": {"name": "IT"},
    "/shifts": {"team": "{team_id}", "starts_at": "{day}T09:00:00Z", "ends_at": "{day}T12:00:00Z"},
    "/shifts/{shift_id}": {"starts_at": "{day}T09:00:00Z", "ends_at": "{day}T12:00:00Z"},
    "/shifts/{shift_id}/withdrawal": {"reason": "Ill"},
    "/invitations": {"shift": "{other_shift}", "manager": "{person_id}", "why": "Please come"},
    "/bookings/{booking_id}/answer": {"answer": "tentative", "sequence": 0},
    "/bookings/{booking_id}/cancellation": {"reason": "Ill"},
    "/bookings/{booking_id}/move": {"shift": "{other_shift}"},
    "/bookings/{booking_id}/postponement": {"reason": "Ill"},
    "/bookings/{booking_id}/proposals/{proposal_id}/refusal": {"words": "We are closed then"},
    "/inbox/{mail_id}/alias": {"address": "ann@home.example"},
    "/inbox/{mail_id}/answer": {"answer": "accepted"},
    "/inbox/{mail_id}/assistant": {"address": "max@floorday.example"},
    "/inbox/{mail_id}/proposal": {"starts_at": "{day}T09:00:00Z", "ends_at": "{day}T12:00:00Z"},
    "/notes": {"text": "It is slow", "stream": "staff told", "team": "{team_id}"},
    "/notes/{note_id}/correction": {"text": "Better said"},
    "/notes/{note_id}/correction-request": {"word": "Leave the name out"},
    "/notes/{note_id}/dismissal": {"because": "It is no name"},
    "/notes/{note_id}/masking": {"words": ["About"]},
    "/notes/{note_id}/restriction": {"restricted": True},
    "/notes/{note_id}/reports": {"word": "It names me"},
    "/notes/{note_id}/photos": {"content": A_PHOTO},
    "/searches": {"name": "Slow", "query": "q=slow"},
    "/issues/bulk": {"act": "kind", "kind": "product", "issues": ["{issue_id}"]},
    "/hard-ones": {"month": "{month}", "issue": "{issue_id}"},
    "/hard-ones/exchange": {"month": "{month}", "issue": "{issue_id}", "out": "{issue_id}", "because": "It is stuck"},
    "/issues/{issue_id}/calls": {"text": "Called them"},
    "/issues/{issue_id}/decisions": {"decision": "yes"},
    "/issues/{issue_id}/decline": {"because": "No"},
    "/issues/{issue_id}/join": {"into": "{issue_id into}"},
    "/issues/{issue_id}/measure": {"minutes_per_case": 3, "cases_per_month": 4},
    "/issues/{issue_id}/notes": {"text": "Here too", "stream": "staff told", "team": "{team_id}"},
    "/issues/{issue_id}/owner": {"department": "{department_id}", "owner": "{gus}"},
    "/issues/{issue_id}/promises": {"promised_for": "{day}"},
    "/issues/{issue_id}/questions": {"question": "May we?"},
    "/issues/{issue_id}/vendor": {"vendor": "{vendor_id}", "words": "Look at it"},
    "/departments/{department_id}/tracker": {"link_pattern": ""},
    "/vendors": {"name": "New", "email": "new@firm.example", "department": "{department_id}"},
    "/vendors/{vendor_id}": {"name": "Nexa", "email": "pia@nexa.example", "department": "{department_id}"},
    "/issues/{issue_id}/resolution": {"how": "here", "done": "Done"},
    "/issues/{issue_id}/restriction": {"restricted": True},
    "/issues/{issue_id}/returns": {"text": "Again"},
    "/issues/{issue_id}/snooze": {"until": "{day}"},
    "/issues/{issue_id}/sponsor": {"sponsor": "{person_id}"},
    "/issues/{issue_id}/suggestions": {"other": "{claims_id}", "word": "The same batch"},
    "/suggestions/{suggestion_id}/refusal": {"because": "Two things"},
    "/issues/{issue_id}/title": {"title": "Better", "kind": "other"},
    "/issues/{issue_id}/updates": {"update": "We look at it"},
    "/issues/{issue_id}/verdicts": {"says": "fixed"},
    "/issues/{issue_id}/answers": {"text": "At the first desk"},
    "/issues/{issue_id}/reporter-questions": {"text": "At which desk?"},
    "/people/{person_id}/aliases": {"email": "further@floorday.example"},
    "/people/{person_id}/external-id": {"external_id": "HR-7"},
    "/teams/{team_id}/external-id": {"external_id": "T-7"},
    "/departments/{department_id}/external-id": {"external_id": "D-7"},
    "/assistants": {"assistant": "{fay}", "manager": "{person_id}"},
    "/bookings/{booking_id}/external-id": {"external_id": "B-7"},
    "/issues/{issue_id}/external-id": {"external_id": "T-7"},
    "/stories": {"text": "Fay stayed late", "team": "{team_id}", "hero": "{fay}"},
    "/stories/{story_id}": {"text": "Fay helped", "hero_name": "Fay"},
    "/stories/drafts/{draft_id}": {"text": "Fay helped", "hero_name": "Fay"},
    "/stories/{story_id}/external-id": {"external_id": "S-7"},
    "/stories/newsletters/{month}": {"opening": "A good month", "stories": []},
    "/stories/newsletters/{month}/sending": {"read": True},
    "/teams/{team_id}/status": {"issues": [], "looked": True},
}
"""What a good body holds."""


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    db.bind(db.make_engine(sqlite_url))
    await db.open_pools()
    try:
        found = await make_world()
        day = await Booking.select(Booking.id, Booking.invitation).first()
        assert day is not None
        found.ids["invitation_id"] = str(day["invitation"])
        told = await stories.tell(found.cast.ben, StoryForm(
            text=Prose("Fay stayed late."), team=found.cast.billing, hero=found.cast.fay.person, day=day["id"],
        ), now=config.now())  # fmt: skip
        found.ids["story_id"] = str(told.id)
        yield found
    finally:
        await db.close_pools()


def table() -> dict[str, list[str]]:
    """Read the table: a door, and what each of `WHO` is answered."""
    rows = [line.partition("|") for line in TABLE.splitlines() if line]
    return {door.strip(): answers.split() for door, _bar, answers in rows}


async def ask(asks: Program, door: str, world: World) -> int:
    method, route, which = [*door.split(" "), ""][:3]
    path = filled(route, world, route, which)
    if method == "GET":
        return (await asks.get(path)).status_code
    if route == "/inbox":
        mail = {"content-type": "message/rfc822"}
        return (await asks.client.post(path, content=b"Subject: x\r\n\r\nHi", headers=mail)).status_code
    said = {name: filled(value, world, route, which) if isinstance(value, str) else value
            for name, value in SENDS.get(route, {}).items()}  # fmt: skip
    said = {name: [filled(one, world, route, which) for one in value] if isinstance(value, list) else value
            for name, value in said.items()}  # the elements of lists, too
    if route.endswith("/references"):
        body = {"json": said} if method == "PUT" else {}
        return (await asks.client.request(method, path, params={"reference": "JIRA-1"}, **body)).status_code
    if method == "PUT":
        return (await asks.client.put(path, params={"external_id": "X-1"}, json=said)).status_code
    return (await asks.post(path, **said)).status_code


async def answers(world: World, sqlite_url: str, tmp_path: Path, doors: list[str]) -> dict[str, list[str]]:
    """Ask every door as everybody, from the same world each time."""
    app, file, before = whole_app(), Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "before.sqlite"
    programs = [
        await program(actor, app=app) if (actor := world.actors[name]) else Program(app, world.ids.get(f"key {name}", ""))
        for name in WHO.split()
    ]
    for one in programs:
        await one.get("/teams")
    put_back(file, before)
    found: dict[str, list[str]] = {}
    for door in doors:
        for asks in programs:
            status = await ask(asks, door, world)
            found.setdefault(door, []).append(str(status))
            if not door.startswith("GET") and status < 400:
                put_back(before, file)
    return found


async def test_every_door_answers_everybody_as_the_table_says(world: World, sqlite_url: str, tmp_path: Path) -> None:
    expected = table()
    seen = await answers(world, sqlite_url, tmp_path, list(expected))
    wrong = [f"{door} | {' '.join(said)}" for door, said in seen.items() if said != expected[door]]
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_door_is_missing_in_the_table() -> None:
    doors = {
        f"{method} {route.path_format.removeprefix('/api/v1')}" for route in whole_app().routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/")
        for method in route.methods - {"OPTIONS"}
    }  # fmt: skip
    there = {" ".join(door.split(" ")[:2]) for door in table()}
    assert doors - there == {"GET /docs", "GET /openapi.json"}
    assert there - doors == set()
    assert {route for route in SENDS if not {f"POST {route}", f"PUT {route}"} & there} == set()
    assert {len(row) for row in table().values()} == {len(WHO.split())}
