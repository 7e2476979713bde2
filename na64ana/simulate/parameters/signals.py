"""Numbers of the signals; sources as in `na64ana.simulate.parameters`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

__all__ = ["Inelastic", "Signal"]


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
