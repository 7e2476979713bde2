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
from na64ana.datasets.manifest import builtin_manifests, dump_manifest, load_dataset
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
from na64ana.datasets.resolve import manifest_sha256
from na64ana.datasets.spills import SpillTable, apportion, read_bad_spills, read_spill_table

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
    "SpillTable",
    "TableSum",
    "accounts",
    "agree",
    "apportion",
    "builtin_manifests",
    "catalogue_ledger",
    "chosen",
    "count",
    "dataset_ledger",
    "digits",
    "dump_manifest",
    "figure",
    "load_catalogue",
    "load_dataset",
    "manifest_sha256",
    "read_bad_spills",
    "read_spill_table",
    "sources",
    "table_sums",
]
