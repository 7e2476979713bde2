"""Damaged files give the right counts or an error that names the place; never a wrong number.

The variants are made and run by `damage.py`, in processes of their own, so that none can hang or
fill the memory. Seeds are fixed: a failure prints seed and number of the variant, what was done
and where; ``python tests/events/damage.py FILE SEED NUMBER FOLDER`` makes it again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
FILES = ["tout_small.root", "tout_small_rntuple.root"]
FEWER, MORE = 260, 5_000  # variants of each file
SECONDS = 4  # on the mean, for a variant that takes a tenth of one: only a hang takes longer


def run(file: str, seed: int, number: int, folder: Path) -> list[dict[str, object]]:
    """Run the variants of one file; the last of them is told even if the process is ended."""
    folder.mkdir()
    command = [
        sys.executable,
        str(HERE / "damage.py"),
        str(DATA / file),
        str(seed),
        str(number),
        str(folder),
    ]
    output, errors = folder / "output", folder / "errors"
    with output.open("w") as out, errors.open("w") as err:
        try:
            subprocess.run(
                command, stdout=out, stderr=err, timeout=60 + SECONDS * number, check=False
            )
        except subprocess.TimeoutExpired:
            err.write("ended after its time")
    told = [json.loads(line) for line in output.read_text().splitlines()]
    assert told, errors.read_text()
    return list({item["number"]: item for item in told}.values())


def check(seed: int, number: int, folder: Path) -> None:
    with ThreadPoolExecutor(len(FILES)) as pool:
        told = list(pool.map(lambda file: run(file, seed, number, folder / Path(file).stem), FILES))
    for file, variants in zip(FILES, told, strict=True):
        bad = [item for item in variants if item["outcome"] not in ("same", "refused")]
        assert not bad, f"{file}: {json.dumps(bad[:5], indent=1)}"
        assert len(variants) == number
        # damage of every kind was noticed at least once, so that the variants are no idle ones
        refused = Counter(str(v["kind"]) for v in variants if v["outcome"] == "refused")
        for kind in ("truncated", "flipped", "flipped near a key", "burst", "zeroed", "removed"):
            assert refused[kind], (file, kind)


@pytest.mark.slow
def test_a_damaged_file_gives_the_right_counts_or_a_clear_error(tmp_path):
    check(2024, FEWER, tmp_path)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [1, 2])
def test_many_damaged_files_give_the_right_counts_or_a_clear_error(tmp_path, request, seed):
    if "fuzz" not in request.config.getoption("markexpr"):
        pytest.skip("takes half an hour: ask for it with -m fuzz")
    check(seed, MORE, tmp_path)
