"""Write simulated events as ROOT files, in the layout of their mode or as `ana_tree`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from na64ana.errors import InputError, printable
from na64ana.simulate.anatree import ANA_TREE, anatree_branches
from na64ana.simulate.sample import Sample
from na64ana.simulate.streams import BLOCK

__all__ = ["TAG_KEY", "TREE", "write_anatree", "write_tout"]

TREE = "tout"
"""Name of the tree or RNTuple."""
TAG_KEY = "na64ana"
"""Name of the key that says what the file is."""
_FORMATS = ("ttree", "rntuple")
_KINDS = ("simulation", "pseudo-data")


class _Form(NamedTuple):
    """Name of the tree, and the branches of a sample in it."""

    tree: str
    branches: Callable[[Sample], dict[str, Any]]


_TOUT = _Form(TREE, lambda sample: sample.branches)
_ANA_TREE = _Form(ANA_TREE, anatree_branches)


def write_tout(
    path: str | os.PathLike[str],
    sample: Sample | Iterable[Sample],
    *,
    format: Literal["ttree", "rntuple"] = "ttree",
    kind: Literal["simulation", "pseudo-data"] = "simulation",
) -> int:
    """Write events to a ROOT file: all of it or nothing.

    The file is made beside its place and renamed when it is complete. Besides `tout` it holds a
    string `na64ana`, JSON with the keys kind, mode, process, seed, run, first_event, events and
    na64ana (the version). Readers take a file of kind "simulation" as simulation; "pseudo-data"
    counts as data and stays blind.

    Cells are arrays of fixed size, since uproot cannot write ``std::vector`` into a TTree; the
    straw positions there are arrays with the counters ``nST11x`` and ``nST12x``.

    Parameters
    ----------
    path : the file to make, and missing directories with it; an older file is replaced.
    sample : one sample, or several that continue one another, e.g. from
        :func:`na64ana.simulate.simulate_blocks`: memory holds one of them at a time.
    format : a TTree, or an RNTuple.
    kind : how readers take the file, see above.

    Returns
    -------
    the number of events written.

    Raises
    ------
    InputError
        For an unknown format or kind, no sample at all, or a place that cannot be written.
    """
    _check("kind", kind, _KINDS)
    return _write_whole(path, sample, _TOUT, format, kind)


def write_anatree(
    path: str | os.PathLike[str],
    sample: Sample | Iterable[Sample],
    *,
    format: Literal["ttree", "rntuple"] = "ttree",
) -> int:
    """Write events to a ROOT file in the layout `na64-anatree`, that of the public simulation.

    As `write_tout`, with the branches of `na64ana.simulate.anatree.anatree_branches`; always of
    kind "simulation".

    Raises
    ------
    InputError
        As `write_tout`, and for a mode that the layout cannot hold.
    """
    return _write_whole(path, sample, _ANA_TREE, format, "simulation")


def _write_whole(
    path: str | os.PathLike[str],
    sample: Sample | Iterable[Sample],
    form: _Form,
    format: str,
    kind: str,
) -> int:
    """Write all of a file or nothing."""
    _check("format", format, _FORMATS)
    samples = iter([sample] if isinstance(sample, Sample) else sample)
    first = next(samples, None)
    if first is None:
        raise InputError("nothing to write: not one block of events, not even an empty one")
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as part:
            return _write(part, chain([first], samples), form, format, kind)
    except OSError as error:
        place = printable(str(target))
        raise InputError(f"cannot write {place}: {error.strerror or error}") from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Lend a temporary name beside `target`; rename at the end, remove if that fails."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"unknown {name} '{printable(value)}' (known: {', '.join(known)})")


def _write(part: Path, samples: Iterator[Sample], form: _Form, format: str, kind: str) -> int:
    """Write the file under its temporary name."""
    import uproot

    events, tree, first = 0, None, None
    with uproot.recreate(part, compression=uproot.ZLIB(1)) as file:
        for sample in samples:
            branches = form.branches(sample)
            if tree is None:
                tree, first = _declare(file, form.tree, branches, format), sample
            for start in range(0, len(sample), BLOCK):
                piece = {k: v[start : start + BLOCK] for k, v in branches.items()}
                tree.extend(_records(piece) if format == "rntuple" else piece)
            events += len(sample)
        assert first is not None
        file[TAG_KEY] = json.dumps(_tag(first, events, kind))
    return events


def _declare(file: Any, tree: str, branches: dict[str, Any], format: str) -> Any:
    """Make the empty tree or RNTuple."""
    if format == "rntuple":
        return file.mkrntuple(tree, _records(branches).layout.form)
    types: dict[str, Any] = {}
    for name, array in branches.items():
        plain = isinstance(array, np.ndarray)
        types[name] = np.dtype((array.dtype, array.shape[1:])) if plain else "var * float64"
    return file.mktree(tree, types)


def _records(branches: dict[str, Any]) -> Any:
    """Events as one awkward array of records."""
    import awkward as ak

    return ak.zip({name: ak.Array(array) for name, array in branches.items()}, depth_limit=1)


def _tag(first: Sample, events: int, kind: str) -> dict[str, Any]:
    """Tell a reader what the file is."""
    from na64ana.provenance import software

    return {
        "kind": kind,
        "mode": first.mode,
        "process": first.process,
        "seed": first.seed,
        "run": first.run,
        "first_event": first.first_event,
        "events": events,
        "na64ana": software()["na64ana"],
    }
