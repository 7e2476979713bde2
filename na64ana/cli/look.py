"""``na64ana columns`` and ``na64ana check``: look at a file or a selection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from na64ana.cli.output import console

if TYPE_CHECKING:
    from na64ana.layouts import Layout

__all__ = ["check", "columns"]

LINE = 250
MANIFEST_BYTES = 20_000_000


@click.command()
@click.argument("file")
@click.option("--layout", help="Compare with this layout, by name or path.")
def columns(file: str, layout: str | None) -> None:
    """List all branches of FILE, and how its layout names them."""
    from na64ana.events import open_file, recognise
    from na64ana.layouts import load_layout
    from na64ana.report import columns as report

    with open_file(file) as opened:
        layouts: list[Layout] = [load_layout(layout)] if layout else recognise(opened)
        # paths stay whole, for the eye and for grep: a narrow terminal wraps the lines itself
        console(LINE).print(report.overview(opened, layouts, chosen=layout is not None))


@click.command()
@click.argument("selection", metavar="SELECTION|DATASET|ANALYSIS", required=False)
@click.option("--layout", help="Check against this layout instead of the selection's own.")
@click.option(
    "--explain", metavar="FILE", help="Say what of this file a selection would read, and when."
)
@click.option("--schema", is_flag=True, help="Print the JSON schema of selection files and stop.")
def check(selection: str | None, layout: str | None, explain: str | None, schema: bool) -> None:
    """Check a selection without data: names, units, shapes, references.

    Of a manifest of a dataset, check that its files, spills and exposures fit together; of an
    analysis file, that its sources, regions, ranges and samples do. With --explain, say which
    branches of a file a selection reads, in which order and for which events, and their sizes.
    """
    if schema:
        from na64ana.selection.schema import schema_text

        click.echo(schema_text(), nl=False)
        return
    if selection is None:
        from na64ana.selection import builtin_selections

        known = [name for name in builtin_selections() if not name.startswith("common/")]
        msg = f"name a selection or a .yaml file (shipped: {', '.join(known)})"
        raise click.UsageError(msg)
    keys = _keys(selection)
    if explain is not None:
        if keys & {"background", "files"}:
            msg = "--explain goes with a selection, not with a dataset or an analysis"
            raise click.UsageError(msg)
        _explain(selection, layout, explain)
        return
    if "background" in keys:
        from na64ana.analysis import load_analysis
        from na64ana.report import plan

        console().print(plan.overview(load_analysis(selection)))
        return
    if "files" in keys:
        from na64ana.datasets import load_dataset
        from na64ana.report import manifest

        console().print(manifest.overview(load_dataset(selection)))
        return
    from na64ana.report import selection as report
    from na64ana.selection import Selection

    loaded = Selection.load(selection)
    found = loaded.layout(layout)
    console().print(report.overview(loaded, loaded.bind(found), found))


def _explain(selection: str, layout: str | None, file: str) -> None:
    from na64ana.events import open_file
    from na64ana.report import explain as report
    from na64ana.run.explain import reading_plan
    from na64ana.selection import Selection

    loaded = Selection.load(selection)
    found = loaded.layout(layout)
    with open_file(file) as opened:
        plan = reading_plan(loaded.bind(found), found, opened)
    drawn = console()
    drawn.print(report.overview(plan, drawn.width))


def _keys(name: str) -> set[str]:
    """Top-level keys of a YAML file: they tell selections, manifests and analyses apart."""
    if not name.endswith((".yaml", ".yml")):
        return set()
    from na64ana.errors import SelectionError
    from na64ana.yamltext import read_yaml

    try:
        return set(read_yaml(Path(name), SelectionError, MANIFEST_BYTES).data)
    except SelectionError:
        return set()  # what is wrong with it is said when it is loaded
