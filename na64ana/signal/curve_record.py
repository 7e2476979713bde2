"""A curve in a plane of mass and coupling, and what it excludes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError
from na64ana.signal.curve_model import CurveSpec, Source
from na64ana.signal.curve_shape import Path, excluded, value_at

__all__ = ["Curve"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve in a plane of mass and coupling.

    Attributes
    ----------
    spec : CurveSpec
        Its keys, as in the file.
    source : Source
        Where it was taken from, and its licence.
    masses, couplings : ndarray, shape (n,)
        All points as they stand in the file, in GeV and powers of GeV. Of a band, the lower edge
        forwards and then the upper edge backwards.
    guards : ndarray of bool, shape (n,)
        Points that only close a shape for a plot: they are no result, and are never used.
    pieces : tuple of (ndarray, ndarray)
        What is left, in pieces; contours and bands are closed.
    """

    spec: CurveSpec
    source: Source
    masses: Array = field(repr=False)
    couplings: Array = field(repr=False)
    guards: NDArray[np.bool_] = field(repr=False)
    pieces: tuple[Path, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """Name by which it is asked for."""
        return self.spec.name

    @property
    def label(self) -> str:
        """What is written on the curve in a plot."""
        return self.spec.label or self.spec.experiment

    @property
    def model(self) -> str:
        """The model, one of `MODELS`."""
        return self.spec.model

    @property
    def kind(self) -> str:
        """``limit``, ``projection``, ``recast`` or ``target``."""
        return self.spec.kind

    @property
    def shape(self) -> str:
        """``upper-limit``, ``contour``, ``band`` or ``line``."""
        return self.spec.shape

    @property
    def mass_range(self) -> tuple[float, float]:
        """Lowest and highest mass of which the curve says something, in GeV."""
        ends = [edge for mass, _ in self.pieces for edge in (mass.min(), mass.max())]
        return float(min(ends)), float(max(ends))

    def limit_at(self, mass: float) -> float | None:
        """Return the lowest excluded coupling at a mass; of a target, the coupling itself.

        Parameters
        ----------
        mass : float
            In GeV, of the particle that the curve is drawn against.

        Returns
        -------
        float or None
            By a straight line in the logarithms of both axes; None outside the curve and in its
            gaps.

        Raises
        ------
        SignalError
            The mass is not a positive number.
        """
        return value_at(list(self.pieces), _positive(mass, "a mass"))

    def excluded_at(self, mass: float) -> list[tuple[float, float]]:
        """Return what is excluded at a mass, as intervals of the coupling.

        An upper limit excludes all above it: such an interval ends at infinity. Of a closed shape
        the inside is excluded, by the even-odd rule; a target excludes nothing.

        Parameters
        ----------
        mass : float
            In GeV.

        Raises
        ------
        SignalError
            The mass is not a positive number.
        """
        _positive(mass, "a mass")
        if self.kind == "target":
            return []
        return excluded(list(self.pieces), mass, upwards=self.shape == "upper-limit")

    def excludes(self, mass: float, coupling: float) -> bool:
        """Whether a point is excluded; never outside the masses of the curve.

        Raises
        ------
        SignalError
            Mass or coupling is not a positive number.
        """
        _positive(coupling, "a coupling")
        return any(low <= coupling <= high for low, high in self.excluded_at(mass))

    def __repr__(self) -> str:
        return f"<Curve {self.name}: {self.model}, {self.kind}, {len(self.masses)} points>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import curve

        return curve(self)


def _positive(value: float, what: str) -> float:
    if not (np.isfinite(value) and value > 0):
        msg = f"{what} is a positive number; this is {value:g}"
        raise SignalError(msg)
    return float(value)
