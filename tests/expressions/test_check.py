"""Kinds, units and axes: what fits, and what is refused with which words."""

from __future__ import annotations

import pytest

from na64ana.errors import ExpressionError
from na64ana.expressions import Constant, Kind
from na64ana.expressions.tree import Comparison, Literal, columns_of

RIGHT = {
    "master_time > 86.5*ns": "a condition",
    "trigger & 4": "a bit test",
    "trigger & 4 != 0": "a condition",
    "4 == (trigger & 4)": "a condition",
    "(trigger & 4) and run > 5": "a condition",
    "ecal.energy": "energy [GeV] per plane 2, ix 5, iy 6",
    "ecal.energy[1]": "energy [GeV] per ix 5, iy 6",
    "ecal.energy[1, 2, 2]": "energy [GeV]",
    "ecal.energy[:, 1:4, 1:4]": "energy [GeV] per plane 2, ix 3, iy 3",
    "ecal.energy[1][2][2]": "energy [GeV]",
    "sum(ecal.energy)": "energy [GeV]",
    "sum(ecal.energy, axis=ix)": "energy [GeV] per plane 2, iy 6",
    "sum(ecal.energy, axis=(iy, ix))": "energy [GeV] per plane 2",
    "max(ecal.energy, axis=plane)": "energy [GeV] per ix 5, iy 6",
    "any(ecal.energy > 1*GeV, axis=(ix, iy))": "a condition per plane 2",
    "count(ecal.energy > 1*GeV)": "an integer",
    "len(straw11.x)": "an integer",
    "argmax(ecal.energy[1])": "a cell index",
    "argmax(ecal.energy[1]) == (2, 2)": "a condition",
    "(2, 2) != argmax(ecal.energy[1])": "a condition",
    "veto.time_sigma * veto.time": "time^2 [ns**2] per plane 3, pmt 2",
    "veto.energy < 3*MeV and veto.time < veto.time_sigma": "a condition per plane 3, pmt 2",
    "ecal.energy / sum(ecal.energy)": "a bare number per plane 2, ix 5, iy 6",
    "ecal.energy / (1*MeV)": "a ratio [GeV*MeV**-1] per plane 2, ix 5, iy 6",
    "sqrt(sum(ecal.energy)**2)": "energy [GeV]",
    "sqrt(sum(ecal.energy))": "energy^1/2 [GeV**1/2]",
    "sum(ecal.energy) / master_time": "energy time^-1 [GeV*ns**-1]",
    "atan2(1*mm, 2*cm + straw11.x[0])": "angle [rad]",
    "sin(track.angle)": "a bare number",
    "hypot(master_time, 3*us)": "time [ns]",
    "straw11.x": "length [mm] per straw11_hit var",
    "straw11.x[0]": "length [mm]",
    "max(straw11.x)": "length [mm]",
    "where(run > 5, ecal.energy, 0*MeV)": "energy [GeV] per plane 2, ix 5, iy 6",
    "where(run > 5, 1, 0)": "a bare number",
    "min(run, 7)": "an integer",
    "min(run, 7.5)": "a bare number",
    "run % 2": "an integer",
    "isnan(ecal.energy)": "a condition per plane 2, ix 5, iy 6",
    "exp(sum(ecal.energy) / (1*GeV))": "a bare number",
    "1*GeV < sum(ecal.energy) < 2*TeV": "a condition",
    "not run > 5": "a condition",
    "-run": "an integer",
    "1*GeV + 1*MeV": "constant",
}


@pytest.mark.parametrize("text", RIGHT)
def test_what_fits_gets_its_type(checked, text):
    node = checked(text)
    words = "constant" if isinstance(node, Constant) else node.type.describe()
    assert words == RIGHT[text]


