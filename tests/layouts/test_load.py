"""Layout files: the shipped ones, and what is refused in a user's own."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from na64ana.errors import LayoutError
from na64ana.layouts import builtin_layouts, load_layout

GOOD = """
name: mine
tree: events
marks: [energy]
columns:
  run: {branch: run, type: integer}
  cal.energy: {branch: energy, shape: [2, 3], axes: [ix, iy], unit: GeV}
  hits.x: {branch: x, shape: [var], axes: [hit], unit: mm}
  cal.sum: {branches: [s0, s1], shape: [2], axes: [ix], unit: GeV}
  sigma: {value: 5500 ps, unit: ns}
  truth: {branch: truth_energy, absent: 500 MeV, unit: GeV}
facts:
  - {name: central cell, value: [2, 2], runs: [1, 5], source: someone}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_layouts_load():
    names = builtin_layouts()
    assert {"na64-tout", "na64-anatree", "na64-tree-2018", "ldmx-ecal"} <= set(names)
    for name in names:
        layout = load_layout(name)
        assert layout.name == name
        assert layout.columns
        assert layout.source
        assert layout.marks


def test_the_names_of_an_na64_event_mean_the_same_in_data_and_simulation():
    data, simulation = (load_layout(name).types() for name in ("na64-tout", "na64-anatree"))
    common = set(data) & set(simulation)
    assert {"ecal.energy", "hcal.energy", "srd.energy", "veto.energy"} <= common
    for name in common - {"veto.energy", "veto.time", "veto.expected_time"}:  # no PMTs simulated
        shapes = [[axis.size for axis in types[name].axes] for types in (data, simulation)]
        assert shapes[0] == shapes[1], name
        assert data[name].unit.dimension == simulation[name].unit.dimension, name


def test_the_cells_of_the_tout_layout():
    types = load_layout("na64-tout").types()
    assert types["ecal.energy"].describe() == "energy [GeV] per plane 2, ix 5, iy 6"
    assert types["hcal.energy"].describe() == "energy [GeV] per module 4, ix 3, iy 3"
    assert types["veto.time_sigma"].describe() == "time [ns] per plane 3, pmt 1"


def test_a_layout_of_ones_own(tmp_path):
    layout = load_layout(write(tmp_path, GOOD))
    assert layout.columns["cal.sum"].branches == ("s0", "s1")
    assert layout.columns["sigma"].value == 5.5
    assert layout.types()["hits.x"].jagged
    assert layout.columns["truth"].absent == 0.5
    assert layout.facts[0].runs == (1, 5)
    assert load_layout(str(tmp_path / "mine.yaml")).sha256 == layout.sha256


def test_the_hash_knows_what_changes_a_column(tmp_path):
    hashes = [load_layout(write(tmp_path, GOOD)).sha256]
    for i, (old, new) in enumerate(
        [("[2, 3]", "[3, 2]"), ("unit: GeV}", "unit: MeV}"), ("branch: energy", "branch: e"),
         ("tree: events", "tree: tout"), ("5500 ps", "5501 ps"),
         ("absent: 500", "absent: 501"), (", absent: 500 MeV", "")]
    ):  # fmt: skip
        folder = tmp_path / str(i)
        folder.mkdir()
        hashes.append(load_layout(write(folder, GOOD.replace(old, new, 1))).sha256)
    assert len(set(hashes)) == len(hashes)
    (tmp_path / "same").mkdir()
    text = GOOD.replace("source: someone", "source: another").replace("name: mine", "name: other")
    assert load_layout(write(tmp_path / "same", "# a comment\n" + text)).sha256 == hashes[0]


def test_a_key_that_a_layout_does_not_use_leaves_its_hash(tmp_path):
    """As it was before ``absent``: what is kept of files stays known by it."""
    text = GOOD.replace("  truth: {branch: truth_energy, absent: 500 MeV, unit: GeV}\n", "")
    found = load_layout(write(tmp_path, text)).sha256
    assert found == "2d6900603032afe08ff6d9cd8bd68977a3bf4ffd4b57432159937129fb74c48d"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: mine", "nam: mine", "unknown key 'nam'; did you mean 'name'"),
        ("tree: events", "", "missing key 'tree'"),
        ("branch: run", "brnch: run", "line 6: unknown key 'brnch'; did you mean 'branch'"),
        ("type: integer", "type: int", "type is one of number, integer, flag, not 'int'"),
        ("type: integer", "type: integer, unit: ns", "type integer has no unit"),
        ("branch: run", "note: run", "needs exactly one of branch, branches, value"),
        ("branch: run", "branch: run, value: 1", "needs exactly one of branch, branches, value"),
        ("[2, 3]", "[2]", "one axis name for each length"),
        ("[ix, iy]", "[ix, ix]", "all different"),
        ("[2, 3]", "[0, 3]", "a length in shape is a whole number from 1"),
        ("[2, 3]", "[2, many]", "not 'many'"),
        ("[2, 3]", "[2, var]", "a list of hits has the shape [var]"),
        ("[2, 3]", "[var, 3]", "a list of hits has the shape [var]"),
        ("[s0, s1]", "[s0]", "their numbers differ"),
        ("unit: mm", "unit: mmm", "unknown unit 'mmm'; did you mean 'mm'"),
        ("5500 ps", "5500 MeV", "does not fit time"),
        ("5500 ps", "1e999 ps", "too large"),
        ("absent: 500 MeV", "absent: 5 ns", "does not fit energy"),
        ("absent: 500 MeV, unit: GeV", "absent: 0.5, type: integer", "absent holds 0.5"),
        ("type: integer", "type: integer, absent: 1", "no value stands for all of them"),
        ("5500 ps", "5500 ps, absent: 1 ns", "absent is the value where a file lacks the branch"),
        ("branch: x", "branch: x, absent: 0 mm", "a value has a fixed shape, not [var]"),
        ("[1, 5]", "[5, 1]", "runs is [first, last]"),
        ("[1, 5]", "[5]", "runs is [first, last]"),
        ("  run:", "  sum:", "column 'sum': the name must be"),
        ("  run:", "  GeV:", "column 'GeV': the name must be"),
        ("  run:", "  a b:", "column 'a b': the name must be"),
        ("  run:", "  lambda:", "column 'lambda': the name must be"),
        ("  run:", "  a.__b:", "column 'a.__b': the name must be"),
        ("  run:", "  µ:", "column 'µ': the name must be"),
        ("name: mine", "name: mine\nkind: mock", "kind is 'data' or 'simulation', not 'mock'"),
    ],
)
def test_a_broken_layout_is_refused_with_file_and_culprit(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(LayoutError) as caught:
        load_layout(write(tmp_path, GOOD.replace(old, new, 1)))
    assert said in str(caught.value)
    assert "mine.yaml" in str(caught.value)


def test_an_unknown_layout_names_the_nearest(tmp_path):
    with pytest.raises(LayoutError, match="unknown layout 'na64-tuot'; did you mean 'na64-tout'"):
        load_layout("na64-tuot")
    with pytest.raises(LayoutError, match="No such file"):
        load_layout(tmp_path / "none.yaml")


def test_a_changed_file_is_read_anew(tmp_path):
    assert load_layout(write(tmp_path, GOOD)).columns["sigma"].value == 5.5
    changed = load_layout(write(tmp_path, GOOD.replace("5500 ps", "6500 ps")))
    assert math.isclose(changed.columns["sigma"].value or 0, 6.5)
