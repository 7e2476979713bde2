"""Columns: any entries of a range, in any order of asking, are those of the whole column."""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st

import na64ana as na
from na64ana.errors import InputError
from na64ana.events import Columns, decompress, open_file, read_columns
from na64ana.layouts import load_layout

DATA = Path(__file__).parents[1] / "data"
FILES = ("tout_small.root", "tout_small_rntuple.root", "tout_small.parquet")
ENTRIES = 303
NAMES = (
    "run", "trigger", "master_time", "ecal.energy", "hcal.expected_time", "veto.time_sigma",
    "srd.time", "shower_chi2", "straw11.x",
)  # fmt: skip


@pytest.fixture(scope="module")
def tout():
    return load_layout("na64-tout")


@pytest.fixture(scope="module")
def files(tmp_path_factory, tout):
    """The same events as TTree, RNTuple and Parquet, open."""
    parquet = tmp_path_factory.mktemp("columns") / "tout_small.parquet"
    with uproot.open(DATA / "tout_small.root") as root:
        branches = {tout.columns[name].branches[0] for name in NAMES}
        ak.to_parquet(root["tout"].arrays(sorted(branches)), parquet, row_group_size=70)
    opened = {}
    for name in FILES:
        opened[name] = open_file(parquet if name == parquet.name else DATA / name)
    yield opened
    for file in opened.values():
        file.close()


@pytest.fixture(scope="module")
def whole(tout_columns):
    """All columns, read by uproot alone."""
    return tout_columns(DATA / "tout_small.root")


def same(ours, theirs):
    return ak.array_equal(ak.Array(ours), ak.Array(theirs), equal_nan=True, dtype_exact=False)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(
    st.tuples(st.integers(0, ENTRIES), st.integers(0, ENTRIES)).map(sorted),
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 2**32 - 1), st.sampled_from(
        [0.0, 0.02, 0.5, 1.0])), max_size=12),
)  # fmt: skip
def test_any_entries_of_any_range(files, tout, whole, bounds, asked):
    start, stop = bounds
    for name, file in files.items():
        columns = Columns(file, file.find_tree("tout").name, tout, start, stop)
        assert columns.size == stop - start
        for column, seed, share in asked:
            rows = np.flatnonzero(np.random.default_rng(seed).random(stop - start) < share)
            found = columns.take(column, rows)
            assert same(found, whole[column][start:stop][rows]), (name, column)


def test_events_are_fastest_in_memory(files, tout):
    """Cells of fixed shape lie cell after cell: sums and comparisons then run over events."""
    for name in FILES[:2]:
        columns = Columns(files[name], "tout", tout, 0, ENTRIES)
        for rows in (np.arange(ENTRIES), np.arange(3, 300, 7)):
            cells = columns.take("ecal.energy", rows)
            assert cells.shape == (len(rows), 2, 5, 6)
            assert np.moveaxis(cells, 0, -1).flags.c_contiguous
            assert cells.dtype == np.float64


def test_all_columns_at_once_are_the_same(files, tout, whole):
    for name in FILES:
        file = files[name]
        found = read_columns(file, file.find_tree("tout").name, tout, NAMES, 40, 130)
        assert list(found) == list(NAMES)
        for column, array in found.items():
            assert same(array, whole[column][40:130]), (name, column)


def test_what_is_not_said_is_found(files, tout, whole):
    for name in FILES[:2]:  # the Parquet file lacks branches by which a layout is recognised
        found = na.read_columns(files[name])
        assert set(NAMES) <= set(found) <= set(tout.columns)
        assert all(same(found[column], whole[column]) for column in NAMES)
    there = na.read_columns(files[FILES[2]], layout=tout)
    assert set(there) >= set(NAMES)
    assert "ecal.time" not in there
    path = files[FILES[0]].path
    some = na.read_columns(path, layout="na64-tout", names="ecal.energy", start=ENTRIES - 3)
    assert list(some) == ["ecal.energy"]
    assert same(some["ecal.energy"], whole["ecal.energy"][-3:])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"names": ["ecal.enrgy"]}, "layout na64-tout has no column 'ecal.enrgy'; did you mean "),
        ({"start": 5, "stop": 4}, "entries 5 to 4 are asked for; there are"),
        ({"start": -1}, "entries -1 to"),
        ({"stop": 10**9}, "entries 0 to 1000000000 are asked for; there are"),
        ({"tree": "tuot"}, "no tree 'tuot' in this file"),
    ],
)
def test_columns_that_cannot_be_read(files, options, words):
    with pytest.raises(na.Na64Error, match=words):
        na.read_columns(files[FILES[0]].path, **options)


