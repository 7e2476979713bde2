"""Numbers of the muon beam: energy loss, spectrometers, calorimeters and trigger of NA64mu.

Sources are named as in `na64ana.simulate.parameters`. That there are an incoming and an outgoing
spectrometer, a hermetic ECAL, VETO and HCAL, and a trigger on displaced counters is public; where
they stand and how they respond is mostly not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Hcal
from na64ana.simulate.parameters.processes import Beam
from na64ana.simulate.parameters.signals import Signal

__all__ = [
    "DisplacedTrigger",
    "MuonHcal",
    "MuonLoss",
    "MuonMixture",
    "MuonParameters",
    "MuonProcesses",
    "Spectrometers",
]


@dataclass(frozen=True, slots=True)
class MuonLoss:
    """What a muon loses in the lead of the ECAL."""

    molar_mass: Annotated[float, "g/mol", "PDG, lead"] = 207.2
    softest: Annotated[float, "1", "chosen; share of the energy, photons one by one above it"] = (
        0.005
    )
    hard: Annotated[float, "1", "chosen; share of the energy: a hard photon is one above it"] = 0.3
    pairs: Annotated[
        float, "cm^2/g", "github niess/pumas-materials, lead, 140 GeV: 1.172 MeV cm^2/g"
    ] = 1.172e-3 / 140
    softest_pair: Annotated[
        float, "1", "chosen; share of the energy, falling as its third power above"
    ] = 0.002
    leaking_particle: Annotated[
        float, "GeV", "chosen; of each charged particle of a shower that leaves the ECAL behind"
    ] = 0.1
    ionisation: Annotated[
        tuple[float, float], "GeV", "chosen; one muon in preshower and main part, electron scale"
    ] = (0.04, 0.40)
    ionisation_width: Annotated[
        float, "1", "chosen; scale of the Moyal distribution over its peak"
    ] = 0.05


@dataclass(frozen=True, slots=True)
class Spectrometers:
    """Incoming spectrometer (BMS and MS1) and outgoing one (MS2)."""

    incoming_resolution: Annotated[float, "1", "chosen; sigma(p)/p"] = 0.02
    incoming_failure: Annotated[float, "1", "chosen; fits without result"] = 0.05
    outgoing_resolution: Annotated[float, "1/GeV", "chosen; sigma(p)/p^2: 4% at 160 GeV"] = (
        0.04 / 160
    )
    outgoing_scattering: Annotated[float, "1", "chosen; sigma(p)/p by multiple scattering"] = 0.01
    outgoing_failure: Annotated[
        float,
        "1",
        "chosen; fits without result and all else that is lost: with the window of the trigger it "
        "makes the efficiency 0.1, which the published curve stands for",
    ] = 0.75
    failed_momentum: Annotated[float, "GeV", "[C1] the cut 0 < p < 9999 marks failures"] = 9999.0
    tail: Annotated[
        float, "1", "chosen; wrong momentum, where a second muon is in the spectrometer"
    ] = 0.9
    tail_end: Annotated[float, "GeV", "chosen; greatest of such momenta"] = 130.0
    tail_width: Annotated[
        float,
        "GeV",
        "chosen; mean of the exponential below it: 0.05 events in the box (R-M 2401.01708)",
    ] = 4.75
    bad_fit: Annotated[float, "1", "chosen; fits with a p-value near zero"] = 0.04
    bad_fit_p_value: Annotated[float, "1", "chosen; mean of an exponential"] = 0.004
    extra_track: Annotated[float, "1", "chosen; accidental or a delta ray behind the ECAL"] = 0.05
    aperture: Annotated[
        float, "mrad", "chosen; [D] has 70 mrad as typical maximum for the design"
    ] = 50.0


@dataclass(frozen=True, slots=True)
class DisplacedTrigger:
    """Counters beside the beam behind MS2, which a deflected muon hits."""

    kick: Annotated[
        float, "GeV", "R-M transverse momentum by two MBPL, 7 T m (those of H4, 1710.00971)"
    ] = 2.1
    lever: Annotated[float, "mm", "chosen; from the magnets to the counters"] = 5000.0
    window: Annotated[
        tuple[float, float],
        "mm",
        "chosen; displacement from the undeflected line that the counters cover",
    ] = (120.0, 260.0)
    half_height: Annotated[float, "mm", "chosen"] = 100.0
    ecal_distance: Annotated[float, "mm", "chosen; from the ECAL to the counters"] = 6000.0
    physics_bit: Annotated[int, "1", "[C1] triggerSources & 4"] = 4
    other_bit: Annotated[int, "1", "chosen; meaning not public"] = 1
    accidental: Annotated[
        float, "1", "chosen; of recorded events: another muon hits the counters"
    ] = 0.9


@dataclass(frozen=True, slots=True)
class MuonHcal:
    """Where the HCAL stands behind the magnets of MS2."""

    deflection: Annotated[float, "mm", "chosen; from the magnets to the HCAL"] = 6000.0
    offset: Annotated[
        float, "mm", "chosen; its centre, from the undeflected line towards the bend"
    ] = 200.0
    distance: Annotated[float, "mm", "chosen; from the ECAL to the HCAL"] = 8000.0
    hadron_momentum: Annotated[
        float, "GeV", "chosen; transverse, of hadrons from the ECAL, per projection"
    ] = 0.35


@dataclass(frozen=True, slots=True)
class MuonProcesses:
    """Spectra of the processes at the level of true energies."""

    nuclear: Annotated[
        tuple[float, float], "1", "chosen; share of the energy to hadrons, flat in its logarithm"
    ] = (0.1, 0.95)
    nuclear_charged: Annotated[float, "1", "chosen; mean charged hadrons behind the ECAL"] = 1.0
    nuclear_lost: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of the share that misses ECAL and HCAL"
    ] = (1.0, 6.0)
    kaons: Annotated[float, "1", "chosen; among hadrons that decay in flight"] = 0.3
    kaon_mass: Annotated[float, "GeV", "PDG"] = 0.493677
    pion_mass: Annotated[float, "GeV", "PDG"] = 0.13957039
    muon_mass: Annotated[float, "GeV", "PDG"] = 0.1056583755
    hadron_momentum: Annotated[
        tuple[float, float], "GeV", "chosen; of the hadron that MS2 sees behind a shower, flat"
    ] = (5.0, 100.0)
    mediator_mass: Annotated[
        float, "GeV", "chosen; it gives the muon its angle, not its momentum"
    ] = 0.05


@dataclass(frozen=True, slots=True)
class MuonMixture:
    """Shares of the processes among the recorded events of ``run-period``.

    They are those after a preselection: 20000 events stand for 1.98e10 muons, of which 0.1% lose
    half of their energy to one photon. Chosen such that the budget in the box is the published
    one (R-M 2401.01708: 0.05 by wrong momenta, 0.010 by decays, others below 0.01).
    """

    muon: Annotated[float, "1", "chosen; little energy lost"] = 0.6997
    bremsstrahlung: Annotated[float, "1", "chosen; a hard photon"] = 0.2998
    nuclear: Annotated[float, "1", "chosen; hadrons from the ECAL"] = 2e-4
    hadron: Annotated[float, "1", "chosen; in the beam, through the ECAL or not"] = 2e-4
    decay: Annotated[float, "1", "chosen; of pions and kaons behind the incoming tag"] = 3.2e-5


@dataclass(frozen=True, slots=True)
class MuonParameters(Parameters):
    """All parameters of the muon mode; SRD, VHCAL and straws of the base are not used."""

    beam: Beam = field(
        default_factory=lambda: Beam(energy=160.0, momentum_spread=0.035, spot_sigma=15.0)
    )
    hcal: Hcal = field(default_factory=lambda: Hcal(cells=(6, 3)))
    loss: MuonLoss = field(default_factory=MuonLoss)
    spectrometers: Spectrometers = field(default_factory=Spectrometers)
    displaced: DisplacedTrigger = field(default_factory=DisplacedTrigger)
    muon_hcal: MuonHcal = field(default_factory=MuonHcal)
    muon_processes: MuonProcesses = field(default_factory=MuonProcesses)
    mixture: MuonMixture = field(  # type: ignore[assignment]  # other processes, other shares
        default_factory=MuonMixture
    )
    signal: Signal = field(default_factory=lambda: Signal(least=0.4))
