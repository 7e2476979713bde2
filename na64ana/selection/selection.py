"""The selection: a whole, checked description of what is counted, with its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from na64ana.errors import LayoutError, printable
from na64ana.layouts import Layout, load_layout
from na64ana.named import Named
from na64ana.selection.bind import BoundSelection, bind
from na64ana.selection.canonical import canonical
from na64ana.selection.form import check_form
from na64ana.selection.load import Resolved, find_selection, resolve, resolve_document
from na64ana.selection.model import (
    ChannelSpec,
    CutSpec,
    HistogramSpec,
    LookupSpec,
    RegionSpec,
    SelectionSpec,
)
from na64ana.yamltext import Document

__all__ = ["Selection"]


@dataclass(frozen=True, repr=False)
class Selection:
    """Observables, an ordered chain of cuts, channels, regions and histograms.

    ``closed`` are boxes of inherited blind regions, kept closed as they were although a cut of
    theirs was changed: else the difference of two blind records would show events of the box.

    Made by `Selection.load` or `Selection.from_dict`; both check all that can be checked
    without data, expressions and units against the selection's default layout included.
    """

    spec: SelectionSpec
    where: Mapping[tuple[str, ...], str] = field(repr=False, default_factory=dict)
    closed: tuple[tuple[CutSpec, ...], ...] = ()

    @classmethod
    def load(cls, name: str | Path) -> Selection:
        """Load a shipped selection by name, or a YAML file by its path.

        Raises
        ------
        SelectionError
            The file cannot be used; the message gives file, line, cut and culprit.
        """
        return cls._checked(resolve(find_selection(name)))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Selection:
        """Make a selection from plain data with the keys of a selection file.

        Raises
        ------
        SelectionError
            The content is no selection.
        """
        return cls._checked(resolve_document(Document("selection", dict(content)), Path()))

    @classmethod
    def _checked(cls, resolved: Resolved) -> Selection:
        selection = cls(resolved.spec, resolved.where, tuple(resolved.closed))
        check_form(selection.spec, selection.where_is)
        if selection.spec.layout is not None:
            selection.bind(selection.layout())
        return selection

    def __repr__(self) -> str:
        channels = ", ".join(["main", *self.spec.channels])
        return (
            f"<Selection {self.name}: {len(self.spec.cuts)} cuts, channels {channels}, "
            f"sha256 {self.sha256[:12]}>"
        )

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import selection

        return selection(self)

    @property
    def name(self) -> str:
        """Name of the selection."""
        return self.spec.name

    @property
    def observables(self) -> Mapping[str, str | LookupSpec]:
        """The observables as they are written, by name."""
        return Named(self.spec.observables, "observable")

    @property
    def cuts(self) -> tuple[CutSpec, ...]:
        """The cuts of the main chain, in order."""
        return tuple(self.spec.cuts)

    @property
    def channels(self) -> Mapping[str, ChannelSpec]:
        """The channels beside the main chain, by name."""
        return Named(self.spec.channels, "channel")

    @property
    def regions(self) -> Mapping[str, RegionSpec]:
        """The regions, by name."""
        return Named(self.spec.regions, "region")

    @property
    def histograms(self) -> Mapping[str, HistogramSpec]:
        """The histograms as they are booked, by name."""
        return Named(self.spec.histograms, "histogram")

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical form: equal for two selections that count the same way."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """Return what is counted as JSON, free of words for people, layout and file."""
        return canonical(self.spec, self.closed)

    def layout(self, override: str | Path | None = None) -> Layout:
        """Load the default layout, or the one given instead.

        Raises
        ------
        LayoutError
            There is none of that name, or the selection names none and none was given.
        """
        if override is not None:
            return load_layout(override)
        if self.spec.layout is None:
            msg = f"selection '{printable(self.name)}' names no layout: give one with --layout"
            raise LayoutError(msg)
        try:
            return load_layout(self.spec.layout)
        except LayoutError as error:
            msg = f"{self.where_is('layout')}: layout: {error}"
            raise LayoutError(msg) from None

    def bind(self, layout: Layout) -> BoundSelection:
        """Check all expressions against the columns of a layout.

        Raises
        ------
        SelectionError
            A name is unknown in that layout, or kinds, units or shapes do not fit.
        """
        key = layout.name, layout.sha256
        if key not in self._bound:
            found = bind(self.spec, self.closed, self.sha256, layout, self.where_is)
            self._bound[key] = found
        return self._bound[key]

    @cached_property
    def _bound(self) -> dict[tuple[str, str], BoundSelection]:
        """What was bound before, by layout."""
        return {}

    def where_is(self, *path: str) -> str:
        """Return ``file, line N`` of an item, or of the nearest item around it."""
        for stop in range(len(path), -1, -1):
            if path[:stop] in self.where:
                return self.where[path[:stop]]
        return "selection"
