"""What is checked of a file before it is decoded, check by check."""

import http.server
import json
import threading
from functools import partial
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow
import pyarrow.parquet as pq
import pytest
import uproot
import xxhash

import na64ana as na
from na64ana.errors import InputError
from na64ana.events import open_file

DATA = Path(__file__).parents[1] / "data"
TTREE, RNTUPLE = DATA / "tout_small.root", DATA / "tout_small_rntuple.root"


@pytest.fixture
def damaged(tmp_path):
    """Write a file with some bytes of another replaced."""

    def make(path, place, new):
        content = bytearray(path.read_bytes())
        content[place : place + len(new)] = new
        target = tmp_path / "damaged.root"
        target.write_bytes(content)
        return target

    return make


def flipped(path, place, bit=0):
    return bytes([path.read_bytes()[place] ^ 1 << bit])


def read(path, branch, start=0, stop=303):
    with open_file(path) as file:
        return file.read("tout", branch, start, stop)


def refusal(path, branch):
    with pytest.raises(InputError) as caught:
        read(path, branch)
    message = str(caught.value)
    assert message.startswith(f"{path}: tree 'tout'")
    return message


# ------------------------------------------------------------------ TTree


@pytest.fixture(scope="module")
def basket():
    """Place of one basket of ECAL_ene, and of its content."""
    with uproot.open(TTREE) as file:
        branch = file["tout"]["ECAL_ene"]
        return int(branch.member("fBasketSeek")[5]), branch.basket(5).member("fKeylen")


def test_no_byte_in_the_key_of_a_basket_changes_a_number(damaged, basket):
    place, length = basket
    right = read(TTREE, "ECAL_ene")
    refused = 0
    for at in range(place, place + length + 9):
        path = damaged(TTREE, at, flipped(TTREE, at, at % 8))
        try:
            assert ak.array_equal(read(path, "ECAL_ene"), right), at - place
        except InputError as error:
            assert "tree 'tout', branch 'ECAL_ene', entries " in str(error)
            refused += 1
    # size, length, entries, places and the class are seen; date, cycle, title are of no account
    assert refused > 40


@pytest.mark.parametrize(
    ("at", "new", "words"),
    [
        (0, b"\0\0\0\1", "basket 5 .*its key is not that of this basket"),
        (6, b"\0\0\0\1", "basket 5 .*its data do not end where its key says"),
        (-9, b"\0\0\0\1", "basket 5 .*has 1 entries, not as many as its branch says"),
        (-5, b"\0\0\1\0", "basket 5 .*its data do not end where its key says"),
        (75, b"??", "basket 5 .*no compressed block where one should begin"),
        (75 + 6, b"?", "basket 5 .*its compressed blocks have not the size"),
        (75 + 200, b"?????", "its compressed data are not what was written"),
    ],
)
def test_a_basket_that_does_not_fit_its_branch_is_refused(damaged, basket, at, new, words):
    place, length = basket
    assert length == 75
    path = damaged(TTREE, place + at if at >= 0 else place + length + at, new)
    with pytest.raises(InputError, match=f"{words}.*copy it again"):
        read(path, "ECAL_ene")
    assert len(read(path, "HCAL_ene")) == 303  # the other branches are whole


def test_offsets_of_uncompressed_baskets_follow_one_another(tmp_path, damaged):
    path = tmp_path / "plain.root"
    with uproot.recreate(path, compression=uproot.ZLIB(0)) as file:
        file.mktree("tout", {"x": "var * float64"})
        file["tout"].extend({"x": ak.Array([[1.0], [2.0, 3.0], [], [4.0]])})
    assert read(path, "x", 0, 4).to_list() == [[1.0], [2.0, 3.0], [], [4.0]]
    with uproot.open(path) as file:
        held = file["tout"]["x"].basket(0)
        seek = int(file["tout"]["x"].member("fBasketSeek")[0])
    offsets = seek + held.member("fLast") + 4  # behind their number
    for at, wrong in ((0, 1 << 20), (4, 0), (8, 1 << 20)):
        broken = damaged(path, offsets + at, wrong.to_bytes(4, "big"))
        with pytest.raises(InputError, match=r"branch 'x'.*its entries do not follow one another"):
            read(broken, "x", 0, 4)


def test_no_flip_in_the_list_of_contents_uncovers_an_older_cycle(damaged):
    two = DATA / "two_cycles.root"
    with uproot.open(two) as file:
        start, size = file.fSeekKeys, file.fNbytesKeys
    refused = 0
    for at in [*range(300), *range(start, start + size)]:
        path = damaged(two, at, flipped(two, at, at % 8))
        try:
            with open_file(path) as file:
                assert {name: tree.entries for name, tree in file.trees.items()} == {"events": 10}
        except InputError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > 100


def test_an_object_that_differs_from_the_list_of_contents_is_refused(damaged):
    place = TTREE.read_bytes().index(b"\x05TTree\x04tout")
    with pytest.raises(
        InputError, match=r"'tout' .*differs from its entry in the list of contents"
    ):
        open_file(damaged(TTREE, place, b"\x05TTree\x04tour"))


