"""Make the project's own small `tout` files with ROOT, and let ROOT count on them.

Needs only numpy and ROOT (`root==0.1a12` from PyPI). Three files are written beside this script:

* `tout_small.root`: a TTree named `tout`, in the layout of the 2023 NA64 ntuples;
* `tout_small_rntuple.root`: the same events as an RNTuple named `tout`;
* `tout_small_counts.json`: what ROOT RDataFrame counts on them.

The events are synthetic and carry no physics: each one is made to pass or to fail known cuts, many
of them exactly on a threshold. Energies are multiples of a power of two wherever that is possible,
so that sums are exact in any order; the events named `sum order` are the exception on purpose.
After counting, the cuts that each event was made to fail are compared with what ROOT's expressions
say.

`--check FILE...` counts on other files of the same layout instead and compares with a file of
reference counts (`cutflow_NAME.json` in the folder given by `--reference`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import ROOT
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 20230064
CLUSTER = 40  # entries
BASKET = 1600  # bytes
TREE = "tout"

Floats = NDArray[np.float64]
Index = tuple[int, ...]
Cells = dict[Index, float | tuple[float, float]]  # energy [GeV], or energy and time [ns]

# --------------------------------------------------------------------------------------------------
# The layout

SCALARS = {
    "runN": "i",
    "spillN": "i",
    "spilleventtN": "i",
    "triggerSources": "I",
    "masterT": "D",
    "mom_genfit_upMM": "D",
    "pvalue_genfit_upMM": "D",
    "inangle_genfit_upMM": "D",
    "mpStraw3X": "I",
    "mpStraw3Y": "I",
    "mpStraw4X": "I",
    "mpStraw4Y": "I",
}
NUMPY_TYPES = {"i": np.uint32, "I": np.int32, "D": np.float64}
CPP_TYPES = {"i": "std::uint32_t", "I": "std::int32_t", "D": "double"}
DETECTORS = ("ECAL", "HCAL", "VHCAL", "SRD", "VETO")
ENERGY = {detector: f"{detector}_ene" for detector in DETECTORS} | {"VETO": "VETO_enePMT"}
VECTORS = (
    *(
        name
        for detector in DETECTORS
        for name in (ENERGY[detector], f"{detector}_t0", f"{detector}_tE", f"{detector}_tSigma")
    ),
    "chi2",
    "ST11x",
    "ST12x",
)

# (plane, ix, iy), (module, ix, iy), (ix, iy), (module), (plane, PMT)
SHAPE: dict[str, Index] = {
    "ECAL": (2, 5, 6),
    "HCAL": (4, 3, 3),
    "VHCAL": (4, 4),
    "SRD": (3,),
    "VETO": (3, 2),
}
EXPECTED = {"ECAL": 30.0, "HCAL": 55.0, "VHCAL": 42.0, "SRD": 20.0, "VETO": 33.0}
HCAL_SIGMA = 5.5  # ns, what the cuts use; the HCAL_tSigma branch holds other values


def _sigmas() -> dict[str, Floats]:
    """Time resolutions [ns], one per cell (one per plane for VETO), all different in ECAL."""
    ecal = 1.5 + ((np.arange(60) * 23) % 60) / 64
    hcal = 3.5 + ((np.arange(36) * 7) % 36) / 8
    vhcal = 2.5 + ((np.arange(16) * 5) % 16) / 32
    return {
        "ECAL": ecal.reshape(SHAPE["ECAL"]),
        "HCAL": hcal.reshape(SHAPE["HCAL"]),
        "VHCAL": vhcal.reshape(SHAPE["VHCAL"]),
        "SRD": np.array([1.75, 1.875, 2.0]),
        "VETO": np.array([1.75, 2.0, 2.25]),
    }


SIGMA = _sigmas()


def window(detector: str, cell: Index) -> float:
    """Half width [ns] of the time window of a cell: 3 sigma, an exact number."""
    if detector == "HCAL":
        return 3 * HCAL_SIGMA
    return 3 * float(SIGMA[detector][cell[0] if detector == "VETO" else cell])


@dataclass
class Event:
    """One event: scalars and the columns of each detector, in cell order.

    Parameters
    ----------
    kind : str
        What the event was made for.
    scalars : dict of float
        Branch name to value (energies in GeV, times in ns, angles in mrad).
    energy, time, expected : dict of numpy.ndarray
        Detector to an array of its shape (`SHAPE`), GeV and ns.
    extra : dict of numpy.ndarray
        `chi2` (two values) and the jagged `ST11x`, `ST12x` (positions in mm).
    fails : set of str
        The cuts that the event was made to fail.
    dimuon : bool
        Whether `fails` speaks of the dimuon channel instead of the main one.
    """

    kind: str
    scalars: dict[str, float]
    energy: dict[str, Floats]
    time: dict[str, Floats]
    expected: dict[str, Floats]
    extra: dict[str, Floats]
    fails: set[str] = field(default_factory=set)
    dimuon: bool = False

    def put(self, detector: str, cell: Index, energy: float, at: float = 0.0) -> None:
        """Set the energy [GeV] of a cell and its time relative to the expected one [ns]."""
        self.energy[detector][cell] = energy
        self.time[detector][cell] = self.expected[detector][cell] + at

    def clear(self, detector: str) -> None:
        """Set all energies of a detector to zero."""
        self.energy[detector][...] = 0.0

    def vectors(self) -> dict[str, Floats]:
        """Return the values of the vector branches, by branch name."""
        out: dict[str, Floats] = {}
        for detector in DETECTORS:
            out[ENERGY[detector]] = self.energy[detector].ravel()
            out[f"{detector}_t0"] = self.time[detector].ravel()
            out[f"{detector}_tE"] = self.expected[detector].ravel()
            out[f"{detector}_tSigma"] = SIGMA[detector].ravel()
        return out | self.extra


# --------------------------------------------------------------------------------------------------
# Events


def dyadic(values: Any, bits: int) -> Any:
    """Round to multiples of 2**-bits, so that sums are exact."""
    return np.round(np.asarray(values) * 2**bits) / 2**bits


def base_event(rng: np.random.Generator, kind: str) -> Event:
    """Make an event that passes all 19 cuts: 20 to 28 GeV in the ECAL, quiet elsewhere."""
    scalars: dict[str, float] = {
        "triggerSources": 4,
        "masterT": float(dyadic(rng.uniform(90, 110), 4)),
        "mom_genfit_upMM": float(dyadic(rng.uniform(93, 107), 4)),
        "pvalue_genfit_upMM": float(dyadic(rng.uniform(0.05, 0.95), 8)),
        "inangle_genfit_upMM": float(dyadic(rng.uniform(0.1, 2.5), 6)),
        "mpStraw3X": int(rng.integers(1, 6)),
        "mpStraw3Y": int(rng.integers(1, 6)),
        "mpStraw4X": int(rng.integers(1, 6)),
        "mpStraw4Y": int(rng.integers(1, 6)),
    }
    expected: dict[str, Floats] = {}
    time: dict[str, Floats] = {}
    for detector in DETECTORS:
        shape = SHAPE[detector]
        # the expected time moves from event to event and differs a little from cell to cell
        shift = rng.integers(-8, 9) / 8
        offset = (np.arange(math.prod(shape)) % 3) / 4
        expected[detector] = EXPECTED[detector] + shift + offset.reshape(shape)
        time[detector] = expected[detector] + dyadic(rng.uniform(-1, 1, shape), 4)

    energy: dict[str, Floats] = {}
    total = rng.uniform(20, 28)
    ecal = np.zeros(SHAPE["ECAL"])
    outside = rng.random(SHAPE["ECAL"]) < 0.3
    ecal[outside] = rng.uniform(0.0002, 0.0008, SHAPE["ECAL"])[outside] * total
    ecal[0, 1:4, 1:4] = rng.uniform(0.001, 0.006, (3, 3)) * total
    ecal[1, 1:4, 1:4] = rng.uniform(0.005, 0.02, (3, 3)) * total
    ecal[0, 2, 2] = 0.1 * total
    ecal[1, 2, 2] = 0.65 * total
    energy["ECAL"] = dyadic(ecal, 10)
    hcal = np.where(rng.random(SHAPE["HCAL"]) < 0.5, rng.uniform(0, 0.19, SHAPE["HCAL"]), 0)
    energy["HCAL"] = dyadic(hcal, 8)
    vhcal = np.where(rng.random(SHAPE["VHCAL"]) < 0.5, rng.uniform(0, 0.06, SHAPE["VHCAL"]), 0)
    energy["VHCAL"] = dyadic(vhcal, 10)
    energy["SRD"] = dyadic(rng.uniform(0.01, 0.06, SHAPE["SRD"]), 14)
    energy["VETO"] = dyadic(rng.uniform(0, 0.003, SHAPE["VETO"]), 16)
    extra = {
        "chi2": dyadic(rng.uniform(0, 5, 2), 6),
        "ST11x": dyadic(rng.uniform(-220, -60, rng.integers(0, 5)), 3),
        "ST12x": dyadic(rng.uniform(-220, -60, rng.integers(0, 5)), 3),
    }
    return Event(kind, scalars, energy, time, expected, extra)


@dataclass(frozen=True)
class Variation:
    """A change to a base event, the part of the event it acts on, and the cuts it then fails."""

    name: str
    part: str
    change: Callable[[Event], None]
    fails: frozenset[str] = frozenset()


TINY = 2.0**-10


def up(value: float) -> float:
    """Return the next larger double."""
    return math.nextafter(value, math.inf)


def down(value: float) -> float:
    """Return the next smaller double."""
    return math.nextafter(value, -math.inf)


def only(detector: str, name: str, fails: Iterable[str], cells: Cells) -> Variation:
    """Vary a detector: energy in these cells and in no other."""

    def change(event: Event) -> None:
        event.clear(detector)
        for cell, value in cells.items():
            event.put(detector, cell, *(value if isinstance(value, tuple) else (value, 0.0)))

    return Variation(f"{detector}: {name}", detector, change, frozenset(fails))


def scalar_variations() -> Iterator[Variation]:
    """Trigger, master time, track and straws: both sides of each threshold and on it."""

    def one(cut: str | None, branch: str, *values: float, also: tuple[str, ...] = ()) -> Any:
        for value in values:

            def change(event: Event, value: float = value) -> None:
                event.scalars[branch] = value

            fails = frozenset(() if cut is None else (cut, *also))
            yield Variation(f"{branch} = {value!r}", branch, change, fails)

    yield from one("physics trigger", "triggerSources", 0, 1, 2, 8, 11, -8)
    yield from one(None, "triggerSources", 5, 7, 15, -4, 2**30 + 4)
    yield from one("master time", "masterT", 70.0, down(86.5), up(113.5), 140.0)
    yield from one(None, "masterT", 86.5, 113.5)
    yield from one("track quality", "pvalue_genfit_upMM", 0.0, 0.01)
    yield from one(None, "pvalue_genfit_upMM", up(0.01))
    momentum = "mom_genfit_upMM"
    yield from one("track quality", momentum, 0.0, -9999.0, 9999.0, also=("momentum",))
    yield from one("momentum", momentum, 90.0, 110.0, 30.0, 9998.0, down(90.0), up(110.0))
    yield from one(None, momentum, up(90.0), down(110.0))
    yield from one("angle", "inangle_genfit_upMM", 3.0, 8.5)
    yield from one(None, "inangle_genfit_upMM", down(3.0))
    for number in (3, 4):
        for axis in "XY":
            yield from one(f"straw {number}", f"mpStraw{number}{axis}", 0, 6)
            yield from one(None, f"mpStraw{number}{axis}", 1 if axis == "X" else 5)


def srd_variations() -> Iterator[Variation]:
    """SRD modules on, inside and outside the thresholds in energy and time."""

    def module_at(module: int, name: str, fails: str, energy: float, at: float = 0.0) -> Variation:
        def change(event: Event) -> None:
            event.put("SRD", (module,), energy, at)

        return Variation(f"SRD {module}: {name}", "SRD", change, frozenset(fails.split()))

    for module in range(3):
        for energy in (0.001, 0.08, (0.0005, 0.125, 0.0)[module]):
            yield module_at(module, f"{energy}", "SRD", energy)
        for energy in (up(0.001), down(0.08)):
            yield module_at(module, f"{energy!r}", "", energy)
        edge, sign = window("SRD", (module,)), -1 if module == 1 else 1
        yield module_at(module, "on 3 sigma", "SRD", 0.03125, sign * edge)
        yield module_at(module, "inside 3 sigma", "", 0.03125, sign * (edge - TINY))


def vhcal_variations() -> Iterator[Variation]:
    """VHCAL sums and times on, inside and outside the thresholds."""

    def vhcal(name: str, fails: str, cells: Cells) -> Variation:
        return only("VHCAL", name, fails.split(), cells)

    edge = window("VHCAL", (3, 1))
    yield vhcal("1.5", "VHCAL", {(0, 3): 1.5})
    yield vhcal("below 1.5", "", {(0, 3): down(1.5)})
    yield vhcal("two cells", "VHCAL", {(0, 0): 0.75, (3, 3): 0.8125})
    yield vhcal("on +3 sigma", "", {(3, 1): (20.0, edge)})
    yield vhcal("on -3 sigma", "", {(3, 1): (20.0, -edge)})
    yield vhcal("inside 3 sigma", "VHCAL", {(3, 1): (20.0, TINY - edge)})
    yield vhcal("negative cell", "", {(1, 1): 1.75, (1, 2): -0.5})


def veto_variations() -> Iterator[Variation]:
    """VETO sums and times on, inside and outside the thresholds."""

    def veto(name: str, fails: str, cells: Cells) -> Variation:
        return only("VETO", name, fails.split(), cells)

    yield veto("plane 0 on 7.6 MeV", "VETO", {(0, 0): 0.0076})
    yield veto("plane 0 below 7.6 MeV", "", {(0, 1): down(0.0076)})
    yield veto("plane 1 on 8 MeV", "VETO", {(1, 1): 0.008})
    yield veto("plane 1 below 8 MeV", "", {(1, 0): down(0.008)})
    yield veto("plane 2 on 7.6 MeV", "VETO", {(2, 1): 0.0076})
    yield veto("plane 2 below 7.6 MeV", "", {(2, 0): down(0.0076)})
    half = 2.0**-8
    yield veto("plane 2, both PMTs", "VETO", {(2, 0): half, (2, 1): half})
    yield veto("plane 1, both PMTs", "", {(1, 0): half, (1, 1): half})
    yield veto("neighbours of two planes", "", {(0, 1): half, (1, 0): half})
    edge = window("VETO", (1, 0))
    yield veto("on 3 sigma", "", {(1, 0): (0.02, -edge)})
    yield veto("inside 3 sigma", "VETO", {(1, 0): (0.02, edge - TINY)})
    yield veto("in time by its own plane only", "VETO", {(1, 0): (0.02, edge - 0.5)})
    yield veto("out of time by its own plane only", "", {(1, 1): (0.02, edge + 0.25)})


MAIN_CELL, PRE_CELL = (1, 2, 2), (0, 2, 2)


def ecal(name: str, fails: Iterable[str], cells: Cells) -> Variation:
    """Vary the ECAL: energy in these cells and in no other."""
    return only("ECAL", name, fails, cells)


def with_pre(cells: Cells) -> Cells:
    """Add 3 GeV in the centre of the preshower."""
    return {PRE_CELL: 3.0, **cells}


def hottest_cell_variations() -> Iterator[Variation]:
    """Make another cell the hottest, in several ways, or nearly."""
    main, pre, hottest = MAIN_CELL, PRE_CELL, "hottest cell"
    for other in ((1, 1, 2), (1, 2, 1), (1, 3, 3)):
        yield ecal(f"hottest is {other}", [hottest], with_pre({main: 8.0, other: 12.0}))
    swapped: Cells = {main: 0.5, (1, 2, 0): 0.75}
    yield ecal("hottest is (1, 2, 0)", [hottest], {pre: 20.0, **swapped})
    yield ecal("tie with an earlier cell", [hottest], with_pre({main: 10.0, (1, 2, 1): 10.0}))
    yield ecal("tie with an earlier row", [hottest], with_pre({main: 10.0, (1, 1, 3): 10.0}))
    yield ecal("tie with a later cell", [], with_pre({main: 10.0, (1, 2, 3): 10.0}))
    yield ecal("tie with a later row", [], with_pre({main: 10.0, (1, 3, 1): 10.0}))
    yield ecal("hottest of all is in the preshower", [], {pre: 15.0, main: 5.0})
    yield ecal("elsewhere in the preshower", [], {(0, 1, 3): 15.0, main: 5.0})
    yield ecal("all in the preshower", [hottest], {pre: 20.0})
    late: Cells = {(1, 1, 1): (28.0, window("ECAL", (1, 1, 1)))}
    yield ecal("hotter cell out of time", [], with_pre({main: 8.0, **late}))
    edge = window("ECAL", (1, 1, 1)) - TINY
    yield ecal(
        "hotter cell just in time", [hottest], with_pre({main: 8.0, (1, 1, 1): (28.0, edge)})
    )
    edge = window("ECAL", main)
    late_main: Cells = {main: (20.0, -edge), (1, 2, 3): 4.0}
    yield ecal("central cell out of time", [hottest], with_pre(late_main))


def ecal_energy_variations() -> Iterator[Variation]:
    """ECAL total, out-of-time and preshower energy, and the ECAL box, on and beside the limits."""
    main, pre, energy, box = MAIN_CELL, PRE_CELL, "ECAL energy", "ECAL box"
    spot = (1, 2, 1)
    edge = window("ECAL", spot)
    yield ecal("30 out of time", [energy], with_pre({main: 20.0, spot: (30.0, edge)}))
    yield ecal("30 out of time, early", [energy], with_pre({main: 20.0, spot: (30.0, -edge)}))
    yield ecal("below 30 out of time", [], with_pre({main: 20.0, spot: (30.0 - TINY, edge)}))
    yield ecal("total 130", [energy], with_pre({main: 20.0, spot: (107.0, 40.0)}))
    high: Cells = {main: 97.0, spot: (20.0, 40.0)}
    yield ecal("total 120", [energy, box], with_pre(high))
    lower = high | {main: 97.0 - TINY}
    yield ecal("total below 120", [box], with_pre(lower))
    yield ecal("preshower 0.7", [energy], {pre: 0.7, main: 20.0})
    yield ecal("preshower above 0.7", [], {pre: up(0.7), main: 20.0})
    yield ecal("preshower empty", [energy], {main: 20.0})
    yield ecal("preshower out of time", [], {pre: (0.75, 40.0), main: 20.0})

    yield ecal("box 50", [box], {pre: 4.0, main: 46.0})
    yield ecal("box below 50", [], {pre: 4.0, main: 46.0 - TINY})
    edge = window("ECAL", (1, 1, 3))
    yield ecal("box 45 + 10 out of time", [], {pre: 4.0, main: 41.0, (1, 1, 3): (10.0, edge)})
    yield ecal("box 45 + 10 in time", [box], {pre: 4.0, main: 41.0, (1, 1, 3): (10.0, TINY - edge)})


def ecal_ratio_variations() -> Iterator[Variation]:
    """Energy on each side of the 3 x 3 cells; sums that are zero or negative."""
    main, pre, ratio = MAIN_CELL, PRE_CELL, "ECAL ratio"
    for rim in ((1, 0, 2), (1, 4, 2), (1, 2, 0), (1, 2, 4), (1, 2, 5), (0, 2, 4), (0, 0, 0)):
        cells: Cells = with_pre({main: 20.5, rim: 1.5})
        if rim in ((1, 0, 2), (0, 2, 4)):
            yield ecal(f"ratio 0.06 by {rim}", [ratio], cells)
            yield ecal(f"ratio below 0.06 by {rim}", [], cells | {rim: 1.5 - TINY})
        else:
            yield ecal(f"ratio above 0.06 by {rim}", [ratio], cells | {rim: 1.5 + TINY})
    corners: Cells = {(1, 1, 1): 2.0, (1, 3, 3): 2.0, (0, 1, 3): 2.0, (0, 3, 1): 2.0}
    yield ecal("corners of the 3 x 3", [], with_pre({main: 15.0, **corners}))
    for rim, sign in (((1, 0, 0), 1), ((0, 4, 5), -1)):
        edge = window("ECAL", rim)
        out: Cells = {main: 20.0, rim: (5.0, sign * edge)}
        yield ecal(f"{rim} on 3 sigma", [], with_pre(out))
        yield ecal(f"{rim} in 3 sigma", [ratio], with_pre(out | {rim: (5.0, sign * (edge - TINY))}))
    yield ecal("negative rim", [], with_pre({main: 20.0, (1, 0, 0): -1.0}))
    negative: Cells = {pre: (3.0, 40.0), main: 1.0, (1, 0, 0): -2.0}
    yield ecal("negative sum", [ratio], negative)
    yield ecal("negative sum in the 3 x 3", [ratio], negative | {(1, 0, 0): 0.0, (1, 3, 1): -2.0})
    yield ecal("sum 0, cells not", [ratio], negative | {(1, 0, 0): -1.0})
    yield ecal("nothing in time", ["hottest cell", ratio], {pre: (3.0, 40.0), main: (20.0, -40.0)})
    yield ecal("no energy", ["hottest cell", "ECAL energy", ratio], {})


HCAL_CENTRES = tuple((module, 1, 1) for module in range(4))


def hcal(name: str, fails: Iterable[str], cells: Cells) -> Variation:
    """Vary the HCAL: energy in these cells and in no other."""
    return only("HCAL", name, fails, cells)


def hcal_module_variations() -> Iterator[Variation]:
    """HCAL out of time, HCAL3 and the topology of module 0."""
    late = 3 * HCAL_SIGMA
    pile_up, third, topology = "HCAL out of time", "HCAL3", "HCAL0 topology"
    muon, total = "muon veto", "HCAL energy"
    c0, c1, c2, c3 = HCAL_CENTRES
    yield hcal("50 out of time", [pile_up], {c0: (50.0, late)})
    yield hcal("50 out of time, early, module 2", [pile_up], {c2: (50.0, -late)})
    yield hcal("below 50 out of time", [], {c0: (50.0 - TINY, late), (1, 0, 0): (0.125, late)})
    yield hcal("70 out of time in two modules", [pile_up], {c0: (30.0, 30.0), c1: (40.0, -30.0)})
    yield hcal("60 out of time in module 3", [], {c3: (60.0, 30.0)})
    yield hcal("51 in module 2 in time", [pile_up, muon, total], {c2: 51.0})
    yield hcal("51 in module 1 in time", [total], {c1: 51.0})

    yield hcal("module 3: 2", [third], {(3, 0, 2): 2.0})
    yield hcal("module 3: below 2", [], {(3, 0, 2): 2.0 - TINY})
    yield hcal("module 3: two cells", [third], {(3, 0, 0): 1.5, (3, 2, 2): 30.0})
    yield hcal("module 3: out of time", [], {c3: (5.0, late)})
    yield hcal("module 3: cells of 0.2", [], {c3: 1.875, (3, 0, 0): 0.2, (3, 0, 1): 0.1875})

    yield hcal("module 0 aside", [topology], {(0, 0, 0): 0.75, c0: 0.21875})
    yield hcal("module 0 aside, no centre", [topology], {(0, 2, 1): 0.9375})
    yield hcal("module 0 aside 0.5", [], {(0, 0, 1): 0.5})
    yield hcal("module 0 aside above 0.5", [topology], {(0, 0, 1): up(0.5)})
    yield hcal("module 0 aside, out of time", [], {(0, 0, 0): (0.75, late)})
    yield hcal("module 0 centre", [], {c0: 0.75, (0, 0, 1): 0.21875})
    yield hcal("module 0 sum twice the centre", [topology, total], {c0: 2.5, (0, 0, 1): 2.5})
    yield hcal("module 0 below twice", [total], {c0: 2.5, (0, 0, 1): 2.5 - TINY})
    yield hcal("module 0 centre by 0.2", [total], {c0: 2.5, (0, 0, 1): 2.375, (0, 0, 2): 0.2})


def hcal_energy_variations() -> Iterator[Variation]:
    """Muon veto and HCAL energy."""
    late = 3 * HCAL_SIGMA
    muon, total = "muon veto", "HCAL energy"
    c0, c1, c2, _ = HCAL_CENTRES
    yield hcal("module 2: 2", [total], {(2, 0, 0): 2.0})
    yield hcal("module 2: above 2", [muon, total], {(2, 0, 0): 2.0 + TINY})
    yield hcal("muon", [muon, total], {c0: 1.5625, c1: 1.5625, (2, 2, 1): 1.5})
    barely = up(1.5)
    yield hcal("muon, barely", [muon, total], {c0: barely, c1: barely, c2: 1.5})
    yield hcal("muon, module 0 1.5", [total], {c0: 1.5, c1: 1.5625, c2: 1.5})
    yield hcal("muon, module 1 1.5", [total], {c0: 1.5625, c1: 1.5, c2: 1.5})
    yield hcal("muon, module 2 1.3", [total], {c0: 1.5625, c1: 1.5625, c2: 1.3})
    yield hcal("muon, module 2 above 1.3", [muon, total], {c0: 1.5625, c1: 1.5625, c2: up(1.3)})
    yield hcal("muon, module 1 aside", [total], {c0: 1.5625, (1, 0, 1): 1.5625, c2: 1.5})
    yield hcal("muon, module 1 out of time", [total], {c0: 1.5625, c1: (1.5625, 30.0), c2: 1.5})

    yield hcal("1", [total], {c1: 1.0})
    yield hcal("below 1", [], {c1: 1.0 - TINY})
    yield hcal("1 over three modules", [total], {c0: 0.25, c1: 0.5, (2, 0, 0): 0.25})
    yield hcal("with a cell of 0.2", [], {c1: 0.8125, (1, 0, 0): 0.2})
    yield hcal("with a cell above 0.2", [total], {c1: 0.8125, (1, 0, 0): up(0.2)})
    yield hcal("negative cell", [total], {c1: 1.0625, (1, 0, 0): -0.5})
    yield hcal("on 3 sigma", [], {c1: (1.5, late)})
    yield hcal("on -3 sigma", [], {(2, 0, 1): (1.5, -late)})
    yield hcal("inside 3 sigma", [total], {c1: (1.5, late - TINY)})
    # the HCAL_tSigma branch must not be used: it holds 4 ns for one of these cells and 7.75 ns for
    # the other
    narrow, wide = (1, 2, 1), (1, 0, 1)
    assert SIGMA["HCAL"][narrow] < HCAL_SIGMA < SIGMA["HCAL"][wide]
    yield hcal("in time by 5.5 ns, not by tSigma", [total], {narrow: (1.5, 14.0)})
    yield hcal("in time by tSigma, not by 5.5 ns", [], {wide: (1.5, -20.0)})
    yield hcal("hadron", [total], {c0: 20.0, (0, 0, 1): 3.0, c1: 15.0})


SCALABLE = {
    "ECAL: hottest is (1, 1, 2)",
    "ECAL: hottest is (1, 3, 3)",
    "ECAL: tie with an earlier cell",
    "ECAL: preshower empty",
    "ECAL: ratio 0.06 by (0, 2, 4)",
    "ECAL: ratio above 0.06 by (1, 4, 2)",
}


def electron(event: Event) -> None:
    """Four times the energy in the ECAL: 80 to 112 GeV, out of the box by the cut `ECAL box`."""
    event.energy["ECAL"] *= 4
    event.fails.add("ECAL box")


def hadron(event: Event) -> None:
    """5 GeV in the centre of HCAL module 1: out of the box by the cut `HCAL energy`."""
    event.put("HCAL", (1, 1, 1), 5.0)
    event.fails.add("HCAL energy")


def dimuon_event(rng: np.random.Generator, kind: str) -> Event:
    """Two muons: about 5.5 GeV in each of HCAL 0, 1, 2, and 20 MeV in VETO plane 1."""
    event = base_event(rng, kind)
    event.dimuon = True
    event.energy["ECAL"] *= 2
    for module in range(3):
        event.put("HCAL", (module, 1, 1), float(dyadic(rng.uniform(4.5, 6), 6)))
        event.put("HCAL", (module, 0, 1), float(dyadic(rng.uniform(0.25, 1), 6)))
    for pmt in range(2):
        event.put("VETO", (1, pmt), float(dyadic(rng.uniform(0.009, 0.011), 14)))
    return event


def dimuon_events(rng: np.random.Generator) -> Iterator[Event]:
    """Events of the dimuon channel: passing, failing one condition, on the thresholds."""
    hcal, veto = "dimuon HCAL", "dimuon VETO"
    for _ in range(4):
        yield dimuon_event(rng, "dimuon")

    def with_module(module: int, energy: float, fails: str, at: float = 0.0) -> Event:
        event = dimuon_event(rng, f"dimuon: module {module}, {energy!r}, {at!r} ns")
        event.energy["HCAL"][module] = 0.0
        event.put("HCAL", (module, 1, 1), energy, at)
        event.fails |= {fails} if fails else set()
        return event

    for module, energy in ((0, 4.0), (1, 4.0), (2, 4.0), (0, 8.0), (1, 8.0), (2, 8.0), (1, 25.0)):
        yield with_module(module, energy, hcal)
    for module in range(3):
        yield with_module(module, up(4.0), "")
        yield with_module(module, down(8.0), "")
    yield with_module(2, 6.0, hcal, at=3 * HCAL_SIGMA)
    yield with_module(1, 6.0, "", at=TINY - 3 * HCAL_SIGMA)

    event = dimuon_event(rng, "dimuon: a cell of 0.2 does not lift module 1 over 4")
    event.energy["HCAL"][1] = 0.0
    event.put("HCAL", (1, 1, 1), 3.875)
    event.put("HCAL", (1, 2, 2), 0.2)
    event.fails.add(hcal)
    yield event

    planes: list[tuple[int, float, str]] = [
        (1, 0.015, veto),
        (1, up(0.015), ""),
        (1, 0.032, veto),
        (1, down(0.032), ""),
        (0, 0.032, veto),
        (0, down(0.032), ""),
        (2, 0.032, veto),
        (2, down(0.032), ""),
        (1, 0.0, veto),
    ]
    for plane, energy, fails in planes:
        event = dimuon_event(rng, f"dimuon: VETO plane {plane}, {energy!r}")
        event.energy["VETO"][plane] = 0.0
        event.put("VETO", (plane, plane % 2), energy)
        event.fails |= {fails} if fails else set()
        yield event

    event = dimuon_event(rng, "dimuon: one PMT out of time")
    event.put("VETO", (1, 1), 0.01, window("VETO", (1, 1)))
    event.fails.add(veto)
    yield event

    event = dimuon_event(rng, "dimuon: both conditions")
    event.energy["HCAL"][2] = 0.0
    event.energy["VETO"][1] = 0.0
    event.fails |= {hcal, veto}
    yield event


def dimuon_trunk_events(rng: np.random.Generator) -> Iterator[Event]:
    """Dimuons that fail one cut of the trunk, each in turn."""

    def trunk(name: str, fails: str, change: Callable[[Event], None]) -> Event:
        event = dimuon_event(rng, f"dimuon: {name}")
        change(event)
        event.fails.add(fails)
        return event

    def set_scalar(branch: str, value: float) -> Callable[[Event], None]:
        return lambda event: event.scalars.__setitem__(branch, value)

    def put(*values: Any) -> Callable[[Event], None]:
        return lambda event: event.put(*values)

    yield trunk("trigger", "physics trigger", set_scalar("triggerSources", 3))
    yield trunk("master time", "master time", set_scalar("masterT", 60.0))
    yield trunk("SRD", "SRD", put("SRD", (1,), 0.0))
    yield trunk("p-value", "track quality", set_scalar("pvalue_genfit_upMM", 0.0))
    yield trunk("momentum", "momentum", set_scalar("mom_genfit_upMM", 120.0))
    yield trunk("angle", "angle", set_scalar("inangle_genfit_upMM", 3.0))
    yield trunk("straw 3", "straw 3", set_scalar("mpStraw3X", 6))
    yield trunk("VHCAL", "VHCAL", put("VHCAL", (2, 2), 4.0))
    yield trunk("straw 4", "straw 4", set_scalar("mpStraw4Y", 0))
    yield trunk("hottest cell", "hottest cell", put("ECAL", (1, 2, 3), 48.0))
    yield trunk("40 GeV out of time", "ECAL energy", put("ECAL", (1, 1, 2), 40.0, 25.0))
    yield trunk("ECAL ratio", "ECAL ratio", put("ECAL", (1, 4, 4), 20.0))
    yield trunk("pile-up", "HCAL out of time", put("HCAL", (1, 0, 0), 60.0, 25.0))
    yield trunk("module 3", "HCAL3", put("HCAL", (3, 1, 1), 5.0))

    def both_in_topology(event: Event) -> None:
        event.energy["HCAL"][0] = 0.0
        event.put("HCAL", (0, 1, 1), 2.5)
        event.put("HCAL", (0, 1, 0), 2.5)

    yield trunk("module 0 twice its centre", "HCAL0 topology", both_in_topology)


def sum_order_events(rng: np.random.Generator) -> Iterator[Event]:
    """Make sums that fall on one side of a threshold in cell order, on the other in numpy's."""
    for detector, cut, limit in (("VHCAL", "VHCAL", 1.5), ("ECAL", "ECAL box", 50.0)):
        for passes in (True, False):
            for _ in range(100_000):
                event = base_event(rng, f"sum order: {detector}, {'pass' if passes else 'fail'}")
                cells = event.energy[detector].ravel()
                values = np.round(np.where(cells > 0, cells, 0.01) * limit / cells.sum(), 4)
                values[-1] = 0.0
                values[-1] = round(limit - math.fsum(values), 4)
                in_order = reduce(operator.add, values.tolist())  # sum() may compensate
                if passes == (in_order < limit) != (float(np.sum(values)) < limit):
                    break
            else:
                raise RuntimeError("no such sum was found")
            event.energy[detector] = values.reshape(SHAPE[detector])
            event.fails |= set() if passes else {cut}
            yield event


