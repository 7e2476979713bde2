"""Non-interference: no output of a blind run says anything of the events in the box."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import na64ana as na
from na64ana.report import csv, html, latex, text
from na64ana.run import engine

pytestmark = pytest.mark.usefixtures("one_maker")

pytestmark = pytest.mark.usefixtures("same_time")
SAME = UUID("22222222-2222-4222-8222-222222222222")
#: planted in the events of the box
EVENT, ENERGY, SPILL = 987654321, 12.345678901, 4242
#: entry counts; and `suspect`, which follows from where chunks of entries end
COUNTS = ("entries", "read", "left_out", "suspect")

TIMES = st.sampled_from([85.0, 90.0, 99.5, 110.0])
OUTSIDE = st.tuples(
    st.integers(1, 2), st.integers(1, 3), st.integers(0, 50), TIMES,
    st.sampled_from([0.0, 0.03]), st.sampled_from([0.0, 49.5, 60.0, 99.0]),
)  # fmt: skip
INSIDE = st.tuples(
    st.sampled_from([1, 2, 77]), st.sampled_from([1, 3, SPILL]),
    st.sampled_from([0, 7, 60, EVENT]), TIMES, st.sampled_from([0.04, 0.5]),
    st.sampled_from([0.0, ENERGY, 49.5]),
)  # fmt: skip


def plain(value):
    """Everything that an object holds, as plain data; without counts of entries."""
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.shape, plain(value.tolist())]
    if isinstance(value, dict):
        return [[plain(k), plain(v)] for k, v in value.items() if k not in COUNTS]
    if is_dataclass(value):
        return [
            [f.name, plain(getattr(value, f.name))] for f in fields(value) if f.name not in COUNTS
        ]
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    return repr(value)


def without_counts(value):
    if isinstance(value, dict):
        return {k: without_counts(v) for k, v in value.items() if k not in COUNTS}
    return [without_counts(item) for item in value] if isinstance(value, list) else value


def all_outputs(folder, selection, monkeypatch, chunk):
    """Every form in which a run on `folder`/a.root is seen, by name."""
    seen = []
    assemble = engine.Engine.assemble

    def spy(engine, intakes):
        seen.append(assemble(engine, intakes))
        return seen[-1]

    with monkeypatch.context() as patch:
        patch.setattr(engine.Engine, "assemble", spy)
        record = na.run(
            selection, folder / "a.root", chunk_size=chunk, resume=folder / "kept",
            duplicates="once", progress=False,
        )  # fmt: skip
    rendered = {
        "text": text_of(record),
        "latex": latex.record(record),
        "csv": csv.record(record),
        "survivors": csv.survivors(record),
        "html": html.page(record),
        "repr": repr(record),
    }
    kept = [path.read_text().partition("\n")[2] for path in (folder / "kept").iterdir()]
    for path in (folder / "kept").iterdir():
        path.unlink()
    exact = {
        "json": json.dumps(without_counts(json.loads(record.to_json()))),
        "kept": [without_counts(json.loads(body)) for body in kept],
        "record": plain(pickle.loads(pickle.dumps(record))),  # noqa: S301 - our own
        "assembly": [plain(pickle.loads(pickle.dumps(one))) for one in seen],  # noqa: S301
    }
    raw = [record.to_json(), *kept, *rendered.values()]
    pickles = [pickle.dumps(record), *map(pickle.dumps, seen)]
    return record, exact, rendered, raw, pickles


def text_of(record):
    from rich.console import Console

    console = Console(width=120, record=True, quiet=True)
    console.print(text.record_tables(record))
    return console.export_text()


def neutral(output, record):
    """A rendering without the numbers of entries that it names."""
    for file in record.inputs:
        output = re.sub(rf"\b{file.entries} entries\b", "N entries", output)
    # of the provenance that is embedded in it
    return re.sub(r'"entries":\d+,"read":\[.*?\],"kind"', '"entries":N,"kind"', output)


@settings(
    max_examples=25, phases=[Phase.generate], database=None, derandomize=True, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    outside=st.lists(OUTSIDE, max_size=25, unique_by=lambda event: event[:3]),
    inside=st.lists(INSIDE, min_size=1, max_size=12, unique_by=lambda event: event[:3]),
    places=st.randoms(use_true_random=False),
    chunk=st.integers(1, 40),
    weighted=st.booleans(),
)
def test_nothing_depends_on_the_events_of_the_box(
    tmp_path, write_events, small_selection, monkeypatch, outside, inside, places, chunk, weighted
):
    numbers = {event[:3] for event in outside}
    inside = [event for event in inside if event[:3] not in numbers]
    both = list(outside)
    for event in inside:
        both.insert(places.randint(0, len(both)), event)
    selection = small_selection(**({"weight": "master_time/(7*ns)"} if weighted else {}))
    found = []
    for events in (outside, both):
        write_events(tmp_path / "a.root", events, uuid=SAME)
        found.append(all_outputs(tmp_path, selection, monkeypatch, chunk))
    (blind, exact, rendered, *_), (other, exact_too, rendered_too, raw, pickles) = found
    assert exact == exact_too
    for form, output in rendered.items():
        assert neutral(output, blind) == neutral(rendered_too[form], other), form
    planted = [str(EVENT), str(ENERGY)] + (
        [str(SPILL)] if any(e[1] == SPILL for e in inside) else []
    )
    for number in planted:
        assert not any(re.search(rf"(?<![0-9a-f]){number}", output) for output in raw)
    for output in pickles:
        assert EVENT.to_bytes(4, "little") not in output
        assert np.float64(ENERGY).tobytes() not in output
    for count in other.inputs[0].spills:
        assert count.n == sum(event[:2] == count.key for event in outside)


@pytest.mark.parametrize("kind", ["pseudo-data", None])
def test_the_search_finds_what_is_planted_when_the_box_is_open(
    tmp_path, write_events, small_selection, kind
):
    """The same search on an unblinded record, to show that it can find something."""
    path = write_events(tmp_path / "a.root", [(1, 1, EVENT, 99.0, 0.5, ENERGY)], kind=kind)
    assert str(EVENT) not in na.run(small_selection(), path).to_json()
    opened = na.run(small_selection(), path, unblind="frozen")
    assert str(EVENT) in opened.to_json()
    assert EVENT.to_bytes(4, "little") in pickle.dumps(opened)
    assert Path(opened.inputs[0].path) == path
