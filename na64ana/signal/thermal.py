"""The coupling for which dark matter has the observed relic density: a check of thermal lines.

Dark matter of mass m annihilates through a mediator of mass M = m mass_ratio; the thermal average
is that of P. Gondolo, G. Gelmini, Nucl. Phys. B 360 (1991) 145:

    sigma = kappa (4 pi alpha_D/3) s F(s) S(s)/[(s - M^2)^2 + M^2 Gamma^2]
    F = (1 + 2 m^2/s)/b Dirac and pseudo-Dirac, b complex scalar and Majorana; b = sqrt(1 - 4 m^2/s)
    S = sum of charged leptons and R(s), kappa = alpha epsilon^2           dark photon
    S = 1 (two neutrinos) + muons and taus, kappa = g_mu^2/(4 pi)          L_mu - L_tau
    dY/dlnx = -(s_entropy <sigma v>/H) (1 + dlog g_s/dlog T / 3) w (Y^2 - Y_eq^2)

w = 1/2 for Y of particles and antiparticles together, 1 for Majorana. Published lines (ESPP2026)
agree to 25% from 3 to 200 MeV, to 46% at 1 and 100 MeV and to a factor 1.7 at 500 MeV, where
hadrons dominate: take those for plots, and this to see that they are of the right model.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.checks import Floats, known_name, one_number, plain, positive
from na64ana.signal.constants import ALPHA
from na64ana.signal.decays import DARK_MATTER, LEPTONS, dark_width
from na64ana.signal.hadrons import hadron_ratio
from na64ana.signal.plasma import plasma

__all__ = ["PORTALS", "RELIC_DENSITY", "relic_density", "relic_target"]

#: what dark matter annihilates to
PORTALS = ("dark-photon", "lmu-ltau")
#: Omega h^2 of dark matter (Planck 2018: 0.1200 +- 0.0012)
RELIC_DENSITY = 0.12
#: GeV; from where nucleosynthesis would see it to where quarks are free at freeze-out
LIGHTEST, HEAVIEST = 1e-3, 1.0
#: m_mediator/m_chi; nearer to 2 the resonance takes part, and epsilon its width
SMALLEST_RATIO = 2.2

_PLANCK_MASS = 1.220890e19  # GeV; PDG
_ENTROPY_TODAY = 2891.2  # per cm^3; PDG
_CRITICAL_DENSITY = 1.0537e-5  # GeV h^2 per cm^3; PDG
_GRID = np.linspace(np.log(8.0), np.log(3000.0), 3000)  # log x, x = m/T
_PLASMA_POINTS = 150
_PANEL_NODES = 10


class _Model(NamedTuple):
    mass: float
    dark_matter: str
    alpha_D: float
    mass_ratio: float
    portal: str


def relic_target(
    mass: ArrayLike,
    *,
    dark_matter: str = "scalar",
    alpha_D: float = 0.1,
    mass_ratio: float = 3.0,
    portal: str = "dark-photon",
) -> Any:
    """Return the y of the observed relic density, Omega h^2 = 0.12.

    Parameters
    ----------
    mass : float or array
        Of dark matter, GeV; from 1 MeV to 1 GeV.
    dark_matter : str
        One of `na64ana.signal.decays.DARK_MATTER`, without splitting and asymmetry.
    alpha_D : float
        g_D^2/(4 pi).
    mass_ratio : float
        M/m, from 2.2.
    portal : str
        One of `PORTALS`.

    Returns
    -------
    float or array
        y = epsilon^2 alpha_D (m/M)^4 of a dark photon; (g_chi g_mu)^2 (m/M)^4 of L_mu - L_tau. Good
        to 50%.

    Raises
    ------
    SignalError
        Outside the validity.
    """
    masses = positive(mass, "mass")
    found = np.array([
        _target(_model(m, dark_matter, alpha_D, mass_ratio, portal)) for m in masses.ravel()
    ])  # fmt: skip
    return plain(found.reshape(masses.shape))


def relic_density(
    mass: float,
    y: float,
    *,
    dark_matter: str = "scalar",
    alpha_D: float = 0.1,
    mass_ratio: float = 3.0,
    portal: str = "dark-photon",
) -> float:
    """Return Omega h^2 for a y; parameters as for `relic_target`."""
    model = _model(one_number(mass, "mass"), dark_matter, alpha_D, mass_ratio, portal)
    rate, equilibrium = _rates(model)
    return _frozen(model, rate * one_number(y, "y") / _y_of_unit(model), equilibrium)


def _model(mass: float, dark_matter: str, alpha_D: float, mass_ratio: float, portal: str) -> _Model:
    known_name(dark_matter, DARK_MATTER, "dark matter")
    known_name(portal, PORTALS, "portal")
    if not LIGHTEST <= mass <= HEAVIEST:
        msg = (
            f"mass is {mass:g}: relic densities are computed from {LIGHTEST:g} to {HEAVIEST:g} GeV"
        )
        raise SignalError(msg)
    if not one_number(mass_ratio, "mass_ratio") >= SMALLEST_RATIO:
        msg = (
            f"mass_ratio is {mass_ratio:g}: from {SMALLEST_RATIO:g} on only; nearer to 2 dark "
            "matter annihilates on the resonance"
        )
        raise SignalError(msg)
    return _Model(mass, dark_matter, one_number(alpha_D, "alpha_D"), mass_ratio, portal)


def _y_of_unit(model: _Model) -> float:
    """Y of kappa = 1."""
    strength = 1 / ALPHA if model.portal == "dark-photon" else (4 * np.pi) ** 2
    return float(strength * model.alpha_D / model.mass_ratio**4)


def _target(model: _Model) -> float:
    """Solve for kappa by steps in the logarithm: the density goes about as 1/kappa."""
    rate, equilibrium = _rates(model)
    kappa = 1e-10
    for _ in range(60):
        ratio = _frozen(model, kappa * rate, equilibrium) / RELIC_DENSITY
        kappa *= min(max(ratio, 1e-3), 1e3)
        if abs(ratio - 1) < 1e-4:
            return kappa * _y_of_unit(model)
    msg = f"no coupling gives the relic density for a mass of {model.mass:g} GeV"
    raise SignalError(msg)


def _frozen(model: _Model, rate: Floats, equilibrium: Floats) -> float:
    """Omega h^2: the implicit Euler method in log x, a quadratic equation at each step."""
    step = _GRID[1] - _GRID[0]
    abundance = float(equilibrium[0])
    for strength, source in zip((step * rate).tolist(), (equilibrium**2).tolist(), strict=True):
        total = abundance + strength * source
        abundance = 2 * total / (1 + (1 + 4 * strength * total) ** 0.5)
    return model.mass * abundance * _ENTROPY_TODAY / _CRITICAL_DENSITY


def _rates(model: _Model) -> tuple[Floats, Floats]:
    """Rate per log x for kappa = 1, and the abundance in equilibrium, on the grid."""
    from scipy.special import kve

    x = np.exp(_GRID)
    temperature = model.mass / x
    gas = plasma(model.mass / np.geomspace(x[0], x[-1], _PLASMA_POINTS))
    energy, freedom, slope = (
        np.interp(-np.log(temperature), -np.log(gas.temperature), column) for column in gas[1:]
    )
    entropy = 2 * np.pi**2 / 45 * freedom * temperature**3
    hubble = np.sqrt(8 * np.pi**3 * energy / 90) * temperature**2 / _PLANCK_MASS
    states = {"scalar": 2, "majorana": 2}.get(model.dark_matter, 4)
    density = states * model.mass**2 * temperature / (2 * np.pi**2) * kve(2, x) * np.exp(-x)
    weight = 1.0 if model.dark_matter == "majorana" else 0.5
    rate = weight * entropy * _average(model, x) / hubble * (1 + slope / 3)
    return rate, density / entropy


def _average(model: _Model, x: Floats) -> Floats:
    """<sigma v> in GeV^-2 for kappa = 1: the integral of Gondolo and Gelmini."""
    from scipy.special import kve

    energy, weight = _energies(model)
    flux = weight * 2 * energy**2 * (energy**2 - 4 * model.mass**2) * _sigma(model, energy)
    few = np.geomspace(x[0], x[-1], 120)
    hot = energy[:, None] * few / model.mass
    boltzmann = kve(1, hot) * np.exp(2 * few - hot)
    found = flux @ boltzmann * few / (8 * model.mass**5 * kve(2, few) ** 2)
    return np.asarray(np.exp(np.interp(np.log(x), np.log(few), np.log(found))))


def _energies(model: _Model) -> tuple[Floats, Floats]:
    """Nodes and weights in sqrt(s), in panels that follow the threshold and the peaks."""
    mass, peak = model.mass, model.mass * model.mass_ratio
    width = dark_width(peak, mass, dark_matter=model.dark_matter, alpha_D=model.alpha_D)
    around = np.array([0, 0.3, 1, 3, 10, 30, 100])
    resonances = ((peak, width), (0.783, 0.005), (1.019, 0.005))  # the omega and the phi
    edges = [
        2 * mass + mass * np.geomspace(1e-6, 10, 50),
        np.array([2 * mass, *(2 * lepton for lepton in LEPTONS.values())]),
        *(centre + sign * scale * around for centre, scale in resonances for sign in (-1, 1)),
    ]
    bounds = np.unique(np.concatenate(edges))
    bounds = bounds[(bounds >= 2 * mass) & (bounds <= 10 * mass)]
    nodes, weights = np.polynomial.legendre.leggauss(_PANEL_NODES)
    half = np.diff(bounds)[:, None] / 2
    return (bounds[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()


def _sigma(model: _Model, energy: Floats) -> Floats:
    s, peak = energy**2, model.mass * model.mass_ratio
    b = np.sqrt(1 - 4 * model.mass**2 / s)
    fermion = model.dark_matter in ("dirac", "pseudo-dirac")
    shape = (1 + 2 * model.mass**2 / s) / b if fermion else b
    width = dark_width(peak, model.mass, dark_matter=model.dark_matter, alpha_D=model.alpha_D)
    strength = 4 * np.pi * model.alpha_D / 3 * s * shape * _final_states(model.portal, s)
    result: Floats = strength / ((s - peak**2) ** 2 + (peak * width) ** 2)
    return result


def _final_states(portal: str, s: Floats) -> Floats:
    """S(s): each charged lepton far above its threshold counts 1."""
    leptons = {
        name: np.sqrt(np.maximum(1 - 4 * m**2 / s, 0)) * (1 + 2 * m**2 / s)
        for name, m in LEPTONS.items()
    }
    if portal == "lmu-ltau":
        return 1 + leptons["muon"] + leptons["tau"]
    return np.asarray(sum(leptons.values()) + hadron_ratio(s))
