# %% [markdown]
# # The same on a Dask cluster
#
# A run period is hundreds of files. The selection that was written on a laptop runs on a cluster
# without a changed line, and the record is the same to the last bit: the same ranges of the same
# files are counted by the same function, and put together in the same order.
#
# The cluster here is one of two processes on this machine. One of a batch system is reached in the
# same way, see `docs/cluster.md`. The extra `cluster` is needed: `pip install "na64ana[cluster]"`.

# %%
import logging
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import Client, LocalCluster

import na64ana as na
from na64ana import plot
from na64ana.simulate import simulate, write_tout

folder = TemporaryDirectory()
here = Path(folder.name)

# %% [markdown]
# ## Some files with their exposure
#
# Four runs of pseudo-data, and their manifest. A recorded event stands for 1e5 electrons on target,
# which is made up.

# %%
runs, events = (9001, 9002, 9003, 9004), 2000
for run in runs:
    sample = simulate("run-period", events, seed=9, run=run)
    write_tout(here / f"run{run}.root", sample, kind="pseudo-data")
lines = [f"  - {{path: run{run}.root, spills: {{{run}: 1-{events // 400}}}}}" for run in runs]
exposure = ", ".join(f"{run}: {events * 100_000}" for run in runs)
manifest = here / "night.yaml"
manifest.write_text(
    f"name: night\nkind: pseudo-data\nexposure: {{runs: {{{exposure}}}}}\nfiles:\n"
    + "\n".join(lines)
)
print(manifest.read_text())

# %% [markdown]
# ## On this machine

# %%
selection = na.Selection.load("na64e-invisible-2023")
local = na.run(selection, manifest)
local.ledger

# %% [markdown]
# ## On the cluster
#
# `on_dask` takes any client. What Dask logs is left out here.

# %%
logging.getLogger("distributed").setLevel(logging.ERROR)
cluster = LocalCluster(
    n_workers=2,
    threads_per_worker=1,
    dashboard_address=None,
    local_directory=str(here / "dask"),
)
client = Client(cluster)
on_cluster = na.run(selection, manifest, executor=na.run.on_dask(client))
assert on_cluster == local
on_cluster

# %% [markdown]
# Equal means: every count, histogram, kept value and particle on target. What may differ is who
# counted, when and where, which stands in a block of its own.

# %%
same = [replace(record, made=()).to_json() for record in (local, on_cluster)]
assert same[0] == same[1]
na.diff(local, on_cluster)

# %% [markdown]
# ## Under coffea
#
# Those who have a workflow of coffea give its Runner a processor of na64ana. The executor is
# coffea's own: here that of Dask, on the same cluster.

# %%
from coffea.nanoevents import BaseSchema
from coffea.processor import DaskExecutor, Runner

executor = DaskExecutor(client=client, status=False)
runner = Runner(executor, chunksize=1000, schema=BaseSchema)
records = na.run.coffea(runner, manifest, selection)
assert records["night"] == local
records["night"].cutflow

# %% [markdown]
# `na.run.coffea` knows what was expected, and puts files that Runner drops into the ledger.
# `SelectionProcessor` alone is an ordinary processor, for a fileset:

# %%
from na64ana.run import SelectionProcessor

fileset = na.run.fileset_of(manifest)
processor = SelectionProcessor(selection, fileset=fileset)
again = runner(fileset, processor, treename="tout")
assert again["night"] == local
list(again)

# %% [markdown]
# Whatever counted, the record is drawn alike.

# %%
plot.plane(records["night"], "ecal_vs_hcal", "ECAL ratio")

# %% [markdown]
# ## What to try
#
# - Kill a worker during a long run (`cluster.scale(1)`): the ranges that it had are counted by
#   another one, and the record stays the same.
# - At the terminal: `na64ana cutflow na64e-invisible-2023 night.yaml --executor dask --scheduler
#   tcp://...`, or `--executor slurm --site mine.yaml` for jobs of a batch system.

# %%
client.close()
cluster.close()
folder.cleanup()
