"""Records add up: in any order, in any chunks; and refuse what must not be added."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import operator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from na64ana.cutflow import InputFile, Record, diff
from na64ana.cutflow.from_json import from_dict
from na64ana.errors import RecordError
from na64ana.selection import Selection

ENTRIES = 303
few = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def added(records):
    return functools.reduce(operator.add, records)


def parts(stops):
    edges = sorted({0, ENTRIES, *stops})
    return list(itertools.pairwise(edges))


@pytest.mark.parametrize("blind", [True, False], ids=["blind", "open"])
@pytest.mark.parametrize("size", [1, 7, 40, 303])
@pytest.mark.parametrize("kind", ["bound", "weighted"])
def test_the_size_of_a_chunk_leaves_no_trace(request, chunk, blind, size, kind):
    selection = request.getfixturevalue(kind)
    whole = chunk(selection, blind=blind)
    pieces = [
        chunk(selection, i, min(i + size, ENTRIES), blind=blind) for i in range(0, ENTRIES, size)
    ]
    record = added(pieces)
    assert record.inputs[0].read == ((0, ENTRIES),)
    assert record == whole
    assert diff(record, whole) == []


@few
@given(st.sets(st.integers(0, ENTRIES), max_size=8), st.randoms(use_true_random=False))
@pytest.mark.parametrize("blind", [True, False], ids=["blind", "open"])
def test_adding_is_associative_and_commutative(chunk, bound, blind, stops, random):
    pieces = [chunk(bound, *part, blind=blind) for part in parts(stops)]
    whole = chunk(bound, blind=blind)
    random.shuffle(pieces)
    while len(pieces) > 1:  # a random tree of additions
        i = random.randrange(len(pieces) - 1)
        pieces[i : i + 2] = [pieces[i] + pieces[i + 1]]
        random.shuffle(pieces)
    assert pieces[0] == whole
    assert json.loads(pieces[0].to_json()) == json.loads(whole.to_json())


@few
@given(st.sets(st.integers(0, ENTRIES), max_size=5))
def test_weights_add_up_exactly(chunk, weighted, stops):
    pieces = [chunk(weighted, *part) for part in parts(stops)]
    whole = chunk(weighted)
    assert added(pieces) == added(pieces[::-1]) == whole


def test_an_empty_chunk_adds_nothing(chunk, bound, weighted):
    for selection in (bound, weighted):
        whole = chunk(selection, 5, ENTRIES)
        assert chunk(selection, 3, 3) + whole == whole + chunk(selection, 3, 3) == whole


def test_counts_close(chunk, weighted, bound):
    for selection in (bound, weighted):
        for blind in (True, False):
            record = chunk(selection, blind=blind)
            for flow in record.channels.values():
                check_identities(flow)


def check_identities(flow):
    rows = flow.rows
    before = flow.events
    if rows[0].sequential is not None and rows[0].alone is not None:
        assert rows[0].sequential == rows[0].alone
    for row in rows:
        if row.sequential is not None:
            assert row.sequential.n <= before.n
            before = row.sequential
        if row.alone is not None and row.sequential is not None:
            assert row.sequential.n <= row.alone.n <= flow.events.n
        if row.all_but_this is not None and rows[-1].sequential is not None:
            assert row.all_but_this.n >= rows[-1].sequential.n
    if rows[-1].sequential is not None:
        assert rows[-1].sequential.n == len(flow.survivors)
        assert rows[-1].all_but_this == rows[-2].sequential or len(rows) == 1
    for kind in ("sequential", "alone", "nan"):
        for i, row in enumerate(rows):
            if getattr(row, kind) is not None:
                per_run = [getattr(flow.run_rows(run)[i], kind).n for run in flow.runs]
                assert sum(per_run) == getattr(row, kind).n


# ------------------------------------------------------------------- refusals


def other_file(name="other.root", uuid="u-2", kind="data", read=((0, ENTRIES),)):
    return InputFile(name, uuid, ENTRIES, read, "tout", "na64-tout", kind=kind)


def test_other_selections_are_refused(chunk, bound, weighted):
    with pytest.raises(
        RecordError, match=r"different selections.*'na64e-invisible-2023' \(.{12}\) and 'weighted'"
    ):
        chunk(bound, 0, 5) + chunk(weighted, 5, 9)
    spec = {"name": "a", "layout": "na64-tout", "cuts": [{"name": "c", "require": "run > 1"}]}
    one, two = (
        Selection.from_dict({**spec, "cuts": [{"name": "c", "require": f"run > {i}"}]})
        for i in (1, 2)
    )
    with pytest.raises(RecordError, match="different selections"):
        chunk(one.bind(one.layout()), 0, 5) + chunk(two.bind(two.layout()), 5, 9)


def test_blind_and_open_are_refused(chunk, bound):
    with pytest.raises(RecordError, match="blind record does not merge with an unblinded one"):
        chunk(bound, 0, 5) + chunk(bound, 5, 9, blind=False)


def test_data_and_simulation_are_refused(chunk, bound):
    with pytest.raises(RecordError, match="record of data does not merge with one of simulation"):
        chunk(bound, 0, 5) + chunk(bound, 0, 5, file=other_file(kind="simulation"))


def test_other_counts_are_refused(chunk, bound):
    with pytest.raises(RecordError, match="counts full and sequential do not merge"):
        chunk(bound, 0, 5) + chunk(bound, 5, 9, counts="sequential")


@pytest.mark.parametrize(
    ("first", "second"), [((0, 9), (8, 20)), ((0, 9), (0, 9)), ((5, 6), (0, 9))]
)
def test_an_event_is_never_counted_twice(chunk, bound, first, second):
    with pytest.raises(RecordError, match=r"small\.root: entries \d+ to \d+ are in both records"):
        chunk(bound, *first) + chunk(bound, *second)


def test_the_same_file_under_another_path_is_the_same_file(chunk, bound):
    copy = other_file("copy.root", uuid="u-1", read=((0, 9),))
    with pytest.raises(RecordError, match="counted twice"):
        chunk(bound, 0, 9) + chunk(bound, 0, 9, file=copy)


def test_another_file_of_the_same_path_is_another_file(chunk, bound):
    # simulation numbers its events anew in each file
    twins = [
        chunk(bound, 0, 9, file=other_file("same.root", uuid, "simulation", read=((0, 9),)))
        for uuid in ("u-7", "u-8")
    ]
    assert len((twins[0] + twins[1]).inputs) == 2
    assert twins[0] + twins[1] == twins[1] + twins[0]


def test_files_keep_their_ranges(chunk, bound):
    record = added([chunk(bound, 20, 30), chunk(bound, 0, 9), chunk(bound, 9, 11)])
    assert record.inputs[0].read == ((0, 11), (20, 30))
    both = record + chunk(bound, 100, 109, file=other_file(read=((0, 9),)))
    assert [file.path for file in both.inputs] == ["other.root", "small.root"]


def test_the_same_events_in_two_files_are_refused(chunk, bound):
    with pytest.raises(
        RecordError,
        match=r"other.root and small.root: run 9001, spill 3: events 8 to 35 of the one and 8 to 35"
        r" of the other are the same; they would be counted twice",
    ):
        chunk(bound, 0, 9) + chunk(bound, 0, 9, file=other_file(read=((0, 9),)))
    with pytest.raises(RecordError, match="may be the same; give both files to one run"):
        chunk(bound, 0, 20) + chunk(bound, 5, 30, file=other_file(read=((0, 25),)))


# ---------------------------------------------------------------------- JSON


@pytest.mark.parametrize("kind", ["bound", "weighted"])
@pytest.mark.parametrize("blind", [True, False], ids=["blind", "open"])
@pytest.mark.parametrize("counts", ["full", "sequential"])
def test_json_is_read_back_without_loss(request, chunk, tmp_path, kind, blind, counts):
    selection = request.getfixturevalue(kind)
    record = chunk(selection, blind=blind, counts=counts, unblinded=None if blind else "a test")
    path = tmp_path / "record.json"
    path.write_text(record.to_json(), encoding="utf-8")
    again = Record.load(path)
    assert again == record
    assert again.to_json() == record.to_json()
    assert diff(record, again) == []
    for name, flow in record.channels.items():
        assert again.channels[name].rows == flow.rows
        assert again.channels[name].events == flow.events
    # what is read back still adds up as if it had never been written
    halves = [
        chunk(selection, *part, blind=blind, counts=counts, unblinded=None if blind else "a test")
        for part in ((0, 100), (100, ENTRIES))
    ]
    read_back = [from_dict(json.loads(half.to_json())) for half in halves]
    assert added(read_back) == record


def test_the_json_contract(chunk, bound):
    content = json.loads(chunk(bound).to_json())
    assert content["schema"] == "na64ana/record/1"
    assert set(content["selection"]) >= {"name", "sha256"}
    assert content["blind"] is True
    assert content["inputs"][0]["read"] == [[0, ENTRIES]]
    assert set(content["inputs"][0]) >= {"path", "uuid", "entries", "read"}
    assert content["software"]["na64ana"]
    main = content["channels"]["main"]
    assert isinstance(main["events"], int)
    for cut in main["cuts"]:
        for kind in ("sequential", "alone", "all_but_this", "all_but_this_open", "nan"):
            assert cut[kind] is None or set(cut[kind]) == {"n", "sumw", "sumw2"}
    last = main["cuts"][-1]
    assert last["sequential"] is None
    assert last["blinded"] is True
    assert content["survivors"]["main"] is None
    dimuon = content["survivors"]["dimuon"]
    assert dimuon == sorted(dimuon)
    sequential = json.loads(chunk(bound, counts="sequential").to_json())["channels"]["main"][
        "cuts"
    ][0]
    assert sequential["alone"] is None
    assert sequential["not_computed"] is True


def test_weights_beyond_doubles_are_written_and_read(chunk, columns):
    selection = Selection.from_dict(
        {
            "name": "w",
            "layout": "na64-tout",
            "weight": "run * 1e200",
            "cuts": [{"name": "a", "require": "run > 0"}],
        }
    )
    record = chunk(selection.bind(selection.layout()))
    assert record.cutflow.events.sumw2 == float("inf")
    assert from_dict(json.loads(record.to_json())) == record


@pytest.fixture(scope="module")
def a_text(chunk, weighted):
    return chunk(weighted, 0, 4).to_json()


def places(data, path=()):
    if path:
        yield path
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_damaged_record_is_refused_or_read(a_text, tmp_path, data):
    content = json.loads(a_text)
    path = data.draw(st.sampled_from(list(places(content))))
    where = content
    for key in path[:-1]:
        where = where[key]
    if data.draw(st.sampled_from([False, False, False, True])):
        del where[path[-1]]
    else:
        where[path[-1]] = data.draw(
            st.sampled_from([None, -1, 2**70, "x", "1*2^99999999999", [], {}, [[]], 1.5])
        )
    file = tmp_path / "damaged.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    try:
        record = Record.load(file)
        assert [flow.rows for flow in record.channels.values()]
        record.to_json()
        diff(record, record)
        message = None
    except RecordError as error:
        message = str(error)
    assert message is None or "damaged.json" in message


def test_numbers_changed_by_hand_are_refused(chunk, bound, tmp_path):
    file = tmp_path / "record.json"
    content = json.loads(chunk(bound).to_json())
    content["channels"]["main"]["cuts"][3]["sequential"]["n"] += 1
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(
        RecordError, match=r"channels\.main\.cuts\.3\.sequential\.n does not fit the rest"
    ):
        Record.load(file)


def test_added_keys_are_no_damage(chunk, bound, tmp_path):
    file = tmp_path / "record.json"
    content = json.loads(chunk(bound).to_json())
    content["more"] = content["channels"]["main"]["cuts"][0]["more"] = 1
    content["software"]["na64ana"] = "99.0"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert Record.load(file) == chunk(bound)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "schema is None, not na64ana/record/1"),
        ('{"schema": "na64ana/record/2"}', "schema is na64ana/record/2"),
        ('{"schema": "na64ana/record/1"}', "not a whole record"),
    ],
    ids=range(6),
)
def test_what_is_no_record_is_refused(tmp_path, text, said):
    file = tmp_path / "no.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"no\.json") as caught:
        Record.load(file)
    assert said in str(caught.value)


def test_a_missing_record_is_refused(tmp_path):
    with pytest.raises(RecordError, match=r"none\.json: No such file"):
        Record.load(tmp_path / "none.json")


# ---------------------------------------------------------------------- diff


def test_no_difference_from_itself(chunk, bound):
    record = chunk(bound)
    assert diff(record, record) == []
    more = dataclasses.replace(record, selection="another")
    assert [d.what for d in diff(record, more)] == ["selection"]


def changed(threshold, name="mine", extra=()):
    selection = Selection.from_dict(
        {
            "name": name,
            "layout": "na64-tout",
            "cuts": [
                {"name": "bit", "require": "trigger & 4"},
                {"name": "time", "observable": "master_time", "below": threshold},
                *extra,
            ],
            "histograms": {
                "h": {"x": {"observable": "master_time", "bins": 5, "range": ["80 ns", "120 ns"]}}
            },
            "regions": {"r": {"where": "run > 9001", "keep": ["master_time"]}},
        }
    )
    return selection.bind(selection.layout())


def test_a_threshold_shows_where_it_acts(chunk):
    before, after = chunk(changed("110 ns")), chunk(changed("95 ns"))
    found = diff(before, after)
    about = {(d.where, d.what) for d in found}
    assert ("record", "sha256") in about
    assert ("main / time", "condition") in about
    assert ("main / time", "sequential") in about
    assert ("main", "survivors lost") in about
    assert ("region", "r") in about
    assert ("histogram", "h") in about
    assert not any(d.where == "main / bit" and d.what == "sequential" for d in found)
    row = next(d for d in found if (d.where, d.what) == ("main / time", "sequential"))
    assert row.before == str(before.cutflow["time"].sequential.n)
    assert row.after == str(after.cutflow["time"].sequential.n)
    lost = next(d for d in found if d.what == "survivors lost")
    count = before.cutflow["time"].sequential.n - after.cutflow["time"].sequential.n
    assert lost.before.startswith(f"{count} events (9001:")
    gained = next(d for d in diff(after, before) if d.what == "survivors gained")
    assert gained.after == lost.before


def test_new_lost_and_moved_cuts(chunk):
    extra = [{"name": "more", "require": "run > 9001"}]
    found = diff(chunk(changed("110 ns")), chunk(changed("110 ns", extra=extra)))
    row = next(d for d in found if d.where == "main / more")
    assert (row.what, row.before) == ("cut", "-")
    assert row.after.startswith("run > 9001 (")
    one, two = ([{"name": n, "require": "run > 0"} for n in names] for names in ("xy", "yx"))
    found = diff(chunk(changed("1 us", extra=one)), chunk(changed("1 us", extra=two)))
    assert [d.what for d in found if d.where == "main"] == ["order of cuts"]


def test_inputs_and_openness_differ(chunk, bound):
    found = diff(chunk(bound, 0, 9), chunk(bound, 0, 10, blind=False, unblinded="a reason"))
    about = {(d.where, d.what): (d.before, d.after) for d in found}
    assert about["record", "blind"] == ("yes", "no")
    assert about["record", "reason for unblinding"] == ("-", "a reason")
    assert about["input", "small.root"] == ("0-9", "0-10")


def test_one_event_more_is_seen(chunk, weighted):
    assert diff(chunk(weighted, 0, 200), chunk(weighted, 0, 201))
