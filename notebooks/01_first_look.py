# %% [markdown]
# # First look
#
# Simulate a small NA64 file, see what it holds, run a selection on it, change a threshold. Needs no
# input and no network.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import na64ana as na
from na64ana.simulate import simulate, write_tout

folder = TemporaryDirectory()
file = Path(folder.name) / "tout_run09001.root"
write_tout(file, simulate("run-period", 4000, seed=2023), kind="pseudo-data")

# %% [markdown]
# What is in it? The layout says which branch is which logical column, with unit and shape.

# %%
layout = na.load_layout("na64-tout")
with na.open_file(file) as opened:
    arrays = na.read_columns(opened, "tout", layout, ["ecal.energy", "master_time"], 0, 1000)
arrays["ecal.energy"].shape  # (event, plane, ix, iy)

# %% [markdown]
# The cutflow. The events are tagged as pseudo-data, so they count as data and the signal box stays
# closed.

# %%
selection = na.Selection.load("na64e-invisible-2023")
record = na.run(selection, file)
record.cutflow

# %% [markdown]
# One cut: how many events it leaves, with the Clopper-Pearson interval of its efficiency.

# %%
record.cutflow["VETO"].sequential, record.cutflow.efficiency("VETO", relative=True)

# %% [markdown]
# A tighter angle, as a selection that extends the first; the difference is told cut by cut.

# %%
tighter = na.Selection.from_dict(
    {
        "name": "tighter angle",
        "extends": "na64e-invisible-2023",
        "cuts": [{"name": "angle", "observable": "track.angle", "below": "2 mrad"}],
    }
)
na.diff(record, na.run(tighter, file))[:4]

# %% [markdown]
# Histograms are `hist.Hist`, with the cut as first axis.

# %%
record.histograms["ecal_energy"][{"cut": "VETO"}]

# %%
folder.cleanup()
