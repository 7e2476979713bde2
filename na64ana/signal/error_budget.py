"""How well a yield is known: what each approximation of the theory changes, computed by itself.

Every source is computed for the mass and the setup asked for, by doing it in another way; where
nothing else is to be had, an estimate says so. Cuts, and the efficiency of a setup, are no theory
and not here. The coupling of a limit goes with the root of the yield: half of these numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, printable
from na64ana.signal.annihilation import (
    annihilation_cross_section,
    narrow_width_integral,
    resonance_energy,
)
from na64ana.signal.atoms import SHELLS
from na64ana.signal.constants import ALPHA, CM2_TO_PB, M_ELECTRON
from na64ana.signal.form_factors import nuclear_scale, photon_flux
from na64ana.signal.process import LEPTONS
from na64ana.signal.production import (
    NOTHING,
    Spectrum,
    annihilation_spectrum,
    bremsstrahlung_spectrum,
)
from na64ana.signal.setups import Setup
from na64ana.signal.showers import track_length_above
from na64ana.signal.targets import Target, material

__all__ = [
    "Uncertainty",
    "coulomb_function",
    "error_budget",
    "on_coupling",
    "radiation_off_positron",
    "yield_by_method",
    "yield_in_narrow_width",
]

Floats = NDArray[np.float64]

#: relative, of track lengths of the beam's sign and of the other: an independent Monte Carlo of the
#: same processes differs from the cascade equations by 0.5% and 2.4%, with 1% to 2% of statistics
TRACK_LENGTHS = (0.015, 0.024)
#: relative, of all integrals together: against twice as many nodes of each (tests)
NUMERICAL = 5e-4
#: bins of the energy that a positron loses, and energies at which the loss is computed
_LOSSES, _AT = 400, 30


@dataclass(frozen=True)
class Uncertainty:
    """What one approximation does to a yield.

    Attributes
    ----------
    name : str
    change : float
        Of the yield, relative: what it would change by if this were taken in.
    signed : bool
        Whether the sign is known; otherwise the change may be to either side.
    how : str
        How it was found.
    """

    name: str
    change: float
    signed: bool
    how: str


def error_budget(
    mass: float, setup: Setup, *, mediator: str = "vector", **dark: Any
) -> tuple[Uncertainty, ...]:
    """Return what each approximation changes of the yield of mediators.

    Of those that decay invisibly at once; for a setup that sees decays, of those that are radiated.

    Parameters
    ----------
    mass : float
        Of the mediator, GeV.
    setup : Setup
        The motion of electrons is there for targets of elements with a table of shells, plates of
        scintillator for lead.
    mediator : str
        As in `bremsstrahlung_spectrum`.
    **dark
        ``dark_matter``, ``alpha_D`` and ``mass_ratio`` of `annihilation_spectrum`.

    Returns
    -------
    tuple of Uncertainty

    Raises
    ------
    SignalError
        For unknown names, and where there is no yield.
    """
    radiated = bremsstrahlung_spectrum(mediator, mass, setup)
    annihilated = annihilation_spectrum(mass, setup, mediator=mediator, **dark)
    if setup.sees != "missing":
        annihilated = NOTHING
    numbers = _seen(radiated, setup), _seen(annihilated, setup)
    if not sum(numbers):
        name = printable(setup.name)
        msg = f"setup '{name}' sees nothing of a mass of {mass:g} GeV: there is no yield"
        raise SignalError(msg)
    changes: list[_Change] = []
    if numbers[0]:
        changes += _of_nuclei(mediator, mass, setup, numbers[0])
    if setup.beam != "muon":
        changes += _of_showers(mediator, mass, setup, numbers[0])
    if numbers[1]:
        changes += _of_positrons(mediator, mass, setup, annihilated, dark)
    changes.append(_Change("integrals", NUMERICAL, NUMERICAL, False, "against twice as many nodes"))
    share = numbers[0] / sum(numbers)
    return tuple(
        Uncertainty(
            one.name, share * one.radiated + (1 - share) * one.annihilated, one.signed, one.how
        )
        for one in changes
    )


class _Change(NamedTuple):
    """Changes of both yields, relative to each."""

    name: str
    radiated: float
    annihilated: float
    signed: bool
    how: str


def _of_nuclei(mediator: str, mass: float, setup: Setup, radiated: float) -> list[_Change]:
    def again(form_factor: str) -> float:
        other = bremsstrahlung_spectrum(mediator, mass, setup, form_factor=form_factor)
        return _seen(other, setup) / radiated - 1

    return [
        _Change("inelastic scattering", again("elastic+inelastic"), 0.0, True,
                "the same with 'elastic+inelastic'"),
        _Change("form factor of the nucleus", again("helm"), 0.0, False, "the same with 'helm'"),
        _Change("Coulomb correction", _coulomb(mass, setup), 0.0, True,
                "estimate: f(Z) over the logarithm of the flux, times the form factor"),
    ]  # fmt: skip


def _of_showers(mediator: str, mass: float, setup: Setup, radiated: float) -> list[_Change]:
    mine, other = TRACK_LENGTHS
    positrons = mine if setup.beam == "positron" else other
    found = [_Change("track lengths", mine, positrons, False, "against an independent Monte Carlo")]
    if setup.target == "Pb":
        found.append(
            _Change("plates of scintillator", *_sandwich(mediator, mass, setup, radiated), True,
                    "the same on 'ECAL', lead and scintillator")
        )  # fmt: skip
    return found


def _of_positrons(
    mediator: str, mass: float, setup: Setup, annihilated: Spectrum, dark: dict[str, Any]
) -> list[_Change]:
    later = _reweighted(annihilated, setup, radiation_off_positron(setup))
    found = [_Change("radiation off the positron", 0.0, later, True, "leading logarithm")]
    if all(element.name in SHELLS for element, _ in material(setup.target).nuclei):
        moving = _reweighted(annihilated, setup, _motion(mass, setup, mediator, dark))
        found.append(
            _Change("motion of the electrons", 0.0, moving, True,
                    "the same with electrons bound in the shells of the target")
        )  # fmt: skip
    return found


def on_coupling(budget: Iterable[Uncertainty]) -> float:
    """Return the relative uncertainty of a coupling: half of all changes, added in quadrature."""
    return math.sqrt(sum(one.change**2 for one in budget)) / 2


def yield_by_method(mediator: str, mass: float, setup: Setup, method: str) -> float:
    """Return the yield of bremsstrahlung by ``ww`` or ``iww`` over that at exact tree level."""
    exact = _seen(bremsstrahlung_spectrum(mediator, mass, setup), setup)
    return _seen(bremsstrahlung_spectrum(mediator, mass, setup, method=method), setup) / exact


def yield_in_narrow_width(mass: float, setup: Setup, **dark: Any) -> float:
    """Return the yield of a vector with a line of no width over that with its width.

    Of radiation and annihilation together; the arguments are those of `error_budget`.
    """
    radiated = _seen(bremsstrahlung_spectrum("vector", mass, setup), setup)
    annihilated = _seen(annihilation_spectrum(mass, setup, **dark), setup)
    if not annihilated:
        return 1.0
    centre, narrow = float(resonance_energy(mass)), 0.0
    if setup.threshold < centre < setup.beam_energy:
        area = narrow_width_integral(mass) / CM2_TO_PB * material(setup.target).electrons_per_x0
        narrow = _density(centre, setup) * area * float(setup.missing(np.array(centre)))
    return (radiated + narrow) / (radiated + annihilated)


def coulomb_function(Z: int) -> float:
    """Return f(Z) of H. Davies, H. A. Bethe and L. C. Maximon, Phys. Rev. 93 (1954) 788.

    a^2 [1/(1 + a^2) + 0.20206 - 0.0369 a^2 + 0.0083 a^4 - 0.002 a^6], a = alpha Z, as in the PDG's
    "Passage of particles through matter": good to four digits up to uranium. In the cross section
    of a photon the logarithm ln(184.15 Z^(-1/3)) becomes smaller by it.
    """
    a2 = (ALPHA * Z) ** 2
    return a2 * (1 / (1 + a2) + 0.20206 - 0.0369 * a2 + 0.0083 * a2**2 - 0.002 * a2**3)


def radiation_off_positron(setup: Setup) -> Callable[[Floats], Floats]:
    """Return what multiplies the yield at an energy in GeV if positrons radiate and annihilate.

    Before it annihilates at the energy E, with L = ln(s/m_e^2), a positron of E/(1 - z) loses z by

        F(z) dz = b z^(b-1) (1 + 3b/4) - b (1 - z/2),  b = (2 alpha/pi) (L - 1)

    (leading logarithm, soft photons summed: E. A. Kuraev and V. S. Fadin, Sov. J. Nucl. Phys. 41
    (1985) 466; its integral is 1), and there are T(E/(1 - z)) dz/(1 - z) of these instead of T(E).
    """
    grid = np.geomspace(setup.threshold, setup.beam_energy, _AT + 1)[:-1]
    ratios = np.array([_radiated(float(energy), setup) for energy in grid])

    def factor(energies: Floats) -> Floats:
        return np.asarray(np.interp(energies, grid, ratios))

    return factor


def _radiated(energy: float, setup: Setup) -> float:
    """Sum of F(z) T(E/(1-z))/(1-z) over T(E), by bins of z with their exact integral of F."""
    highest = 1 - energy / setup.beam_energy
    z = np.concatenate([[0.0], np.geomspace(1e-9, highest, _LOSSES)])
    z[-1] = highest
    power = 2 * ALPHA / np.pi * (math.log(2 * energy / M_ELECTRON) - 1)
    losses = np.diff((1 + 3 * power / 4) * z**power - power * (z - z**2 / 4))
    # up to the first edge nothing is lost that matters: T is taken at E itself
    edges = np.minimum(energy / (1 - z[1:]), setup.beam_energy)
    above = np.asarray(
        track_length_above("e+", edges, beam=setup.beam, beam_energy=setup.beam_energy)
    )
    lengths = (above[:-1] - above[1:]) / np.diff(edges)
    lengths = np.concatenate([lengths[:1], lengths])
    middle = 1 - (z[1:] + z[:-1]) / 2
    return float(np.sum(losses * lengths / middle) / _density(energy, setup))


def _density(energy: float, setup: Setup) -> float:
    """T of positrons at an energy, as the slope of what is above it."""
    ends = energy * np.array([1.0, 1 + 1e-6])
    above = track_length_above("e+", ends, beam=setup.beam, beam_energy=setup.beam_energy)
    return float((above[0] - above[1]) / (ends[1] - ends[0]))


def _seen(made: Spectrum, setup: Setup) -> float:
    return float(np.sum(made.numbers * setup.seen(made.energies)))


def _reweighted(made: Spectrum, setup: Setup, factor: Callable[[Floats], Floats]) -> float:
    """Change of a yield when each of its energies is multiplied by a factor."""
    return _seen(made * factor(made.energies), setup) / _seen(made, setup) - 1


def _motion(
    mass: float, setup: Setup, mediator: str, dark: dict[str, Any]
) -> Callable[[Floats], Floats]:
    """Cross sections with electrons that move, over those at rest."""

    def ratio(energies: Floats) -> Floats:
        moving, still = (
            np.asarray(annihilation_cross_section(mass, energies, mediator=mediator,
                                                  binding=binding, **dark))
            for binding in (setup.target, None)
        )  # fmt: skip
        return np.asarray(moving / still)

    return ratio


def _coulomb(mass: float, setup: Setup) -> float:
    """Estimate of what the Born approximation leaves out.

    A photon that is exchanged far outside the nucleus sees all of it, one with t = M^2 + m^2 inside
    the nucleus hardly any. Elements count with their charges squared, as they radiate.
    """
    scale = mass**2 + LEPTONS["muon" if setup.beam == "muon" else "electron"] ** 2
    parts = [(number * element.Z**2, _coulomb_of(element, scale, setup.beam_energy))
             for element, number in material(setup.target).nuclei]  # fmt: skip
    return sum(weight * change for weight, change in parts) / sum(weight for weight, _ in parts)


def _coulomb_of(element: Target, scale: float, beam_energy: float) -> float:
    """That of one element, for scale = M^2 + m^2."""
    flux = float(photon_flux(scale**2 / (4 * beam_energy**2), scale, element))
    logarithm = max(flux / element.Z**2 / 2, math.log(184.15 * element.Z ** (-1 / 3)))
    inside = (1 + scale / nuclear_scale(element)) ** -2
    return -coulomb_function(element.Z) / logarithm * inside


def _sandwich(mediator: str, mass: float, setup: Setup, radiated: float) -> tuple[float, float]:
    """Change of both yields in the ECAL of NA64 instead of lead."""
    ecal = replace(setup, target="ECAL")
    more = material("ECAL").electrons_per_x0 / material(setup.target).electrons_per_x0 - 1
    if not radiated:
        return 0.0, more
    return _seen(bremsstrahlung_spectrum(mediator, mass, ecal), setup) / radiated - 1, more
