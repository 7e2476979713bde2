"""The exported workspace, and what pyhf makes of it: right at high counts, wrong at low ones."""

import json
import math
import warnings

import pytest

from na64ana.errors import LimitError
from na64ana.limits import (
    Bin,
    Model,
    combined_limit,
    pyhf_workspace,
    upper_limit,
    write_pyhf_workspace,
)

MODEL = Model(
    (
        Bin("2018", 0, 0.53, 0.3, {"b": 0.17}, {"yield": 0.15}),
        Bin("2022", 1, 0.51, 0.7, {"b": -0.13}, {"yield": 0.15, "2022": 0.1}),
    )
)


def samples(workspace, channel):
    each = workspace["channels"][channel]["samples"]
    return {s["name"]: (s["data"], {m["name"]: m for m in s["modifiers"]}) for s in each}


def test_what_is_in_the_workspace():
    workspace = pyhf_workspace(MODEL, name="na64")
    assert workspace["observations"] == [
        {"name": "2018", "data": [0.0]},
        {"name": "2022", "data": [1.0]},
    ]
    assert workspace["measurements"][0]["name"] == "na64"
    assert workspace["measurements"][0]["config"]["poi"] == "mu"
    found = samples(workspace, 1)
    data, signal = found["signal"]
    assert data == [0.7]
    assert signal["mu"]["type"] == "normfactor"
    assert signal["yield"]["data"]["hi"] == pytest.approx(math.exp(0.15))
    assert signal["2022"]["data"]["lo"] == pytest.approx(math.exp(-0.1))
    data, background = found["background"]
    assert data == [0.51]
    assert "mu" not in background
    # moves against the error of the same name in the other bin
    assert background["b"]["data"]["hi"] == pytest.approx(math.exp(-0.13 / 0.51))
    assert samples(workspace, 0)["background"][1]["b"]["data"]["hi"] > 1


def test_factors_of_the_other_log_normals():
    bins = (Bin("a", 3, 2.0, 1.0, {"b": 0.5}),)
    (data,), kappa = samples(pyhf_workspace(Model(bins, "kappa")), 0)["background"]
    assert data == 2.0
    assert kappa["b"]["data"] == pytest.approx({"hi": 1.25, "lo": 1 / 1.25})
    (data,), _ = samples(pyhf_workspace(Model(bins, "mean-one")), 0)["background"]
    assert data == pytest.approx(2 * math.exp(-(0.25**2) / 2))  # the median


def test_blind_bins_and_names():
    blind = Model((Bin("a", None, 0.5, 1.0),))
    with pytest.raises(LimitError, match="it is blind"):
        pyhf_workspace(blind)
    workspace = pyhf_workspace(blind, expected_as_observed=True)
    assert workspace["observations"][0]["data"] == [0.5]
    with pytest.raises(LimitError, match="give it another name"):
        pyhf_workspace(Model((Bin("a", 0, 0.5, 1.0, {"mu": 0.1}),)))


def test_file(tmp_path):
    write_pyhf_workspace(MODEL, tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text()) == pyhf_workspace(MODEL)


def asymptotic(model, cl=0.90):
    """The asymptotic CLs limit of pyhf. Its `upper_limit` of 0.7.6 forgets the level it is given."""
    pyhf = pytest.importorskip("pyhf", reason="pyhf is not installed: pip install 'na64ana[pyhf]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its dependencies
        workspace = pyhf.Workspace(pyhf_workspace(model))  # validates the schema
        pdf = workspace.model()
        low, high = pdf.config.suggested_bounds()[pdf.config.poi_index]
        scan = pyhf.infer.intervals.upper_limits.toms748_scan
        limit, _ = scan(workspace.data(pdf), pdf, low, high, level=1 - cl)
    return float(limit)


@pytest.mark.parametrize(
    ("n", "b", "b_error", "s_error", "difference"),
    [
        # measured with pyhf 0.7.6: see docs/limits.md
        (300, 280, 10, 0.1, -0.004),
        (100, 95, 5, 0.05, -0.018),
        (10, 8, 1, 0, -0.064),
        (1, 0.51, 0, 0, -0.19),
        (0, 0.51, 0, 0, -0.288),
    ],
)
def test_pyhf_against_exact_sums(n, b, b_error, s_error, difference):
    errors = ({"b": b_error} if b_error else {}, {"s": s_error} if s_error else {})
    model = Model((Bin("a", n, b, 2.0, *errors),))
    exact = upper_limit(n, b, background_error=b_error, signal_error=s_error)
    assert 2 * asymptotic(model) / exact - 1 == pytest.approx(difference, abs=0.006)


def test_pyhf_with_two_bins():
    bins = (
        Bin("2018", 152, 150, 12.0, {"b": 5}, {"yield": 0.1}),
        Bin("2022", 118, 120, 20.0, {"b": 4}, {"yield": 0.1}),
    )
    exact = combined_limit(Model(bins), toys=4000, seed=3, force_toys=True)
    assert abs(asymptotic(Model(bins)) - exact.strength) < 4 * exact.error + 0.02 * exact.strength
