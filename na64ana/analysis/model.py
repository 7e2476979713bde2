"""The keys of an analysis file, as typed models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

__all__ = [
    "SOURCES",
    "AbcdSpec",
    "AnalysisSpec",
    "BoundSpec",
    "CorrelationSpec",
    "EfficiencySpec",
    "FixedSpec",
    "LimitSpec",
    "RatioSpec",
    "SampleSpec",
    "SetupSpec",
    "SidebandSpec",
    "SignalSpec",
    "SimulatedSpec",
    "SimulationPlanSpec",
    "SimulationSpec",
    "SourceSpec",
    "YieldSpec",
]

Quantity = Annotated[str | float, Meta(description="A quantity such as '50 GeV'")]
Inputs = Annotated[
    str | list[str], Meta(description="Manifests, files, globs or folders, beside this file")
]
Description = Annotated[str, Meta(description="Words for people")]
Reference = Annotated[str, Meta(description="Words for people: where its numbers come from")]


class _Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    pass


class SampleSpec(_Keys, kw_only=True):
    """Simulated files, for one process."""

    inputs: Inputs
    description: Description = ""


class SourceSpec(_Keys, kw_only=True):
    """What every background source has; each method has keys of its own."""

    name: Annotated[str, Meta(min_length=1, description="Its row in the budget")]
    method: Annotated[str, Meta(description="How the number is found")]
    reference: Reference = ""


class FixedSpec(SourceSpec, kw_only=True):
    """A number given from elsewhere; that it is possible is checked where the source is made."""

    value: Annotated[float, Meta(description="Events in the box")]
    statistical: Annotated[float, Meta(description="Standard error, in events")] = 0.0
    systematic: Annotated[float, Meta(description="Standard error, in events")] = 0.0
    exact: Annotated[bool, Meta(description="An error of zero is meant")] = False


class BoundSpec(SourceSpec, kw_only=True):
    """An upper limit given from elsewhere."""

    upper: Annotated[float, Meta(ge=0, description="Events in the box")]
    cl: Annotated[
        Annotated[float, Meta(gt=0, lt=1)] | None,
        Meta(description="Confidence level of the bound; only where its origin states one"),
    ] = None


class SidebandSpec(SourceSpec, kw_only=True):
    """The tail of an observable in a region of the selection, extrapolated into the box."""

    region: Annotated[str, Meta(description="A region of the selection that keeps the observable")]
    observable: Annotated[str, Meta(description="One that the region keeps")]
    box: Annotated[
        list[Quantity], Meta(min_length=2, max_length=2, description="[lower, upper] of the box")
    ]
    ranges: Annotated[
        list[list[Quantity]], Meta(min_length=1, description="[lower, upper] of fits")
    ]
    shapes: Annotated[list[str], Meta(min_length=1, description="The central one first")]
    trigger: Annotated[
        Quantity | None, Meta(description="No fit beyond this: the trigger threshold")
    ] = None
    seed: Annotated[int, Meta(description="Of bootstrap and toys")] = 1


class SimulationSpec(SourceSpec, kw_only=True):
    """Simulated events in the box, scaled to the exposure of the data."""

    sample: Annotated[str, Meta(description="One of `samples`")]
    region: Annotated[str, Meta(description="The blind region of the selection")] = "signal"
    ratio: Annotated[
        str | None,
        Meta(description="A channel: its data/simulation ratio corrects the number"),
    ] = None
    systematic: Annotated[float, Meta(ge=0, description="Relative, of the simulation")] = 0.0


class AbcdSpec(SourceSpec, kw_only=True):
    """Three counts around the box: A = B C / D."""

    b: Annotated[str, Meta(description="Region beside the box in one observable")]
    c: Annotated[str, Meta(description="Region beside the box in the other")]
    d: Annotated[str, Meta(description="Region across")]
    systematic: Annotated[float, Meta(ge=0, description="Relative, such as of a closure test")] = (
        0.0
    )


SOURCES: dict[str, type[SourceSpec]] = {
    "fixed": FixedSpec,
    "bound": BoundSpec,
    "sideband": SidebandSpec,
    "simulation": SimulationSpec,
    "abcd": AbcdSpec,
}
"""Methods by name."""


class CorrelationSpec(_Keys, kw_only=True):
    """How two sources move together."""

    between: Annotated[list[str], Meta(min_length=2, max_length=2, description="Two sources")]
    coefficient: Annotated[float, Meta(ge=-1, le=1, description="Of their total errors")]


class RatioSpec(_Keys, kw_only=True):
    """Events of data over simulated ones in a channel, which corrects what is simulated."""

    sample: Annotated[str, Meta(description="One of `samples`, of the process of the channel")]
    channel: Annotated[str, Meta(description="Of the selection; its last cut counts")] = "dimuon"


class EfficiencySpec(_Keys, kw_only=True):
    """Signal efficiency: a number, a table against mass, or measured on a simulated sample.

    Of a setup of a model, a histogram over the energy of the mediator gives it as a function of
    that energy, so that one sample serves all masses and models.
    """

    value: Annotated[
        Annotated[float, Meta(gt=0, le=1)] | None, Meta(description="One for all masses")
    ] = None
    table: Annotated[
        list[list[float]] | None, Meta(description="[mass in GeV, efficiency], rising in mass")
    ] = None
    sample: Annotated[str | None, Meta(description="One of `samples`: events in the box / all")] = (
        None
    )
    histogram: Annotated[
        str | None,
        Meta(description="Of the selection, over `truth.energy`, at `start` and the last cut"),
    ] = None
    ratio: Annotated[
        RatioSpec | None,
        Meta(description="Multiplies what a sample gives, with its error: the dimuon ratio"),
    ] = None
    error: Annotated[float, Meta(ge=0, description="Relative")] = 0.0
    reference: Reference = ""


class YieldSpec(_Keys, kw_only=True):
    """Signal events per particle on target and coupling squared, or the power that is given."""

    table: Annotated[
        list[list[float]],
        Meta(min_length=1, description="[mass in GeV, events per particle and coupling^power]"),
    ]
    coupling: Annotated[str, Meta(description="Which one the limit is on")] = "epsilon"
    power: Annotated[
        Literal[1, 2], Meta(description="1: of a quantity such as a branching ratio itself")
    ] = 2
    reference: Reference = ""


class SetupSpec(_Keys, kw_only=True):
    """A setup of `na64ana.signal`, with attributes changed; the exposure is that of the data."""

    setup: Annotated[str, Meta(description="One that `na64ana reach` lists")]
    efficiency: Annotated[EfficiencySpec, Meta(description="Of signal events, all cuts passed")]
    name: Annotated[
        Annotated[str, Meta(min_length=1)] | None, Meta(description="In place of the setup's")
    ] = None
    beam: Annotated[str | None, Meta(description="Particles of the beam")] = None
    beam_energy: Annotated[Quantity | None, Meta(description="GeV")] = None
    threshold: Annotated[Quantity | None, Meta(description="Least energy of the mediator, GeV")] = (
        None
    )
    target: Annotated[str | None, Meta(description="Material of the target")] = None
    thickness: Annotated[float | None, Meta(description="Radiation lengths")] = None
    sees: Annotated[str | None, Meta(description="The signature: what is seen of a signal")] = None
    start: Annotated[Quantity | None, Meta(description="Where decays are seen from, m")] = None
    stop: Annotated[Quantity | None, Meta(description="Where to, m")] = None
    source: Annotated[str | None, Meta(description="Who says so")] = None


class SignalSpec(_Keys, kw_only=True):
    """What a signal would leave in the box: efficiency and yields, or a model and its setups."""

    efficiency: Annotated[
        EfficiencySpec | None, Meta(description="Of signal events, all cuts passed")
    ] = None
    region: Annotated[str, Meta(description="The blind region: the box")] = "signal"
    yields: Annotated[
        YieldSpec | None, Meta(description="Without yields or a model: a limit on events alone")
    ] = None
    model: Annotated[
        dict[str, Any] | None,
        Meta(description="name, parameters as `na64ana reach` takes them, and plane: y if wanted"),
    ] = None
    setups: Annotated[
        list[SetupSpec], Meta(description="Whose events all fall into the box, and add up")
    ] = []


class LimitSpec(_Keys, kw_only=True):
    """How the limit is set."""

    cl: Annotated[float, Meta(gt=0, lt=1, description="Confidence level")] = 0.9
    method: Annotated[
        Literal["cls", "classical", "feldman-cousins", "bayes"],
        Meta(description="How the limit is defined"),
    ] = "cls"
    total: Annotated[
        Literal["central", "conservative"],
        Meta(
            description="central leaves bounds out; conservative counts them as expected events, "
            "so that the limit is too strong where they are not there"
        ),
    ] = "central"
    masses: Annotated[
        list[float] | str,
        Meta(
            description="In GeV, a list or lowest:highest:number; default: those of the yields, "
            "or 0.001:1:31 for a model, to whose range masses are added where its limit bends"
        ),
    ] = []


class BackgroundSpec(_Keys, kw_only=True):
    """The sources of background and how they move together."""

    sources: Annotated[
        list[dict[str, Any]], Meta(min_length=1, description="Each with the keys of its method")
    ]
    correlations: Annotated[
        list[CorrelationSpec], Meta(description="Where errors of two sources move together")
    ] = []


class SimulatedSpec(_Keys, kw_only=True):
    """What one sample is made of: so many events, or so many times the data's exposure."""

    process: Annotated[str, Meta(description="One that `na64ana simulate` lists for the mode")]
    events: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Generated events")] = (
        None
    )
    times: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="A background: stands for so many times the data's exposure"),
    ] = None
    run: Annotated[int, Meta(ge=0, description="Number of the run")] = 1
    model: Annotated[str | None, Meta(description="Of a signal: energies of its mediator")] = None
    mass: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="Of the mediator, GeV")
    ] = None
    parameters: Annotated[dict[str, Any], Meta(description="Of the model")] = {}


