"""The command group and what becomes of errors."""

from __future__ import annotations

from typing import Any

import click

from na64ana.cli.analysis import run
from na64ana.cli.curves import curves
from na64ana.cli.cutflow import cutflow, diff
from na64ana.cli.datasets import datasets
from na64ana.cli.demo import demo
from na64ana.cli.display import display
from na64ana.cli.look import check, columns
from na64ana.cli.output import interrupted
from na64ana.cli.reach import reach
from na64ana.cli.recast import combine, recast
from na64ana.cli.show import show
from na64ana.cli.simulate import simulate
from na64ana.cli.store import store
from na64ana.errors import Na64Error

__all__ = ["main"]

#: exit code of what Ctrl-C has stopped, as shells have it
INTERRUPTED = 130


class _Refusal(click.ClickException):
    """Wrong usage or bad input: exit code 2, the message and no traceback."""

    exit_code = 2


class _Group(click.Group):
    """Lists commands in the order of use, and turns errors into messages and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*args, **more)
        except KeyboardInterrupt:  # click would say that it was aborted, and give 1
            raise click.exceptions.Exit(INTERRUPTED) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Na64Error as error:
            raise _Refusal(str(error)) from error
        except BrokenPipeError:
            raise  # whoever reads has seen enough: click ends quietly
        except OSError as error:
            msg = f"output cannot be written ({error.strerror or error})"
            raise _Refusal(msg) from error
        except KeyboardInterrupt:
            click.echo(f"\n{interrupted(ctx)}", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine; 1 it ran, but something differs or is missing; 2 wrong input.",
)
@click.version_option(package_name="na64ana")
def main() -> None:
    """From ntuples of a fixed-target experiment to exact cutflows.

    Start with 'na64ana demo'; then 'na64ana columns FILE' on a file of yours.
    """


_COMMANDS = (
    demo, columns, check, cutflow, run, show, diff, display, datasets, curves, reach, recast,
    combine, store, simulate,
)  # fmt: skip
for _command in _COMMANDS:
    main.add_command(_command)
