"""Draw the figures of docs/modes/positrons.md and print its tables.

Run it from the top of the checkout: ``python docs/figures/positrons.py [scan] [contamination]``.

The scan simulates the four searches, and combines them: some four minutes; the other takes one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from na64ana.analysis import combine, recast, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path
from na64ana.background import hadron_contamination
from na64ana.plot import plot_reaches
from na64ana.plot.style import BLUE, INK, RED, styled
from na64ana.signal import Reach, masses_of, model
from na64ana.simulate import simulate

FOLDER = Path(__file__).parent
SEARCHES = {
    "40 GeV, 5e10 (planned)": "poker-40",
    "60 GeV, 5e10 (planned)": "poker-60",
    "70 GeV, 1.6e10 (2023)": "na64e-positrons-2023",
    "100 GeV, 1.01e10 (2022)": "na64e-positrons-2022",
}
PURPLE = "#8f4a87"
EDGES = (np.linspace(0, 144, 25),) * 2
Counts = NDArray[np.float64]


def say(*words: object) -> None:
    """Write a line of a table."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


# -------------------------------------------------------------------------------- the scan


def scan() -> None:
    """Draw limits of all searches, and of all together."""
    dark_photon = model("dark-photon", alpha_D=0.1)
    few = (0.1, 0.145, 0.17, 0.2, 0.22, 0.25, 0.29, 0.315)
    masses = sorted({*few, *masses_of("0.1:0.4:57")})
    with TemporaryDirectory() as name:
        results = {label: _finished(search, Path(name)) for label, search in SEARCHES.items()}
        found = {
            label: recast(path, dark_photon, masses=masses, progress=False).reach
            for label, path in results.items()
        }
        together = combine(results.values(), dark_photon, masses=few, progress=False).reach
    limits = [np.nan if x is None else x for x in together.edges("median")[0]]
    _draw(found, few, limits)
    each = np.array([one.edges("median")[0] for one in found.values()], dtype=float)
    for mass, limit in zip(few, limits, strict=True):
        numbers = " | ".join(f"{x:.2e}" for x in (*each[:, masses.index(mass)], limit))
        say(f"| {1e3 * mass:.0f} MeV | {numbers} |")


def _draw(found: dict[str, Reach], masses: Sequence[float], limits: Sequence[float]) -> None:
    """Draw a line for each search, and points for all together."""
    plot = plot_reaches(found, ylim=(5e-5, 1e-2))
    axes = plot.figure.axes[0]
    points = axes.plot(masses, limits, "D", color=PURPLE, markersize=6, label="all four together")
    of_lines = axes.get_legend()
    axes.legend(handles=points, loc="lower right", frameon=False)
    if of_lines is not None:
        axes.add_artist(of_lines)
    plot.figure.savefig(FOLDER / "positron-scan.png", dpi=110)


def _finished(search: str, folder: Path) -> Path:
    """Run a search in a folder of its own; return that of its results."""
    own = folder / search
    own.mkdir()
    path = own / "analysis.yaml"
    copy(search_path(search), path)
    simulate_inputs(path)
    run_analysis(path, own / "results", progress=False)
    return own / "results"


# --------------------------------------------------------------------- hadrons in the beam


def contamination() -> None:
    """Draw the fit of the positron beam, and print the closure of toys."""
    hadrons = measured("run-period", "hadrons-only", 20_000, seed=1)
    electrons = measured("electron", "beam-positrons", 20_000, seed=1)
    beam = measured("run-period", "beam-positrons", 20_000, seed=2)
    found = hadron_contamination(beam, hadrons, electrons)
    say(found)
    with styled():
        figure = Figure(figsize=(10.4, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        shown = np.where(beam > 0, beam, np.nan).T
        mesh = left.pcolormesh(*EDGES, shown, norm="log", cmap="cividis")
        figure.colorbar(mesh, ax=left, label="particles / (6 GeV)$^2$")
        left.set(xlabel=r"$E_{ECAL} + E_{HCAL}$ [GeV]", ylabel=r"$E_{HCAL}$ [GeV]")
        left.set(xlim=(60, 130), ylim=(0, 130))
        parts = [
            t.sum(axis=0) / t.sum() * number[0]
            for t, number in ((electrons, found.electrons), (hadrons, found.hadrons))
        ]
        right.stairs(parts[0] + parts[1], EDGES[1], color=INK, label="sum of the fit")
        right.stairs(parts[0], EDGES[1], color=BLUE, linestyle="--", label="positrons")
        right.stairs(parts[1], EDGES[1], color=RED, linestyle="-.", label="hadrons only")
        middle, seen = (EDGES[1][1:] + EDGES[1][:-1]) / 2, beam.sum(axis=0)
        right.errorbar(middle, seen, np.sqrt(seen), fmt="o", color=INK, label="beam, simulated")
        right.set(yscale="log", xlim=(0, 130), ylim=(0.5, 6e4), xlabel=r"$E_{HCAL}$ [GeV]")
        right.set_ylabel("particles / 6 GeV")
        right.legend(loc="upper right", title=f"h/e+ = {found.ratio:.4f} ± {found.error:.4f}")
        figure.savefig(FOLDER / "contamination.png", dpi=110)
    _closure(hadrons / hadrons.sum(), electrons / electrons.sum())


def _closure(hadrons: Counts, electrons: Counts) -> None:
    """Toys of 10 000 electrons each, with templates drawn anew."""
    rng = np.random.default_rng(3)
    for ratio in (0.001, 0.003, 0.01, 0.04, 0.1):
        found = [
            hadron_contamination(
                rng.poisson(1e4 * (electrons + ratio * hadrons)),
                rng.poisson(1e4 * hadrons),
                rng.poisson(1e4 * electrons),
            )
            for _ in range(300)
        ]
        value, error = (np.array([getattr(one, k) for one in found]) for k in ("ratio", "error"))
        pull = (value - ratio) / error
        say(
            f"| {ratio:g} | {value.mean():.5f} | {error.mean():.5f} | {pull.mean():+.2f} "
            f"| {pull.std():.2f} |"
        )


def measured(process: str, mode: str, events: int, seed: int) -> Counts:
    """Counts in (E_ECAL + E_HCAL, E_HCAL)."""
    branches = simulate(process, events, seed=seed, mode=mode).branches
    ecal, hcal = branches["ECAL_ene"].sum(axis=1), branches["HCAL_ene"][:, :27].sum(axis=1)
    counts: Counts = np.histogram2d(ecal + hcal, hcal, EDGES)[0]
    return counts


FIGURES: dict[str, Callable[[], None]] = {"scan": scan, "contamination": contamination}

if __name__ == "__main__":
    for name in sys.argv[1:] or FIGURES:
        FIGURES[name]()
