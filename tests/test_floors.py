"""Who may import whom: the floors of the package, read from its source.

A module imports from the floors below its own, never sideways or up. Data then flow one way, and
the function at the heart can be read without what stands above it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "na64ana"
ROOT = Path(__file__).resolve().parents[1] / PACKAGE

FLOORS = {
    "cli": 9,
    "report": 8,
    "plot": 8,
    "analysis": 7,
    "run": 6,
    "background": 5,
    "limits": 5,
    "signal": 5,
    "simulate": 5,
    "store": 5,  # what cuts compare, kept
    "events": 4,
    "datasets": 4,
    "evaluate": 3,
    "selection": 2,
    "cutflow": 2,
    "histograms": 2,
    "expressions": 1,
    "layouts": 1,  # names, shapes and units of columns: a description, no reading
    "units": 0,
    "errors": 0,
    "exact": 0,  # sums of weights without rounding
    "provenance": 0,
    "yamltext": 0,  # YAML to plain data
    "textfile": 0,  # files written whole or not at all
    "progress": 0,  # bars for who looks on
    "csvtext": 0,  # rows of CSV that are safe to open
    "named": 0,  # dicts that tell what is near
    "shipped": 0,  # where the YAML of the package lies
}
FACE = 10  # the names of `na64ana` itself, found lazily: for users, not for the modules
ENTRY = {"__main__": 9}

# Floors whose members may use each other, by `na64ana.<member>` and its public names only.
SHARED_FLOORS = {5}
# Every other import on the same floor, each with its reason.
SIDEWAYS = {
    ("units", "errors"),  # a wrong unit is an error of the user
    ("provenance", "errors"),  # so is a file that is not there
    ("__main__", "cli"),  # `python -m na64ana` is the command line
    ("textfile", "errors"),  # so is a folder that cannot be written to
    ("csvtext", "errors"),  # control characters are made visible as in messages
    ("named", "errors"),  # so is a name that is not there
    ("yamltext", "errors"),  # so is a file that is no YAML
    ("layouts", "expressions"),  # a layout gives the types of columns
    ("cutflow", "histograms"),  # a record holds histograms
    ("report", "plot"),  # the report of an analysis holds figures
    ("datasets", "events"),  # runs and spills are read from the files; a spill table may be a tree
}

# The folders of the simulation, in the order in which one uses another: detectors measure what
# processes made without knowing of them. What runs them stands beside the folders, above all.
SIMULATION = {
    "arrays": 0,  # their types
    "parameters": 1,
    "physics": 2,
    "truth": 3,
    "detectors": 4,
    "processes": 4,
    "modes": 5,
}
RUNNING = 6

# Reading and writing events begins on this floor.
EVENT_FLOOR = 4
EVENT_LIBRARIES = {"coffea", "fsspec", "pyarrow", "uproot"}


@dataclass(frozen=True)
class Import:
    """One imported name, and where it stands."""

    path: Path
    line: int
    module: str  # the module as written, made absolute: "na64ana.events.reading"
    name: str  # the name taken from it, or "" for `import module`
    classes: tuple[str, ...]  # enclosing classes, outermost first
    functions: tuple[str, ...]  # enclosing functions, outermost first

    def __str__(self) -> str:
        what = f"from {self.module} import {self.name}" if self.name else f"import {self.module}"
        return f"{self.path}:{self.line}: {what}"


class Imports(ast.NodeVisitor):
    """Collect the imports of one module that run, with the functions they run in."""

    def __init__(self, path: Path, package: str) -> None:
        self.path = path
        self.package = package
        self.found: list[Import] = []
        self._classes: list[str] = []
        self._functions: list[str] = []

    def visit_If(self, node: ast.If) -> None:
        test = node.test
        name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
        if name != "TYPE_CHECKING":
            self.generic_visit(node)
            return
        for other in node.orelse:
            self.visit(other)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions.append(node.name)
        self.generic_visit(node)
        self._functions.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(node.lineno, alias.name, "")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level:
            base = self.package.split(".")
            base = base[: len(base) - node.level + 1]
            module = ".".join([*base, *filter(None, [module])])
        for alias in node.names:
            self._add(node.lineno, module, alias.name)

    def _add(self, line: int, module: str, name: str) -> None:
        self.found.append(
            Import(self.path, line, module, name, tuple(self._classes), tuple(self._functions))
        )


def unit_of(path: Path, root: Path) -> str:
    """The module or sub-package directly under the package: `events` of `events/reading.py`."""
    first = path.relative_to(root).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path, root: Path) -> list[Import]:
    """Every import of one file that runs, wherever it stands in it."""
    visitor = Imports(path, ".".join([PACKAGE, *path.relative_to(root).parts[:-1]]))
    visitor.visit(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
    return visitor.found


def is_view(item: Import) -> bool:
    """A record that shows itself, as `to_latex` or in a notebook, may ask the renderers."""
    if not (item.classes and item.functions):
        return False
    method = item.functions[0]
    return method.startswith(("_repr_", "to_", "__rich")) or method == "__str__"


def target_of(item: Import) -> tuple[str, bool] | None:
    """Say which unit an import reaches and whether by its public face; None for other packages."""
    parts = item.module.split(".")
    if parts[0] != PACKAGE:
        return None
    inside = parts[1:]
    if not inside and (item.name in FLOORS or item.name in ENTRY):
        return item.name, True
    if not inside:
        return "", not item.name.startswith("_")
    return inside[0], len(inside) == 1 and not item.name.startswith("_")


def fault_of(item: Import, unit: str) -> str | None:
    """Say what is wrong with an import made in a unit, or None."""
    found = target_of(item)
    if found is None or found[0] == unit or item.name == "__version__":
        return None
    target, public = found
    if unit == "__init__":
        return (
            None if item.functions or FLOORS.get(target) == 0 else "not lazy: import it when asked"
        )
    floors = FLOORS | ENTRY | {"": FACE}
    if target not in floors:
        return f"'{target}' has no floor"
    mine, its = floors[unit], floors[target]
    if its < mine or (unit, target) in SIDEWAYS:
        return None
    if target == "report" and is_view(item):
        return None
    if not target:
        return "take the name from the module that defines it, not from the package"
    if its == mine and mine in SHARED_FLOORS:
        return None if public else f"only the public face of '{target}' may be used on floor {mine}"
    return f"'{unit}' is on floor {mine}, '{target}' on floor {its}"


def faults(root: Path) -> Iterator[str]:
    """Everything in a source tree that breaks the floors."""
    for path in sorted(root.rglob("*.py")):
        unit = unit_of(path, root)
        if unit != "__init__" and unit not in FLOORS | ENTRY:
            yield f"{path}: '{unit}' has no floor: give it one here and in the design"
            continue
        for item in imports_of(path, root):
            if fault := fault_of(item, unit):
                yield f"{item}: {fault}"


def event_faults(root: Path) -> Iterator[str]:
    """Every import of an event-reading library below the floor of the events."""
    for path in sorted(root.rglob("*.py")):
        if FLOORS.get(unit_of(path, root), FACE) >= EVENT_FLOOR:
            continue
        for item in imports_of(path, root):
            if item.module.split(".")[0] in EVENT_LIBRARIES:
                yield f"{item}: event input and output begin on floor {EVENT_FLOOR}"


def simulation_faults(root: Path) -> Iterator[str]:
    """Everything in the simulation that breaks the order of its folders."""
    inside = root / "simulate"
    for path in sorted(inside.rglob("*.py")):
        unit = unit_of(path, inside)
        if path.parent != inside and unit not in SIMULATION:
            yield f"{path}: folder '{unit}' of the simulation has no place: give it one here"
            continue
        mine = SIMULATION.get(unit, RUNNING)
        for item in imports_of(path, root):
            parts = item.module.split(".")
            if parts[:2] != [PACKAGE, "simulate"]:
                continue
            target = parts[2] if len(parts) > 2 else item.name
            below = SIMULATION.get(target, RUNNING) < mine
            if not (below or target == unit or mine == RUNNING):
                yield f"{item}: '{unit}' uses '{target}', which does not stand below it"


def test_modules_import_from_the_floors_below():
    assert list(faults(ROOT)) == []


def test_folders_of_the_simulation_use_those_below():
    assert list(simulation_faults(ROOT)) == []


def test_selections_and_records_read_no_events():
    assert list(event_faults(ROOT)) == []


# -- the check itself must be able to fail ---------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """A made-up package: `tree({"events/reading.py": source, ...})` gives its root."""

    def make(files: dict[str, str]) -> Path:
        for name, source in files.items():
            path = tmp_path / PACKAGE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        return tmp_path / PACKAGE

    return make


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("cutflow.py", "from na64ana.errors import RecordError"),
        ("cutflow/merge.py", "from na64ana.cutflow.record import Cutflow"),
        ("cutflow/merge.py", "from .record import Cutflow"),
        ("cutflow/merge.py", "from ..errors import RecordError"),
        ("units.py", "from na64ana import errors"),
        ("cli/main.py", "def main():\n    from na64ana.run import run"),
        ("limits/scan.py", "from na64ana.background import Budget"),
        ("limits/scan.py", "import na64ana.background"),
        ("limits/scan.py", "from na64ana import background"),
        ("report/analysis.py", "from na64ana.plot import plane"),
        (
            "selection.py",
            "if TYPE_CHECKING:\n    from na64ana.run import run",
        ),
        (
            "selection.py",
            "if typing.TYPE_CHECKING:\n    from na64ana import Selection",
        ),
        (
            "cutflow.py",
            "class C:\n  def to_latex(self):\n    from na64ana.report import latex",
        ),
        (
            "cutflow.py",
            "class C:\n  def __rich__(self):\n    from na64ana.report.text import t",
        ),
        ("__init__.py", "def __getattr__(name):\n    from na64ana.run import run"),
        ("__init__.py", "from na64ana.errors import Na64Error"),
        ("__main__.py", "from na64ana.cli import main"),
        ("provenance.py", "from na64ana import __version__"),
        ("evaluate.py", "import numpy as np"),
    ],
)
def test_allowed(tree, name, source):
    assert list(faults(tree({name: source}))) == []


@pytest.mark.parametrize(
    ("name", "source", "culprit"),
    [
        ("cutflow.py", "from na64ana.run import run", "'cutflow' is on floor 2, 'run' on floor 6"),
        ("cutflow.py", "from na64ana import run", "'run' on floor 6"),
        ("cutflow/merge.py", "from ..run import run", "'run' on floor 6"),
        ("cutflow/merge.py", "from .. import run", "'run' on floor 6"),
        ("cutflow.py", "import na64ana.selection", "'selection' on floor 2"),
        ("cutflow.py", "def f():\n    from na64ana.run import run", "'run' on floor 6"),
        ("cutflow.py", "try:\n    import na64ana.run\nexcept ImportError:\n    pass", "'run'"),
        ("selection.py", "if TYPE_CHECKING:\n    x = 1\nelse:\n    import na64ana.run", "'run'"),
        ("selection.py", "if not TYPE_CHECKING:\n    import na64ana.run", "'run'"),
        ("cutflow.py", "from na64ana.report import latex", "'report' on floor 8"),
        ("cutflow.py", "def to_latex():\n    from na64ana.report import latex", "'report'"),
        ("cutflow.py", "class C:\n    def merge(self):\n        import na64ana.report", "'report'"),
        ("cutflow.py", "class C:\n    def to_x(self):\n        import na64ana.run", "'run'"),
        ("plot.py", "from na64ana.report import text", "'report' on floor 8"),
        ("limits.py", "from na64ana.background.sideband import fit", "only the public face"),
        ("limits.py", "from na64ana.background import _fit", "only the public face"),
        ("cli.py", "from na64ana import Selection", "take the name from the module"),
        ("cli.py", "import na64ana", "take the name from the module"),
        ("errors.py", "from na64ana.units import Unit", "'units' on floor 0"),
        ("__init__.py", "from na64ana.run import run", "not lazy"),
        ("run.py", "from na64ana.manifest import Manifest", "'manifest' has no floor"),
        ("manifest.py", "", "'manifest' has no floor"),
    ],
)
def test_refused(tree, name, source, culprit):
    found = list(faults(tree({name: source})))
    assert len(found) == 1
    assert culprit in found[0]
    assert Path(name).name in found[0]


def test_reading_events_too_low_is_refused(tree):
    root = tree({"evaluate.py": "def f():\n    import uproot", "events.py": "import uproot"})
    assert [fault.split(": ")[1] for fault in event_faults(root)] == ["import uproot"]


@pytest.mark.parametrize(
    ("name", "source", "culprit"),
    [
        (
            "physics/a.py",
            "from na64ana.simulate.truth.event import Truth",
            "'physics' uses 'truth'",
        ),
        ("physics/a.py", "from ..truth import event", "'physics' uses 'truth'"),
        ("detectors/a.py", "from na64ana.simulate.processes.b import f", "uses 'processes'"),
        ("processes/a.py", "from na64ana.simulate.detectors.b import f", "uses 'detectors'"),
        ("modes/a.py", "def f():\n    from na64ana.simulate.streams import g", "uses 'streams'"),
        ("modes/a.py", "from na64ana.simulate import simulate", "'modes' uses 'simulate'"),
        ("arrays.py", "import na64ana.simulate.parameters.common", "uses 'parameters'"),
        ("beams/a.py", "", "folder 'beams' of the simulation has no place"),
    ],
)
def test_the_wrong_order_in_the_simulation_is_refused(tree, name, source, culprit):
    found = list(simulation_faults(tree({f"simulate/{name}": source})))
    assert len(found) == 1
    assert culprit in found[0]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("detectors/a.py", "from na64ana.simulate.detectors.b import f"),
        (
            "detectors/a.py",
            "from na64ana.signal import model\nfrom na64ana.simulate.truth.a import b",
        ),
        ("streams.py", "from na64ana.simulate.mixture import mixed"),
        ("__init__.py", "from na64ana.simulate.modes import MODES"),
    ],
)
def test_the_right_order_in_the_simulation_is_allowed(tree, name, source):
    assert list(simulation_faults(tree({f"simulate/{name}": source}))) == []
