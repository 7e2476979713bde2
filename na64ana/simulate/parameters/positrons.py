"""Numbers of the positron beams, with unit and source as in `na64ana.simulate.parameters`.

Everything that is not here is as with electrons of 100 GeV.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, TypeVar, get_type_hints

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.processes import Mixture

__all__ = ["PositronMixture", "positron_parameters"]

PROTON_MASS = 0.93827
"""GeV (R-H, PDG): hadrons in the positron beam are mostly protons from decays of Lambda [T]."""
_Group = TypeVar("_Group")
_Parameters = TypeVar("_Parameters", bound=Parameters)


@dataclass(frozen=True, slots=True)
class PositronMixture(Mixture):
    """Shares of the processes among the recorded events of a positron run."""

    hadron: Annotated[
        float, "1", "chosen; ten times that of the electron run, as in the beam [T]"
    ] = 0.30
    upstream: Annotated[
        float, "1", "chosen; such that the box holds about 0.1 (R-L 2308.15612)"
    ] = 0.02
    proton_pileup: Annotated[float, "1", "chosen; it happens, arXiv:2502.04053"] = 0.03


def positron_parameters(energy: float, p: _Parameters) -> _Parameters:
    """Return the parameters of a positron beam of an energy, GeV, from those of one of 100 GeV.

    The spectra of the processes and the threshold of the trigger scale with the energy of the beam
    (chosen); what a channel measures does not.
    """
    scale = energy / p.beam.energy
    trigger = replace(
        p.trigger,
        main_maximum=scale * p.trigger.main_maximum,
        main_smearing=scale * p.trigger.main_smearing,
    )
    return replace(
        p,
        beam=replace(p.beam, energy=energy, hadron_mass=PROTON_MASS),
        trigger=trigger,
        processes=_scaled(p.processes, scale),
        mixture=PositronMixture(),
    )


def _scaled(group: _Group, scale: float) -> _Group:
    """Numbers of a group with those in GeV scaled."""
    changed = {}
    for name, hint in get_type_hints(type(group), include_extras=True).items():
        if hint.__metadata__[0] == "GeV":
            value = getattr(group, name)
            changed[name] = (
                tuple(scale * one for one in value) if isinstance(value, tuple) else scale * value
            )
    return replace(group, **changed)  # type: ignore[type-var]
