# %% [markdown]
# # Positrons and the resonance
#
# A positron that annihilates on an electron of the target, e+ e- -> A' -> dark matter, gives the
# dark photon all of its energy E, at resonance for
#
#     m_A' = sqrt(2 m_e E)
#
# A beam of positrons so sees the masses from the least missing energy up to its own energy far
# more strongly than a beam of electrons. The price is hadrons: the beam holds about ten times as
# many, and the synchrotron radiation that tells a positron from a proton falls with the fourth
# power of the energy. This notebook measures the hadrons in the beam, runs a search with
# simulated events to its limit, and looks at which mass each energy covers. It needs no input and
# no network.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import yaml

import na64ana as na
from na64ana import signal
from na64ana.analysis import recast, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path
from na64ana.background import hadron_contamination
from na64ana.plot import plot_reach, plot_reaches
from na64ana.plot.style import BLUE, INK, RED, styled
from na64ana.simulate import MODES, simulate, write_tout

temporary = TemporaryDirectory()
folder = Path(temporary.name)

# %% [markdown]
# ## Hadrons in the beam
#
# The method of the collaboration (arXiv:2305.19411): electrons and positrons leave their energy
# in the ECAL, hadrons share it with the HCAL. What the nominal beam leaves in (E_ECAL + E_HCAL,
# E_HCAL) is a sum of two distributions, which are known: that of hadrons from a run in which
# positrons were absorbed, that of positrons from simulation. Three modes of the simulation take
# every particle of the beam: `beam-positrons`, `beam-electrons` and `hadrons-only`.

# %%
selection = na.Selection.load("na64e-contamination")


def measured(process, mode, events, seed):
    """Counts in (E_ECAL + E_HCAL, E_HCAL) of simulated beam particles."""
    path = folder / "beam.root"
    write_tout(path, simulate(process, events, seed=seed, mode=mode))
    record = na.run(selection, path, progress=False)
    return record.histograms["total_vs_hcal"][{"cut": "momentum"}]


hadrons = measured("run-period", "hadrons-only", 8000, seed=1)
positrons = measured("electron", "beam-positrons", 8000, seed=1)
beams = {
    mode: measured("run-period", mode, 10_000, seed=2)
    for mode in ("beam-positrons", "beam-electrons")
}
found = {
    mode: hadron_contamination(beam.values(), hadrons.values(), positrons.values())
    for mode, beam in beams.items()
}
found

# %% [markdown]
# The simulation was told 4% for positrons (recalled from the paper, to be checked there) and 0.3%
# for electrons (the talk: less than that). The fit counts the fluctuations of the templates too.

# %%
for mode, truth in (("beam-positrons", 0.04), ("beam-electrons", 0.003)):
    assert abs(found[mode].ratio - truth) < 3 * found[mode].error
    assert found[mode].chi2 < 1.5 * found[mode].bins

with styled():
    figure, axes = plt.subplots()
    edges = hadrons.axes[1].edges
    beam, fit = beams["beam-positrons"].values().sum(axis=0), found["beam-positrons"]
    parts = [
        template.values().sum(axis=0) / template.values().sum() * number[0]
        for template, number in ((positrons, fit.electrons), (hadrons, fit.hadrons))
    ]
    axes.stairs(sum(parts), edges, color=INK, label="sum of the fit")
    axes.stairs(parts[0], edges, color=BLUE, linestyle="--", label="positrons")
    axes.stairs(parts[1], edges, color=RED, linestyle="-.", label="hadrons")
    middle = (edges[1:] + edges[:-1]) / 2
    axes.errorbar(middle, beam, np.sqrt(beam), fmt="o", color=INK, label="beam, simulated")
    axes.set(yscale="log", xlim=(0, 130), ylim=(0.5, 3e4), xlabel="E_HCAL [GeV]")
    axes.set_ylabel("particles / 6 GeV")
    axes.legend(loc="upper right", title=f"h/e+ = {fit.ratio:.3f} ± {fit.error:.3f}")
plt.close(figure)  # or it is shown twice
figure

# %% [markdown]
# ## Telling a positron from a proton
#
# What a positron radiates in the magnets falls as E^4. At 40 GeV the present detector (lead and
# scintillator) sees hardly anything; one of LYSO, as POKER plans, sees enough.

# %%
tagged = {}
for mode, least in (("positrons-100", 1.0), ("positrons-70", 0.3), ("positrons-40", 0.1)):
    energies = 1e3 * simulate("electron", 3000, seed=1, mode=mode).branches["SRD_ene"]
    protons = 1e3 * simulate("hadron", 3000, seed=1, mode=mode).branches["SRD_ene"]
    tagged[mode] = [np.mean(np.all(srd > least, axis=1)) for srd in (energies, protons)]
    positron, hadron = tagged[mode]
    print(f"{mode}: {energies.mean():6.2f} MeV in a module; all three above {least} MeV for")
    print(f"    {positron:.1%} of the positrons, {hadron:.2%} of the hadrons")
