"""Numbers of the detectors of the invisible mode, from which other modes derive theirs.

Sources are named as in `na64ana.simulate.parameters`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from na64ana.errors import InputError
from na64ana.simulate.parameters.materials import IRON, LEAD, SCINTILLATOR, Material

__all__ = ["Ecal", "Hcal", "LateralProfile", "Srd", "Timing", "Tracker", "Trigger", "Veto", "Vhcal"]


@dataclass(frozen=True, slots=True)
class LateralProfile:
    """Two-component lateral profile; the fractions are `core` and ``1 - core``.

    The energy density at distance r is the sum of ``a b / (2 pi (b^2 + r^2)^(3/2))`` over the
    components (form: R-H, A. A. Lednev, NIM A 366 (1995) 292). A core above one with a wide
    negative second component makes the tail fall faster than either does alone; the density
    stays positive if ``core * core_radius >= (core - 1) * halo_radius``. Radii in mm.

    Raises
    ------
    InputError
        If the density would be negative anywhere.
    """

    core: float
    core_radius: float
    halo_radius: float

    def __post_init__(self) -> None:
        radii = 0 < self.core_radius <= self.halo_radius
        if not (radii and 0 <= (self.core - 1) * self.halo_radius <= self.core * self.core_radius):
            raise InputError(
                "a lateral profile needs 0 < core radius <= halo radius, core >= 1 and "
                f"core * core radius >= (core - 1) * halo radius, not {self}"
            )


@dataclass(frozen=True, slots=True)
class Ecal:
    """Electromagnetic calorimeter: a sandwich read in 2 planes (0 is the preshower) of cells."""

    cells: Annotated[tuple[int, int], "cells", "[C1] 5 x 6; 6 x 6 to 2018 [C2]"] = (5, 6)
    central_cell: Annotated[tuple[int, int], "cells", "[C1] (ix, iy) that the beam hits"] = (2, 2)
    pitch: Annotated[float, "mm", "[C2] cell pitch"] = 38.2
    absorber: Annotated[Material, "1", "[T] lead"] = LEAD
    active: Annotated[Material, "1", "[T] scintillator; which plastic: chosen"] = SCINTILLATOR
    thickness: Annotated[
        tuple[float, float], "mm", "R-H 1710.00971; absorber and active part of a layer"
    ] = (1.5, 1.5)
    layers: Annotated[int, "1", "R-H 1710.00971; 450 mm in all [C1], ~40 X0 [T]"] = 150
    preshower_depth: Annotated[float, "X0", "[T] first 4 X0 read separately"] = 4.0
    stochastic: Annotated[float, "sqrt(GeV)", "[T] sigma(E)/E = 10%/sqrt(E)"] = 0.10
    hadron_stochastic: Annotated[float, "sqrt(GeV)", "chosen; hadrons, as in the HCAL"] = 0.60
    calibration_energy: Annotated[float, "GeV", "[T] of the electrons that set the scale"] = 100.0
    hadron_profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.15, 22.0, 120.0)
    muon_energy: Annotated[
        tuple[float, float], "GeV", "chosen; one muon in preshower and main part, electron scale"
    ] = (0.04, 0.40)
    muon_profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.10, 5.0, 45.0)
    noise: Annotated[float, "GeV", "chosen; per cell"] = 0.005
    step: Annotated[float, "GeV", "chosen; digitisation, 0.12 MeV"] = 2.0**-13
    entry_errors: Annotated[
        tuple[float, float], "mm", "chosen; entry point from the fitted track, from MM3 and MM4"
    ] = (0.8, 1.2)
    chi2_model_error: Annotated[float, "1", "chosen; relative, of an expected cell energy"] = 0.12
    chi2_noise: Annotated[float, "GeV", "chosen; per cell"] = 0.02


@dataclass(frozen=True, slots=True)
class Hcal:
    """Hadron calorimeter: 4 modules of cells, module 3 on the undeflected axis."""

    cells: Annotated[tuple[int, int], "cells", "[C1] 3 x 3; 6 x 3 in some setups [C2]"] = (3, 3)
    pitch: Annotated[tuple[float, float], "mm", "R-H 1710.00971"] = (194.0, 192.0)
    absorber: Annotated[Material, "1", "[T] iron"] = IRON
    active: Annotated[Material, "1", "[T] scintillator; which plastic: chosen"] = SCINTILLATOR
    thickness: Annotated[
        tuple[float, float], "mm", "R-H 1710.00971; absorber and active part of a layer"
    ] = (25.0, 4.0)
    layers: Annotated[int, "1", "R-H 1710.00971; of a module, ~28 lambda in four [T]"] = 48
    stochastic: Annotated[float, "sqrt(GeV)", "[T] sigma(E)/E = 60%/sqrt(E)"] = 0.60
    profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.18, 34.0, 160.0)
    muon_loss: Annotated[
        float, "GeV", "R-M PDG, muons in iron: 2.0 MeV cm2/g times the depth of a module"
    ] = 1.9
    muon_energy: Annotated[
        float, "GeV", "chosen; what is seen of it, most probable (two give 4-8 GeV [C1])"
    ] = 2.4
    muon_width: Annotated[float, "GeV", "chosen; scale of the Moyal distribution"] = 0.11
    muon_smearing: Annotated[
        float, "1", "[C2] MC smearing of a module, 0.40 GeV * E / 4.5 GeV; per muon: chosen"
    ] = 0.40 / 4.5
    muon_radiative: Annotated[
        float, "1", "R-M PDG, muons in iron: b = 4.8e-6 cm2/g times the depth of a module"
    ] = 0.0045
    muon_radiative_least: Annotated[float, "GeV", "chosen; softer losses are in the Moyal"] = 1.0
    ecal_distance: Annotated[float, "mm", "chosen; from the ECAL to the first module"] = 2000.0
    noise: Annotated[float, "GeV", "chosen; per cell"] = 0.03
    step: Annotated[float, "GeV", "chosen; digitisation, 0.12 MeV"] = 2.0**-13


@dataclass(frozen=True, slots=True)
class Vhcal:
    """Veto hadron calorimeter in front of the ECAL, 4 x 4 cells."""

    noise: Annotated[float, "GeV", "chosen; mean of an exponential per cell"] = 0.004
    cell_spread: Annotated[float, "1", "chosen; shape of the sharing among cells"] = 0.6
    step: Annotated[float, "GeV", "chosen; digitisation, 7.6 keV"] = 2.0**-17


@dataclass(frozen=True, slots=True)
class Veto:
    """Three veto planes, each read by two photomultipliers."""

    mip_energy: Annotated[float, "GeV", "[C1] most probable for one MIP, ~10 MeV"] = 0.010
    mip_width: Annotated[float, "GeV", "chosen; scale of the Moyal distribution"] = 0.0006
    photoelectrons: Annotated[float, "1/MIP", "chosen; per photomultiplier"] = 100.0
    inefficiency: Annotated[float, "1", "chosen; per plane and particle"] = 1e-3
    albedo: Annotated[float, "1", "chosen; mean share of the ECAL energy per plane"] = 4e-6
    noise: Annotated[float, "GeV", "chosen; mean of an exponential per photomultiplier"] = 1e-4
    step: Annotated[float, "GeV", "chosen; digitisation, 1 keV"] = 2.0**-20


@dataclass(frozen=True, slots=True)
class Srd:
    """Bending magnets and the detector of their synchrotron radiation.

    The field follows the energy of the beam, so that the beam keeps its way.
    """

    modules: Annotated[int, "1", "[C1] 3; 2 or 4 in other setups [C2] [C3]"] = 3
    bending: Annotated[float, "T m", "R-M 1710.00971; 2 MBPL, at the reference energy"] = 7.0
    length: Annotated[float, "m", "R-L of the 2 MBPL together"] = 4.0
    reference_energy: Annotated[float, "GeV", "[T] beam energy"] = 100.0
    acceptance: Annotated[float, "1", "chosen; share of the photons that hits one module"] = 0.22
    containment: Annotated[
        float, "1", "chosen; share of a photon's energy that stays in the module"
    ] = 0.5
    least_photon: Annotated[
        float, "GeV", "chosen; softer photons stay in the windows and the air"
    ] = 0.0002
    stochastic: Annotated[float, "sqrt(GeV)", "chosen; sigma(E)/E at 20 MeV is 14%"] = 0.02
    noise: Annotated[float, "GeV", "chosen; mean of an exponential per module"] = 1e-4
    knock_on: Annotated[float, "1", "chosen; chance of a delta ray per module"] = 0.023
    knock_on_energy: Annotated[float, "GeV", "chosen; mean of an exponential"] = 0.010
    step: Annotated[float, "GeV", "chosen; digitisation, 1 keV"] = 2.0**-20


@dataclass(frozen=True, slots=True)
class Tracker:
    """Upstream track fit and straw chambers."""

    momentum_resolution: Annotated[float, "1", "R-M sigma(p)/p about 1%"] = 0.01
    failure: Annotated[float, "1", "chosen; fits without result"] = 0.03
    failure_per_hit: Annotated[float, "1", "chosen; more for each extra straw hit"] = 0.03
    failed_momentum: Annotated[float, "GeV", "[C1] the cut 0 < p < 9999 marks failures"] = 9999.0
    bad_fit: Annotated[float, "1", "chosen; fits with a p-value near zero"] = 0.02
    bad_fit_p_value: Annotated[float, "1", "chosen; mean of an exponential"] = 0.004
    tail: Annotated[float, "1", "chosen; share of fits with a wrong momentum"] = 0.02
    tail_width: Annotated[float, "GeV", "chosen; mean of the two-sided exponential"] = 12.0
    straw_efficiency: Annotated[float, "1", "chosen; per plane"] = 0.985
    straw_extra: Annotated[float, "hits", "chosen; mean of extra hits per plane"] = 0.35
    straw_pitch: Annotated[float, "mm", "R-M tube diameter"] = 6.0
    straw_spread: Annotated[float, "mm", "chosen; extra hits about the beam"] = 60.0
    beam_x: Annotated[tuple[float, float], "mm", "chosen; bent beam at straws 11 and 12"] = (
        -150.0,
        -160.0,
    )


@dataclass(frozen=True, slots=True)
class Timing:
    """Expected times, windows and the master time."""

    ecal: Annotated[float, "ns", "chosen; expected time"] = 30.0
    hcal: Annotated[float, "ns", "chosen; expected time"] = 55.0
    vhcal: Annotated[float, "ns", "chosen; expected time"] = 42.0
    srd: Annotated[float, "ns", "chosen; expected time"] = 20.0
    veto: Annotated[float, "ns", "chosen; expected time"] = 33.0
    ecal_sigma: Annotated[tuple[float, float], "ns", "chosen; range over the cells"] = (1.5, 1.8)
    hcal_sigma: Annotated[float, "ns", "[C1] fixed sigma of the HCAL window"] = 5.5
    vhcal_sigma: Annotated[float, "ns", "chosen"] = 2.5
    srd_sigma: Annotated[float, "ns", "chosen"] = 1.8
    veto_sigma: Annotated[float, "ns", "chosen"] = 1.9
    spread: Annotated[float, "1", "chosen; true resolution over the sigma in the file"] = 0.6
    step: Annotated[float, "ns", "chosen; digitisation, 8 ps"] = 2.0**-7
    master: Annotated[float, "ns", "[C1] centre of the window 86.5 to 113.5 ns"] = 100.0
    master_sigma: Annotated[float, "ns", "chosen"] = 4.0
    master_tail: Annotated[float, "1", "chosen; share of events with any master time"] = 0.03
    master_range: Annotated[tuple[float, float], "ns", "chosen"] = (60.0, 140.0)
    pileup_range: Annotated[tuple[float, float], "ns", "chosen; second particle"] = (-70.0, 70.0)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Physics trigger on the central 3 x 4 ECAL cells, and what else is recorded."""

    window_x: Annotated[tuple[int, int], "cells", "[C1] 3 columns; which ones chosen"] = (1, 4)
    window_y: Annotated[tuple[int, int], "cells", "[C1] 4 rows; which ones chosen"] = (1, 5)
    preshower_minimum: Annotated[float, "GeV", "[C1] ([T] has 0.3 GeV)"] = 0.4
    main_maximum: Annotated[float, "GeV", "[C1] (also 74.8; [T] has 90 GeV on the total)"] = 76.0
    main_smearing: Annotated[float, "GeV", "chosen; of the analogue threshold"] = 3.0
    gate: Annotated[float, "ns", "chosen; a second particle this near is seen"] = 15.0
    physics_bit: Annotated[int, "1", "[C1] triggerSources & 4"] = 4
    other_bits: Annotated[tuple[int, ...], "1", "chosen; meaning not public"] = (1, 2, 8)
    other_shares: Annotated[tuple[float, ...], "1", "chosen; of other_bits"] = (0.45, 0.3, 0.25)
    coincidence: Annotated[float, "1", "chosen; physics trigger with another bit too"] = 0.004