WRONG = {
    # dimensions
    "master_time > 86.5": "a bare number does not fit time [ns]; write a number with its unit, as in 1*ns",
    "86.5 < master_time": "a bare number does not fit time [ns]",
    "master_time > 86.5*MeV": "energy [MeV] does not fit time [ns]",
    "sum(ecal.energy) < 50": "a bare number does not fit energy [GeV]",
    "sum(ecal.energy) > master_time": "time [ns] does not fit energy [GeV]",
    "sum(ecal.energy) + 1": "a bare number does not fit energy [GeV]",
    "1 - sum(ecal.energy)": "does not fit",
    "track.p_value > 1*GeV": "energy [GeV] does not fit a bare number",
    "1*GeV + 1*ns": "does not fit",
    "0*GeV < sum(ecal.energy) < 5": "a bare number does not fit energy [GeV]",
    "where(run > 1, ecal.energy, 0)": "does not fit",
    "max(ecal.energy, 1*ns)": "does not fit",
    "hypot(ecal.energy, ecal.time)": "does not fit",
    "exp(master_time)": "exp(...) needs a bare number, not time [ns]",
    "sin(master_time)": "sin(...) needs an angle or a bare number, not time [ns]",
    "run ** sum(ecal.energy)": "the exponent of '**' must be a bare number",
    "run ** (1*GeV)": "the exponent of '**' must be a bare number",
    "run ** 17": "the exponent of '**' may be at most 16",
    "run ** track.p_value": "the exponent of '**' must be a bare number",
    "sum(ecal.energy) > 1e308*TeV": "the number is too large in energy [GeV]",
    "1 / (2 - 2) > run": "division by zero",
    "0 ** -1 > run": "division by zero",
    # kinds
    "run > 1 & trigger > 2": "'&' binds before the comparison; write 'and', or put parentheses",
    "srd.energy[0] > 1*MeV & srd.energy[1] > 1*MeV": "'&'",
    "4 == trigger & 4": "'&' binds before the comparison",
    "(run > 1) & (trigger > 2)": "'&' tests bits of whole numbers; write 'and' between conditions",
    "trigger & 4.0": "'&' tests bits of whole numbers",
    "master_time & 4": "'&' tests bits of whole numbers",
    "trigger & 18446744073709551616": "'&' tests bits of whole numbers",
    "3 & 4": "'&' needs a column on one side",
    "track.p_value % 2": "'%' needs a whole number on its left",
    "run % 0": "'%' needs a positive whole number on its right",
    "run % trigger": "'%' needs a positive whole number on its right",
    "run and trigger": "needs a condition here, not an integer",
    "not run": "needs a condition here",
    "1 and run > 1": "needs a condition here, not a bare number",
    "(run > 1) + 1": "needs a number here, not a condition",
    "-(run > 1)": "needs a number here, not a condition",
    "(run > 1) > 0": "needs a number here, not a condition",
    "where(run, 1, 2)": "needs a condition here",
    "where(run > 1, run > 2, 1)": "needs a number here",
    "where(run > 1, 1)": "takes three arguments",
    "sum(srd.energy > 1*MeV)": "count(...) counts true cells",
    "count(srd.energy)": "needs a condition here, not energy [GeV] per module 3",
    "any(srd.energy)": "needs a condition here",
    "any(run > 1)": "works on the cells of an event, not on a condition",
    "sum(run)": "works on the cells of an event",
    "sum(3)": "works on the cells of an event, not on a bare number",
    "sum(srd.energy, srd.energy)": "takes one argument",
    "argmax(srd.energy) > 1": "a cell index is compared with a tuple, as in == (1, 2, 2)",
    "argmax(srd.energy) == 1": "a cell index is compared with a tuple",
    "argmax(ecal.energy) == (2, 2)": "the index has 3 parts: (plane 2, ix 5, iy 6)",
    "argmax(ecal.energy[1]) == (5, 2)": "axis ix goes from 0 to 4, not to 5",
    "argmax(ecal.energy[1]) < (2, 2)": "can only be compared by == or !=",
    "argmax(straw11.x) == (1,)": "works on cells of fixed shape",
    "run == (1, 2)": "only argmax(...) can be compared with a tuple",
    "(1, 2)": "a tuple may only be compared with argmax(...)",
    "1 < 2": "compares two numbers; one side must be a column",
    "sum": "'sum' is a function: write sum(...)",
    "sum > 1": "'sum' is a function",
    "abs(run, run)": "takes one argument",
    "abs(run, axis=ix)": "takes no axis=",
    "min(run, trigger, axis=ix)": "takes no axis=",
    "atan2(run, run, run)": "takes two arguments",
    # cells
    "ecal.energy[14]": "axis plane goes from 0 to 1, not to 14",
    "ecal.energy[1, 5, 0]": "axis ix goes from 0 to 4, not to 5",
    "ecal.energy[0, 0, 0, 0]": "has only 3 axes: plane 2, ix 5, iy 6",
    "ecal.energy[-1]": "a cell is given by whole numbers from 0",
    "ecal.energy[run]": "a cell is given by whole numbers from 0",
    "ecal.energy[0:3]": "axis plane goes from 0 to 2, not to 3",
    "ecal.energy[1:1]": "the range 1:1 of axis plane is empty",
    "ecal.energy[::2]": "a range of cells has no step",
    "run[0]": "has one value per event and no cells",
    "1[0] > run": "has one value per event and no cells",
    "straw11.x[0:2]": "of a list of hits only one entry can be taken, as in x[0]",
    "ecal.energy + hcal.energy": "cells of different shape do not combine: (plane 2, ix 5, iy 6) and (module 4, ix 3",
    "straw11.x + straw12.x": "cells of different shape do not combine",
    "straw11.x * srd.energy": "cells of different shape do not combine",
    "sum(ecal.energy, axis=x)": "no axis 'x' here",
    "sum(ecal.energy, axis=(ix, modul))": "no axis 'modul' here",
    "sum(srd.energy, axis=modul)": "no axis 'modul' here; did you mean 'module'? (axes: module)",
    "sum(ecal.energy, axis=ix, axis=iy)": "axis= stands twice; write axis=(ix, iy)",
    "sum(ecal.energy, axis=0)": "axis= takes names of axes",
    # names
    "mastertime > 1*ns": "unknown name 'mastertime'; did you mean 'master_time'",
    "ecal.enrgy[0]": "unknown name 'ecal.enrgy'; did you mean 'ecal.energy'",
    "Run > 3": "unknown name 'Run'; did you mean 'run'",
    "ecal > 1*GeV": "unknown name 'ecal'",
    "sum(ecal.energy) > 3*gev": "unknown name 'gev'",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_fit_is_refused_with_words_and_a_mark(checked, text):
    with pytest.raises(ExpressionError) as caught:
        checked(text)
    why, shown, mark = str(caught.value).splitlines()
    assert WRONG[text] in why
    assert shown.strip() == text
    assert set(mark.strip()) == {"^"}
    assert mark.index("^") >= shown.index(text)
    assert len(mark) <= len(shown)


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("run > 1 and master_time > 86.5", "86.5"),
        ("sum(ecal.energy) + foo", "foo"),
        ("any(ecal.energy > 3*ns)", "3*ns"),
        ("run % 0", "0"),
        ("argmax(ecal.energy[1]) == (5, 2)", "5"),
    ],
)
def test_the_mark_stands_below_the_culprit(checked, text, culprit):
    with pytest.raises(ExpressionError) as caught:
        checked(text)
    _, shown, mark = str(caught.value).splitlines()
    start = mark.index("^")
    assert shown[start : mark.rindex("^") + 1] == culprit


