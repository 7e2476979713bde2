# %% [markdown]
# # First look at an ntuple
#
# NA64 shoots electrons of 100 GeV at an electromagnetic calorimeter (ECAL) that stops them. If an
# electron radiates a dark photon, which leaves unseen, a part of the 100 GeV is missing: little in
# the ECAL, and nothing in the hadron calorimeter (HCAL) behind it.
#
# Here a small file is simulated, looked into, and taken through the cuts of such a search. Nothing
# is needed but this notebook.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import na64ana as na
from na64ana import plot
from na64ana.simulate import simulate, write_tout

folder = TemporaryDirectory()
file = Path(folder.name) / "tout_run09001.root"

# %% [markdown]
# ## Make a file
#
# A run period is a mixture of what the trigger lets through. The processes behind the events are
# known here, and are not written to the file.

# %%
sample = simulate("run-period", 5000, seed=2023)
write_tout(file, sample, kind="pseudo-data")
sample

# %% [markdown]
# `kind="pseudo-data"` is written into the file: its events count as data, so that the signal box
# stays closed. Files without such a tag count as data too; `kind="simulation"` never is blind.
#
# ## What is in it?
#
# Branches have the names that the reconstruction gave them. A **layout** says which branch is which
# logical column, with its unit and its axes. It is found from the branches.

# %%
from na64ana.events import recognise

with na.open_file(file) as opened:
    layout = recognise(opened)[0]
    entries = opened.trees["tout"].entries
assert layout.name == "na64-tout"
assert entries == len(sample)
layout

# %% [markdown]
# `na64ana columns FILE` shows the same at the terminal, and what a file of yours lacks.
#
# ## Columns as arrays
#
# Columns of fixed shape are numpy arrays, by event and axis. Of the ECAL: plane 0 is the preshower,
# then `ix` and `iy` count the cells.

# %%
names = ["ecal.energy", "hcal.energy", "master_time", "straw11.x"]
with na.open_file(file) as opened:
    arrays = na.read_columns(opened, "tout", layout, names, 0, entries)
ecal = arrays["ecal.energy"]
assert ecal.shape == (5000, 2, 5, 6)  # event, plane, ix, iy
{name: (type(array).__name__, array.shape) for name, array in arrays.items() if name != "straw11.x"}

# %% [markdown]
# What differs in length from event to event, as the hits of a straw tracker, is an awkward array.

# %%
import awkward as ak

hits = arrays["straw11.x"]
{"type": str(hits.type), "hits per event": float(ak.mean(ak.num(hits)))}

# %% [markdown]
# The same by uproot alone, which knows branches and no axes: cell (plane, ix, iy) of the ECAL is
# number plane·30 + ix·6 + iy.

# %%
import uproot

with uproot.open(file) as opened:
    flat = opened["tout"]["ECAL_ene"].array(library="np")
assert np.array_equal(flat.reshape(ecal.shape), ecal)

# %% [markdown]
# ## A first histogram
#
# The sum of the ECAL is 100 GeV where an electron is stopped in it; the trigger takes few of these.
# Between 20 and 80 GeV are electrons that lost energy before, or whose shower has a hadronic part.

# %%
import hist
import matplotlib.pyplot as plt

total = hist.Hist.new.Reg(60, 0, 120, label=r"$E_\mathrm{ECAL}$ [GeV]").Double()
total.fill(ecal.sum(axis=(1, 2, 3)))
figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
total.plot(ax=axes, histtype="fill", color="#56b4e9")
axes.set_ylabel("events per bin")
plt.show()

# %% [markdown]
# ## The cuts of a search
#
# A **selection** is a YAML file with observables and cuts. This one is shipped; `Selection.load`
# takes the path of your own as well.

# %%
selection = na.Selection.load("na64e-invisible-2023")
selection

# %%
record = na.run(selection, file)
record.cutflow

# %% [markdown]
# Each line is one cut: events left after it and all before it, their share of all events with its
# Clopper-Pearson interval, and what the cut does alone and as the last one. Data are blind: events
# of the signal box were taken out before the first count, and what would show them says *blinded*.

# %%
left = record.cutflow["VETO"].sequential
assert record.blind
assert record.cutflow["ECAL box"].sequential is None  # blinded
left, record.cutflow.efficiency("VETO", relative=True)

# %% [markdown]
# Before any cut, events lie along the diagonal E_ECAL + E_HCAL = 100 GeV: what the ECAL does not
# stop, the HCAL does. The signal would be in the box at the bottom left. Hold the pointer over a
# bin to read it.

# %%
plot.plane(record, "ecal_vs_hcal", "start")

# %% [markdown]
# ## One event
#
# Any event can be looked at, cell by cell, with the cuts that it passes and fails. This one is of
# the sideband: it passes all cuts but those of the box. An event of the box would be refused.

# %%
run, spill, event = record.regions["ecal_sideband"].ids[0].tolist()
na.display(file, f"{run}:{spill}:{event}", selection=selection)

# %% [markdown]
# ## Change a threshold
#
# A selection of your own extends another: a cut of the same name is replaced. `na.diff` tells what
# changed, cut by cut; `counts="sequential"` counts no more than what is left after each cut.

# %%
tighter = na.Selection.from_dict(
    {
        "name": "tighter angle",
        "extends": "na64e-invisible-2023",
        "cuts": [{"name": "angle", "observable": "abs(track.angle)", "below": "1 mrad"}],
    }
)
changed = na.run(tighter, file, counts="sequential")
difference = na.diff(na.run(selection, file, counts="sequential"), changed)
assert changed.cutflow["angle"].sequential.n < record.cutflow["angle"].sequential.n
assert {found.where for found in difference} >= {"main / angle"}
difference

# %% [markdown]
# ## What to try
#
# - Another process: `simulate("invisible", 1000, seed=1)` is the signal. Which cuts does it pass?
# - `record.to_json()` keeps all of this in one file; `record.cutflow.to_latex()` is the table for a
#   note.
# - The next notebook builds a chain of cuts from the beginning.

# %%
folder.cleanup()
