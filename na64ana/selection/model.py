"""The keys of a selection file, as typed models; the JSON schema is made from these."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = [
    "AxisSpec",
    "BlindSpec",
    "ChannelSpec",
    "CutSpec",
    "HistogramSpec",
    "LookupSpec",
    "RegionSpec",
    "SelectionSpec",
]

Expression = Annotated[
    str, Meta(description="Expression in Python syntax; every number with a dimension has a unit")
]
Bound = Annotated[
    str | float | None, Meta(description="A quantity such as '86.5 ns'; null leaves the side open")
]


Reason = Annotated[str, Meta(description="Words for people: why")]
Reference = Annotated[str, Meta(description="Words for people: where its numbers come from")]


class _Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class CutSpec(_Keys):
    """One condition: `observable` with `within` or with `above` and `below`, or `require`."""

    name: Annotated[str, Meta(min_length=1, description="What the row of the cutflow is called")]
    observable: Annotated[str | None, Meta(description="Observable, column or expression")] = None
    within: Annotated[
        list[Bound] | None,
        Meta(description="[lower, upper], closed at both ends"),
    ] = None
    above: Annotated[str | float | None, Meta(description="Passes if strictly above")] = None
    below: Annotated[str | float | None, Meta(description="Passes if strictly below")] = None
    require: Annotated[str | None, Meta(description="Condition as an expression")] = None
    runs: Annotated[
        list[int] | None,
        Meta(description="[first, last] run; outside, the cut is not applied and events pass"),
    ] = None
    reason: Reason = ""
    reference: Reference = ""
    before: Annotated[
        str | None, Meta(description="With extends: put a new cut before the named one")
    ] = None
    after: Annotated[
        str | None, Meta(description="With extends: put a new cut after the named one")
    ] = None


class LookupSpec(_Keys):
    """A step function: values[i] holds where edges[i] <= lookup < edges[i+1]."""

    lookup: Annotated[str, Meta(description="Observable, column or expression")]
    edges: Annotated[list[str | float], Meta(min_length=2, description="Rising quantities")]
    values: Annotated[list[str | float], Meta(min_length=1, description="One fewer than edges")]
    below: Annotated[
        str | float | None, Meta(description="Value under the first edge; default: missing")
    ] = None
    above: Annotated[
        str | float | None, Meta(description="Value from the last edge on; default: missing")
    ] = None


class ChannelSpec(_Keys):
    """Another chain that shares the first cuts of the main one."""

    after: Annotated[str, Meta(description="The last cut of the main chain that is shared")]
    cuts: Annotated[list[CutSpec], Meta(min_length=1, description="Its own cuts, in order")]
    reason: Reason = ""
    reference: Reference = ""


class BlindSpec(_Keys):
    """A blind region of which a fixed fraction of the data is open."""

    prescale: Annotated[
        int,
        Meta(ge=2, le=1_000_000, description="One event in so many is open, by its identity"),
    ]


class RegionSpec(_Keys):
    """A named area in observable space: by its `cuts`, or by `where`."""

    cuts: Annotated[
        Annotated[list[str], Meta(min_length=1)] | None,
        Meta(description="Names of cuts of the main chain: the region is where all of them hold"),
    ] = None
    where: Annotated[str | None, Meta(description="Condition as an expression")] = None
    blind: Annotated[
        bool | BlindSpec,
        Meta(description="Take its events out of data before anything is counted"),
    ] = False
    keep: Annotated[
        list[str], Meta(description="Observables whose values are kept, event by event")
    ] = []
    reason: Reason = ""
    reference: Reference = ""


class AxisSpec(_Keys):
    """An axis of a histogram."""

    observable: Annotated[str, Meta(description="Observable, column or expression")]
    bins: Annotated[
        Annotated[int, Meta(ge=1, le=10000)] | None, Meta(description="How many, of equal width")
    ] = None
    range: Annotated[list[str | float] | None, Meta(description="[lower, upper]")] = None
    edges: Annotated[
        Annotated[list[str | float], Meta(min_length=2)] | None,
        Meta(description="Rising quantities, in place of bins and range"),
    ] = None
    label: Annotated[str, Meta(description="Written on the axis; the unit is added")] = ""


class HistogramSpec(_Keys):
    """A histogram, booked after one, several or every cut of a channel."""

    x: Annotated[AxisSpec, Meta(description="Horizontal axis")]
    y: Annotated[AxisSpec | None, Meta(description="Vertical axis, of a plane")] = None
    at: Annotated[
        str | list[str],
        Meta(
            description="'every cut', 'start' (before any cut), a cut's name, 'all but' and a "
            "cut's name (N-1: after all other cuts but those of a blind region), or a list of these"
        ),
    ] = "every cut"
    channel: Annotated[str, Meta(description="Along whose chain")] = "main"


class SelectionSpec(_Keys):
    """A selection file: observables, an ordered chain of cuts, channels, regions, histograms."""

    name: Annotated[str, Meta(min_length=1, description="What it is called in every output")]
    extends: Annotated[
        str | list[str],
        Meta(description="Selection(s) that this one changes: by name, or path of a file"),
    ] = []
    layout: Annotated[str | None, Meta(description="Default layout of the input")] = None
    description: Annotated[str, Meta(description="Words for people")] = ""
    reference: Reference = ""
    weight: Annotated[str | None, Meta(description="Weight of an event, a bare number")] = None
    observables: Annotated[
        dict[str, Annotated[str | LookupSpec, Meta(description="Expression")]],
        Meta(description="Numbers of an event, computed from columns and other observables"),
    ] = {}
    cuts: Annotated[
        list[CutSpec], Meta(description="The chain, in order; may come from what is extended")
    ] = []
    drop: Annotated[
        list[str], Meta(description="With extends: cuts and observables that are left out")
    ] = []
    channels: Annotated[
        dict[str, ChannelSpec], Meta(description="Other chains that share the first cuts")
    ] = {}
    regions: Annotated[
        dict[str, RegionSpec], Meta(description="Named areas: the blind box, sidebands")
    ] = {}
    histograms: Annotated[
        dict[str, HistogramSpec], Meta(description="What is filled along the chains")
    ] = {}
