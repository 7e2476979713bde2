"""Decompression: all libraries give the same bytes, damage is refused, the fastest is really used."""

import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import uproot

from na64ana.events import decompress as module
from na64ana.events import open_file
from na64ana.events.decompress import decompress, inflate, zlib_library
from na64ana.events.keys import BLOCK, Damaged

DATA = Path(__file__).parents[1] / "data"
LIBRARIES = dict(module._LIBRARIES)
ALGORITHMS = {
    b"ZL": uproot.ZLIB(1), b"L4": uproot.LZ4(1), b"ZS": uproot.ZSTD(1), b"XZ": uproot.LZMA(1),
}  # fmt: skip
#: compressible, and no two parts alike
PLAIN = np.arange(5000, dtype="<i8").tobytes()


@pytest.fixture(autouse=True)
def forgotten():
    """Let each test choose anew, and the next one too."""
    module._chosen.cache_clear()
    yield
    module._chosen.cache_clear()


@pytest.fixture(params=list(LIBRARIES))
def library(request, monkeypatch):
    """One library alone, as if it were the only one there is."""
    if find_spec(request.param.partition(".")[0]) is None:
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.setattr(module, "_LIBRARIES", ((request.param, LIBRARIES[request.param]),))
    return request.param


def block(algorithm, plain):
    made = uproot.compression.compress(plain, ALGORITHMS[algorithm])
    assert made[:2] == algorithm
    return made


# -------------------------------------------------------------- each library of zlib


def test_every_library_gives_the_same_bytes(library):
    assert zlib_library() == library.partition(".")[0]
    for plain in (PLAIN, b"a", b"\0" * 100_000):
        for level in (1, 9):
            made = inflate(memoryview(zlib.compress(plain, level)), len(plain))
            assert bytes(made) == plain


def test_every_library_refuses_a_damaged_stream(library):
    good = zlib.compress(PLAIN, 1)
    for place in (0, len(good) // 2, len(good) - 1):  # header, data, Adler-32
        bad = bytearray(good)
        bad[place] ^= 0x10
        with pytest.raises(Damaged, match="compressed data"):
            inflate(memoryview(bad), len(PLAIN))
    with pytest.raises(Damaged, match="compressed data"):
        inflate(memoryview(good[:-5]), len(PLAIN))


@pytest.mark.parametrize("size", [len(PLAIN) - 1, len(PLAIN) + 1])
def test_every_library_refuses_another_size(library, size):
    with pytest.raises(Damaged, match="compressed data"):
        inflate(memoryview(zlib.compress(PLAIN, 1)), size)


# -------------------------------------------------------------- which one is used


def test_the_fastest_library_that_is_installed_is_chosen():
    there = [name for name in LIBRARIES if find_spec(name.partition(".")[0]) is not None]
    assert zlib_library() == there[0].partition(".")[0]


def test_a_library_that_cannot_be_imported_is_passed_over(monkeypatch):
    def broken(_):
        raise AssertionError

    monkeypatch.setattr(
        module, "_LIBRARIES", (("no_such_library", broken), ("zlib", LIBRARIES["zlib"]))
    )
    assert zlib_library() == "zlib"
    assert bytes(inflate(zlib.compress(PLAIN), len(PLAIN))) == PLAIN


@pytest.mark.parametrize("name", ["tout_small.root", "tout_small_rntuple.root"])
def test_a_real_read_uses_the_chosen_library_for_all_of_its_bytes(monkeypatch, name):
    """Of the libraries, the first alone sees the baskets and pages, each once."""
    used = []

    def watched(label, bind):
        def bound(imported):
            function = bind(imported)

            def call(data, size):
                used.append((label, size))
                return function(data, size)

            return call

        return bound

    libraries = tuple((label, watched(label, bind)) for label, bind in LIBRARIES.items())
    monkeypatch.setattr(module, "_LIBRARIES", libraries)
    with open_file(DATA / name) as file:
        read = file.read("tout", "ECAL_ene", 0, 303)
    assert {label.partition(".")[0] for label, _ in used} == {zlib_library()}
    cells = 303 * 60 * 8  # numbers of ECAL_ene in double precision
    assert np.asarray(read).shape == (303, 60)
    # on top: a header of 10 bytes and an offset of 4 in each entry of a TTree, of 8 in an RNTuple
    assert cells <= sum(size for _, size in used) <= cells + 303 * 16


# -------------------------------------------------------------- blocks


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_of_root_is_decompressed(algorithm):
    assert bytes(decompress(memoryview(block(algorithm, PLAIN)), len(PLAIN))) == PLAIN


def test_several_blocks_of_any_algorithms_follow_one_another():
    parts = {algorithm: bytes([i]) * (100 + i) for i, algorithm in enumerate(ALGORITHMS)}
    data = b"".join(block(algorithm, part) for algorithm, part in parts.items())
    plain = b"".join(parts.values())
    assert bytes(decompress(memoryview(data), len(plain))) == plain


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_damaged_block_is_refused_or_the_same(algorithm):
    """No bit changes the bytes, but where ROOT writes no checksum: in ZSTD it does not."""
    good = block(algorithm, PLAIN[:800])
    refused = 0
    for place in range(BLOCK, len(good)):
        bad = bytearray(good)
        bad[place] ^= 0x04
        try:
            made = bytes(decompress(memoryview(bad), 800))
        except Damaged as error:
            assert "compressed" in str(error)
            refused += 1
        else:
            assert made == PLAIN[:800] or (algorithm == b"ZS" and len(made) == 800), place
    assert refused > (0 if algorithm == b"ZS" else 0.9 * (len(good) - BLOCK))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_blocks_of_another_size_in_all_are_refused(algorithm):
    with pytest.raises(Damaged, match="hold 5000 bytes, not 5001"):
        decompress(memoryview(block(algorithm, PLAIN[:5000])), 5001)


def test_an_unknown_algorithm_is_refused():
    head = b"??" + bytes([8]) + (4).to_bytes(3, "little") * 2
    with pytest.raises(Damaged, match="no known algorithm"):
        decompress(memoryview(head + b"data"), 4)
