"""Track lengths: reference numbers, and the cascade equations themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammainc

from na64ana.errors import SignalError
from na64ana.signal import showers
from na64ana.signal.showers import (
    LOWEST_ENERGY,
    track_length,
    track_length_above,
    track_length_nodes,
)
from tests.signal.processes import references

NAMES = {"e-": "eminus", "e+": "eplus", "gamma": "gamma"}
# scale of the energies where no number depends on it: far from the lowest
TOP = 1e6


@pytest.mark.parametrize("particle", NAMES)
def test_shape(particle):
    (entry,) = references("track_length_shape")
    z = np.array(entry["inputs"]["z"])
    ours = 100 * track_length(particle, 100 * z)
    # the reference was made on a grid, which is coarsest next to the beam energy
    tolerance = np.where((z > 0.5) & (z < 0.95), 0.01, 0.02)
    assert (np.abs(ours / entry["value"][f"E0_T_{NAMES[particle]}"] - 1) < tolerance).all()


@pytest.mark.parametrize("particle", NAMES)
@pytest.mark.parametrize("entry", references("track_length_integral"), ids=str)
def test_integrals(entry, particle):
    low, high = track_length_above(particle, entry["inputs"]["range_GeV"])
    assert low - high == pytest.approx(entry["value"][NAMES[particle]], rel=entry["tolerance"])


@pytest.mark.parametrize("particle", NAMES)
def test_the_density_is_the_slope_of_the_integral(particle):
    found, _ = quad(lambda e: track_length(particle, e), 20, 50, epsrel=1e-10)
    low, high = track_length_above(particle, [20.0, 50.0])
    assert found == pytest.approx(low - high, rel=1e-8)


def test_photons_balance_their_sources():
    # (7/9) T_gamma(k) = integral of T_e(E) (1/k) (4/3 - 4/3 y + y^2) over E, both signs
    for k in (10.0, 50.0, 90.0):
        energies, weights = track_length_nodes("e-", k, count=200)
        source = float(weights @ _emission(k / energies)) / k
        other, _ = quad(lambda e, k=k: track_length("e+", e) * _emission(k / e) / k, k, 99.9999)
        assert 7 / 9 * track_length("gamma", k) == pytest.approx(source + other, rel=1e-5)


def test_positrons_balance_their_sources():
    # loss of all that radiate = pairs + those that radiated down to here; the peak of soft photons
    # is taken off on both sides
    energy = 30.0
    pairs, _ = quad(
        lambda k: track_length("gamma", k) / k * (1 - 4 / 3 * energy / k * (1 - energy / k)),
        energy, 100 - 1e-6, epsrel=1e-10,
    )  # fmt: skip

    def net(y):
        parent = energy / (1 - y)
        gain = track_length("e+", parent) / (1 - y) if parent < 100 else 0.0
        return (gain - track_length("e+", energy)) * _emission(y) / y

    radiated, _ = quad(net, 1e-9, 1, points=[1 - energy / 100], epsrel=1e-9, limit=200)
    assert -radiated == pytest.approx(pairs, rel=1e-6)


def _emission(y):
    return 4 / 3 - 4 / 3 * y + y * y


def test_energy_is_conserved():
    # what falls below E is all of the beam energy: the flow through E of a far smaller energy,
    # from electrons that radiate, photons that convert, and what they leave above E
    small = 1e-5
    _, rossi = _rossi()
    electrons, photons = rossi
    # energy carried down through E by radiation (photons below E and electrons below E) and pairs
    below = _carried_below_by_radiation()
    pairs = _carried_below_by_pairs()
    assert small * TOP > LOWEST_ENERGY
    assert electrons * below + photons * pairs == pytest.approx(1, rel=1e-4)


def _rossi():
    """Constants c of 'integral of T above E = c E0 / E', deep in the shower."""
    energy = 1e-5 * TOP
    both = sum(track_length_above(p, energy, beam_energy=TOP) for p in ("e-", "e+"))
    gamma = track_length_above("gamma", energy, beam_energy=TOP)
    return energy, (both * energy / TOP, gamma * energy / TOP)


def _carried_below_by_radiation():
    """Energy per X0 that radiation takes from above E = 1 to below, for T = 1/E^2."""

    def per_parent(parent):
        soft, _ = quad(lambda y: parent * _emission(y), 0, min(1 / parent, 1))
        left, _ = quad(lambda y: parent * (1 - y) * _emission(y) / y, max(1 - 1 / parent, 0), 1)
        return (soft + left) / parent**2

    near, _ = quad(per_parent, 1, 2, epsrel=1e-9)
    far, _ = quad(lambda u: per_parent(1 / u) / u**2, 0, 0.5, epsrel=1e-9)
    return near + far


def _carried_below_by_pairs():
    def per_parent(parent):
        found, _ = quad(lambda z: 2 * parent * z * (1 - 4 / 3 * z * (1 - z)), 0, 1 / parent)
        return found / parent**2

    found, _ = quad(lambda u: per_parent(1 / u) / u**2, 0, 1, epsrel=1e-9)
    return found


def test_rossi():
    (entry,) = references("rossi_track_length")
    _, (electrons, photons) = _rossi()
    # Rossi's constants carry the slow term of the radiation length (b = 0.012), left out here
    assert electrons == pytest.approx(entry["value"]["e_plus_minus"], rel=0.02)
    assert photons == pytest.approx(entry["value"]["gamma"], rel=0.02)


def test_first_generation():
    # electrons minus positrons are the beam electron itself, whatever the shower adds; Tsai's
    # straggling takes 4/3 log(1/(1-y)) for the shape of the emission
    (entry,) = references("track_length_first_generation_analytic")
    tsai, _ = quad(lambda t: gammainc(4 / 3 * t, np.log(2)), 0, 40)
    assert tsai == pytest.approx(entry["value"], rel=entry["tolerance"])
    first = track_length_above("e-", 50.0) - track_length_above("e+", 50.0)
    assert first == pytest.approx(0.8334, rel=0.001)
    assert first == pytest.approx(tsai, rel=0.06)


@pytest.mark.parametrize(("particle", "other"), [("e-", "e+"), ("e+", "e-"), ("gamma", "gamma")])
def test_a_positron_beam_mirrors_an_electron_beam(particle, other):
    energies = np.array([1.0, 30.0, 69.9])
    electron = track_length(particle, energies, beam_energy=70.0)
    assert (electron == track_length(other, energies, beam="positron", beam_energy=70.0)).all()


@pytest.mark.parametrize("particle", NAMES)
def test_scaling_and_sign(particle):
    z = np.concatenate([np.geomspace(1e-3, 0.98, 200), 1 - np.geomspace(1e-2, 1e-12, 50)])
    shape = track_length(particle, 100 * z) * 100
    assert (shape > 0).all()
    assert track_length(particle, 150 * z, beam_energy=150.0) * 150 == pytest.approx(
        shape, rel=1e-3
    )
    assert (np.diff(track_length_above(particle, 100 * np.sort(z))) < 0).all()


def test_nodes_integrate_smooth_functions_up_to_the_beam_energy():
    # integral of T(E) E dE, by parts
    for particle in NAMES:
        energies, weights = track_length_nodes(particle, 30.0)
        rest, _ = quad(
            lambda e, p=particle: track_length_above(p, e), 30, 100, epsrel=1e-9, limit=400
        )
        expected = 30 * track_length_above(particle, 30.0) + rest
        assert float(weights @ energies) == pytest.approx(expected, rel=1e-4)


def test_at_the_beam_energy_nothing_is_above():
    assert track_length_above("e-", 100.0) == 0


def test_shapes():
    assert isinstance(track_length("e-", 50), float)
    assert track_length("gamma", np.full((2, 3), 50.0)).shape == (2, 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("e", 50.0), "unknown particle of a shower 'e'"),
        (("e-", 100.0), "infinite peak"),
        (("e-", 101.0), "energy is 101: it must be below 100, the beam energy"),
        (("e-", 0.01), "energy is 0.01: it must be above 0.075"),
        (("e-", float("nan")), "energy is nan"),
        (("e-", -1.0), "energy is -1"),
        (("e-", "ten"), "energy must be a number"),
    ],
)
def test_refused(arguments, said):
    with pytest.raises(SignalError, match=said):
        track_length(*arguments)


def test_refused_beams():
    with pytest.raises(SignalError, match="unknown beam of a shower 'proton'"):
        track_length("e-", 50.0, beam="proton")
    with pytest.raises(SignalError, match="one number"):
        track_length("e-", 50.0, beam_energy=np.array([100.0, 150.0]))  # type: ignore[arg-type]
    with pytest.raises(SignalError, match="nothing to integrate"):
        track_length_nodes("e-", 100.0)


@pytest.mark.parametrize("particle", NAMES)
def test_more_points_on_the_contour_change_nothing(particle, monkeypatch):
    energies = TOP * np.concatenate([np.geomspace(1e-6, 0.9, 40), 1 - np.geomspace(0.1, 1e-9, 20)])
    found = track_length(particle, energies, beam_energy=TOP)
    for points in (20, 30):
        monkeypatch.setattr(showers, "_CONTOUR", points)
        assert track_length(particle, energies, beam_energy=TOP) == pytest.approx(found, rel=1e-7)
