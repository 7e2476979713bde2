"""Numbers of the visible mode: an electron beam on a dump of tungsten, decays to e+e- behind.

Sources are named as in `na64ana.simulate.parameters`. Which detectors there are is public, their
response mostly is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Ecal, Srd
from na64ana.simulate.parameters.electrons import Ecal2018, TrackerTo2018
from na64ana.simulate.parameters.materials import SCINTILLATOR, TUNGSTEN, Material
from na64ana.simulate.parameters.processes import Beam, Mixture, Processes
from na64ana.simulate.parameters.signals import Signal

__all__ = [
    "ThinCounters",
    "VisibleMixture",
    "VisibleParameters",
    "VisibleProcesses",
    "VisibleTiming",
    "VisibleTrigger",
    "Wcal",
    "visible_parameters",
]


@dataclass(frozen=True, slots=True)
class Wcal:
    """The dump: a calorimeter of tungsten, read as preshower, main part and catcher [C2]."""

    absorber: Annotated[Material, "1", "[T] tungsten"] = TUNGSTEN
    active: Annotated[Material, "1", "chosen"] = SCINTILLATOR
    thickness: Annotated[
        tuple[float, float],
        "mm",
        "chosen; absorber and active part of a layer, such that 40 X0 are 0.29 m (R-L)",
    ] = (3.0, 3.2)
    layers: Annotated[int, "1", "[T] 40 X0, or 30 X0; layers follow from their thickness"] = 46
    preshower_depth: Annotated[float, "X0", "chosen"] = 4.0
    catcher_depth: Annotated[float, "X0", "chosen; the last part is read by the catcher"] = 3.0
    stochastic: Annotated[float, "sqrt(GeV)", "chosen; sigma(E)/E = 15%/sqrt(E)"] = 0.15
    noise: Annotated[float, "GeV", "chosen; per part"] = 0.02
    step: Annotated[float, "GeV", "chosen; digitisation, 0.12 MeV"] = 2.0**-13


@dataclass(frozen=True, slots=True)
class ThinCounters:
    """Catcher (WCAL[2]), veto V2 behind the dump and decay counter S4, in scintillator."""

    photoelectrons: Annotated[float, "1/MIP", "[C2] V2, S4 and WCAL[2] in its simulation"] = 10.0
    mip_width: Annotated[float, "1", "chosen; scale of the Moyal distribution, in MIPs"] = 0.08
    mip_catcher: Annotated[float, "GeV", "chosen; 10 mm of scintillator"] = 2.0e-3
    mip_v2: Annotated[float, "GeV", "chosen; 10 mm of scintillator"] = 2.0e-3
    mip_s4: Annotated[float, "GeV", "chosen; 3 mm of scintillator"] = 0.6e-3
    inefficiency: Annotated[float, "1", "chosen; a particle that leaves no light"] = 1e-4
    leakage: Annotated[
        float, "1/GeV", "chosen; MIPs for each GeV of an electron shower that goes on behind"
    ] = 2.0
    albedo: Annotated[float, "1/GeV", "chosen; MIPs in S4 from a shower in the ECAL"] = 0.001
    step: Annotated[float, "GeV", "chosen; digitisation, 1 keV"] = 2.0**-20


@dataclass(frozen=True, slots=True)
class VisibleTiming:
    """Expected times and sigmas of the detectors that the invisible mode does not have."""

    wcal: Annotated[float, "ns", "chosen; expected time"] = 28.0
    v2: Annotated[float, "ns", "chosen; expected time"] = 29.0
    s4: Annotated[float, "ns", "chosen; expected time"] = 40.0
    wcal_sigma: Annotated[float, "ns", "chosen"] = 1.6
    v2_sigma: Annotated[float, "ns", "chosen"] = 1.5
    s4_sigma: Annotated[float, "ns", "chosen"] = 1.5


@dataclass(frozen=True, slots=True)
class VisibleTrigger:
    """Trigger on too little energy in the dump."""

    preshower_minimum: Annotated[float, "GeV", "chosen; WCAL[0], as the PS of 2016-2018"] = 0.3
    share: Annotated[
        float, "1", "R-M 1803.07748: energy in WCAL below about 0.7 of the beam's; here 0.75"
    ] = 0.75
    smearing: Annotated[float, "1", "chosen; of the threshold, as a share of it"] = 0.03


@dataclass(frozen=True, slots=True)
class VisibleProcesses:
    """Neutral kaons and what hadrons do behind the dump."""

    neutral_share: Annotated[
        tuple[float, float], "1", "chosen; energy of K0 or n over the beam's, flat in its logarithm"
    ] = (0.2, 0.9)
    neutral_rest: Annotated[
        float, "1", "chosen; mean share of the beam energy that other hadrons take and lose"
    ] = 0.05
    neutral_alone: Annotated[float, "1", "chosen; no charged hadron leaves the dump beside it"] = (
        0.5
    )
    neutral_beside: Annotated[
        float, "1", "chosen; otherwise, mean charged hadrons beyond the first"
    ] = 1.0
    neutral_conversion: Annotated[
        float, "1", "chosen; a neutral hadron that interacts in S4 or just before it"
    ] = 0.01
    neutral_charged: Annotated[
        float, "1", "chosen; mean secondaries beyond the first where it interacts in the ECAL"
    ] = 1.5
    pion_share: Annotated[
        tuple[float, float], "1", "R-H isotropic decay; share of one of two pions, flat"
    ] = (0.08, 0.92)
    kaon_charged: Annotated[float, "1", "R-H PDG, BR(K0S -> pi+ pi-)"] = 0.692
    conversion: Annotated[
        float, "1", "chosen; of a photon in the windows, the air and S4, about 0.014 X0"
    ] = 0.011
    dalitz: Annotated[float, "1", "R-H PDG, BR(pi0 -> e+ e- gamma)"] = 0.0117
    photon_core: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of the energy near the axis"
    ] = (5.0, 1.5)
    wide_preshower: Annotated[
        float, "1", "chosen; share of the energy beside the axis in the ECAL's preshower"
    ] = 0.1
    hadron_dump: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of a beam hadron's energy in WCAL"
    ] = (2.0, 2.0)


@dataclass(frozen=True, slots=True)
class VisibleMixture(Mixture):
    """Shares of the processes among the recorded events of ``run-period``.

    Chosen such that 20000 events, which stand for the exposure of a period after a preselection,
    leave a budget in the box as large as the published one.
    """

    electron: Annotated[float, "1", "chosen; kept by other triggers"] = 0.05
    radiative: Annotated[float, "1", "chosen; energy lost before the dump"] = 0.877
    electronuclear: Annotated[float, "1", "chosen; hadrons from the dump"] = 0.01
    hadron: Annotated[float, "1", "chosen"] = 0.005
    dimuon: Annotated[float, "1", "chosen"] = 0.015
    upstream: Annotated[float, "1", "chosen"] = 0.03
    pileup: Annotated[float, "1", "chosen"] = 0.005
    kaon: Annotated[float, "1", "chosen; K0S that leave the dump and decay before S4"] = 0.003
    neutral: Annotated[float, "1", "chosen; neutrons and K0L that leave the dump"] = 0.005


@dataclass(frozen=True, slots=True)
class VisibleParameters(Parameters):
    """All parameters of a visible mode."""

    ecal: Ecal = field(default_factory=Ecal2018)
    tracker: TrackerTo2018 = field(default_factory=TrackerTo2018)
    wcal: Wcal = field(default_factory=Wcal)
    counters: ThinCounters = field(default_factory=ThinCounters)
    visible: VisibleProcesses = field(default_factory=VisibleProcesses)
    visible_timing: VisibleTiming = field(default_factory=VisibleTiming)
    visible_trigger: VisibleTrigger = field(default_factory=VisibleTrigger)
    mixture: VisibleMixture = field(default_factory=VisibleMixture)
    signal: Signal = field(default_factory=lambda: Signal(least=0.2))


def visible_parameters(beam_energy: float, layers: int, srd_modules: int) -> VisibleParameters:
    """Return the parameters of one period.

    Parameters
    ----------
    beam_energy : GeV.
    layers : of the dump, each of about 0.87 X0.
    srd_modules : that are read out.
    """
    plain = VisibleParameters()
    share = beam_energy / plain.beam.energy
    least, mean = plain.processes.radiative_loss
    return replace(
        plain,
        beam=Beam(energy=beam_energy),
        srd=Srd(modules=srd_modules),
        wcal=replace(plain.wcal, layers=layers),
        processes=Processes(radiative_loss=(least * share, mean * share)),
    )
