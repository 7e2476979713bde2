"""Assembling: only whole files get in, in any order, and a shared spill with all of its files."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from na64ana.cutflow import InputFile
from na64ana.cutflow.assembly import SHARED_SPILL, Assembly, Part, suspects
from na64ana.cutflow.spills import SpillCount
from na64ana.errors import InputError, RecordError
from na64ana.evaluate import evaluate

#: ranges of two files of 20 entries; entries 15 to 20 of a and 0 to 5 of b are of one spill
RANGES = [("a", 0, 10), ("a", 10, 20), ("b", 0, 10), ("b", 10, 20)]
SHARED = Part(("a", "b"), (9001, 7))


@pytest.fixture
def part(columns, bound):
    def make(name: str, start: int, stop: int) -> Assembly:
        """Entries of file b are those from 20 on of the small file."""
        first = 0 if name == "a" else 20
        file = InputFile(name, f"u-{name}", 20, ((start, stop),))
        shared = np.zeros(stop - start, dtype=bool)
        entries = np.arange(start, stop)
        shared |= (entries >= 15) if name == "a" else (entries < 5)
        rows = {key: array[first + start : first + stop] for key, array in columns.items()}
        records = {}
        for which, chosen in ((Part((name,)), ~shared), (SHARED, shared)):
            if chosen.any():
                records[which] = evaluate({k: v[chosen] for k, v in rows.items()}, bound)
        return Assembly.of(file, records)

    return make


@pytest.fixture
def counted(columns, bound):
    def count(*ranges: tuple[int, int]) -> Any:
        rows = np.concatenate([np.arange(start, stop) for start, stop in ranges])
        return evaluate({name: array[rows] for name, array in columns.items()}, bound)

    return count


@pytest.fixture
def empty(columns, bound):
    return evaluate({name: array[:0] for name, array in columns.items()}, bound)


def test_any_order_and_any_tree_give_the_same(part, counted, empty):
    parts = [part(*place) for place in RANGES]
    expected = counted((0, 40))
    for a, b, c, d in itertools.permutations(parts):
        for total in (((a + b) + c) + d, (a + b) + (c + d), a + (b + (c + d))):
            assert not total.parts
            assert not total.incomplete
            assert replace(total.close(empty), inputs=()) == expected


@pytest.mark.parametrize("missing", range(4))
def test_a_file_that_is_not_whole_stays_out_with_its_shared_spill(part, counted, empty, missing):
    parts = [part(*place) for i, place in enumerate(RANGES) if i != missing]
    total = sum(parts[1:], parts[0])
    name = RANGES[missing][0]
    assert total.incomplete == {name: "only 10 of 20 entries were read"}
    rest = counted((25, 40)) if name == "a" else counted((0, 15))
    assert replace(total.close(empty), inputs=()) == rest


@pytest.mark.parametrize("first", [True, False])
def test_a_lost_file_is_lost_whatever_comes_before_or_after(part, counted, empty, first):
    whole = part("b", 0, 10) + part("b", 10, 20)
    broken = part("a", 0, 10)
    lost = Assembly(lost={"a": "unreadable"})
    total = lost + broken + whole if first else whole + broken + lost
    assert total.incomplete == {"a": "unreadable"}
    assert replace(total.close(empty), inputs=()) == counted((25, 40))


def test_an_entry_twice_is_refused(part):
    with pytest.raises(RecordError, match=r"entries 5 to 10 are in both"):
        part("a", 0, 10) + part("a", 5, 20)


def test_pickles_add_up_alike(part, counted, empty):
    parts = [pickle.loads(pickle.dumps(part(*place))) for place in RANGES]  # noqa: S301 - our own
    assert replace(sum(parts[1:], parts[0]).close(empty), inputs=()) == counted((0, 40))


def test_two_paths_of_one_file_and_two_kinds_are_refused(empty):
    one, other = (InputFile(name, "u", 0, ()) for name in ("a", "b"))
    same = Assembly(seen={"a": one, "b": other})
    with pytest.raises(InputError, match=r"a and b are the same file \(UUID u\)"):
        same.close(empty)
    kinds = Assembly(seen={"a": one, "b": replace(other, uuid="v", kind="pseudo-data")})
    with pytest.raises(InputError, match=r"count them apart"):
        kinds.close(empty)


def test_a_shared_spill_that_is_dropped_is_left_out_by_its_events(part, empty):
    spill = SpillCount(9001, 7, 1, 9, 5, 0)
    total = part("a", 0, 10) + part("a", 10, 20)
    seen = {"a": replace(total.seen["a"], spills=(spill, SpillCount(9001, 8, 1, 9, 6, 0)))}
    (file,) = replace(total, seen=seen).close(empty).inputs
    assert [count.spill for count in file.spills] == [8]
    assert file.left_out == {SHARED_SPILL: 5}


@pytest.mark.parametrize(
    ("first", "second", "kind", "found"),
    [
        ((1, 5), (6, 9), "data", set()),
        ((1, 6), (6, 9), "data", {"a", "b"}),
        ((1, 9), (3, 4), "pseudo-data", {"a", "b"}),
        ((1, 9), (3, 4), "simulation", set()),
        ((-1, -1), (-1, -1), "data", set()),
    ],
)
def test_spills_are_suspect_where_event_numbers_overlap(first, second, kind, found):
    seen = {
        name: InputFile(
            name, name, 9, ((0, 9),), kind=kind, spills=(SpillCount(1, 1, span[0], span[1], 4, 0),)
        )
        for name, span in (("a", first), ("b", second))
    }
    assert set(suspects(Assembly(seen=seen))) == found
