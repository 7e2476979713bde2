"""Datasets: files of a run period, the exposure of their spills, and the ledger of both."""

from na64ana.datasets.ledger import dataset_ledger
from na64ana.datasets.model import BadSpill, Dataset, DatasetFile, SpillId

__all__ = ["BadSpill", "Dataset", "DatasetFile", "SpillId", "dataset_ledger"]
