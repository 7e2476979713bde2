"""The keys of the catalogue: a data-taking period, an analysis of several, and their sources.

A fact is a list of claims, each with its source. An empty list means that no source gives it; in
a file that is the word ``unknown``. Of several claims the one with ``because`` is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from na64ana.datasets.figures import Figure, figure
from na64ana.errors import DatasetError, nearest, printable

__all__ = [
    "AnalysisSpec",
    "Beam",
    "Catalogue",
    "Claim",
    "Detector",
    "Fact",
    "PeriodSpec",
    "TotalSpec",
    "agree",
    "chosen",
    "count",
    "sources",
]

Scalar = str | int | float


class _Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Claim(_Keys):
    """What one or more sources say."""

    value: Annotated[
        Scalar | list[Scalar | None],
        Meta(description="A number, a quantity, words; or [first, last], null leaves it open"),
    ]
    source: Annotated[str | list[str], Meta(description="A key of references.yaml, and where")]
    about: Annotated[bool, Meta(description="The source prints it with a ~")] = False
    error: Annotated[Scalar | None, Meta(description="Uncertainty, where given")] = None
    because: Annotated[str, Meta(description="Why this one of several is chosen")] = ""
    note: Annotated[str, Meta(description="Words for people")] = ""


Fact = list[Claim]


class Beam(_Keys):
    """The beam of a period."""

    particle: Annotated[Fact, Meta(description="Such as e-, e+, mu-, pi-")]
    momentum: Annotated[Fact, Meta(description="With its unit")]
    line: Annotated[Fact, Meta(description="Beam line, such as H4")]
    dates: Annotated[Fact, Meta(description="When data were taken")]
    spill: Annotated[Fact, Meta(description="Length of a spill")]
    rate: Annotated[Fact, Meta(description="Counts of S0 in a spill, or [from, to]")]


class Detector(_Keys):
    """The setup of a period."""

    geometry: Annotated[Fact, Meta(description="Name of the setup")]
    ecal_cells: Annotated[Fact, Meta(description="Across, such as 5x6")]
    ecal_central_cell: Annotated[Fact, Meta(description="(ix, iy) of the cell that the beam hits")]
    trigger_preshower_above: Annotated[Fact, Meta(description="Threshold of the preshower")]
    trigger_ecal_below: Annotated[Fact, Meta(description="Threshold of the ECAL")]
    hcal_modules: Annotated[Fact, Meta(description="How many")]
    hcal_cells: Annotated[Fact, Meta(description="Of a module, such as 3x3")]
    vhcal: Annotated[Fact, Meta(description="Whether there is one, or its cells")]
    srd_modules: Annotated[Fact, Meta(description="How many")]
    wcal: Annotated[Fact | None, Meta(description="Visible mode only")] = None


class PeriodSpec(_Keys):
    """A data-taking period: one file of the catalogue."""

    name: Annotated[str, Meta(min_length=1, description="That of the file")]
    mode: Annotated[str, Meta(min_length=1, description="Such as NA64e invisible")]
    year: Annotated[int, Meta(ge=1900, le=2200, description="In which data were taken")]
    unit: Annotated[str, Meta(min_length=1, description="What is counted: EOT, MOT, ...")]
    beam: Annotated[Beam, Meta(description="Its particles")]
    recorded: Annotated[Fact, Meta(description="Particles on target that were recorded")]
    runs: Annotated[Fact, Meta(description="[first, last] run")]
    detector: Annotated[Detector, Meta(description="Its setup")]

    @property
    def facts(self) -> dict[str, Fact]:
        """All facts by name; those of a part that the setup has not are left out."""
        parts = [("beam.", self.beam), ("detector.", self.detector)]
        found = {
            prefix + name: getattr(part, name)
            for prefix, part in parts
            for name in part.__struct_fields__
            if getattr(part, name) is not None
        }
        return {"recorded": self.recorded, "runs": self.runs, **found}

    def __repr__(self) -> str:
        return f"<PeriodSpec {self.name}: {self.mode}, {self.year}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import period

        return period(self)


class AnalysisSpec(_Keys):
    """Periods that were analysed together, and how much of them."""

    name: Annotated[str, Meta(min_length=1)]
    papers: Annotated[list[str], Meta(min_length=1)]
    periods: Annotated[list[str], Meta(min_length=1)]
    analysed: Annotated[Fact, Meta(description="Particles on target that were analysed")]
    includes: Annotated[
        list[str], Meta(description="Analyses whose exposure and periods are part of this one's")
    ] = []
    within: Annotated[
        str | None,
        Meta(description="A first part of this analysis, which accounts for its periods"),
    ] = None


class TotalSpec(_Keys):
    """A total that a source quotes, and the tables whose sums are compared with it."""

    mode: str
    years: Annotated[list[int], Meta(min_length=2, max_length=2, description="[first, last]")]
    quoted: Fact
    tables: Annotated[list[str], Meta(min_length=1)]


@dataclass(frozen=True)
class Catalogue:
    """All periods with what was analysed of them.

    Attributes
    ----------
    periods : dict of str to PeriodSpec
        By name, in the order of mode and year.
    analyses : dict of str to AnalysisSpec
    totals : list of TotalSpec
    references : dict of str to str
        What each source is, by the key that claims name it with.
    """

    periods: dict[str, PeriodSpec]
    analyses: dict[str, AnalysisSpec] = field(default_factory=dict)
    totals: list[TotalSpec] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)

    def period(self, name: str) -> PeriodSpec:
        """Return a period by its name.

        Raises
        ------
        DatasetError
            There is none; the message names the nearest.
        """
        if name not in self.periods:
            near = nearest(name, self.periods)
            msg = f"unknown period '{printable(name)}'{near} ('na64ana datasets' lists them)"
            raise DatasetError(msg)
        return self.periods[name]

    @property
    def modes(self) -> dict[str, list[PeriodSpec]]:
        """The periods of each mode."""
        found: dict[str, list[PeriodSpec]] = {}
        for period in self.periods.values():
            found.setdefault(period.mode, []).append(period)
        return found

    def __repr__(self) -> str:
        return f"<Catalogue: {len(self.periods)} periods, {len(self.analyses)} analyses>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import catalogue

        return catalogue(self)


def chosen(fact: Fact) -> Claim | None:
    """Return the claim that is used; None where nothing is known."""
    if len(fact) < 2:
        return fact[0] if fact else None
    return next((claim for claim in fact if claim.because), fact[0])


def count(claim: Claim) -> Figure:
    """Return the number of a claim about particles on target."""
    if isinstance(claim.value, list):
        return figure(str(claim.value))  # no count: refused there
    return figure(claim.value, claim.error)


def sources(claim: Claim) -> list[str]:
    """Return where a claim comes from."""
    return [claim.source] if isinstance(claim.source, str) else claim.source


def agree(a: Claim, b: Claim, *, counts: bool = False) -> bool:
    """Whether two claims can both be right.

    A count may be printed with fewer digits in one of them (`Figure.agrees`); a range holds its
    ends.
    """
    lists = [value for value in (a.value, b.value) if isinstance(value, list)]
    if len(lists) == 1:
        return any(value in lists[0] for value in (a.value, b.value))
    return count(a).agrees(count(b)) if counts and not lists else a.value == b.value
