"""Dask: the record of the local run, whatever becomes of workers; a scheduler that is gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.run import dask_cluster, dask_job, engine, on_dask
from na64ana.run.workers import WorkerDied

pytestmark = pytest.mark.usefixtures("one_maker")

EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(120)]


@pytest.fixture
def folder(tmp_path, write_events):
    for k in range(4):
        write_events(tmp_path / f"f{k}.root", EVENTS[30 * k : 30 * (k + 1)], baskets=[10, 10])
    return tmp_path


@pytest.fixture
def undisturbed(folder, small_selection):
    return na.run(small_selection(), folder, progress=False)


def same(record, expected):
    assert replace(record, made=()).to_json() == replace(expected, made=()).to_json()


def test_the_record_is_that_of_the_local_run(
    cluster, client, folder, undisturbed, small_selection, monkeypatch
):
    mine = na.run(small_selection(), folder, executor=on_dask(client), progress=False)
    same(mine, undisturbed)
    by_address = na.run(
        small_selection(), folder, executor="dask", scheduler=cluster.scheduler_address
    )
    same(by_address, undisturbed)


def answer(job, task):
    """Square a number; dies the first ``job[task]`` times, and says so by files beside."""
    folder, deaths = job
    done = len(list(folder.glob(f"{task}.*")))
    if done < deaths.get(task, 0):
        (folder / f"{task}.{done}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


def test_few_tasks_are_handed_out_ahead_and_the_job_once(client, tmp_path):
    results = on_dask(client).results(answer, (tmp_path, {}), range(40))
    assert next(results) == 0
    # four a worker
    assert len(client.futures) <= 8
    (name,) = (name for name in plugins(client) if name.startswith("na64ana"))
    assert list(results) == [i * i for i in range(1, 40)]
    assert name not in plugins(client)


def plugins(client):
    (found, *others) = client.run(lambda dask_worker: list(dask_worker.plugins)).values()
    assert others == [found]
    return found


def test_a_killed_worker_loses_nothing(mortal, tmp_path):
    results = list(on_dask(mortal).results(answer, (tmp_path, {3: 1, 7: 1}), range(9)))
    assert results == [i * i for i in range(9)]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_task_that_always_kills_is_told_and_the_rest_goes_on(impatient, tmp_path):
    results = list(on_dask(impatient).results(answer, (tmp_path, {2: 99}), range(6)))
    assert isinstance(results.pop(2), WorkerDied)
    assert results == [0, 1, 9, 16, 25]


def count_and_die(job, task):
    """Count a range; kills its process where a file beside the input says so."""
    once, always = (Path(f"{task.path}.{word}") for word in ("once", "always"))
    if always.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        once.unlink()
    except FileNotFoundError:
        return engine._count(job, task)
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_record_after_a_kill_is_that_of_an_undisturbed_run(
    mortal, folder, undisturbed, small_selection, monkeypatch
):
    (folder / "f1.root.once").touch()
    monkeypatch.setattr(engine, "_count", count_and_die)
    record = na.run(small_selection(), folder, executor=on_dask(mortal), progress=False)
    assert not (folder / "f1.root.once").exists()  # it was killed
    same(record, undisturbed)


def test_a_file_that_kills_its_worker_stops_the_run(
    impatient, folder, small_selection, monkeypatch
):
    (folder / "f2.root.always").touch()
    monkeypatch.setattr(engine, "_count", count_and_die)
    with pytest.raises(InputError, match=r"f2\.root: the worker .* entries 0 to 30 died, each"):
        na.run(small_selection(), folder, executor=on_dask(impatient), progress=False)


def test_a_file_that_kills_its_worker_is_lost_alone(
    impatient, folder, small_selection, monkeypatch
):
    (folder / "f2.root.always").touch()
    monkeypatch.setattr(engine, "_count", count_and_die)
    record = na.run(
        small_selection(), folder, executor=on_dask(impatient), on_bad_file="skip", progress=False
    )
    assert [Path(file.path).name for file in record.ledger.lost_files] == ["f2.root"]
    monkeypatch.undo()
    expected = na.run(small_selection(), [folder / f"f{k}.root" for k in (0, 1, 3)])
    assert record.inputs == expected.inputs
    assert record.channels == expected.channels


def test_errors_of_a_file_come_back_as_they_are(client, folder, small_selection):
    os.truncate(folder / "f1.root", (folder / "f1.root").stat().st_size // 2)
    with pytest.raises(InputError) as here:
        na.run(small_selection(), folder)
    with pytest.raises(InputError) as there:
        na.run(small_selection(), folder, executor=on_dask(client))
    assert str(there.value) == str(here.value)


def pretend(what, version):
    """On a worker: let it have another version of something."""
    from na64ana.run import dask_job

    dask_job.versions()[what] = version


@pytest.mark.parametrize("what", ["na64ana", "na64ana source", "numpy"])
def test_a_worker_with_another_version_is_refused(client, folder, small_selection, what):
    client.run(pretend, what, "0.0.1")
    try:
        with pytest.raises(InputError, match=rf"worker tcp://.* has {what} 0\.0\.1, and where"):
            na.run(small_selection(), folder, executor=on_dask(client))
    finally:
        client.run(pretend, what, dask_job.versions()[what])


@pytest.mark.parametrize("side", ["scheduler", "workers"])
def test_another_version_of_dask_is_refused(client, folder, small_selection, monkeypatch, side):
    found = client.get_versions()
    chosen = found["scheduler"] if side == "scheduler" else next(iter(found["workers"].values()))
    chosen["packages"]["distributed"] = "2020.1"
    monkeypatch.setattr(client, "get_versions", lambda: found)
    with pytest.raises(InputError, match=r"r( tcp://\S+)? has distributed 2020\.1, and here it is"):
        na.run(small_selection(), folder, executor=on_dask(client))


# -- schedulers that are not there -----------------------------------------------------------


@pytest.fixture
def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{}", "nonsense", "tcp://", "ftp://host:1"])
def test_no_scheduler_there(folder, small_selection, free_port, monkeypatch, address):
    monkeypatch.setattr(dask_cluster, "_ANSWER", 1)
    given = address.format(free_port)
    with pytest.raises(InputError, match="no Dask scheduler answers there within 1 s") as error:
        na.run(small_selection(), folder, executor="dask", scheduler=given)
    assert str(error.value).startswith(given)


SCHEDULER = """
import asyncio, sys
from distributed import Scheduler, Worker

