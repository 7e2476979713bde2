"""What is measured: the groups of tasks, each on the same files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import files
from .measure import (
    Results,
    Task,
    command_line,
    copy_in_child,
    make_in_child,
    rounds,
    run,
)

Tell = Callable[[str], None]

#: kinds of files, in the words of the table
KINDS = {
    "TTree, constant times": ("constant", "ttree"),
    "TTree, moving times": ("moving", "ttree"),
    "RNTuple, constant times": ("constant", "rntuple"),
    "RNTuple, moving times": ("moving", "rntuple"),
}
MANY, MANY_FILES = "many files", 8
MEMORY = "memory"
START = "start"
COSTS = "costs"

SEQUENTIAL, FULL = "na64ana, sequential", "na64ana, full"
SHIPPED = "na64ana, full, histograms and dimuons"
RDATAFRAME, COFFEA, UPROOT = "RDataFrame, warm", "coffea", "uproot, reading only"
TWO, RDATAFRAME_TWO = "na64ana, 2 workers, warm", "RDataFrame, 2 threads, warm"
TWO_STARTED = "na64ana, 2 workers, with their start"
FILL, FIRST_EDIT = "store: filling", "store: first edit, sequential"
EDIT, EDIT_FULL = "store: edit, sequential", "store: edit, full"
EDITED = "edited, without store"
NEW, WITH_NEW = "store: new observable", "new observable, without store"
ONE_FILE, SMALL, ONE_TASK, SMALL_TASKS = "one file", "small files", "one task", "small tasks"
TABLE, HELP = "na64ana cutflow, 1000 events", "na64ana --help"

WARM_EVENTS = 2000
SMALL_EVENTS = 1000
EDITS = 5  # one takes a tenth of a second
SMALL_FILES = 17  # one, and sixteen more


@dataclass(frozen=True)
class Plan:
    """What a run of the benchmarks does.

    Parameters
    ----------
    folder : where files are kept.
    events : of the cold passes; and of the sets of many files.
    """

    folder: Path
    events: int = 100_000
    many: int = 1_000_000
    memory: int = 0
    repeats: int = 5
    repeats_many: int = 3

    def selection(self, change: Callable[[dict[str, Any]], None] | None = None) -> str:
        """Write the 19 cuts, changed or not, and return the path of the file."""
        return str(files.selection(self.folder, change))


def first_edit(selection: dict[str, Any]) -> None:
    """Loosen a threshold: a run after which the checksums of what was kept have been compared."""
    (cut,) = (cut for cut in selection["cuts"] if cut["name"] == "ECAL ratio")
    cut["below"] = 0.065


def edit(selection: dict[str, Any]) -> None:
    """Loosen a threshold, so that cuts after it see events that they did not see before."""
    (cut,) = (cut for cut in selection["cuts"] if cut["name"] == "ECAL ratio")
    cut["below"] = 0.07


def new_observable(selection: dict[str, Any]) -> None:
    """Ask for an observable that was never there, in a cut of its own."""
    selection["observables"] = {"hcal_beside": "hcal_total - hcal_intime[0, 1, 1]"}
    cut = {"name": "HCAL beside", "observable": "hcal_beside", "below": "0.8 GeV"}
    selection["cuts"].append(cut | {"reason": "a benchmark"})


def ours(name: str, selection: str, paths: list[Path], counts: str, **more: Any) -> dict[str, Any]:
    """Describe a run of na64ana."""
    return {
        "name": name, "subject": "na64ana", "selection": selection, "files": paths,
        "counts": counts, **more,
    }  # fmt: skip


def theirs(name: str, subject: str, paths: list[Path], **more: Any) -> dict[str, Any]:
    """Describe a run of a reference."""
    return {"name": name, "subject": subject, "files": paths, **more}


def cold_passes(plan: Plan, results: Results, tell: Tell) -> None:
    """Compare one thread of everything on each kind of file."""
    selection = plan.selection()
    for group in KINDS:
        results.forget(group)
    for group, (kind, form) in KINDS.items():
        paths = make_in_child(plan.folder, kind, form, plan.events)
        warm = make_in_child(plan.folder, kind, form, WARM_EVENTS)
        results.events[group] = plan.events
        steps = [
            ours(SEQUENTIAL, selection, paths, "sequential"),
            ours(FULL, selection, paths, "full"),
            ours(SHIPPED, "na64e-invisible-2023", paths, "full"),
            theirs(RDATAFRAME, "rdataframe", paths),
            theirs(COFFEA, "coffea", paths),
            theirs(UPROOT, "uproot", paths),
        ]
        touch(paths)
        rounds(results, group, [Task((step,), warm) for step in steps], plan.repeats, tell)


def many_files(plan: Plan, results: Results, tell: Tell) -> None:
    """Measure two workers, and edits with a filled store, on a set of files."""
    results.forget(MANY)
    paths = make_in_child(plan.folder, "constant", "ttree", plan.many, MANY_FILES)
    # for each of two workers, one
    warm = make_in_child(plan.folder, "constant", "ttree", 2 * WARM_EVENTS, 2)
    results.events[MANY] = plan.many
    cuts, edited = plan.selection(), plan.selection(edit)
    added = plan.selection(new_observable)
    kept = {"store": str(plan.folder / "store")}
    store = (
        ours(FILL, cuts, paths, "full", fresh_store=True, **kept),
        ours(FIRST_EDIT, plan.selection(first_edit), paths, "sequential", same="first", **kept),
        ours(EDIT, edited, paths, "sequential", same="edited", times=EDITS, **kept),
        ours(EDIT_FULL, edited, paths, "full", same="edited", times=EDITS, **kept),
        ours(NEW, added, paths, "sequential", same="added", **kept),
    )
    steps = [
        ours(SEQUENTIAL, cuts, paths, "sequential"),
        ours(TWO, cuts, paths, "sequential", workers=2),
        ours(TWO_STARTED, cuts, paths, "sequential", workers=2, start_workers=True),
        theirs(RDATAFRAME, "rdataframe", paths),
        theirs(RDATAFRAME_TWO, "rdataframe", paths, workers=2),
    ]
    touch(paths)
    tasks = [*(Task((step,), warm) for step in steps), Task(store, warm)]
    rounds(results, MANY, tasks, plan.repeats_many, tell)
    if results.values(MANY, EDIT):  # what the store gave must be what the files give
        again = (
            ours(EDITED, edited, paths, "sequential", same="edited"),
            ours(WITH_NEW, added, paths, "sequential", same="added"),
        )
        rounds(results, MANY, [Task(again, warm)], 1, tell)


def memory(plan: Plan, results: Results, tell: Tell) -> None:
    """Measure the peak memory at a tenth, at all and, if asked for, at very many events."""
    results.forget(MEMORY)
    selection = plan.selection()
    paths = make_in_child(plan.folder, "constant", "ttree", plan.many, MANY_FILES)
    (first,) = make_in_child(plan.folder, "constant", "ttree", plan.events)
    sets = {plan.events: [first], plan.many: paths}
    copied: list[Path] = []
    try:
        if plan.memory:
            size = plan.many // MANY_FILES
            copied = copy_in_child(paths[0], plan.folder, plan.memory // size)
            sets[len(copied) * size] = copied
        for events, inputs in sets.items():
            for counts in ("sequential", "full"):
                _peak(ours(f"{counts}, {events} events", selection, inputs, counts), results, tell)
    finally:
        for path in copied:
            path.unlink()


def _peak(step: dict[str, Any], results: Results, tell: Tell) -> None:
    """Measure one peak; nothing is warmed up, since it is that of the whole process."""
    for sample in run(Task((step,))):
        results.add(MEMORY, sample)
        tell(f"memory: {sample['name']}: {sample['peak'] / 1e6:.0f} MB")


def start(plan: Plan, results: Results, tell: Tell) -> None:
    """Measure the time from the command to its end, Python's start included."""
    results.forget(START)
    (path,) = make_in_child(plan.folder, "constant", "ttree", SMALL_EVENTS)
    commands = {
        TABLE: ["cutflow", "na64e-invisible-2023", str(path)],
        HELP: ["--help"],
    }
    for _ in range(plan.repeats):
        for name, arguments in commands.items():
            seconds = command_line(arguments)
            results.add(START, {"name": name, "wall": seconds})
            tell(f"start: {name}: {seconds:.2f} s")


def costs(plan: Plan, results: Results, tell: Tell) -> None:
    """Measure what a file and what a task costs, beside its events: one small file, and many."""
    results.forget(COSTS)
    small = make_in_child(plan.folder, "constant", "ttree", SMALL_EVENTS * SMALL_FILES, SMALL_FILES)
    warm = make_in_child(plan.folder, "constant", "ttree", WARM_EVENTS)
    local = [
        ours(ONE_FILE, plan.selection(), small[:1], "sequential"),
        ours(SMALL, plan.selection(), small, "sequential"),
    ]
    tasks = [
        step | {"name": name, "subject": "na64ana on coffea", "chunk_size": plan.events}
        for name, step in zip((ONE_TASK, SMALL_TASKS), local, strict=True)
    ]
    for _ in range(plan.repeats):
        for step in (*local, *tasks):
            for sample in run(Task((step,), warm)):
                results.add(COSTS, sample)
                tell(f"costs: {sample['name']}: {sample['wall']:.2f} s")


def touch(paths: list[Path]) -> None:
    """Read files once, so that all measurements find them in the system's page cache."""
    for path in paths:
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
