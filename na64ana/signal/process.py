"""What is computed: l Z -> l Z X for one mediator, mass, beam energy, lepton and nucleus."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.amplitudes import MEDIATORS
from na64ana.signal.constants import M_ELECTRON, M_MUON
from na64ana.signal.form_factors import check_form_factor
from na64ana.signal.targets import Target, target

__all__ = ["LEPTONS", "METHODS", "Process", "check_x", "highest_x", "known", "process_of"]

Floats = NDArray[np.float64]

#: masses in GeV; at tree level, and one photon exchanged, particle and antiparticle radiate alike
LEPTONS = {"electron": M_ELECTRON, "positron": M_ELECTRON, "muon": M_MUON}
#: exact tree level, Weizsaecker-Williams, improved Weizsaecker-Williams
METHODS = ("etl", "ww", "iww")


@dataclass(frozen=True)
class Process:
    """One process; energies and masses in GeV, all inside their range.

    Attributes
    ----------
    mediator : str
    mass : float
        Mass of X.
    energy : float
        Energy of the lepton.
    lepton_name : str
    element : Target
    form_factor : str
    method : str
    """

    mediator: str
    mass: float
    energy: float
    lepton_name: str
    element: Target
    form_factor: str
    method: str

    @property
    def lepton(self) -> float:
        """Mass of the lepton in GeV."""
        return LEPTONS[self.lepton_name]

    @property
    def momentum(self) -> float:
        """Momentum of the lepton in GeV."""
        return math.sqrt(self.energy**2 - self.lepton**2)

    @property
    def x_range(self) -> tuple[float, float]:
        """Lowest and highest fraction of the energy that X takes: mX/E and 1 - m/E."""
        return self.mass / self.energy, 1 - self.lepton / self.energy

    @property
    def x_limit(self) -> float:
        """Highest fraction that has a cross section: below 1 - m/E by the recoil of the nucleus."""
        return float(highest_x(self, np.array(self.mass), np.array(self.energy)))

    def boson_momentum(self, x: Floats) -> Floats:
        """Momentum of X in GeV."""
        return np.sqrt(np.maximum((x * self.energy) ** 2 - self.mass**2, 0.0))


def process_of(
    mediator: str,
    mass: float,
    energy: float,
    lepton: str,
    element: str | Target,
    form_factor: str,
    method: str,
) -> Process:
    """Check what was asked for and return it as a `Process`.

    Raises
    ------
    SignalError
        For unknown names, a mass or an energy that is not a positive number, and a mass above
        threshold: the beam energy must reach ((M + m + mX)^2 - M^2 - m^2)/(2M).
    """
    known("mediator", mediator, (*MEDIATORS, "spin2"))
    known("lepton", lepton, LEPTONS)
    known("method", method, METHODS)
    check_form_factor(form_factor)
    if mediator == "spin2" and method != "ww":
        msg = f"spin2 has no amplitude for method '{method}': only 'ww' is there, unverified"
        raise SignalError(msg)
    element = target(element)
    for what, value in (("mass", mass), ("energy", energy)):
        if not (math.isfinite(value) and value > 0):
            msg = f"{what} is {value:g} GeV: it must be a positive number"
            raise SignalError(msg)
    m, nucleus = LEPTONS[lepton], element.nuclear_mass
    threshold = mass + m + (mass**2 + 2 * mass * m) / (2 * nucleus)
    if energy <= threshold:
        msg = (
            f"a {printable(lepton)} of {energy:g} GeV on {printable(element.name)} cannot radiate "
            f"a mass of {mass:g} GeV: the threshold is {threshold:g} GeV"
        )
        raise SignalError(msg)
    return Process(mediator, float(mass), float(energy), lepton, element, form_factor, method)


def highest_x(process: Process, mass: Floats, energy: Floats) -> Floats:
    """Highest x with a cross section, for masses and energies (GeV) in place of the process's own.

    With exact kinematics l and Z are left at rest to each other: about 1 - m/E - mX^4/(8 E^3 M).
    The equivalent-photon forms know no recoil: 1 - m/E.
    """
    m, nucleus = process.lepton, process.element.nuclear_mass
    if process.method != "etl":
        return np.asarray(1 - m / energy)
    momentum2 = energy**2 - m**2
    s = m**2 + nucleus**2 + 2 * nucleus * energy
    spare = 2 * nucleus * (energy - m) + mass**2  # s + mX^2 - (m + M)^2
    root = np.sqrt(np.maximum(momentum2 * (spare**2 - 4 * s * mass**2), 0.0))
    highest = ((energy + nucleus) * spare + root) / (2 * s * energy)
    return np.asarray(np.minimum(highest, 1 - m / energy))


def known(what: str, name: Any, names: Iterable[str]) -> None:
    """Refuse a name that is not known.

    Raises
    ------
    SignalError
    """
    names = list(names)
    if name not in names:
        text = str(name)
        msg = f"unknown {what} '{printable(text)}'{nearest(text, names)}; known: {', '.join(names)}"
        raise SignalError(msg)


def check_x(process: Process, x: Floats) -> None:
    """Refuse fractions of the energy outside the range of the process.

    Raises
    ------
    SignalError
    """
    low, high = process.x_range
    if bad := x[~((x >= low) & (x <= high))].tolist():
        msg = (
            f"x is {bad[0]:g}: X of {process.mass:g} GeV takes from {low:g} (mX/E) to {high:g} "
            f"(1 - m/E) of the {process.energy:g} GeV"
        )
        raise SignalError(msg)
