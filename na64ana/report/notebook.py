"""Selections, layouts, datasets, ledgers, samples and events as a notebook shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from markupsafe import Markup

from na64ana.report import exposure
from na64ana.report.datasets import catalogue_rows, period_rows
from na64ana.report.table import grouped
from na64ana.report.view import Grid, View, draw, thinned
from na64ana.selection.form import cut_words

if TYPE_CHECKING:
    from na64ana.cutflow import Differences
    from na64ana.cutflow.ledger import Ledger, Totals
    from na64ana.datasets import Catalogue, Dataset, DatasetFile, PeriodSpec
    from na64ana.layouts import ColumnSource, Layout
    from na64ana.run.event import Event
    from na64ana.selection import Selection
    from na64ana.selection.model import CutSpec, RegionSpec
    from na64ana.simulate import Sample

__all__ = [
    "catalogue",
    "dataset",
    "differences",
    "event",
    "layout",
    "ledger",
    "period",
    "sample",
    "selection",
]

_SHORT = 12  # digits of a hash
_SUMS = ("recorded", "processed", "lost", "excluded")


# ------------------------------------------------------------------- selection


def selection(found: Selection) -> str:
    """Return the chain of cuts, the channels and the regions of a selection."""
    spec = found.spec
    grids = [_chain(spec.cuts, 0, "")]
    names = [cut.name for cut in spec.cuts]
    for name, channel in spec.channels.items():
        shared = names.index(channel.after) + 1
        title = f"channel {name}, after '{channel.after}'"
        grids.append(_chain(channel.cuts, shared, title))
    if spec.regions:
        rows = tuple((name, _region(region)) for name, region in spec.regions.items())
        grids.append(Grid(("region", "events"), rows, frozenset({0, 1})))
    facts = [("layout", spec.layout or "none: to be given"), ("hash", found.sha256[:_SHORT])]
    if spec.histograms:
        facts.append(("histograms", ", ".join(spec.histograms)))
    words = " ".join(spec.description.split())
    return draw(View(found.name, words=words, facts=tuple(facts), grids=tuple(grids)))


def _chain(cuts: list[CutSpec], shared: int, title: str) -> Grid:
    rows = tuple(
        (str(i), cut.name, _condition(cut), cut.reason) for i, cut in enumerate(cuts, shared + 1)
    )
    return Grid(("#", "cut", "condition", "reason"), rows, frozenset({1, 2, 3}), title)


def _condition(cut: CutSpec) -> str:
    runs = f" (runs {cut.runs[0]} to {cut.runs[1]})" if cut.runs else ""
    return cut_words(cut) + runs


def _region(region: RegionSpec) -> str:
    words = region.where or f"pass {' and '.join(region.cuts or [])}"
    blind = " (blind in data)" if region.blind else ""
    return f"{' '.join(words.split())}{blind}"


def differences(found: Differences) -> str:
    """Return what differs between two records, before and after."""
    if not found:
        return draw(View("No difference"))
    rows, notes = thinned(tuple(tuple(item) for item in found), 200)
    grid = Grid(("where", "what", "before", "after"), rows, frozenset({0, 1}))
    return draw(View("Differences", grids=(grid,), notes=notes))


# --------------------------------------------------------------------- layouts


def layout(found: Layout) -> str:
    """Return the columns of a layout: branch, unit and axes of each."""
    facts = (("tree", found.tree), ("kind", found.kind), ("hash", found.sha256[:_SHORT]))
    rows = tuple(_column(column) for column in found.columns.values())
    grid = Grid(("column", "branch", "unit", "axes"), rows, frozenset({0, 1, 2, 3}))
    words = " ".join(found.description.split())
    return draw(View(f"Layout {found.name}", words=words, facts=facts, grids=(grid,)))


def _column(column: ColumnSource) -> tuple[str, ...]:
    branch = ", ".join(column.branches) or "none: the same for all events"
    axes = ", ".join(map(str, column.type.axes)) or "one value per event"
    return column.name, branch, str(column.type.unit), axes


# -------------------------------------------------------------------- exposure


def ledger(found: Ledger) -> str:
    """Return the account of exposure, and its sums by run."""
    badges = () if found.complete else ((exposure.INCOMPLETE, "incomplete"),)
    words = exposure.headline(found, exposure.short)
    lines = tuple(
        (line.state, _number(line.amount), _number(line.spills), line.reason)
        for line in exposure.account(found)
    )
    grids = []
    if lines:
        head = ("", found.unit, "spills", "")
        grids.append(Grid(head, lines, frozenset({0, 3}), sum=True))
    notes = exposure.notes(found)
    for what, table in exposure.breakdowns(found).items():
        rows, left_out = thinned(tuple((str(k), *_sums(sums)) for k, sums in table.items()))
        grids.append(Grid((exposure.BREAKDOWNS[what], *_SUMS), rows, title=what))
        notes += left_out
    return draw(View("Ledger", badges, words, grids=tuple(grids), notes=tuple(notes)))


def _sums(totals: Totals) -> tuple[str, ...]:
    return tuple(map(_number, totals))


def _number(n: int) -> str:
    return grouped(str(n), " ") if n else ""


# -------------------------------------------------------------------- datasets


def dataset(found: Dataset) -> str:
    """Return the files of a manifest, with what each of them holds."""
    facts = [("kind", found.kind), ("hash", found.sha256[:_SHORT])]
    if found.period is not None:
        facts.append(("period", found.period))
    if found.exposure:
        facts.append(("recorded", f"{_number(sum(found.exposure.values()))} {found.unit}"))
    if found.bias != 1:
        facts.append(("bias", f"{found.bias:g}"))
    rows, notes = thinned(tuple(_file(found, file) for file in found.files))
    head = ("file", "entries", "runs", "spills", found.unit, "")
    grid = Grid(head, rows, frozenset({0, 5}))
    return draw(View(found.name, facts=tuple(facts), grids=(grid,), notes=notes))


def _file(whole: Dataset, file: DatasetFile) -> tuple[str, ...]:
    runs = {run for run, _ in file.spills}
    amount = sum(whole.exposure.get(spill, 0) for spill in file.spills) or file.generated or 0
    entries = "unknown" if file.entries is None else _number(file.entries)
    bad = f"bad: {file.bad}" if file.bad else ""
    return file.name, entries, _number(len(runs)), _number(len(file.spills)), _number(amount), bad


def period(found: PeriodSpec) -> str:
    """Return what is known of a data-taking period, each value with its source."""
    facts = (("mode", found.mode), ("year", str(found.year)), ("exposure in", found.unit))
    grid = Grid(("", "value", "source"), tuple(period_rows(found)), frozenset({0, 1, 2}))
    return draw(View(found.name, facts=facts, grids=(grid,)))


def catalogue(found: Catalogue) -> str:
    """Return all periods, one table for each mode."""
    head = ("period", "beam", "momentum", "S0 per spill", "recorded", "analysed", "excluded")
    grids = tuple(
        Grid(head, tuple(rows), frozenset({0, 1}), title, sum=True)
        for title, rows in catalogue_rows(found)
    )
    notes = (
        "* sources disagree: the view of the period shows every value and why one is taken",
        "together: the analysis gives one number for this period and those above it",
        "excluded: recorded, and not in a published analysis",
    )
    return draw(View("Run periods", grids=grids, notes=notes))


# ---------------------------------------------------------- samples and events


def sample(found: Sample) -> str:
    """Return what was simulated, and from which processes the events are."""
    facts = (
        ("mode", found.mode),
        ("events", _number(len(found))),
        ("seed", str(found.seed)),
        ("run", str(found.run)),
        ("branches", ", ".join(found.branches)),
    )
    counts = Counter(found.origin.tolist())
    rows = tuple((found.origins[code], _number(n), f"{n / len(found):.3%}") for code, n in
                 sorted(counts.items(), key=lambda item: -item[1]))  # fmt: skip
    grids = (Grid(("process", "events", "share"), rows),) if rows else ()
    title = f"Simulated {found.process}"
    return draw(View(title, (("simulation", "simulation"),), facts=facts, grids=grids))


def event(found: Event) -> str:
    """Return the picture of an event."""
    from na64ana.plot import display_event, to_svg

    return draw(View("", parts=(Markup(to_svg(display_event(found))),)))  # noqa: S704 - made of parsed XML
