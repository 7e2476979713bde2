"""Readers: any entries, from pieces of any sizes, each piece decoded once and only if wanted."""

from itertools import pairwise
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana.events import open_file
from na64ana.events.local import LocalSource
from na64ana.events.readers import (
    Lists,
    PieceReader,
    WholeReader,
    from_awkward,
    pieces_of,
    to_awkward,
)

quick = settings(max_examples=150, derandomize=True, deadline=None, database=None)


DATA = Path(__file__).parents[1] / "data"
#: bytes of pieces in a file; nothing is fetched from it
PLACES = [(100 * n, 100 * n + 60) for n in range(10)]


def lists_of(counts):
    """Lists of these lengths; numbers count from 0 over all of them."""
    counts = np.asarray(counts, dtype=np.int64)
    return Lists(counts, np.arange(counts.sum()) / 4)


def entries_of(kind, size):
    """Entries that differ from one another, in one of the forms a piece may have."""
    number = np.arange(size)
    return {
        "numbers": number.astype(">i4"),
        "cells": 100.0 * number[:, None, None] + np.arange(6).reshape(2, 3),
        "lists": lists_of(number * 7 % 4),
        "words": ak.Array([f"entry {n}" for n in number]) if size else ak.Array([""])[:0],
    }[kind]


def part_of(entries, start, stop):
    """Some entries that follow one another; for lists not by `Lists.take`, which is tested."""
    if not isinstance(entries, Lists):
        return entries[start:stop]
    ends = np.cumsum([0, *entries.counts])
    return Lists(entries.counts[start:stop], entries.values[ends[start] : ends[stop]])


def same(pieces, expected):
    """Compare pieces with an awkward array of all entries."""
    pieces = list(pieces)
    found = to_awkward(pieces) if pieces else expected[:0]
    assert found.to_list() == expected.to_list()


@st.composite
def stored(draw):
    """First entries of pieces, some of them empty, and which entries are wanted, in chunks."""
    sizes = draw(st.lists(st.integers(0, 7), min_size=1, max_size=8))
    starts = np.cumsum([0, *sizes])
    wanted = np.array([draw(st.booleans()) for _ in range(starts[-1])], dtype=bool)
    rows = np.flatnonzero(wanted)
    cuts = draw(st.lists(st.integers(0, len(rows)), max_size=4).map(sorted))
    return starts, np.split(rows, cuts)


@quick
@given(stored(), st.sampled_from(["numbers", "cells", "lists", "words"]))
def test_any_entries_from_pieces_of_any_sizes(case, kind):
    starts, chunks = case
    entries = entries_of(kind, starts[-1])
    everything = to_awkward([entries])
    decoded = []

    def decode(number):
        decoded.append(number)
        return part_of(entries, *starts[number : number + 2])

    reader = PieceReader(starts, PLACES, decode)
    for rows in chunks:
        same(reader.take(rows), everything[rows])
    rows = np.concatenate(chunks)
    wanted = [
        n for n, (a, b) in enumerate(pairwise(starts))
        if np.any((a <= rows) & (rows < b))
    ]  # fmt: skip
    # in order, each once, and none in which nothing was wanted
    assert decoded == wanted


@quick
@given(stored())
def test_the_pieces_of_entries_make_them_up(case):
    starts, chunks = case
    for rows in chunks:
        found = list(pieces_of(starts, rows))
        assert [n + starts[i] for i, inside in found for n in inside] == rows.tolist()
        assert all(len(inside) for _, inside in found)
        numbers = [i for i, _ in found]
        assert numbers == sorted(set(numbers))
        assert all(inside[-1] < starts[i + 1] - starts[i] for i, inside in found)


def test_pieces_of_a_chunk_are_kept_and_others_dropped():
    """Memory is that of a few pieces; a chunk may ask for its entries more than once."""
    starts = np.arange(0, 101, 10)
    decoded = []

    def decode(number):
        decoded.append(number)
        return np.arange(starts[number], starts[number + 1])

    reader = PieceReader(starts, PLACES, decode)
    for start in range(0, 100, 5):
        rows = np.arange(start, start + 5)
        for wanted in (rows[1:3], rows, rows[::2]):
            assert to_awkward(reader.take(wanted)).to_list() == wanted.tolist()
        assert len(reader.kept) == 1
    assert decoded == list(range(10))
    assert to_awkward(reader.take(np.array([3]))).to_list() == [3]
    assert decoded[10:] == [0]
    assert set(reader.kept) == {0}


