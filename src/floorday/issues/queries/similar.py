"""Issues that a line may already be about: by their faces alone, across teams, open and closed.

Words that stand in few faces bring their issues; of words that stand in many, two or all have to stand together. What
that brings is ordered by how alike the folded texts are.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.db import Statement, dialect, folding, run_sql
from floorday.db.folding import Words
from floorday.issues.queries import asked, kept
from floorday.issues.queries.kept import KEY, Shown
from floorday.issues.queries.search import match
from floorday.issues.rules import Ending, Stage, Turn
from floorday.people.access import Actor, What

WORDS = 12
SHORTEST = 3
COMMON = 300
"""A word that stands in so many faces or more brings nothing by itself."""
MOST = 400
ALIKE = 55.0
"""How alike two texts have to be, of 100."""


class Alike(Struct, frozen=True):
    """An issue that a line may be about, and how alike they are, of 100."""

    shown: Shown
    score: float


async def similar(actor: Actor, text: str, *, limit: int = 5) -> list[Alike]:
    """Find what a line may already be about, the most alike first; of an issue that is part of another, the other."""
    scores = (await _scored(actor, text, limit=limit))[1]
    best = sorted(scores, key=lambda number: (-scores[number], -number))[: limit * 2]
    if not best:
        return []
    where, may = asked.among("i.number", best), asked.seen(actor, What.FACES)
    if may is not None:
        where &= may
    found = await kept.selected(actor, Statement(f"SELECT {KEY} FROM issue i WHERE {where.sql}"), where.args)  # noqa: S608
    alike = [Alike(one, scores[one.row.number]) for one in found]
    return sorted(alike, key=lambda one: (-one.score, -one.shown.row.number))[:limit]


class Likeness(Struct, frozen=True):
    """The face of an issue that a line may be about."""

    id: UUID
    number: int
    title: str
    stage: Stage


async def alike(actor: Actor, text: str, *, but: int, limit: int = 5) -> list[Likeness]:
    """Find the faces alone of what `similar` finds, in two queries; `but` is the number of the issue asked for."""
    faces, scores = await _scored(actor, text, limit=limit + 1)
    whole = {row["whole"]: row for row in faces.values()}
    best = sorted((number for number in scores if number != but), key=lambda number: (-scores[number], -number))
    return [
        Likeness(UUID(str(row["id"])), number, row["title"], Stage.of(Turn(row["turn"]), Ending(row["ending"])))
        for number in best[:limit] if (row := whole[number])
    ]  # fmt: skip


async def _scored(actor: Actor, text: str, *, limit: int) -> tuple[dict[int, dict[str, Any]], dict[int, float]]:
    """Give the faces that hold words of a text, and how alike the best of them are, by the number of the whole."""
    folded = folding.fold(text)
    words = sorted({word for word in folded.split() if len(word) >= SHORTEST}, key=lambda one: (-len(one), one))[:WORDS]
    phrases = await _phrases(words) if words else []
    faces = await _faces(actor, phrases) if phrases else {}
    scores: dict[int, float] = {}
    if not faces:
        return faces, scores
    from rapidfuzz import fuzz, process  # when it is first needed

    newest_first = {number: row["face"] for number, row in sorted(faces.items(), reverse=True)}  # of equals the newest
    for _face, score, number in process.extract(
        folded, newest_first, scorer=fuzz.token_set_ratio, limit=limit * 4, score_cutoff=ALIKE,
    ):  # fmt: skip
        whole = faces[number]["whole"]
        scores[whole] = max(score, scores.get(whole, 0.0))
    return faces, scores


def _stem(word: str) -> Words:
    """Look for the beginning of a long word, so that its endings do not matter."""
    return Words(((word if len(word) < 6 else word[:-2],),), begun=len(word) >= 6)


async def _phrases(words: list[str]) -> list[str]:
    """Say to the database's index what is to be looked for, the rarest first."""
    columns, args = zip(*(match("face", _stem(word)) for word in words), strict=True)
    source = "issue_words w" if dialect() == "postgres" else "face_index"
    counts = ", ".join(
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM {source} WHERE {one} LIMIT {COMMON}) AS c{n}) AS n{n}"  # noqa: S608
        for n, one in enumerate(columns))  # fmt: skip
    row: dict[str, Any] = (await run_sql(f"SELECT {counts}", *args))[0]
    known = sorted((row[f"n{n}"], n) for n in range(len(words)) if row[f"n{n}"])
    said = [args[n] for count, n in known if count < COMMON]
    common = [args[n] for count, n in known if count >= COMMON]
    both = " & " if dialect() == "postgres" else " AND "
    if len(common) > 2:
        said.append(both.join(common))
    said += [both.join(pair) for pair in combinations(common[:5], 2)]
    if len(known) == 1 and common:
        said += common
    return said


async def _faces(actor: Actor, phrases: list[str]) -> dict[int, dict[str, Any]]:
    """Read the faces that hold one of these, as far as somebody may see them, each with the face of its whole."""
    if dialect() == "postgres":
        one = "SELECT w.number FROM issue_words w WHERE w.face_lexemes @@ CAST(CAST({} AS TEXT) AS tsquery)"
        order = "w.number"
    else:
        one, order = "SELECT rowid AS number FROM face_index WHERE face_index MATCH {}", "rowid"
    each = " UNION ".join(
        f"SELECT number FROM ({one} ORDER BY {order} DESC LIMIT {COMMON}) AS p{n}"  # noqa: S608
        for n in range(len(phrases)))  # fmt: skip
    may = asked.seen(actor, What.FACES)
    where, args = (f"WHERE {may.sql}", may.args) if may is not None else ("", ())
    rows = await run_sql(
        "SELECT f.number, f.face, i.id, i.number AS whole, i.title, i.turn, i.ending"  # noqa: S608 - own words
        " FROM (SELECT i.number, COALESCE(i.joined_into, i.id) AS whole"
        f" FROM (SELECT number FROM ({each}) AS every) AS found JOIN issue i ON i.number = found.number {where})"
        f" AS part JOIN issue_words f ON f.number = part.number JOIN issue i ON i.id = part.whole {where}",
        *phrases, *args, *args,
    )  # fmt: skip
    return {row["number"]: row for row in rows}
