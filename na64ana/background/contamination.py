"""Hadrons in the beam, from a fit of templates to what the calorimeters measure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import BackgroundError

__all__ = ["Contamination", "hadron_contamination"]

Floats = NDArray[np.float64]
#: events of a bin that no template fills are not fitted; more than this share of them is no noise
_MOST_UNEXPLAINED = 0.01


@dataclass(frozen=True)
class Contamination:
    """How many hadrons a beam has.

    Attributes
    ----------
    ratio : float
        Hadrons per electron (or positron).
    error : float
        Standard error, with the statistics of the templates.
    electrons, hadrons : (float, float)
        Fitted events and their standard error.
    chi2 : float
        Of the fit, Baker-Cousins like; with `bins` - 2 degrees of freedom where counts are large.
    bins : int
        That were fitted.
    unexplained : int
        Events in bins that no template fills.
    """

    ratio: float
    error: float
    electrons: tuple[float, float]
    hadrons: tuple[float, float]
    chi2: float
    bins: int
    unexplained: int


def hadron_contamination(
    nominal: ArrayLike, hadrons: ArrayLike, electrons: ArrayLike
) -> Contamination:
    """Fit the nominal beam as a sum of electrons and hadrons, and return hadrons per electron.

    The method of arXiv:2305.19411: electrons leave their energy in the ECAL, hadrons share theirs
    with the HCAL, so that the distribution of (E_ECAL + E_HCAL, E_HCAL) in the nominal beam is a
    sum of that of electrons and that of a beam of hadrons only. The likelihood is binned, and
    counts the fluctuations of the templates (H. Dembinski, A. Abdelmotteleb, arXiv:2206.12346, an
    improvement on Barlow and Beeston).

    Parameters
    ----------
    nominal, hadrons, electrons : array
        Counts in the same bins, of one or more dimensions: of the nominal beam, the beam with
        hadrons only, and of electrons.

    Raises
    ------
    BackgroundError
        The counts do not fit together, one of them is empty, the templates do not hold what the
        beam has, or the fit fails.
    """
    from iminuit import Minuit
    from iminuit.cost import Template

    counts = {
        "nominal beam": _counts(nominal, "nominal beam"),
        "hadrons": _counts(hadrons, "hadrons"),
        "electrons": _counts(electrons, "electrons"),
    }
    data, *templates = counts.values()
    if any(template.shape != data.shape for template in templates):
        shapes = ", ".join(f"{name} {array.shape}" for name, array in counts.items())
        msg = f"the fit of hadrons in the beam needs counts in the same bins, not {shapes}"
        raise BackgroundError(msg)
    filled = sum(templates) > 0
    unexplained = int(data[~filled].sum())
    if unexplained > _MOST_UNEXPLAINED * data.sum():
        msg = (
            f"{unexplained} of {int(data.sum())} events of the nominal beam are in bins that "
            "neither electrons nor hadrons fill: take wider bins or larger templates"
        )
        raise BackgroundError(msg)
    data, templates = data[filled], [template[filled] for template in templates]
    edges = np.arange(len(data) + 1.0)
    cost = Template(data, edges, templates, name=("hadrons", "electrons"))
    fit = Minuit(cost, **_start(data, *templates))
    fit.limits = (0, None)
    fit.migrad()
    fit.hesse()
    if not fit.valid:
        msg = "the fit of hadrons in the beam did not converge: are the templates alike?"
        raise BackgroundError(msg)
    return _result(fit, len(data), unexplained)


def _counts(values: ArrayLike, what: str) -> Floats:
    found = np.asarray(values, dtype=float)
    if not (found.ndim and np.all(np.isfinite(found)) and np.all(found >= 0) and found.sum() > 0):
        msg = f"the fit of hadrons in the beam needs counts of the {what}: finite, >= 0, not all 0"
        raise BackgroundError(msg)
    return found


def _start(data: Floats, hadrons: Floats, electrons: Floats) -> dict[str, float]:
    """Yields to start from: bins in which hadrons are the larger part are taken as theirs."""
    more = hadrons / hadrons.sum() > electrons / electrons.sum()
    share = hadrons[more].sum() / hadrons.sum()
    found = min(max(data[more].sum() / share, 1.0), data.sum() - 1.0)
    return {"hadrons": found, "electrons": data.sum() - found}


def _result(fit: Any, bins: int, unexplained: int) -> Contamination:
    """Ratio of the fitted yields, with the error from their covariance."""
    h, e = fit.values["hadrons"], fit.values["electrons"]
    if not e > 0:
        msg = "the fit finds no electrons in the nominal beam: there is no ratio to them"
        raise BackgroundError(msg)
    slope = np.array([1 / e, -h / e**2])
    error = math.sqrt(slope @ np.asarray(fit.covariance) @ slope)
    return Contamination(
        ratio=h / e,
        error=error,
        electrons=(e, fit.errors["electrons"]),
        hadrons=(h, fit.errors["hadrons"]),
        chi2=float(fit.fval),
        bins=bins,
        unexplained=unexplained,
    )
