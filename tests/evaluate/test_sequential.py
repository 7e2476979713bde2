"""Counting in sequence alone: the same numbers as in full, from fewer columns of fewer events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from na64ana.cutflow import InputFile, Record
from na64ana.evaluate import Chunk, evaluate
from na64ana.selection import Selection

from .drawn import as_columns, events, selections

WHERE = ["t > 0.5*ns", "sum(cal.energy) > 1*GeV or p < 1", "any(hits.q > 0.5*GeV)", "run == 2"]
KEEP = ["t", "p", "max(cal.time)"]
AXES: list[dict[str, Any]] = [
    {"observable": "t", "bins": 5, "range": ["-1 ns", "3 ns"]},
    {"observable": "sum(hits.q)", "edges": ["-1 GeV", "0 GeV", "2.5 GeV"]},
    {"observable": "p", "bins": 3, "range": [0, 3]},
]


@st.composite
def bookings(draw: Any) -> dict[str, Any]:
    """Draw a selection with histograms, regions and a prescale beside its cuts and channels."""
    content: dict[str, Any]
    content, cuts, extra = draw(selections())
    names = [cut.name for cut in cuts]
    places = ["start", *names, *(f"all but {name}" for name in names)]
    for i in range(draw(st.integers(0, 2))):
        histogram = {"x": draw(st.sampled_from(AXES))}
        if draw(st.booleans()):
            histogram["y"] = draw(st.sampled_from(AXES))
        at = st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)
        histogram["at"] = draw(st.one_of(st.just("every cut"), at))
        if "other" in extra["chains"] and draw(st.booleans()):
            histogram |= {"channel": "other", "at": "every cut"}
        content.setdefault("histograms", {})[f"h{i}"] = histogram
    regions = content.setdefault("regions", {})
    for i in range(draw(st.integers(0, 2))):
        region: dict[str, Any] = {"keep": draw(st.lists(st.sampled_from(KEEP), unique=True))}
        chosen = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
        # a region may not lie in a box
        if chosen and not any(box <= set(chosen) for box in extra["boxes"]):
            region["cuts"] = chosen
        else:
            region["where"] = draw(st.sampled_from(WHERE))
        regions[f"r{i}"] = region
    blind = [region for region in regions.values() if region.get("blind")]
    if blind and draw(st.booleans()):
        for region in blind:
            region["blind"] = {"prescale": 2}
    return content


def numbers_of(record: Record) -> dict[str, Any]:
    """Return all that both ways of counting give; lists of events in a fixed order."""
    return {
        "channels": {
            name: {
                run: [tallies["events"], tallies["sequential"]]
                for run, tallies in flow.runs.items()
            }
            for name, flow in record.channels.items()
        },
        "survivors": {name: rows_of(flow.ids) for name, flow in record.channels.items()},
        "regions": {
            name: (region.tally, rows_of(region.ids), {
                text: sorted(zip(rows_of(region.ids), map(repr, kept.tolist()), strict=True))
                for text, kept in region.kept.items()
            })
            for name, region in record.regions.items()
        },
        "spills": record.inputs[0].spills if record.inputs else None,
        "blind": record.blind,
    }  # fmt: skip


def rows_of(ids: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(row) for row in ids.tolist()]


def sorted_numbers(record: Record) -> dict[str, Any]:
    """Return the same, events sorted: they stand in the order of the chunks."""
    found = numbers_of(record)
    found["survivors"] = {name: sorted(rows) for name, rows in found["survivors"].items()}
    found["regions"] = {
        name: (tally, sorted(rows), kept) for name, (tally, rows, kept) in found["regions"].items()
    }
    return found


def same_histograms(one: Record, other: Record) -> None:
    assert set(one.booked) == set(other.booked)
    for name, a in one.booked.items():
        b = other.booked[name]
        assert (a.places, a.blinded) == (b.places, b.blinded)
        np.testing.assert_array_equal(a.missing, b.missing)
        np.testing.assert_array_equal(a.masked, b.masked)
        np.testing.assert_array_equal(a.values, b.values)
        if a.variances is None or b.variances is None:
            assert a.variances is b.variances
        else:
            np.testing.assert_array_equal(a.variances, b.variances)


FILE = InputFile("drawn.root", None, 25, ((0, 25),))


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(bookings(), events(), st.booleans(), st.sampled_from([1, 2, 3, 7, 25]))
def test_the_numbers_are_those_of_full_counts(layout, content, found, blind, size):
    """Whatever is asked of whatever events, blind and open, in chunks of any size."""
    bound = Selection.from_dict(content).bind(layout)
    columns = as_columns(found)

    def counted(counts: str, size: int) -> list[Record]:
        return [
            evaluate(
                Chunk.of(columns).subset(np.arange(len(found))[start : start + size]),
                bound,
                blind=blind,
                counts=counts,
                inputs=[FILE],
            )
            for start in range(0, max(len(found), 1), size)
        ]

    full, short = counted("full", size), counted("sequential", size)
    for a, b in zip(full, short, strict=True):
        assert b.mode == "sequential"
        assert numbers_of(a) == numbers_of(b)
        same_histograms(a, b)
        assert (a.open_sample is None) == (b.open_sample is None)
        if a.open_sample is not None and b.open_sample is not None:
            assert numbers_of(a.open_sample) == numbers_of(b.open_sample)
            same_histograms(a.open_sample, b.open_sample)
    whole = counted("full", 25)[0]
    total = short[0]
    for record in short[1:]:
        total = total + replace(record, inputs=())
    expected, got = sorted_numbers(whole), sorted_numbers(total)
    del expected["spills"], got["spills"]
    assert got == expected
    for row in total.cutflow.rows:
        assert row.alone is row.all_but_this is row.nan is None
    event(f"box closed: {whole.blind}, opened early: {whole.open_sample is not None}")
    event(f"histograms: {len(whole.booked)}, weights: {'weight' in content}")
    event(f"something left: {bool(len(whole.cutflow.ids))}")
