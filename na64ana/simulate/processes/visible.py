"""Modes with a dump of tungsten in front of the ECAL: decays to e+e- in the space behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from na64ana.simulate.arrays import BoolArray, FloatArray
from na64ana.simulate.detectors.branches import channel_branches, detector_branches, overlaid
from na64ana.simulate.detectors.timing import Clock, cell_times
from na64ana.simulate.detectors.trigger import trigger_sources
from na64ana.simulate.detectors.wcal import dump_energies, dump_interacts
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.visible import VisibleParameters, visible_parameters
from na64ana.simulate.physics.constants import ELECTRON_MASS
from na64ana.simulate.physics.depths import hcal_front
from na64ana.simulate.processes.beam import Process, add_hadron, beam_electrons
from na64ana.simulate.processes.electrons import BACKGROUNDS
from na64ana.simulate.processes.signals import mediator_energies
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.visible import VisibleTruth, in_dump

__all__ = ["VISIBLE_MODES", "visible_branches"]

_SRD_CHANNELS = 4
"""Of the array in the files, as in p348reco [C2] [C3]; those of no module hold 0."""
_UNUSED = (
    *(f"VHCAL_{what}" for what in ("ene", "t0", "tE", "tSigma")),
    *("mpStraw3X", "mpStraw3Y", "mpStraw4X", "mpStraw4Y", "ST11x", "ST12x"),
)
"""What the visible runs of 2017 and 2018 did not have."""


def visible_branches(
    crossing: Crossing, rng: np.random.Generator, p: VisibleParameters
) -> dict[str, Any]:
    """All branches that detectors fill, in the order of the layout."""
    n = len(crossing)
    branches = detector_branches(crossing, rng, p)
    for name in _UNUSED:
        del branches[name]
    for name in [name for name in branches if name.startswith("SRD_")]:
        branches[name] = _padded(branches[name])
    first = dump_energies(_own(crossing.prompt), rng, p)
    second = dump_energies(_own(crossing.second), rng, p)
    for name, clock in dump_clocks(p).items():
        energy, delay = overlaid(first[name], second[name], crossing)
        time = cell_times(n, clock, p.timing, rng, delay)
        found = channel_branches(name, clock, energy, time)
        branches |= found if name == "WCAL" else {k: v[:, 0] for k, v in found.items()}
    physics = dump_trigger(first["WCAL"], second["WCAL"], crossing, rng, p)
    branches["triggerSources"] = trigger_sources(physics, rng, p.trigger)
    return branches


def dump_trigger(
    first: FloatArray,
    second: FloatArray,
    crossing: Crossing,
    rng: np.random.Generator,
    p: VisibleParameters,
) -> BoolArray:
    """Tell which events (n,) the physics trigger takes: too little energy in the dump."""
    seen = first.copy()
    inside = np.abs(crossing.delay) < p.trigger.gate
    np.add.at(seen, crossing.rows[inside], second[inside])
    trigger = p.visible_trigger
    smeared = 1 + trigger.smearing * rng.standard_normal(len(crossing))
    below = seen[:, :2].sum(axis=1) < trigger.share * p.beam.energy * smeared
    return np.asarray(below & (seen[:, 0] > trigger.preshower_minimum))


def dump_clocks(p: VisibleParameters) -> dict[str, Clock]:
    """Clocks of WCAL, V2 and S4."""
    t = p.visible_timing
    return {
        "WCAL": Clock(t.wcal, np.full(3, t.wcal_sigma)),
        "V2": Clock(t.v2, np.full(1, t.v2_sigma)),
        "S4": Clock(t.s4, np.full(1, t.s4_sigma)),
    }


def visible(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """A mediator leaves the dump and decays to e+e- in front of S4, wherever in that space.

    Both electrons reach the ECAL as one shower: they open by some m/E, a millimetre for an X17 of
    50 GeV after 3 m. So the efficiency is one of the energy alone.
    """
    truth = in_dump(beam_electrons(n, rng, p))
    truth.mediator_energy = mediator_energies(n, rng, p.signal, truth.dump_energy)
    truth.dump_energy = truth.dump_energy - truth.mediator_energy
    truth.em_energy = truth.mediator_energy.copy()
    truth.decay_charged[:] = 2
    return Crossing.single(truth)


def kaon(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """K0S made in the dump that leave it and decay in front of S4, to two pions.

    Of four photons from pi0 pi0 one may convert, and looks like the signal; their energy lies
    partly beside the axis. pi+ pi- are two particles in S4 and a hadronic shower.
    """
    truth, energy = _from_dump(n, rng, p)
    assert isinstance(p, VisibleParameters)
    q = p.visible
    charged = rng.random(n) < q.kaon_charged
    share = rng.uniform(*q.pion_share, n)
    for part in (share, 1 - share):
        add_hadron(truth, charged * part * energy, rng.exponential(1.0, n), rng, p)
    core = rng.beta(*q.photon_core, n)
    truth.em_energy = np.where(charged, 0.0, energy * core)
    wide = np.where(charged, 0.0, energy * (1 - core))
    truth.ecal_hadronic += wide[:, None] * np.array([q.wide_preshower, 1 - q.wide_preshower])
    pairs = rng.binomial(4, q.conversion, n) + rng.binomial(2, q.dalitz, n)
    truth.charged = np.where(charged, 2, 0) + truth.dump_charged
    truth.decay_charged = np.where(charged, 2, 2 * pairs) + truth.dump_charged
    return Crossing.single(truth)


def neutral(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Neutrons and K0L from the dump: nothing in V2, a hadronic shower in ECAL and HCAL."""
    truth, energy = _from_dump(n, rng, p)
    assert isinstance(p, VisibleParameters)
    start = rng.exponential(1.0, n)
    add_hadron(truth, energy, start, rng, p)
    secondaries = (start < hcal_front(p)) * (1 + rng.poisson(p.visible.neutral_charged, n))
    pairs = rng.random(n) < p.visible.neutral_conversion
    truth.charged = secondaries + truth.dump_charged
    truth.decay_charged = 2 * pairs + truth.dump_charged
    return Crossing.single(truth)


