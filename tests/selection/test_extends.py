"""`extends`: what a selection changes of another, and how it goes wrong."""

from __future__ import annotations

import pytest

from na64ana.errors import SelectionError
from na64ana.selection import Selection

BASE = """
name: base
layout: na64-tout
description: the base
observables:
  srd_total: sum(srd.energy)
  twice: 2*srd_total
cuts:
  - {name: A, observable: master_time, within: [80 ns, 120 ns], reason: time, reference: "[1]"}
  - {name: B, require: srd_total > 1*MeV}
  - {name: C, observable: track.angle, below: 3 mrad}
channels:
  other: {after: B, cuts: [{name: D, require: run > 1}]}
regions:
  box: {cuts: [C], blind: true}
histograms:
  h: {x: {observable: srd_total, bins: 5, range: [0 GeV, 1 GeV]}}
"""


@pytest.fixture
def load(tmp_path):
    """Load the last of some files; all of them stand in one folder."""

    def call(text, **others):
        for name, content in {"base": BASE, **others}.items():
            (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return Selection.load(path)

    return call


def cuts(selection):
    return [cut.name for cut in selection.spec.cuts]


def test_nothing_changed_counts_the_same(load):
    mine = load("name: mine\nextends: base.yaml\n")
    assert mine.name == "mine"
    assert mine.spec.description == "the base"
    assert mine.sha256 == load(BASE).sha256


def test_a_threshold_changes_in_place(load):
    mine = load("name: mine\nextends: base.yaml\ncuts:\n- {name: A, within: [86.5 ns, 113.5 ns]}\n")
    assert cuts(mine) == ["A", "B", "C"]
    cut = mine.spec.cuts[0]
    assert cut.within == ["86.5 ns", "113.5 ns"]
    assert (cut.observable, cut.reason, cut.reference) == ("master_time", "time", "[1]")
    assert mine.sha256 != load(BASE).sha256


def test_a_condition_is_replaced_as_a_whole(load):
    mine = load("name: mine\nextends: base.yaml\ncuts:\n- {name: A, above: 80 ns}\n")
    cut = mine.spec.cuts[0]
    assert (cut.within, cut.above, cut.below) == (None, "80 ns", None)
    mine = load("name: mine\nextends: base.yaml\ncuts:\n- {name: A, require: master_time > 1*ns}\n")
    cut = mine.spec.cuts[0]
    assert (cut.observable, cut.within, cut.require) == (None, None, "master_time > 1*ns")
    assert cut.reason == "time"
    mine = load(
        "name: mine\nextends: base.yaml\ncuts:\n- {name: B, observable: twice, above: 0 GeV}\n"
    )
    assert (mine.spec.cuts[1].require, mine.spec.cuts[1].above) == (None, "0 GeV")


def test_a_threshold_of_zero_is_a_threshold(load):
    text = (
        "name: mine\nextends: base.yaml\ncuts:\n- {name: C, observable: track.p_value, above: 0}\n"
    )
    cut = load(text).spec.cuts[2]
    assert (cut.above, cut.below) == (0, None)


def test_a_reason_alone_leaves_condition_and_hash(load):
    mine = load("name: mine\nextends: base.yaml\ncuts:\n- {name: A, reason: better}\n")
    assert mine.spec.cuts[0].within == ["80 ns", "120 ns"]
    assert mine.spec.cuts[0].reason == "better"
    assert mine.sha256 == load(BASE).sha256


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ("", "ABCX"),
        (", before: A", "XABC"),
        (", before: C", "ABXC"),
        (", after: A", "AXBC"),
        (", after: C", "ABCX"),
    ],
)
def test_a_new_cut_finds_its_place(load, place, order):
    mine = load(f"name: mine\nextends: base.yaml\ncuts:\n- {{name: X, require: run > 1{place}}}\n")
    assert "".join(cuts(mine)) == order
    assert all(cut.before is cut.after is None for cut in mine.spec.cuts)