assert tagged["positrons-100"][0] > 0.9
assert all(positron > 0.7 and hadron < 0.01 for positron, hadron in tagged.values())

# %% [markdown]
# ## A search, from events to the limit
#
# `na64ana demo --list` lists the searches; each is one file that says what is simulated, which
# background is estimated how, and what the signal is. Here with a fifth of its events, of which
# each stands for five times as many: the exposure, 1.01e10 positrons on target, stays that of
# arXiv:2308.15612.

# %%
analysis = yaml.safe_load(search_path("na64e-positrons-2022").read_text())
plan = analysis["simulation"]
plan["events"] //= 5
plan["exposure"] *= 5
plan["samples"]["signal"]["events"] = 8000
for sample in plan["samples"].values():
    if "times" in sample:
        sample["times"] /= 3
analysis["limit"]["masses"] = [0.1, 0.235, 0.35]
path = folder / "analysis.yaml"
path.write_text(yaml.safe_dump(analysis))
simulate_inputs(path)
outcome = run_analysis(path, folder / "results", progress=False)
outcome.record.cutflow

# %% [markdown]
# The box is closed, so the limit is the expected one. Each source of background has its method.

# %%
assert outcome.complete
outcome.budget

# %% [markdown]
# The limit on epsilon is strongest inside the resonance, from 226 MeV (50 GeV, the threshold) to
# 320 MeV (100 GeV, the beam). The published numbers are those of arXiv:2308.15612 as the
# collaboration gave them to the European Strategy (github ESPP2026-PPG/Quasi-elastic-DM), moved
# from y to epsilon with alpha_D = 0.1. The simulated efficiency, 0.8, has no dead time of the
# data acquisition, no losses of tracks by pile-up: with the 0.4 to 0.6 of publications the two
# agree.

# %%
dark_photon = signal.model("dark-photon", alpha_D=0.1)
fine = sorted({0.1, 0.235, 0.27, *signal.masses_of("0.1:0.4:31")})
limit = recast(folder / "results", dark_photon, masses=fine, progress=False)
limits = dict(zip(limit.reach.masses, limit.reach.limit, strict=True))
published = {0.1: 1.90e-3, 0.235: 4.86e-4, 0.27: 5.25e-4}
ratios = {mass: limits[mass] / value for mass, value in published.items()}
assert limits[0.27] < 0.4 * limits[0.1]
assert all(0.6 < ratio < 1.0 for ratio in ratios.values())
ratios

# %%
plot_reach(limit.reach, [c for c in signal.published(limit.reach.model) if c.kind != "projection"])

# %% [markdown]
# ## From 40 to 100 GeV
#
# Each energy has masses of its own. POKER plans 40 and 60 GeV; with the runs of 2022 and 2023 all
# masses from 143 to 320 MeV are covered. These are reaches with no background and an efficiency
# of 0.5; `na64ana demo poker-60` and the others are the searches, `na64ana combine` their
# combination.

# %%
runs = {
    "40 GeV, 5e10 (planned)": "poker-40",
    "60 GeV, 5e10 (planned)": "poker-60",
    "70 GeV, 1.5e10 (2023)": "na64e-positrons-70",
    "100 GeV, 1.0e10 (2022)": "na64e-positrons",
}
masses = signal.masses_of("0.1:0.4:41")
reaches = {
    name: signal.reach(dark_photon, signal.setup(run), masses, 2.303) for name, run in runs.items()
}
reaches["all of them"] = signal.reach(dark_photon, signal.setups("poker"), masses, 2.303)
plot_reaches(reaches)

# %% [markdown]
# Which energy is best where, and what adding them all gains:

# %%
together = np.array(reaches.pop("all of them").limit)
each = np.array([one.limit for one in reaches.values()])
best = np.array(list(reaches))[each.argmin(axis=0)]
for name in reaches:
    own = [mass for mass, which in zip(masses, best, strict=True) if which == name]
    if own:
        print(f"{name}: best from {1e3 * min(own):.0f} to {1e3 * max(own):.0f} MeV")
assert np.all(together <= each.min(axis=0))
assert set(best) == set(reaches)  # each energy has masses of its own

# %% [markdown]
# Try: a box at 40 GeV instead of 50 (`extends: na64e-positrons-100`), scalar dark matter
# (`dark_matter="scalar"`), whose resonance is narrower, or `na64ana demo poker-40`.

# %%
temporary.cleanup()
assert MODES["positrons-40"].layout == "na64-poker"
