"""Numbers of the pion beam, with unit and source as in `na64ana.simulate.parameters`.

Of NA64h the beam, the reaction and the limits are public (abstract of arXiv:2406.01990), and that
it has cuts of its own [C2 "hadrinvis50"]. Detectors are those of the invisible mode with electrons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Trigger
from na64ana.simulate.parameters.processes import Beam
from na64ana.simulate.parameters.signals import Signal

__all__ = ["PionMixture", "PionParameters", "PionProcesses"]


@dataclass(frozen=True, slots=True)
class PionProcesses:
    """What 50 GeV pions do in the ECAL."""

    pion_length: Annotated[
        float, "1", "R-H PDG, lead: interaction length of pions over that of nucleons"
    ] = 226.2 / 199.6
    lost: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of the share at wide angles"
    ] = (1.0, 20.0)
    charged: Annotated[float, "1", "chosen; mean charged hadrons behind the ECAL, beyond one"] = 2.0
    neutral_lost: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of what a leading neutral leaves"
    ] = (1.0, 3.0)
    neutral_width: Annotated[float, "GeV", "chosen; mean of what stays in the ECAL"] = 0.3
    mesons: Annotated[
        tuple[float, float, float],
        "1",
        "shares of pi0, eta, eta' at 50 GeV: na64ana.signal.charge_exchange",
    ] = (0.37, 0.30, 0.33)
    neutral_decays: Annotated[
        tuple[float, float, float],
        "1",
        "R-H PDG; pi0, eta, eta' to photons alone (eta: 2 gamma and 3 pi0; eta': pi0 pi0 eta, "
        "2 gamma)",
    ] = (0.988, 0.72, 0.19)
    charged_photons: Annotated[
        tuple[float, float], "1", "chosen; share of photons in the other decays, flat"
    ] = (0.2, 0.6)
    recoil: Annotated[
        float, "GeV", "mean kinetic energy of the neutron: na64ana.signal.charge_exchange"
    ] = 0.094
    recoil_seen: Annotated[float, "1", "chosen; share of it in the ECAL"] = 0.5
    muon_mass_ratio: Annotated[float, "1", "PDG; (m_mu/m_pi)^2, of pi -> mu nu"] = 0.5731
    decayed: Annotated[float, "1", "chosen; muons by decays behind the spectrometer, of all"] = 0.5
    upstream_hits: Annotated[float, "hits", "chosen; mean extra straw hits per plane"] = 3.5
    upstream_angle: Annotated[float, "mrad", "chosen; per projection"] = 1.4
    upstream_momentum: Annotated[float, "1", "chosen; smallest share of the momentum left"] = 0.5
    upstream_energy: Annotated[
        tuple[float, float], "1", "chosen; beta distribution of the share that reaches the HCAL"
    ] = (1.5, 2.0)
    upstream_vhcal: Annotated[float, "1", "chosen; mean share of the rest in the VHCAL"] = 0.3
    spread: Annotated[float, "mm", "chosen; of secondaries at the HCAL face"] = 45.0


@dataclass(frozen=True, slots=True)
class PionMixture:
    """Shares of the processes among the recorded events of ``run-period``.

    They are those after a preselection: 20000 events stand for 2.9e9 pions. Chosen such that the
    box holds about 0.03; the background of arXiv:2406.01990 is not public here.
    """

    pion: Annotated[float, "1", "chosen; interacts in ECAL or HCAL"] = 0.6398
    leading_neutral: Annotated[float, "1", "chosen; a neutron or K0 takes all but little"] = 0.10
    charge_exchange: Annotated[float, "1", "chosen; visible decays of the meson"] = 0.10
    muon: Annotated[float, "1", "chosen; decays and contamination"] = 0.10
    electron: Annotated[float, "1", "chosen; contamination"] = 0.06
    upstream: Annotated[float, "1", "chosen; interactions in the beam line"] = 0.0002


@dataclass(frozen=True, slots=True)
class PionParameters(Parameters):
    """All parameters of the pion mode."""

    beam: Beam = field(default_factory=lambda: Beam(energy=50.0))
    trigger: Trigger = field(
        default_factory=lambda: Trigger(
            preshower_minimum=-1.0, main_maximum=20.0, main_smearing=1.5
        )
    )
    pions: PionProcesses = field(default_factory=PionProcesses)
    mixture: PionMixture = field(  # type: ignore[assignment]  # other processes, other shares
        default_factory=PionMixture
    )
    signal: Signal = field(default_factory=Signal)
