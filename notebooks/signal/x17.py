# %% [markdown]
# # X17: visible decays
#
# An anomaly in nuclear transitions asks for a boson of 17 MeV that decays to a pair of electrons.
# It would be made in a dump of tungsten (WCAL), leave it, and decay in the 3.5 m behind:
#
#     N = N_OT epsilon^2 Sum over spectrum [exp(-start/L) - exp(-stop/L)],  L = (p/m) hbar c/Gamma
#
# With too weak a coupling there are few X, and they live long; with too strong a one they decay in
# the dump. A window is excluded, which ends at a mass. The runs of 2017 and 2018 are 8.4e10
# electrons of 100 and 150 GeV (arXiv:1912.11389; the talk of 2023), whose events add up.

# %%
import numpy as np

from na64ana import signal
from na64ana.limits import upper_limit
from na64ana.plot import plot_reaches
from na64ana.signal.refine import refined

events = upper_limit(0, 0.0)
runs = signal.setups("na64e-visible")
masses = signal.masses_of("0.0015:0.03:10")
kinds = ("vector", "axial", "scalar", "pseudoscalar")
found = {
    f"X17, {kind}": refined(signal.reach(signal.model(f"x17-{kind}"), runs, masses, events))
    for kind in kinds
}

# %% [markdown]
# Vectors and axial vectors have nearly the same window from 5 MeV on, and so have scalars and
# pseudoscalars: the mass of the electron, in which they differ, is small. No published limit in
# this plane is shipped; the circles are points of one, both edges of the digitised curve of
# arXiv:1912.11389.

# %%
plot = plot_reaches(found, heading="8.4e10 electrons of 100 and 150 GeV, X decays to e+e-")
at = np.array([1.9, 5, 10, 16.7, 20, 22.5]) / 1000
lower = [8.55e-5, 9.03e-5, 9.89e-5, 1.181e-4, 1.348e-4, 1.562e-4]
upper = [1.152e-2, 3.50e-3, 1.392e-3, 6.62e-4, 4.806e-4, 3.669e-4]
plot.axes.plot([*at, *at], [*lower, *upper], "o", color="black", markerfacecolor="white", zorder=9)
plot.axes.annotate(
    "published, vector", (0.005, 9.0e-5), (0.006, 5e-5), arrowprops={"arrowstyle": "-"}
)
plot.axes.axvline(0.0167, color="grey", linewidth=1, zorder=0)
plot.axes.annotate("X(16.7)", (0.0167, 8e-3), (3, 0), textcoords="offset points", color="grey")
plot

# %% [markdown]
# ## Check
#
# For a vector of 16.7 MeV, arXiv:1912.11389 excludes 1.2e-4 to 6.8e-4 (abstract). The upper edge is
# the decay length, and hardly depends on the efficiency; the lower one goes with its root or more.

# %%
(low,), (high,) = signal.reach(signal.model("x17-vector"), runs, [0.0167], events).edges()
assert abs(high / 6.8e-4 - 1) < 0.12
assert abs(low / 1.2e-4 - 1) < 0.26
edges = low, high
edges

# %% [markdown]
# ## What is chosen, what is recalled
#
# - The lengths of the dump (0.29 and 0.22 m) and of the space behind it are recalled, not
#   published; an upper edge goes about with one over the root of the first.
# - Threshold 30 GeV and efficiency 0.5 are chosen. The published lower edge is 10 to 25% weaker: it
#   asks for about 0.3.
# - Annihilation of positrons is left out, which is too small to matter below 175 MeV.
