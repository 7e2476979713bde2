"""What an object shows of itself in a notebook: a heading, facts, tables; drawn as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from na64ana.report.html import environment

__all__ = ["Grid", "View", "draw", "thinned"]


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    head : tuple of str
    rows : tuple of tuple of str
    texts : frozenset of int
        Columns of words; the others are of numbers.
    title : str
    sum : bool
        Whether the last row is the sum of those above.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: frozenset[int] = frozenset({0})
    title: str = ""
    sum: bool = False


@dataclass(frozen=True)
class View:
    """What is shown, from top to bottom.

    Attributes
    ----------
    title : str
    badges : tuple of (str, str)
        A word beside the title, and the class of its style.
    words : str
        One sentence.
    facts : tuple of (str, str)
    grids : tuple of Grid
    parts : tuple of Markup
        Fragments of other renderers.
    notes : tuple of str
    """

    title: str
    badges: tuple[tuple[str, str], ...] = ()
    words: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    grids: tuple[Grid, ...] = ()
    parts: tuple[Markup, ...] = ()
    notes: tuple[str, ...] = ()


def draw(view: View) -> str:
    """Return an HTML fragment with its own style; all text in it is escaped."""
    return environment().get_template("view.html.j2").render(view=view)


def thinned(
    rows: tuple[tuple[str, ...], ...], most: int = 24
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Return every k-th row, first and last among them, and a note if any was left out."""
    if len(rows) <= most:
        return rows, ()
    kept = sorted({round(i * (len(rows) - 1) / (most - 1)) for i in range(most)})
    return tuple(rows[i] for i in kept), (f"{len(kept)} of {len(rows)} rows are shown",)