def varied(rng: np.random.Generator, *changes: Variation) -> Event:
    """Make a base event with these changes."""
    event = base_event(rng, " + ".join(change.name for change in changes))
    for change in changes:
        change.change(event)
        event.fails |= change.fails
    return event


def out_of_box_events(rng: np.random.Generator, variations: list[Variation]) -> Iterator[Event]:
    """Fail a cut and lie outside the signal box, so that blind counts have something to say."""
    for cut in MAIN:
        if cut in BLIND_REGION:
            continue
        some = [v for v in variations if v.fails == {cut}]
        # four times the energy must not move the event over other ECAL thresholds
        picked = [v for v in some if v.part != "ECAL" or v.name in SCALABLE]
        for number in rng.permutation(len(picked))[:2]:
            yield also(varied(rng, picked[number]), electron)
        if some and some[0].part != "HCAL":
            yield also(varied(rng, some[-1]), hadron)
    for change in (electron, hadron):
        for _ in range(4):
            yield also(base_event(rng, "base"), change)


def also(event: Event, change: Callable[[Event], None]) -> Event:
    """Apply a change to an event and add its name to the kind of event."""
    change(event)
    event.kind += f" + {change.__name__}"
    return event


def several_cut_events(rng: np.random.Generator, variations: list[Variation]) -> Iterator[Event]:
    """Fail pairs and triples of cuts at random, each in another part of the event."""
    failing = [v for v in variations if v.fails]
    for size in (2, 3) * 9:
        picked: list[Variation] = []
        while len(picked) < size:
            one = failing[rng.integers(len(failing))]
            if all(one.part != other.part for other in picked):
                picked.append(one)
        yield varied(rng, *picked)


