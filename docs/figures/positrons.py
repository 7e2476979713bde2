"""Draw the figures of docs/modes/positrons.md and print its tables.

Run it from the top of the checkout: ``python docs/figures/positrons.py [scan] [bins]
[contamination]``.

The scan simulates the four searches, and combines them: some two minutes, as long as the bins take;
the other takes one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import na64ana as na
from na64ana.analysis import combine, recast, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path
from na64ana.background import hadron_contamination
from na64ana.plot import plot_reaches
from na64ana.plot.style import BLUE, INK, RED, styled
from na64ana.signal import Reach, Setup, Spectrum, annihilation_spectrum, masses_of, model, setup
from na64ana.signal.constants import M_ELECTRON
from na64ana.simulate import MODES, Parameters, simulate, write_tout

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
    points = axes.plot(
        masses, limits, "D", color=PURPLE, markersize=6, clip_on=False, label="all four together"
    )
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


# ----------------------------------------------------------------- bins of the efficiency

#: events in bins of 0.05% of the beam energy, from 25% to 115% of it, and how many make 1%
FINE, PERCENT = 1800, 20
Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def bins() -> None:
    """Print what bins of the efficiency and the spread of the beam do to limits, 100 GeV."""
    given = MODES["positrons-100"].parameters
    direct = _passed(given, 20)
    sharp = _passed(replace(given, beam=replace(given.beam, momentum_spread=1e-9)), 10)
    run = setup("na64e-positrons", threshold=40.0)
    for share in (0.45, 0.47, 0.48, 0.5, 0.52, 0.6, 0.8, 0.9, 0.95, 0.96, 0.97, 0.98, 0.99, 1.0):
        mass = float(np.sqrt(2 * M_ELECTRON * share * run.beam_energy))
        cells = [f"{1e3 * mass:.0f} MeV"]
        for kind in ("dirac", "scalar"):
            made = annihilation_spectrum(mass, run, dark_matter=kind)
            truth = _yield(made, _steps(direct, 1))
            curves = [_steps(direct, 3 * PERCENT), _line(direct, 3 * PERCENT),
                      _steps(direct, PERCENT), _steps(direct, PERCENT // 2)]  # fmt: skip
            found = [_yield(made, curve) for curve in curves]
            cells += [f"{100 * (np.sqrt(truth / one) - 1):+.1f}" for one in found]
            both = _with_spread(mass, run, kind, _steps(sharp, 4), given.beam.momentum_spread)
            cells.append(f"{100 * (np.sqrt(both / truth) - 1):+.1f}")
        say("| " + " | ".join(cells) + " |")


def _passed(parameters: Parameters, times: int) -> Counts:
    """Mediators generated and left in the box (2, bins), 50 000 at a time."""
    ends = [f"{share * parameters.beam.energy:g} GeV" for share in (0.25, 1.15)]
    axis = {"observable": "truth.energy", "bins": FINE, "range": ends, "label": "energy"}
    booked = {"fine": {"x": axis, "at": ["start", "ECAL box"]}}
    content = {"name": "fine", "extends": "na64e-positrons-100", "histograms": booked}
    selection, total = na.Selection.from_dict(content), np.zeros((2, FINE))
    for seed in range(times):
        sample = simulate(
            "invisible", 50_000, seed=seed, mode="positrons-100", parameters=parameters
        )
        with TemporaryDirectory() as folder:
            write_tout(Path(folder) / "signal.root", sample)
            record = na.run(selection, Path(folder) / "signal.root", progress=False)
        total += np.array([values[1:-1] for values in record.booked["fine"].values])
    return total


def _merged(counts: Counts, merge: int) -> tuple[Counts, Counts]:
    """Edges in GeV and efficiency of bins, as many fine ones in each."""
    generated, left = counts.reshape(2, -1, merge).sum(axis=2)
    return np.linspace(25, 115, FINE // merge + 1), left / np.maximum(generated, 1)


def _steps(counts: Counts, merge: int) -> Curve:
    edges, values = _merged(counts, merge)
    return lambda energy: values[
        np.clip(np.searchsorted(edges, energy, side="right") - 1, 0, len(values) - 1)
    ]


def _line(counts: Counts, merge: int) -> Curve:
    """Interpolated between the middles of the bins."""
    edges, values = _merged(counts, merge)
    return lambda energy: np.interp(energy, (edges[1:] + edges[:-1]) / 2, values)


def _yield(made: Spectrum, efficiency: Curve) -> float:
    return float(np.sum(made.numbers * efficiency(made.energies)))


def _with_spread(mass: float, run: Setup, kind: str, efficiency: Curve, spread: float) -> float:
    """Each energy of the beam with its own showers; what is left over decides on the cuts."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    total = 0.0
    for shift, weight in zip(spread * run.beam_energy * nodes, weights, strict=True):
        beam = replace(run, beam_energy=run.beam_energy + shift)
        made = annihilation_spectrum(mass, beam, dark_matter=kind)
        total += (
            weight
            / weights.sum()
            * _yield(replace(made, energies=made.energies - shift), efficiency)
        )
    return total


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


FIGURES: dict[str, Callable[[], None]] = {
    "scan": scan,
    "bins": bins,
    "contamination": contamination,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FIGURES:
        FIGURES[name]()
