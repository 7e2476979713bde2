"""Decays in flight of beam pions, kaons and muons to electrons.

A particle of momentum p that flies a length L decays with probability 1 - exp(-L m / (p c tau)).
Masses, lifetimes and branching fractions: S. Navas et al. (Particle Data Group), Phys. Rev. D 110
(2024) 030001.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from na64ana.background.budget import Source
from na64ana.background.estimate import BOUND_CL, source_from
from na64ana.background.product import Factor, Measured
from na64ana.errors import BackgroundError, nearest, printable

__all__ = ["PARTICLES", "BeamParticle", "Decaying", "decay_probability", "decays_in_flight"]

_C = 0.299792458  # m/ns, exact


class Decaying(NamedTuple):
    """A charged particle that decays to electrons.

    Attributes
    ----------
    mass : float
        In GeV.
    lifetime : float
        In ns.
    to_electron : Measured
        Branching fraction of the decays with an electron.
    decay : str
        Those decays.
    """

    mass: float
    lifetime: float
    to_electron: Measured
    decay: str

    @property
    def ctau(self) -> float:
        """Mean flight at rest, in m."""
        return _C * self.lifetime


#: K -> pi0 e nu and K -> e nu; electrons of the muons and pions that a kaon decays to are not in it
PARTICLES = {
    "pi": Decaying(0.13957039, 26.033, Measured(1.230e-4, 0.004e-4), "e nu"),
    "K": Decaying(0.493677, 12.380, Measured(0.0507 + 1.582e-5, 0.0004), "pi0 e nu, e nu"),
    "mu": Decaying(0.1056583755, 2196.9811, Measured(1.0), "e nu nu"),
}


@dataclass(frozen=True)
class BeamParticle:
    """One kind of particle in the beam.

    Attributes
    ----------
    particle : str
        A key of `PARTICLES`.
    contamination : Measured
        How many of them there are for each beam particle on target.
    acceptance : Measured
        Share of the decays to electrons that would pass the selection up to the rejection, from
        simulation.
    """

    particle: str
    contamination: Measured
    acceptance: Measured


def decay_probability(particle: str, momentum: float, length: float) -> float:
    """Return the probability that a particle decays on its way.

    Parameters
    ----------
    particle : str
        ``pi``, ``K`` or ``mu``.
    momentum : float
        In GeV.
    length : float
        In m.

    Raises
    ------
    BackgroundError
        The particle is not known, or there is no such momentum or length.
    """
    if not (math.isfinite(momentum) and momentum > 0 and math.isfinite(length) and length >= 0):
        msg = (
            f"decay in flight: momentum {momentum} GeV, length {length} m; the one is above zero, "
            "the other not below"
        )
        raise BackgroundError(msg)
    kind = _kind(particle)
    return -math.expm1(-length * kind.mass / (momentum * kind.ctau))


def decays_in_flight(
    name: str,
    beam: Sequence[BeamParticle],
    common: Sequence[Factor],
    *,
    momentum: float,
    length: Measured,
    cl: float = BOUND_CL,
    reference: str = "",
    inputs: Mapping[str, str] | None = None,
) -> Source:
    """Return the electrons from decays in flight expected in the box.

    Parameters
    ----------
    name : str
    beam : sequence of BeamParticle
        Their contaminations and acceptances are independent of each other.
    common : sequence of Count, Share or Measured
        Factors of all kinds of particle: particles on target, and the rejection by the synchrotron
        radiation detector and what else sees that it was no beam electron. With a rejection of
        none of N the source is a bound.
    momentum : float
        Of the beam, in GeV.
    length : Measured
        From where the particle can no longer be told by its radiation to the target, in m.
    cl, reference, inputs
        As in `source_from`.

    Raises
    ------
    BackgroundError
        A number is not possible, or no particle is given.
    """
    if not beam:
        msg = f"background source '{printable(name)}': no particle of the beam is given"
        raise BackgroundError(msg)
    if not (length.error >= 0 and math.isfinite(length.error)):
        msg = f"background source '{printable(name)}': the error of the length is {length.error} m"
        raise BackgroundError(msg)
    terms = [_per_particle(one, momentum, length.value) for one in beam]
    value = math.fsum(term.value for term, _ in terms)
    # one length for all: its error moves them together
    from_length = math.fsum(slope for _, slope in terms) * length.error
    error = math.hypot(from_length, *(term.error for term, _ in terms))
    kinds = ", ".join(f"{one.particle} -> {_kind(one.particle).decay}" for one in beam)
    return source_from(
        name, [Measured(value, error), *common], cl=cl,
        method=f"decays in flight at {momentum:g} GeV over {length.value:g} m: {kinds}",
        reference=reference, inputs=inputs,
    )  # fmt: skip


def _per_particle(one: BeamParticle, momentum: float, length: float) -> tuple[Measured, float]:
    """Electrons accepted per particle on target with their error, and the change per m."""
    kind = _kind(one.particle)
    factors = (one.contamination, one.acceptance, kind.to_electron)
    if any(not math.isfinite(x) or x < 0 for factor in factors for x in factor):
        msg = f"decay in flight of {printable(one.particle)}: a factor or an error is negative"
        raise BackgroundError(msg)
    probability = decay_probability(one.particle, momentum, length)
    share = math.prod(factor.value for factor in factors)
    # first order in each: the others as they are
    errors = [
        factor.error * math.prod(f.value for j, f in enumerate(factors) if j != i)
        for i, factor in enumerate(factors)
    ]
    slope = share * (1 - probability) * kind.mass / (momentum * kind.ctau)
    return Measured(share * probability, probability * math.hypot(*errors)), slope


def _kind(particle: str) -> Decaying:
    if particle not in PARTICLES:
        msg = (
            f"decay in flight: unknown particle '{printable(particle)}' (known: "
            f"{', '.join(PARTICLES)}){nearest(particle, PARTICLES)}"
        )
        raise BackgroundError(msg)
    return PARTICLES[particle]
