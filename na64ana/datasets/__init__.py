"""Datasets: files of a run period, the exposure of their spills, and the ledger of both."""

from na64ana.datasets.ledger import dataset_ledger
from na64ana.datasets.manifest import builtin_manifests, dump_manifest, load_dataset
from na64ana.datasets.model import BadSpill, Dataset, DatasetFile, SpillId
from na64ana.datasets.resolve import manifest_sha256
from na64ana.datasets.spills import SpillTable, apportion, read_bad_spills, read_spill_table

__all__ = [
    "BadSpill",
    "Dataset",
    "DatasetFile",
    "SpillId",
    "SpillTable",
    "apportion",
    "builtin_manifests",
    "dataset_ledger",
    "dump_manifest",
    "load_dataset",
    "manifest_sha256",
    "read_bad_spills",
    "read_spill_table",
]
