"""Make injection.json: signals of known size in toys of every search, and what comes out.

Run it from the top of the checkout (minutes for each search), for all searches or some:

    python tests/analysis/make_injection.py [SEARCH...]

The table of docs/injection.md is printed at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from na64ana.analysis import load_analysis
from na64ana.analysis.injection import inject, population
from na64ana.analysis.model import SidebandSpec
from na64ana.analysis.searches import search_names, search_path

FILE = Path(__file__).with_name("injection.json")
EVENTS = 8_000
MORE = 150_000  # of a process that a sideband is made of, where few events reach the box
SIDEBAND_PROCESSES = ("radiative", "muon", "bremsstrahlung")
SIGNALS = (0.0, 3.0, 10.0)
TOYS = 200
SEED = 20_261_123


def main(names: list[str]) -> None:
    known: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for name in names:
        known[name] = study(name)
        ordered = {one: known[one] for one in search_names() if one in known}
        FILE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    print(table(json.loads(FILE.read_text(encoding="utf-8"))))  # noqa: T201


def study(name: str) -> dict[str, Any]:
    analysis = load_analysis(search_path(name))
    extrapolated = any(isinstance(source, SidebandSpec) for source in analysis.sources)
    more = dict.fromkeys(SIDEBAND_PROCESSES, MORE) if extrapolated else {}
    drawn = population(analysis, EVENTS, more=more, seed=SEED)
    rows = [inject(drawn, signal, TOYS, seed=SEED) for signal in SIGNALS]
    return {
        "analysis": analysis.sha256,
        "background": drawn.background,
        "background_error": drawn.background_error,
        "rows": [row._asdict() for row in rows],
    }


def table(known: dict[str, Any]) -> str:
    lines = [
        "| search | background | signal | estimated | bias | coverage of the limit | toys |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in known.items():
        first = f"`{name}`", f"{found['background']:.2f} ± {found['background_error']:.2f}"
        for row in found["rows"]:
            bias = row["found"] - row["signal"]
            lines.append(
                f"| {first[0]} | {first[1]} | {row['signal']:g} | {row['found']:.2f} "
                f"| {bias:+.2f} ± {row['found_error']:.2f} "
                f"| {100 * row['coverage']:.0f}% ± {100 * row['coverage_error']:.0f}% "
                f"| {row['toys']} of {row['toys'] + row['failed']} |"
            )
            first = "", ""
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:] or list(search_names()))
