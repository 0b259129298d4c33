"""Print docs/a-joined-issue.md: the story that tests/stories/joined_issue.py lives, as each of three reporters sees it.

python tools/joined.py      print the page
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.stories.joined_issue import Joined, Seen, Step

HEAD = """# A joined issue, as each of its three reporters sees it

Written by `tools/joined.py` out of the story that `tests/stories/joined_issue.py` lives: through pages, letters and the
code. `make check` fails when a page or a letter says something else. The same in one table stands in
[notes.md](notes.md#three-who-raised-the-same), which a test holds true on both databases.

Fay of Billing gives her name, Cleo of Claims hides hers, somebody gives none and keeps a *code*. Their issues are FD-1,
FD-2 and FD-3. After each step stands what came by mail, how the page says it stands, and what is new in its history.
"""
TAIL = """## Who learnt what

Gus, who fixed it, read three answers and one name. Cleo's name was for Eva alone, and nobody ever had one for the code.
Each of the three was told everything that happened to theirs, once.
"""


async def page(cast: Cast) -> str:
    """Live the story and write its page."""
    from tests.stories.joined_issue import live

    return written(await live(cast))


def written(story: Joined) -> str:
    """Write the story as a page."""
    return "\n".join([HEAD, *(step_words(one, story) for one in story.steps), TAIL])


def step_words(step: Step, story: Joined) -> str:
    """Write a step: its day, what happened, and a list for each of the three."""
    lines = [f"## {step.head}", "", f"*{step.at:%A %-d %B}.* {step.told}", ""]
    for who, seen in step.seen.items():
        lines += [f"**{who}**", "", *(f"- {one}" for one in seen_words(seen, story)), ""]
    return "\n".join(lines)


def seen_words(seen: Seen, story: Joined) -> list[str]:
    """Say what one of the three sees."""
    lines = [f"letter *{story.named(one.subject)}*: {_told(story.named(one.text))}" for one in seen.letters]
    lines += ["; ".join([f"stands: {seen.stands}", *(f"asks: {one}" for one in seen.asked)])]
    lines += [f"history: {one}" for one in seen.news]
    return lines


def _told(text: str) -> str:
    """Give what a letter tells: its first paragraph after the greeting, and the words that it quotes."""
    parts = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    said = [part for part in parts[1:] if not part.startswith(("http", "--"))]
    return said[0] if said else ""


if __name__ == "__main__":
    from tools.lived import show

    show(page)
