"""Figures of records, fits and limits by matplotlib; they compute nothing.

Each function returns a `Plot`: a matplotlib figure, words for those who cannot see it, and what
to show at which place of it. Matplotlib is imported when the first one is drawn; its global state
(`pyplot`) is left alone.
"""

from na64ana.plot.comparison import data_and_simulation
from na64ana.plot.curves import plot_curves
from na64ana.plot.cutflow import cutflow
from na64ana.plot.efficiency import efficiency
from na64ana.plot.event import display, display_event
from na64ana.plot.fit import sideband_fit
from na64ana.plot.histogram import n_minus_one, n_minus_one_cuts, plane, signal_boxes
from na64ana.plot.limit import limit
from na64ana.plot.reach import plot_reach, plot_reaches
from na64ana.plot.save import check_format, save
from na64ana.plot.style import Plot
from na64ana.plot.svg import to_svg

__all__ = [
    "Plot",
    "check_format",
    "cutflow",
    "data_and_simulation",
    "display",
    "display_event",
    "efficiency",
    "limit",
    "n_minus_one",
    "n_minus_one_cuts",
    "plane",
    "plot_curves",
    "plot_reach",
    "plot_reaches",
    "save",
    "sideband_fit",
    "signal_boxes",
    "to_svg",
]
