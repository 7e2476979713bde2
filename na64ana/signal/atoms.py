"""Binding energies of the electrons of a target, shell by shell."""

from __future__ import annotations

import numpy as np

from na64ana.signal.checks import Floats, known_name

__all__ = ["SHELLS", "shells"]

#: (electrons, binding energy in eV) from the innermost shell outwards. X-ray Data Booklet (LBNL,
#: 2009), table 1-1; the last entry holds all outer electrons, with the first ionisation energy
#: (NIST Atomic Spectra Database)
SHELLS = {
    "H": ((1, 13.6),),
    "C": ((2, 284.2), (4, 11.3)),
    "Fe": ((2, 7112), (2, 844.6), (2, 719.9), (4, 706.8), (2, 91.3), (6, 52.7), (8, 7.9)),
    "W": (
        (2, 69525), (2, 12100), (2, 11544), (4, 10207),
        (2, 2820), (2, 2575), (4, 2281), (4, 1872), (6, 1809),
        (2, 594.1), (2, 490.4), (4, 423.6), (4, 255.9), (6, 243.5), (6, 33.6), (8, 31.4),
        (2, 75.6), (2, 45.3), (4, 36.8), (6, 7.9),
    ),
    "Pb": (
        (2, 88005), (2, 15861), (2, 15200), (4, 13035),
        (2, 3851), (2, 3554), (4, 3066), (4, 2586), (6, 2484),
        (2, 891.8), (2, 761.9), (4, 643.5), (4, 434.3), (6, 412.2), (6, 141.7), (8, 136.9),
        (2, 147), (2, 106.4), (4, 83.3), (4, 20.7), (6, 18.1), (4, 7.4),
    ),
}  # fmt: skip

_EV = 1e-9


def shells(element: str) -> tuple[Floats, Floats]:
    """Return the share of the electrons in each shell, and its binding energy in GeV.

    Raises
    ------
    SignalError
        For an element without a table.
    """
    table = np.array(SHELLS[known_name(element, SHELLS, "atom")], dtype=np.float64)
    return table[:, 0] / table[:, 0].sum(), table[:, 1] * _EV
