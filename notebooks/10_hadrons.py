# %% [markdown]
# # Pions: eta and eta' that vanish
#
# NA64h sends pions of 50 GeV into the target. Now and then one changes its charge,
# pi- p -> eta n, and an eta or eta' flies on with all of the energy. Nearly always it decays to
# photons and pions, which are seen. If it decays to something invisible, the beam energy is gone:
# a pion comes in, and nothing is left (arXiv:2406.01990).

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import na64ana as na
from na64ana import plot
from na64ana.analysis import run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path
from na64ana.limits import upper_limit
from na64ana.signal.charge_exchange import exchange_cross_section, mesons_per_pion
from na64ana.signal.mesons import MESON_LIMITS, branching_limit, mesons_seen
from na64ana.simulate import simulate, write_tout

folder = TemporaryDirectory()
here = Path(folder.name)

# %% [markdown]
# ## How many mesons?
#
# A fit to data gives the cross section on a proton, in microbarn, and Geant4 has it with a formula
# for nuclei. A pion makes about one eta in 100 000 in the calorimeter (ECAL), which is the target.

# %%
mesons = {meson: mesons_per_pion(meson, 50.0) for meson in ("eta", "eta'")}
assert all(5e-6 < made < 2e-5 for made in mesons.values())
{meson: (round(exchange_cross_section(meson, 50.0), 2), f"{n:.2g}") for meson, n in mesons.items()}

# %% [markdown]
# The published limits are those of so many mesons, times the efficiency. Both numbers are of the
# same size as those above: the formula is good to a factor of two.

# %%
implied = {name: mesons_seen(one, upper_limit(0, 0.0)) for name, one in MESON_LIMITS.items()}
needed = {name: implied[name] / mesons[name] for name in mesons}
assert all(0.2 < efficiency < 1 for efficiency in needed.values())
{name: f"{efficiency:.2f}" for name, efficiency in needed.items()}

# %% [markdown]
# ## What pions do
#
# Most interact: in the ECAL, or behind it in the hadron calorimeter (HCAL). Visible mesons leave
# their energy in the ECAL. The dangerous pions give all of it to a single neutron or kaon, which
# passes the ECAL unseen; if the HCAL then sees too little of it, the event looks like a signal.

# %%
for process in ("pion", "charge_exchange", "leading_neutral", "invisible"):
    sample = simulate(process, 4000, seed=11, mode="hadrons-50")
    write_tout(here / f"{process}.root", sample)
selection = na.Selection.load("na64h-2022")
records = {
    process: na.run(selection, here / f"{process}.root", progress=False)
    for process in ("pion", "charge_exchange", "leading_neutral", "invisible")
}
selection

# %%
plot.plane(records["pion"], "ecal_vs_hcal", "start")

# %%
plot.plane(records["leading_neutral"], "ecal_vs_hcal", "start")

# %% [markdown]
# The cuts ask for a clean pion, a start like that of a minimum ionising particle, and nothing
# behind. No number of them is public; how they were chosen stands in the docs, "NA64h".

# %%
left = {process: record.cutflow.rows[-1].sequential.n for process, record in records.items()}
assert left["pion"] == left["charge_exchange"] == 0
assert left["invisible"] > 3000
left

# %%
plot.n_minus_one(records["invisible"], "ECAL energy")

# %% [markdown]
# ## From events to a limit
#
# Pseudo-data of the search stand for 2.9e9 pions, one day of data (arXiv:2406.01990).

# %%
path = here / "analysis.yaml"
path.write_text(search_path("na64h-eta-2022").read_text())
simulate_inputs(path)
results = here / "results"
blind = run_analysis(path, results, progress=False)
assert blind.record.blind
blind.record.cutflow

# %% [markdown]
# The energy of neutrals in the HCAL falls towards the box as a power. Fitted above, it is
# extrapolated to below 1 GeV.

# %%
(fit,) = blind.fits
plot.sideband_fit(fit)

# %%
blind.budget

# %% [markdown]
# The limit is one on a branching ratio, linear in the number of events: no coupling is squared.

# %%
efficiency = blind.limit["bins"][0]["efficiency"]["value"]
(limit,) = blind.limit["scan"]["median"]
by_hand = branching_limit(blind.limit["expected"]["median"], 2.9e9 * mesons["eta"], efficiency)
assert abs(limit / by_hand - 1) < 0.02
published = MESON_LIMITS["eta"].branching_ratio
assert 0.5 < limit / published < 1.5
f"expected: Br(eta -> invisible) < {limit:.2g}; published: {published:.2g}"

# %% [markdown]
# ## A signal
#
# What if one eta in 2000 were invisible? So many events would be in the box:

# %%
expected = 5e-4 * 2.9e9 * mesons["eta"] * efficiency
assert 5 < expected < 50
round(expected, 1)

# %% [markdown]
# Ten of them among the pseudo-data, the box opened:

# %%
again = here / "with-signal"
again.mkdir()
(again / "analysis.yaml").write_text(path.read_text())
simulate_inputs(again / "analysis.yaml", events=8000, inject=10)
run_analysis(again / "analysis.yaml", again / "results", progress=False)
opened = run_analysis(
    again / "analysis.yaml", again / "results", unblind="to find the signal", progress=False
)
observed = opened.limit["bins"][0]["observed"]
assert 5 <= observed <= 12
observed

# %%
folder.cleanup()

# %% [markdown]
# ## What to try
#
# - `na64ana demo na64h-etaprime-2022` is the search for eta'.
# - The talk of 2023 has 1.9e10 pions of that year. What branching ratio is expected then?
