"""Punch-through of hadrons: the leakage probability per HCAL module to the n-th."""

from __future__ import annotations

from collections.abc import Mapping

from na64ana.background.budget import Source
from na64ana.background.estimate import BOUND_CL, source_from
from na64ana.background.product import Count, Factor, Measured, Share
from na64ana.errors import BackgroundError

__all__ = ["leakage", "punch_through"]


def leakage(passed: int, total: int, modules: int) -> Share:
    """Return the probability that a hadron goes through so many modules without being seen.

    Parameters
    ----------
    passed, total : int
        Hadrons that leave one module unseen, of those that entered it.
    modules : int
        One after the other; each is taken to stop hadrons as the measured one does.

    Raises
    ------
    BackgroundError
        There is no module.
    """
    if modules < 1:
        msg = f"punch-through: {modules} modules; a hadron must pass at least one"
        raise BackgroundError(msg)
    return Share(passed, total, modules)


def punch_through(
    name: str,
    hadrons: Count | Measured,
    leak: Share,
    *others: Factor,
    cl: float = BOUND_CL,
    reference: str = "",
    inputs: Mapping[str, str] | None = None,
) -> Source:
    """Return the punch-through of leading hadrons.

    Parameters
    ----------
    name : str
    hadrons : Count or Measured
        Leading neutrons and K0_L that enter the calorimeter, with the energy that would make an
        event of the box.
    leak : Share
        From `leakage`. With none of N passed the source is a bound, from the Clopper-Pearson
        upper limit of the probability per module.
    others : Count, Share or Measured
        Further factors.
    cl, reference, inputs
        As in `source_from`.
    """
    method = (
        f"punch-through: leakage {leak.passed} of {leak.total} per module, {leak.power} modules"
    )
    return source_from(
        name, [hadrons, leak, *others], cl=cl, method=method, reference=reference, inputs=inputs
    )
