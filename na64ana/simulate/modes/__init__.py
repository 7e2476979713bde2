"""All modes of the experiment, by name."""

from __future__ import annotations

from na64ana.errors import InputError, nearest, printable
from na64ana.simulate.modes.alp import ALP_MODES
from na64ana.simulate.modes.beams import BEAM_MODES
from na64ana.simulate.modes.electrons import ELECTRON_MODES
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.modes.muons import MUON_MODES
from na64ana.simulate.modes.pions import PION_MODES
from na64ana.simulate.modes.poker import POKER_MODES
from na64ana.simulate.modes.positrons import POSITRON_MODES
from na64ana.simulate.modes.visible import VISIBLE_MODES

__all__ = ["DEFAULT_MODE", "MODES", "mode_named"]

MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        *ELECTRON_MODES,
        *POSITRON_MODES,
        *BEAM_MODES,
        *POKER_MODES,
        *VISIBLE_MODES,
        *ALP_MODES,
        *MUON_MODES,
        *PION_MODES,
    )
}
"""Modes by name."""

DEFAULT_MODE = "electrons-2023"


def mode_named(name: str) -> Mode:
    """Return a mode by name.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if name not in MODES:
        msg = f"unknown mode '{printable(name)}'{nearest(name, MODES)} (known: {', '.join(MODES)})"
        raise InputError(msg)
    return MODES[name]
