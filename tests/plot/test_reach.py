"""A reach in its plane: outlines closed where they end, gaps left open, bands, legend."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from na64ana import signal
from na64ana.errors import SignalError
from na64ana.limits import Band, Scan, ScanPoint
from na64ana.plot import Plot, plot_reach, plot_reaches
from na64ana.signal.curves import curves
from na64ana.signal.overlays import MomentBand, ThermalLine
from na64ana.signal.reach import Piece, Reach

INF, NAN = math.inf, math.nan
#: of masses: excluded couplings; None is an edge beyond those looked at
TWO_SIDED: dict[float, list[tuple[float | None, float | None]]] = {
    0.001: [(1e-4, 1e-2)],
    0.01: [(1e-4, 1e-3)],
    0.02: [(2e-4, 4e-4)],
    0.03: [],
    0.1: [(1e-3, None)],
    0.2: [(2e-3, None)],
}


def reach_of(regions: dict[float, Any], names: tuple[str, ...] = ("limit",)) -> Reach:
    """A reach with given regions, the same for all curves."""
    points = []
    for mass, bands in regions.items():
        found = tuple(
            Band(low or 1e-8, high or 10.0, low is None, high is None) for low, high in bands
        )
        points.append(ScanPoint(mass, dict.fromkeys(names, 2.3), dict.fromkeys(names, found)))
    scan = Scan(tuple(points), (1e-8, 10.0), 61)
    return Reach(signal.model("dark-photon"), signal.setups("na64e"), tuple(regions), scan)


def legend_of(drawn: Plot) -> list[str]:
    legend = drawn.axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def line_of(drawn: Plot, number: int = 0) -> list[tuple[float, float]]:
    points = np.asarray(drawn.axes.lines[number].get_xydata(), float)
    return [(float(x), float(y)) for x, y in points]


def test_pieces_end_where_nothing_is_excluded():
    assert reach_of(TWO_SIDED).pieces() == (
        Piece([0.001, 0.01, 0.02], [1e-4, 1e-4, 2e-4], [1e-2, 1e-3, 4e-4]),
        Piece([0.1, 0.2], [1e-3, 2e-3], [INF, INF]),
    )


def test_several_bands_at_a_mass_are_pieces_of_their_own():
    found = reach_of({0.1: [(1e-4, 1e-3), (1e-2, None)], 0.2: [(None, 1e-3)]})
    assert found.pieces() == (
        Piece([0.1, 0.2], [1e-4, 0.0], [1e-3, 1e-3]),
        Piece([0.1], [1e-2], [INF]),
    )
    assert found.flags() == ["several", "below"]


def test_an_outline_is_closed_at_its_tip_and_open_where_the_masses_begin():
    drawn = plot_reach(reach_of(TWO_SIDED))
    assert line_of(drawn) == [
        (0.001, 1e-4), (0.01, 1e-4), (0.02, 2e-4), (0.02, 4e-4), (0.01, 1e-3), (0.001, 1e-2),
    ]  # fmt: skip
    assert line_of(drawn, 1) == [(0.1, 1e-3), (0.2, 2e-3)]


def test_an_outline_that_begins_between_masses_goes_back_to_its_first_point():
    inner = {0.0005: [], **TWO_SIDED}
    points = line_of(plot_reach(reach_of(inner)))
    assert points[0] == points[-1] == (0.001, 1e-4)


def test_an_edge_beyond_the_couplings_is_no_line():
    regions = {0.001: [(1e-4, None)], 0.01: [(1e-4, 1e-3)], 0.02: [(None, 4e-4)], 0.03: []}
    points = np.array(line_of(plot_reach(reach_of(regions))))
    assert np.nanmax(points[:, 1]) == 1e-3
    assert np.nanmin(points[:, 1]) == 1e-4
    assert np.isnan(points[:, 1]).sum() == 2


def bands_of(drawn: Plot) -> list[np.ndarray]:
    return [np.asarray(path.vertices) for area in drawn.axes.collections
            for path in area.get_paths()]  # fmt: skip


def test_bands_of_expected_limits():
    names = ("observed", "median", "mean", "minus2", "minus1", "plus1", "plus2")
    found = reach_of({0.01: [(1e-4, None)], 0.1: [(1e-3, None)]}, names)
    weaker = {"plus1": 2.0, "plus2": 3.0, "minus1": 0.5, "minus2": 0.25}
    points = [
        replace(point, bands={
            name: tuple(band._replace(low=band.low * weaker.get(name, 1.0)) for band in bands)
            for name, bands in point.bands.items()
        })
        for point in found.scan.points
    ]  # fmt: skip
    drawn = plot_reach(replace(found, scan=replace(found.scan, points=tuple(points))))
    assert legend_of(drawn) == [
        "expected \u00b1 2 \u03c3", "expected \u00b1 1 \u03c3", "observed, 90% CL",
        "expected, median",
    ]  # fmt: skip
    outer, inner = bands_of(drawn)
    for area, low, high in ((outer, 0.25, 3.0), (inner, 0.5, 2.0)):
        at = area[area[:, 0] == 0.01, 1]
        assert (at.min(), at.max()) == pytest.approx((low * 1e-4, high * 1e-4))


def test_a_band_is_all_of_the_stronger_region_where_the_weaker_excludes_nothing():
    names = ("median", "minus1", "plus1", "minus2", "plus2")
    found = reach_of({0.01: [(1e-4, 1e-3)], 0.02: [(2e-4, 4e-4)]}, names)
    first, last = found.scan.points
    last = replace(last, bands={**last.bands, "plus1": (), "plus2": ()})
    drawn = plot_reach(replace(found, scan=replace(found.scan, points=(first, last))))
    inner = np.concatenate(bands_of(drawn))
    at = inner[inner[:, 0] == 0.02, 1]
    assert (at.min(), at.max()) == pytest.approx((2e-4, 4e-4))


def test_lines_and_bands_of_others():
    masses = np.array([0.01, 0.1])
    nowhere = MomentBand("wrong sign", masses, np.array([NAN, NAN]), np.array([NAN, NAN]))
    band = MomentBand("moment", masses, np.array([0.0, 0.0]), np.array([1e-3, 1e-2]))
    lines = [ThermalLine("majorana", masses, np.array([1e-5, 1e-4]))]
    drawn = plot_reach(
        reach_of({0.01: [(1e-4, None)], 0.1: [(1e-3, None)]}), curves("dark-photon"),
        thermal=lines, moments=[band, nowhere],
    )  # fmt: skip
    assert legend_of(drawn) == [
        "moment", "wrong sign: nowhere", "90% CL limit", "relic density, computed (to 50%)",
        "published (90% CL)", "projected",
    ]  # fmt: skip
    assert {"Majorana", "BaBar"} <= {text.get_text() for text in drawn.axes.texts}


def test_a_mass_alone_and_a_reach_that_excludes_nothing_are_drawn():
    assert plot_reach(reach_of({0.01: [(1e-4, None)]})).axes.get_xlim() == (0.005, 0.02)
    drawn = plot_reach(reach_of({0.01: [], 0.1: []}), curves("dark-photon"))
    assert drawn.axes.get_xlim() == (0.01, 0.1)


def test_the_heading_has_symbols_for_words():
    title = plot_reach(reach_of(TWO_SIDED)).axes.get_legend()
    assert title is not None
    words = title.get_title().get_text()
    assert r"$\alpha_D$ = 0.1" in words
    assert r"9.37$\times10^{11}$ electrons of 100 GeV" in words


ONE_SIDED = {0.01: [(1e-4, None)], 0.1: [(1e-3, None)]}


def test_several_reaches_are_lines_of_their_own():
    found = {"electrons, 9.37e11": reach_of(TWO_SIDED), "muons": reach_of({1.0: [(1e-2, None)]})}
    drawn = plot_reaches(found, curves("dark-photon"), ylim=(1e-5, 1.0))
    assert legend_of(drawn)[:2] == [r"electrons, 9.37$\times10^{11}$", "muons"]
    assert (drawn.axes.get_xlim(), drawn.axes.get_ylim()) == ((0.001, 1.0), (1e-5, 1.0))
    own = [line for line in drawn.axes.lines if line.get_linewidth() > 2]
    looks = {(line.get_color(), line.get_linestyle()) for line in own}
    assert (len(own), len(looks)) == (3, 2)  # two pieces of the first


def test_several_models_of_one_coupling_share_the_axes():
    scalar = reach_of(ONE_SIDED)
    x17 = replace(scalar, model=signal.model("x17-scalar"))
    drawn = plot_reaches({"one": scalar, "other": x17})
    assert drawn.axes.get_xlabel() == "$m_X$ [GeV]"
    legend = drawn.axes.get_legend()
    assert legend is not None
    assert legend.get_title().get_text() == ""


@pytest.mark.parametrize(
    ("number", "models", "words"),
    [
        (0, (), "there are 0 reaches"),
        (6, (), "there are 6 reaches"),
        (2, ("dark-photon", "alp"), "several couplings are not drawn together: epsilon, g_agamma"),
    ],
)
def test_reaches_that_are_not_drawn_together(number, models, words):
    found = {str(i): reach_of(ONE_SIDED) for i in range(number)}
    for key, name in zip(found, models, strict=False):
        found[key] = replace(found[key], model=signal.model(name))
    with pytest.raises(SignalError, match=words):
        plot_reaches(found)


def test_a_legend_fits_its_axes():
    names = [f"a name that is rather long, number {i}" for i in range(5)]
    drawn = plot_reaches({name: reach_of(ONE_SIDED) for name in names})
    legend = drawn.axes.get_legend()
    assert legend is not None
    drawn.figure.draw_without_rendering()
    assert legend.get_window_extent().x1 <= drawn.figure.bbox.x1


def test_numbers_of_a_short_axis_have_room():
    drawn = plot_reaches({"one": reach_of(ONE_SIDED)}, ylim=(2e-4, 5e-3))
    drawn.figure.draw_without_rendering()
    around = drawn.axes.get_tightbbox()
    assert around is not None
    assert around.x0 >= 0


def test_the_name_of_one_target_is_in_the_legend():
    plane = signal.in_plane(signal.model("dark-photon", alpha_D=0.5), "y")
    found = replace(reach_of({0.01: [(1e-11, None)], 0.1: [(1e-10, None)]}), model=plane)
    drawn = plot_reach(found, curves("light-dark-matter"))
    assert "complex scalar relic, published" in legend_of(drawn)
    assert "complex scalar relic" not in {text.get_text() for text in drawn.axes.texts}
