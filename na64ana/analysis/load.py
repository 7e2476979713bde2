"""Analysis files: read, checked against their selection without data, and hashed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from na64ana.analysis.check_signal import check_signal
from na64ana.analysis.model import (
    SOURCES,
    AbcdSpec,
    AnalysisSpec,
    BoundSpec,
    FixedSpec,
    SampleSpec,
    SidebandSpec,
    SimulationSpec,
    SourceSpec,
)
from na64ana.background import Budget, Correlation, Source
from na64ana.datasets import figure
from na64ana.errors import AnalysisError, BackgroundError, Na64Error, nearest, printable
from na64ana.selection import BoundSelection, Selection
from na64ana.selection.model import RegionSpec
from na64ana.units import Unit, parse_quantity
from na64ana.yamltext import Document, convert, read_yaml

__all__ = ["Analysis", "given", "load_analysis"]


@dataclass(frozen=True)
class Analysis:
    """A checked analysis.

    Attributes
    ----------
    spec : AnalysisSpec
    sources : tuple of SourceSpec
        The background sources, each with the keys of its method.
    selection : Selection
    folder : Path
        Where the file lies; inputs are relative to it.
    path : str
    """

    spec: AnalysisSpec
    sources: tuple[SourceSpec, ...]
    selection: Selection
    folder: Path
    path: str

    @cached_property
    def sha256(self) -> str:
        """Hash of what is computed: not of words, the name, the folder or simulated inputs."""
        content = msgspec.to_builtins(self.spec)
        for key in ("name", "description", "reference", "simulation"):
            content.pop(key, None)
        content["background"]["sources"] = [
            {"method": source.method, **_plain(source)} for source in self.sources
        ]
        content["selection"] = self.selection.sha256
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def bound(self) -> BoundSelection:
        """The selection, bound to the layout of the data."""
        return self.selection.bind(self.selection.layout(self.spec.layout))

    def unit(self, observable: str) -> Unit:
        """Return the unit of a number that a region keeps."""
        for region in self.bound.regions:
            if observable in region.keep:
                return region.keep[observable].type.unit
        msg = f"no region keeps '{printable(observable)}'"
        raise AnalysisError(msg)

    def inputs(self, given: str | list[str]) -> list[str]:
        """Return input arguments relative to where the file lies."""
        items = [given] if isinstance(given, str) else given
        return [self._place(item) for item in items]

    def _place(self, item: str) -> str:
        if "://" in item or item.startswith("@"):
            return item
        return str(self.folder / item)


def load_analysis(path: str | Path) -> Analysis:
    """Read an analysis file and check it against its selection.

    Raises
    ------
    AnalysisError
        The file cannot be used; the message gives file, line, item and what is near.
    """
    document = read_yaml(Path(path), AnalysisError)
    spec = convert(document, AnalysisSpec, AnalysisError)
    folder = Path(path).parent
    sources = tuple(_source(document, i, given) for i, given in enumerate(spec.background.sources))
    where = document.where("selection")
    beside = folder / spec.selection
    try:
        selection = Selection.load(beside if beside.is_file() else spec.selection)
    except Na64Error as error:
        raise AnalysisError(f"{where}: {error}") from None
    analysis = Analysis(spec, sources, selection, folder, document.path)
    Check(document, analysis).all()
    return analysis


def given(spec: FixedSpec) -> Source:
    """Return the budget's source of a number given from elsewhere.

    Raises
    ------
    BackgroundError
        Its error is zero and not declared exact, or a number is not finite.
    """
    return Source(
        spec.name, spec.value, spec.statistical, spec.systematic, exact=spec.exact,
        method="given", reference=spec.reference,
    )  # fmt: skip


def _plain(source: SourceSpec) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(source)
    content.pop("reference", None)
    return content


def _source(document: Document, i: int, given: Mapping[str, Any]) -> SourceSpec:
    place: tuple[str | int, ...] = ("background", "sources", i)
    method = given.get("method")
    if not isinstance(method, str) or method not in SOURCES:
        near = nearest(str(method), SOURCES) if method is not None else ""
        raise AnalysisError(
            f"{document.where(*place)}: background source "
            f"'{printable(str(given.get('name', i + 1)))}': method is one of "
            f"{', '.join(SOURCES)}, not '{printable(str(method))}'{near}"
        )
    depth = len(place)
    lines = {path[depth:]: n for path, n in document.lines.items() if path[:depth] == place}
    part = Document(document.path, dict(given), lines | {(): document.lines.get(place, 0)})
    try:
        return convert(part, SOURCES[method], AnalysisError)
    except AnalysisError as error:
        name = printable(str(given.get("name", i + 1)))
        raise AnalysisError(f"{error} (background source '{name}')") from None


class Check:
    """What a file says against what its selection has."""

    def __init__(self, document: Document, analysis: Analysis) -> None:
        self.document, self.analysis = document, analysis
        self.regions: Mapping[str, RegionSpec] = analysis.selection.spec.regions

    def refuse(self, message: str, *path: str | int) -> NoReturn:
        raise AnalysisError(f"{self.document.where(*path)}: {message}")

    def all(self) -> None:
        spec = self.analysis.spec
        names = [source.name for source in self.analysis.sources]
        for i, source in enumerate(self.analysis.sources):
            place = ("background", "sources", i)
            if source.name in names[:i]:
                self.refuse(f"background source '{printable(source.name)}' stands twice", *place)
            self.source(source, f"background source '{printable(source.name)}'", *place)
        for i, pair in enumerate(spec.background.correlations):
            for name in pair.between:
                self.one_of("source", name, names, "background", "correlations", i)
        self.correlations()
        self.box(spec.signal.region, "signal", "signal", "region")
        check_signal(self)
        for name, sample in spec.samples.items():
            self.given(sample, "samples", name)
        self.simulation()

    def simulation(self) -> None:
        """Names that the simulation knows; what a signal needs; one number of events."""
        plan = self.analysis.spec.simulation
        if plan is None:
            return
        from na64ana.simulate import MODES

        self.one_of("mode", plan.mode, MODES, "simulation", "mode")
        mode = MODES[plan.mode]
        try:
            figure(plan.exposure)
        except Na64Error as error:
            self.refuse(str(error), "simulation", "exposure")
        for name, sample in plan.samples.items():
            path = ("simulation", "samples", name)
            self.one_of("sample", name, self.analysis.spec.samples, *path)
            known = mode.backgrounds if sample.times is not None else mode.processes
            self.one_of("process", sample.process, known, *path, "process")
            if (sample.events is None) == (sample.times is None):
                self.refuse("give events or times, one of them", *path)
            if (sample.model is None) != (sample.mass is None):
                self.refuse("a signal of a model needs both: model and mass", *path)

    def given(self, sample: SampleSpec, *path: str) -> None:
        if not sample.inputs:
            self.refuse(f"sample '{printable(path[-1])}' has no inputs", *path)

    def one_of(self, what: str, name: str, known: Any, *path: str | int) -> None:
        if name not in known:
            held = ", ".join(printable(item) for item in known) or "none"
            near = nearest(name, known)
            self.refuse(f"no {what} '{printable(name)}' ({what}s: {held}){near}", *path)

    def box(self, name: str, what: str, *path: str | int) -> None:
        self.one_of("region", name, list(self.regions), *path)
        if not self.regions[name].blind:
            self.refuse(f"{what}: region '{printable(name)}' is not blind; it is no box", *path)

    def source(self, source: SourceSpec, what: str, *path: str | int) -> None:
        if isinstance(source, SidebandSpec):
            self.sideband(source, what, *path)
        elif isinstance(source, FixedSpec):
            try:
                given(source)
            except BackgroundError as error:
                self.refuse(str(error), *path)
        elif isinstance(source, SimulationSpec):
            self.one_of("sample", source.sample, self.analysis.spec.samples, *path, "sample")
            self.box(source.region, what, *path, "region")
            if source.ratio is not None:
                channels = ["main", *self.analysis.selection.spec.channels]
                self.one_of("channel", source.ratio, channels, *path, "ratio")
        elif isinstance(source, AbcdSpec):
            for key in ("b", "c", "d"):
                self.counted(getattr(source, key), what, *path, key)

    def correlations(self) -> None:
        """Errors that can be correlated so, whatever their sizes; a bound has none."""
        sources = tuple(
            Source(s.name, 0.0, upper=s.upper) if isinstance(s, BoundSpec) else Source(s.name, 1, 1)
            for s in self.analysis.sources
        )
        stated = tuple(
            Correlation(pair.between[0], pair.between[1], pair.coefficient)
            for pair in self.analysis.spec.background.correlations
        )
        try:
            Budget(sources, stated)
        except BackgroundError as error:
            self.refuse(str(error), "background", "correlations")

    def counted(self, name: str, what: str, *path: str | int) -> None:
        """A region that data show."""
        self.one_of("region", name, list(self.regions), *path)
        if self.regions[name].blind:
            self.refuse(f"{what}: region '{printable(name)}' is blind", *path)

    def sideband(self, source: SidebandSpec, what: str, *path: str | int) -> None:
        self.counted(source.region, what, *path, "region")
        kept = self.regions[source.region].keep
        self.one_of("value", source.observable, kept, *path, "observable")
        unit = self.analysis.unit(source.observable)
        box = self.span(source.box, unit, what, *path, "box")
        for i, given in enumerate(source.ranges):
            low, high = self.span(given, unit, what, *path, "ranges", i)
            if low < box[1] and box[0] < high:
                self.refuse(f"{what}: this range overlaps the box", *path, "ranges", i)
            if source.trigger is not None and high > self.number(source.trigger, unit, what, *path):
                self.refuse(
                    f"{what}: this range reaches beyond the trigger threshold "
                    f"{source.trigger}, where events are missing",
                    *path, "ranges", i,
                )  # fmt: skip

    def number(self, value: str | float, unit: Unit, what: str, *path: str | int) -> float:
        try:
            return parse_quantity(value).to(unit)
        except Na64Error as error:
            self.refuse(f"{what}: {error}", *path)

    def span(
        self, given: list[Any], unit: Unit, what: str, *path: str | int
    ) -> tuple[float, float]:
        if len(given) != len(("lower", "upper")):
            self.refuse(f"{what}: a range is [lower, upper]", *path)
        low, high = (self.number(value, unit, what, *path) for value in given)
        if not low < high:
            self.refuse(f"{what}: a range is [lower, upper], lower first", *path)
        return low, high

    def table(self, rows: list[list[float]], what: str, *path: str | int) -> None:
        good = all(len(row) == len(("mass", "value")) and row[0] > 0 and row[1] >= 0
                   and all(map(math.isfinite, row)) for row in rows)  # fmt: skip
        if not good:
            self.refuse(f"{what}: each row is [mass in GeV, value], mass above 0", *path)
        masses = [row[0] for row in rows]
        if any(b <= a for a, b in pairwise(masses)):
            self.refuse(f"{what}: masses must rise", *path)
