"""Curves for the terminal and as JSON: all in one table, one with its provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.text import Text

from na64ana.errors import printable
from na64ana.report.terminal import INDENT, as_console_can, characters_of, pairs, ruled, rules_of
from na64ana.signal.curve_model import COUPLINGS
from na64ana.signal.curves import Curve

__all__ = ["as_json", "curve_view", "facts", "overview", "values"]

#: the table has more columns from these widths on
_FROM_WIDTH = {"shape": 98, "arXiv": 110, "licence": 123, "exposure": 137}
#: masses at which the view of one curve gives its values
_SAMPLES = 8
_UNITS = ((1e-9, "eV"), (1e-6, "keV"), (1e-3, "MeV"), (1.0, "GeV"), (1e3, "TeV"))


# ------------------------------------------------------------------- all curves


def overview(found: Sequence[Curve]) -> Any:
    """Return a rich renderable of all curves, by model."""
    return as_console_can(_Overview(found))


class _Overview:
    """Draws as many columns as the console has room for."""

    def __init__(self, found: Sequence[Curve]) -> None:
        self.found = found

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width
        table = ruled(rules_of(options), gap=2)
        needed = dict.fromkeys(("curve", "kind", "masses", "lowest"), 0) | _FROM_WIDTH
        for name in (name for name, width in needed.items() if wide >= width):
            table.add_column(name, justify="right" if name == "lowest" else "left", no_wrap=True)
        for model in dict.fromkeys(curve.model for curve in self.found):
            group = [curve for curve in self.found if curve.model == model]
            table.add_row(*_heading(model, group))
            for curve in group:
                table.add_row(*_cells(curve)[: len(table.columns)])
            table.add_section()
        yield table
        yield Padding(Text(_count(self.found), style="dim"), INDENT)


def _heading(model: str, group: Sequence[Curve]) -> list[Text]:
    axes = sorted({(c.spec.coupling.of, c.spec.mass.of) for c in group})
    couplings, masses = ({words[i]: None for words in axes} for i in (0, 1))
    return [
        Text(printable(model), style="bold"),
        Text(""),
        Text(printable(", ".join(masses), 20), style="dim"),
        Text(printable(", ".join(couplings), 20), style="dim"),
    ]


def _cells(curve: Curve) -> list[Text]:
    """One row, and behind it what only wide tables have."""
    low, high = curve.mass_range
    spec = curve.spec
    return [
        Text(printable(curve.name)),
        Text(curve.kind),
        Text(_range(low, high)),
        Text(f"{_lowest(curve):.1e}"),
        Text(_shape(curve)),
        _or_unknown(spec.arxiv),
        _or_unknown(curve.source.licence),
        _or_unknown(spec.exposure),
    ]


def _or_unknown(text: str) -> Text:
    return Text(printable(text)) if text else Text("unknown", style="dim")


def _shape(curve: Curve) -> str:
    shape = curve.shape.replace("-", " ")
    return shape if len(curve.pieces) == 1 else f"{shape}, {len(curve.pieces)} pieces"


def _lowest(curve: Curve) -> float:
    return float(min(coupling.min() for _, coupling in curve.pieces))


def _range(low: float, high: float) -> str:
    """Write a range of masses with two digits: ``2 to 380 MeV``."""
    first, unit = _mass(low)
    last, its = _mass(high)
    return f"{first} to {last} {its}" if unit == its else f"{first} {unit} to {last} {its}"


def _mass(value: float) -> tuple[str, str]:
    """Return a mass with two digits, and the unit that suits it."""
    rounded = float(f"{value:.2g}")
    fitting = [(f, unit) for f, unit in _UNITS if rounded >= f * (1 - 1e-9)]
    factor, unit = fitting[-1] if fitting else _UNITS[0]
    return f"{rounded / factor:.3g}", unit


def _count(found: Sequence[Curve]) -> str:
    kinds = [curve.kind for curve in found]
    parts = [f"{kinds.count(kind)} {_plural(kind, kinds.count(kind))}" for kind in
             ("limit", "recast", "projection", "target") if kind in kinds]  # fmt: skip
    text = f"{', '.join(parts)}. 'na64ana curves NAME' shows one with its origin."
    return text if found else "no curves"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


# -------------------------------------------------------------------- one curve


def curve_view(curve: Curve) -> Any:
    """Return a rich renderable of one curve: its definition, its provenance, some values."""
    return as_console_can(_View(curve))


class _View:
    def __init__(self, curve: Curve) -> None:
        self.curve = curve

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        curve = self.curve
        shown = characters_of(options)
        yield Text(shown(printable(curve.name)), style="bold")
        grid = pairs()
        for key, words in facts(curve):
            value = Text(shown(printable(words, 1000))) if words else Text("unknown", style="dim")
            grid.add_row(key, value)
        yield Padding(grid, INDENT)
        yield Text("")
        table = ruled(rules_of(options), gap=2)
        table.add_column(f"{printable(curve.spec.mass.of, 20)} [GeV]", justify="right")
        head = "value" if curve.kind == "target" else "excluded"
        table.add_column(f"{head}: {printable(curve.spec.coupling.of)}{_unit(curve)}")
        for mass, words in values(curve):
            table.add_row(mass, words)
        yield Group(table)


def _unit(curve: Curve) -> str:
    return " [1/GeV]" if COUPLINGS[curve.spec.coupling.of][0] else ""


def facts(curve: Curve) -> Iterator[tuple[str, str]]:
    """Yield what a curve is and where it comes from; what is unknown is empty."""
    spec, source = curve.spec, curve.source
    yield "experiment", spec.experiment
    yield "model", f"{spec.model}: {spec.channel}" if spec.channel else spec.model
    yield "kind", spec.kind
    yield "shape", _shape_words(curve)
    yield "mass", f"{spec.mass.of}, in the file in {spec.mass.unit}"
    yield "coupling", f"{spec.coupling.of}: {COUPLINGS[spec.coupling.of][1]}{_assumed(curve)}"
    if spec.kind != "target":
        level = "" if spec.cl is None else f"{100 * spec.cl:g}%"
        yield "confidence", f"{level} ({spec.cl_from})" if level and spec.cl_from else level
        yield "exposure", spec.exposure
    yield "arXiv", spec.arxiv
    yield "figure", spec.figure
    yield "digitised by", source.digitised_by
    yield "repository", source.repository
    yield "commit", source.commit
    yield "file there", spec.path
    yield "SHA-256", spec.sha256
    yield "licence", ", ".join(filter(None, (source.licence, source.licence_text)))
    if spec.note:
        yield "note", spec.note


def _assumed(curve: Curve) -> str:
    spec = curve.spec.coupling
    parts = [] if spec.alpha_D is None else [f"alpha_D = {spec.alpha_D:g}"]
    parts += [] if spec.mass_ratio is None else [f"m_A' = {spec.mass_ratio:g} m_chi"]
    return f"; {', '.join(parts)}" if parts else ""


def _shape_words(curve: Curve) -> str:
    low, high = curve.mass_range
    words = f"{_shape(curve)}, {_range(low, high)}, {len(curve.masses)} points"
    closure = {
        "frame": "closed along the frame of its plot",
        "chord": "closed straight from the last point to the first",
    }.get(curve.spec.closure or "")
    words += f"; {closure}" if closure else ""
    rows = (np.flatnonzero(curve.guards) + 1).tolist()
    return f"{words}; no results, only there to close a shape: {_rows(rows)}" if rows else words


def _rows(rows: list[int]) -> str:
    """Write rows with runs of them together: ``rows 1 to 11, 533``."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    parts = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(parts)}"


