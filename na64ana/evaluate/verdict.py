"""What a selection says of one event: cut by cut, and whether it lies in a blind region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from na64ana.evaluate.chunk import Chunk
from na64ana.evaluate.values import Values
from na64ana.selection import BoundCut, BoundSelection

__all__ = ["CutVerdict", "Verdict", "blind_box", "judge"]


@dataclass(frozen=True)
class CutVerdict:
    """What one cut says of one event.

    Attributes
    ----------
    name, words : str
        Of the cut, and what it asks.
    passed : bool
        True as well where the cut does not apply to the run.
    missing : bool
        Whether it fails since a number that it compares is NaN.
    applied : bool
        Whether the cut is for this run.
    """

    name: str
    words: str
    passed: bool
    missing: bool
    applied: bool


@dataclass(frozen=True)
class Verdict:
    """What all cuts say of one event: by channel, those of the main chain under ``main`` alone."""

    channels: Mapping[str, tuple[CutVerdict, ...]]


def blind_box(chunk: Chunk, selection: BoundSelection) -> tuple[str, ...]:
    """Return the cuts of the blind region that one event lies in; none if it lies in none.

    It is the question that `evaluate` asks before it counts: all cuts of a region hold, and no
    number that they compare is missing. Inherited regions count as they were inherited.

    Parameters
    ----------
    chunk : Chunk
        Of one event.
    selection : BoundSelection
    """
    main = selection.channels[0]
    boxes = [[main.cuts[i] for i in sorted(box)] for box in main.blind]
    values = Values(chunk, selection)
    with np.errstate(all="ignore"):
        for cuts in (*boxes, *selection.closed):
            if all(bool(values.cut(cut, values.all)[0][0]) for cut in cuts):
                return tuple(cut.name for cut in cuts)
    return ()


def judge(chunk: Chunk, selection: BoundSelection) -> Verdict:
    """Ask each cut of each channel about one event.

    Parameters
    ----------
    chunk : Chunk
        Of one event. Whether it may be looked at is for the caller to ask: `blind_box`.
    selection : BoundSelection

    Raises
    ------
    InputError
        A column is missing, or has another shape than the layout says.
    """
    values = Values(chunk, selection)
    main = selection.channels[0]
    shared = {id(cut) for cut in main.cuts}
    with np.errstate(all="ignore"):
        return Verdict({
            channel.name: tuple(_asked(values, (
                cut for cut in channel.cuts if channel is main or id(cut) not in shared
            )))
            for channel in selection.channels
        })  # fmt: skip


def _asked(values: Values, cuts: Iterable[BoundCut]) -> Iterable[CutVerdict]:
    for cut in cuts:
        passed, missing = values.cut(cut, values.all)
        applied = values.applied(cut, values.all)
        yield CutVerdict(
            name=cut.name,
            words=cut.words,
            passed=bool(passed[0]),
            missing=missing is not None and bool(missing[0]),
            applied=applied is None or bool(applied[0]),
        )
