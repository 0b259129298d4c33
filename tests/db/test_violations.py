"""A broken rule of the database has the same name on both."""

from __future__ import annotations

import pytest

from floorday import db
from floorday.errors import Refused
from tests.db.things import Thing, add

TABLES = [
    "CREATE TABLE parent (id integer PRIMARY KEY, code integer UNIQUE)",
    """CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent (id), name text NOT NULL,
        size integer CONSTRAINT child_size_small CHECK (size < 10), place text, day integer)""",
    "CREATE UNIQUE INDEX child_place_once ON child (place, day) WHERE day > 0",
    "CREATE UNIQUE INDEX child_name_folded ON child (lower(name))",
    "INSERT INTO parent VALUES (1, 7)",
    "INSERT INTO child VALUES (1, 1, 'Ann', 1, 'floor', 3)",
]
BROKEN = {
    "INSERT INTO parent VALUES (1, 8)": "parent_pkey",
    "INSERT INTO parent VALUES (2, 7)": "parent_code_key",
    "INSERT INTO child VALUES (2, 99, 'Ben', 1, 'x', 0)": "foreign key",
    "INSERT INTO child VALUES (2, 1, NULL, 1, 'x', 0)": "child.name",
    "INSERT INTO child VALUES (2, 1, 'Ben', 10, 'x', 0)": "child_size_small",
    "INSERT INTO child VALUES (2, 1, 'Ben', 1, 'floor', 3)": "child_place_once",
    "INSERT INTO child VALUES (2, 1, 'ANN', 1, 'x', 0)": "child_name_folded",
    "DELETE FROM parent": "foreign key",
}
TRIGGER = {
    "sqlite": ["""CREATE TRIGGER no_tuesday BEFORE INSERT ON thing WHEN NEW.name = 'tuesday'
        BEGIN SELECT RAISE(ABORT, 'thing_not_on_tuesday'); END"""],
    "postgres": [
        """CREATE FUNCTION no_tuesday() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.name = ''tuesday'' THEN RAISE EXCEPTION ''thing_not_on_tuesday''; END IF; RETURN NEW; END'""",
        "CREATE TRIGGER no_tuesday BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION no_tuesday()",
    ],
}


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a transaction"])
async def test_both_databases_name_what_was_broken(database, inside):
    for sql in TABLES:
        await db.run_sql(sql)
    named = {}
    for sql in BROKEN:
        with pytest.raises(Exception) as caught:  # noqa: PT011
            if inside:
                async with db.transaction():
                    await db.run_sql(sql)
            else:
                await db.run_sql(sql)
        named[sql] = db.violated(caught.value)
    assert named == BROKEN


async def test_a_trigger_is_named_by_its_message(things):
    for sql in TRIGGER[db.dialect()]:
        await db.run_sql(sql)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await add("tuesday")
    assert db.violated(caught.value) == "thing_not_on_tuesday"


async def test_a_checked_column_is_named_after_its_table(things):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await Thing.insert(Thing(name="a", taken=21))
    assert db.violated(caught.value) == "thing_taken_check"


async def test_a_checked_column_may_be_added_later(things):
    await add("a")
    column = "extra integer NOT NULL DEFAULT 0 CONSTRAINT thing_extra_check CHECK (extra < 3)"
    await db.run_sql(f"ALTER TABLE thing ADD COLUMN {column}")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await db.run_sql("UPDATE thing SET extra = 3")
    assert db.violated(caught.value) == "thing_extra_check"


async def test_the_cause_of_an_error_is_searched_too(things):
    await add("a")
    with pytest.raises(Refused) as caught:
        try:
            await add("a")
        except Exception as error:
            raise Refused("This name is taken.") from error
    assert db.violated(caught.value) == "thing_name_once"


@pytest.mark.parametrize("error", [None, ValueError("UNIQUE"), Refused("no")])
def test_other_errors_name_nothing(error):
    assert db.violated(error) is None


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_an_exclusion_is_named(database):
    await db.run_sql("CREATE TABLE stay (room int4range, EXCLUDE USING gist (room WITH &&))")
    await db.run_sql("INSERT INTO stay VALUES ('[1,3)')")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await db.run_sql("INSERT INTO stay VALUES ('[2,4)')")
    assert db.violated(caught.value) == "stay_room_excl"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_mistake_in_sql_breaks_no_rule(database):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await db.run_sql("SELECT nothing")
    assert db.violated(caught.value) is None
