"""Branches of a TTree decoded here give what uproot gives; lengths that do not fit are refused."""

import re
import struct
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st
from uproot.interpretation import library as libraries

from na64ana.errors import InputError
from na64ana.events import open_file
from na64ana.events.baskets import BasketTable, Entries
from na64ana.events.keys import Damaged
from na64ana.events.readers import Lists, PieceReader, WholeReader, to_awkward
from na64ana.events.ttree import entry_decoder, vectors

DATA = Path(__file__).parents[1] / "data"
#: as ROOT stores numbers in a TTree
DTYPES = ["?", "i1", "u1", ">i2", ">u2", ">i4", ">u4", ">i8", ">u8", ">f4", ">f8"]
quick = settings(max_examples=200, derandomize=True, deadline=None, database=None)
#: baskets where all have one length, which is what is read fast, and others
lengths = st.one_of(
    st.lists(st.integers(0, 5), max_size=8),
    st.tuples(st.integers(0, 5), st.integers(0, 8)).map(lambda pair: [pair[0]] * pair[1]),
)


def head_of(length, itemsize):
    """The header of a vector: byte count with its flag, version, length."""
    return struct.pack(">IHI", 0x40000000 | (6 + length * itemsize), 0, length)


def basket_of(counts, dtype, heads=None):
    """Entries as ROOT stores vectors of these lengths, and the numbers in them."""
    dtype = np.dtype(dtype)
    raw = np.arange(sum(counts) * dtype.itemsize) * 37 % 251
    numbers = (raw % 2 if dtype.kind == "b" else raw).astype(np.uint8).view(dtype)
    key, done = 77, 0
    parts: list[bytes] = []
    offsets: list[int] = []
    for i, count in enumerate(counts):
        offsets.append(key + sum(len(part) for part in parts))
        parts.append(head_of((heads or counts)[i], dtype.itemsize))
        parts.append(numbers[done : done + count].tobytes())
        done += count
    tail = np.array([len(counts) + 1, *offsets, 0], dtype=">i4").view(np.uint8)
    data = np.frombuffer(b"".join(parts), dtype=np.uint8)
    return Entries(data, tail, key, len(counts)), numbers


@quick
@given(lengths, st.sampled_from(DTYPES))
def test_vectors_are_what_uproot_makes_of_them(counts, dtype):
    entries, numbers = basket_of(counts, dtype)
    found = vectors(entries, np.dtype(dtype))
    interpretation = uproot.AsJagged(uproot.AsDtype(np.dtype(dtype)), header_bytes=10)
    theirs = interpretation.basket_array(
        entries.data, entries.offsets(), None, None, {}, 0, libraries.NumPy(),
        {},
    )  # fmt: skip
    sizes = [len(entry) for entry in found] if isinstance(found, np.ndarray) else found.counts
    values = found.reshape(-1) if isinstance(found, np.ndarray) else found.values
    assert list(sizes) == counts == np.diff(theirs.offsets).tolist()
    assert values.tobytes() == numbers.tobytes()
    assert values.astype(theirs.content.dtype).tobytes() == theirs.content.tobytes()


@quick
@given(st.integers(0, 5), st.integers(1, 8), st.sampled_from(DTYPES))
def test_vectors_of_one_length_are_a_view(length, number, dtype):
    """Nothing is copied: that is what makes them fast."""
    entries, _ = basket_of([length] * number, dtype)
    found = vectors(entries, np.dtype(dtype))
    assert isinstance(found, np.ndarray)
    assert found.shape == (number, length)
    assert not length or np.shares_memory(found, entries.data)


def test_a_jagged_basket_whose_size_divides_evenly_is_no_array():
    """Two entries of 1 and 3 numbers fill as many bytes as two of 2."""
    entries, numbers = basket_of([1, 3], ">f8")
    found = vectors(entries, np.dtype(">f8"))
    assert isinstance(found, Lists)
    assert found.counts.tolist() == [1, 3]
    assert found.values.tolist() == numbers.tolist()


@quick
@given(lengths.filter(bool), st.sampled_from(DTYPES), st.data())
def test_a_length_that_is_not_that_of_its_entry_is_refused(counts, dtype, data):
    wrong = data.draw(st.integers(0, len(counts) - 1))
    other = data.draw(st.integers(0, 2**26).filter(lambda n: n != counts[wrong]))
    heads = [*counts[:wrong], other, *counts[wrong + 1 :]]
    entries, _ = basket_of(counts, dtype, heads)
    with pytest.raises(Damaged, match="length of a vector"):
        vectors(entries, np.dtype(dtype))


def moved(entries, offsets):
    tail = np.array([0, *offsets, 0], dtype=">i4").view(np.uint8)
    return Entries(entries.data, tail, entries.key, entries.number)


@pytest.mark.parametrize(
    ("offsets", "words"),
    [
        ([78, 95, 121], "do not follow"),  # the first does not begin at the key
        ([77, 70, 121], "do not follow"),
        ([77, 95, 1000], "do not follow"),
        ([77, 80, 121], "too short for a vector"),
        ([77, 96, 121], "length of a vector"),
    ],
)
def test_offsets_that_do_not_fit_are_refused(offsets, words):
    entries, _ = basket_of([2, 4, 1], ">f4")
    assert len(vectors(moved(entries, [77, 95, 121]), np.dtype(">f4"))) == 3
    with pytest.raises(Damaged, match=words):
        vectors(moved(entries, offsets), np.dtype(">f4"))


def test_fewer_offsets_than_entries_are_refused():
    entries, _ = basket_of([2, 4, 1], ">f4")
    short = Entries(entries.data, entries.tail[:8], entries.key, 3)
    with pytest.raises(Damaged, match="do not follow"):
        vectors(short, np.dtype(">f4"))


