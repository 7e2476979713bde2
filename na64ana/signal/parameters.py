"""Parameters of models by name: what there is to set, and values from text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.models import model
from na64ana.signal.response import Model

__all__ = ["model_from_text", "parameters_of"]


def parameters_of(found: Model) -> dict[str, Any]:
    """Return the parameters of a model with their values: all of its fields but the name."""
    names = [field.name for field in fields(found) if field.name != "name"]  # type: ignore[arg-type]
    return {name: getattr(found, name) for name in names}


def model_from_text(name: str, texts: Iterable[str]) -> Model:
    """Return a model by name, with parameters changed as ``NAME=VALUE`` says.

    Parameters
    ----------
    name : str
    texts : iterable of str
        Such as ``alpha_D=0.5``; a number where the model has one by default, else a word.

    Raises
    ------
    SignalError
        There is no such model or parameter, one is given twice, or a value is none for it.
    """
    defaults = parameters_of(model(name))
    given: dict[str, Any] = {}
    for text in texts:
        parameter, sign, value = (part.strip() for part in text.partition("="))
        if not (parameter and sign and value):
            msg = f"'{printable(text)}': a parameter is set by NAME=VALUE, as alpha_D=0.5"
            raise SignalError(msg)
        if parameter in given:
            msg = f"the parameter '{printable(parameter)}' is set twice"
            raise SignalError(msg)
        if parameter not in defaults:
            known = f" (parameters: {', '.join(defaults)})" if defaults else ": it has none"
            near = nearest(parameter, defaults)
            msg = f"the model {name} has no parameter '{printable(parameter)}'{near}{known}"
            raise SignalError(msg)
        given[parameter] = _value(parameter, value, defaults[parameter])
    return model(name, **given)


def _value(name: str, text: str, default: Any) -> Any:
    if not isinstance(default, (int, float)):
        return text
    try:
        return type(default)(text)
    except ValueError:
        msg = f"{printable(name)} is '{printable(text)}': it must be a number"
        raise SignalError(msg) from None
