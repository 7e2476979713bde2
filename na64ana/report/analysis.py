"""A whole analysis as one HTML page: nothing fetched, nothing that runs; it opens from a mail.

It shows what it is given. A number that is missing is named, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from na64ana import plot
from na64ana.analysis.limit_file import SCHEMAS, reach_of
from na64ana.cutflow import Record
from na64ana.errors import RecordError, printable
from na64ana.report import html
from na64ana.report.limit import BLIND, limit_facts, limit_rows, scan_rows, sentence
from na64ana.selection.form import ALL_BUT
from na64ana.signal import Model, published
from na64ana.signal.curves import Curve

if TYPE_CHECKING:
    from na64ana.run.event import Event

__all__ = ["AnalysisReport", "page", "published_limits"]

#: how the names of columns begin that have one value in all events of data
_TRUTH = "truth."
_NO_PLOT = (
    "no N-1 plot is drawn: the selection books none; a histogram with 'at: all but NAME' is one"
)
_NO_PLANE = "no plane is drawn: the selection books no histogram of two axes that is not hidden"
_NO_EVENTS = "no event is drawn: none was given to this report"
_NO_FIT = "no sideband fit was given: no source of this budget comes from one"
_NO_BUDGET = "the background budget is missing: none was given to this report"
_NO_LIMIT = "the limit is missing: none was given to this report"


@dataclass(frozen=True)
class AnalysisReport:
    """What the page shows.

    Attributes
    ----------
    title : str
    record : Record
    budget_html : str or None
        The budget as an HTML fragment, made by a renderer and trusted; None where there is none.
    fits : tuple of dict
        As `na64ana.plot.sideband_fit` takes them.
    limit : dict or None
        The content of ``limit.json``, schema ``na64ana/limit/2`` or 1; None where there is none.
    notes : tuple of str
        What a reader must know; shown under the summary.
    published : tuple of (label, masses, couplings)
        Published limits to be drawn beside this one.
    events : tuple of Event
        Events to be drawn; whoever gives them has kept blind ones back.
    events_words : str
        What they are; empty where none were asked for.
    events_notes : tuple of str
        Events that could not be drawn, and why.
    """

    title: str
    record: Record
    budget_html: str | None = None
    fits: tuple[Mapping[str, Any], ...] = ()
    limit: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    published: tuple[tuple[str, Sequence[float], Sequence[float]], ...] = ()
    events: tuple[Event, ...] = ()
    events_words: str = ""
    events_notes: tuple[str, ...] = ()


class Figure(NamedTuple):
    """A drawn figure with what stands under it."""

    svg: Markup
    title: str
    words: str


def page(result: AnalysisReport) -> str:
    """Return the report of an analysis as one HTML page; the same result gives the same text.

    Raises
    ------
    RecordError
        The limit is of another schema, or does not hold what its schema says.
    """
    template = html.environment().get_template("analysis.html.j2")
    return template.render(html.content(result.record) | _content(result))


def _content(result: AnalysisReport) -> dict[str, Any]:
    record = result.record
    try:
        return {
            "title": result.title,
            "notes": result.notes,
            "summary": _summary(result.limit),
            "blind_word": BLIND,
            "chain": _draw("chain-", plot.cutflow(record)),
            **_n_minus_one(record),
            "planes": _planes(record),
            "events": [_draw(f"e{i}-", plot.display_event(e)) for i, e in enumerate(result.events)],
            "events_words": result.events_words,
            "events_notes": result.events_notes,
            "fits": _fits(result.fits),
            "budget": None if result.budget_html is None else Markup(result.budget_html),  # noqa: S704
            **_limit(result),
            "missing": {"n_minus_one": _NO_PLOT, "plane": _NO_PLANE, "fits": _NO_FIT,
                        "events": _NO_EVENTS,
                        "budget": _NO_BUDGET, "limit": _NO_LIMIT},
        }  # fmt: skip
    except (KeyError, TypeError, IndexError, ValueError) as error:
        what = f"{type(error).__name__}: {printable(str(error))}"
        msg = f"the report cannot be drawn: a fit or the limit is not whole ({what})"
        raise RecordError(msg) from error


def _draw(prefix: str, drawn: plot.Plot) -> Figure:
    svg = Markup(plot.to_svg(drawn, prefix))  # noqa: S704 - made of parsed XML, escaped by it
    return Figure(svg, drawn.title, drawn.words)


def _n_minus_one(record: Record) -> dict[str, Any]:
    """Plots that hold events, and the cuts of the others: those would be a page of empty axes."""
    drawn: list[Figure] = []
    empty: list[str] = []
    for i, (cut, histogram) in enumerate(plot.n_minus_one_cuts(record)):
        if _of_truth(record, histogram):
            continue
        if _holds_events(record, cut, histogram):
            drawn.append(_draw(f"n{i}-", plot.n_minus_one(record, cut, histogram)))
        else:
            empty.append(printable(cut))
    return {"n_minus_one": drawn, "n_minus_one_empty": empty}


def _holds_events(record: Record, cut: str, histogram: str) -> bool:
    """Whether an N-1 plot has events, outside its axis or without a value too, or masked bins."""
    booked = record.booked[histogram]
    row = booked.places.index(ALL_BUT + cut)
    return any(bool(part[row].any()) for part in (booked.values, booked.missing, booked.masked))


def _of_truth(record: Record, histogram: str) -> bool:
    """Whether a histogram is of what only simulation knows, in a record of something else."""
    labels = (axis.label for axis in record.booked[histogram].axes)
    return record.kind != "simulation" and any(label.startswith(_TRUTH) for label in labels)


def _planes(record: Record) -> list[Figure]:
    """Each histogram of two axes at its last place; those with a signal box first."""
    names = [
        name
        for name, h in record.booked.items()
        if len(h.axes) == 2 and h.places and not _of_truth(record, name)
    ]
    names.sort(key=lambda name: not plot.signal_boxes(record, record.booked[name]))
    return [_draw(f"p{i}-", plot.plane(record, name)) for i, name in enumerate(names)]


def _fits(fits: Sequence[Mapping[str, Any]]) -> list[Figure]:
    return [_draw(f"f{i}-", plot.sideband_fit(fit)) for i, fit in enumerate(fits)]


def _summary(limit: Mapping[str, Any] | None) -> str:
    if limit is None:
        return _NO_LIMIT
    if limit.get("schema") not in SCHEMAS:
        found = printable(str(limit.get("schema")))
        msg = f"the limit has schema {found}, not {' or '.join(SCHEMAS)}"
        raise RecordError(msg)
    return sentence(limit)


def _limit(result: AnalysisReport) -> dict[str, Any]:
    limit = result.limit
    if limit is None:
        return {"limit": None, "scan": None}
    scan = limit.get("scan")
    return {
        "limit": {
            "facts": limit_facts(limit),
            "rows": limit_rows(limit),
            "figure": _draw("limit-", _drawn_limit(limit, result)) if scan else None,
            "efficiency": _efficiency(limit),
            "no_scan": "no limit on a coupling is drawn: there is no scan over the mass",
        },
        "scan": scan_rows(scan) if scan else None,
    }


def _drawn_limit(limit: Mapping[str, Any], result: AnalysisReport) -> plot.Plot:
    """Of a model, on the published limits of its plane; else on those given, if any."""
    found = reach_of(limit)
    if found is None:
        return plot.limit(limit, result.published)
    drawn = plot.plot_reach(found, published_limits(found.model), cl=limit["cl"])
    coupling = printable(found.model.coupling)
    return replace(drawn, title=f"limit on {coupling} against mass, with {drawn.title}")


def published_limits(model: Model) -> list[Curve]:
    """Return the published curves of a model's plane without those that are projections."""
    return [curve for curve in published(model) if curve.kind != "projection"]


def _efficiency(limit: Mapping[str, Any]) -> Figure | None:
    """The efficiencies by energy, of the setups that have such."""
    signal = limit.get("signal")
    if not signal or not any("edges_GeV" in s["efficiency"] for s in signal["setups"]):
        return None
    return _draw("efficiency-", plot.efficiency(signal["setups"]))
