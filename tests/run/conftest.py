"""Clusters that tests of this folder share: each is started once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def _started(workers: int) -> Iterator[Any]:
    from distributed import LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as made:
            yield made


@contextmanager
def _client(cluster: Any, workers: int) -> Iterator[Any]:
    from distributed import Client

    with Client(cluster, set_as_default=False) as made:
        made.wait_for_workers(workers, timeout=60)
        yield made


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Two Dask workers, processes of this machine."""
    with _started(2) as made:
        yield made


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    """A client of the two Dask workers."""
    with _client(cluster, 2) as made:
        yield made


@pytest.fixture
def mortal() -> Iterator[Any]:
    """A client of Dask workers that may be killed.

    There are more than are killed: a Dask nanny starts no other worker in the place of one that
    is killed as soon as it is there.
    """
    with _started(3) as made, _client(made, 3) as client:
        yield client


@pytest.fixture
def impatient(mortal: Any) -> Any:
    """The same; its scheduler gives up a task with the first worker that dies of it."""
    mortal.cluster.scheduler.allowed_failures = 0
    return mortal
