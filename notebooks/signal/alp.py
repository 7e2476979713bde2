# %% [markdown]
# # Axion-like particles that couple to photons
#
# Photons of the shower turn into axion-like particles a in the field of a nucleus, and these decay
# to two photons:
#
#     gamma Z -> a Z,   Gamma = g^2 m^3/(64 pi),   L = -(g/4) a F Ftilde
#
# Either a decays behind the whole detector, and its energy is missing, or in the second and third
# module of the hadron calorimeter behind a first one that is quiet (arXiv:2005.02710). Both belong
# to one search of 2.84e11 electrons, and their events add up.

# %%
from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reach
from na64ana.signal.curves import curve
from na64ana.signal.overlays import published
from na64ana.signal.refine import refined

events = upper_limit(0, 0.0)
model = signal.model("alp")
runs = signal.setups("na64e-alp")
found = refined(signal.reach(model, runs, signal.masses_of("0.001:0.3:21"), events))

# %% [markdown]
# Projections of others are left out, to see what is excluded (`na64ana curves --model alp` lists
# all of them).

# %%
others = [one for one in published(model) if one.kind != "projection"]
plot = plot_reach(found, others)
plot

# %% [markdown]
# ## Check
#
# For light a, which all leave the detector, the limit is flat: 2.56e-4 per GeV in the digitised
# curve of arXiv:2005.02710.

# %%
(plateau,) = signal.reach(model, runs, [0.001], events).limit
expected = curve("na64-2020-alp-axionlimits").limit_at(0.001)
assert abs(expected / 2.564e-4 - 1) < 0.01
assert abs(plateau / expected - 1) < 0.12
ratio = plateau / expected
ratio

# %% [markdown]
# ## What is chosen, what is estimated
#
# - Where the modules of the calorimeter end (2.3 and 6.5 m) is estimated, not published: the tip of
#   the window, here at 65 MeV and published at 55, follows from it.
# - Efficiency 0.5 is chosen; the threshold for decays in the calorimeter, less than 85 GeV in the
#   electromagnetic one, is recalled.
# - No background.
