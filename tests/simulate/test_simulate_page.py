"""The page on the simulation: its table of parameters is that of the code."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("figures", DOCS / "figures" / "simulation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_parameters_is_that_of_the_code(script):
    """If not: ``python docs/figures/simulation.py --parameters``."""
    page = (DOCS / "simulation.md").read_text(encoding="utf-8")
    assert script.parameter_table(script.P) in page


def test_every_figure_is_on_the_page_and_in_the_folder(script):
    page = (DOCS / "simulation.md").read_text(encoding="utf-8")
    for name in script.FIGURES:
        assert f"figures/{name}.png" in page
        assert (DOCS / "figures" / f"{name}.png").stat().st_size < 150_000


def test_no_figure_is_without_a_page():
    pages = "".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))
    assert not [path.name for path in (DOCS / "figures").glob("*.png") if path.name not in pages]
