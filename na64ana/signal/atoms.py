"""Binding energies of the electrons of a target, shell by shell."""

from __future__ import annotations

import numpy as np

from na64ana.signal.checks import Floats, known_name
from na64ana.signal.targets import MATERIALS, Material, material

__all__ = ["SHELLS", "shells"]

#: (electrons, binding energy in eV) from the innermost shell outwards. X-ray Data Booklet (LBNL,
#: 2009), table 1-1; the last entry holds all outer electrons, with the first ionisation energy
#: (NIST Atomic Spectra Database)
SHELLS = {
    "H": ((1, 13.6),),
    "C": ((2, 284.2), (4, 11.3)),
    "O": ((2, 543.1), (2, 41.6), (4, 13.6)),
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


def shells(name: str | Material) -> tuple[Floats, Floats]:
    """Return the share of the electrons in each shell, and its binding energy in GeV.

    Of a compound or a mixture they are the shells of its atoms, each element with its share of the
    electrons: what few outer electrons a chemical bond moves makes no difference here.

    Parameters
    ----------
    name : str, Target or Mixture
        An element of `SHELLS`, or a material of them.

    Returns
    -------
    shares, energies : array (shells)

    Raises
    ------
    SignalError
        For an element without a table.
    """
    if isinstance(name, str) and name not in MATERIALS:
        known_name(name, [*SHELLS, *MATERIALS], "atom")
    shares, bound = [], []
    for element, number in material(name).nuclei:
        known_name(element.name, SHELLS, "atom")
        table = np.array(SHELLS[element.name], dtype=np.float64)
        shares.append(number * table[:, 0])
        bound.append(table[:, 1] * _EV)
    electrons = np.concatenate(shares)
    return electrons / electrons.sum(), np.concatenate(bound)
