"""Numbers of the beam and of what happens to its particles.

Sources are named as in `na64ana.simulate.parameters`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

__all__ = ["Beam", "Contamination", "Mixture", "Processes"]


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
class Contamination:
    """Hadrons in the beam, per electron or positron."""

    electrons: Annotated[float, "1", "[T] < 0.3%; R-L 0.3 to 0.4%, 2305.19411"] = 0.003
    positrons: Annotated[float, "1", "R-L 4%, 2305.19411; [T] about ten times that of e-"] = 0.04
