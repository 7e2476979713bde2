"""Spill tables: exact exposures, shares of a total, and mistakes with their lines."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import uproot
from hypothesis import given
from hypothesis import strategies as st

from na64ana.datasets import apportion, read_bad_spills, read_spill_table
from na64ana.datasets.ranges import LARGEST, MAX_SPILLS, format_ranges, parse_ranges
from na64ana.errors import DatasetError, Na64Error

totals = st.integers(0, 10**13)
spills = st.sets(st.integers(0, 10**6), min_size=1, max_size=50)
weighted = st.dictionaries(
    st.integers(0, 1000), st.integers(0, 10**6), min_size=1, max_size=30
).filter(lambda weights: any(weights.values()))


@pytest.fixture
def table(tmp_path):
    def write(text, name="spills.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


# ----------------------------------------------------------------------- shares of a total


def test_what_is_left_goes_to_the_lower_numbers():
    assert apportion(11, [7, 3, 5]) == {3: 4, 5: 4, 7: 3}


def test_weights_share_by_largest_remainder():
    # exact parts 2.5, 1.25, 1.25: one is left over, for the largest remainder
    assert apportion(5, [1, 2, 3], {1: 2, 2: 1, 3: 1}) == {1: 3, 2: 1, 3: 1}


@given(totals, spills)
def test_equal_shares_add_up_and_differ_by_at_most_one(total, numbers):
    shares = apportion(total, numbers)
    assert shares.keys() == numbers
    assert sum(shares.values()) == total
    assert max(shares.values()) - min(shares.values()) <= 1


@given(totals, weighted)
def test_weighted_shares_add_up_and_are_within_one_of_their_part(total, weights):
    shares = apportion(total, weights, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    for number, share in shares.items():
        assert abs(share - Fraction(total * weights[number], whole)) < 1


@given(totals, weighted)
def test_a_larger_weight_never_has_a_smaller_share(total, weights):
    shares = apportion(total, weights, weights)
    ordered = [shares[number] for number in sorted(weights, key=lambda n: (weights[n], -n))]
    assert ordered == sorted(ordered)


@given(totals, st.integers(0, 1000), spills)
def test_equal_shares_never_fall_as_the_total_grows(total, more, numbers):
    before, after = apportion(total, numbers), apportion(total + more, numbers)
    assert all(after[n] >= before[n] for n in numbers)


@pytest.mark.parametrize(
    ("total", "numbers", "weights"),
    [(1, [], None), (1, [1, 2], {1: 0, 2: 0}), (-1, [1], None), (3, [1, 2], {1: 2, 2: -1})],
)
def test_nobody_to_share_with(total, numbers, weights):
    with pytest.raises(DatasetError, match="cannot be shared"):
        apportion(total, numbers, weights)


def test_nothing_is_shared_over_nothing():
    assert apportion(0, []) == {}
    assert apportion(0, [1, 2], {1: 0, 2: 0}) == {1: 0, 2: 0}


# ----------------------------------------------------------------------- ranges


@given(st.sets(st.integers(0, 300)))
def test_ranges_are_read_as_they_are_written(numbers):
    parts = format_ranges(numbers)
    if numbers:
        assert parse_ranges(list(parts)) == numbers
        assert parse_ranges(", ".join(parts)) == numbers
    ends = [int(end) for part in parts for end in part.split("-")]
    assert ends == sorted(ends)
    # as few parts as can be: between two of them a number is missing
    assert len(parts) == sum(n - 1 not in numbers for n in numbers)


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (12, {12}),
        ("1-3", {1, 2, 3}),
        ("1 - 3,7", {1, 2, 3, 7}),
        (["1-2", 9], {1, 2, 9}),
        ("4-4", {4}),
    ],
)
def test_ways_to_write_ranges(value, numbers):
    assert parse_ranges(value) == numbers


@pytest.mark.parametrize(
    ("value", "culprit"),
    [
        ("1-10-12", "'1-10-12' is neither a number nor a range"),
        ("1..10", "'1..10' is neither"),
        ("-3", "'-3' is neither"),
        ("", "'' is neither"),
        ("1,,2", "'' is neither"),
        ("٣", "is neither"),
        ([1.5], "'1.5' is neither"),
        ("10-1", "'10-1' runs backwards"),
        ("1-5, 5", "number 5 stands twice"),
        (["1-5", "2-9"], "number 2 stands twice"),
        (f"1-{10**12}", f"over {MAX_SPILLS} spills"),
        (f"1-{MAX_SPILLS + 1}", f"over {MAX_SPILLS} spills"),
        (["1-1500000", "1500001-3000000"], f"over {MAX_SPILLS} spills"),
        (LARGEST + 1, "is too large"),
        ("9" * 5000, "is neither"),
    ],
)
def test_no_range(value, culprit):
    with pytest.raises(DatasetError) as error:
        parse_ranges(value)
    assert culprit in str(error.value)
    assert len(str(error.value)) < 300


# ----------------------------------------------------------------------- tables


def test_exposures_as_they_stand(table):
    path = table(
        "# scalers of 2023\nrun,spill,exposure\n8747, 1, 5000000\n\n# beam off\n8747,2,0\n"
    )
    assert read_spill_table(path).exposure == {(8747, 1): 5_000_000, (8747, 2): 0}


def test_columns_in_any_order_beside_others(table):
    path = table('date,spill,"run",exposure\n"1 May, late",1,8747,7\n', "x.csv")
    assert read_spill_table(path).exposure == {(8747, 1): 7}


@pytest.mark.parametrize(
    "text", ["\ufeffrun,spill,exposure\r\n1,2,3\r\n", "run,spill,exposure\n1,2,3"]
)
def test_line_ends_and_marks_of_other_systems(table, text):
    assert read_spill_table(table(text)).exposure == {(1, 2): 3}


@pytest.mark.parametrize(
    ("counts", "live_time", "exposure"),
    [
        ("5000000", "0.913", 4_565_000),
        ("5", "0.5", 2),  # 2.5 to even
        ("7", "0.5", 4),  # 3.5 to even
        ("1", "0.5000000000000000000000000001", 1),
        ("1000", "0.0005", 0),
        ("1000", "0.0015", 2),
        ("3000", "0.0015", 4),  # 4.5 to even
        ("9500", "0.035", 332),  # 332.5 to even; in binary arithmetic it is 332.50000000000006
        ("9223372036854775807", "1", LARGEST),
        ("9223372036854775807", "0.9999999999999999999999", LARGEST),
        ("100", "5e-1", 50),
        ("100", "0", 0),
        ("100", ".25", 25),
    ],
)
def test_counts_times_live_time_is_exact(table, counts, live_time, exposure):
    path = table(f"run,spill,counts,live_time\n1,1,{counts},{live_time}\n")
    assert read_spill_table(path).exposure == {(1, 1): exposure}


def test_a_list_of_spills_has_weights(table):
    assert read_spill_table(table("run,spill\n1,1\n1,2\n")).weights == {(1, 1): 1, (1, 2): 1}
    listed = read_spill_table(table("run,spill,weight\n1,1,10\n1,2,30\n"))
    assert listed.weights == {(1, 1): 10, (1, 2): 30}
    assert listed.exposure == {}


GOOD = "run,spill,exposure\n"

WRONG = {
    "no column": ("run,spil,exposure\n1,1,1\n", "line 1: no column 'spill' (columns: run, spil, exposure); did you mean 'spil'"),
    "misspelt exposure": ("run,spill,exposre\n1,1,1\n", "line 1: no column 'exposure'; did you mean 'exposre'"),
    "counts alone": ("run,spill,counts,livetime\n1,1,1,1\n", "column 'counts' without 'live_time'; did you mean 'livetime'"),
    "live time alone": ("run,spill,live_time\n1,1,1\n", "column 'live_time' without 'counts'"),
    "two ways": ("run,spill,exposure,counts,live_time\n1,1,1,1,1\n", "columns exposure and counts: only one"),
    "a column twice": ("run,spill,spill,exposure\n1,1,1,1\n", "line 1: two columns are called 'spill'"),
    "fraction": (GOOD + "1,1,1.5\n", "line 2: exposure must be a whole number from 0 on, not '1.5'"),
    "float": (GOOD + "1,1,5\n1,2,1e6\n", "line 3: exposure must be a whole number from 0 on, not '1e6'"),
    "negative": (GOOD + "# text\n1,1,-5\n", "line 3: exposure must be a whole number from 0 on, not '-5'"),
    "no number": (GOOD + "1,1,\n", "line 2: exposure must be a whole number from 0 on, not ''"),
    "run": (GOOD + "run1,1,5\n", "line 2: run must be a whole number from 0 on, not 'run1'"),
    "too large": (GOOD + f"1,1,{LARGEST + 1}\n", f"line 2: exposure must be a whole number from 0 on, not '{LARGEST + 1}'"),
    "other digits": (GOOD + "1,1,٣\n", "line 2: exposure must be"),
    "twice": (GOOD + "1,1,5\n1,2,5\n1,1,6\n", "line 4: run 1, spill 1 stands twice (first in line 2)"),
    "too few": (GOOD + "1,1\n", "line 2: 2 values for 3 columns"),
    "too many": (GOOD + "1,1,2,3\n", "line 2: 4 values for 3 columns"),
    "open quote": (GOOD + '1,1,"5\n', "line 2: not CSV"),
    "empty": ("", "an empty table"),
    "comments only": ("# nothing\n", "an empty table"),
    "no rows": (GOOD, "a spill table without a row"),
    "not text": (b"run,spill,exposure\n\xff,1,1\n", "not text in UTF-8"),
    "null byte": (GOOD + "1\0,1,1\n", "line 2: "),
    "escapes": (GOOD + "\x1b[31m1,1,1\n", "line 2: run must be a whole number from 0 on, not '\\x1b[31m1'"),
    "many columns": (",".join(["run", "spill", *map(str, range(2000))]) + "\n", "over 1000 columns"),
    "long cell": (GOOD + f"{'1' * 500_000},1,1\n", "line 2: not CSV (field larger than"),
    "live time over 1": ("run,spill,counts,live_time\n1,1,5,91.3\n", "line 2: live_time is a fraction from 0 to 1, not '91.3'"),
    "live time no number": ("run,spill,counts,live_time\n1,1,5,nan\n", "live_time is a fraction from 0 to 1, not 'nan'"),
    "live time empty": ("run,spill,counts,live_time\n1,1,5,\n", "live_time is a fraction from 0 to 1, not ''"),
    "counts in fractions": ("run,spill,counts,live_time\n1,1,5.5,1\n", "line 2: counts must be a whole number"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_tables(table, case):
    text, culprit = WRONG[case]
    with pytest.raises(DatasetError) as error:
        read_spill_table(table(text))
    message = str(error.value)
    assert "spills.csv" in message
    assert culprit in message
    assert message.isprintable()
    assert len(message) < 1000


@given(st.binary(max_size=200))
def test_no_bytes_make_another_error(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("raw") / "x.csv"
    path.write_bytes(b"run,spill,exposure\n" + raw)
    try:
        found = read_spill_table(str(path))
    except DatasetError:
        return
    assert found.exposure


def test_a_table_that_is_not_there(tmp_path):
    for name in ("none.csv", "."):
        with pytest.raises(DatasetError, match=r"No such file|Is a directory"):
            read_spill_table(str(tmp_path / name))


def test_tables_are_bounded(table, monkeypatch):
    monkeypatch.setattr("na64ana.datasets.spills.MAX_BYTES", 100)
    with pytest.raises(DatasetError, match="over 100 bytes"):
        read_spill_table(table(GOOD + "1,1,1\n" * 100))
    monkeypatch.undo()
    monkeypatch.setattr("na64ana.datasets.spills.MAX_SPILLS", 2)
    with pytest.raises(DatasetError, match="line 4: over 2 spills"):
        read_spill_table(table(GOOD + "1,1,1\n1,2,1\n1,3,1\n"))


# ----------------------------------------------------------------------- trees


def tree(path, **columns):
    with uproot.recreate(path) as file:
        file.mktree("spills", {name: values.dtype for name, values in columns.items()})
        file["spills"].extend(columns)
    return str(path)


def test_a_tree_says_the_same_as_the_text(tmp_path, table):
    counts = np.array([5_000_001, 4_999_999, 10], dtype="i8")
    live_time = np.array([0.913, 0.1485, 0.25])
    run, spill = np.array([8747, 8747, 8748], dtype="i4"), np.array([1, 2, 1], dtype="i4")
    found = read_spill_table(
        tree(tmp_path / "t.root", run=run, spill=spill, counts=counts, live_time=live_time)
    )
    rows = "".join(
        f"{r},{s},{c},{t}\n" for r, s, c, t in zip(run, spill, counts, live_time, strict=True)
    )
    assert found == read_spill_table(table(f"run,spill,counts,live_time\n{rows}"))
    assert found.exposure[8747, 1] == 4_565_001  # 4565000.913


def test_live_time_in_single_precision_is_the_number_that_was_meant(tmp_path):
    one = np.array([1], dtype="i4")
    counts, live_time = np.array([10**9], dtype="f8"), np.array([0.9], dtype="f4")
    found = read_spill_table(
        tree(tmp_path / "t.root", run=one, spill=one, counts=counts, live_time=live_time)
    )
    assert found.exposure == {(1, 1): 900_000_000}


@pytest.mark.parametrize(
    ("columns", "culprit"),
    [
        ({"exposure": [1.5]}, "entry 0: exposure must be a whole number from 0 on, not '1.5'"),
        ({"exposure": [np.nan]}, "entry 0: exposure must be a whole number from 0 on, not 'nan'"),
        ({"exposure": [-1]}, "entry 0: exposure must be a whole number from 0 on, not '-1'"),
        ({"exposure": [2.0**60]}, "entry 0: exposure must be"),
        ({"expo": [1]}, "no column 'exposure'; did you mean 'expo'"),
        ({"exposure": [[1, 2]]}, "branch 'exposure': one number a row is needed"),
    ],
)
def test_wrong_trees(tmp_path, columns, culprit):
    one = np.array([1], dtype="i4")
    with uproot.recreate(tmp_path / "t.root") as file:
        arrays = {"run": one, "spill": one, **{k: np.array(v) for k, v in columns.items()}}
        file["spills"] = arrays
    with pytest.raises(Na64Error) as error:
        read_spill_table(str(tmp_path / "t.root"))
    assert "t.root, tree 'spills'" in str(error.value)
    assert culprit in str(error.value)


def test_of_several_trees_one_is_named(tmp_path):
    one = np.array([1], dtype="i4")
    path = tmp_path / "t.root"
    with uproot.recreate(path) as file:
        file["first"] = {"run": one, "spill": one, "exposure": one}
        file["second"] = {"run": one, "spill": one, "exposure": one * 2}
    with pytest.raises(DatasetError, match=r"name the tree .*trees: first, second"):
        read_spill_table(str(path))
    assert read_spill_table(str(path), "second").exposure == {(1, 1): 2}
    with pytest.raises(Na64Error, match=r"no tree 'secnd'.*did you mean 'second'"):
        read_spill_table(str(path), "secnd")


# ----------------------------------------------------------------------- bad spills


def test_bad_spill_lists(table):
    path = table(
        "run,spill,first,last,exposure,reason\n8747,3,,,,magnet off\n8747,4,10,20,1234,# DAQ\n"
    )
    (_, whole), (where, part) = read_bad_spills(path)
    assert (whole.run, whole.spill, whole.reason, whole.events) == (8747, 3, "magnet off", None)
    assert (part.events, part.exposure, part.reason) == ((10, 20), 1234, "# DAQ")
    assert where.endswith("line 3")


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("run,spill\n1,1\n", "line 1: no column 'reason'"),
        ("run,spill,reason\n1,1,\n", "line 2: the reason is empty"),
        ("run,spill,first,last,reason\n1,1,5,,x\n", "line 2: give both first and last"),
        ("run,spill,reason\n1,x,y\n", "line 2: spill must be a whole number"),
        (
            "run,spill,first,last,exposure,reason\n1,1,1,5,1.5,x\n",
            "line 2: exposure must be a whole number",
        ),
    ],
)
def test_wrong_bad_spill_lists(table, text, culprit):
    with pytest.raises(DatasetError) as error:
        read_bad_spills(table(text))
    assert culprit in str(error.value)
