"""``na64ana reach``: the coupling that setups exclude, against the mass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from na64ana.cli import quantities
from na64ana.cli.output import console, write

if TYPE_CHECKING:
    from na64ana.signal import Model, Reach

__all__ = ["reach"]

METHODS = ("cls", "classical", "feldman-cousins", "bayes")


@click.command()
@click.argument("model", required=False)
@click.option(
    "--setup",
    "names",
    multiple=True,
    help="Beam, target and what is seen; of several the events add up. Default: na64e.",
)
@click.option(
    "--set",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the model, as alpha_D=0.5.",
)
@click.option(
    "--exposure", type=quantities.particles, help="Particles on target, instead of each setup's."
)
@click.option(
    "--efficiency",
    type=quantities.fraction,
    help="Of signal events, 0.5 or 50%, instead of each setup's.",
)
@click.option(
    "--masses",
    type=quantities.masses,
    default="0.001:1:31",
    show_default=True,
    help="'5 MeV,10 MeV,...', or lowest:highest:number in equal ratios; numbers are in GeV.",
)
@click.option("--plane", metavar="y", help="y against the mass of dark matter, for a plane of it.")
@click.option("--observed", type=int, help="Events seen; 0 without a background.")
@click.option("--background", type=float, help="Events expected without signal.")
@click.option("--background-error", type=float, default=0.0, help="In events.")
@click.option(
    "--efficiency-error", type=quantities.fraction, default="0", help="Relative: 0.1 or 10%."
)
@click.option("--method", type=click.Choice(METHODS), default="cls", show_default=True)
@click.option(
    "--moment",
    "moments",
    multiple=True,
    metavar="NAME",
    help="Draw where MODEL explains a dated value of (g-2), as muon-wp2025.",
)
@click.option(
    "--plot",
    "plot_path",
    type=click.Path(),
    help="Draw it on the published curves, as .png or .pdf.",
)
@click.option("--json", "json_path", type=click.Path(), help="Write JSON; - is standard output.")
def reach(
    model: str | None, names: tuple[str, ...], parameters: tuple[str, ...],
    exposure: float | None, efficiency: float | None, masses: tuple[float, ...], plane: str | None,
    observed: int | None, background: float | None, background_error: float,
    efficiency_error: float, method: str, moments: tuple[str, ...], plot_path: str | None,
    json_path: str | None,
) -> None:  # fmt: skip
    """Compute the 90% CL limit on the coupling of MODEL against its mass.

    Without MODEL, list the models with their parameters, and the setups.

    By default no event was seen and none is expected. With --background, expected limits and
    their bands are given too; observed ones if --observed says what was seen.
    """
    from na64ana.report import reach as report
    from na64ana.signal import in_plane, model_from_text, setups
    from na64ana.signal import reach as reach_of
    from na64ana.signal.counting import Counting

    if model is None:
        console().print(report.overview())
        return
    changes = {"exposure": exposure, "efficiency": efficiency}
    given = {key: value for key, value in changes.items() if value is not None}
    runs = [run for name in names or ("na64e",) for run in setups(name, **given)]
    chosen = model_from_text(model, parameters)
    chosen = chosen if plane is None else in_plane(chosen, plane)
    counting = Counting(observed, background, background_error, efficiency_error, method)
    _check_plot(plot_path)  # before the computing
    _check_moments(chosen, moments, masses, plot_path)
    found = reach_of(chosen, runs, masses, counting.limits())
    if json_path != "-":
        console().print(report.reach_table(found, counting))
    if json_path is not None:
        write(json_path, json.dumps(report.as_dict(found, counting), indent=1) + "\n")
    if plot_path is not None:
        _draw(found, moments, plot_path)


def _check_plot(path: str | None) -> None:
    """Refuse a plot without the end of a name that says what it is."""
    from na64ana.errors import InputError, printable

    if path is not None and not Path(path).suffix:
        msg = f"--plot '{printable(path)}': give a file that ends on .png or .pdf"
        raise InputError(msg)


def _check_moments(
    model: Model, moments: tuple[str, ...], masses: tuple[float, ...], plot_path: str | None
) -> None:
    """Refuse values of (g-2) that cannot be drawn."""
    from na64ana.errors import InputError
    from na64ana.signal.overlays import moment_overlay

    if moments and plot_path is None:
        msg = "--moment says what to draw: give --plot FILE too"
        raise InputError(msg)
    for name in moments:
        moment_overlay(model, name, masses[:1])


def _draw(found: Reach, moments: tuple[str, ...], path: str) -> None:
    """Draw a reach on the published curves in its plane."""
    from na64ana.errors import InputError, printable
    from na64ana.plot import plot_reach
    from na64ana.progress import progress_bar
    from na64ana.signal.overlays import moment_overlay, published, thermal_lines
    from na64ana.signal.refine import ROUNDS, refined

    with progress_bar(ROUNDS, what="edges") as advance:
        fine = refined(found, progress=lambda _: advance(1))
    lines = thermal_lines(fine.model, fine.masses)
    bands = [moment_overlay(fine.model, name, fine.masses) for name in moments]
    plot = plot_reach(fine, published(fine.model), thermal=lines, moments=bands)
    try:
        plot.figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:  # no such folder; a format that is not known
        why = getattr(error, "strerror", None) or str(error)
        msg = f"{printable(path)}: cannot be drawn ({printable(why)})"
        raise InputError(msg) from None
