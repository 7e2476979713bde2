"""Constants: near enough to those that reference numbers were made with."""

import math

import pytest

from na64ana.signal import constants
from na64ana.signal.targets import target
from tests.signal.bremsstrahlung_references import CONSTANTS

# The tightest tolerance of a reference number is 1e-4.
FAR_BELOW = 1e-6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", constants.ALPHA),
        ("me_GeV", constants.M_ELECTRON),
        ("mmu_GeV", constants.M_MUON),
        ("GeV2_to_pb", constants.GEV2_TO_PB),
        ("hbarc_GeV_m", constants.HBARC),
        ("X0_Pb_g_cm2", target("Pb").X0),
        ("A_Pb", target("Pb").A),
        ("rho_Pb", target("Pb").density),
        ("X0_W_g_cm2", target("W").X0),
    ],
)
def test_constants_of_the_references(name, value):
    assert value == pytest.approx(CONSTANTS[name], rel=FAR_BELOW)


def test_every_constant_of_the_references_is_compared():
    assert len(CONSTANTS) == 9


def test_charge_of_the_positron():
    # e = 0.30282 (production notes, B-L)
    assert pytest.approx(0.30282, abs=5e-6) == constants.ELEMENTARY_CHARGE
    assert pytest.approx(4 * math.pi * constants.ALPHA) == constants.ELEMENTARY_CHARGE**2


def test_masses_that_no_reference_holds():
    # PDG 2024
    assert pytest.approx(1.77693, abs=1e-4) == constants.M_TAU
    assert pytest.approx(0.93827209, abs=1e-8) == constants.M_PROTON
    assert pytest.approx(0.93149410, abs=1e-8) == constants.ATOMIC_MASS_UNIT