class SimulationPlanSpec(_Keys, kw_only=True):
    """What `na64ana demo` simulates for an analysis."""

    mode: Annotated[str, Meta(description="One that `na64ana simulate` lists")]
    events: Annotated[int, Meta(ge=1, description="Recorded events of the pseudo-data")]
    exposure: Annotated[str | float, Meta(description="Particles on target for each, as 1e5")]
    runs: Annotated[list[int], Meta(min_length=1, description="Numbers of the runs")]
    seed: Annotated[int, Meta(ge=0, description="Of the generator")] = 1
    samples: Annotated[
        dict[str, SimulatedSpec], Meta(description="What is simulated for each sample")
    ] = {}
    parameters: Annotated[
        dict[str, dict[str, Any]],
        Meta(description="Of the mode, by group and name, as {mixture: {dimuon: 0.01}}"),
    ] = {}
    reference: Reference = ""


class AnalysisSpec(_Keys, kw_only=True):
    """An analysis file: from events to the limit."""

    name: Annotated[str, Meta(min_length=1, description="What it is called in every output")]
    selection: Annotated[str, Meta(description="By name, or path of a file beside this one")]
    data: Inputs
    background: Annotated[BackgroundSpec, Meta(description="What is expected without a signal")]
    signal: Annotated[SignalSpec, Meta(description="What a signal would leave in the box")]
    limit: Annotated[LimitSpec, Meta(description="How it is set")] = msgspec.field(
        default_factory=LimitSpec
    )
    samples: Annotated[dict[str, SampleSpec], Meta(description="Simulated files, by name")] = {}
    simulation: Annotated[
        SimulationPlanSpec | None, Meta(description="What `na64ana demo` simulates")
    ] = None
    layout: Annotated[
        str | None, Meta(description="Layout of the input; default: the selection's")
    ] = None
    description: Description = ""
    reference: Reference = ""
