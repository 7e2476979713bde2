"""Limits, reaches, published curves and whole analyses as a notebook shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from na64ana.report import budget, curves, exposure, limit
from na64ana.report.reach import mass_name, reach_rows, setup_words
from na64ana.report.view import Grid, View, draw, thinned

if TYPE_CHECKING:
    from na64ana.analysis.recast import Recast
    from na64ana.analysis.run import Outcome
    from na64ana.limits import CombinedLimit, ExpectedLimits, LimitResult, Scan
    from na64ana.signal import Reach
    from na64ana.signal.curves import Curve

__all__ = ["combined", "curve", "expected", "limit_result", "outcome", "reach", "recast", "scan"]

#: outcomes of an expected limit less likely than this are not listed
_LEAST = 1e-3
#: masses in the view of a whole analysis
_MASSES = 12


def limit_result(found: LimitResult) -> str:
    """Return an upper limit with what it was computed from; of arrays, a row for each."""
    import numpy as np

    names = ("observed", "background", "background_error", "signal_error", "limit", "lower")
    columns = [np.ravel(getattr(found, name)) for name in names]
    head = ["observed", "background", "its error", "signal error", "upper limit", "lower edge"]
    if not np.any(columns[-1]):
        del head[-1], columns[-1]
    rows, notes = thinned(tuple(tuple(map(_plain, row)) for row in zip(*columns, strict=True)))
    if np.any(found.below_zero):
        notes += ("not even no signal is allowed where the limit is 0",)
    facts = (
        ("method", f"{limit.method_words(found.method)}, {100 * found.cl:.4g}% CL"),
        ("uncertain means", f"signal {found.nuisance}, background {found.background_nuisance}"),
        ("numerical error", f"{float(np.max(found.numerical_error)):.1g} events"),
    )
    view = View("Limit on signal events", facts=facts, notes=notes,
                grids=(Grid(tuple(head), rows, frozenset()),))  # fmt: skip
    return draw(view)


def expected(found: ExpectedLimits) -> str:
    """Return the bands of an expected limit, and the limit of each likely count."""
    bands = ("median", "mean", "minus_2", "minus_1", "plus_1", "plus_2")
    names = ("median", "mean", "−2 σ", "−1 σ", "+1 σ", "+2 σ")
    first = Grid(names, (tuple(f"{getattr(found, name):.4g}" for name in bands),), frozenset())
    likely = tuple(
        (str(n), f"{chance:.4f}", f"{value:.4g}")
        for n, (value, chance) in enumerate(zip(found.limits, found.probabilities, strict=True))
        if chance >= _LEAST
    )
    rows, notes = thinned(likely)
    second = Grid(("outcome", "probability", "limit"), rows, frozenset())
    notes += (f"outcomes less likely than {_LEAST:g} are not listed",)
    return draw(View("Expected limit on signal events", grids=(first, second), notes=notes))


def combined(found: CombinedLimit) -> str:
    """Return the limit on the strength of a signal in several bins."""
    how = "all outcomes summed" if found.method == "enumeration" else f"{found.toys} toys"
    facts = (
        ("strength", f"{found.strength:.5g} ± {found.error:.1g} (numerical)"),
        ("signal events in all bins", f"{found.events:.5g}"),
        ("method", f"CLs, {100 * found.cl:.4g}% CL, {how}"),
    )
    return draw(View("Combined limit", facts=facts))


def scan(found: Scan) -> str:
    """Return excluded couplings by mass."""
    from na64ana.limits import curve_of
    from na64ana.limits.scan_result import curve_names

    names = curve_names(found)
    curves_of = [curve_of(found, name) for name in names]
    head = [f"mass [{found.unit}]"]
    head += [f"{name}: {side}" for name in names for side in ("from", "to")]
    rows, notes = thinned(
        tuple(
            (f"{point.mass:.4g}", *(_edge(side[i]) for c in curves_of for side in (c.low, c.high)))
            for i, point in enumerate(found.points)
        )
    )
    notes += ("a dash: no edge inside the couplings that were looked at",)
    low, high = found.couplings
    facts = (("coupling", f"{found.coupling}, from {low:.3g} to {high:.3g}"),)
    grids = (Grid(tuple(head), rows, frozenset()),)
    return draw(View("Scan", facts=facts, grids=grids, notes=notes))


def _edge(value: float) -> str:
    return "–" if value != value else f"{value:.3g}"  # noqa: PLR0124 - NaN is no edge


def reach(found: Reach) -> str:
    """Return the limits on a coupling by mass, and for which setups they hold."""
    head, rows = reach_rows(found)
    few, notes = thinned(tuple(rows))
    facts = (
        ("model", found.model.describe()),
        *((f"setup {i}" if len(found.setups) > 1 else "setup", setup_words(setup))
          for i, setup in enumerate(found.setups, 1)),
    )  # fmt: skip
    notes += (f"90% CL limits on {found.model.coupling}",)
    grid = Grid((f"{mass_name(found)} [GeV]", *head), few, frozenset())
    return draw(View(f"Reach: {found.model.name}", facts=facts, grids=(grid,), notes=notes))


def curve(found: Curve) -> str:
    """Return where a published curve is from, and some of its values."""
    facts = tuple((key, words or "unknown") for key, words in curves.facts(found))
    head = (f"{found.spec.mass.of} [GeV]", found.spec.coupling.of)
    grid = Grid(head, tuple(curves.values(found)), frozenset({1}))
    return draw(View(found.name, facts=facts, grids=(grid,)))


def outcome(found: Outcome) -> str:
    """Return the limit of an analysis, its background and what is missing."""
    record = found.record
    badges = [("BLIND", "blind")] if record.blind else []
    badges += [("UNBLINDED", "unblinded")] if record.unblinded is not None else []
    badges += [] if found.complete else [(exposure.INCOMPLETE, "incomplete")]
    words = "" if found.limit is None else limit.sentence(found.limit)
    facts = [
        ("selection", f"{record.selection}  {record.sha256[:12]}"),
        ("exposure", exposure.headline(record.ledger, exposure.short)),
    ]
    if record.unblinded is not None:
        facts.append(("opened because", record.unblinded))
    facts += [("missing", what) for what in found.missing]
    parts = (Markup(budget.html(found.budget)),)  # noqa: S704 - escaped by its template
    grids, notes = ((), ()) if found.limit is None else _couplings(found.limit)
    view = View(found.analysis.spec.name, tuple(badges), words, tuple(facts), grids, parts, notes)
    return draw(view)


def recast(found: Recast) -> str:
    """Return the limit of an analysis, or of several, on another model."""
    badges = (("BLIND", "blind"),) if found.limit["blind"] else ()
    rows = tuple(tuple(row) for row in limit.limit_rows(found.limit))
    bins = Grid(("bin", "observed", "background", "exposure", "efficiency"), rows)
    grids, notes = _couplings(found.limit)
    title = f"Limit on {found.reach.model.name}"
    facts = (("model", found.reach.model.describe()),)
    words = limit.sentence(found.limit)
    return draw(View(title, badges, words, facts, (bins, *grids), (), notes))


def _couplings(content: Mapping[str, Any]) -> tuple[tuple[Grid, ...], tuple[str, ...]]:
    """Return the table of a limit on a coupling, with a note if it is shortened."""
    if not content.get("scan"):
        return (), ()
    found = limit.scan_rows(content["scan"])
    rows, notes = thinned(tuple(map(tuple, found["rows"])), _MASSES)
    title = f"limit on {found['coupling']}"
    return (Grid(tuple(found["head"]), rows, frozenset(), title),), notes


def _plain(value: Any) -> str:
    number = float(value)
    return str(int(number)) if number == int(number) and abs(number) < 1e9 else f"{number:.4g}"
