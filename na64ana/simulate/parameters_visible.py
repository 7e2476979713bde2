"""Numbers of the visible mode: an electron beam on a dump of tungsten, decays to e+e- behind.

Sources are named as in `na64ana.simulate.parameters`. Which detectors there are is public, their
response mostly is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated

from na64ana.simulate.parameters import Beam, Mixture, Parameters, Signal

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

    depth: Annotated[float, "X0", "[T] 40 X0, and 30 X0 in the second part of 2017"] = 40.0
    preshower_depth: Annotated[float, "X0", "chosen"] = 4.0
    catcher_depth: Annotated[float, "X0", "chosen; behind the main part"] = 3.0
    nuclear_depth: Annotated[
        float, "interaction lengths", "chosen; 40 X0 of tungsten are about 1.4 (R-H, PDG)"
    ] = 1.4
    critical_energy: Annotated[float, "GeV", "R-H tungsten, PDG"] = 0.00797
    shower_b: Annotated[float, "1/X0", "R-M gamma profile, Longo and Sestili; PDG"] = 0.5
    shower_maximum_offset: Annotated[
        float, "X0", "R-M t_max = ln(E/Ec) - 0.858, Grindhammer and Peters hep-ex/0001020"
    ] = -0.858
    maximum_spread: Annotated[float, "1", "chosen; sigma of ln(t_max)"] = 0.08
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
    albedo: Annotated[float, "1/GeV", "chosen; MIPs in S4 from a shower in the ECAL"] = 0.004
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
    neutral_conversion: Annotated[
        float, "1", "chosen; a neutral hadron that interacts in S4 or just before it"
    ] = 0.01
    kaon_charged: Annotated[float, "1", "R-H PDG, BR(K0S -> pi+ pi-)"] = 0.692
    conversion: Annotated[
        float, "1", "chosen; of a photon in the windows, the air and S4, about 0.014 X0"
    ] = 0.011
    dalitz: Annotated[float, "1", "R-H PDG, BR(pi0 -> e+ e- gamma)"] = 0.0117
    photon_core: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of the energy near the axis"
    ] = (3.0, 3.0)
    hadron_dump: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of a beam hadron's energy in WCAL"
    ] = (2.0, 2.0)


@dataclass(frozen=True, slots=True)
class VisibleMixture(Mixture):
    """Shares of the processes among the recorded events of ``run-period``.

    Chosen such that 20000 events, which stand for the exposure of the period, leave a budget in
    the box as large as the published one.
    """

    electron: Annotated[float, "1", "chosen; kept by other triggers"] = 0.05
    radiative: Annotated[float, "1", "chosen; energy lost before the dump"] = 0.30
    electronuclear: Annotated[float, "1", "chosen; hadrons from the dump"] = 0.50
    hadron: Annotated[float, "1", "chosen; far above the < 0.3% of the beam [T]"] = 0.05
    dimuon: Annotated[float, "1", "chosen"] = 0.02
    upstream: Annotated[float, "1", "chosen"] = 0.03
    pileup: Annotated[float, "1", "chosen"] = 0.037
    kaon: Annotated[float, "1", "chosen; K0S that leave the dump and decay before S4"] = 0.003
    neutral: Annotated[float, "1", "chosen; neutrons and K0L that leave the dump"] = 0.01


@dataclass(frozen=True, slots=True)
class VisibleParameters(Parameters):
    """All parameters of a visible mode."""

    wcal: Wcal = field(default_factory=Wcal)
    counters: ThinCounters = field(default_factory=ThinCounters)
    visible: VisibleProcesses = field(default_factory=VisibleProcesses)
    visible_timing: VisibleTiming = field(default_factory=VisibleTiming)
    visible_trigger: VisibleTrigger = field(default_factory=VisibleTrigger)
    mixture: VisibleMixture = field(default_factory=VisibleMixture)
    signal: Signal = field(default_factory=lambda: Signal(least=0.2))


def visible_parameters(beam_energy: float, depth: float) -> VisibleParameters:
    """Return the parameters of one period.

    Parameters
    ----------
    beam_energy : GeV.
    depth : of the dump, radiation lengths.
    """
    plain = VisibleParameters()
    wcal = replace(
        plain.wcal, depth=depth, nuclear_depth=plain.wcal.nuclear_depth * depth / plain.wcal.depth
    )
    return replace(plain, beam=Beam(energy=beam_energy), wcal=wcal)
