"""The code blocks of the documentation, and how each is run.

A block is fenced and names its language: ``bash``, ``python`` or ``yaml`` are run, ``text`` and
others are shown only. Behind the language stand, if wanted, ``skip="why it cannot run here"`` and
``exit=1``, the exit code of its last command. What a page needs and does not show stands in a
comment, ``<!-- before: ... -->``, with fenced blocks of its own.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

__all__ = ["PAGES", "ROOT", "Block", "blocks"]

ROOT = Path(__file__).resolve().parents[2]
RUN = ("bash", "python", "yaml")
SHOWN = ("text", "console", "json", "latex")
HIDDEN = "<!-- before"

PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.joinpath("docs").rglob("*.md")),
    )
    if "_build" not in path.parts
}


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes
    ----------
    page : str
        Path of the page in the repository.
    line : int
        Of its first line of code, from 1.
    language : str
    options : dict of str to str
        What stands behind the language.
    text : str
    """

    page: str
    line: int
    language: str
    options: dict[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def skip(self) -> str | None:
        """Why it cannot run here."""
        return self.options.get("skip")


def blocks(page: str) -> list[Block]:
    """Blocks of a page that are run, in order; a language that nobody knows is refused."""
    found = list(_fences(page, PAGES[page].read_text(encoding="utf-8"), 0))
    unknown = [block for block in found if block.language not in RUN + SHOWN]
    assert not unknown, f"{unknown[0]}: nobody knows what to do with {unknown[0].language!r}"
    return [block for block in found if block.language in RUN]


def _fences(page: str, text: str, first: int) -> Iterator[Block]:
    for token in MarkdownIt().parse(text):
        start = first + token.map[0] if token.map else first
        if token.type == "html_block" and token.content.startswith(HIDDEN):
            inside = token.content.partition("\n")[2].rpartition("-->")[0]
            yield from _fences(page, inside, start + 1)
        # those of MyST, such as {toctree}, are for Sphinx
        if token.type == "fence" and not token.info.startswith("{"):
            language, _, rest = token.info.strip().partition(" ")
            options = dict(word.partition("=")[::2] for word in shlex.split(rest))
            assert options.keys() <= {"skip", "exit"}, f"{page}:{start + 1}: {token.info}"
            yield Block(page, start + 2, language, options, token.content)


def commands(text: str) -> list[str]:
    """Lines of a shell, those that end with a backslash joined."""
    return [line for line in re.sub(r"\\\n\s*", "", text).splitlines() if line.strip()]
