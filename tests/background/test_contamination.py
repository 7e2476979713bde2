"""Hadrons in the beam: closure of the fit, its error, and what it refuses."""

import numpy as np
import pytest

from na64ana.background import hadron_contamination
from na64ana.errors import BackgroundError
from na64ana.simulate import simulate

EDGES = (np.linspace(0, 144, 25),) * 2


def measured(process, mode, events, seed):
    """Counts in (E_ECAL + E_HCAL, E_HCAL), and how many are hadrons."""
    sample = simulate(process, events, seed=seed, mode=mode)
    ecal = sample.branches["ECAL_ene"].sum(axis=1)
    hcal = sample.branches["HCAL_ene"][:, :27].sum(axis=1)
    counts = np.histogram2d(ecal + hcal, hcal, EDGES)[0]
    return counts, np.mean(sample.origin == sample.origins.index("hadron"))


@pytest.fixture(scope="module")
def templates():
    return (
        measured("run-period", "hadrons-only", 6000, 1)[0],
        measured("electron", "beam-positrons", 6000, 1)[0],
    )


@pytest.mark.parametrize(("mode", "ratio"), [("beam-positrons", 0.04), ("beam-electrons", 0.003)])
def test_the_hadrons_that_are_in_the_beam_are_found(templates, mode, ratio):
    nominal, hadrons = measured("run-period", mode, 6000, 2)
    found = hadron_contamination(nominal, *templates)
    truth = hadrons / (1 - hadrons)
    assert truth == pytest.approx(ratio, abs=4 * np.sqrt(ratio / 6000))
    assert abs(found.ratio - truth) < 3 * found.error
    assert found.error < 0.4 * ratio
    assert found.electrons[0] + found.hadrons[0] == pytest.approx(nominal.sum(), rel=0.02)
    assert found.chi2 < 2 * found.bins


def test_the_error_is_the_spread_of_toys(templates):
    """Templates drawn anew as well; pulls have a mean of 0 and a width of 1."""
    hadrons, electrons = (template / template.sum() for template in templates)
    rng = np.random.default_rng(5)
    pulls = []
    for _ in range(100):
        found = hadron_contamination(
            rng.poisson(200 * hadrons + 5000 * electrons),
            rng.poisson(2000 * hadrons),
            rng.poisson(5000 * electrons),
        )
        pulls.append((found.ratio - 0.04) / found.error)
    assert abs(np.mean(pulls)) < 0.35
    assert np.std(pulls) == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nominal": np.zeros((2, 2))}, "counts of the nominal beam"),
        ({"hadrons": np.full((2, 2), np.nan)}, "counts of the hadrons"),
        ({"electrons": np.ones(4)}, r"electrons \(4,\)"),
        ({"hadrons": [[0, 0], [0, 9]], "electrons": [[0, 0], [9, 0]]}, "10 of 40 .* wider bins"),
    ],
)
def test_counts_that_do_not_fit_are_refused(change, message):
    given = {
        "nominal": [[0, 10], [20, 10]],
        "hadrons": [[0, 5], [1, 5]],
        "electrons": [[0, 1], [9, 1]],
    }
    with pytest.raises(BackgroundError, match=message):
        hadron_contamination(**{**given, **change})
