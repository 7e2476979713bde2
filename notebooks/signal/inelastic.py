# %% [markdown]
# # Inelastic dark matter
#
# The dark photon decays to two dark states of different masses, and the heavier one decays later:
#
#     A' -> chi_1 chi_2,   chi_2 -> chi_1 e+ e-,   m_2 = (1 + Delta) m_1
#     Gamma = K 4 epsilon^2 alpha alpha_D (m_2 - m_1)^5/(15 pi m_A'^4)
#
# Where chi_2 leaves the detector all energy is missing, as for the dark photon. Where the splitting
# or the coupling is large it decays inside, and is lost to this search: there is an upper edge too
# (arXiv:2302.05414).

# %%
import math

from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reaches
from na64ana.signal.constants import ALPHA
from na64ana.signal.inelastic import excited_state_width
from na64ana.signal.overlays import published
from na64ana.signal.refine import refined

events = upper_limit(0, 0.0)
run = signal.setup("na64e")
masses = signal.masses_of("0.005:0.8:10")
models = {
    f"splitting {splitting:g}": signal.model("inelastic", splitting=splitting)
    for splitting in (0.1, 0.4)
}
found = {name: refined(signal.reach(model, run, masses, events)) for name, model in models.items()}

# %%
others = [one for one in published(next(iter(models.values()))) if one.kind != "projection"]
plot = plot_reaches(
    found, others,
    heading="inelastic dark matter, 9.37e11 electrons, alpha_D = 0.1, m_A' = 3 m_1", ylim=(5e-6, 1),
)  # fmt: skip
plot

# %% [markdown]
# ## Check
#
# K is the phase space, 1 for a small splitting. The simulation package of the field, DMG4
# (arXiv:2101.12192), has 0.640 for Delta = 0.4 and m_A' = 3 m_1 where electrons are light.

# %%
mass, splitting = 0.9, 0.4
width = excited_state_width(mass / 3, splitting, mass, alpha_D=0.1, lepton="electron")
ratio = width / (4 * ALPHA * 0.1 * (splitting * mass / 3) ** 5 / (15 * math.pi * mass**4))
assert abs(ratio / 0.640 - 1) < 0.01
ratio

# %% [markdown]
# ## What is chosen, what is open
#
# - All that decays before 6.5 m, where the last calorimeter is estimated to end, counts as lost.
#   The recast of arXiv:2302.05414 keeps events with enough energy missing: upper edges here are
#   careful.
# - The published limits in this plane are those of a stable chi_2.
# - Efficiency 0.5, no background. The A' decays in all directions alike; other polarisations move
#   the upper edge by +2 to -4%.
