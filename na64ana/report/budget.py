"""The background budget as text, LaTeX, HTML and CSV.

Numbers are rounded by the rule of the Particle Data Group (S. Navas et al., Phys. Rev. D 110
(2024) 030001, section 5.3 of the introduction), by `iminuit.pdg_format`; zeros that a value and
its errors all end with are dropped. Bounds are rounded up, to two digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal

from rich.console import Group, RenderableType
from rich.text import Text

from na64ana.background import Budget, Source, Total
from na64ana.csvtext import line_of, text_of
from na64ana.errors import printable
from na64ana.report.html import environment
from na64ana.report.latex import escaped, framed, sentence
from na64ana.report.table import superscript
from na64ana.report.terminal import as_console_can, note, plain, ruled

__all__ = [
    "COLUMNS",
    "Entry",
    "Line",
    "csv",
    "html",
    "latex",
    "lines",
    "notes",
    "table",
    "text",
    "text_of_entry",
]

COLUMNS = (
    "source", "value", "statistical", "systematic", "error", "upper", "upper_cl", "exact",
    "method", "reference", "missing",
)  # fmt: skip
CONSERVATIVE, PLAIN = "total (conservative)", "total without bounds"
_WIDTH = 100
_FORMATTED = re.compile(r"\(?([^()E]*)\)?(?:E([+-]\d+))?")


@dataclass(frozen=True)
class Entry:
    """A number of events in digits.

    Attributes
    ----------
    value : str
    errors : tuple of str
        None, one, or the statistical and the systematic one.
    exponent : int
        Power of ten by which all are to be multiplied.
    bound : bool
        Whether the value is an upper limit.
    """

    value: str
    errors: tuple[str, ...] = ()
    exponent: int = 0
    bound: bool = False


@dataclass(frozen=True)
class Line:
    """One line of the table; ``entry`` is None where the number is missing."""

    name: str
    entry: Entry | None
    method: str = ""
    total: bool = False


def lines(budget: Budget) -> list[Line]:
    """Lay out a budget: its sources, what is missing, the totals."""
    made = [Line(source.name, _entry(source), source.method) for source in budget.sources]
    made += [Line(one.name, None, f"missing: {one.reason}") for one in budget.missing]
    if budget.missing:
        return [*made, Line("total", None, "not known: a source is missing", total=True)]
    if not _bounds(budget):
        return [*made, Line("total", _total(budget.total()), total=True)]
    totals = {CONSERVATIVE: budget.total(), PLAIN: budget.total(conservative=False)}
    return [*made, *(Line(name, _total(total), total=True) for name, total in totals.items())]


def notes(budget: Budget) -> list[str]:
    """Say what a reader of the table must know; names in it are not yet escaped."""
    made = []
    if any(len(_errors(source)) > 1 for source in budget.sources):
        made.append("two errors: the first statistical, the second systematic")
    exact = [source.name for source in budget.sources if source.exact]
    if exact:
        made.append(f"exactly known: {', '.join(exact)}")
    if bounds := _bounds(budget):
        words = ", ".join(f"{source.name} ({_confidence(source)})" for source in bounds)
        rule = "the conservative total adds bounds linearly to the central value, not to the error"
        made.append(f"{'bounds' if budget.missing else rule}: {words}")
    correlated = [
        f"{c.first} and {c.second} {c.value:+g}{'' if c.part == 'total' else f' ({c.part})'}"
        for c in budget.correlations
    ]
    if correlated:
        made.append(f"correlation of errors: {', '.join(correlated)}")
    for factor in budget.factors:
        shared = [*factor.sources, *(["the signal efficiency"] if factor.signal else [])]
        number = text_of_entry(_rounded(factor.value, (factor.error,)))
        what = " and ".join(shared) or "nothing"
        made.append(f"{factor.name} {number} multiplies {what}: one error for all")
    return made


def text(budget: Budget, width: int = _WIDTH) -> str:
    """Return the table as plain text."""
    return plain(table(budget), width)


def table(budget: Budget) -> RenderableType:
    """Return the table for `rich`."""
    grid = ruled()
    grid.add_column("background source", overflow="fold", max_width=48)
    grid.add_column("events", no_wrap=True)
    made = lines(budget)
    methods = any(line.method for line in made)
    if methods:
        grid.add_column("method", overflow="fold", style="dim")
    cells = _aligned([line.entry for line in made])
    for line, cell, following in zip(made, cells, [*made[1:], None], strict=True):
        section = following is not None and following.total and not line.total
        style = "bold" if line.total and line.name != PLAIN else ""
        row = [Text(printable(line.name)), cell]
        row += [Text(printable(line.method, 1000))] if methods else []
        grid.add_row(*row, style=style, end_section=section)
    return as_console_can(Group(grid, *map(note, notes(budget))))


def latex(budget: Budget) -> str:
    r"""Return the table in LaTeX; it needs ``\usepackage{booktabs}``."""
    comments = [
        "% made by na64ana; needs \\usepackage{booktabs}",
        f"% budget, sha256 {budget.sha256}",
        *_latex_methods(budget),
    ]
    sentences = [f"{sentence(note)}." for note in notes(budget)]
    caption = " ".join(["Expected background in the signal box.", *sentences])
    rows = [r"    Background source & \multicolumn{2}{c}{events} \\", r"    \midrule"]
    made = lines(budget)
    for before, line in zip([None, *made], made, strict=False):
        if line.total and before is not None and not before.total:
            rows.append(r"    \midrule")
        name = sentence(line.name) if line.total else escaped(line.name)
        rows.append(f"    {name} & {_latex_entry(line.entry)} \\\\")
    return "\n".join([*comments, *framed(rows, r"lr@{}l", caption)])


def html(budget: Budget) -> str:
    """Return the table as an HTML fragment with its own style."""
    rows = [
        {"line": line, "value": _minus(_value(line.entry)), "errors": _minus(_rest(line.entry))}
        for line in lines(budget)
    ]
    template = environment().get_template("budget.html.j2")
    return template.render(rows=rows, notes=notes(budget), sha256=budget.sha256)


def csv(budget: Budget) -> str:
    """Return the table as CSV, every number without loss; the totals are the last rows.

    Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    rows = [line_of(COLUMNS)]
    for source in budget.sources:
        numbers = (source.value, source.statistical, source.systematic, source.error)
        known = map(repr, map(float, numbers)) if source.upper is None else ("",) * len(numbers)
        bound = ("" if x is None else repr(float(x)) for x in (source.upper, source.upper_cl))
        words = (source.method, source.reference)
        rows.append(line_of((text_of(source.name), *known, *bound, "true" if source.exact else "",
                             *map(text_of, words), "")))  # fmt: skip
    for missing in budget.missing:
        blank = [""] * (len(COLUMNS) - 2)
        rows.append(line_of((text_of(missing.name), *blank, text_of(missing.reason))))
    if not budget.missing:
        for name, conservative in ((CONSERVATIVE, True), (PLAIN, False)):
            total = budget.total(conservative=conservative)
            numbers_of = (repr(total.value), "", "", repr(total.error))
            rows.append(line_of((name, *numbers_of, *[""] * (len(COLUMNS) - 5))))
    return "".join(rows)


