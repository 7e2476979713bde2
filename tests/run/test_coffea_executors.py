"""Under each executor of coffea, the record is that of the local run, byte for byte."""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from coffea.nanoevents import BaseSchema
from coffea.processor import FuturesExecutor, IterativeExecutor, Runner

import na64ana as na
from na64ana.run import coffea

pytestmark = pytest.mark.usefixtures("one_maker")

EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(80)]


@pytest.fixture
def paths(tmp_path, write_events):
    cuts = {"f0.root": (0, 30), "f1.root": (30, 50), "f2.root": (50, 80)}
    for name, (start, stop) in cuts.items():
        write_events(tmp_path / name, EVENTS[start:stop], baskets=[8, 8])
    return [str(tmp_path / name) for name in cuts]


def same(executor, paths, small_selection):
    quiet = IterativeExecutor(status=False)
    runner = Runner(executor=executor, pre_executor=quiet, chunksize=7, schema=BaseSchema)
    for selection in (small_selection(), small_selection(weight="master_time/(7*ns)")):
        found = coffea(runner, {"d": paths}, selection)["d"]
        expected = na.run(selection, paths, progress=False)
        assert replace(found, made=()).to_json() == replace(expected, made=()).to_json()


@pytest.mark.parametrize("compression", [None, 1])
def test_iterative(paths, small_selection, compression):
    same(IterativeExecutor(status=False, compression=compression), paths, small_selection)


def test_futures(paths, small_selection):
    same(FuturesExecutor(status=False, workers=2), paths, small_selection)


@pytest.mark.parametrize("treereduction", [2, 20])
def test_dask(paths, small_selection, client, treereduction):
    from coffea.processor import DaskExecutor

    executor = DaskExecutor(client=client, status=False, treereduction=treereduction)
    with warnings.catch_warnings():
        # coffea's own way to speak with Dask
        warnings.simplefilter("ignore")
        same(executor, paths, small_selection)


def _parsl_processes():
    from parsl.executors import HighThroughputExecutor
    from parsl.providers import LocalProvider

    # as on a cluster: an interchange, a pool of workers started by a command, over the network
    return HighThroughputExecutor(
        label="processes", address="127.0.0.1", loopback_address="127.0.0.1",
        max_workers_per_node=2, encrypted=False,
        provider=LocalProvider(init_blocks=1, min_blocks=1, max_blocks=1),
    )  # fmt: skip


def _parsl_threads():
    from parsl import ThreadPoolExecutor

    return ThreadPoolExecutor(label="threads", max_threads=2)


@pytest.mark.skipif(importlib.util.find_spec("parsl") is None, reason="parsl is not installed")
@pytest.mark.parametrize("made", [_parsl_threads, _parsl_processes])
def test_parsl(paths, small_selection, tmp_path, monkeypatch, made):
    import parsl
    from coffea.processor import ParslExecutor

    # Parsl starts commands by their names
    beside = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{beside}{os.pathsep}{os.environ['PATH']}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = parsl.Config(
            executors=[made()], run_dir=str(tmp_path / "runinfo"), initialize_logging=False,
            usage_tracking=0,
        )  # fmt: skip
        with parsl.load(config):
            same(ParslExecutor(status=False), paths, small_selection)
