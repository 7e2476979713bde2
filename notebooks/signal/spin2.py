# %% [markdown]
# # A spin-2 boson (UNVERIFIED)
#
# A massive spin-2 boson G couples to the energy and momentum of electrons, with c/Lambda, and far
# more strongly to dark matter, to which it decays:
#
#     L = -(c/Lambda) G_munu T^munu
#
# It is radiated as a vector is, and made by positrons of the shower (arXiv:2210.00751; Phys. Rev. D
# 107 (2023) 115034). **Its bremsstrahlung is unverified**: the amplitude was tested, its use in the
# approximation of Weizsaecker and Williams was not, and there is no published number to compare
# with. For electrons and vectors the same form gives 15 to 30% too much coupling.

# %%
import math

from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reaches
from na64ana.signal.constants import GEV2_TO_PB, M_ELECTRON
from na64ana.signal.refine import refined
from na64ana.signal.spin2_model import spin2_line_area
from na64ana.signal.widths import partial_widths

events = upper_limit(0, 0.0)
model = signal.model("spin-2")
runs = {
    "electrons of 100 GeV, 9.37e11": (signal.setup("na64e"), "0.001:1:19"),
    "muons of 160 GeV, 1.98e10": (signal.setup("na64mu"), "0.12:1:11"),
}
found = {
    name: refined(signal.reach(model, run, signal.masses_of(masses), events))
    for name, (run, masses) in runs.items()
}

# %%
plot = plot_reaches(
    found, heading="spin-2 boson that decays to dark matter; bremsstrahlung UNVERIFIED"
)
plot

# %% [markdown]
# ## Check
#
# On a narrow resonance of spin J the cross section of e+ e- has the area of a Breit-Wigner, in
# which only the width to electrons counts, here Gamma = (c/Lambda)^2 m^3/(160 pi)
# (arXiv:2210.00751):
#
#     Int sigma dE = (2 J + 1) 2 pi^2 Gamma_ee/(m m_e),  J = 2

# %%
mass = 0.25
width = partial_widths("spin-2", mass, 1.0)["electron"]
area = 10 * math.pi**2 * width / (mass * M_ELECTRON) * GEV2_TO_PB
assert abs(width / (mass**3 / (160 * math.pi)) - 1) < 1e-3
ratio = spin2_line_area(mass) / area
assert abs(ratio - 1) < 1e-3
ratio

# %% [markdown]
# ## What is chosen, what is left out
#
# - Efficiencies: 0.5 with electrons, 0.1 with muons.
# - Annihilation off the resonance, which grows with the third power of s, and where this
#   interaction is not to be trusted; conversion of photons, gamma Z -> G Z.
# - With muons it begins above their mass, which is left out of the amplitude.