def make_events() -> list[Event]:
    """Make all events in file order, with run, spill and event numbers."""
    rng = np.random.default_rng(SEED)
    variations = [
        *scalar_variations(),
        *srd_variations(),
        *vhcal_variations(),
        *veto_variations(),
        *hottest_cell_variations(),
        *ecal_energy_variations(),
        *ecal_ratio_variations(),
        *hcal_module_variations(),
        *hcal_energy_variations(),
    ]
    events = [base_event(rng, "passes everything") for _ in range(5)]

    events += [varied(rng, variation) for variation in variations]
    events += out_of_box_events(rng, variations)
    events += several_cut_events(rng, variations)
    events += dimuon_events(rng)
    events += dimuon_trunk_events(rng)
    events += sum_order_events(rng)

    order = rng.permutation(len(events))
    events = [events[number] for number in order]
    blocks = ((9001, 3), (9001, 1), (9002, 1), (9002, 2), (9001, 2), (9002, 5))
    edges = np.linspace(0, len(events), len(blocks) + 1).round().astype(int)
    for (run, spill), start, stop in zip(blocks, edges[:-1], edges[1:], strict=True):
        numbers = np.sort(rng.choice(400, stop - start, replace=False))
        for event, number in zip(events[start:stop], numbers, strict=True):
            event.scalars |= {"runN": run, "spillN": spill, "spilleventtN": int(number)}
    return events


