"""An analysis file at the terminal: what would be done, before any event is read."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from na64ana.analysis import Analysis
from na64ana.analysis.signal import masses_for, setup_of, signal_model
from na64ana.errors import printable

__all__ = ["overview"]


def overview(analysis: Analysis) -> RenderableType:
    """Return a rich renderable of an analysis."""
    spec = analysis.spec
    head = Text.assemble((printable(spec.name), "bold"), f"  {analysis.sha256}")
    head.append(f"\nselection {printable(analysis.selection.name)}  ", "dim")
    head.append(analysis.selection.sha256[:12], "dim")
    data = [spec.data] if isinstance(spec.data, str) else spec.data
    head.append(f"\ndata {', '.join(map(printable, data))}", "dim")
    for name, sample in spec.samples.items():
        inputs = [sample.inputs] if isinstance(sample.inputs, str) else sample.inputs
        head.append(f"\nsample {printable(name)}: {', '.join(map(printable, inputs))}", "dim")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("background source", "method", "reference"):
        table.add_column(column, overflow="fold")
    for source in analysis.sources:
        reference = printable(source.reference) or Text("none given", "dim")
        table.add_row(printable(source.name), source.method, reference)
    limit = spec.limit
    masses = masses_for(spec)
    words = f"limit: {100 * limit.cl:.4g}% CL, {limit.method}, {limit.total} total; "
    words += f"{len(masses)} masses" if masses else "in signal events alone: no yields are given"
    return Group(head, table, *_signal(analysis), words)


def _signal(analysis: Analysis) -> list[str]:
    """Say the model and its setups, and where their efficiencies come from."""
    signal = analysis.spec.signal
    if signal.model is None:
        return []
    lines = [f"signal: {signal_model(signal.model).describe()}"]
    for given in signal.setups:
        setup, efficiency = setup_of(given), given.efficiency
        seen = setup.sees if setup.sees == "missing" else f"visible from {setup.start:g} m"
        if efficiency.histogram is not None:
            how = (
                f"by energy, sample {printable(efficiency.sample or '')}, histogram "
                f"{printable(efficiency.histogram)}"
            )
        elif efficiency.sample is not None:
            how = f"sample {printable(efficiency.sample)}"
        else:
            how = "a table" if efficiency.value is None else f"{efficiency.value:g}"
        lines.append(
            f"setup {printable(setup.name)}: {setup.beam}s of {setup.beam_energy:g} GeV, more than "
            f"{setup.threshold:g} GeV {seen}; efficiency {how}, \u00b1 {100 * efficiency.error:g}%"
        )
    return lines
