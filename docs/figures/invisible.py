"""Draw the limits of docs/modes/invisible.md and print its tables.

Run it from the top of the checkout, with the folders that ``na64ana demo`` made of the three
searches, in the order of the periods: ``python docs/figures/invisible.py FOLDER FOLDER FOLDER``.
The combination takes some minutes.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from na64ana.analysis import combine, recast
from na64ana.plot import plot_reaches
from na64ana.signal import masses_of
from na64ana.signal.curves import curve

FOLDER = Path(__file__).parent
MASSES = (0.001, 0.01, 0.1)
DRAWN = sorted({*masses_of("0.001:1:31"), *masses_of("0.17:0.42:23")})  # the resonance, finer
PERIODS = {"2016-2018": 2.84e11, "2021-2022": 6.53e11, "2023": 5.1e11}
EXPOSURE = PERIODS["2016-2018"]  # of the published curves
PUBLISHED = "na64-2019-invisible"
MODELS = (
    "dark-photon", "scalar", "pseudoscalar", "axial", "spin-2", "b-l", "lmu-ltau", "inelastic",
)  # fmt: skip


def say(*words: object) -> None:
    """Write a line of a table."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


def row(name: str, limit: dict[str, Any], exposure: float) -> None:
    """Write the limits at three masses beside the published ones."""
    scan = limit["scan"]
    cells = []
    for mass, found in zip(scan["mass"], scan["median"], strict=True):
        scaled = curve(PUBLISHED).limit_at(mass) * math.sqrt(EXPOSURE / exposure)
        cells.append(f"{found:.2e} ({found / scaled:.2f})")
    say(f"| {name} |", " | ".join(cells), "|")


def main(folders: list[str]) -> None:
    """Draw and write all from the results of the three searches."""
    results = {p: Path(f) / "results" for p, f in zip(PERIODS, folders, strict=True)}
    reaches = {}
    for period, folder in results.items():
        limit = json.loads((folder / "limit.json").read_text())
        say(period, limit["bins"][0]["background"])
        reaches[period] = recast(folder, "dark-photon", masses=DRAWN, progress=False).reach
    published = [curve(PUBLISHED)]
    plot = plot_reaches(reaches, published)
    plot.figure.savefig(FOLDER / "invisible.png", dpi=110)
    for period, folder in results.items():
        found = recast(folder, "dark-photon", masses=MASSES, progress=False)
        row(period, found.limit, PERIODS[period])
        say(f"| {period} |", " | ".join(f"{e:.2f}" for e in found.limit["scan"]["efficiency"]), "|")
    first = results["2016-2018"]
    for name in MODELS:
        scan = recast(first, name, masses=MASSES, progress=False).limit["scan"]
        values = " | ".join("" if value is None else f"{value:.2e}" for value in scan["median"])
        say(f"| `{name}` | {scan['coupling']} | {values} |")
    together = combine(list(results.values())[:2], masses=MASSES, progress=False)
    row("2016-2022", together.limit, sum(list(PERIODS.values())[:2]))


if __name__ == "__main__":
    main(sys.argv[1:])
