"""From measured factors to a source of the budget; counts taken from records."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from na64ana.background.budget import Source
from na64ana.background.product import Count, Factor, Measured, expected, upper_limit
from na64ana.cutflow import Record
from na64ana.errors import BackgroundError, nearest, printable

__all__ = ["BOUND_CL", "region_count", "source_from"]

#: confidence level of a bound, where nothing else is asked for: that of the limits
BOUND_CL = 0.90


def source_from(
    name: str,
    factors: Sequence[Factor],
    *,
    non_closure: float = 0.0,
    cl: float = BOUND_CL,
    method: str = "",
    reference: str = "",
    inputs: Mapping[str, str] | None = None,
) -> Source:
    """Return the source whose expected events are a product of factors.

    Parameters
    ----------
    name : str
    factors : sequence of Count, Share or Measured
        Independent of each other.
    non_closure : float
        A further relative systematic error.
    cl : float
        Of the bound that stands for the value where nothing was counted.
    method, reference, inputs
        As in `Source`.

    Returns
    -------
    Source
        Its statistical error is the longer side of the 68% interval, from counts and shares; its
        systematic error comes from the numbers with errors. Where a count or share is zero it is
        a bound, all errors included.

    Raises
    ------
    BackgroundError
        A factor is not possible, or the error of the product is zero.
    """
    extra = [Measured(1.0, non_closure)] if non_closure else []
    made = expected([*factors, *extra])
    counted = any(not isinstance(factor, Measured) for factor in factors)
    if counted and not made.value:
        bound = upper_limit([*factors, *extra], cl)
        return Source(
            name, 0.0, upper=bound, upper_cl=cl, method=method, reference=reference,
            inputs=inputs or {},
        )  # fmt: skip
    return Source(
        name, made.value, made.statistical, made.systematic, method=method, reference=reference,
        inputs=inputs or {},
    )  # fmt: skip


def region_count(record: Record, name: str) -> Count:
    """Return the events in a region of a record.

    Raises
    ------
    BackgroundError
        There is no such region, or its events are weighted: then their number is no Poisson count.
    """
    if name not in record.regions:
        known = ", ".join(map(printable, record.regions)) or "none"
        near = nearest(name, record.regions)
        msg = f"no region '{printable(name)}' in the record (regions: {known}){near}"
        raise BackgroundError(msg)
    counts = record.regions[name].counts
    if not math.isclose(counts.sumw, counts.n) or not math.isclose(counts.sumw2, counts.n):
        msg = f"region '{printable(name)}': weighted events are no Poisson count"
        raise BackgroundError(msg)
    return Count(counts.n)
