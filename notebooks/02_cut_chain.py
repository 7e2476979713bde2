# %% [markdown]
# # Build and debug a chain of cuts
#
# From one cut to the whole chain of the invisible mode: what each cut does, what it would do alone,
# where its threshold lies, who survives, and what changes when it is moved.
#
# Two files are used: pseudo-data, in which the box stays closed, and simulated signal, of which
# everything may be seen.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import na64ana as na
from na64ana import plot
from na64ana.simulate import simulate, write_tout

folder = TemporaryDirectory()
data, signal = (Path(folder.name) / name for name in ("data.root", "signal.root"))
write_tout(data, simulate("run-period", 8000, seed=11), kind="pseudo-data")
write_tout(signal, simulate("invisible", 2000, seed=11))

# %% [markdown]
# ## The first cuts
#
# A selection is plain data, here a dictionary and else a YAML file with the same keys. Each cut has
# a name, a condition, and a reason for those who read it later. Every number with a dimension has
# its unit.

# %%
first = {
    "name": "mine",
    "layout": "na64-tout",
    "cuts": [
        {"name": "physics trigger", "require": "trigger & 4", "reason": "bit 4 is physics"},
        {
            "name": "master time",
            "observable": "master_time",
            "within": ["86.5 ns", "113.5 ns"],
            "reason": "one beam particle in the trigger window",
        },
    ],
}
record = na.run(na.Selection.from_dict(first), data)
assert record.cutflow["master time"].sequential.n <= record.cutflow["master time"].alone.n
record.cutflow

# %% [markdown]
# Mistakes are found before any event is read, and named with what is near.

# %%
mistakes = {
    "no unit": {"name": "time", "observable": "master_time", "below": 113.5},
    "wrong unit": {"name": "time", "observable": "master_time", "below": "113.5 GeV"},
    "unknown name": {"name": "time", "observable": "mastertime", "below": "113.5 ns"},
    "no such function": {"name": "SRD", "require": "add(srd.energy) > 1*MeV"},
}
said = {}
for what, cut in mistakes.items():
    try:
        na.Selection.from_dict({**first, "cuts": [cut]})
    except na.Na64Error as error:
        said[what] = str(error)
assert said.keys() == mistakes.keys()
assert "did you mean 'master_time'" in said["unknown name"]
print(*said.values(), sep="\n\n")

# %% [markdown]
# ## Where to cut? The N-1 plot
#
# Electrons radiate in the bending magnets, hadrons do not: each of the three modules of the
# synchrotron radiation detector (SRD) must have seen something. What the least of them saw is an
# observable, which cuts and histograms can use. A histogram at `all but SRD` holds the events that
# pass all other cuts: where to put the line is read from it.

# %%
second = {
    **first,
    "observables": {"srd_min": "min(srd.energy)"},
    "cuts": [
        *first["cuts"],
        {"name": "SRD", "observable": "srd_min", "above": "1 MeV", "reason": "tags electrons"},
    ],
    "histograms": {
        "least_srd": {
            "x": {"observable": "srd_min", "bins": 50, "range": ["0 MeV", "20 MeV"],
                  "label": "least of the three SRD modules"},
            "at": "all but SRD",
        }
    },
}  # fmt: skip
record = na.run(na.Selection.from_dict(second), data)
plot.n_minus_one(record, "SRD")

# %% [markdown]
# The peak at zero are hadrons of the beam. The same with the signal tells what the cut costs:

# %%
with_signal = na.run(na.Selection.from_dict(second), signal)
cost = with_signal.cutflow.efficiency("SRD", relative=True)
assert cost.low > 0.9
cost

# %% [markdown]
# ## The whole chain
#
# The shipped selection of 2023 has 19 cuts and a closed box. Of the data: what is left after each.

# %%
selection = na.Selection.load("na64e-invisible-2023")
record = na.run(selection, data)
plot.cutflow(record)

# %% [markdown]
# It books twelve N-1 plots. A cut that takes events away far from its line is safe; one whose line
# runs through a peak is not. Bins of the box are hatched, as they are blind.

# %%
import matplotlib.pyplot as plt

found = plot.n_minus_one_cuts(record)
figure, panels = plt.subplots(4, 3, figsize=(15, 15), layout="constrained")
for axes, (cut, histogram) in zip(panels.flat, found, strict=True):
    plot.n_minus_one(record, cut, histogram, axes=axes)
plt.show()

# %% [markdown]
# Which cuts are the tightest when all others are there? Of the signal, that is the price of each:

# %%
whole = na.run(selection, signal)
last = whole.cutflow["ECAL box"].sequential.n
lost = {row.name: row.all_but_this.n - last for row in whole.cutflow.rows}
assert min(lost.values()) >= 0
{name: f"{n / last:.2%}" for name, n in sorted(lost.items(), key=lambda item: -item[1])[:6]}

# %% [markdown]
# ## Survivors
#
# Simulation is never blind, so the survivors of the signal can be listed, and looked at one by one.
# Each is named by run, spill and event.

# %%
survivors = whole.cutflow.survivors
assert len(survivors) == last
name = ":".join(map(str, survivors[0].tolist()))
na.display(signal, name, selection=selection)

# %% [markdown]
# Of the data the list is not known before the box is opened. Here are the events of the signal
# again, this time as pseudo-data: whoever knows the number of one by other means is refused its
# picture.

# %%
assert record.cutflow.survivors is None
hidden = Path(folder.name) / "hidden.root"
write_tout(hidden, simulate("invisible", 2000, seed=11), kind="pseudo-data")
try:
    na.display(hidden, name, selection=selection)
except na.Na64Error as error:
    refused = str(error).replace(folder.name, "")
assert "lies in the blind region" in refused
print(refused)

# %% [markdown]
# ## Numbers that are missing
#
# A detector that was off leaves NaN. A comparison with NaN is false, and so is its opposite: no
# cut may take a missing HCAL for missing energy. Such events fail, and are counted beside.

# %%
broken = Path(folder.name) / "broken.root"
sample = simulate("invisible", 1000, seed=12)
sample.branches["HCAL_ene"][::10, 0] = np.nan
write_tout(broken, sample)
lacking = na.run(selection, broken)
nan = {row.name: row.nan.n for row in lacking.cutflow.rows if row.nan.n}
assert nan["HCAL energy"] == 100
nan

# %% [markdown]
# ## Move a threshold
#
# A looser veto, as an extension of the shipped selection. `na.diff` shows what it did; the hash of
# a selection changes with anything that is counted, and stands in every output.

# %%
looser = na.Selection.from_dict(
    {
        "name": "looser VHCAL",
        "extends": "na64e-invisible-2023",
        "cuts": [{"name": "VHCAL", "observable": "vhcal_total", "below": "3 GeV"}],
    }
)
before, after = (na.run(chosen, data, counts="sequential") for chosen in (selection, looser))
assert after.cutflow["VHCAL"].sequential.n >= before.cutflow["VHCAL"].sequential.n
assert selection.sha256 != looser.sha256
na.diff(before, after)

# %% [markdown]
# ## What to try
#
# - Put the SRD cut at 3 MeV, and at 0.2 MeV: what does it cost, what comes in?
# - Swap two cuts: which numbers change, and which do not?
# - Write the selection to a file, and run `na64ana check mine.yaml` and
#   `na64ana cutflow mine.yaml data.root`.

# %%
folder.cleanup()