# --------------------------------------------------------------------------------------------------
# Writing


def write_tree(events: list[Event], path: Path) -> None:
    """Write the events as a TTree of scalars and std::vector<double>."""
    file = ROOT.TFile(str(path), "RECREATE", "", 101)  # zlib, level 1
    tree = ROOT.TTree(TREE, "synthetic events, no physics")
    tree.SetAutoFlush(CLUSTER)
    scalars: dict[str, NDArray[Any]] = {}
    vectors: dict[str, Any] = {}
    for name, code in SCALARS.items():
        scalars[name] = np.zeros(1, dtype=NUMPY_TYPES[code])
        tree.Branch(name, scalars[name], f"{name}/{code}", BASKET)
    for name in VECTORS:
        vectors[name] = ROOT.std.vector["double"]()
        tree.Branch(name, vectors[name], BASKET, 0)
    for event in events:
        for name, buffer in scalars.items():
            buffer[0] = event.scalars[name]
        for name, values in event.vectors().items():
            vectors[name].clear()
            for value in values.tolist():
                vectors[name].push_back(value)
        tree.Fill()
    tree.Write()
    file.Close()


def write_rntuple(events: list[Event], path: Path) -> None:
    """Write the events as an RNTuple, a cluster every `CLUSTER` entries."""
    model = ROOT.RNTupleModel.Create()
    for name, code in SCALARS.items():
        model.MakeField[CPP_TYPES[code]](name)
    for name in VECTORS:
        model.MakeField["std::vector<double>"](name)
    options = ROOT.RNTupleWriteOptions()
    options.SetCompression(101)
    options.SetMaxUnzippedPageSize(4096)
    with ROOT.RNTupleWriter.Recreate(model, TREE, str(path), options) as writer:
        entry = writer.CreateEntry()
        for number, event in enumerate(events):
            if number and number % CLUSTER == 0:
                writer.CommitCluster()
            for name, code in SCALARS.items():
                value = event.scalars[name]
                entry[name] = float(value) if code == "D" else int(value)
            for name, values in event.vectors().items():
                vector = entry[name]
                vector.clear()
                for one in values.tolist():
                    vector.push_back(one)
            writer.Fill(entry)


