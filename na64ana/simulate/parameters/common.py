"""All parameters of the simulation; sources as in `na64ana.simulate.parameters`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, get_type_hints

from na64ana.errors import InputError

__all__ = [
    "IRON",
    "LEAD",
    "SCINTILLATOR",
    "TUNGSTEN",
    "Beam",
    "Ecal",
    "Hcal",
    "Inelastic",
    "LateralProfile",
    "Material",
    "Mixture",
    "Parameters",
    "Processes",
    "Shower",
    "Signal",
    "Srd",
    "Timing",
    "Tracker",
    "Trigger",
    "Veto",
    "Vhcal",
    "described_numbers",
]


@dataclass(frozen=True, slots=True)
class Beam:
    """The beam in front of the spectrometer."""

    energy: Annotated[float, "GeV", "[T] H4 electron beam"] = 100.0
    momentum_spread: Annotated[float, "1", "chosen; sigma(p)/p of the line"] = 0.01
    rate: Annotated[float, "1/s", "[T] 5-7e6 per spill of 4.8 s"] = 6e6 / 4.8
    hadron_mass: Annotated[float, "GeV", "R-H PDG; charged pion"] = 0.13957
    spot_sigma: Annotated[float, "mm", "chosen; at the ECAL face, in x and in y"] = 6.0
    angle_sigma: Annotated[float, "mrad", "chosen; per projection"] = 0.3
    events_per_spill: Annotated[int, "events", "chosen; events kept in a file"] = 400


@dataclass(frozen=True, slots=True)
class Material:
    """What a calorimeter is made of (all R-H, PDG, atomic and nuclear properties).

    Attributes
    ----------
    name : of the material.
    atomic_number : Z, of a compound the mean by weight.
    density : g/cm^3.
    radiation_length, interaction_length : g/cm^2; the latter of nucleons.
    critical_energy : of electrons, GeV.
    """

    name: str
    atomic_number: float
    density: float
    radiation_length: float
    interaction_length: float
    critical_energy: float

    def __str__(self) -> str:
        return self.name


LEAD = Material("lead", 82.0, 11.35, 6.37, 199.6, 7.43e-3)
IRON = Material("iron", 26.0, 7.874, 13.84, 132.1, 21.68e-3)
TUNGSTEN = Material("tungsten", 74.0, 19.30, 6.76, 191.9, 7.97e-3)
SCINTILLATOR = Material("polystyrene", 5.6, 1.06, 43.79, 81.7, 93.11e-3)


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


_GP = "hep-ex/0001020, checked in public code (Geant4 GFlash, CMS fast simulation)"
_BOCK = "R-M Bock et al., NIM 186 (1981) 533"


@dataclass(frozen=True, slots=True)
class Shower:
    """Shapes of showers, as published; y = E/E_c, depths in X0, radii in Moliere radii.

    Electromagnetic: Grindhammer and Peters, for sampling calorimeters. Hadronic: Bock et al.,
    with an electromagnetic fraction that fluctuates.
    """

    maximum: Annotated[tuple[float, float, float], "X0", f"{_GP}; mean of ln T"] = (
        -0.812, -0.55, -0.69,
    )  # fmt: skip
    maximum_spread: Annotated[tuple[float, float], "1", f"{_GP}; sigma of ln T"] = (-2.5, 1.25)
    alpha: Annotated[tuple[float, float, float, float], "1", f"{_GP}; mean of ln alpha"] = (
        0.81, 0.458, 2.26, -0.476,
    )  # fmt: skip
    alpha_spread: Annotated[tuple[float, float], "1", f"{_GP}; sigma of ln alpha"] = (-0.82, 0.79)
    correlation: Annotated[tuple[float, float], "1", f"{_GP}; of ln T and ln alpha"] = (
        0.784, -0.023,
    )  # fmt: skip
    core_radius: Annotated[tuple[float, ...], "R_M", f"{_GP}; core at depth tau"] = (
        0.0251, 0.00319, 0.1162, -0.000381, -0.0203, 0.0397,
    )  # fmt: skip
    tail_radius: Annotated[
        tuple[float, ...], "R_M", f"{_GP}; tail at depth tau (0.0421: Geant4 has 0.0412)"
    ] = (0.659, -0.00309, 0.645, -2.59, 0.3585, 0.0421, -0.14, -0.495)
    core_share: Annotated[tuple[float, ...], "1", f"{_GP}; share of the core at depth tau"] = (
        2.632, -0.00094, 0.401, 0.00187, 1.313, -0.0686, 0.348, -0.642,
    )  # fmt: skip
    moliere_energy: Annotated[float, "GeV", f"{_GP}; R_M = X0 * this / E_c"] = 0.0212
    signal_ratio: Annotated[float, "1", f"{_GP}; e/mip = 1/(1 + this (Z_absorber - Z_active))"] = (
        0.007
    )
    slice_end: Annotated[
        float, "X0", "chosen; cells see the main part in two slices, this is between them"
    ] = 12.0
    hadron_alpha: Annotated[tuple[float, float], "1", f"{_BOCK}; of ln(E/GeV)"] = (0.6165, 0.3183)
    hadron_em_slope: Annotated[float, "1/X0", _BOCK] = 0.2198
    hadron_slope: Annotated[tuple[float, float], "1/lambda", f"{_BOCK}; of ln(E/GeV)"] = (
        0.9099, -0.0237,
    )  # fmt: skip
    em_fraction: Annotated[
        tuple[float, float], "GeV, 1", "R-H Groom, 1 - (E/E0)^(k-1), pions in iron; E0 and k"
    ] = (0.7, 0.82)
    em_fraction_spread: Annotated[float, "1", "chosen; sigma of the em fraction"] = 0.15


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


@dataclass(frozen=True, slots=True)
class Processes:
    """Spectra of the processes at the level of true energies."""

    radiative_loss: Annotated[
        tuple[float, float], "GeV", "chosen; smallest loss and mean of the exponential above it"
    ] = (21.5, 3.0)
    electronuclear_energy: Annotated[
        tuple[float, float], "1", "chosen; hadronic share of the beam energy, flat in its logarithm"
    ] = (0.30, 0.96)
    electronuclear_depth: Annotated[
        float, "X0", "chosen; mean depth at which the hadrons are made"
    ] = 3.0
    electronuclear_leading: Annotated[
        tuple[float, float], "1", "chosen; share of the leading hadron, flat; the rest is another"
    ] = (0.3, 0.9)
    electronuclear_neutral: Annotated[float, "1", "chosen; no charged secondary"] = 0.15
    electronuclear_charged: Annotated[float, "1", "chosen; mean beyond the first"] = 1.5
    hadron_spread: Annotated[float, "mm", "chosen; of secondaries at the HCAL face"] = 45.0
    late_shower: Annotated[
        float, "1", "chosen; leading hadron that passes cracks and starts late"
    ] = 0.06
    late_start: Annotated[float, "interaction lengths", "chosen; mean start of those"] = 4.4
    hadron_preshower: Annotated[
        float, "1", "chosen; beam hadrons that start in the preshower (favoured by the trigger)"
    ] = 0.6
    hadron_charged: Annotated[
        float, "1", "chosen; beyond the first behind the ECAL, if the hadron interacts there"
    ] = 2.0
    hadron_decay: Annotated[
        float,
        "1",
        "R-L decays to an electron before the magnets: 5% kaons, 20 m of 750 m, 5% to electrons",
    ] = 7e-5
    dimuon_least: Annotated[
        float, "1", "chosen; least energy of the pair over the beam energy, for the trigger"
    ] = 0.22
    upstream_momentum: Annotated[
        tuple[float, float],
        "1",
        "chosen; share of events with a lowered momentum, smallest fraction",
    ] = (0.35, 0.5)
    upstream_secondaries: Annotated[float, "hits", "chosen; mean extra straw hits per plane"] = 3.5
    upstream_angle: Annotated[float, "mrad", "chosen; per projection"] = 1.4
    upstream_ecal: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of the share that reaches the ECAL"
    ] = (9.0, 2.0)
    upstream_lost: Annotated[float, "1", "chosen; share of the rest that hits nothing"] = 0.4
    upstream_zero_degree: Annotated[float, "1", "chosen; events with energy in module 3"] = 0.6
    upstream_vhcal: Annotated[
        float, "1", "chosen; share of the other stray energy in the VHCAL, this power of a flat one"
    ] = 2.0
    upstream_charged: Annotated[float, "1", "chosen; mean number through the VETO"] = 0.5
    upstream_spot: Annotated[float, "mm", "chosen; at the ECAL face, in x and in y"] = 14.0
    pileup_radiative: Annotated[
        float, "1", "chosen; first particle has lost energy; else it is electronuclear"
    ] = 0.5
    pileup_hadron: Annotated[
        float, "1", "chosen; second particle is a hadron, far above the < 0.3% of the beam [T]"
    ] = 0.3
    pileup_hits: Annotated[float, "hits", "chosen; mean extra straw hits per plane"] = 1.2


@dataclass(frozen=True, slots=True)
class Signal:
    """The mediator that carries energy away.

    Without a spectrum its energies are spread evenly, which serves every mass and every model:
    events by energy give the efficiency as a function of the energy. With one, as
    `na64ana.simulate.mediators` makes it, they follow a model at one mass.
    """

    least: Annotated[float, "1", "chosen; smallest energy, as a share of the beam energy"] = 0.25
    energies: Annotated[
        tuple[float, ...], "GeV", "chosen; rising, none unless a model is given"
    ] = ()
    numbers: Annotated[tuple[float, ...], "1", "chosen; relative, one for each energy"] = ()
    weighted: Annotated[
        bool, "1", "chosen; energies evenly spread, and the spectrum in weights of mean 1"
    ] = False


@dataclass(frozen=True, slots=True)
class Inelastic:
    """Dark matter of two states: A' -> chi1 chi2, and chi2 -> chi1 e+ e- in the ECAL.

    Shares of energies follow from ratios of masses; the mass itself matters to the electrons alone.
    """

    mass: Annotated[float, "GeV", "chosen; of the A'"] = 0.1
    mass_ratio: Annotated[float, "1", "R-M 2302.05414, 2107.02021: m_A' = 3 m_chi1"] = 3.0
    splitting: Annotated[float, "1", "chosen; (m_2 - m_1)/m_1, as in R-M 2107.02021"] = 0.4


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of the processes among the recorded events of ``run-period``."""

    electron: Annotated[float, "1", "chosen; kept by other triggers"] = 0.03
    radiative: Annotated[float, "1", "chosen"] = 0.25
    electronuclear: Annotated[float, "1", "chosen"] = 0.462
    hadron: Annotated[float, "1", "chosen; far above the < 0.3% of the beam [T]"] = 0.03
    dimuon: Annotated[float, "1", "chosen"] = 0.008
    upstream: Annotated[float, "1", "chosen"] = 0.06
    pileup: Annotated[
        float, "1", "[T] rate of the beam: 1 - exp(-rate * readout window), 140 ns chosen"
    ] = 0.16


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of the simulation; change some with `dataclasses.replace`."""

    beam: Beam = field(default_factory=Beam)
    shower: Shower = field(default_factory=Shower)
    ecal: Ecal = field(default_factory=Ecal)
    hcal: Hcal = field(default_factory=Hcal)
    vhcal: Vhcal = field(default_factory=Vhcal)
    veto: Veto = field(default_factory=Veto)
    srd: Srd = field(default_factory=Srd)
    tracker: Tracker = field(default_factory=Tracker)
    timing: Timing = field(default_factory=Timing)
    trigger: Trigger = field(default_factory=Trigger)
    processes: Processes = field(default_factory=Processes)
    signal: Signal = field(default_factory=Signal)
    inelastic: Inelastic = field(default_factory=Inelastic)
    mixture: Mixture = field(default_factory=Mixture)


def described_numbers(parameters: Parameters) -> Iterator[tuple[str, Any, str, str]]:
    """Yield (dotted name, value, unit, source) of every number, e.g. for a table in the docs."""
    for group in fields(parameters):
        part = getattr(parameters, group.name)
        for name, hint in get_type_hints(type(part), include_extras=True).items():
            unit, source = hint.__metadata__
            yield f"{group.name}.{name}", getattr(part, name), unit, source
