"""The people of Ferncastle, a company made up for the demo: power, gas and broadband for homes.

Whoever is named here is nobody. Keys are the beginnings of mail addresses.
"""

from __future__ import annotations

from msgspec import Struct

COMPANY = "Ferncastle"
DOMAIN = "ferncastle.example"
LONDON, DUBLIN, STOCKHOLM, BERLIN = "Europe/London", "Europe/Dublin", "Europe/Stockholm", "Europe/Berlin"


class Somebody(Struct, frozen=True):
    """A person: what they are called, what they do, where they live."""

    name: str
    job_title: str
    zone: str = LONDON


class Crew(Struct, frozen=True):
    """A team: its place, its lead, its members (the first one hosts), and its picture of good service."""

    name: str
    site: str
    place: str
    zone: str
    lead: str
    members: tuple[str, ...]
    picture: str


class Bureau(Struct, frozen=True):
    """A department: its head, its owners and its charter in working days."""

    name: str
    head: str
    owners: tuple[str, ...]
    charter: tuple[int, int, int]


FIRST = "sam.whitlock"
COORDINATOR = "maya.lindqvist"
HEAD_OF_SERVICE = "ruth.calloway"

MANAGERS = {
    "ann.archer": Somebody("Ann Archer", "Chief operating officer"),
    "karin.nyberg": Somebody("Karin Nyberg", "Chief financial officer", STOCKHOLM),
    "owen.achebe": Somebody("Owen Achebe", "Director of digital"),
    "priya.raman": Somebody("Priya Raman", "Director of products"),
    "tomas.oleary": Somebody("Tomás O'Leary", "General counsel", DUBLIN),
    "jurgen.weiss": Somebody("Jürgen Weiß", "Director of procurement", BERLIN),
    "linnea.dahl": Somebody("Linnea Dahl-Ruiz", "Director of field operations", STOCKHOLM),
    "david.mensah": Somebody("David Mensah", "Chief people officer"),
}

ASSISTANTS = {
    "noor.haddad": Somebody("Noor Haddad", "Executive assistant"),
    "peter.sandstrom": Somebody("Peter Sandström", "Executive assistant", STOCKHOLM),
    "roisin.daly": Somebody("Róisín Daly", "Executive assistant", DUBLIN),
}
ASSISTS = {
    "noor.haddad": ("ann.archer", "david.mensah"),
    "peter.sandstrom": ("karin.nyberg", "linnea.dahl"),
    "roisin.daly": ("tomas.oleary", "jurgen.weiss"),
}

OFFICE = {
    FIRST: Somebody("Sam Whitlock", "Systems administrator"),
    COORDINATOR: Somebody("Maya Lindqvist", "Programme coordinator"),
    HEAD_OF_SERVICE: Somebody("Ruth Calloway", "Head of customer service"),
}

FLOOR = {
    "ben.adeyemi": Somebody("Ben Adeyemi", "Team lead, Billing"),
    "fatima.begum": Somebody("Fatima Begum", "Billing adviser"),
    "callum.doyle": Somebody("Callum Doyle", "Billing adviser"),
    "grace.okonkwo": Somebody("Grace Okonkwo", "Billing adviser"),
    "astrid.holm": Somebody("Astrid Holm", "Team lead, Networks", STOCKHOLM),
    "elias.bergqvist": Somebody("Elias Bergqvist", "Network adviser", STOCKHOLM),
    "leila.moradi": Somebody("Leila Moradi", "Network adviser", STOCKHOLM),
    "jonas.akerlund": Somebody("Jonas Åkerlund", "Network adviser", STOCKHOLM),
    "aoife.kavanagh": Somebody("Aoife Kavanagh", "Team lead, Moves", DUBLIN),
    "donal.byrne": Somebody("Dónal Byrne", "Moves adviser", DUBLIN),
    "zanele.dube": Somebody("Zanele Dube", "Moves adviser", DUBLIN),
    "mei.tan": Somebody("Mei Tan", "Moves adviser", DUBLIN),
    "gareth.price": Somebody("Gareth Price", "Team lead, Faults"),
    "imani.clarke": Somebody("Imani Clarke", "Faults adviser"),
    "rhys.morgan": Somebody("Rhys Morgan", "Faults adviser"),
    "sofia.marchetti": Somebody("Sofia Marchetti", "Faults adviser"),
}

