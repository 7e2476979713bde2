"""Spills: counts and digests that do not depend on order, and which of them may share events."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana.cutflow.spills import (
    SpillCount,
    added,
    may_share_events,
    overlapping,
    spill_counts,
)

IDS = st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(0, 9)), max_size=30)
OPTIONS: dict[str, Any] = {"database": None, "derandomize": True, "deadline": None}


def counts(ids):
    return spill_counts(np.array(ids, dtype=np.int64).reshape(-1, 3))


@settings(**OPTIONS)
@given(ids=IDS, data=st.data())
def test_order_and_partition_do_not_matter(ids, data):
    found, repeated = counts(ids)
    shuffled = data.draw(st.permutations(ids))
    assert counts(shuffled) == (found, repeated)
    cut = data.draw(st.integers(0, len(ids)))
    parts = [counts(shuffled[:cut])[0], counts(shuffled[cut:])[0]]
    assert added(*parts) == added(*parts[::-1]) == tuple(found)
    by_spill: dict[tuple[int, int], list[int]] = {}
    for run, spill, event in ids:
        by_spill.setdefault((run, spill), []).append(event)
    assert {c.key: (c.n, c.first, c.last) for c in found} == {
        key: (len(events), min(events), max(events)) for key, events in by_spill.items()
    }
    assert repeated == {key for key, events in by_spill.items() if len(set(events)) < len(events)}


@settings(**OPTIONS)
@given(ids=IDS, cuts=st.lists(st.integers(0, 30), max_size=4))
def test_no_shared_event_escapes(ids, cuts):
    edges = sorted({0, len(ids), *(min(cut, len(ids)) for cut in cuts)})
    parts = [ids[a:b] for a, b in pairwise(edges)]
    suspect = overlapping([count for part in parts for count in counts(part)[0]])
    for i, part in enumerate(parts):
        suspect |= counts(part)[1]
        for other in parts[:i]:
            assert {event[:2] for event in set(part) & set(other)} <= suspect


@settings(**OPTIONS)
@given(ids=st.sets(st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(0, 9)), min_size=1))
def test_another_event_is_another_digest(ids):
    first, *rest = sorted(ids)
    changed = [(first[0], first[1], first[2] + 100), *rest]
    assert {c.digest for c in counts(sorted(ids))[0]} != {c.digest for c in counts(changed)[0]}


def test_unknown_numbers_are_not_compared():
    assert counts([(1, 1, -1)] * 3)[1] == set()
    one = SpillCount(-1, 1, 5, 9, 2, 0)
    assert not may_share_events(one, one)
    assert not may_share_events(SpillCount(1, 1, -1, 9, 2, 0), SpillCount(1, 1, 3, 9, 2, 0))
    assert may_share_events(SpillCount(1, 1, 0, 3, 2, 0), SpillCount(1, 1, 3, 9, 2, 0))


@pytest.mark.slow
def test_the_bookkeeping_does_not_grow_with_the_events():
    """Ten times the events in as many spills: the same number of counts, of the same size."""
    import pickle

    def kept(events):
        spills = 200
        number = np.arange(events)
        ids = np.stack([np.full(events, 1), number * spills // events, number], axis=1)
        total: tuple[SpillCount, ...] = ()
        for start in range(0, events, 4096):
            total = added(total, spill_counts(ids[start : start + 4096])[0])
        assert sum(count.n for count in total) == events
        return len(total), len(pickle.dumps(total))

    few, many = kept(20_000), kept(200_000)
    assert few[0] == many[0] == 200
    assert many[1] < 1.2 * few[1]
