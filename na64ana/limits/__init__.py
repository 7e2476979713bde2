"""Limits at low counts by exact sums: one counting experiment, or several combined."""

from na64ana.limits.combination import Bin, Model, signal_of
from na64ana.limits.expected import ExpectedLimits, expected_limits
from na64ana.limits.feldman_cousins import feldman_cousins_interval
from na64ana.limits.model_file import load_model
from na64ana.limits.multibin import CombinedLimit, combined_limit, expected_combined
from na64ana.limits.nuisance import NUISANCES
from na64ana.limits.single import METHODS, LimitResult, limit_result, upper_limit
from na64ana.limits.two_sided import Band, Interval, excluded_bands, signal_interval

__all__ = [
    "METHODS",
    "NUISANCES",
    "Band",
    "Bin",
    "CombinedLimit",
    "ExpectedLimits",
    "Interval",
    "LimitResult",
    "Model",
    "combined_limit",
    "excluded_bands",
    "expected_combined",
    "expected_limits",
    "feldman_cousins_interval",
    "limit_result",
    "load_model",
    "signal_interval",
    "signal_of",
    "upper_limit",
]
