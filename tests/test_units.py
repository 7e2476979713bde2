"""Units and quantities: names and factors of hepunits, literals without rounding on the way."""

from __future__ import annotations

import math
from fractions import Fraction

import hepunits
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana.errors import Na64Error, UnitError
from na64ana.units import (
    DIMENSIONLESS,
    UNITS,
    Quantity,
    Unit,
    number_in,
    parse_quantity,
    parse_unit,
)

quick = settings(max_examples=200, derandomize=True, deadline=None, database=None)
names = st.sampled_from(sorted(UNITS))
#: the few names that hepunits spells out
LONG = {"ps": "picosecond", "s": "second", "deg": "degree", "us": "microsecond", "nm": "nanometer",
        "um": "micrometer"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(UNITS))
def test_factors_are_those_of_hepunits(name):
    theirs = getattr(hepunits.units, name, None) or getattr(hepunits.units, LONG.get(name, name))
    assert float(UNITS[name][1]) == pytest.approx(theirs, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("7.6 MeV", "GeV", 0.0076),
        ("7.6*MeV", "GeV", 0.0076),
        ("0.0076 GeV", "MeV", 7.6),
        ("1.1 keV", "GeV", 1.1e-6),
        ("86.5 ns", "ns", 86.5),
        ("113.5e3 ps", "ns", 113.5),
        (".3 mrad", "rad", 0.0003),
        ("-1e-3 m", "mm", -1.0),
        ("+5 GeV**2/mm", "GeV**2/cm", 50.0),
        ("3", "", 3.0),
        (4, "", 4.0),
        (0.06, "", 0.06),
    ],
)
def test_a_literal_is_the_nearest_double_in_the_unit_asked_for(text, unit, value):
    asked = parse_unit(unit) if unit else DIMENSIONLESS
    assert parse_quantity(text).to(asked) == value


@quick
@given(st.decimals(-1000, 1000, places=6), names, names)
def test_conversion_rounds_once(number, first, second):
    quantity = parse_quantity(f"{number} {first}")
    if UNITS[first][0] != UNITS[second][0]:
        with pytest.raises(UnitError, match="does not fit"):
            quantity.to(Unit.of(second))
        return
    exact = Fraction(number) * UNITS[first][1] / UNITS[second][1]
    assert quantity.to(Unit.of(second)) == float(exact)


@quick
@given(names, names, names, st.integers(-4, 4))
def test_the_algebra_of_units(a, b, c, power):
    x, y, z = map(Unit.of, (a, b, c))
    assert x * y == y * x
    assert (x * y) * z == x * (y * z)
    assert x / x == DIMENSIONLESS
    assert x * y / y == x
    assert (x * y) ** Fraction(power) == x ** Fraction(power) * y ** Fraction(power)
    assert (x**power).ratio(x**power) == 1
    if UNITS[a][0] == UNITS[b][0]:
        assert x.ratio(y) * y.ratio(x) == 1
        assert (x / y).dimension == ()
        assert (x / y).ratio(DIMENSIONLESS) == x.ratio(y)
        assert ((x / y) ** Fraction(power)).ratio(DIMENSIONLESS) == x.ratio(y) ** power
    assert (x ** Fraction(1, 2)) ** Fraction(2) == x


@quick
@given(names, names)
def test_a_unit_reads_back_what_it_writes(a, b):
    unit = Unit.of(a) ** Fraction(2) / Unit.of(b)
    if unit.terms:
        assert parse_unit(str(unit)) == unit


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7.6", None),
        ("seven MeV", "'seven MeV' is not a quantity"),
        ("7.6 Mev", "unknown unit 'Mev'; did you mean 'MeV'"),
        ("7.6 MeV!", "is not a unit"),
        ("7.6 MeV GeV", "is not a unit"),
        ("", "is not a quantity"),
        ("GeV", "is not a quantity"),
        ("nan", "is not a quantity"),
        ("inf GeV", "is not a quantity"),
        ("1e999 GeV", "'1e999 GeV' is too large"),
        ("9e9999 GeV", "is not a unit"),
        ("1 GeV**999", "is not a unit"),
        ("1 " + "GeV*" * 100 + "GeV", "is not a quantity"),
        ("1" * 101, "is not a quantity"),
        ("1 \x1b[31mGeV", r"\\x1b"),
        (math.nan, "'nan' is not a quantity"),
        (math.inf, "'inf' is not a quantity"),
        (True, "'True' is not a quantity"),
    ],
)
def test_what_is_no_quantity_is_refused_with_its_text(text, said):
    if said is None:
        assert parse_quantity(text) == Quantity(Fraction("7.6"))
        return
    with pytest.raises(UnitError, match=said):
        parse_quantity(text)


def test_a_number_too_large_for_a_double_in_its_unit_is_refused():
    with pytest.raises(UnitError, match=r"too large in time \[ps\]"):
        parse_quantity("1e300 s").to(Unit.of("ps"))


@quick
@given(
    st.text(max_size=60) | st.from_regex(r"[0-9.eE+-]{1,8} ?[A-Za-z*/^0-9-]{0,12}", fullmatch=True)
)
def test_any_text_is_a_quantity_or_refused(text):
    try:
        quantity = parse_quantity(text)
    except Na64Error as refusal:
        message = str(refusal)
    else:
        message = str(quantity)
        assert math.isfinite(float(quantity.value))
    assert message
    assert "\x1b" not in message


def test_a_bare_number_is_in_the_unit_that_is_asked_for():
    assert number_in("GeV", "16.7 MeV") == number_in("GeV", "0.0167") == 0.0167
    with pytest.raises(UnitError, match="does not fit energy"):
        number_in("GeV", "3 mm")
