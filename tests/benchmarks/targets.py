"""What the benchmarks should reach, as ratios of medians, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from .cases import (
    COFFEA,
    EDIT,
    FIRST_EDIT,
    FULL,
    HELP,
    KINDS,
    MANY,
    MEMORY,
    NEW,
    RDATAFRAME,
    RDATAFRAME_TWO,
    SEQUENTIAL,
    START,
    TABLE,
    TWO,
    TWO_STARTED,
    UPROOT,
)
from .measure import Results


@dataclass(frozen=True)
class Goal:
    """A number that is to be at most, or at least, so large.

    Parameters
    ----------
    what : in words; `on` which files.
    target : the bound; None if the number is shown for comparison only.
    values : one for each round, in `unit`; empty if it was not measured.
    cpu : the same from CPU time instead of wall time, where both make sense: other work on the
        machine disturbs it less.
    least : whether the bound is a lower one.
    """

    what: str
    on: str
    target: float | None
    values: tuple[float, ...]
    cpu: tuple[float, ...] = ()
    least: bool = False
    unit: str = ""

    def reached(self) -> bool | None:
        """Tell whether the median keeps the bound; None where there is nothing to tell."""
        if self.target is None or not self.values:
            return None
        middle = median(self.values)
        return middle >= self.target if self.least else middle <= self.target


def goals(results: Results) -> Iterator[Goal]:
    """Give all goals, measured or not."""
    for kind, (times, form) in KINDS.items():
        rdataframe = 0.6 if times == "constant" else 0.7
        targets = (rdataframe, 0.5, 0.7) if form == "ttree" else (0.7, None, None)
        yield from _cold(results, kind, targets)
    yield from _many(results)
    yield from _memory(results)
    for name, limit in ((TABLE, 2.0), (HELP, 0.3)):
        seconds = tuple(results.values(START, name))
        yield Goal(name, "start of Python included", limit, seconds, unit=" s")


def _cold(
    results: Results, kind: str, targets: tuple[float, float | None, float | None]
) -> Iterator[Goal]:
    """Compare the first pass with the references on the same kind of file."""
    for other, target in zip((RDATAFRAME, COFFEA, UPROOT), targets, strict=True):
        yield _compared(f"sequential / {other}", results, kind, (SEQUENTIAL, other), target)
    yield _compared("full / sequential", results, kind, (FULL, SEQUENTIAL), 1.3)


def _many(results: Results) -> Iterator[Goal]:
    """Compare edits with the first pass, and two workers with one."""
    first = (FIRST_EDIT, SEQUENTIAL)
    yield _compared("first threshold edit / first pass", results, MANY, first, 1 / 50)
    yield _compared("threshold edit / first pass", results, MANY, (EDIT, SEQUENTIAL), 1 / 50)
    events = results.events.get(MANY, 0)
    rate = tuple(events / seconds / 1e6 for seconds in results.values(MANY, EDIT, "cpu"))
    yield Goal("threshold edit, events per second of CPU", MANY, 10, rate, least=True, unit=" M")
    yield _compared("new observable / first pass", results, MANY, (NEW, SEQUENTIAL), None)
    yield Goal(
        "two workers, times as fast", MANY, 1.7, _ratios(results, MANY, SEQUENTIAL, TWO), least=True
    )
    started = _ratios(results, MANY, SEQUENTIAL, TWO_STARTED)
    yield Goal("two workers with their start, times as fast", MANY, None, started)
    both = _ratios(results, MANY, RDATAFRAME, RDATAFRAME_TWO)
    yield Goal("RDataFrame with two threads, times as fast", MANY, None, both)


def _memory(results: Results) -> Iterator[Goal]:
    """Bound the memory, and compare it from one number of events to the next."""
    peaks = {name: values for (group, name), values in results.samples.items() if group == MEMORY}
    for name, samples in peaks.items():
        peak = tuple(sample["peak"] / 1e6 for sample in samples)
        yield Goal("peak memory", name, 1000, peak, unit=" MB")
    for counts in ("sequential", "full"):
        for less, more in pairwise(name for name in peaks if name.startswith(counts)):
            ratio = peaks[more][0]["peak"] / peaks[less][0]["peak"]
            yield Goal("peak memory, times that of the line before", more, None, (ratio,))


def _compared(
    what: str, results: Results, group: str, pair: tuple[str, str], target: float | None
) -> Goal:
    """Compare two measurements of one thread."""
    cpu = _ratios(results, group, *pair, "cpu")
    return Goal(what, group, target, _ratios(results, group, *pair), cpu)


def _ratios(
    results: Results, group: str, above: str, below: str, time: str = "wall"
) -> tuple[float, ...]:
    """Divide the times of two measurements, round by round."""
    pairs = zip(
        results.values(group, above, time), results.values(group, below, time), strict=False
    )
    return tuple(one / other for one, other in pairs)
