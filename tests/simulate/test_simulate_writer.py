"""Files: what is written is what was simulated, complete or not there."""

import json

import awkward as ak
import numpy as np
import pytest
import uproot

from na64ana.errors import InputError
from na64ana.simulate import BLOCK, simulate, simulate_blocks, write_tout


@pytest.fixture(scope="module")
def sample():
    return simulate("run-period", BLOCK + 300, seed=5, run=9100)


@pytest.mark.parametrize("form", ["ttree", "rntuple"])
def test_the_file_read_back_equals_the_arrays(tmp_path, sample, form):
    path = tmp_path / "tout.root"
    assert write_tout(path, sample, format=form) == len(sample)
    with uproot.open(path) as file:
        tree = file["tout"]
        assert tree.num_entries == len(sample)
        read = tree.arrays()
    for name, array in sample.branches.items():
        if isinstance(array, np.ndarray):
            back = read[name].to_numpy()
            assert (back.dtype, back.shape) == (array.dtype, array.shape), name
            assert np.array_equal(back, array), name
        else:
            assert ak.to_list(read[name]) == ak.to_list(array), name


def test_the_ttree_has_the_names_of_the_layout(tmp_path, sample):
    write_tout(tmp_path / "tout.root", sample)
    with uproot.open(tmp_path / "tout.root") as file:
        names = set(file["tout"].keys())
        assert file["tout/ECAL_ene"].typename == "double[60]"
        assert file["tout/runN"].typename == "uint32_t"
    assert names - {"nST11x", "nST12x"} == set(sample.branches)


@pytest.mark.parametrize("kind", ["simulation", "pseudo-data"])
@pytest.mark.parametrize("form", ["ttree", "rntuple"])
def test_the_tag_says_what_the_file_is(tmp_path, sample, form, kind):
    write_tout(tmp_path / "tout.root", sample, format=form, kind=kind)
    with uproot.open(tmp_path / "tout.root") as file:
        assert file.classnames()["na64ana;1"] == "TObjString"
        tag = json.loads(str(file["na64ana"]))
    assert tag["kind"] == kind
    assert tag["na64ana"]
    assert {k: tag[k] for k in ("process", "seed", "run", "first_event", "events")} == {
        "process": "run-period",
        "seed": 5,
        "run": 9100,
        "first_event": 0,
        "events": len(sample),
    }


@pytest.mark.parametrize("form", ["ttree", "rntuple"])
def test_blocks_make_the_same_events_as_one_sample(tmp_path, sample, form):
    blocks = simulate_blocks("run-period", len(sample), seed=5, run=9100)
    assert write_tout(tmp_path / "blocks.root", blocks, format=form) == len(sample)
    with uproot.open(tmp_path / "blocks.root") as file:
        assert json.loads(str(file["na64ana"]))["events"] == len(sample)
        energy = file["tout"].arrays(["HCAL_t0"])["HCAL_t0"].to_numpy()
    assert np.array_equal(energy, sample.branches["HCAL_t0"])


@pytest.mark.parametrize("form", ["ttree", "rntuple"])
def test_no_events_make_an_empty_tree(tmp_path, form):
    path = tmp_path / "empty.root"
    assert write_tout(path, simulate("electron", 0, seed=1), format=form) == 0
    with uproot.open(path) as file:
        assert file["tout"].num_entries == 0
        assert json.loads(str(file["na64ana"]))["events"] == 0


def test_an_interrupted_write_leaves_what_was_there(tmp_path, sample):
    path = tmp_path / "tout.root"
    path.write_bytes(b"older")

    def blocks():
        yield sample
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_tout(path, blocks())
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_arguments_are_told_apart(tmp_path, sample):
    with pytest.raises(InputError, match=r"unknown format 'parquet'.*ttree, rntuple"):
        write_tout(tmp_path / "a.root", sample, format="parquet")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"unknown kind 'data'.*simulation, pseudo-data"):
        write_tout(tmp_path / "a.root", sample, kind="data")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="nothing to write"):
        write_tout(tmp_path / "a.root", [])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path, sample):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.root").mkdir()
    with pytest.raises(InputError, match=r"cannot write .*file.a\.root"):
        write_tout(tmp_path / "file" / "a.root", sample)
    with pytest.raises(InputError, match=r"cannot write .*folder\.root"):
        write_tout(tmp_path / "folder.root", sample)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.root"]


def test_missing_directories_are_made(tmp_path):
    write_tout(tmp_path / "a" / "b.root", simulate("electron", 3, seed=1))
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b.root"]
