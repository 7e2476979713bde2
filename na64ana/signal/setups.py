"""Setups: beam, exposure, target and what of a signal is seen, for the periods of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, nearest, printable

__all__ = ["SETUPS", "Setup", "setup"]

Floats = NDArray[np.float64]
BEAMS = ("electron", "positron", "muon")


@dataclass(frozen=True)
class Setup:
    """An experiment that looks for missing energy in a thick target.

    Attributes
    ----------
    name : str
    beam : str
        ``electron``, ``positron`` or ``muon``.
    beam_energy : float
        GeV.
    exposure : float
        Particles on target.
    threshold : float
        Least missing energy, GeV.
    efficiency : float or callable
        Of a signal event above the threshold: one number, or a function of the missing energies
        in GeV that gives an array of the same shape.
    target : str
        The element in which the signal is made; see `na64ana.signal.target`.
    thickness : float
        In radiation lengths; matters for muons, which lose hardly any energy in it. For electrons
        and positrons the target must hold the shower.
    source : str
        Where these numbers come from.
    """

    name: str
    beam: str
    beam_energy: float
    exposure: float
    threshold: float
    efficiency: float | Callable[[Floats], Floats]
    target: str = "Pb"
    thickness: float = 40.0
    source: str = ""

    def __post_init__(self) -> None:
        if self.beam not in BEAMS:
            near = nearest(self.beam, BEAMS)
            msg = f"setup '{printable(self.name)}': beam '{printable(self.beam)}' is unknown{near}"
            raise SignalError(msg)
        for what, value, low, high in (
            ("beam energy", self.beam_energy, 0.0, np.inf),
            ("exposure", self.exposure, -0.0, np.inf),
            ("threshold", self.threshold, 0.0, self.beam_energy),
            ("thickness", self.thickness, 0.0, np.inf),
        ):
            if not (low < value < high or (what == "exposure" and value == 0)):
                bound = "positive" if high == np.inf else "between 0 and the beam energy"
                msg = f"setup '{printable(self.name)}': {what} is {value:g}; it must be {bound}"
                raise SignalError(msg)

    def seen(self, missing: Any) -> Floats:
        """Return the efficiency at some missing energies in GeV, 0 below the threshold.

        Raises
        ------
        SignalError
            It is not between 0 and 1.
        """
        energies = np.asarray(missing, dtype=float)
        found = self.efficiency(energies) if callable(self.efficiency) else self.efficiency
        values = np.broadcast_to(np.asarray(found, dtype=float), energies.shape)
        if not np.all((values >= 0) & (values <= 1)):
            msg = f"setup '{printable(self.name)}': an efficiency is between 0 and 1"
            raise SignalError(msg)
        return np.where(energies >= self.threshold, values, 0.0)


#: by name
SETUPS = {
    found.name: found
    for found in (
        Setup(
            "na64e",
            "electron",
            100.0,
            9.37e11,
            50.0,
            0.5,
            source="runs 2016-2022, arXiv:2307.02404 (exposure, threshold E_ECAL < 50 GeV); the "
            "efficiency is chosen: published ones are 0.4 to 0.6, and fall with the mass",
        ),
        Setup(
            "na64e-positrons",
            "positron",
            100.0,
            1.0e10,
            50.0,
            0.5,
            source="run 2022, arXiv:2308.15612 (exposure); the efficiency is chosen",
        ),
        Setup(
            "na64mu",
            "muon",
            160.0,
            1.98e10,
            80.0,
            0.1,
            source="run 2022, arXiv:2401.01708 (exposure, outgoing momentum < 80 GeV); the "
            "efficiency is chosen, from the published curve",
        ),
    )
}


def setup(name: str, **changes: Any) -> Setup:
    """Return a setup by name, with some of its attributes changed.

    Raises
    ------
    SignalError
        There is none of that name, or a value makes no sense.
    """
    if name not in SETUPS:
        known = ", ".join(SETUPS)
        msg = f"no setup '{printable(name)}'{nearest(name, SETUPS)} (setups: {known})"
        raise SignalError(msg)
    return replace(SETUPS[name], **changes)
