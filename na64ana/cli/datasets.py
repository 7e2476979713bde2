"""``na64ana datasets``: the catalogue of run periods; and the commands that make manifests."""

from __future__ import annotations

import click

from na64ana.cli.manifest import add
from na64ana.cli.output import console

__all__ = ["datasets"]


class _ByName(click.Group):
    """A group in which a word that is no command is the name of a period."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "", show, args
        return super().resolve_command(ctx, args)


@click.group(
    cls=_ByName,
    invoke_without_command=True,
    subcommand_metavar="[NAME | COMMAND [ARGS]...]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def datasets(ctx: click.Context, as_json: bool) -> None:
    """List the catalogue of run periods, or show NAME.

    NAME is a period of the catalogue, which is shown with all its sources, or the manifest of a
    dataset (.yaml): its files, their spills and its exposure.
    """
    ctx.obj = as_json
    if ctx.invoked_subcommand is None:
        _print(None, as_json)


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def show(before: bool, name: str, as_json: bool) -> None:
    """Show NAME: a period with its sources and what was analysed of it, or a manifest."""
    if name.endswith((".yaml", ".yml")):
        from na64ana.datasets import load_dataset
        from na64ana.report import manifest

        console().print(manifest.overview(load_dataset(name)))
        return
    _print(name, as_json or before)


def _print(name: str | None, as_json: bool) -> None:
    from na64ana.datasets import load_catalogue
    from na64ana.report import datasets as report

    catalogue = load_catalogue()
    if as_json:
        click.echo(report.as_json(catalogue, name), nl=False)
    elif name is None:
        console().print(report.overview(catalogue))
    else:
        console().print(report.period_view(catalogue, name))


datasets.add_command(add)
