"""Fields of an RNTuple decoded here give what uproot gives, and what ROOT was told to write.

`pages.root` has entries that go over the ends of pages, clusters of 40, 40 and 10 entries, and the
same values twice: in `split`, in the encodings of compressed columns, and in `plain`.
"""

from itertools import pairwise
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana.errors import InputError
from na64ana.events import open_file, rntuple
from na64ana.events.readers import Lists, WholeReader, to_awkward
from na64ana.events.rntuple_checksums import stored_page

DATA = Path(__file__).parents[1] / "data"
PAGES = DATA / "pages.root"
ENTRIES = 90
CLUSTERS = [0, 40, 80, 90]
NUMBERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "same")
LISTS = ("five", "three", "hits", "steps", "some", "none")
#: one bit a number, arrays, lists of lists: uproot reads these
OTHERS = ("flag", "array", "nested")


@pytest.fixture(scope="module", params=["split", "plain"])
def tree(request):
    return request.param


@pytest.fixture(scope="module")
def theirs():
    with uproot.open(PAGES) as root:
        return {name: root[name].arrays() for name in ("split", "plain")}


@pytest.fixture(scope="module")
def file():
    with open_file(PAGES) as opened:
        yield opened


def taken(file, tree, field, rows):
    return list(file.reader(tree, field, 0, ENTRIES).take(np.asarray(rows, dtype=np.int64)))


def same(ours, theirs):
    """Compare numbers and lengths; lists that happen to be of one length are an array for us."""
    both = [ak.from_regular(array, axis=None) for array in (ours, theirs)]
    return ak.array_equal(*both, check_parameters=False)


def test_fields_are_decoded_here_or_by_uproot(file, tree):
    for field in (*NUMBERS, *LISTS):
        assert not isinstance(file.reader(tree, field, 0, ENTRIES), WholeReader), field
    for field in OTHERS:
        assert isinstance(file.reader(tree, field, 0, ENTRIES), WholeReader), field


def test_all_encodings_are_in_the_file():
    """So that what follows tries every one of them."""
    with uproot.open(PAGES) as root:
        types = {column.type for name in ("split", "plain") for column in root[name].column_records}
    assert set(rntuple._ENCODINGS) <= types


