"""Files for benchmarks, made once by ROOT and kept in a folder.

``generator.hxx`` beside this module makes the events and writes them: TTrees of std::vector
branches with ROOT's default baskets and compression, and RNTuples with its default options.

Each cut of the selection passes as often as in the reference data: `PASSED` holds what ROOT
counted there, in sequence and alone. From these two follow the probabilities to pass a cut for an
event that passed all cuts before it and for one that did not.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import yaml

HERE = Path(__file__).resolve().parent

Kind = Literal["constant", "moving"]
Format = Literal["ttree", "rntuple"]

#: a made-up number; file k of a set is run FIRST_RUN + k
FIRST_RUN = 9001

#: (in sequence, alone) of `OF` events of the shared `acceptance/cutflow_tout_all.json`: ROOT
#: RDataFrame 6.40 on three files of 3000 events
OF = 9000
PASSED = {
    "physics trigger": (8130, 8130),
    "master time": (7799, 8637),
    "SRD": (5400, 6224),
    "track quality": (4855, 8107),
    "momentum": (4273, 7782),
    "angle": (4156, 8549),
    "straw 3": (3846, 8033),
    "VHCAL": (3800, 8380),
    "straw 4": (3553, 8051),
    "hottest cell": (3503, 7489),
    "ECAL energy": (3335, 7273),
    "ECAL ratio": (1866, 3138),
    "HCAL out of time": (1866, 8995),
    "HCAL3": (1825, 8649),
    "HCAL0 topology": (1823, 7389),
    "VETO": (1604, 6835),
    "muon veto": (1555, 6638),
    "HCAL energy": (1427, 3238),
    "ECAL box": (1, 2693),
}


def odds() -> tuple[list[float], list[float]]:
    """Give the probabilities to pass each cut: after passing all before it, and otherwise."""
    clean, dirty = [], []
    before = OF
    for passed, alone in PASSED.values():
        clean.append(passed / before)
        dirty.append((alone - passed) / (OF - before) if before < OF else 1.0)
        before = passed
    return clean, dirty


def make(folder: Path, kind: Kind, format: Format, events: int, files: int = 1) -> list[Path]:
    """Return the paths of a set of files; those that are not there yet are made.

    Parameters
    ----------
    folder : where they are kept.
    kind : expected times ``constant``, or ``moving`` with each event's master time and with an
        offset for each channel. The sigmas are constant in both.
    format : a TTree or an RNTuple.
    events : how many in all files together, a multiple of `files`.
    files : each one a run of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write = "write_ttree" if format == "ttree" else "write_rntuple"
    size = events // files
    paths = []
    for number in range(files):
        run = FIRST_RUN + number
        path = folder / f"{kind}_{format}_{run}_{size}.root"
        paths.append(path)

        def fill(part: Path, run: int = run) -> None:
            getattr(_root().na64bench, write)(str(part), run, size, _odds(), kind == "moving")

        _once(path, fill)
    return paths


def copies(source: Path, folder: Path, number: int) -> list[Path]:
    """Return `number` files with the events of a TTree, each under a run number of its own.

    For the measurement of memory with very many events; ROOT copies their baskets as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(number):
        run = FIRST_RUN + 1000 + index
        path = folder / f"{source.stem}_as_{run}.root"
        paths.append(path)

        def fill(part: Path, run: int = run) -> None:
            _root().na64bench.copy_as_run(str(source), str(part), run)

        _once(path, fill)
    return paths


def selection(folder: Path, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """Write the 19 cuts of `na64e-invisible-2023` as a selection and return its path.

    Its other channel and its histograms are left out, since the references count the cuts only.

    Parameters
    ----------
    folder : where the file is put.
    change : what to edit in the YAML; the file is named after this function.
    """
    shipped = HERE.parents[1] / "selections" / "na64e-invisible-2023.yaml"
    text = yaml.safe_load(shipped.read_text())
    chosen = {key: text[key] for key in ("extends", "cuts")}
    signal = text["regions"]["signal"]
    name = "nineteen-cuts" if change is None else change.__name__.replace("_", "-")
    chosen |= {"name": name, "regions": {"signal": signal}}
    if change is not None:
        change(chosen)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(chosen, sort_keys=False))
    return path


def _once(path: Path, fill: Callable[[Path], None]) -> None:
    """Make a file beside its place and rename it when it is complete."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        fill(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _odds() -> Any:
    clean, dirty = odds()
    probabilities = _root().na64bench.Odds()
    for cut in range(len(clean)):
        probabilities.clean[cut], probabilities.dirty[cut] = clean[cut], dirty[cut]
    return probabilities


def _root() -> Any:
    """Return ROOT with the generator compiled into it."""
    import ROOT

    if not hasattr(ROOT, "na64bench"):
        ROOT.gInterpreter.Declare((HERE / "generator.hxx").read_text())
    return ROOT


def main() -> None:
    """Make or copy files: ``python -m tests.benchmarks.files '["make", FOLDER, ...]'``."""
    name, *arguments = json.loads(sys.argv[1])
    if name == "make":
        folder, *rest = arguments
        paths = make(Path(folder), *rest)
    else:
        source, folder, number = arguments
        paths = copies(Path(source), Path(folder), number)
    print(json.dumps([str(path) for path in paths]))


if __name__ == "__main__":
    main()
