"""Types of options with a unit: ``10 MeV``, or a number in the unit that the help names."""

from __future__ import annotations

import click

from na64ana.errors import Na64Error

__all__ = ["energy", "masses"]


def energy(text: str) -> float:
    """Return a mass or an energy in GeV, or say what is wrong with the text."""
    from na64ana.units import number_in

    try:
        return number_in("GeV", text)
    except Na64Error as error:
        msg = f"{error} (a bare number is in GeV)"
        raise click.BadParameter(msg) from None


def masses(text: str) -> tuple[float, ...]:
    """Return several masses in GeV, as `na64ana.signal.masses_of` reads them."""
    from na64ana.signal import masses_of

    try:
        return masses_of(text)
    except Na64Error as error:
        raise click.BadParameter(str(error)) from None
