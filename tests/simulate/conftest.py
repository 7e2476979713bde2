"""The acceptance cuts in plain numpy, and samples that several tests look at."""

from types import SimpleNamespace

import numpy as np
import pytest

from na64ana.simulate import simulate

DEMO_SEED = 2023


def _in_time(branches, detector, energy, sigma):
    time = branches[f"{detector}_t0"] - branches[f"{detector}_tE"]
    return np.where(np.abs(time) < 3 * sigma, energy, 0.0)


def measured(branches):
    """Observables of the acceptance cuts, cells shaped by plane or module, x and y."""
    b = branches
    n = len(b["runN"])
    hcal = np.where(b["HCAL_ene"] > 0.2, b["HCAL_ene"], 0.0)
    veto_sigma = np.repeat(b["VETO_tSigma"], 2, axis=1)
    veto = _in_time(b, "VETO", b["VETO_enePMT"], veto_sigma)
    ecal = _in_time(b, "ECAL", b["ECAL_ene"], b["ECAL_tSigma"]).reshape(n, 2, 5, 6)
    return SimpleNamespace(
        ecal_all=b["ECAL_ene"].reshape(n, 2, 5, 6),
        ecal=ecal,
        ecal_total=ecal.sum(axis=(1, 2, 3)),
        hcal_all=hcal.reshape(n, 4, 3, 3),
        hcal=_in_time(b, "HCAL", hcal, 5.5).reshape(n, 4, 3, 3),
        vhcal=_in_time(b, "VHCAL", b["VHCAL_ene"], b["VHCAL_tSigma"]).sum(axis=1),
        srd=_in_time(b, "SRD", b["SRD_ene"], b["SRD_tSigma"]),
        veto=veto.reshape(n, 3, 2).sum(axis=2),
    )


def acceptance_cuts(branches):
    """The 19 cuts by name, in order: (n,) passed."""
    b, m = branches, measured(branches)
    p = b["mom_genfit_upMM"]
    total, everything = m.ecal_total, m.ecal_all.sum(axis=(1, 2, 3))
    module = m.hcal.sum(axis=(2, 3))
    centre = m.hcal[:, :, 1, 1]
    inner = m.ecal[:, :, 1:4, 1:4].sum(axis=(1, 2, 3))
    cells = m.ecal[:, 1].reshape(len(p), 30)

    def few(plane):
        return (b[plane] >= 1) & (b[plane] <= 5)

    return {
        "physics trigger": (b["triggerSources"] & 4) != 0,
        "master time": (b["masterT"] >= 86.5) & (b["masterT"] <= 113.5),
        "SRD": np.all((m.srd > 0.001) & (m.srd < 0.080), axis=1),
        "track quality": (p > 0) & (p < 9999) & (b["pvalue_genfit_upMM"] > 0.01),
        "momentum": np.abs(p - 100) < 10,
        "angle": b["inangle_genfit_upMM"] < 3,
        "straw 3": few("mpStraw3X") & few("mpStraw3Y"),
        "VHCAL": m.vhcal < 1.5,
        "straw 4": few("mpStraw4X") & few("mpStraw4Y"),
        "hottest cell": np.argmax(cells, axis=1) == 14,
        "ECAL energy": (everything < 120)
        & (everything - total < 30)
        & (m.ecal_all[:, 0].sum(axis=(1, 2)) > 0.7),
        "ECAL ratio": (total > 0) & (total - inner < 0.06 * total),
        "HCAL out of time": m.hcal_all[:, :3].sum(axis=(1, 2, 3)) - module[:, :2].sum(axis=1) < 50,
        "HCAL3": module[:, 3] < 2,
        "HCAL0 topology": ~np.any(m.hcal[:, 0] > 0.5, axis=(1, 2))
        | (module[:, 0] < 2 * centre[:, 0]),
        "VETO": np.all(m.veto < [0.0076, 0.0080, 0.0076], axis=1),
        "muon veto": ~(
            (module[:, 2] > 2)
            | ((centre[:, 0] > 1.5) & (centre[:, 1] > 1.5) & (module[:, 2] > 1.3))
        ),
        "HCAL energy": module[:, :3].sum(axis=1) < 1,
        "ECAL box": total < 50,
    }


def dimuon_channel(branches):
    """Events of the dimuon channel, which branches off after the first 15 cuts: (n,)."""
    m = measured(branches)
    module = m.hcal.sum(axis=(2, 3))[:, :3]
    trunk = np.all(list(acceptance_cuts(branches).values())[:15], axis=0)
    two_muons = np.all((module > 4) & (module < 8), axis=1)
    return trunk & two_muons & (m.veto[:, 1] > 0.015) & np.all(m.veto < 0.032, axis=1)


@pytest.fixture(scope="session")
def analysis():
    """The functions above, for tests (there are no packages under tests)."""
    return SimpleNamespace(
        measured=measured, acceptance_cuts=acceptance_cuts, dimuon_channel=dimuon_channel
    )


@pytest.fixture(scope="session")
def run_period():
    return simulate("run-period", 20_000, seed=DEMO_SEED)
