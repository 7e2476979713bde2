"""The catalogue of data-taking periods: found, read and checked.

A folder of YAML files: every file with the key ``beam`` is a period, ``analyses.yaml`` says which
periods were analysed together, ``references.yaml`` what the sources are.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from na64ana.datasets.account import accounts, table_sums
from na64ana.datasets.claims import UNKNOWN, check_fact, check_source
from na64ana.datasets.period import AnalysisSpec, Catalogue, PeriodSpec, TotalSpec
from na64ana.errors import DatasetError, nearest, printable
from na64ana.shipped import shipped_folder
from na64ana.yamltext import Document, convert, read_yaml

__all__ = ["is_period", "load_catalogue"]

ANALYSES, REFERENCES = "analyses.yaml", "references.yaml"
# at the left margin: a key, not a word in a description; a manifest may be large, or broken
_BEAM = re.compile(rb"^beam:", re.MULTILINE)
#: how the modes follow each other in lists; others come after, by name
MODES = ("NA64e invisible", "NA64e visible", "NA64e+", "NA64mu", "NA64h")


class _Analyses(msgspec.Struct, forbid_unknown_fields=True):
    analyses: list[AnalysisSpec] = []
    totals: list[TotalSpec] = []


class _References(msgspec.Struct, forbid_unknown_fields=True):
    references: dict[str, str] = {}


def load_catalogue(folder: str | Path | None = None) -> Catalogue:
    """Read and check a catalogue.

    Parameters
    ----------
    folder : str or Path, optional
        Default: the shipped one.

    Raises
    ------
    DatasetError
        A file cannot be read, or is wrong; the message names file, line and key.
    """
    return _load(Path(folder)) if folder is not None else _load_shipped()


@cache
def _load_shipped() -> Catalogue:
    return _load(shipped_folder("datasets"))


def _load(folder: Path) -> Catalogue:
    found = _optional(folder / REFERENCES)
    references = convert(found, _References, DatasetError).references if found else {}
    periods: dict[str, PeriodSpec] = {}
    for path in sorted(folder.glob("*.yaml")):
        if is_period(path):
            period = _period(read_yaml(path, DatasetError), path.stem, references)
            periods[period.name] = period
    ordered = {period.name: period for period in sorted(periods.values(), key=_order)}
    found = _optional(folder / ANALYSES)
    if found is None:
        return Catalogue(ordered, references=references)
    analyses, totals = _analyses(found, ordered, references)
    catalogue = Catalogue(ordered, analyses, totals, references)
    _check_sums(found, catalogue)
    return catalogue


def is_period(path: Path) -> bool:
    """Whether a file of the folder is a period; the others are manifests of files."""
    try:
        return _BEAM.search(path.read_bytes()) is not None
    except OSError as error:
        msg = f"{printable(str(path))}: {error.strerror or error}"
        raise DatasetError(msg) from None


def _optional(path: Path) -> Document | None:
    return read_yaml(path, DatasetError) if path.is_file() else None


def _order(period: PeriodSpec) -> tuple[int, str, int, str]:
    place = MODES.index(period.mode) if period.mode in MODES else len(MODES)
    return place, period.mode, period.year, period.name


# ------------------------------------------------------------------- one file


def _period(document: Document, name: str, references: dict[str, str]) -> PeriodSpec:
    facts = [("recorded",), ("runs",), *_parts(document, "beam"), *_parts(document, "detector")]
    document = _with_lists(document, facts)
    spec = convert(document, PeriodSpec, DatasetError)
    if spec.name != name:
        msg = f"{document.where('name')}: name is '{printable(spec.name)}', the file's '{name}'"
        raise DatasetError(msg)
    for key, fact in spec.facts.items():
        check_fact(document, tuple(key.split(".")), fact, references)
    return spec


def _parts(document: Document, section: str) -> list[tuple[str | int, ...]]:
    content = document.data.get(section)
    return [(section, key) for key in content] if isinstance(content, dict) else []


def _with_lists(document: Document, facts: list[Any]) -> Document:
    """Return the document with every fact as a list: one claim is a list of one, unknown of none.

    Raises
    ------
    DatasetError
        A fact is something else, such as a bare number without its source.
    """
    lines = dict(document.lines)
    for path in facts:
        place: Any = document.data
        for key in path[:-1]:
            place = place[key]
        fact = place.get(path[-1], [])
        if isinstance(fact, dict):
            place[path[-1]] = [fact]
            lines |= {(*path, 0, key): lines[*path, key] for key in fact if (*path, key) in lines}
        elif fact == UNKNOWN:
            place[path[-1]] = []
        elif not isinstance(fact, list) or (not fact and path[-1] in place):
            words = "a value with its source, {value: ..., source: ...}, or the word unknown"
            msg = f"{document.where(*path)}: '{printable(str(path[-1]))}' needs {words}"
            raise DatasetError(msg)
    return Document(document.path, document.data, lines)


def _analyses(
    document: Document, periods: dict[str, PeriodSpec], references: dict[str, str]
) -> tuple[dict[str, AnalysisSpec], list[TotalSpec]]:
    facts = [
        (kind, i, key)
        for kind, key in (("analyses", "analysed"), ("totals", "quoted"))
        for i, item in enumerate(_list_in(document, kind))
        if isinstance(item, dict)
    ]
    document = _with_lists(document, facts)
    spec = convert(document, _Analyses, DatasetError)
    for i, analysis in enumerate(spec.analyses):
        check_fact(document, ("analyses", i, "analysed"), analysis.analysed, references)
        _check_papers(document, i, analysis, references)
        _check_periods(document, i, analysis, periods)
    for i, total in enumerate(spec.totals):
        check_fact(document, ("totals", i, "quoted"), total.quoted, references)
    by_name: dict[str, AnalysisSpec] = {}
    for i, analysis in enumerate(spec.analyses):
        if by_name.setdefault(analysis.name, analysis) is not analysis:
            where = document.where("analyses", i)
            msg = f"{where}: analysis '{printable(analysis.name)}' stands twice"
            raise DatasetError(msg)
    for i, analysis in enumerate(spec.analyses):
        _check_relations(document, i, analysis, by_name)
    return by_name, spec.totals


def _list_in(document: Document, key: str) -> list[Any]:
    content = document.data.get(key)
    return content if isinstance(content, list) else []


def _check_papers(
    document: Document, i: int, analysis: AnalysisSpec, references: dict[str, str]
) -> None:
    for paper in analysis.papers:
        check_source(f"{document.where('analyses', i, 'papers')}: papers", paper, references)


def _check_periods(
    document: Document, i: int, analysis: AnalysisSpec, periods: dict[str, PeriodSpec]
) -> None:
    where = f"{document.where('analyses', i, 'periods')}: periods"
    for name in analysis.periods:
        if name not in periods:
            msg = f"{where}: unknown period '{printable(name)}'{nearest(name, periods)}"
            raise DatasetError(msg)
    kinds = {(periods[name].mode, periods[name].unit) for name in analysis.periods}
    if len(kinds) > 1 or len(set(analysis.periods)) < len(analysis.periods):
        msg = f"{where}: these are of several modes, or one stands twice"
        raise DatasetError(msg)


def _check_relations(
    document: Document, i: int, analysis: AnalysisSpec, known: dict[str, AnalysisSpec]
) -> None:
    pairs = [("includes", name) for name in analysis.includes]
    pairs += [("within", analysis.within)] if analysis.within is not None else []
    for key, name in pairs:
        where = f"{document.where('analyses', i, key)}: {key}"
        other = known.get(name)
        if other is None or other is analysis:
            near = nearest(name, set(known) - {analysis.name})
            msg = f"{where}: unknown analysis '{printable(name)}'{near}"
            raise DatasetError(msg)
        larger, smaller = (analysis, other) if key == "includes" else (other, analysis)
        if not set(smaller.periods) <= set(larger.periods):
            msg = f"{where}: '{printable(larger.name)}' has not all periods of the smaller one"
            raise DatasetError(msg)


def _check_sums(document: Document, catalogue: Catalogue) -> None:
    """Every account closes, and every quoted total has figures to be compared with."""
    try:
        for mode in catalogue.modes:
            accounts(catalogue, mode)
        for total in catalogue.totals:
            table_sums(catalogue, total)
    except DatasetError as error:
        msg = f"{document.path}: {error}"
        raise DatasetError(msg) from None
