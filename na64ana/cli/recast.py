"""``na64ana recast`` and ``na64ana combine``: limits from the results of finished analyses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from na64ana.cli import quantities
from na64ana.cli.output import console, write

if TYPE_CHECKING:
    from na64ana.analysis import Recast

__all__ = ["combine", "recast"]


@click.command()
@click.argument("results", metavar="RESULTS")
@click.argument("model")
@click.option(
    "--set",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the model, as alpha_D=0.5.",
)
@click.option("--plane", metavar="y", help="y against the mass of dark matter, for a plane of it.")
@click.option(
    "--masses",
    type=quantities.masses,
    help="'5 MeV,10 MeV,...', or lowest:highest:number; numbers are in GeV; "
    "default: of the analysis.",
)
@click.option("--plot", "plot_path", type=click.Path(), help="Draw it, as .png or .pdf.")
@click.option("--json", "json_path", type=click.Path(), help="Write JSON; - is standard output.")
def recast(
    results: str,
    model: str,
    parameters: tuple[str, ...],
    plane: str | None,
    masses: tuple[float, ...] | None,
    plot_path: str | None,
    json_path: str | None,
) -> None:
    """Give the limit of the analysis in the folder RESULTS on another MODEL of its signature.

    No event is read: exposure, background, observation and the efficiency by the mediator's energy
    are those of RESULTS. 'na64ana reach' lists the models with their parameters.
    """
    from na64ana.analysis import recast as recast_limit
    from na64ana.signal import in_plane, model_from_text

    check(plot_path)
    chosen: Any = model_from_text(model, parameters)
    chosen = chosen if plane is None else in_plane(chosen, plane)
    show(recast_limit(results, chosen, masses=masses), plot_path, json_path)


@click.command()
@click.argument("results", metavar="RESULTS...", nargs=-1, required=True)
@click.option("--model", help="Another than that of the analyses; 'na64ana reach' lists all.")
@click.option(
    "--set",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of --model, as alpha_D=0.5.",
)
@click.option(
    "--masses",
    type=quantities.masses,
    help="'5 MeV,10 MeV,...', or lowest:highest:number; numbers are in GeV; default: of the first.",
)
@click.option("--plot", "plot_path", type=click.Path(), help="Draw it, as .png or .pdf.")
@click.option("--json", "json_path", type=click.Path(), help="Write JSON; - is standard output.")
def combine(
    results: tuple[str, ...],
    model: str | None,
    parameters: tuple[str, ...],
    masses: tuple[float, ...] | None,
    plot_path: str | None,
    json_path: str | None,
) -> None:
    """Give the limit that the analyses in several folders of RESULTS set together.

    Each is a bin with its observation, background, exposure and efficiency: run periods, or beam
    energies. The limit is observed if the boxes of all are open. No event is read.
    """
    from na64ana.analysis import combine as combine_limits
    from na64ana.errors import InputError
    from na64ana.signal import model_from_text

    check(plot_path)
    if parameters and model is None:
        msg = "--set changes a parameter of a model: name it with --model"
        raise InputError(msg)
    chosen = None if model is None else model_from_text(model, parameters)
    show(combine_limits(results, chosen, masses=masses), plot_path, json_path)


def check(plot_path: str | None) -> None:
    """Refuse a picture of no known format, before the computing."""
    if plot_path is not None:
        from na64ana.plot import check_format

        check_format(plot_path)


def show(found: Recast, plot_path: str | None, json_path: str | None) -> None:
    """Print a limit as a table, write it and draw it, as asked for."""
    from na64ana.report import limit as words

    if json_path != "-":
        click.echo(words.sentence(found.limit))
        console().print(words.limit_table(found.limit))
    if json_path is not None:
        write(json_path, json.dumps(found.limit, indent=1, allow_nan=False) + "\n")
    if plot_path is not None:
        draw(found, plot_path)


def draw(found: Recast, path: str) -> None:
    """Draw a limit on the published curves of its plane."""
    from na64ana.plot import plot_reach, save
    from na64ana.report.analysis import published_limits
    from na64ana.signal import thermal_lines

    reach = found.reach
    lines = thermal_lines(reach.model, reach.masses)
    save(
        plot_reach(reach, published_limits(reach.model), thermal=lines, cl=found.limit["cl"]), path
    )