# --------------------------------------------------------------------------------------------------
# Counting: the cuts in C++, for RDataFrame

HELPERS = r"""
namespace na64small {
using Cells = ROOT::VecOps::RVec<double>;

// The energy where |t0 - tE| < 3 sigma of the same cell, else 0.
inline Cells in_time(const Cells &ene, const Cells &t0, const Cells &tE, const Cells &sigma) {
  Cells kept(ene.size(), 0.);
  for (std::size_t cell = 0; cell != ene.size(); ++cell)
    if (std::abs(t0[cell] - tE[cell]) < 3 * sigma[cell]) kept[cell] = ene[cell];
  return kept;
}

// The same with one sigma for all cells.
inline Cells in_time_fixed(const Cells &ene, const Cells &t0, const Cells &tE, double sigma) {
  return in_time(ene, t0, tE, Cells(ene.size(), sigma));
}

// The same with one sigma for each pair of PMTs.
inline Cells in_time_pmt(const Cells &ene, const Cells &t0, const Cells &tE, const Cells &plane) {
  Cells sigma(ene.size());
  for (std::size_t pmt = 0; pmt != ene.size(); ++pmt) sigma[pmt] = plane[pmt / 2];
  return in_time(ene, t0, tE, sigma);
}

// Cells at or below the threshold count as 0.
inline Cells above(const Cells &ene, double threshold) {
  Cells kept(ene.size(), 0.);
  for (std::size_t cell = 0; cell != ene.size(); ++cell)
    if (ene[cell] > threshold) kept[cell] = ene[cell];
  return kept;
}

// The sum of the cells first <= cell < last, in their order.
inline double sum(const Cells &ene, std::size_t first, std::size_t last) {
  double total = 0.;
  for (std::size_t cell = first; cell < last; ++cell) total += ene[cell];
  return total;
}

inline std::size_t ecal_cell(std::size_t plane, std::size_t ix, std::size_t iy) {
  return plane * 30 + ix * 6 + iy;
}

// The sum over ix, iy in 1..3 of both planes.
inline double ecal_inner(const Cells &ecal) {
  double total = 0.;
  for (std::size_t plane = 0; plane < 2; ++plane)
    for (std::size_t ix = 1; ix <= 3; ++ix)
      for (std::size_t iy = 1; iy <= 3; ++iy) total += ecal[ecal_cell(plane, ix, iy)];
  return total;
}

// The first of the cells of the main layer that hold the largest energy.
inline std::size_t ecal_hottest(const Cells &ecal) {
  std::size_t best = ecal_cell(1, 0, 0);
  for (std::size_t cell = best + 1; cell < 60; ++cell)
    if (ecal[cell] > ecal[best]) best = cell;
  return best;
}

inline double largest(const Cells &ene, std::size_t first, std::size_t last) {
  return *std::max_element(ene.begin() + first, ene.begin() + last);
}
} // namespace na64small
"""

