"""The command line against what ROOT counts: every number, any chunk, workers and order.

``tests/data/tout_small_counts.json`` and the shared ``acceptance`` folder were made by ROOT
RDataFrame 6.40 with expressions written apart from this package.
"""

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from na64ana.cli import main

DATA = Path(__file__).parent / "data"
SELECTION = "na64e-invisible-2023"
KINDS = ("sequential", "alone", "all_but_this", "all_but_this_open")


def record(tmp_path, *arguments):
    """Run ``na64ana cutflow`` and return its JSON."""
    out = tmp_path / "record.json"
    command = ["cutflow", SELECTION, *map(str, arguments), "--json", str(out)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return json.loads(out.read_text())


def numbers(channel, kind):
    return [None if cut[kind] is None else cut[kind]["n"] for cut in channel["cuts"]]


def assert_small(got, state):
    """Compare with ROOT's counts on the small file; what is None there must be hidden here."""
    expected = json.loads((DATA / "tout_small_counts.json").read_text())[state]
    for name in ("main", "dimuon"):
        channel, want = got["channels"][name], expected["channels"][name]
        assert channel["events"] == expected["events"]
        for kind in KINDS:
            assert numbers(channel, kind) == [cut[kind] for cut in want["cuts"]], (name, kind)
        for cut in channel["cuts"]:
            for kind in KINDS:
                if cut[kind] is None:
                    assert cut.get("blinded") or cut.get("not_computed")
                else:
                    assert cut[kind]["sumw"] == cut[kind]["sumw2"] == cut[kind]["n"]
        per_run = {entry["run"]: entry["numbers"] for entry in channel["runs"]}
        for run, counts in expected["runs"].items():
            assert per_run[int(run)]["events"]["n"] == [counts["events"]]
            assert per_run[int(run)]["sequential"]["n"] == counts[name]
        survivors = got["survivors"][name]
        if survivors is None:
            assert (name, state) == ("main", "blind")
        else:
            assert survivors == sorted(want["survivors"])


FILES = ("tout_small.root", "tout_small_rntuple.root")


@pytest.mark.parametrize(
    ("file", "chunk"), [*itertools.product(FILES, (7, 40, 1000)), ("tout_small.root", 1)]
)
def test_open_counts_are_those_of_root(tmp_path, file, chunk):
    got = record(tmp_path, DATA / file, "--unblind", "acceptance", "--chunk-size", chunk)
    assert (got["blind"], got["unblinded"]) == (False, "acceptance")
    assert_small(got, "open")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("chunk", [1, 40, 1000])
def test_blind_counts_are_those_of_root_without_the_box(tmp_path, file, chunk):
    got = record(tmp_path, DATA / file, "--chunk-size", chunk)
    assert (got["blind"], got["unblinded"]) == (True, None)
    assert_small(got, "blind")


def test_the_record_does_not_depend_on_workers(tmp_path, monkeypatch):
    one = record(tmp_path, DATA / "tout_small.root", "--unblind", "a test")
    # small ranges, so that there is something to share out
    monkeypatch.setattr("na64ana.events.plan.READ_BYTES", 200_000)
    two = record(tmp_path, DATA / "tout_small.root", "--unblind", "a test", "--workers", 2)
    (one_made,), (two_made,) = one.pop("made"), two.pop("made")
    assert (one_made["workers"], two_made["workers"]) == (1, 2)
    assert one == two


def test_the_json_has_the_keys_of_the_contract(tmp_path):
    got = record(tmp_path, DATA / "tout_small.root")
    assert got["schema"] == "na64ana/record/1"
    assert set(got["selection"]) == {"name", "sha256"}
    assert got["selection"]["name"] == SELECTION
    (file,) = got["inputs"]
    assert file["path"] == str(DATA / "tout_small.root")
    assert file["entries"] == 303
    assert file["read"] == [[0, 303]]
    assert len(file["uuid"]) == 36
    assert {"na64ana", "python", "uproot", "numpy"} <= set(got["software"])
    assert [cut["name"] for cut in got["channels"]["main"]["cuts"]][:2] == [
        "physics trigger", "master time",
    ]  # fmt: skip
    for cut in got["channels"]["main"]["cuts"]:
        assert {"name", "nan", *KINDS} <= set(cut)


# ------------------------------------------------------------- the shared folder


RUNS = ("08747", "08748", "08749")

#: acceptance/README.md: blind, in sequence, cuts 1 to 18; then all but this, 18 and 19
BLIND_SEQUENTIAL = [
    7851, 7530, 5313, 4777, 4238, 4127, 3823, 3779, 3536, 3502, 3334, 1865, 1865, 1824, 1822, 1603,
    1554, 1426, None,
]  # fmt: skip
BLIND_OPEN = [
    1721, 1607, 1659, 1644, 1555, 1578, 1661, 1554, 1668, 1554, 1566, 2098, 1554, 1556, 1554, 1565,
    1603, None, None,
]  # fmt: skip


#: na64e-invisible-talk on the three runs, in sequence; a plain numpy script gave the same
TALK_SEQUENTIAL = {
    "physics trigger": 8130, "ECAL pre-selection": 4811, "master time": 4607, "SRD": 2483,
    "track quality": 2226, "momentum": 1763, "angle": 1696, "straw 3": 1562, "VHCAL": 1525,
    "straw 4": 1432, "single hits": 746, "hottest cell": 723, "ECAL energy": 697, "ECAL ratio": 197,
    "shower profile": 196, "HCAL out of time": 196, "HCAL3": 192, "HCAL0 topology": 192,
    "VETO": 190, "muon veto": 181, "HCAL energy": 166, "ECAL box": 1,
}  # fmt: skip


def assert_shared(got, expected):
    cuts = got["channels"]["main"]["cuts"]
    assert [cut["name"] for cut in cuts] == [cut["name"] for cut in expected["cuts"]]
    for kind, theirs in zip(KINDS[:3], ("sequential", "individual", "all_but_this"), strict=True):
        assert numbers(got["channels"]["main"], kind) == [c[theirs] for c in expected["cuts"]]
    assert got["survivors"]["main"] == expected["survivors"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("run", "dimuons"), [("08747", 58), ("08748", 41), ("08749", 58)], ids=RUNS
)
def test_shared_runs_one_by_one(shared, tmp_path, run, dimuons):
    file = shared / "data" / f"tout_run{run}.root"
    expected = json.loads((shared / "acceptance" / f"cutflow_tout_run{run}.json").read_text())
    got = record(tmp_path, file, "--unblind", "acceptance")
    assert_shared(got, expected)
    assert numbers(got["channels"]["dimuon"], "sequential")[-1] == dimuons


@pytest.mark.shared
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--chunk-size", 7),
        ("--chunk-size", 1000),
        ("--workers", 2),
        ("--workers", 3, "--chunk-size", 999),
    ],
)
@pytest.mark.parametrize("order", [RUNS, RUNS[::-1]], ids=["as they come", "backwards"])
def test_shared_runs_together(shared, tmp_path, options, order):
    files = [shared / "data" / f"tout_run{run}.root" for run in order]
    got = record(tmp_path, *files, "--unblind", "acceptance", *options)
    expected = json.loads((shared / "acceptance" / "cutflow_tout_all.json").read_text())
    assert_shared(got, expected)
    assert numbers(got["channels"]["dimuon"], "sequential")[-1] == 157
    assert [file["path"] for file in got["inputs"]] == sorted(map(str, files))


