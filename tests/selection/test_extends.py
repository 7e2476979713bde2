"""What `extends` does: change, add, place and drop; several parents; what it refuses."""

import pytest

from na64ana import Selection
from na64ana.errors import SelectionError

BASE = """
name: base
layout: na64-tout
observables: {total: sum(ecal.energy)}
cuts:
  - {name: trigger, require: trigger & 4, reason: as taken}
  - {name: time, observable: master_time, within: [86 ns, 114 ns], reason: beam}
  - {name: box, observable: total, below: 50 GeV, runs: [1, 9]}
channels:
  side: {after: time, cuts: [{name: high, observable: total, above: 50 GeV}]}
regions:
  signal: {cuts: [box], blind: true}
"""


@pytest.fixture
def extend(tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)

    def make(text, parents="base.yaml", name="child"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"name: {name}\nextends: {parents}\n{text}")
        return path

    return make


def chain(selection):
    return {cut.name: cut for cut in selection.spec.cuts}


def test_nothing_changed_is_the_same_selection(extend, tmp_path):
    child = Selection.load(extend(""))
    assert child.name == "child"
    assert child.sha256 == Selection.load(tmp_path / "base.yaml").sha256


def test_a_threshold_is_changed_in_place_and_the_words_stay(extend, tmp_path):
    child = Selection.load(extend("cuts: [{name: time, within: [90 ns, 110 ns]}]"))
    cut = chain(child)["time"]
    assert list(chain(child)) == ["trigger", "time", "box"]
    assert (cut.observable, cut.within, cut.reason) == ("master_time", ["90 ns", "110 ns"], "beam")
    assert child.sha256 != Selection.load(tmp_path / "base.yaml").sha256


def test_a_threshold_of_zero_is_a_threshold(extend):
    assert (
        chain(Selection.load(extend("cuts: [{name: box, below: 0 GeV}]")))["box"].below == "0 GeV"
    )
    cut = chain(Selection.load(extend("cuts: [{name: time, above: 0 ns}]")))["time"]
    assert (cut.within, cut.above, cut.below) == (None, "0 ns", None)


def test_a_condition_is_replaced_as_a_whole(extend):
    child = Selection.load(extend("cuts: [{name: box, require: total < 40*GeV}]"))
    cut = chain(child)["box"]
    assert (cut.require, cut.observable, cut.below) == ("total < 40*GeV", None, None)
    assert cut.runs == [1, 9]
    again = Selection.load(extend("cuts: [{name: trigger, observable: total, below: 1 GeV}]"))
    assert chain(again)["trigger"].require is None


def test_words_alone_leave_the_count_as_it_is(extend, tmp_path):
    child = Selection.load(extend("cuts: [{name: time, reason: another, reference: page 3}]"))
    assert chain(child)["time"].reference == "page 3"
    assert child.sha256 == Selection.load(tmp_path / "base.yaml").sha256


@pytest.mark.parametrize(
    ("where", "order"),
    [
        ("", ["trigger", "time", "box", "new"]),
        ("after: trigger, ", ["trigger", "new", "time", "box"]),
        ("before: trigger, ", ["new", "trigger", "time", "box"]),
    ],
)
def test_a_new_cut_goes_where_it_is_told(extend, where, order):
    child = Selection.load(extend(f"cuts: [{{name: new, {where}observable: total, above: 1 GeV}}]"))
    assert list(chain(child)) == order


def test_a_cut_can_be_moved(extend):
    child = Selection.load(extend("cuts: [{name: box, before: time}]"))
    assert list(chain(child)) == ["trigger", "box", "time"]
    assert chain(child)["box"].below == "50 GeV"


def test_cuts_are_dropped_and_parts_replaced_by_name(extend):
    child = Selection.load(
        extend(
            "drop: [trigger]\nobservables: {total: 'sum(ecal.energy[1])'}\n"
            "channels: {side: {after: time, cuts: [{name: low, observable: total, below: 9 GeV}]}}"
        )
    )
    assert list(chain(child)) == ["time", "box"]
    assert child.spec.observables == {"total": "sum(ecal.energy[1])"}
    assert [cut.name for cut in child.spec.channels["side"].cuts] == ["low"]


def test_of_several_parents_the_later_one_wins(extend):
    extend("cuts: [{name: box, below: 40 GeV}]", name="left")
    extend("cuts: [{name: box, below: 30 GeV}]", name="right")
    both = Selection.load(extend("", parents="[left.yaml, right.yaml]"))
    assert chain(both)["box"].below == "30 GeV"
    other = Selection.load(extend("", parents="[right.yaml, left.yaml]"))
    assert chain(other)["box"].below == "40 GeV"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("drop: [tirgger]", r"line 3: drop: no cut 'tirgger'.*did you mean 'trigger'"),
        ("cuts: [{name: a, after: tme, require: trigger & 1}]", "after: no cut 'tme'.*'time'"),
        ("cuts: [{name: a, after: time, before: box, require: trigger & 1}]", "not both"),
        ("drop: [box]", "region 'signal': no cut 'box' in the main chain"),
        ("drop: [time]", "channel 'side': after: no cut 'time'"),
        ("drop: [trigger, time, box]", "at least one cut"),
    ],
)
def test_what_does_not_fit_is_refused(extend, text, words):
    with pytest.raises(SelectionError, match=words):
        Selection.load(extend(text))


def test_a_circle_is_refused_by_its_names(extend):
    extend("", parents="two.yaml", name="one")
    path = extend("", parents="one.yaml", name="two")
    with pytest.raises(SelectionError, match=r"circle: two\.yaml -> one\.yaml -> two\.yaml"):
        Selection.load(path)


def test_a_missing_parent_is_named_with_its_line(extend):
    with pytest.raises(SelectionError, match=r"child\.yaml, line 2: extends: unknown selection"):
        Selection.load(extend("", parents="nothing-like-it"))
    with pytest.raises(SelectionError, match=r"other\.yaml: No such file"):
        Selection.load(extend("", parents="other.yaml"))


def test_a_chain_of_extends_has_an_end(extend):
    for i in range(15):
        extend("", parents=f"link{i}.yaml" if i else "base.yaml", name=f"link{i + 1}")
    with pytest.raises(SelectionError, match="over 10 levels deep"):
        Selection.load(extend("", parents="link15.yaml"))