def test_folders_that_hold_each_other_are_refused(tmp_path, damaged):
    path = tmp_path / "folders.root"
    with uproot.recreate(path) as file:
        file.mkdir("outer/inner")
    with uproot.open(path) as file:
        outer, inner = file["outer"], file["outer/inner"]
        inner_list, outer_list = inner.fSeekKeys, outer.fSeekKeys
        header = inner.cursor.index  # of the folder's own record
    content = path.read_bytes()
    # the inner folder shows the list of the outer one
    at = content.index(inner_list.to_bytes(4, "big"), header)
    looped = damaged(path, at, outer_list.to_bytes(4, "big"))
    with pytest.raises(InputError, match=r"shares its place"):
        open_file(looped)


# ------------------------------------------------------------------ RNTuple


@pytest.fixture(scope="module")
def places():
    """Places in the RNTuple file: what is there, and where it ends."""
    with uproot.open(RNTUPLE) as file:
        ntuple = file["tout"]
        link = ntuple.footer.cluster_group_records[0].page_list_link.locator
        column = next(
            c.idx
            for c in ntuple.column_records
            if ntuple.field_records[c.field_id].field_name == "masterT"
        )
        page = ntuple.page_link_list[3][column].pages[0]
        assert page.has_checksum
        member = ntuple.member
        return {
            "header": (member("fSeekHeader"), member("fNBytesHeader")),
            "footer": (member("fSeekFooter"), member("fNBytesFooter")),
            "page list": (link.offset, link.num_bytes),
            "page": (page.locator.offset, page.locator.num_bytes + 8),
        }


