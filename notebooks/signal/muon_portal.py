# %% [markdown]
# # The portal of muons: four currents of dark matter
#
# A Z' of L_mu - L_tau with a coupling g_chi to dark matter lets it annihilate to neutrinos, muons
# and taus. The talk names four currents of dark matter,
#
#     complex scalar      i chi* d_mu chi
#     Majorana fermion    (1/2) chibar gamma_mu gamma_5 chi
#     pseudo-Dirac        chibar_1 gamma_mu chi_2
#     Dirac               chibar gamma_mu chi
#
# and the plane of y = (g_chi g_mu)^2 (m_chi/m_Z')^4 against m_chi, in which the relic density is a
# line for each (arXiv:1801.10448 and 1804.03144).

# %%
import math

import numpy as np

from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reaches
from na64ana.signal.constants import M_MUON
from na64ana.signal.overlays import thermal_lines
from na64ana.signal.refine import refined
from na64ana.signal.thermal import relic_target

events = upper_limit(0, 0.0)
alpha_D = 0.05**2 / (4 * math.pi)
model = signal.in_plane(signal.model("lmu-ltau", alpha_D=alpha_D, mass_ratio=3), "y")
masses = signal.masses_of("0.001:1:17")
runs = {
    "muons, 1.98e10": signal.setup("na64mu"),
    "muons, 1e12 (the goal in the talk)": signal.setup("na64mu", exposure=1e12),
    "electrons, 9.37e11": signal.setup("na64e"),
}
found = {name: refined(signal.reach(model, run, masses, events)) for name, run in runs.items()}

# %% [markdown]
# Pseudo-Dirac and Dirac particles share a line: if the splitting is small they differ only in what
# is seen today. Lines are computed, to 50%. No published one of this portal is shipped.

# %%
plot = plot_reaches(
    found, thermal=thermal_lines(model, masses), ylim=(1e-14, 1e-5),
    heading="Z' of L_mu - L_tau, g_chi = 0.05, m_Z' = 3 m_chi",
)  # fmt: skip
plot

# %% [markdown]
# ## Checks
#
# arXiv:2401.01708 excludes "part of the parameter space suggested by the thermal Dark Matter relic
# abundance" with 1.98e10 muons (abstract). So does the limit here, for scalar and Majorana
# particles.

# %%
heavy = np.array([0.02, 0.04, 0.1])
limit = np.array(signal.reach(model, signal.setup("na64mu"), heavy, events).limit)
below = {
    kind: limit / relic_target(heavy, dark_matter=kind, alpha_D=alpha_D, portal="lmu-ltau")
    for kind in ("scalar", "majorana")
}
assert np.all(below["scalar"] < 0.5)
assert np.all(below["majorana"] < 0.5)
below

# %% [markdown]
# For a particle that is its own antiparticle the density asks for <sigma v> = 5.2e-26 cm^3/s near
# 0.3 GeV, if that does not depend on the velocity (G. Steigman, B. Dasgupta and J. Beacom,
# arXiv:1204.3622, abstract), and for twice that if it is not. At rest, and with m_Z' = 3 m_chi,
# Dirac particles annihilate with
#
#     sigma v = k y/m_chi^2,   k = (S/pi) [9/(9 - 4)]^2,   S = 1 + muons (1 far above threshold)

# %%
mass = 0.3
beta2 = 1 - (M_MUON / mass) ** 2
muons = beta2**0.5 * (1 + (1 - beta2) / 2)
k = (1 + muons) / math.pi * (9 / 5) ** 2
y = relic_target(mass, dark_matter="dirac", alpha_D=alpha_D, portal="lmu-ltau")
sigma_v = k * y / mass**2 * 1.167e-17  # cm^3/s: (hbar c)^2 c in GeV^2
ratio = sigma_v / (2 * 5.2e-26)
assert 0.67 < ratio < 1.5
ratio

# %% [markdown]
# ## What is chosen, what is open
#
# - g_chi = 0.05, as recalled from arXiv:2401.01708, and m_Z' = 3 m_chi. The limit goes with
#   g_chi^2; the lines fall too, several times where dark matter is light, since the Z' is narrower.
#   At alpha_D = 0.1 no line is reached with 1.98e10 muons.
# - The dark matter of the reach is Dirac, which matters only where visible decays compete.
# - Efficiencies: 0.1 with muons, chosen from the published curve in g, 0.5 with electrons.
# - No background, also for 1e12 muons, of which the talk speaks as the goal.
