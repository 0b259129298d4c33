"""The look of letters: the site's colours, put on each element, because mail programs drop style sheets.

The dark colours stay in a `<style data-css-inline="keep">` block with their values written out.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import floorday

PACKAGE = Path(floorday.__file__).parent
SHEETS = (PACKAGE / "_static" / "floorday.css", PACKAGE.parents[1] / "static" / "floorday.css")
ROOT = re.compile(r":root\s*\{([^}]*)\}")
TOKEN = re.compile(r"--([\w-]+)\s*:\s*([^;]+?)\s*(?:;|$)")
BOTH = re.compile(r"light-dark\(\s*((?:[^(),]|\([^()]*\))+?)\s*,\s*((?:[^(),]|\([^()]*\))+?)\s*\)")
DARK_BLOCK = re.compile(r'(<style[^>]*data-css-inline="keep"[^>]*>)(.*?)(</style>)', re.DOTALL)
VAR = re.compile(r"var\(\s*--([\w-]+)\s*(?:,\s*([^()]*))?\)")


def inline(html: str) -> str:
    """Put every style on its element; nothing is fetched, and no variable is left."""
    from css_inline import CSSInliner  # whoever only posts letters does without

    light, dark = palette()
    written = DARK_BLOCK.sub(lambda block: block[1] + _valued(block[2], dark) + block[3], html)
    sheet = ":root{" + ";".join(f"--{name}:{value}" for name, value in light.items()) + "}"
    return CSSInliner(
        extra_css=sheet if light else None, resolve_css_variables=True, load_remote_stylesheets=False,
    ).inline(written)


@cache
def palette() -> tuple[dict[str, str], dict[str, str]]:
    """Read the site's tokens, once as they are by day and once by night."""
    sheet = next((path for path in SHEETS if path.is_file()), None)
    return read_palette(sheet.read_text(encoding="utf-8") if sheet else "")


def read_palette(css: str) -> tuple[dict[str, str], dict[str, str]]:
    """Take the tokens of the first `:root`, and split each light-dark(...) in two."""
    block = ROOT.search(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    told = dict(TOKEN.findall(block[1])) if block else {}
    return ({name: BOTH.sub(r"\1", value) for name, value in told.items()},
            {name: BOTH.sub(r"\2", value) for name, value in told.items()})


def _valued(css: str, tokens: dict[str, str]) -> str:
    """Write out variables, also those that name others."""
    for _ in range(5):
        css = VAR.sub(lambda found: tokens.get(found[1], found[2] or "inherit"), css)
    return css
