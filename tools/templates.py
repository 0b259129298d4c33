"""Read every template for what a page or a letter must not hold.

No style attribute, no inline script or handler (the pages forbid them, so they would do nothing), no `|safe` outside
the list below, and no words outside gettext, as far as a simple reading can tell. Then djlint looks at the markup.

python tools/templates.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "src/floorday/templates"

SAFE: dict[str, str] = {}
"""Template -> why `|safe` is safe there."""

NAMES = {"floorday", "FD"}
"""Words that are the same in every language."""

SPOKEN = {"alt", "title", "placeholder", "aria-label", "aria-description", "label", "summary"}
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
EXPRESSION = "\x00"
WORDS = re.compile(r"[^\W\d_]{2,}")
ATTRIBUTE = re.compile(r"""[\w-]+="[^"]*"\s*""")
"""What a macro may write for a tag around it."""


class Wrong(NamedTuple):
    """A place in a template and what is wrong there."""

    path: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.says}"


class Reader(HTMLParser):
    """Collect what is wrong in markup from which the template language has been taken out."""

    def __init__(self, *, letter: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.letter = letter
        self.silent = ""
        self.wrong: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag's attributes."""
        given = dict(attrs)
        line = self.getpos()[0]
        if tag in ("script", "style"):
            self.silent = tag
        if tag == "script" and "src" not in given and given.get("type") not in ("application/json", "importmap"):
            self.wrong.append((line, "an inline script, which the page's policy forbids"))
        if tag == "style" and not self.letter:
            self.wrong.append((line, "an inline style sheet, which the page's policy forbids"))
        for name, value in attrs:
            if name == "style" and not self.letter:
                self.wrong.append((line, "a style attribute, which the page's policy forbids"))
            elif name.startswith("on"):
                self.wrong.append((line, f"an inline handler ({name}), which the page's policy forbids"))
            elif name in SPOKEN and speaks(value or ""):
                self.wrong.append((line, f"words outside gettext in {name}: {value!r}"))

    def handle_endtag(self, tag: str) -> None:
        """Leave what nobody reads."""
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        """Look at what people read."""
        if not self.silent and speaks(ATTRIBUTE.sub("", data)):
            words = " ".join(data.replace(EXPRESSION, " ").split())
            first = len(data) - len(data.lstrip())
            self.wrong.append((self.getpos()[0] + data[:first].count("\n"), f"words outside gettext: {words[:60]!r}"))


def speaks(text: str) -> bool:
    """Tell whether anything here would have to be translated."""
    return any(word not in NAMES for word in WORDS.findall(text))


def markup(source: str) -> tuple[str, list[tuple[int, str]]]:
    """Take the template language out, line by line, and say what is wrong inside it."""
    out: list[str] = []
    wrong: list[tuple[int, str]] = []
    translated = False
    tokens = [token for token in Environment(autoescape=True).lex(source) if token[1] != "whitespace"]
    inside = 0
    for index, (line, kind, value) in enumerate(tokens):
        before = tokens[index - 1][2] if index else ""
        if kind == "data":
            out.append(re.sub(r"[^\n]", EXPRESSION, value) if translated else value)
            continue
        out.append("\n" * value.count("\n") + (EXPRESSION if kind == "variable_begin" else ""))
        if kind == "name" and before in ("{%", "{%-", "{%+") and value in ("trans", "endtrans"):
            translated = value == "trans"
        if before == "block" and value.endswith("_class"):
            translated = True
        if value == "endblock":
            translated = False
        if kind == "name" and value == "safe" and before == "|":
            wrong.append((line, "|safe"))
        if kind == "operator" and value == "(" and (inside or before in GETTEXT):
            inside += 1
        elif kind == "operator" and value == ")" and inside:
            inside -= 1
        elif kind == "string" and not inside and re.match(r"""['"][A-Z][a-z]+(?:[ .,!?'"]|$)""", value):
            wrong.append((line, f"words outside gettext: {value}"))
    return "".join(out), wrong


def wrong_in(name: str, source: str) -> list[Wrong]:
    """Say what is wrong in one template."""
    text, wrong = markup(source)
    if name.endswith(".html"):
        reader = Reader(letter=name.startswith("letters/"))
        reader.feed(text)
        reader.close()
        wrong += reader.wrong
    else:
        lines = enumerate(text.splitlines(), 1)
        wrong += [(n, f"words outside gettext: {line.strip()[:60]!r}") for n, line in lines if speaks(line)]
    return [Wrong(name, line, says) for line, says in sorted(wrong) if not (says == "|safe" and name in SAFE)]


def main() -> None:
    """Read them all."""
    paths = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt"))
    wrong: list[Wrong] = []
    for path in paths:
        wrong += wrong_in(path.relative_to(TEMPLATES).as_posix(), path.read_text(encoding="utf-8"))
    if wrong:
        sys.exit("\n".join(str(each) for each in wrong))
    djlint = [sys.executable, "-m", "djlint", str(TEMPLATES), "--lint", "--quiet"]
    if subprocess.run(djlint, cwd=ROOT, check=False).returncode:
        sys.exit(1)
    print(f"{len(paths)} templates read.")


if __name__ == "__main__":
    main()
