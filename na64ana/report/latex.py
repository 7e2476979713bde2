r"""Cutflows as LaTeX tables; they need ``\usepackage{booktabs}``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from na64ana.cutflow import Cutflow, Record
from na64ana.errors import printable
from na64ana.report import exposure, provenance
from na64ana.report.table import (
    FILES_SHOWN,
    HEADINGS,
    Cell,
    Figure,
    Missing,
    Table,
    grouped,
    origin,
    shared_cuts,
    state,
    tabulate,
)

__all__ = ["cutflow", "escaped", "framed", "record", "sentence"]

#: ASCII that means something to TeX, and signs of the field that need mathematics
_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
        "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
        '"': r"\symbol{34}", "`": r"\`{}",
        "–": "--", "—": "---", "−": "$-$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$",
        "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$", "≈": r"$\approx$", "∞": r"$\infty$",
        "→": r"$\to$", "′": r"$'$", "°": r"$^\circ$", "²": "$^2$", "³": "$^3$",
        "⁰": "$^0$", "⁺": "$^+$", "⁻": "$^-$", "√": r"$\surd$",
        "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$", "Δ": r"$\Delta$",
        "ε": r"$\varepsilon$", "ϵ": r"$\epsilon$", "η": r"$\eta$", "θ": r"$\theta$",
        "λ": r"$\lambda$", "μ": r"$\mu$", "µ": r"$\mu$", "ν": r"$\nu$", "π": r"$\pi$",
        "ρ": r"$\rho$", "σ": r"$\sigma$", "Σ": r"$\Sigma$", "τ": r"$\tau$", "φ": r"$\varphi$",
        "χ": r"$\chi$", "ψ": r"$\psi$", "ω": r"$\omega$", "Ω": r"$\Omega$",
    }
)  # fmt: skip
_WORDS = {
    Missing.BLINDED: r"\emph{blinded}",
    Missing.NOT_COMPUTED: "--",
    Missing.EMPTY: "--",
}
_RULE = r"    \midrule"
_LONGEST_NAME = 40  # characters, before names are broken into lines


def cutflow(flow: Cutflow) -> str:
    r"""Return the cutflow of one channel as a ``table``.

    Needs ``booktabs``. Names are escaped; letters outside ASCII are left to the engine and its
    font, the signs physicists use become mathematics.
    """
    return _table(tabulate(flow), [], "")


def record(record: Record) -> str:
    """Return the tables of all channels, each with where it comes from in comment and caption."""
    comments = _origin(record)
    words = f"Selection {escaped(record.selection)} ({record.sha256[:12]}), {record.kind}."
    if record.unblinded:
        words += f" Unblinded: {escaped(record.unblinded)}."
    if record.ledger.datasets or not record.ledger.complete:
        words += f" {_headline(record)}."
    parts = ["\n".join(provenance.comments(record, "%")) + "\n"]
    for name, flow in record.channels.items():
        parts.append(_table(tabulate(flow), comments, words, shared_cuts(record, name)))
    if record.open_sample is not None:
        parts += _sample(record, record.open_sample)
    if exposure.is_partial(record.ledger):
        parts.append(_account(record))
    return "\n".join(parts)


def escaped(text: str, limit: int = 200) -> str:
    """Make text from a file harmless in LaTeX."""
    return printable(text, limit).translate(_SPECIAL)


def _headline(record: Record) -> str:
    words = escaped(exposure.headline(record.ledger, exposure.short), 2000)
    words = re.sub(r"\b([\d.]+)e(\d+)\b", r"$\1 \\times 10^{\2}$", words)
    incomplete = "" if record.ledger.complete else rf"\textbf{{{exposure.INCOMPLETE}}}, "
    return f"Exposure: {incomplete}{words}"


def _sample(record: Record, opened: Record) -> list[str]:
    """Return the tables of the events that a prescale opened."""
    words = f"{sentence(opened.sample)} of selection {escaped(record.selection)} "
    words += f"({record.sha256[:12]}), {record.kind}. {_headline(opened)}."
    return [
        _table(tabulate(opened.channels[name]), [], words, shared_cuts(opened, name))
        for name in record.channels
    ]


def _account(record: Record) -> str:
    """Return the account of exposure as a table of its own."""
    ledger = record.ledger
    notes = [f"{sentence(note)}." for note in exposure.notes(ledger)]
    lost = [f"% {what}: {printable(f'{name} {why}', 2000)}"
            for what, items in exposure.lists(record).items() for name, why in items]  # fmt: skip
    *rows, recorded = exposure.account(ledger, FILES_SHOWN)
    head = _row(["", escaped(ledger.unit), "spills", ""])
    lines = [head, _RULE, *map(_account_line, rows), _RULE, _account_line(recorded)]
    caption = " ".join(["Account of exposure.", *notes])
    return "\n".join([*lost, *framed(lines, r"lrrp{0.45\linewidth}", caption, small=True)])


def _account_line(line: exposure.Line) -> str:
    numbers = (grouped(str(n), r"\,") if n else "" for n in (line.amount, line.spills))
    return _row([line.state, *numbers, escaped(line.reason, 300)])


def _origin(record: Record) -> list[str]:
    word, meaning = state(record)
    lines = [
        f"selection {record.selection}, sha256 {record.sha256}",
        f"{record.kind} ({origin(record)}); {f'{word}: ' if word else ''}{meaning}",
        *(f"input {file.path}, {file.entries} entries" for file in record.inputs),
        ", ".join(f"{name} {version}" for name, version in record.software.items()),
    ]
    return [printable(line, 2000) for line in lines]


def _table(table: Table, provenance: Sequence[str], words: str, shared: int = 0) -> str:
    comments = ["made by na64ana; needs \\usepackage{booktabs}", *provenance]
    caption = f"Cutflow of {escaped(table.title)}."
    notes = [f"{sentence(note)}." for note in table.notes(table.columns)]
    columns = [_column([line.cells.get(kind) for line in table.lines]) for kind in table.columns]
    wide = [any(len(cell) > 1 for cell in column) for column in columns]
    height = max(len(HEADINGS[kind]) for kind in table.columns)
    longest = max(len(printable(line.label.name)) for line in table.lines)
    name = "l" if longest <= _LONGEST_NAME else r"p{0.25\linewidth}"
    spec = f"r{name}{''.join('r@{}l' if w else 'r' for w in wide)}"
    lines = []
    for i in range(height):
        cells = ["\\#", "cut"] if i == height - 1 else ["", ""]
        for kind, w in zip(table.columns, wide, strict=True):
            head = HEADINGS[kind]
            place = i - (height - len(head))
            word = escaped(head[place]) if place >= 0 else ""
            cells += _across(word) if w else (word,)
        lines.append(_row(cells))
    lines.append(_RULE)
    for i, line in enumerate(table.lines):
        cells = [str(line.number) if line.number else "", escaped(line.label.name)]
        cells += [part for column in columns for part in column[i]]
        lines.append(_row(cells))
        if i < len(table.lines) - 1 and i in (0, shared):
            lines.append(_RULE)
    made = framed(lines, spec, " ".join(filter(None, (caption, words, *notes))), small=True)
    return "\n".join([*(f"% {comment}" for comment in comments), *made])


def framed(lines: Sequence[str], spec: str, caption: str, *, small: bool = False) -> list[str]:
    """Return the lines of a ``table``, with rules at its top and bottom; the last one is empty.

    Parameters
    ----------
    lines : sequence of str
        Rows, and rules between them.
    spec : str
        Of the columns.
    caption : str
        In LaTeX.
    small : bool
        Whether letters are small.
    """
    size = r"\small" if small else ""
    return [
        r"\begin{table}[htbp]",
        rf"  \centering{size}\renewcommand{{\arraystretch}}{{1.15}}",
        rf"  \caption{{{caption}}}",
        r"  \smallskip",
        rf"  \begin{{tabular}}{{{spec}}}",
        r"    \toprule",
        *lines,
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
        "",
    ]


def sentence(note: str) -> str:
    """Return a note, escaped, with a capital."""
    words = escaped(note, 2000)
    return words[0].upper() + words[1:]


def _row(cells: Sequence[str]) -> str:
    return f"    {' & '.join(cells).rstrip()} \\\\"


def _column(cells: Sequence[Cell]) -> list[tuple[str, ...]]:
    """Cells of a column, points aligned; in two parts, at the point, where there are errors."""
    figures = [cell for cell in cells if isinstance(cell, Figure)]
    split = any(f.plus or f.minus or f.exponent for f in figures)
    places = max((len(f.value.partition(".")[2]) for f in figures), default=0)
    return [_cell(cell, places, split=split) for cell in cells]


def _cell(cell: Cell, places: int, *, split: bool) -> tuple[str, ...]:
    if not isinstance(cell, Figure):
        word = _WORDS[cell] if cell else ""
        return _across(word) if split else (word,)
    head, tail = _parts(cell)
    if split:
        return f"${head}$", f"${tail}$" if tail else ""
    lacking = places - len(tail.removeprefix("."))
    digits = head + tail + (rf"\phantom{{{'0' * lacking}}}" if lacking else "")
    return (f"${digits}$" if head.startswith("-") else digits,)


def _across(word: str) -> tuple[str, ...]:
    """Put a word across both parts of a column."""
    return (rf"\multicolumn{{2}}{{c}}{{{word}}}",) if word else ("", "")


def _parts(figure: Figure) -> tuple[str, str]:
    """Return mathematics up to the decimal point, and from there on."""
    head, point, fraction = grouped(figure.value, r"\,").partition(".")
    plus, minus = (grouped(e, r"\,") if e else "" for e in (figure.plus, figure.minus))
    if plus and plus == minus:
        errors = rf" \pm {plus}"
    else:
        errors = (f"^{{+{plus}}}" if plus else "") + (f"_{{-{minus}}}" if minus else "")
    tail = point + fraction + errors
    if figure.exponent:
        power = rf" \times 10^{{{figure.exponent}}}"
        return (f"({head}", f"{tail}){power}") if errors else (head, f"{tail}{power}")
    return head, tail
