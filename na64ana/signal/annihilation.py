"""Resonant annihilation of positrons on the electrons of the target: e+ e- -> X -> final state.

Breit-Wigner in the s channel, with widths at the energy of the event in the numerator and a
constant total width Gamma in the denominator, for a boson of spin J and mass M:

    sigma = 4 pi (2J + 1) Gamma_ee(sqrt s) Gamma_f(sqrt s) / {beta_e^2 [(s - M^2)^2 + M^2 Gamma^2]}

For a dark photon and Dirac dark matter this is the tree level,
(4 pi alpha epsilon^2 alpha_D/3) s beta (1 + 2 m^2/s)/[...], the electron's mass kept (arXiv:
1802.03794, 1807.05884, 2108.04195).

Left out is radiation off the positron. It lowers the peak by about (Gamma/M)^b, b = (2 alpha/pi)
[ln(s/m_e^2) - 1], that is 17% at 250 MeV and Gamma/M = 3%, and puts the events above the peak, so
that the yield of a thick target changes far less. Left out is also, for visible final states, the
interference with the photon.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.atoms import shells
from na64ana.signal.checks import Floats, check_above, known_name, one_number, plain, positive
from na64ana.signal.constants import ALPHA, ELEMENTARY_CHARGE, GEV2_TO_PB, M_ELECTRON
from na64ana.signal.decays import DARK_MATTER, check_dark_matter, dark_width, lepton_width
from na64ana.signal.loops import loop_mixing
from na64ana.signal.targets import Material
from na64ana.signal.widths import partial_widths, total_width

__all__ = [
    "FINAL_STATES",
    "annihilation_cross_section",
    "annihilation_to_neutrinos",
    "line_shape",
    "narrow_width_integral",
    "resonance_cross_section",
    "resonance_energy",
    "threshold_energy",
]

#: what the mediator decays to
FINAL_STATES = (*DARK_MATTER, "visible", "neutrinos")

_SPINS = {"vector": 1, "axial": 1, "scalar": 0, "pseudoscalar": 0}
_NODES = 24  # of the average over directions of the electron: it is good to 0.4% at worst
_AT_ONCE = 500  # points, so that the nodes of all shells stay in the cache
_Width = Callable[[Floats], Any]


class _Resonance(NamedTuple):
    """What a cross section is made of; widths are functions of the energy sqrt(s)."""

    mass: Floats
    spin: int
    incoming: _Width
    outgoing: _Width
    total: Floats
    lightest: Floats  # sqrt(s) from which the final state is open


def resonance_energy(mass: ArrayLike) -> Any:
    """Return the energy of the positron on an electron at rest, (M^2 - 2 m_e^2)/(2 m_e), GeV."""
    heavy = _above_pair(mass)
    return plain((heavy**2 - 2 * M_ELECTRON**2) / (2 * M_ELECTRON))


def threshold_energy(mass: ArrayLike, *, mass_ratio: float = 3.0, splitting: float = 0.0) -> Any:
    """Return the energy of the positron that makes a pair of dark particles, GeV."""
    pair = positive(mass, "mass") / one_number(mass_ratio, "mass_ratio")
    pair = pair * (2 + one_number(splitting, "splitting", zero=True))
    lowest = np.maximum((pair**2 - 2 * M_ELECTRON**2) / (2 * M_ELECTRON), M_ELECTRON)
    return plain(lowest)


def narrow_width_integral(mass: ArrayLike, branching_ratio: ArrayLike = 1.0) -> Any:
    """Return the integral of sigma over the positron's energy for a narrow vector, pb GeV.

    (2 pi^2 alpha/m_e) BR (1 + 2 m_e^2/M^2)/sqrt(1 - 4 m_e^2/M^2) per electron at epsilon = 1;
    without the last two factors 281.9 per GeV for BR = 1.
    """
    ratio = (M_ELECTRON / _above_pair(mass)) ** 2
    shape = (1 + 2 * ratio) / np.sqrt(1 - 4 * ratio)
    share = positive(branching_ratio, "branching_ratio", zero=True)
    return plain(GEV2_TO_PB * 2 * np.pi**2 * ALPHA / M_ELECTRON * share * shape)


def line_shape(mass: float, energy: ArrayLike, target: str | Material) -> Any:
    """Return how a resonance without a width is spread over the energy of the positron, in 1/GeV.

    By the motion of the electrons of an atom, as ``binding`` of `annihilation_cross_section` has
    it: those of each shell have momenta of one size in all directions, which spreads s evenly.
    Times `narrow_width_integral` it is the cross section per electron; its integral is
    m_e/(m_e - B), on average 1.01 in lead.

    Parameters
    ----------
    mass : float
        GeV.
    energy : float or array
        Of the positron, GeV.
    target : str, Target or Mixture
        Whose electrons these are: as of `na64ana.signal.atoms.shells`.

    Returns
    -------
    float or array
    """
    heavy = one_number(_above_pair(mass), "mass")
    positron = positive(energy, "energy")
    check_above(positron, M_ELECTRON, "energy", "the positron's mass in GeV")
    share, bound = shells(target)
    squares, centre, half = _motion(positron[..., np.newaxis], bound)
    flux = (heavy**2 - squares) / (centre - squares)
    inside = np.abs(heavy**2 - centre) < half
    return plain(np.where(inside, flux * M_ELECTRON / half, 0.0) @ share)


def resonance_cross_section(
    s: ArrayLike, mass: ArrayLike, spin: int, incoming: ArrayLike, outgoing: ArrayLike,
    total: ArrayLike,
) -> Any:  # fmt: skip
    """Return the Breit-Wigner cross section of the head of this module in pb.

    Parameters
    ----------
    s : float or array
        GeV^2.
    mass : float or array
        GeV.
    spin : int
        J of the resonance.
    incoming, outgoing : float or array
        Gamma_ee and Gamma_f at the energy sqrt(s), GeV.
    total : float or array
        Gamma at the mass, GeV.

    Notes
    -----
    At s = M^2 it is 4 pi (2J + 1) B_ee B_f/M^2, which is unitarity's bound for B_ee = B_f = 1 up
    to the four spins of the beam.
    """
    energy = positive(s, "s")
    heavy, width = positive(mass, "mass"), positive(total, "total width")
    velocity = 1 - 4 * M_ELECTRON**2 / energy
    if (velocity <= 0).any():
        msg = f"s is {energy.min():g} GeV^2: it must be above 4 m_e^2"
        raise SignalError(msg)
    peak = (energy - heavy**2) ** 2 + (heavy * width) ** 2
    widths = np.asarray(incoming) * np.asarray(outgoing)
    return plain(GEV2_TO_PB * 4 * np.pi * (2 * spin + 1) * widths / (velocity * peak))


def annihilation_cross_section(
    mass: ArrayLike,
    energy: ArrayLike,
    *,
    dark_matter: str = "dirac",
    alpha_D: float = 0.1,
    mass_ratio: float = 3.0,
    epsilon: float = 0.0,
    splitting: float = 0.0,
    binding: float | str | None = None,
    mediator: str = "vector",
) -> Any:
    """Return sigma(e+ e- -> X -> final state)/epsilon^2 in pb per electron of the target.

    Parameters
    ----------
    mass : float or array
        Of the mediator, GeV.
    energy : float or array
        Of the positron, GeV.
    dark_matter : str
        One of `FINAL_STATES`: a kind of dark matter; ``visible``, the leptons and, for a vector,
        hadrons of a dark photon, by this resonance alone; ``neutrinos``, those of broken B-L,
        three left-handed ones, with g = epsilon e.
    alpha_D, mass_ratio, splitting : float
        Of dark matter: g_D^2/(4 pi), M/m_chi and (m2 - m1)/m1. ``visible`` and ``neutrinos`` take
        no dark matter.
    epsilon : float
        The cross section is epsilon^2 times what is returned, but for the total width, which is
        Gamma = Gamma_dark + epsilon^2 Gamma_visible. With 0 the second is left out, so that the
        scaling is exact; it is good to epsilon^2 alpha/alpha_D. For ``visible``, ``neutrinos`` and
        where M < 2 m_chi there is no other width: then epsilon must be above 0, and what is
        returned depends on it.
    binding : float, str or None
        Motion of the electrons. None: at rest. A binding energy B in GeV: one shell. A target, as
        of `na64ana.signal.atoms.shells`: the average over its shells. An electron of a shell has
        the energy m_e - B, which is what the atom gives away, and a momentum of fixed size,
        sqrt((B + m_e)^2 - m_e^2) (kinetic energy B, as the virial theorem has it), in any
        direction; events are weighted by the flux of the positron relative to it, which
        keeps the area of a line at m_e/(m_e - B) times that at rest. In lead half of the electrons
        move s by more than 4%, the inner ten by 25% and more; the true momenta of a shell are
        spread too, so that the shape of a line that is narrower than this is an estimate.
    mediator : str
        ``vector``, ``axial``, ``scalar`` or ``pseudoscalar``.

    Returns
    -------
    float or array
        pb.

    Raises
    ------
    SignalError
        For unknown names, an energy below the threshold of the pair (`threshold_energy`), or
        no width at all.
    """
    known_name(dark_matter, FINAL_STATES, "final state")
    known_name(mediator, _SPINS, "mediator")
    strength = one_number(epsilon, "epsilon", zero=True)
    if dark_matter not in DARK_MATTER and not strength:
        msg = (
            f"the width to '{dark_matter}' goes with epsilon^2: give the epsilon at which the "
            "cross section is wanted"
        )
        raise SignalError(msg)
    if dark_matter == "neutrinos":
        _only_vector(mediator)
        g = strength * ELEMENTARY_CHARGE
        found = annihilation_to_neutrinos("b-l-broken", mass, energy, g, binding=binding)
        return plain(np.asarray(found) / strength**2)
    if dark_matter == "visible":
        make = _to_visible(mediator, strength)
    else:
        ratio = one_number(mass_ratio, "mass_ratio")
        dark = {"alpha_D": alpha_D, "splitting": splitting, "epsilon": strength}

        def make(heavy: Floats) -> _Resonance:
            return _to_dark_matter(heavy, heavy / ratio, mediator, dark_matter, **dark)

    return _by_parts(make, mass, energy, binding)


def annihilation_to_neutrinos(
    model: str, mass: ArrayLike, energy: ArrayLike, g: float, *, binding: float | str | None = None
) -> Any:
    """Return sigma(e+ e- -> Z' -> neutrinos) in pb per electron, at the coupling g.

    Parameters
    ----------
    model : str
        ``b-l``, ``b-l-broken`` or ``lmu-ltau``, whose electrons couple by the loop at q^2 = s.
    mass, energy, binding
        As for `annihilation_cross_section`.
    g : float
    """
    known_name(model, ("b-l", "b-l-broken", "lmu-ltau"), "model with neutrinos")
    strength = one_number(g, "g")

    def incoming(q: Floats) -> Any:
        share = loop_mixing(q**2) if model == "lmu-ltau" else 1 / ELEMENTARY_CHARGE
        return lepton_width("vector", q, epsilon=strength * share)

    def make(heavy: Floats) -> _Resonance:
        at_rest = partial_widths(model, heavy, strength)
        neutrinos = at_rest["neutrinos"] / heavy
        return _Resonance(heavy, 1, incoming, lambda q: neutrinos * q, total_width(at_rest),
                          np.asarray(0.0))  # fmt: skip

    return _by_parts(make, mass, energy, binding)


def _by_parts(
    make: Callable[[Floats], _Resonance],
    mass: ArrayLike,
    energy: ArrayLike,
    binding: float | str | None,
) -> Any:
    """Lay masses and energies out as (points, 1, 1), for shells and nodes, some at a time."""
    heavy, positron = np.broadcast_arrays(_above_pair(mass), positive(energy, "energy"))
    check_above(positron, M_ELECTRON, "energy", "the positron's mass in GeV")
    masses, energies = heavy.reshape(-1, 1, 1), positron.reshape(-1, 1, 1)
    parts = np.array_split(np.arange(len(masses)), len(masses) // _AT_ONCE + 1)
    found = [_average(make(masses[part]), energies[part], binding) for part in parts]
    return plain(np.concatenate(found).reshape(heavy.shape))


def _above_pair(mass: ArrayLike) -> Floats:
    heavy = positive(mass, "mass")
    check_above(heavy, 2 * M_ELECTRON, "mass", "in GeV: lighter ones are no resonance of e+ e-")
    return heavy


def _only_vector(mediator: str) -> None:
    if mediator != "vector":
        msg = f"a {mediator} mediator has no neutrinos here: take 'vector'"
        raise SignalError(msg)


def _visible(mediator: str, mass: Floats, epsilon: float) -> Any:
    model = "dark-photon" if mediator == "vector" else mediator
    return total_width(partial_widths(model, mass, epsilon))


def _to_visible(mediator: str, epsilon: float) -> Callable[[Floats], _Resonance]:
    visible = partial(_visible, mediator, epsilon=epsilon)
    electrons, spin = partial(lepton_width, mediator), _SPINS[mediator]
    return lambda heavy: _Resonance(
        heavy, spin, electrons, visible, visible(heavy), np.asarray(0.0)
    )


def _to_dark_matter(
    mass: Floats, dark_mass: Floats, mediator: str, kind: str, *,
    alpha_D: float, splitting: float, epsilon: float,
) -> _Resonance:  # fmt: skip
    check_dark_matter(kind, mediator, splitting)
    dark = partial(dark_width, dark_mass=dark_mass, dark_matter=kind, alpha_D=alpha_D,
                   splitting=splitting, mediator=mediator)  # fmt: skip
    total = np.asarray(dark(mass))
    if epsilon:
        total = total + _visible(mediator, mass, epsilon)
    if not (total > 0).all():
        msg = (
            "the mediator has no width: it is too light for a pair of dark particles, or alpha_D "
            "is 0. Give epsilon, for its visible decays"
        )
        raise SignalError(msg)
    electrons = partial(lepton_width, mediator)
    return _Resonance(mass, _SPINS[mediator], electrons, dark, total, dark_mass * (2 + splitting))


def _average(this: _Resonance, positron: Floats, binding: float | str | None) -> Floats:
    """Cross section in pb (points), for electrons at rest or in shells."""
    if binding is None:
        s = 2 * M_ELECTRON * (positron + M_ELECTRON)
        _check_open(np.sqrt(s), this.lightest, positron)
        q = np.sqrt(s)
        found = resonance_cross_section(
            s, this.mass, this.spin, this.incoming(q), this.outgoing(q), this.total
        )
        return np.asarray(found).reshape(-1)
    if isinstance(binding, str):
        share, bound = shells(binding)
    else:
        share, bound = np.ones(1), np.array([one_number(binding, "binding")])
    if (bound >= M_ELECTRON).any():
        msg = "binding must be an energy in GeV below the electron's mass, or a target"
        raise SignalError(msg)
    return np.asarray(_in_shell(this, positron, bound[:, None]) @ share)


def _motion(positron: Floats, bound: Floats) -> tuple[Floats, Floats, Floats]:
    """Squared energy-momenta of positron and bound electron, the mean of s, and half its range."""
    energy, momentum = M_ELECTRON - bound, np.sqrt(bound * (bound + 2 * M_ELECTRON))
    fast = np.sqrt(positron**2 - M_ELECTRON**2)
    squares = M_ELECTRON**2 + energy**2 - momentum**2
    return squares, squares + 2 * positron * energy, 2 * fast * momentum


def _in_shell(this: _Resonance, positron: Floats, bound: Floats) -> Floats:
    """Average over the direction of the electron, which is over s; in pb (points, shells).

    Gauss-Legendre in the angle whose tangent is (s - M^2)/(M Gamma), in which the peak is flat.
    """
    squares, centre, half = _motion(positron, bound)
    high = centre + half
    _check_open(np.sqrt(high.max(1, keepdims=True)), this.lightest, positron)
    low = np.maximum(centre - half, np.maximum(this.lightest, 2.0001 * M_ELECTRON) ** 2)
    low = np.minimum(low, high)
    width = this.mass * this.total
    below, above = (low - this.mass**2) / width, (high - this.mass**2) / width
    turn = np.arctan2(above - below, 1 + above * below)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    angle = turn * (nodes + 1) / 2
    tangent = (below * np.cos(angle) + np.sin(angle)) / (np.cos(angle) - below * np.sin(angle))
    s = np.clip(this.mass**2 + width * tangent, low, high)
    q = np.sqrt(s)
    # flux of the positron relative to the electron, per unit of its velocity
    flux = (s - squares) / (centre - squares)
    rates = np.asarray(this.incoming(q)) * np.asarray(this.outgoing(q))
    rates = rates * flux / (1 - 4 * M_ELECTRON**2 / s)
    peak = (rates * weights).sum(-1) * (turn / width)[..., 0] / 2
    found: Floats = GEV2_TO_PB * 4 * np.pi * (2 * this.spin + 1) * peak / (2 * half[..., 0])
    return found


def _check_open(energy: Floats, lightest: Floats, positron: Floats) -> None:
    """Refuse positrons that are too slow for the final state."""
    closed = np.broadcast_to(energy <= lightest, positron.shape)
    if closed.any():
        need = np.broadcast_to(lightest, positron.shape)[closed][0]
        msg = (
            f"energy is {positron[closed][0]:g}: the positron makes less than the {need:g} GeV of "
            "the final state (threshold_energy says from where on)"
        )
        raise SignalError(msg)
