"""Curves in a plane: what is filled, what is dashed, where the names stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from na64ana.errors import SignalError, UnitError
from na64ana.plot import Plot, plot_curves, style, to_svg
from na64ana.plot.curves import Overlay
from na64ana.plot.labels import Line, place_labels
from na64ana.signal.couplings import convert_curve
from na64ana.signal.curves import curve, curves, load_curves

PLANES: dict[str, dict[str, Any]] = {
    "dark-photon": {"xlim": (1e-3, 10), "ylim": (3e-6, 2e-2)},
    "alp": {"xlim": (1e-2, 10), "ylim": (1e-8, 5e-2)},
    "b-l": {"xlim": (1e-3, 10), "ylim": (5e-9, 1e-2)},
    "light-dark-matter": {},
}


def fills(drawn: Plot) -> list[np.ndarray]:
    return [np.asarray(p.get_xy()) for p in drawn.axes.patches if isinstance(p, Polygon)]


def names(drawn: Plot) -> list[str]:
    return [text.get_text() for text in drawn.axes.texts]


def test_a_limit_is_filled_above_and_its_gaps_are_not():
    drawn = plot_curves([curve("babar-bl")])
    assert len(fills(drawn)) == len(drawn.axes.lines) == 7
    for region in fills(drawn):
        inside = region[(region[:, 0] > 0.76) & (region[:, 0] < 0.81)]
        assert not len(inside)
        assert region[:, 1].max() > 1e5


def test_guards_are_not_drawn():
    for name in ("a1-bl", "lep-alp", "besiii-2022-alp", "na64-2022-bl"):
        found = curve(name)
        top = found.couplings[~found.guards].max()
        for line in plot_curves([found]).axes.lines:
            assert np.asarray(line.get_ydata(), float).max() <= top


def test_a_contour_is_filled_inside_and_its_frame_is_no_line():
    found = curve("e137-bl")
    drawn = plot_curves([found])
    (region,) = fills(drawn)
    assert region[:, 1].max() == pytest.approx(found.couplings.max())
    assert len(np.asarray(drawn.axes.lines[0].get_xdata())) == len(found.masses)


def test_a_projection_is_dashed_and_not_filled():
    drawn = plot_curves([curve("ship-alp-projection")])
    assert fills(drawn) == []
    assert drawn.axes.lines[0].get_linestyle() != "-"
    legend = drawn.axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["projected"]


def test_the_experiment_stands_out():
    pair = [curve("na64-2019-invisible"), curve("babar-2017-invisible")]
    for highlight, expected in (
        ("NA64", [True, False]),
        ("BaBar", [False, True]),
        ("", [False] * 2),
    ):
        lines = plot_curves(pair, highlight=highlight).axes.lines
        assert [to_hex(line.get_color()) == style.BLUE for line in lines] == expected


def test_masses_are_drawn_in_the_unit_of_the_axis():
    found = curve("na64-2019-invisible")
    drawn = plot_curves([found], mass_unit="MeV")
    assert np.asarray(drawn.axes.lines[0].get_xdata()) == pytest.approx(found.masses * 1e3)
    assert drawn.axes.get_xlabel().endswith("[MeV]")


def test_a_line_of_ones_own_is_drawn_with_its_gaps():
    drawn = plot_curves([curve("na64-2019-invisible")],
                        own=[("mine", [0.01, 0.05, 0.1, 1.0], [1e-5, 2e-5, None, 1e-4])])  # fmt: skip
    values = np.asarray(drawn.axes.lines[-1].get_ydata(), float)
    assert np.isnan(values).tolist() == [False, False, True, False]
    assert "mine" in names(drawn)


def test_an_overlay_stands_in_the_legend():
    overlay = Overlay("mine", [np.array([[0.01, 1e-5], [0.05, 2e-5]])])
    drawn = plot_curves([curve("na64-2019-invisible")], overlays=[overlay])
    legend = drawn.axes.get_legend()
    assert legend is not None
    assert "mine" not in names(drawn)
    assert legend.get_texts()[0].get_text() == "mine"


def test_a_plane_without_curves_is_drawn_for_what_is_ones_own():
    own = [("mine", [0.01, 0.02], [1e-5, 1e-4])]
    drawn = plot_curves([], own=own, plane=("epsilon", "m_X"))
    assert drawn.axes.get_xlim() == pytest.approx((0.01, 0.02))
    assert drawn.axes.get_xlabel() == "$m_X$ [GeV]"
    with pytest.raises(SignalError, match="no curves to draw"):
        plot_curves([], plane=("epsilon", "m_X"))


def test_the_legend_stands_above_the_axes():
    drawn = plot_curves(curves("dark-photon"))
    figure = drawn.figure
    figure.draw_without_rendering()
    legend = drawn.axes.get_legend()
    assert legend is not None
    box = legend.get_window_extent()
    assert box.y0 >= drawn.axes.get_window_extent().y1
    assert box.y1 <= figure.bbox.height
    assert box.x1 <= figure.bbox.width


def test_what_y_assumes_is_in_the_legend():
    drawn = plot_curves([curve("na64-2019-y"), curve("thermal-scalar-y")])
    legend = drawn.axes.get_legend()
    assert legend is not None
    assert legend.get_title().get_text() == r"$\alpha_D = 0.5$, $m_{A'} = 3\, m_\chi$"
    assert [text.get_text() for text in legend.get_texts()] == [
        "excluded (90% CL)",
        "relic density",
    ]


@pytest.mark.parametrize("model", PLANES)
def test_every_curve_that_is_seen_has_its_name(model):
    found = curves(model)
    drawn = plot_curves(found, **PLANES[model])
    assert sorted(names(drawn)) == sorted(c.label for c in found)


@pytest.mark.parametrize("model", PLANES)
def test_names_stand_apart_and_inside(model):
    """No two names cover each other: their boxes, turned, share no point."""
    drawn = plot_curves(curves(model), **PLANES[model])
    drawn.figure.canvas.draw()
    frame = drawn.axes.get_window_extent()
    middles = []
    for text in drawn.axes.texts:
        x, y = text.get_transform().transform(text.get_position())
        assert frame.contains(x, y)
        middles.append((x, y))
    gaps = [np.hypot(a[0] - b[0], a[1] - b[1]) for i, a in enumerate(middles) for b in middles[:i]]
    assert min(gaps) > 9  # pixels: the height of a letter


def test_planes_do_not_mix():
    with pytest.raises(
        SignalError, match="'lep-alp' is of g_agamma against m_a, 'e137-bl' of g_bl"
    ):
        plot_curves([curve("lep-alp"), curve("e137-bl")])
    other, _ = convert_curve(
        curve("babar-2017-invisible"), "light-dark-matter", alpha_D=0.1, mass_ratio=3
    )
    with pytest.raises(SignalError, match=r"at alpha_D = 0\.1, .*convert_curve"):
        plot_curves([curve("na64-2019-y"), other])


@pytest.mark.parametrize(
    ("keys", "error", "words"),
    [
        ({"xlim": (1, 0.1)}, SignalError, "a range of an axis"),
        ({"ylim": (0, 1)}, SignalError, "a range of an axis"),
        ({"mass_unit": "MEV"}, UnitError, "did you mean 'MeV'"),
    ],
)
def test_wrong_arguments_are_refused(keys: Any, error, words):
    with pytest.raises(error, match=words):
        plot_curves([curve("lep-alp")], **keys)


def test_nothing_to_draw_is_refused():
    with pytest.raises(SignalError, match="there are no curves to draw"):
        plot_curves([])


def test_a_name_from_a_file_is_no_formula(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "curves:\n- {name: mine, experiment: 'a$\\frac{1$\\u202e', model: x17, kind: limit, "
        "shape: upper-limit, mass: {of: '$m$', unit: GeV}, coupling: {of: epsilon}, "
        "points: [[0.01, 1e-4], [0.02, 1e-3]]}\n"
    )
    drawn = plot_curves(load_curves(path))
    assert names(drawn) == [r"a\$\frac{1\$\u202e"]
    assert "<svg" in to_svg(drawn)


# ----------------------------------------------------------------------- names


def test_a_line_outside_the_page_has_no_name():
    line = Line("words", np.array([[-5.0, -5.0], [-1.0, -1.0]]))
    assert place_labels([line], 10, 300, 200) == [None]


def test_a_name_stands_inside_its_region():
    line = np.array([[0.0, 100.0], [300.0, 100.0]])
    above = np.array([[0, 100], [300, 100], [300, 200], [0, 200], [0, 100]], float)
    below = above - [0, 100]
    for region, sign in ((above, 1), (below, -1)):
        (place,) = place_labels([Line("words", line, (region,))], 10, 300, 200)
        assert place is not None
        assert (place.y - 100) * sign > 0
        assert place.angle == pytest.approx(0, abs=1e-6)


def test_a_name_keeps_clear_of_what_is_blocked():
    line = Line("words", np.array([[0.0, 100.0], [300.0, 100.0]]))
    left = np.column_stack([np.tile(np.linspace(0, 200, 50), 2), np.repeat([110.0, 90.0], 50)])
    (place,) = place_labels([line], 10, 300, 200, blocked=[left])
    assert place is not None
    assert place.x > 210
