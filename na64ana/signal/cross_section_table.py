"""Cross sections of bremsstrahlung for scans: d sigma/dx tabulated once, then interpolated.

d sigma/dx vanishes like a square root at both ends of x: there is no momentum left for X, or for
the lepton. Divided by both roots, its logarithm is a polynomial in ln(mass), ln(energy) and the
place of ln(x/(1-x)) in its range, through Chebyshev nodes of mass and energy and Gauss-Legendre
nodes of x. Between the nodes it is compared with the cross section itself, and nodes are added
until the worst of these comparisons is well below the accuracy asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import SignalError, printable
from na64ana.signal.bremsstrahlung import differential_of, x_nodes
from na64ana.signal.constants import GEV2_TO_PB
from na64ana.signal.process import Process, highest_x, process_of
from na64ana.signal.quadrature import chebyshev_nodes, gauss_legendre, lagrange_matrix
from na64ana.signal.targets import Target
from na64ana.signal.targets import target as element_of
from na64ana.textfile import read_json, write_whole

__all__ = ["CrossSectionTable", "cross_section_table"]

Floats = NDArray[np.float64]

#: largest relative error of the interpolation, where none is asked for
ACCURACY = 0.002
#: how much smaller the errors found between nodes must be, since they are found at a few points
MARGIN = 3.0
#: more nodes of mass or energy than this are not tried
MOST_NODES = 40
#: totals above these fractions of the energy are compared
CHECKED_X_MIN = (0.0, 0.5, 0.98)
#: integrals over x and angle are themselves good to this
LEAST_ACCURACY = 3e-4
#: nodes of the integral over x above x_min
PARTIAL_NODES = 28
#: written into files; to be raised when what is computed changes
VERSION = 1


@dataclass(frozen=True, eq=False)
class CrossSectionTable:
    """Cross sections of one mediator, lepton, nucleus and method over mass and energy.

    Attributes
    ----------
    process : Process
        What was computed; its mass and energy are those of the first node.
    masses, energies : array
        Nodes in GeV; they span the range of the table.
    logarithms : array
        ln of d sigma/dx without its roots, in GeV^-2, at [mass, energy, node of x].
    error : float
        Largest relative error found between the nodes, of totals above `CHECKED_X_MIN`.
    """

    process: Process
    masses: Floats
    energies: Floats
    logarithms: Floats
    error: float

    def total_cross_section(
        self, mass: ArrayLike, energy: ArrayLike, *, x_min: ArrayLike | None = None
    ) -> Any:
        """Cross section in pb at epsilon = 1, as `total_cross_section` of bremsstrahlung.

        Raises
        ------
        SignalError
            Outside the range of the table, and for x_min outside 0 to 1.
        """
        least = 0.0 if x_min is None else x_min
        arrays = (np.asarray(value, dtype=np.float64) for value in (mass, energy, least))
        masses, energies, lowest = np.broadcast_arrays(*arrays)
        if bad := lowest[~((lowest >= 0) & (lowest <= 1))].tolist():
            msg = f"x_min is {bad[0]:g}: a fraction of the energy is between 0 and 1"
            raise SignalError(msg)
        sigma = self._total(masses.ravel(), energies.ravel(), lowest.ravel()) * GEV2_TO_PB
        return sigma.reshape(masses.shape) if masses.ndim else float(sigma[0])

    def differential_cross_section(self, x: ArrayLike, mass: ArrayLike, energy: ArrayLike) -> Any:
        """D sigma/dx in pb at epsilon = 1; x, mass and energy are broadcast. 0 outside its range.

        Raises
        ------
        SignalError
            Outside the range of masses and energies of the table.
        """
        arrays = (np.asarray(value, dtype=np.float64) for value in (x, mass, energy))
        fractions, masses, energies = np.broadcast_arrays(*arrays)
        flat = fractions.ravel()[:, np.newaxis]
        nodes = self._at(masses.ravel(), energies.ravel())
        value = self._density(flat, masses.ravel(), energies.ravel(), nodes)[:, 0] * GEV2_TO_PB
        return value.reshape(fractions.shape) if fractions.ndim else float(value[0])

    def _at(self, mass: Floats, energy: Floats) -> Floats:
        """Interpolate to masses and energies: [point, node of x]."""
        for what, value, nodes in (("mass", mass, self.masses), ("energy", energy, self.energies)):
            if bad := value[~((value >= nodes[0]) & (value <= nodes[-1]))].tolist():
                msg = (
                    f"{what} {bad[0]:g} GeV is outside the table of {self.process.mediator}, "
                    f"{nodes[0]:g} to {nodes[-1]:g} GeV: make one with a wider range"
                )
                raise SignalError(msg)
        in_mass = lagrange_matrix(np.log(self.masses), np.log(mass))
        in_energy = lagrange_matrix(np.log(self.energies), np.log(energy))
        return np.asarray(np.einsum("pi,pj,ijx->px", in_mass, in_energy, self.logarithms,
                                    optimize=True))  # fmt: skip

    def _range(self, mass: Floats, energy: Floats) -> tuple[Floats, Floats]:
        """First and last ln(x/(1-x)) at each mass and energy."""
        low, high = mass / energy, highest_x(self.process, mass, energy)
        return np.log(low / (1 - low)), np.log(high / (1 - high))

    def _density(self, x: Floats, mass: Floats, energy: Floats, nodes: Floats) -> Floats:
        """D sigma/dx in GeV^-2 at x [point, value]."""
        start, end = self._range(mass, energy)
        low, high = mass / energy, highest_x(self.process, mass, energy)
        inside = (x > low[:, np.newaxis]) & (x < high[:, np.newaxis])
        safe = np.where(inside, x, ((low + high) / 2)[:, np.newaxis])
        place = (np.log(safe / (1 - safe)) - start[:, np.newaxis]) / (end - start)[:, np.newaxis]
        matrix = lagrange_matrix(gauss_legendre(nodes.shape[1])[0], 2 * place - 1)
        roots = _roots(safe, low[:, np.newaxis], high[:, np.newaxis])
        value = np.exp(np.einsum("pxn,pn->px", matrix, nodes)) * roots
        return np.where(inside, value, 0.0)

    def _total(self, mass: Floats, energy: Floats, x_min: Floats) -> Floats:
        """Total cross section in GeV^-2 above x_min."""
        nodes = self._at(mass, energy)
        whole = x_min <= mass / energy
        value = np.empty(mass.shape)
        value[whole] = self._whole(mass[whole], energy[whole], nodes[whole])
        rest = ~whole
        value[rest] = self._partial(mass[rest], energy[rest], x_min[rest], nodes[rest])
        return value

    def _whole(self, mass: Floats, energy: Floats, nodes: Floats) -> Floats:
        """Integrate over all of x, at the nodes of the table."""
        start, end = (edge[:, np.newaxis] for edge in self._range(mass, energy))
        places, weights = gauss_legendre(nodes.shape[1])
        x = 1 / (1 + np.exp(-(start + (end - start) * (1 + places) / 2)))
        low, high = mass / energy, highest_x(self.process, mass, energy)
        value = np.exp(nodes) * _roots(x, low[:, np.newaxis], high[:, np.newaxis])
        return np.asarray((value * x * (1 - x) * (end - start) / 2) @ weights)

    def _partial(self, mass: Floats, energy: Floats, x_min: Floats, nodes: Floats) -> Floats:
        """Integrate from x_min on, which is not below mX/E."""
        highest = highest_x(self.process, mass, energy)
        least = np.minimum(x_min, highest)
        start, (_, end) = np.log(least / (1 - least)), self._range(mass, energy)
        half = np.maximum(end - start, 0.0)[:, np.newaxis] / 2
        places, weights = gauss_legendre(PARTIAL_NODES)
        x = 1 / (1 + np.exp(-(start[:, np.newaxis] + half * (1 + places))))
        value = self._density(x, mass, energy, nodes)
        return np.asarray((value * x * (1 - x) * half) @ weights)

    def save(self, path: str | Path) -> None:
        """Write the table to a JSON file."""
        import msgspec

        kept = {
            "na64ana_cross_section_table": VERSION,
            "process": _names_of(self.process),
            "masses": self.masses.tolist(),
            "energies": self.energies.tolist(),
            "logarithms": self.logarithms.tolist(),
            "error": self.error,
        }
        write_whole(path, msgspec.json.encode(kept).decode() + "\n")

    @classmethod
    def load(cls, path: str | Path) -> CrossSectionTable:
        """Read a table that `save` wrote.

        Raises
        ------
        SignalError
            If the file cannot be read, or holds something else or another version.
        """
        data = read_json(path, "a table of cross sections", SignalError)
        name = printable(str(path))
        if not isinstance(data, dict) or data.get("na64ana_cross_section_table") != VERSION:
            msg = f"{name}: no table of cross sections of version {VERSION}; make it anew"
            raise SignalError(msg)
        try:
            names = data["process"]
            element = Target(**names.pop("element"))
            masses, energies, logarithms = (
                np.array(data[key], dtype=np.float64)
                for key in ("masses", "energies", "logarithms")
            )
            corner = float(masses[0]), float(energies[0])
            process = process_of(mass=corner[0], energy=corner[1], element=element, **names)
            table = cls(process, masses, energies, logarithms, float(data["error"]))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            msg = f"{name}: the table of cross sections is damaged; make it anew"
            raise SignalError(msg) from None
        if logarithms.ndim != 3 or logarithms.shape[:2] != (masses.size, energies.size):
            msg = f"{name}: the table of cross sections is damaged; make it anew"
            raise SignalError(msg)
        return table


def _names_of(process: Process) -> dict[str, Any]:
    element = process.element
    return {
        "mediator": process.mediator,
        "lepton": process.lepton_name,
        "element": {key: getattr(element, key) for key in ("name", "Z", "A", "X0", "density")},
        "form_factor": process.form_factor,
        "method": process.method,
    }


@lru_cache(maxsize=64)  # a scan asks for the same table at each of its points
def cross_section_table(
    mediator: str,
    masses: tuple[float, float],
    energies: tuple[float, float],
    *,
    lepton: str = "electron",
    target: str | Target = "Pb",
    method: str = "etl",
    form_factor: str = "elastic",
    accuracy: float = ACCURACY,
) -> CrossSectionTable:
    """Tabulate cross sections between two masses and two energies (GeV); kept in memory.

    A table from 1 MeV to 1 GeV and 30 to 100 GeV takes about 2 s. The other parameters are those
    of `total_cross_section`.

    Parameters
    ----------
    masses, energies : pair of float
        First and last, the first smaller.
    accuracy : float
        Largest relative error of totals.

    Raises
    ------
    SignalError
        As `total_cross_section`; for a range that is empty; and if the accuracy is not reached.
    """
    for what, (low, high) in (("masses", masses), ("energies", energies)):
        if not 0 < low < high:
            msg = f"{what} from {low:g} to {high:g} GeV are no range: 0 < first < last"
            raise SignalError(msg)
    if not accuracy >= LEAST_ACCURACY:
        msg = f"an accuracy of {accuracy:g} is not to be had: the least is {LEAST_ACCURACY:g}"
        raise SignalError(msg)
    first = process_of(
        mediator, masses[1], energies[0], lepton, element_of(target), form_factor, method
    )  # refuses the corner with the least energy to spare
    numbers = [
        6 + int(4 * np.log10(masses[1] / masses[0])),
        4 + int(4 * np.log10(energies[1] / energies[0])),
    ]
    while max(numbers) <= MOST_NODES:
        table = _tabulate(first, masses, energies, numbers)
        errors = _errors(table)
        if max(errors) * MARGIN <= accuracy:
            return replace(table, error=max(errors))
        for axis, error in enumerate(errors):
            numbers[axis] += 3 if error * MARGIN > accuracy else 0
    msg = (
        f"the table of {mediator} from {masses[0]:g} to {masses[1]:g} GeV does not reach an "
        f"accuracy of {accuracy:g}: take a smaller range"
    )
    raise SignalError(msg)


def _tabulate(
    process: Process,
    masses: tuple[float, float],
    energies: tuple[float, float],
    numbers: list[int],
) -> CrossSectionTable:
    mass_nodes, energy_nodes = (
        np.exp(chebyshev_nodes(float(np.log(ends[0])), float(np.log(ends[1])), number))
        for ends, number in zip((masses, energies), numbers, strict=True)
    )
    mass_nodes[[0, -1]], energy_nodes[[0, -1]] = masses, energies
    rows = [
        [_logarithms(replace(process, mass=float(mass), energy=float(energy)))
         for energy in energy_nodes]
        for mass in mass_nodes
    ]  # fmt: skip
    first = replace(process, mass=masses[0], energy=energies[0])
    return CrossSectionTable(first, mass_nodes, energy_nodes, np.array(rows), 0.0)


def _logarithms(process: Process) -> Floats:
    x, _ = x_nodes(process)
    roots = _roots(x, np.array(process.x_range[0]), np.array(process.x_limit))
    return np.asarray(np.log(differential_of(process, x) / roots))


def _roots(x: Floats, low: Floats, high: Floats) -> Floats:
    """What d sigma/dx vanishes like at the ends of x."""
    return np.asarray(np.sqrt((x**2 - low**2) * (high - x) / (1 - x)))


def _errors(table: CrossSectionTable) -> list[float]:
    """Largest relative error between nodes of mass, and between nodes of energy."""
    between_masses = np.sqrt(table.masses[1:] * table.masses[:-1])
    between_energies = np.sqrt(table.energies[1:] * table.energies[:-1])
    ends = table.energies[[0, -1]]
    points = [
        [(mass, ends[i % 2]) for i, mass in enumerate(between_masses)],
        # the form factor bends most at the heaviest mass
        [(mass, energy) for mass in table.masses[[0, -1]] for energy in between_energies],
    ]
    return [max(_error_at(table, *point) for point in axis) for axis in points]


def _error_at(table: CrossSectionTable, mass: float, energy: float) -> float:
    process = replace(table.process, mass=float(mass), energy=float(energy))
    worst = 0.0
    for x_min in CHECKED_X_MIN:
        x, weights = x_nodes(process, x_min)
        if not x.size:
            continue
        exact = float(differential_of(process, x) @ weights)
        found = table._total(*(np.array([value]) for value in (mass, energy, x_min)))
        worst = max(worst, abs(float(found[0]) / exact - 1))
    return worst
