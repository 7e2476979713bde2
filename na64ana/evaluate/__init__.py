"""The heart: ``evaluate(columns, selection) -> Record``. Pure: it reads what it is given."""

from na64ana.evaluate.chunk import Chunk
from na64ana.evaluate.counting import UNKNOWN, evaluate
from na64ana.evaluate.values import Values

__all__ = ["UNKNOWN", "Chunk", "Values", "evaluate"]