def values(curve: Curve) -> Iterator[tuple[str, str]]:
    """Values at some masses of two digits, evenly apart in the logarithm."""
    low, high = curve.mass_range
    masses = dict.fromkeys(float(f"{m:.2g}") for m in np.geomspace(low, high, _SAMPLES))
    for mass in masses:
        if low <= mass <= high:
            yield f"{mass:.2g}", _value_words(curve, mass)


def _value_words(curve: Curve, mass: float) -> str:
    if curve.kind == "target":
        value = curve.limit_at(mass)
        return "nothing is said" if value is None else f"{value:.3g}"
    parts = [
        f"above {low:.3g}" if high == math.inf else f"{low:.3g} to {high:.3g}"
        for low, high in curve.excluded_at(mass)
    ]
    return ", ".join(parts) or "nothing is said"


# ------------------------------------------------------------------------- JSON


def as_json(found: Sequence[Curve]) -> str:
    """Return curves with their provenance and their points as JSON text.

    ``pieces`` are in GeV and powers of GeV, without guards; contours and bands are closed.
    """
    content = {"schema": "na64ana/curves/1", "curves": [_plain(curve) for curve in found]}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _plain(curve: Curve) -> dict[str, Any]:
    spec = {k: v for k, v in msgspec.to_builtins(curve.spec).items() if k != "points"}
    return {
        **spec,
        "source": msgspec.to_builtins(curve.source),
        "definition": COUPLINGS[curve.spec.coupling.of][1],
        "guard_rows": (np.flatnonzero(curve.guards) + 1).tolist(),
        "pieces": [
            {"mass_GeV": mass.tolist(), "coupling": coupling.tolist()}
            for mass, coupling in curve.pieces
        ],
    }
