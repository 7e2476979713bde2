"""The plan of reading: what is read first, for which events, and that a run reads just that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot
from click.testing import CliRunner

import na64ana as na
from na64ana.cli import main
from na64ana.events import open_file, rntuple
from na64ana.events.baskets import BasketTable
from na64ana.events.rntuple_checksums import stored_page
from na64ana.report import explain as report
from na64ana.report.terminal import plain
from na64ana.run import explain
from na64ana.run.explain import ReadingPlan, reading_plan

DATA = Path(__file__).parents[1] / "data"
SELECTION = "na64e-invisible-2023"


def plan_of(selection: Any, path: Path) -> ReadingPlan:
    layout = selection.layout()
    with open_file(path) as file:
        return reading_plan(selection.bind(layout), layout, file)


def first_needs(plan: ReadingPlan) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [
        (step.what, step.name, [
            (read.branch, "all" if read.everywhere else "left") for read in step.branches
        ])
        for step in plan.steps
    ]  # fmt: skip


#: 40 events in baskets of 10: only those of the first are in time
EVENTS = [(1, 1, i, 100.0 if i < 10 else 50.0, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(40)]


@pytest.fixture
def written(tmp_path, write_events):
    return write_events(tmp_path / "a.root", EVENTS, baskets=[10] * 3)


def test_the_order_of_a_blind_selection(small_selection, written):
    """The cuts of the box come first, the first of them for all events."""
    plan = plan_of(small_selection(), written)
    assert plan.blind
    assert first_needs(plan) == [
        ("event numbers", "", [("runN", "all"), ("spillN", "all"), ("spilleventtN", "all")]),
        ("blind region", "SRD", [("SRD_ene", "all")]),
        # a histogram at the start and a region without cuts ask for it of all events
        ("blind region", "ECAL", [("ECAL_ene", "all")]),
        ("cut", "time", [("masterT", "all")]),
        ("cut", "SRD", []),
        ("cut", "ECAL", []),
        ("cut", "full", []),
        ("histogram", "times", []),
        ("histogram", "energies", []),
        ("region", "side", []),
    ]
    assert plan.ranges == ((0, 40),)
    assert plan.clusters == 4


OPEN: dict[str, Any] = {"regions": {}, "histograms": {}, "channels": {}}


def test_the_order_without_a_box(small_selection, written):
    """Then only the first cut is for all events."""
    plan = plan_of(small_selection(**OPEN), written)
    assert not plan.blind
    assert first_needs(plan)[1:] == [
        ("cut", "time", [("masterT", "all")]),
        ("cut", "SRD", [("SRD_ene", "left")]),
        ("cut", "ECAL", [("ECAL_ene", "left")]),
    ]


@pytest.mark.parametrize(
    ("more", "everywhere"),
    [
        ({"weight": "1 + sum(srd.energy)/(1*GeV)"}, {"masterT", "SRD_ene"}),
        ({"histograms": {"h": {"x": {"observable": "sum(srd.energy)", "bins": 2,
          "range": ["0 GeV", "1 GeV"]}, "at": "start"}}}, {"masterT", "SRD_ene"}),
        ({"histograms": {"h": {"x": {"observable": "sum(srd.energy)", "bins": 2,
          "range": ["0 GeV", "1 GeV"]}, "at": "time"}}}, {"masterT"}),
        ({"histograms": {"h": {"x": {"observable": "master_time", "bins": 2,
          "range": ["0 ns", "1 ns"]}, "at": "all but time"}}}, {"masterT", "SRD_ene"}),
        ({"regions": {"r": {"cuts": ["ECAL"]}}}, {"masterT", "ECAL_ene"}),
        ({"regions": {"r": {"cuts": ["time", "ECAL"]}}}, {"masterT"}),
        ({"regions": {"r": {"cuts": ["time"], "keep": ["sum(ecal.energy)"]}}}, {"masterT"}),
    ],
    ids=["weight", "start", "after time", "all but", "region", "regions", "keep"],
)  # fmt: skip
def test_what_is_read_for_all_events(small_selection, written, more, everywhere):
    plan = plan_of(small_selection(**(OPEN | more)), written)
    names = {"runN", "spillN", "spilleventtN"}
    assert {read.branch for read in plan.branches if read.everywhere} == everywhere | names


def test_observables_are_looked_through(small_selection, written):
    selection = small_selection(
        **OPEN,
        observables={"a": "sum(srd.energy)", "b": "a + 1*GeV"},
        cuts=[{"name": "b", "observable": "b", "above": "1 GeV", "runs": [1, 2]}],
    )
    assert first_needs(plan_of(selection, written))[1:] == [("cut", "b", [("SRD_ene", "all")])]


# ------------------------------------------------------------------ what a run does


@pytest.fixture
def opened(monkeypatch):
    """Baskets that are decoded, by their sizes and places in the file."""
    found = []
    really = BasketTable.open

    def noted(self, number, data):
        found.append((int(self.places[number]), number))
        return really(self, number, data)

    monkeypatch.setattr(BasketTable, "open", noted)
    return found


def baskets_of(path: Path, branch: str) -> list[int]:
    with uproot.open(path) as file:
        return [int(place) for place in file["tout"][branch].member("fBasketSeek")[:4]]


@pytest.mark.parametrize("chunk", [5, 10, 40])
def test_a_late_cut_is_not_read_where_nothing_is_left(small_selection, written, opened, chunk):
    """In baskets 1 to 3 no event passes `time`: nothing else of them is decoded."""
    expected = {
        "runN": 4, "spillN": 4, "spilleventtN": 4, "masterT": 4, "SRD_ene": 1, "ECAL_ene": 1,
    }  # fmt: skip
    for counts in ("sequential", "full"):
        opened.clear()
        record = na.run(
            small_selection(**OPEN), [written], counts=counts, chunk_size=chunk, progress=False
        )
        assert record.events == 40
        assert record.cutflow.rows[0].sequential == (10, 10.0, 10.0)
        decoded = [place for place, _ in opened]
        assert len(decoded) == len(set(decoded))  # each once, whatever reads it
        for branch, number in expected.items():
            found = [baskets_of(written, branch).index(p) for p in decoded
                     if p in baskets_of(written, branch)]  # fmt: skip
            assert sorted(found) == list(range(4 if counts == "full" else number)), branch


def test_the_plan_and_the_run_agree(small_selection, written, opened):
    """Branches that are read for all events are those of which all baskets are decoded."""
    plan = plan_of(small_selection(**OPEN), written)
    opened.clear()
    na.run(small_selection(**OPEN), [written], counts="sequential", progress=False)
    decoded = {place for place, _ in opened}
    for read in plan.branches:
        baskets = set(baskets_of(written, read.branch))
        assert read.size.pieces == len(baskets) == 4
        assert (baskets <= decoded) == read.everywhere, read.branch


def test_pages_of_clusters_without_events_left_are_not_decoded(
    monkeypatch, tmp_path, small_selection
):
    """The same of an RNTuple: of three clusters, events of the second alone are in time."""
    path = tmp_path / "n.root"
    with uproot.recreate(path) as file:
        ntuple = None
        for cluster in range(3):
            data = {
                "runN": np.full(8, 1, dtype=np.int32),
                "spillN": np.full(8, 1, dtype=np.int32),
                "spilleventtN": np.arange(8 * cluster, 8 * cluster + 8, dtype=np.int32),
                "masterT": np.full(8, 100.0 if cluster == 1 else 50.0),
                "SRD_ene": ak.from_regular(np.full((8, 3), 1.0)),
                "ECAL_ene": ak.from_regular(np.full((8, 60), 1.0)),
            }
            if ntuple is None:
                ntuple = file.mkrntuple("tout", data)
            else:
                ntuple.extend(data)
    decoded: dict[str, set[int]] = {}

    def noted(ntuple, cluster, column, page, width):
        record = ntuple.field_records[ntuple.column_records[column].field_id]
        while record.field_name.startswith("_"):  # the numbers of a vector
            record = ntuple.field_records[record.parent_field_id]
        decoded.setdefault(record.field_name, set()).add(cluster)
        return stored_page(ntuple, cluster, column, page, width)

    monkeypatch.setattr(rntuple, "stored_page", noted)
    for counts, late in (("sequential", {1}), ("full", {0, 1, 2})):
        decoded.clear()
        record = na.run(
            small_selection(**OPEN), [path], counts=counts, chunk_size=8, progress=False
        )
        assert record.events == 24
        assert decoded["masterT"] == decoded["runN"] == {0, 1, 2}
        assert decoded["SRD_ene"] == decoded["ECAL_ene"] == late


# ------------------------------------------------------------------ sizes


@pytest.mark.parametrize("name", ["tout_small.root", "tout_small_rntuple.root"])
def test_sizes_are_those_of_the_file(name):
    with open_file(DATA / name) as file, uproot.open(DATA / name) as root:
        size = file.branch_size("tout", "ECAL_ene")
        entries = 303
        cells = entries * 60 * 8
        assert cells <= size.uncompressed <= cells + entries * 16 + size.pieces * 100
        if name == "tout_small.root":
            branch = root["tout/ECAL_ene"]
            assert size.stored == branch.compressed_bytes
            assert size.pieces == branch.num_baskets
        else:
            assert size.uncompressed == cells + 8 * entries  # an end of 8 bytes for each list
            links = root["tout"].page_link_list
            whole = sum(p.locator.num_bytes for c in links for column in c for p in column.pages)
            fields = root["tout"].keys()
            assert sum(file.branch_size("tout", f).stored for f in fields) == whole
        assert size.stored < (DATA / name).stat().st_size


def test_sizes_of_fields_inside_fields():
    with open_file(DATA / "pages.root") as file:
        assert file.branch_size("plain", "f8").uncompressed == 90 * 8
        assert file.branch_size("plain", "f8").stored == 90 * 8
        # nested: ends of lists, of the lists inside, and the numbers
        numbers = sum((i + j) % 4 for i in range(90) for j in range(i % 3))
        inner = sum(i % 3 for i in range(90))
        assert file.branch_size("plain", "nested").stored == 8 * (90 + inner) + 4 * numbers


def test_sizes_of_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    numbers = ak.Array({"x": [1.5] * 100, "y": [[1, 2]] * 100})
    ak.to_parquet(numbers, path, row_group_size=40)
    with open_file(path) as file:
        sizes = {name: file.branch_size("", name) for name in ("x", "y")}
    assert {size.pieces for size in sizes.values()} == {3}
    assert sizes["x"].uncompressed >= 8 * 3  # one value for all of a row group, kept once
    assert all(size.stored > 0 for size in sizes.values())


# ------------------------------------------------------------------ the terminal


@pytest.fixture
def shown(monkeypatch):
    """The same library whatever is installed, and a path that is the same everywhere."""
    monkeypatch.setattr(explain, "zlib_library", lambda: "deflate")
    monkeypatch.chdir(DATA)

    def draw(name: str, width: int) -> str:
        plan = plan_of(na.Selection.load(SELECTION), Path(name))
        return plain(report.overview(plan, width), width)

    return draw


@pytest.mark.parametrize("width", [80, 110, 160])
@pytest.mark.parametrize("name", ["tout_small", "tout_small_rntuple"])
def test_golden(shown, golden, name, width):
    drawn = shown(f"{name}.root", width)
    golden(f"explain/{name}_{width}.txt", drawn)
    lines = drawn.splitlines()
    assert max(map(len, lines)) <= width
    assert sum("%" in line for line in lines) == 31  # one for each branch, none cut off


def test_the_command(monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    arguments = ["check", SELECTION, "--explain", str(DATA / "tout_small.root")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "ECAL_ene" in result.output
    assert "vector<double>" in result.output


def test_a_file_without_entries_has_a_plan():
    plan = plan_of(na.Selection.load(SELECTION), DATA / "empty.root")
    assert (plan.entries, plan.ranges) == (0, ((0, 0),))
    assert "0 entries" in plain(report.overview(plan, 110), 110)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([SELECTION, "--explain", "nothing.root"], "no tree 'tout'"),
        ([SELECTION, "--explain", "README.md"], "not a ROOT or Parquet file"),
        ([SELECTION, "--explain", "none.root"], "No such file"),
    ],
)
def test_mistakes_are_said(monkeypatch, arguments, words):
    monkeypatch.chdir(DATA)
    result = CliRunner().invoke(main, ["check", *arguments])
    assert result.exit_code != 0
    said = result.output or str(result.exception)
    assert words in said


def test_explain_goes_with_a_selection(tmp_path):
    manifest = tmp_path / "m.yaml"
    manifest.write_text("name: m\nfiles: []\n")
    result = CliRunner().invoke(main, ["check", str(manifest), "--explain", "a.root"])
    assert result.exit_code == 2
    assert "--explain goes with a selection" in result.output