@pytest.mark.parametrize("what", ["header", "footer", "page list"])
def test_no_byte_of_an_envelope_changes_a_number(damaged, places, what):
    start, size = places[what]
    right = read(RNTUPLE, "masterT")
    refused = 0
    steps = range(start, start + size, max(1, size // 100))
    for at in steps:
        try:  # bits that pad a compressed stream are of no account
            path = damaged(RNTUPLE, at, flipped(RNTUPLE, at, at % 8))
            assert ak.array_equal(read(path, "masterT"), right)
        except InputError as error:
            assert "tree 'tout'" in str(error)
            refused += 1
    assert refused > 0.9 * len(steps)


def test_no_byte_of_a_page_changes_a_number(damaged, places):
    start, size = places["page"]
    assert len(read(RNTUPLE, "masterT")) == 303
    for at in range(start, start + size, 5):
        path = damaged(RNTUPLE, at, flipped(RNTUPLE, at, at % 8))
        message = refusal(path, "masterT")
        assert "branch 'masterT'" in message
        assert "page 0 of cluster 3 (field 'masterT'" in message
        assert "does not match its checksum; copy it again" in message
    # only what is read is checked
    assert len(read(path, "ECAL_ene")) == 303
    assert len(read(path, "masterT", 0, 100)) == 100


def test_an_envelope_that_decompresses_is_still_checked(tmp_path):
    """Envelopes of an uncompressed file: nothing but the checksum can notice."""
    path = tmp_path / "plain.root"
    with uproot.recreate(path, compression=uproot.ZLIB(0)) as file:
        file.mkrntuple("tout", {"x": np.arange(5.0)})
    with uproot.open(path) as file:
        ntuple = file["tout"]
        link = ntuple.footer.cluster_group_records[0].page_list_link.locator
        starts = [ntuple.member("fSeekHeader"), ntuple.member("fSeekFooter"), link.offset]
    content = path.read_bytes()
    for start, words in zip(starts, ("header", "footer", "page list 0"), strict=True):
        path.write_bytes(content[: start + 20] + b"?" + content[start + 21 :])
        with pytest.raises(InputError, match=f"its {words} .*does not match its checksum"):
            read(path, "x", 0, 5)


def test_the_anchor_is_checked(damaged):
    with uproot.open(RNTUPLE) as file:
        key = file.key("tout")
        chunk, _ = key.get_uncompressed_chunk_cursor()
        anchor = bytes(chunk.raw_data)
    # the checksum as the specification has it, so that the check is not one of itself alone
    assert xxhash.xxh3_64_digest(anchor[-72:-8]) == anchor[-8:]
    assert key.is_compressed
    place = key.fSeekKey + key.fKeylen + 20
    assert "its compressed data are not what was written" in refusal(
        damaged(RNTUPLE, place, flipped(RNTUPLE, place)), "masterT"
    )


def test_an_uncompressed_anchor_is_checked(tmp_path):
    path = tmp_path / "plain.root"
    with uproot.recreate(path, compression=uproot.ZLIB(0)) as file:
        file.mkrntuple("tout", {"x": np.arange(5.0)})
    with uproot.open(path) as file:
        key = file.key("tout")
        assert not key.is_compressed
    content = bytearray(path.read_bytes())
    content[key.fSeekKey + key.fNbytes - 12] ^= 1
    path.write_bytes(content)
    assert "its anchor does not match its checksum; copy it again" in refusal(path, "x")


# ------------------------------------------------------------------ Parquet


def test_pages_of_parquet_are_checked_where_they_have_checksums(tmp_path):
    path = tmp_path / "plain.parquet"
    table = pyarrow.table({"x": np.arange(1000.0)})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    with open_file(path) as file:
        assert len(file.read("", "x", 0, 1000)) == 1000
    content = bytearray(path.read_bytes())
    content[content.index(np.float64(500).tobytes())] ^= 1
    path.write_bytes(content)
    with open_file(path) as file, pytest.raises(InputError, match=r"plain\.parquet.*'x'.*CRC"):
        file.read("", "x", 0, 1000)


# ------------------------------------------------------------------ over the network


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves parts of files, as servers of large files do."""

    def do_GET(self):
        content = (Path(self.directory) / self.path.lstrip("/")).read_bytes()
        first, _, last = self.headers.get("Range", "bytes=0-").partition("=")[2].partition("-")
        part = content[int(first) : int(last) + 1 if last else None]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        end = int(first) + len(part) - 1
        self.send_header("Content-Range", f"bytes {first}-{end}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    handler = partial(Ranges, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_files_on_a_server_are_checked_as_well(damaged, tmp_path, server, places, basket):
    for path, at, words in (
        (RNTUPLE, places["page"][0], "page 0 of cluster 3"),
        (TTREE, basket[0], "basket 5"),
    ):
        branch = "masterT" if path == RNTUPLE else "ECAL_ene"
        (tmp_path / path.name).write_bytes(path.read_bytes())
        got = read(f"{server}/{path.name}", branch)
        assert ak.array_equal(got, read(path, branch))
        damaged(path, at, flipped(path, at))
        with pytest.raises(InputError, match=f"{server}/damaged.root.*branch '{branch}'.*{words}"):
            read(f"{server}/damaged.root", branch)


# ------------------------------------------------------------------ faults around the file


def test_a_file_that_is_replaced_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "run.root"
    path.write_bytes(TTREE.read_bytes())
    with open_file(path) as file:
        assert len(file.read("tout", "masterT", 0, 40)) == 40
        path.with_suffix(".new").write_bytes(TTREE.read_bytes())
        path.with_suffix(".new").rename(path)
        with pytest.raises(InputError, match=r"run\.root: changed while it was being read"):
            file.read("tout", "masterT", 40, 80)


def test_a_file_that_vanishes_while_it_is_read_is_named(tmp_path):
    path = tmp_path / "run.root"
    path.write_bytes(TTREE.read_bytes())
    with open_file(path) as file:
        path.unlink()
        with pytest.raises(InputError, match=r"run\.root: changed while it was being read"):
            file.read("tout", "masterT", 0, 40)


def test_a_file_that_may_not_be_read_is_named(monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match=r"tout_small\.root: Permission denied"):
        open_file(TTREE)


@pytest.fixture
def three(tmp_path):
    """A selection, and three files of it; the second is made of what is given."""
    (tmp_path / "layout.yaml").write_text(
        "name: made-up\ntree: events\ncolumns:\n"
        "  run: {branch: run, type: integer}\n  x: {branch: x, unit: GeV}\n"
    )
    selection = tmp_path / "selection.yaml"
    selection.write_text(
        "name: mine\nlayout: layout.yaml\ncuts:\n  - {name: some energy, require: x > 1*GeV}\n"
    )

    def make(**trees):
        good = {"events": {"run": np.arange(4), "x": np.arange(4.0)}}
        paths = []
        for number, held in enumerate((good, trees, good)):
            paths.append(tmp_path / f"run{number}.root")
            with uproot.recreate(paths[-1]) as file:
                for name, branches in held.items():
                    file.mktree(name, {k: (v.dtype, v.shape[1:]) for k, v in branches.items()})
                    file[name].extend(branches)
        return selection, paths

    return make


def test_three_good_files_are_counted(three):
    selection, paths = three(events={"run": np.arange(2), "x": np.array([5.0, 6.0])})
    cut = na.run(selection, paths).cutflow["some energy"]
    assert cut.sequential is not None
    assert cut.sequential.n == 2 + 2 + 2


@pytest.mark.parametrize(
    ("trees", "words"),
    [
        ({"event": {"x": np.arange(2.0)}}, "no tree 'events' in this file .*did you mean 'event'"),
        ({"events": {"y": np.arange(2.0)}}, "cut 'some energy' needs column 'x'"),
        ({"events": {"x": np.zeros((2, 3))}}, "column 'x', branch 'x'.*shape"),
        ({"events": {"run": np.full(2, 0.5), "x": np.zeros(2)}}, "branch 'run'.*no integer"),
    ],
    ids=["no tree", "no branch", "other shape", "other type"],
)
def test_one_bad_file_of_three_is_named(three, trees, words):
    selection, paths = three(**trees)
    with pytest.raises(InputError, match=rf"run1\.root.*{words}"):
        na.run(selection, paths)


def test_a_file_without_entries_counts_as_nothing(three):
    selection, paths = three(events={"run": np.arange(0), "x": np.arange(0.0)})
    record = na.run(selection, paths)
    assert record.events == 8
    assert [(file.entries, file.read) for file in record.inputs][1] == (0, ())
    assert json.loads(record.to_json())["inputs"][1]["entries"] == 0
