"""The display of an event: the cells and numbers that are drawn are those of the file."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.layouts import load_layout
from na64ana.plot import display_event, save, to_svg
from na64ana.plot.cells import energy_words
from na64ana.plot.panels import panels
from na64ana.run import find_event
from na64ana.run.detectors import Detector
from na64ana.simulate import MODES, simulate, write_tout

TOUT = Path(__file__).parents[1] / "data" / "tout_small.root"


@pytest.fixture(scope="module")
def event():
    return find_event(TOUT, "entry:0", selection="na64e-invisible-2023", unblind="a test")


def texts(plot):
    return [text.get_text() for text in plot.axes.texts]


def test_panels_lie_apart_inside_their_room(event):
    placed = panels(event.detectors, 0.5, 1.0, 9.7)
    assert [panel.title for panel in placed] == [
        "SRD", "VHCAL", "preshower", "ECAL", "VETO", "HCAL 0", "HCAL 1", "HCAL 2", "HCAL 3",
    ]  # fmt: skip
    for panel in placed:
        assert panel.left >= 0.5
        assert panel.bottom >= 1.0
        assert panel.left + panel.width <= 0.5 + 9.7
    for a, b in combinations(placed, 2):
        beside = a.left + a.width <= b.left or b.left + b.width <= a.left
        above = a.bottom + a.height <= b.bottom or b.bottom + b.height <= a.bottom
        assert beside or above, (a.title, b.title)


def test_many_modules_still_fit():
    many = Detector("hcal", ("module", "ix", "iy"), np.ones((12, 6, 6)))
    placed = panels({"hcal": many}, 0.0, 0.0, 9.7)
    assert len(placed) == 12
    assert placed[-1].left + placed[-1].width <= 9.7 + 1e-9


def test_cells_are_those_of_the_file(event, tout_columns):
    expected = tout_columns(TOUT)
    plot = display_event(event)
    cells = [hover for hover in plot.hovers if hover.kind == "cell"]
    assert len(cells) == 3 + 16 + 60 + 6 + 36
    known = {hover.words.split(":")[0]: hover for hover in cells}
    drawn = texts(plot)
    for title, column, plane in (
        ("preshower", "ecal", 0),
        ("ECAL", "ecal", 1),
        ("HCAL 2", "hcal", 2),
    ):
        energies = expected[f"{column}.energy"][0, plane]
        for ix, iy in np.ndindex(energies.shape):
            hover = known[f"{title}, ix {ix}, iy {iy}"]
            said = re.search(r": (\S+) GeV", hover.words)
            assert said is not None
            assert float(said[1]) == pytest.approx(energies[ix, iy], rel=1e-5)
            if energies[ix, iy] >= 0.001:
                assert energy_words(energies[ix, iy]) in drawn
    # to the right is ix, upwards iy
    origin, right, up = (known[f"ECAL, ix {x}, iy {y}"] for x, y in ((0, 0), (1, 0), (0, 1)))
    assert (right.low, right.bottom) == pytest.approx((origin.high, origin.bottom))
    assert (up.low, up.bottom) == pytest.approx((origin.low, origin.top))


def test_numbers_and_cuts_stand_beside(event):
    drawn = texts(display_event(event))
    run, spill, number = event.ids
    assert f"run {run}, spill {spill}, event {number}" in drawn
    assert any(text.endswith(" ns") for text in drawn)
    cuts = event.verdict.channels["main"]
    passed = sum(cut.passed for cut in cuts)
    assert f"passes {passed} of {len(cuts)}" in drawn
    assert drawn.count("fails") == sum(
        not cut.passed and not cut.missing
        for channel in event.verdict.channels.values() for cut in channel
    )  # fmt: skip


def test_the_reason_for_unblinding_stands_in_the_picture(event):
    plot = display_event(event)
    assert "UNBLINDED: a test" in texts(plot)
    assert "unblinded: a test" in plot.words
    closed = replace(event, unblinded=None)
    assert not any("UNBLINDED" in text for text in texts(display_event(closed)))


def test_cells_out_of_time_and_without_a_number_are_marked(event):
    ecal = event.detectors["ecal"]
    energy, inside = np.ones((2, 5, 6)), np.ones((2, 5, 6), dtype=bool)
    energy[0, 1, 2] = np.nan
    inside[1, 3, 4] = False
    drawn = replace(ecal, energy=energy, in_time=inside)
    plot = display_event(replace(event, detectors={"ecal": drawn}))
    said = [hover.words for hover in plot.hovers if hover.kind == "cell"]
    assert [words.split(":")[0] for words in said if "out of time" in words] == ["ECAL, ix 3, iy 4"]
    assert [words.split(":")[0] for words in said if "no number" in words] == [
        "preshower, ix 1, iy 2"
    ]
    assert "29.0 GeV (+1.00)" in texts(plot)
    assert "cells without a number" in texts(plot)
    hatched = [patch for patch in plot.axes.patches if patch.get_hatch()]
    assert len(hatched) == 2  # the cell, and the one that explains it


def test_names_from_files_are_no_formulas(event):
    odd = replace(event, selection="$\\frac{1}$ \x1b[31m", unblinded="$x^")
    svg = to_svg(display_event(odd))
    assert "\x1b" not in svg


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg", ".html"])
def test_the_same_event_gives_the_same_file(event, tmp_path, ending):
    plot = display_event(event)
    for name in ("a", "b"):
        save(plot, tmp_path / f"{name}{ending}")
    first, second = ((tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
    assert first == second
    assert len(first) > 10_000
    if ending in (".svg", ".html"):
        assert b"GeV" in first
        assert str(TOUT.parent).encode() not in first


def test_a_sign_that_the_font_lacks_is_in_the_words(event, tmp_path):
    plot = display_event(replace(event, unblinded="\u597d"))
    save(plot, tmp_path / "event.png")  # a warning would be an error
    assert "unblinded: \u597d" in plot.words


@pytest.mark.parametrize("name", ["event.gif", "event", "event.png.txt"])
def test_an_unknown_format_is_refused(event, tmp_path, name):
    with pytest.raises(InputError, match=r"\.png, \.pdf, \.svg, \.html"):
        save(display_event(event), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_one_call_finds_and_draws(event):
    selection = "na64e-invisible-2023"
    plot = na.display(TOUT, "entry:0", selection=selection, unblind="a test")
    assert to_svg(plot) == to_svg(display_event(event))
    with pytest.raises(InputError, match="without a selection"):
        na.display(TOUT, "entry:0")


@pytest.mark.parametrize("mode", {mode.layout: mode for mode in MODES.values()}.values(),
                         ids=lambda mode: mode.layout)  # fmt: skip
def test_every_detector_of_every_mode_is_drawn(mode, tmp_path):
    file, process = tmp_path / "few.root", (*mode.backgrounds, *mode.signals)[0]
    write_tout(file, simulate(process, 2, seed=1, mode=mode.name))
    found = find_event(file, "entry:1", layout=mode.layout)
    columns = load_layout(mode.layout).columns
    wanted = {name.removesuffix(".energy") for name in columns if name.endswith(".energy")}
    assert found.detectors.keys() | missing(found) >= wanted - {"truth"}
    momenta = {name for name in columns if name.endswith(".momentum")}
    assert {number.column for number in found.numbers} >= momenta
    cells = [hover for hover in display_event(found).hovers if hover.kind == "cell"]
    assert len(cells) == sum(detector.energy.size for detector in found.detectors.values())


def missing(event):
    """Detectors of the layout that the set-up of a mode has not."""
    return {name.removesuffix(".energy") for name, why in event.left_out.items() if "branch" in why}
