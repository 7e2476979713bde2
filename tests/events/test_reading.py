"""Reading by layout: every form of branch gives exactly its values, or says why not.

``tests/data/reading.root`` holds closed forms of the entry i and the index k, written by ROOT.
"""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from na64ana.errors import InputError, LayoutError
from na64ana.events import open_file, plan_file, read_columns, recognise
from na64ana.layouts import load_layout

DATA = Path(__file__).parents[1] / "data"
ENTRIES = 20


@pytest.fixture
def layout(tmp_path):
    """Make a layout of the tree 'events' from the text of its columns."""

    def make(columns, tree="events"):
        path = tmp_path / f"layout{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(f"name: made-up\ntree: {tree}\ncolumns:\n{columns}")
        return load_layout(path)

    return make


def read(layout, *names, start=0, stop=ENTRIES, file="reading.root"):
    with open_file(DATA / file) as opened:
        return read_columns(opened, layout.tree, layout, names, start, stop)


def test_scalars_become_plain_numbers(layout):
    columns = """
  a: {branch: i4, type: integer}
  b: {branch: flag, type: flag}
  c: {branch: f4, unit: GeV}
  d: {branch: f8}
  e: {branch: i8, type: integer}
  f: {branch: i4, unit: mm}
"""
    i = np.arange(ENTRIES)
    got = read(layout(columns), *"abcdef")
    assert {name: array.dtype.name for name, array in got.items()} == {
        "a": "int64", "b": "bool", "c": "float64", "d": "float64", "e": "int64", "f": "float64",
    }  # fmt: skip
    np.testing.assert_array_equal(got["a"], 10 * i - 50)
    np.testing.assert_array_equal(got["b"], i % 3 == 0)
    np.testing.assert_array_equal(got["c"], i / 4)
    np.testing.assert_array_equal(got["d"], np.where(np.isin(i, (3, 11)), np.nan, i + 0.125))
    np.testing.assert_array_equal(got["e"], -(2**40) - i)


def test_arrays_of_fixed_shape_are_addressed_by_cell(layout):
    grid = "\n  grid: {branch: grid, shape: [5, 6], axes: [ix, iy]}\n"
    got = read(layout(grid), "grid", start=3, stop=17)["grid"]
    i, row, column = np.ogrid[3:17, :5, :6]
    np.testing.assert_array_equal(got, 100 * i + 10 * row + column)


def test_a_flat_vector_takes_the_shape_of_the_layout():
    tout = load_layout("na64-tout")
    got = read(tout, "ecal.energy", "hcal.time", start=5, stop=9, file="tout_small.root")
    assert got["ecal.energy"].shape == (4, 2, 5, 6)
    with open_file(DATA / "tout_small.root") as file:
        flat = ak.to_numpy(file.read("tout", "ECAL_ene", 5, 9))
    plane, ix, iy = 1, 2, 4
    np.testing.assert_array_equal(
        got["ecal.energy"][:, plane, ix, iy], flat[:, plane * 30 + ix * 6 + iy]
    )


@pytest.mark.parametrize("file", ["tout_small.root", "tout_small_rntuple.root"])
def test_ttree_and_rntuple_give_the_same_over_any_range(file):
    tout = load_layout("na64-tout")
    names = list(tout.columns)
    whole = read(tout, *names, stop=303, file="tout_small.root")
    for start, stop in ((0, 303), (0, 0), (39, 41), (300, 303), (80, 120)):
        part = read(tout, *names, start=start, stop=stop, file=file)
        for name in names:
            assert ak.array_equal(
                ak.Array(part[name]), ak.Array(whole[name][start:stop]), equal_nan=True
            ), name


def test_lists_of_hits_stay_jagged(layout):
    columns = """
  y: {branch: y, shape: [var], axes: [hit]}
  v: {branch: vector_int, shape: [var], axes: [hit], type: integer}
  x: {branch: hits/hits.x, shape: [var], axes: [hit], unit: mm}
  fz: {branch: vectors.fZ, shape: [var], axes: [hit]}
  t: {branch: header/times_, shape: [var], axes: [hit], unit: ns}
  none: {branch: vector_empty, shape: [var], axes: [hit]}
"""
    got = read(layout(columns), "y", "v", "x", "fz", "t", "none")
    i = range(ENTRIES)
    assert got["y"].to_list() == [[10 * n + k + 0.5 for k in range(n % 4)] for n in i]
    assert got["v"].to_list() == [[100 * n - k for k in range(n % 5)] for n in i]
    assert got["x"].to_list() == [[10 * n + k for k in range(n % 4)] for n in i]
    assert got["fz"].to_list() == [[10 * n + k for k in range(n % 3)] for n in i]
    assert got["t"].to_list() == [[10 * n + k for k in range(n % 3)] for n in i]
    assert got["none"].to_list() == [[]] * ENTRIES