async def main():
    sys.modules.update(dict.fromkeys({blocked}))
    async with Scheduler(port={port}, host="127.0.0.1", dashboard_address=":0") as scheduler:
        workers = [await Worker(scheduler.address, nthreads=1) for _ in range({workers})]
        print("ready", flush=True)
        await scheduler.finished()

asyncio.run(main())
"""


@pytest.fixture
def scheduler(free_port, tmp_path):
    """Start a scheduler as a process: ``scheduler(workers=1)`` gives it and its address."""
    started = []

    def start(workers=0, blocked=()):
        script = SCHEDULER.format(port=free_port, workers=workers, blocked=list(blocked))
        process = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, cwd=tmp_path,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process, f"tcp://127.0.0.1:{free_port}"

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_no_worker_for_too_long(folder, small_selection, scheduler):
    from distributed import Client

    _, address = scheduler()
    with Client(address, set_as_default=False) as idle:
        executor = on_dask(idle, patience=0.1)
        with pytest.raises(InputError, match=r"127.* no worker has been there for 0\.1 s"):
            na.run(small_selection(), folder, executor=executor)


def kill_scheduler(job, task):
    """Kill the scheduler's process, if the task says so, and wait for a result for ever."""
    if task:
        os.kill(job, signal.SIGKILL)
        time.sleep(600)
    return task


def test_a_scheduler_that_dies_is_told(scheduler, client):
    process, address = scheduler(workers=1)
    with dask_cluster.connected(address) as connected:
        results = dask_cluster.OnDask(lambda: connected).results(
            kill_scheduler, process.pid, [0, 1]
        )
        with pytest.raises(InputError, match=r"^tcp://127.* the Dask scheduler is gone"):
            list(results)


def test_a_cluster_without_na64ana_is_told(folder, small_selection, scheduler):
    _, address = scheduler(workers=1, blocked=["na64ana"])
    with pytest.raises(InputError, match=r"cannot load what na64ana needs .*na64ana"):
        na.run(small_selection(), folder, executor="dask", scheduler=address)
