"""The counting model as a workspace of pyhf: plain JSON, for other programs.

The workspace holds the model, not the method. What asymptotic formulae make of it is wrong at low
counts: docs/limits.md has figures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.errors import LimitError, printable
from na64ana.limits.combination import Loading, Model, loading
from na64ana.limits.nuisance import Floats
from na64ana.textfile import write_whole

__all__ = ["STRENGTH", "pyhf_workspace", "write_pyhf_workspace"]

#: name of the signal strength in the workspace
STRENGTH = "mu"
_VERSION = "1.0.0"  # of the schema of pyhf workspaces


def pyhf_workspace(
    model: Model, *, name: str = "na64ana", expected_as_observed: bool = False
) -> dict[str, Any]:
    """Return a model as a workspace of pyhf (L. Heinrich et al., JOSS 6 (2021) 2823).

    One channel for each bin, with the samples ``signal`` and ``background``. The signal is scaled
    by the strength ``mu``. Each nuisance is a ``normsys`` under its own name, so that errors of one
    name are one nuisance there as well. Its ``hi`` and ``lo`` are the factors at one standard
    deviation, exp(+-sigma) with the sigma of the logarithm: 1 + e and 1/(1 + e) for ``kappa``.

    Parameters
    ----------
    model : Model
    name : str
        Of the measurement.
    expected_as_observed : bool
        Put the background where a bin is blind; otherwise a blind bin is an error.

    Raises
    ------
    LimitError
        For a blind bin, a nuisance called ``mu``, or as `combined_limit` says.
    """
    laid = loading(model)
    if STRENGTH in laid.names:
        msg = f"a nuisance is called '{STRENGTH}', as the signal strength is: give it another name"
        raise LimitError(msg)
    blind = [b.name for b in model.bins if b.observed is None]
    if blind and not expected_as_observed:
        msg = (
            f"bin '{printable(blind[0])}' has no observed events: it is blind; ask for "
            "expected_as_observed=True to put the background in their place"
        )
        raise LimitError(msg)
    counts = [
        float(laid.background[i] if b.observed is None else b.observed)
        for i, b in enumerate(model.bins)
    ]
    names = [b.name for b in model.bins]
    return {
        "version": _VERSION,
        "channels": [{"name": each, "samples": _samples(laid, i)} for i, each in enumerate(names)],
        "observations": [
            {"name": each, "data": [count]} for each, count in zip(names, counts, strict=True)
        ],
        "measurements": [
            {
                "name": name,
                "config": {
                    "poi": STRENGTH,
                    "parameters": [
                        {
                            "name": STRENGTH,
                            "inits": [1.0],
                            "bounds": [[0.0, _highest(laid, counts)]],
                        }
                    ],
                },
            }
        ],
    }


def _highest(laid: Loading, counts: list[float]) -> float:
    """A strength meant to lie above the limit, lest the fit of another program end at it."""
    events = sum(counts) + float(laid.background.sum())
    return float((events + 10 * np.sqrt(events) + 30) / laid.signal.sum())


def _samples(laid: Loading, i: int) -> list[dict[str, Any]]:
    strength = {"name": STRENGTH, "type": "normfactor", "data": None}
    signal = [strength, *_normsys(laid.names, laid.signal_rows[i])]
    background = _normsys(laid.names, laid.background_rows[i])
    return [
        {"name": "signal", "data": [float(laid.signal[i])], "modifiers": signal},
        {"name": "background", "data": [float(laid.background[i])], "modifiers": background},
    ]


def _normsys(names: tuple[str, ...], sigmas: Floats) -> list[dict[str, Any]]:
    return [
        {"name": n, "type": "normsys", "data": {"hi": float(np.exp(s)), "lo": float(np.exp(-s))}}
        for n, s in zip(names, sigmas, strict=True)
        if s
    ]


def write_pyhf_workspace(
    model: Model, path: str | Path, *, name: str = "na64ana", expected_as_observed: bool = False
) -> None:
    """Write the workspace of `pyhf_workspace` as JSON."""
    workspace = pyhf_workspace(model, name=name, expected_as_observed=expected_as_observed)
    write_whole(path, json.dumps(workspace, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