def test_branches_side_by_side_become_slices_of_the_first_axis(layout):
    pair = "\n  pair: {branches: [f4, f8], shape: [2], axes: [side]}\n"
    i = np.arange(3)
    got = read(layout(pair), "pair", stop=3)["pair"]
    np.testing.assert_array_equal(got, np.stack([i / 4, i + 0.125], axis=1))


def test_a_value_without_a_branch_is_the_same_for_every_event(layout):
    constant = "\n  t: {value: 2 us, shape: [3], axes: [cell], unit: ns}\n"
    np.testing.assert_array_equal(read(layout(constant), "t", stop=2)["t"], np.full((2, 3), 2000.0))


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("{branch: gird, shape: [5, 6], axes: [ix, iy]}", "'gird'.*not in this file.*'grid'"),
        (
            "{branch: grid, shape: [6, 5], axes: [ix, iy]}",
            r"shape \(5 x 6\); the layout says 6 x 5",
        ),
        ("{branch: grid}", "shape .5 x 6.; the layout says one value"),
        ("{branch: f8, shape: [2], axes: [a]}", r"the layout says 2"),
        ("{branch: vector_int, shape: [4], axes: [a]}", "entry 0 has 0 values; the layout says 4"),
        ("{branch: vector_int}", "entry 0 has 0 values; the layout says one value"),
        ("{branch: f4, type: integer}", "no integer"),
        ("{branch: f8, type: integer}", "no integer"),
        ("{branch: u8, type: integer}", "no integer"),
        ("{branch: i4, type: flag}", "no condition"),
        ("{branch: label}", "numbers are needed"),
        ("{branch: hits}", "numbers are needed"),
        ("{branch: i4, shape: [var], axes: [hit]}", "a list of numbers is needed"),
        ("{branch: vector_vector, shape: [var], axes: [hit]}", "a list of numbers is needed"),
        ("{branch: opaque}", "branch 'opaque'.*cannot be read"),
        ("{branch: secret}", "branch 'secret'.*cannot be read"),
    ],
)
def test_a_branch_that_does_not_fit_is_refused(layout, column, words):
    with pytest.raises(InputError, match=words) as caught:
        read(layout(f"\n  x: {column}\n"), "x")
    assert "reading.root" in str(caught.value)


def test_integers_too_large_for_a_double_are_no_numbers(layout):
    with pytest.raises(InputError, match="no number"):
        read(layout("\n  x: {branch: u8}\n"), "x")


def test_parquet_gives_the_same_as_root(tmp_path, layout):
    tout = load_layout("na64-tout")
    with open_file(DATA / "tout_small.root") as file:
        names = file.branch_paths("tout")
        table = ak.zip({n: file.read("tout", n, 0, 100) for n in names}, depth_limit=1)
    ak.to_parquet(table, tmp_path / "events.parquet", row_group_size=30)
    with open_file(tmp_path / "events.parquet") as file:
        assert [found.name for found in recognise(file)] == ["na64-tout"]
        assert file.uuid is None
        assert file.clusters("", names) == [0, 30, 60, 90, 100]
        plan = plan_file(file, tout, {"ecal.energy": "a test", "straw11.x": "a test"})
        assert plan.file.entries == 100
        part = read_columns(file, "", tout, tout.columns, 25, 65)
    whole = read(tout, *tout.columns, start=25, stop=65, file="tout_small.root")
    for name, array in whole.items():
        assert ak.array_equal(ak.Array(array), ak.Array(part[name]), equal_nan=True), name


# ------------------------------------------------------------------ what is in a file


def test_every_branch_is_listed_and_the_unreadable_ones_say_why():
    with open_file(DATA / "reading.root") as file:
        branches = {branch.path: branch for branch in file.branches("events")}
    assert branches["hits"].group
    assert branches["vectors"].group
    assert branches["hits/hits.x"].shape == "var"
    assert branches["grid"].shape == "5, 6"
    assert branches["vector_vector"].shape == "var, var"
    assert branches["i4"].shape == ""
    problems = {path for path, branch in branches.items() if branch.problem}
    assert {"opaque", "secret", "mixed"} <= problems <= {"opaque", "secret", "mixed", "nested"}
    assert "Secret" in branches["secret"].problem


def test_of_several_cycles_the_newest_counts_once():
    with open_file(DATA / "two_cycles.root") as file:
        assert {name: tree.entries for name, tree in file.trees.items()} == {"events": 10}


