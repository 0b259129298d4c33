"""Sentences in the reader's language.

Rules and actions may import this module: it knows neither templates nor HTTP. Catalogues lie in
`floorday/locale/<language>/LC_MESSAGES/floorday.mo`; a language without one reads the English of the source.

    from floorday.render.words import gettext as _
    _("%(name)s is coming.", name=host.name)
"""

from __future__ import annotations

import functools
import gettext as catalogues
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "locale"
SOURCE_LANGUAGE = "en"

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def language() -> str:
    """Say which language is being spoken now."""
    return _language.get()


def speak(chosen: str) -> None:
    """Speak a language until the end of this request or task."""
    _language.set(chosen or SOURCE_LANGUAGE)


@contextmanager
def speaking(chosen: str) -> Generator[None]:
    """Speak a language inside the block, as a letter does for its reader."""
    before = _language.set(chosen or SOURCE_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(before)


def gettext(message: str, /, **parts: Any) -> str:
    """Translate a sentence and fill its named parts."""
    said = catalogue().gettext(message)
    return said % parts if parts else said


def ngettext(one: str, many: str, n: int, /, **parts: Any) -> str:
    """Translate a sentence that counts; `%(n)s` is the number unless it is given."""
    return catalogue().ngettext(one, many, n) % {"n": n, **parts}


def pgettext(context: str, message: str, /, **parts: Any) -> str:
    """Translate a word whose meaning depends on where it stands."""
    said = catalogue().pgettext(context, message)
    return said % parts if parts else said


def catalogue() -> catalogues.NullTranslations:
    """Return the translations of the language being spoken."""
    return _catalogue(_language.get())


@functools.lru_cache(maxsize=64)
def _catalogue(chosen: str) -> catalogues.NullTranslations:
    return catalogues.translation("floorday", FOLDER, languages=[chosen.replace("-", "_")], fallback=True)