def test_a_piece_that_cannot_be_decoded_is_tried_again():
    """What fails once, such as a server that is away, leaves nothing behind."""
    answers = [OSError("away"), np.arange(4)]

    def decode(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    reader = PieceReader(np.array([0, 4]), PLACES, decode)
    with pytest.raises(OSError, match="away"):
        list(reader.take(np.array([1])))
    assert to_awkward(reader.take(np.array([1]))).to_list() == [1]


@quick
@given(stored(), st.integers(0, 1000))
def test_a_range_that_is_read_as_a_whole_is_read_once(case, start):
    starts, chunks = case
    calls = []

    def read():
        calls.append(1)
        return ak.Array(np.arange(starts[-1]) / 8)

    reader = WholeReader(start, read)
    for rows in chunks:
        same(reader.take(rows + start), ak.Array(rows / 8))
    assert len(calls) == 1


@quick
@given(st.lists(st.integers(0, 4), max_size=12), st.data())
def test_lists_are_taken_as_awkward_takes_them(counts, data):
    lists = lists_of(counts)
    rows = np.array(
        sorted(data.draw(st.sets(st.sampled_from(range(len(counts)))))) if counts else [],
        dtype=np.int64,
    )
    assert len(lists) == len(counts)
    taken = lists.take(rows)
    expected = to_awkward([lists])[rows]
    assert to_awkward([taken]).to_list() == expected.to_list()
    assert len(taken.values) == taken.counts.sum()


def test_forms_of_awkward_arrays():
    """Numbers of one shape become numpy, lists of numbers become lists, others stay."""
    numbers = from_awkward(ak.Array(np.ones((3, 2))))
    assert isinstance(numbers, np.ndarray)
    assert numbers.shape == (3, 2)
    lists = from_awkward(ak.Array([[1, 2], [], [3]]))
    assert isinstance(lists, Lists)
    assert lists.counts.tolist() == [2, 0, 1]
    for other in (ak.Array(["a", "b"]), ak.Array([[[1], []]]), ak.Array([{"x": 1}])):
        assert from_awkward(other) is other


def test_entries_become_awkward_in_the_byte_order_of_the_machine():
    big = np.arange(3, dtype=">f8")
    mixed = [Lists(np.array([1, 2]), big), Lists(np.array([0]), np.zeros(0))]
    assert to_awkward(mixed).to_list() == [[0.0], [1.0, 2.0], []]
    assert to_awkward([big]).to_list() == [0.0, 1.0, 2.0]


# ------------------------------------------------------------------ where it lies in the file


def test_pieces_are_fetched_where_they_are_said_to_be():
    reader = PieceReader(np.array([0, 4, 4, 9, 12]), PLACES, lambda n: np.arange([4, 0, 5, 3][n]))
    assert reader.lists(0, 12) == []
    assert reader.contents(2, 5) == [PLACES[0], PLACES[2]]
    assert reader.contents(4, 4) == []
    list(reader.take(np.array([1])))
    assert reader.contents(0, 12) == [PLACES[2], PLACES[3]]  # what is kept is not fetched again


@pytest.mark.parametrize(
    ("name", "tree", "branches"),
    [
        ("tout_small.root", "tout", ["runN", "ECAL_ene", "ST11x"]),
        ("pages.root", "split", ["i1", "f8", "same", "five", "hits", "some", "none"]),
        ("pages.root", "plain", ["i1", "f8", "same", "five", "hits", "some", "none"]),
    ],
    ids=["TTree", "split", "plain"],
)
@pytest.mark.parametrize("bounds", [(0, 90), (17, 18), (30, 50), (45, 88)])
def test_what_is_fetched_before_is_what_is_read(monkeypatch, name, tree, branches, bounds):
    """A server is asked at once for what the entries of a range need: for that, and no more."""
    read = []
    chunk = LocalSource.chunk

    def noted(self, start, stop):
        read.append((start, stop))
        return chunk(self, start, stop)

    with open_file(DATA / name) as file:
        for branch in branches:
            reader = file.reader(tree, branch, 0, file.trees[tree].entries)
            monkeypatch.setattr(LocalSource, "chunk", noted)
            read.clear()
            lists = set(reader.lists(*bounds))
            assert not read
            contents = reader.contents(*bounds)
            assert set(read) <= lists
            list(reader.take(np.arange(*bounds)))
            assert set(read) == lists | set(contents), branch
            monkeypatch.setattr(LocalSource, "chunk", chunk)