def test_a_known_cut_moves(load):
    mine = load("name: mine\nextends: base.yaml\ncuts:\n- {name: A, after: C}\n")
    assert cuts(mine) == ["B", "C", "A"]
    assert mine.spec.cuts[2].within == ["80 ns", "120 ns"]
    assert mine.sha256 != load(BASE).sha256


def test_new_cuts_follow_each_other(load):
    text = (
        "name: mine\nextends: base.yaml\ncuts:\n"
        "- {name: X, require: run > 1, after: A}\n- {name: Y, require: run > 2, after: X}\n"
    )
    assert cuts(load(text)) == ["A", "X", "Y", "B", "C"]


def test_a_cut_is_dropped(load):
    assert cuts(load("name: mine\nextends: base.yaml\ndrop: [A]\n")) == ["B", "C"]


def test_an_observable_is_dropped(load):
    mine = load("name: mine\nextends: base.yaml\ndrop: [twice]\n")
    assert set(mine.spec.observables) == {"srd_total"}
    assert cuts(mine) == ["A", "B", "C"]


def test_an_observable_changes_where_it_is_used(load):
    mine = load("name: mine\nextends: base.yaml\nobservables: {srd_total: max(srd.energy)}\n")
    assert mine.spec.observables == {"srd_total": "max(srd.energy)", "twice": "2*srd_total"}
    assert mine.sha256 != load(BASE).sha256


def test_channels_regions_and_histograms_are_replaced_by_name(load):
    mine = load(
        "name: mine\nextends: base.yaml\n"
        "channels: {other: {after: A, cuts: [{name: E, require: run > 2}]}}\n"
        "regions: {box: {cuts: [C], blind: true, reason: other words}, side: {where: run > 1}}\n"
    )
    assert mine.spec.channels["other"].after == "A"
    assert mine.spec.regions["box"].reason == "other words"
    assert set(mine.spec.regions) == {"box", "side"}
    assert set(mine.spec.histograms) == {"h"}


def test_of_several_parents_the_later_one_wins(load):
    other = (
        "name: second\nlayout: na64-tout\ncuts:\n- {name: B, require: run > 7}\n"
        "- {name: Z, require: run > 8}\n"
    )
    mine = load("name: mine\nextends: [base.yaml, second.yaml]\n", second=other)
    assert cuts(mine) == ["A", "B", "C", "Z"]
    assert mine.spec.cuts[1].require == "run > 7"
    mine = load("name: mine\nextends: [second.yaml, base.yaml]\n", second=other)
    assert cuts(mine) == ["B", "Z", "A", "C"]
    assert mine.spec.cuts[0].require == "srd_total > 1*MeV"


def test_grandparents_and_folders(load, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "middle.yaml").write_text(
        "name: middle\nextends: ../base.yaml\ndrop: [A]\n", encoding="utf-8"
    )
    assert cuts(load("name: mine\nextends: sub/middle.yaml\n")) == ["B", "C"]


def test_a_shipped_selection_is_extended_by_name(load):
    mine = load("name: mine\nextends: na64e-invisible-2023\ndrop: [VETO]\n")
    assert len(mine.spec.cuts) == 18
    assert mine.layout().name == "na64-tout"


