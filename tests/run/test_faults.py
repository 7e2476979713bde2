"""One property: under any faults, counts and ledger are those of a count by hand.

Random events in random files with random faults go through the engines. What has to come out is
said by plain loops over the events that were made, which use nothing of the package.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uproot
from coffea import processor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import na64ana as na
from na64ana.errors import InputError
from na64ana.run import coffea

#: (run, spill, event, master time [ns], SRD energy [GeV], ECAL energy [GeV])
Event = tuple[int, int, int, float, float, float]
FAULTS = ("missing", "truncated", "basket", "tree", "branch")
WORDS = {
    "missing": "no such file",
    "truncated": "truncated",
    "basket": "cannot be read",
    "tree": "no tree 'tout'",
    "branch": "does not have it",
}


# ------------------------------------------------------------------------- what is made


@dataclass
class File:
    name: str
    events: list[Event]
    baskets: list[int]
    fault: str = ""
    bad: bool = False

    @property
    def spills(self) -> set[tuple[int, int]]:
        return {event[:2] for event in self.events}

    @property
    def fails(self) -> bool:
        return bool(self.fault) and not self.bad


@dataclass
class Plan:
    files: list[File]
    exposure: dict[tuple[int, int], int]
    bad_spills: list[tuple[int, int]]
    bad_events: list[tuple[int, int, int, int, int]]  # run, spill, first, last, exposure
    by_manifest: bool
    kind: str
    again: str  # how a file is given twice: link, copy, path, or not at all
    engine: str
    workers: int
    chunk: int
    skip: bool
    once: bool
    doubles: bool = field(default=False)


@st.composite
def plans(draw: Any) -> Plan:
    numbers = st.integers(0, 30)
    spills = draw(
        st.lists(
            st.tuples(st.integers(1, 2), st.integers(1, 3)), min_size=1, max_size=4, unique=True
        )
    )
    files = [File(f"f{i}.root", [], draw(st.lists(st.integers(1, 9), max_size=3)))
             for i in range(draw(st.integers(1, 4)))]  # fmt: skip
    for run, spill in spills:
        homes = draw(st.lists(st.sampled_from(files), min_size=1, max_size=3, unique_by=id))
        for number in draw(st.lists(numbers, max_size=8, unique=True)):
            values = draw(st.tuples(
                st.sampled_from([85.0, 90.0, 99.5, 110.0, 111.0]),
                st.sampled_from([0.0, 0.03, 0.031, 0.5]),
                st.sampled_from([0.0, 49.75, 50.0, 75.0, 99.0]),
            ))  # fmt: skip
            draw(st.sampled_from(homes)).events.append((run, spill, number, *values))
    doubles = draw(st.sampled_from([False, False, False, True]))
    seen = [(file, event) for file in files for event in file.events if not in_box(event)]
    if doubles and seen:
        _, event = draw(st.sampled_from(seen))
        draw(st.sampled_from(files)).events.append(event)
    for file in files:
        file.events = draw(st.permutations(file.events))
        if draw(st.integers(0, 3)) == 0:
            file.fault = draw(st.sampled_from(FAULTS))
            if file.fault == "basket" and not file.events:
                file.fault = ""
    by_manifest = draw(st.booleans())
    plan = Plan(
        files=files,
        exposure={spill: draw(st.integers(0, 10**12)) for spill in spills},
        bad_spills=[],
        bad_events=[],
        by_manifest=by_manifest,
        kind=draw(st.sampled_from(["data", "pseudo-data"])),
        again=draw(st.sampled_from(["", "", "", "path", "link", "copy"])),
        engine=draw(st.sampled_from(["local", "local", "coffea"])),
        workers=1,
        chunk=draw(st.integers(1, 12)),
        skip=draw(st.sampled_from([True, True, True, False])),
        once=draw(st.booleans()),
        doubles=doubles,
    )
    if by_manifest:
        draw_quality(draw, plan, spills)
    return plan


def draw_quality(draw: Any, plan: Plan, spills: list[tuple[int, int]]) -> None:
    """Mark files, spills and events as bad; add a spill that is in no file."""
    if draw(st.booleans()):
        plan.exposure[3, 1] = draw(st.integers(0, 10**12))
    for file in plan.files:
        file.bad = draw(st.integers(0, 7)) == 0
    if all(file.bad for file in plan.files):
        plan.files[0].bad = False
    for spill in spills:
        what = draw(st.integers(0, 7))
        if what == 0:
            plan.bad_spills.append(spill)
        elif what == 1:
            first, last = sorted(draw(st.tuples(st.integers(0, 30), st.integers(0, 30))))
            amount = draw(st.integers(0, plan.exposure[spill]))
            plan.bad_events.append((*spill, first, last, amount))


# ------------------------------------------------------------------- what has to come out


def passes(event: Event) -> list[bool]:
    *_, time, srd, ecal = event
    return [90 <= time <= 110, srd > 0.03, ecal < 50]


def in_box(event: Event) -> bool:
    return all(passes(event)[1:])


@dataclass
class Expected:
    events: list[Event]  # counted, with those of the box
    entries: dict[str, list[Event]]  # the same, by file
    spills: dict[tuple[int, int], tuple[str, int]]  # state, and particles processed
    lost: set[str]
    repeated: bool


def expect(plan: Plan) -> Expected:
    used = [file for file in plan.files if not file.bad]
    lost = {file.name for file in used if file.fails}
    states: dict[tuple[int, int], tuple[str, int]] = {}
    for spill, amount in plan.exposure.items():
        holders = [file for file in plan.files if spill in file.spills]
        if spill in plan.bad_spills or any(file.bad for file in holders):
            states[spill] = ("excluded", 0)
        elif not holders or any(file.name in lost for file in holders):
            states[spill] = ("lost", 0)
        else:
            bad = sum(b[4] for b in plan.bad_events if b[:2] == spill)
            states[spill] = ("processed", amount - bad)
    known: set[tuple[int, int, int]] = set()
    repeated = False
    entries: dict[str, list[Event]] = {}
    for file in sorted(used, key=lambda file: file.name):
        if file.name in lost:
            continue
        entries[file.name] = []
        for event in file.events:
            if plan.by_manifest and left_out(plan, event, states):
                continue
            if event[:3] in known:
                repeated = True
                continue
            known.add(event[:3])
            if not plan.by_manifest or states[event[:2]][0] == "processed":
                entries[file.name].append(event)
    events = [event for found in entries.values() for event in found]
    return Expected(events, entries, states, lost, repeated)


def left_out(plan: Plan, event: Event, states: dict[tuple[int, int], tuple[str, int]]) -> bool:
    run, spill, number = event[:3]
    return states[run, spill][0] == "excluded" or any(
        bad[:2] == (run, spill) and bad[2] <= number <= bad[3] for bad in plan.bad_events
    )


def digest(event: Event) -> int:
    """Splitmix64 over run, spill and event, as the records describe it."""
    state = 0
    for number in event[:3]:
        state = (state + number + 0x9E3779B97F4A7C15) % 2**64
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB % 2**64
        state ^= state >> 31
    return state


# ------------------------------------------------------------------------- the files


def make(plan: Plan, folder: Path, write_events: Any) -> tuple[list[str], bool]:
    """Write the files and the manifest; return the inputs, and whether one is given twice."""
    for file in plan.files:
        path = folder / file.name
        write_events(
            path,
            file.events,
            baskets=file.baskets,
            kind=plan.kind if plan.kind == "pseudo-data" else None,
            tree="other" if file.fault == "tree" else "tout",
            without=["masterT"] if file.fault == "branch" else [],
        )
        damage(path, file.fault)
    paths = [str(folder / file.name) for file in plan.files]
    inputs = [write_manifest(plan, folder)] if plan.by_manifest else paths
    healthy = [file for file in plan.files if not file.fault and not file.bad]
    if not plan.again or not healthy or (plan.by_manifest and plan.engine == "coffea"):
        return inputs, False
    path = folder / healthy[0].name
    other = path if plan.again == "path" else folder / f"z_{plan.again}.root"
    if plan.again == "link":
        other.symlink_to(path)
    elif plan.again == "copy":
        shutil.copy(path, other)
    return [*inputs, str(other)], True


def damage(path: Path, fault: str) -> None:
    if fault == "missing":
        path.unlink()
    elif fault == "truncated":
        os.truncate(path, path.stat().st_size - 7)
    elif fault == "basket":
        with uproot.open(path) as file:
            branch = file["tout"]["ECAL_ene"]
            place = branch.member("fBasketSeek")[0] + branch.member("fBasketBytes")[0] - 1
        content = bytearray(path.read_bytes())
        content[place] ^= 0xFF  # of the checksum at the end of the zlib block
        path.write_bytes(content)


def write_manifest(plan: Plan, folder: Path) -> str:
    lines = ["name: night", f"kind: {plan.kind}", "exposure:", "  spills:"]
    for run in sorted({run for run, _ in plan.exposure}):
        amounts = [f"{s}: {n}" for (r, s), n in sorted(plan.exposure.items()) if r == run]
        lines.append(f"    {run}: {{{', '.join(amounts)}}}")
    known = {spill for file in plan.files for spill in file.spills}
    bad = [f"  - {{run: {run}, spill: {spill}, reason: noisy}}" for run, spill in plan.bad_spills]
    bad += [
        f"  - {{run: {run}, spill: {spill}, events: [{first}, {last}], exposure: {n}, reason: DAQ}}"
        for run, spill, first, last, n in plan.bad_events
    ]
    assert known <= plan.exposure.keys()
    lines += ["bad_spills:", *bad] if bad else []
    lines.append("files:")
    for file in plan.files:
        runs = {run: sorted(s for r, s in file.spills if r == run) for run, _ in file.spills}
        spills = ", ".join(f"{run}: [{', '.join(map(str, s))}]" for run, s in runs.items())
        quality = ", quality: bad, reason: noisy" if file.bad else ""
        lines.append(f"  - {{path: {file.name}, spills: {{{spills}}}{quality}}}")
    path = folder / "night.yaml"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def run(plan: Plan, inputs: list[str], selection: Any) -> Any:
    policy: dict[str, Any] = {
        "on_bad_file": "skip" if plan.skip else "stop",
        "duplicates": "once" if plan.once else "refuse",
    }
    if plan.engine == "local":
        return na.run(
            selection, inputs, workers=plan.workers, chunk_size=plan.chunk, progress=False, **policy
        )
    executor = (
        processor.IterativeExecutor(status=False)
        if plan.workers == 1
        else processor.FuturesExecutor(workers=plan.workers, status=False)
    )
    quiet = processor.IterativeExecutor(status=False)
    runner = processor.Runner(executor=executor, pre_executor=quiet, chunksize=plan.chunk)
    fileset = inputs[0] if plan.by_manifest else {"night": inputs}
    return coffea(runner, fileset, selection, **policy)["night"]


# ------------------------------------------------------------------------- the property


def check(plan: Plan, write_events: Any, selection: Any) -> None:
    expected = expect(plan)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs, twice = make(plan, folder, write_events)
        refused = (
            (twice and not plan.once)
            or (expected.lost and not plan.skip)
            or (expected.repeated and not plan.once)
        )
        if refused:
            with pytest.raises(InputError) as caught:
                run(plan, inputs, selection)
            words = str(caught.value)
            faults = [f for f in plan.files if f.name in expected.lost]
            assert (
                (twice and "counted twice" in words)
                or (expected.repeated and "counted twice" in words)
                or any(f.name in words and WORDS[f.fault] in words.lower() for f in faults)
            ), words
            return
        record = run(plan, inputs, selection)
        check_counts(record, expected)
        check_files(record, plan, expected, folder)
        check_ledger(record, plan, expected, folder, twice)


def check_counts(record: Any, expected: Expected) -> None:
    shown = [event for event in expected.events if not in_box(event)]
    flow = record.cutflow
    assert record.events == len(shown)
    for i in range(3):
        rows = [passes(event) for event in shown]
        row = flow.rows[i]
        assert row.alone.n == sum(p[i] for p in rows)
        before = sum(all(p[: i + 1]) for p in rows)
        if i < 2:
            assert row.sequential.n == before
        else:
            assert row.sequential is None
            assert before == 0
    electrons = sorted(e[:3] for e in shown if passes(e)[0] and e[5] > 80)
    assert [tuple(row) for row in record.channels["electron"].survivors.tolist()] == electrons
    side = record.regions["side"].in_order()
    # by `where`: with all cuts that are not of the box
    inside = sorted(event for event in shown if passes(event)[0] and event[5] > 70)
    assert [tuple(row) for row in side.ids.tolist()] == [event[:3] for event in inside]
    assert side.kept["master_time"].tolist() == [event[3] for event in inside]
    by_run = Counter(event[0] for event in shown)
    assert {k: v["events"].n.tolist()[0] for k, v in flow.runs.items()} == dict(by_run)


def check_files(record: Any, plan: Plan, expected: Expected, folder: Path) -> None:
    made = {str(folder / file.name): file for file in plan.files}
    assert {Path(file.path).name for file in record.inputs} == expected.entries.keys()
    for file in record.inputs:
        name = Path(file.path).name
        counted = [event for event in expected.entries[name] if not in_box(event)]
        spills: dict[tuple[int, int], list[Event]] = {}
        for event in counted:
            spills.setdefault(event[:2], []).append(event)
        assert {
            count.key: (count.n, count.first, count.last, count.digest) for count in file.spills
        } == {
            spill: (
                len(events),
                min(e[2] for e in events),
                max(e[2] for e in events),
                sum(map(digest, events)) % 2**64,
            )
            for spill, events in spills.items()
        }
        assert file.complete
        assert file.entries == len(made[str(folder / name)].events)
        assert sum(file.left_out.values()) <= file.entries - len(counted)


def check_ledger(record: Any, plan: Plan, expected: Expected, folder: Path, twice: bool) -> None:
    ledger = record.ledger
    assert {Path(file.path).name for file in ledger.lost_files} == expected.lost
    assert bool(ledger.repeated_files) == twice
    if not plan.by_manifest:
        assert {Path(path).name for path in ledger.unaccounted} == expected.entries.keys()
        assert ledger.totals.recorded == 0
        return
    assert ledger.unaccounted == ()
    states: dict[tuple[int, int], Counter[str]] = {spill: Counter() for spill in plan.exposure}
    for entry in ledger.entries:
        states[entry.run, entry.spill][entry.state] += entry.amount
    for spill, amount in plan.exposure.items():
        state, processed = expected.spills[spill]
        rest = "excluded" if state == "processed" else state
        want = Counter({"processed": processed, rest: amount - processed})
        assert +states[spill] == +want
    assert ledger.totals.recorded == sum(plan.exposure.values())
    assert ledger.totals.processed == sum(n for _, n in expected.spills.values())
    for run, totals in ledger.by_run().items():
        of_run = {s: n for s, n in plan.exposure.items() if s[0] == run}
        assert totals.recorded == sum(of_run.values())
        assert totals.processed == sum(expected.spills[s][1] for s in of_run)
        assert totals.recorded == totals.processed + totals.lost + totals.excluded
    for file in plan.files:
        totals = ledger.by_file().get(file.name)
        if file.spills:
            assert totals is not None
            assert totals.recorded == sum(plan.exposure[spill] for spill in file.spills)
            assert totals.processed == sum(expected.spills[spill][1] for spill in file.spills)
    lost = sum(n for s, n in plan.exposure.items() if expected.spills[s][0] == "lost")
    assert ledger.complete == (not expected.lost and not lost)


COMMON: dict[str, Any] = {
    "database": None,
    "derandomize": True,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}


@settings(max_examples=60, **COMMON)
@given(plan=plans())
def test_counts_and_ledger_are_exact_under_faults(plan, write_events, small_selection):
    check(plan, write_events, small_selection())


@settings(max_examples=3, **COMMON)
@given(plan=plans(), engine=st.sampled_from(["local", "coffea"]))
def test_the_same_in_two_processes(plan, engine, write_events, small_selection):
    plan.workers, plan.engine, plan.skip = 2, engine, True
    check(plan, write_events, small_selection())


@pytest.fixture(scope="module")
def asked_for(request):
    if "fuzz" not in request.config.getoption("markexpr"):
        pytest.skip("takes a quarter of an hour: ask for it with -m fuzz")


@pytest.mark.fuzz
@settings(max_examples=3000, **COMMON)
@given(plan=plans())
def test_a_long_campaign_of_faults(plan, asked_for, write_events, small_selection):
    check(plan, write_events, small_selection())
