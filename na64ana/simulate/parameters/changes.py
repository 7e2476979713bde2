"""Parameters with some numbers changed, as an analysis file gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from na64ana.errors import InputError, nearest, printable
from na64ana.simulate.parameters.common import Parameters

__all__ = ["changed"]


def changed(parameters: Parameters, changes: Mapping[str, Mapping[str, Any]]) -> Parameters:
    """Return the parameters with some numbers changed.

    Parameters
    ----------
    parameters : Parameters
    changes : mapping of str to mapping
        By group and name, as ``{"mixture": {"radiative": 0.1}}``, in the unit of the parameter.
        Where it is several numbers, so many.

    Raises
    ------
    InputError
        There is no such group or parameter, or the value is not of its kind.
    """
    groups = {field.name: getattr(parameters, field.name) for field in fields(parameters)}
    for group, given in changes.items():
        if group not in groups:
            raise InputError(_unknown("group of parameters", group, groups))
        part = groups[group]
        known = {field.name: getattr(part, field.name) for field in fields(part)}
        for name in given:
            if name not in known:
                raise InputError(_unknown(f"parameter of {group}", name, known))
        new = {name: _value(f"{group}.{name}", known[name], v) for name, v in given.items()}
        groups[group] = replace(part, **new)
    return replace(parameters, **groups)


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> str:
    held = ", ".join(known)
    return f"no {what} '{printable(name)}'{nearest(name, known)} ({what}: {held})"


def _value(name: str, now: Any, given: Any) -> Any:
    """A value in the form of the one that it replaces."""
    if isinstance(now, tuple) and isinstance(given, (list, tuple)):
        if len(now) == len(given):
            return tuple(_value(name, *pair) for pair in zip(now, given, strict=True))
    elif _is_number(now) and _is_number(given) and math.isfinite(given):
        return float(given) if isinstance(now, float) else int(given)
    raise InputError(f"parameter {name} is {now!r}; '{printable(str(given))}' is not of that kind")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
