"""Simulated events in the layout of the public simulation, `ana_tree`.

It has no times: energies are those in time, with the windows of the selections (3 sigma of a
channel, 16.5 ns in the HCAL [C1]), and the two photomultipliers of a VETO plane are summed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.errors import InputError
from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.sample import Sample

__all__ = ["ANA_TREE", "anatree_branches"]

ANA_TREE = "ana_tree"
"""Name of the tree or RNTuple."""
ECAL_FRONT = 2980.96
"""z of the front of the ECAL, mm [C1]."""
_CELLS = (5, 6)
_SIZES = {"ECAL_ene": 60, "HCAL_ene": 36, "SRD_ene": 3}
_HCAL_WINDOW = 16.5  # ns, 3 x 5.5 [C1]
_NO_FIT = 9999.0
_SAME_NAME = ("mpStraw3X", "mpStraw3Y", "mpStraw4X", "mpStraw4Y")
_RENAMED = {
    "BestMomupGenfit": "mom_genfit_upMM",
    "InAngle": "inangle_genfit_upMM",
    "Strawx11": "ST11x",
    "Strawx12": "ST12x",
}


def anatree_branches(sample: Sample) -> dict[str, Any]:
    """Return the branches of `ana_tree` for simulated events, by name.

    Parameters
    ----------
    sample : Sample
        Of a mode whose detectors are those of the layout.

    Returns
    -------
    Arrays: ECALpenergy and ECALenergy (n, 5, 6), HCALenergy (n, 4, 3, 3), VHCALenergy (n, 4, 4)
    where there is a VHCAL, SRD (n, 3), VETO (n, 3), the track's, straw multiplicities and
    positions, AWeight; of muon pairs DIMU_NDimuonsTrue, DIMU_Etot, DIMUp_E, DIMUn_E and the vertex,
    0 where there is none; truth_energy of signals. GeV, mm, mrad. BestMomupChisq is the chi2 of
    two degrees of freedom with the p-value of the track (chosen). Other branches of
    the public files, such as Micromegas, are not simulated.

    Raises
    ------
    InputError
        The sample is of another mode, or has no cells.
    """
    found = sample.branches
    if any(found.get(name, np.empty((0, 0))).shape[1] != size for name, size in _SIZES.items()):
        raise InputError(
            f"mode {sample.mode} cannot be written as na64-anatree: that has an ECAL of 5 x 6 "
            "cells, four HCAL modules of 3 x 3, and no other calorimeter"
        )
    n = len(sample)
    ecal = _in_time(found, "ECAL").reshape(n, 2, *_CELLS)
    branches: dict[str, Any] = {
        "ECALpenergy": ecal[:, 0].copy(),
        "ECALenergy": ecal[:, 1].copy(),
        "HCALenergy": _in_time(found, "HCAL", _HCAL_WINDOW).reshape(n, 4, 3, 3),
    }
    if "VHCAL_ene" in found:
        branches["VHCALenergy"] = _in_time(found, "VHCAL").reshape(n, 4, 4)
    branches["SRD"] = _in_time(found, "SRD")
    branches["VETO"] = _in_time(found, "VETO").reshape(n, 3, 2).sum(axis=2)
    branches |= {name: found[old] for name, old in _RENAMED.items()}
    branches["BestMomupChisq"] = _chi2(found["pvalue_genfit_upMM"])
    branches |= {name: found[name] for name in _SAME_NAME}
    branches["AWeight"] = found.get("weight", np.ones(n))
    branches |= _dimuons(sample)
    if "truth_energy" in found:
        branches["truth_energy"] = found["truth_energy"]
    return branches


def _in_time(branches: dict[str, Any], name: str, window: float | None = None) -> FloatArray:
    """Energies (n, channels) of a detector within a window in ns, or 3 sigma; 0 outside."""
    energy = branches[f"{name}_enePMT" if name == "VETO" else f"{name}_ene"]
    sigma = branches[f"{name}_tSigma"]
    if name == "VETO":
        sigma = np.repeat(sigma, 2, axis=1)
    limit = 3 * sigma if window is None else window
    inside = np.abs(branches[f"{name}_t0"] - branches[f"{name}_tE"]) < limit
    return np.where(inside, energy, 0.0)


def _chi2(p_value: FloatArray) -> FloatArray:
    """Chi2 of two degrees of freedom: the p-value is exp(-chi2/2)."""
    return np.where(p_value > 0, -2 * np.log(np.maximum(p_value, 1e-300)), _NO_FIT)


def _dimuons(sample: Sample) -> dict[str, Any]:
    """What is true of muon pairs."""
    energy = sample.truth["muon_energy"]
    pair = (energy > 0).all(axis=1)
    return {
        "DIMU_NDimuonsTrue": pair.astype(np.int32),
        "DIMU_Etot": np.where(pair, energy.sum(axis=1), 0.0),
        "DIMUp_E": np.where(pair, energy[:, 0], 0.0),
        "DIMUn_E": np.where(pair, energy[:, 1], 0.0),
        "DIMU_vertexX": np.where(pair, sample.truth["x"], 0.0),
        "DIMU_vertexZ": np.where(pair, ECAL_FRONT + sample.truth["pair_depth"], 0.0),
    }
