"""`import na64ana` and `na64ana --help` are quick: they leave the heavy libraries alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["coffea", "dask", "distributed", "matplotlib", "numba", "pandas", "scipy.stats"]

# The command line ends by SystemExit; whatever happens, the last line tells what was imported.
PROBE = """
import atexit, json, sys
atexit.register(lambda: print("\\n" + json.dumps(sorted(set({heavy}) & set(sys.modules)))))
{statement}
"""

STATEMENTS = {
    "import": "import na64ana",
    "help": "from na64ana.cli import main; main(['--help'])",
    "cutflow": "from na64ana.cli import main; main(['cutflow', '--help'])",
    "run": "import na64ana; na64ana.run, na64ana.read_columns",
}


def imported(statement: str) -> list[str]:
    """Run a statement in a new interpreter; list the heavy libraries it imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(heavy=HEAVY, statement=statement)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_heavy_libraries_stay_out(statement):
    assert imported(statement) == []


def test_a_run_leaves_them_out_too_whether_it_fills_a_store_or_reads_it(tmp_path):
    small = str(Path(__file__).parent / "data" / "tout_small.root")
    run = f"na.run('na64e-invisible-2023', {small!r}, store={str(tmp_path)!r}, progress=False)"
    assert imported(f"import na64ana as na; {run}; {run}") == []
    assert list(tmp_path.glob("*.kept"))


def test_the_probe_sees_a_heavy_library():
    assert imported("import scipy.stats, sys; sys.exit(0)") == ["scipy.stats"]
