"""The shipped curves: complete provenance, values of the files, guards and gaps."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from na64ana.errors import SignalError
from na64ana.shipped import shipped_folder
from na64ana.signal.curve_rows import read_rows
from na64ana.signal.curves import Curve, curve, curves

FOLDER = shipped_folder("datasets") / "curves"
KNOWN = yaml.safe_load((Path(__file__).parent / "references_curves.yaml").read_text())
PERMISSIVE = {"MIT", "Apache-2.0"}


def test_there_are_46_curves_of_five_models():
    found = curves()
    assert len(found) == len({c.name for c in found}) == 46
    assert sum(len(curves(model)) for model in {c.model for c in found}) == 46
    assert {c.model for c in found} == {
        "alp", "b-l", "dark-photon", "dark-photon-visible", "light-dark-matter",
    }  # fmt: skip


@pytest.mark.parametrize("found", curves(), ids=lambda c: c.name)
def test_every_curve_has_its_provenance(found: Curve):
    spec, source = found.spec, found.source
    assert re.fullmatch(r"[0-9a-f]{64}", spec.sha256)
    assert re.fullmatch(r"[0-9a-f]{40}", source.commit)
    assert source.repository.startswith("https://")
    assert source.licence in PERMISSIVE
    assert spec.path
    assert source.digitised_by
    assert spec.channel
    assert spec.label
    assert (spec.cl is None) == (spec.kind == "target")
    assert spec.cl is None or spec.cl_from
    assert not spec.arxiv or re.fullmatch(r"\d{4}\.\d{5}", spec.arxiv)


def test_the_files_are_those_that_were_published():
    for found in curves():
        raw = (FOLDER / found.spec.file).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == found.spec.sha256


def test_every_licence_is_shipped_with_its_holder():
    for source in {c.source.licence_text: c.source for c in curves()}.values():
        text = (FOLDER / source.licence_text).read_text()
        assert "Copyright" in text
        assert source.repository in text
        needle = {"MIT": "Permission is hereby granted", "Apache-2.0": "TERMS AND CONDITIONS"}
        assert needle[source.licence] in text


def test_nothing_lies_there_that_no_curve_needs():
    held = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file()}
    needed = {c.spec.file for c in curves()} | {c.source.licence_text for c in curves()}
    assert held == needed | {"curves.yaml"}


@pytest.mark.parametrize("known", KNOWN["points"], ids=lambda k: f"{k['curve']}-{k['row']}")
def test_a_curve_has_the_values_of_its_file(known):
    assert curve(known["curve"]).limit_at(known["mass"]) == pytest.approx(known["value"], rel=1e-12)


@pytest.mark.parametrize("found", curves(), ids=lambda c: c.name)
def test_guards_are_found_and_nothing_else(found: Curve):
    assert (np.flatnonzero(found.guards) + 1).tolist() == KNOWN["guards"].get(found.name, [])


@pytest.mark.parametrize(
    ("name", "mass"), [(name, mass) for name, masses in KNOWN["gaps"].items() for mass in masses]
)
def test_gaps_stay_gaps(name, mass):
    found = curve(name)
    assert found.limit_at(mass) is None
    assert found.excluded_at(mass) == []
    assert not found.excludes(mass, 1e3)


@pytest.mark.parametrize("found", curves(), ids=lambda c: c.name)
def test_no_limit_comes_near_a_guard(found: Curve):
    """Whatever the mass, a limit lies among the couplings of the results."""
    results = found.couplings[~found.guards]
    low, high = found.mass_range
    for mass in np.geomspace(low, high, 301)[1:-1]:
        value = found.limit_at(float(mass))
        if value is not None:
            assert results.min() * 0.999999 <= value <= results.max() * 1.000001


@pytest.mark.parametrize("found", curves(), ids=lambda c: c.name)
def test_the_limit_is_the_edge_of_what_is_excluded(found: Curve):
    low, high = found.mass_range
    for mass in np.geomspace(low, high, 41)[1:-1].tolist():
        value, regions = found.limit_at(mass), found.excluded_at(mass)
        if found.kind == "target":
            assert regions == []
            continue
        assert (value is None) == (regions == [])
        if value is not None:
            assert regions[0][0] == value
            assert found.excludes(mass, value * 1.0001)
            assert not found.excludes(mass, value * 0.9999)
            assert (regions[-1][1] == math.inf) == (found.shape == "upper-limit")


def test_of_a_contour_the_inside_is_excluded():
    found = curve("e137-bl")
    low, high = found.excluded_at(0.01)[0]
    assert 8e-9 < low < 9e-9
    assert 7e-6 < high < 8e-6
    assert found.excludes(0.01, 1e-6)
    assert not found.excludes(0.01, 1e-3)
    assert not found.excludes(0.3, 1e-6)


def test_the_frame_of_a_plot_closes_its_contour():
    """Above the upper edge at its frame, and left of its lowest mass, nothing is said."""
    found = curve("na64-alp-projection")
    assert found.excludes(0.0101, 0.02)
    assert not found.excludes(0.0101, 0.023)
    assert not found.excludes(0.0099, 0.02)


def test_two_digitisers_of_one_result_agree():
    """ALP of NA64: the lower edge to 4% from 10 to 53 MeV, as well as eyes read a plot."""
    one, other = curve("na64-2020-alp"), curve("na64-2020-alp-axionlimits")
    for mass in np.linspace(0.0101, 0.053, 20).tolist():
        first, second = one.limit_at(mass), other.limit_at(mass)
        assert first is not None
        assert second == pytest.approx(first, rel=0.04)


def test_masses_in_ev_are_turned_into_gev():
    found = curve("beam-dumps-alp")
    raw = read_rows(FOLDER / found.spec.file).values
    assert found.spec.mass.unit == "eV"
    assert found.masses == pytest.approx(raw[:, 0] * 1e-9, rel=1e-14)
    assert found.couplings == pytest.approx(raw[:, 1], rel=1e-14)


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(SignalError, match=r"unknown curve 'na64-2019-invisibel'; did you mean"):
        curve("na64-2019-invisibel")
    with pytest.raises(SignalError, match=r"unknown model 'dark-foton'; did you mean 'dark-photon"):
        curves("dark-foton")


@pytest.mark.parametrize("mass", [0.0, -1.0, math.nan, math.inf])
def test_a_mass_is_positive(mass):
    with pytest.raises(SignalError, match="a mass is a positive number"):
        curve("na64-2019-invisible").limit_at(mass)
    with pytest.raises(SignalError, match="a coupling is a positive number"):
        curve("na64-2019-invisible").excludes(0.1, mass)


def test_a_list_of_curves_is_the_callers_own():
    curves().clear()
    assert curves()
