"""Mediators that a beam particle makes in a thick target: how many of which energy.

Bremsstrahlung of the electrons and positrons of the shower, and annihilation of its positrons, in
which the mediator takes all of the energy:

    dN/dE_X = Sum_i n_i Int dE [T_e-(E) + T_e+(E)] d sigma_i/dE_X(E)
            + Sum_i n_i Z_i T_e+(E_X) sigma_ann(E_X)

T is in radiation lengths of the target per GeV and beam particle, and n_i = N_A X0 w_i/A_i are the
nuclei of the element i, of mass fraction w_i, per cm^2 in one radiation length. A muon loses hardly
any energy, so for it the first line is the thickness times the cross section at the beam energy.

Uncertainty, on the yield: form factors and inelastic scattering 2 to 6%, track lengths 1.5 to 2.4%,
the Coulomb correction of lead up to -9%; on a coupling 1 to 5%, and up to 9% where positrons
annihilate: `na64ana.signal.error_budget` computes it.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from numbers import Real
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError
from na64ana.signal.annihilation import (
    annihilation_cross_section,
    line_shape,
    resonance_energy,
    threshold_energy,
)
from na64ana.signal.bremsstrahlung import differential_of, x_nodes
from na64ana.signal.checks import one_number
from na64ana.signal.constants import GEV2_TO_PB, M_ELECTRON
from na64ana.signal.decays import dark_width
from na64ana.signal.process import LEPTONS, process_of
from na64ana.signal.setups import Setup
from na64ana.signal.showers import track_length, track_length_above, track_length_nodes
from na64ana.signal.spectrum_cache import kept
from na64ana.signal.targets import Target, material

__all__ = [
    "MASSES",
    "NOTHING",
    "Spectrum",
    "annihilation_spectrum",
    "bremsstrahlung_spectrum",
    "check_mass",
    "from_disk",
    "line_spectrum",
    "resonance_spectrum",
]

Floats = NDArray[np.float64]
Arguments = ParamSpec("Arguments")

#: GeV, of the mediator: from 1 keV, well above the plasma energies of lead and tungsten (61 and 80
#: eV, PDG), below which matter screens a dark photon, to what no beam here makes
MASSES = (1e-6, 1e3)
#: cm^2 in a picobarn
PB_TO_CM2 = 1e-36
#: nodes of the integrals over the energy of the shower, over x and over the angle. With twice as
#: many of one of them, yields above a fifth of the beam energy change by less than 3e-4, 1e-4 and
#: 1e-4 from 0.5 MeV on; below, those over the angle by 5e-4
ENERGIES = 14
FRACTIONS = 32
ANGLES = 16
#: bins of the energy of a positron that annihilates; with twice as many, no yield changes by 1e-3
_BINS = 800
#: bins of the same for a line, most of them even, some towards the peak of a positron beam; with
#: twice as many, no yield changes by 5e-3
_LINE_BINS, _PEAK_BINS = 1600, 200
#: width of a resonance over its mass that bins resolve; below, differences of track lengths drown
_NARROWEST = 1e-12
#: width times mass over M^2 - s at the threshold of the final state: a constant width gives a yield
#: that is too high by 25% there, and by factors beyond
_WIDEST = 2.0


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Mediators of one beam particle at coupling 1, above the threshold of a setup.

    Attributes
    ----------
    energies : array
        Of the mediator, GeV: nodes of an integral, in no order.
    numbers : array
        Mediators at each node, its weight included; their sum is the yield.
    """

    energies: Floats = field(repr=False)
    numbers: Floats = field(repr=False)

    def __add__(self, other: Spectrum) -> Spectrum:
        """Return both together."""
        return Spectrum(
            np.concatenate([self.energies, other.energies]),
            np.concatenate([self.numbers, other.numbers]),
        )

    def __mul__(self, factor: Any) -> Spectrum:
        """Return it with numbers times a factor, one for all or one for each energy."""
        return Spectrum(self.energies, self.numbers * np.asarray(factor, dtype=float))


NOTHING = Spectrum(np.empty(0), np.empty(0))


