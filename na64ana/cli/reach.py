"""``na64ana reach``: the coupling that a setup excludes, against the mass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from na64ana.cli.output import console, write

if TYPE_CHECKING:
    from na64ana.signal import Reach

__all__ = ["reach"]

MASSES = "0.001:1:31"


@click.command()
@click.argument("model")
@click.option(
    "--setup",
    "names",
    multiple=True,
    help="Beam, target and what is seen; of several the events add up. Default: na64e.",
)
@click.option("--exposure", type=float, help="Particles on target, instead of the setup's.")
@click.option("--efficiency", type=float, help="Of signal events, instead of the setup's.")
@click.option(
    "--masses",
    default=MASSES,
    show_default=True,
    help="GeV: 0.005,0.01,... or lowest:highest:number, in equal ratios.",
)
@click.option("--dark-matter", help="dirac, pseudo-dirac, majorana or scalar.")
@click.option("--alpha-d", type=float, help="Coupling of the dark matter; default 0.1.")
@click.option(
    "--plot",
    "plot_path",
    type=click.Path(),
    help="Draw it on the published curves, as .png or .pdf.",
)
@click.option("--json", "json_path", type=click.Path(), help="Write JSON.")
def reach(
    model: str, names: tuple[str, ...], exposure: float | None, efficiency: float | None,
    masses: str, dark_matter: str | None, alpha_d: float | None, plot_path: str | None,
    json_path: str | None,
) -> None:  # fmt: skip
    """Compute the 90% CL limit on the coupling of MODEL, no event seen and none expected.

    MODEL is dark-photon, scalar, pseudoscalar or axial: a mediator that decays to dark matter.
    """
    from na64ana import signal
    from na64ana.limits import upper_limit
    from na64ana.report import reach as report

    changes = {"exposure": exposure, "efficiency": efficiency}
    given = {key: value for key, value in changes.items() if value is not None}
    runs = [run for name in names or ("na64e",) for run in signal.setups(name, **given)]
    dark = {"dark_matter": dark_matter, "alpha_D": alpha_d}
    chosen = signal.model(model, **{k: v for k, v in dark.items() if v is not None})
    found = signal.reach(chosen, runs, signal.masses_of(masses), upper_limit(0, 0.0))
    console().print(report.reach_table(found))
    if json_path is not None:
        write(json_path, json.dumps(report.as_dict(found), indent=1) + "\n")
    if plot_path is not None:
        _draw(found, plot_path)


def _draw(found: Reach, path: str) -> None:
    """Draw a reach on the published curves in its plane."""
    from na64ana.errors import InputError, printable
    from na64ana.plot import plot_curves
    from na64ana.signal.curves import curves

    label = ", ".join(f"{run.name}, {run.exposure:.3g} on target" for run in found.setups)
    plot = plot_curves(
        curves(found.model.curves), xlim=(min(found.masses), max(found.masses)),
        own=[(label, found.masses, found.limit)],
    )  # fmt: skip
    try:
        plot.figure.savefig(path)
    except ValueError as error:  # a format that is not known
        msg = f"{printable(path)}: cannot be drawn ({printable(str(error))})"
        raise InputError(msg) from None
