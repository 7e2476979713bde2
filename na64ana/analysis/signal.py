"""The signal of an analysis: its model, and its setups without their exposure and efficiency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from na64ana.analysis.model import AnalysisSpec, SetupSpec
from na64ana.errors import SignalError, nearest, printable
from na64ana.signal import Model, Setup, in_plane, masses_of, model, setup
from na64ana.signal.parameters import parameters_of
from na64ana.signal.planes import InPlaneOfY
from na64ana.units import Unit, parse_quantity

__all__ = ["MASSES", "given_of", "masses_for", "refines", "setup_of", "signal_model"]

#: masses of a model where the file gives none, as those of `na64ana reach`
MASSES = "0.001:1:31"
#: attributes of a setup that may be given with a unit
_UNITS = {"beam_energy": "GeV", "threshold": "GeV", "start": "m", "stop": "m"}
_NOT_PARAMETERS = ("name", "plane")


def signal_model(given: Mapping[str, Any]) -> Model:
    """Return a model from its name and parameters, in the plane of y if one is named.

    Parameters
    ----------
    given : dict
        ``name``, parameters as `na64ana.signal.model` takes them, and ``plane``.

    Raises
    ------
    SignalError
        There is no such model, parameter or plane, or a value makes no sense.
    """
    name = given.get("name")
    if not isinstance(name, str):
        msg = "the model has no name: write {name: dark-photon}; 'na64ana reach' lists all"
        raise SignalError(msg)
    defaults = parameters_of(model(name))
    changes = {
        key: _like(defaults[key], value, key) if key in defaults else value
        for key, value in given.items()
        if key not in _NOT_PARAMETERS
    }
    for key in changes.keys() - defaults.keys():
        known = ", ".join([*defaults, "plane"])
        msg = (
            f"the model {name} has no parameter '{printable(key)}'"
            f"{nearest(key, [*defaults, 'plane'])} (parameters: {known})"
        )
        raise SignalError(msg)
    found = model(name, **changes)
    plane = given.get("plane")
    return found if plane is None else in_plane(found, str(plane))


def given_of(found: Model) -> dict[str, Any]:
    """Return name and all parameters of a model, as `signal_model` takes them."""
    if isinstance(found, InPlaneOfY):
        return {**given_of(found.model), "plane": "y"}
    return {"name": found.name, **parameters_of(found)}


def _like(default: Any, value: Any, name: str) -> Any:
    """Return a value of the kind that a parameter has: a number, or a word."""
    is_number = isinstance(default, (int, float))
    if is_number and isinstance(value, (int, float)) and not isinstance(value, bool):
        return type(default)(value)
    if is_number or not isinstance(value, str):
        what = "a number" if is_number else "a word"
        msg = f"{printable(name)} is '{printable(str(value))}': it must be {what}"
        raise SignalError(msg)
    return value


def setup_of(spec: SetupSpec) -> Setup:
    """Return a setup with the attributes that the file changes, exposure 0 and efficiency 1.

    Raises
    ------
    SignalError
        There is no such setup, or a value makes no sense.
    UnitError
        A quantity has another dimension.
    """
    changes: dict[str, Any] = {"exposure": 0.0, "efficiency": 1.0}
    for field in fields(Setup):
        value = getattr(spec, field.name, None)
        if value is not None and field.name != "efficiency":
            changes[field.name] = _number(field.name, value)
    return setup(spec.setup, **changes)


def _number(name: str, value: Any) -> Any:
    if name in _UNITS and isinstance(value, str):
        return parse_quantity(value).to(Unit.of(_UNITS[name]))
    return float(value) if isinstance(value, (int, float)) else value


def masses_for(spec: AnalysisSpec) -> tuple[float, ...]:
    """Return the masses of the limits in GeV: those given, of the yields, or `MASSES`.

    Raises
    ------
    SignalError
        The text says no masses.
    """
    given = spec.limit.masses
    if isinstance(given, str):
        return masses_of(given)
    if given:
        return tuple(given)
    if spec.signal.yields is not None:
        return tuple(row[0] for row in spec.signal.yields.table)
    return masses_of(MASSES) if spec.signal.model is not None else ()


def refines(spec: AnalysisSpec) -> bool:
    """Whether masses are added where the limit bends: to a range, not to a list of masses."""
    given = spec.limit.masses
    return ":" in given if isinstance(given, str) else not given
