# %% [markdown]
# # Muons: missing momentum
#
# NA64mu sends muons of 160 GeV through the target. Some of them may radiate a boson that nobody
# sees, mu Z -> mu Z Z', and go on with less than half of their momentum. A muon crosses the whole
# experiment, so what is missing is not energy in a calorimeter but momentum between two
# spectrometers: one before the target, one behind it.
#
# A Z' of L_mu - L_tau is such a boson. It couples to muons and taus and their neutrinos alone, so
# that electrons hardly make it, and might shift the magnetic moment of the muon (arXiv:2401.01708).

# %%
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import na64ana as na
from na64ana import plot, signal
from na64ana.analysis import recast, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path
from na64ana.limits import upper_limit
from na64ana.plot import plot_reach
from na64ana.signal.overlays import published, thermal_lines
from na64ana.simulate import mediators, mode_named, simulate, write_tout

folder = TemporaryDirectory()
here = Path(folder.name)
mode = mode_named("muons-160")

# %% [markdown]
# ## What muons do
#
# Most leave a minimum ionising particle (MIP) everywhere and keep their momentum. A few radiate a
# hard photon in the target; the calorimeters see it. A signal has neither the momentum nor the
# photon. The three of them, and the decay of a kaon of the beam on its way, whose neutrino is not
# seen either:

# %%
light = mediators(signal.model("lmu-ltau"), 0.01, mode)
with_model = replace(mode.parameters, signal=light)
for process in ("muon", "bremsstrahlung", "decay", "invisible"):
    sample = simulate(process, 4000, seed=7, mode=mode.name, parameters=with_model)
    write_tout(here / f"{process}.root", sample)

# %%
selection = na.Selection.load("na64mu-2022")
selection

# %% [markdown]
# Momentum behind the target against the energy in ECAL and HCAL. The photons make the diagonal:
# what the muon loses is seen. The box is in the corner below, at less than 80 GeV and 15 GeV.

# %%
records = {
    process: na.run(selection, here / f"{process}.root", progress=False)
    for process in ("muon", "bremsstrahlung", "decay", "invisible")
}
plot.plane(records["bremsstrahlung"], "momentum_vs_calorimeters", "incoming momentum")

# %%
plot.plane(records["invisible"], "momentum_vs_calorimeters", "incoming momentum")

# %% [markdown]
# Of 4000 events each, the cuts leave in the box:

# %%
left = {process: record.cutflow.rows[-1].sequential.n for process, record in records.items()}
assert left["muon"] == left["bremsstrahlung"] == 0
assert left["invisible"] > 3 * left["decay"] > 0
left

# %% [markdown]
# Why do kaons come that far, and pions do not? Both decay to a muon and a neutrino. Of two bodies
# the muon has any share of the energy from (m_mu/m)^2 to 1, each as often: from 0.05 on for a kaon,
# from 0.57 on for a pion.
#
# Each cut, all others but those of the box applied:

# %%
plot.n_minus_one(records["muon"], "ECAL energy")

# %%
plot.n_minus_one(records["invisible"], "HCAL modules")

# %% [markdown]
# ## From events to a limit
#
# The search stands in one file. Its 20000 pseudo-data stand for 1.98e10 muons (arXiv:2401.01708):
# each event is what a preselection leaves of a million of them. 12000 are simulated here.

# %%
path = here / "analysis.yaml"
path.write_text(search_path("na64mu-2022").read_text())
simulate_inputs(path, events=12_000)
results = here / "results"
blind = run_analysis(path, results, progress=False)
assert blind.record.blind
blind.record.cutflow

# %% [markdown]
# The background that matters is a muon of full momentum whose track is measured wrongly, with hits
# of another muon. The tail of such momenta is fitted above the box and extrapolated into it.

# %%
(fit,) = blind.fits
plot.sideband_fit(fit)

# %%
blind.budget

# %%
total = blind.budget.total().value
assert 0.005 < total < 0.3
f"{total:.3f} background events"

# %% [markdown]
# How many signal events would be seen depends on the energy that the boson takes: below 80 GeV the
# muon is too fast for the box, above 120 GeV it is turned beside the counters of the trigger.

# %%
plot.efficiency(blind.limit["signal"]["setups"])

# %% [markdown]
# The limit on the coupling that is expected:

# %%
plot.limit(blind.limit)

# %% [markdown]
# ## Check
#
# `na64ana reach` has one number for the efficiency, 0.1, which the published curve stands for. For
# as many muons the limit from events is near its own. As recalled from arXiv:2401.01708, with
# 1.98e10 muons g is below 5e-4 for masses below 40 MeV.

# %%
scan = blind.limit["scan"]
muons = blind.limit["bins"][0]["exposure"]
setup = signal.setup("na64mu", exposure=muons)
reach = signal.reach(signal.model("lmu-ltau"), setup, scan["mass"][:5], upper_limit(0, 0.0))
ratio = np.array(scan["median"][:5]) / np.array(reach.limit)
assert np.all((ratio > 0.8) & (ratio < 1.1))
dict(zip(scan["mass"][:5], ratio.round(2).tolist(), strict=True))

# %% [markdown]
# ## The portal of muons
#
# If the Z' couples to dark matter as well, it leads from muons to it. In the plane of
# y = (g_chi g_mu)^2 (m_chi/m_Z')^4 the density of dark matter that is left today is a line for each
# kind of it. The finished analysis gives its limit there without any new event.

# %%
portal = signal.model("lmu-ltau", alpha_D=0.05**2 / (4 * np.pi), mass_ratio=3)
plane = signal.in_plane(portal, "y")
masses = (0.001, 0.003, 0.01, 0.03, 0.07)
found = recast(results, plane, masses=masses, progress=False)
targets = thermal_lines(plane, signal.masses_of("0.001:0.1:9"))
plot_reach(found.reach, published(plane), thermal=targets)

# %% [markdown]
# ## Opening the box
#
# The budget is frozen, so the box may be opened. The pseudo-data hold no signal.

# %%
opened = run_analysis(path, results, unblind="the budget is frozen", progress=False)
observed = opened.limit["bins"][0]["observed"]
assert observed <= 2
observed, json.loads((results / "limit.json").read_text())["observed"]

# %%
folder.cleanup()

# %% [markdown]
# ## What to try
#
# - `simulate_inputs(path, events=12_000)` takes `inject=5`: five signal events among the data. Does
#   the open box show them?
# - `na64ana demo na64mu-2022` does all of it with more events, and writes the report.
# - What is chosen and what is published stands in the docs, "NA64mu".
