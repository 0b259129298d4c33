"""Everybody at Ferncastle beside the cast: two more teams, five more departments, and who has been there all along.

They are brought in with the past (`past`); the scenes of the present weeks are the cast's.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from msgspec import Struct

from floorday.demo import cast, year
from floorday.demo.cast import BILLING, DOMAIN, FAULTS, FIELD, INVOICING, IT, LEGAL, MOVES, NETWORKS, PRODUCTS

CONTRACTS, EVENINGS = "Contracts", "Evenings"
TEAMS = (BILLING, NETWORKS, MOVES, FAULTS, CONTRACTS, EVENINGS)
"""In the order of the year's numbers, as are the departments."""
SITES = {CONTRACTS: "Glasgow", EVENINGS: "Leeds"}
PICTURES = {
    CONTRACTS: ("What was promised on the phone stands in the contract.", "A change takes one call."),
    EVENINGS: ("Whoever calls after work is not sent to tomorrow.", "The night shift hears what the day shift knows."),
}

DEPARTMENTS = (
    IT, INVOICING, LEGAL, FIELD, PRODUCTS, "Facilities", "Training", "Workforce planning", "Data", "Payments",
)  # fmt: skip
CHARTER = (2, 10, 40)
"""Of the departments that have no cast: working days until it is acknowledged, a word is said, it is fixed."""

MANAGERS = (
    "Director of marketing", "Director of brand", "Chief risk officer", "Director of energy trading",
    "Director of networks", "Director of sales", "Group treasurer", "Director of property", "Director of analytics",
    "Director of pricing", "Director of communications", "Director of partnerships",
)  # fmt: skip
"""What the managers do who are not of the cast."""
ASSISTANTS = 6
REPORTERS = 112

FIRST_NAMES = (
    "Adaeze", "Agnes", "Aidan", "Aleksy", "Alva", "Amara", "Anouk", "Anwar", "Beatriz", "Bilal", "Bronwen",
    "Caleb", "Camille", "Chidi", "Ciara", "Dalia", "Daria", "Declan", "Dilys", "Edith", "Emeka", "Enzo", "Esme",
    "Farah", "Femi", "Finlay", "Freya", "Gideon", "Greta", "Hamza", "Harriet", "Idris", "Ilse", "Ines", "Isaac",
    "Ivana", "Jasmin", "Jonah", "Kaja", "Keir", "Khadija", "Lachlan", "Lars", "Lena", "Lucian", "Malik", "Marit",
    "Matteo", "Mina", "Nadia", "Niamh", "Olu", "Orla", "Pavel", "Rafael", "Rosalind", "Saoirse", "Selma", "Tariq",
)  # fmt: skip
SURNAMES = (
    "Abara", "Aldridge", "Amundsen", "Asante", "Barlow", "Bennet", "Castell", "Chowdhury", "Coyle", "Dacosta",
    "Darby", "Eriksen", "Fairley", "Farouk", "Fenton", "Galvin", "Garside", "Ghosh", "Halloran", "Hartley",
    "Hedlund", "Ibekwe", "Ingram", "Jarvis", "Kamau", "Kearney", "Keller", "Laird", "Larkin", "Lindahl",
    "Lockwood", "Mahon", "Marsden", "Mbeki", "Moreau", "Nakamura", "Naylor", "Nwosu", "Oakes", "Okafor",
    "Ostrowski", "Pereira", "Pryce", "Qureshi", "Redfern", "Rourke", "Sadler", "Sandhu", "Sefton", "Solberg",
    "Tanaka", "Thorne", "Tilley", "Usman", "Varga", "Vickers", "Wadham", "Whelan", "Yardley", "Yilmaz",
    "Zielinski",
)  # fmt: skip


class One(Struct, frozen=True):
    """Somebody of the crowd: their name, and what they do."""

    name: str
    job_title: str

    @property
    def key(self) -> str:
        """Give the beginning of their mail address."""
        return self.name.lower().replace(" ", ".")


def _named(number: int) -> str:
    return f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {SURNAMES[(number * 8 + 3) % len(SURNAMES)]}"


def _some(first: int, job_titles: list[str]) -> list[One]:
    return [One(_named(first + at), title) for at, title in enumerate(job_titles)]


def _usual() -> list[str]:
    """Say for each reporter of the year the team whose days they noted most on."""
    seen: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for visit in year.visits():
        for raised in visit.raised:
            for by in raised.by:
                seen[by][visit.team] += 1
    return [TEAMS[min(seen[by], key=lambda team, by=by: (-seen[by][team], team))] for by in range(REPORTERS)]


AT = _usual()
"""The team of each reporter."""
FLOOR = _some(0, [f"{team} adviser" for team in AT])
_OTHERS = _some(REPORTERS, [
    *MANAGERS, *["Executive assistant"] * ASSISTANTS, *(f"Team lead, {team}" for team in TEAMS[4:]),
    *(f"Head of {department.lower()}" for department in DEPARTMENTS[5:]),
])  # fmt: skip
_at = iter(_OTHERS)
MORE_MANAGERS = [next(_at) for _one in MANAGERS]
MORE_ASSISTANTS = [next(_at) for _one in range(ASSISTANTS)]
LEADS = {team: next(_at) for team in TEAMS[4:]}
HEADS = {department: next(_at) for department in DEPARTMENTS[5:]}
EVERYBODY = [*FLOOR, *_OTHERS]

ALL_MANAGERS = [*cast.MANAGERS, *(one.key for one in MORE_MANAGERS)]
"""In the order of the year's numbers."""


def address(one: One) -> str:
    """Write somebody's mail address."""
    return f"{one.key}@{DOMAIN}"
