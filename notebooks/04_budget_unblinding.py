# %% [markdown]
# # Sidebands, budget, unblinding
#
# How many background events are expected in the box, while the box is closed? The events beside it
# answer: a tail is fitted there and extrapolated into the box, and simulation says what the tail
# does not hold. All sources together are the **budget**. It is frozen before the box is opened.
#
# One file describes the analysis, from the inputs to the limit. That of the demo is taken here.

# %%
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from na64ana import plot
from na64ana.analysis import load_analysis, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path

folder = TemporaryDirectory()
here = Path(folder.name)
path = here / "analysis.yaml"
path.write_text(search_path("demo").read_text())
print(path.read_text())

# %% [markdown]
# `selection` and `data` say what is counted, `background` how each source is found, `signal` what a
# signal would leave, and `simulation` how the inputs of this demo are made. They are written beside
# the file: pseudo-data, two simulated samples, and a manifest with the exposure of each.

# %%
simulate_inputs(path, events=12_000)
sorted(file.name for file in here.iterdir())

# %% [markdown]
# ## The blind run
#
# Data are counted without the events of the box, samples with them. The budget follows, and the
# limit that is expected from it.

# %%
results = here / "results"
blind = run_analysis(path, results)
assert blind.record.blind
assert blind.limit["observed"] is None
blind

# %% [markdown]
# ## The sideband
#
# Below 1 GeV in the HCAL, the box begins at 50 GeV in the ECAL and goes down; the sideband goes up
# from there, to where the trigger cuts in. The central fit is drawn with the span of all accepted
# ones: other fit ranges, and other shapes. Their envelope is the systematic error.

# %%
(fit,) = blind.fits
plot.sideband_fit(fit)

# %%
for one in fit["extrapolation"]["fits"]:
    low, high = one["window"]
    value, error = one["value"], one["error"]
    goodness = one["goodness"]["probability"] if one["goodness"] else float("nan")
    word = "" if one["accepted"] else f"not accepted: {one['failure'] or 'bad fit'}"
    print(f"{one['shape']:14} {low:.0f} to {high:.0f} GeV  {value:7.3f} ± {error:5.3f}", end="  ")
    print(f"p = {goodness:.2f}  {word}")

# %% [markdown]
# The tail is steep: a shape that bends a little gives another number far inside. That is why the
# shapes are named in the analysis file, before anybody looks, and are not chosen by their result.
# The same by hand, from the events of the record:

# %%
from na64ana.background import extrapolate, from_region, named_shape

sources = load_analysis(path).spec.background.sources
spec = next(source for source in sources if source["method"] == "sideband")
ranges = [tuple(float(end.removesuffix(" GeV")) for end in pair) for pair in spec["ranges"]]
window = min(low for low, _ in ranges), max(high for _, high in ranges)
band = from_region(
    blind.record, "ecal_sideband", "ecal_total", window, (0, 50), unit="GeV", threshold=80
)
shapes = [named_shape(name) for name in spec["shapes"]]
found = extrapolate(band, shapes[0], window=ranges[0], ranges=ranges[1:], shapes=shapes[1:], seed=1)
assert found.value == fit["estimate"]["value"]
f"{found.value:.3f} ± {found.statistical:.3f} (statistical) ± {found.systematic:.3f} (envelope)"

# %% [markdown]
# What are the events of the sideband? Up to four of them are drawn in the report of an analysis;
# once the box is open, the survivors. Of the first 40, here is the one with the least energy in
# the ECAL.

# %%
from na64ana.analysis import survivors_to_show

side = survivors_to_show(blind, most=40)
least = min(side.events, key=lambda event: event.detectors["ecal"].energy.sum())
assert least.blinding == "outside the blind region"
print(side.words)
least

# %% [markdown]
# ## The budget
#
# A source without a simulated event left in the box is a bound, and no zero. Bounds are added to
# the central value of the conservative total.

# %%
blind.budget

# %%
assert len(blind.budget.sources) == 3
total = blind.budget.total()
assert total.value >= sum(source.value for source in blind.budget.sources if source.upper is None)
assert json.loads((results / "frozen.json").read_text())["budget"] == blind.budget.sha256
total

# %% [markdown]
# ## Opening the box
#
# The budget is **frozen** now: in `frozen.json`, with the hashes of the analysis, the selection and
# the inputs. Opening needs a reason, which is written into every output, and the analysis as it was
# frozen. A fit range that is changed afterwards is refused.

# %%
from na64ana.errors import Na64Error

text = path.read_text()
path.write_text(text.replace("trigger: 80 GeV", "trigger: 78 GeV"))
try:
    run_analysis(path, results, unblind="the budget is frozen")
except Na64Error as error:
    refused = str(error).replace(folder.name, "")
assert "frozen" in refused
path.write_text(text)
print(refused)

# %%
opened = run_analysis(path, results, unblind="the budget is frozen")
assert opened.budget.sha256 == blind.budget.sha256
observed = opened.limit["bins"][0]["observed"]
f"{observed} observed, {total.value:.2f} ± {total.error:.2f} expected"

# %% [markdown]
# Now the last rows of the cutflow are filled, and the survivors, if there are any, are named.

# %%
survivors = survivors_to_show(opened)
assert len(opened.record.cutflow.survivors) == observed
print(survivors.words, *(event.ids for event in survivors.events))
opened.record.cutflow

# %% [markdown]
# ## The limit
#
# Observed, and expected from the budget alone; both hold the error of the budget.

# %%
assert opened.limit["observed"] > 0
plot.limit(opened.limit)

# %% [markdown]
# ## What to try
#
# - Take the power law as the first shape: what happens to the budget, and why is it not done?
# - `na64ana demo` is all of this in one command, with a report for the browser.
# - Run the blind analysis again in the same folder: the report says that the box had been opened
#   before, by whom and why.

# %%
folder.cleanup()
