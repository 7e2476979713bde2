"""What one experiment counts: events seen and expected, and limits on signal events from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from na64ana.errors import SignalError
from na64ana.limits import expected_limits, limits_in_events, upper_limit

__all__ = ["Counting"]


@dataclass(frozen=True)
class Counting:
    """A counting experiment, from which 90% CL limits on signal events are made.

    Attributes
    ----------
    observed : int, optional
        Events seen. None: nothing was looked at yet, and with a background there are expected
        limits only; without one, 0.
    background : float, optional
        Events expected without signal. None: none, and no expected limits.
    background_error : float
        Absolute, in events.
    efficiency_error : float
        Of the signal, relative.
    method : str
        As in `na64ana.limits.upper_limit`.
    """

    observed: int | None = None
    background: float | None = None
    background_error: float = 0.0
    efficiency_error: float = 0.0
    method: str = "cls"

    def limits(self) -> dict[str, float]:
        """Return limits in signal events by name.

        Returns
        -------
        dict of str to float
            ``limit`` alone without a background; else ``observed``, if something was, then
            ``median``, ``mean`` and the edges of the bands, as in `limits_in_events`.

        Raises
        ------
        LimitError
            A number or name that makes no sense.
        SignalError
            An error of no background, or a limit of 0 events, which would exclude every coupling.
        """
        if self.background is None and self.background_error:
            msg = "there is an error of the background, but no background"
            raise SignalError(msg)
        options: dict[str, Any] = {
            "method": self.method,
            "background_error": self.background_error,
            "signal_error": self.efficiency_error,
        }
        background = self.background or 0.0
        if self.background is None:
            found = {"limit": float(upper_limit(self.observed or 0, background, **options))}
        else:
            seen = None
            if self.observed is not None:
                seen = float(upper_limit(self.observed, background, **options))
            found = limits_in_events(expected_limits(background, **options), seen)
        for name, value in found.items():
            if not value:
                msg = (
                    f"the method '{self.method}' gives 0 signal events ({name}), which would "
                    "exclude every coupling: too few events were seen, or may be, for it; take "
                    "'cls'"
                )
                raise SignalError(msg)
        return found

    def describe(self) -> str:
        """Return it in words for a table."""
        words = ["nothing observed yet" if self.observed is None else f"{self.observed} observed"]
        if self.background is None:
            words = [f"{self.observed or 0} observed", "no background"]
        else:
            error = f" +- {self.background_error:g}" if self.background_error else ""
            words.append(f"background {self.background:g}{error}")
        if self.efficiency_error:
            words.append(f"efficiency +- {100 * self.efficiency_error:g}%")
        return ", ".join([*words, self.method])

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as JSON can hold it."""
        return asdict(self)
