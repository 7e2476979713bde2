"""The hash of a selection: what leaves it, what changes it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana.selection import Selection

TEXT = """
# a comment
name: mine
layout: na64-tout
description: words
reference: "[1]"
weight: 1.5 + track.p_value
observables:
  srd_total: sum(srd.energy)
  limit: {lookup: srd_total, edges: [0 GeV, 1 GeV], values: [2], below: 0, above: 3}
cuts:
  - {name: bit, require: trigger & 4, reason: words, reference: "[2]"}
  - {name: SRD, observable: srd_total, within: [1 MeV, 80 MeV], runs: [1, 9999]}
  - {name: angle, observable: track.angle, below: 3 mrad}
channels:
  other: {after: SRD, reason: words, cuts: [{name: late, require: run > 5}]}
regions:
  box: {cuts: [SRD, angle], blind: true, reason: words}
  side: {where: srd_total > 50*MeV, keep: [srd_total, limit]}
histograms:
  h: {x: {observable: srd_total, bins: 10, range: [0 GeV, 1 GeV], label: words}, at: [SRD]}
"""
DATA = yaml.safe_load(TEXT)


@pytest.fixture
def load(tmp_path):
    def call(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return Selection.load(path)

    return call


def changed(*path, to):
    data = copy.deepcopy(DATA)
    where = data
    for key in path[:-1]:
        where = where[key]
    where[path[-1]] = to
    return data


WORDS: dict[str, tuple[list[Any], Any]] = {
    "name": (["name"], "another"),
    "description": (["description"], "else"),
    "reference": (["reference"], "[7]"),
    "layout": (["layout"], "na64-tout"),
    "reason": (["cuts", 0, "reason"], "else"),
    "reference of a cut": (["cuts", 1, "reference"], "[9]"),
    "reason of a channel": (["channels", "other", "reason"], "else"),
    "reason of a region": (["regions", "box", "reason"], "else"),
    "label": (["histograms", "h", "x", "label"], "else"),
    "order of the cuts of a region": (["regions", "box", "cuts"], ["angle", "SRD"]),
    "order of kept values": (["regions", "side", "keep"], ["limit", "srd_total"]),
    "spaces": (["cuts", 0, "require"], " trigger  &\n 4 "),
    "parentheses": (["cuts", 0, "require"], "((trigger) & (4))"),
    "spaces of a quantity": (["cuts", 2, "below"], "3*mrad"),
    "digits of a quantity": (["cuts", 2, "below"], "3.0 mrad"),
    "a number as text": (["observables", "limit", "above"], "3"),
}

NUMBERS: dict[str, tuple[list[Any], Any]] = {
    "weight": (["weight"], "2 + track.p_value"),
    "no weight": (["weight"], None),
    "an observable": (["observables", "srd_total"], "max(srd.energy)"),
    "an edge": (["observables", "limit", "edges"], ["0 GeV", "1.5 GeV"]),
    "a value": (["observables", "limit", "values"], [2.5]),
    "the value below": (["observables", "limit", "below"], None),
    "the value above": (["observables", "limit", "above"], 4),
    "a condition": (["cuts", 0, "require"], "trigger & 5"),
    "the name of a cut": (["cuts", 0, "name"], "bits"),
    "a lower bound": (["cuts", 1, "within"], ["1.1 MeV", "80 MeV"]),
    "an upper bound": (["cuts", 1, "within"], ["1 MeV", "80.000001 MeV"]),
    "an open bound": (["cuts", 1, "within"], ["1 MeV", None]),
    "the unit of a bound": (["cuts", 1, "within"], ["1 MeV", "80 GeV"]),
    "a threshold": (["cuts", 2, "below"], "4 mrad"),
    "runs": (["cuts", 1, "runs"], [1, 9998]),
    "no runs": (["cuts", 1, "runs"], None),
    "order": (["cuts"], [DATA["cuts"][i] for i in (0, 2, 1)]),
    "fewer cuts": (["cuts"], [*DATA["cuts"], {"name": "more", "require": "run > 1"}]),
    "the branching point": (["channels", "other", "after"], "angle"),
    "a cut of a channel": (["channels", "other", "cuts"], [{"name": "late", "require": "run > 6"}]),
    "no channel": (["channels"], {}),
    "the name of a channel": (["channels"], {"o": DATA["channels"]["other"]}),
    "the cuts of a region": (["regions", "box", "cuts"], ["SRD"]),
    "an open box": (["regions", "box", "blind"], False),
    "where": (["regions", "side", "where"], "srd_total > 51*MeV"),
    "keep": (["regions", "side", "keep"], ["srd_total"]),
    "bins": (["histograms", "h", "x", "bins"], 11),
    "range": (["histograms", "h", "x", "range"], ["0 GeV", "2 GeV"]),
    "at": (["histograms", "h", "at"], ["angle"]),
}


@pytest.mark.parametrize("what", WORDS)
def test_words_for_people_leave_the_hash(what):
    path, to = WORDS[what]
    assert Selection.from_dict(changed(*path, to=to)).sha256 == Selection.from_dict(DATA).sha256


@pytest.mark.parametrize("what", NUMBERS)
def test_what_is_counted_changes_the_hash(what):
    path, to = NUMBERS[what]
    assert Selection.from_dict(changed(*path, to=to)).sha256 != Selection.from_dict(DATA).sha256


def test_each_change_has_a_hash_of_its_own():
    hashes = [Selection.from_dict(changed(*path, to=to)).sha256 for path, to in NUMBERS.values()]
    assert len(set(hashes)) == len(hashes)


def test_the_layout_leaves_the_hash():
    data = {"name": "x", "cuts": [{"name": "a", "require": "sum(ecal.energy) > 1*GeV"}]}
    hashes = {
        Selection.from_dict({**data, "layout": name}).sha256
        for name in ("na64-tout", "na64-anatree", "ldmx-ecal")
    }
    assert hashes == {Selection.from_dict(data).sha256}


def shuffled(draw, data):
    if isinstance(data, dict):
        keys = draw(st.permutations(list(data)))
        return {key: shuffled(draw, data[key]) for key in keys}
    return data if not isinstance(data, list) else [shuffled(draw, item) for item in data]


@settings(max_examples=50, derandomize=True, deadline=None, database=None)
@given(st.data())
def test_the_order_of_keys_leaves_the_hash(data):
    mixed = shuffled(data.draw, DATA)
    assert Selection.from_dict(mixed).sha256 == Selection.from_dict(DATA).sha256


def test_the_file_that_it_is_written_in_leaves_the_hash(load):
    whole = load(TEXT).sha256
    assert whole == Selection.from_dict(DATA).sha256
    assert load(TEXT.replace("# a comment", "# another\n\n# and more")).sha256 == whole
    assert load(yaml.safe_dump(DATA)).sha256 == whole
    assert load(yaml.safe_dump(DATA, default_flow_style=True, width=40)).sha256 == whole
    assert load(TEXT.replace("\n", "\r\n")).sha256 == whole


def test_the_hash_of_a_shipped_selection_is_that_of_its_canonical_text():
    selection = Selection.load("na64e-invisible-2023")
    assert selection.canonical().isascii()
    assert "note" not in selection.canonical()
    assert selection.sha256 == Selection.load("na64e-invisible-2023").sha256
    assert selection.sha256 != Selection.load("na64e-invisible-talk").sha256
