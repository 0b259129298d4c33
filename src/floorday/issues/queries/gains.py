"""What fixing an issue `i` would bring, as words of SQL without arguments: the same as `worth.Worth.gain`."""

from __future__ import annotations

from floorday.issues.worth import LEAST, Gain, Least

HOURS = "i.minutes_per_case * i.cases_per_month / 60.0"
"""NULL where one of the two is not stated."""

MOST_HOURS = "COALESCE(i.minutes_per_case * i.cases_per_month, 0) DESC, i.raised_at, i.number"
"""As the index of quick wins stands."""

RETURNS = "(SELECT COUNT(*) FROM issue_event b WHERE b.issue = i.id AND b.what = 'returned')"

MET_BY = (
    "(SELECT COUNT(DISTINCT m.reporter) + COUNT(*) - COUNT(m.reporter) FROM ("
    "SELECT n.reporter FROM note n WHERE n.issue = i.id AND n.withdrawn_at IS NULL"
    " UNION ALL SELECT n.reporter FROM issue p JOIN note n ON n.issue = p.id"
    " WHERE p.joined_into = i.id AND n.withdrawn_at IS NULL"
    " UNION ALL SELECT b.reporter FROM issue_event b"
    " WHERE b.issue = i.id AND b.what = 'returned' AND b.reporter IS NOT NULL"
    " UNION ALL SELECT b.reporter FROM issue p JOIN issue_event b ON b.issue = p.id"
    " WHERE p.joined_into = i.id AND b.what = 'returned' AND b.reporter IS NOT NULL) AS m)"
)
"""Persons, and each anonymous note, those of joined issues included."""


def _reaches(least: Least) -> str:
    # What stands in the row itself before what is counted.
    return (
        f"({HOURS} >= {least.hours} OR i.reputation >= {least.reputation}"
        f" OR {MET_BY} >= {least.met_by} OR {RETURNS} >= {least.returns})"
    )


WORTH_DOING = _reaches(LEAST[Gain.SOME])

GAIN = (
    "CASE " + " ".join(f"WHEN {_reaches(least)} THEN '{gain.value}'" for gain, least in LEAST.items())
    + f" WHEN i.minutes_per_case IS NULL OR i.cases_per_month IS NULL THEN '{Gain.UNSAID.value}'"
    f" ELSE '{Gain.LITTLE.value}' END"
)  # fmt: skip