def test_literals_are_brought_to_the_unit_of_the_column(checked):
    node = checked("veto.energy[0, 0] < 7.6*MeV")
    assert isinstance(node, Comparison)
    assert isinstance(node.operands[1], Literal)
    assert node.operands[1].value == 0.0076
    # 3 * 0.1 MeV is a product of exact numbers, rounded once
    node = checked("veto.energy[0, 0] < 3*0.1*MeV")
    assert node.operands[1].value == 0.0003


def test_a_sum_of_constants_is_exact_before_it_meets_a_column(checked):
    node = checked("master_time < (0.1*ns + 200*ps) * 10")
    assert node.operands[1].value == 3.0


def test_a_column_is_never_converted_by_a_literal(checked):
    assert [type(n).__name__ for n in checked("sum(ecal.energy) < 5*MeV").operands] == [
        "Reduce",
        "Literal",
    ]


def test_a_ratio_of_units_is_a_number_by_its_value(checked):
    node = checked("sum(ecal.energy) / (1*MeV) > 3000")
    assert node.operands[1].value == 3.0  # GeV/MeV


def test_whole_numbers_too_large_for_64_bits_compare_as_numbers(checked):
    node = checked("run < 100000000000000000000")
    assert node.operands[1].type.kind is Kind.NUMBER


def test_the_columns_of_a_tree(checked):
    text = "where(abs(ecal.time) < 3*ecal.time_sigma, ecal.energy, 0*GeV)"
    assert list(columns_of(checked(text))) == ["ecal.time", "ecal.time_sigma", "ecal.energy"]


def test_c_precedence_is_refused_or_means_what_it_says(checked):
    # in C this is trigger & (4 != 0); here, as written in Python, (trigger & 4) != 0
    assert checked("trigger & 4 != 0") == checked("(trigger & 4) != 0")
    assert checked("run > (1 & trigger)") is not None
    for text in ("run > 1 & trigger > 2", "run == 1 & trigger == 2", "(run) > (1) & trigger > 2"):
        with pytest.raises(ExpressionError, match="binds before the comparison"):
            checked(text)
