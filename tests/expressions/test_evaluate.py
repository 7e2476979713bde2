"""Values of single expressions where plain arithmetic has a trap; random ones: evaluate/test_plain."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from na64ana.errors import InputError
from na64ana.expressions import Value, evaluate

NAN = float("nan")


@pytest.fixture
def value(checked):
    """Evaluate a text on columns given with the event first."""

    def run(text, **columns):
        arrays = {}
        for name, array in columns.items():
            jagged = isinstance(array, ak.Array)
            data = array if jagged else np.moveaxis(np.asarray(array), 0, -1)
            arrays[name.replace("__", ".")] = Value(data)
        with np.errstate(all="ignore"):
            return evaluate(checked(text), arrays.__getitem__)

    return run


def test_sums_run_in_the_order_of_the_cells(value):
    # 60 cells whose sum depends on the order: numpy adds pairwise or by eights
    rng = np.random.default_rng(1)
    cells = rng.normal(size=(50, 2, 5, 6)) * 10.0 ** rng.integers(-8, 8, size=(50, 2, 5, 6))
    expected = []
    for event in cells.reshape(50, 60):
        total = 0.0
        for cell in event.tolist():
            total += cell
        expected.append(total)
    found = value("sum(ecal.energy)", ecal__energy=cells).data
    assert found.tolist() == expected
    assert found.tolist() != cells.reshape(50, 60).sum(axis=1).tolist()
    for size in (1, 7):
        parts = [value("sum(ecal.energy)", ecal__energy=cells[i : i + size]).data
                 for i in range(0, 50, size)]  # fmt: skip
        assert np.concatenate(parts).tolist() == expected


def test_arrays_combine_by_axis_not_by_position(value):
    energy = np.arange(6.0).reshape(1, 3, 2)
    sigma = np.array([[[10.0], [20.0], [30.0]]])
    found = value("sum(veto.time / veto.time_sigma, axis=pmt)", veto__time=energy,
                  veto__time_sigma=sigma)  # fmt: skip
    assert found.data[:, 0].tolist() == [0 / 10 + 1 / 10, 2 / 20 + 3 / 20, 4 / 30 + 5 / 30]
    # shower_chi2 has another axis: every pair
    found = value("len(srd.energy * shower_chi2)", srd__energy=np.ones((4, 3)),
                  shower_chi2=np.ones((4, 2)))  # fmt: skip
    assert found.data.tolist() == [6] * 4


def test_as_many_events_as_cells_confuse_nothing(value):
    cells = np.arange(9.0).reshape(3, 3)
    found = value("srd.energy * track.momentum", srd__energy=cells, track__momentum=[1.0, 10, 100])
    assert found.data.T.tolist() == [[0, 1, 2], [30, 40, 50], [600, 700, 800]]


def test_cells_are_found_by_plane_ix_iy(value):
    cells = np.arange(120.0).reshape(2, 60).reshape(2, 2, 5, 6)
    found = value("ecal.energy[1, 3, 4]", ecal__energy=cells).data
    assert found.tolist() == [1 * 30 + 3 * 6 + 4, 60 + 1 * 30 + 3 * 6 + 4]
    assert value("argmax(ecal.energy) == (1, 4, 5)", ecal__energy=cells).data.all()


def test_argmax_takes_the_first_of_equals(value):
    cells = np.zeros((1, 3))
    assert value("argmax(srd.energy) == (0,)", srd__energy=cells).data.all()
    assert value("argmax(srd.energy) != (1,)", srd__energy=cells).data.all()


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
@pytest.mark.parametrize("flip", [False, True], ids=["left", "right"])
def test_a_missing_number_compares_false_in_where(value, operator, flip):
    a, b = ("2*ns", "master_time") if flip else ("master_time", "2*ns")
    found = value(f"where({a} {operator} {b}, 1, 0)", master_time=[NAN, 1.0, 2.0, 3.0])
    assert found.data[0] == 0
    assert found.missing is None
    assert 0 < sum(found.data) < 4


def test_a_missing_number_is_seen_through_any_all_count_not_and_or(value):
    cells = [[1.0, NAN, 3.0], [1.0, 2.0, 3.0]]
    for text in (
        "any(srd.energy > 0*GeV)",
        "all(srd.energy < 0*GeV)",
        "not any(srd.energy > 2*GeV)",
        "count(srd.energy > 2*GeV) > 0",
        "run > 0 or any(srd.energy > 2*GeV)",
        "run < 0 and any(srd.energy > 2*GeV)",
        "sum(srd.energy) > 1*GeV",
        "min(srd.energy) < 1*GeV",
        "max(srd.energy) < 1*GeV",
        "argmax(srd.energy) == (1,)",
        "0*GeV < srd.energy[1] < 5*GeV",
        "where(run > 0, srd.energy[1], 0*GeV) > 0*GeV",
        # what the other branch compares counts too, whichever is chosen
        "where(run > 0, count(srd.energy > 1*GeV), 0) >= 0",
        "where(run > 0, 0, count(srd.energy > 1*GeV)) >= 0",
    ):
        found = value(text, srd__energy=cells, run=[1, 1])
        assert found.missing is not None, text
        assert found.missing.tolist() == [True, False], text


def test_isnan_counts_nothing(value):
    found = value("isnan(master_time)", master_time=[NAN, 1.0])
    assert found.data.tolist() == [True, False]
    assert found.missing is None


def test_a_constant_that_is_no_number_is_missing_in_every_event(value):
    found = value("not master_time > sqrt(-1)*ns", master_time=[1.0, 2.0])
    assert np.broadcast_to(found.missing, 2).all()


def test_one_value_per_event_goes_to_all_hits_of_a_list(value):
    x = ak.Array([[1.0, 2.0], [3.0], []])
    columns = {"straw11__x": x, "master_time": [1.0, 5.0, 5.0]}
    found = value("sum(where(master_time > 2*ns, straw11.x, 0*mm))", **columns)
    assert found.data.tolist() == [0, 3, 0]
    found = value("count(straw11.x/(1*mm) > master_time/(1*ns))", **columns)
    assert found.data.tolist() == [1, 0, 0]
    found = value("count(where(master_time > 2*ns, 1, straw11.x/(1*mm)) == 1)", **columns)
    assert found.data.tolist() == [1, 1, 0]


def test_the_largest_of_no_hits_is_missing(value):
    x = ak.Array([[], [NAN, 1.0], [1.0, 7.0]])
    found = value("max(straw11.x) > 5*mm", straw11__x=x)
    assert found.missing.tolist() == [True, True, False]
    assert value("sum(straw11.x)", straw11__x=x).data[0] == 0
    assert value("len(straw11.x)", straw11__x=x).data.tolist() == [0, 2, 2]
    found = value("straw11.x[1] > 0*mm", straw11__x=x)
    assert found.missing.tolist() == [True, False, False]
    assert value("any(straw11.x > 5*mm)", straw11__x=x).data.tolist() == [False, False, True]
    assert value("all(straw11.x > 0*mm)", straw11__x=x).data.tolist()[0] is True


def test_lists_of_unequal_length_do_not_combine(value):
    columns = {
        "ldmx__ecal__energy": ak.Array([[1.0, 2.0]]),
        "ldmx__ecal__is_noise": ak.Array([[True]]),
    }
    for text in (
        "sum(where(ldmx.ecal.is_noise, 0*MeV, ldmx.ecal.energy))",
        "any(ldmx.ecal.is_noise and ldmx.ecal.energy > 1*MeV)",
    ):
        with pytest.raises(InputError, match="different length"):
            value(text, **columns)


def test_whole_numbers_stay_whole(value):
    big = 2**53 + 1
    assert value("run == 9007199254740993", run=np.array([big, big - 1])).data.tolist() == [
        True,
        False,
    ]
    assert value("run & 1", run=np.array([big, big - 1])).data.tolist() == [1, 0]
    assert value("run % 2 == 1", run=np.array([big, big - 1])).data.tolist() == [True, False]
