"""Make injection.json: signals of known size in toys of every search, and what comes out.

Run it from the top of the checkout (about two minutes for each search), for all searches or some:

    python tests/analysis/make_injection.py [SEARCH...]

The table of docs/injection.md is printed at the end. With --events each process has that many
events, which is quick, and nothing is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from na64ana.analysis import Analysis, load_analysis
from na64ana.analysis.injection import Population, Process, inject, population
from na64ana.analysis.model import SidebandSpec
from na64ana.analysis.searches import search_names, search_path
from na64ana.analysis.simulated import mode_of
from na64ana.simulate import shares

FILE = Path(__file__).with_name("injection.json")
EVENTS = 8_000  # of each process, at least
WEIGHT = 0.05  # events of the data that a simulated one stands for, at most
SIDEBAND_EVENTS = 150_000  # of a process that a sideband is made of, where few reach the box
SIDEBAND_PROCESSES = ("radiative", "muon", "bremsstrahlung")
SIGNALS = (0.0, 3.0, 10.0)
TOYS = 200
#: searches of the same selection, processes, sources and injected signal: one row for both
SAME = {"na64e-inelastic-2016-2018": "na64e-invisible-2016-2018"}
#: searches whose population is kept, so that a test can draw the same toys again
KEPT = ("na64e-visible-2017", "na64mu-2022")


def main(names: Iterable[str], events: int | None = None) -> None:
    known: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for name in dict.fromkeys(SAME.get(name, name) for name in names):
        known[name] = study(name, events)
        ordered = {one: known[one] for one in rows() if one in known}
        if events is None:
            FILE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    print(table(known))  # noqa: T201


def rows() -> list[str]:
    """The searches of which each row of the table is named after the first."""
    return [name for name in search_names() if name != "demo" and name not in SAME]


def searches(row: str) -> list[str]:
    """All searches of a row."""
    return [row, *(name for name, first in SAME.items() if first == row)]


def seed(row: str) -> int:
    """Each row has a seed of its own."""
    return zlib.crc32(row.encode())


def study(row: str, events: int | None = None) -> dict[str, Any]:
    analysis = load_analysis(search_path(row))
    more = {} if events else numbers(analysis)
    drawn = population(analysis, events or EVENTS, more=more, seed=seed(row))
    found = [inject(drawn, signal, TOYS, seed=seed(row)) for signal in SIGNALS]
    return {
        "searches": {name: hash_of(load_analysis(search_path(name))) for name in searches(row)},
        "shares": drawn.shares,
        "background": drawn.background,
        "background_error": drawn.background_error,
        "rows": [one._asdict() for one in found],
        **({"population": counts(drawn)} if row in KEPT else {}),
    }


def hash_of(analysis: Analysis) -> str:
    """Hash of all that toys depend on: the analysis but for words, masses and histograms."""
    selection = json.loads(analysis.selection.canonical())
    selection.pop("histograms", None)
    spec = analysis.spec
    content = _without_words(
        [
            selection,
            [[type(source).__name__, msgspec.to_builtins(source)] for source in analysis.sources],
            [spec.limit.cl, spec.limit.method, spec.limit.total],
            [msgspec.to_builtins(spec.signal), msgspec.to_builtins(spec.simulation), spec.layout],
        ]
    )
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_words(content: Any) -> Any:
    if isinstance(content, dict):
        words = ("description", "reference", "reason", "label")
        return {k: _without_words(v) for k, v in content.items() if k not in words}
    return [_without_words(one) for one in content] if isinstance(content, list) else content


def numbers(analysis: Analysis) -> dict[str, int]:
    """Events to simulate of each process, where it is more than `EVENTS`."""
    plan = analysis.spec.simulation
    assert plan is not None
    found = {
        name: max(EVENTS, math.ceil(plan.events * share / WEIGHT))
        for name, share in present_shares(analysis).items()
    }
    if any(isinstance(source, SidebandSpec) for source in analysis.sources):
        for name in SIDEBAND_PROCESSES:
            found[name] = max(SIDEBAND_EVENTS, found.get(name, 0))
    return found


def present_shares(analysis: Analysis) -> dict[str, float]:
    """The shares of the processes in the data, as they are simulated now."""
    assert analysis.spec.simulation is not None
    mode = mode_of(analysis.spec.simulation)
    return {name: share for name, share in shares(mode, mode.parameters).items() if share > 0}


# ------------------------------------------------------------------ a population in the file


def counts(drawn: Population) -> dict[str, Any]:
    """What was simulated and what is left of it, in whole events."""

    def of(process: Process) -> dict[str, Any]:
        n = process.generated
        sidebands = {name: np.rint(s * n).astype(int) for name, s in process.sidebands.items()}
        return {
            "generated": n,
            "box": round(process.box * n),
            "sidebands": {
                name: [[int(i), int(s[i])] for i in np.flatnonzero(s)]
                for name, s in sidebands.items()
            },
            "regions": {name: round(x * n) for name, x in process.regions.items()},
            "channels": {name: round(x * n) for name, x in process.channels.items()},
        }

    return {
        "events": drawn.events,
        "bins": max((len(s) for s in drawn.signal.sidebands.values()), default=0),
        "processes": {name: of(process) for name, process in drawn.processes.items()},
        "signal": of(drawn.signal),
    }


def drawn_from(row: str, known: dict[str, Any]) -> Population:
    """The population of a row, from the file."""
    content = known["population"]

    def of(left: dict[str, Any]) -> Process:
        n = left["generated"]
        sidebands = {}
        for name, filled in left["sidebands"].items():
            sidebands[name] = np.zeros(content["bins"])
            for i, events in filled:
                sidebands[name][i] = events / n
        return Process(
            n, left["box"] / n, sidebands,
            {name: x / n for name, x in left["regions"].items()},
            {name: x / n for name, x in left["channels"].items()},
        )  # fmt: skip

    processes = {name: of(left) for name, left in content["processes"].items()}
    analysis = load_analysis(search_path(row))
    return Population(
        analysis, content["events"], known["shares"], processes, of(content["signal"])
    )


# ----------------------------------------------------------------------------------- table


def table(known: dict[str, Any]) -> str:
    lines = [
        "| search | background | signal | estimated | bias | coverage of the limit | refused |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in known.items():
        names = ", ".join(f"`{one}`" for one in searches(name))
        first = names, f"{found['background']:.2f} ± {found['background_error']:.2f}"
        for row in found["rows"]:
            bias = row["found"] - row["signal"]
            lines.append(
                f"| {first[0]} | {first[1]} | {row['signal']:g} | {row['found']:.2f} "
                f"| {bias:+.2f} ± {row['found_error']:.2f} "
                f"| {100 * row['coverage']:.0f}% ± {100 * row['coverage_error']:.0f}% "
                f"| {refused(row)} |"
            )
            first = "", ""
    return "\n".join(lines)


def refused(row: dict[str, Any]) -> str:
    """The share of toys that are refused, and why."""
    n = sum(row["refused"].values())
    share = f"{100 * n / (row['toys'] + n):.1f}%"
    why = ", ".join(f"{reason} {number}" for reason, number in row["refused"].items())
    return f"{share}: {why}" if n else share


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="SEARCH")
    parser.add_argument("--events", type=int)
    given = parser.parse_args()
    main(given.names or rows(), given.events)
