"""Keep the documents true: links lead somewhere, commands exist, generated pages are fresh.

python tools/docs.py           say what is wrong
python tools/docs.py --write   write the generated pages anew
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
COMMAND = re.compile(r"\bfloorday ([a-z][a-z-]*)\b")
CODE = re.compile(r"```(?:sh|console|)\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def pages(root: Path) -> list[Path]:
    """Every document that belongs to the repository."""
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")])


def anchors(page: Path) -> set[str]:
    """The names that a link may follow after #."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def dead_links(page: Path) -> list[str]:
    """Links of a page to files or headings that are not there; addresses elsewhere are not looked at."""
    found: list[str] = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path) if path else page
        if not target.exists():
            found.append(f"{page.name}: the link to {link} leads nowhere.")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            found.append(f"{page.name}: there is no heading for {link}.")
    return found


def code(page: Path) -> str:
    """What stands in code spans and shell blocks."""
    return "\n".join(a or b for a, b in CODE.findall(page.read_text(encoding="utf-8")))


def unknown_commands(page: Path, *, targets: set[str], commands: set[str]) -> list[str]:
    """`make x` and `floorday x` that a reader could type in vain."""
    text = code(page)
    typed = [f"make {word}" for word in MAKE.findall(text) if word not in targets]
    typed += [f"floorday {word}" for word in COMMAND.findall(text) if word not in commands]
    return [f"{page.name}: there is no `{words}`." for words in typed]


def generated(root: Path) -> dict[Path, str]:
    """The pages that a program writes, with what they have to say today."""
    def printed(tool: str) -> str:
        return subprocess.run([sys.executable, tool], cwd=root, check=True, capture_output=True, text=True).stdout

    return {
        root / "docs/states.md": printed("tools/states.py"),
        root / "docs/a-broken-promise.md": printed("tools/promise.py"),
        root / "docs/a-joined-issue.md": printed("tools/joined.py"),
    }


def wrong(root: Path) -> list[str]:
    """Everything that is not true any more."""
    from floorday.commands import cli

    targets = set(TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    lines: list[str] = []
    for page in pages(root):
        lines += dead_links(page) + unknown_commands(page, targets=targets, commands=set(cli.commands))
    for page, text in generated(root).items():
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            lines.append(f"{page.name} is not what its generator writes: run python tools/docs.py --write.")
    return lines


if __name__ == "__main__":
    if "--write" in sys.argv:
        for page, text in generated(ROOT).items():
            page.write_text(text, encoding="utf-8")
    if lines := wrong(ROOT):
        sys.exit("\n".join(lines))
