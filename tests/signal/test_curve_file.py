"""Files of curves: what a user writes, and what every mistake says."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest
import yaml

from na64ana.errors import SignalError
from na64ana.signal.curves import load_curves

CURVE: dict[str, Any] = {
    "name": "mine", "experiment": "TEST", "model": "dark-photon", "kind": "limit",
    "shape": "upper-limit", "mass": {"of": "m_A'", "unit": "MeV"}, "coupling": {"of": "epsilon"},
    "points": [[1, 1e-5], [10, 1e-4], [100, 1e-3]],
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    """Write a file of one curve with other keys and read it; ``table`` is the text of its points."""

    def made(
        table: str | None = None, *, sources: dict[str, Any] | None = None, **keys: Any
    ) -> Any:
        content = {k: v for k, v in (CURVE | keys).items() if v is not None}
        if table is not None:
            (tmp_path / "table.txt").write_text(table, encoding="utf-8")
            content = {k: v for k, v in content.items() if k != "points"} | {"file": "table.txt"}
        path = tmp_path / "mine.yaml"
        whole = {"curves": [content]} | ({"sources": sources} if sources else {})
        path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))
        return load_curves(path)[0]

    return made


def test_points_in_the_file_itself(load):
    found = load()
    assert found.mass_range == pytest.approx((1e-3, 0.1))
    assert found.limit_at(10**-1.5) == pytest.approx(10**-3.5)
    assert found.label == "TEST"
    assert found.source.licence == ""


@pytest.mark.parametrize(
    "table",
    [
        "1 1e-5\n10 1e-4\n",
        "1,1e-5\n10,1e-4",
        "# a comment\nmass;coupling\n1;1e-5\n10;1e-4\n",
        "m\tepsilon\n1\t1e-5\n10\t1e-4\n\n\n",
        "\ufeffx, y\r\n 1 , 1e-5\r\n 10 , 1e-4\r\n",
    ],
)
def test_a_table_beside_it(load, table):
    found = load(table)
    assert found.masses == pytest.approx([1e-3, 1e-2])
    assert found.couplings == pytest.approx([1e-5, 1e-4])


def test_an_empty_line_leaves_a_gap(load):
    found = load("1 1e-5\n2 1e-5\n\n4 1e-5\n5 1e-5\n")
    assert len(found.pieces) == 2
    assert found.limit_at(0.003) is None
    assert found.limit_at(0.0045) == pytest.approx(1e-5)


def test_columns_are_chosen(load):
    found = load("9 1 1e-5\n9 2 2e-5\n", columns=[2, 3])
    assert found.limit_at(0.002) == pytest.approx(2e-5)


def test_a_band_is_excluded_between_its_edges(load):
    band = [[1, 1e-5, 1e-3], [10, 1e-5, 1e-4], [20, 1e-5, 1e-5]]
    found = load(shape="band", points=band)
    assert found.limit_at(0.001) == pytest.approx(1e-5)
    low, high = found.excluded_at(10**-2.5)[0]
    assert (low, high) == (pytest.approx(1e-5), pytest.approx(10**-3.5))
    assert not found.excludes(0.0005, 1e-4)


def test_guards_may_be_given(load):
    found = load(points=[[1, 2e-5], [2, 1e-5], [3, 1e-5], [4, 1e-5], [5, 3e-5]], guards=[1, [4, 5]])
    assert found.guards.tolist() == [True, False, False, True, True]
    assert found.mass_range == pytest.approx((0.002, 0.003))


def test_an_empty_list_of_guards_means_none(load):
    found = load(points=[[1, 1.0], [1.2, 1e-4], [2, 1e-4]], guards=[])
    assert not found.guards.any()
    assert load(points=[[1, 1.0], [1.2, 1e-4], [2, 1e-4]], guards=None).guards.sum() == 1


def test_a_contour_that_ends_where_it_begins_needs_no_closure(load):
    square = [[1, 1e-5], [10, 1e-5], [10, 1e-4], [1, 1e-4], [1, 1e-5]]
    found = load(shape="contour", points=square)
    assert found.excluded_at(0.005) == [(pytest.approx(1e-5), pytest.approx(1e-4))]


def test_a_coupling_in_other_units(load):
    alp = {"of": "g_agamma", "unit": "1/TeV"}
    assert load(model="alp", coupling=alp).couplings[0] == pytest.approx(1e-8)
    alp = {"of": "g_agamma", "unit": "GeV**-1"}
    assert load(model="alp", coupling=alp).couplings[0] == pytest.approx(1e-5)


def test_a_source_is_found(load):
    found = load(source="us", sources={"us": {"licence": "CC0-1.0"}})
    assert found.source.licence == "CC0-1.0"


def test_a_changed_table_is_refused(load):
    right = hashlib.sha256(b"1 1e-5\n2 1e-5\n").hexdigest()
    assert load("1 1e-5\n2 1e-5\n", sha256=right.upper()).spec.sha256
    with pytest.raises(SignalError, match=r"table.txt: its SHA-256 is not the one"):
        load("1 1e-5\n2 2e-5\n", sha256=right)


MISTAKES = [
    ({"coupling": None, "couplng": {"of": "y"}}, r"line \d+: unknown key 'couplng'; did you mean 'coupling'"),
    ({"mass": None}, r"line 2: 'curves.0' missing key 'mass'|missing key.* 'mass'"),
    ({"kind": "limits"}, r"line 5: 'curves.0.kind' Invalid enum value 'limits'"),
    ({"model": "dark-foton"}, r"line 4: unknown model 'dark-foton'; did you mean 'dark-photon'"),
    ({"coupling": {"of": "g_bl"}}, r"of dark-photon no 'g_bl' is drawn, but epsilon or epsilon2"),
    ({"mass": {"of": "m", "unit": "MEV"}}, r"line 9: unknown unit 'MEV'; did you mean 'MeV'"),
    ({"mass": {"of": "m", "unit": "mm"}}, r"line 9: "),
    ({"coupling": {"of": "epsilon", "unit": "1/GeV"}}, r"line 12: "),
    ({"model": "alp", "coupling": {"of": "g_agamma"}}, r"line 10: a bare number does not fit energy"),
    ({"source": "us"}, r"unknown source 'us'; it must stand under 'sources'"),
    ({"kind": "target"}, r"a target is a line, and only a target is"),
    ({"closure": "frame"}, r"only a contour has a closure"),
    ({"points": None}, r"line 2: a curve needs its points: either 'file' or 'points'"),
    ({"file": "table.txt"}, r"either 'file' or 'points'"),
    ({"points": [[1, 1e-5], [2]]}, r"'points' needs rows of equally many numbers"),
    ({"points": [[1, 1e-5], [2, 0]]}, r"masses and couplings are positive"),
    ({"points": [[1, 1e-5], [-2, 1e-5]]}, r"line \d+: masses and couplings are positive"),
    ({"points": [[1, "1e-5"], [2, "x"]]}, r"line \d+: 'x' is not a number"),
    ({"points": [[1, 1e-5], [2, math.inf]]}, r"line \d+: '(\.?inf)' is not a number"),
    ({"points": [[], []]}, r"'points' needs rows of equally many numbers"),
    ({"points": [[1, 1e-5], [1e308, 1e-5]], "mass": {"of": "m", "unit": "TeV"}}, r"masses and couplings are positive, below 1e.100"),
    ({"points": [[1], [2]]}, r"upper-limit needs 2 columns of .*mine.yaml, which has 1"),
    ({"points": [[1, 2e-5]]}, r"a piece has a single point"),
    ({"points": [[1, 1e-5], [1, 2e-5]]}, r"a piece has a single point"),
    ({"points": [[1, 1e-5], [2, 1e-5], [1.5, 1e-5], [3, 1e-5]]}, r"the mass goes back from 0.002 to 0.0015 GeV.*is this a contour\?"),
    ({"guards": [4]}, r"there are no rows 4 to 4 among the 3"),
    ({"guards": [[3, 2]]}, r"there are no rows 3 to 2 among the 3"),
    ({"guards": [0]}, r"'curves.0.guards.0' Expected `?'?int"),
    ({"shape": "contour"}, r"the contour is open, from .* 'closure: frame'"),
    ({"shape": "contour", "closure": "frame", "points": [[2, 1], [9, 2], [1, 3]]}, r"left of the first"),
    ({"shape": "band"}, r"band needs 3 columns"),
    ({"shape": "band", "points": [[1, 2, 1], [2, 1, 2]]}, r"a band goes up in mass"),
    ({"shape": "band", "points": [[2, 1, 2], [1, 1, 2]]}, r"a band goes up in mass"),
    ({"model": "light-dark-matter", "coupling": {"of": "y"}}, r"y needs the alpha_D and the mass_ratio"),
    ({"cl": 90}, r"'curves.0.cl' Expected `?'?float"),
    ({"name": "Mine!"}, r"'curves.0.name' Expected"),
    ({"columns": [1, 3]}, r"upper-limit needs 2 columns"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes_are_named(load, keys, words):
    with pytest.raises(SignalError, match=words) as error:
        load(**keys)
    assert "mine.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", r"table.txt: no row of numbers"),
        ("# only\na head\n", r"table.txt: no row of numbers"),
        ("1 1e-5\n2 x\n", r"table.txt, line 2: 'x' is not a number"),
        ("1 1e-5\n2 nan\n", r"table.txt, line 2: 'nan' is not a number"),
        ("1 1e-5\n\n2 inf\n", r"table.txt, line 3: 'inf' is not a number"),
        ("1 1e-5\n2 1e-5 3\n", r"table.txt, line 2: 3 numbers, where the rows above have 2"),
        ("a b\nc d\n1 1e-5\n", r"table.txt, line 2: 'c' is not a number"),
        ("1 1e-5\n2 0\n", r"table.txt, line 2: masses and couplings are positive"),
        ("1 1e-5\n2 \x1b[31m\n", r"line 2: '\\x1b\[31m' is not a number"),
    ],
)
def test_mistakes_in_a_table_are_named(load, table, words):
    with pytest.raises(SignalError, match=words):
        load(table)


def test_a_table_that_is_not_there_or_no_text(load, tmp_path):
    with pytest.raises(SignalError, match=r"none.txt: No such file"):
        load(points=None, file="none.txt")
    with pytest.raises(SignalError, match=r"null byte"):
        load(points=None, file="a\0b")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe1 2")
    with pytest.raises(SignalError, match=r"bytes.txt: not text in UTF-8"):
        load(points=None, file="bytes.txt")


def test_a_name_stands_once(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(json.dumps({"curves": [CURVE, CURVE]}))
    with pytest.raises(SignalError, match=r"two.yaml: curve 'mine' stands twice"):
        load_curves(path)


def test_a_file_without_curves_is_refused(tmp_path):
    path = tmp_path / "none.yaml"
    path.write_text("selections: []\n")
    with pytest.raises(SignalError, match=r"none.yaml, line 1: unknown key 'selections'"):
        load_curves(path)


def test_no_value_is_nan(load):
    with pytest.raises(SignalError):
        load(points=[[1, 1e-5], [2, math.nan], [3, 1e-5]])