@pytest.mark.shared
def test_shared_rntuple(shared, tmp_path):
    got = record(tmp_path, shared / "data" / "tout_run08747_rntuple.root", "--unblind", "a test")
    expected = json.loads((shared / "acceptance" / "cutflow_tout_run08747.json").read_text())
    assert_shared(got, expected)
    assert numbers(got["channels"]["dimuon"], "sequential")[-1] == 58


@pytest.mark.shared
def test_shared_runs_blind(shared, tmp_path):
    got = record(tmp_path, *(shared / "data" / f"tout_run{run}.root" for run in RUNS))
    main_ = got["channels"]["main"]
    assert main_["events"] == 9000 - 303
    assert numbers(main_, "sequential") == BLIND_SEQUENTIAL
    assert numbers(main_, "all_but_this_open") == BLIND_OPEN
    assert numbers(main_, "all_but_this")[:17] == [None] * 17
    assert numbers(got["channels"]["dimuon"], "sequential")[-1] == 157
    assert got["survivors"]["main"] is None


@pytest.mark.shared
def test_shared_talk_selection_is_as_it_was(shared, tmp_path):
    """Golden numbers of the talk's list of criteria, open, on the three runs together."""
    out = tmp_path / "talk.json"
    files = [str(shared / "data" / f"tout_run{run}.root") for run in RUNS]
    command = ["cutflow", "na64e-invisible-talk", *files, "--unblind", "golden", "--json", str(out)]
    assert CliRunner().invoke(main, command).exit_code == 0
    channel = json.loads(out.read_text())["channels"]["main"]
    names = [cut["name"] for cut in channel["cuts"]]
    assert dict(zip(names, numbers(channel, "sequential"), strict=True)) == TALK_SEQUENTIAL


@pytest.mark.shared
def test_shared_ldmx_hits_count_as_plain_awkward_does(shared, tmp_path):
    import awkward as ak
    import numpy as np
    import uproot

    file = shared / "data" / "LDMX_ecal_100_events.root"
    out = tmp_path / "ldmx.json"
    command = ["cutflow", "examples/ldmx-ecal", str(file), "--json", str(out)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    got = json.loads(out.read_text())
    with uproot.open(file) as opened:
        hits = opened["LDMX_Events/EcalRecHits_sim"]
        energy, x, y, time, noise = (
            ak.values_astype(hits[f"EcalRecHits_sim.{name}_"].array(), float)
            for name in ("energy", "xpos", "ypos", "time", "isNoise")
        )
    energy_good = ak.where(noise > 0, 0, energy)
    total = ak.sum(energy_good, axis=1)
    outer = ak.sum(ak.where(np.hypot(x, y) > 60, energy_good, 0), axis=1)
    masks = [
        ak.sum(energy > 1, axis=1) >= 110,
        ak.max(energy, axis=1) < 700,
        ak.all(abs(time) < 5, axis=1),
        outer < 0.05 * total,
        (total >= 100) & (total <= 8000),
    ]
    left = [int(ak.sum(np.logical_and.reduce(masks[: i + 1]))) for i in range(5)]
    assert 0 < left[-1] < left[0] < 100
    assert numbers(got["channels"]["main"], "sequential") == left
    assert numbers(got["channels"]["main"], "alone") == [int(ak.sum(mask)) for mask in masks]
    assert got["kind"] == "simulation"
    assert got["blind"] is False
