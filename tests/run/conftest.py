"""Clusters that tests of this folder share: each is started once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Two Dask workers, processes of this machine, which are started again when they die."""
    import dask
    from distributed import LocalCluster

    quick = {"distributed.scheduler.allowed-failures": 1, "distributed.admin.log-length": 0}
    with (
        warnings.catch_warnings(),
        dask.config.set(quick),
    ):
        warnings.simplefilter("ignore", ResourceWarning)
        with LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as made:
            yield made


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    """A client of the Dask workers, when all of them are there."""
    from distributed import Client

    with Client(cluster, set_as_default=False) as made:
        made.wait_for_workers(2, timeout=60)
        yield made
