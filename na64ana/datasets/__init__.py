"""Datasets: files of a run period, the exposure of their spills, and the ledger of both."""

from na64ana.datasets.account import (
    Account,
    TableSum,
    accounts,
    catalogue_ledger,
    table_sums,
)
from na64ana.datasets.catalogue import load_catalogue
from na64ana.datasets.figures import Figure, digits, figure
from na64ana.datasets.ledger import dataset_ledger
from na64ana.datasets.model import BadSpill, Dataset, DatasetFile, SpillId
from na64ana.datasets.period import (
    AnalysisSpec,
    Catalogue,
    Claim,
    Fact,
    PeriodSpec,
    agree,
    chosen,
    count,
    sources,
)

__all__ = [
    "Account",
    "AnalysisSpec",
    "BadSpill",
    "Catalogue",
    "Claim",
    "Dataset",
    "DatasetFile",
    "Fact",
    "Figure",
    "PeriodSpec",
    "SpillId",
    "TableSum",
    "accounts",
    "agree",
    "catalogue_ledger",
    "chosen",
    "count",
    "dataset_ledger",
    "digits",
    "figure",
    "load_catalogue",
    "sources",
    "table_sums",
]
