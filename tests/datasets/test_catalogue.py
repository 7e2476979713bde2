"""The catalogue against the figures of the talk and of the abstracts, typed here by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from na64ana import cli
from na64ana.datasets import (
    Claim,
    accounts,
    agree,
    catalogue_ledger,
    chosen,
    count,
    digits,
    figure,
    load_catalogue,
    sources,
    table_sums,
)
from na64ana.errors import DatasetError
from na64ana.report.datasets import overview, period_view
from na64ana.report.terminal import plain
from na64ana.shipped import shipped_folder

FOLDER = shipped_folder("datasets")
FILES = sorted(FOLDER.glob("*.yaml"))
RUNS, YEARS, SUMMARY = "talk 2023, runs at H4", "talk 2023, key years", "talk 2023, summary"

ISSUE = [
    *(f"na64e-invisible-{year}" for year in (2016, 2017, 2018, 2021, 2022, 2023)),
    "na64e-visible-2017-30x0",
    "na64e-visible-2017-40x0",
    "na64e-visible-2018",
    "na64e-positrons-2022",
    "na64e-positrons-2023",
    *(f"na64mu-{year}" for year in (2021, 2022, 2023)),
    "na64h-2022",
    "na64h-2023",
]


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def recorded(period):
    """The recorded exposure that is chosen."""
    claim = chosen(period.recorded)
    assert claim is not None
    return count(claim).count


def said(fact, source):
    """What a source says of a fact: exactly one claim."""
    (claim,) = [claim for claim in fact if any(source in s for s in sources(claim))]
    return claim


def test_every_period_of_the_issue_is_there_and_no_other(catalogue):
    assert list(catalogue.periods) == ISSUE


# ------------------------------------------------- recorded exposure, figure by figure

RECORDED = [
    # slide "Summary of the NA64 runs at H4"
    ("na64e-invisible-2016", RUNS, 45_000_000_000),
    ("na64e-invisible-2017", RUNS, 54_000_000_000),
    ("na64e-invisible-2018", RUNS, 190_000_000_000),
    ("na64e-invisible-2021", RUNS, 52_000_000_000),
    ("na64e-invisible-2022", RUNS, 640_000_000_000),
    ("na64e-positrons-2022", RUNS, 10_000_000_000),
    ("na64e-invisible-2023", RUNS, 600_000_000_000),
    ("na64e-visible-2017-40x0", RUNS, 24_000_000_000),
    ("na64e-visible-2017-30x0", RUNS, 30_000_000_000),
    ("na64e-visible-2018", RUNS, 30_000_000_000),
    # slide "Key years to demonstrate the robustness of the technique"
    ("na64e-invisible-2021", YEARS, 60_000_000_000),
    ("na64e-invisible-2022", YEARS, 630_000_000_000),
    ("na64e-invisible-2023", YEARS, 510_000_000_000),
    ("na64mu-2021", YEARS, 5_000_000_000),
    ("na64mu-2022", YEARS, 40_000_000_000),
    ("na64mu-2023", YEARS, 150_000_000_000),
    ("na64e-positrons-2022", YEARS, 10_000_000_000),
    ("na64e-positrons-2023", YEARS, 15_000_000_000),
    ("na64h-2022", YEARS, 2_000_000_000),
    ("na64h-2023", YEARS, 19_000_000_000),
    # slide "Summary and outlook"
    ("na64mu-2022", SUMMARY, 20_000_000_000),
    ("na64e-positrons-2022", SUMMARY, 10_000_000_000),
    ("na64h-2022", SUMMARY, 2_000_000_000),
    ("na64h-2023", SUMMARY, 19_000_000_000),
    # slide on POKER
    ("na64e-positrons-2023", "talk 2023, POKER", 15_000_000_000),
    # abstracts
    ("na64e-positrons-2022", "arXiv:2308.15612", 10_100_000_000),
    ("na64e-positrons-2023", "arXiv:2502.04053", 16_000_000_000),
    ("na64mu-2022", "arXiv:2401.01708", 19_800_000_000),
    ("na64h-2022", "arXiv:2406.01990", 2_900_000_000),
]


@pytest.mark.parametrize(("period", "source", "value"), RECORDED)
def test_recorded(catalogue, period, source, value):
    assert count(said(catalogue.period(period).recorded, source)).count == value


def test_no_other_figure_of_recorded_exposure_is_there(catalogue):
    there = {
        (name, source, count(claim).count)
        for name, period in catalogue.periods.items()
        for claim in period.recorded
        for source in sources(claim)
    }
    # the same 1.98e10 stands in a second abstract, beside the first
    there -= {("na64mu-2022", "arXiv:2409.10128, abstract", 19_800_000_000)}
    assert {(n, s.removesuffix(", abstract"), v) for n, s, v in there} == set(RECORDED)


@pytest.mark.parametrize(
    ("period", "value"),
    [
        ("na64e-invisible-2016", "4.5e10"),
        ("na64e-invisible-2017", "5.4e10"),
        ("na64e-invisible-2018", "1.9e11"),
        ("na64e-invisible-2021", "5.2e10"),
        ("na64e-invisible-2022", "6.4e11"),
        ("na64e-invisible-2023", "5.1e11"),
        ("na64e-visible-2017-40x0", "2.4e10"),
        ("na64e-visible-2017-30x0", "3e10"),
        ("na64e-visible-2018", "3e10"),
        ("na64e-positrons-2022", "1.01e10"),
        ("na64e-positrons-2023", "1.6e10"),
        ("na64mu-2021", "5e9"),
        ("na64mu-2022", "4e10"),
        ("na64mu-2023", "1.5e11"),
        ("na64h-2022", "2.9e9"),
        ("na64h-2023", "1.9e10"),
    ],
)
def test_the_value_that_is_chosen(catalogue, period, value):
    assert digits(recorded(catalogue.period(period))) == value


CONFLICTS = {
    ("na64e-invisible-2018", "runs"),
    ("na64e-invisible-2021", "recorded"),
    ("na64e-invisible-2021", "detector.trigger_ecal_below"),
    ("na64e-invisible-2022", "recorded"),
    ("na64e-invisible-2022", "detector.trigger_ecal_below"),
    ("na64e-invisible-2023", "recorded"),
    ("na64e-invisible-2023", "detector.ecal_central_cell"),
    ("na64e-invisible-2023", "detector.trigger_preshower_above"),
    ("na64e-invisible-2023", "detector.trigger_ecal_below"),
    ("na64e-positrons-2023", "recorded"),
    ("na64mu-2022", "recorded"),
    ("na64h-2022", "recorded"),
    ("na64h-2022", "beam.particle"),
}


def test_the_conflicts_of_the_sources_are_kept(catalogue):
    found = {
        (name, key)
        for name, period in catalogue.periods.items()
        for key, fact in period.facts.items()
        if (main := chosen(fact)) is not None
        and any(not agree(main, claim, counts=key == "recorded") for claim in fact)
    }
    assert found == CONFLICTS


# --------------------------------------------------------- beam and detector, by figure


@pytest.mark.parametrize(
    ("period", "value"),
    [
        ("na64e-invisible-2016", ["2e6", "4e6"]),
        ("na64e-invisible-2017", ["4e6", "6e6"]),
        ("na64e-invisible-2018", ["6e6", "8e6"]),
        ("na64e-invisible-2021", ["4e6", "5e6"]),
        ("na64e-invisible-2022", ["5e6", "7e6"]),
        ("na64e-invisible-2023", ["5e6", "7e6"]),
        ("na64e-positrons-2022", ["5e6", "7e6"]),
        ("na64e-visible-2017-40x0", "3e6"),
        ("na64e-visible-2017-30x0", ["4e6", "5e6"]),
        ("na64mu-2021", "1e7"),
        ("na64mu-2022", "1e7"),
        ("na64mu-2023", "1e7"),
    ],
)
def test_rate(catalogue, period, value):
    (claim,) = catalogue.period(period).beam.rate
    assert claim.value == value


@pytest.mark.parametrize(
    ("period", "fact", "source", "value"),
    [
        ("na64e-invisible-2016", "beam.dates", RUNS, ["2016-10-12", "2016-11-09"]),
        ("na64e-visible-2017-40x0", "beam.dates", RUNS, ["2017-09-22", "2017-10-01"]),
        ("na64e-visible-2017-30x0", "beam.dates", RUNS, ["2017-09-22", "2017-10-01"]),
        ("na64e-positrons-2023", "beam.dates", "arXiv:2502.04053", "summer 2023"),
        ("na64e-invisible-2016", "beam.momentum", "talk 2023", "100 GeV"),
        ("na64e-invisible-2022", "beam.momentum", "talk 2023", "100 GeV"),
        ("na64e-invisible-2022", "beam.spill", "talk 2023, technique", "4.8 s"),
        ("na64e-visible-2017-40x0", "beam.momentum", "arXiv:1803.07748", "100 GeV"),
        ("na64e-visible-2018", "beam.momentum", RUNS, "150 GeV"),
        ("na64e-positrons-2022", "beam.momentum", SUMMARY, "100 GeV"),
        ("na64e-positrons-2023", "beam.momentum", "talk 2023, POKER", "70 GeV"),
        ("na64mu-2022", "beam.momentum", "arXiv:2401.01708", "160 GeV"),
        ("na64mu-2022", "beam.momentum", "talk 2023, NA64mu", ["100 GeV", "160 GeV"]),
        ("na64mu-2022", "beam.line", "talk 2023, NA64mu", "M2"),
        ("na64h-2022", "beam.momentum", "arXiv:2406.01990", "50 GeV"),
        ("na64h-2022", "beam.particle", "arXiv:2406.01990", "pi-"),
        ("na64h-2022", "beam.particle", SUMMARY, "pi+"),
        ("na64e-visible-2017-40x0", "detector.wcal", RUNS, "40 X0"),
        ("na64e-visible-2017-30x0", "detector.wcal", RUNS, "30 X0"),
        (
            "na64e-invisible-2022",
            "detector.trigger_preshower_above",
            "talk 2023, technique",
            "0.3 GeV",
        ),
        ("na64e-invisible-2022", "detector.trigger_ecal_below", "talk 2023, technique", "90 GeV"),
        ("na64e-invisible-2022", "detector.trigger_ecal_below", "talk 2023, shape", "85 GeV"),
        ("na64e-invisible-2023", "detector.trigger_ecal_below", "sim_ana_dimuons", "74.8 GeV"),
        ("na64e-invisible-2023", "detector.trigger_ecal_below", "comment and files", "76 GeV"),
        ("na64e-invisible-2018", "runs", "Hod2018", [3855, 4207]),
        ("na64e-invisible-2018", "runs", "p348reco", [3855, 4223]),
        ("na64e-visible-2018", "runs", "p348reco", [4224, 4309]),
        ("na64e-visible-2017-30x0", "runs", "p348reco", [3466, 3560]),
        ("na64e-invisible-2021", "runs", "p348reco", [5021, 5186]),
        ("na64e-invisible-2022", "runs", "p348reco", [6035, None]),
        ("na64e-invisible-2018", "detector.ecal_central_cell", "p348reco", "(3, 3)"),
        ("na64e-invisible-2021", "detector.ecal_central_cell", "p348reco", "(2, 2)"),
        ("na64e-invisible-2022", "detector.ecal_central_cell", "p348reco", "(2, 3)"),
        ("na64e-invisible-2023", "detector.ecal_central_cell", "Emejl07", "(2, 2)"),
        ("na64e-visible-2018", "detector.srd_modules", "p348reco", 2),
    ],
)
def test_beam_and_detector(catalogue, period, fact, source, value):
    assert said(catalogue.period(period).facts[fact], source).value == value


E, V = "na64e-invisible-", "na64e-visible-"
KNOWN = {
    "beam.dates": {f"{E}2016", f"{V}2017-40x0", f"{V}2017-30x0", "na64e-positrons-2023"},
    "beam.spill": {f"{E}2021", f"{E}2022", f"{E}2023"},
    "beam.rate": set(ISSUE) - {f"{V}2018", "na64e-positrons-2023", "na64h-2022", "na64h-2023"},
    "beam.momentum": set(ISSUE) - {"na64h-2023"},
    "beam.line": set(ISSUE) - {"na64h-2022", "na64h-2023"},
    "runs": {f"{E}2018", f"{E}2021", f"{E}2022", f"{V}2017-30x0", f"{V}2018"},
    "detector.trigger_preshower_above": {f"{E}2021", f"{E}2022", f"{E}2023"},
    "detector.trigger_ecal_below": {f"{E}2021", f"{E}2022", f"{E}2023"},
    "detector.hcal_modules": {f"{E}2018", f"{E}2021", f"{E}2022", f"{E}2023"},
    "detector.wcal": {f"{V}2017-40x0", f"{V}2017-30x0"},
}


@pytest.mark.parametrize("fact", KNOWN)
def test_what_no_source_gives_is_unknown(catalogue, fact):
    found = {name for name, period in catalogue.periods.items() if period.facts.get(fact)}
    assert found == KNOWN[fact]


# ------------------------------------------------------- analyses, accounts and totals


@pytest.mark.parametrize(
    ("analysis", "source", "value"),
    [
        ("invisible 2016, first data", "arXiv:1610.02988", 2_750_000_000),
        ("invisible 2016-2018", YEARS, 284_000_000_000),
        ("invisible 2016-2018", "arXiv:1906.00176", 284_000_000_000),
        ("invisible 2016-2022", RUNS, 937_000_000_000),
        ("invisible 2016-2022", "arXiv:2307.02404", 937_000_000_000),
        ("invisible 2016-2022", SUMMARY, 1_000_000_000_000),
        ("visible 2017", "arXiv:1803.07748", 54_000_000_000),
        ("visible 2017-2018", YEARS, 84_000_000_000),
        ("visible 2017-2018", RUNS, 84_000_000_000),
        ("visible 2017-2018", "arXiv:2104.13342", 84_000_000_000),
        ("positrons 2022", "arXiv:2308.15612", 10_100_000_000),
        ("positrons 2023", "arXiv:2502.04053", 16_000_000_000),
        ("muons 2022", "arXiv:2401.01708", 19_800_000_000),
        ("muons 2022", SUMMARY, 20_000_000_000),
        ("pions 2022", "arXiv:2406.01990", 2_900_000_000),
    ],
)
def test_analysed(catalogue, analysis, source, value):
    assert count(said(catalogue.analyses[analysis].analysed, source)).count == value


def test_the_errors_of_the_abstracts(catalogue):
    positrons = said(catalogue.analyses["positrons 2022"].analysed, "arXiv:2308.15612")
    muons = said(catalogue.analyses["muons 2022"].analysed, "arXiv:2401.01708")
    assert (count(positrons).error, count(muons).error) == (100_000_000, 200_000_000)


ACCOUNTS = [  # mode, recorded, analysed, excluded of each account
    (
        "NA64e invisible",
        [
            (289_000_000_000, 284_000_000_000, 5_000_000_000),
            (692_000_000_000, 653_000_000_000, 39_000_000_000),
            (510_000_000_000, 0, 510_000_000_000),
        ],
    ),
    ("NA64e visible", [(54_000_000_000, 54_000_000_000, 0), (30_000_000_000, 30_000_000_000, 0)]),
    ("NA64e+", [(10_100_000_000, 10_100_000_000, 0), (16_000_000_000, 16_000_000_000, 0)]),
    (
        "NA64mu",
        [
            (5_000_000_000, 0, 5_000_000_000),
            (40_000_000_000, 19_800_000_000, 20_200_000_000),
            (150_000_000_000, 0, 150_000_000_000),
        ],
    ),
    ("NA64h", [(2_900_000_000, 2_900_000_000, 0), (19_000_000_000, 0, 19_000_000_000)]),
]


@pytest.mark.parametrize(("mode", "expected"), ACCOUNTS, ids=[mode for mode, _ in ACCOUNTS])
def test_the_accounts_close(catalogue, mode, expected):
    found = accounts(catalogue, mode)
    assert [(a.recorded, a.analysed, a.excluded) for a in found] == expected
    names = [name for account in found for name in account.periods]
    assert names == [period.name for period in catalogue.modes[mode]]


def test_the_gap_of_2016_to_2022_is_not_published(catalogue):
    first, second, _ = accounts(catalogue, "NA64e invisible")
    assert first.recorded + second.recorded == 981_000_000_000
    assert (first.analysed or 0) + (second.analysed or 0) == 937_000_000_000
    assert first.excluded + second.excluded == 44_000_000_000
    assert {first.reason, second.reason} == {"not published"}


@pytest.mark.parametrize(("mode", "expected"), ACCOUNTS, ids=[mode for mode, _ in ACCOUNTS])
def test_the_ledger_has_every_period_and_the_same_sums(catalogue, mode, expected):
    ledger = catalogue_ledger(catalogue, mode)
    total, analysed, excluded = (sum(column) for column in zip(*expected, strict=True))
    assert ledger.totals == (total, analysed, 0, excluded)
    assert {e.reason for e in ledger.entries if e.state == "excluded"} <= {"not published"}
    assert {(e.run, e.spill, e.files) for e in ledger.entries} == {(None, None, ())}
    by_period = {name: totals.recorded for name, totals in ledger.by_dataset().items()}
    assert by_period == {p.name: recorded(p) for p in catalogue.modes[mode]}
    assert ledger.unit == catalogue.modes[mode][0].unit
    assert list(ledger.entries) == sorted(ledger.entries, key=lambda entry: entry.account)


def test_shares_of_one_analysis_are_marked_and_proportional(catalogue):
    entries = catalogue_ledger(catalogue, "NA64e invisible").entries
    shares = {e.dataset: e for e in entries if e.state == "processed"}
    assert all(entry.apportioned for entry in shares.values())
    # 284 of 289 of 45e9, 54e9 and 190e9, by largest remainder
    assert [shares[f"{E}{year}"].amount for year in (2016, 2017, 2018)] == [
        44_221_453_287,
        53_065_743_945,
        186_712_802_768,
    ]
    (alone,) = [e for e in entries if e.dataset == f"{E}2023"]
    assert not alone.apportioned
    assert alone.state == "excluded"


TOTALS = [  # mode, table, its sum, what is quoted, whether they agree
    ("NA64e invisible", YEARS, "1.484e12", "1.5e12", True),
    ("NA64e invisible", RUNS, "1.581e12", "1.5e12", False),
    ("NA64e visible", RUNS, "8.4e10", "8.4e10", True),
    ("NA64mu", YEARS, "1.95e11", "1.9e11", True),
]


def test_quoted_totals(catalogue):
    found = [
        (total.mode, item.table, digits(item.total), digits(item.quoted.count), item.agrees)
        for total in catalogue.totals
        for item in table_sums(catalogue, total)
    ]
    assert found == TOTALS


@pytest.mark.parametrize(
    ("quoted", "number", "agrees"),
    [
        ("1.5e12", "1.484e12", True),
        ("1.5e12", "1.549e12", True),
        ("1.5e12", "1.55e12", True),  # a half goes either way
        ("1.5e12", "1.551e12", False),
        ("1.9e11", "1.95e11", True),
        ("2.0e11", "1.95e11", True),
        ("1.9e11", "1.951e11", False),
        ("6e10", "5.2e10", False),
        ("1e12", "9.37e11", True),
        ("100", "101", False),  # all its digits were printed
    ],
)
def test_figures_agree_within_half_a_unit_of_the_last_digit(quoted, number, agrees):
    assert figure(quoted).agrees(figure(number)) is agrees
    assert figure(number).agrees(figure(quoted)) is agrees


def test_figures_agree_within_their_errors():
    assert figure("9.4e11", "0.5e11").agrees(figure("8.90e11"))
    assert not figure("9.4e11", "0.5e11").agrees(figure("8.89e11"))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5.2e10", 52_000_000_000, 10**9),
        (52_000_000_000, 52_000_000_000, 1),
        (5.2e10, 52_000_000_000, 10**9),
        ("0.5e10", 5_000_000_000, 10**9),
        ("1.0e10", 10_000_000_000, 10**9),
        ("1e10", 10_000_000_000, 10**10),
        ("0", 0, 1),
        ("12345678901234567890", 12345678901234567890, 1),
    ],
)
def test_figures_are_exact(text, value, unit):
    assert (figure(text).count, figure(text).unit) == (value, unit)


@pytest.mark.parametrize(
    "text", ["1.5", "-1", "nan", "inf", "many", "", "1e25", "1" * 50, True, "1e-3", 0.5]
)
def test_what_is_no_count_is_refused(text):
    with pytest.raises(DatasetError):
        figure(text)


@pytest.mark.parametrize(
    ("count_", "text"),
    [
        (0, "0"),
        (99_999, "99999"),
        (100_000, "1e5"),
        (1_484_000_000_000, "1.484e12"),
        (44_221_453_287, "4.4221453287e10"),
    ],
)
def test_all_digits_are_written(count_, text):
    assert digits(count_) == text
    assert figure(text).count == count_


# --------------------------------------------------------------------- the files

#: these name things; their numbers are no measurements
NAMES = {"name", "mode", "year", "years", "unit", "periods", "papers", "tables", "references"}
WORDS = {"because", "note", "source", "includes", "within"}


def numbers_without_source(item, sourced=False, path=()):
    """Every text or number with a digit that has no source beside it."""
    if isinstance(item, dict):
        sourced = sourced or bool(item.get("source"))
        for key, value in item.items():
            if key not in NAMES | WORDS:
                yield from numbers_without_source(value, sourced, (*path, key))
    elif isinstance(item, list):
        for i, value in enumerate(item):
            yield from numbers_without_source(value, sourced, (*path, i))
    elif not sourced and item != "unknown":
        yield path, item


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_value_has_a_source(path):
    # read by another reader than ours, as text: the model cannot hide what it drops
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    assert list(numbers_without_source(data)) == []


def test_the_search_for_a_missing_source_can_find_one():
    data = {"beam": {"rate": {"value": "5"}, "spill": {"value": "4", "source": "x"}}, "year": "1"}
    assert list(numbers_without_source(data)) == [(("beam", "rate", "value"), "5")]


def test_every_reference_is_used(catalogue):
    facts = [fact for period in catalogue.periods.values() for fact in period.facts.values()]
    facts += [analysis.analysed for analysis in catalogue.analyses.values()]
    facts += [total.quoted for total in catalogue.totals]
    used = {s.partition(",")[0] for fact in facts for claim in fact for s in sources(claim)}
    used |= {paper for analysis in catalogue.analyses.values() for paper in analysis.papers}
    assert used == set(catalogue.references)


def test_recalled_values_stay_out():
    # the reference page recalls these without a source: 1710.00971, 2207.09979, the fuller 2502.04053
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    assert not re.search(r"4\.3e10|3\.22e11|1\.596e10|recalled", text)


# ------------------------------------------------------------------- wrong files

UNKNOWN = "unknown"
GOOD = {
    "name": "mine",
    "mode": "mode A",
    "year": 2030,
    "unit": "EOT",
    "beam": {
        "particle": {"value": "e-", "source": "log, page 1"},
        "momentum": {"value": "100 GeV", "source": "log"},
        **dict.fromkeys(("line", "dates", "spill", "rate"), UNKNOWN),
    },
    "recorded": {"value": "5e10", "source": "log"},
    "runs": UNKNOWN,
    "detector": dict.fromkeys(
        (
            "geometry",
            "ecal_cells",
            "ecal_central_cell",
            "trigger_preshower_above",
            "trigger_ecal_below",
            "hcal_modules",
            "hcal_cells",
            "vhcal",
            "srd_modules",
        ),
        UNKNOWN,
    ),
}
ANALYSIS = {
    "name": "first",
    "papers": ["log"],
    "periods": ["mine"],
    "analysed": {"value": "4e10", "source": "log"},
}


def write(folder, period=GOOD, analyses=None):
    text = yaml.safe_dump({"references": {"log": "the logbook"}})
    (folder / "references.yaml").write_text(text)
    (folder / "mine.yaml").write_text(yaml.safe_dump(period, sort_keys=False))
    (folder / "files.yaml").write_text(
        "name: a manifest: broken\n  beam: x\n"
    )  # no business of ours
    if analyses is not None:
        # by way of JSON, which has no aliases
        analyses = json.loads(json.dumps(analyses))
        (folder / "analyses.yaml").write_text(yaml.safe_dump(analyses, sort_keys=False))
    return folder


def changed(path, value):
    """GOOD with one value replaced; the way to it is joined by dots."""
    data = json.loads(json.dumps(GOOD))
    place = data
    *way, last = path.split(".")
    for key in way:
        place = place[key]
    place[last] = value
    return data


def test_a_folder_of_ones_own(tmp_path):
    catalogue = load_catalogue(write(tmp_path, analyses={"analyses": [ANALYSIS]}))
    assert list(catalogue.periods) == ["mine"]
    assert catalogue_ledger(catalogue, "mode A").totals == (50e9, 40e9, 0, 10e9)


WRONG = [
    ("recorded", "5e10", "line 16: 'recorded' needs a value with its source"),
    ("recorded", [], "needs a value with its source"),
    ("recorded", {"value": "5e10"}, "missing key 'source'"),
    ("recorded", {"value": "5e10", "source": ""}, "source '' is not in references.yaml"),
    ("recorded", {"value": "5e10", "source": "lag, page 3"}, "'lag' is not in references.yaml; did you mean 'log'?"),
    ("recorded", {"value": "5e10", "sorce": "log"}, "line 18: unknown key 'sorce'; did you mean 'source'?"),
    ("recorded", {"value": "5.5", "source": "log"}, "line 16: recorded: '5.5' is not a whole number of particles"),
    ("recorded", {"value": "many", "source": "log"}, "'many' is not a count of particles; write for example 5.2e10"),
    ("recorded", {"value": ["1e10", "2e10"], "source": "log"}, "is not a count of particles"),
    ("recorded", [{"value": "5e10", "source": "log"}, {"value": "6e10", "source": "log"}], "of 2 values one is chosen"),
    ("beam.momentum", {"value": 100, "source": "log"}, "momentum: a bare number does not fit energy [GeV]"),
    ("beam.momentum", {"value": "100 GeW", "source": "log"}, "unknown unit 'GeW'; did you mean 'GeV'?"),
    ("beam.momentum", {"value": ["160 GeV", "100 GeV"], "source": "log"}, "the first of a range is above the last"),
    ("beam.spill", {"value": "4.8 GeV", "source": "log"}, "energy [GeV] does not fit time [s]"),
    ("beam.rate", {"value": ["1e6", "2e6", "3e6"], "source": "log"}, "a range is [first, last]"),
    ("beam.rate", {"value": ["1e6", None], "source": "log"}, "is not a count of particles"),
    ("beam.line", {"value": "", "source": "log"}, "write the word unknown in place of value and source"),
    ("beam.line", {"value": "unknown", "source": "log"}, "write the word unknown in place of value and source"),
    ("beam.dates", {"value": ["12.10.2016", "2016-11-09"], "source": "log"}, "dates are [first, last], written as 2016-10-12"),
    ("beam.dates", {"value": ["2016-11-09", "2016-10-12"], "source": "log"}, "the first of a range is above the last"),
    ("beam.colour", "unknown", "line 16: unknown key 'colour'"),
    ("beam", "e-", "line 5: 'beam' Expected"),
    ("runs", {"value": 5, "source": "log"}, "runs are [first, last]"),
    ("runs", {"value": [9, 5], "source": "log"}, "the first of a range is above the last"),
    ("runs", {"value": [1.5, 5], "source": "log"}, "runs are [first, last]"),
    ("detector.trigger_ecal_below", {"value": "90", "source": "log"}, "a bare number does not fit energy [GeV]"),
    ("detector.vhcal", None, "line 28: 'vhcal' needs a value"),
    ("name", "other", "line 1: name is 'other', the file's 'mine'"),
    ("year", "2030", "line 3: 'year' Expected `int`"),
    ("yaer", 2030, "unknown key 'yaer'; did you mean 'year'?"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), WRONG, ids=range(len(WRONG)))
def test_wrong_periods(tmp_path, path, value, message):
    with pytest.raises(DatasetError) as caught:
        load_catalogue(write(tmp_path, changed(path, value)))
    assert message.replace("`", "'") in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'mine.yaml'}, line ")


def test_a_key_left_out_is_not_unknown(tmp_path):
    data = changed("year", 2030)
    del data["detector"]["vhcal"]
    with pytest.raises(DatasetError, match="missing key 'vhcal'"):
        load_catalogue(write(tmp_path, data))


TOTAL = {"mode": "mode A", "years": [2030, 2030], "quoted": {"value": "5e10", "source": "log"}}


@pytest.mark.parametrize(
    ("analyses", "message"),
    [
        ([{**ANALYSIS, "periods": ["mien"]}], "line 5: periods: unknown period 'mien'; did you mean 'mine'?"),
        ([{**ANALYSIS, "periods": ["mine", "mine"]}], "or one stands twice"),
        ([{**ANALYSIS, "papers": ["arXiv:1"]}], "papers: source 'arXiv:1' is not in references.yaml"),
        ([{**ANALYSIS, "analysed": "4e10"}], "'analysed' needs a value with its source"),
        ([{**ANALYSIS, "includes": ["second"]}], "includes: unknown analysis 'second'"),
        ([{**ANALYSIS, "within": "first"}], "within: unknown analysis 'first'"),
        ([{**ANALYSIS, "colour": 1}], "unknown key 'colour'"),
        ("first", "'analyses' Expected"),
        (["first"], "Expected"),
        ([ANALYSIS, ANALYSIS], "line 10: analysis 'first' stands twice"),
    ],
    ids=range(10),
)  # fmt: skip
def test_wrong_analyses(tmp_path, analyses, message):
    with pytest.raises(DatasetError) as caught:
        load_catalogue(write(tmp_path, analyses={"analyses": analyses}))
    assert message in str(caught.value)
    assert "analyses.yaml, line " in str(caught.value)


@pytest.mark.parametrize(
    ("analyses", "message"),
    [
        ([{**ANALYSIS, "analysed": {"value": "6e10", "source": "log"}}], "'first': 6e10 analysed of 5e10 recorded in mine"),
        ([ANALYSIS, {**ANALYSIS, "name": "second"}], "mine is in the account of two analyses"),
    ],
    ids=["more than recorded", "twice"],
)  # fmt: skip
def test_accounts_that_do_not_close(tmp_path, analyses, message):
    with pytest.raises(DatasetError, match=re.escape(message)):
        load_catalogue(write(tmp_path, analyses={"analyses": analyses}))


def test_a_total_whose_table_lacks_a_period(tmp_path):
    total = {**TOTAL, "tables": ["log, page 7"]}
    with pytest.raises(DatasetError, match="'log, page 7' does not give mine"):
        load_catalogue(write(tmp_path, analyses={"totals": [total]}))


def test_an_analysis_of_unknown_exposure(tmp_path):
    analyses = {"analyses": [{**ANALYSIS, "analysed": "unknown"}]}
    ledger = catalogue_ledger(load_catalogue(write(tmp_path, analyses=analyses)), "mode A")
    assert ledger.by_reason() == {("excluded", "analysed, exposure unknown"): 50_000_000_000}


def test_a_period_of_unknown_exposure_is_unaccounted(tmp_path):
    catalogue = load_catalogue(write(tmp_path, changed("recorded", "unknown")))
    ledger = catalogue_ledger(catalogue, "mode A")
    assert ledger.entries == ()
    assert ledger.unaccounted == ("mine",)
    assert not ledger.known


# ---------------------------------------------------------------- what a user sees


def call(*arguments):
    return CliRunner().invoke(cli.main, ["datasets", *arguments])


@pytest.mark.parametrize("width", [80, 110, 160])
def test_the_list(golden, catalogue, width):
    golden(f"datasets/list_{width}.txt", plain(overview(catalogue), width))


@pytest.mark.parametrize(
    ("name", "width"),
    [("na64e-invisible-2022", 110), ("na64mu-2022", 110), ("na64e-visible-2018", 80)],
)
def test_one_period(golden, catalogue, name, width):
    golden(f"datasets/{name}_{width}.txt", plain(period_view(catalogue, name), width))


def test_the_command_lists_and_shows(catalogue):
    listed = call()
    assert listed.exit_code == 0, listed.output
    for name in ISSUE:
        assert name in listed.output
        shown = call(name)
        assert shown.exit_code == 0, shown.output
        for claim in catalogue.period(name).recorded:
            assert str(claim.value) in shown.output


def test_the_command_names_the_nearest():
    result = call("na64e-invisble-2022")
    assert result.exit_code == 2
    assert "did you mean 'na64e-invisible-2022'?" in result.stderr
    assert "Traceback" not in result.output


def test_names_of_users_are_made_safe():
    assert "\x1b" not in call("\x1b[31mred").stderr


@pytest.mark.parametrize("arguments", [["na64mu-2022", "--json"], ["--json", "na64mu-2022"]])
def test_one_period_as_json(arguments):
    content = json.loads(call(*arguments).stdout)
    (period,) = content["periods"]
    assert period["name"] == "na64mu-2022"
    assert [claim["value"] for claim in period["recorded"]] == ["4e10", "2e10", "1.98e10"]
    (account,) = content["accounts"]
    assert (account["recorded"], account["analysed"]) == (40_000_000_000, 19_800_000_000)
    assert account["excluded"] == 20_200_000_000
    assert "totals" not in content


def test_the_catalogue_as_json():
    content = json.loads(call("--json").stdout)
    assert [period["name"] for period in content["periods"]] == ISSUE
    assert [total["agrees"] for total in content["totals"]] == [item[-1] for item in TOTALS]


def test_a_range_holds_its_ends():
    low, high = Claim("100 GeV", "x"), Claim("160 GeV", "x")
    both = Claim(["100 GeV", "160 GeV"], "x")
    assert agree(both, high)
    assert agree(low, both)
    assert not agree(low, high)


def test_shipped_files_go_into_the_wheel():
    import tomllib

    root = Path(__file__).resolve().parents[2]
    hatch = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    wheel = hatch["build"]["targets"]["wheel"]
    assert "datasets" in wheel["only-include"]
    assert wheel["sources"]["datasets"] == "na64ana/_data/datasets"
    assert FOLDER in (root / "datasets", root / "na64ana" / "_data" / "datasets")
