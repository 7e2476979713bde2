"""Signal efficiency: given, or measured on simulated events, also by the mediator's energy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.analysis.model import EfficiencySpec
from na64ana.cutflow import Record, per_exposure
from na64ana.errors import AnalysisError, SignalError, printable
from na64ana.selection.form import START

__all__ = ["Efficiency", "EfficiencyCurve", "efficiency_curve", "interpolated", "measured"]

Floats = NDArray[np.float64]


class Efficiency(NamedTuple):
    """Signal efficiency, with its absolute error."""

    value: float
    error: float


@dataclass(frozen=True)
class EfficiencyCurve:
    """Efficiency in bins of the energy of the mediator: events left over events generated.

    It is a function of energies in GeV, as `na64ana.signal.Setup` takes one: constant in each bin,
    0 below the threshold, and nowhere extrapolated.

    Attributes
    ----------
    sample, histogram : str
        What it was measured with.
    edges : tuple of float
        GeV; one more than there are bins.
    values, errors : tuple of float
        In each bin, with the statistical error of the sample.
    generated : tuple of float
        Events in each bin before the first cut, a sum of weights; where it is 0, the efficiency is
        not known, and an error if it is asked for.
    threshold : float
        Of the setup, GeV.
    """

    sample: str
    histogram: str
    edges: tuple[float, ...] = field(repr=False)
    values: tuple[float, ...] = field(repr=False)
    errors: tuple[float, ...] = field(repr=False)
    generated: tuple[float, ...] = field(repr=False)
    threshold: float = 0.0

    def __call__(self, energies: Any) -> Floats:
        """Return the efficiency at some energies.

        Raises
        ------
        SignalError
            An energy above the threshold lies outside the histogram, or in a bin in which no
            event was generated.
        """
        energy = np.asarray(energies, dtype=float)
        above = energy >= self.threshold
        found = np.zeros(energy.shape)
        found[above] = np.asarray(self.values)[self.bins(energy[above])]
        return found

    def bins(self, energies: Any) -> NDArray[np.int64]:
        """Return the numbers of the bins of some energies, counted from 0; the last is closed.

        Raises
        ------
        SignalError
            As when the curve is called.
        """
        energy = np.asarray(energies, dtype=float)
        edges = np.asarray(self.edges)
        what = (
            f"efficiency of sample '{printable(self.sample)}', histogram "
            f"'{printable(self.histogram)}'"
        )
        outside = energy[(energy < edges[0]) | (energy > edges[-1])]
        if outside.size:
            msg = (
                f"{what}: it goes from {edges[0]:g} to {edges[-1]:g} GeV, and the model makes "
                f"mediators of {outside.flat[0]:.4g} GeV: a wider range of the histogram is needed"
            )
            raise SignalError(msg)
        found = np.clip(np.searchsorted(edges, energy, side="right") - 1, 0, len(edges) - 2)
        empty = found[np.asarray(self.generated)[found] <= 0]
        if empty.size:
            low, high = edges[empty.flat[0]], edges[empty.flat[0] + 1]
            msg = (
                f"{what}: no event was generated from {low:g} to {high:g} GeV, where the model "
                "makes mediators: simulate more, or take wider bins"
            )
            raise SignalError(msg)
        return np.asarray(found, dtype=np.int64)

    def scaled(self, factor: float) -> EfficiencyCurve:
        """Return the curve times a number, at most 1 anywhere."""
        values = tuple(min(value * factor, 1.0) for value in self.values)
        return replace(self, values=values, errors=tuple(e * factor for e in self.errors))

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as JSON can hold it; null where no event was generated."""
        known = [g > 0 for g in self.generated]
        return {
            "sample": self.sample,
            "histogram": self.histogram,
            "edges_GeV": list(self.edges),
            "value": [v if k else None for v, k in zip(self.values, known, strict=True)],
            "error": [e if k else None for e, k in zip(self.errors, known, strict=True)],
            "generated": list(self.generated),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], threshold: float) -> EfficiencyCurve:
        """Return the curve that `as_dict` gave."""
        return cls(
            content["sample"],
            content["histogram"],
            tuple(map(float, content["edges_GeV"])),
            tuple(float(v or 0) for v in content["value"]),
            tuple(float(e or 0) for e in content["error"]),
            tuple(map(float, content["generated"])),
            float(threshold),
        )


