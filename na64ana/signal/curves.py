"""Published curves with their provenance, and those of a user in the same form.

>>> from na64ana.signal.curves import curve
>>> found = curve("na64-2019-invisible")
>>> f"{found.limit_at(0.1):.3g}"  # epsilon at m_A' = 100 MeV
'0.000346'
"""

from __future__ import annotations

from functools import cache

from na64ana.errors import SignalError, nearest, printable
from na64ana.shipped import shipped_folder
from na64ana.signal.curve_file import load_curves
from na64ana.signal.curve_model import MODELS
from na64ana.signal.curve_record import Curve

__all__ = ["Curve", "check_model", "curve", "curves", "load_curves"]

_WHERE = ("curves", "curves.yaml")


def curves(model: str | None = None) -> list[Curve]:
    """Return the shipped curves, of all models or of one.

    Raises
    ------
    SignalError
        There is no such model.
    """
    check_model(model)
    return [found for found in _shipped() if model in (None, found.model)]


def check_model(model: str | None) -> None:
    """Refuse the name of a model that there is not.

    Raises
    ------
    SignalError
        The message names the nearest.
    """
    if model is not None and model not in MODELS:
        msg = f"unknown model '{printable(model)}'{nearest(model, MODELS)}"
        raise SignalError(f"{msg} (known: {', '.join(MODELS)})")


def curve(name: str) -> Curve:
    """Return a shipped curve by its name.

    Raises
    ------
    SignalError
        There is none; the message names the nearest.
    """
    known = {found.name: found for found in _shipped()}
    if name not in known:
        msg = f"unknown curve '{printable(name)}'{nearest(name, known)}"
        raise SignalError(f"{msg} (all are listed by 'na64ana curves')")
    return known[name]


@cache
def _shipped() -> tuple[Curve, ...]:
    return tuple(load_curves(shipped_folder("datasets").joinpath(*_WHERE)))
