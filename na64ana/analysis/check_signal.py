"""What an analysis file says of its signal, against its selection, the models and the setups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from na64ana.analysis.model import EfficiencySpec, SetupSpec, SignalSpec
from na64ana.analysis.signal import masses_for, setup_of, signal_model
from na64ana.errors import Na64Error, printable
from na64ana.expressions.tree import Column
from na64ana.selection import BoundHistogram
from na64ana.selection.form import START
from na64ana.signal import SETUPS, Setup
from na64ana.units import Unit

if TYPE_CHECKING:
    from na64ana.analysis.load import Analysis

__all__ = ["TRUTH", "check_signal", "gev_of"]

#: the column of the mediator's energy
TRUTH = "truth.energy"


class Refusing(Protocol):
    """What refuses an item of a file with its line."""

    analysis: Analysis

    def refuse(self, message: str, *path: str | int) -> NoReturn:
        """Refuse the item at a path."""

    def one_of(self, what: str, name: str, known: Any, *path: str | int) -> None:
        """Refuse a name that is not known."""

    def table(self, rows: list[list[float]], what: str, *path: str | int) -> None:
        """Refuse a table that is not of rising masses."""


def check_signal(check: Refusing) -> None:
    """Refuse a signal that cannot be used."""
    spec = check.analysis.spec
    signal = spec.signal
    if signal.model is None and signal.efficiency is None:
        words = "say efficiency (and yields), or model and setups"
        check.refuse(f"the signal is missing: {words}", "signal")
    if signal.model is not None:
        _model(check, signal)
    else:
        if signal.setups:
            check.refuse("setups go with a model: say which one", "signal", "setups")
        assert signal.efficiency is not None
        if signal.efficiency.histogram is not None:
            words = "a histogram gives the efficiency by energy, for the setups of a model"
            check.refuse(f"efficiency: {words}", "signal", "efficiency", "histogram")
        _efficiency(check, signal.efficiency, "efficiency", "signal", "efficiency")
        _yields(check, signal)
    try:
        masses = masses_for(spec)
    except Na64Error as error:
        check.refuse(str(error), "limit", "masses")
    if any(not mass > 0 for mass in masses) or len(set(masses)) < len(masses):
        check.refuse("masses are different numbers above 0, in GeV", "limit", "masses")


def _yields(check: Refusing, signal: SignalSpec) -> None:
    if signal.yields is None:
        return
    path = ("signal", "yields")
    check.table(signal.yields.table, "yields", *path)
    if len(signal.yields.table) == 1 and signal.yields.power != 1:
        words = "one row is enough for a quantity at one mass (power: 1); a coupling needs two"
        check.refuse(f"yields: {words}", *path, "table")
    if any(not row[1] > 0 for row in signal.yields.table):
        check.refuse("yields: each is above 0", *path, "table")


def _model(check: Refusing, signal: SignalSpec) -> None:
    assert signal.model is not None
    for key in ("efficiency", "yields"):
        if getattr(signal, key) is not None:
            words = f"with a model, no {key} stands here: each of the setups has its efficiency"
            check.refuse(words, "signal", key)
    try:
        signal_model(signal.model)
    except Na64Error as error:
        check.refuse(str(error), "signal", "model")
    if not signal.setups:
        words = "name the setups whose events fall into the box, as [{setup: na64e, ...}]"
        check.refuse(f"a model needs setups: {words}", "signal")
    names: list[str] = []
    for i, given in enumerate(signal.setups):
        path = ("signal", "setups", i)
        setup = _setup(check, given, *path)
        if setup.name in names:
            words = "give one of them another name"
            check.refuse(f"setup '{printable(setup.name)}' stands twice: {words}", *path)
        names.append(setup.name)
        what = f"efficiency of setup '{printable(setup.name)}'"
        _efficiency(check, given.efficiency, what, *path, "efficiency")
        if given.efficiency.histogram is not None:
            _histogram(check, given.efficiency, setup, what, *path, "efficiency", "histogram")


def _setup(check: Refusing, given: SetupSpec, *path: str | int) -> Setup:
    check.one_of("setup", given.setup, SETUPS, *path, "setup")
    try:
        return setup_of(given)
    except Na64Error as error:
        check.refuse(str(error), *path)


def _efficiency(check: Refusing, given: EfficiencySpec, what: str, *path: str | int) -> None:
    ways = [w for w in (given.value, given.table, given.sample) if w is not None]
    if len(ways) != 1:
        check.refuse(f"{what}: give value, table or sample, one of them", *path)
    if given.sample is not None:
        check.one_of("sample", given.sample, check.analysis.spec.samples, *path, "sample")
    elif given.histogram is not None:
        check.refuse(f"{what}: a histogram is that of a sample: name it", *path, "histogram")
    if given.ratio is not None:
        if given.histogram is None:
            words = "a ratio corrects what a histogram of a sample gives"
            check.refuse(f"{what}: {words}", *path, "ratio")
        check.one_of("sample", given.ratio.sample, check.analysis.spec.samples, *path, "ratio")
        channels = ["main", *check.analysis.selection.spec.channels]
        check.one_of("channel", given.ratio.channel, channels, *path, "ratio")
    if given.table is not None:
        check.table(given.table, what, *path)
        if any(not 0 < row[1] <= 1 for row in given.table):
            check.refuse(f"{what}: each is above 0 and at most 1", *path)


def _histogram(
    check: Refusing, given: EfficiencySpec, setup: Setup, what: str, *path: str | int
) -> None:
    """A histogram over the energy of the mediator, before all cuts and after them."""
    name = given.histogram or ""
    shown = f"{what}: histogram '{printable(name)}'"
    bound = check.analysis.bound
    check.one_of("histogram", name, [h.name for h in bound.histograms], *path)
    (found,) = (h for h in bound.histograms if h.name == name)
    if len(found.axes) != 1 or not _is_truth(found):
        drawn = check.analysis.selection.spec.histograms[name].x.observable
        check.refuse(
            f"{shown} is over {printable(' '.join(drawn.split()))}"
            f"{' and more' if len(found.axes) > 1 else ''}; it must be over {TRUTH} alone, the "
            "energy of the mediator",
            *path,
        )  # fmt: skip
    last = bound.channels[0].cuts[-1].name
    if found.channel != bound.channels[0].name:
        check.refuse(f"{shown} is of channel '{printable(found.channel)}'; it must be of main",
                     *path)  # fmt: skip
    lacking = [place for place in (START, last) if place not in found.places]
    if lacking:
        check.refuse(
            f"{shown} is not filled at '{printable(lacking[0])}': the efficiency is its ratio of "
            f"two places, so write at: [{START}, {printable(last)}]",
            *path,
        )  # fmt: skip
    gev = gev_of(found)
    low, high = found.axes[0].edges[0] * gev, found.axes[0].edges[-1] * gev
    if low > setup.threshold or high < setup.beam_energy:
        check.refuse(
            f"{shown} goes from {low:g} to {high:g} GeV; setup '{printable(setup.name)}' has "
            f"mediators from {setup.threshold:g} to {setup.beam_energy:g} GeV (threshold to beam "
            "energy)",
            *path,
        )  # fmt: skip


def _is_truth(found: BoundHistogram) -> bool:
    node = found.axes[0].node
    return isinstance(node, Column) and node.name == TRUTH


def gev_of(found: BoundHistogram) -> float:
    """GeV in the unit of the axis of a histogram of energies."""
    return float(found.axes[0].node.type.unit.ratio(Unit.of("GeV")))
