"""Files on servers: the same record as of a local file, few requests, and no waiting for ever."""

from __future__ import annotations

import json
import pickle
import queue
import signal
import socket
import threading
import time
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot
from click.testing import CliRunner

import na64ana as na
from na64ana.cli import main
from na64ana.errors import DatasetError, InputError, printable, redacted
from na64ana.events import expand, open_file, plan, remote, remote_xrootd, transport
from na64ana.events.inputs import SecretUrl, url
from na64ana.events.remote import RemoteSource, merged, requests_for
from na64ana.layouts import load_layout

DATA = Path(__file__).parents[1] / "data"
SMALL, NTUPLE = DATA / "tout_small.root", DATA / "tout_small_rntuple.root"
SELECTION = "na64e-invisible-2023"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Pauses and time limits as short as a test needs; proxies are not for this machine."""
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def short_of_time(monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", 0.5)
    monkeypatch.setattr(transport, "SLOWEST", 10_000_000)
    monkeypatch.setattr(remote_xrootd, "_GRACE", 1.0)


@pytest.fixture
def small_blocks(monkeypatch):
    """So small that a file of a few 100 kB takes many requests."""
    monkeypatch.setattr(remote, "BLOCK", 10_000)
    monkeypatch.setattr(remote, "BLOCKS", 4)
    monkeypatch.setattr(remote, "_SMALL", 10_000)
    monkeypatch.setattr(remote, "GAP", 100)


@pytest.fixture(params=["http", "root"])
def server(request):
    return request.getfixturevalue({"http": "web", "root": "xrootd"}[request.param])


def plain(record: na.Record, place: str) -> Any:
    """A record without who made it and where its files lie."""
    return json.loads(replace(record, made=()).to_json().replace(place, "FILES/"))


def read(source: RemoteSource, *ranges: tuple[int, int]) -> list[bytes]:
    return [bytes(chunk.raw_data) for chunk in source.chunks(ranges, queue.Queue())]


# ------------------------------------------------------------------------ the same record


@pytest.mark.parametrize("file", [SMALL, NTUPLE], ids=["TTree", "RNTuple"])
def test_the_record_is_that_of_the_local_file(server, file):
    remote_record = na.run(SELECTION, server.add(file))
    local = na.run(SELECTION, file)
    assert plain(remote_record, f"{server.url}/") == plain(local, f"{file.parent}/")
    assert remote_record.inputs[0].read == ((0, 303),)


def test_two_workers_read_from_a_server(server, write_events, small_selection, tmp_path):
    rng = np.random.default_rng(1)
    for run in range(3):
        numbers = rng.uniform([80, 0, 0], [120, 0.1, 120], size=(50, 3))
        events = [(run, 1, i, *map(float, row)) for i, row in enumerate(numbers)]
        write_events(tmp_path / f"run{run}.root", events, baskets=[20])
    files = sorted(tmp_path.glob("*.root"))
    local = na.run(small_selection(), files)
    urls = [server.add(file) for file in files]
    assert plain(na.run(small_selection(), urls, workers=2), f"{server.url}/") == plain(
        local, f"{tmp_path}/"
    )


def test_a_file_behind_two_urls_is_noticed(web):
    urls = [web.add(SMALL), web.add(SMALL, "copy.root")]
    with pytest.raises(InputError, match=r"copy\.root and .* are the same file \(UUID"):
        na.run(SELECTION, urls)


def test_all_columns_of_a_ttree_and_an_rntuple(server, small_blocks):
    for path in (SMALL, NTUPLE):
        with open_file(server.add(path)) as far, open_file(path) as near:
            for name in near.branch_paths("tout"):
                here, there = (f.read("tout", name, 0, 100).to_list() for f in (near, far))
                assert repr(here) == repr(there)


# ------------------------------------------------------------------------ few requests


@pytest.fixture
def large(tmp_path):
    """A tree of 8 clusters with 10 branches that do not compress: 6.4 MB."""
    rng = np.random.default_rng(0)
    path = tmp_path / "large.root"
    with uproot.recreate(path, compression=None) as file:
        tree = file.mktree("t", {f"b{i}": "f8" for i in range(10)})
        for _ in range(8):
            tree.extend({f"b{i}": rng.normal(size=10_000) for i in range(10)})
    return path


def baskets_of(tree: Any, names: list[str]) -> list[tuple[int, int]]:
    return [
        (seek, seek + size)
        for name in names
        for seek, size in zip(
            tree[name].member("fBasketSeek").tolist(),
            tree[name].member("fBasketBytes").tolist(),
            strict=True,
        )
        if size
    ]


def test_opening_costs_few_requests_and_few_bytes(web, large):
    with open_file(web.add(large)) as file:
        assert file.trees["t"].entries == 80_000
        file.clusters("t", ["b1"])
    assert len(web.requests) <= 3
    assert sum(stop - start for _, start, stop in web.requests) <= 3 * remote.BLOCK


def test_a_small_file_takes_one_request_for_each_block(web):
    na.run(SELECTION, web.add(SMALL))
    blocks = {(0, remote.BLOCK), (remote.BLOCK, SMALL.stat().st_size)}
    assert {(start, stop) for _, start, stop in web.requests} == blocks
    assert len(web.requests) <= 2 * 2  # once for the plan, once for reading
    assert web.connections == 1


def test_the_baskets_of_all_clusters_take_one_request_each_cluster_at_most(web, large):
    with uproot.open({web.add(large): None}, handler=RemoteSource) as file:
        ranges = baskets_of(file["t"], ["b2", "b3", "b4"])
        opened = len(web.requests)
        found = read(file.file.source, *ranges)
    content = large.read_bytes()
    assert found == [content[start:stop] for start, stop in ranges]
    assert len(ranges) == 24
    assert len(web.requests) - opened <= 8


def test_scattered_ranges_take_one_vector_read(xrootd, large, monkeypatch):
    asked = []
    ask = remote_xrootd._ask

    def noted(function, *arguments, limit):
        asked.append(function.__name__)
        return ask(function, *arguments, limit=limit)

    monkeypatch.setattr(remote_xrootd, "_ask", noted)
    source = RemoteSource(xrootd.add(large))
    asked.clear()
    ranges = [(i * 300_000 + 1_000_000, i * 300_000 + 1_000_500) for i in range(10)]
    content = large.read_bytes()
    assert read(source, *ranges) == [content[start:stop] for start, stop in ranges]
    assert asked == ["vector_read", "stat"]
    source.close()


def test_each_chunk_is_announced(web):
    source = RemoteSource(web.add(SMALL))
    announced: queue.Queue[Any] = queue.Queue()
    ranges = [(0, 10), (200_000, 200_100), (5, 5)]
    chunks = source.chunks(ranges, announced)
    assert {id(announced.get(timeout=5)) for _ in ranges} == {id(chunk) for chunk in chunks}
    assert [(chunk.start, chunk.stop) for chunk in chunks] == ranges
    assert [len(chunk.raw_data) for chunk in chunks] == [10, 100, 0]
    counters = source.performance_counters
    assert (counters.num_requested_chunks, counters.num_requested_bytes) == (3, 110)
    source.close()


@pytest.mark.parametrize(
    ("ranges", "joined"),
    [
        ([], []),
        ([(5, 5)], []),
        ([(10, 20), (0, 5)], [(0, 20)]),
        ([(0, 5), (16, 20)], [(0, 5), (16, 20)]),
        ([(0, 50), (10, 20), (55, 60)], [(0, 60)]),
    ],
)
def test_ranges_near_each_other_are_joined(ranges, joined):
    assert list(merged(ranges, gap=10)) == joined


def test_requests_are_bounded_in_bytes_and_parts(monkeypatch):
    class Narrow:
        most_parts, largest_part = 2, 10

    monkeypatch.setattr(remote, "LARGEST", 15)
    monkeypatch.setattr(remote, "GAP", 0)
    found = requests_for([(0, 25), (30, 31), (40, 41), (50, 51)], Narrow())  # type: ignore[arg-type]
    assert found == [[(0, 10)], [(10, 20), (20, 25)], [(30, 31), (40, 41)], [(50, 51)]]


def test_random_ranges_are_those_of_the_file(server, small_blocks, monkeypatch):
    monkeypatch.setattr(remote, "LARGEST", 7000)
    content = SMALL.read_bytes()
    source = RemoteSource(server.add(SMALL))
    rng = np.random.default_rng(3)
    for _ in range(8):
        starts = rng.integers(0, len(content) + 100, size=5).tolist()
        ranges = [(start, start + int(rng.integers(0, 30_000))) for start in starts]
        found = [bytes(c.future.result()) for c in source.chunks(ranges, queue.Queue())]
        assert found == [content[start:stop] for start, stop in ranges]
        start, stop = ranges[0]
        source.chunk(start, stop).wait(insist=False)
    source.close()
    assert source.closed


# ------------------------------------------------------------------------ what may pass


@pytest.mark.parametrize("fault", ["busy", "dead", "short", "hang", "drip"])
def test_what_fails_twice_is_read_the_third_time(web, fault, short_of_time):
    web.faults += [fault, fault]
    assert plain(na.run(SELECTION, web.add(SMALL)), f"{web.url}/") == plain(
        na.run(SELECTION, SMALL), f"{DATA}/"
    )
    assert len({r for r in web.requests if web.requests.count(r) >= 3}) == 1


def test_a_server_that_is_started_anew_in_between(xrootd, small_blocks, monkeypatch):
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.5)
    source = RemoteSource(xrootd.add(SMALL))
    xrootd.stop()
    again = threading.Timer(0.3, xrootd.start)
    again.start()
    assert read(source, (100_000, 150_000)) == [SMALL.read_bytes()[100_000:150_000]]
    again.join()
    source.close()


def test_pauses_double_and_differ_and_a_server_may_ask_for_longer(monkeypatch):
    monkeypatch.setattr(transport, "FIRST_PAUSE", 1.0)

    def fails(asked):
        raise transport.Failure("no", passing=True, pause=asked)

    for asked, least in ((0.0, [1, 2, 4]), (3.0, [3, 3, 4]), (1e9, [10, 10, 10])):
        pauses: list[float] = []
        with pytest.raises(transport.GivenUp, match=r"no \(tried 4 times in 0 s\)"):
            transport.with_retries(partial(fails, asked), pauses.append)
        assert all(a <= b <= 1.25 * a for a, b in zip(least, pauses, strict=True))
        assert len({b / a for a, b in zip(least, pauses, strict=True)}) == 3


# ------------------------------------------------------------------------ what does not pass


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("forbidden", "HTTP 403 Forbidden; is the password or token in the URL right"),
        ("lost", "HTTP 404 Not Found; there is no such file on the server"),
        ("whole", "the server does not know range requests"),
        ("other part", "the server sends bytes 1 to 10001 instead"),
        ("no place", "the server does not say which part it sends"),
    ],
)
def test_what_no_other_try_would_help_fails_at_once(web, small_blocks, fault, words):
    web.always = fault
    with pytest.raises(InputError, match=words) as error:
        open_file(web.add(SMALL))
    assert str(error.value).startswith(f"{web.url}/tout_small.root: bytes 0 to 10000: ")
    assert len(web.requests) == 1


def test_a_whole_file_that_was_asked_for_is_taken(web):
    web.always = "whole"
    source = RemoteSource(web.add(DATA / "empty.root"))
    assert read(source, (0, 4)) == [b"root"]
    source.close()


def test_no_such_file_over_xrootd(xrootd):
    with pytest.raises(InputError, match=r"nothing_here\.root: .*[Nn]o such file") as error:
        open_file(f"{xrootd.url}/nothing_here.root")
    assert "tried" not in str(error.value)


@pytest.mark.parametrize(
    ("fault", "words"),
    [("new version", "changed on the server while"), ("longer", "it had 263760 bytes, now 263761")],
)
def test_a_file_that_changes_is_noticed(web, small_blocks, fault, words):
    source = RemoteSource(web.add(SMALL))
    web.faults.append(fault)
    with pytest.raises(InputError, match=words):
        read(source, (100_000, 100_001))
    source.close()


def test_a_file_that_changes_on_an_xrootd_server_is_noticed(xrootd, small_blocks):
    source = RemoteSource(xrootd.add(SMALL))
    with (xrootd.data / SMALL.name).open("ab") as file:
        file.write(b"more")
    with pytest.raises(InputError, match="changed on the server: it had 263760 bytes, now 263764"):
        read(source, (100_000, 100_001))
    source.close()


def test_an_empty_file(web):
    web.files["void.root"] = b""
    with pytest.raises(InputError, match=r"void\.root: .*the file is empty"):
        open_file(f"{web.url}/void.root")


def test_nobody_at_the_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(InputError, match=r"does not take connections \(tried 4 times in"):
        open_file(f"http://127.0.0.1:{port}/a.root")


def test_a_missing_client_says_what_to_install(monkeypatch):
    def missing(name):
        raise ImportError(name)

    remote_xrootd._client.cache_clear()
    monkeypatch.setattr(remote_xrootd, "import_module", missing)
    with pytest.raises(InputError, match=r'pip install "na64ana\[xrootd\]"'):
        open_file("root://localhost//a.root")


# ------------------------------------------------------------------------ a server that dies


@pytest.mark.parametrize("fault", ["dead", "hang", "busy"])
def test_a_server_that_dies_in_mid_file(web, small_blocks, short_of_time, fault):
    path = web.add(SMALL)
    with open_file(path) as file:  # how many requests does it take until the file is planned?
        file.branch_paths("tout")
    enough = len(web.requests) * 3
    web.requests.clear()
    web.faults += [""] * enough
    web.always = fault
    began = time.monotonic()
    record = na.run(SELECTION, path, on_bad_file="skip")
    assert [file.path for file in record.ledger.lost_files] == [path]
    assert not record.ledger.complete
    assert "tried 4 times" in record.ledger.lost_files[0].reason
    assert time.monotonic() - began < 30  # no hang: 4 tries of half a second, and the rest
    assert len(web.requests) > enough
    web.faults += [""] * enough
    with pytest.raises(InputError, match=r"tout_small\.root: bytes \d+ to \d+: .* \(tried 4 times"):
        na.run(SELECTION, path)


def test_a_dead_server_is_waited_for_once_not_at_each_range(web, small_blocks, monkeypatch):
    monkeypatch.setattr(plan, "READ_BYTES", 20_000)
    path = web.add(SMALL)
    layout = load_layout("na64-tout")
    with open_file(path) as file:
        ranges = plan.plan_file(file, layout, dict.fromkeys(layout.columns, "")).ranges
    assert len(ranges) > remote.CONNECTIONS
    opening = len(web.requests)
    web.requests.clear()
    na.run(SELECTION, path)
    assert web.requests.count(web.requests[0]) == 1  # for the plan and all of the ranges
    web.requests.clear()
    web.faults += [""] * opening
    web.always = "busy"
    record = na.run(SELECTION, path, on_bad_file="skip")
    assert [file.path for file in record.ledger.lost_files] == [path]
    # those under way at once are each made again; nothing is asked for after that
    assert len(web.requests) <= opening + remote.CONNECTIONS * transport.TRIES


def test_an_xrootd_server_that_dies_in_mid_file(xrootd, small_blocks, short_of_time):
    source = RemoteSource(xrootd.add(SMALL))
    xrootd.stop()
    with pytest.raises(InputError, match=r"bytes 100000 to 200100: .*\(tried 4 times in"):
        read(source, (100_000, 100_100), (200_000, 200_100))
    asked = source.num_requests
    with pytest.raises(InputError, match="tried 4 times"):
        read(source, (50_000, 50_100))
    assert source.num_requests == asked  # what is lost is not asked again
    source.close()


def test_an_xrootd_server_that_hangs(xrootd, small_blocks, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", 1.0)
    monkeypatch.setattr(transport, "TRIES", 2)
    source = RemoteSource(xrootd.add(SMALL))
    xrootd.send(signal.SIGSTOP)
    try:
        with pytest.raises(InputError, match=r"no answer within 1 s \(tried 2 times in"):
            read(source, (100_000, 100_100))
    finally:
        xrootd.send(signal.SIGCONT)
    source.close()


def test_closing_ends_the_waiting(web, small_blocks, monkeypatch):
    monkeypatch.setattr(transport, "FIRST_PAUSE", 600.0)
    source = RemoteSource(web.add(SMALL))
    web.always = "busy"
    chunks = source.chunks([(i * 20_000, i * 20_000 + 1) for i in range(1, 12)], queue.Queue())
    while len(web.requests) < 2:
        time.sleep(0.01)
    source.close()
    for chunk in chunks:
        with pytest.raises((InputError, CancelledError)):
            chunk.wait()


# ------------------------------------------------------------------------ wildcards


def test_wildcards_over_xrootd(xrootd):
    for name in ("run1.root", "run2.root", "other.root"):
        xrootd.add(DATA / "empty.root", name)
    (xrootd.data / "run3.root").mkdir()
    base = f"{xrootd.url}/"
    both = [f"{base}run1.root", f"{base}run2.root"]
    assert expand([f"{base}run*.root"]) == both
    assert expand([f"{base}run[12].root?xrd.wantprot=unix"]) == [
        f"{path}?xrd.wantprot=unix" for path in both
    ]
    with pytest.raises(InputError, match=r"nothing\*\.root: no file matches"):
        expand([f"{base}nothing*.root"])
    with pytest.raises(
        InputError, match=r"the files on the server cannot be listed: .*o such file"
    ):
        expand([f"{base}nowhere/*.root"])


def test_wildcards_in_folders_over_xrootd(xrootd):
    for name in ("2022A", "2023A"):
        (xrootd.data / name).mkdir(mode=0o755)
        xrootd.add(DATA / "empty.root", f"{name}/a.root")
    assert expand([f"{xrootd.url}/202*/*.root"]) == [
        f"{xrootd.url}/{name}/a.root" for name in ("2022A", "2023A")
    ]


def test_no_wildcards_over_http():
    with pytest.raises(InputError, match="no wildcards over http"):
        expand(["https://example.org/run*.root"])
    assert expand(["https://example.org/run1.root?part=*"])


# ------------------------------------------------------------------------ secrets


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://me:pa@ss@host/a.root", "https://me:***@host/a.root"),
        ("root://me:x@host//a.root?authz=Bearer%20abc", "root://me:***@host//a.root?authz=***"),
        ("https://h/a?part=1&X-Amz-Signature=a&n=2", "https://h/a?part=1&X-Amz-Signature=***&n=2"),
        ("https://h/a?access_token=a#b", "https://h/a?access_token=***#b"),
        ("/a.root?TOKEN=x y", "/a.root?TOKEN=*** y"),
        ("https://host:8443/a@b.root", "https://host:8443/a@b.root"),
        ("root://me@host//a.root?svcClass=default", "root://me@host//a.root?svcClass=default"),
        ("run=5 me@host", "run=5 me@host"),
    ],
)
def test_secrets_of_urls_are_not_shown(text, safe):
    assert redacted(text) == safe
    assert redacted(safe) == safe
    assert printable(text) == safe


def test_a_url_keeps_its_secret_to_itself():
    full = "https://me:secret@host/a.root"
    path: Any = url(full)
    assert isinstance(path, SecretUrl)
    for shown in (path, str(path), repr(path), f"{path}", json.dumps(path)):
        assert "secret" not in shown
    assert path.full == full
    assert expand([full]) == [path]
    assert pickle.loads(pickle.dumps(path)).full == full  # noqa: S301 - made here
    assert path == url("https://me:another@host/a.root")
    assert type(url("https://host/a.root")) is str


def test_a_file_with_a_password_leaves_it_nowhere(web, tmp_path, monkeypatch, small_selection):
    web.login = "me:secret"
    place = web.add(SMALL).replace("//", "//me:secret@")
    monkeypatch.setattr("sys.argv", ["na64ana", "cutflow", f"{place}?authz=secret"])
    for workers in (1, 2):
        record = na.run(
            SELECTION, [f"{place}?authz=secret"], workers=workers, resume=tmp_path / "kept"
        )
        text = record.to_json()
        assert "me:***@" in text
        assert "authz=***" in text
        assert "secret" not in text
    web.login = "me:another"
    web.requests.clear()
    with pytest.raises(InputError, match="HTTP 401") as error:
        na.run(SELECTION, [place])
    assert "secret" not in str(error.value)
    with pytest.raises(InputError, match="was not written down; give the URL with it again"):
        open_file(record.inputs[0].path)
    with pytest.raises(InputError, match="given twice"):
        expand([place, place.replace("secret", "other")])


def test_no_password_in_a_manifest(web, tmp_path):
    web.login = "me:secret"
    place = web.add(SMALL).replace("//", "//me:secret@")
    manifest = tmp_path / "simulated.yaml"
    for path in (place, str(url(place))):
        manifest.write_text(
            f"name: x\nkind: simulation\nfiles:\n- {{path: '{path}', generated: 9}}\n"
        )
        with pytest.raises(DatasetError, match="no passwords or tokens in a manifest") as error:
            na.run(SELECTION, manifest)
        assert "secret" not in str(error.value)
    written = tmp_path / "written.yaml"
    done = CliRunner().invoke(main, ["datasets", "add", str(written), place, "--no-sha256"])
    assert done.exit_code == 2
    assert "no passwords or tokens in a manifest" in " ".join(done.output.split())
    assert not written.exists()


def test_workers_are_given_the_password(web, tmp_path, write_events, small_selection):
    web.login = "me:secret"
    urls = []
    for run in range(2):
        path = write_events(tmp_path / f"{run}.root", [(run, 1, i, 100, 1, 60) for i in range(9)])
        urls.append(web.add(path).replace("//", "//me:secret@"))
    record = na.run(small_selection(), urls, workers=2)
    assert [file.entries for file in record.inputs] == [9, 9]


# --------------------------------------------------------------------------- the store


def test_a_remote_file_is_kept_by_its_version(web, tmp_path):
    place = web.add(SMALL)
    store = tmp_path / "store"
    whole = na.run(SELECTION, place, progress=False)
    for _ in range(2):
        web.requests.clear()
        kept = na.run(SELECTION, place, store=store, progress=False)
        assert replace(kept, made=()) == replace(whole, made=())
    opening = len(web.requests)
    web.requests.clear()
    open_file(place).close()
    assert opening == len(web.requests)  # no event was asked for
    assert len(list(store.iterdir())) == 1
    web.version = '"2"'
    na.run(SELECTION, place, store=store, progress=False)
    assert len(list(store.iterdir())) == 2


def test_a_remote_file_without_a_version_is_not_kept(web, tmp_path):
    web.version = ""
    na.run(SELECTION, web.add(SMALL), store=tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_in_the_store(web, tmp_path):
    place = web.add(SMALL) + "?authz=hidden"
    na.run(SELECTION, place, store=tmp_path, progress=False)
    (path,) = tmp_path.iterdir()
    assert b"hidden" not in path.read_bytes()


def test_an_xrootd_file_is_kept(xrootd, tmp_path):
    place = xrootd.add(SMALL)
    whole = na.run(SELECTION, place, progress=False)
    for _ in range(2):
        kept = na.run(SELECTION, place, store=tmp_path, progress=False)
        assert replace(kept, made=()) == replace(whole, made=())
    assert len(list(tmp_path.iterdir())) == 1
