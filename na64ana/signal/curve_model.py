"""The keys of a file of curves, and the words that they may have."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

__all__ = ["COUPLINGS", "MODELS", "CouplingSpec", "CurveSpec", "CurvesFile", "MassSpec", "Source"]

#: what is drawn against the mass: its dimension as a power of energy, and its definition
COUPLINGS: dict[str, tuple[Fraction, str]] = {
    "epsilon": (Fraction(0), "a fermion of charge Q couples with epsilon e Q"),
    "epsilon2": (Fraction(0), "epsilon squared"),
    "y": (Fraction(0), "y = epsilon^2 alpha_D (m_chi / m_A')^4"),
    "g": (Fraction(0), "coupling of the mediator to the lepton, g = epsilon e"),
    "g_bl": (Fraction(0), "gauge coupling of B-L"),
    "g_mutau": (Fraction(0), "gauge coupling of L_mu - L_tau"),
    "g_agamma": (Fraction(-1), "L = -(1/4) g_agamma a F F~, in 1/GeV"),
}

#: models, each with what may be drawn against the mass in it
MODELS: dict[str, tuple[str, ...]] = {
    "dark-photon": ("epsilon", "epsilon2"),
    "dark-photon-visible": ("epsilon", "epsilon2"),
    "light-dark-matter": ("y",),
    "x17": ("epsilon", "epsilon2"),
    "b-l": ("g_bl",),
    "l_mu-l_tau": ("g_mutau",),
    "alp": ("g_agamma",),
    "scalar": ("epsilon", "g"),
    "pseudoscalar": ("epsilon", "g"),
    "vector": ("epsilon", "g"),
    "axial": ("epsilon", "g"),
    "spin2": ("g",),
}

Kind = Literal["limit", "projection", "recast", "target"]
Shape = Literal["upper-limit", "contour", "band", "line"]
Closure = Literal["curve", "frame", "chord"]
_Word = Annotated[str, Meta(min_length=1, max_length=200)]
_Row = Annotated[int, Meta(ge=1)]


class _Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    pass


class MassSpec(_Keys, frozen=True):
    """The horizontal axis."""

    of: Annotated[str, Meta(min_length=1, max_length=20, description="Such as m_A' or m_chi")]
    unit: Annotated[str, Meta(description="eV, keV, MeV, GeV or TeV")]


class CouplingSpec(_Keys, frozen=True):
    """The vertical axis, and what was assumed for it."""

    of: Annotated[str, Meta(description="One of COUPLINGS")]
    unit: Annotated[str, Meta(description="Of what has a dimension, such as 1/GeV")] = "1"
    alpha_D: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="g_D^2 / 4 pi of a limit on y"),
    ] = None
    mass_ratio: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="m_A' / m_chi of the same")
    ] = None


class Source(_Keys, frozen=True):
    """Where files of curves were taken from, and what permits it."""

    repository: Annotated[str, Meta(description="Where the files are public")] = ""
    commit: Annotated[str, Meta(description="Of the repository")] = ""
    digitised_by: Annotated[str, Meta(description="Who made numbers of a figure")] = ""
    licence: Annotated[str, Meta(description="Its short name, such as MIT")] = ""
    licence_text: Annotated[str, Meta(description="File beside this one, or a link")] = ""


class CurveSpec(_Keys, frozen=True):
    """One curve with its provenance; what is empty or null is unknown."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9][a-z0-9._+-]*$",
            max_length=60,
            description="Small letters, digits and . _ + -",
        ),
    ]
    experiment: Annotated[_Word, Meta(description="Such as NA64")]
    model: Annotated[str, Meta(description="One of MODELS")]
    kind: Annotated[Kind, Meta(description="What it is")]
    shape: Annotated[Shape, Meta(description="What is excluded: above it, inside, between edges")]
    mass: Annotated[MassSpec, Meta(description="The horizontal axis")]
    coupling: Annotated[CouplingSpec, Meta(description="The vertical axis")]
    label: Annotated[str, Meta(max_length=60, description="To be written on the curve")] = ""
    channel: Annotated[str, Meta(max_length=200, description="What was looked for")] = ""
    file: Annotated[str, Meta(description="Rows of numbers, beside this file")] = ""
    # text too: what YAML makes of 1e-5, which has no point
    points: Annotated[list[list[float | str]], Meta(description="The rows themselves")] = []
    columns: Annotated[
        list[_Row], Meta(description="From 1: mass, coupling; of a band mass, lower, upper")
    ] = []
    guards: Annotated[
        list[_Row | Annotated[list[_Row], Meta(min_length=2, max_length=2)]] | None,
        Meta(description="Rows that only close a shape, in place of those found"),
    ] = None
    closure: Annotated[
        Closure | None, Meta(description="How a contour goes back to its first point")
    ] = None
    cl: Annotated[
        Annotated[float, Meta(gt=0, lt=1)] | None, Meta(description="Confidence level")
    ] = None
    cl_from: Annotated[str, Meta(description="Who says so")] = ""
    exposure: Annotated[str, Meta(description="Such as 9.37e11 EOT")] = ""
    arxiv: Annotated[str, Meta(description="Number of the paper")] = ""
    figure: Annotated[str, Meta(description="Figure, table or file of the paper")] = ""
    source: Annotated[str, Meta(description="A key of sources")] = ""
    path: Annotated[str, Meta(description="In the repository of the source")] = ""
    sha256: Annotated[str, Meta(description="Checksum of the file")] = ""
    note: Annotated[str, Meta(description="Known defects, words for people")] = ""


class CurvesFile(_Keys, frozen=True):
    """A file of curves."""

    curves: Annotated[list[CurveSpec], Meta(description="In any number")]
    sources: Annotated[
        dict[str, Source], Meta(description="Where files were taken from, by name")
    ] = {}
