"""Limits at low counts by exact sums, and what is done with them: scans, tables, the best box."""

from na64ana.limits.combination import Bin, Model, signal_of
from na64ana.limits.expected import ExpectedLimits, expected_limits
from na64ana.limits.feldman_cousins import feldman_cousins_interval
from na64ana.limits.hepdata import write_hepdata
from na64ana.limits.interchange import pyhf_workspace, write_pyhf_workspace
from na64ana.limits.model_file import load_model
from na64ana.limits.multibin import CombinedLimit, combined_limit, expected_combined
from na64ana.limits.nuisance import NUISANCES
from na64ana.limits.optimise import BoxScan, optimise_box
from na64ana.limits.scan import scan
from na64ana.limits.scan_file import read_scan, write_scan
from na64ana.limits.scan_result import Curve, Scan, ScanPoint, curve_of, limits_in_events
from na64ana.limits.single import METHODS, LimitResult, limit_result, upper_limit
from na64ana.limits.two_sided import Band, Interval, excluded_bands, signal_interval

__all__ = [
    "METHODS",
    "NUISANCES",
    "Band",
    "Bin",
    "BoxScan",
    "CombinedLimit",
    "Curve",
    "ExpectedLimits",
    "Interval",
    "LimitResult",
    "Model",
    "Scan",
    "ScanPoint",
    "combined_limit",
    "curve_of",
    "excluded_bands",
    "expected_combined",
    "expected_limits",
    "feldman_cousins_interval",
    "limit_result",
    "limits_in_events",
    "load_model",
    "optimise_box",
    "pyhf_workspace",
    "read_scan",
    "scan",
    "signal_interval",
    "signal_of",
    "upper_limit",
    "write_hepdata",
    "write_pyhf_workspace",
    "write_scan",
]