DEFINES = {
    "ecal": "na64small::in_time(ECAL_ene, ECAL_t0, ECAL_tE, ECAL_tSigma)",
    "hcal_all": "na64small::above(HCAL_ene, 0.2)",
    "hcal": "na64small::in_time_fixed(hcal_all, HCAL_t0, HCAL_tE, 5.5)",
    "vhcal": "na64small::in_time(VHCAL_ene, VHCAL_t0, VHCAL_tE, VHCAL_tSigma)",
    "srd": "na64small::in_time(SRD_ene, SRD_t0, SRD_tE, SRD_tSigma)",
    "pmt": "na64small::in_time_pmt(VETO_enePMT, VETO_t0, VETO_tE, VETO_tSigma)",
    "veto0": "pmt[0] + pmt[1]",
    "veto1": "pmt[2] + pmt[3]",
    "veto2": "pmt[4] + pmt[5]",
    "ecal_open": "na64small::sum(ECAL_ene, 0, 60)",
    "ecal_sum": "na64small::sum(ecal, 0, 60)",
    "ecal_inner": "na64small::ecal_inner(ecal)",
    "hcal0": "na64small::sum(hcal, 0, 9)",
    "hcal1": "na64small::sum(hcal, 9, 18)",
    "hcal2": "na64small::sum(hcal, 18, 27)",
    "hcal3": "na64small::sum(hcal, 27, 36)",
}

