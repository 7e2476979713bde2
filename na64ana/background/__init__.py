"""Background in the signal box: estimates of each source, and the budget of all of them."""

from na64ana.background.abcd import Abcd, Closure, Correlated, abcd, closure, correlation, plane
from na64ana.background.budget import (
    Budget,
    Correlation,
    MissingSource,
    SharedFactor,
    Source,
    Total,
)
from na64ana.background.contamination import Contamination, hadron_contamination
from na64ana.background.decay import (
    PARTICLES,
    BeamParticle,
    decay_probability,
    decays_in_flight,
)
from na64ana.background.dimuon import DimuonRatio, corrected, dimuon_ratio, dimuon_source
from na64ana.background.estimate import region_count, source_from
from na64ana.background.extrapolate import Extrapolation, extrapolate
from na64ana.background.frame import Frame
from na64ana.background.functions import expression_shape, function_shape
from na64ana.background.goodness import Goodness
from na64ana.background.product import (
    Count,
    Expected,
    Factor,
    Measured,
    Share,
    expected,
    upper_limit,
)
from na64ana.background.punchthrough import leakage, punch_through
from na64ana.background.shapes import (
    SHAPES,
    Parameter,
    Shape,
    crystal_ball,
    crystal_ball_tail,
    exponential,
    exponential_polynomial,
    flat,
    gaussian_tail,
    named_shape,
    power_law,
    sum_of,
)
from na64ana.background.sideband import Sideband, from_histogram, from_region, from_values
from na64ana.background.simulated import simulated_source
from na64ana.background.tail_fit import TailFit, expected_in_bins
from na64ana.background.transfer import transfer, transfer_factor
from na64ana.background.validate import Validation, validate

__all__ = [
    "PARTICLES",
    "SHAPES",
    "Abcd",
    "BeamParticle",
    "Budget",
    "Closure",
    "Contamination",
    "Correlated",
    "Correlation",
    "Count",
    "DimuonRatio",
    "Expected",
    "Extrapolation",
    "Factor",
    "Frame",
    "Goodness",
    "Measured",
    "MissingSource",
    "Parameter",
    "Shape",
    "Share",
    "SharedFactor",
    "Sideband",
    "Source",
    "TailFit",
    "Total",
    "Validation",
    "abcd",
    "closure",
    "corrected",
    "correlation",
    "crystal_ball",
    "crystal_ball_tail",
    "decay_probability",
    "decays_in_flight",
    "dimuon_ratio",
    "dimuon_source",
    "expected",
    "expected_in_bins",
    "exponential",
    "exponential_polynomial",
    "expression_shape",
    "extrapolate",
    "flat",
    "from_histogram",
    "from_region",
    "from_values",
    "function_shape",
    "gaussian_tail",
    "hadron_contamination",
    "leakage",
    "named_shape",
    "plane",
    "power_law",
    "punch_through",
    "region_count",
    "simulated_source",
    "source_from",
    "sum_of",
    "transfer",
    "transfer_factor",
    "upper_limit",
    "validate",
]
