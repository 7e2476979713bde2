"""The figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from .cases import (
    COSTS,
    KINDS,
    MANY,
    ONE_FILE,
    ONE_TASK,
    SEQUENTIAL,
    SMALL,
    SMALL_EVENTS,
    SMALL_FILES,
    SMALL_TASKS,
)
from .measure import Results
from .projection import Costs, Projection, project
from .targets import goals


def markdown(results: Results, machine: dict[str, str]) -> str:
    """Write the figures, the goals and the projection."""
    parts = ["; ".join(f"{name} {value}" for name, value in machine.items()) + "."]
    for group in (*KINDS, MANY):
        if group in results.events:
            parts += [f"### {group}", _times(results, group)]
    parts += ["### What it should reach", _goals(results)]
    costs = measured_costs(results)
    if costs is not None:
        parts += ["### 10^9 events on 100 cores", _projection(costs, project(costs))]
    return "\n\n".join(parts) + "\n"


def measured_costs(results: Results) -> Costs | None:
    """Take the cost of an event, a file and a task from the measurements; None without them.

    The events are those of the first pass over a TTree of constant times. A file costs what
    small files take each, less their events; a task what small files take more each where every
    one is a task of coffea.
    """
    kind = next(iter(KINDS))
    names = (ONE_FILE, SMALL, ONE_TASK, SMALL_TASKS)
    needed = [(kind, SEQUENTIAL), *((COSTS, name) for name in names)]
    if not all(key in results.samples for key in needed):
        return None
    events = results.events[kind]
    event = results.middle(kind, SEQUENTIAL) / events
    one, small, one_task, tasks = (results.middle(COSTS, name) for name in names)
    file = (small - one) / (SMALL_FILES - 1)
    task = (tasks - one_task) / (SMALL_FILES - 1)
    return Costs(
        event=event,
        file=max(file - SMALL_EVENTS * event, 0),
        task=max(task - file, 0),
        bytes_per_event=results.middle(kind, SEQUENTIAL, "read") / events,
    )


def _times(results: Results, group: str) -> str:
    events = results.events[group]
    head = (
        f"{events} events", "events/s", "us/event", "least to most", "CPU us/event",
        "bytes read/event", "peak MB",
    )  # fmt: skip
    rows: list[Sequence[str]] = []
    for (of, name), samples in results.samples.items():
        if of != group:
            continue
        wall = [sample["wall"] / events * 1e6 for sample in samples]
        cpu, read, peak = (
            median(sample[what] for sample in samples) for what in ("cpu", "read", "peak")
        )
        rows.append(
            (
                name, f"{1e6 / median(wall):,.0f}", f"{median(wall):.3g}",
                f"{min(wall):.3g} to {max(wall):.3g}", f"{cpu / events * 1e6:.3g}",
                f"{read / events:.0f}", f"{peak / 1e6:.0f}",
            )
        )  # fmt: skip
    missing = [(name, why) for (of, name), why in results.missing.items() if of == group]
    rows += [[name, why, *[""] * (len(head) - 2)] for name, why in missing]
    return _table(head, rows)


def _goals(results: Results) -> str:
    rows = []
    for goal in goals(results):
        middle, spread = "not measured", ""
        if goal.values:
            middle = f"{median(goal.values):.3g}{goal.unit}"
            spread = f"{min(goal.values):.3g} to {max(goal.values):.3g}"
        sign = "at least" if goal.least else "at most"
        target = "" if goal.target is None else f"{sign} {goal.target:g}{goal.unit}"
        verdict = {True: "reached", False: "not reached", None: ""}[goal.reached()]
        cpu = f"{median(goal.cpu):.3g}" if goal.cpu else ""
        rows.append((goal.what, goal.on, middle, spread, cpu, target, verdict))
    head = ("what", "on", "median", "least to most", "by CPU time", "target", "")
    return _table(head, rows)


def _projection(costs: Costs, projected: Projection) -> str:
    shares = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in projected.shares.items())
    return (
        f"Measured: {costs.event * 1e6:.3g} us an event, {costs.file * 1e3:.3g} ms a file, "
        f"{costs.task * 1e3:.3g} ms a task, {costs.bytes_per_event:.0f} bytes read an event. "
        f"Projected: {projected.seconds:.0f} s ({shares}), while the storage delivers "
        f"{projected.storage / 1e9:.1f} GB/s to all cores together."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
