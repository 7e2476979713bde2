"""The page of the reach: each of its commands and each of its blocks of Python runs."""

import re
import runpy
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from na64ana.cli import main
from na64ana.signal.moments import MOMENTS

PAGE = (Path(__file__).parents[2] / "docs" / "reach.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
            for line in block.splitlines()]  # fmt: skip
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_runs(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(command)
    assert program == "na64ana"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    for option in ("--plot", "--json"):
        if option in arguments:
            assert (tmp_path / arguments[arguments.index(option) + 1]).stat().st_size


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_of_python_runs(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "block.py"
    script.write_text(BLOCKS[number], encoding="utf-8")
    assert runpy.run_path(str(script))["setup"].name == "na64e"


def test_the_page_has_what_is_tested():
    assert len(COMMANDS) >= 8
    assert len(BLOCKS) >= 2


def test_values_of_moments_are_those_there_are():
    named = set(re.findall(r"`((?:muon|electron)-[a-z0-9-]+)`", PAGE))
    assert named
    assert named <= set(MOMENTS)
