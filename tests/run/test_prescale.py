"""The sample that is opened early: which events it holds, and its share of the exposure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import na64ana as na
from na64ana.cutflow.spills import mixed
from na64ana.errors import InputError, SelectionError

EVENTS = [
    (run, spill, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60))
    for run in (1, 2) for spill in (1, 2, 3) for i in range(40)
]  # fmt: skip
AMOUNTS = {(run, spill): 10**9 // (7 * run + spill) for run in (1, 2) for spill in (1, 2, 3)}
#: the first outputs of splitmix64 seeded with 1234567, as published in
#: https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
PUBLISHED = (6457827717110365317, 3203168211198807973, 9817491932198370423)
GAMMA = 0x9E3779B97F4A7C15


def splitmix64(state):
    state = (state + GAMMA) % 2**64
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % 2**64
    return state ^ (state >> 31)


def number(event):
    state = 0
    for part in event[:3]:
        state = splitmix64((state + part) % 2**64)
    return state


def opened(event, prescale):
    return (number(event) >> 32) % prescale == 0


def in_box(event):
    return event[4] > 0.03 and event[5] < 50


def regions(prescale):
    return {"signal": {"cuts": ["SRD", "ECAL"], "blind": {"prescale": prescale}}}


def test_the_mixing_is_the_published_one():
    for i, expected in enumerate(PUBLISHED):
        seed = (1234567 + i * GAMMA) % 2**64
        assert splitmix64(seed) == expected
        column = np.array([[seed]], dtype=np.uint64).view(np.int64)
        assert mixed(column).tolist() == [expected]
    ids = np.array([event[:3] for event in EVENTS])
    assert mixed(ids).tolist() == [number(event) for event in EVENTS]


@pytest.fixture
def manifest(tmp_path, write_events):
    for k in range(3):
        write_events(tmp_path / f"f{k}.root", EVENTS[k::3], baskets=[20, 20])
    spills = "{1: 1-3, 2: 1-3}"
    amounts = "".join(f"    {r}: {{{', '.join(f'{s}: {AMOUNTS[r, s]}' for s in (1, 2, 3))}}}\n"
                      for r in (1, 2))  # fmt: skip
    files = "".join(f"  - {{path: f{k}.root, spills: {spills}}}\n" for k in range(3))
    path = tmp_path / "m.yaml"
    path.write_text(f"name: m\nexposure:\n  spills:\n{amounts}files:\n{files}")
    return path


def sample_of(record):
    assert record.open_sample is not None
    return record.open_sample


def row_counts(events, flow):
    passes = [[90 <= e[3] <= 110, e[4] > 0.03, e[5] < 50] for e in events]
    for i in range(3):
        assert flow.rows[i].sequential.n == sum(all(p[: i + 1]) for p in passes)
        assert flow.rows[i].alone.n == sum(p[i] for p in passes)


@pytest.mark.parametrize("prescale", [2, 3, 10])
def test_the_open_sample_is_exactly_the_events_of_the_hash(manifest, small_selection, prescale):
    record = na.run(small_selection(regions=regions(prescale)), manifest)
    sample = sample_of(record)
    inside = [event for event in EVENTS if opened(event, prescale)]
    assert 0 < len(inside) < len(EVENTS)
    assert any(map(in_box, inside))
    assert sample.events == len(inside)
    row_counts(inside, sample.cutflow)
    survivors = sorted(e[:3] for e in inside if 90 <= e[3] <= 110 and in_box(e))
    assert [tuple(row) for row in sample.cutflow.survivors.tolist()] == survivors
    # what is blind stays so
    assert record.cutflow.rows[2].sequential is None
    assert record.events == sum(not in_box(event) for event in EVENTS)


@pytest.mark.parametrize("with_open_sample", [False, True])
def test_the_unblinded_result_leaves_them_out_unless_asked(
    manifest, small_selection, with_open_sample
):
    record = na.run(
        small_selection(regions=regions(3)), manifest, unblind="frozen",
        with_open_sample=with_open_sample,
    )  # fmt: skip
    rest = [event for event in EVENTS if with_open_sample or not opened(event, 3)]
    assert record.events == len(rest)
    row_counts(rest, record.cutflow)
    gone = sum(sum(file.left_out.values()) for file in record.inputs)
    assert gone == len(EVENTS) - len(rest)


@pytest.mark.parametrize("prescale", [2, 3, 10])
def test_exposure_is_shared_to_the_last_particle(manifest, small_selection, prescale):
    selection = small_selection(regions=regions(prescale))
    total = sum(AMOUNTS.values())
    sample = sample_of(na.run(selection, manifest)).ledger
    rest = na.run(selection, manifest, unblind="frozen").ledger
    whole = na.run(selection, manifest, unblind="frozen", with_open_sample=True).ledger
    assert sample.totals == (total, total // prescale, 0, total - total // prescale)
    assert rest.totals == (total, total - total // prescale, 0, total // prescale)
    assert whole.totals == (total, total, 0, 0)
    for ledger in (sample, rest):
        spills: dict[Any, int] = dict.fromkeys(AMOUNTS, 0)
        for entry in ledger.entries:
            assert entry.amount >= 0
            spills[entry.run, entry.spill] += entry.amount
        assert spills == AMOUNTS


def test_a_lost_file_costs_both_their_share(manifest, small_selection):
    (manifest.parent / "f1.root").unlink()
    selection = small_selection(regions=regions(3))
    sample = sample_of(na.run(selection, manifest, on_bad_file="skip"))
    assert sample.events == 0  # all spills are shared with the lost file
    assert sample.ledger.totals == (sum(AMOUNTS.values()), 0, sum(AMOUNTS.values()), 0)


def test_the_sample_does_not_depend_on_the_selection(manifest, small_selection):
    one = small_selection(regions=regions(3))
    cuts = [
        {"name": "SRD", "observable": "sum(srd.energy)", "above": "10 MeV"},
        {"name": "ECAL", "observable": "sum(ecal.energy)", "below": "90 GeV"},
        {"name": "all", "require": "trigger >= 0 or master_time > 0*ns"},
    ]
    keep = {"every": {"where": "master_time > 0*ns"}}
    other = small_selection(cuts=cuts[:2], channels={}, histograms={}, regions=regions(3) | keep)
    samples = [sample_of(na.run(selection, manifest)) for selection in (one, other)]
    assert samples[0].events == samples[1].events
    runs = [
        {run: tallies["events"].n.tolist() for run, tallies in sample.cutflow.runs.items()}
        for sample in samples
    ]
    assert runs[0] == runs[1]
    inside = sorted(event[:3] for event in EVENTS if opened(event, 3))
    assert [tuple(r) for r in samples[1].regions["every"].in_order().ids.tolist()] == inside


@pytest.mark.parametrize("unblind", [None, "frozen"])
def test_simulation_has_no_sample(tmp_path, write_events, small_selection, unblind):
    path = write_events(tmp_path / "s.root", EVENTS, kind="simulation")
    record = na.run(small_selection(regions=regions(3)), path, unblind=unblind)
    assert record.open_sample is None
    assert record.events == len(EVENTS)


def test_extends_cannot_change_the_prescale(small_selection, tmp_path):
    base = tmp_path / "base.yaml"
    base.write_text(
        "name: base\nlayout: na64-tout\ncuts: [{name: a, require: master_time > 90*ns}]\n"
        "regions: {signal: {cuts: [a], blind: {prescale: 10}}}\n"
    )
    changed = tmp_path / "changed.yaml"
    for blind in ("{prescale: 2}", "true", "false"):
        changed.write_text(
            f"name: new\nextends: base.yaml\nregions: {{signal: {{cuts: [a], blind: {blind}}}}}\n"
        )
        with pytest.raises(SelectionError, match="prescale"):
            na.Selection.load(changed)


def test_two_regions_have_one_prescale(small_selection):
    two = regions(3) | {"other": {"cuts": ["time"], "blind": {"prescale": 4}}}
    with pytest.raises(SelectionError, match="the same prescale"):
        small_selection(regions=two)


def test_a_layout_without_event_numbers_has_no_sample(tmp_path):
    (tmp_path / "l.yaml").write_text(
        "name: bare\ntree: tout\nmarks: [masterT]\ncolumns:\n"
        "  run: {branch: runN, type: integer}\n  master_time: {branch: masterT, unit: ns}\n"
    )
    content = {
        "name": "x",
        "layout": str(tmp_path / "l.yaml"),
        "cuts": [{"name": "t", "require": "master_time > 90*ns"}],
        "regions": {"signal": {"cuts": ["t"], "blind": {"prescale": 3}}},
    }
    with pytest.raises(SelectionError, match=r"prescale needs run, spill, event .* has no spill"):
        na.Selection.from_dict(content)


@pytest.mark.parametrize("without", ["runN", "spillN", "spilleventtN"])
def test_a_file_without_event_numbers_has_no_sample(
    tmp_path, write_events, small_selection, without
):
    path = write_events(tmp_path / "a.root", EVENTS, without=[without])
    with pytest.raises(na.Na64Error, match=without):
        na.run(small_selection(regions=regions(3)), path)


@pytest.mark.parametrize("open_", [True, False], ids=["opened", "closed"])
def test_an_opened_event_of_the_box_that_stands_twice_is_found(
    tmp_path, write_events, small_selection, open_
):
    """Of what is closed nothing is counted, and so nothing twice."""
    box = next(
        event
        for i in range(1, 999)
        if opened(event := (1, 1, i, 99.0, 0.05, 20.0), 10) is open_ and in_box(event)
    )
    for i in (1, 2):
        write_events(tmp_path / f"{i}.root", [box, (1, 1 + i, 7, 99.0, 0.05, 90.0)])
    selection = small_selection(regions=regions(10))
    if open_:
        with pytest.raises(InputError, match="1 event stands twice"):
            na.run(selection, tmp_path, progress=False)
    else:
        record = na.run(selection, tmp_path, progress=False)
        assert record.open_sample is not None
        assert record.events == 2
