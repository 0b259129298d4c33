"""Which statements only read, so that SQLite's readers may run them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

READS = {"SELECT", "VALUES", "EXPLAIN"}
WRITES = {"INSERT", "UPDATE", "DELETE", "REPLACE"}
ASKING_PRAGMAS = {
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    "foreign_key_check", "integrity_check", "quick_check", "database_list", "compile_options", "function_list",
}

TOKEN = re.compile(
    r"""--[^\n]* | /\*.*?(?:\*/|\Z)                          # comments
      | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^]]*\]   # text and quoted names
      | [()=] | \w+""",
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=1024)
def only_reads(sql: str) -> bool:
    """Tell whether a statement changes nothing; when in doubt it does."""
    words = _words(sql)
    first = next(words, "")
    if first == "WITH":
        return _verb_of_with(words) in READS
    if first == "PRAGMA":
        named, *rest = [word for word in words if word not in "()"] or [""]
        return named.lower() in ASKING_PRAGMAS or (not rest and named.lower() in {"user_version", "journal_mode"})
    return first in READS


def _verb_of_with(words: Iterator[str]) -> str:
    """Find the verb after the last common table expression, outside all brackets."""
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word in READS | WRITES:
            return word
    return ""


def _words(sql: str) -> Iterator[str]:
    for found in TOKEN.finditer(sql):
        word = found[0]
        if not word.startswith(("--", "/*", "'", '"', "`", "[")):
            yield word.upper() if word.isascii() else word
