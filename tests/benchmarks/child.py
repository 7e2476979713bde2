"""A process that runs one thing, times it and prints the result as JSON.

    python -m tests.benchmarks.child '{"warm": [FILE, ...], "steps": [STEP, ...]}'

Every step runs first on small files, so that imports and ROOT's compiler are not timed, nor the
start of worker processes but where a step says so; then its work is timed in this process, the
middle one of several times where it says how often. Python's own start is not in any of these
numbers.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

from . import references

Step = dict[str, Any]

NOT_THERE = "not there"


def main() -> None:
    """Do the steps of a task in turn and print what they took."""
    task = json.loads(sys.argv[1])
    warm = task["warm"]
    if warm:
        for step in task["steps"]:
            workers = 1 if step.get("start_workers") else step.get("workers", 1)
            perform({**step, "files": warm, "workers": workers, "store": None})
    print(json.dumps([middle(step) for step in task["steps"]]))


def middle(step: Step) -> dict[str, Any]:
    """Time a step as often as it says; return the sample of middle time."""
    samples = [timed(step) for _ in range(step.get("times", 1))]
    return sorted(samples, key=lambda sample: sample.get("wall", 0))[len(samples) // 2]


def timed(step: Step) -> dict[str, Any]:
    """Run a step and return seconds of wall and CPU time, bytes read, peak memory and counts.

    The CPU time is that of all threads and of child processes that ended. Bytes are what was asked
    of the system by read calls, cached or not, in this process alone; what is only mapped into
    memory is not among them. The peak memory [bytes] is the largest of any one process so far.
    """
    if step.get("store") and not has_store():
        return {"name": step["name"], "missing": NOT_THERE}
    if step.get("fresh_store"):
        shutil.rmtree(step["store"], ignore_errors=True)
    bytes_before, cpu_before, start = bytes_read(), cpu_time(), time.perf_counter()
    result = perform(step)
    wall, cpu = time.perf_counter() - start, cpu_time() - cpu_before
    read = bytes_read() - bytes_before
    return {
        "name": step["name"],
        "same": step.get("same", "cuts"),
        "wall": wall,
        "cpu": cpu,
        "read": read,
        "peak": peak_memory(),
        "counts": counts(result),
    }


def perform(step: Step) -> Any:
    """Run a step and return its result."""
    return SUBJECTS[step["subject"]](step)


def na64ana(step: Step) -> Any:
    """Count with na64ana's local engine."""
    import na64ana as na

    store = {"store": step["store"]} if step.get("store") else {}
    return na.run(
        step["selection"],
        step["files"],
        workers=step.get("workers", 1),
        counts=step["counts"],
        unblind="benchmark",
        progress=False,
        **store,
    )


def on_coffea(step: Step) -> Any:
    """Count with na64ana's processor under coffea, in tasks of so many events."""
    from coffea.processor import IterativeExecutor, Runner

    from na64ana.run import coffea

    runner = Runner(IterativeExecutor(status=False), chunksize=step["chunk_size"])
    fileset = {"run": {"files": dict.fromkeys(step["files"], references.TREE)}}
    records = coffea(runner, fileset, step["selection"], counts=step["counts"], unblind="benchmark")
    return records["run"]


def counts(result: Any) -> Any:
    """Return the events left after each cut in sequence, of a record or as they are."""
    if not hasattr(result, "to_json"):
        return result
    cuts = json.loads(result.to_json())["channels"]["main"]["cuts"]
    return [cut["sequential"]["n"] for cut in cuts]


def has_store() -> bool:
    """Tell whether na64ana keeps observables yet."""
    from na64ana.run import run

    return "store" in signature(run).parameters


def _paths(step: Step) -> list[Path]:
    return [Path(path) for path in step["files"]]


SUBJECTS: dict[str, Callable[[Step], Any]] = {
    "na64ana": na64ana,
    "na64ana on coffea": on_coffea,
    "rdataframe": lambda step: references.rdataframe(_paths(step), step.get("workers", 1)),
    "coffea": lambda step: references.coffea(_paths(step)),
    "uproot": lambda step: references.uproot_read(_paths(step)),
}


def cpu_time() -> float:
    """Return the seconds of CPU that this process and its children took."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def bytes_read() -> int:
    """Return the bytes that read calls of this process were given."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("rchar:"):
            return int(line.split()[1])
    return 0


def peak_memory() -> int:
    """Return the largest memory [bytes] of this process or one of its children."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return 1024 * max(resource.getrusage(one).ru_maxrss for one in who)


if __name__ == "__main__":
    main()
