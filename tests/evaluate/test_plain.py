"""Random selections on random events, against a second evaluation written here event by event."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from na64ana.cutflow import COUNTS, Counts, Cutflow, Record
from na64ana.evaluate import evaluate
from na64ana.selection import Selection

from .drawn import WEIGHTS, Cut, as_columns, events, selections

# ------------------------------------------------------------------ comparing


def exactly(ws: list[float] | int) -> Counts:
    """Sums without rounding but at the end; of counted events if there are no weights."""
    if isinstance(ws, int):
        return Counts(ws, float(ws), float(ws))
    sums = [sum((Fraction(w) ** k for w in ws), Fraction(0)) for k in (1, 2)]
    return Counts(len(ws), *(once_rounded(s) for s in sums))


def once_rounded(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class Plain:
    """The numbers of one chain, counted event by event from what each cut says."""

    def __init__(self, chain: list[Cut], boxes: list[set[str]], outcomes: Any, wanted: Any) -> None:
        self.names = [cut.name for cut in chain]
        # only a box whose cuts are all in this chain is a box of it
        self.boxes = [{self.names.index(n) for n in box} for box in boxes if box <= set(self.names)]
        self.rows = [[outcomes[i][name] for name in self.names] for i in wanted]
        self.wanted = wanted

    def passing(self, row: Any, but: set[int]) -> bool:
        return all(ok for i, (ok, _, _) in enumerate(row) if i not in but)

    def counted(self, kind: str, i: int) -> list[int] | None:
        """Positions of the events of one number; None where it has no meaning."""
        last = set(range(i + 1, len(self.names)))
        boxed = set().union(*self.boxes) if self.boxes else set()
        if kind == "all_but_this_open" and i in boxed:
            return None
        test: dict[str, Callable[[Any], bool]] = {
            "sequential": lambda row: self.passing(row, last),
            "alone": lambda row: row[i][0],
            "all_but_this": lambda row: self.passing(row, {i}),
            "all_but_this_open": lambda row: self.passing(row, {i} | boxed),
            "nan": lambda row: row[i][1],
            "not_applied": lambda row: not row[i][2],
        }
        return [n for n, row in zip(self.wanted, self.rows, strict=True) if test[kind](row)]

    def hidden(self, kind: str, i: int) -> bool:
        """Whether the cuts of a number hold those of a box: then it would be the box."""
        if kind == "all_but_this_open":
            return False
        every = set(range(len(self.names)))
        used = {"sequential": set(range(i + 1)), "all_but_this": every - {i}}.get(kind, {i})
        return any(box <= used for box in self.boxes)

    def survivors(self) -> list[int]:
        return [
            n for n, row in zip(self.wanted, self.rows, strict=True) if self.passing(row, set())
        ]


def agree(flow: Cutflow, plain: Plain, found: list[dict[str, Any]], ws: Any, blind: bool) -> None:
    def counts(where: list[int]) -> Counts:
        return exactly(len(where) if ws is None else [ws[i] for i in where])

    assert flow.events == counts(list(plain.wanted))
    runs = {found[i]["run"] for i in plain.wanted}
    assert set(flow.runs) == runs
    for i, row in enumerate(flow.rows):
        for kind in COUNTS:
            where = plain.counted(kind, i)
            value = getattr(row, kind)
            if where is None or (blind and plain.hidden(kind, i)):
                assert value is None, (kind, i)
                assert row.hidden[kind] in ("blinded", "not computed")
                continue
            assert value == counts(where), (kind, i)
            for run in runs:
                there = getattr(flow.run_rows(run)[i], kind)
                assert there == counts([n for n in where if found[n]["run"] == run]), (kind, i, run)
    if blind and plain.hidden("sequential", len(plain.names) - 1):
        assert flow.survivors is None
    else:
        ids = sorted(
            (found[i]["run"], found[i]["spill"], found[i]["event"]) for i in plain.survivors()
        )
        assert flow.survivors is not None
        assert [tuple(row) for row in flow.survivors.tolist()] == ids


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(selections(), events(), st.booleans())
def test_random_selections_agree_with_a_plain_evaluation(layout, drawn, found, blind):
    content, _, extra = drawn
    chains, boxes = extra["chains"], extra["boxes"]
    bound = Selection.from_dict(content).bind(layout)
    record: Record = evaluate(as_columns(found), bound, blind=blind)
    blind = blind and bool(boxes)
    assert record.blind is blind

    every = {cut.name: cut for chain in chains.values() for cut in chain}
    outcomes = [{name: cut.outcome(ev) for name, cut in every.items()} for ev in found]
    wanted = [
        i
        for i, outcome in enumerate(outcomes)
        if not (blind and any(all(outcome[name][0] for name in box) for box in boxes))
    ]
    ws = None
    if "weight" in content:
        ws = [WEIGHTS[content["weight"]](ev["w"]) for ev in found]
    assert set(record.channels) == set(chains)
    for name, chain in chains.items():
        agree(record.channels[name], Plain(chain, boxes, outcomes, wanted), found, ws, blind)

    missing = any(o[1] for outcome in outcomes for o in outcome.values())
    event(f"numbers missing: {missing}")
    event(f"box closed: {blind}, events taken out: {len(wanted) < len(found)}")
    event(f"weights: {ws is not None}, channel: {len(chains) > 1}")
    event(f"survivors: {bool(len(record.cutflow.ids))}")
