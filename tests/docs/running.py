"""Runs the blocks of a page: commands in a shell or in this process, Python, YAML by its loader."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from na64ana.analysis import load_analysis
from na64ana.analysis.model import AnalysisSpec
from na64ana.cli import main
from na64ana.datasets import load_dataset
from na64ana.layouts import load_layout
from na64ana.run.sites import load_site
from na64ana.selection import Selection
from na64ana.selection.model import SelectionSpec
from na64ana.signal.curves import load_curves
from tests.docs.blocks import Block, commands

__all__ = ["Page"]

PARENT = "na64e-invisible-2023"
NAMED = re.compile(r"#\s*(?P<file>[\w.-]+\.yaml)\b")
SECTIONS = set(SelectionSpec.__struct_fields__)
PARTS = set(AnalysisSpec.__struct_fields__) - SECTIONS
# what a shell would do something with; globs stand in quotes, for na64ana to expand
OF_A_SHELL = re.compile(r"[|&;<>$`]")


class Page:
    """A page in the making: its blocks run one after the other, in one folder.

    Parameters
    ----------
    folder : Path
        The current folder of all that is run.
    monkeypatch : pytest.MonkeyPatch
        Takes back what a block exports.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.names: dict[str, Any] = {"__name__": "page"}
        monkeypatch.chdir(folder)

    def run(self, block: Block) -> None:
        """Run a block; the test fails where it does not end as the block says."""
        {"bash": self._bash, "python": self._python, "yaml": self._yaml}[block.language](block)

    def _python(self, block: Block) -> None:
        # as many lines before as stand before it on the page: a traceback then tells the place
        code = compile("\n" * (block.line - 1) + block.text, block.page, "exec")
        exec(code, self.names)  # noqa: S102 - our own pages

    def _bash(self, block: Block) -> None:
        lines = commands(block.text)
        for i, line in enumerate(lines):
            expected = int(block.options.get("exit", 0)) if i == len(lines) - 1 else 0
            code, said = self._command(line)
            assert code == expected, f"{block}: {line}\n{said}"

    def _command(self, line: str) -> tuple[int, str]:
        words = shlex.split(line, comments=True)
        if not words:
            return 0, ""
        if words[0] == "export":
            self.monkeypatch.setenv(*words[1].split("=", 1))
            return 0, ""
        if words[0] == "na64ana" and not OF_A_SHELL.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", line)):
            done = CliRunner().invoke(main, words[1:], catch_exceptions=False)
            return done.exit_code, done.output
        # `na64ana` and `python` are those that run the tests
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        shell = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],  # noqa: S607
            env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return shell.returncode, shell.stdout + shell.stderr

    def _yaml(self, block: Block) -> None:
        named = NAMED.match(block.text)
        path = self.folder / (named["file"] if named else f"line-{block.line}.yaml")
        content = yaml.safe_load(block.text)
        text = block.text
        if content.keys() <= SECTIONS - {"name"}:  # a part of a selection
            text = f"name: part\nextends: {PARENT}\n{text}"
        if content.keys() <= PARTS:  # a part of an analysis: in that of the demo
            content = self._analysis_with(content)
            text = yaml.safe_dump(content)
        path.write_text(text, encoding="utf-8")
        try:
            _loader(content)(path)
        except Exception as error:
            error.add_note(f"{block}: cannot be loaded")
            raise

    def _analysis_with(self, part: dict[str, Any]) -> dict[str, Any]:
        text = (self.folder / "analysis.yaml").read_text(encoding="utf-8")
        whole: dict[str, Any] = yaml.safe_load(text)
        return whole | part | {"samples": whole["samples"] | part.get("samples", {})}


def _loader(content: dict[str, Any]) -> Callable[[Path], Any]:
    """The function that loads a file with these keys."""
    keys = content.keys()
    if "batch_system" in keys:
        return lambda path: load_site(str(path), content["batch_system"])
    for key, loader in (
        ("background", load_analysis),
        ("files", load_dataset),
        ("tree", load_layout),
        ("columns", load_layout),
        ("curves", load_curves),
    ):
        if key in keys:
            return loader
    if keys <= SECTIONS:
        return _bound
    msg = f"nothing loads a file with the keys {', '.join(keys)}"
    raise AssertionError(msg)


def _bound(path: Path) -> None:
    """Load a selection and check it against its layout, as ``na64ana check`` does."""
    selection = Selection.load(path)
    selection.bind(selection.layout())
