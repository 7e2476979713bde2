"""The layout of the public simulation: the same events as in `tout`, counted alike."""

import numpy as np
import pytest
import uproot
from click.testing import CliRunner

import na64ana as na
from na64ana.cli import main
from na64ana.errors import InputError
from na64ana.layouts import load_layout
from na64ana.simulate import simulate, write_anatree, write_tout
from na64ana.simulate.anatree import ANA_TREE, anatree_branches

SELECTION = "na64e-invisible-2023-anatree"


@pytest.fixture(scope="module")
def sample():
    return simulate("run-period", 3000, seed=5)


def counts(record):
    return {
        name: [(row.name, row.sequential.n, row.alone.n) for row in channel.rows]
        for name, channel in record.channels.items()
    }


@pytest.mark.parametrize("form", ["ttree", "rntuple"])
def test_the_same_events_give_the_same_cutflow_in_both_layouts(tmp_path, sample, form):
    """With cuts that need no times; out of time only pile-up differs, in 'ECAL energy'."""
    content = {"name": "mine", "extends": SELECTION, "drop": ["ECAL energy"]}
    selection = na.Selection.from_dict(content)
    write_tout(tmp_path / "tout.root", sample, format=form)
    write_anatree(tmp_path / "ana.root", sample, format=form)
    found = [
        counts(na.run(selection, tmp_path / f"{name}.root", layout=layout, progress=False))
        for name, layout in (("tout", "na64-tout"), ("ana", "na64-anatree"))
    ]
    assert found[0] == found[1]
    assert found[0]["dimuon"][-1][1] > 5
    assert len(sample) > found[0]["main"][-3][1] > 200


def test_the_branches_are_those_of_the_layout(tmp_path, sample):
    write_anatree(tmp_path / "ana.root", simulate("invisible", 10, seed=1))
    layout = load_layout("na64-anatree")
    named = {b for column in layout.columns.values() for b in column.branches}
    with uproot.open(tmp_path / "ana.root") as file:
        assert file[f"{ANA_TREE}/ECALenergy"].typename == "double[5][6]"
        there = set(file[ANA_TREE].keys())
    assert named <= there
    assert there - named == {"nStrawx11", "nStrawx12", "DIMUp_E", "DIMUn_E"}


def test_what_is_true_of_muon_pairs(sample):
    found = anatree_branches(sample)
    pair = found["DIMU_NDimuonsTrue"] == 1
    assert np.array_equal(pair, sample.origin == sample.origins.index("dimuon"))
    assert np.allclose(found["DIMUp_E"] + found["DIMUn_E"], found["DIMU_Etot"])
    assert np.all(found["DIMU_Etot"][pair] > 20)
    assert not found["DIMU_Etot"][~pair].any()
    depth = found["DIMU_vertexZ"][pair] - 2980.96  # of the front of the ECAL [C1]
    assert np.all((depth > 0) & (depth <= 450.0))
    assert not found["DIMU_vertexZ"][~pair].any()
    ecal = found["ECALenergy"].sum(axis=(1, 2)) + found["ECALpenergy"].sum(axis=(1, 2))
    both = (ecal + found["DIMU_Etot"])[pair]
    # the muons' own deposits add about 1 GeV
    assert both.mean() == pytest.approx(100.8, abs=1.0)


def test_the_chi2_of_a_track_has_its_p_value(sample):
    p = sample.branches["pvalue_genfit_upMM"]
    chi2 = anatree_branches(sample)["BestMomupChisq"]
    assert np.allclose(np.exp(-chi2 / 2)[p > 0], p[p > 0])
    assert np.all(chi2[p == 0] == 9999)


def test_what_the_layout_cannot_hold_is_told(tmp_path):
    for mode in ("electrons-2016-2018", "positrons-40", "visible-2018", "muons-160"):
        other = simulate("run-period", 3, seed=1, mode=mode)
        with pytest.raises(InputError, match=f"{mode} cannot be written as na64-anatree"):
            write_anatree(tmp_path / "a.root", other)
    call = ["simulate", "electron", "--events", "3", "--out", str(tmp_path / "a.root"), "--layout"]
    for wrong, message in {
        ("na64-anatre",): "did you mean 'na64-anatree'",
        ("na64-anatree", "--pseudo-data"): "cannot hold pseudo-data",
    }.items():
        result = CliRunner().invoke(main, [*call, *wrong])
        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []
    result = CliRunner().invoke(main, [*call, "na64-anatree"])
    assert result.exit_code == 0, result.output
    assert na.run(SELECTION, tmp_path / "a.root", progress=False).kind == "simulation"
