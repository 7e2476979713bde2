"""The benchmarks: ``python -m tests.benchmarks`` in the folder of the checkout.

What is measured, and how, is written in docs/speed.md. ROOT must be installed: it writes the files
and is one of the references.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from . import cases, machine, table
from .measure import BenchmarkError, Results

GROUPS = {
    "cold": cases.cold_passes,
    "many": cases.many_files,
    "memory": cases.memory,
    "start": cases.start,
    "costs": cases.costs,
}
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> int:
    """Measure, and print and write the tables."""
    asked = arguments()
    if find_spec("ROOT") is None:
        return fail("ROOT is not installed: pip install root==0.1a12")
    plan = cases.Plan(
        asked.folder, asked.events, asked.many, asked.memory, asked.repeats, asked.repeats_many
    )
    results, described = kept(asked)
    for name in GROUPS if asked.only is None else asked.only:
        try:
            GROUPS[name](plan, results, tell)
        except BenchmarkError as error:
            return fail(f"{name}: {error}")
        finally:  # what was measured before an interruption is not lost
            described = machine.describe()
            if asked.json:
                whole = {"machine": described, "results": results.plain()}
                asked.json.write_text(json.dumps(whole, indent=1))
    text = table.markdown(results, described)
    print(text)
    if asked.markdown:
        insert(asked.markdown, text)
    return 0


def kept(asked: argparse.Namespace) -> tuple[Results, dict[str, str]]:
    """Return what --json holds, where only some parts are measured, and on what it was measured."""
    if asked.only is None or not asked.json or not asked.json.exists():
        return Results(), machine.describe()
    whole = json.loads(asked.json.read_text())
    return Results.of(whole["results"]), whole["machine"]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    folder = Path(tempfile.gettempdir()) / "na64ana-benchmarks"
    parser.add_argument("--folder", type=Path, default=folder, help="keeps the files")
    parser.add_argument("--events", type=int, default=100_000, help="of a cold pass")
    parser.add_argument("--many", type=int, default=1_000_000, help="events in 8 files")
    parser.add_argument(
        "--memory", type=int, default=0, help="also this many events, e.g. 10000000 (19 GB of disk)"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--repeats-many", type=int, default=3)
    parser.add_argument(
        "--only",
        nargs="*",
        choices=GROUPS,
        help="measure these and keep what --json holds of the others; none: only write the tables",
    )
    parser.add_argument("--json", type=Path, help="all samples are written here, group by group")
    parser.add_argument(
        "--markdown", type=Path, help="the tables are put here, between the marks of docs/speed.md"
    )
    return parser.parse_args()


def insert(path: Path, text: str) -> None:
    """Write the tables to a file: between the two marks, where it has them."""
    page = path.read_text() if path.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def tell(line: str) -> None:
    """Say how far it is."""
    print(line, file=sys.stderr, flush=True)


def fail(message: str) -> int:
    """Say what stopped the run."""
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
