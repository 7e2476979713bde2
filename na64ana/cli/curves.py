"""``na64ana curves``: published limits and projections, and those of a user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from na64ana.cli.output import console

if TYPE_CHECKING:
    from na64ana.signal.curves import Curve

__all__ = ["curves"]


@click.command()
@click.argument("name", metavar="[NAME | FILE]", required=False)
@click.option("--model", metavar="M", help="Only those of a model, such as dark-photon or alp.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all points.")
def curves(name: str | None, model: str | None, as_json: bool) -> None:
    """List the published curves, or show NAME with its origin.

    FILE (.yaml) holds your own curves, in the form of the shipped ones.
    """
    from na64ana.report import curves as report

    found = _found(name, model)
    if as_json:
        click.echo(report.as_json(found), nl=False)
    elif name is not None and len(found) == 1:
        console().print(report.curve_view(found[0]))
    else:
        console().print(report.overview(found))


def _found(name: str | None, model: str | None) -> list[Curve]:
    from na64ana.signal import curves as shipped

    if name is None:
        return shipped.curves(model)
    if not name.endswith((".yaml", ".yml")):
        return [shipped.curve(name)]
    shipped.check_model(model)
    return [found for found in shipped.load_curves(name) if model in (None, found.model)]
