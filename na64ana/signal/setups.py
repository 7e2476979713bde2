"""Setups: beam, exposure, target and what of a signal is seen, for the periods of the catalogue.

A setup is one run with one signature. A search of several runs, or of several signatures of the
same run, is a list of them, whose events add up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.checks import numbers, one_value
from na64ana.signal.targets import material

__all__ = ["SEARCHES", "SETUPS", "Setup", "setup", "setups"]

Floats = NDArray[np.float64]
BEAMS = ("electron", "positron", "muon")
SEES = ("missing", "visible")
_MAY_BE_ZERO = ("exposure", "start of the decays")
#: m from the middle of the ECAL to the end of the last HCAL module; estimated, not published
BEHIND_HCAL = 6.5
#: m from there to the end of the first HCAL module; estimated, not published
BEHIND_HCAL1 = 2.3
#: m of the ECAL in which a decay's shower is held: 25 of 40 X0 of 0.45 m; behind, it leaks (chosen)
SHOWER_HELD = 0.28
#: m that WCAL is long, by radiation lengths; recalled, not published
WCAL = {40: 0.29, 30: 0.22}
#: m behind WCAL in which decays are seen; recalled, not published
DECAY_SPACE = 3.5


@dataclass(frozen=True)
class Setup:
    """An experiment that looks for a mediator made in a thick target.

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
        Least energy of the mediator, GeV: missing, or seen.
    efficiency : float or callable
        Of a signal event above the threshold: one number, or a function of the energies of the
        mediator in GeV that gives an array of the same shape.
    target : str
        The element or the material in which the signal is made: a name that
        `na64ana.signal.targets.material` knows. NA64's ECAL stands as lead, as in its published
        limits; ``ECAL`` is lead and scintillator, and `na64ana.signal.error_budget` compares both.
    thickness : float
        In radiation lengths; matters for muons, which lose hardly any energy in it. For electrons
        and positrons the target must hold the shower.
    sees : str
        ``missing`` energy: the mediator decays invisibly, or behind ``start``; or ``visible``
        decays between ``start`` and ``stop``.
    start, stop : float
        Metres from where the mediator is made.
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
    sees: str = "missing"
    start: float = BEHIND_HCAL
    stop: float = np.inf
    source: str = ""

    def __post_init__(self) -> None:
        if self.beam not in BEAMS:
            near = nearest(self.beam, BEAMS)
            msg = f"setup '{printable(self.name)}': beam '{printable(self.beam)}' is unknown{near}"
            raise SignalError(msg)
        if self.sees not in SEES:
            msg = (
                f"setup '{printable(self.name)}': it sees 'missing' energy or 'visible' decays, "
                f"not '{printable(self.sees)}'"
            )
            raise SignalError(msg)
        material(self.target)  # refuses what is not known
        for what, value, low, high in (
            ("beam energy", self.beam_energy, 0.0, np.inf),
            ("exposure", self.exposure, 0.0, np.inf),
            ("threshold", self.threshold, 0.0, self.beam_energy),
            ("thickness", self.thickness, 0.0, np.inf),
            ("start of the decays", self.start, 0.0, self.stop),
        ):
            number = one_value(value, f"setup '{printable(self.name)}': {what}")
            if not (low < number < high or (number == 0 and what in _MAY_BE_ZERO)):
                bound = "positive" if high == np.inf else f"between 0 and {high:g}"
                msg = f"setup '{printable(self.name)}': {what} is {number:g}; it must be {bound}"
                raise SignalError(msg)

    def seen(self, energies: Any) -> Floats:
        """Return the efficiency at some energies of the mediator in GeV, 0 below the threshold.

        Raises
        ------
        SignalError
            It is not between 0 and 1, or not one number for each energy.
        """
        energy = np.asarray(energies, dtype=float)
        found = self.efficiency(energy) if callable(self.efficiency) else self.efficiency
        values = numbers(found, f"setup '{printable(self.name)}': the efficiency")
        if values.shape not in ((), energy.shape):
            msg = (
                f"setup '{printable(self.name)}': the efficiency has the shape {values.shape} for "
                f"energies of the shape {energy.shape}: give one for each, or one for all"
            )
            raise SignalError(msg)
        if not np.all((values >= 0) & (values <= 1)):
            msg = f"setup '{printable(self.name)}': an efficiency is between 0 and 1"
            raise SignalError(msg)
        return np.where(energy >= self.threshold, values, 0.0)

    def missing(self, energies: Any) -> Floats:
        """Return the efficiency for mediators that decay invisibly at once: 0 for visible decays.

        Raises
        ------
        SignalError
            As `seen`.
        """
        return self.seen(energies) * (self.sees == "missing")


