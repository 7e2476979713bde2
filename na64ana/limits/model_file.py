"""Models of a combination from YAML: shipped ones by name, a user's own by path."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from na64ana.errors import LimitError, nearest, printable
from na64ana.limits.combination import LOG_NORMALS, Bin, Model, loading, signal_of
from na64ana.yamltext import convert, read_yaml

__all__ = ["load_model"]

_FOLDER = Path(__file__).resolve().parent


class _BinEntry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    exposure: float
    efficiency: float
    yield_: Annotated[float, msgspec.Meta(description="signal events per particle on target")] = (
        msgspec.field(name="yield")
    )
    background: float
    observed: int | None = None
    background_errors: dict[str, float] = {}
    signal_errors: dict[str, float] = {}
    source: str = ""


class _ModelEntry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    bins: list[_BinEntry]
    nuisance: str = LOG_NORMALS[0]


def load_model(which: str | Path) -> Model:
    """Read a model.

    Parameters
    ----------
    which : str or Path
        Name of a shipped model, such as ``na64e-invisible-2016-2022``, or the path of a file.

    Raises
    ------
    LimitError
        If there is no such model, or its file has a fault.
    """
    path = Path(which)
    shipped = {p.stem: p for p in _FOLDER.glob("*.yaml")}
    if path.suffix not in (".yaml", ".yml"):
        if str(which) not in shipped:
            msg = f"no model '{printable(str(which))}'{nearest(str(which), shipped)}"
            raise LimitError(msg)
        path = shipped[str(which)]
    entry = convert(read_yaml(path, LimitError), _ModelEntry, LimitError)
    try:
        model = Model(tuple(_bin(b) for b in entry.bins), entry.nuisance)
        loading(model)
    except LimitError as cause:
        msg = f"{printable(str(path))}: {cause}"
        raise LimitError(msg) from None
    return model


def _bin(entry: _BinEntry) -> Bin:
    signal = signal_of(entry.exposure, entry.efficiency, entry.yield_)
    return Bin(
        entry.name,
        entry.observed,
        entry.background,
        signal,
        entry.background_errors,
        entry.signal_errors,
    )