MISTAKES = {
    "cycle with itself": ("extends: mine.yaml", "'extends' runs in a circle: mine.yaml -> mine.yaml"),
    "cycle of two": ("extends: back.yaml", "'extends' runs in a circle: mine.yaml -> back.yaml -> mine.yaml"),
    "no such file": ("extends: none.yaml", "none.yaml: No such file"),
    "no such name": ("extends: na64e-invisible-2032", "unknown selection 'na64e-invisible-2032'; did you mean 'na64e-invisible-2023'"),
    "drop of nothing": ("extends: base.yaml\ndrop: [D]", "drop: no cut 'D' in what is extended"),
    "drop of a misspelt observable": ("extends: base.yaml\ndrop: [twise]", "no observable; did you mean 'twice'"),
    "drop of an observable in use": ("extends: base.yaml\ndrop: [srd_total]", "unknown name 'srd_total'"),
    "drop of all": ("extends: base.yaml\ndrop: [A, B, C]\nregions: {}", "missing key 'cuts'"),
    "drop of a cut that a region needs": ("extends: base.yaml\ndrop: [C]", "region 'box': no cut 'C'"),
    "drop of a cut that a channel needs": ("extends: base.yaml\ndrop: [B]", "after: no cut 'B'"),
    "before nothing": ("extends: base.yaml\ncuts: [{name: X, require: run > 1, before: Q}]", "before: no cut 'Q'"),
    "after itself": ("extends: base.yaml\ncuts: [{name: A, after: A}]", "after: no cut 'A'"),
    "before and after": ("extends: base.yaml\ncuts: [{name: X, require: run > 1, before: A, after: A}]", "before or after, not both"),
    "bounds of no observable": ("extends: base.yaml\ncuts: [{name: B, above: 1 GeV}]", "cut 'B': give observable"),
    "a new cut without condition": ("extends: base.yaml\ncuts: [{name: X}]", "cut 'X': give"),
    "two conditions": ("extends: base.yaml\ncuts: [{name: A, require: run > 1, above: 1 ns}]", "cut 'A': give either"),
    "a unit that does not fit": ("extends: base.yaml\ncuts: [{name: A, above: 1 GeV}]", "energy [GeV] does not fit time [ns]"),
    "an observable that no longer fits": ("extends: base.yaml\nobservables: {srd_total: run}", "energy [MeV] does not fit a bare number"),
    "not text": ("extends: 5", "'extends'"),
    "the same cut twice": ("extends: base.yaml\ncuts: [{name: A, above: 1 ns}, {name: A, above: 2 ns}]", "cut 'A' stands twice (first in line 3)"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_file(load, name):
    text, said = MISTAKES[name]
    with pytest.raises(SelectionError) as caught:
        load(f"name: mine\n{text}\n", back="name: back\nextends: mine.yaml\n")
    assert said in str(caught.value)
    assert ".yaml" in str(caught.value)


def test_a_chain_of_extends_is_bounded(load):
    chain = {f"f{i}": f"name: f{i}\nextends: f{i + 1}.yaml\n" for i in range(30)}
    with pytest.raises(SelectionError, match="over 10 levels deep"):
        load("name: mine\nextends: f0.yaml\n", **chain)


def test_a_mistake_in_what_is_extended_names_that_file_and_line(load):
    with pytest.raises(SelectionError) as caught:
        load(
            "name: mine\nextends: bad.yaml\n",
            bad=BASE.replace("srd_total > 1*MeV", "srd_totl > 1*MeV"),
        )
    message = str(caught.value)
    assert (
        "bad.yaml, line 10: cut 'B': unknown name 'srd_totl'; did you mean 'srd_total'" in message
    )


def test_extending_opens_no_blind_region(tmp_path):
    shipped = {"name": "mine", "extends": "na64e-invisible-2023"}
    same = {"cuts": ["ECAL box", "HCAL energy"], "blind": True, "reason": "other words"}
    redeclared = Selection.from_dict(shipped | {"regions": {"signal": same}})
    assert redeclared.spec.regions["signal"].blind
    assert redeclared.closed == ()
    assert redeclared.sha256 == Selection.load("na64e-invisible-2023").sha256
    for opened in (
        {"cuts": ["HCAL energy", "ECAL box"]},
        {"cuts": ["ECAL box", "SRD"], "blind": True},
        {"where": "ecal_total < 50*GeV"},
    ):
        with pytest.raises(SelectionError, match=r"'signal' is blind .* --unblind REASON opens it"):
            Selection.from_dict(shipped | {"regions": {"signal": opened}})
    other = tmp_path / "other.yaml"
    other.write_text("name: other\nregions: {signal: {where: run > 1}}\n")
    with pytest.raises(SelectionError, match="'signal' is blind"):
        Selection.from_dict({"name": "mine", "extends": ["na64e-invisible-2023", str(other)]})
    with pytest.raises(SelectionError, match=r"region 'signal': no cut 'ECAL box'"):
        Selection.from_dict(shipped | {"drop": ["ECAL box"]})


def test_a_changed_box_keeps_the_inherited_one_closed(tmp_path):
    def changed(below, **more):
        cut = {"name": "ECAL box", "below": below}
        content = {"name": "mine", "extends": "na64e-invisible-2023", "cuts": [cut], **more}
        return Selection.from_dict(content)

    shipped = Selection.load("na64e-invisible-2023")
    assert changed("50 GeV").closed == ()
    assert changed("50 GeV").sha256 == shipped.sha256
    (box,) = changed("45 GeV").closed
    assert {cut.name: cut.below for cut in box} == {"HCAL energy": "1 GeV", "ECAL box": "50 GeV"}
    # and through another file in between
    between = tmp_path / "between.yaml"
    between.write_text(
        "name: between\nextends: na64e-invisible-2023\ncuts: [{name: ECAL box, below: 45 GeV}]\n"
    )
    last = Selection.from_dict(
        {"name": "last", "extends": str(between), "cuts": [{"name": "ECAL box", "below": "40 GeV"}]}
    )
    edges = {cut.below for box in last.closed for cut in box if cut.name == "ECAL box"}
    assert edges == {"50 GeV", "45 GeV"}
    assert len({s.sha256 for s in (shipped, changed("45 GeV"), changed("40 GeV"), last)}) == 4


def test_it_says_what_it_is():
    selection = Selection.load("na64e-invisible-2023")
    assert repr(selection) == (
        f"<Selection na64e-invisible-2023: 19 cuts, channels main, dimuon, sha256 {selection.sha256[:12]}>"
    )


def test_a_layout_lies_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/own.yaml").write_text("name: own\ntree: t\ncolumns: {x: {branch: x}}\n")
    (tmp_path / "deep/base.yaml").write_text(
        "name: base\nlayout: own.yaml\ncuts: [{name: a, require: x > 1}]\n"
    )
    (tmp_path / "child.yaml").write_text("name: child\nextends: deep/base.yaml\n")
    assert Selection.load(tmp_path / "child.yaml").layout().name == "own"


def test_a_file_that_many_extend_is_read_once(tmp_path):
    cuts = "cuts: [{name: a, require: run > 1}]"
    (tmp_path / "l0.yaml").write_text(f"name: l0\nlayout: na64-tout\n{cuts}\n")
    for level in range(1, 9):
        parents = ", ".join([f"l{level - 1}.yaml"] * 20)  # 20**8 if each were read anew
        (tmp_path / f"l{level}.yaml").write_text(f"name: l{level}\nextends: [{parents}]\n")
    assert [cut.name for cut in Selection.load(tmp_path / "l8.yaml").spec.cuts] == ["a"]


def test_a_box_may_be_declared_before_its_cuts_are_known(load):
    template = """
name: template
layout: na64-tout
cuts: [{name: A, observable: master_time, within: [80 ns, 120 ns]}]
regions: {box: {cuts: [H, E], blind: true}}
"""
    half = """
name: half
extends: template.yaml
cuts: [{name: H, require: sum(hcal.energy) < 1*GeV}]
"""
    whole = """
name: whole
extends: half.yaml
cuts: [{name: E, require: sum(ecal.energy) < 20*GeV}]
"""
    selection = load(whole, template=template, half=half)
    (box,) = selection.bind(selection.layout()).channels[0].blind
    assert [cuts(selection)[i] for i in sorted(box)] == ["H", "E"]
    assert selection.closed == ()  # half of the box is no box of its own
    with pytest.raises(SelectionError, match="region 'box': no cut 'E'"):
        load(half, template=template)
