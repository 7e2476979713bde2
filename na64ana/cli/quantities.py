"""Types of options with a unit: ``10 MeV``, or a number in the unit that the help names."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from na64ana.errors import Na64Error, printable

__all__ = ["Whole", "energy", "fraction", "masses", "particles"]

#: digits of a whole number
LONGEST = 20


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


def fraction(text: str) -> float:
    """Return a fraction, of ``0.5`` or ``50%``."""
    bare = text.strip().removesuffix("%")
    try:
        number = float(bare)
    except ValueError:
        msg = f"'{printable(text)}' is not a fraction; write for example 0.5 or 50%"
        raise click.BadParameter(msg) from None
    return number if bare == text.strip() else number / 100


def particles(text: str) -> float:
    """Return a number of particles on target; of which kind, the setup or the record says."""
    try:
        return float(text)
    except ValueError:
        msg = f"'{printable(text)}' is not a number of particles; write for example 9.37e11"
        raise click.BadParameter(msg) from None


class Whole(click.IntRange):
    """A whole number, as ``20000`` or ``2e4``."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or say that it is none."""
        text = str(value)
        if "e" in text.lower() and len(text) < LONGEST:
            with suppress(InvalidOperation, OverflowError, ValueError):
                number = Decimal(text)
                whole = number.adjusted() < LONGEST and number == int(number)
                value = int(number) if whole else value
        found: int = super().convert(value, param, ctx)
        return found
