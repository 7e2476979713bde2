"""The part of ``limit.json`` that a model gives: efficiency, signal and scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from na64ana.analysis.coupling import Counted, SignalSetup, efficiencies, model_limit
from na64ana.analysis.limit_file import scan_of_reach, signal_of
from na64ana.errors import AnalysisError, printable
from na64ana.signal import Model

__all__ = ["SignalLimit", "signal_limit"]


class SignalLimit(NamedTuple):
    """What ``limit.json`` says of a model.

    Attributes
    ----------
    efficiency : dict
        ``value`` and ``error`` at the lightest ``mass`` at which anything is seen.
    signal : dict
        Model and setups.
    scan : dict or None
        Limits on the coupling; None where the exposure is not known.
    """

    efficiency: dict[str, Any]
    signal: dict[str, Any]
    scan: dict[str, Any] | None


def signal_limit(
    model: Model,
    setups: Sequence[SignalSetup],
    masses: Sequence[float],
    counted: Counted,
    *,
    refine: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SignalLimit:
    """Set limits on the coupling of a model.

    Arguments are those of `model_limit`.

    Raises
    ------
    AnalysisError
        No setup sees anything of the model at any of the masses.
    SignalError, LimitError
        A number that is needed is missing.
    """
    signal = signal_of(model, setups)
    for mass in sorted(masses):
        found, _, _ = efficiencies(model, setups, mass)
        if found is not None and found.value:
            break
    else:
        names = ", ".join(printable(one.setup.name) for one in setups)
        msg = (
            f"nothing of {printable(model.describe())} is seen at any mass by {names}: does the "
            "setup see what it decays to, and is the beam energy enough?"
        )
        raise AnalysisError(msg)
    efficiency = {**found._asdict(), "mass": mass}
    if not all(one.setup.exposure for one in setups):
        return SignalLimit(efficiency, signal, None)
    result = model_limit(model, setups, masses, counted, refine=refine, progress=progress)
    return SignalLimit(efficiency, signal, scan_of_reach(result))