_ALP = "runs 2016-2018, arXiv:2005.02710"
_POKER = (
    "planned, arXiv:2505.14291: 1e11 positrons at 40 and 60 GeV, taken as half at each; 33.5 X0 of "
    "PbWO4, the collaboration's talk"
)


def _visible(name: str, beam_energy: float, exposure: float, radiation_lengths: int) -> Setup:
    """Decays behind a dump of tungsten."""
    start = WCAL[radiation_lengths]
    return Setup(
        name,
        "electron",
        beam_energy,
        exposure,
        30.0,
        0.5,
        target="W",
        thickness=float(radiation_lengths),
        sees="visible",
        start=start,
        stop=start + DECAY_SPACE,
        source="runs 2017-2018, arXiv:1912.11389, exposure and dump from the collaboration's talk; "
        "lengths are recalled, threshold and efficiency are chosen",
    )


def _positrons(name: str, beam_energy: float, exposure: float, source: str, **target: Any) -> Setup:
    """Missing energy of more than half that of the positrons."""
    return Setup(
        name,
        "positron",
        beam_energy,
        exposure,
        beam_energy / 2,
        0.5,
        source=f"{source}; threshold (half the beam energy) and efficiency are chosen",
        **target,
    )


def _poker(name: str, beam_energy: float) -> Setup:
    """Half of POKER's positrons, on the crystals of PKR-CAL."""
    return _positrons(name, beam_energy, 5.0e10, _POKER, target="PbWO4", thickness=33.5)


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
        _visible("na64e-visible-2017", 100.0, 2.4e10, 40),
        _visible("na64e-visible-2017-30x0", 100.0, 3.0e10, 30),
        _visible("na64e-visible-2018", 150.0, 3.0e10, 30),
        Setup(
            "na64e-alp-missing",
            "electron",
            100.0,
            2.84e11,
            50.0,
            0.5,
            source=f"{_ALP} (decays behind HCAL, threshold); where HCAL ends is estimated, the "
            "efficiency is chosen",
        ),
        Setup(
            "na64e-alp-visible",
            "electron",
            100.0,
            2.84e11,
            15.0,
            0.5,
            sees="visible",
            start=BEHIND_HCAL1,
            stop=BEHIND_HCAL,
            source=f"{_ALP} (decays in the second and third HCAL module); where they are is "
            "estimated, the threshold E_ECAL < 85 GeV is recalled, the efficiency is chosen",
        ),
        Setup(
            "na64e-semivisible",
            "electron",
            100.0,
            9.37e11,
            50.0,
            0.5,
            sees="visible",
            start=0.0,
            stop=SHOWER_HELD,
            source="runs 2016-2022, as na64e; decays in the ECAL, whose pair is part of the "
            "shower: how deep they may be and the efficiency are chosen",
        ),
        _positrons(
            "na64e-positrons-70",
            70.0,
            1.5e10,
            "run 2023, the collaboration's talk (exposure); arXiv:2502.04053",
        ),
        _poker("poker-40", 40.0),
        _poker("poker-60", 60.0),
    )
}


#: searches of several runs or signatures, whose events add up
SEARCHES: dict[str, tuple[str, ...]] = {
    "na64e-visible": ("na64e-visible-2017", "na64e-visible-2017-30x0", "na64e-visible-2018"),
    "na64e-alp": ("na64e-alp-missing", "na64e-alp-visible"),
    "na64e-inelastic": ("na64e", "na64e-semivisible"),
    "poker": ("poker-40", "poker-60", "na64e-positrons-70", "na64e-positrons"),
}


def setup(name: str, **changes: Any) -> Setup:
    """Return a setup by name, with some of its attributes changed.

    Raises
    ------
    SignalError
        There is none of that name, or a value makes no sense.
    """
    if name not in SETUPS:
        names = [*SETUPS, *SEARCHES]
        msg = f"no setup '{printable(name)}'{nearest(name, names)} (setups: {', '.join(names)})"
        raise SignalError(msg)
    return replace(SETUPS[name], **changes)


def setups(name: str, **changes: Any) -> tuple[Setup, ...]:
    """Return the setups of a search, or one setup, by name, with attributes changed in each.

    Raises
    ------
    SignalError
        There is none of that name, or a value makes no sense.
    """
    return tuple(setup(one, **changes) for one in SEARCHES.get(name, (name,)))
