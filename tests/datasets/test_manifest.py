"""Manifests: what they say, what is refused, and a hash that only their content changes."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from na64ana.datasets import (
    BadSpill,
    Dataset,
    DatasetFile,
    apportion,
    builtin_manifests,
    dump_manifest,
    load_dataset,
    manifest_sha256,
)
from na64ana.datasets import manifest as manifest_module
from na64ana.datasets.ranges import LARGEST
from na64ana.errors import DatasetError, redacted

UUIDS = [f"a95e08c5-93cb-413f-89d2-53bb9d0c67b{i}" for i in range(10)]

GOOD = f"""\
# files of one night
name: one-night
kind: data
period: na64e-invisible-2023
exposure:
  table: spills.csv
  runs:
    8748: 1000
  spills:
    8749: {{1: 500, 2: 600}}
bad_spills:
  - {{run: 8747, spill: 3, reason: magnet off}}
  - {{run: 8747, spill: 4, events: [100, 200], exposure: 40, reason: DAQ}}
files:
  - path: a.root
    uuid: {UUIDS[0]}
    sha256: {"0a" * 32}
    entries: 1000
    spills: {{8747: 1-4, 8748: [1-2, 5]}}
  - path: sub/b.root
    uuid: {UUIDS[1]}
    spills: {{8747: 4, 8749: 1-2}}
  - path: root://server//c.root
    spills: {{8748: "7, 9"}}
    quality: bad
    reason: half of it is missing
