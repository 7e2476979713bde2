"""Limits on a coupling against the mass, against roots that are known."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import lambertw

from na64ana.errors import LimitError
from na64ana.limits import (
    curve_of,
    expected_limits,
    limits_in_events,
    read_scan,
    scan,
    upper_limit,
    write_scan,
)

# mass in GeV, yield x efficiency per particle and coupling squared, derived from the limit of
# arXiv:1906.00176 with 2.303 events; and its limit, digitised
PER_SQUARE = {0.001: 0.142, 0.01: 7.4e-3, 0.1: 6.8e-5, 0.5: 7.2e-7}
PUBLISHED = [7.54e-6, 3.30e-5, 3.46e-4, 3.36e-3]
EOT = 2.84e11
RANGE = (1e-7, 1e-1)


def invisible(mass, coupling):
    return EOT * PER_SQUARE[mass] * coupling**2


def visible(mass, coupling):
    """Yield that falls again where the particle decays too early; mass 2: never 2.3 events."""
    scale = 1e-4 / mass
    return 250 * (coupling / scale) ** 2 * np.exp(-((coupling / scale) ** 2)) * mass**-8


def visible_roots(mass, limit):
    # x exp(-x) = y has the solutions -W(-y) of both branches of Lambert's function
    y = limit / 250 / mass**-8
    return [1e-4 / mass * math.sqrt(-lambertw(-y, k).real) for k in (0, -1)]


def test_published_limit_is_found_again():
    # the table of yields has two digits
    found = scan(invisible, list(PER_SQUARE), upper_limit(0, 0.53), couplings=RANGE)
    curve = curve_of(found, "limit")
    assert curve.mass == sorted(PER_SQUARE)
    assert curve.low == pytest.approx(PUBLISHED, rel=0.01)
    assert curve.flags == ["limit"] * 4
    assert all(math.isnan(x) for x in curve.high)


@given(st.floats(0.5, 6), st.floats(1, 1e12), st.floats(0.1, 50), st.integers(2, 40))
@settings(max_examples=50, deadline=None)
def test_powers_of_the_coupling(power, size, limit, steps):
    wanted = (limit / size) ** (1 / power)
    found = scan(lambda m, e: size * e**power, [1], limit, couplings=(1e-30, 1e30), steps=steps)
    assert curve_of(found, "limit").low == pytest.approx([wanted], rel=1e-8)


def test_observed_and_expected_at_once():
    bands = expected_limits(0.51)
    events = limits_in_events(bands, 2.303)
    assert list(events) == ["observed", "median", "mean", "minus2", "minus1", "plus1", "plus2"]
    found = scan(invisible, [0.01], events, couplings=RANGE)
    for name, n in events.items():
        (low,) = curve_of(found, name).low
        assert low == pytest.approx(math.sqrt(n / EOT / PER_SQUARE[0.01]), rel=1e-9)
    assert "observed" not in limits_in_events(bands)


@pytest.mark.parametrize("steps", [5, 61])
def test_bands_end_at_a_nose(steps):
    nose = (250 / math.e / 2.303) ** (1 / 8)  # where the maximum of the yield is the limit
    masses = [0.5, 1, 0.9999 * nose, 1.0001 * nose, 2]
    found = scan(visible, masses, 2.303, couplings=(1e-7, 1e-2), steps=steps)
    curve = curve_of(found, "limit")
    assert curve.flags == ["band", "band", "band", "none", "none"]
    for i, mass in enumerate(masses[:3]):
        low, high = visible_roots(mass, 2.303)
        assert (curve.low[i], curve.high[i]) == pytest.approx((low, high), rel=1e-6)
    assert math.isnan(curve.low[4])
    assert math.isnan(curve.high[4])


@pytest.mark.parametrize(
    ("couplings", "flag", "edges"),
    [
        ((1e-3, 1e-1), "all", (False, False)),
        ((1e-9, 1e-7), "none", (False, False)),
        ((1e-6, 1e-1), "limit", (True, False)),
    ],
)
def test_an_end_of_the_scan_is_no_limit(couplings, flag, edges):
    curve = curve_of(scan(invisible, [0.01], 2.303, couplings=couplings), "limit")
    assert curve.flags == [flag]
    assert (math.isfinite(curve.low[0]), math.isfinite(curve.high[0])) == edges


def test_band_that_begins_below_the_scan():
    curve = curve_of(scan(visible, [1], 2.303, couplings=(1e-4, 1e-2)), "limit")
    assert curve.flags == ["below"]
    assert math.isnan(curve.low[0])
    assert curve.high[0] == pytest.approx(visible_roots(1, 2.303)[1], rel=1e-8)


def test_two_bands_are_both_kept():
    def twice(mass, coupling):
        x = np.log10(coupling)
        return 10 * (np.exp(-((x + 5) ** 2) * 10) + np.exp(-((x + 3) ** 2) * 10))

    found = scan(twice, [1], 5.0, couplings=(1e-7, 1e-1))
    half = math.sqrt(math.log(2) / 10)
    bands = found.points[0].bands["limit"]
    edges = [math.log10(x) for band in bands for x in band[:2]]
    assert edges == pytest.approx([-5 - half, -5 + half, -3 - half, -3 + half], abs=1e-8)
    assert curve_of(found, "limit").flags == ["several"]


def test_a_limit_for_each_mass():
    masses, limits = [0.5, 0.001], [3.0, 2.0]
    curve = curve_of(scan(invisible, masses, limits, couplings=RANGE), "limit")
    assert (curve.mass, curve.limits) == ([0.001, 0.5], [2.0, 3.0])
    assert curve.low[1] == pytest.approx(math.sqrt(3 / EOT / PER_SQUARE[0.5]), rel=1e-9)


def test_one_call_for_all_couplings_where_it_takes_arrays():
    calls = {"array": 0, "number": 0}

    def counting(mass, coupling):
        calls["array" if np.ndim(coupling) else "number"] += 1
        return invisible(mass, coupling)

    scan(counting, [0.01], limits_in_events(expected_limits(0.51), 2.303), couplings=RANGE)
    assert calls["array"] == 1
    assert calls["number"] < 7 * 8  # a few steps for each root

    def single(mass, coupling):
        return EOT * PER_SQUARE[mass] * math.exp(2 * math.log(coupling))

    one = curve_of(scan(single, [0.01], 2.303, couplings=RANGE), "limit")
    assert one.low == pytest.approx([PUBLISHED[1]], rel=0.01)


def test_a_scan_is_taken_up_again(tmp_path):
    path, asked, told = tmp_path / "scan.json", [], []

    def breaks(mass, coupling):
        if mass > 0.05:
            raise KeyboardInterrupt
        return invisible(mass, coupling)

    def logged(mass, coupling):
        asked.append(mass)
        return invisible(mass, coupling)

    options = {"couplings": RANGE, "settings": {"yield": "1906.00176"}, "resume": path}
    with pytest.raises(KeyboardInterrupt):
        scan(breaks, list(PER_SQUARE), 2.303, **options)
    assert [p.mass for p in read_scan(path).points] == [0.001, 0.01]
    found = scan(logged, list(PER_SQUARE), 2.303, **options, progress=lambda *n: told.append(n))
    assert set(asked) == {0.1, 0.5}
    assert told == [(2, 4), (3, 4), (4, 4)]
    assert found == scan(invisible, list(PER_SQUARE), 2.303, **options | {"resume": None})
    assert read_scan(path) == found


def test_what_is_taken_up_fits(tmp_path):
    path = tmp_path / "scan.json"
    options = {"couplings": RANGE, "settings": {"period": 2018}, "resume": path}
    scan(invisible, [0.01, 0.1], 2.303, **options)
    # another limit in events: computed anew; masses not asked for are kept
    again = scan(invisible, [0.1], 3.0, **options)
    assert curve_of(again, "limit").low == pytest.approx([math.sqrt(3 / EOT / 6.8e-5)])
    assert [p.limits["limit"] for p in read_scan(path).points] == [2.303, 3.0]
    for change in ({"settings": {"period": 2022}}, {"couplings": (1e-6, 1)}, {"steps": 5}):
        with pytest.raises(LimitError, match="made with other settings"):
            scan(invisible, [0.01], 2.303, **options | change)


def test_files(tmp_path):
    found = scan(visible, [0.5, 2], {"=observed": 2.303}, couplings=(1e-7, 1e-2),
                 settings={"note": "=1+1,\x1b[31m"})  # fmt: skip
    write_scan(found, tmp_path / "scan.json")
    assert read_scan(tmp_path / "scan.json") == found
    content = json.loads((tmp_path / "scan.json").read_text())
    assert content["curves"]["=observed"]["flags"] == ["band", "none"]
    assert content["curves"]["=observed"]["high"][1] is None
    write_scan(found, tmp_path / "scan.csv")
    low, high = visible_roots(0.5, 2.303)
    lines = (tmp_path / "scan.csv").read_text().splitlines()
    assert lines[0] == "mass_GeV,curve,limit_events,low,high,flag"
    mass, curve, limit, *edges, flag = lines[1].split(",")
    assert (mass, curve, limit, flag) == ("0.5", "'=observed", "2.303", "band")
    assert [float(x) for x in edges] == pytest.approx([low, high], rel=1e-8)
    assert lines[2] == "2.0,'=observed,2.303,,,none"
    assert all(line.startswith("# ") for line in lines[3:])
    assert '# note: "\'=1+1,\\x1b[31m"' in lines


def test_damaged_files(tmp_path):
    path = tmp_path / "scan.json"
    scan(invisible, [0.01], 2.303, couplings=RANGE, resume=path, settings={"eot": 1})
    text = path.read_text()
    for wrong, message in [
        (text[:-30], "this is no scan"),
        (text.replace("scan/1", "scan/9"), "the schema is"),
        (text.replace('"eot": 1', '"eot": 2'), "the file was changed"),
        ("[" * 100_000, "this is no scan"),
    ]:
        path.write_text(wrong)
        with pytest.raises(LimitError, match=message):
            scan(invisible, [0.01], 2.303, couplings=RANGE, resume=path, settings={"eot": 1})
    with pytest.raises(LimitError, match="cannot be read"):
        read_scan(tmp_path / "missing.json")
    with pytest.raises(LimitError, match="not from CSV"):
        scan(invisible, [0.01], 2.303, couplings=RANGE, resume=tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masses": [0.01, 0.01]}, "different positive numbers"),
        ({"masses": []}, "different positive numbers"),
        ({"masses": [0, 1]}, "different positive numbers"),
        ({"limit": 0}, "'limit' is 0 events"),
        ({"limit": {"median": math.nan}}, "'median' is nan"),
        ({"limit": {}}, "no limit in events"),
        ({"limit": [1, 2, 3]}, "one for each of 1 masses"),
        ({"couplings": (1e-2, 1e-5)}, "the lower one first"),
        ({"couplings": (0, 1)}, "two positive numbers"),
        ({"steps": 1}, "steps is 1"),
        ({"steps": 2.5}, "steps is 2.5"),
        ({"settings": {"f": math.sqrt}}, "settings of the scan"),
        ({"yields": lambda m, e: -e}, "the yield at mass 0.01 and coupling 1e-07 is -1e-07"),
        ({"yields": lambda m, e: e * math.nan}, "is nan"),
        ({"yields": lambda m, e: [1, 2, 3]}, r"has the shape \(3,\)"),
        ({"yields": lambda m, e: e / np.max(e)}, "the same each time"),
    ],
)
def test_wrong_input(change, message):
    arguments = {"yields": invisible, "masses": [0.01], "limit": 2.3, "couplings": RANGE} | change
    with pytest.raises(LimitError, match=message):
        scan(**arguments)


def test_unknown_curve():
    found = scan(invisible, [0.01], {"median": 2.3}, couplings=RANGE)
    with pytest.raises(LimitError, match="did you mean 'median'"):
        curve_of(found, "medium")
