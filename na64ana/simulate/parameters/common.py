"""All parameters of the invisible mode of 2023, from which those of other modes derive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, get_type_hints

from na64ana.simulate.parameters.detectors import (
    Ecal,
    Hcal,
    Srd,
    Timing,
    Tracker,
    Trigger,
    Veto,
    Vhcal,
)
from na64ana.simulate.parameters.processes import Beam, Mixture, Processes
from na64ana.simulate.parameters.showers import Shower
from na64ana.simulate.parameters.signals import Inelastic, Signal

__all__ = ["Parameters", "described_numbers"]


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
