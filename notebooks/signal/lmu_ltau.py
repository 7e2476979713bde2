# %% [markdown]
# # A Z' of L_mu - L_tau, from muons and from electrons
#
# This Z' couples to muons and taus with g, and not to electrons, except by a loop of muons and
# taus:
#
#     muons:      epsilon = g/e
#     electrons:  epsilon = abs(Pi(q^2)),  Pi/g = 1/69 at q^2 = 0, rising to 0.019 at 250 MeV
#
# Below two muons it decays to neutrinos only, and is missing. Such a boson was proposed for the
# magnetic moment of the muon, (g-2). Sources: arXiv:2206.03101 and 2404.06982 (electrons),
# 2401.01708 (muons).

# %%
import numpy as np

from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reaches
from na64ana.signal.bremsstrahlung import total_cross_section
from na64ana.signal.constants import GEV2_TO_PB
from na64ana.signal.overlays import moment_overlay, published
from na64ana.signal.refine import refined

events = upper_limit(0, 0.0)
model = signal.model("lmu-ltau")
masses = signal.masses_of("0.0001:2:25")
runs = {
    "muons of 160 GeV, 1.98e10": signal.setup("na64mu"),
    "electrons of 100 GeV, 9.37e11": signal.setup("na64e"),
}
found = {name: refined(signal.reach(model, run, masses, events)) for name, run in runs.items()}

# %% [markdown]
# Where the measured moment of the muon would be explained depends on the date: in 2023, with the
# prediction of 2020, there was an excess of five standard deviations; with that of 2025 there is
# none, and the band reaches down to 0. Both are drawn, with two standard deviations.

# %%
bands = [moment_overlay(model, name, masses) for name in ("muon-wp2025", "muon-2023")]
plot = plot_reaches(found, published(model), moments=bands, ylim=(1e-4, 0.1))
plot

# %% [markdown]
# ## Checks
#
# The cross section of muons of 160 GeV on lead at epsilon = 1e-4, against the table of the talk
# (Weizsaecker-Williams, in 1/GeV^2).

# %%
table = {0.01: 1.56e-7, 0.1: 2.45e-8, 0.5: 1.62e-9, 1.0: 2.74e-10}
for mass, expected in table.items():
    sigma = total_cross_section("vector", mass, 160.0, lepton="muon", method="ww")
    assert abs(1e-8 * sigma / GEV2_TO_PB / expected - 1) < 0.01

# %% [markdown]
# With about 9e11 electrons, arXiv:2404.06982 excludes the band of (g-2) of its time up to a mass of
# about 2 MeV (abstract, later versions). Here is where the limit crosses the upper edge of the
# band.

# %%
light = np.geomspace(0.0005, 0.01, 14)
limit = np.array(signal.reach(model, runs["electrons of 100 GeV, 9.37e11"], light, events).limit)
edge = moment_overlay(model, "muon-2023", light).high
found_at = float(np.interp(0.0, np.log(limit / edge), light))
assert 0.0015 < found_at < 0.003
found_at

# %% [markdown]
# ## What is chosen, what is open
#
# - The efficiency of muons, 0.1, is chosen from the published curve; thresholds are those of the
#   papers. That of electrons is 0.5.
# - No curve of another experiment in this plane is shipped: none was found with a licence. Some
#   exclude parts of what is shown; arXiv:2401.01708 draws them.
# - A kinetic mixing of its own, beside the loop, is set to 0.
# - Dark matter is left out here; see `muon_portal.py`.