def efficiency_curve(
    record: Record, sample: str, histogram: str, threshold: float, gev: float = 1.0
) -> EfficiencyCurve:
    """Return the efficiency by the energy of the mediator, from a record of simulated events.

    The error is the standard deviation of the efficiency for a flat prior, of k left of n
    generated: sqrt[(k + 1)(n - k + 1)/(n + 3)]/(n + 2) (arXiv:physics/0701199); of weighted events
    n is their effective number. It is not 0 where all or none are left.

    Parameters
    ----------
    record : Record
    sample, histogram : str
    threshold : float
        GeV.
    gev : float
        GeV in the unit of the histogram's axis.

    Raises
    ------
    AnalysisError
        The record is not of simulation.
    """
    _check_simulated(record, sample)
    booked = record.booked[histogram]
    last = record.cutflow.rows[-1].name
    inside = slice(1, -1)  # without under- and overflow
    first, left = booked.places.index(START), booked.places.index(last)
    generated = booked.values[first][inside].astype(float)
    passed = booked.values[left][inside].astype(float)
    squares = generated if booked.variances is None else booked.variances[first][inside]
    (axis,) = booked.axes
    edges = np.asarray(axis.edges)
    if axis.bins is not None:
        edges = np.linspace(edges[0], edges[-1], axis.bins + 1)
    known = generated > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(known, passed / generated, 0.0)
        n = np.where(known, generated**2 / squares, 0.0)
    # weights of either sign may leave the range in a bin with few events
    values = np.clip(values, 0.0, 1.0)
    k = values * n
    errors = np.sqrt((k + 1) * (n - k + 1) / (n + 3)) / (n + 2)
    return EfficiencyCurve(
        sample, histogram, tuple((edges * gev).tolist()), tuple(values.tolist()),
        tuple(np.where(known, errors, 0.0).tolist()), tuple(generated.tolist()), float(threshold),
    )  # fmt: skip


def measured(record: Record, sample: str) -> Efficiency:
    """Return the sum of weights that pass the whole main chain, over the particles generated.

    Raises
    ------
    AnalysisError
        The record is not of simulation, or has no event in the box.
    RecordError
        Its exposure is not known.
    """
    _check_simulated(record, sample)
    left = per_exposure(record, 1.0)[-1]
    if not left.value or left.error is None:
        msg = f"signal efficiency: sample '{printable(sample)}' has no event in the box"
        raise AnalysisError(msg)
    return Efficiency(left.value, left.error)


def _check_simulated(record: Record, sample: str) -> None:
    """The box of data stays closed, and an efficiency is of events that are known to be signal."""
    if record.kind != "simulation":
        msg = (
            f"signal efficiency: sample '{printable(sample)}' counts as {printable(record.kind)}; "
            "an efficiency is measured on simulation alone"
        )
        raise AnalysisError(msg)


def interpolated(table: Sequence[Sequence[float]], mass: float, what: str) -> float:
    """Interpolate linearly in the logarithm of the mass; no table is extended beyond its ends.

    Raises
    ------
    AnalysisError
        The mass in GeV is outside.
    """
    masses, values = np.array(table, dtype=float).T
    if not masses[0] <= mass <= masses[-1]:
        msg = f"{what}: the table has {masses[0]:g} to {masses[-1]:g} GeV, not {mass:g} GeV"
        raise AnalysisError(msg)
    return float(np.interp(math.log(mass), np.log(masses), values))


def of_spec(spec: EfficiencySpec, samples: Mapping[str, Record], mass: float | None) -> Efficiency:
    """Return an efficiency that is one number at each mass, with all of its error.

    Parameters
    ----------
    spec : EfficiencySpec
    samples : dict of str to Record
    mass : float or None
        GeV; None: the first of a table.
    """
    if spec.sample is not None:
        found = measured(samples[spec.sample], spec.sample)
        return Efficiency(found.value, math.hypot(found.error, found.value * spec.error))
    if spec.table is not None:
        at = spec.table[0][0] if mass is None else mass
        value = interpolated(spec.table, at, "signal efficiency")
    else:
        assert spec.value is not None
        value = spec.value
    return Efficiency(value, value * spec.error)
