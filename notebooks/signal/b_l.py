# %% [markdown]
# # A Z' of B-L
#
# A gauge boson that couples to baryon minus lepton number, with the strength g_BL, is radiated as a
# dark photon of epsilon = g_BL/e is. It needs no dark matter to be missed: it decays to neutrinos,
#
#     Gamma(nu nu) = g^2 m/(12 pi) for each Dirac flavour,  Gamma(e e) = the same above 2 m_e
#
# in 100% of all cases below two electrons, in 75% above, and where it is light, weak and fast it
# leaves the detector before it decays to a pair of electrons (arXiv:2207.09979).

# %%
from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reaches
from na64ana.signal.curves import curve
from na64ana.signal.overlays import published
from na64ana.signal.refine import refined

events = upper_limit(0, 0.0)
model = signal.model("b-l")
masses = signal.masses_of("0.0001:0.6:21")
runs = {
    "electrons, 3.22e11 (2016-2021)": signal.setup("na64e", exposure=3.22e11, efficiency=0.6),
    "electrons, 9.37e11 (2016-2022)": signal.setup("na64e"),
}
found = {name: refined(signal.reach(model, run, masses, events)) for name, run in runs.items()}

# %%
plot = plot_reaches(found, published(model))
plot

# %% [markdown]
# Positrons of the shower make the dip at 226 MeV. The published limit of 2022 does not have it, nor
# is it asked for here: it is a prediction. Contours below are beam dumps, that see the decay to a
# pair of electrons far away.
#
# ## Check
#
# The published limit of 2022 is found again with an efficiency of 0.6, the upper end of what NA64
# states for electrons, from 3 to 100 MeV. There the abstract of arXiv:2207.09979 calls it stronger
# than what the scattering of neutrinos on electrons gives: of TEXONO and Borexino.

# %%
checked = [0.003, 0.01, 0.03, 0.1]
run = runs["electrons, 3.22e11 (2016-2021)"]
limits = signal.reach(model, run, checked, events).limit
ratio = {}
for mass, limit in zip(checked, limits, strict=True):
    others = {name: curve(name).limit_at(mass) for name in ("texono-bl", "borexino-bl")}
    ratio[mass] = limit / curve("na64-2022-bl").limit_at(mass)
    assert 0.88 < ratio[mass] < 1.12
    assert limit < min(others.values())
ratio

# %% [markdown]
# ## What is chosen, what is open
#
# - The efficiency: 0.6 for the exposure of 2022, so that it agrees with the published limit; 0.5
#   for the other. Below 1 MeV the published limit asks for less, 0.35 at 0.3 MeV.
# - Three Dirac neutrinos, as where B-L is not broken. `b-l-broken` has left-handed ones only: 60%
#   invisible in place of 75%.
# - The edges of the dip: they follow from a simple picture of the motion of electrons in lead.
