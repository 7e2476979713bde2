# %% [markdown]
# # From events to a limit, and the summary plot
#
# So many events were seen in the box, so many were expected without a signal. How many signal
# events can there be (1), what does that say of a coupling (2), from events as well (3), and of
# other couplings (4)? How are run periods put together (5)?

# %%
import numpy as np

from na64ana import plot, signal
from na64ana.limits import (
    METHODS,
    combined_limit,
    expected_combined,
    expected_limits,
    limit_result,
    limits_in_events,
    load_model,
    upper_limit,
)
from na64ana.signal.curves import curve
from na64ana.signal.overlays import published, thermal_lines

# %% [markdown]
# ## 1. Signal events
#
# The collaboration's talk of 2023 shows 0.51 ± 0.13 background events for the runs of 2021 and
# 2022, and none seen. At such counts a limit is a sum over Poisson probabilities, which is done
# exactly here. With no event seen, the CLs limit does not depend on the background.

# %%
background, error = 0.51, 0.13
found = limit_result(0, background, background_error=error)
assert abs(found.limit - np.log(10)) < 1e-6  # 2.303 = ln 10
found

# %% [markdown]
# What was to be expected? Every count that the background can give has its probability and its
# limit. In 6 of 10 such experiments nothing is seen, and the limit is 2.30: so the median is 2.30
# as well, and the lower ends of the bands.

# %%
bands = expected_limits(background, background_error=error)
assert bands.median == bands.minus_2
bands

# %% [markdown]
# One event seen would have moved the limit to 3.5 events. Other methods give other numbers; they
# must be named with the limit.

# %%
by_method = {
    name: [float(upper_limit(n, background, method=name)) for n in (0, 1, 2)] for name in METHODS
}
assert by_method["classical"][0] < by_method["cls"][0]
{name: [round(limit, 3) for limit in limits] for name, limits in by_method.items()}

# %% [markdown]
# ## 2. A coupling
#
# Signal events are exposure x yield x efficiency. The yield goes as epsilon squared, the mixing of
# the dark photon with the photon; `na64ana.signal` computes it from the cross section in the
# shower. The setup holds the rest: 9.37e11 electrons of 100 GeV (arXiv:2307.02404), more than 50
# GeV missing, efficiency 0.5.

# %%
model = signal.model("dark-photon", dark_matter="dirac", alpha_D=0.1, mass_ratio=3)
setup = signal.setup("na64e")
events = limits_in_events(bands, observed=found.limit)
masses = signal.masses_of("0.001:1:11")
reach = signal.reach(model, setup, masses, events)
reach

# %% [markdown]
# The summary plot: the limit with its expected bands on what is published (`na64ana curves` tells
# where each curve is from). What is above a line is excluded.

# %%
others = published(model)
plot.plot_reach(reach, others)

# %% [markdown]
# ### Check
#
# NA64's limit of 2.84e11 electrons is published (arXiv:1906.00176), and its curve is shipped. For
# the same exposure ours is 15% above it at 10 MeV and 4% below it at 100 MeV. An agreement within
# some 10% is what one may hope for: the efficiency here is one number, 0.5, and the cross sections
# of that paper were revised later.

# %%
old = signal.setup("na64e", exposure=2.84e11)
ours = signal.reach(model, old, (0.01, 0.1), upper_limit(0, 0.0)).limit
theirs = [curve("na64-2019-invisible").limit_at(mass) for mass in (0.01, 0.1)]
ratios = np.array(ours) / np.array(theirs)
assert np.all((ratios > 0.75) & (ratios < 1.3))
dict(zip(("10 MeV", "100 MeV"), ratios.round(2).tolist(), strict=True))

# %% [markdown]
# ## 3. From events to the coupling
#
# The efficiency was one number so far. It depends on the energy that the mediator takes away, and
# on nothing else that the cuts see: so one sample of simulated signal, its energies spread evenly,
# serves all masses. An analysis file names the model, the setup and that sample. The numbers here
# are chosen for speed: few events, and the background as it was quoted above.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

