"""Records add up in any order and grouping, refuse what does not belong together, and last."""

import json
import pickle
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import na64ana as na
from na64ana.cutflow import InputFile, Record
from na64ana.errors import RecordError
from na64ana.evaluate import evaluate
from na64ana.events import open_file, read_columns

SMALL = Path(__file__).parents[1] / "data" / "tout_small.root"
EVENTS = 303
NAME = "na64e-invisible-2023"


def weighted():
    """The shipped selection with a weight that no double holds exactly."""
    weight = "where(straw3.nx > 2, 0.1, 1) * (1 + 0.1*straw4.ny)"
    return na.Selection.from_dict({"name": "weighted", "extends": NAME, "weight": weight})


SELECTIONS = {"plain": na.Selection.load(NAME), "weighted": weighted()}
LAYOUT = na.load_layout("na64-tout")
BOUND = {name: selection.bind(LAYOUT) for name, selection in SELECTIONS.items()}
with open_file(SMALL) as _file:
    COLUMNS = read_columns(_file, "tout", LAYOUT, LAYOUT.columns, 0, EVENTS)


def part(start, stop, kind="plain", **options):
    file = InputFile(str(SMALL), "the-uuid", EVENTS, ((start, stop),) if stop > start else ())
    columns = {name: array[start:stop] for name, array in COLUMNS.items()}
    return evaluate(columns, BOUND[kind], inputs=[file], **options)


WHOLE = {(kind, blind): part(0, EVENTS, kind, blind=blind)
         for kind in BOUND for blind in (True, False)}  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(0, EVENTS), max_size=8),
    order=st.randoms(use_true_random=False),
    kind=st.sampled_from(sorted(BOUND)),
    blind=st.booleans(),
)
def test_any_partition_in_any_order_and_grouping_gives_the_whole(cuts, order, kind, blind):
    bounds = sorted({0, *cuts, EVENTS})
    parts = [part(a, b, kind, blind=blind) for a, b in pairwise(bounds)]
    order.shuffle(parts)
    while len(parts) > 1:  # add two that stand anywhere
        i = order.randrange(len(parts) - 1)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    assert parts[0] == WHOLE[kind, blind]


def test_weights_are_in_the_sums():
    flow = WHOLE["weighted", False].cutflow
    counts = flow["SRD"].sequential
    assert counts.n == WHOLE["plain", False].cutflow["SRD"].sequential.n
    assert counts.n != counts.sumw != counts.sumw2


@pytest.mark.parametrize("kind", sorted(BOUND))
@pytest.mark.parametrize("blind", [True, False])
def test_json_keeps_everything(tmp_path, kind, blind):
    whole = WHOLE[kind, blind]
    path = tmp_path / "record.json"
    path.write_text(whole.to_json())
    again = Record.load(path)
    assert again == whole
    assert again.to_json() == whole.to_json()
    first, second = part(0, 100, kind, blind=blind), part(100, EVENTS, kind, blind=blind)
    path.write_text(first.to_json())
    assert Record.load(path) + second == whole


def test_json_is_plain_json():
    def refuse(word):
        raise AssertionError(word)

    json.loads(WHOLE["weighted", True].to_json(), parse_constant=refuse)


def test_what_does_not_belong_together_is_refused():
    whole = WHOLE["plain", True]
    other = replace(whole, inputs=(InputFile("b.root", "b", 5, ((0, 5),)),))
    assert (whole + other).events == 2 * whole.events
    for wrong, words in (
        (replace(other, sha256="0" * 64), "different selections"),
        (replace(other, blind=False), "blind record does not merge with an unblinded"),
        (replace(other, mode="sequential"), "counts full and sequential"),
        (replace(other, inputs=(replace(other.inputs[0], kind="simulation"),)), "simulation"),
        (whole, r"entries 0 to 303 are in both records"),
    ):
        with pytest.raises(RecordError, match=words):
            whole + wrong


def test_overlapping_ranges_are_refused_and_touching_ones_join():
    with pytest.raises(RecordError, match="entries 90 to 100 are in both"):
        part(0, 100) + part(90, 200)
    joined = reduce(lambda a, b: a + b, [part(100, 200), part(0, 50), part(50, 100)])
    assert joined.inputs[0].read == ((0, 200),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[1]", "schema is None"),
        ('{"schema": "na64ana/record/2"}', "schema is na64ana/record/2, not na64ana/record/1"),
        ('{"schema": "na64ana/record/1"}', "not a whole record"),
        ('{"schema": "na64ana/record/1", "channels": 3, "selection": 1, "blind": 1, "counts": 1}',
         "not a whole record"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_record_is_refused(tmp_path, text, words):
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(RecordError, match=words):
        Record.load(path)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda r: r.cutflow["SDR"],
         r"no cut 'SDR' in channel 'main'; did you mean 'SRD'\? \(cuts: physics trigger, "),
        (lambda r: r.channels["dimoun"],
         r"no channel 'dimoun'; did you mean 'dimuon'\? \(channels: main, dimuon"),
        (lambda r: r.histograms["ecal_vs_hcl"],
         r"no histogram 'ecal_vs_hcl'; did you mean 'ecal_vs_hcal'\? \(histograms: "),
        (lambda r: r.booked["ecal_vs_hcl"], "no histogram .* did you mean 'ecal_vs_hcal'"),
        (lambda r: r.regions["ecal_sidebnd"],
         r"no region 'ecal_sidebnd'; did you mean 'ecal_sideband'\? \(regions: "),
        (lambda r: r.regions["ecal_sideband"].kept["ecal_totl"],
         r"no kept observable 'ecal_totl'; did you mean 'ecal_total'\?"),
        (lambda r: r.regions["\x1b[2J"], r"no region '\\x1b\[2J'"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_with_what_is_near(ask, words):
    record = WHOLE["plain", True]
    for one in (record, pickle.loads(pickle.dumps(record)), record + part(0, 0)):  # noqa: S301
        with pytest.raises(na.Na64Error, match=words) as caught:
            ask(one)
        assert isinstance(caught.value, KeyError)


def test_histograms_are_hist_with_the_cut_as_first_axis():
    record = WHOLE["plain", False]
    histogram = record.histograms["ecal_energy"]
    assert list(histogram.axes["cut"])[:2] == ["start", "physics trigger"]
    assert histogram.axes["x"].label == "E_ECAL [GeV]"
    for cut in record.cutflow.rows:
        assert histogram[{"cut": cut.name}].sum(flow=True).value == cut.sequential.n
    sums = WHOLE["weighted", False].histograms["ecal_energy"][{"cut": "SRD"}].sum(flow=True)
    counts = WHOLE["weighted", False].cutflow["SRD"].sequential
    assert sums.value == pytest.approx(counts.sumw, rel=1e-12)
    assert sums.variance == pytest.approx(counts.sumw2, rel=1e-12)


def test_the_histogram_behind_the_box_is_not_there_when_blind():
    histogram = WHOLE["plain", True].booked["ecal_energy"]
    assert histogram.blinded == ("ECAL box",)
    assert "ECAL box" not in histogram.places
    assert "ECAL box" in WHOLE["plain", False].booked["ecal_energy"].places
