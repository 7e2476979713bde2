"""Numbers of the simulation that an analysis changes."""

from typing import Any

import pytest

from na64ana.errors import InputError
from na64ana.simulate import Parameters, changed


def test_only_what_is_given_changes():
    given: dict[str, dict[str, Any]] = {
        "mixture": {"radiative": 1, "upstream": 0.5},
        "trigger": {"window_x": [0, 5]},
    }
    new = changed(Parameters(), given)
    assert (new.mixture.radiative, new.mixture.upstream) == (1.0, 0.5)
    assert isinstance(new.mixture.radiative, float)
    assert new.mixture.dimuon == Parameters().mixture.dimuon
    assert new.trigger.window_x == (0, 5)
    assert new.ecal == Parameters().ecal
    assert changed(Parameters(), {}) == Parameters()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mixtrue": {}}, "no group of parameters 'mixtrue'; did you mean 'mixture'"),
        ({"mixture": {"radiativ": 1}}, "no parameter of mixture 'radiativ'; did you mean 'radia"),
        ({"mixture": {"radiative": "much"}}, r"mixture.radiative is 0.25; 'much' is not of that"),
        ({"mixture": {"radiative": float("nan")}}, "'nan' is not of that kind"),
        ({"mixture": {"radiative": True}}, "'True' is not of that kind"),
        ({"trigger": {"window_x": [1, 2, 3]}}, r"trigger.window_x is \(1, 4\)"),
        ({"ecal": {"hadron_profile": 1}}, "ecal.hadron_profile is LateralProfile"),
    ],
)
def test_what_is_not_there_is_told(given, message):
    with pytest.raises(InputError, match=message):
        changed(Parameters(), given)
