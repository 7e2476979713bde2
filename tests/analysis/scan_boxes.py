"""How the chosen cuts of na64mu-2022 and na64h-2022 were found: scans on simulated events.

    python tests/analysis/scan_boxes.py muons
    python tests/analysis/scan_boxes.py pions

One cut is moved, the others stay. The background is that of the generator for the exposure of the
search: simulated events left, and for wrong momenta of muons the exponential that they are drawn
from. What counts is the mean expected limit on the number of signal events made, so that a
background is felt although no event is seen. Takes some minutes; docs/modes hold its tables.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import na64ana as na
from na64ana.limits import expected_limits
from na64ana.signal import model
from na64ana.simulate import MODES, mediators, shares, simulate_blocks, write_tout
from na64ana.simulate.parameters.muons import MuonParameters

EVENTS = {"muons": 20_000, "pions": 20_000}
Change = tuple[str, str, float]

SCANS: dict[str, dict[str, tuple[str, str, tuple[float, ...]]]] = {
    "muons": {
        "ECAL energy": ("ecal_total", "GeV", (1, 2, 3, 5, 10)),
        "HCAL modules": ("hcal_greatest", "GeV", (3, 4, 5, 8, 15)),
        "VETO": ("veto_greatest", "MeV", (12, 15, 20, 30, 60)),
        "calorimeter energy": ("calorimeter_total", "GeV", (8, 10, 15, 20, 40)),
        "outgoing momentum": ("outgoing.momentum", "GeV", (60, 70, 75, 80, 85, 90)),
    },
    "pions": {
        "preshower": ("preshower_energy", "GeV", (0.1, 0.15, 0.2, 0.5, 1)),
        "ECAL energy": ("ecal_total", "GeV", (0.5, 0.7, 1, 1.5, 3)),
        "HCAL energy": ("hcal_total", "GeV", (0.3, 0.5, 1, 2, 4)),
    },
}
NAMES = {"muons": ("muons-160", "na64mu-2022"), "pions": ("hadrons-50", "na64h-2022")}
TAIL = "muon"
#: edges of the sideband, GeV, from which the exponential goes on
SIDEBAND = 85.0, 126.0


def sample(folder: Path, mode: str, process: str, events: int) -> Path:
    """Simulate a process; a signal of muons has the energies of L_mu - L_tau at 10 MeV."""
    known = MODES[mode]
    parameters = known.parameters
    if process in known.signals and known.setup:
        signal = mediators(model("lmu-ltau"), 0.01, known, least=0.5)
        parameters = replace(parameters, signal=signal)
    path = folder / f"{process}.root"
    blocks = simulate_blocks(process, events, seed=7, mode=mode, parameters=parameters)
    write_tout(path, blocks)
    return path


def changed(selection: str, cut: str, observable: str, unit: str, value: float) -> na.Selection:
    """Return a selection with another threshold."""
    content: dict[str, Any] = {"name": cut, "observable": observable, "below": f"{value} {unit}"}
    if observable == "outgoing.momentum":
        content = {"name": cut, "observable": observable, "within": ["10 GeV", f"{value} GeV"]}
    return na.Selection.from_dict({"name": "scan", "extends": selection, "cuts": [content]})


def left(selection: na.Selection, path: Path) -> int:
    """Events of a file that pass all cuts."""
    last = na.run(selection, path, progress=False).cutflow.rows[-1].sequential
    assert last is not None
    return last.n


def tail(beam: str, selection: str, path: Path, cut: str, change: Change) -> float:
    """Events of wrong momentum in the box per event of the sideband, times those there."""
    observable, unit, value = change
    low, high = (f"{edge} GeV" for edge in SIDEBAND)
    cuts = [{"name": "outgoing momentum", "observable": "outgoing.momentum", "within": [low, high]}]
    if cut and cut != "outgoing momentum":
        cuts.append({"name": cut, "observable": observable, "below": f"{value} {unit}"})
    greatest = value if cut == "outgoing momentum" else 80.0
    width = cast("MuonParameters", MODES[NAMES[beam][0]].parameters).spectrometers.tail_width
    beside = na.Selection.from_dict({"name": "sideband", "extends": selection, "cuts": cuts})
    between = math.exp(SIDEBAND[1] / width) - math.exp(SIDEBAND[0] / width)
    return left(beside, path) * math.exp(greatest / width) / between


def scan(beam: str, events: int) -> None:
    """Print the table of one beam."""
    mode, selection = NAMES[beam]
    known = MODES[mode]
    parts = shares(known, known.parameters)
    with TemporaryDirectory() as name:
        files = {p: sample(Path(name), mode, p, events) for p in known.origins}
        for cut, (observable, unit, values) in SCANS[beam].items():
            for value in values:
                chain = changed(selection, cut, observable, unit, value)
                efficiency = left(chain, files["invisible"]) / events
                found = {}
                for process, share in parts.items():
                    if beam == "muons" and process == TAIL:
                        change = (observable, unit, value)
                        count = tail(beam, selection, files[process], cut, change)
                    else:
                        count = left(chain, files[process])
                    found[process] = count * share * EVENTS[beam] / events
                background = sum(found.values())
                mean = expected_limits(background).mean if background else math.log(10)
                most = max(found, key=lambda process: found[process])
                sys.stdout.write(
                    f"| {cut} | {value:g} {unit} | {efficiency:.4f} | {background:.3g} ({most}) "
                    f"| {mean:.2f} | {mean / efficiency:.1f} |\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    scan(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 40_000)
