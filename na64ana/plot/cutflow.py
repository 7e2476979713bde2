"""The events that are left after each cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from na64ana.cutflow import Record
from na64ana.errors import RecordError, nearest, printable
from na64ana.plot import style
from na64ana.plot.style import Hover, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cutflow"]

_ALL = "all events"


def cutflow(record: Record, channel: str = "main", *, axes: Axes | None = None) -> Plot:
    """Draw what is left of the events after each cut of a channel.

    Raises
    ------
    RecordError
        There is no such channel.
    """
    flow = record.channels.get(channel)
    if flow is None:
        near = nearest(channel, record.channels)
        msg = f"the record has no channel '{printable(channel)}'{near}"
        raise RecordError(msg)
    steps = [(_ALL, flow.events.sumw)] + [
        (row.name, None if row.sequential is None else row.sequential.sumw) for row in flow.rows
    ]
    with style.styled():
        figure, ax = style.canvas(axes, 7.2, 0.85 + 0.27 * len(steps), 2.2)
        shown = [value or 0.0 for _, value in steps]
        places = range(len(steps))
        positive = [value for value in shown if value > 0]
        ax.set_xscale("log")
        least = 10.0 ** math.floor(math.log10(min(positive, default=1) / 1.5))
        ax.set_xlim(least, max(positive, default=1) * 6)
        _draw_steps(ax, shown)
        for place, (_, value) in zip(places, steps, strict=True):
            words = "blinded" if value is None else style.digits(value)
            end = value or ax.get_xlim()[0]
            ax.annotate(words, (end, place), (8, 0), textcoords="offset points", va="center",
                        fontsize=10, color=style.FAINT)  # fmt: skip
        ax.set_yticks(list(places), [style.name(name, 26) for name, _ in steps], fontsize=10)
        ax.set_ylim(len(steps) - 0.4, -0.6)
        ax.tick_params(axis="y", which="both", length=0)
        ax.set_xlabel("events left")
    hovers = tuple(
        Hover(0, float("inf"), i - 0.4, i + 0.4,
              f"{name}: {'blinded' if value is None else f'{style.digits(value)} left'}")
        for i, (name, value) in enumerate(steps)
    )  # fmt: skip
    words = "what is left after each cut"
    return Plot(figure, ax, f"cutflow of {printable(channel)}", words, hovers)


def _draw_steps(ax: Axes, shown: Sequence[float]) -> None:
    """Points joined by steps: a log axis has no zero, from which a bar would have a length."""
    there = [(value, place) for place, value in enumerate(shown) if value > 0]
    ax.plot([value for value, _ in there], [place for _, place in there], "o", color=style.BLUE,
            markersize=5.5)  # fmt: skip
    ends = [(value, place + side) for value, place in there for side in (-0.5, 0.5)]
    ax.plot([value for value, _ in ends], [place for _, place in ends], color=style.BLUE,
            linewidth=1.2, zorder=1)  # fmt: skip
    ax.grid(axis="x", color=style.GREY, alpha=0.3, linewidth=0.6)
