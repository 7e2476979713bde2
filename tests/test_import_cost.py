"""`import na64ana` and `na64ana --help` are quick: they leave the heavy libraries alone."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["coffea", "dask", "distributed", "matplotlib", "numba", "scipy.stats"]

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
    "run": "import na64ana; na64ana.run",
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


def test_the_probe_sees_a_heavy_library():
    assert imported("import scipy.stats, sys; sys.exit(0)") == ["scipy.stats"]