FIXERS = {
    "victor.hale": Somebody("Victor Hale", "Head of IT"),
    "cleo.fontaine": Somebody("Cleo Fontaine", "Product owner, service desk tools"),
    "arjun.mehta": Somebody("Arjun Mehta", "Product owner, customer messages"),
    "bridget.lowe": Somebody("Bridget Lowe", "Head of invoicing"),
    "marcus.webb": Somebody("Marcus Webb", "Invoicing process manager"),
    "petra.quill": Somebody("Petra Quill", "Invoicing analyst"),
    "henrik.sjoberg": Somebody("Henrik Sjöberg", "Head of field service", STOCKHOLM),
    "agnieszka.nowak": Somebody("Agnieszka Nowak", "Field planning manager", STOCKHOLM),
    "eleanor.pike": Somebody("Eleanor Pike", "Head of legal services"),
    "yusuf.demir": Somebody("Yusuf Demir", "Customer rights counsel"),
    "colin.frost": Somebody("Colin Frost", "Head of products and planning"),
    "hana.suzuki": Somebody("Hana Suzuki", "Product manager, home contracts"),
}

LEAVER, SUCCESSOR = "petra.quill", "marcus.webb"
"""Who has left by today, and who has taken over what hung on them."""

EVERYBODY = OFFICE | MANAGERS | ASSISTANTS | FLOOR | FIXERS

BILLING, NETWORKS, MOVES, FAULTS = "Billing", "Networks", "Moves", "Faults"

TEAMS = (
    Crew(
        BILLING, "Leeds", "Leeds, Canal Wharf, second floor", LONDON, "ben.adeyemi",
        ("fatima.begum", "callum.doyle", "grace.okonkwo"),
        "The bill is right the first time.\nA refund is promised with its date.\n"
        "Nobody has to call twice for one thing.\nWhoever picks up knows what was said before.",
    ),
    Crew(
        NETWORKS, "Malmö", "Malmö, Hamngatan 4, ground floor", STOCKHOLM, "astrid.holm",
        ("elias.bergqvist", "leila.moradi", "jonas.akerlund"),
        "We know of the outage before the customer calls.\nA visit has a time, and the time is kept.\n"
        "Whoever picks up can tell what has been tried.\nNobody waits on the line to hear that we know already.",
    ),
    Crew(
        MOVES, "Cork", "Cork, Albert Quay, third floor", DUBLIN, "aoife.kavanagh",
        ("donal.byrne", "zanele.dube", "mei.tan"),
        "One call is enough to move home.\nThe heating is on when the customer walks in.\n"
        "We never ask for what we know.",
    ),
    Crew(
        FAULTS, "Cardiff", "Cardiff, Bay House, first floor", LONDON, "gareth.price",
        ("imani.clarke", "rhys.morgan", "sofia.marchetti"),
        "The caller is safe before anything else.\nThe first visit has the right part.\n"
        "We ring back when we said we would.",
    ),
)  # fmt: skip

IT, INVOICING, FIELD, LEGAL, PRODUCTS = "IT", "Invoicing", "Field service", "Legal", "Products and planning"

DEPARTMENTS = (
    Bureau(IT, "victor.hale", ("cleo.fontaine", "arjun.mehta"), (2, 10, 30)),
    Bureau(INVOICING, "bridget.lowe", ("marcus.webb", "petra.quill"), (2, 10, 30)),
    Bureau(FIELD, "henrik.sjoberg", ("agnieszka.nowak",), (1, 5, 20)),
    Bureau(LEGAL, "eleanor.pike", ("yusuf.demir",), (3, 10, 40)),
    Bureau(PRODUCTS, "colin.frost", ("hana.suzuki",), (2, 10, 40)),
)


def address(key: str) -> str:
    """Write somebody's mail address."""
    return f"{key}@{DOMAIN}"
