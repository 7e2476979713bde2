"""A real Slurm: jobs submitted by the command line, and one of them cancelled in mid-run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import na64ana as na
from na64ana.errors import InputError
from tests.run.slurm import ask, slurm, why_not

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(why_not() is not None, reason=str(why_not())),
]

EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(120)]
SELECTION = """\
name: s
layout: na64-tout
cuts: [{name: t, require: master_time > 90*ns}, {name: e, require: sum(ecal.energy) < 50*GeV}]
"""
SITE = """\
batch_system: slurm
queue: test
memory: 1 GB
scratch: {folder}/scratch
logs: {folder}/logs
shared: {folder}
restarts: false
scheduler: {{host: 127.0.0.1}}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    # short: the path of a socket has at most 107 characters
    home = tmp_path_factory.mktemp("slurm")
    with slurm(home) as environment:
        yield environment


@pytest.fixture
def folder(tmp_path, write_events):
    for k in range(4):
        write_events(tmp_path / f"f{k}.root", EVENTS[30 * k : 30 * (k + 1)], baskets=[10, 10])
    (tmp_path / "s.yaml").write_text(SELECTION)
    (tmp_path / "site.yaml").write_text(SITE.format(folder=tmp_path))
    return tmp_path


def same(path, folder):
    """Compare with the record of a local run."""
    found = json.loads(path.read_text())
    expected = json.loads(na.run(folder / "s.yaml", sorted(folder.glob("f*.root"))).to_json())
    assert found.pop("made")[0]["workers"] == 2
    expected.pop("made")
    assert json.dumps(found) == json.dumps(expected)


def test_the_record_is_that_of_the_local_run_and_no_job_is_left(environment, folder):
    out = folder / "out.json"
    done = subprocess.run(
        [sys.executable, "-m", "na64ana", "cutflow", folder / "s.yaml",
         *sorted(folder.glob("f*.root")), "--executor", "slurm", "--site", folder / "site.yaml",
         "--workers", "2", "--json", out],
        env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    same(out, folder)
    assert list((folder / "logs").iterdir())
    assert no_jobs(environment)
    assert not list(folder.glob(".dask-jobqueue*"))  # the certificate


def no_jobs(environment):
    for _ in range(300):
        if not ask(environment, "squeue", "-h"):
            return True
        time.sleep(0.1)
    return False


SLOW = """
import sys
from na64ana.run import engine
from slow_count import slow

engine._count = slow
if __name__ == "__main__":
    from na64ana.cli import main
    main(sys.argv[1:])
"""
SLOW_COUNT = """
import os, time
from pathlib import Path
from na64ana.run import engine

count = engine._count
folder = Path(__file__).parent

def slow(job, task):
    job_file = folder / f"job.{{os.environ['SLURM_JOB_ID']}}"
    (folder / f"pid.{{os.getpid()}}").write_text(str(os.getpid()))
    (folder / f"pid.{{os.getpid()}}").rename(job_file)
    while not (folder / "go").exists():
        time.sleep(0.05)
    return count(job, task)
"""


def test_a_job_that_is_cancelled_costs_only_time(environment, folder):
    (folder / "run.py").write_text(SLOW)
    (folder / "slow_count.py").write_text(SLOW_COUNT.replace("{{", "{").replace("}}", "}"))
    out = folder / "out.json"
    process = subprocess.Popen(
        [sys.executable, folder / "run.py", "cutflow", folder / "s.yaml",
         *sorted(folder.glob("f*.root")), "--executor", "slurm", "--site", folder / "site.yaml",
         "--workers", "2", "--json", out],
        env=environment | {"PYTHONPATH": str(folder)}, stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    first = None
    for _ in range(600):
        started = sorted(folder.glob("job.*"))
        if len(started) == 2 and first is None:
            first = started[0].suffix[1:]
            pid = int(started[0].read_text())
            ask(environment, "scancel", first)
            # as Slurm does after KillWait; without cgroups it does not reach the worker
            os.kill(pid, signal.SIGKILL)
        # another job has taken the place of the one that was cancelled
        if len(started) == 3 or process.poll() is not None:
            break
        time.sleep(0.1)
    (folder / "go").touch()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert first is not None
    assert len(list(folder.glob("job.*"))) == 3
    same(out, folder)


def test_jobs_that_are_refused_are_told(environment, folder, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    site = folder / "site.yaml"
    site.write_text(site.read_text().replace("queue: test", "queue: nonsense"))
    with pytest.raises(InputError, match=r"cannot be submitted: .*invalid partition"):
        na.run(folder / "s.yaml", folder / "f0.root", executor="slurm", site=str(site))