MAIN = {
    "physics trigger": "(triggerSources & 4) != 0",
    "master time": "86.5 <= masterT && masterT <= 113.5",
    "SRD": "0.001 < srd[0] && srd[0] < 0.08 && 0.001 < srd[1] && srd[1] < 0.08"
    " && 0.001 < srd[2] && srd[2] < 0.08",
    "track quality": "0 < mom_genfit_upMM && mom_genfit_upMM < 9999 && pvalue_genfit_upMM > 0.01",
    "momentum": "std::abs(mom_genfit_upMM - 100.) < 10.",
    "angle": "inangle_genfit_upMM < 3.",
    "straw 3": "1 <= mpStraw3X && mpStraw3X <= 5 && 1 <= mpStraw3Y && mpStraw3Y <= 5",
    "VHCAL": "na64small::sum(vhcal, 0, 16) < 1.5",
    "straw 4": "1 <= mpStraw4X && mpStraw4X <= 5 && 1 <= mpStraw4Y && mpStraw4Y <= 5",
    "hottest cell": "na64small::ecal_hottest(ecal) == na64small::ecal_cell(1, 2, 2)",
    "ECAL energy": "ecal_open < 120. && ecal_open - ecal_sum < 30."
    " && na64small::sum(ECAL_ene, 0, 30) > 0.7",
    "ECAL ratio": "ecal_sum > 0. && (ecal_sum - ecal_inner) / ecal_sum < 0.06",
    "HCAL out of time": "na64small::sum(hcal_all, 0, 27) - na64small::sum(hcal, 0, 18) < 50.",
    "HCAL3": "hcal3 < 2.",
    "HCAL0 topology": "!(na64small::largest(hcal, 0, 9) > 0.5) || hcal0 < 2. * hcal[4]",
    "VETO": "veto0 < 0.0076 && veto1 < 0.008 && veto2 < 0.0076",
    "muon veto": "!(hcal2 > 2. || (hcal[4] > 1.5 && hcal[13] > 1.5 && hcal2 > 1.3))",
    "HCAL energy": "na64small::sum(hcal, 0, 27) < 1.",
    "ECAL box": "ecal_sum < 50.",
}
DIMUON = {name: MAIN[name] for name in list(MAIN)[:15]} | {
    "dimuon HCAL": "4. < hcal0 && hcal0 < 8. && 4. < hcal1 && hcal1 < 8."
    " && 4. < hcal2 && hcal2 < 8.",
    "dimuon VETO": "veto1 > 0.015 && veto0 < 0.032 && veto1 < 0.032 && veto2 < 0.032",
}
CHANNELS = {"main": MAIN, "dimuon": DIMUON}
BLIND_REGION = ("HCAL energy", "ECAL box")
ALL_CUTS = MAIN | DIMUON
COLUMN = {name: f"cut_{number}" for number, name in enumerate(ALL_CUTS)}


def dataframe(paths: list[Path]) -> Any:
    """Open the files as an RDataFrame with one boolean column for each cut."""
    frame = ROOT.RDataFrame(TREE, [str(path) for path in paths])
    for name, expression in DEFINES.items():
        frame = frame.Define(name, expression)
    for name, expression in ALL_CUTS.items():
        frame = frame.Define(COLUMN[name], f"bool({expression})")
    both = " && ".join(COLUMN[name] for name in BLIND_REGION)
    return frame.Define("in_box", both)


def booked(frame: Any, names: Iterable[str]) -> Any:
    """Book the count of the events that pass all these cuts."""
    expression = " && ".join(COLUMN[name] for name in names)
    return (frame.Filter(expression) if expression else frame).Count()


def book_channel(frame: Any, cuts: dict[str, str], *, blind: bool) -> list[dict[str, Any]]:
    """Book the four counts of each cut of a channel; None where the blind rule hides one."""
    names = list(cuts)
    region = set(BLIND_REGION) & set(names)
    left = frame
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        left = left.Filter(COLUMN[name])
        others = [other for other in names if other != name]
        shown = [other for other in others if other not in region]

        def hidden(used: Iterable[str]) -> bool:
            return blind and set(BLIND_REGION) <= set(used)

        rows.append(
            {
                "name": name,
                "expression": cuts[name],
                "sequential": None if hidden(names[: number + 1]) else left.Count(),
                "alone": booked(frame, [name]),
                "all_but_this": None if hidden(others) else booked(frame, others),
                "all_but_this_open": None if name in region else booked(frame, shown),
            }
        )
    return rows


