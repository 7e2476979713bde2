"""Transfer factors: from the events of a control region to those expected in the box."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from na64ana.background.budget import Source
from na64ana.background.estimate import BOUND_CL, source_from
from na64ana.background.product import Count, Factor, Measured
from na64ana.errors import BackgroundError

__all__ = ["transfer", "transfer_factor"]


def transfer_factor(box: Count | Measured, control: Count | Measured) -> tuple[Factor, ...]:
    """Return the ratio of the box to the control region as factors of a product.

    Parameters
    ----------
    box, control : Count or Measured
        Of events that are in one of the two at most: counts of another sample, or sums of weights
        of simulation with their errors. Both must be of one kind.

    Raises
    ------
    BackgroundError
        The control region is empty, or the two are of different kinds.
    """
    if isinstance(box, Count) and isinstance(control, Count):
        if not control.n:
            msg = "transfer factor: the control region holds no event to divide by"
            raise BackgroundError(msg)
        return (box, Count(control.n, -1))
    if isinstance(box, Measured) and isinstance(control, Measured):
        if not (control.value > 0 and box.value > 0):
            msg = (
                "transfer factor: a sum of weights of zero has no error from which to go on; give "
                "counts of unweighted events"
            )
            raise BackgroundError(msg)
        ratio = box.value / control.value
        relative = math.hypot(box.error / box.value, control.error / control.value)
        return (Measured(ratio, ratio * relative),)
    msg = "transfer factor: a count and a sum of weights do not go together; give two of one kind"
    raise BackgroundError(msg)


def transfer(
    name: str,
    control: Count,
    factor: Sequence[Factor],
    *,
    cl: float = BOUND_CL,
    method: str = "transfer factor",
    reference: str = "",
    inputs: Mapping[str, str] | None = None,
) -> Source:
    """Return the source that a control region and its transfer factor predict.

    Parameters
    ----------
    name : str
    control : Count
        Events in the control region of the data, none of which is in the factor.
    factor : sequence of Count, Share or Measured
        From `transfer_factor`, with further factors such as a purity.
    cl, method, reference, inputs
        As in `source_from`. A control region without events gives a bound.
    """
    return source_from(
        name, [control, *factor], cl=cl, method=method, reference=reference, inputs=inputs
    )
