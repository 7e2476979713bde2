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
from na64ana.background.decay import (
    PARTICLES,
    BeamParticle,
    decay_probability,
    decays_in_flight,
)
from na64ana.background.dimuon import DimuonRatio, corrected, dimuon_ratio, dimuon_source
from na64ana.background.estimate import region_count, source_from
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
from na64ana.background.transfer import transfer, transfer_factor

__all__ = [
    "PARTICLES",
    "Abcd",
    "BeamParticle",
    "Budget",
    "Closure",
    "Correlated",
    "Correlation",
    "Count",
    "DimuonRatio",
    "Expected",
    "Factor",
    "Measured",
    "MissingSource",
    "Share",
    "SharedFactor",
    "Source",
    "Total",
    "abcd",
    "closure",
    "corrected",
    "correlation",
    "decay_probability",
    "decays_in_flight",
    "dimuon_ratio",
    "dimuon_source",
    "expected",
    "leakage",
    "plane",
    "punch_through",
    "region_count",
    "source_from",
    "transfer",
    "transfer_factor",
    "upper_limit",
]
