"""Every number of the simulation, with its unit and where it comes from.

A number is a field annotated with its unit ("1" for a pure number) and its source. A source is

* a tag in brackets: read in a source (``[T]`` the 2023 talk of the collaboration; ``[C1]``
  github Emejl07/NN-dimuon-DLS-NA64; ``[C2]`` a public analysis program based on p348reco;
  ``[C3]`` the public 2018 tree producer);
* ``R-H``, ``R-M``, ``R-L``: recalled from the literature with high, medium or low confidence,
  not read here; the reference to check follows;
* ``chosen``: neither; a value that makes the detector behave plausibly.

Nothing here is a measurement: with these parameters the simulation shows how an analysis
works, it does not predict rates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, get_type_hints

from na64ana.errors import InputError

__all__ = [
    "Beam",
    "Ecal",
    "Hcal",
    "LateralProfile",
    "Mixture",
    "Parameters",
    "Processes",
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
    spot_sigma: Annotated[float, "mm", "chosen; at the ECAL face, in x and in y"] = 6.0
    angle_sigma: Annotated[float, "mrad", "chosen; per projection"] = 0.3
    events_per_spill: Annotated[int, "events", "chosen; events kept in a file"] = 400


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
    """Electromagnetic calorimeter: 2 planes (0 is the preshower) of 5 x 6 cells."""

    pitch: Annotated[float, "mm", "[C2] cell pitch"] = 38.2
    stochastic: Annotated[float, "sqrt(GeV)", "[T] sigma(E)/E = 10%/sqrt(E)"] = 0.10
    preshower_depth: Annotated[float, "X0", "[T] first 4 X0 read separately"] = 4.0
    critical_energy: Annotated[float, "GeV", "R-H lead, PDG"] = 0.0074
    shower_b: Annotated[float, "1/X0", "R-M gamma profile, Longo and Sestili; PDG"] = 0.5
    shower_maximum_offset: Annotated[
        float, "X0", "R-M t_max = ln(E/Ec) - 0.858, Grindhammer and Peters hep-ex/0001020"
    ] = -0.858
    maximum_spread: Annotated[
        tuple[float, float], "1", "R-M sigma(ln t_max) = 1/(-1.4 + 1.26 ln(E/Ec)), same reference"
    ] = (-1.4, 1.26)
    main_profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.15, 6.5, 45.0)
    preshower_profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.10, 5.0, 45.0)
    hadron_profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.15, 22.0, 120.0)
    width_spread: Annotated[float, "1", "chosen; sigma of ln(shower width)"] = 0.12
    muon_energy: Annotated[
        tuple[float, float], "GeV", "chosen; one muon in preshower and main part, electron scale"
    ] = (0.04, 0.40)
    noise: Annotated[float, "GeV", "chosen; per cell"] = 0.005
    step: Annotated[float, "GeV", "chosen; digitisation, 0.12 MeV"] = 2.0**-13
    entry_errors: Annotated[
        tuple[float, float], "mm", "chosen; entry point from the fitted track, from MM3 and MM4"
    ] = (0.8, 1.2)
    chi2_model_error: Annotated[float, "1", "chosen; relative, of an expected cell energy"] = 0.12
    chi2_noise: Annotated[float, "GeV", "chosen; per cell"] = 0.02


@dataclass(frozen=True, slots=True)
class Hcal:
    """Hadron calorimeter: 4 modules of 3 x 3 cells, module 3 on the undeflected axis."""

    pitch: Annotated[tuple[float, float], "mm", "R-H 1710.00971"] = (194.0, 192.0)
    stochastic: Annotated[float, "sqrt(GeV)", "[T] sigma(E)/E = 60%/sqrt(E)"] = 0.60
    module_depth: Annotated[
        float, "interaction lengths", "[T] about 28 in all, four modules; R-H 1710.00971"
    ] = 7.0
    shower_length: Annotated[float, "interaction lengths", "chosen; scale of the profile"] = 1.3
    length_spread: Annotated[float, "1", "chosen; sigma of ln(shower length)"] = 0.35
    profile: Annotated[LateralProfile, "mm", "chosen"] = LateralProfile(1.18, 34.0, 160.0)
    muon_energy: Annotated[
        float, "GeV", "chosen; most probable, per muon and module (two give 4-8 GeV [C1])"
    ] = 2.4
    muon_width: Annotated[float, "GeV", "chosen; scale of the Moyal distribution"] = 0.11
    muon_smearing: Annotated[
        float, "1", "[C2] MC smearing of a module, 0.40 GeV * E / 4.5 GeV; per muon: chosen"
    ] = 0.40 / 4.5
    muon_transverse_momentum: Annotated[float, "GeV", "chosen; spreads the muons"] = 0.15
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
    """Synchrotron radiation detector, three modules."""

    mean: Annotated[float, "GeV", "chosen; per module at the reference energy"] = 0.020
    shape: Annotated[float, "1", "chosen; shape of the gamma distribution"] = 2.2
    reference_energy: Annotated[float, "GeV", "[T] beam energy"] = 100.0
    power: Annotated[float, "1", "[T] falls with the beam energy roughly as E^4"] = 4.0
    noise: Annotated[float, "GeV", "chosen; mean of an exponential per module"] = 1e-4
    knock_on: Annotated[float, "1", "chosen; chance of a delta ray per module"] = 0.02
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
        tuple[float, float], "GeV", "chosen; hadronic energy, flat in its logarithm"
    ] = (21.0, 96.0)
    electronuclear_ecal: Annotated[float, "1", "chosen; mean share of it left in the ECAL"] = 0.10
    electronuclear_neutral: Annotated[float, "1", "chosen; no charged secondary"] = 0.15
    electronuclear_charged: Annotated[float, "1", "chosen; mean beyond the first"] = 1.5
    hadron_spread: Annotated[float, "mm", "chosen; of secondaries at the HCAL face"] = 45.0
    late_shower: Annotated[float, "1", "chosen; leading neutral that starts late"] = 0.06
    late_start: Annotated[float, "interaction lengths", "chosen; mean start of those"] = 4.0
    hadron_preshower: Annotated[
        float, "1", "chosen; beam hadrons that start in the preshower (favoured by the trigger)"
    ] = 0.6
    hadron_ecal: Annotated[float, "1", "chosen; mean share of the energy left in the ECAL"] = 0.35
    dimuon_energy: Annotated[
        tuple[float, float], "GeV", "chosen; energy of the pair, flat in its logarithm"
    ] = (20.0, 90.0)
    dimuon_split: Annotated[tuple[float, float], "1", "chosen; share of one muon"] = (0.15, 0.85)
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
    upstream_spot: Annotated[float, "mm", "chosen; at the ECAL face, in x and in y"] = 14.0
    pileup_hadron: Annotated[float, "1", "chosen; second particle is a hadron"] = 0.3
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


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of the processes among the recorded events of ``run-period``."""

    electron: Annotated[float, "1", "chosen; kept by other triggers"] = 0.03
    radiative: Annotated[float, "1", "chosen"] = 0.25
    electronuclear: Annotated[float, "1", "chosen"] = 0.562
    hadron: Annotated[float, "1", "chosen; far above the < 0.3% of the beam [T]"] = 0.03
    dimuon: Annotated[float, "1", "chosen"] = 0.008
    upstream: Annotated[float, "1", "chosen"] = 0.06
    pileup: Annotated[float, "1", "chosen"] = 0.06


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of the simulation; change some with `dataclasses.replace`."""

    beam: Beam = field(default_factory=Beam)
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
    mixture: Mixture = field(default_factory=Mixture)


def described_numbers(parameters: Parameters) -> Iterator[tuple[str, Any, str, str]]:
    """Yield (dotted name, value, unit, source) of every number, e.g. for a table in the docs."""
    for group in fields(parameters):
        part = getattr(parameters, group.name)
        for name, hint in get_type_hints(type(part), include_extras=True).items():
            unit, source = hint.__metadata__
            yield f"{group.name}.{name}", getattr(part, name), unit, source