def _from_dump(n: int, rng: np.random.Generator, p: Parameters) -> tuple[VisibleTruth, FloatArray]:
    """Electrons that make a neutral hadron in the dump, which leaves it; the rest stays there.

    Returns
    -------
    the events, and the energies of the hadrons (n,), GeV.
    """
    assert isinstance(p, VisibleParameters)
    q = p.visible
    truth = in_dump(beam_electrons(n, rng, p))
    beam = truth.momentum
    low, high = np.log(q.neutral_share)
    energy = beam * np.exp(rng.uniform(float(low), float(high), n))
    rest = np.minimum(rng.exponential(q.neutral_rest, n) * beam, beam - energy)
    truth.dump_energy = beam - energy - rest
    alone = rng.random(n) < q.neutral_alone
    truth.dump_charged = np.where(alone, 0, 1 + rng.poisson(q.neutral_beside, n))
    truth.hcal_x = truth.x + rng.normal(0.0, p.processes.hadron_spread, n)
    truth.hcal_y = truth.y + rng.normal(0.0, p.processes.hadron_spread, n)
    return truth, energy


def _behind_dump(process: Process) -> Process:
    """A process of the invisible mode whose shower is in the dump instead of the ECAL."""

    def made(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
        found = process(n, rng, p)
        prompt, second = in_dump(found.prompt), in_dump(found.second)
        return Crossing(prompt, found.rows, second, found.delay)

    made.__doc__ = process.__doc__
    return made


def hadron(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Beam hadrons: no synchrotron radiation; many interact in the dump."""
    truth = in_dump(BACKGROUNDS["hadron"](n, rng, p).prompt)
    _stop_hadrons(truth, rng, p)
    return Crossing.single(truth)


def pileup(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Other beam particles beside the first, anywhere in the readout window."""
    found = _behind_dump(BACKGROUNDS["pileup"])(n, rng, p)
    _stop_hadrons(_own(found.second), rng, p)
    return found


def _stop_hadrons(truth: VisibleTruth, rng: np.random.Generator, p: Parameters) -> None:
    """Let hadrons of the beam interact in the dump; in place."""
    assert isinstance(p, VisibleParameters)
    is_hadron = truth.radiating_mass > ELECTRON_MASS
    stops = is_hadron & dump_interacts(len(truth), rng, p)
    share = stops * rng.beta(*p.visible.hadron_dump, len(truth))
    truth.dump_hadronic = share * truth.momentum
    truth.ecal_hadronic = truth.ecal_hadronic * (1 - share)[:, None]
    truth.hcal_hadronic = truth.hcal_hadronic * (1 - share)[:, None]


def _own(truth: Any) -> VisibleTruth:
    assert isinstance(truth, VisibleTruth)
    return truth


def _padded(channels: FloatArray) -> FloatArray:
    """Channels of modules that are not there: 0, with the sigma of the first."""
    missing = _SRD_CHANNELS - channels.shape[1]
    return np.concatenate([channels, np.zeros((len(channels), missing))], axis=1)


_AS_IN_ECAL = ("electron", "radiative", "electronuclear", "dimuon", "upstream")
_BACKGROUNDS: dict[str, Process] = {
    **{name: _behind_dump(BACKGROUNDS[name]) for name in _AS_IN_ECAL},
    "hadron": hadron,
    "pileup": pileup,
    "kaon": kaon,
    "neutral": neutral,
}
_SIGNALS: dict[str, Callable[..., Crossing]] = {"visible": visible}


def _mode(name: str, description: str, setup: str, parameters: VisibleParameters) -> Mode:
    return Mode(
        name=name,
        description=description,
        parameters=parameters,
        backgrounds=_BACKGROUNDS,
        signals=_SIGNALS,
        setup=setup,
        layout="na64-visible",
        detectors=visible_branches,
        sums=None,
    )


VISIBLE_MODES = (
    _mode(
        "visible-2017",
        "100 GeV electrons on a dump of 40 X0, decays to e+e- behind: first part of 2017",
        "na64e-visible-2017",
        visible_parameters(100.0, 46, 3),
    ),
    _mode(
        "visible-2017-30x0",
        "the same with a dump of 30 X0: second part of 2017",
        "na64e-visible-2017-30x0",
        visible_parameters(100.0, 35, 3),
    ),
    _mode(
        "visible-2018",
        "150 GeV electrons on a dump of 30 X0, two SRD modules: 2018",
        "na64e-visible-2018",
        visible_parameters(150.0, 35, 2),
    ),
)
