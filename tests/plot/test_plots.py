"""Figures: values under the pointer, lines and boxes in their places, what is blind, bytes."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from na64ana import plot
from na64ana.cutflow import poisson_interval
from na64ana.errors import RecordError
from na64ana.expressions import LINE, Interval
from na64ana.plot.histogram import _end

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["<script>alert(1)</script>", "$\\frac{1$ & ]]>", "a\x1b[31mb", "\u202etoor", "粒子"]


def titles(root: ElementTree.Element, kind: str = "bin") -> list[str]:
    return [
        rect.findtext(f"{SVG}title") or ""
        for rect in root.iter(f"{SVG}rect")
        if rect.get("class") == kind
    ]


def legend(drawn: plot.Plot) -> list[str]:
    found = drawn.axes.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]


def spans(drawn: plot.Plot) -> list[list[float]]:
    """Left, bottom, right and top of all rectangles in the axes, in their units."""
    patches: list[Any] = [p for p in drawn.axes.patches if isinstance(p, Rectangle)]
    return [np.asarray(p.get_bbox().extents).tolist() for p in patches]


def test_every_bin_of_an_n_minus_one_plot_has_its_value(opened, parsed):
    drawn = plot.n_minus_one(opened, "time")
    values = opened.booked["t"].values[1][1:-1]
    assert values.sum() > 100
    assert titles(parsed(drawn)) == [
        f"time {75 + 10 * i} to {85 + 10 * i} ns: {n} event{'' if n == 1 else 's'}"
        for i, n in enumerate(values)
    ]


def test_weights_are_shown_with_their_errors(make_record, parsed):
    record = make_record(blind=False, weight="0.5*trigger")
    histogram = record.booked["t"]
    value, variance = histogram.values[1][3], histogram.variances[1][3]
    shown = titles(parsed(plot.n_minus_one(record, "time")))[2]
    assert shown.endswith(f": {value:.6g} ± {variance**0.5:.2g}")


def test_the_rectangles_are_where_the_bins_are(opened, parsed):
    """The frame of the axes is drawn by matplotlib itself; ours must fit into it exactly."""
    drawn = plot.n_minus_one(opened, "time")
    root = parsed(drawn)
    rects = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "bin"]
    left, width = ([float(r.get(key, "")) for r in rects] for key in ("x", "width"))
    clip = next(r for r in root.iter(f"{SVG}rect") if r.get("class") is None)
    assert left[0] == pytest.approx(float(clip.get("x", "")), abs=0.02)
    assert sum(width) == pytest.approx(float(clip.get("width", "")), abs=0.05)
    assert np.diff(left) == pytest.approx(width[:-1], abs=0.02)
    for rect in rects:
        assert float(rect.get("height", "")) == pytest.approx(
            float(clip.get("height", "")), abs=0.02
        )


def test_cut_lines_stand_at_the_cut(opened):
    drawn = plot.n_minus_one(opened, "time")
    places = [np.asarray(line.get_xdata()).tolist()[:1] for line in drawn.axes.lines]
    assert sorted(places) == [[86.5], [113.5]]
    assert "passes: 86.5 to 113.5 ns" in drawn.words
    words = legend(drawn)
    assert words == ["cut: time"]


def test_a_cut_without_a_line_says_so(opened):
    drawn = plot.n_minus_one(opened, "trigger")
    words = legend(drawn)
    assert words == ["trigger: no line on this axis"]


def test_blind_bins_are_hatched_and_hold_no_number(blind, opened, parsed):
    drawn = plot.n_minus_one(blind, "low")
    root = parsed(drawn)
    hidden = titles(root, "blind")
    assert hidden == [f"E_ECAL {10 * i} to {10 * i + 10} GeV: blind" for i in range(5)]
    assert len(titles(root)) == 7
    hatched = [p for p in drawn.axes.patches if p.get_hatch() and isinstance(p, Rectangle)]
    assert [(p.get_x(), p.get_width()) for p in hatched] == [(0, 50)]
    assert "blind" in legend(drawn)
    open_plot = plot.n_minus_one(opened, "low")
    assert not titles(parsed(open_plot), "blind")
    assert not [p for p in open_plot.axes.patches if p.get_hatch()]


def test_the_plane_has_its_box_and_its_bins(blind, opened, parsed):
    drawn = plot.plane(opened, "plane")
    values = opened.booked["plane"].values[1][1:-1, 1:-1]
    shown = titles(parsed(drawn))
    assert len(shown) == np.count_nonzero(values)
    assert sum(int(words.split(": ")[1].split()[0]) for words in shown) == values.sum()
    assert spans(drawn) == [[0, 0, 50, 1]]
    hidden = titles(parsed(plot.plane(blind, "plane", "start")), "blind")
    assert hidden == [
        f"E_ECAL {10 * i} to {10 * i + 10} GeV, track.angle 0 to 1 mrad: blind" for i in range(5)
    ]


def test_an_axis_of_the_plane_ends_soon_after_the_last_bin_that_holds_something():
    edges, box = np.linspace(0, 10, 11), Interval(high=3.0)
    filled = np.arange(10) == 1
    assert _end(edges, filled, []) == 3
    assert _end(edges, filled, [box]) == 5
    assert _end(edges, filled, [LINE]) == 3
    assert _end(edges, np.arange(10) == 6, [box]) == 10
    assert _end(edges, filled & False, []) == 10


def test_the_cutflow_says_blinded(blind, opened, parsed):
    shown = titles(parsed(plot.cutflow(blind)))
    assert len(shown) == 5
    assert shown[0] == f"all events: {blind.events} left"
    assert shown[-1] == "trigger: blinded"
    points, line = (np.array(artist.get_xdata()) for artist in plot.cutflow(blind).axes.lines)
    left = [blind.events, *(row.sequential.n for row in blind.cutflow.rows if row.sequential)]
    assert points.tolist() == left
    assert set(line.tolist()) == set(left)
    last = opened.cutflow.rows[-1].sequential
    assert titles(parsed(plot.cutflow(opened)))[-1] == f"trigger: {last.n} left"


def test_a_fit_shows_points_band_and_ranges(fit, parsed):
    drawn = plot.sideband_fit(fit)
    shown = titles(parsed(drawn))
    assert [words.split(";")[0].rsplit(": ")[-1] for words in shown] == [
        "blind", *(f"{n} events" for n in fit["counts"][1:])
    ]  # fmt: skip
    assert "fit at 65 GeV: 2.3 (1.84 to 2.99)" in shown[2] + shown[3]
    words = "estimate in the box: 0.31 ± 0.05 (stat) ± 0.11 (syst) events"
    assert drawn.words == words
    both = fit | {"estimate": fit["estimate"] | {"bootstrap": 0.061}}
    assert plot.sideband_fit(both).words == f"{words}; statistical error by bootstrap 0.061"
    assert [span[::2] for span in spans(drawn)] == [[0, 50], [55, 85]]
    parts = fit["estimate"] | {"spread": 0.04, "low": 0.28, "high": 0.35}
    words += (
        "; of the systematic error, 0.04 is the spread of the accepted fits, the rest their "
        "statistical errors; 50 to 55 GeV, not fitted: 3 seen"
    )
    beside = {"words": "50 to 55 GeV, not fitted: 3 seen"}
    both = plot.sideband_fit(fit | {"estimate": parts, "validation": beside, "label": "E_X [GeV]"})
    assert both.words == words
    assert "accepted fits, 0.28 to 0.35 in the box" in legend(both)
    assert both.axes.get_xlabel() == r"$E_{\mathrm{X}}$ [GeV]"
    fit["estimate"] = {"value": None, "statistical": None, "systematic": None}
    assert plot.sideband_fit(fit).words == "estimate in the box: missing"


def test_points_outside_the_fit_range_are_open(fit):
    fit["range"] = [75, 85]
    drawn = plot.sideband_fit(fit)
    assert {"data, fitted", "data, not fitted"} < set(legend(drawn))
    points = {
        str(container.get_label()): container[0].get_xdata() for container in drawn.axes.containers
    }
    edges, counts = fit["edges"], fit["counts"]
    middles = [(a + b) / 2 for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True) if n]
    assert list(points["data, fitted"]) == [x for x in middles if x > 75]
    assert list(points["data, not fitted"]) == [x for x in middles if x < 75] != []


def test_a_limit_shows_every_mass(limit, parsed):
    drawn = plot.limit(limit)
    shown = titles(parsed(drawn))
    assert shown[0] == (
        "mass 0.001 GeV, expected 2e-05, 1 σ 2e-05 to 2.4e-05, 2 σ 2e-05 to 2.8e-05"
    )
    assert len(shown) == 4
    words = legend(drawn)
    assert "observed: blind" in words
    assert "observed" not in words


def test_an_observed_limit_may_have_holes(limit, parsed):
    limit["blind"] = False
    limit["scan"]["observed"] = [2e-5, None, 2e-4, 2e-3]
    drawn = plot.limit(limit, [("published", [0.001, 1], [1e-4, 1e-3])])
    assert "observed no limit" in titles(parsed(drawn))[1]
    words = legend(drawn)
    assert words[-2:] == ["observed", "published"]


def test_nothing_in_it_is_from_outside(blind):
    text = plot.to_svg(plot.plane(blind, "plane"), "a-")
    assert re.findall("https?://[^\"' ]*", text) == ["http://www.w3.org/2000/svg"]
    assert "<metadata" not in text
    assert "<style" not in text
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    ids = {e.get("id", "") for e in root.iter() if e.get("id")}
    assert ids
    assert all(name.startswith("a-") for name in ids)
    links = [e.get("href", "") for e in root.iter() if e.get("href")]
    assert all(link.startswith("data:image/png;") or link[1:] in ids for link in links)
    used = re.findall(r"url\(#([^)]*)\)", text)
    assert used
    assert set(used) <= ids


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(make_record, name, parsed):
    record = make_record(cut=name, label=name)
    root = parsed(plot.n_minus_one(record, name))
    assert all(element.tag != f"{SVG}script" for element in root.iter())
    shown = titles(root)
    assert len(shown) == 5
    assert all(words.isprintable() for words in shown)


def test_settings_of_the_user_neither_matter_nor_change(opened):
    plain = plot.to_svg(plot.n_minus_one(opened, "time"))
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 30, "svg.fonttype": "none"}):
        before = dict(mpl.rcParams)
        assert plot.to_svg(plot.n_minus_one(opened, "time")) == plain
        assert dict(mpl.rcParams) == before


def test_it_draws_where_it_is_told(opened):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert plot.n_minus_one(opened, "time", axes=right).axes is right
    assert len(right.lines) == 2
    assert not left.lines


def test_a_plot_that_is_not_booked_says_what_to_book(opened, blind, limit):
    with pytest.raises(RecordError, match="at: all but angle"):
        plot.n_minus_one(opened, "angle")
    with pytest.raises(RecordError, match=r"no cut 'tim'; did you mean 'time'"):
        plot.n_minus_one(opened, "tim")
    with pytest.raises(RecordError, match=r"no histogram 'plan'; did you mean 'plane'"):
        plot.plane(opened, "plan")
    with pytest.raises(RecordError, match="one axis"):
        plot.plane(opened, "t")
    with pytest.raises(RecordError, match="no place 'trigger' \\(blinded\\)"):
        plot.plane(blind, "plane", "trigger")
    with pytest.raises(RecordError, match="no channel 'dimuon'"):
        plot.cutflow(opened, "dimuon")
    limit["scan"] = None
    with pytest.raises(RecordError, match="no scan"):
        plot.limit(limit)


def test_intervals_of_counts():
    """PDG, Review of Particle Physics, chapter Statistics: one-sided Poisson limits at 95%.

    The upper end without an event: N. Gehrels, Astrophys. J. 303 (1986) 336, table 1.
    """
    assert poisson_interval(0) == pytest.approx((0.0, 1.841), abs=5e-4)
    for n, low, high in ((1, 0.05, 4.74), (3, 0.82, 7.75), (10, 5.43, 16.96)):
        assert poisson_interval(n, 0.90) == pytest.approx((low, high), abs=0.006)
