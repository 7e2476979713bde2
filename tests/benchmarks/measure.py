"""Start child processes, one for each measurement, and collect what they took."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


class BenchmarkError(Exception):
    """A measurement failed, or its counts are not those of the others."""


@dataclass(frozen=True)
class Task:
    """What one child process does: steps, after a warm-up on small files."""

    steps: tuple[dict[str, Any], ...]
    warm: Sequence[Path] = ()


@dataclass
class Results:
    """All samples, by group and name, in the order of the rounds.

    Attributes
    ----------
    samples : (group, name) to a sample for each round: wall and CPU time [s], bytes read, peak
        memory [bytes], counts.
    events : group to the number of events that each of its steps goes through.
    missing : (group, name) to the reason why it was not measured.
    """

    samples: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return it as lists and dictionaries, for JSON."""
        samples = [[*key, values] for key, values in self.samples.items()]
        missing = [[*key, reason] for key, reason in self.missing.items()]
        return {"samples": samples, "events": self.events, "missing": missing}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Results:
        """Return what `plain` wrote."""
        return cls(
            {(group, name): values for group, name, values in plain["samples"]},
            dict(plain["events"]),
            {(group, name): reason for group, name, reason in plain["missing"]},
        )

    def forget(self, group: str) -> None:
        """Drop what was measured of a group, before it is measured again."""
        self.samples = {key: kept for key, kept in self.samples.items() if key[0] != group}
        self.missing = {key: kept for key, kept in self.missing.items() if key[0] != group}

    def add(self, group: str, sample: dict[str, Any]) -> None:
        """Keep a sample, unless it says that it was not measured."""
        key = (group, sample["name"])
        if "missing" in sample:
            self.missing[key] = sample["missing"]
        else:
            self.samples.setdefault(key, []).append(sample)

    def values(self, group: str, name: str, what: str = "wall") -> list[float]:
        """Return one quantity of all samples; none if it was not measured."""
        return [sample[what] for sample in self.samples.get((group, name), [])]

    def middle(self, group: str, name: str, what: str = "wall") -> float:
        """Return the median of a quantity.

        Raises
        ------
        KeyError
            It was not measured.
        """
        return float(median(sample[what] for sample in self.samples[group, name]))


def rounds(
    results: Results,
    group: str,
    tasks: Sequence[Task],
    repeats: int,
    tell: Callable[[str], None],
) -> None:
    """Run all tasks once a round, each round beginning with another one; compare their counts.

    Raises
    ------
    BenchmarkError
        A child failed, or two counts differ.
    """
    for number in range(repeats):
        shift = number % len(tasks)
        for task in (*tasks[shift:], *tasks[:shift]):
            for sample in run(task):
                results.add(group, sample)
                if "missing" not in sample:
                    tell(f"{group}: {sample['name']}: {sample['wall']:.2f} s")
    compare(results, group)


def run(task: Task) -> list[dict[str, Any]]:
    """Run a task in a fresh process and return its samples.

    Raises
    ------
    BenchmarkError
        The process failed.
    """
    text = json.dumps({"warm": task.warm, "steps": task.steps}, default=str)
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.child", text]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{text}\n{done.stderr}")
    samples: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return samples


def compare(results: Results, group: str) -> None:
    """Stop if what should be the same number is not: all counts of a group, or all edited ones.

    Reading without analysis has nothing but the number of events.

    Raises
    ------
    BenchmarkError
        Two counts differ.
    """
    known: dict[str, tuple[str, Any]] = {"events": ("the file", results.events[group])}
    for (of, name), samples in results.samples.items():
        for sample in samples if of == group else ():
            counts = sample["counts"]
            kind = "events" if isinstance(counts, int) else sample["same"]
            first, expected = known.setdefault(kind, (name, counts))
            if counts != expected:
                raise BenchmarkError(f"{group}: {name} counts {counts}, {first} {expected}")


def command_line(arguments: Sequence[str]) -> float:
    """Return the seconds from starting ``na64ana ARGUMENTS`` to its end, Python's start included.

    Raises
    ------
    BenchmarkError
        The command failed.
    """
    start = time.perf_counter()
    command = [sys.executable, "-m", "na64ana", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise BenchmarkError(f"na64ana {' '.join(arguments)}\n{done.stderr}")
    return seconds


def make_in_child(*arguments: Any) -> list[Path]:
    """Make files in a process of its own, so that ROOT is not loaded in this one.

    Parameters
    ----------
    *arguments : of `files.make`.
    """
    return _in_child("make", arguments)


def copy_in_child(*arguments: Any) -> list[Path]:
    """Copy files under other run numbers; arguments as of `files.copies`."""
    return _in_child("copies", arguments)


def _in_child(name: str, arguments: tuple[Any, ...]) -> list[Path]:
    text = json.dumps([name, *arguments], default=str)
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.files", text]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(done.stderr)
    return [Path(path) for path in json.loads(done.stdout.splitlines()[-1])]