# --------------------------------------------------------------------- digits


def _entry(source: Source) -> Entry:
    if source.upper is not None:
        return Entry(_ceiling(source.upper), bound=True)
    return _rounded(source.value, _errors(source))


def _total(total: Total) -> Entry:
    return _rounded(total.value, (total.error,) if total.error else ())


def _errors(source: Source) -> tuple[float, ...]:
    return tuple(error for error in (source.statistical, source.systematic) if error)


def _rounded(value: float, errors: Sequence[float]) -> Entry:
    from iminuit.pdg_format import pdg_format

    if not errors or not any(errors):
        return Entry(f"{value:.6g}")
    found = _FORMATTED.fullmatch(pdg_format(value, *errors))
    assert found is not None
    first, *rest = found[1].split(" ± ")
    return Entry(first, tuple(rest), int(found[2] or 0))


def _ceiling(bound: float) -> str:
    """Two digits, never below the bound."""
    rounded = Context(prec=2, rounding=ROUND_CEILING).create_decimal(Decimal(repr(bound)))
    digits = f"{rounded:f}" if rounded >= Decimal("1e-4") else f"{rounded:.1e}"
    return digits.rstrip("0").rstrip(".") if "." in digits and "e" not in digits else digits


def _bounds(budget: Budget) -> list[Source]:
    return [source for source in budget.sources if source.upper is not None]


def _confidence(source: Source) -> str:
    entry = f"< {_ceiling(source.upper or 0.0)}"
    if source.upper_cl is None:
        return f"{entry}, confidence level not stated"
    return f"{entry} at {100 * source.upper_cl:g}% CL"


def _value(entry: Entry | None) -> str:
    if entry is None:
        return "–"
    opened = "(" if entry.exponent and entry.errors else ""
    return f"{'< ' if entry.bound else ''}{opened}{entry.value}"


def _rest(entry: Entry | None) -> str:
    if entry is None:
        return ""
    errors = "".join(f" ± {error}" for error in entry.errors)
    if not entry.exponent:
        return errors
    power = f" × 10{superscript(entry.exponent)}"
    return f"{errors}{')' if entry.errors else ''}{power}"


def text_of_entry(entry: Entry | None) -> str:
    """Return a number as it stands in a line of text."""
    return _value(entry) + _rest(entry)


def _minus(digits: str) -> str:
    return digits.replace("-", "−")


def _aligned(entries: Sequence[Entry | None]) -> list[Text]:
    """Points of the values under each other."""
    values = [_value(entry) for entry in entries]
    before = max(len(value.partition(".")[0]) for value in values)
    after = max(len(value) - len(value.partition(".")[0]) for value in values)
    cells = []
    for value, entry in zip(values, entries, strict=True):
        units = value.partition(".")[0]
        digits = " " * (before - len(units)) + value
        cells.append(Text(f"{digits.ljust(before + after)}{_rest(entry)}".rstrip()))
    return cells


def _latex_entry(entry: Entry | None) -> str:
    if entry is None:
        return r"\multicolumn{2}{c}{missing}"
    value = re.sub(r"e([+-]\d+)", lambda m: rf" \times 10^{{{int(m[1])}}}", entry.value)
    if entry.bound:
        return f"${{}}< {value}$ &"
    if not entry.errors:
        return f"${value}$ &"
    errors = " ".join(rf"\pm {error}" for error in entry.errors)
    if entry.exponent:
        return rf"$({value}$ & ${{}} {errors}) \times 10^{{{entry.exponent}}}$"
    return f"${value}$ & ${{}} {errors}$"


def _latex_methods(budget: Budget) -> list[str]:
    made = []
    for source in budget.sources:
        words = "; ".join(filter(None, (source.method, source.reference)))
        if words:
            made.append(printable(f"% {source.name}: {words}", 2000))
    made += [printable(f"% {one.name}: missing: {one.reason}", 2000) for one in budget.missing]
    return made
