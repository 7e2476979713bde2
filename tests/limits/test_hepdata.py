"""A scan as a submission to HEPData."""

import math
import sys
import tarfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from na64ana.errors import LimitError
from na64ana.limits import scan, write_hepdata

COUPLINGS = (1e-7, 1e-2)


def visible(mass, coupling):
    x = coupling / 1e-4
    return 250 * x**2 * np.exp(-(x**2)) * mass**-8


BANDS = scan(visible, [0.5, 1, 2], 2.303, couplings=COUPLINGS)
MONOTONE = scan(lambda m, e: 1e9 * e**2 / m, [0.1, 1], {"observed": 2.5, "median": 3.6},
                couplings=COUPLINGS)  # fmt: skip


@pytest.fixture
def library():
    reason = "hepdata_lib is not installed: pip install 'na64ana[hepdata]'"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its dependencies
        yield pytest.importorskip("hepdata_lib", reason=reason)


def table(folder):
    return yaml.safe_load((folder / "limit.yaml").read_text())


def test_monotone(library, tmp_path):
    here = Path.cwd()
    made = write_hepdata(MONOTONE, tmp_path / "out", description="Limits",
                         qualifiers={"CL": "90%"})  # fmt: skip
    assert Path.cwd() == here
    with tarfile.open(made) as archive:
        assert sorted(archive.getnames()) == ["limit.yaml", "submission.yaml"]
    content = table(tmp_path / "out")
    (mass,) = content["independent_variables"]
    assert mass["header"] == {"name": "Mass", "units": "GeV"}
    assert [v["value"] for v in mass["values"]] == [0.1, 1]
    observed, median = content["dependent_variables"]
    assert observed["header"]["name"] == "Observed limit on epsilon"
    assert observed["qualifiers"] == [{"name": "CL", "value": "90%"}]
    assert [v["value"] for v in observed["values"]] == pytest.approx(
        [math.sqrt(2.5e-10), math.sqrt(2.5e-9)], rel=1e-4
    )
    assert median["header"]["name"] == "Expected limit (median) on epsilon"


def test_bands_have_two_columns(library, tmp_path):
    write_hepdata(BANDS, tmp_path, description="Limits")
    low, high = table(tmp_path)["dependent_variables"]
    assert high["header"]["name"] == "Limit on epsilon, upper edge"
    assert 0 < low["values"][0]["value"] < 1e-4 < high["values"][0]["value"]
    # nothing is excluded at the last mass
    assert (low["values"][2]["value"], high["values"][2]["value"]) == ("-", "-")


def test_a_dash_has_one_meaning(library, tmp_path):
    below = scan(lambda m, e: 1e9 * e**2 / m, [1e-6, 1], 2.5, couplings=(1e-6, 1))
    with pytest.raises(LimitError, match="at mass 1e-06: excluded are every coupling"):
        write_hepdata(below, tmp_path, description="Limits")
    mixed = scan(visible, [1e-12, 1], 2.303, couplings=(1e-60, 3e-4))
    with pytest.raises(LimitError, match="scan wider couplings"):
        write_hepdata(mixed, tmp_path, description="Limits")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(library, tmp_path):
    write_hepdata(MONOTONE, tmp_path, description="first")
    with pytest.raises(LimitError, match="a submission already"):
        write_hepdata(MONOTONE, tmp_path, description="second")
    with pytest.raises(LimitError, match="no name for a table"):
        write_hepdata(MONOTONE, tmp_path / "b", description="Limits", name="../x")
    (tmp_path / "file").write_text("")
    with pytest.raises(LimitError, match="cannot be written"):
        write_hepdata(MONOTONE, tmp_path / "file", description="Limits")


def test_what_hepdata_refuses(library, tmp_path):
    wrong: Any = 3
    with pytest.raises(LimitError, match="HEPData would refuse"):
        write_hepdata(MONOTONE, tmp_path, description="Limits", location=wrong)
    assert list(tmp_path.iterdir()) == []


def test_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "hepdata_lib", None)
    with pytest.raises(LimitError, match=r"pip install 'na64ana\[hepdata\]'"):
        write_hepdata(MONOTONE, tmp_path, description="Limits")