from na64ana.analysis import recast, run_analysis, simulate_inputs

folder = TemporaryDirectory()
path = Path(folder.name) / "analysis.yaml"
path.write_text(
    """
name: missing energy
selection: na64e-invisible-2023
data: data.yaml
samples: {signal: {inputs: signal.yaml}}
simulation:
  mode: electrons-2023
  events: 2000
  exposure: 3.265e8                    # x 2000 = 6.53e11
  runs: [9001]
  seed: 5
  samples: {signal: {process: invisible, events: 8000}}
background:
  sources:
    - {name: all, method: fixed, value: 0.51, statistical: 0.13, reference: talk of 2023}
signal:
  model: {name: dark-photon, alpha_D: 0.1, mass_ratio: 3}
  setups:
    - setup: na64e
      threshold: 40 GeV
      efficiency: {sample: signal, histogram: signal_energy, error: 0.1}
limit: {masses: "0.001:1:9"}
"""
)
simulate_inputs(path)
results = Path(folder.name) / "results"
outcome = run_analysis(path, results)
outcome

# %% [markdown]
# The report of an analysis has the plot, and beside it the efficiency by energy.

# %%
efficiency = outcome.limit["bins"][0]["efficiency"]
assert 0.2 < efficiency["value"] < 1
plot.limit(outcome.limit)

# %% [markdown]
# ## 4. Other couplings
#
# Any boson that takes energy away unseen is limited by the same events. A **recast** reads the
# results alone, and no event: the efficiencies by energy are in them. A Z' of B-L decays to
# neutrinos, which are not seen either.

# %%
b_l = recast(results, "b-l")
assert all(b_l.limit["scan"]["median"])
plot.plot_reach(b_l.reach, published(b_l.reach.model))

# %% [markdown]
# Light dark matter is compared in y = epsilon^2 alpha_D (m_chi/m_A')^4, since the density that is
# seen today is a line there. The reach of part 2 in these coordinates:

# %%
in_y = signal.in_plane(signal.model("dark-photon", dark_matter="scalar", alpha_D=0.1), "y")
light = signal.masses_of("0.001:0.3:9")
plane = signal.reach(in_y, setup, light, events)
targets = thermal_lines(in_y, light)
measured = [one for one in published(in_y) if one.kind != "projection"]
plot.plot_reach(plane, measured, thermal=targets)

# %% [markdown]
# `notebooks/signal/` has a notebook for each plot of the talk.
#
# ## 5. Run periods together
#
# Periods differ in exposure, efficiency and background; each is a bin of one model, and one
# strength of the signal moves all bins. This one is shipped: 2016 to 2018 and 2021 to 2022, for a
# mass of 16.7 MeV and epsilon = 1e-5, every number with its source in the file.

# %%
periods = load_model("na64e-invisible-2016-2022")
together = combined_limit(periods)
together

# %% [markdown]
# Two periods without an event exclude the same 2.30 signal events in all, and not 2.30 in each: the
# strength, and epsilon squared, fall as the exposure grows.

# %%
each = {one.name: upper_limit(one.observed, one.background) / one.signal for one in periods.bins}
strengths = {**each, "both": together.strength}
epsilon = {name: 1e-5 * strength**0.5 for name, strength in strengths.items()}
assert together.strength < min(each.values())
assert abs(together.events - np.log(10)) < 0.01
{name: f"epsilon < {value:.3g}" for name, value in epsilon.items()}

# %%
expected_combined(periods)

# %% [markdown]
# ## What to try
#
# - Three events seen with 0.51 expected: what is excluded then?
# - `signal.setup("na64e", threshold=40)`: more signal at high masses, but what of the background?
# - Finished analyses of several periods, or of several beam energies, are put together by
#   `na64ana combine RESULTS RESULTS`.
# - Part 2 in one command:
#   `na64ana reach dark-photon --background 0.51 --background-error 0.13 --observed 0 --plot r.png`

# %%
folder.cleanup()
