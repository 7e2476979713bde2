"""Numbers of POKER, the planned positron runs at 60 and 40 GeV, with unit and source.

The calorimeter PKR-CAL stands in the place of the ECAL, and a homogeneous SRD in that of the
present one; everything else is as at 70 GeV.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Ecal, LateralProfile, Srd, Trigger
from na64ana.simulate.parameters.materials import LEAD_TUNGSTATE

__all__ = ["LysoSrd", "PkrCal", "PokerParameters", "PokerTrigger"]

_LAYER = 1e-3


@dataclass(frozen=True, slots=True)
class PkrCal:
    """PKR-CAL: layers of crystals across the beam, then a matrix of crystals along it.

    [T] has 33.5 X0, 9 x 9 crystals of 20 x 20 x 220 mm and 4 layers. Four layers of 20 mm and
    220 mm are 33.7 X0 of 8.90 mm: so the layers are taken as crystals across, before the matrix.
    """

    cells: Annotated[tuple[int, int], "crystals", "[T] 9 x 9"] = (9, 9)
    layers: Annotated[int, "1", "[T] 4; that they lie across, in front: derived from 33.5 X0"] = 4
    crystal: Annotated[tuple[float, float], "mm", "[T] width, and length along the beam"] = (
        20.0,
        220.0,
    )
    stochastic: Annotated[float, "sqrt(GeV)", "[T] goal 2.5%/sqrt(E)"] = 0.025
    constant: Annotated[float, "1", "[T] goal 0.5%, in quadrature"] = 0.005
    slice_end: Annotated[
        float, "X0", "chosen; crystals see a shower in two slices, this is between them"
    ] = 16.0
    hadron_stochastic: Annotated[float, "sqrt(GeV)", "chosen; hadrons, as in the ECAL"] = 0.60
    hadron_profile: Annotated[LateralProfile, "mm", "chosen; as in the ECAL"] = field(
        default_factory=lambda: Ecal().hadron_profile
    )
    muon_loss: Annotated[float, "GeV/mm", "R-H PDG, least ionisation of lead tungstate"] = 1.02e-3
    noise: Annotated[float, "GeV", "chosen; per crystal"] = 0.002
    step: Annotated[float, "GeV", "chosen; digitisation, 0.12 MeV"] = 2.0**-13


@dataclass(frozen=True, slots=True)
class LysoSrd(Srd):
    """Synchrotron radiation detector of LYSO: homogeneous, with a high light yield [T]."""

    acceptance: Annotated[float, "1", "chosen; share of the photons that hits one module"] = 0.30
    containment: Annotated[
        float, "1", "chosen; share of a photon's energy that stays in the module"
    ] = 0.95
    least_photon: Annotated[
        float, "GeV", "chosen; softer photons stay in the windows and the air"
    ] = 3e-5
    stochastic: Annotated[float, "sqrt(GeV)", "chosen; sigma(E)/E at 1 MeV is 16%"] = 0.005
    noise: Annotated[float, "GeV", "chosen; mean of an exponential per module"] = 2e-5


@dataclass(frozen=True, slots=True)
class PokerTrigger(Trigger):
    """Physics trigger on the layers in front and on the sum of all crystals."""

    main_maximum: Annotated[float, "GeV", "[T] E_ECAL < 85 GeV with a beam of 100 GeV"] = 85.0


def _in_depth() -> Ecal:
    """What hadrons see of PKR-CAL: its depth, as a sandwich of infinitely thin layers."""
    pkrcal = PkrCal()
    front = pkrcal.layers * pkrcal.crystal[0]
    density, length = LEAD_TUNGSTATE.density, LEAD_TUNGSTATE.radiation_length
    return Ecal(
        cells=(3, 3),
        central_cell=(1, 1),
        pitch=60.0,
        absorber=LEAD_TUNGSTATE,
        active=LEAD_TUNGSTATE,
        thickness=(0.0, _LAYER),
        layers=round((front + pkrcal.crystal[1]) / _LAYER),
        preshower_depth=front / 10 * density / length,
        stochastic=pkrcal.stochastic,
        calibration_energy=60.0,
    )


@dataclass(frozen=True, slots=True)
class PokerParameters(Parameters):
    """All parameters of a beam of 100 GeV on PKR-CAL, to be scaled."""

    ecal: Ecal = field(default_factory=_in_depth)
    srd: Srd = field(default_factory=LysoSrd)
    trigger: Trigger = field(default_factory=PokerTrigger)
    pkrcal: PkrCal = field(default_factory=PkrCal)
