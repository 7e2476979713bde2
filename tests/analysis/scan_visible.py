"""How the chosen cuts of the visible mode were found: scans on simulated events of 30 X0.

    python tests/analysis/scan_visible.py

One cut is moved, the others stay. The background is what is left of simulated samples, each so many
times the exposure of the search; the figure is the mean expected limit on signal events, with an
error of 50% on the background, over the efficiency: the smaller the better. Prints the rows of the
table in docs/modes/visible.md; takes some minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import na64ana as na
from na64ana.analysis import load_analysis
from na64ana.analysis.searches import search_path
from na64ana.limits import expected_limits
from na64ana.simulate import MODES, shares, simulate_blocks, write_tout

SEARCH = "na64e-visible-2017-30x0"
SIGNAL, EVENTS = "visible", 20_000
TIMES = {"kaon": 2500, "neutral": 400, "electronuclear": 400, "pileup": 400}
ERROR = 0.5

Cut = dict[str, Any]
TRIED: dict[str, tuple[Cut, ...]] = {
    "nothing": ({"name": "catcher", "below": 3},),
    "WCAL preshower > 0.3, 1, 2 GeV": tuple(
        {"name": "WCAL preshower", "above": f"{value} GeV"} for value in (0.3, 1, 2)
    ),
    "WCAL out of time < 10, 40 GeV": tuple(
        {"name": "WCAL out of time", "below": f"{value} GeV"} for value in (10, 40)
    ),
    "catcher < 1, 2, 5 MIP": tuple({"name": "catcher", "below": value} for value in (1, 2, 5)),
    "ECAL energy > 20, 30 GeV": tuple(
        {"name": "ECAL energy", "above": f"{value} GeV"} for value in (20, 30)
    ),
    "ECAL preshower > 0.3, 1, 2 GeV": tuple(
        {"name": "ECAL preshower", "above": f"{value} GeV"} for value in (0.3, 1, 2)
    ),
    "shower chi2 < 1.5, 3, 6, 10": tuple(
        {"name": "shower chi2", "below": value} for value in (1.5, 3, 6, 10)
    ),
    "sum ± 4, 6, 8, 15 GeV": tuple(
        {"name": "WCAL + ECAL", "within": [f"{100 - value} GeV", f"{100 + value} GeV"]}
        for value in (4, 6, 8, 15)
    ),
}


def samples(folder: Path) -> dict[str, tuple[Path, float]]:
    """Simulate the signal and the backgrounds: files, and what one event left counts as."""
    plan = load_analysis(search_path(SEARCH)).spec.simulation
    assert plan is not None
    mode = MODES[plan.mode]
    share = shares(mode, mode.parameters)
    found = {}
    for process, times in (TIMES | {SIGNAL: 0}).items():
        events = round(times * plan.events * share[process]) if times else EVENTS
        path = folder / f"{process}.root"
        write_tout(path, simulate_blocks(process, events, seed=7, mode=mode.name))
        found[process] = path, 1 / times if times else 1 / EVENTS
    return found


def left(path: Path, cut: Cut) -> int:
    """Events of a file that pass all cuts, one of which is changed."""
    selection = na.Selection.from_dict({"name": "scan", "extends": SEARCH, "cuts": [cut]})
    last = na.run(selection, path, progress=False).cutflow.rows[-1].sequential
    assert last is not None
    return last.n


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as name:
        files = samples(Path(name))
        for words, cuts in TRIED.items():
            rows = []
            for cut in cuts:
                counts = {p: left(path, cut) * worth for p, (path, worth) in files.items()}
                efficiency = counts.pop(SIGNAL)
                background = sum(counts.values())
                limit = expected_limits(background, background_error=ERROR * background).mean
                rows.append((f"{efficiency:.3f}", f"{background:.4f}", f"{limit / efficiency:.3f}"))
            columns = " | ".join(", ".join(column) for column in zip(*rows, strict=True))
            sys.stdout.write(f"| {words} | {columns} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
