"""The templates: one environment for pages, one for the text of letters."""

from __future__ import annotations

import functools
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from lucide.jinja import lucide
from markupsafe import Markup

from floorday.render import chart, refs, when, words

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


AMBIENT = ("csrf", "once", "downloads", "moment_of")
"""What macros may ask of the page in which they stand; they are functions."""

_around: ContextVar[Mapping[str, Any]] = ContextVar("around")


def page(template_name: str, /, **context: Any) -> str:
    """Render a page.

    Macros are made once for all pages, so templates import them without their context: what they need of a page is
    what `AMBIENT` names.
    """
    before = _around.set(context)
    try:
        return env.get_template(template_name).render(context)
    finally:
        _around.reset(before)


def piece(template_name: str, macro: str, /, *given: Any) -> Markup:
    """Render a macro alone; one that is to be kept may ask nothing of the page."""
    return getattr(env.get_template(template_name).module, macro)(*given)


MOST_KEPT = 512
"""So many pieces of pages are kept in a process, the last ones that were shown; each is some kilobytes at most."""

_kept: OrderedDict[Hashable, Markup] = OrderedDict()


def drawn_for(*depends: Hashable, caller: Callable[[], Markup]) -> Markup:
    """Draw a piece of a page once for everything that it depends on: what is given here, and the language.

    In a template: `{% call drawn_for("side", frame) %} ... {% endcall %}`. What it depends on is compared as a whole,
    so nobody is shown a piece that would not be drawn just so for them.
    """
    key = (words.language(), depends)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = caller()
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    else:
        _kept.move_to_end(key)
    return found


HOLE = f"\x02{secrets.token_hex(8)}\x02"
"""Stands before and behind the name of a hole in what is drawn; whatever anybody types, it is not this."""

MOST_HOLED = 256
_holed: OrderedDict[Hashable, Holed] = OrderedDict()


class Holed:
    """A piece of a page with holes: drawn once, and filled for each page with what is that page's own."""

    __slots__ = ("names", "texts")

    def __init__(self, drawn: str) -> None:
        pieces = drawn.split(HOLE)
        self.texts = pieces[0::2]
        self.names = pieces[1::2]

    def filled(self, **given: str) -> list[Markup]:
        """Fill the holes that are named here with markup, and `csrf` and `once` with this page's tokens.

        Gives the piece, cut at all the other holes, which are of the page itself.
        """
        found: list[Markup] = []
        parts = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            value = str(_around.get()[name]()) if name in TOKENS else given.get(name)
            if value is None:
                found.append(Markup("".join(parts)))  # noqa: S704 - drawn by a template, holes filled with markup
                parts = [text]
            else:
                parts += (value, text)
        found.append(Markup("".join(parts)))  # noqa: S704 - the same
        return found


TOKENS = ("csrf", "once")


def hole(name: str) -> Markup:
    """Leave room in a piece for what is another in each page."""
    return Markup(f"{HOLE}{name}{HOLE}")  # noqa: S704 - a name of ours


def holed(key: Hashable, draw: Callable[[], str]) -> Holed:
    """Draw a piece with holes once for everything that it depends on, `key` and the language, as `drawn_for` does."""
    key = (words.language(), key)
    found = _holed.get(key)
    if found is None:
        before = _around.set({name: functools.partial(hole, name) for name in TOKENS})
        try:
            found = _holed[key] = Holed(draw())
        finally:
            _around.reset(before)
        while len(_holed) > MOST_HOLED:
            _holed.popitem(last=False)
    else:
        _holed.move_to_end(key)
    return found


def surrounded(*depends: Hashable) -> list[Markup]:
    """Give what stands around the blocks of a page for its reader (`shell.html`), cut at the blocks."""
    return holed(("shell", depends), lambda: piece("shell.html", "shell", *depends)).filled()


def _ambient(name: str) -> Any:
    def ask() -> Any:
        return _around.get()[name]()

    return ask


def letter(template_name: str, /, **context: Any) -> str:
    """Render a part of a letter; only `.html` is escaped."""
    return letter_env.get_template(template_name).render(**context)


@functools.lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> Markup:
    """Draw an icon; without a label it is decoration and stays silent."""
    said: dict[str, str] = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return Markup(lucide(name, size=20, focusable="false", **said | {"class": "icon"}))  # noqa: S704 - no text of ours


def initials(name: str) -> str:
    """Take the two letters that stand for a person."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


class Templates(Environment):
    """An environment that looks for a changed file once a second, not with each template that a page is made of."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._at_hand: dict[str, Template] = {}
        self._holds_for: tuple[int, Any] = (0, None)

    def get_template(self, name: str | Template, parent: str | None = None, globals: Any = None) -> Template:
        """Give a template; its globals are the environment's own, so what was imported once is not made anew."""
        if self._holds_for != (holds_for := (int(time.monotonic()), self.loader)):
            self._at_hand.clear()
            self._holds_for = holds_for
        if globals is not None or not isinstance(name, str):
            return super().get_template(name, parent, globals)
        found = self._at_hand.get(name)
        if found is None:
            found = self._at_hand[name] = super().get_template(name, parent)
            # A plain dictionary: Jinja's own is a chain of two, through which it looks name by name for each page.
            found.globals = self.globals
        return found


def _environment(*, escaped: bool) -> Environment:
    made = Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True if escaped else select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not escaped,
    )
    said: Any = made  # the extension adds this method at run time
    said.install_gettext_callables(_said, _counted, newstyle=True, pgettext=_in_context)
    known: dict[str, Any] = {
        "icon": icon, "initials": initials, "when": when, "language": words.language,
        "issue_ref": refs.ref, "columns": chart.in_page, "chart_rows": chart.rows,
    }  # fmt: skip
    if escaped:
        known |= {"drawn_for": drawn_for, "hole": hole, "surrounded": surrounded}
        known |= {name: _ambient(name) for name in AMBIENT}
    cast("dict[str, Any]", made.globals).update(known)
    made.filters.update(initials=initials, ago=when.ago, zone_words=when.zone_words)
    if escaped:
        # Not the extension's own, which looks for its context with each word: these are most of a page's calls.
        cast("dict[str, Any]", made.globals)["_"] = _marked
    return made


@functools.lru_cache(maxsize=4096)
def _translated(language: str, message: str) -> Markup:
    with words.speaking(language):
        return Markup(_said(message))  # noqa: S704 - words of ours, or of a translator


def _marked(message: str, /, **parts: Any) -> Markup:
    """Translate in a page: the sentence is markup, its parts are escaped."""
    return _translated(words.language(), message) % parts


def _said(message: str) -> str:
    return words.catalogue().gettext(message)


def _counted(one: str, many: str, n: int) -> str:
    return words.catalogue().ngettext(one, many, n)


def _in_context(context: str, message: str) -> str:
    return words.catalogue().pgettext(context, message)


env = _environment(escaped=True)
"""Templates of pages: everything is escaped."""

letter_env = _environment(escaped=False)
"""Templates of letters: the HTML part is escaped, subject and text are not."""
