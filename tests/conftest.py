"""What all tests share: the reference data and the golden files."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("NA64ANA_SHARED", HERE.parents[1] / "shared"))


def pytest_configure() -> None:
    """Let tests interrupt their children: a shell starts what runs in its background deaf to it.

    No test takes a spectrum from the disk, or leaves one there, unless it is about that. Tables are
    as wide as in a pipe: the width of a terminal, which readline leaves to its children, reaches
    the processes of a run of all tests but not a run in one process.
    """
    os.environ["NA64ANA_CACHE"] = "off"
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share only a run of all tests among processes: what is named starts faster in one.

    Returns 0 where folders, files or tests are named or chosen, else None: as many as there are
    processors, up to what pyproject.toml says. ``-n 2`` asks for two in any case.
    """
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    choices = "keyword", "collectonly", "lf", "stepwise", "update_golden"
    chosen = any(config.getoption(name, default=None) for name in choices)
    return 0 if named or chosen else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes golden files instead of comparing with them."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no folder of reference data beside the checkout (or in NA64ANA_SHARED)")
    return SHARED


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden: ``golden("cutflow.tex", text)``."""
    update: bool = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        path = HERE / "golden" / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        if not path.is_file():
            pytest.fail(f"there is no golden file {name}: make it with pytest --update-golden")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def tout_columns() -> Callable[[Path], dict[str, Any]]:
    """Read all logical columns of a `tout` file by uproot alone, without `na64ana.events`."""

    def read(path: Path) -> dict[str, Any]:
        import numpy as np
        import uproot

        from na64ana.layouts import load_layout

        columns: dict[str, Any] = {}
        with uproot.open(path) as file:
            tree = file["tout"]
            for name, source in load_layout("na64-tout").columns.items():
                if source.absent is not None and source.branches[0] not in tree:
                    columns[name] = np.full(tree.num_entries, source.absent)
                    continue
                array = tree[source.branches[0]].array()
                if not source.type.jagged:
                    sizes = [axis.size or 0 for axis in source.type.axes]
                    array = np.asarray(array).reshape(len(array), *sizes)
                columns[name] = array
        return columns

    return read


@pytest.fixture(scope="session")
def write_events() -> Callable[..., Path]:
    """Write a small `tout` file: ``write_events(path, events)`` gives the path.

    An event is (run, spill, event, master time [ns], SRD energy [GeV], ECAL energy [GeV]). Each
    part of ``baskets``, numbers of entries, goes to baskets of its own. ``kind`` is that of the
    tag; ``more`` are further branches, one number an event. The same ``uuid`` makes what differs
    in events alone the same file.
    """
    import numpy as np
    import uproot

    types: dict[str, Any] = {
        "runN": np.dtype("i4"),
        "spillN": np.dtype("i4"),
        "spilleventtN": np.dtype("i4"),
        "masterT": np.dtype("f8"),
        "SRD_ene": np.dtype(("f8", (3,))),
        "ECAL_ene": np.dtype(("f8", (2, 5, 6))),
    }

    def branches(events: Sequence[Any]) -> dict[str, Any]:
        found = {
            name: np.zeros((len(events), *dtype.shape), dtype.base) for name, dtype in types.items()
        }
        for i, event in enumerate(events):
            for name, value in zip(types, event, strict=True):
                found[name][(i,) + (0,) * len(types[name].shape)] = value  # all in the first cell
        return found

    def write(
        path: Path,
        events: Sequence[Any],
        *,
        baskets: Iterable[int] = (),
        kind: str | None = None,
        uuid: UUID | None = None,
        tree: str = "tout",
        without: Iterable[str] = (),
        more: Mapping[str, Sequence[float]] | None = None,
    ) -> Path:
        cut = sorted({0, len(events), *np.cumsum(list(baskets)).clip(0, len(events)).tolist()})
        made = {k: v for k, v in branches(events).items() if k not in set(without)}
        made |= {name: np.asarray(numbers, dtype=float) for name, numbers in (more or {}).items()}
        options = {} if uuid is None else {"uuid_function": lambda: uuid}
        with uproot.recreate(path, compression=uproot.ZLIB(1), **options) as file:
            found = file.mktree(
                tree, {name: np.dtype((a.dtype, a.shape[1:])) for name, a in made.items()}
            )
            for start, stop in pairwise(cut):
                found.extend({name: array[start:stop] for name, array in made.items()})
            if kind is not None:
                file["na64ana"] = json.dumps({"kind": kind})
        return path

    return write


#: what `write_events` is for: two cuts make the blind box, one channel and one region are open
SMALL_SELECTION: dict[str, Any] = {
    "name": "small",
    "layout": "na64-tout",
    "cuts": [
        {"name": "time", "observable": "master_time", "within": ["90 ns", "110 ns"]},
        {"name": "SRD", "observable": "sum(srd.energy)", "above": "30 MeV"},
        {"name": "ECAL", "observable": "sum(ecal.energy)", "below": "50 GeV"},
    ],
    "channels": {
        "electron": {
            "after": "time",
            "cuts": [{"name": "full", "require": "sum(ecal.energy) > 80*GeV"}],
        }
    },
    "regions": {
        "signal": {"cuts": ["SRD", "ECAL"], "blind": True},
        "side": {"where": "sum(ecal.energy) > 70*GeV", "keep": ["master_time"]},
    },
    "histograms": {
        "times": {"x": {"observable": "master_time", "bins": 8, "range": ["80 ns", "120 ns"]}},
        "energies": {
            "x": {"observable": "sum(ecal.energy)", "bins": 7, "range": ["0 GeV", "100 GeV"]},
            "at": ["start", "time"],
        },
    },
}


@pytest.fixture(scope="session")
def small_selection() -> Callable[..., Any]:
    """Return the selection for `write_events`, with other top-level keys where given."""
    from na64ana import Selection

    def make(**keys: Any) -> Any:
        return Selection.from_dict({**SMALL_SELECTION, **keys})

    return make


@pytest.fixture
def one_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all records say that they were made at one time by one person: the rest is compared."""
    from na64ana.provenance import Made
    from na64ana.run import local, processor

    def made(workers: int = 1) -> Made:
        return Made("2026-01-01T00:00:00Z", "someone", "somewhere", "pytest", 1)

    for module in (local, processor):
        monkeypatch.setattr(module, "made", made)


@pytest.fixture
def same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all records say that they were made at one time, so that they can be compared."""
    from na64ana import provenance

    monkeypatch.setattr(provenance, "_now", lambda: "2026-01-01T12:00:00Z")
