"""Whatever is edited, a run with a store that was there before gives the record of one without."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import na64ana as na
from na64ana.events import file_identity, plan

from . import toy

pytestmark = pytest.mark.usefixtures("one_maker")


@dataclass
class Analysis:
    """A folder with an input file, and all that says how it is counted."""

    folder: Path
    keys: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    seed: int = 1
    entries: int = toy.ENTRIES
    form: str = "TTree"
    kind: str | None = None

    @property
    def path(self) -> Path:
        return self.folder / ("toy.parquet" if self.form == "Parquet" else "toy.root")

    def write(self) -> None:
        for old in self.folder.glob("toy.*o*t*"):
            old.unlink()
        events = toy.events(self.seed, self.entries)
        toy.write(self.path, events, form=self.form, kind=self.kind)

    def check(self) -> bool:
        """Compare; return whether there was a record."""
        layout = toy.write_layout(self.folder, **self.columns)
        expected = self.outcome(layout, store=None)
        found = self.outcome(layout, store=self.folder / "store")
        assert found == expected
        return expected[0] == "{"

    def outcome(self, layout: Path, store: Path | None) -> str:
        try:
            selection = toy.selection(layout, **self.keys)
            record = na.run(selection, self.path, store=store, progress=False, **self.options)
            return record.to_json()
        except na.Na64Error as error:
            return f"refused: {error}"


def observables(**changes: Any) -> Any:
    """Edit some observables."""

    def edit(analysis: Analysis) -> None:
        old = analysis.keys.get("observables", toy.SELECTION["observables"])
        analysis.keys["observables"] = {**old, **changes}

    return edit


def cut(number: int, **keys: Any) -> Any:
    """Edit the condition of a cut."""

    def edit(analysis: Analysis) -> None:
        old = analysis.keys.get("cuts", toy.SELECTION["cuts"])
        name = toy.SELECTION["cuts"][number]["name"]
        analysis.keys["cuts"] = [{"name": name, **keys} if c["name"] == name else c for c in old]

    return edit


def key(name: str, change: Any) -> Any:
    """Edit a part of the selection."""

    def edit(analysis: Analysis) -> None:
        analysis.keys[name] = change(analysis.keys.get(name, toy.SELECTION.get(name)))

    return edit


def option(**changes: Any) -> Any:
    """Edit how it is counted."""
    return lambda analysis: analysis.options.update(changes)


def column(name: str, **changes: Any) -> Any:
    """Edit a column of the layout."""

    def edit(analysis: Analysis) -> None:
        analysis.columns[name] = {**analysis.columns.get(name, {}), **changes}

    return edit


def other_content(analysis: Analysis) -> None:
    """Another content of the same size, and the times of the one before."""
    before = analysis.path.stat()
    analysis.seed += 1
    analysis.write()
    os.utime(analysis.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = analysis.path.stat()
    if analysis.form == "TTree":
        assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    toy.settle()


def in_place(analysis: Analysis) -> None:
    """Another content of the same size, in the same file, and the times of the one before."""
    old = analysis.path.read_bytes()
    before = analysis.path.stat()
    analysis.seed += 1
    analysis.write()
    new = analysis.path.read_bytes()
    analysis.path.write_bytes(old)
    with analysis.path.open("r+b") as file:
        file.write(new)
        file.truncate()
    os.utime(analysis.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    toy.settle()


def replaced(analysis: Analysis) -> None:
    """Another file, moved to the same place."""
    analysis.seed += 1
    other = analysis.folder / "next" / analysis.path.name
    other.parent.mkdir(exist_ok=True)
    toy.write(other, toy.events(analysis.seed, analysis.entries), form=analysis.form)
    other.replace(analysis.path)
    toy.settle()


def touched(analysis: Analysis) -> None:
    analysis.path.touch()
    toy.settle()


def appended(analysis: Analysis) -> None:
    analysis.entries += 7
    analysis.write()


def written(**changes: Any) -> Any:
    """Write the file anew, in another form or with another tag."""

    def edit(analysis: Analysis) -> None:
        for name, value in changes.items():
            setattr(analysis, name, value)
        analysis.write()

    return edit


def histogram(analysis: Analysis) -> None:
    new = {"x": {"observable": "max(bars)", "bins": 4, "range": ["0 GeV", "30 GeV"]}, "at": "total"}
    old = analysis.keys.get("histograms", toy.SELECTION["histograms"])
    analysis.keys["histograms"] = {**old, "new": new}


def axis(name: str, **changes: Any) -> Any:
    def edit(analysis: Analysis) -> None:
        old = analysis.keys.get("histograms", toy.SELECTION["histograms"])
        changed = {**old[name], "x": {**old[name]["x"], **changes}}
        analysis.keys["histograms"] = {**old, name: changed}

    return edit


LOOKUP = toy.SELECTION["observables"]["step"]
EDITS = {
    "nothing": lambda analysis: None,
    "threshold": cut(0, observable="time", within=["90 ns", "110 ns"]),
    "threshold of cells": cut(4, require="count(bars > 15*GeV) > 1 and good"),
    "threshold inside an observable": observables(
        any_large="any(seventeen > 20*GeV) or total > 300*GeV"
    ),
    "unit": cut(7, observable="total", below="300000 MeV"),
    "another unit": cut(7, observable="total", below="300 MeV"),
    "not": cut(3, require="not any_large"),
    "argmax": cut(3, require="central != (1, 2)"),
    "bits": observables(physics="(bits & 9) != 0"),
    "runs": cut(2, require="all(planes > -90*GeV)", runs=[4, 4]),
    "observable": observables(total="sum(near) + max(near)"),
    "an observable that it uses": observables(near="where(abs(cells) < 20*GeV, cells, 0*GeV)"),
    "nan in a condition": observables(near="where(cells < 40*GeV or cells > 50*GeV, cells, 1*GeV)"),
    "of jagged": observables(far="max(hits) - hits[1]"),
    "large numbers": key(
        "regions", lambda old: {**old, "side": {"where": "big > 9007199254740992", "keep": []}}
    ),
    "table": observables(step={**LOOKUP, "values": ["10 GeV", "250 GeV"]}),
    "edges of a table": observables(step={**LOOKUP, "edges": ["80 ns", "99 ns", "120 ns"]}),
    "outside a table": observables(step={**LOOKUP, "above": "1 GeV"}),
    "region": key("regions", lambda old: {**old, "more": {"where": "odd", "keep": ["far"]}}),
    "box": key("regions", lambda old: {**old, "signal": {"cuts": ["hits"], "blind": True}}),
    "no box": key("regions", lambda old: {**old, "signal": {"cuts": ["hits", "total"]}}),
    "prescale": key(
        "regions",
        lambda old: {**old, "signal": {"cuts": ["rods", "total"], "blind": {"prescale": 3}}},
    ),
    "histogram": histogram,
    "axis": axis("times", range=["90 ns", "110 ns"]),
    "axis of something else": axis("plane", observable="sum(planes)"),
    "order of cuts": key("cuts", lambda old: (old or toy.SELECTION["cuts"])[::-1]),
    "weight": key("weight", lambda _: "1 + count(cells > 1*GeV)/7"),
    "no weight": key("weight", lambda _: None),
    "bad weight": key("weight", lambda _: "time / (7*ns)"),
    "branch": column("cells", branch="OTHER"),
    "no such branch": column("cells", branch="NONE"),
    "branch back": column("cells", branch="CELLS"),
    "unit of a column": column("cells", unit="MeV"),
    "unit back": column("cells", unit="GeV"),
    "shape": column("cells", shape=[1, 20]),
    "shape back": column("cells", shape=[2, 10]),
    "content": other_content,
    "content in place": in_place,
    "another file": replaced,
    "touch": touched,
    "more events": appended,
    "simulation": written(kind="simulation"),
    "data": written(kind=None),
    "RNTuple": written(form="RNTuple"),
    "Parquet": written(form="Parquet"),
    "TTree": written(form="TTree"),
    "no events": written(entries=0),
    "as before": written(entries=toy.ENTRIES),
    "sequential": option(counts="sequential"),
    "full": option(counts="full"),
    "unblind": option(unblind="a test"),
    "open sample too": option(unblind="a test", with_open_sample=True),
    "blind": option(unblind=None, with_open_sample=False),
    "chunks": option(chunk_size=7),
    "larger chunks": option(chunk_size=None),
}
#: of the first analysis; that of a file that is refused is the same with a store
REFUSED = {"bad weight", "no such branch"}


@pytest.fixture(params=[64_000_000, 20_000], ids=["one range", "several ranges"])
def analysis(tmp_path, monkeypatch, request):
    monkeypatch.setattr(plan, "READ_BYTES", request.param)
    made = Analysis(tmp_path)
    made.write()
    made.check()
    assert len(list((tmp_path / "store").glob("*.kept"))) == 1
    return made


@pytest.mark.parametrize("analysis", [64_000_000], indirect=True)
def test_each_edit_in_turn_and_back(analysis):
    """Each edit of the first analysis, on one store; each twice, to count from what is kept."""
    clean = file_identity(str(analysis.path))
    for name, edit in EDITS.items():
        changed = Analysis(analysis.folder)
        if file_identity(str(changed.path)) != clean:
            changed.write()
            assert changed.check()
            clean = file_identity(str(changed.path))
        edit(changed)
        for _ in range(2):
            try:
                assert changed.check() == (name not in REFUSED)
            except AssertionError as error:
                raise AssertionError(name) from error


def test_all_edits_one_after_the_other(analysis):
    for name, edit in EDITS.items():
        edit(analysis)
        try:
            analysis.check()
        except AssertionError as error:
            raise AssertionError(name) from error


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a list of edits is read as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(names=["prescale", "weight", "Parquet", "chunks"])
@given(names=st.lists(st.sampled_from(sorted(EDITS)), min_size=3, max_size=10))
def test_any_edits_in_any_order(analysis, names):
    """One store for all of them."""
    changed = Analysis(analysis.folder)
    changed.write()
    for name in names:
        EDITS[name](changed)
        changed.check()
