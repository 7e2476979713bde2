"""Draw the figures of docs/simulation.md and write its tables.

Run it from the top of the checkout: ``python docs/figures/simulation.py``.

Every figure shows the simulation beside a published parametrisation or figure. It takes about
a minute; the same versions of the libraries give the same files. With names of figures only
these are drawn; with --parameters only the table of the parameters is written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullFormatter
from scipy import stats

from na64ana.plot.style import BLUE, GREEN, GREY, INK, ORANGE, RED, styled
from na64ana.simulate import MODES, Parameters, described_numbers, simulate
from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.ecal import ecal_energies
from na64ana.simulate.detectors.hcal import hcal_energies
from na64ana.simulate.detectors.srd import srd_energies
from na64ana.simulate.physics.depths import hcal_front
from na64ana.simulate.physics.dimuons import dimuon_rate, pair_cross_section
from na64ana.simulate.physics.hadrons import hadron_deposits
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.showers import Profiles, draw_profiles, mean_profiles, radii, slices
from na64ana.simulate.physics.synchrotron import critical_energy, field, mean_photon, photon_number
from na64ana.simulate.truth.event import blank

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "simulation.md"
P = MODES["electrons-2023"].parameters
ECAL = medium(P.ecal, P.shower)
Row = tuple[str, str, str]


def axes_of(columns: int = 1) -> tuple[Figure, list[Axes]]:
    """Return a figure with as many axes side by side."""
    figure = Figure(figsize=(6.4 if columns == 1 else 10.4, 4.4), layout="constrained")
    made = figure.subplots(1, columns)
    return figure, [made] if columns == 1 else list(made)


def plain(axes: Axes, x: tuple[float, ...], y: tuple[float, ...]) -> None:
    """Write numbers, not powers of ten, at the ticks of logarithmic axes."""
    axes.set_xticks(x, [f"{v:g}" for v in x])
    axes.set_yticks(y, [f"{v:g}" for v in y])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())


# ---------------------------------------------------------------- electromagnetic showers


def ecal_resolution(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """sigma(E)/E of the ECAL against 10%/sqrt(E)."""
    energies = np.array([2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 150.0])
    n = 10_000
    bare = replace(P, ecal=replace(P.ecal, noise=0.0, pitch=1e6))
    seen = []
    for p in (bare, P):
        row = []
        for energy in energies:
            truth = blank(n)
            truth.em_energy[:] = energy
            total = ecal_energies(truth, rng, p).sum(axis=(1, 2, 3))
            row.append(100 * total.std() / total.mean())
        seen.append(np.array(row))
    figure, (axes,) = axes_of()
    smooth = np.geomspace(1.5, 200, 100)
    axes.plot(smooth, 10 / np.sqrt(smooth), color=INK, label=r"$10\%/\sqrt{E}$ [T]")
    for row, colour, marker, label in (
        (seen[0], BLUE, "o", "sampling alone"),
        (seen[1], ORANGE, "s", "with noise and leakage"),
    ):
        axes.errorbar(
            energies, row, row / np.sqrt(2 * n), fmt=marker, color=colour, label=label, ms=6
        )
    axes.set(xscale="log", yscale="log", xlabel="Energy [GeV]", ylabel=r"$\sigma(E)/E$ [%]")
    axes.set(ylim=(0.6, 10), xlim=(1.5, 200))
    plain(axes, (2, 5, 10, 20, 50, 100), (1, 2, 5, 10))
    axes.legend()
    at = int(np.flatnonzero(energies == 100.0)[0])
    return figure, [
        ("ECAL σ(E)/E at 100 GeV, sampling alone", f"{seen[0][at]:.3f}%", "1% [T]"),
        ("the same with noise and leakage", f"{seen[1][at]:.3f}%", "—"),
    ]


def mean_published(energy: float) -> Any:
    """Mean profile of Grindhammer and Peters for sampling calorimeters, by its own formulas."""
    log_y = np.log(energy / ECAL.critical_energy)
    top = log_y - 0.858 - 0.59 / ECAL.sampling - 0.53 * (1 - ECAL.signal_ratio)
    alpha = 0.21 + (0.492 + 2.38 / ECAL.atomic_number) * log_y - 0.444 / ECAL.sampling
    return stats.gamma(alpha, scale=top / (alpha - 1))


def longo_sestili(energy: float) -> Any:
    """Profile with b = 0.5 and t_max = ln(E/E_c) - 0.5 of an electron (R-H, PDG)."""
    alpha = 1 + 0.5 * (np.log(energy / ECAL.critical_energy) - 0.5)
    return stats.gamma(alpha, scale=2.0)


def longitudinal(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """Energy by depth: the mean of fluctuating showers against formulas for the mean."""
    figure, (axes,) = axes_of()
    edges = np.arange(0.0, 36.0)
    rows: list[Row] = []
    for energy, colour in ((10.0, BLUE), (100.0, ORANGE)):
        drawn = draw_profiles(np.full(20_000, energy), rng, ECAL, P.shower)
        share, _ = slices(drawn, edges[1:])
        axes.stairs(share.mean(axis=0), edges, color=colour, label=f"{energy:g} GeV, simulated")
        axes.fill_between(
            (edges[1:] + edges[:-1]) / 2,
            *np.quantile(share, [0.16, 0.84], axis=0),
            color=colour,
            alpha=0.15,
            lw=0,
        )
        t = np.linspace(0.01, 35, 300)
        label = "Grindhammer–Peters, mean" if energy == 10 else None
        axes.plot(t, mean_published(energy).pdf(t), color=INK, ls="--", lw=1.4, label=label)
        label = "Longo–Sestili, b = 0.5" if energy == 10 else None
        axes.plot(t, longo_sestili(energy).pdf(t), color=GREY, ls=":", lw=1.6, label=label)
        early = share[:, :4].sum(axis=1).mean()
        rows.append(
            (
                f"share in the first 4 X0, {energy:g} GeV",
                f"{100 * early:.1f}%",
                f"{100 * mean_published(energy).cdf(4.0):.1f}% (Grindhammer–Peters, mean profile)",
            )
        )
    axes.axvline(4.0, color=GREY, lw=1)
    axes.text(4.2, 0.131, "end of the preshower", va="center", color=GREY)
    axes.set(xlabel=r"Depth [$X_0$]", ylabel=r"Share of the energy per $X_0$")
    axes.set(xlim=(0, 35), ylim=(0, 0.14))
    axes.legend(loc="center right")
    return figure, rows


def contained(
    energy: float, profiles: Profiles, radius: FloatArray, ends: FloatArray
) -> FloatArray:
    """Mean share of showers within radii (k,), in Moliere radii, seen in some slices of depth."""
    share, tau = slices(profiles, ends)
    r = radii(np.full_like(tau, energy), tau, ECAL, P.shower)
    found = [
        (share * (r.share * a**2 / (a**2 + r.core**2) + (1 - r.share) * a**2 / (a**2 + r.tail**2)))
        .sum(axis=1)
        .mean()
        for a in radius
    ]
    return np.array(found)


def lateral(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """Containment by radius: simulated in three slices, published in slices of 1 X0."""
    figure, (axes,) = axes_of()
    radius = np.linspace(0.02, 4, 120)
    coarse, fine = np.array([4.0, P.shower.slice_end, 40.6]), np.arange(1.0, 41.0)
    rows: list[Row] = []
    for energy, colour in ((10.0, BLUE), (100.0, ORANGE)):
        drawn = draw_profiles(np.full(2000, energy), rng, ECAL, P.shower)
        mean = mean_profiles(np.array([energy]), ECAL, P.shower)
        simulated = contained(energy, drawn, radius, coarse)
        published = contained(energy, mean, radius, fine)
        axes.plot(radius, 100 * simulated, color=colour, label=f"{energy:g} GeV, simulated")
        label = "Grindhammer–Peters, by depth" if energy == 10 else None
        axes.plot(radius, 100 * published, color=INK, ls="--", lw=1.2, label=label)
        for at, rule in ((1.0, 90), (2.0, 95)):
            here = np.interp(at, radius, simulated), np.interp(at, radius, published)
            rows.append(
                (
                    f"within {at:g} R_M, {energy:g} GeV",
                    f"{100 * here[0]:.1f}%",
                    f"{100 * here[1]:.1f}% (Grindhammer–Peters), {rule}% (R-H, rule of Moliere)",
                )
            )
    axes.plot([1, 2], [90, 95], "D", color=RED, ms=7, label="Moliere's rule")
    axes.axvline(P.ecal.pitch / 2 / ECAL.moliere_radius, color=GREY, lw=1)
    axes.text(0.72, 42, "half a cell", color=GREY)
    axes.set(xlabel=r"Radius [$R_M$]", ylabel="Energy within [%]", xlim=(0, 4), ylim=(40, 101))
    axes.legend(loc="lower right")
    return figure, rows


# ---------------------------------------------------------------- hadrons and muons


def hcal_resolution(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """Resolution of the HCAL for hadrons from its face, and what leaks by where they start."""
    energies, n = np.array([5.0, 10.0, 20.0, 50.0, 100.0]), 8000
    front, seen = hcal_front(P), []
    for energy in energies:
        truth = blank(n)
        start = front + rng.exponential(1.0, n)
        left = hadron_deposits(np.full(n, energy), start, rng, P)
        truth.hcal_hadronic[:, :3] = left[:, 2:]
        total = hcal_energies(truth, rng, replace(P.hcal, noise=0.0))[:, :3].sum(axis=(1, 2, 3))
        seen.append(100 * total.std() / total.mean())
    figure, (first, second) = axes_of(2)
    smooth = np.geomspace(4, 130, 100)
    first.plot(smooth, 60 / np.sqrt(smooth), color=INK, label=r"$60\%/\sqrt{E}$ [T]")
    row = np.array(seen)
    first.errorbar(energies, row, row / np.sqrt(2 * n), fmt="o", color=BLUE, label="simulated")
    first.set(xscale="log", yscale="log", xlabel="Energy [GeV]", ylabel=r"$\sigma(E)/E$ [%]")
    plain(first, (5, 10, 20, 50, 100), (5, 10, 20, 30))
    first.legend()
    behind = np.linspace(0, 22, 45)
    for energy, colour in ((20.0, BLUE), (80.0, ORANGE)):
        lost = [
            1 - hadron_deposits(np.full(400, energy), np.full(400, front + d), rng, P).sum() / 400
            / energy
            for d in behind
        ]  # fmt: skip
        second.plot(behind, 100 * np.array(lost), color=colour, label=f"leaks out, {energy:g} GeV")
    second.plot(
        behind,
        100 * np.exp(-behind),
        color=INK,
        ls="--",
        label=r"not yet started, $e^{-L/\lambda}$",
    )
    second.set(yscale="log", ylim=(1e-4, 150), xlim=(0, 22.2))
    second.set(xlabel=r"First interaction behind the HCAL's face [$\lambda$]", ylabel="Share [%]")
    second.legend(loc="upper center")
    depth = medium(P.hcal, P.shower)
    rows = [
        ("HCAL σ(E)/E at 50 GeV", f"{row[3]:.2f}%", f"{60 / np.sqrt(50):.2f}% [T]"),
        (
            "depth of an HCAL module",
            f"{depth.depth / depth.interaction_length:.2f} λ",
            "about 7 λ (R-H 1710.00971; ~28 in four [T])",
        ),
    ]
    return figure, rows


def dimuons(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """Energies of dimuons in the HCAL modules against two MIPs."""
    branches = simulate("dimuon", 20_000, seed=int(rng.integers(2**31))).branches
    module = branches["HCAL_ene"].reshape(-1, 4, 9).sum(axis=2)
    figure, (axes,) = axes_of()
    for k, colour in enumerate((BLUE, ORANGE, GREEN)):
        counts, edges = np.histogram(module[:, k], 96, (0, 12))
        axes.stairs(counts / len(module) / 0.125, edges, color=colour, label=f"module {k}")
    axes.axvspan(4, 8, color=GREY, alpha=0.15, lw=0, label="two MIPs, 4–8 GeV [C1]")
    axes.set(xlabel="Energy in the module [GeV]", ylabel="Share per GeV", xlim=(0, 12))
    axes.set(ylim=(0, None))
    axes.legend()
    inside = np.mean((module[:, :3] > 4) & (module[:, :3] < 8), axis=0)
    rate = dimuon_rate(P, 40.0)
    section = 1e27 * pair_cross_section(np.array([50.0]), 82.0)[0]
    return figure, [
        ("dimuons in 4–8 GeV, modules 0, 1, 2", ", ".join(f"{100 * i:.0f}%" for i in inside), "—"),
        (
            "cross section of a 50 GeV photon in lead for a muon pair",
            f"{section:.3f} mb",
            "0.708 mb (fit of the total, CERN-SL-2002-016)",
        ),
        (
            "dimuons per electron, E_ECAL < 60 GeV",
            f"{rate:.1e}",
            "about 1e-5 (R-H 1906.00176)",
        ),
    ]


def plane(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """The (E_ECAL, E_HCAL) plane of a run period, with physics trigger."""
    sums = simulate("run-period", 100_000, seed=int(rng.integers(2**31)), cells=False).branches
    ecal = sums["eecal0"] + sums["eecal1"]
    hcal = sums["ehcal0"] + sums["ehcal1"] + sums["ehcal2"]
    chosen = (sums["triggerSources"] & 4) > 0
    figure, (axes,) = axes_of()
    image = axes.hist2d(
        ecal[chosen], hcal[chosen], 110, range=((0, 110), (0, 110)), norm="log", cmap="cividis",
    )[3]  # fmt: skip
    figure.colorbar(image, label="Events per GeV²")
    axes.plot([0, 100], [100, 0], color=RED, ls="--", lw=1.4, label="beam energy")
    axes.add_patch(Rectangle((0, 0), 50, 1, fc="none", ec=RED, lw=1.6, label="signal box (R-H)"))
    axes.set(xlabel=r"$E_{\mathrm{ECAL}}$ [GeV]", ylabel=r"$E_{\mathrm{HCAL}}$ [GeV]")
    axes.set(xlim=(0, 110), ylim=(0, 110))
    axes.legend(loc="upper right", framealpha=1)
    one = simulate("electronuclear", 20_000, seed=int(rng.integers(2**31)), cells=False).branches
    both = sum(one[k] for k in ("eecal0", "eecal1", "ehcal0", "ehcal1", "ehcal2"))
    return figure, [
        ("E_ECAL + E_HCAL of electronuclear events", f"{np.median(both):.1f} GeV", "100 GeV"),
    ]


# ---------------------------------------------------------------- synchrotron radiation


def radiation(
    energy: float, mass: float, n: int, rng: np.random.Generator, p: Parameters = P
) -> FloatArray:
    """(n, modules) energies in the SRD of particles of a beam, MeV."""
    truth = blank(n)
    truth.radiating_energy[:] = energy
    truth.radiating_mass[:] = mass
    return 1e3 * srd_energies(truth, rng, replace(p, beam=replace(p.beam, energy=energy)))


def srd_spectra(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """Energy in a module of the SRD: electrons of three beams, and hadrons."""
    figure, (axes,) = axes_of()
    edges = np.geomspace(0.02, 300, 70)
    means = []
    quiet = replace(P, srd=replace(P.srd, noise=0.0, knock_on=0.0, least_photon=0.0))
    for energy, colour in ((100.0, BLUE), (70.0, ORANGE), (40.0, GREEN)):
        found = radiation(energy, 0.000511, 60_000, rng)
        means.append(radiation(energy, 0.000511, 60_000, rng, quiet).mean())
        axes.stairs(_by_log(found, edges), edges, color=colour, label=f"electrons, {energy:g} GeV")
    hadrons = radiation(100.0, P.beam.hadron_mass, 60_000, rng)
    axes.stairs(_by_log(hadrons, edges), edges, color=GREY, label="hadrons, 100 GeV")
    axes.axvspan(1, 80, color=GREY, alpha=0.12, lw=0, label="cut, 1–80 MeV [C1]")
    axes.set(xscale="log", yscale="log", ylim=(1e-4, 60), xlim=(0.02, 300))
    axes.set(xlabel="Energy in a module [MeV]", ylabel="Share per unit of ln E")
    axes.legend(loc="upper left", ncols=2)
    strength, bending = field(100.0, P.srd)
    mass = np.array([0.000511])
    critical = critical_energy(np.array([100.0]), mass, strength)
    number = photon_number(mass, bending)
    total = (number * mean_photon(critical))[0]
    return figure, [
        ("photons per electron at 100 GeV", f"{number[0]:.1f}", "5/(2√3) α γ θ"),
        ("critical energy at 100 GeV", f"{1e3 * critical[0]:.1f} MeV", "0.665 keV E² B"),
        ("energy radiated at 100 GeV", f"{1e3 * total:.0f} MeV", "2/3 α ħc γ⁴ L/ρ² = 155 MeV"),
        (
            "photons in a module, 70 GeV over 100 GeV",
            f"{means[1] / means[0]:.3f}",
            "0.7⁴ = 0.240 [T]",
        ),
        (
            "photons in a module, 40 GeV over 100 GeV",
            f"{means[2] / means[0]:.4f}",
            "0.4⁴ = 0.0256 [T]",
        ),
    ]


def _by_log(found: FloatArray, edges: FloatArray) -> FloatArray:
    counts, _ = np.histogram(found, edges)
    return np.asarray(counts / found.size / np.diff(np.log(edges)))


def rejection(rng: np.random.Generator) -> tuple[Figure, list[Row]]:
    """Electrons kept and hadrons passed by the SRD, by the threshold of each module."""
    figure, (axes,) = axes_of()
    thresholds = np.geomspace(0.2, 12, 40)
    hadrons = radiation(100.0, P.beam.hadron_mass, 1_000_000, rng)
    rows: list[Row] = []

    def passed(energy: FloatArray, threshold: float) -> FloatArray:
        return (energy > threshold) & (energy < 80)

    # modules are independent for hadrons: the third power of one module's chance
    fake = np.array([passed(hadrons, t).mean() ** 3 for t in thresholds])
    for energy, colour in ((100.0, BLUE), (70.0, ORANGE), (40.0, GREEN)):
        electrons = radiation(energy, 0.000511, 40_000, rng)
        kept = np.array([passed(electrons, t).all(axis=1).mean() for t in thresholds])
        axes.plot(100 * kept, fake, color=colour, label=f"electrons of {energy:g} GeV")
        here = passed(electrons, 1.0).all(axis=1).mean()
        axes.plot(100 * here, passed(hadrons, 1.0).mean() ** 3, "o", color=colour, ms=7)
        rows.append(
            (
                f"electrons of {energy:g} GeV in 1–80 MeV, three modules",
                f"{100 * here:.1f}%",
                "about 95% (R-M 1703.05993)" if energy == 100 else "—",
            )
        )
    rows.append(
        (
            "hadrons in 1–80 MeV, three modules",
            f"{passed(hadrons, 1.0).mean() ** 3:.1e}",
            "about 1e-5 (R-M 1703.05993)",
        )
    )
    axes.plot(95, 1e-5, "*", color=RED, ms=14, label="1e-5 at 95% (R-M)")
    axes.set(yscale="log", xlim=(0, 101), ylim=(1e-7, 1e-4))
    axes.set(xlabel="Electrons kept [%]", ylabel="Hadrons passed")
    axes.legend(loc="lower right")
    return figure, rows


FIGURES: dict[str, Callable[[np.random.Generator], tuple[Figure, list[Row]]]] = {
    "ecal-resolution": ecal_resolution,
    "ecal-depth": longitudinal,
    "ecal-width": lateral,
    "hcal": hcal_resolution,
    "dimuons": dimuons,
    "plane": plane,
    "srd": srd_spectra,
    "rejection": rejection,
}


# ---------------------------------------------------------------- tables


def parameter_table(parameters: Parameters) -> str:
    """All numbers of the simulation as a table."""
    lines = ["| parameter | value | unit | source |", "| --- | --- | --- | --- |"]
    for name, value, unit, source in described_numbers(parameters):
        lines.append(f"| `{name}` | {shown(value)} | {unit} | {source} |")
    return "\n".join(lines)


def shown(value: Any) -> str:
    """Write a value in short."""
    if isinstance(value, tuple):
        return ", ".join(map(shown, value)) or "—"
    if is_dataclass(value) and not hasattr(value, "name"):
        return ", ".join(shown(getattr(value, f.name)) for f in fields(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def figure_table(rows: list[Row]) -> str:
    """What was simulated beside what is published."""
    lines = ["| | simulated | published |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def replaced(text: str, name: str, table: str) -> str:
    """Put a table between its two marks."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, rest = text.split(begin)
    return before + begin + table + "\n" + end + rest.split(end, 1)[1]


def write_parameters() -> None:
    """Write the table of the parameters anew."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(replaced(page, "parameters", parameter_table(P)), encoding="utf-8")


def main(names: list[str]) -> Iterator[str]:
    """Draw figures, all of them unless some are named; yield what was done."""
    rows: list[Row] = []
    for name in names or FIGURES:
        with styled():
            figure, found = FIGURES[name](np.random.default_rng([20_261_123, len(name)]))
            figure.savefig(FOLDER / f"{name}.png", dpi=110, metadata={"Software": None})
        rows += found
        yield name
    if not names:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(replaced(page, "figures", figure_table(rows)), encoding="utf-8")
    yield figure_table(rows)


if __name__ == "__main__":
    write_parameters()
    if sys.argv[1:] != ["--parameters"]:
        for line in main(sys.argv[1:]):
            print(line)  # noqa: T201