def count(paths: list[Path]) -> dict[str, Any]:
    """Count with RDataFrame, open and blind: totals, channels, runs, survivors, failed cuts."""
    frame = dataframe(paths)
    columns = ["runN", "spillN", "spilleventtN", "in_box", *COLUMN.values()]
    events = frame.AsNumpy(columns)
    runs = sorted({int(run) for run in events["runN"]})
    result: dict[str, Any] = {}
    for mode in ("open", "blind"):
        blind = mode == "blind"
        seen = frame.Filter("!in_box") if blind else frame
        booked_channels = {
            channel: book_channel(seen, cuts, blind=blind) for channel, cuts in CHANNELS.items()
        }
        booked_runs: dict[str, Any] = {}
        for run in runs:
            part = seen.Filter(f"runN == {run}u")
            booked_runs[str(run)] = {"events": part.Count()}
            for channel, cuts in CHANNELS.items():
                left, steps = part, []
                for name in cuts:
                    left = left.Filter(COLUMN[name])
                    steps.append(left.Count())
                if blind and set(BLIND_REGION) <= set(cuts):
                    steps[-1] = None
                booked_runs[str(run)][channel] = steps
        total = seen.Count()
        result[mode] = _collect({"events": total, "channels": booked_channels, "runs": booked_runs})
        for channel, rows in result[mode]["channels"].items():
            hidden = blind and set(BLIND_REGION) <= set(CHANNELS[channel])
            keep = np.ones(len(events["runN"]), dtype=bool)
            for name in CHANNELS[channel]:
                keep &= events[COLUMN[name]].astype(bool)
            if blind:
                keep &= ~events["in_box"].astype(bool)
            ids = sorted(
                (int(run), int(spill), int(event))
                for run, spill, event in zip(
                    events["runN"][keep],
                    events["spillN"][keep],
                    events["spilleventtN"][keep],
                    strict=True,
                )
            )
            last = rows[-1]["sequential"]
            assert hidden or len(ids) == last
            result[mode]["channels"][channel] = {
                "cuts": rows,
                "survivors": None if hidden else [list(one) for one in ids],
            }
    result["events"] = [
        {
            "id": [int(events[name][row]) for name in columns[:3]],
            "in_box": bool(events["in_box"][row]),
            "failed": [name for name in ALL_CUTS if not events[COLUMN[name]][row]],
        }
        for row in range(len(events["runN"]))
    ]
    return result


def _collect(booked_results: Any) -> Any:
    """Replace booked counts by their values (the first one asked for runs the event loop)."""
    if isinstance(booked_results, dict):
        return {key: _collect(value) for key, value in booked_results.items()}
    if isinstance(booked_results, list):
        return [_collect(value) for value in booked_results]
    if hasattr(booked_results, "GetValue"):
        return int(booked_results.GetValue())
    return booked_results


# --------------------------------------------------------------------------------------------------
# Output


def compare_intentions(events: list[Event], counted: list[dict[str, Any]]) -> None:
    """Raise if an event fails other cuts than it was made to fail."""
    wrong = []
    for event, row in zip(events, counted, strict=True):
        names = DIMUON if event.dimuon else MAIN
        failed = {name for name in row["failed"] if name in names}
        if failed != event.fails:
            wrong.append(f"{event.kind}: made to fail {event.fails}, fails {failed}")
    if wrong:
        raise SystemExit("\n".join(wrong))


def dump(value: Any, indent: int = 0) -> str:
    """JSON with short things on one line."""
    flat = json.dumps(value)
    if len(flat) + indent < 100 or not isinstance(value, dict | list):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {dump(item, indent + 1)}" for key, item in value.items()]
    else:
        items = [dump(item, indent + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + "\n" + ",\n".join(pad + item for item in items) + "\n" + " " * indent + closing


def make() -> None:
    """Write the two ROOT files and the counts."""
    events = make_events()
    tree, rntuple = Path("tout_small.root"), Path("tout_small_rntuple.root")
    write_tree(events, tree)
    write_rntuple(events, rntuple)
    counts = count([tree])
    if count([rntuple]) != counts:
        raise SystemExit("ROOT counts differently on the RNTuple")
    compare_intentions(events, counts["events"])
    for event, row in zip(events, counts["events"], strict=True):
        row["kind"] = event.kind
    result = {
        "made_by": {"script": Path(__file__).name, "root": ROOT.__version__, "seed": SEED},
        "files": [tree.name, rntuple.name],
        "entries": len(events),
        "in_box": sum(row["in_box"] for row in counts["events"]),
        "blind_region": list(BLIND_REGION),
        **counts,
    }
    Path("tout_small_counts.json").write_text(dump(result) + "\n", encoding="utf-8")
    print(f"{len(events)} events, {result['in_box']} in the box")


def check(paths: list[Path], reference: Path) -> bool:
    """Count on other files and compare, each alone and all together, with reference counts."""
    fine = True
    jobs = [([path], f"cutflow_{path.stem.removesuffix('_rntuple')}.json") for path in paths]
    if len(paths) > 1:
        jobs.append((paths, "cutflow_tout_all.json"))
    for files, name in jobs:
        counts = count(files)
        main = counts["open"]["channels"]["main"]
        mine = {
            "events": counts["open"]["events"],
            "cuts": [
                [row["name"], row["sequential"], row["alone"], row["all_but_this"]]
                for row in main["cuts"]
            ],
            "survivors": main["survivors"],
        }
        theirs = json.loads((reference / name).read_text(encoding="utf-8"))
        wanted = {
            "events": theirs["events"],
            "cuts": [
                [row["name"], row["sequential"], row["individual"], row["all_but_this"]]
                for row in theirs["cuts"]
            ],
            "survivors": theirs["survivors"],
        }
        same = mine == wanted
        fine &= same
        print(f"{name}: {'the same' if same else 'DIFFERENT'}")
        for key, value in wanted.items():
            if mine[key] != value:
                print(f"  {key}: {mine[key]}\n  wanted {value}")
        blind = counts["blind"]["channels"]["main"]["cuts"]
        print("  dimuon:", counts["open"]["channels"]["dimuon"]["cuts"][-1]["sequential"])
        print("  in the box:", counts["open"]["events"] - counts["blind"]["events"])
        print("  blind, in sequence:", [row["sequential"] for row in blind])
        print("  blind, all but this and the box:", [row["all_but_this_open"] for row in blind])
    return fine


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--reference", type=Path, help="folder of cutflow_NAME.json, for --check")
    arguments = parser.parse_args()
    if not ROOT.gInterpreter.Declare(HELPERS):
        raise SystemExit("ROOT does not compile the helper functions")
    if arguments.check:
        reference = arguments.reference or arguments.check[0].parent
        raise SystemExit(0 if check(arguments.check, reference) else 1)
    with contextlib.chdir(HERE):  # a ROOT file holds its own path as it was given
        make()


if __name__ == "__main__":
    main()