"""
TABLE = "run,spill,exposure\n8747,1,100\n8747,2,110\n8747,3,120\n8747,4,130\n8747,5,140\n"


def test_what_a_manifest_says(manifest, tmp_path):
    dataset = load_dataset(manifest(GOOD, spills=TABLE))
    assert (dataset.name, dataset.kind, dataset.unit) == ("one-night", "data", "EOT")
    assert dataset.period == "na64e-invisible-2023"
    a, b, c = dataset.files
    assert (a.name, a.path) == ("a.root", str(tmp_path / "a.root"))
    assert (b.name, b.path) == ("sub/b.root", str(tmp_path / "sub/b.root"))
    assert (c.name, c.path) == ("root://server//c.root", "root://server//c.root")
    assert (a.uuid, a.sha256, a.entries, a.bad) == (UUIDS[0], "0a" * 32, 1000, "")
    assert c.bad == "half of it is missing"
    assert a.spills == {(8747, 1), (8747, 2), (8747, 3), (8747, 4), (8748, 1), (8748, 2), (8748, 5)}
    assert dataset.shared == {(8747, 4)}
    # the total of run 8748 is shared over its spills in all files: 1, 2, 5, 7, 9
    assert {
        spill: n for (run, spill), n in dataset.exposure.items() if run == 8748
    } == dict.fromkeys((1, 2, 5, 7, 9), 200)
    assert dataset.apportioned == {(8748, n) for n in (1, 2, 5, 7, 9)}
    assert dataset.exposure[8747, 5] == 140  # in no file, and recorded all the same
    assert dataset.exposure[8749, 2] == 600
    assert sum(dataset.exposure.values()) == 600 + 1000 + 1100
    assert dataset.bad_spills == (
        BadSpill(8747, 3, "magnet off"),
        BadSpill(8747, 4, "DAQ", (100, 200), 40),
    )


def test_lists_of_bad_spills_in_both_forms(manifest):
    text = GOOD.replace("bad_spills:\n", "bad_spill_table: bad.csv\nbad_spills:\n")
    bad = "run,spill,first,last,exposure,reason\n8747,4,300,400,50,DAQ\n8749,1,,,,late\n"
    dataset = load_dataset(manifest(text, spills=TABLE, bad=bad))
    assert [(b.run, b.spill, b.events) for b in dataset.bad_spills] == [
        (8747, 3, None), (8747, 4, (100, 200)), (8747, 4, (300, 400)), (8749, 1, None),
    ]  # fmt: skip


def test_weights_of_a_table_share_the_total(manifest):
    text = (
        "name: x\nexposure: {table: t.csv, runs: {1: 100}}\nfiles: [{path: a, spills: {1: 1-2}}]\n"
    )
    dataset = load_dataset(manifest(text, t="run,spill,weight\n1,1,1\n1,2,2\n1,3,1\n"))
    # spill 3 is in no file; its particles are not given to the others
    assert dataset.exposure == {(1, 1): 25, (1, 2): 50, (1, 3): 25}
    assert dataset.apportioned == dataset.exposure.keys()


def test_simulation_has_generated_particles_and_a_bias(manifest):
    text = "name: x\nkind: simulation\nbias: 1e4\nfiles: [{path: a, generated: 5}, {path: b, generated: 7}]\n"
    dataset = load_dataset(manifest(text))
    assert dataset.bias == 10_000
    assert [file.generated for file in dataset.files] == [5, 7]
    assert dataset.exposure == {}


def test_without_any_exposure_nothing_is_recorded(manifest):
    dataset = load_dataset(manifest("name: x\nfiles: [{path: a}, {path: b, spills: {1: 1}}]\n"))
    assert dataset.exposure == {}
    assert dataset.files[1].spills == {(1, 1)}


def test_the_folder_of_the_files_is_not_in_their_names(manifest, tmp_path):
    for folder, start in [
        ("data/2023", f"{tmp_path}/data/2023/"),
        ("/data", "/data/"),
        ("root://server//eos", "root://server//eos/"),
    ]:
        dataset = load_dataset(manifest(f"name: x\nfolder: {folder}\nfiles: [path: a.root]\n"))
        assert (dataset.files[0].name, dataset.files[0].path) == ("a.root", f"{start}a.root")


# ----------------------------------------------------------------------- mistakes

TWO = "name: x\nfiles:\n- {{path: a.root{}}}\n- {{path: b.root{}}}\n"


def two(first, second=None):
    return TWO.format(f", {first}", f", {first if second is None else second}")


def one(
    keys="", file="spills: {1: 1-5}", exposure="spills: {1: {1: 10, 2: 10, 3: 10, 4: 10, 5: 10}}"
):
    return f"name: x\nexposure: {{{exposure}}}\n{keys}\nfiles:\n- {{path: a.root, {file}}}\n"


def bad(entry):
    return one(f"bad_spills:\n- {entry}")


WRONG = {
    # files
    "a file twice": ("name: x\nfiles:\n- path: a.root\n- path: a.root\n", "line 4: file 'a.root' is the same as 'a.root' in line 3 (same name)"),
    "by another path": ("name: x\nfiles:\n- path: a.root\n- path: ./sub/../a.root\n", "line 4: file './sub/../a.root' is the same as 'a.root' in line 3 (same path behind links)"),
    "by a link": ("name: x\nfiles:\n- path: target.root\n- path: link.root\n", "line 4: file 'link.root' is the same as 'target.root' in line 3 (same path"),
    "by a linked folder": ("name: x\nfiles:\n- path: sub/q.root\n- path: linked/q.root\n", "(same path"),
    "by UUID": (two(f"uuid: {UUIDS[0]}"), "line 4: file 'b.root' is the same as 'a.root' in line 3 (same uuid)"),
    "by checksum": (two(f"sha256: {'ab' * 32}", f"sha256: {'AB' * 32}"), "(same sha256)"),
    "no files": ("name: x\n", "missing key 'files'"),
    "empty files": ("name: x\nfiles: []\n", "line 2: 'files'"),
    "no path": ("name: x\nfiles:\n- uuid: x\n", "line 3: 'files.0' missing key 'path'"),
    "no name": ("files: [path: a]\n", "missing key 'name'"),
    "unknown key": ("name: x\nfiles:\n- {path: a, sha: b}\n", "line 3: unknown key 'sha'; did you mean 'sha256'"),
    "unknown key of exposure": ("name: x\nexposure: {tabel: a}\nfiles: [path: a]\n", "line 2: unknown key 'tabel'; did you mean 'table'"),
    "uuid": (two("uuid: 12"), "line 3: 'files.0.uuid' Expected"),
    "no uuid": (two("uuid: abc"), "line 3: file 'a.root': uuid 'abc' is not a UUID of ROOT"),
    "short checksum": (two("sha256: abcd"), "line 3: file 'a.root': sha256 'abcd' is not a SHA-256 of 64"),
    "kind": ("name: x\nkind: simulatoin\nfiles: [path: a]\n", "line 2: kind 'simulatoin' is none of data, pseudo-data, simulation; did you mean 'simulation'"),
    "unit": ("name: x\nunit: 10 EOT\nfiles: [path: a]\n", "line 2: unit is a word such as EOT, e+OT"),
    "period": ("name: x\nperiod: 2023\nfiles: [path: a]\n", "line 2: 'period' Expected 'str"),
    "quality": (two("quality: ok"), "line 3: file 'a.root': quality is good or bad, not 'ok'"),
    "bad without reason": (two("quality: bad"), "line 3: file 'a.root': 'reason' is missing"),
    "good with reason": (two("reason: noise"), "line 3: file 'a.root': 'reason' says why a file is bad; add 'quality: bad'"),
    "entries": (two("entries: 1.5"), "line 3: file 'a.root': entries must be a whole number from 0 on, not '1.5'"),
    "null byte": ('name: x\nfiles:\n- path: "a\\0b"\n', "line 3: file 'a\\x00b': no file is called so"),
    "escape": ('name: x\nfiles:\n- path: "a\\e[31m"\n- path: "a\\e[31m"\n', "file 'a\\x1b[31m' is the same"),
    "entries without spills": (one(file="entries: 7, spills: {}"), "line 5: file 'a.root': it has 7 entries but no spills"),
    "spills without entries": (one(file="entries: 0, spills: {1: 1}"), "it has spills but no entries"),
    # spills and exposure
    "spills missing": (one(file="entries: 7"), "line 5: file 'a.root': 'spills' are missing, so its exposure is not known ('na64ana datasets add'"),
    "no exposure of a spill": (one(file="spills: {1: 1-7}"), "line 5: file 'a.root' has spills 6-7 of run 1 without an exposure"),
    "nor of another run": (one(file="spills: {1: 1, 2: 3, 3: 1-4}"), "has spill 3 of run 2 (and 4 of other runs) without"),
    "spill range": (one(file="spills: {1: 5-1}"), "line 5: spills of run 1: '5-1' runs backwards"),
    "a billion spills": (one(file="spills: {1: 1-1000000000000}"), "line 5: spills of run 1: '1-1000000000000' is over 2000000 spills"),
    "many ranges": (one(file=f"spills: {{{', '.join(f'{i}: 1-999999' for i in range(9))}}}"), "is over 2000000 spills"),
    "spill in words": (one(file="spills: {1: all}"), "line 5: spills of run 1: 'all' is neither a number nor a range such as 1-10"),
    "spill as a date": (one(file="spills: {1: 2023-05-01}"), "line 5: spills of run 1: '2023-05-01' is neither"),
    "spills as a list": (one(file="spills: [1, 2]"), "line 5: 'files.0.spills' Expected"),
    "run in words": (one(file="spills: {run 1: 1}"), "line 5: 'run 1' is no number of a run"),
    "run twice": (one(file="spills: {1: 1, 01: 2}"), "line 5: run 1 stands twice"),
    "fraction": (one(exposure="runs: {1: 10.5}"), "line 2: exposure of run 1 must be a whole number from 0 on, not '10.5'"),
    "power of ten": (one(exposure="runs: {1: 1.2e8}"), "line 2: exposure of run 1 must be a whole number from 0 on, not '1.2e8'; write all its digits, such as 120000000"),
    "float power of ten": (one(exposure="runs: {1: 1.2e+8}"), "exposure of run 1 must be a whole number from 0 on, not '120000000.0'"),
    "negative": (one(exposure="runs: {1: -5}"), "line 2: exposure of run 1 must be a whole number from 0 on, not '-5'"),
    "spaces": (one(exposure="runs: {1: 12 345}"), "must be a whole number from 0 on, not '12 345'"),
    "too large": (one(exposure=f"runs: {{1: {LARGEST + 1}}}"), "must be a whole number"),
    "yes": (one(exposure="runs: {1: true}"), "Expected 'int | float | str', got 'bool'"),
    "negative of a spill": (one(exposure="spills: {1: {1: -1}}"), "line 2: exposure of run 1, spill 1 must be a whole number from 0 on, not '-1'"),
    "no way to it": (one(exposure=""), "line 2: exposure needs 'table', 'runs' or 'spills'"),
    "run not in the files": (one(exposure="runs: {1: 10, 2: 10}"), "line 2: no file has spills of run 2"),
    "total and spills": (one(exposure="runs: {1: 10}, spills: {1: {1: 10}}"), "line 2: run 1 has a total and spill 1 of run 1 with its own"),
    "a spill twice": (one(exposure="spills: {1: {1: 1, 01: 1}}"), "line 2: spill 1 of run 1 has its exposure already"),
    "share of nothing": (one(exposure="spills: {1: {1: 1}}, apportioned: {1: 1-2}"), "line 2: spill 2 of run 1 has no exposure that could be apportioned"),
    "a tree of no table": (one(exposure="tree: t, runs: {1: 5}"), "line 2: 'tree' is of a table"),
    "a tree of a text": (one(exposure="table: t.csv, tree: t"), "t.csv: 'tree' is for a table in a .root file"),
    "no table": (one(exposure="table: none.csv"), "none.csv: No such file"),
    "table and spills": (one(exposure="table: t.csv, spills: {1: {1: 1}}"), "line 2: spill 1 of run 1 has its exposure already"),
    "table without totals": (one(exposure="table: list.csv"), "line 2: the table lists spills 1-2 of run 1 without an exposure"),
    "table without a spill": (one(exposure="table: list.csv, runs: {1: 5}"), "line 5: file 'a.root' has spills 3-5 of run 1 without an exposure"),
    # bad spills
    "no such spill": (bad("{run: 1, spill: 7, reason: x}"), "line 4: spill 7 of run 1 is in no file and no exposure of the manifest (run 1 has spills 1-5)"),
    "no such run": (bad("{run: 2, spill: 1, reason: x}"), "spill 1 of run 2 is in no file and no exposure of the manifest (its runs: 1)"),
    "no reason": (bad("{run: 1, spill: 1}"), "line 4: 'bad_spills.0' missing key 'reason'"),
    "range without exposure": (bad("{run: 1, spill: 1, events: [1, 9], reason: x}"), "line 4: 'exposure' is missing: how many EOT belong to events 1 to 9 of spill 1 of run 1?"),
    "range with too much": (bad("{run: 1, spill: 1, events: [1, 9], exposure: 11, reason: x}"), "line 4: 11 EOT of spill 1 of run 1 are bad, but it has only 10"),
    "ranges with too much": (bad("{run: 1, spill: 1, events: [1, 9], exposure: 6, reason: x}\n- {run: 1, spill: 1, events: [10, 19], exposure: 5, reason: x}"), "line 5: 11 EOT of spill 1 of run 1 are bad, but it has only 10"),
    "ranges that overlap": (bad("{run: 1, spill: 1, events: [5, 9], exposure: 1, reason: x}\n- {run: 1, spill: 1, events: [1, 5], exposure: 1, reason: x}"), "events 5 to 9 overlap the bad events 1 to 5"),
    "bad twice": (bad("{run: 1, spill: 1-3, reason: x}\n- {run: 1, spill: 3, reason: x}"), "line 5: spill 3 of run 1 is in the list already, as a whole"),
    "bad as a whole and in part": (bad("{run: 1, spill: 1, events: [1, 9], exposure: 1, reason: x}\n- {run: 1, spill: 1, reason: x}"), "spill 1 of run 1 is in the list already, as a whole"),
    "whole with exposure": (bad("{run: 1, spill: 1, exposure: 5, reason: x}"), "line 4: spill 1 of run 1 is bad as a whole, with its own exposure"),
    "range backwards": (bad("{run: 1, spill: 1, events: [9, 1], exposure: 1, reason: x}"), "line 4: events 9 to 1 is no range"),
    "range of three": (bad("{run: 1, spill: 1, events: [1, 2, 3], exposure: 1, reason: x}"), "line 4: events are [first, last]"),
    "range of several spills": (bad("{run: 1, spill: 1-2, events: [1, 2], exposure: 1, reason: x}"), "line 4: a range of events or an exposure is of one spill, not of 2"),
    "bad spills without end": (bad(f"{{run: 1, spill: 1-{10**12}, reason: x}}"), "line 4: spills of run 1: '1-1000000000000' is over 2000000"),
    "exposure of nothing": ("name: x\nbad_spills: [{run: 1, spill: 1, events: [1, 2], exposure: 1, reason: x}]\nfiles: [{path: a, spills: {1: 1}}]\n", "line 2: the manifest gives no exposure"),
    "table of bad spills": (one("bad_spill_table: bad.csv"), "bad.csv, line 2: spill 9 of run 1 is in no file"),
    # simulation
    "generated missing": ("name: x\nkind: simulation\nfiles:\n- path: a\n", "line 4: file 'a': 'generated' is missing"),
    "generated nothing": ("name: x\nkind: simulation\nfiles:\n- {path: a, generated: 0}\n", "line 4: file 'a': generated must be a whole number from 1 on, not '0'"),
    "generated data": (two("generated: 5"), "line 3: file 'a.root': 'generated' is for kind: simulation"),
    "exposure of simulation": ("name: x\nkind: simulation\nexposure: {runs: {1: 1}}\nfiles: [{path: a, generated: 1}]\n", "line 3: simulation has no 'exposure': its files say 'generated'"),
    "bad spills of simulation": ("name: x\nkind: simulation\nbad_spills: [{run: 1, spill: 1, reason: x}]\nfiles: [{path: a, generated: 1}]\n", "line 3: simulation has no 'bad_spills'"),
    "bias of data": ("name: x\nbias: 5\nfiles: [path: a]\n", "line 2: data has no bias"),
    **{
        f"bias {value}": (f"name: x\nkind: simulation\nbias: {value}\nfiles: [{{path: a, generated: 1}}]\n", "line 3: bias must be a number above 0")
        for value in ("0", "-1", "nan", ".nan", "inf", "1.0e+999", "many")
    },
    # the file
    "a period": ("name: x\nbeam: {particle: electron}\n", "line 2: this is a period of the catalogue, which has no files. Make a manifest of the files that you have: na64ana datasets add MANIFEST.yaml"),
    "aliases": ("name: x\nfiles: [&a {path: a}, *a]\n", "aliases"),
    "key twice": ("name: x\nfiles: []\nname: y\n", "line 3: key 'name' stands twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_mistakes(manifest, tmp_path, case):
    text, culprit = WRONG[case]
    (tmp_path / "target.root").touch()
    (tmp_path / "link.root").symlink_to("target.root")
    (tmp_path / "sub").mkdir()
    (tmp_path / "linked").symlink_to("sub")
    path = manifest(
        text, t="run,spill,exposure\n1,1,5\n", list="run,spill\n1,1\n1,2\n",
        bad="run,spill,reason\n1,9,x\n",
    )  # fmt: skip
    with pytest.raises(DatasetError) as error:
        load_dataset(path)
    message = str(error.value)
    assert culprit in message
    assert str(tmp_path) in message
    assert message.isprintable()


def test_the_good_ones_are_good(manifest):
    # so that no mistake above is found for another reason
    assert load_dataset(manifest(one())).exposure[1, 5] == 10
    range_ = "{run: 1, spill: 1, events: [1, 9], exposure: 10, reason: x}"
    assert load_dataset(manifest(bad(range_))).bad_spills[0].exposure == 10
    assert load_dataset(manifest(two("entries: 5"))).files[1].entries == 5


def test_manifests_are_bounded(manifest, monkeypatch):
    monkeypatch.setattr(manifest_module, "MAX_BYTES", 1000)
    with pytest.raises(DatasetError, match="over 1000 bytes"):
        load_dataset(manifest("name: x\nfiles:\n" + "- path: a\n" * 500))


def test_a_manifest_of_a_thousand_files_is_not_too_large(manifest):
    files = "".join(
        f"- path: a{i}.root\n  sha256: '{i:064x}'\n  spills: {{{i}: 1-100}}\n" for i in range(1000)
    )
    assert len(load_dataset(manifest(f"name: x\nfiles:\n{files}")).files_of) == 100_000


# ----------------------------------------------------------------------- names


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "na64e-2023.yaml").write_text(
        "name: na64e-2023\nbeam: {}\ndescription: |\n  files: none\n"
    )
    (folder / "tutorial.yaml").write_text("name: tutorial\nfiles: [path: t.root]\n")
    monkeypatch.setattr(manifest_module, "shipped_folder", lambda kind: folder)
    return folder


def test_shipped_manifests_go_by_name(shipped):
    assert builtin_manifests() == ["tutorial"]
    assert load_dataset("tutorial").files[0].path == str(shipped / "t.root")


def test_the_catalogue_is_refused_with_what_to_do(shipped):
    with pytest.raises(
        DatasetError, match=r"period of the catalogue.*datasets add .*--period na64e-2023"
    ):
        load_dataset("na64e-2023")


def test_the_nearest_name(shipped, tmp_path):
    with pytest.raises(
        DatasetError,
        match=r"unknown dataset 'tutoril'; did you mean 'tutorial'\? \(shipped: tutorial; or give",
    ):
        load_dataset("tutoril")
    with pytest.raises(DatasetError, match=r"none\.yaml: No such file"):
        load_dataset(tmp_path / "none.yaml")
    with pytest.raises(DatasetError, match=r"unknown dataset 'a\\x00b'"):
        load_dataset("a\0b")


# ----------------------------------------------------------------------- writing

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def may_be_a_file(name):
    """Names that look like secrets are refused on a server; hypothesis finds them in the code."""
    known = "***" in name or redacted(f"root://server//{name}") != f"root://server//{name}"
    return not known and not set("\0/") & set(name) and name not in (".", "..")


names = st.one_of(
    st.from_regex(r"[a-z]{1,5}(/[a-z0-9_.-]{1,5})?\.root", fullmatch=True),
    st.from_regex(r"/[a-z]{1,5}/[a-z]{1,5}\.root", fullmatch=True),
    st.from_regex(r"root://[a-z]{1,5}//[a-z]{1,5}\.root", fullmatch=True),
    words.filter(may_be_a_file),
    st.sampled_from(
        [
            "yes",
            "null",
            "1e5",
            "1.0e+5",
            "2023-05-01",
            "12",
            "~",
            "a: b",
            "a #b",
            "- a",
            " a ",
            "x:",
            "0x1f",
            "=",
            "<<",
        ]
    ),
)
spill_ids = st.tuples(st.sampled_from([1, 8747, 8748]), st.integers(0, 12))


@st.composite
def datasets(draw, folder="."):
    kind = draw(st.sampled_from(["data", "pseudo-data", "simulation"]))
    simulated = kind == "simulation"
    place = draw(st.sampled_from(["", "deep/data/", "../other/", "root://server//eos/"]))
    has = not simulated and draw(st.booleans())
    exposure = (
        draw(st.dictionaries(spill_ids, st.integers(0, 10**12), min_size=1, max_size=20))
        if has
        else {}
    )
    shares = draw(st.sets(st.sampled_from(sorted(exposure)))) if exposure else set()
    found = []
    for i, name in enumerate(
        draw(st.lists(names, min_size=1, max_size=4, unique_by=os.path.normpath))
    ):
        spills = st.frozensets(
            st.sampled_from(sorted(exposure)) if exposure else spill_ids, max_size=8
        )
        held = frozenset() if simulated else draw(spills)
        root = place if place.startswith("root") else f"{folder}/{place}"
        found.append(
            DatasetFile(
                name=name,
                path=name if name.startswith(("/", "root://")) else root + name,
                uuid=draw(st.sampled_from([None, UUIDS[i]])),
                sha256=draw(st.sampled_from([None, f"{i:064d}", f"{i}e{'5' * 62}", f"0b{i % 2:062b}" if i < 2 else None])),
                entries=draw(st.integers(1, 10**9)) if held else None,
                spills=held,
                generated=draw(st.integers(1, 10**9)) if simulated else None,
                bad=draw(st.one_of(st.just(""), words.filter(str.strip))),
            )
        )  # fmt: skip
    if has:  # totals as they are shared on loading
        run, total = draw(st.sampled_from([1, 8747])), draw(st.integers(0, 10**9))
        of_run = {s for f in found for r, s in f.spills if r == run}
        if of_run and draw(st.booleans()):
            exposure = {k: v for k, v in exposure.items() if k[0] != run}
            exposure |= {(run, s): n for s, n in apportion(total, of_run).items()}
            shares = {s for s in shares if s[0] != run} | {(run, s) for s in of_run}
    known = sorted(exposure.keys() | {s for f in found for s in f.spills})
    bad_ones = []
    for run, spill in (
        draw(st.lists(st.sampled_from(known), unique=True, max_size=3)) if known else []
    ):
        part = draw(st.booleans())
        amount = draw(st.integers(0, exposure[run, spill])) if part and exposure else None
        bad_ones.append(BadSpill(run, spill, draw(words), (3, 9) if part else None, amount))
    dataset = Dataset(
        name=draw(words), path=f"{folder}/m.yaml", sha256="", kind=kind,
        unit=draw(st.sampled_from(["EOT", "e+OT", "yes"])), period=draw(st.one_of(st.none(), words)),
        files=tuple(found), exposure=exposure, apportioned=frozenset(shares),
        bad_spills=tuple(sorted(bad_ones, key=lambda b: (b.run, b.spill))),
        bias=draw(st.floats(1e-300, 1e300)) if simulated else 1.0,
    )  # fmt: skip
    return replace(dataset, sha256=manifest_sha256(dataset))


def loaded(text, folder):
    (folder / "m.yaml").write_bytes(text.encode())
    return load_dataset(folder / "m.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("manifests")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back(folder, data):
    dataset = data.draw(datasets(folder=str(folder)))
    text = dump_manifest(dataset, folder)
    assert loaded(text, folder) == dataset
    assert dump_manifest(loaded(text, folder), folder) == text


def shuffled(value, rng):
    """The same content with keys, files and bad spills in another order."""
    if isinstance(value, dict):
        return {k: shuffled(value[k], rng) for k in rng.sample(list(value), len(value))}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return [shuffled(item, rng) for item in rng.sample(value, len(value))]
    return value


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data(), rng=st.randoms(use_true_random=False))
def test_order_comments_and_place_leave_the_hash(folder, data, rng):
    dataset = data.draw(datasets(folder=str(folder)))
    plain = yaml.load(dump_manifest(dataset, folder), Loader=yaml.BaseLoader)  # noqa: S506 - all text
    # JSON is YAML too, and PyYAML's own writer loses a line break at the end of a text
    text = json.dumps(_numbers(shuffled(plain, rng)), ensure_ascii=False)
    text = "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    other = loaded("# a comment\n" + text, elsewhere)
    assert other.sha256 == dataset.sha256
    assert {f.name for f in other.files} == {f.name for f in dataset.files}


def _numbers(value, key=""):
    """Numbers back to numbers, where a manifest has numbers."""
    if isinstance(value, dict):
        return {k: _numbers(v, k if not k.isdecimal() else key) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbers(item, key) for item in value]
    if (
        key in ("run", "entries", "generated", "exposure", "runs", "events", "bias")
        or key == "spills"
    ):
        try:
            return float(value) if key == "bias" else int(value)
        except ValueError:
            return value
    return value


def changes(dataset):
    a, *rest = dataset.files
    yield replace(dataset, files=(replace(a, name="other.root"), *rest))
    yield replace(dataset, files=(replace(a, uuid=UUIDS[5]), *rest))
    yield replace(dataset, files=(replace(a, sha256="1" * 64), *rest))
    yield replace(dataset, files=(replace(a, entries=999), *rest))
    yield replace(dataset, files=(replace(a, spills=a.spills - {(8747, 1)}), *rest))
    yield replace(dataset, files=(replace(a, bad="noise"), *rest))
    yield replace(dataset, files=(replace(a, generated=1), *rest))
    yield replace(dataset, files=tuple(rest))
    yield replace(dataset, exposure={**dataset.exposure, (8747, 1): 101})
    yield replace(dataset, exposure={k: v for k, v in dataset.exposure.items() if k != (8747, 5)})
    yield replace(dataset, apportioned=dataset.apportioned | {(8747, 1)})
    yield replace(dataset, bad_spills=dataset.bad_spills[1:])
    yield replace(dataset, kind="pseudo-data")
    yield replace(dataset, unit="MOT")
    yield replace(dataset, bias=2.0)


def test_every_change_of_content_changes_the_hash(manifest):
    dataset = load_dataset(manifest(GOOD, spills=TABLE))
    hashes = [manifest_sha256(other) for other in changes(dataset)]
    assert len({dataset.sha256, *hashes}) == len(hashes) + 1
    for words_only in (replace(dataset, name="b"), replace(dataset, period=None)):
        assert manifest_sha256(words_only) == dataset.sha256


def test_the_text_of_a_manifest(manifest, tmp_path):
    dataset = load_dataset(manifest(GOOD, spills=TABLE))
    assert (
        dump_manifest(dataset, tmp_path)
        == f"""\