@pytest.mark.parametrize("field", [*NUMBERS, *LISTS, *OTHERS])
def test_every_entry_is_what_root_was_told_to_write(file, tree, field):
    i = range(ENTRIES)
    expected = {
        "i1": [n - 50 for n in i],
        "u1": [2 * n for n in i],
        "i2": [-300 * n for n in i],
        "u2": [700 * n for n in i],
        "i4": [-1_000_000 * n for n in i],
        "u4": [40_000_000 * n for n in i],
        "i8": [-(2**40) - n for n in i],
        "u8": [2**63 + n for n in i],
        "f4": [n / 4 for n in i],
        "f8": [n + 0.125 for n in i],
        "flag": [n % 3 == 0 for n in i],
        "same": [2.5] * ENTRIES,
        "five": [[10 * n + k for k in range(5)] for n in i],
        "three": [[2**40 * n + k for k in range(3)] for n in i],
        "hits": [[10 * n + k + 0.5 for k in range(n % 4)] for n in i],
        "steps": [[100 * n - k for k in range(n * n % 7)] for n in i],
        "some": [[10 * n + k for k in range(n % 3 if n // 40 == 1 else 2)] for n in i],
        "none": [[] for _ in i],
        "array": [[10 * n + k for k in range(3)] for n in i],
        "nested": [
            [[100 * n + 10 * j + k for k in range((n + j) % 4)] for j in range(n % 3)] for n in i
        ],
    }[field]
    assert to_awkward(taken(file, tree, field, i)).to_list() == expected


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(rows=st.sets(st.integers(0, ENTRIES - 1), min_size=1).map(sorted))
def test_any_entries_are_those_that_uproot_reads(file, theirs, rows):
    for tree, arrays in theirs.items():
        for field in (*NUMBERS, *LISTS):
            assert same(to_awkward(taken(file, tree, field, rows)), arrays[field][rows]), field


@pytest.mark.parametrize("tree", ["split", "plain"])
def test_entries_one_after_the_other(file, theirs, tree):
    """The hardest way: entries that go over the end of a page come alone."""
    for field in (*NUMBERS, *LISTS):
        for n in range(ENTRIES):
            assert same(to_awkward(taken(file, tree, field, [n])), theirs[tree][field][n : n + 1])


def test_no_entries_are_no_pieces(file, tree):
    for field in (*NUMBERS, *LISTS):
        assert taken(file, tree, field, []) == []


def test_lists_of_one_length_in_a_cluster_are_an_array(file, tree):
    pieces = taken(file, tree, "some", range(ENTRIES))
    inside = [piece for piece in pieces if isinstance(piece, Lists)]
    assert [len(piece) for piece in inside] == [40]  # the second cluster
    assert all(piece.shape[1:] == (2,) for piece in pieces if not isinstance(piece, Lists))
    assert not any(isinstance(p, Lists) for p in taken(file, tree, "five", range(ENTRIES)))


def test_the_real_ntuple_is_what_uproot_reads():
    rng = np.random.default_rng(1)
    path = DATA / "tout_small_rntuple.root"
    with uproot.open(path) as root, open_file(path) as opened:
        theirs = root["tout"].arrays()
        for field in theirs.fields:
            reader = opened.reader("tout", field, 0, 303)
            assert not isinstance(reader, WholeReader)
            for share in (0.02, 0.5, 1):
                rows = np.flatnonzero(rng.random(303) < share)
                assert same(to_awkward(reader.take(rows)), theirs[field][rows]), field


@pytest.mark.parametrize("compression", [None, uproot.ZLIB(1), uproot.ZSTD(1)])
def test_what_uproot_writes(tmp_path, compression):
    """It writes no checksums of pages, and one page in each cluster."""
    rng = np.random.default_rng(2)
    counts = [rng.integers(0, 4, 30), np.full(20, 3), np.zeros(5, dtype=int)]
    parts = [
        {
            "x": rng.normal(size=len(n)),
            "n": rng.integers(-9, 9, len(n), dtype=np.int32),
            "hits": ak.unflatten(rng.normal(size=n.sum()).astype(np.float32), n),
        }
        for n in counts
    ]
    path = tmp_path / "a.root"
    with uproot.recreate(path, compression=compression) as made:
        ntuple = made.mkrntuple("t", parts[0])
        for part in parts[1:]:
            ntuple.extend(part)
    with open_file(path) as opened:
        for field in parts[0]:
            whole = ak.concatenate([part[field] for part in parts])
            for rows in (np.arange(55), np.arange(0, 55, 7), np.array([29, 30, 49, 50, 54])):
                reader = opened.reader("t", field, 0, 55)
                assert not isinstance(reader, WholeReader)
                assert same(to_awkward(reader.take(rows)), whole[rows])


# ------------------------------------------------------------------ what is decoded


@pytest.fixture
def decoded(monkeypatch):
    """Pages that are decoded: (column, cluster, page)."""
    pages = []

    def noted(ntuple, cluster, column, page, width):
        pages.append((column, cluster, page))
        return stored_page(ntuple, cluster, column, page, width)

    monkeypatch.setattr(rntuple, "stored_page", noted)
    return pages


def test_pages_are_decoded_once_and_only_those_wanted(tree, decoded):
    """Of 8 bytes there are 16 in a page: in the first cluster entries 0-15, 16-31, 32-39."""
    with open_file(PAGES) as opened:
        reader = opened.reader(tree, "f8", 0, ENTRIES)
        for rows in ([3, 5], [12, 33], [34, 45]):
            list(reader.take(np.array(rows)))
    assert [page[1:] for page in decoded] == [(0, 0), (0, 2), (1, 0)]


@pytest.mark.parametrize("field", ["five", "hits"])
def test_lists_need_the_pages_of_their_numbers_and_all_ends_of_the_cluster(tree, decoded, field):
    with open_file(PAGES) as opened:
        reader = opened.reader(tree, field, 0, ENTRIES)
        for n in (41, 43):  # numbers 5 to 20 of the cluster, or 1 to 6: the first page of 32 or 16
            list(reader.take(np.array([n])))
    ends, numbers = sorted({column for column, _, _ in decoded})
    assert [p for p in decoded if p[0] == ends] == [(ends, 1, 0), (ends, 1, 1), (ends, 1, 2)]
    assert [p for p in decoded if p[0] == numbers] == [(numbers, 1, 0)]


# ------------------------------------------------------------------ damage


def changed_pages(monkeypatch, change):
    def bad(ntuple, cluster, column, page, width):
        return change(stored_page(ntuple, cluster, column, page, width))

    monkeypatch.setattr(rntuple, "stored_page", bad)


@pytest.mark.parametrize(
    ("field", "rows"), [("hits", [3]), ("steps", range(40)), ("some", [45, 60])]
)
def test_ends_that_decrease_are_refused(monkeypatch, field, rows):
    """In `plain` a page of ends is the numbers themselves: turned round they decrease."""
    changed_pages(monkeypatch, lambda page: page.reshape(-1, 8 if field != "hits" else 4)[::-1])
    with open_file(PAGES) as opened:
        words = (
            rf"pages.root: tree 'plain', branch '{field}', entries {rows[0]} to {rows[-1] + 1}: "
            r"cannot be read: the file is damaged: the lists of cluster \d do not follow"
        )
        with pytest.raises(InputError, match=words):
            taken(opened, "plain", field, rows)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("f8", "cluster 0 has not as many numbers as its entries need"),
        ("five", "cluster 0 has not as many"),
        ("hits", "cluster 0 has not as many"),
    ],
)
@pytest.mark.parametrize("more", [-1, 1])
def test_pages_with_another_number_of_elements_are_refused(monkeypatch, tree, field, words, more):
    starts = rntuple.PagedColumn.starts

    def wrong(self, cluster):
        found = starts(self, cluster)
        return np.append(found[:-1], found[-1] + more)

    monkeypatch.setattr(rntuple.PagedColumn, "starts", wrong)
    with open_file(PAGES) as opened, pytest.raises(InputError, match=words):
        taken(opened, tree, field, range(40))


def test_the_file_is_as_it_says_above(file):
    for tree in ("split", "plain"):
        assert file.trees[tree].entries == ENTRIES
        assert file.clusters(tree, ["f8"]) == CLUSTERS
    with uproot.open(PAGES) as root:
        for tree in ("split", "plain"):
            ntuple = root[tree]
            for (start, stop), cluster in zip(
                pairwise(CLUSTERS), ntuple.page_link_list, strict=True
            ):
                for record, pages in zip(ntuple.column_records, cluster, strict=True):
                    sizes = [page.num_elements for page in pages.pages]
                    assert all(size * record.nbits <= 8 * 128 for size in sizes)
                assert sum(page.num_elements for page in cluster[9].pages) == stop - start
