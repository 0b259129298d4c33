"""The doors for people: signing in, one's own settings, who is who."""

from litestar import Router

from floorday.people.pages import devices, own, persons, places, sign_in, tokens, wishes
from floorday.people.pages.shared import role_name

router = Router(
    path="/",
    route_handlers=[
        sign_in.sign_in_page,
        sign_in.ask_code,
        sign_in.sign_in,
        sign_in.link_page,
        sign_in.sign_in_by_link,
        sign_in.sign_out,
        own.own_settings,
        own.change_own,
        own.end_session,
        own.set_pin,
        *devices.handlers,
        *wishes.handlers,
        tokens.tokens_page,
        tokens.create_token,
        tokens.revoke_token,
        persons.people_page,
        persons.new_person_page,
        persons.add_person,
        persons.person_page,
        persons.change_person,
        persons.give_role,
        persons.take_role,
        persons.add_alias,
        persons.drop_alias,
        persons.add_assistant,
        persons.drop_assistant,
        places.teams_page,
        places.new_team_page,
        places.add_team,
        places.team_page,
        places.change_team,
        places.departments_page,
        places.new_department_page,
        places.add_department,
        places.department_page,
        places.change_department,
    ],
)

__all__ = ["role_name", "router"]