name: one-night
kind: data
unit: EOT
period: na64e-invisible-2023
exposure:
  runs:
    8748: 1000
  spills:
    8747: {{1: 100, 2: 110, 3: 120, 4: 130, 5: 140}}
    8749: {{1: 500, 2: 600}}
bad_spills:
  - {{run: 8747, spill: 3, reason: magnet off}}
  - {{run: 8747, spill: 4, events: [100, 200], exposure: 40, reason: DAQ}}
files:
  - path: a.root
    uuid: {UUIDS[0]}
    sha256: {"0a" * 32}
    entries: 1000
    spills:
      8747: 1-4
      8748: [1-2, 5]
  - path: sub/b.root
    uuid: {UUIDS[1]}
    spills:
      8747: 4
      8749: 1-2
  - path: root://server//c.root
    spills: {{8748: [7, 9]}}
    quality: bad
    reason: half of it is missing
"""
    )


def test_many_exposures_are_wrapped(tmp_path):
    exposure = {(8747, n): 5_000_000 + n for n in range(200)}
    dataset = Dataset(
        "x",
        str(tmp_path / "m.yaml"),
        "",
        files=(DatasetFile("a", str(tmp_path / "a")),),
        exposure=exposure,
    )
    text = dump_manifest(dataset, tmp_path)
    assert max(map(len, text.splitlines())) <= 101
    assert loaded(text, tmp_path).exposure == exposure


def test_manifests_written_elsewhere_find_their_files(manifest, tmp_path):
    dataset = load_dataset(manifest(GOOD, spills=TABLE))
    other = tmp_path / "far" / "away"
    other.mkdir(parents=True)
    moved = loaded(dump_manifest(dataset, other), other)
    assert moved.sha256 == dataset.sha256
    for before, after in zip(dataset.files, moved.files, strict=True):
        assert before.name == after.name
        if not before.path.startswith("root:"):
            assert os.path.normpath(after.path) == before.path


def test_the_example_of_the_documentation(manifest):
    page = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(yaml|text)\n(.*?)```", page, flags=re.DOTALL)
    (example,) = (text for _, text in blocks if "\nfiles:\n" in text)
    scalers, bad_list = (text for kind, text in blocks if kind == "text")
    rows = "".join(f"8747,{n},1000000,0.95\n" for n in range(3, 14))
    dataset = load_dataset(manifest(example, spills=scalers + rows))
    assert dataset.exposure[8747, 1] == 4_576_271  # 5012345 x 0.913 = 4576270.985
    assert sum(n for (run, _), n in dataset.exposure.items() if run == 8748) == 120_000_000
    assert [bad.spill for bad in dataset.bad_spills] == [3, 7, 8, 9, 11]
    assert dataset.files[0].path == "root://server//data/2023/tout_run8747.root"
    by_table = re.sub(r"bad_spills:\n(  - .*\n)+", "bad_spill_table: bad.csv\n", example)
    other = load_dataset(manifest(by_table, bad=bad_list))
    assert [bad.spill for bad in other.bad_spills] == [3, 11]
    assert other.bad_spills[1] == dataset.bad_spills[-1]
