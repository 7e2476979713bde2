"""``na64ana simulate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from na64ana.cli.output import console
from na64ana.cli.quantities import Whole, energy
from na64ana.errors import InputError, printable

if TYPE_CHECKING:
    from na64ana.simulate import Parameters

__all__ = ["simulate"]


@click.command()
@click.argument("process", required=False)
@click.option("--mode", default="electrons-2023", show_default=True, help="Beam and set-up.")
@click.option("--events", type=Whole(min=0), metavar="N")
@click.option("--out", metavar="F.root", help="The ROOT file to write.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--run", "run_number", type=click.IntRange(min=0), default=9001, show_default=True)
@click.option(
    "--format", "format_", type=click.Choice(["ttree", "rntuple"]), default="ttree",
    show_default=True,
)  # fmt: skip
@click.option(
    "--pseudo-data", is_flag=True, help="Tag the file as pseudo-data: it counts as data, blind."
)
@click.option("--layout", help="That of the mode, or na64-anatree: the public simulation's.")
@click.option("--model", help="Of a signal: energies of its mediator, as `na64ana reach` has it.")
@click.option("--mass", type=energy, help="Of the mediator: '10 MeV', or a number in GeV.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the model."
)
@click.option(
    "--weighted",
    is_flag=True,
    help="Spread energies evenly, and put the model into weights, as selections count them that "
    "say `weight: weight`, the shipped ones among them.",
)
def simulate(
    process: str | None,
    mode: str,
    events: int | None,
    out: str | None,
    seed: int,
    run_number: int,
    format_: Literal["ttree", "rntuple"],
    pseudo_data: bool,
    layout: str | None,
    model: str | None,
    mass: float | None,
    settings: tuple[str, ...],
    weighted: bool,
) -> None:
    """Simulate events of PROCESS and write them as an ntuple.

    Without PROCESS, list the modes with their processes; run-period is the mixture of all
    backgrounds of a mode. The energies of a signal's mediator are spread evenly, or follow a
    model with --model and --mass.
    """
    if process is None:
        from na64ana.report.modes import modes_table

        console().print(modes_table())
        return
    if events is None or out is None:
        raise InputError("say how many --events N to simulate, and give the file, --out F.root")
    from na64ana.analysis.simulated import simulate_file

    kind: Literal["simulation", "pseudo-data"] = "pseudo-data" if pseudo_data else "simulation"
    parameters = _with_signal(mode, process, model, mass, settings, weighted=weighted)
    written = simulate_file(
        Path(out), process, events, mode=mode, seed=seed, run=run_number, format=format_, kind=kind,
        parameters=parameters, layout=layout,
    )  # fmt: skip
    click.echo(f"{written} events of '{process}' written to {printable(out)} ({kind}, seed {seed})")


def _with_signal(
    mode: str,
    process: str,
    model: str | None,
    mass: float | None,
    settings: tuple[str, ...],
    *,
    weighted: bool,
) -> Parameters | None:
    """Parameters with the spectrum of a model's mediator; None without a model."""
    if model is None and mass is None and not settings and not weighted:
        return None
    from na64ana.signal import model_from_text
    from na64ana.simulate import mediators, mode_named

    known = mode_named(mode)
    if process not in known.signals:
        signals = ", ".join(known.signals)
        raise InputError(f"--model and --mass belong to a signal, one of: {signals}")
    if model is None or mass is None:
        raise InputError("a signal of a model needs both: --model NAME and --mass '10 MeV'")
    signal = mediators(model_from_text(model, settings), mass, known, weighted=weighted)
    return replace(known.parameters, signal=signal)
