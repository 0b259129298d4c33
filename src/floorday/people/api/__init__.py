"""People, teams and departments for programs."""

from floorday.people.api import assistants, persons, places
from floorday.web.api import api_router

router = api_router([*persons.handlers, *places.handlers, *assistants.handlers])