def from_disk(compute: Callable[Arguments, Spectrum]) -> Callable[Arguments, Spectrum]:
    """Make a function keep its spectra on disk, and take them from there.

    Its arguments are texts, numbers and a `Setup`, of which beam, threshold and target count, and
    for muons the thickness: exposure, efficiency and decays are applied to a spectrum later.
    """
    parameters = inspect.signature(compute)

    @wraps(compute)
    def found(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Spectrum:
        given = parameters.bind(*args, **kwargs)
        given.apply_defaults()
        asked = tuple(_plain(value) for value in given.arguments.values())

        def arrays() -> Floats:
            made = compute(*args, **kwargs)
            return np.stack([made.energies, made.numbers])

        energies, numbers = kept((compute.__module__, compute.__name__, *asked), arrays)
        return Spectrum(energies, numbers)

    return found


def _plain(value: Any) -> Any:
    """Return what of an argument a spectrum depends on, with a ``repr`` of its own."""
    if isinstance(value, Setup):
        thickness = value.thickness if value.beam == "muon" else None
        return (value.beam, float(value.beam_energy), float(value.threshold),
                material(value.target), thickness)  # fmt: skip
    if isinstance(value, Real):
        return float(value)
    return value if value is None else str(value)


def check_mass(mass: float) -> None:
    """Refuse a mass of a mediator outside `MASSES`.

    Raises
    ------
    SignalError
    """
    low, high = MASSES
    if not low <= one_number(mass, "mass") <= high:
        msg = f"mass is {mass:g} GeV: mediators are computed from {low:g} to {high:g} GeV"
        raise SignalError(msg)


@from_disk
def bremsstrahlung_spectrum(
    mediator: str, mass: float, setup: Setup, *, form_factor: str = "elastic", method: str = "etl"
) -> Spectrum:
    """Return the mediators that are radiated off nuclei by one beam particle at epsilon = 1.

    Parameters
    ----------
    mediator : str
        As in `total_cross_section`.
    mass : float
        GeV.
    setup : Setup
        Its efficiency is not applied, its threshold is.
    form_factor, method : str
        As in `total_cross_section`.

    Returns
    -------
    Spectrum
        Empty where the mass is above what the beam can make.

    Raises
    ------
    SignalError
        For unknown names and a mass outside `MASSES`.
    """
    check_mass(mass)
    found = NOTHING
    for element, nuclei in material(setup.target).nuclei:
        made = _off_nuclei(mediator, mass, setup, element, form_factor, method)
        found += made * (PB_TO_CM2 * nuclei)
    return found


def _off_nuclei(
    mediator: str, mass: float, setup: Setup, element: Target, form_factor: str, method: str
) -> Spectrum:
    """Track length of the shower times the cross section off one kind of nucleus, X0 pb."""
    lepton = "muon" if setup.beam == "muon" else "electron"
    found = NOTHING
    least = _least_energy(mass, lepton, element)
    for energy, length in _lengths(setup, least):
        if energy <= least:
            continue
        process = process_of(mediator, mass, energy, lepton, element, form_factor, method)
        x, weights = x_nodes(process, setup.threshold / energy, FRACTIONS)
        if x.size:
            sigma = differential_of(process, x, ANGLES) * weights * GEV2_TO_PB
            found += Spectrum(x * energy, sigma * length)
    return found


@from_disk
def annihilation_spectrum(
    mass: float,
    setup: Setup,
    *,
    mediator: str = "vector",
    dark_matter: str = "dirac",
    alpha_D: float = 0.1,
    mass_ratio: float = 3.0,
) -> Spectrum:
    """Return the annihilations to dark matter of one beam particle at epsilon = 1.

    Parameters
    ----------
    mass : float
        Of the mediator, GeV.
    setup : Setup
        Its efficiency is not applied, its threshold is.
    mediator, dark_matter, alpha_D, mass_ratio
        As in `annihilation_cross_section`.

    Returns
    -------
    Spectrum
        Empty for muons, and where the resonance lies below the pair of dark particles.

    Raises
    ------
    SignalError
        For unknown names and values without meaning.
    """
    dark: dict[str, Any] = {"dark_matter": dark_matter, "alpha_D": alpha_D, "mediator": mediator}
    return resonance_spectrum(
        mass,
        setup,
        lambda energy: annihilation_cross_section(mass, energy, mass_ratio=mass_ratio, **dark),
        width=float(dark_width(mass, mass / mass_ratio, **dark)),
        lowest=float(threshold_energy(mass, mass_ratio=mass_ratio)),
    )


def resonance_spectrum(
    mass: float, setup: Setup, sigma: Callable[[Floats], Any], *, width: float, lowest: float
) -> Spectrum:
    """Return the annihilations of one beam particle through any resonance.

    Parameters
    ----------
    mass, width : float
        Of the resonance, GeV.
    setup : Setup
        Its efficiency is not applied, its threshold is.
    sigma : callable
        Of energies of the positron in GeV: the cross section in pb per electron.
    lowest : float
        Energy of the positron above which the final state is open, GeV.

    Returns
    -------
    Spectrum
        Empty for muons, for masses below that of an electron and a positron, and where the final
        state is not open.

    Raises
    ------
    SignalError
        For a width of less than 1e-12 of the mass, which bins cannot resolve; of more than the
        mass; and of more than twice what M^2 is above the threshold of the final state, over M: a
        constant width is wrong by 25% there and by factors beyond.
    """
    if width > mass:  # whatever the beam
        raise _refused(mass, width, "that is no particle; take a smaller alpha_D")
    if setup.beam == "muon" or mass <= 2 * M_ELECTRON:
        return NOTHING
    _check_width(mass, width, lowest)
    bottom = max(setup.threshold, lowest * (1 + 1e-9))
    if bottom >= setup.beam_energy:
        return NOTHING
    edges = _around(float(resonance_energy(mass)), mass * width / (2 * M_ELECTRON),
                    bottom, setup.beam_energy)  # fmt: skip
    middle = (edges[1:] + edges[:-1]) / 2
    lengths = _positrons(setup.beam, setup.beam_energy, edges)
    per_pb = PB_TO_CM2 * material(setup.target).electrons_per_x0
    return Spectrum(middle, lengths * sigma(middle) * per_pb)


def _check_width(mass: float, width: float, lowest: float) -> None:
    """Refuse a resonance whose line is not computed."""
    share = width / mass
    above = 1 - 2 * M_ELECTRON * (lowest + M_ELECTRON) / mass**2
    if share < _NARROWEST:
        what = (
            f"below {_NARROWEST:g} it is not computed; take a larger alpha_D, which has the same "
            "limit as long as it is small"
        )
    elif lowest > M_ELECTRON and 0 < above < share / _WIDEST:  # else e+ e- itself is the threshold
        what = (
            "too much for a mass so close to the threshold of what it decays to, whose s is only "
            f"{above:.2g} of M^2 below; take a larger mass_ratio, or a smaller alpha_D"
        )
    else:
        return
    raise _refused(mass, width, what)


def _refused(mass: float, width: float, what: str) -> SignalError:
    share = width / mass
    return SignalError(
        f"the width of the mediator of {mass:g} GeV is {share:.2g} of its mass: {what}"
    )


@from_disk
def line_spectrum(mass: float, setup: Setup, area: float) -> Spectrum:
    """Return the annihilations of one beam particle through a resonance of no width of its own.

    Its line is as wide as the motion of the electrons of the target makes it (`line_shape`).

    Parameters
    ----------
    mass : float
        Of the resonance, GeV.
    setup : Setup
        Its efficiency is not applied, its threshold is.
    area : float
        Integral of the cross section over the energy of the positron, pb GeV per electron.

    Returns
    -------
    Spectrum
        Empty for muons and for masses below that of an electron and a positron.
    """
    if setup.beam == "muon" or mass <= 2 * M_ELECTRON:
        return NOTHING
    middle, lengths = _even_bins(setup.beam, setup.beam_energy, setup.threshold)
    shape = line_shape(mass, middle, setup.target)
    inside = shape > 0
    per_pb = PB_TO_CM2 * material(setup.target).electrons_per_x0
    return Spectrum(middle[inside], (lengths * shape)[inside] * area * per_pb)


def _positrons(beam: str, beam_energy: float, edges: Floats) -> Floats:
    """Track lengths of positrons in bins of their energy."""
    above = np.asarray(track_length_above("e+", edges, beam=beam, beam_energy=beam_energy))
    return np.asarray(above[:-1] - above[1:])


@lru_cache(maxsize=64)
def _even_bins(beam: str, beam_energy: float, threshold: float) -> tuple[Floats, Floats]:
    """Middles of bins of the energy of a positron, and the track lengths in them."""
    even = np.linspace(threshold, beam_energy, _LINE_BINS + 1)
    peak = beam_energy - (beam_energy - threshold) * np.geomspace(1e-8, 1e-2, _PEAK_BINS)
    edges = np.unique(np.concatenate([even, peak]))
    return (edges[1:] + edges[:-1]) / 2, _positrons(beam, beam_energy, edges)


def _around(peak: float, width: float, low: float, high: float) -> Floats:
    """Edges of bins between two energies, as narrow around a resonance as it asks for."""
    first, last = math.atan((low - peak) / width), math.atan((high - peak) / width)
    close = peak + width * np.tan(np.linspace(first, last, _BINS + 1))
    edges = np.concatenate([close, np.linspace(low, high, _BINS + 1)])
    return np.unique(np.clip(edges, low, high))


@lru_cache(maxsize=64)
def _shower(beam: str, beam_energy: float, lowest: float) -> tuple[tuple[float, float], ...]:
    """Energies of electrons and positrons of a shower, and their track length around each.

    Those of the sign of the beam give the nodes; the other sign is smooth on them.
    """
    same, other = ("e+", "e-") if beam == "positron" else ("e-", "e+")
    shower: dict[str, Any] = {"beam": beam, "beam_energy": beam_energy}
    energies, lengths = track_length_nodes(same, lowest, count=ENERGIES, **shower)
    ratio = np.zeros(energies.shape)
    below = energies < beam_energy * (1 - 1e-9)  # above, there is the beam particle alone
    inside = energies[below]
    ratio[below] = track_length(other, inside, **shower) / track_length(same, inside, **shower)
    return tuple(zip(energies.tolist(), (lengths * (1 + ratio)).tolist(), strict=True))


def _lengths(setup: Setup, least: float) -> tuple[tuple[float, float], ...]:
    """Energies of the particles that radiate, and how many radiation lengths they go at each."""
    if setup.beam == "muon":
        return ((setup.beam_energy, setup.thickness),)
    lowest = max(setup.threshold, least)
    return _shower(setup.beam, setup.beam_energy, lowest) if lowest < setup.beam_energy else ()


def _least_energy(mass: float, lepton: str, element: Target) -> float:
    """Energy above which a lepton radiates a mass off a nucleus at rest, GeV."""
    return mass + LEPTONS[lepton] + mass * (mass + 2 * LEPTONS[lepton]) / (2 * element.nuclear_mass)