def test_a_file_that_no_layout_fits():
    with pytest.raises(na.Na64Error, match=r"reading.root: no layout fits it; .*layout="):
        na.read_columns(DATA / "reading.root")


@pytest.fixture
def layout(tmp_path):
    def make(columns):
        path = tmp_path / "layout.yaml"
        path.write_text(f"name: made-up\ntree: events\ncolumns:\n{columns}")
        return load_layout(path)

    return make


READING = """
  i: {branch: i8, type: integer}
  ok: {branch: flag, type: flag}
  grid: {branch: grid, shape: [5, 6], axes: [ix, iy]}
  pair: {branches: [f4, f8], shape: [2], axes: [side]}
  two: {value: 2 us, shape: [3], axes: [cell], unit: ns}
  v: {branch: vector_int, shape: [var], axes: [hit], type: integer}
  y: {branch: y, shape: [var], axes: [hit]}
  none: {branch: vector_empty, shape: [var], axes: [hit]}
"""


@pytest.mark.parametrize("start", [0, 5])
@pytest.mark.parametrize("rows", [[], [0], [14], [1, 2, 3, 7, 13], list(range(15))])
def test_every_kind_of_column(layout, start, rows):
    """Slices side by side, constants, flags and lists of other files than `tout` as well."""
    made = layout(READING)
    rows = np.array(rows, dtype=np.int64)
    with open_file(DATA / "reading.root") as file:
        everything = read_columns(file, "events", made, made.columns, start, start + 15)
        columns = Columns(file, "events", made, start, start + 15)
        for name, array in everything.items():
            found = columns.take(name, rows)
            assert same(found, array[rows]), name
            assert str(found.type) if isinstance(found, ak.Array) else found.dtype == array.dtype


def test_large_whole_numbers_stay_whole_beside_empty_lists(tmp_path, layout):
    """A cluster without any number has no say in what kind they are."""
    large = 2**60 + 1
    path = tmp_path / "a.root"
    with uproot.recreate(path) as made:
        ntuple = made.mkrntuple("events", {"n": ak.Array([[large], [large, 1]])})
        ntuple.extend({"n": ak.values_astype(ak.Array([[0], [0]])[:, :0], np.int64)})
    lists = layout("  n: {branch: n, shape: [var], axes: [hit], type: integer}\n")
    with open_file(path) as file:
        found = read_columns(file, "events", lists, ["n"], 0, 4)["n"]
    assert found.to_list() == [[large], [large, 1], [], []]


# ------------------------------------------------------------------ what is read, and when


def test_nothing_is_decoded_before_it_is_asked_for(monkeypatch, tout):
    """Then only what holds the entries, once for one and the same chunk."""
    sizes = []
    inflate = decompress.inflate

    def noted(data, size):
        sizes.append(size)
        return inflate(data, size)

    with open_file(DATA / "tout_small.root") as file:
        file.clusters("tout", ["ECAL_ene"])
        monkeypatch.setattr(decompress, "inflate", noted)
        columns = Columns(file, "tout", tout, 0, ENTRIES)
        assert sizes == []
        columns.take("ecal.energy", np.array([3, 4]))  # 3 entries are in a basket
        first = list(sizes)
        assert len(first) == 1
        columns.take("ecal.energy", np.array([3, 5]))
        columns.take("ecal.energy", np.arange(0))
        assert sizes == first
        columns.take("ecal.energy", np.arange(ENTRIES))
        assert sum(sizes) < ENTRIES * (60 * 8 + 16)  # each basket once


def test_an_error_names_the_entry_of_the_file(layout):
    """Entries are counted from the first of the file, not of the range or of those asked for."""
    lists = layout("  v: {branch: vector_int, shape: [1], axes: [hit], type: integer}\n")
    with open_file(DATA / "reading.root") as file:
        columns = Columns(file, "events", lists, 5, 20)
        assert columns.take("v", np.array([1, 6])).tolist() == [[600], [1100]]
        with pytest.raises(InputError, match="entry 12 has 2 values; the layout says 1"):
            columns.take("v", np.array([1, 6, 7, 8]))