# ------------------------------------------------------------------ whole files

#: what of reading.root is decoded here: numbers, arrays of fixed shape and vectors of numbers
HERE = {
    "i4", "flag", "f4", "f8", "u8", "i8", "grid", "n", "vector_float", "vector_int",
    "vector_empty", "header/number_", "header/weight_", "header/real_", "header/times_",
    "beam./beam.number_", "beam./beam.weight_", "beam./beam.real_", "beam./beam.times_",
}  # fmt: skip


def test_what_is_decoded_here_and_what_by_uproot():
    with open_file(DATA / "reading.root") as file:
        readable = [b.path for b in file.branches("events") if not b.problem and not b.group]
        readers = {path: file.reader("events", path, 0, 20) for path in readable}
    assert {path for path, reader in readers.items() if isinstance(reader, PieceReader)} == HERE
    others = {path for path, reader in readers.items() if isinstance(reader, WholeReader)}
    assert {"y", "label", "vector_vector", "hits/hits.x"} <= others


def same(ours, theirs):
    """Compare numbers and lengths; lists that happen to be of one length are an array for us."""
    both = [ak.from_regular(array, axis=None) for array in (ours, theirs)]
    return ak.array_equal(*both, equal_nan=True, check_parameters=False)


ROWS = [
    [], [0], [19], [5, 6], [0, 1, 2, 3, 4, 5], [2, 5, 8, 11, 14, 17], list(range(20)),
]  # fmt: skip


@pytest.mark.parametrize("branch", sorted(HERE | {"y", "label", "vector_vector", "hits/hits.x"}))
def test_every_kind_of_branch_is_what_uproot_reads(branch):
    with uproot.open(DATA / "reading.root") as root:
        theirs = root["events"][branch].array(library="ak")
    with open_file(DATA / "reading.root") as file:
        for rows in map(np.array, ROWS):
            rows = rows.astype(np.int64)  # an empty list has no type of its own
            pieces = list(file.reader("events", branch, 0, 20).take(rows))
            ours = to_awkward(pieces) if pieces else theirs[:0]
            assert same(ours, theirs[rows])


def test_a_real_ntuple_is_what_uproot_reads():
    """Baskets that do not end together, of scalars, and of vectors of one length and of several."""
    rng = np.random.default_rng(1)
    with uproot.open(DATA / "tout_small.root") as root, open_file(DATA / "tout_small.root") as file:
        for branch in root["tout"].branches:
            theirs = branch.array(library="ak")
            reader = file.reader("tout", branch.name, 0, 303)
            assert isinstance(reader, PieceReader)
            for share in (0.02, 0.5, 1):
                rows = np.flatnonzero(rng.random(303) < share)
                assert same(to_awkward(reader.take(rows)), theirs[rows])


def written(path, **arrays):
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        tree = file.mktree("t", {n: (a.dtype, a.shape[1:]) for n, a in arrays.items()})
        tree.extend(arrays)
    return path


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != "?"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 5, 6)])
def test_numbers_of_every_kind_and_shape(tmp_path, dtype, shape):
    numbers = (np.arange(7 * np.prod(shape, dtype=int)) % 100).reshape(7, *shape)
    numbers = numbers.astype(np.dtype(dtype).newbyteorder("="))
    path = written(tmp_path / "n.root", x=numbers)
    with open_file(path) as file:
        reader = file.reader("t", "x", 0, 7)
        assert isinstance(reader, PieceReader)
        (piece,) = reader.take(np.array([1, 4, 6]))
    assert np.asarray(piece).dtype.newbyteorder("=") == numbers.dtype
    np.testing.assert_array_equal(piece, numbers[[1, 4, 6]])


def test_flags(tmp_path):
    path = written(tmp_path / "n.root", x=np.arange(9) % 3 == 0)
    with open_file(path) as file:
        (piece,) = file.reader("t", "x", 0, 9).take(np.arange(2, 9))
    assert np.asarray(piece).tolist() == [n % 3 == 0 for n in range(2, 9)]


def test_entries_that_are_not_of_the_size_of_their_type_are_refused():
    with uproot.open(DATA / "tout_small.root") as root:
        branch = root["tout/masterT"]
        decode = entry_decoder(branch, BasketTable.checked(branch, 303))
    assert decode is not None
    with pytest.raises(Damaged, match="not of the size"):
        decode(Entries(np.zeros(23, np.uint8), np.zeros(0, np.uint8), 77, 3))


def test_a_damaged_length_in_a_file_names_file_branch_and_entries(tmp_path):
    """Of an uncompressed basket, as nothing else protects it."""
    with uproot.open(DATA / "tout_small.root") as root:
        branch = root["tout/ECAL_ene"]
        table = BasketTable.checked(branch, 303)
        start, size = int(table.places[0]), int(table.sizes[0])
        content = bytearray((DATA / "tout_small.root").read_bytes())
        compressed = bytes(content[start : start + size])
    opened = table.open(0, memoryview(compressed))
    raw = bytearray(opened.data)
    raw[6:10] = (59).to_bytes(4, "big")  # the length of the first vector, 60
    bad = Entries(np.frombuffer(raw, np.uint8), opened.tail, opened.key, opened.number)
    path = tmp_path / "a.root"
    path.write_bytes(content)
    with open_file(path) as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(BasketTable, "open", lambda *_: bad)
        words = (
            rf"^{re.escape(str(path))}: tree 'tout', branch 'ECAL_ene', entries 0 to \d+: "
            r"cannot be read: the file is damaged: the length of a vector is not that of its entry"
        )
        with pytest.raises(InputError, match=words):
            file.read("tout", "ECAL_ene", 0, 3)
