"""Workers that are killed, runs that are interrupted, and disks that are full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.run import engine
from na64ana.run.workers import LocalProcesses, WorkerDied

pytestmark = pytest.mark.usefixtures("one_maker")

EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(120)]


@pytest.fixture
def folder(tmp_path, write_events):
    for k in range(4):
        write_events(tmp_path / f"f{k}.root", EVENTS[30 * k : 30 * (k + 1)], baskets=[10, 10])
    return tmp_path


def answer(job, task):
    """Dies the first ``job[task]`` times, and says so by files beside."""
    folder, deaths = job
    done = len(list(folder.glob(f"{task}.*")))
    if done < deaths.get(task, 0):
        (folder / f"{task}.{done}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


@pytest.mark.parametrize("deaths", [{}, {0: 1}, {3: 2, 7: 1}, {1: 1, 2: 1, 3: 1}])
def test_a_killed_worker_loses_nothing(tmp_path, deaths):
    results = list(LocalProcesses(2).results(answer, (tmp_path, deaths), range(9)))
    assert results == [i * i for i in range(9)]
    assert len(list(tmp_path.iterdir())) == sum(deaths.values())


def test_a_task_that_always_kills_is_told_and_the_rest_goes_on(tmp_path):
    results = list(LocalProcesses(2).results(answer, (tmp_path, {2: 99}), range(6)))
    assert isinstance(results.pop(2), WorkerDied)
    assert results == [0, 1, 9, 16, 25]


def large(job, task):
    return bytes(job)


AMID_A_RESULT = """
from tests.run.test_workers import LocalProcesses, large

if __name__ == "__main__":
    for _ in range(5):
        results = LocalProcesses(2).results(large, 100_000_000, range(8))
        next(results)
        results.close()
"""


def test_workers_ended_amid_a_result_hold_up_nothing(tmp_path):
    script = tmp_path / "amid.py"
    script.write_text(AMID_A_RESULT)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, str(script)], env=environment, timeout=120, check=True)


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


@pytest.fixture
def undisturbed(folder, small_selection):
    return na.run(small_selection(), folder, progress=False)


def test_the_record_after_a_kill_is_that_of_an_undisturbed_run(
    folder, undisturbed, small_selection
):
    (folder / "f1.root.once").touch()
    record = na.run(small_selection(), folder, executor=Dying(), progress=False)
    assert not (folder / "f1.root.once").exists()  # it was killed
    assert replace(record, made=()).to_json() == replace(undisturbed, made=()).to_json()


class Dying:
    """Local processes, some of which die."""

    def results(self, _, *rest):
        return LocalProcesses(2).results(count_and_die, *rest)


def test_a_file_that_kills_its_worker_is_lost_alone_or_stops_the_run(folder, small_selection):
    (folder / "f2.root.always").touch()
    with pytest.raises(InputError, match=r"f2\.root: the worker process .* died, each time"):
        na.run(small_selection(), folder, executor=Dying(), progress=False)
    record = na.run(small_selection(), folder, executor=Dying(), on_bad_file="skip", progress=False)
    assert [Path(file.path).name for file in record.ledger.lost_files] == ["f2.root"]
    others = [folder / f"f{k}.root" for k in (0, 1, 3)]
    expected = na.run(small_selection(), others, progress=False)
    assert record.inputs == expected.inputs
    assert record.channels == expected.channels


SCRIPT = """
import sys, time
from pathlib import Path
from na64ana.run import engine

count = engine._count

def slow(job, task):
    Path(sys.argv[1], "started").touch()
    time.sleep({seconds})
    return count(job, task)

engine._count = slow
if __name__ == "__main__":
    from na64ana.cli import main
    Path(sys.argv[1], "ready").touch()
    main(sys.argv[2:])
"""


def start(folder, *arguments, seconds=600):
    script = folder / "slow.py"
    script.write_text(SCRIPT.format(seconds=seconds))
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until(condition):
    for _ in range(1200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(session):
    """Processes of a session that are not dead; what ends them may take a moment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state not in "ZX":
            found.append(path)
    return found


SELECTION_YAML = "name: s\nlayout: na64-tout\ncuts: [{name: t, require: master_time > 90*ns}]\n"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_run_leaves_nothing_behind(folder, number, code, workers):
    (folder / "s.yaml").write_text(SELECTION_YAML)
    files = sorted(folder.glob("*.root"))
    out = folder / "out.json"
    process = start(
        folder, "cutflow", folder / "s.yaml", *files, "--json", out, "--workers", workers
    )
    assert until((folder / "started").exists)
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    if number == signal.SIGINT:
        assert "Interrupted" in errors
    assert "Traceback" not in errors
    assert not out.exists()
    assert not list(folder.glob(".*"))
    assert until(lambda: not alive(process.pid))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_ctrl_c_at_any_moment_of_the_start_says_only_that(folder, processes):
    (folder / "s.yaml").write_text(SELECTION_YAML)
    out = folder / "out.json"
    arguments = "cutflow", folder / "s.yaml", *sorted(folder.glob("*.root")), "--json", out
    process = start(folder, *arguments, "--workers", 2)
    # itself, Python's tracker of resources, the server of workers while it imports, a worker
    assert until(lambda: len(alive(process.pid)) >= processes)
    if processes == 1:
        assert until((folder / "ready").exists)
        time.sleep(0.5)  # Python's own start is not ours to keep quiet
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.strip() == "Interrupted; no output was written."
    assert not out.exists()
    assert until(lambda: not alive(process.pid))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("form", ["--json", "--csv", "--html", "--latex", "--survivors"])
def test_a_full_disk_is_told(folder, form):
    (folder / "s.yaml").write_text(SELECTION_YAML)
    result = subprocess.run(
        [sys.executable, "-m", "na64ana", "cutflow", folder / "s.yaml", folder / "f0.root", form,
         "/dev/full"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert "/dev/full" in result.stderr
    assert "No space left" in result.stderr
    assert "Traceback" not in result.stderr