def test_a_file_is_recognised_by_its_branches():
    for name, expected in (("tout_small.root", ["na64-tout"]), ("reading.root", [])):
        with open_file(DATA / name) as file:
            assert [layout.name for layout in recognise(file)] == expected


def test_trees_in_folders_and_colons_in_names(tmp_path):
    import uproot

    path = tmp_path / "run:1.root"
    with uproot.recreate(tmp_path / "run1.root") as file:
        file["deep/inside/tout"] = {"runN": np.arange(3)}
    (tmp_path / "run1.root").rename(path)
    with open_file(path) as file:
        assert list(file.trees) == ["deep/inside/tout"]
        assert file.tree("tout").entries == 3
        got = read_columns(file, "deep/inside/tout", load_layout("na64-tout"), ["run"], 1, 3)
    assert got["run"].tolist() == [1, 2]


def test_a_missing_tree_names_what_is_there():
    with open_file(DATA / "two_trees.root") as file, pytest.raises(InputError) as caught:
        plan_file(file, load_layout("na64-tout"), {})
    assert "no tree 'tout'" in str(caught.value)
    with open_file(DATA / "tout_small.root") as file, pytest.raises(InputError) as caught:
        plan_file(file, load_layout("na64-anatree"), {})
    assert "it looks like layout na64-tout: try --layout na64-tout" in str(caught.value)


def test_a_missing_branch_names_cut_column_branch_file_and_the_nearest(tmp_path):
    shipped = Path(__file__).parents[2] / "na64ana/layouts/na64-tout.yaml"
    broken = tmp_path / "broken.yaml"
    broken.write_text(shipped.read_text().replace("branch: SRD_t0", "branch: SRD_time"))
    with open_file(DATA / "tout_small.root") as file, pytest.raises(InputError) as caught:
        plan_file(file, load_layout(broken), {"srd.time": "cut 'SRD'"})
    for words in ("cut 'SRD'", "'srd.time'", "'SRD_time'", "tout_small.root", "'SRD_tE'"):
        assert words in str(caught.value) or words == "'SRD_tE'"
    assert "did you mean" in str(caught.value)


def test_the_size_of_an_entry_is_that_of_its_numbers():
    for name in ("tout_small.root", "tout_small_rntuple.root"):
        with open_file(DATA / name) as file:
            sizes = [file.branch_size("tout", name) for name in ("ECAL_ene", "masterT")]
        size = sum(size.uncompressed for size in sizes) / 303
        assert 61 * 8 <= size <= 61 * 8 + 30  # 60 cells and a scalar, with what a list costs
        with open_file(DATA / name) as file:
            assert plan_file(file, load_layout("na64-tout"), {"run": "a test"}).ranges == (
                (0, 303),
            )


def test_ranges_are_whole_clusters_of_bounded_size(monkeypatch):
    tout = load_layout("na64-tout")
    needs = {"ecal.energy": "a test"}
    with open_file(DATA / "tout_small.root") as file:
        assert plan_file(file, tout, needs).ranges == ((0, 303),)
        size = file.branch_size("tout", "ECAL_ene").uncompressed / 303
        monkeypatch.setattr("na64ana.events.plan.READ_BYTES", 90 * size)
        ranges = plan_file(file, tout, needs).ranges
        assert ranges == ((0, 80), (80, 160), (160, 240), (240, 303))
        # a cluster of 40 that is too large itself is read in pieces
        monkeypatch.setattr("na64ana.events.plan.READ_BYTES", 30 * size)
        small = plan_file(file, tout, needs).ranges
    assert small[:2] == ((0, 20), (20, 40))
    assert [stop for _, stop in small][:-1] == [start for start, _ in small][1:]
    assert all(stop - start <= 30 for start, stop in small)


# ------------------------------------------------------------------ damaged files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"not a ROOT or Parquet file \(empty\)"),
        (b"hello world", "it begins with b'hell'"),
        (b"root", "not a ROOT file"),
        (b"root" + bytes(100), "broken.root"),
        (b"PAR1", "cannot be opened"),
    ],
)
def test_a_file_that_is_not_root_is_refused(tmp_path, content, words):
    path = tmp_path / "broken.root"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        open_file(path)


@pytest.mark.parametrize("name", ["tout_small.root", "tout_small_rntuple.root"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path, name, share):
    whole = (DATA / name).read_bytes()
    path = tmp_path / "cut.root"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"truncated|cannot be"):
        open_file(path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(InputError, match="directory"):
        open_file(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        open_file(tmp_path / "none.root")


def test_unknown_layouts_are_named():
    with pytest.raises(LayoutError, match="unknown layout 'na64-tuot'; did you mean 'na64-tout'"):
        load_layout("na64-tuot")
