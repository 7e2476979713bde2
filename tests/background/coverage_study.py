"""Coverage and bias of sideband extrapolations in toys.

    python tests/background/coverage_study.py [TOYS [TOYS [TOYS]]]

prints the tables of docs/background.md, with the toys per case of the first, and of the second for
the shapes of `TRUTHS` and for the others.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from na64ana.background import (
    Shape,
    crystal_ball_tail,
    exponential,
    exponential_polynomial,
    extrapolate,
    flat,
    from_values,
    gaussian_tail,
    power_law,
    sum_of,
)
from na64ana.background.integral import in_box
from na64ana.background.likelihood import Sample, simulated
from na64ana.errors import BackgroundError

SIDEBAND, BOX = (50.0, 80.0), (0.0, 50.0)
RANGES = ((50.0, 75.0), (55.0, 80.0), (50.0, 78.0))
SEED = 20240


@dataclass(frozen=True)
class Case:
    """A true shape; parameters on the scale of the sideband's width, 30 GeV."""

    shape: Shape
    parameters: tuple[float, ...]
    inside: bool = True  # of the family that is fitted


CASES = {
    "exponential": Case(exponential(), (5.5,)),
    "power law": Case(power_law(), (12.0,)),
    "exponential x polynomial": Case(exponential_polynomial(), (7.0, 0.9)),
    "Crystal-Ball tail": Case(crystal_ball_tail(), (7.0, 0.15)),
    "Gaussian tail": Case(gaussian_tail(), (3.0, 3.0), inside=False),
    "exponential + 0.2% flat": Case(
        sum_of(exponential(), flat()), (0.998, 5.5), inside=False
    ),
}  # fmt: skip


#: with one of these as the truth all errors together must cover
TRUTHS = ("exponential", "power law", "Crystal-Ball tail")


def family() -> list[Shape]:
    """The shapes that are tried beside the central one."""
    return [exponential(), power_law(), exponential_polynomial(), crystal_ball_tail()]


class Outcome(NamedTuple):
    """What came of the toys of one case."""

    truth: float
    covered: float  # part of the toys in which the interval covers the truth
    covered_by_errors: float  # the same of value +- errors, as they stand in the budget
    refused: int
    mean: float  # of value / truth
    median: float
    relative: float  # median of error / value

    @property
    def line(self) -> str:
        covered = f"{100 * self.covered:.1f}% | {100 * self.covered_by_errors:.1f}%"
        shown = f"{self.median:.2f} | {self.mean:.2f} | {100 * self.relative:.0f}%"
        return f"{self.truth:.2f} | {covered} | {shown} | {self.refused} |"


def toy(case: Case, events: int, rng: np.random.Generator) -> np.ndarray:
    """Events of one pseudo-experiment, in GeV."""
    frame = from_values([60.0], SIDEBAND, BOX).frame
    n = rng.poisson(events)
    drawn = simulated(
        case.shape, np.array(case.parameters), Sample(frame, 0, 1, values=np.zeros(n)), rng
    )
    assert drawn.values is not None
    found = frame.value(drawn.values)
    inside: np.ndarray = np.clip(found, SIDEBAND[0], math.nextafter(SIDEBAND[1], 0))
    return inside


def truth(case: Case, events: int) -> float:
    """The expectation in the box."""
    frame = from_values([60.0], SIDEBAND, BOX).frame
    return in_box(case.shape, np.array(case.parameters), Sample(frame, 0, 1), BOX, events=events)


def statistical(name: str, events: int, toys: int, seed: int = SEED) -> Outcome:
    """The true shape is fitted in the whole sideband: coverage of the statistical interval."""
    case = CASES[name]
    return _outcome(case, events, toys, seed, case.shape, total=False)


def total(name: str, events: int, toys: int, seed: int = SEED) -> Outcome:
    """An exponential is fitted whatever the truth: statistical and systematic error together."""
    return _outcome(CASES[name], events, toys, seed, exponential(), total=True)


def _outcome(
    case: Case, events: int, toys: int, seed: int, shape: Shape, *, total: bool
) -> Outcome:
    expected = truth(case, events)
    rng = np.random.default_rng(seed)
    ratios, sizes, covered, by_errors, refused = [], [], 0, 0, 0
    for i in range(toys):
        sideband = from_values(toy(case, events, rng), SIDEBAND, BOX)
        try:
            if total:
                found = extrapolate(
                    sideband, shape, seed=i, bootstrap=0, ranges=RANGES, shapes=family()[1:],
                    toys=100, enough=3,
                )  # fmt: skip
            else:
                found = extrapolate(sideband, shape, seed=i, bootstrap=0, toys=1, enough=1)
        except BackgroundError:
            refused += 1
            continue
        low, high = found.total_interval if total else found.interval
        covered += low <= expected <= high
        error = math.hypot(found.statistical, found.budget_systematic or 0.0)
        by_errors += abs(found.value - expected) <= error
        ratios.append(found.value / expected)
        sizes.append(error / found.value)
    done = len(ratios)
    return Outcome(
        expected, covered / done, by_errors / done, refused, float(np.mean(ratios)),
        float(np.median(ratios)), float(np.median(sizes)),
    )  # fmt: skip


HEAD = """
| true shape | events | truth | interval covers | value ± error covers | median | mean | error | refused |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    first, second, third = [*given, *(1000, 1000, 300)[len(given) :]]
    print(f"The true shape is fitted, {first} toys, statistical error\n{HEAD}")
    for events in (100, 400, 2000):
        for name, case in CASES.items():
            if case.inside:
                outcome = statistical(name, events, first)
                print(f"| {name} | {events} | {outcome.line}", flush=True)
    print(f"\nAn exponential is fitted, {second} and {third} toys, all errors\n{HEAD}")
    for name in (*TRUTHS, *(name for name in CASES if name not in TRUTHS)):
        outcome = total(name, 400, second if name in TRUTHS else third)
        print(f"| {name} | 400 | {outcome.line}", flush=True)


if __name__ == "__main__":
    main()
