"""Tables of cross sections: within their accuracy, saved and read back, and refused outside."""

import json

import numpy as np
import pytest

from na64ana.errors import SignalError
from na64ana.signal import cross_section_table as cross_section_table_module
from na64ana.signal.bremsstrahlung import differential_cross_section, total_cross_section
from na64ana.signal.cross_section_table import ACCURACY, CrossSectionTable, cross_section_table
from na64ana.signal.quadrature import chebyshev_nodes, lagrange_matrix

RANGES: dict[str, tuple[tuple[float, float], tuple[float, float], dict[str, str]]] = {
    "vector": ((1e-3, 1.0), (40.0, 100.0), {}),
    "axial": ((1e-5, 0.1), (20.0, 150.0), {}),
    "scalar": ((0.1, 3.0), (20.0, 100.0), {"target": "W"}),
    "pseudoscalar": ((1e-2, 1.0), (100.0, 160.0), {"lepton": "muon"}),
}


@pytest.fixture(scope="module")
def small():
    return cross_section_table("vector", (0.01, 0.05), (60.0, 100.0))


@pytest.mark.parametrize("mediator", RANGES)
def test_between_the_nodes(mediator):
    masses, energies, options = RANGES[mediator]
    table = cross_section_table(mediator, masses, energies, **options)
    assert 0 < table.error < ACCURACY
    rng = np.random.default_rng(31)
    mass, energy = (low * (high / low) ** rng.uniform(size=25) for low, high in (masses, energies))
    for x_min in (None, 0.2, 0.5, 0.9, 0.99):
        found = table.total_cross_section(mass, energy, x_min=x_min)
        exact = total_cross_section(mediator, mass, energy, x_min=x_min, **options)
        assert found == pytest.approx(exact, rel=ACCURACY)


def test_at_the_corners(small):
    for mass in (0.01, 0.05):
        for energy in (60.0, 100.0):
            found = small.total_cross_section(mass, energy)
            assert found == pytest.approx(total_cross_section("vector", mass, energy), rel=1e-5)


def test_differential(small):
    x = np.array([0.01, 0.3, 0.7, 0.95, 0.999])
    found = small.differential_cross_section(x, 0.02, 80.0)
    assert found == pytest.approx(differential_cross_section(x, "vector", 0.02, 80.0), rel=5e-3)
    assert small.differential_cross_section([0.0, 1e-5, 1.0], 0.02, 80.0).tolist() == [0, 0, 0]
    assert isinstance(small.differential_cross_section(0.5, 0.02, 80.0), float)


def test_threshold_on_missing_energy(small):
    energy = np.array([60.0, 80.0, 100.0])
    sigma = small.total_cross_section(np.array([[0.01], [0.05]]), energy, x_min=60 / energy)
    assert sigma.shape == (2, 3)
    assert (sigma[:, 0] == 0).all()  # nothing is left above the whole energy
    assert (np.diff(sigma) > 0).all()
    assert isinstance(small.total_cross_section(0.02, 70.0, x_min=0.5), float)


def test_tables_are_kept_in_memory(small):
    assert cross_section_table("vector", (0.01, 0.05), (60.0, 100.0)) is small


def test_saved_and_read_back(small, tmp_path):
    small.save(tmp_path / "table.json")
    again = CrossSectionTable.load(tmp_path / "table.json")
    assert again.process == small.process
    assert again.error == small.error
    mass, energy = np.array([0.01, 0.033]), np.array([60.0, 77.0])
    for x_min in (None, 0.5):
        assert np.array_equal(
            again.total_cross_section(mass, energy, x_min=x_min),
            small.total_cross_section(mass, energy, x_min=x_min),
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(na64ana_cross_section_table=0), "of version 1; make it anew"),
        (lambda data: data.pop("masses"), "is damaged"),
        (lambda data: data.update(masses=[0.01]), "is damaged"),
        (lambda data: data.update(masses=[]), "is damaged"),
        (lambda data: data.update(process=3), "is damaged"),
        (lambda data: data["process"].update(mediator="vectr"), "unknown mediator"),
        (lambda data: data.update(logarithms=[[1.0, "a"]]), "is damaged"),
    ],
    ids=["version", "no masses", "one mass", "none", "process", "mediator", "text"],
)
def test_files_that_are_no_table(small, tmp_path, change, message):
    path = tmp_path / "table.json"
    small.save(path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    with pytest.raises(SignalError, match=message):
        CrossSectionTable.load(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SignalError, match=r"none\.json: No such file"):
        CrossSectionTable.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("mass", "energy", "x_min", "message"),
    [
        (0.009, 80.0, None, "mass 0.009 GeV is outside the table of vector, 0.01 to 0.05 GeV"),
        (0.02, 101.0, None, "energy 101 GeV is outside the table"),
        (np.nan, 80.0, None, "mass nan GeV is outside"),
        (0.02, 80.0, 1.2, "x_min is 1.2"),
    ],
)
def test_outside_the_table(small, mass, energy, x_min, message):
    with pytest.raises(SignalError, match=message):
        small.total_cross_section(mass, energy, x_min=x_min)


@pytest.mark.parametrize(
    ("masses", "energies", "message"),
    [
        ((0.1, 0.1), (50.0, 100.0), "masses from 0.1 to 0.1 GeV are no range"),
        ((0.1, 0.2), (100.0, 50.0), "energies from 100 to 50 GeV are no range"),
        ((0.0, 0.2), (50.0, 100.0), "0 < first < last"),
        ((0.1, 60.0), (50.0, 100.0), "cannot radiate a mass of 60 GeV"),
    ],
)
def test_ranges_that_are_none(masses, energies, message):
    with pytest.raises(SignalError, match=message):
        cross_section_table("vector", masses, energies)


def test_an_accuracy_that_is_not_reached_is_said(monkeypatch):
    monkeypatch.setattr(cross_section_table_module, "MOST_NODES", 4)
    with pytest.raises(SignalError, match=r"does not reach an accuracy of 0\.0003"):
        cross_section_table("pseudoscalar", (0.1, 0.9), (40.0, 100.0), accuracy=3e-4)


@pytest.mark.parametrize("accuracy", [1e-12, 0.0, -1.0, np.nan])
def test_an_accuracy_better_than_that_of_the_integrals(accuracy):
    with pytest.raises(SignalError, match=r"the least is 0\.0003"):
        cross_section_table("vector", (0.1, 0.9), (40.0, 100.0), accuracy=accuracy)


def test_interpolation_is_exact_for_polynomials():
    nodes = chebyshev_nodes(-3.0, 11.0, 8)
    points = np.concatenate([np.linspace(-3, 11, 37), nodes])
    matrix = lagrange_matrix(nodes, points)
    coefficients = np.random.default_rng(5).normal(size=8)
    expected = np.polynomial.polynomial.polyval(points / 5, coefficients)
    found = matrix @ np.polynomial.polynomial.polyval(nodes / 5, coefficients)
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)
